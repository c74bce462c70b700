//! Objects in YAML files.

use std::collections::BTreeMap;
use std::thread;

use memchr::memmem;
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

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
    /// Name.
    pub name: String,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// What it asks for.
    pub spec: Value,
}

#[derive(Deserialize)]
struct ManifestHead {
    #[serde(rename = "apiVersion")]
    api_version: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    metadata: ManifestMetadata,
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    items: Vec<Value>,
}

#[derive(Default, Deserialize)]
struct ManifestMetadata {
    name: Option<String>,
    #[serde(rename = "generateName")]
    generate_name: Option<String>,
    namespace: Option<String>,
    annotations: Option<BTreeMap<String, Value>>,
}

impl RouteManifest {
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

/// Whether a file may have an object that routes requests: if not, it need not be YAML.
#[must_use]
pub fn may_route(text: &[u8]) -> bool {
    // `\\` writes any letter of a word
    const WORDS: [&str; 11] = [
        "Ingress",
        "Gateway",
        "Route",
        "Virtual",
        "HTTPProxy",
        "Mapping",
        "EnvoyFilter",
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
    match serde_saphyr::from_slice_multiple_with_options::<Spanned<Value>>(text, options) {
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

/// What a file holds: its objects, and what of it is not understood.
pub type FileManifests = (Vec<RouteManifest>, Vec<RouteNote>);

/// Fewer bytes than these are not worth a thread.
const BYTES_OF_A_THREAD: usize = 128 << 10;
const MOST_THREADS: usize = 4;

/// Reads the objects of several files, given by path and text, in their order; of many, on several processors.
#[must_use]
pub fn manifests_of_all(files: &[(&str, &[u8])]) -> Vec<FileManifests> {
    let read = |files: &[(&str, &[u8])]| -> Vec<FileManifests> {
        let of_file = |(path, text): &(&str, &[u8])| {
            let mut notes = Vec::new();
            let found = manifests(path, text, &mut notes);
            (found, notes)
        };
        files.iter().map(of_file).collect()
    };
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let threads = (bytes / BYTES_OF_A_THREAD).clamp(1, MOST_THREADS);
    if threads == 1 {
        return read(files);
    }
    thread::scope(|scope| {
        let parts = files.chunks(files.len().div_ceil(threads).max(1));
        let working: Vec<_> = parts.map(|part| (part, scope.spawn(|| read(part)))).collect();
        // a thread that ended early is done again here, where its failure is seen
        working.into_iter().flat_map(|(part, worker)| worker.join().unwrap_or_else(|_| read(part))).collect()
    })
}

/// Lists of lists deeper than this are not read.
const DEPTH: usize = 4;

fn object(
    (file, line): (&str, u64),
    document: Value,
    depth: usize,
    found: &mut Vec<RouteManifest>,
    notes: &mut Vec<RouteNote>,
) {
    let is_object = document.get("kind").is_some_and(Value::is_string) && document.get("apiVersion").is_some();
    if !is_object {
        return;
    }
    let head = match serde_json::from_value::<ManifestHead>(document) {
        Ok(head) => head,
        Err(error) => {
            notes.push(RouteNote { file: file.to_owned(), object: String::new(), why: error.to_string() });
            return;
        }
    };
    let kind = head.kind.unwrap_or_default();
    // as kubectl does it: whatever has items is a list, and what a list of a kind holds is of that kind
    if !head.items.is_empty() {
        if depth == DEPTH {
            notes.push(RouteNote { file: file.to_owned(), object: kind, why: "lists within lists".to_owned() });
            return;
        }
        for mut item in head.items {
            if let (Value::Object(fields), Some(of_items)) = (&mut item, kind.strip_suffix("List")) {
                let mut complete = |key: &str, value: &str| {
                    if !of_items.is_empty() && !fields.contains_key(key) {
                        fields.insert(key.to_owned(), Value::String(value.to_owned()));
                    }
                };
                complete("kind", of_items);
                complete("apiVersion", head.api_version.as_deref().unwrap_or_default());
            }
            object((file, line), item, depth + 1, found, notes);
        }
        return;
    }
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    let annotations = head.metadata.annotations.unwrap_or_default();
    found.push(RouteManifest {
        file: file.to_owned(),
        line,
        api_version: head.api_version.unwrap_or_default(),
        kind,
        namespace: head.metadata.namespace.unwrap_or_else(|| "default".to_owned()),
        name: head.metadata.name.or(head.metadata.generate_name).unwrap_or_default(),
        annotations: annotations.into_iter().map(|(key, value)| (key, text(value))).collect(),
        spec: head.spec,
    });
}
