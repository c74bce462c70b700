//! Durations: `45m`, `1h30m`, `3d`.

use jiff::{SpanRelativeTo, Unit};

use crate::time::seconds::Seconds;

/// The longest duration that is taken for one, in seconds: 31 days. Longer ones are slips.
pub const LONGEST: Seconds = Seconds::days(31);

/// Reads a duration such as `45m`, `1h30m` or `3d` as whole seconds; a day is 24 hours.
///
/// ```
/// use freezegate::policy::duration::seconds;
/// use freezegate::time::seconds::Seconds;
///
/// assert_eq!(seconds("1h30m"), Ok(Seconds::minutes(90)));
/// assert_eq!(seconds("3d"), Ok(Seconds::days(3)));
/// assert!(seconds("-5m").is_err());
/// assert!(seconds("5").is_err());
/// ```
///
/// # Errors
///
/// What is wrong, for people: no duration, a negative one, one with months or years, one longer than [`LONGEST`].
pub fn seconds(text: &str) -> Result<Seconds, String> {
    seconds_up_to(text, LONGEST)
}

/// The seconds of a duration that may be as long as `longest`, in seconds.
///
/// ```
/// use freezegate::policy::duration::{LONGEST, seconds_up_to};
/// use freezegate::time::seconds::Seconds;
///
/// assert_eq!(seconds_up_to("90d", Seconds::days(100)), Ok(Seconds::days(90)));
/// assert_eq!(seconds_up_to("90d", LONGEST), Err("`90d` is longer than 31 days".to_owned()));
/// ```
///
/// # Errors
///
/// As [`seconds`], but for the length.
pub fn seconds_up_to(text: &str, longest: Seconds) -> Result<Seconds, String> {
    let span: jiff::Span = text.parse().map_err(|_| format!("`{text}` is not a duration"))?;
    if span.is_negative() {
        return Err(format!("`{text}` is negative"));
    }
    let total = span
        .total((Unit::Second, SpanRelativeTo::days_are_24_hours()))
        .map_err(|_| format!("`{text}` has months or years, which vary in length"))?;
    let whole = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_or(Seconds::MAX, |duration| Seconds::new(duration.as_secs()));
    if total.fract() > 0.0 {
        return Err(format!("`{text}` has fractions of a second"));
    }
    if whole > longest {
        return Err(format!("`{text}` is longer than {} days", longest.get() / 86_400));
    }
    Ok(whole)
}

/// Seconds as people say them: `3 h 12 min`, `2 d 4 h`, `45 s`; the two largest units, rounded up to the smaller.
///
/// ```
/// use freezegate::policy::duration::spoken;
/// use freezegate::time::seconds::Seconds;
///
/// assert_eq!(spoken(Seconds::new(11_700)), "3 h 15 min");
/// assert_eq!(spoken(Seconds::new(187_200)), "2 d 4 h");
/// assert_eq!(spoken(Seconds::new(61)), "2 min");
/// ```
#[must_use]
pub fn spoken(seconds: Seconds) -> String {
    let seconds = seconds.get();
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let ceil = |unit: i64| seconds.div_euclid(unit).saturating_add(i64::from(seconds.rem_euclid(unit) != 0));
    let two = |count: i64, large: &str, per: i64, small: &str| match (count / per, count % per) {
        (0, rest) => format!("{rest} {small}"),
        (whole, 0) => format!("{whole} {large}"),
        (whole, rest) => format!("{whole} {large} {rest} {small}"),
    };
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..DAY => two(ceil(MINUTE), "h", 60, "min"),
        DAY.. => two(ceil(HOUR), "d", 24, "h"),
    }
}

/// Seconds that have passed, as [`spoken`] but rounded down: what is said to be that long is.
///
/// ```
/// use freezegate::policy::duration::elapsed;
/// use freezegate::time::seconds::Seconds;
///
/// assert_eq!(elapsed(Seconds::new(7 * 86_400 + 3599)), "7 d");
/// assert_eq!(elapsed(Seconds::new(86_399)), "23 h 59 min");
/// assert_eq!(elapsed(Seconds::new(59)), "59 s");
/// ```
#[must_use]
pub fn elapsed(seconds: Seconds) -> String {
    let unit = match seconds.get() {
        ..60 => Seconds::new(1),
        60..86_400 => Seconds::minutes(1),
        86_400.. => Seconds::hours(1),
    };
    spoken(seconds.rounded_down(unit))
}

/// Seconds in all their units, rounded up to the minute: `1 d 30 min`. For what is needed, where [`spoken`] would add up to an hour.
///
/// ```
/// use freezegate::policy::duration::in_full;
/// use freezegate::time::seconds::Seconds;
///
/// assert_eq!(in_full(Seconds::new(86_400 + 1800)), "1 d 30 min");
/// assert_eq!(in_full(Seconds::new(2 * 86_400 + 3 * 3600 + 61)), "2 d 3 h 2 min");
/// assert_eq!(in_full(Seconds::new(45)), "45 s");
/// ```
#[must_use]
pub fn in_full(seconds: Seconds) -> String {
    let seconds = seconds.get();
    if seconds < 60 {
        return format!("{seconds} s");
    }
    let minutes = seconds.div_euclid(60).saturating_add(i64::from(seconds.rem_euclid(60) != 0));
    let units = [(minutes / (24 * 60), "d"), (minutes / 60 % 24, "h"), (minutes % 60, "min")];
    let told = units.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}"));
    told.collect::<Vec<_>>().join(" ")
}

/// Seconds as hours with one decimal, rounded down so that what is short of a limit never reads as if it met it.
///
/// ```
/// use freezegate::policy::duration::hours;
/// use freezegate::time::seconds::Seconds;
///
/// assert_eq!(hours(Seconds::new(26 * 3600 + 1800)), "26.5");
/// assert_eq!(hours(Seconds::hours(10)), "10");
/// assert_eq!(hours(Seconds::hours(10) - Seconds::new(1)), "9.9");
/// ```
#[must_use]
pub fn hours(seconds: Seconds) -> String {
    let tenths = seconds.get().div_euclid(360);
    match tenths % 10 {
        0 => format!("{}", tenths / 10),
        rest => format!("{}.{rest}", tenths / 10),
    }
}
