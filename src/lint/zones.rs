//! Names of zones that the time zone database keeps for old policies only.

use crate::diagnostic::{Code, Collector, Diagnostic, Place};
use crate::policy::{FreezeZone, Policy};
use crate::time::names::current_name;
use crate::time::zone::Zone;

/// Looks at every zone that the policy names.
pub(super) fn check(policy: &Policy, found: &Collector) {
    let regions = policy.regions.iter().flat_map(|region| region.zones.iter().zip(&region.zone_places));
    let windows = policy.environments.iter().flat_map(|environment| &environment.change_windows);
    let freezes = policy.freezes.iter().filter_map(|freeze| match &freeze.zone {
        FreezeZone::Zone(zone) => Some((zone, &freeze.zone_place)),
        FreezeZone::Region => None,
    });
    for (zone, place) in regions.chain(windows.map(|window| (&window.zone, &window.zone_place))).chain(freezes) {
        report(zone, *place, found);
    }
}

fn report(zone: &Zone, place: Place, found: &Collector) {
    if let Some(current) = current_name(zone.name()) {
        found.push(
            Diagnostic::warning(Code::DeprecatedZone, format!("`{}` is an outdated name", zone.name()))
                .at(place)
                .help(format!("write `{current}`, which has the same rules")),
        );
    }
}
