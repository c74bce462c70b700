//! Events of a calendar, and when they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use crate::escape::for_terminal;
use crate::exchange::ics::lines::{IcsComponent, IcsFault, IcsLine};
use crate::exchange::ics::recurrence::{DayBudget, IcsRecurrence, NoMoreDays};
use crate::exchange::ics::values::{IcsDuration, IcsTime, read_text, shortened};
use crate::exchange::ics::zones::{IcsZones, instant_of};
use crate::time::instant::Instant;
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;
use crate::time::zone::{TimeError, Zone};

/// A start: what a clock reads, and whose.
#[derive(Debug, Clone)]
pub(crate) struct IcsStart {
    pub(crate) reading: DateTime,
    pub(crate) zone: Arc<Zone>,
    /// True if it is a whole day.
    pub(crate) is_day: bool,
}

/// The length of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IcsLength {
    /// By the clock on the wall.
    pub(crate) wall: Seconds,
    /// By the letter of RFC 5545 (section 3.8.5.3): days of the calendar, then time that passes.
    days: i64,
    exact: Seconds,
}

/// An event.
#[derive(Debug, Clone)]
pub(crate) struct IcsEvent {
    pub(crate) line: u64,
    pub(crate) id: Option<String>,
    pub(crate) summary: String,
    pub(crate) start: IcsStart,
    pub(crate) length: IcsLength,
    /// Each `TZID` of its dates.
    pub(crate) zone_ids: BTreeSet<String>,
    pub(crate) rule: Option<IcsRecurrence>,
    /// Further starts, each with a length of its own if it has one.
    pub(crate) extra: Vec<(IcsStart, Option<IcsLength>)>,
    /// Instants of starts that are left out.
    pub(crate) left_out: BTreeSet<Instant>,
    /// The instant of the start that it replaces.
    pub(crate) replaces: Option<Instant>,
    pub(crate) is_cancelled: bool,
}

/// One time at which an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IcsInstance {
    /// The time, a recurring event by the clock on the wall.
    pub(crate) span: Interval,
    /// The time when it ends by the letter of RFC 5545.
    pub(crate) literal_until: Instant,
}

const AGAIN: &str = "export the calendar again: this line is damaged";

/// Reads an event.
///
/// # Errors
///
/// What cannot be said.
pub(crate) fn event(
    component: &IcsComponent,
    zones: &mut IcsZones<'_>,
    (floating, suggested): (Option<&Arc<Zone>>, &str),
    out: &mut Vec<(u64, String, String)>,
) -> Option<IcsEvent> {
    let before = out.len();
    let read = IcsEventReader { zones, floating, suggested, zone_ids: BTreeSet::new(), out }.event(component);
    match read {
        Ok(event) if out.len() == before => event,
        Ok(_) => None,
        Err(fault) => {
            out.push((fault.line, fault.cause, fault.help.to_owned()));
            None
        }
    }
}

struct IcsEventReader<'r, 'c> {
    zones: &'r mut IcsZones<'c>,
    floating: Option<&'r Arc<Zone>>,
    /// The zone that a message names.
    suggested: &'r str,
    zone_ids: BTreeSet<String>,
    out: &'r mut Vec<(u64, String, String)>,
}

impl IcsEventReader<'_, '_> {
    fn event(&mut self, component: &IcsComponent) -> Result<Option<IcsEvent>, IcsFault> {
        if let Some(line) = component.all("EXRULE").next() {
            let cause = "`EXRULE`, which RFC 5545 no longer has";
            return Err(IcsFault::new(line.line, cause, "write `EXDATE` for each date"));
        }
        let Some(first) = component.one("DTSTART")? else {
            return Err(IcsFault::new(component.line, "an event without a `DTSTART`", "give it a start"));
        };
        let Some(start) = self.start(first, first.value.trim()) else {
            return Ok(None);
        };
        let Some(length) = self.length(component, &start)? else {
            return Ok(None);
        };
        let rule = match component.one("RRULE")? {
            None => None,
            Some(line) => match IcsRecurrence::read(&line.value).and_then(|rule| fits(rule, &start)) {
                Ok(rule) => Some(rule),
                Err(why) => {
                    let cause = format!("the rule `{}`: {why}", shortened(&line.value));
                    return Err(IcsFault::new(line.line, cause, "write its dates, or a rule that recurs by days"));
                }
            },
        };
        let mut extra = Vec::new();
        for line in component.all("RDATE") {
            for one in line.value.split(',') {
                let (from, length) = match one.trim().split_once('/') {
                    Some((from, until)) => (from, Some(until)),
                    None => (one.trim(), None),
                };
                let Some(from) = self.start(line, from) else { return Ok(None) };
                let length = match length {
                    None => None,
                    Some(until) => Some(self.period(line, &from, until)?),
                };
                extra.push((from, length));
            }
        }
        let mut left_out = BTreeSet::new();
        for line in component.all("EXDATE") {
            for one in line.value.split(',') {
                let Some(at) = self.start(line, one.trim()) else { return Ok(None) };
                if at.is_day != start.is_day {
                    let cause = "`EXDATE` and `DTSTART` are not both days or both times";
                    return Err(IcsFault::new(line.line, cause, "give both as days, or both as times"));
                }
                left_out.insert(self.instant(line, &at)?);
            }
        }
        let replaces = match component.one("RECURRENCE-ID")? {
            None => None,
            Some(line) if line.parameter("RANGE").is_some() => {
                let cause = "a change of all later dates (`RANGE`)";
                return Err(IcsFault::new(line.line, cause, "end the event, and write another one"));
            }
            Some(line) => match self.start(line, line.value.trim()) {
                Some(at) => Some(self.instant(line, &at)?),
                None => return Ok(None),
            },
        };
        if replaces.is_some() && (rule.is_some() || !extra.is_empty()) {
            let cause = "it replaces one date of an event, and recurs itself";
            return Err(IcsFault::new(component.line, cause, "write an event of its own"));
        }
        let text = |name: &str| component.all(name).next().map(|line| read_text(&line.value));
        Ok(Some(IcsEvent {
            line: component.line,
            id: text("UID"),
            summary: text("SUMMARY").map_or_else(String::new, |text| for_terminal(&text).into_owned()),
            start,
            length,
            zone_ids: std::mem::take(&mut self.zone_ids),
            rule,
            extra,
            left_out,
            replaces,
            is_cancelled: component.word("STATUS") == "CANCELLED",
        }))
    }

