//! `record show`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::Duration;

use freezegate::policy::Level;
use freezegate::proof::record::{
    Decided, Digest, MOST_REFUSALS_AN_HOUR, Patience, Record, RecordError, RecordFile, RecordedMode, RecordedOutcome,
    RecordedPlace,
};
use freezegate::report::record::DecisionTally;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::record::decisions::{MORNING, append, change, decided, finding};
use crate::record::workshop::{Ended, Workshop};

/// Six decisions, an hour from one to the next: two refused, three lifted.
fn fill(path: &Path) {
    let hard = |lifted_by| vec![finding("core-hours/eu", Level::Hard, lifted_by)];
    let decisions = [
        Decided { actor: Some("ada".to_owned()), ..decided(Instant::from_second(0), RecordedOutcome::Allowed) },
        Decided {
            findings: hard(None),
            actor: Some("ada".to_owned()),
            changes: vec![change("refs/heads/main", &["production"], "-", "A")],
            ..decided(Instant::from_second(0), RecordedOutcome::Refused)
        },
        Decided {
            findings: hard(Some("exempt: rollback")),
            actor: Some("carl".to_owned()),
            ..decided(Instant::from_second(0), RecordedOutcome::Allowed)
        },
        Decided {
            findings: vec![
                finding("core-hours/eu", Level::Hard, Some("grant 7")),
                finding("freeze/year end", Level::Hard, Some("grant 7")),
            ],
            reasons: vec!["login down\u{1b}[2K".to_owned()],
            incident: Some("INC-7".to_owned()),
            actor: Some("carl".to_owned()),
            requesters: vec!["ada".to_owned()],
            signers: vec!["bob".to_owned(), "dora".to_owned()],
            spent: vec!["7".to_owned()],
            ..decided(Instant::from_second(0), RecordedOutcome::Allowed)
        },
        // one of two findings is lifted, and the other refuses
        Decided {
            findings: vec![
                finding("core-hours/eu", Level::Hard, Some("grant 8")),
                finding("freeze/year end", Level::Hard, None),
            ],
            reasons: vec!["login down".to_owned()],
            incident: Some("INC-8".to_owned()),
            signers: vec!["bob".to_owned()],
            ..decided(Instant::from_second(0), RecordedOutcome::Refused)
        },
        // what only warns is not lifted
        Decided {
            findings: vec![
                finding("core-hours/eu", Level::Hard, Some("exempt: rollback")),
                finding("freeze/x", Level::Warn, Some("exempt: x")),
            ],
            reached: vec![RecordedPlace { environment: "staging".to_owned(), region: None, service: None }],
            ..decided(Instant::from_second(0), RecordedOutcome::Allowed)
        },
    ];
    for (hour, one) in (0..).zip(decisions) {
        append(path, Decided { at: MORNING + Seconds::new(3600 * hour), ..one });
    }
}

#[test]
fn each_filter_lists_what_it_says() {
    let workshop = Workshop::new();
    fill(&workshop.join("record.jsonl"));
    let rows: &[(&[&str], &[u64])] = &[
        (&[], &[1, 2, 3, 4, 5, 6]),
        (&["--refused"], &[2, 5]),
        (&["--overridden"], &[4]),
        (&["--incident", "INC-7"], &[4]),
        (&["--incident", "INC"], &[]),
        (&["--person", "ada"], &[1, 2, 4]),
        (&["--person", "bob"], &[4, 5]),
        (&["--person", "carl", "--overridden"], &[4]),
        (&["--since", "2026-01-07T12:00:00Z"], &[3, 4, 5, 6]),
        (&["--since", "2026-01-07T13:00:00+02:00", "--refused"], &[2, 5]),
        (&["--since", "1h"], &[]),
        (&["--until", "2026-01-07T12:00:00Z"], &[1, 2]),
        (&["--until", "1h"], &[1, 2, 3, 4, 5, 6]),
        (&["--since", "2026-01-07T11:00:00Z", "--until", "2026-01-07T13:00:01Z"], &[2, 3, 4]),
        (&["--since", "2026-01-07T11:00:00Z", "--until", "1h", "--overridden"], &[4]),
        (&["--allowed"], &[1, 3, 4, 6]),
        (&["--allowed", "--overridden"], &[4]),
        (&["--environment", "production"], &[1, 2, 3, 4, 5]),
        (&["--environment", "staging"], &[6]),
        (&["--environment", "prod"], &[]),
        (&["--environment", "staging", "--environment", "production", "--refused"], &[2, 5]),
    ];
    for (arguments, wanted) in rows {
        let all = [&["record", "show", "record.jsonl", "--format", "json"], *arguments].concat();
        let ended = workshop.run(&all);
        assert_eq!(ended.status, Some(0), "{ended:?}");
        let numbers: Vec<u64> = ended.json_lines().iter().map(|entry| entry["sequence"].as_u64().unwrap()).collect();
        assert_eq!(numbers, *wanted, "{arguments:?}");
        let told = workshop.run(&[&["record", "show", "record.jsonl"], *arguments].concat()).printed;
        let count = match wanted.len() {
            6 => "6 decisions:".to_owned(),
            0 => "0 of 6 decisions match".to_owned(),
            some => format!("{some} of 6 decisions:"),
        };
        assert!(told.lines().any(|line| line.starts_with(&count)), "{arguments:?}: {told}");
    }
}

