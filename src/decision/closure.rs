//! The windows that close what a change reaches, each once, laid out on the line of instants.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::decision::granted::reprieve;
use crate::decision::question::DecisionQuestion;
use crate::decision::{EXEMPT, FindingCode};
use crate::diagnostic::Place;
use crate::policy::{
    CoreHours, Environment, FindingId, Freeze, FreezeScope, FreezeZone, Kind, KindSet, Level, Region, Rollout,
    rule_text,
};
use crate::reach::{Because, Declared, Reached, ShownHazard};
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::window::{Rule, closed, open};
use crate::time::zone::{TimeError, Zone};

mod stages;

use stages::ClosureStages;

/// A window that closes something which the change reaches.
#[derive(Debug)]
pub(super) struct Closure<'p> {
    pub(super) code: FindingCode,
    pub(super) id: FindingId,
    /// The level that the policy gives it.
    pub(super) level: Level,
    pub(super) stages: ClosureStages<'p>,
    pub(super) environment: &'p Arc<Environment>,
    pub(super) region: Option<Arc<Region>>,
    pub(super) place: Place,
    pub(super) text: String,
    pub(super) reason: Option<&'p str>,
    /// Of a freeze that names hazards, those by which the change meets it; if all of those that it shows are exempt, these.
    pub(super) hazards: Vec<&'p ShownHazard>,
    /// The cause that exempts the change, if anything does.
    pub(super) lifted_by: Option<String>,
    pub(super) runway: Seconds,
    /// Per zone, then all together.
    pub(super) zones: Vec<(Arc<Zone>, Intervals)>,
    pub(super) closed: Intervals,
}

impl Closure<'_> {
    /// Returns whether a change may meet it and is not refused.
    pub(super) fn may_let_pass(&self) -> bool {
        self.lifted_by.is_some() || self.stages.may_let_pass()
    }

    /// Returns whether a change that meets it at `at` is refused.
    pub(super) fn refuses_at(&self, at: Instant) -> bool {
        self.stages.level_at(at).refuses() && self.lifted_at(at).is_none()
    }

    /// Returns what lifts it at `at`, if anything does.
    pub(super) fn lifted_at(&self, at: Instant) -> Option<&str> {
        self.lifted_by.as_deref().or_else(|| self.stages.reprieve_at(at).map(|lifted| lifted.by.as_str()))
    }

    /// Returns what is wrong, for people, where the window is met as `code`.
    pub(super) fn message(&self, code: FindingCode) -> String {
        // half of what a refusal costs is its words, so they are laid down in one go
        let mut text = String::with_capacity(96);
        text.extend(["`", &self.environment.name, "`"]);
        if let Some(region) = &self.region {
            text.extend([" in `", &region.name, "`"]);
        }
        match code {
            FindingCode::WindowTooShort => {
                text.push_str(" is open, but the change would run into ");
                text.extend(self.window());
            }
            FindingCode::OutsideChangeWindow => text.push_str(" is outside its change windows"),
            FindingCode::StaleCalendar => text.extend([" may be closed: ", &self.text, " has ended"]),
            FindingCode::CoreHours
            | FindingCode::Freeze
            | FindingCode::TargetMismatch
            | FindingCode::UnknownTarget
            | FindingCode::ClockBehind
            | FindingCode::PolicyChange
            | FindingCode::RouteHijack
            | FindingCode::RouteOverlap
            | FindingCode::RouteTakeover
            | FindingCode::RouteDead => {
                text.push_str(" is closed: ");
                text.extend(self.window());
                for shown in &self.hazards {
                    text.extend(["; ", &shown.text()]);
                    if let Some(reason) = &shown.hazard.reason {
                        text.extend([" (", reason, ")"]);
                    }
                }
            }
        }
        text
    }

    /// The window, for people, in pieces.
    fn window(&self) -> [&str; 3] {
        match self.code {
            FindingCode::CoreHours => ["core hours", "", ""],
            FindingCode::Freeze => ["the freeze `", self.id.name().unwrap_or_default(), "`"],
            FindingCode::OutsideChangeWindow => ["the end of its change window", "", ""],
            FindingCode::StaleCalendar => ["what the calendar of `", &self.text, "` may hold"],
            FindingCode::TargetMismatch
            | FindingCode::UnknownTarget
            | FindingCode::ClockBehind
            | FindingCode::PolicyChange
            | FindingCode::RouteHijack
            | FindingCode::RouteOverlap
            | FindingCode::RouteTakeover
            | FindingCode::RouteDead
            | FindingCode::WindowTooShort => [self.code.as_str(), "", ""],
        }
    }

    /// The first zone that is in its window at `at`, and the one whose window ends last of those that follow each other without a gap.
    pub(super) fn zones_at(&self, at: Instant) -> Option<(Arc<Zone>, Arc<Zone>)> {
        let mut inside = self.zones.iter().filter_map(|(zone, closed)| Some((zone, closed.containing(at)?.until)));
        let (first, mut until) = inside.next()?;
        let mut last = first;
        for (zone, end) in inside {
            if end > until {
                (last, until) = (zone, end);
            }
        }
        let later = |until: Instant| {
            let following =
                self.zones.iter().filter_map(|(zone, closed)| Some((zone, closed.containing(until)?.until)));
            following.filter(|(_, end)| *end > until).max_by_key(|(_, end)| *end)
        };
        while self.zones.len() > 1
            && let Some((zone, end)) = later(until)
        {
            (last, until) = (zone, end);
        }
        Some((Arc::clone(first), Arc::clone(last)))
    }
}

