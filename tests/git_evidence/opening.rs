//! Finding and opening repositories, and why one cannot be opened.

use std::{fs, path::Path};

use freezegate::change::git::{EvidenceError, Feature, Repository};

use crate::git_evidence::{
    refs::command_in,
    sandbox::{Sandbox, os},
};

fn unsupported(found: Result<Repository, EvidenceError>) -> Feature {
    match found.unwrap_err() {
        EvidenceError::Unsupported { feature, .. } => feature,
        other => panic!("{other}"),
    }
}

#[test]
fn finds_the_repository_that_a_folder_lies_in() {
    let sandbox = Sandbox::new();
    sandbox.commit_files("one", &["a/b/c"]);
    let git_dir = sandbox.path.join(".git");
    for start in ["", "a", "a/b", "a/b/c", ".git", ".git/refs/heads"] {
        let found = Repository::discover(&sandbox.path.join(start)).unwrap();
        assert_eq!(found.git_dir().canonicalize().unwrap(), git_dir, "{start}");
    }
    assert_eq!(sandbox.open().work_tree(), Some(sandbox.path.as_path()));
    let bare = sandbox.outside().join("bare.git");
    sandbox.git(["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    for start in [bare.clone(), bare.join("refs/heads")] {
        let found = Repository::discover(&start).unwrap();
        assert_eq!(found.git_dir().canonicalize().unwrap(), bare);
        assert_eq!(found.work_tree(), None);
        assert_eq!(Repository::root_above(&start), Ok(None));
    }
    assert_eq!(Repository::root_above(&sandbox.path.join("a/b")), Ok(Some(sandbox.path.clone())));
}

/// A commit can hold all that makes a bare repository, but no `.git`.
#[test]
fn a_bare_repository_below_a_work_tree_is_never_taken_for_it() {
    let sandbox = Sandbox::new();
    sandbox.commit_files("one", &["a/b/c"]);
    for place in ["bare.git", "a/bare.git", "a/b/deep"] {
        let bare = sandbox.path.join(place);
        sandbox.git(["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
        std::os::unix::fs::symlink(&bare, sandbox.path.join("link")).unwrap();
        for start in [bare.clone(), bare.join("refs/heads"), bare.join("objects"), sandbox.path.join("link/refs")] {
            let found = Repository::discover(&start).unwrap();
            assert_eq!(found.git_dir().canonicalize().unwrap(), sandbox.path.join(".git"), "{}", start.display());
            assert_eq!(Repository::root_above(&start), Ok(Some(sandbox.path.clone())));
        }
        fs::remove_file(sandbox.path.join("link")).unwrap();
        // named, it is what it is
        assert_eq!(Repository::open_at(&bare).unwrap().work_tree(), None);
    }
}

#[test]
fn no_repository_is_an_error() {
    let sandbox = Sandbox::empty();
    for start in [sandbox.path.clone(), sandbox.path.join("nowhere")] {
        assert_eq!(Repository::discover(&start).unwrap_err(), EvidenceError::NoRepository { start: start.clone() });
        assert_eq!(Repository::open_at(&start).unwrap_err(), EvidenceError::NoRepository { start });
    }
    let outer = Sandbox::new();
    outer.commit_files("one", &["a/b"]);
    let inside = outer.path.join("a");
    assert_eq!(Repository::open_at(&inside).unwrap_err(), EvidenceError::NoRepository { start: inside });
}

/// Makes `.git` something that it should not be.
type Break = fn(&Path);

#[test]
fn a_broken_repository_does_not_give_way_to_one_further_up() {
    let breaks: [(&str, Break); 6] = [
        ("no HEAD", |git| fs::remove_file(git.join("HEAD")).unwrap()),
        ("no objects", |git| fs::remove_dir_all(git.join("objects")).unwrap()),
        ("no refs", |git| fs::remove_dir_all(git.join("refs")).unwrap()),
        ("empty", |git| {
            fs::remove_dir_all(git).unwrap();
            fs::create_dir(git).unwrap();
        }),
        ("a file that leads nowhere", |git| {
            fs::remove_dir_all(git).unwrap();
            fs::write(git, "gitdir: ../nowhere\n").unwrap();
        }),
        ("a link that leads nowhere", |git| {
            fs::remove_dir_all(git).unwrap();
            std::os::unix::fs::symlink("nowhere", git).unwrap();
        }),
    ];
    for (what, make) in breaks {
        let outer = Sandbox::new();
        outer.commit_files("one", &["inner/x/y"]);
        let inner = outer.path.join("inner");
        outer.git_in(&inner, ["init", "--quiet"]);
        make(&inner.join(".git"));
        for start in [inner.clone(), inner.join("x")] {
            let refused = Repository::discover(&start).unwrap_err();
            assert!(matches!(refused, EvidenceError::CorruptRepository { .. }), "{what}: {refused}");
        }
    }
}

#[test]
fn a_configuration_that_cannot_be_read_is_an_error() {
    for config in ["[core", "[core]\n\trepositoryformatversion = many\n", "\0"] {
        let sandbox = Sandbox::new();
        sandbox.write(".git/config", config);
        let opened = Repository::open_at(&sandbox.path);
        assert!(matches!(opened, Err(EvidenceError::CorruptRepository { .. })), "{config:?}: {opened:?}");
    }
    let sandbox = Sandbox::new();
    sandbox.commit("one");
    fs::remove_file(sandbox.path.join(".git/config")).unwrap();
    assert!(sandbox.open().revision("HEAD").is_ok(), "git needs none");
}

#[test]
fn another_object_format_is_named() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "--quiet", "--object-format=sha256"]);
    sandbox.commit_files("one", &["a/b"]);
    let expected = Feature::ObjectFormat("sha256".to_owned());
    assert_eq!(unsupported(Repository::open_at(&sandbox.path)), expected);
    assert_eq!(unsupported(Repository::discover(&sandbox.path.join("a"))), expected);
    let bare = sandbox.outside().join("bare.git");
    sandbox.git(["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    assert_eq!(unsupported(Repository::discover(&bare)), expected);
    let linked = sandbox.outside().join("linked");
    sandbox.git(["worktree", "add", "--quiet", linked.to_str().unwrap()]);
    assert_eq!(unsupported(Repository::discover(&linked)), expected);
    let message = Repository::open_at(&sandbox.path).unwrap_err().to_string();
    assert!(message.ends_with("uses an unsupported feature: objects named by `sha256`, not by SHA-1"), "{message}");
}

#[test]
fn another_store_of_refs_is_named_and_can_be_changed() {
    let sandbox = Sandbox::empty();
    let init = "git init --quiet --initial-branch=main --ref-format=reftable";
    let known = crate::support::clean::command("sh", &sandbox.path, &sandbox.path).args(["-c", init]).output().unwrap();
    if !known.status.success() {
        // before 2.45 git knows no reftables, and nobody at such a machine has one: the test of extensions names them
        let told = String::from_utf8(known.stderr).unwrap();
        assert!(told.contains("unknown option `ref-format"), "{told}");
        return;
    }
    // git 2.47 does not yet migrate reflogs.
    sandbox.git(["config", "core.logAllRefUpdates", "false"]);
    let one = sandbox.commit("one");
    let refused = Repository::open_at(&sandbox.path).unwrap_err();
    assert_eq!(unsupported(Err(refused.clone())), Feature::RefStorage("reftable".to_owned()));
    sandbox.shell(&sandbox.path, &command_in(&refused.help()));
    assert_eq!(sandbox.revision("main").commit.to_string(), one);
}

/// libgit2 ignores extensions below format version 1, and would see no refs here.
#[test]
fn extensions_count_whatever_the_format_version() {
    for (extension, value, expected) in [
        ("refStorage", "reftable", Feature::RefStorage("reftable".to_owned())),
        ("objectFormat", "sha256", Feature::ObjectFormat("sha256".to_owned())),
    ] {
        let sandbox = Sandbox::new();
        sandbox.commit("one");
        let config = format!("[core]\n\trepositoryformatversion = 0\n[extensions]\n\t{extension} = {value}\n");
        sandbox.write(".git/config", config);
        assert_eq!(unsupported(Repository::open_at(&sandbox.path)), expected);
    }
}

#[test]
fn formats_from_the_future_are_named() {
    for (config, expected) in [
        ("repositoryformatversion = 2", Feature::FormatVersion(2)),
        ("repositoryformatversion = 1\n[extensions]\n\tteleport = true", Feature::Extension("teleport".to_owned())),
        (
            "repositoryformatversion = 1\n[extensions]\n\tcompatObjectFormat = sha256",
            Feature::Extension("compatobjectformat".to_owned()),
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.commit("one");
        sandbox.write(".git/config", format!("[core]\n\t{config}\n"));
        assert_eq!(unsupported(Repository::open_at(&sandbox.path)), expected);
    }
    let sandbox = Sandbox::new();
    let one = sandbox.commit("one");
    sandbox.write(
        ".git/config",
        "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tworktreeConfig = true\n\tpreciousObjects = true\n\tobjectFormat = sha1\n\tnoop = 1\n",
    );
    assert_eq!(sandbox.revision("main").commit.to_string(), one);
}

#[test]
fn a_path_need_not_be_text() {
    let sandbox = Sandbox::empty();
    let folder = sandbox.path.join(os(b"\xff"));
    fs::create_dir(&folder).unwrap();
    sandbox.git_in(&folder, ["init", "--quiet", "--initial-branch=main"]);
    sandbox.git_in(&folder, ["commit", "--quiet", "--allow-empty", "-m", "one"]);
    let one = sandbox.git_in(&folder, ["rev-parse", "HEAD"]);
    let repository = Repository::discover(&folder).unwrap();
    assert_eq!(repository.revision("HEAD").unwrap().commit.to_string(), one);
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let inner = Sandbox::new();
    let one = inner.commit("inner");
    let outer = Sandbox::new();
    outer.commit("outer");
    outer.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &inner.file_url(), "module"]);
    let repository = Repository::discover(&outer.path.join("module")).unwrap();
    assert_eq!(repository.revision("HEAD").unwrap().commit.to_string(), one);
}
