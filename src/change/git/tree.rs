//! Tree objects, entry by entry.

use std::cmp::Ordering;

use super::{
    EntryKind, EvidenceError, ObjectId, ObjectKind, Repository,
    dot_name::{DotName, NameRule},
    id::ID_BYTES,
    kept::Object,
};

/// The mode of an entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryMode {
    Folder,
    Leaf(EntryKind),
}

impl EntryMode {
    /// As git reads modes (`canon_mode`): of a regular file only the owner's right to execute counts.
    fn from_bits(bits: u32) -> Option<Self> {
        match bits & 0o170_000 {
            0o040_000 => Some(Self::Folder),
            0o100_000 if bits & 0o100 != 0 => Some(Self::Leaf(EntryKind::Executable)),
            0o100_000 => Some(Self::Leaf(EntryKind::File)),
            0o120_000 => Some(Self::Leaf(EntryKind::Link)),
            0o160_000 => Some(Self::Leaf(EntryKind::Submodule)),
            _ => None,
        }
    }
}

/// One entry of a tree, borrowed from it.
#[derive(Debug, Clone, Copy)]
pub(super) struct TreeEntry<'tree> {
    pub(super) mode: EntryMode,
    pub(super) name: &'tree [u8],
    id: &'tree [u8],
}

impl TreeEntry<'_> {
    /// Returns whether this is the same content in the same mode.
    pub(super) fn same_as(&self, other: &TreeEntry<'_>) -> bool {
        self.mode == other.mode && self.id == other.id
    }

    /// The order of git's trees: that of the bytes, where a folder's name ends with a slash.
    pub(super) fn order(&self, other: &TreeEntry<'_>) -> Ordering {
        let shared = self.name.len().min(other.name.len());
        let (Some((one, one_rest)), Some((two, two_rest))) =
            (self.name.split_at_checked(shared), other.name.split_at_checked(shared))
        else {
            return self.name.cmp(other.name);
        };
        let next = |rest: &[u8], mode: EntryMode| match (rest.first(), mode) {
            (Some(byte), _) => *byte,
            (None, EntryMode::Folder) => b'/',
            (None, EntryMode::Leaf(_)) => 0,
        };
        one.cmp(two).then_with(|| next(one_rest, self.mode).cmp(&next(two_rest, other.mode)))
    }
}

/// A tree that is read from front to back, one entry at a time and without copying any.
///
/// All of it is checked before its first entry is shown, also what is never looked at: the entries that two trees have in
/// common, and those behind the last difference.
pub(super) struct TreeCursor<'odb> {
    id: ObjectId,
    object: Object<'odb>,
    current: Option<EntryPlace>,
}

/// The place where an entry lies in its tree.
#[derive(Clone, Copy)]
struct EntryPlace {
    mode: EntryMode,
    start: usize,
    name: usize,
    name_end: usize,
    end: usize,
}

impl<'odb> TreeCursor<'odb> {
    /// Reads a tree, checks all of it, and stands at its first entry.
    pub(super) fn read(
        repository: &Repository,
        odb: &'odb git2::Odb<'_>,
        id: ObjectId,
        names: NameRule,
    ) -> Result<Self, EvidenceError> {
        let object = repository.read(odb, id, ObjectKind::Tree)?;
        let mut tree = Self { id, object, current: None };
        if !repository.kept.is_checked(id.oid(), names) {
            tree.entries().check(names)?;
            repository.kept.check(id.oid(), names);
        }
        tree.current = tree.entries().place_at(0)?;
        Ok(tree)
    }

