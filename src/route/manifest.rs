//! Objects in YAML files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use memchr::memmem;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::route::json_text::JsonText;
use crate::route::note::RouteNote;
use crate::yaml;

/// An object of Kubernetes.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteManifest {
    /// The file that it stands in.
    pub file: String,
    /// The line of the file at which its document begins, from 1.
    pub line: u64,
    /// Group and version, such as `networking.k8s.io/v1`.
    pub api_version: String,
    /// Kind, such as `Ingress`.
    pub kind: String,
    /// Namespace; `default` if it has none.
    pub namespace: String,
    /// True if the manifest names its namespace.
    pub has_namespace: bool,
    /// Name.
    pub name: String,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// The objects that own it: if none of them is there, the cluster deletes it
    /// ([garbage collection](https://kubernetes.io/docs/concepts/architecture/garbage-collection/)).
    pub owner_references: Value,
    /// Its contents.
    pub spec: JsonText,
}

/// A document, as far as it is one of Kubernetes.
#[derive(Default)]
struct ManifestDocument {
    api_version: Value,
    kind: Value,
    metadata: Value,
    items: Value,
    spec: JsonText,
}

impl<'de> Deserialize<'de> for ManifestDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DocumentVisitor)
    }
}

/// Takes any value; what is not a mapping is an empty document.
struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = ManifestDocument;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<ManifestDocument, A::Error> {
        let mut document = ManifestDocument::default();
        while let Some(key) = fields.next_key::<Cow<'_, str>>()? {
            match &*key {
                "apiVersion" => document.api_version = fields.next_value()?,
                "kind" => document.kind = fields.next_value()?,
                "metadata" => document.metadata = fields.next_value()?,
                "items" => document.items = fields.next_value()?,
                "spec" => document.spec = fields.next_value()?,
                // all of it is looked at: keys that occur twice, and aliases
                _ => drop(fields.next_value::<JsonText>()?),
            }
        }
        Ok(document)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ManifestDocument, A::Error> {
        while items.next_element::<JsonText>()?.is_some() {}
        Ok(ManifestDocument::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<ManifestDocument, E> {
        Ok(ManifestDocument::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<ManifestDocument, E> {
        Ok(ManifestDocument::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<ManifestDocument, E> {
        Ok(ManifestDocument::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<ManifestDocument, E> {
        Ok(ManifestDocument::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<ManifestDocument, E> {
        Ok(ManifestDocument::default())
    }

    fn visit_unit<E>(self) -> Result<ManifestDocument, E> {
        Ok(ManifestDocument::default())
    }
}

#[derive(Default, serde::Deserialize)]
struct ManifestMetadata {
    name: Option<String>,
    #[serde(rename = "generateName")]
    generate_name: Option<String>,
    namespace: Option<String>,
    annotations: Option<BTreeMap<String, Value>>,
    labels: Option<BTreeMap<String, Value>>,
    #[serde(default, rename = "ownerReferences")]
    owner_references: Value,
}

impl RouteManifest {
    /// The group of its version, such as `networking.k8s.io`; of the core, the version.
    pub(crate) fn group(&self) -> &str {
        self.api_version.split_once('/').map_or(self.api_version.as_str(), |(group, _)| group)
    }

    /// Kind, namespace and name, as people name it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}/{}", self.kind, self.namespace, self.name)
    }

    /// The object within its kind.
    #[must_use]
    pub fn object(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// Returns whether a file may have an object that routes requests: if not, it need not be YAML.
#[must_use]
pub fn may_route(text: &[u8]) -> bool {
    // `\\` writes any letter of a word
    const WORDS: [&str; 14] = [
        "Ingress",
        "Gateway",
        "Route",
        "Virtual",
        "HTTPProxy",
        "Mapping",
        "Envoy",
        "ServiceResolver",
        "ServiceSplitter",
        "TrafficSplit",
        "ListenerSet",
        "HTTPScaledObject",
        "Transport",
        "\\",
    ];
    let is_utf16 = text.contains(&0);
    is_utf16 || WORDS.iter().any(|word| memmem::find(text, word.as_bytes()).is_some())
}

/// Reads the objects of a file; what is not an object of Kubernetes is left out.
#[must_use]
pub fn manifests(file: &str, text: &[u8], notes: &mut Vec<RouteNote>) -> Vec<RouteManifest> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_documents: 20_000, max_nodes: 2_000_000, max_events: 8_000_000 },
    };
    let mut found = Vec::new();
    match serde_saphyr::from_slice_multiple_with_options::<Spanned<ManifestDocument>>(text, options) {
        Ok(documents) => documents.into_iter().for_each(|document| {
            let place = (file, document.defined.line());
            object(place, document.value, 0, &mut found, notes);
        }),
        Err(error) => {
            let why = format!("not YAML: {}", yaml::cause(&error));
            notes.push(RouteNote { file: file.to_owned(), object: String::new(), why });
        }
    }
    found
}

/// The contents of a file: its objects, and what of it is not understood.
pub type FileManifests = (Vec<RouteManifest>, Vec<RouteNote>);

/// Fewer bytes than these are not worth a thread.
const BYTES_OF_A_THREAD: usize = 128 << 10;
const MOST_THREADS: usize = 4;

/// Reads the objects of several files, given by path and text, in their order; of many, on several processors.
#[must_use]
pub fn manifests_of_all(files: &[(&str, &[u8])]) -> Vec<FileManifests> {
    let of_file = |(path, text): &(&str, &[u8])| {
        let mut notes = Vec::new();
        let found = manifests(path, text, &mut notes);
        (found, notes)
    };
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let threads = (bytes / BYTES_OF_A_THREAD).clamp(1, MOST_THREADS).min(files.len());
    let mut read: Vec<Option<FileManifests>> = Vec::new();
    read.resize_with(files.len(), || None);
    if threads > 1 {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let (at, Some(file)) = {
                let at = next.fetch_add(1, Ordering::Relaxed);
                (at, files.get(at))
            } {
                done.push((at, of_file(file)));
            }
            done
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                for (at, found) in worker.join().unwrap_or_default() {
                    if let Some(place) = read.get_mut(at) {
                        *place = Some(found);
                    }
                }
            }
        });
    }
    // what a thread did not do, because it failed or there was none, is done here, where a failure is seen
    files.iter().zip(read).map(|(file, found)| found.unwrap_or_else(|| of_file(file))).collect()
}

/// Lists of lists deeper than this are not read.
const DEPTH: usize = 4;

fn object(
    (file, line): (&str, u64),
    document: ManifestDocument,
    depth: usize,
    found: &mut Vec<RouteManifest>,
    notes: &mut Vec<RouteNote>,
) {
    let ManifestDocument { api_version, kind, metadata, items, spec } = document;
    // a list needs no version
    let is_list = matches!(&items, Value::Array(items) if !items.is_empty());
    let (Value::String(kind), true) = (kind, is_list || !api_version.is_null()) else {
        return;
    };
    let mut note = |why: String| notes.push(RouteNote { file: file.to_owned(), object: String::new(), why });
    let api_version = match api_version {
        Value::String(api_version) => api_version,
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return note("`apiVersion` is not a text".to_owned());
        }
    };
    // as kubectl does it: whatever has items is a list, and what a list of a kind holds is of that kind
    let items = match items {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            return note("`items` is not a list".to_owned());
        }
    };
    if !items.is_empty() {
        if depth == DEPTH {
            notes.push(RouteNote { file: file.to_owned(), object: kind, why: "lists within lists".to_owned() });
            return;
        }
        for mut item in items {
            if let Value::Object(fields) = &mut item {
                let of_items = kind.strip_suffix("List").unwrap_or(&kind);
                let mut complete = |key: &str, value: &str| {
                    // only a text counts for it
                    let is_given = fields.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
                    if !of_items.is_empty() && !value.is_empty() && !is_given {
                        fields.insert(key.to_owned(), Value::String(value.to_owned()));
                    }
                };
                complete("kind", of_items);
                complete("apiVersion", &api_version);
            }
            match ManifestDocument::deserialize(item) {
                Ok(item) => object((file, line), item, depth + 1, found, notes),
                Err(error) => {
                    notes.push(RouteNote { file: file.to_owned(), object: String::new(), why: error.to_string() });
                }
            }
        }
        return;
    }
    let metadata = match Option::<ManifestMetadata>::deserialize(metadata) {
        Ok(metadata) => metadata.unwrap_or_default(),
        Err(error) => return note(error.to_string()),
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    let texts = |all: Option<BTreeMap<String, Value>>| -> BTreeMap<String, String> {
        all.into_iter().flatten().map(|(key, value)| (key, text(value))).collect()
    };
    // it belongs to no namespace, whichever is written
    let is_of_cluster = kind == "IngressClass";
    let namespace = metadata.namespace.filter(|_| !is_of_cluster);
    let has_namespace = namespace.is_some();
    let namespace = namespace.unwrap_or_else(|| "default".to_owned());
    found.push(RouteManifest {
        file: file.to_owned(),
        line,
        api_version,
        kind,
        has_namespace,
        namespace,
        name: metadata.name.or(metadata.generate_name).unwrap_or_default(),
        annotations: texts(metadata.annotations),
        labels: texts(metadata.labels),
        owner_references: metadata.owner_references,
        spec,
    });
}
