//! The plans that were allowed lately, which another plan may take back.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::super::plan::Fingerprint;
use super::super::{Digest, PlanValue, RecordEntry, RecordedMode, RecordedOutcome, RecordedPlace};
use crate::policy::Kind;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The most plans that are known.
pub const MOST_PLANS: usize = 20;

/// A plan that was allowed and can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowedPlan {
    /// The number of the decision.
    sequence: u64,
    /// The first instant at which it can't be taken back any more, in seconds since 1970-01-01T00:00:00Z.
    until: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    reached: Vec<RecordedPlace>,
    /// True if it takes back another one itself: to take that back too would bring back what was gone back from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    takes_back: bool,
    values: Vec<PlanValue>,
    /// Of where its state is kept, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<Digest>,
    /// The beginnings of the digests of the values that it brought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    brought: Vec<Fingerprint>,
    /// The number of the first decision that replaced one of these: what was changed since is not gone past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced_by: Option<u64>,
}

/// The plan that another one takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanReturn {
    /// The number of the decision that allowed it.
    pub sequence: u64,
    /// The first instant at which it can't be taken back any more, in seconds since 1970-01-01T00:00:00Z.
    pub until: Instant,
}

/// The most values of which it is known, at any age, that an allowed plan replaced them.
const MOST_REPLACED: usize = 20_000;

/// The plans that were allowed lately, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AllowedPlans {
    plans: Vec<AllowedPlan>,
    /// The beginnings of the digests of values that allowed plans replaced, the oldest first: a plan that brings one of them back goes
    /// back, however long ago that was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced: Vec<Fingerprint>,
    /// True if a plan replaced more than is kept: any later one may go back.
    #[serde(default, rename = "cut", skip_serializing_if = "std::ops::Not::not")]
    is_cut: bool,
}

impl AllowedPlans {
    pub(super) const fn is_empty(&self) -> bool {
        self.plans.is_empty() && self.replaced.is_empty() && !self.is_cut
    }

    /// Adds the plan of an enforced decision, if it was allowed. It can be taken back for as long as the entry says, else `within`, in
    /// seconds.
    pub(super) fn add(&mut self, entry: &RecordEntry, within: Seconds) {
        let decided = &entry.decided;
        self.plans.retain(|plan| plan.until > decided.at);
        let is_applied = match (decided.mode, decided.decision) {
            (RecordedMode::Check | RecordedMode::Run, RecordedOutcome::Allowed) => true,
            (RecordedMode::Check | RecordedMode::Run | RecordedMode::PreReceive, RecordedOutcome::Refused)
            | (RecordedMode::PreReceive, RecordedOutcome::Allowed) => false,
        };
        let Some(plan) = decided.plan.as_ref().filter(|_| is_applied) else {
            return;
        };
        let replaced: HashSet<&Fingerprint> = self.replaced.iter().collect();
        let goes_back = self.is_cut || plan.brought.iter().any(|value| replaced.contains(value));
        let new: BTreeSet<Fingerprint> = plan.replaced.iter().cloned().collect();
        self.is_cut |= plan.is_cut;
        for known in self.plans.iter_mut().filter(|known| known.replaced_by.is_none()) {
            if plan.is_cut || known.brought.iter().any(|value| new.contains(value)) {
                known.replaced_by = Some(entry.sequence);
            }
        }
        let plan = AllowedPlan {
            sequence: entry.sequence,
            until: decided.at.saturating_add(decided.rollback_within.unwrap_or(within)),
            repository: decided.repository.clone(),
            reached: decided.reached.clone(),
            takes_back: goes_back || decided.kinds.contains(Kind::Rollback),
            values: plan.values.clone(),
            state: plan.state,
            brought: plan.brought.clone(),
            replaced_by: None,
        };
        if !plan.values.is_empty() {
            self.plans.push(plan);
        }
        let excess = self.plans.len().saturating_sub(MOST_PLANS);
        self.plans.drain(..excess);
        self.replaced.retain(|known| !new.contains(known));
        self.replaced.extend(new);
        let excess = self.replaced.len().saturating_sub(MOST_REPLACED);
        self.replaced.drain(..excess);
    }

