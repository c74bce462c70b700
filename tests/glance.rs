//! `freezegate status`: each environment says what `freezegate check` would.

#![expect(clippy::unwrap_used, reason = "a test that can't run the program should fail")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::clean::command;

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_policy = |path: &PathBuf| {
        let name = path.to_str().unwrap();
        name.ends_with(".toml") && !name.ends_with(".test.toml") && !name.ends_with("hazards.toml")
    };
    let mut files: Vec<PathBuf> = files.filter(is_policy).collect();
    files.sort();
    files
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    let ended = program.args(arguments).env("COLUMNS", "80").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

/// Instants around three outages, a clock change and the end of a year, in UTC.
const INSTANTS: [&str; 5] = [
    "2025-07-09T21:45:00Z",
    "2025-10-26T00:30:00Z",
    "2025-12-24T12:00:00Z",
    "2026-01-05T16:40:00Z",
    "2026-08-14T11:00:00Z",
];

#[test]
fn every_environment_and_region_of_every_shipped_policy_is_as_check_says() {
    let folder = TempDir::new().unwrap();
    let mut verdicts = [0_usize; 2];
    for policy in shipped() {
        let policy = policy.to_str().unwrap();
        for at in INSTANTS {
            let (status, printed, errors) =
                run(folder.path(), &["status", "--policy", policy, "--at", at, "--format", "json"]);
            assert_eq!(status, Some(0), "{policy}: {errors}");
            let told: Value = serde_json::from_str(&printed).unwrap();
            assert_eq!((&told["schema"], &told["hypothetical"]), (&"freezegate/status/v1".into(), &true.into()));
            for one in told["environments"].as_array().unwrap() {
                let environment = one["environment"].as_str().unwrap();
                let regions = one["regions"].as_array().unwrap().iter().map(|region| region.as_str().unwrap());
                for region in regions.map(Some).chain(one["regions"].as_array().unwrap().is_empty().then_some(None)) {
                    let mut arguments =
                        vec!["check", environment, "--policy", policy, "--at", at, "--no-ci", "--format", "json"];
                    arguments.extend(region.into_iter().flat_map(|region| ["--region", region]));
                    let (_, printed, errors) = run(folder.path(), &arguments);
                    let checked: Value = serde_json::from_str(&printed).unwrap();
                    for key in ["decision", "valid_until", "next_open"] {
                        assert_eq!(one[key], checked[key], "{arguments:?}: {key}: {errors}");
                    }
                    verdicts[usize::from(one["decision"] == "refused")] += 1;
                }
            }
        }
    }
    assert!(verdicts.iter().all(|count| *count >= 10), "{verdicts:?}");
}

/// Each row: the hours of two regions, and the lines that tell of them on a Wednesday at 10:00.
#[test]
fn regions_are_told_as_one_where_the_same_line_closes_them_or_both_are_open_as_long() {
    let rows: [(&str, &str, &str, &[&str]); 4] = [
        ("08:00-18:00", "08:00-18:00", "", &["closed: production/eu", "closed: production/us"]),
        ("08:00-18:00", "11:00-12:00", "", &["closed: production/eu", "open: production/us"]),
        ("11:00-12:00", "11:00-13:00", "", &["open: production"]),
        (
            "11:00-12:00",
            "11:00-12:00",
            "[[freezes]]\nname = \"all\"\nfrom = 2025-07-09T09:00:00\nuntil = 2025-07-09T11:30:00\ntimezone = \"UTC\"\n",
            &["closed: production"],
        ),
    ];
    for (one, other, freeze, expected) in rows {
        let region = |name: &str, hours: &str| {
            format!("[regions.{name}]\ntimezones = [\"UTC\"]\ncore_hours = [\"Mon-Fri {hours}\"]\n")
        };
        let text =
            ["version = 1\n", &region("eu", one), &region("us", other), "[environments.production]\n", freeze].concat();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("freezegate.toml"), text).unwrap();
        let (_, printed, errors) = run(folder.path(), &["status", "--at", "2025-07-09T10:00:00Z"]);
        let heads: Vec<&str> = printed.lines().filter(|line| !line.starts_with(' ')).skip(1).collect();
        assert_eq!(heads, expected, "{printed}{errors}");
    }
}

#[test]
fn a_name_that_the_policy_lacks_is_no_answer() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("freezegate.toml"), "version = 1\n[environments.production]\naliases = [\"prod\"]\n")
        .unwrap();
    let (status, printed, _) = run(folder.path(), &["status", "prod"]);
    assert_eq!((status, printed.as_str()), (Some(0), "open: production\n  closes      not within 400 days\n"));
    let (status, _, errors) = run(folder.path(), &["status", "prodution"]);
    assert_eq!(status, Some(2));
    assert!(
        errors.contains("there is no environment `prodution`") && errors.contains("did you mean `production`?"),
        "{errors}"
    );
}
