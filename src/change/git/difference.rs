//! The difference of two trees, path by path.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::ControlFlow;

use super::{
    EntryKind, EvidenceError, ObjectId, Repository, TreeId,
    dot_name::NameRule,
    tree::{EntryMode, TreeCursor, TreeEntry},
};

/// The difference of one path between two trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// The new tree alone has it.
    Added {
        /// Its new kind.
        new: EntryKind,
    },
    /// The old tree alone has it.
    Deleted {
        /// Its old kind.
        old: EntryKind,
    },
    /// Both have it, with other content or in another mode.
    Modified {
        /// Its old kind.
        old: EntryKind,
        /// Its new kind.
        new: EntryKind,
    },
}

impl ChangeKind {
    /// The same difference, seen from the other tree.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Added { new } => Self::Deleted { old: new },
            Self::Deleted { old } => Self::Added { new: old },
            Self::Modified { old, new } => Self::Modified { old: new, new: old },
        }
    }

    /// Returns what the path is in the old tree and in the new one; `None` where a tree does not have it.
    #[must_use]
    pub const fn kinds(self) -> (Option<EntryKind>, Option<EntryKind>) {
        match self {
            Self::Added { new } => (None, Some(new)),
            Self::Deleted { old } => (Some(old), None),
            Self::Modified { old, new } => (Some(old), Some(new)),
        }
    }
}

/// The content of one path in two trees: a blob, or the commit of a submodule; `None` where a tree does not have the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PathContents {
    /// In the old tree.
    pub old: Option<ObjectId>,
    /// In the new tree.
    pub new: Option<ObjectId>,
}

/// Called for each path.
type VisitPath<'visit> = dyn FnMut(&[u8], ChangeKind) -> ControlFlow<()> + 'visit;

/// Called for each path, with its content in both trees.
type VisitContents<'visit> = dyn FnMut(&[u8], ChangeKind, PathContents) -> ControlFlow<()> + 'visit;

impl Repository {
    /// Shows every path that differs between two trees to `visit`, in the order of git's trees, until there are no more or it
    /// breaks off. No tree (`None`) is the empty tree.
    ///
    /// The same paths in the same order as `git diff-tree -r -z --no-renames --ignore-submodules=none --name-only`, run
    /// without replacement objects:
    ///
    /// - a rename is a path deleted and a path added;
    /// - a change of mode alone counts, so does a submodule that points elsewhere, whatever `.gitmodules` says;
    /// - a folder that becomes a file or a symbolic link is that entry, and every file that was below it.
    ///
    /// Parts that are the same in both trees are not read, and neither is the content of any file: the time depends on what
    /// differs. Paths are shown as they are found, not collected. They are bytes: they need not be UTF-8, may hold line feeds
    /// and control characters, and belong escaped wherever they are printed.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::MissingObject`] for a tree that is not there, [`EvidenceError::UnreadableObject`] for one that cannot be read,
    /// [`EvidenceError::BrokenTree`] for one with a fault that `git fsck` calls an error, and for a new one with a name that git never
    /// checks out; [`EvidenceError::TooDeep`], [`EvidenceError::TooManyEntries`] and [`EvidenceError::PathTooLong`]. What was shown
    /// before an error is not all there is.
    pub fn changed_paths(
        &self,
        old: Option<TreeId>,
        new: Option<TreeId>,
        visit: &mut VisitPath<'_>,
    ) -> Result<(), EvidenceError> {
        self.changed_contents(old, new, &mut |path, change, _| visit(path, change))
    }

    /// Shows every path that differs, as [`changed_paths`](Self::changed_paths) does, with its content in both trees.
    ///
    /// # Errors
    ///
    /// Those of [`changed_paths`](Self::changed_paths).
    pub fn changed_contents(
        &self,
        old: Option<TreeId>,
        new: Option<TreeId>,
        visit: &mut VisitContents<'_>,
    ) -> Result<(), EvidenceError> {
        if old == new {
            return Ok(());
        }
        let odb = self.odb()?;
        let limit = self.limits().entries_together;
        if self.walked.get() > limit {
            return Err(EvidenceError::TooManyEntriesTogether { limit });
        }
        let budget = Budget::new(self.limits().entries);
        let mut walk = TreeWalk {
            repository: self,
            odb: &odb,
            levels: Vec::new(),
            path: Vec::new(),
            budget,
            known: HashSet::new(),
        };
        walk.enter(old.map(TreeId::object), new.map(TreeId::object), 0)?;
        let walked = walk.through(visit);
        self.walked.set(self.walked.get().saturating_add(walk.budget.spent()));
        walked
    }

