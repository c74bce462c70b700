//! The time for which one policy closes a goal and another does not.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::policy::compare::covers::{
    Cover, CoverComparison, CoverSpot, Covered, covers_hazards, durations, early, numbers,
};
use crate::policy::compare::goals::Reaching;
use crate::policy::compare::kinds::KindState;
use crate::policy::compare::layers::{Layer, Layers, LayersId, LayersTable, RefusedStarts};
use crate::policy::compare::overrides::{self, hazards_lift_no_more};
use crate::policy::compare::settles::HazardSettles;
use crate::policy::compare::shapes::{ShapeId, Shapes};
use crate::policy::compare::sides::{HazardFreeze, Origin, PlaceInLists, PolicySide, SpotWindow};
use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Freeze, Hazard, KindSet, Level, Policy};
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;

mod opened;

/// The time ahead that is compared as a whole, in seconds: 400 days, more than a year of everything that recurs.
pub const COMPARED_AHEAD: Seconds = Seconds::days(400);

/// Time that was closed and is open.
#[derive(Debug, Clone)]
pub(super) struct Lost {
    /// The place, in the old policy.
    pub(super) spot: PlaceInLists,
    pub(super) state: KindState,
    /// The strictest level of what closed it.
    pub(super) level: Level,
    /// The level that closes it now, if one does.
    pub(super) remains: Option<Level>,
    /// The instants at which a change may start now and might not before.
    pub(super) spans: Arc<Intervals>,
    /// The time that a change takes for which that is so, in seconds; 0 for any.
    pub(super) duration: Seconds,
    /// The hazard after which more time must stay open, as a place in the old policy, if the change has to show one.
    pub(super) shown: Option<usize>,
    /// The window that closed it.
    pub(super) origin: Origin,
    /// The reason why it could not be compared, if it could not.
    pub(super) doubt: Option<&'static str>,
}

/// A set that is covered alike: windows of a level, the strictest first; whether calendars that have run out; the freeze that names hazards.
type WindowSort = (Reverse<Level>, bool, Option<HazardFreeze>);

