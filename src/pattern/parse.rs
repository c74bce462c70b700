//! The text of a pattern → its segments, or everything that is wrong with it.

use std::ops::Range;

use super::{Capture, PatternShape, PatternSubject, PatternTail, Segment, is_invisible};

/// One thing that is wrong with the text of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// The place: bytes of the text; empty only for an empty text.
    pub range: Range<usize>,
    /// The problem.
    pub cause: String,
    /// The right form.
    pub help: String,
}

/// A name is offered as "did you mean" from this likeness on (Jaro-Winkler, 0 to 1): `env` is near to `environment`, `team` to nothing.
const NEAR: f64 = 0.75;

/// Longer than any path that a checkout can hold (Linux's `PATH_MAX`). It bounds the depth of what patterns are put into.
const MOST_BYTES: usize = 4096;

/// Characters that `\` takes as they are, as in gitignore(5).
const ESCAPABLE: [char; 10] = ['*', '?', '[', ']', '{', '}', '!', '#', ' ', '\\'];

/// A part of a name that is empty: what no part of a path can be.
pub(super) const EMPTY_PART: [u8; 2] = [0, 0];

pub(super) fn shape(text: &str, subject: PatternSubject) -> Result<PatternShape, Vec<PatternError>> {
    let mut parser = Parser { subject, errors: Vec::new(), captured: Vec::new() };
    let mut segments = parser.pattern(text);
    if !parser.errors.is_empty() {
        return Err(parser.errors);
    }
    // any number of folders, and any number of them again, is any number
    segments.dedup_by(|one, before| *one == Segment::Deep && *before == Segment::Deep);
    let tail = match (segments.last(), subject) {
        (Some(Segment::Deep), _) => {
            segments.pop();
            PatternTail::Below
        }
        (Some(Segment::Literal(_)), PatternSubject::Path) => PatternTail::AtOrBelow,
        (Some(Segment::Literal(_) | Segment::Wild { .. } | Segment::Capture { .. }) | None, _) => PatternTail::Exact,
    };
    Ok(PatternShape { segments, tail })
}

