//! One file of a commit.

use std::os::unix::fs::symlink;

use freezegate::change::git::{EntryKind, EvidenceError, Limits};

use crate::git_evidence::sandbox::Sandbox;

#[test]
fn reads_regular_files_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write("freezegate.toml", "version = 1\r\n");
    sandbox.write("policies/run.toml", [0, 255]);
    sandbox.write("empty", "");
    symlink("freezegate.toml", sandbox.path.join("link.toml")).unwrap();
    symlink("policies", sandbox.path.join("linked")).unwrap();
    sandbox.git(["update-index", "--add", "--cacheinfo", &format!("160000,{},module", "1".repeat(40))]);
    sandbox.git(["add", "--all", "--", "freezegate.toml", "policies", "empty", "link.toml", "linked"]);
    sandbox.git(["update-index", "--chmod=+x", "policies/run.toml"]);
    sandbox.git(["commit", "--quiet", "-m", "files"]);
    // The work tree is not what is read.
    sandbox.write("freezegate.toml", "version = 2\n");
    let repository = sandbox.open();
    let commit = repository.revision("HEAD").unwrap().commit;
    let read = |path: &str| repository.file_at(commit, path);

    assert_eq!(read("freezegate.toml"), Ok(Some(b"version = 1\r\n".to_vec())));
    assert_eq!(read("policies/run.toml"), Ok(Some(vec![0, 255])));
    assert_eq!(read("empty"), Ok(Some(Vec::new())));
    for absent in ["nothing", "policies/nothing", "nothing/at/all", "Freezegate.toml", "freezegate.toml/below"] {
        assert_eq!(read(absent), Ok(None), "{absent}");
    }
    let not_a_file =
        |path: &str, at: &str, found| Err(EvidenceError::NotAFile { path: path.to_owned(), at: at.to_owned(), found });
    for (path, at, found) in [
        ("link.toml", "link.toml", Some(EntryKind::Link)),
        ("linked", "linked", Some(EntryKind::Link)),
        ("linked/run.toml", "linked", Some(EntryKind::Link)),
        ("module", "module", Some(EntryKind::Submodule)),
        ("module/freezegate.toml", "module", Some(EntryKind::Submodule)),
        ("policies", "policies", None),
    ] {
        assert_eq!(read(path), not_a_file(path, at, found));
    }
    for path in ["", "/", "/freezegate.toml", "policies/", "policies//run.toml", ".", "./freezegate.toml"]
        .into_iter()
        .chain(["..", "policies/../freezegate.toml", "policies/.", "a\0b"])
    {
        assert_eq!(read(path), Err(EvidenceError::InvalidPath { path: path.to_owned() }));
    }
}

#[test]
fn a_file_may_be_too_long() {
    let sandbox = Sandbox::new();
    sandbox.write("policy", "x".repeat(1_000));
    sandbox.commit("long");
    let read = |file_bytes| {
        let repository = sandbox.open().with_limits(Limits { file_bytes, ..Limits::default() });
        repository.file_at(repository.revision("HEAD").unwrap().commit, "policy")
    };
    assert_eq!(read(1_000).unwrap().unwrap().len(), 1_000);
    assert_eq!(read(999), Err(EvidenceError::FileTooLong { path: "policy".to_owned(), limit: 999 }));
}
