//! The published schema of decisions takes every answer, describes every key, and refuses what is not an answer.

#![expect(clippy::unwrap_used, reason = "a test that can't run the program should fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::support::clean;
use crate::support::validator::Validator;

const POLICY: &str = r##"version = 1

[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]

[environments.production]
duration = "10m"
[environments.staging]
during_core_hours = "off"

[[targets]]
paths = ["deploy/{environment}/**"]

[[freezes]]
name     = "year end"
from     = "Dec 20 23:00"
until    = "Jan 5 09:00"
timezone = "UTC"
reason   = "half the on-call rota is away"

[[lifts]]
level    = "hard"
signed   = []
incident = true
"##;

/// A repository with a policy, and a commit after it that reaches production and edits the policy.
fn repository() -> TempDir {
    let folder = TempDir::new().unwrap();
    let git = |arguments: &[&str]| {
        let output = clean::command("git", folder.path(), folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["config", "user.name", "A"]);
    git(&["config", "user.email", "a@example.com"]);
    fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
    git(&["add", "."]);
    git(&["commit", "-qm", "one"]);
    fs::create_dir_all(folder.path().join("deploy/production")).unwrap();
    fs::write(folder.path().join("deploy/production/api"), "1").unwrap();
    fs::write(folder.path().join("freezegate.toml"), POLICY.replace("Jan 5 09:00", "Jan 4 09:00")).unwrap();
    git(&["add", "."]);
    git(&["commit", "-qm", "two"]);
    folder
}

fn answer(folder: &Path, arguments: &str, environment: &[(&str, &str)]) -> Value {
    let mut command = clean::command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    command.args(arguments.split(' ')).args(["--format", "json"]).envs(environment.iter().copied());
    let output = command.stdin(Stdio::null()).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Answers of every sort.
fn answers() -> Vec<Value> {
    let folder = repository();
    let ask = |arguments: &str| answer(folder.path(), arguments, &[]);
    let not_started = |arguments: &str| {
        let mut command = clean::command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path());
        let output = command.args(arguments.split(' ')).args(["--format", "json", "--", "true"]).output().unwrap();
        assert_eq!(output.status.code(), Some(125), "{arguments}");
        let text = String::from_utf8(output.stderr).unwrap();
        let line = text.lines().find(|line| line.starts_with('{')).unwrap();
        serde_json::from_str(line).unwrap()
    };
    let answers = vec![
        not_started("run staging --range HEAD~..HEAD"),
        not_started("run nowhere"),
        ask("check production --at 2026-11-28T12:00:00Z"),
        ask("check production --at 2026-12-24T16:00:00Z"),
        ask("check production --at 2026-12-24T16:00:00Z --incident INC-7 --record record.jsonl"),
        ask("check production --incident INC-7 --record record.jsonl"),
        ask("check staging --range HEAD~..HEAD --at 2026-11-28T12:00:00Z"),
        ask("check --range HEAD~..HEAD --dry-run --at 2026-11-30T15:00:00Z --policy-from HEAD~"),
        ask("check staging --declared-only --range HEAD~..HEAD --at 2026-11-28T12:00:00Z"),
        ask("next production --kind config --at 2026-11-30T15:00:00Z"),
        ask("check nowhere"),
        ask("check production --policy nowhere.toml"),
        answer(
            folder.path(),
            "check production --policy-from HEAD~",
            &[
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_EVENT_NAME", "workflow_dispatch"),
                ("GITHUB_ACTOR", "ana"),
                ("GITHUB_REPOSITORY", "example/app"),
            ],
        ),
    ];
    let verdicts: Vec<&str> = answers.iter().map(|answer| answer["decision"].as_str().unwrap()).collect();
    for verdict in ["allowed", "refused", "undecided"] {
        assert!(verdicts.contains(&verdict), "{verdicts:?}");
    }
    for key in ["rollback", "policy_edits", "not_judged", "findings", "openings", "typed_only", "reached", "errors"] {
        let has = |answer: &Value| !answer[key].is_null() && answer[key] != json!([]);
        assert!(key == "rollback" || key == "policy_edits" || answers.iter().any(has), "no answer has {key}");
    }
    answers
}

fn schema() -> Value {
    let folder = TempDir::new().unwrap();
    let mut command = clean::command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path());
    serde_json::from_slice(&command.args(["schema", "decision"]).output().unwrap().stdout).unwrap()
}

