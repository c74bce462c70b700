//! Values of properties: dates, times, durations and texts (RFC 5545, section 3.3).

use jiff::civil::{Date, DateTime};

use crate::escape::for_terminal;
use crate::time::seconds::Seconds;

/// A DATE or DATE-TIME.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IcsTime {
    /// `20261126`: a whole day.
    Day(Date),
    /// `20261126T170000`: what a clock reads.
    Local(DateTime),
    /// `20261126T170000Z`.
    Utc(DateTime),
}

impl IcsTime {
    /// Returns what it reads; the first moment of a day.
    pub(crate) fn reading(self) -> DateTime {
        match self {
            Self::Day(day) => day.at(0, 0, 0, 0),
            Self::Local(reading) | Self::Utc(reading) => reading,
        }
    }

    /// Reads a DATE or DATE-TIME.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let Some((day, time)) = text.split_once(['T', 't']) else {
            return read_day(text).map(Self::Day);
        };
        let day = read_day(day)?;
        let (time, is_utc) = time.strip_suffix(['Z', 'z']).map_or((time, false), |time| (time, true));
        let [hour, minute, second] = pairs::<3>(time)?;
        let reading = day.to_datetime(jiff::civil::Time::new(hour, minute, second, 0).ok()?);
        Some(if is_utc { Self::Utc(reading) } else { Self::Local(reading) })
    }
}

fn read_day(text: &str) -> Option<Date> {
    let [century, year, month, day] = pairs::<4>(text)?;
    Date::new(i16::from(century) * 100 + i16::from(year), month, day).ok()
}

/// Digits, two by two.
fn pairs<const COUNT: usize>(text: &str) -> Option<[i8; COUNT]> {
    if text.len() != 2 * COUNT || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut found = [0; COUNT];
    for (at, place) in found.iter_mut().enumerate() {
        *place = text.get(2 * at..2 * at + 2)?.parse().ok()?;
    }
    Some(found)
}

/// A DURATION: days are days of the calendar, hours are exact (section 3.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IcsDuration {
    pub(crate) days: i64,
    pub(crate) exact: Seconds,
}

impl IcsDuration {
    /// Reads a DURATION such as `P2DT14H`; negative ones are none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let mut rest = text.strip_prefix('+').unwrap_or(&text).strip_prefix('P')?;
        let (mut days, mut seconds) = (0_i64, 0_i64);
        let mut is_time = false;
        let mut is_empty = true;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('T').filter(|_| !is_time) {
                (rest, is_time) = (after, true);
                continue;
            }
            let digits =
                rest.find(|letter: char| !letter.is_ascii_digit()).filter(|digits| (1..=9).contains(digits))?;
            let (number, after) = rest.split_at_checked(digits)?;
            let number: i64 = number.parse().ok()?;
            let unit = after.chars().next()?;
            match (unit, is_time) {
                ('W', false) => days = days.checked_add(number.checked_mul(7)?)?,
                ('D', false) => days = days.checked_add(number)?,
                ('H', true) => seconds = seconds.checked_add(number.checked_mul(3600)?)?,
                ('M', true) => seconds = seconds.checked_add(number.checked_mul(60)?)?,
                ('S', true) => seconds = seconds.checked_add(number)?,
                _ => return None,
            }
            is_empty = false;
            rest = after.get(unit.len_utf8()..)?;
        }
        (!is_empty).then_some(Self { days, exact: Seconds::new(seconds) })
    }
}

/// A UTC-OFFSET such as `+0100`: the time by which a clock is ahead of UTC.
pub(crate) fn read_offset(text: &str) -> Option<Seconds> {
    let (sign, digits) = match text.trim().split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let [hours, minutes, seconds] = if digits.len() == 4 {
        pairs::<2>(digits).map(|[hours, minutes]| [hours, minutes, 0])?
    } else {
        pairs(digits)?
    };
    // RFC 8536, section 3.2: no offset reaches 26 hours
    let is_offset = hours <= 25 && minutes < 60 && seconds < 60;
    let size =
        Seconds::hours(i64::from(hours)) + Seconds::minutes(i64::from(minutes)) + Seconds::new(i64::from(seconds));
    is_offset.then(|| size.saturating_mul(sign))
}

/// A TEXT, its escapes undone.
pub(crate) fn read_text(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match (letter, if letter == '\\' { letters.next() } else { None }) {
            ('\\', Some('n' | 'N')) => text.push(' '),
            ('\\', Some(escaped)) => text.push(escaped),
            (other, _) => text.push(other),
        }
    }
    text
}

/// The start of a value of any length.
pub(crate) fn shortened(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    let end = if short.len() < text.len() { "…" } else { "" };
    format!("{}{end}", for_terminal(&short))
}
