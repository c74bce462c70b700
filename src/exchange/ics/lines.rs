//! Content lines and components (RFC 5545, section 3.1 and 3.4), each with its line in the file.

use crate::exchange::ics::values::shortened;

/// The depth to which components may be nested; RFC 5545 needs three.
const MOST_LEVELS: usize = 8;

/// The reason why a file, or a part of it, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IcsFault {
    /// The line, from 1.
    pub(crate) line: u64,
    pub(crate) cause: String,
    pub(crate) help: &'static str,
}

impl IcsFault {
    pub(crate) fn new(line: u64, cause: impl Into<String>, help: &'static str) -> Self {
        Self { line, cause: cause.into(), help }
    }
}

/// A content line: `NAME;PARAMETER=value:value`.
#[derive(Debug, Clone)]
pub(crate) struct IcsLine {
    /// The line of the file on which it starts, from 1.
    pub(crate) line: u64,
    /// In upper case.
    pub(crate) name: String,
    parameters: Vec<(String, String)>,
    pub(crate) value: String,
}

impl IcsLine {
    /// The value of a parameter, its name in upper case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The text that stands between a `BEGIN` and its `END`.
#[derive(Debug)]
pub(crate) struct IcsComponent {
    /// In upper case.
    pub(crate) name: String,
    /// The line of its `BEGIN`, from 1.
    pub(crate) line: u64,
    pub(crate) lines: Vec<IcsLine>,
    pub(crate) parts: Vec<Self>,
}

impl IcsComponent {
    /// The one property of this name, if there is one.
    ///
    /// # Errors
    ///
    /// An [`IcsFault`] at the second.
    pub(crate) fn one<'c>(&'c self, name: &'c str) -> Result<Option<&'c IcsLine>, IcsFault> {
        let mut found = self.all(name);
        let first = found.next();
        match found.next() {
            Some(second) => {
                let cause = format!("a second `{name}` in one {}", shortened(&self.name));
                Err(IcsFault::new(second.line, cause, "keep the one that is meant"))
            }
            None => Ok(first),
        }
    }

    pub(crate) fn all<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c IcsLine> {
        self.lines.iter().filter(move |line| line.name == name)
    }

    /// The value of the first property of this name, in upper case; empty if there is none.
    pub(crate) fn word(&self, name: &str) -> String {
        self.all(name).next().map_or_else(String::new, |line| line.value.trim().to_ascii_uppercase())
    }
}

/// Reads the calendars of a file.
///
/// # Errors
///
/// The first [`IcsFault`] of the text.
pub(crate) fn calendars(text: &str) -> Result<Vec<IcsComponent>, IcsFault> {
    let mut found = Vec::new();
    let mut open: Vec<IcsComponent> = Vec::new();
    for (number, unfolded) in unfolded(text)? {
        let line = content_line(number, &unfolded)?;
        match (line.name.as_str(), open.last_mut()) {
            ("BEGIN", parent) => {
                let name = line.value.trim().to_ascii_uppercase();
                if parent.is_none() && name != "VCALENDAR" {
                    return Err(no_calendar(number));
                }
                if open.len() >= MOST_LEVELS {
                    let cause = format!("components are nested more than {MOST_LEVELS} deep");
                    return Err(IcsFault::new(number, cause, "check the program that wrote the file"));
                }
                open.push(IcsComponent { name, line: number, lines: Vec::new(), parts: Vec::new() });
            }
            (_, None) => return Err(no_calendar(number)),
            ("END", Some(last)) => {
                if !line.value.trim().eq_ignore_ascii_case(&last.name) {
                    let cause = format!("`END:{}` ends no {}", shortened(line.value.trim()), shortened(&last.name));
                    return Err(IcsFault::new(number, cause, "export the calendar again: parts of it are missing"));
                }
                if let Some(ended) = open.pop() {
                    open.last_mut().map_or(&mut found, |parent| &mut parent.parts).push(ended);
                }
            }
            (_, Some(last)) => last.lines.push(line),
        }
    }
    if let Some(unended) = open.first() {
        let cause = format!("`BEGIN:{}` has no end", shortened(&unended.name));
        return Err(IcsFault::new(unended.line, cause, "export the calendar again: its end is missing"));
    }
    if found.is_empty() {
        return Err(no_calendar(1));
    }
    Ok(found)
}

fn no_calendar(line: u64) -> IcsFault {
    IcsFault::new(line, "`BEGIN:VCALENDAR` does not come first", "give an iCalendar file (`.ics`)")
}

/// The lines, those that continue another joined to it, each with its number in the file.
fn unfolded(text: &str) -> Result<Vec<(u64, String)>, IcsFault> {
    let mut found: Vec<(u64, String)> = Vec::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(control) = line.chars().find(|letter| letter.is_control() && *letter != '\t') {
            let cause = format!("the control character U+{:04X}", u32::from(control));
            return Err(IcsFault::new(number, cause, "export the calendar again, as text"));
        }
        match (line.strip_prefix([' ', '\t']), found.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            (Some(rest), None) if rest.trim().is_empty() => {}
            (Some(_), None) => return Err(no_calendar(number)),
            (None, _) if line.is_empty() => {}
            (None, _) => found.push((number, line.to_owned())),
        }
    }
    Ok(found)
}

fn content_line(line: u64, text: &str) -> Result<IcsLine, IcsFault> {
    let fault = |cause: &str| IcsFault::new(line, cause, "export the calendar again: this line is damaged");
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
    };
    let (name, mut rest) =
        text.find([':', ';']).and_then(|at| text.split_at_checked(at)).ok_or_else(|| fault("a line without a `:`"))?;
    if !is_name(name) {
        return Err(fault("a line that does not start with the name of a property"));
    }
    let mut parameters = Vec::new();
    while let Some(after) = rest.strip_prefix(';') {
        let (key, after) = after.split_once('=').ok_or_else(|| fault("a parameter without a `=`"))?;
        if !is_name(key) {
            return Err(fault("a parameter without a name"));
        }
        let mut value = String::new();
        let mut is_quoted = false;
        let mut end = after.len();
        for (at, letter) in after.char_indices() {
            match letter {
                '"' => is_quoted = !is_quoted,
                ':' | ';' if !is_quoted => {
                    end = at;
                    break;
                }
                other => value.push(other),
            }
        }
        if is_quoted || end == after.len() {
            return Err(fault("a line without a `:` after its parameters"));
        }
        parameters.push((key.to_ascii_uppercase(), value));
        rest = after.get(end..).unwrap_or_default();
    }
    let value = rest.strip_prefix(':').ok_or_else(|| fault("a line without a `:`"))?.to_owned();
    Ok(IcsLine { line, name: name.to_ascii_uppercase(), parameters, value })
}
