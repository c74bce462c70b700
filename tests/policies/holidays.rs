//! Holidays on which a region is closed all day, and the calendars of public holidays that are shipped.

use std::collections::BTreeSet;
use std::fs;

use chrono::{Datelike, TimeZone};
use chrono_tz::Tz;
use freezegate::decision::calendar_end::calendars_that_end;
use freezegate::policy::Policy;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use jiff::civil::Date;

use crate::policies::change::{Change, instant, refusals, second};
use crate::policies::files::{Memory, of_repository};

/// Dates around jumps of the clock, ends of years and weekends, in zones that are far apart.
const HOLIDAYS: [&str; 7] =
    ["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-26", "2026-12-25", "2026-12-26", "2027-01-01"];

const ZONES: [&str; 4] = ["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Pacific/Kiritimati"];

fn closed_in(zones: &[&str], more: &str) -> Policy {
    Memory::one(format!(
        "version = 1\n[regions.r]\ntimezones = {zones:?}\nholidays = [\"days\"]\non_holidays = \"closed\"\n{more}\
         [calendars.days]\ndates = [{}]\nvalid_until = 2028-12-31\n[environments.production]\n",
        HOLIDAYS.join(", ")
    ))
    .load()
    .unwrap()
}

/// Returns whether it is one of the dates anywhere, as chrono-tz has it.
fn is_holiday(at: Instant, zones: &[&str]) -> bool {
    zones.iter().any(|zone| {
        let local = zone.parse::<Tz>().unwrap().timestamp_opt(at.as_second(), 0).unwrap();
        HOLIDAYS.contains(&format!("{:04}-{:02}-{:02}", local.year(), local.month(), local.day()).as_str())
    })
}

#[test]
fn closed_holidays_are_closed_from_midnight_to_midnight_in_each_zone() {
    for zones in [&ZONES[..1], &ZONES[1..2], &ZONES[2..3], &ZONES[..]] {
        let policy = closed_in(zones, "");
        let production = Change::to("production").under(&policy);
        for date in HOLIDAYS {
            let noon = second(&format!("{date}T12:00:00Z"));
            // every half of a quarter of an hour, two days around
            for step in -8 * 48..8 * 48 {
                let at = noon + Seconds::new(step * 450);
                assert_eq!(production.is_allowed(at), !is_holiday(at, zones), "{zones:?} {}", instant(at));
            }
        }
    }
}

#[test]
fn core_hours_stay_beside_closed_holidays() {
    let policy = closed_in(&["Europe/Berlin"], "core_hours = [\"daily 09:00-17:00\"]\n");
    let production = Change::to("production").under(&policy);
    let ids = |at: &str| -> Vec<String> {
        refusals(&production.decide(at)).into_iter().map(|(_, id)| id.to_owned()).collect()
    };
    assert_eq!(ids("2026-12-25T12:00:00Z"), ["freeze/holidays of r", "core-hours/r"]);
    assert_eq!(ids("2026-12-25T20:00:00Z"), ["freeze/holidays of r"]);
    assert_eq!(ids("2026-12-24T12:00:00Z"), ["core-hours/r"]);
    assert_eq!(ids("2026-12-24T20:00:00Z"), [""; 0]);
}

#[test]
fn which_days_are_holidays_is_not_known_after_the_calendar() {
    let policy = closed_in(&["Europe/Berlin"], "");
    let production = Change::to("production").under(&policy);
    assert!(production.is_allowed("2028-12-31T22:59:59Z"));
    let after = production.decide("2028-12-31T23:00:00Z");
    assert_eq!(refusals(&after), [("stale-calendar", "stale-calendar")]);
}

#[test]
fn they_have_the_level_and_the_exemptions_of_each_environment() {
    let policy = Memory::one(
        "version = 1\n[regions.r]\ntimezones = [\"UTC\"]\nholidays = [\"a\", \"b\"]\non_holidays = \"closed\"\n\
         [calendars.a]\ndates = [2026-12-25]\nvalid_until = 2027-01-31\n[calendars.b]\ndates = [2026-12-31]\n\
         [environments.production]\n[environments.canary]\n[environments.preview]\nduring_core_hours = \"warn\"\n\
         [environments.billing]\nexempt = []\n[environments.staging]\nduring_core_hours = \"off\"\n",
    )
    .load()
    .unwrap();
    let freezes: Vec<String> = policy
        .freezes
        .iter()
        .map(|freeze| {
            let exempt = if freeze.exempt.is_empty() { "" } else { ", rollbacks exempt" };
            format!("{}: {}, {}{exempt}", freeze.name, freeze.text(&policy.sources), freeze.level.as_str())
        })
        .collect();
    assert_eq!(
        freezes,
        [
            "holidays of r, a (billing): the dates of a, hard",
            "holidays of r, a (canary, production): the dates of a, hard, rollbacks exempt",
            "holidays of r, a (preview): the dates of a, warn, rollbacks exempt",
            "holidays of r, b (billing): the dates of b, hard",
            "holidays of r, b (canary, production): the dates of b, hard, rollbacks exempt",
            "holidays of r, b (preview): the dates of b, warn, rollbacks exempt",
        ]
    );
    for (date, is_allowed) in [("2026-12-24", true), ("2026-12-25", false), ("2026-12-30", true), ("2026-12-31", false)]
    {
        let at = format!("{date}T12:00:00Z");
        let decision = Change::to("production").under(&policy).decide(at.as_str());
        assert_eq!(refusals(&decision).is_empty(), is_allowed, "{date}");
    }
    for (environment, is_allowed) in
        [("production", false), ("canary", false), ("billing", false), ("preview", true), ("staging", true)]
    {
        assert_eq!(Change::to(environment).under(&policy).is_allowed("2026-12-25T12:00:00Z"), is_allowed);
    }
}

