//! Reflogs: where a ref of this clone stood before.

use std::{
    fs,
    io::ErrorKind::{IsADirectory, NotADirectory, NotFound},
};

use super::{EvidenceError, GitIdentity, ObjectId, RefName, Repository, id::parse_full_bytes, identity::split_at_byte};

/// One move of a ref, as the clone that moved it wrote down.
///
/// On a server, `receive-pack` writes these with the server's clock. In a work tree `GIT_COMMITTER_DATE` (git(1)) chooses the
/// time, and anyone who may write there the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReflogEntry {
    /// The place where it stood before; zero if it was created.
    pub old: ObjectId,
    /// The place where it stood afterwards; zero if it was deleted.
    pub new: ObjectId,
    /// The person who moved it, and the time.
    pub who: GitIdentity,
    /// The purpose, such as `push` or `fetch: fast-forward`; may be empty.
    pub message: Vec<u8>,
}

impl Repository {
    /// The reflog of a ref, newest first; none if it has none, as on a bare repository without `core.logAllRefUpdates =
    /// always` (git-config(1)), and in most clones that CI makes.
    ///
    /// The log of a remote-tracking ref says when this clone saw the remote move, not when it moved.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptReflog`] for a line that cannot be read, an unfinished last line included: what it would say may
    /// matter. [`EvidenceError::CorruptRef`] if the name is not UTF-8. [`EvidenceError::CorruptRepository`] if the file cannot be read.
    pub fn reflog(&self, name: &RefName) -> Result<Option<Vec<ReflogEntry>>, EvidenceError> {
        // libgit2 passes over lines that it cannot read, and creates the log where there is none.
        let Ok(text) = name.as_text() else {
            let reason = "its name is not UTF-8, so its log can't be looked up".to_owned();
            return Err(EvidenceError::CorruptRef { name: name.clone(), reason });
        };
        // `HEAD` and these are each work tree's own (git-worktree(1), REFS).
        let own = ["refs/bisect/", "refs/worktree/", "refs/rewritten/"];
        let per_work_tree = !text.starts_with("refs/") || own.iter().any(|prefix| text.starts_with(prefix));
        let folder = if per_work_tree { self.inner().path() } else { self.inner().commondir() };
        let path = folder.join("logs").join(text);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            // A folder is left where refs below that name had logs.
            Err(error) if matches!(error.kind(), NotFound | NotADirectory | IsADirectory) => return Ok(None),
            Err(error) => return Err(EvidenceError::file(&path, &error)),
        };
        let mut entries = Vec::new();
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let entry = line.strip_suffix(b"\n").and_then(parse_line);
            entries.push(entry.ok_or_else(|| EvidenceError::CorruptReflog { name: name.clone(), line: index + 1 })?);
        }
        entries.reverse();
        Ok(Some(entries))
    }
}

/// `OLD SP NEW SP NAME <EMAIL> SP SECONDS SP OFFSET`, and behind a tab the message if there is one (git's
/// `log_ref_write_fd`).
fn parse_line(line: &[u8]) -> Option<ReflogEntry> {
    let (old, rest) = split_at_byte(line, b' ')?;
    let (new, rest) = split_at_byte(rest, b' ')?;
    let (who, message) = split_at_byte(rest, b'\t').unwrap_or((rest, &[]));
    Some(ReflogEntry {
        old: parse_full_bytes(old)?,
        new: parse_full_bytes(new)?,
        who: GitIdentity::parse(who)?,
        message: message.to_vec(),
    })
}
