//! A record in a git ref: one commit an entry, whose parent is the entry before.
//!
//! The last line of a commit's message is the entry; what stands above is for people. The tree is empty. Objects are read
//! as [`change::git`](crate::change::git) reads them; the program `git` writes them and moves the ref, as compare-and-swap:
//! from where it was when the entries were read to the new commit, or not at all. Who finds that somebody else was first
//! looks again, decides again, and tries again.
//!
//! Shared through a remote, the remote's ref is the record, and `git push --force-with-lease` the compare-and-swap, which
//! overwrites nothing. The ref of the same name in the repository at hand remembers where the record was last seen: one that
//! does not hold that any more was cut or written anew. The remote's own rules have to keep all others from writing to it.

use std::fmt;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use super::line::{Parsed, Sealed, chance, parse};
use super::program::Program;
use super::{Chain, Decided, Entry, Fault, FaultKind, Inspection, Outcome, RecordError};
use crate::change::git::{Commit, EvidenceError, ObjectId, RefName, Repository, Revision};

/// How often it is tried to be the first.
const ATTEMPTS: u32 = 100;

/// How often it is tried while the ref stays where it was, which is no sign of others: somebody else may hold its lock.
const IDLE_ATTEMPTS: u32 = 5;

/// Who the commits are by. The name can belong to nobody (RFC 2606).
const AUTHOR: &str = "freezegate <record@freezegate.invalid>";

/// The tree that holds nothing.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// A record in a git ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRef {
    git_dir: PathBuf,
    remote: Option<String>,
    name: String,
}

/// The record as it was found.
#[derive(Default)]
struct Look {
    /// Its commits, the newest first.
    commits: Vec<String>,
    chain: Chain,
    faults: Vec<Fault>,
    /// Where it was last seen, if it is the remote's.
    seen: Option<String>,
}

impl Look {
    fn tip(&self) -> Option<&str> {
        self.commits.first().map(String::as_str)
    }
}

/// An entry that may have been appended, or not: git said no.
struct Pending {
    entry: Entry,
    tip: Option<String>,
    error: RecordError,
}

impl RecordRef {
    /// The record in the ref `name` of the repository, shared through `remote` if one is named. Nothing is looked at yet.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::InvalidRefName`] for a name that is not UTF-8.
    pub fn new(repository: &Repository, remote: Option<String>, name: &RefName) -> Result<Self, EvidenceError> {
        let Ok(text) = str::from_utf8(name.as_bytes()) else {
            return Err(EvidenceError::InvalidRefName { name: name.as_bytes().to_vec() });
        };
        Ok(Self { git_dir: repository.git_dir().to_path_buf(), remote, name: text.to_owned() })
    }

    /// Whether others may append to it on other machines.
    pub(super) const fn is_shared(&self) -> bool {
        self.remote.is_some()
    }

    /// The ref of the repository at hand that nobody but this program may move; `None` if the remote's is the record.
    #[must_use]
    pub fn own_ref(&self) -> Option<&str> {
        self.remote.is_none().then_some(self.name.as_str())
    }

    pub(super) fn inspect(&self) -> Result<Inspection, RecordError> {
        let look = self.look()?;
        if look.commits.is_empty() && look.faults.is_empty() {
            return Err(RecordError::Missing { record: self.to_string() });
        }
        if look.faults.is_empty() {
            self.remember(&look)?;
        }
        Ok(Inspection { chain: look.chain, faults: look.faults })
    }

    /// All entries; none if the ref does not exist yet.
    pub(super) fn read(&self) -> Result<Chain, RecordError> {
        let look = self.sound()?;
        self.remember(&look)?;
        Ok(look.chain)
    }

    pub(super) fn append<E>(&self, decide: &mut dyn FnMut(&Chain) -> Result<Decided, E>) -> Result<Entry, E>
    where
        E: From<RecordError>,
    {
        let mut pending: Option<Pending> = None;
        let mut idle = 0;
        for attempt in 0..ATTEMPTS {
            let look = self.sound()?;
            match pending {
                None => {
                    self.remember(&look)?;
                    Program::new(&self.git_dir).write_object("tree", &[])?;
                }
                // git may fail to say that it was done
                Some(Pending { entry, .. }) if look.chain.entry(&entry.hash).is_some() => return Ok(entry),
                Some(Pending { tip, error, .. }) => {
                    idle = if tip.as_deref() == look.tip() { idle + 1 } else { 0 };
                    if idle >= IDLE_ATTEMPTS {
                        return Err(error.into());
                    }
                }
            }
            let sealed = look.chain.seal(decide(&look.chain)?)?;
            let tip = look.tip().map(str::to_owned);
            match self.advance(tip.as_deref(), &sealed) {
                Ok(()) => return Ok(sealed.entry),
                Err(error) => pending = Some(Pending { entry: sealed.entry, tip, error }),
            }
            sleep(pause(attempt));
        }
        Err(RecordError::Contended { record: self.to_string(), attempts: ATTEMPTS }.into())
    }

    /// Makes the commit of an entry, and moves the ref to it from `tip`.
    fn advance(&self, tip: Option<&str>, sealed: &Sealed) -> Result<(), RecordError> {
        let git = Program::new(&self.git_dir);
        let commit = git.write_object("commit", commit_text(tip, sealed).as_bytes())?;
        match &self.remote {
            None => git.move_ref(&self.name, tip, &commit),
            Some(remote) => git.push(remote, &self.name, tip, &commit),
        }
    }

