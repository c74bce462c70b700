//! A report over records: what is counted, which repositories lag behind, and what is printed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where its data is not as it should be"
)]

use freezegate::audit::{
    Audit, AuditCounts, AuditOutcome, AuditSpan, AuditTooLarge, Audited, ExpectedRepositories, MOST_AUDITED_WINDOWS,
    MOST_DECISIONS, MOST_REPOSITORIES, RepositoryState,
};
use freezegate::policy::{Kind, KindSet, Level, OrganisationVersion};
use freezegate::proof::record::{
    Decided, Digest, RecordEntry, RecordedFinding, RecordedMode, RecordedOutcome, RecordedPlace, RecordedStanding,
    Schema,
};
use freezegate::report::audit::{AuditView, csv, json, text};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use serde_json::Value;

use crate::support::validator::Validator;

fn second(instant: &str) -> Instant {
    instant.parse::<jiff::Timestamp>().unwrap().into()
}

/// A decision from a line: time, repository, standing, verdict, policy (an administrator's file if it begins with `file-`), then findings
/// as `id LEVEL [later LEVEL] [by WHOM]`, each behind a `|`, with `_` for a space in the id.
fn entry(number: u64, line: &str) -> RecordEntry {
    let (head, findings) = line.split_once('|').unwrap_or((line, ""));
    let words: Vec<&str> = head.split_whitespace().collect();
    let [at, repository, standing, decision, policy] = words[..] else { panic!("{line}") };
    let finding = |text: &str| {
        let (text, lifted_by) = text.split_once(" by ").map_or((text, None), |(text, by)| (text, Some(by.trim())));
        let words: Vec<&str> = text.split_whitespace().collect();
        let level = |name: &str| Level::named(name).unwrap();
        RecordedFinding {
            id: words[0].replace('_', " "),
            code: words[0].split('/').next().unwrap().to_owned(),
            level: level(words[1]),
            policy_level: (words.get(2) == Some(&"later")).then(|| level(words[3])),
            environment: Some("production".to_owned()),
            region: None,
            lifted_by: lifted_by.map(str::to_owned),
        }
    };
    let findings: Vec<RecordedFinding> =
        findings.split('|').filter(|text| !text.trim().is_empty()).map(finding).collect();
    let is_rollback = findings.iter().any(|one| one.lifted_by.as_deref() == Some("exempt: rollback"));
    let overridden = findings.iter().any(RecordedFinding::is_overridden);
    let decided = Decided {
        at: second(at),
        mode: RecordedMode::Check,
        standing: if standing == "advice" { RecordedStanding::Advice } else { RecordedStanding::Enforcement },
        decision: if decision == "refused" { RecordedOutcome::Refused } else { RecordedOutcome::Allowed },
        repository: (repository != "-").then(|| repository.to_owned()),
        reached: vec![RecordedPlace { environment: "production".to_owned(), region: None, service: None }],
        changes: Vec::new(),
        kinds: if is_rollback { KindSet::NONE.with(Kind::Rollback) } else { KindSet::NONE },
        findings,
        reasons: if overridden { vec!["=login \u{1b}[31mdown".to_owned()] } else { Vec::new() },
        incident: overridden.then(|| "INC-7".to_owned()),
        actor: Some("ada".to_owned()),
        requesters: Vec::new(),
        signers: if overridden { vec!["ben@example.com".to_owned()] } else { Vec::new() },
        spent: Vec::new(),
        policy: Digest::of(policy.as_bytes()),
        organisation: policy.trim_start_matches("file-").strip_prefix("acme-").map(|serial| OrganisationVersion {
            name: "acme".to_owned(),
            serial: serial.split('-').next().unwrap().parse().unwrap(),
        }),
        administrators_policy: policy.starts_with("file-"),
        tzdb: "2026f".to_owned(),
        rollback_within: None,
        command: None,
        plan: None,
        policy_commit: None,
    };
    let hash = Digest::of(line.as_bytes());
    RecordEntry {
        schema: Schema::V1,
        sequence: number,
        previous: None,
        run: String::new(),
        decided,
        left_out: 0,
        folded: None,
        hash,
    }
}

