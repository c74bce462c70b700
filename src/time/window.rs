//! Windows: what recurs on a wall calendar, and the instants that it covers in a zone.
//!
//! A window is first laid out on the wall calendar as pairs of readings ([`Rule::civil`]). Then the pairs are read as
//! instants, in one of two ways, so that a jump of the clock never opens anything: [`closed`] reads a pair as long as it
//! can be, [`open`] as short as it must be.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};

use crate::time::calendar::Calendar;
use crate::time::hours::Hours;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::moment::{Offset, Recurring};
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;
use crate::time::zone::{ClockReading, TimeError, WallClockReader, Zone, nearest_instant};

/// The times when a window is, on any wall calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// On weekdays at hours; one that starts on a date of `holidays` is dropped.
    Hours {
        /// The entries, which add up.
        hours: Vec<Hours>,
        /// The calendars of dates on which no window starts.
        holidays: Vec<Arc<Calendar>>,
    },
    /// Once.
    Once {
        /// The start.
        from: Absolute,
        /// The end.
        until: WindowEnd<Absolute>,
    },
    /// From each such moment to the next end after it.
    Recurring {
        /// The start.
        from: Recurring,
        /// The end.
        until: WindowEnd<Recurring>,
    },
    /// Around each date of a calendar.
    Around {
        /// The dates.
        calendar: Arc<Calendar>,
        /// The start, relative to the date.
        from: Offset,
        /// The end; [`WindowEnd::At`] is relative to the date, [`WindowEnd::After`] to the day of the start.
        until: WindowEnd<Offset>,
    },
}

/// The end of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowEnd<M> {
    /// A moment of the same sort as the start.
    At(M),
    /// Relative to the day of the start.
    After(Offset),
}

/// A moment that comes once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absolute {
    /// A reading of the wall clock of the window's zone.
    Local(DateTime),
    /// An instant, in seconds since 1970-01-01T00:00:00Z; at most two days beyond the instants that there are.
    Exact(Instant),
}

/// The end of what ends at further notice: 9997-01-01T00:00:00Z, later than any time that is looked at.
pub const FURTHER_NOTICE: Absolute = Absolute::Exact(Instant::from_second(253_307_692_800));

/// A start and an end, as readings of one wall clock or as instants given outright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowBounds {
    from: WindowBound,
    until: WindowBound,
}

/// A start or an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WindowBound {
    /// A reading of the wall clock.
    Wall(WallSecond),
    /// An instant, in seconds since 1970-01-01T00:00:00Z.
    Exact(Instant),
}

impl From<Absolute> for WindowBound {
    fn from(moment: Absolute) -> Self {
        match moment {
            Absolute::Local(clock) => Self::Wall(WallSecond::of(clock)),
            Absolute::Exact(second) => Self::Exact(second),
        }
    }
}

impl WindowBounds {
    fn of_readings(from: DateTime, until: DateTime) -> Self {
        Self { from: WindowBound::Wall(WallSecond::of(from)), until: WindowBound::Wall(WallSecond::of(until)) }
    }
}

/// A day.
const DAY: Seconds = Seconds::days(1);

/// The reading of `offset` from the day that starts at `day`. It may lie beyond the last date that there is.
fn reading_on(offset: Offset, day: WallSecond) -> WallSecond {
    day + Seconds::days(i64::from(offset.days)) + Seconds::minutes(i64::from(offset.minute))
}

/// Dates that surround a range of instants in `zone`, with room for every offset and a window over midnight.
fn dates_around(zone: &Zone, range: Interval) -> Result<(Date, Date), TimeError> {
    let room = jiff::Span::new().days(2);
    let first = zone.date(range.from)?.checked_sub(room).map_err(|_| TimeError::OutOfRange)?;
    let last = zone.date(range.until)?.checked_add(room).map_err(|_| TimeError::OutOfRange)?;
    Ok((first, last))
}

