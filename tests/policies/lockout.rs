//! What is open for a while and then closed for more than a year, and until when a lift can be given: an edit of the policy after
//! which no other could pass is refused by both.

use freezegate::decision::long_closure::{Starts, first_long_closure};
use freezegate::decision::schedule::DecisionQuestion;
use freezegate::decision::{Granted, HORIZON, Schedule};
use freezegate::policy::{Level, Policy};
use freezegate::proof::grant::lift_lasts;
use freezegate::reach::{Declared, Reach, declared, edit_of};
use freezegate::time::instant::Instant;
use freezegate::time::intervals::{Interval, Intervals};
use freezegate::time::seconds::Seconds;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_assert_eq};
use proptest::sample::select;

use crate::policies::files::Memory;
use crate::policies::properties::{check, read};

/// Sunday 2025-07-13 11:58 UTC.
const AT: Instant = Instant::from_second(1_752_407_880);

const DAY: i64 = 24 * 3600;

fn instant(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

fn granted(until: Instant) -> Vec<Granted> {
    let levels = vec![Level::Hard];
    vec![Granted { by: String::new(), ids: None, levels, environments: None, regions: None, until, share: None }]
}

fn question<'q>(
    policy: &'q Policy,
    reach: &'q Reach,
    said: &'q Declared,
    granted: &'q [Granted],
) -> DecisionQuestion<'q> {
    DecisionQuestion { policy, reach, declared: said, duration: None, granted }
}

/// The first long closure of all environments of a policy together.
fn closure_of(policy: &Policy, granted: &[Granted], before: Option<&Policy>) -> Option<Instant> {
    let said = |policy: &Policy| Declared { environments: policy.environments.clone(), ..Declared::default() };
    let (here, there) = (said(policy), before.map(said));
    let reach = declared(policy, &here);
    let old = before.zip(there.as_ref()).map(|(policy, said)| (policy, said, declared(policy, said)));
    let old = old.as_ref().map(|(policy, said, reach)| question(policy, reach, said, granted));
    let own = Starts::kept(question(policy, &reach, &here, granted), AT);
    let old = old.map(|old| Starts::kept(old, AT));
    first_long_closure(&[&own], old.as_ref().map(|old| [old]).as_ref().map(<[_; 1]>::as_slice), AT).unwrap()
}

fn policy(text: &str) -> Policy {
    Memory::one(format!("version = 1\n{text}")).load().unwrap()
}

fn freeze(name: &str, from: &str, until: &str, rest: &str) -> String {
    format!("[[freezes]]\nname = \"{name}\"\ntimezone = \"UTC\"\nfrom = {from}\nuntil = {until}\n{rest}\n")
}

const ONE: &str = "[environments.production]\n";
const WORK_DAYS: &str =
    "[regions.us]\ntimezones = [\"UTC\"]\ncore_hours = [\"Mon-Fri 00:00-24:00\"]\n[environments.production]\n";
const ALL_HOURS: &str = "[regions.us]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 00:00-24:00\"]\nholidays = [\"c\"]\n[environments.production]\n";

