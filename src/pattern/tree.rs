//! Which of many patterns match, found in one pass over the segments of a path.
//!
//! Patterns that begin alike share their beginning. From a place in the tree, one look-up by the text of the next segment finds all that goes
//! on with it, so patterns that cannot match cost nothing, however many they are. Segments with a `*` or a capture are looked up by the fixed
//! text at their start and end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{PathSegment, PatternShape, PatternTail, Segment, in_order};

/// Patterns as a tree of their segments.
#[derive(Debug)]
pub(super) struct PatternTree {
    root: Node,
    numbered: usize,
}

/// A place in the tree: some segments of a pattern have been matched.
#[derive(Debug, Default)]
struct Node {
    /// The patterns that end here.
    ends: Vec<usize>,
    below: Option<Below>,
    literal: HashMap<Vec<u8>, Node>,
    /// By prefix, then by suffix.
    affixed: ByLength<ByLength<HashMap<InnerCondition, Node>>>,
    deep: Option<Box<Deep>>,
}

/// The place after a `**`, which is reached together with the place before it, and stays reached for the rest of the path.
#[derive(Debug)]
struct Deep {
    /// Numbers what is reached once in one tree.
    number: usize,
    node: Node,
}

/// Patterns that match all that lies below a place: one segment more, and they match whatever follows.
#[derive(Debug)]
struct Below {
    /// Numbers what is reached once in one tree.
    number: usize,
    patterns: Vec<usize>,
    /// Those of them that end in `**`, and do not match the place itself.
    only: Vec<usize>,
}

/// The condition on the text between a prefix and a suffix.
#[derive(Debug, PartialEq, Eq, Hash)]
enum InnerCondition {
    /// `*` between fixed texts: nothing.
    Anything,
    /// A capture, or `*` alone: at least one byte.
    Something,
    /// Several `*`: these texts, in this order.
    InOrder(Vec<Vec<u8>>),
}

impl InnerCondition {
    fn fits(&self, text: &[u8]) -> bool {
        match self {
            Self::Anything => true,
            Self::Something => !text.is_empty(),
            Self::InOrder(parts) => in_order(text, parts),
        }
    }
}

impl PatternTree {
    /// Patterns are numbered by their place in the list.
    pub(super) fn new(patterns: &[PatternShape]) -> Self {
        let mut root = Node::default();
        let mut numbered = 0;
        for (number, pattern) in patterns.iter().enumerate() {
            let mut node = &mut root;
            for segment in &pattern.segments {
                node = node.child(segment, &mut numbered);
            }
            match pattern.tail {
                PatternTail::Exact => node.ends.push(number),
                PatternTail::Below => {
                    let below = node.below(&mut numbered);
                    below.patterns.push(number);
                    below.only.push(number);
                }
                PatternTail::AtOrBelow => {
                    node.below(&mut numbered).patterns.push(number);
                    node.ends.push(number);
                }
            }
        }
        Self { root, numbered }
    }

