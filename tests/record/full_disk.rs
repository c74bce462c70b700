//! No room left.

use std::fs;

use freezegate::proof::record::RecordedOutcome;
use freezegate::time::seconds::Seconds;

use crate::record::decisions::{MORNING, append, decided, read_all};
use crate::record::workshop::{Ended, Workshop};

/// The limit on a file's size (setrlimit(2), RLIMIT_FSIZE) stops a write in the middle as a full disk does.
#[test]
fn where_a_line_does_not_fit_nothing_is_acknowledged_and_nothing_is_lost() {
    let workshop = Workshop::new();
    let path = workshop.join("record.jsonl");
    for number in 0..4 {
        append(&path, decided(MORNING + Seconds::new(number), RecordedOutcome::Allowed));
    }
    let before = fs::read(&path).unwrap();
    // blocks of 512 bytes: from one in which not all fits that is there already to one in which another entry fits
    let first = before.len() / 512;
    let mut stopped = 0;
    for blocks in first..first + 4 {
        fs::write(&path, &before).unwrap();
        let program = env!("CARGO_BIN_EXE_freezegate");
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec {program} check staging --record record.jsonl --format json"
        );
        let ended = Ended::of(workshop.program("sh", &workshop.path()).args(["-c", &script]).output().unwrap());
        let entries = read_all(&path);
        match ended.status {
            Some(0) => assert_eq!(entries.last().unwrap().hash.to_string(), ended.hash()),
            Some(2) => {
                stopped += 1;
                assert!(ended.errors.contains("can't be written"), "{ended:?}");
                assert_eq!(ended.json()["decision"], "undecided", "{ended:?}");
                assert_eq!(fs::read(&path).unwrap(), before, "what was written of the line is taken back");
            }
            other => panic!("{other:?}: {ended:?}"),
        }
    }
    assert!((1..4).contains(&stopped), "{stopped} of 4 were stopped");
    append(&path, decided(MORNING + Seconds::new(9), RecordedOutcome::Allowed));
    assert_eq!(read_all(&path).len(), if fs::read(&path).unwrap().len() > before.len() + 1000 { 6 } else { 5 });
}

/// A small file system, by whoever may mount one: root, or a user in a namespace of their own. It is filled by one entry after the
/// other, and then, with the file beside the record taken away each time, by checkpoints: the record may have room for the
/// entry where the file beside it has none.
#[test]
fn a_full_disk_refuses_and_keeps_all_that_was_acknowledged() {
    let workshop = Workshop::new();
    let program = env!("CARGO_BIN_EXE_freezegate");
    fs::create_dir(workshop.join("disk")).unwrap();
    for number in 0..256 {
        append(&workshop.join("begun.jsonl"), decided(MORNING + Seconds::new(number), RecordedOutcome::Allowed));
    }
    let begun = fs::metadata(workshop.join("begun.jsonl")).unwrap().len();
    // pages of 4 KiB: the record, what is beside it and what replaces that, and a little
    let with_checkpoints = begun / 1024 + 24;
    for (size, begin, each_time, least) in [
        (16, ":", ":", 5),
        (with_checkpoints, "cp begun.jsonl disk/record.jsonl", "rm -f disk/record.jsonl.state", 5),
        (with_checkpoints - 12, "cp begun.jsonl disk/record.jsonl", "rm -f disk/record.jsonl.state", 1),
        (with_checkpoints, "cp begun.jsonl disk/record.jsonl", ":", 5),
    ] {
        let script = format!(
            "mount -t tmpfs -o size={size}k tmpfs disk || exit 77
             {begin} || exit 79
             told=0
             while :; do
                 {each_time}
                 {program} check staging --record disk/record.jsonl >last.txt 2>errors.txt
                 status=$?
                 [ $status -eq 0 ] || break
                 told=$((told + 1))
             done
             {program} record verify disk/record.jsonl >&2 || exit 78
             cp disk/record.jsonl kept.jsonl
             ls disk >&2
             echo $told $status"
        );
        let id = workshop.program("id", &workshop.path()).arg("-u").output().unwrap();
        let mut unshare = workshop.program("unshare", &workshop.path());
        if String::from_utf8(id.stdout).unwrap().trim() != "0" {
            unshare.args(["--user", "--map-root-user"]);
        }
        let ended = Ended::of(unshare.args(["--mount", "sh", "-c", &script]).output().unwrap());
        if ended.status == Some(77) || (ended.status == Some(1) && ended.errors.contains("unshare failed")) {
            eprintln!("no file system can be mounted here: {}", ended.errors);
            return;
        }
        assert_eq!(ended.status, Some(0), "{size}: {ended:?}");
        let (told, status) = ended.printed.trim().split_once(' ').unwrap();
        assert_eq!(status, "2", "{ended:?}");
        let all = read_all(&workshop.join("kept.jsonl"));
        let kept = if begin == ":" { all.len() } else { all.len() - 256 };
        assert_eq!(told.parse::<usize>().unwrap(), kept, "{size}");
        assert!(kept >= least, "{size}: {kept} entries fill no disk");
        let checkpoints = all.iter().filter(|entry| entry.folded.is_some()).count();
        let expected = match (begin, each_time) {
            (":", _) => 0,
            (_, ":") => 1,
            (_, _) => kept,
        };
        assert_eq!(checkpoints, expected, "{size}");
        let errors = fs::read_to_string(workshop.join("errors.txt")).unwrap();
        assert!(errors.contains("no space left on device"), "{errors}");
        assert_eq!(fs::read_to_string(workshop.join("last.txt")).unwrap(), "");
    }
}
