//! Hours as people write them.

use jiff::civil::Weekday;

use crate::time::guess::token::{Token, tokens};
use crate::time::guess::{Guess, cron, every_other};
use crate::time::hours::Hours;
use crate::time::moment::{Moment, Recurrence, Recurring};
use crate::time::syntax::{END_OF_DAY, Minute, clock_text, day_name, words};
use crate::time::zone::Zone;

/// Returns what `text`, which is not `DAYS HH:MM-HH:MM`, was meant to say as hours.
#[must_use]
pub fn guess_hours(text: &str) -> Option<Guess> {
    if let Some(line) = cron::line(text) {
        let meant = line.hours();
        let help = if !meant.is_empty() && meant.iter().all(|hours| is_right(hours)) {
            format!("{} if every minute that it names is meant", write(&meant))
        } else if let Some(start) = line.start() {
            format!("a cron line has no end; write `{start}-HH:MM`, with `HH:MM` the end")
        } else {
            "write days and both ends, as `DAYS HH:MM-HH:MM`".to_owned()
        };
        return Some(Guess { cause: Some(format!("`{text}` is a cron line")), help });
    }
    if let Some(guess) = of_a_date(text).or_else(|| every_other(text)).or_else(|| open_ended(text)) {
        return Some(guess);
    }
    let tokens = tokens(text)?;
    let (read, rest) = read(&tokens)?;
    let zone = zone_behind(rest)?;
    let meant: Vec<Vec<String>> = read;
    let right = |forms: &Vec<String>| !forms.is_empty() && forms.iter().all(|hours| is_right(hours));
    if !meant.iter().all(right) {
        return None;
    }
    let cause = (words(text).len() > 2).then(|| format!("`{text}` is not of the form `DAYS HH:MM-HH:MM`"));
    let mut help = match meant.as_slice() {
        [] => return None,
        [one] => write(one),
        [one, other]
            if one.iter().any(|hours| hours.starts_with("daily")) && !text.to_lowercase().contains("daily") =>
        {
            format!("{} for each day, or {} without the weekend", write(one), listed(other))
        }
        [one, others @ ..] => {
            let others: Vec<String> = others.iter().map(|other| listed(other)).collect();
            format!("{}, or {} to end on the next day", write(one), others.join(" or "))
        }
    };
    if let Some(zone) = zone {
        help = format!("{help}; the zone `{zone}` goes into `timezones` of a region, `timezone` elsewhere");
    }
    Some(Guess { cause, help })
}

fn is_right(hours: &str) -> bool {
    hours.parse::<Hours>().is_ok()
}

fn write(meant: &[String]) -> String {
    match meant {
        [one] => format!("write `{one}`"),
        several => format!("write {} items: {}", several.len(), listed(several)),
    }
}

/// The items as they stand in a list.
fn listed(meant: &[String]) -> String {
    meant.iter().map(|hours| format!("`{hours}`")).collect::<Vec<_>>().join(", ")
}

/// A day of the month or year with a span of hours, such as `3rd Sun 02:00-06:00`: only a freeze can say it.
fn of_a_date(text: &str) -> Option<Guess> {
    let (day, span) = text.trim().rsplit_once(' ')?;
    let (start, end) = span.split_once(['-', '\u{2013}'])?;
    let from = format!("{day} {start}");
    let is_weekly = |moment: &Moment| {
        matches!(
            moment,
            Moment::Recurring(Recurring { recurrence: Recurrence::Weekly(_), .. })
                | Moment::Relative(_)
                | Moment::Around(_, _)
        )
    };
    let is_other_day = from.parse::<Moment>().is_ok_and(|moment| !is_weekly(&moment));
    if !is_other_day {
        return None;
    }
    let until = if end > start { format!("{day} {end}") } else { format!("+1d {end}") };
    until.parse::<Moment>().ok()?;
    Some(Guess {
        cause: Some(format!("`{day}` is not a day of every week, as hours need")),
        help: format!("in a freeze, write `from = \"{from}\"`, `until = \"{until}\"` instead of `hours`"),
    })
}

/// Hours of which one end is written, such as `Mon-Fri after 17:00` or `until 17:00`: midnight is the other.
fn open_ended(text: &str) -> Option<Guess> {
    let (word, is_start) = words(text).into_iter().find_map(|word| match word.text.to_lowercase().as_str() {
        "after" | "from" | "since" => Some((word, true)),
        "before" | "until" | "till" => Some((word, false)),
        _ => None,
    })?;
    let before = tokens(text.get(..word.start)?)?;
    let (days, []) = days(&before) else {
        return None;
    };
    let after = tokens(text.get(word.range().end..)?)?;
    let [end] = after.as_slice() else {
        return None;
    };
    let minute = time(end)?.0;
    let (span, midnight) = if is_start {
        (format!("{}-24:00", clock_text(minute)), "ends")
    } else {
        (format!("00:00-{}", clock_text(if minute == 0 { END_OF_DAY } else { minute })), "starts")
    };
    if !is_right(&format!("daily {span}")) {
        return None;
    }
    let proposed = match days {
        Some(days) => format!("`{days} {span}`"),
        None => format!("`daily {span}` for each day, or `Mon-Fri {span}` without the weekend"),
    };
    Some(Guess {
        cause: Some(format!("`{text}` has one end")),
        help: format!("write {proposed}, if it {midnight} at midnight"),
    })
}

/// The name of a zone behind all else, if that is what is left; `None` if something else is.
fn zone_behind(rest: &[Token]) -> Option<Option<&str>> {
    match rest {
        [] => Some(None),
        [Token::Other(name)] if Zone::named(name).is_some() || name.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Some(Some(name))
        }
        _ => None,
    }
}

