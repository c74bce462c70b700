//! The difference of trees against `git diff-tree`: random trees, and trees that no git would write.

use std::{fmt::Write as _, ops::ControlFlow};

use freezegate::change::git::{ChangeKind, EvidenceError, Limits, Repository};
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, prop_oneof},
    sample::select,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::git_evidence::sandbox::{EMPTY_TREE, Sandbox, changes, changes_by_git};

/// One thing done to a tree on the way to the next.
#[derive(Debug, Clone)]
enum Edit {
    Set { path: Vec<&'static [u8]>, mode: &'static str, content: u8 },
    Delete { path: Vec<&'static [u8]> },
}

/// Few names, so that they meet: as files, as folders, and beside names that sort between the two.
fn path() -> impl Strategy<Value = Vec<&'static [u8]>> {
    let names: [&[u8]; 13] =
        [b"a", b"a.b", b"a-b", b"a0", b"aa", b"A", b"b", "\u{e9}".as_bytes(), b"\xff", b"a b", b"x\ny", b"a\"", b"~"];
    vec(select(names.to_vec()), 1..5)
}

fn edit() -> impl Strategy<Value = Edit> {
    let mode = select(&["100644", "100644", "100644", "100755", "120000", "160000"][..]);
    prop_oneof![
        4 => (path(), mode, 0..4_u8).prop_map(|(path, mode, content)| Edit::Set { path, mode, content }),
        1 => path().prop_map(|path| Edit::Delete { path }),
    ]
}

/// Commits for git-fast-import(1): each starts from the one before, or from nothing.
fn stream(commits: &[(bool, Vec<Edit>)]) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut mark = 4;
    for content in 0..mark {
        stream.extend(format!("blob\nmark :{}\ndata 1\n{content}\n", content + 1).into_bytes());
    }
    for (afresh, edits) in commits {
        mark += 1;
        let who = "committer Carl <carl@example.com> 1751366940 +0000";
        stream.extend(format!("commit refs/heads/main\nmark :{mark}\n{who}\ndata 0\n").into_bytes());
        if *afresh {
            stream.extend_from_slice(b"deleteall\n");
        }
        for edit in edits {
            let path = match edit {
                Edit::Set { path, mode, content } => {
                    let object = match *mode {
                        "160000" => format!("{content:x}").repeat(40).replace('0', "d"),
                        _ => format!(":{}", content + 1),
                    };
                    stream.extend(format!("M {mode} {object} ").into_bytes());
                    path
                }
                Edit::Delete { path } => {
                    stream.extend_from_slice(b"D ");
                    path
                }
            };
            stream.extend(quoted(&path.join(&b'/')).into_bytes());
            stream.push(b'\n');
        }
        stream.push(b'\n');
    }
    stream
}

fn quoted(path: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for byte in path {
        write!(quoted, "\\{byte:03o}").unwrap();
    }
    quoted + "\""
}

#[test]
fn random_trees_differ_as_git_says() {
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let afresh = prop_oneof![3 => Just(false), 1 => Just(true)];
    let commits = vec((afresh, vec(edit(), 0..25)), 5);
    let run = runner.run(&commits, |commits| {
        let sandbox = Sandbox::new();
        sandbox.git_with(["fast-import", "--quiet"], &stream(&commits));
        let ids = sandbox.git(["rev-list", "--reverse", "main"]);
        let ids: Vec<&str> = ids.lines().collect();
        let repository = sandbox.open();
        let keeping = [sandbox.open().keeping(1 << 20), sandbox.open().keeping(800)];
        let pairs = ids.windows(2).map(|pair| (pair[0], pair[1]));
        for (old, new) in pairs.chain([(ids[0], ids[4]), (ids[4], ids[1]), (ids[2], ids[2])]) {
            assert_same_difference(&sandbox, &repository, old, new);
            keeping.iter().for_each(|repository| assert_same_difference(&sandbox, repository, old, new));
        }
        assert_same_difference(&sandbox, &repository, EMPTY_TREE, ids[4]);
        assert_same_difference(&sandbox, &repository, ids[4], EMPTY_TREE);
        Ok(())
    });
    run.unwrap();
}

