//! Loose objects, looked at before libgit2 reads them.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use miniz_oxide::{
    DataFormat, MZFlush, MZStatus,
    inflate::stream::{InflateState, inflate},
};

use super::{EvidenceError, ObjectId};

/// The directories of objects of a repository.
///
/// libgit2 1.9.7 never comes back from a loose object that was cut off
/// (<https://github.com/libgit2/libgit2/issues/7342>, fixed after that release), as a full disk leaves them. So each is
/// unpacked once to see whether it ends.
#[derive(Debug, Default)]
pub(super) struct LooseObjects {
    directories: Vec<Directory>,
}

#[derive(Debug)]
struct Directory {
    path: PathBuf,
    /// The first byte of each object that was loose when the repository was opened. Few of a large repository are, and to
    /// ask for the file of each of the others takes longer than to find it in its pack.
    first_bytes: BTreeSet<u8>,
}

impl LooseObjects {
    /// Adds a directory of objects and those that its `info/alternates` names (gitrepository-layout(5)).
    pub(super) fn add(&mut self, directory: &Path) -> Result<(), EvidenceError> {
        let mut pending = vec![directory.to_path_buf()];
        while let Some(directory) = pending.pop() {
            if self.directories.iter().any(|known| known.path == directory) {
                continue;
            }
            let alternates = directory.join("info").join("alternates");
            match fs::read_to_string(&alternates) {
                Ok(text) => {
                    let named = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
                    pending.extend(named.map(|line| directory.join(line)));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(EvidenceError::file(&alternates, &error)),
            }
            let first_bytes = first_bytes(&directory).map_err(|error| EvidenceError::file(&directory, &error))?;
            self.directories.push(Directory { path: directory, first_bytes });
        }
        Ok(())
    }

    /// Refuses an object of which a file is there that does not end as it should.
    pub(super) fn check(&self, id: ObjectId) -> Result<(), EvidenceError> {
        let oid = id.oid();
        let first = oid.as_bytes().first();
        let may_hold = |directory: &&Directory| first.is_none_or(|first| directory.first_bytes.contains(first));
        for directory in self.directories.iter().filter(may_hold) {
            let name = id.to_string();
            let Some((folder, file)) = name.split_at_checked(2) else { return Ok(()) };
            let path = directory.path.join(folder).join(file);
            match fs::read(&path) {
                Ok(content) if ends(&content) => {}
                Ok(_) => {
                    let reason = format!("`{}` is malformed or cut off", path.display());
                    return Err(EvidenceError::UnreadableObject { id, reason });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(EvidenceError::file(&path, &error)),
            }
        }
        Ok(())
    }
}

/// The folders `00` to `ff` that a directory of objects has. A directory that is not there has none.
fn first_bytes(directory: &Path) -> io::Result<BTreeSet<u8>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries?,
    };
    let mut found = BTreeSet::new();
    for entry in entries {
        // others, such as `pack`, are no folders of loose objects
        if let Some(name) = entry?.file_name().to_str().filter(|name| name.len() == 2)
            && let Ok(first) = u8::from_str_radix(name, 16)
        {
            found.insert(first);
        }
    }
    Ok(found)
}

/// Returns whether these bytes are one zlib stream (RFC 1950) from the first to the last.
fn ends(mut content: &[u8]) -> bool {
    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let mut unpacked = vec![0; 64 << 10];
    loop {
        let result = inflate(&mut state, content, &mut unpacked, MZFlush::None);
        let Some(rest) = content.get(result.bytes_consumed..) else { return false };
        match result.status {
            Ok(MZStatus::StreamEnd) => return rest.is_empty(),
            Ok(MZStatus::Ok) if result.bytes_consumed > 0 || result.bytes_written > 0 => content = rest,
            Ok(MZStatus::Ok | MZStatus::NeedDict) | Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ends;

    /// `printf 'content' | python3 -c 'import sys, zlib; print(list(zlib.compress(sys.stdin.buffer.read())))'`
    const CONTENT: [u8; 15] = [120, 156, 75, 206, 207, 43, 73, 205, 43, 1, 0, 11, 203, 2, 252];

    #[test]
    fn a_stream_ends_at_its_end_only() {
        assert!(ends(&CONTENT));
        for length in 0..CONTENT.len() {
            assert!(!ends(&CONTENT[..length]), "cut off after {length}");
        }
        let mut longer = CONTENT.to_vec();
        longer.push(0);
        assert!(!ends(&longer));
        // Byte 10 ends in bits that mean nothing.
        for at in (0..CONTENT.len()).filter(|at| *at != 10) {
            let mut flipped = CONTENT;
            flipped[at] ^= 4;
            assert!(!ends(&flipped), "byte {at}");
        }
    }
}
