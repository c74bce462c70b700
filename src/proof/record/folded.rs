//! The state that the entries of a record add up to: everything that a decision needs to know about earlier decisions.
//!
//! A record grows without limit; this state does not. For each environment and ref it holds the states that a change can be
//! compared with or roll back to, and those before them, however old, up to [`MOST_FORMER_STATES`]: what was taken back is not new. At
//! least the [`MOST_REFS`] refs of an environment that were decided about last are kept; if others were dropped, a flag says so.
//!
//! It depends on the entries alone, so an entry can hold its digest ([`RecordEntry::folded`](super::RecordEntry::folded)), and anybody who
//! reads all entries can verify it.

mod add;
mod by_repository;
mod chain;
mod kept_state;
mod known;
mod limits;
mod plans;
mod ref_states;
mod refusals;
mod state;
mod states;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Digest, PlanValue, RecordError, RecordedPlace};
use crate::policy::OrganisationVersion;
use crate::time::instant::Instant;
use by_repository::ByRepository;
pub use chain::Chain;
use known::{AboutRepository, BranchStates, EnvironmentStates};
pub use limits::{MOST_FORMER_STATES, MOST_REFS, MOST_REFUSED};
use plans::AllowedPlans;
pub use plans::{MOST_PLANS, PlanReturn};
use refusals::Refusals;
pub use state::{Current, Extent, JudgedBy, RecordedBase, RecordedState};
pub use told::{narrowing_covers, narrowings_overlap};

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
    newest: Option<Instant>,
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
        reached: &[RecordedPlace],
        at: Instant,
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
