//! The tables of two trees, place by place.

use std::collections::{BTreeMap, BTreeSet};

use crate::route::host::{HostWildcard, host_rule};
use crate::route::language::{LanguageId, Languages, RequestPart, TextPattern};
use crate::route::listener::{GatewayAttachment, GatewayListener};
use crate::route::reader::ReadRoutes;
use crate::route::table::{RouteEntry, RouteTable};

/// Two tables of one place, before and after an edit.
#[derive(Clone, Debug)]
pub struct RouteTables {
    /// The gateway, and its listener, port or class if routes name one.
    pub place: String,
    /// The table before.
    pub before: RouteTable,
    /// The table after.
    pub after: RouteTable,
}

/// Routes by gateway or class, and by listener, port or class; `None`: those of all of them.
type PlacedRoutes = BTreeMap<String, BTreeMap<Option<String>, Vec<RouteEntry>>>;

impl RouteTables {
    /// The tables of each place that has routes before or after.
    ///
    /// Listeners narrow the routes of a gateway if both trees define it: else each listener that routes name is a place.
    #[must_use]
    pub fn of(mut before: ReadRoutes, mut after: ReadRoutes, languages: &mut Languages) -> Vec<Self> {
        let listened = listened(&before, &after);
        let mut before = placed(&mut before, &listened, languages);
        let mut after = placed(&mut after, &listened, languages);
        let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
        let mut tables = Vec::new();
        for name in names {
            let mut old = before.remove(&name).unwrap_or_default();
            let mut new = after.remove(&name).unwrap_or_default();
            let sections: BTreeSet<Option<String>> = old.keys().chain(new.keys()).cloned().collect();
            let [old_rest, new_rest] = [&old, &new].map(|of| of.get(&None).cloned().unwrap_or_default());
            for section in &sections {
                let is_other = section.is_none() && sections.len() > 1;
                let place = match section {
                    Some(section) => format!("{name}, {section}"),
                    None if is_other => format!("{name}, others"),
                    None => name.clone(),
                };
                let table = |of: &mut BTreeMap<_, Vec<RouteEntry>>, rest: &[RouteEntry]| {
                    let mut entries = of.remove(section).unwrap_or_default();
                    if section.is_some() {
                        entries.extend(rest.iter().cloned());
                    }
                    RouteTable::new(entries)
                };
                let (before, after) = (table(&mut old, &old_rest), table(&mut new, &new_rest));
                tables.push(Self { place, before, after });
            }
        }
        tables
    }
}

/// The gateways whose listeners count: both trees define them, or one has no routes of theirs.
fn listened(before: &ReadRoutes, after: &ReadRoutes) -> BTreeSet<String> {
    let names = before.gateways.keys().chain(after.gateways.keys());
    let is_clear = |read: &ReadRoutes, name: &str| {
        read.gateways.contains_key(name) || read.attached.iter().all(|one| one.table != name)
    };
    names.filter(|name| is_clear(before, name) && is_clear(after, name)).cloned().collect()
}

/// Takes the routes out of what was read.
fn placed(read: &mut ReadRoutes, listened: &BTreeSet<String>, languages: &mut Languages) -> PlacedRoutes {
    let mut placed = PlacedRoutes::new();
    let mut add = |table: &str, section: Option<String>, entry: RouteEntry| {
        if let Some(sections) = placed.get_mut(table) {
            sections.entry(section).or_default().push(entry);
        } else {
            placed.insert(table.to_owned(), BTreeMap::from([(section, vec![entry])]));
        }
    };
    for (place, entry) in std::mem::take(&mut read.routes) {
        add(&place.table, place.section, entry);
    }
    for route in &read.attached {
        let listeners = read.gateways.get(&route.table).filter(|_| listened.contains(&route.table));
        let Some(listeners) = listeners else {
            let section = route.listener.as_ref().map(|name| format!("listener {name}"));
            add(&route.table, section, route.entry.clone());
            continue;
        };
        for listener in listeners {
            if let Some(entry) = at_listener(route, listener, languages) {
                add(&route.table, Some(format!("port {}", listener.port)), entry);
            }
        }
    }
    for sections in placed.values_mut() {
        for entries in sections.values_mut() {
            entries.dedup();
            let ends = ends(entries, languages);
            entries.extend(ends);
        }
    }
    for (table, listeners) in &read.gateways {
        let is_apart = |one: &GatewayListener| listeners.iter().any(|other| one.overlaps(other));
        if listened.contains(table) && listeners.iter().any(is_apart) {
            let attached: Vec<&GatewayAttachment> = read.attached.iter().filter(|one| one.table == *table).collect();
            for (port, entries) in apart(&attached, listeners, languages) {
                let sections = placed.entry(table.clone()).or_default();
                sections.insert(Some(format!("port {port}, each listener by itself")), entries);
            }
        }
    }
    placed
}

