//! Durations: `45m`, `1h30m`, `3d`.

use jiff::{SpanRelativeTo, Unit};

/// The longest duration that is taken for one, in seconds: 31 days. Longer ones are slips.
pub const LONGEST: i64 = 31 * 24 * 3600;

/// Reads a duration such as `45m`, `1h30m` or `3d` as whole seconds; a day is 24 hours.
///
/// ```
/// use freezegate::policy::duration::seconds;
///
/// assert_eq!(seconds("1h30m"), Ok(5400));
/// assert_eq!(seconds("3d"), Ok(259_200));
/// assert!(seconds("-5m").is_err());
/// assert!(seconds("5").is_err());
/// ```
///
/// # Errors
///
/// What is wrong, for people: no duration, a negative one, one with months or years, one longer than [`LONGEST`].
pub fn seconds(text: &str) -> Result<i64, String> {
    seconds_up_to(text, LONGEST)
}

/// The seconds of a duration that may be as long as `longest`, in seconds.
///
/// ```
/// use freezegate::policy::duration::{LONGEST, seconds_up_to};
///
/// assert_eq!(seconds_up_to("90d", 100 * 86_400), Ok(90 * 86_400));
/// assert_eq!(seconds_up_to("90d", LONGEST), Err("`90d` is longer than 31 days".to_owned()));
/// ```
///
/// # Errors
///
/// As [`seconds`], but for the length.
pub fn seconds_up_to(text: &str, longest: i64) -> Result<i64, String> {
    let span: jiff::Span = text.parse().map_err(|_| format!("`{text}` is not a duration"))?;
    if span.is_negative() {
        return Err(format!("`{text}` is negative"));
    }
    let total = span
        .total((Unit::Second, SpanRelativeTo::days_are_24_hours()))
        .map_err(|_| format!("`{text}` has months or years, which vary in length"))?;
    let whole = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_or(i64::MAX, |duration| duration.as_secs());
    if total.fract() > 0.0 {
        return Err(format!("`{text}` has fractions of a second"));
    }
    if whole > longest {
        return Err(format!("`{text}` is longer than {} days", longest / 86_400));
    }
    Ok(whole)
}

/// Seconds as people say them: `3 h 12 min`, `2 d 4 h`, `45 s`; the two largest units, rounded up to the smaller.
///
/// ```
/// use freezegate::policy::duration::spoken;
///
/// assert_eq!(spoken(11_700), "3 h 15 min");
/// assert_eq!(spoken(187_200), "2 d 4 h");
/// assert_eq!(spoken(61), "2 min");
/// ```
#[must_use]
pub fn spoken(seconds: i64) -> String {
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
///
/// assert_eq!(elapsed(7 * 86_400 + 3599), "7 d");
/// assert_eq!(elapsed(86_399), "23 h 59 min");
/// assert_eq!(elapsed(59), "59 s");
/// ```
#[must_use]
pub fn elapsed(seconds: i64) -> String {
    let unit = match seconds {
        ..60 => 1,
        60..86_400 => 60,
        86_400.. => 3600,
    };
    spoken(seconds.saturating_sub(seconds.rem_euclid(unit)))
}

/// Seconds in all their units, rounded up to the minute: `1 d 30 min`. For what is needed, where [`spoken`] would add up to an hour.
///
/// ```
/// use freezegate::policy::duration::in_full;
///
/// assert_eq!(in_full(86_400 + 1800), "1 d 30 min");
/// assert_eq!(in_full(2 * 86_400 + 3 * 3600 + 61), "2 d 3 h 2 min");
/// assert_eq!(in_full(45), "45 s");
/// ```
#[must_use]
pub fn in_full(seconds: i64) -> String {
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
///
/// assert_eq!(hours(26 * 3600 + 1800), "26.5");
/// assert_eq!(hours(10 * 3600), "10");
/// assert_eq!(hours(10 * 3600 - 1), "9.9");
/// ```
#[must_use]
pub fn hours(seconds: i64) -> String {
    let tenths = seconds.div_euclid(360);
    match tenths % 10 {
        0 => format!("{}", tenths / 10),
        rest => format!("{}.{rest}", tenths / 10),
    }
}
