//! `hook pre-push` as pre-commit runs it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::hooks::arena::{Arena, CLOSED, ROUTES, fed, text, words};

/// pre-commit swallows what git says, and hands on the first ref in variables.
#[test]
fn what_pre_commit_hands_on() {
    let arena = Arena::deployed();
    let old = arena.git(["rev-parse", "HEAD"]);
    let new = arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    let run = |variables: &[(&str, &str)]| {
        let mut hook = arena.program(&arena.clone);
        let output =
            hook.args(["hook", "pre-push"]).env("PRE_COMMIT", "1").envs(variables.iter().copied()).output().unwrap();
        (output.status.code().unwrap(), text(output.stderr))
    };
    let remote = [("PRE_COMMIT_REMOTE_NAME", "origin"), ("PRE_COMMIT_REMOTE_URL", "/server.git")];
    let of =
        |branch: &'static str| [("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"), ("PRE_COMMIT_REMOTE_BRANCH", branch)];
    let ends = [("PRE_COMMIT_FROM_REF", old.as_str()), ("PRE_COMMIT_TO_REF", new.as_str())];

    let (code, seen) = run(&[&remote[..], &of("refs/heads/main"), &ends].concat());
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains(ROUTES) && seen.contains("(origin/main at"), "{seen}");
    let (code, seen) = run(&[&remote[..], &of("refs/heads/feature"), &ends].concat());
    assert_eq!((code, seen.as_str()), (0, ""));
    // a branch that the remote does not have is new as a whole, whatever pre-commit compares with
    let (code, seen) =
        run(&[&remote[..], &of("refs/heads/release/1"), &[("PRE_COMMIT_FROM_REF", &new), ends[1]]].concat());
    assert_eq!(code, 1, "{seen}");
    // all is new: no ends are told
    let (code, seen) = run(&[&remote[..], &of("refs/heads/main")].concat());
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains(ROUTES), "{seen}");
    // not in a push
    let (code, seen) = run(&[]);
    assert_eq!(code, 2, "{seen}");
    assert!(words(&seen).contains("pre-commit install --hook-type pre-push"), "{seen}");
    // outside of pre-commit they mean nothing
    let mut hook = arena.program(&arena.clone);
    let lines = format!("refs/heads/main {old} refs/heads/main {old}\n");
    let hook = hook.args(["hook", "pre-push", "origin"]).env("PRE_COMMIT", "1");
    let output = fed(hook.envs(remote).envs(of("refs/heads/main")).envs(ends), lines.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// What can't be read is neither left out nor guessed: another remote has another policy.
#[test]
fn variables_that_are_no_text() {
    let arena = Arena::deployed();
    let ends = arena.git(["rev-parse", "HEAD"]);
    let told = [
        ("PRE_COMMIT_REMOTE_NAME", "origin"),
        ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main"),
        ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"),
        ("PRE_COMMIT_FROM_REF", ends.as_str()),
        ("PRE_COMMIT_TO_REF", ends.as_str()),
    ];
    let run = |broken: Option<&str>| {
        let mut hook = arena.program(&arena.clone);
        hook.args(["hook", "pre-push"]).env("PRE_COMMIT", "1").envs(told);
        if let Some(name) = broken {
            hook.env(name, OsStr::from_bytes(b"refs/heads/\xff"));
        }
        let output = hook.output().unwrap();
        (output.status.code().unwrap(), text(output.stderr))
    };
    assert_eq!(run(None), (0, String::new()));
    for (name, _) in told {
        let (code, seen) = run(Some(name));
        assert_eq!(code, 2, "{name}: {seen}");
        assert!(words(&seen).contains(&format!("`{name}` is not UTF-8: `refs/heads/\\xff`")), "{name}: {seen}");
    }
}
