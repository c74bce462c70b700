//! What is not TOML: the faults of a file that are its own, not what follows from one of them.
//!
//! The parser goes on after a fault, and what it then takes for faults is often the rest of the first: one missing quote
//! makes eight. So of faults on adjacent lines only the first counts, and none within a value or a merge conflict that
//! is broken itself; nor in a table whose header can't be read, as its keys have landed elsewhere; nor what says that a
//! bracket is missing or a table there twice, once something else is wrong.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use crate::diagnostic::{Code, Diagnostic, FileId, LineStarts, Place};
use crate::pattern::is_invisible;
use crate::time::syntax::month_name;

/// Everything that could not be read of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    /// The file.
    pub(super) file: FileId,
    /// Bytes of it: what seems wrong within may only follow. Sorted.
    ranges: Vec<Range<usize>>,
}

impl Unread {
    /// Returns whether `place` lies in what could not be read.
    pub(super) fn holds(&self, place: Place) -> bool {
        let start = place.range().start;
        place.file == self.file && containing(&self.ranges, start).is_some()
    }
}

/// The faults of `text`, which was parsed as `table` with `errors`; `None` where there are none.
pub(super) fn faults(
    text: &str,
    table: &Spanned<DeTable<'_>>,
    errors: &[Error],
    file: FileId,
) -> Option<(Vec<Diagnostic>, Unread)> {
    if errors.is_empty() {
        return None;
    }
    if let Some((format, first)) = other_format(text) {
        let cause = format!("this looks like {format}, and a policy is TOML");
        let help = "write `key = value` below `[table]`, such as `[environments.production]`; `freezegate init` drafts a policy";
        let fault = Diagnostic::error(Code::Syntax, cause).at(Place::new(file, &first)).help(help);
        let whole = 0..text.len().max(1);
        return Some((vec![fault], Unread { file, ranges: vec![whole] }));
    }
    let lines = LineStarts::of(text);
    let mut long = Vec::new();
    for (_, value) in table.get_ref() {
        long_values(text, value, &mut long);
    }
    long.sort_by_key(|value| value.start);
    let mut errors: Vec<(usize, &Error)> =
        errors.iter().map(|error| (error.span().map_or(0, |span| span.start), error)).collect();
    errors.sort_by_key(|(start, _)| *start);
    let mut diagnostics = Vec::new();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (start, error) in errors {
        let line = lines.of_byte(start);
        if let Some(last) = ranges.last_mut() {
            let is_adjacent = line <= lines.of_byte(last.end.saturating_sub(1)) + 1;
            if start < last.end || is_adjacent || is_of_brackets(error) {
                last.end = last.end.max(lines.end(line));
                continue;
            }
        }
        let written = lines.text(line);
        let mut fault = diagnostic(error, written, lines.start(line), file);
        if is_duplicate(error)
            && !is_conflict(written)
            && let Some((name, first)) = first_of(&lines, line, &long)
        {
            fault.cause = format!("`{name}` is defined twice");
            fault = fault.related(Place::new(file, &first), "first here");
        }
        let mut end = lines.end(line);
        // what is missing at the very end is missing in what is still open there
        if let Some(value) = containing(&long, start.min(text.len().saturating_sub(1))) {
            end = end.max(lines.end(lines.of_byte(value.end.saturating_sub(1))));
            let first = lines.of_byte(value.start);
            if first < line {
                let opening = value.start..lines.start(first) + lines.text(first).len();
                fault = fault.related(Place::new(file, &opening), "it begins here");
            }
        }
        if is_conflict(written) {
            let mark = lines.next(line, |line| line.starts_with(">>>>>>>"));
            end = end.max(mark.map_or(text.len(), |mark| lines.end(mark)));
        } else if is_header(written) {
            end = end.max(lines.next(line, is_header).map_or(text.len(), |header| lines.start(header)));
        }
        // a table whose header was broken is there twice once the next one is read
        if diagnostics.is_empty() || !is_duplicate(error) {
            diagnostics.push(fault);
        }
        ranges.push(lines.start(line)..end);
    }
    Some((diagnostics, Unread { file, ranges }))
}

