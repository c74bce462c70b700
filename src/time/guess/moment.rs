//! Moments as people write them.

use jiff::civil::{Date, Weekday, date};

use crate::time::guess::token::{Token, tokens};
use crate::time::guess::{Guess, cron, every_other, hours};
use crate::time::moment::{MAX_OFFSET_DAYS, Moment};
use crate::time::syntax::{Minute, clock_text, day_name, month_name, words};
use crate::time::zone::Zone;

/// The end of a freeze that a moment is: the start or the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MomentKey {
    /// The start, `from`.
    From,
    /// The end, `until`.
    Until,
}

/// Returns what `text`, which is not a moment, was meant to say as one.
#[must_use]
pub fn guess_moment(text: &str, key: MomentKey) -> Option<Guess> {
    if let Some(line) = cron::line(text) {
        let help = match (line.moment().filter(|moment| is_right(moment)), line.start()) {
            (Some(moment), _) => format!("write `{moment}`"),
            (None, Some(_)) => "for several days a week, write `hours` in place of `from` and `until`: `DAYS \
                                HH:MM-HH:MM`"
                .to_owned(),
            (None, None) => "write one day and one time, such as a weekday with `HH:MM`".to_owned(),
        };
        return Some(Guess { cause: Some(format!("`{text}` is a cron line")), help });
    }
    let found = every_other(text).or_else(|| relative_day(text)).or_else(|| several_days(text, key));
    if found.is_some() {
        return found;
    }
    if let Some(length) = Length::read(text) {
        // a length says when something ends, not when it starts
        return if key == MomentKey::Until { length.guess(text) } else { None };
    }
    let read = MomentParts::read(&tokens(text)?)?;
    let days = read.days()?;
    // with a time, the reader names the word that it stumbled over
    let cause = read.time.is_none().then(|| format!("`{text}` has no time of day"));
    let mut help = match (days.as_slice(), read.time, read.end) {
        ([day], Some(start), Some(end)) => {
            let until = if end > start { day.at(end)? } else { format!("\"+1d {}\"", clock_text(end)) };
            format!("write `from = {}`, `until = {until}`", day.at(start)?)
        }
        (_, None, Some(_)) | (_, Some(_), Some(_)) => return None,
        ([day], Some(time), None) => format!("write {}", day.alone(time)?),
        ([day], None, None) => match key {
            MomentKey::From => {
                format!("write {} for the start of that day, else the time that is meant", day.alone(0)?)
            }
            MomentKey::Until => format!("write {} if that day is still frozen, else {}", day.end()?, day.alone(0)?),
        },
        ([one, other], Some(time), None) => format!("write {}, or {}", one.alone(time)?, other.alone(time)?),
        ([one, other], None, None) => {
            format!("write {}, or {}, with the time that is meant", one.alone(0)?, other.alone(0)?)
        }
        (_, _, _) => return None,
    };
    if let Some(zone) = read.zone {
        help = if zone.eq_ignore_ascii_case("aoe") {
            aoe(&days, read.time)?
        } else {
            format!("{help}; the zone `{zone}` goes into `timezone`")
        };
    }
    Some(Guess { cause, help })
}

/// A day counted from the one on which the policy is read, such as `tomorrow 18:00`.
fn relative_day(text: &str) -> Option<Guess> {
    let lower = text.to_lowercase();
    let first = words(&lower).first()?.text;
    if !matches!(first, "today" | "tomorrow" | "tonight" | "now" | "yesterday" | "next" | "this") {
        return None;
    }
    let time = |token: &Token| if let Token::Time(minute) = token { Some(*minute) } else { None };
    let minute = tokens(text).and_then(|tokens| tokens.iter().find_map(time)).unwrap_or(18 * 60);
    Some(Guess {
        cause: Some(format!("`{text}` is another day each time the policy is read")),
        help: format!("write the date, as in `{}` without quotes", When::On(date(2026, 11, 26)).at(minute)?),
    })
}

/// Several days of the week, such as `Mon-Fri 18:00`: what closes on several days are hours.
fn several_days(text: &str, key: MomentKey) -> Option<Guess> {
    let tokens = tokens(text)?;
    let (days, rest) = hours::days(&tokens);
    let days = days.filter(|days| days.contains(['-', ',']) || days == "daily")?;
    let span = match (rest, key) {
        ([Token::Time(time)], MomentKey::From) => format!("{}-HH:MM", clock_text(*time)),
        ([Token::Time(time)], MomentKey::Until) => format!("HH:MM-{}", clock_text(*time)),
        ([], MomentKey::From | MomentKey::Until) => "HH:MM-HH:MM".to_owned(),
        (_, MomentKey::From | MomentKey::Until) => return None,
    };
    Some(Guess {
        cause: Some(format!("`{text}` is on several days")),
        help: format!("write `hours = [\"{days} {span}\"]` in place of `from` and `until`"),
    })
}

