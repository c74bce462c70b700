//! Objects of rendered manifests, read strictly.

use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use crate::guard::files::{GuardedFile, is_mark_of_kubectl_alone};
use crate::yaml;

/// A part of rendered manifests that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError {
    /// The file, and the line if it is known, such as `web.yaml:12`.
    pub place: String,
    /// The reason, such as `the key `name` occurs twice`.
    pub why: String,
}

/// An object of a rendered manifest.
#[derive(Debug, PartialEq)]
pub(super) struct RenderedObject {
    pub(super) group: String,
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
    /// The file and the line, for people.
    pub(super) place: String,
    pub(super) fields: Map<String, Value>,
}

impl RenderedObject {
    /// Group, kind and name.
    pub(super) fn without_namespace(&self) -> [&str; 3] {
        [&self.group, &self.kind, &self.name]
    }

    /// Kind, namespace and name, as people name it.
    pub(super) fn title(&self) -> String {
        format!("{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// The namespace of an object that names none.
pub(super) const DEFAULT_NAMESPACE: &str = "default";

/// Lists of lists deeper than this are not read.
const DEPTH: usize = 4;

/// Reads the objects of a file.
pub(super) fn objects(file: &GuardedFile) -> Result<Vec<RenderedObject>, ManifestError> {
    let mut found = Vec::new();
    if is_json(&file.content) {
        for (line, text) in json_values(file)? {
            documents(file, line, text, &mut found)?;
        }
    } else {
        check_marks(file)?;
        documents(file, 1, &file.content, &mut found)?;
    }
    Ok(found)
}

/// Several values of JSON one after the other, as documents of YAML; other text as it is.
pub(super) fn as_yaml(file: &GuardedFile) -> Result<Vec<u8>, ManifestError> {
    if !is_json(&file.content) {
        return Ok(file.content.clone());
    }
    let values: Vec<&[u8]> = json_values(file)?.into_iter().map(|(_, text)| text).collect();
    Ok(values.join(b"\n---\n".as_slice()))
}

fn is_json(content: &[u8]) -> bool {
    content.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// The values of a stream of JSON, each with its line.
fn json_values(file: &GuardedFile) -> Result<Vec<(u64, &[u8])>, ManifestError> {
    let mut stream = serde_json::Deserializer::from_slice(&file.content).into_iter::<serde::de::IgnoredAny>();
    let (mut begin, mut line, mut found) = (0, 1_u64, Vec::new());
    while let Some(value) = stream.next() {
        if let Err(error) = value {
            return Err(ManifestError { place: format!("{}:{line}", file.path), why: format!("not JSON: {error}") });
        }
        let end = stream.byte_offset();
        let text = file.content.get(begin..end).unwrap_or_default();
        found.push((line, text));
        line = line.saturating_add(u64::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u64::MAX));
        begin = end;
    }
    Ok(found)
}

/// Refuses marks between documents that kubectl reads in its own way: it stops at `...`, and takes no text behind `---`.
fn check_marks(file: &GuardedFile) -> Result<(), ManifestError> {
    let text = String::from_utf8_lossy(&file.content);
    let mut ended = None;
    for (number, line) in (1_u64..).zip(text.lines()) {
        let behind = line.strip_prefix("---").filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if is_mark_of_kubectl_alone(line) {
            let why = "kubectl ends a document here, and YAML does not".to_owned();
            return Err(ManifestError { place: format!("{}:{number}", file.path), why });
        }
        let is_text = |text: &str| !text.trim().is_empty() && !text.trim_start().starts_with('#');
        let why = match behind {
            Some(rest) => {
                ended = None;
                is_text(rest).then(|| "text behind `---`, which kubectl refuses".to_owned())
            }
            None if line.trim_end() == "..." => {
                ended = Some(number);
                None
            }
            None => {
                let end = ended.filter(|_| is_text(line));
                end.map(|end| format!("kubectl ignores everything after the `...` in line {end}"))
            }
        };
        if let Some(why) = why {
            return Err(ManifestError { place: format!("{}:{number}", file.path), why });
        }
    }
    Ok(())
}

fn documents(
    file: &GuardedFile,
    first_line: u64,
    text: &[u8],
    found: &mut Vec<RenderedObject>,
) -> Result<(), ManifestError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_documents: 20_000, max_nodes: 2_000_000, max_events: 8_000_000 },
    };
    let at = |line: u64| format!("{}:{}", file.path, line.saturating_add(first_line).saturating_sub(1));
    let read = serde_saphyr::from_slice_multiple_with_options::<Spanned<Value>>(text, options);
    let documents = read.map_err(|error| {
        let line = error.location().map(|location| location.line());
        let cause = yaml::cause(&error);
        // the place is given anyway
        let why = cause.strip_prefix("line ").and_then(|rest| rest.split_once(": ")).map(|(_, why)| why.to_owned());
        let why = why.unwrap_or(cause);
        ManifestError { place: line.map_or_else(|| file.path.clone(), at), why }
    })?;
    for document in documents.into_iter().filter(|document| !document.value.is_null()) {
        object(&at(document.defined.line()), document.value, 0, found)?;
    }
    Ok(())
}

fn object(place: &str, value: Value, depth: usize, found: &mut Vec<RenderedObject>) -> Result<(), ManifestError> {
    let fail = |why: &str| Err(ManifestError { place: place.to_owned(), why: why.to_owned() });
    let Value::Object(mut fields) = value else {
        return fail("not an object of Kubernetes");
    };
    let text = |fields: &Map<String, Value>, key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    let (Some(version), Some(kind)) = (text(&fields, "apiVersion"), text(&fields, "kind")) else {
        return fail("not an object of Kubernetes: `apiVersion` or `kind` is missing");
    };
    if let Some(items) = fields.remove("items") {
        let Value::Array(items) = items else {
            return fail("`items` is not a list");
        };
        if depth == DEPTH {
            return fail("lists within lists");
        }
        let of_items = kind.strip_suffix("List").filter(|kind| !kind.is_empty());
        for mut item in items {
            if let (Value::Object(fields), Some(kind)) = (&mut item, of_items) {
                fields.entry("kind").or_insert_with(|| Value::String(kind.to_owned()));
                fields.entry("apiVersion").or_insert_with(|| Value::String(version.clone()));
            }
            object(place, item, depth + 1, found)?;
        }
        return Ok(());
    }
    let metadata = fields.get("metadata").and_then(Value::as_object);
    let of_metadata = |key: &str| metadata.and_then(|metadata| text(metadata, key)).filter(|text| !text.is_empty());
    let Some(name) = of_metadata("name") else {
        return fail(&format!("a {kind} without `metadata.name`"));
    };
    let namespace = of_metadata("namespace").unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    let group = version.split_once('/').map_or("", |(group, _)| group).to_owned();
    found.push(RenderedObject { group, kind, namespace, name, place: place.to_owned(), fields });
    Ok(())
}
