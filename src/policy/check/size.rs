//! How many places a policy may have. Every policy that loads is one whose edits can be decided about and recorded.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Collector, Diagnostic, Place};
use crate::policy::{Environment, Freeze, FreezeScope, Region, Target, TargetEnvironment};

/// The most bytes that the names of a policy's environments have in a list: each name counts as three more.
///
/// A change may reach all of them, and its entry in the record lists the names twice. With this limit, the entry of one ref is
/// within [`MAX_ENTRY_BYTES`](crate::proof::record::MAX_ENTRY_BYTES).
pub const MAX_NAME_BYTES: usize = 192 << 10;

/// The most places of a policy: the regions of each environment, or one for an environment without.
pub const MOST_PLACES: usize = 50_000;

/// The most places that all targets with `environment = "*"` together reach.
pub const MOST_TARGET_PLACES: usize = 250_000;

/// The most places that all freezes of a policy together close.
pub const MOST_FROZEN_PLACES: usize = 1_000_000;

/// The most places that all freezes of its fragments together close: a hundred stops of everything have room in the largest policy, as nobody could
/// take one away where no policy loads.
pub const MOST_ADDED_PLACES: usize = 5_000_000;

/// The quotes and the comma around a name in a list.
const AROUND_NAME: usize = 3;

/// Counts the names and the places, environment by environment.
#[derive(Default)]
pub(super) struct Size {
    bytes: usize,
    places: usize,
    is_reported: bool,
}

impl Size {
    /// Counts an environment with so many regions; returns whether all so far are within the limits. The first that is not is
    /// reported.
    pub(super) fn add(&mut self, name: &str, regions: usize, place: Place, found: &Collector) -> bool {
        self.bytes = self.bytes.saturating_add(name.len()).saturating_add(AROUND_NAME);
        self.places = self.places.saturating_add(regions.max(1));
        let (cause, help) = if self.bytes > MAX_NAME_BYTES {
            let most = MAX_NAME_BYTES >> 10;
            let cause = format!("up to here, the names of the environments take more than {most} KiB");
            (cause, "define fewer environments, or use shorter names")
        } else if self.places > MOST_PLACES {
            let cause = format!("with this one, there are more than {MOST_PLACES} pairs of environment and region");
            (cause, "define fewer environments, or give each only the `regions` that it has")
        } else {
            return true;
        };
        if !self.is_reported {
            self.is_reported = true;
            found.push(Diagnostic::error(Code::TooLarge, cause).at(place).help(help));
        }
        false
    }
}

/// Reports the first target that reaches every environment and is one too many for so many environments and regions.
pub(super) fn check_targets(targets: &[Target], environments: &[&Environment], found: &Collector) {
    let places: usize = environments.iter().map(|environment| environment.regions.len().max(1)).sum();
    let mut every = targets.iter().filter(|target| matches!(target.environment, TargetEnvironment::Every));
    let most = MOST_TARGET_PLACES.checked_div(places).unwrap_or(usize::MAX);
    if let Some(target) = every.nth(most) {
        let cause =
            format!("a policy of {places} environments in a region can have {most} targets with `environment = \"*\"`");
        found.push(
            Diagnostic::error(Code::TooLarge, cause)
                .at(target.place)
                .help("put the `paths` of several such targets into one, or name the environments"),
        );
    }
}

/// Reports the first freeze with which all so far close more than `most` places.
pub(super) fn check_freezes<'f>(
    freezes: impl Iterator<Item = &'f Freeze>,
    most: usize,
    environments: &[&Environment],
    found: &Collector,
) {
    let places = |environment: &Environment| environment.regions.len().max(1);
    let all: usize = environments.iter().map(|environment| places(environment)).sum();
    // most policies have no freeze of regions alone
    let serving = OnceCell::new();
    let mut closed = 0_usize;
    for freeze in freezes {
        let more = match (&freeze.environments, &freeze.regions) {
            (FreezeScope::All, FreezeScope::All) => all,
            (FreezeScope::All, FreezeScope::Only(regions)) => {
                let serving = serving.get_or_init(|| count_serving(environments));
                regions.iter().filter_map(|region| serving.get(&Arc::as_ptr(region))).sum()
            }
            (FreezeScope::Only(environments), FreezeScope::All) => environments.iter().map(|one| places(one)).sum(),
            // some of the regions may not be the environment's: no more than there are of both
            (FreezeScope::Only(environments), FreezeScope::Only(regions)) => {
                environments.iter().map(|one| places(one).min(regions.len())).sum()
            }
        };
        closed = closed.saturating_add(more);
        if closed > most {
            let cause = format!("the freezes up to here close over {most} environments by region");
            found.push(
                Diagnostic::error(Code::TooLarge, cause)
                    .at(freeze.place)
                    .help("take out freezes that are over, or name the `environments` and `regions` that each closes"),
            );
            return;
        }
    }
}

/// Returns how many environments serve each region.
fn count_serving(environments: &[&Environment]) -> HashMap<*const Region, usize> {
    let mut serving = HashMap::new();
    for region in environments.iter().flat_map(|environment| &environment.regions) {
        let count: &mut usize = serving.entry(Arc::as_ptr(region)).or_default();
        *count = count.saturating_add(1);
    }
    serving
}
