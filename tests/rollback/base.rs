//! What a job's change is compared with where there is a record: `check --record` with the variables of GitLab.

use freezegate::proof::record::{Chain, RecordedOutcome};

use crate::record::project::Project;
use crate::record::workshop::{Ended, Workshop};
use crate::support::clock::FAKETIME;

pub(crate) const POLICY: &str = r#"version = 1
[regions.eu]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
aliases = ["prod"]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{environment}/**"]
"#;

pub(crate) const SUNDAY: &str = "2025-07-13 12:00:00";
pub(crate) const MONDAY: &str = "2025-07-14 10:00:00";

const STAGING: (&str, &str) = ("CI_ENVIRONMENT_NAME", "staging");

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap()
}

/// A project of which `production` and `staging` are allowed on Sunday, at the commit that is given back.
fn deployed() -> (Project, String) {
    let project = Project::with_policy(POLICY);
    let begin = project.git(&["rev-parse", "HEAD"]);
    let allowed = project.commit("deploy/production/a", "one");
    let ended = project.job(SUNDAY, &begin, &[], &["--record", &project.record()]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    project.commit("deploy/staging/a", "one");
    let ended = project.job(SUNDAY, &allowed, &[STAGING], &["--record", &project.record()]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let allowed = project.git(&["rev-parse", "HEAD"]);
    (project, allowed)
}

/// What is refused shows in all that follows it, whatever the provider says was there before.
#[test]
fn a_refused_commit_never_becomes_a_base_by_being_followed_by_another() {
    let (project, allowed) = deployed();
    let record = project.record();
    let arguments = ["--record", &record, "--format", "json"];
    let refused = project.commit("deploy/production/a", "meant for staging");
    let ended = project.job(MONDAY, &allowed, &[STAGING], &arguments);
    assert_eq!(ended.status, Some(1), "{ended:?}");

    project.commit("deploy/staging/a", "two");
    // without the record only the last commit is seen
    let ended = project.job(MONDAY, &refused, &[STAGING], &["--format", "json"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(ended.json()["change"]["base"], "gitlab: CI_COMMIT_BEFORE_SHA");

    let by_range = format!("{refused}..HEAD");
    for further in [&[][..], &["--range", &by_range]] {
        let ended = project.job(MONDAY, &refused, &[STAGING], &[&arguments[..], further].concat());
        assert_eq!(ended.status, Some(1), "{ended:?}");
        let json = ended.json();
        assert_eq!(json["findings"][0]["code"], "target-mismatch", "{json}");
        assert_eq!(json["change"]["base"], format!("entry 2 of the record ({})", short(&allowed)));
        assert!(json["change"]["range"].as_str().unwrap().starts_with(&allowed), "{json}");
    }

    // taken back, it shows no more
    project.git(&["checkout", "--quiet", &allowed, "--", "deploy/production"]);
    let head = project.commit("deploy/staging/a", "three");
    let ended = project.job(MONDAY, &refused, &[STAGING], &arguments);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let folded = project.folded();
    let states = folded.states("staging", Chain::of_job(Some("refs/heads/main"), None));
    assert_eq!(states.last().unwrap().commit, Some(head.as_str()));
    assert_eq!(project.entries().iter().filter(|entry| entry.decided.decision == RecordedOutcome::Refused).count(), 3);
}

#[test]
fn the_policy_is_that_of_the_base_and_not_of_what_was_refused() {
    let (project, _) = deployed();
    let record = project.record();
    let loosened = POLICY.replace("aliases", "during_core_hours = \"off\"\naliases");
    project.commit("freezegate.toml", &loosened);
    let refused = project.commit("deploy/production/a", "two");
    let before = project.git(&["rev-parse", "HEAD~2"]);
    let ended = project.job(MONDAY, &before, &[], &["--record", &record]);
    assert_eq!(ended.status, Some(1), "{ended:?}");

    project.commit("deploy/production/a", "three");
    let ended = project.job(MONDAY, &refused, &[], &[]);
    assert_eq!(ended.status, Some(0), "by the policy that was refused: {ended:?}");
    // nor by an alias, which the policy that was refused could give to another environment
    for name in ["production", "prod"] {
        let ended = project.job(MONDAY, &refused, &[], &[name, "--record", &record, "--format", "json"]);
        assert_eq!(ended.status, Some(1), "{ended:?}");
        let json = ended.json();
        let base = project.git(&["rev-parse", "HEAD~4"]);
        assert_eq!(json["change"]["base"], format!("entry 1 of the record ({})", short(&base)), "{json}");
        // the policy is that of the newest state, whatever environment it was allowed for
        let newest = project.git(&["rev-parse", "HEAD~3"]);
        assert_eq!(
            json["policy"]["from"],
            format!("refs/remotes/origin/main, as the record last allowed it, at {}", short(&newest))
        );
    }
}

/// A record whose first decision was a refusal has allowed nothing.
#[test]
fn a_record_without_an_allowed_state_does_not_vouch_for_the_policy() {
    let project = Project::with_policy(POLICY);
    let record = project.record();
    let arguments = ["--record", &record, "--format", "json"];
    let begin = project.git(&["rev-parse", "HEAD"]);
    let mut before = begin.clone();
    for round in ["first", "again", "a third time"] {
        let head = project.commit("deploy/production/a", round);
        let ended = project.job(MONDAY, &before, &[], &arguments);
        assert_eq!(ended.status, Some(1), "{round}: {ended:?}");
        let json = ended.json();
        let warnings = json["warnings"].to_string();
        assert!(warnings.contains("the record has no allowed state"), "{round}: {json}");
        assert!(!json["policy"]["from"].to_string().contains("allowed"), "{round}: {json}");
        before = head;
    }
    // once something was allowed, the record vouches for it
    project.commit("deploy/production/a", "on Sunday");
    assert_eq!(project.job("2025-07-20 12:00:00", &before, &[], &arguments).status, Some(0));
    let before = project.git(&["rev-parse", "HEAD"]);
    project.commit("deploy/production/a", "on Monday");
    let json = project.job("2025-07-21 10:00:00", &before, &[], &arguments).json();
    assert!(!json["warnings"].to_string().contains("the record has no allowed state"), "{json}");
    assert!(json["policy"]["from"].to_string().contains("as the record last allowed it"), "{json}");
}

#[test]
fn environments_in_different_states_are_compared_each_with_its_own() {
    let (project, allowed) = deployed();
    let record = project.record();
    let both = ["production", "staging", "--record", &record, "--format", "json"];
    // production is still where the first job brought it, which lacks the file of staging
    project.commit("README.md", "one");
    let ended = project.job(SUNDAY, &allowed, &[], &both);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let json = ended.json();
    let first = project.git(&["rev-parse", "HEAD~2"]);
    let expected = format!(
        "entry 2 of the record ({}) for `staging`; entry 1 of the record ({}) for `production`",
        short(&allowed),
        short(&first)
    );
    assert_eq!(json["change"]["base"], expected);
    let head = project.git(&["rev-parse", "HEAD"]);
    let folded = project.folded();
    for environment in ["production", "staging"] {
        let states = folded.states(environment, Chain::of_job(Some("refs/heads/main"), None));
        assert_eq!(states.last().unwrap().commit, Some(head.as_str()), "{environment}");
    }
}

#[test]
fn a_base_that_a_shallow_clone_lacks_is_fetched_by_the_command_that_is_told() {
    let (project, allowed) = deployed();
    let refused = project.commit("README.md", "two");
    let head = project.commit("README.md", "three");
    let origin = project.workshop.join("work");
    project.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let shallow = project.workshop.join("shallow");
    let address = format!("file://{}", origin.display());
    project.workshop.git(&["clone", "--quiet", "--depth=2", &address, shallow.to_str().unwrap()]);
    let job = || {
        let mut command = project.workshop.program(FAKETIME, &shallow);
        command.args(["-f", SUNDAY, env!("CARGO_BIN_EXE_freezegate"), "check", "--record", &project.record()]);
        command.envs([
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "push"),
            ("CI_COMMIT_SHA", &head),
            ("CI_COMMIT_BEFORE_SHA", &refused),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_ENVIRONMENT_NAME", "staging"),
        ]);
        Ended::of(command.output().unwrap())
    };
    let ended = job();
    assert_eq!(ended.status, Some(2), "{ended:?}");
    let fetch = format!("git fetch --depth=1 origin {allowed}");
    assert!(ended.errors.contains(&format!("`{fetch}`")), "{ended:?}");
    assert_eq!(project.entries().len(), 2);
    project.workshop.git_in(&shallow, &fetch.split(' ').skip(1).collect::<Vec<_>>());
    let ended = job();
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

/// Each is compared with what the one before it was allowed with, and with nothing older.
#[test]
fn whoever_is_allowed_meanwhile_is_the_base() {
    let project = Project::with_policy(POLICY);
    let begin = project.git(&["rev-parse", "HEAD"]);
    project.commit("deploy/production/a", "one");
    let head = project.git(&["rev-parse", "HEAD"]);
    for ended in project.at_once(8, SUNDAY, (&begin, &head), &["--record", &project.record()]) {
        assert_eq!(ended.status, Some(0), "{ended:?}");
    }
    let entries = project.entries();
    assert_eq!(entries.len(), 8);
    // the first brought it, and the others were compared with that
    let bases = entries.iter().map(|entry| entry.decided.changes[0].base_commit.as_deref());
    let expected = [begin.as_str()].into_iter().chain([head.as_str(); 7]).map(Some);
    assert!(bases.eq(expected), "{entries:?}");
    assert_eq!(project.folded().states("production", Chain::of_job(Some("refs/heads/main"), None)).len(), 1);
}

#[test]
fn a_job_without_a_ref_does_not_guess_whose_state_is_meant() {
    let (project, allowed) = deployed();
    let record = project.record();
    let range = format!("{allowed}..HEAD");
    let ask = |further: &[&str]| {
        let workshop: &Workshop = &project.workshop;
        let mut command = workshop.program(FAKETIME, &workshop.join("work"));
        command.args(["-f", SUNDAY, env!("CARGO_BIN_EXE_freezegate"), "check", "production", "--no-ci", "--enforce"]);
        command.args(["--record", &record, "--range", &range]).args(further);
        Ended::of(command.output().unwrap())
    };
    let ended = ask(&[]);
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.errors.contains("`--ref refs/heads/main`"), "{ended:?}");
    let ended = ask(&["--ref", "refs/heads/main"]);
    assert_eq!(ended.status, Some(1), "production is compared with its own state: {ended:?}");
    assert!(ended.printed.contains("you said `production`, this reaches `staging`"), "{ended:?}");
}

/// A range that a job names by itself begins where the provider says, be that refused or not.
#[test]
fn where_nothing_is_declared_each_environment_is_compared_with_its_own_state_too() {
    let (project, allowed) = deployed();
    let record = project.record();
    let undeclared = [("CI_ENVIRONMENT_NAME", "")];
    let ask = |range: &str| project.job(MONDAY, &allowed, &undeclared, &["--range", range, "--record", &record]);
    let refused = project.commit("deploy/production/a", "two");
    assert_eq!(ask(&format!("{allowed}..HEAD")).status, Some(1));
    project.commit("deploy/staging/a", "two");
    let ended = ask(&format!("{refused}..HEAD"));
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.printed.contains("production/eu is closed"), "{ended:?}");
    assert!(ended.printed.contains("entry 1"), "{ended:?}");
    // taken back, it is not seen any more
    project.git(&["checkout", "--quiet", &allowed, "--", "deploy/production"]);
    project.commit("deploy/staging/a", "three");
    let ended = ask(&format!("{refused}~1..HEAD"));
    assert_eq!(ended.status, Some(0), "{ended:?}");
}