    /// Shows every path of a tree to `visit`, in the order of git's trees, until there are no more or it breaks off.
    ///
    /// # Errors
    ///
    /// Those of [`changed_paths`](Self::changed_paths).
    pub fn paths(
        &self,
        tree: TreeId,
        visit: &mut (dyn FnMut(&[u8], EntryKind) -> ControlFlow<()> + '_),
    ) -> Result<(), EvidenceError> {
        self.changed_paths(None, Some(tree), &mut |path, change| match change {
            ChangeKind::Added { new } | ChangeKind::Modified { new, .. } => visit(path, new),
            ChangeKind::Deleted { old } => visit(path, old),
        })
    }
}

/// A walk through two trees at once. Its stack is on the heap: how deep the trees are is up to whoever made them.
struct TreeWalk<'odb> {
    repository: &'odb Repository,
    odb: &'odb git2::Odb<'odb>,
    levels: Vec<FolderLevel<'odb>>,
    /// The path of the folder at hand, with a slash at its end, or empty for the root.
    path: Vec<u8>,
    budget: Budget,
    /// The pairs of trees that were compared.
    known: HashSet<[Option<ObjectId>; 2]>,
}

/// A folder that differs, or that one side alone has.
struct FolderLevel<'odb> {
    old: Option<TreeCursor<'odb>>,
    new: Option<TreeCursor<'odb>>,
    /// The length of the path of the folder above.
    above: usize,
    /// Whether the same two trees were compared before, at another path.
    is_repeated: bool,
}

/// The difference.
enum FoundDifference {
    Path(ChangeKind, PathContents),
    Folder { old: Option<ObjectId>, new: Option<ObjectId> },
}

/// As many entries may be looked at in folders that stand at other paths too.
const FREE_REPEATS: u64 = 1 << 20;

/// As many further ones for each entry of another folder.
const MORE_REPEATS: u64 = 16;

/// The number of entries that may still be looked at.
struct Budget {
    limit: u64,
    left: u64,
    /// How many may still be looked at in trees that were looked at before. A few trees that name one another stand for billions of paths:
    /// the work stays linear in the trees.
    repeats: u64,
}

impl Budget {
    const fn new(limit: u64) -> Self {
        Self { limit, left: limit, repeats: FREE_REPEATS }
    }

    const fn spent(&self) -> u64 {
        self.limit.saturating_sub(self.left)
    }

    fn spend(&mut self, entries: u64, is_repeated: bool) -> Result<(), EvidenceError> {
        let limit = self.limit;
        self.left = self.left.checked_sub(entries).ok_or(EvidenceError::TooManyEntries { limit })?;
        self.repeats = if is_repeated {
            let looked_at = self.spent();
            self.repeats.checked_sub(entries).ok_or(EvidenceError::TooManyEntries { limit: looked_at })?
        } else {
            self.repeats.saturating_add(entries.saturating_mul(MORE_REPEATS))
        };
        Ok(())
    }
}

