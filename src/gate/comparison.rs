//! Two states that are compared.

use crate::change::git::{Range, RefName, Revision};
use crate::diagnostic::Faults;
use crate::gate::fault::fault;
use crate::reach::RefSide;

/// Two states to be compared.
pub(crate) struct Part {
    pub(crate) ends: Ends,
    /// The environments that it is compared for; `None`: for all.
    pub(crate) environments: Option<Vec<String>>,
    /// True if what it shows of other environments is left to the parts for those.
    pub(crate) exclusive: bool,
    /// The default branch, where it is judged as a change of that too, although another branch is targeted.
    pub(crate) beside: Option<RefName>,
    /// True if its old end is what another ref, or another job, brought the environments to since.
    pub(crate) is_by_others: bool,
}

impl Part {
    /// Returns whether nothing is known to have been there before.
    pub(crate) fn is_created(&self) -> bool {
        match self.ends {
            Ends::Known(range) => range.old.is_none(),
            Ends::Unknown { .. } => true,
        }
    }
}

/// The ends of a change.
#[derive(Clone, Copy)]
pub(crate) enum Ends {
    /// The old and the new state.
    Known(Range),
    /// Nothing says what was: a job that was started by hand, or a provider that does not report it.
    Unknown {
        /// The new state.
        new: Option<Revision>,
    },
}

impl Ends {
    pub(crate) fn head(self) -> Option<Revision> {
        match self {
            Self::Known(range) => range.new,
            Self::Unknown { new } => new,
        }
    }
}

/// A ref that is moved, or what a job brings environments to.
#[derive(Clone)]
pub(crate) struct Move<'a> {
    /// The ref, if it is known.
    pub(crate) name: Option<RefName>,
    /// True if it is the default branch; `None` if that is not known.
    pub(crate) default_branch: Option<bool>,
    /// What is.
    pub(crate) old: Option<Revision>,
    /// The new state.
    pub(crate) new: Option<Revision>,
    /// The environments that it is judged for; `None`: for all.
    pub(crate) environments: Option<&'a [String]>,
    /// The ref whose log shows where it stood before, if any does.
    pub(crate) log: Option<RefName>,
}

impl Move<'_> {
    pub(crate) fn side(&self) -> RefSide<'_> {
        match &self.name {
            None => RefSide::Unknown,
            Some(name) => RefSide::Named { name: name.as_bytes(), default_branch: self.default_branch },
        }
    }

    pub(crate) fn is_tag(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.as_bytes().starts_with(b"refs/tags/"))
    }
}

/// The branch that a remote-tracking ref follows; a branch itself.
pub(crate) fn branch_of(name: &RefName) -> Result<RefName, Faults> {
    match name.as_bytes().strip_prefix(b"refs/remotes/origin/".as_slice()) {
        Some(branch) => RefName::new([b"refs/heads/".as_slice(), branch].concat()).map_err(fault),
        None => Ok(name.clone()),
    }
}
