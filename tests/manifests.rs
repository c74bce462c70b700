//! Rendered manifests: what they change, and what is not read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use freezegate::change::command::FactValue;
use freezegate::change::plan::PlannedChange;
use freezegate::fact::FactKey;
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
    assert_eq!(messages, ["`pre-production` takes requests of `production` at `login.example.com`"]);
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

/// A public manifest, and how the real kubectl reads it.
#[derive(Deserialize)]
struct Public {
    file: String,
    text: String,
    /// Its objects; `None` if kubectl refuses it.
    objects: Option<Vec<PublicObject>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct PublicObject {
    object: String,
    labels: Vec<String>,
    images: Vec<String>,
}

fn seen(change: &PlannedChange) -> PublicObject {
    let of = |key: FactKey| match change.facts.iter().find(|(known, _)| *known == key) {
        Some((_, FactValue::AnyOf(values))) => {
            values.iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect()
        }
        Some((_, FactValue::NotUnderstood(_))) | None => Vec::new(),
    };
    PublicObject { object: change.address.clone(), labels: of(FactKey::Labels), images: of(FactKey::Images) }
}

/// `tests/data/manifests/public.json`, which `tests/commands/annotate.py` wrote.
#[test]
fn public_manifests_are_read_as_kubectl_reads_them() {
    let rows: Vec<Public> = serde_json::from_str(include_str!("data/manifests/public.json")).unwrap();
    let (mut same, mut stricter, mut differing) = (0, Vec::new(), Vec::new());
    for row in rows {
        let read = RenderedManifests::read(file(&row.text), None);
        let read = read.map(|read| {
            let mut seen: Vec<PublicObject> = read.changes.iter().map(seen).collect();
            seen.sort();
            seen
        });
        match (read, row.objects) {
            // a file of no objects is refused where the command reads it
            (Ok(read), None) if read.is_empty() => same += 1,
            (Ok(read), Some(mut objects)) => {
                objects.sort();
                if read == objects {
                    same += 1;
                } else {
                    differing.push(format!("{}: {read:?}\n{objects:?}", row.file));
                }
            }
            (Ok(read), None) => differing.push(format!("{}: kubectl refuses {read:?}", row.file)),
            (Err(_), None) => same += 1,
            (Err(error), Some(_)) => stricter.push(format!("{}: {}", row.file, error.why)),
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    // kubectl takes the last of two keys, and a server makes up a name
    let is_meant = |one: &&String| one.contains(": duplicate mapping key") || one.ends_with("without `metadata.name`");
    assert!(stricter.iter().all(|one| is_meant(&one)), "{}", stricter.join("\n"));
    assert!(!stricter.is_empty());
    assert!(same >= 150, "{same}");
}

/// What nobody renders is refused soon, with its place and without a value of it.
#[test]
fn hostile_manifests_are_refused_with_their_place() {
    let secret = "hunter2";
    let head = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData: {{password: {secret}}}\n");
    let bomb: String = (1..30)
        .map(|level| format!("b{level}: &b{level} [{}]\n", vec![format!("*b{}", level - 1); 9].join(", ")))
        .collect();
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let many = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n".repeat(20_001);
    for (name, text) in [
        ("aliases", format!("{head}b0: &b0 x\n{bomb}")),
        ("an alias of itself", format!("{head}x: &x [*x]\n")),
        ("an alias of nothing", format!("{head}x: *y\n")),
        ("brackets", format!("{head}x: {}\n", nested("[", "]"))),
        ("braces", format!("{head}x: {}\n", nested("{a: ", "}"))),
        (
            "JSON",
            format!("{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"p\":\"{secret}\",\"x\":{}}}", nested("[", "]")),
        ),
        ("dashes", format!("{head}x:\n  {}1\n", "- ".repeat(100_000))),
        ("documents", many),
        ("a zero byte", format!("{head}x: \0\n")),
        ("an open quote", format!("{head}x: \"{secret}\n")),
        ("an open bracket", format!("{head}x: [{secret}\n")),
        ("a tab", format!("{head}x:\n\t{secret}: {secret}\n")),
        ("a tag", format!("{head}x: !!int {secret}\n")),
        ("a key twice", format!("{head}x: {{{secret}: 1, y: 2}}\nx: {secret}\n")),
    ] {
        let error = RenderedManifests::read(file(&text), None).map(|read| read.objects).unwrap_err();
        assert!(error.place.starts_with("a.yaml"), "{name}: {error:?}");
        assert!(!error.why.contains(secret) && error.why.len() < 300, "{name}: {error:?}");
    }
    let utf16: Vec<u8> = head.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let read = RenderedManifests::read(vec![GuardedFile { path: "a.yaml".to_owned(), content: utf16 }], None);
    assert!(read.is_err(), "{read:?}");
    // what is cut off in a value may be whole by chance, and is never another object
    for end in (0..head.len()).filter(|end| head.is_char_boundary(*end)) {
        if let Ok(read) = RenderedManifests::read(file(head.get(..end).unwrap()), None) {
            let names: Vec<&str> = read.changes.iter().map(|one| one.address.as_str()).collect();
            assert!(names.is_empty() || names == ["Secret default/a"], "{end}: {names:?}");
        }
    }
}
