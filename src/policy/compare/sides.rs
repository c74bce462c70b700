//! One of two policies, prepared: which windows close an environment in a region for a service.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::compare::shapes::{Shape, ShapeId, Shapes};
use crate::policy::{Freeze, FreezeZone, KindSet, Level, Policy, Scope};
use crate::time::window::Rule;

/// An environment in a region for a service, as places in the lists of one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub(super) environment: usize,
    /// `None` only if the policy has no regions.
    pub(super) region: Option<usize>,
    /// `None` if it may be any.
    pub(super) service: Option<usize>,
}

/// Which entry of a policy a window comes from.
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
    pub(super) kinds: Option<KindSet>,
    pub(super) exempt: KindSet,
    pub(super) origin: Origin,
}

impl SpotWindow {
    /// Whether it closes all that `other` closes, for all that `other` stops, at its level or a stricter one.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        let kinds = match (self.kinds, other.kinds) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => others.is_subset_of(own),
        };
        self.shape == other.shape && self.level >= other.level && kinds && self.exempt.is_subset_of(other.exempt)
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
pub(super) struct Side<'p> {
    pub(super) policy: &'p Policy,
    /// The regions of each environment, as places in the list of the policy.
    pub(super) served: Vec<Vec<usize>>,
    /// The regions of each service; empty: no narrowing.
    pub(super) reached: Vec<Vec<usize>>,
    core_hours: Vec<Option<ShapeId>>,
    change_windows: Vec<Option<ShapeId>>,
    freezes: Vec<FreezeShapes>,
    /// The freezes that refuse, for each environment.
    freezes_of: Vec<Vec<usize>>,
    /// Of those, the ones that the other policy does not have alike.
    changed_of: Vec<Vec<usize>>,
}

fn place_of<T>(list: &[Arc<T>], item: &Arc<T>) -> Option<usize> {
    list.iter().position(|one| Arc::ptr_eq(one, item))
}

fn places_of<T>(list: &[Arc<T>], items: &[Arc<T>]) -> Vec<usize> {
    items.iter().filter_map(|item| place_of(list, item)).collect()
}

impl<'p> Side<'p> {
    pub(super) fn new(policy: &'p Policy, shapes: &mut Shapes<'p>) -> Self {
        let core_hours = policy
            .regions
            .iter()
            .map(|region| {
                let core_hours = region.core_hours.as_ref()?;
                Some(shapes.number(Shape::Closed(&core_hours.rule, &region.zones)))
            })
            .collect();
        let change_windows = policy
            .environments
            .iter()
            .map(|environment| {
                let windows = environment.change_windows.as_slice();
                (!windows.is_empty()).then(|| shapes.number(Shape::Outside(windows)))
            })
            .collect();
        let freezes = policy.freezes.iter().map(|freeze| freeze_shapes(policy, freeze, shapes)).collect();
        let freezes_of = policy
            .environments
            .iter()
            .map(|environment| {
                let freezes = policy.freezes.iter().enumerate();
                let meant = freezes.filter(|(_, one)| one.level.refuses() && one.environments.contains(environment));
                meant.map(|(index, _)| index).collect()
            })
            .collect();
        Self {
            policy,
            served: policy.environments.iter().map(|one| places_of(&policy.regions, &one.regions)).collect(),
            reached: policy.services.iter().map(|one| places_of(&policy.regions, &one.regions)).collect(),
            core_hours,
            change_windows,
            freezes,
            freezes_of,
            changed_of: Vec::new(),
        }
    }

    /// Notes which freezes of either policy the other does not have alike, in all that counts.
    pub(super) fn note_changed(old: &mut Self, new: &mut Self) {
        let mut seen: BTreeMap<Vec<Vec<u8>>, [Vec<usize>; 2]> = BTreeMap::new();
        for index in 0..old.policy.freezes.len() {
            let [of_old, _] = seen.entry(old.freeze_key(index)).or_default();
            of_old.push(index);
        }
        for index in 0..new.policy.freezes.len() {
            let [_, of_new] = seen.entry(new.freeze_key(index)).or_default();
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
            let is_changed = |index: &usize| flags.get(*index).copied().unwrap_or(true);
            side.changed_of =
                side.freezes_of.iter().map(|of| of.iter().copied().filter(is_changed).collect()).collect();
        }
    }

