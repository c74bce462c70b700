//! Reads events as freezes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::exchange::cron::CronDays;
use crate::exchange::ics::events::{IcsEvent, IcsInstance, event};
use crate::exchange::ics::lines::{IcsComponent, calendars};
use crate::exchange::ics::recurrence::{DayBudget, IcsRecurrence, NoMoreDays};
use crate::exchange::ics::shape::shape;
use crate::exchange::ics::values::shortened;
use crate::exchange::ics::zones::IcsZones;
use crate::exchange::import::{Import, Imported, MOST_WINDOWS, NotImported};
use crate::exchange::model::horizon;
use crate::exchange::wall::weekly_runs;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::zone::{TimeError, Zone};

/// The most dates of events that are compared.
const MOST_INSTANCES: usize = 1_000_000;

/// The most that is listed of what cannot be said.
const MOST_ITEMS: usize = 100;

/// The options for reading events.
#[derive(Debug, Clone, Default)]
pub struct IcsOptions {
    /// The name of the environment of the policy.
    pub environment: String,
    /// The time zone of days and floating times.
    pub timezone: Option<Arc<Zone>>,
    /// Until when dates of endless events are written, in seconds since the Unix epoch.
    pub until: Option<Instant>,
    /// True if a policy may be written that refuses more than the events close.
    pub is_stricter_fine: bool,
}

/// Reads the events of an iCalendar file into a policy: each is a freeze, whether it shows as busy or free.
///
/// # Errors
///
/// All that cannot be said, what would only be stricter among it unless that is fine.
pub fn import(
    (path, text): (&str, &str),
    options: &IcsOptions,
    now: Instant,
) -> Result<Result<Imported, NotImported>, TimeError> {
    let mut import = Import::new(path, text, "ics");
    let found = match calendars(text) {
        Ok(found) => found,
        Err(fault) => {
            let item =
                Diagnostic::error(Code::UnreadableFile, fault.cause).at(import.place(fault.line)).help(fault.help);
            return Ok(Err(NotImported { sources: import.sources, items: vec![item] }));
        }
    };
    let range = horizon(now);
    let mut reader = IcsImporter::new(options, range, &mut import);
    for calendar in &found {
        reader.calendar(calendar)?;
    }
    reader.write_dated()?;
    reader.shortened();
    let foreign = reader.foreign.iter().map(|span| span.clipped(range)).collect();
    let is_cut = reader.is_cut;
    let mut head = "# Events of a calendar, by `freezegate import ics`.\n".to_owned();
    if let Some(until) = options.until.filter(|_| is_cut) {
        let zone =
            options.timezone.as_ref().map_or_else(|| Zone::named("UTC").map(Arc::new), |zone| Some(Arc::clone(zone)));
        if let Some(zone) = zone {
            head.push_str(&format!("# Some events go on: their dates are here until {}.\n", zone.date(until)?));
        }
    }
    import.compared(range);
    import.finish(&options.environment, &head, || Ok(Intervals::union(foreign)), (options.is_stricter_fine, now))
}

/// The result of [`occupied`].
pub(crate) struct IcsOccupied {
    /// The times when the events are.
    pub(crate) times: Intervals,
    /// Everything that is to be known of their ends.
    pub(crate) notes: Vec<Diagnostic>,
}

/// Returns when the events of a calendar are within `range`, for which no zone has to be named.
///
/// # Errors
///
/// What cannot be read.
pub(crate) fn occupied(text: &str, range: Interval) -> Result<Result<IcsOccupied, Vec<Diagnostic>>, TimeError> {
    let mut import = Import::new("", text, "ics");
    let found = match calendars(text) {
        Ok(found) => found,
        Err(fault) => return Ok(Err(vec![Diagnostic::error(Code::Internal, fault.cause).help(fault.help)])),
    };
    // what would be stricter as a rule of a policy is read all the same
    let options = IcsOptions { is_stricter_fine: true, ..IcsOptions::default() };
    let mut reader = IcsImporter::new(&options, range, &mut import);
    for calendar in &found {
        reader.calendar(calendar)?;
    }
    let spans = reader.foreign.iter().map(|span| span.clipped(range)).collect();
    let occupied = IcsOccupied { times: Intervals::union(spans), notes: import.notes };
    Ok(if import.items.is_empty() { Ok(occupied) } else { Err(import.items) })
}

/// A date of an event, to be written as a freeze.
struct DatedFreeze {
    span: Interval,
    zone: Arc<Zone>,
    summary: String,
    line: u64,
}

