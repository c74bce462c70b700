//! Completion of names: of a policy's environments, regions and services, of kinds, codes and refs, in the shells that are here.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::clean::command;

fn is_installed(program: &str, folder: &Path) -> bool {
    command(program, folder, folder).arg("--version").output().is_ok()
}

/// A repository with a policy, the program in `bin` and the scripts of all shells.
fn repository() -> TempDir {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    fs::write(root.join("freezegate.toml"), POLICY).unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
        assert!(command("git", root, root).args(identity).args(arguments).status().unwrap().success());
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    // a name of a ref that a shell would run
    git(&["branch", "fix-$(touch${IFS}ran)"]);
    fs::create_dir(root.join("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_freezegate"), root.join("bin/freezegate")).unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let output =
            command(env!("CARGO_BIN_EXE_freezegate"), root, root).args(["completions", shell]).output().unwrap();
        fs::write(root.join(format!("{shell}.script")), output.stdout).unwrap();
    }
    folder
}

const POLICY: &str = "version = 1\n[regions.us-east]\ntimezones = [\"America/New_York\"]\n[regions.eu]\n\
    timezones = [\"Europe/Berlin\"]\n[environments.production]\naliases = [\"live\"]\n[environments.pre-production]\n\
    [environments.staging]\n[services.checkout]\n[services.search]\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n";

/// What is typed, and what the shell makes of it after a tab.
const COMPLETED: [(&str, &str); 14] = [
    ("freezegate check prod", "freezegate check production"),
    ("freezegate check l", "freezegate check live"),
    ("freezegate check production sta", "freezegate check production staging"),
    ("freezegate check production --kind=ma", "freezegate check production --kind=maintenance"),
    ("freezegate check --kind ma", "freezegate check --kind maintenance"),
    ("freezegate check --region u", "freezegate check --region us-east"),
    ("freezegate record show --environment st", "freezegate record show --environment staging"),
    ("freezegate stop --service se", "freezegate stop --service search"),
    ("freezegate explain core-h", "freezegate explain core-hours"),
    ("freezegate lint --allow never-op", "freezegate lint --allow never-open"),
    ("freezegate where --ref refs/heads/m", "freezegate where --ref refs/heads/main"),
    ("bin/freezegate next sta", "bin/freezegate next staging"),
    // files, commands and options, as without names
    ("freezegate check --policy freezegate.to", "freezegate check --policy freezegate.toml"),
    ("freezegate check --declared", "freezegate check --declared-only"),
];

/// Types each line into an interactive shell; `None` where the shell is not installed.
fn typed_into(shell: &str, folder: &Path) -> Option<Vec<String>> {
    if !is_installed(shell, folder) {
        return None;
    }
    let lines: String = COMPLETED.iter().map(|(typed, _)| format!("{typed}\n")).collect();
    fs::write(folder.join("lines"), lines).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/complete.py");
    let mut python = with_program(folder, "python3");
    python.arg(script).args([shell, &format!("{shell}.script")]).stdin(fs::File::open(folder.join("lines")).unwrap());
    let output = python.output().unwrap();
    assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

/// A program that finds freezegate by its name.
fn with_program(folder: &Path, name: &str) -> Command {
    let mut command = command(name, folder, folder);
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
    command.env("PATH", format!("{}:{}", folder.join("bin").display(), path.display())).env("TERM", "dumb");
    command
}

#[test]
fn bash_and_zsh_complete_names_of_the_policy() {
    let folder = repository();
    for shell in ["bash", "zsh"] {
        let Some(completed) = typed_into(shell, folder.path()) else {
            assert_ne!(shell, "bash");
            continue;
        };
        let wanted: Vec<&str> = COMPLETED.iter().map(|(_, completed)| *completed).collect();
        assert_eq!(completed, wanted, "{shell}");
    }
    assert!(!folder.path().join("ran").exists());
}

#[test]
fn fish_completes_names_of_the_policy() {
    let folder = repository();
    if !is_installed("fish", folder.path()) {
        return;
    }
    for (typed, completed) in COMPLETED {
        let asked = format!("source fish.script; complete -C '{typed}'");
        let output = with_program(folder.path(), "fish").args(["--no-config", "-c", &asked]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        // fish prints the last word, and a description behind a tab
        let words: Vec<&str> = said.lines().filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(words, [completed.rsplit(' ').next().unwrap()], "{typed}");
    }
}

/// What the scripts are given.
fn named(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    // a stop would have to be fetched from there
    let output = program.args(["complete", "--"]).args(words).env("FREEZEGATE_STOPS", "/nowhere").output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{words:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn names_are_those_that_fit_where_the_cursor_is() {
    let folder = repository();
    let root = folder.path();
    let named = |words: &[&str]| named(root, words);
    assert_eq!(named(&["check", ""]), ["pre-production", "production", "staging"]);
    // aliases only for who types one
    assert_eq!(named(&["check", "li"]), ["live"]);
    assert_eq!(named(&["check", "--region", ""]), ["eu", "us-east"]);
    assert_eq!(named(&["check", "--kind", "=", "mi"]), ["migration"]);
    // the value of an option is not the argument of a command
    assert_eq!(named(&["explain", "--color", "never", "core-h"]), ["core-hours"]);
    // only a verified rollback is one
    assert_eq!(named(&["check", "--kind", "ro"]), [""; 0]);
    for nothing in [
        &[][..],
        &[""],
        &["che"],
        &["check", "--"],
        &["check", "-"],
        &["check", "--policy", ""],
        &["run", "production", "--", "st"],
        &["explain", "core-hours", "cl"],
        &["record", "st"],
        &["nothing", "st"],
    ] {
        assert_eq!(named(nothing), [""; 0], "{nothing:?}");
    }
    assert_eq!(named(&["credential", "kube", "st"]), ["staging"]);
    // of a ref, only names that no shell runs
    assert_eq!(named(&["check", "--ref", ""]), ["refs/heads/main"]);
}

/// Completion disturbs nobody.
#[test]
fn without_a_policy_or_with_a_wrong_one_nothing_is_named_and_nothing_is_said() {
    let folder = repository();
    let root = folder.path();
    assert_eq!(named(root, &["check", "--policy", "missing.toml", "p"]), [""; 0]);
    fs::write(root.join("other.toml"), POLICY.replace("staging", "test")).unwrap();
    assert_eq!(named(root, &["check", "--policy=other.toml", "te"]), ["test"]);
    fs::write(root.join("freezegate.toml"), "version = 1\n[environments.\n").unwrap();
    assert_eq!(named(root, &["check", "p"]), [""; 0]);
    // codes are of the program
    assert_eq!(named(root, &["explain", "core-h"]), ["core-hours"]);
    let empty = TempDir::new().unwrap();
    assert_eq!(named(empty.path(), &["check", "p"]), [""; 0]);
    assert_eq!(named(empty.path(), &["check", "--ref", "r"]), [""; 0]);
}
