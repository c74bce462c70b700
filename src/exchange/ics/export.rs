//! Writes closed time as events.
//!
//! A window that recurs is one event with a rule, on the clock of its zone; what has no such rule is an event for each date, in UTC. What is
//! written is read again and compared with the policy. An end is where the clock on the wall reads it; a length in days and hours says
//! so by the letter of RFC 5545, too, unless clocks change within the hours.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Weekday};
use sha2::{Digest, Sha256};

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::escape::ics::{ics_text, push_ics_line};
use crate::exchange::cron::{Cron, CronDays};
use crate::exchange::ics::import::occupied;
use crate::exchange::ics::recurrence::ics_weekday;
use crate::exchange::ics::timezone::{ics_reading, push_timezone};
use crate::exchange::import::MOST_WINDOWS;
use crate::exchange::model::{difference, horizon};
use crate::exchange::wall::{WallWindow, WallWindows, WallYears, gaps, inexact, wall_windows};
use crate::exchange::{Exported, ExportedPlace, differs, refused};
use crate::hex::hex;
use crate::policy::Policy;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::moment::DayOfMonth;
use crate::time::seconds::Seconds;
use crate::time::window::{Rule, closed};
use crate::time::zone::{TimeError, Zone};

/// Writes the events for `place`; windows without a rule of their own up to `until` (seconds since the Unix epoch).
///
/// # Errors
///
/// All that cannot be said, what would only be stricter among it unless `is_stricter_fine`.
pub fn export(
    policy: &Policy,
    place: &ExportedPlace,
    until: Instant,
    is_stricter_fine: bool,
    now: Instant,
) -> Result<Result<Exported, Vec<Diagnostic>>, TimeError> {
    let environment = &place.environment;
    let runway = environment.duration.saturating_add(environment.settle);
    let mut walls = wall_windows(policy, environment, &place.regions, now, WallYears::Dated(runway));
    if runway.get() % 60 != 0 {
        let cause = "`duration` and `settle` are not whole minutes";
        walls.unsayable.push(inexact(cause, environment.place, "round them up to minutes"));
    }
    if let Some(open_place) = walls.open_place {
        match gaps(&walls.open, open_place, &format!("change-window/{}", environment.name)) {
            Some(gaps) => walls.closed.extend(gaps),
            None => {
                let cause = "the change windows are of several time zones, and an event is of one";
                walls.unsayable.push(inexact(cause, open_place, "write them in one time zone"));
            }
        }
    }
    let mut calendar = ExportedCalendar {
        policy,
        place,
        now,
        runway,
        events: String::new(),
        zones: BTreeMap::new(),
        later: Vec::new(),
        is_empty: true,
    };
    for window in &walls.closed {
        if let Err(cause) = calendar.recurring(window)? {
            let item = inexact(format!("`{}` {cause}", window.id), window.place, "write it with a day of the month");
            if !walls.unsayable.contains(&item) {
                walls.unsayable.push(item);
            }
        }
    }
    let mut notes = Vec::new();
    let end = calendar.dated(&mut walls, until, &mut notes)?;
    let later = std::mem::take(&mut calendar.later);
    let text = calendar.text(until)?;
    if walls.unsayable.is_empty() {
        let whole = horizon(now);
        let range = Interval { until: end.min(whole.until), ..whole };
        let native = refused(policy, environment, &place.regions, range)?;
        match occupied(&text, range)? {
            Ok(read) => {
                let times = read.times.as_slice().iter().copied().chain(later.iter().map(|span| span.clipped(range)));
                if let Some((span, by_policy)) = difference(&native, &Intervals::union(times.collect())) {
                    walls.unsayable.push(differs(span, by_policy, "the calendar", environment.place));
                }
                notes.extend(read.notes.into_iter().map(|note| Diagnostic { place: None, ..note }.help(LITERAL)));
            }
            Err(items) => walls.unsayable.extend(items.into_iter().map(|item| item.at(environment.place))),
        }
    }
    if !walls.unsayable.is_empty() || !is_stricter_fine && !walls.stricter.is_empty() {
        walls.unsayable.extend(walls.stricter.into_iter().filter(|_| !is_stricter_fine));
        return Ok(Err(walls.unsayable));
    }
    Ok(Ok(Exported { text, stricter: walls.stricter, notes }))
}

const LITERAL: &str =
    "calendars show its usual hour; a program that keeps its length instead, by RFC 5545, is off by that change";

struct ExportedCalendar<'p> {
    policy: &'p Policy,
    place: &'p ExportedPlace,
    now: Instant,
    /// The time that a change takes.
    runway: Seconds,
    events: String,
    /// The zones of recurring events, with the first moment of one.
    zones: BTreeMap<&'static str, (Arc<Zone>, Instant)>,
    /// Everything that is closed after the last date that is written.
    later: Vec<Interval>,
    is_empty: bool,
}

