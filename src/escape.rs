//! Text from outside, made harmless for the place where it is printed.
//!
//! Branch names, paths, authors, reasons: whoever pushes chooses them, and a log, a terminal or a browser obeys what is printed to it. So
//! each such text goes through [`for_terminal`] or [`bytes_for_terminal`] when it is put into a message, and each message through the function of
//! the format that carries it. The second step does the first again, so that forgetting one is no hole; doing a step twice changes nothing
//! (except in [`github_message`], [`github_property`], [`markdown`] and [`markup`], which encode). [`json`] and [`xml`] are for whole documents.
//!
//! Escapes are visible: `\n`, `\u{202e}`, `\xff`. A backslash is left alone, so they show what stands there and are not for reading back;
//! `--format json` is exact.

use std::borrow::Cow;
use std::fmt;

use crate::pattern::is_invisible;

pub mod ics;

/// Text for a terminal: nothing in it moves the cursor, hides, reorders, or ends a line.
///
/// Controls (C0, DEL, C1), bidi marks and every other invisible or unassigned character, all space but the plain one, line and paragraph
/// separators and private characters are escaped; so is a combining mark at the start, which would change what is printed before it.
///
/// ```
/// use freezegate::escape::for_terminal;
///
/// assert_eq!(for_terminal("größe.yaml"), "größe.yaml");
/// assert_eq!(for_terminal("a\u{202e}b\x1b[2K\r\n"), r"a\u{202e}b\u{1b}[2K\r\n");
/// ```
#[must_use]
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    replaced(text, |_| None)
}

/// Bytes of a path or a ref for a terminal: as [`for_terminal`], and each byte that is no UTF-8 as `\xNN`.
///
/// ```
/// use freezegate::escape::bytes_for_terminal;
///
/// assert_eq!(bytes_for_terminal(b"caf\xe9/\x07"), r"caf\xe9/\u{7}");
/// ```
#[must_use]
pub fn bytes_for_terminal(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return for_terminal(text);
    }
    let mut escaped = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        escaped.push_str(&for_terminal(chunk.valid()));
        for byte in chunk.invalid() {
            escaped.push_str(&format!("\\x{byte:02x}"));
        }
    }
    Cow::Owned(escaped)
}

/// One whole line for the log of a CI job, in which no provider finds a command or a section of its own.
///
/// As [`for_terminal`]; besides, a backslash breaks
///
/// - `::` at the start, after space: GitHub's [workflow commands], which end with another `::`;
/// - `##` anywhere: GitHub's older `##[error]`, which counts in the middle of a line too, Azure's `##vso[…]`, `##teamcity[…]` and their like;
/// - `---`, `+++`, `~~~` and `^^^` at the start: [Buildkite's groups];
/// - `section_start:` and `section_end:`: [GitLab's sections].
///
/// The line must be whole: two texts may be harmless apart and a command side by side.
///
/// ```
/// use freezegate::escape::for_line;
///
/// assert_eq!(for_line("  ::stop-commands::x"), r"  \::stop-commands::x");
/// assert_eq!(for_line("refused: ##[error]x"), r"refused: #\#[error]x");
/// assert_eq!(for_line("  ::: freezegate.toml:57:8"), "  ::: freezegate.toml:57:8");
/// ```
///
/// [workflow commands]: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
/// [Buildkite's groups]: https://buildkite.com/docs/pipelines/configure/managing-log-output
/// [GitLab's sections]: https://docs.gitlab.com/ci/jobs/job_logs/
#[must_use]
pub fn for_line(line: &str) -> Cow<'_, str> {
    without_commands(for_terminal(line))
}

