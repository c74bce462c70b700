//! Words of commands that people copy into a POSIX shell.
//!
//! What others chose (names of refs, paths, remotes) stands in them as one word, whatever it holds.

use std::borrow::Cow;

use crate::escape::for_terminal;
use crate::time::syntax::{DAY_NAMES, MONTH_NAMES};

/// Returns `text` as one word of a POSIX shell, which shows all that it holds.
///
/// Plain text is left as it is, other text is quoted. If it holds something that a reader cannot see, that a CI job's log
/// obeys (`##`) or that ends the command (a backtick), those bytes are written as octal escapes in `$'…'` (POSIX.1-2024, Shell
/// Command Language, 2.2.4).
///
/// ```
/// use freezegate::shell::shell_word;
///
/// assert_eq!(shell_word("refs/heads/main"), "refs/heads/main");
/// assert_eq!(shell_word("it's here"), r"'it'\''s here'");
/// assert_eq!(shell_word("a`b\n"), r"$'a\140b\012'");
/// ```
#[must_use]
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |character: char| character.is_alphanumeric() || "_./:@%+,-…".contains(character);
    if for_terminal(text) != text || text.contains('`') || text.contains("##") {
        Cow::Owned(escaped(text.as_bytes()))
    } else if !text.is_empty() && text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

/// A blank at which no line is broken; it is printed as a plain one.
pub const GLUE: char = '\u{a0}';

/// The length in bytes from which on a text is others' text rather than a setting that a message prints.
const LONGEST_SETTING: usize = 200;

/// Returns a message in which each command, option with its value, or setting between backticks is held together by [`GLUE`]: it is there
/// to be copied, so that no line ends within one.
///
/// ```
/// use freezegate::shell::{GLUE, unbroken};
///
/// assert_eq!(unbroken("run `git push`, as `it is`").replace(GLUE, "+"), "run `git+push`, as `it is`");
/// assert_eq!(unbroken("set `level = \"hard\"`").replace(GLUE, "+"), "set `level+=+\"hard\"`");
/// ```
#[must_use]
pub fn unbroken(message: &str) -> String {
    let is_command = |part: &str| ["git ", "freezegate ", "--", "export "].iter().any(|start| part.starts_with(start));
    // a key of a policy, a variable, a trailer
    let is_setting = |part: &str| ["=", ": "].iter().any(|sign| part.contains(sign)) && part.len() <= LONGEST_SETTING;
    let parts = (0..).zip(message.split('`')).map(|(number, part)| match number % 2 {
        1 if is_command(part) || is_setting(part) => Cow::Owned(part.replace(' ', &GLUE.to_string())),
        _ => Cow::Borrowed(part),
    });
    times_unbroken(&parts.collect::<Vec<Cow<'_, str>>>().join("`"))
}

/// Returns a message in which each date, time of day and duration is held together by [`GLUE`], so that no line ends within one.
///
/// ```
/// use freezegate::shell::{GLUE, times_unbroken};
///
/// let glued = |text| times_unbroken(text).replace(GLUE, "+");
/// assert_eq!(glued("from `Dec 19 24:00` until Tue 5 Jan 2027 09:00 UTC"), "from `Dec+19+24:00` until Tue+5+Jan+2027+09:00+UTC");
/// assert_eq!(glued("open Mon-Fri 09:00-17:00, for 1 h 30 min (2 times)"), "open Mon-Fri+09:00-17:00, for 1+h+30+min (2 times)");
/// ```
#[must_use]
pub fn times_unbroken(message: &str) -> String {
    let words: Vec<&str> = message.split(' ').collect();
    let mut text = String::with_capacity(message.len());
    for (index, word) in words.iter().enumerate() {
        text.push_str(word);
        if let Some([next, behind @ ..]) = words.get(index + 1..) {
            text.push(if is_one_time(word, next, behind.first()) { GLUE } else { ' ' });
        }
    }
    text
}

/// Returns whether a word and the next are parts of one date, time of day or duration; `further` is the word behind them, if there is one.
fn is_one_time(word: &str, next: &str, further: Option<&&str>) -> bool {
    let start = |word: &'_ str| word.trim_start_matches(['(', '`', '"']).to_owned();
    let end = |word: &'_ str| word.trim_end_matches([')', '`', '"', ',', '.', ';', ':']).to_owned();
    let is_number = |word: &str| (1..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_amount = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_digit())
            && word.bytes().all(|byte| b"0123456789.".contains(&byte))
    };
    let is_clock = |word: &str| {
        let is_shaped = word.bytes().all(|byte| b"0123456789:-".contains(&byte)) && word.contains(':');
        is_shaped && word.starts_with(|first: char| first.is_ascii_digit())
    };
    let is_date = |word: &str| word.len() == 10 && word.bytes().filter(|byte| *byte == b'-').count() == 2;
    let is_day = |word: &str| word.split(['-', ',']).all(|day| DAY_NAMES.iter().any(|(name, _)| *name == day));
    let is_ordinal = |word: &str| {
        word == "last" || ["st", "nd", "rd", "th"].iter().any(|end| word.strip_suffix(end).is_some_and(is_number))
    };
    let is_month = |word: &str| MONTH_NAMES.contains(&word);
    let is_unit = |word: &str| UNITS.contains(&word);
    let (one, other) = (start(word), end(next));
    let (one, other) = (one.as_str(), other.as_str());
    if is_amount(one) {
        return is_unit(other) || is_month(other) || is_clock(other);
    }
    let is_amount_next = is_amount(other) && further.is_some_and(|further| is_unit(&end(further)));
    (is_unit(one) && is_amount_next)
        || (is_month(one) && (is_number(other) || is_clock(other)))
        || (is_day(one) && (is_number(other) || is_month(other) || is_clock(other) || is_date(other) || other == "of"))
        || (is_ordinal(one) && is_day(other))
        || (one == "of" && is_month(other))
        || (is_date(one) && is_clock(other))
        || (is_clock(one) && other == "UTC")
}

/// The units of durations.
const UNITS: [&str; 7] = ["s", "min", "h", "d", "days", "hours", "minutes"];

/// Returns the bytes of a path or a ref as one word, as [`shell_word`] does for text.
#[must_use]
pub fn word_of_bytes(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => shell_word(text),
        Err(_) => Cow::Owned(escaped(bytes)),
    }
}

