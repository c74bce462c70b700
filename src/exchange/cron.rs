//! Cron lines as Argo CD and GitLab read them: which readings of a wall clock they name.
//!
//! Argo CD reads them with [robfig/cron](https://github.com/robfig/cron) (`parser.go`, `spec.go`), GitLab with
//! [fugit](https://github.com/floraison/fugit) (`lib/fugit/cron.rb`). Both have five fields and no year. They differ in what they take: only
//! fugit knows the last day of a month (`L`) and the nth weekday (`2#1`), and only robfig joins the fields of days by *and* if one of them
//! begins with `*`.

use std::fmt;

use jiff::civil::{Date, Weekday};

use crate::time::moment::DayOfMonth;
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;

/// A cron line: the minutes, hours and days that it names, one bit for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    /// Days of the month, 1 to 31.
    days: u64,
    /// True if the last day of the month is one.
    last_day: bool,
    /// Months, 1 to 12.
    months: u64,
    /// Weekdays, Sunday 0.
    weekdays: u64,
    /// Weekdays by their place in the month, -1 the last.
    nth: Vec<(Weekday, i8)>,
    /// The way in which the two fields of days are joined.
    joined: Joined,
}

/// The way in which the day of the month and the weekday are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// Both have to match.
    And,
    /// One of them is enough.
    Or,
}

/// The program that reads a cron line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// robfig/cron, as Argo CD sets it up: five fields, no descriptors.
    Robfig,
    /// fugit, as GitLab calls it.
    Fugit,
}

/// The days on which something of a policy starts or ends, as a cron line can name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CronDays {
    /// Weekdays, one bit for each, Sunday the lowest.
    Weekdays(u8),
    /// A day of each month.
    Monthly(DayOfMonth),
    /// A day of one month, 1 to 12.
    Yearly(i8, DayOfMonth),
}

const ALL_MINUTES: u64 = (1 << 60) - 1;
const ALL_HOURS: u64 = (1 << 24) - 1;
const ALL_DAYS: u64 = ((1 << 31) - 1) << 1;
const ALL_MONTHS: u64 = ((1 << 12) - 1) << 1;
const ALL_WEEKDAYS: u64 = (1 << 7) - 1;

impl Cron {
    /// The line that names `minute` (since midnight) of `days`.
    pub(crate) fn at(days: CronDays, minute: u16) -> Self {
        let mut cron = Self {
            minutes: 1 << (minute % 60),
            hours: 1 << (minute / 60 % 24),
            days: ALL_DAYS,
            last_day: false,
            months: ALL_MONTHS,
            weekdays: ALL_WEEKDAYS,
            nth: Vec::new(),
            joined: Joined::And,
        };
        let day = match days {
            CronDays::Weekdays(bits) => {
                cron.weekdays = u64::from(bits);
                return cron;
            }
            CronDays::Monthly(day) => day,
            CronDays::Yearly(month, day) => {
                cron.months = bit(month);
                day
            }
        };
        match day {
            DayOfMonth::Day(number) => cron.days = bit(number),
            DayOfMonth::LastDay => (cron.days, cron.last_day) = (0, true),
            DayOfMonth::Nth(nth, weekday) => (cron.weekdays, cron.nth) = (0, vec![(weekday, nth)]),
            DayOfMonth::Last(weekday) => (cron.weekdays, cron.nth) = (0, vec![(weekday, -1)]),
        }
        cron
    }

