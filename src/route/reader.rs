//! What readers make of manifests: routes and where they apply.

use std::collections::{BTreeMap, BTreeSet};

use crate::route::ingress_class::{IngressClasses, class_section};
use crate::route::istio_gateway::ProxySelector;
use crate::route::listener::{GatewayAttachment, GatewayListener, istio_gateway_title};
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::table::RouteEntry;

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

    /// The routes that a Gateway or a class of Ingresses decides about, as they name it.
    #[must_use]
    pub fn through(&self, manifest: &RouteManifest) -> Vec<&RouteEntry> {
        let attached = |table: &str| -> Vec<&RouteEntry> {
            self.attached.iter().filter(|one| one.table == table).map(|one| &one.entry).collect()
        };
        match (manifest.group(), manifest.kind.as_str()) {
            ("gateway.networking.k8s.io", "Gateway") => attached(&manifest.title()),
            ("networking.istio.io", "Gateway") => attached(&istio_gateway_title(&manifest.object())),
            ("networking.k8s.io", "IngressClass") => {
                let class = class_section(&manifest.name);
                let of_class = self.routes.iter().filter(|(place, _)| place.section.as_ref() == Some(&class));
                of_class.map(|(_, entry)| entry).collect()
            }
            (_, _) => Vec::new(),
        }
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
