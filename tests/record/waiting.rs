//! How long a record is waited for, and what is ready before an entry is kept.

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Decided, Patience, Record, RecordError, RecordFile, RecordRef, RecordedOutcome};

use crate::record::decisions::{MORNING, append, decided};
use crate::record::workshop::Workshop;
use crate::support::entries::entries;

/// Whoever may read a record may lock it: that holds nobody up for ever.
#[test]
fn a_lock_that_somebody_holds_is_waited_for_no_longer_than_patience_says() {
    let workshop = Workshop::new();
    let path = workshop.join("it's the record.jsonl");
    append(&path, decided(MORNING, RecordedOutcome::Allowed));
    let patience = Patience { lock: Duration::from_millis(50), ..Patience::default() };
    let record = Record::File(RecordFile::new(path.clone())).with_patience(patience);
    let is_locked = |error: &RecordError| {
        assert!(matches!(error, RecordError::Locked { .. }), "{error}");
        assert!(error.to_string().contains("was locked by another process for 0 s"), "{error}");
        // the commands run as they are printed, whatever the file is called
        let help = error.help();
        assert!(help.contains("`fuser -v '/") && help.contains(r"/it'\''s the record.jsonl'`"), "{help}");
    };
    // for reading, as whoever may read it can
    let holder = File::open(&path).unwrap();
    holder.lock_shared().unwrap();
    let mut called = false;
    let appended = record.append(&mut |_| {
        called = true;
        Ok::<Decided, RecordError>(decided(MORNING, RecordedOutcome::Allowed))
    });
    is_locked(&appended.unwrap_err());
    assert!(!called, "nobody decides without a turn");
    assert_eq!(entries(&record).len(), 1, "readers share it");
    // and for writing
    holder.unlock().unwrap();
    holder.lock().unwrap();
    is_locked(&record.read().unwrap_err());
    is_locked(&record.inspect(&mut |_| ControlFlow::<()>::Continue(())).unwrap_err());
    holder.unlock().unwrap();
    assert!(record.append(&mut |_| Ok::<Decided, RecordError>(decided(MORNING, RecordedOutcome::Allowed))).is_ok());
    let limits = Patience::default();
    assert_eq!(
        [limits.lock, limits.git, limits.all].map(|limit| limit.as_secs()),
        [30, 60, 300],
        "as SECURITY.md says"
    );
}

/// What follows from a decision is done when its entry is known and not kept yet; if that fails, nothing is kept.
#[test]
fn what_is_not_ready_is_not_kept() {
    let workshop = Workshop::with_repository();
    let repository = Repository::open_at(&workshop.join(".git")).unwrap();
    let name = RefName::new("refs/freezegate/record").unwrap();
    let records = [
        Record::File(RecordFile::new(workshop.join("record.jsonl"))),
        Record::Ref(RecordRef::new(&repository, None, &name).unwrap()),
    ];
    for record in records {
        for number in 1..=3_u64 {
            let mut decide = |_: &_| Ok::<Decided, RecordError>(decided(MORNING, RecordedOutcome::Allowed));
            let refused = record.append_when_ready(&mut None, &mut decide, &mut |folded, entry| {
                assert_eq!(folded.sequence(), number - 1);
                assert_eq!(entry.unwrap().sequence, number);
                Err(RecordError::Encoding("not ready".to_owned()))
            });
            assert_eq!(refused.unwrap_err(), RecordError::Encoding("not ready".to_owned()), "{record}");
            assert_eq!(record_length(entries(&record).len()), number - 1, "{record}");
            let mut told = None;
            let kept = record.append_when_ready(&mut None, &mut decide, &mut |_, entry| {
                told = Some(entry.cloned());
                Ok(())
            });
            assert_eq!(kept.ok(), told, "what was made ready tells of the entry that is kept: {record}");
            assert_eq!(record_length(entries(&record).len()), number, "{record}");
        }
    }
}

