//! What a refusal prints as passing passes: each command is run as printed, and pushed to the server that printed it.

use std::fs;

use crate::hooks::arena::{self, Arena, words};

/// Production and staging are closed on weekdays.
const POLICY: &str = r#"version = 1
[regions.eu]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[environments.staging]
[environments.lab]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{environment}/**"]
[[targets]]
paths = ["shared/**"]
environment = "*"
"#;

const MONDAY: &str = "2025-07-14 10:00:00";

fn arena(with_record: bool) -> Arena {
    let arena = Arena::with_policy(POLICY);
    // what leaves the clone is not judged there
    fs::remove_file(arena.clone.join(".git/hooks/pre-push")).unwrap();
    arena.git_in(&arena.server, ["config", "core.logAllRefUpdates", "always"]);
    // a copy of the server is the same repository
    arena.git_in(&arena.server, ["config", "freezegate.repository", "example.com/shop"]);
    if with_record {
        let record = format!("--record '{}'", arena.root().join("record.jsonl").display());
        arena.install(&arena.server, "pre-receive", &record);
    }
    arena
}

fn push(arena: &Arena, at: &str) -> arena::Push {
    arena.clock(at);
    let date = format!("{} +0000", at.replace(' ', "T"));
    arena.push_with(&["--quiet", "origin", "main"], &[("GIT_COMMITTER_DATE", date.as_str())])
}

/// Changes files, each `PATH=CONTENT`, commits and pushes.
fn change(arena: &Arena, at: &str, files: &[&str]) -> arena::Push {
    for file in files {
        let (path, content) = file.split_once('=').unwrap();
        arena.write(path, content);
    }
    arena.commit(&files.join(" "));
    push(arena, at)
}

/// Pushes on the Sunday before, one minute after the other.
fn history(arena: &Arena, pushes: &[&[&str]]) {
    for (minute, files) in pushes.iter().enumerate() {
        let push = change(arena, &format!("2025-07-13 12:{minute:02}:00"), files);
        assert!(push.passed, "{files:?}: {}", push.seen);
    }
}

/// Returns what a row of an answer says, up to the next row that these tests know.
fn row(seen: &str, label: &str) -> Option<String> {
    let seen = words(seen);
    let (_, rest) = seen.split_once(&format!(" {label} "))?;
    let ends = [" rollback ", " undo ", " lift ", " judged ", " opens ", " closes ", " last start "];
    let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

/// Runs the command of a row as it is printed.
fn run(arena: &Arena, row: &str) -> String {
    let command = row.split('`').nth(1).unwrap().to_owned();
    arena::succeeded(arena.command("bash", &arena.clone).args(["-c", &command]));
    command
}

fn changed(arena: &Arena, since: &str) -> String {
    arena.git(["diff", "--name-only", since, "HEAD"]).replace('\n', " ")
}

#[test]
fn a_rollback_leaves_an_edit_of_the_policy_alone() {
    for with_record in [false, true] {
        let arena = arena(with_record);
        let closes = POLICY.replace("18:00", "18:30");
        let edit = format!("freezegate.toml={closes}");
        history(&arena, &[&["deploy/staging/a=1"], &["deploy/staging/a=2"], &[&edit]]);
        let live = arena.git(["rev-parse", "HEAD"]);
        let refused = change(&arena, MONDAY, &["deploy/staging/a=3"]);
        assert!(!refused.passed, "{}", refused.seen);
        let row = row(&refused.seen, "rollback").unwrap_or_else(|| panic!("{}", refused.seen));
        assert!(row.contains("in `staging`, the state before; allowed now"), "{row}");
        run(&arena, &row);
        assert_eq!(changed(&arena, &live), "deploy/staging/a");
        let back = push(&arena, MONDAY);
        assert!(back.passed, "{with_record}: {row}\n{}", back.seen);
        assert_eq!(fs::read_to_string(arena.clone.join("deploy/staging/a")).unwrap(), "1");
    }
}

#[test]
fn a_rollback_takes_back_what_was_refused_and_nothing_else() {
    for with_record in [false, true] {
        let arena = arena(with_record);
        let (staging, production) = (["deploy/staging/a=1"], ["deploy/production/a=1"]);
        history(&arena, &[&staging, &production, &["deploy/staging/a=2"], &["deploy/production/a=2", "docs/a=1"]]);
        let live = arena.git(["rev-parse", "HEAD"]);
        let refused = change(&arena, MONDAY, &["deploy/staging/a=3"]);
        assert!(!refused.passed, "{}", refused.seen);
        let printed = row(&refused.seen, "rollback").unwrap_or_else(|| panic!("{}", refused.seen));
        arena.write("deploy/production/staged", "not judged");
        arena.git(["add", "--all"]);
        run(&arena, &printed);
        assert_eq!(changed(&arena, &live), "deploy/staging/a", "{printed}");
        let back = push(&arena, MONDAY);
        assert!(back.passed, "{printed}\n{}", back.seen);
        // no commit has the tree that is gone back to
        let shown = row(&back.seen, "rollback").unwrap();
        // by the record the state of staging, by the log the newest that has it
        let before = if with_record { "HEAD~5" } else { "HEAD~4" };
        let before = arena.git(["rev-parse", "--short=7", before]);
        assert_eq!(shown, format!("verified: it takes `staging` back to {before}, the state before"), "{}", back.seen);
    }
}

#[test]
fn a_rollback_of_several_environments_names_a_state_for_each() {
    let arena = arena(true);
    history(
        &arena,
        &[
            &["deploy/staging/a=1", "deploy/production/a=1", "deploy/production/gone=1"],
            &["deploy/staging/a=2", "docs/a=1"],
            &["deploy/production/a=2", "deploy/staging/new file=1"],
        ],
    );
    let live = arena.git(["rev-parse", "HEAD"]);
    fs::remove_file(arena.clone.join("deploy/production/gone")).unwrap();
    let refused = change(&arena, MONDAY, &["deploy/staging/a=3", "deploy/production/a=3", "docs/b=1"]);
    assert!(!refused.passed, "{}", refused.seen);
    let printed = row(&refused.seen, "rollback").unwrap_or_else(|| panic!("{}", refused.seen));
    let command = run(&arena, &printed);
    assert!(command.contains(":/docs/b"), "what was refused with it is taken back too: {command}");
    assert_eq!(changed(&arena, &live), "deploy/production/a deploy/staging/new file", "{printed}");
    let back = push(&arena, MONDAY);
    assert!(back.passed, "{printed}\n{}", back.seen);
    assert!(row(&back.seen, "rollback").unwrap().starts_with("verified: it "), "{}", back.seen);
}

#[test]
fn a_state_that_a_rollback_restores_as_a_whole_is_named_by_its_own_commit() {
    let arena = arena(false);
    history(
        &arena,
        &[&["deploy/production/a=1"], &["deploy/staging/a=1"], &["deploy/production/a=2", "deploy/staging/a=2"]],
    );
    // the newest state before is the same for both, though production had it earlier
    arena.git(["revert", "--no-edit", "HEAD"]);
    let back = push(&arena, MONDAY);
    assert!(back.passed, "{}", back.seen);
    let before = arena.git(["rev-parse", "--short=7", "HEAD~2"]);
    assert_eq!(row(&back.seen, "rollback").unwrap(), format!("verified: it returns to {before}, the state before"));
}

#[test]
fn what_else_a_long_rollback_takes_back_is_said() {
    let arena = arena(false);
    let many = |content: &str| (0..9).map(|number| format!("deploy/staging/{number}={content}")).collect::<Vec<_>>();
    let (one, two) = (many("1"), many("2"));
    fn parts(files: &[String]) -> Vec<&str> {
        files.iter().map(String::as_str).collect()
    }
    history(&arena, &[&parts(&one), &parts(&two), &["docs/a=1"], &["docs/b=1"]]);
    let refused = change(&arena, MONDAY, &["deploy/staging/0=3"]);
    let printed = row(&refused.seen, "rollback").unwrap_or_else(|| panic!("{}", refused.seen));
    // no command names nine paths, and none that reverts commits spares the others
    assert!(printed.starts_with("a change that goes back to "), "{printed}");
}

/// Random histories in which environments, shared files, other files and the policy change: whatever is printed as passing passes.
#[test]
fn whatever_is_printed_as_passing_passes() {
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let (production, staging) = ("deploy/production/a", "deploy/staging/a");
    let others = ["deploy/lab/a", "docs/a", "shared/a", "freezegate.toml"];
    let paths = [[production, staging, production, staging], others].concat();
    let (mut rollbacks, mut undos) = (0, 0);
    for round in 0..6 {
        let arena = arena(round % 2 == 0);
        let mut minutes = 0;
        let mut next = |random: &mut dyn FnMut(u64) -> u64| -> Vec<String> {
            let count = 1 + random(2);
            (0..count)
                .map(|_| {
                    minutes += 1;
                    let path = paths[usize::try_from(random(8)).unwrap()];
                    let content = if path == "freezegate.toml" {
                        format!("{POLICY}# {minutes}\n")
                    } else {
                        random(3).to_string()
                    };
                    format!("{path}={content}")
                })
                .collect()
        };
        for minute in 0..6 {
            let files = next(&mut random);
            let files: Vec<&str> = files.iter().map(String::as_str).collect();
            let push = change(&arena, &format!("2025-07-13 12:{minute:02}:00"), &files);
            assert!(push.passed, "{files:?}: {}", push.seen);
        }
        let live = arena.git(["rev-parse", "HEAD"]);
        for _ in 0..3 {
            arena.git(["reset", "--quiet", "--hard", &live]);
            let files = next(&mut random);
            let files: Vec<&str> = files.iter().map(String::as_str).collect();
            let pushed = change(&arena, MONDAY, &files);
            if pushed.passed {
                break;
            }
            let tip = arena.git(["rev-parse", "HEAD"]);
            for label in ["undo", "rollback"] {
                let Some(row) =
                    row(&pushed.seen, label).filter(|row| row.starts_with('`') && row.contains("allowed now"))
                else {
                    continue;
                };
                arena.git(["reset", "--quiet", "--hard", &tip]);
                run(&arena, &row);
                match label {
                    "undo" => undos += 1,
                    _ => rollbacks += 1,
                }
                // a server of its own, as what passes would change what comes next
                let server = arena.root().join(format!("server-{label}.git"));
                fs::remove_dir_all(&server).unwrap_or_default();
                arena::succeeded(arena.command("cp", &arena.root()).args(["-r", "server.git"]).arg(&server));
                let record = arena.root().join("record.jsonl");
                let kept = fs::read(&record).unwrap_or_default();
                let push = arena.push(&["--quiet", server.to_str().unwrap(), "main"]);
                assert!(push.passed, "{round}: {files:?}: {row}\n{}", push.seen);
                if record.exists() {
                    fs::write(&record, kept).unwrap();
                }
            }
        }
    }
    assert!(rollbacks >= 1 && undos >= 1, "{rollbacks} {undos}");
}

#[test]
fn what_brings_the_first_policy_is_not_offered_to_be_undone() {
    let arena = arena(false);
    let folder = arena.root().join("new");
    fs::create_dir(&folder).unwrap();
    let git = |arguments: &[&str]| arena::succeeded(arena.command("git", &folder).args(arguments));
    git(&["init", "-q", "-b", "main"]);
    fs::write(folder.join("README"), "one").unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-qm", "one"]);
    fs::write(folder.join("freezegate.toml"), POLICY).unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-qm", "policy"]);
    fs::create_dir_all(folder.join("deploy/production")).unwrap();
    fs::write(folder.join("deploy/production/x"), "x").unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-qm", "production"]);
    let ask = |range: &str| {
        let mut check = arena.command(env!("CARGO_BIN_EXE_freezegate"), &folder);
        let asked = check.args(["check", "--range", range, "--at", "2025-07-14T10:00:00Z"]).output().unwrap();
        assert_eq!(asked.status.code(), Some(1));
        words(&format!("{}{}", String::from_utf8_lossy(&asked.stdout), String::from_utf8_lossy(&asked.stderr)))
    };
    let with_policy = ask("HEAD~2..HEAD");
    assert!(!with_policy.contains(" undo "), "{with_policy}");
    let alone = ask("HEAD~1..HEAD");
    assert!(alone.contains(" undo `git revert "), "{alone}");
    // a draft that no commit has stays where it is
    git(&["rm", "-q", "--cached", "freezegate.toml"]);
    git(&["commit", "-qm", "no policy"]);
    fs::write(folder.join("deploy/production/x"), "y").unwrap();
    git(&["commit", "-qm", "again", "deploy/production/x"]);
    let uncommitted = ask("HEAD~1..HEAD");
    assert!(uncommitted.contains(" undo `git revert "), "{uncommitted}");
}
