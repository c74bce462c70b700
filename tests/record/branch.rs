//! A record in a branch, as forges protect nothing else: what may hold one, and that no change comes by it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::record::jobs::{MONDAY, POLICY, SUNDAY};
use crate::record::project::Project;
use crate::record::workshop::{Ended, Workshop};

const BRANCH: &str = "refs/heads/gate/record";
const SHARED: [&str; 2] = ["--record", "origin:refs/heads/gate/record"];

/// A project with a forge that takes no deletion and no rewriting of any branch.
fn project(policy: &str) -> (Project, PathBuf) {
    let project = Project::with_policy(policy);
    let forge = project.workshop.join("forge.git");
    project.git(&["clone", "--quiet", "--bare", ".", forge.to_str().unwrap()]);
    for key in ["receive.denyNonFastForwards", "receive.denyDeletes"] {
        project.workshop.git_in(&forge, &["config", key, "true"]);
    }
    project.git(&["remote", "add", "origin", &format!("file://{}", forge.display())]);
    (project, forge)
}

fn branches(project: &Project, forge: &std::path::Path) -> String {
    project.workshop.git_in(forge, &["for-each-ref", "--format=%(refname)"])
}

#[test]
fn a_record_in_a_protected_branch_is_kept_and_read_like_any() {
    let (project, forge) = project(POLICY);
    let begin = project.git(&["rev-parse", "HEAD"]);
    let allowed = project.commit("deploy/production/a", "one");
    let ended = project.job(SUNDAY, &begin, &[], &SHARED);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(branches(&project, &forge), format!("{BRANCH}\nrefs/heads/main"));

    let refused = project.commit("deploy/production/a", "two");
    assert_eq!(project.job(MONDAY, &allowed, &[], &SHARED).status, Some(1));
    // compared with what was allowed last, not with what the provider says
    project.commit("README.md", "three");
    let ended = project.job(MONDAY, &refused, &[], &[&SHARED[..], &["--format", "json"]].concat());
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.json()["change"]["range"].as_str().unwrap().starts_with(&allowed), "{ended:?}");
    assert_eq!(project.workshop.git_in(&forge, &["rev-list", "--count", BRANCH]), "3");

    let work = project.workshop.join("work");
    let verified = project.workshop.freezegate_in(&work, &["record", "verify", SHARED[1]]).output().unwrap();
    let verified = Ended::of(verified);
    assert!(verified.status == Some(0) && verified.printed.contains("3 entries"), "{verified:?}");
}

