//! What contradicts itself about where a change goes.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::{Environment, Policy, Region};

/// A contradiction about where a change goes.
#[derive(Debug, Clone)]
pub struct Misdirected {
    /// The environment, if one is known.
    pub environment: Option<Arc<Environment>>,
    /// The region, if one is known.
    pub region: Option<Arc<Region>>,
    /// The path or ref that shows it.
    pub what: Option<String>,
    /// The problem, for people.
    pub message: String,
    /// The line of the policy that says so.
    pub place: Place,
    /// Of a mismatch, the environments that this part of the change, such as a commit by its trailer, says of itself; empty where the
    /// declaration of the whole change is missed.
    pub said_by_part: Vec<Arc<Environment>>,
    /// The commit whose trailer that is, if it is not the newest one of the part.
    pub earlier_commit: Option<String>,
    /// The captured name that the policy does not define.
    pub undefined: Option<UndefinedName>,
}

/// A captured name that the policy does not define.
#[derive(Debug, Clone)]
pub struct UndefinedName {
    /// The kind that it would name.
    pub kind: NameKind,
    /// The name, as it was captured: text that others chose.
    pub written: String,
}

/// The kind of thing that a name in a path or ref can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// An environment.
    Environment,
    /// A region.
    Region,
    /// A service.
    Service,
}

impl NameKind {
    /// The word for one of them, such as `environment`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Region => "region",
            Self::Service => "service",
        }
    }

    /// The names that `policy` has for them, without aliases.
    #[must_use]
    pub fn names(self, policy: &Policy) -> Vec<&str> {
        match self {
            Self::Environment => policy.environments.iter().map(|one| one.name.as_str()).collect(),
            Self::Region => policy.regions.iter().map(|one| one.name.as_str()).collect(),
            Self::Service => policy.services.iter().map(|one| one.name.as_str()).collect(),
        }
    }
}
