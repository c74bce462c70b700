//! Revisions: how people name commits, and what a name stands for.

use super::{CommitId, EvidenceError, ObjectId, ObjectKind, RefName, Repository, TreeId, id};
use crate::time::names::nearest;

/// A commit that was found, and the tree that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// The commit.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
}

/// One suffix of a name in gitrevisions(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RevisionStep {
    /// `^N`: the Nth parent, counted from 1; 0 is the commit itself.
    Parent(usize),
    /// `~N`: the first parent, N times over.
    Ancestor(usize),
}

impl Repository {
    /// Finds the commit that a person means by: the full name of a ref, `HEAD` (or `@`) among them; a short name that only one
    /// ref can be meant by; the name of an object in full or its beginning from four digits on; and behind that any of `^`, `^N`, `~`, `~N`,
    /// `^{}` and `^{commit}` (gitrevisions(7)). Tags are followed to their commit.
    ///
    /// Where git would take a tag of the same name for the branch, with a warning, this is an error.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::UnknownRevision`], also for zeros, [`EvidenceError::NoParent`], [`EvidenceError::AmbiguousRevision`], [`EvidenceError::UnsupportedRevision`] for
    /// other forms such as `@{upstream}`, [`EvidenceError::NotACommit`], and those of reading refs and objects.
    pub fn revision(&self, text: &str) -> Result<Revision, EvidenceError> {
        let unsupported = || EvidenceError::UnsupportedRevision { revision: text.to_owned() };
        let end = text.find(['^', '~', ':']).or_else(|| text.find("@{")).unwrap_or(text.len());
        let (name, suffix) = text.split_at_checked(end).ok_or_else(unsupported)?;
        if name.contains("@{") || (name.is_empty() && !suffix.is_empty()) {
            return Err(unsupported());
        }
        let steps = parse_steps(suffix).ok_or_else(unsupported)?;
        let named = self.named(name)?.ok_or_else(|| EvidenceError::UnknownRevision {
            revision: text.to_owned(),
            near: self.nearest_ref(name).map(|near| format!("{near}{suffix}")),
        })?;
        let mut revision = self.peel(named, text)?;
        for step in steps {
            let (count, which) = match step {
                RevisionStep::Parent(0) => continue,
                RevisionStep::Parent(which) => (1, which),
                RevisionStep::Ancestor(count) => (count, 1),
            };
            for _ in 0..count {
                let parents = self.links(&self.odb()?, revision.commit)?.parents;
                let parent = parents.get(which - 1).ok_or_else(|| EvidenceError::NoParent {
                    revision: text.to_owned(),
                    commit: revision.commit,
                    parents: parents.len(),
                })?;
                revision = self.peel(parent.object(), text)?;
            }
        }
        Ok(revision)
    }

    /// The commit that an object is or, as a tag, stands for; none if the name is zero.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NotACommit`] for a tree, a blob, or a tag of one, and those of reading objects.
    pub fn revision_at(&self, id: ObjectId) -> Result<Option<Revision>, EvidenceError> {
        if id.is_zero() { Ok(None) } else { self.peel(id, &id.to_string()).map(Some) }
    }

