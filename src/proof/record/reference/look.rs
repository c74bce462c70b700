//! Looking at a record in a ref: from where the last look ended, else from the last checkpoint.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::ControlFlow;

use super::RecordRef;
use super::commit::entry_of;
use crate::change::git::{CommitId, EvidenceError, RefName};
use crate::proof::record::commits::{Commits, ReopenedRepository};
use crate::proof::record::examine::inspect;
use crate::proof::record::limit::ENTRIES_BETWEEN_CHECKPOINTS;
use crate::proof::record::line::ParsedEntry;
use crate::proof::record::memory::SeenPlace;
use crate::proof::record::program::{Fetched, GitInRepository, PartToFetch};
use crate::proof::record::snapshot::{Follower, Position, Snapshot};
use crate::proof::record::{Digest, Fault, FaultKind, Folded, Inspection, RecordError};

/// The number of entries that are kept in memory on the way back to a checkpoint. Older ones, of a record without checkpoints, are read once
/// more on the way forward.
const MOST_KEPT: usize = 1024;

/// The most bytes of these entries.
const MAX_KEPT_BYTES: usize = 16 << 20;

/// The record as it was found.
pub(super) struct FoundRecord {
    pub(super) snapshot: Snapshot,
    /// The hashes of the entries that came since the last look; none if this is the first.
    pub(super) read: BTreeSet<Digest>,
    /// The commits that are here without the one before them.
    pub(super) boundary: BTreeSet<String>,
}

/// The entries that were read, from the newest on.
struct EntryWalk {
    /// As many as are kept, each with its length in bytes.
    items: Vec<(ParsedEntry, usize)>,
    commits: Vec<CommitId>,
    start: Start,
}

/// The state that the entries read follow.
enum Start {
    /// Nothing.
    Root,
    /// Everything that was found before.
    Found,
    /// The state that a checkpoint names.
    Checkpoint(Box<Folded>),
}

impl RecordRef {
    /// Looks at the record, from where the last look ended, else from the last checkpoint.
    pub(super) fn look_at(
        &self,
        git: &GitInRepository<'_>,
        found: Option<&Snapshot>,
    ) -> Result<FoundRecord, RecordError> {
        let Some(remote) = &self.remote else {
            let tip = self.repository()?.revision_of(&RefName::new(&self.name)?)?;
            let tip = tip.map(|revision| revision.commit);
            return self.looked(self.walk(tip, found)?, tip, found, BTreeSet::new());
        };
        let memory = self.memory(remote);
        // read before the remote is, which can only have more
        let seen = memory.seen()?;
        let Some(Fetched { tip, mut boundary }) = self.fetch_newest(git, remote, seen.as_ref())? else {
            if let Some(seen) = seen {
                return Err(self.cut(seen.commit));
            }
            return self.looked(EntryWalk::of_nothing(), None, None, BTreeSet::new());
        };
        boundary.extend(seen.iter().flat_map(|seen| seen.boundary.iter().cloned()));
        let tip = self.commit_named(&tip)?;
        let found = found.filter(|found| found.tip().is_some());
        let look = || {
            let walk = self.walk(Some(tip), found)?;
            self.check_seen(&walk, tip, seen.as_ref())?;
            self.looked(walk, Some(tip), found, boundary.clone())
        };
        let look = match look() {
            Err(RecordError::Repository(EvidenceError::MissingObject { .. })) => {
                git.fetch(remote, &self.name, PartToFetch::All)?;
                look()?
            }
            other => other?,
        };
        self.remember(
            git,
            &SeenPlace { commit: tip.to_string(), sequence: look.snapshot.folded.sequence(), boundary },
        )?;
        Ok(look)
    }

