//! What a comparison of tables means for the environments.

use std::collections::{BTreeMap, BTreeSet};

use crate::guard::decided::{DecidedByOthers, DecidedRoute};
use crate::guard::files::ManifestGroup;
use crate::guard::owners::Owners;
use crate::policy::{Level, RouteGuard};
use crate::reach::routes::{AffectedRoute, RouteConflict, RouteConflictSort, RouteProof};
use crate::route::compare::RouteComparison;
use crate::route::istio_gateway::is_redirect;
use crate::route::language::{LanguageId, Languages, RequestPart, TextPattern};
use crate::route::table::{RequestPoint, RouteEntry};
use crate::route::tables::RouteTables;

/// By what conflicts are one: the sort, the host, and whose requests they were.
type ConflictKey = (RouteConflictSort, String, Vec<String>);

/// A host and how precise it is, as far as a route has one.
type HostKey<'t> = (Option<&'t LanguageId>, Option<&'t [u64]>);

fn host_key(route: &RouteEntry) -> HostKey<'_> {
    (route.conditions.get(&RequestPart::Host), route.precedence.get(..2))
}

/// The routes that name a host.
struct HostHolders<'t> {
    first: &'t RouteEntry,
    owners: BTreeSet<String>,
}

/// The way in which other environments take requests.
enum Takers {
    /// None does.
    None,
    /// They answer.
    Answer(BTreeSet<String>),
    /// They and the owner answer in other shares.
    Share(BTreeSet<String>),
    /// The owner's backends answer or none does, by manifests in their paths.
    Path(BTreeSet<String>),
    /// They name the host, and nobody answers what they don't ask for.
    Host(BTreeSet<String>),
}

/// The conflicts of a group of tables.
pub(super) struct Conflicts<'g, 'p> {
    guard: &'g RouteGuard,
    owners: Owners<'g, 'p>,
    /// The environments that the paths of all edited manifests name; none if one names none.
    edited: BTreeSet<String>,
    /// The files of all edited manifests.
    files: BTreeSet<String>,
    affected: BTreeSet<AffectedRoute>,
    /// Each with how many there are.
    found: BTreeMap<ConflictKey, (RouteConflict, usize)>,
}

impl<'g, 'p> Conflicts<'g, 'p> {
    pub(super) fn new(guard: &'g RouteGuard, mut owners: Owners<'g, 'p>, group: &ManifestGroup) -> Self {
        let edited = group.removed.iter().chain(&group.added).map(|manifest| owners.of_file(&manifest.file));
        let edited = edited.collect::<Option<_>>().unwrap_or_else(BTreeSet::new);
        let files = group.removed.iter().chain(&group.added).map(|manifest| manifest.file.clone()).collect();
        Self { guard, owners, edited, files, affected: BTreeSet::new(), found: BTreeMap::new() }
    }

    /// Adds what a comparison of two tables found.
    pub(super) fn add(&mut self, tables: &RouteTables, found: &RouteComparison, languages: &Languages) {
        let (old, new) = (tables.before.entries(), tables.after.entries());
        let mut hijacked: BTreeSet<[&str; 2]> = BTreeSet::new();
        let holders = self.holders(new);
        for change in &found.changes {
            if let (Some(before), Some(after)) = (old.get(change.before), new.get(change.after))
                && self.changed(before, after, &holders, &change.request)
            {
                let pair = [before, after].map(|one| one.backend.as_deref().unwrap_or_default());
                hijacked.insert(pair);
                hijacked.insert([pair[1], pair[0]]);
            }
        }
        for overlap in found.overlaps.iter().filter(|one| !one.was_before) {
            if let (Some(one), Some(other)) = (new.get(overlap.one), new.get(overlap.other)) {
                let pair = [one, other].map(|one| one.backend.as_deref().unwrap_or_default());
                if !hijacked.contains(&pair) {
                    self.overlap(one, other, &overlap.request);
                }
            }
        }
        for entry in found.dead.iter().filter_map(|at| new.get(*at)) {
            self.dead(entry, languages);
        }
    }

