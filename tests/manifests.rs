//! Rendered manifests: what they change, and what is not read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use freezegate::guard::{GuardedFile, GuardedRoutes, RenderedManifests};
use serde::Deserialize;

use crate::policies::files::Memory;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    before: Option<String>,
    after: String,
    #[serde(default)]
    changes: Vec<String>,
    error: Option<String>,
    /// What kubectl said, when the case was written.
    #[serde(rename = "kubectl")]
    _kubectl: serde_json::Value,
}

fn file(text: &str) -> Vec<GuardedFile> {
    vec![GuardedFile { path: "a.yaml".to_owned(), content: text.as_bytes().to_vec() }]
}

#[test]
fn manifests_are_read_as_kubectl_reads_them_or_not_at_all() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/manifests/cases.yaml");
    let cases: BTreeMap<String, Case> = serde_saphyr::from_str(&fs::read_to_string(data).unwrap()).unwrap();
    for (name, case) in &cases {
        let read = RenderedManifests::read(file(&case.after), case.before.as_deref().map(file));
        let told = read.map(|read| {
            let told = read.changes.iter().map(|one| {
                let names: String = one.attributes.iter().map(|attribute| format!(" {}", attribute.name)).collect();
                let more = if one.is_unclear { ", and more" } else { "" };
                format!("{} {}{names}{more}", one.address, one.action.as_str())
            });
            told.collect::<Vec<_>>()
        });
        match (told, &case.error) {
            (Ok(told), None) => assert_eq!(told, case.changes, "{name}"),
            (Err(error), Some(expected)) => {
                let error = format!("{}: {}", error.place, error.why);
                assert!(error.starts_with(expected.as_str()), "{name}: {error}");
            }
            (told, _) => panic!("{name}: {told:?}"),
        }
    }
    assert!(cases.len() >= 15);
}

fn ingress(namespace: &str, path: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {namespace}, namespace: {namespace}}}\nspec:\n  \
         rules:\n  - host: login.example.com\n    http:\n      paths:\n      - {{path: {path}, pathType: Prefix, backend: \
         {{service: {{name: login}}}}}}\n"
    )
}

#[test]
fn routes_of_rendered_manifests_are_guarded_wherever_they_lie() {
    let policy = |routes: &str| {
        let environments = "[environments.production]\naliases = [\"prod\"]\n[environments.pre-production]\n";
        Memory::one(format!("version = 1\n{environments}[routes]\n{routes}")).load().unwrap()
    };
    let read = |before: Option<&str>, after: &str| RenderedManifests::read(file(after), before.map(file)).unwrap();
    let production = ingress("production", "/");
    let both = format!("{production}---\n{}", ingress("pre-production", "/sso"));
    let owned = policy("paths = [\"deploy/**\"]\nowners = [\"{environment}\"]\n");
    let guarded = GuardedRoutes::of_rendered(&owned).unwrap();
    let judged = guarded.judge_rendered(&read(Some(&production), &both)).unwrap().unwrap();
    let messages: Vec<&str> = judged.conflicts.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(messages, ["`pre-production` would answer requests of `production` at `login.example.com`"]);
    assert!(guarded.judge_rendered(&read(Some(&both), &both)).unwrap().unwrap().conflicts.is_empty());
    assert!(guarded.judge_rendered(&read(None, &both)).is_none());
    // a stream of JSON is read too
    let json = |text: &str| {
        let values: Vec<serde_json::Value> = serde_saphyr::from_multiple(text).unwrap();
        values.iter().map(serde_json::Value::to_string).collect::<Vec<_>>().join("\n")
    };
    let judged = guarded.judge_rendered(&read(Some(&json(&production)), &json(&both))).unwrap().unwrap();
    assert_eq!(judged.conflicts.len(), 1);
    // without owners, nothing says whose a backend is
    let by_path = policy("paths = [\"deploy/{environment}/**\"]\n");
    let guarded = GuardedRoutes::of_rendered(&by_path).unwrap();
    assert!(guarded.judge_rendered(&read(Some(&production), &both)).unwrap().is_err());
}
