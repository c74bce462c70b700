//! The languages of conditions: what a host, a path, a method, a header or a query parameter must be.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use regex_syntax::hir::{Hir, HirKind, Look};

use crate::route::automaton::{After, TABLE_BYTES, TextAutomaton};

/// A part of a request that a condition is about.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum RequestPart {
    /// The host, in lower case, without a port.
    Host,
    /// The path, without the query.
    Path,
    /// The method.
    Method,
    /// A header, by its name in lower case.
    Header(String),
    /// A parameter of the query, by its name.
    Query(String),
}

impl RequestPart {
    /// Returns whether a request may lack it.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        match self {
            Self::Host | Self::Path | Self::Method => false,
            Self::Header(_) | Self::Query(_) => true,
        }
    }
}

/// The condition on a part of a request.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum TextPattern {
    /// This text.
    Exact(String),
    /// A text that begins with this one.
    Prefix(String),
    /// This path, or one below it.
    Segments(String),
    /// A text that a regular expression matches from its first to its last byte.
    Regex(String),
}

/// A language that was interned.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LanguageId(usize);

/// Languages, each once; the automaton of one is built when it is first needed.
#[derive(Debug, Default)]
pub struct Languages {
    all: Vec<Language>,
    ids: HashMap<TextPattern, LanguageId>,
    /// The bytes of the automata that were built.
    built: Cell<usize>,
    /// The work of building them that was not asked for yet, in steps of a comparison.
    work: Cell<usize>,
}

/// To build an automaton takes so many steps of a comparison, and one more for so many of its bytes.
const STEPS_OF_AN_AUTOMATON: usize = 1_000;
const BYTES_OF_A_STEP: usize = 8;

/// The most bytes that automata may have together.
const MOST_BYTES: usize = 64 << 20;

#[derive(Debug)]
struct Language {
    pattern: TextPattern,
    /// The text that each text of it begins with.
    literal: String,
    automaton: OnceCell<Result<TextAutomaton, String>>,
}

impl Languages {
    /// Interns a pattern.
    ///
    /// # Errors
    ///
    /// If a regular expression is not understood: bad syntax, look-around, back-references, or a notation that means
    /// something else in PCRE or RE2.
    pub fn add(&mut self, pattern: TextPattern) -> Result<LanguageId, String> {
        let pattern = match pattern {
            TextPattern::Segments(path) => TextPattern::Segments(path.trim_end_matches('/').to_owned()),
            TextPattern::Exact(_) | TextPattern::Prefix(_) | TextPattern::Regex(_) => pattern,
        };
        if let Some(id) = self.ids.get(&pattern) {
            return Ok(*id);
        }
        let literal = match &pattern {
            TextPattern::Exact(text) | TextPattern::Prefix(text) | TextPattern::Segments(text) => text.clone(),
            TextPattern::Regex(text) => {
                if let Some(notation) = ambiguous(text) {
                    return Err(format!("`{notation}` means different things in different regex engines"));
                }
                let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
                let parsed = parser.parse(text).map_err(|error| match error {
                    regex_syntax::Error::Parse(error) => error.kind().to_string(),
                    regex_syntax::Error::Translate(error) => error.kind().to_string(),
                    _ => "it is not a regular expression".to_owned(),
                })?;
                let mut literal = Vec::new();
                literal_prefix(&parsed, &mut literal);
                String::from_utf8(literal).unwrap_or_default()
            }
        };
        let id = LanguageId(self.all.len());
        self.ids.insert(pattern.clone(), id);
        self.all.push(Language { pattern, literal, automaton: OnceCell::new() });
        Ok(id)
    }

    /// The pattern of a language.
    #[must_use]
    pub fn pattern(&self, id: LanguageId) -> Option<&TextPattern> {
        self.all.get(id.0).map(|language| &language.pattern)
    }

    /// Returns what each text of a language begins with.
    #[must_use]
    pub fn literal(&self, id: LanguageId) -> &str {
        self.all.get(id.0).map_or("", |language| &language.literal)
    }

    /// The automaton of a language.
    ///
    /// # Errors
    ///
    /// If it is too large, or all of them are.
    pub(crate) fn automaton(&self, id: LanguageId) -> Result<&TextAutomaton, String> {
        let language = self.all.get(id.0).ok_or_else(|| "an unknown language".to_owned())?;
        let built = language.automaton.get_or_init(|| match &language.pattern {
            TextPattern::Exact(text) => Ok(TextAutomaton::literal(text, After::Nothing)),
            TextPattern::Prefix(text) => Ok(TextAutomaton::literal(text, After::Anything)),
            TextPattern::Segments(text) => Ok(TextAutomaton::literal(text, After::Segments)),
            TextPattern::Regex(_) if self.built.get() > MOST_BYTES => {
                Err("the regular expressions are too large together".to_owned())
            }
            TextPattern::Regex(text) => {
                let automaton = TextAutomaton::regex(text);
                let bytes = automaton.as_ref().map_or(TABLE_BYTES, TextAutomaton::bytes);
                self.built.set(self.built.get().saturating_add(bytes));
                let steps = STEPS_OF_AN_AUTOMATON.saturating_add(bytes / BYTES_OF_A_STEP);
                self.work.set(self.work.get().saturating_add(steps));
                automaton
            }
        });
        built.as_ref().map_err(Clone::clone)
    }

