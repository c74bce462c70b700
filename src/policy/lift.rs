//! Who may override what.

use crate::diagnostic::Place;
use crate::policy::freeze::{Freeze, FreezeScope};
use crate::policy::kind::Level;
use crate::time::seconds::Seconds;

/// The people who may lift findings of a level.
#[derive(Debug)]
pub struct Lift {
    /// The place where it begins in the file.
    pub place: Place,
    /// What it lifts.
    pub covers: LiftedFindings,
    /// One signature for each, all by different persons.
    pub signed: Vec<Signers>,
    /// True if an incident must be named.
    pub incident: bool,
    /// True if the requester may sign.
    pub requester: bool,
    /// True if who wrote the change may sign, also where they push it; then a grant lasts an hour at most.
    pub author: bool,
    /// The time that a grant may last at most, in seconds.
    pub max_duration: Option<Seconds>,
}

/// The findings that a lift is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LiftedFindings {
    /// All of this level.
    Level(Level),
    /// Edits of the policy, whatever their level: `finding = "policy-change"`.
    PolicyChange,
    /// Those of this level that a freeze gives which names hazards, and none but these, sorted: `hazards = ["data"]`.
    Hazards(Level, Vec<String>),
}

/// The requirements for overriding a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiftNeed {
    /// The level of the finding.
    pub level: Level,
    /// The sort of finding.
    pub sort: NeedSort,
}

/// The sort of finding to be overridden.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeedSort {
    /// An edit of the policy.
    PolicyChange,
    /// A finding of a freeze that names these hazards, sorted.
    Hazards(Vec<String>),
    /// Any other.
    Other,
}

/// The names of the hazards that a freeze names, sorted; `None` if it closes for whatever changes.
pub(super) fn hazards_of(freeze: &Freeze) -> Option<Vec<String>> {
    let FreezeScope::Only(hazards) = &freeze.hazards else {
        return None;
    };
    let mut names: Vec<String> = hazards.iter().map(|hazard| hazard.name.clone()).collect();
    names.sort_unstable();
    Some(names)
}

impl Lift {
    /// Returns whether it is for findings of `level`, edits of the policy aside, whatever gives them.
    #[must_use]
    pub fn is_of_level(&self, level: Level) -> bool {
        self.covers == LiftedFindings::Level(level)
    }

    /// Returns whether it is for a finding.
    #[must_use]
    pub fn is_for(&self, need: &LiftNeed) -> bool {
        match &need.sort {
            NeedSort::PolicyChange => self.is_for_policy_change(need.level),
            NeedSort::Hazards(hazards) => self.is_of_level(need.level) || self.is_of_hazards(need.level, hazards),
            NeedSort::Other => self.is_of_level(need.level),
        }
    }

    /// Returns whether it names all of `hazards` at this level.
    fn is_of_hazards(&self, level: Level, hazards: &[String]) -> bool {
        match &self.covers {
            LiftedFindings::Hazards(own, names) => *own == level && hazards.iter().all(|one| names.contains(one)),
            LiftedFindings::Level(_) | LiftedFindings::PolicyChange => false,
        }
    }

    /// Returns whether it names hazards, and all of those that a freeze of its level names.
    #[must_use]
    pub fn is_for_hazards_of(&self, freeze: &Freeze) -> bool {
        hazards_of(freeze).is_some_and(|hazards| self.is_of_hazards(freeze.level, &hazards))
    }

    /// Returns whether it is for an edit of the policy that opens something of `level`.
    #[must_use]
    pub fn is_for_policy_change(&self, level: Level) -> bool {
        match self.covers {
            LiftedFindings::Level(own) => own == level,
            LiftedFindings::PolicyChange => true,
            LiftedFindings::Hazards(..) => false,
        }
    }
}

/// The most signatures that a lift may ask for, as many as a grant may have.
pub const MOST_SIGNATURES: usize = 32;

/// The people whose signature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signers {
    /// Anyone of the roster.
    Any,
    /// A member of this group.
    Group(String),
}
