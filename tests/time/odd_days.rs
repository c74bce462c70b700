//! Days that were skipped, half hours, midnights that come twice: windows on them, spelled out.

use freezegate::time::hours::Hours;
use freezegate::time::intervals::{Interval, Intervals};
use freezegate::time::window::{Rule, closed, open};

use crate::time::{second, span, utc, zone};

/// A window, a span of UTC, and what is closed and what is open in it, as UTC without seconds.
struct Case<'c> {
    zone: &'c str,
    hours: &'c [&'c str],
    within: (&'c str, &'c str),
    closed: &'c [(&'c str, &'c str)],
    open: &'c [(&'c str, &'c str)],
}

/// `2011-12-30 10:00` as UTC.
fn at(text: &str) -> i64 {
    second(&format!("{}:00Z", text.replace(' ', "T")))
}

fn check(cases: &[Case<'_>]) {
    for case in cases {
        let zone = zone(case.zone);
        let hours: Vec<Hours> = case.hours.iter().map(|text| text.parse().unwrap()).collect();
        let rule = Rule::Hours { hours, holidays: Vec::new() };
        let within = span(at(case.within.0), at(case.within.1));
        let pairs = rule.civil(&zone, within).unwrap();
        let clipped = |pieces: &[Interval]| -> Vec<(String, String)> {
            let pieces = Intervals::union(pieces.iter().map(|piece| piece.clipped(within)).collect());
            pieces.as_slice().iter().map(|piece| (utc(piece.from.as_second()), utc(piece.until.as_second()))).collect()
        };
        let listed = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(from, until)| (utc(at(from)), utc(at(until)))).collect()
        };
        let what = format!("{:?} in {}", case.hours, case.zone);
        assert_eq!(clipped(&closed(&zone, &pairs).unwrap()), listed(case.closed), "closed: {what}");
        assert_eq!(clipped(open(&zone, pairs).unwrap().as_slice()), listed(case.open), "open: {what}");
    }
}

/// Samoa went from Thursday 2011-12-29 24:00 (UTC-10) to Saturday 00:00 (UTC+14).
#[test]
fn apia_had_no_30_december_2011() {
    let within = ("2011-12-29 10:00", "2012-01-01 10:00");
    check(&[
        Case { zone: "Pacific/Apia", hours: &["Fri 08:00-18:00"], within, closed: &[], open: &[] },
        Case { zone: "Pacific/Apia", hours: &["Fri 00:00-24:00"], within, closed: &[], open: &[] },
        Case {
            zone: "Pacific/Apia",
            hours: &["Thu 22:00-06:00"],
            within,
            closed: &[("2011-12-30 08:00", "2011-12-30 10:00")],
            open: &[("2011-12-30 08:00", "2011-12-30 10:00")],
        },
        // the night that starts on the skipped Friday is what is left of it
        Case {
            zone: "Pacific/Apia",
            hours: &["Fri 22:00-06:00"],
            within,
            closed: &[("2011-12-30 10:00", "2011-12-30 16:00")],
            open: &[("2011-12-30 10:00", "2011-12-30 16:00")],
        },
        Case { zone: "Pacific/Apia", hours: &["daily 00:00-24:00"], within, closed: &[within], open: &[within] },
        Case {
            zone: "Pacific/Apia",
            hours: &["daily 23:00-01:00"],
            within,
            closed: &[
                ("2011-12-29 10:00", "2011-12-29 11:00"),
                ("2011-12-30 09:00", "2011-12-30 11:00"),
                ("2011-12-31 09:00", "2011-12-31 11:00"),
                ("2012-01-01 09:00", "2012-01-01 10:00"),
            ],
            open: &[
                ("2011-12-29 10:00", "2011-12-29 11:00"),
                ("2011-12-30 09:00", "2011-12-30 11:00"),
                ("2011-12-31 09:00", "2011-12-31 11:00"),
                ("2012-01-01 09:00", "2012-01-01 10:00"),
            ],
        },
    ]);
}

/// Kwajalein went from Friday 1993-08-20 24:00 (UTC-12) to Sunday 00:00 (UTC+12).
#[test]
fn kwajalein_had_no_21_august_1993() {
    let within = ("1993-08-20 12:00", "1993-08-23 12:00");
    check(&[
        Case { zone: "Pacific/Kwajalein", hours: &["Sat 08:00-18:00"], within, closed: &[], open: &[] },
        Case {
            zone: "Pacific/Kwajalein",
            hours: &["Fri-Sun 20:00-02:00"],
            within,
            closed: &[("1993-08-21 08:00", "1993-08-21 14:00"), ("1993-08-22 08:00", "1993-08-22 14:00")],
            open: &[("1993-08-21 08:00", "1993-08-21 14:00"), ("1993-08-22 08:00", "1993-08-22 14:00")],
        },
    ]);
}

