//! A chain that was read, and what is wrong with one.

use std::collections::HashSet;
use std::convert::Infallible;
use std::ops::ControlFlow;

use super::examine::{Examiner, Source, Take};
use super::limit::MAX_ENTRY_BYTES;
use super::line::{Parsed, Sealed, seal};
use super::{Decided, Digest, Entry, Fault, FaultKind, RecordError};

/// A chain in which nothing is wrong: every entry says what it said when it was written, and follows the one before.
///
/// Its own queries are pure: the same entries give the same answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    entries: Vec<Entry>,
    /// The repository that asks; `None`: the states of all are told.
    asked_by: Option<String>,
}

impl Chain {
    /// The entries, the oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The same chain, asked by the repository of this name: entries that name another one tell nothing of its states.
    #[must_use]
    pub fn asked_by(self, repository: Option<String>) -> Self {
        Self { asked_by: repository, ..self }
    }

    /// The entries that tell of the states of the repository that asks, the oldest first: its own, and those of older versions,
    /// which name none.
    pub fn own_entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().filter(|entry| self.is_own(entry))
    }

    pub(super) fn is_own(&self, entry: &Entry) -> bool {
        match (&self.asked_by, &entry.decided.repository) {
            (Some(asking), Some(named)) => asking == named,
            (None, _) | (Some(_), None) => true,
        }
    }

    /// The entry of this hash.
    #[must_use]
    pub fn entry(&self, hash: &Digest) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.hash == *hash)
    }

    /// The newest instant of all decisions, in seconds since 1970-01-01T00:00:00Z; `None` if there is none yet.
    ///
    /// A system clock that is behind it is wrong, or was set back.
    #[must_use]
    pub fn newest(&self) -> Option<i64> {
        self.entries.iter().map(|entry| entry.decided.at).max()
    }

    /// The ids of the grants that decisions have spent.
    #[must_use]
    pub fn spent(&self) -> HashSet<&str> {
        self.entries.iter().flat_map(|entry| &entry.decided.spent).map(String::as_str).collect()
    }

    /// The entry that would come next, within the limits of one.
    pub(super) fn seal(&self, decided: Decided) -> Result<Sealed, RecordError> {
        let last = self.entries.last();
        let sequence = last.map_or(0, |entry| entry.sequence).saturating_add(1);
        let sealed = seal(sequence, last.map(|entry| entry.hash), decided.limited())?;
        let bytes = sealed.line.len();
        if bytes > MAX_ENTRY_BYTES {
            return Err(RecordError::TooLarge { bytes, mode: sealed.entry.decided.mode });
        }
        Ok(sealed)
    }

    /// The chain of `items`, each with where it stands, together with what is wrong with it.
    pub(super) fn examine(mut items: Vec<(String, Result<Parsed, FaultKind>)>) -> (Self, Vec<Fault>) {
        let mut examiner = Examiner::default();
        for (_, item) in &items {
            examiner.feed(item.as_ref());
        }
        let Ok((faults, _)) = examiner.faults(&mut items);
        let entries = items.into_iter().filter_map(|(_, item)| item.ok()).map(|parsed| parsed.entry).collect();
        (Self { entries, asked_by: None }, faults)
    }
}

impl Source for Vec<(String, Result<Parsed, FaultKind>)> {
    type Error = Infallible;

    fn each(&mut self, take: &mut Take<'_>) -> Result<ControlFlow<()>, Infallible> {
        for (place, item) in self {
            if take(place, &[], item.as_ref()).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
