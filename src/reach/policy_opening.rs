//! What an edit of the policy opens and somebody may override.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::{Environment, Level};

/// An opening by an edit of the policy in one environment, or in every one: `policy-change`.
#[derive(Debug, Clone)]
pub struct PolicyOpening {
    /// The environment; `None` for all of them, as when signers change.
    pub environment: Option<Arc<Environment>>,
    /// The strictest level of what opens.
    pub level: Level,
    /// The path of the policy.
    pub file: String,
    /// The line of the policy in force that is weakened, if there is one.
    pub place: Option<Place>,
    /// The problem, for people.
    pub message: String,
}
