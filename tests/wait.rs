//! `wait`: it returns when the change is allowed, and answers as `check` does.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't run the program should fail")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::clean;
use crate::support::clock::FAKETIME;

/// Production is closed until 18:00, staging for 5,977 years, and the lab never.
const POLICY: &str = r#"version = 1

[environments.lab]
[environments.production]
[environments.staging]

[[freezes]]
name         = "by day"
from         = 2023-04-26T08:00:00
until        = 2023-04-26T18:00:00
timezone     = "UTC"
environments = ["production"]

[[freezes]]
name         = "sealed"
from         = 2000-01-01T00:00:00
until        = 8000-01-01T00:00:00
timezone     = "UTC"
environments = ["staging"]
"#;

/// Four seconds before production opens; the clock goes on.
const BEFORE: &str = "@2023-04-26 17:59:56";

/// An hour before.
const LONG_BEFORE: &str = "@2023-04-26 17:00:00";

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
    folder
}

/// The program, which begins at `clock`.
fn gate(folder: &TempDir, clock: &str, arguments: &[&str]) -> Command {
    let mut command = clean::command(FAKETIME, folder.path(), folder.path());
    command.args(["-f", clock]).arg(env!("CARGO_BIN_EXE_freezegate")).arg("wait").args(arguments);
    command
}

