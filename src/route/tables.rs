//! The tables of two trees, place by place.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::route::compare::{RouteChange, RouteComparison};
use crate::route::host::host_rule;
use crate::route::language::{LanguageId, Languages, RequestPart, TextPattern};
use crate::route::listener::{GatewayAttachment, GatewayListener, common_host};
use crate::route::place::{PlaceRoutes, PlacedRoutes, falls_back, is_of_http_routes, shared_classes};
use crate::route::proxies::{Proxies, listened, overlapping};
use crate::route::reader::{ReadRoutes, RoutePlace};
use crate::route::services::KnownNamespaces;
use crate::route::table::{RouteEntry, RouteTable};

/// Two tables of one place, before and after an edit.
#[derive(Clone, Debug)]
pub struct RouteTables {
    /// The gateway, and its listener, port or class if routes name one.
    pub place: String,
    /// True if it is of a place before it, as only some proxies see it: those that fall back to wider hosts, or that
    /// count the slash at the end of a prefix.
    pub is_doubt: bool,
    /// The table before.
    pub before: RouteTable,
    /// The table after.
    pub after: RouteTable,
}

impl RouteTables {
    fn new(place: String, is_doubt: bool, PlaceRoutes { before, after }: PlaceRoutes) -> Self {
        let (before, after) = (RouteTable::new(before), RouteTable::new(after));
        Self { place, is_doubt, before, after }
    }

    /// Adds the tables of a place, also as a proxy sees them that falls back to wider hosts if one may.
    fn add(place: String, both: PlaceRoutes, falls_back: bool, is_apart: bool, to: &mut Vec<Self>) {
        let fallback = if falls_back { both.fallback(is_apart) } else { None };
        let wider = format!("{place}, falling back to wider hosts");
        to.push(Self::new(place, false, both));
        to.extend(fallback.map(|both| Self::new(wider, true, both)));
    }

    /// The tables of each place that has routes before or after.
    ///
    /// Listeners narrow the routes of a gateway if both trees define it: else each listener that routes name is a place.
    #[must_use]
    pub fn of(mut before: ReadRoutes, mut after: ReadRoutes, languages: &mut Languages) -> Vec<Self> {
        let nginx_classes: BTreeSet<String> = before.nginx_classes.union(&after.nginx_classes).cloned().collect();
        let namespaces = KnownNamespaces(before.namespaces.union(&after.namespaces).cloned().collect());
        let [old_routes, new_routes] = [&mut before, &mut after].map(|read| std::mem::take(&mut read.routes));
        let listened = listened(&before, &after);
        let [old_elsewhere, new_elsewhere] = [&mut before, &mut after].map(|read| {
            let attached = std::mem::take(&mut read.attached);
            let (at_listeners, elsewhere) = attached.into_iter().partition(|one| listened.contains(&one.table));
            read.attached = at_listeners;
            elsewhere
        });
        let proxies = Proxies::of([&before, &after], &listened);
        let overlapping = overlapping([&before, &after], &listened, &proxies);
        let classes = [&before, &after].map(|read| read.classes.clone());
        let at = Listened { gateways: &listened, proxies: &proxies, overlapping: &overlapping };
        let mut before = placed(old_routes, old_elsewhere, &before, &at, languages);
        let mut after = placed(new_routes, new_elsewhere, &after, &at, languages);
        let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
        let mut tables = Vec::new();
        for (place, both, falls_back) in shared_classes(&classes, [&before, &after]) {
            Self::add(place, both, falls_back, false, &mut tables);
        }
        for name in names {
            let mut old = before.remove(&name).unwrap_or_default();
            let mut new = after.remove(&name).unwrap_or_default();
            let sections: BTreeSet<Option<String>> = old.keys().chain(new.keys()).cloned().collect();
            let has_rest = sections.len() > 1;
            let rest = |of: &BTreeMap<_, Vec<RouteEntry>>| of.get(&None).filter(|_| has_rest).cloned();
            let [old_rest, new_rest] = [&old, &new].map(|of| rest(of).unwrap_or_default());
            for section in &sections {
                let is_other = section.is_none() && has_rest;
                let place = match section {
                    Some(section) => format!("{name}, {section}"),
                    None if is_other => format!("{name}, others"),
                    None => name.clone(),
                };
                let entries = |of: &mut BTreeMap<_, Vec<RouteEntry>>, rest: &[RouteEntry]| {
                    let mut entries = of.remove(section).unwrap_or_default();
                    if section.is_some() {
                        entries.extend(rest.iter().cloned());
                    }
                    entries
                };
                let both = PlaceRoutes { before: entries(&mut old, &old_rest), after: entries(&mut new, &new_rest) };
                for (place, mut both) in both.by_part(place) {
                    namespaces.add_services(&name, [&mut both.before, &mut both.after], languages);
                    let falls_back = falls_back(&name, section.as_deref(), &nginx_classes);
                    let is_apart = section.as_deref().is_some_and(|section| section.ends_with(APART));
                    let counting = is_of_http_routes(&name).then(|| both.counting_slashes(is_apart));
                    let slashes = format!("{place}, counting the slash at the end of a prefix");
                    Self::add(place, both, falls_back, is_apart, &mut tables);
                    tables.extend(counting.flatten().map(|both| Self::new(slashes, true, both)));
                }
            }
        }
        tables
    }
}