/// What is not recorded is counted in the entry after it, and by every question that it can be an answer to.
#[test]
fn refused_pushes_that_are_not_recorded_are_counted() {
    let workshop = Workshop::new();
    let path = workshop.join("record.jsonl");
    let record = Record::File(RecordFile::new(path.clone()));
    let push = |at: Instant, decision| Decided {
        actor: Some("eve".to_owned()),
        mode: RecordedMode::PreReceive,
        ..decided(at, decision)
    };
    let keep = |one: Decided| record.append(&mut |_| Ok::<_, RecordError>(one.clone())).unwrap();
    let limit = i64::try_from(MOST_REFUSALS_AN_HOUR).unwrap();
    for second in 0..limit + 12 {
        assert_eq!(keep(push(MORNING + Seconds::new(second), RecordedOutcome::Refused)).is_some(), second < limit);
    }
    assert_eq!(keep(decided(MORNING + Seconds::new(600), RecordedOutcome::Allowed)).unwrap().left_out, 12);
    assert!(keep(push(MORNING + Seconds::new(700), RecordedOutcome::Refused)).is_none());
    assert_eq!(keep(push(MORNING + Seconds::new(3600), RecordedOutcome::Refused)).unwrap().left_out, 1);
    let show = |arguments: &[&str]| workshop.run(&[&["record", "show", "record.jsonl"], arguments].concat()).printed;
    let all = show(&[]);
    let row = "  left out    12 refused pushes are not recorded, more than 100 of one person in one hour between the entry before";
    let unwrapped = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unwrapped(&all).contains(&unwrapped(row)), "{all}");
    assert!(unwrapped(&all).contains("left out 1 refused push is not recorded"), "{all}");
    for (arguments, count) in [
        (&[][..], Some(13)),
        (&["--refused"], Some(13)),
        (&["--person", "eve"], Some(13)),
        (&["--environment", "production"], Some(13)),
        (&["--until", "2026-01-07T10:30:00Z"], Some(12)),
        (&["--since", "2026-01-07T10:30:00Z"], Some(1)),
        (&["--since", "2026-01-07T10:30:00Z", "--refused"], Some(1)),
        (&["--allowed"], None),
        (&["--overridden"], None),
        (&["--incident", "INC-7"], None),
    ] {
        let shown = show(arguments);
        let ends = [" decisions: ", "1 decision: ", " decisions match"];
        let (_, counts) = ends.into_iter().find_map(|end| shown.rsplit_once(end)).unwrap();
        let summary = counts.split_once('\n').map_or("", |(_, summary)| summary);
        let told = count.map(|count| {
            let pushes = if count == 1 { "push is".to_owned() } else { "pushes are".to_owned() };
            format!(
                "left out {count} refused {pushes} not recorded, more than 100 of one person in one hour; their authors and environments are not known"
            )
        });
        assert_eq!(unwrapped(summary), told.unwrap_or_default(), "{arguments:?}");
    }
    let verified = workshop.run(&["record", "verify", "record.jsonl", "--format", "json"]).json();
    assert_eq!((&verified["left_out"], &verified["intact"]), (&13.into(), &true.into()));
    let shown = workshop.run(&["record", "show", "record.jsonl", "--format", "json", "--allowed"]).json_lines();
    assert_eq!(shown[0]["left_out"], 12);
}

