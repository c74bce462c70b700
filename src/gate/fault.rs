//! What is wrong, as diagnostics.

use crate::change::git::EvidenceError;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::proof::rollback::Obstacle;
use crate::reach::shown::ShownError;

pub(crate) fn fault(error: EvidenceError) -> Faults {
    Faults::one(no_evidence(&error))
}

pub(crate) fn no_evidence(error: &EvidenceError) -> Diagnostic {
    Diagnostic::error(Code::NoEvidence, error.to_string()).help(error.help())
}

/// The fault of what `option` was given, which is named with it.
pub(crate) fn of_option(option: &str, written: &str, error: EvidenceError) -> Faults {
    let is_of_text = matches!(
        &error,
        EvidenceError::UnknownRevision { .. }
            | EvidenceError::NoParent { .. }
            | EvidenceError::NotACommit { .. }
            | EvidenceError::AmbiguousRevision { .. }
            | EvidenceError::UnsupportedRevision { .. }
            | EvidenceError::InvalidRefName { .. }
    );
    let mut diagnostic = no_evidence(&error);
    if is_of_text {
        diagnostic.cause = format!("`{option} {}`: {}", for_terminal(written), diagnostic.cause);
    } else if matches!(&error, EvidenceError::InvalidRange { .. } | EvidenceError::ThreeDots { .. }) {
        // it has the same text
        diagnostic.cause = diagnostic.cause.replacen('`', &format!("`{option} "), 1);
    }
    Faults::one(diagnostic)
}

/// Adds a further way out behind the help that is there, with `joint` between them.
pub(crate) fn add_help(diagnostic: &mut Diagnostic, joint: &str, way: &str) {
    let help = diagnostic.help.take();
    diagnostic.help = Some(help.map_or_else(|| way.to_owned(), |help| format!("{help}{joint}{way}")));
}

pub(crate) fn too_much(error: &ShownError) -> Faults {
    Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string()).help("split the change, or fix the path"))
}

/// Returns why something can't be compared, in one sentence.
pub(crate) fn unreadable(faults: Faults) -> Obstacle {
    let first = faults.diagnostics.into_iter().next();
    Obstacle::Unreadable(first.map_or_else(String::new, |one| match one.help {
        Some(help) => format!("{} ({help})", one.cause),
        None => one.cause,
    }))
}

pub(crate) fn plain(error: EvidenceError) -> Obstacle {
    Obstacle::Unreadable(format!("{error} ({})", error.help()))
}
