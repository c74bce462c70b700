//! Two million random zones, windows and instants: membership against a plain reading of the wall clock.
//!
//! The plain reading asks only for the local weekday and minute. Closed windows hold all of it, and beyond it only the
//! instants of an hour that comes twice between the two readings of a start or of an end. Change windows lack just those.

use std::sync::Arc;

use freezegate::time::calendar::Calendar;
use freezegate::time::hours::Hours;
use freezegate::time::instant::Instant;
use freezegate::time::intervals::{Interval, Intervals};
use freezegate::time::seconds::Seconds;
use freezegate::time::window::{Rule, closed, open};
use freezegate::time::zone::{TimeError, Zone};

use crate::time::almanac::WEEKDAYS;
use crate::time::dice::Dice;
use crate::time::second_opinion::Jump;
use crate::time::transitions::{SPAN, listed_jumps, offset_of};
use crate::time::{DAY, span, utc};

const GROUPS: usize = 8_192;
const INSTANTS: usize = 256;

/// An `hours` entry as the reference sees it.
struct Entry {
    text: String,
    /// By weekday, Monday first.
    days: [bool; 7],
    /// Seconds since midnight.
    start: i64,
    end: i64,
}

impl Entry {
    /// Starts and ends lie anywhere, yet often within two hours of `clock`, in minutes since midnight.
    fn random(dice: &mut Dice, clock: i64) -> Self {
        let mut days: [bool; 7] = std::array::from_fn(|_| dice.one_in(2));
        days[usize::try_from(dice.within(0, 6)).unwrap()] = true;
        let minute = |dice: &mut Dice| match dice.within(0, 5) {
            0 => dice.within(0, 24) * 60,
            1 => dice.within(0, 24 * 60),
            2 => (clock + dice.within(-120, 120)).rem_euclid(24 * 60),
            _ => (clock + dice.within(-8, 8) * 15).rem_euclid(24 * 60),
        };
        let start = minute(dice) % (24 * 60);
        let end = match minute(dice) {
            end if end == start => start + 1,
            end => end,
        };
        Self::new(days, start, end)
    }

    /// `start` and `end` in minutes since midnight.
    fn new(days: [bool; 7], start: i64, end: i64) -> Self {
        let names: Vec<&str> = WEEKDAYS.iter().zip(days).filter(|(_, on)| *on).map(|(name, _)| *name).collect();
        let written = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let text = format!("{} {}-{}", names.join(","), written(start), written(end));
        Self { text, days, start: start * 60, end: end * 60 }
    }

    fn crosses_midnight(&self) -> bool {
        self.end <= self.start
    }

    /// Returns whether a window starts on this day, days counted from 1970-01-01, a Thursday.
    fn starts_on(&self, day: i64, holidays: &[i64]) -> bool {
        self.days[usize::try_from((day + 3).rem_euclid(7)).unwrap()] && !holidays.contains(&day)
    }

    /// The plain reading: is a clock that reads `wall` inside?
    fn holds(&self, wall: i64, holidays: &[i64]) -> bool {
        let (day, clock) = (wall.div_euclid(DAY), wall.rem_euclid(DAY));
        if self.crosses_midnight() {
            (self.starts_on(day, holidays) && clock >= self.start)
                || (self.starts_on(day - 1, holidays) && clock < self.end)
        } else {
            self.starts_on(day, holidays) && (self.start..self.end).contains(&clock)
        }
    }

    /// Starts and ends of the windows near `day`, as readings of the wall clock.
    fn runs<'e>(&'e self, day: i64, holidays: &'e [i64]) -> impl Iterator<Item = (i64, i64)> + 'e {
        let overnight = if self.crosses_midnight() { DAY } else { 0 };
        (day - 3..=day + 3)
            .filter(|day| self.starts_on(*day, holidays))
            .map(move |day| (day * DAY + self.start, day * DAY + overnight + self.end))
    }
}

/// Sorted, with those that touch or overlap made one.
fn merged(mut runs: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    runs.sort_unstable();
    let mut found: Vec<(i64, i64)> = Vec::new();
    for (from, until) in runs {
        match found.last_mut() {
            Some((_, end)) if from <= *end => *end = until.max(*end),
            _ => found.push((from, until)),
        }
    }
    found
}

/// Returns whether `at` lies, in an hour that comes twice, between the first and the last moment that read `reading`, on the side
/// of `jump` that `inside` tells.
fn between_readings(jumps: &[Jump], reading: i64, at: i64, side: Side) -> bool {
    jumps.iter().any(|jump| {
        let twice = jump.at + jump.after..jump.at + jump.before;
        let (first, last) = (reading - jump.before, reading - jump.after);
        twice.contains(&reading)
            && match side {
                Side::BeforeTheJump => (first..jump.at).contains(&at),
                Side::AfterTheJump => (jump.at..last).contains(&at),
            }
    })
}

#[derive(Clone, Copy)]
enum Side {
    BeforeTheJump,
    AfterTheJump,
}

struct Case {
    zone: Zone,
    entries: Vec<Entry>,
    holidays: Vec<i64>,
    jumps: Vec<Jump>,
    rule: Rule,
}

