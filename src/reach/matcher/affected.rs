//! Routes that an edit affects, whichever file it is made in.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::escape::for_terminal;
use crate::policy::{Environment, KindSet, Policy, Region};
use crate::reach::matcher::OfRef;
use crate::reach::reached::ReachedPlace;
use crate::reach::routes::AffectedRoute;
use crate::reach::shown::{Hit, ShownError};
use crate::reach::{Because, Reached, Shown};

impl OfRef<'_, '_, '_> {
    /// Notes what an edit reaches by the routes that it affects: for each, what an edit of the route's own file would, and its owners. `place` is that
    /// of `[routes]`.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where that can't be determined.
    pub fn affected(
        &self,
        routes: &BTreeSet<AffectedRoute>,
        place: Place,
        shown: &mut Shown,
    ) -> Result<(), ShownError> {
        let mut of_routes = Vec::new();
        // what the edited file itself reaches is a change of that, by those who deploy it
        let mut own: BTreeMap<&str, HashSet<ReachedPlace>> = BTreeMap::new();
        let mut owners: Vec<RouteOwner<'_>> = Vec::new();
        for route in routes {
            let by = || for_terminal(&route.by).into_owned();
            let matches = self.matches(route.file.as_deref().unwrap_or_default().as_bytes())?;
            if !own.contains_key(route.by.as_str()) {
                let mut of_edited = Shown::default();
                for (index, found) in self.matches(route.by.as_bytes())? {
                    for of_ref in self.active.get(index).into_iter().flatten() {
                        self.matcher.note(index, &found.captures, of_ref, by, &mut of_edited)?;
                    }
                }
                let places = of_edited.hits.iter().map(|hit| hit.reached.place());
                own.insert(&route.by, places.collect());
            }
            let is_mapped = !matches.is_empty();
            let mut of_route = Shown::default();
            for (index, found) in matches {
                for of_ref in self.active.get(index).into_iter().flatten() {
                    // a name in the path of a route that no table has is no doing of the edit
                    self.matcher.note(index, &found.captures, of_ref, by, &mut of_route)?;
                }
            }
            // a target that maps the file to others says nothing of its owners, and one for other refs nothing at all
            let is_left_out = |name: &String| match of_route.hits.as_slice() {
                [] => is_mapped,
                hits => hits.iter().any(|hit| hit.reached.environment.name == *name),
            };
            let names = route.owners.iter().filter(|name| route.elsewhere.contains(*name) || !is_left_out(name));
            owners.extend(names.map(|name| RouteOwner { name, by: &route.by }));
            let is_others =
                |hit: &Hit| !own.get(route.by.as_str()).is_some_and(|own| own.contains(&hit.reached.place()));
            of_routes.extend(of_route.hits.into_iter().filter(is_others));
        }
        let is_others = |hit: &Hit, by: &str| !own.get(by).is_some_and(|own| own.contains(&hit.reached.place()));
        shown.add_routes(self.matcher.policy, &owners, (of_routes, place), is_others);
        Ok(())
    }
}

/// An environment whose requests go by an affected route.
struct RouteOwner<'r> {
    name: &'r str,
    /// The edited file.
    by: &'r str,
}

impl Shown {
    /// Adds the owners of affected routes, all their regions.
    pub fn add_owners(&mut self, policy: &Policy, routes: &BTreeSet<AffectedRoute>, place: Place) {
        let mut owners: Vec<RouteOwner<'_>> = Vec::new();
        for AffectedRoute { elsewhere, by, .. } in routes {
            owners.extend(elsewhere.iter().map(|name| RouteOwner { name, by }));
        }
        self.add_routes(policy, &owners, (Vec::new(), place), |_, _| true);
    }

    fn add_routes(
        &mut self,
        policy: &Policy,
        owners: &[RouteOwner<'_>],
        (by_files, place): (Vec<Hit>, Place),
        is_others: impl Fn(&Hit, &str) -> bool,
    ) {
        // what the files of the edit reach may be left to others, and this is not
        let mut known: HashSet<(ReachedPlace, KindSet)> = HashSet::new();
        for mut hit in by_files {
            if !known.insert(hit.reached.identity()) {
                continue;
            }
            if let Because::Shown { what, .. } = hit.reached.because {
                hit.reached.because = Because::Routes { what, policy: place };
            }
            self.hits.push(Hit { every: true, ..hit });
        }
        let mut told: HashSet<(&str, &str)> = HashSet::new();
        for RouteOwner { name, by } in owners {
            let Some(environment) = policy.environment(name).filter(|_| told.insert((name, by))) else {
                continue;
            };
            let regions: Vec<Option<&Arc<Region>>> = match environment.regions.as_slice() {
                [] => vec![None],
                regions => regions.iter().map(Some).collect(),
            };
            for region in regions {
                let hit = of_owner(environment, region, by, place);
                if is_others(&hit, by) && known.insert(hit.reached.identity()) {
                    self.hits.push(hit);
                }
            }
        }
    }
}

fn of_owner(environment: &Arc<Environment>, region: Option<&Arc<Region>>, by: &str, policy: Place) -> Hit {
    Hit {
        reached: Reached {
            environment: Arc::clone(environment),
            region: region.cloned(),
            service: None,
            kinds: KindSet::NONE,
            because: Because::Routes { what: for_terminal(by).into_owned(), policy },
        },
        every: true,
        named_region: false,
        speaker: None,
    }
}