struct IcsImporter<'r> {
    options: &'r IcsOptions,
    range: Interval,
    budget: DayBudget,
    import: &'r mut Import,
    /// The times when the events are.
    foreign: Vec<Interval>,
    dated: Vec<DatedFreeze>,
    /// True if an event goes on after the dates that are written.
    is_cut: bool,
    /// True if too many days were looked at.
    is_spent: bool,
}

impl<'r> IcsImporter<'r> {
    const fn new(options: &'r IcsOptions, range: Interval, import: &'r mut Import) -> Self {
        let budget = DayBudget::new();
        Self { options, range, budget, import, foreign: Vec::new(), dated: Vec::new(), is_cut: false, is_spent: false }
    }

    /// Leaves out what nobody reads to its end.
    fn shortened(&mut self) {
        let items = &mut self.import.items;
        let more = items.len().saturating_sub(MOST_ITEMS);
        if more > 0 {
            items.truncate(MOST_ITEMS);
            let cause = format!("{more} more that a policy can't express");
            items.push(Diagnostic::error(Code::Inexact, cause).help("give fewer events"));
        }
    }

    fn calendar(&mut self, calendar: &IcsComponent) -> Result<(), TimeError> {
        let scale = calendar.word("CALSCALE");
        if !matches!(scale.as_str(), "" | "GREGORIAN") {
            let cause = "dates of another calendar than the Gregorian";
            self.import.refuse(cause, calendar.line, "export Gregorian dates");
            return Ok(());
        }
        if calendar.word("METHOD") == "CANCEL" {
            let cause = "it cancels events of another calendar (`METHOD:CANCEL`)";
            self.import.refuse(cause, calendar.line, "export the calendar that has the events");
            return Ok(());
        }
        let mut zones = IcsZones::default();
        // what Google and Apple write for people
        let own_zone = calendar.all("X-WR-TIMEZONE").next().map(|line| line.value.trim());
        let own_zone = own_zone.and_then(Zone::named).map_or("Europe/Berlin", |zone| zone.name());
        if let Err(fault) = zones.define(calendar) {
            self.import.refuse(fault.cause, fault.line, fault.help);
        }
        // by identity; a calendar's order is kept
        let mut groups: Vec<Vec<IcsEvent>> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut refused = Vec::new();
        for part in &calendar.parts {
            match part.name.as_str() {
                "VEVENT" => {
                    let Some(event) = event(part, &mut zones, (self.options.timezone.as_ref(), own_zone), &mut refused)
                    else {
                        continue;
                    };
                    match event.id.clone() {
                        None => groups.push(vec![event]),
                        Some(id) => {
                            let place = *places.entry(id).or_insert(groups.len());
                            match groups.get_mut(place) {
                                Some(group) => group.push(event),
                                None => groups.push(vec![event]),
                            }
                        }
                    }
                }
                name @ ("VFREEBUSY" | "VAVAILABILITY") => {
                    let cause = format!("a {name}, which says when somebody is busy, and not why");
                    refused.push((part.line, cause, "use events, or remove it".to_owned()));
                }
                // they take no time, and those of programs are nobody else's
                "VTIMEZONE" | "VTODO" | "VJOURNAL" => {}
                name if name.starts_with("X-") => {}
                name => {
                    let cause = format!("a component `{}`, which is not known", shortened(name));
                    refused.push((part.line, cause, "remove it".to_owned()));
                }
            }
            if let Some(event) = hidden_event(part) {
                let cause = "an event within something else";
                refused.push((event.line, cause.to_owned(), "check the program that wrote the file".to_owned()));
            }
        }
        for (line, cause, help) in refused {
            self.import.refuse(cause, line, &help);
        }
        for group in groups {
            self.group(&group, &mut zones)?;
        }
        for fault in zones.faults(self.range.from, &mut self.budget)? {
            self.import.refuse(fault.cause, fault.line, fault.help);
        }
        Ok(())
    }

