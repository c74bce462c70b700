//! Deterministic automata of the patterns, and the shortest text that some accept and others do not.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};

/// A state from which no text is accepted any more.
const DEAD: u32 = u32::MAX;
/// A state from which each text is accepted.
const ALL: u32 = u32::MAX - 1;

/// A deterministic automaton over bytes, without states that lead nowhere.
#[derive(Clone, Debug)]
pub(crate) struct TextAutomaton {
    form: Form,
    /// The bytes that the automaton treats differently, by class.
    classes: Box<[u8; 256]>,
}

#[derive(Clone, Debug)]
enum Form {
    /// A literal, of which the state is the number of bytes read, and what may follow it.
    Literal(Vec<u8>, After),
    /// Several literals: states by state and byte, and what may follow the literals that end at a state.
    Tree {
        next: HashMap<(u32, u8), u32>,
        ends: HashMap<u32, After>,
    },
    Table {
        next: Vec<u32>,
        width: usize,
        accepts: Vec<bool>,
    },
}

/// The continuation of a literal.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum After {
    /// Nothing.
    Nothing,
    /// Nothing, or `/` and any text.
    Segments,
    /// Any text.
    Anything,
}

/// Bounds for one automaton: bytes of the table, and of what it takes to build it.
pub(crate) const TABLE_BYTES: usize = 8 << 20;

impl TextAutomaton {
    /// Accepts a literal and what may follow it.
    #[must_use]
    pub(crate) fn literal(text: &str, after: After) -> Self {
        let mut classes = Box::new([0_u8; 256]);
        let slash: &[u8] = if after == After::Segments { b"/" } else { b"" };
        for byte in text.bytes().chain(slash.iter().copied()) {
            if let Some(class) = classes.get_mut(usize::from(byte)) {
                // a byte of its own class; no pattern has a NUL
                *class = byte;
            }
        }
        Self { form: Form::Literal(text.as_bytes().to_vec(), after), classes }
    }

    fn is_literal(&self) -> bool {
        matches!(self.form, Form::Literal(..))
    }

    /// The length of a literal, in bytes.
    fn length(&self) -> usize {
        match &self.form {
            Form::Literal(text, _) => text.len(),
            Form::Tree { .. } | Form::Table { .. } => 0,
        }
    }

    /// Accepts what any of some literals accepts.
    fn any_of(literals: &[&Self]) -> Self {
        let mut classes = Box::new([0_u8; 256]);
        let (mut next, mut ends) = (HashMap::new(), HashMap::<u32, After>::new());
        let mut states = 1_u32;
        for literal in literals {
            for (class, own) in classes.iter_mut().zip(literal.classes.iter()) {
                *class = (*class).max(*own);
            }
            let Form::Literal(text, after) = &literal.form else {
                continue;
            };
            let mut at = 0;
            for byte in text {
                at = *next.entry((at, *byte)).or_insert_with(|| {
                    states += 1;
                    states - 1
                });
            }
            let end = ends.entry(at).or_insert(*after);
            *end = (*end).max(*after);
        }
        Self { form: Form::Tree { next, ends }, classes }
    }

