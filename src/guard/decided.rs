//! Definitions that routes go by: Gateways and classes of Ingresses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::guard::files::ManifestGroup;
use crate::guard::owners::Owners;
use crate::route::host_set::HostSet;
use crate::route::istio_gateway::{ProxySelector, share_proxies};
use crate::route::listener::GatewayAttachment;
use crate::route::manifest::RouteManifest;
use crate::route::reader::{ReadRoutes, RoutesByDefinition};
use crate::route::table::RouteEntry;

/// A route that goes by a definition which an edit changes.
pub(super) struct DecidedRoute {
    pub(super) route: RouteEntry,
    /// The file of the definition.
    pub(super) by: String,
    /// If the definition is in the folder of an environment and the route is another's: of which, and whose.
    pub(super) others: Option<DecidedByOthers>,
}

/// Whose folder a definition is in, and whose routes go by it.
pub(super) struct DecidedByOthers {
    pub(super) own: String,
    pub(super) others: BTreeSet<String>,
    /// The definition, and its place.
    pub(super) title: String,
}

/// The routes that go by definitions which an edit adds, removes or changes, as far as what differs may concern their hosts.
pub(super) fn decided(
    group: &ManifestGroup,
    before: &ReadRoutes,
    after: &ReadRoutes,
    owners: &mut Owners<'_, '_>,
) -> Vec<DecidedRoute> {
    let [old, new] = [before, after].map(RoutesByDefinition::of);
    let routes_of = |manifest: &RouteManifest| old.through(manifest).into_iter().chain(new.through(manifest));
    let [removed, added] = [&group.removed, &group.added].map(|manifests| by_object(manifests));
    let named = NamedByDefinitions::of(group);
    let mut found = Vec::new();
    // each object once in each tree, however often it is defined
    for (object, manifest) in removed.iter().chain(&added) {
        let edited = DefinitionEdit::of(removed.get(object).copied(), added.get(object).copied(), owners);
        let concerned = routes_of(manifest).filter(|(host, _)| edited.may_concern(*host));
        found.extend(concerned.map(|(_, route)| of_route(manifest, route, owners)));
        let definitions = if edited.is_any() { named.by(manifest) } else { &[] };
        let concerned = definitions.iter().flat_map(|definition| routes_of(definition));
        found.extend(concerned.map(|(_, route)| of_route(manifest, route, owners)));
    }
    for (manifest, route) in beside_new(group, before, after) {
        found.push(of_route(manifest, route, owners));
    }
    found
}

/// The routes of objects that an edit adds, removes or changes, each with the edited file.
pub(super) fn edited_routes(
    group: &ManifestGroup,
    before: &ReadRoutes,
    after: &ReadRoutes,
    owners: &mut Owners<'_, '_>,
) -> Vec<(RouteEntry, String)> {
    let [removed, added] = [&group.removed, &group.added].map(|manifests| by_object(manifests));
    let mut found = Vec::new();
    for (own, read) in [(&removed, before), (&added, after)] {
        let mut is_edited =
            |object| DefinitionEdit::of(removed.get(object).copied(), added.get(object).copied(), owners).is_any();
        // all objects of a list begin at its line
        let edited: BTreeSet<(&str, u64)> = own
            .iter()
            .filter(|(object, _)| is_edited(object))
            .map(|(_, manifest)| (manifest.file.as_str(), manifest.line))
            .collect();
        let routes = read.entries().filter(|entry| edited.contains(&(entry.file.as_str(), entry.line)));
        found.extend(routes.map(|entry| (entry.clone(), entry.file.clone())));
    }
    found
}

pub(super) fn of_route(manifest: &RouteManifest, route: &RouteEntry, owners: &mut Owners<'_, '_>) -> DecidedRoute {
    let others = owners.of_file(&manifest.file).and_then(|own| {
        let others: BTreeSet<String> = owners.of(route).into_iter().filter(|other| *other != own).collect();
        let title = format!("{} in {}:{}", manifest.title(), manifest.file, manifest.line);
        (!others.is_empty()).then_some(DecidedByOthers { own, others, title })
    });
    DecidedRoute { route: route.clone(), by: manifest.file.clone(), others }
}

