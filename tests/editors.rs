//! What editors say of policies: Taplo and Tombi, with the schema that the program prints.

#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::clean;

/// A program that `.ci/test` installs in a virtual environment.
fn linter(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/editors/bin").join(name);
    assert!(path.exists(), "{} is missing: run `.ci/test editors`, which installs it", path.display());
    path
}

/// All policies of a folder and below, without cases.
fn policies(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            policies(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "toml") && !path.to_str().unwrap().contains(".test.")
        {
            found.push(path);
        }
    }
}

/// A folder with the schema and each valid policy, and a mistyped one if it is asked for.
fn folder(with_fault: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = clean::command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path())
        .args(["schema", "--output", "freezegate.schema.json"])
        .output()
        .unwrap();
    assert!(schema.status.success());
    let draft = clean::command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path()).arg("init").output();
    assert!(draft.unwrap().status.success());
    std::fs::remove_file(folder.path().join("freezegate.test.toml")).unwrap();
    let mut found = Vec::new();
    policies(&root.join("policies"), &mut found);
    policies(&root.join("tests/valid-policies"), &mut found);
    assert!(found.len() > 25, "{}", found.len());
    for (number, path) in found.iter().enumerate() {
        let text = std::fs::read_to_string(path).unwrap();
        std::fs::write(
            folder.path().join(format!("{number}.toml")),
            format!("#:schema ./freezegate.schema.json\n\n{text}"),
        )
        .unwrap();
    }
    if with_fault {
        let text = "#:schema ./freezegate.schema.json\n\nversion = 1\n\n[environments.production]\nduraton = \"10m\"\n";
        std::fs::write(folder.path().join("wrong.toml"), text).unwrap();
    }
    folder
}

fn told(output: &Output) -> String {
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    anstream::adapter::strip_str(&told).to_string()
}

#[test]
fn taplo_and_tombi_find_nothing_in_valid_policies_and_a_mistyped_key_in_others() {
    for (name, arguments) in [("taplo", &["check"][..]), ("tombi", &["lint", "--offline", "."])] {
        let run = |folder: &Path| clean::command(linter(name), folder, folder).args(arguments).output().unwrap();
        let clean = folder(false);
        let output = run(clean.path());
        assert!(output.status.success(), "{name}: {}", told(&output));
        // what remains is about style: the order of tables
        let warnings = told(&output);
        assert!(!warnings.contains("strict mode") && !warnings.contains("not allow"), "{name}: {warnings}");
        let wrong = folder(true);
        let output = run(wrong.path());
        assert!(!output.status.success() && told(&output).contains("duraton"), "{name}: {}", told(&output));
    }
}
