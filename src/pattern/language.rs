//! Whether all that one pattern matches is matched by others too, with the same captures: patterns as regular languages.
//!
//! A pattern becomes a nondeterministic automaton over bytes. A captured segment begins with a mark of its own, which says
//! what is captured and between which texts. So words of two automata are equal only if the captures are. Whether one
//! language lies in another is found by walking the first automaton together with all states that the others may be in
//! (the subset construction).

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::{Capture, Pattern, PatternShape, PatternTail, Segment};

/// The result of comparing one pattern with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inclusion {
    /// Whatever it matches, one of the others matches with the same captures.
    Included,
    /// It matches this path or ref, and none of the others does with the same captures.
    Excluded(Vec<u8>),
    /// It could not be found out within the limit.
    Undecided,
}

/// Returns whether everything that `narrow` matches, exactly or folded, is matched by one of `wide` in the same way.
///
/// `most_steps` bounds the work; the steps that are taken are added to `steps`.
///
/// ```
/// use freezegate::pattern::{Inclusion, Pattern, PatternSubject, included};
///
/// let pattern = |text| Pattern::parse(text, PatternSubject::Path).unwrap();
/// let (all, some) = (pattern("deploy/**"), pattern("deploy/*.yaml"));
/// assert_eq!(included(&some, &[&all], 1_000, &mut 0), Inclusion::Included);
/// assert!(matches!(included(&all, &[&some], 1_000, &mut 0), Inclusion::Excluded(_)));
/// ```
#[must_use]
pub fn included(narrow: &Pattern, wide: &[&Pattern], most_steps: usize, steps: &mut usize) -> Inclusion {
    if wide.iter().any(|one| one.shape == narrow.shape) {
        return Inclusion::Included;
    }
    match included_exactly(narrow, wide, most_steps, steps) {
        Inclusion::Included => {}
        other @ (Inclusion::Excluded(_) | Inclusion::Undecided) => return other,
    }
    // folding makes `/` of its look-alikes, which no segment of a path holds
    let can_match = |shape: &PatternShape| !shape.segments.iter().any(Segment::holds_slash);
    let narrow = narrow.shape.folded();
    if !can_match(&narrow) {
        return Inclusion::Included;
    }
    let wide: Vec<PatternShape> = wide.iter().map(|one| one.shape.folded()).filter(can_match).collect();
    walk(&narrow, &wide.iter().collect::<Vec<_>>(), most_steps, steps)
}

/// The same of exact matches alone, as `except` asks for them.
#[must_use]
pub fn included_exactly(narrow: &Pattern, wide: &[&Pattern], most_steps: usize, steps: &mut usize) -> Inclusion {
    if wide.iter().any(|one| one.shape == narrow.shape) {
        return Inclusion::Included;
    }
    let wide: Vec<&PatternShape> = wide.iter().map(|one| &one.shape).collect();
    walk(&narrow.shape, &wide, most_steps, steps)
}

impl Segment {
    fn holds_slash(&self) -> bool {
        let holds = |text: &Vec<u8>| text.contains(&b'/');
        match self {
            Self::Literal(text) => holds(text),
            Self::Deep => false,
            Self::Wild { prefix, middles, suffix } => holds(prefix) || middles.iter().any(holds) || holds(suffix),
            Self::Capture { prefix, suffix, .. } => holds(prefix) || holds(suffix),
        }
    }
}

/// The input of a step of an automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Byte(u8),
    /// Any byte of a segment.
    AnyInSegment,
    /// The start of a captured segment.
    Mark(usize),
}

/// A letter of the words that are tried: bytes that no fixed text has are all alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter {
    Byte(u8),
    Other,
    Mark(usize),
}

