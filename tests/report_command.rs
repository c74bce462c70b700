//! `freezegate report`, over a record that two repositories share. What it counts is tested in the library.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::clean::command;

/// Production is held back for ages, staging is not.
const POLICY: &str = "version = 1
[environments.production]
rollout = [{ from = 2999-01-01, level = \"hard\" }]
[environments.staging]
[[targets]]
paths = [\"deploy/{environment}/**\"]
[[freezes]]
name     = \"all\"
hours    = [\"daily 00:00-24:00\"]
timezone = \"UTC\"
[[lifts]]
level    = \"hard\"
signed   = []
incident = true
";

fn git(folder: &Path, arguments: &[&str]) {
    let status = command("git", folder, folder).args(arguments).status().unwrap();
    assert!(status.success(), "git {arguments:?}");
}

/// A repository whose last commit reaches `environment`.
fn repository(home: &Path, name: &str, environment: &str) {
    let here = home.join(name);
    fs::create_dir_all(here.join("deploy").join(environment)).unwrap();
    git(&here, &["init", "--quiet", "--initial-branch=main"]);
    git(&here, &["config", "freezegate.repository", &format!("example.com/{name}")]);
    git(&here, &["commit", "--quiet", "--allow-empty", "-m", "first"]);
    fs::write(here.join("deploy").join(environment).join("app.yaml"), "a").unwrap();
    git(&here, &["add", "."]);
    git(&here, &["commit", "--quiet", "-m", "second"]);
}

fn freezegate(folder: &Path, arguments: &str) -> (Option<i32>, String, String) {
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    let ended = program.args(arguments.split_whitespace()).env("COLUMNS", "100").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn two_repositories_that_share_a_record_are_reported_together() {
    let folder = TempDir::new().unwrap();
    let home = folder.path();
    fs::write(home.join("policy.toml"), POLICY).unwrap();
    repository(home, "shop", "production");
    repository(home, "blog", "staging");
    let policy = home.join("policy.toml").display().to_string();
    let record = home.join("record.jsonl").display().to_string();
    let check = |name: &str, more: &str| {
        let asked = format!("check --enforce --policy {policy} --record {record} --range HEAD~1..HEAD {more}");
        let (status, printed, errors) = freezegate(&home.join(name), &asked);
        assert!(matches!(status, Some(0 | 1)), "{printed}{errors}");
        (status, printed)
    };
    let (status, printed) = check("shop", "");
    assert_eq!(status, Some(0), "{printed}");
    assert!(printed.contains("a warning until Tue 1 Jan 2999 00:00 UTC, then refused (hard)"), "{printed}");
    assert_eq!(check("blog", "").0, Some(1));
    assert_eq!(check("blog", "--incident INC-7").0, Some(0));

    let asked = format!("report --record {record} example.com/shop example.com/wiki --stale 7d");
    let (status, told, errors) = freezegate(home, &asked);
    assert_eq!(status, Some(1), "{told}{errors}");
    for line in [
        "3 decisions: 1 refused, 1 overridden, 1 would be refused",
        "behind: example.com/wiki, 0 decisions",
        "repository example.com/shop, 1 decision: 1 would be refused",
        "window      freeze/all: 1 refused, 1 overridden",
        "incident    INC-7",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    // who is not expected is not missing
    fs::write(home.join("all.txt"), "# ours\nexample.com/shop\n\nexample.com/blog\n").unwrap();
    let (status, told, _) = freezegate(home, &format!("report --record {record} --repositories all.txt"));
    assert_eq!(status, Some(0), "{told}");

    let (_, printed, _) = freezegate(home, &format!("report --record {record} --format json"));
    let answer: Value = serde_json::from_str(&printed).unwrap();
    let outcomes: Vec<(&Value, &Value)> =
        answer["decisions"].as_array().unwrap().iter().map(|one| (&one["repository"], &one["outcome"])).collect();
    assert_eq!(
        outcomes,
        [
            (&json!("example.com/shop"), &json!("would-be-refused")),
            (&json!("example.com/blog"), &json!("refused")),
            (&json!("example.com/blog"), &json!("overridden")),
        ]
    );
    assert_eq!(freezegate(home, "schema report").1.parse::<Value>().unwrap()["$id"], "urn:freezegate:report:v1");
    let (_, printed, _) = freezegate(home, &format!("report --record {record} --format csv --until 2000-01-01"));
    assert_eq!(printed.lines().count(), 1, "{printed}");
}

/// No report over what does not verify, and none that counts something twice.
#[test]
fn a_broken_record_gives_no_report() {
    let folder = TempDir::new().unwrap();
    let home = folder.path();
    fs::write(home.join("freezegate.toml"), POLICY).unwrap();
    for _ in 0..2 {
        assert_eq!(freezegate(home, "check staging --record record.jsonl").0, Some(1));
    }
    fs::copy(home.join("record.jsonl"), home.join("copy.jsonl")).unwrap();
    for (asked, said) in [
        ("report --record record.jsonl --record record.jsonl", "is given twice"),
        ("report --record record.jsonl --record copy.jsonl", "one is a copy"),
        ("report --record record.jsonl --stale soon", "is not a duration"),
        ("report --record record.jsonl --repositories nowhere.txt", "can't be read"),
        ("report --record record.jsonl --from 2027-04-01 --until 2027-01-01", "is not later than"),
        ("report --record nowhere.jsonl", "nowhere.jsonl"),
        ("report", "--record"),
    ] {
        let (status, told, errors) = freezegate(home, asked);
        assert_eq!((status, told.as_str()), (Some(2), ""), "{asked}");
        let errors = errors.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(errors.contains(said), "{asked}: {errors}");
    }
    let text = fs::read_to_string(home.join("record.jsonl")).unwrap();
    fs::write(home.join("record.jsonl"), text.replacen("\"refused\"", "\"allowed\"", 1)).unwrap();
    for format in ["text", "csv"] {
        let (status, told, errors) = freezegate(home, &format!("report --record record.jsonl --format {format}"));
        assert_eq!((status, told.as_str()), (Some(2), ""));
        assert!(errors.contains("line 1"), "{errors}");
    }
    let (status, told, _) = freezegate(home, "report --record record.jsonl --format json");
    let answer: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((status, &answer["result"], &answer["totals"]), (Some(2), &json!("undecided"), &Value::Null));
}