    /// The commit that a ref stands for; none if the ref does not exist.
    ///
    /// # Errors
    ///
    /// Those of [`resolve_ref`](Self::resolve_ref) and [`revision_at`](Self::revision_at).
    pub fn revision_of(&self, name: &RefName) -> Result<Option<Revision>, EvidenceError> {
        match self.resolve_ref(name)? {
            Some(id) => self.peel(id, &name.to_string()).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the short name of the branch or tag that is written much like `name`; `None` if no name is, or they can't be listed.
    fn nearest_ref(&self, name: &str) -> Option<String> {
        // only a help depends on it
        let Ok(refs) = self.refs() else {
            return None;
        };
        let names = refs.iter().map(|one| one.name.to_string());
        let known: Vec<String> = names
            .filter_map(|full| {
                let starts = ["refs/heads/", "refs/tags/", "refs/remotes/"];
                let short = starts.iter().find_map(|start| full.strip_prefix(start));
                // what a command line shows as it is
                short.filter(|short| short.chars().all(|letter| letter.is_ascii_graphic())).map(str::to_owned)
            })
            .chain(["HEAD".to_owned()])
            .collect();
        nearest(name, known.iter().map(String::as_str)).map(str::to_owned)
    }

    /// Follows tags to a commit.
    fn peel(&self, mut id: ObjectId, name: &str) -> Result<Revision, EvidenceError> {
        let odb = self.odb()?;
        let limit = self.limits().tags;
        for _ in 0..=limit {
            match self.header(&odb, id, ObjectKind::Commit)?.0 {
                ObjectKind::Commit => {
                    let commit = CommitId::checked(id);
                    let links = self.links(&odb, commit)?;
                    if links.has_second {
                        let reason = "it names a tree or a parent where git looks for none, and other programs would follow that";
                        return Err(EvidenceError::UnreadableObject { id, reason: reason.to_owned() });
                    }
                    return Ok(Revision { commit, tree: links.tree });
                }
                ObjectKind::Tag => {
                    let tag = self.read(&odb, id, ObjectKind::Tag)?;
                    id = tagged(tag.data()).ok_or_else(|| EvidenceError::UnreadableObject {
                        id,
                        reason: "as a tag, its object line is malformed".to_owned(),
                    })?;
                }
                found @ (ObjectKind::Tree | ObjectKind::Blob) => {
                    return Err(EvidenceError::NotACommit { revision: name.to_owned(), found });
                }
            }
        }
        Err(EvidenceError::UnreadableObject { id, reason: format!("more than {limit} tags point to one another") })
    }

    /// The object that a name stands for, by the rules of gitrevisions(7), all of which are tried.
    fn named(&self, name: &str) -> Result<Option<ObjectId>, EvidenceError> {
        if let Some(id) = id::parse_full(name) {
            return Ok(if id.is_zero() { None } else { Some(id) });
        }
        if let Ok(full) = RefName::new(if name == "@" { "HEAD" } else { name }) {
            return self.resolve_ref(&full);
        }
        let rules = ["refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD"];
        let mut found = None;
        let mut candidates = Vec::new();
        for rule in rules {
            let Ok(full) = RefName::new(rule.replace("{}", name)) else {
                continue;
            };
            if let Some(id) = self.resolve_ref(&full)? {
                found = Some(id);
                candidates.push(full);
            }
        }
        let beginning = self.beginning_with(name)?;
        match (candidates.len(), beginning) {
            (0, beginning) => Ok(beginning),
            (1, None) => Ok(found),
            _ => Err(EvidenceError::AmbiguousRevision { revision: name.to_owned(), candidates }),
        }
    }

    /// The object whose name begins with these 4 to 40 hexadecimal digits; `None` for any other text.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::AmbiguousRevision`] if there are several, and those of reading the object database.
    pub fn beginning_with(&self, digits: &str) -> Result<Option<ObjectId>, EvidenceError> {
        let is_beginning = (4..=40).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_beginning || id::is_zeros(digits) {
            return Ok(None);
        }
        let padded = git2::Oid::from_str(digits).map_err(|error| self.corrupt(&error))?;
        match self.odb()?.exists_prefix(padded, digits.len()) {
            Ok(id) => Ok(Some(ObjectId::from(id))),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) if error.code() == git2::ErrorCode::Ambiguous => {
                Err(EvidenceError::AmbiguousRevision { revision: digits.to_owned(), candidates: Vec::new() })
            }
            Err(error) => Err(self.corrupt(&error)),
        }
    }
}

/// Returns what a tag stands for: its first line is `object` and a name (gitformat-tag in git's documentation of objects).
fn tagged(data: &[u8]) -> Option<ObjectId> {
    let line = data.split(|byte| *byte == b'\n').next()?;
    id::parse_full_bytes(line.strip_prefix(b"object ")?)
}

fn parse_steps(mut suffix: &str) -> Option<Vec<RevisionStep>> {
    let mut steps = Vec::new();
    while !suffix.is_empty() {
        if let Some(rest) = suffix.strip_prefix("^{}").or_else(|| suffix.strip_prefix("^{commit}")) {
            suffix = rest;
            continue;
        }
        let (step, rest): (fn(usize) -> RevisionStep, &str) = match suffix.strip_prefix('^') {
            Some(rest) => (RevisionStep::Parent, rest),
            None => (RevisionStep::Ancestor, suffix.strip_prefix('~')?),
        };
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, rest) = rest.split_at_checked(end)?;
        let Ok(count) = (if digits.is_empty() { Ok(1) } else { digits.parse() }) else { return None };
        steps.push(step(count));
        suffix = rest;
    }
    Some(steps)
}
