//! Calendars: at each instant they say what a decision says, and days are those of the zone.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use freezegate::calendar::days::{LocalDay, Period, cells, local_days};
use freezegate::calendar::{Lane, LaneState, Timetable, timetable};
use freezegate::decision::schedule::{DecisionQuestion, around};
use freezegate::decision::{Decision, FindingCode, Schedule, Verdict};
use freezegate::policy::{Environment, Policy, Region};
use freezegate::reach;
use freezegate::reach::{Declared, DeclaredNames};
use freezegate::report::calendar::palette::{CLOSED, OPEN, PAGE};
use freezegate::report::calendar::{CalendarView, html, ics, text};
use freezegate::time::instant::Instant;
use freezegate::time::intervals::{Interval, Intervals};
use freezegate::time::seconds::Seconds;
use freezegate::time::zone::Zone;
use jiff::civil::{Date, date};

use crate::policies::files::{Case, Memory};
use crate::time::second_opinion::{offset, tz};

const MINUTE: Seconds = Seconds::minutes(1);
const WEEK: Seconds = Seconds::days(7);

pub(crate) fn second(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

/// Weeks with a change of clocks in North America, Europe or Australia, and two with freezes.
const WEEKS: [&str; 8] = [
    "2026-03-05T00:00:00Z",
    "2026-03-26T00:00:00Z",
    "2026-04-02T00:00:00Z",
    "2026-10-01T00:00:00Z",
    "2026-10-22T00:00:00Z",
    "2026-10-29T00:00:00Z",
    "2026-11-24T00:00:00Z",
    "2026-12-17T00:00:00Z",
];

/// Returns what is said of a change: nothing, or that it is of a kind or a service of the policy.
fn asked(policy: &Policy) -> Vec<DeclaredNames> {
    let service = policy.services.first().map(|service| service.name.clone());
    let kind = DeclaredNames { kinds: vec!["infrastructure".to_owned()], ..DeclaredNames::default() };
    let other = DeclaredNames {
        kinds: vec!["config".to_owned()],
        services: service.into_iter().collect(),
        ..DeclaredNames::default()
    };
    vec![DeclaredNames::default(), kind, other]
}

fn shows_what_is_decided(decision: &Decision, lane: &Lane, at: Instant, of: &str) {
    let stretch = lane.at(at).unwrap();
    let state = match (
        decision.verdict,
        decision.findings.iter().any(|one| one.refuses() && one.code != FindingCode::WindowTooShort),
    ) {
        (Verdict::Allowed, _) => LaneState::Open,
        (Verdict::Refused, true) => LaneState::Closed,
        (Verdict::Refused, false) => LaneState::TooLate,
    };
    assert_eq!(stretch.state, state, "{of} at {at:?}");
    // what would be run into besides is told only where nothing else refuses
    let told =
        decision.findings.iter().filter(|one| state == LaneState::TooLate || one.code != FindingCode::WindowTooShort);
    let expected: BTreeSet<_> =
        told.map(|one| (one.id.to_string(), one.place, one.level, one.reason.clone())).collect();
    let windows = stretch.windows.iter().map(|place| lane.windows.get(*place).unwrap());
    let shown: BTreeSet<_> =
        windows.map(|one| (one.id.to_string(), Some(one.place), one.level, one.reason.clone())).collect();
    assert_eq!(shown, expected, "{of} at {at:?}");
}

/// Every minute of these weeks, for all shipped policies and for one with windows that warn.
#[test]
fn at_every_minute_it_says_what_a_decision_says() {
    let mut seen = [0_usize; 3];
    let mut warned = 0;
    let mut all: Vec<(String, Policy)> =
        Case::all("policies").into_iter().map(|case| (case.name.clone(), case.load().unwrap())).collect();
    all.push(("warns".to_owned(), load(WARNS)));
    // two stages begin while it is closed, and one where it is too late to start
    let rollout = "rollout = [{ from = 2026-11-24T12:30:00Z, level = \"soft\" }, { from = 2026-11-26T21:50:00Z, level = \"hard\" }]";
    let staged = WARNS.replace("during_core_hours = \"warn\"", rollout);
    all.push(("rolled out by stages".to_owned(), load(&staged)));
    for (name, policy) in &all {
        for asked in asked(policy) {
            let declared = Declared::resolve(&asked, policy).unwrap();
            for week in WEEKS.map(second) {
                let span = Interval { from: week, until: week + WEEK };
                let all = timetable(policy, &declared, span).unwrap();
                for environment in &all.environments {
                    let mut open_everywhere = vec![true; usize::try_from(WEEK.get() / MINUTE.get()).unwrap()];
                    for lane in &environment.lanes {
                        assert_eq!(
                            (lane.stretches[0].span.from, lane.stretches.last().unwrap().span.until),
                            (span.from, span.until)
                        );
                        assert!(lane.stretches.windows(2).all(|pair| pair[0].span.until == pair[1].span.from));
                        for region in regions(&lane.regions) {
                            let of = format!(
                                "{name}: {} {:?} {asked:?}",
                                environment.environment.name,
                                region.map(|one| &one.name)
                            );
                            each_minute(
                                policy,
                                &declared,
                                &environment.environment,
                                region,
                                span,
                                |place, decision| {
                                    shows_what_is_decided(decision, lane, decision.at, &of);
                                    let state = lane.at(decision.at).unwrap().state;
                                    seen[state as usize] += 1;
                                    warned += usize::from(state == LaneState::Open && !decision.findings.is_empty());
                                    open_everywhere[place] &= state == LaneState::Open;
                                },
                            );
                        }
                    }
                    for (at, open) in
                        (span.from.as_second()..).step_by(60).map(Instant::from_second).zip(open_everywhere)
                    {
                        assert_eq!(environment.open_everywhere.containing(at).is_some(), open, "{name} at {at:?}");
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 10_000) && warned > 1000, "{seen:?} {warned}");
}

fn regions(regions: &[Arc<Region>]) -> Vec<Option<&Arc<Region>>> {
    if regions.is_empty() { vec![None] } else { regions.iter().map(Some).collect() }
}

fn each_minute(
    policy: &Policy,
    declared: &Declared,
    environment: &Arc<Environment>,
    region: Option<&Arc<Region>>,
    span: Interval,
    mut judge: impl FnMut(usize, &Decision),
) {
    let declared = Declared {
        environments: vec![Arc::clone(environment)],
        regions: region.cloned().into_iter().collect(),
        ..declared.clone()
    };
    let reach = reach::declared(policy, &declared);
    let question = DecisionQuestion { policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
    // not the range that the calendar lays out
    let schedule = Schedule::compile(&question, &[], around(span.from, Seconds::new(30 * 24 * 3600)).unwrap()).unwrap();
    for (place, at) in (span.from.as_second()..span.until.as_second()).step_by(60).map(Instant::from_second).enumerate()
    {
        judge(place, &schedule.decide(at));
        if place % 1997 == 0 {
            judge(place, &Schedule::decide_at(&question, &[], at).unwrap());
        }
    }
}

const WARNS: &str = r#"version = 1
[regions.eu]
timezones  = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
during_core_hours = "warn"
duration = "20m"
[[freezes]]
name = "nights <b>"
hours = ["daily 23:00-05:00"]
timezone = "Europe/Berlin"
reason = "backups & \"batches\""
"#;

fn load(text: &str) -> Policy {
    Memory::one(text).load().unwrap()
}

/// The wall clock of each minute, as chrono-tz has it, lies in the piece of the day and in the cell.
#[test]
fn days_are_those_of_chrono_tz_minute_by_minute() {
    let mut changes = 0;
    for name in [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Havana",
        "Asia/Kolkata",
        "America/Santiago",
    ] {
        let (zone, tz) = (Zone::named(name).unwrap(), tz(name));
        for first in [date(2024, 3, 1), date(2024, 4, 1), date(2024, 10, 25)] {
            let end = Period::Month.end(first).unwrap();
            let days = local_days(&zone, first, end).unwrap();
            assert!(days.windows(2).all(|pair| pair[0].span.until == pair[1].span.from), "{name}");
            changes += days.iter().filter(|day| day.pieces.len() > 1).count();
            for day in &days {
                let midnight = date(1970, 1, 1).until(day.date).unwrap().get_days();
                for at in (day.span.from.as_second()..day.span.until.as_second()).step_by(60) {
                    let wall = at + offset(tz, at) - i64::from(midnight) * 24 * 3600;
                    assert_eq!(day.clock_at(Instant::from_second(at)), Some(Seconds::new(wall)), "{name} {at}");
                    let minute = Intervals::union(vec![Interval {
                        from: Instant::from_second(at),
                        until: Instant::from_second(at + 1),
                    }]);
                    let cells = cells(day, Seconds::new(1800), &[minute]);
                    let met: Vec<usize> = (0..48).filter(|cell| cells[*cell] == Some(vec![0])).collect();
                    assert_eq!(met, [usize::try_from(wall / 1800).unwrap()], "{name} {at}");
                }
            }
        }
    }
    assert!(changes >= 6, "{changes}");
}

/// The clocks of Berlin skip 02:00 to 03:00 and have 02:00 to 03:00 twice; Samoa has no 30 December 2011.
#[test]
fn a_cell_that_is_skipped_is_empty_and_one_that_comes_twice_has_both() {
    let berlin = Zone::named("Europe/Berlin").unwrap();
    let day = |year, month, number| -> LocalDay {
        let first = date(year, month, number);
        local_days(&berlin, first, first.tomorrow().unwrap()).unwrap().remove(0)
    };
    let spring = cells(&day(2026, 3, 29), Seconds::hours(1), &[]);
    let skipped: Vec<usize> = (0..24).filter(|hour| spring[*hour].is_none()).collect();
    assert_eq!(skipped, [2]);
    // 02:00 the first time, and the second
    let hour =
        |from: &str| Intervals::union(vec![Interval { from: second(from), until: second(from) + Seconds::new(3600) }]);
    let hours = [hour("2026-10-25T00:00:00Z"), hour("2026-10-25T01:00:00Z")];
    let autumn = cells(&day(2026, 10, 25), Seconds::hours(1), &hours);
    assert_eq!(autumn[2], Some(vec![0, 1]));
    assert!(autumn[1] == Some(vec![]) && autumn[3] == Some(vec![]));
    let samoa = Zone::named("Pacific/Apia").unwrap();
    let days = local_days(&samoa, date(2011, 12, 29), date(2012, 1, 1)).unwrap();
    assert_eq!(days.iter().map(|day| day.date.day()).collect::<Vec<_>>(), [29, 31]);
}

pub(crate) fn with_view<R>(
    policy: &Policy,
    zone: &str,
    first: Date,
    period: Period,
    now: Instant,
    show: impl FnOnce(&CalendarView<'_>) -> R,
) -> R {
    let zone = Zone::named(zone).unwrap();
    let instant = |date| freezegate::calendar::days::first_instant(&zone, date).unwrap();
    let span = Interval { from: instant(first), until: instant(period.end(first).unwrap()) };
    let timetable: Timetable = timetable(policy, &Declared::default(), span).unwrap();
    let asked = DeclaredNames::default();
    show(&CalendarView {
        timetable: &timetable,
        first,
        period,
        zone: &zone,
        now,
        asked: &asked,
        sources: &policy.sources,
    })
}

#[test]
fn a_line_has_no_more_columns_than_there_are_and_the_map_marks_now() {
    for case in Case::all("policies") {
        let policy = case.load().unwrap();
        for period in [Period::Week, Period::Month, Period::Year] {
            for width in [60, 80, 100] {
                let now = second("2026-10-25T00:30:00Z");
                let told = with_view(&policy, "Europe/Berlin", date(2026, 10, 24), period, now, |view| {
                    text::text(view, width).unwrap()
                });
                let plain = anstream::adapter::strip_str(&told).to_string();
                for line in plain.lines() {
                    assert!(textwrap::core::display_width(line) <= width, "{}: {width}: {line}", case.name);
                }
                let mark = match period {
                    Period::Week => "^ now 02:30",
                    Period::Month => "< now",
                    Period::Year => "< today: 25",
                };
                assert!(plain.contains(mark), "{}: {plain}", case.name);
            }
        }
    }
}

/// The hour that comes twice is closed if either is, and the one that is skipped is blank.
#[test]
fn a_map_shows_the_change_of_clocks() {
    let policy = load(WARNS);
    let map = |first| {
        let told = with_view(&policy, "Europe/Berlin", first, Period::Week, Instant::from_second(0), |view| {
            text::text(view, 60).unwrap()
        });
        anstream::adapter::strip_str(&told).to_string().lines().skip(4).take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let (night, evening) = ("FFFFFFFFFF", "-FF");
    assert_eq!(
        map(date(2026, 3, 28)),
        [
            format!("Sat 28 Mar {night}{}{evening}", ".".repeat(35)),
            format!("Sun 29 Mar FFFF  FFFF{}{evening}", ".".repeat(35)),
        ]
    );
    let monday = format!("Mon 26 Oct {night}......{}.........{evening}", "!".repeat(20));
    assert_eq!(map(date(2026, 10, 25))[1], monday);
}

/// Everything that has to be escaped or folded, over a change of clocks.
const HARD_TO_WRITE: &str = r#"version = 1
[regions.eu]
timezones  = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]
[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
duration = "20m"
settle   = "1h"
[environments.staging]
during_core_hours = "warn"
change_windows = [{ hours = "daily 06:00-22:00", timezone = "Europe/Berlin" }]
[environments.free]
during_core_hours = "off"
[services.shop]
[[freezes]]
name         = "a, b; c\\d:\"e\""
from         = "Sat 22:00"
until        = "Sun 06:00"
timezone     = "region"
environments = ["production"]
level        = "soft"
services     = ["shop"]
kinds        = ["config", "migration"]
reason       = "größer, 更大; <b>&amp;</b> ##[error] ::stop-commands:: \\n \u202e section_start:1:x ……………………………… ::error::x"
[[freezes]]
name         = "all year"
from         = 2025-01-01T00:00:00
until        = 2028-01-01T00:00:00
timezone     = "UTC"
environments = ["production"]
level        = "warn"
[[lifts]]
level    = "soft"
signed   = []
incident = true
"#;

/// To write the calendar that `tests/calendar/parsers.py` reads: `FREEZEGATE_BLESS=1 cargo test --test library calendar::`.
#[expect(clippy::disallowed_methods, reason = "asked for by the person who runs the tests, and changes no outcome")]
fn is_to_be_blessed() -> bool {
    std::env::var_os("FREEZEGATE_BLESS").is_some()
}

/// The calendar is the one that two independent parsers read, and what they read are the windows.
#[test]
fn calendar_programs_read_the_windows() {
    let policy = load(HARD_TO_WRITE);
    let data = |name: &str| crate::policies::files::of_repository(&format!("tests/data/{name}"));
    let first = date(2026, 10, 23);
    let now = second("2026-10-20T12:34:56Z");
    let (written, expected) = with_view(&policy, "Europe/Berlin", first, Period::Week, now, |view| {
        let mut expected = BTreeSet::new();
        for environment in &view.timetable.environments {
            for window in environment.lanes.iter().flat_map(|lane| &lane.windows) {
                for closed in window.closed.as_slice() {
                    if !closed.clipped(view.timetable.span).is_empty() {
                        let utc = |second: Instant| second.timestamp().unwrap().to_string();
                        expected.insert((utc(closed.from), utc(closed.until), window.code.as_str().to_owned()));
                    }
                }
            }
        }
        (ics::ics(view).unwrap(), expected)
    });
    if is_to_be_blessed() {
        fs::write(data("calendar.ics"), &written).unwrap();
    }
    assert_eq!(written, fs::read_to_string(data("calendar.ics")).unwrap());
    let read: serde_json::Value = serde_json::from_slice(&fs::read(data("calendar.json")).unwrap()).unwrap();
    let text = |event: &serde_json::Value, key: &str| event[key].as_str().unwrap().to_owned();
    let events = read.as_array().unwrap();
    let found = events
        .iter()
        .map(|one| (text(one, "from"), text(one, "until"), one["categories"][0].as_str().unwrap().to_owned()));
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
    let freeze = events.iter().find(|one| text(one, "summary").contains("a, b")).unwrap();
    assert_eq!(text(freeze, "summary"), r#"production/eu closed: freeze a, b; c\d:"e""#);
    assert_eq!(
        text(freeze, "description"),
        "freeze a, b; c\\d:\"e\", Sat 22:00 to Sun 06:00, soft, only kind config, migration and service shop: größer, 更大; <b>&amp;</b> \
         #\\#[error] ::stop-commands:: \\n \\u{202e} section_start\\:1:x ……………………………… ::error::x\npolicy: freezegate.toml:19\n\
         start a change earlier than this: it takes 20 min change + 1 h settle"
    );
    assert!(written.lines().all(|line| !line.trim_start().starts_with("::") && !line.contains("##")));
}

/// Made a day later, or of a month, an event is the same one.
#[test]
fn an_event_keeps_its_name() {
    let policy = load(HARD_TO_WRITE);
    let uids = |first, period| {
        with_view(&policy, "UTC", first, period, Instant::from_second(0), |view| {
            let text = ics::ics(view).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            let pairs = lines.windows(3).filter(|three| three[0].starts_with("UID:"));
            pairs.map(|three| (three[2].to_owned(), three[0].to_owned())).collect::<BTreeSet<_>>()
        })
    };
    let (week, later) = (uids(date(2026, 10, 23), Period::Week), uids(date(2026, 10, 25), Period::Month));
    assert!(week.intersection(&later).count() >= 15 && week.len() > week.intersection(&later).count());
    let names = later.iter().map(|(_, uid)| uid).collect::<BTreeSet<_>>();
    assert_eq!(names.len(), later.len());
}

#[test]
fn a_calendar_without_windows_is_still_one_that_programs_read() {
    let policy = load("version = 1\n[environments.production]\n");
    let text = with_view(&policy, "UTC", date(2026, 1, 1), Period::Week, Instant::from_second(0), |view| {
        ics::ics(view).unwrap()
    });
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 1);
    assert!(text.contains("SUMMARY:production open throughout\r\n"), "{text}");
}

/// The relative luminance of a colour, and the contrast of two (WCAG 2.2, "contrast ratio").
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(colour.get(at..at + 2).unwrap(), 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Text has a contrast of 4.5 (WCAG 2.2, 1.4.3), and what is closed one of 3 to what is open (1.4.11), in a light page and a dark one.
#[test]
fn colours_stand_out() {
    assert!((contrast("000000", "ffffff") - 21.0).abs() < 0.01 && (contrast("777777", "ffffff") - 4.48).abs() < 0.01);
    let all = PAGE.iter().chain(&OPEN).chain(&CLOSED);
    for (swatch, (fill, ink)) in all.flat_map(|one| [(one, one.light), (one, one.dark)]) {
        assert!(contrast(fill, ink) >= 4.5, "{}: {}", swatch.name, contrast(fill, ink));
    }
    for closed in CLOSED {
        for open in OPEN {
            for (one, other) in [(closed.light.0, open.light.0), (closed.dark.0, open.dark.0)] {
                assert!(contrast(one, other) >= 3.0, "{} on {}: {}", closed.name, open.name, contrast(one, other));
            }
        }
    }
}

/// The page is well-formed, whatever the policy says, and asks for nothing from elsewhere.
#[test]
fn a_page_is_one_file_in_which_nothing_of_the_policy_is_markup() {
    let mut policies: Vec<Policy> = Case::all("policies").iter().map(|case| case.load().unwrap()).collect();
    policies.push(load(HARD_TO_WRITE));
    policies.push(load(WARNS));
    for policy in &policies {
        for period in [Period::Week, Period::Month, Period::Year] {
            let now = second("2026-10-25T00:30:00Z");
            let page =
                with_view(policy, "Europe/Berlin", date(2026, 10, 24), period, now, |view| html::html(view).unwrap());
            let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
            let document = roxmltree::Document::parse_with_options(&page, options).unwrap();
            let names: BTreeSet<&str> = document.descendants().map(|node| node.tag_name().name()).collect();
            for foreign in ["script", "link", "img", "iframe", "b", "i", "object", "use", "image"] {
                assert!(!names.contains(foreign), "{foreign}");
            }
            for node in document.descendants() {
                for attribute in node.attributes() {
                    let (name, value) = (attribute.name(), attribute.value());
                    assert!(!name.starts_with("on") && name != "src", "{name}");
                    assert!(name != "href" || value.starts_with('#'), "{value}");
                }
            }
            assert!(!page.contains("url(") && !page.contains("@import") && !page.contains("://"), "{period:?}");
            // all that is linked to is there, each once
            let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
            for link in document.descendants().filter_map(|node| node.attribute("href")) {
                assert!(ids.contains(&link.trim_start_matches('#')), "{link}");
            }
            // each window with its line and its reason
            with_view(policy, "Europe/Berlin", date(2026, 10, 24), period, now, |view| {
                let text: String = document.descendants().filter_map(|node| node.text()).collect();
                for window in
                    view.timetable.environments.iter().flat_map(|one| &one.lanes).flat_map(|lane| &lane.windows)
                {
                    assert!(text.contains(&policy.sources.cite(window.place)), "{}", window.id);
                    let reason = window.reason.as_deref().unwrap_or("").replace('\u{202e}', "\\u{202e}");
                    assert!(text.contains(&reason), "{reason}");
                }
            });
        }
    }
}
