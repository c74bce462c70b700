//! Whose a backend is.

use std::collections::{BTreeMap, BTreeSet};

use crate::guard::guarded::GuardedRoutes;
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::reader::ReadRoutes;
use crate::route::table::RouteEntry;

/// The environments of namespaces and files, each looked up once.
pub(super) struct Owners<'g, 'p> {
    guarded: &'g GuardedRoutes<'p>,
    by_namespace: BTreeMap<String, Option<String>>,
    by_file: BTreeMap<String, Option<String>>,
    /// The environments whose files have manifests in a namespace; empty if `owners` says whose it is.
    of_services: BTreeMap<String, BTreeSet<String>>,
}

impl<'g, 'p> Owners<'g, 'p> {
    pub(super) fn new(guarded: &'g GuardedRoutes<'p>) -> Self {
        Self { guarded, by_namespace: BTreeMap::new(), by_file: BTreeMap::new(), of_services: BTreeMap::new() }
    }

    /// Returns whether manifests are rendered: their paths say nothing.
    pub(super) const fn is_rendered(&self) -> bool {
        self.guarded.is_rendered
    }

    /// Takes in the manifests that were there before: a service that answers by itself is of those who have manifests beside it.
    pub(super) fn know_services<'m>(&mut self, before: impl Iterator<Item = &'m RouteManifest>) {
        if !self.guarded.guard.owners.is_empty() {
            return;
        }
        for manifest in before.filter(|manifest| manifest.has_namespace) {
            if let Some(environment) = self.of_file(&manifest.file) {
                self.of_services.entry(manifest.namespace.clone()).or_default().insert(environment);
            }
        }
    }

    /// The names of the environments whose backends answer by a route; none if nobody does, or if that is not known.
    pub(super) fn of(&mut self, entry: &RouteEntry) -> BTreeSet<String> {
        if entry.backend.is_none() {
            return BTreeSet::new();
        }
        if self.guarded.guard.owners.is_empty() {
            let own = self.of_file(&entry.file);
            let beside = entry.namespaces.iter().filter(|_| entry.object.is_empty());
            let beside: BTreeSet<&String> =
                beside.filter_map(|namespace| self.of_services.get(namespace)).flatten().collect();
            return match own {
                Some(own) if beside.is_empty() || beside.contains(&own) => BTreeSet::from([own]),
                Some(_) | None => beside.into_iter().cloned().collect(),
            };
        }
        entry.namespaces.iter().filter_map(|namespace| self.of_namespace(namespace)).collect()
    }

    /// The environment that the path of a file names.
    pub(super) fn of_file(&mut self, file: &str) -> Option<String> {
        if let Some(known) = self.by_file.get(file) {
            return known.clone();
        }
        let found = self.guarded.seat(file).ok().and_then(|seat| seat.environment);
        self.by_file.insert(file.to_owned(), found.clone());
        found
    }

    /// Returns what has a backend whose environment is not known.
    pub(super) fn notes(&mut self, routes: &ReadRoutes) -> Vec<RouteNote> {
        if self.guarded.guard.owners.is_empty() {
            return Vec::new();
        }
        let mut notes = BTreeSet::new();
        for entry in routes.entries().filter(|entry| entry.backend.is_some()) {
            for namespace in &entry.namespaces {
                if self.of_namespace(namespace).is_none() {
                    notes.insert(RouteNote {
                        file: entry.file.clone(),
                        object: entry.title().to_owned(),
                        why: format!("`[routes] owners` does not match the namespace `{namespace}`"),
                    });
                }
            }
        }
        notes.into_iter().collect()
    }

    /// Returns whether `owners` says whose a namespace is.
    pub(super) fn is_owned(&mut self, namespace: &str) -> bool {
        self.of_namespace(namespace).is_some()
    }

    /// The environment of a namespace: of several names that fit, the longest.
    fn of_namespace(&mut self, namespace: &str) -> Option<String> {
        if let Some(known) = self.by_namespace.get(namespace) {
            return known.clone();
        }
        let owners = &self.guarded.guard.owners;
        let fits = |name: &str| owners.iter().any(|owner| owner.matches(namespace, name));
        let environments = &self.guarded.policy.environments;
        let names =
            environments.iter().flat_map(|one| one.aliases.iter().chain([&one.name]).map(move |name| (name, one)));
        let longest = names.filter(|(name, _)| fits(name)).max_by_key(|(name, _)| name.len());
        let found = longest.map(|(_, environment)| environment.name.clone());
        self.by_namespace.insert(namespace.to_owned(), found.clone());
        found
    }
}