/// A route as it answers at a listener; `None` if it does not attach.
fn at_listener(route: &GatewayAttachment, listener: &GatewayListener, languages: &mut Languages) -> Option<RouteEntry> {
    let host = listener.host_of(route)?;
    let rule = host_rule(&host, HostWildcard::Labels, languages).ok()?;
    let mut entry = route.entry.clone();
    if let Some(language) = rule.language {
        entry.conditions.insert(RequestPart::Host, language);
    }
    for (rank, of_host) in entry.precedence.iter_mut().zip(rule.precedence) {
        *rank = of_host;
    }
    Some(entry)
}

/// The routes of each port, if requests are only for the routes of the listener with the most precise host. Some
/// implementations do it so (`GatewayHTTPListenerIsolation`), others let the routes of all listeners compete.
fn apart(
    attached: &[&GatewayAttachment],
    listeners: &[GatewayListener],
    languages: &mut Languages,
) -> BTreeMap<u32, Vec<RouteEntry>> {
    let mut ports: BTreeMap<u32, Vec<RouteEntry>> = BTreeMap::new();
    for listener in listeners {
        let Ok(of_listener) = listener.rule(languages) else {
            continue;
        };
        let here = attached.iter().filter_map(|route| at_listener(route, listener, languages));
        let mut entries: Vec<RouteEntry> = here.collect();
        let mut ends = ends(&entries, languages);
        if let Some(host) = of_listener.language {
            ends.push(end(host, Vec::new(), languages));
        }
        entries.extend(ends);
        for entry in &mut entries {
            entry.precedence = of_listener.precedence.iter().chain(&entry.precedence).copied().collect();
        }
        ports.entry(listener.port).or_default().extend(entries);
    }
    ports
}

/// For each host, that nobody answers what none of its routes asks for.
fn ends(entries: &[RouteEntry], languages: &Languages) -> Vec<RouteEntry> {
    let mut hosts: BTreeSet<(Vec<u64>, LanguageId)> = BTreeSet::new();
    for entry in entries {
        if let (Some(host), Some(class)) = (entry.conditions.get(&RequestPart::Host), entry.precedence.get(..2)) {
            hosts.insert((class.to_vec(), *host));
        }
    }
    hosts.into_iter().map(|(precedence, host)| end(host, precedence, languages)).collect()
}

fn end(host: LanguageId, mut precedence: Vec<u64>, languages: &Languages) -> RouteEntry {
    precedence.push(u64::MAX);
    let name = match languages.pattern(host) {
        Some(TextPattern::Exact(host)) => format!("no route of {host}"),
        Some(TextPattern::Regex(_) | TextPattern::Prefix(_) | TextPattern::Segments(_)) | None => {
            "no route of the wildcard host".to_owned()
        }
    };
    RouteEntry {
        name,
        file: String::new(),
        line: 0,
        backend: None,
        namespaces: Vec::new(),
        owner: None,
        conditions: BTreeMap::from([(RequestPart::Host, host)]),
        precedence,
        object: String::new(),
    }
}
