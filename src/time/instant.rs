//! Instants: points in time, as opposed to lengths of time and to readings of a wall clock.

use std::ops::{Add, AddAssign, Sub};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::time::seconds::Seconds;

/// A point in time, in whole seconds since 1970-01-01T00:00:00Z.
///
/// The least and the greatest one stand for "no bound". They lie beyond all dates, so that not every instant is a
/// [`Timestamp`]. Arithmetic saturates.
///
/// ```
/// use freezegate::time::instant::Instant;
/// use freezegate::time::seconds::Seconds;
///
/// let start = Instant::from("2026-11-27T00:00:00Z".parse::<jiff::Timestamp>()?);
/// let end = start + Seconds::hours(1);
/// assert_eq!(end - start, Seconds::new(3600));
/// assert_eq!(end.timestamp()?.to_string(), "2026-11-27T01:00:00Z");
/// assert_eq!(Instant::MAX + Seconds::new(1), Instant::MAX);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A number has no unit, so that it cannot be added:
///
/// ```compile_fail
/// let end = freezegate::time::instant::Instant::EPOCH + 3600;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(transparent)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// The least instant: as a start, no bound.
    pub const MIN: Self = Self(i64::MIN);
    /// The greatest instant: as an end, no bound.
    pub const MAX: Self = Self(i64::MAX);

    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The instant that is `second` seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    #[inline]
    pub const fn from_second(second: i64) -> Self {
        Self(second)
    }

    /// The seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    #[inline]
    pub const fn as_second(self) -> i64 {
        self.0
    }

    /// The start of `date` in UTC.
    #[must_use]
    pub fn start_of_day(date: Date) -> Self {
        Self(date.duration_since(EPOCH).as_secs())
    }

    /// The start of its minute.
    #[must_use]
    #[inline]
    pub const fn start_of_minute(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(60)))
    }

    /// Its day in UTC.
    #[must_use]
    #[inline]
    pub const fn day(self) -> UtcDay {
        UtcDay(self.0.div_euclid(24 * 3600))
    }

    /// The instant that is so much later.
    #[must_use]
    #[inline]
    pub const fn saturating_add(self, length: Seconds) -> Self {
        Self(self.0.saturating_add(length.get()))
    }

    /// The instant that is so much earlier.
    #[must_use]
    #[inline]
    pub const fn saturating_sub(self, length: Seconds) -> Self {
        Self(self.0.saturating_sub(length.get()))
    }

    /// The time since `earlier`; negative if `earlier` is later.
    #[must_use]
    #[inline]
    pub const fn since(self, earlier: Self) -> Seconds {
        Seconds::new(self.0.saturating_sub(earlier.0))
    }

    /// The same instant for the library of dates and zones.
    ///
    /// # Errors
    ///
    /// [`BeyondDates`] beyond the years -9999 to 9999.
    pub fn timestamp(self) -> Result<Timestamp, BeyondDates> {
        Timestamp::from_second(self.0).map_err(|_| BeyondDates)
    }
}

/// 1970-01-01.
const EPOCH: Date = date(1970, 1, 1);

/// Cuts a fraction of a second.
impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_second())
    }
}

impl Add<Seconds> for Instant {
    type Output = Self;

    #[inline]
    fn add(self, length: Seconds) -> Self {
        self.saturating_add(length)
    }
}

impl AddAssign<Seconds> for Instant {
    #[inline]
    fn add_assign(&mut self, length: Seconds) {
        *self = self.saturating_add(length);
    }
}

impl Sub<Seconds> for Instant {
    type Output = Self;

    #[inline]
    fn sub(self, length: Seconds) -> Self {
        self.saturating_sub(length)
    }
}

/// The time since another instant; negative if that is later.
impl Sub for Instant {
    type Output = Seconds;

    #[inline]
    fn sub(self, earlier: Self) -> Seconds {
        self.since(earlier)
    }
}

/// A day in UTC, by its number from 1970-01-01 on.
///
/// Unlike a [`Date`], it is known of each [`Instant`], and by a division.
///
/// ```
/// use freezegate::time::instant::Instant;
/// use jiff::civil::date;
///
/// let day = Instant::from("2026-11-27T17:00:00Z".parse::<jiff::Timestamp>()?).day();
/// assert_eq!(day.date()?, date(2026, 11, 27));
/// assert_eq!(day.start(), Instant::start_of_day(date(2026, 11, 27)));
/// assert!(Instant::MAX.day().date().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct UtcDay(i64);

impl UtcDay {
    /// Its first instant.
    #[must_use]
    pub const fn start(self) -> Instant {
        Instant(self.0.saturating_mul(24 * 3600))
    }

    /// Its date.
    ///
    /// # Errors
    ///
    /// [`BeyondDates`] beyond the years -9999 to 9999.
    pub fn date(self) -> Result<Date, BeyondDates> {
        Ok(Offset::UTC.to_datetime(self.start().timestamp()?).date())
    }
}

/// An instant is beyond the years that dates are defined for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeyondDates;

impl std::fmt::Display for BeyondDates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the instant is beyond the range of dates")
    }
}

impl std::error::Error for BeyondDates {}
