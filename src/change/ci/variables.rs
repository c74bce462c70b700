//! The variables of a job, and what their values must be.

use super::error::CiError;
use super::pipeline::Attempt;

/// The variables of the environment.
pub(super) struct Variables<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The variable, if it is set to nothing: a provider leaves it out then, so that somebody has replaced it.
    pub(super) fn not_emptied(&self, name: &'static str) -> Result<(), CiError> {
        match (self.0)(name) {
            Some(value) if value.is_empty() => Err(CiError::Emptied(name)),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn required(&self, name: &'static str) -> Result<String, CiError> {
        self.get(name).ok_or(CiError::Missing(name))
    }

    pub(super) fn id(&self, name: &'static str) -> Result<Option<Id>, CiError> {
        self.get(name).map(|value| Id::parse(name, value)).transpose()
    }

    /// A commit that is there.
    pub(super) fn commit(&self, name: &'static str) -> Result<String, CiError> {
        Id::parse(name, self.required(name)?)?.commit(name)
    }

    /// Returns whether a variable is set and says yes.
    pub(super) fn mark(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.eq_ignore_ascii_case("false"))
    }

    /// Returns whether a variable is set, to whatever.
    pub(super) fn is_set(&self, name: &str) -> bool {
        (self.0)(name).is_some()
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    }

    /// From a counter that is `first` at the first attempt.
    pub(super) fn attempt(&self, name: &str, first: &str) -> Attempt {
        match self.get(name) {
            None => Attempt::NotTold,
            Some(value) if value == first => Attempt::First,
            Some(_) => Attempt::Again,
        }
    }
}

/// An object id, of SHA-1 or SHA-256.
pub(super) enum Id {
    /// All zeros: git's way to say "none".
    Zero(String),
    Commit(String),
}

impl Id {
    pub(super) fn parse(name: &'static str, value: String) -> Result<Self, CiError> {
        if !matches!(value.len(), 40 | 64) || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(CiError::NotAnId { name, value });
        }
        Ok(if value.bytes().all(|byte| byte == b'0') {
            Self::Zero(value)
        } else {
            Self::Commit(value.to_ascii_lowercase())
        })
    }

    /// `name` is where it comes from.
    pub(super) fn commit(self, name: &'static str) -> Result<String, CiError> {
        match self {
            Self::Commit(id) => Ok(id),
            Self::Zero(value) => Err(CiError::NotAnId { name, value }),
        }
    }
}

pub(super) fn branch(name: &str) -> String {
    format!("refs/heads/{name}")
}

pub(super) fn tag(name: &str) -> String {
    format!("refs/tags/{name}")
}

/// Two places that must say the same.
pub(super) fn agree(one: (&'static str, &str), other: (&'static str, &str)) -> Result<(), CiError> {
    if one.1 == other.1 {
        return Ok(());
    }
    Err(CiError::Contradiction { one: (one.0, one.1.to_owned()), other: (other.0, other.1.to_owned()) })
}