impl Rule {
    /// The pairs of readings on the wall calendar of `zone` that can touch `range`; some lie just outside it.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] when `range` comes too near to the first or last date there is.
    pub fn civil(&self, zone: &Zone, range: Interval) -> Result<Vec<WindowBounds>, TimeError> {
        if self.is_far_from(range) {
            return Ok(Vec::new());
        }
        match self {
            Self::Hours { hours, holidays } => {
                let (first, last) = dates_around(zone, range)?;
                Ok(hours_pairs(hours, holidays, first, last))
            }
            Self::Once { from, until } => {
                let until = match until {
                    WindowEnd::At(until) => (*until).into(),
                    WindowEnd::After(offset) => {
                        let day = match from {
                            Absolute::Local(reading) => reading.date(),
                            Absolute::Exact(second) => zone.date(nearest_instant(*second))?,
                        };
                        WindowBound::Wall(reading_on(*offset, WallSecond::midnight(day)))
                    }
                };
                Ok(vec![WindowBounds { from: (*from).into(), until }])
            }
            Self::Recurring { from, until } => {
                let (first, last) = dates_around(zone, range)?;
                recurring_pairs(from, until, first, last)
            }
            Self::Around { calendar, from, until } => {
                let (first, last) = dates_around(zone, range)?;
                let (first, last) = (WallSecond::midnight(first), WallSecond::midnight(last) + DAY);
                let start_of = |date: Date| reading_on(*from, WallSecond::midnight(date));
                let end_of = |date: Date| match until {
                    WindowEnd::At(offset) => reading_on(*offset, WallSecond::midnight(date)),
                    // the day of the start, `24:00` counting for the day that it ends
                    WindowEnd::After(offset) => {
                        reading_on(*offset, WallSecond::midnight(date) + Seconds::days(i64::from(from.days)))
                    }
                };
                // they are sorted, and a list may be long
                let passed = calendar.dates.partition_point(|date| end_of(*date) < first);
                let reached = calendar.dates.partition_point(|date| start_of(*date) < last);
                let near = calendar.dates.get(passed..reached).unwrap_or_default();
                let pair = |date: &Date| WindowBounds {
                    from: WindowBound::Wall(start_of(*date)),
                    until: WindowBound::Wall(end_of(*date)),
                };
                Ok(near.iter().map(pair).collect())
            }
        }
    }

    /// Returns whether it comes once and surely not within `range`, in no zone: most freezes of a long list are over, or far ahead.
    fn is_far_from(&self, range: Interval) -> bool {
        // RFC 8536, section 3.2: no offset reaches 26 hours
        const ROOM: Seconds = Seconds::hours(26);
        let Self::Once { from: Absolute::Local(from), until: WindowEnd::At(Absolute::Local(until)) } = self else {
            return false;
        };
        match (jiff::tz::Offset::UTC.to_timestamp(*from), jiff::tz::Offset::UTC.to_timestamp(*until)) {
            (Ok(from), Ok(until)) => {
                Instant::from(from) > range.until.saturating_add(ROOM)
                    || Instant::from(until) < range.from.saturating_sub(ROOM)
            }
            (Err(_), _) | (_, Err(_)) => false,
        }
    }

    /// An instant after which no date matters any more that it names, or that its calendars list, in seconds since
    /// 1970-01-01T00:00:00Z; `None` if it names none.
    #[must_use]
    pub fn last_date(&self) -> Option<Instant> {
        // RFC 8536, section 3.2: no offset reaches 26 hours
        const ROOM: Seconds = Seconds::days(2);
        let of_calendar = |calendar: &Arc<Calendar>| {
            let last =
                calendar.dates.last().copied().map_or(calendar.valid_until, |last| last.max(calendar.valid_until));
            WallSecond::midnight(last)
        };
        let days = |offset: &Offset| Seconds::days(i64::from(offset.days));
        let second = |moment: &Absolute| match moment {
            Absolute::Local(reading) => WallSecond::of(*reading),
            Absolute::Exact(second) => WallSecond::shown(*second, Seconds::ZERO),
        };
        let last = match self {
            Self::Hours { holidays, .. } => holidays.iter().map(of_calendar).max()?,
            Self::Once { from, until } => match until {
                WindowEnd::At(until) => second(from).max(second(until)),
                WindowEnd::After(offset) => second(from) + days(offset),
            },
            Self::Recurring { .. } => return None,
            Self::Around { calendar, from, until } => {
                let last = of_calendar(calendar) + days(from).max(Seconds::ZERO);
                match until {
                    WindowEnd::At(offset) | WindowEnd::After(offset) => last + days(offset).max(Seconds::ZERO),
                }
            }
        };
        Some(last.in_utc().saturating_add(ROOM))
    }

    /// The first instant at which the window might be one around a date that its calendar no longer has.
    ///
    /// That is the start that the day after `valid_until` would have, were it listed. `None` for windows that depend on
    /// no calendar's dates, or only on holidays, which then just stop applying. Beyond the last date that there is, it is the
    /// last instant that there is.
    ///
    /// # Errors
    ///
    /// [`TimeError::UnreadableRules`].
    pub fn stale_from(&self, zone: &Zone) -> Result<Option<(Instant, &Calendar)>, TimeError> {
        match self {
            Self::Around { calendar, from, .. } => {
                let unknown = reading_on(*from, WallSecond::midnight(calendar.valid_until) + DAY);
                Ok(Some((WallClockReader::new(zone, 1).instant(unknown, ClockReading::First)?, calendar)))
            }
            Self::Hours { .. } | Self::Once { .. } | Self::Recurring { .. } => Ok(None),
        }
    }
}

