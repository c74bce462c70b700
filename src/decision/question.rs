//! What a policy is asked.

use crate::decision::Granted;
use crate::policy::{Environment, Policy};
use crate::reach::{Declared, Reach};
use crate::time::seconds::Seconds;

/// A question to a policy.
#[derive(Debug, Clone, Copy)]
pub struct DecisionQuestion<'q> {
    /// The policy.
    pub policy: &'q Policy,
    /// The places that the change reaches.
    pub reach: &'q Reach,
    /// Its declaration.
    pub declared: &'q Declared,
    /// The time that it takes, in seconds, if it says so. Never shorter than the environment's own duration,
    /// as what a change says of itself can't open anything.
    pub duration: Option<Seconds>,
    /// Everything that somebody lifted.
    pub granted: &'q [Granted],
}

impl DecisionQuestion<'_> {
    /// Returns how long the change is taken to last in `environment`, in seconds.
    #[must_use]
    pub fn duration_in(&self, environment: &Environment) -> Seconds {
        self.duration.unwrap_or(Seconds::ZERO).max(environment.duration)
    }

    /// Returns how long must stay open from the start of the change on, in seconds.
    pub(super) fn runway(&self, environment: &Environment) -> Seconds {
        self.duration_in(environment).saturating_add(self.settle_in(environment))
    }

    /// Returns how long `environment` must stay open after the change, in seconds: as it says, or a hazard of the change if that is more.
    #[must_use]
    pub fn settle_in(&self, environment: &Environment) -> Seconds {
        self.reach.settle_in(self.policy, environment)
    }
}
