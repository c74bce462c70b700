//! Grants that travel: each in a git ref of its own, `refs/freezegate/grants/ID`, to which everybody who signs adds.
//!
//! Signatures protect a grant, so anyone may write there; one that nobody signed counts only where the policy asks for no signature, and
//! for the one change that it names. Whatever is there that is no grant is passed over: it must keep no gate from deciding. So everything
//! read is bounded: how many refs, and how much of each.

use crate::change::git::{EvidenceError, Limits, ObjectId, RefName, Repository};
use crate::escape::for_terminal;
use crate::proof::grant::{Grant, MAX_BYTES};
use crate::proof::record::program::GitInRepository;
use crate::proof::record::{Patience, RecordError};
use crate::proof::shared_text::SharedText;

/// Below this grants lie, each by its id.
pub const FOLDER: &str = "refs/freezegate/grants/";

/// The name of a grant in the commits of its ref.
pub const FILE: &str = "grant";

/// The most grants that are read.
pub const MOST: usize = 200;

/// The most doubts that are listed one by one.
const MOST_DOUBTS: usize = 3;

/// The grants of a place.
#[derive(Debug, Default)]
pub struct Posted {
    /// Those that can be read, in the order of their ids.
    pub grants: Vec<Grant>,
    /// Everything that was passed over, for people.
    pub doubts: Vec<String>,
}

/// Returns the ref of the grant of this id; `None` if no grant has such an id.
#[must_use]
pub fn ref_of(id: &str) -> Option<RefName> {
    if is_id(id) { RefName::new(format!("{FOLDER}{id}")).ok() } else { None }
}

/// Returns the id of the grant whose ref this is; `None` if it is another ref.
#[must_use]
pub fn id_of(name: &RefName) -> Option<&str> {
    str::from_utf8(name.as_bytes()).ok()?.strip_prefix(FOLDER).filter(|id| is_id(id))
}

/// Returns whether text is in the form of ids of grants, in small letters: a file system may not distinguish capitals from them.
fn is_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase() || byte == b'-')
        && text.bytes().any(|byte| byte != b'-')
}

/// The text of a grant in its ref, of `remote` or of the repository itself.
///
/// # Errors
///
/// [`EvidenceError::InvalidRefName`].
pub fn text(repository: &Repository, remote: Option<String>, name: &RefName) -> Result<SharedText, EvidenceError> {
    SharedText::in_ref(repository, (remote, name), FILE, MAX_BYTES)
}

/// Reads the grants in the refs of the repository itself.
///
/// # Errors
///
/// [`EvidenceError`]: the refs can't be listed.
pub fn own(repository: &Repository) -> Result<Posted, EvidenceError> {
    let mut listed = Vec::new();
    for one in repository.refs_below(FOLDER)? {
        if let (Some(id), Some(object)) = (id_of(&one), repository.resolve_ref(&one)?) {
            listed.push((id.to_owned(), object));
        }
    }
    Ok(read(&listed, vec![Repository::open_at(repository.git_dir())?]))
}

/// Reads the grants of a remote, as the repository reaches it. Neither its refs nor its objects change.
///
/// # Errors
///
/// [`RecordError`]: the remote can't be reached.
pub fn of_remote(repository: &Repository, remote: &str) -> Result<Posted, RecordError> {
    let git = GitInRepository::new(repository.git_dir(), Patience::default());
    let mut listed = Vec::new();
    for (name, object) in git.remote_refs(remote, &format!("{FOLDER}*"))? {
        let name = RefName::new(name)?;
        if let Some(id) = id_of(&name) {
            listed.push((id.to_owned(), ObjectId::from_hex(&object)?));
        }
    }
    let names: Vec<String> = listed.iter().take(MOST).map(|(id, _)| format!("{FOLDER}{id}")).collect();
    if names.is_empty() {
        return Ok(Posted::default());
    }
    let scratch = git.fetch_apart(remote, &names)?;
    Ok(read(&listed, vec![Repository::open_at(repository.git_dir())?, Repository::open_at(scratch.folder())?]))
}

/// Reads grants by their ids and the commits that hold them, from the first of the repositories that has them.
fn read(listed: &[(String, ObjectId)], repositories: Vec<Repository>) -> Posted {
    let mut posted = Posted::default();
    let mut doubts = Vec::new();
    let limits = Limits { file_bytes: u64::try_from(MAX_BYTES).unwrap_or(u64::MAX), ..Limits::default() };
    let all: Vec<Repository> = repositories.into_iter().map(|one| one.with_limits(limits)).collect();
    for (id, object) in listed.iter().take(MOST) {
        match read_one(&all, id, *object) {
            Ok(grant) => posted.grants.push(grant),
            Err(cause) => doubts.push(format!("`{FOLDER}{id}` is ignored: {cause}")),
        }
    }
    if listed.len() > MOST {
        doubts.insert(0, format!("of {} grants in `{FOLDER}`, {MOST} are read", listed.len()));
    }
    let more = doubts.len().saturating_sub(MOST_DOUBTS);
    posted.doubts = doubts.iter().take(MOST_DOUBTS).map(|doubt| for_terminal(doubt).into_owned()).collect();
    if more > 0 {
        posted.doubts.push(format!("{more} more refs below `{FOLDER}` are passed over"));
    }
    posted
}

fn read_one(repositories: &[Repository], id: &str, object: ObjectId) -> Result<Grant, String> {
    let repository = repositories.iter().find(|repository| repository.has(object));
    let repository = repository.ok_or_else(|| "its commit is missing".to_owned())?;
    let revision = repository.revision_at(object).map_err(|error| error.to_string())?;
    let bytes = match revision {
        Some(revision) => repository.file_at(revision.commit, FILE).map_err(|error| error.to_string())?,
        None => None,
    };
    let bytes = bytes.ok_or_else(|| format!("it has no file `{FILE}`"))?;
    let grant = Grant::read(id, &bytes).map_err(|faults| {
        faults.diagnostics.into_iter().next().map_or_else(|| "it can't be read".to_owned(), |first| first.cause)
    })?;
    if grant.terms.id == id { Ok(grant) } else { Err(format!("it holds the grant `{}`", grant.terms.id)) }
}