#[test]
fn a_closure_of_more_than_400_days_is_found_whenever_it_begins() {
    let dated = |from: &str, until: &str| format!("{ONE}{}", freeze("x", from, until, ""));
    let cases: Vec<(&str, String, Option<&str>)> = vec![
        ("nothing is closed", ONE.to_owned(), None),
        ("from now on", dated("2020-01-01T00:00:00", "2099-01-01T00:00:00"), Some("2025-07-13T11:58:00Z")),
        ("in two minutes", dated("2025-07-13T12:00:00", "2099-01-01T00:00:00"), Some("2025-07-13T12:00:00Z")),
        ("in 390 days", dated("2026-08-07T12:00:00", "2099-01-01T00:00:00"), Some("2026-08-07T12:00:00Z")),
        ("in 500 days", dated("2026-11-25T12:00:00", "2099-01-01T00:00:00"), Some("2026-11-25T12:00:00Z")),
        ("in 65 years", dated("2090-01-01T00:00:00", "2099-01-01T00:00:00"), Some("2090-01-01T00:00:00Z")),
        ("up to the last date", dated("2030-01-01T00:00:00", "9999-12-31T00:00:00"), Some("2030-01-01T00:00:00Z")),
        ("for 399 days", dated("2026-01-01T00:00:00", "2027-02-04T00:00:00"), None),
        ("for 401 days", dated("2026-01-01T00:00:00", "2027-02-06T00:00:00"), Some("2026-01-01T00:00:00Z")),
        (
            "by two freezes that touch",
            dated("2026-01-01T00:00:00", "2026-09-01T00:00:00")
                + &freeze("y", "2026-09-01T00:00:00", "2027-06-01T00:00:00", ""),
            Some("2026-01-01T00:00:00Z"),
        ),
        (
            "with an hour between",
            dated("2026-01-01T00:00:00", "2026-09-01T00:00:00")
                + &freeze("y", "2026-09-01T01:00:00", "2027-06-01T00:00:00", ""),
            None,
        ),
        (
            "with four minutes between",
            dated("2026-01-01T00:00:00", "2026-09-01T00:00:00")
                + &freeze("y", "2026-09-01T00:04:00", "2027-06-01T00:00:00", ""),
            Some("2026-01-01T00:00:00Z"),
        ),
        (
            "with an hour between that settling takes but for five minutes",
            dated("2026-01-01T00:00:00", "2026-09-01T00:00:00").replace(ONE, "[environments.production]\nsettle = \"55m\"\n")
                + &freeze("y", "2026-09-01T01:00:00", "2027-06-01T00:00:00", ""),
            None,
        ),
        (
            "with an hour between that settling takes",
            dated("2026-01-01T00:00:00", "2026-09-01T00:00:00").replace(ONE, "[environments.production]\nsettle = \"2h\"\n")
                + &freeze("y", "2026-09-01T01:00:00", "2027-06-01T00:00:00", ""),
            Some("2025-12-31T22:00:01Z"),
        ),
        (
            "but for one holiday",
            format!("{ALL_HOURS}[calendars.c]\ndates = [2025-07-20]\nvalid_until = 2099-01-01\n"),
            Some("2025-07-21T00:00:00Z"),
        ),
        (
            "but for a day of each year",
            format!("{ONE}{}", freeze("x", "\"Mar 1 00:00\"", "\"Feb 28 00:00\"", "")),
            None,
        ),
        (
            "but for a day of each year that is mostly a work day",
            format!("{WORK_DAYS}{}", freeze("x", "\"Mar 1 00:00\"", "\"Feb 28 00:00\"", "")),
            // 28 February is a Saturday in 2026 and a Sunday in 2027
            Some("2027-03-01T00:00:00Z"),
        ),
        (
            "two that are never open together",
            "[environments.production]\n[environments.staging]\n".to_owned()
                + &freeze("a", "\"Mon 00:00\"", "\"Thu 00:00\"", "environments = [\"production\"]")
                + &freeze("b", "\"Thu 00:00\"", "\"Mon 00:00\"", "environments = [\"staging\"]"),
            Some("2025-07-13T11:58:00Z"),
        ),
        (
            "two that are open together for an hour a week",
            "[environments.production]\n[environments.staging]\n".to_owned()
                + &freeze("a", "\"Mon 00:00\"", "\"Thu 00:00\"", "environments = [\"production\"]")
                + &freeze("b", "\"Thu 01:00\"", "\"Mon 00:00\"", "environments = [\"staging\"]"),
            None,
        ),
        (
            "two regions that are never open together",
            "[regions.us]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 00:00-12:00\"]\n[regions.eu]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 12:00-24:00\"]\n[environments.production]\n".to_owned(),
            Some("2025-07-13T11:58:00Z"),
        ),
        (
            "by a calendar that has run out",
            format!("{ONE}[calendars.c]\ndates = [2025-08-01]\nvalid_until = 2025-12-31\n{}", freeze("x", "\"c -1d 00:00\"", "\"c 00:00\"", "")),
            Some("2025-12-31T00:00:00Z"),
        ),
    ];
    for (name, text, expected) in cases {
        let found = closure_of(&policy(&text), &[], None);
        let told = |second: Instant| second.timestamp().unwrap().to_string();
        assert_eq!(found.map(told).as_deref(), expected, "{name}\n{text}");
    }
}

#[test]
fn a_calendar_that_has_run_out_does_not_close_for_an_edit_that_could_renew_it() {
    let calendar = "[calendars.c]\ndates = [2025-08-01]\nvalid_until = 2025-12-31\n";
    let policy = policy(&format!("{ONE}{calendar}{}", freeze("x", "\"c -1d 00:00\"", "\"c 00:00\"", "")));
    let (reach, said) = (edit_of(&policy.environments[0], ""), Declared::default());
    let starts = Starts::kept(question(&policy, &reach, &said, &[]), AT);
    assert_eq!(first_long_closure(&[&starts], None, AT).unwrap(), None);
}

