//! Records that somebody wrote to hurt, and files that are none.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};

use freezegate::proof::record::{Decided, Digest, RecordedMode, RecordedOutcome};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::record::decisions::{MORNING, append, decided, try_append};
use crate::record::workshop::{Ended, Workshop};

/// The most address space that the program may have, in KiB: a line may have 64 MiB, and what is read of it twice that.
const MAX_KILOBYTES: usize = 300_000;

/// Runs freezegate with so little memory.
fn run(workshop: &Workshop, arguments: &[&str]) -> Ended {
    let mut command = workshop.program("sh", &workshop.path());
    command.args(["-c", &format!("ulimit -v {MAX_KILOBYTES} && exec \"$0\" \"$@\"")]);
    Ended::of(command.arg(env!("CARGO_BIN_EXE_freezegate")).args(arguments).output().unwrap())
}

/// A line with a hash to match.
fn sealed(body: &str) -> Vec<u8> {
    let hash = Digest::of(format!("{body}}}").as_bytes());
    format!("{body},\"hash\":\"{hash}\"}}").into_bytes()
}

/// Each stands in the place of the third of three entries, with a line end. The hash is right wherever there can be one, so that
/// it is not the hash alone by which it is found.
#[test]
fn a_hostile_line_ends_without_a_decision_and_names_its_place() {
    let workshop = Workshop::new();
    let path = workshop.join("made.jsonl");
    for number in 0..3 {
        append(&path, decided(MORNING + Seconds::new(number), RecordedOutcome::Allowed));
    }
    let made = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = made.lines().collect();
    let (body, _) = lines[2].rsplit_once(",\"hash\"").unwrap();
    let with = |old: &str, new: &str| {
        assert!(body.contains(old), "{old}");
        sealed(&body.replacen(old, new, 1))
    };
    let good = sealed(body);
    let nested =
        |depth: usize| with("\"changes\":[]", &format!("\"changes\":{}{}", "[".repeat(depth), "]".repeat(depth)));
    let at = |instant: &str| with("2026-01-07T10:00:02Z", instant);
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a line without end", vec![b'x'; 70 << 20], "longer than 64 MiB"),
        ("NUL within", with("\"run\":\"", "\"run\":\"\0"), "control character"),
        ("NUL alone", vec![0; 4096], "it is not JSON"),
        ("no UTF-8", [b"\xff\xfe", good.as_slice()].concat(), "it is not text"),
        (
            "no UTF-8 within",
            good.iter().map(|byte| if *byte == b'e' { 0xe4 } else { *byte }).collect(),
            "it is not text",
        ),
        ("half a surrogate", with("\"run\":\"", "\"run\":\"\\ud800"), "hex escape"),
        ("a byte order mark", [b"\xef\xbb\xbf", good.as_slice()].concat(), "it is not JSON"),
        ("a carriage return", [good.as_slice(), b"\r"].concat(), "was changed after it was written"),
        ("a blank behind", [good.as_slice(), b" "].concat(), "was changed after it was written"),
        ("two in one line", good.repeat(2), "it is not JSON"),
        ("one key twice", with("\"sequence\":3", "\"sequence\":3,\"sequence\":3"), "it has `sequence` twice"),
        ("one key twice, below", with("\"tzdb\":", "\"tzdb\":\"x\",\"tzdb\":"), "it has `tzdb` twice"),
        ("a key that nobody knows", with("\"tzdb\":", "\"more\":1,\"tzdb\":"), "it has the unknown key `more`"),
        ("nested", nested(10), "a list is not "),
        ("nested deeply", nested(200_000), "a list is not "),
        ("nothing but nested", b"[".repeat(200_000), "is not "),
        ("nested objects", b"{\"schema\":".repeat(200_000), "this is not an entry of a record: "),
        (
            "beyond all numbers",
            with("\"sequence\":3", "\"sequence\":99999999999999999999999"),
            "is not a whole number from 0 on",
        ),
        ("below zero", with("\"sequence\":3", "\"sequence\":-3"), "`-3` is not a whole number from 0 on"),
        ("a fraction", with("\"sequence\":3", "\"sequence\":3.0"), "is not a whole number from 0 on"),
        (
            "the last of all numbers",
            with("\"sequence\":3", "\"sequence\":18446744073709551615"),
            "the entry has the number ",
        ),
        ("an instant beyond all", at("99999-01-01T00:00:00Z"), "is not a time in UTC"),
        ("the last of all instants", at("9999-12-31T23:59:59Z"), "is not a time in UTC"),
        ("an instant in a leap second", at("2026-01-07T10:00:60Z"), "is not a time in UTC"),
        ("an instant elsewhere", at("2026-01-07T10:00:02+01:00"), "is not a time in UTC"),
        (
            "a line of another log",
            b"{\"time\":\"2026-01-07\",\"msg\":\"hello\"}".to_vec(),
            "it has the unknown key `time`",
        ),
        (
            "an entry of another record",
            sealed(&body.replacen("\"previous\":\"", "\"previous\":\"0", 1)),
            "this is not an entry of a record: ",
        ),
    ];
    for (what, line, told) in rows {
        let text = [lines[..2].join("\n").as_bytes(), b"\n", &line, b"\n"].concat();
        fs::write(workshop.join("record.jsonl"), &text).unwrap();
        for command in [
            &["check", "staging", "--record", "record.jsonl"][..],
            &["record", "show", "record.jsonl"],
            &["record", "verify", "record.jsonl"],
        ] {
            let ended = run(&workshop, command);
            let is_verified = command.contains(&"verify");
            assert_eq!(ended.status, Some(if is_verified { 1 } else { 2 }), "{what}: {ended:?}");
            let said = if is_verified { &ended.printed } else { &ended.errors };
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains("line 3: ") && said.contains(told), "{what}: {said}");
        }
        assert_eq!(fs::read(workshop.join("record.jsonl")).unwrap(), text, "{what}: it is left as it is found");
    }
}