/// Lord Howe's clocks jump by half an hour: back at 02:00 (UTC+11 to +10:30), forward at 02:00.
#[test]
fn lord_howe_jumps_by_half_an_hour() {
    let back = ("2026-04-04 12:00", "2026-04-04 20:00");
    let forward = ("2026-10-03 12:00", "2026-10-03 20:00");
    check(&[
        // 01:30 to 02:00 comes twice
        Case {
            zone: "Australia/Lord_Howe",
            hours: &["Sun 01:00-01:45"],
            within: back,
            closed: &[("2026-04-04 14:00", "2026-04-04 15:15")],
            open: &[("2026-04-04 14:00", "2026-04-04 14:45")],
        },
        Case {
            zone: "Australia/Lord_Howe",
            hours: &["Sun 01:45-02:15"],
            within: back,
            closed: &[("2026-04-04 14:45", "2026-04-04 15:45")],
            open: &[("2026-04-04 15:15", "2026-04-04 15:45")],
        },
        Case {
            zone: "Australia/Lord_Howe",
            hours: &["Sun 01:30-02:00"],
            within: back,
            closed: &[("2026-04-04 14:30", "2026-04-04 15:30")],
            open: &[("2026-04-04 15:00", "2026-04-04 15:30")],
        },
        // 02:00 to 02:30 is skipped
        Case {
            zone: "Australia/Lord_Howe",
            hours: &["Sun 01:00-02:15"],
            within: forward,
            closed: &[("2026-10-03 14:30", "2026-10-03 15:30")],
            open: &[("2026-10-03 14:30", "2026-10-03 15:30")],
        },
        Case {
            zone: "Australia/Lord_Howe",
            hours: &["Sun 02:15-03:00"],
            within: forward,
            closed: &[("2026-10-03 15:30", "2026-10-03 16:00")],
            open: &[("2026-10-03 15:30", "2026-10-03 16:00")],
        },
        Case { zone: "Australia/Lord_Howe", hours: &["Sun 02:00-02:30"], within: forward, closed: &[], open: &[] },
    ]);
}

/// Havana's clocks go back from 01:00 to 00:00, and forward from 00:00 to 01:00, on Sundays.
#[test]
fn havana_has_midnight_twice_or_not_at_all() {
    let back = ("2025-11-01 16:00", "2025-11-03 05:00");
    let forward = ("2026-03-07 17:00", "2026-03-09 04:00");
    check(&[
        // Saturday ends at the first midnight on the wall, and is closed until the last
        Case {
            zone: "America/Havana",
            hours: &["Sat 18:00-24:00"],
            within: back,
            closed: &[("2025-11-01 22:00", "2025-11-02 05:00")],
            open: &[("2025-11-01 22:00", "2025-11-02 04:00")],
        },
        Case {
            zone: "America/Havana",
            hours: &["Sun 00:00-24:00"],
            within: back,
            closed: &[("2025-11-02 04:00", "2025-11-03 05:00")],
            open: &[("2025-11-02 05:00", "2025-11-03 05:00")],
        },
        Case {
            zone: "America/Havana",
            hours: &["daily 00:00-00:30"],
            within: ("2025-11-02 00:00", "2025-11-02 12:00"),
            closed: &[("2025-11-02 04:00", "2025-11-02 05:30")],
            open: &[],
        },
        Case { zone: "America/Havana", hours: &["Sat,Sun 00:00-24:00"], within: back, closed: &[back], open: &[back] },
        Case { zone: "America/Havana", hours: &["Sun 00:00-01:00"], within: forward, closed: &[], open: &[] },
        Case {
            zone: "America/Havana",
            hours: &["Sat 22:00-02:00"],
            within: forward,
            closed: &[("2026-03-08 03:00", "2026-03-08 06:00")],
            open: &[("2026-03-08 03:00", "2026-03-08 06:00")],
        },
    ]);
}

