//! What a move of a ref shows, by environment.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::Place;
use crate::gate::comparison::Move;
use crate::gate::history::known::PathsInQuestion;
use crate::policy::Policy;
use crate::reach::{Because, Shown};
use crate::report::Breadth;

/// A move, with what it shows by environment.
pub(crate) struct OfMove<'m> {
    pub(crate) one: &'m Move<'m>,
    /// Those that it is judged for; `None`: all.
    environments: Option<HashSet<&'m str>>,
    /// The way in which it is judged, see [`Breadth`].
    pub(crate) judged_by: Option<String>,
    /// The targets by which each is reached; `None`: it is reached as a whole.
    pub(crate) shown: HashMap<&'m str, Option<Vec<Place>>>,
}

impl<'m> OfMove<'m> {
    pub(crate) fn new(one: &'m Move<'m>, shown: &'m Shown, policy: &Policy) -> Self {
        let with_paths: HashSet<Place> =
            policy.targets.iter().filter(|target| !target.paths.is_empty()).map(|target| target.place).collect();
        let mut by_name: HashMap<&str, Option<Vec<Place>>> = HashMap::new();
        for hit in &shown.hits {
            let places = by_name.entry(hit.reached.environment.name.as_str()).or_insert_with(|| Some(Vec::new()));
            match (&hit.reached.because, &mut *places) {
                (Because::Shown { policy: place, .. }, Some(list)) if with_paths.contains(place) => {
                    if list.last() != Some(place) {
                        list.push(*place);
                    }
                }
                (
                    Because::Shown { .. }
                    | Because::Declared
                    | Because::Job { .. }
                    | Because::Possible { .. }
                    | Because::PolicyEdit { .. }
                    | Because::Routes { .. },
                    _,
                ) => *places = None,
            }
        }
        let environments = one.environments.map(|names| names.iter().map(String::as_str).collect());
        let judged_by = Breadth::of(shown, policy, one.name.as_ref()).scope;
        Self { one, environments, judged_by, shown: by_name }
    }

    pub(crate) fn is_for(&self, environment: &str) -> bool {
        self.environments.as_ref().is_none_or(|names| names.contains(environment))
    }

    /// The paths of the targets by which an environment is reached; `None` if it is by none.
    pub(crate) fn scope(&self, environment: &str) -> Option<PathsInQuestion> {
        let places = self.shown.get(environment)?;
        Some(
            places
                .as_ref()
                .map_or(PathsInQuestion::Whole, |places| PathsInQuestion::Targets(places.iter().copied().collect())),
        )
    }
}
