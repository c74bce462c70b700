//! Which module may use which: the picture in the crate's documentation, held true.

#![expect(clippy::unwrap_used, reason = "a test that can't read the sources should fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with those that it may use. Data flows one way: only the escaping of what others
/// wrote is borrowed from further down.
const MAY_USE: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("pattern", &[]),
    ("shell", &["report"]),
    ("diagnostic", &["report", "shell"]),
    ("policy", &["time", "pattern", "diagnostic"]),
    // these write policies, the one as it goes, the other from names that others chose
    ("stop", &["policy"]),
    ("draft", &["policy", "pattern", "report"]),
    // what is said of a change is said in the policy's names
    ("change", &["policy", "diagnostic", "time", "shell"]),
    // names of paths are escaped where they enter
    ("reach", &["policy", "diagnostic", "pattern", "change", "report"]),
    ("decision", &["time", "policy", "diagnostic", "change", "reach"]),
    // coverage names paths of the repository
    ("lint", &["time", "policy", "diagnostic", "change", "reach", "decision", "pattern", "report"]),
    ("explain", &["diagnostic", "decision"]),
    ("draft", &["policy", "pattern", "report"]),
    ("stop", &["policy"]),
    // what a grant lifts is said in the words of the decision, which knows nothing of grants
    ("proof", &["time", "pattern", "policy", "diagnostic", "change", "reach", "decision", "shell"]),
    (
        "report",
        &[
            "time",
            "policy",
            "diagnostic",
            "change",
            "reach",
            "decision",
            "pattern",
            "lint",
            "explain",
            "proof",
            "shell",
        ],
    ),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The module of a source file: the first part of its path below `src`.
fn module(path: &Path, root: &Path) -> String {
    let first = path.strip_prefix(root).unwrap().components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_use_only_what_lies_before_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let known: BTreeMap<&str, BTreeSet<&str>> =
        MAY_USE.iter().map(|(module, uses)| (*module, uses.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for path in &files {
        let user = module(path, &root);
        if matches!(user.as_str(), "main" | "lib" | "cli") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (number, line) in (1..).zip(code) {
            for piece in line.split("crate::").skip(1) {
                let used: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let allowed = known.get(user.as_str()).is_some_and(|uses| uses.contains(used.as_str()));
                seen.insert(user.clone());
                if used != user && !allowed {
                    wrong.push(format!("{}:{number}: `{user}` uses `{used}`", path.display()));
                }
            }
        }
    }
    assert!(seen.len() >= 6, "too few modules were read: {seen:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_edge_reads_the_world() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    // git repositories are read by the module named for it, and the record is kept by its carriers
    let named_for_it = [
        "cli",
        "cli.rs",
        "change/git",
        "proof/record/file",
        "proof/record/file.rs",
        "proof/record/left_out.rs",
        "proof/record/memory.rs",
        "proof/record/sidecar.rs",
        "proof/record/program.rs",
        "proof/record/scratch.rs",
    ];
    let named_for_it = named_for_it.map(|path| root.join(path));
    let outside = ["std::env::", "std::fs", "io::stdin", "Timestamp::now", "SystemTime::now", "std::process::Command"];
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| !named_for_it.iter().any(|named| path.starts_with(named))) {
        let text = fs::read_to_string(path).unwrap();
        // unit tests stand below the code
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in (1..).zip(code.lines()).filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in outside.iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{number}: `{word}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