    /// Accepts what a regular expression matches as a whole.
    ///
    /// # Errors
    ///
    /// If the pattern is none of a regular language, or its automaton is too large.
    pub(crate) fn regex(pattern: &str) -> Result<Self, String> {
        let config = dense::Config::new()
            .start_kind(regex_automata::dfa::StartKind::Anchored)
            .match_kind(regex_automata::MatchKind::All)
            .accelerate(false)
            .dfa_size_limit(Some(TABLE_BYTES))
            .determinize_size_limit(Some(TABLE_BYTES));
        let dfa = dense::Builder::new()
            .configure(config)
            .syntax(syntax::Config::new().unicode(false).utf8(false).dot_matches_new_line(true))
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(TABLE_BYTES)))
            .build(&format!("^(?:{pattern})$"))
            .map_err(|error| chain(&error))?;
        Self::table(&dfa).ok_or_else(|| "its automaton is too large".to_owned())
    }

    /// Numbers the states that can be reached and from which a match can be reached.
    fn table(dfa: &dense::DFA<Vec<u32>>) -> Option<Self> {
        let begin = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        let mut classes = Box::new([0_u8; 256]);
        let mut examples: Vec<u8> = Vec::new();
        for byte in 0..=255_u8 {
            let class = dfa.byte_classes().get(byte);
            if usize::from(class) == examples.len() {
                examples.push(byte);
            }
            *classes.get_mut(usize::from(byte))? = class;
        }
        let mut numbers: HashMap<StateID, u32> = HashMap::from([(begin, 0)]);
        let mut order = vec![begin];
        let (mut next, mut accepts) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some(state) = order.get(at).copied() {
            at += 1;
            accepts.push(dfa.is_match_state(dfa.next_eoi_state(state)));
            for byte in &examples {
                let to = dfa.next_state(state, *byte);
                if dfa.is_quit_state(to) {
                    return None;
                }
                next.push(if dfa.is_dead_state(to) {
                    DEAD
                } else {
                    *numbers.entry(to).or_insert_with(|| {
                        order.push(to);
                        u32::try_from(order.len() - 1).unwrap_or(DEAD)
                    })
                });
            }
        }
        let width = examples.len();
        let live = live(&next, width, &accepts);
        for to in &mut next {
            if !usize::try_from(*to).ok().and_then(|to| live.get(to)).copied().unwrap_or(false) {
                *to = DEAD;
            }
        }
        Some(Self { form: Form::Table { next, width, accepts }, classes })
    }

    /// Returns how large it is.
    pub(crate) fn bytes(&self) -> usize {
        match &self.form {
            Form::Literal(text, _) => text.len(),
            Form::Tree { next, ends } => next.len().saturating_add(ends.len()).saturating_mul(size_of::<u64>()),
            Form::Table { next, accepts, .. } => {
                next.len().saturating_mul(size_of::<u32>()).saturating_add(accepts.len())
            }
        }
    }

    fn step(&self, state: u32, byte: u8) -> u32 {
        let Ok(at) = usize::try_from(state) else {
            return DEAD;
        };
        match &self.form {
            Form::Literal(_, _) if state == DEAD => DEAD,
            Form::Literal(text, after) => match (text.get(at), after) {
                (Some(expected), _) if *expected == byte => state + 1,
                (Some(_), _) | (None, After::Nothing) => DEAD,
                (None, After::Anything) => state,
                (None, After::Segments) if at > text.len() => state,
                (None, After::Segments) => {
                    if byte == b'/' {
                        state + 1
                    } else {
                        DEAD
                    }
                }
            },
            Form::Tree { .. } if state == ALL => ALL,
            Form::Tree { next, ends } => match (ends.get(&state), byte) {
                (Some(After::Anything), _) | (Some(After::Segments), b'/') => ALL,
                (Some(After::Segments | After::Nothing) | None, _) => next.get(&(state, byte)).copied().unwrap_or(DEAD),
            },
            Form::Table { next, width, .. } => {
                let class = self.classes.get(usize::from(byte)).copied().unwrap_or_default();
                let cell = at.checked_mul(*width).and_then(|cell| cell.checked_add(usize::from(class)));
                cell.and_then(|cell| next.get(cell)).copied().unwrap_or(DEAD)
            }
        }
    }

    fn accepts_at(&self, state: u32) -> bool {
        let Ok(at) = usize::try_from(state) else {
            return false;
        };
        match &self.form {
            Form::Literal(text, _) => state != DEAD && at >= text.len(),
            Form::Tree { ends, .. } => state == ALL || ends.contains_key(&state),
            Form::Table { accepts, .. } => accepts.get(at).copied().unwrap_or(false),
        }
    }

    /// Returns whether a text is accepted.
    #[must_use]
    pub(crate) fn accepts(&self, text: &str) -> bool {
        self.accepts_at(text.bytes().fold(0, |state, byte| self.step(state, byte)))
    }
}

/// The states from which a match can be reached.
fn live(next: &[u32], width: usize, accepts: &[bool]) -> Vec<bool> {
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); accepts.len()];
    for (from, row) in next.chunks(width.max(1)).enumerate() {
        for to in row.iter().filter_map(|to| usize::try_from(*to).ok()) {
            if let Some(into) = back.get_mut(to)
                && into.last() != Some(&from)
            {
                into.push(from);
            }
        }
    }
    let mut live = accepts.to_vec();
    let mut waiting: Vec<usize> = (0..).zip(accepts).filter(|(_, accepts)| **accepts).map(|(at, _)| at).collect();
    while let Some(at) = waiting.pop() {
        for from in back.get(at).into_iter().flatten() {
            if let Some(is_live) = live.get_mut(*from)
                && !*is_live
            {
                *is_live = true;
                waiting.push(*from);
            }
        }
    }
    live
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string().lines().last().unwrap_or_default().trim().to_owned()
}

