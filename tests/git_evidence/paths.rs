//! Paths of every sort, as bytes.

use std::fs;

use freezegate::change::git::{ChangeKind, EntryKind};

use crate::git_evidence::sandbox::{EMPTY_TREE, Sandbox, changes, changes_by_git, os};

#[test]
fn paths_are_bytes_and_neither_folded_nor_normalised() {
    let sandbox = Sandbox::new();
    let paths: [&[u8]; 12] = [
        b"Prod/a",
        b"PROD/a",
        b"prod/a",
        "prod/\u{e9}".as_bytes(),
        "prod/e\u{301}".as_bytes(),
        "pr\u{1d0f}d/a".as_bytes(),
        "prod/\u{202e}gnp.exe".as_bytes(),
        "prod/\u{200b}".as_bytes(),
        b"prod/\xff\xfe",
        b"prod/\x1b[2J",
        b"prod/a\\b",
        b"prod/ ",
    ];
    for path in paths {
        sandbox.write(os(path), path);
    }
    sandbox.commit("new");
    let repository = sandbox.open();
    let tree = repository.revision("HEAD").unwrap().tree;
    let found = changes(&repository, None, Some(tree)).unwrap();
    assert_eq!(found, changes_by_git(&sandbox, EMPTY_TREE, "HEAD"));
    let mut expected: Vec<&[u8]> = paths.to_vec();
    expected.sort_unstable();
    assert_eq!(found.iter().map(|(path, _)| path.as_slice()).collect::<Vec<_>>(), expected);
}

#[test]
fn a_change_of_case_alone_is_two_paths() {
    let sandbox = Sandbox::new();
    sandbox.commit_files("old", &["prod/a"]);
    sandbox.git(["mv", "prod", "Prod"]);
    sandbox.commit("new");
    assert_eq!(sandbox.changed("HEAD~..HEAD"), ["Prod/a", "prod/a"]);
}

#[test]
fn an_empty_change_is_empty() {
    let sandbox = Sandbox::new();
    sandbox.commit_files("old", &["a"]);
    sandbox.commit("nothing");
    assert_eq!(sandbox.changed("HEAD~..HEAD"), Vec::<String>::new());
    assert_eq!(sandbox.changed("HEAD..HEAD"), Vec::<String>::new());
}

#[test]
fn a_change_and_its_revert_are_no_difference() {
    let sandbox = Sandbox::new();
    let old = sandbox.commit_files("old", &["prod/a"]);
    sandbox.commit_files("new", &["prod/a"]);
    sandbox.git(["revert", "--no-edit", "HEAD"]);
    assert_eq!(sandbox.changed(&format!("{old}..HEAD")), Vec::<String>::new());
    assert_eq!(sandbox.changed("HEAD~..HEAD"), ["prod/a"]);
}

/// What a path may become, and how each turn shows.
#[test]
fn every_change_of_sort_is_seen() {
    let sandbox = Sandbox::new();
    let put = |sort: &str| {
        sandbox.git(["rm", "--quiet", "-r", "--cached", "--ignore-unmatch", "x"]);
        if sandbox.path.join("x").is_dir() {
            fs::remove_dir_all(sandbox.path.join("x")).unwrap();
        } else if sandbox.path.join("x").symlink_metadata().is_ok() {
            fs::remove_file(sandbox.path.join("x")).unwrap();
        }
        match sort {
            "file" => sandbox.write("x", "x"),
            "link" => std::os::unix::fs::symlink("x", sandbox.path.join("x")).unwrap(),
            "folder" => sandbox.write("x/y", "y"),
            _ => {}
        }
        match sort {
            "executable" => {
                let blob = sandbox.object("blob", b"x");
                sandbox.git(["update-index", "--add", "--cacheinfo", &format!("100755,{blob},x")]);
            }
            "submodule" => {
                let pointer = format!("160000,{},x", "1".repeat(40));
                sandbox.git(["update-index", "--add", "--cacheinfo", &pointer]);
            }
            _ => {
                sandbox.git(["add", "--all", "--", "x"]);
            }
        }
        sandbox.git(["commit", "--quiet", "--allow-empty", "-m", sort]);
        sandbox.git(["rev-parse", "HEAD"])
    };
    let sorts = [
        ("file", Some(EntryKind::File)),
        ("executable", Some(EntryKind::Executable)),
        ("link", Some(EntryKind::Link)),
        ("submodule", Some(EntryKind::Submodule)),
        ("folder", None),
    ];
    let commits: Vec<String> = sorts.iter().map(|(sort, _)| put(sort)).collect();
    let repository = sandbox.open();
    for ((from, old), before) in sorts.iter().zip(&commits) {
        for ((to, new), after) in sorts.iter().zip(&commits) {
            if from == to {
                continue;
            }
            let tree = |commit: &str| Some(repository.revision(commit).unwrap().tree);
            let found = changes(&repository, tree(before), tree(after)).unwrap();
            assert_eq!(found, changes_by_git(&sandbox, before, after), "{from} to {to}");
            let file = EntryKind::File;
            let expected = match (old, new) {
                (Some(old), Some(new)) => vec![("x", ChangeKind::Modified { old: *old, new: *new })],
                (Some(old), None) => {
                    vec![("x", ChangeKind::Deleted { old: *old }), ("x/y", ChangeKind::Added { new: file })]
                }
                (None, Some(new)) => {
                    vec![("x", ChangeKind::Added { new: *new }), ("x/y", ChangeKind::Deleted { old: file })]
                }
                (None, None) => Vec::new(),
            };
            let found: Vec<(&str, ChangeKind)> =
                found.iter().map(|(path, change)| (std::str::from_utf8(path).unwrap(), *change)).collect();
            assert_eq!(found, expected, "{from} to {to}");
        }
    }
}
