//! Recurrence rules (RFC 5545, section 3.3.10), as far as they choose days.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::exchange::ics::values::{IcsTime, shortened};
use crate::time::zone::TimeError;

/// The periods in which a rule chooses days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IcsFrequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// An RRULE.
#[derive(Debug, Clone)]
pub(crate) struct IcsRecurrence {
    pub(crate) frequency: IcsFrequency,
    pub(crate) interval: i32,
    pub(crate) count: Option<u64>,
    pub(crate) until: Option<IcsTime>,
    /// Weekdays, and their place in the month or year, from its end if negative; 0: each.
    pub(crate) weekdays: Vec<(i16, Weekday)>,
    pub(crate) month_days: Vec<i8>,
    pub(crate) months: Vec<i8>,
    pub(crate) places: Vec<i16>,
    week_start: Weekday,
}

/// The number of days that may be looked at before a file is refused.
#[derive(Debug)]
pub(crate) struct DayBudget(u64);

impl DayBudget {
    /// Those of 190 events that recur daily for 28 years.
    pub(crate) const fn new() -> Self {
        Self(4_000_000)
    }

    const fn spend(&mut self, days: u64) -> Result<(), NoMoreDays> {
        match self.0.checked_sub(days) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(NoMoreDays::Budget),
        }
    }
}

/// The reason why the days of a rule end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoMoreDays {
    /// The one who asked has enough.
    Enough,
    /// Too many were looked at.
    Budget,
    /// The calendar ends.
    OutOfRange,
}

impl From<TimeError> for NoMoreDays {
    fn from(_: TimeError) -> Self {
        Self::OutOfRange
    }
}

