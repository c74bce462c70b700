//! The record in a ref of a remote, shared by jobs that each have a clone of their own.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Patience, Record, RecordRef};

use crate::record::workshop::{Ended, Workshop};

const RECORD: &str = "refs/freezegate/record";
const SHARED: &str = "origin:refs/freezegate/record";

/// A bare repository, and how to clone it as CI does.
struct Server {
    workshop: Workshop,
}

impl Server {
    fn new() -> Self {
        let workshop = Workshop::with_repository();
        workshop.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
        Self { workshop }
    }

    fn path(&self) -> PathBuf {
        self.workshop.join("server.git")
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.workshop.git_in(&self.path(), arguments)
    }

    /// A fresh clone, shallow as CI makes them.
    fn clone(&self, name: &str) -> PathBuf {
        let address = format!("file://{}", self.path().display());
        self.workshop.git(&["clone", "--quiet", "--depth=1", &address, name]);
        self.workshop.join(name)
    }

    fn check(&self, clone: &Path) -> Ended {
        let arguments = ["check", "staging", "--record", SHARED, "--format", "json"];
        Ended::of(self.workshop.freezegate_in(clone, &arguments).output().unwrap())
    }

    fn verify(&self, clone: &Path, arguments: &[&str]) -> Ended {
        let all = [&["record", "verify", SHARED, "--format", "json"], arguments].concat();
        Ended::of(self.workshop.freezegate_in(clone, &all).output().unwrap())
    }

