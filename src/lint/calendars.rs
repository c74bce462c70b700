//! Calendars that end soon, or have ended, although something counts on them.

use std::sync::Arc;

use crate::diagnostic::{Code, Collector, Diagnostic, Place};
use crate::lint::freezes;
use crate::policy::{Freeze, Policy, Region};
use crate::time::calendar::Calendar;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::window::Rule;
use crate::time::zone::TimeError;

/// The time before its end from which on a calendar is reported, in days.
const SOON_DAYS: i64 = 60;

/// The region whose holidays are in `calendar`.
pub(super) fn keeps(region: &Region, calendar: &Arc<Calendar>) -> bool {
    match region.core_hours.as_ref().map(|hours| &hours.rule) {
        Some(Rule::Hours { holidays, .. }) => holidays.iter().any(|one| Arc::ptr_eq(one, calendar)),
        Some(Rule::Once { .. } | Rule::Recurring { .. } | Rule::Around { .. }) | None => false,
    }
}

/// Returns whether `freeze` lies around the dates of `calendar`.
pub(super) fn lies_around(freeze: &Freeze, calendar: &Arc<Calendar>) -> bool {
    match &freeze.rule {
        Rule::Around { calendar: own, .. } => Arc::ptr_eq(own, calendar),
        Rule::Hours { .. } | Rule::Once { .. } | Rule::Recurring { .. } => false,
    }
}

/// Looks at each calendar that something counts on.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn check(policy: &Policy, at: Instant, found: &Collector) -> Result<(), TimeError> {
    for (calendar, place) in policy.calendars.iter().zip(&policy.calendar_places) {
        let end = calendar.end();
        let mut first = None;
        let mut related: Vec<(Place, String)> = Vec::new();
        for region in policy.regions.iter().filter(|region| keeps(region, calendar)) {
            first = Some(earlier(first, end));
            related.push((region.place, format!("after that, holidays of `{}` count as working days", region.name)));
        }
        for freeze in policy.freezes.iter().filter(|freeze| lies_around(freeze, calendar)) {
            for zone in freezes::zones(policy, freeze) {
                if let Some((from, _)) = freeze.rule.stale_from(zone)? {
                    first = Some(earlier(first, from));
                    let date = zone.date(from)?;
                    let label = format!("`{}`: closed from {date} on", freeze.name);
                    related.push((freeze.rule_place, label));
                }
            }
        }
        let Some(_) = first.filter(|first| *first < at.saturating_add(Seconds::days(SOON_DAYS))) else {
            continue;
        };
        let tense = if end <= at { "ended" } else { "ends" };
        let cause = format!("the calendar `{}` {tense} on {}", calendar.name, calendar.valid_until);
        let mut warning = Diagnostic::warning(Code::CalendarExpires, cause)
            .at(*place)
            .help("add the next dates, and move `valid_until` to the last day that the list covers");
        // zones of one freeze most often say the same
        related.dedup();
        for (place, label) in related {
            warning = warning.related(place, label);
        }
        found.push(warning);
    }
    Ok(())
}

fn earlier(first: Option<Instant>, other: Instant) -> Instant {
    first.map_or(other, |first| first.min(other))
}
