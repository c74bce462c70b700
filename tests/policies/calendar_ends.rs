//! Dates at both ends of the calendar: a policy may name them, and nothing that it names fails when something is decided.

use freezegate::lint::{LintOptions, lint};
use freezegate::policy::Policy;
use freezegate::time::seconds::Seconds;

use crate::policies::change::{Change, second};
use crate::policies::files::{Memory, report};

/// Dates at both ends of the years that TOML has, and some between.
const DATES: [&str; 8] =
    ["0000-01-01", "0001-01-01", "0001-12-31", "1969-12-31", "2026-06-15", "9998-12-31", "9999-01-01", "9999-12-31"];

/// In the first and last places on earth at which a date begins, and one with jumps.
const ZONES: [&str; 4] = ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "UTC"];

/// Instants at which something may be asked.
const ASKED: [&str; 5] = [
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "2026-06-15T12:00:00Z",
    "2026-12-31T23:59:59Z",
    "8999-12-31T23:59:59Z",
];

fn policy(freeze: &str, zone: &str, calendar: &str) -> Memory {
    Memory::one(format!(
        "version = 1\n[environments.production]\n{calendar}[[freezes]]\nname = \"f\"\ntimezone = \"{zone}\"\n{freeze}"
    ))
}

/// Every instant can be decided about, and the policy can be looked over.
fn works(policy: &Policy, text: &str) {
    for at in ASKED {
        Change::to("production").under(policy).decide(at);
    }
    let at = second("2026-06-15T12:00:00Z");
    let options =
        LintOptions { at, weeks: 1, least_open: Seconds::ZERO, system_zone_rules: None, allowed: &[], coverage: &[] };
    assert!(lint(policy, &options).is_ok(), "{text}");
}

/// Returns whether production is open at an instant.
fn is_open(policy: &Policy, at: &str) -> bool {
    Change::to("production").under(policy).is_allowed(at)
}

/// A moment as seconds on a scale of its own, its offset in whole hours taken off.
fn wall(date: &str, time: &str, offset: &str) -> i64 {
    let date: jiff::civil::Date = date.parse().unwrap();
    let time: jiff::civil::Time = time.parse().unwrap();
    let since = date.to_datetime(time).duration_since(jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0));
    let hours: i64 = offset.trim_end_matches(":00").parse().unwrap_or(0);
    since.as_secs() - hours * 3600
}

#[test]
fn a_freeze_of_any_two_dates_works_or_is_refused_with_its_line() {
    let mut worked = 0;
    for zone in ZONES {
        for from in DATES {
            for until in DATES {
                for (start, end) in [("", ""), ("Z", "Z"), ("+14:00", "-12:00"), ("-12:00", "+14:00")] {
                    for (first, last) in [("00:00:00", "23:59:59"), ("23:59:59", "00:00:00"), ("12:00:00", "12:00:01")]
                    {
                        let pair = format!("from = {from}T{first}{start}\nuntil = {until}T{last}{end}\n");
                        let files = policy(&pair, zone, "");
                        let ends_later = wall(from, first, start) < wall(until, last, end);
                        match files.load() {
                            Ok(policy) => {
                                assert!(ends_later, "{pair}");
                                works(&policy, &pair);
                                worked += 1;
                            }
                            Err(faults) => {
                                let told = report(&faults);
                                assert!(!ends_later, "{pair}{told}");
                                assert!(faults.diagnostics.iter().all(|fault| fault.place.is_some()), "{told}");
                                assert!(told.contains("the freeze ends "), "{told}");
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(worked > 1_000, "{worked}");
}

#[test]
fn a_freeze_with_a_relative_end_works_at_both_ends_of_the_calendar() {
    for zone in ZONES {
        for from in DATES {
            for offset in ["", "Z", "+14:00", "-12:00"] {
                for until in ["+1d 00:00", "+366d 24:00"] {
                    let pair = format!("from = {from}T00:00:00{offset}\nuntil = \"{until}\"\n");
                    works(&policy(&pair, zone, "").load().unwrap(), &pair);
                }
            }
        }
    }
}

#[test]
fn a_calendar_works_with_any_dates() {
    for zone in ZONES {
        for date in DATES {
            for valid in DATES.into_iter().filter(|valid| *valid >= date) {
                for around in [
                    "from = \"c -366d 00:00\"\nuntil = \"c +366d 24:00\"\n",
                    "from = \"c +366d 00:00\"\nuntil = \"+366d 24:00\"\n",
                    "from = \"c -366d 24:00\"\nuntil = \"+1d 00:00\"\n",
                ] {
                    let calendar = format!("[calendars.c]\ndates = [{date}]\nvalid_until = {valid}\n");
                    works(&policy(around, zone, &calendar).load().unwrap(), &format!("{calendar}{around}"));
                }
            }
        }
    }
}

#[test]
fn a_list_of_holidays_works_with_any_dates() {
    for date in DATES {
        let text = format!(
            "version = 1\n[regions.r]\ntimezones = [\"Pacific/Kiritimati\", \"Pacific/Pago_Pago\"]\ncore_hours = [\"daily 22:00-06:00\"]\n\
             holidays = [\"c\"]\n[environments.production]\n[calendars.c]\ndates = [{date}]\nvalid_until = 9999-12-31\n"
        );
        works(&Memory::one(text.clone()).load().unwrap(), &text);
    }
}

/// `9999-12-31` is how people write "for ever", and `0001-01-01` how they write "since ever".
#[test]
fn a_freeze_up_to_the_last_date_closes_until_then() {
    for zone in ZONES {
        for (from, until) in [
            ("2026-01-01T00:00:00", "9999-12-31T23:59:59"),
            ("2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
            ("2026-01-01T00:00:00-12:00", "9999-12-31T23:59:59-12:00"),
        ] {
            let policy = policy(&format!("from = {from}\nuntil = {until}\n"), zone, "").load().unwrap();
            assert!(is_open(&policy, "2025-12-30T00:00:00Z"));
            for at in ["2026-01-02T00:00:00Z", "2026-12-31T23:59:59Z", "8999-12-31T23:59:59Z"] {
                assert!(!is_open(&policy, at), "{from} {until} in {zone} at {at}");
            }
        }
        let policy = policy("from = 0001-01-01T00:00:00\nuntil = 2026-01-01T00:00:00\n", zone, "").load().unwrap();
        assert!(!is_open(&policy, "0005-01-01T00:00:00Z"));
        assert!(!is_open(&policy, "2025-12-30T00:00:00Z"));
        assert!(is_open(&policy, "2026-01-02T00:00:00Z"));
    }
}

/// A list that is said to be good for ever never goes stale; one that ended does.
#[test]
fn a_calendar_that_is_valid_up_to_the_last_date_never_runs_out() {
    let around = "from = \"c -1d 00:00\"\nuntil = \"c +1d 00:00\"\n";
    for (valid, open) in [("9999-12-31", true), ("2026-06-15", false)] {
        let calendar = format!("[calendars.c]\ndates = [2026-06-15]\nvalid_until = {valid}\n");
        let policy = policy(around, "UTC", &calendar).load().unwrap();
        assert!(!is_open(&policy, "2026-06-15T12:00:00Z"));
        for at in ["2026-06-17T00:00:00Z", "8999-12-31T23:59:59Z"] {
            assert_eq!(is_open(&policy, at), open, "valid until {valid}, at {at}");
        }
    }
}
