//! Objects that are not there, or not sound.

use std::{
    fs,
    path::{Path, PathBuf},
};

use freezegate::change::git::{Absence, Completeness, EvidenceError, Feature, Repository};

use crate::git_evidence::{
    refs::command_in,
    sandbox::{EMPTY_TREE, Sandbox, changes, os},
};

/// A repository to clone from that gives out whatever it is asked for.
fn server() -> Sandbox {
    let server = Sandbox::new();
    server.git(["config", "uploadpack.allowFilter", "true"]);
    server.git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
    for commit in ["one", "two", "three"] {
        server.commit_files(commit, &["deploy/production/a", &format!("{commit}/b")]);
    }
    server
}

fn clone(server: &Sandbox, option: &str) -> Sandbox {
    let clone = Sandbox::empty();
    clone.git(["clone", "--quiet", "--no-checkout", option, &server.file_url(), "."]);
    clone
}

fn absence(error: &EvidenceError) -> &Absence {
    match error {
        EvidenceError::MissingObject { absence, .. } => absence,
        other => panic!("{other}"),
    }
}

#[test]
fn a_whole_clone_lacks_nothing() {
    let server = server();
    let whole = Completeness { shallow: false, promisor: None };
    assert_eq!(server.open().completeness(), Ok(whole.clone()));
    assert_eq!(clone(&server, "--no-tags").open().completeness(), Ok(whole));
}

#[test]
fn a_shallow_clone_is_fixed_by_what_the_help_says() {
    let server = server();
    for which in 0..2 {
        let clone = clone(&server, "--depth=1");
        assert_eq!(clone.open().completeness(), Ok(Completeness { shallow: true, promisor: None }));
        let refused = clone.open().range("HEAD~1..HEAD").unwrap_err();
        assert_eq!(absence(&refused), &Absence::Shallow);
        let command = refused.help().split('`').filter(|part| part.starts_with("git ")).nth(which).unwrap().to_owned();
        clone.shell(&clone.path, &command);
        assert_eq!(clone.changed("HEAD~1..HEAD"), ["deploy/production/a", "three/b"], "{command}");
    }
}

#[test]
fn a_shallow_clone_has_no_merge_base_that_it_cannot_be_sure_of() {
    let server = Sandbox::new();
    let base = server.commit_files("base", &["a"]);
    server.git(["checkout", "--quiet", "-b", "feature"]);
    for commit in ["f1", "f2", "f3"] {
        server.commit_files(commit, &[commit]);
    }
    server.git(["checkout", "--quiet", "main"]);
    server.commit_files("m1", &["m1"]);
    let shallow = Sandbox::empty();
    shallow.git(["clone", "--quiet", "--no-single-branch", "--depth=2", &server.file_url(), "."]);
    let merge_base = || {
        let repository = shallow.open();
        let commit = |name: &str| repository.revision(name).unwrap().commit;
        repository.merge_base(commit("origin/main"), commit("origin/feature")).map(|base| base.to_string())
    };
    let refused = merge_base().unwrap_err();
    assert_eq!(absence(&refused), &Absence::Shallow);
    shallow.shell(&shallow.path, &command_in(&refused.help()));
    assert_eq!(merge_base(), Ok(base));
}

#[test]
fn a_clone_without_blobs_has_paths_and_no_content() {
    let server = server();
    for which in 0..2 {
        let clone = clone(&server, "--filter=blob:none");
        let promisor = Some("origin".to_owned());
        assert_eq!(clone.open().completeness(), Ok(Completeness { shallow: false, promisor }));
        assert_eq!(clone.changed("HEAD~2..HEAD"), ["deploy/production/a", "three/b", "two/b"]);
        let read = || {
            let repository = clone.open();
            repository.file_at(repository.revision("HEAD").unwrap().commit, "three/b")
        };
        let refused = read().unwrap_err();
        assert_eq!(absence(&refused), &Absence::Partial { remote: "origin".to_owned() });
        let command = refused.help().split('`').filter(|part| part.starts_with("git ")).nth(which).unwrap().to_owned();
        clone.shell(&clone.path, &command);
        assert_eq!(read(), Ok(Some(b"three: three/b\n".to_vec())), "{command}");
    }
}

