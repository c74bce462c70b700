//! The states of one ref: thousands, of which a decision needs a few.
//!
//! They are kept in one text, a line for each, and are taken apart when they are asked for. To make values of all of them takes as long
//! as the rest of a decision. That each line is a state is seen when they are read.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::Arc;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kept_state::{KeptState, Point};

use crate::time::instant::Instant;

/// States, the oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct StateList {
    /// Everything that was read.
    text: Arc<str>,
    states: VecDeque<ListedState>,
}

#[derive(Debug, Clone)]
enum ListedState {
    /// Its place in the text.
    Read(u32, u32),
    /// It came later, or was changed.
    Made(Box<KeptState>),
}

/// A commit and its tree.
pub(super) type PointView<'s> = (Option<&'s str>, Option<&'s str>);

/// A state, as [`KeptState`] describes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct StateView<'s> {
    pub(super) sequence: u64,
    pub(super) at: Instant,
    pub(super) rollback: bool,
    pub(super) plain: bool,
    pub(super) tree_wide: bool,
    pub(super) repeats: bool,
    pub(super) point: PointView<'s>,
    pub(super) scope: Option<&'s str>,
    pub(super) policy: Option<&'s str>,
    pub(super) base: Option<PointView<'s>>,
    pub(super) seen: Option<PointView<'s>>,
}

/// The text that ends a line of the text. JSON escapes neither this nor the blank between members.
const END: char = ';';

/// The text that stands for a commit or a tree that is not there.
const NONE: &str = "-";

impl StateList {
    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    pub(super) fn get(&self, place: usize) -> Option<StateView<'_>> {
        self.view(self.states.get(place)?)
    }

    /// The newest.
    pub(super) fn back(&self) -> Option<StateView<'_>> {
        self.view(self.states.back()?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = StateView<'_>> {
        self.states.iter().filter_map(|state| self.view(state))
    }

    /// Returns when one was first allowed, in seconds since 1970-01-01T00:00:00Z.
    pub(super) fn at(&self, place: usize) -> Option<Instant> {
        match self.states.get(place)? {
            ListedState::Made(state) => Some(state.at),
            state @ ListedState::Read(..) => {
                self.line(state)?.split(' ').nth(1)?.parse().ok().map(Instant::from_second)
            }
        }
    }

    /// The place of the newest that `is_meant`.
    pub(super) fn rposition(&self, is_meant: impl Fn(&StateView<'_>) -> bool) -> Option<usize> {
        (0..self.len()).rev().find(|place| self.get(*place).is_some_and(|state| is_meant(&state)))
    }

    /// One to be changed.
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut KeptState> {
        let made = self.get(place)?.kept();
        let state = self.states.get_mut(place)?;
        if matches!(state, ListedState::Read(..)) {
            *state = ListedState::Made(Box::new(made));
        }
        match state {
            ListedState::Made(state) => Some(state),
            ListedState::Read(..) => None,
        }
    }

    /// The newest, to be changed.
    pub(super) fn back_mut(&mut self) -> Option<&mut KeptState> {
        self.get_mut(self.len().checked_sub(1)?)
    }

    pub(super) fn push_back(&mut self, state: KeptState) {
        self.states.push_back(ListedState::Made(Box::new(state)));
    }

    pub(super) fn drain(&mut self, places: Range<usize>) {
        self.states.drain(places);
    }

    fn view<'s>(&'s self, state: &'s ListedState) -> Option<StateView<'s>> {
        match state {
            ListedState::Made(state) => Some(state.view()),
            // each was seen to be one
            ListedState::Read(..) => StateView::of_line(self.line(state)?),
        }
    }

    fn line(&self, state: &ListedState) -> Option<&str> {
        match state {
            ListedState::Read(begin, end) => self.text.get(usize::try_from(*begin).ok()?..usize::try_from(*end).ok()?),
            ListedState::Made(_) => None,
        }
    }

    /// The text of all; `None` if one can't be written so.
    fn to_text(&self) -> Option<String> {
        let mut text = String::with_capacity(self.text.len());
        for state in &self.states {
            match self.line(state) {
                Some(line) => text.push_str(line),
                None => self.view(state)?.write_line(&mut text)?,
            }
            text.push(END);
        }
        Some(text)
    }

    fn of_text(text: &str) -> Result<Self, String> {
        let mut states = VecDeque::with_capacity(memchr::memchr_iter(b';', text.as_bytes()).count());
        let mut begin = 0_usize;
        for end in memchr::memchr_iter(b';', text.as_bytes()) {
            let (Ok(first), Ok(last)) = (u32::try_from(begin), u32::try_from(end)) else {
                return Err("the states are longer than 4 GiB".to_owned());
            };
            if !text.get(begin..end).is_some_and(is_state) {
                return Err(format!("what stands at {begin} is not a state"));
            }
            states.push_back(ListedState::Read(first, last));
            begin = end.saturating_add(1);
        }
        if begin == text.len() {
            Ok(Self { text: text.into(), states })
        } else {
            Err("the last state has no end".to_owned())
        }
    }
}

