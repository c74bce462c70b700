//! A grant that a command names: a file, or the id of one in a ref of a remote.

use std::path::Path;

use crate::change::git::RefName;
use crate::cli::edge::Edge;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::lifts::read_file;
use crate::gate::{fault as faults, repository};
use crate::proof::grant::Grant;
use crate::proof::posted;
use crate::proof::shared_text::{SharedText, SharedTextError};

/// The id that an argument is, and the ref of that grant; `None` if it is a file.
pub(super) fn posted_ref(path: &Path) -> Option<(String, RefName)> {
    if path.exists() {
        return None;
    }
    let id = path.to_str()?;
    posted::ref_of(id).map(|name| (id.to_owned(), name))
}

/// The grant in a file, or of this id in a ref of the remote.
pub(super) fn named(path: &Path, remote: &str, edge: &Edge) -> Result<Grant, Faults> {
    let Some((id, name)) = posted_ref(path) else {
        return of_file(path, edge);
    };
    let text = shared(&name, remote, edge)?.read().map_err(|error| unreached(&error))?;
    of_text(&id, remote, &text)
}

/// The grant in a file. What is neither a file nor an id may be the first digits of an id.
pub(super) fn of_file(path: &Path, edge: &Edge) -> Result<Grant, Faults> {
    let is_short_id = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(text) = path.to_str().filter(is_short_id).filter(|_| !path.exists()) {
        let cause = format!("`{text}` is neither a file nor the id of a grant, which has 16 digits");
        return Err(bad(cause, "list the ids: `freezegate grant list`"));
    }
    read_file(path, edge)
}

pub(super) fn shared(name: &RefName, remote: &str, edge: &Edge) -> Result<SharedText, Faults> {
    let repository = repository::here(edge)?;
    posted::text(&repository, Some(remote.to_owned()), name).map_err(faults::fault)
}

pub(super) fn of_text(id: &str, remote: &str, text: &str) -> Result<Grant, Faults> {
    if text.is_empty() {
        let cause = format!("`{}` has no grant `{id}`, and there is no file of that name", for_terminal(remote));
        return Err(bad(cause, "list the grants: `freezegate grant list`"));
    }
    let grant = Grant::read(id, text.as_bytes())?;
    if grant.terms.id == id {
        return Ok(grant);
    }
    let cause = format!("the ref of the grant `{id}` holds the grant `{}`", for_terminal(&grant.terms.id));
    Err(bad(cause, "find out who changed it, and request a new grant: `freezegate grant ask`"))
}

pub(super) fn unreached(error: &SharedTextError) -> Faults {
    Faults::one(Diagnostic::error(Code::BadGrant, for_terminal(&error.to_string())).help(for_terminal(&error.help())))
}

fn bad(cause: String, help: &str) -> Faults {
    Faults::one(Diagnostic::error(Code::BadGrant, cause).help(help))
}