    /// Adds an event, with those that replace dates of it.
    fn group(&mut self, group: &[IcsEvent], zones: &mut IcsZones<'_>) -> Result<(), TimeError> {
        let mut masters = group.iter().filter(|event| event.replaces.is_none());
        let master = masters.next();
        if let Some(second) = masters.next() {
            let cause = "two events have the same `UID`";
            self.import.refuse(cause, second.line, "export the calendar again, or give one another `UID`");
            return Ok(());
        }
        let replaced: BTreeSet<Instant> = group.iter().filter_map(|event| event.replaces).collect();
        for one in group.iter().filter(|event| event.replaces.is_some() && !event.is_cancelled) {
            match one.instances(self.range, &mut self.budget) {
                Ok(all) => self.dates(one, &all, zones),
                Err(why) => self.too_far(one, why),
            }
        }
        let Some(master) = master.filter(|event| !event.is_cancelled) else {
            return Ok(());
        };
        let is_out = |instance: &IcsInstance| {
            replaced.contains(&instance.span.from) || master.left_out.contains(&instance.span.from)
        };
        let (all, extra) = match (self.expanded(master), master.extra()) {
            (Ok(all), Ok(extra)) => (all, extra),
            (Err(why), _) | (_, Err(why)) => {
                self.too_far(master, why);
                return Ok(());
            }
        };
        let extra: Vec<IcsInstance> = extra.into_iter().filter(|one| !is_out(one)).collect();
        self.dates(master, &extra, zones);
        let (left, kept): (Vec<IcsInstance>, Vec<IcsInstance>) = all.into_iter().partition(is_out);
        self.literal(master, &kept);
        match &master.rule {
            Some(rule) if rule.is_endless() => self.endless(master, rule, &kept, left.first(), zones),
            Some(_) | None => self.dates(master, &kept, zones),
        }
        Ok(())
    }

    /// The dates of an event, its first one among those of its rule.
    fn expanded(&mut self, event: &IcsEvent) -> Result<Vec<IcsInstance>, NoMoreDays> {
        if let Some(rule) = &event.rule
            && !rule.has(event.first_day(), &mut self.budget)?
        {
            let cause = "its `DTSTART` is not a date of its `RRULE`";
            self.import.refuse(
                cause,
                event.line,
                "start it on a date of the rule: RFC 5545 leaves open what else it means",
            );
            return Ok(Vec::new());
        }
        event.instances(self.range, &mut self.budget)
    }

    fn too_far(&mut self, event: &IcsEvent, why: NoMoreDays) {
        // all that follow would say the same
        if why == NoMoreDays::Budget && std::mem::replace(&mut self.is_spent, true) {
            return;
        }
        let (cause, help) = match why {
            NoMoreDays::Budget => ("it takes too long to find all of its dates", "give fewer events, or shorter rules"),
            NoMoreDays::Enough | NoMoreDays::OutOfRange => {
                ("its dates are beyond those that there are", "correct its dates")
            }
        };
        self.import.refuse(cause, event.line, help);
    }

    /// Notes where the letter of RFC 5545 ends a recurring event at another hour.
    fn literal(&mut self, event: &IcsEvent, all: &[IcsInstance]) {
        let is_other = |one: &&IcsInstance| one.literal_until != one.span.until && one.span.until > self.range.from;
        if event.rule.is_some()
            && let Some(one) = all.iter().find(is_other)
        {
            let zone = &event.start.zone;
            let date = zone.date(one.span.until).map_or_else(|_| "a day".to_owned(), |date| date.to_string());
            let cause = format!("clocks change before the end of `{}` on {date}", shortened(&event.summary));
            let place = self.import.place(event.line);
            let help = "it is read as calendars show it and ends at its usual hour; RFC 5545 keeps its length instead";
            self.import.notes.push(Diagnostic::warning(Code::Inexact, cause).at(place).help(help));
        }
    }

