//! Which repository a job is judged in, and which commits it is compared with and trusts.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, POLICY, World};

/// A policy that never closes.
const LAX: &str = "version = 1\n[environments.production]\nduring_core_hours = \"off\"\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n";

/// The Sunday before [`CLOSED`].
const EARLIER: &str = "2025-07-06 12:00:00 UTC";

const CHECK: &[&str] = &["check", "production", "--format", "json"];

fn is_undecided(answer: &Answer, parts: &[&str]) {
    assert_eq!(answer.status, 2, "{answer}");
    let errors = answer.json()["errors"].to_string();
    for part in parts {
        assert!(errors.contains(part), "{part}: {answer}");
    }
}

/// The commands between backticks that begin with `git `.
fn commands(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].to_string();
    errors.split('`').filter(|part| part.starts_with("git ")).map(str::to_owned).collect()
}

fn shell(world: &World, folder: &Path, command: &str) {
    let output = world.clean("sh").args(["-c", command]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn no_folder_of_the_change_is_taken_for_the_repository() {
    let world = World::pushed();
    let job = Job::of_push("github/push", &world);
    let work = world.path("work");
    fs::create_dir_all(work.join("infra/deep")).unwrap();
    for place in ["infra/bare", "infra/deep/er"] {
        world.git(&["clone", "--quiet", "--bare", ".", place]);
        let answer = world.run_in(&work.join(place), CLOSED, &job.variables(), CHECK);
        assert_eq!(answer.status, 1, "{place}: {answer}");
    }
    // neither where a variable names it
    let named = Job::of_push("github/push", &world).with("GIT_DIR", ".");
    is_undecided(&world.run_in(&work.join("infra/bare"), OPEN, &named.variables(), CHECK), &["`GIT_DIR` names"]);
}

#[test]
fn a_submodule_is_not_taken_for_the_repository_of_a_job() {
    let world = World::pushed();
    let url = format!("file://{}", world.path("server.git").display());
    world.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "infra"]);
    world.commit(&[]);
    let job = Job::of_push("github/push", &world);
    for folder in ["work/infra", "work/infra/deploy"] {
        is_undecided(&world.run_in(&world.path(folder), OPEN, &job.variables(), CHECK), &["a submodule of", "cd '"]);
    }
    // one whose repository lies in its own folder
    let old = world.path("work/infra");
    fs::remove_file(old.join(".git")).unwrap();
    world.git_in(&world.path("work"), &["clone", "--quiet", "--bare", &url, "infra/.git"]);
    world.git_in(&old, &["config", "core.bare", "false"]);
    is_undecided(&world.run_in(&old, OPEN, &job.variables(), CHECK), &["a submodule of"]);
    // a person may ask there
    let asked = world.run_in(&old, CLOSED, &[], &["check", "production", "--range", "HEAD..HEAD"]);
    assert_eq!(asked.status, 1, "{asked}");
}

#[test]
fn a_repository_outside_of_the_providers_folder_is_not_judged_in_a_job() {
    let world = World::pushed();
    let other = world.path("other");
    world.git_in(&world.path(""), &["clone", "--quiet", "work", "other"]);
    symlink(&other, world.path("work/infra")).unwrap();
    let workspace = world.path("work");
    let job = Job::of_push("github/push", &world).with("GITHUB_WORKSPACE", workspace.to_str().unwrap());
    assert_eq!(world.run(CLOSED, &job.variables(), CHECK).status, 1);
    let answer = world.run_in(&world.path("work/infra"), OPEN, &job.variables(), CHECK);
    is_undecided(&answer, &["outside of `GITHUB_WORKSPACE`", "`unset GITHUB_WORKSPACE`"]);
    // a folder that is gone holds no checkout
    let gone = world.path("gone");
    let job = Job::of_push("github/push", &world).with("GITHUB_WORKSPACE", gone.to_str().unwrap());
    assert_eq!(world.run(CLOSED, &job.variables(), CHECK).status, 1);
    let behind_a_file = world.path("work/freezegate.toml/checkout");
    for (folder, cause) in [
        (behind_a_file.as_os_str(), "(from `GITHUB_WORKSPACE`) can't be read: "),
        (OsStr::from_bytes(b"/builds/\xff"), "the variable `GITHUB_WORKSPACE` is not UTF-8"),
    ] {
        let mut command = world.clean(env!("CARGO_BIN_EXE_freezegate"));
        command.args(CHECK).envs(job.variables()).env("GITHUB_WORKSPACE", folder);
        is_undecided(&command.output().unwrap().into(), &[cause, "`unset GITHUB_WORKSPACE`"]);
    }
}

