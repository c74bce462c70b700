//! Single values: for how long a rollback counts as one.

use crate::policy::compare::histories::strictest_exempting;
use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::duration::spoken;
use crate::policy::{KindSet, Policy, TargetEnvironment};

/// A longer `within` lets more changes count as rollbacks, which opens what exempts them.
pub(super) fn longer_rollback(old: &Policy, new: &Policy) -> Option<PolicyDifference> {
    if new.rollback_within <= old.rollback_within {
        return None;
    }
    opened(old, new, "")
}

/// A shorter one opens that too: a state whose commit is gone stands in the way of each rollback only for as long.
pub(super) fn shorter_rollback(old: &Policy, new: &Policy) -> Option<PolicyDifference> {
    if new.rollback_within >= old.rollback_within {
        return None;
    }
    opened(old, new, ": a state whose commit is gone stops rollbacks for less long")
}

fn opened(old: &Policy, new: &Policy, why: &str) -> Option<PolicyDifference> {
    let level = strictest_exempting(new, &TargetEnvironment::Every)?;
    let (new, old) = (spoken(new.rollback_within), spoken(old.rollback_within));
    let text = format!("`[rollback] within` is {new} instead of {old}{why}");
    Some(PolicyDifference {
        kinds: KindSet::ROLLBACK,
        is_rollback: true,
        ..PolicyDifference::new(PolicyPart::Rollback, level, text)
    })
}
