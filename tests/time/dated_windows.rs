//! Windows around the dates of a calendar, and windows that come once.

use std::sync::Arc;

use freezegate::time::calendar::Calendar;
use freezegate::time::instant::Instant;
use freezegate::time::intervals::Interval;
use freezegate::time::moment::{Moment, Offset};
use freezegate::time::seconds::Seconds;
use freezegate::time::window::{Absolute, Rule, WindowEnd};
use jiff::civil::{Date, date};

use crate::time::dice::Dice;
use crate::time::moments::wall;
use crate::time::recurring_windows::{JUMPY, Window, closed_by_chrono, intervals};
use crate::time::second_opinion::tz;
use crate::time::{DAY, second, span, utc, zone};

fn offset(days: i32, minute: u16) -> Offset {
    Offset { days, minute }
}

#[test]
fn windows_around_dates_are_one_for_each_date() {
    let mut dice = Dice::new(17);
    for _ in 0..2_000 {
        let zone = zone(dice.pick(&JUMPY));
        let mut dates: Vec<Date> = (0..dice.within(0, 9))
            .map(|_| date(2019, 1, 1) + jiff::SignedDuration::from_hours(24 * dice.within(0, 2_000)))
            .collect();
        dates.sort_unstable();
        dates.dedup();
        let mut minute = || [0, 90, 9 * 60, 24 * 60][usize::try_from(dice.within(0, 3)).unwrap()];
        let (start, end) = (minute(), minute());
        let first = dice.within(-366, 366);
        let (text, from) = (format!("release {first:+}d"), offset(i32::try_from(first).unwrap(), start));
        let read: Moment = format!("{text} {:02}:{:02}", start / 60, start % 60).parse().unwrap();
        assert_eq!(read, Moment::Around("release".to_owned(), from));
        let relative = dice.one_in(2);
        let last = if relative { dice.within(0, 20) } else { dice.within(-366, 366) };
        let to = offset(i32::try_from(last).unwrap(), end);
        let until = if relative { WindowEnd::After(to) } else { WindowEnd::At(to) };
        let runs: Vec<(i64, i64)> = dates
            .iter()
            .map(|day| {
                let midnight = wall(day.at(0, 0, 0, 0));
                let base = if relative { first + last } else { last };
                (midnight + first * DAY + i64::from(start) * 60, midnight + base * DAY + i64::from(end) * 60)
            })
            .collect();
        let calendar = Arc::new(Calendar { name: "release".to_owned(), dates, valid_until: date(2026, 1, 1) });
        let rule = Rule::Around { calendar, from, until };
        let range = span(second("2017-01-01T00:00:00Z"), second("2027-01-01T00:00:00Z"));
        let expected = closed_by_chrono(tz(zone.name()), &runs, range);
        assert_eq!(intervals(&zone, &rule, range), expected, "{rule:?} in {}", zone.name());
        for window in expected.as_slice() {
            for at in [window.from - Seconds::new(1), window.from, window.until - Seconds::new(1), window.until] {
                let only = intervals(&zone, &rule, Interval { from: at, until: at + Seconds::new(1) });
                assert_eq!(
                    only.containing(at).is_some(),
                    expected.containing(at).is_some(),
                    "{rule:?} at {}",
                    utc(at.as_second())
                );
            }
        }
    }
}

#[test]
fn a_calendar_says_nothing_of_windows_that_begin_at_the_day_after_its_last() {
    let calendar = |valid_until| Arc::new(Calendar { name: "release".to_owned(), dates: Vec::new(), valid_until });
    let table = [
        ("Europe/Berlin", date(2026, 12, 31), offset(0, 0), "2026-12-31T23:00:00Z"),
        ("Europe/Berlin", date(2026, 12, 31), offset(-14, 0), "2026-12-17T23:00:00Z"),
        ("Europe/Berlin", date(2026, 12, 31), offset(0, 24 * 60), "2027-01-01T23:00:00Z"),
        // 2026-03-29T02:30 is skipped, 2026-10-25T02:30 comes twice
        ("Europe/Berlin", date(2026, 3, 28), offset(0, 150), "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", date(2026, 10, 24), offset(0, 150), "2026-10-25T00:30:00Z"),
        ("UTC", date(2028, 2, 28), offset(1, 60), "2028-03-01T01:00:00Z"),
    ];
    for (name, valid_until, from, expected) in table {
        let calendar = calendar(valid_until);
        let rule = Rule::Around { calendar: Arc::clone(&calendar), from, until: WindowEnd::At(offset(30, 0)) };
        let zone = zone(name);
        assert_eq!(
            rule.stale_from(&zone).unwrap(),
            Some((Instant::from_second(second(expected)), &*calendar)),
            "{valid_until} in {name}"
        );
        let holidays = Rule::Hours { hours: vec!["daily 00:00-24:00".parse().unwrap()], holidays: vec![calendar] };
        assert_eq!(holidays.stale_from(&zone).unwrap(), None);
    }
}

