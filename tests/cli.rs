//! The program as a whole: what it prints and how it ends, for right questions and for wrong ones.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't run the program should fail")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// 17:45 in New York, 14:45 in Los Angeles.
const OUTAGE: &str = "2025-07-09T21:45:00Z";

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}

/// The program in an environment in which nothing is set but what the test sets.
fn freezegate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freezegate"));
    command.env_clear().current_dir(folder).env("TZ", "Europe/Berlin").env("COLUMNS", "80").stdin(Stdio::null());
    command
}

/// Runs git in `folder`.
fn git(folder: &Path, arguments: &[&str]) {
    let mut command = crate::support::clean::command("git", folder, folder);
    assert!(command.args(arguments).output().unwrap().status.success(), "{arguments:?}");
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    freezegate(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stdout)))
}

/// A policy of New York and Los Angeles, as in the design's example.
const POLICY: &str = r#"version = 1

[help]
contact = "freeze-help"

[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]

[environments.production]
aliases  = ["prod"]
duration = "10m"
settle   = "30m"

[environments.staging]
during_core_hours = "off"
"#;

fn with_policy() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
    folder
}

#[test]
fn a_refusal_says_what_where_until_when_and_whom_to_ask() {
    let folder = with_policy();
    let output = run(folder.path(), &["check", "production", "--at", OUTAGE]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stdout),
        "hypothetical: as if it were Wed 9 Jul 2025 21:45 UTC
refused: production/us is closed (core hours, hard)   freezegate.toml:8
  clock       Wed 14:45 Los Angeles (21:45 UTC), closed Mon-Fri 08:00-18:00
  opens       Wed 18:00 Los Angeles = Thu 03:00 Berlin (your zone)
              = Thu 01:00 UTC, in 3 h 15 min
  override    none: this policy lets nobody override hard findings
  ask         freeze-help
judged by name only; no files were compared
  policy      freezegate.toml (work tree), advice; tzdb 2026f
"
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn an_allowance_says_by_when_to_start() {
    let folder = with_policy();
    let output = run(folder.path(), &["check", "prod", "--at", "2025-07-10T03:30:00Z"]);
    assert_eq!(output.status.code(), Some(0));
    let shown = text(&output.stdout);
    assert!(shown.contains("allowed: `production` may change now"), "{shown}");
    // core hours begin at 08:00 in New York, 12:00 UTC; ten minutes and half an hour before that is the latest
    assert!(shown.contains("last start  Thu 13:20 Berlin (11:20 UTC), in 7 h 50 min"), "{shown}");
}

#[test]
fn the_json_holds_what_the_contract_says() {
    let folder = with_policy();
    let output = run(folder.path(), &["check", "production", "--kind", "config", "--at", OUTAGE, "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let answer = json(&output);
    assert_eq!(answer["schema"], "freezegate/decision/v1");
    assert_eq!(answer["decision"], "refused");
    assert_eq!(answer["mode"], "check");
    assert_eq!(answer["standing"], "advice");
    assert_eq!(answer["hypothetical"], true);
    assert_eq!(answer["at"], OUTAGE);
    assert_eq!(answer["next_open"], "2025-07-10T01:00:00Z");
    assert_eq!(answer["valid_until"], "2025-07-10T01:00:00Z");
    assert_eq!(answer["change"]["kinds"], serde_json::json!(["config"]));
    assert_eq!(answer["change"]["duration_seconds"], 600);
    assert_eq!(answer["declared"]["environments"], serde_json::json!(["production"]));
    assert_eq!(answer["tzdb"], "2026f");
    assert_eq!(answer["policy"]["files"][0]["path"], "freezegate.toml");
    assert_eq!(answer["policy"]["files"][0]["sha256"].as_str().unwrap().len(), 64);
    let finding = &answer["findings"][0];
    for (key, value) in [
        ("code", "core-hours"),
        ("id", "core-hours/us"),
        ("level", "hard"),
        ("environment", "production"),
        ("region", "us"),
        ("window", "Mon-Fri 08:00-18:00"),
        ("timezone", "America/New_York"),
        ("local_time", "2025-07-09T17:45:00-04:00"),
        ("from", "2025-07-09T12:00:00Z"),
        ("until", "2025-07-10T01:00:00Z"),
        ("policy", "freezegate.toml:8"),
    ] {
        assert_eq!(finding[key], value, "{key}");
    }
    assert!(finding["lifted_by"].is_null());
}

#[test]
fn next_tells_five_openings_and_says_never_where_there_is_none() {
    let folder = with_policy();
    let output = run(folder.path(), &["next", "production", "--at", OUTAGE, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let openings = json(&output)["openings"].as_array().unwrap().clone();
    assert_eq!(openings.len(), 5);
    assert_eq!(openings[0]["from"], "2025-07-10T01:00:00Z");
    // longer than any opening, open now or not
    for (at, environment) in [("2025-07-12T12:00:00Z", "production"), (OUTAGE, "production")] {
        let long = |verb: &str| {
            let output = run(folder.path(), &[verb, environment, "--for", "2w", "--at", at]);
            text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let told = "is not open for 14 d at a time (longest 2 d 11 h 30 min)";
        assert!(long("next").contains(&format!("never: `production` {told}")), "{}", long("next"));
        let opens = told.replace("is not", "opens not within 400 days: it is not");
        assert!(long("check").contains(&opens), "{}", long("check"));
    }
    let policy = "version = 1\n[regions.all]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 00:00-24:00\"]\n[environments.production]\n";
    fs::write(folder.path().join("freezegate.toml"), policy).unwrap();
    let output = run(folder.path(), &["next", "production", "--at", OUTAGE]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        text(&output.stdout).contains("never: `production` does not open within 400 days"),
        "{}",
        text(&output.stdout)
    );
    let output = run(folder.path(), &["next", "production", "--at", OUTAGE, "--format", "json"]);
    assert_eq!(json(&output)["openings"], serde_json::json!([]));
    assert!(json(&output)["next_open"].is_null());
}

#[test]
fn advice_tells_what_would_be_refused_and_exits_with_0() {
    let folder = with_policy();
    let output = run(folder.path(), &["check", "production", "--at", OUTAGE, "--dry-run"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("would be refused: production/us is closed"));
}

#[test]
fn every_line_fits_sixty_columns() {
    for policy in ["talkdesk.toml", "zendesk.toml", "follow-the-sun.toml", "university.toml"] {
        for mode in ["check", "next"] {
            let path = policies().join(policy);
            let output = freezegate(&policies())
                .env("COLUMNS", "60")
                .args([mode, "production", "--at", OUTAGE, "--policy", policy])
                .output()
                .unwrap();
            for line in text(&output.stdout).lines() {
                // a command that is too long by itself stays whole, so that it can be copied
                let is_command = line.ends_with('`') && line.matches('`').count() == 2 && line.find('`') == Some(14);
                assert!(
                    is_command || line.chars().count() <= 60,
                    "{mode} {}: {} columns: {line}",
                    path.display(),
                    line.chars().count()
                );
            }
        }
    }
}

#[test]
fn colours_are_for_terminals_only() {
    let folder = with_policy();
    for output in
        [run(folder.path(), &["check", "production", "--at", OUTAGE]), run(folder.path(), &["check", "nowhere"])]
    {
        assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
    }
    // `script` gives the program a terminal
    let on_terminal = |no_color: Option<&str>| {
        let program = env!("CARGO_BIN_EXE_freezegate");
        let mut command = crate::support::clean::command("script", folder.path(), folder.path());
        command.env("TERM", "xterm");
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let line = format!("{program} check production --at {OUTAGE}");
        command.args(["-qec", &line, "/dev/null"]).output().unwrap().stdout
    };
    assert!(on_terminal(None).windows(2).any(|pair| pair == b"\x1b["));
    assert!(!on_terminal(Some("1")).windows(2).any(|pair| pair == b"\x1b["));
}

#[test]
fn a_time_of_day_is_that_of_today_where_the_clock_is_read() {
    let folder = with_policy();
    for command in ["check", "next", "status", "lint"] {
        for (zone, told) in [("UTC", " 17:50 UTC"), ("Asia/Kolkata", " 12:20 UTC")] {
            let arguments: &[&str] = if command == "lint" { &["lint"] } else { &[command, "production"] };
            let output = run(folder.path(), &[arguments, &["--at", "17:50", "--timezone", zone]].concat());
            assert_ne!(output.status.code(), Some(2), "{command}: {}", text(&output.stderr));
            let printed = text(&output.stdout);
            assert!(command == "lint" || printed.starts_with("hypothetical: as if it were "), "{printed}");
            assert!(command == "lint" || printed.lines().next().unwrap().ends_with(told), "{printed}");
        }
    }
}

#[test]
fn a_time_of_day_is_not_read_where_the_zone_of_the_environment_is_not_understood() {
    let folder = with_policy();
    for zone in ["EST5EDT4", "Europe/Nowhere", "posix/America/New_York"] {
        let ask = |further: &[&str]| {
            let arguments = [&["check", "production", "--at", "17:50"], further].concat();
            freezegate(folder.path()).env("TZ", zone).args(arguments).output().unwrap()
        };
        let output = ask(&[]);
        assert_eq!(output.status.code(), Some(2), "{zone}");
        let said = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("is not the name of a place"), "{said}");
        assert_ne!(ask(&["--timezone", "Europe/Berlin"]).status.code(), Some(2), "{zone}");
    }
}

/// Each wrong question: exit 2, one error, nothing decided.
#[test]
fn wrong_questions_get_one_error_and_no_decision() {
    let folder = with_policy();
    let cases: &[(&[&str], &str)] = &[
        (&["check", "prodution"], "there is no environment `prodution`"),
        (&["check", "preprod"], "there is no environment `preprod`"),
        (&["check", "production", "--region", "eu"], "there is no region `eu`"),
        (&["check", "production", "--service", "billing"], "there is no service `billing`"),
        (&["check", "production", "--kind", "deployment"], "there is no kind `deployment`"),
        (&["check", "production", "--timezone", "EST"], "`EST` is not an IANA name"),
        (
            &["check", "production", "--at", "2025-07-09T21:45:00"],
            "write `2025-07-09T21:45:00Z` for UTC, or `2025-07-09T21:45:00+02:00` for Berlin",
        ),
        (
            &["check", "production", "--at", "2025-07-09T21:45", "--timezone", "America/New_York"],
            "write `2025-07-09T21:45:00Z` for UTC, or `2025-07-09T21:45:00-04:00` for New York",
        ),
        (
            &["check", "production", "--at", "2025-10-26T02:30"],
            "or `2025-10-26T02:30:00+02:00` or `2025-10-26T02:30:00+01:00` for Berlin",
        ),
        (&["check", "production", "--at", "2025-03-30T02:30"], "for UTC, or your offset in place of `Z`"),
        (
            &["check", "production", "--at", "2026-12-24"],
            "write `2026-12-24T17:50:00Z` for UTC, or `2026-12-24T17:50:00+01:00` for Berlin",
        ),
        (&["check", "production", "--at", "2026-12-24Z"], "`--at 2026-12-24Z` has no time of day"),
        (&["check", "production", "--at", "2026-12-24+01:00"], "write `2026-12-24T17:50:00Z` for UTC, or `2026"),
        (&["check", "production", "--at", "yesterday"], "`--at yesterday` is not a time"),
        (&["check", "production", "--at", "2025-07-09T21:45:00+25:00"], "has an offset of more than 14 hours"),
        (&["check", "production", "--at", "2025-07-09T21:45:00-14:01"], "has an offset of more than 14 hours"),
        (&["check", "production", "--at", "2025-07-09T21:45:00-07:00[America/New_York]"], "names a zone in brackets"),
        (&["check", "production", "--at", "9999-12-30T00:00:00Z"], "beyond the range of dates"),
        (&["check", "production", "--at", "-009998-01-02T00:00:00Z"], "beyond the range of dates"),
        (&["check", "production", "--for", "-5m"], "is negative"),
        (&["check", "production", "--for", "5"], "is not a duration"),
        (&["check", "production", "--for", "9999999h"], "is longer than 31 days"),
        (&["check", "production", "--for", "1 month"], "has months or years"),
        (&["check"], "no environment is named"),
        (&["next"], "name an environment: `freezegate next production`"),
        (&["check", "production", "--policy", "nowhere.toml"], "`nowhere.toml` can't be read"),
        (&["check", "production", "--policy", "."], "`.` can't be read"),
        (&["check", "production", "--extra-freezes", "nowhere.toml"], "the file of extra freezes `nowhere.toml`"),
        (&["check", "production,production"], "write each as a word of its own: `production production`"),
        (
            &["check", "production", "--region", "us,us"],
            "write each as an option of its own: `--region us --region us`",
        ),
        (&["check", "production", "--incident", ""], "`--incident` is ``"),
        (&["check", "production", "--range", "a..b"], "no git repository"),
        (&["check", "production", "--ref", "refs/heads/main"], "no git repository"),
    ];
    for (arguments, expected) in cases {
        let output = run(folder.path(), arguments);
        let complaint = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {complaint}");
        // lines are broken where they fit
        let words = complaint.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(expected), "{arguments:?}: {complaint}");
        assert_eq!(complaint.matches("error[").count(), 1, "{arguments:?}: {complaint}");
        assert!(complaint.contains("help:"), "{arguments:?}: {complaint}");
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
        let with_json: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
        let answer = json(&run(folder.path(), &with_json));
        assert_eq!(answer["decision"], "undecided", "{arguments:?}");
        assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{arguments:?}");
    }
}

#[test]
fn a_command_line_that_cannot_be_read_is_no_decision() {
    let folder = with_policy();
    for arguments in [&["check", "--nonsense"][..], &["frobnicate"], &[], &["check", "production", "--format", "xml"]] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    let answer = json(&run(folder.path(), &["check", "--nonsense", "--format", "json"]));
    assert_eq!(answer["decision"], "undecided");
}

#[test]
fn no_policy_and_an_empty_policy_are_no_decision() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["check", "production"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no policy"), "{}", text(&output.stderr));
    fs::write(folder.path().join("freezegate.toml"), "version = 1\n").unwrap();
    let output = run(folder.path(), &["check", "production"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("could never refuse"), "{}", text(&output.stderr));
}

#[cfg(unix)]
#[test]
fn a_policy_that_needs_a_newer_program_is_no_decision() {
    let folder = with_policy();
    let newer = POLICY.replace("version = 1\n", "version = 1\nrequires = \"99.0\"\n") + "[zones.eu]\n";
    fs::write(folder.path().join("freezegate.toml"), newer).unwrap();
    for question in [&["check", "staging"][..], &["check", "staging", "--dry-run"], &["next", "staging"], &["lint"]] {
        let output = run(folder.path(), question);
        assert_eq!(output.status.code(), Some(2), "{question:?}");
        let told = text(&output.stderr);
        assert_eq!(told.matches("error[").count(), 1, "{told}");
        assert!(told.contains("error[too-old]: the policy needs freezegate 99.0 or newer"), "{told}");
    }
    let answer = json(&run(folder.path(), &["check", "staging", "--format", "json"]));
    assert_eq!(answer.get("decision"), Some(&serde_json::json!("undecided")));
    let errors = answer.get("errors").unwrap().as_array().unwrap();
    let codes: Vec<_> = errors.iter().map(|error| error.get("code").unwrap()).collect();
    assert_eq!(codes, ["too-old"]);
}

#[test]
fn an_unreadable_policy_is_no_decision() {
    use std::os::unix::fs::symlink;
    let folder = TempDir::new().unwrap();
    symlink("freezegate.toml", folder.path().join("freezegate.toml")).unwrap();
    let output = run(folder.path(), &["check", "production", "--policy", "freezegate.toml"]);
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_no_allowance() {
    let folder = with_policy();
    let open = ["check", "production", "--at", "2025-07-10T03:30:00Z"];
    assert_eq!(run(folder.path(), &open).status.code(), Some(0));
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let status = freezegate(folder.path()).args(open).stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(2), "full disk");
    // a pipe whose reader is gone
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = freezegate(folder.path()).args(open).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(2), "closed pipe");
    let status =
        freezegate(folder.path()).args(open).args(["--output", "/dev/full"]).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2), "full disk behind --output");
    let status = freezegate(folder.path())
        .args(open)
        .args(["--output", "nowhere/answer"])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2), "no such folder behind --output");
}

#[test]
fn the_answer_can_go_to_a_file() {
    let folder = with_policy();
    let output =
        run(folder.path(), &["check", "production", "--at", OUTAGE, "--format", "json", "--output", "answer.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let answer: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("answer.json")).unwrap()).unwrap();
    assert_eq!(answer["decision"], "refused");
}

#[test]
fn the_policy_is_found_in_the_stated_order() {
    let folder = TempDir::new().unwrap();
    let policy = |name: &str| POLICY.replace("freeze-help", name);
    let seen = |command: &mut Command| {
        let shown = text(&command.args(["check", "production", "--at", OUTAGE]).output().unwrap().stdout);
        shown.lines().find_map(|line| line.trim().strip_prefix("ask ").map(|name| name.trim().to_owned()))
    };
    fs::create_dir(folder.path().join("policies")).unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    fs::create_dir_all(folder.path().join("deep/er")).unwrap();
    fs::write(folder.path().join("policies/freezegate.toml"), policy("in-folder")).unwrap();
    assert_eq!(seen(&mut freezegate(folder.path())).as_deref(), Some("in-folder"));
    fs::write(folder.path().join("freezegate.toml"), policy("at-root")).unwrap();
    assert_eq!(seen(&mut freezegate(folder.path())).as_deref(), Some("at-root"));
    assert_eq!(
        seen(&mut freezegate(&folder.path().join("deep/er"))).as_deref(),
        Some("at-root"),
        "from a folder below"
    );
    fs::write(folder.path().join("other.toml"), policy("by-variable")).unwrap();
    assert_eq!(seen(freezegate(folder.path()).env("FREEZEGATE_POLICY", "other.toml")).as_deref(), Some("by-variable"));
    fs::write(folder.path().join("named.toml"), policy("by-flag")).unwrap();
    let mut command = freezegate(folder.path());
    command.env("FREEZEGATE_POLICY", "other.toml").args([
        "check",
        "production",
        "--at",
        OUTAGE,
        "--policy",
        "named.toml",
    ]);
    assert!(text(&command.output().unwrap().stdout).contains("by-flag"));
}

#[test]
fn the_zone_of_the_machine_changes_how_it_is_told_and_not_what() {
    let folder = with_policy();
    let mut decisions = Vec::new();
    for zone in ["UTC", "Asia/Tokyo", "America/Los_Angeles", "Nonsense/Zone", ":Europe/Berlin", ""] {
        let output = freezegate(folder.path())
            .env("TZ", zone)
            .env("LC_ALL", "de_DE.UTF-8")
            .args(["check", "production", "--at", OUTAGE, "--format", "json"])
            .output()
            .unwrap();
        decisions.push(text(&output.stdout));
    }
    assert!(decisions.windows(2).all(|pair| pair[0] == pair[1]));
}

/// The answer to a command that reads `input` from standard input.
fn fed(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = freezegate(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_dash_is_standard_input_and_standard_output() {
    let folder = with_policy();
    let empty = tempfile::tempdir().unwrap();
    for arguments in [
        &["check", "production", "--at", OUTAGE][..],
        &["next", "production", "--at", OUTAGE],
        &["lint", "--at", OUTAGE],
        &["status", "--at", OUTAGE],
        &["calendar", "--at", OUTAGE],
    ] {
        let of_file = run(folder.path(), arguments);
        let of_input = fed(empty.path(), &[arguments, &["--policy", "-"]].concat(), POLICY);
        assert_eq!(of_input.status.code(), of_file.status.code(), "{arguments:?}: {}", text(&of_input.stderr));
        let same = text(&of_file.stdout).replace("freezegate.toml", "-").split_whitespace().collect::<String>();
        let told = text(&of_input.stdout).split_whitespace().collect::<String>();
        assert_eq!(told, same, "{arguments:?}");
    }
    let nothing = fed(empty.path(), &["lint", "--policy", "-"], "");
    assert_eq!(nothing.status.code(), Some(2), "{}", text(&nothing.stderr));
    for arguments in [
        &["schema"][..],
        &["check", "production", "--at", OUTAGE, "--format", "json"],
        &["lint", "--at", OUTAGE],
        &["calendar", "--at", OUTAGE, "--format", "html"],
    ] {
        for dash in [&["--output", "-"][..], &["--output=-"]] {
            let plain = run(folder.path(), arguments);
            let dashed = run(folder.path(), &[arguments, dash].concat());
            assert_eq!((dashed.status, text(&dashed.stdout)), (plain.status, text(&plain.stdout)), "{arguments:?}");
        }
    }
    let drafted = run(empty.path(), &["init", "--output", "-", "--timezone", "Europe/Berlin"]);
    assert_eq!(drafted.status.code(), Some(0), "{}", text(&drafted.stderr));
    assert!(text(&drafted.stdout).starts_with("#:schema ./freezegate.schema.json\n"), "{}", text(&drafted.stdout));
    assert_eq!(fed(empty.path(), &["lint", "--policy", "-"], &text(&drafted.stdout)).status.code(), Some(0));
    let hazards = run(empty.path(), &["init", "--hazards", "--output", "-"]);
    assert!(text(&hazards.stdout).contains("[hazards."), "{}", text(&hazards.stderr));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
    assert!(!folder.path().join("-").exists());
}

#[test]
fn colors_are_as_asked_for() {
    let folder = with_policy();
    let colored = |arguments: &[&str], variable: Option<(&str, &str)>| {
        let mut command = freezegate(folder.path());
        command.args(arguments).args(["--at", OUTAGE]).envs(variable);
        text(&command.output().unwrap().stdout).contains('\u{1b}')
    };
    for (arguments, variable, expected) in [
        (&["status"][..], None, false),
        (&["status", "--color", "auto"], None, false),
        (&["status", "--color", "always"], None, true),
        (&["--color", "always", "status"], None, true),
        (&["status", "--color=always"], Some(("NO_COLOR", "1")), true),
        (&["status"], Some(("CLICOLOR_FORCE", "1")), true),
        (&["status", "--color", "never"], Some(("CLICOLOR_FORCE", "1")), false),
    ] {
        assert_eq!(colored(arguments, variable), expected, "{arguments:?} {variable:?}");
    }
}

/// The properties that GitHub's code scanning requires: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
#[test]
fn lint_prints_what_code_scanning_reads() {
    let folder = with_policy();
    let output = run(folder.path(), &["lint", "--format", "sarif", "--at", OUTAGE]);
    assert_eq!(output.status.code(), Some(1));
    fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}\nwrong = 1\n")).unwrap();
    let wrong = run(folder.path(), &["lint", "--format", "sarif", "--at", OUTAGE]);
    assert_eq!(wrong.status.code(), Some(2));
    for (output, level, code) in [(&output, "warning", "not-liftable"), (&wrong, "error", "unknown-key")] {
        let sarif = json(output);
        assert_eq!(sarif["version"], "2.1.0");
        assert!(sarif["$schema"].as_str().unwrap().contains("sarif-2.1.0"), "{sarif}");
        let run = &sarif["runs"][0];
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "freezegate");
        assert_eq!(run["invocations"][0]["executionSuccessful"], level == "warning");
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 1, "{sarif}");
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            let rule = &driver["rules"][index];
            assert_eq!((&result["ruleId"], &rule["id"], &result["level"]), (&code.into(), &code.into(), &level.into()));
            for key in ["shortDescription", "fullDescription", "help"] {
                assert!(!rule[key]["text"].as_str().unwrap().is_empty(), "{rule}");
            }
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "freezegate.toml");
            let number = |key: &str| place["region"][key].as_u64().unwrap();
            assert!(number("startLine") >= 1 && number("startColumn") >= 1, "{place}");
            assert!((number("endLine"), number("endColumn")) > (number("startLine"), number("startColumn")), "{place}");
            assert_eq!(result["partialFingerprints"]["freezegate/v1"].as_str().unwrap().len(), 64);
        }
    }
}