    /// The work of building automata since it was last asked, in steps of a comparison.
    pub(crate) fn take_work(&self) -> usize {
        self.work.take()
    }

    /// Returns whether a language is that of a literal, and of what may follow it.
    pub(crate) fn is_literal(&self, id: LanguageId) -> bool {
        match self.pattern(id) {
            Some(TextPattern::Exact(_) | TextPattern::Prefix(_) | TextPattern::Segments(_)) => true,
            Some(TextPattern::Regex(_)) | None => false,
        }
    }

    /// Returns whether a text is in a language.
    ///
    /// # Errors
    ///
    /// If the automaton is too large.
    pub fn holds(&self, id: LanguageId, text: &str) -> Result<bool, String> {
        match self.pattern(id) {
            Some(TextPattern::Exact(exact)) => Ok(text == exact),
            Some(TextPattern::Prefix(prefix)) => Ok(text.starts_with(prefix.as_str())),
            Some(TextPattern::Segments(_) | TextPattern::Regex(_)) | None => Ok(self.automaton(id)?.accepts(text)),
        }
    }

    /// Returns whether two languages may have a text in common; `false` only if they certainly have none.
    #[must_use]
    pub fn may_meet(&self, one: LanguageId, other: LanguageId) -> bool {
        let (Some(a), Some(b)) = (self.all.get(one.0), self.all.get(other.0)) else {
            return true;
        };
        let (short, long) = if a.literal.len() <= b.literal.len() { (a, b) } else { (b, a) };
        let Some(rest) = long.literal.strip_prefix(short.literal.as_str()) else {
            return false;
        };
        match (&short.pattern, &long.pattern) {
            (TextPattern::Exact(_), _) => rest.is_empty(),
            (TextPattern::Segments(_), TextPattern::Exact(_) | TextPattern::Prefix(_) | TextPattern::Segments(_)) => {
                rest.is_empty() || rest.starts_with('/')
            }
            (TextPattern::Segments(_) | TextPattern::Prefix(_) | TextPattern::Regex(_), _) => true,
        }
    }
}

/// Returns whether a regular expression matches the same texts if it may match a part of one.
///
/// An expression with a fault counts as one: the fault is found where it is read.
#[must_use]
pub fn is_of_whole_text(pattern: &str) -> bool {
    let Ok(parsed) = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern) else {
        return true;
    };
    let properties = parsed.properties();
    let is_open = |is_there: bool| is_there && !pattern.contains('|');
    (properties.look_set_prefix().contains(Look::Start) || is_open(pattern.starts_with(".*")))
        && (properties.look_set_suffix().contains(Look::End) || is_open(pattern.ends_with(".*")))
}

/// Collects what each match begins with; whether the whole was a literal.
fn literal_prefix(hir: &Hir, literal: &mut Vec<u8>) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(text) => {
            literal.extend_from_slice(&text.0);
            true
        }
        HirKind::Capture(capture) => literal_prefix(&capture.sub, literal),
        HirKind::Concat(parts) => parts.iter().all(|part| literal_prefix(part, literal)),
        HirKind::Class(_) | HirKind::Repetition(_) | HirKind::Alternation(_) => false,
    }
}

/// A notation that this engine reads otherwise than PCRE or RE2 do, if the pattern has one.
fn ambiguous(pattern: &str) -> Option<&'static str> {
    let bytes = pattern.as_bytes();
    let (mut at, mut class_begin) = (0_usize, None);
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        if *byte == b'\\' {
            match next {
                b'<' => return Some("\\<"),
                b'>' => return Some("\\>"),
                b'b' if bytes.get(at + 2) == Some(&b'{') => return Some("\\b{"),
                _ => {}
            }
            at += 2;
            continue;
        }
        match (class_begin, *byte, next) {
            (Some(_), b'[', b':') => {
                // a class of POSIX ends with its own bracket
                at = pattern.get(at + 2..).and_then(|rest| rest.find(":]")).map_or(at + 1, |end| at + 2 + end + 1);
            }
            (Some(_), b'[', _) => return Some("["),
            (Some(_), b'&', b'&') => return Some("&&"),
            (Some(_), b'-', b'-') => return Some("--"),
            (Some(_), b'~', b'~') => return Some("~~"),
            (Some(begin), b']', _) if at > begin => class_begin = None,
            (None, b'[', _) => {
                at += usize::from(next == b'^');
                class_begin = Some(at + 1);
            }
            (None, b'+' | b'*' | b'?' | b'}', b'+') => return Some("++"),
            (None, b'{', b',') => return Some("{,"),
            (None, b'(', b'?') if flags_of(pattern, at + 2).contains(['x', 'R', 'u', 'U']) => return Some("(?x)"),
            (Some(_) | None, _, _) => {}
        }
        at += 1;
    }
    None
}

fn flags_of(pattern: &str, at: usize) -> &str {
    let rest = pattern.get(at..).unwrap_or_default();
    let end = rest.find([':', ')', 'P', '<', '=', '!']).unwrap_or_default();
    rest.get(..end).unwrap_or_default()
}
