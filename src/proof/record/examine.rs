//! What is wrong with a chain, found entry by entry.
//!
//! An entry that is fine leaves nothing behind but its number and its hash, which the next one is compared with. As long as every
//! entry is genuine, follows the one before and counts on from it, no hash can stand twice, so that nothing else is remembered.
//!
//! Only if something is wrong does it matter what stands elsewhere: whether an entry is there twice, who else follows the same
//! one. Then the chain is read twice more: once for the hashes that are asked about or may stand twice, once for the faults. Both
//! need a fixed amount of memory, whatever the length of the chain: [`MOST_FAULTS`] are listed, and behind [`MOST_DOUBTFUL`]
//! hashes that may stand twice, no more entries are found to be repeated.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::ControlFlow;

use super::fault::MOST_FAULTS;
use super::line::ParsedEntry;
use super::{Digest, Fault, FaultKind, Folded, RecordEntry};

/// The most hashes that are looked at again because they may stand twice.
const MOST_DOUBTFUL: usize = 1 << 17;

/// An entry that can be read, or why it can't.
pub(super) type ReadItem<'i> = Result<&'i ParsedEntry, &'i FaultKind>;

/// Takes an item, with where it stands and its bytes, and says whether to go on.
pub(super) type TakeItem<'t> = dyn FnMut(&dyn fmt::Display, &[u8], ReadItem<'_>) -> ControlFlow<()> + 't;

/// Takes an entry that could be read, and says whether to go on.
pub(super) type VisitEntry<'v, B> = dyn FnMut(&Inspected<'_>) -> ControlFlow<B> + 'v;

/// A chain that can be read several times.
pub(super) trait ReadableChain {
    /// The reason why it can't be read.
    type Error;

    /// Hands each item to `take`, the oldest first, until that breaks off.
    fn each(&mut self, take: &mut TakeItem<'_>) -> Result<ControlFlow<()>, Self::Error>;
}

/// An entry, as [`Record::inspect`](super::Record::inspect) comes to it.
pub struct Inspected<'i> {
    /// The place where it stands: `line 3`, `commit 8c1d0e2…`.
    pub place: &'i dyn fmt::Display,
    /// The text that is kept of it: one line of JSON, without its end.
    pub line: &'i str,
    /// Its content.
    pub entry: &'i RecordEntry,
    /// True if nothing is wrong up to here. Only what comes next shows whether this entry was edited and given a new hash.
    pub is_sound: bool,
}

/// The known facts about a record when all of it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The number of entries that could be read.
    pub entries: u64,
    /// The number of the last one; 0 if there is none.
    pub last: u64,
    /// The problem, in the order of the entries; what is about the record as a whole comes last.
    pub faults: Vec<Fault>,
    /// True if more is wrong than is listed, see [`MOST_FAULTS`].
    pub more_faults: bool,
}

/// Reads a chain, hands each entry that can be read to `visit`, and returns what is wrong; breaks off when `visit` does.
pub(super) fn inspect<S: ReadableChain, B>(
    source: &mut S,
    visit: &mut VisitEntry<'_, B>,
) -> Result<ControlFlow<B, Inspection>, S::Error> {
    let mut examiner = Examiner::default();
    let (mut entries, mut last) = (0_u64, 0);
    let mut broken_off = None;
    let mut take = |place: &dyn fmt::Display, line: &[u8], item: ReadItem<'_>| {
        examiner.feed(item);
        let Ok(parsed) = item else {
            return ControlFlow::Continue(());
        };
        entries = entries.saturating_add(1);
        last = parsed.entry.sequence;
        let line = String::from_utf8_lossy(line);
        let inspected = Inspected { place, line: &line, entry: &parsed.entry, is_sound: examiner.is_sound() };
        visit(&inspected).map_break(|value| broken_off = Some(value))
    };
    if source.each(&mut take)?.is_break()
        && let Some(value) = broken_off
    {
        return Ok(ControlFlow::Break(value));
    }
    let (faults, more_faults) = examiner.faults(source)?;
    Ok(ControlFlow::Continue(Inspection { entries, last, faults, more_faults }))
}

/// The newest of the entries so far, and how the next stands to it.
struct NewestEntry {
    /// The state after the entries so far; `None` once something is wrong with one.
    folded: Option<Folded>,
    before: Option<RememberedEntry>,
    /// True if something that can't be read follows it: what follows is then no fault of it.
    is_open: bool,
}

/// The remembered facts about an entry.
#[derive(Clone, Copy)]
struct RememberedEntry {
    sequence: u64,
    hash: Digest,
}

/// The way in which an entry stands to the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    /// It follows it.
    Follows,
    /// It follows it, and has another number than the next.
    Misnumbered,
    /// It follows it, and says that all entries so far come to something else than they do.
    Misfolded,
    /// It follows another one, or begins a chain.
    Elsewhere,
    /// The one before can't be read.
    Unknown,
}

impl NewestEntry {
    fn expected(&self) -> u64 {
        self.before.map_or(0, |before| before.sequence).saturating_add(1)
    }