fn validator(schema: &Value) -> Validator {
    Validator::new(schema)
}

/// The keys of `part` of the schema below `path`, with their types and the values that they are bound to; sorted.
fn keys(schema: &Value, part: &Value, path: &str, found: &mut BTreeSet<String>) {
    let part = match part["$ref"].as_str() {
        Some(name) => schema.pointer(name.trim_start_matches('#')).unwrap(),
        None => part,
    };
    let types: Vec<&str> = match part["type"].as_array() {
        Some(types) => types.iter().map(|one| one.as_str().unwrap()).collect(),
        None => vec![part["type"].as_str().unwrap()],
    };
    let bound = [&part["const"], &part["enum"]].into_iter().find(|bound| !bound.is_null());
    let bound = bound.map_or_else(String::new, |bound| format!(" {bound}"));
    found.insert(format!("{path} {}{bound}", types.join("|")));
    for (key, below) in part["properties"].as_object().into_iter().flatten() {
        let required = part["required"].as_array().unwrap();
        assert!(required.contains(&json!(key)), "{path}/{key} may be left out");
        keys(schema, below, &format!("{path}/{key}"), found);
    }
    if !part["items"].is_null() {
        keys(schema, &part["items"], &format!("{path}[]"), found);
    }
}

/// The promise of `docs/src/reference/formats.md`. Lines may be added to the file; whoever changes or takes out one breaks
/// programs that read answers, and needs `decision/v2`.
#[test]
fn no_key_of_v1_is_gone_or_has_another_type() {
    let schema = schema();
    let mut now = BTreeSet::new();
    keys(&schema, &schema, "", &mut now);
    let promised: BTreeSet<String> =
        include_str!("data/decision-v1.txt").lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let broken: Vec<_> = promised.difference(&now).collect();
    assert!(broken.is_empty(), "broken: {broken:#?}");
    let new: Vec<_> = now.difference(&promised).collect();
    assert!(new.is_empty(), "add to tests/data/decision-v1.txt: {new:#?}");
}

/// The keys of `value` of which `part` of the schema says nothing.
fn undescribed(schema: &Value, part: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    let part = match part["$ref"].as_str() {
        Some(name) => schema.pointer(name.trim_start_matches('#')).unwrap(),
        None => part,
    };
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = format!("{path}/{key}");
                match part["properties"].get(key) {
                    Some(part) => undescribed(schema, part, value, &path, found),
                    None => found.push(path),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| undescribed(schema, &part["items"], item, path, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_answer_is_right_and_every_key_of_it_described() {
    let schema = schema();
    let validator = validator(&schema);
    for answer in answers() {
        assert_eq!(validator.faults(&answer), Vec::<String>::new(), "{answer}");
        let mut found = Vec::new();
        undescribed(&schema, &schema, &answer, "", &mut found);
        assert_eq!(found, Vec::<String>::new(), "{answer}");
    }
}

#[test]
fn an_answer_without_one_of_its_keys_is_none() {
    let validator = validator(&schema());
    for answer in answers() {
        let object: &Map<String, Value> = answer.as_object().unwrap();
        for key in object.keys() {
            let mut without = object.clone();
            without.remove(key);
            assert!(!validator.is_valid(&Value::Object(without)), "without {key}: {answer}");
        }
    }
}

#[test]
fn what_no_answer_says_is_refused() {
    let validator = validator(&schema());
    let answers = answers();
    let right = answers.first().unwrap();
    for (key, value) in [
        ("schema", json!("freezegate/decision/v2")),
        ("decision", json!("maybe")),
        ("standing", json!(null)),
        ("at", json!("2026-11-28 12:00")),
        ("next_open", json!(5)),
        ("reached", json!([{ "environment": "production" }])),
        ("findings", json!([{}])),
        ("errors", json!(null)),
        ("policy", json!({ "files": [] })),
    ] {
        let mut wrong = right.clone();
        wrong[key] = value.clone();
        assert!(!validator.is_valid(&wrong), "{key}: {value}");
    }
}
