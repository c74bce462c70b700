//! An organisation's policy: one file for many repositories, which each repository's own policy adds to.

use serde::{Deserialize, Serialize};

use crate::diagnostic::Place;
use crate::policy::Environment;

/// The contents of `[organisation]`, and what of a repository's policy beside it does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The name.
    pub name: String,
    /// Names that it had before.
    pub formerly: Vec<String>,
    /// A number that each edit raises, so that an old copy is distinguished from a new one.
    pub serial: u64,
    /// The place where `[organisation]` is.
    pub place: Place,
    /// The place where `serial` is.
    pub serial_place: Place,
    /// True if it comes from beside the policy of a repository; else the policy is the organisation's own.
    pub is_followed: bool,
    /// The policy whose definition counts if both have one of the same name.
    pub definitions: DefinitionsOf,
    /// The places of the names of environments that it leaves to repositories, in order.
    pub left_places: Vec<Place>,
    /// Everything that the repository's policy defines and the organisation's decides, in the order of the files.
    pub passed_over: Vec<PassedOver>,
}

/// A definition of a repository's policy that does not count, because the organisation's policy decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// The definition, for people, such as ``the region `us` ``.
    pub what: String,
    /// The place where the repository's policy defines it.
    pub place: Place,
    /// The place where the organisation's policy does; `None` if only an organisation may define it, and this one does not.
    pub by: Option<Place>,
    /// True if it is an environment with a `rollout`, which has no effect then.
    pub has_rollout: bool,
}

impl PassedOver {
    /// Returns whether only an organisation may define it: overrides and rollbacks, which open.
    #[must_use]
    pub const fn is_never_counted(&self) -> bool {
        self.by.is_none()
    }
}

/// The definition that counts if an organisation's policy and a repository's have one of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefinitionsOf {
    /// The organisation's: so it is decided.
    Organisation,
    /// The repository's: to find out whether that would close more.
    Repository,
}

/// The version of an organisation's policy, as decisions are recorded with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationVersion {
    /// The name of the organisation.
    pub name: String,
    /// The number of its policy.
    pub serial: u64,
}

/// The reason why an organisation's policy can't follow a version that was used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotItsSuccessor {
    /// It is another organisation's, and does not say that it had that name.
    OtherName,
    /// It is older.
    Older,
}

impl Organisation {
    /// Returns whether it leaves an environment to repositories: it names it and does not define it.
    #[must_use]
    pub fn leaves(&self, environment: &Environment) -> bool {
        self.left_places.binary_search(&environment.place).is_ok()
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> OrganisationVersion {
        OrganisationVersion { name: self.name.clone(), serial: self.serial }
    }

    /// Whether it may be used after `before` was: the same version, or a later one.
    ///
    /// # Errors
    ///
    /// Why it may not.
    pub fn follows(&self, before: &OrganisationVersion) -> Result<(), NotItsSuccessor> {
        if self.name != before.name && !self.formerly.contains(&before.name) {
            return Err(NotItsSuccessor::OtherName);
        }
        if self.serial < before.serial {
            return Err(NotItsSuccessor::Older);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{DefinitionsOf, NotItsSuccessor, Organisation, OrganisationVersion};
    use crate::diagnostic::{FileId, Place};

    #[test]
    fn an_older_copy_and_another_organisation_do_not_follow() {
        let place = Place::new(FileId::nth(0), &(0..0));
        let now = Organisation {
            name: "acme".to_owned(),
            formerly: vec!["old-acme".to_owned()],
            serial: 7,
            place,
            serial_place: place,
            is_followed: true,
            definitions: DefinitionsOf::Organisation,
            left_places: Vec::new(),
            passed_over: Vec::new(),
        };
        let before = |name: &str, serial| OrganisationVersion { name: name.to_owned(), serial };
        for (before, expected) in [
            (before("acme", 6), Ok(())),
            (before("acme", 7), Ok(())),
            (before("acme", 8), Err(NotItsSuccessor::Older)),
            (before("old-acme", 7), Ok(())),
            (before("old-acme", 8), Err(NotItsSuccessor::Older)),
            (before("ACME", 6), Err(NotItsSuccessor::OtherName)),
        ] {
            assert_eq!(now.follows(&before), expected, "{before:?}");
        }
        assert_eq!(now.version(), before("acme", 7));
    }
}