    /// Returns how `item` stands to what came before; `None` if it can't be read. It is the newest then.
    ///
    /// In the first reading and in the third each item passes here once, in order, when all before it have passed and it has not:
    /// what they come to can be compared with what an entry says of them.
    fn link(&mut self, item: ReadItem<'_>) -> Option<Link> {
        let Ok(ParsedEntry { entry, .. }) = item else {
            self.is_open = true;
            return None;
        };
        let link = if self.is_open {
            Link::Unknown
        } else if entry.previous != self.before.map(|before| before.hash) {
            Link::Elsewhere
        } else if entry.sequence != self.expected() {
            Link::Misnumbered
        } else if self.is_misfolded(entry) {
            Link::Misfolded
        } else {
            Link::Follows
        };
        self.folded = match link {
            Link::Follows => self.folded.take().map(|mut folded| {
                folded.add(entry);
                folded
            }),
            Link::Misnumbered | Link::Misfolded | Link::Elsewhere | Link::Unknown => None,
        };
        self.before = Some(RememberedEntry { sequence: entry.sequence, hash: entry.hash });
        self.is_open = false;
        Some(link)
    }

    fn is_misfolded(&self, entry: &RecordEntry) -> bool {
        match (entry.folded, &self.folded) {
            (Some(named), Some(folded)) => folded.to_bytes().is_ok_and(|bytes| Digest::of(&bytes) != named),
            (Some(_), None) | (None, _) => false,
        }
    }
}

impl Default for NewestEntry {
    fn default() -> Self {
        Self { folded: Some(Folded::default()), before: None, is_open: false }
    }
}

/// Reads a chain for the first time: says whether anything is wrong with it, not yet what.
#[derive(Default)]
pub(super) struct Examiner {
    tail: NewestEntry,
    /// The number of items with a problem, whatever stands elsewhere: each comes to one fault at the least.
    wrong: usize,
    /// The predecessors of those that don't follow the one before them, if their faults can be among those that are listed.
    asked: HashSet<Option<Digest>>,
}

impl Examiner {
    /// Looks at the next item.
    pub(super) fn feed(&mut self, item: ReadItem<'_>) {
        let link = self.tail.link(item);
        let is_placed = match link {
            Some(Link::Follows | Link::Unknown) => true,
            Some(Link::Misnumbered | Link::Misfolded | Link::Elsewhere) | None => false,
        };
        if is_placed && item.is_ok_and(|parsed| parsed.genuine) {
            return;
        }
        if self.wrong < MOST_FAULTS
            && link == Some(Link::Elsewhere)
            && let Ok(parsed) = item
        {
            self.asked.insert(parsed.entry.previous);
        }
        self.wrong = self.wrong.saturating_add(1);
    }

    /// Returns whether nothing is wrong so far.
    pub(super) const fn is_sound(&self) -> bool {
        self.wrong == 0
    }

    /// Returns what is wrong, in the order of the chain, and whether there is more that is not listed. Reads the chain again,
    /// unless it is sound.
    pub(super) fn faults<S: ReadableChain>(self, source: &mut S) -> Result<(Vec<Fault>, bool), S::Error> {
        if self.is_sound() {
            return Ok((Vec::new(), false));
        }
        let mut lookup = HashLookup::new(self.asked);
        let second = source.each(&mut |_, _, item| lookup.feed(item))?;
        let mut finder = Finder::new(lookup);
        let third = source.each(&mut |place, _, item| finder.feed(place, item))?;
        let more = second.is_break() || third.is_break() || finder.found.len() > MOST_FAULTS;
        Ok((finder.into_faults(), more))
    }
}

/// Reads a chain for the second time: which hashes matter, and which may stand twice.
struct HashLookup {
    asked: HashSet<Option<Digest>>,
    /// Those of `asked` that an entry has as its own hash.
    stated: HashSet<Digest>,
    seen: Filter,
    doubtful: HashSet<Digest>,
}

impl HashLookup {
    fn new(asked: HashSet<Option<Digest>>) -> Self {
        Self { asked, stated: HashSet::new(), seen: Filter::new(), doubtful: HashSet::new() }
    }

    fn feed(&mut self, item: ReadItem<'_>) -> ControlFlow<()> {
        let Ok(ParsedEntry { entry, .. }) = item else {
            return ControlFlow::Continue(());
        };
        if self.asked.contains(&Some(entry.hash)) {
            self.stated.insert(entry.hash);
        }
        if self.doubtful.len() < MOST_DOUBTFUL && self.seen.insert(&entry.hash) {
            self.doubtful.insert(entry.hash);
        }
        ControlFlow::Continue(())
    }
}

/// Remembers digests in a fixed amount of memory: of one that it was given it always knows, of another it may believe so. Its
/// keys are random, so that nobody can choose hashes that it confuses.
struct Filter {
    keys: RandomState,
    bits: Vec<u64>,
}

impl Filter {
    /// 2²¹ words of 64 bits, 16 MiB: of a million digests some seventy are confused.
    const WORDS: usize = 1 << 21;

    fn new() -> Self {
        Self { keys: RandomState::new(), bits: vec![0; Self::WORDS] }
    }

