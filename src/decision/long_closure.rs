//! Spans of more than a year in which a change may never start: what is open for a moment, and then never again.

use crate::decision::schedule::{Question, around};
use crate::decision::{HORIZON, Schedule};
use crate::policy::Policy;
use crate::time::intervals::Interval;
use crate::time::window::Rule;
use crate::time::zone::TimeError;

/// A day, in seconds.
const DAY: i64 = 24 * 3600;

/// How far ahead closures are looked for, in seconds: a hundred years.
const FAR: i64 = 36_525 * DAY;

/// How long it takes at most until what recurs has shown all that it does, in seconds. Of a date in each year, which is no 29
/// February, the weekdays come round within twelve years, also over a year such as 2100.
const ROUND: i64 = 13 * 366 * DAY;

/// Returns the first instant from `at` on, in seconds since 1970-01-01T00:00:00Z, from which on the change of `question` may not
/// start for [`HORIZON`], although that of `before` may at some time of it; `None` if there is no such instant within a hundred
/// years. Without `before` any closure of that length counts.
///
/// All dates that the policy names are looked at, and what recurs after the last of them.
///
/// # Errors
///
/// [`TimeError`] when `at` comes too near to the first or last date there is.
pub fn first_long_closure(
    question: &Question<'_>,
    before: Option<&Question<'_>>,
    at: i64,
) -> Result<Option<i64>, TimeError> {
    let end = at.saturating_add(FAR).min(last_date(question).max(at).saturating_add(ROUND));
    let mut known = at;
    while known < end {
        let span = Interval { from: known, until: known.saturating_add(HORIZON) };
        match last_open(question, span)? {
            Some(open) => known = open,
            None => {
                let was_open = match before {
                    Some(before) => last_open(before, span)?.is_some(),
                    None => true,
                };
                if was_open {
                    return Ok(Some(known));
                }
                known = span.until;
            }
        }
    }
    Ok(None)
}

/// Returns the end of the last time within `span` at which the change may start; `None` if it never may. What lies behind the last
/// opening is mostly all that is laid out.
fn last_open(question: &Question<'_>, span: Interval) -> Result<Option<i64>, TimeError> {
    let runways = question.reach.reached.iter().map(|reached| question.runway(&reached.environment));
    let longest = runways.max().unwrap_or(0);
    for length in [10 * DAY, 40 * DAY, span.seconds()] {
        let part = Interval { from: span.from.max(span.until.saturating_sub(length)), until: span.until };
        let range = around(part.from, part.seconds().saturating_add(longest))?;
        let schedule = Schedule::compile(question, &[], Interval { from: part.from, ..range })?;
        if let Some(open) = schedule.refused().complement(part).as_slice().last() {
            return Ok(Some(open.until));
        }
    }
    Ok(None)
}

/// Returns the last instant at which a date matters that the policy names, give or take some days.
fn last_date(question: &Question<'_>) -> i64 {
    let Policy { regions, environments, freezes, .. } = question.policy;
    let core_hours = regions.iter().filter_map(|region| region.core_hours.as_ref()).map(|hours| &hours.rule);
    let change_windows = environments.iter().flat_map(|one| &one.change_windows).map(|window| &window.rule);
    let rules = core_hours.chain(change_windows).chain(freezes.iter().map(|freeze| &freeze.rule));
    let granted = question.granted.iter().map(|granted| granted.until).filter(|until| *until < i64::MAX);
    rules.filter_map(Rule::last_date).chain(granted).max().unwrap_or(i64::MIN)
}