/// Every window that closes something within `range` and can meet the change of `question`, and the longest time that
/// must stay open from the start of the change on.
///
/// # Errors
///
/// [`TimeError`] when the range comes too near to the first or last date there is.
pub(super) fn closures<'p>(
    question: &DecisionQuestion<'p>,
    range: Interval,
) -> Result<(Vec<Closure<'p>>, Seconds), TimeError> {
    let mut plan = Plan {
        question: *question,
        range,
        closures: Vec::new(),
        index: BTreeMap::new(),
        longest_runway: Seconds::ZERO,
    };
    for reached in &question.reach.reached {
        plan.add(reached)?;
    }
    Ok((plan.closures, plan.longest_runway))
}

/// Collects the closures of what a change reaches.
struct Plan<'p> {
    question: DecisionQuestion<'p>,
    range: Interval,
    closures: Vec<Closure<'p>>,
    /// The place where in `closures` each window of an environment and region is; nowhere if it closes nothing within `range`.
    index: BTreeMap<ClosureKey<'p>, Option<usize>>,
    longest_runway: Seconds,
}

/// A window, by the line that says it, as it is for an environment and region; what differs most comes first.
type ClosureKey<'p> = (Place, FindingCode, *const Environment, Option<&'p str>);

/// Per zone, when a window is closed.
type ClosedByZone = Vec<(Arc<Zone>, Intervals)>;

/// The id of a window, and how the policy writes it.
type Words = (FindingId, String);

/// A closure before its windows are laid out.
struct UndatedClosure<'p> {
    code: FindingCode,
    level: Level,
    rollout: Option<&'p Rollout>,
    region: Option<&'p Arc<Region>>,
    place: Place,
    reason: Option<&'p str>,
    hazards: Vec<&'p ShownHazard>,
    exempt: KindSet,
    /// The cause that exempts the change, whatever its kinds are.
    exempt_by: Option<String>,
}

