//! Trees that git would not write, against `git fsck`.

use std::collections::HashMap;

use freezegate::change::git::{EvidenceError, Repository};
use proptest::{
    collection::vec,
    prelude::Strategy,
    sample::select,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::git_evidence::sandbox::{Sandbox, changes};

/// A store that objects are written to as they are, checked by nobody.
struct Store {
    sandbox: Sandbox,
    store: git2::Repository,
}

impl Store {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let store = git2::Repository::open(&sandbox.path).unwrap();
        Self { sandbox, store }
    }

    fn write(&self, kind: git2::ObjectType, content: &[u8]) -> git2::Oid {
        self.store.odb().unwrap().write(kind, content).unwrap()
    }

    /// A tree of these bytes, and a commit that holds it.
    fn tree(&self, content: &[u8]) -> Written {
        let tree = self.write(git2::ObjectType::Tree, content);
        let who = "A <a@example.com> 0 +0000";
        let commit = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nmessage\n");
        let commit = self.write(git2::ObjectType::Commit, commit.as_bytes()).to_string();
        Written { tree: tree.to_string(), commit, content: content.to_vec() }
    }

    /// Returns what `git fsck` says of each object: the lines that name it.
    fn fsck(&self) -> HashMap<String, Vec<String>> {
        let mut command = self.sandbox.command();
        let output = command.args(["fsck", "--no-dangling", "--no-progress"]).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let mut by_id: HashMap<String, Vec<String>> = HashMap::new();
        for line in String::from_utf8_lossy(&said).lines() {
            for word in line.split([' ', ':', ',']).filter(|word| word.len() == 40) {
                by_id.entry(word.to_owned()).or_default().push(line.to_owned());
            }
        }
        by_id
    }
}

/// A tree that was written.
struct Written {
    tree: String,
    commit: String,
    content: Vec<u8>,
}

/// Returns what came of reading a tree as the old and as the new side of a comparison.
fn read(repository: &Repository, written: &Written) -> [Result<(), EvidenceError>; 2] {
    let tree = Some(repository.revision(&written.commit).unwrap().tree);
    [(tree, None), (None, tree)].map(|(old, new)| changes(repository, old, new).map(|_| ()))
}

fn entry(mode: &str, name: &[u8], id: git2::Oid) -> Vec<u8> {
    [mode.as_bytes(), b" ", name, b"\0", id.as_bytes()].concat()
}

/// Modes and names that meet: as file, link, submodule and folder, in the order of git's trees or not.
fn items() -> impl Strategy<Value = Vec<(&'static [u8], &'static str)>> {
    let names: [&[u8]; 14] =
        [b"a", b"a.b", b"a.b.c", b"a-", b"a0", b"a!", b"ab", b"b", b"a.", b"\xff", b"a/b", b"..", b"", b"a.b/"];
    let modes = ["100644", "100755", "120000", "160000", "40000", "40000"];
    // no path has one of the last four names; half of the trees have none either, and three of four are sorted
    (vec((select(names.to_vec()), select(modes.to_vec())), 0..9), 0..4_u8, 0..2_u8).prop_map(
        |(mut items, sort, odd)| {
            if odd == 0 {
                items.retain(|(name, _)| !name.is_empty() && *name != b".." && !name.contains(&b'/'));
            }
            if sort > 0 {
                let key = |(name, mode): &(&[u8], &str)| [*name, if *mode == "40000" { b"/" } else { b"" }].concat();
                items.sort_by_key(key);
                items.dedup_by_key(|item| key(item));
            }
            items
        },
    )
}