    /// Adds what a comparison found that holds for some proxies only: which one it is, manifests do not say.
    pub(super) fn add_doubts(&mut self, tables: &RouteTables, found: &RouteComparison) {
        for change in &found.changes {
            let old = tables.before.entries().get(change.before);
            let (Some(before), Some(after)) = (old, tables.after.entries().get(change.after)) else {
                continue;
            };
            self.affect(before, &after.file);
            let was = self.owners.of(before);
            match self.takers(before, after, None, &was) {
                Takers::None | Takers::Host(_) => {}
                Takers::Answer(_) | Takers::Share(_) | Takers::Path(_) => {
                    self.overlap(after, before, &change.request);
                }
            }
        }
    }

    /// Adds that another backend would answer; whether that is another environment's doing.
    fn changed(
        &mut self,
        before: &RouteEntry,
        after: &RouteEntry,
        holders: &BTreeMap<HostKey<'_>, HostHolders<'_>>,
        request: &RequestPoint,
    ) -> bool {
        let Some(old) = &before.backend else {
            return false;
        };
        self.affect(before, &after.file);
        let host = host_of(request);
        let was = self.owners.of(before);
        let holders = holders.get(&host_key(after));
        let takers = self.takers(before, after, holders, &was);
        let first = holders.filter(|_| matches!(takers, Takers::Host(_))).map(|holders| holders.first);
        let (hijack, is) = match takers {
            Takers::None => (None, self.owners.of(after)),
            Takers::Answer(is) => {
                let (takers, owners) = (named(&is, after), named(&was, before));
                let take = if is.len() > 1 { "take" } else { "takes" };
                (Some(format!("{takers} {take} requests of {owners} at `{host}`")), is)
            }
            Takers::Share(is) => {
                (Some(format!("{} would split requests at `{host}` differently", named(&is, after))), is)
            }
            Takers::Path(is) => {
                let (path, owners) = (named(&is, after), named(&was, before));
                let text = match &after.backend {
                    Some(_) => format!("a manifest of {path} would take requests of {owners} at `{host}`"),
                    None => {
                        format!("a manifest of {path} would leave requests of {owners} at `{host}` without a backend")
                    }
                };
                (Some(text), is)
            }
            Takers::Host(is) => {
                let (names, owners) = (named(&is, after), named(&was, before));
                (Some(format!("no backend would answer requests of {owners} at `{host}`: {names} names that host")), is)
            }
        };
        let is_hijack = hijack.is_some();
        let message = hijack.unwrap_or_else(|| match &after.backend {
            Some(new) => format!("`{new}` takes requests of `{old}` at `{host}`"),
            None => format!("no backend would answer requests of `{old}` at `{host}`"),
        });
        let sort = if is_hijack { RouteConflictSort::Hijack } else { RouteConflictSort::Takeover };
        let file = match (&after.backend, first) {
            (Some(_), _) => after,
            (None, Some(first)) => first,
            (None, None) => before,
        };
        self.insert(
            sort,
            (was.into_iter().chain(is).collect(), host, message),
            file,
            RouteProof {
                request: Some(request.to_string()),
                before: answerer_text(before),
                after: answerer_text(after),
                line: file.line,
            },
        );
        is_hijack
    }

    /// Returns which other environments take requests of `was`, and how.
    fn takers(
        &mut self,
        before: &RouteEntry,
        after: &RouteEntry,
        holders: Option<&HostHolders<'_>>,
        was: &BTreeSet<String>,
    ) -> Takers {
        // a service answers by itself, by no manifest
        let was_of = if before.object.is_empty() { None } else { self.owners.of_file(&before.file) };
        if after.backend.is_none() {
            let others = holders.filter(|holders| !holders.owners.is_subset(was));
            return others
                .map_or_else(|| self.editors(was_of.as_ref(), was), |holders| Takers::Host(holders.owners.clone()));
        }
        let is = self.owners.of(after);
        // of a Gateway that is nobody's, only the redirect answers
        if is.is_empty() && is_redirect(after) {
            return self.editors(was_of.as_ref(), was);
        }
        // a backend whose environment is not known is another's
        if is.is_empty() || is != *was {
            return Takers::Answer(is);
        }
        // of backends of several, it is not known whose share is larger now
        if is.len() > 1 {
            return Takers::Share(is);
        }
        match self.owners.of_file(&after.file) {
            Some(is_of) if was_of.as_ref() != Some(&is_of) && !was.contains(&is_of) => {
                Takers::Path(BTreeSet::from([is_of]))
            }
            Some(_) | None => self.editors(was_of.as_ref(), was),
        }
    }

