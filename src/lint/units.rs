//! Units of time, in seconds.

/// A day, in seconds.
pub(super) const DAY: i64 = 24 * 3600;
/// A week, in seconds.
pub(super) const WEEK: i64 = 7 * DAY;
