//! Ingress.
//!
//! Paths and hosts are those of the API (`networking.k8s.io/v1`): `Exact` before `Prefix`, which goes by segments, the
//! longest first; `*` of a host is one label. What the API leaves open is as ingress-nginx does it
//! (`internal/ingress/controller/template/template.go`): one path with `use-regex` or `rewrite-target` makes all paths of
//! its host case-insensitive regular expressions that match the beginning of a path, the longest text first. A host that
//! has routes of its own gets no other host's routes. Of two objects with the same path the oldest answers, which
//! manifests do not say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::route::host::{HostWildcard, host_rule, longest_first, plain_path};
use crate::route::ingress_annotations;
use crate::route::ingress_class::{INGRESS_PLACE, IngressClasses, class_section};
use crate::route::language::{Languages, RequestPart, TextPattern};
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::reader::{ReadRoutes, RoutePlace};
use crate::route::table::RouteEntry;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct IngressSpec {
    ingress_class_name: Option<String>,
    default_backend: Option<IngressBackend>,
    #[serde(default)]
    rules: Vec<IngressRule>,
    #[serde(rename = "tls")]
    _tls: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IngressRule {
    #[serde(default)]
    host: String,
    http: Option<IngressPaths>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IngressPaths {
    #[serde(default)]
    paths: Vec<IngressPath>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct IngressPath {
    path: Option<String>,
    path_type: Option<String>,
    backend: IngressBackend,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IngressBackend {
    service: Option<IngressService>,
    resource: Option<IngressResource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IngressService {
    name: String,
    port: Option<IngressPort>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IngressPort {
    name: Option<String>,
    number: Option<u32>,
}

#[derive(Deserialize)]
struct IngressResource {
    kind: String,
    name: String,
}

/// A path of one object, before it is known how its host's paths are matched.
struct IngressHostPath {
    host: String,
    path: String,
    /// `None`: the object's backend for what no path asks for.
    kind: Option<String>,
    backend: String,
    name: String,
}

struct ParsedIngress<'m> {
    manifest: &'m RouteManifest,
    /// `None`: the default class, which may be any.
    class: Option<String>,
    paths: Vec<IngressHostPath>,
    /// True if it makes the paths of its hosts regular expressions.
    has_regex: bool,
    is_nginx: bool,
    /// The load balancer that it asks for.
    seen_in: BTreeSet<String>,
}

const NGINX: &str = "nginx.ingress.kubernetes.io/";

/// Reads all Ingresses together, as one object changes how another's paths are matched.
pub(crate) fn read(
    manifests: &[&RouteManifest],
    classes: &IngressClasses,
    languages: &mut Languages,
    into: &mut ReadRoutes,
) {
    let note = |manifest: &RouteManifest, why: String| RouteNote {
        file: manifest.file.clone(),
        object: manifest.title(),
        why,
    };
    let mut all = Vec::new();
    for manifest in manifests {
        match parse(manifest, classes) {
            Ok(parsed) => {
                into.nginx_classes.extend(parsed.class.clone().filter(|_| parsed.is_nginx));
                all.push(parsed);
            }
            Err(why) => into.notes.push(note(manifest, why)),
        }
    }
    let regex_hosts: BTreeSet<(Option<&str>, &str)> = all
        .iter()
        .filter(|parsed| parsed.has_regex)
        .flat_map(|parsed| parsed.paths.iter().map(|path| (parsed.class.as_deref(), path.host.as_str())))
        .collect();
    for parsed in &all {
        let is_regex = |host: &str| {
            let mut same_host = regex_hosts.iter().filter(|(_, other)| *other == host);
            same_host.any(|(class, _)| match (class, parsed.class.as_deref()) {
                (Some(one), Some(other)) => classes.are_one(one, other),
                (None, _) | (_, None) => true,
            })
        };
        let routes = parsed.paths.iter().map(|path| routes(parsed, path, is_regex(&path.host), languages));
        match routes.collect::<Result<Vec<Vec<RouteEntry>>, String>>() {
            Ok(routes) => {
                let place = RoutePlace {
                    table: INGRESS_PLACE.to_owned(),
                    section: parsed.class.as_ref().map(|class| class_section(class)),
                };
                into.routes.extend(routes.into_iter().flatten().map(|entry| (place.clone(), entry)));
            }
            Err(why) => into.notes.push(note(parsed.manifest, why)),
        }
    }
}

fn parse<'m>(manifest: &'m RouteManifest, classes: &IngressClasses) -> Result<ParsedIngress<'m>, String> {
    if manifest.api_version != "networking.k8s.io/v1" {
        return Err(format!("API version `{}`", manifest.api_version));
    }
    let spec: IngressSpec = manifest.spec.read()?;
    let annotation = |name: &str| manifest.annotations.get(&format!("{NGINX}{name}")).map(String::as_str);
    ingress_annotations::refuse_unread(manifest)?;
    // an empty one is the default class, as ingress-nginx takes it
    let annotated = manifest.annotations.get("kubernetes.io/ingress.class").cloned();
    if let (Some(named), Some(annotated)) = (&spec.ingress_class_name, &annotated)
        && named != annotated
    {
        return Err(format!("it has the class `{named}`, and `{annotated}` by its annotation"));
    }
    let class = spec.ingress_class_name.or(annotated);
    let class = class.filter(|class| !class.is_empty());
    let is_of = |program: &str| class.as_ref().is_some_and(|class| classes.is_of(class, program));
    if is_of("traefik") || manifest.annotations.keys().any(|name| name.starts_with("traefik.")) {
        return Err("Traefik asks routes by the length of their rules, which is not read".to_owned());
    }
    // Traefik serves those without a class too
    if class.is_none() && classes.has("traefik") {
        return Err("it has no class, and there is an IngressClass of Traefik: write `ingressClassName`".to_owned());
    }
    let is_nginx =
        is_of("nginx") || (class.is_none() && manifest.annotations.keys().any(|name| name.starts_with(NGINX)));
    // as Go reads it
    let uses_regex =
        annotation("use-regex").is_some_and(|value| ["1", "t", "T", "true", "TRUE", "True"].contains(&value));
    let rewrite = annotation("rewrite-target").filter(|target| !target.is_empty());
    let changes_paths = rewrite.map(|_| "rewrite-target").or(uses_regex.then_some("use-regex"));
    if let (Some(class), Some(name), false) = (&class, changes_paths, is_nginx)
        && !classes.is_known(class)
    {
        return Err(format!(
            "annotation `{NGINX}{name}`: whether ingress-nginx serves the class `{class}`, only its IngressClass says"
        ));
    }
    let redirect = annotation("permanent-redirect").or_else(|| annotation("temporal-redirect"));
    let named = |backend: &IngressBackend| match (redirect, backend_name(backend, &manifest.namespace)) {
        (Some(target), _) => Ok(format!("redirect to {target}")),
        (None, name) => name,
    };
    let (mut paths, mut rewrites) = (Vec::new(), false);
    for (number, rule) in (1..).zip(&spec.rules) {
        let host = rule.host.to_ascii_lowercase();
        for one in rule.http.iter().flat_map(|http| &http.paths) {
            let path = one.path.clone().unwrap_or_else(|| "/".to_owned());
            rewrites |= rewrite.is_some_and(|target| target != path);
            let kind = one.path_type.clone().ok_or("a path without `pathType`")?;
            let name = format!("{}, rule {number}", manifest.title());
            paths.push(IngressHostPath {
                host: host.clone(),
                path,
                kind: Some(kind),
                backend: named(&one.backend)?,
                name,
            });
        }
        if rule.http.is_none() && spec.default_backend.is_none() {
            return Err(format!("rule {number} has no paths"));
        }
    }
    if let Some(backend) = &spec.default_backend {
        let mut hosts: BTreeSet<String> = spec.rules.iter().map(|rule| rule.host.to_ascii_lowercase()).collect();
        if hosts.is_empty() {
            hosts.insert(String::new());
        }
        for host in hosts {
            let name = format!("{}, default backend", manifest.title());
            paths.push(IngressHostPath { host, path: "/".to_owned(), kind: None, backend: named(backend)?, name });
        }
    }
    let has_regex = is_nginx && (rewrites || uses_regex);
    let seen_in = ingress_annotations::load_balancer(manifest);
    Ok(ParsedIngress { manifest, class, paths, has_regex, is_nginx, seen_in })
}

fn backend_name(backend: &IngressBackend, namespace: &str) -> Result<String, String> {
    match (&backend.service, &backend.resource) {
        (Some(service), None) => {
            let port = service
                .port
                .as_ref()
                .and_then(|port| port.number.map(|number| number.to_string()).or_else(|| port.name.clone()));
            if port.as_deref() == Some("use-annotation") {
                return Err("a backend that an annotation describes".to_owned());
            }
            Ok(format!("{namespace}/{}{}", service.name, port.map(|port| format!(":{port}")).unwrap_or_default()))
        }
        (None, Some(resource)) => Ok(format!("{} {namespace}/{}", resource.kind, resource.name)),
        (Some(_), Some(_)) | (None, None) => Err("a backend that is neither a service nor a resource".to_owned()),
    }
}

fn routes(
    parsed: &ParsedIngress<'_>,
    path: &IngressHostPath,
    is_regex: bool,
    languages: &mut Languages,
) -> Result<Vec<RouteEntry>, String> {
    let host = host_rule(&path.host, HostWildcard::OneLabel, languages)?;
    let text = path.path.as_str();
    let mut found = Vec::new();
    let mut add = |pattern: TextPattern, rank: Vec<u64>, languages: &mut Languages| -> Result<(), String> {
        let mut conditions = BTreeMap::from([(RequestPart::Path, languages.add(pattern)?)]);
        conditions.extend(host.language.map(|language| (RequestPart::Host, language)));
        found.push(RouteEntry {
            name: path.name.clone(),
            file: parsed.manifest.file.clone(),
            line: parsed.manifest.line,
            backend: Some(path.backend.clone()),
            namespaces: vec![parsed.manifest.namespace.clone()],
            owner: None,
            conditions,
            precedence: host.precedence.into_iter().chain(rank).collect(),
            object: parsed.manifest.object(),
            seen_in: parsed.seen_in.clone(),
            has_slash: false,
        });
        Ok(())
    };
    let segments = text.trim_end_matches('/');
    match path.kind.as_deref() {
        None => add(TextPattern::Prefix("/".to_owned()), vec![2], languages)?,
        Some("Exact" | "Prefix" | "ImplementationSpecific") if is_regex => {
            if !text.starts_with('/') {
                return Err(format!("the path `{text}` does not begin with `/`"));
            }
            let is_prefix = path.kind.as_deref() == Some("Prefix") && !parsed.has_regex && !segments.is_empty();
            let texts =
                if is_prefix { vec![format!("{segments}/"), segments.to_owned()] } else { vec![text.to_owned()] };
            for text in texts {
                // of two texts of equal length, the later in the order of bytes goes first
                let order = text.bytes().map(|byte| u64::from(u8::MAX - byte));
                let rank = [1, longest_first(text.len())].into_iter().chain(order).collect();
                // nginx searches for `^` and the path: an alternative at the top level may match anywhere
                let anywhere = if text.contains('|') { ".*" } else { "" };
                add(TextPattern::Regex(format!("{anywhere}(?i:^{text}).*")), rank, languages)?;
            }
        }
        Some("Exact") => add(TextPattern::Exact(plain_path(text)?.to_owned()), vec![0], languages)?,
        Some("Prefix") => {
            plain_path(text)?;
            let rank = vec![1, longest_first(segments.len() + 1)];
            add(TextPattern::Segments(segments.to_owned()), rank, languages)?;
        }
        Some("ImplementationSpecific") if parsed.is_nginx => {
            add(TextPattern::Prefix(plain_path(text)?.to_owned()), vec![1, longest_first(text.len())], languages)?;
        }
        Some(kind) => {
            let class =
                parsed.class.as_ref().map_or("the default class".to_owned(), |class| format!("the class `{class}`"));
            return Err(format!("path type `{kind}` of {class}"));
        }
    }
    Ok(found)
}