impl<'p> Plan<'p> {
    fn add(&mut self, reached: &'p Reached) -> Result<(), TimeError> {
        let environment = &reached.environment;
        if let (Some(level), Some((region, core_hours))) = (environment.during_core_hours, core_hours(reached)) {
            let draft = UndatedClosure {
                code: FindingCode::CoreHours,
                level,
                rollout: self.question.policy.rollout_of(environment, None),
                region: Some(region),
                place: core_hours.place,
                reason: None,
                hazards: Vec::new(),
                exempt: environment.exempt,
                exempt_by: None,
            };
            self.close(
                reached,
                draft,
                |plan| plan.rule(&core_hours.rule, region.zones.iter()),
                || (FindingId::of_core_hours(&region.name), core_hours.text()),
            )?;
        }
        if !environment.change_windows.is_empty() {
            let draft = UndatedClosure {
                code: FindingCode::OutsideChangeWindow,
                level: Level::Hard,
                rollout: self.question.policy.rollout_of(environment, None),
                region: None,
                place: environment.change_windows_place,
                reason: None,
                hazards: Vec::new(),
                exempt: environment.exempt,
                exempt_by: None,
            };
            let text = || environment.change_windows.iter().map(|window| rule_text(&window.rule)).collect::<Vec<_>>();
            self.close(
                reached,
                draft,
                |plan| plan.outside(environment),
                || (FindingId::named(FindingCode::OutsideChangeWindow, &environment.name), text().join(", ")),
            )?;
        }
        for freeze in self.question.policy.freezes_of(environment) {
            self.freeze(reached, freeze)?;
        }
        Ok(())
    }

    fn freeze(&mut self, reached: &'p Reached, freeze: &'p Freeze) -> Result<(), TimeError> {
        let Some(MetHazards { hazards, exempt_by }) = met_hazards(freeze, reached, &self.question) else {
            return Ok(());
        };
        if !applies(freeze, reached, self.question.declared) {
            return Ok(());
        }
        let zones = || match &freeze.zone {
            FreezeZone::Zone(zone) => std::slice::from_ref(zone).iter(),
            FreezeZone::Region => reached.region.as_ref().map_or([].iter(), |region| region.zones.iter()),
        };
        // a freeze of one zone that names no regions closes the environment as a whole
        let whole = matches!(freeze.zone, FreezeZone::Zone(_)) && freeze.regions.is_all();
        let region = if whole { None } else { reached.region.as_ref() };
        let draft = |code| UndatedClosure {
            code,
            level: freeze.level,
            rollout: self.question.policy.rollout_of(&reached.environment, Some(freeze)),
            region,
            place: freeze.rule_place,
            reason: freeze.reason.as_deref(),
            hazards: hazards.clone(),
            exempt: freeze.exempt,
            exempt_by: exempt_by.clone(),
        };
        self.close(
            reached,
            draft(FindingCode::Freeze),
            |plan| plan.rule(&freeze.rule, zones()),
            || (FindingId::of_freeze(&freeze.name), freeze.text(&self.question.policy.sources)),
        )?;
        // else nobody could ever give a calendar that has run out its next dates
        let is_edit = matches!(reached.because, Because::PolicyEdit { .. }) || self.question.reach.is_policy_alone;
        if let (Rule::Around { calendar, .. }, false) = (&freeze.rule, is_edit) {
            self.close(
                reached,
                draft(FindingCode::StaleCalendar),
                |plan| plan.stale(&freeze.rule, zones()),
                || (FindingId::of(FindingCode::StaleCalendar), format!("the calendar `{}`", calendar.name)),
            )?;
        }
        Ok(())
    }

