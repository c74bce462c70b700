//! Findings: what a change met.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::{FindingCode, FindingId, Level};
use crate::reach::routes::RouteProof;
use crate::reach::{Reached, ShownHazard};
use crate::time::instant::Instant;
use crate::time::zone::Zone;

/// One thing that the change met.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Its sort.
    pub code: FindingCode,
    /// By what a grant names it, such as `core-hours/us`.
    pub id: FindingId,
    /// Its level.
    pub level: Level,
    /// The environment, if one is meant.
    pub environment: Option<String>,
    /// The region, if one is meant.
    pub region: Option<String>,
    /// The path or ref that shows it, for findings that do not depend on the time.
    pub what: Option<String>,
    /// The window and its clock; `None` for findings that do not depend on the time.
    pub window: Option<Met>,
    /// The line of the policy.
    pub place: Option<Place>,
    /// Of a freeze that names hazards, those of them that a plan shows.
    pub hazards: Vec<ShownHazard>,
    /// The reason why the policy has it, in its own words.
    pub reason: Option<String>,
    /// The cause that lifts it, if anything does.
    pub lifted_by: Option<String>,
    /// Of a window that a roll-out holds back, its own level and when the next stage begins.
    pub held_back: Option<HeldBack>,
    /// The problem, for people.
    pub message: String,
    /// Of routes, a request and who answers it.
    pub proof: Option<RouteProof>,
}

impl Finding {
    /// Returns whether the change is refused because of it.
    #[must_use]
    pub const fn refuses(&self) -> bool {
        self.level.refuses() && self.lifted_by.is_none()
    }

    /// Returns whether it is about an environment, in a region, that the change reaches.
    #[must_use]
    pub fn is_about(&self, reached: &Reached) -> bool {
        let environment = self.environment.as_ref().is_none_or(|name| *name == reached.environment.name);
        let region = match (&self.region, &reached.region) {
            (Some(own), Some(other)) => *own == other.name,
            (None, Some(_) | None) => true,
            (Some(_), None) => false,
        };
        environment && region
    }
}

/// A window that is milder than the policy says, because the environment is rolled out by stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldBack {
    /// The level that the policy gives the window.
    pub own: Level,
    /// Its level from the next stage on that is stricter.
    pub next: Level,
    /// The time when that begins, in seconds since 1970-01-01T00:00:00Z.
    pub from: Instant,
    /// The place where the roll-out is written.
    pub place: Place,
}

/// The window that a change met.
#[derive(Debug, Clone)]
pub struct Met {
    /// As the policy wrote it, such as `Mon-Fri 08:00-18:00`.
    pub text: String,
    /// The first zone, in the order of the policy, that is in its window.
    pub zone: Arc<Zone>,
    /// The zone that keeps the window closed the longest: the clock to look at.
    pub last_zone: Arc<Zone>,
    /// The start of the closed span, all zones merged, in seconds since 1970; `None` if it began over 400 days ago.
    pub from: Option<Instant>,
    /// The end of the closed span; `None` if it is over 400 days away.
    pub until: Option<Instant>,
}
