//! An allowed state, as the record keeps it.

use serde::{Deserialize, Serialize};

use crate::time::instant::Instant;

/// A commit and its tree; neither where there is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Point {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tree: Option<String>,
}

/// A state that was allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptState {
    /// The number of the last decision that allowed it.
    pub(super) sequence: u64,
    /// The time when it was first allowed, in seconds since 1970-01-01T00:00:00Z.
    pub(super) at: Instant,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) rollback: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tree: Option<String>,
    /// True if it was judged as a whole tree, with nothing narrowed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) plain: bool,
    /// True if all of its tree was judged, if not plainly.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) tree_wide: bool,
    /// True if it has the tree of the state before it, and nothing else was brought to the environment between the two.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) repeats: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
    /// By which policy it was judged, see [`JudgedBy`](super::JudgedBy); `None`: by that of the state before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) policy: Option<String>,
    /// The state that it was compared with; `None`: the state before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) base: Option<Point>,
    /// The state of a server's ref when it was next asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seen: Option<Point>,
}
