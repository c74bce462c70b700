//! One of two policies, prepared: which windows close an environment in a region for a service.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::compare::shapes::{ShapeId, Shapes, WindowShape};
use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Freeze, FreezeScope, FreezeZone, KindSet, Level, Policy, Rollout, RolloutLevel, rollout};
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::window::Rule;

/// An environment in a region for a service, as places in the lists of one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PlaceInLists {
    pub(super) environment: usize,
    /// `None` only if the policy has no regions.
    pub(super) region: Option<usize>,
    /// `None` if it may be any.
    pub(super) service: Option<usize>,
}

/// The entry of a policy that a window comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// The core hours of the region at this place in the list.
    CoreHours(usize),
    /// The change windows of the environment.
    ChangeWindows(usize),
    /// The freeze.
    Freeze(usize),
    /// The days that the calendar of the freeze says nothing about.
    Stale(usize),
}

/// A window that refuses what it stops.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpotWindow {
    pub(super) shape: ShapeId,
    pub(super) level: Level,
    /// The starts of a change for which it is of this level, as a roll-out may hold it back.
    pub(super) starts: Interval,
    pub(super) kinds: Option<KindSet>,
    pub(super) exempt: KindSet,
    pub(super) origin: Origin,
    /// The freeze that closes only what shows one of the hazards that it names, and where.
    pub(super) of_hazards: Option<HazardFreeze>,
}

/// A freeze that names hazards, in an environment, where some of these may be exempt; as places in the lists of one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct HazardFreeze {
    pub(super) freeze: usize,
    pub(super) environment: usize,
}

impl SpotWindow {
    /// Returns whether it closes because a calendar has run out.
    pub(super) const fn is_stale(&self) -> bool {
        matches!(self.origin, Origin::Stale(_))
    }

    /// Returns whether it closes all that `other` closes, for all that `other` stops, whatever their levels and their hazards.
    pub(super) fn stops_all_of(&self, other: &Self) -> bool {
        let kinds = match (self.kinds, other.kinds) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => others.is_subset_of(own),
        };
        let starts = self.starts.from <= other.starts.from && self.starts.until >= other.starts.until;
        self.shape == other.shape && kinds && starts && self.exempt.is_subset_of(other.exempt)
    }
}

/// The shapes of a freeze.
#[derive(Debug)]
enum FreezeShapes {
    /// In its own zone: when it is, and when its calendar has run out.
    Zone([Option<ShapeId>; 2]),
    /// The same for each region, in the order of the policy.
    Regions(Vec<[Option<ShapeId>; 2]>),
}

/// A policy, prepared.
#[derive(Debug)]
pub(super) struct PolicySide<'p> {
    pub(super) policy: &'p Policy,
    /// The regions of each environment, as places in the list of the policy.
    pub(super) served: Vec<Vec<usize>>,
    /// The same, for look-ups.
    served_by: Vec<HashSet<usize>>,
    /// The regions of each service; empty: no narrowing.
    reached_by: Vec<HashSet<usize>>,
    core_hours: Vec<Option<ShapeId>>,
    change_windows: Vec<Option<ShapeId>>,
    freezes: Vec<FreezeShapes>,
    /// The regions and services that each freeze closes, as places in the lists of the policy; `None` for all.
    scopes: Vec<[Option<HashSet<usize>>; 2]>,
    /// The freezes that refuse, for each environment.
    freezes_of: Vec<Vec<usize>>,
    /// Of those, the ones that the other policy does not have alike.
    changed_of: Vec<Vec<usize>>,
}

/// The place where each thing is in a list of the policy, distinguished as [`FreezeScope::contains`] does.
struct ListPlaces<T>(HashMap<*const T, usize>);

impl<T> ListPlaces<T> {
    fn of(list: &[Arc<T>], work: &Work) -> Result<Self, Halt> {
        work.spend(list.len())?;
        Ok(Self(list.iter().enumerate().map(|(index, one)| (Arc::as_ptr(one), index)).collect()))
    }

