//! Edits of guarded manifests, each with what is found.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't do its work should fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use freezegate::decision::standing::standing;
use freezegate::guard::{GuardFault, GuardedEdit, GuardedFile, GuardedRoutes};
use freezegate::policy::Policy;
use freezegate::reach::Reach;
use freezegate::reach::routes::AffectedRoute;
use freezegate::route::note::RouteNote;
use serde::Deserialize;

use crate::policies::files::Memory;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    routes: String,
    before: BTreeMap<String, String>,
    after: BTreeMap<String, String>,
    /// Id, level, environment and message.
    #[serde(default)]
    findings: Vec<String>,
    /// Each affected route: its file, the owners that are reached in any case, and the edited file. Not looked at if there is none.
    affected: Option<Vec<String>>,
    /// The request of the first finding.
    request: Option<String>,
    /// The line of the first finding.
    line: Option<u64>,
    /// Parts of what is only reported.
    #[serde(default)]
    standing: Vec<String>,
    /// Parts of the errors.
    #[serde(default)]
    faults: Vec<String>,
}

fn manifest(text: &str) -> Vec<u8> {
    let Some(words) = text.strip_prefix("ingress ") else {
        return text.as_bytes().to_vec();
    };
    let words: Vec<&str> = words.split_whitespace().collect();
    let [object, host, path, service] = words.as_slice() else {
        panic!("{text}");
    };
    let (namespace, name) = object.split_once('/').unwrap();
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  \
         ingressClassName: nginx\n  rules:\n  - host: \"{host}\"\n    http:\n      paths:\n      - path: {path}\n        \
         pathType: Prefix\n        backend: {{service: {{name: {service}, port: {{number: 80}}}}}}\n"
    )
    .into_bytes()
}

fn files<'c>(all: impl Iterator<Item = (&'c String, &'c String)>) -> Vec<GuardedFile> {
    all.map(|(path, text)| GuardedFile { path: path.clone(), content: manifest(text) }).collect()
}

fn policy(routes: &str) -> Policy {
    let text = format!(
        "version = 1\n[environments.production]\naliases = [\"prod\"]\n[environments.pre-production]\naliases = \
         [\"preprod\"]\n[routes]\n{routes}"
    );
    Memory::one(text).load().unwrap()
}

/// Returns what differs between two trees; paths that are not guarded are left out, as where they come from git.
fn edit(case: &Case, guarded: &GuardedRoutes<'_>) -> GuardedEdit {
    let is_guarded = |(path, _): &(&String, &String)| guarded.is_guarded(path.as_bytes());
    let before = || case.before.iter().filter(is_guarded);
    let after = || case.after.iter().filter(is_guarded);
    GuardedEdit {
        kept: files(after().filter(|(path, text)| case.before.get(*path) == Some(*text))),
        removed: files(before().filter(|(path, text)| case.after.get(*path) != Some(*text))),
        added: files(after().filter(|(path, text)| case.before.get(*path) != Some(*text))),
    }
}

fn told(fault: &GuardFault) -> String {
    match fault {
        GuardFault::NotUnderstood(note) => note.why.clone(),
        GuardFault::BesideUnread { unread, host, .. } => format!("beside {} at {host}", unread.object),
        GuardFault::NotComputed { table, why } => format!("{table}: {why}"),
    }
}

fn affected(one: &AffectedRoute) -> String {
    let owners: Vec<&str> = one.elsewhere.iter().map(String::as_str).collect();
    let owners = if owners.is_empty() { String::new() } else { format!(" ({})", owners.join(", ")) };
    format!("{}{owners} by {}", one.file.as_deref().unwrap_or("-"), one.by)
}

fn are_like(name: &str, found: &[String], expected: &[String]) {
    assert_eq!(found.len(), expected.len(), "{name}: {found:#?}");
    for (found, part) in found.iter().zip(expected) {
        assert!(found.contains(part.as_str()), "{name}: {found} lacks {part}");
    }
}

#[test]
fn edits_are_judged_as_the_data_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/guarded/cases.yaml");
    let cases: BTreeMap<String, Case> = serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    for (name, case) in &cases {
        let policy = policy(&case.routes);
        let guarded = GuardedRoutes::of(&policy).unwrap();
        let (judged, faults) = match guarded.judge(&edit(case, &guarded)) {
            Ok(judged) => (judged, Vec::new()),
            Err(faults) => (Default::default(), faults.iter().map(told).collect()),
        };
        are_like(name, &faults, &case.faults);
        let why = |note: &RouteNote| note.why.clone();
        are_like(name, &judged.standing.iter().map(why).collect::<Vec<_>>(), &case.standing);
        let first = judged.conflicts.first().map(|one| one.proof.clone());
        if let Some(expected) = &case.affected {
            assert_eq!(judged.affected.iter().map(affected).collect::<Vec<_>>(), *expected, "{name}");
        }
        let reach = Reach { route_conflicts: judged.conflicts, ..Reach::default() };
        let findings = standing(&reach).into_iter().map(|one| {
            format!("{} {} {}: {}", one.id(), one.level.as_str(), one.environment.unwrap_or_default(), one.message)
        });
        assert_eq!(findings.collect::<Vec<_>>(), case.findings, "{name}");
        assert_eq!(first.as_ref().and_then(|one| one.request.clone()), case.request, "{name}");
        assert!(case.line.is_none() || first.map(|one| one.line) == case.line, "{name}");
    }
    assert!(cases.len() > 30);
}

