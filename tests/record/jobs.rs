//! The record of CI jobs: `check` with the variables of GitLab, at a clock that a test sets.

use freezegate::proof::record::{Chain, Extent, Folded, RecordedBase, RecordedOutcome, RecordedStanding};

use crate::record::project::Project;

pub(crate) const POLICY: &str = r#"version = 1
[regions.eu]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[[targets]]
paths = ["deploy/{environment}/**"]
"#;

pub(crate) const SUNDAY: &str = "2025-07-13 12:00:00";
pub(crate) const MONDAY: &str = "2025-07-14 10:00:00";
const EVENING: &str = "2025-07-14 20:00:00";

fn base(folded: &Folded) -> Option<&str> {
    match folded.base("production", Chain::of_job(Some("refs/heads/main"), None), Extent::Tree) {
        RecordedBase::Known { commit, .. } => commit,
        RecordedBase::Untold | RecordedBase::Unknown => None,
    }
}

#[test]
fn a_refused_commit_never_becomes_a_base_by_being_followed_by_another() {
    let project = Project::with_policy(POLICY);
    let record = ["--record", &project.record()];
    let begin = project.git(&["rev-parse", "HEAD"]);
    let allowed = project.commit("deploy/production/a", "one");
    let ended = project.job(SUNDAY, &begin, &[], &record);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(base(&project.folded()), Some(allowed.as_str()));

    let refused = project.commit("deploy/production/a", "two");
    let ended = project.job(MONDAY, &allowed, &[], &record);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert_eq!(base(&project.folded()), Some(allowed.as_str()));

    // the provider tells as the base what was refused, and what came since is in time
    let follower = project.commit("README.md", "three");
    let ended = project.job(EVENING, &refused, &[], &record);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(base(&project.folded()), Some(follower.as_str()));
    let entries = project.entries();
    let last = &entries[2].decided;
    assert_eq!((last.decision, last.standing), (RecordedOutcome::Allowed, RecordedStanding::Enforcement));
    assert_eq!(last.changes[0].environments, ["production"]);
    assert_eq!(last.changes[0].base_commit.as_ref(), Some(&allowed));
}

#[test]
fn a_merge_request_goes_nowhere() {
    let project = Project::with_policy(POLICY);
    let record = ["--record", &project.record()];
    let begin = project.git(&["rev-parse", "HEAD"]);
    project.git(&["update-ref", "refs/remotes/origin/main", &begin]);
    project.commit("deploy/production/a", "one");
    let request = [
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_COMMIT_BEFORE_SHA", "0000000000000000000000000000000000000000"),
        ("CI_COMMIT_BRANCH", ""),
        ("CI_MERGE_REQUEST_EVENT_TYPE", "detached"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_MERGE_REQUEST_REF_PATH", "refs/merge-requests/7/head"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "feature"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", begin.as_str()),
    ];
    let ended = project.job(SUNDAY, &begin, &request, &record);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let entries = project.entries();
    let decided = &entries[0].decided;
    assert_eq!(decided.decision, RecordedOutcome::Allowed);
    assert!(decided.changes[0].proposed, "{decided:?}");
    assert_eq!(base(&project.folded()), None);
}

#[test]
fn an_entry_says_who_started_the_job_and_how_the_base_was_chosen() {
    let project = Project::with_policy(POLICY);
    let begin = project.git(&["rev-parse", "HEAD"]);
    project.commit("deploy/production/a", "one");
    let ended = project.job(SUNDAY, &begin, &[], &["--record", &project.record()]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let entries = project.entries();
    let decided = &entries[0].decided;
    assert_eq!(decided.actor.as_deref(), Some("ada"));
    assert_eq!(decided.changes[0].base, "gitlab: CI_COMMIT_BEFORE_SHA");
    let digest = project
        .workshop
        .program("sh", &project.workshop.join("work"))
        .args(["-c", "git show HEAD~1:freezegate.toml | sha256sum | cut -c 1-64 | sha256sum | cut -c 1-64"])
        .output()
        .unwrap();
    assert_eq!(decided.policy.to_string(), String::from_utf8(digest.stdout).unwrap().trim());
}

#[test]
fn where_nothing_tells_what_was_before_everything_counts_as_changed() {
    let project = Project::with_policy(POLICY);
    let record = ["--policy-from", "HEAD", "--record", &project.record()];
    let by_hand = [("CI_PIPELINE_SOURCE", "web"), ("CI_COMMIT_BEFORE_SHA", "0000000000000000000000000000000000000000")];
    let ended = project.job(SUNDAY, "", &by_hand, &record);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let entries = project.entries();
    assert!(entries[0].decided.changes[0].everything, "{entries:?}");
    assert_eq!(base(&project.folded()), Some(project.git(&["rev-parse", "HEAD"]).as_str()));
}

#[test]
fn a_job_keeps_no_record_where_a_change_could_bring_one() {
    let project = Project::with_policy(POLICY);
    let begin = project.git(&["rev-parse", "HEAD"]);
    project.commit("deploy/production/a", "one");
    let inside = project.workshop.join("work/record.jsonl").display().to_string();
    for location in ["record.jsonl", "deploy/record.jsonl", &inside] {
        let ended = project.job(SUNDAY, &begin, &[], &["--record", location]);
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.errors.contains("is in the work tree"), "{ended:?}");
    }
    // advice may
    let ended = project.job(SUNDAY, &begin, &[], &["--record", "record.jsonl", "--no-ci", "production"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
}