/// An edit of the policy is judged while what it opens is closed, and reaches nothing there.
#[test]
fn an_edit_of_the_policy_is_told_from_a_change_in_core_hours() {
    let workshop = Workshop::new();
    let path = workshop.join("record.jsonl");
    let edit = Decided {
        reached: Vec::new(),
        findings: vec![finding("core-hours/eu", Level::Hard, None)],
        ..decided(MORNING, RecordedOutcome::Refused)
    };
    append(&path, edit.clone());
    let both = Decided {
        reached: vec![RecordedPlace { environment: "staging".to_owned(), region: None, service: None }],
        at: MORNING + Seconds::new(60),
        ..edit
    };
    append(&path, both);
    let change = Decided {
        findings: vec![finding("core-hours/eu", Level::Hard, None)],
        ..decided(MORNING, RecordedOutcome::Refused)
    };
    append(&path, Decided { at: MORNING + Seconds::new(120), ..change });
    let shown = workshop.run(&["record", "show", "record.jsonl"]).printed;
    for (line, count) in [
        ("1 refused: an edit of the policy, ", 1),
        ("2 refused: staging, ", 1),
        ("  met         core-hours/eu (hard), for an edit of the policy\n", 2),
        ("  met         core-hours/eu (hard)\n", 1),
    ] {
        assert_eq!(shown.matches(line).count(), count, "{line}: {shown}");
    }
}

