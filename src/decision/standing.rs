//! Findings that do not depend on the time: what a change says against what it reaches, and the policy itself.

use crate::decision::FindingCode;
use crate::diagnostic::Place;
use crate::policy::{FindingId, Level};
use crate::reach::routes::{RouteConflict, RouteConflictSort, RouteProof};
use crate::reach::{Misdirected, PolicyOpening, Reach};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// A finding that does not depend on the time, such as a mismatch of what is said and what is reached.
#[derive(Debug, Clone)]
pub struct TimelessFinding {
    /// Its kind.
    pub code: FindingCode,
    /// Its level.
    pub level: Level,
    /// The environment.
    pub environment: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The path or ref that shows it.
    pub what: Option<String>,
    /// The line of the policy.
    pub place: Option<Place>,
    /// The problem, for people.
    pub message: String,
    /// Of routes, the host, a request, and who answers it.
    pub route: Option<(String, RouteProof)>,
}

/// The findings of `reach` that do not depend on the time.
#[must_use]
pub fn standing(reach: &Reach) -> Vec<TimelessFinding> {
    let misdirected = |code: FindingCode, item: &Misdirected| TimelessFinding {
        code,
        level: Level::Hard,
        environment: item.environment.as_ref().map(|environment| environment.name.clone()),
        region: item.region.as_ref().map(|region| region.name.clone()),
        what: item.what.clone(),
        place: Some(item.place),
        message: item.message.clone(),
        route: None,
    };
    let mismatched = reach.mismatched.iter().map(|item| misdirected(FindingCode::TargetMismatch, item));
    let unknown = reach.unknown.iter().map(|item| misdirected(FindingCode::UnknownTarget, item));
    let routes = reach.route_conflicts.iter().map(route_conflict);
    mismatched.chain(unknown).chain(reach.policy_openings.iter().map(policy_change)).chain(routes).collect()
}

/// The finding that the system's clock is wrong: the newest decision of the record is more than `tolerance` seconds ahead of
/// `now`. Windows that are over would still be believed to come, or be missed.
///
/// ```
/// use freezegate::decision::standing::clock;
/// use freezegate::time::instant::Instant;
/// use freezegate::time::seconds::Seconds;
///
/// let (now, later) = (Instant::from_second(100), Instant::from_second(101));
/// assert!(clock(now, Some(later), Seconds::ZERO).is_some());
/// assert!(clock(now, Some(later), Seconds::new(1)).is_none());
/// assert!(clock(now, Some(now), Seconds::ZERO).is_none() && clock(now, None, Seconds::ZERO).is_none());
/// ```
#[must_use]
pub fn clock(now: Instant, newest: Option<Instant>, tolerance: Seconds) -> Option<TimelessFinding> {
    let behind = newest?.since(now);
    (behind > tolerance).then(|| TimelessFinding {
        code: FindingCode::ClockBehind,
        level: Level::Hard,
        environment: None,
        region: None,
        what: None,
        place: None,
        message: format!(
            "this machine's clock is {} behind the newest entry of the record: one of them is wrong",
            crate::policy::duration::spoken(behind)
        ),
        route: None,
    })
}

fn policy_change(opening: &PolicyOpening) -> TimelessFinding {
    TimelessFinding {
        code: FindingCode::PolicyChange,
        level: opening.level,
        environment: opening.environment.as_ref().map(|environment| environment.name.clone()),
        region: None,
        what: Some(opening.file.clone()),
        place: opening.place,
        message: opening.message.clone(),
        route: None,
    }
}

fn route_conflict(conflict: &RouteConflict) -> TimelessFinding {
    TimelessFinding {
        code: match conflict.sort {
            RouteConflictSort::Hijack => FindingCode::RouteHijack,
            RouteConflictSort::Overlap => FindingCode::RouteOverlap,
            RouteConflictSort::Takeover => FindingCode::RouteTakeover,
            RouteConflictSort::Dead => FindingCode::RouteDead,
        },
        level: conflict.level,
        environment: conflict.environments.first().cloned(),
        region: None,
        what: Some(conflict.file.clone()),
        place: Some(conflict.place),
        message: conflict.message.clone(),
        route: Some((conflict.host.clone(), conflict.proof.clone())),
    }
}

impl TimelessFinding {
    /// By what a grant names it: its code, of an edit of the policy the environment too, such as
    /// `policy-change/production`, and of a route the host, such as `route-hijack/login.example.com`.
    #[must_use]
    pub fn id(&self) -> FindingId {
        if let Some((host, _)) = &self.route {
            return FindingId::named(self.code, host);
        }
        match &self.environment {
            Some(environment) if self.code == FindingCode::PolicyChange => FindingId::named(self.code, environment),
            Some(_) | None => FindingId::of(self.code),
        }
    }
}
