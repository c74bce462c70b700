//! Rendered manifests in a job with a record.

use std::fs;
use std::path::Path;

use freezegate::proof::record::RecordEntry;

use crate::record::project::Project;
use crate::rollback::scenario::words;

const POLICY: &str = "version = 1\n[environments.production]\n[[targets]]\npaths = [\"deploy/**\"]\nenvironment = \
                      \"production\"\n[hazards.stopped]\nresources = [\"Deployment\"]\nattributes = [\"replicas-0\"]\n\
                      [[freezes]]\nname = \"stops\"\nhours = [\"daily 00:00-23:00\"]\ntimezone = \"UTC\"\nhazards = \
                      [\"stopped\"]\n";

fn manifests(project: &Project, name: &str, replicas: u8) -> String {
    let path = Path::new(&project.record()).with_file_name(name);
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
    fs::write(&path, format!("{text}spec: {{replicas: {replicas}}}\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Commits are checked first, then the manifests of the same job: those are judged too, and are no state of the ref.
#[test]
fn manifests_are_judged_after_the_commits_of_a_job_and_are_no_state() {
    let project = Project::with_policy(POLICY);
    let (three, none) = (manifests(&project, "three.yaml", 3), manifests(&project, "none.yaml", 0));
    let record = project.record();
    let before = project.git(&["rev-parse", "HEAD"]);
    project.commit("deploy/web.yaml", "replicas: 0");
    let ended = project.job("2025-07-01 02:00:00", &before, &[], &["production", "--record", &record]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let job = |clock: &str, old: &str, new: &str| {
        let options = ["production", "--record", record.as_str(), "--manifests-before", old, "--manifests", new];
        project.job(clock, &before, &[], &options)
    };
    let refused = job("2025-07-01 02:01:00", &three, &none);
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert!(words(&refused.printed).contains("Deployment default/web: update of replicas-0"), "{refused:?}");
    let allowed = job("2025-07-01 23:30:00", &three, &none);
    assert_eq!(allowed.status, Some(0), "{allowed:?}");
    // what takes it back is no rollback, as nothing is known of what is there
    let back = job("2025-07-01 23:31:00", &none, &three);
    assert_eq!(back.status, Some(0), "{back:?}");
    let has_state = |entry: &RecordEntry| !entry.decided.changes.is_empty();
    let states: Vec<bool> = project.entries().iter().map(has_state).collect();
    assert_eq!(states, [true, false, false, false]);
}
