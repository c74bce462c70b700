//! What readers make of manifests: routes and where they apply.

use std::collections::BTreeMap;

use crate::route::istio_gateway::ProxySelector;
use crate::route::listener::{GatewayAttachment, GatewayListener};
use crate::route::note::RouteNote;
use crate::route::table::RouteEntry;

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
    /// Routes at gateways: where they apply, the listeners of both trees say.
    pub(crate) attached: Vec<GatewayAttachment>,
    /// The listeners of each gateway that manifests define.
    pub(crate) gateways: BTreeMap<String, Vec<GatewayListener>>,
    /// The proxies of each gateway of Istio that manifests define.
    pub(crate) proxies: BTreeMap<String, ProxySelector>,
    /// What was not understood.
    pub notes: Vec<RouteNote>,
}

impl ReadRoutes {
    /// The routes of all places.
    pub fn entries(&self) -> impl Iterator<Item = &RouteEntry> {
        self.routes.iter().map(|(_, entry)| entry).chain(self.attached.iter().map(|one| &one.entry))
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
