//! Many patterns, compared with one path: a tree says which match, and only those are asked what their captures take.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::fmt;

use super::bindings::{self, Binding};
use super::tree::PatternTree;
use super::{Capture, PathSegment, Pattern, PatternShape, PatternTail, Segment, between, fold};

/// Patterns, ready to be compared with many paths.
#[derive(Debug)]
pub struct PatternSet {
    exact: PatternMatcher,
    folded: PatternMatcher,
    /// True if some pattern reads otherwise when it is folded. If none does, a path that folding leaves alone has no folded matches.
    folding_changes_a_pattern: bool,
}

/// A pattern that matches, in one of its ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'p> {
    /// The number of the pattern in its set, from 0.
    pub pattern: usize,
    /// The texts that its captures took.
    pub captures: Captures<'p>,
    /// Byte for byte; if not, only after folding.
    pub exact: bool,
}

/// The texts that the captures of a pattern took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Captures<'p> {
    /// `{environment}`, where the pattern has it.
    pub environment: Option<CapturedText<'p>>,
    /// `{region}`, where the pattern has it.
    pub region: Option<CapturedText<'p>>,
    /// `{service}`, where the pattern has it.
    pub service: Option<CapturedText<'p>>,
}

/// The text that one capture took: never empty, except for the folded form of text that consists of invisible characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CapturedText<'p> {
    /// The bytes of the path. In a folded match, where fixed text and capture can't be distinguished in them, the whole segment.
    pub raw: &'p [u8],
    /// The same after [`fold()`].
    pub folded: Cow<'p, [u8]>,
}

/// A path matches one pattern in more ways than can be listed (4,096). It takes a path that was made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyWays {
    /// The number of the pattern in its set, from 0.
    pub pattern: usize,
}

impl fmt::Display for TooManyWays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the path matches the pattern in more ways than can be listed")
    }
}

impl std::error::Error for TooManyWays {}