    /// Adds a closure, or, where there is one already, takes back its exemption unless the change is exempt here too.
    ///
    /// One that closes nothing within the range is left out, so that what is long over costs no decision anything.
    fn close(
        &mut self,
        reached: &'p Reached,
        draft: UndatedClosure<'p>,
        lay_out: impl FnOnce(&Self) -> Result<ClosedByZone, TimeError>,
        words: impl FnOnce() -> Words,
    ) -> Result<(), TimeError> {
        let key = (
            draft.place,
            draft.code,
            Arc::as_ptr(&reached.environment),
            draft.region.map(|region| region.name.as_str()),
        );
        let lifted_by = exemption(reached, self.question.declared, draft.exempt).or(draft.exempt_by);
        if let Some(known) = self.index.get(&key) {
            if let Some(closure) = known.and_then(|index| self.closures.get_mut(index))
                && lifted_by.is_none()
            {
                closure.lifted_by = None;
                closure.hazards = draft.hazards;
            }
            return Ok(());
        }
        let runway = self.question.runway(&reached.environment);
        self.longest_runway = self.longest_runway.max(runway);
        let zones = lay_out(self)?;
        let closed = match zones.as_slice() {
            [(_, only)] => only.clone(),
            several => {
                Intervals::union(several.iter().flat_map(|(_, intervals)| intervals.as_slice()).copied().collect())
            }
        };
        if closed.as_slice().is_empty() {
            self.index.insert(key, None);
            return Ok(());
        }
        self.index.insert(key, Some(self.closures.len()));
        let (id, text) = words();
        let region = draft.region.map(|region| region.name.as_str());
        let environment = reached.environment.name.as_str();
        let stages = ClosureStages::new(draft.rollout, draft.level, |level| {
            reprieve(self.question.granted, &id, level, Some(environment), region)
        });
        self.closures.push(Closure {
            code: draft.code,
            id,
            level: draft.level,
            stages,
            environment: &reached.environment,
            region: draft.region.cloned(),
            place: draft.place,
            text,
            reason: draft.reason,
            hazards: draft.hazards,
            lifted_by,
            runway,
            zones,
            closed,
        });
        Ok(())
    }

    fn rule<'z>(&self, rule: &Rule, zones: impl Iterator<Item = &'z Arc<Zone>>) -> Result<ClosedByZone, TimeError> {
        zones
            .map(|zone| {
                let spans = closed(zone, &rule.civil(zone, self.range)?)?;
                Ok((Arc::clone(zone), self.clipped(spans)))
            })
            .collect()
    }

    fn stale<'z>(&self, rule: &Rule, zones: impl Iterator<Item = &'z Arc<Zone>>) -> Result<ClosedByZone, TimeError> {
        zones
            .map(|zone| {
                let from = rule.stale_from(zone)?.map(|(from, _)| Interval { from, until: Instant::MAX });
                Ok((Arc::clone(zone), self.clipped(from.into_iter().collect())))
            })
            .collect()
    }

    /// Returns when `environment` is in none of its change windows: the closed spans, all zones together.
    fn outside(&self, environment: &Environment) -> Result<ClosedByZone, TimeError> {
        let mut opened: Vec<Interval> = Vec::new();
        let mut zones: Vec<&Arc<Zone>> = Vec::new();
        for window in &environment.change_windows {
            if !zones.iter().any(|zone| Arc::ptr_eq(zone, &window.zone)) {
                zones.push(&window.zone);
            }
        }
        for zone in &zones {
            // windows of one zone touch on its wall calendar, so they are read together
            let mut pairs = Vec::new();
            for window in environment.change_windows.iter().filter(|window| Arc::ptr_eq(&window.zone, zone)) {
                pairs.extend(window.rule.civil(zone, self.range)?);
            }
            opened.extend_from_slice(open(zone, pairs)?.as_slice());
        }
        let outside = Intervals::union(opened).complement(self.range);
        Ok(zones.first().map(|zone| (Arc::clone(zone), outside)).into_iter().collect())
    }

    fn clipped(&self, spans: Vec<Interval>) -> Intervals {
        Intervals::union(spans.into_iter().map(|span| span.clipped(self.range)).collect())
    }
}

fn core_hours(reached: &Reached) -> Option<(&Arc<Region>, &CoreHours)> {
    let region = reached.region.as_ref()?;
    Some((region, region.core_hours.as_ref()?))
}

