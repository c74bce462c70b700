//! Windows between moments that recur, against pairs found by counting.

use chrono_tz::Tz;
use freezegate::time::instant::Instant;
use freezegate::time::intervals::{Interval, Intervals};
use freezegate::time::moment::{Moment, Recurring};
use freezegate::time::window::{Rule, WindowEnd, closed};
use freezegate::time::zone::Zone;

use crate::time::almanac::{Day, days};
use crate::time::dice::Dice;
use crate::time::moments::{Base, Sample, monthly, weekly, yearly};
use crate::time::second_opinion::{readings, tz};
use crate::time::skew::changed;
use crate::time::{DAY, second, span, utc, zone};

/// Returns what `rule` closes in `range`, alone.
pub(crate) fn intervals(zone: &Zone, rule: &Rule, range: Interval) -> Intervals {
    let pieces = closed(zone, &rule.civil(zone, range).unwrap()).unwrap();
    Intervals::union(pieces.into_iter().map(|piece| piece.clipped(range)).collect())
}

/// Returns what `runs` of readings are as closed instants, by chrono-tz.
pub(crate) fn closed_by_chrono(tz: Tz, runs: &[(i64, i64)], range: Interval) -> Intervals {
    let read = |(from, until): &(i64, i64)| span(readings(tz, *from).0, readings(tz, *until).1);
    Intervals::union(runs.iter().map(|run| read(run).clipped(range)).collect())
}

/// The end of a window, as a text says it.
enum Until {
    At(Sample),
    /// Days after the day of the start, and minutes.
    After(i64, i64),
}

impl Until {
    fn text(&self) -> String {
        match self {
            Self::At(sample) => sample.text(),
            Self::After(days, minute) => format!("+{days}d {:02}:{:02}", minute / 60, minute % 60),
        }
    }

    fn parsed(&self) -> WindowEnd<Recurring> {
        match self {
            Self::At(sample) => WindowEnd::At(sample.parsed()),
            Self::After(..) => match self.text().parse() {
                Ok(Moment::Relative(offset)) => WindowEnd::After(offset),
                other => panic!("`{}`: {other:?}", self.text()),
            },
        }
    }

    /// Each start with its end: the next reading after it, found by looking at one after the other.
    fn runs(&self, from: &Sample, calendar: &[Day]) -> Vec<(i64, i64)> {
        let starts = from.readings(calendar);
        match self {
            Self::At(sample) => {
                let ends = sample.readings(calendar);
                let mut ends = ends.iter().peekable();
                let mut runs = Vec::new();
                for start in starts {
                    while ends.next_if(|end| **end <= start).is_some() {}
                    if let Some(end) = ends.peek() {
                        runs.push((start, **end));
                    }
                }
                runs
            }
            Self::After(days, minute) => {
                // the day of the start is the one that the words name, also where they say 24:00
                let midnight = |start: i64| start - from.minute * 60;
                starts.into_iter().map(|start| (start, midnight(start) + days * DAY + minute * 60)).collect()
            }
        }
    }
}

/// 2001-01-01 to 2040-01-01.
const RANGE: Interval = span(978_307_200, 2_208_988_800);

struct Trial {
    from: Sample,
    until: Until,
}

impl Trial {
    fn random(dice: &mut Dice, bases: &[Base]) -> Self {
        let is_weekly = bases.len() == 7;
        let minute = |dice: &mut Dice| match dice.within(0, 5) {
            0 => 0,
            1 => 24 * 60,
            2 | 3 => dice.within(0, 8) * 30,
            _ => dice.within(0, 24 * 60),
        };
        let sample = |dice: &mut Dice| Sample {
            base: dice.pick(bases),
            shift: match dice.within(0, 7) {
                _ if is_weekly => None,
                0 => Some(dice.within(-366, 366)),
                1 | 2 => Some(dice.within(-7, 7)),
                _ => None,
            },
            minute: minute(dice),
        };
        let from = sample(dice);
        let until = match dice.within(0, 3) {
            0 => Until::After(dice.within(0, 12), minute(dice)),
            1 if dice.one_in(4) => Until::After(dice.within(0, 366), minute(dice)),
            _ => Until::At(sample(dice)),
        };
        Self { from, until }
    }

    fn text(&self) -> String {
        format!("from `{}` until `{}`", self.from.text(), self.until.text())
    }

