//! Windows of another program as a policy of one environment.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::civil::DateTime;

use crate::diagnostic::{Code, Diagnostic, FileId, LineStarts, Place, SourceFile, Sources};
use crate::escape::for_line;
use crate::exchange::cron::{Cron, CronDays};
use crate::exchange::model::{difference, horizon};
use crate::exchange::wall::WallWindow;
use crate::exchange::wall_days::DAY_MINUTES;
use crate::exchange::{differs, refused};
use crate::policy::load::{PolicyFiles, ReadFault, load};
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::moment::DayOfMonth;
use crate::time::seconds::Seconds;
use crate::time::syntax::{clock_text, day_name, month_name};
use crate::time::zone::{ClockReading, TimeError, Zone};
use crate::time::zone_help::zone_help;

/// The most windows that are read.
pub const MOST_WINDOWS: usize = 500;

/// The most bytes that are read.
pub const MOST_BYTES: u64 = 4 << 20;

/// The most times of a day that one window of a month or year may start at.
const MOST_STARTS: usize = 24;

/// The most letters of a reason.
const MOST_LETTERS: usize = 200;

/// A policy, from windows of another program.
#[derive(Debug)]
pub struct Imported {
    /// The policy.
    pub text: String,
    /// Everything that it stops and the other program does not.
    pub stricter: Vec<Diagnostic>,
    /// Further notes.
    pub notes: Vec<Diagnostic>,
}

/// The reason why there is no policy: all that can't be said, and the file that it points into.
#[derive(Debug)]
pub struct NotImported {
    /// The file.
    pub sources: Sources,
    /// Everything that can't be said.
    pub items: Vec<Diagnostic>,
}

/// Windows that are being read.
pub(crate) struct Import {
    pub(crate) sources: Sources,
    file: FileId,
    lines: Vec<(usize, usize)>,
    pub(crate) items: Vec<Diagnostic>,
    pub(crate) stricter: Vec<Diagnostic>,
    pub(crate) notes: Vec<Diagnostic>,
    /// By zone: hours of change windows.
    open: BTreeMap<&'static str, Vec<String>>,
    has_open: bool,
    /// From their rules on: what comes before them holds the environment.
    freezes: Vec<String>,
    /// The name of the freezes, a number aside.
    noun: &'static str,
    /// The reason why the next freezes are.
    reason: String,
    /// Over which span the policy is compared, if not over the usual one; it may then be stricter there, if that is asked for.
    compared: Option<Interval>,
}

impl Import {
    pub(crate) fn new(path: &str, text: &str, noun: &'static str) -> Self {
        let mut sources = Sources::default();
        let all = LineStarts::of(text);
        let count = text.lines().count();
        let lines = (0..count).map(|line| (all.start(line), all.start(line) + all.text(line).len())).collect();
        let file = sources.add(SourceFile::new(path.to_owned(), text.to_owned()));
        Self {
            sources,
            file,
            lines,
            items: Vec::new(),
            stricter: Vec::new(),
            notes: Vec::new(),
            open: BTreeMap::new(),
            has_open: false,
            freezes: Vec::new(),
            noun,
            reason: String::new(),
            compared: None,
        }
    }

    /// Says why the freezes that follow are.
    pub(crate) fn reason(&mut self, reason: &str) {
        let plain: String = for_line(reason.trim()).chars().take(MOST_LETTERS).collect();
        self.reason = plain.replace('\\', "\\\\").replace('"', "\\\"");
    }

    /// Sets the span over which the policy is compared.
    pub(crate) const fn compared(&mut self, range: Interval) {
        self.compared = Some(range);
    }

    /// A line of the file, from 1.
    pub(crate) fn place(&self, line: u64) -> Place {
        let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
        let (start, end) = self.lines.get(line).copied().unwrap_or_default();
        Place::new(self.file, &(start..end))
    }

    pub(crate) fn item(&self, cause: impl Into<String>, line: u64, help: &str) -> Diagnostic {
        Diagnostic::error(Code::Inexact, cause).at(self.place(line)).help(help)
    }

    pub(crate) fn refuse(&mut self, cause: impl Into<String>, line: u64, help: &str) {
        let item = self.item(cause, line, help);
        self.items.push(item);
    }

    /// The zone of this name, if there is one.
    pub(crate) fn zone(&mut self, name: &str, line: u64) -> Option<Arc<Zone>> {
        let zone = Zone::named(name).map(Arc::new);
        if zone.is_none() {
            let help = zone_help(name);
            self.refuse(help.cause, line, &help.help);
        }
        zone
    }