/// The words of a pattern of commands → its segments, or everything that is wrong with them, each with the number of its word.
pub(super) fn words(words: &[&str]) -> Result<PatternShape, Vec<(usize, PatternError)>> {
    let mut parser = Parser { subject: PatternSubject::Command, errors: Vec::new(), captured: Vec::new() };
    let mut errors = Vec::new();
    let mut segments = Vec::new();
    let mut bytes = 0_usize;
    for (word, number) in words.iter().zip(0..) {
        bytes = bytes.saturating_add(word.len());
        if word.is_empty() {
            parser.error(0..0, "the argument is empty", "`*` matches any argument, an empty one too");
        } else if bytes > MOST_BYTES {
            parser.error(0..word.len(), "a pattern of too many bytes", format!("at most {MOST_BYTES} bytes in all"));
        } else {
            segments.extend(parser.segment(word, 0));
        }
        errors.extend(parser.errors.drain(..).map(|error| (number, error)));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    segments.dedup_by(|one, before| *one == Segment::Deep && *before == Segment::Deep);
    let tail = match segments.last() {
        Some(Segment::Deep) => {
            segments.pop();
            // there is a program in any case
            if segments.is_empty() { PatternTail::Below } else { PatternTail::AtOrBelow }
        }
        Some(Segment::Literal(_) | Segment::Wild { .. } | Segment::Capture { .. }) | None => PatternTail::Exact,
    };
    Ok(PatternShape { segments, tail })
}

/// A pattern of a name → its segments, or everything that is wrong with it.
pub(super) fn name(text: &str) -> Result<PatternShape, Vec<PatternError>> {
    let mut parser = Parser { subject: PatternSubject::Name, errors: Vec::new(), captured: Vec::new() };
    let mut segments = Vec::new();
    if text.is_empty() {
        parser.error(0..0, "the pattern is empty", "`*` matches every name");
    } else if text.len() > MOST_BYTES {
        parser.error(0..text.len(), "a pattern of too many bytes", format!("at most {MOST_BYTES} bytes"));
    } else {
        if text.starts_with('*') {
            segments.push(Segment::Deep);
        }
        let mut start = 0;
        for part in text.split('/') {
            if part.is_empty() {
                segments.push(Segment::Literal(EMPTY_PART.to_vec()));
            } else {
                segments.extend(parser.segment(part, start));
            }
            start += part.len() + 1;
        }
    }
    if !parser.errors.is_empty() {
        return Err(parser.errors);
    }
    let ends_open = matches!(segments.last(), Some(Segment::Wild { suffix, .. }) if suffix.is_empty());
    Ok(PatternShape { segments, tail: if ends_open { PatternTail::AtOrBelow } else { PatternTail::Exact } })
}

struct Parser {
    subject: PatternSubject,
    errors: Vec<PatternError>,
    captured: Vec<Capture>,
}

/// A piece of one segment.
enum SegmentPiece {
    Text(String),
    Star,
    Capture(Capture),
}

impl Parser {
    fn error(&mut self, range: Range<usize>, cause: impl Into<String>, help: impl Into<String>) {
        self.errors.push(PatternError { range, cause: cause.into(), help: help.into() });
    }

    fn pattern(&mut self, text: &str) -> Vec<Segment> {
        let everything = match self.subject {
            PatternSubject::Path => "`**` matches every path",
            PatternSubject::Ref => "`refs/**` matches every ref",
            PatternSubject::Command => "`**` matches every command",
            PatternSubject::Name => "`*` matches every name",
        };
        if text.is_empty() {
            self.error(0..0, "the pattern is empty", everything);
            return Vec::new();
        }
        if text.bytes().all(|byte| byte == b'/') {
            self.error(0..text.len(), "a pattern of `/` alone matches nothing", everything);
            return Vec::new();
        }
        if text.len() > MOST_BYTES {
            self.error(
                0..text.len(),
                format!("a pattern of {} bytes", text.len()),
                format!("at most {MOST_BYTES} bytes, as in a path"),
            );
            return Vec::new();
        }
        if self.subject == PatternSubject::Ref {
            self.full_ref_name(text);
        }
        let mut segments = Vec::new();
        let mut start = 0;
        for segment in text.split('/') {
            let end = start + segment.len();
            if segment.is_empty() {
                self.empty_segment(text, start);
            } else {
                segments.extend(self.segment(segment, start));
            }
            start = end + 1;
        }
        segments
    }

    fn full_ref_name(&mut self, text: &str) {
        if text.starts_with("refs/") || text.starts_with('/') {
            return;
        }
        let help = if text == "HEAD" || text == "refs" {
            "a branch is `refs/heads/NAME`".to_owned()
        } else if text.starts_with('*') {
            format!("`refs/{text}`")
        } else if ["heads/", "tags/", "remotes/"].iter().any(|kind| text.starts_with(kind)) {
            format!("in full: `refs/{text}`")
        } else {
            format!("a branch is `refs/heads/{text}`, a tag `refs/tags/{text}`")
        };
        self.error(0..text.len(), format!("`{text}` is not a full ref name: those start with `refs/`"), help);
    }

    /// `start` is where the segment would be.
    fn empty_segment(&mut self, text: &str, start: usize) {
        let thing = match self.subject {
            PatternSubject::Path => "path",
            PatternSubject::Ref => "ref",
            PatternSubject::Command => "command",
            PatternSubject::Name => "name",
        };
        if start == 0 {
            let rest = text.trim_start_matches('/');
            self.error(
                0..1,
                format!("the {thing} `{text}` starts with `/`"),
                format!("write it from the root: `{rest}`"),
            );
        } else if start == text.len() {
            self.error(
                start - 1..start,
                format!("the {thing} `{text}` ends in `/`"),
                format!("write `{text}**` for everything below it"),
            );
        } else {
            self.error(start - 1..start + 1, "an empty segment", "write one `/` between two segments");
        }
    }

    fn segment(&mut self, segment: &str, start: usize) -> Option<Segment> {
        let whole = start..start + segment.len();
        if segment == "**" && self.subject != PatternSubject::Name {
            return Some(Segment::Deep);
        }
        let is_of_files = matches!(self.subject, PatternSubject::Path | PatternSubject::Ref);
        if is_of_files && (segment == "." || segment == "..") {
            self.error(
                whole,
                format!("no path in git has a segment `{segment}`"),
                "write it from the root of the repository, without `.` and `..`",
            );
            return None;
        }
        if self.subject == PatternSubject::Ref {
            self.ref_format(segment, start);
        }
        let before = self.errors.len();
        let pieces = self.pieces(segment, start);
        let stars = pieces.iter().filter(|piece| matches!(piece, SegmentPiece::Star)).count();
        let captures = pieces.iter().filter(|piece| matches!(piece, SegmentPiece::Capture(_))).count();
        if captures > 1 {
            self.error(
                whole,
                format!("one segment has {captures} captures"),
                "write one capture a segment, alone or with fixed text around it",
            );
        } else if captures == 1 && stars > 0 {
            self.error(
                whole,
                "one segment has a capture and `*`",
                "a capture takes all that the fixed text around it leaves: drop the `*`",
            );
        }
        (self.errors.len() == before).then(|| assemble(pieces))
    }

    fn pieces(&mut self, segment: &str, start: usize) -> Vec<SegmentPiece> {
        let mut pieces = Vec::new();
        let mut rest = segment;
        while let Some(character) = rest.chars().next() {
            let at = start + segment.len() - rest.len();
            let here = at..at + character.len_utf8();
            let taken = match character {
                '*' => {
                    let stars = rest.len() - rest.trim_start_matches('*').len();
                    if stars > 1 {
                        let (cause, help) = match self.subject {
                            PatternSubject::Name => {
                                ("the pattern of a name can't have `**`", "write `*`: it matches any text")
                            }
                            PatternSubject::Path | PatternSubject::Ref | PatternSubject::Command => (
                                "`**` is always a whole segment",
                                "write `*` within a segment, or `**` with `/` around it: `**/*.md`",
                            ),
                        };
                        self.error(at..at + stars, cause, help);
                    }
                    pieces.push(SegmentPiece::Star);
                    stars
                }
                '\\' if let Some(escaped) = rest.chars().nth(1).filter(|next| ESCAPABLE.contains(next)) => {
                    if self.subject == PatternSubject::Ref && matches!(escaped, '*' | '?' | '[' | ' ' | '\\') {
                        self.error(
                            at..at + 2,
                            format!("no ref has `{escaped}` in its name"),
                            "see git-check-ref-format(1)",
                        );
                    }
                    push_text(&mut pieces, escaped);
                    1 + escaped.len_utf8()
                }
                '{' => match self.capture(rest, at) {
                    Ok((capture, length)) => {
                        pieces.extend(capture.map(SegmentPiece::Capture));
                        length
                    }
                    Err(Unclosed) => {
                        self.error(
                            here,
                            "`{` is not closed in its segment",
                            format!("captures are {}; `\\{{` is a brace itself", known()),
                        );
                        1
                    }
                },
                _ => {
                    self.fixed(character, here);
                    push_text(&mut pieces, character);
                    character.len_utf8()
                }
            };
            rest = rest.get(taken..).unwrap_or("");
        }
        pieces
    }

    /// `rest` starts with `{`. Gives the capture, if it is a good one, and the length of its text.
    fn capture(&mut self, rest: &str, at: usize) -> Result<(Option<Capture>, usize), Unclosed> {
        let inner = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(inner, _)| inner);
        let inner = inner.filter(|inner| !inner.contains('{')).ok_or(Unclosed)?;
        let length = inner.len() + 2;
        let range = at..at + length;
        let found = Capture::ALL.into_iter().find(|capture| capture.name() == inner);
        match found {
            Some(capture) if self.captured.contains(&capture) => {
                self.error(
                    range,
                    format!("`{capture}` appears twice in one pattern"),
                    "capture it once, and match it elsewhere with `*`",
                );
            }
            Some(capture) => self.captured.push(capture),
            None if inner.contains(',') => {
                self.error(
                    range,
                    "alternatives in braces are not known here",
                    "write one pattern for each, as items of the list",
                );
            }
            None => self.error(range, format!("no capture is called `{{{inner}}}`"), nearest(inner)),
        }
        Ok((found, length))
    }

    /// One character of fixed text.
    fn fixed(&mut self, character: char, range: Range<usize>) {
        match character {
            '}' => self.error(range, "`}` without `{`", format!("captures are {}; `\\}}` is a brace itself", known())),
            '\\' => self.error(
                range,
                "`\\` escapes nothing here",
                "`/` divides segments; `\\` goes before one of `* ? [ ] { } ! # \\` and the blank, to take it as it is",
            ),
            '?' => self.error(
                range,
                "`?` for one character is not known here",
                "`*` matches any run of characters within a segment; `\\?` is a question mark",
            ),
            '[' => self.error(
                range,
                "`[...]` for a set of characters is not known here",
                "`*`, or one pattern for each, as items of the list; `\\[` is a bracket itself",
            ),
            '!' if range.start == 0 => self.error(
                range,
                "`!` for the opposite is not known here",
                "what shall not match goes into `except`; `\\!` is the character itself",
            ),
            '~' | '^' | ':' | ' ' if self.subject == PatternSubject::Ref => {
                self.error(range, format!("no ref has `{character}` in its name"), "see git-check-ref-format(1)");
            }
            _ if character.is_control() || is_invisible(character) => {
                let code = character.escape_unicode();
                self.error(range, format!("an invisible character, `{code}`"), "remove it, or match it with `*`");
            }
            _ => {}
        }
    }

    /// The rules of git-check-ref-format(1) about a whole component. A pattern that breaks one would never match.
    fn ref_format(&mut self, segment: &str, start: usize) {
        let cause = if segment.starts_with('.') {
            "no part of a ref starts with `.`"
        } else if segment.ends_with(".lock") {
            "no part of a ref ends in `.lock`"
        } else if segment.contains("..") {
            "no ref has `..` in its name"
        } else {
            return;
        };
        self.error(start..start + segment.len(), cause, "see git-check-ref-format(1)");
    }
}