/// The lines of a text with terminal styles in it, each made harmless for the log of a CI job as [`for_line`] does. Escape characters alone
/// are left: what others wrote has lost them before.
///
/// ```
/// use freezegate::escape::styled_lines;
///
/// assert_eq!(styled_lines("\x1b[1merror\x1b[0m: ##[error]x\n::error::x\n"), "\x1b[1merror\x1b[0m: #\\#[error]x\n\\::error::x\n");
/// ```
#[must_use]
pub fn styled_lines(text: &str) -> String {
    let escaped = replaced(text, |character| match character {
        '\u{1b}' => Some("\u{1b}"),
        '\n' => Some("\n"),
        _ => None,
    });
    escaped.split_inclusive('\n').map(|line| without_commands(Cow::Borrowed(line))).collect()
}

/// The log of GitLab takes these for the ends of a section, wherever they stand.
const SECTIONS: [(&str, &str); 2] = [("section_start:", "section_start\\:"), ("section_end:", "section_end\\:")];

fn without_commands(text: Cow<'_, str>) -> Cow<'_, str> {
    const AT_START: [&str; 5] = ["::", "---", "+++", "~~~", "^^^"];

    let text = without_markers(text);
    let space = start_of_text(&text);
    let is_command = |start: &str| {
        // `:::` points to another place of a file: GitHub's command needs a name and a second `::` behind the first
        let is_pointer = start.starts_with(":::") && !start.get(2..).is_some_and(|rest| rest.contains("::"));
        !is_pointer && AT_START.iter().any(|marker| start.starts_with(marker))
    };
    if text.get(space..).is_some_and(is_command) {
        let mut broken = text.into_owned();
        broken.insert(space, '\\');
        return Cow::Owned(broken);
    }
    text
}

/// Returns how many bytes of space and of terminal styles (`ESC [ … m`) a line begins with: who prints it may strip them.
fn start_of_text(line: &str) -> usize {
    let mut rest = line.trim_start();
    while let Some((numbers, after)) = rest.strip_prefix("\u{1b}[").and_then(|rest| rest.split_once('m')) {
        if !numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b';') {
            break;
        }
        rest = after.trim_start();
    }
    line.len().saturating_sub(rest.len())
}

/// Without what counts anywhere in a line.
fn without_markers(text: Cow<'_, str>) -> Cow<'_, str> {
    let mut text = without_double_hashes(text);
    for (marker, broken) in SECTIONS {
        if text.contains(marker) {
            text = Cow::Owned(text.replace(marker, broken));
        }
    }
    text
}

/// The message of one of GitHub's workflow commands (`::error::MESSAGE`). Line breaks are kept, encoded as `%0A`.
///
/// The encoding is that of [actions/toolkit]'s `escapeData`; all else is as in [`for_line`], but for the markers at the start of a line, which
/// the command in front takes away.
///
/// [actions/toolkit]: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
#[must_use]
pub fn github_message(text: &str) -> Cow<'_, str> {
    encoded(text, |character| match character {
        '%' => Some("%25"),
        '\r' => Some("%0D"),
        '\n' => Some("%0A"),
        _ => None,
    })
}

/// The value of a property of one of GitHub's workflow commands (`::error file=VALUE::`): as [`github_message`], and `:` and `,` as well.
#[must_use]
pub fn github_property(text: &str) -> Cow<'_, str> {
    encoded(text, |character| match character {
        '%' => Some("%25"),
        '\r' => Some("%0D"),
        '\n' => Some("%0A"),
        ':' => Some("%3A"),
        ',' => Some("%2C"),
        _ => None,
    })
}

/// Text within Markdown: in a paragraph, a list or a cell of a table, rendered as it is and without effect.
///
/// Every ASCII punctuation mark becomes a character reference, which [CommonMark] never reads as structure. GitHub and GitLab look for
/// `@name` and `#1` in what has been rendered: an empty comment keeps those apart.
///
/// [CommonMark]: https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
#[must_use]
pub fn markdown(text: &str) -> String {
    markdown_text(text, "<!-- -->")
}

