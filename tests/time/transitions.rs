//! Every zone and every transition of 2000 to 2037 against chrono-tz.

use std::collections::BTreeSet;

use chrono_tz::TZ_VARIANTS;
use freezegate::time::intervals::Interval;
use freezegate::time::zone::{ClockReading, Zone};

use crate::time::second_opinion::{Jump, jumps, offset, readings, tz};
use crate::time::skew::changed;
use crate::time::{DAY, span, utc, zone};

/// 2000-01-01 to 2038-01-01.
pub(crate) const SPAN: Interval = span(946_684_800, 2_145_916_800);

/// No zone changed twice within so short a time after 2000: the shortest summer time, of some Brazilian states in 2000, took
/// a week.
pub(crate) const STEP: i64 = DAY / 2;

/// Seconds east of UTC at `second`.
pub(crate) fn offset_of(zone: &Zone, second: i64) -> i64 {
    let instant = jiff::Timestamp::from_second(second).unwrap();
    i64::from(zone.rules().unwrap().to_offset(instant).seconds())
}

/// The jumps of `zone` after `from` and up to `until`, as its rules list them.
pub(crate) fn listed_jumps(zone: &Zone, span: Interval) -> Vec<Jump> {
    let start = jiff::Timestamp::from_second(span.from.as_second()).unwrap();
    let mut before = offset_of(zone, span.from.as_second());
    let mut found = Vec::new();
    for transition in zone.rules().unwrap().following(start) {
        let at = transition.timestamp().as_second();
        if at > span.until.as_second() {
            break;
        }
        let after = i64::from(transition.offset().seconds());
        if after != before {
            found.push(Jump { at, before, after });
        }
        before = after;
    }
    found
}

/// Names that chrono-tz has and no policy may use: abbreviations and offsets.
fn is_no_place(name: &str) -> bool {
    let words = "CET CST6CDT EET EST EST5EDT Factory GMT GMT+0 GMT-0 GMT0 Greenwich HST MET MST MST7MDT PST8PDT UCT \
                 Universal WET Zulu";
    (name.starts_with("Etc/") && name != "Etc/UTC") || words.split(' ').any(|word| word == name)
}

#[test]
fn the_known_zones_are_those_of_chrono_tz_without_abbreviations_and_offsets() {
    let known: BTreeSet<&str> = Zone::names().collect();
    let places: BTreeSet<&str> = TZ_VARIANTS.iter().map(|tz| tz.name()).filter(|name| !is_no_place(name)).collect();
    assert_eq!(known, places);
    assert_eq!(known.len(), Zone::names().count(), "a name is listed twice");
    for tz in TZ_VARIANTS {
        assert_eq!(Zone::named(tz.name()).is_some(), !is_no_place(tz.name()), "{}", tz.name());
    }
}

#[test]
fn every_transition_is_where_chrono_tz_has_it_but_for_the_zones_changed_since() {
    let changed = changed();
    let mut different = Vec::new();
    let mut transitions = 0;
    for name in Zone::names() {
        let (zone, tz) = (zone(name), tz(name));
        let ours = jumps(|at| offset_of(&zone, at), SPAN.from.as_second(), SPAN.until.as_second(), STEP);
        assert_eq!(ours, listed_jumps(&zone, SPAN), "{name}");
        assert_eq!(offset_of(&zone, SPAN.from.as_second()), offset(tz, SPAN.from.as_second()), "{name}");
        let theirs = jumps(|at| offset(tz, at), SPAN.from.as_second(), SPAN.until.as_second(), STEP);
        if ours == theirs {
            transitions += ours.len();
            continue;
        }
        // up to the change of the rules both are the same, and there they part
        let first = |left: &[Jump], right: &[Jump]| left.iter().find(|jump| !right.contains(jump)).map(|jump| jump.at);
        let parting = [first(&ours, &theirs), first(&theirs, &ours)].into_iter().flatten().min().unwrap();
        different.push((name.to_owned(), parting));
    }
    assert_eq!(different, changed);
    assert!(transitions > 15_000, "only {transitions} transitions");
}

/// One zone for each set of rules; the names of the others are compared above.
fn distinct() -> Vec<(Zone, Vec<Jump>)> {
    let changed = changed();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for name in Zone::names().filter(|name| changed.iter().all(|(changed, _)| changed != name)) {
        let zone = zone(name);
        let jumps = listed_jumps(&zone, SPAN);
        if !jumps.is_empty() && seen.insert((offset_of(&zone, SPAN.from.as_second()), jumps.clone())) {
            found.push((zone, jumps));
        }
    }
    found
}

#[test]
fn every_minute_near_a_jump_has_the_local_time_of_chrono_tz() {
    let mut minutes = 0;
    for (zone, jumps) in distinct() {
        let tz = tz(zone.name());
        for jump in jumps {
            for minute in -180..=180 {
                // the last second of each minute, too: a jump ends one
                for at in [jump.at + minute * 60 - 1, jump.at + minute * 60] {
                    assert_eq!(offset_of(&zone, at), offset(tz, at), "{} at {}", zone.name(), utc(at));
                    minutes += 1;
                }
            }
        }
    }
    assert!(minutes > 4_000_000, "only {minutes} instants");
}

#[test]
fn every_reading_near_a_jump_is_the_instant_of_chrono_tz() {
    let (mut gaps, mut folds) = (0, 0);
    for (zone, jumps) in distinct() {
        let tz = tz(zone.name());
        for jump in jumps {
            let (low, high) = (jump.at + jump.before.min(jump.after), jump.at + jump.before.max(jump.after));
            let near = (-180..=180).map(|minute| jump.at + jump.before + minute * 60);
            // what the jump skips or repeats begins at `low` and ends before `high`, whatever its length
            let ends = [low - 1, low, low + 1, low.midpoint(high), high - 1, high, high + 1];
            for wall in near.chain(ends) {
                let clock = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0) + jiff::SignedDuration::from_secs(wall);
                let ours = [ClockReading::First, ClockReading::Last]
                    .map(|reading| zone.instant(clock, reading).unwrap().as_second());
                assert_eq!((ours[0], ours[1]), readings(tz, wall), "{} at {clock}", zone.name());
                if (low..high).contains(&wall) {
                    if jump.before < jump.after {
                        gaps += 1;
                        assert_eq!(ours, [jump.at, jump.at], "{} at {clock}", zone.name());
                    } else {
                        folds += 1;
                        assert_eq!(ours, [wall - jump.before, wall - jump.after], "{} at {clock}", zone.name());
                    }
                }
            }
        }
    }
    assert!(gaps > 100_000 && folds > 100_000, "{gaps} skipped and {folds} repeated readings");
}
