//! A calendar of what is open and closed: for people as text and as a page, for calendar programs, and for machines as
//! `freezegate/calendar/v1`.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::calendar::days::{LocalDay, Period, local_days};
use crate::calendar::{EnvironmentTimetable, Lane, LaneState, LaneWindow, Stretch, Timetable};
use crate::decision::{FindingCode, HORIZON};
use crate::diagnostic::Sources;
use crate::policy::duration::spoken;
use crate::policy::{Environment, Kind, Level};
use crate::reach::DeclaredNames;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::syntax::day_name;
use crate::time::zone::{TimeError, Zone};

pub mod html;
pub mod ics;
pub mod json;
pub mod palette;
pub mod text;

/// Everything that is shown, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct CalendarView<'c> {
    /// The states over time.
    pub timetable: &'c Timetable,
    /// The first day.
    pub first: Date,
    /// Its length.
    pub period: Period,
    /// The time zone whose days it shows.
    pub zone: &'c Zone,
    /// The instant at which it is made, in seconds since 1970-01-01T00:00:00Z.
    pub now: Instant,
    /// The selection.
    pub asked: &'c DeclaredNames,
    /// The files of the policy.
    pub sources: &'c Sources,
}

impl CalendarView<'_> {
    /// The days that are shown.
    ///
    /// # Errors
    ///
    /// [`TimeError`] beyond the range of dates.
    pub fn days(&self) -> Result<Vec<LocalDay>, TimeError> {
        local_days(self.zone, self.first, self.period.end(self.first)?)
    }

    /// The name of the zone for people.
    fn place(&self) -> String {
        self.zone.city()
    }

    /// `Mon 23 Nov to Sun 29 Nov 2026, Berlin time`.
    fn when(&self) -> Result<String, TimeError> {
        let last = self.period.end(self.first)?.yesterday().map_err(|_| TimeError::OutOfRange)?;
        let from = if self.first.year() == last.year() { short_date(self.first) } else { long_date(self.first) };
        let place = if self.place() == "UTC" { "UTC".to_owned() } else { format!("{} time", self.place()) };
        Ok(format!("{from} to {}, {place}", long_date(last)))
    }

    /// Returns what it is narrowed to, for people; empty if to nothing.
    fn narrowed(&self) -> String {
        let part = |noun: &str, names: &[String]| match names {
            [] => None,
            [one] => Some(format!("{noun} {one}")),
            several => Some(format!("{noun}s {}", several.join(", "))),
        };
        let DeclaredNames { regions, services, kinds, .. } = self.asked;
        let parts = [part("region", regions), part("service", services), part("kind", kinds)];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// The way in which a time of a lane looks, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum LaneLook {
    Hard,
    Soft,
    TooLate,
    Warned,
    Open,
}

/// A letter for what holds, and how it looks; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LaneMark {
    look: LaneLook,
    /// The order of letters within a look.
    rank: u8,
    letter: char,
}

impl LaneMark {
    const OPEN: Self = Self { look: LaneLook::Open, rank: 0, letter: '.' };
    const WARNED: Self = Self { look: LaneLook::Warned, rank: 0, letter: '!' };
    const TOO_LATE: Self = Self { look: LaneLook::TooLate, rank: 0, letter: '-' };
    /// Closed in some region.
    const SOMEWHERE: Self = Self { look: LaneLook::Hard, rank: 9, letter: 'x' };
    /// Closed for a part of the day.
    const PARTLY: Self = Self { look: LaneLook::TooLate, rank: 1, letter: '+' };

    /// For a window that closes.
    fn of(window: &LaneWindow) -> Self {
        let (rank, letter) = match window.code {
            FindingCode::Freeze => (0, 'F'),
            FindingCode::CoreHours => (1, 'C'),
            FindingCode::OutsideChangeWindow => (2, 'W'),
            FindingCode::StaleCalendar => (3, 'S'),
            FindingCode::TargetMismatch
            | FindingCode::UnknownTarget
            | FindingCode::ClockBehind
            | FindingCode::PolicyChange
            | FindingCode::RouteHijack
            | FindingCode::RouteOverlap
            | FindingCode::RouteTakeover
            | FindingCode::RouteDead
            | FindingCode::WindowTooShort => (4, 'X'),
        };
        match window.level {
            Level::Hard => Self { look: LaneLook::Hard, rank, letter },
            Level::Soft => Self { look: LaneLook::Soft, rank, letter: letter.to_ascii_lowercase() },
            Level::Warn => Self::WARNED,
        }
    }

