//! Records that are longer than the memory that reading them may take.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Command, Stdio};

use freezegate::proof::record::Digest;

use crate::record::workshop::{Ended, Workshop};

/// The number of entries; together they have 22 MB, and as values several times that.
const ENTRIES: usize = 30_000;

/// The most address space that the program may have besides itself, in KiB: what it maps of other files counts too.
const MAX_KILOBYTES: u64 = 21_000;

/// So many lines of a sound record, each with its number.
fn lines() -> impl Iterator<Item = (usize, String)> {
    let mut previous = "null".to_owned();
    (1..=ENTRIES).map(move |number| {
        let body = format!(
            r#"{{"schema":"freezegate/record/v1","sequence":{number},"previous":{previous},"run":"{number:016x}","decided":{{"at":"2026-01-07T10:00:00Z","mode":"check","standing":"enforcement","decision":"refused","reached":[{{"environment":"production","region":"eu","service":null}}],"changes":[],"kinds":[],"findings":[{{"id":"core-hours/eu","code":"core-hours","level":"hard","environment":"production","region":"eu","lifted_by":null}}],"reasons":[],"incident":null,"actor":"ada","requesters":[],"signers":[],"spent":[],"policy":"{}","tzdb":"2026f"}}"#,
            Digest::of(b"a policy")
        );
        let hash = Digest::of(format!("{body}}}").as_bytes());
        previous = format!("\"{hash}\"");
        (number, format!("{body},\"hash\":\"{hash}\"}}"))
    })
}

/// Runs freezegate with little memory.
fn run(workshop: &Workshop, arguments: &[&str]) -> Command {
    let program = env!("CARGO_BIN_EXE_freezegate");
    let most = fs::metadata(program).unwrap().len() / 1024 + MAX_KILOBYTES;
    let mut command = workshop.program("sh", &workshop.path());
    command.args(["-c", &format!("ulimit -v {most} && exec \"$0\" \"$@\"")]).arg(program).args(arguments);
    command
}

/// Verifies and shows the record, which is sound.
#[track_caller]
fn is_read_whole(workshop: &Workshop, location: &str) {
    let verified = Ended::of(run(workshop, &["record", "verify", location, "--format", "json"]).output().unwrap());
    assert_eq!(verified.status, Some(0), "{verified:?}");
    assert_eq!(verified.json()["entries"], ENTRIES);
    let shown = File::create(workshop.join("shown")).unwrap();
    let mut show = run(workshop, &["record", "show", location, "--format", "json"]);
    assert!(show.stdout(shown).status().unwrap().success());
    let shown = fs::read_to_string(workshop.join("shown")).unwrap();
    for ((number, line), shown) in lines().zip(shown.lines()) {
        assert_eq!(shown.split_once(',').unwrap().1, line.strip_prefix('{').unwrap(), "{number}");
    }
    assert_eq!(shown.lines().count(), ENTRIES);
    let told = Ended::of(run(workshop, &["record", "show", location, "--allowed"]).output().unwrap());
    let nothing = format!("0 of {ENTRIES} decisions match\n");
    assert_eq!(told.printed, nothing, "{told:?}");
}

/// Decides twice. The record has no checkpoint: the first decision reads it as a whole and makes one, the second reads that.
#[track_caller]
fn is_decided_with(workshop: &Workshop, location: &str) {
    for number in 1..=2 {
        let arguments = ["check", "staging", "--record", location, "--format", "json"];
        let ended = Ended::of(run(workshop, &arguments).output().unwrap());
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert_eq!(ended.json()["record"]["sequence"], ENTRIES + number, "{ended:?}");
    }
}

#[test]
fn a_long_record_in_a_file_is_read_with_little_memory() {
    let workshop = Workshop::new();
    let mut text = String::new();
    for (_, line) in lines() {
        writeln!(text, "{line}").unwrap();
    }
    fs::write(workshop.join("record.jsonl"), &text).unwrap();
    is_read_whole(&workshop, "record.jsonl");
    is_decided_with(&workshop, "record.jsonl");
    fs::remove_file(workshop.join("record.jsonl.state")).unwrap();
    // the end of it once more, and one that is missing: what stands elsewhere is looked for
    let cut: String = text.split_inclusive('\n').skip(ENTRIES - 20).collect();
    let gap = text.lines().nth(9).unwrap();
    fs::write(workshop.join("record.jsonl"), text.replacen(&format!("{gap}\n"), "", 1) + &cut).unwrap();
    let verified =
        Ended::of(run(&workshop, &["record", "verify", "record.jsonl", "--format", "json"]).output().unwrap());
    assert_eq!(verified.status, Some(1), "{verified:?}");
    let faults = verified.json()["faults"].as_array().unwrap().clone();
    let place = |index: usize| format!("line {}", ENTRIES + index - 1);
    assert_eq!(faults.len(), 1 + 20, "{verified:?}");
    assert_eq!((&faults[0]["fault"], &faults[0]["place"]), (&"dropped".into(), &"line 10".into()));
    for (index, fault) in faults.iter().enumerate().skip(1) {
        let number = ENTRIES - 20 + index;
        let message = format!("entry {number} is already at line {}", number - 1);
        assert_eq!((&fault["message"], &fault["place"]), (&message.into(), &place(index).into()));
    }
}

#[test]
fn a_long_record_in_a_ref_is_read_with_little_memory() {
    let workshop = Workshop::with_repository();
    let mut import = workshop.program("git", &workshop.path());
    let mut import = import.args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = import.stdin.take().unwrap();
    for (number, line) in lines() {
        let message = format!("{number} refused production\n\n{line}\n");
        let committer = "committer freezegate <record@freezegate.invalid> 0 +0000";
        let length = message.len();
        writeln!(input, "commit refs/freezegate/record\nmark :{number}\n{committer}\ndata {length}\n{message}")
            .unwrap();
        if number > 1 {
            writeln!(input, "from :{}", number - 1).unwrap();
        }
    }
    drop(input);
    assert!(import.wait().unwrap().success());
    is_read_whole(&workshop, "refs/freezegate/record");
    is_decided_with(&workshop, "refs/freezegate/record");
}