    /// All that decides what a freeze closes, its own name and what it says for people left aside.
    fn freeze_key(&self, index: usize) -> Vec<Vec<u8>> {
        fn names<T>(scope: &Scope<T>, name: impl Fn(&T) -> &str) -> Vec<Vec<u8>> {
            match scope {
                Scope::All => vec![b"*".to_vec()],
                Scope::Only(items) => {
                    let mut names: Vec<Vec<u8>> = items.iter().map(|item| name(item).as_bytes().to_vec()).collect();
                    names.sort_unstable();
                    names
                }
            }
        }
        let Some(freeze) = self.policy.freezes.get(index) else {
            return Vec::new();
        };
        let mut key = vec![format!("{:?} {:?} {:?}", freeze.level, freeze.kinds, freeze.exempt).into_bytes()];
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
        key
    }

    /// The least duration of a change of an environment and the time to settle after it, in seconds.
    pub(super) fn runway_parts(&self, environment: usize) -> (i64, i64) {
        self.policy.environments.get(environment).map_or((0, 0), |one| (one.duration, one.settle))
    }

    /// The windows that refuse what they stop at a spot; of freezes, with `changed_only`, those that changed.
    pub(super) fn windows(&self, spot: Spot, changed_only: bool) -> Vec<SpotWindow> {
        let Some(environment) = self.policy.environments.get(spot.environment) else {
            return Vec::new();
        };
        let mut windows = Vec::new();
        let standing =
            |shape, level, origin| SpotWindow { shape, level, kinds: None, exempt: environment.exempt, origin };
        if let (Some(level), Some(region)) = (environment.during_core_hours.filter(|one| one.refuses()), spot.region)
            && let Some(shape) = self.core_hours.get(region).copied().flatten()
        {
            windows.push(standing(shape, level, Origin::CoreHours(region)));
        }
        if let Some(shape) = self.change_windows.get(spot.environment).copied().flatten() {
            windows.push(standing(shape, Level::Hard, Origin::ChangeWindows(spot.environment)));
        }
        let freezes = if changed_only { &self.changed_of } else { &self.freezes_of };
        for index in freezes.get(spot.environment).into_iter().flatten() {
            let Some((freeze, shapes)) = self.policy.freezes.get(*index).zip(self.freezes.get(*index)) else {
                continue;
            };
            if !self.applies(freeze, spot) {
                continue;
            }
            let shapes = match (shapes, spot.region) {
                (FreezeShapes::Zone(shapes), _) => *shapes,
                (FreezeShapes::Regions(list), Some(region)) => list.get(region).copied().unwrap_or([None; 2]),
                (FreezeShapes::Regions(_), None) => [None; 2],
            };
            for (shape, origin) in shapes.into_iter().zip([Origin::Freeze(*index), Origin::Stale(*index)]) {
                windows.extend(shape.map(|shape| SpotWindow {
                    shape,
                    level: freeze.level,
                    kinds: freeze.kinds,
                    exempt: freeze.exempt,
                    origin,
                }));
            }
        }
        windows
    }

    /// Whether a freeze of the environment closes the spot; a change of no known service may be one of any.
    fn applies(&self, freeze: &Freeze, spot: Spot) -> bool {
        let region = match spot.region.and_then(|region| self.policy.regions.get(region)) {
            Some(region) => freeze.regions.contains(region),
            None => freeze.regions.is_all(),
        };
        let service = spot.service.and_then(|service| self.policy.services.get(service));
        region && service.is_none_or(|service| freeze.services.contains(service))
    }

    /// Where an entry is written.
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

    /// What an entry is called, for people.
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
                format!("freeze `{}`", name(self.policy.freezes.get(freeze).map(|one| &one.name)))
            }
            Origin::Stale(freeze) => {
                let freeze = self.policy.freezes.get(freeze);
                format!("end of the calendar of freeze `{}`", name(freeze.map(|one| &one.name)))
            }
        }
    }
}

fn freeze_shapes<'p>(policy: &'p Policy, freeze: &'p Freeze, shapes: &mut Shapes<'p>) -> FreezeShapes {
    let mut both = |zones| {
        let stale =
            matches!(freeze.rule, Rule::Around { .. }).then(|| shapes.number(Shape::Stale(&freeze.rule, zones)));
        [Some(shapes.number(Shape::Closed(&freeze.rule, zones))), stale]
    };
    match &freeze.zone {
        FreezeZone::Zone(zone) => FreezeShapes::Zone(both(std::slice::from_ref(zone))),
        FreezeZone::Region => FreezeShapes::Regions(policy.regions.iter().map(|region| both(&region.zones)).collect()),
    }
}

impl Side<'_> {
    /// The names of a spot.
    pub(super) fn names(&self, spot: Spot) -> [Option<&str>; 3] {
        [
            self.policy.environments.get(spot.environment).map(|one| one.name.as_str()),
            spot.region.and_then(|region| self.policy.regions.get(region)).map(|one| one.name.as_str()),
            spot.service.and_then(|service| self.policy.services.get(service)).map(|one| one.name.as_str()),
        ]
    }
}
