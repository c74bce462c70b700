//! What a comparison of tables means for the environments.

use std::collections::{BTreeMap, BTreeSet};

use crate::guard::owners::Owners;
use crate::policy::{Level, RouteGuard};
use crate::reach::routes::{RouteConflict, RouteConflictSort, RouteProof};
use crate::route::compare::RouteComparison;
use crate::route::language::{Languages, RequestPart, TextPattern};
use crate::route::reader::RouteTables;
use crate::route::table::{RequestPoint, RouteEntry};

/// By what conflicts are one: the sort, the host, and whose requests they were.
type ConflictKey = (RouteConflictSort, String, Vec<String>);

/// The conflicts of a group of tables.
pub(super) struct Conflicts<'g, 'p> {
    guard: &'g RouteGuard,
    owners: Owners<'g, 'p>,
    /// Each with how many there are.
    found: BTreeMap<ConflictKey, (RouteConflict, usize)>,
}

impl<'g, 'p> Conflicts<'g, 'p> {
    pub(super) fn new(guard: &'g RouteGuard, owners: Owners<'g, 'p>) -> Self {
        Self { guard, owners, found: BTreeMap::new() }
    }

    /// Adds what a comparison of two tables found.
    pub(super) fn add(&mut self, tables: &RouteTables, found: &RouteComparison, languages: &Languages) {
        let (old, new) = (tables.before.entries(), tables.after.entries());
        let mut hijacked: BTreeSet<[&str; 2]> = BTreeSet::new();
        for change in &found.changes {
            if let (Some(before), Some(after)) = (old.get(change.before), new.get(change.after))
                && self.changed(before, after, &change.request)
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

    /// Adds that another backend would answer; whether that is one of another environment.
    fn changed(&mut self, before: &RouteEntry, after: &RouteEntry, request: &RequestPoint) -> bool {
        let Some(old) = &before.backend else {
            return false;
        };
        let (was, is) = (self.owners.of(before), self.owners.of(after));
        // a backend whose environment is not known is another's
        let is_hijack = after.backend.is_some() && (is.is_empty() || !is.is_subset(&was));
        let sort = if is_hijack { RouteConflictSort::Hijack } else { RouteConflictSort::Takeover };
        let host = host_of(request);
        let message = match (&after.backend, is_hijack) {
            (Some(_), true) => {
                format!("{} would answer requests of {} at `{host}`", named(&is, after), named(&was, before))
            }
            (Some(new), false) => format!("`{new}` would answer requests of `{old}` at `{host}`"),
            (None, _) => format!("nobody would answer requests of `{old}` at `{host}`"),
        };
        let file = if after.backend.is_some() { after } else { before };
        self.insert(
            sort,
            (was.into_iter().chain(is).collect(), host, message),
            file,
            RouteProof {
                request: Some(request.to_string()),
                before: told(before),
                after: told(after),
                line: file.line,
            },
        );
        is_hijack
    }

    fn overlap(&mut self, one: &RouteEntry, other: &RouteEntry, request: &RequestPoint) {
        let host = host_of(request);
        let [first, second] = [other, one].map(|entry| entry.backend.as_deref().unwrap_or("nobody"));
        let message = format!("`{first}` or `{second}` would answer requests at `{host}`");
        let environments = self.owners.of(other).into_iter().chain(self.owners.of(one)).collect();
        self.insert(
            RouteConflictSort::Overlap,
            (environments, host, message),
            one,
            RouteProof { request: Some(request.to_string()), before: told(other), after: told(one), line: one.line },
        );
    }

    fn dead(&mut self, entry: &RouteEntry, languages: &Languages) {
        let host = entry.conditions.get(&RequestPart::Host).and_then(|host| languages.pattern(*host));
        let host = match host {
            Some(TextPattern::Exact(host)) => host.clone(),
            Some(TextPattern::Prefix(_) | TextPattern::Segments(_) | TextPattern::Regex(_)) | None => "*".to_owned(),
        };
        let backend = entry.backend.as_deref().unwrap_or("nobody");
        let message = format!("a route to `{backend}` at `{host}` never answers");
        let environments = self.owners.of(entry).into_iter().collect();
        self.insert(
            RouteConflictSort::Dead,
            (environments, host, message),
            entry,
            RouteProof {
                request: None,
                before: "other routes answer all of its requests".to_owned(),
                after: told(entry),
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

    /// The conflicts, the gravest sort first; one for each host and environment.
    pub(super) fn into_list(self) -> Vec<RouteConflict> {
        let told = |(mut conflict, count): (RouteConflict, usize)| {
            if count > 1 {
                conflict.message.push_str(&format!(", and {} more", count - 1));
            }
            conflict
        };
        self.found.into_values().map(told).collect()
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
        [] => format!("`{}`", entry.backend.as_deref().unwrap_or("nobody")),
        names => names.join(" and "),
    }
}

/// Who answers by a route, and where it is written.
fn told(entry: &RouteEntry) -> String {
    let Some(backend) = &entry.backend else {
        return format!("nobody: {}", entry.name);
    };
    format!("{backend}: {} in {}:{}", entry.name, entry.file, entry.line)
}
