//! Days of windows that recur, as lines of cron name them.

use jiff::civil::{Date, Weekday};

use crate::exchange::cron::CronDays;
use crate::time::moment::{DayOfMonth, Offset, Recurrence, Recurring};
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;
use crate::time::window::WindowEnd;

/// The minutes of a day, as lines of cron and hours of a policy count them.
pub(crate) const DAY_MINUTES: u16 = 24 * 60;

/// The days of a set whose lowest bit is Monday.
pub(crate) fn weekdays(bits: u8) -> CronDays {
    CronDays::Weekdays((bits << 1 | bits >> 6) & 0b111_1111)
}

/// Start and end of a window that recurs.
pub(crate) struct RecurringShape {
    /// The days on which it starts.
    pub(crate) days: CronDays,
    /// The time, in minutes since midnight.
    pub(crate) start: u16,
    /// The days on which it ends, if they can be named.
    pub(crate) end_days: Option<CronDays>,
    /// The time, in minutes since midnight.
    pub(crate) end: u16,
    /// Its length on the wall calendar, if that is always the same.
    pub(crate) length: Option<Seconds>,
}

/// Start and end of a window that recurs, if a line of cron can name the days of its start.
pub(crate) fn recurring(from: &Recurring, until: &WindowEnd<Recurring>) -> Option<RecurringShape> {
    let base = days_of(from);
    let (days, start) = moved(base, from.offset)?;
    let (end_days, end) = match until {
        WindowEnd::At(until) => (moved(days_of(until), until.offset), until.offset.minute % DAY_MINUTES),
        WindowEnd::After(offset) => {
            // counted from the day of the start, of which `24:00` is the end
            let from_start = Offset { days: from.offset.days.saturating_add(offset.days), ..*offset };
            (moved(base, from_start), offset.minute % DAY_MINUTES)
        }
    };
    Some(RecurringShape { days, start, end_days: end_days.map(|(days, _)| days), end, length: length(from, until) })
}

const fn days_of(moment: &Recurring) -> CronDays {
    match moment.recurrence {
        Recurrence::Weekly(day) => match day {
            Weekday::Sunday => CronDays::Weekdays(1),
            Weekday::Monday => CronDays::Weekdays(1 << 1),
            Weekday::Tuesday => CronDays::Weekdays(1 << 2),
            Weekday::Wednesday => CronDays::Weekdays(1 << 3),
            Weekday::Thursday => CronDays::Weekdays(1 << 4),
            Weekday::Friday => CronDays::Weekdays(1 << 5),
            Weekday::Saturday => CronDays::Weekdays(1 << 6),
        },
        Recurrence::Monthly(day) => CronDays::Monthly(day),
        Recurrence::Yearly(month, day) => CronDays::Yearly(month, day),
    }
}

/// Days and minute of what lies `offset` after `days`.
fn moved(days: CronDays, offset: Offset) -> Option<(CronDays, u16)> {
    let overnight = i32::from(offset.minute >= DAY_MINUTES);
    Some((shifted(days, offset.days.checked_add(overnight)?)?, offset.minute % DAY_MINUTES))
}

/// The days that lie `by` days after `days`, if they can be named.
pub(crate) fn shifted(days: CronDays, by: i32) -> Option<CronDays> {
    if by == 0 {
        return Some(days);
    }
    match days {
        CronDays::Weekdays(bits) => {
            let by = u32::try_from(by.rem_euclid(7)).ok()?;
            let wide = u32::from(bits) << by;
            u8::try_from((wide | wide >> 7) & 0b111_1111).ok().map(CronDays::Weekdays)
        }
        CronDays::Monthly(DayOfMonth::Day(day)) => match i32::from(day).checked_add(by)? {
            0 => Some(CronDays::Monthly(DayOfMonth::LastDay)),
            day @ 1..=28 => Some(CronDays::Monthly(DayOfMonth::Day(i8::try_from(day).ok()?))),
            _ => None,
        },
        CronDays::Monthly(DayOfMonth::LastDay) => {
            (1..=28).contains(&by).then(|| i8::try_from(by).ok().map(|by| CronDays::Monthly(DayOfMonth::Day(by))))?
        }
        CronDays::Monthly(DayOfMonth::Nth(..) | DayOfMonth::Last(_)) => None,
        CronDays::Yearly(_, DayOfMonth::Nth(..) | DayOfMonth::Last(_)) => None,
        CronDays::Yearly(month, day @ (DayOfMonth::Day(_) | DayOfMonth::LastDay)) => {
            // the same date in a leap year and in others
            let date = |year: i16| {
                let first = Date::new(year, month, 1).ok()?;
                let date = match day {
                    DayOfMonth::Day(day) => first.with().day(day).build().ok()?,
                    DayOfMonth::LastDay | DayOfMonth::Nth(..) | DayOfMonth::Last(_) => first.last_of_month(),
                };
                date.checked_add(jiff::Span::new().days(by)).ok()
            };
            let dates = [date(2023)?, date(2024)?, date(2025)?];
            let [first, leap, _] = dates;
            let is_same = dates.iter().all(|date| (date.month(), date.day()) == (first.month(), first.day()));
            (is_same && leap.day() <= 31).then_some(CronDays::Yearly(first.month(), DayOfMonth::Day(first.day())))
        }
    }
}

/// Returns how long a window is on the wall calendar, if each is as long.
fn length(from: &Recurring, until: &WindowEnd<Recurring>) -> Option<Seconds> {
    // twelve years hold each sort of month and year
    let (first, last) = (jiff::civil::date(2020, 1, 1), jiff::civil::date(2032, 12, 31));
    let starts = from.readings(first, last).ok()?;
    let mut ends = match until {
        WindowEnd::At(until) => until.readings(first, jiff::civil::date(2034, 12, 31)).ok()?,
        WindowEnd::After(_) => Vec::new(),
    };
    ends.sort_unstable();
    let mut lengths = starts.iter().filter_map(|start| {
        let end = match until {
            WindowEnd::At(_) => *ends.get(ends.partition_point(|end| end <= start))?,
            WindowEnd::After(offset) => {
                let day = if from.offset.minute >= DAY_MINUTES { start.date().yesterday().ok()? } else { start.date() };
                offset.on(day).ok()?
            }
        };
        Some(WallSecond::of(end) - WallSecond::of(*start))
    });
    let first = lengths.next()?;
    lengths.all(|length| length == first).then_some(first)
}
