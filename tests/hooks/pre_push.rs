//! `hook pre-push` where it stands: in a clone, run by `git push`.

use std::fs;
use std::path::Path;

use crate::hooks::arena::{Arena, CLOSED, OPEN, POLICY, PROGRAM, Push, ROUTES, contents, succeeded, words};
use crate::support::policy_edits;

/// The clone's own hook has refused, and nothing went to the server.
#[track_caller]
pub(crate) fn refused(push: &Push, shows: &str) {
    assert!(!push.passed && !push.seen.contains("remote:"), "allowed:\n{}", push.seen);
    assert!(words(&push.seen).contains(&words(shows)), "`{shows}` is not shown:\n{}", push.seen);
}

/// Nothing was said.
#[track_caller]
fn silent(push: &Push) {
    assert!(push.passed, "refused:\n{}", push.seen);
    assert!(!push.seen.contains("allowed") && !push.seen.contains("policy"), "not silent:\n{}", push.seen);
}

/// Talkdesk's change as it really came: it says pre-production, and touches production.
#[test]
fn the_change_that_said_pre_production() {
    let arena = Arena::deployed();
    for said in ["staging", "pre-production"] {
        arena.commit_file(ROUTES, &format!("Point pre-production at the new cluster\n\nEnvironment: {said}"));
        let new = arena.git(["rev-parse", "--short=7", "HEAD"]);
        let old = arena.git(["rev-parse", "--short=7", "origin/main"]);
        arena.clock(CLOSED);
        let push = arena.push(&["origin", "main"]);
        let quoted = match said {
            "staging" => "`staging` (`pre-production`), this reaches\n  `production`",
            name => &format!("`{name}`, this reaches `production`"),
        };
        let expected = format!(
            "refused: the trailer says {quoted}
  reached by  deploy/production/us/routes.yaml   freezegate.toml:23
  fix         amend the trailer: `Environment: production`
  meant both? amend the trailer: `Environment: pre-production, production`
refused: production/us is closed (core hours, hard)   freezegate.toml:8
  reached by  deploy/production/us/routes.yaml   freezegate.toml:23
  clock       Wed 14:45 Los Angeles (21:45 UTC), closed Mon-Fri 08:00-18:00
  opens       Wed 18:00 Los Angeles = Thu 01:00 UTC, in 3 h 15 min, once you fix
              what is refused at any hour (`freezegate explain target-mismatch`)
  override    none: this policy lets nobody override hard findings
  ask         #freeze-help
  undo        `git revert --no-edit {new}` drops only this change; allowed now
  judged      {old}..{new} on refs/heads/main: 1 path (base: the remote tip)
  said by     the trailer `Environment: {said}` of {new}
judged by name only: `pre-production`; no changed file maps to it
  policy      freezegate.toml (origin/main at {old}), advice; tzdb"
        );
        assert!(push.seen.starts_with(&expected), "{}", push.seen);
        assert!(push.seen.contains("advice only: `git push --no-verify` leaves the decision to the server"));

        // on a Sunday it is still not what it says
        arena.clock(OPEN);
        refused(&arena.push(&["origin", "main"]), "this reaches `production`");

        // what the refusal proposes, passes
        arena.clock(CLOSED);
        arena.git(["revert", "--no-edit", &new]);
        silent(&arena.push(&["origin", "main"]));
    }
}

#[test]
fn the_revert_of_several_commits_is_told_and_passes() {
    let arena = Arena::deployed();
    for number in 1..=3 {
        arena.commit_file(ROUTES, &number.to_string());
    }
    arena.clock(CLOSED);
    let push = arena.push(&["origin", "main"]);
    refused(&push, "  undo        `git revert --no-edit ");
    let row = push.seen.lines().find(|line| line.starts_with("  undo")).unwrap();
    let command: Vec<&str> = row.split('`').nth(1).unwrap().split(' ').collect();
    let ["git", "revert", "--no-edit", range] = command.as_slice() else { panic!("{row}") };
    arena.git(["revert", "--no-edit", range]);
    silent(&arena.push(&["origin", "main"]));
}

