//! How a refusal reads: dates before rules, one line that says when it opens, few lines, 60 columns.

#![expect(clippy::unwrap_used, reason = "a test that can't run the program should fail")]

use std::fs;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::clean;

const POLICY: &str = r##"version = 1

[help]
contact = "#freeze-help"

[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]
[regions.eu]
timezones  = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]
[regions.jp]
timezones  = ["Asia/Tokyo"]
core_hours = ["Mon-Fri 08:00-18:00"]

[environments.production]
duration = "10m"
settle   = "30m"
[environments.staging]
during_core_hours = "off"
change_windows = [{ hours = "Mon-Thu 06:00-07:00", timezone = "Europe/Berlin" }]

[[freezes]]
name         = "year end"
from         = "Dec 20 23:00"
until        = "Jan 5 09:00"
timezone     = "UTC"
environments = ["production"]
reason       = "half the on-call rota is away"

[[freezes]]
name         = "Thanksgiving weekend"
from         = "4th Thu of Nov 00:00"
until        = "+4d 00:00"
timezone     = "region"
environments = ["production"]

[[lifts]]
level    = "hard"
signed   = []
incident = true
"##;

/// The answer to `check ENVIRONMENT` at an instant, `columns` wide, and its status.
fn check(environment: &str, at: &str, columns: usize, further: &[&str]) -> (String, Option<i32>) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_freezegate"));
    command.env_clear().current_dir(folder.path()).env("TZ", "Europe/Berlin").stdin(Stdio::null());
    command.env("COLUMNS", columns.to_string()).args(["check", environment, "--at", at]).args(further);
    let output = command.output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

/// The lines without the one that says that it is about another time.
fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with("hypothetical:")).collect()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_freeze_is_told_by_its_dates_and_opens_once_at_the_end() {
    let (text, status) = check("production", "2026-12-24T10:00:00Z", 80, &[]);
    assert_eq!(status, Some(1));
    assert_eq!(
        lines(&text).get(..5).unwrap(),
        [
            "refused: production is frozen: year end (freeze, hard)   freezegate.toml:25",
            "  clock       Thu 10:00 UTC, closed Sun 20 Dec 23:00 to Tue 5 Jan 2027 09:00",
            "  because     half the on-call rota is away",
            "refused: production/eu is closed (core hours, hard)   freezegate.toml:11",
            "  clock       Thu 11:00 Berlin (10:00 UTC), closed Mon-Fri 08:00-18:00",
        ]
    );
    let opens: Vec<&str> = text.lines().filter(|line| line.starts_with("  opens ")).collect();
    assert_eq!(opens.len(), 1, "{text}");
    assert!(!text.contains("  until "), "{text}");
}

#[test]
fn a_freeze_of_several_regions_is_one_finding() {
    let (text, _) = check("production", "2026-11-28T10:00:00Z", 80, &[]);
    assert_eq!(text.matches("refused:").count(), 1, "{text}");
    let said = words(&text);
    assert!(
        said.contains("refused: production/us, production/eu, production/jp are frozen: Thanksgiving weekend"),
        "{text}"
    );
    assert!(said.contains("closed Thu 26 Nov 00:00 to Mon 30 Nov 00:00 (local)"), "{text}");
}

#[test]
fn one_finding_takes_at_most_twelve_lines_of_sixty_columns() {
    for (environment, at) in [
        ("production", "2026-12-26T10:00:00Z"),
        ("production", "2026-11-28T10:00:00Z"),
        ("staging", "2026-12-01T12:00:00Z"),
    ] {
        let (text, status) = check(environment, at, 60, &[]);
        assert_eq!((status, text.matches("refused:").count()), (Some(1), 1), "{text}");
        assert!(lines(&text).len() <= 12, "{} lines\n{text}", lines(&text).len());
        // a command is not broken, as it is there to be copied
        let wide = lines(&text).into_iter().filter(|line| !line.contains('`') && line.chars().count() > 60);
        assert_eq!(wide.collect::<Vec<_>>(), Vec::<&str>::new(), "{text}");
    }
}