impl ExportedCalendar<'_> {
    /// Adds a window that recurs, from the first of last year on.
    fn recurring(&mut self, window: &WallWindow) -> Result<Result<(), &'static str>, TimeError> {
        let Some(early) = window.earlier(self.runway) else {
            return Ok(Err("starts, less the time that a change takes, on a day without a name"));
        };
        let Some(length) = early.length.filter(|length| *length > Seconds::ZERO) else {
            return Ok(Err("is not always as long"));
        };
        let zone = &early.zone;
        let cron = Cron::at(early.days, early.start);
        let mut day = Date::new(zone.date(self.now)?.year() - 1, 1, 1).map_err(|_| TimeError::OutOfRange)?;
        let shift = SignedDuration::from_secs(self.runway.get());
        let left_out = |day: Date| -> Result<bool, TimeError> {
            let start = reading(day, early.start)?.checked_add(shift).map_err(|_| TimeError::OutOfRange)?;
            Ok(window.left_out.contains(&start.date()))
        };
        // each of them has a day within a year
        for _ in 0..400 {
            if cron.names(day) && !left_out(day)? {
                break;
            }
            day = day.tomorrow().map_err(|_| TimeError::OutOfRange)?;
        }
        let start = reading(day, early.start)?;
        let at = |reading: DateTime| {
            if zone.name() == "UTC" { format!("{}Z", ics_reading(reading)) } else { ics_reading(reading) }
        };
        let named =
            |name: &str| if zone.name() == "UTC" { name.to_owned() } else { format!("{name};TZID={}", zone.name()) };
        let rule = rule_text(early.days);
        self.begin(
            &format!("{}\n{}\n{}\n{rule}\n{}", window.id, zone.name(), at(start), length.get() / 60),
            &window.id,
            window.place,
        )?;
        let text = &mut self.events;
        push_ics_line(text, &named("DTSTART"), &at(start));
        if length >= Seconds::days(1) {
            push_ics_line(text, "DURATION", &duration_text(length));
        } else {
            let span = SignedDuration::from_secs(length.get());
            let end = start.checked_add(span).map_err(|_| TimeError::OutOfRange)?;
            push_ics_line(text, &named("DTEND"), &at(end));
        }
        push_ics_line(text, "RRULE", &rule);
        let mut dates = Vec::new();
        for date in &window.left_out {
            let start = reading(*date, window.start)?.checked_sub(shift).map_err(|_| TimeError::OutOfRange)?;
            dates.push(at(start));
        }
        if !dates.is_empty() {
            push_ics_line(text, &named("EXDATE"), &dates.join(","));
        }
        push_ics_line(text, "END", "VEVENT");
        let from = zone.instant(start, crate::time::zone::ClockReading::First)?;
        let known = self.zones.entry(zone.name()).or_insert_with(|| (Arc::clone(zone), from));
        known.1 = known.1.min(from);
        Ok(Ok(()))
    }

    /// Adds the dates of windows that have no rule, and returns until when the policy knows all dates.
    fn dated(
        &mut self,
        walls: &mut WallWindows,
        until: Instant,
        notes: &mut Vec<Diagnostic>,
    ) -> Result<Instant, TimeError> {
        let mut complete = Instant::MAX;
        let mut count = 0;
        for window in &walls.dated {
            let is_endless = matches!(window.rule, Rule::Recurring { .. });
            let end = window.rule.last_date().unwrap_or(until).max(until);
            let whole = horizon(self.now).until.max(end);
            let range = Interval { from: self.now, until: whole.saturating_add(self.runway) };
            if let Some((stale, calendar)) = window.rule.stale_from(&window.zone)? {
                let stale = stale.saturating_sub(self.runway);
                if stale <= self.now {
                    let cause = format!("`{}` refuses until `{}` has further dates", window.id, calendar.name);
                    walls.unsayable.push(inexact(cause, window.place, "add dates to the calendar"));
                    continue;
                }
                complete = complete.min(stale);
                let cause = format!("`{}` is written up to the last date of `{}`", window.id, calendar.name);
                let help = "from then on the policy refuses until the calendar has further dates";
                notes.push(Diagnostic::warning(Code::Inexact, cause).at(window.place).help(help));
            }
            if is_endless {
                let cause = format!("`{}` is written up to {}", window.id, window.zone.date(until)?);
                let help = "no `RRULE` recurs like this: export again before, or give `--until`";
                notes.push(Diagnostic::warning(Code::Inexact, cause).at(window.place).help(help));
            }
            for span in closed(&window.zone, &window.rule.civil(&window.zone, range)?)? {
                let from = span.from.saturating_sub(self.runway);
                if span.until <= self.now || span.from >= span.until {
                    continue;
                }
                if is_endless && from >= end {
                    self.later.push(Interval { from, ..span });
                    continue;
                }
                count += 1;
                if count > MOST_WINDOWS {
                    let cause = format!("more than {MOST_WINDOWS} dates have to be written");
                    walls.unsayable.push(inexact(cause, window.place, "give an earlier day with `--until`"));
                    return Ok(complete);
                }
                let (from, until) = (utc_text(from)?, utc_text(span.until)?);
                self.begin(&format!("{}\n{}\n{from}", window.id, window.zone.name()), &window.id, window.place)?;
                push_ics_line(&mut self.events, "DTSTART", &from);
                push_ics_line(&mut self.events, "DTEND", &until);
                push_ics_line(&mut self.events, "END", "VEVENT");
            }
        }
        Ok(complete)
    }

    fn begin(&mut self, identity: &str, id: &str, place: Place) -> Result<(), TimeError> {
        self.is_empty = false;
        let environment = &self.place.environment.name;
        let regions: Vec<&str> = self.place.regions.iter().map(|region| region.name.as_str()).collect();
        let mut digest = hex(&Sha256::digest(format!("{environment}\n{}\n{identity}", regions.join("\n"))));
        digest.truncate(32);
        let text = &mut self.events;
        push_ics_line(text, "BEGIN", "VEVENT");
        push_ics_line(text, "UID", &format!("{digest}@freezegate"));
        push_ics_line(text, "DTSTAMP", &utc_text(self.now)?);
        push_ics_line(text, "SUMMARY", &ics_text(&format!("{environment} closed: {id}")));
        push_ics_line(text, "DESCRIPTION", &ics_text(&format!("policy: {}", self.policy.sources.cite(place))));
        push_ics_line(text, "TRANSP", "TRANSPARENT");
        Ok(())
    }

    fn text(self, until: Instant) -> Result<String, TimeError> {
        let mut text = String::new();
        push_ics_line(&mut text, "BEGIN", "VCALENDAR");
        push_ics_line(&mut text, "VERSION", "2.0");
        push_ics_line(&mut text, "PRODID", concat!("-//freezegate//freezegate ", env!("CARGO_PKG_VERSION"), "//EN"));
        push_ics_line(&mut text, "CALSCALE", "GREGORIAN");
        let last = horizon(self.now).until.max(until);
        for (zone, first) in self.zones.values().filter(|(zone, _)| zone.name() != "UTC") {
            push_timezone(&mut text, zone, Interval { from: *first, until: last })?;
        }
        if self.is_empty {
            // a calendar has at least one component (RFC 5545, section 3.6)
            push_timezone(&mut text, &Zone::named("UTC").ok_or(TimeError::OutOfRange)?, horizon(self.now))?;
        }
        text.push_str(&self.events);
        push_ics_line(&mut text, "END", "VCALENDAR");
        Ok(text)
    }
}

