//! What is known of a former state.

use crate::change::git::ReflogEntry;
use crate::diagnostic::Place;
use crate::proof::rollback::FormerState;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

/// A former state.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct KnownFormerState {
    pub(crate) state: FormerState,
    /// Its tree, where that was written down too.
    pub(crate) tree: Option<String>,
    pub(crate) judged: JudgedThen,
}

/// The way in which a former state was judged.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum JudgedThen {
    /// Not for what is asked about.
    ForLess,
    /// By a decision that is recorded.
    Recorded {
        /// The digest of the policy, and the commit that it was read from.
        policy: (String, Option<String>),
        /// True if for everything, as a whole tree, rather than by targets.
        whole: bool,
    },
    /// By whatever moved the ref then.
    Logged(ReflogEntry),
}

/// The paths in question.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PathsInQuestion {
    /// All.
    Whole,
    /// Those by which these targets are reached.
    Targets(HashSet<Place>),
    /// These, and these paths of files that `[routes]` guards.
    WithRoutes(HashSet<Place>, Rc<BTreeSet<Vec<u8>>>),
}

impl PathsInQuestion {
    /// The targets whose paths are in question; `None` if all paths are.
    pub(crate) const fn targets(&self) -> Option<&HashSet<Place>> {
        match self {
            Self::Whole => None,
            Self::Targets(places) | Self::WithRoutes(places, _) => Some(places),
        }
    }

    /// Returns whether the path of a file that `[routes]` guards is in question.
    pub(crate) fn is_routes(&self, path: &[u8]) -> bool {
        match self {
            Self::Whole | Self::Targets(_) => false,
            Self::WithRoutes(_, paths) => paths.contains(path),
        }
    }
}

/// The places of one environment that a change reaches.
#[derive(Default)]
pub(crate) struct ReachedParts<'r> {
    pub(crate) regions: HashSet<&'r str>,
    pub(crate) services: HashSet<&'r str>,
}