fn waited(folder: &TempDir, clock: &str, arguments: &[&str]) -> Output {
    let output = gate(folder, clock, arguments).output();
    output.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn it_returns_when_the_change_is_allowed_and_records_that_alone() {
    let folder = folder();
    let output = waited(&folder, BEFORE, &["production", "--record", "record.jsonl"]);
    let (answer, errors) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(answer.contains("allowed: `production` may change now"), "{answer}");
    assert!(errors.contains("refused: production is frozen"), "{errors}");
    assert!(errors.contains("waiting until Wed 18:00 UTC, in "), "{errors}");
    assert_eq!(errors.matches("waiting until").count(), 1, "{errors}");
    let record = fs::read_to_string(folder.path().join("record.jsonl")).unwrap();
    assert_eq!(record.lines().count(), 1, "{record}");
    assert!(record.contains("\"decision\":\"allowed\"") && record.contains("2023-04-26T18:00:0"), "{record}");
}

#[test]
fn machines_read_one_answer_from_standard_output() {
    let output = waited(&folder(), BEFORE, &["production", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer.get("decision").unwrap(), "allowed");
    assert_eq!(answer.get("mode").unwrap(), "check");
}

#[test]
fn what_is_allowed_is_not_waited_for() {
    let output = waited(&folder(), BEFORE, &["lab", "--spread", "1d"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn what_does_not_open_in_time_is_refused_at_once() {
    let folder = folder();
    for (arguments, why) in [
        (&["production", "--timeout", "59m"][..], "not waiting: it opens Wed 18:00 UTC, after `--timeout 59m`\n"),
        (&["staging"], "not waiting: the change does not become allowed by itself\n"),
    ] {
        let output = waited(&folder, LONG_BEFORE, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output.stdout).contains("refused: "), "{arguments:?}");
        assert_eq!(text(&output.stderr), why, "{arguments:?}");
    }
}

#[test]
fn a_dry_run_waits_for_nothing() {
    let output = waited(&folder(), LONG_BEFORE, &["production", "--dry-run"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("would be refused: "));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_wrong_question_is_not_waited_for() {
    let folder = folder();
    for arguments in [
        &["elsewhere"][..],
        &["production", "--timeout", "soon"],
        &["production", "--spread", "-1m"],
        &["production", "--at", "2023-04-26T19:00:00Z"],
        &["production", "--policy", "missing.toml"],
    ] {
        let output = waited(&folder, LONG_BEFORE, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
        assert!(text(&output.stderr).starts_with("error"), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_freeze_that_is_added_meanwhile_is_waited_for() {
    let folder = folder();
    let extra = folder.path().join("stop.toml");
    let freeze = |day: u8| {
        format!(
            "[[freezes]]\nname = \"stop\"\nfrom = 2023-04-{day}T17:00:00\nuntil = 2023-04-{day}T19:00:00\ntimezone = \"UTC\"\n"
        )
    };
    fs::write(&extra, freeze(25)).unwrap();
    let arguments = ["production", "--timeout", "20s", "--extra-freezes", "stop.toml"];
    let mut command = gate(&folder, "@2023-04-26 17:59:50", &arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut printed = String::new();
    while !printed.contains("waiting until Wed 18:00 UTC") {
        assert_ne!(errors.read_line(&mut printed).unwrap(), 0, "{printed}");
    }
    fs::write(&extra, freeze(26)).unwrap();
    errors.read_to_string(&mut printed).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{printed}");
    assert!(printed.contains("not waiting: it opens Wed 19:00 UTC, after `--timeout 20s`"), "{printed}");
}

/// A question of a policy of a thousand freezes kept 1.6 MiB once.
#[cfg(target_os = "linux")]
#[test]
fn what_a_question_read_is_given_back() {
    let folder = folder();
    let freeze = |number: u32| {
        format!(
            "[[freezes]]\nname = \"f{number}\"\nfrom = 2030-01-01T00:00:00\nuntil = 2030-01-02T00:00:00\ntimezone = \"UTC\"\n"
        )
    };
    let freezes: String = (0..1_000).map(freeze).collect();
    fs::write(folder.path().join("freezegate.toml"), format!("{}\n{freezes}", POLICY.replace("8000-", "2024-")))
        .unwrap();
    let mut command = gate(&folder, "@2023-04-26 08:00:00 x20000", &["staging"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let process = child.id();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    // from its first line on, it runs: who started it may be another process
    assert!(lines.by_ref().any(|line| line.starts_with("waiting until")));
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap();
    let waiting = children.split_whitespace().next().map_or_else(|| process.to_string(), str::to_owned);
    // a line an hour, and four questions
    let mut pages_after = |hours: usize| -> u64 {
        assert_eq!(lines.by_ref().filter(|line| line.starts_with("waiting until")).take(hours).count(), hours);
        let pages = fs::read_to_string(format!("/proc/{waiting}/statm")).unwrap();
        pages.split(' ').nth(1).unwrap().parse().unwrap()
    };
    let (early, late) = (pages_after(4), pages_after(16));
    let killed = Command::new("kill").arg(&waiting).status().unwrap();
    child.wait().unwrap();
    assert!(killed.success());
    // pages of 4 KiB; 64 questions kept 100 MiB
    assert!(late < early + 4_096, "{early} pages, then {late}");
}

#[test]
fn those_who_wait_together_start_apart() {
    let folder = folder();
    let jobs: Vec<_> = (0..12)
        .map(|_| {
            let mut command = gate(&folder, BEFORE, &["production", "--spread", "4s", "--format", "json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    let mut instants = BTreeSet::new();
    for job in jobs {
        let output = job.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        instants.insert(answer.get("at").unwrap().as_str().unwrap().to_owned());
    }
    // that all draw the same of five seconds happens once in 48 million runs
    assert!(instants.len() > 1, "{instants:?}");
}

#[test]
fn a_person_at_a_terminal_sees_a_countdown() {
    let folder = folder();
    let program = env!("CARGO_BIN_EXE_freezegate");
    let line = format!("'{FAKETIME}' -f '{BEFORE}' {program} wait production");
    for colour in [None, Some("1")] {
        let mut command = clean::command("script", folder.path(), folder.path());
        command.env("TERM", "xterm").env("COLUMNS", "60");
        if let Some(value) = colour {
            command.env("NO_COLOR", value);
        }
        let output = command.args(["-qec", &line, "/dev/null"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let printed = text(&output.stdout);
        let is_printed = |second: &u32| printed.contains(&format!("\rwaiting until Wed 18:00 UTC, in {second} s "));
        assert!((1..=4).filter(is_printed).count() > 1, "{printed:?}");
        assert!(
            printed.lines().any(|line| line.rsplit('\r').next().unwrap_or("").contains("allowed: ")),
            "{printed:?}"
        );
    }
}
