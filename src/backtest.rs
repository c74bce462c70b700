//! A policy over changes of the past: what it would have refused, and what that would have cost.
//!
//! Each change is judged as [`crate::decision::Schedule::decide_at`] would, but windows are laid out once for all changes that reach the
//! same, a year at a time: a million changes take seconds. Nothing is asked of the world: what the changes are is handed over.

use std::sync::Arc;

use crate::decision::FindingCode;
use crate::diagnostic::Place;
use crate::policy::{FindingId, KindSet, Level};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

pub mod incidents;
pub mod judging;
mod lane;
pub mod replay;
pub mod rows;
pub mod tally;

/// A change of the past.
#[derive(Debug, Clone)]
pub struct PastChange {
    /// The time when it went, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// The time that it took, in seconds, if that is known. Never shorter than the environment's own duration.
    pub duration: Option<Seconds>,
    /// The places that it reaches.
    pub profile: Arc<Profile>,
    /// Its name in its history, such as the first digits of a commit.
    pub name: Option<String>,
}

/// The common properties of changes that meet the same windows.
#[derive(Debug)]
pub struct Profile {
    /// Each environment in one region that they reach, by its number.
    pub(crate) lanes: Vec<usize>,
    /// The number of the environment of each lane in the policy, and that of its region there.
    pub(crate) places: Vec<(usize, Option<usize>)>,
    /// The windows that refuse them at any hour, by the numbers of [`PastWindow`]s.
    pub(crate) standing: Vec<usize>,
    /// Their kinds, declared and shown.
    pub(crate) kinds: KindSet,
}

/// The hypothetical outcome of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PastVerdict {
    /// It reaches no environment.
    ReachesNothing,
    /// It would have been allowed.
    Allowed,
    /// It would have been refused.
    Refused(PastRefusal),
}

/// The reason why a change would have been refused, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRefusal {
    /// The windows that refuse it, by the numbers of [`PastWindow`]s, sorted.
    pub windows: Vec<usize>,
    /// For each lane of the profile, whether a window closes it.
    pub closed: Vec<bool>,
    /// The first instant at which it would have been allowed, in seconds since 1970-01-01T00:00:00Z; `None` if there is none within
    /// [`crate::decision::HORIZON`], or if something refuses it at any hour.
    pub next_open: Option<Instant>,
}

/// Something that refuses changes of the past: a window, or a finding that does not depend on the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastWindow {
    /// Its sort.
    pub code: FindingCode,
    /// By what a grant names it, such as `core-hours/us`.
    pub id: FindingId,
    /// Its effect.
    pub level: Level,
    /// The line of the policy, if one is meant.
    pub place: Option<Place>,
    /// As the policy wrote it; empty for what does not depend on the time.
    pub text: String,
    /// The reason why the policy has it, in its own words.
    pub reason: Option<String>,
}