    fn find(&self, items: &[Arc<T>], work: &Work) -> Result<Vec<usize>, Halt> {
        work.spend(items.len())?;
        Ok(items.iter().filter_map(|item| self.0.get(&Arc::as_ptr(item)).copied()).collect())
    }

    /// The places of a scope; `None` for all.
    fn scope(&self, scope: &FreezeScope<T>, work: &Work) -> Result<Option<HashSet<usize>>, Halt> {
        match scope {
            FreezeScope::All => Ok(None),
            FreezeScope::Only(items) => self.find(items, work).map(|found| Some(found.into_iter().collect())),
        }
    }
}

impl<'p> PolicySide<'p> {
    /// Prepares a policy.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn new(policy: &'p Policy, shapes: &mut Shapes<'p>, work: &Work) -> Result<Self, Halt> {
        let mut core_hours = Vec::with_capacity(policy.regions.len());
        for region in &policy.regions {
            core_hours.push(match &region.core_hours {
                Some(core_hours) => Some(shapes.number(WindowShape::Closed(&core_hours.rule, &region.zones), work)?),
                None => None,
            });
        }
        let mut change_windows = Vec::with_capacity(policy.environments.len());
        for environment in &policy.environments {
            let windows = environment.change_windows.as_slice();
            change_windows.push(match windows {
                [] => None,
                [..] => Some(shapes.number(WindowShape::Outside(windows), work)?),
            });
        }
        let environments = ListPlaces::of(&policy.environments, work)?;
        let regions = ListPlaces::of(&policy.regions, work)?;
        let services = ListPlaces::of(&policy.services, work)?;
        let mut freezes = Vec::with_capacity(policy.freezes.len());
        let mut scopes = Vec::with_capacity(policy.freezes.len());
        let mut freezes_of = vec![Vec::new(); policy.environments.len()];
        for (index, freeze) in policy.freezes.iter().enumerate() {
            freezes.push(freeze_shapes(policy, freeze, shapes, work)?);
            scopes.push([regions.scope(&freeze.regions, work)?, services.scope(&freeze.services, work)?]);
            if !freeze.level.refuses() {
                continue;
            }
            let closed: Vec<usize> = match &freeze.environments {
                FreezeScope::All => (0..policy.environments.len()).collect(),
                FreezeScope::Only(items) => environments.find(items, work)?,
            };
            work.spend(closed.len())?;
            for place in closed {
                if is_exempt(policy, place, freeze, work)? {
                    continue;
                }
                if let Some(of) = freezes_of.get_mut(place).filter(|of| of.last() != Some(&index)) {
                    of.push(index);
                }
            }
        }
        let served = policy.environments.iter().map(|one| regions.find(&one.regions, work));
        let served = served.collect::<Result<Vec<Vec<usize>>, Halt>>()?;
        let reached = policy.services.iter().map(|one| regions.find(&one.regions, work));
        let reached = reached.collect::<Result<Vec<Vec<usize>>, Halt>>()?;
        let set = |list: &Vec<usize>| list.iter().copied().collect::<HashSet<usize>>();
        Ok(Self {
            policy,
            served_by: served.iter().map(set).collect(),
            reached_by: reached.iter().map(set).collect(),
            served,
            core_hours,
            change_windows,
            freezes,
            scopes,
            freezes_of,
            changed_of: Vec::new(),
        })
    }

    /// Notes which freezes of either policy the other does not have alike, in all that counts.
    pub(super) fn note_changed(old: &mut Self, new: &mut Self, work: &Work) -> Result<(), Halt> {
        let mut seen: BTreeMap<Vec<Vec<u8>>, [Vec<usize>; 2]> = BTreeMap::new();
        for index in 0..old.policy.freezes.len() {
            let [of_old, _] = seen.entry(old.freeze_key(index, work)?).or_default();
            of_old.push(index);
        }
        for index in 0..new.policy.freezes.len() {
            let [_, of_new] = seen.entry(new.freeze_key(index, work)?).or_default();
            of_new.push(index);
        }
        let mut changed = [vec![false; old.policy.freezes.len()], vec![false; new.policy.freezes.len()]];
        for [of_old, of_new] in seen.values().filter(|[of_old, of_new]| of_old.is_empty() || of_new.is_empty()) {
            let [in_old, in_new] = &mut changed;
            for (flags, indexes) in [(in_old, of_old), (in_new, of_new)] {
                for index in indexes {
                    if let Some(flag) = flags.get_mut(*index) {
                        *flag = true;
                    }
                }
            }
        }
        let [in_old, in_new] = changed;
        for (side, flags) in [(old, in_old), (new, in_new)] {
            // what hazards are is written elsewhere, so that freezes that name some are compared in any case
            let names_hazards = |index: usize| side.policy.freezes.get(index).is_none_or(|one| !one.hazards.is_all());
            let is_changed = |index: &usize| names_hazards(*index) || flags.get(*index).copied().unwrap_or(true);
            side.changed_of =
                side.freezes_of.iter().map(|of| of.iter().copied().filter(is_changed).collect()).collect();
        }
        Ok(())
    }

    /// All that decides what a freeze closes, which hazards, its own name and what it says for people left aside.
    fn freeze_key(&self, index: usize, work: &Work) -> Result<Vec<Vec<u8>>, Halt> {
        fn names<T>(scope: &FreezeScope<T>, name: impl Fn(&T) -> &str) -> Vec<Vec<u8>> {
            match scope {
                FreezeScope::All => vec![b"*".to_vec()],
                FreezeScope::Only(items) => {
                    let mut names: Vec<Vec<u8>> = items.iter().map(|item| name(item).as_bytes().to_vec()).collect();
                    names.sort_unstable();
                    names
                }
            }
        }
        let Some(freeze) = self.policy.freezes.get(index) else {
            return Ok(Vec::new());
        };
        let closes_all = freeze.hazards.is_all();
        // whose freeze it is says which roll-outs hold it back
        let layer = self.policy.sources.file(freeze.place.file).map(|file| file.layer);
        let manner = (freeze.level, freeze.kinds, freeze.exempt, closes_all, layer);
        let mut key = vec![format!("{manner:?}").into_bytes()];
        match self.freezes.get(index) {
            Some(FreezeShapes::Zone(shapes)) => key.push(format!("{shapes:?}").into_bytes()),
            Some(FreezeShapes::Regions(list)) => {
                let named = self.policy.regions.iter().zip(list);
                key.extend(named.map(|(region, shapes)| format!("{} {shapes:?}", region.name).into_bytes()));
            }
            None => {}
        }
        for names in [
            names(&freeze.environments, |one| &one.name),
            names(&freeze.regions, |one| &one.name),
            names(&freeze.services, |one| &one.name),
        ] {
            key.push(names.len().to_string().into_bytes());
            key.extend(names);
        }
        // texts, sorted
        work.spend(key.len().saturating_mul(4))?;
        Ok(key)
    }

    /// The least duration of a change of an environment and the time to settle after it if it shows no hazard, in seconds.
    pub(super) fn runway_parts(&self, environment: usize) -> (Seconds, Seconds) {
        self.policy
            .environments
            .get(environment)
            .map_or((Seconds::ZERO, Seconds::ZERO), |one| (one.duration, one.settle))
    }

    /// The windows that refuse what they stop at a spot; of freezes, with `changed_only`, those that changed.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn windows(&self, spot: PlaceInLists, changed_only: bool, work: &Work) -> Result<Vec<SpotWindow>, Halt> {
        let Some(environment) = self.policy.environments.get(spot.environment) else {
            return Ok(Vec::new());
        };
        let mut windows = Vec::new();
        let standing = |shape, level, origin| {
            let levels = refusing(self.policy.rollout_of(environment, None), level);
            levels.map(move |RolloutLevel { starts, level }| SpotWindow {
                shape,
                level,
                starts,
                kinds: None,
                exempt: environment.exempt,
                origin,
                of_hazards: None,
            })
        };
        if let (Some(level), Some(region)) = (environment.during_core_hours.filter(|one| one.refuses()), spot.region)
            && let Some(shape) = self.core_hours.get(region).copied().flatten()
        {
            windows.extend(standing(shape, level, Origin::CoreHours(region)));
        }
        if let Some(shape) = self.change_windows.get(spot.environment).copied().flatten() {
            windows.extend(standing(shape, Level::Hard, Origin::ChangeWindows(spot.environment)));
        }
        let freezes = if changed_only { &self.changed_of } else { &self.freezes_of };
        let freezes = freezes.get(spot.environment).map_or(&[][..], Vec::as_slice);
        work.spend(freezes.len().saturating_add(2))?;
        for index in freezes {
            let Some((freeze, shapes)) = self.policy.freezes.get(*index).zip(self.freezes.get(*index)) else {
                continue;
            };
            if !self.applies(*index, spot) {
                continue;
            }
            let shapes = match (shapes, spot.region) {
                (FreezeShapes::Zone(shapes), _) => *shapes,
                (FreezeShapes::Regions(list), Some(region)) => list.get(region).copied().unwrap_or([None; 2]),
                (FreezeShapes::Regions(_), None) => [None; 2],
            };
            let of_hazards = HazardFreeze { freeze: *index, environment: spot.environment };
            let of_hazards = (!freeze.hazards.is_all()).then_some(of_hazards);
            for RolloutLevel { starts, level } in
                refusing(self.policy.rollout_of(environment, Some(freeze)), freeze.level)
            {
                for (shape, origin) in shapes.into_iter().zip([Origin::Freeze(*index), Origin::Stale(*index)]) {
                    windows.extend(shape.map(|shape| SpotWindow {
                        shape,
                        level,
                        starts,
                        kinds: freeze.kinds,
                        exempt: freeze.exempt,
                        origin,
                        of_hazards,
                    }));
                }
            }
        }
        Ok(windows)
    }

    /// Returns whether the windows of an environment come to their levels at the same instants as those of one of `other`.
    pub(super) fn rolls_out_as(&self, environment: usize, other: &Self, of_other: usize) -> bool {
        let stages = |side: &Self, place: usize| {
            let rollout = side.policy.environments.get(place).and_then(|one| one.rollout.as_ref());
            // whose it is says which freezes it holds back
            let layer = rollout.and_then(|one| side.policy.sources.file(one.place.file)).map(|file| file.layer);
            (layer, rollout::levels(rollout, Level::Hard))
        };
        stages(self, environment) == stages(other, of_other)
    }

    /// Returns whether an environment serves a region.
    pub(super) fn is_served(&self, environment: usize, region: usize) -> bool {
        self.served_by.get(environment).is_some_and(|regions| regions.contains(&region))
    }

    /// Returns whether a change of the service reaches the region, if an environment serves it.
    pub(super) fn is_reached(&self, service: Option<usize>, region: usize) -> bool {
        let narrowed = service.and_then(|service| self.reached_by.get(service));
        narrowed.is_none_or(|regions| regions.is_empty() || regions.contains(&region))
    }

    /// Returns whether a freeze names the service.
    pub(super) fn names_service(&self, freeze: usize, service: usize) -> bool {
        let services = self.scopes.get(freeze).and_then(|[_, services]| services.as_ref());
        services.is_some_and(|services| services.contains(&service))
    }

    /// Returns whether a freeze of the environment closes the spot; a change of no known service may be one of any.
    fn applies(&self, freeze: usize, spot: PlaceInLists) -> bool {
        let Some([regions, services]) = self.scopes.get(freeze) else {
            return false;
        };
        let region = match (regions, spot.region) {
            (None, _) => true,
            (Some(regions), Some(region)) => regions.contains(&region),
            (Some(_), None) => false,
        };
        region && services.as_ref().is_none_or(|services| spot.service.is_none_or(|one| services.contains(&one)))
    }

    /// Returns where an entry is written.
    pub(super) fn place(&self, origin: Origin) -> Option<Place> {
        match origin {
            Origin::CoreHours(region) => {
                self.policy.regions.get(region).and_then(|one| one.core_hours.as_ref()).map(|one| one.place)
            }
            Origin::ChangeWindows(environment) => {
                self.policy.environments.get(environment).map(|one| one.change_windows_place)
            }
            Origin::Freeze(freeze) | Origin::Stale(freeze) => self.policy.freezes.get(freeze).map(|one| one.rule_place),
        }
    }

    /// Returns whether an entry is a freeze that names hazards.
    pub(super) fn names_hazards(&self, origin: Origin) -> bool {
        match origin {
            Origin::CoreHours(_) | Origin::ChangeWindows(_) => false,
            Origin::Freeze(freeze) | Origin::Stale(freeze) => {
                self.policy.freezes.get(freeze).is_some_and(|one| !one.hazards.is_all())
            }
        }
    }

    /// Returns what an entry is called, for people.
    pub(super) fn text(&self, origin: Origin) -> String {
        let name = |name: Option<&String>| name.map_or("", String::as_str).to_owned();
        match origin {
            Origin::CoreHours(region) => {
                format!("core hours of `{}`", name(self.policy.regions.get(region).map(|one| &one.name)))
            }
            Origin::ChangeWindows(environment) => {
                format!("change windows of `{}`", name(self.policy.environments.get(environment).map(|one| &one.name)))
            }
            Origin::Freeze(freeze) => {
                let freeze = self.policy.freezes.get(freeze);
                let which = freeze.filter(|one| !one.hazards.is_all()).map_or("", |_| ", which names hazards");
                format!("freeze `{}`{which}", name(freeze.map(|one| &one.name)))
            }
            Origin::Stale(freeze) => {
                let freeze = self.policy.freezes.get(freeze);
                format!("end of the calendar of freeze `{}`", name(freeze.map(|one| &one.name)))
            }
        }
    }
}

