//! When windows are: each rule in its zones once for both policies, laid out as intervals once.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

use crate::policy::ChangeWindow;
use crate::policy::compare::work::{Halt, Work};
use crate::time::calendar::Calendar;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::moment::{DayOfMonth, Offset, Recurrence, Recurring};
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;
use crate::time::window::{Absolute, Rule, WindowBounds, WindowEnd, closed, open};
use crate::time::zone::Zone;

/// A day, in seconds.
pub(super) const DAY: Seconds = Seconds::days(1);

/// The number of a shape: equal numbers mean the same instants, in either policy.
pub(super) type ShapeId = u32;

/// The times when a window is closed.
#[derive(Debug, Clone, Copy)]
pub(super) enum WindowShape<'p> {
    /// While the rule holds in any of the zones.
    Closed(&'p Rule, &'p [Arc<Zone>]),
    /// From the day on of which the calendar of the rule says nothing.
    Stale(&'p Rule, &'p [Arc<Zone>]),
    /// While none of these change windows is open.
    Outside(&'p [ChangeWindow]),
}

/// All shapes of two policies.
#[derive(Debug, Default)]
pub(super) struct Shapes<'p> {
    known: HashMap<Vec<i64>, ShapeId>,
    shapes: Vec<WindowShape<'p>>,
    zones: BTreeMap<&'static str, i64>,
    calendars: HashMap<*const Calendar, i64>,
    /// By what they say.
    contents: HashMap<(Date, &'p [Date]), i64>,
    laid_out: RefCell<HashMap<(ShapeId, Interval2), Arc<Intervals>>>,
}

/// The ends of an interval, for look-ups.
type Interval2 = (Instant, Instant);