#[test]
fn a_policy_given_through_a_pipe_is_read() {
    // process substitution: `--policy <(…)`
    if !Path::new("/dev/stdin").exists() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let mut child = freezegate(folder.path())
        .args(["check", "production", "--policy", "/dev/stdin", "--at", OUTAGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(POLICY.as_bytes()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
}

/// What is intended is said once, in the policy, with the effect of `--allow`.
#[test]
fn a_comment_of_the_policy_allows_a_code() {
    let folder = with_policy();
    let path = folder.path().join("freezegate.toml");
    for (comment, status, told) in [
        ("# lint: allow not-liftable", 0, "nothing found; 1 hidden by `# lint: allow` or `--allow`"),
        ("# lint: allow unused,  not-liftable", 0, "nothing found; 1 hidden by `# lint: allow` or `--allow`"),
        ("  # lint: allow not-liftable", 1, "1 warning: not-liftable"),
        ("# lint: allow", 1, "1 warning: not-liftable"),
        ("# lint: allow not-liftible", 2, "did you mean `not-liftable`?"),
        ("# lint: allow not-liftable because we say so", 2, "lint has no warning `not-liftable because we say so`"),
    ] {
        fs::write(&path, format!("{POLICY}\n{comment}\n")).unwrap();
        let output = run(folder.path(), &["lint", "--at", OUTAGE]);
        let seen = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{comment}: {seen}");
        assert!(seen.contains(told), "{comment}: {seen}");
        assert!(status < 2 || seen.contains("freezegate.toml:"), "{comment}: {seen}");
    }
}

#[test]
fn coverage_tells_what_the_targets_miss() {
    let folder = with_policy();
    let targets = "\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\nexcept = [\"deploy/staging/notes/**\"]\n\n[[targets]]\npaths = [\"modules/**\"]\nenvironment = \"*\"\n";
    fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}{targets}")).unwrap();
    for path in ["deploy/production/api.yaml", "deploy/staging/notes/a", "deploy/common.yaml", "docs/a.md"] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    let git = |arguments: &[&str]| git(folder.path(), arguments);
    git(&["init", "-q"]);
    let lint = || run(folder.path(), &["lint", "--coverage", "--allow", "not-liftable", "--at", OUTAGE]);
    assert_eq!(lint().status.code(), Some(2), "{}", text(&lint().stderr));
    assert!(text(&lint().stderr).contains("no commits yet"));
    git(&["add", "."]);
    git(&["commit", "-qm", "a"]);
    let told = text(&lint().stdout);
    assert_eq!(lint().status.code(), Some(1), "{told}");
    assert!(told.contains("targets match folders in `deploy/`, but not"), "{told}");
    assert!(told.contains("`deploy/common.yaml`") && !told.contains("notes/a`") && !told.contains("`docs/a"), "{told}");
    let rows = [
        "\n  files       4 of 5 tracked files reach no environment, 1 of them by `except`\n",
        "\n              1 of 1 at the top\n",
        "\n              1 of 3 in `deploy/`\n",
        "\n              1 of 1 in `docs/`\n",
    ];
    assert_eq!(rows.map(|row| told.contains(row)), [true; 4], "{told}");
    let json = run(folder.path(), &["lint", "--coverage", "--format", "json", "--at", OUTAGE]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let folders = ["", "deploy", "docs"].map(|path| {
        let files = if path == "deploy" { 3 } else { 1 };
        serde_json::json!({ "path": path, "files": files, "unreached": 1 })
    });
    let tracked = serde_json::json!({ "files": 5, "unreached": 4, "excepted": 1, "folders": folders });
    assert_eq!(json["tracked"], tracked);
    let json = run(folder.path(), &["lint", "--format", "json", "--at", OUTAGE]);
    assert!(serde_json::from_slice::<serde_json::Value>(&json.stdout).unwrap()["tracked"].is_null());
    assert!(told.contains("warning[unmatched-target]: the target matches no tracked file"), "{told}");
    git(&["mv", "deploy/common.yaml", "deploy/production/common.yaml"]);
    fs::create_dir(folder.path().join("modules")).unwrap();
    fs::write(folder.path().join("modules/a.tf"), "x").unwrap();
    git(&["add", "."]);
    git(&["commit", "-qm", "b"]);
    assert_eq!(lint().status.code(), Some(0), "{}", text(&lint().stdout));
}

/// Where a file's name captures, only files of alike names are its neighbours; the policy never is.
#[test]
fn coverage_of_captured_file_names_reports_files_named_alike() {
    let folder = with_policy();
    let git = |arguments: &[&str]| git(folder.path(), arguments);
    git(&["init", "-q"]);
    let told = |paths: &str, files: &[&str]| {
        let target = format!("\n[[targets]]\npaths = [{paths}]\n");
        fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}{target}")).unwrap();
        for path in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        git(&["add", "."]);
        git(&["commit", "-qm", "a"]);
        let output = run(folder.path(), &["lint", "--coverage", "--allow", "not-liftable", "--at", OUTAGE]);
        let told = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        (output.status.code(), told)
    };
    let names =
        ["values-production.yaml", "README.md", "LICENSE", ".gitignore", "docs/values.yaml", "freezegate.test.toml"];
    let (status, said) = told("\"values-{environment}.yaml\"", &names);
    assert_eq!(status, Some(0), "{said}");
    // what the files have in common is no such file, and reaches production all the same
    let (status, said) = told("\"values-{environment}.yaml\"", &["values.yaml"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("targets match files at the top, but not `values.yaml` "), "{said}");
    // files at the root are beside captured folders, the policy and its cases are not
    let (status, said) = told("\"{environment}/**\"", &["production/x"]);
    assert_eq!(status, Some(1), "{said}");
    let files = "`.gitignore`, `LICENSE`, `README.md`, `values-production.yaml`, `values.yaml` ";
    assert!(said.contains(&format!("targets match folders at the top, but not {files}")), "{said}");
}

/// A folder whose name is mistyped is refused at any hour: that is known before the change.
#[test]
fn a_captured_name_that_nothing_has_is_reported() {
    let folder = with_policy();
    let targets = "\n# lint: allow not-liftable\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n";
    fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}{targets}")).unwrap();
    for path in ["deploy/production/a", "deploy/Staging/a", "deploy/prodution/a", "deploy/prodution/b", "deploy/x/a"] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    let git = |arguments: &[&str]| git(folder.path(), arguments);
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "a"]);
    for arguments in [&["lint", "--at", OUTAGE][..], &["lint", "--coverage", "--at", OUTAGE]] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "there is no environment `prodution`: a change of `deploy/prodution/a` and 1 more is refused at any hour",
            "did you mean `production`? else define the name",
            "there is no environment `x`: a change of `deploy/x/a` is refused at any hour",
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert_eq!(told.matches("warning[uncovered-path]").count(), 2, "{told}");
    }
}

