//! The former state that a change returns to.

use crate::time::instant::Instant;

/// The state that the current one can be rolled back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// Its commit.
    pub commit: String,
    /// The first instant at which it can't be returned to any more, in seconds since 1970-01-01T00:00:00Z.
    pub until: Instant,
}
