//! Closed time as events: at every minute of a year they are when the policy refuses, as other readers of recurrences have it; and read
//! again, they are the same policy.

use std::fs;
use std::path::{Path, PathBuf};

use freezegate::exchange::Exported;
use freezegate::exchange::ics::export::export;
use freezegate::exchange::ics::import::{IcsOptions, import};
use freezegate::policy::Policy;
use freezegate::time::instant::Instant;
use freezegate::time::intervals::{Interval, Intervals};
use rrule::RRuleSet;
use serde::Deserialize;

use super::{SAYABLE, YEAR, agrees, load, native, now, place, second};
use crate::time::second_opinion::{offset, readings, tz};

fn write(policy: &Policy, until: &str, stricter: bool) -> Result<Exported, Vec<String>> {
    let written = export(policy, &place(policy, &[]), second(until), stricter, now()).unwrap();
    written.map_err(|items| items.into_iter().map(|item| item.cause).collect())
}

/// What no line of cron can say.
const DATED: &[(&str, &str)] = &[
    (
        "one date, and dates of a calendar",
        "[calendars.release]\ndates = [2027-02-01, 2027-05-03]\nvalid_until = 2028-12-31\n[environments.production]\nexempt = []\nsettle = \"30m\"\n\
         [[freezes]]\nname = \"launch\"\nfrom = 2027-03-13T22:00:00\nuntil = 2027-03-14T12:00:00\ntimezone = \"America/New_York\"\nexempt = []\n\
         [[freezes]]\nname = \"release\"\nfrom = \"release -1d 12:00\"\nuntil = \"release +1d 00:00\"\ntimezone = \"Europe/Dublin\"\nexempt = []",
    ),
    (
        "holidays",
        "[calendars.us]\ndates = [2026-11-26, 2026-12-25, 2027-01-01, 2027-12-24]\n[regions.us]\ntimezones = [\"America/New_York\"]\n\
         core_hours = [\"Mon-Fri 08:00-18:00\", \"Fri 22:00-02:00\"]\nholidays = [\"us\"]\n[environments.production]\nexempt = []\nduration = \"45m\"",
    ),
    (
        "weeks in half the world",
        "[environments.production]\nexempt = []\n\
         [[freezes]]\nname = \"dublin\"\nfrom = \"Fri 17:00\"\nuntil = \"Mon 07:00\"\ntimezone = \"Europe/Dublin\"\nexempt = []\n\
         [[freezes]]\nname = \"lord howe\"\nhours = [\"daily 22:00-06:00\"]\ntimezone = \"Australia/Lord_Howe\"\nexempt = []\n\
         [[freezes]]\nname = \"santiago\"\nhours = [\"Sat 20:00-24:00\", \"Wed 00:00-24:00\"]\ntimezone = \"America/Santiago\"\nexempt = []\n\
         [[freezes]]\nname = \"sydney\"\nfrom = \"last day 12:00\"\nuntil = \"day 2 09:00\"\ntimezone = \"Australia/Sydney\"\nexempt = []",
    ),
    (
        "days that no rule names",
        "[environments.production]\nexempt = []\nduration = \"30m\"\n\
         [[freezes]]\nname = \"thanksgiving\"\nfrom = \"4th Thu of Nov -1d 22:00\"\nuntil = \"+5d 00:00\"\ntimezone = \"America/New_York\"\nexempt = []\n\
         [[freezes]]\nname = \"winter\"\nfrom = \"Feb 20 00:00\"\nuntil = \"Mar 2 00:00\"\ntimezone = \"UTC\"\nexempt = []\n\
         [[freezes]]\nname = \"month\"\nfrom = \"day 1 00:10\"\nuntil = \"day 1 08:00\"\ntimezone = \"Asia/Kolkata\"\nexempt = []",
    ),
];

/// The lines of the events, unfolded.
fn events(text: &str) -> Vec<Vec<String>> {
    let plain = text.replace("\r\n ", "");
    let bodies = plain.split("BEGIN:VEVENT\r\n").skip(1).map(|rest| rest.split("END:VEVENT").next().unwrap());
    bodies.map(|body| body.lines().map(str::to_owned).collect()).collect()
}