impl TreeWalk<'_> {
    fn enter(&mut self, old: Option<ObjectId>, new: Option<ObjectId>, above: usize) -> Result<(), EvidenceError> {
        let limit = self.repository.limits().depth;
        if self.levels.len() >= limit {
            return Err(EvidenceError::TooDeep { limit });
        }
        let read = |id: Option<ObjectId>, names| {
            id.map(|id| TreeCursor::read(self.repository, self.odb, id, names)).transpose()
        };
        let is_repeated = !self.known.insert([old, new]);
        let (old, new) = (read(old, NameRule::AsTheyAre)?, read(new, NameRule::CheckedOut)?);
        self.levels.push(FolderLevel { old, new, above, is_repeated });
        Ok(())
    }

    /// Goes on until there are no more differences, or `visit` breaks off.
    fn through(&mut self, visit: &mut VisitContents<'_>) -> Result<(), EvidenceError> {
        while self.step(visit)?.is_continue() {}
        Ok(())
    }

    /// Goes on to the next difference; breaks off when there are no more, or `visit` does.
    fn step(&mut self, visit: &mut VisitContents<'_>) -> Result<ControlFlow<()>, EvidenceError> {
        let Some(level) = self.levels.last_mut() else {
            return Ok(ControlFlow::Break(()));
        };
        let above = self.path.len();
        let found = level.next(&mut self.path, &mut self.budget)?;
        let limit = self.repository.limits().path_bytes;
        if found.is_some() && self.path.len() > limit {
            return Err(EvidenceError::too_long(&self.path, limit));
        }
        match found {
            Some(FoundDifference::Path(change, contents)) => {
                let flow = visit(&self.path, change, contents);
                self.path.truncate(above);
                return Ok(flow);
            }
            Some(FoundDifference::Folder { old, new }) => {
                self.path.push(b'/');
                self.enter(old, new, above)?;
            }
            None => {
                self.path.truncate(level.above);
                self.levels.pop();
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl FolderLevel<'_> {
    /// The next difference in this folder; its name is put behind the path.
    fn next(&mut self, path: &mut Vec<u8>, budget: &mut Budget) -> Result<Option<FoundDifference>, EvidenceError> {
        loop {
            if let (Some(old), Some(new)) = (&mut self.old, &mut self.new) {
                budget.spend(old.pass_common(new)?, self.is_repeated)?;
            }
            budget.spend(1, self.is_repeated)?;
            let old = self.old.as_ref().and_then(|tree| Some((tree, tree.entry()?)));
            let new = self.new.as_ref().and_then(|tree| Some((tree, tree.entry()?)));
            let (order, found) = match (old, new) {
                (None, None) => return Ok(None),
                (Some(old), None) => (Ordering::Less, Some(deleted(old, path)?)),
                (None, Some(new)) => (Ordering::Greater, Some(added(new, path)?)),
                (Some(old), Some(new)) => {
                    let order = old.1.order(&new.1);
                    let found = match order {
                        Ordering::Less => Some(deleted(old, path)?),
                        Ordering::Greater => Some(added(new, path)?),
                        Ordering::Equal if old.1.same_as(&new.1) => None,
                        Ordering::Equal => Some(modified(old, new, path)?),
                    };
                    (order, found)
                }
            };
            if order.is_le()
                && let Some(old) = &mut self.old
            {
                old.advance()?;
            }
            if order.is_ge()
                && let Some(new) = &mut self.new
            {
                new.advance()?;
            }
            if found.is_some() {
                return Ok(found);
            }
        }
    }
}

/// A tree and the entry of it that is looked at.
type TreeSide<'tree, 'odb> = (&'tree TreeCursor<'odb>, TreeEntry<'tree>);

fn deleted((tree, entry): TreeSide<'_, '_>, path: &mut Vec<u8>) -> Result<FoundDifference, EvidenceError> {
    path.extend_from_slice(entry.name);
    Ok(match entry.mode {
        EntryMode::Leaf(old) => {
            let contents = PathContents { old: Some(tree.target(&entry)?), new: None };
            FoundDifference::Path(ChangeKind::Deleted { old }, contents)
        }
        EntryMode::Folder => FoundDifference::Folder { old: Some(tree.target(&entry)?), new: None },
    })
}

fn added((tree, entry): TreeSide<'_, '_>, path: &mut Vec<u8>) -> Result<FoundDifference, EvidenceError> {
    path.extend_from_slice(entry.name);
    Ok(match entry.mode {
        EntryMode::Leaf(new) => {
            let contents = PathContents { old: None, new: Some(tree.target(&entry)?) };
            FoundDifference::Path(ChangeKind::Added { new }, contents)
        }
        EntryMode::Folder => FoundDifference::Folder { old: None, new: Some(tree.target(&entry)?) },
    })
}

fn modified(
    old: TreeSide<'_, '_>,
    new: TreeSide<'_, '_>,
    path: &mut Vec<u8>,
) -> Result<FoundDifference, EvidenceError> {
    path.extend_from_slice(new.1.name);
    let contents = PathContents { old: Some(old.0.target(&old.1)?), new: Some(new.0.target(&new.1)?) };
    match (old.1.mode, new.1.mode) {
        (EntryMode::Leaf(old), EntryMode::Leaf(new)) => {
            Ok(FoundDifference::Path(ChangeKind::Modified { old, new }, contents))
        }
        (EntryMode::Folder, EntryMode::Folder) => Ok(FoundDifference::Folder { old: contents.old, new: contents.new }),
        // They have different places in the order and never meet; if they did, one of them would go unseen.
        (EntryMode::Leaf(_), EntryMode::Folder) | (EntryMode::Folder, EntryMode::Leaf(_)) => {
            Err(new.0.malformed("its entries are not in order"))
        }
    }
}
