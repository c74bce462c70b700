//! When a change may go: the openings ahead.

use crate::decision::schedule::{DecisionQuestion, around};
use crate::decision::{HORIZON, Schedule, TimelessFinding};
use crate::time::instant::Instant;
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// A span in which the change may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// The first instant, in seconds since 1970-01-01T00:00:00Z.
    pub from: Instant,
    /// The first instant at which it may not start any more; `None` if that is over 400 days away.
    pub until: Option<Instant>,
}

/// Returns how long a change may take at most to fit into an opening within 400 days, in seconds.
///
/// `None` if even a change of no duration of its own never fits, if what it reaches has different durations, or if time alone
/// does not end what refuses it.
///
/// # Errors
///
/// [`TimeError`] when `at` comes too near to the first or last date there is.
pub fn longest_change(
    question: &DecisionQuestion<'_>,
    standing: &[TimelessFinding],
    at: Instant,
) -> Result<Option<Seconds>, TimeError> {
    let question = DecisionQuestion { duration: None, ..*question };
    let mut own = question.reach.reached.iter().map(|reached| reached.environment.duration);
    let Some(first) = own.next().filter(|first| own.all(|other| other == *first)) else {
        return Ok(None);
    };
    let settle = question.reach.reached.iter().map(|reached| reached.environment.settle).max().unwrap_or(Seconds::ZERO);
    let ahead = around(at, HORIZON.saturating_add(first).saturating_add(settle))?;
    let schedule = Schedule::compile(&question, standing, Interval { from: at, ..ahead })?;
    if schedule.stands_refused() {
        return Ok(None);
    }
    let spans = schedule.refused().complement(Interval { from: at, until: at.saturating_add(HORIZON) });
    // the end of a span is the first instant too late, a second after the last start
    Ok(spans.as_slice().iter().map(|span| span.seconds().saturating_sub(Seconds::new(1)).saturating_add(first)).max())
}

/// The first `count` openings from `at` on, within 400 days, in which the change and its settling fit.
///
/// # Errors
///
/// [`TimeError`] when `at` comes too near to the first or last date there is.
pub fn openings(
    question: &DecisionQuestion<'_>,
    standing: &[TimelessFinding],
    at: Instant,
    count: usize,
) -> Result<Vec<Opening>, TimeError> {
    let longest = question
        .reach
        .reached
        .iter()
        .map(|reached| question.duration_in(&reached.environment))
        .max()
        .unwrap_or(Seconds::ZERO);
    let settle = question.reach.reached.iter().map(|reached| reached.environment.settle).max().unwrap_or(Seconds::ZERO);
    // most changes have an opening each week, if only its end, so that all that is asked for is mostly near
    let weeks = i64::try_from(count).unwrap_or(i64::MAX).saturating_add(1);
    let near = Seconds::days(7).saturating_mul(weeks).min(HORIZON);
    let mut open = Vec::new();
    for ahead in [near, HORIZON] {
        let reach = around(at, ahead.saturating_add(longest).saturating_add(settle))?;
        // what is past takes as long to lay out, and opens nothing
        let schedule = Schedule::compile(question, standing, Interval { from: at, ..reach })?;
        if schedule.stands_refused() {
            return Ok(Vec::new());
        }
        let horizon = Interval { from: at, until: at.saturating_add(ahead) };
        let spans = schedule.refused().complement(horizon);
        let until = |span: &Interval| (span.until < horizon.until).then_some(span.until);
        open = spans.as_slice().iter().map(|span| Opening { from: span.from, until: until(span) }).collect();
        // an opening before another one is told whole
        if ahead == HORIZON || open.len() > count {
            break;
        }
    }
    open.truncate(count);
    Ok(open)
}