/// Returns when the events are in a year, by the crates `rrule` and chrono-tz; ends by the clock on the wall.
fn by_rrule(text: &str) -> Intervals {
    let range = Interval { from: now(), until: now() + YEAR };
    let mut found = Vec::new();
    for event in events(text) {
        let line = |name: &str| {
            let line = event.iter().find(|line| line.split([':', ';']).next() == Some(name))?;
            line.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let (start_name, start) = line("DTSTART").unwrap();
        let zone = tz(start_name.split_once("TZID=").map_or("UTC", |(_, zone)| zone));
        let naive = |text: &str| {
            chrono::NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y%m%dT%H%M%S")
                .unwrap()
                .and_utc()
                .timestamp()
        };
        let length = match (line("DTEND"), line("DURATION")) {
            (Some((_, end)), _) => naive(&end) - naive(&start),
            (None, length) => {
                let (_, text) = length.unwrap();
                let mut seconds = 0;
                let mut digits = String::new();
                for letter in text.chars() {
                    let unit = match letter {
                        'D' => 24 * 3600,
                        'H' => 3600,
                        'M' => 60,
                        digit => {
                            if digit.is_ascii_digit() {
                                digits.push(digit)
                            }
                            continue;
                        }
                    };
                    seconds += digits.parse::<i64>().unwrap() * unit;
                    digits.clear();
                }
                seconds
            }
        };
        let mut add = |from: i64| {
            let until = readings(zone, from + offset(zone, from) + length).0;
            let (from, until) = (Instant::from_second(from), Instant::from_second(until));
            found.push(Interval { from, until }.clipped(range));
        };
        let Some((_, rule)) = line("RRULE") else {
            assert!(start.ends_with('Z'), "a date in UTC");
            add(naive(&start));
            continue;
        };
        let left_out = line("EXDATE").map_or_else(String::new, |(name, dates)| format!("\n{name}:{dates}"));
        let set: RRuleSet = format!("{start_name}:{start}\nRRULE:{rule}{left_out}").parse().unwrap();
        set.into_iter()
            .map(|start| start.timestamp())
            .take_while(|start| *start < range.until.as_second())
            .for_each(&mut add);
    }
    Intervals::union(found)
}

#[test]
fn events_are_at_each_minute_at_which_the_policy_refuses() {
    let all = SAYABLE.iter().map(|(name, text, _)| (name, text)).chain(DATED.iter().map(|(name, text)| (name, text)));
    for (name, text) in all {
        let policy = load(text);
        let written = write(&policy, "2028-01-01T00:00:00Z", false).unwrap_or_else(|items| panic!("{name}: {items:?}"));
        assert!(written.stricter.is_empty());
        let read = by_rrule(&written.text);
        let seen = agrees(&policy, &[], name, |at| read.containing(at).is_some());
        assert!(seen.0 > 1000 && seen.1 > 1000, "{name}: {seen:?}");
        // and back: exceptions and dates have to be bounded
        let options = IcsOptions {
            environment: "production".to_owned(),
            until: Some(second("2027-12-01T00:00:00Z")),
            ..IcsOptions::default()
        };
        let again = import(("all.ics", &written.text), &options, now()).unwrap();
        let again = again.map_err(|not| format!("{name}: {:?}", not.items)).unwrap();
        let again = load(again.text.split_once("version = 1\n").unwrap().1);
        let range = Interval { from: now(), until: now() + YEAR };
        let closed = native(&again, again.environment("production").unwrap(), &[], range).unwrap();
        assert_eq!(agrees(&policy, &[], name, |at| closed.containing(at).is_some()), seen, "{name}");
    }
}

#[test]
fn what_does_not_recur_by_a_rule_is_dated_and_pointed_out() {
    let policy = load(DATED[3].1);
    let written = write(&policy, "2028-01-01T00:00:00Z", false).unwrap();
    let told: Vec<&str> = written.notes.iter().map(|note| note.cause.as_str()).collect();
    assert_eq!(
        told,
        ["`freeze/thanksgiving` is written up to 2027-12-31", "`freeze/winter` is written up to 2028-01-01"]
    );
    assert_eq!(events(&written.text).len(), 2 + 1 + 1, "{}", written.text);
    // nights of clock changes
    let policy = load(DATED[2].1);
    let written = write(&policy, "2028-01-01T00:00:00Z", false).unwrap();
    let told: Vec<&str> = written.notes.iter().map(|note| note.cause.as_str()).collect();
    let expected = [("lord howe", "2027-04-04"), ("santiago", "2027-04-04"), ("sydney", "2028-04-02")];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, (name, date)) in told.iter().zip(expected) {
        assert!(told.contains(name) && told.ends_with(date), "{told}");
    }
}

