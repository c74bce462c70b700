//! What is not understood: whether it stood like that before, and whether the change adds routes at its hosts.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::guard::fault::GuardFault;
use crate::guard::files::Group;
use crate::route::language::{LanguageId, Languages, RequestPart, TextPattern};
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::table::{RouteEntry, RouteTable};
use crate::route::tables::RouteTables;

/// What was not understood before an edit.
pub(super) struct Standing<'g> {
    pub(super) group: &'g Group,
    pub(super) before: Vec<RouteNote>,
}

impl Standing<'_> {
    /// Whether what a note is about was not understood before either, and is the same.
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

fn is_same(old: &RouteManifest, new: &RouteManifest) -> bool {
    let content = |one: &RouteManifest| RouteManifest { file: String::new(), line: 0, ..one.clone() };
    content(old) == content(new)
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

/// Kinds whose objects get requests only from another object that names a host, if they name none themselves.
const DELEGATES: [&str; 2] = ["VirtualService", "HTTPProxy"];

/// The hosts that an object names, as far as they can be found without understanding it. One that names none may be for
/// any, and a rule of an Ingress without a host is.
fn hosts(manifest: &RouteManifest) -> Vec<String> {
    let mut found = Vec::new();
    let rules = manifest.spec.get("rules").and_then(Value::as_array);
    if manifest.kind == "Ingress" {
        let rules = rules.into_iter().flatten();
        found.extend(rules.filter(|rule| rule.get("host").is_none()).map(|_| String::new()));
        if manifest.spec.get("defaultBackend").is_some() {
            found.push(String::new());
        }
    }
    collect(&manifest.spec, false, &mut found);
    if found.is_empty() && !DELEGATES.contains(&manifest.kind.as_str()) {
        found.push(String::new());
    }
    found
}

const HOST_KEYS: [&str; 5] = ["host", "hosts", "hostname", "hostnames", "fqdn"];
/// Below these, hosts are those of backends.
const BACKEND_KEYS: [&str; 3] = ["destination", "backendRefs", "filters"];

fn collect(value: &Value, is_host: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if is_host => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, is_host, found)),
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(key, _)| !BACKEND_KEYS.contains(&key.as_str())) {
                collect(value, HOST_KEYS.contains(&key.as_str()), found);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