impl<'p> Shapes<'p> {
    /// The number of a shape.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn number(&mut self, shape: WindowShape<'p>, work: &Work) -> Result<ShapeId, Halt> {
        let key = self.key(shape, work)?;
        work.spend(key.len())?;
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let number = ShapeId::try_from(self.shapes.len()).unwrap_or(ShapeId::MAX);
        self.shapes.push(shape);
        self.known.insert(key, number);
        Ok(number)
    }

    /// The shape of a number.
    pub(super) fn shape(&self, number: ShapeId) -> Option<WindowShape<'p>> {
        self.shapes.get(usize::try_from(number).unwrap_or(usize::MAX)).copied()
    }

    /// Returns when the window is closed within `range`.
    pub(super) fn closed(&self, number: ShapeId, range: Interval, work: &Work) -> Result<Arc<Intervals>, Halt> {
        let key = (number, (range.from, range.until));
        if let Some(known) = self.laid_out.borrow().get(&key) {
            work.spend(known.as_slice().len().saturating_add(1))?;
            return Ok(Arc::clone(known));
        }
        let intervals = match self.shape(number) {
            Some(shape) => Arc::new(lay_out(shape, range, work)?),
            None => return Err(Halt::TooMuch),
        };
        self.laid_out.borrow_mut().insert(key, Arc::clone(&intervals));
        Ok(intervals)
    }

    /// All that decides when a shape is closed, as numbers. The names of calendars and how hours are written do not.
    fn key(&mut self, shape: WindowShape<'p>, work: &Work) -> Result<Vec<i64>, Halt> {
        let mut key = Vec::with_capacity(16);
        match shape {
            WindowShape::Closed(rule, zones) => {
                key.push(0);
                self.push_zones(&mut key, zones);
                self.push_rule(&mut key, rule, work)?;
            }
            WindowShape::Stale(rule, zones) => {
                key.push(1);
                self.push_zones(&mut key, zones);
                self.push_rule(&mut key, rule, work)?;
            }
            WindowShape::Outside(windows) => {
                key.push(2);
                let mut parts: Vec<Vec<i64>> = Vec::with_capacity(windows.len());
                for window in windows {
                    let mut part = vec![self.zone(&window.zone)];
                    self.push_rule(&mut part, &window.rule, work)?;
                    work.spend(part.len())?;
                    parts.push(part);
                }
                parts.sort_unstable();
                parts.dedup();
                for part in parts {
                    push_list(&mut key, &part);
                }
            }
        }
        Ok(key)
    }

    fn zone(&mut self, zone: &Zone) -> i64 {
        let next = i64::try_from(self.zones.len()).unwrap_or(i64::MAX);
        *self.zones.entry(zone.name()).or_insert(next)
    }

    fn push_zones(&mut self, key: &mut Vec<i64>, zones: &[Arc<Zone>]) {
        let mut numbers: Vec<i64> = zones.iter().map(|zone| self.zone(zone)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        push_list(key, &numbers);
    }

    /// The number of what a calendar says; each calendar is read once.
    fn calendar(&mut self, calendar: &'p Arc<Calendar>, work: &Work) -> Result<i64, Halt> {
        work.spend(1)?;
        if let Some(known) = self.calendars.get(&Arc::as_ptr(calendar)) {
            return Ok(*known);
        }
        work.spend(calendar.dates.len())?;
        let next = i64::try_from(self.contents.len()).unwrap_or(i64::MAX);
        let number = *self.contents.entry((calendar.valid_until, &calendar.dates)).or_insert(next);
        self.calendars.insert(Arc::as_ptr(calendar), number);
        Ok(number)
    }

    fn push_rule(&mut self, key: &mut Vec<i64>, rule: &'p Rule, work: &Work) -> Result<(), Halt> {
        match rule {
            Rule::Hours { hours, holidays } => {
                key.push(0);
                let mut entries: Vec<[i64; 3]> = hours
                    .iter()
                    .map(|entry| [i64::from(entry.days().bits()), i64::from(entry.start()), i64::from(entry.end())])
                    .collect();
                entries.sort_unstable();
                entries.dedup();
                push_list(key, entries.as_flattened());
                let mut calendars = Vec::with_capacity(holidays.len());
                for calendar in holidays {
                    calendars.push(self.calendar(calendar, work)?);
                }
                calendars.sort_unstable();
                calendars.dedup();
                push_list(key, &calendars);
            }
            Rule::Once { from, until } => {
                key.push(1);
                push_absolute(key, *from);
                match until {
                    WindowEnd::At(until) => {
                        key.push(0);
                        push_absolute(key, *until);
                    }
                    WindowEnd::After(offset) => {
                        key.push(1);
                        push_offset(key, *offset);
                    }
                }
            }
            Rule::Recurring { from, until } => {
                key.push(2);
                push_recurring(key, from);
                match until {
                    WindowEnd::At(until) => {
                        key.push(0);
                        push_recurring(key, until);
                    }
                    WindowEnd::After(offset) => {
                        key.push(1);
                        push_offset(key, *offset);
                    }
                }
            }
            Rule::Around { calendar, from, until } => {
                key.extend([3, self.calendar(calendar, work)?]);
                push_offset(key, *from);
                match until {
                    WindowEnd::At(offset) => {
                        key.push(0);
                        push_offset(key, *offset);
                    }
                    WindowEnd::After(offset) => {
                        key.push(1);
                        push_offset(key, *offset);
                    }
                }
            }
        }
        Ok(())
    }
}

/// A list with its length, so that what follows can't be taken for a part of it.
fn push_list(key: &mut Vec<i64>, list: &[i64]) {
    key.push(i64::try_from(list.len()).unwrap_or(i64::MAX));
    key.extend_from_slice(list);
}

fn push_offset(key: &mut Vec<i64>, offset: Offset) {
    key.extend([i64::from(offset.days), i64::from(offset.minute)]);
}

fn push_absolute(key: &mut Vec<i64>, moment: Absolute) {
    match moment {
        Absolute::Local(clock) => key.extend([0, WallSecond::of(clock).in_utc().as_second()]),
        Absolute::Exact(second) => key.extend([1, second.as_second()]),
    }
}

fn push_recurring(key: &mut Vec<i64>, moment: &Recurring) {
    match moment.recurrence {
        Recurrence::Weekly(day) => key.extend([0, i64::from(day.to_monday_zero_offset())]),
        Recurrence::Monthly(day) => {
            key.push(1);
            push_day(key, day);
        }
        Recurrence::Yearly(month, day) => {
            key.extend([2, i64::from(month)]);
            push_day(key, day);
        }
    }
    push_offset(key, moment.offset);
}

