//! The example policies say in their comments what they refuse and allow: so they do.

use freezegate::decision::Decision;
use freezegate::policy::{Level, LiftedFindings, Policy};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use freezegate::time::zone::Zone;
use jiff::civil::{Date, Weekday};

use crate::policies::change::{Change, instant, refusals, second};
use crate::policies::files::{Case, policy, report};

fn example(name: &str) -> Policy {
    policy("policies", name)
}

#[test]
fn each_is_read_without_a_report() {
    let cases = Case::all("policies");
    assert_eq!(cases.len(), 8);
    for case in cases {
        if let Err(faults) = case.load() {
            panic!("{}\n{}", case.name, report(&faults));
        }
    }
}

fn ids(decision: &Decision) -> Vec<&str> {
    refusals(decision).into_iter().map(|(_, id)| id).collect()
}

#[test]
fn talkdesk_is_refused_in_the_regions_working_hours_and_whatever_it_says_of_itself() {
    let policy = example("talkdesk.toml");
    let production = Change::to("production").kind("config").under(&policy);
    let outage = production.decide("2025-07-09T21:45:00Z");
    assert_eq!(refusals(&outage), [("core-hours", "core-hours/us")]);
    let met = outage.findings[0].window.as_ref().unwrap();
    assert_eq!((met.zone.name(), met.last_zone.name()), ("America/New_York", "America/Los_Angeles"));
    assert!(production.is_allowed("2025-07-10T03:00:00Z"));

    let mistaken =
        Change { paths: Change::of(&["deploy/production/us/routes.yaml"]).paths, ..Change::to("pre-production") };
    let mistaken = mistaken.under(&policy);
    for hour in 0..14 * 24 {
        let decision = mistaken.decide(second("2025-07-05T00:00:00Z") + Seconds::new(hour * 3600));
        assert!(ids(&decision).contains(&"target-mismatch"), "{}", instant(decision.at));
        assert_eq!((decision.next_open, decision.valid_until), (None, None));
    }
    let outage = mistaken.decide("2025-07-09T21:45:00Z");
    assert_eq!(refusals(&outage), [("target-mismatch", "target-mismatch"), ("core-hours", "core-hours/us")]);
    // routes reach both: the one that is not said is no mismatch, but judged
    let routes = Change { paths: Change::of(&["routes/login.yaml"]).paths, ..Change::to("pre-production") };
    assert_eq!(ids(&routes.under(&policy).decide("2025-07-09T21:45:00Z")), ["core-hours/us"]);
}

#[test]
fn talkdesk_keeps_open_time_to_see_and_to_go_back() {
    let policy = example("talkdesk.toml");
    let production = Change::to("production").under(&policy);
    // core hours end in Los Angeles at 01:00 UTC and begin in Lisbon at 07:00, in Berlin at 06:00
    let decision = production.decide("2025-07-09T21:45:00Z");
    assert_eq!(decision.next_open, Some(second("2025-07-10T01:00:00Z")));
    assert_eq!(production.decide("2025-07-10T01:00:00Z").valid_until, Some(second("2025-07-10T05:05:01Z")));
    assert_eq!(refusals(&production.decide("2025-07-10T05:05:01Z")), [("window-too-short", "core-hours/eu")]);
}

