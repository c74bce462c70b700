//! One file of a commit.

use super::{
    CommitId, EntryKind, EvidenceError, ObjectId, ObjectKind, Repository,
    dot_name::NameRule,
    tree::{EntryMode, TreeCursor},
};

impl Repository {
    /// The content of a regular file of a commit; none if the commit has nothing at that path.
    ///
    /// `path` runs from the root of the repository, with slashes, and matches byte for byte. Symbolic links are not followed,
    /// neither at the end of the path nor on the way: who may change the target need not be who may change the file.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::InvalidPath`] for an absolute path or an empty, `.` or `..` component, [`EvidenceError::NotAFile`] for a
    /// folder, and for a symbolic link or a submodule at the path or on the way, [`EvidenceError::FileTooLong`], and those of
    /// reading the commit, its trees and the file.
    pub fn file_at(&self, commit: CommitId, path: &str) -> Result<Option<Vec<u8>>, EvidenceError> {
        let Some((kind, id)) = self.look_up(commit, path)? else {
            return Ok(None);
        };
        match kind {
            EntryKind::File | EntryKind::Executable => {}
            EntryKind::Link | EntryKind::Submodule => {
                return Err(not_a_file(path, path, Some(kind)));
            }
        }
        self.content(id, path).map(Some)
    }

    /// The content of a blob; `path` is by what an error names it.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::FileTooLong`], and those of reading the blob.
    pub fn content(&self, id: ObjectId, path: &str) -> Result<Vec<u8>, EvidenceError> {
        let odb = self.odb()?;
        let limit = self.limits().file_bytes;
        let (_, size) = self.header(&odb, id, ObjectKind::Blob)?;
        if size > limit {
            return Err(EvidenceError::FileTooLong { path: path.to_owned(), limit });
        }
        Ok(self.read(&odb, id, ObjectKind::Blob)?.data().to_vec())
    }

    /// Returns whether two commits have the same at a path: nothing, or the same content in the same mode. Links are not followed.
    ///
    /// # Errors
    ///
    /// Those of reading the commits and their trees.
    pub fn is_same_at(&self, one: CommitId, other: CommitId, path: &str) -> Result<bool, EvidenceError> {
        Ok(self.entry_at(one, path.as_bytes())? == self.entry_at(other, path.as_bytes())?)
    }

    /// The paths of a commit that differ from `path` in the case of ASCII letters alone, in the order of its trees.
    ///
    /// # Errors
    ///
    /// Those of reading the commit and its trees.
    pub fn paths_alike(&self, commit: CommitId, path: &str) -> Result<Vec<Vec<u8>>, EvidenceError> {
        let odb = self.odb()?;
        let mut found: Vec<(Vec<u8>, Option<ObjectId>)> =
            vec![(Vec::new(), Some(self.links(&odb, commit)?.tree.object()))];
        for part in path.as_bytes().split(|byte| *byte == b'/') {
            let mut below = Vec::new();
            for (folder, id) in found {
                let Some(id) = id else {
                    continue;
                };
                let mut tree = TreeCursor::read(self, &odb, id, NameRule::AsTheyAre)?;
                while let Some(entry) = tree.entry() {
                    if entry.name.eq_ignore_ascii_case(part) {
                        let name = if folder.is_empty() {
                            entry.name.to_vec()
                        } else {
                            [&folder, &b"/"[..], entry.name].concat()
                        };
                        let id = match entry.mode {
                            EntryMode::Folder => Some(tree.target(&entry)?),
                            EntryMode::Leaf(_) => None,
                        };
                        below.push((name, id));
                    }
                    tree.advance()?;
                }
            }
            found = below;
        }
        Ok(found.into_iter().map(|(name, _)| name).filter(|name| name != path.as_bytes()).collect())
    }

    /// Returns whether the commit that is checked out has a submodule at `path`, or at a folder on the way to it.
    ///
    /// # Errors
    ///
    /// Those of reading `HEAD`, the commit and its trees.
    pub fn is_submodule_of_head(&self, path: &[u8]) -> Result<bool, EvidenceError> {
        let Some(revision) = self.head()?.revision else {
            return Ok(false);
        };
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
        for end in ends.chain([path.len()]) {
            let part = path.get(..end).unwrap_or(path);
            if let Some((EntryMode::Leaf(EntryKind::Submodule), _)) = self.entry_at(revision.commit, part)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns whether nobody can say what lies at one of `paths` in a commit, as the commit or a tree on the way is not one that git would have
    /// written.
    ///
    /// # Errors
    ///
    /// Those of reading objects, but for that.
    pub fn is_broken_at(&self, commit: CommitId, paths: &[&str]) -> Result<bool, EvidenceError> {
        let itself = std::iter::once_with(|| self.revision_at(commit.object()).map(drop));
        for found in itself.chain(paths.iter().map(|path| self.look_up(commit, path).map(drop))) {
            match found {
                Err(EvidenceError::UnreadableObject { .. } | EvidenceError::BrokenTree { .. }) => return Ok(true),
                Ok(_) | Err(EvidenceError::NotAFile { .. } | EvidenceError::InvalidPath { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Returns what lies at a path of a commit, and its name.
    fn look_up(&self, commit: CommitId, path: &str) -> Result<Option<(EntryKind, ObjectId)>, EvidenceError> {
        if path.split('/').any(|part| part.is_empty() || part == "." || part == ".." || part.contains('\0')) {
            return Err(EvidenceError::InvalidPath { path: path.to_owned() });
        }
        let odb = self.odb()?;
        let mut folder = self.links(&odb, commit)?.tree.object();
        let mut walked = String::new();
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            walked.push_str(part);
            let last = parts.peek().is_none();
            let Some((mode, id)) = find(TreeCursor::read(self, &odb, folder, NameRule::AsTheyAre)?, part.as_bytes())?
            else {
                return Ok(None);
            };
            match mode {
                EntryMode::Folder if last => return Err(not_a_file(path, &walked, None)),
                EntryMode::Folder => folder = id,
                EntryMode::Leaf(kind) if last => return Ok(Some((kind, id))),
                EntryMode::Leaf(kind @ (EntryKind::Link | EntryKind::Submodule)) => {
                    return Err(not_a_file(path, &walked, Some(kind)));
                }
                // Nothing can lie below a file.
                EntryMode::Leaf(EntryKind::File | EntryKind::Executable) => return Ok(None),
            }
            walked.push('/');
        }
        Ok(None)
    }
}

/// The entry of a name. All of the tree is read: what is not in order is refused rather than overlooked.
fn find(mut tree: TreeCursor<'_>, name: &[u8]) -> Result<Option<(EntryMode, ObjectId)>, EvidenceError> {
    let mut found = None;
    while let Some(entry) = tree.entry() {
        if entry.name == name {
            if found.is_some() {
                return Err(tree.malformed("a name in it stands for two things"));
            }
            found = Some((entry.mode, tree.target(&entry)?));
        }
        tree.advance()?;
    }
    Ok(found)
}

fn not_a_file(path: &str, at: &str, found: Option<EntryKind>) -> EvidenceError {
    EvidenceError::NotAFile { path: path.to_owned(), at: at.to_owned(), found }
}