/// Values at the edge of what there can be, in entries that are genuine: nothing overflows.
#[test]
fn the_largest_and_the_smallest_values_of_a_genuine_entry_are_read() {
    let workshop = Workshop::new();
    for (number, rollback_within) in [i64::MIN, -1, 0, i64::MAX].into_iter().enumerate() {
        let path = workshop.join(&format!("within-{number}.jsonl"));
        let one = |at: Instant| Decided {
            changes: vec![crate::record::decisions::change(
                "refs/heads/main",
                &["production"],
                "-",
                &at.as_second().to_string(),
            )],
            rollback_within: Some(Seconds::new(rollback_within)),
            mode: RecordedMode::PreReceive,
            ..decided(at, RecordedOutcome::Allowed)
        };
        for at in [-377_705_000_000, 0, 1, MORNING.as_second()] {
            append(&path, one(Instant::from_second(at)));
        }
        let ended = workshop.run(&["check", "staging", "--record", path.to_str().unwrap()]);
        assert_eq!(ended.status, Some(0), "{rollback_within}: {ended:?}");
    }
    let path = workshop.join("left-out.jsonl");
    let mut previous = "null".to_owned();
    let mut text = Vec::new();
    append(&path, decided(MORNING, RecordedOutcome::Allowed));
    let made = fs::read_to_string(&path).unwrap();
    let (body, _) = made.trim_end().rsplit_once(",\"hash\"").unwrap();
    for number in 1..=3 {
        let body = body.replacen("\"sequence\":1", &format!("\"sequence\":{number}"), 1);
        let body = body.replacen("\"previous\":null", &format!("\"previous\":{previous}"), 1);
        let line = sealed(&format!("{body},\"left_out\":18446744073709551615"));
        let hash = str::from_utf8(&line[line.len() - 66..line.len() - 2]).unwrap().to_owned();
        previous = format!("\"{hash}\"");
        text.extend([line, b"\n".to_vec()].concat());
    }
    fs::write(&path, text).unwrap();
    for (command, told) in [("show", "3 decisions: 3 allowed"), ("verify", "intact: ")] {
        let ended = workshop.run(&["record", command, "left-out.jsonl"]);
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert!(ended.printed.contains(told), "{ended:?}");
        assert!(
            ended.printed.contains("left out    18446744073709551615 refused pushes are not recorded"),
            "{ended:?}"
        );
    }
}