/// A push that was refused, and that the forge has all the same: production changed, and the hours are gone.
fn refused() -> (World, String) {
    let world = World::pushed();
    let record = world.path("record.jsonl").to_str().unwrap().to_owned();
    let run = |clock| {
        let job = Job::of_push("github/push", &world);
        world.run(clock, &job.variables(), &[CHECK, &["--record", &record]].concat())
    };
    assert_eq!(run(EARLIER).status, 0);
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("freezegate.toml", LAX), ("deploy/production/us/routes.yaml", "evil")]);
    world.push("main");
    let answer = run(CLOSED);
    assert_eq!(answer.status, 1, "{answer}");
    (world, record)
}

#[test]
fn a_refused_commit_brings_no_policy_by_a_new_ref_nor_by_an_old_one() {
    let (world, record) = refused();
    let (head, base) = (world.id("HEAD"), world.id("base"));
    let short = base.get(..7).unwrap();
    for fixture in
        ["github/push_of_new_tag", "github/push_of_new_branch", "gitlab/tag", "github/push_of_moved_annotated_tag"]
    {
        let job = Job::of(fixture, &world, &[("head", &head), ("base", &base)]);
        let answer = world.run(CLOSED, &job.variables(), &[CHECK, &["--record", &record]].concat());
        assert_eq!(answer.status, 1, "{fixture}: {answer}");
        assert!(!answer.out.contains("\"clock\""), "{answer}");
        let from = format!("refs/remotes/origin/main, as the record last allowed it, at {short}");
        assert_eq!(answer.json()["policy"]["from"].as_str(), Some(from.as_str()), "{fixture}");
    }
}

#[test]
fn a_weaker_policy_is_refused_whatever_environment_a_job_is_for() {
    let (world, record) = refused();
    let refused = world.id("HEAD");
    world.commit(&[("README.md", "three")]);
    world.push("main");
    let head = world.id("HEAD");
    let with = |fixture: &str, environment: &str| {
        let job = Job::of(fixture, &world, &[("head", &head), ("base", &refused)]);
        let arguments =
            ["check", environment, "--declared-only", "--record", &record, "--policy-from", "base", "--format", "json"];
        world.run(CLOSED, &job.variables(), &arguments)
    };
    let answer = with("github/push", "staging");
    assert_eq!(answer.status, 1, "{answer}");
    assert!(answer.json()["policy_edits"][0]["opens"].to_string().contains("production"), "{answer}");
    let job = Job::of("github/push_of_new_tag", &world, &[("head", &head)]);
    let answer = world.run(CLOSED, &job.variables(), &[CHECK, &["--record", &record]].concat());
    assert_eq!(answer.status, 1, "{answer}");
    assert!(answer.out.contains(world.id("base").get(..7).unwrap()), "{answer}");
}

#[test]
fn without_a_record_every_format_says_that_the_policy_may_be_of_a_refused_commit() {
    let world = World::pushed();
    let head = world.id("HEAD");
    for (fixture, at) in [("github/push", "base"), ("github/push_of_new_tag", "HEAD")] {
        let job = Job::of(fixture, &world, &[("head", &head), ("base", &world.id("base"))]);
        let short = world.id(at).get(..7).unwrap().to_owned();
        for format in ["text", "json", "github", "gitlab", "junit", "markdown"] {
            let answer = world.run(OPEN, &job.variables(), &["check", "production", "--format", format]);
            let said = format!("{}{}", answer.out, answer.err).split_whitespace().collect::<Vec<_>>().join(" ");
            let said = said.replace(" | ", " ");
            for part in
                [format!("the policy comes from {short}"), "no record shows that this commit was allowed".to_owned()]
            {
                assert!(said.contains(&part), "{fixture} {format}: {part}: {answer}");
            }
        }
        let named = world.run(OPEN, &job.variables(), &[CHECK, &["--policy-from", "base"]].concat());
        assert_eq!(named.json()["warnings"], serde_json::json!([]), "{named}");
    }
}