#[test]
fn zendesk_keeps_maintenance_out_of_the_customers_day() {
    let policy = example("zendesk.toml");
    let reboot = Change::to("production").kind("maintenance");
    let outage = reboot.under(&policy).decide("2023-04-26T16:40:00Z");
    assert_eq!(
        refusals(&outage),
        // 17:40 in London is core hours there, and 18:40 in Copenhagen is peak
        [
            ("core-hours", "core-hours/americas"),
            ("core-hours", "core-hours/emea"),
            ("freeze", "freeze/peak hours"),
            ("freeze", "freeze/peak hours"),
        ]
    );
    assert!(reboot.under(&policy).is_allowed("2023-04-29T12:00:00Z"));
    let americas = reboot.clone().region("americas");
    assert!(americas.under(&policy).is_allowed("2023-04-27T05:00:00Z"));
    assert!(!reboot.under(&policy).is_allowed("2023-04-27T05:00:00Z"), "in London it is 06:00, and peak");
    // of another kind: only core hours
    let deploy = Change::to("production").kind("deploy").region("americas").under(&policy);
    assert!(deploy.is_allowed("2023-04-27T02:00:00Z"), "19:00 in Los Angeles");
    assert_eq!(ids(&americas.under(&policy).decide("2023-04-27T02:00:00Z")), ["freeze/peak hours"]);
    // what a change shows of itself decides as well
    let runbook = Change::of(&["runbooks/production/chat/reboot.md"]).under(&policy);
    assert!(ids(&runbook.decide("2023-04-27T02:00:00Z")).contains(&"freeze/peak hours"));
    let lifting: Vec<LiftedFindings> = policy.lifts.iter().map(|lift| lift.covers.clone()).collect();
    assert_eq!(lifting, [LiftedFindings::Level(Level::Soft)], "core hours nobody lifts");
}

#[test]
fn dixa_changes_its_ground_by_night_and_may_always_go_back() {
    let policy = example("dixa.toml");
    let said = Change::to("production").kind("infrastructure");
    let shown = Change::of(&["terraform/tables.tf"]);
    for change in [&said, &shown] {
        let change = change.under(&policy);
        let outage = change.decide("2025-07-01T10:49:00Z");
        let freeze = "freeze/tables and their ground, by day";
        assert_eq!(ids(&outage), [freeze, "core-hours/europe"]);
        assert!(change.is_allowed("2025-07-02T02:00:00Z"));
        // at weekends too
        assert_eq!(ids(&change.decide("2025-07-05T10:49:00Z")), [freeze]);
    }
    let back = shown.clone().returning().under(&policy).decide("2025-07-01T10:56:00Z");
    assert_eq!(refusals(&back), []);
    assert!(back.findings.iter().all(|finding| finding.lifted_by.as_deref() == Some("exempt: rollback")));
    // one that is only said to be a rollback is judged as any change
    assert!(!Change::to("production").kind("rollback").under(&policy).is_allowed("2025-07-01T10:56:00Z"));
    assert_eq!(policy.rollback_within, Seconds::new(24 * 3600));
    let service = Change::of(&["services/chat/main.rs"]).under(&policy);
    assert!(service.is_allowed("2025-07-05T10:49:00Z"), "code waits for core hours only");
}

#[test]
fn follow_the_sun_gives_each_region_its_evening_and_all_together_none_on_a_working_day() {
    let policy = example("follow-the-sun.toml");
    let one = |region: &str| Change::of(&[&format!("deploy/production/{region}/billing/app.yaml")]);
    // Tuesday the 9th of June 2026
    for (region, evening) in
        [("us", "2026-06-10T01:00:00Z"), ("eu", "2026-06-09T17:00:00Z"), ("apac", "2026-06-09T12:30:00Z")]
    {
        let change = one(region).under(&policy);
        assert!(change.is_allowed(evening), "{region}");
        assert!(!change.is_allowed(second(evening) - Seconds::new(1)), "{region}");
    }
    // from Sydney's Monday morning to Los Angeles's Friday evening there is no hour for all of them at once
    let all = Change::of(&["modules/network/main.tf"]).under(&policy);
    for minute in (0..(5 * 24 + 2) * 60).step_by(10) {
        let at = second("2026-06-07T23:00:00Z") + Seconds::new(minute * 60);
        assert!(!all.is_allowed(at), "{}", instant(at));
    }
    assert_eq!(all.decide("2026-06-07T23:00:00Z").next_open, Some(second("2026-06-13T01:00:00Z")));
    assert!(Change::of(&["modules/README.md"]).under(&policy).is_allowed("2026-06-09T15:00:00Z"));
}

