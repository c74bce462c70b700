//! `hours`: weekdays and a span of the wall clock, such as `Mon-Fri 08:00-18:00`.

use jiff::civil::Weekday;

use crate::time::syntax::{
    DAY_NAMES, END_OF_DAY, Minute, SyntaxError, Word, clock, near_word, odd_dash, weekday, words,
};

/// A set of weekdays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySet(u8);

impl DaySet {
    const NONE: Self = Self(0);
    const DAILY: Self = Self(0b111_1111);

    fn bit(day: Weekday) -> u8 {
        1 << day.to_monday_zero_offset()
    }

    /// Returns whether the set holds `day`.
    #[must_use]
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & Self::bit(day) != 0
    }

    /// The days as bits, Monday the lowest.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    fn insert(&mut self, day: Weekday) -> bool {
        let fresh = !self.contains(day);
        self.0 |= Self::bit(day);
        fresh
    }
}

/// One `hours` entry: the weekdays on which a window starts, and its start and end on the wall clock.
///
/// An end at or before the start crosses midnight and belongs to the day it starts on.
///
/// ```
/// use freezegate::time::hours::Hours;
///
/// let office: Hours = "Mon-Fri 08:00-18:00".parse()?;
/// assert!(!office.crosses_midnight());
/// let night: Hours = "Fri-Mon 22:00-06:00".parse()?;
/// assert!(night.crosses_midnight());
/// assert!("Mon-Fri 08:00-08:00".parse::<Hours>().is_err());
/// # Ok::<(), freezegate::time::syntax::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    text: String,
    days: DaySet,
    start: Minute,
    end: Minute,
}

impl Hours {
    /// As the policy wrote it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The weekdays on which the window starts.
    #[must_use]
    pub const fn days(&self) -> DaySet {
        self.days
    }

    /// The start, in minutes since midnight of the wall clock.
    #[must_use]
    pub const fn start(&self) -> u16 {
        self.start
    }

    /// The end, in minutes since midnight of the wall clock of the day on which the window ends; 1440 is `24:00`.
    #[must_use]
    pub const fn end(&self) -> u16 {
        self.end
    }

    /// Returns whether the window ends on the day after the one it starts on.
    #[must_use]
    pub const fn crosses_midnight(&self) -> bool {
        self.end <= self.start
    }
}

const FORM: &str = "write days and a span, such as `Mon-Fri 08:00-18:00`";

impl std::str::FromStr for Hours {
    type Err = SyntaxError;

    /// # Errors
    ///
    /// A text that is not `DAYS HH:MM-HH:MM`, a day named twice, a range of one day, or equal start and end.
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let (days, span) = match words(text).as_slice() {
            [days, span] => (*days, *span),
            [] => return Err(SyntaxError::new(0..text.len(), "the days and hours are missing", FORM)),
            [only] => {
                let lacks = if only.text.contains(':') { "days" } else { "hours" };
                return Err(SyntaxError::new(only.range(), format!("`{}` has no {lacks}", only.text), FORM));
            }
            [_, _, extra, ..] => {
                return Err(SyntaxError::new(
                    extra.start..text.len(),
                    format!("`{}` follows the hours", text.get(extra.start..).unwrap_or(extra.text).trim_end()),
                    "write `DAYS HH:MM-HH:MM`; a zone is given as `timezone`, further spans as further items of the list",
                ));
            }
        };
        if let Some(error) = odd_dash(days).or_else(|| odd_dash(span)) {
            return Err(error);
        }
        let days = read_days(days)?;
        let Some((start, end)) = span.text.split_once('-') else {
            return Err(SyntaxError::new(span.range(), format!("`{}` has no end", span.text), FORM));
        };
        let end_word = Word { text: end, start: span.start + start.len() + 1 };
        let start = clock(Word { text: start, start: span.start })?;
        let end = clock(end_word)?;
        if start == END_OF_DAY {
            return Err(SyntaxError::new(
                span.range(),
                "a window can't start at `24:00`",
                "start the next day at `00:00`",
            ));
        }
        if start == end {
            return Err(SyntaxError::new(
                span.range(),
                format!("`{}` starts and ends at the same time", span.text),
                "write `00:00-24:00` for a whole day",
            ));
        }
        Ok(Self { text: text.trim().to_owned(), days, start, end })
    }
}

fn read_days(word: Word<'_>) -> Result<DaySet, SyntaxError> {
    if word.text == "daily" {
        return Ok(DaySet::DAILY);
    }
    let mut days = DaySet::NONE;
    let mut start = word.start;
    for item in word.text.split(',') {
        let place = Word { text: item, start };
        start += item.len() + 1;
        let (first, last) = match item.split_once('-') {
            None => {
                let day = read_day(place)?;
                (day, day)
            }
            Some((first, last)) => {
                let last_place = Word { text: last, start: place.start + first.len() + 1 };
                let first = read_day(Word { text: first, start: place.start })?;
                let last = read_day(last_place)?;
                if first == last {
                    return Err(SyntaxError::new(
                        place.range(),
                        format!("`{item}` is a range of one day"),
                        "write the day alone, or `daily` for the whole week",
                    ));
                }
                (first, last)
            }
        };
        let mut day = first;
        loop {
            if !days.insert(day) {
                return Err(SyntaxError::new(
                    place.range(),
                    format!("`{}` names a day twice", word.text),
                    "name each day once, or write `daily`",
                ));
            }
            if day == last {
                break;
            }
            day = day.next();
        }
    }
    Ok(days)
}

fn read_day(word: Word<'_>) -> Result<Weekday, SyntaxError> {
    weekday(word.text).ok_or_else(|| {
        let cause =
            if word.text.is_empty() { "a day is missing".to_owned() } else { format!("`{}` is not a day", word.text) };
        let near = near_word(word.text, DAY_NAMES.iter().map(|(name, _)| *name));
        SyntaxError::new(
            word.range(),
            cause,
            near.map_or_else(
                || "the days are Mon, Tue, Wed, Thu, Fri, Sat, Sun, and `daily` for all".to_owned(),
                |near| format!("write `{near}`"),
            ),
        )
    })
}