    /// Fetches what came since the record was last seen, else the last entries; `None` if there is no record.
    pub(super) fn fetch_newest(
        &self,
        git: &GitInRepository<'_>,
        remote: &str,
        seen: Option<&SeenPlace>,
    ) -> Result<Option<Fetched>, RecordError> {
        let last = PartToFetch::Last(ENTRIES_BETWEEN_CHECKPOINTS.saturating_add(1));
        let here = match seen {
            Some(seen) => match self.commit_named(&seen.commit) {
                Ok(_) => Some(PartToFetch::Since { commit: &seen.commit, boundary: &seen.boundary }),
                Err(RecordError::Repository(EvidenceError::MissingObject { .. })) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        // what was fetched once may be gone in part, and not every server gives a part
        let mut wanted = here.into_iter().chain([last, PartToFetch::All]);
        let first = wanted.next().unwrap_or(PartToFetch::All);
        let refused = match git.fetch(remote, &self.name, first) {
            Ok(fetched) => return Ok(Some(fetched)),
            // to ask once more, as below, would be two requests more for each decision until there is a record
            Err(RecordError::Git { cause, .. }) if is_without_ref(&cause, &self.name) => return Ok(None),
            Err(error @ (RecordError::Git { .. } | RecordError::Unreached { .. })) => error,
            Err(error) => return Err(error),
        };
        if git.remote_ref(remote, &self.name)?.is_none() {
            return Ok(None);
        }
        for one in wanted {
            match git.fetch(remote, &self.name, one) {
                Ok(fetched) => return Ok(Some(fetched)),
                Err(RecordError::Git { .. } | RecordError::Unreached { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(refused)
    }

    /// Sees that the record holds the commit at which it was last seen.
    fn check_seen(&self, walk: &EntryWalk, tip: CommitId, seen: Option<&SeenPlace>) -> Result<(), RecordError> {
        let Some(seen) = seen else {
            return Ok(());
        };
        if seen.commit == tip.to_string() || walk.commits.iter().any(|id| id.to_string() == seen.commit) {
            return Ok(());
        }
        let last = walk.commits.last().copied().unwrap_or(tip);
        let repository = self.repository()?;
        let mut next = repository.commit(last)?.parents.first().copied();
        while let Some(id) = next {
            if id.to_string() == seen.commit {
                return Ok(());
            }
            next = repository.commit(id)?.parents.first().copied();
        }
        Err(self.cut(seen.commit.clone()))
    }

    pub(super) fn cut(&self, expected: String) -> RecordError {
        let fault = Fault { place: "the record".to_owned(), kind: FaultKind::Cut { expected } };
        RecordError::Broken { record: self.to_string(), faults: vec![fault] }
    }

    /// Returns what was read, added to what it follows.
    fn looked(
        &self,
        walk: EntryWalk,
        tip: Option<CommitId>,
        found: Option<&Snapshot>,
        boundary: BTreeSet<String>,
    ) -> Result<FoundRecord, RecordError> {
        let mut follower = match (walk.start, found) {
            (Start::Root, _) | (Start::Found, None) => Follower::of(Folded::default()),
            (Start::Found, Some(found)) => Follower::new(Folded::clone(&found.folded), found.since),
            (Start::Checkpoint(folded), _) => Follower::of(*folded),
        };
        let mut read = BTreeSet::new();
        let mut reader = ReopenedRepository::new(&self.git_dir);
        for id in walk.commits.iter().skip(walk.items.len()).rev() {
            let commit = reader.repository()?.commit(*id)?;
            match entry_of(reader.repository()?, &commit)? {
                Ok((parsed, _)) if follower.follow(&parsed, commit.message.len()) => {}
                Ok(_) | Err(_) => return Err(self.broken(tip)?),
            }
        }
        for (parsed, bytes) in walk.items.iter().rev() {
            if !follower.follow(parsed, *bytes) {
                return Err(self.broken(tip)?);
            }
            if found.is_some() {
                read.insert(parsed.entry.hash);
            }
        }
        let position = Position::Ref { tip: tip.map(|tip| tip.to_string()) };
        Ok(FoundRecord { snapshot: follower.snapshot(position, self.asked_by.as_ref()), read, boundary })
    }

    /// Reads entries from a commit on, up to what was found before, or a checkpoint, or the first.
    fn walk(&self, tip: Option<CommitId>, found: Option<&Snapshot>) -> Result<EntryWalk, RecordError> {
        let mut reader = ReopenedRepository::new(&self.git_dir);
        let before = found.and_then(Snapshot::tip);
        let mut walk = EntryWalk::of_nothing();
        let mut kept_bytes = 0_usize;
        let mut next = tip;
        while let Some(id) = next {
            if before.as_ref().is_some_and(|before| *before == id.to_string()) {
                walk.start = Start::Found;
                break;
            }
            let commit = match reader.repository()?.commit(id) {
                Ok(commit) => commit,
                Err(EvidenceError::UnreadableObject { .. }) => return Err(self.broken(tip)?),
                Err(error) => return Err(error.into()),
            };
            let Ok((parsed, folded)) = entry_of(reader.repository()?, &commit)? else {
                return Err(self.broken(tip)?);
            };
            let is_kept = walk.items.len() == walk.commits.len() && walk.items.len() < MOST_KEPT;
            if is_kept && kept_bytes < MAX_KEPT_BYTES {
                kept_bytes = kept_bytes.saturating_add(commit.message.len());
                walk.items.push((parsed, commit.message.len()));
            }
            walk.commits.push(id);
            if let Some(folded) = folded {
                walk.start = Start::Checkpoint(Box::new(folded));
                break;
            }
            next = commit.parents.first().copied();
        }
        Ok(walk)
    }

    /// All that is wrong with the record that ends at a commit, where something is.
    pub(super) fn broken(&self, tip: Option<CommitId>) -> Result<RecordError, RecordError> {
        let mut commits = match (Commits::of(&self.git_dir, tip), &self.remote) {
            (Err(RecordError::Repository(EvidenceError::MissingObject { .. })), Some(remote)) => {
                self.program().fetch(remote, &self.name, PartToFetch::All)?;
                Commits::of(&self.git_dir, tip)?
            }
            (known, _) => known?,
        };
        let inspected = inspect::<_, Infallible>(&mut commits, &mut |_| ControlFlow::Continue(()))?;
        let ControlFlow::Continue(Inspection { entries, faults, .. }) = inspected;
        Ok(RecordError::of_faults(self.to_string(), entries, faults))
    }
}

/// Returns whether all that git says is wrong is that the remote does not have the ref. Nobody else can make it say so: what a remote
/// prints is marked as such. A program of another version may use other words.
fn is_without_ref(cause: &str, name: &str) -> bool {
    cause.strip_prefix("fatal: couldn't find remote ref ").is_some_and(|missing| missing == name)
}

impl EntryWalk {
    const fn of_nothing() -> Self {
        Self { items: Vec::new(), commits: Vec::new(), start: Start::Root }
    }
}
