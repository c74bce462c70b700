//! The patterns of `[[targets]]`: which paths, and which refs.
//!
//! A pattern is a list of segments, divided by `/` and compared with the segments of a path, byte for byte, from the root of the repository on:
//! nothing matches as a substring or a suffix of a path (`deploy/prod` is neither `deploy/preprod` nor `eu/deploy/prod`).
//!
//! | segment | matches |
//! |---|---|
//! | `deploy` | that segment |
//! | `*`, `*.tf`, `v*-*` | one segment; each `*` is any run of bytes (of a segment that is not empty) |
//! | `**` at the start or in the middle | any number of folders, none included |
//! | `**` at the end | all that lies below: one segment or more |
//! | `{environment}`, `env-{region}.yaml` | one segment; the capture takes one byte or more between the fixed texts |
//!
//! A pattern of paths that ends in a segment of fixed text matches that path *and all that lies below it*, as in gitignore(5) and CODEOWNERS:
//! `deploy/prod` is also `deploy/prod/a.yaml`. Patterns of refs are full names and match nothing below.
//!
//! The captures are `{environment}`, `{region}` and `{service}`: each at most once in a pattern, at most one in a segment, and not beside a
//! `*`. So the text that a capture takes from a segment is never in doubt. Which segment it takes may be, after a `**`: then
//! every way is a match of its own.
//!
//! `\` before one of `* ? [ ] { } ! # \` and the blank takes it as it is: `\[` is a bracket. There is nothing else: no `?`, `[a-z]`, `{a,b}`
//! and no `!`. A pattern that holds them is refused, with what to write instead.
//!
//! # Exact and folded
//!
//! Git compares names byte for byte. File systems and eyes do not: on a case-insensitive one `Deploy/` *is* `deploy/`, and `dеploy/` with a
//! Cyrillic `е` looks like it. [`PatternSet::matches`] reports such a path too, with [`Match::exact`] false; what [`fold()`] makes equal counts as
//! equal. Where a match *lets go* (`except`), only the exact one may count: [`PatternSet::matches_exactly`].

mod bindings;
mod command;
mod fold;
mod language;
mod parse;
mod regex;
mod set;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;
use std::fmt;

pub use command::{command_text, name_text, told_command};
pub use fold::fold;
pub(crate) use fold::is_invisible;
pub use language::{Inclusion, included, included_exactly};
pub use parse::PatternError;
pub use regex::regular_expression;
pub use set::{CapturedText, Captures, Match, PatternSet, TooManyWays};

/// The sort of text that a pattern is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternSubject {
    /// Paths from the root of a repository: bytes, divided by `/`.
    Path,
    /// Full ref names: `refs/heads/main`.
    Ref,
    /// The arguments of a command, see [`Pattern::of_command`].
    Command,
    /// A name, such as that of a context, see [`Pattern::of_name`].
    Name,
}

/// The names that a pattern can capture from a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capture {
    /// `{environment}`
    Environment,
    /// `{region}`
    Region,
    /// `{service}`
    Service,
}

impl Capture {
    /// Every capture, in the order in which they are printed.
    pub const ALL: [Self; 3] = [Self::Environment, Self::Region, Self::Service];

    /// The name between the braces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Region => "region",
            Self::Service => "service",
        }
    }
}

impl fmt::Display for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.name())
    }
}

/// One pattern, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    shape: PatternShape,
}

