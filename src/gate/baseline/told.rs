//! What the record showed of one environment.

use crate::proof::record::{RecordedBase, RecordedState};

/// The source of the earlier state, besides the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provided {
    /// The command line, by a range.
    Range,
    /// A CI provider, which knows a commit and not whether it was judged.
    Before,
    /// Nobody: all of it counts as changed.
    Nothing,
}

/// [`RecordedBase`], without the folded that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ToldBase {
    Untold,
    Unknown,
    At { commit: Option<String>, tree: Option<String>, sequence: Option<u64> },
}

impl ToldBase {
    pub(crate) fn of(base: RecordedBase<'_>) -> Self {
        match base {
            RecordedBase::Untold => Self::Untold,
            RecordedBase::Unknown => Self::Unknown,
            RecordedBase::Known { commit, tree, allowed_by } => {
                Self::At { commit: commit.map(str::to_owned), tree: tree.map(str::to_owned), sequence: allowed_by }
            }
        }
    }

    pub(crate) fn at(state: RecordedState<'_>) -> Self {
        let own = |part: Option<&str>| part.map(str::to_owned);
        Self::At { commit: own(state.commit), tree: own(state.tree), sequence: Some(state.sequence) }
    }

    /// Returns whether both are the same state, whichever decision allowed it: jobs that start from one state do not conflict.
    pub(crate) fn is_same_state(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Untold, Self::Untold) | (Self::Unknown, Self::Unknown) => true,
            (Self::At { commit: one, tree, .. }, Self::At { commit: other, tree: other_tree, .. }) => {
                one == other && tree == other_tree
            }
            (Self::Untold | Self::Unknown | Self::At { .. }, Self::Untold | Self::Unknown | Self::At { .. }) => false,
        }
    }

    /// The number of the decision that allowed it.
    pub(crate) const fn sequence(&self) -> Option<u64> {
        match self {
            Self::At { sequence, .. } => *sequence,
            Self::Untold | Self::Unknown => None,
        }
    }
}

/// The state of one environment in the record.
#[derive(Debug)]
pub(crate) struct ToldOf {
    pub(crate) environment: String,
    /// The state that the changed ref brought it to, and by jobs with the same options.
    pub(crate) own: ToldBase,
    /// Everything that other refs, or other jobs, brought it to since.
    pub(crate) by_others: Vec<ToldBase>,
    /// The proposed states that jobs deployed there since.
    pub(crate) by_proposals: Vec<ToldBase>,
}

impl ToldOf {
    /// Returns whether both are the same states, whichever decisions allowed them.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let are_same = |one: &[ToldBase], other: &[ToldBase]| {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is_same_state(other))
        };
        self.own.is_same_state(&other.own)
            && are_same(&self.by_others, &other.by_others)
            && are_same(&self.by_proposals, &other.by_proposals)
    }
}

/// One state that an environment is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownBase {
    pub(crate) told: ToldBase,
    pub(crate) whose: Whose,
}

/// The ref or job that brought an environment to a state that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The one that is judged, or nobody.
    Own,
    /// Another one, and the record knows no state by the one that is judged: that is as if it were its own.
    OthersAlone,
    /// Another one too.
    Others,
    /// The one that is judged, but it brought another environment there: what the change reaches besides is compared with that.
    OwnElsewhere,
}

impl KnownBase {
    pub(crate) const fn own(told: ToldBase) -> Self {
        Self { told, whose: Whose::Own }
    }

    pub(crate) const fn by_others(told: ToldBase) -> Self {
        Self { told, whose: Whose::Others }
    }
}
