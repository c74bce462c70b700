//! Rendered manifests of Kubernetes, as `kustomize build` and `helm template` print them: what they change, as facts.
//!
//! They are read as strictly as kubectl reads them, or more so: what it would drop or read in another way is an error.
//! Values are compared, never kept.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::change::plan::{PlannedAction, PlannedAttribute, PlannedChange};
use crate::guard::facts;
use crate::guard::files::{GuardedEdit, GuardedFile, hidden};
use crate::guard::object::{DEFAULT_NAMESPACE, ManifestError, RenderedObject, as_yaml, objects};

/// Rendered manifests, and those that they replace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RenderedManifests {
    /// The files.
    pub after: Vec<GuardedFile>,
    /// The files that they replace, if that is known.
    pub before: Option<Vec<GuardedFile>>,
    /// The number of objects.
    pub objects: usize,
    /// The differences, by kind, namespace and name. Without manifests before, each object may be new or changed.
    pub changes: Vec<PlannedChange>,
}

/// An object by group, kind, namespace and name.
type ObjectKey = [String; 4];

impl RenderedManifests {
    /// Reads manifests from files, and those that they replace.
    ///
    /// ```
    /// use freezegate::guard::{GuardedFile, RenderedManifests};
    ///
    /// let file = |replicas: u8| GuardedFile {
    ///     path: "web.yaml".to_owned(),
    ///     content: format!(
    ///         "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{replicas: {replicas}}}\n"
    ///     )
    ///     .into_bytes(),
    /// };
    /// let read = RenderedManifests::read(vec![file(0)], Some(vec![file(3)]))?;
    /// assert_eq!(read.changes[0].address, "Deployment shop/web");
    /// assert_eq!(&*read.changes[0].attributes[1].name, "replicas-0");
    /// # Ok::<(), freezegate::guard::ManifestError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ManifestError`] for the first thing that kubectl would not read, would drop, or might read in another way.
    pub fn read(after: Vec<GuardedFile>, before: Option<Vec<GuardedFile>>) -> Result<Self, ManifestError> {
        let new = by_key(&after)?;
        let old = before.as_deref().map(by_key).transpose()?;
        let changes = match &old {
            Some(old) => changes(old, &new),
            None => new
                .values()
                .map(|object| change(object, None, PlannedAction::Update, attributes(None, object), true))
                .collect(),
        };
        let objects = new.len();
        Ok(Self { after, before, objects, changes })
    }
}

impl RenderedManifests {
    /// The same as an edit of guarded files; `None` if nothing says what was before.
    pub(super) fn edit(&self) -> Option<GuardedEdit> {
        let file = |file: &GuardedFile| GuardedFile {
            path: file.path.clone(),
            // it was read, so it can be read again
            content: as_yaml(file).unwrap_or_else(|_| file.content.clone()),
        };
        let before = self.before.as_deref()?;
        let (old, new): (HashSet<&GuardedFile>, HashSet<&GuardedFile>) =
            (before.iter().collect(), self.after.iter().collect());
        Some(GuardedEdit {
            kept: self.after.iter().filter(|one| old.contains(one)).map(file).collect(),
            removed: before.iter().filter(|one| !new.contains(one)).map(file).collect(),
            added: self.after.iter().filter(|one| !old.contains(one)).map(file).collect(),
        })
    }
}

fn by_key(files: &[GuardedFile]) -> Result<BTreeMap<ObjectKey, RenderedObject>, ManifestError> {
    let mut found: BTreeMap<ObjectKey, RenderedObject> = BTreeMap::new();
    for file in files {
        if let Some(why) = hidden(&file.content) {
            return Err(ManifestError { place: file.path.clone(), why: why.to_owned() });
        }
        for object in objects(file)? {
            let key = [object.group.clone(), object.kind.clone(), object.namespace.clone(), object.name.clone()];
            let place = object.place.clone();
            if let Some(first) = found.insert(key, object) {
                let why = format!("{} is defined twice, also in {}", first.title(), first.place);
                return Err(ManifestError { place, why });
            }
        }
    }
    Ok(found)
}

