//! Tells the program which commit it is built from, for `--version`.
//!
//! A development build tells none, so that a commit alone does not build everything anew.

use std::path::Path;
use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "cargo hands everything over in the environment")]
fn main() {
    println!("cargo::rerun-if-env-changed=FREEZEGATE_COMMIT");
    println!("cargo::rerun-if-changed=.ci/build.rs");
    let given = std::env::var("FREEZEGATE_COMMIT").ok().filter(|commit| !commit.is_empty());
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = match given {
        Some(commit) => commit,
        None if is_release => checked_out().unwrap_or_else(|| "commit unknown".to_owned()),
        None => "development build".to_owned(),
    };
    println!("cargo::rustc-env=BUILT_FROM={commit}");
}

/// Returns the commit of the checkout that this is built in; `None` outside of one, as in a package.
#[expect(clippy::disallowed_methods, reason = "cargo hands everything over in the environment")]
fn checked_out() -> Option<String> {
    let root = std::env::var("CARGO_MANIFEST_DIR").ok()?;
    // a folder above may be the checkout of something else
    if !Path::new(&root).join(".git").exists() {
        return None;
    }
    println!("cargo::rerun-if-changed=.git/HEAD");
    println!("cargo::rerun-if-changed=.git/logs/HEAD");
    let output = Command::new("git").args(["-C", &root, "rev-parse", "--short=12", "HEAD"]).output().ok()?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !commit.is_empty()).then_some(commit)
}
