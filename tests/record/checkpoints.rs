//! A decision reads no further back than the last checkpoint.

use std::fs;

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Decided, Record, RecordError, RecordFile, RecordRef, RecordedOutcome};
use freezegate::time::seconds::Seconds;
use tempfile::TempDir;

use crate::record::decisions::{MORNING, change, decided, read, read_all};
use crate::record::workshop::Workshop;
use crate::support::entries::entries;

const MAIN: &str = "refs/heads/main";

/// The decision number `number`: a job that brings `production` from one state to the next.
fn step(number: u64) -> Decided {
    let names = ["-", "A", "B", "C"];
    let name = |number: u64| names[usize::try_from(number % 4).unwrap()];
    Decided {
        changes: vec![change(MAIN, &["production"], name(number), name(number + 1))],
        ..decided(MORNING + Seconds::new(i64::try_from(number).unwrap()), RecordedOutcome::Allowed)
    }
}

fn append(record: &Record, number: u64) {
    record.append(&mut |_| Ok::<_, RecordError>(step(number))).unwrap();
}

#[test]
fn every_256th_entry_is_a_checkpoint_and_what_is_before_the_last_one_is_not_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    let record = Record::File(RecordFile::new(path.clone()));
    for number in 0..700 {
        append(&record, number);
    }
    let all = read_all(&path);
    let checkpoints: Vec<u64> = all.iter().filter(|entry| entry.folded.is_some()).map(|entry| entry.sequence).collect();
    assert_eq!(checkpoints, [257, 513]);
    let truth = read(&path);
    assert_eq!(truth.sequence(), 700);
    // of the first 500 entries nothing is left but their length
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(499).unwrap().0;
    bytes[..end].fill(b'x');
    fs::write(&path, &bytes).unwrap();
    assert_eq!(read(&path), truth);
    append(&record, 700);
    assert_eq!(read(&path).sequence(), 701);
    // only what proves every entry sees that
    let workshop = Workshop::new();
    let verified = workshop.run(&["record", "verify", path.to_str().unwrap()]);
    assert_eq!(verified.status, Some(1), "{verified:?}");
    // and what follows the checkpoint is proved each time
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 40;
    bytes[last] = if bytes[last] == b'0' { b'1' } else { b'0' };
    fs::write(&path, &bytes).unwrap();
    let error = record.read().unwrap_err();
    assert!(matches!(error, RecordError::Broken { .. }), "{error}");
}

/// A record of an older version has no checkpoints: it is read as a whole once, and the next entry is one.
#[test]
fn a_long_record_without_checkpoints_gets_one_with_the_next_entry() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    let record = Record::File(RecordFile::new(path.clone()));
    for number in 0..300 {
        append(&record, number);
    }
    let sidecar = folder.path().join("record.jsonl.state");
    fs::remove_file(&sidecar).unwrap();
    let truth = read(&path);
    append(&record, 300);
    let all = read_all(&path);
    let checkpoints: Vec<u64> = all.iter().filter(|entry| entry.folded.is_some()).map(|entry| entry.sequence).collect();
    assert_eq!(checkpoints, [257, 301]);
    assert!(sidecar.exists());
    assert_eq!(truth.sequence() + 1, read(&path).sequence());
}

#[test]
fn a_record_that_was_cut_behind_its_checkpoint_or_begun_anew_is_known_by_the_file_beside_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    let record = Record::File(RecordFile::new(path.clone()));
    for number in 0..300 {
        append(&record, number);
    }
    let whole = fs::read_to_string(&path).unwrap();
    let cut: String = whole.split_inclusive('\n').take(200).collect();
    let other = TempDir::new().unwrap();
    let anew = Record::File(RecordFile::new(other.path().join("record.jsonl")));
    for number in 0..260 {
        append(&anew, number + 1);
    }
    let anew = fs::read_to_string(other.path().join("record.jsonl")).unwrap();
    for text in [cut, String::new(), anew] {
        fs::write(&path, &text).unwrap();
        let error = record.read().unwrap_err();
        let is_behind = matches!(&error, RecordError::Broken { faults, .. } if faults.iter().any(|fault| fault.kind.as_str() == "behind"));
        assert!(is_behind, "{error}");
        assert!(error.to_string().contains("delete `"), "{error}");
        let failed = record.append(&mut |_| Ok::<_, RecordError>(step(0))).unwrap_err();
        assert_eq!(failed, error);
        // begun anew on purpose
        let kept = fs::read(folder.path().join("record.jsonl.state")).unwrap();
        fs::remove_file(folder.path().join("record.jsonl.state")).unwrap();
        record.read().unwrap();
        fs::write(folder.path().join("record.jsonl.state"), kept).unwrap();
    }
}

/// The tree of a checkpoint that says something else than the entries is found by whoever reads them, and a tree that does not
/// have the digest that the entry names counts for nothing at once.
#[test]
fn the_tree_of_a_checkpoint_is_compared_with_its_entry() {
    let workshop = Workshop::with_repository();
    let repository = Repository::open_at(&workshop.path()).unwrap();
    let name = RefName::new("refs/freezegate/record").unwrap();
    let record = Record::Ref(RecordRef::new(&repository, None, &name).unwrap());
    for number in 0..260 {
        append(&record, number);
    }
    let all = entries(&record);
    assert_eq!(all.iter().filter(|entry| entry.folded.is_some()).count(), 1);
    assert_eq!(
        all[256].folded,
        Some(freezegate::proof::record::Digest::of(
            workshop.git(&["show", "refs/freezegate/record~3:folded"]).as_bytes()
        ))
    );
    let truth = record.read().unwrap();
    // what is before the checkpoint is not needed
    let before = workshop.git(&["rev-parse", "refs/freezegate/record~4"]);
    let (first, rest) = before.split_at(2);
    let object = workshop.join(&format!(".git/objects/{first}/{rest}"));
    let kept = fs::read(&object).unwrap();
    fs::remove_file(&object).unwrap();
    assert_eq!(record.read().unwrap(), truth);
    fs::write(&object, kept).unwrap();
    // the same commit with another tree
    let blob = workshop.git(&["hash-object", "-w", "freezegate.toml"]);
    fs::write(workshop.join("tree"), format!("100644 blob {blob}\tfolded\n")).unwrap();
    let mktree = workshop.program("sh", &workshop.path()).args(["-c", "git mktree < tree"]).output().unwrap();
    let tree = String::from_utf8(mktree.stdout).unwrap().trim().to_owned();
    let message = workshop.git(&["log", "-1", "--format=%B", "refs/freezegate/record~3"]);
    let forged = workshop.git(&["commit-tree", &tree, "-p", &before, "-m", &message]);
    workshop.git(&["update-ref", "refs/freezegate/record", &forged]);
    let error = record.read().unwrap_err();
    assert!(error.to_string().contains("do not come to the state"), "{error}");
}
