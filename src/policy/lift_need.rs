//! What it takes to override a finding of a policy.

use crate::policy::lift::{LiftNeed, NeedSort, hazards_of};
use crate::policy::{FindingCode, FindingId, Level, Policy};

impl LiftNeed {
    /// What it takes to override the finding of this id and level. `is_of_hazards`: whether it may be that hazards of the change are why a
    /// freeze gives it; they are not why an edit of the policy meets one.
    #[must_use]
    pub fn of(id: &FindingId, level: Level, policy: &Policy, is_of_hazards: bool) -> Self {
        if id.code() == FindingCode::PolicyChange {
            return Self { level, sort: NeedSort::PolicyChange };
        }
        let freeze = id.freeze().filter(|_| is_of_hazards);
        let freeze = freeze.and_then(|name| policy.freezes.iter().find(|freeze| freeze.name == name));
        Self { level, sort: freeze.and_then(hazards_of).map_or(NeedSort::Other, NeedSort::Hazards) }
    }
}
