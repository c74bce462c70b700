//! Rollbacks on a server: `hook pre-receive` behind real pushes to a bare repository, by its reflogs and by its record.

use std::fs;

use crate::hooks::arena::{self, Arena};
use crate::rollback::scenario::{POLICY, Push, SCENARIOS, files, words, write};

/// What tells former states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    Reflog,
    Record,
    Neither,
}

fn arena(memory: Memory) -> Arena {
    arena_with(memory, POLICY)
}

fn arena_with(memory: Memory, policy: &str) -> Arena {
    let arena = Arena::with_policy(policy);
    // what leaves the clone is not judged there
    fs::remove_file(arena.clone.join(".git/hooks/pre-push")).unwrap();
    let record = format!("--record '{}'", arena.root().join("record.jsonl").display());
    match memory {
        Memory::Reflog => {
            arena.git_in(&arena.server, ["config", "core.logAllRefUpdates", "always"]);
        }
        Memory::Record | Memory::Neither => {}
    }
    match memory {
        Memory::Record => arena.install(&arena.server, "pre-receive", &record),
        Memory::Reflog | Memory::Neither => {}
    }
    arena
}

/// Pushes at an instant, which the reflog of the server names too.
fn push(arena: &Arena, at: &str, arguments: &[&str]) -> arena::Push {
    arena.clock(at);
    let date = format!("{} +0000", at.replace(' ', "T"));
    arena.push_with(&[&["--quiet", "origin"], arguments].concat(), &[("GIT_COMMITTER_DATE", date.as_str())])
}

/// Pushes what is allowed.
#[track_caller]
fn pushed_and_allowed(arena: &Arena, at: &str, arguments: &[&str]) {
    let push = push(arena, at, arguments);
    assert!(push.passed, "{at}: {arguments:?}: {}", push.seen);
}

fn pushed(arena: &Arena, one: &Push) -> arena::Push {
    // what was refused is not built upon
    let tip = arena.refs()["refs/heads/main"].clone();
    arena.git(["reset", "--quiet", "--hard", &tip]);
    write(&arena.clone, &files(one));
    arena.commit(one.at);
    push(arena, one.at, &["main"])
}

/// What is not declared to be a rollback is told that it is none only by the state that would pass.
#[test]
fn every_scenario_ends_as_it_should_by_reflog_and_by_record() {
    for memory in [Memory::Reflog, Memory::Record] {
        for scenario in SCENARIOS {
            let arena = arena(memory);
            for one in scenario.pushes {
                let push = pushed(&arena, one);
                let story = format!("{memory:?}: {} at {}:\n{}", scenario.name, one.at, push.seen);
                assert_eq!(push.passed, one.missing.is_none(), "{story}");
                if one.missing.is_none() && one.at.starts_with("2025-07-14") {
                    assert!(words(&push.seen).contains("(rollback)"), "{story}");
                }
            }
        }
    }
}

#[test]
fn a_refusal_names_the_state_that_would_pass_and_the_command_that_goes_back_to_it_and_that_passes() {
    for memory in [Memory::Reflog, Memory::Record] {
        let arena = arena(memory);
        let mut commits = Vec::new();
        for (at, text) in [("2025-07-13 12:00:00", "1"), ("2025-07-13 12:10:00", "2")] {
            commits.push(arena.commit_file("deploy/production/a", text));
            pushed_and_allowed(&arena, at, &["main"]);
        }
        let fix = arena.commit_file("deploy/production/a", "3");
        let refused = push(&arena, "2025-07-14 10:00:00", &["main"]);
        assert!(!refused.passed, "{}", refused.seen);
        let (former, replaced, short) = (&commits[0][..7], &commits[1][..7], &fix[..7]);
        let expected = format!(
            "rollback `git revert --no-edit {former}..{short}` goes back to {former}, the state before; allowed now; counts as a rollback for 2 d 2 h 10 min; undoes {replaced} too"
        );
        assert!(words(&refused.seen).contains(&expected), "{memory:?}: {}", refused.seen);
        // the branch is taken back to where the server is: nothing of it is closed
        let undo = format!("undo `git revert --no-edit {short}` drops only this change; allowed now");
        assert!(words(&refused.seen).contains(&undo), "{memory:?}: {}", refused.seen);

        arena.git(["revert", "--no-edit", &format!("{former}..{short}")]);
        let back = push(&arena, "2025-07-14 10:05:00", &["main"]);
        assert!(back.passed, "{memory:?}: {}", back.seen);
        let shown = format!("rollback verified: it returns to {former}, the state before");
        assert!(words(&back.seen).contains(&shown), "{memory:?}: {}", back.seen);
    }
}

