//! Verdicts of python's zoneinfo around 36 odd transitions, and kured's own cases.
//!
//! The data says by which rule: the plain reading of the wall clock. Where an hour comes twice, closed windows are wider and
//! change windows narrower than that; `tz_edges_widened.json` lists each such verdict of the data.

use std::collections::{BTreeMap, BTreeSet};

use freezegate::time::hours::Hours;
use freezegate::time::instant::Instant;
use freezegate::time::intervals::Intervals;
use freezegate::time::window::{Rule, closed, open};
use serde::Deserialize;

use crate::time::{DAY, second, span, zone};

#[derive(Deserialize)]
struct Edges {
    windows: Vec<Window>,
    transitions: Vec<Transition>,
}

#[derive(Deserialize)]
struct Window {
    name: String,
    days: Vec<String>,
    start: String,
    end: String,
}

#[derive(Deserialize)]
struct Transition {
    id: String,
    timezone: String,
    kind: String,
    transition: Option<String>,
    offset_before_s: i64,
    offset_after_s: i64,
    instants: Vec<EdgeInstant>,
}

#[derive(Deserialize)]
struct EdgeInstant {
    at: String,
    local: String,
    inside: BTreeMap<String, bool>,
}

#[derive(Deserialize)]
struct Widened {
    closed_though_outside: Vec<Difference>,
    not_open_though_inside: Vec<Difference>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Difference {
    transition: String,
    at: String,
    timezone: String,
    local: String,
    window: String,
}

/// The text that a policy would say for lower-case `days` and a span.
fn hours(days: &[String], start: &str, end: &str) -> Hours {
    let days: Vec<String> = days
        .iter()
        .map(|day| {
            let (initial, rest) = day.split_at(1);
            initial.to_uppercase() + rest
        })
        .collect();
    let text = format!("{} {start}-{end}", days.join(","));
    text.parse().unwrap_or_else(|error| panic!("`{text}`: {error:?}"))
}

/// Returns what is closed, and what is open, for `hours` within two days of `at`.
fn around(timezone: &str, hours: Hours, at: i64) -> (Intervals, Intervals) {
    let zone = zone(timezone);
    let rule = Rule::Hours { hours: vec![hours], holidays: Vec::new() };
    let pairs = rule.civil(&zone, span(at - 2 * DAY, at + 2 * DAY)).unwrap();
    (Intervals::union(closed(&zone, &pairs).unwrap()), open(&zone, pairs).unwrap())
}

fn holds(intervals: &Intervals, at: i64) -> bool {
    intervals.containing(Instant::from_second(at)).is_some()
}

#[test]
fn every_verdict_at_odd_transitions_is_that_of_python_but_for_the_listed_widening() {
    let edges: Edges = serde_json::from_str(include_str!("../data/tz_edges.json")).unwrap();
    let listed: Widened = serde_json::from_str(include_str!("../data/tz_edges_widened.json")).unwrap();
    let (mut wider, mut narrower) = (Vec::new(), Vec::new());
    let mut verdicts = 0;
    for transition in &edges.transitions {
        for window in &edges.windows {
            for instant in &transition.instants {
                let at = second(&instant.at);
                let hours = hours(&window.days, &window.start, &window.end);
                let (closed, open) = around(&transition.timezone, hours, at);
                let inside = instant.inside[&window.name];
                let difference = || Difference {
                    transition: transition.id.clone(),
                    at: instant.at.clone(),
                    timezone: transition.timezone.clone(),
                    local: instant.local.clone(),
                    window: window.name.clone(),
                };
                match (inside, holds(&closed, at)) {
                    (true, true) | (false, false) => {}
                    (false, true) => wider.push(difference()),
                    (true, false) => panic!("{:?} is inside, yet not closed", difference()),
                }
                match (inside, holds(&open, at)) {
                    (true, true) | (false, false) => {}
                    (true, false) => narrower.push(difference()),
                    (false, true) => panic!("{:?} is outside, yet open", difference()),
                }
                verdicts += 1;
            }
        }
    }
    assert_eq!(verdicts, 36 * 13 * 6);
    let set = |list: Vec<Difference>| list.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(wider), set(listed.closed_though_outside));
    assert_eq!(set(narrower), set(listed.not_open_though_inside));
}