impl Pattern {
    /// Reads the text of a pattern.
    ///
    /// ```
    /// use freezegate::pattern::{Capture, Pattern, PatternSubject};
    ///
    /// let pattern = Pattern::parse("deploy/{environment}/**", PatternSubject::Path).unwrap();
    /// assert_eq!(pattern.captures().collect::<Vec<_>>(), [Capture::Environment]);
    ///
    /// let errors = Pattern::parse("deploy/{env}/", PatternSubject::Path).unwrap_err();
    /// assert_eq!(errors.len(), 2);
    /// assert_eq!(errors[0].range, 7..12);
    /// assert!(errors[0].help.contains("`{environment}`"));
    /// ```
    ///
    /// # Errors
    ///
    /// All that is wrong with it, in the order of the text; never an empty list.
    pub fn parse(text: &str, subject: PatternSubject) -> Result<Self, Vec<PatternError>> {
        if subject == PatternSubject::Name {
            return Self::of_name(text);
        }
        let shape = parse::shape(text, subject)?;
        Ok(Self { text: text.to_owned(), shape })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where the first captured segment is; `None` where nothing is captured, or the way to it is not fixed text.
    #[must_use]
    pub fn first_capture(&self) -> Option<CaptureSite> {
        let mut folder = Vec::new();
        let mut segments = self.shape.segments.iter().peekable();
        while let Some(segment) = segments.next() {
            match segment {
                Segment::Literal(text) => {
                    folder.extend_from_slice(text);
                    folder.push(b'/');
                }
                Segment::Capture { prefix, suffix, .. } => {
                    let is_file = segments.peek().is_none() && self.shape.tail == PatternTail::Exact;
                    let is_part = !(prefix.is_empty() && suffix.is_empty());
                    let around = (is_file && is_part).then(|| (prefix.clone(), suffix.clone()));
                    return Some(CaptureSite { folder, around });
                }
                Segment::Deep | Segment::Wild { .. } => return None,
            }
        }
        None
    }

    /// Returns whether whatever lies below a path that it matches is matched too: it ends in `**`, or for paths in a segment of fixed
    /// text.
    #[must_use]
    pub const fn matches_below(&self) -> bool {
        match self.shape.tail {
            PatternTail::Below | PatternTail::AtOrBelow => true,
            PatternTail::Exact => false,
        }
    }

    /// Returns what it captures, in the order of the text.
    pub fn captures(&self) -> impl Iterator<Item = Capture> {
        self.shape.segments.iter().filter_map(Segment::capture)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where a pattern captures first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureSite {
    /// The folder above, with a `/` at its end; empty for the root.
    pub folder: Vec<u8>,
    /// The fixed text before and after it, where it is a part of a file's name: of `values-{environment}.yaml`, `values-` and `.yaml`.
    pub around: Option<(Vec<u8>, Vec<u8>)>,
}

impl CaptureSite {
    /// Returns whether a file is one of those among which the captured ones are: in the folder or below; where the capture is a part of a
    /// file's name, only in the folder itself and named alike, with or without what is captured.
    #[must_use]
    pub fn is_beside(&self, path: &[u8]) -> bool {
        let Some(rest) = path.strip_prefix(self.folder.as_slice()) else {
            return false;
        };
        let Some((before, after)) = &self.around else {
            return true;
        };
        // `values.yaml` is what `values-production.yaml` and its like have in common
        let start =
            before.strip_suffix(b"-").or(before.strip_suffix(b"_")).or(before.strip_suffix(b".")).unwrap_or(before);
        let end = after.strip_prefix(b"-").or(after.strip_prefix(b"_")).unwrap_or(after);
        !rest.contains(&b'/') && rest.strip_prefix(start).is_some_and(|rest| rest.ends_with(end))
    }
}

/// A pattern, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PatternShape {
    segments: Vec<Segment>,
    tail: PatternTail,
}

impl PatternShape {
    /// The same, its fixed text folded.
    fn folded(&self) -> Self {
        Self { segments: self.segments.iter().map(Segment::folded).collect(), tail: self.tail }
    }
}

/// The way in which a pattern ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PatternTail {
    /// With its last segment.
    Exact,
    /// With `**`: one segment or more follow.
    Below,
    /// With a segment of fixed text: any number of segments follow, none included.
    AtOrBelow,
}

/// One segment of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// Fixed text.
    Literal(Vec<u8>),
    /// `**`, not at the end: any number of folders, none included.
    Deep,
    /// Fixed text with at least one `*`: `prefix`*`middle[0]`*…*`suffix`.
    Wild { prefix: Vec<u8>, middles: Vec<Vec<u8>>, suffix: Vec<u8> },
    /// A capture, with the fixed text around it.
    Capture { capture: Capture, prefix: Vec<u8>, suffix: Vec<u8> },
}

impl Segment {
    fn capture(&self) -> Option<Capture> {
        match self {
            Self::Capture { capture, .. } => Some(*capture),
            Self::Literal(_) | Self::Deep | Self::Wild { .. } => None,
        }
    }

    /// Returns whether one segment of a path matches; for `**`, whether it may be among those that it takes.
    fn fits(&self, segment: &[u8]) -> bool {
        match self {
            Self::Literal(text) => text == segment,
            Self::Deep => true,
            Self::Wild { prefix, middles, suffix } => {
                between(segment, prefix, suffix).is_some_and(|inner| !segment.is_empty() && in_order(inner, middles))
            }
            Self::Capture { prefix, suffix, .. } => {
                between(segment, prefix, suffix).is_some_and(|inner| !inner.is_empty())
            }
        }
    }

    /// The same segment, its fixed text folded.
    fn folded(&self) -> Self {
        let fold = |text: &Vec<u8>| fold(text).into_owned();
        match self {
            Self::Literal(text) => Self::Literal(fold(text)),
            Self::Deep => Self::Deep,
            Self::Wild { prefix, middles, suffix } => {
                Self::Wild { prefix: fold(prefix), middles: middles.iter().map(fold).collect(), suffix: fold(suffix) }
            }
            Self::Capture { capture, prefix, suffix } => {
                Self::Capture { capture: *capture, prefix: fold(prefix), suffix: fold(suffix) }
            }
        }
    }
}

/// Returns what stands between a prefix and a suffix that do not overlap.
fn between<'s>(segment: &'s [u8], prefix: &[u8], suffix: &[u8]) -> Option<&'s [u8]> {
    segment.strip_prefix(prefix)?.strip_suffix(suffix)
}

/// Returns whether all of `parts` stand in `text`, in this order and without overlap. Taking the first place each time is enough: it leaves the
/// most for the rest.
fn in_order(text: &[u8], parts: &[Vec<u8>]) -> bool {
    let mut rest = text;
    for part in parts {
        // A window of no length would panic; a text of no length stands everywhere.
        let length = part.len().max(1);
        match rest.windows(length).position(|window| window == part.as_slice()) {
            Some(place) => rest = rest.split_at(place + length).1,
            None if part.is_empty() => {}
            None => return false,
        }
    }
    true
}

/// One segment of a path: as git has it, and the text that patterns are compared with.
struct PathSegment<'p> {
    raw: &'p [u8],
    text: Cow<'p, [u8]>,
}
