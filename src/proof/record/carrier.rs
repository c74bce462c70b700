//! A record, whatever carries it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::when_ready::WhenReady;
use super::{
    Decided, Folded, Inspected, Inspection, Patience, RecordEntry, RecordError, RecordFile, RecordRef, Snapshot,
};

use crate::time::seconds::Seconds;

/// A record, by what carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A file.
    File(RecordFile),
    /// A git ref.
    Ref(RecordRef),
}

impl Record {
    /// The same record, waited for no longer than `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        match self {
            Self::File(file) => Self::File(file.with_patience(patience)),
            Self::Ref(reference) => Self::Ref(reference.with_patience(patience)),
        }
    }

    /// The same record, asked by the repository of this name, see [`Folded::asked_by`].
    #[must_use]
    pub fn asked_by(self, repository: Option<String>) -> Self {
        match self {
            Self::File(file) => Self::File(file.asked_by(repository)),
            Self::Ref(reference) => Self::Ref(reference.asked_by(repository)),
        }
    }

    /// Appends the decision that `decide` makes, given what all entries so far come to, and returns once it is kept: what follows
    /// from the decision may be given then, and not before.
    ///
    /// Nobody else appends between what `decide` was given and its entry. `decide` is called again, with a fresh look, where
    /// another job was first. The first entry begins a record if there is none.
    ///
    /// There is no entry for a refused push of somebody who is over the limit, see [`Folded::leaves_out`]: it is counted in the
    /// next one.
    ///
    /// # Errors
    ///
    /// What `decide` says, and [`RecordError`]: the record is not whole, or the entry could not be kept.
    pub fn append<E>(&self, decide: &mut dyn FnMut(&Folded) -> Result<Decided, E>) -> Result<Option<RecordEntry>, E>
    where
        E: From<RecordError>,
    {
        self.append_when_ready(&mut None, decide, &mut |_, _| Ok(()))
    }

    /// Appends a decision as [`append`](Self::append) does, and calls `ready` with what was decided on and the entry,
    /// if there is to be one, right before that is written: whatever can fail and follows from the decision belongs there, so that nothing can fail
    /// once the entry is kept.
    ///
    /// `found` is what was found at an earlier look, so that only what came since is read, and afterwards what was found last.
    /// From a remote nothing is read at first: whether another job was first shows when the entry is sent.
    ///
    /// # Errors
    ///
    /// Those of [`append`](Self::append), and what `ready` says: then nothing is kept.
    pub fn append_when_ready<E>(
        &self,
        found: &mut Option<Snapshot>,
        decide: &mut dyn FnMut(&Folded) -> Result<Decided, E>,
        ready: &mut WhenReady<'_, E>,
    ) -> Result<Option<RecordEntry>, E>
    where
        E: From<RecordError>,
    {
        match self {
            Self::File(file) => file.append(found, decide, ready),
            Self::Ref(reference) => reference.append(found, decide, ready),
        }
    }

    /// Sees that an entry could be written to a file, and writes nothing. Of a ref that shows only when one is.
    ///
    /// # Errors
    ///
    /// [`RecordError`]: it can't be written here.
    pub fn can_be_written(&self) -> Result<(), RecordError> {
        match self {
            Self::File(file) => file.can_be_written(),
            Self::Ref(_) => Ok(()),
        }
    }

    /// Returns the state after all entries; nothing if there is no record yet.
    ///
    /// The entries from the last checkpoint on are proved: each says what it said when it was written, and follows the one
    /// before it, and the checkpoint holds the digest of what all entries before it come to. Those before it are not read,
    /// [`inspect`](Self::inspect) proves them.
    ///
    /// # Errors
    ///
    /// [`RecordError`]: it can't be read, or is not whole.
    pub fn read(&self) -> Result<Arc<Folded>, RecordError> {
        self.look(&mut None)
    }

    /// Returns the state after all entries, as [`read`](Self::read) finds it. `found` is what was found at an earlier look, so that only what
    /// came since is read, and afterwards what is found now.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub fn look(&self, found: &mut Option<Snapshot>) -> Result<Arc<Folded>, RecordError> {
        match self {
            Self::File(file) => file.look(found),
            Self::Ref(reference) => reference.look(found),
        }
    }

    /// Hands each entry to `visit`, the oldest first, and returns what is wrong with the record; breaks off when `visit` does.
    ///
    /// Holds no entry for longer than that: of a record in a file a block at a time, of one in a ref the names of its commits
    /// (20 bytes each). What was appended after the call is left out.
    ///
    /// # Errors
    ///
    /// [`RecordError`]: there is none, or it can't be read.
    pub fn inspect<B>(
        &self,
        visit: &mut dyn FnMut(&Inspected<'_>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B, Inspection>, RecordError> {
        match self {
            Self::File(file) => file.inspect(visit),
            Self::Ref(reference) => reference.inspect(visit),
        }
    }

    /// Returns whether it is in a remote, so that each look asks that.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Ref(reference) => reference.is_shared(),
        }
    }

    /// By how many seconds the newest entry may be ahead of this machine's clock without that clock being wrong.
    ///
    /// None where one machine writes, as the clock is read while nobody else can append. Five where a remote is shared:
    /// clocks that are kept by NTP agree to well within a second, and instants here are cut to whole ones.
    #[must_use]
    pub const fn clock_tolerance(&self) -> Seconds {
        if self.is_shared() { Seconds::new(5) } else { Seconds::ZERO }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.fmt(f),
            Self::Ref(reference) => reference.fmt(f),
        }
    }
}
