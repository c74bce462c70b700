//! A record as it was found at one look, and what comes next.

use std::sync::Arc;

use super::limit::{BYTES_BETWEEN_CHECKPOINTS, ENTRIES_BETWEEN_CHECKPOINTS, MAX_ENTRY_BYTES};
use super::line::{ParsedEntry, Sealed, seal};
use super::{Decided, Digest, Folded, RecordError};

/// Everything that was found at one look: given to the next look, only what was appended since is read.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(super) folded: Arc<Folded>,
    pub(super) since: SinceCheckpoint,
    pub(super) position: Position,
}

/// The place where the entries end that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Position {
    /// In a file: how many bytes of it are of the chain, and whether the last line is all there but for its end.
    File { whole: u64, ends_open: bool },
    /// In a ref: its commit.
    Ref { tip: Option<String> },
}

/// The part to be read since the last usable checkpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SinceCheckpoint {
    entries: u64,
    bytes: u64,
}

/// An entry that comes next, and the folded state before it, if it is a checkpoint.
pub(super) struct NextEntry {
    pub(super) sealed: Sealed,
    /// The bytes whose digest the entry holds.
    pub(super) folded: Option<Vec<u8>>,
}

impl Snapshot {
    /// Returns the state after all entries.
    #[must_use]
    pub const fn folded(&self) -> &Arc<Folded> {
        &self.folded
    }

    /// The entry that would come next, within the limits of one. It is a checkpoint if much would have to be read without.
    ///
    /// `left_out` is how many decisions since the last entry are not recorded.
    pub(super) fn seal(&self, decided: Decided, left_out: u64) -> Result<NextEntry, RecordError> {
        let folded = if self.since.is_long() { Some(self.folded.to_bytes()?) } else { None };
        let digest = folded.as_deref().map(Digest::of);
        let sequence = self.folded.sequence().saturating_add(1);
        let sealed = seal(sequence, self.folded.last(), decided.limited(), (left_out, digest))?;
        let bytes = sealed.line.len();
        if bytes > MAX_ENTRY_BYTES {
            return Err(RecordError::TooLarge { bytes, mode: sealed.entry.decided.mode });
        }
        Ok(NextEntry { sealed, folded })
    }
}

impl SinceCheckpoint {
    const fn is_long(self) -> bool {
        self.entries >= ENTRIES_BETWEEN_CHECKPOINTS || self.bytes >= BYTES_BETWEEN_CHECKPOINTS
    }
}

/// Adds entry after entry to what those before came to.
pub(super) struct Follower {
    folded: Folded,
    since: SinceCheckpoint,
}

impl Follower {
    /// After a checkpoint, or at the beginning of a record.
    pub(super) fn of(folded: Folded) -> Self {
        Self { folded, since: SinceCheckpoint::default() }
    }

    pub(super) const fn new(folded: Folded, since: SinceCheckpoint) -> Self {
        Self { folded, since }
    }

    /// Adds an entry that was read from a line of so many bytes, if it is genuine and follows; whether it does.
    pub(super) fn follow(&mut self, parsed: &ParsedEntry, bytes: usize) -> bool {
        let ParsedEntry { entry, genuine } = parsed;
        let follows =
            entry.previous == self.folded.last() && Some(entry.sequence) == self.folded.sequence().checked_add(1);
        if !genuine || !follows {
            return false;
        }
        self.folded.add(entry);
        self.since.entries = self.since.entries.saturating_add(1);
        self.since.bytes = self.since.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        true
    }

    pub(super) fn snapshot(self, position: Position, asked_by: Option<&String>) -> Snapshot {
        let folded = self.folded.asked_by(asked_by.cloned());
        Snapshot { folded: Arc::new(folded), since: self.since, position }
    }
}
