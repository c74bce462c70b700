//! Calendars that end soon, on which what a change reaches counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, date};

use crate::policy::{Policy, Region, Scope};
use crate::reach::{Reach, Reached};
use crate::time::calendar::Calendar;
use crate::time::window::Rule;

/// How long before its end a calendar is told to end, in seconds: 30 days.
const SOON: i64 = 30 * DAY;
/// A day, in seconds.
const DAY: i64 = 24 * 3600;

/// One line for each calendar that ends within 30 days of `at` (seconds since 1970-01-01T00:00:00Z), or has ended: which, when, and what is
/// so from then on. Days are those of UTC. Calendars that no region or freeze of what `reach` has counts on are left out.
#[must_use]
pub fn calendars_that_end(policy: &Policy, reach: &Reach, at: i64) -> Vec<String> {
    let mut ending = Ending { at, found: BTreeMap::new() };
    for reached in &reach.reached {
        if let Some(region) = &reached.region
            && let Some(Rule::Hours { holidays, .. }) = region.core_hours.as_ref().map(|hours| &hours.rule)
        {
            for calendar in holidays {
                ending.add(calendar, || format!("holidays of `{}` count as working days", region.name));
            }
        }
        for freeze in policy.freezes_of(&reached.environment).filter(|freeze| meets(&freeze.regions, reached)) {
            if let Rule::Around { calendar, .. } = &freeze.rule {
                ending.add(calendar, || format!("`{}` closes until the dates are known", freeze.name));
            }
        }
    }
    let line = |((name, end), then): ((&str, Date), String)| {
        let tense = if second(end) <= at { "ended" } else { "ends" };
        format!("the calendar `{name}` {tense} on {end}: add the next dates, as after it {then}")
    };
    ending.found.into_iter().map(line).collect()
}

struct Ending<'p> {
    at: i64,
    found: BTreeMap<(&'p str, Date), String>,
}

impl<'p> Ending<'p> {
    fn add(&mut self, calendar: &'p Calendar, then: impl FnOnce() -> String) {
        if second(calendar.valid_until).saturating_sub(SOON) <= self.at {
            self.found.entry((&calendar.name, calendar.valid_until)).or_insert_with(then);
        }
    }
}

/// The end of a day, in seconds since 1970-01-01T00:00:00Z.
fn second(day: Date) -> i64 {
    day.duration_since(date(1970, 1, 1)).as_secs().saturating_add(DAY)
}

fn meets(regions: &Scope<Region>, reached: &Reached) -> bool {
    match (regions, &reached.region) {
        (Scope::All, _) => true,
        (Scope::Only(regions), Some(region)) => regions.iter().any(|one| Arc::ptr_eq(one, region)),
        (Scope::Only(_), None) => false,
    }
}