impl PatternSet {
    /// Puts patterns together. Their numbers are their places in the list.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a Pattern>) -> Self {
        let exact: Vec<PatternShape> = patterns.into_iter().map(|pattern| pattern.shape.clone()).collect();
        let folded: Vec<PatternShape> = exact.iter().map(PatternShape::folded).collect();
        Self {
            folding_changes_a_pattern: exact != folded,
            exact: PatternMatcher::new(exact),
            folded: PatternMatcher::new(folded),
        }
    }

    /// Appends every match of a path, exact or folded: by number of the pattern, the exact ones first, and one for each different outcome of the
    /// captures. A folded match that says the same as an exact one of the same pattern is left out.
    ///
    /// ```
    /// use freezegate::pattern::{Match, Pattern, PatternSet, PatternSubject};
    ///
    /// let pattern = Pattern::parse("deploy/{environment}/**", PatternSubject::Path).unwrap();
    /// let set = PatternSet::new([&pattern]);
    /// let mut found = Vec::new();
    /// set.matches(b"Deploy/Production/us/api.yaml", &mut found).unwrap();
    ///
    /// let [Match { pattern: 0, captures, exact: false }] = found.as_slice() else { panic!("{found:?}") };
    /// let environment = captures.environment.as_ref().unwrap();
    /// assert_eq!((environment.raw, &*environment.folded), (&b"Production"[..], &b"production"[..]));
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooManyWays`]; what was found until then does not say enough.
    pub fn matches<'p>(&self, path: &'p [u8], found: &mut Vec<Match<'p>>) -> Result<(), TooManyWays> {
        let mut exact = Vec::new();
        self.matches_exactly(path, &mut exact)?;
        let (parts, changed) = folded_segments(path);
        if changed || self.folding_changes_a_pattern {
            let mut folded = Vec::new();
            self.folded.matches(&parts, false, &mut folded)?;
            add_folded(&mut exact, folded);
        }
        found.append(&mut exact);
        Ok(())
    }

    /// Returns what the patterns that match paths below a folder, at any depth, take from the folder itself, exact or folded:
    /// captures of segments further down are left out. The root is the empty path.
    ///
    /// ```
    /// use freezegate::pattern::{Pattern, PatternSet, PatternSubject};
    ///
    /// let pattern = Pattern::parse("deploy/{environment}/{region}/**", PatternSubject::Path).unwrap();
    /// let set = PatternSet::new([&pattern]);
    /// let below = set.below(b"deploy/production").unwrap();
    /// let captures = &below[0].captures;
    /// assert_eq!(captures.environment.as_ref().unwrap().raw, b"production");
    /// assert_eq!(captures.region, None);
    /// assert!(set.below(b"docs").unwrap().is_empty());
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooManyWays`].
    pub fn below<'p>(&self, folder: &'p [u8]) -> Result<Vec<Match<'p>>, TooManyWays> {
        let mut exact = Vec::new();
        let segments = if folder.is_empty() { Vec::new() } else { exact_segments(folder) };
        self.exact.below(&segments, true, &mut exact)?;
        if !folder.is_empty() {
            let mut folded = Vec::new();
            self.folded.below(&folded_segments(folder).0, false, &mut folded)?;
            add_folded(&mut exact, folded);
        }
        Ok(exact)
    }

    /// Appends the exact matches of a path alone, as [`matches`](Self::matches) does.
    ///
    /// # Errors
    ///
    /// [`TooManyWays`]; what was found until then does not say enough.
    pub fn matches_exactly<'p>(&self, path: &'p [u8], found: &mut Vec<Match<'p>>) -> Result<(), TooManyWays> {
        self.exact.matches(&exact_segments(path), true, found)
    }

    /// Returns the numbers of the patterns that match a path exactly, rising.
    #[must_use]
    pub fn which_exactly(&self, path: &[u8]) -> Vec<usize> {
        self.exact.tree.which(&exact_segments(path))
    }

    /// Returns whether any pattern matches a path exactly: what `except` asks.
    #[must_use]
    pub fn any_exactly(&self, path: &[u8]) -> bool {
        !self.exact.tree.which(&exact_segments(path)).is_empty()
    }
}

impl PatternSet {
    /// The patterns, by their numbers, of which matches can lie below `path`, be it as it is or folded: what stands in the place of a folder there decides over them all. A pattern that begins with `**` says so only of
    /// paths that end in what follows it; else every folder would do.
    ///
    /// ```
    /// use freezegate::pattern::{Pattern, PatternSet, PatternSubject};
    ///
    /// let pattern = Pattern::parse("deploy/{environment}/**", PatternSubject::Path).unwrap();
    /// let set = PatternSet::new([&pattern]);
    /// assert_eq!(set.above(b"Deploy/production").into_iter().collect::<Vec<usize>>(), [0]);
    /// assert!(set.above(b"docs").is_empty());
    /// ```
    #[must_use]
    pub fn above(&self, path: &[u8]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.exact.tree.above(&exact_segments(path), &mut found);
        self.folded.tree.above(&folded_segments(path).0, &mut found);
        found
    }
}

/// Adds the folded matches that say more than the exact ones.
fn add_folded<'p>(exact: &mut Vec<Match<'p>>, mut folded: Vec<Match<'p>>) {
    let said: HashSet<_> = exact.iter().map(Match::folded_outcome).collect();
    folded.retain(|further| !said.contains(&further.folded_outcome()));
    exact.append(&mut folded);
    // Stable: within one pattern, the exact ones stay first.
    exact.sort_by_key(|found| found.pattern);
}

impl Match<'_> {
    /// Returns what it says when case and look-alikes are left aside.
    fn folded_outcome(&self) -> (usize, [Option<&[u8]>; 3]) {
        let Captures { environment, region, service } = &self.captures;
        (
            self.pattern,
            [environment, region, service].map(|captured| captured.as_ref().map(|captured| captured.folded.as_ref())),
        )
    }
}

fn exact_segments(path: &[u8]) -> Vec<PathSegment<'_>> {
    path.split(|byte| *byte == b'/').map(|raw| PathSegment { raw, text: Cow::Borrowed(raw) }).collect()
}

