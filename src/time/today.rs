//! A time of day without a date: that of today, or of the next such weekday, where somebody reads the clock.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::fmt::strtime::BrokenDownTime;

use crate::time::instant::Instant;
use crate::time::zone::{ClockReading, TimeError, Zone};

/// The reason why a time of day is no instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TodayError {
    /// The clocks turn back over it on that day.
    Twice {
        /// The day.
        date: Date,
        /// Both instants as RFC 3339 writes them, the earlier first.
        instants: [String; 2],
    },
    /// The clocks jump over it on that day.
    Never {
        /// The day.
        date: Date,
    },
    /// The day is too near to the first or last date there is, or there are no rules of the zone.
    Unknown(TimeError),
}

impl From<TimeError> for TodayError {
    fn from(error: TimeError) -> Self {
        Self::Unknown(error)
    }
}

/// A time of day, of today or of a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTime {
    /// The weekday; `None` of today.
    weekday: Option<Weekday>,
    time: Time,
}

/// Reads a time of day such as `17:50`, `7:50`, `Fri 17:50` or `friday 7:50`; `None` of anything else.
///
/// ```
/// use freezegate::time::today::day_time;
///
/// for read in ["17:50", "7:50", "Fri 17:50", "fri 7:50", "Friday 17:50"] {
///     assert!(day_time(read).is_some(), "{read}");
/// }
/// for other in ["17", "24:00", "17:5", "17:500", "+7:50", "2026-11-26T17:50:00Z", "Fr 17:50", "Fri", "17:50 Fri"] {
///     assert!(day_time(other).is_none(), "{other}");
/// }
/// ```
#[must_use]
pub fn day_time(written: &str) -> Option<DayTime> {
    let Some((day, time)) = written.split_once(' ') else {
        return Some(DayTime { weekday: None, time: time_of_day(written)? });
    };
    let weekday = ["%A", "%a"].iter().find_map(|form| BrokenDownTime::parse(form, day).ok()?.weekday())?;
    Some(DayTime { weekday: Some(weekday), time: time_of_day(time)? })
}

/// Reads a time of day such as `17:50` or `7:50`; `None` of anything else.
fn time_of_day(written: &str) -> Option<Time> {
    let (hour, minute) = written.split_once(':')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) || minute.len() != 2 || hour.is_empty() {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Returns `asked` as RFC 3339 writes it, with the offset of `zone`: today's, which may be over, or of a weekday the first that is not before
/// `now`, in seconds since 1970-01-01T00:00:00Z.
///
/// ```
/// use freezegate::time::instant::Instant;
/// use freezegate::time::today::{day_time, next_at};
/// use freezegate::time::zone::Zone;
///
/// let zone = Zone::named("America/New_York").unwrap();
/// // 2026-11-27T01:00:00Z is still Thursday, the 26th, there
/// let at = |written: &str| next_at(day_time(written).unwrap(), Instant::from_second(1_795_741_200), &zone).unwrap();
/// assert_eq!(at("17:50"), "2026-11-26T17:50:00-05:00");
/// assert_eq!(at("Fri 17:50"), "2026-11-27T17:50:00-05:00");
/// assert_eq!(at("Thu 20:00"), "2026-11-26T20:00:00-05:00");
/// assert_eq!(at("Thu 19:59"), "2026-12-03T19:59:00-05:00");
/// ```
///
/// # Errors
///
/// [`TodayError`] if it occurs twice on that day, or not at all.
pub fn next_at(asked: DayTime, now: Instant, zone: &Zone) -> Result<String, TodayError> {
    let today = zone.date(now)?;
    let Some(weekday) = asked.weekday else {
        return on(today, asked.time, zone).map(|(_, written)| written);
    };
    let out_of_range = |_| TodayError::Unknown(TimeError::OutOfRange);
    let date = if today.weekday() == weekday { today } else { today.nth_weekday(1, weekday).map_err(out_of_range)? };
    let (instant, written) = on(date, asked.time, zone)?;
    if instant < now {
        let next = date.nth_weekday(1, weekday).map_err(out_of_range)?;
        return on(next, asked.time, zone).map(|(_, written)| written);
    }
    Ok(written)
}

/// The instant at which the clock of `zone` shows `clock`, as RFC 3339 writes it: `2026-03-04T17:50:00-05:00`.
///
/// # Errors
///
/// A clock that `zone` shows twice, or never, and one beyond the range of dates.
pub fn with_offset(clock: DateTime, zone: &Zone) -> Result<String, TodayError> {
    on(clock.date(), clock.time(), zone).map(|(_, written)| written)
}

/// The instant at which the clock of `zone` shows `time` on `date`, in seconds since 1970-01-01T00:00:00Z, and as RFC 3339 writes it.
fn on(date: Date, time: Time, zone: &Zone) -> Result<(Instant, String), TodayError> {
    let clock = date.to_datetime(time);
    let written = |second: Instant| -> Result<String, TimeError> {
        let local = zone.local(second)?;
        Ok(local.timestamp().display_with_offset(local.offset()).to_string())
    };
    let [first, last] = [zone.instant(clock, ClockReading::First)?, zone.instant(clock, ClockReading::Last)?];
    if first != last {
        return Err(TodayError::Twice { date, instants: [written(first)?, written(last)?] });
    }
    if zone.clock(first)? != clock {
        return Err(TodayError::Never { date });
    }
    Ok((first, written(first)?))
}
