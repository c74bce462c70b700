//! Commits that nobody made: what a command would make, kept in memory, so that it can be judged before the command is printed.

use super::{CommitId, EntryKind, EvidenceError, ObjectId, Repository, Revision, TreeId};

/// Before all other places where libgit2 looks for objects and puts them (`git_odb_add_backend`).
const FIRST: i32 = 1000;

/// The author: nobody.
const NOBODY: &str = "nobody <nobody@example.com> 0 +0000";

/// A path, and what shall be there: a blob or the commit of a submodule; `None` for nothing.
pub type PathContent = (Vec<u8>, Option<(EntryKind, ObjectId)>);

impl Repository {
    /// Makes up the tree that `base` is with other content at some paths. It is kept in memory, for as long as this value lives;
    /// nothing is written to the repository.
    ///
    /// A folder that is left empty stays as an empty tree, which no path mentions.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] if libgit2 makes no such tree: the base or a content is missing, a path that is to be
    /// removed is not there, or a path leads through a file.
    pub fn made_up_tree(&self, base: TreeId, contents: &[PathContent]) -> Result<TreeId, EvidenceError> {
        let corrupt = |error: git2::Error| self.corrupt(&error);
        self.keep_in_memory()?;
        let tree = self.inner().find_tree(base.object().oid()).map_err(corrupt)?;
        let mut update = git2::build::TreeUpdateBuilder::new();
        for (path, content) in contents {
            // a path of a tree has no byte 0, for which libgit2's binding panics
            match content {
                _ if path.contains(&0) => {
                    return Err(corrupt(git2::Error::from_str("a path holds a byte 0")));
                }
                None => update.remove(path.as_slice()),
                Some((kind, id)) => update.upsert(path.as_slice(), id.oid(), mode(*kind)),
            };
        }
        let made = update.create_updated(self.inner(), &tree).map_err(corrupt)?;
        Ok(TreeId::checked(ObjectId::from(made)))
    }

    /// Makes up the commit that puts a tree on top of another commit, in memory as [`made_up_tree`](Self::made_up_tree) does.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] if libgit2 does not keep it.
    pub fn made_up_commit(&self, parent: CommitId, tree: TreeId) -> Result<Revision, EvidenceError> {
        self.keep_in_memory()?;
        let text = format!("tree {tree}\nparent {parent}\nauthor {NOBODY}\ncommitter {NOBODY}\n\nRoll back\n");
        let made = self.odb()?.write(git2::ObjectType::Commit, text.as_bytes());
        let made = made.map_err(|error| self.corrupt(&error))?;
        Ok(Revision { commit: CommitId::checked(ObjectId::from(made)), tree })
    }

    /// Sees to it that objects which are made up are kept in memory and never written to disk.
    fn keep_in_memory(&self) -> Result<(), EvidenceError> {
        if self.in_memory.get().is_none() {
            let odb = self.odb()?;
            odb.add_new_mempack_backend(FIRST).map_err(|error| self.corrupt(&error))?;
            self.in_memory.get_or_init(|| ());
        }
        Ok(())
    }
}

const fn mode(kind: EntryKind) -> git2::FileMode {
    match kind {
        EntryKind::File => git2::FileMode::Blob,
        EntryKind::Executable => git2::FileMode::BlobExecutable,
        EntryKind::Link => git2::FileMode::Link,
        EntryKind::Submodule => git2::FileMode::Commit,
    }
}
