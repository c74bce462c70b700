//! Single values: for how long a rollback counts as one, and which environments words alone may name.

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

/// Returns each environment that required evidence and no longer does: what is only said narrows what is judged.
pub(super) fn evidence<'p>(old: &'p Policy, new: &'p Policy) -> impl Iterator<Item = PolicyDifference> + 'p {
    let required = |policy: &Policy, name: &str| policy.environment(name).is_some_and(|one| one.requires_evidence);
    old.environments.iter().filter(move |one| one.requires_evidence && !required(new, &one.name)).map(|one| {
        let text = format!("`evidence = \"required\"` of the environment `{}` is gone", one.name);
        PolicyDifference {
            environment: Some(one.name.clone()),
            old_place: Some(one.place),
            ..PolicyDifference::new(PolicyPart::Evidence, Level::Hard, text)
        }
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
