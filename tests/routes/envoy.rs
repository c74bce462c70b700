//! Tables of routes and what a real Envoy answered: `tests/routes/differential.py` asked it.

use std::fs;
use std::path::Path;

use freezegate::route::compare::{STEPS, compare};
use freezegate::route::language::Languages;
use freezegate::route::manifest::manifests;
use freezegate::route::read::read_routes;
use freezegate::route::reader::ReadRoutes;
use freezegate::route::table::{RequestPoint, RouteTable};
use freezegate::route::tables::RouteTables;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    before: Vec<Value>,
    after: Vec<Value>,
    /// A request, and which backends answered it before and after; `None`: Envoy's 404.
    asked: Vec<(String, Option<String>, Option<String>)>,
}

fn read(objects: &[Value], languages: &mut Languages) -> ReadRoutes {
    let text: Vec<String> = objects.iter().map(Value::to_string).collect();
    let mut notes = Vec::new();
    let found = manifests("routes.yaml", text.join("\n---\n").as_bytes(), &mut notes);
    read_routes(&found, notes, languages)
}

#[test]
fn envoy_answers_as_the_tables_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/routes-envoy.json");
    let cases: Vec<Case> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut hands = 0;
    for (number, case) in cases.iter().enumerate() {
        let mut languages = Languages::default();
        let (before, after) = (read(&case.before, &mut languages), read(&case.after, &mut languages));
        assert!(before.notes.is_empty() && after.notes.is_empty());
        let tables = RouteTables::of(before, after, &mut languages);
        let [tables] = tables.as_slice() else {
            panic!("{tables:?}");
        };
        let found = compare(&languages, &tables.before, &tables.after, &mut STEPS.clone()).unwrap();
        let backend = |table: &RouteTable, at: usize| {
            let entry = table.entries().get(at).unwrap();
            entry.backend.as_ref().map(|backend| backend.trim_start_matches("test/").to_owned())
        };
        for (request, was, is) in &case.asked {
            let (url, headers) = request.split_once(", ").unwrap_or((request, ""));
            let headers: Vec<String> = headers.split(", ").filter(|one| !one.is_empty()).map(str::to_owned).collect();
            let point = RequestPoint::parse(url, &headers).unwrap();
            for (table, expected) in [(&tables.before, was), (&tables.after, is)] {
                let answers = table.answers(&point, &languages).unwrap();
                let answers: Vec<Option<String>> = answers.into_iter().map(|at| backend(table, at)).collect();
                assert_eq!(answers.as_slice(), std::slice::from_ref(expected), "{number}: {request}");
            }
            if was != is {
                hands += 1;
                let is_named = found.changes.iter().any(|change| {
                    backend(&tables.before, change.before) == *was && backend(&tables.after, change.after) == *is
                });
                assert!(is_named, "{number}: {request}");
            }
        }
    }
    assert!(cases.len() >= 40 && hands > 100, "{} {hands}", cases.len());
}
