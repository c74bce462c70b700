//! Days of a time zone, as its wall clock shows them.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;
use crate::time::zone::{ClockReading, TimeError, Zone};

/// A day on a wall clock.
pub const DAY: Seconds = Seconds::days(1);

/// A day of a time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalDay {
    /// The date.
    pub date: Date,
    /// From its first instant to that of the next day.
    pub span: Interval,
    /// The day from clock change to clock change; a single one on most days.
    pub pieces: Vec<DayPiece>,
}

/// A part of a day in which the clock does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayPiece {
    /// The instants.
    pub span: Interval,
    /// The time that the clock shows at the start, since midnight.
    pub wall: Seconds,
}

impl LocalDay {
    /// Returns where each part of `spans` lies on the clock of the day: from and until, since midnight. What the clock shows twice
    /// can be twice among them.
    #[must_use]
    pub fn on_clock(&self, spans: &Intervals) -> Vec<Interval<Seconds>> {
        let mut found = Vec::new();
        for piece in &self.pieces {
            let shift = |second: Instant| second.since(piece.span.from) + piece.wall;
            let from = spans.as_slice().partition_point(|span| span.until <= piece.span.from);
            for span in spans.as_slice().iter().skip(from).take_while(|span| span.from < piece.span.until) {
                let within = span.clipped(piece.span);
                found.push(Interval { from: shift(within.from), until: shift(within.until) });
            }
        }
        found
    }

    /// Returns what the clock shows at `second`, since midnight; `None` if that is another day.
    #[must_use]
    pub fn clock_at(&self, second: Instant) -> Option<Seconds> {
        let piece = self.pieces.iter().find(|piece| piece.span.contains(second))?;
        Some(second.since(piece.span.from) + piece.wall)
    }
}

/// The first instant of `date` in `zone`, in seconds since 1970-01-01T00:00:00Z.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub fn first_instant(zone: &Zone, date: Date) -> Result<Instant, TimeError> {
    zone.instant(date.at(0, 0, 0, 0), ClockReading::First)
}

/// The days of `zone` from `first` up to but without `end`; a day that the zone skips is left out.
///
/// ```
/// use freezegate::calendar::days::local_days;
/// use freezegate::time::seconds::Seconds;
/// use freezegate::time::zone::Zone;
/// use jiff::civil::date;
///
/// let berlin = Zone::named("Europe/Berlin").unwrap();
/// let days = local_days(&berlin, date(2026, 3, 28), date(2026, 3, 30)).unwrap();
/// assert_eq!(days.iter().map(|day| day.span.seconds()).collect::<Vec<_>>(), [24, 23].map(Seconds::hours));
/// assert_eq!(days[1].pieces[1].wall, Seconds::hours(3));
/// ```
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub fn local_days(zone: &Zone, first: Date, end: Date) -> Result<Vec<LocalDay>, TimeError> {
    let mut days = Vec::new();
    let mut date = first;
    while date < end {
        let next = date.checked_add(1.day()).map_err(|_| TimeError::OutOfRange)?;
        let span = Interval { from: first_instant(zone, date)?, until: first_instant(zone, next)? };
        if !span.is_empty() {
            days.push(LocalDay { date, span, pieces: pieces(zone, span)? });
        }
        date = next;
    }
    Ok(days)
}

fn pieces(zone: &Zone, span: Interval) -> Result<Vec<DayPiece>, TimeError> {
    let start = span.from.timestamp()?;
    let changes = zone.rules()?.following(start).map(|change| Instant::from(change.timestamp()));
    let mut cuts = vec![span.from];
    cuts.extend(changes.take_while(|second| *second < span.until));
    cuts.push(span.until);
    let mut pieces = Vec::new();
    for pair in cuts.windows(2) {
        if let [from, until] = pair {
            let wall = WallSecond::of(zone.clock(*from)?).since_midnight();
            pieces.push(DayPiece { span: Interval { from: *from, until: *until }, wall });
        }
    }
    Ok(pieces)
}

/// The cells of a day, `length` each, and for each which of `spans` (by their place) it has a part of; `None` where the
/// clock skips the whole cell.
#[must_use]
pub fn cells(day: &LocalDay, length: Seconds, spans: &[Intervals]) -> Vec<Option<Vec<usize>>> {
    let count = DAY.get().checked_div(length.get()).unwrap_or(0);
    let on_clock: Vec<Vec<Interval<Seconds>>> = spans.iter().map(|one| day.on_clock(one)).collect();
    let whole = day.on_clock(&Intervals::union(vec![day.span]));
    (0..count)
        .map(|cell| {
            let here = Interval { from: length.saturating_mul(cell), until: length.saturating_mul(cell + 1) };
            let meets = |all: &[Interval<Seconds>]| all.iter().any(|one| !one.clipped(here).is_empty());
            let met = on_clock.iter().enumerate().filter(|(_, all)| meets(all)).map(|(place, _)| place);
            meets(&whole).then(|| met.collect())
        })
        .collect()
}

/// The length of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Seven days.
    Week,
    /// To the same day of the next month.
    Month,
    /// To the same day of the next year.
    Year,
}

impl Period {
    /// The word for it in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The first day after a calendar that begins on `first`.
    ///
    /// # Errors
    ///
    /// [`TimeError`] beyond the range of dates.
    pub fn end(self, first: Date) -> Result<Date, TimeError> {
        let length = match self {
            Self::Week => 7.days(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        };
        first.checked_add(length).map_err(|_| TimeError::OutOfRange)
    }
}