/// The format that `text`, which is not TOML, seems to have, and its first line that shows it; `None` if that is not clear.
fn other_format(text: &str) -> Option<(&'static str, Range<usize>)> {
    let mut at = 0;
    let mut first = None;
    let mut yaml = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let begins = start + line.len() - line.trim_start().len();
        let range = begins..begins + bare.len();
        first.get_or_insert((range, bare));
        // a key of TOML has `=` behind it, a table brackets around it
        if line.contains('=') || bare.starts_with('[') {
            break;
        }
        let is_item = bare.starts_with("- ") || bare == "-";
        let is_key = bare
            .split_once(':')
            .is_some_and(|(key, rest)| !key.contains(' ') && (rest.is_empty() || rest.starts_with(' ')));
        yaml += usize::from(is_item || is_key);
    }
    let (range, bare) = first?;
    let lower = bare.to_ascii_lowercase();
    let format = if ["<!doctype html", "<html"].iter().any(|start| lower.starts_with(start)) {
        "HTML"
    } else if lower.starts_with("<?xml") {
        "XML"
    } else if bare == "{" || bare == "[" || bare.starts_with("{\"") || bare.starts_with("[{") {
        "JSON"
    } else if bare == "---" || bare.starts_with("%YAML") || yaml > 1 {
        "YAML"
    } else {
        return None;
    };
    Some((format, range))
}

/// Adds the places of the outermost values of `value` that go over several lines.
fn long_values(text: &str, value: &Spanned<DeValue<'_>>, long: &mut Vec<Range<usize>>) {
    if text.get(value.span()).is_some_and(|written| written.contains('\n')) {
        long.push(value.span());
        return;
    }
    match value.get_ref() {
        DeValue::Array(items) => items.iter().for_each(|item| long_values(text, item, long)),
        DeValue::Table(table) => table.iter().for_each(|(_, value)| long_values(text, value, long)),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// The range that holds `byte`, of ranges that are sorted and apart.
fn containing(ranges: &[Range<usize>], byte: usize) -> Option<&Range<usize>> {
    let after = ranges.partition_point(|range| range.start <= byte);
    ranges.get(after.checked_sub(1)?).filter(|range| range.contains(&byte))
}

/// Returns whether the parser was within an array or inline table, which an earlier fault may have left open.
fn is_of_brackets(error: &Error) -> bool {
    ["array", "inline table", "key-value pairs"].iter().any(|word| error.message().contains(word))
}

fn is_duplicate(error: &Error) -> bool {
    error.message() == "duplicate key"
}

/// Returns the header or key of a line that is there twice, and the place of the first; `None` if no line before shows it.
fn first_of<'t>(lines: &LineStarts<'t>, second: usize, long: &[Range<usize>]) -> Option<(&'t str, Range<usize>)> {
    let name = name_of(lines.text(second))?;
    let mut before = (0..second).rev().filter(|line| containing(long, lines.start(*line)).is_none());
    let first = if is_header(name) {
        before.find(|line| name_of(lines.text(*line)) == Some(name))?
    } else {
        // a key is there twice in one table
        before.take_while(|line| !is_header(lines.text(*line))).find(|line| name_of(lines.text(*line)) == Some(name))?
    };
    let text = lines.text(first);
    let start = lines.start(first) + (text.len() - text.trim_start().len());
    Some((name, start..start + name.len()))
}

/// The header of a line, with its brackets, or its key.
fn name_of(line: &str) -> Option<&str> {
    let bare = line.trim_start();
    if bare.starts_with('[') {
        return bare.find(']').and_then(|end| bare.get(..=end));
    }
    bare.split_once('=').map(|(key, _)| key.trim_end()).filter(|key| !key.is_empty() && !key.starts_with('#'))
}

fn is_header(line: &str) -> bool {
    line.trim_start().starts_with('[')
}

fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark))
}

