//! Names of zones: what an outdated one is called now, in which countries a zone lies, and the nearest known name.
//!
//! The two tables are those of the time zone database, release 2026f (public domain): `zone.tab` as published, and the
//! link lines of `tzdata.zi`. They are read only where a policy is linted or a name is unknown.

use crate::time::zone::Zone;

const ZONE_TAB: &str = include_str!("names/zone.tab");
const LINKS: &str = include_str!("names/links");

/// The ISO 3166 codes of the countries in which the zone `name` lies; none for `UTC` and for outdated names.
#[must_use]
pub fn countries(name: &str) -> Vec<&'static str> {
    table().filter(|(_, zone)| *zone == name).map(|(country, _)| country).collect()
}

/// The rows of `zone.tab`: a country and a zone in it.
fn table() -> impl Iterator<Item = (&'static str, &'static str)> {
    ZONE_TAB.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split('\t');
        Some((fields.next()?, fields.nth(1)?))
    })
}

/// The name in use for an outdated one, such as `America/New_York` for `US/Eastern`.
///
/// A link that is still a country's own zone in `zone.tab` (`Europe/Oslo`) is not outdated.
///
/// ```
/// use freezegate::time::names::current_name;
///
/// assert_eq!(current_name("US/Eastern"), Some("America/New_York"));
/// assert_eq!(current_name("Asia/Calcutta"), Some("Asia/Kolkata"));
/// assert_eq!(current_name("Europe/Oslo"), None);
/// assert_eq!(current_name("UTC"), None);
/// ```
#[must_use]
pub fn current_name(name: &str) -> Option<&'static str> {
    if name == "UTC" || table().any(|(_, zone)| zone == name) {
        return None;
    }
    LINKS.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let target = fields.next()?;
        (fields.next()? == name).then_some(target)
    })
}

/// Returns whether `written` is an offset from UTC, such as `UTC+2`, `+02:00` or `Etc/GMT-5`.
#[must_use]
pub fn is_offset(written: &str) -> bool {
    let upper = written.to_ascii_uppercase();
    let rest = upper.strip_prefix("ETC/").unwrap_or(&upper);
    let rest = rest.strip_prefix("UTC").or_else(|| rest.strip_prefix("GMT")).unwrap_or(rest).trim_start();
    rest.strip_prefix(['+', '-', '\u{2212}'])
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b':'))
}

/// The known name nearest to one that names no zone, by the name in use now. An offset is near to no place.
///
/// ```
/// use freezegate::time::names::nearest_zone;
///
/// assert_eq!(nearest_zone("Berln"), Some("Europe/Berlin"));
/// assert_eq!(nearest_zone("Europe/Munich"), None);
/// assert_eq!(nearest_zone("UTC+2"), None);
/// ```
#[must_use]
pub fn nearest_zone(written: &str) -> Option<&'static str> {
    if is_offset(written) || written.len() > LONGEST {
        return None;
    }
    let folded = folded(written);
    most_like(Zone::names(), |name| zone_likeness(name, &folded)).map(|name| current_name(name).unwrap_or(name))
}

/// Returns how much the zone `name` is like `written`, which is folded: the city counts, as half of a name is its continent's.
fn zone_likeness(name: &str, written: &str) -> f64 {
    let likeness = name_likeness(name, written);
    if likeness > 1.0 {
        return likeness;
    }
    let name = folded(name);
    let city = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let cities = strsim::jaro_winkler(&city(&name), &city(written));
    // of cities that are equally alike, the one on the same continent
    if cities < 0.85 { 0.0 } else { cities + likeness / 100.0 }
}

/// The known name most like `written`, if any is like it at all.
///
/// A name that differs only in case comes first, then one of which `written` is the last part (`Berlin`), then one that is one of its words
/// (`change_duration`: `duration`), or the reverse.
#[must_use]
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if written.len() > LONGEST {
        return None;
    }
    let folded = folded(written);
    most_like(known, |name| name_likeness(name, &folded))
}

/// A text of more bytes is no slip for a name, and would take long to compare.
const LONGEST: usize = 200;

/// As many known names are compared: there are fewer zones.
const MOST_KNOWN: usize = 1_000;

fn most_like<'k>(known: impl IntoIterator<Item = &'k str>, likeness: impl Fn(&str) -> f64) -> Option<&'k str> {
    known
        .into_iter()
        .take(MOST_KNOWN)
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// Returns how much `name` is like `written`, which is folded: 2 is the same, from 0 to 1 is Jaro-Winkler's measure, what is between is of equal parts.
fn name_likeness(name: &str, written: &str) -> f64 {
    let name = folded(name);
    if name == written {
        2.0
    } else if name.rsplit('/').next() == Some(written) {
        1.5
    } else {
        let likeness = strsim::jaro_winkler(&name, written);
        let is_word = written.split('_').any(|word| word == name) || name.split('_').any(|word| word == written);
        // of several, the one that is more like it
        if is_word { 1.2 + likeness / 100.0 } else { likeness }
    }
}

/// A name without case, and without what is used between its words.
fn folded(name: &str) -> String {
    name.to_lowercase().replace([' ', '-'], "_")
}
