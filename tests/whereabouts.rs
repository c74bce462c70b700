//! `freezegate where`: what paths and refs reach, and by which line.

#![expect(clippy::unwrap_used, reason = "a test that can't run the program should fail")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::clean::command;

const POLICY: &str = r#"version = 1
[regions.eu]
timezones = ["Europe/Berlin"]
[regions.us]
timezones = ["America/New_York"]
[services.api]
regions = ["eu"]
[environments.production]
[environments.staging]
regions = ["eu"]
[[targets]]
paths = ["deploy/{environment}/{region}/**"]
except = ["**/*.md"]
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
[[targets]]
paths = ["modules/**"]
environment = "*"
[[targets]]
refs = ["refs/heads/hotfix/*"]
paths = ["{service}/src/**"]
environment = "production"
kind = "migration"
"#;

fn repository() -> TempDir {
    let folder = TempDir::new().unwrap();
    let git = |arguments: &[&str]| {
        let ended = command("git", folder.path(), folder.path()).args(arguments).output().unwrap();
        assert!(ended.status.success(), "{arguments:?}: {ended:?}");
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    for path in ["deploy/production/eu/a", "deploy/production/us/a", "deploy/production/us/b", "docs/c", "docs/d.md"] {
        fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
        fs::write(folder.path().join(path), path).unwrap();
    }
    fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
    git(&["add", "--all"]);
    git(&["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message", "begin"]);
    folder
}

fn ask(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    let ended = program.arg("where").args(arguments).env("COLUMNS", "100").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

/// Each row: what is asked, the exit status, and what is told below it.
#[test]
fn each_path_and_ref_says_what_it_reaches_and_by_which_line() {
    let folder = repository();
    let rows: &[(&[&str], i32, &[&str])] = &[
        (&["deploy/production/eu/new"], 0, &["reaches     production/eu   freezegate.toml:11"]),
        (&["./deploy/x/../production/eu/new"], 0, &["reaches     production/eu   freezegate.toml:11"]),
        (
            &["deploy/production/eu/README.md"],
            1,
            &["reaches     no environment", "left out    by `except`   freezegate.toml:11"],
        ),
        (&["docs/c"], 1, &["reaches     no environment"]),
        (
            &["deploy"],
            0,
            &[
                "reaches     production/eu, 1 file, such as deploy/production/eu/a   freezegate.toml:11",
                "reaches     production/us, 2 files, such as deploy/production/us/a   freezegate.toml:11",
            ],
        ),
        (&["docs"], 1, &["reaches     no environment, 2 files, such as docs/c"]),
        (
            &["modules/x"],
            0,
            &["reaches     production   freezegate.toml:17", "reaches     staging/eu   freezegate.toml:17"],
        ),
        (&["refs/tags/v1"], 0, &["reaches     production   freezegate.toml:14"]),
        (&["refs/tags/w1"], 1, &["reaches     no environment"]),
        (&["deploy/prod/eu/x"], 1, &["refused     at any hour: there is no environment `prod`", "freezegate.toml:11"]),
        (
            &["api/src/x", "--ref", "refs/heads/hotfix/1"],
            0,
            &["reaches     production/eu, service api, kind migration   freezegate.toml:20"],
        ),
        // a ref that no target of the path asks for
        (&["api/src/x", "--ref", "refs/heads/feature"], 1, &["reaches     no environment"]),
        (&["api/src/x"], 0, &["reaches     production/eu, service api, kind migration   freezegate.toml:20"]),
    ];
    for (arguments, status, told) in rows {
        let (ended, printed, errors) = ask(folder.path(), arguments);
        assert_eq!(ended, Some(*status), "{arguments:?}: {printed}{errors}");
        for line in *told {
            assert!(printed.contains(line), "{arguments:?}: `{line}` is not in:\n{printed}");
        }
        let rows =
            printed.lines().filter(|line| line.starts_with("  ") && !line.trim_start().starts_with("freezegate"));
        assert_eq!(rows.count(), told.iter().filter(|line| !line.starts_with("freezegate")).count(), "{printed}");
    }
}

#[test]
fn a_path_is_given_from_the_folder_that_one_is_in() {
    let folder = repository();
    let below = folder.path().join("deploy/production");
    let (status, printed, errors) = ask(&below, &["eu/a", "../../modules/x"]);
    assert_eq!(status, Some(0), "{printed}{errors}");
    assert!(printed.starts_with("deploy/production/eu/a\n") && printed.contains("\nmodules/x\n"), "{printed}");
    let (status, _, errors) = ask(&below, &["../../../x"]);
    assert_eq!(status, Some(2));
    assert!(errors.contains("error[invalid-usage]: `../../../x` is not in this repository"), "{errors}");
}

#[test]
fn machines_get_the_same_and_its_faults_as_json() {
    let folder = repository();
    let (status, printed, _) = ask(folder.path(), &["deploy", "docs/c", "--format", "json"]);
    assert_eq!(status, Some(1));
    let told: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(told["schema"], "freezegate/where/v1");
    let reached = &told["asked"][0]["reached"];
    let first = json!({
        "environment": "production", "region": "eu", "service": null, "kinds": [], "asks_for_path": false,
        "files": 1, "example": "deploy/production/eu/a", "policy": "freezegate.toml:11",
    });
    assert_eq!(reached[0], first);
    assert_eq!(reached.as_array().unwrap().len(), 2);
    assert_eq!((&told["asked"][1]["missed"], &told["asked"][1]["what"]), (&json!(1), &json!("path")));
    fs::write(folder.path().join("freezegate.toml"), "version = 1\n[environment.production]\n").unwrap();
    let (status, printed, errors) = ask(folder.path(), &["docs/c", "--format", "json"]);
    assert_eq!(status, Some(2), "{printed}");
    let told: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(told["result"], "undecided");
    assert!(told["errors"][0]["code"].is_string() && errors.contains("error["), "{errors}");
}
