//! The state that the entries of a record add up to: everything that a decision needs to know about earlier decisions.
//!
//! A record grows without limit; this state does not. For each environment and ref it holds the states that a change can be
//! compared with or roll back to, and those before them, however old, up to [`MOST_FORMER_STATES`]: what was taken back is not new. At
//! least the [`MOST_REFS`] refs of an environment that were decided about last are kept; if others were dropped, a flag says so.
//!
//! It depends on the entries alone, so an entry can hold its digest ([`Entry::folded`](super::Entry::folded)), and anybody who
//! reads all entries can verify it.

mod add;
mod by_repository;
mod chain;
mod plans;
mod ref_states;
mod states;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Digest, PlanValue, Reached, RecordError};
use crate::policy::OrganisationVersion;
use by_repository::ByRepository;
pub use chain::Chain;
use plans::AllowedPlans;
pub use plans::{MOST_PLANS, PlanReturn};
use states::StateList;
pub use told::{Base, Current, Extent, JudgedBy, State, narrowing_covers, narrowings_overlap};

/// The most refs of one environment that are known: of branches, and of all other refs.
///
/// Up to twice as many are kept before the ones that were decided about least recently are forgotten, so that each is looked
/// at a constant number of times.
pub const MOST_REFS: usize = 500;

/// The most states of one environment and ref that are known.
pub const MOST_FORMER_STATES: usize = 10_000;

/// The most states of a branch that are known to be refused since one was allowed.
pub const MOST_REFUSED: usize = 1_000;

/// How long states that were replaced are kept where an entry does not say, in seconds: as long as `[rollback] within` is if it
/// is left out.
const WITHIN: i64 = 72 * 3600;

/// The name of the form that the folded state is kept in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum FoldedSchema {
    #[default]
    #[serde(rename = "freezegate/record-state/v5")]
    V3,
}

/// The state that the entries of a record add up to: everything that a decision needs to know about earlier decisions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folded {
    schema: FoldedSchema,
    /// The number of the last entry; 0 if there is none.
    sequence: u64,
    /// The hash of the last entry.
    last: Option<Digest>,
    /// The newest instant of all decisions, in seconds since 1970-01-01T00:00:00Z.
    newest: Option<i64>,
    /// The ids of the grants that are spent.
    spent: BTreeSet<String>,
    /// The repositories that entries name, the empty name standing for those that name none.
    repositories: BTreeMap<String, AboutRepository>,
    /// The number of refused pushes of each person that are recorded in the hour of the newest one.
    #[serde(default)]
    refusals: Refusals,
    environments: BTreeMap<String, EnvironmentStates>,
    branches: ByRepository<BranchStates>,
    /// The plans that were allowed lately, the oldest first.
    #[serde(default, skip_serializing_if = "AllowedPlans::is_empty")]
    plans: AllowedPlans,
    /// True if branches were forgotten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    forgot_branches: bool,
    /// The person who asks; `None`: the states of all repositories are told.
    #[serde(skip)]
    asked_by: Option<String>,
}

/// The known facts about one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AboutRepository {
    /// The time when the first decision about it was made, in seconds since 1970-01-01T00:00:00Z.
    begins: i64,
    /// True if an administrator's policy decided about a change of it, so that edits of its own policy may not have been judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unjudged_edits: bool,
    /// The organisation's policy that the last enforced decision followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationVersion>,
}

/// The refused pushes of one hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusals {
    /// The number of the hour since 1970-01-01T00:00:00Z.
    hour: i64,
    /// The number of recorded ones, by person; empty stands for those whose names are not known, or not kept.
    by_person: BTreeMap<String, u64>,
}

/// The known facts about one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentStates {
    /// By the names of [`Chain`]s.
    refs: ByRepository<RefStates>,
    /// The number of the last decision that made a state, by whatever repository and ref, if it made no other.
    brought: Option<u64>,
    /// The state that the newest allowed decision brought here, by whatever repository.
    newest: Option<NewestAllowed>,
    /// Since when nothing is forgotten that a rollback would have to know, in seconds since 1970-01-01T00:00:00Z.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    complete_since: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    forgot_branches: bool,
    /// True if refs that are no branches were forgotten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    forgot_others: bool,
}

