//! `check --manifests`, as people and jobs run it. What is read and found is tested in the library.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::fs;
use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::clean::command;

const HAZARDS: &str = "version = 1\n[environments.production]\n[environments.preprod]\n\
    [hazards.stopped]\nresources = [\"Deployment\"]\nattributes = [\"replicas-0\"]\n\
    [[freezes]]\nname = \"stops\"\nalways = true\nlevel = \"soft\"\nhazards = [\"stopped\"]\n\
    [[lifts]]\nlevel = \"soft\"\nincident = true\nsigned = []\n";
const ROUTES: &str = "[routes]\npaths = [\"routes/**\"]\nowners = [\"{environment}\"]\n";

fn deployment(replicas: u8) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{replicas: {replicas}}}\n")
}

fn ingress(namespace: &str, path: &str) -> String {
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web, namespace: {namespace}}}\nspec: \
         {{rules: [{{host: a.example.com, http: {{paths: [{{path: {path}, pathType: Prefix, backend: {{service: {{name: \
         web}}}}}}]}}}}]}}\n"
    )
}

struct Folder(TempDir);

impl Folder {
    fn new(policy: &str) -> Self {
        let folder = Self(TempDir::new().unwrap());
        folder.file("freezegate.toml", policy);
        folder
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn check(&self, arguments: &[&str], input: &str) -> (Option<i32>, Value) {
        let mut command = command(env!("CARGO_BIN_EXE_freezegate"), self.0.path(), self.0.path());
        command.arg("check").args(arguments).args(["--format", "json"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        // who reads no input ends before
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let answer = serde_json::from_slice(&stdout).unwrap_or_else(|_| String::from_utf8_lossy(&stderr).into());
        (status.code(), answer)
    }
}

fn ids(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn message(answer: &Value) -> &str {
    answer.pointer("/errors/0/message").and_then(Value::as_str).unwrap()
}

#[test]
fn a_hazard_and_a_route_that_takes_requests_are_refused() {
    let folder = Folder::new(&format!("{HAZARDS}{ROUTES}"));
    folder.file("old/web.yaml", &(deployment(3) + &ingress("production", "/")));
    folder.file("new/web.yaml", &(deployment(0) + &ingress("production", "/")));
    folder.file("new/other.yaml", &ingress("preprod", "/cart"));
    let compared = ["production", "--manifests-before", "old", "--manifests", "new"];
    let (status, answer) = folder.check(&compared, "");
    assert_eq!(status, Some(1), "{answer}");
    assert_eq!(ids(&answer), ["route-hijack/a.example.com", "freeze/stops"]);
    assert_eq!(answer["change"]["manifests"], serde_json::json!({ "objects": 3, "changed": 2 }));
    let (status, answer) = folder.check(&["production", "--manifests-before", "old", "--manifests", "old"], "");
    assert_eq!((status, ids(&answer)), (Some(0), Vec::new()));
}

#[test]
fn a_workload_may_be_stopped_where_that_hazard_is_exempt() {
    let folder = Folder::new(
        &HAZARDS.replace("[environments.preprod]\n", "[environments.preprod]\nexempt_hazards = [\"stopped\"]\n"),
    );
    folder.file("old.yaml", &deployment(3));
    folder.file("new.yaml", &deployment(0));
    let compared = |environment| [environment, "--manifests-before", "old.yaml", "--manifests", "new.yaml"];
    let (status, answer) = folder.check(&compared("production"), "");
    assert_eq!((status, ids(&answer)), (Some(1), vec!["freeze/stops"]));
    let (status, answer) = folder.check(&compared("preprod"), "");
    assert_eq!((status, ids(&answer)), (Some(0), vec!["freeze/stops"]));
    assert_eq!(answer["findings"][0]["lifted_by"], "exempt: hazard stopped in preprod");
}

/// As `kubectl apply --filename` reads a folder: links to files by the link's name, and the folder itself.
#[cfg(unix)]
#[test]
fn links_to_files_are_followed() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(HAZARDS);
    let at = |path: &str| folder.0.path().join(path);
    folder.file("old/a.yaml", &deployment(3));
    folder.file("new/notes.txt", &deployment(0));
    symlink("notes.txt", at("new/a.yaml")).unwrap();
    symlink("new", at("link")).unwrap();
    for named in ["new", "link"] {
        let (status, answer) = folder.check(&["production", "--manifests-before", "old", "--manifests", named], "");
        assert_eq!((status, ids(&answer)), (Some(1), vec!["freeze/stops"]), "{named}");
    }
    for (to, expected) in [("nowhere", "can't be read"), (".", "is a symbolic link to a folder")] {
        symlink(to, at("new/b.yaml")).unwrap();
        let (status, answer) = folder.check(&["production", "--manifests-before", "old", "--manifests", "new"], "");
        assert_eq!(status, Some(2), "{to}: {answer}");
        assert!(message(&answer).contains(expected), "{to}: {answer}");
        fs::remove_file(at("new/b.yaml")).unwrap();
    }
}

#[test]
fn manifests_are_read_from_standard_input() {
    let folder = Folder::new(HAZARDS);
    folder.file("old.yaml", &deployment(3));
    let compared = ["production", "--manifests-before", "old.yaml", "--manifests", "-"];
    assert_eq!(folder.check(&compared, &deployment(5)).0, Some(0));
    let (status, answer) = folder.check(&compared, &deployment(0));
    assert_eq!((status, ids(&answer)), (Some(1), vec!["freeze/stops"]));
}

#[test]
fn what_is_not_compared_may_show_any_hazard() {
    let folder = Folder::new(HAZARDS);
    let (status, answer) = folder.check(&["production", "--manifests", "-"], &deployment(5));
    assert_eq!((status, ids(&answer)), (Some(1), vec!["freeze/stops"]));
    assert_eq!(answer["change"]["manifests"], serde_json::json!({ "objects": 1, "changed": null }));
}

#[test]
fn what_can_not_be_told_is_no_decision() {
    let folder = Folder::new(&format!("{HAZARDS}{ROUTES}"));
    folder.file("old.yaml", &deployment(3));
    folder.file("empty.yaml", "# nothing\n");
    for (arguments, input, expected) in [
        (
            vec!["--manifests-before", "old.yaml", "--manifests", "-"],
            deployment(0),
            "nothing says where the manifests are applied",
        ),
        (vec!["production", "--manifests", "-"], deployment(0), "the earlier routes are not known"),
        (
            vec!["production", "--manifests", "-", "--manifests-before", "-"],
            deployment(0),
            "both `--manifests` and `--manifests-before`",
        ),
        (vec!["production", "--manifests", "empty.yaml"], String::new(), "`--manifests` holds no objects"),
        (vec!["production", "--manifests", "none.yaml"], String::new(), "`/"),
        (
            vec!["production", "--manifests", "-", "--manifests-before", "old.yaml"],
            "kind: [".to_owned(),
            "manifest standard input:",
        ),
    ] {
        let (status, answer) = folder.check(&arguments, &input);
        assert_eq!(status, Some(2), "{arguments:?} {answer}");
        assert!(message(&answer).starts_with(expected), "{arguments:?} {answer}");
    }
}