    /// The numbers of the patterns that match, rising.
    pub(super) fn which(&self, path: &[PathSegment<'_>]) -> Vec<usize> {
        let PatternWalk { here, deep, mut below, .. } = self.walk(path);
        below.extend(here.iter().chain(&deep).flat_map(|node| &node.ends));
        below.sort_unstable();
        below.dedup();
        below
    }

    /// Adds the patterns that match paths below `path` and take one of its segments for more than a `**` at their start.
    pub(super) fn above(&self, path: &[PathSegment<'_>], found: &mut BTreeSet<usize>) {
        let anywhere = self.root.deep.as_ref().map(|deep| &deep.node);
        let taken = |node: &&Node| anywhere.is_none_or(|anywhere| !std::ptr::eq(anywhere, *node));
        let walk = self.walk(path);
        for node in walk.here.into_iter().chain(walk.deep).filter(taken) {
            found.extend(node.below.iter().flat_map(|below| &below.only));
            node.children().for_each(|child| child.all(found));
        }
    }

    /// The places that a path leads to.
    fn walk(&self, path: &[PathSegment<'_>]) -> PatternWalk<'_> {
        let mut walk =
            PatternWalk { here: Vec::new(), deep: Vec::new(), below: Vec::new(), reached: vec![false; self.numbered] };
        walk.enter(vec![&self.root]);
        for segment in path {
            let mut next = Vec::new();
            for node in walk.here.iter().chain(&walk.deep) {
                node.step(&segment.text, &mut next);
                if let Some(below) = &node.below
                    && let Some(reached) = walk.reached.get_mut(below.number)
                    && !*reached
                {
                    *reached = true;
                    walk.below.extend(&below.patterns);
                }
            }
            walk.enter(next);
        }
        walk
    }
}

/// The result of following a path in a tree.
struct PatternWalk<'n> {
    here: Vec<&'n Node>,
    /// The places behind a `**`.
    deep: Vec<&'n Node>,
    /// The patterns that match whatever follows.
    below: Vec<usize>,
    /// Everything that was reached, by its number.
    reached: Vec<bool>,
}

impl<'n> PatternWalk<'n> {
    /// Stands at these places, and at those behind the `**` that follows each.
    fn enter(&mut self, places: Vec<&'n Node>) {
        self.here = places;
        let mut next: Vec<&'n Node> = self.here.clone();
        while let Some(node) = next.pop() {
            if let Some(deep) = &node.deep
                && let Some(reached) = self.reached.get_mut(deep.number)
                && !*reached
            {
                *reached = true;
                self.deep.push(&deep.node);
                next.push(&deep.node);
            }
        }
    }
}

impl Node {
    /// The place that a segment leads to, made if need be.
    fn child(&mut self, segment: &Segment, numbered: &mut usize) -> &mut Self {
        let (prefix, inner, suffix) = match segment {
            Segment::Literal(text) => return self.literal.entry(text.clone()).or_default(),
            Segment::Deep => {
                let deep = self.deep.get_or_insert_with(|| {
                    *numbered += 1;
                    Box::new(Deep { number: *numbered - 1, node: Self::default() })
                });
                return &mut deep.node;
            }
            Segment::Capture { prefix, suffix, .. } => (prefix, InnerCondition::Something, suffix),
            Segment::Wild { prefix, middles, suffix } => {
                let inner = if !middles.is_empty() {
                    InnerCondition::InOrder(middles.clone())
                } else if prefix.is_empty() && suffix.is_empty() {
                    InnerCondition::Something
                } else {
                    InnerCondition::Anything
                };
                (prefix, inner, suffix)
            }
        };
        self.affixed.entry(prefix).entry(suffix).entry(inner).or_default()
    }

    /// The patterns that match all that lies below this place.
    fn below(&mut self, numbered: &mut usize) -> &mut Below {
        self.below.get_or_insert_with(|| {
            *numbered += 1;
            Below { number: *numbered - 1, patterns: Vec::new(), only: Vec::new() }
        })
    }

    /// Appends the places that the next segment of a path leads to, other than through `**`.
    fn step<'n>(&'n self, segment: &[u8], next: &mut Vec<&'n Self>) {
        next.extend(self.literal.get(segment));
        for (rest, by_suffix) in self.affixed.starting(segment) {
            for (inner, nodes) in by_suffix.ending(rest) {
                next.extend(nodes.iter().filter(|(asked, _)| asked.fits(inner)).map(|(_, node)| node));
            }
        }
    }
}

impl Node {
    /// The places one segment further on.
    fn children(&self) -> impl Iterator<Item = &Self> {
        let affixed = self.affixed.values().flat_map(ByLength::values).flat_map(HashMap::values);
        self.literal.values().chain(affixed).chain(self.deep.as_ref().map(|deep| &deep.node))
    }

    /// Adds the patterns that end here or further on.
    fn all(&self, found: &mut BTreeSet<usize>) {
        let mut waiting = vec![self];
        while let Some(node) = waiting.pop() {
            found.extend(node.ends.iter().chain(node.below.iter().flat_map(|below| &below.patterns)));
            waiting.extend(node.children());
        }
    }
}

/// Texts, looked up as the start or the end of another text: one look-up for each *length* that occurs.
#[derive(Debug)]
struct ByLength<V>(BTreeMap<usize, HashMap<Vec<u8>, V>>);

impl<V> Default for ByLength<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V> ByLength<V> {
    fn values(&self) -> impl Iterator<Item = &V> {
        self.0.values().flat_map(HashMap::values)
    }
}

impl<V: Default> ByLength<V> {
    fn entry(&mut self, text: &[u8]) -> &mut V {
        self.0.entry(text.len()).or_default().entry(text.to_vec()).or_default()
    }

    /// The texts that `whole` starts with: what follows, and the value.
    fn starting<'s, 'w>(&'s self, whole: &'w [u8]) -> impl Iterator<Item = (&'w [u8], &'s V)> {
        self.0.iter().filter_map(|(length, texts)| {
            let (start, rest) = whole.split_at_checked(*length)?;
            Some((rest, texts.get(start)?))
        })
    }

    /// The texts that `whole` ends with: what goes before, and the value.
    fn ending<'s, 'w>(&'s self, whole: &'w [u8]) -> impl Iterator<Item = (&'w [u8], &'s V)> {
        self.0.iter().filter_map(|(length, texts)| {
            let (rest, end) = whole.split_at_checked(whole.len().checked_sub(*length)?)?;
            Some((rest, texts.get(end)?))
        })
    }
}
