//! Each type of the crate has a name of its own: who reads a name need not look up which file it is from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::layers::sources;

/// The name of the type that a line begins to define. Types of a trait or an `impl`, such as `type Error`, are indented: they have
/// the names that the trait gives them.
fn defined(line: &str) -> Option<&str> {
    let code = line.trim_start();
    let code = match code.strip_prefix("pub(") {
        Some(rest) => rest.split_once(") ")?.1,
        None => code.strip_prefix("pub ").unwrap_or(code),
    };
    let (sort, rest) = code.split_once(' ')?;
    let is_type = match sort {
        "struct" | "enum" | "trait" | "union" => true,
        "type" => !line.starts_with(' '),
        _ => false,
    };
    let name = rest.split(|letter: char| !letter.is_ascii_alphanumeric()).next()?;
    (is_type && !name.is_empty()).then_some(name)
}

#[test]
fn definitions_are_found() {
    for (line, name) in [
        ("struct Entry {", Some("Entry")),
        ("pub enum End<M> {", Some("End")),
        ("pub(crate) trait World {", Some("World")),
        ("pub(in crate::proof) struct Fetched {", Some("Fetched")),
        ("    struct Nested;", Some("Nested")),
        ("pub(super) type Visit<'v, B> = dyn FnMut(&Entry) -> ControlFlow<B> + 'v;", Some("Visit")),
        ("    type Error = String;", None),
        ("            $visibility struct $name(i64);", None),
        ("        type $name = i64;", None),
        ("/// struct Entry", None),
        ("let structs = 1;", None),
    ] {
        assert_eq!(defined(line), name, "{line}");
    }
}

#[test]
fn no_two_types_have_one_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        let file = path.strip_prefix(&root).unwrap().display();
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(name) = defined(line) {
                places.entry(name.to_owned()).or_default().push(format!("src/{file}:{number}"));
            }
        }
    }
    assert!(places.len() > 1000, "{} types were found", places.len());
    let several = places.iter().filter(|(_, places)| places.len() > 1);
    let wrong: Vec<String> = several.map(|(name, places)| format!("`{name}`: {}", places.join(", "))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