impl KeptState {
    pub(super) fn view(&self) -> StateView<'_> {
        StateView {
            sequence: self.sequence,
            at: self.at,
            rollback: self.rollback,
            plain: self.plain,
            tree_wide: self.tree_wide,
            repeats: self.repeats,
            point: (self.commit.as_deref(), self.tree.as_deref()),
            scope: self.scope.as_deref(),
            policy: self.policy.as_deref(),
            base: self.base.as_ref().map(Point::view),
            seen: self.seen.as_ref().map(Point::view),
        }
    }
}

impl Point {
    pub(super) fn view(&self) -> PointView<'_> {
        (self.commit.as_deref(), self.tree.as_deref())
    }

    pub(super) fn of((commit, tree): PointView<'_>) -> Self {
        Self { commit: commit.map(str::to_owned), tree: tree.map(str::to_owned) }
    }
}

/// Returns whether [`StateView::of_line`] reads a line, found out by looking at as little of it as will do.
fn is_state(line: &str) -> bool {
    if memchr::memchr_iter(b' ', line.as_bytes()).count() != 4 {
        return StateView::of_line(line).is_some();
    }
    let mut rest = line.as_bytes();
    // as many digits as any number of the kind has that fits, but for the largest
    for most in [18, 18, 2] {
        let digits = rest.strip_prefix(b"-").filter(|_| most == 18 && rest.len() < line.len()).unwrap_or(rest);
        let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        match digits.get(count..) {
            Some([b' ', after @ ..]) if (1..=most).contains(&count) => rest = after,
            Some(_) | None => return StateView::of_line(line).is_some(),
        }
    }
    true
}

const ROLLBACK: u8 = 1;
const PLAIN: u8 = 2;
const TREE_WIDE: u8 = 4;
const REPEATS: u8 = 8;

impl<'s> StateView<'s> {
    /// Returns whether all of its tree was judged.
    pub(super) const fn is_tree_wide(&self) -> bool {
        self.plain || self.tree_wide
    }

    fn kept(self) -> KeptState {
        let Point { commit, tree } = Point::of(self.point);
        KeptState {
            sequence: self.sequence,
            at: self.at,
            rollback: self.rollback,
            commit,
            tree,
            plain: self.plain,
            tree_wide: self.tree_wide,
            repeats: self.repeats,
            scope: self.scope.map(str::to_owned),
            policy: self.policy.map(str::to_owned),
            base: self.base.map(Point::of),
            seen: self.seen.map(Point::of),
        }
    }

