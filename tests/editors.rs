//! What editors say of policies and test cases: Taplo and Tombi, with the schemas that the program prints.

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

/// The two sorts of files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Policy,
    Cases,
}

/// All files of a sort in a folder and below.
fn files(folder: &Path, sort: Sort, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_str().unwrap();
        let own = if name.ends_with(".test.toml") { Sort::Cases } else { Sort::Policy };
        if path.is_dir() {
            files(&path, sort, found);
        } else if name.ends_with(".toml") && own == sort {
            found.push(path);
        }
    }
}

/// A folder with the schema of a sort and each valid file of it, and a mistyped one if it is asked for.
fn folder(sort: Sort, with_fault: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = |arguments: &[&str]| {
        let ran =
            clean::command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path()).args(arguments).output();
        assert!(ran.unwrap().status.success(), "{arguments:?}");
    };
    let (word, schema, ending) = match sort {
        Sort::Policy => ("policy", "freezegate.schema.json", "toml"),
        Sort::Cases => ("cases", "freezegate.test.schema.json", "test.toml"),
    };
    run(&["schema", word, "--output", schema]);
    run(&["init"]);
    let cases = folder.path().join("freezegate.test.toml");
    let mut texts = Vec::new();
    let mut found = Vec::new();
    files(&root.join("policies"), sort, &mut found);
    match sort {
        Sort::Policy => files(&root.join("tests/valid-policies"), sort, &mut found),
        Sort::Cases => {
            texts.push(std::fs::read_to_string(&cases).unwrap());
            std::fs::remove_file(folder.path().join("freezegate.toml")).unwrap();
        }
    }
    std::fs::remove_file(cases).unwrap();
    texts.extend(found.iter().map(|path| std::fs::read_to_string(path).unwrap()));
    assert!(texts.len() > if sort == Sort::Policy { 25 } else { 8 }, "{}", texts.len());
    if with_fault {
        let text = match sort {
            Sort::Policy => "version = 1\n\n[environments.production]\nduraton = \"10m\"\n",
            Sort::Cases => {
                "version = 1\n\n[[cases]]\nname = \"a\"\nat = 2026-01-01T00:00:00Z\nenvironment = \"production\"\nduraton = \"10m\"\ndecision = \"allowed\"\n"
            }
        };
        texts.push(text.to_owned());
    }
    for (number, text) in texts.iter().enumerate() {
        let path = folder.path().join(format!("{number}.{ending}"));
        std::fs::write(path, format!("#:schema ./{schema}\n\n{text}")).unwrap();
    }
    folder
}

fn told(output: &Output) -> String {
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    anstream::adapter::strip_str(&told).to_string()
}

#[test]
fn taplo_and_tombi_find_nothing_in_valid_files_and_a_mistyped_key_in_others() {
    for (name, arguments) in [("taplo", &["check"][..]), ("tombi", &["lint", "--offline", "."])] {
        let run = |folder: &Path| clean::command(linter(name), folder, folder).args(arguments).output().unwrap();
        for sort in [Sort::Policy, Sort::Cases] {
            let clean = folder(sort, false);
            let output = run(clean.path());
            assert!(output.status.success(), "{name}, {sort:?}: {}", told(&output));
            // what remains is about style: the order of tables
            let warnings = told(&output);
            assert!(
                !warnings.contains("strict mode") && !warnings.contains("not allow"),
                "{name}, {sort:?}: {warnings}"
            );
            let wrong = folder(sort, true);
            let output = run(wrong.path());
            assert!(
                !output.status.success() && told(&output).contains("duraton"),
                "{name}, {sort:?}: {}",
                told(&output)
            );
        }
    }
}
