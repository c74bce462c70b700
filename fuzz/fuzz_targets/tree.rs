//! The bytes of a tree object, below a commit. A tree that is read names each path once, in git's order, as a plain parser of
//! the format (gitformat-pack(5)) finds them, and differs from itself in nothing.
#![no_main]

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use freezegate::change::git::{GitEnvironment, ObjectId, Repository};
use libfuzzer_sys::fuzz_target;
use sha1::{Digest, Sha1};

thread_local! {
    static FOLDER: RefCell<Option<tempfile::TempDir>> = const { RefCell::new(None) };
}

/// Writes a loose object, stored without compression, and returns its name and its file.
fn write(objects: &Path, kind: &str, content: &[u8]) -> (String, PathBuf) {
    let mut data = format!("{kind} {}\0", content.len()).into_bytes();
    data.extend_from_slice(content);
    let id: String = Sha1::digest(&data).iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = objects.join(&id[..2]);
    fs::create_dir_all(&folder).expect("no folder for the object");
    let path = folder.join(&id[2..]);
    // zlib (RFC 1950) of stored blocks (RFC 1951, section 3.2.4)
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).expect("a block is short");
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend_from_slice(&length.to_le_bytes());
        stream.extend_from_slice(&(!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    let (mut one, mut two) = (1_u32, 0_u32);
    for byte in &data {
        one = (one + u32::from(*byte)) % 65_521;
        two = (two + one) % 65_521;
    }
    stream.extend_from_slice(&(two << 16 | one).to_be_bytes());
    fs::File::create(&path).and_then(|mut file| file.write_all(&stream)).expect("the object can't be written");
    (id, path)
}

/// The entries of a tree as the format has them: mode, name, and twenty bytes.
fn parsed(mut bytes: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let blank = bytes.iter().position(|byte| *byte == b' ')?;
        let end = bytes.iter().position(|byte| *byte == 0)?;
        let (mode, name) = (bytes.get(..blank)?, bytes.get(blank + 1..end)?);
        entries.push((mode.to_vec(), name.to_vec()));
        bytes = bytes.get(end + 21..)?;
    }
    Some(entries)
}

fuzz_target!(|bytes: &[u8]| {
    FOLDER.with_borrow_mut(|folder| {
        let folder = folder.get_or_insert_with(|| {
            let folder = tempfile::tempdir().expect("no folder for the repository");
            for part in ["refs/heads", "objects"] {
                fs::create_dir_all(folder.path().join(part)).expect("no repository");
            }
            fs::write(folder.path().join("HEAD"), "ref: refs/heads/main\n").expect("no repository");
            fs::write(folder.path().join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
                .expect("no repository");
            folder
        });
        let objects = folder.path().join("objects");
        let (tree, file) = write(&objects, "tree", bytes);
        let (commit, commit_file) = write(
            &objects,
            "commit",
            format!("tree {tree}\nauthor A <a@example.com> 0 +0000\ncommitter A <a@example.com> 0 +0000\n\nx\n").as_bytes(),
        );
        let repository = Repository::open_in(&GitEnvironment::default(), folder.path()).expect("no repository");
        let id = ObjectId::from_hex(&commit).expect("it is an id");
        let revision = repository.revision_at(id).expect("the commit is there").expect("it is not zero");
        let mut paths: Vec<Vec<u8>> = Vec::new();
        let read = repository.paths(revision.tree, &mut |path, _| {
            paths.push(path.to_vec());
            ControlFlow::Continue(())
        });
        if read.is_ok() {
            // folders lead to trees that are not there, so what is read whole holds none
            let entries = parsed(bytes).expect("what is no tree was read as one");
            assert!(entries.iter().all(|(mode, _)| mode != b"40000" && mode != b"040000"));
            let names: Vec<Vec<u8>> = entries.into_iter().map(|(_, name)| name).collect();
            assert_eq!(paths, names);
            assert!(names.iter().all(|name| !name.is_empty() && !name.contains(&b'/')), "{names:?}");
            assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "a name stands twice, or out of order: {names:?}");
        }
        let mut differs = false;
        let same = repository.changed_paths(Some(revision.tree), Some(revision.tree), &mut |_, _| {
            differs = true;
            ControlFlow::Continue(())
        });
        assert!(same.is_err() || !differs, "a tree differs from itself");
        fs::remove_file(file).and_then(|()| fs::remove_file(commit_file)).expect("the objects stay");
    });
});
