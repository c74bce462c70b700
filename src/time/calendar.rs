//! Calendars: lists of dates that a policy names, with the day up to which the list is complete.

use jiff::civil::{Date, date};

/// A list of dates, such as public holidays or release days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The name by which the policy refers to it.
    pub name: String,
    /// The dates, sorted, each once.
    pub dates: Vec<Date>,
    /// The last day about which the list says something.
    pub valid_until: Date,
}

impl Calendar {
    /// Returns when the last day about which it says something is over, in seconds since 1970-01-01T00:00:00Z; days are those of UTC.
    #[must_use]
    pub fn end(&self) -> i64 {
        const DAY: i64 = 24 * 3600;
        self.valid_until.duration_since(date(1970, 1, 1)).as_secs().saturating_add(DAY)
    }

    /// Returns whether `date` is listed.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.dates.binary_search(&date).is_ok()
    }
}
