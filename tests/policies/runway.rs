//! What a change would run into: every window that begins before it and its settling are over, whatever else refuses it.

use std::collections::BTreeSet;

use freezegate::decision::schedule::{DecisionQuestion, around};
use freezegate::decision::{FindingCode, Schedule, Verdict};
use freezegate::policy::Policy;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::policies::change::{Asked, Change, instant, second};
use crate::policies::files::Memory;

const QUARTER: i64 = 15;

/// Freezes of every sort, by name; all of their ends lie on quarters of an hour.
const FREEZES: [(&str, &str); 7] = [
    ("weekly", "from = \"Sat 01:00\"\nuntil = \"Sun 22:00\""),
    ("nights", "hours = [\"Mon-Thu 22:15-06:45\"]"),
    ("monthly", "from = \"last Fri 18:00\"\nuntil = \"+2d 09:00\""),
    ("soon", "from = 2026-07-06T00:00:00\nuntil = 2026-07-06T00:15:00"),
    ("later", "from = 2026-08-01T00:00:00Z\nuntil = 2026-08-02T00:00:00Z"),
    ("yearly", "from = \"Dec 20 23:00\"\nuntil = \"Jan 5 09:00\""),
    ("over", "from = 2026-06-01T00:00:00\nuntil = 2026-06-05T00:00:00"),
];

fn policy(duration: &str, settle: &str, freezes: &[(&str, &str)]) -> Policy {
    let mut text = format!(
        "version = 1\n[environments.production]\nduration = \"{duration}\"\nsettle = \"{settle}\"\n[environments.staging]\n\
         [[targets]]\npaths = [\"deploy/{{environment}}/**\"]\n"
    );
    for (name, window) in freezes {
        text.push_str(&format!(
            "[[freezes]]\nname = \"{name}\"\ntimezone = \"Europe/Berlin\"\nenvironments = [\"production\"]\n{window}\n"
        ));
    }
    Memory::one(text).load().unwrap()
}

/// Returns whether a freeze alone closes production, from `at` on each quarter of an hour up to `days` later.
fn closed_quarters(freeze: (&str, &str), at: Instant, days: i64) -> Vec<bool> {
    let policy = policy("0m", "0m", &[freeze]);
    let change = Change::to("production");
    let asked = change.under(&policy);
    let question: DecisionQuestion<'_> = asked.question();
    let schedule = Schedule::compile(&question, &asked.standing, around(at, Seconds::days(days + 1)).unwrap()).unwrap();
    (0..=days * 96).map(|step| schedule.verdict(at + Seconds::minutes(step * QUARTER)) == Verdict::Refused).collect()
}

fn met(asked: &Asked<'_>, at: Instant) -> BTreeSet<(&'static str, String)> {
    let findings = asked.decide(at).findings;
    findings
        .into_iter()
        .filter(|finding| finding.code != FindingCode::TargetMismatch)
        .map(|finding| (finding.code.as_str(), finding.id.to_string()))
        .collect()
}

/// Held against a look at each quarter of an hour: with a mismatch, which stands at any hour, and without one.
#[test]
fn every_window_that_a_change_runs_into_is_found() {
    let runways = [
        ("0m", "0m", 0),
        ("15m", "0m", 1),
        ("2d", "3d", 480),
        ("6d", "0m", 576),
        ("3d", "31d", 3_264),
        ("31d", "31d", 5_952),
    ];
    let from = second("2026-06-30T00:00:00Z");
    let quarters: Vec<Vec<bool>> = FREEZES.iter().map(|freeze| closed_quarters(*freeze, from, 90)).collect();
    let mut runs_into = 0;
    for (duration, settle, runway) in runways {
        let policy = policy(duration, settle, &FREEZES);
        let mismatched = Change { paths: Some(vec!["deploy/production/a".to_owned()]), ..Change::to("staging") };
        let mismatched = mismatched.under(&policy);
        let matched = Change::to("production");
        let matched = matched.under(&policy);
        assert_eq!((mismatched.standing.len(), matched.standing.len()), (1, 0));
        // a week of quarters, four apart so that every hour and every quarter within an hour come up
        for step in (0..7 * 96).step_by(5) {
            let at = from + Seconds::minutes(i64::try_from(step).unwrap() * QUARTER);
            let mut expected = BTreeSet::new();
            for ((name, _), closed) in FREEZES.iter().zip(&quarters) {
                let id = format!("freeze/{name}");
                if closed[step] {
                    expected.insert(("freeze", id));
                } else if closed[step + 1..].iter().take(usize::saturating_sub(runway, 1)).any(|closed| *closed) {
                    runs_into += 1;
                    expected.insert((FindingCode::WindowTooShort.as_str(), id));
                }
            }
            for asked in [&mismatched, &matched] {
                assert_eq!(met(asked, at), expected, "{duration} and {settle}, at {}", instant(at));
            }
        }
    }
    assert!(runs_into > 1_000, "{runs_into}");
}
