//! Hazards: how long must stay open after what they are about. The freezes that name some are compared with the other windows.

use std::sync::Arc;

use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::duration::spoken;
use crate::policy::{Hazard, Level, Policy};
use crate::time::seconds::Seconds;

/// The hazards after which `old` asks for open time for longer than `new` does, wherever the change goes.
pub(super) fn settles(old: &Policy, new: &Policy) -> Vec<PolicyDifference> {
    let shorter = |hazard: &&Arc<Hazard>| {
        let kept = new.hazards.iter().filter(|one| one.covers(hazard)).map(|one| one.settle).max();
        hazard.settle > kept.unwrap_or(Seconds::ZERO)
    };
    let difference = |hazard: &Arc<Hazard>| {
        let text = format!("`settle` of the hazard `{}` is less than {}", hazard.name, spoken(hazard.settle));
        PolicyDifference {
            old_place: Some(hazard.place),
            ..PolicyDifference::new(PolicyPart::Hazard, Level::Hard, text)
        }
    };
    old.hazards.iter().filter(shorter).map(difference).collect()
}