/// The same edit in reverse takes nothing that it did not give: what is the same in both trees is no conflict.
#[test]
fn equal_trees_have_no_conflicts() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/guarded/cases.yaml");
    let cases: BTreeMap<String, Case> = serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    for (name, case) in &cases {
        let policy = policy(&case.routes);
        let guarded = GuardedRoutes::of(&policy).unwrap();
        let all = edit(&Case { before: case.after.clone(), ..read(case) }, &guarded);
        assert!(all.added.is_empty() && all.removed.is_empty());
        let judged = guarded.judge(&all).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        assert!(judged.conflicts.is_empty(), "{name}");
    }
}

/// Objects whose hosts are apart from those of the edit are left out, unless the edit may concern any host: then the same
/// is found.
#[test]
fn what_is_left_out_changes_no_finding() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/guarded/cases.yaml");
    let cases: BTreeMap<String, Case> = serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let gateway = |port: u16| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: other, namespace: other}}\n\
             spec: {{gatewayClassName: any, listeners: [{{name: a, port: {port}, protocol: HTTP}}]}}\n"
        )
    };
    let mut compared = 0;
    for (name, case) in &cases {
        let policy = policy(&case.routes);
        let guarded = GuardedRoutes::of(&policy).unwrap();
        let mut edit = edit(case, &guarded);
        // others of other hosts, so that there is something to leave out
        let Some(path) = edit.added.iter().chain(&edit.removed).map(|file| file.path.clone()).next() else {
            continue;
        };
        let beside = |name: &str| Path::new(&path).with_file_name(name).to_str().unwrap().to_owned();
        let other = manifest("ingress production/apart apart.example.net / apart");
        edit.kept.push(GuardedFile { path: beside("apart.yaml"), content: other });
        let found = guarded.judge(&edit).map(|judged| judged.conflicts);
        let file = |port| GuardedFile { path: beside("gateway.yaml"), content: gateway(port).into_bytes() };
        edit.removed.push(file(80));
        edit.added.push(file(81));
        match (guarded.judge(&edit), found) {
            (Ok(judged), Ok(found)) => assert_eq!(judged.conflicts, found, "{name}"),
            // the Gateway's path may be a fault by itself
            (judged, found) => assert!(judged.is_err() && found.is_err(), "{name}"),
        }
        compared += 1;
    }
    assert!(compared > 30, "{compared}");
}

fn read(case: &Case) -> Case {
    Case {
        routes: case.routes.clone(),
        before: case.before.clone(),
        after: case.after.clone(),
        findings: Vec::new(),
        affected: None,
        request: None,
        line: None,
        standing: Vec::new(),
        faults: Vec::new(),
    }
}

/// Only tables that differ are compared.
#[test]
fn tables_that_are_the_same_cost_nothing() {
    let policy = policy("paths = [\"{environment}/{region}/**\"]\n");
    let guarded = GuardedRoutes::of(&policy).unwrap();
    let file = |region: usize, path: &str| GuardedFile {
        path: format!("prod/r{region}/a.yaml"),
        content: manifest(&format!("ingress shop/a shop.example.com {path} a")),
    };
    let edit = GuardedEdit {
        kept: (1..50).map(|region| file(region, "/")).collect(),
        removed: vec![file(0, "/")],
        added: vec![file(0, "/cart")],
    };
    assert_eq!(guarded.judge(&edit).unwrap().compared, 1);
}

#[test]
fn the_default_branch_is_guarded_unless_refs_are_named() {
    let of = |text: &str| policy(text);
    let plain = of("paths = [\"{environment}/**\"]");
    let plain = GuardedRoutes::of(&plain).unwrap();
    assert!(plain.is_of_ref(b"refs/heads/main", Some(true)) && plain.is_of_ref(b"refs/heads/x", None));
    assert!(!plain.is_of_ref(b"refs/heads/x", Some(false)));
    let named = of("paths = [\"{environment}/**\"]\nrefs = [\"refs/heads/release/*\"]");
    let named = GuardedRoutes::of(&named).unwrap();
    assert!(named.is_of_ref(b"refs/heads/release/1", Some(false)));
    assert!(!named.is_of_ref(b"refs/heads/main", Some(true)));
}

/// Else an edit that guards less would be kept out by what it takes away.
#[test]
fn the_policy_itself_is_not_guarded() {
    let text = "version = 1\n[environments.production]\n[routes]\npaths = [\"**\"]\nowners = [\"{environment}\"]\n";
    let policy = Memory::one(text.to_owned()).load().unwrap();
    let guarded = GuardedRoutes::of(&policy).unwrap();
    assert!(guarded.is_guarded(b"routes/a.yaml") && guarded.is_guarded(b"routes/a.toml"));
    assert!(GuardedRoutes::is_toml(b"freezegate.toml", text.as_bytes()));
    // what is called so and holds a manifest, or could be read as one too, is guarded
    for content in [
        "kind: Ingress\n",
        "x = \"\"\"\n---\nkind: Ingress\n---\n#\"\"\"\n",
        "x = \"\"\"\r...\r\"\"\"\n",
        "# x\u{85}kind: Ingress\n",
        "# x\u{2028}---\n",
    ] {
        assert!(!GuardedRoutes::is_toml(b"routes/a.toml", content.as_bytes()), "{content}");
    }
    assert!(!GuardedRoutes::is_toml(b"routes/a.yaml", b"x = 1\n"));
}
