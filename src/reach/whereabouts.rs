//! What paths and refs reach, and by which targets: for people who want to know before they change anything.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::escape::bytes_for_terminal;
use crate::policy::{Environment, KindSet, Region, Service};
use crate::reach::{Because, Misdirected, Reached, Shown};

/// As many of what is unknown are told.
const MOST_UNKNOWN: usize = 20;

/// The places that one path, one folder or one ref reaches.
#[derive(Debug, Default)]
pub struct Whereabouts {
    /// The number of files that were looked at; 0 of a ref.
    pub files: u64,
    /// Everything that is reached, by each target, in the order in which it was found.
    pub reached: Vec<ReachedHere>,
    /// The number of files that reach nothing.
    pub missed: u64,
    /// The first of those, for people.
    pub missed_example: Option<String>,
    /// The number of files that lie where a change is refused at any hour.
    pub refused: u64,
    /// The targets that match one of the files, and leave it out by `except`.
    pub left_out: Vec<Place>,
    /// Names that no table has, and service and region that exclude each other: the first few of them.
    pub unknown: Vec<Misdirected>,
    known: HashMap<HereKey, usize>,
}

/// An environment, in a region, that a target maps paths or a ref to.
#[derive(Debug, Clone)]
pub struct ReachedHere {
    /// The environment.
    pub environment: Arc<Environment>,
    /// The region; `None` only where the policy has no regions.
    pub region: Option<Arc<Region>>,
    /// The service, if the target shows one.
    pub service: Option<Arc<Service>>,
    /// The kinds that the target shows.
    pub kinds: KindSet,
    /// The target.
    pub target: Place,
    /// True if a ref reaches it only with a path that the target names.
    pub asks_for_path: bool,
    /// The number of files that reach it; 0 of a ref.
    pub files: u64,
    /// The first of those, for people.
    pub example: Option<String>,
}

/// By which one thing that is reached is distinguished from others.
type HereKey = (Place, bool, usize, Option<usize>, Option<usize>, KindSet);

impl Whereabouts {
    /// Adds what a file shows, and the targets that match it and leave it out.
    pub fn add_file(&mut self, path: &[u8], shown: Shown, left_out: Vec<Place>) {
        self.files = self.files.saturating_add(1);
        let (reaches, is_refused) = (!shown.hits.is_empty(), !shown.unknown.is_empty());
        for place in left_out {
            if !self.left_out.contains(&place) {
                self.left_out.push(place);
            }
        }
        if is_refused {
            self.refused = self.refused.saturating_add(1);
        } else if !reaches {
            self.missed = self.missed.saturating_add(1);
            self.missed_example.get_or_insert_with(|| bytes_for_terminal(path).into_owned());
        }
        let places: BTreeSet<usize> = shown.hits.iter().filter_map(|hit| self.place(&hit.reached)).collect();
        for place in places {
            if let Some(here) = self.reached.get_mut(place) {
                here.files = here.files.saturating_add(1);
                here.example.get_or_insert_with(|| bytes_for_terminal(path).into_owned());
            }
        }
        self.note_unknown(shown.unknown);
    }

    /// Adds what a ref shows.
    pub fn add_ref(&mut self, shown: Shown) {
        for hit in &shown.hits {
            self.place(&hit.reached);
        }
        self.note_unknown(shown.unknown);
    }

    fn note_unknown(&mut self, unknown: Vec<Misdirected>) {
        for one in unknown {
            if self.unknown.len() < MOST_UNKNOWN && !self.unknown.iter().any(|known| known.message == one.message) {
                self.unknown.push(one);
            }
        }
    }

    /// Returns where in [`Whereabouts::reached`] it stands, added if it is new; `None` of what no target shows.
    fn place(&mut self, reached: &Reached) -> Option<usize> {
        let (target, asks_for_path) = match &reached.because {
            Because::Shown { policy, .. } => (*policy, false),
            Because::Possible { policy, .. } => (*policy, true),
            Because::Declared | Because::Job { .. } | Because::PolicyEdit { .. } | Because::Routes { .. } => {
                return None;
            }
        };
        let address = |region: &Arc<Region>| Arc::as_ptr(region).addr();
        let key: HereKey = (
            target,
            asks_for_path,
            Arc::as_ptr(&reached.environment).addr(),
            reached.region.as_ref().map(address),
            reached.service.as_ref().map(|service| Arc::as_ptr(service).addr()),
            reached.kinds,
        );
        let next = self.reached.len();
        let place = *self.known.entry(key).or_insert(next);
        if place == next {
            self.reached.push(ReachedHere {
                environment: Arc::clone(&reached.environment),
                region: reached.region.clone(),
                service: reached.service.clone(),
                kinds: reached.kinds,
                target,
                asks_for_path,
                files: 0,
                example: None,
            });
        }
        Some(place)
    }
}