fn push_day(key: &mut Vec<i64>, day: DayOfMonth) {
    key.extend(match day {
        DayOfMonth::Day(number) => [0, i64::from(number), 0],
        DayOfMonth::LastDay => [1, 0, 0],
        DayOfMonth::Nth(nth, weekday) => [2, i64::from(nth), i64::from(weekday.to_monday_zero_offset())],
        DayOfMonth::Last(weekday) => [3, 0, i64::from(weekday.to_monday_zero_offset())],
    });
}

impl WindowShape<'_> {
    /// Returns whether it closes again and again, or for good.
    pub(super) const fn is_lasting(&self) -> bool {
        match self {
            Self::Closed(Rule::Once { .. } | Rule::Around { .. }, _) => false,
            Self::Closed(Rule::Hours { .. } | Rule::Recurring { .. }, _) | Self::Stale(..) | Self::Outside(_) => true,
        }
    }

    /// Returns whether the days on which it closes differ from year to year in another way than by weeks: what has a day of a month or of a year.
    pub(super) fn varies_by_year(&self) -> bool {
        let is_of_date = |moment: &Recurring| match moment.recurrence {
            Recurrence::Weekly(_) => false,
            Recurrence::Monthly(_) | Recurrence::Yearly(..) => true,
        };
        let varies = |rule: &Rule| match rule {
            Rule::Recurring { from, until: WindowEnd::At(until) } => is_of_date(from) || is_of_date(until),
            Rule::Recurring { from, until: WindowEnd::After(_) } => is_of_date(from),
            Rule::Hours { .. } | Rule::Once { .. } | Rule::Around { .. } => false,
        };
        match self {
            Self::Closed(rule, _) => varies(rule),
            Self::Outside(windows) => windows.iter().any(|window| varies(&window.rule)),
            Self::Stale(..) => false,
        }
    }

    /// Seconds near which it does what it does not do each year: the dates that it names, with the time before and after.
    pub(super) fn dates(&self) -> Vec<Interval> {
        let around = |second: Instant| Interval {
            from: second.saturating_sub(Seconds::days(2)),
            until: second.saturating_add(Seconds::days(3)),
        };
        let midnight = |date: &Date| Instant::start_of_day(*date);
        let second = |moment: &Absolute| match moment {
            Absolute::Local(clock) => WallSecond::of(*clock).in_utc(),
            Absolute::Exact(second) => *second,
        };
        let days = |offset: &Offset| Seconds::days(i64::from(offset.days));
        match self {
            Self::Outside(_) | Self::Closed(Rule::Recurring { .. }, _) => Vec::new(),
            Self::Closed(Rule::Hours { holidays, .. }, _) => {
                holidays.iter().flat_map(|calendar| &calendar.dates).map(|date| around(midnight(date))).collect()
            }
            Self::Closed(Rule::Once { from, until }, _) => {
                let end = match until {
                    WindowEnd::At(until) => second(until),
                    WindowEnd::After(offset) => second(from).saturating_add(days(offset)),
                };
                vec![around(second(from)), around(end)]
            }
            Self::Closed(Rule::Around { calendar, from, until }, _) => {
                let end = match until {
                    WindowEnd::At(offset) => days(offset),
                    WindowEnd::After(offset) => days(from).saturating_add(days(offset)),
                };
                let dates = calendar.dates.iter().map(midnight);
                dates.flat_map(|date| [date.saturating_add(days(from)), date.saturating_add(end)]).map(around).collect()
            }
            Self::Stale(Rule::Around { calendar, from, .. }, _) => {
                vec![around(midnight(&calendar.valid_until).saturating_add(days(from)))]
            }
            Self::Stale(Rule::Hours { .. } | Rule::Once { .. } | Rule::Recurring { .. }, _) => Vec::new(),
        }
    }

    /// A second after which it does the same each year: past all dates that it names. `None` if it names none.
    pub(super) fn last_date(&self) -> Option<Instant> {
        let days = |offset: &Offset| Seconds::days(i64::from(offset.days) + 2);
        let second = |moment: &Absolute| match moment {
            Absolute::Local(clock) => WallSecond::of(*clock).in_utc().saturating_add(Seconds::days(2)),
            Absolute::Exact(second) => *second,
        };
        match self {
            Self::Outside(_) | Self::Closed(Rule::Recurring { .. }, _) => None,
            Self::Closed(Rule::Hours { holidays, .. }, _) => {
                let dates = holidays.iter().flat_map(|calendar| calendar.dates.last());
                dates.max().map(|date| Instant::start_of_day(*date).saturating_add(Seconds::days(3)))
            }
            Self::Closed(Rule::Once { from, until }, _) => Some(match until {
                WindowEnd::At(until) => second(until),
                WindowEnd::After(offset) => second(from).saturating_add(days(offset)),
            }),
            Self::Closed(Rule::Around { calendar, from, until }, _) => {
                let end = match until {
                    WindowEnd::At(offset) => days(offset),
                    WindowEnd::After(offset) => days(from).saturating_add(days(offset)),
                };
                calendar.dates.last().map(|date| Instant::start_of_day(*date).saturating_add(end))
            }
            Self::Stale(Rule::Around { calendar, from, .. }, _) => {
                Some(Instant::start_of_day(calendar.valid_until).saturating_add(days(from)))
            }
            Self::Stale(Rule::Hours { .. } | Rule::Once { .. } | Rule::Recurring { .. }, _) => None,
        }
    }
}

