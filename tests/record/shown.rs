//! `record show`.

use std::path::Path;

use freezegate::policy::Level;
use freezegate::proof::record::{Decided, Outcome};
use serde_json::{Value, json};

use crate::decisions::{MORNING, append, change, decided, finding};
use crate::workshop::Workshop;

/// Six decisions, an hour from one to the next: two refused, three lifted.
fn fill(path: &Path) {
    let hard = |lifted_by| vec![finding("core-hours/eu", Level::Hard, lifted_by)];
    let decisions = [
        Decided { actor: Some("ada".to_owned()), ..decided(0, Outcome::Allowed) },
        Decided {
            findings: hard(None),
            actor: Some("ada".to_owned()),
            changes: vec![change("refs/heads/main", &["production"], "-", "A")],
            ..decided(0, Outcome::Refused)
        },
        Decided {
            findings: hard(Some("exempt: rollback")),
            actor: Some("carl".to_owned()),
            ..decided(0, Outcome::Allowed)
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
            ..decided(0, Outcome::Allowed)
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
            ..decided(0, Outcome::Refused)
        },
        // what only warns is not lifted
        Decided {
            findings: vec![
                finding("core-hours/eu", Level::Hard, Some("exempt: rollback")),
                finding("freeze/x", Level::Warn, Some("exempt: x")),
            ],
            ..decided(0, Outcome::Allowed)
        },
    ];
    for (hour, one) in (0..).zip(decisions) {
        append(path, Decided { at: MORNING + 3600 * hour, ..one });
    }
}

#[test]
fn each_filter_lists_what_it_says() {
    let workshop = Workshop::new();
    fill(&workshop.join("record.jsonl"));
    let rows: &[(&[&str], &[u64])] = &[
        (&[], &[1, 2, 3, 4, 5, 6]),
        (&["--refused"], &[2, 5]),
        (&["--lifted"], &[3, 4, 6]),
        (&["--incident", "INC-7"], &[4]),
        (&["--incident", "INC"], &[]),
        (&["--person", "ada"], &[1, 2, 4]),
        (&["--person", "bob"], &[4, 5]),
        (&["--person", "carl", "--lifted"], &[3, 4]),
        (&["--since", "2026-01-07T12:00:00Z"], &[3, 4, 5, 6]),
        (&["--since", "2026-01-07T13:00:00+02:00", "--refused"], &[2, 5]),
        (&["--since", "1h"], &[]),
    ];
    for (arguments, wanted) in rows {
        let all = [&["record", "show", "record.jsonl", "--format", "json"], *arguments].concat();
        let ended = workshop.run(&all);
        assert_eq!(ended.status, Some(0), "{ended:?}");
        let answer = ended.json();
        let entries = answer["entries"].as_array().unwrap();
        let numbers: Vec<u64> = entries.iter().map(|entry| entry["sequence"].as_u64().unwrap()).collect();
        assert_eq!(numbers, *wanted, "{arguments:?}");
        assert_eq!(answer["counts"]["all"], wanted.len(), "{arguments:?}");
    }
}

#[test]
fn lifts_are_counted_by_their_reason() {
    let workshop = Workshop::new();
    fill(&workshop.join("record.jsonl"));
    let answer = workshop.run(&["record", "show", "record.jsonl", "--format", "json"]).json();
    assert_eq!(answer["schema"], "freezegate/record-list/v1");
    assert_eq!(answer["counts"], json!({ "all": 6, "allowed": 4, "refused": 2, "lifted": 3 }));
    assert_eq!(
        answer["lifts"],
        json!([{ "reason": "exempt: rollback", "count": 2 }, { "reason": "login down\u{1b}[2K", "count": 1 }])
    );
    // entries are listed as they are kept
    let kept = std::fs::read_to_string(workshop.join("record.jsonl")).unwrap();
    let kept: Vec<Value> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answer["entries"], Value::Array(kept));
}

#[test]
fn people_read_who_what_when_and_why() {
    let workshop = Workshop::new();
    fill(&workshop.join("record.jsonl"));
    let shown = workshop.run(&["record", "show", "record.jsonl", "--incident", "INC-7"]);
    let hash =
        workshop.run(&["record", "show", "record.jsonl", "--format", "json"]).json()["entries"][3]["hash"].clone();
    assert_eq!(
        shown.printed,
        format!(
            "4 allowed (lifted): production/eu, Wed 2026-01-07 13:00:00 UTC
  met         core-hours/eu (hard), lifted by grant 7
  met         freeze/year end (hard), lifted by grant 7
  reason      login down\\u{{1b}}[2K
  incident    INC-7
  people      by carl, asked for by ada, signed by bob, dora
  hash        {}
1 decision: 1 allowed, 0 refused, 1 lifted
  lifted      1 × login down\\u{{1b}}[2K
",
            hash.as_str().unwrap()
        )
    );
    let refused = workshop.run(&["record", "show", "record.jsonl", "--refused"]).printed;
    assert!(refused.contains("2 refused: production/eu, Wed 2026-01-07 11:00:00 UTC\n"), "{refused}");
    assert!(refused.contains("  change      nothing..commit- on refs/heads/main\n"), "{refused}");
}

#[test]
fn wrong_questions_are_told() {
    let workshop = Workshop::new();
    fill(&workshop.join("record.jsonl"));
    for (arguments, told) in [
        (&["--since", "yesterday"][..], "is neither an instant nor how long ago"),
        (&["--since", "2026-01-07T12:00:00"], "is neither an instant nor how long ago"),
        (&["--refused", "--lifted"], "cannot be used with"),
    ] {
        let ended = workshop.run(&[&["record", "show", "record.jsonl"], arguments].concat());
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.errors.contains(told), "{ended:?}");
    }
}
