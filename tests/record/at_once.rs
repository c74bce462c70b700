//! A hundred jobs at once.

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Outcome, Record, RecordFile, RecordRef};

use crate::entries::entries;
use crate::project::Project;

/// Everything below `deploy/production` reaches `production`, which is closed on weekdays.
const POLICY: &str = r#"version = 1
[regions.all]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[[targets]]
refs  = ["refs/heads/**"]
paths = ["deploy/{environment}/**"]
"#;

const SUNDAY: &str = "2025-07-06 12:00:00";

const RECORD: &str = "refs/freezegate/record";

/// One commit, one environment, one ref: each is compared with a state that all of them know, and nobody is turned away because
/// another one was first.
#[test]
fn a_hundred_jobs_that_deploy_one_commit_do_not_overtake_each_other() {
    for is_file in [true, false] {
        let project = Project::with_policy(POLICY);
        project.commit("deploy/production/a", "one");
        let begin = project.git(&["rev-parse", "HEAD~1"]);
        let head = project.git(&["rev-parse", "HEAD"]);
        let location = if is_file { project.record() } else { RECORD.to_owned() };
        for ended in project.at_once(100, SUNDAY, (&begin, &head), &["--record", &location]) {
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
        let states = record.read().unwrap().states("production", Some("refs/heads/main")).len();
        assert_eq!(states, 1, "{location}: the same state a hundred times is one");
    }
}
