//! The CI job that we run in, read at the edge.

use std::cell::RefCell;
use std::path::Path;

use crate::change::ci::{self, CiError, Pipeline};
use crate::cli::edge::Edge;
use crate::diagnostic::{Code, Diagnostic, Faults};

/// The pipeline that we run in; `None` outside of a provider's job.
pub(crate) fn pipeline(edge: &Edge) -> Result<Option<Pipeline>, Faults> {
    let unreadable = RefCell::new(None);
    let read = |name: &str| match Edge::variable_as_it_is(name)?.into_string() {
        Ok(value) => Some(value),
        Err(_) => {
            unreadable.borrow_mut().get_or_insert_with(|| name.to_owned());
            None
        }
    };
    let event = match ci::event_path(&read).map_err(fault)? {
        Some(path) => Some(edge.event(Path::new(&path)).map_err(Faults::one)?),
        None => None,
    };
    let pipeline = ci::pipeline(&read, event.as_deref());
    // what it says counts for nothing if a part of it could not be read
    match unreadable.into_inner() {
        Some(name) => Err(Faults::one(no_job(format!("the variable `{name}` is not UTF-8")))),
        None => pipeline.map_err(fault),
    }
}

fn fault(error: CiError) -> Faults {
    Faults::one(no_job(error.to_string()))
}

fn no_job(cause: String) -> Diagnostic {
    Diagnostic::error(Code::NoEvidence, cause)
        .help("fix the job's variables, or ignore them: `--no-ci --enforce --range OLD..NEW`")
}
