//! The namespaces that the objects of a kubectl command have themselves.

use serde_json::Value;

use crate::change::command::cobra::CobraLine;
use crate::change::command::surroundings::{Scene, Unknown};
use crate::yaml;

/// Names of the kind of namespaces.
const KINDS: [&[u8]; 5] = [b"ns", b"namespace", b"namespaces", b"namespace.v1", b"namespaces.v1"];

/// The namespaces that a line names as objects: `delete ns shop`, `label namespace/shop a=b`, `create ns shop`.
pub(super) fn named_namespaces(line: &CobraLine) -> Result<Vec<Vec<u8>>, Unknown> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    if line.path == ["create", "namespace"] {
        return Ok(line.words.clone());
    }
    // the first words of these are a pod, files, a key
    if line
        .path
        .first()
        .is_some_and(|verb| matches!(*verb, "create" | "run" | "exec" | "attach" | "cp" | "certificate"))
    {
        return Ok(names);
    }
    let of_kind = |word: &[u8]| KINDS.iter().any(|kind| word.eq_ignore_ascii_case(kind));
    let mut words = line.words.iter();
    let is_of_namespaces = words.next().is_some_and(|kinds| kinds.split(|byte| *byte == b',').any(of_kind));
    if is_of_namespaces {
        names.extend(words.filter(|word| !word.contains(&b'=') && !word.ends_with(b"-")).cloned());
        if names.is_empty() {
            return Err("it acts on all namespaces, or on those that a selector finds".to_owned());
        }
    }
    for word in &line.words {
        if let Some(at) = word.iter().position(|byte| *byte == b'/') {
            let (kind, name) = word.split_at(at);
            if of_kind(kind) {
                names.push(name.get(1..).unwrap_or_default().to_vec());
            }
        }
    }
    Ok(names)
}

/// The namespaces that the objects of local files have.
pub(super) fn of_files(line: &CobraLine, scene: &Scene<'_>) -> Result<Vec<Vec<u8>>, Unknown> {
    if line.last("kustomize").is_some() {
        return Err("which objects `--kustomize` makes is not known; build them first".to_owned());
    }
    let mut namespaces = Vec::new();
    if matches!(line.path.first(), Some(&"exec" | &"attach" | &"cp" | &"config")) {
        return Ok(namespaces);
    }
    for path in line.all("filename").flat_map(|list| list.split(|byte| *byte == b',')) {
        let told = String::from_utf8_lossy(path).into_owned();
        if path == b"-" {
            return Err("its objects come from standard input".to_owned());
        }
        if path.starts_with(b"http://") || path.starts_with(b"https://") {
            return Err(format!("its objects come from `{told}`, which is not fetched"));
        }
        let text = scene.file(path)?.ok_or_else(|| format!("there is no file `{told}`"))?;
        for document in documents(&text, &told)? {
            of_object(&document, 0, &told, &mut namespaces)?;
        }
    }
    Ok(namespaces)
}

fn documents(text: &[u8], told: &str) -> Result<Vec<Value>, Unknown> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_documents: 2_000, max_nodes: 200_000, max_events: 800_000 },
    };
    serde_saphyr::from_slice_multiple_with_options::<Value>(text, options)
        .map_err(|error| format!("`{told}` is not YAML that can be read here: {}", yaml::cause(&error)))
}

/// Lists of lists deeper than this are not read.
const DEPTH: usize = 4;

fn of_object(object: &Value, depth: usize, told: &str, namespaces: &mut Vec<Vec<u8>>) -> Result<(), Unknown> {
    if object.is_null() {
        return Ok(());
    }
    if depth == DEPTH || !object.is_object() {
        return Err(format!("`{told}` holds something that is not an object of Kubernetes"));
    }
    let text = |pointer: &str| -> Result<Option<Vec<u8>>, Unknown> {
        match object.pointer(pointer) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone().into_bytes()).filter(|text| !text.is_empty())),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(format!("`{told}` has a namespace that is not text"))
            }
        }
    };
    namespaces.extend(text("/metadata/namespace")?);
    if object.get("kind").and_then(Value::as_str) == Some("Namespace") {
        namespaces.extend(text("/metadata/name")?);
    }
    for item in object.get("items").and_then(Value::as_array).into_iter().flatten() {
        of_object(item, depth + 1, told, namespaces)?;
    }
    Ok(())
}