    /// The newest plan of which a plan with these values takes back some and changes nothing else, at an instant in seconds since
    /// 1970-01-01T00:00:00Z, in all places that it reaches. Plans of other repositories than the one that asks do not count, nor do plans
    /// of which a later one replaced what they brought: that one comes first. The newest plan may be taken back by the same plan again, as
    /// when it failed to be applied. Nor does a plan of another `state`, where both are known; of a plan that was judged twice, the one
    /// says it of the other.
    pub(super) fn taken_back(
        &self,
        asked_by: Option<&str>,
        (values, state): (&[PlanValue], Option<Digest>),
        reached: &[RecordedPlace],
        at: Instant,
    ) -> Option<PlanReturn> {
        // values are of one resource, whoever planned: to ask from nowhere known confuses none
        let is_own = |plan: &&AllowedPlan| match (&plan.repository, asked_by) {
            (Some(of_plan), Some(here)) => of_plan == here,
            (Some(_) | None, None) | (None, Some(_)) => true,
        };
        let was_judged = |plan: &AllowedPlan| {
            reached.iter().all(|place| {
                plan.reached.iter().any(|known| {
                    known.environment == place.environment
                        && known.region == place.region
                        && (known.service.is_none() || known.service == place.service)
                })
            })
        };
        let is_taken_back =
            |plan: &AllowedPlan| values.iter().all(|value| plan.values.iter().any(|one| value.takes_back(one)));
        let is_same =
            |known: &[PlanValue]| known.len() == values.len() && values.iter().all(|value| known.contains(value));
        let again = self.plans.last().filter(|newest| newest.takes_back && is_same(&newest.values));
        let again = again.map(|newest| newest.sequence);
        let is_of_state = |plan: &&AllowedPlan| {
            let mut known =
                self.plans.iter().filter(|other| other.values == plan.values).filter_map(|other| other.state);
            state.is_none_or(|state| known.all(|one| one == state))
        };
        let is_newest = |plan: &&AllowedPlan| plan.replaced_by.is_none_or(|later| Some(later) == again);
        let plans = self.plans.iter().rev().filter(|plan| plan.until > at && !plan.takes_back);
        let plans = plans.filter(is_newest).filter(is_own);
        let mut plans =
            plans.filter(|plan| !values.is_empty() && was_judged(plan) && is_taken_back(plan)).filter(is_of_state);
        plans.next().map(|plan| PlanReturn { sequence: plan.sequence, until: plan.until })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Digest, PlanValue, RecordedPlace};
    use super::{AllowedPlan, AllowedPlans};
    use crate::time::instant::Instant;

    /// A plan that was allowed, for a state or for one that is not known.
    fn plan(sequence: u64, attribute: &str, state: Option<&str>) -> AllowedPlan {
        AllowedPlan {
            sequence,
            until: Instant::from_second(100),
            repository: None,
            reached: vec![production()],
            takes_back: false,
            values: vec![value(attribute, "old", "new")],
            state: state.map(|name| Digest::of(name.as_bytes())),
            brought: Vec::new(),
            replaced_by: None,
        }
    }

    fn value(attribute: &str, before: &str, after: &str) -> PlanValue {
        PlanValue {
            address: "aws_dynamodb_table.chats".to_owned(),
            attribute: attribute.to_owned(),
            before: Digest::of(before.as_bytes()),
            after: Digest::of(after.as_bytes()),
        }
    }

    fn production() -> RecordedPlace {
        RecordedPlace { environment: "production".to_owned(), region: None, service: None }
    }

    /// The plan that one of `state` takes back which brings the attribute `a` back.
    fn taken_back(plans: &[AllowedPlan], state: Option<&str>) -> Option<u64> {
        let known = AllowedPlans { plans: plans.to_vec(), ..AllowedPlans::default() };
        let state = state.map(|name| Digest::of(name.as_bytes()));
        let back =
            known.taken_back(None, (&[value("a", "new", "old")], state), &[production()], Instant::from_second(50));
        back.map(|one| one.sequence)
    }

    #[test]
    fn a_plan_of_another_state_is_not_taken_back() {
        for (of_plan, asked, expected) in [
            (Some("one"), Some("one"), Some(1)),
            (Some("one"), Some("other"), None),
            // who does not know the state is not locked out
            (None, Some("one"), Some(1)),
            (Some("one"), None, Some(1)),
            (None, None, Some(1)),
        ] {
            assert_eq!(taken_back(&[plan(1, "a", of_plan)], asked), expected, "{of_plan:?} {asked:?}");
        }
    }

    #[test]
    fn a_plan_that_was_judged_twice_is_of_the_state_that_is_known_of_one() {
        for twice in [[None, Some("one")], [Some("one"), None]] {
            let plans = [plan(1, "a", twice[0]), plan(2, "a", twice[1])];
            assert_eq!(taken_back(&plans, Some("one")), Some(2), "{twice:?}");
            assert_eq!(taken_back(&plans, Some("other")), None, "{twice:?}");
            assert_eq!(taken_back(&plans, None), Some(2), "{twice:?}");
        }
        // of another plan nothing is told
        assert_eq!(taken_back(&[plan(1, "a", None), plan(2, "b", Some("other"))], Some("one")), Some(1));
    }
}
