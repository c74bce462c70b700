//! The time module against oracles that are not its own: python's zoneinfo (as committed data), chrono-tz, and definitions
//! that count days and seconds one by one.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on has failed, and says where"
)]

mod almanac;
mod dated_windows;
pub(crate) mod dice;
mod differential;
mod edges;
mod intervals;
mod moments;
mod odd_days;
mod recurring_windows;
pub(crate) mod second_opinion;
mod skew;
mod texts;
mod today;
mod transitions;
mod zones;

use freezegate::time::instant::Instant;
use freezegate::time::intervals::Interval;
use freezegate::time::zone::Zone;

/// The zone of this name.
fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap_or_else(|| panic!("no zone `{name}`"))
}

/// The instant that an RFC 3339 text says, in seconds since 1970-01-01T00:00:00Z.
fn second(text: &str) -> i64 {
    let instant: jiff::Timestamp = text.parse().unwrap_or_else(|error| panic!("`{text}`: {error}"));
    instant.as_second()
}

/// The reverse of [`second`], for messages.
fn utc(second: i64) -> String {
    jiff::Timestamp::from_second(second).unwrap().to_string()
}

/// The instants from second `from` up to second `until`.
const fn span(from: i64, until: i64) -> Interval {
    Interval { from: Instant::from_second(from), until: Instant::from_second(until) }
}

const DAY: i64 = 24 * 60 * 60;
