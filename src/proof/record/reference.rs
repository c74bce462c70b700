//! A record in a git ref: one commit an entry, whose parent is the entry before.
//!
//! The last line of a commit's message is the entry; what stands above is for people. The tree is empty, but for that of a
//! checkpoint, which holds what all entries before it come to: a decision reads no further back. Objects are read
//! as [`change::git`](crate::change::git) reads them; the program `git` writes them and moves the ref, as compare-and-swap:
//! from where it was when the entries were read to the new commit, or not at all. Who finds that another job was first
//! looks again, decides again, and tries again.
//!
//! Shared through a remote, the remote's ref is the record, and `git push --force-with-lease` the compare-and-swap, which
//! overwrites nothing. A file in the repository at hand remembers where the record was last seen: one that does not hold that
//! any more was cut or written anew. A ref below `refs/freezegate/seen/` keeps what was fetched from being collected as garbage,
//! and says nothing. The remote's own rules have to keep all others from writing to the record.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::commits::Commits;
use super::examine::inspect;
use super::left_out::LeftOut;
use super::line::random_number;
use super::memory::{RecordMemory, SeenPlace};
use super::program::{Fetched, GitInRepository, PartToFetch};
use super::snapshot::{NextEntry, Position, Snapshot};
use super::when_ready::WhenReady;
use super::{Decided, Fault, FaultKind, Folded, Inspected, Inspection, Patience, RecordEntry, RecordError};
use crate::change::git::{CommitId, EvidenceError, ObjectId, RefName, Repository};

pub(super) mod commit;
mod look;

use commit::{EMPTY_TREE, FOLDED, commit_text, open_repository};

/// The number of times that it is tried to be the first.
const ATTEMPTS: u32 = 100;

/// The number of times that it is tried while the ref stays where it was, which is no sign of others: somebody else may hold its lock.
const IDLE_ATTEMPTS: u32 = 5;

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

/// An entry that may have been appended, or not: git said no.
struct Pending {
    entry: RecordEntry,
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

    /// The same record, asked by the repository of this name, see [`Folded::asked_by`].
    #[must_use]
    pub fn asked_by(self, repository: Option<String>) -> Self {
        Self { asked_by: repository, ..self }
    }