    fn hook(&self, name: &str, script: &str) {
        let path = self.path().join("hooks").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn twenty_concurrent_jobs_share_one_record() {
    let server = Server::new();
    let clones: Vec<PathBuf> = (0..20).map(|number| server.clone(&format!("job{number}"))).collect();
    let arguments = ["check", "staging", "--record", SHARED, "--format", "json"];
    let jobs: Vec<Child> =
        clones.iter().map(|clone| server.workshop.freezegate_in(clone, &arguments).spawn().unwrap()).collect();
    let mut told = BTreeSet::new();
    for job in jobs {
        let ended = Ended::of(job.wait_with_output().unwrap());
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert!(told.insert(ended.hash()), "one entry for two decisions: {ended:?}");
    }
    assert_eq!(server.git(&["rev-list", "--count", RECORD]), "20");
    server.git(&["fsck", "--strict"]);
    let fresh = server.clone("fresh");
    let mut show = server.workshop.freezegate_in(&fresh, &["record", "show", SHARED, "--format", "json"]);
    let shown = Ended::of(show.output().unwrap()).json_lines();
    let kept: BTreeSet<String> = shown.iter().map(|entry| entry["hash"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept, told);
    let verified = server.verify(&fresh, &[]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
}

#[test]
fn no_job_moves_a_branch_or_a_tag_or_leaves_traces_in_its_clone() {
    let server = Server::new();
    let before = server.git(&["for-each-ref"]);
    let clone = server.clone("job");
    let own = |arguments: &[&str]| server.workshop.git_in(&clone, arguments);
    let refs = own(&["for-each-ref"]);
    own(&["config", "push.followTags", "true"]);
    own(&["config", "--add", "remote.origin.push", "refs/heads/*:refs/heads/*"]);
    own(&["tag", "--annotate", "--message=x", "local-only"]);
    for _ in 0..3 {
        let ended = server.check(&clone);
        assert_eq!(ended.status, Some(0), "{ended:?}");
    }
    let others = |listing: &str| -> Vec<String> {
        listing.lines().filter(|line| !line.contains("refs/freezegate/")).map(str::to_owned).collect()
    };
    assert_eq!(others(&server.git(&["for-each-ref"])), others(&before));
    own(&["tag", "--delete", "local-only"]);
    assert_eq!(others(&own(&["for-each-ref"])), others(&refs));
    assert!(!clone.join(".git/FETCH_HEAD").exists());
    assert_eq!(own(&["status", "--porcelain"]), "");
}

#[test]
fn a_remote_that_does_not_take_the_entry_refuses() {
    let server = Server::new();
    let clone = server.clone("job");
    assert_eq!(server.check(&clone).status, Some(0));
    server.hook("update", "echo 'this ref is protected' >&2; exit 1");
    let ended = server.check(&clone);
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.errors.contains("`git push`") && ended.errors.contains("this ref is protected"), "{ended:?}");
    assert_eq!(ended.json()["decision"], "undecided");
    assert_eq!(server.git(&["rev-list", "--count", RECORD]), "1");
}

/// The connection breaks after the server has taken the entry: that is found, and not written twice.
#[test]
fn an_entry_that_git_took_and_then_lost_its_tongue_is_there_once() {
    let server = Server::new();
    let clone = server.clone("job");
    assert_eq!(server.check(&clone).status, Some(0));
    // after the ref has moved, git-receive-pack is killed before it reports
    server.hook("post-receive", "kill -9 $PPID");
    let ended = server.check(&clone);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(ended.json()["record"]["sequence"], 2);
    assert_eq!(server.git(&["rev-list", "--count", RECORD]), "2");
}

#[test]
fn a_remote_that_is_not_to_be_had_refuses() {
    let server = Server::new();
    let clone = server.clone("job");
    for (location, cause) in [
        ("nowhere:refs/freezegate/record", "`git ls-remote`"),
        ("file:///nowhere.git:refs/freezegate/record", "`git ls-remote`"),
        ("--upload-pack=x:refs/freezegate/record", "`git ls-remote`"),
    ] {
        let argument = format!("--record={location}");
        let ended =
            Ended::of(server.workshop.freezegate_in(&clone, &["check", "staging", &argument]).output().unwrap());
        assert_eq!(ended.status, Some(2), "{location}: {ended:?}");
        assert!(ended.errors.contains(cause), "{location}: {ended:?}");
    }
}

#[test]
fn a_record_that_was_cut_or_written_anew_is_known_by_whoever_saw_it() {
    let server = Server::new();
    let clone = server.clone("job");
    for _ in 0..3 {
        assert_eq!(server.check(&clone).status, Some(0));
    }
    let newest = server.verify(&clone, &[]).json()["newest"]["hash"].as_str().unwrap().to_owned();
    let tip = server.git(&["rev-parse", RECORD]);
    let cut = |revision: Option<&str>| match revision {
        Some(revision) => server.git(&["update-ref", RECORD, revision]),
        None => server.git(&["update-ref", "-d", RECORD]),
    };
    let fresh = |name: &str| server.clone(name);
    for (number, revision) in (0..).zip([Some(format!("{tip}~1")), None]) {
        cut(revision.as_deref());
        let ended = server.check(&clone);
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.errors.contains("is missing: the record was truncated or rewritten"), "{ended:?}");
        let verified = server.verify(&clone, &[]);
        assert_eq!(verified.status, Some(1), "{verified:?}");
        assert_eq!(verified.json()["faults"][0]["fault"], "cut", "{verified:?}");
        // who has seen nothing needs a hash kept elsewhere
        let clone = fresh(&format!("fresh{number}"));
        let status = server.verify(&clone, &["--expect", &newest]).status;
        assert_eq!(status, Some(if revision.is_some() { 1 } else { 2 }));
    }
    cut(Some(&tip));
    assert_eq!(server.check(&clone).status, Some(0));
}

/// What the clone remembers lies in no ref, so that no refspec moves it, and nobody's ref stands for it.
#[test]
fn no_fetch_or_ref_moves_what_a_clone_remembers() {
    let server = Server::new();
    let clone = server.clone("job");
    // a ref in the place of the record, before the first use
    server.workshop.git_in(&clone, &["update-ref", RECORD, "HEAD"]);
    for _ in 0..3 {
        let ended = server.check(&clone);
        assert_eq!(ended.status, Some(0), "{ended:?}");
    }
    let tip = server.git(&["rev-parse", RECORD]);
    server.git(&["update-ref", RECORD, &format!("{tip}~1")]);
    for arguments in
        [&["fetch", "--quiet", "--prune", "--update-head-ok", "origin", "+refs/*:refs/*"][..], &["pack-refs", "--all"]]
    {
        server.workshop.git_in(&clone, arguments);
        let ended = server.check(&clone);
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.errors.contains("is missing: the record was truncated or rewritten"), "{ended:?}");
    }
    // nor is anything lost where all refs of freezegate are taken away, and what no ref holds is collected
    let refs = server.workshop.git_in(&clone, &["for-each-ref", "--format=%(refname)", "refs/freezegate"]);
    for name in refs.lines() {
        server.workshop.git_in(&clone, &["update-ref", "-d", name]);
    }
    server.workshop.git_in(&clone, &["gc", "--quiet", "--prune=now"]);
    assert_eq!(server.check(&clone).status, Some(2));
    server.git(&["update-ref", RECORD, &tip]);
    let ended = server.check(&clone);
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

/// A remote that takes the connection and says nothing.
#[test]
fn a_remote_that_is_silent_ends_without_a_decision_in_time() {
    let server = Server::new();
    let clone = server.clone("job");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("git://{}/record", listener.local_addr().unwrap());
    let repository = Repository::open_at(&clone.join(".git")).unwrap();
    let name = RefName::new(RECORD).unwrap();
    let second = Duration::from_secs(1);
    for (patience, told) in [
        (Patience { git: second, ..Patience::default() }, "did not end within 1 s"),
        (Patience { all: second / 2, ..Patience::default() }, "did not end within 0 s"),
    ] {
        let record = Record::Ref(RecordRef::new(&repository, Some(address.clone()), &name).unwrap());
        let error = record.with_patience(patience).read().unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}