#[test]
fn a_tree_is_refused_whenever_git_fsck_calls_it_an_error() {
    let store = Store::new();
    let blob = store.write(git2::ObjectType::Blob, b"content");
    let folder = store.write(git2::ObjectType::Tree, b"");
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut trees = Vec::new();
    for number in 0..1_500 {
        let items = items().new_tree(&mut runner).unwrap().current();
        let id = |mode: &str| if mode == "40000" { folder } else { blob };
        let mut content: Vec<u8> = items.iter().flat_map(|(name, mode)| entry(mode, name, id(mode))).collect();
        if number % 20 == 0 {
            content.pop();
        }
        trees.push(store.tree(&content));
    }
    let said = store.fsck();
    let repository = store.sandbox.open();
    let mut faults: HashMap<&str, u32> = HashMap::new();
    for written in &trees {
        let lines: &[String] = said.get(&written.tree).map_or(&[], Vec::as_slice);
        let is_error = lines.iter().any(|line| line.starts_with("error"));
        for read in read(&repository, written) {
            match (is_error, lines) {
                (true, _) => assert!(matches!(read, Err(EvidenceError::BrokenTree { .. })), "{lines:?}: {read:?}"),
                (false, []) => assert_eq!(read, Ok(()), "{}", written.content.escape_ascii()),
                // git warns of names that no path has
                (false, _) => {}
            }
        }
        for fault in ["duplicateEntries", "treeNotSorted", "badTree", "could not be parsed"] {
            *faults.entry(fault).or_default() += u32::from(lines.iter().any(|line| line.contains(fault)));
        }
        *faults.entry("sound").or_default() += u32::from(lines.is_empty());
    }
    for fault in ["duplicateEntries", "treeNotSorted", "sound"] {
        assert!(faults[fault] > 50, "{faults:?}");
    }
    assert!(faults["badTree"] + faults["could not be parsed"] > 25, "{faults:?}");
}

/// Returns what a file system may take for a file of git's own, and what it does not.
fn spellings() -> Vec<Vec<u8>> {
    let stems = [
        ".git",
        "git~1",
        "git~2",
        ".gitmodules",
        "gitmod~1",
        "gitmod~5",
        "gi7eba~1",
        "gi7eb~12",
        "gi7e~123",
        ".gitattributes",
        "gitatt~4",
        "gi7d29~9",
        "g~123456",
        ".gitignore",
        ".github",
        "gitx~1",
        ".gi\u{200c}t",
        ".git\u{feff}attributes",
    ];
    let prefixes = ["", "x", "\u{200d}", "x\\"];
    let suffixes: [&[u8]; 9] = [b"", b".", b". . ", b":", b".:x", b"x", b"\\x", b" x", b"\xff"];
    let mut names = Vec::new();
    for stem in stems {
        let capitals: String = stem.chars().map(|one| one.to_ascii_uppercase()).collect();
        for stem in [stem.to_owned(), capitals] {
            for prefix in prefixes {
                names.extend(suffixes.iter().map(|suffix| [prefix.as_bytes(), stem.as_bytes(), suffix].concat()));
            }
        }
    }
    names
}

#[test]
fn a_new_tree_holds_no_file_of_git_that_is_not_a_file() {
    let store = Store::new();
    let mut trees = Vec::new();
    for (number, name) in spellings().into_iter().enumerate() {
        for mode in ["100644", "120000", "40000"] {
            // told apart by what it holds, as git reports some faults there
            let unique = format!("{number} {mode}");
            let blob = store.write(git2::ObjectType::Blob, unique.as_bytes());
            let held = match mode {
                "40000" => store.write(git2::ObjectType::Tree, &entry("100644", unique.as_bytes(), blob)),
                _ => blob,
            };
            trees.push((held.to_string(), store.tree(&entry(mode, &name, held))));
        }
    }
    let said = store.fsck();
    // what is kept was looked at as an old tree first
    let repositories = [store.sandbox.open(), store.sandbox.open().keeping(1 << 20)];
    let mut refused = 0;
    for (repository, (held, written)) in repositories.iter().flat_map(|one| trees.iter().map(move |tree| (one, tree))) {
        let lines: Vec<&String> = [held, &written.tree].into_iter().filter_map(|id| said.get(id)).flatten().collect();
        // the content of a `.gitmodules` is not a matter of trees
        let is_error = lines.iter().any(|line| line.starts_with("error") && !line.contains("gitmodulesParse"));
        let [old, new] = read(repository, written);
        assert_eq!(old, Ok(()), "what is there can be removed: {}", written.content.escape_ascii());
        assert_eq!(new.is_err(), is_error, "{}: {lines:?} {new:?}", written.content.escape_ascii());
        refused += u32::from(is_error);
    }
    assert!(refused > 200, "{refused} of {}", trees.len());
}

