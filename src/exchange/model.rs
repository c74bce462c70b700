//! What the windows of another program close, by that program's own rules, as instants.
//!
//! Argo CD (`pkg/apis/application/v1alpha1/types.go`, `SyncWindows.active` and `CanSync`) asks whether the wall clock reads a time within the
//! duration after a start. GitLab (`app/models/ci/freeze_period.rb`, `within_freeze_period?`) asks whether it is before the first end that
//! follows the last start. Neither reads a clock that is changed as a policy does, so that both are laid out and compared, [`YEARS`] ahead:
//! that is as long as it takes for weekdays, dates and clock changes to meet in every way.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use crate::exchange::cron::Cron;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;
use crate::time::zone::{TimeError, Zone};

/// For how many years ahead windows are compared.
pub const YEARS: i64 = 28;

/// The span over which windows are compared, from `now` on (seconds since the Unix epoch).
#[must_use]
pub fn horizon(now: Instant) -> Interval {
    Interval { from: now, until: now.saturating_add(Seconds::hours(1461 * 24 / 4).saturating_mul(YEARS)) }
}

/// A stretch in which the clock of a zone keeps its offset.
#[derive(Debug, Clone, Copy)]
struct Steady {
    span: Interval,
    /// The time by which the clock is ahead of UTC.
    offset: Seconds,
}

/// The stretches of `range` between the clock changes of `zone`.
fn steady(zone: &Zone, range: Interval) -> Result<Vec<Steady>, TimeError> {
    let rules = zone.rules()?;
    let first = range.from.timestamp()?;
    let mut found = vec![Steady { span: range, offset: Seconds::of_offset(rules.to_offset(first)) }];
    for jump in rules.following(first) {
        let at = Instant::from(jump.timestamp());
        if at >= range.until {
            break;
        }
        if let Some(last) = found.last_mut() {
            last.span.until = at;
        }
        found.push(Steady { span: Interval { from: at, ..range }, offset: Seconds::of_offset(jump.offset()) });
    }
    Ok(found)
}

/// The dates of `zone` that `range` touches, and `days_before` days before it.
fn dates(zone: &Zone, range: Interval, days_before: i64) -> Result<(Date, Date), TimeError> {
    let room = jiff::Span::new().try_days(days_before.saturating_add(2)).map_err(|_| TimeError::OutOfRange)?;
    let first = zone.date(range.from)?.checked_sub(room).map_err(|_| TimeError::OutOfRange)?;
    Ok((first, zone.date(range.until)?.tomorrow().map_err(|_| TimeError::OutOfRange)?))
}

/// Returns when a sync window of Argo CD is active: while the wall clock reads less than `length` after a start.
///
/// # Errors
///
/// [`TimeError`] near the first or last date that there is.
pub fn sync_window(cron: &Cron, length: Seconds, zone: &Zone, range: Interval) -> Result<Vec<Interval>, TimeError> {
    let (first, last) = dates(zone, range, length.get() / (24 * 3600))?;
    let mut read: Vec<Interval<WallSecond>> = Vec::new();
    cron.each_reading(first, last, |start| {
        let until = start + length;
        match read.last_mut() {
            Some(before) if start <= before.until => before.until = until.max(before.until),
            Some(_) | None => read.push(Interval { from: start, until }),
        }
    });
    let mut found = Vec::new();
    for stretch in steady(zone, range)? {
        let shown = Interval {
            from: WallSecond::shown(stretch.span.from, stretch.offset),
            until: WallSecond::shown(stretch.span.until, stretch.offset),
        };
        let begin = read.partition_point(|one| one.until <= shown.from);
        for one in read.get(begin..).unwrap_or_default().iter().take_while(|one| one.from < shown.until) {
            let one = one.clipped(shown);
            found.push(Interval {
                from: one.from.at_offset(stretch.offset),
                until: one.until.at_offset(stretch.offset),
            });
        }
    }
    Ok(found)
}

/// Returns when a freeze period of GitLab is active: from each start to the first end after it. A reading that the clock skips is none, one that it
/// shows twice is two.
///
/// # Errors
///
/// As [`sync_window`].
pub fn freeze_period(start: &Cron, end: &Cron, zone: &Zone, range: Interval) -> Result<Vec<Interval>, TimeError> {
    // a year has every start and end
    const ROOM: Seconds = Seconds::days(800);
    let wide = Interval { from: range.from.saturating_sub(ROOM), until: range.until.saturating_add(ROOM) };
    let steady = steady(zone, wide)?;
    let (first, last) = dates(zone, wide, 0)?;
    let instants = |cron: &Cron| {
        let mut found = BTreeSet::new();
        cron.each_reading(first, last, |reading| {
            let near = steady.partition_point(|one| WallSecond::shown(one.span.until, one.offset) <= reading);
            // after a change back, the stretch that follows shows it too
            for one in steady.iter().skip(near.saturating_sub(1)).take(4) {
                let instant = reading.at_offset(one.offset);
                if one.span.contains(instant) {
                    found.insert(instant);
                }
            }
        });
        found
    };
    let (starts, ends) = (instants(start), instants(end));
    let mut found: Vec<Interval> = Vec::new();
    for start in starts {
        let until = ends.range(start.saturating_add(Seconds::new(1))..).next().copied().unwrap_or(wide.until);
        found.push(Interval { from: start, until }.clipped(range));
    }
    Ok(found)
}

/// The windows of another program that all change a zone's clock alike.
#[derive(Debug, Clone)]
pub struct SyncWindowRule {
    /// Its start.
    pub schedule: Cron,
    /// The time that the wall clock goes on from there.
    pub length: Seconds,
    /// The time zone.
    pub zone: Arc<Zone>,
    /// True if syncs are allowed in it, and denied outside all such.
    pub allows: bool,
}

/// Returns when Argo CD denies an automatic sync.
///
/// # Errors
///
/// As [`sync_window`].
pub fn denied(windows: &[SyncWindowRule], range: Interval) -> Result<Intervals, TimeError> {
    let (mut denied, mut allowed) = (Vec::new(), Vec::new());
    for window in windows {
        let active = sync_window(&window.schedule, window.length, &window.zone, range)?;
        if window.allows { allowed.extend(active) } else { denied.extend(active) }
    }
    if windows.iter().any(|window| window.allows) {
        denied.extend_from_slice(Intervals::union(allowed).complement(range).as_slice());
    }
    Ok(Intervals::union(denied))
}

/// The first span in which just one of the two closes, and whether that is `one`. Both programs treat the second in which a window begins or
/// ends as it comes, so that a single second does not count.
#[must_use]
pub fn difference(one: &Intervals, other: &Intervals) -> Option<(Interval, bool)> {
    let first = |this: &Intervals, that: &Intervals| this.difference(that).as_slice().iter().copied().find(is_seen);
    match (first(one, other), first(other, one)) {
        (Some(span), None) => Some((span, true)),
        (None, Some(span)) => Some((span, false)),
        (Some(here), Some(there)) => Some(if here.from < there.from { (here, true) } else { (there, false) }),
        (None, None) => None,
    }
}

fn is_seen(span: &Interval) -> bool {
    span.seconds() > Seconds::new(1)
}
