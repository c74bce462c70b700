//! A record that runners share over HTTP, with the delay that a network has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Record, RecordError, RecordRef, RecordedOutcome};

use crate::record::decisions::decided;
use crate::record::workshop::{Ended, Workshop};
use crate::support::http::HttpServer;

const RECORD: &str = "refs/freezegate/record";
const SHARED: &str = "origin:refs/freezegate/record";
const DELAY: Duration = Duration::from_millis(50);

/// A server, and clones of its repository as CI makes them.
struct Runners {
    workshop: Workshop,
    server: HttpServer,
}

impl Runners {
    fn new() -> Self {
        let workshop = Workshop::with_repository();
        workshop.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
        let path = workshop.join("server.git");
        workshop.git_in(&path, &["config", "http.receivepack", "true"]);
        let server = HttpServer::new(&workshop.path(), DELAY).unwrap();
        Self { workshop, server }
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.workshop.git_in(&self.workshop.join("server.git"), arguments)
    }

    /// A clone with one commit.
    fn clone(&self, name: &str) -> PathBuf {
        let address = format!("file://{}", self.workshop.join("server.git").display());
        self.workshop.git(&["clone", "--quiet", "--depth=1", &address, name]);
        let clone = self.workshop.join(name);
        self.workshop.git_in(&clone, &["remote", "set-url", "origin", &self.server.url("server.git")]);
        clone
    }

    fn start(&self, clone: &Path) -> Child {
        let arguments = ["check", "staging", "--record", SHARED, "--format", "json"];
        self.workshop.freezegate_in(clone, &arguments).spawn().unwrap()
    }

    fn check(&self, clone: &Path) -> Ended {
        Ended::of(self.start(clone).wait_with_output().unwrap())
    }

    fn requests(&self) -> Vec<String> {
        self.server.requests().unwrap()
    }
}

/// One fetch and one push: three requests and two. Of a record that did not change since, a fetch takes two.
#[test]
fn a_decision_takes_five_requests_at_most() {
    let runners = Runners::new();
    let clone = runners.clone("first");
    for (number, what) in
        [(1, "the first of all"), (2, "another of the same runner"), (3, "another of the same runner")]
    {
        runners.requests();
        let ended = runners.check(&clone);
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert_eq!(ended.json()["record"]["sequence"], number);
        let requests = runners.requests();
        assert!(requests.len() <= if number == 1 { 5 } else { 4 }, "{what}: {requests:#?}");
    }
    // a runner that knows nothing yet, and one that has not looked for a while; with a checkpoint, too
    for round in 0..2 {
        let other = runners.clone(&format!("other{round}"));
        for (clone, what) in [(&other, "a fresh runner"), (&clone, "one that others were before")] {
            runners.requests();
            let ended = runners.check(clone);
            assert_eq!(ended.status, Some(0), "{ended:?}");
            let requests = runners.requests();
            assert!(requests.len() <= 5, "{what}: {requests:#?}");
        }
        if round == 1 {
            break;
        }
        let record = Record::Ref(local(&runners));
        // git looks at the dates of commits to see what both have
        let newest = record.read().unwrap().newest().unwrap();
        for _ in 0..260 {
            let one = decided(newest, RecordedOutcome::Allowed);
            record.append(&mut |_| Ok::<_, RecordError>(one.clone())).unwrap();
        }
    }
    // advice reads alone
    runners.requests();
    let arguments = ["check", "staging", "--record", SHARED, "--dry-run"];
    let ended = Ended::of(runners.workshop.freezegate_in(&clone, &arguments).output().unwrap());
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let requests = runners.requests();
    assert!(requests.len() <= 3, "{requests:#?}");
}

/// The record as the server has it.
fn local(runners: &Runners) -> RecordRef {
    let repository = Repository::open_at(&runners.workshop.join("server.git")).unwrap();
    RecordRef::new(&repository, None, &RefName::new(RECORD).unwrap()).unwrap()
}

#[test]
fn twenty_jobs_at_once_share_a_record_over_http() {
    const JOBS: usize = 20;
    let runners = Runners::new();
    let clones: Vec<PathBuf> = (0..JOBS).map(|number| runners.clone(&format!("job{number}"))).collect();
    runners.requests();
    let begun = Instant::now();
    let jobs: Vec<Child> = clones.iter().map(|clone| runners.start(clone)).collect();
    let mut told = BTreeSet::new();
    for job in jobs {
        let ended = Ended::of(job.wait_with_output().unwrap());
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert!(told.insert(ended.hash()), "one entry for two decisions: {ended:?}");
    }
    let elapsed = begun.elapsed();
    let requests = runners.requests().len();
    eprintln!("{JOBS} jobs over HTTP: {:.1} s, {requests} requests", elapsed.as_secs_f64());
    assert_eq!(runners.git(&["rev-list", "--count", RECORD]), JOBS.to_string());
    // the bound that counts is in `benches/record.rs`, on a machine that does nothing else
    assert!(elapsed < Duration::from_secs(120), "{elapsed:?}");
    // each try takes five, and whoever is second has another: as many tries each as there are jobs would be 2,000
    assert!(requests < 5 * JOBS * JOBS / 2, "{requests} requests");
}
