//! Services that answer by themselves: where no route names them, requests for a service of the mesh go to it.

use std::collections::{BTreeMap, BTreeSet};

use crate::route::language::{LanguageId, Languages, RequestPart, TextPattern};
use crate::route::reader::MESH_PLACE;
use crate::route::table::RouteEntry;

/// The beginning of the names of places at which HTTPRoutes have a Service as their parent.
pub(crate) const SERVICE_PLACE: &str = "Service ";

/// The namespaces that manifests name.
pub(crate) struct KnownNamespaces(pub(crate) BTreeSet<String>);

/// A service, or all of a namespace, or all.
struct NamedService {
    namespace: Option<String>,
    backend: String,
}

impl KnownNamespaces {
    /// Adds to both sides of a place the services that routes of the other side name.
    pub(crate) fn add_services(&self, table: &str, both: [&mut Vec<RouteEntry>; 2], languages: &Languages) {
        let [before, after] = both;
        let sides = [(&*after, &*before), (&*before, &*after)];
        let [of_before, of_after] = sides.map(|(other, own)| self.services(table, own, other, languages));
        before.extend(of_before);
        after.extend(of_after);
    }

    /// The services that answer by themselves in a tree, as far as a route of the other tree names them.
    fn services(
        &self,
        table: &str,
        own: &[RouteEntry],
        other: &[RouteEntry],
        languages: &Languages,
    ) -> Vec<RouteEntry> {
        let routes = |entries| -> BTreeMap<Option<LanguageId>, &RouteEntry> {
            let entries: &[RouteEntry] = entries;
            let has_backend = entries.iter().rev().filter(|entry| entry.backend.is_some());
            has_backend.map(|entry| (entry.conditions.get(&RequestPart::Host).copied(), entry)).collect()
        };
        let named = routes(own);
        if let Some(object) = table.strip_prefix(SERVICE_PLACE) {
            let first = other.iter().find(|entry| entry.backend.is_some()).filter(|_| named.is_empty());
            let namespace = object.split('/').next().map(str::to_owned);
            let service = NamedService { namespace, backend: object.to_owned() };
            return first.map(|route| service.entry(route, None)).into_iter().collect();
        }
        if table != MESH_PLACE {
            return Vec::new();
        }
        let unnamed = routes(other).into_iter().filter(|(host, _)| !named.contains_key(host));
        let of_host = |(host, route): (Option<LanguageId>, &RouteEntry)| {
            let service = self.service(languages.pattern(host?)?)?;
            Some(service.entry(route, host))
        };
        unnamed.filter_map(of_host).collect()
    }

    /// The service that a host of the mesh names. A host of two labels is one if the second is a namespace.
    fn service(&self, host: &TextPattern) -> Option<NamedService> {
        let host = match host {
            TextPattern::Exact(host) => host.as_str(),
            // a wildcard ends with its suffix, escaped
            TextPattern::Regex(text) => {
                let suffix = text.split_once('+').map_or("", |(_, suffix)| suffix).replace('\\', "");
                return wildcard(&suffix);
            }
            TextPattern::Prefix(_) | TextPattern::Segments(_) => return None,
        };
        let mut labels = host.splitn(4, '.');
        let (name, namespace) = (labels.next()?, labels.next()?);
        let is_service = match (labels.next(), labels.next()) {
            (Some("svc"), _) => true,
            (None, _) => self.0.contains(namespace),
            (Some(_), _) => false,
        };
        let (namespace, backend) = (Some(namespace.to_owned()), format!("{namespace}/{name}"));
        is_service.then_some(NamedService { namespace, backend })
    }
}

/// The services of a wildcard with a suffix, such as `.shop.svc.cluster.local`.
fn wildcard(suffix: &str) -> Option<NamedService> {
    // `*.local` is any service too
    let is_any = !suffix.is_empty() && ".svc.cluster.local".ends_with(suffix);
    let domain = if is_any { "" } else { suffix.strip_suffix("svc.cluster.local")? };
    // what stands before the first dot may be a part of a label
    let namespace = domain.trim_end_matches('.').rsplit_once('.').map(|(_, namespace)| namespace);
    let namespace = namespace.filter(|name| !name.is_empty());
    let backend = match namespace {
        Some(namespace) => format!("any service of {namespace}"),
        None => "any service".to_owned(),
    };
    Some(NamedService { namespace: namespace.map(str::to_owned), backend })
}

impl NamedService {
    /// The service as a route, beside the first that takes its requests.
    fn entry(self, beside: &RouteEntry, host: Option<LanguageId>) -> RouteEntry {
        // without `owners`, the file of a namespace's own route says whose its services are
        let own = beside.object.split('/').next().map(str::to_owned) == self.namespace;
        RouteEntry {
            name: "the service itself".to_owned(),
            file: if own { beside.file.clone() } else { String::new() },
            line: if own { beside.line } else { 0 },
            backend: Some(self.backend),
            namespaces: self.namespace.into_iter().collect(),
            owner: beside.owner.clone().filter(|_| own),
            conditions: host.map(|host| (RequestPart::Host, host)).into_iter().collect(),
            // after the hosts that routes name
            precedence: vec![3, 0],
            object: String::new(),
            seen_in: BTreeSet::new(),
            has_slash: false,
        }
    }
}
