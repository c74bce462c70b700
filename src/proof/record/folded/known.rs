//! What is known of repositories, environments and refs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::by_repository::ByRepository;
use super::kept_state::Point;
use super::states::StateList;
use crate::policy::OrganisationVersion;
use crate::time::instant::Instant;

/// The text that begins the name of a branch.
pub(super) const BRANCHES: &str = "refs/heads/";

/// The known facts about one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AboutRepository {
    /// The time when the first decision about it was made, in seconds since 1970-01-01T00:00:00Z.
    pub(super) begins: Instant,
    /// True if an administrator's policy decided about a change of it, so that edits of its own policy may not have been judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) unjudged_edits: bool,
    /// The organisation's policy that the last enforced decision followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) organisation: Option<OrganisationVersion>,
}

/// The known facts about one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvironmentStates {
    /// By the names of [`Chain`](super::Chain)s.
    pub(super) refs: ByRepository<RefStates>,
    /// The number of the last decision that made a state, by whatever repository and ref, if it made no other.
    pub(super) brought: Option<u64>,
    /// The state that the newest allowed decision brought here, by whatever repository.
    pub(super) newest: Option<NewestAllowed>,
    /// Since when nothing is forgotten that a rollback would have to know, in seconds since 1970-01-01T00:00:00Z.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) complete_since: Option<Instant>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) forgot_branches: bool,
    /// True if refs that are no branches were forgotten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) forgot_others: bool,
}

/// The last allowed state of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewestAllowed {
    pub(super) sequence: u64,
    pub(super) repository: Option<String>,
    /// By which policy, see [`JudgedBy`](super::JudgedBy).
    pub(super) policy: String,
    /// The commits of which all of the tree was judged, each with its scope behind it if that was not plainly, and the ref that each was
    /// brought by.
    pub(super) whole: BTreeMap<String, Option<String>>,
}

/// The known facts about an environment by one [`Chain`](super::Chain).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefStates {
    /// The number of the last decision.
    pub(super) decided: u64,
    pub(super) first: FirstComparison,
    /// The state that the first decision on the whole tree was compared with, if one before it judged paths alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) first_tree_wide: Option<FirstComparison>,
    /// The states that were allowed, the oldest first.
    pub(super) states: StateList,
    /// The policy that judged the newest state, see [`JudgedBy`](super::JudgedBy); empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) policy: String,
}

/// The state that the first decision was compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstComparison {
    /// True if nobody knew what was there, so that everything counted as changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) everything: bool,
    /// True if paths alone were judged: then it is nothing to compare a whole tree with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) paths: bool,
    pub(super) base: Point,
}

/// The known facts about a branch, whatever it reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BranchStates {
    /// The number of the last decision.
    pub(super) decided: u64,
    /// The number of the last decision by which policies are read from it: then it is not forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) policy_at: Option<u64>,
    pub(super) first: FirstComparison,
    /// The newest state that was allowed, with the number of its decision.
    pub(super) newest: Option<(u64, Point)>,
    /// Everything that was refused since, the oldest first, of a branch that policies are read from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) refused: Vec<Point>,
    /// True if more was refused since than is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) forgot_refused: bool,
}

/// A commit, and its scope behind it if it was not judged plainly, see [`NewestAllowed::whole`].
pub(super) fn whole_name(commit: &str, scope: Option<&str>) -> String {
    scope.map_or_else(|| commit.to_owned(), |scope| format!("{commit} {scope}"))
}
