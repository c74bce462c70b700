//! A plan of infrastructure that was judged, by digests.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::change::TerraformPlan;
use crate::change::plan::{PlannedAction, SavedPlan, ValueDigest};

/// The most values that an entry keeps of a plan. Of one with more nothing can be shown to go back.
pub const MOST_PLAN_VALUES: usize = 200;

/// The most values of which an entry keeps that a plan replaces them.
pub const MOST_REPLACED_VALUES: usize = 20_000;

/// The most bytes of the address and the attribute of a value that is kept.
const MAX_VALUE_NAME_BYTES: usize = 1_000;

/// A plan that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgedPlan {
    /// The number of changes that it has.
    pub changes: u64,
    /// Of an allowed plan, what its updates in place make of which value; empty for the plan of a request, and of more than
    /// [`MOST_PLAN_VALUES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<PlanValue>,
    /// The digest of where the state is kept that an allowed plan was made for, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Digest>,
    /// The [`Fingerprint`]s of the values that an allowed plan replaces, by addresses alone: a resource may be replaced or moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Fingerprint>,
    /// The [`Fingerprint`]s of the values that `values` bring, of the same kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brought: Vec<Fingerprint>,
    /// True if an allowed plan replaces more than [`MOST_REPLACED_VALUES`], so that `replaced` is empty.
    #[serde(default, rename = "cut", skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

/// The first 10 hexadecimal digits of the digest of a value: enough to recognize one that was replaced, and digests differ by address and
/// attribute too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Fingerprint(String);

/// The digits of a [`Fingerprint`].
const FINGERPRINT_DIGITS: usize = 10;

impl Fingerprint {
    /// The fingerprint of a digest.
    #[must_use]
    pub fn of(value: &Digest) -> Self {
        Self(value.to_string().chars().take(FINGERPRINT_DIGITS).collect())
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == FINGERPRINT_DIGITS && text.bytes().all(is_digit) {
            return Ok(Self(text));
        }
        Err(format!("a fingerprint has {FINGERPRINT_DIGITS} hexadecimal digits"))
    }
}

/// An attribute that a plan changes in place. Sensitive ones are not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanValue {
    /// The address of the resource.
    pub address: String,
    /// The top-level attribute.
    pub attribute: String,
    /// The digest of its value before the change, with address and attribute.
    pub before: Digest,
    /// The digest of its value after it.
    pub after: Digest,
}

impl JudgedPlan {
    /// What is kept of a plan that was refused: it changes nothing.
    #[must_use]
    pub fn refused(plan: &TerraformPlan) -> Self {
        let changes = u64::try_from(plan.changes.len()).unwrap_or(u64::MAX);
        Self { changes, values: Vec::new(), state: None, replaced: Vec::new(), brought: Vec::new(), is_cut: false }
    }

    /// What is kept of the plan of a request that was allowed: its job may apply it, so that what it replaces is known; and it may not,
    /// so that nothing can be shown to take it back.
    #[must_use]
    pub fn proposed(plan: &TerraformPlan) -> Self {
        Self { values: Vec::new(), brought: Vec::new(), ..Self::applied(plan, None) }
    }

    /// What is kept of a plan that was allowed. `state`: of where its state is kept, see [`state_digest`].
    #[must_use]
    pub fn applied(plan: &TerraformPlan, state: Option<Digest>) -> Self {
        let values = PlanValue::of(plan);
        let is_kept = values.len() <= MOST_PLAN_VALUES
            && values.iter().all(|value| value.address.len() + value.attribute.len() <= MAX_VALUE_NAME_BYTES);
        let values = if is_kept { values } else { Vec::new() };
        let attributes = || plan.changes.iter().flat_map(|change| &change.attributes);
        let fingerprint = |value: &ValueDigest| Fingerprint::of(&Digest::from_bytes(*value));
        let mut replaced: BTreeSet<Fingerprint> =
            attributes().flat_map(|attribute| &attribute.replaced).map(fingerprint).collect();
        let is_cut = replaced.len() > MOST_REPLACED_VALUES;
        if is_cut {
            replaced.clear();
        }
        let brought = attributes().filter(|_| !values.is_empty()).flat_map(|attribute| &attribute.brought);
        let brought: BTreeSet<Fingerprint> = brought.map(fingerprint).collect();
        let (replaced, brought) = (replaced.into_iter().collect(), brought.into_iter().collect());
        let state = state.filter(|_| !values.is_empty());
        Self { values, state, replaced, brought, is_cut, ..Self::refused(plan) }
    }
}

/// The digest of where the state is kept that a plan in binary form was made for; `None` if that is not known.
#[must_use]
pub fn state_digest(plan: &SavedPlan) -> Option<Digest> {
    // a backend that is not known keeps its state somewhere
    let Ok(state) = plan.state() else { return None };
    Some(Digest::of(format!("freezegate-plan-state\n{state}").as_bytes()))
}

impl PlanValue {
    /// The values that the updates in place of a plan change, as far as they have digests.
    #[must_use]
    pub fn of(plan: &TerraformPlan) -> Vec<Self> {
        let updates = plan.changes.iter().filter(|change| change.action == PlannedAction::Update);
        let values = updates.flat_map(|change| {
            change.attributes.iter().filter_map(|attribute| {
                let [before, after] = **attribute.values.as_ref()?;
                Some(Self {
                    address: change.address.clone(),
                    attribute: attribute.name.to_string(),
                    before: Digest::from_bytes(before),
                    after: Digest::from_bytes(after),
                })
            })
        });
        values.collect()
    }

    /// The values of a plan that does nothing but change them in place; `None` if it does anything else, or not all of them are known.
    #[must_use]
    pub fn of_all(plan: &TerraformPlan) -> Option<Vec<Self>> {
        let is_known = plan.changes.iter().all(|change| {
            change.action == PlannedAction::Update
                && !change.is_unclear
                && change.attributes.iter().all(|attribute| attribute.values.is_some())
        });
        let is_alone = plan.moved == 0 && plan.imported == 0 && plan.deferred == 0 && !plan.is_empty();
        (is_known && is_alone).then(|| Self::of(plan))
    }

    /// Returns whether this makes of the same attribute what it was before `other`.
    #[must_use]
    pub fn takes_back(&self, other: &Self) -> bool {
        self.address == other.address && self.attribute == other.attribute && self.after == other.before
    }
}