#[test]
fn what_no_event_can_say_is_listed() {
    for (text, expected) in [
        (
            "[environments.production]\nexempt = []\nchange_windows = [{ hours = [\"Mon 06:00-12:00\"], timezone = \"UTC\" }, \
             { hours = [\"Tue 06:00-12:00\"], timezone = \"Europe/Berlin\" }]",
            "several time zones",
        ),
        (
            "[environments.production]\nexempt = []\nsettle = \"90s\"\n[[freezes]]\nname = \"a\"\nhours = [\"Mon 06:00-12:00\"]\ntimezone = \"UTC\"\nexempt = []",
            "not whole minutes",
        ),
        (
            "[environments.production]\n[[freezes]]\nname = \"a\"\nhours = [\"Mon 06:00-12:00\"]\ntimezone = \"UTC\"",
            "kind `rollback` are exempt",
        ),
        // a clock that skips 02:30
        (
            "[environments.production]\nexempt = []\n[[freezes]]\nname = \"a\"\nhours = [\"Sun 00:00-02:30\"]\ntimezone = \"Europe/Berlin\"\nexempt = []",
            "the policy is open and the calendar is closed",
        ),
        (
            "[hazards.tables]\nresources = [\"aws_dynamodb_table\"]\n[environments.production]\nexempt = []\n\
             [[freezes]]\nname = \"tables\"\nfrom = \"Fri 17:00\"\nuntil = \"Mon 07:00\"\ntimezone = \"UTC\"\nhazards = [\"tables\"]\nexempt = []",
            "`tables` is for some changes only",
        ),
    ] {
        let items = write(&load(text), "2028-01-01T00:00:00Z", false).unwrap_err();
        assert!(items.len() == 1 && items[0].contains(expected), "{expected}: {items:?}");
    }
    let stale = "[calendars.release]\ndates = [2026-02-01]\n[environments.production]\nexempt = []\n\
                 [[freezes]]\nname = \"a\"\nfrom = \"release -1d 12:00\"\nuntil = \"release +1d 00:00\"\ntimezone = \"UTC\"\nexempt = []";
    let items = write(&load(stale), "2028-01-01T00:00:00Z", false).unwrap_err();
    assert_eq!(items, ["`freeze/a` refuses until `release` has further dates"]);
    let many = "[environments.production]\nexempt = []\n[[freezes]]\nname = \"a\"\nfrom = \"1st Mon -1d 22:00\"\nuntil = \"+1d 00:00\"\ntimezone = \"UTC\"\nexempt = []";
    let items = write(&load(many), "2090-01-01T00:00:00Z", false).unwrap_err();
    assert!(items[0].contains("more than 500 dates"), "{items:?}");
    let kinds =
        load("[environments.production]\n[[freezes]]\nname = \"a\"\nhours = [\"Mon 06:00-12:00\"]\ntimezone = \"UTC\"");
    assert_eq!(write(&kinds, "2028-01-01T00:00:00Z", true).unwrap().stricter.len(), 1);
    // a policy that closes nothing is a calendar without events, and valid
    let written = write(&load("[environments.production]\nexempt = []"), "2028-01-01T00:00:00Z", false).unwrap();
    assert!(written.text.contains("BEGIN:VTIMEZONE\r\nTZID:UTC\r\n") && events(&written.text).is_empty());
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// To write the calendar that `tests/exchange/parsers.py` reads: `FREEZEGATE_BLESS=1 cargo test --test library exchange::`.
#[expect(clippy::disallowed_methods, reason = "asked for by the person who runs the tests, and changes no outcome")]
fn is_to_be_blessed() -> bool {
    std::env::var_os("FREEZEGATE_BLESS").is_some()
}

#[derive(Deserialize)]
struct Span {
    from: String,
    until: String,
}

/// `tests/exchange/parsers.py` writes `events.json`: when the events are, as two programs in Python read them.
#[test]
fn programs_in_python_read_the_same_times() {
    let more = DATED[2].1.replace("[environments.production]\nexempt = []\n", "");
    let policy = load(&format!("{}\n{more}", DATED[0].1));
    let written = write(&policy, "2028-01-01T00:00:00Z", false).unwrap().text.replace("\r\n", "\n");
    if is_to_be_blessed() {
        fs::write(data("events.ics"), written.replace('\n', "\r\n")).unwrap();
    }
    let kept = fs::read_to_string(data("events.ics")).unwrap().replace("\r\n", "\n");
    let version = concat!("freezegate ", env!("CARGO_PKG_VERSION"), "//");
    assert_eq!(written.replace(version, ""), kept.replace(version, ""));
    let spans: Vec<Span> = serde_json::from_str(&fs::read_to_string(data("events.json")).unwrap()).unwrap();
    let read = Intervals::union(
        spans.iter().map(|span| Interval { from: second(&span.from), until: second(&span.until) }).collect(),
    );
    let seen = agrees(&policy, &[], "events.json", |at| read.containing(at).is_some());
    assert!(seen.0 > 1000 && seen.1 > 1000, "{seen:?}");
}