/// The segments of the folded path, and whether folding changed any. A look-alike of `/` divides here as `/` does.
fn folded_segments(path: &[u8]) -> (Vec<PathSegment<'_>>, bool) {
    let mut parts = Vec::new();
    let mut changed = false;
    for raw in path.split(|byte| *byte == b'/') {
        match fold(raw) {
            text @ Cow::Borrowed(_) => parts.push(PathSegment { raw, text }),
            Cow::Owned(text) => {
                changed = true;
                parts.extend(
                    text.split(|byte| *byte == b'/').map(|piece| PathSegment { raw, text: Cow::Owned(piece.to_vec()) }),
                );
            }
        }
    }
    (parts, changed)
}

/// Patterns, and the tree that finds those which match.
#[derive(Debug)]
struct PatternMatcher {
    patterns: Vec<PatternShape>,
    tree: PatternTree,
}

impl PatternMatcher {
    fn new(patterns: Vec<PatternShape>) -> Self {
        Self { tree: PatternTree::new(&patterns), patterns }
    }

    fn matches<'p>(
        &self,
        path: &[PathSegment<'p>],
        exact: bool,
        found: &mut Vec<Match<'p>>,
    ) -> Result<(), TooManyWays> {
        for number in self.tree.which(path) {
            let Some(pattern) = self.patterns.get(number) else {
                continue;
            };
            if pattern.segments.iter().all(|segment| segment.capture().is_none()) {
                found.push(Match { pattern: number, captures: Captures::default(), exact });
                continue;
            }
            let ways =
                bindings::bindings(pattern, path).map_err(|bindings::TooMany| TooManyWays { pattern: number })?;
            let mut said = HashSet::with_capacity(ways.len());
            for way in &ways {
                let captures = captures(&pattern.segments, way, path, exact);
                if said.insert(captures.clone()) {
                    found.push(Match { pattern: number, captures, exact });
                }
            }
        }
        Ok(())
    }
}

impl PatternMatcher {
    /// Appends what the patterns that match below a folder take from it.
    fn below<'p>(
        &self,
        folder: &[PathSegment<'p>],
        exact: bool,
        found: &mut Vec<Match<'p>>,
    ) -> Result<(), TooManyWays> {
        for (number, pattern) in self.patterns.iter().enumerate() {
            let mut said = HashSet::new();
            // as many segments of the pattern lie in the folder; what remains matches something below it
            for length in 0..=pattern.segments.len() {
                let Some(segments) = pattern.segments.get(..length) else {
                    continue;
                };
                let tail = match (length < pattern.segments.len(), pattern.tail) {
                    (true, PatternTail::Exact | PatternTail::Below | PatternTail::AtOrBelow) => PatternTail::Exact,
                    (false, PatternTail::Below | PatternTail::AtOrBelow) => PatternTail::AtOrBelow,
                    (false, PatternTail::Exact) => continue,
                };
                let ways = bindings::part_bindings(segments, tail, folder)
                    .map_err(|bindings::TooMany| TooManyWays { pattern: number })?;
                for way in &ways {
                    let captures = captures(segments, way, folder, exact);
                    if said.insert(captures.clone()) {
                        found.push(Match { pattern: number, captures, exact });
                    }
                }
            }
        }
        Ok(())
    }
}

/// The text that a way of matching gives to each capture.
fn captures<'p>(pattern: &[Segment], way: &Binding, path: &[PathSegment<'p>], exact: bool) -> Captures<'p> {
    let mut captures = Captures::default();
    for segment in pattern {
        let Segment::Capture { capture, prefix, suffix } = segment else {
            continue;
        };
        let place = way.iter().find(|(taken, _)| taken == capture).and_then(|(_, place)| path.get(*place));
        let captured = place.and_then(|part| {
            if exact {
                between(part.raw, prefix, suffix).map(|raw| CapturedText { raw, folded: fold(raw) })
            } else {
                between(&part.text, prefix, suffix)
                    .map(|text| CapturedText { raw: part.raw, folded: Cow::Owned(text.to_vec()) })
            }
        });
        match capture {
            Capture::Environment => captures.environment = captured,
            Capture::Region => captures.region = captured,
            Capture::Service => captures.service = captured,
        }
    }
    captures
}
