//! A hundred jobs at once.

use std::process::Child;

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Outcome, Record, RecordFile, RecordRef};

use crate::entries::entries;
use crate::project::Project;
use crate::workshop::Ended;

/// Everything below `deploy/staging` reaches `staging`, which is never closed.
const POLICY: &str = r#"version = 1
[regions.all]
timezones  = ["UTC"]
core_hours = ["daily 00:00-24:00"]
[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
refs  = ["refs/heads/**"]
paths = ["deploy/{environment}/**"]
"#;

const RECORD: &str = "refs/freezegate/record";

/// One commit, one environment, one ref: each is compared with a state that all of them know, and nobody is turned away because
/// another one was first.
#[test]
fn a_hundred_jobs_that_deploy_one_commit_do_not_overtake_each_other() {
    for is_file in [true, false] {
        let project = Project::with_policy(POLICY);
        project.commit("deploy/staging/a", "one");
        let begin = project.git(&["rev-parse", "HEAD~1"]);
        let head = project.git(&["rev-parse", "HEAD"]);
        let location = if is_file { project.record() } else { RECORD.to_owned() };
        let jobs: Vec<Child> = (0..100)
            .map(|_| {
                let work = project.workshop.join("work");
                let mut command = project.workshop.freezegate_in(&work, &["check", "--record", &location]);
                command.envs([
                    ("GITLAB_CI", "true"),
                    ("CI_PIPELINE_SOURCE", "push"),
                    ("CI_COMMIT_SHA", &head),
                    ("CI_COMMIT_BEFORE_SHA", &begin),
                    ("CI_DEFAULT_BRANCH", "main"),
                    ("CI_COMMIT_BRANCH", "main"),
                    ("CI_ENVIRONMENT_NAME", "staging"),
                ]);
                command.spawn().unwrap()
            })
            .collect();
        for job in jobs {
            let ended = Ended::of(job.wait_with_output().unwrap());
            assert_eq!(ended.status, Some(0), "{location}: {ended:?}");
        }
        let record = if is_file {
            Record::File(RecordFile::new(project.record().into()))
        } else {
            let repository = Repository::open_at(&project.workshop.join("work/.git")).unwrap();
            Record::Ref(RecordRef::new(&repository, None, &RefName::new(RECORD).unwrap()).unwrap())
        };
        let kept = entries(&record);
        assert_eq!(kept.len(), 100, "{location}");
        assert!(kept.iter().all(|entry| entry.decided.decision == Outcome::Allowed), "{location}");
        let states = record.read().unwrap().states("staging", Some("refs/heads/main")).len();
        assert_eq!(states, 1, "{location}: the same state a hundred times is one");
    }
}
