//! A hundred jobs at once.

use std::fs;
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Chain, Record, RecordFile, RecordRef, RecordedOutcome};

use crate::record::project::Project;
use crate::record::workshop::Ended;
use crate::support::entries::entries;

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

/// Held by the test that runs a hundred jobs: two at once are two hundred, which wait for longer than a job does.
static HUNDRED: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    HUNDRED.lock().unwrap_or_else(PoisonError::into_inner)
}

const SUNDAY: &str = "2025-07-06 12:00:00";

const RECORD: &str = "refs/freezegate/record";

/// One commit, one environment, one ref: each is compared with a state that all of them know, and nobody is turned away because
/// another one was first.
#[test]
fn a_hundred_jobs_that_deploy_one_commit_do_not_overtake_each_other() {
    let _alone = alone();
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
        assert!(kept.iter().all(|entry| entry.decided.decision == RecordedOutcome::Allowed), "{location}");
        let states = record.read().unwrap().states("production", Chain::of_job(Some("refs/heads/main"), None)).len();
        assert_eq!(states, 1, "{location}: the same state a hundred times is one");
    }
}

/// `production` is always open.
const OPEN: &str = r#"version = 1
[regions.all]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
during_core_hours = "off"
[[targets]]
refs  = ["refs/heads/**"]
paths = ["deploy/{environment}/**"]
"#;

/// Each job deploys a branch of its own, so that none of them rests on what another one did: all are allowed, each with a state of
/// its ref. Those of one repository take turns; those that share a record through a remote see who was first, and try again.
#[test]
fn a_hundred_jobs_of_a_hundred_branches_do_not_starve_each_other() {
    let _alone = alone();
    const JOBS: usize = 100;
    let project = Project::with_policy(OPEN);
    project.commit("deploy/production/a", "one");
    let (begin, head) = (project.git(&["rev-parse", "HEAD~1"]), project.git(&["rev-parse", "HEAD"]));
    let work = project.workshop.join("work");
    project.workshop.git(&["clone", "--quiet", "--bare", "work", "server.git"]);
    let address = format!("file://{}", project.workshop.join("server.git").display());
    for is_shared in [false, true] {
        let location = if is_shared { format!("origin:{RECORD}") } else { RECORD.to_owned() };
        let trace = project.workshop.join(if is_shared { "trace-shared" } else { "trace-own" });
        let start = |number: usize| {
            let folder = if is_shared {
                let name = format!("job{number}");
                if number == 0 {
                    project.workshop.git(&["clone", "--quiet", "--depth=2", &address, &name]);
                } else {
                    let mut copy = project.workshop.program("cp", &project.workshop.path());
                    assert!(copy.args(["-R", "job0", &name]).status().unwrap().success());
                }
                project.workshop.join(&name)
            } else {
                work.clone()
            };
            let mut command =
                project.workshop.freezegate_in(&folder, &["check", "--policy-from", &begin, "--record", &location]);
            command.envs([
                ("GITLAB_CI", "true"),
                ("CI_PIPELINE_SOURCE", "push"),
                ("CI_COMMIT_SHA", &head),
                ("CI_COMMIT_BEFORE_SHA", &begin),
                ("CI_DEFAULT_BRANCH", "main"),
                ("CI_COMMIT_BRANCH", &format!("branch-{number}")),
                ("CI_PROJECT_PATH", "group/project"),
                ("CI_ENVIRONMENT_NAME", "production"),
            ]);
            // each run of git leaves a line
            command.env("GIT_TRACE2", &trace);
            command
        };
        let commands: Vec<Command> = (0..JOBS).map(start).collect();
        let begun = Instant::now();
        let jobs: Vec<Child> = commands.into_iter().map(|mut command| command.spawn().unwrap()).collect();
        for job in jobs {
            let ended = Ended::of(job.wait_with_output().unwrap());
            assert_eq!(ended.status, Some(0), "{location}: {ended:?}");
        }
        let elapsed = begun.elapsed();
        let trace = fs::read_to_string(&trace).unwrap();
        let tried = if is_shared { " push --quiet " } else { " update-ref --no-deref refs/freezegate/record " };
        let tries = trace.lines().filter(|line| line.contains(" start git -c ") && line.contains(tried)).count();
        eprintln!("{JOBS} jobs of {JOBS} branches, {location}: {tries} tries, {:.1} s", elapsed.as_secs_f64());
        let most = if is_shared { JOBS * JOBS / 5 } else { JOBS };
        assert!((JOBS..=most).contains(&tries), "{location}: {tries} tries");
        let place = if is_shared { project.workshop.join("server.git") } else { work.join(".git") };
        let repository = Repository::open_at(&place).unwrap();
        let record = Record::Ref(RecordRef::new(&repository, None, &RefName::new(RECORD).unwrap()).unwrap());
        let kept = entries(&record);
        assert_eq!(kept.len(), JOBS, "{location}");
        assert!(kept.iter().all(|entry| entry.decided.decision == RecordedOutcome::Allowed), "{location}");
        let folded = record.read().unwrap();
        for number in 0..JOBS {
            let states =
                folded.states("production", Chain::of_job(Some(&format!("refs/heads/branch-{number}")), None)).len();
            assert_eq!(states, 1, "{location}: branch-{number}");
        }
    }
}
