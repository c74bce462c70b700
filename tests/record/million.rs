//! A record of a million entries, of which all but the last are a hole in the file, or are not in the repository: whoever reads
//! more than it has to comes to no decision.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Decided, Digest, Folded, Record, RecordError, RecordFile, RecordRef, RecordedOutcome};
use freezegate::time::seconds::Seconds;
use serde_json::{Value, json};

use crate::record::decisions::{MORNING, change, decided};
use crate::record::workshop::{Ended, Workshop};

/// The number of entries.
const ENTRIES: u64 = 1_000_000;

/// How many come after the last checkpoint: one more, and the next is one.
const SINCE: u64 = 255;

/// How many bytes all others would have.
const HOLE: u64 = 700 * ENTRIES;

/// The most address space that the program may have, in KiB.
const MAX_KILOBYTES: usize = 60_000;

fn step(number: u64) -> Decided {
    let (old, new) = if number.is_multiple_of(2) { ("A", "B") } else { ("B", "A") };
    Decided {
        changes: vec![change("refs/heads/main", &["production"], old, new)],
        rollback_within: Some(Seconds::new(60)),
        ..decided(MORNING + Seconds::new(i64::try_from(number).unwrap()), RecordedOutcome::Allowed)
    }
}

fn append(record: &Record, decided: &Decided) {
    record.append(&mut |_| Ok::<_, RecordError>(decided.clone())).unwrap().unwrap();
}

/// Returns what all entries before the last checkpoint come to, and the line of that.
fn checkpoint(workshop: &Workshop) -> (Vec<u8>, String) {
    let path = workshop.join("short.jsonl");
    let record = Record::File(RecordFile::new(path.clone()));
    for number in 0..257 {
        append(&record, &step(number));
    }
    let last = Digest::of(b"the last one before the checkpoint");
    let sequence = ENTRIES - SINCE;
    let sidecar = fs::read(path.with_extension("jsonl.state")).unwrap();
    let mut folded: Value = serde_json::from_slice(&sidecar).unwrap();
    folded["sequence"] = json!(sequence - 1);
    folded["last"] = json!(last);
    let folded = Folded::from_bytes(folded.to_string().as_bytes()).unwrap().to_bytes().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let (body, _) = text.lines().last().unwrap().rsplit_once(",\"folded\":").unwrap();
    let (_, decided) = body.split_once(",\"run\":").unwrap();
    let body = format!(
        r#"{{"schema":"freezegate/record/v1","sequence":{sequence},"previous":"{last}","run":{decided},"folded":"{}""#,
        Digest::of(&folded)
    );
    let hash = Digest::of(format!("{body}}}").as_bytes());
    (folded, format!("{body},\"hash\":\"{hash}\"}}"))
}

/// Returns how many bytes this thread has read so far (proc_pid_io(5)).
fn bytes_read() -> u64 {
    let io = fs::read_to_string("/proc/thread-self/io").unwrap();
    io.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

/// Returns how many bytes are read for a look and for a decision.
fn cost(record: &Record) -> [u64; 2] {
    let begin = bytes_read();
    let sequence = record.read().unwrap().sequence();
    let looked = bytes_read();
    append(record, &step(sequence));
    [looked - begin, bytes_read() - looked]
}

fn decide(workshop: &Workshop, location: &str) -> Ended {
    let mut command = workshop.program("sh", &workshop.path());
    command.args(["-c", &format!("ulimit -v {MAX_KILOBYTES} && exec \"$0\" \"$@\"")]);
    command.args([env!("CARGO_BIN_EXE_freezegate"), "check", "staging", "--record", location, "--format", "json"]);
    Ended::of(command.output().unwrap())
}

/// Fills up to a million entries, and decides with ten and with a million.
fn is_as_quick(workshop: &Workshop, location: &str, record: &Record, short: &Record, most: u64) {
    for number in ENTRIES - SINCE..ENTRIES {
        append(record, &step(number));
    }
    assert_eq!(record.read().unwrap().sequence(), ENTRIES);
    for number in 0..10 {
        append(short, &step(number));
    }
    let (ten, million) = (cost(short), cost(record));
    eprintln!("{location}: bytes read for a look and a decision: {ten:?} of ten entries, {million:?} of a million");
    for (few, many) in ten.iter().zip(million) {
        assert!(many <= few + most, "{location}: {ten:?}, {million:?}");
    }
    // that was the next checkpoint
    let ended = decide(workshop, location);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(ended.json()["record"]["sequence"], ENTRIES + 2, "{ended:?}");
    let [look, _] = cost(record);
    assert!(look <= most, "{location}: {look}");
}

#[test]
fn a_decision_with_a_million_entries_in_a_file_reads_the_last_of_them() {
    let workshop = Workshop::new();
    let (folded, line) = checkpoint(&workshop);
    let path = workshop.join("record.jsonl");
    let mut file = File::create(&path).unwrap();
    file.seek(SeekFrom::Start(HOLE)).unwrap();
    file.write_all(format!("\n{line}\n").as_bytes()).unwrap();
    fs::write(workshop.join("record.jsonl.state"), folded).unwrap();
    let record = |path: &Path| Record::File(RecordFile::new(path.to_path_buf()));
    // the end of the file, in which the checkpoint is looked for, and what is beside it
    is_as_quick(&workshop, "record.jsonl", &record(&path), &record(&workshop.join("ten.jsonl")), 1 << 20);
    assert!(fs::metadata(&path).unwrap().len() > HOLE);
}

#[test]
fn a_decision_with_a_million_entries_in_a_ref_reads_the_last_of_them() {
    let workshop = Workshop::with_repository();
    let (folded, line) = checkpoint(&workshop);
    fs::write(workshop.join("folded"), folded).unwrap();
    let blob = workshop.git(&["hash-object", "-w", "folded"]);
    fs::write(workshop.join("listing"), format!("100644 blob {blob}\tfolded\n")).unwrap();
    let mktree = workshop.program("sh", &workshop.path()).args(["-c", "git mktree < listing"]).output().unwrap();
    let tree = String::from_utf8(mktree.stdout).unwrap().trim().to_owned();
    let who = "freezegate <record@freezegate.invalid> 1767780000 +0000";
    // the commit before it is nowhere
    let commit =
        format!("tree {tree}\nparent {}\nauthor {who}\ncommitter {who}\n\na decision\n\n{line}\n", "1".repeat(40));
    fs::write(workshop.join("commit"), commit).unwrap();
    let commit = workshop.git(&["hash-object", "-t", "commit", "-w", "commit"]);
    fs::create_dir_all(workshop.join(".git/refs/freezegate")).unwrap();
    fs::write(workshop.join(".git/refs/freezegate/record"), format!("{commit}\n")).unwrap();
    let repository = Repository::open_at(&workshop.path()).unwrap();
    let record = |name: &str| Record::Ref(RecordRef::new(&repository, None, &RefName::new(name).unwrap()).unwrap());
    let (long, short) = (record("refs/freezegate/record"), record("refs/freezegate/ten"));
    is_as_quick(&workshop, "refs/freezegate/record", &long, &short, 2 << 20);
}
