//! A range: what was, and what shall be.

use super::{EvidenceError, Repository, Revision, TreeId, id::is_zeros};

/// Two ends of a change. Each may be absent: of a ref that is created, the old; of one that is deleted, the new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The old state.
    pub old: Option<Revision>,
    /// The new state.
    pub new: Option<Revision>,
}

impl Range {
    /// The tree that was; none for the empty tree.
    #[must_use]
    pub fn old_tree(&self) -> Option<TreeId> {
        self.old.map(|revision| revision.tree)
    }

    /// The tree that shall be; none for the empty tree.
    #[must_use]
    pub fn new_tree(&self) -> Option<TreeId> {
        self.new.map(|revision| revision.tree)
    }
}

impl Repository {
    /// Reads `OLD..NEW`. The two are compared as they are, tree with tree; nothing is said of the commits between them. Zeros
    /// (of any length) in place of one of them mean that there is none.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::InvalidRange`] if an end is left out or both are zeros, [`EvidenceError::ThreeDots`] for `OLD...NEW`, and those of
    /// [`revision`](Self::revision).
    pub fn range(&self, text: &str) -> Result<Range, EvidenceError> {
        let invalid = || EvidenceError::InvalidRange { range: text.to_owned() };
        let (old, new) = text.split_once("..").ok_or_else(invalid)?;
        if new.starts_with('.') {
            return Err(EvidenceError::ThreeDots { range: text.to_owned() });
        }
        if old.is_empty() || new.is_empty() || new.contains("..") || (is_zeros(old) && is_zeros(new)) {
            return Err(invalid());
        }
        let end = |text: &str| {
            if is_zeros(text) { Ok(None) } else { self.revision(text).map(Some) }
        };
        Ok(Range { old: end(old)?, new: end(new)? })
    }
}