#[test]
fn coverage_names_a_pattern_that_matches_folders_alone() {
    let folder = with_policy();
    for (pattern, named) in
        [("live/*", true), ("live/x", false), ("live/*/**", false), ("live/*.d", true), ("*", false)]
    {
        let target = format!("\n[[targets]]\npaths = [\"{pattern}\"]\nenvironment = \"production\"\n");
        fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}{target}")).unwrap();
        for path in ["live/x/y", "live/z.d/y"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let git = |arguments: &[&str]| git(folder.path(), arguments);
        git(&["init", "-q"]);
        git(&["add", "."]);
        git(&["commit", "-qm", "a", "--allow-empty"]);
        let told = text(&run(folder.path(), &["lint", "--coverage", "--allow", "not-liftable", "--at", OUTAGE]).stdout);
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(told.contains(&format!("the pattern `{pattern}` matches the folder")), named, "{pattern}: {told}");
        assert_eq!(told.contains(&format!("`{pattern}/**`")), named, "{pattern}: {told}");
    }
}

/// The policy of the last commit is compared with that of the work tree.
#[test]
fn lint_against_a_commit_says_what_an_edit_opens() {
    let folder = with_policy();
    let git = |arguments: &[&str]| git(folder.path(), arguments);
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "a"]);
    git(&["tag", "both"]);
    fs::write(folder.path().join("both"), POLICY).unwrap();
    let shorter = POLICY.replacen("08:00-18:00", "08:00-17:00", 1);
    let longer = POLICY.replacen("08:00-18:00", "08:00-19:00", 1);
    assert_ne!(shorter, POLICY);
    let arguments =
        ["lint", "--allow", "not-liftable", "--at", OUTAGE, "--deny-opening", "--format", "json", "--against"];
    for (policy, against, status, opens) in [
        (POLICY, "HEAD", 0, Some(false)),
        (longer.as_str(), "HEAD", 0, Some(false)),
        (shorter.as_str(), "HEAD", 1, Some(true)),
        (shorter.as_str(), "./both", 1, Some(true)),
        (POLICY, "both", 2, None),
        (POLICY, "neither", 2, None),
    ] {
        fs::write(folder.path().join("freezegate.toml"), policy).unwrap();
        let output = run(folder.path(), &[&arguments[..], &[against]].concat());
        assert_eq!(output.status.code(), Some(status), "{against}: {output:?}");
        if let Some(opens) = opens {
            let listed = json(&output)["against"]["opens"].as_array().unwrap().len();
            assert_eq!(listed > 0, opens, "{against}: {output:?}");
        }
    }
}

