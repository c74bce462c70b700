//! What a plan would change, as facts.

use std::sync::Arc;

use crate::change::fact_value::FactValue;
use crate::fact::FactKey;
pub use crate::fact::PlannedAction;

/// The most bytes of a plan that are read: 512 MiB.
pub const MAX_PLAN_BYTES: u64 = 512 << 20;

/// The most changes of one plan.
pub const MOST_PLANNED_CHANGES: usize = 100_000;

/// SHA-256 of a value, with the address and the attribute that have it, and maybe the identity.
pub type ValueDigest = [u8; 32];

/// The changes of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerraformPlan {
    /// The changes, in the order of the plan. Reads, moves and imports without another change are none.
    pub changes: Vec<PlannedChange>,
    /// The number of resources that only get another address.
    pub moved: usize,
    /// The number of resources that are imported.
    pub imported: usize,
    /// The number of resources that were found to differ from the state already.
    pub drifted: usize,
    /// The number of `changes` that are deferred to a later plan.
    pub deferred: usize,
    /// True if the plan leaves out changes, as `-target` does.
    pub is_partial: bool,
    /// The release of the program that made it.
    pub made_by: Option<String>,
    /// The time when it was made, as it says itself; `None` for plans of old releases.
    pub timestamp: Option<String>,
}

/// One resource that a plan would change, or an action that it would invoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChange {
    /// Its address, such as `module.eu.aws_db_instance.this`.
    pub address: String,
    /// Its type, such as `aws_db_instance`.
    pub resource_type: Arc<str>,
    /// The address of its module; `None` for the root.
    pub module: Option<Arc<str>>,
    /// The name of its provider, such as `registry.terraform.io/hashicorp/aws`.
    pub provider: Option<Arc<str>>,
    /// The action.
    pub action: PlannedAction,
    /// The top-level attributes that differ, by name. Of what is created or deleted, all that have a value.
    pub attributes: Vec<PlannedAttribute>,
    /// True if it does not show which attributes differ, so that any may.
    pub is_unclear: bool,
    /// Further facts about where it is: of a plan, regions, accounts and the former address; of manifests, all that targets ask for.
    pub facts: Vec<(FactKey, FactValue)>,
}

/// A top-level attribute that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAttribute {
    /// Its name.
    pub name: Arc<str>,
    /// The digests by which the value that an update or a replacement does away with is known again: of the address and the value
    /// alone, and of the former address too. Of a value that is sensitive or not exact, one that stands for any value.
    pub replaced: Vec<ValueDigest>,
    /// The digests of the kind of `replaced` by which the value that an update in place brings is known, if it is that of one.
    pub brought: Vec<ValueDigest>,
    /// The digests of its value before and after, with the identity of the resource (`id`, `arn`, `self_link`, or what its provider
    /// calls one). Only updates in place have them, of values that are exact, known and not sensitive.
    pub values: Option<Box<[ValueDigest; 2]>>,
}

impl TerraformPlan {
    /// Returns whether nothing would be changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}
