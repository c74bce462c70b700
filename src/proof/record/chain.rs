//! A chain that was read, and what is wrong with one.

use std::collections::{HashMap, HashSet};

use super::limit::MAX_ENTRY_BYTES;
use super::line::{Parsed, Sealed, seal};
use super::{Decided, Digest, Entry, Fault, FaultKind, RecordError};

/// A chain in which nothing is wrong: every entry says what it said when it was written, and follows the one before.
///
/// Its own queries are pure: the same entries give the same answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    entries: Vec<Entry>,
    /// The repository whose states are asked for; `None` for those of all repositories.
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

    /// Returns the entries about states of the repository that asks, oldest first: its own, and those of older versions, which
    /// name no repository.
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

    /// The chain of `items`, each with where it stands, together with all that is wrong with it.
    pub(super) fn examine(items: Vec<(String, Result<Parsed, FaultKind>)>) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut read: Vec<(String, Option<Parsed>)> = Vec::with_capacity(items.len());
        for (place, item) in items {
            match item {
                Ok(parsed) => read.push((place, Some(parsed))),
                Err(kind) => {
                    faults.push((read.len(), Fault { place: place.clone(), kind }));
                    read.push((place, None));
                }
            }
        }
        faults.extend(Links::new(&read).faults());
        // stable, so that what an entry says of itself comes before what it says of others
        faults.sort_by_key(|(index, _)| *index);
        let entries = read.into_iter().filter_map(|(_, parsed)| parsed).map(|parsed| parsed.entry).collect();
        (Self { entries, asked_by: None }, faults.into_iter().map(|(_, fault)| fault).collect())
    }
}

/// How the entries of a chain hang together.
struct Links<'r> {
    read: &'r [(String, Option<Parsed>)],
    /// By the hash that it states, where each entry is first.
    stated: HashMap<Digest, usize>,
    /// By what it follows, where each entry is first.
    follows: HashMap<Option<Digest>, usize>,
}

impl<'r> Links<'r> {
    fn new(read: &'r [(String, Option<Parsed>)]) -> Self {
        let (mut stated, mut follows) = (HashMap::new(), HashMap::new());
        for (index, (_, parsed)) in read.iter().enumerate() {
            if let Some(parsed) = parsed {
                stated.entry(parsed.entry.hash).or_insert(index);
                follows.entry(parsed.entry.previous).or_insert(index);
            }
        }
        Self { read, stated, follows }
    }

    /// What is wrong, each with the index that it is about.
    fn faults(&self) -> Vec<(usize, Fault)> {
        let mut faults = Vec::new();
        let mut before: Option<&Entry> = None;
        // what follows an entry that can't be read can't be held against it
        let mut known = true;
        for (index, (place, parsed)) in self.read.iter().enumerate() {
            let Some(parsed) = parsed else {
                known = false;
                continue;
            };
            let entry = &parsed.entry;
            if !parsed.genuine {
                let kind = FaultKind::Edited { sequence: entry.sequence };
                faults.push((index, Fault { place: place.clone(), kind }));
            }
            if known && let Some((about, kind)) = self.misplaced(index, before, entry) {
                let place = self.place(about);
                faults.push((about, Fault { place, kind }));
            }
            before = Some(entry);
            known = true;
        }
        faults
    }

    /// What is wrong with where `entry` stands, and the index of the entry that it is wrong with.
    fn misplaced(&self, index: usize, before: Option<&Entry>, entry: &Entry) -> Option<(usize, FaultKind)> {
        let sequence = entry.sequence;
        if let Some(first) = self.stated.get(&entry.hash).filter(|first| **first < index) {
            return Some((index, FaultKind::Repeated { sequence, first: self.place(*first) }));
        }
        let expected = before.map_or(0, |entry| entry.sequence).saturating_add(1);
        if entry.previous == before.map(|entry| entry.hash) {
            return (sequence != expected).then_some((index, FaultKind::Misnumbered { sequence, expected }));
        }
        if let Some(other) = self.follows.get(&entry.previous).filter(|other| **other < index) {
            return Some((index, FaultKind::Forked { sequence, other: self.place(*other) }));
        }
        match (entry.previous, before) {
            (Some(previous), _) if self.stated.contains_key(&previous) => {
                Some((index, FaultKind::Reordered { sequence }))
            }
            (None, _) => Some((index, FaultKind::Reordered { sequence })),
            // the numbers run on, so that the one before stands for the one that was
            (Some(_), Some(before)) if sequence <= expected => {
                Some((index.saturating_sub(1), FaultKind::Edited { sequence: before.sequence }))
            }
            (Some(_), _) => {
                Some((index, FaultKind::Dropped { from: expected, until: sequence.saturating_sub(1).max(expected) }))
            }
        }
    }

    fn place(&self, index: usize) -> String {
        self.read.get(index).map_or_else(String::new, |(place, _)| place.clone())
    }
}