#[test]
fn where_nothing_tells_former_states_it_is_told_how_to_keep_them() {
    let arena = arena(Memory::Neither);
    for (at, text) in [("2025-07-13 12:00:00", "1"), ("2025-07-13 12:10:00", "2")] {
        arena.commit_file("deploy/production/a", text);
        pushed_and_allowed(&arena, at, &["main"]);
    }
    arena.commit_file("deploy/production/a", "1");
    let refused = push(&arena, "2025-07-14 10:00:00", &["main"]);
    assert!(!refused.passed, "{}", refused.seen);
    assert!(
        words(&refused.seen).contains("an administrator sets `git config core.logAllRefUpdates always`"),
        "{}",
        refused.seen
    );
    // whoever did that is not told to do it again
    arena.git_in(&arena.server, ["config", "core.logAllRefUpdates", "always"]);
    let refused = push(&arena, "2025-07-14 10:00:00", &["main"]);
    assert!(!refused.passed && !words(&refused.seen).contains("git config core.log"), "{}", refused.seen);
    assert!(words(&refused.seen).contains("begins with the next allowed push"), "{}", refused.seen);
}

#[test]
fn where_the_record_begins_with_the_current_state_the_reflog_tells_the_one_before() {
    for (undone, passes) in [("2025-07-14 10:00:00", true), ("2025-07-13 12:20:00", false)] {
        let arena = arena(Memory::Reflog);
        arena.commit_file("deploy/production/a", "1");
        pushed_and_allowed(&arena, "2025-07-13 12:00:00", &["main"]);
        let record = format!("--record '{}'", arena.root().join("record.jsonl").display());
        arena.install(&arena.server, "pre-receive", &record);
        arena.commit_file("deploy/production/a", "2");
        pushed_and_allowed(&arena, "2025-07-13 12:10:00", &["main"]);
        arena.commit_file("deploy/production/a", "1");
        let back = push(&arena, undone, &["main"]);
        assert!(back.passed, "{}", back.seen);
        assert_eq!(words(&back.seen).contains("(rollback)"), passes, "{}", back.seen);
        // it was rolled back from, be it in the open and nobody's business
        arena.commit_file("deploy/production/a", "2");
        assert!(!push(&arena, "2025-07-14 10:10:00", &["main"]).passed, "{undone}");
    }
}

#[test]
fn a_record_that_is_too_young_says_since_when_it_is_there() {
    let arena = arena(Memory::Record);
    arena.commit_file("deploy/production/a", "1");
    pushed_and_allowed(&arena, "2025-07-13 12:00:00", &["main"]);
    arena.commit_file("deploy/production/a", "2");
    let refused = push(&arena, "2025-07-14 10:00:00", &["main"]);
    assert!(!refused.passed, "{}", refused.seen);
    let seen = words(&refused.seen);
    assert!(
        seen.contains(
            "none yet: the record has no allowed state before this one; it begins at Sun 13 Jul 2025 12:00 UTC"
        ),
        "{seen}"
    );
    assert!(!seen.contains("keep a record"), "{seen}");
}

/// What is done to a server.
type Break<'b> = &'b dyn Fn(&Arena);