const RECORD: &str = "\
2027-01-04T10:00:00Z shop enforcement allowed p1 | core-hours/eu warn later hard
2027-01-05T10:00:00Z shop enforcement refused p1 | freeze/stop_all hard | core-hours/eu warn later hard
2027-01-06T10:00:00Z shop enforcement allowed p1 | core-hours/eu hard by grant 1
2027-01-07T10:00:00Z shop enforcement allowed p1 | core-hours/eu hard by exempt: rollback
2027-01-08T10:00:00Z shop enforcement allowed p1 | freeze/notice warn
2027-01-09T10:00:00Z blog enforcement allowed p1
2027-01-10T10:00:00Z shop enforcement allowed p2
2027-01-11T10:00:00Z blog advice allowed p2
2027-01-12T10:00:00Z lab advice refused p1 | core-hours/eu hard
2027-01-13T10:00:00Z - enforcement allowed p1
";

fn audited(record: &str, span: (Option<&str>, Option<&str>), expected: (&[&str], Option<Seconds>)) -> Audited {
    let (from, until) = (span.0.map(second), span.1.map(second));
    let mut audit = Audit::new(AuditSpan { from, until, lists_all: false });
    for (number, line) in (1..).zip(record.lines()) {
        audit.add(0, &entry(number, line), line.len()).unwrap();
    }
    let names: Vec<String> = expected.0.iter().map(|name| (*name).to_owned()).collect();
    let at = second("2027-01-14T10:00:00Z");
    let at = until.unwrap_or(at).min(at);
    audit.finish(&ExpectedRepositories { repositories: &names, at, stale: expected.1 }).unwrap()
}

/// The report for people at an instant, without styles.
fn told(all: &Audited, now: &str) -> String {
    let records = ["record.jsonl".to_owned()];
    let view = AuditView { audited: all, records: &records, now: second(now), asker: None };
    anstream::adapter::strip_str(&text::text(&view, 100).unwrap()).to_string()
}

#[test]
fn decisions_are_counted_by_how_they_came_out() {
    let all = audited(RECORD, (None, None), (&[], None));
    let counts = AuditCounts { decisions: 10, refused: 2, overridden: 1, would_be_refused: 1, rollbacks: 1, advice: 2 };
    assert_eq!(all.counts, counts);
    let listed: Vec<(u64, AuditOutcome)> = all.listed.iter().map(|one| (one.sequence, one.outcome)).collect();
    let expected = [
        (1, AuditOutcome::WouldBeRefused),
        (2, AuditOutcome::Refused),
        (3, AuditOutcome::Overridden),
        // the rollback
        (4, AuditOutcome::Allowed),
        (9, AuditOutcome::Refused),
    ];
    assert_eq!(listed, expected);
    let windows: Vec<(&str, &str, [u64; 3])> = all
        .windows
        .iter()
        .map(|(key, counts)| {
            let counts = [counts.refused, counts.would_be_refused, counts.overridden];
            (key.repository.as_deref().unwrap(), key.id.as_str(), counts)
        })
        .collect();
    let expected = [
        ("lab", "core-hours/eu", [1, 0, 0]),
        ("shop", "core-hours/eu", [0, 2, 1]),
        ("shop", "freeze/stop all", [1, 0, 0]),
    ];
    assert_eq!(windows, expected);
    let part = audited(RECORD, (Some("2027-01-05T10:00:00Z"), Some("2027-01-06T10:00:00Z")), (&[], None));
    assert_eq!((part.counts.decisions, part.counts.refused, part.listed.len()), (1, 1, 1));
}

#[test]
fn repositories_that_lag_behind_are_named() {
    let states = |audited: &Audited| -> Vec<(String, Vec<RepositoryState>)> {
        let named = audited.repositories.iter().filter(|one| one.name.is_some());
        named.map(|one| (one.name.clone().unwrap(), one.states.clone())).collect()
    };
    let one = |name: &str, states: &[RepositoryState]| (name.to_owned(), states.to_vec());
    let all = audited(RECORD, (None, None), (&["lab", "shop", "wiki"], Some(Seconds::new(3 * 24 * 3600))));
    assert_eq!(
        states(&all),
        [
            one("blog", &[]),
            one("lab", &[RepositoryState::AdviceOnly]),
            one("shop", &[RepositoryState::Stale { age: Seconds::new(4 * 24 * 3600) }]),
            one("wiki", &[RepositoryState::NoGate]),
        ]
    );
    assert!(all.is_behind());
    // a day more, and it is not stale; and one that nobody expects may be advised
    let all = audited(RECORD, (None, None), (&["shop"], Some(Seconds::new(4 * 24 * 3600))));
    assert!(states(&all)[1].1.is_empty() && states(&all)[2].1.is_empty() && !all.is_behind());
    // the time of the decisions that are counted says nothing of who lags behind
    let part = audited(RECORD, (Some("2027-01-11T00:00:00Z"), None), (&["shop"], Some(Seconds::new(4 * 24 * 3600))));
    assert!(states(&part)[2].1.is_empty());
}

