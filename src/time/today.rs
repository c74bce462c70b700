//! A time of day without a date: that of today, where somebody reads the clock.

use jiff::civil::{Date, Time};

use crate::time::zone::{Reading, TimeError, Zone};

/// Why a time of day is no instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TodayError {
    /// The clocks turn back over it today.
    Twice {
        /// Today.
        date: Date,
        /// Both instants as RFC 3339 writes them, the earlier first.
        instants: [String; 2],
    },
    /// The clocks jump over it today.
    Never {
        /// Today.
        date: Date,
    },
    /// Today is too near to the first or last date there is, or there are no rules of the zone.
    Unknown(TimeError),
}

impl From<TimeError> for TodayError {
    fn from(error: TimeError) -> Self {
        Self::Unknown(error)
    }
}

/// Reads a time of day such as `17:50` or `7:50`; `None` of anything else.
///
/// ```
/// use freezegate::time::today::time_of_day;
///
/// assert!(time_of_day("17:50").is_some() && time_of_day("7:50").is_some());
/// for other in ["17", "24:00", "17:5", "17:500", "+7:50", "2026-11-26T17:50:00Z"] {
///     assert!(time_of_day(other).is_none(), "{other}");
/// }
/// ```
#[must_use]
pub fn time_of_day(written: &str) -> Option<Time> {
    let (hour, minute) = written.split_once(':')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) || minute.len() != 2 || hour.is_empty() {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Returns `time` on the day that it is in `zone` at `now`, in seconds since 1970-01-01T00:00:00Z, as RFC 3339 writes it with the offset of
/// the zone.
///
/// ```
/// use freezegate::time::today::{time_of_day, today_at};
/// use freezegate::time::zone::Zone;
///
/// let zone = Zone::named("America/New_York").unwrap();
/// let time = time_of_day("17:50").unwrap();
/// // 2026-11-27T01:00:00Z is still the 26th there
/// assert_eq!(today_at(time, 1_795_741_200, &zone).unwrap(), "2026-11-26T17:50:00-05:00");
/// ```
///
/// # Errors
///
/// [`TodayError`] if it occurs twice today, or not at all.
pub fn today_at(time: Time, now: i64, zone: &Zone) -> Result<String, TodayError> {
    let date = zone.date(now)?;
    let clock = date.to_datetime(time);
    let written = |second: i64| -> Result<String, TimeError> {
        let local = zone.local(second)?;
        Ok(local.timestamp().display_with_offset(local.offset()).to_string())
    };
    let [first, last] = [zone.instant(clock, Reading::First)?, zone.instant(clock, Reading::Last)?];
    if first != last {
        return Err(TodayError::Twice { date, instants: [written(first)?, written(last)?] });
    }
    if zone.clock(first)? != clock {
        return Err(TodayError::Never { date });
    }
    Ok(written(first)?)
}