/// A file of the work tree has the same name.
#[test]
fn a_fault_of_the_policy_that_lint_compares_with_names_its_commit() {
    let folder = with_policy();
    let git = |arguments: &[&str]| git(folder.path(), arguments);
    fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}[environments.x]\nlevel = \"high\"\n")).unwrap();
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "a"]);
    fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
    let output = run(folder.path(), &["lint", "--against", "HEAD"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("HEAD:freezegate.toml:"), "{}", text(&output.stderr));
}

#[test]
fn lint_says_without_being_asked_that_a_pattern_matches_a_folder_alone() {
    let folder = with_policy();
    let git = |arguments: &[&str]| git(folder.path(), arguments);
    git(&["init", "-q"]);
    for (pattern, told) in [("live/*", true), ("live/*/**", false), ("nothing/*", false)] {
        let target = format!("{POLICY}[[targets]]\nenvironment = \"production\"\npaths = [\"{pattern}\"]\n");
        fs::write(folder.path().join("freezegate.toml"), target).unwrap();
        fs::create_dir_all(folder.path().join("live/x")).unwrap();
        fs::write(folder.path().join("live/x/y"), pattern).unwrap();
        git(&["add", "."]);
        git(&["commit", "-qm", "a"]);
        let seen = text(&run(folder.path(), &["lint", "--at", OUTAGE]).stdout)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(seen.contains("matches the folder `live/x`, and no file"), told, "{pattern}: {seen}");
    }
}