#[test]
fn what_was_closed_before_does_not_count() {
    let with = |text: &str| policy(&format!("{ONE}{text}"));
    let old = with(&freeze("x", "2026-01-01T00:00:00", "2028-01-01T00:00:00", ""));
    let same = with(&freeze("y", "2025-12-31T00:00:00", "2028-02-01T00:00:00", ""));
    let later = with(
        &(freeze("x", "2026-01-01T00:00:00", "2028-01-01T00:00:00", "")
            + &freeze("y", "2030-01-01T00:00:00", "2099-01-01T00:00:00", "")),
    );
    let earlier = with(&freeze("x", "2025-07-14T00:00:00", "2028-01-01T00:00:00", ""));
    assert_eq!(closure_of(&old, &[], Some(&old)), None);
    assert_eq!(closure_of(&later, &[], Some(&old)), Some(instant("2030-01-01T00:00:00Z")));
    assert_eq!(closure_of(&earlier, &[], Some(&old)), Some(instant("2025-07-14T00:00:00Z")));
    assert_eq!(closure_of(&same, &[], Some(&old)), Some(instant("2025-12-31T00:00:00Z")), "it is open on 31 December");
}

#[test]
fn what_can_be_overridden_for_a_time_is_closed_after_it() {
    let frozen = policy(&format!("{ONE}{}", freeze("x", "2020-01-01T00:00:00", "2099-01-01T00:00:00", "")));
    assert_eq!(closure_of(&frozen, &granted(Instant::MAX), None), None);
    let until = instant("2027-01-01T00:00:00Z");
    assert_eq!(closure_of(&frozen, &granted(until), None), Some(until));
}

/// Environments that are open at different hours, which take different times.
const SEVERAL: &str = r#"
[environments.production]
duration = "2h"
settle = "30h"
[environments.staging]
change_windows = [{ hours = "Mon-Thu 06:00-22:00", timezone = "Europe/Berlin" }]
[environments.test]
change_windows = [{ hours = "Thu-Sat 03:00-21:00", timezone = "Asia/Tokyo" }]
"#;

/// A freeze by two dates, or one that recurs.
fn random_freeze() -> impl Strategy<Value = (bool, i64, i64, usize)> {
    (proptest::bool::ANY, 0..3_000_i64, 1..900_i64, 0..6_usize)
}

#[test]
fn closures_are_found_as_by_looking_at_all_time() {
    let recurring = [
        ("\"Mon 00:00\"", "\"Sun 18:00\""),
        ("\"Sat 00:00\"", "\"Mon 00:00\""),
        ("\"Jan 2 00:00\"", "\"Dec 30 12:00\""),
        ("\"last Fri 00:00\"", "\"1st Mon 00:00\""),
        ("\"day 2 00:00\"", "\"last day 00:00\""),
        ("\"Jun 1 00:00\"", "\"May 29 00:00\""),
    ];
    let found = std::cell::Cell::new((0, 0));
    check(300, (vec(random_freeze(), 1..4), select(vec![ONE, WORK_DAYS, SEVERAL])), |(freezes, head)| {
        let mut text = format!("version = 1\n{head}");
        for (number, (is_dated, from, days, which)) in freezes.into_iter().enumerate() {
            let day = |days: i64| {
                let start = jiff::civil::date(2025, 7, 1).checked_add(jiff::Span::new().days(days)).unwrap();
                format!("{start}T00:00:00")
            };
            let (from, until) = (day(from), day(from + days));
            let (from, until) = if is_dated { (&*from, &*until) } else { recurring[which] };
            text += &freeze(&format!("f{number}"), from, until, "");
        }
        let policy = read(&Memory::one(text))?;
        let said = Declared { environments: policy.environments.clone(), ..Declared::default() };
        let reach = declared(&policy, &said);
        let question = question(&policy, &reach, &said, &[]);
        // thirty years laid out at once
        let all = Interval { from: AT, until: AT + Seconds::new(30 * 366 * DAY) };
        let refused = Schedule::compile(&question, &[], all).unwrap().refused().clone();
        // nobody can use what is open for less than five minutes
        let mut open = refused.complement(all).as_slice().to_vec();
        open.retain(|one| one.seconds() >= Seconds::new(300) || one.from == AT);
        let closed: Vec<Interval> = Intervals::union(open).complement(all).as_slice().to_vec();
        let expected =
            Intervals::union(closed).as_slice().iter().find(|one| one.seconds() >= HORIZON).map(|one| one.from);
        let (none, some) = found.get();
        found.set(if expected.is_none() { (none + 1, some) } else { (none, some + 1) });
        prop_assert_eq!(first_long_closure(&[&Starts::kept(question, AT)], None, AT).unwrap(), expected);
        // the same in parts, of which some are asked twice
        let parts: Vec<Reach> = policy
            .environments
            .iter()
            .map(|one| declared(&policy, &Declared { environments: vec![Arc::clone(one)], ..Declared::default() }))
            .collect();
        let first = Starts::kept(self::question(&policy, &parts[0], &said, &[]), AT);
        for _ in 0..2 {
            let mut starts = vec![];
            for (number, part) in parts.iter().enumerate().skip(1) {
                let question = self::question(&policy, part, &said, &[]);
                starts.push(if number == 1 { first.beside(question) } else { Starts::kept(question, AT) });
            }
            let all: Vec<&Starts<'_>> = starts.iter().chain([&first]).collect();
            prop_assert_eq!(first_long_closure(&all, None, AT).unwrap(), expected);
            prop_assert_eq!(first_long_closure(&all, Some(&all), AT).unwrap(), None);
        }
        Ok(())
    });
    let (none, some) = found.get();
    assert!(none > 30 && some > 30, "{none} without, {some} with");
}

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDKlvAk0hg3LIfCIdEjL/a8ppLfMp/zLKVQ2PAD6cUvV";
const OTHER_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILUqzr8qxrdRRokFJxl91zw2Cga5NxjbU4KnFh5whwQI";

