//! A policy over a span of time: when each environment is open and closed in each region, and why.
//!
//! [`timetable`] lays it out by the same windows as a decision, so that at each instant both say the same; [`days`] cuts a span into the
//! days of a time zone, clock changes included.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::decision::schedule::{DecisionQuestion, around};
use crate::decision::{FindingCode, HORIZON, Schedule};
use crate::diagnostic::Place;
use crate::policy::{
    Environment, FindingId, Freeze, FreezeScope, KindSet, Level, Policy, Region, RolloutLevel, rollout,
};
use crate::reach;
use crate::reach::Declared;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::zone::{TimeError, Zone};

pub mod days;

/// The times when environments are open and closed within a span.
#[derive(Debug)]
pub struct Timetable {
    /// The span.
    pub span: Interval,
    /// The environments, in the order of the policy.
    pub environments: Vec<EnvironmentTimetable>,
}

/// The times when one environment is open and closed.
#[derive(Debug)]
pub struct EnvironmentTimetable {
    /// The environment.
    pub environment: Arc<Environment>,
    /// Its regions, those together that are closed by the same windows at the same times.
    pub lanes: Vec<Lane>,
    /// The times when a change may start in all of the regions.
    pub open_everywhere: Intervals,
}

/// The times when one environment is open and closed in some of its regions.
#[derive(Debug)]
pub struct Lane {
    /// The regions; none where the policy has none.
    pub regions: Vec<Arc<Region>>,
    /// The windows that are met within the span, in the order of the first meeting.
    pub windows: Vec<LaneWindow>,
    /// The states, without gaps, from the start of the span to its end.
    pub stretches: Vec<Stretch>,
}

/// A window that closes a lane, or that only warns.
#[derive(Debug, Clone)]
pub struct LaneWindow {
    /// The sort of window.
    pub code: FindingCode,
    /// By what a grant names it, such as `core-hours/us`.
    pub id: FindingId,
    /// Its effect.
    pub level: Level,
    /// The starts of a change for which it has this level; all, unless a roll-out holds it back.
    pub starts: Interval,
    /// The line of the policy.
    pub place: Place,
    /// As the policy wrote it, such as `Mon-Fri 08:00-18:00`.
    pub text: String,
    /// The reason why the policy has it, in its own words.
    pub reason: Option<String>,
    /// The kinds of change that it is for; `None`: all.
    pub kinds: Option<KindSet>,
    /// The services that it is for; none: all.
    pub services: Vec<String>,
    /// The zones that it is read in, at least one.
    pub zones: Vec<Arc<Zone>>,
    /// The times when it is met, up to 400 days around the span: whoever meets an end of that does not know when it began or ends.
    pub closed: Intervals,
}

/// A span in which the same windows are met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The span.
    pub span: Interval,
    /// Its state.
    pub state: LaneState,
    /// The windows that are met or, where it is too late to start, are run into; by their place in [`Lane::windows`], sorted.
    pub windows: Vec<usize>,
}

/// The state for a change that starts at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneState {
    /// It may start.
    Open,
    /// It may not: too little time is left until the next window.
    TooLate,
    /// It may not: a window is met.
    Closed,
}

impl LaneState {
    /// The word for it in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::TooLate => "too-late",
            Self::Closed => "closed",
        }
    }
}

impl Lane {
    /// Returns when a change may start.
    #[must_use]
    pub fn open(&self) -> Intervals {
        let open = self.stretches.iter().filter(|stretch| stretch.state == LaneState::Open);
        Intervals::union(open.map(|stretch| stretch.span).collect())
    }

    /// Returns what holds at `second`; `None` outside the span.
    #[must_use]
    pub fn at(&self, second: Instant) -> Option<&Stretch> {
        let after = self.stretches.partition_point(|stretch| stretch.span.until <= second);
        self.stretches.get(after).filter(|stretch| stretch.span.contains(second))
    }