/// Whoever writes to a record in a ref of the repository takes turns with others, and git locks the ref besides: neither holds
/// anybody up for ever, and both are named with their place.
#[test]
fn a_lock_of_a_record_in_a_ref_is_named_with_its_place() {
    let workshop = Workshop::with_repository();
    let repository = Repository::open_at(&workshop.join(".git")).unwrap();
    let name = RefName::new("refs/freezegate/record").unwrap();
    let patience = Patience { lock: Duration::from_millis(50), ..Patience::default() };
    let record = Record::Ref(RecordRef::new(&repository, None, &name).unwrap()).with_patience(patience);
    let keep = || record.append(&mut |_| Ok::<Decided, RecordError>(decided(MORNING, RecordedOutcome::Allowed)));
    keep().unwrap();
    // of git, which somebody who was stopped left behind
    let of_git = workshop.join(".git/refs/freezegate/record.lock");
    File::create(&of_git).unwrap();
    let error = keep().unwrap_err();
    assert!(matches!(error, RecordError::Git { tried: "update-ref", .. }), "{error}");
    assert!(error.to_string().contains("/refs/freezegate/record.lock': File exists"), "{error}");
    assert_eq!(entries(&record).len(), 1, "readers need no lock");
    std::fs::remove_file(&of_git).unwrap();
    // of freezegate
    let folder = workshop.join(".git/freezegate/seen");
    let is_lock = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "lock");
    let mut all = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let holder = File::open(all.find(is_lock).unwrap()).unwrap();
    holder.lock().unwrap();
    let error = keep().unwrap_err();
    let RecordError::Locked { path, .. } = &error else { panic!("{error}") };
    assert!(path.starts_with(&folder) && error.help().contains(&format!("`fuser -v {}`", path.display())), "{error}");
    holder.unlock().unwrap();
    keep().unwrap();
    assert_eq!(entries(&record).len(), 2);
}

/// A server that begins to answer and goes no further: within a header, within the refs, and when the push is all there.
#[test]
fn a_server_that_stops_in_the_middle_ends_without_a_decision_in_time() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n";
    let workshop = Workshop::with_repository();
    let repository = Repository::open_at(&workshop.join(".git")).unwrap();
    let name = RefName::new("refs/freezegate/record").unwrap();
    let second = Duration::from_secs(1);
    let patience = Patience { git: second, all: 2 * second, ..Patience::default() };
    let record =
        |remote: String| Record::Ref(RecordRef::new(&repository, Some(remote), &name).unwrap()).with_patience(patience);
    let refs = format!("{HEAD}Content-Length: 1000\r\n\r\n001e# service=git-upload-pack\n0000");
    for answer in [HEAD.to_owned(), refs] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/record.git", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            // held open until the test is over
            let mut open = Vec::new();
            while let Ok((mut client, _)) = listener.accept() {
                client.write_all(answer.as_bytes()).unwrap();
                open.push(client);
            }
        });
        let begun = Instant::now();
        let error = record(address).read().unwrap_err();
        assert!(error.to_string().contains("`git fetch` did not end within 1 s"), "{error}");
        assert!(error.help().contains("make sure that the repository of the record answers"), "{error}");
        assert!(begun.elapsed() < 20 * second, "{:?}", begun.elapsed());
    }
    workshop.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
    let hook = workshop.join("server.git/hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\nexec sleep 20\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let begun = Instant::now();
    let record = record(format!("file://{}", workshop.join("server.git").display()));
    let error =
        record.append(&mut |_| Ok::<Decided, RecordError>(decided(MORNING, RecordedOutcome::Allowed))).unwrap_err();
    assert!(matches!(error, RecordError::TimedOut { .. }), "{error}");
    assert!(error.to_string().contains("the record can't be reached: `git "), "{error}");
    assert!(begun.elapsed() < 20 * second, "{:?}", begun.elapsed());
}

fn record_length(length: usize) -> u64 {
    u64::try_from(length).unwrap()
}