/// Definitions by the objects of the cluster that they name: the class of a Gateway, and the parameters of a class of Ingresses.
pub(super) struct NamedByDefinitions<'g>(BTreeMap<(String, String), Vec<&'g RouteManifest>>);

impl<'g> NamedByDefinitions<'g> {
    pub(super) fn of(group: &'g ManifestGroup) -> Self {
        let edited = || group.removed.iter().chain(&group.added);
        let mut found: BTreeMap<(String, String), Vec<&RouteManifest>> = BTreeMap::new();
        if !edited().any(|manifest| ["GatewayClass", "IngressClassParams"].contains(&manifest.kind.as_str())) {
            return Self(found);
        }
        let all: BTreeMap<DefinedObject<'_>, &RouteManifest> =
            group.kept.iter().chain(edited()).map(|manifest| (object_of(manifest), manifest)).collect();
        for manifest in all.into_values() {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            let Ok(spec) = manifest.spec.value() else {
                continue;
            };
            let named = match (manifest.group(), manifest.kind.as_str()) {
                ("gateway.networking.k8s.io", "Gateway") => {
                    text(spec.get("gatewayClassName")).map(|name| ("GatewayClass".to_owned(), name))
                }
                ("networking.k8s.io", "IngressClass") => {
                    let of_parameters = |key: &str| text(spec.pointer(&format!("/parameters/{key}")));
                    of_parameters("kind").zip(of_parameters("name"))
                }
                (_, _) => None,
            };
            if let Some(named) = named {
                found.entry(named).or_default().push(manifest);
            }
        }
        Self(found)
    }

    pub(super) fn by(&self, manifest: &RouteManifest) -> &[&'g RouteManifest] {
        self.0.get(&(manifest.kind.clone(), manifest.name.clone())).map_or(&[], Vec::as_slice)
    }
}

/// Returns whether routes may go by an object.
pub(super) fn is_definition(manifest: &RouteManifest) -> bool {
    ["Gateway", "GatewayClass", "IngressClass", "IngressClassParams"].contains(&manifest.kind.as_str())
}

/// Group, kind, namespace and name.
pub(super) type DefinedObject<'m> = (&'m str, &'m str, &'m str, &'m str);

pub(super) fn object_of(manifest: &RouteManifest) -> DefinedObject<'_> {
    (manifest.group(), &manifest.kind, &manifest.namespace, &manifest.name)
}

pub(super) fn by_object(manifests: &[RouteManifest]) -> BTreeMap<DefinedObject<'_>, &RouteManifest> {
    manifests.iter().map(|manifest| (object_of(manifest), manifest)).collect()
}

/// What differs of a definition.
pub(super) enum DefinitionEdit {
    /// All of it, or something that concerns all hosts.
    All,
    /// Listeners or servers for these hosts; of none, nothing differs.
    Hosts(HostSet),
}

impl DefinitionEdit {
    /// The difference between two definitions of an object; all of it if it is in the folder of another environment now, whose deployments apply it.
    pub(super) fn of(old: Option<&RouteManifest>, new: Option<&RouteManifest>, owners: &mut Owners<'_, '_>) -> Self {
        let mut folder = |one: Option<&RouteManifest>| one.map(|one| owners.of_file(&one.file));
        if folder(old) != folder(new) {
            return Self::All;
        }
        Self::between(old, new)
    }