#[test]
fn a_variable_with_a_freeze_file_that_is_not_there_is_named() {
    let folder = with_policy();
    let output = freezegate(folder.path())
        .args(["check", "production"])
        .env("FREEZEGATE_EXTRA_FREEZES", "nowhere.toml")
        .output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let told = text(&output.stderr).split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ");
    assert!(told.contains("(from `FREEZEGATE_EXTRA_FREEZES`)"), "{told}");
}

#[test]
fn old_names_of_options_variables_and_codes_are_refused_with_the_new_ones() {
    let folder = with_policy();
    let refused = |arguments: &[&str], variable: Option<&str>, (status, told): (i32, &str)| {
        let mut command = freezegate(folder.path());
        let output = command.args(arguments).envs(variable.map(|name| (name, "stop.toml"))).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {output:?}");
        let complaint = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(complaint.contains(told), "{arguments:?}: {complaint}");
    };
    for (command, status) in
        [(&["check", "production"][..], 2), (&["next", "production"], 2), (&["run", "production"], 125)]
    {
        for (old, new) in [
            (&["--advise"][..], "'--dry-run'"),
            (&["--only"], "'--declared-only'"),
            (&["--also", "stop.toml"], "'--extra-freezes'"),
        ] {
            let rest = if status == 125 { &["--", "true"][..] } else { &[] };
            refused(&[command, old, rest].concat(), None, (status, &format!("a similar argument exists: {new}")));
        }
    }
    for (command, status) in [
        (&["check", "production"][..], 2),
        (&["next", "production"], 2),
        (&["status"], 2),
        (&["where", "deploy"], 2),
        (&["lint"], 2),
        (&["run", "production", "--", "true"], 125),
    ] {
        refused(command, Some("FREEZEGATE_ALSO"), (status, "`FREEZEGATE_EXTRA_FREEZES`"));
    }
    for (old, new, warns) in [
        ("no-runway", "window-too-short", false),
        ("clock", "clock-behind", false),
        ("no-lift", "not-liftable", true),
        ("several-countries", "mixed-country-holidays", true),
        ("bad-question", "invalid-usage", false),
        ("bad-moment", "invalid-time", false),
        ("bad-instant", "invalid-timestamp", false),
    ] {
        refused(&["explain", old], None, (2, &format!("it is called `{new}` now: `freezegate explain {new}`")));
        assert_eq!(run(folder.path(), &["explain", new]).status.code(), Some(0), "{new}");
        let told = if warns { format!("it is called `{new}` now: `--allow {new}`") } else { "write one of".to_owned() };
        refused(&["lint", "--allow", old], None, (2, &told));
    }
}

