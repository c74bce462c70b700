//! Single values: for how long a rollback counts as one.

use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::duration::spoken;
use crate::policy::{Kind, KindSet, Level, Policy};

/// A longer `within` lets more changes count as rollbacks, which opens what exempts them.
pub(super) fn rollback(old: &Policy, new: &Policy) -> Option<PolicyDifference> {
    if new.rollback_within <= old.rollback_within {
        return None;
    }
    let level = strictest_exempting(new)?;
    Some(PolicyDifference {
        kinds: KindSet::ROLLBACK,
        is_rollback: true,
        ..PolicyDifference::new(
            PolicyPart::Rollback,
            level,
            format!(
                "`[rollback] within` is {} instead of {}",
                spoken(new.rollback_within),
                spoken(old.rollback_within)
            ),
        )
    })
}

/// The strictest level of a window that does not stop rollbacks.
fn strictest_exempting(policy: &Policy) -> Option<Level> {
    let freezes = policy.freezes.iter().filter(|one| one.exempt.contains(Kind::Rollback)).map(|one| one.level);
    let environments = policy.environments.iter().filter(|one| one.exempt.contains(Kind::Rollback));
    let environments = environments.flat_map(|one| {
        let windows = (!one.change_windows.is_empty()).then_some(Level::Hard);
        let core_hours = one.regions.iter().any(|region| region.core_hours.is_some());
        windows.into_iter().chain(one.during_core_hours.filter(|_| core_hours))
    });
    freezes.chain(environments).filter(|level| level.refuses()).max()
}