    /// Holds the program's windows against those counted, over all years and again instant by instant.
    fn check(&self, dice: &mut Dice, zone: &Zone, calendar: &[Day], range: Interval) -> usize {
        let rule = Rule::Recurring { from: self.from.parsed(), until: self.until.parsed() };
        let runs = self.until.runs(&self.from, calendar);
        let expected = closed_by_chrono(tz(zone.name()), &runs, range);
        let found = intervals(zone, &rule, range);
        assert_eq!(found, expected, "{} in {}", self.text(), zone.name());
        let mut instants = vec![dice.within(range.from.as_second(), range.until.as_second() - 1)];
        if !expected.as_slice().is_empty() {
            let window = dice.pick(expected.as_slice());
            let (from, until) = (window.from.as_second(), window.until.as_second());
            instants.extend([from - 1, from, until - 1, until]);
        }
        instants.retain(|at| range.contains(Instant::from_second(*at)));
        for at in instants {
            let only = intervals(zone, &rule, span(at, at + 1));
            let within = expected.containing(Instant::from_second(at)).is_some();
            assert_eq!(
                only.containing(Instant::from_second(at)).is_some(),
                within,
                "{} in {} at {}",
                self.text(),
                zone.name(),
                utc(at)
            );
        }
        expected.as_slice().len()
    }
}

/// All pairs of `froms` and `untils` at the times of day, in UTC.
fn check_every_pair(bases: &[Base], minutes: &[(i64, i64)]) -> usize {
    let calendar = days(1997, 2043);
    let utc = zone("UTC");
    let mut dice = Dice::new(7);
    let mut windows = 0;
    for from in bases {
        for until in bases {
            let (start, end) = dice.pick(minutes);
            let sample = |base: &Base, minute| Sample { base: *base, shift: None, minute };
            let trial = Trial { from: sample(from, start), until: Until::At(sample(until, end)) };
            windows += trial.check(&mut dice, &utc, &calendar, RANGE);
        }
    }
    windows
}

#[test]
fn every_pair_of_weekdays_runs_to_the_next_end() {
    for minutes in [(0, 0), (60, 9 * 60), (9 * 60, 60), (24 * 60, 0), (0, 24 * 60), (24 * 60, 24 * 60)] {
        assert!(check_every_pair(&weekly(), &[minutes]) > 42 * 2_000);
    }
}

#[test]
fn every_pair_of_days_of_a_month_runs_to_the_next_end() {
    let minutes = [(0, 0), (60, 9 * 60), (9 * 60, 60), (24 * 60, 0), (0, 24 * 60)];
    assert!(check_every_pair(&monthly(), &minutes) > 64 * 63 * 400);
}

#[test]
fn random_moments_of_one_sort_run_to_the_next_end() {
    let calendar = days(1997, 2043);
    let utc = zone("UTC");
    let mut dice = Dice::new(11);
    for bases in [weekly(), monthly(), yearly()] {
        let mut windows = 0;
        for _ in 0..1_000 {
            windows += Trial::random(&mut dice, &bases).check(&mut dice, &utc, &calendar, RANGE);
        }
        assert!(windows > 25_000, "{windows} windows");
    }
}

/// Zones whose clocks jump in every way that clocks do, and of which both releases say the same up to November 2026.
pub(crate) const JUMPY: [&str; 14] = [
    "America/New_York",
    "America/Santiago",
    "America/Havana",
    "America/Nuuk",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Tehran",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Chatham",
];

#[test]
fn random_moments_in_zones_whose_clocks_jump_are_the_instants_of_chrono_tz() {
    let calendar = days(1997, 2043);
    let mut dice = Dice::new(13);
    let changed = changed();
    for name in JUMPY {
        // chrono-tz ends with 2037 or a little after, and does not know of later changes to a zone's rules; the day before
        // such a change has readings that come twice by the old rules alone
        let known = second("2037-01-01T00:00:00Z");
        let until = changed.iter().find(|(changed, _)| changed == name).map_or(known, |(_, since)| since - DAY);
        let range = Interval { from: RANGE.from, until: Instant::from_second(until) };
        let zone = zone(name);
        for bases in [weekly(), monthly(), yearly()] {
            for _ in 0..20 {
                Trial::random(&mut dice, &bases).check(&mut dice, &zone, &calendar, range);
            }
        }
    }
}

/// Start and end in UTC, or none.
pub(crate) type Window = Option<(&'static str, &'static str)>;

