//! Moments: the ends of a freeze, such as `Dec 20 23:00`, `3rd Thu +1d 09:00` or `release -14d 00:00`.

use jiff::civil::{Date, DateTime, Weekday, date};

use crate::time::syntax::{
    DAY_NAMES, DAYS_IN_FULL, END_OF_DAY, MONTH_NAMES, MONTHS_IN_FULL, Minute, SyntaxError, Word, clock, month,
    month_name, near_word, weekday, words,
};
use crate::time::zone::TimeError;

/// The day that recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrence {
    /// Each week on this day.
    Weekly(Weekday),
    /// Each month.
    Monthly(DayOfMonth),
    /// Each year in this month, 1 to 12.
    Yearly(i8, DayOfMonth),
}

/// A day within a month that every such month has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOfMonth {
    /// The day of this number.
    Day(i8),
    /// The last day.
    LastDay,
    /// The nth such weekday, 1 to 4.
    Nth(i8, Weekday),
    /// The last such weekday.
    Last(Weekday),
}

/// A wall-clock time, some days after (or before) a day that is given elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// Days after that day; negative: before it. At most [`MAX_OFFSET_DAYS`] either way.
    pub days: i32,
    /// Minutes since midnight of the wall clock; 1440 is the end of the day.
    pub minute: u16,
}

/// The most days that an offset may reach, a year and a day: further ones are slips.
pub const MAX_OFFSET_DAYS: i32 = 366;

/// A moment as a policy writes it, before it is known which calendars there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// Weekly, monthly or yearly.
    Recurring(Recurring),
    /// Around each date of the calendar of this name.
    Around(String, Offset),
    /// Relative to the day of `from`: `+1d 09:00`.
    Relative(Offset),
}

/// A day that recurs, with the time and the days by which it is shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recurring {
    /// The day.
    pub recurrence: Recurrence,
    /// The shift and the wall-clock time.
    pub offset: Offset,
}

/// Words that the grammar of moments uses, and names of weekdays and months in full, which are slips for them: no
/// calendar may be named so, in any case.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["day", "daily", "last", "of", "region", "1st", "2nd", "3rd", "4th", "5th"].contains(&lower.as_str())
        || DAY_NAMES.iter().any(|(day, _)| day.eq_ignore_ascii_case(&lower))
        || MONTH_NAMES.iter().any(|month| month.eq_ignore_ascii_case(&lower))
        || is_full_name(&lower)
}

/// Returns whether a word in lower case is a weekday or a month in full.
fn is_full_name(lower: &str) -> bool {
    DAYS_IN_FULL.contains(&lower) || MONTHS_IN_FULL.contains(&lower)
}

pub(crate) const FORMS: &str = "use one of these forms: `Sat 01:00`, `day 1 00:00`, `last Fri 18:00`, `3rd Thu +1d 09:00`, \
                     `Dec 20 23:00`, `4th Thu of Nov -1d 22:00`, `CALENDAR -14d 00:00`";

impl std::str::FromStr for Moment {
    type Err = SyntaxError;