#[test]
fn a_lift_lasts_as_long_as_enough_keys_may_sign() {
    let one = |ana: &str| format!("ana@example.com {ana}{KEY}\n");
    let two = |ana: &str, ben: &str| format!("{}ben@example.com {ben}{OTHER_KEY}\n", one(ana));
    let any = "signed = [\"any\"]";
    let both = "signed = [\"any\", \"any\"]";
    let grants = "namespaces=\"freezegate-grant\" ";
    let cases: Vec<(&str, String, &str, Option<Instant>)> = vec![
        ("a key for all time", one(""), any, Some(Instant::MAX)),
        ("a key for grants", one(grants), any, Some(Instant::MAX)),
        ("a key for something else", one("namespaces=\"git\" "), any, None),
        ("a key that counts no longer", one("valid-before=\"20250713Z\" "), any, None),
        ("a key that counts not yet", one("valid-after=\"20250714Z\" "), any, None),
        (
            "a key that counts for some days",
            one("valid-before=\"20250720Z\" "),
            any,
            Some(instant("2025-07-20T00:00:00Z") + Seconds::new(1)),
        ),
        (
            "a key that takes over",
            two("valid-before=\"20250720Z\" ", "valid-after=\"20250719Z\" "),
            any,
            Some(Instant::MAX),
        ),
        (
            "a key that takes over too late",
            two("valid-before=\"20250720Z\" ", "valid-after=\"20250721Z\" "),
            any,
            Some(instant("2025-07-20T00:00:00Z") + Seconds::new(1)),
        ),
        ("two keys", two("", ""), both, Some(Instant::MAX)),
        (
            "two keys, one for some days",
            two("", "valid-before=\"20250720Z\" "),
            both,
            Some(instant("2025-07-20T00:00:00Z") + Seconds::new(1)),
        ),
        ("two keys, one for something else", two("", "namespaces=\"git\" "), both, None),
        ("a group whose one member may not sign", two("namespaces=\"git\" ", ""), "signed = [\"lead\"]", None),
        ("a group whose one member may", two("", "namespaces=\"git\" "), "signed = [\"lead\"]", Some(Instant::MAX)),
        ("an incident alone", one("namespaces=\"git\" "), "signed = []\nincident = true", Some(Instant::MAX)),
    ];
    for (name, roster, signed, expected) in cases {
        let text = format!(
            "version = 1\n{ONE}[approvers]\nallowed_signers = \"roster\"\ngroups = {{ lead = [\"ana@example.com\"] }}\n[[lifts]]\nlevel = \"hard\"\n{signed}\n"
        );
        let policy = Memory::one(text).with("roster", roster).load().unwrap();
        assert_eq!(lift_lasts(&policy, &policy.lifts[0], AT), expected, "{name}");
    }
}
