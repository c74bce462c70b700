//! `hook pre-receive` where it stands: on a bare repository, run by `git receive-pack`.

use std::fs;
use std::path::Path;

use crate::hooks::arena::{Arena, CLOSED, OPEN, POLICY, Push, ROUTES, ZERO, fed, text, words};

/// The server has refused, all of it.
#[track_caller]
fn refused(arena: &Arena, arguments: &[&str], shows: &str) -> Push {
    let before = arena.refs();
    let mut all = vec!["--no-verify"];
    all.extend_from_slice(arguments);
    let push = arena.push(&all);
    assert!(!push.passed, "allowed:\n{}", push.seen);
    assert!(push.seen.contains("pre-receive hook declined"), "not by the hook:\n{}", push.seen);
    assert!(words(&push.seen).contains(&words(shows)), "`{shows}` is not shown:\n{}", push.seen);
    assert_eq!(arena.refs(), before);
    push
}

/// Returns what a server says, in one line.
fn unwrapped(seen: &str) -> String {
    seen.replace("remote:", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn passes(arena: &Arena, arguments: &[&str]) -> Push {
    let mut all = vec!["--no-verify"];
    all.extend_from_slice(arguments);
    let push = arena.push(&all);
    assert!(push.passed, "refused:\n{}", push.seen);
    push
}

#[test]
fn one_refused_ref_refuses_all() {
    let arena = Arena::deployed();
    arena.git(["branch", "harmless"]);
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    for atomic in ["--atomic", "--no-atomic"] {
        let push = refused(&arena, &[atomic, "origin", "harmless", "main", "main:feature"], ROUTES);
        for name in ["harmless -> harmless", "main -> main", "main -> feature"] {
            assert!(push.seen.contains(&format!("{name} (pre-receive hook declined)")), "{}", push.seen);
        }
        assert!(push.seen.contains("on 3 refs"), "{}", push.seen);
    }
    passes(&arena, &["origin", "harmless", "main:feature"]);
    arena.clock(OPEN);
    passes(&arena, &["origin", "main"]);
}

/// What a server judged, by which policy, and where it is recorded: one row. No command is proposed that brings back what was wrong.
#[test]
fn a_refusal_ends_with_one_row_about_what_was_judged() {
    let arena = Arena::deployed();
    let record = arena.root().join("record.jsonl");
    arena.install(&arena.server, "pre-receive", &format!("--record '{}'", record.display()));
    let wrong = arena.commit_file(ROUTES, "change");
    passes(&arena, &["origin", "main"]);
    arena.clock("2025-07-16 21:45:00");
    arena.git(["revert", "--no-edit", "HEAD"]);
    let back = arena.git(["rev-parse", "HEAD"]);
    let push =
        refused(&arena, &["origin", "main"], "rollback none yet: the record has no allowed state before this one");
    let (wrong, back) = (&wrong[..7], &back[..7]);
    let row =
        format!("judged {wrong}..{back} on main: 1 path, by freezegate.toml (main at {wrong}); entry 2 of the record");
    assert!(unwrapped(&push.seen).contains(&row), "{}", push.seen);
    for dropped in ["undo", "tzdb", "  recorded", "  policy"] {
        assert!(!push.seen.contains(dropped), "{dropped}: {}", push.seen);
    }
    assert!(fits(&push) <= 12, "{}", push.seen);
}

/// `stop --stops origin` of a server whose hook reads no stops.
#[test]
fn a_server_that_takes_no_stops_says_who_turns_them_on() {
    let arena = Arena::deployed();
    let arguments =
        ["stop", "production", "--for", "2h", "--reason", "logins fail", "--by", "a@example.com", "--stops", "origin"];
    let output = arena.program(&arena.clone).args(arguments).output().unwrap();
    let said = words(&String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(2), "{said}");
    let why = "`origin:refs/freezegate/stops` can't be written to: the server refused it: the hook of this server takes no stops; its administrator turns them on, and other options are kept: `freezegate hook install --stops refs/freezegate/stops`";
    assert!(said.contains(why) && !said.contains("can't be reached"), "{said}");
}

/// Returns how many lines the server says, all of which a terminal of 80 columns shows in one.
#[track_caller]
fn fits(push: &Push) -> usize {
    let lines = push.seen.lines().filter(|line| line.starts_with("remote: ")).map(str::trim_end);
    assert!(lines.clone().all(|line| line.chars().count() <= 80), "{}", push.seen);
    lines.count()
}

#[test]
fn a_refusal_fits_behind_the_mark_of_the_remote() {
    let arena = Arena::deployed();
    arena.commit_file(ROUTES, "change\n\nEnvironment: staging");
    arena.clock(CLOSED);
    let push = refused(&arena, &["origin", "main"], "by freezegate.toml (main at");
    assert!(fits(&push) > 8, "{}", push.seen);
    assert!(!push.seen.contains("(your zone)"), "whose clock that is, the server can't know:\n{}", push.seen);
    let words = push.seen.replace("remote:", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("; allowed now"), "{}", push.seen);
}

#[test]
fn so_does_what_keeps_it_from_deciding() {
    let arena = Arena::without_policy();
    arena.install(&arena.server, "pre-receive", "");
    arena.commit_file(ROUTES, "begin");
    let push = refused(&arena, &["origin", "main"], "there is no policy yet on `main`, and this push");
    assert!(fits(&push) > 4 && push.seen.contains("`freezegate init` drafts"), "{}", push.seen);
    arena.install(&arena.server, "pre-receive", "--policy relative.toml");
    assert!(fits(&refused(&arena, &["origin", "main"], "is relative, and the hook runs in many places")) > 3);
    // with the lines of the policy that are wrong
    let wrong =
        POLICY.replace("\"America/Los_Angeles\"", "\"America/Los_Angeles\", \"Europe/London\", \"Pacific/Nowhere\"");
    let file = arena.root().join("policy.toml");
    fs::write(&file, wrong.replace("[[targets]]", "[[target]]")).unwrap();
    arena.install(&arena.server, "pre-receive", &format!("--policy '{}'", file.display()));
    let push = refused(&arena, &["origin", "main"], "error[unknown-zone]");
    assert!(push.seen.contains("error[unknown-key]") && fits(&push) > 12, "{}", push.seen);
}

#[test]
fn a_push_is_judged_by_the_policy_before_it() {
    let arena = Arena::deployed();
    let loosened =
        POLICY.replace("[environments.production]", "[environments.production]\nduring_core_hours = \"off\"");
    arena.write("freezegate.toml", &loosened);
    arena.commit_file(ROUTES, "loosen and change");
    arena.clock(CLOSED);
    let push = refused(&arena, &["origin", "main"], ROUTES);
    assert!(push.seen.contains("policy edit: opens 2 things"), "{}", push.seen);
    // in one push, first the policy, then the change
    arena.git(["reset", "--quiet", "--soft", "origin/main"]);
    arena.git(["reset", "--quiet"]);
    arena.git(["add", "freezegate.toml"]);
    arena.git(["commit", "--quiet", "-m", "loosen"]);
    arena.git(["branch", "loosened"]);
    arena.commit_file(ROUTES, "change");
    refused(&arena, &["origin", "loosened:main", "main:release/1"], ROUTES);
    // nor by what is pushed to another branch
    passes(&arena, &["origin", "loosened:feature"]);
    refused(&arena, &["origin", "main"], ROUTES);
    // when it is let in, it holds from the next push on
    arena.clock(OPEN);
    let push = passes(&arena, &["origin", "loosened:main"]);
    assert!(push.seen.contains("policy edit: opens 2 things"), "{}", push.seen);
    arena.clock(CLOSED);
    passes(&arena, &["origin", "main"]);
}

#[test]
fn who_may_override_changes_by_an_override_alone() {
    let approvers = "[approvers]\nallowed_signers = \"approvers.allowed_signers\"\n\n[[lifts]]\nlevel  = \"soft\"\nsigned = [\"any\"]\n";
    let arena = Arena::without_policy();
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDKlvAk0hg3LIfCIdEjL/a8ppLfMp/zLKVQ2PAD6cUvV";
    arena.write("approvers.allowed_signers", format!("ana@example.com {key}\n"));
    arena.write("freezegate.toml", format!("{POLICY}\n{approvers}"));
    arena.commit("begin");
    arena.passes(&["--no-verify", "origin", "main"]);
    arena.install(&arena.server, "pre-receive", "");
    let harder = approvers.replace("[\"any\"]", "[\"any\"]\nincident = true");
    for (path, content) in [
        ("freezegate.toml", format!("{POLICY}\n{harder}")),
        ("approvers.allowed_signers", format!("eve@example.com {key}\n")),
    ] {
        arena.git(["reset", "--quiet", "--hard", "origin/main"]);
        arena.write(path, content);
        arena.commit("mine");
        let push = refused(&arena, &["origin", "main"], "refused: the edit of `freezegate.toml` changes");
        assert!(unwrapped(&push.seen).contains("changes who may override (policy-change, soft)"), "{}", push.seen);
        passes(&arena, &["origin", "+HEAD:feature"]);
        // and when it goes away
        arena.git(["reset", "--quiet", "--hard", "origin/main"]);
        arena.git(["rm", "--quiet", path]);
        arena.commit("none");
        refused(&arena, &["origin", "main"], path);
    }
}

/// With a file of the administrator first, and then with the repository's own, or with the repository's own alone.
#[test]
fn how_to_begin() {
    let arena = Arena::without_policy();
    arena.install(&arena.server, "pre-receive", "");
    arena.write("freezegate.toml", POLICY);
    arena.commit_file(ROUTES, "begin");
    arena.clock(CLOSED);
    refused(&arena, &["origin", "main", "main:release/1"], "moves `refs/heads/release/1` too");
    refused(&arena, &["origin", "main:release/1"], "there is no policy yet on the default branch, `main`");
    // the clone does not know what the server does
    let push = arena.push(&["origin", "main"]);
    let why = "if this push adds the remote's first policy: `git push --no-verify`; a server with the hook allows it";
    assert!(!push.passed && !push.seen.contains("remote:") && unwrapped(&push.seen).contains(why), "{}", push.seen);
    let push = passes(&arena, &["origin", "main"]);
    let taken = "allowed: this push adds the first policy (`freezegate.toml`) and is not judged from now on this policy judges each push to `pre-production`, `production`";
    assert!(unwrapped(&push.seen).contains(taken) && !push.seen.contains("reaches no"), "{}", push.seen);
    arena.commit_file(ROUTES, "change");
    refused(&arena, &["origin", "main"], "(main at");

    let arena = Arena::without_policy();
    arena.write("freezegate.toml", POLICY);
    arena.commit_file(ROUTES, "begin");

    let file = arena.root().join("administrator's.toml");
    fs::write(&file, POLICY).unwrap();
    arena.install(&arena.server, "pre-receive", &format!("--policy \"{}\"", file.display()));
    arena.clock(CLOSED);
    let push = refused(&arena, &["origin", "main"], ROUTES);
    assert!(unwrapped(&push.seen).contains("administrator's.toml (the administrator's file)"), "{}", push.seen);
    arena.clock(OPEN);
    passes(&arena, &["origin", "main"]);
    arena.install(&arena.server, "pre-receive", "");
    arena.clock(CLOSED);
    arena.commit_file(ROUTES, "change");
    refused(&arena, &["origin", "main"], "(main at");
}

#[test]
fn a_relative_policy_is_no_administrators() {
    let arena = Arena::deployed();
    fs::write(arena.server.join("own.toml"), POLICY).unwrap();
    arena.install(&arena.server, "pre-receive", "--policy own.toml");
    arena.commit_file("docs/a", "a");
    refused(&arena, &["origin", "main"], "`--policy own.toml` is relative");
    arena.install(&arena.server, "pre-receive", "--policy /nowhere/own.toml");
    refused(&arena, &["origin", "main"], "can't be read");
}

#[test]
fn variables_choose_no_policy() {
    let arena = Arena::deployed();
    let loosened =
        POLICY.replace("[environments.production]", "[environments.production]\nduring_core_hours = \"off\"");
    let file = arena.root().join("loosened.toml");
    fs::write(&file, loosened).unwrap();
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    // as a server that lets variables of the one who pushes in (sshd's `AcceptEnv`)
    let push = arena.push_with(&["--no-verify", "origin", "main"], &[("FREEZEGATE_POLICY", file.to_str().unwrap())]);
    assert!(!push.passed && push.seen.contains(ROUTES), "{}", push.seen);
    // what closes is welcome from anywhere
    arena.clock(OPEN);
    let freeze =
        "[[freezes]]\nname = \"stop\"\nfrom = 2025-07-13T00:00:00Z\nuntil = 2025-07-14T00:00:00Z\ntimezone = \"UTC\"\n";
    let push = arena.push_with(&["--no-verify", "origin", "main"], &[("FREEZEGATE_EXTRA_FREEZES", freeze)]);
    assert!(!push.passed && push.seen.contains("is frozen: stop"), "{}", push.seen);
}

/// <https://docs.gitlab.com/administration/server_hooks/>
#[test]
fn on_gitlab_each_line_carries_its_mark() {
    let arena = Arena::deployed();
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    let unmarked = |seen: &str| {
        let lines = seen.lines().filter(|line| line.starts_with("remote: ") && !line.trim_end().ends_with("remote:"));
        lines.filter(|line| !line.starts_with("remote: GL-HOOK-ERR: ")).count()
    };
    for variable in [("GL_ID", "user-1"), ("GL_REPOSITORY", "project-1")] {
        let push = arena.push_with(&["--no-verify", "origin", "main"], &[variable]);
        assert!(
            !push.passed && push.seen.contains("remote: GL-HOOK-ERR: refused: production/us is closed"),
            "{}",
            push.seen
        );
        assert_eq!(unmarked(&push.seen), 0, "{}", push.seen);
    }
    assert!(unmarked(&refused(&arena, &["origin", "main"], ROUTES).seen) > 0);
    // also where there is no decision
    arena.install(&arena.server, "pre-receive", "--policy own.toml");
    let push = arena.push_with(&["--no-verify", "origin", "main"], &[("GL_ID", "user-1")]);
    assert!(push.seen.contains("remote: GL-HOOK-ERR: error[no-policy]"), "{}", push.seen);
    assert_eq!(unmarked(&push.seen), 0, "{}", push.seen);
}

/// Without `refs`, a target means the default branch. Where the server has none that exists, it may be any.
#[test]
fn a_head_that_names_no_branch() {
    let anywhere = POLICY.replace("refs  = [\"refs/heads/main\", \"refs/heads/release/*\"]\n", "");
    let arena = Arena::with_policy(&anywhere);
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    refused(&arena, &["origin", "main"], ROUTES);
    passes(&arena, &["origin", "main:feature"]);

    let file = arena.root().join("policy.toml");
    fs::write(&file, &anywhere).unwrap();
    arena.install(&arena.server, "pre-receive", &format!("--policy '{}'", file.display()));
    arena.git_in(&arena.server, ["symbolic-ref", "HEAD", "refs/heads/master"]);
    refused(&arena, &["origin", "main"], ROUTES);
    refused(&arena, &["origin", "main:other"], ROUTES);
    passes(&arena, &["origin", "main:refs/tags/some"]);
    let tip = arena.git_in(&arena.server, ["rev-parse", "refs/heads/main"]);
    arena.git_in(&arena.server, ["update-ref", "--no-deref", "HEAD", &tip]);
    refused(&arena, &["origin", "main"], ROUTES);
    arena.git_in(&arena.server, ["symbolic-ref", "HEAD", "refs/heads/main"]);
    passes(&arena, &["origin", "main:other"]);
}

/// A branch of the server that stands for another one.
#[test]
fn a_symbolic_ref_of_the_server_is_what_it_points_to() {
    let arena = Arena::deployed();
    arena.git_in(&arena.server, ["symbolic-ref", "refs/heads/master", "refs/heads/main"]);
    arena.git_in(&arena.server, ["symbolic-ref", "refs/heads/trunk", "refs/heads/master"]);
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    refused(&arena, &["origin", "main:master"], ROUTES);
    refused(&arena, &["origin", "main:trunk"], ROUTES);
    arena.clock(OPEN);
    passes(&arena, &["origin", "main:trunk"]);
    assert_eq!(arena.refs()["refs/heads/main"], arena.git(["rev-parse", "HEAD"]));
}

/// A policy that can't be read is no policy, and nothing passes until somebody fixes it.
#[test]
fn a_policy_that_is_no_regular_file() {
    let arena = Arena::deployed();
    arena.git(["mv", "freezegate.toml", "real.toml"]);
    std::os::unix::fs::symlink("real.toml", arena.clone.join("freezegate.toml")).unwrap();
    arena.commit("a link");
    refused(&arena, &["origin", "main"], "`freezegate.toml` is a symbolic link, not a regular file");
    // by hand of an administrator it may become one: then the newest before it is in force, and the fix passes
    arena.git([
        "push",
        "--quiet",
        "--no-verify",
        "--receive-pack=git -c core.hooksPath=/dev/null receive-pack",
        "origin",
        "main",
    ]);
    arena.commit_file("docs/a", "a");
    let push = passes(&arena, &["origin", "main:feature"]);
    assert!(unwrapped(&push.seen).contains("in force is that of"), "{}", push.seen);
    refused(&arena, &["origin", "main"], "symbolic link");
    arena.git(["rm", "--quiet", "freezegate.toml"]);
    arena.git(["mv", "real.toml", "freezegate.toml"]);
    arena.commit("a file again");
    passes(&arena, &["origin", "main"]);
}

/// The empty tree is what a created ref is compared with, also where it was there before.
#[test]
fn a_branch_that_is_deleted_and_made_again() {
    let arena = Arena::deployed();
    passes(&arena, &["origin", "main:release/1", "main:feature"]);
    arena.clock(CLOSED);
    refused(&arena, &["origin", ":release/1"], ROUTES);
    refused(&arena, &["origin", "main:release/2"], ROUTES);
    passes(&arena, &["origin", ":feature"]);
    passes(&arena, &["origin", "main:feature"]);
}

/// git itself says that a hook may be handed several refs, in any order, and nothing else.
#[test]
fn lines_that_git_would_not_write() {
    let arena = Arena::deployed();
    let tip = arena.git(["rev-parse", "HEAD"]);
    let unknown = "1".repeat(40);
    for (lines, code) in [
        (String::new(), 2),
        (format!("{tip} {tip} refs/heads/main\n"), 0),
        (format!("{ZERO} {tip} refs/heads/feature\n"), 0),
        ("\n".to_owned(), 2),
        (format!("{tip} {tip} refs/heads/main"), 2),
        (format!("{tip} {tip} main\n"), 2),
        (format!("{tip} {tip}\n"), 2),
        (format!("{tip} {tip} refs/heads/main\n\n"), 2),
        (format!("{tip} {unknown} refs/heads/main\n"), 2),
        (format!("{unknown} {tip} refs/heads/main\n"), 2),
        (format!("{} {tip} refs/heads/main\n", &tip.replace(|_| true, "z")), 2),
        (format!("{ZERO} {unknown} refs/replace/{tip}\n"), 2),
        (format!("{ZERO} {unknown} refs/Replace/{tip}\n"), 2),
        // not where the ref stands
        (format!("{ZERO} {tip} refs/heads/main\n"), 2),
        (format!("{tip} {tip} refs/heads/feature\n"), 2),
        (format!("{ZERO} {ZERO} refs/heads/main\n"), 2),
        (format!("{ZERO} {ZERO} refs/heads/feature\n"), 2),
        // one ref twice
        (format!("{tip} {tip} refs/heads/main\n{tip} {tip} refs/heads/main\n"), 2),
        (format!("{ZERO} {tip} refs/heads/a\n{ZERO} {tip} refs/heads/b\n{ZERO} {tip} refs/heads/a\n"), 2),
    ] {
        let output = fed(arena.program(&arena.server).args(["hook", "pre-receive"]), lines.as_bytes());
        assert_eq!(output.status.code(), Some(code), "{lines:?}: {}", text(output.stderr));
        assert_eq!(output.stderr.is_empty(), code == 0, "{lines:?}");
        assert!(output.stdout.is_empty());
    }
    let output = fed(arena.program(Path::new("/")).args(["hook", "pre-receive"]), b"x\n");
    assert_eq!(output.status.code(), Some(2));
}
