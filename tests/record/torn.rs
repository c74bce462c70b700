//! Lines that are not all there, and files that are not what they seem.

use std::fs;
use std::path::{Path, PathBuf};

use freezegate::proof::record::{Folded, Record, RecordError, RecordFile, RecordedOutcome};
use freezegate::time::seconds::Seconds;
use tempfile::TempDir;

use crate::record::decisions::{MORNING, append, decided, read_all, try_append};
use crate::record::workshop::Workshop;

/// A record of three decisions, and what is in it.
fn three(folder: &Path) -> (PathBuf, Vec<u8>) {
    let path = folder.join("record.jsonl");
    for number in 0..3 {
        append(&path, decided(MORNING + Seconds::new(number), RecordedOutcome::Allowed));
    }
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

#[test]
fn a_line_cut_off_anywhere_was_never_told_of_and_is_written_over() {
    let folder = TempDir::new().unwrap();
    let (path, bytes) = three(folder.path());
    let all = read_all(&path);
    let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    // a whole line that only lacks its end stays
    for cut in last..bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        let known = if cut == bytes.len() - 1 { 3 } else { 2 };
        assert_eq!(read_all(&path), all[..known], "cut at {cut}");
        let entry = append(&path, decided(MORNING + Seconds::new(9), RecordedOutcome::Refused));
        let now = read_all(&path);
        assert_eq!(now[..known], all[..known], "cut at {cut}");
        assert_eq!(now[known..], [entry], "cut at {cut}");
    }
}

#[test]
fn a_torn_line_is_told_by_verify_and_not_in_the_way_of_show() {
    let workshop = Workshop::new();
    let (path, bytes) = three(&workshop.path());
    fs::write(&path, &bytes[..bytes.len() - 30]).unwrap();
    let verified = workshop.run(&["record", "verify", "record.jsonl"]);
    assert_eq!(verified.status, Some(1), "{verified:?}");
    assert!(verified.printed.contains("line 3: the last entry is incomplete"), "{verified:?}");
    let shown = workshop.run(&["record", "show", "record.jsonl"]);
    assert_eq!(shown.status, Some(0), "{shown:?}");
    assert!(shown.printed.ends_with("2 decisions: 2 allowed, 0 refused\n"), "{shown:?}");
}

#[test]
fn a_last_line_with_an_end_is_never_given_up() {
    let folder = TempDir::new().unwrap();
    let (path, bytes) = three(folder.path());
    let mut zeros = bytes.clone();
    let length = zeros.len();
    zeros[length - 200..length - 1].fill(0);
    fs::write(&path, &zeros).unwrap();
    let error = try_append(&path, decided(MORNING + Seconds::new(9), RecordedOutcome::Allowed)).unwrap_err();
    assert!(matches!(error, RecordError::Broken { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), zeros);
}

#[test]
fn zeros_at_the_end_as_a_power_cut_leaves_them_are_written_over() {
    let folder = TempDir::new().unwrap();
    let (path, mut bytes) = three(folder.path());
    bytes.extend([0; 4096]);
    fs::write(&path, &bytes).unwrap();
    append(&path, decided(MORNING + Seconds::new(9), RecordedOutcome::Allowed));
    assert_eq!(read_all(&path).len(), 4);
}

#[test]
fn a_file_that_is_moved_or_deleted_meanwhile_keeps_nothing_and_nothing_is_acknowledged() {
    for delete in [false, true] {
        let folder = TempDir::new().unwrap();
        let (path, _) = three(folder.path());
        let record = Record::File(RecordFile::new(path.clone()));
        let error = record
            .append(&mut |_: &Folded| {
                if delete {
                    fs::remove_file(&path).unwrap();
                } else {
                    fs::rename(&path, folder.path().join("moved.jsonl")).unwrap();
                }
                Ok::<_, RecordError>(decided(MORNING + Seconds::new(9), RecordedOutcome::Allowed))
            })
            .unwrap_err();
        assert_eq!(error, RecordError::Replaced { path: path.clone() });
    }
}

#[test]
fn what_is_no_regular_file_is_no_record() {
    let workshop = Workshop::new();
    let pipe = workshop.join("pipe");
    assert!(workshop.program("mkfifo", &workshop.path()).arg(&pipe).status().unwrap().success());
    let folder = workshop.join("folder");
    fs::create_dir(&folder).unwrap();
    for path in [&pipe, &folder, Path::new("/dev/null"), Path::new("/dev/full")] {
        let path = path.to_str().unwrap();
        let ended = workshop.run(&["check", "staging", "--record", path]);
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.errors.contains(&format!("the record `{path}` is not a regular file")), "{ended:?}");
        assert!(ended.printed.is_empty(), "{ended:?}");
    }
}

#[test]
fn a_record_that_cannot_be_written_refuses() {
    let workshop = Workshop::new();
    for (location, cause) in [
        ("missing/record.jsonl", "does not exist | = help: make it: `mkdir -p missing`"),
        ("freezegate.toml/record.jsonl", "can't be read"),
        ("freezegate.toml", "is not a freezegate record: line 1: "),
        ("refs/freezegate/record", "no git repository"),
        ("refs/heads/main", "is not a ref of a record"),
        (":refs/freezegate/record", "names no remote"),
        ("", "is empty"),
    ] {
        let ended = workshop.run(&["check", "staging", "--record", location, "--format", "json"]);
        assert_eq!(ended.status, Some(2), "{location}: {ended:?}");
        let said = ended.errors.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(cause), "{location}: {ended:?}");
        assert_eq!(ended.json()["decision"], "undecided", "{location}: {ended:?}");
    }
    // a command that only reads does not say how to begin a record
    for command in ["show", "verify"] {
        let ended = workshop.run(&["record", command, "freezegate.toml"]);
        let said = ended.errors.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("name the file or ref that `check --record` writes to"), "{ended:?}");
    }
    assert!(!workshop.join("missing").exists());
}