    fn between(old: Option<&RouteManifest>, new: Option<&RouteManifest>) -> Self {
        let (Some(old), Some(new)) = (old, new) else {
            return Self::All;
        };
        let is_same = old.annotations == new.annotations
            && old.labels == new.labels
            && old.owner_references == new.owner_references;
        if !is_same || old.api_version != new.api_version {
            return Self::All;
        }
        if old.spec == new.spec {
            return Self::Hosts(HostSet::default());
        }
        let (Ok(Value::Object(mut one)), Ok(Value::Object(mut other))) = (old.spec.value(), new.spec.value()) else {
            return Self::All;
        };
        let key = if old.group() == "networking.istio.io" { "servers" } else { "listeners" };
        let (Some(Value::Array(one_list)), Some(Value::Array(other_list))) = (one.remove(key), other.remove(key))
        else {
            return Self::All;
        };
        if one != other {
            return Self::All;
        }
        let texts = |list: &[Value]| list.iter().map(Value::to_string).collect::<BTreeSet<String>>();
        let [one_texts, other_texts] = [&one_list, &other_list].map(|list| texts(list));
        let differs = |listener: &&Value| {
            let text = listener.to_string();
            one_texts.contains(&text) != other_texts.contains(&text)
        };
        let hosts = one_list.iter().chain(&other_list).filter(differs).map(hosts_of);
        let hosts = hosts.collect::<Option<Vec<Vec<String>>>>();
        hosts.map_or(Self::All, |hosts| Self::Hosts(hosts.iter().flatten().map(String::as_str).collect()))
    }

    pub(super) fn is_any(&self) -> bool {
        match self {
            Self::All => true,
            Self::Hosts(hosts) => !hosts.is_empty(),
        }
    }

    fn may_concern(&self, host: Option<&str>) -> bool {
        match (self, host) {
            (Self::All, _) => true,
            (Self::Hosts(_), None) => self.is_any(),
            (Self::Hosts(hosts), Some(host)) => hosts.may_meet(host),
        }
    }
}

/// The hosts of a listener of the Gateway API or of a server of Istio; `None` if they are not texts.
fn hosts_of(listener: &Value) -> Option<Vec<String>> {
    let host = |value: &Value| {
        let text = value.as_str()?.to_ascii_lowercase();
        Some(text.rsplit('/').next().unwrap_or_default().to_owned())
    };
    match (listener.get("hostname"), listener.get("hosts")) {
        (None, None) => Some(vec!["*".to_owned()]),
        (Some(hostname), None) => Some(vec![host(hostname)?]),
        (None, Some(hosts)) => hosts.as_array()?.iter().map(host).collect(),
        (Some(_), Some(_)) => None,
    }
}

/// Routes that others have at the hosts of routes of a Gateway of Istio that only the tree after defines, as far as it may select the proxies of
/// theirs: from then on they are asked together.
fn beside_new<'r>(
    group: &'r ManifestGroup,
    before: &'r ReadRoutes,
    after: &'r ReadRoutes,
) -> Vec<(&'r RouteManifest, &'r RouteEntry)> {
    let new: BTreeMap<String, &RouteManifest> = group
        .added
        .iter()
        .filter_map(|manifest| Some((ReadRoutes::istio_gateway(manifest)?, manifest)))
        .filter(|(title, _)| !before.gateways.contains_key(title))
        .collect();
    let attached = || before.attached.iter().chain(&after.attached);
    let hosts: HostSet =
        attached().filter(|route| new.contains_key(&route.table)).map(|route| route.host.as_str()).collect();
    let own: BTreeSet<&ProxySelector> = new.keys().filter_map(|title| after.proxies.get(title)).collect();
    let others: BTreeSet<&ProxySelector> = before.proxies.values().collect();
    let are_few = own.len().saturating_mul(others.len()) <= MOST_SELECTOR_PAIRS;
    let shared: BTreeSet<&ProxySelector> =
        others.into_iter().filter(|one| !are_few || own.iter().any(|own| share_proxies(own, one))).collect();
    let Some((_, manifest)) = new.first_key_value() else {
        return Vec::new();
    };
    let is_beside = |route: &&GatewayAttachment| {
        !new.contains_key(&route.table)
            && before.proxies.get(&route.table).is_some_and(|proxies| shared.contains(proxies))
            && hosts.may_meet(&route.host)
    };
    attached().filter(is_beside).map(|route| (*manifest, &route.entry)).collect()
}

/// Of more pairs of selectors than these, all count as if they might select the same proxy.
const MOST_SELECTOR_PAIRS: usize = 1_000_000;
