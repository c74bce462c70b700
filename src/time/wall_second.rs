//! Readings of a wall clock, as opposed to points in time.

use std::ops::{Add, Sub};

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use crate::time::instant::{BeyondDates, Instant};
use crate::time::seconds::Seconds;

/// Seconds since 1970-01-01T00:00:00 on the clock of a zone, no zone attached.
///
/// The clock is counted as if it were never changed, so that the difference of two readings is not the time that passes
/// between them. Arithmetic saturates, and may lead beyond the dates that there are.
///
/// ```
/// use freezegate::time::instant::Instant;
/// use freezegate::time::seconds::Seconds;
/// use freezegate::time::wall_second::WallSecond;
/// use jiff::civil::date;
///
/// let eight = WallSecond::of(date(2026, 11, 27).at(8, 0, 0, 0));
/// let midnight = WallSecond::midnight(date(2026, 11, 27));
/// assert_eq!(eight - midnight, Seconds::hours(8));
/// assert_eq!(eight.clock()?, date(2026, 11, 27).at(8, 0, 0, 0));
/// // in Berlin, which is an hour ahead of UTC in winter
/// let instant = Instant::from("2026-11-27T07:00:00Z".parse::<jiff::Timestamp>()?);
/// assert_eq!(eight.at_offset(Seconds::hours(1)), instant);
/// assert_eq!(WallSecond::shown(instant, Seconds::hours(1)), eight);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is not an instant:
///
/// ```compile_fail
/// use freezegate::time::wall_second::WallSecond;
/// let instant: freezegate::time::instant::Instant = WallSecond::midnight(jiff::civil::date(2026, 11, 27));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct WallSecond(i64);

/// 1970-01-01T00:00:00 on any wall calendar.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl WallSecond {
    /// The least reading: as a start, no bound.
    pub const MIN: Self = Self(i64::MIN);
    /// The greatest reading: as an end, no bound.
    pub const MAX: Self = Self(i64::MAX);

    /// 1970-01-01T00:00:00.
    pub const EPOCH: Self = Self(0);

    /// The reading `clock`, a fraction of a second cut.
    #[must_use]
    pub fn of(clock: DateTime) -> Self {
        Self(clock.duration_since(EPOCH).as_secs())
    }

    /// The start of `date`.
    #[must_use]
    pub fn midnight(date: Date) -> Self {
        Self::of(date.at(0, 0, 0, 0))
    }

    /// Returns what a clock reads at `instant` that is `offset` ahead of UTC.
    #[must_use]
    #[inline]
    pub const fn shown(instant: Instant, offset: Seconds) -> Self {
        Self(instant.as_second().saturating_add(offset.get()))
    }

    /// The instant at which a clock that is `offset` ahead of UTC reads this.
    #[must_use]
    #[inline]
    pub const fn at_offset(self, offset: Seconds) -> Instant {
        Instant::from_second(self.0.saturating_sub(offset.get()))
    }

    /// The instant at which a clock of UTC reads this.
    #[must_use]
    #[inline]
    pub const fn in_utc(self) -> Instant {
        Instant::from_second(self.0)
    }

    /// The time on this reading's date, since midnight.
    #[must_use]
    #[inline]
    pub const fn since_midnight(self) -> Seconds {
        Seconds::new(self.0.rem_euclid(24 * 3600))
    }

    /// The same reading for the library of dates and zones.
    ///
    /// # Errors
    ///
    /// [`BeyondDates`] beyond the years -9999 to 9999.
    pub fn clock(self) -> Result<DateTime, BeyondDates> {
        EPOCH.checked_add(SignedDuration::from_secs(self.0)).map_err(|_| BeyondDates)
    }
}

impl Add<Seconds> for WallSecond {
    type Output = Self;

    #[inline]
    fn add(self, length: Seconds) -> Self {
        Self(self.0.saturating_add(length.get()))
    }
}

impl Sub<Seconds> for WallSecond {
    type Output = Self;

    #[inline]
    fn sub(self, length: Seconds) -> Self {
        Self(self.0.saturating_sub(length.get()))
    }
}

/// The time by the clock since another reading; negative if that is later.
impl Sub for WallSecond {
    type Output = Seconds;

    #[inline]
    fn sub(self, earlier: Self) -> Seconds {
        Seconds::new(self.0.saturating_sub(earlier.0))
    }
}
