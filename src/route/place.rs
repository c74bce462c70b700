//! The routes of a place, as each of its parts sees them.

use std::collections::{BTreeMap, BTreeSet};

use crate::route::ingress_class::{INGRESS_PLACE, IngressClasses, NGINX_CLASS, class_section};
use crate::route::language::{LanguageId, RequestPart};
use crate::route::services::SERVICE_PLACE;
use crate::route::table::RouteEntry;

/// Routes by gateway or class, and by listener, port or class; `None`: those of all of them.
pub(crate) type PlacedRoutes = BTreeMap<String, BTreeMap<Option<String>, Vec<RouteEntry>>>;

/// The controller of the load balancers of AWS.
const ALB_CONTROLLER: &str = "ingress.k8s.aws/alb";

/// Returns whether the routes of a table are HTTPRoutes.
pub(crate) fn is_of_http_routes(table: &str) -> bool {
    ["Gateway ", SERVICE_PLACE].iter().any(|kind| table.starts_with(kind))
}

/// Returns whether a proxy that finds no route of a host may look for one of a wider host. nginx and Envoy do not.
pub(crate) fn falls_back(table: &str, section: Option<&str>, nginx_classes: &BTreeSet<String>) -> bool {
    match section.and_then(|section| section.strip_prefix("class ")) {
        _ if table.starts_with("Gateway ") => true,
        Some(class) => !nginx_classes.contains(class),
        None => table == INGRESS_PLACE,
    }
}

/// The routes of a place, before and after.
pub(crate) struct PlaceRoutes {
    pub(crate) before: Vec<RouteEntry>,
    pub(crate) after: Vec<RouteEntry>,
}

impl PlaceRoutes {
    /// Returns what each part of a place sees, such as the proxies of a namespace: what only some have, and what all have.
    pub(crate) fn by_part(self, place: String) -> Vec<(String, Self)> {
        let all = || self.before.iter().chain(&self.after);
        let parts: BTreeSet<String> = all().flat_map(|entry| &entry.seen_in).cloned().collect();
        if parts.is_empty() {
            return vec![(place, self)];
        }
        let seen = |entries: &[RouteEntry], part: Option<&String>| -> Vec<RouteEntry> {
            let is_seen =
                |entry: &&RouteEntry| entry.seen_in.is_empty() || part.is_some_and(|part| entry.seen_in.contains(part));
            entries.iter().filter(is_seen).cloned().collect()
        };
        let of_part = |part| Self { before: seen(&self.before, part), after: seen(&self.after, part) };
        let parted = parts.iter().map(|part| (format!("{place}, {part}"), of_part(Some(part))));
        std::iter::once((place.clone(), of_part(None))).chain(parted).collect()
    }

    /// The same for a proxy that asks the routes of wider hosts too; `None` if there are no wider hosts. If listeners are
    /// apart, it asks those of the same listener.
    pub(crate) fn fallback(&self, is_apart: bool) -> Option<Self> {
        // how precise a listener and a host are takes two ranks each
        let of_listener = if is_apart { 2 } else { 0 };
        let of_host = of_listener + 2;
        let all = || self.before.iter().chain(&self.after);
        let is_wide = |entry: &RouteEntry| entry.precedence.get(of_listener).is_some_and(|class| *class > 0);
        // what ends a listener has no rank of a host
        let goes_on = |entry: &&RouteEntry| entry.backend.is_some() || entry.precedence.len() <= of_host;
        let without_ends = |entries: &[RouteEntry]| entries.iter().filter(goes_on).cloned().collect();
        let hosts: BTreeSet<&[u64]> = all().filter_map(|entry| entry.precedence.get(..of_host)).collect();
        let differs = hosts.len() > 1 && all().any(is_wide);
        differs.then(|| Self { before: without_ends(&self.before), after: without_ends(&self.after) })
    }

    /// The same for a proxy to which `/a/` is a longer prefix than `/a`; `None` if there are no such two.
    pub(crate) fn counting_slashes(&self, is_apart: bool) -> Option<Self> {
        // after the ranks of a listener, of a host, and of the type of the path
        let rank = if is_apart { 5 } else { 3 };
        // the same prefix, whether it ends with a slash or not
        let length = |entry: &RouteEntry| entry.precedence.get(rank).copied();
        let path = |entry: &RouteEntry| Some((*entry.conditions.get(&RequestPart::Path)?, length(entry)?));
        let paths = |has_slash: bool| -> BTreeSet<(LanguageId, u64)> {
            let all = self.before.iter().chain(&self.after);
            all.filter(|entry| entry.has_slash == has_slash).filter_map(path).collect()
        };
        let without = paths(false);
        let counted = |entry: &RouteEntry| {
            let mut entry = entry.clone();
            if entry.has_slash
                && let Some(length) = entry.precedence.get_mut(rank)
            {
                *length = length.saturating_sub(1);
            }
            entry
        };
        let all = |entries: &[RouteEntry]| entries.iter().map(counted).collect();
        let has_both = paths(true).iter().any(|path| without.contains(path));
        has_both.then(|| Self { before: all(&self.before), after: all(&self.after) })
    }
}

/// The routes of controllers that serve several classes, each with whether its proxy may fall back to wider hosts:
/// whatever its class, an Ingress is one of theirs. The classes have tables of their own too.
pub(crate) fn shared_classes(
    [before, after]: &[IngressClasses; 2],
    [old, new]: [&PlacedRoutes; 2],
) -> Vec<(String, PlaceRoutes, bool)> {
    let of_controller = |controller: String| {
        let entries = |classes: &IngressClasses, placed: &PlacedRoutes| {
            let sections = classes.of_controller(&controller).into_iter().map(|class| Some(class_section(&class)));
            let routes = placed.get(INGRESS_PLACE);
            let of_sections = sections.chain([None]).filter_map(|section| routes?.get(&section));
            of_sections.flatten().cloned().collect::<Vec<RouteEntry>>()
        };
        let (old, new) = (entries(before, old), entries(after, new));
        let place = format!("{INGRESS_PLACE}, classes of {controller}");
        let parts = PlaceRoutes { before: old, after: new }.by_part(place).into_iter();
        let parts = parts.map(|(place, both)| (place, both, !controller.contains(NGINX_CLASS)));
        // there, only a group of Ingresses shares a load balancer
        parts.skip(usize::from(controller == ALB_CONTROLLER)).collect::<Vec<_>>()
    };
    IngressClasses::shared(before, after).into_iter().flat_map(of_controller).collect()
}
