//! A judgement, and the moment that it is of.

use crate::decision::openings::Opening;
use crate::decision::schedule::DecisionQuestion;
use crate::decision::standing::standing;
use crate::decision::{Decision, Schedule, TimelessFinding, Verdict};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::history::Back;
use crate::policy::Policy;
use crate::proof::record::{Folded, PlanReturn, RecordEntry};
use crate::proof::rollback::Rollback;
use crate::reach::{Declared, Reach};
use crate::report::UnfinishedGrant;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// The moment of a decision, with what is known then and not before.
pub(crate) struct DecisionMoment<'c> {
    /// The instant that is decided about.
    pub(crate) at: Instant,
    /// What is to be said of the clock.
    pub(crate) clock: Option<TimelessFinding>,
    /// All that was decided before, where there is a record.
    pub(crate) folded: Option<&'c Folded>,
}

/// A decision, and the openings ahead where they were asked for.
pub(crate) struct Outlook {
    pub(crate) decision: Decision,
    pub(crate) openings: Option<Vec<Opening>>,
    /// The time that a change may take at most, in seconds, if this one never opens.
    pub(crate) longest: Option<Seconds>,
    /// The reason why something that was brought along lifts nothing.
    pub(crate) notes: Vec<String>,
    /// The grants that were brought along and lack one thing.
    pub(crate) unfinished: Vec<UnfinishedGrant>,
    /// The verdict on a rollback, if that was examined.
    pub(crate) rollback: Option<Rollback>,
    /// The same for each environment.
    pub(crate) backs: Vec<Back>,
    /// The plan that is taken back, if the change is one that takes a plan back.
    pub(crate) plan_back: Option<PlanReturn>,
}

pub(crate) fn no_instant(error: TimeError) -> Faults {
    Faults::one(
        Diagnostic::error(Code::InvalidTimestamp, error.to_string())
            .help("ask about an instant in the years 1 to 9000"),
    )
}

/// The verdict on what a change reaches at an instant, if it takes so long in seconds.
pub(crate) fn verdict(
    policy: &Policy,
    declared: &Declared,
    reach: &Reach,
    (at, duration): (Instant, Option<Seconds>),
) -> Result<Verdict, Faults> {
    let question = DecisionQuestion { policy, reach, declared, duration, granted: &[] };
    let decision = Schedule::decide_at(&question, &standing(reach), at).map_err(no_instant)?;
    Ok(decision.verdict)
}

/// The way in which a decision is kept.
#[derive(Clone, Copy, Default)]
pub(crate) struct DecisionKeeping<'k> {
    /// All that was decided before, where there is a record.
    pub(crate) folded: Option<&'k Folded>,
    /// The entry that holds it, if it is to be recorded.
    pub(crate) entry: Option<&'k RecordEntry>,
    /// True if there is no entry because the person has reached the limit of recorded refusals.
    pub(crate) is_left_out: bool,
}
