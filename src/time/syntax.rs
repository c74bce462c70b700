//! What all readers of small time texts share: the error with its place, words, and clock readings.

use std::ops::Range;

use jiff::civil::Weekday;

/// The reason why a text is no window or moment: which bytes of it, what is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes at fault, within the text read.
    pub range: Range<usize>,
    /// The problem, for people: lower case, no full stop.
    pub cause: String,
    /// The text to write instead.
    pub help: String,
}

impl SyntaxError {
    pub(crate) fn new(range: Range<usize>, cause: impl Into<String>, help: impl Into<String>) -> Self {
        Self { range, cause: cause.into(), help: help.into() }
    }
}

/// A blank-separated word with the place where it begins in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    pub(crate) text: &'t str,
    pub(crate) start: usize,
}

impl Word<'_> {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// The words of `text`, separated by spaces and tabs.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    // the longest moment has six
    let mut found = Vec::with_capacity(6);
    let mut start = 0;
    for piece in text.as_bytes().split(|byte| matches!(byte, b' ' | b'\t')) {
        let end = start + piece.len();
        // neither byte is ever part of a longer letter
        if let Some(piece) = text.get(start..end).filter(|piece| !piece.is_empty()) {
            found.push(Word { text: piece, start });
        }
        start = end + 1;
    }
    found
}

/// The day names of the policy language, Monday first.
pub(crate) const DAY_NAMES: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

/// The month names of the policy language, January first.
pub(crate) const MONTH_NAMES: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The weekdays in full, in lower case, Monday first.
pub(crate) const DAYS_IN_FULL: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The months in full, in lower case, January first.
pub(crate) const MONTHS_IN_FULL: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The weekday that `name` says, spelled exactly as in [`DAY_NAMES`].
pub(crate) fn weekday(name: &str) -> Option<Weekday> {
    DAY_NAMES.iter().find(|(known, _)| *known == name).map(|(_, day)| *day)
}

/// The short name of a weekday.
#[must_use]
pub fn day_name(day: Weekday) -> &'static str {
    DAY_NAMES.iter().find(|(_, known)| *known == day).map_or("", |(name, _)| *name)
}

/// The short name of a month, 1 to 12; none of another number.
pub(crate) fn month_name(month: i8) -> Option<&'static str> {
    (1_i8..).zip(MONTH_NAMES).find(|(number, _)| *number == month).map(|(_, name)| name)
}

/// The month, 1 to 12, that `name` says.
pub(crate) fn month(name: &str) -> Option<i8> {
    (1_i8..).zip(MONTH_NAMES).find(|(_, known)| *known == name).map(|(number, _)| number)
}

/// The known word that differs from `written` only in case or length, for a hint; none if other signs stand in it.
pub(crate) fn near_word<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = written.to_ascii_lowercase();
    // words of their own that begin as a day does
    let is_other = ["month", "sunrise", "sunset"].iter().any(|word| lower.starts_with(word));
    if is_other || !lower.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    known.into_iter().find(|word| lower.get(..3).is_some_and(|head| head == word.to_ascii_lowercase()))
}

/// Minutes since midnight of the wall clock, 0 to 1440; 1440 is `24:00`, the end of the day.
pub(crate) type Minute = u16;

/// The last minute of a day, as an end.
pub(crate) const END_OF_DAY: Minute = 24 * 60;

/// Reads `HH:MM`, `00:00` to `24:00`.
pub(crate) fn clock(word: Word<'_>) -> Result<Minute, SyntaxError> {
    let fault =
        |cause: String| SyntaxError::new(word.range(), cause, "write hours and minutes as `HH:MM`, `00:00` to `24:00`");
    if word.text.is_empty() {
        return Err(fault("a time is missing".to_owned()));
    }
    match digits(word.text) {
        Some((hours, minutes)) => {
            minute_of_day(hours, minutes).ok_or_else(|| fault(format!("`{}` is not a time of day", word.text)))
        }
        None => {
            let error = fault(format!("`{}` is not a time of day", word.text));
            // `8:00` and `18` lack only digits
            let (hours, minutes) = word.text.split_once(':').unwrap_or((word.text, "00"));
            let meant = format!("{hours:0>2}:{minutes}");
            let is_clock = digits(&meant).and_then(|(hours, minutes)| minute_of_day(hours, minutes)).is_some();
            Err(if is_clock { SyntaxError { help: format!("write `{meant}`"), ..error } } else { error })
        }
    }
}

/// The numbers of `HH:MM`.
fn digits(text: &str) -> Option<(Minute, Minute)> {
    let number = |text: &str| -> Option<Minute> {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
    };
    let (hours, minutes) = text.split_once(':')?;
    Some((number(hours)?, number(minutes)?))
}

fn minute_of_day(hours: Minute, minutes: Minute) -> Option<Minute> {
    let total = hours * 60 + minutes;
    (minutes <= 59 && total <= END_OF_DAY).then_some(total)
}

/// The fault of a word in which a typographic dash stands for a hyphen.
pub(crate) fn odd_dash(word: Word<'_>) -> Option<SyntaxError> {
    let is_dash = |c: char| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}');
    let (at, dash) = word.text.char_indices().find(|(_, c)| is_dash(*c))?;
    let start = word.start + at;
    Some(SyntaxError::new(
        start..start + dash.len_utf8(),
        format!("`{dash}` is not a hyphen"),
        format!("write `{}`", word.text.replace(is_dash, "-")),
    ))
}

/// `minute` as `HH:MM`.
#[must_use]
pub fn clock_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
