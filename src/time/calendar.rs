//! Calendars: lists of dates that a policy names, with the day up to which the list is complete.

use jiff::civil::Date;

use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

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
    pub fn end(&self) -> Instant {
        const DAY: Seconds = Seconds::days(1);
        Instant::start_of_day(self.valid_until).saturating_add(DAY)
    }

    /// Returns whether `date` is listed.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.dates.binary_search(&date).is_ok()
    }
}