/// Returns how many steps it takes to lay out a rule within `range`, at most.
fn steps(rule: &Rule, range: Interval) -> usize {
    // days beside the range, too
    let days = usize::try_from(range.seconds().get() / DAY.get()).unwrap_or(usize::MAX).saturating_add(8);
    match rule {
        Rule::Hours { hours, holidays } => {
            let dates: usize = holidays.iter().map(|calendar| calendar.dates.len()).sum();
            days.saturating_mul(hours.len().saturating_add(1)).saturating_add(dates)
        }
        Rule::Once { .. } => 2,
        Rule::Recurring { from, .. } => match from.recurrence {
            // moments are looked for up to a year before
            Recurrence::Weekly(_) => days.saturating_add(MAX_DAYS) / 7 * 2,
            Recurrence::Monthly(_) | Recurrence::Yearly(..) => days.saturating_add(MAX_DAYS) / 28 * 2,
        },
        Rule::Around { calendar, .. } => calendar.dates.len(),
    }
    .saturating_add(8)
}

/// The most days that a moment is away from the day that it names.
const MAX_DAYS: usize = 366;

fn lay_out(shape: WindowShape<'_>, range: Interval, work: &Work) -> Result<Intervals, Halt> {
    let mut pieces = Vec::new();
    match shape {
        WindowShape::Closed(rule, zones) => {
            for zone in zones {
                work.spend(steps(rule, range).saturating_mul(2))?;
                let pairs = rule.civil(zone, range)?;
                pieces.extend(closed(zone, &pairs)?);
            }
        }
        WindowShape::Stale(rule, zones) => {
            for zone in zones {
                work.spend(8)?;
                pieces.extend(rule.stale_from(zone)?.map(|(from, _)| Interval { from, until: Instant::MAX }));
            }
        }
        WindowShape::Outside(windows) => {
            let mut opened: Vec<Interval> = Vec::new();
            // windows of one zone touch on its wall calendar, so they are read together
            let mut by_zone: BTreeMap<&str, (&Zone, Vec<WindowBounds>)> = BTreeMap::new();
            for window in windows {
                work.spend(steps(&window.rule, range).saturating_mul(3))?;
                let pairs = window.rule.civil(&window.zone, range)?;
                by_zone.entry(window.zone.name()).or_insert((&window.zone, Vec::new())).1.extend(pairs);
            }
            for (zone, pairs) in by_zone.into_values() {
                opened.extend_from_slice(open(zone, pairs)?.as_slice());
            }
            pieces.extend_from_slice(Intervals::union(opened).complement(range).as_slice());
        }
    }
    Ok(Intervals::union(pieces.into_iter().map(|span| span.clipped(range)).collect()))
}