/// A file of something else is named as what it is, in one line, and is not written over: not even one without a line end,
/// which looks like a line that is not all there.
#[test]
fn a_file_that_is_no_record_is_called_so_and_left_alone() {
    let workshop = Workshop::with_repository();
    let many: String = (0..3000).map(|number| format!("line {number} of a log\n")).collect();
    for (what, text, line) in [
        ("a policy", fs::read(workshop.join("freezegate.toml")).unwrap(), 1),
        ("a log", many.into_bytes(), 1),
        ("a word without a line end", b"hello".to_vec(), 1),
        ("JSON without a line end", b"{\"time\":\"2026-01-07\"}".to_vec(), 1),
        ("a brace without a line end", b"{\"schema\":\"freezegate/record/v9".to_vec(), 1),
        ("an empty line", b"\n".to_vec(), 1),
        ("a program", [b"\x7fELF", vec![0; 5000].as_slice()].concat(), 1),
    ] {
        fs::write(workshop.join("file"), &text).unwrap();
        for command in [
            &["check", "staging", "--record", "file"][..],
            &["record", "show", "file"],
            &["record", "verify", "file"],
            &["record", "verify", "file", "--format", "json"],
        ] {
            let ended = run(&workshop, command);
            assert_eq!(ended.status, Some(2), "{what}: {ended:?}");
            let told = format!("`file` is not a freezegate record: line {line}: ");
            assert!(ended.errors.contains(&told), "{what}: {ended:?}");
            assert!(ended.errors.len() < 500 && ended.printed.is_empty(), "{what}: {ended:?}");
            assert_eq!(fs::read(workshop.join("file")).unwrap(), text, "{what}");
        }
    }
    // nor is a branch of anything else
    let other = workshop.git(&["rev-parse", "HEAD"]);
    workshop.git(&["update-ref", "refs/freezegate/record", &other]);
    for command in ["show", "verify"] {
        let ended = workshop.run(&["record", command, "refs/freezegate/record"]);
        assert_eq!(ended.status, Some(2), "{ended:?}");
        let told = format!("`refs/freezegate/record` is not a freezegate record: commit {other}: ");
        assert!(ended.errors.contains(&told), "{ended:?}");
    }
    // behind sound entries, it is a fault of the record
    append(&workshop.join("record.jsonl"), decided(MORNING, RecordedOutcome::Allowed));
    let mut file = File::options().append(true).open(workshop.join("record.jsonl")).unwrap();
    file.write_all(b"hello").unwrap();
    let ended = workshop.run(&["check", "staging", "--record", "record.jsonl"]);
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.errors.contains("line 2: this is not an entry of a record: "), "{ended:?}");
    let kept = fs::read(workshop.join("record.jsonl")).unwrap();
    try_append(&workshop.join("record.jsonl"), decided(MORNING, RecordedOutcome::Allowed)).unwrap_err();
    assert_eq!(fs::read(workshop.join("record.jsonl")).unwrap(), kept);
}

/// A large file without a single line end.
#[test]
fn a_file_without_any_line_end_is_not_read_into_memory() {
    let workshop = Workshop::new();
    let mut file = File::create(workshop.join("huge")).unwrap();
    file.write_all(b"x").unwrap();
    file.seek(SeekFrom::Start(300 << 20)).unwrap();
    file.write_all(b"x").unwrap();
    drop(file);
    for command in [&["check", "staging", "--record", "huge"][..], &["record", "verify", "huge"]] {
        let ended = run(&workshop, command);
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.errors.contains("line 1: the line is longer than 64 MiB"), "{ended:?}");
    }
}