#[test]
fn what_is_missing_or_written_otherwise_says_how_to_write_it() {
    let roster = "[approvers]\nallowed_signers = \"approvers.allowed_signers\"\n";
    let calendar = |date: &str| format!("[calendars.x]\ndates = []\nvalid_until = {date}\n");
    for (more, told) in [
        (roster.to_owned(), "a roster has one line for each approver, such as `ada@example.com"),
        (calendar("31.12.2026"), "write `2026-12-31`, the year first and without quotes"),
        (calendar("1.2.2026"), "write `2026-02-01`"),
        (calendar("12/31/2026"), "write `2026-12-31`"),
        (calendar("31/12/2026"), "write `2026-12-31`"),
        (calendar("01/02/2026"), "such as `2026-12-31`"),
    ] {
        let folder = with_policy();
        fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}{more}")).unwrap();
        let output = run(folder.path(), &["check", "production"]);
        let seen = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(output.status.code() == Some(2) && seen.contains(told), "{more}: {seen}");
    }
}

/// `deploy/*` matches the folder `deploy/x` and not the file in it, as in CODEOWNERS.
#[test]
fn check_says_that_a_pattern_matches_a_folder_above_a_changed_file_alone() {
    let folder = with_policy();
    let git = |arguments: &[&str]| git(folder.path(), arguments);
    git(&["init", "-q"]);
    for (targets, told) in [
        ("paths = [\"live/*\"]", true),
        ("paths = [\"live/*/**\"]", false),
        ("paths = [\"live/*\", \"live/*/y\"]", false),
        ("paths = [\"live/*\"]\nexcept = [\"live/x/**\"]", false),
        ("paths = [\"*/x\"]", false),
        ("paths = [\"**/x*\"]", true),
    ] {
        let target = format!("\n[[targets]]\n{targets}\nenvironment = \"production\"\n");
        fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}{target}")).unwrap();
        fs::create_dir_all(folder.path().join("live/x")).unwrap();
        for text in ["one", "two"] {
            fs::write(folder.path().join("live/x/y"), format!("{text} {targets}")).unwrap();
            git(&["add", "."]);
            git(&["commit", "-qm", text]);
        }
        let output = run(folder.path(), &["check", "--range", "HEAD~..HEAD", "--at", OUTAGE]);
        let said = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(said.contains("matches the folder `live/x` alone"), told, "{targets}: {said}");
    }
}

/// A path that a target matches, with a name that the policy does not know, is not one that its pattern leaves out.
#[test]
fn an_unknown_name_in_a_path_is_not_taken_for_a_folder() {
    let folder = with_policy();
    let targets =
        ["live/{environment}/**", "other/{environment}"].map(|path| format!("[[targets]]\npaths = [\"{path}\"]\n"));
    let policy = format!("{POLICY}\n{}", targets.concat());
    fs::write(folder.path().join("freezegate.toml"), policy).unwrap();
    git(folder.path(), &["init", "-q"]);
    fs::create_dir_all(folder.path().join("live/unknown/x")).unwrap();
    for text in ["one", "two"] {
        fs::write(folder.path().join("live/unknown/x/y"), text).unwrap();
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["commit", "-qm", text]);
    }
    let output = run(folder.path(), &["check", "--range", "HEAD~..HEAD", "--at", OUTAGE]);
    let said = text(&output.stdout);
    assert!(said.contains("there is no environment `unknown`") && !said.contains("matches the folder"), "{output:?}");
}

#[test]
fn the_version_names_the_commit_and_the_time_zone_database() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["--version"]);
    let said = text(&output.stdout);
    let (version, rest) = said.trim_end().split_once(" (").unwrap();
    assert_eq!(version, format!("freezegate {}", env!("CARGO_PKG_VERSION")));
    let (commit, tzdb) = rest.strip_suffix(')').unwrap().split_once(", tzdb ").unwrap();
    assert!(!commit.is_empty(), "{said}");
    assert_eq!(tzdb, freezegate::time::zone::RELEASE.name);
}

