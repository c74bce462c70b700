//! What hides a change from whoever looks at paths: links, submodules, and names that only look alike.

use std::fs;

use crate::hooks::arena::{Arena, CLOSED, OPEN, POLICY, ROUTES, fed, text};
use crate::hooks::pre_push::refused;

#[test]
fn links_into_nowhere_and_links_that_are_watched() {
    let link = |arena: &Arena, path: &str, to: &str| {
        let path = arena.clone.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, path).unwrap();
    };
    let shared = "\n[[targets]]\npaths = [\"base/**\"]\nenvironment = \"*\"\n";
    let policy = format!("{POLICY}{shared}");
    let arena = Arena::with_policy(&policy);
    for file in [ROUTES, "deploy/pre-production/us/routes.yaml", "base/file"] {
        arena.write(file, "x\n");
    }
    arena.commit("deploy");
    arena.passes(&["origin", "main"]);
    // it is Sunday
    for (path, to, passes) in [
        // to the same environment and region
        ("deploy/production/us/link", "routes.yaml", true),
        ("deploy/production/us/link", "../us/routes.yaml", true),
        // to where every environment is reached
        ("deploy/production/us/link", "../../../base/file", true),
        ("deploy/production/us/link", "../../../base", true),
        ("deploy/production/us/link", "../../../base/not yet", true),
        // to where other environments are
        ("deploy/production/us/link", "../../pre-production/us/routes.yaml", false),
        ("deploy/production/us/link", "../eu/routes.yaml", false),
        // to where nobody looks
        ("deploy/production/us/link", "../../../docs/readme", false),
        ("deploy/production/us/link", "../../../docs", false),
        ("deploy/production/us/link", "/etc/passwd", false),
        ("deploy/production/us/link", "../../../../outside", false),
        ("deploy/production/us/link", "../../..", false),
        // in the place of a folder that a target looks into
        ("deploy/production/eu", "us", false),
        ("deploy/other", "../docs", false),
        // anywhere else
        ("docs/link", "readme", true),
        ("link", "/etc/passwd", true),
    ] {
        arena.git(["reset", "--quiet", "--hard", "origin/main"]);
        link(&arena, path, to);
        arena.commit("link");
        let push = arena.push(&["--dry-run", "origin", "main"]);
        assert_eq!(push.passed, passes, "{path} -> {to}:\n{}", push.seen);
        if !passes {
            refused(&push, "becomes a symbolic link");
        }
    }
}

/// A submodule where a target looks into a folder: each move of it may change all that lies there.
#[test]
fn a_submodule_in_the_place_of_a_folder() {
    let arena = Arena::new();
    let at = |commit: &str| {
        arena.git(["update-index", "--add", "--cacheinfo", &format!("160000,{commit},deploy/production")]);
        arena.git(["commit", "--quiet", "-m", "submodule"]);
    };
    at(&"1".repeat(40));
    arena.clock(CLOSED);
    refused(&arena.push(&["origin", "main"]), "deploy/production");
    arena.clock(OPEN);
    arena.passes(&["origin", "main"]);
    at(&"2".repeat(40));
    arena.clock(CLOSED);
    refused(&arena.push(&["origin", "main"]), "production/us is closed");
    arena.clock(OPEN);
    arena.passes(&["origin", "main"]);
    arena.git(["rm", "--quiet", "--cached", "deploy/production"]);
    arena.git(["commit", "--quiet", "-m", "gone"]);
    arena.clock(CLOSED);
    refused(&arena.push(&["origin", "main"]), "production/us is closed");
}

#[test]
fn what_only_looks_like_a_watched_path() {
    let arena = Arena::deployed();
    arena.clock(CLOSED);
    for path in ["Deploy/Production/us/x", "deploy/prоduction/us/x", "deploy/production/US/x"] {
        arena.git(["reset", "--quiet", "--hard", "origin/main"]);
        arena.commit_file(path, "change");
        refused(&arena.push(&["origin", "main"]), "production/us is closed");
    }
}

/// A pipe lies nowhere in the work tree.
#[test]
fn a_policy_that_comes_through_a_pipe() {
    let arena = Arena::deployed();
    arena.clock(CLOSED);
    let mut check = arena.program(&arena.clone);
    let output = fed(check.args(["check", "--range", "HEAD~..HEAD", "--policy", "/dev/stdin"]), POLICY.as_bytes());
    assert_eq!(output.status.code(), Some(1), "{}", text(output.stderr));
    assert!(text(output.stdout).contains("refused: production/us is closed"));
}