#[test]
fn follow_the_sun_freezes_its_shop_from_sydneys_friday_to_los_angeles_monday() {
    let policy = example("follow-the-sun.toml");
    let shop =
        Change::of(&["deploy/production/us/shop/a", "deploy/production/eu/shop/a", "deploy/production/apac/shop/a"]);
    let shop = shop.under(&policy);
    let frozen = |at: Instant| ids(&shop.decide(at)).contains(&"freeze/black friday");
    // Thanksgiving is the 26th of November 2026; Friday begins in Sydney at 13:00 UTC on Thursday
    let begin = second("2026-11-26T13:00:00Z");
    // Monday ends in Los Angeles at 08:00 UTC on Tuesday
    let end = second("2026-12-01T08:00:00Z");
    assert!(
        frozen(begin)
            && !shop.decide(begin - Seconds::new(1)).findings.iter().any(|finding| finding.code.as_str() == "freeze")
    );
    for hour in (0..(end - begin).get()).step_by(3600) {
        assert!(frozen(begin + Seconds::new(hour)), "{}", instant(begin + Seconds::new(hour)));
    }
    assert!(frozen(end - Seconds::new(1)) && !frozen(end));
    let billing = Change::of(&["deploy/production/us/billing/a"]).under(&policy);
    assert!(billing.is_allowed("2026-11-28T12:00:00Z"), "a freeze of the shop closes nothing else");
}

#[test]
fn follow_the_sun_keeps_the_federal_holidays_of_5_usc_6103() {
    let policy = example("follow-the-sun.toml");
    let nth =
        |year, month, nth, weekday| Date::new(year, month, 1).unwrap().nth_weekday_of_month(nth, weekday).unwrap();
    let mut kept: Vec<Date> = Vec::new();
    for year in [2026, 2027, 2028] {
        let day = |month, day| Date::new(year, month, day).unwrap();
        let of_weekdays = [
            nth(year, 1, 3, Weekday::Monday),
            nth(year, 2, 3, Weekday::Monday),
            nth(year, 5, -1, Weekday::Monday),
            nth(year, 9, 1, Weekday::Monday),
            nth(year, 10, 2, Weekday::Monday),
            nth(year, 11, 4, Weekday::Thursday),
        ];
        let of_dates = [day(1, 1), day(6, 19), day(7, 4), day(11, 11), day(12, 25)].map(|date| {
            if date.weekday() == Weekday::Saturday {
                date.yesterday().unwrap()
            } else if date.weekday() == Weekday::Sunday {
                date.tomorrow().unwrap()
            } else {
                date
            }
        });
        kept.extend(of_weekdays.into_iter().chain(of_dates).filter(|date| date.year() < 2028));
    }
    kept.sort();
    assert_eq!(policy.calendars[0].dates, kept);
    // on one of them the United States are open, and the others closed
    let us = Change::of(&["deploy/production/us/billing/a"]).under(&policy);
    assert!(us.is_allowed("2026-06-19T16:00:00Z") && !us.is_allowed("2026-06-18T16:00:00Z"));
    assert!(!Change::of(&["deploy/production/eu/billing/a"]).under(&policy).is_allowed("2026-06-19T13:00:00Z"));
}

#[test]
fn follow_the_sun_closes_the_books_at_each_quarters_end() {
    let policy = example("follow-the-sun.toml");
    let billing = Change::of(&["deploy/production/eu/billing/a"]).under(&policy);
    for (quarter, night) in [
        ("March", "2026-03-31T23:30:00Z"),
        ("June", "2026-06-30T23:30:00Z"),
        ("September", "2026-09-30T23:30:00Z"),
        ("December", "2027-01-01T23:30:00Z"),
    ] {
        let decision = billing.decide(night);
        assert_eq!(ids(&decision), [format!("freeze/quarter end, {quarter}")], "{night}");
        assert_eq!(decision.findings[0].level, Level::Soft);
        assert_eq!(decision.findings[0].reason.as_deref(), Some("the books are closed"));
    }
    assert!(billing.is_allowed("2026-04-04T23:30:00Z"));
    assert_eq!(
        policy.lifts.iter().map(|lift| lift.covers.clone()).collect::<Vec<_>>(),
        [LiftedFindings::Level(Level::Soft)]
    );
}