fn push_text(pieces: &mut Vec<SegmentPiece>, character: char) {
    if let Some(SegmentPiece::Text(text)) = pieces.last_mut() {
        text.push(character);
    } else {
        pieces.push(SegmentPiece::Text(character.to_string()));
    }
}

/// A `{` whose `}` is not in the same segment.
struct Unclosed;

fn known() -> String {
    let names: Vec<String> = Capture::ALL.iter().map(|capture| format!("`{capture}`")).collect();
    names.join(", ")
}

fn nearest(name: &str) -> String {
    let likeness = |capture: &Capture| strsim::jaro_winkler(&name.to_lowercase(), capture.name());
    let best = Capture::ALL.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best.filter(|capture| likeness(capture) >= NEAR) {
        Some(capture) => format!("did you mean `{capture}`?"),
        None => format!("captures are {}", known()),
    }
}

/// Pieces that are known to be in order → the segment.
fn assemble(pieces: Vec<SegmentPiece>) -> Segment {
    let mut texts = vec![Vec::new()];
    let mut found = None;
    for piece in pieces {
        match piece {
            SegmentPiece::Text(text) => {
                if let Some(last) = texts.last_mut() {
                    last.extend_from_slice(text.as_bytes());
                }
            }
            SegmentPiece::Star => texts.push(Vec::new()),
            SegmentPiece::Capture(capture) => {
                found = Some(capture);
                texts.push(Vec::new());
            }
        }
    }
    let mut texts = texts.into_iter();
    let prefix = texts.next().unwrap_or_default();
    match (found, texts.next_back()) {
        (_, None) => Segment::Literal(prefix),
        (Some(capture), Some(suffix)) => Segment::Capture { capture, prefix, suffix },
        (None, Some(suffix)) => Segment::Wild { prefix, middles: texts.collect(), suffix },
    }
}
