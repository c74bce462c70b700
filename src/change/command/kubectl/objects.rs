//! The namespaces that the objects of a kubectl command have themselves.

use serde_json::Value;

use crate::change::command::cobra::CobraLine;
use crate::change::command::surroundings::{FolderEntry, Scene, Unknown, join};
use crate::yaml;

/// Names of the kind of namespaces; behind them may stand the version, and the empty group.
const KINDS: [&[u8]; 3] = [b"ns", b"namespace", b"namespaces"];

/// The namespaces that a line names as objects: `delete ns shop`, `label namespace/shop a=b`, `create ns shop`.
pub(super) fn named_namespaces(line: &CobraLine) -> Result<Vec<Vec<u8>>, Unknown> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    if line.path == ["create", "namespace"] {
        return Ok(line.words.clone());
    }
    if line.path == ["cp"] {
        // NAMESPACE/POD:PATH, which comes before the option
        let pods =
            line.words.iter().filter_map(|word| word.split(|byte| *byte == b':').next().filter(|pod| *pod != word));
        let namespaces = pods.filter_map(|pod| pod.iter().position(|byte| *byte == b'/').and_then(|at| pod.get(..at)));
        return Ok(namespaces.map(<[u8]>::to_vec).collect());
    }
    // the first words of these are a pod, a key
    if line.path.first().is_some_and(|verb| matches!(*verb, "create" | "run" | "exec" | "attach" | "certificate")) {
        return Ok(names);
    }
    let of_kind = |word: &[u8]| {
        let name = [&b".v1."[..], b".v1", b"."].into_iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
        KINDS.iter().any(|kind| name.eq_ignore_ascii_case(kind))
    };
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

/// Subcommands that look below folders without being asked to, in some version: `annotate` of 1.37 does, of 1.36 it does not.
const RECURSIVE: [&str; 2] = ["annotate", "set selector"];

/// The endings of the files of a folder that kubectl reads.
const ENDINGS: [&[u8]; 3] = [b".json", b".yaml", b".yml"];

/// The most files that are read of one command.
const MOST_FILES: usize = 1_000;

/// The most bytes that are read of all files of one command: 16 MiB.
const MOST_BYTES: usize = 16 << 20;

/// The namespaces that the objects of local files have. If the namespace of the command `is_given`, kubectl refuses objects of another one, and
/// only namespaces that are objects themselves count, as far as files hold them.
pub(super) fn of_files(line: &CobraLine, scene: &Scene<'_>, is_given: bool) -> Result<Vec<Vec<u8>>, Unknown> {
    if line.last("kustomize").is_some() {
        if is_given {
            return Ok(Vec::new());
        }
        let why = "which objects `--kustomize` makes is not known: write them to a file first, with `kubectl kustomize FOLDER`, and name that with `-f`";
        return Err(why.to_owned());
    }
    let mut found = FoundObjects::default();
    if matches!(line.path.first(), Some(&"exec" | &"attach" | &"cp" | &"config")) {
        return Ok(found.namespaces);
    }
    let is_recursive = match line.last("recursive") {
        Some(_) => line.is_set("recursive"),
        None => RECURSIVE.contains(&line.path.join(" ").as_str()),
    };
    for path in line.all("filename").flat_map(|list| list.split(|byte| *byte == b',')) {
        let told = String::from_utf8_lossy(path);
        let elsewhere = match path {
            b"-" => Some("its objects come from standard input".to_owned()),
            _ if path.starts_with(b"http://") || path.starts_with(b"https://") => {
                Some(format!("its objects come from `{told}`, which is not fetched"))
            }
            _ => None,
        };
        if let Some(why) = elsewhere {
            if is_given {
                continue;
            }
            return Err(why);
        }
        if let Some(entries) = scene.folder(path)? {
            found.of_folder(path, entries, is_recursive, scene)?;
        } else if let Some(text) = scene.file(path)? {
            found.of_file(&text, &told)?;
        } else if path.iter().any(|byte| b"*?[\\".contains(byte)) {
            return Err(format!("`{told}` is a pattern, which is not read here: name the files, or their folder"));
        } else {
            return Err(format!("there is no file `{told}`"));
        }
    }
    Ok(if is_given { found.objects } else { [found.namespaces, found.objects].concat() })
}

/// Everything that is found in files, and how much was read for it.
#[derive(Default)]
struct FoundObjects {
    /// Those in which objects are.
    namespaces: Vec<Vec<u8>>,
    /// Those that are objects.
    objects: Vec<Vec<u8>>,
    files: usize,
    bytes: usize,
}

impl FoundObjects {
    /// Reads the files of a folder whose names end as those of objects do, and those of the folders in it if that is asked for. A link
    /// to a folder is not followed, as kubectl does not.
    fn of_folder(
        &mut self,
        path: &[u8],
        entries: Vec<FolderEntry>,
        is_recursive: bool,
        scene: &Scene<'_>,
    ) -> Result<(), Unknown> {
        let mut folders = vec![(path.to_vec(), entries)];
        while let Some((folder, entries)) = folders.pop() {
            for entry in entries {
                let path = join(&folder, &entry.name);
                let told = String::from_utf8_lossy(&path);
                if entry.is_folder {
                    if is_recursive {
                        self.count(0, &told)?;
                        let within = scene.folder(&path)?.ok_or_else(|| format!("there is no folder `{told}`"))?;
                        folders.push((path, within));
                    }
                } else if ENDINGS.iter().any(|ending| entry.name.ends_with(ending)) {
                    let text = scene.file(&path)?.ok_or_else(|| format!("there is no file `{told}`"))?;
                    self.of_file(&text, &told)?;
                }
            }
        }
        Ok(())
    }

    fn of_file(&mut self, text: &[u8], told: &str) -> Result<(), Unknown> {
        self.count(text.len(), told)?;
        for document in documents(text, told)? {
            self.of_object(&document, 0, told)?;
        }
        Ok(())
    }

    fn of_object(&mut self, object: &Value, depth: usize, told: &str) -> Result<(), Unknown> {
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
        self.namespaces.extend(text("/metadata/namespace")?);
        if object.get("kind").and_then(Value::as_str) == Some("Namespace") {
            self.objects.extend(text("/metadata/name")?);
        }
        for item in object.get("items").and_then(Value::as_array).into_iter().flatten() {
            self.of_object(item, depth + 1, told)?;
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize, told: &str) -> Result<(), Unknown> {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if self.files > MOST_FILES || self.bytes > MOST_BYTES {
            return Err(format!("there are more than {MOST_FILES} files and folders, or 16 MiB, up to `{told}`"));
        }
        Ok(())
    }
}

fn documents(text: &[u8], told: &str) -> Result<Vec<Value>, Unknown> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_documents: 2_000, max_nodes: 200_000, max_events: 800_000 },
    };
    serde_saphyr::from_slice_multiple_with_options::<Value>(text, options)
        .map_err(|error| format!("`{told}` is not readable YAML: {}", yaml::cause(&error)))
}

/// Lists of lists deeper than this are not read.
const DEPTH: usize = 4;