/// A route for a host, and one that answers in its place.
pub type RoutePair = [(String, Option<LanguageId>); 2];

impl RouteTables {
    /// The routes of a change, if both have a backend.
    fn pair(&self, change: &RouteChange) -> Option<RoutePair> {
        let route = |table: &RouteTable, at: usize| {
            let entry = table.entries().get(at).filter(|entry| entry.backend.is_some())?;
            Some((entry.name.clone(), entry.conditions.get(&RequestPart::Host).copied()))
        };
        Some([route(&self.before, change.before)?, route(&self.after, change.after)?])
    }

    /// The routes of what a comparison found.
    #[must_use]
    pub fn pairs(&self, found: &RouteComparison) -> BTreeSet<RoutePair> {
        found.changes.iter().filter_map(|change| self.pair(change)).collect()
    }

    /// Returns what a comparison found that is not known of the place already: other backends that answer.
    #[must_use]
    pub fn beyond(&self, known: &BTreeSet<RoutePair>, found: RouteComparison) -> RouteComparison {
        let is_new = |change: &RouteChange| self.pair(change).is_some_and(|pair| !known.contains(&pair));
        let changes = found.changes.into_iter().filter(is_new).collect();
        RouteComparison { changes, ..RouteComparison::default() }
    }
}

/// The end of the section of a port if its listeners are apart.
const APART: &str = ", each listener by itself";

/// The gateways of both trees whose listeners count.
struct Listened<'r> {
    gateways: &'r BTreeSet<String>,
    proxies: &'r Proxies<'r>,
    /// The tables that have listeners whose hosts overlap.
    overlapping: &'r BTreeSet<String>,
}

/// A listener, and the routes of its gateway.
type Listening<'r> = (&'r GatewayListener, &'r GatewayRoutes<'r>);

/// The routes of a gateway, by host.
#[derive(Default)]
struct GatewayRoutes<'r> {
    exact: BTreeMap<&'r str, Vec<&'r GatewayAttachment>>,
    wildcards: Vec<&'r GatewayAttachment>,
}

impl<'r> GatewayRoutes<'r> {
    fn add(&mut self, route: &'r GatewayAttachment) {
        if route.host.starts_with('*') {
            self.wildcards.push(route);
        } else {
            self.exact.entry(&route.host).or_default().push(route);
        }
    }

    /// The routes as they answer at a listener.
    fn at(&self, listener: &GatewayListener, languages: &mut Languages) -> Vec<RouteEntry> {
        let mut found = Vec::new();
        let mut attach = |routes: &[&GatewayAttachment]| {
            found.extend(routes.iter().filter_map(|route| at_listener(route, listener, languages)));
        };
        if listener.host.starts_with('*') {
            self.exact.values().for_each(|routes| attach(routes));
        } else if let Some(routes) = self.exact.get(listener.host.as_str()) {
            attach(routes);
        }
        attach(&self.wildcards);
        if let Some(redirect) = &listener.redirect {
            redirected(&mut found, redirect, listener, languages);
        }
        found
    }
}

/// Adds that a listener redirects all requests for its host, and for the hosts of the routes that attach to it.
fn redirected(
    found: &mut Vec<RouteEntry>,
    redirect: &RouteEntry,
    listener: &GatewayListener,
    languages: &mut Languages,
) {
    let mut hosts: BTreeSet<HostClass> = found.iter().filter_map(HostClass::of).collect();
    // of a host for some namespaces, only what these have is redirected
    if let (None, Ok(rule)) = (&listener.namespaces, listener.rule(languages)) {
        let precedence = rule.precedence.to_vec();
        hosts.insert(HostClass { precedence, host: rule.language, seen_in: BTreeSet::new() });
    }
    found.extend(hosts.into_iter().map(|HostClass { precedence, host, seen_in }| RouteEntry {
        conditions: host.map(|host| (RequestPart::Host, host)).into_iter().collect(),
        // before each route of the host
        precedence,
        seen_in,
        ..redirect.clone()
    }));
}

/// A host of routes, how precise it is, and who sees them.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct HostClass {
    precedence: Vec<u64>,
    host: Option<LanguageId>,
    seen_in: BTreeSet<String>,
}

impl HostClass {
    fn of(entry: &RouteEntry) -> Option<Self> {
        let precedence = entry.precedence.get(..2)?.to_vec();
        let host = entry.conditions.get(&RequestPart::Host).copied();
        Some(Self { precedence, host, seen_in: entry.seen_in.clone() })
    }
}

