//! Objects in YAML files.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::route::note::RouteNote;

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
    is_utf16 || WORDS.iter().any(|word| text.windows(word.len()).any(|window| window == word.as_bytes()))
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
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            // the reader's advice to its caller
            let first = first.split_once(", set ").map_or(first, |(cause, _)| cause);
            notes.push(RouteNote { file: file.to_owned(), object: String::new(), why: format!("not YAML: {first}") });
        }
    }
    found
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