    /// Adds weekly windows: hours where one is short enough, else two moments, or hours cut at midnight.
    pub(crate) fn weekly(&mut self, runs: Vec<WallWindow>, is_open: bool) {
        let mut hours = Vec::new();
        let mut zone = None;
        for run in runs {
            let CronDays::Weekdays(days) = run.days else {
                continue;
            };
            // hours of a policy are written in minutes
            let minutes = u32::try_from(run.length.unwrap_or(Seconds::ZERO).get() / 60).unwrap_or(0);
            let (start, day) = (u32::from(run.start), u32::from(DAY_MINUTES));
            zone = Some(run.zone.name());
            if start + minutes <= day || minutes < day {
                hours.push(hours_text(days, run.start, start + minutes));
                continue;
            }
            if let (Some(end), 1, false) = (run.end_days, days.count_ones(), is_open) {
                self.between(&moment_text(run.days, run.start), &moment_text(end, run.end), &run.zone);
                continue;
            }
            hours.push(hours_text(days, run.start, day));
            let mut left = start + minutes - day;
            let mut next = days;
            while left > 0 {
                next = (next << 1 | next >> 6) & 0b111_1111;
                hours.push(hours_text(next, 0, left.min(day)));
                left = left.saturating_sub(day);
            }
        }
        let Some(zone) = zone.filter(|_| !hours.is_empty()) else {
            return;
        };
        if is_open {
            self.open.entry(zone).or_default().extend(hours);
            return;
        }
        self.freeze(&format!("hours    = [{}]", listed(&hours)), zone);
    }

    /// Remembers that there are windows outside which it is closed.
    pub(crate) const fn opens(&mut self) {
        self.has_open = true;
    }

    /// Adds a freeze from each of `days` at `minute`, `length` long.
    pub(crate) fn starting(&mut self, days: CronDays, minute: u16, length: Seconds, zone: &Zone) {
        let end_minute = i64::from(minute).saturating_add(length.get() / 60);
        let (day, clock) = (end_minute.div_euclid(DAY_MINUTES.into()), end_minute.rem_euclid(DAY_MINUTES.into()));
        let until = format!("+{day}d {}", clock_text(u16::try_from(clock).unwrap_or(0)));
        self.between(&moment_text(days, minute), &until, zone);
    }

    /// Adds a freeze between two moments.
    pub(crate) fn between(&mut self, from: &str, until: &str, zone: &Zone) {
        self.freeze(&format!("from     = \"{from}\"\nuntil    = \"{until}\""), zone.name());
    }

    /// Adds a freeze that comes once: by the clock of `zone`, where that reads each end only once.
    pub(crate) fn dated(&mut self, span: Interval, zone: &Zone) -> Result<(), TimeError> {
        let (from, until) = (zone.clock(span.from)?, zone.clock(span.until)?);
        let is_plain = zone.instant(from, ClockReading::First)? == span.from
            && zone.instant(until, ClockReading::Last)? == span.until;
        let text = |second: Instant, clock: DateTime| -> Result<String, TimeError> {
            if is_plain {
                return Ok(clock.to_string());
            }
            let offset = zone.local(second)?.offset().seconds();
            // an offset is written in minutes, and those of old times had seconds
            if offset % 60 != 0 {
                return Err(TimeError::OutOfRange);
            }
            let sign = if offset < 0 { '-' } else { '+' };
            Ok(format!("{clock}{sign}{:02}:{:02}", offset.abs() / 3600, offset.abs() / 60 % 60))
        };
        let (from, until) = (text(span.from, from)?, text(span.until, until)?);
        self.freeze(&format!("from     = {from}\nuntil    = {until}"), zone.name());
        Ok(())
    }

    fn freeze(&mut self, rule: &str, zone: &str) {
        let reason = if self.reason.is_empty() { String::new() } else { format!("reason   = \"{}\"\n", self.reason) };
        self.freezes.push(format!("{rule}\ntimezone = \"{zone}\"\nexempt   = []\n{reason}"));
    }

    /// The times at which a line starts, or an item where there are too many.
    pub(crate) fn starts(&mut self, cron: &Cron, line: u64) -> Vec<u16> {
        let starts: Vec<u16> = cron.minutes_of_day().take(MOST_STARTS + 1).collect();
        if starts.len() > MOST_STARTS {
            let cause = format!("it starts more than {MOST_STARTS} times on a day of a month");
            self.refuse(cause, line, "write fewer and longer windows");
            return Vec::new();
        }
        starts
    }

