//! What readers make of manifests: routes and where they apply.

use std::collections::{BTreeMap, BTreeSet};

use crate::route::ingress_class::{INGRESS_PLACE, IngressClasses, class_section};
use crate::route::istio_gateway::ProxySelector;
use crate::route::language::{Languages, RequestPart, TextPattern};
use crate::route::listener::{GatewayAttachment, GatewayListener, istio_gateway_title};
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::table::RouteEntry;

/// The place of routes in the mesh of Istio.
pub(crate) const MESH_PLACE: &str = "Istio mesh";

/// The place where a route applies: routes of one place are asked by precedence.
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
    /// Routes at gateways: where they apply, the listeners of both trees say.
    pub(crate) attached: Vec<GatewayAttachment>,
    /// The listeners of each gateway that manifests define.
    pub(crate) gateways: BTreeMap<String, Vec<GatewayListener>>,
    /// The file of each gateway.
    pub(crate) files: BTreeMap<String, String>,
    /// The proxies of each gateway of Istio that manifests define.
    pub(crate) proxies: BTreeMap<String, ProxySelector>,
    /// The controllers of classes of Ingresses.
    pub(crate) classes: IngressClasses,
    /// The classes of Ingresses that ingress-nginx serves, or another proxy that is nginx.
    pub(crate) nginx_classes: BTreeSet<String>,
    /// The namespaces that manifests name.
    pub(crate) namespaces: BTreeSet<String>,
    /// Everything that was not understood.
    pub notes: Vec<RouteNote>,
}

impl ReadRoutes {
    /// The routes of all places.
    pub fn entries(&self) -> impl Iterator<Item = &RouteEntry> {
        self.routes.iter().map(|(_, entry)| entry).chain(self.attached.iter().map(|one| &one.entry))
    }

    /// The name of a Gateway of Istio; `None` of another object.
    pub(crate) fn istio_gateway(manifest: &RouteManifest) -> Option<String> {
        let is_one = (manifest.group(), manifest.kind.as_str()) == ("networking.istio.io", "Gateway");
        is_one.then(|| istio_gateway_title(&manifest.object()))
    }

    /// The second labels of hosts of two labels in the mesh: each may be a namespace.
    pub(crate) fn mesh_namespaces(&self, languages: &Languages) -> BTreeSet<String> {
        let of_mesh = self.routes.iter().filter(|(place, _)| place.table == MESH_PLACE);
        let hosts = of_mesh.filter_map(|(_, entry)| languages.pattern(*entry.conditions.get(&RequestPart::Host)?));
        let second = |host: &TextPattern| match host {
            TextPattern::Exact(host) => host.split_once('.').map(|(_, second)| second.to_owned()),
            TextPattern::Prefix(_) | TextPattern::Segments(_) | TextPattern::Regex(_) => None,
        };
        hosts.filter_map(second).filter(|second| !second.contains('.')).collect()
    }

    /// Adds namespaces that other manifests name.
    pub fn know_namespaces(&mut self, namespaces: impl IntoIterator<Item = String>) {
        self.namespaces.extend(namespaces);
    }

    /// Says whose the backends of each file are.
    pub fn own_by_file(&mut self, mut owner: impl FnMut(&str) -> Option<String>) {
        let attached = self.attached.iter_mut().map(|one| &mut one.entry);
        let all = self.routes.iter_mut().map(|(_, entry)| entry).chain(attached);
        for entry in all.filter(|entry| entry.backend.is_some()) {
            entry.owner = owner(&entry.file);
        }
    }
}

/// The annotation that makes a class of Ingresses that of those which name none.
const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";

/// Returns whether a class of Ingresses is that of those which name none.
pub(crate) fn is_default_class(manifest: &RouteManifest) -> bool {
    manifest.kind == "IngressClass" && manifest.annotations.get(DEFAULT_CLASS).is_some_and(|is| is == "true")
}

/// A route, with the host for which it attaches to a Gateway.
type DefinedRoute<'r> = (Option<&'r str>, &'r RouteEntry);

/// Routes by the Gateway or the class of Ingresses that decides about them, as they name it.
pub(crate) struct RoutesByDefinition<'r> {
    by_gateway: BTreeMap<&'r str, Vec<DefinedRoute<'r>>>,
    by_class: BTreeMap<&'r str, Vec<DefinedRoute<'r>>>,
    /// Ingresses of no class: those of the default one.
    without_class: Vec<DefinedRoute<'r>>,
}

impl<'r> RoutesByDefinition<'r> {
    pub(crate) fn of(read: &'r ReadRoutes) -> Self {
        let mut found = Self { by_gateway: BTreeMap::new(), by_class: BTreeMap::new(), without_class: Vec::new() };
        for one in &read.attached {
            found.by_gateway.entry(&one.table).or_default().push((Some(&one.host), &one.entry));
        }
        for (place, entry) in &read.routes {
            match &place.section {
                Some(section) => found.by_class.entry(section).or_default().push((None, entry)),
                None if place.table == INGRESS_PLACE => found.without_class.push((None, entry)),
                None => {}
            }
        }
        found
    }

    /// Those of a manifest; none if it is no such definition.
    pub(crate) fn through(&self, manifest: &RouteManifest) -> Vec<DefinedRoute<'r>> {
        let gateway = |title: String| self.by_gateway.get(title.as_str());
        let routes = match (manifest.group(), manifest.kind.as_str()) {
            ("gateway.networking.k8s.io", "Gateway") => gateway(manifest.title()),
            ("networking.istio.io", "Gateway") => gateway(istio_gateway_title(&manifest.object())),
            ("networking.k8s.io", "IngressClass") => self.by_class.get(class_section(&manifest.name).as_str()),
            (_, _) => None,
        };
        let mut routes = routes.cloned().unwrap_or_default();
        if is_default_class(manifest) {
            routes.extend_from_slice(&self.without_class);
        }
        routes
    }
}

/// Gateways of both trees that ask namespaces for other labels after: which routes come or go, manifests do not say.
#[must_use]
pub fn changed_labels(before: &ReadRoutes, after: &ReadRoutes) -> Vec<RouteNote> {
    let mut notes = Vec::new();
    for (gateway, listeners) in &after.gateways {
        let Some(old) = before.gateways.get(gateway) else {
            continue;
        };
        let labels =
            |all: &[GatewayListener]| all.iter().filter_map(|one| one.labels.clone()).collect::<BTreeSet<String>>();
        if let Some(new) = labels(listeners).difference(&labels(old)).next() {
            notes.push(RouteNote {
                file: after.files.get(gateway).cloned().unwrap_or_default(),
                object: gateway.clone(),
                why: format!(
                    "it asks namespaces for other labels now, `{new}`: which routes attach, only the cluster knows"
                ),
            });
        }
    }
    notes
}
