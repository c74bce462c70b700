//! Many spans of time in few words: what recurs each week, or the first dates.

use std::collections::BTreeMap;

use jiff::civil::{DateTime, Weekday};

use crate::policy::duration::{hours, in_full};
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::syntax::day_name;
use crate::time::zone::{TimeError, Zone};

/// A week, in seconds.
const WEEK: Seconds = Seconds::days(7);
/// The number of spans that are listed one by one.
const TOLD: usize = 3;
/// The most different hours that a week is told by.
const MOST_HOURS: usize = 4;

/// The spans on the clock of `zone`: `Fri 14:00-20:00 Berlin, 6 h a week` where they recur within `range`, else the first of
/// them by date; `week_seconds` is how long they last a week.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub fn spans(zone: &Zone, spans: &Intervals, range: Interval, week_seconds: Seconds) -> Result<String, TimeError> {
    let within: Vec<Interval> =
        spans.as_slice().iter().map(|span| span.clipped(range)).filter(|span| !span.is_empty()).collect();
    if within == [range] {
        return Ok("at any hour of the coming 400 days".to_owned());
    }
    if let Some((weekly, seconds)) = weekly(zone, &within, range)? {
        // the mean of all weeks has holidays and parts of weeks in it: a full week is what the hours show
        let amount = amount(week_seconds.max(seconds));
        return Ok(format!("{weekly} {}, {amount} a week", zone.city()));
    }
    let mut parts = Vec::new();
    for span in spans.as_slice().iter().take(TOLD) {
        let (from, until) = clocks(zone, *span)?;
        let same_day = from.date() == until.date();
        let end = if same_day { time(until) } else { format!("{} {}", day(until), time(until)) };
        let between = if same_day { "-" } else { " to " };
        parts.push(format!("{} {}{between}{end}", day(from), time(from)));
    }
    let more = spans.as_slice().len().saturating_sub(TOLD);
    if more > 0 {
        parts.push(format!("and {more} more"));
    }
    let total = amount(spans.seconds());
    Ok(format!("{} ({}), {total} in all", parts.join(", "), zone.city()))
}

/// A length of `seconds`: in hours, or in full if it is shorter than one.
fn amount(seconds: Seconds) -> String {
    if seconds < Seconds::hours(1) { in_full(seconds) } else { format!("{} h", hours(seconds)) }
}

/// The weekdays and hours of spans that come in most weeks of `range`, and how many seconds they are a week; `None` if they don't.
fn weekly(zone: &Zone, spans: &[Interval], range: Interval) -> Result<Option<(String, Seconds)>, TimeError> {
    let weeks = usize::try_from(range.seconds().get() / WEEK.get()).unwrap_or(0);
    // by start, end, and whether the end is on the next day: how often on each weekday
    let mut often: BTreeMap<(i64, i64, i32), BTreeMap<i8, usize>> = BTreeMap::new();
    for span in spans {
        let (from, until) = clocks(zone, *span)?;
        let days = from.date().until(until.date()).map_or(i32::MAX, |span| span.get_days());
        let minutes = |clock: DateTime| i64::from(clock.hour()) * 60 + i64::from(clock.minute());
        let on_day = often.entry((minutes(from), minutes(until), days)).or_default();
        *on_day.entry(from.weekday().to_monday_zero_offset()).or_default() += 1;
    }
    let mut told = Vec::new();
    let mut counted = 0;
    let mut seconds = Seconds::ZERO;
    for ((from, until, days), on_day) in &often {
        let regular: BTreeMap<i8, usize> =
            on_day.iter().filter(|(_, count)| **count * 4 >= weeks * 3).map(|(day, count)| (*day, *count)).collect();
        if regular.is_empty() {
            continue;
        }
        counted += regular.values().sum::<usize>();
        let minutes = i64::from(*days).saturating_mul(24 * 60).saturating_add(until - from);
        let times = i64::try_from(regular.len()).unwrap_or(0);
        seconds += Seconds::minutes(minutes).saturating_mul(times);
        let clock = |minutes: &i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let end = match (*until, *days) {
            (0, 1) => "24:00".to_owned(),
            (_, 0 | 1) => clock(until),
            (_, more) => format!("{} {more} days later", clock(until)),
        };
        told.push(format!("{} {}-{end}", weekdays(&regular.into_keys().collect::<Vec<_>>()), clock(from)));
    }
    // holidays and jumps of the clock make a few of another length
    let is_weekly = !told.is_empty() && told.len() <= MOST_HOURS && counted * 10 >= spans.len() * 8;
    Ok(is_weekly.then(|| (told.join(", "), seconds)))
}

/// `Mon-Fri`, `Mon, Wed`, `daily`.
fn weekdays(days: &[i8]) -> String {
    let name = |day: &i8| Weekday::from_monday_zero_offset(*day).map_or("", day_name);
    let is_run = days.windows(2).all(|pair| matches!(pair, [one, next] if one + 1 == *next));
    match days {
        [_, _, _, _, _, _, _] => "daily".to_owned(),
        [first, .., last] if is_run && days.len() > 2 => format!("{}-{}", name(first), name(last)),
        several => several.iter().map(name).collect::<Vec<_>>().join(","),
    }
}

/// The minute in which a span starts, and the end.
fn clocks(zone: &Zone, span: Interval) -> Result<(DateTime, DateTime), TimeError> {
    // a start is in time until the second at which it would be too late
    Ok((zone.clock(span.from.start_of_minute())?, zone.clock(span.until)?))
}

fn day(clock: DateTime) -> String {
    clock.strftime("%a %-d %b %Y").to_string()
}

fn time(clock: DateTime) -> String {
    format!("{:02}:{:02}", clock.hour(), clock.minute())
}
