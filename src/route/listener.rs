//! Listeners of gateways of the Gateway API, and the HTTPRoutes that attach to them.
//!
//! A route attaches to each listener that its parent reference names, that takes its namespace, and whose host it shares
//! (`ParentReference` and `Listener.hostname` in `apis/v1` of kubernetes-sigs/gateway-api). It then answers for the hosts
//! that both have. Listeners of one port are one server.

use serde::Deserialize;
use serde_json::Value;

use crate::route::host::{HostRule, HostWildcard, host_rule};
use crate::route::language::Languages;
use crate::route::manifest::RouteManifest;
use crate::route::table::RouteEntry;

/// The beginning of the names of gateways of Istio.
pub(crate) const ISTIO_GATEWAY: &str = "Istio gateway ";

/// Returns how a gateway of Istio is called, from its namespace and name.
pub(crate) fn istio_gateway_title(object: &str) -> String {
    format!("{ISTIO_GATEWAY}{object}")
}

/// A listener that takes HTTPRoutes, or a host of a server that takes VirtualServices.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct GatewayListener {
    pub(crate) name: String,
    pub(crate) port: u32,
    /// In lower case; `*`: any host.
    pub(crate) host: String,
    /// The meaning of the `*` of its hosts.
    pub(crate) wildcard: HostWildcard,
    /// The namespaces whose routes it takes; `None`: all, as far as manifests say.
    pub(crate) namespaces: Option<Vec<String>>,
    /// The labels of the namespaces whose routes it takes, if it asks for others than the name.
    pub(crate) labels: Option<String>,
    /// That it redirects all requests, so that no route answers.
    pub(crate) redirect: Option<RouteEntry>,
}

/// A route of an HTTPRoute or a VirtualService at one gateway, for one host.
#[derive(Clone, Debug)]
pub(crate) struct GatewayAttachment {
    /// The gateway.
    pub(crate) table: String,
    /// The namespace of the route.
    pub(crate) namespace: String,
    /// The listener that it names; `None`: all.
    pub(crate) listener: Option<String>,
    /// The port that it names; `None`: all.
    pub(crate) port: Option<u32>,
    /// In lower case; `*`: any host.
    pub(crate) host: String,
    /// The route, for that host.
    pub(crate) entry: RouteEntry,
}

#[derive(Deserialize)]
struct GatewaySpec {
    #[serde(default)]
    listeners: Vec<ListenerFields>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListenerFields {
    name: String,
    port: u32,
    protocol: String,
    #[serde(default)]
    hostname: String,
    allowed_routes: Option<AllowedRoutes>,
}

#[derive(Default, Deserialize)]
struct AllowedRoutes {
    namespaces: Option<RouteNamespaces>,
    #[serde(default)]
    kinds: Vec<RouteKind>,
}

#[derive(Default, Deserialize)]
struct RouteNamespaces {
    from: Option<String>,
    selector: Option<NamespaceSelector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamespaceSelector {
    #[serde(default)]
    match_labels: serde_json::Map<String, Value>,
    #[serde(default)]
    match_expressions: Vec<LabelExpression>,
}

#[derive(Deserialize)]
struct LabelExpression {
    key: String,
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Deserialize)]
struct RouteKind {
    kind: String,
}

/// The label that Kubernetes gives each namespace: its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Reads the listeners of a Gateway that take HTTPRoutes.
///
/// # Errors
///
/// What is not understood.
pub(crate) fn listeners(manifest: &RouteManifest, languages: &mut Languages) -> Result<Vec<GatewayListener>, String> {
    let spec: GatewaySpec = manifest.spec.read()?;
    let mut found = Vec::new();
    for one in spec.listeners {
        let allowed = one.allowed_routes.unwrap_or_default();
        let takes_http = allowed.kinds.is_empty() || allowed.kinds.iter().any(|kind| kind.kind == "HTTPRoute");
        if !takes_http || ["TLS", "TCP", "UDP"].contains(&one.protocol.as_str()) {
            continue;
        }
        let host = one.hostname.to_ascii_lowercase();
        let allowed = allowed.namespaces.unwrap_or_default();
        let labels = allowed.selector.as_ref().map(NamespaceSelector::text);
        let namespaces = namespaces(allowed, &manifest.namespace)?;
        let labels = labels.filter(|_| namespaces.is_none());
        let host = if host.is_empty() { "*".to_owned() } else { host };
        let wildcard = HostWildcard::Labels;
        host_rule(&host, wildcard, languages)?;
        let (name, port) = (one.name, one.port);
        found.push(GatewayListener { name, port, host, wildcard, namespaces, labels, redirect: None });
    }
    Ok(found)
}

/// The namespaces that `allowedRoutes` names. Of labels, only that of the name is in every namespace.
fn namespaces(allowed: RouteNamespaces, own: &str) -> Result<Option<Vec<String>>, String> {
    match (allowed.from.as_deref().unwrap_or("Same"), allowed.selector) {
        ("Same", _) => Ok(Some(vec![own.to_owned()])),
        ("All", _) => Ok(None),
        ("None", _) => Ok(Some(Vec::new())),
        ("Selector", Some(selector)) => {
            let by_label =
                selector.match_labels.get(NAME_LABEL).and_then(Value::as_str).map(|name| vec![name.to_owned()]);
            let is_name = |one: &&LabelExpression| one.key == NAME_LABEL && one.operator == "In";
            let by_expression = selector.match_expressions.iter().find(is_name).map(|one| one.values.clone());
            Ok(by_label.or(by_expression))
        }
        (from, _) => Err(format!("`allowedRoutes` from `{from}`")),
    }
}

impl NamespaceSelector {
    /// The labels as one text, in an order of its own.
    fn text(&self) -> String {
        let mut parts: Vec<String> = self
            .match_labels
            .iter()
            .map(|(label, value)| format!("{label}={}", value.as_str().unwrap_or_default()))
            .collect();
        for LabelExpression { key, operator, values } in &self.match_expressions {
            parts.push(format!("{key} {operator} {}", values.join(",")));
        }
        parts.sort();
        parts.join("; ")
    }
}

impl GatewayListener {
    /// The host for which a route answers here; `None` if it does not attach.
    pub(crate) fn host_of(&self, route: &GatewayAttachment) -> Option<String> {
        let is_named = route.listener.as_ref().is_none_or(|name| *name == self.name)
            && route.port.is_none_or(|port| port == self.port);
        let is_allowed = self.namespaces.as_ref().is_none_or(|names| names.contains(&route.namespace));
        common_host(&self.host, &route.host).filter(|_| is_named && is_allowed).map(str::to_owned)
    }

    /// Returns whether a host may be for this listener and for another of its port, and they differ.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.port == other.port && self.host != other.host && common_host(&self.host, &other.host).is_some()
    }

    /// The host of the listener, as a condition.
    pub(crate) fn rule(&self, languages: &mut Languages) -> Result<HostRule, String> {
        host_rule(&self.host, self.wildcard, languages)
    }
}

/// The narrower of two hosts, if one holds the other; `*` stands for one label or more, or any text.
pub(crate) fn common_host<'h>(one: &'h str, other: &'h str) -> Option<&'h str> {
    let holds = |wide: &str, narrow: &str| {
        let suffix = wide.strip_prefix('*');
        // the host of the suffix itself is not one of the wildcard's
        wide == narrow || suffix.is_some_and(|suffix| narrow.len() > suffix.len() && narrow.ends_with(suffix))
    };
    if holds(one, other) {
        Some(other)
    } else if holds(other, one) {
        Some(one)
    } else {
        None
    }
}
