//! Rollbacks in CI: `check --record` with the variables of GitLab.

use freezegate::policy::Kind;

use crate::record::project::Project;
use crate::rollback::scenario::{POLICY, SCENARIOS, files, words, write};

/// A job for each push. What is refused stays on the branch, and is in all that follows.
/// A project whose production was brought from `begin` to `one` and to `two` on a Sunday, as the record knows.
struct Deployed {
    project: Project,
    record: String,
    begin: String,
    one: String,
    two: String,
}

impl Deployed {
    fn twice() -> Self {
        let project = Project::with_policy(POLICY);
        let record = project.record();
        let begin = project.git(&["rev-parse", "HEAD"]);
        let one = project.commit("deploy/production/a", "1");
        assert_eq!(project.job("2025-07-13 12:00:00", &begin, &[], &["--record", &record]).status, Some(0));
        let two = project.commit("deploy/production/a", "2");
        assert_eq!(project.job("2025-07-13 12:10:00", &one, &[], &["--record", &record]).status, Some(0));
        Self { project, record, begin, one, two }
    }
}

#[test]
fn every_scenario_ends_as_it_should() {
    for scenario in SCENARIOS {
        let project = Project::with_policy(POLICY);
        let record = project.record();
        for (index, one) in scenario.pushes.iter().enumerate() {
            let is_last = index + 1 == scenario.pushes.len();
            let missing = if is_last { scenario.of_the_whole_tree.or(one.missing) } else { one.missing };
            let before = project.git(&["rev-parse", "HEAD"]);
            write(&project.workshop.join("work"), &files(one));
            project.git(&["add", "--all"]);
            project.git(&["commit", "--quiet", "--allow-empty", "--message=a change"]);
            let both = if files(one).iter().any(|(path, _)| path.starts_with("deploy/staging"))
                || scenario.name.starts_with("another")
            {
                &["production", "staging"][..]
            } else {
                &["production"]
            };
            let arguments = [both, &["--kind", "rollback", "--record", &record]].concat();
            let ended = project.job(one.at, &before, &[], &arguments);
            let story = format!("{} at {}: {}", scenario.name, one.at, ended.printed);
            assert_eq!(ended.status, Some(i32::from(missing.is_some())), "{story}{}", ended.errors);
            if let Some(missing) = missing {
                let told = words(&ended.printed);
                assert!(told.contains("rollback not verified: "), "{story}");
                assert!(told.contains(missing), "{missing}: {story}");
            }
        }
    }
}

#[test]
fn the_answer_for_machines_and_the_record_say_that_it_is_a_rollback() {
    let Deployed { project, record, one, two, .. } = Deployed::twice();

    let three = project.commit("deploy/production/a", "3");
    let json = ["--record", &record, "--format", "json"];
    let ended = project.job("2025-07-14 10:00:00", &two, &[], &json);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let told = &ended.json()["rollback"];
    assert_eq!((told["shown"].as_bool(), told["to"].as_str()), (Some(false), Some(one.as_str())), "{told}");
    let command = format!("`git revert --no-edit {}..{}`", &one[..7], &three[..7]);
    assert!(told["message"].as_str().unwrap().starts_with(&command), "{told}");

    project.git(&["revert", "--no-edit", &format!("{}..{}", &one[..7], &three[..7])]);
    let ended = project.job("2025-07-14 10:05:00", &three, &[], &json);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let json = ended.json();
    assert_eq!(
        (json["rollback"]["shown"].as_bool(), json["rollback"]["to"].as_str()),
        (Some(true), Some(one.as_str()))
    );
    assert_eq!(json["reached"][0]["kinds"], serde_json::json!(["rollback"]));
    assert_eq!(json["findings"][0]["lifted_by"], "exempt: rollback");
    // until the state before was replaced three days ago, which is at noon
    assert_eq!(json["valid_until"], "2025-07-16T12:10:01Z");
    let kinds: Vec<bool> = project.entries().iter().map(|entry| entry.decided.kinds.contains(Kind::Rollback)).collect();
    assert_eq!(kinds, [false, false, false, true]);
}

/// The deployment behind the gate failed, and the job runs again.
#[test]
fn the_job_of_a_rollback_may_run_again_for_as_long_as_the_rollback_counts() {
    let project = Project::with_policy(POLICY);
    let record = project.record();
    let job = |at: &str, before: &str| project.job(at, before, &[], &["--record", &record]).status;
    let begin = project.git(&["rev-parse", "HEAD"]);
    let one = project.commit("deploy/production/a", "1");
    assert_eq!(job("2025-07-13 12:00:00", &begin), Some(0));
    let two = project.commit("deploy/production/a", "2");
    assert_eq!(job("2025-07-13 12:10:00", &one), Some(0));
    // what is current is no rollback, however often it runs
    assert_eq!(job("2025-07-14 09:50:00", &one), Some(1));
    project.commit("deploy/production/a", "1");
    for at in ["2025-07-14 10:00:00", "2025-07-14 10:05:00", "2025-07-16 12:10:00"] {
        assert_eq!(job(at, &two), Some(0), "{at}");
    }
    assert_eq!(job("2025-07-16 12:10:01", &two), Some(1));
    project.commit("deploy/production/a", "2");
    assert_eq!(job("2025-07-16 12:11:00", &two), Some(1));
}

