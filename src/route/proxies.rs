//! Which gateways of two trees are compared with each other, and which of their listeners compete.

use std::collections::{BTreeMap, BTreeSet};

use crate::route::istio_gateway::{ProxySelector, share_proxies};
use crate::route::listener::GatewayListener;
use crate::route::reader::ReadRoutes;

/// The gateways whose listeners count: both trees define them, or one has no routes of theirs.
pub(crate) fn listened(before: &ReadRoutes, after: &ReadRoutes) -> BTreeSet<String> {
    let names = before.gateways.keys().chain(after.gateways.keys());
    let is_clear = |read: &ReadRoutes, name: &str| {
        read.gateways.contains_key(name) || read.attached.iter().all(|one| one.table != name)
    };
    names.filter(|name| is_clear(before, name) && is_clear(after, name)).cloned().collect()
}

/// The proxies that gateways of Istio select: routes of one proxy are asked together, whichever gateway they name.
pub(crate) struct Proxies<'r> {
    /// The name of the routes of a proxy, by its labels.
    names: BTreeMap<&'r ProxySelector, String>,
}

impl<'r> Proxies<'r> {
    pub(crate) fn of(trees: [&'r ReadRoutes; 2], listened: &BTreeSet<String>) -> Self {
        let mut gateways: BTreeMap<&ProxySelector, BTreeSet<&str>> = BTreeMap::new();
        for (gateway, selector) in trees.into_iter().flat_map(|read| &read.proxies) {
            if listened.contains(gateway) {
                gateways.entry(selector).or_default().insert(gateway);
            }
        }
        let name = |(selector, gateways): (&'r ProxySelector, BTreeSet<&str>)| {
            let labels: Vec<String> = selector.iter().map(|(label, value)| format!("{label}={value}")).collect();
            let name = match (gateways.first(), gateways.len(), labels.as_slice()) {
                (Some(gateway), 1, _) => (*gateway).to_owned(),
                (_, _, []) => "Istio gateways of all proxies".to_owned(),
                (_, _, labels) => format!("Istio gateways of {}", labels.join(",")),
            };
            (selector, name)
        };
        Self { names: gateways.into_iter().map(name).collect() }
    }

    /// The tables that a gateway of a tree has routes in: those of all proxies that it may select.
    pub(crate) fn tables(&self, read: &ReadRoutes, gateway: &str) -> BTreeSet<String> {
        let Some(selector) = read.proxies.get(gateway) else {
            return BTreeSet::from([gateway.to_owned()]);
        };
        self.names.iter().filter(|(proxy, _)| share_proxies(selector, proxy)).map(|(_, name)| name.clone()).collect()
    }
}

/// The tables that have listeners whose hosts overlap, in one tree at least: an edit may add the second listener.
pub(crate) fn overlapping(
    trees: [&ReadRoutes; 2],
    listened: &BTreeSet<String>,
    proxies: &Proxies<'_>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for read in trees {
        let mut listening: BTreeMap<String, Vec<&GatewayListener>> = BTreeMap::new();
        for (gateway, listeners) in read.gateways.iter().filter(|(gateway, _)| listened.contains(*gateway)) {
            for table in proxies.tables(read, gateway) {
                listening.entry(table).or_default().extend(listeners);
            }
        }
        found.extend(listening.into_iter().filter_map(|(table, all)| {
            let mut wildcards = all.iter().filter(|listener| listener.host.starts_with('*'));
            wildcards.any(|one| all.iter().any(|other| one.overlaps(other))).then_some(table)
        }));
    }
    found
}