#[test]
fn lifts_are_counted_by_their_reason() {
    let workshop = Workshop::new();
    fill(&workshop.join("record.jsonl"));
    let shown = workshop.run(&["record", "show", "record.jsonl"]).printed;
    let counts = "6 decisions: 4 allowed (1 of them overridden), 2 refused
  overridden  1 × login down\\u{1b}[2K
";
    assert!(shown.ends_with(counts), "{shown}");
}

/// However many reasons there are: those that come first are counted one by one, and no decision is left out.
#[test]
fn reasons_beyond_a_limit_are_counted_together() {
    let entry = |reason: String| Decided {
        findings: vec![finding("core-hours/eu", Level::Hard, Some("grant 7"))],
        reasons: vec![reason],
        ..decided(Instant::from_second(0), RecordedOutcome::Allowed)
    };
    let rows = |tally: &DecisionTally| -> Vec<String> { tally.text(100).lines().map(str::to_owned).collect() };
    let mut tally = DecisionTally::default();
    for number in 0..3000 {
        tally.add(&entry(format!("reason {number}")));
        tally.add(&entry("reason 7".to_owned()));
    }
    let told = rows(&tally);
    assert!(told[0].ends_with("6000 decisions: 6000 allowed (6000 of them overridden), 0 refused"), "{}", told[0]);
    assert!(told[1].contains("3001 × reason 7"), "{}", told[1]);
    assert_eq!(told.len(), 1002);
    assert!(told[1001].contains("2000 × for other reasons, which are not listed"), "{}", told[1001]);
    let mut tally = DecisionTally::default();
    for number in 0..100 {
        tally.add(&entry(format!("{number} {}", "x".repeat(100_000))));
    }
    assert_eq!(rows(&tally).iter().filter(|row| row.contains("overridden")).count(), 1 + 10 + 1);
    assert!(rows(&tally).last().unwrap().contains("90 × for other reasons"));
}

#[test]
fn json_lines_are_the_entries_as_they_are_kept_with_their_place() {
    let workshop = Workshop::with_repository();
    fill(&workshop.join("record.jsonl"));
    let kept = fs::read_to_string(workshop.join("record.jsonl")).unwrap();
    let shown = workshop.run(&["record", "show", "record.jsonl", "--format", "json"]);
    let wanted: String = (1..)
        .zip(kept.lines())
        .map(|(number, line)| format!("{{\"place\":\"line {number}\",{}\n", line.strip_prefix('{').unwrap()))
        .collect();
    assert_eq!(shown.printed, wanted);
    // in a ref, by the commit
    for _ in 0..2 {
        assert_eq!(workshop.run(&["check", "staging", "--record", "refs/freezegate/record"]).status, Some(0));
    }
    let shown = workshop.run(&["record", "show", "refs/freezegate/record", "--format", "json"]).json_lines();
    let commits = workshop.git(&["rev-list", "--reverse", "refs/freezegate/record"]);
    let places: Vec<String> = commits.lines().map(|commit| format!("commit {commit}")).collect();
    assert_eq!(shown.iter().map(|entry| entry["place"].as_str().unwrap()).collect::<Vec<_>>(), places);
}

/// What a log or a terminal would obey is escaped, and says the same.
#[test]
fn json_lines_are_harmless_where_they_are_printed() {
    let workshop = Workshop::new();
    let reason = "##[error] \u{202e}\u{9b}2K\u{1b}[2K\r\n::stop";
    append(
        &workshop.join("record.jsonl"),
        Decided { reasons: vec![reason.to_owned()], ..decided(MORNING, RecordedOutcome::Allowed) },
    );
    let shown = workshop.run(&["record", "show", "record.jsonl", "--format", "json"]);
    assert_eq!(shown.json_lines()[0]["decided"]["reasons"][0], reason);
    let is_plain = |letter: char| letter == '\n' || letter.is_ascii_graphic() || letter == ' ';
    assert!(shown.printed.chars().all(is_plain) && !shown.printed.contains("##"), "{shown:?}");
    // space that JSON allows, with a hash to match
    let line = fs::read_to_string(workshop.join("record.jsonl")).unwrap();
    let (body, _) = line.trim_end().rsplit_once(",\"hash\"").unwrap();
    let body = format!(" \t{}", body.replacen("\"sequence\":", "\"sequence\"\r:\t ", 1));
    let hash = Digest::of(format!("{body}}}").as_bytes());
    fs::write(workshop.join("record.jsonl"), format!("{body},\"hash\":\"{hash}\"}}\n")).unwrap();
    let shown = workshop.run(&["record", "show", "record.jsonl", "--format", "json"]);
    assert_eq!(shown.json_lines()[0]["hash"], hash.to_string());
    assert!(shown.printed.chars().all(is_plain), "{shown:?}");
}

/// More than a pipe and all buffers hold, of which somebody reads a line.
#[test]
fn a_reader_that_has_enough_ends_it_quietly() {
    let workshop = Workshop::new();
    for _ in 0..3 {
        let reasons = vec!["x".repeat(900_000)];
        append(&workshop.join("record.jsonl"), Decided { reasons, ..decided(MORNING, RecordedOutcome::Allowed) });
    }
    for format in ["text", "json"] {
        let mut command = workshop.freezegate(&["record", "show", "record.jsonl", "--format", format]);
        let mut child = command.spawn().unwrap();
        let mut begin = [0; 1000];
        child.stdout.take().unwrap().read_exact(&mut begin).unwrap();
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!((ended.status, ended.errors.as_str()), (Some(0), ""), "{format}");
    }
    // that a disk is full is no reason to be quiet
    let full = File::options().write(true).open("/dev/full").unwrap();
    let status = workshop.freezegate(&["record", "show", "record.jsonl"]).stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

/// Whoever pages through a record holds up no decision, and what is decided meanwhile is not in what is shown.
#[test]
fn a_reader_that_takes_its_time_holds_up_nobody() {
    let workshop = Workshop::new();
    let path = workshop.join("record.jsonl");
    let large = || Decided { reasons: vec!["x".repeat(900_000)], ..decided(MORNING, RecordedOutcome::Allowed) };
    for _ in 0..4 {
        append(&path, large());
    }
    let mut child = workshop.freezegate(&["record", "show", "record.jsonl", "--format", "json"]).spawn().unwrap();
    let mut begin = [0; 1000];
    let mut printed = child.stdout.take().unwrap();
    printed.read_exact(&mut begin).unwrap();
    let patience = Patience { lock: Duration::from_secs(5), ..Patience::default() };
    let record = Record::File(RecordFile::new(path.clone())).with_patience(patience);
    let kept = record.append(&mut |_| Ok::<_, RecordError>(large())).unwrap();
    assert_eq!(kept.unwrap().sequence, 5);
    let mut rest = String::new();
    printed.read_to_string(&mut rest).unwrap();
    assert_eq!(rest.lines().count(), 4);
    assert_eq!(Ended::of(child.wait_with_output().unwrap()).status, Some(0));
}

#[test]
fn people_read_who_what_when_and_why() {
    let workshop = Workshop::new();
    fill(&workshop.join("record.jsonl"));
    let shown = workshop.run(&["record", "show", "record.jsonl", "--incident", "INC-7"]);
    let hash = workshop.run(&["record", "show", "record.jsonl", "--format", "json"]).json_lines()[3]["hash"].clone();
    assert_eq!(
        shown.printed,
        format!(
            "4 allowed (overridden): production/eu, Wed 7 Jan 2026 13:00 UTC
  met         core-hours/eu (hard), overridden by grant 7
  met         freeze/year end (hard), overridden by grant 7
  reason      login down\\u{{1b}}[2K
  incident    INC-7
  people      by carl, requested by ada, signed by bob, dora
  hash        {}
1 of 6 decisions: 1 allowed (1 of them overridden), 0 refused
  overridden  1 × login down\\u{{1b}}[2K
",
            hash.as_str().unwrap()
        )
    );
    let refused = workshop.run(&["record", "show", "record.jsonl", "--refused"]).printed;
    assert!(refused.contains("2 refused: production/eu, Wed 7 Jan 2026 11:00 UTC\n"), "{refused}");
    assert!(refused.contains("  change      nothing..commitA on refs/heads/main\n"), "{refused}");
}

#[test]
fn wrong_questions_are_told() {
    let workshop = Workshop::new();
    fill(&workshop.join("record.jsonl"));
    for (arguments, told) in [
        (&["--since", "yesterday"][..], "is neither a time nor a duration"),
        (&["--since", "2026-01-07T12:00:00"], "is neither a time nor a duration"),
        (&["--until", "tomorrow"], "`--until tomorrow` is neither a time nor a duration"),
        (&["--since", "1h", "--until", "2h"], "`--until 2h` is not later than `--since 1h`"),
        (&["--refused", "--overridden"], "can't be used with"),
        (&["--refused", "--allowed"], "can't be used with"),
    ] {
        let ended = workshop.run(&[&["record", "show", "record.jsonl"], arguments].concat());
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.errors.contains(told), "{ended:?}");
    }
}

/// `--follow` prints what is appended, each entry once, and ends with exit status 2 where what it printed is not there any more.
#[test]
fn what_is_appended_is_followed() {
    let workshop = Workshop::new();
    let path = workshop.join("record.jsonl");
    fill(&path);
    let asked = ["record", "show", "record.jsonl", "--follow", "--format", "json", "--after", "4"];
    let mut child = workshop.freezegate(&asked).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> u64 {
        let entry: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        entry["sequence"].as_u64().unwrap()
    };
    assert_eq!([next(), next()], [5, 6]);
    for (hour, sequence) in [(7, 7), (8, 8)] {
        append(
            &path,
            Decided {
                at: MORNING + Seconds::new(3600 * hour),
                ..decided(Instant::from_second(0), RecordedOutcome::Allowed)
            },
        );
        assert_eq!(next(), sequence);
    }
    // another record of as many entries, put in its place at once
    let other = workshop.join("other.jsonl");
    for hour in 0..9 {
        append(
            &other,
            Decided {
                at: MORNING + Seconds::new(3600 * hour),
                ..decided(Instant::from_second(0), RecordedOutcome::Refused)
            },
        );
    }
    fs::rename(&other, &path).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let told = String::from_utf8(ended.stderr).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("entry 8") && told.contains("is not in it any more"), "{told}");
}