    /// Returns the window to show first for a stretch: the strictest one, a freeze before core hours.
    #[must_use]
    pub fn foremost(&self, stretch: &Stretch) -> Option<&LaneWindow> {
        let windows = stretch.windows.iter().filter_map(|place| self.windows.get(*place));
        windows.min_by_key(|window| (std::cmp::Reverse(window.level), window.code))
    }

    /// Returns whether nothing at all is met within the span.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.windows.is_empty()
    }
}

/// Lays out `span` for a change of what `declared` names: its environments, or all of the policy; in its regions, or all; of its services
/// and kinds, or of no known ones. A region that an environment does not serve, or a service does not reach, is left out.
///
/// # Errors
///
/// [`TimeError`] when the span comes too near to the first or last date there is.
pub fn timetable(policy: &Policy, declared: &Declared, span: Interval) -> Result<Timetable, TimeError> {
    let mut environments = Vec::new();
    for environment in &policy.environments {
        let is_wanted = declared.environments.is_empty() || reach::holds(&declared.environments, environment);
        if !is_wanted {
            continue;
        }
        let regions: Vec<Option<&Arc<Region>>> = if environment.regions.is_empty() {
            vec![None]
        } else {
            let served = environment.regions.iter();
            served.filter(|one| declared.regions.is_empty() || reach::holds(&declared.regions, one)).map(Some).collect()
        };
        let mut lanes: Vec<Lane> = Vec::new();
        for region in regions {
            let Some(lane) = lane(policy, declared, environment, region, span)? else {
                continue;
            };
            match lanes.iter_mut().find(|known| is_alike(known, &lane)) {
                Some(known) => known.regions.extend(lane.regions),
                None => lanes.push(lane),
            }
        }
        if !lanes.is_empty() {
            let all = Intervals::union(vec![span]);
            let open_everywhere = lanes.iter().fold(all, |open, lane| open.intersection(&lane.open()));
            environments.push(EnvironmentTimetable { environment: Arc::clone(environment), lanes, open_everywhere });
        }
    }
    Ok(Timetable { span, environments })
}

