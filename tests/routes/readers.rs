//! Manifests, each with requests and who answers them.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use freezegate::route::compare::{STEPS, compare};
use freezegate::route::language::{Languages, RequestPart};
use freezegate::route::manifest::manifests;
use freezegate::route::read::read_routes;
use freezegate::route::reader::ReadRoutes;
use freezegate::route::table::{RequestPoint, RouteTable};
use freezegate::route::tables::RouteTables;
use serde::Deserialize;

/// A case of `tests/data/routes`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The place where the rule that it shows is written.
    source: String,
    manifests: String,
    #[serde(default)]
    answers: Vec<Expected>,
    /// Parts of what is not understood.
    #[serde(default)]
    not_understood: Vec<String>,
    /// The routes that never answer, if that is asked.
    never: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    place: String,
    /// Method, URL, then headers as `name: value`.
    request: Vec<String>,
    /// Backends of which one answers; `nobody`.
    by: Vec<String>,
}

/// `GET https://host/path?a=b`.
fn request(words: &[String]) -> RequestPoint {
    let (method, url) = words.first().unwrap().split_once(' ').unwrap();
    let (_, rest) = url.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut parts = BTreeMap::from([
        (RequestPart::Method, method.to_owned()),
        (RequestPart::Host, host.to_owned()),
        (RequestPart::Path, format!("/{path}")),
    ]);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap();
        parts.insert(RequestPart::Query(name.to_owned()), value.to_owned());
    }
    for header in words.iter().skip(1) {
        let (name, value) = header.split_once(": ").unwrap();
        parts.insert(RequestPart::Header(name.to_ascii_lowercase()), value.to_owned());
    }
    RequestPoint { parts }
}

/// The names of routes that never answer.
fn dead(tables: &[RouteTables], languages: &Languages) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for table in tables {
        let found = compare(languages, &RouteTable::default(), &table.after, &mut STEPS.clone()).unwrap();
        let entries = table.after.entries();
        names.extend(found.dead.into_iter().map(|at| entries.get(at).unwrap().name.clone()));
    }
    names
}

#[test]
fn requests_are_answered_as_the_rules_say() {
    let mut asked = 0;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/routes");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let cases: BTreeMap<String, Case> = serde_saphyr::from_str(&text).unwrap();
        for (name, case) in cases {
            assert!(!case.source.is_empty());
            let mut notes = Vec::new();
            let found = manifests("routes.yaml", case.manifests.as_bytes(), &mut notes);
            let mut languages = Languages::default();
            let read = read_routes(&found, notes, &mut languages);
            assert_eq!(read.notes.len(), case.not_understood.len(), "{name}: {:?}", read.notes);
            for (note, expected) in read.notes.iter().zip(&case.not_understood) {
                let told = format!("{}: {}", note.object, note.why);
                assert!(told.contains(expected.as_str()), "{name}: {told}");
            }
            let tables = RouteTables::of(ReadRoutes::default(), read, &mut languages);
            if let Some(never) = &case.never {
                assert_eq!(dead(&tables, &languages), *never, "{name}");
            }
            for expected in &case.answers {
                let table = tables.iter().find(|table| table.place == expected.place);
                let places: Vec<&String> = tables.iter().map(|table| &table.place).collect();
                let table = &table.unwrap_or_else(|| panic!("{name}: {places:?}")).after;
                let answers = table.answers(&request(&expected.request), &languages).unwrap();
                let by: BTreeSet<&str> = answers
                    .into_iter()
                    .map(|at| table.entries().get(at).unwrap().backend.as_deref().unwrap_or("nobody"))
                    .collect();
                let wanted: BTreeSet<&str> = expected.by.iter().map(String::as_str).collect();
                assert_eq!(by, wanted, "{name}: {:?}", expected.request);
                asked += 1;
            }
        }
    }
    assert!(asked > 180, "{asked}");
}
