//! Every provider in every sort of pipeline: what is judged, from which base, by which policy, and how it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, World};

/// The repository that a job finds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clone {
    /// After a push to main.
    Pushed,
    /// For a request to merge, the merge checked out.
    Merged,
    /// For a request to merge, its own last commit checked out.
    Feature,
    /// After a push beside main: a branch or a tag.
    Beside,
}

enum End {
    /// Judged: refused while production is closed, allowed on a Sunday.
    Judged(Seen),
    /// Allowed at any hour.
    Harmless(Seen),
    /// Refused at any hour.
    Refused(Seen),
    /// No decision, for this reason.
    Undecided(&'static str),
}

#[derive(Clone, Copy)]
struct Seen {
    base: &'static str,
    reference: Option<&'static str>,
    declared: &'static [&'static str],
    /// The way in which the place begins that the policy was read from.
    policy: &'static str,
    /// A part of a warning.
    warning: Option<&'static str>,
}

struct Row {
    fixture: &'static str,
    clone: Clone,
    arguments: &'static [&'static str],
    end: End,
}

const MAIN: Option<&str> = Some("refs/heads/main");
const PRODUCTION: &[&str] = &["production"];
/// The commit that the policy is to be read from, for jobs that know no base.
const TRUST: &[&str] = &["production", "--policy-from", "base"];

const fn row(fixture: &'static str, clone: Clone, arguments: &'static [&'static str], end: End) -> Row {
    Row { fixture, clone, arguments, end }
}

const fn seen(
    base: &'static str,
    reference: Option<&'static str>,
    declared: &'static [&'static str],
    policy: &'static str,
) -> Seen {
    Seen { base, reference, declared, policy, warning: None }
}

const fn warns(seen: Seen, warning: &'static str) -> Seen {
    Seen { warning: Some(warning), ..seen }
}

/// A job for a push to main that knows what was there before.
const fn push(base: &'static str) -> Seen {
    seen(base, MAIN, PRODUCTION, "the base at ")
}

/// A job on main that knows nothing of what was there before.
const fn unknown(why: &'static str) -> Seen {
    seen(why, MAIN, PRODUCTION, "`base` at ")
}

const fn request(base: &'static str) -> Seen {
    seen(base, MAIN, &[], "the target branch at ")
}

const NOT_TOLD: &str = "none: the provider names no earlier commit for this sort of pipeline";
const BY_HAND: &str = "none: the pipeline was started by hand";
const TIMETABLE: &str = "none: the pipeline was started by a timetable";
const TRIGGERED: &str = "none: the pipeline was started by another one or by a program";
const NEW: &str = "none: the ref is new, or has its first pipeline";
const FIRST: &str = "none: no build has succeeded yet";
const MERGED: &str = "pull request (the commit that it is merged into)";
const TARGET: &str = "pull request (merge base with refs/remotes/origin/main)";
const DEFAULT: &str = "refs/remotes/origin/main at ";
const NO_BASE: &str = "no policy can be trusted: the state of `refs/heads/main` before this change is not known";
const NO_NAME: &str = "does not name the environment that this job is for";

