//! Holidays on days without core hours, which drop nothing: often a substitute day is missing.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::decision::HORIZON;
use crate::diagnostic::{Code, Collector, Diagnostic};
use crate::policy::{Policy, Region};
use crate::time::calendar::Calendar;
use crate::time::instant::Instant;
use crate::time::intervals::Interval;
use crate::time::window::{Rule, closed};
use crate::time::zone::TimeError;

/// As many dates are named.
const NAMED: usize = 3;

/// Looks at the calendars of each region.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn check(policy: &Policy, at: Instant, found: &Collector) -> Result<(), TimeError> {
    let horizon = Interval { from: at, until: at.saturating_add(HORIZON) };
    for (calendar, place) in policy.calendars.iter().zip(&policy.calendar_places) {
        let mut idle: Vec<(Date, &Region)> = Vec::new();
        for region in &policy.regions {
            let dates = idle_dates(region, calendar, horizon)?;
            idle.extend(dates.into_iter().map(|date| (date, region.as_ref())));
        }
        let Some((_, region)) = idle.first() else {
            continue;
        };
        let dates: BTreeSet<Date> = idle.iter().map(|(date, _)| *date).collect();
        let more = match dates.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named: Vec<String> =
            dates.iter().take(NAMED).map(|date| date.strftime("%a %Y-%m-%d").to_string()).collect();
        let cause =
            format!("holidays of `{}` change nothing in `{}`: {}{more}", calendar.name, region.name, named.join(", "));
        found.push(
            Diagnostic::warning(Code::IdleHoliday, cause)
                .at(*place)
                .label("no core hours start on these days")
                .help("add the day off that takes its place, if there is one; else `# lint: allow idle-holiday`"),
        );
    }
    Ok(())
}

/// The dates of `calendar` on which no core hours of `region` would start anyway, and that no working day nearby replaces.
fn idle_dates(region: &Region, calendar: &Arc<Calendar>, horizon: Interval) -> Result<Vec<Date>, TimeError> {
    let (Some(core_hours), Some(zone)) = (&region.core_hours, region.zones.first()) else {
        return Ok(Vec::new());
    };
    let Rule::Hours { hours, holidays } = &core_hours.rule else {
        return Ok(Vec::new());
    };
    if !holidays.iter().any(|one| Arc::ptr_eq(one, calendar)) {
        return Ok(Vec::new());
    }
    let every = Rule::Hours { hours: hours.clone(), holidays: Vec::new() };
    let mut working: BTreeSet<Date> = BTreeSet::new();
    for span in closed(zone, &every.civil(zone, horizon)?)? {
        working.insert(zone.date(span.from)?);
    }
    let (first, last) = (zone.date(horizon.from)?, zone.date(horizon.until)?);
    let mut idle = Vec::new();
    for date in calendar.dates.iter().filter(|date| (first..=last).contains(date) && !working.contains(date)) {
        let mut is_replaced = false;
        for days in [-2, -1, 1, 2] {
            let near = date.checked_add(days.days()).map_err(|_| TimeError::OutOfRange)?;
            is_replaced |= working.contains(&near) && holidays.iter().any(|one| one.contains(near));
        }
        if !is_replaced {
            idle.push(*date);
        }
    }
    Ok(idle)
}