    /// # Errors
    ///
    /// A text of none of the forms, and days that not every month or year has (`day 31`, `5th Fri`, `Feb 29`).
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let words = words(text);
        let Some((time, day)) = words.split_last() else {
            return Err(SyntaxError::new(0..text.len(), "the moment is empty", FORMS));
        };
        let minute = clock(*time).map_err(|error| no_time(*time, day.last(), error))?;
        let (shift, day) = match day.split_last() {
            Some((last, rest)) if last.text.starts_with(['+', '-']) => (Some(read_shift(*last)?), rest),
            Some(_) | None => (None, day),
        };
        let offset = Offset { days: shift.unwrap_or(0), minute };
        let recurring = |recurrence| Ok(Self::Recurring(Recurring { recurrence, offset }));
        // what follows the day, for helps that write the whole moment
        let tail = day.last().and_then(|last| text.get(last.range().end..)).unwrap_or_default().trim();
        match day {
            [first, ..] if first.text == "5th" => Err(no_fifth(*first, text)),
            [] => match shift {
                Some(days) if days >= 0 => Ok(Self::Relative(offset)),
                Some(_) => {
                    Err(SyntaxError::new(0..text.len(), "a relative moment is before its `from`", "write `+1d 09:00`"))
                }
                None => Err(SyntaxError::new(time.range(), "a time without a day", FORMS)),
            },
            [one] => match weekday(one.text) {
                Some(day) if shift.is_none() => recurring(Recurrence::Weekly(day)),
                Some(_) => Err(SyntaxError::new(
                    one.range(),
                    "a weekday with a shift of days",
                    "name the weekday that is meant",
                )),
                None => calendar_name(*one).map(|name| Self::Around(name, offset)),
            },
            [first, second] => match month(first.text) {
                Some(number) => recurring(Recurrence::Yearly(number, day_of(number, *second, tail)?)),
                None => recurring(Recurrence::Monthly(day_of_month(*first, *second, tail)?)),
            },
            [first, second, of, name] if of.text == "of" => {
                let Some(number) = month(name.text) else {
                    return Err(no_month(*name));
                };
                if first.text == "day" {
                    let form = format!("write `{} {} {tail}`", name.text, second.text);
                    return Err(SyntaxError::new(
                        first.start..name.range().end,
                        "a day of a month in the wrong form",
                        form,
                    ));
                }
                let tail = format!("of {} {tail}", name.text);
                recurring(Recurrence::Yearly(number, day_of_month(*first, *second, &tail)?))
            }
            [first, _, ..] => {
                let end = day.last().map_or(text.len(), |word| word.range().end);
                Err(SyntaxError::new(
                    first.start..end,
                    format!("`{}` is not a day", text.get(first.start..end).unwrap_or(text)),
                    FORMS,
                ))
            }
        }
    }
}

/// Returns what is wrong with the last word of a moment, `before` being the one before it.
fn no_time(word: Word<'_>, before: Option<&Word<'_>>, error: SyntaxError) -> SyntaxError {
    let is_time = |text: &str| text.contains(':');
    if is_time(word.text) {
        return error;
    }
    if before.is_some_and(|before| is_time(before.text)) {
        let cause = format!("`{}` follows the time", word.text);
        let help = "end the moment with its time; a zone is given as `timezone`";
        return SyntaxError::new(word.range(), cause, help);
    }
    if error.help.contains("00` to `24:00") {
        let help = if weekday(word.text).is_some() {
            format!("write `{} 00:00`, with the time that is meant", word.text)
        } else if read_shift(word).is_ok() {
            let cause = format!("`{}` has no time", word.text);
            return SyntaxError {
                cause,
                help: format!("write `{} 09:00`, with the time that is meant", word.text),
                ..error
            };
        } else {
            FORMS.to_owned()
        };
        return SyntaxError { help, ..error };
    }
    error
}

fn read_shift(word: Word<'_>) -> Result<i32, SyntaxError> {
    let fault = |cause: String| {
        SyntaxError::new(word.range(), cause, format!("write `+1d` to `+{MAX_OFFSET_DAYS}d`, or `-` for days before"))
    };
    let body = word
        .text
        .get(1..)
        .and_then(|rest| rest.strip_suffix('d'))
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    let Some(Ok(days)) = body.filter(|digits| !digits.is_empty()).map(str::parse::<i32>) else {
        return Err(fault(format!("`{}` is not a shift of days", word.text)));
    };
    if days > MAX_OFFSET_DAYS {
        return Err(fault(format!("`{}` is more than a year away", word.text)));
    }
    Ok(if word.text.starts_with('-') { -days } else { days })
}

fn calendar_name(word: Word<'_>) -> Result<String, SyntaxError> {
    if let Some(day) = near_word(word.text, DAY_NAMES.iter().map(|(name, _)| *name)).filter(|_| is_reserved(word.text))
    {
        return Err(SyntaxError::new(word.range(), format!("`{}` is not a day", word.text), format!("write `{day}`")));
    }
    if is_reserved(word.text) || word.text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
        return Err(SyntaxError::new(word.range(), format!("`{}` is not a day", word.text), FORMS));
    }
    Ok(word.text.to_owned())
}

