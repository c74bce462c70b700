//! Regions that share holidays across countries, which do not.

use crate::diagnostic::{Code, Collector, Diagnostic};
use crate::policy::{Policy, Region};
use crate::time::names::{countries, current_name};
use crate::time::window::Rule;

/// Looks at each region that has holidays.
pub(super) fn check(policy: &Policy, found: &Collector) {
    for region in policy.regions.iter().filter(|region| has_holidays(region)) {
        let mut known: Vec<&'static str> = Vec::new();
        let mut warning = Diagnostic::warning(
            Code::MixedCountryHolidays,
            format!("the region `{}` has holidays, and zones in several countries", region.name),
        )
        .at(region.place)
        .help("make a region for each country, with its own holidays; otherwise a holiday in one country opens all of them");
        for (zone, place) in region.zones.iter().zip(&region.zone_places) {
            let here = countries(current_name(zone.name()).unwrap_or(zone.name()));
            if !here.is_empty() {
                warning = warning.related(*place, here.join(", "));
            }
            known.extend(here);
        }
        known.sort_unstable();
        known.dedup();
        if known.len() > 1 {
            found.push(warning);
        }
    }
}

fn has_holidays(region: &Region) -> bool {
    match region.core_hours.as_ref().map(|hours| &hours.rule) {
        Some(Rule::Hours { holidays, .. }) => !holidays.is_empty(),
        Some(Rule::Once { .. } | Rule::Recurring { .. } | Rule::Around { .. }) | None => false,
    }
}