    /// The policy, once it was compared with what the other program closes.
    pub(crate) fn finish(
        mut self,
        environment: &str,
        head: &str,
        foreign: impl FnOnce() -> Result<Intervals, TimeError>,
        (is_stricter_fine, now): (bool, Instant),
    ) -> Result<Result<Imported, NotImported>, TimeError> {
        let program = match self.noun {
            "argocd" => "Argo CD",
            "gitlab" => "GitLab",
            _ => "the calendar",
        };
        if self.items.is_empty() && self.has_open && self.open.is_empty() {
            self.refuse("it is closed at every hour, as its windows never open", 1, "see what they are for");
        }
        let text = self.text(environment, head);
        if self.items.is_empty() {
            let range = self.compared.unwrap_or_else(|| horizon(now));
            match load(&OneFile(&text), &["freezegate.toml".to_owned()], &[]) {
                Ok(policy) => {
                    let closed = match policy.environments.first() {
                        Some(one) => refused(&policy, one, &[], range)?,
                        None => Intervals::union(Vec::new()),
                    };
                    let foreign = foreign()?;
                    if let Some((span, by_policy)) = difference(&closed, &foreign) {
                        let place = self.place(1);
                        let item = differs(span, by_policy, program, place);
                        let is_stricter =
                            difference(&Intervals::union(Vec::new()), &foreign.difference(&closed)).is_none();
                        if self.compared.is_none() || !is_stricter {
                            self.items.push(item);
                        } else if self.stricter.is_empty() {
                            self.stricter
                                .push(item.help("`--stricter` writes a policy that refuses changes then, too"));
                        }
                    }
                }
                Err(faults) => {
                    let causes: Vec<String> = faults.diagnostics.into_iter().map(|one| one.cause).collect();
                    let cause = format!("the policy would not load: {}", causes.join("; "));
                    self.refuse(cause, 1, "see what they close");
                }
            }
        }
        if !self.items.is_empty() || !is_stricter_fine && !self.stricter.is_empty() {
            self.items.extend(self.stricter.into_iter().filter(|_| !is_stricter_fine));
            return Ok(Err(NotImported { sources: self.sources, items: self.items }));
        }
        Ok(Ok(Imported { text, stricter: self.stricter, notes: self.notes }))
    }

    fn text(&self, environment: &str, head: &str) -> String {
        let mut text = format!("{head}version = 1\n\n[environments.{environment}]\nexempt = []\n");
        if !self.open.is_empty() {
            text.push_str("change_windows = [\n");
            for (zone, hours) in &self.open {
                // writing to a string cannot fail
                let _written = writeln!(text, "  {{ hours = [{}], timezone = \"{zone}\" }},", listed(hours));
            }
            text.push_str("]\n");
        }
        for (number, freeze) in (1..).zip(&self.freezes) {
            let noun = self.noun;
            // beside other environments too, it closes its own alone
            text.push_str(&format!(
                "\n[[freezes]]\nname     = \"{noun} {number}\"\nenvironments = [\"{environment}\"]\n{freeze}"
            ));
        }
        text
    }
}

struct OneFile<'t>(&'t str);

impl PolicyFiles for OneFile<'_> {
    fn read(&self, _: &str) -> Result<Vec<u8>, ReadFault> {
        Ok(self.0.as_bytes().to_vec())
    }
}

fn listed(hours: &[String]) -> String {
    hours.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", ")
}

/// `Mon-Fri 08:00-18:00`; the days as bits, Sunday the lowest, the end in minutes since the midnight before the start.
fn hours_text(days: u8, start: u16, end: u32) -> String {
    let day = u32::from(DAY_MINUTES);
    let end = if end > day { end - day } else { end };
    format!("{} {}-{}", days_text(days), clock_text(start), clock_text(u16::try_from(end).unwrap_or(DAY_MINUTES)))
}

fn days_text(days: u8) -> String {
    if days == 0b111_1111 {
        return "daily".to_owned();
    }
    let week = [1_u8, 2, 3, 4, 5, 6, 0];
    let mut runs: Vec<Vec<&str>> = vec![Vec::new()];
    for day in week {
        let name = i8::try_from(day).ok().and_then(|day| jiff::civil::Weekday::from_sunday_zero_offset(day).ok());
        match (name.filter(|_| days >> day & 1 == 1), runs.last_mut()) {
            (Some(name), Some(run)) => run.push(day_name(name)),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            (Some(_) | None, Some(_) | None) => {}
        }
    }
    let texts = runs.iter().filter_map(|run| match run.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [one, .., last] => Some(format!("{one}-{last}")),
    });
    texts.collect::<Vec<_>>().join(",")
}

/// A day and a time as a moment of a policy.
pub(crate) fn moment_text(days: CronDays, minute: u16) -> String {
    let clock = clock_text(minute);
    let nth = |place: i8| match place {
        1 => "1st",
        2 => "2nd",
        3 => "3rd",
        _ => "4th",
    };
    let of_month = |day: DayOfMonth| match day {
        DayOfMonth::Day(number) => format!("day {number}"),
        DayOfMonth::LastDay => "last day".to_owned(),
        DayOfMonth::Nth(place, weekday) => format!("{} {}", nth(place), day_name(weekday)),
        DayOfMonth::Last(weekday) => format!("last {}", day_name(weekday)),
    };
    match days {
        CronDays::Weekdays(bits) => format!("{} {clock}", days_text(bits)),
        CronDays::Monthly(day) => format!("{} {clock}", of_month(day)),
        CronDays::Yearly(month, DayOfMonth::Day(number)) => {
            format!("{} {number} {clock}", month_name(month).unwrap_or_default())
        }
        CronDays::Yearly(month, day @ (DayOfMonth::LastDay | DayOfMonth::Nth(..) | DayOfMonth::Last(_))) => {
            format!("{} of {} {clock}", of_month(day), month_name(month).unwrap_or_default())
        }
    }
}
