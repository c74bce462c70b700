//! iCalendar ([RFC 5545](https://www.rfc-editor.org/rfc/rfc5545)): events as freezes of a policy, and closed time as events.
//!
//! The text is read here and not by one of the crates for it: none says in which line something stands, and those that expand recurrences
//! bring a second time zone database, of another release than the one that decides. Tests compare the expansion with one of them.

pub(crate) mod events;
pub mod export;
pub mod import;
pub(crate) mod lines;
pub(crate) mod recurrence;
pub(crate) mod shape;
pub(crate) mod timezone;
pub(crate) mod values;
pub(crate) mod zones;
