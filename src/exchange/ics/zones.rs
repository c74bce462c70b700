//! Time zones of a calendar: `TZID` as an IANA zone, and whether its VTIMEZONE says the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::tz::AmbiguousOffset;

use crate::exchange::ics::lines::{IcsComponent, IcsFault};
use crate::exchange::ics::recurrence::{DayBudget, IcsRecurrence, NoMoreDays};
use crate::exchange::ics::values::{IcsTime, read_offset, shortened};
use crate::time::instant::Instant;
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;
use crate::time::zone::{TimeError, Zone};
use crate::time::zone_help::{windows_zone, zone_help};

/// For how long ahead a VTIMEZONE is compared, in seconds: ten years. What lists clock changes one by one ends some day.
const COMPARED: Seconds = Seconds::hours(10 * 1461 * 24 / 4);

/// The most dates of clock changes that one VTIMEZONE may list.
const MOST_ONSETS: usize = 2_000;

/// The zones of the calendars of a file.
#[derive(Debug, Default)]
pub(crate) struct IcsZones<'c> {
    definitions: BTreeMap<String, &'c IcsComponent>,
    known: BTreeMap<String, Arc<Zone>>,
    /// By `TZID`: when events are on its clock.
    used: BTreeMap<String, Interval>,
}

impl<'c> IcsZones<'c> {
    /// Remembers the VTIMEZONEs of a calendar.
    pub(crate) fn define(&mut self, calendar: &'c IcsComponent) -> Result<(), IcsFault> {
        for zone in calendar.parts.iter().filter(|part| part.name == "VTIMEZONE") {
            let Some(id) = zone.one("TZID")? else {
                return Err(IcsFault::new(zone.line, "a VTIMEZONE without a `TZID`", "export the calendar again"));
            };
            self.definitions.entry(id.value.trim().to_owned()).or_insert(zone);
        }
        Ok(())
    }

    /// The zone that a `TZID` names.
    pub(crate) fn named(&mut self, id: &str) -> Result<Arc<Zone>, (String, String)> {
        let id = id.trim();
        if let Some(zone) = self.known.get(id) {
            return Ok(Arc::clone(zone));
        }
        let location = self.definitions.get(id).and_then(|zone| zone.all("X-LIC-LOCATION").next());
        // a path before the name says who defined it (RFC 5545, section 3.8.3.1)
        let tail = |count: usize| {
            let parts: Vec<&str> = id.split('/').collect();
            parts.get(parts.len().checked_sub(count).filter(|_| id.starts_with('/'))?..).map(|parts| parts.join("/"))
        };
        let mut names = [Some(id.to_owned()), tail(3), tail(2), location.map(|line| line.value.trim().to_owned())];
        let found = names.iter_mut().filter_map(Option::take).find_map(|name| Zone::named(&name));
        let Some(zone) = found.or_else(|| windows_zone(id).and_then(Zone::named)).map(Arc::new) else {
            let help = zone_help(&shortened(id));
            return Err((help.cause, help.help));
        };
        self.known.insert(id.to_owned(), Arc::clone(&zone));
        Ok(zone)
    }

    /// Remembers that an event is on the clock of `id` in `span`.
    pub(crate) fn used(&mut self, id: &str, span: Interval) {
        let known = self.used.entry(id.trim().to_owned()).or_insert(span);
        *known = Interval { from: known.from.min(span.from), until: known.until.max(span.until) };
    }

    /// Compares each VTIMEZONE with the zone that its name means, in the years in which events use it.
    pub(crate) fn faults(&self, now: Instant, budget: &mut DayBudget) -> Result<Vec<IcsFault>, TimeError> {
        let mut found = Vec::new();
        for (id, span) in &self.used {
            let (Some(zone), Some(definition)) = (self.known.get(id), self.definitions.get(id)) else {
                continue;
            };
            let span = span.clipped(Interval { from: now, until: now.saturating_add(COMPARED) });
            if span.is_empty() {
                continue;
            }
            match changes(definition, span.until, budget) {
                Ok(changes) => found.extend(compared(definition, &changes, zone, span)?),
                Err(fault) => found.push(fault),
            }
        }
        Ok(found)
    }
}