    /// Reads the five fields of `text`.
    ///
    /// # Errors
    ///
    /// Why the program that would read it takes it for something else, or why it is not understood here.
    pub fn read(text: &str, dialect: Dialect) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(format!("has {} fields, not 5", fields.len()));
        };
        let plain = |field: &str, bounds: &Bounds| read_field(field, bounds, dialect);
        let (minutes, _) = plain(minutes, &MINUTES)?;
        let (hours, _) = plain(hours, &HOURS)?;
        let (months, _) = plain(months, &MONTHS)?;
        let (mut last_day, mut nth) = (false, Vec::new());
        let mut kept = Vec::new();
        for part in days.split(',') {
            if dialect == Dialect::Fugit && ["l", "last", "-1"].contains(&part.to_ascii_lowercase().as_str()) {
                last_day = true;
            } else {
                kept.push(part);
            }
        }
        let (days, day_star) = if kept.is_empty() { (0, false) } else { plain(&kept.join(","), &DAYS)? };
        kept.clear();
        for part in weekdays.split(',') {
            match part.split_once('#').filter(|_| dialect == Dialect::Fugit) {
                Some((day, place)) => nth.push((weekday(day)?, nth_place(place)?)),
                None => kept.push(part),
            }
        }
        let (weekdays, weekday_star) = if kept.is_empty() { (0, false) } else { plain(&kept.join(","), &WEEKDAYS)? };
        let weekdays = if weekdays & (1 << 7) == 0 { weekdays } else { (weekdays | 1) & ALL_WEEKDAYS };
        let either_is_free = day_star || weekday_star && nth.is_empty();
        let joined = if either_is_free { Joined::And } else { Joined::Or };
        Ok(Self { minutes, hours, days, last_day, months, weekdays, nth, joined })
    }

    /// Reports whether the line names a minute of `date`.
    #[must_use]
    pub fn names(&self, date: Date) -> bool {
        let weekday = date.weekday();
        let by_day = self.days & bit(date.day()) != 0 || self.last_day && date == date.last_of_month();
        let place = (date.day() - 1) / 7 + 1;
        let is_last = date.day() > date.days_in_month() - 7;
        let by_weekday = self.weekdays & bit(weekday.to_sunday_zero_offset()) != 0
            || self.nth.iter().any(|(day, nth)| *day == weekday && (*nth == place || *nth == -1 && is_last));
        let by_both = match self.joined {
            Joined::And => by_day && by_weekday,
            Joined::Or => by_day || by_weekday,
        };
        self.months & bit(date.month()) != 0 && by_both
    }

    /// The minutes of a day that the line names, since midnight, in order.
    pub fn minutes_of_day(&self) -> impl Iterator<Item = u16> {
        let named = |bits: u64, number: u16| bits & (1 << number) != 0;
        let hours = (0..24_u16).filter(move |hour| named(self.hours, *hour));
        hours.flat_map(move |hour| {
            (0..60_u16).filter(move |minute| named(self.minutes, *minute)).map(move |minute| hour * 60 + minute)
        })
    }

    /// Calls `each` with every reading of the dates `first` to `last`, in order.
    pub(crate) fn each_reading(&self, first: Date, last: Date, mut each: impl FnMut(WallSecond)) {
        let times: Vec<Seconds> = self.minutes_of_day().map(|minute| Seconds::minutes(i64::from(minute))).collect();
        let mut next = Some(first).filter(|first| *first <= last);
        while let Some(date) = next {
            if self.names(date) {
                let day = WallSecond::midnight(date);
                times.iter().for_each(|time| each(day + *time));
            }
            next = date.tomorrow().ok().filter(|date| *date <= last);
        }
    }

    /// The days that the line names, as a policy can.
    ///
    /// # Errors
    ///
    /// Why a policy has no word for them.
    pub(crate) fn days(&self) -> Result<Vec<CronDays>, String> {
        let free_days = self.days == ALL_DAYS;
        let free_weekdays = self.weekdays == ALL_WEEKDAYS && self.nth.is_empty();
        let free_months = self.months == ALL_MONTHS;
        let mut found = Vec::new();
        let is_and = self.joined == Joined::And;
        if is_and && !free_days && !free_weekdays {
            return Err("joins days of the month and weekdays".to_owned());
        }
        // where one of both is enough, a free field names every day
        if free_days && free_weekdays || !is_and && (free_days || free_weekdays) {
            return if free_months {
                Ok(vec![CronDays::Weekdays(0b111_1111)])
            } else {
                Err("names every day of some months".to_owned())
            };
        }
        if !free_weekdays && self.weekdays != 0 {
            if !free_months {
                return Err("names weekdays of some months".to_owned());
            }
            found.push(CronDays::Weekdays(u8::try_from(self.weekdays).unwrap_or(0)));
        }
        let mut days: Vec<DayOfMonth> = Vec::new();
        if !free_days {
            let numbers = (1..=31_i8).filter(|number| self.days & bit(*number) != 0);
            days.extend(numbers.map(DayOfMonth::Day));
            days.extend(self.last_day.then_some(DayOfMonth::LastDay));
        }
        if !free_weekdays {
            for (weekday, place) in &self.nth {
                days.push(match place {
                    -1 => DayOfMonth::Last(*weekday),
                    1..=4 => DayOfMonth::Nth(*place, *weekday),
                    other => return Err(format!("names weekday {other} of a month, which not every month has")),
                });
            }
        }
        for day in days {
            if free_months {
                if let DayOfMonth::Day(number @ 29..) = day {
                    return Err(format!("names day {number}, which not every month has"));
                }
                found.push(CronDays::Monthly(day));
            } else {
                for month in (1..=12_i8).filter(|month| self.months & bit(*month) != 0) {
                    if let DayOfMonth::Day(number) = day {
                        let longest = Date::new(2023, month, 1).map_or(0, Date::days_in_month);
                        if number > longest {
                            return Err(format!("names day {number} of month {month}, which not every year has"));
                        }
                    }
                    found.push(CronDays::Yearly(month, day));
                }
            }
        }
        Ok(found)
    }
}

