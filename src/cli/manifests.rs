//! The manifests that `--manifests` and `--manifests-before` name.

use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use crate::cli::edge::Edge;
use crate::cli::routes::{FILE_BYTES, SymbolicLinks, on_disk};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{for_terminal, system_words};
use crate::gate::world::World as _;
use crate::guard::{GuardedFile, RenderedManifests};

/// Reads manifests, and those that they replace; `-` is standard input.
///
/// # Errors
///
/// What can't be read, and what kubectl would not read.
pub(super) fn read(after: &Path, before: Option<&Path>, edge: &Edge) -> Result<Arc<RenderedManifests>, Faults> {
    if is_standard_input(after) && before.is_some_and(is_standard_input) {
        let cause = "both `--manifests` and `--manifests-before` are standard input";
        return Err(Faults::one(
            Diagnostic::error(Code::InvalidUsage, cause).help("write one of them to a file or a folder"),
        ));
    }
    let is_compared = before.is_some();
    let after = files(after, edge)?;
    // what is applied first has nothing before it, but an empty render is more often a render that failed
    if after.is_empty() && !is_compared {
        return Err(unread("there are no manifests in `--manifests`".to_owned()));
    }
    let before = before.map(|before| files(before, edge)).transpose()?;
    let read = RenderedManifests::read(after, before)
        .map_err(|error| unread(format!("manifest {}: {}", error.place, error.why)))?;
    if read.objects == 0 {
        return Err(unread("`--manifests` holds no objects".to_owned()));
    }
    Ok(Arc::new(read))
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn files(path: &Path, edge: &Edge) -> Result<Vec<GuardedFile>, Faults> {
    if is_standard_input(path) {
        let mut content = Vec::new();
        let read = io::stdin().lock().take(FILE_BYTES + 1).read_to_end(&mut content);
        read.map_err(|error| {
            unread(format!("the manifests on standard input can't be read: {}", system_words(&error)))
        })?;
        if u64::try_from(content.len()).is_ok_and(|length| length > FILE_BYTES) {
            return Err(unread("the manifests on standard input are larger than 16 MiB".to_owned()));
        }
        return Ok(vec![GuardedFile { path: "standard input".to_owned(), content }]);
    }
    let tree = on_disk(&path.to_string_lossy(), &edge.absolute(path), SymbolicLinks::Followed)?;
    Ok(tree.files.into_iter().map(|(path, content)| GuardedFile { path, content }).collect())
}

/// The files of manifests that a case names, or why they can't be read.
pub(super) fn of_case(path: &Path, edge: &Edge) -> Result<Vec<GuardedFile>, String> {
    files(path, edge).map_err(|faults| {
        let first = faults.diagnostics.into_iter().next();
        first.map_or_else(|| "they can't be read".to_owned(), |first| first.cause)
    })
}

fn unread(cause: String) -> Faults {
    let help = "give the whole output of `kustomize build` or `helm template`";
    Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(help))
}
