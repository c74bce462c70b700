//! Findings: what a change met.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::Level;
use crate::reach::routes::RouteProof;
use crate::reach::{Reached, ShownHazard};
use crate::time::instant::Instant;
use crate::time::zone::Zone;

/// The sort of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingCode {
    /// The change says one thing and reaches another.
    TargetMismatch,
    /// It reaches something that no table names, or a service and a region that exclude each other, or it puts a link where
    /// a target looks that leads to where none does.
    UnknownTarget,
    /// The clock of the machine is behind the newest entry of the record.
    ClockBehind,
    /// It edits the policy, and that opens something.
    PolicyChange,
    /// Another environment would answer requests.
    RouteHijack,
    /// One of two backends would answer requests, and manifests do not say which.
    RouteOverlap,
    /// Another backend of the same environment would answer requests, or nobody.
    RouteTakeover,
    /// A route never answers.
    RouteDead,
    /// A freeze holds.
    Freeze,
    /// A region that it reaches is at work.
    CoreHours,
    /// The environment has change windows, and this is in none.
    OutsideChangeWindow,
    /// Open now, but the change and its settling run into the next window.
    WindowTooShort,
    /// A window depends on dates that its calendar doesn't know any more.
    StaleCalendar,
}

impl FindingCode {
    /// Every code.
    pub const ALL: [Self; 13] = [
        Self::TargetMismatch,
        Self::UnknownTarget,
        Self::ClockBehind,
        Self::PolicyChange,
        Self::RouteHijack,
        Self::RouteOverlap,
        Self::RouteTakeover,
        Self::RouteDead,
        Self::Freeze,
        Self::CoreHours,
        Self::OutsideChangeWindow,
        Self::WindowTooShort,
        Self::StaleCalendar,
    ];

    /// Returns what people call a window of this sort; `None` for what no window of the policy closes.
    #[must_use]
    pub const fn window_name(self) -> Option<&'static str> {
        match self {
            Self::CoreHours => Some("core hours"),
            Self::OutsideChangeWindow => Some("outside the change windows"),
            Self::Freeze => Some("freeze"),
            Self::TargetMismatch
            | Self::UnknownTarget
            | Self::ClockBehind
            | Self::PolicyChange
            | Self::RouteHijack
            | Self::RouteOverlap
            | Self::RouteTakeover
            | Self::RouteDead
            | Self::WindowTooShort
            | Self::StaleCalendar => None,
        }
    }

    /// Returns the code that the id of a finding stands for, and the name behind the slash: of `freeze/year-end`, the freeze `year-end`. `None` if
    /// no finding has such an id.
    #[must_use]
    pub fn of_id(id: &str) -> Option<(Self, Option<&str>)> {
        let (word, name) = id.split_once('/').map_or((id, None), |(word, name)| (word, Some(name)));
        let code = Self::ALL.into_iter().find(|code| code.word_of_id() == Some(word))?;
        Some((code, name))
    }

    /// The first word of the ids of its findings; `None` if its findings have the ids of the windows that they name.
    const fn word_of_id(self) -> Option<&'static str> {
        match self {
            Self::OutsideChangeWindow => Some("change-window"),
            Self::WindowTooShort => None,
            Self::TargetMismatch
            | Self::UnknownTarget
            | Self::ClockBehind
            | Self::PolicyChange
            | Self::RouteHijack
            | Self::RouteOverlap
            | Self::RouteTakeover
            | Self::RouteDead
            | Self::Freeze
            | Self::CoreHours
            | Self::StaleCalendar => Some(self.as_str()),
        }
    }

    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TargetMismatch => "target-mismatch",
            Self::UnknownTarget => "unknown-target",
            Self::ClockBehind => "clock-behind",
            Self::PolicyChange => "policy-change",
            Self::RouteHijack => "route-hijack",
            Self::RouteOverlap => "route-overlap",
            Self::RouteTakeover => "route-takeover",
            Self::RouteDead => "route-dead",
            Self::Freeze => "freeze",
            Self::CoreHours => "core-hours",
            Self::OutsideChangeWindow => "outside-change-window",
            Self::WindowTooShort => "window-too-short",
            Self::StaleCalendar => "stale-calendar",
        }
    }
}

/// One thing that the change met.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Its sort.
    pub code: FindingCode,
    /// By what a grant names it, such as `core-hours/us`.
    pub id: String,
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