    /// Returns who moves requests of `was`, if only manifests in the folders of others are edited. What answered so far by a manifest of `was_of`
    /// is moved by its own.
    fn editors(&self, was_of: Option<&String>, was: &BTreeSet<String>) -> Takers {
        let edited = &self.edited;
        let are_others = edited.is_disjoint(was) && was_of.is_none_or(|was_of| !edited.contains(was_of));
        if was.is_empty() || edited.is_empty() || !are_others { Takers::None } else { Takers::Path(edited.clone()) }
    }

    /// The routes that name each host.
    fn holders<'t>(&mut self, routes: &'t [RouteEntry]) -> BTreeMap<HostKey<'t>, HostHolders<'t>> {
        let mut holders: BTreeMap<HostKey<'t>, HostHolders<'t>> = BTreeMap::new();
        for route in routes.iter().filter(|route| route.backend.is_some()) {
            let of_host = holders.entry(host_key(route));
            let of_host = of_host.or_insert_with(|| HostHolders { first: route, owners: BTreeSet::new() });
            of_host.owners.extend(self.owners.of(route));
        }
        holders
    }

    /// Notes that an edit of the file `by`, if it is an edited one, affects a route.
    pub(super) fn affect(&mut self, route: &RouteEntry, by: &str) {
        let Some(by) = self.files.get(by).or_else(|| self.files.first()).cloned() else {
            return;
        };
        let owners = self.owners.of(route);
        let mut elsewhere = owners.clone();
        let file = Some(&route.file).filter(|file| !file.is_empty() && !self.owners.is_rendered());
        if let Some(file) = file {
            match self.owners.of_file(file) {
                Some(own) => elsewhere.retain(|owner| *owner != own),
                None => elsewhere.clear(),
            }
        }
        self.affected.insert(AffectedRoute { file: file.cloned(), owners, elsewhere, by });
    }

    fn overlap(&mut self, one: &RouteEntry, other: &RouteEntry, request: &RequestPoint) {
        self.affect(one, "");
        self.affect(other, "");
        let host = host_of(request);
        let [first, second] = [other, one].map(|entry| entry.backend.as_deref().unwrap_or("no backend"));
        let message = format!("`{first}` or `{second}` would answer requests at `{host}`");
        let environments = self.owners.of(other).into_iter().chain(self.owners.of(one)).collect();
        self.insert(
            RouteConflictSort::Overlap,
            (environments, host, message),
            one,
            RouteProof {
                request: Some(request.to_string()),
                before: answerer_text(other),
                after: answerer_text(one),
                line: one.line,
            },
        );
    }

    /// Adds that an edit changes what a route goes by; if it is one in the folder of another environment, that is a warning.
    pub(super) fn decides(&mut self, decided: &DecidedRoute, languages: &Languages) {
        let DecidedRoute { route, by, others } = decided;
        self.affect(route, by);
        let Some(DecidedByOthers { own, others, title }) = others else {
            return;
        };
        let host = exact_host(route, languages);
        let whose = named(others, route);
        let message = format!("an edit of `{own}` decides about requests of {whose} at `{host}`");
        let environments = others.iter().cloned().chain([own.clone()]).collect();
        self.insert(
            RouteConflictSort::Takeover,
            (environments, host, message),
            route,
            RouteProof { request: None, before: answerer_text(route), after: format!("by {title}"), line: route.line },
        );
    }

    /// Returns whether any requests are answered in another way.
    pub(super) fn has_moved(&self) -> bool {
        !self.affected.is_empty() || !self.found.is_empty()
    }

    fn dead(&mut self, entry: &RouteEntry, languages: &Languages) {
        let host = exact_host(entry, languages);
        let backend = entry.backend.as_deref().unwrap_or("no backend");
        let message = format!("a route to `{backend}` at `{host}` never answers");
        let environments = self.owners.of(entry).into_iter().collect();
        self.insert(
            RouteConflictSort::Dead,
            (environments, host, message),
            entry,
            RouteProof {
                request: None,
                before: "other routes answer all of its requests".to_owned(),
                after: answerer_text(entry),
                line: entry.line,
            },
        );
    }

    fn insert(
        &mut self,
        sort: RouteConflictSort,
        (environments, host, message): (Vec<String>, String, String),
        file: &RouteEntry,
        proof: RouteProof,
    ) {
        let Some(level) = level_of(self.guard, sort) else {
            return;
        };
        let mut unique: Vec<String> = Vec::new();
        for name in environments {
            if !unique.contains(&name) {
                unique.push(name);
            }
        }
        let key = (sort, host.clone(), unique.clone());
        let length = |proof: &RouteProof| proof.request.as_ref().map_or(0, String::len);
        let conflict = RouteConflict {
            sort,
            level,
            environments: unique,
            host,
            file: file.file.clone(),
            place: self.guard.place,
            message,
            proof,
        };
        match self.found.get_mut(&key) {
            // the same at another place, such as a listener by itself
            Some((known, _)) if *known == conflict => {}
            Some((known, count)) => {
                *count += 1;
                if length(&conflict.proof) < length(&known.proof) {
                    *known = conflict;
                }
            }
            None => {
                self.found.insert(key, (conflict, 1));
            }
        }
    }

    /// The conflicts, the gravest sort first; one for each host and environment. Then the affected routes.
    pub(super) fn into_lists(self) -> (Vec<RouteConflict>, BTreeSet<AffectedRoute>) {
        let told = |(mut conflict, count): (RouteConflict, usize)| {
            if count > 1 {
                conflict.message.push_str(&format!(", and {} more", count - 1));
            }
            conflict
        };
        (self.found.into_values().map(told).collect(), self.affected)
    }
}

