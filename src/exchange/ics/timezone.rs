//! The rules of a zone as a VTIMEZONE (RFC 5545, section 3.6.5).

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::escape::ics::push_ics_line;
use crate::exchange::ics::recurrence::ics_weekday;
use crate::time::instant::Instant;
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::zone::{TimeError, Zone};

/// The changes from one offset to another, by the clock before each.
struct IcsObservance {
    before: Offset,
    after: Offset,
    readings: Vec<DateTime>,
}

/// Appends the VTIMEZONE of `zone` for events in `span`.
///
/// # Errors
///
/// [`TimeError`] near the first or last date that there is.
pub(crate) fn push_timezone(text: &mut String, zone: &Zone, span: Interval) -> Result<(), TimeError> {
    let instant = |second: Instant| second.timestamp().map_err(TimeError::from);
    let rules = zone.rules()?;
    // the clock change before the first event counts, too
    let first = instant(span.from.saturating_sub(Seconds::days(2 * 366)))?;
    let mut offset = rules.to_offset(first);
    let mut observances: Vec<IcsObservance> = Vec::new();
    for jump in rules.following(first).take_while(|jump| Instant::from(jump.timestamp()) < span.until) {
        let (before, after) = (offset, jump.offset());
        let reading = offset.to_datetime(jump.timestamp());
        offset = after;
        if before == after {
            continue;
        }
        match observances.iter_mut().find(|one| (one.before, one.after) == (before, after)) {
            Some(known) => known.readings.push(reading),
            None => observances.push(IcsObservance { before, after, readings: vec![reading] }),
        }
    }
    if observances.is_empty() {
        let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
        observances.push(IcsObservance { before: offset, after: offset, readings: vec![epoch] });
    }
    push_ics_line(text, "BEGIN", "VTIMEZONE");
    push_ics_line(text, "TZID", zone.name());
    let last_year = Offset::UTC.to_datetime(instant(span.until)?).year();
    for one in observances {
        let name = if one.after > one.before { "DAYLIGHT" } else { "STANDARD" };
        push_ics_line(text, "BEGIN", name);
        if let Some((start, others)) = one.readings.split_first() {
            push_ics_line(text, "DTSTART", &ics_reading(*start));
            if let Some(rule) = yearly(&one.readings, last_year) {
                push_ics_line(text, "RRULE", &rule);
            } else if !others.is_empty() {
                let dates: Vec<String> = others.iter().map(|reading| ics_reading(*reading)).collect();
                push_ics_line(text, "RDATE", &dates.join(","));
            }
        }
        push_ics_line(text, "TZOFFSETFROM", &ics_offset(one.before));
        push_ics_line(text, "TZOFFSETTO", &ics_offset(one.after));
        push_ics_line(text, "END", name);
    }
    push_ics_line(text, "END", "VTIMEZONE");
    Ok(())
}

/// The rule of readings that come every year up to the last, on the same weekday of a month.
fn yearly(readings: &[DateTime], last_year: i16) -> Option<String> {
    let (first, last) = (readings.first()?, readings.last()?);
    let is_yearly = readings.iter().zip(first.year()..).all(|(reading, year)| reading.year() == year)
        && last.year() >= last_year - 1
        && readings.len() > 2;
    let is_alike = |reading: &DateTime| {
        (reading.month(), reading.weekday(), reading.time()) == (first.month(), first.weekday(), first.time())
    };
    if !is_yearly || !readings.iter().all(is_alike) {
        return None;
    }
    let (month, weekday) = (first.month(), ics_weekday(first.weekday()));
    let place = |reading: &DateTime| (reading.day() - 1) / 7 + 1;
    let days = || readings.iter().map(|reading| reading.day());
    let (least, most) = (days().min()?, days().max()?);
    let by_day = if readings.iter().all(|reading| reading.day() > reading.date().days_in_month() - 7) {
        format!("BYDAY=-1{weekday}")
    } else if readings.iter().all(|reading| place(reading) == place(first)) {
        format!("BYDAY={}{weekday}", place(first))
    } else if most - least == 6 {
        // such as the first Sunday from the 2nd on
        let days: Vec<String> = (least..=most).map(|day| day.to_string()).collect();
        format!("BYMONTHDAY={};BYDAY={weekday}", days.join(","))
    } else {
        return None;
    };
    Some(format!("FREQ=YEARLY;BYMONTH={month};{by_day}"))
}

/// `20261126T000000`.
pub(crate) fn ics_reading(reading: DateTime) -> String {
    reading.strftime("%Y%m%dT%H%M%S").to_string()
}

fn ics_offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    let rest = if rest == 0 { String::new() } else { format!("{rest:02}") };
    format!("{sign}{hours:02}{minutes:02}{rest}")
}