/// A name or a path in Markdown, set as code. Unlike a span of backticks it can hold backticks and, in a table, `|`.
///
/// ```
/// use freezegate::escape::markdown_code;
///
/// assert_eq!(markdown_code("a|`b`"), "<code>a&#124;&#96;b&#96;</code>");
/// ```
#[must_use]
pub fn markdown_code(text: &str) -> String {
    format!("<code>{}</code>", markdown_text(text, ""))
}

/// Text or an attribute's value (in either sort of quotes) of XML 1.0 or HTML. Line breaks are kept, as `&#10;`.
///
/// What [XML cannot hold at all](https://www.w3.org/TR/xml/#charsets), not even as a reference, is among what [`for_terminal`] escapes.
///
/// ```
/// use freezegate::escape::markup;
///
/// assert_eq!(markup("<a>\u{0}'\u{ffff}"), r"&lt;a&gt;\u{0}&#39;\u{ffff}");
/// ```
#[must_use]
pub fn markup(text: &str) -> Cow<'_, str> {
    let encode = |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        '\n' => Some("&#10;"),
        _ => None,
    };
    replaced(text, encode)
}

/// A whole JSON document, harmless where it is printed, and the same document: what a log or a terminal would obey is written as `\uXXXX`.
///
/// `text` must be JSON. Only within strings, and never in an escape, can stand what is replaced.
///
/// ```
/// use freezegate::escape::json;
///
/// assert_eq!(json("[\"##[error]\\u0007 \u{202e}é\"]"), "[\"#\\u0023[error]\\u0007 \\u202eé\"]");
/// ```
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    let number = |character: char| {
        let mut units = [0; 2];
        character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>()
    };
    document(text, number)
}

/// A whole XML document, as [`json`] does it: what a log or a terminal would obey is written as `&#N;`, or, where XML cannot hold it, left out of
/// it by [`markup`] already.
///
/// `text` must be XML, with references in no comment and no name.
///
/// ```
/// use freezegate::escape::xml;
///
/// assert_eq!(xml("<a>##[error] \u{202e}é</a>"), "<a>#&#35;[error] &#8238;é</a>");
/// ```
#[must_use]
pub fn xml(text: &str) -> Cow<'_, str> {
    document(text, |character| format!("&#{};", u32::from(character)))
}

/// `text` with every character written by `number` that is not plain, or is the second half of a marker.
fn document(text: &str, number: impl Fn(char) -> String) -> Cow<'_, str> {
    let plain = |character: char| character == '\n' || is_plain(character, false);
    if text.chars().all(plain) && !text.contains("##") && !SECTIONS.iter().any(|(marker, _)| text.contains(marker)) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 64);
    for character in text.chars() {
        let ends_section = character == ':'
            && SECTIONS.iter().any(|(marker, _)| marker.strip_suffix(':').is_some_and(|name| written.ends_with(name)));
        if !plain(character) || ends_section || (character == '#' && written.ends_with('#')) {
            written.push_str(&number(character));
        } else {
            written.push(character);
        }
    }
    Cow::Owned(written)
}

/// The reason why a value cannot be written to GitHub's output file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputError {
    /// A name is letters, digits, `_` and `-`.
    Name,
    /// A delimiter is at least 16 letters, digits, `_` and `-`: it must not be guessed.
    Delimiter,
    /// The value or the name holds the delimiter. A random one makes that no accident.
    Collision,
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the name of an output is letters, digits, `_` and `-`",
            Self::Delimiter => "the delimiter of an output is at least 16 letters, digits, `_` and `-`",
            Self::Collision => "the output holds the delimiter that was chosen to end it",
        })
    }
}

impl std::error::Error for OutputError {}