/// One environment in one region; `None` if nothing that is declared reaches it.
fn lane(
    policy: &Policy,
    declared: &Declared,
    environment: &Arc<Environment>,
    region: Option<&Arc<Region>>,
    span: Interval,
) -> Result<Option<Lane>, TimeError> {
    let declared = Declared {
        environments: vec![Arc::clone(environment)],
        regions: region.cloned().into_iter().collect(),
        ..declared.clone()
    };
    let reach = reach::declared(policy, &declared);
    if reach.reached.is_empty() {
        return Ok(None);
    }
    let question = DecisionQuestion { policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
    let (from, until) = (around(span.from, HORIZON)?.from, around(span.until, HORIZON)?.until);
    let schedule = Schedule::compile(&question, &[], Interval { from, until })?;
    let runway = environment.duration.saturating_add(environment.settle);
    let mut all: Vec<LaneWindow> = Vec::new();
    for window in schedule.windows() {
        let name = window.id.freeze();
        let freeze = name.and_then(|name| policy.freezes.iter().find(|freeze| freeze.name == name));
        // a window that a roll-out holds back counts as one for each of its levels
        for RolloutLevel { starts, level } in rollout::levels(window.rollout, window.level) {
            all.push(LaneWindow {
                code: window.code,
                id: window.id.clone(),
                level,
                starts,
                place: window.place,
                text: window.text.to_owned(),
                reason: window.reason.map(str::to_owned),
                kinds: freeze.and_then(|freeze| freeze.kinds),
                services: freeze.map_or_else(Vec::new, services),
                zones: window.zones.clone(),
                closed: window.closed.clone(),
            });
        }
    }
    let stretches = stretches(&all, runway, span);
    // those that are met only outside the span are not told
    let mut order: Vec<usize> = Vec::new();
    for place in stretches.iter().flat_map(|stretch| &stretch.windows) {
        if !order.contains(place) {
            order.push(*place);
        }
    }
    let renumbered = |stretch: Stretch| {
        let mut windows: Vec<usize> =
            stretch.windows.iter().filter_map(|old| order.iter().position(|place| place == old)).collect();
        windows.sort_unstable();
        Stretch { windows, ..stretch }
    };
    let stretches = stretches.into_iter().map(renumbered).collect();
    let mut windows: Vec<(usize, LaneWindow)> = all
        .drain(..)
        .enumerate()
        .filter_map(|(old, window)| Some((order.iter().position(|place| *place == old)?, window)))
        .collect();
    windows.sort_by_key(|(place, _)| *place);
    let windows = windows.into_iter().map(|(_, window)| window).collect();
    Ok(Some(Lane { regions: region.cloned().into_iter().collect(), windows, stretches }))
}

fn services(freeze: &Freeze) -> Vec<String> {
    match &freeze.services {
        FreezeScope::All => Vec::new(),
        FreezeScope::Only(services) => services.iter().map(|service| service.name.clone()).collect(),
    }
}

/// Cuts `span` wherever a window begins or ends, or it begins to be too late for one.
fn stretches(windows: &[LaneWindow], runway: Seconds, span: Interval) -> Vec<Stretch> {
    // to start exactly one runway before the window is in time
    let early = runway.saturating_sub(Seconds::new(1)).max(Seconds::ZERO);
    let mut cuts: BTreeSet<Instant> = BTreeSet::from([span.from, span.until]);
    for window in windows {
        cuts.extend([window.starts.from, window.starts.until].into_iter().filter(|second| span.contains(*second)));
        for closed in window.closed.as_slice() {
            let too_late = closed.from.saturating_sub(early);
            let within = |second: &Instant| span.contains(*second);
            cuts.extend([closed.from, closed.until, too_late].into_iter().filter(within));
        }
    }
    let cuts: Vec<Instant> = cuts.into_iter().collect();
    let mut all: Vec<Stretch> = Vec::new();
    for pair in cuts.windows(2) {
        let [from, until] = pair else {
            continue;
        };
        let counts = |window: &LaneWindow| window.starts.contains(*from);
        let met = |window: &LaneWindow| counts(window) && window.closed.containing(*from).is_some();
        let runs_into = |window: &LaneWindow| {
            let next = window.closed.next_after(*from);
            counts(window) && window.level.refuses() && next.is_some_and(|next| next.from < from.saturating_add(runway))
        };
        let places = |is_one: &dyn Fn(&LaneWindow) -> bool| -> Vec<usize> {
            windows.iter().enumerate().filter(|(_, window)| is_one(window)).map(|(place, _)| place).collect()
        };
        let inside = places(&met);
        let is_closed = windows.iter().any(|window| window.level.refuses() && met(window));
        let ahead = if is_closed { Vec::new() } else { places(&runs_into) };
        let (state, windows) = match (is_closed, ahead.is_empty()) {
            (true, _) => (LaneState::Closed, inside),
            (false, true) => (LaneState::Open, inside),
            (false, false) => {
                let mut both = [inside, ahead].concat();
                both.sort_unstable();
                both.dedup();
                (LaneState::TooLate, both)
            }
        };
        let here = Interval { from: *from, until: *until };
        match all.last_mut() {
            Some(last) if last.state == state && last.windows == windows => last.span.until = here.until,
            Some(_) | None => all.push(Stretch { span: here, state, windows }),
        }
    }
    all
}

/// Returns whether both are closed by the same lines of the policy at the same times.
fn is_alike(one: &Lane, other: &Lane) -> bool {
    let key =
        |window: &LaneWindow| (window.code, window.id.clone(), window.place, window.starts, window.closed.clone());
    one.stretches == other.stretches && one.windows.iter().map(key).eq(other.windows.iter().map(key))
}
