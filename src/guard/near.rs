//! Which manifests an edit may concern: those with a host that it touches. What is certainly apart need not be compared.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::guard::files::ManifestGroup;
use crate::route::host_set::HostSet;
use crate::route::ingress_annotations;
use crate::route::manifest::RouteManifest;
use crate::route::read::is_of_routes;

/// The hosts that an object has routes for.
enum HostScope {
    /// It has none, and changes nobody's.
    Nothing,
    /// Any, or it is not certain.
    Any,
    /// These, in lower case.
    Hosts(Vec<String>),
}

/// The fields of a spec that name hosts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HostFields {
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    hostnames: Vec<String>,
    #[serde(default)]
    rules: Vec<HostField>,
    default_backend: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct HostField {
    #[serde(default)]
    host: String,
}

impl HostScope {
    fn of(manifest: &RouteManifest) -> Self {
        if !is_of_routes(&manifest.kind) {
            return Self::Nothing;
        }
        let Ok(fields) = manifest.spec.read::<HostFields>() else {
            return Self::Any;
        };
        let group = manifest.group();
        let hosts: Vec<String> = match (group, manifest.kind.as_str()) {
            ("networking.k8s.io", "Ingress")
                if fields.default_backend.is_none() && !ingress_annotations::has_unread(manifest) =>
            {
                fields.rules.into_iter().map(|rule| rule.host).collect()
            }
            ("gateway.networking.k8s.io", "HTTPRoute") => fields.hostnames,
            // in the mesh, a name without a dot is one of its namespace
            ("networking.istio.io", "VirtualService") if fields.hosts.iter().all(|host| host.contains(['.', '*'])) => {
                fields.hosts
            }
            (_, _) => return Self::Any,
        };
        if hosts.is_empty() || hosts.iter().any(String::is_empty) {
            return Self::Any;
        }
        Self::Hosts(hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect())
    }
}

/// Kind, namespace and name.
type ObjectName<'m> = (&'m str, &'m str, &'m str);

fn object_name(manifest: &RouteManifest) -> ObjectName<'_> {
    (&manifest.kind, &manifest.namespace, &manifest.name)
}

impl ManifestGroup {
    /// Leaves out what both trees have and the edit can't concern: objects without routes, and those whose hosts are all
    /// others than those of the edit. What may be for any host stays, and so does what is defined twice.
    pub(super) fn leave_out_what_is_apart(&mut self) {
        let mut touched = HostSet::default();
        for manifest in self.removed.iter().chain(&self.added) {
            match HostScope::of(manifest) {
                HostScope::Nothing => {}
                HostScope::Any => return,
                HostScope::Hosts(hosts) => hosts.iter().for_each(|host| touched.insert(host)),
            }
        }
        let mut counts: HashMap<ObjectName<'_>, usize> = HashMap::new();
        for manifest in self.kept.iter().chain(&self.removed).chain(&self.added) {
            *counts.entry(object_name(manifest)).or_default() += 1;
        }
        let is_near = |manifest: &RouteManifest| match HostScope::of(manifest) {
            HostScope::Nothing => false,
            HostScope::Any => true,
            HostScope::Hosts(hosts) => {
                hosts.iter().any(|host| touched.may_meet(host))
                    || counts.get(&object_name(manifest)).is_some_and(|count| *count > 1)
            }
        };
        let mut near = self.kept.iter().map(is_near).collect::<Vec<bool>>().into_iter();
        self.kept.retain(|_| near.next() != Some(false));
    }
}
