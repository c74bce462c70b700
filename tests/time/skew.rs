//! Where releases of the time zone database differ, the program follows the one compiled in, 2026f.

use freezegate::time::instant::Instant;
use freezegate::time::intervals::Intervals;
use freezegate::time::window::{Rule, closed};
use serde::Deserialize;

use crate::time::second_opinion::{Jump, jumps, offset, tz};
use crate::time::transitions::{SPAN, STEP, offset_of};
use crate::time::{second, span, utc, zone};

#[derive(Deserialize)]
struct Skew {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    timezone: String,
    at: String,
    window: String,
    inside_with_tzdb_2025b: bool,
    inside_with_tzdb_2026f: bool,
    local_2025b: String,
    local_2026f: String,
}

#[derive(Deserialize)]
struct Changes {
    zones: Vec<Change>,
    changed_after_2026e: Vec<Superseded>,
}

#[derive(Deserialize)]
struct Change {
    timezone: String,
    since: String,
    utc_offset_s: i64,
    transitions: Vec<(String, i64)>,
}

#[derive(Deserialize)]
struct Superseded {
    timezone: String,
    only_in_2026e: Vec<(String, i64)>,
    only_in_2026f: Vec<(String, i64)>,
}

fn changes() -> Changes {
    serde_json::from_str(include_str!("../data/tz_changed_since_2025b.json")).unwrap()
}

/// The zones whose rules changed between 2025b and the release compiled in, each with the instant from which.
pub(crate) fn changed() -> Vec<(String, i64)> {
    changes().zones.into_iter().map(|change| (change.timezone, second(&change.since))).collect()
}

#[test]
fn every_verdict_that_differs_between_releases_is_that_of_2026f() {
    let skew: Skew = serde_json::from_str(include_str!("../data/tzdb_skew.json")).unwrap();
    assert_eq!(skew.cases.len(), 72);
    let mut differ = 0;
    for case in &skew.cases {
        let at = second(&case.at);
        let zone = zone(&case.timezone);
        let clock = zone.local(Instant::from_second(at)).unwrap().strftime("%H:%M").to_string();
        assert_eq!(clock, case.local_2026f, "{} at {}", case.timezone, case.at);
        assert_eq!(case.window, "mon-fri 08:00-18:00");
        let rule = Rule::Hours { hours: vec!["Mon-Fri 08:00-18:00".parse().unwrap()], holidays: Vec::new() };
        let pairs = rule.civil(&zone, span(at, at + 1)).unwrap();
        let inside = Intervals::union(closed(&zone, &pairs).unwrap()).containing(Instant::from_second(at)).is_some();
        assert_eq!(inside, case.inside_with_tzdb_2026f, "{} at {}", case.timezone, case.at);
        differ += usize::from(case.inside_with_tzdb_2025b != case.inside_with_tzdb_2026f);
        // the second opinion is what the data says it is
        let old = at + offset(tz(&case.timezone), at);
        assert_eq!(utc(old).get(11..16), Some(case.local_2025b.as_str()), "{} at {}", case.timezone, case.at);
    }
    assert_eq!(differ, 22);
}

/// British Columbia stays on UTC-7 from November 2026 on: 15:30 UTC is 08:30 there, and work has begun.
#[test]
fn vancouver_is_at_work_at_half_past_eight_on_20_november_2026() {
    let vancouver = zone("America/Vancouver");
    let at = second("2026-11-20T15:30:00Z");
    assert_eq!(
        vancouver.local(Instant::from_second(at)).unwrap().to_string(),
        "2026-11-20T08:30:00-07:00[America/Vancouver]"
    );
    let rule = Rule::Hours { hours: vec!["Mon-Fri 08:00-18:00".parse().unwrap()], holidays: Vec::new() };
    let pairs = rule.civil(&vancouver, span(at, at + 1)).unwrap();
    let found = Intervals::union(closed(&vancouver, &pairs).unwrap()).containing(Instant::from_second(at));
    let expected = span(second("2026-11-20T15:00:00Z"), second("2026-11-21T01:00:00Z"));
    assert_eq!(found, Some(expected));
}

#[test]
fn every_zone_changed_since_2025b_has_the_transitions_of_2026f() {
    for change in &changes().zones {
        let zone = zone(&change.timezone);
        let since = second(&change.since);
        let expected: Vec<_> = change.transitions.iter().map(|(at, after)| (second(at), *after)).collect();
        assert_eq!(offset_of(&zone, since), change.utc_offset_s, "{} at {}", change.timezone, change.since);
        let found = jumps(|at| offset_of(&zone, at), since, SPAN.until.as_second(), STEP);
        let found: Vec<_> = found.into_iter().map(|Jump { at, after, .. }| (at, after)).collect();
        assert_eq!(found, expected, "{}", change.timezone);
    }
}

/// Cuba keeps its summer time over the winter of 2026; 2026e still had clocks going back on 1 November.
#[test]
fn havana_has_none_of_the_transitions_that_only_2026e_has() {
    let superseded = changes().changed_after_2026e;
    let names: Vec<&str> = superseded.iter().map(|change| change.timezone.as_str()).collect();
    assert_eq!(names, ["America/Havana", "Cuba"]);
    for Superseded { timezone, only_in_2026e, only_in_2026f } in &superseded {
        let zone = zone(timezone);
        let jumps_at = |at: i64| offset_of(&zone, at - 1) != offset_of(&zone, at);
        assert!(only_in_2026e.iter().all(|(at, _)| !jumps_at(second(at))), "{timezone}");
        assert!(only_in_2026f.iter().all(|(at, _)| jumps_at(second(at))), "{timezone}");
    }
    let winter = zone("America/Havana").local(Instant::from_second(second("2026-12-01T12:00:00Z"))).unwrap();
    assert_eq!(winter.to_string(), "2026-12-01T08:00:00-04:00[America/Havana]");
}