#[test]
fn a_clone_without_trees_has_no_paths() {
    let server = server();
    let clone = clone(&server, "--filter=tree:0");
    let repository = clone.open();
    let range = repository.range("HEAD~1..HEAD").unwrap();
    let refused = changes(&repository, range.old_tree(), range.new_tree()).unwrap_err();
    assert_eq!(absence(&refused), &Absence::Partial { remote: "origin".to_owned() });
    clone.shell(&clone.path, "git fetch --refetch --no-filter --quiet origin");
    assert_eq!(clone.changed("HEAD~1..HEAD"), ["deploy/production/a", "three/b"]);
}

#[test]
fn a_clone_that_is_both_says_which_it_is() {
    let server = server();
    let clone = Sandbox::empty();
    clone.git(["clone", "--quiet", "--no-checkout", "--depth=1", "--filter=blob:none", &server.file_url(), "."]);
    let repository = clone.open();
    assert_eq!(absence(&repository.revision("HEAD~1").unwrap_err()), &Absence::Shallow);
    let head = repository.revision("HEAD").unwrap().commit;
    let refused = repository.file_at(head, "three/b").unwrap_err();
    assert_eq!(absence(&refused), &Absence::Partial { remote: "origin".to_owned() });
}

#[test]
fn a_partial_clone_of_an_old_git_is_fixed_by_what_the_help_says() {
    let server = server();
    let clone = clone(&server, "--filter=blob:none");
    clone.git(["config", "--unset", "remote.origin.promisor"]);
    clone.git(["config", "core.repositoryformatversion", "1"]);
    clone.git(["config", "extensions.partialClone", "origin"]);
    let refused = Repository::open_at(&clone.path).unwrap_err();
    match &refused {
        EvidenceError::Unsupported { feature, .. } => {
            assert_eq!(feature, &Feature::PartialCloneExtension("origin".to_owned()));
        }
        other => panic!("{other}"),
    }
    clone.shell(&clone.path, &command_in(&refused.help()));
    assert_eq!(clone.open().completeness().unwrap().promisor, Some("origin".to_owned()));
}

/// The file of a loose object.
fn loose(sandbox: &Sandbox, id: &str) -> PathBuf {
    sandbox.path.join(".git/objects").join(&id[..2]).join(&id[2..])
}