    /// A date or time of a property; what is wrong with it is noted.
    fn start(&mut self, line: &IcsLine, value: &str) -> Option<IcsStart> {
        let Some(time) = IcsTime::read(value) else {
            let cause = format!("`{}` is not a date or a time", shortened(value));
            self.out.push((line.line, cause, AGAIN.to_owned()));
            return None;
        };
        let zone = match (time, line.parameter("TZID")) {
            (IcsTime::Utc(_), _) => Zone::named("UTC").map(Arc::new)?,
            (IcsTime::Local(_), Some(id)) => match self.zones.named(id) {
                Ok(zone) => {
                    self.zone_ids.insert(id.trim().to_owned());
                    zone
                }
                Err((cause, help)) => {
                    self.out.push((line.line, cause, help));
                    return None;
                }
            },
            (IcsTime::Local(_), None) | (IcsTime::Day(_), _) => match self.floating {
                Some(zone) => Arc::clone(zone),
                None => {
                    let is_day = matches!(time, IcsTime::Day(_));
                    let cause =
                        if is_day { "a whole day, of no time zone" } else { "a time of no time zone (a floating one)" };
                    let help = format!("name its time zone, such as `--timezone {}`", self.suggested);
                    self.out.push((line.line, cause.to_owned(), help));
                    return None;
                }
            },
        };
        Some(IcsStart { reading: time.reading(), zone, is_day: matches!(time, IcsTime::Day(_)) })
    }

    fn instant(&self, line: &IcsLine, at: &IcsStart) -> Result<Instant, IcsFault> {
        instant_of(&at.zone, at.reading).map_err(|error| IcsFault::new(line.line, error.to_string(), AGAIN))
    }

    fn length(&mut self, component: &IcsComponent, start: &IcsStart) -> Result<Option<IcsLength>, IcsFault> {
        match (component.one("DTEND")?, component.one("DURATION")?) {
            (Some(_), Some(line)) => {
                Err(IcsFault::new(line.line, "both `DTEND` and `DURATION`", "keep the one that is meant"))
            }
            (Some(line), None) => {
                let Some(end) = self.start(line, line.value.trim()) else { return Ok(None) };
                if end.is_day != start.is_day {
                    let cause = "`DTSTART` and `DTEND` are not both days or both times";
                    return Err(IcsFault::new(line.line, cause, "give both as days, or both as times"));
                }
                self.until(line, start, &end).map(Some)
            }
            (None, Some(line)) => self.lasting(line, start, &line.value).map(Some),
            (None, None) if start.is_day => {
                Ok(Some(IcsLength { wall: Seconds::days(1), days: 1, exact: Seconds::ZERO }))
            }
            (None, None) => {
                let cause = "an event without an end takes no time";
                Err(IcsFault::new(component.line, cause, "give it an end, or remove it"))
            }
        }
    }

    fn until(&self, line: &IcsLine, start: &IcsStart, end: &IcsStart) -> Result<IcsLength, IcsFault> {
        let damaged = |error: TimeError| IcsFault::new(line.line, error.to_string(), AGAIN);
        let passed = self.instant(line, end)?.since(self.instant(line, start)?);
        let there = start.zone.clock(self.instant(line, end)?).map_err(damaged)?;
        // a clock that reads the same later on is one that was set back
        let end_reading = if end.zone.name() == start.zone.name() { end.reading } else { there };
        let wall = WallSecond::of(end_reading) - WallSecond::of(start.reading);
        if passed <= Seconds::ZERO || wall <= Seconds::ZERO {
            return Err(IcsFault::new(line.line, "it ends before it has begun", "correct its end"));
        }
        let (days, exact) = if start.is_day { (wall.get() / (24 * 3600), Seconds::ZERO) } else { (0, passed) };
        Ok(IcsLength { wall, days, exact })
    }