/// Zone, start, end, and the closed window; local readings have no offset.
const ONCE: [(&str, &str, &str, Window); 12] = [
    (
        "America/New_York",
        "2026-11-26T00:00:00",
        "2026-11-30T09:00:00",
        Some(("2026-11-26T05:00:00Z", "2026-11-30T14:00:00Z")),
    ),
    (
        "America/New_York",
        "2026-11-26T00:00:00-05:00",
        "2026-11-26T09:00:00+01:00",
        Some(("2026-11-26T05:00:00Z", "2026-11-26T08:00:00Z")),
    ),
    ("America/New_York", "2026-11-26T22:00:00", "+1d 06:00", Some(("2026-11-27T03:00:00Z", "2026-11-27T11:00:00Z"))),
    // the day of an instant is that of the zone: still 25 November in New York
    ("America/New_York", "2026-11-26T03:00:00Z", "+1d 06:00", Some(("2026-11-26T03:00:00Z", "2026-11-26T11:00:00Z"))),
    ("Asia/Tokyo", "2026-11-26T20:00:00Z", "+0d 24:00", Some(("2026-11-26T20:00:00Z", "2026-11-27T15:00:00Z"))),
    // starts in a skipped hour, ends in one that comes twice
    (
        "Europe/Berlin",
        "2026-03-29T02:30:00",
        "2026-10-25T02:30:00",
        Some(("2026-03-29T01:00:00Z", "2026-10-25T01:30:00Z")),
    ),
    (
        "Europe/Berlin",
        "2026-10-25T02:30:00",
        "2026-10-25T02:31:00",
        Some(("2026-10-25T00:30:00Z", "2026-10-25T01:31:00Z")),
    ),
    (
        "Europe/Berlin",
        "2026-10-25T02:30:00+01:00",
        "2026-10-25T02:31:00",
        Some(("2026-10-25T01:30:00Z", "2026-10-25T01:31:00Z")),
    ),
    (
        "Europe/Berlin",
        "2026-10-25T02:30:00",
        "2026-10-25T02:31:00+02:00",
        Some(("2026-10-25T00:30:00Z", "2026-10-25T00:31:00Z")),
    ),
    // nothing is left between two readings of one skipped hour, nor of a window the wrong way round
    ("Europe/Berlin", "2026-03-29T02:10:00", "2026-03-29T02:50:00", None),
    ("Europe/Berlin", "2026-03-29T05:00:00", "+0d 04:00", None),
    ("Pacific/Apia", "2011-12-30T08:00:00", "2011-12-30T18:00:00", None),
];

#[test]
fn windows_that_come_once_are_read_in_their_zone() {
    for (name, from, until, expected) in ONCE {
        let zone = zone(name);
        let absolute = |text: &str| match text.parse::<jiff::Timestamp>() {
            Ok(instant) => Absolute::Exact(instant.into()),
            Err(_) => Absolute::Local(text.parse().unwrap()),
        };
        let until_end = match until.parse() {
            Ok(Moment::Relative(offset)) => WindowEnd::After(offset),
            _ => WindowEnd::At(absolute(until)),
        };
        let rule = Rule::Once { from: absolute(from), until: until_end };
        let range = span(0, second("2030-01-01T00:00:00Z"));
        let expected = expected.map(|(from, until)| span(second(from), second(until)));
        let found = intervals(&zone, &rule, range);
        assert_eq!(found.as_slice(), expected.as_slice(), "from {from} until {until} in {name}");
    }
}
