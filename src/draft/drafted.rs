//! What a draft holds.

/// A region of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftedRegion {
    pub(super) name: String,
    /// IANA names, at least one.
    pub(super) timezones: Vec<String>,
}

/// An environment of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftedEnvironment {
    /// The name.
    pub name: String,
    /// The other spellings that were found.
    pub aliases: Vec<String>,
    /// True if core hours close it.
    pub guarded: bool,
}

/// A target of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftedTarget {
    /// The reason why it is there, for the comment.
    pub(super) why: &'static str,
    pub(super) refs: Vec<String>,
    pub(super) paths: Vec<String>,
    pub(super) except: Vec<String>,
    /// `None`: captured.
    pub(super) environment: Option<String>,
}

impl DraftedEnvironment {
    /// Returns whether `spelling` names it.
    pub(super) fn is_called(&self, spelling: &str) -> bool {
        self.name == spelling || self.aliases.iter().any(|alias| alias == spelling)
    }
}

/// The name of the environment that `spelling` names.
pub(super) fn called<'e>(environments: &'e [DraftedEnvironment], spelling: &str) -> Option<&'e str> {
    environments.iter().find(|environment| environment.is_called(spelling)).map(|environment| environment.name.as_str())
}
