//! How the program ends.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Allowed, or done, or nothing found.
    Allowed,
    /// Refused, or something found.
    Refused,
    /// No decision.
    Undecided,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Allowed => Self::SUCCESS,
            Status::Refused => Self::from(1),
            Status::Undecided => Self::from(2),
        }
    }
}