/// All of the answer: what is closed, until when, why, how to override or undo it, whom to ask, and by what it was judged.
#[test]
fn one_finding_with_a_range_and_a_roster_takes_at_most_twelve_lines() {
    let folder = TempDir::new().unwrap();
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let git = |arguments: &[&str]| {
        let done = clean::command("git", folder.path(), folder.path()).args(arguments).output().unwrap();
        assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    fs::copy(format!("{policies}/talkdesk.toml"), folder.path().join("freezegate.toml")).unwrap();
    fs::copy(format!("{policies}/approvers.allowed_signers"), folder.path().join("approvers.allowed_signers")).unwrap();
    let region = folder.path().join("deploy/production/us");
    fs::create_dir_all(&region).unwrap();
    for host in ["old", "new"] {
        fs::write(region.join("app.yaml"), host).unwrap();
        git(&["add", "-A"]);
        git(&["-c", "user.name=ada", "-c", "user.email=ada@example.com", "commit", "-q", "-m", host]);
    }
    let mut command = clean::command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path());
    command.env("COLUMNS", "80").args([
        "check",
        "production",
        "--range",
        "HEAD~..HEAD",
        "--at",
        "2025-07-09T21:45:00Z",
    ]);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), text.matches("refused:").count()), (Some(1), 1), "{text}");
    for label in ["reached by", "clock", "opens", "override", "ask", "judged", "policy"] {
        assert!(text.contains(&format!("\n  {label} ")), "{label}: {text}");
    }
    assert!(lines(&text).len() <= 12, "{} lines\n{text}", lines(&text).len());
}

#[test]
fn a_command_to_override_repeats_the_incident_that_was_typed() {
    let (text, _) = check("production", "2026-12-24T10:00:00Z", 80, &["--incident", "INC-7"]);
    assert!(words(&text).contains("override add `--incident INC-7 --record record.jsonl`"), "{text}");
    let (text, _) = check("production", "2026-12-24T10:00:00Z", 80, &[]);
    assert!(words(&text).contains("override add `--incident INC-… --record record.jsonl`"), "{text}");
}

#[test]
fn too_little_time_says_how_much_is_needed_and_how_much_is_left() {
    let (text, _) = check("production", "2026-12-20T22:40:00Z", 80, &[]);
    let said = words(&text);
    assert!(
        said.contains("refused: not enough time left: this change needs 40 min, production closes in 20 min (hard)"),
        "{text}"
    );
    assert!(said.contains("closes Sun 23:00 (freeze/year end)"), "{text}");
    assert!(said.contains("needs 10 min to change, 30 min to settle"), "{text}");
}

#[test]
fn a_change_longer_than_every_window_is_told_so() {
    let (text, _) = check("staging", "2026-12-01T05:10:00Z", 80, &["--for", "2h"]);
    assert!(
        words(&text).contains("opens not within 400 days: it is not open for 2 h at a time (longest 1 h)"),
        "{text}"
    );
    // one that only comes too late is told when
    let (text, _) = check("staging", "2026-12-01T05:10:00Z", 80, &["--for", "55m"]);
    assert!(words(&text).contains("opens Wed 06:00 Berlin (your zone) = 05:00 UTC"), "{text}");
}

#[test]
fn what_colour_says_words_say_too() {
    let (text, _) = check("production", "2026-12-24T10:00:00Z", 80, &[]);
    let lines_of_it = lines(&text);
    let first = lines_of_it.first().unwrap();
    assert!(first.starts_with("refused: ") && !text.contains('\u{1b}'), "{text}");
    let (text, _) = check("production", "2026-12-13T10:00:00Z", 80, &[]);
    assert!(lines(&text).first().unwrap().starts_with("allowed: "), "{text}");
    assert!(text.contains("\n  last start  "), "{text}");
}