/// The last allowed state of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewestAllowed {
    sequence: u64,
    repository: Option<String>,
    /// By which policy, see [`JudgedBy`].
    policy: String,
    /// The commits of which all of the tree was judged, each with its scope behind it if that was not plainly, and the ref that each was
    /// brought by.
    whole: BTreeMap<String, Option<String>>,
}

/// The known facts about an environment by one [`Chain`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RefStates {
    /// The number of the last decision.
    decided: u64,
    first: FirstComparison,
    /// The state that the first decision on the whole tree was compared with, if one before it judged paths alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_tree_wide: Option<FirstComparison>,
    /// The states that were allowed, the oldest first.
    states: StateList,
    /// By which policy the newest state was judged, see [`JudgedBy`]; empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    policy: String,
}

/// The state that the first decision was compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstComparison {
    /// True if nobody knew what was there, so that everything counted as changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    everything: bool,
    /// True if paths alone were judged: then it is nothing to compare a whole tree with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    paths: bool,
    base: Point,
}

/// A commit and its tree; neither where there is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Point {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tree: Option<String>,
}

/// A state that was allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptState {
    /// The number of the last decision that allowed it.
    sequence: u64,
    /// The time when it was first allowed, in seconds since 1970-01-01T00:00:00Z.
    at: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    rollback: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tree: Option<String>,
    /// True if it was judged as a whole tree, with nothing narrowed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    plain: bool,
    /// True if all of its tree was judged, if not plainly.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    tree_wide: bool,
    /// True if it has the tree of the state before it, and nothing else was brought to the environment between the two.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    repeats: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// By which policy it was judged, see [`JudgedBy`]; `None`: by that of the state before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    /// The state that it was compared with; `None`: the state before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Point>,
    /// The state of a server's ref when it was next asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Point>,
}

/// The known facts about a branch, whatever it reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BranchStates {
    /// The number of the last decision.
    decided: u64,
    /// The number of the last decision by which policies are read from it: then it is not forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy_at: Option<u64>,
    first: FirstComparison,
    /// The newest state that was allowed, with the number of its decision.
    newest: Option<(u64, Point)>,
    /// Everything that was refused since, the oldest first, of a branch that policies are read from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Point>,
    /// True if more was refused since than is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    forgot_refused: bool,
}

impl Folded {
    /// The number of the last entry; 0 if there is none.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The hash of the last entry.
    #[must_use]
    pub const fn last(&self) -> Option<Digest> {
        self.last
    }

    /// The bytes that are kept of it, which [`Folded::from_bytes`] reads: JSON in one line, the same for the same entries.
    ///
    /// # Errors
    ///
    /// [`RecordError::Encoding`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        serde_json::to_vec(self).map_err(|error| RecordError::Encoding(error.to_string()))
    }

    /// Reads what [`Folded::to_bytes`] wrote.
    ///
    /// Whether it is that of a record says only the digest of these bytes, where an entry of the record names it.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for people.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// The organisation's policy that the last enforced decision about the repository that asks followed.
    #[must_use]
    pub fn organisation(&self) -> Option<&OrganisationVersion> {
        let about = self.repositories.get(self.asked_by.as_deref().unwrap_or(""))?;
        about.organisation.as_ref()
    }

    /// The newest plan of which a plan with these values takes back some and changes nothing else, at an instant in seconds since
    /// 1970-01-01T00:00:00Z, in all places that it reaches. `state` is of where its state is kept, if that is known: a plan of another state
    /// does not count.
    #[must_use]
    pub fn plan_taken_back(
        &self,
        values: &[PlanValue],
        state: Option<Digest>,
        reached: &[Reached],
        at: i64,
    ) -> Option<PlanReturn> {
        self.plans.taken_back(self.asked_by.as_deref(), (values, state), reached, at)
    }

    /// The same, asked by the repository of this name: entries that name another one say nothing of its states.
    #[must_use]
    pub fn asked_by(self, repository: Option<String>) -> Self {
        Self { asked_by: repository, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Folded;

    #[test]
    fn bytes_are_read_back() {
        let empty = Folded::default();
        assert_eq!(Folded::from_bytes(&empty.to_bytes().unwrap_or_default()), Ok(empty));
        assert!(Folded::from_bytes(b"{}").is_err());
    }
}