/// A length of time where a moment should be: `3 days`, `for 6h`.
struct Length {
    /// Days, of a length in days or weeks; `None` of one in hours or minutes.
    days: Option<i32>,
    /// The time that follows it.
    time: Option<Minute>,
}

impl Length {
    fn read(text: &str) -> Option<Self> {
        let lower = text.trim().to_lowercase();
        let rest = ["for ", "after ", "in ", "+"]
            .iter()
            .fold(lower.as_str(), |rest, word| rest.strip_prefix(word).unwrap_or(rest).trim_start());
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).filter(|length| (1..=3).contains(length))?;
        let (number, rest) = rest.split_at_checked(digits)?;
        let rest = rest.trim_start();
        let (unit, rest) = rest.split_at_checked(rest.find([' ', '\t']).unwrap_or(rest.len()))?;
        let number: i32 = number.parse().ok()?;
        let days = match unit {
            "d" | "day" | "days" => Some(number),
            "w" | "week" | "weeks" => Some(number * 7),
            "h" | "hour" | "hours" | "m" | "min" | "minutes" => None,
            _ => return None,
        };
        let rest = rest.trim_start_matches([' ', '\t']);
        let rest = ["later", "after"].iter().fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
        match tokens(rest)?.as_slice() {
            [] => Some(Self { days, time: None }),
            [Token::Time(time)] => Some(Self { days, time: Some(*time) }),
            _ => None,
        }
    }

    fn guess(&self, text: &str) -> Option<Guess> {
        let help = match (self.days, self.time) {
            (Some(days), _) if !(0..=MAX_OFFSET_DAYS).contains(&days) => return None,
            (Some(days), Some(time)) => format!("write `+{days}d {}`", clock_text(time)),
            (Some(days), None) => {
                format!("write `+{days}d HH:MM`: that many days after the day of `from`, and the time of the end")
            }
            (None, _) => {
                "write `+0d HH:MM` for a time on the day of `from`, `+1d HH:MM` for one on the next day".to_owned()
            }
        };
        Some(Guess { cause: Some(format!("`{text}` is a length, not a moment")), help })
    }
}

fn is_right(moment: &str) -> bool {
    moment.parse::<Moment>().is_ok()
}

/// Returns what to write for a date "anywhere on Earth", which is the offset -12:00.
fn aoe(days: &[When], time: Option<Minute>) -> Option<String> {
    match days {
        [day @ When::On(_)] => {
            let at = day.at(time.unwrap_or(0))?;
            Some(format!("AoE is the offset -12:00: write `{at}-12:00` without quotes, and `timezone = \"UTC\"`"))
        }
        _ => None,
    }
}

/// A day that the language can say.
#[derive(Debug, Clone, PartialEq, Eq)]
enum When {
    /// A day that recurs, in the words of the language.
    Recurring(String),
    /// One day.
    On(Date),
}

impl When {
    /// The moment as TOML.
    fn at(&self, minute: Minute) -> Option<String> {
        match self {
            Self::Recurring(day) => {
                let moment = format!("{day} {}", clock_text(minute));
                is_right(&moment).then(|| format!("\"{moment}\""))
            }
            Self::On(date) if minute >= 24 * 60 => Some(format!("{}T00:00:00", date.tomorrow().ok()?)),
            Self::On(date) => Some(format!("{date}T{}:00", clock_text(minute))),
        }
    }

    /// The moment for a text that stands in quotes already.
    fn alone(&self, minute: Minute) -> Option<String> {
        let at = self.at(minute)?;
        Some(match self {
            Self::Recurring(_) => format!("`{}`", at.trim_matches('"')),
            Self::On(_) => format!("`{at}` without quotes"),
        })
    }

    /// The end of the day.
    fn end(&self) -> Option<String> {
        self.alone(24 * 60)
    }
}

/// The parts of a text, each at most once.
#[derive(Default)]
struct MomentParts {
    weekday: Option<Weekday>,
    month: Option<i8>,
    /// A number that may be a day or a year, and ordinals.
    number: Option<u16>,
    year: Option<u16>,
    nth: Option<u16>,
    is_last: bool,
    is_day_word: bool,
    dates: Vec<Date>,
    time: Option<Minute>,
    end: Option<Minute>,
    zone: Option<String>,
}