/// What is declared besides closes as ever.
#[test]
fn a_rollback_that_is_said_to_be_a_migration_too_is_exempt_from_what_exempts_both() {
    let Deployed { project, record, two, .. } = Deployed::twice();
    project.commit("deploy/production/a", "1");
    let ask = |kind: &str| project.job("2025-07-14 10:00:00", &two, &[], &["--record", &record, "--kind", kind]).status;
    assert_eq!(ask("migration"), Some(1));
    assert_eq!(ask("rollback"), Some(0));
}

/// What jobs without a region were allowed for is not what a job of a region goes back to.
#[test]
fn a_job_of_a_region_is_told_to_ask_as_those_before_it_did() {
    let Deployed { project, record, two, .. } = Deployed::twice();
    project.commit("deploy/production/a", "1");
    let ask = |further: &[&str]| {
        let said = [&["--record", record.as_str(), "--kind", "rollback"][..], further].concat();
        project.job("2025-07-14 10:00:00", &two, &[], &said)
    };
    let ended = ask(&["--region", "eu"]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let told = "not verified: no former state is known of jobs that say `region=eu`, only of jobs that name no region";
    assert!(words(&ended.printed).contains(told), "{ended:?}");
    assert_eq!(ask(&[]).status, Some(0));
}

#[test]
fn without_a_record_nothing_is_shown_and_a_shallow_clone_says_what_to_fetch() {
    let Deployed { project, record, begin, one, two } = Deployed::twice();
    let three = project.commit("deploy/production/a", "1");
    let said = ["--kind", "rollback"];
    let ended = project.job("2025-07-14 10:00:00", &two, &[], &said);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(words(&ended.printed).contains("not verified: no earlier state is known"), "{ended:?}");
    let ended = project.job("2025-07-14 10:00:00", &two, &[], &[&said[..], &["--record", "../none.jsonl"]].concat());
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(words(&ended.printed).contains("not verified: "), "{ended:?}");

    let shallow = project.workshop.join("shallow");
    let address = format!("file://{}", project.workshop.join("work").display());
    project.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    project.workshop.git(&["clone", "--quiet", "--depth=2", &address, shallow.to_str().unwrap()]);
    let job = || project.job_in(&shallow, "2025-07-14 10:00:00", (&two, &three), &[], &["--record", &record]);
    assert_eq!(job().status, Some(1));
    for commit in [&one, &begin] {
        let said = ["--record", record.as_str(), "--kind", "rollback"];
        let ended = project.job_in(&shallow, "2025-07-14 10:00:00", (&two, &three), &[], &said);
        assert_eq!(ended.status, Some(1), "{ended:?}");
        assert!(words(&ended.printed).contains(&format!("git fetch --depth=1 origin {commit}")), "{ended:?}");
        project.workshop.git_in(&shallow, &["fetch", "--quiet", "--depth=1", "origin", commit]);
    }
    let ended = job();
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

/// A job deploys the whole commit: what no target names must go back too, wherever the environment is declared.
#[test]
fn a_rollback_that_brings_anything_else_along_is_none() {
    let (sunday, later, monday) = ("2025-07-13 12:00:00", "2025-07-13 12:10:00", "2025-07-14 10:00:00");
    let by_the_job = &[("CI_ENVIRONMENT_NAME", "production")][..];
    let by_nobody = &[("CI_ENVIRONMENT_NAME", "")][..];
    for (variables, arguments, message) in [
        (by_the_job, &[][..], "a change"),
        (by_nobody, &["production"][..], "a change"),
        (by_nobody, &["--range", "HEAD~..HEAD"][..], "a change\n\nEnvironment: production"),
    ] {
        for (rider, passes) in [(None, true), (Some("new code"), false)] {
            let project = Project::with_policy(POLICY);
            let record = project.record();
            let arguments = [arguments, &["--record", &record]].concat();
            let begin = project.git(&["rev-parse", "HEAD"]);
            let one = project.commit("deploy/production/a", "1");
            assert_eq!(project.job(sunday, &begin, &[], &["--record", &record]).status, Some(0));
            let two = project.commit("deploy/production/a", "2");
            assert_eq!(project.job(later, &one, &[], &["--record", &record]).status, Some(0));
            project.commit("deploy/production/a", "1");
            if let Some(code) = rider {
                project.commit("src/app", code);
            }
            project.git(&["commit", "--quiet", "--amend", "--message", message]);
            let ended = project.job(monday, &two, variables, &arguments);
            assert_eq!(ended.status, Some(i32::from(!passes)), "{variables:?} {message}: {ended:?}");
            if !passes {
                assert!(words(&ended.printed).contains("production/eu is closed"), "{ended:?}");
            }
        }
    }
}