/// The age of the last decision is told as of the end of the span, rounded down.
#[test]
fn a_repository_is_stale_as_of_the_end_of_the_span() {
    let record = "2027-01-04T10:00:00Z a enforcement allowed p1\n2027-01-10T10:00:00Z a enforcement allowed p1\n";
    for (until, stale, age) in [
        (Some("2027-01-07T22:59:00Z"), 3 * 24 * 3600, Some((305_940, "3 d 12 h"))),
        (Some("2027-01-07T10:00:00Z"), 3 * 24 * 3600, None),
        (None, 3 * 24 * 3600, Some((4 * 24 * 3600, "4 d"))),
        // it is not later yet
        (Some("2027-03-01T00:00:00Z"), 4 * 24 * 3600, None),
    ] {
        let all = audited(record, (None, until), (&[], Some(Seconds::new(stale))));
        let expected: Vec<RepositoryState> =
            age.iter().map(|(age, _)| RepositoryState::Stale { age: Seconds::new(*age) }).collect();
        assert_eq!(all.repositories[0].states, expected, "{until:?}");
        let told = told(&all, "2027-02-05T10:00:00Z");
        let row = told.lines().find_map(|line| line.trim().strip_prefix("stale"));
        assert_eq!(row.map(str::trim), age.map(|(_, age)| format!("no decision for {age}")).as_deref(), "{told}");
    }
}

/// Only an administrator's file can be that of several repositories; policies of their own may have begun as copies.
#[test]
fn a_file_that_another_saw_replaced_is_an_old_policy() {
    let record = |policies: [&str; 3]| {
        let [first, second, last] = policies;
        format!(
            "2027-01-09T10:00:00Z blog enforcement allowed {first}
2027-01-09T11:00:00Z shop enforcement allowed {first}
2027-01-10T10:00:00Z shop enforcement allowed {second}
2027-01-11T10:00:00Z blog advice allowed {second}
2027-01-14T09:00:00Z blog enforcement allowed {last}
"
        )
    };
    let states = |record: &str| audited(record, (None, None), (&[], None)).repositories[0].states.clone();
    let since = second("2027-01-10T10:00:00Z");
    let old = [RepositoryState::OldPolicy { by: "shop".to_owned(), since }];
    let shared = record(["file-1", "file-2", "file-1"]);
    assert_eq!(states(&shared), old);
    // unless that one went back to it
    assert!(states(&format!("{shared}2027-01-14T09:30:00Z shop enforcement allowed file-1\n")).is_empty());
    for policies in [
        // policies of their own
        ["p1", "p2", "p1"],
        // from a file to a policy of its own: the file is what it was
        ["file-1", "p2", "file-1"],
        // and the other way
        ["p1", "file-2", "p1"],
        // the same serial, and equal before the other one edited its own part
        ["acme-1", "acme-1-shop", "acme-1"],
        ["file-acme-1", "file-acme-1-shop", "file-acme-1"],
    ] {
        assert!(states(&record(policies)).is_empty(), "{policies:?}");
    }
}

/// Repositories that follow an organisation have policies of their own, so that the serial tells.
#[test]
fn an_older_serial_than_another_had_before_is_an_old_policy() {
    let record = "\
2027-01-04T10:00:00Z a enforcement allowed acme-1-a
2027-01-04T10:00:00Z b enforcement allowed acme-1-b
2027-01-05T10:00:00Z a enforcement allowed acme-2-a
2027-01-05T10:00:00Z c enforcement allowed acme-1-c
2027-01-06T10:00:00Z d enforcement allowed acme-1-d
2027-01-07T10:00:00Z a enforcement allowed acme-3-a
2027-01-08T10:00:00Z e enforcement allowed acme-1-e
2027-01-08T11:00:00Z e enforcement allowed acme-3-e
";
    let all = audited(record, (None, None), (&[], None));
    let old = |one: &str| {
        let found = all.repositories.iter().find(|report| report.name.as_deref() == Some(one)).unwrap();
        found.states.clone()
    };
    let since = second("2027-01-05T10:00:00Z");
    assert_eq!(old("d"), [RepositoryState::OldPolicy { by: "a".to_owned(), since }]);
    // b was not asked since, c in the same second
    for one in ["a", "b", "c", "e"] {
        assert!(old(one).is_empty(), "{one}");
    }
}