const fn level_of(guard: &RouteGuard, sort: RouteConflictSort) -> Option<Level> {
    match sort {
        RouteConflictSort::Hijack => guard.hijack,
        RouteConflictSort::Overlap => guard.overlap,
        RouteConflictSort::Takeover => guard.takeover,
        RouteConflictSort::Dead => guard.dead,
    }
}

fn host_of(request: &RequestPoint) -> String {
    request.parts.get(&RequestPart::Host).cloned().unwrap_or_else(|| "*".to_owned())
}

/// The environments of a route, for people; its backend if they are not known.
fn named(owners: &BTreeSet<String>, entry: &RouteEntry) -> String {
    let names: Vec<String> = owners.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => format!("`{}`", entry.backend.as_deref().unwrap_or("no backend")),
        names => names.join(" and "),
    }
}

/// The host that a route names; `*` if it names several.
fn exact_host(entry: &RouteEntry, languages: &Languages) -> String {
    let host = entry.conditions.get(&RequestPart::Host).and_then(|host| languages.pattern(*host));
    match host {
        Some(TextPattern::Exact(host)) => host.clone(),
        Some(TextPattern::Prefix(_) | TextPattern::Segments(_) | TextPattern::Regex(_)) | None => "*".to_owned(),
    }
}

/// Returns who answers by a route, and where it is written.
fn answerer_text(entry: &RouteEntry) -> String {
    let Some(backend) = &entry.backend else {
        return format!("no backend: {}", entry.name);
    };
    // a service answers by itself
    if entry.file.is_empty() || entry.object.is_empty() {
        return format!("{backend}: {}", entry.name);
    }
    format!("{backend}: {} in {}:{}", entry.name, entry.file, entry.line)
}