/// The changes of a VTIMEZONE: when, and the time ahead of UTC before and from then on.
fn changes(
    definition: &IcsComponent,
    until: Instant,
    budget: &mut DayBudget,
) -> Result<Vec<(Instant, Seconds, Seconds)>, IcsFault> {
    let mut found = Vec::new();
    for part in definition.parts.iter().filter(|part| matches!(part.name.as_str(), "STANDARD" | "DAYLIGHT")) {
        let fault = |line: u64, cause: &str| IcsFault::new(line, cause, "export the calendar again");
        let offset = |name: &str| -> Result<Seconds, IcsFault> {
            let line = part.one(name)?.ok_or_else(|| fault(part.line, "a clock change without its offsets"))?;
            read_offset(&line.value).ok_or_else(|| fault(line.line, "an offset that can't be read"))
        };
        let (before, after) = (offset("TZOFFSETFROM")?, offset("TZOFFSETTO")?);
        let start = part.one("DTSTART")?.ok_or_else(|| fault(part.line, "a clock change without a `DTSTART`"))?;
        let Some(IcsTime::Local(first)) = IcsTime::read(start.value.trim()) else {
            return Err(fault(start.line, "a clock change without a local date and time"));
        };
        let mut readings = vec![first];
        for line in part.all("RDATE") {
            for one in line.value.split(',') {
                match IcsTime::read(one.trim()) {
                    Some(IcsTime::Local(reading)) if readings.len() < MOST_ONSETS => readings.push(reading),
                    Some(_) | None => return Err(fault(line.line, "clock changes that can't be read")),
                }
            }
        }
        if let Some(line) = part.one("RRULE")? {
            let rule = IcsRecurrence::read(&line.value)
                .map_err(|why| fault(line.line, &format!("a rule of clock changes: {why}")))?;
            recurring(&rule, first, (before, until), budget, &mut readings)
                .map_err(|_| fault(line.line, "a rule of clock changes with too many dates"))?;
        }
        let at = |reading| WallSecond::of(reading).at_offset(before);
        found.extend(readings.into_iter().map(|reading| (at(reading), before, after)));
    }
    found.sort_unstable();
    if found.is_empty() {
        return Err(IcsFault::new(definition.line, "a VTIMEZONE without an offset", "export the calendar again"));
    }
    Ok(found)
}

fn recurring(
    rule: &IcsRecurrence,
    first: DateTime,
    (before, until): (Seconds, Instant),
    budget: &mut DayBudget,
    readings: &mut Vec<DateTime>,
) -> Result<(), NoMoreDays> {
    let date = |second: Instant| -> Result<Date, NoMoreDays> {
        let instant = second.timestamp().map_err(|_| NoMoreDays::OutOfRange)?;
        Ok(jiff::tz::TimeZone::UTC.to_datetime(instant).date())
    };
    // the last change before the years that are compared counts, too
    let near = date(until.saturating_sub(COMPARED).saturating_sub(Seconds::days(3 * 366)))?;
    let last = date(until.saturating_add(Seconds::days(2)))?;
    let mut count = 0;
    let end = rule.days(first.date(), (near, last), budget, |day| {
        let reading = day.to_datetime(first.time());
        let is_over = rule.until.is_some_and(|limit| match limit {
            IcsTime::Utc(limit) => WallSecond::of(reading).at_offset(before) > WallSecond::of(limit).in_utc(),
            IcsTime::Local(limit) => reading > limit,
            IcsTime::Day(limit) => day > limit,
        });
        count += 1;
        if is_over || rule.count.is_some_and(|most| count > most) {
            return Err(NoMoreDays::Enough);
        }
        readings.push(reading);
        if readings.len() > MOST_ONSETS { Err(NoMoreDays::Budget) } else { Ok(()) }
    });
    match end {
        Err(NoMoreDays::Budget) => Err(NoMoreDays::Budget),
        Ok(()) | Err(NoMoreDays::Enough | NoMoreDays::OutOfRange) => Ok(()),
    }
}

/// The first moment of `span` at which both read different clocks.
fn compared(
    definition: &IcsComponent,
    changes: &[(Instant, Seconds, Seconds)],
    zone: &Zone,
    span: Interval,
) -> Result<Option<IcsFault>, TimeError> {
    let rules = zone.rules()?;
    let mut moments = vec![span.from];
    moments.extend(changes.iter().map(|change| change.0).filter(|at| span.contains(*at)));
    for jump in rules.following(span.from.timestamp()?) {
        let at = Instant::from(jump.timestamp());
        if at >= span.until {
            break;
        }
        moments.push(at);
    }
    moments.sort_unstable();
    for at in moments {
        let real = Seconds::of_offset(rules.to_offset(at.timestamp()?));
        let last = changes.partition_point(|change| change.0 <= at);
        let said = match last.checked_sub(1).and_then(|last| changes.get(last)) {
            Some(change) => change.2,
            None => changes.first().map_or(real, |change| change.1),
        };
        if said != real {
            let cause = format!(
                "from {} its VTIMEZONE is {} ahead of UTC, and `{}` is {}",
                at.timestamp()?,
                hours(said),
                zone.name(),
                hours(real),
            );
            let help = "export the calendar again with a newer program, or correct the zone of its events";
            return Ok(Some(IcsFault::new(definition.line, cause, help)));
        }
    }
    Ok(None)
}

fn hours(offset: Seconds) -> String {
    let sign = if offset < Seconds::ZERO { '-' } else { '+' };
    let minutes = offset.get().abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The instant that a reading means in iCalendar (RFC 5545, section 3.3.5): the first of two; of none, that by the offset before.
pub(crate) fn instant_of(zone: &Zone, reading: DateTime) -> Result<Instant, TimeError> {
    let offset = match zone.rules()?.to_ambiguous_timestamp(reading).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    Ok(Instant::from(offset.to_timestamp(reading).map_err(|_| TimeError::OutOfRange)?))
}
