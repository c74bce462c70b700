//! Rollbacks before they leave: `hook pre-push` by the reflog of the remote-tracking ref, as advice.

use std::fs;

use crate::hooks::arena::Arena;
use crate::rollback::scenario::{POLICY, SCENARIOS, files, words, write};

#[test]
fn every_scenario_is_told_as_the_server_would_end_it() {
    for scenario in SCENARIOS {
        let arena = Arena::with_policy(POLICY);
        fs::remove_file(arena.server.join("hooks/pre-receive")).unwrap();
        for one in scenario.pushes {
            arena.git(["reset", "--quiet", "--hard", "refs/remotes/origin/main"]);
            write(&arena.clone, &files(one));
            arena.commit(one.at);
            arena.clock(one.at);
            let date = format!("{} +0000", one.at.replace(' ', "T"));
            let push = arena.push_with(&["--quiet", "origin", "main"], &[("GIT_COMMITTER_DATE", date.as_str())]);
            let story = format!("{} at {}:\n{}", scenario.name, one.at, push.seen);
            assert_eq!(push.passed, one.missing.is_none(), "{story}");
        }
    }
}

/// Another clone never saw the state before.
#[test]
fn what_this_clone_never_saw_it_can_not_vouch_for() {
    let arena = Arena::with_policy(POLICY);
    fs::remove_file(arena.server.join("hooks/pre-receive")).unwrap();
    for (at, text) in [("2025-07-13 12:00:00", "1"), ("2025-07-13 12:10:00", "2")] {
        arena.commit_file("deploy/production/a", text);
        arena.clock(at);
        let date = format!("{} +0000", at.replace(' ', "T"));
        assert!(arena.push_with(&["--quiet", "origin", "main"], &[("GIT_COMMITTER_DATE", &date)]).passed);
    }
    let other = arena.root().join("other");
    let server = arena.server.to_str().unwrap().to_owned();
    arena.git_in(&arena.root(), ["clone", "--quiet", &server, other.to_str().unwrap()]);
    arena.install(&other.join(".git"), "pre-push", "");
    arena.git_in(&other, ["revert", "--no-edit", "HEAD"]);
    arena.clock("2025-07-14 10:00:00");
    let push = arena.push_from(&other, &["--quiet", "origin", "main"], &[]);
    assert!(!push.passed, "{}", push.seen);
    assert!(words(&push.seen).contains("production/eu is closed"), "{}", push.seen);
}
