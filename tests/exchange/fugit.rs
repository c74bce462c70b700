//! Freeze periods as GitLab reads them: `within_freeze_period?` of `app/models/ci/freeze_period.rb` (gitlabhq/gitlabhq) with `next_time` and
//! `previous_time` of `lib/fugit/cron.rb` (floraison/fugit, commit efda6552). Zones are chrono-tz's.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};
use serde::Deserialize;

use crate::time::second_opinion::{offset, tz};

/// A freeze period of the API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FreezePeriod {
    pub(crate) freeze_start: String,
    pub(crate) freeze_end: String,
    pub(crate) cron_timezone: String,
}

/// `Fugit::Cron`; `None` is any.
struct Cron {
    minutes: Option<Vec<u32>>,
    hours: Option<Vec<u32>>,
    /// Days of the month, -1 the last.
    monthdays: Option<Vec<i32>>,
    months: Option<Vec<u32>>,
    /// Weekdays, Sunday 0, and their place in the month, if they have one.
    weekdays: Option<Vec<(u32, Option<i32>)>>,
    zone: chrono_tz::Tz,
}

fn numbers(text: &str) -> Option<Vec<u32>> {
    if text == "*" {
        return None;
    }
    let spans = text.split(',').map(|part| part.split_once('-').unwrap_or((part, part)));
    Some(spans.flat_map(|(first, last)| first.parse().unwrap()..=last.parse::<u32>().unwrap()).collect())
}

impl Cron {
    fn parse(text: &str, zone: &str) -> Self {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, monthdays, months, weekdays] = <[&str; 5]>::try_from(fields).unwrap();
        let monthdays = if monthdays == "L" {
            Some(vec![-1])
        } else {
            numbers(monthdays).map(|days| days.into_iter().map(|day| i32::try_from(day).unwrap()).collect())
        };
        let weekdays = match weekdays.split_once('#') {
            Some((day, place)) => Some(vec![(day.parse().unwrap(), Some(place.parse().unwrap()))]),
            None => numbers(weekdays).map(|days| days.into_iter().map(|day| (day % 7, None)).collect()),
        };
        let months = numbers(months);
        Self { minutes: numbers(minutes), hours: numbers(hours), monthdays, months, weekdays, zone: tz(zone) }
    }

    fn local(&self, at: i64) -> NaiveDateTime {
        DateTime::from_timestamp(at + offset(self.zone, at), 0).unwrap().naive_utc()
    }

    fn day_matches(&self, now: NaiveDateTime) -> bool {
        let length = i32::from(now.date().num_days_in_month());
        let day = i32::try_from(now.day()).unwrap();
        let monthday = |days: &Vec<i32>| days.iter().any(|one| day == if *one < 1 { length + one + 1 } else { *one });
        let (place, from_end) = ((day - 1) / 7 + 1, -((length - day) / 7 + 1));
        let weekday = |days: &Vec<(u32, Option<i32>)>| {
            days.iter().any(|(one, nth)| {
                *one == now.weekday().num_days_from_sunday() && nth.is_none_or(|nth| nth == place || nth == from_end)
            })
        };
        match (&self.monthdays, &self.weekdays) {
            (Some(days), Some(weekdays)) => monthday(days) || weekday(weekdays),
            (Some(days), None) => monthday(days),
            (None, Some(weekdays)) => weekday(weekdays),
            (None, None) => true,
        }
    }

    /// Returns what of the clock does not match: seconds to go on (of `next_time`) and to go back (of `previous_time`).
    fn steps(&self, at: i64) -> Option<(i64, i64)> {
        let now = self.local(at);
        let has = |field: &Option<Vec<u32>>, one: u32| field.as_ref().is_none_or(|all| all.contains(&one));
        let of_day = i64::from(now.num_seconds_from_midnight());
        let (of_hour, of_minute) = (of_day % 3600, of_day % 60);
        if !has(&self.months, now.month()) || !self.day_matches(now) {
            // to the next midnight of the clock, be it an hour nearer or farther today
            let mut on = 24 * 3600 - of_day;
            let hour = i64::from(self.local(at + on).hour());
            on += if hour > 12 { (24 - hour) * 3600 } else { -hour * 3600 };
            return Some((on.max(1), of_day + 1));
        }
        if !has(&self.hours, now.hour()) {
            return Some((3600 - of_hour, of_hour + 1));
        }
        if !has(&self.minutes, now.minute()) || of_minute != 0 {
            return Some((60 - of_minute, of_minute + 1 - i64::from(has(&self.minutes, now.minute()))));
        }
        None
    }

    fn next_time(&self, from: i64) -> i64 {
        let (start, zone) = (self.local(from), offset(self.zone, from));
        let mut at = from + 1;
        loop {
            match self.steps(at) {
                Some((on, _)) => at += on,
                // the same reading of the clock, once more
                None if self.local(at) == start && offset(self.zone, at) != zone => at += 1,
                None => return at,
            }
        }
    }

    fn previous_time(&self, from: i64) -> i64 {
        let mut at = from - 1;
        while let Some((_, back)) = self.steps(at) {
            at -= back;
        }
        at
    }
}

/// The freeze periods of a project, each with its last start, the start after it, and its end.
pub(crate) struct FreezePeriods(Vec<Read>);

struct Read {
    start: Cron,
    end: Cron,
    /// The last start, the one after it, and the end.
    last: Option<(i64, i64, i64)>,
}

impl FreezePeriods {
    pub(crate) fn new(periods: Vec<FreezePeriod>) -> Self {
        let read = |period: FreezePeriod| {
            let cron = |line: &str| Cron::parse(line, &period.cron_timezone);
            Read { start: cron(&period.freeze_start), end: cron(&period.freeze_end), last: None }
        };
        Self(periods.into_iter().map(read).collect())
    }

    /// Returns whether one of them is active.
    pub(crate) fn is_active(&mut self, now: i64) -> bool {
        let mut active = false;
        for Read { start, end, last } in &mut self.0 {
            let (from, next, until) = match *last {
                Some(known) if known.0 < now && now <= known.1 => known,
                _ => {
                    let from = start.previous_time(now);
                    (from, start.next_time(from), end.next_time(from))
                }
            };
            *last = Some((from, next, until));
            active |= from <= now && now <= until;
        }
        active
    }
}