#[test]
fn every_local_time_at_odd_transitions_is_that_of_python() {
    let edges: Edges = serde_json::from_str(include_str!("../data/tz_edges.json")).unwrap();
    for transition in &edges.transitions {
        let zone = zone(&transition.timezone);
        for instant in &transition.instants {
            let local = zone.local(Instant::from_second(second(&instant.at))).unwrap();
            let text = local.strftime("%a %Y-%m-%dT%H:%M:%S%:z").to_string();
            assert_eq!(text, instant.local, "{} at {}", transition.timezone, instant.at);
        }
        let (before, after) = (transition.offset_before_s, transition.offset_after_s);
        let Some(at) = &transition.transition else {
            assert_eq!((transition.kind.as_str(), before), ("none", after));
            continue;
        };
        assert_eq!(transition.kind, if before < after { "gap" } else { "overlap" });
        let offset = |at: i64| i64::from(zone.local(Instant::from_second(at)).unwrap().offset().seconds());
        assert_eq!((offset(second(at) - 1), offset(second(at))), (before, after), "{} at {at}", transition.timezone);
    }
}

#[derive(Deserialize)]
struct Kured {
    window_cases: Vec<KuredCase>,
    weekday_parse_cases: Vec<KuredDays>,
    weekday_parse_errors: Vec<String>,
}

#[derive(Deserialize)]
struct KuredCase {
    id: String,
    days: Vec<String>,
    start: String,
    end: String,
    timezone: String,
    at: String,
    expected_in_window: bool,
    expected_half_open_start_day_rule: bool,
    agrees: bool,
}

#[derive(Deserialize)]
struct KuredDays {
    input: String,
}

/// The place where kured decides otherwise: it counts the end minute as inside, and the weekday of the instant, not of the start.
const KURED_DECIDES_OTHERWISE: [&str; 5] = ["kured-4-16", "kured-5-28", "kured-6-32", "kured-7-36", "kured-8-41"];

#[test]
fn kured_cases_have_the_verdicts_of_a_half_open_window_that_belongs_to_its_first_day() {
    let kured: Kured = serde_json::from_str(include_str!("../data/kured_timewindow.json")).unwrap();
    let mut otherwise = Vec::new();
    for case in &kured.window_cases {
        let at = second(&case.at);
        // kured's last second of the day; its ends are inclusive
        let end = if case.end == "23:59:59" { "24:00" } else { case.end.as_str() };
        let (closed, open) = around(&case.timezone, hours(&case.days, &case.start, end), at);
        assert_eq!(holds(&closed, at), case.expected_half_open_start_day_rule, "{}", case.id);
        assert_eq!(holds(&open, at), case.expected_half_open_start_day_rule, "{}", case.id);
        if holds(&closed, at) != case.expected_in_window {
            otherwise.push(case.id.as_str());
        }
        assert_eq!(case.agrees, holds(&closed, at) == case.expected_in_window, "{}", case.id);
    }
    assert_eq!(kured.window_cases.len(), 42);
    assert_eq!(otherwise, KURED_DECIDES_OTHERWISE);
}

#[test]
fn days_as_kured_spells_them_are_errors() {
    let kured: Kured = serde_json::from_str(include_str!("../data/kured_timewindow.json")).unwrap();
    let spelled = kured.weekday_parse_cases.iter().map(|case| &case.input).chain(&kured.weekday_parse_errors);
    for days in spelled {
        let text = format!("{days} 09:00-17:00");
        assert!(text.parse::<Hours>().is_err(), "`{text}`");
    }
}