/// Whoever opens a pull request chooses the branch that it targets, and a passed check counts for the commit.
#[test]
fn a_pull_request_into_another_branch_is_judged_as_one_into_the_default_branch_too() {
    let world = World::requested();
    world.git(&["push", "--quiet", "origin", "feature:refs/heads/evil"]);
    world.git(&["fetch", "--quiet", "origin"]);
    let (feature, merge) = (world.id("feature"), world.id("HEAD"));
    for (fixture, variable) in [
        ("gitlab/merge_request", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
        ("buildkite/pull_request", "BUILDKITE_PULL_REQUEST_BASE_BRANCH"),
        ("jenkins/change_request", "CHANGE_TARGET"),
        ("azure/pull_request_in_github", "SYSTEM_PULLREQUEST_TARGETBRANCH"),
        ("bitbucket/pull_request", "BITBUCKET_PR_DESTINATION_BRANCH"),
    ] {
        let commits = [("head", feature.as_str()), ("base", &feature), ("merge", &merge)];
        let job = Job::of(fixture, &world, &commits).with(variable, "evil");
        let arguments = ["check", "--format", "json"];
        let answer = world.run(CLOSED, &job.variables(), &arguments);
        assert_eq!(answer.status, 1, "{fixture}: {answer}");
        assert!(answer.out.contains("because another branch is targeted"), "{fixture}: {answer}");
        let answer = world.run(OPEN, &job.variables(), &arguments);
        assert_eq!(answer.status, 0, "{fixture}: {answer}");
        // where the default branch is not known, nothing is decided
        world.git(&["remote", "set-head", "origin", "--delete"]);
        world.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
        if !["gitlab", "buildkite"].iter().any(|name| fixture.starts_with(name)) {
            let answer = world.run(OPEN, &job.variables(), &arguments);
            is_undecided(&answer, &["the default branch is not known"]);
            shell(&world, &world.path("work"), &commands(&answer)[0]);
            assert_eq!(world.run(OPEN, &job.variables(), &arguments).status, 0);
        }
        world.git(&["fetch", "--quiet", "origin"]);
        world.git(&["remote", "set-head", "origin", "main"]);
    }
}

/// GitLab keeps the merge base that it computed when a request is given another target, so it is not believed alone.
#[test]
fn a_target_that_is_not_fetched_is_named_with_the_command_that_fetches_it() {
    let world = World::requested();
    world.git(&["checkout", "--quiet", "feature"]);
    world.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    let feature = world.id("feature");
    let job = Job::of("gitlab/merge_request", &world, &[("head", &feature), ("base", &feature)]);
    let run = |clock| world.run(clock, &job.variables(), &["check", "--format", "json"]);
    let answer = run(OPEN);
    is_undecided(&answer, &["the branch that the pull request targets, `main`, is not in this clone"]);
    shell(&world, &world.path("work"), &commands(&answer)[0]);
    assert_eq!((run(OPEN).status, run(CLOSED).status), (0, 1));
}

#[test]
fn nobody_is_blamed_for_what_others_merged() {
    let world = World::with_base();
    world.push("main");
    world.git(&["remote", "set-head", "origin", "main"]);
    world.git(&["checkout", "--quiet", "-b", "feature"]);
    let feature = world.commit(&[("README.md", "of the feature")]);
    world.git(&["checkout", "--quiet", "main"]);
    world.commit(&[("deploy/production/us/routes.yaml", "of others")]);
    world.push("main");
    world.git(&["checkout", "--quiet", "feature"]);
    let base = world.id("base");
    let commits = [("head", feature.as_str()), ("base", base.as_str())];
    for fixture in
        ["buildkite/pull_request", "jenkins/change_request", "gitlab/merge_request", "github/pull_request_target"]
    {
        let answer = world.run(CLOSED, &Job::of(fixture, &world, &commits).variables(), &["check", "--format", "json"]);
        assert_eq!(answer.status, 0, "{fixture}: {answer}");
        assert_eq!(answer.json()["change"]["range"], format!("{base}..{feature}"), "{fixture}");
        // the policy is that of the newest commit of the branch, not of the merge base
        assert!(answer.out.contains(world.id("origin/main").get(..7).unwrap()), "{fixture}: {answer}");
    }
    world.git(&["checkout", "--quiet", "--detach", "main"]);
    world.git(&["merge", "--quiet", "--no-ff", "--message=merge", "feature"]);
    let merge = world.id("HEAD");
    let commits = [("head", feature.as_str()), ("base", base.as_str()), ("merge", merge.as_str()), ("train", &base)];
    for fixture in
        ["github/pull_request", "gitlab/merged_result", "azure/pull_request_in_azure_repos", "bitbucket/pull_request"]
    {
        let job = Job::of(fixture, &world, &commits);
        let answer = world.run(CLOSED, &job.variables(), &["check", "--format", "json"]);
        assert_eq!(answer.status, 0, "{fixture}: {answer}");
    }
}

#[test]
fn after_a_criss_cross_merge_every_merge_base_is_compared() {
    let world = World::with_base();
    world.git(&["checkout", "--quiet", "-b", "feature"]);
    let one = world.commit(&[("deploy/production/us/routes.yaml", "one side")]);
    world.git(&["checkout", "--quiet", "main"]);
    let two = world.commit(&[("README.md", "other side")]);
    world.git(&["merge", "--quiet", "--no-ff", "--message=m1", &one]);
    world.push("main");
    world.git(&["checkout", "--quiet", "feature"]);
    world.git(&["merge", "--quiet", "--no-ff", "--message=m2", &two]);
    let head = world.id("HEAD");
    let job = Job::of("buildkite/pull_request", &world, &[("head", &head)]);
    let answer = world.run(CLOSED, &job.variables(), &["check", "--format", "json"]);
    assert_eq!(answer.status, 1, "{answer}");
    assert!(answer.out.contains("2 merge bases with refs/remotes/origin/main"), "{answer}");
    assert_eq!(world.run(OPEN, &job.variables(), &["check", "--format", "json"]).status, 0);
}

#[test]
fn a_shallow_clone_without_the_merge_base_says_what_to_fetch() {
    let world = World::with_base();
    world.push("main");
    world.git(&["checkout", "--quiet", "-b", "feature"]);
    for text in ["one", "two", "three"] {
        world.commit(&[("deploy/production/us/routes.yaml", text)]);
    }
    world.git(&["push", "--quiet", "origin", "feature"]);
    let server = format!("file://{}", world.path("server.git").display());
    let arguments = ["clone", "--quiet", "--depth=1", "--no-single-branch", "--branch=feature", &server, "shallow"];
    world.git_in(&world.path(""), &arguments);
    let job = Job::of("buildkite/pull_request", &world, &[("head", &world.id("feature"))]);
    let run = |clock| world.run_in(&world.path("shallow"), clock, &job.variables(), &["check", "--format", "json"]);
    let answer = run(OPEN);
    is_undecided(&answer, &["the merge base of the pull request", "this clone is shallow"]);
    let found = commands(&answer);
    assert_eq!(found, ["git fetch --unshallow origin"]);
    shell(&world, &world.path("shallow"), &found[0]);
    assert_eq!((run(OPEN).status, run(CLOSED).status), (0, 1));
}

#[test]
fn a_clone_without_blobs_names_each_file_of_the_policy_and_how_to_fetch_it() {
    let world = World::empty();
    world.git_in(&world.path("server.git"), &["config", "uploadpack.allowFilter", "true"]);
    world.git_in(&world.path("server.git"), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let including = POLICY.replacen("version = 1\n", "version = 1\ninclude = [\"more.toml\", \"a b's.toml\"]\n", 1);
    let roster = format!("{including}\n[approvers]\nallowed_signers = \"approvers\"\n");
    let freeze = |name: &str| {
        format!(
            "version = 1\n[[freezes]]\nname = \"{name}\"\nfrom = \"Dec 20 23:00\"\nuntil = \"Jan 5 09:00\"\ntimezone = \"UTC\"\n"
        )
    };
    world.commit(&[
        ("policies/freezegate.toml", &roster),
        ("policies/more.toml", &freeze("one")),
        ("policies/a b's.toml", &freeze("two")),
        (
            "policies/approvers",
            "ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPILOmx3aQSgtdMKd1A0CVi6jD4v4a8/lA0ZFqVBA0vf\n",
        ),
    ]);
    world.git(&["branch", "base"]);
    world.commit(&[("deploy/production/us/routes.yaml", "one")]);
    world.push("main");
    let server = format!("file://{}", world.path("server.git").display());
    world.git_in(&world.path(""), &["clone", "--quiet", "--no-checkout", "--filter=blob:none", &server, "partial"]);
    let partial = world.path("partial");
    let job = Job::of_push("github/push", &world);
    let run = || world.run_in(&partial, CLOSED, &job.variables(), CHECK);
    let blobs = || {
        let arguments = ["cat-file", "--batch-check=%(objecttype)", "--batch-all-objects", "--unordered"];
        world.git_in(&partial, &arguments).lines().filter(|kind| *kind == "blob").count()
    };
    let base = world.id("base");
    let fetched = world.run_in(&partial, CLOSED, &job.variables(), &[CHECK, &["--fetch"]].concat());
    assert_eq!((fetched.status, blobs()), (1, 0), "{fetched}");
    // what the policy includes is known once it is there
    for (round, expected) in
        [vec!["freezegate.toml"], vec!["more.toml", "'a b'\\\\''s.toml'", "approvers"]].iter().enumerate()
    {
        let answer = run();
        is_undecided(&answer, &["is not in this clone, which is partial"]);
        let found = commands(&answer);
        assert_eq!(found.len(), expected.len(), "{answer}");
        for command in &found {
            let command = command.replace("\\\\", "\\");
            assert!(command.contains(&base), "{command}");
            shell(&world, &partial, &command);
        }
        assert_eq!(blobs(), [1, 4][round], "more was fetched than is needed");
    }
    let answer = run();
    assert_eq!(answer.status, 1, "{answer}");
}

/// All commits of a branch that is new count, not the last one's word alone; those that the default branch has do not.
#[test]
fn of_a_branch_that_is_new_what_any_commit_says_counts() {
    for fixture in ["github/push_of_new_branch", "gitlab/push_of_new_branch"] {
        for (on_main, on_branch, contradicts) in [("", "", false), ("staging", "", false), ("", "staging", true)] {
            let world = World::with_base();
            let commit = |path: &str, said: &str| {
                world.write(&[(path, "more")]);
                world.git(&["add", "--all"]);
                let said = if said.is_empty() { String::new() } else { format!("\n\nEnvironment: {said}") };
                world.git(&["commit", "--quiet", &format!("--message=a change{said}")]);
            };
            commit("docs/a", on_main);
            world.push("main");
            world.git(&["remote", "set-head", "origin", "main"]);
            world.git(&["checkout", "--quiet", "-b", "hotfix"]);
            commit("deploy/production/us/routes.yaml", on_branch);
            commit("docs/b", "");
            let job = Job::of(fixture, &world, &[("head", &world.id("HEAD"))]);
            let answer = world.run(OPEN, &job.variables(), &["check", "production", "--declared-only"]);
            let seen = format!("{fixture}, {on_main:?}, {on_branch:?}: {answer}");
            assert_eq!(answer.status, i32::from(contradicts), "{seen}");
            assert_eq!(seen.contains("the trailer `Environment: staging` of"), contradicts, "{seen}");
        }
    }
}
