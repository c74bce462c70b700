//! Trees and commits that are made up: they are what git makes, and nothing of them is written to disk.

use std::collections::BTreeMap;

use freezegate::change::git::{EntryKind, ObjectId, PathContent, Repository};

use crate::git_evidence::sandbox::Sandbox;

/// Everything in the repository's folder of objects.
fn objects(sandbox: &Sandbox) -> String {
    sandbox.git(["count-objects", "-v"])
}

#[test]
fn a_made_up_tree_is_the_one_that_git_writes() {
    let sandbox = Sandbox::new();
    for path in ["a", "folder/b", "folder/deep/c", "folder/deep/d", "other/e", "lone/f"] {
        std::fs::create_dir_all(sandbox.path.join(path).parent().unwrap()).unwrap();
        std::fs::write(sandbox.path.join(path), path).unwrap();
    }
    sandbox.git(["add", "-A"]);
    sandbox.git(["commit", "-qm", "one"]);
    let blob = sandbox.git(["rev-parse", "HEAD:a"]);
    let commit = sandbox.git(["rev-parse", "HEAD"]);
    let blob = blob.trim();
    let cases: [&[(&str, Option<&str>)]; 7] = [
        &[("folder/b", Some("100644"))],
        &[("folder/deep/c", Some("100755")), ("other/e", Some("120000"))],
        &[("new/deep/g", Some("100644"))],
        &[("folder/deep/d", None)],
        &[("folder/deep/c", None), ("a", None), ("folder/new", Some("100644"))],
        &[("module", Some("160000"))],
        &[("with blank/ü*", Some("100644"))],
    ];
    for case in cases {
        let repository = Repository::discover(&sandbox.path).unwrap();
        let base = repository.revision("HEAD").unwrap();
        sandbox.git(["read-tree", "HEAD"]);
        let mut contents: Vec<PathContent> = Vec::new();
        for (path, mode) in case {
            let (kind, id) = match *mode {
                Some("100755") => (EntryKind::Executable, blob),
                Some("120000") => (EntryKind::Link, blob),
                Some("160000") => (EntryKind::Submodule, commit.trim()),
                _ => (EntryKind::File, blob),
            };
            let content = mode.map(|_| (kind, ObjectId::from_hex(id).unwrap()));
            contents.push((path.as_bytes().to_vec(), content));
            match mode {
                Some(mode) => sandbox.git(["update-index", "--add", "--cacheinfo", &format!("{mode},{id},{path}")]),
                None => sandbox.git(["update-index", "--force-remove", path]),
            };
        }
        let before = objects(&sandbox);
        let tree = repository.made_up_tree(base.tree, &contents).unwrap();
        let made = repository.made_up_commit(base.commit, tree).unwrap();
        // it is read like any other
        assert_eq!(repository.commit(made.commit).unwrap().parents, [base.commit], "{case:?}");
        let mut differs = BTreeMap::new();
        let walked = repository.changed_contents(Some(base.tree), Some(tree), &mut |path, change, contents| {
            differs.insert(path.to_vec(), change.kinds().1.zip(contents.new));
            std::ops::ControlFlow::Continue(())
        });
        walked.unwrap();
        assert_eq!(differs, contents.into_iter().collect(), "{case:?}");
        assert_eq!(objects(&sandbox), before, "{case:?}");
        // git's own tree, which nothing here could have had before
        assert_eq!(sandbox.git(["write-tree"]).trim(), tree.to_string(), "{case:?}");
        assert!(Repository::discover(&sandbox.path).unwrap().revision(&made.commit.to_string()).is_err(), "{case:?}");
    }
}

#[test]
fn what_cannot_be_made_up_is_an_error() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path.join("a"), "a").unwrap();
    sandbox.git(["add", "-A"]);
    sandbox.git(["commit", "-qm", "one"]);
    let repository = Repository::discover(&sandbox.path).unwrap();
    let base = repository.revision("HEAD").unwrap();
    let blob = ObjectId::from_hex(sandbox.git(["rev-parse", "HEAD:a"]).trim()).unwrap();
    let missing = ObjectId::from_hex(&"12".repeat(20)).unwrap();
    for content in [
        (b"gone".to_vec(), None),
        (b"a/below a file".to_vec(), Some((EntryKind::File, blob))),
        (b"b".to_vec(), Some((EntryKind::File, missing))),
        (b"with \0".to_vec(), Some((EntryKind::File, blob))),
        (b".git/config".to_vec(), Some((EntryKind::File, blob))),
    ] {
        assert!(repository.made_up_tree(base.tree, std::slice::from_ref(&content)).is_err(), "{content:?}");
    }
}
