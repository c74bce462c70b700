//! HTTPRoutes of the Gateway API.
//!
//! Precedence is that of the specification (`HTTPRouteRule.matches` in `apis/v1/httproute_types.go` of
//! kubernetes-sigs/gateway-api): the longest host, then exact paths, the longest prefix, a method, the most headers, the
//! most query parameters; then the oldest object, which manifests do not say; within an object, the first rule. A host
//! that has routes of its own gets no other host's routes, as with proxies that choose a virtual host first.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::route::host::{HostWildcard, host_rule, longest_first, plain_path};
use crate::route::language::{LanguageId, Languages, RequestPart, TextPattern, is_of_whole_text};
use crate::route::listener::{GatewayAttachment, GatewayListener};
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::reader::ReadRoutes;
use crate::route::table::RouteEntry;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HttpRouteSpec {
    #[serde(default)]
    parent_refs: Vec<HttpRouteParent>,
    #[serde(default)]
    hostnames: Vec<String>,
    #[serde(default)]
    rules: Vec<HttpRouteRule>,
    use_default_gateways: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HttpRouteParent {
    kind: Option<String>,
    namespace: Option<String>,
    name: String,
    section_name: Option<String>,
    port: Option<u32>,
    #[serde(rename = "group")]
    _group: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HttpRouteRule {
    #[serde(default)]
    matches: Vec<HttpRouteMatch>,
    #[serde(default)]
    filters: Vec<HttpRouteFilter>,
    #[serde(default)]
    backend_refs: Vec<HttpRouteBackend>,
    // none of these changes who answers
    #[serde(rename = "name")]
    _name: Option<IgnoredAny>,
    #[serde(rename = "timeouts")]
    _timeouts: Option<IgnoredAny>,
    #[serde(rename = "retry")]
    _retry: Option<IgnoredAny>,
    #[serde(rename = "sessionPersistence")]
    _session: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HttpRouteMatch {
    path: Option<TypedMatch>,
    #[serde(default)]
    headers: Vec<TypedMatch>,
    #[serde(default)]
    query_params: Vec<TypedMatch>,
    method: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TypedMatch {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct HttpRouteFilter {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "requestRedirect")]
    redirect: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(Deserialize)]
struct HttpRouteBackend {
    kind: Option<String>,
    namespace: Option<String>,
    name: String,
    port: Option<u32>,
    weight: Option<u32>,
}

/// Reads an HTTPRoute; one that is not understood is only noted.
pub(crate) fn read(manifest: &RouteManifest, languages: &mut Languages, into: &mut ReadRoutes) {
    match routes(manifest, languages, &into.gateways) {
        Ok(found) => into.attached.extend(found),
        Err(why) => into.notes.push(RouteNote { file: manifest.file.clone(), object: manifest.title(), why }),
    }
}

fn routes(
    manifest: &RouteManifest,
    languages: &mut Languages,
    gateways: &BTreeMap<String, Vec<GatewayListener>>,
) -> Result<Vec<GatewayAttachment>, String> {
    let spec: HttpRouteSpec = manifest.spec.read()?;
    if spec.parent_refs.is_empty() {
        return Err("it names no gateway".to_owned());
    }
    // beside those that it names: https://gateway-api.sigs.k8s.io/geps/gep-3793/
    if spec.use_default_gateways.as_deref().is_some_and(|scope| scope != "None") {
        return Err("`useDefaultGateways`: which gateways these are, only the cluster knows".to_owned());
    }
    if let Some(parent) =
        spec.parent_refs.iter().find(|parent| !matches!(parent.kind.as_deref(), None | Some("Gateway" | "Service")))
    {
        return Err(format!("a parent of the kind `{}`", parent.kind.as_deref().unwrap_or_default()));
    }
    // a listener by its name and by its port may be one
    let is_unknown = |parent: &&HttpRouteParent| !gateways.contains_key(&table(parent, &manifest.namespace));
    if spec.parent_refs.iter().filter(is_unknown).any(|parent| parent.port.is_some()) {
        return Err("`port` of a parent: which listeners that means, only the gateway says".to_owned());
    }
    let any = vec!["*".to_owned()];
    let hosts = if spec.hostnames.is_empty() { &any } else { &spec.hostnames };
    let mut found = Vec::new();
    // the API's default: all requests, and no backend
    let without_rules = vec![HttpRouteRule::default()];
    let rules = if spec.rules.is_empty() { &without_rules } else { &spec.rules };
    for (number, rule) in (1..).zip(rules) {
        let (backend, namespaces) = backend(rule, &manifest.namespace)?;
        let everything = vec![HttpRouteMatch::default()];
        let matches = if rule.matches.is_empty() { &everything } else { &rule.matches };
        for one in matches {
            let (conditions, rank) = conditions(one, languages)?;
            let path = one.path.as_ref().and_then(|path| path.value.as_deref());
            let has_slash = path.is_some_and(|path| path.len() > 1 && path.ends_with('/'));
            for host in hosts {
                let rule = host_rule(host, HostWildcard::Labels, languages)?;
                let mut conditions = conditions.clone();
                conditions.extend(rule.language.map(|language| (RequestPart::Host, language)));
                let entry = RouteEntry {
                    name: format!("{}, rule {number}", manifest.title()),
                    file: manifest.file.clone(),
                    line: manifest.line,
                    backend: Some(backend.clone()),
                    namespaces: namespaces.clone(),
                    owner: None,
                    conditions,
                    precedence: rule.precedence.into_iter().chain(rank).collect(),
                    object: manifest.object(),
                    seen_in: BTreeSet::new(),
                    has_slash,
                };
                found.extend(spec.parent_refs.iter().map(|parent| GatewayAttachment {
                    table: table(parent, &manifest.namespace),
                    namespace: manifest.namespace.clone(),
                    listener: parent.section_name.clone(),
                    port: parent.port,
                    host: host.to_ascii_lowercase(),
                    entry: entry.clone(),
                }));
            }
        }
    }
    Ok(found)
}

fn table(parent: &HttpRouteParent, namespace: &str) -> String {
    let kind = parent.kind.as_deref().unwrap_or("Gateway");
    format!("{kind} {}/{}", parent.namespace.as_deref().unwrap_or(namespace), parent.name)
}

type MatchConditions = BTreeMap<RequestPart, LanguageId>;

fn conditions(one: &HttpRouteMatch, languages: &mut Languages) -> Result<(MatchConditions, [u64; 5]), String> {
    let mut conditions = BTreeMap::new();
    let value = one.path.as_ref().and_then(|path| path.value.as_deref()).unwrap_or("/");
    let kind = one.path.as_ref().and_then(|path| path.kind.as_deref()).unwrap_or("PathPrefix");
    let path = plain_path(value)?;
    let (pattern, class) = match kind {
        "Exact" => (TextPattern::Exact(path.to_owned()), 0),
        "PathPrefix" => (TextPattern::Segments(path.to_owned()), 1),
        _ => return Err(format!("path type `{kind}`: each implementation orders it in its own way")),
    };
    let length = if class == 0 { path.len() } else { path.trim_end_matches('/').len() };
    conditions.insert(RequestPart::Path, languages.add(pattern)?);
    if let Some(method) = &one.method {
        conditions.insert(RequestPart::Method, languages.add(TextPattern::Exact(method.clone()))?);
    }
    for header in &one.headers {
        let name = header.name.as_deref().ok_or("a header match without a name")?.to_ascii_lowercase();
        let language = languages.add(typed(header)?)?;
        // of several matches of one header, the first counts
        conditions.entry(RequestPart::Header(name)).or_insert(language);
    }
    for parameter in &one.query_params {
        let name = parameter.name.clone().ok_or("a query match without a name")?;
        let language = languages.add(typed(parameter)?)?;
        conditions.entry(RequestPart::Query(name)).or_insert(language);
    }
    let method = u64::from(one.method.is_none());
    let (headers, queries) = (longest_first(one.headers.len()), longest_first(one.query_params.len()));
    Ok((conditions, [class, longest_first(length), method, headers, queries]))
}

fn typed(value: &TypedMatch) -> Result<TextPattern, String> {
    let text = value.value.clone().unwrap_or_default();
    match value.kind.as_deref().unwrap_or("Exact") {
        "Exact" => Ok(TextPattern::Exact(text)),
        // some implementations match a part of the text, others all of it
        "RegularExpression" if is_of_whole_text(&text) => Ok(TextPattern::Regex(text)),
        "RegularExpression" => Err(format!(
            "the expression `{text}`: not every implementation matches all of a text; write `^…$` or `.*…`"
        )),
        kind => Err(format!("match type `{kind}`")),
    }
}

/// Returns who answers by a rule, and their namespaces.
fn backend(rule: &HttpRouteRule, namespace: &str) -> Result<(String, Vec<String>), String> {
    let own = || vec![namespace.to_owned()];
    for filter in &rule.filters {
        match filter.kind.as_str() {
            "RequestRedirect" => {
                let part = |name: &str| {
                    let value = filter.redirect.as_ref().and_then(|redirect| redirect.get(name));
                    value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                };
                let target = [part("scheme").map(|s| format!("{s}://")), part("hostname"), part("path")];
                return Ok((format!("redirect to {}", target.into_iter().flatten().collect::<String>()), own()));
            }
            "RequestHeaderModifier" | "ResponseHeaderModifier" | "RequestMirror" | "URLRewrite" | "CORS" => {}
            kind => return Err(format!("filter `{kind}`")),
        }
    }
    let (mut names, mut namespaces) = (Vec::new(), Vec::new());
    let alone = rule.backend_refs.len() == 1;
    for backend in rule.backend_refs.iter().filter(|backend| backend.weight != Some(0)) {
        let kind = backend.kind.as_deref().filter(|kind| *kind != "Service");
        let kind = kind.map(|kind| format!("{kind} ")).unwrap_or_default();
        let port = backend.port.map(|port| format!(":{port}")).unwrap_or_default();
        let weight = if alone { String::new() } else { format!(" ({})", backend.weight.unwrap_or(1)) };
        let namespace = backend.namespace.as_deref().unwrap_or(namespace);
        names.push(format!("{kind}{namespace}/{}{port}{weight}", backend.name));
        namespaces.push(namespace.to_owned());
    }
    Ok(if names.is_empty() { ("error 500: no backend".to_owned(), own()) } else { (names.join(" + "), namespaces) })
}
