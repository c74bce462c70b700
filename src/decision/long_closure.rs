//! Spans of more than a year in which a change may never start: what is open for a moment, and then never again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::decision::schedule::{DecisionQuestion, around};
use crate::decision::{HORIZON, Schedule};
use crate::policy::Policy;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::window::Rule;
use crate::time::zone::TimeError;

/// The time ahead in which closures are looked for, in seconds: a hundred years.
const FAR: Seconds = Seconds::days(36_525);

/// The time that it takes at most until what recurs has shown all that it does, in seconds. Of a date in each year, which is no 29
/// February, the weekdays come round within twelve years, also over a year such as 2100.
const ROUND: Seconds = Seconds::days(13 * 366);

/// Returns the first instant from `at` on, in seconds since 1970-01-01T00:00:00Z, from which on a change may not start for
/// [`HORIZON`], although that of `before` may at some time of it; `None` if there is no such instant within a hundred years. Without
/// `before` any closure of that length counts. The change reaches what each of `parts` reaches, and has to find all of them open at once.
///
/// All dates that the policy names are looked at, and what recurs after the last of them.
///
/// # Errors
///
/// [`TimeError`] when `at` comes too near to the first or last date there is.
pub fn first_long_closure(
    parts: &[&Starts<'_>],
    before: Option<&[&Starts<'_>]>,
    at: Instant,
) -> Result<Option<Instant>, TimeError> {
    let last_date = parts.iter().map(|part| part.last_date).max().unwrap_or(Instant::MIN);
    let end = at.saturating_add(FAR).min(last_date.max(at).saturating_add(ROUND));
    let mut known = at;
    while known < end {
        let span = Interval { from: known, until: known.saturating_add(HORIZON) };
        match last_open(parts, span)? {
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

/// The shortest time in which a change may start that counts as an opening, in seconds: where windows leave exactly what `duration` and `settle`
/// need, as a weekend does on which clocks go back, there is one second for it.
const SHORTEST_OPENING: Seconds = Seconds::minutes(5);

/// Returns the end of the last time of five minutes or more within `span` at which the change may start; `None` if it never may. What lies
/// behind the last opening is mostly all that is laid out.
fn last_open(parts: &[&Starts<'_>], span: Interval) -> Result<Option<Instant>, TimeError> {
    for length in [Seconds::days(10), Seconds::days(40), span.seconds()] {
        let within = Interval { from: span.from.max(span.until.saturating_sub(length)), until: span.until };
        let mut refused = Vec::new();
        for part in parts {
            refused.extend_from_slice(part.refused(within)?.as_slice());
        }
        let open = Intervals::union(refused).complement(within);
        // what is open now may have been for long
        let counts = |one: &&Interval| one.seconds() >= SHORTEST_OPENING || one.from == span.from;
        if let Some(last) = open.as_slice().iter().rev().find(counts) {
            return Ok(Some(last.until));
        }
    }
    Ok(None)
}

/// The times when a change may not start. What is laid out once can be kept, for a change that is a part of many others.
#[derive(Debug)]
pub struct Starts<'q> {
    question: DecisionQuestion<'q>,
    /// The longest time that must stay open from the start of the change on, in seconds.
    longest: Seconds,
    last_date: Instant,
    /// The instant that blocks are counted from, in seconds since 1970-01-01T00:00:00Z.
    origin: Instant,
    /// The times when the change may not start, in each block of [`BLOCK`] that was asked about; `None`: nothing is kept.
    blocks: Option<RefCell<BTreeMap<i64, Intervals>>>,
}

/// The part that is laid out at once of what is kept, in seconds.
const BLOCK: Seconds = Seconds::days(40);

impl<'q> Starts<'q> {
    /// For a change that is asked about many times; `at` is the first instant that is asked about.
    #[must_use]
    pub fn kept(question: DecisionQuestion<'q>, at: Instant) -> Self {
        let runways = question.reach.reached.iter().map(|reached| question.runway(&reached.environment));
        let longest = runways.max().unwrap_or(Seconds::ZERO);
        Self { question, longest, last_date: last_date(&question), origin: at, blocks: Some(RefCell::default()) }
    }

    /// For another change under the same policy and overrides, about which nothing is kept.
    #[must_use]
    pub fn beside(&self, question: DecisionQuestion<'q>) -> Self {
        let runways = question.reach.reached.iter().map(|reached| question.runway(&reached.environment));
        Self { question, longest: runways.max().unwrap_or(Seconds::ZERO), blocks: None, ..*self }
    }

    /// Returns when the change may not start, of `within` at least.
    fn refused(&self, within: Interval) -> Result<Intervals, TimeError> {
        let Some(blocks) = &self.blocks else {
            return self.lay_out(within);
        };
        let number = |second: Instant| second.since(self.origin).get().div_euclid(BLOCK.get());
        let mut all = Vec::new();
        for block in number(within.from)..=number(within.until.saturating_sub(Seconds::new(1))) {
            let mut blocks = blocks.borrow_mut();
            let known = match blocks.entry(block) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let from = self.origin.saturating_add(BLOCK.saturating_mul(block));
                    new.insert(self.lay_out(Interval { from, until: from.saturating_add(BLOCK) })?)
                }
            };
            all.extend_from_slice(known.as_slice());
        }
        Ok(Intervals::union(all))
    }

    fn lay_out(&self, within: Interval) -> Result<Intervals, TimeError> {
        let range = around(within.from, within.seconds().saturating_add(self.longest))?;
        let schedule = Schedule::compile(&self.question, &[], Interval { from: within.from, ..range })?;
        let all = Intervals::union(vec![within]);
        Ok(schedule.refused().intersection(&all))
    }
}

/// Returns the last instant at which a date matters that the policy names, give or take some days.
fn last_date(question: &DecisionQuestion<'_>) -> Instant {
    let Policy { regions, environments, freezes, .. } = question.policy;
    let core_hours = regions.iter().filter_map(|region| region.core_hours.as_ref()).map(|hours| &hours.rule);
    let change_windows = environments.iter().flat_map(|one| &one.change_windows).map(|window| &window.rule);
    let rules = core_hours.chain(change_windows).chain(freezes.iter().map(|freeze| &freeze.rule));
    let granted = question.granted.iter().map(|granted| granted.until).filter(|until| *until < Instant::MAX);
    // a window that a roll-out holds back closes only from its last stage on
    let stages = environments.iter().filter_map(|one| one.rollout.as_ref()?.last()).map(|stage| stage.from);
    rules.filter_map(Rule::last_date).chain(granted).chain(stages).max().unwrap_or(Instant::MIN)
}
