//! What the evidence of a change shows, target by target.

use std::collections::HashSet;
use std::sync::Arc;

use crate::pattern::TooManyWays;
use crate::policy::Environment;
use crate::reach::{Misdirected, Reached};

/// How many different things one change may show before it is taken for an attack: each is kept, paths are not.
pub const MAX_HITS: usize = 10_000;

/// Everything that the evidence shows.
#[derive(Debug, Default)]
pub struct Shown {
    /// What is reached, each once, with the first path or ref that showed it.
    pub hits: Vec<Hit>,
    /// Names that no table has, and links to where no target looks.
    pub unknown: Vec<Misdirected>,
    /// Files of the policy itself.
    pub policy_files: Vec<String>,
    /// How many paths were looked at.
    pub paths: u64,
    /// What parts of the change say of themselves; each hit is held against that of its own part.
    pub said: Vec<Said>,
    /// What the part at hand says: its place in `said`.
    pub(super) speaker: Option<usize>,
    pub(super) known: HashSet<Key>,
}

/// What a part of a change, such as one ref of a push, says of itself.
#[derive(Debug, Clone)]
pub struct Said {
    /// The environments that it says it goes to.
    pub environments: Vec<Arc<Environment>>,
    /// Where it says so, for people, such as "the trailer `Environment: staging` of 8c1d0e2".
    pub place: String,
}

/// By which a hit is told from others: the target, what the part of the change says, and what the target took from the path
/// and from the ref.
pub(super) type Key = (usize, Option<usize>, Vec<Vec<u8>>);

impl Shown {
    /// Whether this was not shown before.
    pub(super) fn is_new(&mut self, key: Key) -> Result<bool, ShownError> {
        if self.known.contains(&key) {
            return Ok(false);
        }
        if self.known.len() >= MAX_HITS {
            return Err(ShownError::TooManyHits);
        }
        Ok(self.known.insert(key))
    }

    /// Takes what comes from here on as shown by a part of the change that says this of itself, or nothing.
    pub fn part(&mut self, said: Option<Said>) {
        self.speaker = said.map(|said| {
            let same = |known: &Said| {
                known.environments.len() == said.environments.len()
                    && known.environments.iter().zip(&said.environments).all(|(a, b)| Arc::ptr_eq(a, b))
            };
            self.said.iter().position(same).unwrap_or_else(|| {
                self.said.push(said);
                self.said.len() - 1
            })
        });
    }
}

/// One thing that is reached.
#[derive(Debug)]
pub struct Hit {
    /// What.
    pub reached: Reached,
    /// Whether the target says `environment = "*"`, which is judged and never mismatched.
    pub every: bool,
    /// Whether the target names or captures the region, rather than reaching all of the environment's.
    pub named_region: bool,
    /// What the part of the change that shows it says of itself: the place in [`Shown::said`].
    pub speaker: Option<usize>,
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