fn no_month(word: Word<'_>) -> SyntaxError {
    let help = near_word(word.text, MONTH_NAMES)
        .map_or_else(|| format!("the months are {}", MONTH_NAMES.join(", ")), |near| format!("write `{near}`"));
    SyntaxError::new(word.range(), format!("`{}` is not a month", word.text), help)
}

/// The day that `Feb 3` says, `number` being the month and `tail` what follows the day.
fn day_of(number: i8, word: Word<'_>, tail: &str) -> Result<DayOfMonth, SyntaxError> {
    let longest = date(2024, number, 1).days_in_month();
    let every_year = date(2023, number, 1).days_in_month();
    let month = month_name(number).unwrap_or("the month");
    let last_of_february = || format!("write `last day of Feb {tail}`");
    match day_number(word)? {
        day if day <= every_year => Ok(DayOfMonth::Day(day)),
        day if day <= longest => Err(SyntaxError::new(word.range(), "not every year has this day", last_of_february())),
        day => Err(SyntaxError::new(
            word.range(),
            format!("`{month}` has no day {day}"),
            if longest == every_year { format!("its last day is `{month} {every_year}`") } else { last_of_february() },
        )),
    }
}

fn day_number(word: Word<'_>) -> Result<i8, SyntaxError> {
    match word.text.parse::<i8>() {
        Ok(day) if day >= 1 && word.text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(day),
        Ok(_) | Err(_) => {
            Err(SyntaxError::new(word.range(), format!("`{}` is not a day of a month", word.text), FORMS))
        }
    }
}

/// The fault of a fifth weekday, with which `text` begins.
fn no_fifth(word: Word<'_>, text: &str) -> SyntaxError {
    let meant = text.trim().replacen(word.text, "last", 1);
    let help = match meant.parse::<Moment>() {
        Ok(_) => format!("write `{meant}`, if the last one is meant"),
        Err(_) => FORMS.to_owned(),
    };
    SyntaxError::new(word.range(), "not every month has a fifth weekday", help)
}

/// The day that `day 1`, `last day`, `1st Tue` or `last Fri` says, `tail` being what follows it.
fn day_of_month(first: Word<'_>, second: Word<'_>, tail: &str) -> Result<DayOfMonth, SyntaxError> {
    let day = || {
        weekday(second.text).ok_or_else(|| {
            let near = near_word(second.text, DAY_NAMES.iter().map(|(name, _)| *name));
            SyntaxError::new(
                second.range(),
                format!("`{}` is not a day", second.text),
                near.map_or_else(|| FORMS.to_owned(), |near| format!("write `{near}`")),
            )
        })
    };
    match first.text {
        "day" => match day_number(second)? {
            day @ 1..=28 => Ok(DayOfMonth::Day(day)),
            day => {
                let cause = if day <= 31 {
                    "not every month has this day".to_owned()
                } else {
                    format!("no month has a day {day}")
                };
                let help = format!("write `last day {tail}`, or a day from 1 to 28");
                Err(SyntaxError::new(second.range(), cause, help))
            }
        },
        "last" if second.text == "day" => Ok(DayOfMonth::LastDay),
        "last" => day().map(DayOfMonth::Last),
        "1st" => day().map(|day| DayOfMonth::Nth(1, day)),
        "2nd" => day().map(|day| DayOfMonth::Nth(2, day)),
        "3rd" => day().map(|day| DayOfMonth::Nth(3, day)),
        "4th" => day().map(|day| DayOfMonth::Nth(4, day)),
        other => {
            let lower = other.to_ascii_lowercase();
            if MONTH_NAMES.iter().any(|month| month.eq_ignore_ascii_case(other)) || is_full_name(&lower) {
                return Err(no_month(first));
            }
            let help = match (day_number(first), month(second.text)) {
                (Ok(day), Some(_)) => format!("write `{} {day}`", second.text),
                (Ok(_) | Err(_), Some(_) | None) => FORMS.to_owned(),
            };
            Err(SyntaxError::new(
                first.start..second.range().end,
                format!("`{other} {}` is not a day", second.text),
                help,
            ))
        }
    }
}