/// The ways to read the tokens, each a list of hours, and the tokens that are left.
fn read(tokens: &[Token]) -> Option<(Vec<Vec<String>>, &[Token])> {
    let mut one = Vec::new();
    let mut other = Vec::new();
    let mut rest = tokens;
    let mut is_without_days = false;
    loop {
        let (days, after) = days(rest);
        let (spans, after) = match spans(after) {
            Some(found) => found,
            None => break,
        };
        let days = match days {
            Some(days) => days,
            None if one.is_empty() => {
                is_without_days = true;
                "daily".to_owned()
            }
            None => return None,
        };
        rest = after;
        for HoursSpan { start, end, is_in_doubt } in spans {
            if let Token::Day(last) = end.0 {
                one.extend(over_days(&days, start, last, end.1)?);
                other.clone_from(&one);
                continue;
            }
            let later = if is_in_doubt { end.1 + 12 * 60 } else { end.1 };
            one.push(format!("{days} {}-{}", clock_text(start), clock_text(later)));
            let days = if is_without_days { "Mon-Fri" } else { &days };
            other.push(format!("{days} {}-{}", clock_text(start), clock_text(end.1)));
        }
        while let Some((Token::Comma, after)) = rest.split_first() {
            rest = after;
        }
    }
    if one.is_empty() {
        // days alone are whole days
        let (days, after) = days(rest);
        one.push(format!("{} 00:00-24:00", days?));
        rest = after;
        other.clone_from(&one);
    }
    Some((if one == other { vec![one] } else { vec![one, other] }, rest))
}

/// A span of hours; the end may lie on a weekday of its own.
struct HoursSpan {
    start: Minute,
    end: (Token, Minute),
    /// True if the end may be meant in the afternoon: `9-5`.
    is_in_doubt: bool,
}

/// The days at the start of `tokens` as a policy writes them, and what follows.
pub(super) fn days(tokens: &[Token]) -> (Option<String>, &[Token]) {
    let mut items: Vec<String> = Vec::new();
    let mut rest = tokens;
    let range = |first: Weekday, last: Weekday| format!("{}-{}", day_name(first), day_name(last));
    loop {
        let (item, after) = match rest {
            [Token::Daily | Token::DayWord, after @ ..] => ("daily".to_owned(), after),
            [Token::Days(first, last), after @ ..] => (range(*first, *last), after),
            [Token::Day(first), Token::Dash, Token::Day(last), after @ ..] if first != last => {
                (range(*first, *last), after)
            }
            [Token::Day(day), after @ ..] => (day_name(*day).to_owned(), after),
            _ => break,
        };
        items.push(item);
        rest = after;
        match rest {
            [Token::Comma, after @ ..] if matches!(after.first(), Some(Token::Day(_) | Token::Days(_, _))) => {
                rest = after
            }
            [Token::Comma, after @ ..] if matches!(after.first(), Some(Token::Time(_) | Token::Number(_))) => {
                rest = after;
                break;
            }
            _ => break,
        }
    }
    ((!items.is_empty()).then(|| items.join(",")), rest)
}

/// A time, and whether it is written as a whole number of hours.
fn time(token: &Token) -> Option<(Minute, bool)> {
    match token {
        Token::Time(minute) => Some((*minute, false)),
        Token::Number(hour) if *hour <= 24 => Some((hour * 60, true)),
        Token::Number(_)
        | Token::Day(_)
        | Token::Days(_, _)
        | Token::Daily
        | Token::Month(_)
        | Token::Nth(_)
        | Token::Last
        | Token::DayWord
        | Token::MonthWord
        | Token::Of
        | Token::Date(_)
        | Token::EitherDate(_, _)
        | Token::Dash
        | Token::Comma
        | Token::Other(_) => None,
    }
}

fn spans(tokens: &[Token]) -> Option<(Vec<HoursSpan>, &[Token])> {
    let mut found = Vec::new();
    let mut rest = tokens;
    loop {
        match rest {
            [start, Token::Dash | Token::Comma, Token::Day(day), end, after @ ..]
                if time(start).is_some() && time(end).is_some() =>
            {
                found.push(HoursSpan {
                    start: time(start)?.0,
                    end: (Token::Day(*day), time(end)?.0),
                    is_in_doubt: false,
                });
                rest = after;
            }
            [start, Token::Dash, end, after @ ..] if time(start).is_some() && time(end).is_some() => {
                let ((start, from_hour), (mut end, to_hour)) = (time(start)?, time(end)?);
                // one end with am or pm, the other without: either may be meant
                if from_hour != to_hour {
                    return None;
                }
                if end == 0 {
                    end = END_OF_DAY;
                }
                let is_in_doubt = from_hour && end <= start && end < 12 * 60 && end + 12 * 60 > start;
                found.push(HoursSpan { start, end: (Token::Dash, end), is_in_doubt });
                rest = after;
            }
            _ => break,
        }
        match rest {
            [Token::Comma, after @ ..] if matches!(after.first(), Some(Token::Time(_) | Token::Number(_))) => {
                rest = after
            }
            _ => break,
        }
    }
    (!found.is_empty()).then_some((found, rest))
}

/// Hours from a time of one day to a time of another, as items that each end within a day.
fn over_days(first: &str, start: Minute, last: Weekday, end: Minute) -> Option<Vec<String>> {
    let first = crate::time::syntax::weekday(first)?;
    let mut found = vec![format!("{} {}-24:00", day_name(first), clock_text(start))];
    let mut day = first.next();
    while day != last {
        found.push(format!("{} 00:00-24:00", day_name(day)));
        day = day.next();
    }
    if end > 0 {
        found.push(format!("{} 00:00-{}", day_name(last), clock_text(end)));
    }
    Some(found)
}