#[test]
fn no_job_of_the_records_branch_is_judged() {
    let (project, forge) = project(POLICY);
    let begin = project.git(&["rev-parse", "HEAD"]);
    project.commit("deploy/production/a", "one");
    assert_eq!(project.job(SUNDAY, &begin, &[], &SHARED).status, Some(0));
    let tip = project.workshop.git_in(&forge, &["rev-parse", BRANCH]);
    project.git(&["fetch", "--quiet", "origin", BRANCH]);
    project.git(&["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
    for name in ["gate/record", "Gate/Record", "gate/record/below"] {
        let ended = project.job(SUNDAY, &begin, &[("CI_COMMIT_BRANCH", name)], &SHARED);
        assert_eq!(ended.status, Some(2), "{name}: {ended:?}");
        assert!(ended.errors.contains("the branch that holds the record"), "{ended:?}");
        assert!(ended.errors.contains("`branches-ignore: [gate/record]`"), "{ended:?}");
    }
    // a request to merge into it
    let request = [
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_COMMIT_BRANCH", ""),
        ("CI_MERGE_REQUEST_EVENT_TYPE", "detached"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_MERGE_REQUEST_REF_PATH", "refs/merge-requests/7/head"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "feature"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "gate/record"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", begin.as_str()),
    ];
    assert_eq!(project.job(SUNDAY, &begin, &request, &SHARED).status, Some(2));
    assert_eq!(project.workshop.git_in(&forge, &["rev-parse", BRANCH]), tip);
}

#[test]
fn no_record_lies_in_a_default_branch_or_one_that_targets_select() {
    let selecting = format!("{POLICY}\n[[targets]]\nrefs = [\"refs/heads/**\"]\nenvironment = \"production\"\n");
    for (policy, default, record, said) in [
        (POLICY, "main", "origin:refs/heads/main", "is not a ref of a record"),
        (POLICY, "main", "origin:refs/heads/Master", "is not a ref of a record"),
        (POLICY, "main", "origin:refs/tags/record", "is not a ref of a record"),
        (POLICY, "main", "origin:refs/notes/record", "is not a ref of a record"),
        (POLICY, "main", "refs/heads/main", "is not a ref of a record"),
        (POLICY, "trunk", "origin:refs/heads/trunk", "it is the default branch"),
        (POLICY, "trunk", "origin:refs/heads/Trunk", "it is the default branch"),
        (&selecting, "main", SHARED[1], "it is selected by the `refs` of a target"),
    ] {
        let (project, forge) = project(policy);
        let begin = project.git(&["rev-parse", "HEAD"]);
        project.commit("deploy/production/a", "one");
        let variables = [("CI_DEFAULT_BRANCH", default), ("CI_COMMIT_BRANCH", default)];
        let variables = if default == "main" { &variables[..0] } else { &variables[..] };
        let (arguments, before) = (["--record", record], branches(&project, &forge));
        let ended = project.job(SUNDAY, &begin, variables, &arguments);
        assert_eq!(ended.status, Some(2), "{record}: {ended:?}");
        assert!(ended.errors.contains(said) || ended.errors.contains("the branch that holds the record"), "{ended:?}");
        if default != "main" {
            // nor from another branch
            let ended = project.job(SUNDAY, &begin, &variables[..1], &arguments);
            assert!(ended.status == Some(2) && ended.errors.contains(said), "{record}: {ended:?}");
        }
        assert_eq!(branches(&project, &forge), before, "{record}");
    }
}

#[test]
fn no_record_lies_in_the_branch_that_is_checked_out() {
    let workshop = Workshop::with_repository();
    workshop.git(&["checkout", "--quiet", "-b", "work"]);
    let tip = workshop.git(&["rev-parse", "HEAD"]);
    let ended = workshop.run(&["check", "staging", "--record", "refs/heads/work"]);
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.errors.contains("`HEAD` of this repository names"), "{ended:?}");
    assert_eq!(workshop.git(&["rev-parse", "HEAD"]), tip);
    // a branch with files is no record either, and stays as it is
    workshop.git(&["branch", "other"]);
    let ended = workshop.run(&["check", "staging", "--record", "refs/heads/other"]);
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert_eq!(workshop.git(&["rev-parse", "other"]), tip);
    let ended = workshop.run(&["check", "staging", "--record", "refs/heads/gate"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

#[test]
fn no_push_moves_the_branch_of_a_servers_record() {
    let workshop = Workshop::with_repository();
    workshop.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
    workshop.git(&["remote", "add", "origin", workshop.join("server.git").to_str().unwrap()]);
    let hook = workshop.join("server.git/hooks/pre-receive");
    let program = env!("CARGO_BIN_EXE_freezegate");
    let script = |record: &str| {
        fs::write(&hook, format!("#!/bin/sh\nexec {program} hook pre-receive --record {record}\n")).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    };
    script(BRANCH);
    let push = |arguments: &[&str]| {
        let arguments = [&["push", "--quiet", "origin"], arguments].concat();
        Ended::of(workshop.program("git", &workshop.path()).args(arguments).output().unwrap())
    };
    fs::write(
        workshop.join("freezegate.toml"),
        fs::read_to_string(workshop.join("freezegate.toml")).unwrap() + "# more\n",
    )
    .unwrap();
    workshop.git(&["commit", "--quiet", "--all", "--message=a remark"]);
    let ended = push(&["main"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let server = workshop.join("server.git");
    let tip = workshop.git_in(&server, &["rev-parse", BRANCH]);
    workshop.git(&["fetch", "--quiet", "origin", BRANCH]);
    for refspec in [
        "+main:refs/heads/gate/record",
        ":refs/heads/gate/record",
        "main:refs/heads/Gate/record",
        "FETCH_HEAD:refs/heads/gate/record",
        "main:refs/heads/gate/record/below",
    ] {
        let ended = push(&[refspec, "main:refs/heads/new"]);
        // what changes nothing git does not send
        if refspec.starts_with("FETCH_HEAD") {
            continue;
        }
        assert_eq!(ended.status, Some(1), "{refspec}: {ended:?}");
        assert!(ended.errors.contains("the record is kept in a branch of that name"), "{refspec}: {ended:?}");
        assert_eq!(workshop.git_in(&server, &["rev-parse", BRANCH]), tip, "{refspec}");
    }
    // the default branch of the server holds no record
    workshop.git_in(&server, &["branch", "trunk", "main"]);
    workshop.git_in(&server, &["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    script("refs/heads/trunk");
    let ended = push(&["main:refs/heads/other"]);
    assert!(ended.status == Some(1) && ended.errors.contains("is not a place for the record"), "{ended:?}");
    let install = ["hook", "install", "--record", "refs/heads/trunk"];
    let ended = Ended::of(workshop.freezegate_in(&server, &install).env("GIT_DIR", ".").output().unwrap());
    assert!(ended.status == Some(2) && ended.errors.contains("is not a place for the record"), "{ended:?}");
}