    /// Adds a digest; returns whether it may have been there already.
    fn insert(&mut self, digest: &Digest) -> bool {
        let hash = self.keys.hash_one(digest).to_le_bytes();
        let [a, b, c, d, e, f, g, h] = hash;
        let first = self.set(u32::from_le_bytes([a, b, c, d]));
        let second = self.set(u32::from_le_bytes([e, f, g, h]));
        first && second
    }

    /// Sets the bit of this number, of which only the lower 27 bits count; returns whether it was set.
    fn set(&mut self, number: u32) -> bool {
        let Ok(word) = usize::try_from(number >> 6) else {
            return true;
        };
        let bit = 1 << (number & 63);
        // without the word, all digests would be taken for known: that costs time, and no fault
        self.bits.get_mut(word & (Self::WORDS - 1)).is_none_or(|word| {
            let was = *word & bit != 0;
            *word |= bit;
            was
        })
    }
}

/// Reads a chain for the third time, and says what is wrong.
struct Finder {
    lookup: HashLookup,
    tail: NewestEntry,
    /// The number of items before it.
    index: u64,
    /// The place where the item before stands.
    before: String,
    /// The place where each doubtful hash stands first.
    stated: HashMap<Digest, String>,
    /// The place where that stands which first follows what is asked about.
    followed: HashMap<Option<Digest>, String>,
    /// Each with the index of the item that it is about.
    found: Vec<(u64, Fault)>,
}

impl Finder {
    fn new(lookup: HashLookup) -> Self {
        Self {
            lookup,
            tail: NewestEntry::default(),
            index: 0,
            before: String::new(),
            stated: HashMap::new(),
            followed: HashMap::new(),
            found: Vec::new(),
        }
    }

    fn feed(&mut self, place: &dyn fmt::Display, item: ReadItem<'_>) -> ControlFlow<()> {
        if self.found.len() >= MOST_FAULTS {
            return ControlFlow::Break(());
        }
        let place = place.to_string();
        let (before, expected) = (self.tail.before, self.tail.expected());
        let link = self.tail.link(item);
        match (item, link) {
            (Ok(parsed), Some(link)) => {
                let entry = &parsed.entry;
                if !parsed.genuine {
                    self.add(self.index, &place, FaultKind::Edited { sequence: entry.sequence });
                }
                self.misplaced(&place, entry, link, before, expected);
                if self.lookup.doubtful.contains(&entry.hash) {
                    self.stated.entry(entry.hash).or_insert_with(|| place.clone());
                }
                if self.lookup.asked.contains(&entry.previous) {
                    self.followed.entry(entry.previous).or_insert_with(|| place.clone());
                }
            }
            (Err(kind), _) => self.add(self.index, &place, kind.clone()),
            (Ok(_), None) => {}
        }
        self.before = place;
        self.index = self.index.saturating_add(1);
        ControlFlow::Continue(())
    }

    /// Adds what is wrong with where an entry stands; `before` and `expected` are of the one before it.
    fn misplaced(
        &mut self,
        place: &str,
        entry: &RecordEntry,
        link: Link,
        before: Option<RememberedEntry>,
        expected: u64,
    ) {
        let sequence = entry.sequence;
        if link == Link::Unknown {
            return;
        }
        if let Some(first) = self.stated.get(&entry.hash).cloned() {
            return self.add(self.index, place, FaultKind::Repeated { sequence, first });
        }
        match link {
            Link::Follows | Link::Unknown => return,
            Link::Misnumbered => return self.add(self.index, place, FaultKind::Misnumbered { sequence, expected }),
            Link::Misfolded => return self.add(self.index, place, FaultKind::Misfolded { sequence }),
            Link::Elsewhere => {}
        }
        if let Some(other) = self.followed.get(&entry.previous).cloned() {
            return self.add(self.index, place, FaultKind::Forked { sequence, other });
        }
        match (entry.previous, before) {
            (Some(previous), _) if self.lookup.stated.contains(&previous) => {
                self.add(self.index, place, FaultKind::Reordered { sequence });
            }
            (None, _) => self.add(self.index, place, FaultKind::Reordered { sequence }),
            // the numbers run on, so that the one before stands for the one that was
            (Some(_), Some(before)) if sequence <= expected => {
                let place = self.before.clone();
                self.add(self.index.saturating_sub(1), &place, FaultKind::Edited { sequence: before.sequence });
            }
            (Some(_), _) => {
                let until = sequence.saturating_sub(1).max(expected);
                self.add(self.index, place, FaultKind::Dropped { from: expected, until });
            }
        }
    }

    fn add(&mut self, index: u64, place: &str, kind: FaultKind) {
        self.found.push((index, Fault { place: place.to_owned(), kind }));
    }

    fn into_faults(mut self) -> Vec<Fault> {
        // stable, so that what an entry says of itself comes before what it says of others
        self.found.sort_by_key(|(index, _)| *index);
        self.found.truncate(MOST_FAULTS);
        self.found.into_iter().map(|(_, fault)| fault).collect()
    }
}

#[cfg(test)]
mod tests;