/// `error`, which is on the line `written` that begins at `start`.
/// How to write the date of a line that has one with the year last, such as `31.12.2026`; none if it has none.
fn year_last(line: &str) -> Option<String> {
    let (_, value) = line.split_once('=')?;
    let is_of_date = |c: char| c.is_ascii_digit() || matches!(c, '.' | '/' | '-');
    value.split(|c: char| !is_of_date(c)).find_map(|word| {
        let separator = word.chars().find(|c| !c.is_ascii_digit())?;
        let parts: Vec<&str> = word.split(separator).collect();
        let [one, two, year] = parts.as_slice() else {
            return None;
        };
        let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
            digits.contains(&text.len()).then(|| text.parse::<u32>().ok()).flatten()
        };
        let (one, two, year) = (number(one, 1..=2)?, number(two, 1..=2)?, number(year, 4..=4)?);
        // with points, and where no month has that number, the day comes first; else nobody knows
        Some(match (one, two) {
            (day @ 1..=31, month @ 1..=12) if separator == '.' || day > 12 => {
                format!("write `{year}-{month:02}-{day:02}`, the year first and without quotes")
            }
            (month @ 1..=12, day @ 13..=31) => {
                format!("write `{year}-{month:02}-{day:02}`, the year first and without quotes")
            }
            _ => format!("write the year first and no quotes, such as `{year}-12-31`"),
        })
    })
}

/// Returns that a month has no such day, and which it has, of a date that the parser refuses for its day.
fn no_such_day(message: &str, date: &str) -> Option<(String, String)> {
    let days = message.strip_prefix("invalid date, expected day between 01 and ")?;
    let mut parts = date.get(..10)?.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let name = month_name(month.parse().ok()?)?;
    let cause = format!("`{year}-{month}-{day}` does not exist: {name} {year} has {days} days");
    Some((cause, format!("write a day from 01 to {days}, such as `{year}-{month}-{days}`")))
}

fn diagnostic(error: &Error, written: &str, start: usize, file: FileId) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    // what is missing is missing at the end of its line, not on the next
    let end = span.end.min(start + written.len()).max(span.start);
    let marked = written.get(span.start.saturating_sub(start)..end.saturating_sub(start)).unwrap_or_default();
    let hidden = marked.chars().next().filter(|c| c.is_control() || is_invisible(*c));
    if let Some(help) = year_last(written).filter(|_| hidden.is_none() && !is_conflict(written)) {
        let place = Place::new(file, &(span.start..end));
        return Diagnostic::error(Code::Syntax, "not a date in TOML").at(place).help(help);
    }
    if let Some((cause, help)) = no_such_day(error.message(), marked).filter(|_| !is_conflict(written)) {
        return Diagnostic::error(Code::Syntax, cause).at(Place::new(file, &(span.start..end))).help(help);
    }
    let (cause, help) = match (error.message(), hidden) {
        _ if is_conflict(written) => {
            ("a merge conflict is left in".to_owned(), "resolve it, and remove the lines that mark it".to_owned())
        }
        (_, Some(hidden)) => {
            (format!("there is an invisible character, `{}`", hidden.escape_unicode()), "remove it".to_owned())
        }
        (_, None) if is_duplicate(error) => (
            format!("`{marked}` is defined twice in its table"),
            "write each key and each table once: join them, or remove one".to_owned(),
        ),
        (message, None) if message.starts_with("string values must be quoted") => {
            if marked.is_empty() {
                ("a value is missing".to_owned(), "write it after the `=`, on the same line".to_owned())
            } else {
                (format!("`{marked}` is not a value"), format!("write strings in quotes: `\"{marked}\"`"))
            }
        }
        (message, None) if message.contains("recurs") => {
            ("values are nested too deeply".to_owned(), "nothing in a policy needs more than three levels".to_owned())
        }
        (message, None) => (message.to_owned(), "see https://toml.io for the syntax".to_owned()),
    };
    Diagnostic::error(Code::Syntax, cause).at(Place::new(file, &(span.start..end))).help(help)
}