    /// Reads `SEQUENCE AT FLAGS COMMIT TREE`, and then what few have: `scope=…`, `policy=DIGEST/COMMIT`, `base=COMMIT/TREE`, `seen=COMMIT/TREE`.
    fn of_line(line: &'s str) -> Option<Self> {
        let mut words = line.split(' ');
        let some = |word: &'s str| (word != NONE).then_some(word);
        let mut state = Self {
            sequence: words.next()?.parse().ok()?,
            at: Instant::from_second(words.next()?.parse().ok()?),
            ..Self::default()
        };
        let flags: u8 = words.next()?.parse().ok()?;
        state.rollback = flags & ROLLBACK != 0;
        state.plain = flags & PLAIN != 0;
        state.tree_wide = flags & TREE_WIDE != 0;
        state.repeats = flags & REPEATS != 0;
        state.point = (some(words.next()?), some(words.next()?));
        for word in words {
            let (name, value) = word.split_once('=')?;
            let point = || value.split_once('/').map(|(commit, tree)| (some(commit), some(tree)));
            match name {
                "scope" => state.scope = Some(value),
                "policy" => state.policy = Some(value),
                "base" => state.base = Some(point()?),
                "seen" => state.seen = Some(point()?),
                _ => return None,
            }
        }
        Some(state)
    }

    /// Writes what [`StateView::of_line`] reads; `None` if a name has a letter that is none of a digest's.
    fn write_line(&self, to: &mut String) -> Option<()> {
        let is_plain = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let word = |text: Option<&'s str>| match text {
            None => Some(NONE),
            Some(text) => Some(text).filter(is_plain),
        };
        let flag = |holds: bool, flag: u8| if holds { flag } else { 0 };
        let how = flag(self.rollback, ROLLBACK) | flag(self.plain, PLAIN) | flag(self.tree_wide, TREE_WIDE);
        let flags = how | flag(self.repeats, REPEATS);
        let (commit, tree) = (word(self.point.0)?, word(self.point.1)?);
        write!(to, "{} {} {flags} {commit} {tree}", self.sequence, self.at.as_second()).ok()?;
        if let Some(scope) = self.scope {
            write!(to, " scope={}", Some(scope).filter(is_plain)?).ok()?;
        }
        if let Some(policy) = self.policy {
            let is_written = policy.split('/').all(|word| is_plain(&word));
            write!(to, " policy={}", Some(policy).filter(|_| is_written)?).ok()?;
        }
        for (name, point) in [("base", self.base), ("seen", self.seen)] {
            if let Some((commit, tree)) = point {
                write!(to, " {name}={}/{}", word(commit)?, word(tree)?).ok()?;
            }
        }
        Some(())
    }
}

impl PartialEq for StateList {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for StateList {}

impl Serialize for StateList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.to_text() {
            Some(text) => serializer.serialize_str(&text),
            None => serializer.collect_seq(self.iter().map(StateView::kept)),
        }
    }
}

impl<'de> Deserialize<'de> for StateList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrStates)
    }
}

struct TextOrStates;

impl<'de> Visitor<'de> for TextOrStates {
    type Value = StateList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("states")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<StateList, E> {
        StateList::of_text(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<StateList, A::Error> {
        let mut list = StateList::default();
        while let Some(state) = rows.next_element()? {
            list.push_back(state);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::{StateList, StateView, is_state};

    #[test]
    fn a_line_that_is_not_a_state_is_found_when_it_is_read() {
        let good = "12 -3 4 a1 b2";
        let lines = [
            (good, true),
            ("9223372036854775807 9223372036854775807 15 - -", true),
            ("1 2 3 a b scope=c policy=d/e base=-/d seen=e/f", true),
            ("-1 2 3 a b", false),
            ("1 2 -3 a b", false),
            ("1 - 3 a b", false),
            ("18446744073709551616 2 3 a b", false),
            ("1 2 256 a b", false),
            ("1 2 3 a", false),
            (" 2 3 a b", false),
            ("1 2 3 a b more", false),
            ("1 2 3 a b base=x", false),
            ("", false),
        ];
        for (line, is_one) in lines {
            assert_eq!((is_state(line), StateView::of_line(line).is_some()), (is_one, is_one), "{line}");
            let read = StateList::of_text(&format!("{good};{line};"));
            assert_eq!(read.is_ok_and(|list| list.iter().count() == 2), is_one, "{line}");
        }
        assert!(StateList::of_text(good).is_err(), "it has no end");
    }
}
