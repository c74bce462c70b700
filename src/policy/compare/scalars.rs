//! Single values: for how long a rollback counts as one.

use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::compare::taken_apart::strictest_exempting;
use crate::policy::duration::spoken;
use crate::policy::{KindSet, Policy, TargetEnvironment};

/// A longer `within` lets more changes count as rollbacks, which opens what exempts them.
pub(super) fn rollback(old: &Policy, new: &Policy) -> Option<PolicyDifference> {
    if new.rollback_within <= old.rollback_within {
        return None;
    }
    let level = strictest_exempting(new, &TargetEnvironment::Every)?;
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
