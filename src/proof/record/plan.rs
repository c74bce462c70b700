//! A plan of infrastructure that was judged, by digests.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::change::TerraformPlan;
use crate::change::plan::PlannedAction;

/// The most values that an entry keeps of a plan. Of one with more nothing can be shown to go back.
pub const MOST_PLAN_VALUES: usize = 200;

/// The most values of which an entry keeps that a plan replaces them, beside those of [`JudgedPlan::values`].
pub const MOST_REPLACED_VALUES: usize = 20_000;

/// The most bytes of the address and the attribute of a value that is kept.
const MAX_VALUE_NAME_BYTES: usize = 1_000;

/// A plan that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgedPlan {
    /// How many changes it has.
    pub changes: u64,
    /// Of an allowed plan, what its updates in place make of which value; empty for one that was only proposed, and of more than
    /// [`MOST_PLAN_VALUES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<PlanValue>,
    /// The [`Fingerprint`]s of the other values that an allowed plan replaces, also by one that is known only after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Fingerprint>,
    /// Whether an allowed plan replaces more than [`MOST_REPLACED_VALUES`], so that `replaced` is empty.
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
    /// What is kept of a plan, with its values if `is_applied`.
    #[must_use]
    pub fn new(plan: &TerraformPlan, is_applied: bool) -> Self {
        let changes = u64::try_from(plan.changes.len()).unwrap_or(u64::MAX);
        if !is_applied {
            return Self { changes, values: Vec::new(), replaced: Vec::new(), is_cut: false };
        }
        let values = PlanValue::of(plan);
        let is_kept = values.len() <= MOST_PLAN_VALUES
            && values.iter().all(|value| value.address.len() + value.attribute.len() <= MAX_VALUE_NAME_BYTES);
        let values = if is_kept { values } else { Vec::new() };
        let known: HashSet<Fingerprint> = values.iter().map(|value| Fingerprint::of(&value.before)).collect();
        let attributes = plan.changes.iter().flat_map(|change| &change.attributes);
        let before = attributes.filter_map(|attribute| attribute.before.as_ref());
        let replaced: BTreeSet<Fingerprint> =
            before.map(|before| Fingerprint::of(&Digest::from_bytes(**before))).collect();
        let mut replaced: Vec<Fingerprint> = replaced.into_iter().filter(|one| !known.contains(one)).collect();
        let is_cut = replaced.len() > MOST_REPLACED_VALUES;
        if is_cut {
            replaced.clear();
        }
        Self { changes, values, replaced, is_cut }
    }
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

    /// Whether this makes of the same attribute what it was before `other`.
    #[must_use]
    pub fn takes_back(&self, other: &Self) -> bool {
        self.address == other.address && self.attribute == other.attribute && self.after == other.before
    }
}