#[test]
fn help_is_the_help_of_the_command() {
    let folder = TempDir::new().unwrap();
    for words in [&[][..], &["check"], &["hook", "install"], &["grant", "new"], &["help"]] {
        let asked = run(folder.path(), &[&["help"], words].concat());
        let plain = run(folder.path(), &[words, &["--help"]].concat());
        assert_eq!((asked.status.code(), text(&asked.stdout)), (Some(0), text(&plain.stdout)), "{words:?}");
    }
    let output = run(folder.path(), &["help", "chekc"]);
    assert_eq!(output.status.code(), Some(2));
}

/// An example that is wrapped would run as two commands.
#[test]
fn no_example_of_any_help_is_wrapped() {
    let folder = TempDir::new().unwrap();
    for (words, last) in [
        (&["grant", "new"][..], "-- ./reboot.sh pod-13"),
        (&["grant", "ask"], "--incident INC-7 --reason \"login down\""),
        (&["credential", "kube"], "-- aws eks get-token --cluster-name shop --output json"),
    ] {
        let help = text(&run(folder.path(), &[words, &["--help"]].concat()).stdout);
        let (_, examples) = help.split_once("examples:\n").unwrap();
        assert!(examples.lines().any(|line| line.ends_with(last)), "{words:?}: {examples}");
        assert!(examples.lines().all(|line| line.starts_with("  freezegate ")), "{words:?}: {examples}");
    }
}

/// What is typed, and the one hint that it gets; `None` for none.
const TYPED: [(&[&str], Option<&str>); 32] = [
    (&["chekc"], Some("a similar subcommand exists: 'check'")),
    (&["grnt", "new"], Some("a similar subcommand exists: 'grant'")),
    (&["lnit"], Some("a similar subcommand exists: 'lint'")),
    (&["hook", "pre-reciev"], Some("a similar subcommand exists: 'pre-receive'")),
    (&["install"], Some("a similar subcommand exists: 'hook install'")),
    (&["uninstall"], Some("a similar subcommand exists: 'hook uninstall'")),
    (&["hook", "install", "pre-comit"], Some("a similar value exists: 'pre-push'")),
    (&["hook", "install", "pre-recieve"], Some("a similar value exists: 'pre-receive'")),
    (&["help", "chekc"], Some("a similar subcommand exists: 'check'")),
    (&["check", "--regoin", "us"], Some("a similar argument exists: '--region'")),
    (&["check", "--requester", "x"], Some("'--requester' is an option of 'grant new', 'grant ask'")),
    (&["grant", "nwe"], Some("a similar subcommand exists: 'new'")),
    (&["help", "foo"], None),
    (&["check", "--advise", "production"], Some("a similar argument exists: '--dry-run'")),
    (&["check", "--only", "production"], Some("a similar argument exists: '--declared-only'")),
    (&["lint", "--also", "x"], Some("a similar argument exists: '--extra-freezes'")),
    (&["deploy"], Some("a similar subcommand exists: 'check'")),
    (&["override"], Some("a similar subcommand exists: 'grant ask'")),
    (&["hook", "ls"], None),
    (&["check", "--branch", "main"], Some("write '--ref refs/heads/main'")),
    (&["status", "--json"], Some("write '--format json'")),
    (&["check", "production", "--force"], Some("an override needs a grant: 'freezegate help grant'")),
    (&["freeze", "production"], Some("a similar subcommand exists: 'stop'")),
    (&["thaw"], Some("a similar subcommand exists: 'resume'")),
    (&["version"], Some("a similar subcommand exists: '--version'")),
    (&["hook", "version"], None),
    (&["check", "-v"], Some("answers are always complete; for the version, write 'freezegate --version'")),
    (&["lint", "--signature", "x"], None),
    (
        &["--at", "17:50", "check", "production"],
        Some("options go after the command: `freezegate check production --at 17:50`"),
    ),
    (
        &["--stops", "origin", "run", "production", "--", "./deploy.sh", "--at"],
        Some("options go after the command: `freezegate run production --stops origin -- ./deploy.sh --at`"),
    ),
    (
        &["hook", "--record", "r.jsonl", "install"],
        Some("options go after the command: `freezegate hook install --record r.jsonl`"),
    ),
    (&["--nonsense", "check", "production"], None),
];

#[test]
fn wait_does_not_offer_the_time_that_it_refuses() {
    let folder = TempDir::new().unwrap();
    assert!(text(&run(folder.path(), &["check", "--help"]).stdout).contains("--at <TIME>"));
    assert!(!text(&run(folder.path(), &["wait", "--help"]).stdout).contains("--at <TIME>"));
}

#[test]
fn what_is_mistyped_gets_the_nearest_right_name_alone() {
    let folder = TempDir::new().unwrap();
    for (typed, hint) in TYPED {
        let output = run(folder.path(), typed);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{typed:?}: {said}");
        let tips: Vec<&str> = said.lines().filter_map(|line| line.trim_start().strip_prefix("tip: ")).collect();
        assert_eq!(tips, Vec::from_iter(hint), "{typed:?}");
    }
}

#[test]
fn a_command_without_the_marker_before_it_is_told_where_that_goes() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["run", "production", "echo", "hi"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{said}");
    assert!(said.contains("put '--' before the command: 'freezegate run production -- ./deploy.sh'"), "{said}");
}

#[test]
fn a_policy_that_does_not_exist_is_not_taken_for_a_roster() {
    let folder = with_policy();
    let complaint = text(&run(folder.path(), &["check", "production", "--policy", "nosuch"]).stderr);
    assert!(complaint.contains("`freezegate init`") && !complaint.contains("signers"), "{complaint}");
}

#[test]
fn a_grant_that_nobody_may_sign_is_not_written() {
    let folder = with_policy();
    let grant = ["--any-change", "--incident", "INC-7", "--reason", "login down", "--repository", "shop"];
    let arguments =
        [&["grant", "new", "production", "--at", OUTAGE, "--requester", "ada@example.com"], &grant[..]].concat();
    let output = run(folder.path(), &arguments);
    let complaint = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = "this policy lets nobody override hard findings, such as `core-hours/us`";
    let hint = "if the repository follows an organisation's policy, name it: `--organisation-policy FILE`";
    assert!(output.status.code() == Some(2) && complaint.contains(expected) && complaint.contains(hint), "{complaint}");
    let lifts = "\n[[lifts]]\nlevel = \"hard\"\nsigned = []\nincident = true\n";
    fs::write(folder.path().join("freezegate.toml"), format!("{POLICY}{lifts}")).unwrap();
    let output = run(folder.path(), &arguments);
    let said = text(&output.stderr);
    assert!(output.status.success() && !said.contains("will not count"), "{said}");
    assert!(said.contains("it needs no signature") && !said.contains("grant sign"), "{said}");
}

