//! What is missing for a change to be a rollback.

use std::fmt;

use crate::hex::short_id;
use crate::policy::duration::spoken;
use crate::proof::rollback::former_state::Return;
use crate::proof::rollback::obstacle::Obstacle;
use crate::time::seconds::Seconds;

/// The thing that a change lacks to be a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// No files were compared, or nothing says what was there before.
    NoEvidence,
    /// No plan that was allowed lately is taken back, or more is done.
    NoPlan,
    /// Nothing is known of former states.
    NoHistory,
    /// Former states are known of decisions about everything, and none of those that were narrowed as this one is.
    Narrowed {
        /// The narrowing option, such as `region=eu`.
        by: String,
    },
    /// The log of a ref shows what that held, and another ref that is there may have brought the environment elsewhere.
    AnotherRef {
        /// That ref, for people.
        name: String,
    },
    /// The newest state that is known is not the one that the change replaces.
    Gap,
    /// No state before the current one is known that differs from it on these paths.
    NoFormerState,
    /// The state before is that there was nothing.
    Nothing,
    /// The state before was allowed for less than the change reaches.
    JudgedForLess {
        /// Its commit.
        commit: String,
        /// True if the change goes back to it.
        goes_back: bool,
    },
    /// The change goes back to the state before, and for what that was allowed can't be read.
    JudgeUnreadable {
        /// Its commit.
        commit: String,
        /// The reason, for people.
        cause: String,
    },
    /// The change opens something in the policy itself.
    Policy,
    /// It is of several parts that are not all the same: one is a return, another is not.
    Mixed,
    /// It differs from the state before.
    Differs {
        /// The state that would pass.
        from: Return,
        /// The place, one path of maybe several.
        at: String,
    },
    /// The state before was replaced too long ago.
    TooOld {
        /// Its commit.
        commit: String,
        /// Its age, in seconds.
        ago: Seconds,
        /// Its maximum age, in seconds.
        within: Seconds,
    },
    /// The clock is behind the instant at which the state before was replaced.
    Clock,
    /// The state before was itself rolled back from.
    RolledBackFrom {
        /// Its commit.
        commit: String,
        /// The place where an earlier content was put back.
        at: String,
    },
    /// Something that would have to be compared can't be read.
    Unreadable(String),
    /// There is more to compare than is looked at.
    TooMuch {
        /// The things of which there are too many, such as `paths`.
        what: &'static str,
        /// The most that is looked at.
        limit: u64,
    },
}

impl Missing {
    /// Returns whether the change goes back to the state before, but for what that was allowed.
    #[must_use]
    pub const fn is_of_a_return(&self) -> bool {
        matches!(self, Self::JudgedForLess { goes_back: true, .. } | Self::JudgeUnreadable { .. })
    }
}

impl From<Obstacle> for Missing {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::Unreadable(cause) => Self::Unreadable(cause),
            Obstacle::TooMuch { what, limit } => Self::TooMuch { what, limit },
        }
    }
}

/// For people; paths and reasons from outside are escaped by whoever compares.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEvidence => f.write_str("no record, reflog or range shows the previous state"),
            Self::NoPlan => f.write_str(
                "the plan does not take back, in place and with nothing else, what the record knows of a plan that was allowed within `[rollback] within`",
            ),
            Self::NoHistory => f.write_str("no earlier state is known: neither an enforced decision of a record nor a reflog has one"),
            Self::Narrowed { by } => write!(
                f,
                "no former state is known of jobs that say `{by}`, only of jobs that name no region, service or kind: ask as they do"
            ),
            Self::AnotherRef { name } => write!(
                f,
                "`{name}` reaches the environment too, and a reflog shows one ref: keep a record (`freezegate hook install --record FILE`)"
            ),
            Self::Gap => f.write_str("the newest state that is known is not the one that would be replaced"),
            Self::NoFormerState => f.write_str("no state before the current one is known"),
            Self::Nothing => f.write_str("there is nothing to go back to"),
            Self::JudgedForLess { commit, .. } => write!(
                f,
                "{}, the state before, was not judged for all that this change reaches: the policy leads its paths to more since then, or a part alone was judged",
                short_id(commit)
            ),
            Self::JudgeUnreadable { commit, cause } => {
                write!(f, "by what policy {}, the state before, was judged can't be read: {cause}", short_id(commit))
            }
            Self::Policy => f.write_str("the change also edits the policy, and that opens something"),
            Self::Mixed => f.write_str("a part of the change goes back, another does not"),
            Self::Differs { from, at } => {
                write!(f, "it differs from {}, the state before, at `{at}`", short_id(&from.commit))
            }
            Self::TooOld { commit, ago, within } => write!(
                f,
                "{}, the state before, was replaced {} ago; `[rollback] within` is {}",
                short_id(commit),
                spoken(*ago),
                spoken(*within)
            ),
            Self::Clock => f.write_str("the clock is behind the instant at which the state before was replaced"),
            Self::RolledBackFrom { commit, at } => {
                write!(f, "{}, the state before, was itself rolled back from, at `{at}`", short_id(commit))
            }
            Self::Unreadable(cause) => write!(f, "former states can't be read: {cause}"),
            Self::TooMuch { what, limit } => write!(
                f,
                "there are more than {limit} {what} to compare; an override (`freezegate grant new`) lets the change through"
            ),
        }
    }
}
