//! A record in a git ref: one commit an entry, whose parent is the entry before.
//!
//! The last line of a commit's message is the entry; what stands above is for people. The tree is empty. Objects are read
//! as [`change::git`](crate::change::git) reads them; the program `git` writes them and moves the ref, as compare-and-swap:
//! from where it was when the entries were read to the new commit, or not at all. Who finds that somebody else was first
//! looks again, decides again, and tries again.
//!
//! Shared through a remote, the remote's ref is the record, and `git push --force-with-lease` the compare-and-swap, which
//! overwrites nothing. A file in the repository at hand remembers where the record was last seen: one that does not hold that
//! any more was cut or written anew. A ref below `refs/freezegate/seen/` keeps what was fetched from being collected as garbage,
//! and says nothing. The remote's own rules have to keep all others from writing to the record.

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use super::commits::Commits;
use super::examine::inspect;
use super::line::{Parsed, Sealed, chance, parse};
use super::memory::Memory;
use super::program::Program;
use super::{Chain, Decided, Entry, Fault, FaultKind, Inspected, Inspection, Outcome, Patience, RecordError};
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
    common_dir: PathBuf,
    remote: Option<String>,
    name: String,
    patience: Patience,
    asked_by: Option<String>,
}

/// The record as it was found.
#[derive(Default)]
struct Look {
    /// Its commits, the newest first.
    commits: Vec<String>,
    chain: Chain,
    faults: Vec<Fault>,
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
        Ok(Self {
            git_dir: repository.git_dir().to_path_buf(),
            common_dir: repository.common_dir().to_path_buf(),
            remote,
            name: text.to_owned(),
            patience: Patience::default(),
            asked_by: None,
        })
    }

    /// The same record, asked by the repository of this name, see [`Chain::asked_by`].
    #[must_use]
    pub fn asked_by(self, repository: Option<String>) -> Self {
        Self { asked_by: repository, ..self }
    }

    /// The same record, waited for no longer than `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    fn program(&self) -> Program<'_> {
        Program::new(&self.git_dir, self.patience)
    }

    /// Whether others may append to it on other machines.
    pub(super) const fn is_shared(&self) -> bool {
        self.remote.is_some()
    }

    /// Hands each entry to `visit`, and returns what is wrong; breaks off when `visit` does.
    pub(super) fn inspect<B>(
        &self,
        visit: &mut dyn FnMut(&Inspected<'_>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B, Inspection>, RecordError> {
        let git = self.program();
        let (mut commits, seen) = self.found(&git)?;
        if commits.is_empty() && seen.is_none() {
            return Err(RecordError::Missing { record: self.to_string() });
        }
        let mut inspected = inspect(&mut commits, visit)?;
        if let ControlFlow::Continue(inspection) = &mut inspected
            && inspection.faults.is_empty()
        {
            match seen.filter(|seen| !commits.holds(seen)) {
                Some(expected) => {
                    inspection.faults.push(Fault { place: "the record".to_owned(), kind: FaultKind::Cut { expected } })
                }
                None => self.remember_found(&git, &commits)?,
            }
        }
        Ok(inspected)
    }

    /// The commits of the record, fetched if they are not here; and the one at which it was last seen.
    fn found(&self, git: &Program<'_>) -> Result<(Commits, Option<String>), RecordError> {
        let Some(remote) = &self.remote else {
            let tip = self.repository()?.revision_of(&RefName::new(&self.name)?)?;
            return Ok((Commits::of(&self.git_dir, tip)?, None));
        };
        // read before the remote is, which can only have more
        let seen = self.memory(remote).commit()?;
        let Some(tip) = git.remote_ref(remote, &self.name)? else {
            return Ok((Commits::of(&self.git_dir, None)?, seen));
        };
        let id = ObjectId::from_hex(&tip)?;
        let walk = || Commits::of(&self.git_dir, self.repository()?.revision_at(id)?);
        let commits = match walk() {
            Err(RecordError::Repository(EvidenceError::MissingObject { .. })) => {
                git.fetch(remote, &self.name, seen.as_deref())?;
                walk()?
            }
            known => known?,
        };
        Ok((commits, seen))
    }

    /// All entries; none if the ref does not exist yet.
    pub(super) fn read(&self) -> Result<Chain, RecordError> {
        let git = self.program();
        let look = self.sound(&git)?;
        self.remember(&git, &look)?;
        Ok(look.chain)
    }

    pub(super) fn append<E>(
        &self,
        decide: &mut dyn FnMut(&Chain) -> Result<Decided, E>,
        ready: &mut dyn FnMut(&Chain, &Entry) -> Result<(), E>,
    ) -> Result<Entry, E>
    where
        E: From<RecordError>,
    {
        // the time for all runs of git is that of the whole decision
        let git = self.program();
        let mut pending: Option<Pending> = None;
        let mut idle = 0;
        for attempt in 0..ATTEMPTS {
            let look = self.sound(&git)?;
            match pending {
                None => {
                    self.remember(&git, &look)?;
                    git.write_object("tree", &[])?;
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
            ready(&look.chain, &sealed.entry)?;
            let tip = look.tip().map(str::to_owned);
            match self.advance(&git, tip.as_deref(), &sealed) {
                Ok(commit) => {
                    self.remember_kept(&git, commit, look);
                    return Ok(sealed.entry);
                }
                Err(error) => pending = Some(Pending { entry: sealed.entry, tip, error }),
            }
            git.pause(pause(attempt));
        }
        Err(RecordError::Contended { record: self.to_string(), attempts: ATTEMPTS }.into())
    }

    /// Makes the commit of an entry, and moves the ref to it from `tip`; returns its name.
    fn advance(&self, git: &Program<'_>, tip: Option<&str>, sealed: &Sealed) -> Result<String, RecordError> {
        let commit = git.write_object("commit", commit_text(tip, sealed).as_bytes())?;
        match &self.remote {
            None => git.move_ref(&self.name, tip, &commit)?,
            Some(remote) => git.push(remote, &self.name, tip, &commit)?,
        }
        Ok(commit)
    }

    /// Keeps in mind that an entry was appended.
    fn remember_kept(&self, git: &Program<'_>, commit: String, mut look: Look) {
        look.commits.insert(0, commit);
        match self.remember(git, &look) {
            // the entry is kept, and its answer is given: whoever looks next keeps it in mind
            Ok(()) | Err(_) => {}
        }
    }

    /// The record, if it is whole.
    fn sound(&self, git: &Program<'_>) -> Result<Look, RecordError> {
        let look = self.look(git)?;
        if look.faults.is_empty() {
            Ok(look)
        } else {
            Err(RecordError::Broken { record: self.to_string(), faults: look.faults })
        }
    }

    fn look(&self, git: &Program<'_>) -> Result<Look, RecordError> {
        let Some(remote) = &self.remote else {
            return self.walk(self.repository()?.revision_of(&RefName::new(&self.name)?)?);
        };
        // read before the remote is, which can only have more
        let seen = self.memory(remote).commit()?;
        let mut look = match git.remote_ref(remote, &self.name)? {
            None => Look::default(),
            Some(tip) => {
                let id = ObjectId::from_hex(&tip)?;
                let walk = || self.walk(self.repository()?.revision_at(id)?);
                match walk() {
                    Err(RecordError::Repository(EvidenceError::MissingObject { .. })) => {
                        git.fetch(remote, &self.name, seen.as_deref())?;
                        walk()?
                    }
                    known => known?,
                }
            }
        };
        if let Some(expected) = seen.filter(|seen| look.faults.is_empty() && !look.commits.contains(seen)) {
            look.faults.push(Fault { place: "the record".to_owned(), kind: FaultKind::Cut { expected } });
        }
        Ok(look)
    }

    fn memory(&self, remote: &str) -> Memory {
        Memory::new(&self.common_dir, remote, &self.name, self.patience)
    }

    /// Keeps in mind where the remote's record was found.
    fn remember(&self, git: &Program<'_>, look: &Look) -> Result<(), RecordError> {
        let (Some(tip), Some(remote)) = (look.tip(), &self.remote) else {
            return Ok(());
        };
        let memory = self.memory(remote);
        if memory.commit()?.as_deref() == Some(tip) {
            return Ok(());
        }
        memory.remember(&look.commits)?;
        Self::anchor(git, &memory, tip)
    }

    /// Keeps in mind where the remote's record was found.
    fn remember_found(&self, git: &Program<'_>, commits: &Commits) -> Result<(), RecordError> {
        let (Some(tip), Some(remote)) = (commits.tip(), &self.remote) else {
            return Ok(());
        };
        let memory = self.memory(remote);
        if memory.commit()?.is_some_and(|seen| seen == tip) {
            return Ok(());
        }
        memory.remember_tip(&tip, &|seen| commits.holds(seen))?;
        Self::anchor(git, &memory, &tip)
    }

    fn anchor(git: &Program<'_>, memory: &Memory, tip: &str) -> Result<(), RecordError> {
        match git.keep_objects(&memory.anchor(), tip) {
            // without it what was fetched may be collected as garbage one day, and is fetched once more then
            Ok(()) | Err(RecordError::Git { .. }) => Ok(()),
            Err(error) => Err(error),
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
        Ok(Look { commits, chain: chain.asked_by(self.asked_by.clone()), faults })
    }

    /// The repository, opened anew: git may have put objects where an open one does not look.
    fn repository(&self) -> Result<Repository, EvidenceError> {
        Repository::open_at(&self.git_dir)
    }
}

/// The entry that a commit is.
pub(super) fn entry_of(commit: &Commit) -> Result<Parsed, FaultKind> {
    let unreadable = |cause: &str| FaultKind::Unreadable { cause: cause.to_owned() };
    let parsed = parse(line_of(commit))?;
    if let [_, second, ..] = commit.parents.as_slice() {
        return Err(FaultKind::Forked { sequence: parsed.entry.sequence, other: format!("commit {second}") });
    }
    if commit.tree.to_string() != EMPTY_TREE {
        return Err(unreadable("its tree is not empty"));
    }
    Ok(parsed)
}

/// The last line of the message of a commit.
pub(super) fn line_of(commit: &Commit) -> &[u8] {
    let message = commit.message.strip_suffix(b"\n").unwrap_or(&commit.message);
    message.rsplit(|byte| *byte == b'\n').next().unwrap_or(message)
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
