//! Kinds of change, and levels of windows.

/// The sort of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A new version of a program.
    Deploy,
    /// Configuration.
    Config,
    /// Machines, networks, databases.
    Infrastructure,
    /// A change of stored data or its shape.
    Migration,
    /// Work on what runs: restarts, reboots.
    Maintenance,
    /// A feature flag.
    Flag,
    /// A fix of a security hole.
    Security,
    /// A return to a state that was allowed before. Only a verified one counts as such.
    Rollback,
}

impl Kind {
    /// All kinds, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Deploy,
        Self::Config,
        Self::Infrastructure,
        Self::Migration,
        Self::Maintenance,
        Self::Flag,
        Self::Security,
        Self::Rollback,
    ];

    /// The name in policies, questions and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Config => "config",
            Self::Infrastructure => "infrastructure",
            Self::Migration => "migration",
            Self::Maintenance => "maintenance",
            Self::Flag => "flag",
            Self::Security => "security",
            Self::Rollback => "rollback",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Deploy => 1,
            Self::Config => 1 << 1,
            Self::Infrastructure => 1 << 2,
            Self::Migration => 1 << 3,
            Self::Maintenance => 1 << 4,
            Self::Flag => 1 << 5,
            Self::Security => 1 << 6,
            Self::Rollback => 1 << 7,
        }
    }
}

/// A set of kinds.
///
/// ```
/// use freezegate::policy::{Kind, KindSet};
///
/// let kinds: KindSet = [Kind::Config, Kind::Flag].into_iter().collect();
/// assert!(kinds.contains(Kind::Flag) && !kinds.contains(Kind::Deploy));
/// assert!(kinds.is_subset_of(kinds.with(Kind::Deploy)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct KindSet(u8);

impl KindSet {
    /// No kind.
    pub const NONE: Self = Self(0);
    /// Only [`Kind::Rollback`], what `exempt` means where it is left out.
    pub const ROLLBACK: Self = Self(Kind::Rollback.bit());

    /// The set with `kind` added.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | kind.bit())
    }

    /// The set with `kind` taken away.
    #[must_use]
    pub const fn without(self, kind: Kind) -> Self {
        Self(self.0 & !kind.bit())
    }

    /// All kinds of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether `kind` is in it.
    #[must_use]
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// Returns whether a kind is in both.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns whether every kind of it is in `other`; true of the empty set.
    #[must_use]
    pub const fn is_subset_of(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Returns whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in the order of [`Kind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<Kind> for KindSet {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

/// The effect of a window on a change that meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It is reported, and never refused.
    Warn,
    /// Refused, unless lifted by those who may lift `soft`.
    Soft,
    /// Refused, unless lifted by those who may lift `hard`.
    Hard,
}

impl Level {
    /// All levels, the mildest first.
    pub const ALL: [Self; 3] = [Self::Warn, Self::Soft, Self::Hard];

    /// The name in policies and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }

    /// The level of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }

    /// Returns whether a finding of this level refuses.
    #[must_use]
    pub const fn refuses(self) -> bool {
        match self {
            Self::Warn => false,
            Self::Soft | Self::Hard => true,
        }
    }
}