/// Puts routes where they apply: those that say it, and those that attach to the listeners of a tree.
fn placed(
    everywhere: Vec<(RoutePlace, RouteEntry)>,
    elsewhere: Vec<GatewayAttachment>,
    read: &ReadRoutes,
    at: &Listened<'_>,
    languages: &mut Languages,
) -> PlacedRoutes {
    let mut placed = PlacedRoutes::new();
    let mut add = |table: &str, section: Option<String>, entry: RouteEntry| {
        if let Some(sections) = placed.get_mut(table) {
            sections.entry(section).or_default().push(entry);
        } else {
            placed.insert(table.to_owned(), BTreeMap::from([(section, vec![entry])]));
        }
    };
    for (place, entry) in everywhere {
        add(&place.table, place.section, entry);
    }
    let mut attached: BTreeMap<&str, GatewayRoutes<'_>> = BTreeMap::new();
    for route in elsewhere {
        let section = route.listener.as_ref().map(|name| format!("listener {name}"));
        add(&route.table, section, route.entry);
    }
    for route in &read.attached {
        attached.entry(&route.table).or_default().add(route);
    }
    let none = GatewayRoutes::default();
    let mut listening: BTreeMap<String, Vec<Listening<'_>>> = BTreeMap::new();
    for (gateway, listeners) in read.gateways.iter().filter(|(gateway, _)| at.gateways.contains(*gateway)) {
        let routes = attached.get(gateway.as_str()).unwrap_or(&none);
        for table in at.proxies.tables(read, gateway) {
            listening.entry(table).or_default().extend(listeners.iter().map(|listener| (listener, routes)));
        }
    }
    for (table, all) in &listening {
        for (listener, routes) in all {
            for entry in routes.at(listener, languages) {
                add(table, Some(format!("port {}", listener.port)), entry);
            }
        }
    }
    for (table, sections) in &mut placed {
        for entries in sections.values_mut() {
            if listening.contains_key(table) {
                distinct(entries);
            } else {
                entries.dedup();
            }
            let ends = ends(entries, languages);
            entries.extend(ends);
        }
    }
    for (table, all) in listening.iter().filter(|(table, _)| at.overlapping.contains(*table)) {
        for (port, entries) in apart(all, languages) {
            let sections = placed.entry(table.clone()).or_default();
            sections.insert(Some(format!("port {port}{APART}")), entries);
        }
    }
    placed
}

/// Leaves each route once: one may attach to several listeners of a port.
fn distinct(entries: &mut Vec<RouteEntry>) {
    let mut seen = HashSet::new();
    let mut is_first = entries.iter().map(|entry| seen.insert(entry)).collect::<Vec<bool>>().into_iter();
    entries.retain(|_| is_first.next() != Some(false));
}

/// A route as it answers at a listener; `None` if it does not attach.
fn at_listener(route: &GatewayAttachment, listener: &GatewayListener, languages: &mut Languages) -> Option<RouteEntry> {
    let host = listener.host_of(route)?;
    if host == route.host {
        return Some(route.entry.clone());
    }
    // a host of both was read in each of them
    let rule = host_rule(&host, listener.wildcard, languages).ok()?;
    let mut entry = route.entry.clone();
    match entry.conditions.get(&RequestPart::Host).and_then(|language| languages.pattern(*language)) {
        // a match of the host beside the host of the route
        Some(TextPattern::Exact(authority)) if route.host == "*" => {
            common_host(authority, &host).filter(|common| common == authority)?;
        }
        Some(_) | None => {
            if let Some(language) = rule.language {
                entry.conditions.insert(RequestPart::Host, language);
            }
        }
    }
    for (rank, of_host) in entry.precedence.iter_mut().zip(rule.precedence) {
        *rank = of_host;
    }
    Some(entry)
}

/// The routes of each port, if requests are only for the routes of the listener with the most precise host. Some
/// implementations do it so (`GatewayHTTPListenerIsolation`), others let the routes of all listeners compete.
fn apart(listening: &[Listening<'_>], languages: &mut Languages) -> BTreeMap<u32, Vec<RouteEntry>> {
    let mut ports: BTreeMap<u32, Vec<RouteEntry>> = BTreeMap::new();
    for (listener, routes) in listening {
        // its host was read with it
        let Ok(of_listener) = listener.rule(languages) else {
            continue;
        };
        let mut entries = routes.at(listener, languages);
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
    let hosts: BTreeSet<HostClass> = entries.iter().filter_map(HostClass::of).collect();
    let of_host = |HostClass { precedence, host, seen_in }| {
        host.map(|host| RouteEntry { seen_in, ..end(host, precedence, languages) })
    };
    hosts.into_iter().filter_map(of_host).collect()
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
        seen_in: BTreeSet::new(),
        has_slash: false,
    }
}