fn reading(day: Date, minute: u16) -> Result<DateTime, TimeError> {
    crate::time::moment::reading(day, minute)
}

fn utc_text(second: Instant) -> Result<String, TimeError> {
    let instant = second.timestamp()?;
    Ok(instant.strftime("%Y%m%dT%H%M%SZ").to_string())
}

/// A length in whole minutes as days and hours: `P2DT14H`.
fn duration_text(length: Seconds) -> String {
    let minutes = length.get() / 60;
    let (days, hours, rest) = (minutes / (24 * 60), minutes / 60 % 24, minutes % 60);
    let hours = if hours == 0 { String::new() } else { format!("{hours}H") };
    let rest = if rest == 0 { String::new() } else { format!("{rest}M") };
    let time = if hours.is_empty() && rest.is_empty() { "" } else { "T" };
    format!("P{days}D{time}{hours}{rest}")
}

/// The rule of days that a policy names.
fn rule_text(days: CronDays) -> String {
    let of_month = |day: DayOfMonth| match day {
        DayOfMonth::Day(day) => format!("BYMONTHDAY={day}"),
        DayOfMonth::LastDay => "BYMONTHDAY=-1".to_owned(),
        DayOfMonth::Nth(place, weekday) => format!("BYDAY={place}{}", ics_weekday(weekday)),
        DayOfMonth::Last(weekday) => format!("BYDAY=-1{}", ics_weekday(weekday)),
    };
    match days {
        CronDays::Weekdays(0b111_1111) => "FREQ=DAILY".to_owned(),
        CronDays::Weekdays(bits) => {
            let week = Weekday::Monday.cycle_forward().take(7);
            let names = week.filter(|day| bits >> day.to_sunday_zero_offset() & 1 == 1).map(ics_weekday);
            format!("FREQ=WEEKLY;BYDAY={}", names.collect::<Vec<_>>().join(","))
        }
        CronDays::Monthly(day) => format!("FREQ=MONTHLY;{}", of_month(day)),
        CronDays::Yearly(month, day) => format!("FREQ=YEARLY;BYMONTH={month};{}", of_month(day)),
    }
}
