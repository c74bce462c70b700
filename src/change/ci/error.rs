//! Why a pipeline cannot be determined.

use std::fmt;

use super::provider::Provider;

/// The reason why a pipeline cannot be determined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CiError {
    /// The environment has the marks of several providers.
    Several(Vec<Provider>),
    /// A variable that the provider always sets is not there.
    Missing(&'static str),
    /// A variable is set to nothing, which the provider never does.
    Emptied(&'static str),
    /// A value that should be a commit id, but is not one.
    NotAnId {
        /// The variable or field.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// A value that should be the full name of a ref, but is not one.
    NotARef {
        /// The variable or field.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// GitHub's event file is needed and was not given.
    NoEvent {
        /// The event.
        event: String,
    },
    /// GitHub's event file is not what its event says it is.
    Event {
        /// The event.
        event: String,
        /// The message of the reader of JSON.
        cause: String,
    },
    /// Two places that should say the same do not.
    Contradiction {
        /// One place and what it says.
        one: (&'static str, String),
        /// The other place and what it says.
        other: (&'static str, String),
    },
}

impl fmt::Display for CiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Several(providers) => {
                let names: Vec<String> = providers.iter().map(Provider::to_string).collect();
                write!(f, "the environment says that this is {} at once", names.join(" and "))
            }
            Self::Missing(name) => {
                write!(f, "`{name}` is not set, but the provider always sets it")
            }
            Self::Emptied(name) => {
                write!(f, "`{name}` is set to nothing, which the provider never does")
            }
            Self::NotAnId { name, value } => {
                write!(f, "`{name}` is `{value}`, which is not a commit id")
            }
            Self::NotARef { name, value } => {
                write!(f, "`{name}` is `{value}`, which is not a full name of a ref")
            }
            Self::NoEvent { event } => {
                write!(f, "the file that `GITHUB_EVENT_PATH` names is needed for the event `{event}`")
            }
            Self::Event { event, cause } => {
                write!(f, "the file that `GITHUB_EVENT_PATH` names is not a `{event}` event: {cause}")
            }
            Self::Contradiction { one, other } => {
                write!(f, "`{}` is `{}`, but `{}` is `{}`", one.0, one.1, other.0, other.1)
            }
        }
    }
}

impl std::error::Error for CiError {}