impl IcsRecurrence {
    /// Reads a RECUR; what is wrong with it, for people, if it cannot be followed to the day.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut rule = Self {
            frequency: IcsFrequency::Daily,
            interval: 1,
            count: None,
            until: None,
            weekdays: Vec::new(),
            month_days: Vec::new(),
            months: Vec::new(),
            places: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut frequency = None;
        let mut seen: Vec<String> = Vec::new();
        for part in text.trim().trim_end_matches(';').split(';') {
            let upper = part.trim().to_ascii_uppercase();
            let part = shortened(part);
            let (key, value) = upper.split_once('=').ok_or_else(|| format!("`{part}` has no `=`"))?;
            let odd = || format!("`{part}` can't be read");
            if seen.iter().any(|known| known == key) {
                return Err(format!("`{part}` is given twice"));
            }
            seen.push(key.to_owned());
            match key {
                "FREQ" => {
                    frequency = Some(match value {
                        "DAILY" => IcsFrequency::Daily,
                        "WEEKLY" => IcsFrequency::Weekly,
                        "MONTHLY" => IcsFrequency::Monthly,
                        "YEARLY" => IcsFrequency::Yearly,
                        "SECONDLY" | "MINUTELY" | "HOURLY" => {
                            return Err(format!("`{part}` recurs more than once a day"));
                        }
                        _ => return Err(odd()),
                    });
                }
                "INTERVAL" => rule.interval = number(value, 1, 10_000).ok_or_else(odd)?,
                "COUNT" => rule.count = Some(value.parse().ok().filter(|count| *count > 0).ok_or_else(odd)?),
                "UNTIL" => rule.until = Some(IcsTime::read(value).ok_or_else(odd)?),
                "BYDAY" => rule.weekdays = each(value, place_of_weekday).ok_or_else(odd)?,
                "BYMONTHDAY" => rule.month_days = each(value, |one| signed(one, 31)).ok_or_else(odd)?,
                "BYMONTH" => rule.months = each(value, |one| number(one, 1, 12)).ok_or_else(odd)?,
                "BYSETPOS" => rule.places = each(value, |one| signed(one, 366)).ok_or_else(odd)?,
                "WKST" => rule.week_start = weekday_of(value).ok_or_else(odd)?,
                _ => return Err(format!("`{part}` is not followed by freezegate")),
            }
        }
        rule.frequency = frequency.ok_or("it has no `FREQ`")?;
        rule.is_sound().map(|()| rule)
    }

    fn is_sound(&self) -> Result<(), String> {
        let has_places = self.weekdays.iter().any(|(place, _)| *place != 0);
        let is_wide = matches!(self.frequency, IcsFrequency::Monthly | IcsFrequency::Yearly);
        if has_places && (!is_wide || !self.month_days.is_empty()) {
            return Err(
                "its `BYDAY` has numbers, which need `FREQ=MONTHLY` or `YEARLY` without `BYMONTHDAY`".to_owned()
            );
        }
        if self.frequency == IcsFrequency::Weekly && !self.month_days.is_empty() {
            return Err("`BYMONTHDAY` has no meaning with `FREQ=WEEKLY`".to_owned());
        }
        if self.count.is_some() && self.until.is_some() {
            return Err("it has both `COUNT` and `UNTIL`".to_owned());
        }
        if !self.places.is_empty() && self.weekdays.is_empty() && self.month_days.is_empty() && self.months.is_empty() {
            return Err("its `BYSETPOS` has nothing to choose from".to_owned());
        }
        Ok(())
    }

    pub(crate) const fn is_endless(&self) -> bool {
        self.count.is_none() && self.until.is_none()
    }

    /// Calls `each` with the days from `start` to about `last`, in order, those well before `near` left out if they need not be counted.
    pub(crate) fn days(
        &self,
        start: Date,
        (near, last_wanted): (Date, Date),
        budget: &mut DayBudget,
        mut each: impl FnMut(Date) -> Result<(), NoMoreDays>,
    ) -> Result<(), NoMoreDays> {
        let mut period = if self.count.is_some() { 0 } else { self.periods_before(start, near) };
        loop {
            let (first, last) = self.period(start, period)?;
            budget.spend(1)?;
            if first.is_some_and(|first| first > last_wanted) || last > last_wanted && first.is_none() {
                return Err(NoMoreDays::Enough);
            }
            let mut chosen = Vec::new();
            if let Some(first) = first {
                let mut day = first;
                while day <= last {
                    if self.months.is_empty() || self.months.contains(&day.month()) {
                        budget.spend(1)?;
                        if self.chooses(day, start) {
                            chosen.push(day);
                        }
                    } else {
                        // the rest of a month that does not count
                        day = day.last_of_month();
                    }
                    day = day.tomorrow().map_err(|_| NoMoreDays::OutOfRange)?;
                }
            }
            for day in self.placed(chosen) {
                if day >= start {
                    each(day)?;
                }
            }
            period += 1;
        }
    }

    /// Returns whether `start` is among the days of the rule, which RFC 5545 leaves undefined otherwise.
    pub(crate) fn has(&self, start: Date, budget: &mut DayBudget) -> Result<bool, NoMoreDays> {
        let mut first = None;
        let unlimited = Self { count: Some(1), ..self.clone() };
        let end = unlimited.days(start, (start, start), budget, |day| {
            first = Some(day);
            Err(NoMoreDays::Enough)
        });
        match end {
            Err(NoMoreDays::Budget) => Err(NoMoreDays::Budget),
            Ok(()) | Err(NoMoreDays::Enough | NoMoreDays::OutOfRange) => Ok(first == Some(start)),
        }
    }

    /// Returns how many periods lie before the one with `near`, less two.
    fn periods_before(&self, start: Date, near: Date) -> i32 {
        let days = i32::try_from(near.duration_since(start).as_secs() / (24 * 3600)).unwrap_or(0);
        let length = match self.frequency {
            IcsFrequency::Daily => 1,
            IcsFrequency::Weekly => 7,
            IcsFrequency::Monthly => 31,
            IcsFrequency::Yearly => 366,
        };
        // counted by their longest, so that never too many are left out
        (days / length / self.interval - 2).max(0)
    }

    /// The first and last day of the period of this number; no first day if it has none that could count.
    fn period(&self, start: Date, number: i32) -> Result<(Option<Date>, Date), NoMoreDays> {
        let steps = i64::from(number) * i64::from(self.interval);
        let out = |_: jiff::Error| NoMoreDays::OutOfRange;
        Ok(match self.frequency {
            IcsFrequency::Daily => {
                let day = start.checked_add(days_span(steps)?).map_err(out)?;
                (Some(day), day)
            }
            IcsFrequency::Weekly => {
                let back = i64::from(self.week_start.until(start.weekday()));
                let first = start.checked_add(days_span(steps * 7 - back)?).map_err(out)?;
                (Some(first), first.checked_add(6.days()).map_err(out)?)
            }
            IcsFrequency::Monthly => {
                let span = jiff::Span::new().try_months(steps).map_err(out)?;
                let first = start.first_of_month().checked_add(span).map_err(out)?;
                (Some(first), first.last_of_month())
            }
            IcsFrequency::Yearly => {
                let span = jiff::Span::new().try_years(steps).map_err(out)?;
                let first = start.first_of_year().checked_add(span).map_err(out)?;
                // one date of each year has not to be searched
                let is_date = self.weekdays.is_empty() && self.month_days.is_empty() && self.months.is_empty();
                if is_date {
                    let date = Date::new(first.year(), start.month(), start.day()).ok();
                    (date, date.unwrap_or(first))
                } else {
                    (Some(first), first.last_of_year())
                }
            }
        })
    }

    /// Returns whether a day of a month that counts is chosen.
    fn chooses(&self, day: Date, start: Date) -> bool {
        let is_month_day =
            self.month_days.iter().any(|number| *number == day.day() || *number == day.day() - day.days_in_month() - 1);
        if !self.month_days.is_empty() && !is_month_day {
            return false;
        }
        if !self.weekdays.is_empty() {
            return self.weekdays.iter().any(|(place, weekday)| *weekday == day.weekday() && self.is_at(day, *place));
        }
        if !self.month_days.is_empty() {
            return true;
        }
        match self.frequency {
            IcsFrequency::Daily => true,
            IcsFrequency::Weekly => day.weekday() == start.weekday(),
            IcsFrequency::Monthly => day.day() == start.day(),
            IcsFrequency::Yearly => {
                day.day() == start.day() && (!self.months.is_empty() || day.month() == start.month())
            }
        }
    }

    /// Returns whether a day is at this place among those of its weekday in its month or year.
    fn is_at(&self, day: Date, place: i16) -> bool {
        let of_year = self.frequency == IcsFrequency::Yearly && self.months.is_empty();
        let (number, count) = if of_year {
            (day.day_of_year(), day.days_in_year())
        } else {
            (i16::from(day.day()), i16::from(day.days_in_month()))
        };
        match place {
            0 => true,
            1.. => (number - 1) / 7 + 1 == place,
            ..0 => (count - number) / 7 + 1 == -place,
        }
    }

    /// Those of the days of a period that `BYSETPOS` leaves.
    fn placed(&self, days: Vec<Date>) -> Vec<Date> {
        if self.places.is_empty() {
            return days;
        }
        let count = days.len();
        let is_placed = |at: usize| {
            let (from_start, from_end) = (at + 1, count - at);
            self.places.iter().any(|place| {
                let wanted = usize::from(place.unsigned_abs());
                wanted == if *place > 0 { from_start } else { from_end }
            })
        };
        days.into_iter().enumerate().filter(|(at, _)| is_placed(*at)).map(|(_, day)| day).collect()
    }
}

fn days_span(days: i64) -> Result<jiff::Span, NoMoreDays> {
    jiff::Span::new().try_days(days).map_err(|_| NoMoreDays::OutOfRange)
}

/// The items of a list, if each can be read and they are few.
fn each<T>(list: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let found: Vec<T> = list.split(',').map(|one| read(one.trim())).collect::<Option<_>>()?;
    (found.len() <= 400).then_some(found)
}

fn number<N: TryFrom<i32>>(text: &str, least: i32, most: i32) -> Option<N> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| is_number && (least..=most).contains(number))?;
    N::try_from(number).ok()
}

/// A number that counts from the end if it is negative.
fn signed<N: TryFrom<i32>>(text: &str, most: i32) -> Option<N> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let number: i32 = number(digits.strip_prefix('+').unwrap_or(digits), 1, most)?;
    N::try_from(sign * number).ok()
}

fn weekday_of(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

/// A weekday as rules name it.
pub(crate) const fn ics_weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}

fn place_of_weekday(text: &str) -> Option<(i16, Weekday)> {
    let (place, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let place = if place.is_empty() { 0 } else { signed(place, 53)? };
    Some((place, weekday_of(day)?))
}