    fn lasting(&self, line: &IcsLine, start: &IcsStart, text: &str) -> Result<IcsLength, IcsFault> {
        let Some(IcsDuration { days, exact }) = IcsDuration::read(text) else {
            let cause = format!("`{}` is not a length of time", shortened(text));
            return Err(IcsFault::new(line.line, cause, "write one such as `PT8H` or `P2D`"));
        };
        let wall = Seconds::days(days) + exact;
        if wall <= Seconds::ZERO || start.is_day && exact != Seconds::ZERO {
            let cause = "a length of no time, or of hours for whole days";
            return Err(IcsFault::new(line.line, cause, "correct its end"));
        }
        Ok(IcsLength { wall, days, exact })
    }

    fn period(&mut self, line: &IcsLine, from: &IcsStart, until: &str) -> Result<IcsLength, IcsFault> {
        if until.starts_with(['P', 'p', '+']) {
            return self.lasting(line, from, until);
        }
        match self.start(line, until) {
            Some(end) => self.until(line, from, &end),
            None => Err(IcsFault::new(line.line, "a period without an end", AGAIN)),
        }
    }
}

/// The rule, if its last date is of the same sort as the start.
fn fits(rule: IcsRecurrence, start: &IcsStart) -> Result<IcsRecurrence, String> {
    match rule.until {
        Some(IcsTime::Day(_)) if !start.is_day => Err("its `UNTIL` is a day, and `DTSTART` a time".to_owned()),
        Some(IcsTime::Local(_) | IcsTime::Utc(_)) if start.is_day => {
            Err("its `UNTIL` is a time, and `DTSTART` a day".to_owned())
        }
        Some(_) | None => Ok(rule),
    }
}

impl IcsEvent {
    /// Returns when it is, from its rule: those that touch `range`, in order of their starts.
    pub(crate) fn instances(&self, range: Interval, budget: &mut DayBudget) -> Result<Vec<IcsInstance>, NoMoreDays> {
        let Some(rule) = &self.rule else {
            return Ok(vec![self.instance(&self.start, self.length, false)?]);
        };
        let room = SignedDuration::from_secs((self.length.wall + Seconds::days(3)).get());
        let zone = &self.start.zone;
        let near = zone.date(range.from)?.checked_sub(room).map_err(|_| NoMoreDays::OutOfRange)?;
        let last = zone.date(range.until)?;
        let mut found = Vec::new();
        let mut count = 0;
        let end = rule.days(self.start.reading.date(), (near, last), budget, |day| {
            let start = IcsStart { reading: day.to_datetime(self.start.reading.time()), ..self.start.clone() };
            let instance = self.instance(&start, self.length, true)?;
            count += 1;
            if rule.count.is_some_and(|most| count > most) || is_after(rule, &start, instance) {
                return Err(NoMoreDays::Enough);
            }
            if instance.span.until > range.from && instance.span.from < range.until {
                found.push(instance);
            }
            Ok(())
        });
        match end {
            Ok(()) | Err(NoMoreDays::Enough) => Ok(found),
            Err(why @ (NoMoreDays::Budget | NoMoreDays::OutOfRange)) => Err(why),
        }
    }

    /// Returns when it is besides.
    pub(crate) fn extra(&self) -> Result<Vec<IcsInstance>, NoMoreDays> {
        let all = self
            .extra
            .iter()
            .map(|(start, length)| self.instance(start, length.unwrap_or(self.length), length.is_none()));
        all.collect()
    }

    fn instance(&self, start: &IcsStart, length: IcsLength, by_wall: bool) -> Result<IcsInstance, NoMoreDays> {
        let from = instant_of(&start.zone, start.reading)?;
        let later = |by: Seconds| {
            let span = SignedDuration::from_secs(by.get());
            start.reading.checked_add(span).map_err(|_| TimeError::OutOfRange)
        };
        let literal_until = instant_of(&start.zone, later(Seconds::days(length.days))?)?.saturating_add(length.exact);
        let until = if by_wall { instant_of(&start.zone, later(length.wall)?)? } else { literal_until };
        Ok(IcsInstance { span: Interval { from, until: until.max(from) }, literal_until })
    }

    /// The date of the first start.
    pub(crate) fn first_day(&self) -> Date {
        self.start.reading.date()
    }
}

/// Returns whether a start lies after the last that the rule allows.
fn is_after(rule: &IcsRecurrence, start: &IcsStart, instance: IcsInstance) -> bool {
    match rule.until {
        None => false,
        Some(IcsTime::Day(last)) => start.reading.date() > last,
        Some(IcsTime::Local(last)) => start.reading > last,
        Some(IcsTime::Utc(last)) => instance.span.from > WallSecond::of(last).in_utc(),
    }
}