impl Case {
    fn random(dice: &mut Dice, names: &[&str], centre: &mut i64) -> Self {
        let zone = Zone::named(dice.pick(names)).unwrap();
        let jumps = listed_jumps(&zone, SPAN);
        *centre = if jumps.is_empty() || dice.one_in(4) {
            dice.within(SPAN.from.as_second() + 9 * DAY, SPAN.until.as_second() - 9 * DAY)
        } else {
            dice.pick(&jumps).at
        };
        let jumps = jumps.into_iter().filter(|jump| (jump.at - *centre).abs() < 7 * DAY).collect();
        let clock = (*centre + offset_of(&zone, *centre)).rem_euclid(DAY) / 60;
        let mut entries: Vec<Entry> = (0..dice.within(1, 2)).map(|_| Entry::random(dice, clock)).collect();
        // windows that touch are one, also where the reading at which they do comes twice or never
        if dice.one_in(3) && entries[0].end < DAY {
            let until = (entries[0].end / 60 + dice.within(1, 300)) % (24 * 60);
            entries.push(Entry::new([true; 7], entries[0].end / 60, until));
        }
        let today = *centre / DAY;
        let mut holidays: Vec<i64> = (0..dice.within(0, 2)).map(|_| today + dice.within(-3, 3)).collect();
        holidays.sort_unstable();
        holidays.dedup();
        let date = |day: i64| jiff::civil::date(1970, 1, 1) + jiff::SignedDuration::from_hours(day * 24);
        let calendar = Calendar {
            name: "random".to_owned(),
            dates: holidays.iter().map(|day| date(*day)).collect(),
            valid_until: date(today + 9),
        };
        let hours: Vec<Hours> = entries.iter().map(|entry| entry.text.parse().unwrap()).collect();
        let rule = Rule::Hours { hours, holidays: vec![Arc::new(calendar)] };
        Self { zone, entries, holidays, jumps, rule }
    }

    fn closed(&self, range: Interval) -> Result<Intervals, TimeError> {
        Ok(Intervals::union(closed(&self.zone, &self.rule.civil(&self.zone, range)?)?))
    }

    fn open(&self, range: Interval) -> Result<Intervals, TimeError> {
        open(&self.zone, self.rule.civil(&self.zone, range)?)
    }

    /// The plain reading, and what the rule makes of it for closed windows and for change windows.
    fn expected(&self, at: i64) -> (bool, bool, bool) {
        let wall = at + offset_of(&self.zone, at);
        let plain = self.entries.iter().any(|entry| entry.holds(wall, &self.holidays));
        let day = wall.div_euclid(DAY);
        let runs: Vec<(i64, i64)> = self.entries.iter().flat_map(|entry| entry.runs(day, &self.holidays)).collect();
        let between = |reading, side| between_readings(&self.jumps, reading, at, side);
        let widened =
            runs.iter().any(|(from, until)| between(*from, Side::AfterTheJump) || between(*until, Side::BeforeTheJump));
        let open = merged(runs).into_iter().any(|(from, until)| {
            (from..until).contains(&wall) && !between(from, Side::BeforeTheJump) && !between(until, Side::AfterTheJump)
        });
        (plain, plain || widened, open)
    }

    fn describe(&self, at: i64) -> String {
        let texts: Vec<&str> = self.entries.iter().map(|entry| entry.text.as_str()).collect();
        format!("{texts:?} without {:?} in {} at {}", self.holidays, self.zone.name(), utc(at))
    }
}

#[test]
fn two_million_random_instants_are_closed_and_open_as_the_wall_clock_reads() {
    let names: Vec<&str> = Zone::names().collect();
    let mut dice = Dice::new(2026);
    let (mut instants, mut wider, mut narrower) = (0, 0, 0);
    for _ in 0..GROUPS {
        let mut centre = 0;
        let case = Case::random(&mut dice, &names, &mut centre);
        let range = span(centre - 3 * DAY, centre + 3 * DAY);
        let (closed, open) = (case.closed(range).unwrap(), case.open(range).unwrap());
        let mut points: Vec<i64> = closed
            .as_slice()
            .iter()
            .chain(open.as_slice())
            .flat_map(|interval| {
                [interval.from - Seconds::new(1), interval.from, interval.until - Seconds::new(1), interval.until]
            })
            .filter(|at| range.contains(*at))
            .map(Instant::as_second)
            .collect();
        points.extend([centre - 1, centre]);
        while points.len() < INSTANTS {
            points.push(if dice.one_in(2) {
                centre + dice.within(-2 * 3600, 2 * 3600)
            } else {
                dice.within(range.from.as_second(), range.until.as_second() - 1)
            });
        }
        for (index, at) in points.into_iter().enumerate() {
            let (plain, expect_closed, expect_open) = case.expected(at);
            let is_closed = closed.containing(Instant::from_second(at)).is_some();
            let is_open = open.containing(Instant::from_second(at)).is_some();
            assert!(is_closed || !plain, "inside, yet not closed: {}", case.describe(at));
            assert!(plain || !is_open, "outside, yet open: {}", case.describe(at));
            assert_eq!(is_closed, expect_closed, "closed: {}", case.describe(at));
            assert_eq!(is_open, expect_open, "open: {}", case.describe(at));
            wider += usize::from(is_closed != plain);
            narrower += usize::from(is_open != plain);
            instants += 1;
            if index % 64 == 0 {
                // what holds at an instant does not depend on how much around it was asked for
                let only = span(at, at + 1);
                assert_eq!(
                    case.closed(only).unwrap().containing(Instant::from_second(at)).is_some(),
                    is_closed,
                    "{}",
                    case.describe(at)
                );
                assert_eq!(
                    case.open(only).unwrap().containing(Instant::from_second(at)).is_some(),
                    is_open,
                    "{}",
                    case.describe(at)
                );
            }
        }
    }
    assert!(instants >= 2_000_000, "{instants} instants");
    assert!(wider > 4_000 && narrower > 4_000, "{wider} wider and {narrower} narrower than the plain reading");
}
