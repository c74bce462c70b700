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
    fs::create_dir(folder.path().join("empty")).unwrap();
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
    assert!(
        printed.starts_with("deploy/production/eu/a\n") && printed.contains("\nmodules/x: no such file\n"),
        "{printed}"
    );
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

/// The environments and regions that an answer in JSON names, and whether anything is refused at any hour.
fn reached(items: &Value, is_refused: bool) -> (Vec<String>, bool) {
    let name = |one: &Value| format!("{}/{}", one["environment"], one["region"]);
    let mut names: Vec<String> = items.as_array().unwrap().iter().map(name).collect();
    names.sort();
    names.dedup();
    (names, is_refused)
}

/// What `where` says of a tracked path is what `check` says of a change of it, whatever lies there and whatever is on disk.
#[test]
fn a_tracked_path_reaches_what_a_change_of_it_does() {
    let folder = repository();
    let git = |arguments: &[&str]| {
        let all = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"].iter().chain(arguments);
        let ended = command("git", folder.path(), folder.path()).args(all).output().unwrap();
        assert!(ended.status.success(), "{arguments:?}: {ended:?}");
        String::from_utf8(ended.stdout).unwrap().trim().to_owned()
    };
    let head = git(&["rev-parse", "HEAD"]);
    std::os::unix::fs::symlink(".", folder.path().join("modules")).unwrap();
    std::os::unix::fs::symlink("../docs", folder.path().join("deploy/link")).unwrap();
    git(&["add", "--all"]);
    git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},deploy/production/sub")]);
    git(&["commit", "--quiet", "--message", "links and a submodule"]);
    for path in ["modules", "deploy/link", "deploy/production/sub", "deploy/production/eu/a", "docs/c"] {
        let check = |range: &str| {
            let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path());
            program.args(["check", "--no-ci", "--format", "json", "--ref", "refs/heads/main", "--range", range]);
            serde_json::from_slice::<Value>(&program.output().unwrap().stdout).unwrap()
        };
        // the change that brings the path
        git(&["checkout", "--quiet", "--detach", "main"]);
        git(&["rm", "--quiet", "--cached", path]);
        git(&["commit", "--quiet", "--message", "without"]);
        let without = git(&["rev-parse", "HEAD"]);
        git(&["checkout", "--quiet", "--force", "main"]);
        // a change of it both takes away and brings
        let both = [check(&format!("{without}..main")), check(&format!("main..{without}"))];
        let all: Vec<Value> = both.iter().flat_map(|one| one["reached"].as_array().unwrap().clone()).collect();
        let codes = both.iter().flat_map(|one| one["findings"].as_array().unwrap());
        let is_refused = codes.clone().any(|one| one["code"] == "unknown-target");
        let expected = reached(&Value::Array(all), is_refused);
        let (_, printed, errors) = ask(folder.path(), &[path, "--ref", "refs/heads/main", "--format", "json"]);
        let told: Value = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{printed}{errors}"));
        let asked = &told["asked"][0];
        assert_eq!(asked["what"], "path", "{path}");
        assert_eq!(reached(&asked["reached"], asked["refused"] != json!(0)), expected, "{path}: {printed}");
    }
    // what is tracked counts, wherever it is on disk
    fs::remove_dir_all(folder.path().join("docs")).unwrap();
    let (_, printed, _) = ask(folder.path(), &["docs", "--format", "json"]);
    let told: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&told["asked"][0]["what"], &told["asked"][0]["missed"]), (&json!("folder"), &json!(2)));
    // by another name of the folder
    let elsewhere = TempDir::new().unwrap();
    let link = elsewhere.path().join("link");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    let (status, printed, errors) = ask(folder.path(), &[link.join("deploy/production/eu/a").to_str().unwrap()]);
    assert_eq!(status, Some(0), "{printed}{errors}");
}

/// Nothing is called free that a ref, or an edit of the policy, may close.
#[test]
fn what_a_path_alone_does_not_say_is_said_to_be_missing() {
    let folder = repository();
    let note = "note: some targets need a ref; name it with `--ref NAME`";
    let (status, printed, _) = ask(folder.path(), &["docs/c"]);
    assert!(status == Some(1) && printed.contains(note), "{printed}");
    let (_, printed, _) = ask(folder.path(), &["main"]);
    assert!(printed.contains("for the ref: `freezegate where refs/heads/main`"), "{printed}");
    let (_, printed, _) = ask(folder.path(), &["mein"]);
    assert!(!printed.contains("for the ref"), "{printed}");
    let (status, printed, _) = ask(folder.path(), &["docs/c", "--ref", "refs/tags/v1"]);
    assert!(status == Some(0) && printed.contains("reaches     production   freezegate.toml:14"), "{printed}");
    assert!(!printed.contains("note:"), "{printed}");
    let (_, printed, _) = ask(folder.path(), &["freezegate.toml", "--ref", "refs/heads/main"]);
    assert!(printed.contains("judged      by what the edit of the policy opens"), "{printed}");
}
