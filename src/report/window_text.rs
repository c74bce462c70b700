//! A window that closes, in words.

use crate::decision::{Finding, FindingCode};
use crate::report::clock::place;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// When a window opens whose calendar has ended.
pub(super) const UNTIL_UPDATED: &str = "when the calendar is updated";

/// Returns what is said of an opening that none of the windows that are shown ends at, for a change that takes `duration`.
pub(super) const fn further(duration: Seconds) -> &'static str {
    if duration.get() >= Seconds::hours(1).get() { "; closed, or too short, until then" } else { "; closed until then" }
}

/// Returns whether what `findings` met is all over before `open`, so that windows which are not shown close the time between.
pub(super) fn others_follow<'f>(findings: impl Iterator<Item = &'f Finding>, open: Instant) -> bool {
    let mut ends = findings.filter(|finding| finding.refuses()).filter_map(|finding| finding.window.as_ref()?.until);
    ends.all(|end| end < open)
}

/// The window, and why the policy has it.
pub(super) fn reason(finding: &Finding) -> String {
    let level = finding.level.as_str();
    let window = finding.window.as_ref().map(|met| met.text.as_str());
    let what = match finding.code.window_name().zip(window) {
        Some((sort, window)) if finding.code == FindingCode::Freeze => {
            format!("{sort} {}, {window}{}, {level}", finding.id.spoken(), own_zone(finding))
        }
        Some((sort, window)) if finding.code == FindingCode::OutsideChangeWindow => {
            format!("{sort} {window}{}, {level}", own_zone(finding))
        }
        Some((sort, window)) => format!("{sort} {window}, {level}"),
        None => format!("{}, {level}", finding.message),
    };
    finding.reason.as_ref().map_or_else(|| what.clone(), |reason| format!("{what}: {reason}"))
}

/// The zone in which a window is read that is not read in those of a region, after a blank; nothing if several are.
fn own_zone(finding: &Finding) -> String {
    let only = finding.window.as_ref().filter(|met| met.zone.name() == met.last_zone.name());
    only.map_or_else(String::new, |met| format!(" {}", place(&met.zone)))
}