/// Letters that people expect in an example come first.
fn in_order() -> impl Iterator<Item = u8> {
    let plain = (b'a'..=b'z').chain(*b"/.-_").chain(b'0'..=b'9').chain(b'A'..=b'Z');
    plain.chain(0x21..=0x7e).chain(0x80..=0xff).chain(0..0x21)
}

/// A text was not found within the budget.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Exhausted;

/// Returns the shortest text that all of `yes` and none of `no` accept, counting steps down from `budget`.
///
/// # Errors
///
/// If the budget is used up.
pub(crate) fn shortest(
    yes: &[&TextAutomaton],
    no: &[&TextAutomaton],
    budget: &mut usize,
) -> Result<Option<String>, Exhausted> {
    let mut spend = |steps: usize| -> Result<(), Exhausted> {
        *budget = budget.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    };
    // literals, of which there may be thousands, are one automaton
    let (literals, mut no): (Vec<&TextAutomaton>, Vec<&TextAutomaton>) = no.iter().partition(|one| one.is_literal());
    spend(literals.iter().map(|one| one.length()).sum())?;
    let tree = TextAutomaton::any_of(&literals);
    if !literals.is_empty() {
        no.push(&tree);
    }
    let all: Vec<(&TextAutomaton, bool)> =
        yes.iter().map(|one| (*one, true)).chain(no.into_iter().map(|one| (one, false))).collect();
    spend(STEPS_OF_A_CLASS.saturating_mul(all.len()))?;
    let alphabet = alphabet(&all);
    // a state is one of each automaton
    let of_a_byte = all.len().div_ceil(AUTOMATA_OF_A_STEP);
    let begin: Rc<[u32]> = vec![0_u32; all.len()].into();
    // how states were found: the one before, and the byte between
    let mut found: Vec<(usize, u8)> = vec![(usize::MAX, 0)];
    let mut seen: HashSet<Rc<[u32]>> = HashSet::from([Rc::clone(&begin)]);
    let mut waiting = VecDeque::from([(begin, 0_usize)]);
    let mut to = Vec::with_capacity(all.len());
    while let Some((states, at)) = waiting.pop_front() {
        if all.iter().zip(states.iter()).all(|((one, wanted), state)| one.accepts_at(*state) == *wanted) {
            return Ok(Some(text_to(&found, at)));
        }
        spend(of_a_byte.saturating_mul(alphabet.len()))?;
        'bytes: for byte in &alphabet {
            to.clear();
            for ((one, wanted), state) in all.iter().zip(states.iter()) {
                let next = one.step(*state, *byte);
                // no text is wanted from there
                if if *wanted { next == DEAD } else { next == ALL } {
                    continue 'bytes;
                }
                to.push(next);
            }
            if !seen.contains(to.as_slice()) {
                spend(STEPS_OF_A_STATE)?;
                let state: Rc<[u32]> = to.as_slice().into();
                seen.insert(Rc::clone(&state));
                waiting.push_back((state, found.len()));
                found.push((at, *byte));
            }
        }
    }
    Ok(None)
}

/// A new state takes so many steps.
const STEPS_OF_A_STATE: usize = 10;
/// So many automata go on by a byte in a step.
const AUTOMATA_OF_A_STEP: usize = 32;
/// To find the bytes that an automaton treats alike takes so many steps.
const STEPS_OF_A_CLASS: usize = 16;

/// One byte of each class that some automaton treats in its own way; the first in the order of examples.
fn alphabet(all: &[(&TextAutomaton, bool)]) -> Vec<u8> {
    let mut class_of = [0_usize; 256];
    let mut count = 1;
    for (automaton, _) in all {
        // by the class so far and that of this automaton
        let mut numbers: Vec<Option<usize>> = vec![None; count * 256];
        let mut next = 0;
        for (class, own) in class_of.iter_mut().zip(automaton.classes.iter()) {
            if let Some(number) = numbers.get_mut(*class * 256 + usize::from(*own)) {
                *class = *number.get_or_insert_with(|| {
                    next += 1;
                    next - 1
                });
            }
        }
        count = next;
    }
    let mut known = [false; 256];
    let is_first = |byte: &u8| {
        let class = class_of.get(usize::from(*byte)).and_then(|class| known.get_mut(*class));
        class.is_some_and(|known| !std::mem::replace(known, true))
    };
    in_order().filter(is_first).collect()
}

fn text_to(found: &[(usize, u8)], mut at: usize) -> String {
    let mut text = Vec::new();
    while let Some((before, byte)) = found.get(at)
        && *before != usize::MAX
    {
        text.push(*byte);
        at = *before;
    }
    text.reverse();
    String::from_utf8_lossy(&text).into_owned()
}
