//! What a push says, against what the receiving repository holds: old ids, symbolic refs, `HEAD`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::hooks::arena::{Arena, CLOSED, OPEN, POLICY, ROUTES, ZERO, fed, text};
use crate::support::clock::FAKETIME;

/// Returns what the hook of the server ends with for these lines, and what it says.
fn hook(arena: &Arena, lines: &str) -> (i32, String) {
    let clock = fs::read_to_string(arena.root().join("clock")).unwrap();
    let mut command = arena.command(FAKETIME, &arena.server);
    command.args(["-f", &clock, env!("CARGO_BIN_EXE_freezegate"), "hook", "pre-receive"]).env("TZ", "UTC");
    let output = fed(&mut command, lines.as_bytes());
    // in one line, however wide the terminal
    let said = text(output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    (output.status.code().unwrap(), said)
}

/// A policy whose targets look at these refs alone.
fn policy_for(refs: &str) -> String {
    POLICY.replace("\"refs/heads/main\", \"refs/heads/release/*\"", refs)
}

#[test]
fn a_deletion_is_compared_with_what_is_there() {
    let arena = Arena::deployed();
    let tip = arena.git(["rev-parse", "HEAD"]);
    let first = arena.git(["rev-parse", "HEAD~"]);
    let blob = arena.git(["rev-parse", "HEAD:docs/readme"]);
    let unknown = "1".repeat(40);
    arena.clock(CLOSED);
    for old in [ZERO, &first, &blob, &unknown] {
        for new in [ZERO, &first] {
            let (code, said) = hook(&arena, &format!("{old} {new} refs/heads/main\n"));
            assert_eq!(code, 2, "{old}: {said}");
            assert!(said.contains(&format!("`refs/heads/main` is at {tip}")) && said.contains("git fetch"), "{said}");
        }
    }
    let (code, said) = hook(&arena, &format!("{tip} {ZERO} refs/heads/main\n"));
    // the true old id is judged
    assert!(code == 2 && said.contains("deletes `main`"), "{said}");
}

#[test]
fn a_symbolic_ref_is_moved_with_what_it_leads_to() {
    let arena = Arena::with_policy(&policy_for("\"refs/heads/production\""));
    let old = arena.commit_file(ROUTES, "deploy");
    assert!(arena.push(&["origin", "main"]).passed);
    let new = arena.commit_file(ROUTES, "change");
    arena.git(["push", "--quiet", "--no-verify", "origin", "main:refs/heads/side"]);
    arena.clock(CLOSED);
    let push = format!("{old} {new} refs/heads/main\n");
    assert_eq!(hook(&arena, &push).0, 0, "no target names main");
    for chain in [
        &["refs/heads/production", "refs/heads/main"][..],
        &["refs/heads/production", "refs/heads/live", "refs/heads/main"],
        &["refs/heads/production", "refs/x/1", "refs/x/2", "refs/x/3", "refs/heads/main"],
    ] {
        for pair in chain.windows(2) {
            arena.git_in(&arena.server, ["symbolic-ref", pair[0], pair[1]]);
        }
        let (code, said) = hook(&arena, &push);
        assert_eq!(code, 1, "{chain:?}: {said}");
        // any of its names
        for name in chain {
            assert_eq!(hook(&arena, &format!("{old} {new} {name}\n")).0, 1, "{name}");
        }
        for pair in chain.windows(2) {
            arena.git_in(&arena.server, ["symbolic-ref", "--delete", pair[0]]);
        }
    }
    // as older versions of git wrote them
    std::os::unix::fs::symlink("refs/heads/main", arena.server.join("refs/heads/production")).unwrap();
    assert_eq!(arena.git_in(&arena.server, ["symbolic-ref", "refs/heads/production"]), "refs/heads/main");
    assert_eq!(hook(&arena, &push).0, 1);
    fs::remove_file(arena.server.join("refs/heads/production")).unwrap();
    // to a ref that the push creates
    arena.git_in(&arena.server, ["symbolic-ref", "refs/heads/production", "refs/heads/new"]);
    assert_eq!(hook(&arena, &format!("{ZERO} {new} refs/heads/new\n")).0, 1);
    assert_eq!(hook(&arena, &push).0, 0, "main is another one again");
    // in a circle
    arena.git_in(&arena.server, ["symbolic-ref", "refs/heads/one", "refs/heads/two"]);
    fs::write(arena.server.join("refs/heads/two"), "ref: refs/heads/one\n").unwrap();
    assert_eq!(hook(&arena, &push).0, 0, "what leads nowhere is no matter of main");
    assert_eq!(hook(&arena, &format!("{ZERO} {new} refs/heads/one\n")).0, 2);
}

#[test]
fn every_branch_on_the_way_from_head_is_the_default_branch() {
    let arena = Arena::deployed();
    let old = arena.git(["rev-parse", "HEAD"]);
    let new = arena.commit_file(ROUTES, "change");
    arena.git(["push", "--quiet", "--no-verify", "origin", "main:refs/heads/side"]);
    arena.git_in(&arena.server, ["symbolic-ref", "refs/heads/master", "refs/heads/main"]);
    arena.git_in(&arena.server, ["symbolic-ref", "HEAD", "refs/heads/master"]);
    arena.clock(CLOSED);
    for name in ["refs/heads/main", "refs/heads/master"] {
        let (code, said) = hook(&arena, &format!("{old} {new} {name}\n"));
        assert_eq!(code, 1, "{name}: {said}");
    }
    let (code, said) = hook(&arena, &format!("{ZERO} {new} refs/heads/other\n"));
    assert_eq!(code, 0, "{said}");
    arena.clock(OPEN);
    assert_eq!(hook(&arena, &format!("{old} {new} refs/heads/main\n")).0, 0);
}

#[test]
fn a_head_that_names_no_branch_is_no_decision_and_the_help_fixes_it() {
    for head in ["detached", "refs/heads/none", "refs/tags/t"] {
        let arena = Arena::deployed();
        let old = arena.git(["rev-parse", "HEAD"]);
        arena.git_in(&arena.server, ["tag", "t", "main"]);
        if head == "detached" {
            fs::write(arena.server.join("HEAD"), format!("{old}\n")).unwrap();
        } else {
            arena.git_in(&arena.server, ["symbolic-ref", "HEAD", head]);
        }
        let push = format!("{old} {old} refs/heads/main\n{ZERO} {old} refs/heads/none\n");
        let (code, said) = hook(&arena, &push);
        assert_eq!(code, 2, "{head}: {said}");
        let command = "git symbolic-ref HEAD refs/heads/main";
        assert!(said.contains(command), "{head}: {said}");
        arena.git_in(&arena.server, ["symbolic-ref", "HEAD", "refs/heads/main"]);
        assert_eq!(hook(&arena, &push).0, 0, "{head}");
    }
}

/// A new server has no branch yet, and an administrator's policy to begin with.
#[test]
fn the_first_branch_of_a_server_can_be_pushed() {
    let arena = Arena::without_policy();
    let file = arena.root().join("policy.toml");
    fs::write(&file, POLICY).unwrap();
    arena.install(&arena.server, "pre-receive", &format!("--policy '{}'", file.display()));
    arena.commit_file("docs/readme", "begin");
    arena.clock(CLOSED);
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(push.passed, "{}", push.seen);
    arena.git_in(&arena.server, ["symbolic-ref", "HEAD", "refs/heads/none"]);
    arena.commit_file(ROUTES, "production");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(!push.passed, "any branch counts as the default one:\n{}", push.seen);
}

#[test]
fn a_push_of_too_many_refs_has_its_own_message() {
    let arena = Arena::deployed();
    let tip = arena.git(["rev-parse", "HEAD"]);
    for (count, expected) in [(10_000, 0), (10_001, 2)] {
        let mut lines = String::new();
        for number in 0..count {
            writeln!(lines, "{ZERO} {tip} refs/heads/many/{number}").unwrap();
        }
        let (code, said) = hook(&arena, &lines);
        assert_eq!(code, expected, "{said}");
        assert_eq!(said.contains("the push has 10001 refs; at most 10000"), expected == 2, "{said}");
    }
}

#[test]
fn a_hook_that_another_one_leaves_nothing_to_read_refuses() {
    let arena = Arena::deployed();
    let (hooks, folder) = (arena.server.join("hooks"), arena.server.join("hooks/pre-receive.d"));
    fs::create_dir(&folder).unwrap();
    fs::rename(hooks.join("pre-receive"), folder.join("20-freezegate")).unwrap();
    arena.script(&folder.join("10-log"), "while read -r old new name; do echo \"log: $name\"; done\n");
    let dispatcher = |lines: &str| arena.script(&hooks.join("pre-receive"), lines);
    let status = || {
        let output = arena.program(&arena.server).args(["hook", "status", "pre-receive"]).output().unwrap();
        (output.status.code(), text(output.stdout))
    };
    dispatcher("for h in hooks/pre-receive.d/*; do \"$h\" || exit 1; done\n");
    arena.commit_file(ROUTES, "change");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(!push.passed && push.seen.contains("was given no refs"), "{}", push.seen);
    let (code, said) = status();
    assert!(code == Some(1) && said.contains("without a copy of standard input"), "{said}");
    dispatcher("input=$(cat)\nfor h in hooks/pre-receive.d/*; do printf '%s\\n' \"$input\" | \"$h\" || exit 1; done\n");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(push.passed, "{}", push.seen);
    let (code, said) = status();
    assert!(code == Some(0) && said.contains("20-freezegate"), "{said}");
    assert!(Path::new(&folder).is_dir());
}

/// An allowed push is silent, unless git's configuration of either side asks what was judged.
#[test]
fn an_allowed_push_says_what_was_judged_if_it_is_asked_to() {
    let arena = Arena::deployed();
    arena.clock(OPEN);
    for (side, value, is_told) in [
        ("clone", "true", true),
        ("clone", "false", false),
        ("server", "on", true),
        ("server", "perhaps", true),
        ("server", "no", false),
    ] {
        let folder = if side == "clone" { arena.root().join("clone") } else { arena.server.clone() };
        arena.git_in(&folder, ["config", "freezegate.verbose", value]);
        arena.commit_file(ROUTES, &format!("{side} {value}"));
        let push = arena.push(&["origin", "main"]);
        assert!(push.passed, "{}", push.seen);
        let told = push.seen.lines().any(|line| {
            line.contains("judged") && line.contains("1 path") && line.starts_with("remote:") == (side == "server")
        });
        assert_eq!(told, is_told, "{side} {value}: {}", push.seen);
    }
}