impl Symbol {
    fn takes(self, letter: Letter) -> bool {
        match (self, letter) {
            (Self::Byte(own), Letter::Byte(byte)) => own == byte,
            (Self::Mark(own), Letter::Mark(mark)) => own == mark,
            (Self::AnyInSegment, Letter::Byte(byte)) => byte != b'/',
            (Self::AnyInSegment, Letter::Other) => true,
            (Self::Byte(_), Letter::Other | Letter::Mark(_))
            | (Self::Mark(_), Letter::Byte(_) | Letter::Other)
            | (Self::AnyInSegment, Letter::Mark(_)) => false,
        }
    }
}

/// A capture, and the texts around it.
type CaptureMark<'s> = (Capture, &'s [u8], &'s [u8]);

/// The automata of several patterns: from each state, what leads to which.
#[derive(Debug, Default)]
struct Automata<'s> {
    steps: Vec<Vec<(Symbol, usize)>>,
    ends: BTreeSet<usize>,
    marks: Vec<CaptureMark<'s>>,
}

impl<'s> Automata<'s> {
    /// Adds the automaton of a pattern; returns its first state. This is what a pattern means, as a language.
    fn add(&mut self, shape: &'s PatternShape) -> usize {
        let start = self.state();
        // where the next segment begins
        let mut at = start;
        // where the last one ended
        let mut end = None;
        for segment in &shape.segments {
            if let Some(end) = end.take() {
                at = self.next(end, Symbol::Byte(b'/'));
            }
            match segment {
                Segment::Deep => {
                    let folder = self.any_segment(at);
                    self.step(folder, Symbol::Byte(b'/'), at);
                }
                Segment::Literal(_) | Segment::Wild { .. } | Segment::Capture { .. } => {
                    end = Some(self.segment(at, segment));
                }
            }
        }
        match (shape.tail, end) {
            (PatternTail::Exact, end) => self.ends.extend(end),
            (PatternTail::AtOrBelow | PatternTail::Below, Some(end)) => {
                if shape.tail == PatternTail::AtOrBelow {
                    self.ends.insert(end);
                }
                let below = self.next(end, Symbol::Byte(b'/'));
                self.all_below(below);
            }
            (PatternTail::AtOrBelow | PatternTail::Below, None) => self.all_below(at),
        }
        start
    }

    fn segment(&mut self, at: usize, segment: &'s Segment) -> usize {
        match segment {
            Segment::Literal(text) => self.text(at, text),
            Segment::Deep => at,
            Segment::Wild { prefix, middles, suffix } => {
                let mut state = self.text(at, prefix);
                // a new state: what is before it must not take the run too
                state = if prefix.is_empty() && suffix.is_empty() && middles.is_empty() {
                    self.any_segment(state)
                } else {
                    self.run(state)
                };
                for middle in middles {
                    state = self.text(state, middle);
                    state = self.run(state);
                }
                self.text(state, suffix)
            }
            Segment::Capture { capture, prefix, suffix } => {
                let mark = self.mark((*capture, prefix, suffix));
                let mut state = self.next(at, Symbol::Mark(mark));
                state = self.text(state, prefix);
                state = self.any_segment(state);
                self.text(state, suffix)
            }
        }
    }

    /// One segment or more from here on, to the end.
    fn all_below(&mut self, at: usize) {
        let segment = self.any_segment(at);
        self.step(segment, Symbol::Byte(b'/'), at);
        self.ends.insert(segment);
    }

    /// One byte of a segment or more.
    fn any_segment(&mut self, from: usize) -> usize {
        let state = self.next(from, Symbol::AnyInSegment);
        self.step(state, Symbol::AnyInSegment, state);
        state
    }

    fn state(&mut self) -> usize {
        self.steps.push(Vec::new());
        self.steps.len() - 1
    }

    fn step(&mut self, from: usize, symbol: Symbol, to: usize) {
        if let Some(steps) = self.steps.get_mut(from) {
            steps.push((symbol, to));
        }
    }

    fn next(&mut self, from: usize, symbol: Symbol) -> usize {
        let to = self.state();
        self.step(from, symbol, to);
        to
    }

    fn text(&mut self, from: usize, text: &[u8]) -> usize {
        text.iter().fold(from, |state, byte| self.next(state, Symbol::Byte(*byte)))
    }

