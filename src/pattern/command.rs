//! Patterns of commands, argument by argument, and of names, part by part.
//!
//! The arguments of a command are its segments. An argument may hold `/`, which divides segments, and never NUL, which C ends texts with.
//! So NUL stands for `/` within an argument, and two of them for an argument that is empty.
//! A name is divided by `/` as a path is, and two NULs stand for a part that is empty.

use super::{Pattern, PatternError, Segment, parse};

/// The text that stands for `/` within an argument.
const SLASH: u8 = 0;

impl Pattern {
    /// Reads the words of a pattern of commands. Each is compared with one argument, the program first; `*` crosses `/`, and `**` is any
    /// number of arguments, none included.
    ///
    /// ```
    /// use freezegate::pattern::{Pattern, PatternSet, command_text};
    ///
    /// let pattern = Pattern::of_command(&["reboot-fleet", "--pod={region}", "**"]).unwrap();
    /// let set = PatternSet::new([&pattern]);
    /// let is_match = |words: &[&str]| set.any_exactly(&command_text(words.iter().map(|word| word.as_bytes())));
    /// assert!(is_match(&["reboot-fleet", "--pod=us"]));
    /// assert!(is_match(&["reboot-fleet", "--pod=us", "--now", "a/b"]));
    /// assert!(!is_match(&["reboot-fleet", "--now", "--pod=us"]));
    /// assert!(!is_match(&["reboot-fleet --pod=us"]));
    /// ```
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each with the number of its word, from 0; never an empty list.
    pub fn of_command(words: &[&str]) -> Result<Self, Vec<(usize, PatternError)>> {
        let mut shape = parse::words(words)?;
        shape.segments.iter_mut().for_each(encode);
        let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
        Ok(Self { text: format!("[{}]", words.join(", ")), shape })
    }
}

impl Pattern {
    /// Reads a pattern of a name, such as that of a context. It is compared with the whole name. `*` at its start or end is any text;
    /// elsewhere, and of captures, it is text without `/`.
    ///
    /// ```
    /// use freezegate::pattern::{Pattern, PatternSet, name_text};
    ///
    /// let is_match = |pattern, name: &str| {
    ///     PatternSet::new([&Pattern::of_name(pattern).unwrap()]).any_exactly(&name_text(name.as_bytes()))
    /// };
    /// assert!(is_match("https://*.example.com:6443", "https://eu.prod.example.com:6443"));
    /// assert!(!is_match("https://*.example.com:6443", "https://evil.org/.example.com:6443"));
    /// assert!(is_match("*prod*", "shop/api-prod:6443/alice"));
    /// ```
    ///
    /// # Errors
    ///
    /// All that is wrong with it, in the order of the text; never an empty list.
    pub fn of_name(text: &str) -> Result<Self, Vec<PatternError>> {
        Ok(Self { text: text.to_owned(), shape: parse::name(text)? })
    }
}

impl Pattern {
    /// The program that a pattern of commands names, without its folder; `None` if it is not fixed text.
    #[must_use]
    pub fn fixed_program(&self) -> Option<String> {
        match self.shape.segments.first()? {
            Segment::Literal(text) => {
                let name = text.rsplit(|byte| *byte == SLASH).next().unwrap_or(text);
                String::from_utf8(name.to_vec()).ok()
            }
            Segment::Deep | Segment::Wild { .. } | Segment::Capture { .. } => None,
        }
    }
}

fn encode(segment: &mut Segment) {
    let encode = |text: &mut Vec<u8>| text.iter_mut().filter(|byte| **byte == b'/').for_each(|byte| *byte = SLASH);
    match segment {
        Segment::Literal(text) => encode(text),
        Segment::Deep => {}
        Segment::Wild { prefix, middles, suffix } => {
            encode(prefix);
            middles.iter_mut().for_each(encode);
            encode(suffix);
        }
        Segment::Capture { prefix, suffix, .. } => {
            encode(prefix);
            encode(suffix);
        }
    }
}

/// Returns the arguments of a command, the program first, as patterns of commands are compared with them.
#[must_use]
pub fn command_text<'w>(words: impl IntoIterator<Item = &'w [u8]>) -> Vec<u8> {
    let mut text = Vec::new();
    for (word, number) in words.into_iter().zip(0_usize..) {
        if number > 0 {
            text.push(b'/');
        }
        if word.is_empty() {
            text.extend(parse::EMPTY_PART);
        }
        text.extend(word.iter().map(|byte| if *byte == b'/' { SLASH } else { *byte }));
    }
    text
}

/// Returns a name as patterns of names are compared with it.
#[must_use]
pub fn name_text(name: &[u8]) -> Vec<u8> {
    command_text(name.split(|byte| *byte == b'/'))
}

/// Returns what [`command_text`] gave, for people: a blank between two arguments.
#[must_use]
pub fn told_command(text: &[u8]) -> Vec<u8> {
    let told = |byte: &u8| match *byte {
        b'/' => b' ',
        SLASH => b'/',
        other => other,
    };
    text.iter().map(told).collect()
}
