//! Gateways of Istio: the hosts that they serve, and the proxies that they select.
//!
//! A VirtualService answers at a server for the hosts that both have, if the server takes its namespace (`Server.hosts` in
//! the API of `networking.istio.io`; `buildGatewayHTTPRouteConfig` in `pilot/pkg/networking/core/gateway.go` of
//! istio/istio). Gateways that select the same proxy are merged, port by port.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::route::host::{HostWildcard, host_rule};
use crate::route::language::Languages;
use crate::route::listener::{GatewayListener, ISTIO_GATEWAY, istio_gateway_title};
use crate::route::manifest::RouteManifest;
use crate::route::table::RouteEntry;

/// The labels of the proxies that a Gateway selects; none: all proxies.
pub(crate) type ProxySelector = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IstioGatewaySpec {
    #[serde(default)]
    servers: Vec<GatewayServer>,
    #[serde(default)]
    selector: ProxySelector,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewayServer {
    port: ServerPort,
    #[serde(default)]
    hosts: Vec<String>,
    tls: Option<ServerTls>,
    #[serde(default)]
    name: String,
    // servers of one port and two addresses are taken for one
    #[serde(rename = "bind")]
    _bind: Option<IgnoredAny>,
    #[serde(rename = "defaultEndpoint")]
    _default_endpoint: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct ServerPort {
    number: u32,
    protocol: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerTls {
    mode: Option<String>,
    https_redirect: Option<bool>,
}

/// Returns whether two Gateways may select the same proxy: one has more labels than a Gateway asks for, so they may unless one label has to have two
/// values.
pub(crate) fn share_proxies(one: &ProxySelector, other: &ProxySelector) -> bool {
    one.iter().all(|(label, value)| other.get(label).is_none_or(|other| other == value))
}

/// Reads which hosts the servers of a Gateway take, and the labels of its proxies.
///
/// # Errors
///
/// What is not understood.
pub(crate) fn servers(
    manifest: &RouteManifest,
    languages: &mut Languages,
) -> Result<(Vec<GatewayListener>, ProxySelector), String> {
    let spec: IstioGatewaySpec = manifest.spec.read()?;
    let mut found = Vec::new();
    for server in spec.servers {
        let is_passed_on =
            matches!(server.tls.as_ref().and_then(|tls| tls.mode.as_deref()), Some("PASSTHROUGH" | "AUTO_PASSTHROUGH"));
        match server.port.protocol.to_ascii_uppercase().as_str() {
            "HTTP" | "HTTP2" | "HTTPS" | "GRPC" | "GRPC-WEB" if !is_passed_on => {}
            // these look at no request
            "HTTP" | "HTTP2" | "HTTPS" | "GRPC" | "GRPC-WEB" | "TCP" | "TLS" | "MONGO" => continue,
            protocol => return Err(format!("a server with the protocol `{protocol}`")),
        }
        for named in server.hosts {
            let (namespaces, host) = match named.split_once('/') {
                None | Some(("*", _)) => (None, named.rsplit('/').next().unwrap_or_default()),
                Some((".", host)) => (Some(vec![manifest.namespace.clone()]), host),
                Some((namespace, host)) => (Some(vec![namespace.to_owned()]), host),
            };
            let (host, wildcard) = (host.to_ascii_lowercase(), HostWildcard::Text);
            if host.is_empty() {
                return Err(format!("the host `{named}` is not a name or a wildcard"));
            }
            host_rule(&host, wildcard, languages)?;
            let (name, port) = (server.name.clone(), server.port.number);
            let redirects = server.tls.as_ref().and_then(|tls| tls.https_redirect) == Some(true);
            let redirect = redirects.then(|| redirect(manifest, port));
            found.push(GatewayListener { name, port, host, wildcard, namespaces, labels: None, redirect });
        }
    }
    Ok((found, spec.selector))
}

/// The owner of answers that are redirects to HTTPS.
const REDIRECT: &str = "redirect to HTTPS";

/// A redirect of all requests, for any host: `require_tls` of a virtual host comes before its routes.
fn redirect(manifest: &RouteManifest, port: u32) -> RouteEntry {
    RouteEntry {
        name: format!("{}, port {port}", manifest.title()),
        file: manifest.file.clone(),
        line: manifest.line,
        backend: Some(REDIRECT.to_owned()),
        namespaces: vec![manifest.namespace.clone()],
        owner: None,
        conditions: BTreeMap::new(),
        precedence: Vec::new(),
        object: istio_gateway_title(&manifest.object()),
        seen_in: BTreeSet::new(),
        has_slash: false,
    }
}

/// Returns whether a route is the redirect of a Gateway.
pub(crate) fn is_redirect(entry: &RouteEntry) -> bool {
    entry.backend.as_deref() == Some(REDIRECT) && entry.object.starts_with(ISTIO_GATEWAY)
}