impl Offset {
    /// The wall-clock reading on the day `days` after `day`.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] beyond the years -9999 to 9999.
    pub fn on(self, day: Date) -> Result<DateTime, TimeError> {
        reading(day.checked_add(jiff::Span::new().days(self.days)).map_err(|_| TimeError::OutOfRange)?, self.minute)
    }
}

/// The wall-clock reading `minute` minutes after the start of `day`; 1440 is the next midnight.
pub(crate) fn reading(day: Date, minute: Minute) -> Result<DateTime, TimeError> {
    let day = if minute >= END_OF_DAY { day.tomorrow().map_err(|_| TimeError::OutOfRange)? } else { day };
    let minute = minute % END_OF_DAY;
    let (hours, minutes) = (minute / 60, minute % 60);
    match (i8::try_from(hours), i8::try_from(minutes)) {
        (Ok(hours), Ok(minutes)) => Ok(day.at(hours, minutes, 0, 0)),
        (Err(_), _) | (_, Err(_)) => Err(TimeError::OutOfRange),
    }
}

impl Recurring {
    /// All readings on the dates `first` to `last`, in order, and some up to a year before or after: the caller
    /// picks.
    ///
    /// A reading of `24:00` is on the date after the one that its words name.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] beyond the years -9999 to 9999.
    pub fn readings(&self, first: Date, last: Date) -> Result<Vec<DateTime>, TimeError> {
        let overnight = i32::from(self.offset.minute >= END_OF_DAY);
        let shift = jiff::Span::new().days(self.offset.days + overnight);
        let first = first.checked_sub(shift).map_err(|_| TimeError::OutOfRange)?;
        let last = last.checked_sub(shift).map_err(|_| TimeError::OutOfRange)?;
        let mut found = Vec::new();
        let mut push = |day: Date| self.offset.on(day).map(|reading| found.push(reading));
        match self.recurrence {
            Recurrence::Weekly(weekday) => {
                let mut day = first.nth_weekday(-1, weekday).map_err(|_| TimeError::OutOfRange)?;
                let end = last.checked_add(jiff::Span::new().days(7)).map_err(|_| TimeError::OutOfRange)?;
                while day <= end {
                    push(day)?;
                    day = day.checked_add(jiff::Span::new().days(7)).map_err(|_| TimeError::OutOfRange)?;
                }
            }
            Recurrence::Monthly(pick) => {
                let mut month = first.first_of_month();
                while month <= last {
                    push(pick.in_month(month)?)?;
                    month = month.checked_add(jiff::Span::new().months(1)).map_err(|_| TimeError::OutOfRange)?;
                }
            }
            Recurrence::Yearly(number, pick) => {
                for year in first.year()..=last.year() {
                    push(pick.in_month(Date::new(year, number, 1).map_err(|_| TimeError::OutOfRange)?)?)?;
                }
            }
        }
        Ok(found)
    }

    /// The most days between one reading and the next.
    #[must_use]
    pub const fn longest_wait_days(&self) -> i32 {
        match self.recurrence {
            Recurrence::Weekly(_) => 7,
            // an nth weekday comes at most five weeks after the last
            Recurrence::Monthly(_) => 35,
            Recurrence::Yearly(_, _) => 373,
        }
    }
}

impl DayOfMonth {
    fn in_month(self, first: Date) -> Result<Date, TimeError> {
        match self {
            Self::Day(day) => first.with().day(day).build(),
            Self::LastDay => Ok(first.last_of_month()),
            Self::Nth(nth, weekday) => first.nth_weekday_of_month(nth, weekday),
            Self::Last(weekday) => first.nth_weekday_of_month(-1, weekday),
        }
        .map_err(|_| TimeError::OutOfRange)
    }
}