#[test]
fn answers_tell_of_calendars_in_their_last_30_days() {
    let policy = |on_holidays: &str| {
        Memory::one(format!(
            "version = 1\n[regions.r]\ntimezones = [\"UTC\"]\ncore_hours = [\"Mon-Fri 09:00-17:00\"]\nholidays = [\"days\"]\n\
             on_holidays = \"{on_holidays}\"\n[regions.s]\ntimezones = [\"UTC\"]\n[calendars.days]\ndates = [2026-12-25]\n\
             valid_until = 2026-12-31\n[calendars.release]\ndates = [2026-11-30]\n[environments.production]\nregions = [\"r\"]\n\
             [environments.staging]\nregions = [\"s\"]\n[[freezes]]\nname = \"release\"\nfrom = \"release 00:00\"\n\
             until = \"release +1d 00:00\"\ntimezone = \"UTC\"\nenvironments = [\"staging\"]\n"
        ))
        .load()
        .unwrap()
    };
    let (open, closed) = (policy("open"), policy("closed"));
    let told = |policy: &Policy, environment: &str, at: &str| {
        calendars_that_end(policy, &Change::to(environment).under(policy).reach, second(at))
    };
    let work = "holidays of `r` count as working days until you add the next dates";
    assert_eq!(told(&open, "production", "2026-12-01T23:59:59Z"), [""; 0]);
    assert_eq!(
        told(&open, "production", "2026-12-02T00:00:00Z"),
        [format!("the calendar `days` ends on 2026-12-31; after it {work}")]
    );
    assert_eq!(
        told(&open, "production", "2027-01-01T00:00:00Z"),
        [format!("the calendar `days` ended on 2026-12-31; {work}")]
    );
    let closes = |name: &str| format!("`{name}` stays closed until you add the next dates");
    assert_eq!(
        told(&closed, "production", "2026-12-31T12:00:00Z"),
        [format!("the calendar `days` ends on 2026-12-31; after it {}", closes("holidays of r"))]
    );
    // each environment is told of what it counts on
    assert_eq!(
        told(&closed, "staging", "2026-12-31T12:00:00Z"),
        [format!("the calendar `release` ended on 2026-11-30; {}", closes("release"))]
    );
}

/// The shipped files by the code of their country, loaded as a policy includes them.
fn shipped() -> Vec<(String, Policy)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(of_repository("policies/holidays")).unwrap() {
        let path = entry.unwrap().path();
        let code = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let policy = Memory::one(format!(
            "version = 1\ninclude = [\"holidays/{code}.toml\"]\n[regions.r]\ntimezones = [\"UTC\"]\n\
             holidays = [\"holidays-{code}\"]\non_holidays = \"closed\"\n[environments.production]\n"
        ))
        .with(format!("holidays/{code}.toml"), fs::read(&path).unwrap());
        found.push((code, policy.load().unwrap()));
    }
    found
}

#[test]
fn each_shipped_calendar_has_whole_years() {
    let all = shipped();
    assert!(all.len() >= 40, "{}", all.len());
    for (code, policy) in &all {
        let [calendar] = &policy.calendars[..] else { panic!("{code}: one calendar") };
        assert_eq!(calendar.name, format!("holidays-{code}"));
        let years: BTreeSet<i16> = calendar.dates.iter().map(|date| date.year()).collect();
        assert_eq!(years.len(), 3, "{code}: {years:?}");
        assert_eq!(Some(calendar.valid_until), Date::new(*years.last().unwrap(), 12, 31).ok(), "{code}");
        assert!(calendar.dates.iter().all(|date| years.contains(&date.year())), "{code}");
    }
}

/// The date of Easter Sunday, by the method of Meeus, Jones and Butcher (Nature, 20 April 1876).
fn easter(year: i32) -> Date {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let n = h + l - 7 * ((a + 11 * h + 22 * l) / 451) + 114;
    let part = |number: i32| i8::try_from(number).unwrap();
    Date::new(i16::try_from(year).unwrap(), part(n / 31), part(n % 31 + 1)).unwrap()
}

/// Rows of `tests/data/holidays.txt`: code of the country, then dates or days after Easter Sunday.
#[test]
fn shipped_calendars_have_the_days_that_governments_publish() {
    let text = fs::read_to_string(of_repository("tests/data/holidays.txt")).unwrap();
    let all = shipped();
    let mut told = 0;
    for row in text.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let (code, days) = row.split_once(' ').unwrap();
        let calendar = &all.iter().find(|(one, _)| one == code).unwrap().1.calendars[0];
        for day in days.split_whitespace() {
            let dates = match day.strip_prefix("easter") {
                Some(after) => calendar
                    .dates
                    .iter()
                    .map(|date| i32::from(date.year()))
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .map(|year| easter(year) + jiff::Span::new().days(after.parse::<i32>().unwrap()))
                    .collect(),
                None => vec![day.parse::<Date>().unwrap()],
            };
            // what was renewed has no dates of years that are over
            for date in dates.into_iter().filter(|date| date.year() >= calendar.dates[0].year()) {
                assert!(calendar.contains(date), "{code}: {date}");
                told += 1;
            }
        }
    }
    assert!(told > 100, "{told}");
}