/// The bit of a number of a field.
fn bit(number: i8) -> u64 {
    u32::try_from(number).ok().and_then(|number| 1_u64.checked_shl(number)).unwrap_or(0)
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = match (self.last_day, self.days) {
            (true, _) => "L".to_owned(),
            (false, days) => field(days, ALL_DAYS),
        };
        let nth = self.nth.iter().map(|(day, place)| format!("{}#{place}", day.to_sunday_zero_offset()));
        let weekdays =
            if self.nth.is_empty() { field(self.weekdays, ALL_WEEKDAYS) } else { nth.collect::<Vec<_>>().join(",") };
        let (minutes, hours) = (field(self.minutes, ALL_MINUTES), field(self.hours, ALL_HOURS));
        write!(f, "{minutes} {hours} {days} {} {weekdays}", field(self.months, ALL_MONTHS))
    }
}

/// The numbers of a field, runs of three and more as ranges.
fn field(bits: u64, all: u64) -> String {
    if bits == all {
        return "*".to_owned();
    }
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in (0..64_u32).filter(|number| bits >> number & 1 == 1) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            Some(_) | None => runs.push((number, number)),
        }
    }
    let texts = runs.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    });
    texts.collect::<Vec<_>>().join(",")
}

/// The values that a field may have.
struct Bounds {
    least: u8,
    most: u8,
    names: &'static [&'static str],
}

const MINUTES: Bounds = Bounds { least: 0, most: 59, names: &[] };
const HOURS: Bounds = Bounds { least: 0, most: 23, names: &[] };
const DAYS: Bounds = Bounds { least: 1, most: 31, names: &[] };
const MONTHS: Bounds = Bounds {
    least: 1,
    most: 12,
    names: &["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAYS: Bounds = Bounds { least: 0, most: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// The bits of a field, and whether a part of it names everything by a `*`.
fn read_field(text: &str, bounds: &Bounds, dialect: Dialect) -> Result<(u64, bool), String> {
    let (mut bits, mut star) = (0, false);
    let is_fugit = dialect == Dialect::Fugit;
    let is_weekday = bounds.names.first() == Some(&"sun");
    // a 7 is a Sunday to fugit only
    let most = if is_fugit && is_weekday { 7 } else { bounds.most };
    for part in text.split(',') {
        let bad = || format!("has `{part}`, which is not understood");
        let (range, step) = match part.split_once('/') {
            None => (part, None),
            // to fugit, `1/2` is the weekday 1 alone
            Some((range, _)) if is_fugit && is_weekday && !range.contains(['*', '-']) => return Err(bad()),
            Some((range, step)) => (range, Some(number(step, &[]).filter(|step| *step > 0).ok_or_else(bad)?)),
        };
        let is_star = range == "*" || range == "?" && !is_fugit;
        let (first, last) = match range.split_once('-') {
            _ if is_star => (bounds.least, bounds.most),
            None => {
                let only = number(range, bounds.names).ok_or_else(bad)?;
                // "N/step" means from N on
                (only, if step.is_some() { bounds.most } else { only })
            }
            Some((first, last)) => {
                (number(first, bounds.names).ok_or_else(bad)?, number(last, bounds.names).ok_or_else(bad)?)
            }
        };
        if first < bounds.least || last > most || first > last {
            return Err(format!("has `{part}`, which is outside {} to {}", bounds.least, bounds.most));
        }
        // to robfig a star alone frees a field of days, to fugit a whole range of days too, but of weekdays only a star without a step
        star |= match (is_fugit, is_weekday) {
            (false, _) => is_star && step.unwrap_or(1) == 1,
            (true, false) => (first, last, step.unwrap_or(1)) == (bounds.least, bounds.most, 1),
            (true, true) => is_star && step.is_none(),
        };
        let step = step.unwrap_or(1);
        bits |= (first..=last).step_by(usize::from(step)).fold(0, |bits, number| bits | 1_u64 << number);
    }
    Ok((bits, star))
}

fn number(text: &str, names: &[&str]) -> Option<u8> {
    let lower = text.to_ascii_lowercase();
    if let Some(place) = names.iter().position(|name| !name.is_empty() && *name == lower) {
        return u8::try_from(place).ok();
    }
    text.parse().ok().filter(|_| text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn weekday(text: &str) -> Result<Weekday, String> {
    let day = number(text, WEEKDAYS.names).filter(|day| *day <= 7).and_then(|day| i8::try_from(day % 7).ok());
    day.and_then(|day| Weekday::from_sunday_zero_offset(day).ok()).ok_or_else(|| format!("has the weekday `{text}`"))
}

fn nth_place(text: &str) -> Result<i8, String> {
    match text.to_ascii_lowercase().as_str() {
        "l" | "last" | "-1" => Ok(-1),
        other => {
            let place = other.parse().ok().filter(|place| (1..=5).contains(place));
            place.ok_or_else(|| format!("has `#{text}`, which is not understood"))
        }
    }
}
