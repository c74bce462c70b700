//! Dixa, 1 July 2025: the change to the ground is refused at midday, and going back from it passes at its own instant.

use std::fs;

use crate::hooks::arena::Arena;
use crate::record::project::Project;
use crate::rollback::scenario::words;

const POLICY: &str = include_str!("../../policies/dixa.toml");

const TABLE: &str = "terraform/table.tf";
const BEFORE: &str = "2025-06-20 02:00:00";
/// 04:00 in Copenhagen: infrastructure may change, and nobody sees what it does under load.
const NIGHT: &str = "2025-07-01 02:00:00";
/// 12:49 in Copenhagen.
const DEPLOYED: &str = "2025-07-01 10:49:00";
/// 12:56: "engineers decided to roll back the change to the previous configuration".
const DECIDED: &str = "2025-07-01 10:56:00";

#[test]
fn in_ci() {
    let project = Project::with_policy(POLICY);
    let record = project.record();
    let arguments = ["--record", record.as_str()];
    let begin = project.git(&["rev-parse", "HEAD"]);
    let provisioned = project.commit(TABLE, "provisioned");
    assert_eq!(project.job(BEFORE, &begin, &[], &arguments).status, Some(0));
    let on_demand = project.commit(TABLE, "on demand");
    assert_eq!(project.job(NIGHT, &provisioned, &[], &arguments).status, Some(0));

    // a further change by day is refused, and the way back is told
    let further = project.commit(TABLE, "on demand, with a limit");
    let ended = project.job(DECIDED, &on_demand, &[], &arguments);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let command = format!("git revert --no-edit {}..{}", &provisioned[..7], &further[..7]);
    assert!(words(&ended.printed).contains(&format!("rollback `{command}` goes back")), "{ended:?}");

    project.git(&command.split(' ').skip(1).collect::<Vec<_>>());
    let ended = project.job(DECIDED, &further, &[], &arguments);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let told = words(&ended.printed);
    for part in ["core hours, hard) (rollback)", "(freeze, hard) (rollback)", "allowed: `production`"] {
        assert!(told.contains(part), "{part}: {ended:?}");
    }
}

/// The change goes out at midday where nothing stands in its way, as it did; then the gate is put there.
fn deployed() -> (Arena, String, String) {
    let arena = Arena::with_policy(POLICY);
    fs::remove_file(arena.clone.join(".git/hooks/pre-push")).unwrap();
    fs::remove_file(arena.server.join("hooks/pre-receive")).unwrap();
    arena.git_in(&arena.server, ["config", "core.logAllRefUpdates", "always"]);
    let mut commits = Vec::new();
    for (at, text) in [(BEFORE, "provisioned"), (DEPLOYED, "on demand")] {
        commits.push(arena.commit_file(TABLE, text));
        let date = format!("{} +0000", at.replace(' ', "T"));
        let push = arena.push_with(&["--quiet", "origin", "main"], &[("GIT_COMMITTER_DATE", &date)]);
        assert!(push.passed, "{}", push.seen);
    }
    arena.clock(DECIDED);
    (arena, commits[0].clone(), commits[1].clone())
}

#[track_caller]
fn goes_back(arena: &Arena, provisioned: &str, on_demand: &str) {
    let further = arena.commit_file(TABLE, "on demand, with a limit");
    let refused = arena.push(&["origin", "main"]);
    assert!(!refused.passed, "{}", refused.seen);
    let command = format!("git revert --no-edit {}..{}", &provisioned[..7], &further[..7]);
    let told = words(&refused.seen);
    assert!(told.contains(&format!("rollback `{command}` goes back")), "{}", refused.seen);
    assert!(told.contains("tables and their ground, by day (freeze, hard)"), "{}", refused.seen);

    arena.git(["reset", "--quiet", "--hard", on_demand]);
    arena.git(["revert", "--no-edit", on_demand]);
    let back = arena.push(&["origin", "main"]);
    assert!(back.passed, "{}", back.seen);
    assert!(words(&back.seen).contains("(rollback)"), "{}", back.seen);
}

#[test]
fn before_it_leaves() {
    let (arena, provisioned, on_demand) = deployed();
    arena.install(&arena.clone.join(".git"), "pre-push", "");
    goes_back(&arena, &provisioned, &on_demand);
}

#[test]
fn where_it_arrives() {
    let (arena, provisioned, on_demand) = deployed();
    arena.install(&arena.server, "pre-receive", "");
    goes_back(&arena, &provisioned, &on_demand);
}

#[test]
fn where_it_arrives_with_a_record() {
    let (arena, provisioned, on_demand) = deployed();
    let record = format!("--record '{}'", arena.root().join("record.jsonl").display());
    arena.install(&arena.server, "pre-receive", &record);
    goes_back(&arena, &provisioned, &on_demand);
    // and not forward again
    arena.commit_file(TABLE, "on demand");
    assert!(!arena.push(&["origin", "main"]).passed);
}

#[test]
fn a_day_later_it_is_a_change_like_any_other() {
    let (arena, _, on_demand) = deployed();
    arena.install(&arena.server, "pre-receive", "");
    arena.git(["revert", "--no-edit", &on_demand]);
    arena.clock("2025-07-02 10:49:01");
    assert!(!arena.push(&["origin", "main"]).passed);
    arena.clock("2025-07-02 10:49:00");
    assert!(arena.push(&["origin", "main"]).passed);
}