#[rustfmt::skip]
const ROWS: &[Row] = {
    use self::Clone::{Beside, Feature, Merged, Pushed};
    use End::{Harmless, Judged, Refused, Undecided};
    &[
        // GitHub: a push, with what becomes of it when it is said to be something else
        row("github/push", Pushed, PRODUCTION, Judged(push("github: before"))),
        row("github/push", Pushed, &[], Undecided(NO_NAME)),
        row("github/push", Pushed, &["staging"], Refused(Seen { declared: &["staging"], ..push("github: before") })),
        row("github/push", Pushed, &["production", "staging"], Judged(Seen { declared: &["production", "staging"], ..push("github: before") })),
        row("github/push", Pushed, &["staging", "--declared-only"], Harmless(Seen { declared: &["staging"], ..push("github: before") })),
        row("github/push", Pushed, &["--declared-only"], Undecided("`--declared-only` needs an environment")),
        row("github/push", Pushed, &["production", "--at", "2025-07-13T12:00:00Z"], Undecided("`--at` can't be used while enforcing")),
        row("github/push", Pushed, &["production", "--ref", "refs/heads/elsewhere"], Judged(Seen { reference: Some("refs/heads/elsewhere"), policy: DEFAULT, ..push("github: before") })),
        row("github/push", Pushed, &["--range", "base..HEAD"], Judged(Seen { declared: &[], ..push("--range") })),
        row("github/push", Pushed, &["staging", "--range", "HEAD..HEAD"], Harmless(Seen { declared: &["staging"], ..push("--range") })),
        row("github/push_again", Pushed, PRODUCTION, Judged(warns(push("github: before"), "the job is run again"))),
        row("github/push_forced", Pushed, PRODUCTION, Undecided("the base (github: before) is not available")),
        row("github/push_of_new_branch", Beside, &["production", "--declared-only"], Judged(seen(NEW, Some("refs/heads/hotfix"), PRODUCTION, DEFAULT))),
        row("github/push_of_new_branch", Beside, PRODUCTION, Refused(seen(NEW, Some("refs/heads/hotfix"), PRODUCTION, DEFAULT))),
        row("github/push_of_new_branch_again", Beside, &["production", "--declared-only"], Judged(seen(NEW, Some("refs/heads/hotfix"), PRODUCTION, DEFAULT))),
        row("github/create_of_branch", Beside, &["production", "--declared-only"], Judged(seen(NEW, Some("refs/heads/hotfix"), PRODUCTION, DEFAULT))),
        row("github/push_of_new_tag", Beside, PRODUCTION, Judged(seen(NEW, Some("refs/tags/v1.2.3"), PRODUCTION, DEFAULT))),
        row("github/push_of_new_tag", Beside, &["staging"], Refused(seen(NEW, Some("refs/tags/v1.2.3"), &["staging"], DEFAULT))),
        row("github/push_of_moved_annotated_tag", Beside, PRODUCTION, Judged(seen("github: before", Some("refs/tags/v1"), PRODUCTION, DEFAULT))),
        row("github/push_that_deletes", Beside, PRODUCTION, Undecided("names no earlier commit")),
        row("github/push_in_sha256_repository", Pushed, PRODUCTION, Undecided("is not available")),
        row("github/push_of_other_commit", Pushed, PRODUCTION, Undecided("`after of the event` is `1111")),
        row("github/push_of_other_ref", Pushed, PRODUCTION, Undecided("`ref of the event` is `refs/heads/dev`")),
        row("github/push_with_bad_before", Pushed, PRODUCTION, Undecided("which is not a commit id")),
        row("github/push_with_broken_event", Pushed, PRODUCTION, Undecided("is not a `push` event")),
        row("github/push_with_event_of_another_sort", Pushed, PRODUCTION, Undecided("is not a `push` event")),
        row("github/push_without_event", Pushed, PRODUCTION, Undecided("is needed for the event `push`")),
        row("github/without_sha", Pushed, PRODUCTION, Undecided("`GITHUB_SHA` is not set")),
        row("github/short_ref", Pushed, PRODUCTION, Undecided("which is not a full name of a ref")),
        // requests to merge: nothing needs to be declared, and what they would change is judged
        row("github/pull_request", Merged, &[], Judged(request(MERGED))),
        row("github/pull_request", Merged, &["staging"], Refused(Seen { declared: &["staging"], ..request(MERGED) })),
        row("github/pull_request_again", Merged, &[], Judged(warns(request(MERGED), "the job is run again"))),
        row("github/pull_request_target", Feature, &[], Judged(request(TARGET))),
        row("github/pull_request_without_payload", Merged, &[], Undecided("is not a `pull_request` event")),
        row("github/merge_group", Feature, &[], Judged(request("merge queue (github: merge_group.base_sha)"))),
        row("github/merge_group_of_other_commit", Feature, &[], Undecided("`merge_group.head_sha of the event` is")),
        // no base: a trusted policy must be named, and all that may have changed is judged
        row("github/manual", Pushed, PRODUCTION, Undecided(NO_BASE)),
        row("github/manual", Pushed, TRUST, Judged(unknown(BY_HAND))),
        row("github/manual", Pushed, &["staging", "--policy-from", "base"], Judged(Seen { declared: &["staging"], ..unknown(BY_HAND) })),
        row("github/manual", Pushed, &["staging", "--declared-only", "--policy-from", "base"], Harmless(Seen { declared: &["staging"], ..unknown(BY_HAND) })),
        row("github/manual", Pushed, &["--policy-from", "base"], Undecided(NO_NAME)),
        row("github/manual_of_tag", Beside, TRUST, Judged(Seen { reference: Some("refs/tags/v1.2.3"), ..unknown(BY_HAND) })),
        row("github/schedule", Pushed, TRUST, Judged(unknown(TIMETABLE))),
        row("github/schedule", Pushed, PRODUCTION, Undecided(NO_BASE)),
        row("github/schedule", Pushed, &["production", "--range", "base..HEAD"], Judged(push("--range"))),
        row("github/repository_dispatch", Pushed, TRUST, Judged(unknown(TRIGGERED))),
        row("github/workflow_run", Pushed, TRUST, Judged(unknown(TRIGGERED))),
        row("github/issue_comment", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("github/release", Beside, PRODUCTION, Judged(seen(NOT_TOLD, Some("refs/tags/v1.2.3"), PRODUCTION, DEFAULT))),
        row("github/deployment", Pushed, &["--policy-from", "base"], Judged(unknown(NOT_TOLD))),
        row("github/deployment_of_commit", Pushed, &["--policy-from", "base"], Judged(Seen { reference: None, ..unknown(NOT_TOLD) })),
        row("github/deployment_of_other_commit", Pushed, &["--policy-from", "base"], Undecided("`deployment.sha of the event` is")),
        // GitLab
        row("gitlab/push", Pushed, PRODUCTION, Judged(push("gitlab: CI_COMMIT_BEFORE_SHA"))),
        row("gitlab/push", Pushed, &[], Undecided(NO_NAME)),
        row("gitlab/push_to_environment", Pushed, &[], Judged(push("gitlab: CI_COMMIT_BEFORE_SHA"))),
        row("gitlab/push_to_environment", Pushed, &["staging", "--range", "HEAD..HEAD"], Judged(Seen { declared: &["staging"], ..push("--range") })),
        row("gitlab/manual_job", Pushed, &[], Judged(warns(push("gitlab: CI_COMMIT_BEFORE_SHA"), "the job was started by hand"))),
        row("gitlab/branch_with_open_merge_request", Pushed, PRODUCTION, Judged(push("gitlab: CI_COMMIT_BEFORE_SHA"))),
        row("gitlab/child_of_push", Pushed, PRODUCTION, Judged(push("gitlab: CI_COMMIT_BEFORE_SHA"))),
        row("gitlab/push_of_new_branch", Beside, &["production", "--declared-only"], Judged(seen(NEW, Some("refs/heads/hotfix"), PRODUCTION, DEFAULT))),
        row("gitlab/tag", Beside, PRODUCTION, Judged(seen(NEW, Some("refs/tags/v1.2.3"), PRODUCTION, DEFAULT))),
        row("gitlab/manual", Pushed, PRODUCTION, Undecided(NO_BASE)),
        row("gitlab/manual", Pushed, TRUST, Judged(unknown(BY_HAND))),
        row("gitlab/schedule", Pushed, PRODUCTION, Undecided(NO_BASE)),
        row("gitlab/schedule", Pushed, TRUST, Judged(unknown(TIMETABLE))),
        row("gitlab/api", Pushed, TRUST, Judged(unknown(TRIGGERED))),
        row("gitlab/downstream", Pushed, TRUST, Judged(unknown(TRIGGERED))),
        row("gitlab/source_of_another_sort", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("gitlab/merge_request", Feature, &[], Judged(request(TARGET))),
        row("gitlab/child_of_merge_request", Feature, &[], Judged(request(TARGET))),
        row("gitlab/merged_result", Merged, &[], Judged(request(MERGED))),
        row("gitlab/pull_request_of_mirror", Feature, &[], Judged(request(TARGET))),
        row("gitlab/merge_train", Merged, &[], Judged(request("merge queue (gitlab: CI_MERGE_REQUEST_TARGET_BRANCH_SHA)"))),
        row("gitlab/merge_train_without_target", Merged, &[], Judged(request("merge queue (merge base with refs/remotes/origin/main)"))),
        row("gitlab/with_bad_before", Pushed, PRODUCTION, Undecided("which is not a commit id")),
        row("gitlab/request_in_a_push", Pushed, PRODUCTION, Undecided("but `CI_COMMIT_BRANCH` is `main`")),
        row("gitlab/request_in_a_push_without_branch", Pushed, PRODUCTION, Undecided("which the provider never does")),
        row("gitlab/emptied_environment", Pushed, PRODUCTION, Undecided("which the provider never does")),
        row("gitlab/mark_says_false", Pushed, PRODUCTION, Judged(push("gitlab: CI_COMMIT_BEFORE_SHA"))),
        row("gitlab/mark_says_nothing", Pushed, PRODUCTION, Judged(push("gitlab: CI_COMMIT_BEFORE_SHA"))),
        row("gitlab/with_zero_commit", Pushed, PRODUCTION, Undecided("which is not a commit id")),
        row("gitlab/without_before", Pushed, PRODUCTION, Undecided("`CI_COMMIT_BEFORE_SHA` is not set")),
        // Azure
        row("azure/push", Pushed, PRODUCTION, Undecided(NO_BASE)),
        row("azure/push", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("azure/push", Pushed, &["production", "--range", "base..HEAD"], Judged(push("--range"))),
        row("azure/push_batched", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("azure/job_again", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("azure/stage_again", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("azure/deployment_job", Pushed, &["--policy-from", "base"], Judged(unknown(NOT_TOLD))),
        row("azure/classic_release", Pushed, &["--policy-from", "base"], Undecided("there is no environment `Production`")),
        row("azure/classic_release", Pushed, TRUST, Judged(unknown(BY_HAND))),
        row("azure/manual", Pushed, TRUST, Judged(unknown(BY_HAND))),
        row("azure/schedule", Pushed, TRUST, Judged(unknown(TIMETABLE))),
        row("azure/triggered_by_resource", Pushed, TRUST, Judged(unknown(TRIGGERED))),
        row("azure/reason_of_another_sort", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("azure/tag", Beside, PRODUCTION, Judged(seen(NOT_TOLD, Some("refs/tags/v1.2.3"), PRODUCTION, DEFAULT))),
        row("azure/pull_request_in_azure_repos", Merged, &[], Judged(request(TARGET))),
        row("azure/pull_request_in_github", Merged, &[], Judged(request(TARGET))),
        row("azure/pull_request_without_target", Merged, &[], Undecided("`SYSTEM_PULLREQUEST_TARGETBRANCH` is not set")),
        row("azure/tfvc", Pushed, PRODUCTION, Undecided("which is not a full name of a ref")),
        row("azure/two_environments", Pushed, PRODUCTION, Undecided("`RELEASE_ENVIRONMENTNAME` is `staging`")),
        // Bitbucket
        row("bitbucket/branch", Pushed, PRODUCTION, Undecided(NO_BASE)),
        row("bitbucket/branch", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("bitbucket/branch_to_environment", Pushed, &["--policy-from", "base"], Judged(unknown(NOT_TOLD))),
        row("bitbucket/commit_without_branch", Pushed, TRUST, Judged(Seen { reference: None, ..unknown(NOT_TOLD) })),
        row("bitbucket/step_again", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("bitbucket/tag", Beside, PRODUCTION, Judged(seen(NOT_TOLD, Some("refs/tags/v1.2.3"), PRODUCTION, DEFAULT))),
        row("bitbucket/pull_request", Merged, &[], Judged(request(MERGED))),
        // Buildkite
        row("buildkite/push", Pushed, PRODUCTION, Undecided(NO_BASE)),
        row("buildkite/push", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("buildkite/push_unblocked", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("buildkite/job_again", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("buildkite/default_branch_with_open_pull_request", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("buildkite/api", Pushed, TRUST, Judged(unknown(TRIGGERED))),
        row("buildkite/triggered", Pushed, TRUST, Judged(unknown(TRIGGERED))),
        row("buildkite/manual", Pushed, TRUST, Judged(unknown(BY_HAND))),
        row("buildkite/schedule", Pushed, TRUST, Judged(unknown(TIMETABLE))),
        row("buildkite/deployment", Pushed, &["--policy-from", "base"], Judged(unknown(NOT_TOLD))),
        row("buildkite/tag", Beside, PRODUCTION, Judged(seen(NOT_TOLD, Some("refs/tags/v1.2.3"), PRODUCTION, DEFAULT))),
        row("buildkite/pull_request", Feature, &[], Judged(request(TARGET))),
        row("buildkite/pull_request_of_fork", Feature, &[], Judged(request(TARGET))),
        row("buildkite/merge_queue", Feature, &[], Judged(request("merge queue (buildkite: BUILDKITE_MERGE_QUEUE_BASE_COMMIT)"))),
        row("buildkite/merge_queue_built_anew", Feature, &[], Judged(warns(request("merge queue (buildkite: BUILDKITE_MERGE_QUEUE_BASE_COMMIT)"), "the job is run again"))),
        row("buildkite/symbolic_commit", Pushed, PRODUCTION, Undecided("which is not a commit id")),
        // CircleCI
        row("circleci/branch", Pushed, PRODUCTION, Undecided(NO_BASE)),
        row("circleci/branch", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("circleci/branch_with_open_pull_request", Pushed, TRUST, Judged(unknown(NOT_TOLD))),
        row("circleci/pull_request_of_fork", Feature, &["--policy-from", "base"], Judged(Seen { reference: None, declared: &[], ..unknown(NOT_TOLD) })),
        row("circleci/tag", Beside, PRODUCTION, Judged(seen(NOT_TOLD, Some("refs/tags/v1.2.3"), PRODUCTION, DEFAULT))),
        row("circleci/without_commit", Pushed, PRODUCTION, Undecided("`CIRCLE_SHA1` is not set")),
        // Jenkins
        row("jenkins/branch", Pushed, PRODUCTION, Judged(push("jenkins: GIT_PREVIOUS_SUCCESSFUL_COMMIT"))),
        row("jenkins/branch_of_other_remote", Pushed, PRODUCTION, Judged(Seen { reference: None, ..push("jenkins: GIT_PREVIOUS_SUCCESSFUL_COMMIT") })),
        row("jenkins/branch_of_single_job", Pushed, PRODUCTION, Judged(Seen { reference: Some("refs/heads/release/1"), policy: DEFAULT, ..push("jenkins: GIT_PREVIOUS_SUCCESSFUL_COMMIT") })),
        row("jenkins/started_by_person", Pushed, PRODUCTION, Judged(push("jenkins: GIT_PREVIOUS_SUCCESSFUL_COMMIT"))),
        row("jenkins/without_own_address", Pushed, PRODUCTION, Judged(push("jenkins: GIT_PREVIOUS_SUCCESSFUL_COMMIT"))),
        row("jenkins/first_build", Pushed, PRODUCTION, Undecided(NO_BASE)),
        row("jenkins/first_build", Pushed, TRUST, Judged(unknown(FIRST))),
        row("jenkins/first_build_as_groovy_says_it", Pushed, TRUST, Judged(unknown(FIRST))),
        row("jenkins/scripted", Pushed, TRUST, Judged(unknown(FIRST))),
        row("jenkins/tag", Beside, PRODUCTION, Judged(seen(FIRST, Some("refs/tags/v1.2.3"), PRODUCTION, DEFAULT))),
        row("jenkins/change_request", Feature, &[], Judged(request(TARGET))),
        row("jenkins/with_bad_success", Pushed, PRODUCTION, Undecided("which is not a commit id")),
        // no provider, or too many
        row("none/terminal", Pushed, &["--range", "base..HEAD", "--enforce"], Judged(Seen { reference: None, declared: &[], ..push("--range") })),
        row("none/marks_that_say_no", Pushed, &["--range", "base..HEAD", "--enforce"], Judged(Seen { reference: None, declared: &[], ..push("--range") })),
        row("none/two_providers", Pushed, PRODUCTION, Undecided("this is GitHub Actions and Buildkite at once")),
        row("none/three_providers", Pushed, PRODUCTION, Undecided("this is GitLab CI and CircleCI and Jenkins at once")),
    ]
};

struct Worlds(BTreeMap<Clone, World>);

impl Worlds {
    fn new() -> Self {
        let feature = World::requested();
        feature.git(&["checkout", "--quiet", "feature"]);
        Self(BTreeMap::from([
            (Clone::Pushed, World::pushed()),
            (Clone::Merged, World::requested()),
            (Clone::Feature, feature),
            (Clone::Beside, World::beside()),
        ]))
    }

    fn run(&self, row: &Row, clock: &str) -> Answer {
        self.run_in(row, clock, "work", &[])
    }

    /// The job of a row in a folder of its world, with further options.
    fn run_in(&self, row: &Row, clock: &str, folder: &str, options: &[&str]) -> Answer {
        let world = &self.0[&row.clone];
        let (head, base) = (world.id("HEAD"), world.id("base"));
        let own = if row.clone == Clone::Merged { world.id("feature") } else { head.clone() };
        let mut commits = vec![("head", own.as_str()), ("base", &base), ("merge", &head)];
        // what a train builds upon, and not the commit that a job was given in place of its own
        if row.fixture.starts_with("gitlab/") {
            commits.push(("train", &base));
        }
        let job = Job::of(row.fixture, world, &commits);
        let arguments = [&["check"], row.arguments, options, &["--format", "json"]].concat();
        world.run_in(&world.path(folder), clock, &job.variables(), &arguments)
    }
}

/// Returns what is not as it should be.
fn differences(row: &Row, answer: &Answer, status: i32) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut same = |what: &str, found: String, expected: String| {
        if found != expected {
            wrong.push(format!("{what}: {found}, not {expected}"));
        }
    };
    same("exit status", answer.status.to_string(), status.to_string());
    let json = answer.json();
    match &row.end {
        End::Judged(seen) | End::Harmless(seen) | End::Refused(seen) => {
            same("base", json["change"]["base"].to_string(), format!("{:?}", seen.base));
            let reference = seen.reference.map_or("null".to_owned(), |name| format!("{name:?}"));
            same("ref", json["change"]["ref"].to_string(), reference);
            let declared = format!("{:?}", seen.declared).replace(", ", ",");
            same("declared", json["declared"]["environments"].to_string(), declared);
            same("standing", json["standing"].to_string(), "\"enforcement\"".to_owned());
            let policy = json["policy"]["from"].as_str().unwrap_or_default();
            same("policy", policy.chars().take(seen.policy.len()).collect(), seen.policy.to_owned());
            let warnings = json["warnings"].to_string();
            match seen.warning {
                Some(warning) => same("warning", warnings.contains(warning).to_string(), "true".to_owned()),
                None => same("doubts", warnings.contains("the base may be").to_string(), "false".to_owned()),
            }
            let known = !seen.base.starts_with("none:") || seen.base == NEW;
            same("range", json["change"]["range"].is_string().to_string(), known.to_string());
        }
        End::Undecided(part) => {
            same("decision", json["decision"].to_string(), "\"undecided\"".to_owned());
            let errors = json["errors"].to_string();
            same(&errors, errors.contains(part).to_string(), "true".to_owned());
            same("help", json["errors"][0]["help"].is_string().to_string(), "true".to_owned());
        }
    }
    wrong
}

/// What the checkout of a job may lack.
const LACKING: [(&str, &[&str]); 4] = [
    ("shallow", &["--depth=1"]),
    ("blobless", &["--filter=blob:none"]),
    ("treeless", &["--filter=tree:0"]),
    ("both", &["--depth=1", "--filter=blob:none"]),
];

/// Checks a world's commit out as a job does that asks for no more than that: no other branch, no work tree, little else.
fn check_out(world: &World, name: &str, options: &[&str]) {
    let (path, head) = (world.path(name), world.id("HEAD"));
    let forge = format!("file://{}", world.path("forge.git").display());
    world.git_in(&world.path(""), &["init", "--quiet", "--initial-branch=none", name]);
    world.git_in(&path, &["remote", "add", "origin", &forge]);
    let fetch = [&["fetch", "--quiet", "--no-tags"], options, &["origin", &head]].concat();
    world.git_in(&path, &fetch);
    world.git_in(&path, &["update-ref", "--no-deref", "HEAD", &head]);
    // rows name it, and nothing of it is here
    fs::write(path.join(".git/refs/heads/base"), format!("{}\n", world.id("base"))).unwrap();
}

#[test]
fn with_what_it_lacks_fetched_a_checkout_is_judged_as_a_whole_clone_is() {
    let worlds = Worlds::new();
    for world in worlds.0.values() {
        world.git_in(&world.path(""), &["clone", "--quiet", "--bare", "work", "forge.git"]);
        world.git(&["push", "--quiet", "../forge.git", "HEAD:refs/pull/1/merge"]);
        let forge = world.path("forge.git");
        world.git_in(&forge, &["symbolic-ref", "HEAD", "refs/heads/main"]);
        for key in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
            world.git_in(&forge, &["config", key, "true"]);
        }
        for (name, options) in LACKING {
            check_out(world, name, options);
        }
    }
    let mut wrong = Vec::new();
    for row in ROWS.iter().filter(|row| !matches!(row.end, End::Undecided(_))) {
        let status = match row.end {
            End::Judged(_) | End::Refused(_) => 1,
            End::Harmless(_) | End::Undecided(_) => 0,
        };
        let whole = worlds.run(row, CLOSED).json();
        for (name, _) in LACKING {
            let answer = worlds.run_in(row, CLOSED, name, &["--fetch"]);
            let mut found = differences(row, &answer, status);
            let mut json = answer.json();
            // what a message says can only close: how far back it is read is told, and no more is fetched for it
            if let Some(warnings) = json["warnings"].as_array_mut() {
                warnings.retain(|one| !one.as_str().unwrap().starts_with("trailers of commits before"));
            }
            for part in ["change", "reached", "findings", "warnings"] {
                if json[part] != whole[part] {
                    found.push(format!("{part}: not {}", whole[part]));
                }
            }
            if !found.is_empty() {
                wrong.push(format!("{} {:?} {name}\n  {}\n{answer}", row.fixture, row.arguments, found.join("\n  ")));
            }
            let left = fs::read_dir(worlds.0[&row.clone].path(name).join(".git")).unwrap();
            let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            assert_eq!(left.filter(|name| name.starts_with("freezegate-")).count(), 0);
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_pipeline_is_judged_from_the_right_base_by_a_policy_that_it_could_not_touch() {
    let worlds = Worlds::new();
    let mut wrong = Vec::new();
    for row in ROWS {
        let (closed, open) = match row.end {
            End::Judged(_) => (1, 0),
            End::Harmless(_) => (0, 0),
            End::Refused(_) => (1, 1),
            End::Undecided(_) => (2, 2),
        };
        for (clock, status) in [(CLOSED, closed), (OPEN, open)] {
            let answer = worlds.run(row, clock);
            let found = differences(row, &answer, status);
            if !found.is_empty() {
                let found = found.join("\n  ");
                wrong.push(format!("{} {:?} at {clock}\n  {found}\n{answer}", row.fixture, row.arguments));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_fixture_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ci");
    let mut known = BTreeSet::new();
    for provider in fs::read_dir(&root).unwrap() {
        for file in fs::read_dir(provider.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "env") {
                let name = path.strip_prefix(&root).unwrap().with_extension("");
                known.insert(name.to_str().unwrap().to_owned());
            }
        }
    }
    let tried: BTreeSet<String> = ROWS.iter().map(|row| row.fixture.to_owned()).collect();
    assert_eq!(tried, known);
}