/// `from`, `until`, the instant asked about, and the window around it or the reading of no window; all in UTC.
const OVER_ENDS: [(&str, &str, &str, Window); 19] = [
    // a year
    ("Dec 20 23:00", "Jan 5 09:00", "2026-12-31T23:59:59Z", Some(("2026-12-20T23:00:00Z", "2027-01-05T09:00:00Z"))),
    ("Dec 20 23:00", "Jan 5 09:00", "2027-01-05T08:59:59Z", Some(("2026-12-20T23:00:00Z", "2027-01-05T09:00:00Z"))),
    ("Dec 20 23:00", "Jan 5 09:00", "2027-01-05T09:00:00Z", None),
    ("Dec 20 23:00", "Jan 5 09:00", "2026-12-20T22:59:59Z", None),
    ("Dec 31 24:00", "+0d 24:00", "2026-12-31T23:00:00Z", None),
    ("Dec 31 24:00", "+1d 12:00", "2027-01-01T11:59:59Z", Some(("2027-01-01T00:00:00Z", "2027-01-01T12:00:00Z"))),
    (
        "last day of Feb 18:00",
        "Mar 1 06:00",
        "2028-02-29T18:00:00Z",
        Some(("2028-02-29T18:00:00Z", "2028-03-01T06:00:00Z")),
    ),
    ("last day of Feb 18:00", "Mar 1 06:00", "2028-02-28T18:00:00Z", None),
    (
        "4th Thu of Nov -1d 22:00",
        "+5d 06:00",
        "2026-11-30T05:00:00Z",
        Some(("2026-11-25T22:00:00Z", "2026-11-30T06:00:00Z")),
    ),
    // a window that lasts from one year's end to nearly the next: from always meets the next until
    ("Jan 5 09:00", "Dec 20 23:00", "2026-07-01T00:00:00Z", Some(("2026-01-05T09:00:00Z", "2026-12-20T23:00:00Z"))),
    // a month
    ("last Fri 18:00", "1st Mon 09:00", "2026-05-31T12:00:00Z", Some(("2026-05-29T18:00:00Z", "2026-06-01T09:00:00Z"))),
    ("last day 18:00", "day 1 06:00", "2028-02-29T20:00:00Z", Some(("2028-02-29T18:00:00Z", "2028-03-01T06:00:00Z"))),
    ("day 28 00:00", "day 1 00:00", "2027-02-28T12:00:00Z", Some(("2027-02-28T00:00:00Z", "2027-03-01T00:00:00Z"))),
    ("3rd Thu 18:00", "+1d 09:00", "2026-01-16T08:59:59Z", Some(("2026-01-15T18:00:00Z", "2026-01-16T09:00:00Z"))),
    ("last day 22:00", "+1d 02:00", "2027-01-01T01:00:00Z", Some(("2026-12-31T22:00:00Z", "2027-01-01T02:00:00Z"))),
    (
        "2nd Tue -3d 18:00",
        "2nd Tue +1d 06:00",
        "2026-09-06T00:00:00Z",
        Some(("2026-09-05T18:00:00Z", "2026-09-09T06:00:00Z")),
    ),
    // a week
    ("Fri 18:00", "Mon 08:00", "2026-11-22T12:00:00Z", Some(("2026-11-20T18:00:00Z", "2026-11-23T08:00:00Z"))),
    ("Sun 24:00", "Mon 01:00", "2026-11-23T00:30:00Z", Some(("2026-11-23T00:00:00Z", "2026-11-23T01:00:00Z"))),
    ("Sat 01:00", "+2d 01:00", "2026-11-23T00:59:59Z", Some(("2026-11-21T01:00:00Z", "2026-11-23T01:00:00Z"))),
];

fn recurring(text: &str) -> Recurring {
    match text.parse() {
        Ok(Moment::Recurring(recurring)) => recurring,
        other => panic!("`{text}`: {other:?}"),
    }
}

#[test]
fn windows_run_over_the_ends_of_weeks_months_and_years() {
    for (from, until, at, expected) in OVER_ENDS {
        let end = match until.parse() {
            Ok(Moment::Relative(offset)) => WindowEnd::After(offset),
            _ => WindowEnd::At(recurring(until)),
        };
        let rule = Rule::Recurring { from: recurring(from), until: end };
        let at = second(at);
        let utc = zone("UTC");
        let pairs = rule.civil(&utc, span(at, at + 1)).unwrap();
        let found = Intervals::union(closed(&utc, &pairs).unwrap()).containing(Instant::from_second(at));
        let expected = expected.map(|(from, until)| span(second(from), second(until)));
        assert_eq!(found, expected, "from `{from}` until `{until}`");
    }
}
