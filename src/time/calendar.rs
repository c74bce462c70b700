//! Calendars: lists of dates that a policy names, with the day up to which the list is complete.

use jiff::civil::Date;

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
    /// Whether `date` is listed.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.dates.binary_search(&date).is_ok()
    }
}
