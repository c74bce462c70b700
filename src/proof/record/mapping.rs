//! What a policy mapped where when it judged a state, part by part.
//!
//! A state is one of an environment only as far as it was judged for it. A policy that maps more since then, by another target or to
//! another region, asks about states that nobody judged there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::policy::mapping::OneOfParts;

/// The most parts that an entry lists. Of a policy with more, a state counts as long as none of them differs.
pub const MOST_MAPPING_PARTS: usize = 2_000;

/// What a policy maps where, in the parts of [`PolicyMapping`](crate::policy::mapping::PolicyMapping).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The digest of all parts.
    digest: Digest,
    /// The parts, sorted; `None` where the record has listed them before, and where they are more than [`MOST_MAPPING_PARTS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<BTreeSet<String>>,
}

/// What a change needs a policy to have mapped for a state to be one of what it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingNeed {
    digest: Digest,
    parts: Vec<OneOfParts>,
}

impl Mapping {
    /// That of a policy with these parts, see [`PolicyMapping`](crate::policy::mapping::PolicyMapping).
    ///
    /// ```
    /// use freezegate::policy::mapping::OneOfParts;
    /// use freezegate::proof::record::Mapping;
    ///
    /// let before = Mapping::of(["production in eu", "deploy/** to production"].map(String::from));
    /// let after = Mapping::of(["production in eu", "deploy/** to production", "web/** to production"].map(String::from));
    /// let part = |name: &str| OneOfParts { any: vec![name.to_owned()], or_not: None };
    /// assert!(before.covers(&after.need([part("production in eu"), part("deploy/** to production")])));
    /// assert!(!before.covers(&after.need([part("production in eu"), part("web/** to production")])));
    /// ```
    #[must_use]
    pub fn of(parts: impl IntoIterator<Item = String>) -> Self {
        let parts: BTreeSet<String> = parts.into_iter().collect();
        let all: Vec<&str> = parts.iter().map(String::as_str).collect();
        Self {
            digest: Digest::of(all.join("\n").as_bytes()),
            parts: (parts.len() <= MOST_MAPPING_PARTS).then_some(parts),
        }
    }

    /// What this policy needs of that of a state, for what is reached by these parts.
    #[must_use]
    pub fn need(&self, parts: impl IntoIterator<Item = OneOfParts>) -> MappingNeed {
        MappingNeed { digest: self.digest, parts: parts.into_iter().collect() }
    }

    /// Whether all that is needed was mapped alike. Where the parts are not listed, all of the policy has to be.
    #[must_use]
    pub fn covers(&self, need: &MappingNeed) -> bool {
        let has = |parts: &BTreeSet<String>| {
            need.parts.iter().all(|one| {
                one.any.iter().any(|part| parts.contains(part))
                    || one.or_not.as_ref().is_some_and(|part| !parts.contains(part))
            })
        };
        self.digest == need.digest || self.parts.as_ref().is_some_and(has)
    }

    /// The digest of all parts.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether it lists its parts.
    pub(super) const fn has_parts(&self) -> bool {
        self.parts.is_some()
    }

    /// The same, as a record keeps it that has listed the parts before.
    #[must_use]
    pub fn without_parts(self) -> Self {
        Self { parts: None, ..self }
    }
}
