//! Every moment that the policy language can say, against a calendar counted day by day.

use std::collections::BTreeSet;

use freezegate::time::moment::{Moment, Recurring};
use jiff::civil::{Date, DateTime};

use crate::time::DAY;
use crate::time::almanac::{Day, MONTHS, WEEKDAYS, days};

/// A day that recurs, by definition: a predicate on days, with the words that say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Base {
    /// `None` for weekly and monthly.
    pub(crate) month: Option<i8>,
    pub(crate) pick: Pick,
}

/// Which day of a week or month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    EachWeek(usize),
    Number(i8),
    LastDay,
    Nth(i8, usize),
    Last(usize),
}

impl Base {
    /// Its words, without shift and time.
    fn text(self) -> String {
        let in_month = match self.pick {
            Pick::EachWeek(weekday) => return WEEKDAYS[weekday].to_owned(),
            Pick::Number(day) => match self.month {
                None => return format!("day {day}"),
                Some(month) => return format!("{} {day}", MONTHS[usize::try_from(month - 1).unwrap()]),
            },
            Pick::LastDay => "last day".to_owned(),
            Pick::Nth(nth, weekday) => {
                format!("{} {}", ["1st", "2nd", "3rd", "4th"][usize::try_from(nth - 1).unwrap()], WEEKDAYS[weekday])
            }
            Pick::Last(weekday) => format!("last {}", WEEKDAYS[weekday]),
        };
        match self.month {
            None => in_month,
            Some(month) => format!("{in_month} of {}", MONTHS[usize::try_from(month - 1).unwrap()]),
        }
    }

    fn holds(self, day: &Day) -> bool {
        self.month.is_none_or(|month| month == day.month)
            && match self.pick {
                Pick::EachWeek(weekday) => day.weekday == weekday,
                Pick::Number(number) => day.day == number,
                Pick::LastDay => day.day == day.month_length,
                // the nth of its weekday is in the nth seven days of the month
                Pick::Nth(nth, weekday) => day.weekday == weekday && (day.day - 1) / 7 + 1 == nth,
                // no further one fits
                Pick::Last(weekday) => day.weekday == weekday && day.day + 7 > day.month_length,
            }
    }
}

/// A moment: its text, and by definition the readings of the wall clock that it means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) base: Base,
    /// Days after the base; `None` where the text says none.
    pub(crate) shift: Option<i64>,
    pub(crate) minute: i64,
}

impl Sample {
    pub(crate) fn text(&self) -> String {
        let shift = self.shift.map_or_else(String::new, |days| format!(" {days:+}d"));
        format!("{}{shift} {:02}:{:02}", self.base.text(), self.minute / 60, self.minute % 60)
    }

    pub(crate) fn parsed(&self) -> Recurring {
        let text = self.text();
        match text.parse() {
            Ok(Moment::Recurring(recurring)) => recurring,
            other => panic!("`{text}`: {other:?}"),
        }
    }

    /// Seconds since 1970-01-01T00:00 of the wall calendar, in order, for the base days among `days`.
    pub(crate) fn readings(&self, days: &[Day]) -> Vec<i64> {
        let seconds = self.shift.unwrap_or(0) * DAY + self.minute * 60;
        days.iter().filter(|day| self.base.holds(day)).map(|day| day.number * DAY + seconds).collect()
    }
}

pub(crate) fn weekly() -> Vec<Base> {
    (0..7).map(|weekday| Base { month: None, pick: Pick::EachWeek(weekday) }).collect()
}

/// Days that every month has, with numbers up to `longest`.
fn in_month(month: Option<i8>, longest: i8) -> impl Iterator<Item = Base> {
    let weekdays = || 0..WEEKDAYS.len();
    (1..=longest)
        .map(Pick::Number)
        .chain([Pick::LastDay])
        .chain(weekdays().flat_map(|weekday| (1..=4).map(move |nth| Pick::Nth(nth, weekday))))
        .chain(weekdays().map(Pick::Last))
        .map(move |pick| Base { month, pick })
}

pub(crate) fn monthly() -> Vec<Base> {
    in_month(None, 28).collect()
}

pub(crate) fn yearly() -> Vec<Base> {
    let every_year = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    (1..).zip(every_year).flat_map(|(month, length)| in_month(Some(month), length)).collect()
}

/// Times of day, the ends of a day among them.
pub(crate) const MINUTES: [i64; 4] = [0, 9 * 60 + 30, 23 * 60 + 59, 24 * 60];

/// Shifts: none, over the end of a month and over the end of a year, either way.
pub(crate) const SHIFTS: [Option<i64>; 9] =
    [None, Some(0), Some(1), Some(-1), Some(7), Some(-14), Some(31), Some(366), Some(-366)];

fn every_sample() -> Vec<Sample> {
    let mut samples = Vec::new();
    for minute in MINUTES {
        samples.extend(weekly().into_iter().map(|base| Sample { base, shift: None, minute }));
        for shift in SHIFTS {
            samples.extend(monthly().into_iter().chain(yearly()).map(|base| Sample { base, shift, minute }));
        }
    }
    samples
}

