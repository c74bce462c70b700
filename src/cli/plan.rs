//! The plan that `--plan` and `--plan-file` name.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::change::TerraformPlan;
use crate::change::plan::{MAX_PLAN_BYTES, MAX_SAVED_PLAN_BYTES, PlanError, SavedPlan, SavedPlanError};
use crate::cli::edge::Edge;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{for_terminal, system_words};
use crate::gate::world::World;

/// Reads the plan at `path`; `-` is standard input.
///
/// # Errors
///
/// A plan that can't be read, or is not one.
pub(super) fn read(path: &Path, edge: &Edge) -> Result<Arc<TerraformPlan>, Faults> {
    let read = if path == Path::new("-") {
        TerraformPlan::read(io::stdin().lock())
    } else {
        open(&edge.absolute(path)).and_then(TerraformPlan::read)
    };
    read.map(Arc::new).map_err(|error| {
        let name =
            if path == Path::new("-") { "on standard input".to_owned() } else { format!("`{}`", path.display()) };
        let cause = for_terminal(&format!("the plan {name}: {error}")).into_owned();
        Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(error.help()))
    })
}

/// Opens a plan. One that is too large is not read up to there.
///
/// # Errors
///
/// A file that can't be opened, a folder, or more than [`MAX_PLAN_BYTES`].
pub(super) fn open(path: &Path) -> Result<File, PlanError> {
    let unreadable = |error: &io::Error| PlanError::Unreadable(system_words(error));
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err(unreadable(&io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if metadata.len() > MAX_PLAN_BYTES { Err(PlanError::TooLarge) } else { Ok(file) }
}

/// Reads the saved plan at `path`.
///
/// # Errors
///
/// A plan that can't be read, or is not one in binary form.
pub(super) fn read_saved(path: &Path, edge: &Edge) -> Result<Arc<SavedPlan>, Faults> {
    let bytes = edge
        .read(&edge.absolute(path), MAX_SAVED_PLAN_BYTES.saturating_add(1))
        .map_err(|error| SavedPlanError::Unreadable(system_words(&error)));
    bytes.and_then(|bytes| SavedPlan::read(&bytes)).map(Arc::new).map_err(|error| {
        let cause = for_terminal(&format!("the saved plan `{}`: {error}", path.display())).into_owned();
        Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(error.help()))
    })
}