/// Santiago's clocks go back from Sunday 00:00 to Saturday 23:00: a day comes back after it ended.
#[test]
fn santiago_has_the_last_hour_of_a_saturday_twice() {
    let within = ("2026-04-04 12:00", "2026-04-06 04:00");
    check(&[
        Case {
            zone: "America/Santiago",
            hours: &["Sat 22:00-24:00"],
            within,
            closed: &[("2026-04-05 01:00", "2026-04-05 04:00")],
            open: &[("2026-04-05 01:00", "2026-04-05 04:00")],
        },
        Case {
            zone: "America/Santiago",
            hours: &["Sat 12:00-23:30"],
            within,
            closed: &[("2026-04-04 15:00", "2026-04-05 03:30")],
            open: &[("2026-04-04 15:00", "2026-04-05 02:30")],
        },
        Case {
            zone: "America/Santiago",
            hours: &["Sun 00:00-24:00"],
            within,
            closed: &[("2026-04-05 04:00", "2026-04-06 04:00")],
            open: &[("2026-04-05 04:00", "2026-04-06 04:00")],
        },
    ]);
}

/// Troll's clocks jump by two hours: from 01:00 to 03:00 (UTC+0 to +2) and from 03:00 back to 01:00.
#[test]
fn troll_jumps_by_two_hours() {
    let back = ("2026-10-24 20:00", "2026-10-25 06:00");
    let forward = ("2026-03-28 22:00", "2026-03-29 06:00");
    check(&[
        Case {
            zone: "Antarctica/Troll",
            hours: &["Sun 01:00-03:00"],
            within: back,
            closed: &[("2026-10-24 23:00", "2026-10-25 03:00")],
            open: &[("2026-10-25 01:00", "2026-10-25 03:00")],
        },
        // change windows that touch are one, so no hole opens where they meet
        Case {
            zone: "Antarctica/Troll",
            hours: &["Sun 00:00-02:00", "Sun 02:00-05:00"],
            within: back,
            closed: &[("2026-10-24 22:00", "2026-10-25 05:00")],
            open: &[("2026-10-24 22:00", "2026-10-25 05:00")],
        },
        // and with a minute between them, each ends with its first reading and starts with its last
        Case {
            zone: "Antarctica/Troll",
            hours: &["Sun 00:00-01:59", "Sun 02:00-05:00"],
            within: back,
            closed: &[("2026-10-24 22:00", "2026-10-25 05:00")],
            open: &[("2026-10-24 22:00", "2026-10-24 23:59"), ("2026-10-25 02:00", "2026-10-25 05:00")],
        },
        Case { zone: "Antarctica/Troll", hours: &["Sun 01:00-03:00"], within: forward, closed: &[], open: &[] },
        Case {
            zone: "Antarctica/Troll",
            hours: &["Sun 00:30-01:30", "Sun 02:30-03:30"],
            within: forward,
            closed: &[("2026-03-29 00:30", "2026-03-29 01:30")],
            open: &[("2026-03-29 00:30", "2026-03-29 01:30")],
        },
    ]);
}

/// Morocco set its clocks back for Ramadan, from 2026-02-15 03:00 (UTC+1) to 02:00 until 2026-03-22 02:00, then 03:00; since
/// 2026-09-20 it keeps UTC.
#[test]
fn casablanca_goes_back_for_ramadan_and_for_good() {
    let office: &[&str] = &["daily 09:00-17:00"];
    let zone = "Africa/Casablanca";
    let day = |within, window: &'static [(&'static str, &'static str)]| Case {
        zone,
        hours: office,
        within,
        closed: window,
        open: window,
    };
    check(&[
        day(("2026-02-14 00:00", "2026-02-15 00:00"), &[("2026-02-14 08:00", "2026-02-14 16:00")]),
        day(("2026-02-15 00:00", "2026-02-16 00:00"), &[("2026-02-15 09:00", "2026-02-15 17:00")]),
        day(("2026-03-21 00:00", "2026-03-22 00:00"), &[("2026-03-21 09:00", "2026-03-21 17:00")]),
        day(("2026-03-22 00:00", "2026-03-23 00:00"), &[("2026-03-22 08:00", "2026-03-22 16:00")]),
        day(("2026-09-19 00:00", "2026-09-20 00:00"), &[("2026-09-19 08:00", "2026-09-19 16:00")]),
        day(("2026-09-21 00:00", "2026-09-22 00:00"), &[("2026-09-21 09:00", "2026-09-21 17:00")]),
        day(("2027-05-03 00:00", "2027-05-04 00:00"), &[("2027-05-03 09:00", "2027-05-03 17:00")]),
        Case {
            zone,
            hours: &["Sun 02:00-03:00"],
            within: ("2026-02-14 22:00", "2026-02-15 12:00"),
            closed: &[("2026-02-15 01:00", "2026-02-15 03:00")],
            open: &[("2026-02-15 02:00", "2026-02-15 03:00")],
        },
        Case {
            zone,
            hours: &["Sun 02:00-03:00"],
            within: ("2026-03-21 22:00", "2026-03-22 12:00"),
            closed: &[],
            open: &[],
        },
    ]);
}
