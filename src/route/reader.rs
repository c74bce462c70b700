//! What readers have in common: hosts, paths, tables, and what is not understood.

use std::collections::{BTreeMap, BTreeSet};

use crate::route::language::{LanguageId, Languages, RequestPart, TextPattern};
use crate::route::table::{RouteEntry, RouteTable};

/// Something that may route requests and was not understood.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct RouteNote {
    /// The file.
    pub file: String,
    /// The object in it, if it was read that far.
    pub object: String,
    /// Why.
    pub why: String,
}

/// Where a route applies: routes of one place are asked by precedence.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct RoutePlace {
    /// The class or gateway.
    pub(crate) table: String,
    /// The listener or class, as people name it; `None`: all of them.
    pub(crate) section: Option<String>,
}

/// The routes that manifests have.
#[derive(Clone, Debug, Default)]
pub struct ReadRoutes {
    pub(crate) routes: Vec<(RoutePlace, RouteEntry)>,
    /// What was not understood.
    pub notes: Vec<RouteNote>,
}

/// Two tables of one place, before and after an edit.
#[derive(Clone, Debug)]
pub struct RouteTables {
    /// The gateway, and its listener or class if routes name one.
    pub place: String,
    /// The table before.
    pub before: RouteTable,
    /// The table after.
    pub after: RouteTable,
}

impl ReadRoutes {
    /// The tables of each place that has routes before or after.
    #[must_use]
    pub fn tables(before: &Self, after: &Self) -> Vec<RouteTables> {
        let mut places: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
        for (place, _) in before.routes.iter().chain(&after.routes) {
            places.entry(&place.table).or_default().insert(place.section.as_deref());
        }
        let mut tables = Vec::new();
        for (table, sections) in places {
            for section in &sections {
                let is_other = section.is_none() && sections.len() > 1;
                let place = match section {
                    Some(section) => format!("{table}, {section}"),
                    None if is_other => format!("{table}, others"),
                    None => table.to_owned(),
                };
                let (before, after) = (before.table(table, *section), after.table(table, *section));
                tables.push(RouteTables { place, before, after });
            }
        }
        tables
    }

    /// The routes of all places.
    pub fn entries(&self) -> impl Iterator<Item = &RouteEntry> {
        self.routes.iter().map(|(_, entry)| entry)
    }

    /// Says whose the backends of each file are.
    pub fn own_by_file(&mut self, mut owner: impl FnMut(&str) -> Option<String>) {
        for (_, entry) in self.routes.iter_mut().filter(|(_, entry)| entry.backend.is_some()) {
            entry.owner = owner(&entry.file);
        }
    }

    fn table(&self, table: &str, section: Option<&str>) -> RouteTable {
        let is_in = |place: &RoutePlace| {
            place.table == table && (place.section.is_none() || place.section.as_deref() == section)
        };
        RouteTable::new(self.routes.iter().filter(|(place, _)| is_in(place)).map(|(_, entry)| entry.clone()).collect())
    }

    /// Adds, for each host of a place, that nobody answers what none of its routes asks for.
    pub(crate) fn end_hosts(&mut self, languages: &Languages) {
        let mut ends: BTreeSet<(RoutePlace, Vec<u64>, LanguageId)> = BTreeSet::new();
        for (place, entry) in &self.routes {
            if let (Some(host), Some(class)) = (entry.conditions.get(&RequestPart::Host), entry.precedence.get(..2)) {
                // a table of a listener has the routes of all listeners too
                ends.insert((place.clone(), class.to_vec(), *host));
            }
        }
        for (place, mut precedence, host) in ends {
            precedence.push(u64::MAX);
            let name = match languages.pattern(host) {
                Some(TextPattern::Exact(host)) => format!("no route of {host}"),
                Some(TextPattern::Regex(_) | TextPattern::Prefix(_) | TextPattern::Segments(_)) | None => {
                    "no route of the wildcard host".to_owned()
                }
            };
            let entry = RouteEntry {
                name,
                file: String::new(),
                line: 0,
                backend: None,
                namespaces: Vec::new(),
                owner: None,
                conditions: BTreeMap::from([(RequestPart::Host, host)]),
                precedence,
                object: String::new(),
            };
            self.routes.push((place, entry));
        }
    }
}

/// A host of a manifest: its pattern and how precise it is.
pub(crate) struct HostRule {
    /// `None`: any host.
    pub(crate) language: Option<LanguageId>,
    /// Exact before wildcards, longer before shorter.
    pub(crate) precedence: [u64; 2],
}

/// What the `*` of a host stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum HostWildcard {
    /// One label.
    OneLabel,
    /// One label or more.
    Labels,
    /// Any text that is not empty, and `*` need not end a label.
    Text,
}

pub(crate) fn host_rule(host: &str, wildcard: HostWildcard, languages: &mut Languages) -> Result<HostRule, String> {
    let host = host.to_ascii_lowercase();
    if host.is_empty() || host == "*" {
        return Ok(HostRule { language: None, precedence: [2, 0] });
    }
    let length = u64::try_from(host.len()).map_or(0, |length| u64::MAX - length);
    let (rest, class) = match host.strip_prefix('*') {
        Some(rest) => (rest, 1),
        None => (host.as_str(), 0),
    };
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    let has_labels = wildcard == HostWildcard::Text || class == 0 || rest.starts_with('.');
    if !rest.bytes().all(is_name) || !has_labels || rest.ends_with('.') || rest.is_empty() {
        return Err(format!("the host `{host}` is not a name or a wildcard"));
    }
    let pattern = match (class, wildcard) {
        (0, _) => TextPattern::Exact(host.clone()),
        (_, HostWildcard::OneLabel) => TextPattern::Regex(format!("[a-z0-9_-]+{}", regex_syntax::escape(rest))),
        (_, HostWildcard::Labels) => {
            TextPattern::Regex(format!(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*{}", regex_syntax::escape(rest)))
        }
        (_, HostWildcard::Text) => TextPattern::Regex(format!("[a-z0-9_.-]+{}", regex_syntax::escape(rest))),
    };
    Ok(HostRule { language: Some(languages.add(pattern)?), precedence: [class, length] })
}

/// Refuses a path that proxies rewrite before they match it.
pub(crate) fn plain_path(path: &str) -> Result<&str, String> {
    let is_plain = path.starts_with('/')
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#%\\".contains(&byte))
        && !path.contains("//")
        && !path.split('/').any(|segment| segment == "." || segment == "..");
    if is_plain { Ok(path) } else { Err(format!("the path `{path}` is one that proxies may rewrite")) }
}

/// The length of a text as a rank: the longest goes first.
pub(crate) fn longest_first(length: usize) -> u64 {
    u64::try_from(length).map_or(0, |length| u64::MAX - length)
}