/// Days are readings in seconds here, not dates: there may be thousands, in each of many zones.
fn hours_pairs(hours: &[Hours], holidays: &[Arc<Calendar>], first: Date, last: Date) -> Vec<WindowBounds> {
    let dates = holidays.iter().flat_map(|calendar| &calendar.dates);
    let near = dates.filter(|date| (first..=last).contains(date)).copied();
    let free: BTreeSet<WallSecond> = near.map(WallSecond::midnight).collect();
    let mut pairs = Vec::new();
    let (mut day, mut weekday, last) = (WallSecond::midnight(first), first.weekday(), WallSecond::midnight(last));
    while day <= last {
        if !free.contains(&day) {
            for entry in hours.iter().filter(|entry| entry.days().contains(weekday)) {
                let end_day = if entry.crosses_midnight() { day + DAY } else { day };
                pairs.push(WindowBounds {
                    from: WindowBound::Wall(day + Seconds::minutes(i64::from(entry.start()))),
                    until: WindowBound::Wall(end_day + Seconds::minutes(i64::from(entry.end()))),
                });
            }
        }
        (day, weekday) = (day + DAY, weekday.next());
    }
    pairs
}

fn recurring_pairs(
    from: &Recurring,
    until: &WindowEnd<Recurring>,
    first: Date,
    last: Date,
) -> Result<Vec<WindowBounds>, TimeError> {
    let days = |count: i32| jiff::Span::new().days(count);
    let longest = match until {
        WindowEnd::At(until) => until.longest_wait_days(),
        WindowEnd::After(offset) => offset.days,
    };
    let earliest = first.checked_sub(days(longest)).map_err(|_| TimeError::OutOfRange)?;
    let mut starts = from.readings(earliest, last)?;
    starts.retain(|start| start.date() >= earliest && start.date() <= last);
    let mut ends = match until {
        WindowEnd::At(until) => {
            until.readings(earliest, last.checked_add(days(longest)).map_err(|_| TimeError::OutOfRange)?)?
        }
        WindowEnd::After(_) => Vec::new(),
    };
    ends.sort_unstable();
    starts
        .into_iter()
        .map(|start| {
            let end = match until {
                WindowEnd::At(_) => {
                    *ends.get(ends.partition_point(|end| *end <= start)).ok_or(TimeError::OutOfRange)?
                }
                // a start of 24:00 reads as the next midnight, yet belongs to the day that it ends
                WindowEnd::After(offset) => offset.on(start_day_of(start, from.offset)?)?,
            };
            Ok(WindowBounds::of_readings(start, end))
        })
        .collect()
}

fn start_day_of(start: DateTime, offset: Offset) -> Result<Date, TimeError> {
    if offset.minute == 24 * 60 {
        start.date().yesterday().map_err(|_| TimeError::OutOfRange)
    } else {
        Ok(start.date())
    }
}

fn instant(reader: &mut WallClockReader<'_>, bound: WindowBound, which: ClockReading) -> Result<Instant, TimeError> {
    match bound {
        WindowBound::Wall(second) => reader.instant(second, which),
        WindowBound::Exact(second) => Ok(second),
    }
}

/// The instants of closed windows: from the first moment that reads the start to the last that reads the end. What lies beyond
/// the first or last instant that there is, counts as that.
///
/// # Errors
///
/// [`TimeError::UnreadableRules`].
pub fn closed(zone: &Zone, pairs: &[WindowBounds]) -> Result<Vec<Interval>, TimeError> {
    let mut reader = WallClockReader::new(zone, pairs.len());
    pairs
        .iter()
        .map(|pair| {
            let from = instant(&mut reader, pair.from, ClockReading::First)?;
            let until = instant(&mut reader, pair.until, ClockReading::Last)?;
            Ok(Interval { from, until })
        })
        .collect()
}

/// The instants of change windows: from the last moment that reads the start to the first that reads the end.
///
/// Pairs that touch or overlap on the wall calendar are one window before they are read. Empty or inverted is none.
///
/// # Errors
///
/// [`TimeError::OutOfRange`] beyond the range of dates.
pub fn open(zone: &Zone, mut pairs: Vec<WindowBounds>) -> Result<Intervals, TimeError> {
    let local = |bound: WindowBound| -> Result<WallSecond, TimeError> {
        match bound {
            WindowBound::Wall(second) => Ok(second),
            WindowBound::Exact(second) => Ok(WallSecond::of(zone.clock(nearest_instant(second))?)),
        }
    };
    let mut merged: Vec<(WallSecond, WallSecond)> = Vec::with_capacity(pairs.len());
    let mut readings = pairs
        .drain(..)
        .map(|pair| Ok((local(pair.from)?, local(pair.until)?)))
        .collect::<Result<Vec<_>, TimeError>>()?;
    readings.sort_unstable();
    for (from, until) in readings {
        match merged.last_mut() {
            Some((_, end)) if from <= *end => *end = until.max(*end),
            Some(_) | None => merged.push((from, until)),
        }
    }
    let mut reader = WallClockReader::new(zone, merged.len());
    let read = merged
        .into_iter()
        .map(|(from, until)| {
            Ok(Interval {
                from: reader.instant(from, ClockReading::Last)?,
                until: reader.instant(until, ClockReading::First)?,
            })
        })
        .collect::<Result<Vec<_>, TimeError>>()?;
    Ok(Intervals::union(read))
}