    /// The record, if it is whole.
    fn sound(&self) -> Result<Look, RecordError> {
        let look = self.look()?;
        if look.faults.is_empty() {
            Ok(look)
        } else {
            Err(RecordError::Broken { record: self.to_string(), faults: look.faults })
        }
    }

    fn look(&self) -> Result<Look, RecordError> {
        // read before the remote is, which can only have more
        let seen = self.repository()?.revision_of(&RefName::new(&self.name)?)?;
        let Some(remote) = &self.remote else {
            return self.walk(seen);
        };
        let git = Program::new(&self.git_dir);
        let known = seen.map(|revision| revision.commit.to_string());
        let mut look = match git.remote_ref(remote, &self.name)? {
            None => Look::default(),
            Some(tip) => {
                let id = ObjectId::from_hex(&tip)?;
                let walk = || self.walk(self.repository()?.revision_at(id)?);
                match walk() {
                    Err(RecordError::Repository(EvidenceError::MissingObject { .. })) => {
                        git.fetch(remote, &self.name, known.as_deref())?;
                        walk()?
                    }
                    known => known?,
                }
            }
        };
        let seen = known;
        if let Some(expected) = seen.clone().filter(|seen| look.faults.is_empty() && !look.commits.contains(seen)) {
            look.faults.push(Fault { place: "the record".to_owned(), kind: FaultKind::Cut { expected } });
        }
        look.seen = seen;
        Ok(look)
    }

    /// Keeps in mind where the remote's record was found.
    fn remember(&self, look: &Look) -> Result<(), RecordError> {
        let tip = look.tip().filter(|tip| look.seen.as_deref() != Some(*tip));
        let (Some(tip), Some(_)) = (tip, &self.remote) else {
            return Ok(());
        };
        match Program::new(&self.git_dir).move_ref(&self.name, look.seen.as_deref(), tip) {
            Ok(()) => Ok(()),
            Err(error) => {
                // another job of this clone may have been first, and seen as much or more
                let now = self.repository()?.revision_of(&RefName::new(&self.name)?)?;
                let now = now.map(|revision| revision.commit.to_string());
                if now == look.seen { Err(error) } else { Ok(()) }
            }
        }
    }

    /// Reads the chain that ends at a commit.
    fn walk(&self, tip: Option<Revision>) -> Result<Look, RecordError> {
        let repository = self.repository()?;
        let (mut items, mut commits) = (Vec::new(), Vec::new());
        let mut next = tip.map(|revision| revision.commit);
        while let Some(id) = next {
            let place = format!("commit {id}");
            commits.push(id.to_string());
            next = match repository.commit(id) {
                Ok(commit) => {
                    items.push((place, entry_of(&commit)));
                    commit.parents.first().copied()
                }
                Err(EvidenceError::UnreadableObject { reason, .. }) => {
                    items.push((place, Err(FaultKind::Unreadable { cause: reason })));
                    None
                }
                Err(error) => return Err(error.into()),
            };
        }
        items.reverse();
        let (chain, faults) = Chain::examine(items);
        Ok(Look { commits, chain, faults, seen: None })
    }

    /// The repository, opened anew: git may have put objects where an open one does not look.
    fn repository(&self) -> Result<Repository, EvidenceError> {
        Repository::open_at(&self.git_dir)
    }
}

/// The entry that a commit is.
fn entry_of(commit: &Commit) -> Result<Parsed, FaultKind> {
    let unreadable = |cause: &str| FaultKind::Unreadable { cause: cause.to_owned() };
    let message = commit.message.strip_suffix(b"\n").unwrap_or(&commit.message);
    let parsed = parse(message.rsplit(|byte| *byte == b'\n').next().unwrap_or(message))?;
    if let [_, second, ..] = commit.parents.as_slice() {
        return Err(FaultKind::Forked { sequence: parsed.entry.sequence, other: format!("commit {second}") });
    }
    if commit.tree.to_string() != EMPTY_TREE {
        return Err(unreadable("its tree is not empty"));
    }
    Ok(parsed)
}

/// The bytes of the commit of an entry (gitformat-commit).
fn commit_text(parent: Option<&str>, sealed: &Sealed) -> String {
    let Sealed { entry, line } = sealed;
    let parent = parent.map_or_else(String::new, |parent| format!("parent {parent}\n"));
    let mut environments: Vec<String> = Vec::new();
    for reached in &entry.decided.reached {
        let name = reached.environment.escape_debug().to_string();
        if !environments.contains(&name) {
            environments.push(name);
        }
    }
    let outcome = match entry.decided.decision {
        Outcome::Allowed => "allowed",
        Outcome::Refused => "refused",
    };
    let (sequence, at) = (entry.sequence, entry.decided.at);
    format!(
        "tree {EMPTY_TREE}\n{parent}author {AUTHOR} {at} +0000\ncommitter {AUTHOR} {at} +0000\n\n{sequence} {outcome} {}\n\n{line}\n",
        environments.join(", ")
    )
}

/// How long to wait before another look: the longer the more often others were first, and by chance, so that they part.
fn pause(attempt: u32) -> Duration {
    const FIRST: u64 = 20;
    const LONGEST: u64 = 2000;
    let longest = (FIRST << attempt.min(10)).min(LONGEST);
    Duration::from_millis(chance() % longest)
}

impl fmt::Display for RecordRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.remote {
            None => f.write_str(&self.name),
            Some(remote) => write!(f, "{remote}:{}", self.name),
        }
    }
}
