//! Tags of what was allowed already.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::record::project::Project;
use crate::record::workshop::{Ended, Workshop};
use crate::rollback::base::{MONDAY, SUNDAY};
use crate::support::clock::FAKETIME;

const POLICY: &str = r#"version = 1
[regions.eu]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
exempt = []
[environments.staging]
[[targets]]
paths = ["deploy/{environment}/**"]
[[targets]]
refs        = ["refs/tags/v*"]
environment = "production"
[[targets]]
refs        = ["refs/tags/s*"]
environment = "staging"
"#;

const ZERO: &str = "0000000000000000000000000000000000000000";

#[test]
fn in_ci_a_tag_of_the_current_state_is_no_new_change_and_of_a_former_one_it_is() {
    let project = Project::with_policy(POLICY);
    let record = project.record();
    let begin = project.git(&["rev-parse", "HEAD"]);
    project.git(&["branch", "--quiet", "origin-main"]);
    project.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let former = project.commit("deploy/production/a", "one");
    let ended = project.job(SUNDAY, &begin, &[], &["--record", &record]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    project.commit("deploy/production/a", "two");
    let ended = project.job(SUNDAY, &former, &[], &["--record", &record]);
    assert_eq!(ended.status, Some(0), "{ended:?}");

    let tag = |name: &str, environment: &str| {
        let variables = [("CI_COMMIT_BRANCH", ""), ("CI_COMMIT_TAG", name), ("CI_ENVIRONMENT_NAME", environment)];
        project.job(MONDAY, ZERO, &variables, &["--record", &record, "--format", "json"])
    };
    // the branch, as fetched, does not hold the commit
    assert_eq!(tag("v1", "production").status, Some(1));
    project.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let ended = tag("v1", "production");
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let json = ended.json();
    let said = "record: this commit is the last state of `production`, nothing new";
    assert!(json["change"]["base"].as_str().unwrap().ends_with(said), "{json}");
    // staging was never brought to it
    assert_eq!(tag("s1", "staging").status, Some(1));
    // and what it says it is for is still held against what it reaches
    assert_eq!(tag("v1", "staging").status, Some(1));

    project.git(&["checkout", "--quiet", &former]);
    let ended = tag("v2", "production");
    assert_eq!(ended.status, Some(1), "{ended:?}");
}

#[test]
fn on_a_server_a_tag_of_the_current_state_is_no_new_change_and_of_a_former_one_it_is() {
    let workshop = Workshop::with_repository();
    workshop.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
    workshop.git(&["clone", "--quiet", "server.git", "clone"]);
    fs::write(workshop.join("policy.toml"), POLICY).unwrap();
    let hook = workshop.join("server.git/hooks/pre-receive");
    let folder = workshop.path().display().to_string();
    let script = format!(
        "#!/bin/sh\nexec '{FAKETIME}' -f \"$(cat '{folder}/clock')\" '{}' hook pre-receive --policy '{folder}/policy.toml' --record '{folder}/record.jsonl'\n",
        env!("CARGO_BIN_EXE_freezegate")
    );
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let clone = workshop.join("clone");
    let clock = |instant: &str| fs::write(workshop.join("clock"), instant).unwrap();
    let commit = |path: &str, text: &str| {
        fs::create_dir_all(clone.join(path).parent().unwrap()).unwrap();
        fs::write(clone.join(path), text).unwrap();
        workshop.git_in(&clone, &["add", "."]);
        workshop.git_in(&clone, &["commit", "--quiet", "--message", text]);
    };
    let push = |arguments: &[&str]| {
        Ended::of(workshop.program("git", &clone).args(["push", "--quiet", "origin"]).args(arguments).output().unwrap())
    };
    clock(SUNDAY);
    for text in ["one", "two"] {
        commit("deploy/production/a", text);
        let ended = push(&["main"]);
        assert_eq!(ended.status, Some(0), "{ended:?}");
    }
    clock(MONDAY);
    // only the paths below `deploy` of what main brings were judged, and a tag is of the whole tree
    assert_eq!(push(&["main:refs/tags/v0"]).status, Some(1));
    let whole = format!("{POLICY}[[targets]]\nrefs = [\"refs/heads/main\"]\nenvironment = \"production\"\n");
    fs::write(workshop.join("policy.toml"), whole).unwrap();
    clock("2025-07-20 12:00:00");
    commit("docs/a", "whole");
    let ended = push(&["main"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    clock("2025-07-21 10:00:00");
    for (target, passes) in [
        ("main:refs/tags/v1", true),
        ("main~1:refs/tags/v2", false),
        ("main:refs/tags/s1", false),
        // moved from what is current to what was
        ("+main~1:refs/tags/v1", false),
    ] {
        let ended = push(&[target]);
        assert_eq!(ended.status == Some(0), passes, "{target}: {ended:?}");
    }
    // one that is judged refuses all
    commit("deploy/production/a", "three");
    assert_eq!(push(&["main:refs/tags/v3", "main~1:refs/tags/v4"]).status, Some(1));
    assert_eq!(push(&["main:refs/heads/main", "main:refs/tags/v3"]).status, Some(1));
    clock("2025-07-27 12:00:00");
    let ended = push(&["main:refs/heads/main", "main:refs/tags/v3"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");

    // what the record allowed and git turned down afterwards has not landed
    let update = workshop.join("server.git/hooks/update");
    fs::write(&update, "#!/bin/sh\ntest \"$1\" != refs/heads/main\n").unwrap();
    fs::set_permissions(&update, fs::Permissions::from_mode(0o755)).unwrap();
    commit("deploy/production/a", "four");
    assert_eq!(push(&["main"]).status, Some(1));
    let record = fs::read_to_string(workshop.join("record.jsonl")).unwrap();
    assert!(record.lines().last().unwrap().contains(r#""decision":"allowed""#), "{record}");
    clock("2025-07-28 10:00:00");
    assert_eq!(push(&["main:refs/tags/v5"]).status, Some(1));
}

/// A fork that shares the record: its allowed commit is neither what a change is compared with, nor whose policy holds.
#[test]
fn in_ci_another_repository_on_the_same_record_sets_no_base_and_no_policy() {
    let project = Project::with_policy(POLICY);
    let record = project.record();
    let begin = project.git(&["rev-parse", "HEAD"]);
    project.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    project.git(&["config", "freezegate.repository", "example.com/fork/shop"]);
    let opened = POLICY.replace("Mon-Fri 08:00-18:00", "Sat 03:00-04:00");
    project.commit("freezegate.toml", &opened);
    project.commit("deploy/production/a", "one");
    let ended = project.job(SUNDAY, &begin, &[], &["--record", &record]);
    assert_eq!(ended.status, Some(0), "{ended:?}");

    project.git(&["config", "freezegate.repository", "example.com/team/shop"]);
    let ended = project.job(MONDAY, &begin, &[], &["--record", &record, "--format", "json"]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let json = ended.json();
    assert!(json["change"]["range"].as_str().unwrap().starts_with(&begin), "{json}");
    assert_eq!(json["policy"]["from"], format!("the base at {}", &begin[..7]), "{json}");
    let repositories: Vec<Option<String>> =
        project.entries().iter().map(|entry| entry.decided.repository.clone()).collect();
    assert_eq!(repositories, [Some("example.com/fork/shop".to_owned()), Some("example.com/team/shop".to_owned())]);
}
