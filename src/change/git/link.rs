//! Symbolic links, and where their text leads.

use super::{
    CommitId, EntryKind, EvidenceError, ObjectId, ObjectKind, Repository,
    dot_name::NameRule,
    tree::{EntryMode, TreeCursor},
};

/// The place where a symbolic link leads, told by its text and the tree that it stands in; no other link on the way is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    /// Out of the repository, or perhaps: its text goes back behind a name by `..`, and that name may be a link itself, now or later.
    Outside,
    /// To a file, by its path from the root of the repository.
    File(Vec<u8>),
    /// To a folder.
    Folder(Vec<u8>),
    /// To what is not there, is a submodule, or lies at or behind another link.
    Other(Vec<u8>),
}

impl Repository {
    /// Returns where the symbolic link at `path` of a commit leads.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::UnreadableObject`] if there is no symbolic link, and those of reading the commit, its trees and the link.
    pub fn link_at(&self, commit: CommitId, path: &[u8]) -> Result<LinkTarget, EvidenceError> {
        let none = || EvidenceError::UnreadableObject {
            id: commit.object(),
            reason: format!("it has no symbolic link at `{}`", path.escape_ascii()),
        };
        let odb = self.odb()?;
        let Some((EntryMode::Leaf(EntryKind::Link), id)) = self.entry_at(commit, path)? else {
            return Err(none());
        };
        let text = self.read(&odb, id, ObjectKind::Blob)?;
        let Some(to) = resolve(path, text.data()) else {
            return Ok(LinkTarget::Outside);
        };
        // the root itself
        if to.is_empty() {
            return Ok(LinkTarget::Folder(to));
        }
        Ok(match self.entry_at(commit, &to)? {
            Some((EntryMode::Leaf(EntryKind::File | EntryKind::Executable), _)) => LinkTarget::File(to),
            Some((EntryMode::Folder, _)) => LinkTarget::Folder(to),
            Some((EntryMode::Leaf(EntryKind::Link | EntryKind::Submodule), _)) | None => LinkTarget::Other(to),
        })
    }

    /// Returns the file, the link or the submodule at a path of a commit; `None` where there is none, or only behind a link.
    ///
    /// # Errors
    ///
    /// Those of reading the commit and its trees.
    pub fn leaf_at(&self, commit: CommitId, path: &[u8]) -> Result<Option<(EntryKind, ObjectId)>, EvidenceError> {
        Ok(match self.entry_at(commit, path)? {
            Some((EntryMode::Leaf(kind), id)) => Some((kind, id)),
            Some((EntryMode::Folder, _)) | None => None,
        })
    }

    /// Returns what stands at a path of a commit: none where nothing does, or only behind a link.
    pub(super) fn entry_at(
        &self,
        commit: CommitId,
        path: &[u8],
    ) -> Result<Option<(EntryMode, ObjectId)>, EvidenceError> {
        let odb = self.odb()?;
        let mut found = (EntryMode::Folder, self.links(&odb, commit)?.tree.object());
        for part in path.split(|byte| *byte == b'/') {
            let (EntryMode::Folder, folder) = found else {
                return Ok(None);
            };
            let mut tree = TreeCursor::read(self, &odb, folder, NameRule::AsTheyAre)?;
            let mut here = None;
            while let Some(entry) = tree.entry() {
                if entry.name == part {
                    here = Some((entry.mode, tree.target(&entry)?));
                }
                tree.advance()?;
            }
            match here {
                Some(here) => found = here,
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }
}

/// The path that the text of a link at `path` names; none out of the repository, nor by `..` behind a name: the system follows that name
/// first, which may lead elsewhere.
fn resolve(path: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    if text.starts_with(b"/") {
        return None;
    }
    let mut parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    parts.pop();
    let mut has_name = false;
    for part in text.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if has_name => return None,
            b".." => {
                parts.pop()?;
            }
            name => {
                has_name = true;
                parts.push(name);
            }
        }
    }
    Some(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn a_link_leads_from_where_it_stands() {
        let resolved = |path: &str, text: &str| {
            resolve(path.as_bytes(), text.as_bytes()).map(|path| String::from_utf8(path).unwrap())
        };
        let some = |path: &str| Some(path.to_owned());
        assert_eq!(resolved("a/b/link", "file"), some("a/b/file"));
        assert_eq!(resolved("a/b/link", "../.././c//d/"), some("c/d"));
        assert_eq!(resolved("link", "a/../b"), None);
        assert_eq!(resolved("a/link", "../b/./../c"), None);
        assert_eq!(resolved("a/link", ".."), some(""));
        assert_eq!(resolved("link", ".."), None);
        assert_eq!(resolved("a/link", "../../etc"), None);
        assert_eq!(resolved("a/link", "/etc"), None);
    }
}