impl MomentParts {
    fn read(tokens: &[Token]) -> Option<Self> {
        let mut parts = Self::default();
        let mut rest = tokens;
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            let is_free = match token {
                Token::Day(day) => parts.weekday.replace(*day).is_none(),
                Token::Month(month) => parts.month.replace(*month).is_none(),
                Token::Number(year) if *year > 1900 => parts.year.replace(*year).is_none(),
                Token::Number(number) => parts.number.replace(*number).is_none(),
                Token::Nth(nth) => parts.nth.replace(*nth).is_none(),
                Token::Last => !std::mem::replace(&mut parts.is_last, true),
                Token::DayWord => !std::mem::replace(&mut parts.is_day_word, true),
                Token::Date(date) => {
                    parts.dates.push(*date);
                    true
                }
                Token::EitherDate(one, other) => {
                    parts.dates.extend([*one, *other]);
                    true
                }
                Token::Time(time) => parts.time.replace(*time).is_none(),
                Token::Dash => match (parts.time, rest) {
                    (Some(_), [Token::Time(end), after @ ..]) => {
                        rest = after;
                        parts.end.replace(*end).is_none()
                    }
                    _ => false,
                },
                Token::Of | Token::MonthWord | Token::Comma => true,
                Token::Other(name) => {
                    let is_zone = rest.is_empty()
                        && (Zone::named(name).is_some()
                            || name.eq_ignore_ascii_case("aoe")
                            || (name.len() >= 2 && name.bytes().all(|byte| byte.is_ascii_uppercase())));
                    parts.zone = Some(name.clone());
                    is_zone && parts.weekday.is_some() | parts.month.is_some() | !parts.dates.is_empty()
                }
                Token::Days(_, _) | Token::Daily => false,
            };
            if !is_free {
                return None;
            }
        }
        Some(parts)
    }

    /// The days that the parts may mean.
    fn days(&self) -> Option<Vec<When>> {
        if let [first, others @ ..] = self.dates.as_slice() {
            let is_alone = self.month.or(self.number.map(|_| 0)).or(self.nth.map(|_| 0)).is_none()
                && self.year.is_none()
                && !self.is_last
                && others.len() <= 1;
            let dates = self.dates.iter().filter(|date| self.weekday.is_none_or(|day| date.weekday() == day));
            let dates: Vec<When> = dates.map(|date| When::On(*date)).collect();
            return (is_alone && first.year() > 1900 && !dates.is_empty()).then_some(dates);
        }
        let recurring = |day: String| Some(vec![When::Recurring(day)]);
        match (self.month, self.weekday, self.number.or(self.nth)) {
            (Some(number), weekday, Some(day)) if !self.is_last && self.number.is_some() != self.nth.is_some() => {
                if let Some(year) = self.year {
                    let date = Date::new(i16::try_from(year).ok()?, number, i8::try_from(day).ok()?).ok()?;
                    return weekday.is_none_or(|day| date.weekday() == day).then(|| vec![When::On(date)]);
                }
                match weekday {
                    // `3rd Thu of Nov`
                    Some(weekday) if self.nth.is_some() => {
                        recurring(format!("{} {} of {}", nth(day)?, day_name(weekday), month_name(number)?))
                    }
                    // the weekday of a day of the year changes
                    Some(_) => None,
                    None => recurring(format!("{} {day}", month_name(number)?)),
                }
            }
            (_, _, _) if self.year.is_some() => None,
            (Some(number), Some(weekday), None) if self.is_last => {
                recurring(format!("last {} of {}", day_name(weekday), month_name(number)?))
            }
            (Some(number), None, None) if self.is_last && self.is_day_word => {
                recurring(format!("last day of {}", month_name(number)?))
            }
            (None, Some(weekday), None) if self.is_last => recurring(format!("last {}", day_name(weekday))),
            (None, Some(weekday), None) if !self.is_day_word => recurring(day_name(weekday).to_owned()),
            (None, Some(weekday), Some(_)) if !self.is_last && self.number.is_none() => {
                recurring(format!("{} {}", nth(self.nth?)?, day_name(weekday)))
            }
            (None, None, None) if self.is_last && self.is_day_word => recurring("last day".to_owned()),
            (None, None, Some(day)) if !self.is_last && (self.is_day_word || self.nth.is_some()) => {
                recurring(format!("day {day}"))
            }
            (_, _, _) => None,
        }
    }
}

fn nth(number: u16) -> Option<&'static str> {
    ["1st", "2nd", "3rd", "4th"].get(usize::from(number.checked_sub(1)?)).copied()
}
