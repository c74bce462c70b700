//! Content lines of iCalendar ([RFC 5545](https://www.rfc-editor.org/rfc/rfc5545)), harmless in a log, too.

use crate::escape::for_line;

/// The most octets of a line, its end not counted (RFC 5545, section 3.1).
const MOST_OCTETS: usize = 75;

/// A value of the type TEXT (RFC 5545, section 3.3.11); each line of it harmless in a log, too.
///
/// ```
/// use freezegate::escape::ics::ics_text;
///
/// assert_eq!(ics_text("eu, us; all\nday"), r"eu\, us\; all\nday");
/// ```
#[must_use]
pub fn ics_text(value: &str) -> String {
    let lines = value.lines().map(|line| {
        let mut text = String::with_capacity(line.len() + 8);
        for character in for_line(line).chars() {
            if matches!(character, '\\' | ';' | ',') {
                text.push('\\');
            }
            text.push(character);
        }
        text
    });
    lines.collect::<Vec<_>>().join("\\n")
}

/// Appends a content line, folded: no line is longer than it may be, and none is cut within a letter or before what a log could obey at its
/// start.
pub fn push_ics_line(text: &mut String, name: &str, value: &str) {
    let is_marker = |character: char| matches!(character, ':' | '#' | '-' | '+' | '~' | '^');
    let mut line = String::new();
    for character in format!("{name}:{value}").chars() {
        if line.len() + character.len_utf8() > MOST_OCTETS {
            let mut next = String::from(character);
            while next.starts_with(is_marker) && line.len() > MOST_OCTETS / 2 {
                next.insert_str(0, &line.pop().map(String::from).unwrap_or_default());
            }
            text.push_str(&line);
            text.push_str("\r\n");
            line = format!(" {next}");
        } else {
            line.push(character);
        }
    }
    text.push_str(&line);
    text.push_str("\r\n");
}