/// Seconds since 1970-01-01T00:00 of the wall calendar.
pub(crate) fn wall(reading: DateTime) -> i64 {
    reading.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0)).as_secs()
}

const FIRST: Date = jiff::civil::date(2000, 1, 1);
const LAST: Date = jiff::civil::date(2040, 12, 31);

#[test]
fn every_moment_means_the_days_that_its_words_say() {
    let days = days(1997, 2043);
    let span = wall(FIRST.at(0, 0, 0, 0))..wall(LAST.at(0, 0, 0, 0)) + DAY;
    let (mut texts, mut count) = (BTreeSet::new(), 0);
    let mut base = None;
    let mut of_base: Vec<Day> = Vec::new();
    let mut samples = every_sample();
    samples.sort_by_key(|sample| sample.base.text());
    for sample in samples {
        if base != Some(sample.base) {
            base = Some(sample.base);
            of_base = days.iter().copied().filter(|day| sample.base.holds(day)).collect();
        }
        let within = |mut readings: Vec<i64>| {
            readings.retain(|reading| span.contains(reading));
            readings
        };
        let expected = within(sample.readings(&of_base));
        let moment = sample.parsed();
        let found = within(moment.readings(FIRST, LAST).unwrap().into_iter().map(wall).collect());
        assert_eq!(found, expected, "`{}`", sample.text());
        let longest = expected.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(longest <= i64::from(moment.longest_wait_days()) * DAY, "`{}` waits {longest} s", sample.text());
        count += expected.len();
        assert!(texts.insert(sample.text()), "`{}` is tried twice", sample.text());
    }
    assert_eq!(texts.len(), 4 * (7 + 9 * (64 + 797)));
    assert!(count > 1_500_000, "{count} readings");
}

#[test]
fn readings_of_a_few_days_are_all_that_lie_there() {
    let days = days(1997, 2043);
    for sample in every_sample().iter().step_by(7) {
        let moment = sample.parsed();
        let readings = sample.readings(&days);
        // the second reading of 2020, and the day before and after it
        let Some(reading) = readings.iter().filter(|reading| **reading >= 18_262 * DAY).nth(1) else {
            panic!("`{}` has no reading", sample.text());
        };
        let day = FIRST + jiff::SignedDuration::from_secs((reading - wall(FIRST.at(0, 0, 0, 0))).div_euclid(DAY) * DAY);
        let (first, last) = (day.yesterday().unwrap(), day.tomorrow().unwrap());
        let near = |reading: &i64| (wall(first.at(0, 0, 0, 0))..wall(last.at(0, 0, 0, 0)) + DAY).contains(reading);
        let mut found: Vec<i64> = moment.readings(first, last).unwrap().into_iter().map(wall).collect();
        assert!(found.iter().all(|found| readings.contains(found)), "`{}`", sample.text());
        found.retain(near);
        let expected: Vec<i64> = readings.iter().copied().filter(near).collect();
        assert_eq!(found, expected, "`{}` from {first} to {last}", sample.text());
        assert!(found.contains(reading), "`{}`", sample.text());
    }
}

/// Dates that anyone can look up.
const LOOKED_UP: [(&str, i16, &str); 16] = [
    ("4th Thu of Nov 00:00", 2024, "2024-11-28T00:00"),
    ("4th Thu of Nov 22:00", 2026, "2026-11-26T22:00"),
    ("4th Thu of Nov -1d 22:00", 2026, "2026-11-25T22:00"),
    ("4th Thu of Nov +1d 24:00", 2026, "2026-11-28T00:00"),
    ("3rd Mon of Jan 09:00", 2027, "2027-01-18T09:00"),
    ("last Mon of May 00:00", 2026, "2026-05-25T00:00"),
    ("1st Mon of Sep 00:00", 2026, "2026-09-07T00:00"),
    ("last Sun of Mar 01:00", 2026, "2026-03-29T01:00"),
    ("last Sun of Oct 01:00", 2026, "2026-10-25T01:00"),
    ("2nd Sun of Mar 02:00", 2026, "2026-03-08T02:00"),
    ("1st Sun of Nov 02:00", 2026, "2026-11-01T02:00"),
    ("last day of Feb 18:00", 2028, "2028-02-29T18:00"),
    ("last day of Feb 18:00", 2026, "2026-02-28T18:00"),
    ("last day of Feb +1d 18:00", 2028, "2028-03-01T18:00"),
    ("Dec 20 23:00", 2026, "2026-12-20T23:00"),
    ("Dec 31 24:00", 2026, "2027-01-01T00:00"),
];

#[test]
fn well_known_dates_are_those_of_the_calendar_on_the_wall() {
    for (text, year, expected) in LOOKED_UP {
        let Ok(Moment::Recurring(moment)) = text.parse() else { panic!("`{text}` does not recur") };
        let expected: DateTime = expected.parse().unwrap();
        let (first, last) = (jiff::civil::date(year, 1, 1), jiff::civil::date(year, 12, 31));
        assert!(moment.readings(first, last).unwrap().contains(&expected), "`{text}` in {year}");
    }
}
