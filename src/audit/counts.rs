//! How decisions came out, and how many did.

use std::fmt;

use crate::policy::Kind;
use crate::proof::record::{Decided, RecordedFinding, RecordedOutcome, RecordedStanding};

/// The most decisions that a report lists.
pub const MOST_DECISIONS: usize = 200_000;
/// The most bytes that the entries of these have together.
pub const MOST_DECISION_BYTES: usize = 128 << 20;
/// The most windows that are counted, each in each repository.
pub const MOST_AUDITED_WINDOWS: usize = 100_000;
/// The most repositories that are counted.
pub const MOST_REPOSITORIES: usize = 10_000;

/// A record holds more than a report can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditTooLarge {
    /// More than [`MOST_DECISIONS`], or more than [`MOST_DECISION_BYTES`].
    Decisions,
    /// More than [`MOST_AUDITED_WINDOWS`].
    Windows,
    /// More than [`MOST_REPOSITORIES`].
    Repositories,
}

impl fmt::Display for AuditTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decisions => write!(f, "more than {MOST_DECISIONS} decisions, or than 128 MiB of them"),
            Self::Windows => write!(f, "more than {MOST_AUDITED_WINDOWS} windows"),
            Self::Repositories => write!(f, "more than {MOST_REPOSITORIES} repositories"),
        }
    }
}

impl std::error::Error for AuditTooLarge {}

/// The way in which a decision came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuditOutcome {
    /// It was refused.
    Refused,
    /// It was allowed because somebody overrode what refused it.
    Overridden,
    /// It was allowed because a roll-out held back what would refuse it.
    WouldBeRefused,
    /// It was allowed.
    Allowed,
}

impl AuditOutcome {
    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Overridden => "overridden",
            Self::WouldBeRefused => "would-be-refused",
            Self::Allowed => "allowed",
        }
    }

    /// That of a recorded decision.
    #[must_use]
    pub fn of(decided: &Decided) -> Self {
        let any = |is_one: fn(&RecordedFinding) -> bool| decided.findings.iter().any(is_one);
        match decided.decision {
            RecordedOutcome::Refused => Self::Refused,
            RecordedOutcome::Allowed if any(RecordedFinding::is_overridden) => Self::Overridden,
            RecordedOutcome::Allowed if any(RecordedFinding::is_held_back) => Self::WouldBeRefused,
            RecordedOutcome::Allowed => Self::Allowed,
        }
    }
}

/// The number of decisions that came out in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditCounts {
    /// All.
    pub decisions: u64,
    /// Of these, by their outcome.
    pub refused: u64,
    /// Allowed by an override.
    pub overridden: u64,
    /// Allowed because of a roll-out.
    pub would_be_refused: u64,
    /// Those of verified rollbacks, whatever came out.
    pub rollbacks: u64,
    /// Those that are advice: the one asked could have chosen the policy.
    pub advice: u64,
}

impl AuditCounts {
    pub(super) fn add(&mut self, outcome: AuditOutcome, decided: &Decided) {
        let one = |count: &mut u64| *count = count.saturating_add(1);
        one(&mut self.decisions);
        match outcome {
            AuditOutcome::Refused => one(&mut self.refused),
            AuditOutcome::Overridden => one(&mut self.overridden),
            AuditOutcome::WouldBeRefused => one(&mut self.would_be_refused),
            AuditOutcome::Allowed => {}
        }
        if decided.kinds.contains(Kind::Rollback) {
            one(&mut self.rollbacks);
        }
        match decided.standing {
            RecordedStanding::Advice => one(&mut self.advice),
            RecordedStanding::Enforcement => {}
        }
    }
}