#[test]
fn a_hook_is_not_installed_with_a_record_in_a_folder_that_does_not_exist() {
    let folder = with_policy();
    git(folder.path(), &["init", "-q"]);
    let output = run_in_path(folder.path(), &["hook", "install", "pre-push", "--record", "nowhere/record.jsonl"]);
    let complaint = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains("does not exist") && complaint.contains("mkdir -p"), "{complaint}");
    assert!(!folder.path().join(".git/hooks/pre-push").exists());
    fs::create_dir(folder.path().join("nowhere")).unwrap();
    let output = run_in_path(folder.path(), &["hook", "install", "pre-push", "--record", "nowhere/record.jsonl"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

/// Runs the program where it finds git.
fn run_in_path(folder: &Path, arguments: &[&str]) -> Output {
    crate::support::clean::command(env!("CARGO_BIN_EXE_freezegate"), folder, folder).args(arguments).output().unwrap()
}

/// A machine that is set to UTC says nothing of where its reader is: then it is the zone that the policy names.
#[test]
fn a_refusal_names_the_owner_and_tells_times_where_its_readers_are() {
    let folder = TempDir::new().unwrap();
    let policy = "version = 1\n[help]\ntimezone = \"Asia/Kolkata\"\n[regions.us]\ntimezones = [\"America/New_York\"]\n\
                  core_hours = [\"Mon-Fri 08:00-18:00\"]\n[environments.production]\nowner = \"team-payments\"\n\
                  [[targets]]\npaths = [\"deploy/**\"]\nenvironment = \"production\"\n";
    fs::write(folder.path().join("freezegate.toml"), policy).unwrap();
    let ask = |zone: Option<&str>, further: &[&str]| {
        let arguments = [&["check", "production", "--at", "2025-07-09T14:00:00Z"], further].concat();
        let mut command = freezegate(folder.path());
        match zone {
            Some(zone) => command.env("TZ", zone),
            None => command.env_remove("TZ"),
        };
        text(&command.args(arguments).output().unwrap().stdout)
    };
    let kolkata = "= Thu 03:30 Kolkata";
    for (zone, further, shown) in [
        (Some("UTC"), [].as_slice(), kolkata),
        (Some("Europe/Berlin"), &[], "= Thu 00:00 Berlin"),
        (Some("UTC"), &["--timezone", "UTC"], "New York = 22:00 UTC"),
        (Some("UTC"), &["--timezone", "Europe/Berlin"], "= Thu 00:00 Berlin"),
    ] {
        let said = ask(zone, further);
        assert!(said.contains(shown) && said.contains("  ask         production: team-payments\n"), "{zone:?}: {said}");
    }
    assert!(text(&run(folder.path(), &["where", "deploy/a"]).stdout).contains("owner       production: team-payments"));
}

#[test]
fn a_wrong_revision_is_named_with_its_option_and_what_is_near() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("freezegate.toml"), "version = 1\n[environments.production]\n").unwrap();
    for arguments in [
        &["init", "-q", "-b", "main"][..],
        &["config", "user.name", "Ben"],
        &["config", "user.email", "ben@example.com"],
        &["add", "."],
        &["commit", "-qm", "one"],
        &["tag", "v1.0"],
    ] {
        git(folder.path(), arguments);
    }
    let cases: [(&[&str], &str); 7] = [
        (
            &["check", "--range", "mian..HEAD"],
            "`--range mian..HEAD`: `mian` is not a commit, branch or tag of this repository | = help: add `--fetch`, or write `main`, if you mean that",
        ),
        (
            &["check", "--range", "HAED~..HEAD"],
            "`--range HAED~..HEAD`: `HAED~` is not a commit, branch or tag of this repository | = help: add `--fetch`, or write `HEAD~`, if",
        ),
        (&["check", "--range", "v1.1..HEAD"], "write `v1.0`, if you mean that; else fetch it"),
        (&["check", "--range", "elsewhere..HEAD"], "see what there is: `git for-each-ref`"),
        (&["check", "--range", "HEAD"], "`--range HEAD` is not a range of two commits"),
        (
            &["check", "--range", "HEAD..HEAD", "--ref", "main"],
            "`--ref main`: `main` is not a full ref name | = help: write it in full: `refs/heads/main` for a branch",
        ),
        (&["check", "production", "--policy-from", "mian"], "`--policy-from mian`: `mian` is not a commit"),
    ];
    for (arguments, expected) in cases {
        let output = run(folder.path(), arguments);
        let said = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn an_unknown_code_is_answered_with_those_that_are_near() {
    let folder = tempfile::tempdir().unwrap();
    for (given, expected) in [
        ("bad-zone", "did you mean `unknown-zone` or `deprecated-zone`?"),
        ("bad-nam", "did you mean `bad-name`?"),
        ("core-hour", "did you mean `core-hours`?"),
        ("invalid-name", "did you mean `unknown-name` or `duplicate-name` or `bad-name`?"),
        ("nothing-like-it", "`freezegate explain` lists all codes"),
    ] {
        let said = text(&run(folder.path(), &["explain", given]).stderr);
        assert!(said.contains(expected), "{given}: {said}");
    }
}

#[test]
fn wait_without_an_environment_proposes_itself() {
    let folder = with_policy();
    let output = run(folder.path(), &["wait"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("name an environment: `freezegate wait production`"), "{said}");
}

/// What begins a line could be taken for an answer.
#[test]
fn a_path_with_blanks_is_not_broken() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let policy = "version = 1\n[environments.production]\nchange_windows = [{ hours = \"Tue 02:00-06:00\", timezone = \"UTC\" }]\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n";
    fs::write(root.join("freezegate.toml"), policy).unwrap();
    let path = "deploy/production/a folder with a long name of many words/allowed: go on/app.yaml";
    let unknown = path.replace("production", "produciton");
    git(root, &["init", "-q", "-b", "main"]);
    git(root, &["config", "user.name", "Ben"]);
    git(root, &["config", "user.email", "ben@example.com"]);
    git(root, &["add", "."]);
    git(root, &["commit", "-qm", "one"]);
    for path in [path, &unknown] {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), "x").unwrap();
        git(root, &["add", "."]);
        git(root, &["commit", "-qm", "two"]);
        let check = ["check", "--range", "HEAD~..HEAD", "--ref", "refs/heads/main", "--at", OUTAGE];
        let output = freezegate(root).env("COLUMNS", "60").args(check).output().unwrap();
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(path) && !said.lines().any(|line| line.trim_start().starts_with("allowed:")), "{said}");
    }
}

#[test]
fn an_error_shows_the_usage_of_the_help() {
    let folder = tempfile::tempdir().unwrap();
    let usage = |said: &str| said.lines().find(|line| line.starts_with("Usage: ")).map(str::to_owned);
    for (words, command) in [
        (&["stop", "production"][..], &["stop"][..]),
        (&["grant", "new"], &["grant", "new"]),
        (&["report", "x"], &["report"]),
        (&["resume"], &["resume"]),
        (&["where"], &["where"]),
        (&["credential", "kube", "production"], &["credential", "kube"]),
        (&["run", "production"], &["run"]),
        (&["backtest", "--ref", "x"], &["backtest"]),
        (&["check", "--bogus"], &["check"]),
        (&["chek"], &[]),
    ] {
        let error = text(&run(folder.path(), words).stderr);
        let help = text(&run(folder.path(), &[command, &["--help"]].concat()).stdout);
        assert_eq!(usage(&error), usage(&help), "{words:?}");
        assert!(usage(&error).is_some(), "{words:?}: {error}");
    }
}