#[test]
fn no_revert_is_told_that_would_not_pass_or_is_not_known() {
    // a tag of production, and a branch that is production whatever it holds
    let whole = "\n[[targets]]\nrefs = [\"refs/heads/live\"]\nenvironment = \"production\"\n";
    let arena = Arena::with_policy(&format!("{POLICY}{whole}"));
    arena.commit_file("docs/a", "a");
    arena.passes(&["origin", "main", "main:live"]);
    arena.commit_file("docs/b", "b");
    arena.clock(CLOSED);
    let push = arena.push(&["origin", "main:live"]);
    refused(&push, "refs/heads/live");
    assert!(!push.seen.contains("undo"), "the revert would be refused too:\n{}", push.seen);

    let arena = Arena::deployed();
    arena.git(["checkout", "--quiet", "-b", "side"]);
    arena.commit_file(ROUTES, "side");
    arena.git(["checkout", "--quiet", "main"]);
    arena.git(["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    arena.clock(CLOSED);
    let push = arena.push(&["origin", "main"]);
    refused(&push, ROUTES);
    assert!(push.seen.contains("git revert -m 1 --no-edit"), "a merge is reverted to its first parent:\n{}", push.seen);

    // something else is checked out
    arena.git(["checkout", "--quiet", "origin/main"]);
    let push = arena.push(&["origin", "side:main"]);
    refused(&push, ROUTES);
    assert!(!push.seen.contains("undo"), "{}", push.seen);

    // an older state
    let push = arena.push(&["--force", "origin", "main~2:main"]);
    refused(&push, ROUTES);
    assert!(!push.seen.contains("undo"), "{}", push.seen);
}

#[test]
fn every_ref_of_a_push_is_judged() {
    let arena = Arena::deployed();
    arena.git(["branch", "harmless"]);
    arena.git(["branch", "zebra"]);
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    for refs in [["harmless", "main"], ["main", "zebra"]] {
        let push = arena.push(&["origin", refs[0], refs[1]]);
        refused(&push, ROUTES);
        refused(&push, "judged      on 2 refs: 1 path");
    }
    refused(&arena.push(&["--all", "origin"]), ROUTES);
    refused(&arena.push(&["--mirror", "origin"]), ROUTES);
    silent(&arena.push(&["origin", "harmless", "zebra"]));
}

#[test]
fn the_remote_ref_decides() {
    let arena = Arena::deployed();
    arena.git(["checkout", "--quiet", "-b", "feature"]);
    arena.commit_file(ROUTES, "change");
    arena.commit_file("docs/a", "a");
    arena.clock(CLOSED);
    for spec in ["feature:main", "HEAD:refs/heads/main", "HEAD~1:refs/heads/main", "+HEAD^:refs/heads/main"] {
        refused(&arena.push(&["origin", spec]), ROUTES);
    }
    let id = arena.git(["rev-parse", "HEAD"]);
    refused(&arena.push(&["origin", &format!("{id}:refs/heads/main")]), ROUTES);
    arena.git(["checkout", "--quiet", "--detach"]);
    refused(&arena.push(&["origin", "HEAD:refs/heads/main"]), ROUTES);
    // by another name it reaches nothing, though `main` is what it is called here
    arena.git(["branch", "--force", "main", "HEAD"]);
    silent(&arena.push(&["origin", "main:refs/heads/feature"]));
}

#[test]
fn a_deleted_ref_is_a_change() {
    let arena = Arena::deployed();
    arena.passes(&["origin", "main:release/1", "main:feature", "main:refs/tags/v1"]);
    arena.clock(CLOSED);
    refused(&arena.push(&["origin", ":release/1"]), ROUTES);
    refused(&arena.push(&["origin", "--delete", "v1"]), "refs/tags/v1");
    silent(&arena.push(&["origin", ":feature"]));
}

#[test]
fn tags() {
    let arena = Arena::deployed();
    arena.git(["tag", "v1"]);
    arena.git(["tag", "-a", "-m", "annotated", "v2"]);
    arena.git(["tag", "-a", "-m", "annotated", "other"]);
    arena.clock(CLOSED);
    refused(&arena.push(&["origin", "v1"]), "refs/tags/v1");
    refused(&arena.push(&["origin", "v2"]), "refs/tags/v2");
    refused(&arena.push(&["origin", "other:refs/tags/v3"]), "refs/tags/v3");
    silent(&arena.push(&["origin", "other"]));
    // an annotated tag where a branch should be: the commit in it counts
    arena.commit_file(ROUTES, "change");
    arena.git(["tag", "-a", "-m", "annotated", "moved"]);
    refused(&arena.push(&["origin", "moved^{commit}:refs/heads/main"]), ROUTES);
    arena.clock(OPEN);
    arena.passes(&["origin", "v1", "v2"]);
}

#[test]
fn nothing_to_push_is_silent_success() {
    let arena = Arena::deployed();
    arena.clock(CLOSED);
    let push = arena.push(&["origin", "main"]);
    assert!(push.passed, "{}", push.seen);
    assert_eq!(push.seen, "Everything up-to-date\n");
    // even where there is no repository and no policy
    let output = arena.program(&arena.root()).args(["hook", "pre-push", "origin", "url"]).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_terminal_is_an_error_at_once() {
    let arena = Arena::new();
    for hook in ["pre-push", "pre-receive"] {
        let mut script = arena.command("script", &arena.clone);
        let line = format!("'{PROGRAM}' hook {hook}");
        let output = script.args(["--quiet", "--return", "--command", &line, "/dev/null"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let seen = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(seen.contains(&format!("`hook {hook}` is run by git")) && seen.contains("freezegate check"), "{seen}");
    }
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let arena = Arena::deployed();
    arena.commit_file(ROUTES, "change");
    for clock in [CLOSED, OPEN] {
        arena.clock(clock);
        let before = contents(&arena.root());
        let push = arena.push(&["--dry-run", "origin", "main"]);
        assert_eq!(push.passed, clock == OPEN, "{}", push.seen);
        assert_eq!(contents(&arena.root()), before);
    }
}

#[test]
fn what_is_overwritten_must_be_known_here() {
    let arena = Arena::deployed();
    let other = arena.root().join("other");
    arena.git_in(&arena.root(), ["clone", "--quiet", arena.server.to_str().unwrap(), other.to_str().unwrap()]);
    fs::write(other.join(ROUTES), "by somebody else\n").unwrap();
    arena.git_in(&other, ["commit", "--quiet", "--all", "-m", "elsewhere"]);
    arena.git_in(&other, ["push", "--quiet", "origin", "main"]);
    // what takes back the work of somebody else, and nothing more, would be a rollback
    arena.commit_file(ROUTES, "mine");
    let push = arena.push(&["--force", "origin", "main"]);
    refused(&push, "which this clone does not have");
    refused(&push, "`git fetch origin`");
    arena.git(["fetch", "--quiet", "origin"]);
    arena.clock(CLOSED);
    refused(&arena.push(&["--force", "origin", "main"]), ROUTES);
    // on a branch that nobody judges nothing needs to be known
    arena.git_in(&other, ["push", "--quiet", "origin", "main:feature"]);
    fs::write(other.join(ROUTES), "once more\n").unwrap();
    arena.git_in(&other, ["commit", "--quiet", "--all", "-m", "elsewhere"]);
    arena.git_in(&other, ["push", "--quiet", "origin", "main:feature"]);
    silent(&arena.push(&["--force", "origin", "main:feature"]));
}

#[test]
fn the_policy_is_that_of_the_remote() {
    let arena = Arena::deployed();
    let loosened =
        POLICY.replace("[environments.production]", "[environments.production]\nduring_core_hours = \"off\"");
    arena.write("freezegate.toml", &loosened);
    arena.clock(CLOSED);
    let tip = arena.git(["rev-parse", "--short=7", "origin/main"]);
    for commit in [false, true] {
        if commit {
            arena.commit("loosen");
        }
        arena.write(ROUTES, format!("{commit}\n"));
        arena.git(["add", ROUTES]);
        arena.git(["commit", "--quiet", "-m", "change"]);
        let push = arena.push(&["origin", "main"]);
        refused(&push, ROUTES);
        refused(&push, &format!("(origin/main at {tip}), advice"));
        assert_eq!(push.seen.contains("policy edit: opens 2 things"), commit, "{}", push.seen);
    }
}

#[test]
fn an_edit_of_the_policy_that_opens_nothing_is_one_line_and_a_remark_none() {
    let arena = Arena::deployed();
    arena.write("freezegate.toml", format!("{POLICY}\n# a remark\n"));
    arena.commit("remark");
    silent(&arena.push(&["--dry-run", "origin", "main"]));
    arena.write("freezegate.toml", policy_edits::frozen(POLICY));
    arena.commit("freeze");
    let base = arena.git(["rev-parse", "--short=7", "origin/main"]);
    let push = arena.push(&["--dry-run", "origin", "main"]);
    assert!(push.passed, "{}", push.seen);
    let lines: Vec<&str> =
        push.seen.lines().filter(|line| line.contains("policy") || line.contains("allowed")).collect();
    let expected = format!("policy edit: closes 2 things: see `freezegate lint --against {base}`");
    assert_eq!(lines, [expected], "{}", push.seen);
    arena.git(["config", "freezegate.verbose", "true"]);
    let push = arena.push(&["--dry-run", "origin", "main"]);
    assert!(push.passed && push.seen.contains("edit closes") && push.seen.contains("allowed: "), "{}", push.seen);
    arena.git(["config", "freezegate.verbose", "false"]);
    arena.write("freezegate.toml", format!("{POLICY}\n# a remark\n"));
    arena.commit("no freeze");
    silent(&arena.push(&["origin", "main"]));
    // on another branch it is a draft
    arena.write("freezegate.toml", format!("{POLICY}\n# another\n"));
    arena.commit("remark");
    silent(&arena.push(&["origin", "main:feature"]));
}

#[test]
fn the_very_first_push_is_judged_by_the_policy_at_hand() {
    let arena = Arena::without_policy();
    arena.write("freezegate.toml", POLICY);
    arena.commit_file(ROUTES, "begin");
    arena.clock(CLOSED);
    let push = arena.push(&["origin", "main"]);
    refused(&push, ROUTES);
    refused(&push, "(work tree), advice");
    arena.clock(OPEN);
    arena.passes(&["origin", "main"]);
    arena.clock(CLOSED);
    arena.commit_file(ROUTES, "change");
    refused(&arena.push(&["origin", "main"]), "(origin/main at");
}

#[test]
fn a_push_to_an_address_is_judged() {
    let arena = Arena::deployed();
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    let path = arena.server.to_str().unwrap();
    for address in [path, &format!("file://{path}"), "../server.git"] {
        let push = arena.push(&[address, "main"]);
        refused(&push, ROUTES);
        refused(&push, "(work tree)");
    }
}

#[test]
fn a_remote_of_any_name() {
    let arena = Arena::deployed();
    arena.git(["remote", "rename", "origin", "team/upstream"]);
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    refused(&arena.push(&["team/upstream", "main"]), "(team/upstream/main at");
    // which branch is the default one is not known, so it is asked for
    arena.git(["remote", "set-head", "team/upstream", "--delete"]);
    arena.git(["update-ref", "refs/remotes/team/upstream/master", "main"]);
    refused(&arena.push(&["team/upstream", "main"]), "git remote set-head team/upstream --auto");
}

/// A target without `refs` means the default branch, whichever that is.
#[test]
fn a_target_without_refs_is_the_default_branch() {
    let arena = Arena::with_policy(&POLICY.replace("refs  = [\"refs/heads/main\", \"refs/heads/release/*\"]\n", ""));
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    refused(&arena.push(&["origin", "main"]), ROUTES);
    silent(&arena.push(&["origin", "main:feature"]));
    // nothing is known of it: then it may be any branch, but no tag
    let nowhere = arena.root().join("nowhere.git");
    arena.git_in(&arena.root(), ["init", "--quiet", "--bare", nowhere.to_str().unwrap()]);
    refused(&arena.push(&[nowhere.to_str().unwrap(), "main:feature"]), ROUTES);
    silent(&arena.push(&[nowhere.to_str().unwrap(), "main:refs/tags/some"]));
}

/// A work tree, a linked one, and a push from deep inside.
#[test]
fn wherever_the_push_is_made() {
    let arena = Arena::deployed();
    arena.commit_file(ROUTES, "change");
    arena.clock(CLOSED);
    refused(&arena.push_from(&arena.clone.join("deploy/production"), &["origin", "main"], &[]), ROUTES);
    let linked = arena.root().join("linked");
    arena.git(["worktree", "add", "--quiet", "--detach", linked.to_str().unwrap(), "main"]);
    refused(&arena.push_from(&linked, &["origin", "HEAD:main"], &[]), ROUTES);
    let elsewhere = [("GIT_DIR", arena.clone.join(".git")), ("GIT_WORK_TREE", arena.clone.clone())];
    let elsewhere: Vec<(&str, &str)> = elsewhere.iter().map(|(name, path)| (*name, path.to_str().unwrap())).collect();
    refused(&arena.push_from(Path::new("/"), &["origin", "main"], &elsewhere), ROUTES);
    let mut bare = arena.command("git", &arena.root());
    succeeded(bare.args(["clone", "--quiet", "--bare", arena.clone.to_str().unwrap(), "bare.git"]));
    let bare = arena.root().join("bare.git");
    arena.install(&bare, "pre-push", "");
    arena.git_in(&bare, ["remote", "set-url", "origin", arena.server.to_str().unwrap()]);
    refused(&arena.push_from(&bare, &["origin", "main"], &[]), "is a bare repository");
    arena.git_in(&bare, ["fetch", "--quiet", "origin", "main:refs/remotes/origin/main"]);
    refused(&arena.push_from(&bare, &["origin", "main"], &[]), ROUTES);
}
