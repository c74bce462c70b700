//! Annotations of Ingresses that change who answers.

use std::collections::BTreeSet;

use crate::route::manifest::RouteManifest;

/// Parts of the names of annotations that change who answers in ways that are not read.
const NOT_READ: [&str; 25] = [
    "canary",
    "priority",
    "snippet",
    "server-alias",
    "host-alias",
    "hostname-extension",
    "group.order",
    "/actions.",
    "/conditions.",
    "rule-type",
    "path-type",
    "path-matcher",
    "ssl-passthrough",
    "www-redirect",
    "redirect-from",
    // Kong: more that a request must be, and an object that says so
    "konghq.com/methods",
    "konghq.com/headers.",
    "konghq.com/override",
    "konghq.com/regex-prefix",
    // HAProxy, of either maker
    "header-match",
    "route-acl",
    // the Ingress controller of NGINX Inc., APISIX and the load balancer of AWS
    "path-regex",
    "mergeable-ingress",
    "use-regex-path",
    // Skipper: predicates, filters, whole routes and how paths match
    "zalando.org/skipper-",
];

fn unread(manifest: &RouteManifest) -> Option<&String> {
    // a class by another name than that of Kubernetes
    let is_class = |name: &str| name.ends_with("ingress.class") && name != "kubernetes.io/ingress.class";
    let is_unread = |name: &&String| is_class(name) || NOT_READ.iter().any(|part| name.contains(part));
    manifest.annotations.keys().find(is_unread)
}

/// Returns whether an Ingress has an annotation that changes who answers in a way that is not read.
pub(crate) fn has_unread(manifest: &RouteManifest) -> bool {
    unread(manifest).is_some()
}

/// Refuses annotations that change who answers in ways that are not read.
pub(crate) fn refuse_unread(manifest: &RouteManifest) -> Result<(), String> {
    match unread(manifest) {
        Some(name) => Err(format!("annotation `{name}`")),
        None => Ok(()),
    }
}

/// The load balancer that an Ingress asks for; none: that of its class, which may be any.
pub(crate) fn load_balancer(manifest: &RouteManifest) -> BTreeSet<String> {
    let value = |name: &str| manifest.annotations.get(name).map(String::as_str);
    let group = value("alb.ingress.kubernetes.io/group.name").map(|group| format!("group {group}"));
    let mode = value("ingress.cilium.io/loadbalancer-mode").or_else(|| value("io.cilium.ingress/loadbalancer-mode"));
    let own = (mode == Some("dedicated")).then(|| format!("load balancer of {}", manifest.object()));
    group.into_iter().chain(own).collect()
}