    fn in_lane(lane: &Lane, stretch: &Stretch) -> Self {
        match (stretch.state, lane.foremost(stretch)) {
            (LaneState::Closed, Some(window)) => Self::of(window),
            (LaneState::TooLate, _) => Self::TOO_LATE,
            (LaneState::Open, Some(_)) => Self::WARNED,
            (LaneState::Closed | LaneState::Open, None) => Self::OPEN,
        }
    }

    /// Returns what the letter stands for.
    fn meaning(self) -> String {
        let level = match self.look {
            LaneLook::Hard => "hard",
            LaneLook::Soft => "soft",
            LaneLook::TooLate | LaneLook::Warned | LaneLook::Open => "",
        };
        let what = match self.letter {
            '.' => return "open".to_owned(),
            '!' => return "open, with a warning".to_owned(),
            '-' => return "too late to start".to_owned(),
            '+' => return "closed for a part of the day".to_owned(),
            'x' => return "closed in a region".to_owned(),
            'F' | 'f' => "freeze",
            'C' | 'c' => "core hours",
            'W' | 'w' => "outside the change windows",
            'S' | 's' => "a calendar has ended",
            _ => "closed",
        };
        format!("{what} ({level})")
    }
}

/// Returns what a change of an environment needs before the next window; `None`: nothing.
fn needs(environment: &Environment) -> Option<String> {
    match (environment.duration, environment.settle) {
        (Seconds::ZERO, Seconds::ZERO) => None,
        (Seconds::ZERO, settle) => Some(format!("{} settle", spoken(settle))),
        (duration, Seconds::ZERO) => Some(format!("{} change", spoken(duration))),
        (duration, settle) => Some(format!("{} change + {} settle", spoken(duration), spoken(settle))),
    }
}

/// A row of a map: when each mark holds, the gravest first.
#[derive(Debug)]
struct Strip {
    label: String,
    marks: Vec<(LaneMark, Intervals)>,
}

/// The rows of an environment: its regions, and, where they differ, all of them together.
fn strips(environment: &EnvironmentTimetable, span: Interval) -> Vec<Strip> {
    let mut strips: Vec<Strip> = environment.lanes.iter().map(strip).collect();
    if strips.len() > 1 {
        let closed = Intervals::union(vec![span]).difference(&environment.open_everywhere);
        let marks = vec![(LaneMark::SOMEWHERE, closed), (LaneMark::OPEN, environment.open_everywhere.clone())];
        strips.push(Strip { label: "all".to_owned(), marks });
    }
    strips
}

fn strip(lane: &Lane) -> Strip {
    let mut marks: BTreeMap<LaneMark, Vec<Interval>> = BTreeMap::new();
    for stretch in &lane.stretches {
        marks.entry(LaneMark::in_lane(lane, stretch)).or_default().push(stretch.span);
    }
    let marks = marks.into_iter().map(|(mark, spans)| (mark, Intervals::union(spans))).collect();
    Strip { label: lane_label(lane), marks }
}