/// The hazards for which a change meets a freeze.
struct MetHazards<'p> {
    /// Those of the freeze that the change shows and that are not exempt in the environment; if all are, these.
    hazards: Vec<&'p ShownHazard>,
    /// The cause that exempts the change, if all are exempt.
    exempt_by: Option<String>,
}

/// The hazards of `freeze` that the change shows; `None` if it names some and the change shows none of them, so that it closes nothing.
///
/// An edit of the policy meets such a freeze too, unless that is at every hour: nobody could ever make the edit.
fn met_hazards<'p>(freeze: &Freeze, reached: &Reached, question: &DecisionQuestion<'p>) -> Option<MetHazards<'p>> {
    let FreezeScope::Only(_) = &freeze.hazards else {
        return Some(MetHazards { hazards: Vec::new(), exempt_by: None });
    };
    let (policy, environment) = (question.policy, &reached.environment);
    let shown = question.reach.hazards.iter().filter(|shown| freeze.hazards.contains(&shown.hazard));
    let (exempt, met): (Vec<&ShownHazard>, Vec<&ShownHazard>) =
        shown.partition(|shown| policy.exempts(environment, &shown.hazard, freeze));
    let is_edit = matches!(reached.because, Because::PolicyEdit { .. }) && !freeze.is_always;
    if !met.is_empty() || (is_edit && !policy.hazards_in(environment, freeze).is_empty()) {
        return Some(MetHazards { hazards: met, exempt_by: None });
    }
    let names: Vec<&str> = exempt.iter().map(|shown| shown.hazard.name.as_str()).collect();
    let noun = if names.len() > 1 { "hazards" } else { "hazard" };
    let exempt_by = format!("{EXEMPT}{noun} {} in {}", names.join(", "), environment.name);
    (!exempt.is_empty()).then_some(MetHazards { hazards: exempt, exempt_by: Some(exempt_by) })
}

/// Returns whether `freeze`, which is one of the environment, closes what is reached. What is only said of a change keeps no freeze away where
/// something is shown.
fn applies(freeze: &Freeze, reached: &Reached, declared: &Declared) -> bool {
    let region = freeze.closes_region(reached.region.as_ref());
    // a change of no known service may be one of any
    let service = reached.service.as_ref().is_none_or(|service| freeze.services.contains(service));
    region && service && kind_applies(freeze, reached, declared)
}

fn kind_applies(freeze: &Freeze, reached: &Reached, declared: &Declared) -> bool {
    let Some(kinds) = freeze.kinds else {
        return true;
    };
    let shown = reached.kinds.without(Kind::Rollback);
    let known = match reached.because {
        // a rollback that is only said to be one is judged as any change
        Because::Declared if shown.is_empty() && !declared.rollback => declared.kinds,
        Because::Declared
        | Because::Job { .. }
        | Because::Possible { .. }
        | Because::Routes { .. }
        | Because::Shown { .. } => shown,
        // no kind keeps a freeze away from an edit of the policy
        Because::PolicyEdit { .. } => return true,
    };
    // a verified rollback keeps no freeze away by being one: what it is exempt from, `exempt` says
    known.is_empty() || kinds.meets(known.union(declared.kinds))
}

/// Returns what exempts the change, if every kind that it is of is exempt and is shown, not just said.
///
/// The kinds of targets say what a change of these paths is. One that brings back what was allowed there before is a
/// rollback, and that alone; what is declared counts besides.
fn exemption(reached: &Reached, declared: &Declared, exempt: KindSet) -> Option<String> {
    let shown = if reached.kinds.contains(Kind::Rollback) { KindSet::ROLLBACK } else { reached.kinds };
    let all = shown.union(declared.kinds);
    (!shown.is_empty() && all.is_subset_of(exempt)).then(|| {
        let names: Vec<&str> = all.iter().map(Kind::as_str).collect();
        format!("{EXEMPT}{}", names.join(", "))
    })
}
