//! A wall calendar counted day by day, with no library: the brute force that moments are held against.

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    pub(crate) month: i8,
    pub(crate) day: i8,
    /// 0 is Monday.
    pub(crate) weekday: usize,
    /// The number of days of its month.
    pub(crate) month_length: i8,
    /// Days since 1970-01-01.
    pub(crate) number: i64,
}

/// The names as the policy language writes them, Monday first.
pub(crate) const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The names as the policy language writes them, January first.
pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Every day from 1 January of `first_year` to 31 December of `last_year`.
pub(crate) fn days(first_year: i64, last_year: i64) -> Vec<Day> {
    let mut found = Vec::new();
    // 1970-01-01 was a Thursday
    let (mut number, mut weekday) = (0, 3);
    for year in 1970..=last_year {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, month_length) in (1..).zip(lengths) {
            for day in 1..=month_length {
                if year >= first_year {
                    found.push(Day { month, day, weekday, month_length, number });
                }
                number += 1;
                weekday = (weekday + 1) % 7;
            }
        }
    }
    found
}
