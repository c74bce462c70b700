//! How long a record is waited for, and what is ready before an entry is kept.

use std::fs::File;
use std::ops::ControlFlow;
use std::time::Duration;

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Decided, Outcome, Patience, Record, RecordError, RecordFile, RecordRef};

use crate::decisions::{MORNING, append, decided};
use crate::entries::entries;
use crate::workshop::Workshop;

/// Whoever may read a record may lock it: that holds nobody up for ever.
#[test]
fn a_lock_that_somebody_holds_is_waited_for_no_longer_than_patience_says() {
    let workshop = Workshop::new();
    let path = workshop.join("it's the record.jsonl");
    append(&path, decided(MORNING, Outcome::Allowed));
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
        Ok::<Decided, RecordError>(decided(MORNING, Outcome::Allowed))
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
    assert!(record.append(&mut |_| Ok::<Decided, RecordError>(decided(MORNING, Outcome::Allowed))).is_ok());
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
            let mut decide = |_: &_| Ok::<Decided, RecordError>(decided(MORNING, Outcome::Allowed));
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

fn record_length(length: usize) -> u64 {
    u64::try_from(length).unwrap()
}
