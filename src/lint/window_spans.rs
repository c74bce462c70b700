//! When the windows of a policy are open and closed.

use std::sync::Arc;

use crate::policy::{Environment, Region};
use crate::time::intervals::{Interval, Intervals};
use crate::time::window::{Rule, closed, open};
use crate::time::zone::{TimeError, Zone};

/// The closed spans of `rule` in any of `zones` that touch `range`, merged, not cut off at its ends.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn spans<'z>(
    rule: &Rule,
    zones: impl IntoIterator<Item = &'z Arc<Zone>>,
    range: Interval,
) -> Result<Vec<Interval>, TimeError> {
    let mut all = Vec::new();
    for zone in zones {
        let merged = Intervals::union(closed(zone, &rule.civil(zone, range)?)?);
        all.extend(merged.as_slice().iter().filter(|span| !span.clipped(range).is_empty()));
    }
    Ok(all)
}

/// Returns when anybody of `region` is at work within `range`.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn core_hours(region: &Region, range: Interval) -> Result<Intervals, TimeError> {
    let Some(core_hours) = &region.core_hours else {
        return Ok(Intervals::union(Vec::new()));
    };
    let spans = spans(&core_hours.rule, &region.zones, range)?;
    Ok(Intervals::union(spans.into_iter().map(|span| span.clipped(range)).collect()))
}

/// Returns when any change window of `environment` is open within `range` or around its ends.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn of_change_windows(environment: &Environment, range: Interval) -> Result<Intervals, TimeError> {
    let mut spans = Vec::new();
    for window in &environment.change_windows {
        spans.extend_from_slice(open(&window.zone, window.rule.civil(&window.zone, range)?)?.as_slice());
    }
    Ok(Intervals::union(spans))
}
