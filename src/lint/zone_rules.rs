//! A time zone database that is old: governments change clocks at short notice.

use crate::diagnostic::{Code, Diagnostic};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::RELEASE;

/// The time that the time zone database built in are taken for new: nine months, in days.
const NINE_MONTHS: i64 = 274;

/// Returns what is doubtful at `at` about the time zone database that is built in: older than nine months, or older than those of the
/// system, which are of the release `system` where that is known.
#[must_use]
pub fn doubts(at: Instant, system: Option<&str>) -> Vec<Diagnostic> {
    let doubt = |cause: String, help: &str| Diagnostic::warning(Code::OldZoneRules, cause).help(help);
    let mut doubts = Vec::new();
    if at.since(Instant::start_of_day(RELEASE.published)) > Seconds::days(NINE_MONTHS) {
        doubts.push(doubt(
            format!("the time zone database built in ({}) is older than nine months", RELEASE.name),
            "update freezegate, as governments change clocks at short notice",
        ));
    }
    if let Some(newer) = system.filter(|system| *system > RELEASE.name) {
        doubts.push(doubt(
            format!("the time zone database built in ({}) is older than this system's ({newer})", RELEASE.name),
            "update freezegate",
        ));
    }
    doubts
}