/// Spans, and why there may be more of them.
type OpenedSpans = (Arc<Intervals>, Option<&'static str>);

/// Compares closed time from an instant on.
pub(super) struct ClosedTime<'a, 'p> {
    pub(super) shapes: &'a Shapes<'p>,
    pub(super) old: &'a PolicySide<'p>,
    pub(super) new: &'a PolicySide<'p>,
    pub(super) work: &'a Work,
    pub(super) from: Instant,
    settles: HazardSettles<'p>,
    /// The longest that must stay open from the start of a change on, in seconds.
    room: Seconds,
    /// True if whoever may override what is hard may override what is soft.
    hard_lifts_soft: bool,
    layers: RefCell<LayersTable>,
    known: RefCell<HashMap<(LayersId, LayersId), OpenedSpans>>,
    refused: RefCell<RefusedStarts>,
    /// Whether a freeze of the new policy closes whatever shows the hazards of one of the old, by their places.
    hazards_kept: RefCell<HashMap<(HazardFreeze, HazardFreeze), bool>>,
    /// Whether an environment of the new policy asks for as much open time as one of the old, by their places.
    settles_kept: RefCell<HashMap<(usize, usize), bool>>,
}

/// The longest runway of a policy for a change of `duration` seconds.
fn longest(policy: &Policy, duration: Seconds) -> Seconds {
    let settle = policy.hazards.iter().map(|hazard| hazard.settle).max().unwrap_or(Seconds::ZERO);
    let runways =
        policy.environments.iter().map(|one| one.duration.max(duration).saturating_add(one.settle.max(settle)));
    runways.max().unwrap_or(Seconds::ZERO)
}

impl<'a, 'p> ClosedTime<'a, 'p> {
    /// Prepares a comparison from `from` on, in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn new(
        shapes: &'a Shapes<'p>,
        (old, new): (&'a PolicySide<'p>, &'a PolicySide<'p>),
        work: &'a Work,
        from: Instant,
    ) -> Result<Self, Halt> {
        let durations = [old, new].into_iter().flat_map(|side| &side.policy.environments).map(|one| one.duration);
        let longest_duration = durations.max().unwrap_or(Seconds::ZERO).saturating_add(Seconds::new(1));
        let room = longest(old.policy, longest_duration).max(longest(new.policy, longest_duration));
        Ok(Self {
            shapes,
            old,
            new,
            work,
            from,
            settles: HazardSettles::new(old.policy, new.policy, work)?,
            room,
            hard_lifts_soft: overrides::hard_lifts_soft(old.policy, new.policy),
            layers: RefCell::default(),
            known: RefCell::default(),
            refused: RefCell::default(),
            hazards_kept: RefCell::default(),
            settles_kept: RefCell::default(),
        })
    }

    /// Those of `states` that some window of either policy treats differently from a plainer one: all others lose what that does.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn treated_apart(
        &self,
        states: Vec<(KindState, KindState)>,
    ) -> Result<Vec<(KindState, KindState)>, Halt> {
        let mut manners: HashSet<(Option<KindSet>, KindSet)> = HashSet::new();
        for policy in [self.old.policy, self.new.policy] {
            self.work.spend(policy.environments.len().saturating_add(policy.freezes.len()))?;
            manners.extend(policy.environments.iter().map(|one| (None, one.exempt)));
            manners.extend(policy.freezes.iter().map(|one| (one.kinds, one.exempt)));
        }
        let mut plainer: HashMap<Vec<[bool; 2]>, Vec<KindSet>> = HashMap::new();
        let mut apart = Vec::new();
        for (before, after) in states {
            self.work.spend(manners.len())?;
            let treated = |(kinds, exempt): &(Option<KindSet>, KindSet)| {
                [before, after].map(|state| state.is_stopped_by(*kinds, *exempt))
            };
            let alike = plainer.entry(manners.iter().map(treated).collect()).or_default();
            if !alike.iter().any(|kinds| kinds.is_subset_of(before.all())) {
                alike.push(before.all());
                apart.push((before, after));
            }
        }
        Ok(apart)
    }

    /// The span in which all time is compared.
    pub(super) const fn near(&self) -> Interval {
        Interval { from: self.from, until: self.from.saturating_add(COMPARED_AHEAD) }
    }

    /// Appends what `old` closes and `new` does not, for each pair of states of a change, before and after.
    ///
    /// # Errors
    ///
    /// [`Halt`] if it could not be compared.
    pub(super) fn compare(
        &self,
        old: &Reaching,
        new: &Reaching,
        states: &[(KindState, KindState)],
        found: &mut Vec<Lost>,
    ) -> Result<(), Halt> {
        if new.is_unknown {
            // refused at any hour
            return Ok(());
        }
        // what did not change still closes only a change whose kinds are shown as before
        let keeps_kinds = states.iter().all(|(before, after)| before == after);
        // the spots of the same names in the new policy, if the goal reaches them
        self.work.spend(new.spots.len())?;
        let counterparts: HashMap<[Option<&str>; 3], PlaceInLists> =
            new.spots.iter().rev().map(|spot| (self.new.names(*spot), *spot)).collect();
        let mut windows: Option<Vec<(PlaceInLists, Vec<SpotWindow>)>> = None;
        // what covers is the same for all spots
        let covered = Covered::default();
        for spot in old.spots.iter().chain(&old.besides) {
            self.work.spend(2)?;
            let counterpart = counterparts.get(&self.old.names(*spot)).copied();
            let keeps_runway = match counterpart {
                Some(other) => {
                    self.old.rolls_out_as(spot.environment, self.new, other.environment)
                        && self.keeps_runway(*spot, other)?
                }
                None => false,
            };
            let mut candidates = self.old.windows(*spot, keeps_runway && keeps_kinds, self.work)?;
            self.work.spend(candidates.len())?;
            if let Some(other) = counterpart.filter(|_| keeps_runway && keeps_kinds)
                && !candidates.is_empty()
            {
                let kept = self.new.windows(other, true, self.work)?;
                self.work.spend(kept.len().saturating_mul(candidates.len()))?;
                let mut changed = Vec::with_capacity(candidates.len());
                for one in candidates {
                    let mut is_kept = false;
                    for other in kept.iter().filter(|other| other.stops_all_of(&one)) {
                        is_kept =
                            self.is_as_strict(other.level, one.level) && self.keeps_hazards(one.of_hazards, other)?;
                        if is_kept {
                            break;
                        }
                    }
                    if !is_kept {
                        changed.push(one);
                    }
                }
                candidates = changed;
            }
            if candidates.is_empty() {
                continue;
            }
            let windows = match &windows {
                Some(known) => known,
                None => {
                    let all = new.spots.iter().map(|spot| Ok((*spot, self.new.windows(*spot, false, self.work)?)));
                    windows.insert(all.collect::<Result<Vec<(PlaceInLists, Vec<SpotWindow>)>, Halt>>()?)
                }
            };
            for shown in self.settles.apart(spot.environment, &new.spots, self.work)? {
                let mut covers = self.covers(windows, shown);
                // what is of the same names mostly does alone, and is less to look at
                if let Some(own) = counterpart.and_then(|other| new.spots.iter().position(|spot| *spot == other))
                    && let Some((other, own_windows)) = windows.get(own)
                    && new.spots.len() > 1
                {
                    let runway = self.runway_in_new(other.environment, shown);
                    let number = covers.len().saturating_add(own);
                    let spots = vec![CoverSpot { runway, windows: own_windows }];
                    covers.insert(0, Cover { number, shown, spots });
                }
                for (before, after) in states {
                    self.compare_state(*spot, (*before, *after), &candidates, (&covers, &covered), found)?;
                }
            }
        }
        Ok(())
    }

    /// Returns what may cover that which the old policy closed at a spot. Each alone is enough.
    ///
    /// Spots that ask for different runways can't be compared together, as one change is compared with all of them: those
    /// of one runway count as a cover of their own, and all together with the least that any asks for.
    fn covers<'w>(&self, windows: &'w [(PlaceInLists, Vec<SpotWindow>)], shown: Option<usize>) -> Vec<Cover<'w>> {
        let mut by_runway: BTreeMap<(Seconds, Seconds), Vec<CoverSpot<'w>>> = BTreeMap::new();
        for (spot, windows) in windows {
            let runway = self.runway_in_new(spot.environment, shown);
            by_runway.entry(runway).or_default().push(CoverSpot { runway, windows });
        }
        let mut groups: Vec<Vec<CoverSpot<'w>>> = by_runway.into_values().collect();
        let runways = groups.iter().flatten().map(|one| one.runway);
        let least = runways
            .reduce(|one, other| (one.0.min(other.0), one.1.min(other.1)))
            .unwrap_or((Seconds::ZERO, Seconds::ZERO));
        match groups.len() {
            0 => groups.push(Vec::new()),
            1 => {}
            2.. => {
                let all = groups.iter().flatten().map(|one| CoverSpot { runway: least, windows: one.windows });
                groups.push(all.collect());
            }
        }
        groups.into_iter().enumerate().map(|(number, spots)| Cover { number, shown, spots }).collect()
    }

    /// The least duration of a change of an environment of the new policy and the time to settle after it if it shows a hazard, in seconds.
    fn runway_in_new(&self, environment: usize, shown: Option<usize>) -> (Seconds, Seconds) {
        let (duration, _) = self.new.runway_parts(environment);
        (duration, self.settles.in_new(environment, shown))
    }

    /// Returns whether a change must leave as much time open as before, however long it takes and whatever it shows.
    fn keeps_runway(&self, old: PlaceInLists, new: PlaceInLists) -> Result<bool, Halt> {
        let ((duration, _), (new_duration, _)) =
            (self.old.runway_parts(old.environment), self.new.runway_parts(new.environment));
        if new_duration < duration {
            return Ok(false);
        }
        let places = (old.environment, new.environment);
        if let Some(known) = self.settles_kept.borrow().get(&places) {
            return Ok(*known);
        }
        let is_kept = self.settles.are_kept(places.0, places.1, self.work)?;
        self.settles_kept.borrow_mut().insert(places, is_kept);
        Ok(is_kept)
    }

    /// Returns whether what a window of the level `new` closes is as closed as by one of the level `old`.
    const fn is_as_strict(&self, new: Level, old: Level) -> bool {
        match (new, old) {
            (Level::Hard, Level::Hard) | (Level::Soft, Level::Soft) | (_, Level::Warn) => true,
            (Level::Hard, Level::Soft) => self.hard_lifts_soft,
            (Level::Soft | Level::Warn, Level::Hard) | (Level::Warn, Level::Soft) => false,
        }
    }

    /// Returns whether a window of the new policy closes whatever shows the hazards of a freeze of the old one: it names none, or for each one that
    /// covers it, and no entry for hazards lets more people override it.
    fn keeps_hazards(&self, of_hazards: Option<HazardFreeze>, window: &SpotWindow) -> Result<bool, Halt> {
        let (Some(lost), Some(kept)) = (of_hazards, window.of_hazards) else {
            return Ok(window.of_hazards.is_none());
        };
        if let Some(known) = self.hazards_kept.borrow().get(&(lost, kept)) {
            return Ok(*known);
        }
        let is_kept = match (of_side(self.old, lost), of_side(self.new, kept)) {
            (Some((lost, hazards)), Some((kept, own))) => {
                covers_hazards(&own, &hazards, self.work)?
                    && hazards_lift_no_more((self.old.policy, lost), (self.new.policy, kept), self.work)?
            }
            (Some(_) | None, _) => false,
        };
        self.hazards_kept.borrow_mut().insert((lost, kept), is_kept);
        Ok(is_kept)
    }

    fn compare_state(
        &self,
        spot: PlaceInLists,
        (before, after): (KindState, KindState),
        candidates: &[SpotWindow],
        (covers, covered): (&[Cover<'_>], &Covered),
        found: &mut Vec<Lost>,
    ) -> Result<(), Halt> {
        let stopping: Vec<&SpotWindow> =
            candidates.iter().filter(|one| before.is_stopped_by(one.kinds, one.exempt)).collect();
        self.work.spend(candidates.len())?;
        let mut groups: BTreeMap<WindowSort, Vec<&SpotWindow>> = BTreeMap::new();
        for one in stopping.iter().copied().filter(|one| one.level.refuses()) {
            groups.entry((Reverse(one.level), one.is_stale(), one.of_hazards)).or_default().push(one);
        }
        for of_level in groups.into_values() {
            let mut lost_time = Vec::new();
            // each cover alone would do, so what is told is the last
            for cover in covers {
                lost_time.clear();
                for looked in self.looked(spot, after, &of_level, cover, covered)? {
                    self.compare_level(spot, before, &of_level, looked, &mut lost_time)?;
                }
                if lost_time.is_empty() {
                    break;
                }
            }
            found.append(&mut lost_time);
        }
        Ok(())
    }

    /// Returns what is looked at to hold windows of one level against a cover, for changes of any duration.
    fn looked(
        &self,
        spot: PlaceInLists,
        after: KindState,
        of_level: &[&SpotWindow],
        cover: &Cover<'_>,
        covered: &Covered,
    ) -> Result<Vec<CoverComparison>, Halt> {
        let level = of_level.first().map_or(Level::Hard, |one| one.level);
        let is_stale = of_level.first().is_some_and(|one| one.is_stale());
        let of_hazards = of_level.first().and_then(|one| one.of_hazards);
        let (least, _) = self.old.runway_parts(spot.environment);
        let own = (least, self.settles.in_old(spot.environment, cover.shown));
        // what is as strict as the level, or what refuses at all
        let layers = |strict: Option<Level>, duration: Seconds| -> Result<LayersId, Halt> {
            let key = (cover.number, after, (strict, is_stale, of_hazards, cover.shown), duration);
            self.work.spend(1)?;
            if let Some(known) = covered.borrow().get(&key) {
                return Ok(*known);
            }
            // spots of one runway close together
            let mut by_starts = BTreeMap::new();
            for one in &cover.spots {
                self.work.spend(one.windows.len())?;
                let is_meant = |window: &&SpotWindow| strict.is_none_or(|level| self.is_as_strict(window.level, level));
                // that a calendar has run out stops no edit, so it stands for nothing but that
                let meant = one.windows.iter().filter(is_meant).filter(|window| is_stale || !window.is_stale());
                for window in meant.filter(|window| after.is_stopped_by(window.kinds, window.exempt)) {
                    if self.keeps_hazards(of_hazards, window)? {
                        add(&mut by_starts, early(one.runway, duration), window);
                    }
                }
            }
            let number = self.layers.borrow_mut().number(layers_of(by_starts));
            covered.borrow_mut().insert(key, number);
            Ok(number)
        };
        let looked = durations(own, &cover.spots).into_iter().map(|duration| {
            let mut by_starts = BTreeMap::new();
            of_level.iter().for_each(|one| add(&mut by_starts, early(own, duration), one));
            self.work.spend(of_level.len())?;
            let lost = self.layers.borrow_mut().number(layers_of(by_starts));
            let (strict, any) = (layers(Some(level), duration)?, layers(None, duration)?);
            Ok(CoverComparison { duration, shown: cover.shown, lost, strict, any })
        });
        looked.collect()
    }

    /// What windows of one level closed and a cover does not.
    fn compare_level(
        &self,
        spot: PlaceInLists,
        before: KindState,
        of_level: &[&SpotWindow],
        looked: CoverComparison,
        found: &mut Vec<Lost>,
    ) -> Result<(), Halt> {
        let level = of_level.first().map_or(Level::Hard, |one| one.level);
        let (spans, doubt) = self.opened(looked.lost, looked.strict)?;
        if spans.as_slice().is_empty() && doubt.is_none() {
            return Ok(());
        }
        let CoverComparison { duration, shown, .. } = looked;
        let lost_time = |remains, (origin, spans), doubt| Lost {
            spot,
            state: before,
            level,
            remains,
            spans,
            duration,
            shown,
            origin,
            doubt,
        };
        if looked.strict == looked.any || doubt.is_some() {
            let parts = self.by_origin(of_level, looked.lost, spans)?;
            found.extend(parts.into_iter().map(|part| lost_time(None, part, doubt)));
            return Ok(());
        }
        // what a window of the other level still closes is open to those who may override that
        let (open, _) = self.opened(looked.lost, looked.any)?;
        let softened = spans.difference(&open);
        if !open.as_slice().is_empty() {
            let parts = self.by_origin(of_level, looked.lost, open)?;
            found.extend(parts.into_iter().map(|part| lost_time(None, part, None)));
        }
        if !softened.as_slice().is_empty() {
            let other = if level == Level::Hard { Level::Soft } else { Level::Hard };
            let parts = self.by_origin(of_level, looked.lost, Arc::new(softened))?;
            found.extend(parts.into_iter().map(|part| lost_time(Some(other), part, None)));
        }
        Ok(())
    }

    /// The parts of `spans`, each with the first window that closed it.
    fn by_origin(
        &self,
        windows: &[&SpotWindow],
        lost: LayersId,
        spans: Arc<Intervals>,
    ) -> Result<Vec<(Origin, Arc<Intervals>)>, Halt> {
        let early = self.layers.borrow().get(lost)?.first().map_or(Seconds::ZERO, |layer| layer.early);
        let mut left = spans;
        let mut parts: Vec<(Origin, Arc<Intervals>)> = Vec::new();
        for window in windows {
            let (Some(first), Some(last)) = (left.as_slice().first(), left.as_slice().last()) else {
                break;
            };
            let around = Interval { from: first.from, until: last.until.saturating_add(self.room) };
            let closed = self.shapes.closed(window.shape, around, self.work)?;
            self.work.spend(closed.as_slice().len().saturating_add(left.as_slice().len()))?;
            let refused = |span: &Interval| earlier(*span, early).clipped(window.starts);
            let closed = Intervals::union(closed.as_slice().iter().map(refused).collect());
            let part = closed.intersection(&left);
            if part.as_slice().is_empty() {
                continue;
            }
            let rest = left.difference(&part);
            let is_all = rest.as_slice().is_empty();
            parts.push((window.origin, if is_all { Arc::clone(&left) } else { Arc::new(part) }));
            left = Arc::new(rest);
        }
        if parts.is_empty() || !left.as_slice().is_empty() {
            // such as what is lost for good, of which no span is known
            let origin = windows.first().map(|window| window.origin).ok_or(Halt::TooMuch)?;
            parts.push((origin, left));
        }
        Ok(parts)
    }
}

/// A freeze, and its hazards that are not exempt where it is met.
fn of_side<'p>(side: &PolicySide<'p>, of_hazards: HazardFreeze) -> Option<(&'p Freeze, Vec<&'p Arc<Hazard>>)> {
    let freeze = side.policy.freezes.get(of_hazards.freeze)?;
    let environment = side.policy.environments.get(of_hazards.environment)?;
    Some((freeze, side.policy.hazards_in(environment, freeze)))
}

/// A closed span, with the time before it in which it is too late to start.
const fn earlier(span: Interval, early: Seconds) -> Interval {
    Interval { from: span.from.saturating_sub(early), until: span.until }
}

/// Shapes, by how much too early a start is refused and by the starts that are refused, in seconds.
type ByStarts = BTreeMap<(Seconds, (Instant, Instant)), Vec<ShapeId>>;

/// Adds a window that refuses a start so much too early.
fn add(by_starts: &mut ByStarts, early: Seconds, window: &SpotWindow) {
    by_starts.entry((early, (window.starts.from, window.starts.until))).or_default().push(window.shape);
}

fn layers_of(by_starts: ByStarts) -> Layers {
    let layer = |((early, starts), shapes): (_, Vec<ShapeId>)| Layer { early, starts, shapes: numbers(shapes) };
    by_starts.into_iter().map(layer).collect()
}
