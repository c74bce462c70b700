//! Recurrence rules that are rules of a policy, too.

use jiff::civil::{Date, Weekday};

use crate::exchange::cron::CronDays;
use crate::exchange::ics::recurrence::{IcsFrequency, IcsRecurrence};
use crate::time::moment::DayOfMonth;

/// The days of a rule, if a policy has a word for them.
pub(crate) fn shape(rule: &IcsRecurrence, start: Date) -> Option<CronDays> {
    if rule.interval != 1 {
        return None;
    }
    let plain: Option<Vec<Weekday>> = rule.weekdays.iter().map(|(place, day)| (*place == 0).then_some(*day)).collect();
    let is_by_week = rule.months.is_empty() && rule.month_days.is_empty() && rule.places.is_empty();
    match rule.frequency {
        IcsFrequency::Daily | IcsFrequency::Weekly => {
            let mut days = plain.filter(|_| is_by_week)?;
            if days.is_empty() && rule.frequency == IcsFrequency::Weekly {
                days.push(start.weekday());
            }
            let bits = days.iter().fold(0_u8, |bits, day| bits | 1 << day.to_sunday_zero_offset());
            Some(CronDays::Weekdays(if days.is_empty() { 0b111_1111 } else { bits }))
        }
        IcsFrequency::Monthly if rule.months.is_empty() => {
            day_of_month(rule, start).filter(|day| !matches!(day, DayOfMonth::Day(29..))).map(CronDays::Monthly)
        }
        IcsFrequency::Monthly => None,
        IcsFrequency::Yearly => {
            let month = match rule.months.as_slice() {
                [month] => *month,
                [] if rule.weekdays.is_empty() && rule.month_days.is_empty() => start.month(),
                [] | [_, _, ..] => return None,
            };
            let exists = |day: DayOfMonth| match day {
                DayOfMonth::Day(day) => Date::new(2023, month, day).is_ok(),
                DayOfMonth::LastDay | DayOfMonth::Nth(..) | DayOfMonth::Last(_) => true,
            };
            day_of_month(rule, start).filter(|day| exists(*day)).map(|day| CronDays::Yearly(month, day))
        }
    }
}

fn day_of_month(rule: &IcsRecurrence, start: Date) -> Option<DayOfMonth> {
    match (rule.month_days.as_slice(), rule.weekdays.as_slice(), rule.places.as_slice()) {
        ([], [], []) => Some(DayOfMonth::Day(start.day())),
        ([-1], [], []) => Some(DayOfMonth::LastDay),
        ([day], [], []) if *day > 0 => Some(DayOfMonth::Day(*day)),
        ([], [(place, day)], []) | ([], [(0, day)], [place]) => match *place {
            -1 => Some(DayOfMonth::Last(*day)),
            place @ 1..=4 => Some(DayOfMonth::Nth(i8::try_from(place).ok()?, *day)),
            _ => None,
        },
        _ => None,
    }
}
