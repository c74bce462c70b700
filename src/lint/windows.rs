//! Windows that never occur, or in which nothing can ever change.

use std::sync::Arc;

use crate::decision::HORIZON;
use crate::diagnostic::{Code, Collector, Diagnostic};
use crate::lint::freezes;
use crate::lint::openness::Openness;
use crate::lint::window_spans::{core_hours, of_change_windows};
use crate::policy::{ChangeWindow, Environment, Policy, Region, rule_text};
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::window::{Rule, closed, open};
use crate::time::zone::TimeError;

/// Looks at core hours, change windows and freezes.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn check(
    policy: &Policy,
    openness: &[Openness<'_>],
    at: Instant,
    found: &Collector,
) -> Result<(), TimeError> {
    let horizon = Interval { from: at, until: at.saturating_add(HORIZON) };
    for region in &policy.regions {
        check_core_hours(region, horizon, found)?;
    }
    for environment in &policy.environments {
        let openings = openness.iter().filter(|one| Arc::ptr_eq(one.environment, environment));
        let open = Intervals::union(openings.flat_map(|one| one.open.as_slice()).copied().collect());
        check_closed_time(environment, horizon, found)?;
        for window in &environment.change_windows {
            for entry in entries(&window.rule) {
                check_change_window(environment, window, &entry, &open, horizon, found)?;
            }
        }
    }
    for freeze in &policy.freezes {
        freezes::check_occurrence(policy, freeze, horizon, found)?;
    }
    Ok(())
}

fn check_core_hours(region: &Region, horizon: Interval, found: &Collector) -> Result<(), TimeError> {
    if let Some(hours) = &region.core_hours
        && core_hours(region, horizon)?.as_slice().is_empty()
    {
        found.push(
            Diagnostic::warning(
                Code::NeverOccurs,
                format!("the core hours of `{}` do not occur within 400 days", region.name),
            )
            .at(hours.place)
            .label("every date on which they start is a holiday")
            .help("remove dates from the calendars of `holidays`, or `core_hours` from the region"),
        );
    }
    Ok(())
}

/// Each entry of the hours of a change window as a rule of its own.
fn entries(rule: &Rule) -> Vec<Rule> {
    match rule {
        Rule::Hours { hours, holidays } => {
            hours.iter().map(|entry| Rule::Hours { hours: vec![entry.clone()], holidays: holidays.clone() }).collect()
        }
        Rule::Once { .. } | Rule::Recurring { .. } | Rule::Around { .. } => vec![rule.clone()],
    }
}

/// Looks at what the change windows of an environment close, all together.
fn check_closed_time(environment: &Environment, horizon: Interval, found: &Collector) -> Result<(), TimeError> {
    let Some(first) = environment.change_windows.first() else {
        return Ok(());
    };
    if of_change_windows(environment, horizon)?.complement(horizon).as_slice().is_empty() {
        let cause = format!("the change windows of `{}` close nothing within 400 days", environment.name);
        found.push(
            Diagnostic::warning(Code::NeverOccurs, cause)
                .at(first.place)
                .label("at every hour, a change window is open")
                .help("shorten the windows, or remove them: without change windows, the environment is open anyway"),
        );
    }
    Ok(())
}

fn check_change_window(
    environment: &Environment,
    window: &ChangeWindow,
    entry: &Rule,
    open_in_all: &Intervals,
    horizon: Interval,
    found: &Collector,
) -> Result<(), TimeError> {
    let text = rule_text(entry);
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    for pair in entry.civil(&window.zone, horizon)? {
        let spans = open(&window.zone, vec![pair])?;
        // a change window that the clock jumps over is one without an instant; its date is that of the jump
        let jump = closed(&window.zone, &[pair])?;
        match spans.as_slice() {
            [] => lost.extend(jump.into_iter().map(|span| span.from).filter(|from| horizon.contains(*from))),
            some => kept.extend_from_slice(some),
        }
    }
    let kept = Intervals::union(kept);
    if let Some(first) = lost.first() {
        let date = window.zone.date(*first)?;
        found.push(
            Diagnostic::warning(
                Code::NeverOccurs,
                format!("the change window `{text}` of `{}` does not occur on {date}", environment.name),
            )
            .at(window.place)
            .label("the clocks change while it would be open")
            .help("start it before the clock change or end it well after, or accept that it is missing on that day"),
        );
    }
    // where nothing opens at all, that is told of the environment
    let opens = !open_in_all.as_slice().is_empty();
    if opens && open_in_all.intersection(&kept).as_slice().is_empty() {
        found.push(
            Diagnostic::warning(
                Code::NeverOccurs,
                format!("nothing can ever change in the change window `{text}` of `{}`", environment.name),
            )
            .at(window.place)
            .label("closed all the time, within 400 days")
            .help("core hours, freezes, `duration` and `settle` leave no time in it: move or remove it"),
        );
    }
    Ok(())
}