/// One entry for the file that `GITHUB_OUTPUT` names. The value stands in it byte for byte, several lines too; `delimiter` is new and
/// random for each entry, as in [actions/toolkit].
///
/// ```
/// use freezegate::escape::{OutputError, github_output};
///
/// let entry = github_output("decision", "refused\nx=y", "ghadelimiter_0a1b2c3d4e5f");
/// assert_eq!(entry.unwrap(), "decision<<ghadelimiter_0a1b2c3d4e5f\nrefused\nx=y\nghadelimiter_0a1b2c3d4e5f\n");
/// ```
///
/// # Errors
///
/// [`OutputError`]; then nothing may be written.
///
/// [actions/toolkit]: https://github.com/actions/toolkit/blob/main/packages/core/src/file-command.ts
pub fn github_output(name: &str, value: &str, delimiter: &str) -> Result<String, OutputError> {
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if name.is_empty() || !is_word(name) {
        return Err(OutputError::Name);
    }
    if delimiter.len() < 16 || !is_word(delimiter) {
        return Err(OutputError::Delimiter);
    }
    if value.contains(delimiter) || name.contains(delimiter) {
        return Err(OutputError::Collision);
    }
    Ok(format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"))
}

/// Returns whether a character may be printed as it is.
fn is_plain(character: char, first: bool) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    // Unicode calls the empty Braille pattern a symbol; on a screen it is blank.
    if character == '\u{2800}' || is_invisible(character) {
        return false;
    }
    // The standard library knows what is printable, and shows it by escaping the rest: a combining mark only where nothing stands before it.
    if first {
        character.escape_debug().count() == 1
    } else {
        let pair = String::from_iter(['x', character]);
        pair.escape_debug().count() == 2
    }
}

fn without_double_hashes(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains("##") {
        return text;
    }
    let mut broken = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if character == '#' && broken.ends_with('#') {
            broken.push('\\');
        }
        broken.push(character);
    }
    Cow::Owned(broken)
}

fn encoded(text: &str, encode: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    match replaced(text, encode) {
        Cow::Borrowed(text) => without_markers(Cow::Borrowed(text)),
        Cow::Owned(text) => Cow::Owned(without_markers(Cow::Owned(text)).into_owned()),
    }
}

/// Returns what `encode` names is replaced; of the rest, what is not plain is escaped.
fn replaced(text: &str, encode: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if text.char_indices().all(|(at, character)| encode(character).is_none() && is_plain(character, at == 0)) {
        return Cow::Borrowed(text);
    }
    let mut replaced = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        match encode(character) {
            Some(code) => replaced.push_str(code),
            None if is_plain(character, at == 0) => replaced.push(character),
            // Controls with a name of their own get that, and the others, with all that is not ASCII, their number.
            None => replaced.extend(character.escape_default()),
        }
    }
    Cow::Owned(replaced)
}

/// `apart` follows the marks that refer to people and issues.
fn markdown_text(text: &str, apart: &str) -> String {
    let text = for_terminal(text);
    let mut escaped = String::with_capacity(text.len() * 2);
    let mut after_space = true;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        // Space at the edges and runs of it have a meaning in Markdown, and collapse in HTML.
        if character == ' ' && (after_space || rest.peek().is_none()) {
            escaped.push_str("&nbsp;");
        } else if character.is_ascii_punctuation() {
            escaped.push_str(&format!("&#{};", u32::from(character)));
            if matches!(character, '@' | '#') {
                escaped.push_str(apart);
            }
        } else {
            escaped.push(character);
        }
        after_space = character == ' ';
    }
    escaped
}

/// The words of an error of the system, without its number, such as `no such file or directory`. Of a folder in the place of a file it
/// says so, as each system does in words of its own.
///
/// ```
/// use std::io::{Error, ErrorKind};
///
/// use freezegate::escape::system_words;
///
/// assert_eq!(system_words(&Error::from_raw_os_error(2)), "no such file or directory");
/// assert_eq!(system_words(&Error::from(ErrorKind::PermissionDenied)), "permission denied");
/// assert_eq!(system_words(&Error::from(ErrorKind::IsADirectory)), "it is a folder");
/// ```
#[must_use]
pub fn system_words(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::IsADirectory {
        return "it is a folder".to_owned();
    }
    let text = error.to_string().to_lowercase();
    text.split_once(" (os error").map_or_else(|| text.clone(), |(words, _)| words.to_owned())
}
