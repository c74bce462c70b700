//! Hazards, and the freezes that name them.
//!
//! Which changes of which plans there are is not known here, so these are compared by their texts: a freeze is kept by one that is alike in all
//! that counts, and that names no hazards, or for each hazard one that covers it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::compare::sides::Side;
use crate::policy::compare::work::{Halt, Work};
use crate::policy::duration::spoken;
use crate::policy::{Freeze, Hazard, Level, Policy, Scope};

/// Adds the freezes that name hazards and that `old` has and `new` does not.
///
/// # Errors
///
/// [`Halt::TooMuch`] if the work is used up.
pub(super) fn freezes(
    old: &Side<'_>,
    new: &Side<'_>,
    work: &Work,
    found: &mut Vec<PolicyDifference>,
) -> Result<(), Halt> {
    let lost = |freeze: &Freeze| freeze.level.refuses() && !freeze.hazards.is_all();
    if !old.policy.freezes.iter().any(lost) {
        return Ok(());
    }
    let mut by_key: HashMap<Vec<Vec<u8>>, Vec<&Freeze>> = HashMap::new();
    for (index, freeze) in new.policy.freezes.iter().enumerate() {
        by_key.entry(new.freeze_key(index, work)?).or_default().push(freeze);
    }
    for (index, freeze) in old.policy.freezes.iter().enumerate().filter(|(_, freeze)| lost(freeze)) {
        let alike = by_key.get(&old.freeze_key(index, work)?).map_or(&[][..], Vec::as_slice);
        work.spend(alike.len().saturating_mul(old.policy.hazards.len().max(1)))?;
        if alike.iter().any(|one| covers(&one.hazards, &freeze.hazards)) {
            continue;
        }
        let text = format!("freeze `{}`, which names hazards, is gone or closes less", freeze.name);
        found.push(PolicyDifference {
            old_place: Some(freeze.place),
            new_place: alike.first().map(|one| one.place),
            ..PolicyDifference::new(PolicyPart::Hazard, freeze.level, text)
        });
    }
    Ok(())
}

fn covers(own: &Scope<Hazard>, others: &Scope<Hazard>) -> bool {
    match (own, others) {
        (Scope::All, _) => true,
        (Scope::Only(_), Scope::All) => false,
        (Scope::Only(own), Scope::Only(others)) => {
            others.iter().all(|other| own.iter().any(|hazard| hazard.covers(other)))
        }
    }
}

/// The hazards after which `old` asks for open time for longer than `new` does.
pub(super) fn settles(old: &Policy, new: &Policy) -> Vec<PolicyDifference> {
    let shorter = |hazard: &&Arc<Hazard>| {
        let kept = new.hazards.iter().filter(|one| one.covers(hazard)).map(|one| one.settle).max();
        hazard.settle > kept.unwrap_or(0)
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
