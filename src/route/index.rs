//! Finds the routes that a request for others may concern, by exact hosts and by what paths begin with.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::route::language::{Languages, RequestPart, TextPattern};
use crate::route::table::{RouteEntry, RouteTable};

/// An index of a table.
pub(crate) struct RouteIndex<'t> {
    table: &'t RouteTable,
    languages: &'t Languages,
    /// By exact host; `None`: any other pattern, or no condition.
    hosts: HashMap<Option<&'t str>, BTreeMap<&'t str, Vec<usize>>>,
    /// The lengths of what paths begin with.
    lengths: BTreeSet<usize>,
    /// The number of routes that were looked at.
    looked: Cell<usize>,
}

impl<'t> RouteIndex<'t> {
    pub(crate) fn new(table: &'t RouteTable, languages: &'t Languages) -> Self {
        let mut index =
            Self { table, languages, hosts: HashMap::new(), lengths: BTreeSet::new(), looked: Cell::new(0) };
        for (at, entry) in table.entries().iter().enumerate() {
            let literal = entry.literal(languages);
            index.lengths.insert(literal.len());
            index.hosts.entry(exact_host(entry, languages)).or_default().entry(literal).or_default().push(at);
        }
        index
    }

    /// The routes, in order, that may ask for a request that all of some routes ask for.
    pub(crate) fn near(&self, of: &[&RouteEntry]) -> Vec<usize> {
        let literals = of.iter().map(|entry| entry.literal(self.languages));
        let literal = literals.max_by_key(|literal| literal.len()).unwrap_or_default();
        let mut found = Vec::new();
        match of.iter().find_map(|entry| exact_host(entry, self.languages)) {
            Some(host) => {
                let groups = [Some(host), None].into_iter().filter_map(|host| self.hosts.get(&host));
                groups.for_each(|group| self.in_group(group, literal, &mut found));
            }
            None => self.hosts.values().for_each(|group| self.in_group(group, literal, &mut found)),
        }
        self.look(found.len());
        found.retain(|at| {
            let entry = self.table.entries().get(*at);
            entry.is_some_and(|entry| of.iter().all(|one| one.may_meet(entry, self.languages)))
        });
        found.sort_unstable();
        found
    }

    /// Returns how many routes were looked at since it was last asked.
    pub(crate) fn take_looked(&self) -> usize {
        self.looked.take()
    }

    fn look(&self, count: usize) {
        self.looked.set(self.looked.get().saturating_add(count));
    }

    fn in_group(&self, group: &BTreeMap<&'t str, Vec<usize>>, literal: &str, found: &mut Vec<usize>) {
        let longer = group.range(literal..).take_while(|(other, _)| other.starts_with(literal));
        longer.for_each(|(_, all)| found.extend(all));
        self.look(1);
        for length in self.lengths.range(..literal.len()) {
            self.look(1);
            if let Some(all) = literal.get(..*length).and_then(|shorter| group.get(shorter)) {
                found.extend(all);
            }
        }
    }
}

fn exact_host<'l>(entry: &RouteEntry, languages: &'l Languages) -> Option<&'l str> {
    match languages.pattern(*entry.conditions.get(&RequestPart::Host)?)? {
        TextPattern::Exact(host) => Some(host),
        TextPattern::Prefix(_) | TextPattern::Segments(_) | TextPattern::Regex(_) => None,
    }
}
