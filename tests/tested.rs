//! `freezegate test`, as people and jobs run it. What it judges is tested in the library.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::clean::command;

const POLICY: &str =
    "version = 1\n[environments.production]\n[[targets]]\npaths = [\"app/**\"]\nenvironment = \"production\"\n";

fn cases(decision: &str) -> String {
    format!(
        "version = 1\n[[cases]]\nname = \"any <day>\"\nat = 2026-07-15T12:00:00Z\nenvironment = \"production\"\ndecision = \"{decision}\"\n"
    )
}

fn test(folder: &Path, arguments: &[&str]) -> Output {
    command(env!("CARGO_BIN_EXE_freezegate"), folder, folder).arg("test").args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn cases_are_found_beside_the_policy_and_tell_by_the_status_whether_they_hold() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("freezegate.toml", POLICY);
    let none = test(folder.path(), &[]);
    assert_eq!(none.status.code(), Some(2), "{none:?}");
    assert!(String::from_utf8(none.stderr).unwrap().contains("freezegate.test.toml"));
    write("freezegate.test.toml", &cases("allowed"));
    let held = test(folder.path(), &[]);
    assert_eq!(
        (held.status.code(), out(&held).as_str()),
        (Some(0), "passed: 1 case of freezegate.test.toml, by freezegate.toml\n")
    );
    // no case reaches anything by the target
    let covered = test(folder.path(), &["--coverage"]);
    assert_eq!(covered.status.code(), Some(1), "{covered:?}");
    assert!(out(&covered).contains("not covered: no case matches the target `"));
    write("more.test.toml", &format!("policy = \"freezegate.toml\"\n{}", cases("refused")));
    let failed = test(folder.path(), &["--format", "json"]);
    let answer: Value = serde_json::from_str(&out(&failed)).unwrap();
    assert_eq!(
        (failed.status.code(), &answer["result"], &answer["schema"]),
        (Some(1), &"failed".into(), &"freezegate/test/v1".into())
    );
    let passed = |file: usize| answer["files"][file]["cases"][0]["passed"].as_bool();
    assert_eq!((passed(0), passed(1)), (Some(true), Some(false)));
    assert_eq!(answer["files"][1]["cases"][0]["answers"][0]["decision"], "allowed");
    let junit = test(folder.path(), &["--format", "junit", "more.test.toml", "--output", "tests.xml"]);
    assert_eq!(junit.status.code(), Some(1));
    let document = fs::read_to_string(folder.path().join("tests.xml")).unwrap();
    let tree = roxmltree::Document::parse(&document).unwrap();
    let failures: Vec<&str> = tree
        .descendants()
        .filter(|node| node.has_tag_name("failure"))
        .map(|node| node.attribute("message").unwrap())
        .collect();
    assert_eq!(failures, ["at 2026-07-15T12:00:00Z: `decision`: expected refused, got allowed"]);
    let frozen =
        format!("{POLICY}[[freezes]]\nname = \"all day\"\nhours = [\"daily 00:00-23:00\"]\ntimezone = \"UTC\"\n");
    write("frozen.toml", &frozen);
    write("frozen.test.toml", &format!("policy = \"frozen.toml\"\n{}", cases("allowed")));
    let junit = test(folder.path(), &["--format", "junit", "frozen.test.toml"]);
    assert!(out(&junit).contains("expected allowed, got refused; refused by freeze/all day"), "{}", out(&junit));
    let case = tree.descendants().find(|node| node.has_tag_name("testcase")).unwrap();
    assert_eq!((case.attribute("name"), case.attribute("file")), (Some("any <day>"), Some("more.test.toml")));
}

/// Everything that is wrong with any file is told at once, and nothing is judged.
#[test]
fn what_cannot_be_judged_is_no_answer() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("freezegate.toml", POLICY);
    write("freezegate.test.toml", &cases("alowed"));
    write("other.test.toml", &cases("refusd"));
    let wrong = test(folder.path(), &["--format", "json"]);
    let told = String::from_utf8(wrong.stderr.clone()).unwrap();
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    for place in ["freezegate.test.toml:6", "other.test.toml:6"] {
        assert!(told.contains(place), "{told}");
    }
    let answer: Value = serde_json::from_str(&out(&wrong)).unwrap();
    assert_eq!((&answer["result"], answer["errors"].as_array().unwrap().len()), (&"undecided".into(), 2));
    assert_eq!(answer["errors"][1]["place"], "other.test.toml:6");
    // there is no policy `lost.toml`
    write("lost.test.toml", &cases("allowed"));
    let lost = test(folder.path(), &["lost.test.toml"]);
    assert_eq!(lost.status.code(), Some(2), "{lost:?}");
    assert!(String::from_utf8(lost.stderr).unwrap().contains("lost.toml"));
    let unnamed = test(folder.path(), &["cases.toml"]);
    assert_eq!(unnamed.status.code(), Some(2), "{unnamed:?}");
}

