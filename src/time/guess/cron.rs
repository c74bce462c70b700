//! Cron lines: five fields of minute, hour, day of the month, month and weekday (crontab(5)).

use jiff::civil::Weekday;

use crate::time::syntax::{MONTH_NAMES, day_name, month_name, words};

/// The fields of a cron line.
pub(super) struct CronLine<'t> {
    /// All five; `None` if there are more, which tools read in different ways.
    pub(super) fields: Option<[&'t str; 5]>,
}

/// The days of one field: from the first to the last.
type WeekdaySpan = (Weekday, Weekday);

/// `text` as a cron line, if it is one.
pub(super) fn line(text: &str) -> Option<CronLine<'_>> {
    let words: Vec<&str> = words(text).iter().map(|word| word.text).collect();
    let is_field = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '*' | '?' | 'H' | '@'))
            || crate::time::syntax::near_word(word, MONTH_NAMES).is_some()
            || days(word).is_some()
            || *word == "L"
    };
    let signs =
        |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '*' | '?' | '/' | ',' | '-' | '#'));
    let is_cron = (5..=7).contains(&words.len())
        && words.iter().all(|word| is_field(word) && signs(word))
        && words.iter().any(|word| word.starts_with(['*', '?']));
    is_cron.then(|| CronLine {
        fields: words
            .try_into()
            .ok()
            .filter(|fields: &[&str; 5]| !fields.iter().any(|field| field.contains(['?', 'H', '/']))),
    })
}

impl CronLine<'_> {
    /// `DAYS HH:MM-HH:MM` for a line that names each minute of some hours; empty if it does not.
    pub(super) fn hours(&self) -> Vec<String> {
        let Some([minute, hour, date, month, weekday]) = self.fields else {
            return Vec::new();
        };
        let (true, Some(days)) = ([minute, date, month] == ["*"; 3], days_text(weekday)) else {
            return Vec::new();
        };
        if hour == "*" {
            return vec![format!("{days} 00:00-24:00")];
        }
        let spans: Option<Vec<String>> = hour
            .split(',')
            .map(|part| {
                let (first, last) = part.split_once('-').unwrap_or((part, part));
                let (first, last) = (number(first, 0, 23)?, number(last, 0, 23)?);
                (first <= last).then(|| format!("{days} {first:02}:00-{:02}:00", last + 1))
            })
            .collect();
        spans.unwrap_or_default()
    }

    /// The days and the time at which the line fires, if it is one time of day: `Mon-Fri 09:00`.
    pub(super) fn start(&self) -> Option<String> {
        let [minute, hour, date, month, weekday] = self.fields?;
        (date == "*" && month == "*").then_some(())?;
        Some(format!("{} {}", days_text(weekday)?, clock(hour, minute)?))
    }

    /// The line as a moment of a freeze, if it names one day and one time.
    pub(super) fn moment(&self) -> Option<String> {
        let [minute, hour, date, month, weekday] = self.fields?;
        let clock = clock(hour, minute)?;
        let day = match (date, month, weekday) {
            ("*", "*", weekday) => match weekday.split_once('#') {
                Some((day, nth)) => {
                    let nth = ["1st", "2nd", "3rd", "4th"].get(usize::from(number(nth, 1, 4)?) - 1)?;
                    format!("{nth} {}", day_name(one_day(day)?))
                }
                None => match weekday.strip_suffix('L') {
                    Some(day) => format!("last {}", day_name(one_day(day)?)),
                    None => day_name(one_day(weekday)?).to_owned(),
                },
            },
            ("L", "*", "*") => "last day".to_owned(),
            (date, "*", "*") => format!("day {}", number(date, 1, 28)?),
            (date, month, "*") => {
                let month = match number(month, 1, 12) {
                    Some(month) => month_name(i8::try_from(month).ok()?)?,
                    None => MONTH_NAMES.iter().find(|name| name.eq_ignore_ascii_case(month))?,
                };
                format!("{month} {}", number(date, 1, 31)?)
            }
            (_, _, _) => return None,
        };
        Some(format!("{day} {clock}"))
    }
}

fn number(text: &str, least: u8, most: u8) -> Option<u8> {
    let digits = text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (least..=most).contains(number))
}

fn clock(hour: &str, minute: &str) -> Option<String> {
    Some(format!("{:02}:{:02}", number(hour, 0, 23)?, number(minute, 0, 59)?))
}

/// A weekday as cron has it: 0 and 7 are Sunday.
fn one_day(text: &str) -> Option<Weekday> {
    match number(text, 0, 7) {
        Some(day) => Weekday::from_sunday_zero_offset(i8::try_from(day % 7).ok()?).ok(),
        None => {
            crate::time::syntax::DAY_NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, day)| *day)
        }
    }
}

fn days(field: &str) -> Option<Vec<WeekdaySpan>> {
    field
        .split(',')
        .map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some((one_day(first)?, one_day(last)?))
        })
        .collect()
}

/// The days of a field as a policy writes them.
fn days_text(field: &str) -> Option<String> {
    if field == "*" {
        return Some("daily".to_owned());
    }
    let spans = days(field)?;
    let texts = spans.iter().map(|(first, last)| {
        if first == last { day_name(*first).to_owned() } else { format!("{}-{}", day_name(*first), day_name(*last)) }
    });
    Some(texts.collect::<Vec<_>>().join(","))
}
