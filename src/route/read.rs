//! From manifests to routes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::route::ingress_class::IngressClasses;
use crate::route::language::Languages;
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::reader::ReadRoutes;
use crate::route::{gateway, ingress, istio, istio_gateway, listener};

/// Kinds that route requests, or change how others do, and are not read.
const NOT_READ: [&str; 40] = [
    "ApisixRoute",
    "CiliumClusterwideEnvoyConfig",
    "CiliumEnvoyConfig",
    "DomainMapping",
    "EnvoyPatchPolicy",
    "GRPCRoute",
    "HTTPRoute",
    "HTTPProxy",
    "HTTPScaledObject",
    "Ingress",
    "IngressRoute",
    "IngressRouteTCP",
    "IngressRouteUDP",
    "KongIngress",
    "ListenerSet",
    "Mapping",
    "MeshHTTPRoute",
    "MeshTCPRoute",
    "Route",
    "RouteGroup",
    "RouteTable",
    "ServiceResolver",
    "ServiceRouter",
    "ServiceSplitter",
    "MultiClusterIngress",
    "TCPIngress",
    "TCPRoute",
    "Template",
    "TLSRoute",
    "TrafficSplit",
    "TraefikService",
    "TransportServer",
    "UDPIngress",
    "UDPRoute",
    "VirtualHost",
    "VirtualService",
    "VirtualServer",
    "VirtualServerRoute",
    "XListenerSet",
    "EnvoyFilter",
];

/// Returns whether objects of a kind route requests, or may change how others do.
pub(crate) fn is_of_routes(kind: &str) -> bool {
    ["Gateway", "GatewayClass", "IngressClass", "IngressClassParams"].contains(&kind) || NOT_READ.contains(&kind)
}

/// Reads routes from the manifests of a tree; adds what is not understood to `notes`.
#[must_use]
pub fn read_routes<'m>(
    manifests: impl IntoIterator<Item = &'m RouteManifest>,
    notes: Vec<RouteNote>,
    languages: &mut Languages,
) -> ReadRoutes {
    let mut read = ReadRoutes { notes, ..ReadRoutes::default() };
    let (mut ingresses, mut http_routes, mut classes) = (Vec::new(), Vec::new(), IngressClasses::default());
    let mut files: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for manifest in manifests {
        let group = manifest.group();
        let is_route = ["Ingress", "IngressClass", "HTTPRoute", "VirtualService"].contains(&manifest.kind.as_str())
            || (["gateway.networking.k8s.io", "networking.istio.io"].contains(&group) && manifest.kind == "Gateway");
        let before = files.insert((group, manifest.title()), &manifest.file).filter(|_| is_route);
        if let Some(before) = before {
            read.notes.push(RouteNote {
                file: manifest.file.clone(),
                object: manifest.title(),
                why: format!("it is defined twice, also in {before}: compare one cluster at a time"),
            });
            continue;
        }
        read.namespaces.insert(manifest.namespace.clone());
        match (group, manifest.kind.as_str()) {
            ("networking.k8s.io", "IngressClass") => {
                if let Err(why) = classes.add(manifest) {
                    read.notes.push(RouteNote { file: manifest.file.clone(), object: manifest.title(), why });
                }
            }
            ("networking.k8s.io" | "extensions", "Ingress") => ingresses.push(manifest),
            ("gateway.networking.k8s.io", "HTTPRoute") => http_routes.push(manifest),
            ("gateway.networking.k8s.io", "Gateway") => match listener::listeners(manifest, languages) {
                Ok(listeners) => {
                    read.files.insert(manifest.title(), manifest.file.clone());
                    read.gateways.insert(manifest.title(), listeners);
                }
                Err(why) => {
                    read.notes.push(RouteNote { file: manifest.file.clone(), object: manifest.title(), why });
                }
            },
            ("networking.istio.io", "Gateway") => match istio_gateway::servers(manifest, languages) {
                Ok((servers, selector)) => {
                    let name = listener::istio_gateway_title(&manifest.object());
                    read.proxies.insert(name.clone(), selector);
                    read.gateways.insert(name, servers);
                }
                Err(why) => {
                    read.notes.push(RouteNote { file: manifest.file.clone(), object: manifest.title(), why });
                }
            },
            // the controller takes it before the annotation of an Ingress
            ("elbv2.k8s.aws", "IngressClassParams") if has_group(manifest) => read.notes.push(RouteNote {
                file: manifest.file.clone(),
                object: manifest.title(),
                why: "a `group` of load balancers for all Ingresses of a class is not read: use the annotation \
                      `alb.ingress.kubernetes.io/group.name`"
                    .to_owned(),
            }),
            ("networking.istio.io", "VirtualService") => istio::read(manifest, languages, &mut read),
            (_, kind) if NOT_READ.contains(&kind) => read.notes.push(RouteNote {
                file: manifest.file.clone(),
                object: manifest.title(),
                why: format!("routes of the kind `{kind}` are not read"),
            }),
            (_, _) => {}
        }
    }
    ingress::read(&ingresses, &classes, languages, &mut read);
    read.classes = classes;
    // which listeners a route attaches to, its gateway says
    for manifest in http_routes {
        gateway::read(manifest, languages, &mut read);
    }
    read
}

/// Returns whether parameters of a class of Ingresses name a group of load balancers, or may.
fn has_group(manifest: &RouteManifest) -> bool {
    match manifest.spec.value() {
        Ok(Value::Object(fields)) => fields.get("group").is_some_and(|group| !group.is_null()),
        Ok(Value::Null) => false,
        Ok(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | Err(_) => true,
    }
}
