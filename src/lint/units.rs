//! Units of time, in seconds.

use crate::time::seconds::Seconds;

/// A day, in seconds.
pub(super) const DAY: Seconds = Seconds::days(1);
/// A week, in seconds.
pub(super) const WEEK: Seconds = Seconds::days(7);
