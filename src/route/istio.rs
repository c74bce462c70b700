//! VirtualServices of Istio.
//!
//! The routes of a host on a gateway are asked in the order of the list (`VirtualService.http` in the API of
//! `networking.istio.io`). VirtualServices of one host are merged by age, which manifests do not say; routes that match
//! everything go last, and what stands after one in its list is left out (`pilot/pkg/networking/core/v1alpha3/route` of
//! istio/istio). The most precise host decides, and its requests get no other host's routes, as Envoy chooses a virtual
//! host first.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::route::host::{HostRule, HostWildcard, host_rule, plain_path};
use crate::route::language::{LanguageId, Languages, RequestPart, TextPattern};
use crate::route::listener::{GatewayAttachment, istio_gateway_title};
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::reader::{MESH_PLACE, ReadRoutes, RoutePlace};
use crate::route::table::RouteEntry;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VirtualServiceSpec {
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    gateways: Vec<String>,
    #[serde(default)]
    http: Vec<VirtualServiceRoute>,
    #[serde(default)]
    export_to: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VirtualServiceRoute {
    #[serde(default, rename = "match")]
    matches: Vec<VirtualServiceMatch>,
    #[serde(default)]
    route: Vec<WeightedDestination>,
    redirect: Option<RedirectTarget>,
    direct_response: Option<FixedAnswer>,
    // none of these changes who answers
    #[serde(rename = "name")]
    _name: Option<IgnoredAny>,
    #[serde(rename = "rewrite")]
    _rewrite: Option<IgnoredAny>,
    #[serde(rename = "timeout")]
    _timeout: Option<IgnoredAny>,
    #[serde(rename = "retries")]
    _retries: Option<IgnoredAny>,
    #[serde(rename = "fault")]
    _fault: Option<IgnoredAny>,
    #[serde(rename = "mirror")]
    _mirror: Option<IgnoredAny>,
    #[serde(rename = "mirrors")]
    _mirrors: Option<IgnoredAny>,
    #[serde(rename = "mirrorPercentage")]
    _mirror_percentage: Option<IgnoredAny>,
    #[serde(rename = "corsPolicy")]
    _cors: Option<IgnoredAny>,
    #[serde(rename = "headers")]
    _headers: Option<IgnoredAny>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VirtualServiceMatch {
    uri: Option<StringMatch>,
    method: Option<StringMatch>,
    authority: Option<StringMatch>,
    #[serde(default)]
    headers: BTreeMap<String, StringMatch>,
    #[serde(default)]
    query_params: BTreeMap<String, StringMatch>,
    #[serde(default)]
    ignore_uri_case: bool,
    #[serde(default)]
    gateways: Vec<String>,
    #[serde(rename = "name")]
    _name: Option<IgnoredAny>,
    #[serde(rename = "statPrefix")]
    _stat_prefix: Option<IgnoredAny>,
}

impl VirtualServiceMatch {
    /// Returns whether it is one that Istio takes for a match of everything.
    fn is_everything(&self) -> bool {
        let is_any_path = self
            .uri
            .as_ref()
            .is_none_or(|uri| uri.prefix.as_deref() == Some("/") || matches!(uri.regex.as_deref(), Some("*" | ".*")));
        let has_host = self.method.is_some() || self.authority.is_some();
        is_any_path && !has_host && self.headers.is_empty() && self.query_params.is_empty()
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StringMatch {
    exact: Option<String>,
    prefix: Option<String>,
    regex: Option<String>,
}

#[derive(Deserialize)]
struct WeightedDestination {
    destination: DestinationHost,
    weight: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DestinationHost {
    host: String,
    subset: Option<String>,
    port: Option<DestinationPort>,
}

#[derive(Deserialize)]
struct DestinationPort {
    number: u32,
}

#[derive(Deserialize)]
struct RedirectTarget {
    authority: Option<String>,
    uri: Option<String>,
}

#[derive(Deserialize)]
struct FixedAnswer {
    status: u32,
}

/// Reads a VirtualService; one that is not understood is only noted.
pub(crate) fn read(manifest: &RouteManifest, languages: &mut Languages, into: &mut ReadRoutes) {
    match routes(manifest, languages) {
        Ok(found) => {
            into.routes.extend(found.in_mesh);
            into.attached.extend(found.at_gateways);
        }
        Err(why) => into.notes.push(RouteNote { file: manifest.file.clone(), object: manifest.title(), why }),
    }
}

const MESH: &str = "mesh";

#[derive(Default)]
struct VirtualServiceRoutes {
    in_mesh: Vec<(RoutePlace, RouteEntry)>,
    at_gateways: Vec<GatewayAttachment>,
}

fn routes(manifest: &RouteManifest, languages: &mut Languages) -> Result<VirtualServiceRoutes, String> {
    let spec: VirtualServiceSpec = manifest.spec.read()?;
    if spec.hosts.is_empty() {
        return Err("it names no hosts: another VirtualService delegates to it".to_owned());
    }
    let mesh = vec![MESH.to_owned()];
    let gateways = if spec.gateways.is_empty() { &mesh } else { &spec.gateways };
    let seen_in = seen_in(&spec.export_to, &manifest.namespace)?;
    let mut found = VirtualServiceRoutes::default();
    let (title, object) = (manifest.title(), manifest.object());
    let gateways: Vec<(&str, String)> =
        gateways.iter().map(|gateway| (gateway.as_str(), table(gateway, &manifest.namespace))).collect();
    let mut hosts = Vec::new();
    for host in &spec.hosts {
        let name = in_full(host, &manifest.namespace);
        let rule = host_rule(&name, HostWildcard::Text, languages)?;
        hosts.push((if name.is_empty() { "*".to_owned() } else { name.to_ascii_lowercase() }, rule));
    }
    // gateways whose list has a route that matches everything
    let mut ended: BTreeSet<&str> = BTreeSet::new();
    for (number, route) in (1..).zip(&spec.http) {
        let (backend, namespaces) = backend(route, &manifest.namespace)?;
        let everything = vec![VirtualServiceMatch::default()];
        let matches = if route.matches.is_empty() { &everything } else { &route.matches };
        for one in matches {
            // either list may write a gateway in any of the forms that Istio resolves
            let chosen: Vec<String> = one.gateways.iter().map(|gateway| table(gateway, &manifest.namespace)).collect();
            for (gateway, table) in &gateways {
                if !chosen.is_empty() && !chosen.contains(table) {
                    continue;
                }
                let rank = if ended.contains(gateway) { 2 } else { u64::from(one.is_everything()) };
                if one.is_everything() {
                    ended.insert(gateway);
                }
                for (host_name, host) in &hosts {
                    let entry = RouteEntry {
                        name: format!("{title}, route {number}"),
                        file: manifest.file.clone(),
                        line: manifest.line,
                        backend: Some(backend.clone()),
                        namespaces: namespaces.clone(),
                        owner: None,
                        conditions: conditions(one, host, languages)?,
                        precedence: host.precedence.into_iter().chain([rank]).collect(),
                        object: object.clone(),
                        seen_in: seen_in.clone(),
                        has_slash: false,
                    };
                    if *gateway == MESH {
                        found.in_mesh.push((RoutePlace { table: table.clone(), section: None }, entry));
                        continue;
                    }
                    found.at_gateways.push(GatewayAttachment {
                        table: table.clone(),
                        namespace: manifest.namespace.clone(),
                        listener: None,
                        port: None,
                        host: host_name.clone(),
                        entry,
                    });
                }
            }
        }
    }
    Ok(found)
}

/// The namespaces whose proxies get a VirtualService; none: all.
fn seen_in(export_to: &[String], own: &str) -> Result<BTreeSet<String>, String> {
    let mut namespaces = BTreeSet::new();
    for to in export_to {
        match to.as_str() {
            "*" => return Ok(BTreeSet::new()),
            "." => namespaces.insert(part(own)),
            "~" => return Err("`exportTo` nobody".to_owned()),
            namespace => namespaces.insert(part(namespace)),
        };
    }
    Ok(namespaces)
}

fn part(namespace: &str) -> String {
    format!("proxies in namespace {namespace}")
}

fn table(gateway: &str, namespace: &str) -> String {
    match gateway.split_once('/') {
        _ if gateway == MESH => MESH_PLACE.to_owned(),
        Some((".", name)) => istio_gateway_title(&format!("{namespace}/{name}")),
        Some(_) => istio_gateway_title(gateway),
        // `name.namespace.svc.cluster.local`
        None if gateway.contains('.') => {
            let mut labels = gateway.split('.');
            let (name, namespace) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
            istio_gateway_title(&format!("{namespace}/{name}"))
        }
        None => istio_gateway_title(&format!("{namespace}/{gateway}")),
    }
}

/// A short name of a service in full.
fn in_full(host: &str, namespace: &str) -> String {
    if host.contains(['.', '*']) { host.to_owned() } else { format!("{host}.{namespace}.svc.cluster.local") }
}

fn conditions(
    one: &VirtualServiceMatch,
    host: &HostRule,
    languages: &mut Languages,
) -> Result<BTreeMap<RequestPart, LanguageId>, String> {
    let mut conditions: BTreeMap<RequestPart, LanguageId> = BTreeMap::new();
    if let Some(authority) = &one.authority {
        if host.language.is_some() {
            return Err("a match of `authority` beside `hosts`".to_owned());
        }
        let TextPattern::Exact(authority) = pattern(authority)?.ok_or("an empty `authority`")? else {
            return Err("a match of `authority` that is not exact".to_owned());
        };
        let authority = host_rule(&authority, HostWildcard::Text, languages)?;
        conditions.extend(authority.language.map(|language| (RequestPart::Host, language)));
    }
    conditions.extend(host.language.map(|language| (RequestPart::Host, language)));
    if let Some(uri) = &one.uri {
        let pattern = pattern(uri)?.ok_or("an empty `uri`")?;
        if let TextPattern::Exact(text) | TextPattern::Prefix(text) = &pattern {
            plain_path(text)?;
        }
        let pattern = match pattern {
            TextPattern::Exact(ref text) if one.ignore_uri_case => {
                TextPattern::Regex(format!("(?i:{})", regex_syntax::escape(text)))
            }
            TextPattern::Prefix(ref text) if one.ignore_uri_case => {
                TextPattern::Regex(format!("(?i:{}).*", regex_syntax::escape(text)))
            }
            // `ignoreUriCase` is for exact texts and prefixes only (`HTTPMatchRequest` in the API)
            TextPattern::Exact(_) | TextPattern::Prefix(_) | TextPattern::Segments(_) | TextPattern::Regex(_) => {
                pattern
            }
        };
        conditions.insert(RequestPart::Path, languages.add(pattern)?);
    }
    if let Some(method) = &one.method {
        conditions.insert(RequestPart::Method, languages.add(pattern(method)?.ok_or("an empty `method`")?)?);
    }
    for (name, text) in &one.headers {
        let part = match name.to_ascii_lowercase().as_str() {
            ":authority" | ":path" | ":method" | ":scheme" | "host" => {
                return Err(format!("a match of the header `{name}`"));
            }
            // a claim may be a list, of which each value counts
            name if name.starts_with("@request.") => return Err(format!("a match of a token's claim, `{name}`")),
            name => RequestPart::Header(name.to_owned()),
        };
        // an empty match: the header is there
        let pattern = pattern(text)?.unwrap_or_else(|| TextPattern::Prefix(String::new()));
        conditions.insert(part, languages.add(pattern)?);
    }
    for (name, text) in &one.query_params {
        let pattern = pattern(text)?.unwrap_or_else(|| TextPattern::Prefix(String::new()));
        conditions.insert(RequestPart::Query(name.clone()), languages.add(pattern)?);
    }
    Ok(conditions)
}

fn pattern(text: &StringMatch) -> Result<Option<TextPattern>, String> {
    match (&text.exact, &text.prefix, &text.regex) {
        (Some(text), None, None) => Ok(Some(TextPattern::Exact(text.clone()))),
        (None, Some(text), None) => Ok(Some(TextPattern::Prefix(text.clone()))),
        (None, None, Some(text)) => Ok(Some(TextPattern::Regex(text.clone()))),
        (None, None, None) => Ok(None),
        (_, _, _) => Err("a match that is two things at once".to_owned()),
    }
}

/// Returns who answers by a route, and their namespaces.
fn backend(route: &VirtualServiceRoute, namespace: &str) -> Result<(String, Vec<String>), String> {
    let own = || vec![namespace.to_owned()];
    if let Some(redirect) = &route.redirect {
        let target = redirect.authority.iter().chain(&redirect.uri).cloned().collect::<String>();
        return Ok((format!("redirect to {target}"), own()));
    }
    if let Some(direct) = &route.direct_response {
        return Ok((format!("fixed answer {}", direct.status), own()));
    }
    if route.route.is_empty() {
        return Err("a route without a destination".to_owned());
    }
    let alone = route.route.len() == 1;
    // all without a weight share alike
    let weighted = route.route.iter().any(|one| one.weight.is_some());
    // parts of one destination add up
    let (mut weights, mut namespaces) = (BTreeMap::<String, i64>::new(), BTreeSet::new());
    for one in &route.route {
        if !alone && weighted && one.weight.unwrap_or_default() == 0 {
            continue;
        }
        let host = &one.destination;
        let port = host.port.as_ref().map(|port| format!(":{}", port.number)).unwrap_or_default();
        let subset = host.subset.as_ref().map(|subset| format!(" subset {subset}")).unwrap_or_default();
        let (service, owner) = service(&host.host, namespace);
        let sum = weights.entry(format!("{service}{port}{subset}")).or_default();
        *sum = sum.saturating_add(one.weight.unwrap_or(1));
        namespaces.insert(owner.to_owned());
    }
    let names: Vec<String> = match weights.len() {
        1 => weights.into_keys().collect(),
        _ => weights.into_iter().map(|(name, weight)| format!("{name} ({weight})")).collect(),
    };
    Ok((names.join(" + "), namespaces.into_iter().collect()))
}

/// A service by namespace and name, if its host says, and its namespace; of another host, that of the object.
fn service<'n>(host: &'n str, namespace: &'n str) -> (String, &'n str) {
    let mut labels = host.splitn(4, '.');
    match [labels.next(), labels.next(), labels.next(), labels.next()] {
        [Some(name), Some(namespace), Some("svc"), Some("cluster.local")] => (format!("{namespace}/{name}"), namespace),
        // of another cluster, or of several
        [_, Some(namespace), Some("svc"), Some(_)] => (host.to_owned(), namespace),
        [_, Some(_), _, _] => (host.to_owned(), namespace),
        [_, None, _, _] => (format!("{namespace}/{host}"), namespace),
    }
}