#[test]
fn a_report_that_would_leave_something_out_is_refused() {
    let span = AuditSpan { from: None, until: None, lists_all: true };
    let line =
        |repository: &str, id: &str| format!("2027-01-04T10:00:00Z {repository} enforcement refused p1 | {id} hard");
    let fill = |most: usize, line: &dyn Fn(usize) -> String| {
        let mut audit = Audit::new(span);
        (0..=most).map(|number| audit.add(0, &entry(1, &line(number)), 1)).find_map(Result::err)
    };
    assert_eq!(fill(MOST_REPOSITORIES, &|number| line(&format!("r{number}"), "a")), Some(AuditTooLarge::Repositories));
    assert_eq!(fill(MOST_AUDITED_WINDOWS, &|number| line("r", &format!("a{number}"))), Some(AuditTooLarge::Windows));
    let mut audit = Audit::new(span);
    let one = entry(1, &line("r", "a"));
    assert!((0..MOST_DECISIONS).all(|_| audit.add(0, &one, 1).is_ok()));
    assert_eq!(audit.add(0, &one, 1), Err(AuditTooLarge::Decisions));
    let mut audit = Audit::new(span);
    assert_eq!(audit.add(0, &one, 200 << 20), Err(AuditTooLarge::Decisions));
}

/// What others wrote commands neither a terminal nor a spreadsheet.
#[test]
fn each_format_tells_the_same_and_obeys_nothing() {
    let all = audited(RECORD, (None, None), (&["wiki"], Some(Seconds::new(3 * 24 * 3600))));
    let records = ["record.jsonl".to_owned()];
    let view = AuditView { audited: &all, records: &records, now: second("2027-01-14T10:00:00Z"), asker: None };
    let told = told(&all, "2027-02-14T10:00:00Z");
    for line in [
        "10 decisions: 2 refused, 1 overridden, 1 would be refused, 1 rollback, 2 advice",
        "behind: shop, 6 decisions: 1 refused, 1 overridden, 1 would be refused, 1 rollback",
        "no-gate",
        "core-hours/eu: 2 would be refused, 1 overridden",
        "signed by ben@example.com",
        "incident    INC-7",
        "stop: stop all, shop, met from Tue 5 Jan 10:00 UTC to Tue 5 Jan 10:00 UTC: 1 refused",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert!(!told.contains('\u{1b}'), "{told}");
    let rows = csv::decisions(&view).unwrap();
    let lines: Vec<&str> = rows.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 5 + 1, "{rows}");
    assert!(lines[3].contains(",overridden,no,production,"), "{}", lines[3]);
    assert!(rows.contains(",'=login ") && !rows.contains('\u{1b}'), "{rows}");
    assert_eq!(csv::windows(&view).unwrap().lines().count(), 1 + 3);
    let repositories = csv::repositories(&view).unwrap();
    assert!(repositories.contains("\r\nwiki,no-gate,,0,"), "{repositories}");
    let schema: Value = serde_json::from_str(json::REPORT_SCHEMA).unwrap();
    let validator = Validator::new(&schema);
    let answer: Value = serde_json::from_str(&json::json(&view).unwrap()).unwrap();
    assert_eq!(validator.faults(&answer), Vec::<String>::new());
    assert_eq!(answer["totals"]["would_be_refused"], 1);
    assert_eq!(answer["decisions"][0]["findings"][0]["policy_level"], "hard");
    for key in answer.as_object().unwrap().keys() {
        let mut without = answer.clone();
        without.as_object_mut().unwrap().remove(key);
        assert!(!validator.is_valid(&without), "without {key}");
    }
    let undecided: Value =
        serde_json::from_str(&json::undecided(&[], &freezegate::diagnostic::Sources::default()).unwrap()).unwrap();
    assert!(validator.is_valid(&undecided));
}
