//! The digest of a difference: by which one change is known again, on whatever commits it stands.

use std::fmt;
use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use super::{ChangeKind, EntryKind, EvidenceError, ObjectId, Range, Repository};

use crate::hex::hex;

/// The SHA-256 of all that differs between two trees: paths, modes and object names on both sides.
///
/// It is the same for each pair of trees with that difference, so that a rebase, a squash and a merge queue keep it, as long as
/// nobody else changed the same paths.
///
/// What is digested is a line `freezegate-difference-v1 created|moved|deleted` (what happens to the ref), and behind it, byte for
/// byte, what this prints, with the empty tree for a ref that is created or deleted:
///
/// ```text
/// git diff-tree -r -z --no-renames --no-abbrev --ignore-submodules=none OLD NEW
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DifferenceDigest([u8; 32]);

impl fmt::Display for DifferenceDigest {
    /// 64 hexadecimal digits in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl Repository {
    /// Digests the difference between the trees of both ends, path by path, without collecting them.
    ///
    /// # Errors
    ///
    /// Those of [`changed_paths`](Self::changed_paths).
    pub fn difference_digest(&self, range: Range) -> Result<DifferenceDigest, EvidenceError> {
        let happens = match (range.old, range.new) {
            (None, _) => "created",
            (Some(_), Some(_)) => "moved",
            (Some(_), None) => "deleted",
        };
        let mut digest = Sha256::new();
        digest.update(format!("freezegate-difference-v1 {happens}\n"));
        self.changed_contents(range.old_tree(), range.new_tree(), &mut |path, change, contents| {
            let (old, new, status) = match change {
                ChangeKind::Added { new } => (ABSENT, mode(new), 'A'),
                ChangeKind::Deleted { old } => (mode(old), ABSENT, 'D'),
                ChangeKind::Modified { old, new } if sort(old) == sort(new) => (mode(old), mode(new), 'M'),
                ChangeKind::Modified { old, new } => (mode(old), mode(new), 'T'),
            };
            let name = |id: Option<ObjectId>| id.map_or_else(|| "0".repeat(40), |id| id.to_string());
            digest.update(format!(":{old} {new} {} {} {status}\0", name(contents.old), name(contents.new)));
            digest.update(path);
            digest.update([0]);
            ControlFlow::Continue(())
        })?;
        Ok(DifferenceDigest(digest.finalize().into()))
    }
}

/// The mode of what is not there.
const ABSENT: &str = "000000";

const fn mode(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::File => "100644",
        EntryKind::Executable => "100755",
        EntryKind::Link => "120000",
        EntryKind::Submodule => "160000",
    }
}

/// The sort of a file as stat(2) has it: git calls a path whose sort differs `T`.
const fn sort(kind: EntryKind) -> EntryKind {
    match kind {
        EntryKind::File | EntryKind::Executable => EntryKind::File,
        EntryKind::Link => EntryKind::Link,
        EntryKind::Submodule => EntryKind::Submodule,
    }
}
