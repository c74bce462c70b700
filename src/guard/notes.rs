//! What is not understood: whether it stood like that before, and whether the change adds routes at its hosts.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::guard::fault::GuardFault;
use crate::guard::files::ManifestGroup;
use crate::route::json_text::JsonText;
use crate::route::language::{LanguageId, Languages, RequestPart, TextPattern};
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::table::{RouteEntry, RouteTable};
use crate::route::tables::RouteTables;

/// Everything that was not understood before an edit.
pub(super) struct NotesBefore<'g> {
    pub(super) group: &'g ManifestGroup,
    pub(super) before: Vec<RouteNote>,
}

impl NotesBefore<'_> {
    /// Returns whether what a note is about was not understood before either, and is the same.
    pub(super) fn has(&self, note: &RouteNote) -> bool {
        let is_known = |known: &RouteNote| (&known.object, &known.why) == (&note.object, &note.why);
        if !self.before.iter().any(is_known) {
            return false;
        }
        let is_it = |one: &&RouteManifest| one.title() == note.object && one.file == note.file;
        let mut added = self.group.added.iter().filter(is_it).peekable();
        if added.peek().is_none() {
            return self.group.kept.iter().any(|one| is_it(&one));
        }
        added.all(|new| self.group.removed.iter().any(|old| is_same(old, new)))
    }

    /// Reports routes that the edit adds at hosts of objects that are not understood.
    pub(super) fn met(
        &self,
        unread: &[RouteNote],
        tables: &[RouteTables],
        languages: &mut Languages,
    ) -> Vec<GuardFault> {
        let mut faults = Vec::new();
        for note in unread {
            let objects = self.group.kept.iter().chain(&self.group.added);
            let hosts: BTreeSet<String> =
                objects.filter(|one| one.title() == note.object && one.file == note.file).flat_map(hosts).collect();
            for host in hosts {
                // a host that can't be read may be any
                let language = match host.as_str() {
                    "" | "*" => None,
                    host => languages.add(host_pattern(host)).ok(),
                };
                let new = tables.iter().flat_map(|table| added(&table.before, &table.after));
                if let Some(entry) = new.into_iter().find(|entry| may_meet(entry, language, languages)) {
                    faults.push(GuardFault::BesideUnread {
                        unread: note.clone(),
                        file: entry.file.clone(),
                        host: if host.is_empty() { "*".to_owned() } else { host },
                    });
                    break;
                }
            }
        }
        faults
    }
}

/// Returns whether two objects are the same, in whichever file.
pub(super) fn is_same(old: &RouteManifest, new: &RouteManifest) -> bool {
    let head = |one: &RouteManifest| {
        let spec = JsonText::default();
        RouteManifest { file: String::new(), line: 0, spec, ..one.clone() }
    };
    // in whatever order its keys stand
    head(old) == head(new) && (old.spec == new.spec || old.spec.value() == new.spec.value())
}

/// The routes that only the second table has.
fn added<'t>(before: &RouteTable, after: &'t RouteTable) -> Vec<&'t RouteEntry> {
    let old: BTreeSet<_> = before.entries().iter().map(RouteEntry::identity).collect();
    let is_new = |entry: &&RouteEntry| entry.backend.is_some() && !old.contains(&entry.identity());
    after.entries().iter().filter(is_new).collect()
}

fn may_meet(entry: &RouteEntry, host: Option<LanguageId>, languages: &Languages) -> bool {
    match (entry.conditions.get(&RequestPart::Host), host) {
        (Some(one), Some(other)) => languages.may_meet(*one, other),
        (None, _) | (_, None) => true,
    }
}

fn host_pattern(host: &str) -> TextPattern {
    let host = host.to_ascii_lowercase();
    match host.strip_prefix('*') {
        Some(rest) => TextPattern::Regex(format!("[a-z0-9_.-]+{}", regex_syntax::escape(rest))),
        None => TextPattern::Exact(host),
    }
}

/// The hosts that an object names, as far as they can be found without understanding it. An empty one may be any.
fn hosts(manifest: &RouteManifest) -> Vec<String> {
    let any = || vec![String::new()];
    let Ok(spec) = manifest.spec.value() else {
        return any();
    };
    let group = manifest.group();
    let named = |key: &str| texts(spec.get(key));
    let found = match (group, manifest.kind.as_str()) {
        ("networking.k8s.io" | "extensions", "Ingress") => return ingress_hosts(manifest, &spec),
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TLSRoute") => named("hostnames"),
        // without a host, it gets requests only from another that names one
        ("networking.istio.io", "VirtualService") => return named("hosts"),
        ("projectcontour.io", "HTTPProxy") => {
            return texts(spec.get("virtualhost").and_then(|host| host.get("fqdn")));
        }
        ("k8s.nginx.org", "VirtualServer" | "TransportServer") => named("host"),
        ("zalando.org", "RouteGroup") | ("http.keda.sh", "HTTPScaledObject") => named("hosts"),
        // `Subdomain`: all hosts beside its own too
        ("route.openshift.io", "Route")
            if matches!(spec.get("wildcardPolicy").and_then(Value::as_str), None | Some("None")) =>
        {
            named("host")
        }
        (_, _) => return any(),
    };
    if found.is_empty() { any() } else { found }
}

/// The hosts of an Ingress: those of its rules, and those that annotations add.
fn ingress_hosts(manifest: &RouteManifest, spec: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let rules = spec.get("rules").and_then(Value::as_array);
    for rule in rules.into_iter().flatten() {
        let host = texts(rule.get("host"));
        found.extend(if host.is_empty() { vec![String::new()] } else { host });
    }
    let has_default = ["defaultBackend", "backend"].iter().any(|key| spec.get(*key).is_some());
    if found.is_empty() || has_default {
        found.push(String::new());
    }
    for (name, value) in &manifest.annotations {
        if name.contains("www-redirect") {
            // from the one to the other
            let beside = |host: &String| match host.strip_prefix("www.") {
                Some(rest) => rest.to_owned(),
                None => format!("www.{host}"),
            };
            let hosts: Vec<String> = found.iter().filter(|host| !host.is_empty()).map(beside).collect();
            found.extend(hosts);
        } else if name.contains("alias") || name.contains("redirect-from") {
            let hosts = value.split([',', ' ', ';', '\n']).map(str::trim).filter(|host| !host.is_empty());
            // what is not a name may be a pattern
            found.extend(hosts.map(|host| if is_host(host) { host.to_owned() } else { String::new() }));
        } else if ["hostname-extension", "/conditions."].iter().any(|part| name.contains(part)) {
            found.push(String::new());
        }
    }
    found
}

fn is_host(text: &str) -> bool {
    let rest = text.strip_prefix('*').unwrap_or(text);
    rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// A text, or the texts of a list; what is neither may be any host.
fn texts(value: Option<&Value>) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(all)) => all.iter().map(text).collect(),
        Some(one) => vec![text(one)],
    }
}
