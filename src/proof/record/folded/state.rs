//! States that were allowed, as a folded record shows them.

use super::super::{Decided, RecordedMode};
use super::known::FirstComparison;
use super::states::PointView;

use crate::time::instant::Instant;

/// A state that was allowed for an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedState<'f> {
    /// The number of the decision that allowed it; of those in a row that brought the same, the last.
    pub sequence: u64,
    /// The time when it was allowed, in seconds since 1970-01-01T00:00:00Z.
    pub from: Instant,
    /// The time when the next state was allowed, in seconds since 1970-01-01T00:00:00Z; `None` of the current one.
    pub until: Option<Instant>,
    /// By which way it was asked for.
    pub mode: RecordedMode,
    /// True if a job deployed what was only proposed for the ref, see [`Chain::proposed`](super::Chain::proposed).
    pub is_proposed: bool,
    /// True if it was a return to a state before, and shown to be one.
    pub is_rollback: bool,
    /// The ref that it was brought by, if one was given.
    pub reference: Option<&'f str>,
    /// The options that narrowed the decision, see [`RecordedChange::narrowed`](super::super::RecordedChange::narrowed).
    pub narrowed: Option<&'f str>,
    /// True if it was judged as a whole tree, with nothing narrowed.
    pub is_plain: bool,
    /// True if all of its tree was judged, and not just paths.
    pub is_tree_wide: bool,
    /// The scope that it was judged for, see [`RecordedChange::scope`](super::super::RecordedChange::scope).
    pub scope: Option<&'f str>,
    /// By which policy.
    pub judged_by: JudgedBy<'f>,
    /// The commit; `None` where the ref was deleted.
    pub commit: Option<&'f str>,
    /// Its tree.
    pub tree: Option<&'f str>,
    /// The commit that it was compared with.
    pub base_commit: Option<&'f str>,
    /// The tree of that.
    pub base_tree: Option<&'f str>,
    /// The commit and the tree that a server's ref held when it was next asked about, if it was.
    pub seen_next: Option<(Option<&'f str>, Option<&'f str>)>,
}

/// The last allowed state of an environment, if that is what was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current<'f> {
    /// The ref that it was brought by; `None` if it was by none.
    pub reference: Option<&'f str>,
    /// By which policy.
    pub judged_by: JudgedBy<'f>,
}

/// The policy that judged a state. A state counts for what that policy judged, and for no more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JudgedBy<'f> {
    /// Its digest, see [`Decided::policy`].
    pub digest: &'f str,
    /// The commit that it was read from, of decisions in a row by equal policies that of the first; `None` if it was an administrator's file,
    /// and in entries of older versions.
    pub commit: Option<&'f str>,
}

impl<'f> JudgedBy<'f> {
    /// As it is kept: `DIGEST/COMMIT`, or `DIGEST`.
    pub(super) fn text(decided: &Decided) -> String {
        match &decided.policy_commit {
            Some(commit) => format!("{}/{commit}", decided.policy),
            None => decided.policy.to_string(),
        }
    }

    pub(super) fn of_text(text: &'f str) -> Self {
        let (digest, commit) = text.split_once('/').map_or((text, None), |(digest, commit)| (digest, Some(commit)));
        Self { digest, commit }
    }

    /// Returns whether two texts name equal policies, and both or none where they came from.
    pub(super) fn is_same(one: &str, other: &str) -> bool {
        let [one, other] = [one, other].map(JudgedBy::of_text);
        one.digest == other.digest && one.commit.is_some() == other.commit.is_some()
    }
}

/// The part of a tree that a decision judges for an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it: a state of paths alone is not a state to compare with.
    Tree,
    /// The paths that targets name, or all of it, as the policy says: each state is one of these paths.
    Paths,
}

/// The state that the next change is compared with, as far as the record knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedBase<'f> {
    /// It says nothing of the environment: something else has to say.
    Untold,
    /// Nothing was allowed that it knows of, and something was refused of which nobody knew what was there before, or it may
    /// have forgotten the ref: everything counts as changed. Whatever else says what was there before may name the very thing
    /// that was refused.
    Unknown,
    /// This commit and tree; `None` where there is nothing, as of a ref that was deleted.
    Known {
        /// The commit.
        commit: Option<&'f str>,
        /// Its tree.
        tree: Option<&'f str>,
        /// The number of the decision that allowed it; `None` where nothing was allowed yet: then it is what the first decision,
        /// a refusal, was compared with.
        allowed_by: Option<u64>,
    },
}

impl<'f> RecordedBase<'f> {
    pub(super) fn of_first(first: &'f FirstComparison) -> Self {
        if first.everything { Self::Unknown } else { Self::at(first.base.view(), None) }
    }

    pub(super) const fn at((commit, tree): PointView<'f>, allowed_by: Option<u64>) -> Self {
        Self::Known { commit, tree, allowed_by }
    }
}
