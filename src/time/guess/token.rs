//! The words of hours and moments as people write them.

use jiff::civil::{Date, Weekday};

use crate::time::syntax::{END_OF_DAY, MONTH_NAMES, MONTHS_IN_FULL, Minute};

/// One word, number or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Day(Weekday),
    /// Several days: from the first to the last, round the end of the week if need be.
    Days(Weekday, Weekday),
    Daily,
    Month(i8),
    Number(u16),
    /// `3rd`, `third`.
    Nth(u16),
    Last,
    /// The words `day` and `month`.
    DayWord,
    MonthWord,
    Of,
    Time(Minute),
    Date(Date),
    /// A date whose day and month could change places: as day and month, and as month and day.
    EitherDate(Date, Date),
    Dash,
    Comma,
    /// Any other word, as it was written.
    Other(String),
}

/// The tokens of `text`; `None` if it holds a sign that none of the forms has.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some((token, after)) = date(rest).or_else(|| number(rest)) {
            found.push(token);
            rest = after;
            continue;
        }
        let is_before_time =
            |rest: &str| rest.starts_with(['T', 't']) && rest.get(1..2).is_some_and(|next| next.parse::<u8>().is_ok());
        let length = if is_before_time(rest) {
            1
        } else if character.is_alphabetic() {
            rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '/' | '_')).unwrap_or(rest.len())
        } else if rest.starts_with("..") {
            rest.len() - rest.trim_start_matches('.').len()
        } else {
            character.len_utf8()
        };
        let (word, after) = rest.split_at_checked(length)?;
        rest = after;
        let days: Option<Vec<Token>> = word.split('/').map(|part| day(&part.to_lowercase()).map(Token::Day)).collect();
        if let Some(days) = days.filter(|days| days.len() > 1) {
            // `Mon/Wed/Fri`
            for day in days {
                if matches!(found.last(), Some(Token::Day(_))) {
                    found.push(Token::Comma);
                }
                found.push(day);
            }
        } else if character.is_alphabetic() {
            found.extend(self::word(word));
        } else if word.starts_with("..") || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}') {
            found.push(Token::Dash);
        } else if matches!(character, ',' | ';' | '&') {
            found.push(Token::Comma);
        } else if !matches!(character, ' ' | '\t' | '(' | ')' | '.') {
            return None;
        }
    }
    Some(joined(found))
}

/// A word, or nothing for one that means nothing here.
fn word(written: &str) -> Option<Token> {
    let lower = written.to_lowercase();
    if lower == "t" {
        return None;
    }
    Some(match lower.as_str() {
        "at" | "on" | "the" | "every" | "each" | "from" | "between" | "o" | "clock" => return None,
        "and" | "plus" => Token::Comma,
        "to" | "until" | "till" | "through" | "thru" => Token::Dash,
        "of" | "in" => Token::Of,
        "weekday" | "weekdays" | "workday" | "workdays" => Token::Days(Weekday::Monday, Weekday::Friday),
        "weekend" | "weekends" => Token::Days(Weekday::Saturday, Weekday::Sunday),
        "daily" | "everyday" => Token::Daily,
        "day" | "days" => Token::DayWord,
        "month" | "months" | "monthly" => Token::MonthWord,
        "last" | "final" => Token::Last,
        "first" => Token::Nth(1),
        "second" => Token::Nth(2),
        "third" => Token::Nth(3),
        "fourth" => Token::Nth(4),
        "fifth" => Token::Nth(5),
        "noon" => Token::Time(12 * 60),
        _ => day(&lower)
            .map(Token::Day)
            .or_else(|| month(&lower).map(Token::Month))
            .unwrap_or_else(|| Token::Other(written.to_owned())),
    })
}

