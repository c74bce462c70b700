//! Parts of a change that each go back to a state of their own.

use crate::change::git::{EntryKind, ObjectId, Revision};
use crate::gate::history::Back;
use crate::proof::rollback::Return;

/// A state to go back to in some environments.
pub(crate) struct Former<'b> {
    pub(crate) environments: Vec<&'b Back>,
    pub(crate) state: Return,
    pub(crate) revision: Revision,
}

/// A path that goes back.
pub(crate) struct ReturnedPath {
    /// The place of the state that it goes back to.
    pub(crate) former: usize,
    pub(crate) content: Option<(EntryKind, ObjectId)>,
}

/// No command names more paths than this, and no message more environments.
pub(crate) const MOST_NAMED: usize = 8;
