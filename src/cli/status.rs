//! How the program ends.

use std::process::ExitCode;

use crate::gate::case::JudgedCase;

/// The way in which the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Allowed, or done, or nothing found.
    Allowed,
    /// Refused, or something found.
    Refused,
    /// No decision.
    Undecided,
    /// The command was not started: refused, or no decision.
    NotStarted,
    /// The command's program can't be executed.
    NotExecutable,
    /// The command's program is not there.
    NotFound,
}

impl Status {
    /// How the program ends after a decision.
    pub(crate) fn of(judged: &JudgedCase) -> Self {
        if judged.is_refused { Self::Refused } else { Self::Allowed }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Allowed => Self::SUCCESS,
            Status::Refused => Self::from(1),
            Status::Undecided => Self::from(2),
            // as env(1) does
            Status::NotStarted => Self::from(125),
            Status::NotExecutable => Self::from(126),
            Status::NotFound => Self::from(127),
        }
    }
}
