//! What the evidence of a change shows, target by target.

use std::collections::HashMap;

use crate::pattern::TooManyWays;
use crate::reach::{Misdirected, Reached};

/// How many different things one change may show before it is taken for an attack: each is kept, paths are not.
pub const MAX_HITS: usize = 10_000;

/// Everything that the evidence shows.
#[derive(Debug, Default)]
pub struct Shown {
    /// What is reached, each once, with the first path or ref that showed it.
    pub hits: Vec<Hit>,
    /// Names that no table has.
    pub unknown: Vec<Misdirected>,
    /// Files of the policy itself.
    pub policy_files: Vec<String>,
    /// How many paths were looked at.
    pub paths: u64,
    pub(super) known: HashMap<Key, ()>,
}

/// By which a hit is told from others: the target, and what it took from the path and from the ref.
pub(super) type Key = (usize, Vec<Vec<u8>>);

/// One thing that is reached.
#[derive(Debug)]
pub struct Hit {
    /// What.
    pub reached: Reached,
    /// Whether the target says `environment = "*"`, which is judged and never mismatched.
    pub every: bool,
    /// Whether the target names or captures the region, rather than reaching all of the environment's.
    pub named_region: bool,
}

/// Why what a change shows can't be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownError {
    /// A path that matches a pattern in too many ways.
    TooManyWays {
        /// The path.
        path: Vec<u8>,
        /// The ways.
        ways: TooManyWays,
    },
    /// More than [`MAX_HITS`] different things.
    TooManyHits,
}

impl std::fmt::Display for ShownError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooManyWays { path, ways } => write!(f, "`{}`: {ways}", path.escape_ascii()),
            Self::TooManyHits => write!(f, "the change shows more than {MAX_HITS} different places that it reaches"),
        }
    }
}

impl std::error::Error for ShownError {}