/// The weekday of a name in lower case, short or in full, of one day or several.
pub(super) fn day(lower: &str) -> Option<Weekday> {
    Some(match lower.strip_suffix('s').filter(|rest| rest.len() > 4).unwrap_or(lower) {
        "mon" | "monday" => Weekday::Monday,
        "tue" | "tues" | "tuesday" => Weekday::Tuesday,
        "wed" | "weds" | "wednesday" => Weekday::Wednesday,
        "thu" | "thur" | "thurs" | "thursday" => Weekday::Thursday,
        "fri" | "friday" => Weekday::Friday,
        "sat" | "saturday" => Weekday::Saturday,
        "sun" | "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

/// The month, 1 to 12, of a name in lower case, short or in full.
fn month(lower: &str) -> Option<i8> {
    (1_i8..)
        .zip(MONTH_NAMES.iter().zip(MONTHS_IN_FULL))
        .find(|(_, (short, full))| {
            short.eq_ignore_ascii_case(lower) || *full == lower || (lower == "sept" && *full == "september")
        })
        .map(|(number, _)| number)
}

/// The digits at the start of `text`, at most four, and what follows them.
fn digits(text: &str) -> Option<(u16, usize, &str)> {
    let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(length)?;
    (1..=4).contains(&length).then(|| digits.parse().ok().map(|number| (number, length, rest)))?
}

/// A date in numbers at the start of `text`: year first, or year last.
fn date(text: &str) -> Option<(Token, &str)> {
    let (first, first_length, rest) = digits(text)?;
    let sign = rest.chars().next().filter(|sign| matches!(sign, '-' | '/' | '.'))?;
    let (second, second_length, rest) = digits(rest.get(1..)?)?;
    let (third, third_length, rest) = digits(rest.strip_prefix(sign)?)?;
    let made = |year: u16, month: u16, day: u16| {
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let token = match (first_length, second_length, third_length) {
        (4, 1 | 2, 1 | 2) => Token::Date(made(first, second, third)?),
        (1 | 2, 1 | 2, 4) => match (made(third, second, first), made(third, first, second)) {
            (Some(date), None) | (None, Some(date)) => Token::Date(date),
            // dots stand in dates that begin with the day
            (Some(date), Some(_)) if sign == '.' => Token::Date(date),
            (Some(one), Some(other)) if one == other => Token::Date(one),
            (Some(one), Some(other)) => Token::EitherDate(one, other),
            (None, None) => return None,
        },
        _ => return None,
    };
    Some((token, rest))
}

/// A time, an ordinal or another number at the start of `text`.
fn number(text: &str) -> Option<(Token, &str)> {
    let (number, length, rest) = digits(text)?;
    let (minutes, rest) = match rest.strip_prefix(':').and_then(digits) {
        Some((minutes, 2, rest)) => {
            // seconds say something only if they are not zero
            let rest = rest.strip_prefix(":00").unwrap_or(rest);
            (Some(minutes), rest)
        }
        Some(_) => return None,
        None => (None, rest),
    };
    let after = rest.trim_start();
    let half = |name: &str| {
        let dotted = format!("{}.{}.", name.get(..1)?, name.get(1..)?);
        let head = |wanted: &str| after.get(..wanted.len()).is_some_and(|head| head.eq_ignore_ascii_case(wanted));
        let taken = if head(&dotted) {
            dotted.len()
        } else if head(name) {
            name.len()
        } else {
            return None;
        };
        after.get(taken..).filter(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    if let Some((is_pm, rest)) = half("am").map(|rest| (false, rest)).or_else(|| half("pm").map(|rest| (true, rest))) {
        let hour = (1..=12).contains(&number).then_some(number % 12 + if is_pm { 12 } else { 0 })?;
        return Some((Token::Time(minute(hour, minutes.unwrap_or(0))?), rest));
    }
    if let Some(minutes) = minutes {
        return (length <= 2).then(|| minute(number, minutes)).flatten().map(|time| (Token::Time(time), rest));
    }
    for suffix in ["st", "nd", "rd", "th"] {
        if let Some(rest) = rest.strip_prefix(suffix).filter(|rest| !rest.starts_with(char::is_alphanumeric)) {
            return Some((Token::Nth(number), rest));
        }
    }
    // `18h`, `7d`: no number of these forms
    if rest.starts_with(|c: char| c.is_alphabetic() && !matches!(c, 'T' | 't')) {
        return None;
    }
    Some((Token::Number(number), rest))
}

fn minute(hour: u16, minutes: u16) -> Option<Minute> {
    let total = hour * 60 + minutes;
    (minutes < 60 && total <= END_OF_DAY).then_some(total)
}

/// `tokens` with words that belong together as one.
fn joined(tokens: Vec<Token>) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let before = found.last().cloned();
        match (before, &token) {
            // `business days`, `working days`, `all days`
            (Some(Token::Other(word)), Token::DayWord)
                if matches!(word.to_lowercase().as_str(), "business" | "working" | "work") =>
            {
                found.pop();
                found.push(Token::Days(Weekday::Monday, Weekday::Friday));
            }
            (Some(Token::Other(word)), Token::DayWord) if matches!(word.to_lowercase().as_str(), "all" | "any") => {
                found.pop();
                found.push(Token::Daily);
            }
            (_, _) => found.push(token),
        }
    }
    found
}