/// A plan lies beside the cases that name it, wherever the program is started, and is judged as `check` judges it.
#[test]
fn a_plan_is_found_from_the_folder_of_its_cases() {
    let folder = TempDir::new().unwrap();
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    fs::create_dir(folder.path().join("ops")).unwrap();
    for name in ["dixa.toml", "dixa.test.toml", "dixa.plan.json"] {
        fs::copy(policies.join(name), folder.path().join("ops").join(name)).unwrap();
    }
    let held = test(folder.path(), &["--coverage", "ops/dixa.test.toml"]);
    assert_eq!(held.status.code(), Some(0), "{held:?}");
    let answer: Value =
        serde_json::from_str(&out(&test(folder.path(), &["--format", "json", "ops/dixa.test.toml"]))).unwrap();
    let case = answer["files"][0]["cases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "the outage: its plan, by day, whatever the change is called")
        .unwrap();
    let mut check = command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path());
    check.args([
        "check",
        "production",
        "--kind",
        "deploy",
        "--policy",
        "ops/dixa.toml",
        "--plan",
        "ops/dixa.plan.json",
    ]);
    let checked = check.args(["--at", "2025-07-01T10:49:00Z", "--format", "json"]).output().unwrap();
    let checked: Value = serde_json::from_str(&out(&checked)).unwrap();
    let ids: Vec<&Value> = checked["findings"].as_array().unwrap().iter().map(|finding| &finding["id"]).collect();
    let judged = &case["answers"][0];
    assert_eq!(judged["findings"].as_array().unwrap().iter().collect::<Vec<_>>(), ids);
    assert_eq!((&judged["decision"], &judged["next_open"]), (&checked["decision"], &checked["next_open"]));
    fs::remove_file(folder.path().join("ops/dixa.plan.json")).unwrap();
    let lost = test(folder.path(), &["ops/dixa.test.toml"]);
    assert_eq!(lost.status.code(), Some(2), "{lost:?}");
    assert!(String::from_utf8(lost.stderr).unwrap().contains("the plan `dixa.plan.json`: it can't be read"));
}

/// Files that are too large are errors, soon.
#[test]
fn files_that_are_too_large_are_no_answer() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("freezegate.toml", POLICY);
    write("freezegate.test.toml", &format!("{}#{}", cases("allowed"), "x".repeat(10 << 20)));
    let large = test(folder.path(), &[]);
    assert_eq!(large.status.code(), Some(2), "{large:?}");
    assert!(String::from_utf8(large.stderr).unwrap().contains("`freezegate.test.toml` is larger than 8 MiB"));
    write("freezegate.test.toml", &format!("{}plan = \"plan.json\"\n", cases("allowed")));
    write("plan.json", "{\"format_version\":\"1.2\",\"planned_values\":\"");
    fs::OpenOptions::new().write(true).open(folder.path().join("plan.json")).unwrap().set_len(1 << 30).unwrap();
    let large = test(folder.path(), &[]);
    assert_eq!(large.status.code(), Some(2), "{large:?}");
    assert!(String::from_utf8(large.stderr).unwrap().contains("the plan `plan.json`: it "));
}

/// Manifests lie beside the cases that name them too; routes and hazards of both states are compared.
#[test]
fn manifests_are_found_from_the_folder_of_their_cases() {
    const HAZARDS: &str = "[hazards.stopped]\nresources = [\"Deployment\"]\nattributes = [\"replicas-0\"]\n[[freezes]]\n\
        name = \"stops\"\nhours = [\"daily 00:00-24:00\"]\ntimezone = \"UTC\"\nlevel = \"soft\"\nhazards = [\"stopped\"]\n\
        [[lifts]]\nlevel = \"soft\"\nincident = true\nsigned = []\n[environments.preprod]\n[routes]\npaths = [\"routes/**\"]\n\
        owners = [\"{environment}\"]\n";
    let folder = TempDir::new().unwrap();
    let ops = folder.path().join("ops");
    fs::create_dir_all(ops.join("after")).unwrap();
    fs::write(ops.join("freezegate.toml"), format!("{POLICY}{HAZARDS}")).unwrap();
    let deployment = |replicas: u8| {
        format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{replicas: {replicas}}}\n")
    };
    let ingress = |namespace: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a, namespace: {namespace}}}\nspec: {{rules: \
             [{{host: a.example.com, http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: a}}}}}}]}}}}]}}\n"
        )
    };
    fs::write(ops.join("before.yaml"), format!("{}---\n{}", deployment(1), ingress("production"))).unwrap();
    fs::write(ops.join("after/web.yaml"), deployment(0)).unwrap();
    fs::write(ops.join("after/route.yaml"), ingress("preprod")).unwrap();
    let case = |name: &str, named: &str, expected: &str| {
        format!(
            "[[cases]]\nname = \"{name}\"\nat = 2026-07-15T12:00:00Z\nenvironment = \"production\"\n{named}\n{expected}\n"
        )
    };
    let both = "manifests = \"after\"\nmanifests_before = \"before.yaml\"";
    let refused = "decision = \"refused\"\nfindings = [\"route-hijack/a.example.com\", \"freeze/stops\"]";
    let same = "manifests = \"before.yaml\"\nmanifests_before = \"before.yaml\"";
    let cases = format!(
        "version = 1\n{}{}",
        case("both", both, refused),
        case("the same", same, "decision = \"allowed\"\nfindings = []")
    );
    fs::write(ops.join("freezegate.test.toml"), cases).unwrap();
    let passed = test(folder.path(), &["ops/freezegate.test.toml"]);
    assert_eq!(passed.status.code(), Some(0), "{passed:?}");
    for (named, part) in [
        ("manifests = \"after\"", "the earlier routes are not known"),
        ("manifests = \"nowhere\"", "the manifests `nowhere`:"),
        ("manifests = \"freezegate.toml\"", "manifest ops/freezegate.toml:1: not an object of Kubernetes"),
    ] {
        let cases = format!("version = 1\n{}", case("wrong", named, "decision = \"allowed\""));
        fs::write(ops.join("freezegate.test.toml"), cases).unwrap();
        let wrong = test(folder.path(), &["ops/freezegate.test.toml"]);
        assert_eq!(wrong.status.code(), Some(2), "{named}: {wrong:?}");
        let told = String::from_utf8_lossy(&wrong.stderr).replace("\n", " ");
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(part), "{named}: {told}");
    }
}
