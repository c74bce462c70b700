//! chrono-tz, which carries an older release of the same rules and reads them with other code.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};

/// A change of a zone's offset, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Jump {
    /// The first instant with the new offset.
    pub(crate) at: i64,
    pub(crate) before: i64,
    pub(crate) after: i64,
}

/// The zone of chrono-tz of this name.
pub(crate) fn tz(name: &str) -> Tz {
    name.parse().unwrap_or_else(|error| panic!("`{name}`: {error}"))
}

fn naive(second: i64) -> NaiveDateTime {
    DateTime::from_timestamp(second, 0).unwrap().naive_utc()
}

/// Seconds east of UTC at `second`.
pub(crate) fn offset(tz: Tz, second: i64) -> i64 {
    i64::from(tz.offset_from_utc_datetime(&naive(second)).fix().local_minus_utc())
}

/// The first and last instant at which the clock reads `wall`, seconds since 1970-01-01T00:00 of the wall calendar.
///
/// Both are the moment of the jump where a jump skips the reading.
pub(crate) fn readings(tz: Tz, wall: i64) -> (i64, i64) {
    match tz.from_local_datetime(&naive(wall)) {
        LocalResult::Single(only) => (only.timestamp(), only.timestamp()),
        LocalResult::Ambiguous(one, other) => {
            let (one, other) = (one.timestamp(), other.timestamp());
            (one.min(other), one.max(other))
        }
        LocalResult::None => {
            let jump = GapInfo::new(&naive(wall), &tz).and_then(|gap| gap.end).unwrap().timestamp();
            (jump, jump)
        }
    }
}

/// The changes of `offset` after `from` and up to `until`: looked for every `step` seconds, then halved in on.
pub(crate) fn jumps(offset: impl Fn(i64) -> i64, from: i64, until: i64, step: i64) -> Vec<Jump> {
    let mut found = Vec::new();
    let (mut known, mut before) = (from, offset(from));
    while known < until {
        let next = (known + step).min(until);
        if offset(next) == before {
            known = next;
            continue;
        }
        let (mut old, mut new) = (known, next);
        while new - old > 1 {
            let middle = old + (new - old) / 2;
            if offset(middle) == before {
                old = middle;
            } else {
                new = middle;
            }
        }
        let after = offset(new);
        found.push(Jump { at: new, before, after });
        (known, before) = (new, after);
    }
    found
}