    /// The entry at hand; none behind the last.
    pub(super) fn entry(&self) -> Option<TreeEntry<'_>> {
        self.current.map(|place| self.entries().at(place))
    }

    /// The name of what an entry of this tree points to.
    pub(super) fn target(&self, entry: &TreeEntry<'_>) -> Result<ObjectId, EvidenceError> {
        ObjectId::from_raw(entry.id).ok_or_else(|| self.malformed("it ends too early"))
    }

    /// Goes on to the next entry.
    pub(super) fn advance(&mut self) -> Result<(), EvidenceError> {
        if let Some(before) = self.current {
            self.current = self.entries().behind(before)?;
        }
        Ok(())
    }

    /// Goes on past all entries that two trees have in common from where both stand, byte for byte, and says how many.
    pub(super) fn pass_common(&mut self, other: &mut Self) -> Result<u64, EvidenceError> {
        let (own, others) = (self.entries(), other.entries());
        let (mut current, mut current_of_other) = (self.current, other.current);
        let mut passed = 0;
        while let (Some(one), Some(two)) = (current, current_of_other)
            && others.begins_at(two.start, own.bytes(one))
        {
            passed += 1;
            current = own.behind(one)?;
            current_of_other = match current {
                // what is the same need not be read again
                Some(next) if others.begins_at(two.end, own.bytes(next)) => Some(next.moved_to(two.end)),
                Some(_) | None => others.behind(two)?,
            };
        }
        (self.current, other.current) = (current, current_of_other);
        Ok(passed)
    }

    fn entries(&self) -> Entries<'_> {
        Entries { id: self.id, data: self.object.data() }
    }

    pub(super) fn malformed(&self, reason: &str) -> EvidenceError {
        self.entries().malformed(reason)
    }
}

impl EntryPlace {
    fn moved_to(self, start: usize) -> Self {
        let moved = |at: usize| start + (at - self.start);
        Self { mode: self.mode, start, name: moved(self.name), name_end: moved(self.name_end), end: moved(self.end) }
    }
}

/// The bytes of a tree. Places are of the very tree that they were found in, or of one that begins there in the same way.
#[derive(Clone, Copy)]
struct Entries<'tree> {
    id: ObjectId,
    data: &'tree [u8],
}