#[test]
fn a_reflog_that_cannot_be_read_proves_nothing() {
    let log = |arena: &Arena| arena.server.join("logs/refs/heads/main");
    let breaks: [(&str, Break<'_>); 4] = [
        ("malformed", &|arena| {
            let text = fs::read_to_string(log(arena)).unwrap();
            fs::write(log(arena), text.replacen(' ', "-", 1)).unwrap();
        }),
        ("torn", &|arena| {
            let text = fs::read_to_string(log(arena)).unwrap();
            fs::write(log(arena), text.trim_end()).unwrap();
        }),
        ("not of this ref", &|arena| {
            let text = fs::read_to_string(log(arena)).unwrap();
            let kept: Vec<&str> = text.lines().take(2).collect();
            fs::write(log(arena), format!("{}\n", kept.join("\n"))).unwrap();
        }),
        ("names what is missing", &|arena| {
            let text = fs::read_to_string(log(arena)).unwrap();
            let former = text.lines().nth(1).unwrap().split(' ').next().unwrap().to_owned();
            fs::write(log(arena), text.replace(&former, &"12".repeat(20))).unwrap();
        }),
    ];
    for (name, breaks) in breaks {
        let arena = arena(Memory::Reflog);
        for (at, text) in [("2025-07-13 12:00:00", "1"), ("2025-07-13 12:10:00", "2"), ("2025-07-13 12:20:00", "3")] {
            arena.commit_file("deploy/production/a", text);
            pushed_and_allowed(&arena, at, &["main"]);
        }
        breaks(&arena);
        arena.commit_file("deploy/production/a", "2");
        let refused = push(&arena, "2025-07-14 10:00:00", &["main"]);
        assert!(!refused.passed, "{name}: {}", refused.seen);
        assert!(words(&refused.seen).contains("production/eu is closed"), "{name}: {}", refused.seen);
    }
}

/// A ref that is all of an environment: the whole tree counts.
#[test]
fn of_an_environment_that_a_ref_stands_for_the_whole_tree_is_the_state() {
    let policy = POLICY.replace(
        "paths = [\"deploy/{environment}/**\"]",
        "refs = [\"refs/heads/live\"]\nenvironment = \"production\"\n[[targets]]\nrefs = [\"refs/heads/test\"]\nenvironment = \"staging\"",
    );
    for memory in [Memory::Reflog, Memory::Record] {
        let arena = arena_with(memory, &policy);
        let (sunday, monday) = ("2025-07-13 12:00:00", "2025-07-14 10:00:00");
        arena.commit_file("file", "1");
        pushed_and_allowed(&arena, sunday, &["main:live", "main:test"]);
        let one = arena.git(["rev-parse", "HEAD"]);
        arena.commit_file("file", "tested");
        pushed_and_allowed(&arena, sunday, &["main:test"]);
        let tested = arena.git(["rev-parse", "HEAD"]);
        arena.commit_file("file", "2");
        pushed_and_allowed(&arena, "2025-07-13 12:10:00", &["main:live"]);
        let two = arena.git(["rev-parse", "HEAD"]);

        // another environment's tree
        let refused = push(&arena, monday, &[&format!("+{tested}:live")]);
        assert!(!refused.passed, "{memory:?}: {}", refused.seen);
        // a change and what takes it back, in one push: the tree is the current one, and that is no rollback
        arena.commit_file("file", "3");
        arena.git(["revert", "--no-edit", "HEAD"]);
        let refused = push(&arena, monday, &["main:live"]);
        assert!(!refused.passed, "{memory:?}: {}", refused.seen);
        assert!(!words(&refused.seen).contains("undo "), "{memory:?}: {}", refused.seen);
        // undone, but for a file that no target names
        arena.git(["reset", "--quiet", "--hard", &two]);
        arena.write("README.md", "new");
        arena.commit_file("file", "1");
        assert!(!push(&arena, monday, &["main:live"]).passed);
        // with one that is none in the same push
        let refused = push(&arena, monday, &["--atomic", &format!("+{one}:live"), "main:refs/heads/release"]);
        assert!(refused.passed, "{memory:?}: release is no target's: {}", refused.seen);
        let forward = push(&arena, "2025-07-14 10:05:00", &[&format!("+{two}:live")]);
        assert!(!forward.passed, "{memory:?}: {}", forward.seen);
    }
}

#[test]
fn a_tag_goes_back_to_what_the_last_tag_replaced() {
    let policy = POLICY
        .replace("paths = [\"deploy/{environment}/**\"]", "refs = [\"refs/tags/v*\"]\nenvironment = \"production\"");
    let arena = arena_with(Memory::Record, &policy);
    for (at, name) in [("2025-07-13 12:00:00", "v1"), ("2025-07-13 12:10:00", "v2"), ("2025-07-13 12:20:00", "v3")] {
        arena.commit_file("file", name);
        pushed_and_allowed(&arena, at, &[&format!("main:refs/tags/{name}")]);
    }
    for (target, passes) in [
        ("main~2:refs/tags/v4", false),
        // nothing new, and no rollback either
        ("main:refs/tags/v5", true),
        ("main~1:refs/tags/v6", true),
        ("main:refs/tags/v7", false),
        ("main~2:refs/tags/v8", false),
    ] {
        let push = push(&arena, "2025-07-14 10:00:00", &[target]);
        assert_eq!(push.passed, passes, "{target}: {}", push.seen);
    }
}

/// What the policy closes to rollbacks stays closed.
#[test]
fn exempt_alone_opens() {
    for (further, passes) in [
        ("", true),
        ("[[freezes]]\nname = \"all\"\nhours = [\"daily 00:00-24:00\"]\ntimezone = \"UTC\"\n", true),
        ("[[freezes]]\nname = \"all\"\nhours = [\"daily 09:00-11:00\"]\ntimezone = \"UTC\"\nexempt = []\n", false),
        (
            "[[freezes]]\nname = \"all\"\nhours = [\"daily 09:00-11:00\"]\ntimezone = \"UTC\"\nkinds = [\"infrastructure\"]\nexempt = []\n",
            false,
        ),
        (
            "[[freezes]]\nname = \"all\"\nhours = [\"daily 09:00-11:00\"]\ntimezone = \"UTC\"\nkinds = [\"infrastructure\"]\n",
            true,
        ),
        (
            "[[freezes]]\nname = \"all\"\nhours = [\"daily 09:00-11:00\"]\ntimezone = \"UTC\"\nkinds = [\"flag\"]\nexempt = []\n",
            true,
        ),
    ] {
        let policy = format!("{POLICY}kind = \"infrastructure\"\n{further}");
        let arena = arena_with(Memory::Reflog, &policy.replace("00:00-24:00", "09:00-11:00"));
        for (at, text) in [("2025-07-13 12:00:00", "1"), ("2025-07-13 12:10:00", "2")] {
            arena.commit_file("deploy/production/a", text);
            pushed_and_allowed(&arena, at, &["main"]);
        }
        arena.commit_file("deploy/production/a", "1");
        let back = push(&arena, "2025-07-14 10:00:00", &["main"]);
        assert_eq!(back.passed, passes, "{further}: {}", back.seen);
        if !passes {
            assert!(!words(&back.seen).contains("rollback `"), "{}", back.seen);
        }
    }
}

/// Pushes that freezegate allows and records, and that another hook turns down: `update` refuses where the file `down` is.
struct TurnedDown {
    arena: Arena,
}

impl TurnedDown {
    fn new(targets: &str) -> Self {
        let arena = arena_with(Memory::Record, &POLICY.replace("paths = [\"deploy/{environment}/**\"]", targets));
        let down = arena.root().join("down");
        arena.script(&arena.server.join("hooks/update"), &format!("test ! -e '{}'\n", down.display()));
        Self { arena }
    }

    /// Commits a new state and pushes it to a ref on Sunday; gives back the commit.
    #[track_caller]
    fn state(&self, minute: u32, reference: &str, is_turned_down: bool) -> String {
        let commit = self.arena.commit_file("file", &minute.to_string());
        self.at(minute, &format!("+{commit}:{reference}"), is_turned_down);
        commit
    }

    #[track_caller]
    fn at(&self, minute: u32, refspec: &str, is_turned_down: bool) {
        let down = self.arena.root().join("down");
        if is_turned_down {
            fs::write(&down, "").unwrap();
        }
        let pushed = push(&self.arena, &format!("2025-07-13 12:{minute:02}:00"), &[refspec]);
        assert_eq!(pushed.passed, !is_turned_down, "{refspec}: {}", pushed.seen);
        assert!(!pushed.seen.contains("refused:"), "{refspec}: {}", pushed.seen);
        if is_turned_down {
            fs::remove_file(&down).unwrap();
        }
    }

    /// Returns whether a push in core hours passes, as it goes back.
    #[track_caller]
    fn goes_back(&self, commit: &str, reference: &str) -> bool {
        let pushed = push(&self.arena, "2025-07-14 10:00:00", &[&format!("+{commit}:{reference}")]);
        assert_eq!(pushed.passed, words(&pushed.seen).contains("(rollback)"), "{reference}: {}", pushed.seen);
        pushed.passed
    }
}

const TAGS: &str = "refs = [\"refs/tags/v*\"]\nenvironment = \"production\"";
const BOTH: &str = "refs = [\"refs/tags/v*\", \"refs/heads/live\"]\nenvironment = \"production\"";
const LIVE: &str = "refs/heads/live";

/// What a ref never held is not a state to go back to, be it recorded as allowed; the state before it is.
#[test]
fn an_allowed_push_that_git_turned_down_is_no_former_state() {
    for (targets, landed, turned_down, next, back) in [
        (TAGS, "refs/tags/v1", "refs/tags/v2", "refs/tags/v3", "refs/tags/v"),
        // by the name of the one that was turned down
        (TAGS, "refs/tags/v1", "refs/tags/v2", "refs/tags/v2", "refs/tags/v"),
        (BOTH, "refs/tags/v1", LIVE, "refs/tags/v3", "refs/tags/v"),
        (BOTH, LIVE, "refs/tags/v2", "refs/tags/v3", "refs/tags/v"),
        (BOTH, LIVE, LIVE, LIVE, LIVE),
    ] {
        let story = format!("{landed}, {turned_down} (turned down), {next}, and back on {back}");
        let named = |number: u32| if back == LIVE { LIVE.to_owned() } else { format!("{back}{number}") };
        let server = TurnedDown::new(targets);
        let one = server.state(0, landed, false);
        let two = server.state(1, turned_down, true);
        server.state(2, next, false);
        assert!(!server.goes_back(&two, &named(8)), "{story}");
        assert!(server.goes_back(&one, &named(9)), "{story}");
    }
}

/// The newest decision was turned down: the one before it is the current state still.
#[test]
fn a_push_that_git_turned_down_last_is_not_the_current_state() {
    for (targets, names) in
        [(TAGS, ["refs/tags/v1", "refs/tags/v2", "refs/tags/v3"]), (BOTH, [LIVE, "refs/tags/v2", LIVE])]
    {
        let server = TurnedDown::new(targets);
        let one = server.state(0, names[0], false);
        let two = server.state(1, names[1], false);
        let three = server.state(2, names[2], true);
        for (commit, passes) in [(&three, false), (&two, false), (&one, true)] {
            assert_eq!(server.goes_back(commit, "refs/tags/v9"), passes, "{names:?}: {commit}");
        }
    }
}

/// A tag that was landed and moved on is a former state by what the record saw it hold.
#[test]
fn a_tag_that_was_moved_since_is_known_by_what_it_held() {
    let server = TurnedDown::new(TAGS);
    let one = server.state(0, "refs/tags/v1", false);
    server.state(1, "refs/tags/v1", false);
    server.state(2, "refs/tags/v1", true);
    assert!(server.goes_back(&one, "refs/tags/v1"));
}