    /// Any run of bytes of a segment, from here on.
    fn run(&mut self, state: usize) -> usize {
        self.step(state, Symbol::AnyInSegment, state);
        state
    }

    fn mark(&mut self, mark: CaptureMark<'s>) -> usize {
        self.marks.iter().position(|known| *known == mark).unwrap_or_else(|| {
            self.marks.push(mark);
            self.marks.len() - 1
        })
    }

    fn after(&self, states: &[usize], letter: Letter) -> Vec<usize> {
        let steps = states.iter().filter_map(|state| self.steps.get(*state)).flatten();
        let mut after: Vec<usize> = steps.filter(|(symbol, _)| symbol.takes(letter)).map(|(_, state)| *state).collect();
        after.sort_unstable();
        after.dedup();
        after
    }

    /// Letters of which every word can be made, as far as the automata distinguish words.
    fn letters(&self) -> Vec<Letter> {
        let mut bytes = BTreeSet::from([b'/']);
        bytes.extend(self.steps.iter().flatten().filter_map(|(symbol, _)| match symbol {
            Symbol::Byte(byte) => Some(*byte),
            Symbol::AnyInSegment | Symbol::Mark(_) => None,
        }));
        let other = (bytes.len() < 256).then_some(Letter::Other);
        let marks = (0..self.marks.len()).map(Letter::Mark);
        bytes.into_iter().map(Letter::Byte).chain(other).chain(marks).collect()
    }
}

/// A state of the narrow pattern, and all states that the wide ones may be in.
type StatePair = (usize, Vec<usize>);

fn walk(narrow: &PatternShape, wide: &[&PatternShape], most_steps: usize, steps: &mut usize) -> Inclusion {
    let mut automata = Automata::default();
    let start = automata.add(narrow);
    let wide: Vec<usize> = wide.iter().map(|pattern| automata.add(pattern)).collect();
    let letters = automata.letters();
    let first: StatePair = (start, wide);
    let mut came_from: HashMap<StatePair, Option<(StatePair, Letter)>> = HashMap::from([(first.clone(), None)]);
    let mut waiting = VecDeque::from([first]);
    let mut taken: usize = 0;
    while let Some(pair) = waiting.pop_front() {
        let (state, others) = &pair;
        if automata.ends.contains(state) && !others.iter().any(|other| automata.ends.contains(other)) {
            *steps = steps.saturating_add(taken);
            return Inclusion::Excluded(word(&pair, &came_from, &letters));
        }
        for letter in &letters {
            let next = automata.after(&[*state], *letter);
            taken = taken.saturating_add(1);
            if next.is_empty() {
                continue;
            }
            taken = taken.saturating_add(others.len());
            if taken > most_steps {
                *steps = steps.saturating_add(taken);
                return Inclusion::Undecided;
            }
            let after = automata.after(others, *letter);
            for state in next {
                let reached = (state, after.clone());
                if !came_from.contains_key(&reached) {
                    came_from.insert(reached.clone(), Some((pair.clone(), *letter)));
                    waiting.push_back(reached);
                }
            }
        }
    }
    *steps = steps.saturating_add(taken);
    Inclusion::Included
}

/// The word that leads to `pair`.
fn word(pair: &StatePair, came_from: &HashMap<StatePair, Option<(StatePair, Letter)>>, letters: &[Letter]) -> Vec<u8> {
    let free = |byte: &u8| !letters.contains(&Letter::Byte(*byte));
    let other = (b'x'..=b'z').chain(b'a'..=b'w').chain(0..=255).find(free).unwrap_or(b'x');
    let mut word = Vec::new();
    let mut pair = pair;
    while let Some(Some((before, letter))) = came_from.get(pair) {
        match letter {
            Letter::Byte(byte) => word.push(*byte),
            Letter::Other => word.push(other),
            Letter::Mark(_) => {}
        }
        pair = before;
    }
    word.reverse();
    word
}