impl<'tree> Entries<'tree> {
    #[expect(clippy::indexing_slicing, reason = "a place was cut from this very tree")]
    fn at(self, place: EntryPlace) -> TreeEntry<'tree> {
        let EntryPlace { mode, name, name_end, end, .. } = place;
        TreeEntry { mode, name: &self.data[name..name_end], id: &self.data[name_end + 1..end] }
    }

    #[expect(clippy::indexing_slicing, reason = "a place was cut from this very tree")]
    fn bytes(self, place: EntryPlace) -> &'tree [u8] {
        &self.data[place.start..place.end]
    }

    fn begins_at(self, start: usize, bytes: &[u8]) -> bool {
        self.data.get(start..).is_some_and(|rest| rest.starts_with(bytes))
    }

    /// The entry behind another one; none behind the last.
    fn behind(self, before: EntryPlace) -> Result<Option<EntryPlace>, EvidenceError> {
        self.place_at(before.end)
    }

    /// Refuses what `git fsck` calls an error of a tree: entries out of order, and a name that stands twice.
    ///
    /// git writes entries in order and each name once, and whoever relies on that, as git does, can be shown one tree and
    /// check out another. A folder is ordered as if its name ended in a slash, so a file and a folder of one name need not
    /// stand side by side: `a`, `a.b` and the folder `a` are in order (`verify_ordered` in git's `fsck.c`).
    fn check(self, names: NameRule) -> Result<(), EvidenceError> {
        // entries that are no folders, with whose names the entry at hand begins, the shortest first
        let mut shorter: Vec<EntryPlace> = Vec::new();
        let mut last: Option<EntryPlace> = None;
        let mut next = self.place_at(0)?;
        while let Some(place) = next {
            let here = self.at(place);
            if let Some(last) = last {
                let before = self.at(last);
                if before.name == here.name {
                    return Err(self.twice(here.name));
                }
                if before.order(&here).is_ge() {
                    return Err(self.malformed("its entries are not in order"));
                }
                if before.mode != EntryMode::Folder && here.name.starts_with(before.name) {
                    shorter.push(last);
                }
                while let Some(one) = shorter.last()
                    && !here.name.starts_with(self.at(*one).name)
                {
                    shorter.pop();
                }
                if here.mode == EntryMode::Folder && shorter.last().is_some_and(|one| self.at(*one).name == here.name) {
                    return Err(self.twice(here.name));
                }
            }
            if names == NameRule::CheckedOut {
                self.check_name(here)?;
            }
            last = Some(place);
            next = self.behind(place)?;
        }
        Ok(())
    }

    /// Refuses a file of git's own that is not a file, which `git fsck` calls an error (`fsck_tree` in git's `fsck.c`).
    fn check_name(self, entry: TreeEntry<'_>) -> Result<(), EvidenceError> {
        let shown = || entry.name.escape_ascii();
        match (DotName::of(entry.name), entry.mode) {
            (Some(DotName::Modules), EntryMode::Leaf(EntryKind::Link)) => {
                Err(self.malformed(&format!("`{}` is a symbolic link, which git does not allow", shown())))
            }
            (Some(DotName::Modules | DotName::Attributes), EntryMode::Folder | EntryMode::Leaf(EntryKind::Submodule)) => {
                Err(self.malformed(&format!("`{}` is not a file", shown())))
            }
            (Some(DotName::Modules), EntryMode::Leaf(EntryKind::File | EntryKind::Executable))
            | (Some(DotName::Attributes), EntryMode::Leaf(EntryKind::File | EntryKind::Executable | EntryKind::Link))
            // of `.git` git fsck only warns: no checkout makes it
            | (Some(DotName::Git | DotName::LfsConfig) | None, _) => Ok(()),
        }
    }

    #[cold]
    fn twice(self, name: &[u8]) -> EvidenceError {
        self.malformed(&format!("the name `{}` occurs twice in it", name.escape_ascii()))
    }

    /// An entry is `MODE SP NAME NUL` and 20 bytes of object name (gitformat-tree in git's documentation of objects).
    fn place_at(self, start: usize) -> Result<Option<EntryPlace>, EvidenceError> {
        let rest = self.data.get(start..).ok_or_else(|| self.malformed("it ends too early"))?;
        if rest.is_empty() {
            return Ok(None);
        }
        let mut bits = 0_u32;
        let mut digits = 0;
        for byte in rest {
            match byte {
                b'0'..=b'7' if digits < 7 => bits = bits * 8 + u32::from(byte - b'0'),
                b' ' if digits > 0 => break,
                _ => return Err(self.malformed("a mode in it is malformed")),
            }
            digits += 1;
        }
        let mode = EntryMode::from_bits(bits).ok_or_else(|| self.malformed("a mode in it is unknown"))?;
        let name = start + digits + 1;
        let behind = rest.get(digits + 1..).ok_or_else(|| self.malformed("it ends too early"))?;
        let stop = behind.iter().position(|byte| matches!(byte, 0 | b'/'));
        let (text, stop) = match stop.and_then(|stop| behind.split_at_checked(stop)) {
            Some((text, [stop, ..])) => (text, *stop),
            Some((_, [])) | None => return Err(self.malformed("it ends too early")),
        };
        if stop == b'/' || text.is_empty() || text == b"." || text == b".." {
            return Err(self.malformed("a name in it is empty, `.`, `..` or holds a slash"));
        }
        let name_end = name + text.len();
        let end = name_end + 1 + ID_BYTES;
        if end > self.data.len() {
            return Err(self.malformed("it ends too early"));
        }
        Ok(Some(EntryPlace { mode, start, name, name_end, end }))
    }

    #[cold]
    fn malformed(self, reason: &str) -> EvidenceError {
        EvidenceError::BrokenTree { id: self.id, reason: reason.to_owned() }
    }
}