fn assert_same_difference(sandbox: &Sandbox, repository: &Repository, old: &str, new: &str) {
    let tree = |revision: &str| (revision != EMPTY_TREE).then(|| repository.revision(revision).unwrap().tree);
    let found = changes(repository, tree(old), tree(new)).unwrap();
    assert_eq!(found, changes_by_git(sandbox, old, new), "{old}..{new}");
}

/// A commit of a tree that is written byte by byte.
fn commit_of(sandbox: &Sandbox, tree: &str) -> String {
    let commit =
        format!("tree {tree}\nauthor A <a@example.com> 0 +0000\ncommitter A <a@example.com> 0 +0000\n\nmessage\n");
    sandbox.object("commit", commit.as_bytes())
}

fn raw(id: &str) -> Vec<u8> {
    (0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()).collect()
}

fn entry(mode: &str, name: &[u8], id: &str) -> Vec<u8> {
    [mode.as_bytes(), b" ", name, b"\0", &raw(id)].concat()
}

#[test]
fn trees_that_git_would_not_write_are_refused() {
    let sandbox = Sandbox::new();
    let blob = sandbox.object("blob", b"content");
    let file = |name: &[u8]| entry("100644", name, &blob);
    let trees: [(&str, Vec<u8>); 16] = [
        ("out of order", [file(b"b"), file(b"a")].concat()),
        ("twice", [file(b"a"), file(b"a")].concat()),
        ("folder before its place", [entry("40000", b"a", EMPTY_TREE), file(b"a.b")].concat()),
        ("file behind its place", [file(b"a.b"), file(b"a")].concat()),
        ("slash", file(b"a/b")),
        ("dot", file(b".")),
        ("dot dot", file(b"..")),
        ("no name", file(b"")),
        ("unknown mode", entry("010644", b"a", &blob)),
        ("no mode", entry("", b"a", &blob)),
        ("mode in decimal", entry("100984", b"a", &blob)),
        ("endless mode", entry("100000000000644", b"a", &blob)),
        ("cut in the mode", b"1006".to_vec()),
        ("cut in the name", b"100644 a".to_vec()),
        ("cut in the object name", file(b"a")[..20].to_vec()),
        ("text", b"not a tree\n".to_vec()),
    ];
    let repository = sandbox.open();
    for (what, content) in trees {
        let commit = commit_of(&sandbox, &sandbox.object("tree", &content));
        let tree = repository.revision(&commit).unwrap().tree;
        for (old, new) in [(None, Some(tree)), (Some(tree), None)] {
            let refused = changes(&repository, old, new).unwrap_err();
            assert!(matches!(refused, EvidenceError::BrokenTree { .. }), "{what}: {refused}");
        }
        let refused = repository.file_at(repository.revision(&commit).unwrap().commit, "z").unwrap_err();
        assert!(matches!(refused, EvidenceError::BrokenTree { .. }), "{what}: {refused}");
    }
}

#[test]
fn unusual_trees_that_git_reads_are_read() {
    let sandbox = Sandbox::new();
    let blob = sandbox.object("blob", b"content");
    let content = [
        entry("100664", b"a", &blob),
        entry("100755", b"b", &blob),
        entry("040000", b"c", &sandbox.object("tree", &entry("100600", b"d", &blob))),
        entry("40000", b"e", EMPTY_TREE),
    ];
    let commit = commit_of(&sandbox, &sandbox.object("tree", &content.concat()));
    let repository = sandbox.open();
    assert_same_difference(&sandbox, &repository, EMPTY_TREE, &commit);
    assert_eq!(sandbox.changed(&format!("0000..{commit}")), ["a", "b", "c/d"]);
}

/// Folders in one another, one file at the end, and the tree and the path of it all.
fn nested(sandbox: &Sandbox, names: usize, last: &str) -> (String, Vec<u8>) {
    let store = git2::Repository::open(&sandbox.path).unwrap();
    let mut id = store.blob(b"content").unwrap();
    let mut mode = 0o100_644;
    let mut name = last;
    for _ in 0..names {
        let mut builder = store.treebuilder(None).unwrap();
        builder.insert(name, id, mode).unwrap();
        id = builder.write().unwrap();
        (mode, name) = (0o040_000, "a");
    }
    let path = ["a/".repeat(names - 1).as_bytes(), last.as_bytes()].concat();
    (commit_of(sandbox, &id.to_string()), path)
}

