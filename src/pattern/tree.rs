//! Which of many patterns match, found in one pass over the segments of a path.
//!
//! Patterns that begin alike share their beginning. From a place in the tree, one look-up by the text of the next segment finds all that goes
//! on with it, so patterns that cannot match cost nothing, however many they are. Segments with a `*` or a capture are looked up by the fixed
//! text at their start and end.

use std::collections::{BTreeMap, HashMap};

use super::{PathSegment, Segment, in_order};

/// Patterns as a tree of their segments.
#[derive(Debug)]
pub(super) struct Tree {
    root: Node,
    deep_nodes: usize,
}

/// A place in the tree: some segments of a pattern have been matched.
#[derive(Debug, Default)]
struct Node {
    /// The patterns that end here.
    ends: Vec<usize>,
    literal: HashMap<Vec<u8>, Node>,
    /// By prefix, then by suffix.
    affixed: ByLength<ByLength<HashMap<Inner, Node>>>,
    deep: Option<Box<Deep>>,
}

/// The place after a `**`. Once reached, it stays reached for the rest of the path.
#[derive(Debug)]
struct Deep {
    /// Numbers the places of this sort in one tree.
    number: usize,
    node: Node,
}

/// What is asked of the text between a prefix and a suffix.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Inner {
    /// `*` between fixed texts: nothing.
    Anything,
    /// A capture, or `*` alone: at least one byte.
    Something,
    /// Several `*`: these texts, in this order.
    InOrder(Vec<Vec<u8>>),
}

impl Inner {
    fn fits(&self, text: &[u8]) -> bool {
        match self {
            Self::Anything => true,
            Self::Something => !text.is_empty(),
            Self::InOrder(parts) => in_order(text, parts),
        }
    }
}

impl Tree {
    /// Patterns are numbered by their place in the list.
    pub(super) fn new(patterns: &[Vec<Segment>]) -> Self {
        let mut root = Node::default();
        let mut deep_nodes = 0;
        for (number, pattern) in patterns.iter().enumerate() {
            let mut node = &mut root;
            for segment in pattern {
                node = node.child(segment, &mut deep_nodes);
            }
            node.ends.push(number);
        }
        Self { root, deep_nodes }
    }

    /// The numbers of the patterns that match, rising.
    pub(super) fn which(&self, path: &[PathSegment<'_>]) -> Vec<usize> {
        let mut numbers: Vec<usize> = self.walk(path).into_iter().flat_map(|node| &node.ends).copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// A pattern, among those that `asked` takes, that matches paths below `path` and takes one of its segments for more than
    /// a `**` at its start.
    pub(super) fn above(&self, path: &[PathSegment<'_>], asked: &impl Fn(usize) -> bool) -> Option<usize> {
        let anywhere = self.root.deep.as_ref().map(|deep| &deep.node);
        let taken = |node: &&Node| anywhere.is_none_or(|anywhere| !std::ptr::eq(anywhere, *node));
        self.walk(path).into_iter().filter(taken).find_map(|node| node.children().find_map(|child| child.first(asked)))
    }

    /// The places that a path leads to.
    fn walk(&self, path: &[PathSegment<'_>]) -> Vec<&Node> {
        let mut here = vec![&self.root];
        let mut deep: Vec<&Node> = Vec::new();
        let mut reached = vec![false; self.deep_nodes];
        for segment in path {
            let mut next = Vec::new();
            let mut deeper = Vec::new();
            for node in here.iter().chain(&deep) {
                node.step(&segment.text, &mut next);
                if let Some(below) = &node.deep
                    && let Some(reached) = reached.get_mut(below.number)
                    && !*reached
                {
                    *reached = true;
                    deeper.push(&below.node);
                }
            }
            here = next;
            deep.append(&mut deeper);
        }
        here.append(&mut deep);
        here
    }
}

impl Node {
    /// The place that a segment leads to, made if need be.
    fn child(&mut self, segment: &Segment, deep_nodes: &mut usize) -> &mut Self {
        let (prefix, inner, suffix) = match segment {
            Segment::Literal(text) => return self.literal.entry(text.clone()).or_default(),
            Segment::Deep => {
                let deep = self.deep.get_or_insert_with(|| {
                    *deep_nodes += 1;
                    Box::new(Deep { number: *deep_nodes - 1, node: Self::default() })
                });
                return &mut deep.node;
            }
            Segment::Capture { prefix, suffix, .. } => (prefix, Inner::Something, suffix),
            Segment::Wild { prefix, middles, suffix } => {
                let inner = if !middles.is_empty() {
                    Inner::InOrder(middles.clone())
                } else if prefix.is_empty() && suffix.is_empty() {
                    Inner::Something
                } else {
                    Inner::Anything
                };
                (prefix, inner, suffix)
            }
        };
        self.affixed.entry(prefix).entry(suffix).entry(inner).or_default()
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

    /// A pattern, among those that `asked` takes, that ends here or further on.
    fn first(&self, asked: &impl Fn(usize) -> bool) -> Option<usize> {
        let mut waiting = vec![self];
        while let Some(node) = waiting.pop() {
            if let Some(found) = node.ends.iter().copied().find(|number| asked(*number)) {
                return Some(found);
            }
            waiting.extend(node.children());
        }
        None
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
