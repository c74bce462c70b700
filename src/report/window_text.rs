//! A window that closes, in words.

use crate::decision::{Finding, FindingCode};
use crate::time::instant::Instant;

/// What is said of an opening that none of the windows that are shown ends at.
pub(super) const FURTHER: &str = "; others close before";

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
            format!("{sort} {}, {window}, {level}", finding.id.spoken())
        }
        Some((sort, window)) => format!("{sort} {window}, {level}"),
        None => format!("{}, {level}", finding.message),
    };
    finding.reason.as_ref().map_or_else(|| what.clone(), |reason| format!("{what}: {reason}"))
}