/// What both sides have in common, and what stands behind the last difference, is checked too.
#[test]
fn a_fault_is_found_wherever_it_stands() {
    let store = Store::new();
    let blobs: Vec<git2::Oid> =
        (0..3).map(|number| store.write(git2::ObjectType::Blob, format!("{number}").as_bytes())).collect();
    let folder = store.write(git2::ObjectType::Tree, &entry("100644", b"x", blobs[0]));
    let file = |name: &[u8], content: usize| entry("100644", name, blobs[content]);
    let around = |fault: &[u8], before: usize, behind: usize| {
        let many = |letter: char, content: usize| -> Vec<u8> {
            (10..40).flat_map(|number| file(format!("{letter}{number}").as_bytes(), content)).collect()
        };
        [many('a', 0), file(b"b", before), many('c', 0), fault.to_vec(), many('x', 0), file(b"y", behind), many('z', 0)]
            .concat()
    };
    let main_tf = |between: &[u8]| [file(b"main.tf", 0), between.to_vec(), entry("40000", b"main.tf", folder)].concat();
    let faults = [
        main_tf(b""),
        main_tf(&file(b"main.tf.x", 0)),
        main_tf(&[file(b"main.tf-", 0), file(b"main.tf.x", 0), file(b"main.tf.x.y", 0)].concat()),
        [entry("160000", b"main.tf", folder), file(b"main.tf.x", 0), entry("40000", b"main.tf", folder)].concat(),
        [file(b"m", 0), file(b"m.x", 0), entry("40000", b"m.x", folder), entry("40000", b"m", folder)].concat(),
        [file(b"n", 0), file(b"m", 0)].concat(),
        [file(b"m", 0), file(b"m", 0)].concat(),
    ];
    let repository = store.sandbox.open();
    for fault in faults {
        for (before, behind) in [(1, 0), (0, 1), (1, 1)] {
            let sides = [store.tree(&around(&fault, 0, 0)), store.tree(&around(&fault, before, behind))];
            let [one, two] = sides.each_ref().map(|written| Some(repository.revision(&written.commit).unwrap().tree));
            for (old, new) in [(one, two), (two, one), (one, None), (None, one)] {
                let read = changes(&repository, old, new);
                assert!(matches!(read, Err(EvidenceError::BrokenTree { .. })), "{}: {read:?}", fault.escape_ascii());
            }
        }
    }
    // the same names, each once
    let sound = [file(b"main.tf", 0), file(b"main.tf.x", 0), entry("40000", b"main.tf.y", folder)].concat();
    let [one, two] = [(0, 0), (1, 1)]
        .map(|(before, behind)| repository.revision(&store.tree(&around(&sound, before, behind)).commit).unwrap().tree);
    assert_eq!(changes(&repository, Some(one), Some(two)).unwrap().len(), 2);
}

#[test]
fn a_path_is_no_longer_than_a_checkout_can_hold() {
    let store = Store::new();
    let blob = store.write(git2::ObjectType::Blob, b"content");
    let repository = store.sandbox.open();
    for (length, fits) in [(4_096, true), (4_097, false), (1 << 20, false)] {
        for folders in [0, 1] {
            let mut tree = entry("100644", &vec![b'x'; length - 2 * folders], blob);
            for _ in 0..folders {
                tree = entry("40000", b"a", store.write(git2::ObjectType::Tree, &tree));
            }
            let sides = read(&repository, &store.tree(&tree));
            assert!(sides.iter().all(|side| side.is_ok() == fits), "{length}: {sides:?}");
        }
        // the length of a folder alone
        let empty = store.write(git2::ObjectType::Tree, b"");
        let written = store.tree(&entry("40000", &vec![b'x'; length], empty));
        let sides = read(&repository, &written);
        assert!(sides.iter().all(|side| side.is_ok() == fits), "{length}: {sides:?}");
    }
    let long = store.tree(&entry("100644", &vec![b'x'; 5_000], blob));
    let [_, Err(error)] = read(&repository, &long) else { panic!("a path of 5,000 bytes is read") };
    assert_eq!(error.to_string(), format!("the path `{}…` has more than 4096 bytes", "x".repeat(60)));
}