#[test]
fn freezegate_itself_is_released_from_monday_to_thursday_while_its_maintainers_are_awake() {
    let policy = example("freezegate.toml");
    let release = Change::to("release").under(&policy);
    let main = Change::to("main").under(&policy);
    let berlin = Zone::named("Europe/Berlin").unwrap();
    for half_hour in 0..14 * 48 {
        let at = second("2026-03-23T00:00:00Z") + Seconds::new(half_hour * 1800);
        let clock = berlin.local(at).unwrap();
        let weekday = clock.weekday().to_monday_zero_offset();
        // half an hour to release, and an hour to see
        let minute = i32::from(clock.hour()) * 60 + i32::from(clock.minute());
        let open = weekday < 4 && (9 * 60..=15 * 60 + 30).contains(&minute);
        assert_eq!(release.is_allowed(at), open, "{clock}");
        assert!(main.is_allowed(at), "{clock}");
    }
    assert_eq!(ids(&release.decide("2026-12-21T10:00:00Z")), ["freeze/year end"]);
    // what replaces a yanked release is a release like any other
    assert!(!Change::to("release").returning().under(&policy).is_allowed("2026-12-21T10:00:00Z"));
    assert!(main.is_allowed("2026-12-24T20:00:00Z"));
}

#[test]
fn gitlab_locks_softly_for_its_release_day_weekends_and_hard_for_its_holidays() {
    let policy = example("gitlab.toml");
    let code = Change::of(&["releases/production/17.1"]).under(&policy);
    let ground = Change::of(&["terraform/gprd/main.tf"]).under(&policy);
    // May 2026 begins on a Friday: its third Friday comes before its third Thursday
    for (at, frozen) in [
        ("2026-05-15T10:00:00Z", false),
        ("2026-05-21T08:59:59Z", false),
        ("2026-05-21T09:00:00Z", true),
        ("2026-05-22T08:59:59Z", true),
        ("2026-05-22T09:00:00Z", false),
    ] {
        assert_eq!(ids(&ground.decide(at)).contains(&"freeze/release day"), frozen, "{at}");
        assert!(code.is_allowed(at), "{at}");
    }
    // from Friday evening in California to Monday morning in New Zealand
    for (at, frozen) in [
        ("2026-06-13T00:59:59Z", false),
        ("2026-06-13T01:00:00Z", true),
        ("2026-06-14T20:59:59Z", true),
        ("2026-06-14T21:00:00Z", false),
    ] {
        let decision = ground.decide(at);
        assert_eq!(ids(&decision).contains(&"freeze/weekend"), frozen, "{at}");
        assert!(decision.findings.iter().all(|finding| finding.level == Level::Soft));
        assert!(code.is_allowed(at), "{at}");
    }
    let local = |zone: &str, at: &str| Zone::named(zone).unwrap().local(second(at)).unwrap();
    let (evening, morning) = ("2026-06-13T01:00:00Z", "2026-06-14T21:00:00Z");
    assert_eq!(local("America/Los_Angeles", evening).strftime("%a %H").to_string(), "Fri 18");
    assert_eq!(local("Pacific/Auckland", morning).strftime("%a %H").to_string(), "Mon 09");
    // Thanksgiving is on the 26th: from Wednesday evening to the small hours of Monday, for code and the canary too
    let canary = Change::of(&["releases/gprd-cny/17.6"]).under(&policy);
    let staging = Change::of(&["releases/gstg/17.6"]).under(&policy);
    for (at, freeze) in [
        ("2026-11-25T21:59:59Z", None),
        ("2026-11-25T22:00:00Z", Some("freeze/thanksgiving")),
        ("2026-11-30T01:59:59Z", Some("freeze/thanksgiving")),
        ("2026-11-30T02:00:00Z", None),
        ("2026-12-20T22:59:59Z", None),
        ("2026-12-20T23:00:00Z", Some("freeze/year end")),
        ("2027-01-05T08:59:59Z", Some("freeze/year end")),
        ("2027-01-05T09:00:00Z", None),
    ] {
        for change in [&code, &canary] {
            let decision = change.decide(at);
            assert_eq!(ids(&decision), freeze.into_iter().collect::<Vec<_>>(), "{at}");
            assert!(decision.findings.iter().all(|finding| finding.level == Level::Hard));
        }
        assert!(staging.is_allowed(at), "{at}");
    }
    let signed: Vec<(LiftedFindings, usize)> =
        policy.lifts.iter().map(|lift| (lift.covers.clone(), lift.signed.len())).collect();
    assert_eq!(signed, [(LiftedFindings::Level(Level::Soft), 1), (LiftedFindings::Level(Level::Hard), 2)]);
}