/// Returns a command of these words.
#[must_use]
pub fn command<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(shell_word).collect::<Vec<_>>().join(" ")
}

/// Returns `bytes` in `$'…'`.
fn escaped(bytes: &[u8]) -> String {
    let mut word = "$'".to_owned();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let mut bytes = [0; 4];
            let text: &str = character.encode_utf8(&mut bytes);
            if matches!(character, '\'' | '\\' | '`' | '#') || for_terminal(text) != text {
                octal(text.as_bytes(), &mut word);
            } else {
                word.push(character);
            }
        }
        octal(chunk.invalid(), &mut word);
    }
    word.push('\'');
    word
}

/// Appends each byte as three octal digits, which no digit behind them can lengthen.
fn octal(bytes: &[u8], word: &mut String) {
    for byte in bytes {
        word.push_str(&format!("\\{byte:03o}"));
    }
}

#[cfg(test)]
mod tests {
    use super::{shell_word, word_of_bytes};

    #[test]
    fn a_word_holds_nothing_that_a_terminal_a_log_or_a_reader_misreads() {
        for text in ["\u{202e}x", "a\u{200b}b", "\x1b[2K", "##[error]x", "`id`", "a\u{a0}b", "\u{301}a", "a\nb"] {
            let quoted = shell_word(text);
            assert!(quoted.starts_with("$'") && quoted.ends_with('\''), "{quoted}");
            assert!(quoted.chars().all(|c| c.is_ascii() && !c.is_ascii_control() && c != '`'), "{quoted}");
            assert!(!quoted.contains("##"), "{quoted}");
        }
        assert_eq!(shell_word("größe"), "größe");
        assert_eq!(word_of_bytes(b"caf\xe9 1"), r"$'caf\351 1'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("~"), "'~'");
    }
}
