//! Routes that were not understood before an edit: whose they are, and what they may go by. Nothing compares them, so that an edit which takes one
//! of them away, or changes what it goes by, counts for its environments.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::guard::decided::{
    DecidedRoute, DefinitionEdit, NamedByDefinitions, by_object, is_definition, object_of, of_route,
};
use crate::guard::files::ManifestGroup;
use crate::guard::notes::is_same;
use crate::guard::owners::Owners;
use crate::route::manifest::RouteManifest;
use crate::route::note::RouteNote;
use crate::route::reader::is_default_class;
use crate::route::table::RouteEntry;

/// Objects of the tree before that may route requests and were not understood.
pub(super) struct UnreadRoutes<'g> {
    group: &'g ManifestGroup,
    all: Vec<UnreadRoute<'g>>,
    /// The objects by the names in them.
    by_name: BTreeMap<String, BTreeSet<usize>>,
    /// Ingresses of no class: those of the default one.
    without_class: BTreeSet<usize>,
    /// Routes that attach to default gateways: which these are, only the cluster knows.
    of_default_gateways: BTreeSet<usize>,
}

struct UnreadRoute<'g> {
    manifest: &'g RouteManifest,
    entry: RouteEntry,
    /// True if only the tree before has it in this file.
    is_removed: bool,
}

impl<'g> UnreadRoutes<'g> {
    pub(super) fn of(group: &'g ManifestGroup, notes: &[RouteNote]) -> Self {
        let noted: BTreeSet<(&str, &str)> = notes.iter().map(|note| (&*note.file, &*note.object)).collect();
        let mut found = Self {
            group,
            all: Vec::new(),
            by_name: BTreeMap::new(),
            without_class: BTreeSet::new(),
            of_default_gateways: BTreeSet::new(),
        };
        if noted.is_empty() {
            return found;
        }
        let kept = group.kept.iter().map(|manifest| (manifest, false));
        for (manifest, is_removed) in kept.chain(group.removed.iter().map(|manifest| (manifest, true))) {
            if !is_definition(manifest) && noted.contains(&(manifest.file.as_str(), manifest.title().as_str())) {
                let mut names = BTreeSet::new();
                let mut namespaces = BTreeSet::from([manifest.namespace.clone()]);
                if let Ok(spec) = manifest.spec.value() {
                    look(&spec, "", &mut names, &mut namespaces);
                }
                names.extend(manifest.annotations.values().flat_map(|value| words(value)));
                let at = found.all.len();
                for name in names {
                    found.by_name.entry(name).or_default().insert(at);
                }
                if manifest.kind == "Ingress" && !has(manifest, "ingressClassName") {
                    found.without_class.insert(at);
                }
                if has(manifest, "useDefaultGateways") {
                    found.of_default_gateways.insert(at);
                }
                let entry = entry(manifest, namespaces);
                found.all.push(UnreadRoute { manifest, entry, is_removed });
            }
        }
        found
    }

    /// Those that the edit takes away or changes, each with the edited file.
    pub(super) fn edited(&self, owners: &mut Owners<'_, '_>) -> Vec<(RouteEntry, String)> {
        let added = by_object(&self.group.added);
        let mut stays = |one: &UnreadRoute<'_>| {
            added.get(&object_of(one.manifest)).is_some_and(|new| {
                is_same(one.manifest, new) && owners.of_file(&one.manifest.file) == owners.of_file(&new.file)
            })
        };
        let edited = self.all.iter().filter(|one| one.is_removed && !stays(one));
        edited.map(|one| (one.entry.clone(), one.manifest.file.clone())).collect()
    }

    /// Those that may go by a definition that the edit changes, by its name.
    pub(super) fn decided(&self, owners: &mut Owners<'_, '_>) -> Vec<DecidedRoute> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let [removed, added] = [&self.group.removed, &self.group.added].map(|manifests| by_object(manifests));
        let named = NamedByDefinitions::of(self.group);
        let mut found = Vec::new();
        for (object, manifest) in removed.iter().chain(&added) {
            if !(is_definition(manifest) || is_part(manifest))
                || !DefinitionEdit::of(removed.get(object).copied(), added.get(object).copied(), owners).is_any()
            {
                continue;
            }
            let definitions = named.by(manifest).iter().copied().chain([*manifest]);
            let going: BTreeSet<usize> = definitions.flat_map(|definition| self.by(definition)).collect();
            let going = going.into_iter().filter_map(|at| self.all.get(at));
            let others = going.filter(|one| !std::ptr::eq(one.manifest, *manifest));
            found.extend(others.map(|one| of_route(manifest, &one.entry, owners)));
        }
        found
    }

    /// Those that name a definition, and those that name none where it is the default.
    fn by(&self, definition: &RouteManifest) -> BTreeSet<usize> {
        let mut found = self.by_name.get(&definition.name).cloned().unwrap_or_default();
        if is_default_class(definition) {
            found.extend(&self.without_class);
        } else if definition.kind == "Gateway" {
            found.extend(&self.of_default_gateways);
        }
        found
    }
}

/// Returns whether routes of other objects may go by an object that is not understood, other than one with hosts of its own.
fn is_part(manifest: &RouteManifest) -> bool {
    match manifest.kind.as_str() {
        "ListenerSet" | "XListenerSet" | "KongIngress" | "RouteTable" | "TraefikService" | "VirtualServerRoute" => true,
        // one that another delegates to, or includes
        "VirtualService" => !has(manifest, "hosts"),
        "HTTPProxy" => !has(manifest, "virtualhost"),
        _ => false,
    }
}

fn has(manifest: &RouteManifest, key: &str) -> bool {
    manifest.spec.value().is_ok_and(|spec| spec.get(key).is_some_and(|value| !value.is_null()))
}

/// A route in place of all that an object may have.
fn entry(manifest: &RouteManifest, namespaces: BTreeSet<String>) -> RouteEntry {
    RouteEntry {
        name: manifest.title(),
        file: manifest.file.clone(),
        line: manifest.line,
        backend: Some(manifest.title()),
        namespaces: namespaces.into_iter().collect(),
        owner: None,
        conditions: BTreeMap::new(),
        precedence: Vec::new(),
        object: manifest.object(),
        seen_in: BTreeSet::new(),
        has_slash: false,
    }
}

/// Collects what a value may name: texts, their parts between slashes and their first labels; and namespaces, by their key or as the second label
/// of a host.
fn look(value: &Value, key: &str, names: &mut BTreeSet<String>, namespaces: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            names.extend(words(text));
            if key == "namespace" {
                namespaces.insert(text.clone());
            } else if key == "host" {
                namespaces.extend(text.split('.').nth(1).map(str::to_owned));
            }
        }
        Value::Array(all) => all.iter().for_each(|one| look(one, key, names, namespaces)),
        Value::Object(fields) => fields.iter().for_each(|(key, one)| look(one, key, names, namespaces)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split('/').flat_map(|part| [part, part.split('.').next().unwrap_or(part)]).map(str::to_owned)
}
