//! Lengths of time, as opposed to points in time and to counts.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// A length of time, in whole seconds; a day is 24 hours. Arithmetic saturates.
///
/// The greatest one stands for "no bound".
///
/// ```
/// use freezegate::time::seconds::Seconds;
///
/// assert_eq!(Seconds::hours(1) + Seconds::minutes(30), Seconds::new(5400));
/// assert_eq!(Seconds::days(2).get(), 172_800);
/// assert_eq!(Seconds::MAX + Seconds::new(1), Seconds::MAX);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(transparent)]
#[serde(transparent)]
pub struct Seconds(i64);

impl Seconds {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// The greatest length: no bound.
    pub const MAX: Self = Self(i64::MAX);

    /// That many seconds.
    #[must_use]
    #[inline]
    pub const fn new(count: i64) -> Self {
        Self(count)
    }

    /// That many minutes.
    #[must_use]
    #[inline]
    pub const fn minutes(count: i64) -> Self {
        Self(60).saturating_mul(count)
    }

    /// That many hours.
    #[must_use]
    #[inline]
    pub const fn hours(count: i64) -> Self {
        Self(3600).saturating_mul(count)
    }

    /// That many days of 24 hours.
    #[must_use]
    #[inline]
    pub const fn days(count: i64) -> Self {
        Self(24 * 3600).saturating_mul(count)
    }

    /// The time by which a clock at `offset` is ahead of UTC; negative if it is behind.
    #[must_use]
    pub fn of_offset(offset: Offset) -> Self {
        Self(i64::from(offset.seconds()))
    }

    /// The number of seconds.
    #[must_use]
    #[inline]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Both lengths together.
    #[must_use]
    #[inline]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is longer than `other`; negative if `other` is longer.
    #[must_use]
    #[inline]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The length `count` times.
    #[must_use]
    #[inline]
    pub const fn saturating_mul(self, count: i64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The length divided by `count`, cut to whole seconds; `None` if `count` is 0.
    #[must_use]
    #[inline]
    pub fn checked_div(self, count: i64) -> Option<Self> {
        self.0.checked_div(count).map(Self)
    }

    /// The length rounded down to a multiple of `unit`; unchanged if `unit` is zero.
    #[must_use]
    #[inline]
    pub fn rounded_down(self, unit: Self) -> Self {
        Self(self.0.saturating_sub(self.0.checked_rem_euclid(unit.0).unwrap_or(0)))
    }
}

/// Cuts a fraction of a second.
impl From<Duration> for Seconds {
    fn from(length: Duration) -> Self {
        i64::try_from(length.as_secs()).map_or(Self::MAX, Self)
    }
}

impl Add for Seconds {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl AddAssign for Seconds {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = self.saturating_add(other);
    }
}

impl Sub for Seconds {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl Sum for Seconds {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::ZERO, Self::saturating_add)
    }
}
