//! What a commit says.

use memchr::memmem;

use super::{
    CommitId, EvidenceError, GitIdentity, Limits, ObjectId, ObjectKind, Repository, Trailer, TreeId,
    id::parse_full_bytes,
    identity::split_at_byte,
    trailer::{self, TooMuch},
};

use crate::time::instant::Instant;

/// A commit, as its own bytes say: without replacements, grafts or the boundary of a shallow clone.
///
/// Author, committer and message are what their author chose. They may name things; they prove nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: CommitId,
    /// The tree that it holds.
    pub tree: TreeId,
    /// Its parents, first parent first; none of a root. The repository may lack them.
    pub parents: Vec<CommitId>,
    /// The author of the change.
    pub author: GitIdentity,
    /// The committer.
    pub committer: GitIdentity,
    /// The message, in whatever encoding.
    pub message: Vec<u8>,
}

impl Repository {
    /// Reads a commit.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::MissingObject`], or [`EvidenceError::UnreadableObject`] for a commit that git would not have written: no
    /// or several authors, a header with a byte 0.
    pub fn commit(&self, id: CommitId) -> Result<Commit, EvidenceError> {
        let odb = self.odb()?;
        let object = self.read(&odb, id.object(), ObjectKind::Commit)?;
        let (links, rest) = CommitLinks::parse(id.object(), object.data())?;
        let unreadable = |reason: &str| EvidenceError::UnreadableObject { id: id.object(), reason: reason.to_owned() };
        let (headers, message) = split_headers(rest);
        if headers.contains(&0) {
            return Err(unreadable("its header holds a byte 0"));
        }
        let identity = |key: &[u8], what: &str| {
            let mut lines = headers.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(key));
            match (lines.next(), lines.next()) {
                (Some(line), None) => {
                    GitIdentity::parse(line).ok_or_else(|| unreadable(&format!("its {what} is malformed")))
                }
                (Some(_), Some(_)) => Err(unreadable(&format!("it has more than one {what}"))),
                (None, _) => Err(unreadable(&format!("it has no {what}"))),
            }
        };
        Ok(Commit {
            id,
            tree: links.tree,
            parents: links.parents,
            author: identity(b"author ", "author")?,
            committer: identity(b"committer ", "committer")?,
            message: message.to_vec(),
        })
    }

    /// Returns what a commit links to, without the cost and the strictness of reading all of it.
    pub(super) fn links(&self, odb: &git2::Odb<'_>, id: CommitId) -> Result<CommitLinks, EvidenceError> {
        let object = self.read(odb, id.object(), ObjectKind::Commit)?;
        Ok(CommitLinks::parse(id.object(), object.data())?.0)
    }
}

impl Commit {
    /// The trailers of the message in order: the last paragraph, where all of it is lines `KEY: VALUE`, as
    /// `git interpret-trailers --parse` finds them: without what follows a line `---`, keys in any case and with spaces before
    /// the colon.
    ///
    /// Anyone can write any trailer.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::UnreadableObject`] for a message with a byte 0, behind which git itself would see nothing,
    /// [`EvidenceError::MessageTooLong`] and [`EvidenceError::TooManyTrailers`].
    pub fn trailers(&self) -> Result<Vec<Trailer>, EvidenceError> {
        let limits = Limits::default();
        if self.message.contains(&0) {
            let reason = "its message: it holds a byte 0".to_owned();
            return Err(EvidenceError::UnreadableObject { id: self.id.object(), reason });
        }
        trailer::parse(&self.message, limits).map_err(|error| match error {
            TooMuch::Bytes => EvidenceError::MessageTooLong { commit: self.id, limit: limits.message_bytes },
            TooMuch::Trailers => EvidenceError::TooManyTrailers { commit: self.id, limit: limits.trailers },
        })
    }
}

/// The tree and the parents that a commit names, and when it says that it was made.
pub(super) struct CommitLinks {
    pub(super) tree: TreeId,
    pub(super) parents: Vec<CommitId>,
    /// Zero where the commit does not say: good enough for an order in which to look, which is all that it is for.
    pub(super) seconds: Instant,
    /// True if it names a tree or a parent once more where git looks for none: some programs would follow that.
    pub(super) has_second: bool,
}

impl CommitLinks {
    /// Reads the head of a commit (gitformat-commit): a line `tree`, lines `parent`, then the rest, which is given back.
    fn parse(id: ObjectId, data: &[u8]) -> Result<(Self, &[u8]), EvidenceError> {
        let malformed =
            |what: &str| EvidenceError::UnreadableObject { id, reason: format!("its {what} line is malformed") };
        let (line, mut rest) = split_at_byte(data, b'\n').ok_or_else(|| malformed("tree"))?;
        let tree = line.strip_prefix(b"tree ").and_then(parse_full_bytes).ok_or_else(|| malformed("tree"))?;
        let mut parents = Vec::new();
        while rest.starts_with(b"parent ") {
            let (line, after) = split_at_byte(rest, b'\n').ok_or_else(|| malformed("parent"))?;
            let parent = line.strip_prefix(b"parent ").and_then(parse_full_bytes).ok_or_else(|| malformed("parent"))?;
            parents.push(CommitId::checked(parent));
            rest = after;
        }
        let lines = || rest.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
        let has_second = lines().any(is_link);
        let seconds = lines()
            .find_map(|line| line.strip_prefix(b"committer "))
            .and_then(GitIdentity::parse)
            .map_or(Instant::EPOCH, |identity| identity.seconds);
        Ok((Self { tree: TreeId::checked(tree), parents, seconds, has_second }, rest))
    }
}

/// Returns whether a line of a header names a tree or a parent, also where git takes it for the continuation of another line: go-git drops the
/// spaces (`Commit.Decode` in its `plumbing/object/commit.go`), and of several trees the last counts there.
fn is_link(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let named = line.strip_prefix(b"tree ").or_else(|| line.strip_prefix(b"parent "));
    named.is_some_and(|name| parse_full_bytes(name.trim_ascii()).is_some())
}

/// The header lines and the message behind the empty line.
fn split_headers(rest: &[u8]) -> (&[u8], &[u8]) {
    let end = memmem::find(rest, b"\n\n");
    match end.and_then(|end| Some((rest.get(..end)?, rest.get(end + 2..)?))) {
        Some(split) => split,
        // Without an empty line there is no message.
        None => (rest, &[]),
    }
}