fn lane_label(lane: &Lane) -> String {
    lane.regions.iter().map(|region| region.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The names of several lanes.
fn labels(lanes: &[&Lane]) -> String {
    lanes.iter().map(|lane| lane_label(lane)).collect::<Vec<_>>().join(", ")
}

/// The windows of an environment that are met, each once, with the lanes in which it is.
fn window_rows(environment: &EnvironmentTimetable) -> Vec<(Vec<&Lane>, &LaneWindow)> {
    let mut rows: Vec<(Vec<&Lane>, &LaneWindow)> = Vec::new();
    for lane in &environment.lanes {
        for window in &lane.windows {
            let is_same = |one: &LaneWindow| is_same_window(one, window);
            match rows.iter_mut().find(|(_, one)| is_same(one)) {
                Some((lanes, _)) => lanes.push(lane),
                None => rows.push((vec![lane], window)),
            }
        }
    }
    rows
}

/// Returns whether both are one line of the policy at the same times and the same level.
fn is_same_window(one: &LaneWindow, other: &LaneWindow) -> bool {
    (one.code, &one.id, one.place, one.starts) == (other.code, &other.id, other.place, other.starts)
        && one.closed == other.closed
}

/// `freeze year end`, `core hours`: what a window is called.
fn title(window: &LaneWindow) -> String {
    match window.code.window_name() {
        Some(sort) if window.code == FindingCode::Freeze => {
            format!("{sort} {}", window.id.spoken())
        }
        Some(sort) => sort.to_owned(),
        None if window.code == FindingCode::StaleCalendar => format!("{} has ended", window.text),
        None => window.id.to_string(),
    }
}

/// `only infrastructure and migration`: the changes that a window is for; `None`: all.
fn only(window: &LaneWindow) -> Option<String> {
    let kinds = window.kinds.map(|kinds| kinds.iter().map(Kind::as_str).collect::<Vec<_>>().join(", "));
    let kinds = kinds.map(|kinds| format!("kind {kinds}"));
    let services = (!window.services.is_empty()).then(|| format!("service {}", window.services.join(", ")));
    let parts: Vec<String> = kinds.into_iter().chain(services).collect();
    (!parts.is_empty()).then(|| format!("only {}", parts.join(" and ")))
}

/// `freeze year end, hard, only kind migration`: a window without its rule.
fn named(window: &LaneWindow) -> String {
    let parts = [title(window), window.level.as_str().to_owned()].into_iter().chain(only(window));
    parts.collect::<Vec<_>>().join(", ")
}

/// `New York, Los Angeles`: the clocks that a window is read by.
fn cities(window: &LaneWindow) -> String {
    window.zones.iter().map(|zone| zone.city()).collect::<Vec<_>>().join(", ")
}

/// All that is said of a window but its line, with its rule as `rule`.
fn words(window: &LaneWindow, rule: &str) -> String {
    let mut parts = vec![title(window)];
    if !matches!(window.code, FindingCode::StaleCalendar) {
        parts.push(rule.to_owned());
    }
    parts.push(window.level.as_str().to_owned());
    parts.extend(only(window));
    let all = parts.join(", ");
    window.reason.as_ref().map_or_else(|| all.clone(), |reason| format!("{all}: {reason}"))
}

/// Where a window is closed at its level within `span`, each as long as it is, even beyond it.
fn within(window: &LaneWindow, span: Interval) -> impl Iterator<Item = Interval> {
    let closed = window.closed.as_slice().iter().map(|closed| closed.clipped(window.starts));
    closed.filter(move |closed| !closed.clipped(span).is_empty())
}

/// `Mon 23 Nov`.
fn short_date(date: Date) -> String {
    format!("{} {}", day_name(date.weekday()), date.strftime("%-d %b"))
}

/// `Mon 23 Nov 2026`.
fn long_date(date: Date) -> String {
    format!("{} {}", short_date(date), date.year())
}

/// `Mon 23 Nov 08:00`; the end of a day is `24:00` of it.
fn clock(zone: &Zone, second: Instant, is_end: bool) -> Result<String, TimeError> {
    let read = zone.clock(second)?;
    if is_end && read.hour() == 0 && read.minute() == 0 {
        let date = read.date().yesterday().map_err(|_| TimeError::OutOfRange)?;
        return Ok(format!("{} 24:00", short_date(date)));
    }
    Ok(format!("{} {:02}:{:02}", short_date(read.date()), read.hour(), read.minute()))
}

/// `Mon 23 Nov 08:00-18:00`, or `Fri 27 Nov 00:00 to Mon 30 Nov 24:00`.
fn between(view: &CalendarView<'_>, span: Interval) -> Result<String, TimeError> {
    let (from, until) = ends(view, span);
    let from = from.map(|second| clock(view.zone, second, false)).transpose()?;
    let until = until.map(|second| clock(view.zone, second, true)).transpose()?;
    let (Some(from), Some(until)) = (&from, &until) else {
        let from = from.unwrap_or_else(|| "over 400 days ago".to_owned());
        let until = until.unwrap_or_else(|| "over 400 days later".to_owned());
        return Ok(format!("{from} to {until}"));
    };
    Ok(match (from.rsplit_once(' '), until.rsplit_once(' ')) {
        (Some((one, start)), Some((other, end))) if one == other => format!("{one} {start}-{end}"),
        _ => format!("{from} to {until}"),
    })
}

/// Returns the open times that are not over yet; all of them if the calendar does not contain today.
fn ahead<'o>(view: &CalendarView<'_>, open: &'o Intervals) -> &'o [Interval] {
    let all = open.as_slice();
    let over = all.partition_point(|slot| slot.until <= view.now);
    if view.timetable.span.contains(view.now) { all.get(over..).unwrap_or_default() } else { all }
}

/// Returns when a window began and when it ends, as far as that is laid out.
fn ends(view: &CalendarView<'_>, span: Interval) -> (Option<Instant>, Option<Instant>) {
    let first = view.timetable.span.from.saturating_sub(HORIZON);
    let last = view.timetable.span.until.saturating_add(HORIZON);
    (Some(span.from).filter(|from| *from > first), Some(span.until).filter(|until| *until < last))
}