    /// The same record, waited for no longer than `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    fn program(&self) -> GitInRepository<'_> {
        GitInRepository::new(&self.git_dir, self.patience)
    }

    /// Returns whether others may append to it on other machines.
    pub(super) const fn is_shared(&self) -> bool {
        self.remote.is_some()
    }

    /// Returns the state after its entries; nothing if the ref does not exist yet.
    pub(super) fn look(&self, found: &mut Option<Snapshot>) -> Result<Arc<Folded>, RecordError> {
        let look = self.look_at(&self.program(), found.take().as_ref())?;
        Ok(Arc::clone(found.insert(look.snapshot).folded()))
    }

    pub(super) fn append<E>(
        &self,
        found: &mut Option<Snapshot>,
        decide: &mut dyn FnMut(&Folded) -> Result<Decided, E>,
        ready: &mut WhenReady<'_, E>,
    ) -> Result<Option<RecordEntry>, E>
    where
        E: From<RecordError>,
    {
        // the time for all runs of git is that of the whole decision
        let git = self.program();
        // those who write to the repository itself take turns, others see when they send an entry who was first
        let _turn = if self.is_shared() { None } else { Some(self.memory("").turn()?) };
        let mut boundary = match &self.remote {
            None => BTreeSet::new(),
            Some(remote) => self.memory(remote).seen()?.map(|seen| seen.boundary).unwrap_or_default(),
        };
        let mut pending: Option<Pending> = None;
        let mut idle = 0;
        let mut longest_try = Duration::ZERO;
        for attempt in 0..ATTEMPTS {
            let begun = git.spent();
            let snapshot = match (found.take(), &pending) {
                (Some(found), None) if self.is_shared() => found,
                (before, _) => {
                    let look = self.look_at(&git, before.as_ref())?;
                    boundary.extend(look.boundary);
                    // git may fail to say that it was done
                    if let Some(Pending { entry, .. }) = &pending
                        && look.read.contains(&entry.hash)
                    {
                        let entry = entry.clone();
                        *found = Some(look.snapshot);
                        return Ok(Some(entry));
                    }
                    look.snapshot
                }
            };
            let snapshot: &Snapshot = found.insert(snapshot);
            let tip = snapshot.tip();
            match pending {
                None => {
                    git.write_object("tree", &[])?;
                }
                Some(Pending { tip: before, error, .. }) => {
                    idle = if before == tip { idle + 1 } else { 0 };
                    if idle >= IDLE_ATTEMPTS {
                        return Err(error.into());
                    }
                }
            }
            let decided = decide(&snapshot.folded)?;
            // those who share it have no place in common to count in
            let left_out = (!self.is_shared()).then(|| LeftOut::new(self.memory("").beside("left-out")));
            let sequence = snapshot.folded.sequence();
            if let Some(left_out) = &left_out
                && snapshot.folded.leaves_out(&decided)
                && left_out.count(sequence).is_ok()
            {
                ready(&snapshot.folded, None)?;
                return Ok(None);
            }
            let next = snapshot.seal(decided, left_out.map_or(Ok(0), |left_out| left_out.since(sequence))?)?;
            ready(&snapshot.folded, Some(&next.sealed.entry))?;
            match self.advance(&git, tip.as_deref(), &next, &boundary) {
                Ok(commit) => {
                    self.remember_kept(&git, SeenPlace { commit, sequence: next.sealed.entry.sequence, boundary });
                    return Ok(Some(next.sealed.entry));
                }
                Err(error) => pending = Some(Pending { entry: next.sealed.entry, tip, error }),
            }
            longest_try = longest_try.max(git.spent().saturating_sub(begun));
            git.pause(pause(longest_try, attempt));
        }
        Err(RecordError::Contended { record: self.to_string(), attempts: ATTEMPTS }.into())
    }

    /// Makes the commit of an entry, and moves the ref to it from `tip`; returns its name.
    fn advance(
        &self,
        git: &GitInRepository<'_>,
        tip: Option<&str>,
        next: &NextEntry,
        boundary: &BTreeSet<String>,
    ) -> Result<String, RecordError> {
        let tree = match &next.folded {
            None => EMPTY_TREE.to_owned(),
            Some(bytes) => {
                let blob = ObjectId::from_hex(&git.write_object("blob", bytes)?)?;
                let entry = [format!("100644 {FOLDED}\0").as_bytes(), blob.as_bytes()].concat();
                git.write_object("tree", &entry)?
            }
        };
        let commit = git.write_object("commit", commit_text(&tree, tip, &next.sealed).as_bytes())?;
        match &self.remote {
            None => git.move_ref(&self.name, tip, &commit)?,
            Some(remote) => git.push((remote, &self.name), tip, &commit, boundary)?,
        }
        Ok(commit)
    }

    /// Keeps in mind that an entry was appended.
    fn remember_kept(&self, git: &GitInRepository<'_>, seen: SeenPlace) {
        match self.remember(git, &seen) {
            // the entry is kept, and its answer is given: whoever looks next keeps it in mind
            Ok(()) | Err(_) => {}
        }
    }

    fn memory(&self, remote: &str) -> RecordMemory {
        RecordMemory::new(&self.common_dir, remote, &self.name, self.patience)
    }

    /// Keeps in mind where the remote's record was found.
    fn remember(&self, git: &GitInRepository<'_>, seen: &SeenPlace) -> Result<(), RecordError> {
        let Some(remote) = &self.remote else {
            return Ok(());
        };
        let memory = self.memory(remote);
        let is_known = memory.seen()?.is_some_and(|known| known == *seen);
        if is_known {
            return Ok(());
        }
        memory.remember(seen)?;
        // a ref to a history that is not whole would be in the way of git's own upkeep
        if !seen.boundary.is_empty() {
            return Ok(());
        }
        match git.keep_objects(&memory.anchor(), &seen.commit) {
            // without it what was fetched may be collected as garbage one day, and is fetched once more then
            Ok(()) | Err(RecordError::Git { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Hands each entry to `visit`, and returns what is wrong; breaks off when `visit` does.
    pub(super) fn inspect<B>(
        &self,
        visit: &mut dyn FnMut(&Inspected<'_>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B, Inspection>, RecordError> {
        let git = self.program();
        let (mut commits, seen) = self.all(&git)?;
        if commits.is_empty() && seen.is_none() {
            return Err(RecordError::Missing { record: self.to_string() });
        }
        let mut inspected = inspect(&mut commits, visit)?;
        if let ControlFlow::Continue(inspection) = &mut inspected
            && inspection.faults.is_empty()
        {
            match seen.filter(|seen| !commits.holds(&seen.commit)) {
                Some(SeenPlace { commit: expected, .. }) => {
                    inspection.faults.push(Fault { place: "the record".to_owned(), kind: FaultKind::Cut { expected } })
                }
                None => {
                    if let Some(commit) = commits.tip() {
                        self.remember(
                            &git,
                            &SeenPlace { commit, sequence: inspection.last, boundary: BTreeSet::new() },
                        )?;
                    }
                }
            }
        }
        Ok(inspected)
    }

    /// All commits of the record, fetched if they are not here; and where it was last seen.
    fn all(&self, git: &GitInRepository<'_>) -> Result<(Commits, Option<SeenPlace>), RecordError> {
        let Some(remote) = &self.remote else {
            let tip = self.repository()?.revision_of(&RefName::new(&self.name)?)?;
            return Ok((Commits::of(&self.git_dir, tip.map(|revision| revision.commit))?, None));
        };
        // read before the remote is, which can only have more
        let seen = self.memory(remote).seen()?;
        let Some(Fetched { tip, .. }) = self.fetch_newest(git, remote, seen.as_ref())? else {
            return Ok((Commits::of(&self.git_dir, None)?, seen));
        };
        let tip = self.commit_named(&tip)?;
        let commits = match Commits::of(&self.git_dir, Some(tip)) {
            Err(RecordError::Repository(EvidenceError::MissingObject { .. })) => {
                git.fetch(remote, &self.name, PartToFetch::All)?;
                Commits::of(&self.git_dir, Some(tip))?
            }
            known => known?,
        };
        Ok((commits, seen))
    }

    fn commit_named(&self, name: &str) -> Result<CommitId, RecordError> {
        let id = ObjectId::from_hex(name)?;
        match self.repository()?.revision_at(id)? {
            Some(revision) => Ok(revision.commit),
            None => Err(self.cut(name.to_owned())),
        }
    }

    /// The repository, opened anew: git may have put objects where an open one does not look.
    fn repository(&self) -> Result<Repository, EvidenceError> {
        open_repository(&self.git_dir)
    }
}

impl Snapshot {
    fn tip(&self) -> Option<String> {
        match &self.position {
            Position::Ref { tip } => tip.clone(),
            Position::File { .. } => None,
        }
    }
}

/// Returns how long to wait before another look, if a try takes so long: by chance, so that those who try at once part, and up to eight
/// times as long. With less, most tries of twenty jobs fail, and slow the others down; with more, nobody tries.
fn pause(a_try: Duration, attempt: u32) -> Duration {
    const SHORTEST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(10);
    let longest = a_try.max(SHORTEST).saturating_mul(if attempt == 0 { 4 } else { 8 }).min(LONGEST);
    let microseconds = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(random_number() % microseconds.max(1))
}

impl fmt::Display for RecordRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.remote {
            None => f.write_str(&self.name),
            Some(remote) => write!(f, "{remote}:{}", self.name),
        }
    }
}