#[test]
fn the_university_freezes_around_the_first_day_of_classes_and_says_when_it_can_not_know() {
    let policy = example("university.toml");
    let registration = Change::of(&["production/registration/a"]).under(&policy);
    // two weeks before the 31st of August until one week after, in the night of New York
    for (at, frozen) in [
        ("2026-08-17T03:59:59Z", false),
        ("2026-08-17T04:00:00Z", true),
        ("2026-08-31T04:00:00Z", true),
        ("2026-09-07T03:59:59Z", true),
        ("2026-09-07T04:00:00Z", false),
        ("2027-01-13T04:59:59Z", false),
        ("2027-01-13T05:00:00Z", true),
        ("2027-02-03T04:59:59Z", true),
        ("2027-02-03T05:00:00Z", false),
    ] {
        assert_eq!(refusals(&registration.decide(at)).contains(&("freeze", "freeze/start of classes")), frozen, "{at}");
    }
    // during final exams what they are written in, and nothing else
    let learning = Change::of(&["production/learning-management/a"]).under(&policy);
    for exams in ["2026-12-15T06:00:00Z", "2027-05-18T06:00:00Z"] {
        assert!(!learning.is_allowed(exams) && registration.is_allowed(exams), "{exams}");
    }
    // an autumn semester of 2027 that begins on the 21st of August would be frozen from the 7th on
    assert!(registration.is_allowed("2027-08-07T02:15:00Z"));
    let decision = registration.decide("2027-08-07T05:00:00Z");
    assert_eq!(ids(&decision), ["stale-calendar"]);
    assert_eq!((decision.next_open, decision.valid_until), (None, None));
    assert!(Change::of(&["test/registration/a"]).under(&policy).is_allowed("2027-08-07T05:00:00Z"));
}

#[test]
fn wikimedia_deploys_from_monday_to_thursday_in_san_franciscos_time() {
    let policy = example("wikimedia.toml");
    let train = Change::to("production").under(&policy);
    // the freeze begins on Friday at midnight: half an hour before, nothing more may start
    for (at, allowed) in [
        ("2026-01-16T07:30:00Z", true),
        ("2026-01-16T07:30:01Z", false),
        ("2026-01-19T07:59:59Z", false),
        ("2026-01-19T08:00:00Z", true),
        // the same in summer, an hour earlier in UTC
        ("2026-07-17T06:30:00Z", true),
        ("2026-07-17T06:30:01Z", false),
        ("2026-07-20T06:59:59Z", false),
        ("2026-07-20T07:00:00Z", true),
    ] {
        assert_eq!(train.is_allowed(at), allowed, "{at}");
    }
    // from the 18th of December to the end of the year, also from Monday to Thursday
    for (at, allowed) in
        [("2026-12-17T20:00:00Z", true), ("2026-12-22T20:00:00Z", false), ("2026-12-31T20:00:00Z", false)]
    {
        assert_eq!(train.is_allowed(at), allowed, "{at}");
    }
    // the 1st of January 2029 is a Monday
    assert!(train.is_allowed("2029-01-01T08:00:00Z") && !train.is_allowed("2029-01-01T07:59:59Z"));
    assert!(Change::to("beta").under(&policy).is_allowed("2026-12-25T20:00:00Z"));
    let lift = &policy.lifts[0];
    assert!(lift.incident && lift.signed.is_empty() && lift.max_duration == Some(Seconds::new(3600)));
}
