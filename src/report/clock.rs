//! Instants for people: local time, zone, UTC and how long until then, together.

use jiff::civil::{Date, DateTime};

use crate::policy::duration::spoken;
use crate::report::rows::glued;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::syntax::{day_name, month_name};
use crate::time::zone::{TimeError, Zone};

/// The wall clock of `zone` at `second`, seen from the instant `now`: `Wed 14:45`, or `Wed 2 Dec 14:45` if it is more
/// than six days off, with the year if that is another.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub fn wall(zone: &Zone, second: Instant, now: Instant) -> Result<String, TimeError> {
    on_day(zone, second, now, day)
}

/// As [`wall`], with the date on every day: `Wed 2 Dec 14:45`.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub fn dated(zone: &Zone, second: Instant, now: Instant) -> Result<String, TimeError> {
    on_day(zone, second, now, date_text)
}

/// The wall clock of `zone` at `second` behind its day, which `day` makes from the date and today's.
fn on_day(zone: &Zone, second: Instant, now: Instant, day: fn(Date, Date) -> String) -> Result<String, TimeError> {
    let clock = zone.clock(second)?;
    Ok(format!("{} {}", day(clock.date(), zone.date(now)?), hours(clock)))
}

/// `14:45`, with the seconds if there are any.
fn hours(clock: DateTime) -> String {
    let seconds = if clock.second() == 0 { String::new() } else { format!(":{:02}", clock.second()) };
    format!("{:02}:{:02}{seconds}", clock.hour(), clock.minute())
}

fn day(date: Date, today: Date) -> String {
    let near = date.since(today).is_ok_and(|span| span.get_days().abs() <= 6);
    if near { day_name(date.weekday()).to_owned() } else { date_text(date, today) }
}

/// `Wed 2 Dec`, with the year if it is not that of `today`.
fn date_text(date: Date, today: Date) -> String {
    let month = month_name(date.month()).unwrap_or("");
    let text = format!("{} {} {month}", day_name(date.weekday()), date.day());
    if date.year() == today.year() { text } else { format!("{text} {}", date.year()) }
}

/// `second` in UTC: `21:45 UTC`, with the day where it is another than `local` has.
fn utc(second: Instant, local: Date, today: Date) -> Result<String, TimeError> {
    let zone = Zone::named("UTC").ok_or(TimeError::UnreadableRules("UTC"))?;
    let clock = zone.clock(second)?;
    let time = format!("{} UTC", hours(clock));
    Ok(if clock.date() == local { time } else { format!("{} {time}", day(clock.date(), today)) })
}

/// The instant that is shown for `second`: of `now` itself the minute, as the seconds pass while it is read.
fn shown_at(second: Instant, now: Instant) -> Instant {
    if second == now { now.start_of_minute() } else { second }
}

/// `second` in each of `zones`, one name each, the asker's marked, and in UTC:
/// `Wed 18:00 Los Angeles = Thu 03:00 Berlin (your zone) = Thu 01:00 UTC`. Of `now` itself without seconds.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub fn everywhere(zones: &[&Zone], asker: Option<&Zone>, second: Instant, now: Instant) -> Result<String, TimeError> {
    let second = shown_at(second, now);
    let mut told: Vec<&str> = Vec::new();
    let mut parts = Vec::new();
    let mut first_date = None;
    for zone in zones.iter().copied().chain(asker) {
        if told.contains(&zone.name()) || is_utc(zone) {
            continue;
        }
        told.push(zone.name());
        let you = if asker.is_some_and(|asker| asker.name() == zone.name()) { " (your zone)" } else { "" };
        parts.push(glued(&format!("{} {}{you}", wall(zone, second, now)?, zone.city())));
        first_date.get_or_insert(zone.date(second)?);
    }
    let today = Zone::named("UTC").ok_or(TimeError::UnreadableRules("UTC"))?.date(now)?;
    match first_date {
        Some(date) => parts.push(glued(&utc(second, date, today)?)),
        None => {
            let zone = Zone::named("UTC").ok_or(TimeError::UnreadableRules("UTC"))?;
            parts.push(glued(&format!("{} UTC", wall(&zone, second, now)?)));
        }
    }
    Ok(parts.join(" =\u{a0}"))
}

fn is_utc(zone: &Zone) -> bool {
    matches!(zone.name(), "UTC" | "Etc/UTC")
}

/// The clock of `zone` with UTC behind it: `Wed 14:45 Los Angeles (21:45 UTC)`. Of `now` itself without seconds.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub fn here(zone: &Zone, second: Instant, now: Instant) -> Result<String, TimeError> {
    let second = shown_at(second, now);
    let today = Zone::named("UTC").ok_or(TimeError::UnreadableRules("UTC"))?.date(now)?;
    if is_utc(zone) {
        return Ok(glued(&format!("{} UTC", wall(zone, second, now)?)));
    }
    let local = glued(&format!("{} {}", wall(zone, second, now)?, zone.city()));
    let utc = glued(&utc(second, zone.date(second)?, today)?);
    Ok(format!("{local} ({utc})"))
}

/// The clock of `zone` and its name, without UTC: `Wed 14:45 Los Angeles`.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub fn local(zone: &Zone, second: Instant, now: Instant) -> Result<String, TimeError> {
    Ok(glued(&format!("{} {}", wall(zone, shown_at(second, now), now)?, place(zone))))
}

/// What people call a zone: its city, or UTC.
#[must_use]
pub fn place(zone: &Zone) -> String {
    if is_utc(zone) { "UTC".to_owned() } else { zone.city() }
}

/// The clock of `zone` with UTC behind it, as [`here`]; without a zone, in UTC alone.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub fn here_or_utc(zone: Option<&Zone>, second: Instant, now: Instant) -> Result<String, TimeError> {
    zone.map_or_else(|| everywhere(&[], None, second, now), |zone| here(zone, second, now))
}

/// The last whole minute to start in, of an opening that ends at `end`: if a change takes a time, its last second to start in is one, and
/// better told than the one after. `None` if it ends otherwise.
#[must_use]
pub const fn last_start(end: Instant) -> Option<Instant> {
    if end.as_second().rem_euclid(60) == 1 { Some(end.saturating_sub(Seconds::new(1))) } else { None }
}

/// Returns how long it is from `now` until `second`: `in 3 h 15 min`, or `now`.
#[must_use]
pub fn until(second: Instant, now: Instant) -> String {
    match second.since(now) {
        wait if wait <= Seconds::ZERO => "now".to_owned(),
        wait => glued(&format!("in {}", spoken(wait))),
    }
}