    /// Adds an event that never ends: as a rule of the policy, or the dates until the day that is given.
    fn endless(
        &mut self,
        event: &IcsEvent,
        rule: &IcsRecurrence,
        kept: &[IcsInstance],
        left_out: Option<&IcsInstance>,
        zones: &mut IcsZones<'_>,
    ) {
        let start = event.start.reading;
        let length = event.length.wall;
        let is_whole = length.get() % 60 == 0 && start.second() == 0;
        let days = shape(rule, start.date()).filter(|_| is_whole && length <= Seconds::days(366));
        let now = self.range.from;
        let mut reasons = Vec::new();
        let day_of = |one: &IcsInstance| {
            event.start.zone.date(one.span.from).map_or_else(|_| String::new(), |day| day.to_string())
        };
        if let Some(first) = kept.first().filter(|first| first.span.from > now && is_first(event, first)) {
            reasons.push(format!("it starts on {}, and a rule of a policy has no first date", day_of(first)));
        }
        if let Some(left) = left_out {
            reasons.push(format!("it leaves out or moves {}, and a rule of a policy has no exceptions", day_of(left)));
        }
        if days.is_none() {
            reasons.push("a policy has no rule for its `RRULE`".to_owned());
        }
        match days {
            Some(days) if reasons.is_empty() || self.options.until.is_none() && self.options.is_stricter_fine => {
                for reason in reasons {
                    let item = self.import.item(reason, event.line, STRICTER);
                    self.import.stricter.push(item);
                }
                self.covered(event, kept, zones);
                self.import.reason(&event.summary);
                let minute = u16::from(start.hour().unsigned_abs()) * 60 + u16::from(start.minute().unsigned_abs());
                match days {
                    CronDays::Weekdays(bits) => {
                        let runs = weekly_runs(bits, std::iter::once(minute), length, &event.start.zone);
                        self.import.weekly(runs, false);
                    }
                    CronDays::Monthly(_) | CronDays::Yearly(..) => {
                        self.import.starting(days, minute, length, &event.start.zone);
                    }
                }
            }
            Some(_) | None if self.options.until.is_some() => {
                self.dates(event, kept, zones);
            }
            Some(_) | None => {
                let help = if days.is_some() {
                    "`--until 2027-12-31` writes its dates before that day, `--stricter` all that the rule could mean"
                } else {
                    "`--until 2027-12-31` writes its dates before that day"
                };
                for reason in reasons {
                    self.import.refuse(reason, event.line, help);
                }
            }
        }
    }

    /// Remembers when an event is.
    fn covered(&mut self, event: &IcsEvent, all: &[IcsInstance], zones: &mut IcsZones<'_>) {
        let ahead = all.iter().filter(|one| one.span.until > self.range.from);
        for one in ahead {
            event.zone_ids.iter().for_each(|id| zones.used(id, one.span));
            if self.foreign.len() < MOST_INSTANCES {
                self.foreign.push(one.span);
            } else if self.foreign.len() == MOST_INSTANCES {
                self.import.refuse("the events have too many dates", event.line, "give fewer events");
                self.foreign.push(one.span);
            }
        }
    }

    /// Adds dates of an event: all of them, or of one that recurs those before the day that is given.
    fn dates(&mut self, event: &IcsEvent, all: &[IcsInstance], zones: &mut IcsZones<'_>) {
        let cut = self.options.until.filter(|_| event.rule.is_some()).unwrap_or(Instant::MAX);
        let written: Vec<IcsInstance> = all.iter().copied().filter(|one| one.span.from < cut).collect();
        self.is_cut |= written.len() < all.len();
        self.covered(event, &written, zones);
        for one in written.iter().filter(|one| one.span.until > self.range.from) {
            // more are never written, and one more says so
            if self.dated.len() <= MOST_INSTANCES {
                self.dated.push(DatedFreeze {
                    span: one.span,
                    zone: Arc::clone(&event.start.zone),
                    summary: event.summary.clone(),
                    line: event.line,
                });
            }
        }
    }

    fn write_dated(&mut self) -> Result<(), TimeError> {
        let mut dated = std::mem::take(&mut self.dated);
        dated.sort_by(|one, other| (one.span, &one.summary).cmp(&(other.span, &other.summary)));
        dated.dedup_by(|one, other| one.span == other.span && one.summary == other.summary);
        if let Some(last) = dated.get(MOST_WINDOWS) {
            let cause = format!("{} dates to write, and {MOST_WINDOWS} are the most", dated.len());
            self.import.refuse(cause, last.line, "end it earlier, or give fewer events: `--until 2027-12-31`");
            return Ok(());
        }
        for one in dated {
            self.import.reason(&one.summary);
            self.import.dated(one.span, &one.zone)?;
        }
        if self.foreign.is_empty() && self.import.items.is_empty() {
            let cause = "no event of this calendar is still to come";
            self.import.refuse(cause, 1, "export the events of the time to come");
        }
        Ok(())
    }
}

const STRICTER: &str = "`--stricter` writes the rule for all time, `--until 2027-12-31` its dates before that day";

/// The first event within a component; components are nested a few levels deep at most.
fn hidden_event(part: &IcsComponent) -> Option<&IcsComponent> {
    part.parts.iter().find_map(|inner| if inner.name == "VEVENT" { Some(inner) } else { hidden_event(inner) })
}

/// Returns whether it is the first of its event.
fn is_first(event: &IcsEvent, one: &IcsInstance) -> bool {
    event.start.zone.date(one.span.from).is_ok_and(|day| day <= event.first_day())
}
