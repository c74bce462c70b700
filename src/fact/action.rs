//! What a plan does to a resource.

/// An action of a plan on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlannedAction {
    /// Make it.
    Create,
    /// Change it in place.
    Update,
    /// Delete it and make another.
    Replace,
    /// Delete it.
    Delete,
    /// Leave it alone, and no longer manage it.
    Forget,
    /// Run an action of a provider.
    Invoke,
}

impl PlannedAction {
    /// Every action.
    pub const ALL: [Self; 6] = [Self::Create, Self::Update, Self::Replace, Self::Delete, Self::Forget, Self::Invoke];

    /// The actions of a hazard that names none: those that change what is there.
    pub const HARMFUL: [Self; 4] = [Self::Update, Self::Replace, Self::Delete, Self::Invoke];

    /// The name, as in policies and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Forget => "forget",
            Self::Invoke => "invoke",
        }
    }

    /// The action of this name.
    ///
    /// ```
    /// use freezegate::fact::PlannedAction;
    ///
    /// assert_eq!(PlannedAction::named("replace"), Some(PlannedAction::Replace));
    /// assert_eq!(PlannedAction::named("no-op"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}
