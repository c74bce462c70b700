//! `hook install` and `hook status` for a git that runs hooks from its configuration (2.54 and later).
//!
//! Such a git need not be at hand, so it is tried by reading what is configured and running it as such a git does:
//! `sh -c 'COMMAND "$@"'`, with the hook's arguments and standard input.

use std::fs;

use crate::hooks::arena::{PROGRAM, fed, text};
use crate::hooks::install::{Place, seen_command};

/// From 2.54 on git runs what its configuration names, beside whatever lies in a directory of hooks.
#[test]
fn a_newer_git_is_told_in_its_configuration() {
    for version in ["2.54.0", "2.55.1.windows.1", "3.0.0-rc1"] {
        let place = Place::with_git(version);
        let arena = &place.arena;
        arena.script(&place.shim(), "echo mine\n");
        arena.git(["config", "core.hooksPath", ".git/hooks"]);
        let (code, seen) = place.hook(&["install"]);
        assert_eq!(code, 0, "{seen}");
        assert!(seen.contains("`hook.freezegate-pre-push` in this repository's configuration"), "{seen}");
        let get = |key: &str| arena.git(["config", "--local", "--get-all", &format!("hook.freezegate-pre-push.{key}")]);
        assert_eq!((get("event"), get("enabled")), ("pre-push".to_owned(), "true".to_owned()));
        assert_eq!(get("command"), format!("'{PROGRAM}' hook pre-push --"));
        // what others have is as it was
        assert_eq!(fs::read_to_string(place.shim()).unwrap(), "#!/bin/sh\necho mine\n");
        assert_eq!(arena.git(["config", "core.hooksPath"]), ".git/hooks");
        place.status(0, "(freezegate ");
        // a second time adds nothing
        assert_eq!(place.hook(&["install"]).0, 0);
        assert_eq!(get("event"), "pre-push");

        // as such a git runs it
        arena.commit_file("deploy/a", "change");
        let (old, new) = (arena.git(["rev-parse", "origin/main"]), arena.git(["rev-parse", "main"]));
        let lines = format!("refs/heads/main {new} refs/heads/main {old}\n");
        let mut shell = arena.command("sh", &arena.clone);
        let command = get("command");
        shell.args(["-c", &format!("{command} \"$@\""), &command, "origin", "/server.git"]);
        let output = fed(&mut shell, lines.as_bytes());
        assert_eq!(output.status.code(), Some(1));
        assert!(text(output.stderr).contains("production is frozen: for good"));

        for (key, value) in [("hook.freezegate-pre-push.enabled", "false"), ("hook.pre-push.enabled", "false")] {
            arena.git(["config", key, value]);
            place.status(1, "is switched off");
            arena.git(["config", "--unset", key]);
            place.status(0, "(freezegate ");
        }
        arena.git(["config", "--add", "hook.freezegate-pre-push.event", ""]);
        place.status(1, "may not run the hook");
        assert_eq!(place.hook(&["install"]).0, 0);
        place.status(0, "(freezegate ");

        let away = seen_command(&place.hook(&["install"]).1, "remove");
        let (code, seen) = place.hook(&away.split(' ').skip(2).collect::<Vec<_>>());
        assert_eq!(code, 0, "{seen}");
        assert!(arena.git(["config", "--local", "--list"]).lines().all(|line| !line.contains("freezegate")));
        // what somebody changed stays
        assert_eq!(place.hook(&["install"]).0, 0);
        let changed = format!("{} && echo mine", get("command"));
        arena.git(["config", "hook.freezegate-pre-push.command", &changed]);
        let (code, seen) = place.hook(&["uninstall"]);
        assert!(code == 1 && seen.contains("remains     `hook.freezegate-pre-push`"), "{seen}");
        assert_eq!(get("command"), changed);
        arena.git(["config", "--remove-section", "hook.freezegate-pre-push"]);
        place.status(1, "may not run the hook");
    }
}

#[test]
fn a_server_with_a_newer_git() {
    let place = Place::with_git("2.54.0");
    let server = place.arena.server.clone();
    assert_eq!(place.hook_in(&server, &["install"]).0, 0);
    assert_eq!(place.hook_in(&server, &["status"]).0, 0);
    let command = place.arena.git_in(&server, ["config", "hook.freezegate-pre-receive.command"]);
    assert_eq!(command, format!("'{PROGRAM}' hook pre-receive"));
}

#[test]
fn from_one_git_to_another() {
    // the script goes when the configuration comes: both would run
    let place = Place::new();
    assert_eq!(place.hook(&["install"]).0, 0);
    let newer = Place { programs: place.arena.root().join("newer"), arena: place.arena };
    let real = fs::read_to_string(place.programs.join("git")).unwrap();
    let lines = real.replace("2.47.3", "2.54.0").replacen("#!/bin/sh\n", "", 1);
    newer.arena.script(&newer.programs.join("git"), &lines);
    let (code, seen) = newer.hook(&["install"]);
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("which is deleted") && !newer.shim().exists(), "{seen}");
    newer.status(0, "(freezegate ");
    // an older git does not look into the configuration
    let older = Place { programs: place.programs, arena: newer.arena };
    older.status(1, "where git 2.47.3 does not look for hooks");
    assert_eq!(older.hook(&["install"]).0, 0);
    older.status(0, "(freezegate ");
}