#[test]
fn deep_trees_need_no_stack_and_too_deep_ones_are_refused() {
    let sandbox = Sandbox::new();
    // 2,048 names, and 4,096 bytes with the slashes between them.
    let (deep, path) = nested(&sandbox, 2_048, "aa");
    assert_eq!(path.len(), 4_096);
    let (too_deep, _) = nested(&sandbox, 2_049, "aa");
    let folder = sandbox.path.clone();
    let small_stack = std::thread::Builder::new().stack_size(128 << 10).spawn(move || {
        let repository = Repository::open_at(&folder).unwrap();
        let tree = Some(repository.revision(&deep).unwrap().tree);
        for (old, new) in [(None, tree), (tree, None)] {
            let found = changes(&repository, old, new).unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].0, path);
        }
        let tree = repository.revision(&too_deep).unwrap().tree;
        assert_eq!(changes(&repository, None, Some(tree)), Err(EvidenceError::TooDeep { limit: 2_048 }));
    });
    small_stack.unwrap().join().unwrap();
}

#[test]
fn many_walks_together_are_bounded() {
    let sandbox = Sandbox::new();
    let (commit, _) = nested(&sandbox, 20, "a");
    let limits = Limits { entries_together: 100, ..Limits::default() };
    let repository = Repository::open_at(&sandbox.path).unwrap().with_limits(limits);
    let tree = Some(repository.revision(&commit).unwrap().tree);
    let allowed = (0..100).take_while(|_| changes(&repository, None, tree).is_ok()).count();
    // what is looked at twice counts twice, and the one that goes beyond is the last
    assert!((2..=6).contains(&allowed), "{allowed}");
    assert_eq!(changes(&repository, None, tree), Err(EvidenceError::TooManyEntriesTogether { limit: 100 }));
}

#[test]
fn trees_that_stand_for_billions_of_paths_are_refused() {
    let sandbox = Sandbox::new();
    for leaf in [EMPTY_TREE.to_owned(), sandbox.object("tree", &entry("100644", b"f", &sandbox.object("blob", b"")))] {
        let mut tree = leaf;
        for _ in 0..12 {
            let names = ["0", "1", "2", "3", "4", "5", "6", "7"];
            let content: Vec<u8> = names.iter().flat_map(|name| entry("40000", name.as_bytes(), &tree)).collect();
            tree = sandbox.object("tree", &content);
        }
        let limits = Limits { entries: 100_000, ..Limits::default() };
        let repository = sandbox.open().with_limits(limits);
        let tree = repository.revision(&commit_of(&sandbox, &tree)).unwrap().tree;
        let refused = repository.changed_paths(None, Some(tree), &mut |_, _| ControlFlow::Continue(()));
        assert_eq!(refused, Err(EvidenceError::TooManyEntries { limit: 100_000 }));
        // whatever the limit, what stands at many paths is looked at a fixed number of times
        let repository = sandbox.open();
        let refused = repository.changed_paths(None, Some(tree), &mut |_, _| ControlFlow::Continue(()));
        assert!(matches!(refused, Err(EvidenceError::TooManyEntries { limit }) if limit < 2_000_000), "{refused:?}");
    }
}

#[test]
fn the_same_tree_is_no_difference_and_is_not_read() {
    let sandbox = Sandbox::new();
    let commit = commit_of(&sandbox, &"1".repeat(40));
    let repository = sandbox.open();
    let tree = repository.revision(&commit).unwrap().tree;
    assert_eq!(changes(&repository, Some(tree), Some(tree)), Ok(Vec::new()));
    assert_eq!(changes(&repository, None, None), Ok(Vec::new()));
    assert!(changes(&repository, None, Some(tree)).is_err(), "there is no such tree");
}

