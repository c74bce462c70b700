//! Rollbacks of many environments at once: what differs is walked once for all of them, and each is judged as if it were alone.

use std::fs;

use crate::hooks::arena::Arena;
use crate::rollback::scenario::{POLICY, SCENARIOS, files, words, write};

/// More than are judged each by itself.
const MANY: usize = 12;

/// Keeps a record behind the server's hook.
fn arena(policy: &str) -> Arena {
    let arena = Arena::with_policy(policy);
    fs::remove_file(arena.clone.join(".git/hooks/pre-push")).unwrap();
    let record = format!("--record '{}'", arena.root().join("record.jsonl").display());
    arena.install(&arena.server, "pre-receive", &record);
    arena
}

fn environments() -> String {
    (0..MANY).map(|number| format!("[environments.q{number}]\n")).collect()
}

/// Commits files and pushes them; whether that passed, and what was said.
fn pushed(arena: &Arena, at: &str, files: &[(String, Option<String>)]) -> (bool, String) {
    let tip = arena.refs()["refs/heads/main"].clone();
    arena.git(["reset", "--quiet", "--hard", &tip]);
    write(&arena.clone, files);
    arena.commit(at);
    arena.clock(at);
    let push = arena.push_with(&["--quiet", "origin", "main"], &[]);
    (push.passed, words(&push.seen))
}

/// Each scenario once more, for environments that have the same files each, and for environments that one target reaches together.
#[test]
fn every_scenario_ends_as_that_of_one_environment() {
    let of_all = "[[targets]]\npaths = [\"deploy/production/**\"]\nenvironment = \"*\"\n";
    let begin = POLICY.replace("[[targets]]", &format!("{}[[targets]]", environments()));
    for is_mirrored in [true, false] {
        let policy = if is_mirrored { begin.clone() } else { format!("{begin}{of_all}") };
        for scenario in SCENARIOS {
            let arena = arena(&policy);
            for one in scenario.pushes {
                let mut all = files(one);
                for (path, text) in &mut all {
                    if path == "freezegate.toml"
                        && let Some(text) = text
                    {
                        *text = text.replace(POLICY, &policy);
                    }
                }
                let own: Vec<_> =
                    all.iter().filter(|(path, _)| path.starts_with("deploy/production/")).cloned().collect();
                for number in (0..MANY).filter(|_| is_mirrored) {
                    let mirrored = own
                        .iter()
                        .map(|(path, text)| (path.replace("production", &format!("q{number}")), text.clone()));
                    all.extend(mirrored);
                }
                let (passed, seen) = pushed(&arena, one.at, &all);
                let story = format!("{} at {}, {is_mirrored}:\n{seen}", scenario.name, one.at);
                assert_eq!(passed, one.missing.is_none(), "{story}");
                if passed && one.at.starts_with("2025-07-14") {
                    assert!(seen.contains("(rollback)"), "{story}");
                }
            }
        }
    }
}

/// Each environment has its own state before, from a push of its own.
#[test]
fn states_of_each_environment_are_told_apart() {
    let policy = POLICY.replace("[[targets]]", &format!("{}[[targets]]", environments()));
    let arena = arena(&policy);
    let file = |number: usize, text: &str| (format!("deploy/q{number}/a"), Some(text.to_owned()));
    let all = |text: &str| -> Vec<_> { (0..MANY).map(|number| file(number, text)).collect() };
    assert!(pushed(&arena, "2025-07-13 12:00:00", &all("1")).0);
    for number in 0..MANY {
        let at = format!("2025-07-13 12:{:02}:00", number + 10);
        assert!(pushed(&arena, &at, &[file(number, "2")]).0);
    }
    let monday = "2025-07-14 10:00:00";
    // one of them goes forward, one stays, one goes further back than its state before
    let with = |other: (String, Option<String>)| [all("1"), vec![other]].concat();
    let (passed, seen) = pushed(&arena, monday, &with(file(7, "3")));
    assert!(!passed && !seen.contains("(rollback)"), "{seen}");
    let (passed, seen) = pushed(&arena, monday, &with(("deploy/q11/new".to_owned(), Some("1".to_owned()))));
    assert!(!passed, "{seen}");
    let (passed, seen) = pushed(&arena, monday, &with(("deploy/production/new".to_owned(), Some("1".to_owned()))));
    assert!(!passed, "{seen}");
    let (passed, seen) = pushed(&arena, monday, &with(file(7, "2")));
    assert!(passed && seen.contains("(rollback)"), "{seen}");
    // the last goes back too, and then none may go back again to what was rolled back from
    let (passed, seen) = pushed(&arena, "2025-07-14 10:10:00", &[file(7, "1")]);
    assert!(passed, "{seen}");
    let (passed, seen) = pushed(&arena, "2025-07-14 10:20:00", &all("2"));
    assert!(!passed, "{seen}");
}