fn changes(old: &BTreeMap<ObjectKey, RenderedObject>, new: &BTreeMap<ObjectKey, RenderedObject>) -> Vec<PlannedChange> {
    let keys: BTreeSet<&ObjectKey> = old.keys().chain(new.keys()).collect();
    let of_key = |key: &ObjectKey| match (old.get(key), new.get(key)) {
        (Some(before), Some(after)) => {
            let differing = attributes(Some(before), after);
            let is_changed = !differing.is_empty();
            is_changed.then(|| change(after, Some(before), PlannedAction::Update, differing, false))
        }
        (None, Some(after)) => Some(change(after, None, PlannedAction::Create, attributes(None, after), false)),
        (Some(before), None) => Some(change(before, None, PlannedAction::Delete, attributes(None, before), false)),
        (None, None) => None,
    };
    let mut found: Vec<PlannedChange> = keys.into_iter().filter_map(of_key).collect();
    // one of them may be in the namespace that is given where they are applied
    let mut gone: BTreeMap<[&str; 3], Vec<&RenderedObject>> = BTreeMap::new();
    for (_, object) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        gone.entry(object.without_namespace()).or_default().push(object);
    }
    for (_, after) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        let is_default = |one: &RenderedObject| one.namespace == DEFAULT_NAMESPACE;
        let alike = gone.get(&after.without_namespace()).into_iter().flatten();
        for before in alike.filter(|before| is_default(before) || is_default(after)) {
            let differing = attributes(Some(*before), after);
            let is_changed = !differing.is_empty();
            found.extend(is_changed.then(|| change(after, Some(before), PlannedAction::Update, differing, false)));
        }
    }
    found
}

/// The change of an object, which was `before` if that is another state of it.
fn change(
    object: &RenderedObject,
    before: Option<&RenderedObject>,
    action: PlannedAction,
    attributes: BTreeSet<String>,
    is_unclear: bool,
) -> PlannedChange {
    let attribute = |name: String| PlannedAttribute {
        name: Arc::from(name),
        // a manifest that was applied need not be what is there, so none is known again
        replaced: Vec::new(),
        brought: Vec::new(),
        values: None,
    };
    PlannedChange {
        address: object.title(),
        resource_type: Arc::from(object.kind.as_str()),
        module: None,
        provider: None,
        action,
        attributes: attributes.into_iter().map(attribute).collect(),
        is_unclear,
        facts: facts::of(object, before),
    }
}

/// The names of what differs: the keys of an object, those of `spec` and `metadata` by their own names. `replicas-0`: there
/// are none any more.
fn attributes(before: Option<&RenderedObject>, after: &RenderedObject) -> BTreeSet<String> {
    let old = before.map(parts).unwrap_or_default();
    let new = parts(after);
    let keys: BTreeSet<&&str> = old.keys().chain(new.keys()).collect();
    let mut found = BTreeSet::new();
    for key in keys.into_iter().filter(|key| old.get(**key) != new.get(**key)) {
        found.insert((*key).to_owned());
        // kubectl knows more ways to write a number
        let is_some = |value: &&Value| value.as_u64().is_some_and(|count| count > 0);
        if *key == "replicas" && new.get(*key).is_some_and(|values| !values.iter().all(is_some)) {
            found.insert("replicas-0".to_owned());
        }
    }
    found
}

/// The values by key; several of one key that occurs in several places.
fn parts(object: &RenderedObject) -> BTreeMap<&str, Vec<&Value>> {
    let mut parts: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let mut add = |key, value| parts.entry(key).or_default().push(value);
    for (key, value) in &object.fields {
        match (key.as_str(), value) {
            ("apiVersion" | "kind" | "status", _) => {}
            ("metadata", Value::Object(metadata)) => {
                let named = metadata.iter().filter(|(key, _)| ["labels", "annotations"].contains(&key.as_str()));
                named.for_each(|(key, value)| add(key.as_str(), value));
            }
            ("spec", Value::Object(spec)) => spec.iter().for_each(|(key, value)| add(key.as_str(), value)),
            (key, value) => add(key, value),
        }
    }
    parts
}