#[test]
fn stops_when_told_to() {
    let sandbox = Sandbox::new();
    sandbox.commit_files("new", &["a", "b/c", "b/d", "e"]);
    let repository = sandbox.open();
    let mut seen = Vec::new();
    let tree = repository.revision("HEAD").unwrap().tree;
    let walked = repository.changed_paths(None, Some(tree), &mut |path, change| {
        seen.push((path.to_vec(), change));
        if path == b"b/c" { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(walked, Ok(()));
    assert_eq!(seen.len(), 2);
    assert!(matches!(seen[1].1, ChangeKind::Added { .. }));
}

#[test]
fn a_large_tree_differs_as_git_says() {
    let sandbox = Sandbox::new();
    let mut edits: Vec<u8> = b"blob\nmark :1\ndata 1\na\nblob\nmark :2\ndata 1\nb\n".to_vec();
    let commit = "commit refs/heads/main\ncommitter C <c@example.com> 0 +0000\ndata 0\n";
    edits.extend_from_slice(commit.as_bytes());
    for file in 0..50_000 {
        edits.extend(format!("M 644 :1 flat/{file}\nM 644 :1 {}/{}/{file}\n", file % 100, file % 7).into_bytes());
    }
    edits.extend_from_slice(commit.as_bytes());
    edits.extend_from_slice(b"M 644 :2 flat/49999\nM 644 :2 flat/7/new\nD 3/4/1103\nM 755 :1 99/0/399\n");
    sandbox.git_with(["fast-import", "--quiet"], &edits);
    let repository = sandbox.open();
    let tree = |revision| Some(repository.revision(revision).unwrap().tree);
    assert_eq!(changes(&repository, tree("main~"), tree("main")).unwrap(), changes_by_git(&sandbox, "main~", "main"));
    let mut count = 0;
    let listing = repository.paths(repository.revision("main~").unwrap().tree, &mut |_, _| {
        count += 1;
        ControlFlow::Continue(())
    });
    listing.unwrap();
    assert_eq!(count, 100_000);
}

/// Counted, not timed: the smallest bound under which two trees are compared is the number of entries that are looked at.
#[test]
fn the_entries_that_are_looked_at_grow_with_the_paths_that_differ() {
    let looked_at = [100_u64, 1_000, 10_000].map(|paths| {
        let sandbox = Sandbox::new();
        let of = |text: &[u8]| {
            let blob = sandbox.object("blob", text);
            let folder: Vec<u8> =
                (0..100).flat_map(|number| entry("100644", format!("f{number:02}").as_bytes(), &blob)).collect();
            let folder = sandbox.object("tree", &folder);
            let names = (0..paths / 100).map(|number| format!("d{number:02}"));
            let root: Vec<u8> = names.flat_map(|name| entry("40000", name.as_bytes(), &folder)).collect();
            commit_of(&sandbox, &sandbox.object("tree", &root))
        };
        let (old, new) = (of(b"old"), of(b"new"));
        let compared = |entries: u64| {
            let repository = sandbox.open().with_limits(Limits { entries, ..Limits::default() });
            let tree = |commit: &str| repository.revision(commit).unwrap().tree;
            let mut found = 0_u64;
            let walked = repository.changed_paths(Some(tree(&old)), Some(tree(&new)), &mut |_, _| {
                found += 1;
                ControlFlow::Continue(())
            });
            walked.map(|()| found)
        };
        let (mut too_few, mut enough) = (0, 100 * paths);
        assert_eq!(compared(enough), Ok(paths));
        while enough - too_few > 1 {
            let middle = u64::midpoint(too_few, enough);
            match compared(middle) {
                Ok(found) => {
                    assert_eq!(found, paths);
                    enough = middle;
                }
                Err(error) => {
                    assert_eq!(error, EvidenceError::TooManyEntries { limit: middle });
                    too_few = middle;
                }
            }
        }
        enough
    });
    assert!(looked_at[1] <= 10 * looked_at[0] && looked_at[2] <= 10 * looked_at[1], "{looked_at:?}");
    assert!(looked_at[0] >= 100, "{looked_at:?}");
}