fn replace(path: &Path, content: impl AsRef<[u8]>) {
    fs::remove_file(path).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn a_lost_object_is_an_error_wherever_it_is_needed() {
    for what in ["HEAD", "HEAD~", "HEAD^{tree}", "HEAD:deploy", "HEAD~:deploy/production"] {
        let sandbox = server();
        let id = sandbox.git(["rev-parse", what]);
        fs::remove_file(loose(&sandbox, &id)).unwrap();
        let repository = sandbox.open();
        let found =
            repository.range("HEAD~..HEAD").and_then(|range| changes(&repository, range.old_tree(), range.new_tree()));
        let refused = found.unwrap_err();
        assert_eq!(refused.to_string(), format!("object `{id}` is missing"), "{what}");
        assert!(refused.help().contains(&id));
    }
}

#[test]
fn a_tree_that_both_sides_share_is_not_needed() {
    let sandbox = server();
    fs::remove_file(loose(&sandbox, &sandbox.git(["rev-parse", "HEAD:one"]))).unwrap();
    assert_eq!(sandbox.changed("HEAD~..HEAD"), ["deploy/production/a", "three/b"]);
}

#[test]
fn a_broken_object_is_an_error_wherever_it_is_needed() {
    for what in ["HEAD", "HEAD~", "HEAD^{tree}", "HEAD:deploy", "HEAD~:deploy/production"] {
        let sandbox = server();
        let id = sandbox.git(["rev-parse", what]);
        let path = loose(&sandbox, &id);
        let good = fs::read(&path).unwrap();
        let other = fs::read(loose(&sandbox, &sandbox.git(["rev-parse", "HEAD~2^{tree}"]))).unwrap();
        let mut flipped = good.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x20;
        for (how, content) in [
            ("empty", Vec::new()),
            ("nonsense", b"nonsense".to_vec()),
            ("cut off", good[..good.len() / 2].to_vec()),
            ("one bit", flipped),
            ("another object", other),
        ] {
            replace(&path, content);
            let repository = sandbox.open();
            let found = repository
                .range("HEAD~..HEAD")
                .and_then(|range| changes(&repository, range.old_tree(), range.new_tree()));
            let refused = found.unwrap_err();
            // The kind of an object is read before its content is checked.
            let taken_for_a_tree = matches!(refused, EvidenceError::NotACommit { .. }) && how == "another object";
            let unreadable = matches!(&refused, EvidenceError::UnreadableObject { id: at, .. } if at.to_string() == id);
            assert!(unreadable || taken_for_a_tree, "{what}, {how}: {refused}");
        }
    }
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused() {
    let sandbox = server();
    let id = sandbox.git(["rev-parse", "HEAD:three/b"]);
    let other = sandbox.object("blob", b"version = 1\n");
    let other = fs::read(loose(&sandbox, &other)).unwrap();
    replace(&loose(&sandbox, &id), other);
    let repository = sandbox.open();
    let refused = repository.file_at(repository.revision("HEAD").unwrap().commit, "three/b").unwrap_err();
    assert!(matches!(refused, EvidenceError::UnreadableObject { .. }), "{refused}");
}

#[test]
fn a_broken_pack_is_an_error() {
    let reference = server();
    reference.git(["repack", "-a", "-d", "--quiet"]);
    reference.git(["prune-packed"]);
    let folder = reference.path.join(".git/objects/pack");
    let pack = |sandbox: &Sandbox, extension: &str| {
        let folder = sandbox.path.join(".git/objects/pack");
        let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.extension() == Some(os(extension.as_bytes()))).unwrap()
    };
    assert!(folder.is_dir());
    let length = fs::read(pack(&reference, "pack")).unwrap().len();
    // Every part of the pack but its checksum, and the index cut off.
    for at in (0..length - 20).step_by(7).map(Some).chain([None]) {
        let path = pack(&reference, if at.is_some() { "pack" } else { "idx" });
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        match at {
            Some(at) => bad[at] ^= 0x55,
            None => bad.truncate(good.len() / 2),
        }
        replace(&path, bad);
        // Whatever is broken: the truth, or an error.
        let repository = reference.open();
        let found =
            repository.range("HEAD~..HEAD").and_then(|range| changes(&repository, range.old_tree(), range.new_tree()));
        if let Ok(found) = found {
            let found: Vec<String> = found.into_iter().map(|(path, _)| String::from_utf8(path).unwrap()).collect();
            assert_eq!(found, ["deploy/production/a", "three/b"], "{at:?}");
            assert!(at.is_some(), "an index cut off finds nothing");
        }
        replace(&path, good);
    }
    assert_eq!(reference.changed("HEAD~..HEAD"), ["deploy/production/a", "three/b"]);
}

#[test]
fn an_object_of_the_wrong_kind_is_refused() {
    let sandbox = server();
    let blob = sandbox.object("blob", b"content");
    let who = "A <a@example.com> 0 +0000";
    let commit = |tree: &str, parent: &str| {
        sandbox.object("commit", format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n").as_bytes())
    };
    let head = sandbox.git(["rev-parse", "HEAD"]);
    let repository = sandbox.open();
    let blob_as_tree = repository.revision(&commit(&blob, &head)).unwrap();
    let refused = changes(&repository, None, Some(blob_as_tree.tree)).unwrap_err();
    assert_eq!(refused.to_string(), format!("can't read object `{blob}`: it is a blob where a tree should be"));
    let blob_as_parent = commit(EMPTY_TREE, &blob);
    assert!(repository.revision(&format!("{blob_as_parent}~")).is_err());
    let one = repository.revision(&blob_as_parent).unwrap().commit;
    let two = repository.revision(&head).unwrap().commit;
    assert!(matches!(repository.merge_base(one, two), Err(EvidenceError::UnreadableObject { .. })));
}