/// Returns whether a freeze names hazards, and all of them are exempt in an environment.
fn is_exempt(policy: &Policy, environment: usize, freeze: &Freeze, work: &Work) -> Result<bool, Halt> {
    let (FreezeScope::Only(named), Some(environment)) = (&freeze.hazards, policy.environments.get(environment)) else {
        return Ok(false);
    };
    work.spend(named.len().saturating_mul(environment.exempt_hazards.len()))?;
    Ok(policy.hazards_in(environment, freeze).is_empty())
}

/// For which starts of a change a window of the level `own` refuses, at which level.
fn refusing(rollout: Option<&Rollout>, own: Level) -> impl Iterator<Item = RolloutLevel> + use<> {
    rollout::levels(rollout, own).into_iter().filter(|one| one.level.refuses())
}

fn freeze_shapes<'p>(
    policy: &'p Policy,
    freeze: &'p Freeze,
    shapes: &mut Shapes<'p>,
    work: &Work,
) -> Result<FreezeShapes, Halt> {
    let mut both = |zones| -> Result<[Option<ShapeId>; 2], Halt> {
        let stale = match freeze.rule {
            Rule::Around { .. } => Some(shapes.number(WindowShape::Stale(&freeze.rule, zones), work)?),
            Rule::Hours { .. } | Rule::Once { .. } | Rule::Recurring { .. } => None,
        };
        Ok([Some(shapes.number(WindowShape::Closed(&freeze.rule, zones), work)?), stale])
    };
    Ok(match &freeze.zone {
        FreezeZone::Zone(zone) => FreezeShapes::Zone(both(std::slice::from_ref(zone))?),
        FreezeZone::Region => {
            let of_regions = policy.regions.iter().map(|region| both(&region.zones));
            FreezeShapes::Regions(of_regions.collect::<Result<_, Halt>>()?)
        }
    })
}

impl PolicySide<'_> {
    /// The names of a spot.
    pub(super) fn names(&self, spot: PlaceInLists) -> [Option<&str>; 3] {
        [
            self.policy.environments.get(spot.environment).map(|one| one.name.as_str()),
            spot.region.and_then(|region| self.policy.regions.get(region)).map(|one| one.name.as_str()),
            spot.service.and_then(|service| self.policy.services.get(service)).map(|one| one.name.as_str()),
        ]
    }
}
