//! Events of calendars as policies: the same minutes as another reader of recurrences finds, or a list of all that a policy cannot say.

use std::sync::Arc;

use freezegate::exchange::ics::import::{IcsOptions, import};
use freezegate::exchange::import::{Imported, NotImported};
use freezegate::time::instant::Instant;
use freezegate::time::intervals::{Interval, Intervals};
use freezegate::time::seconds::Seconds;
use freezegate::time::zone::Zone;
use rrule::RRuleSet;

use super::{load, native, now, place, second};
use crate::time::second_opinion::{offset, readings, tz};

const YEAR: Seconds = Seconds::days(366);

/// A calendar of these lines.
fn calendar(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\n{}END:VCALENDAR\r\n",
        lines.replace('\n', "\r\n")
    )
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\n{lines}END:VEVENT\n")
}

fn options(until: Option<&str>, stricter: bool) -> IcsOptions {
    IcsOptions {
        environment: "production".to_owned(),
        timezone: Zone::named("Europe/Berlin").map(Arc::new),
        until: until.map(second),
        is_stricter_fine: stricter,
    }
}

fn read(text: &str, options: &IcsOptions) -> Result<Imported, NotImported> {
    import(("freezes.ics", text), options, now()).unwrap()
}

/// The causes with their lines.
fn refused(text: &str, options: &IcsOptions) -> Vec<(usize, String)> {
    let not = read(text, options).unwrap_err();
    not.items.iter().map(|item| (not.sources.line(item.place.unwrap()), item.cause.clone())).collect()
}

/// Returns when a policy refuses, from now on.
fn closed(policy: &str, until: Instant) -> Intervals {
    let policy = load(policy.split_once("version = 1\n").unwrap().1);
    let place = place(&policy, &[]);
    native(&policy, &place.environment, &place.regions, Interval { from: now(), until }).unwrap()
}

/// Zone, start, length in minutes, rule, whether a policy has a rule for it.
const RECURRENCES: &[(&str, &str, i64, &str, bool)] = &[
    ("Europe/Berlin", "20260105T220000", 480, "FREQ=DAILY", true),
    ("Europe/Berlin", "20260105T080000", 600, "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", true),
    ("Australia/Lord_Howe", "20260105T090000", 480, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", true),
    ("Australia/Sydney", "20260103T233000", 480, "FREQ=WEEKLY;BYDAY=SA,SU;WKST=SU", true),
    ("Europe/Dublin", "20260102T170000", 62 * 60, "FREQ=WEEKLY", true),
    ("America/New_York", "20260113T060000", 840, "FREQ=MONTHLY;BYDAY=2TU", true),
    ("America/New_York", "20260113T060000", 840, "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", true),
    ("America/Santiago", "20260131T180000", 39 * 60, "FREQ=MONTHLY;BYMONTHDAY=-1", true),
    ("Asia/Kolkata", "20260115T100000", 60, "FREQ=MONTHLY", true),
    ("Europe/Berlin", "20201224T000000", 3 * 1440, "FREQ=YEARLY", true),
    ("Pacific/Auckland", "20201220T170000", 20 * 1440, "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20", true),
    ("America/New_York", "20201126T050000", 1080, "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", true),
    ("UTC", "20200229T120000", 600, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", true),
    ("Europe/Berlin", "20260105T180000", 60, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU", false),
    ("Europe/Berlin", "20260105T180000", 60, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO", false),
    ("Europe/Berlin", "20260105T180000", 60, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", false),
    ("Europe/Berlin", "20260131T180000", 60, "FREQ=MONTHLY;BYMONTHDAY=31", false),
    ("Europe/Berlin", "20260131T180000", 60, "FREQ=MONTHLY", false),
    ("America/New_York", "20260130T180000", 600, "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", false),
    ("America/New_York", "20260130T180000", 60, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1,1", false),
    ("UTC", "20250115T000000", 1440, "FREQ=YEARLY;INTERVAL=2;BYMONTH=1,6;BYMONTHDAY=15", false),
    ("UTC", "20260518T000000", 1440, "FREQ=YEARLY;BYDAY=20MO", false),
    ("UTC", "20251228T000000", 1440, "FREQ=YEARLY;BYDAY=-1SU", false),
    ("Europe/Berlin", "20260329T080000", 120, "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU", false),
    ("Europe/Berlin", "20260101T080000", 120, "FREQ=DAILY;INTERVAL=10;BYMONTH=12,1", false),
    ("Europe/Berlin", "20260213T080000", 120, "FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR", false),
    ("Europe/Berlin", "20260213T080000", 120, "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", false),
    ("Europe/Berlin", "20240229T080000", 120, "FREQ=YEARLY", false),
    ("Europe/Berlin", "20250601T040000", 120, "FREQ=DAILY;COUNT=700", false),
    ("Europe/Berlin", "20250602T040000", 120, "FREQ=WEEKLY;COUNT=200;BYDAY=MO,TH", false),
    ("Europe/Berlin", "20260105T130000", 120, "FREQ=WEEKLY;UNTIL=20270301T120000Z", false),
    ("Australia/Lord_Howe", "20260105T130000", 120, "FREQ=DAILY;UNTIL=20270301T120000Z", false),
];

/// Returns when the events are, as the crate `rrule` expands them with chrono-tz, ends by the clock on the wall.
fn expanded(zone: &str, start: &str, minutes: i64, rule: &str, until: Instant) -> Intervals {
    // the crate takes UTC as `Z` only
    let from = if zone == "UTC" { format!("DTSTART:{start}Z") } else { format!("DTSTART;TZID={zone}:{start}") };
    let set: RRuleSet = format!("{from}\nRRULE:{rule}").parse().unwrap();
    let range = Interval { from: now(), until };
    let mut found = Vec::new();
    for start in set.into_iter().map(|start| start.timestamp()).take_while(|start| *start < until.as_second()) {
        let wall = start + offset(tz(zone), start) + minutes * 60;
        let [from, until] = [start, readings(tz(zone), wall).0].map(Instant::from_second);
        found.push(Interval { from, until }.clipped(range));
    }
    Intervals::union(found)
}

#[test]
fn a_policy_refuses_while_an_event_lasts() {
    // both clock changes of each zone, a leap day, and the ends of two years
    let until = second("2028-12-31T00:00:00Z");
    for (zone, start, minutes, rule, has_rule) in RECURRENCES {
        let (hours, minutes_left) = (minutes / 60, minutes % 60);
        let days = hours / 24;
        let text = calendar(&event(&format!(
            "UID:1\nSUMMARY:quiet\nDTSTART;TZID={zone}:{start}\nDURATION:P{days}DT{}H{minutes_left}M\nRRULE:{rule}\n",
            hours % 24
        )));
        let options = options(Some("2028-12-31T00:00:00Z"), false);
        let imported = read(&text, &options).map_err(|not| format!("{rule}: {:?}", not.items)).unwrap();
        let is_rule = !imported.text.contains("-12T") && imported.text.matches("[[freezes]]").count() <= 2;
        assert_eq!(is_rule && !imported.text.contains("from     = 2"), *has_rule, "{rule}: {}", imported.text);
        let expected = expanded(zone, start, *minutes, rule, until);
        assert!(!expected.as_slice().is_empty(), "{rule}");
        assert_eq!(closed(&imported.text, until), expected, "{rule} in {zone}: {}", imported.text);
    }
}

/// The rest of an event, and the lines of the policy that are written for it.
const WRITTEN: &[(&str, &str)] = &[
    // whole days are those of `--timezone`
    (
        "DTSTART;VALUE=DATE:20261224\n",
        "from     = 2026-12-24T00:00:00\nuntil    = 2026-12-25T00:00:00\ntimezone = \"Europe/Berlin\"\n",
    ),
    (
        "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20270102\nTRANSP:TRANSPARENT\n",
        "from     = 2026-12-24T00:00:00\nuntil    = 2027-01-02T00:00:00\n",
    ),
    ("DTSTART;VALUE=DATE:20261224\nDURATION:P1W\n", "until    = 2026-12-31T00:00:00\n"),
    (
        "DTSTART;VALUE=DATE:20260103\nDTEND;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;BYDAY=SA\n",
        "from     = \"Sat 00:00\"\nuntil    = \"Mon 00:00\"\n",
    ),
    ("DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE\n", "hours    = [\"Mon,Wed 00:00-24:00\"]\n"),
    // floating times, too
    (
        "DTSTART:20261224T180000\nDTEND:20261224T200000\n",
        "from     = 2026-12-24T18:00:00\nuntil    = 2026-12-24T20:00:00\ntimezone = \"Europe/Berlin\"\n",
    ),
    // a start and an end of two zones
    (
        "DTSTART;TZID=America/New_York:20261224T180000\nDTEND;TZID=Europe/Berlin:20261225T040000\n",
        "until    = 2026-12-24T22:00:00\ntimezone = \"America/New_York\"\n",
    ),
    // hours that pass while clocks change, and a reading that comes twice
    (
        "DTSTART;TZID=Europe/Berlin:20270327T200000\nDURATION:PT10H\n",
        "from     = 2027-03-27T20:00:00\nuntil    = 2027-03-28T07:00:00\n",
    ),
    (
        "DTSTART;TZID=Europe/Berlin:20271030T200000\nDTEND;TZID=Europe/Berlin:20271031T023000\n",
        "from     = 2027-10-30T20:00:00+02:00\nuntil    = 2027-10-31T02:30:00+02:00\n",
    ),
    // names of zones as Outlook, Evolution and Lotus write them
    ("DTSTART;TZID=\"Pacific Standard Time\":20261224T180000\nDURATION:PT1H\n", "timezone = \"America/Los_Angeles\"\n"),
    (
        "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Paris:20261224T180000\nDURATION:PT1H\n",
        "timezone = \"Europe/Paris\"\n",
    ),
    (
        "DTSTART;TZID=/citadel.org/20210210_1/America/Argentina/Ushuaia:20261224T180000\nDURATION:PT1H\n",
        "timezone = \"America/Argentina/Ushuaia\"\n",
    ),
    // lists of further dates
    (
        "DTSTART;VALUE=DATE:20261224\nRDATE;VALUE=DATE:20270104,20261224\n",
        "from     = 2027-01-04T00:00:00\nuntil    = 2027-01-05T00:00:00\n",
    ),
    (
        "DTSTART:20261224T180000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20270104T180000Z/PT3H,20270105T180000Z/20270105T183000Z\n",
        "from     = 2027-01-05T18:00:00\nuntil    = 2027-01-05T18:30:00\n",
    ),
    // what is over is left out
    (
        "DTSTART;TZID=Europe/Berlin:20261105T180000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=5\n",
        "name     = \"ics 1\"\nenvironments = [\"production\"]\nfrom     = 2026-12-03T18:00:00\n",
    ),
    (
        "DTSTART;TZID=Europe/Berlin:20261105T180000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Berlin:20261112T180000\n",
        "hours    = [\"Thu 18:00-19:00\"]\n",
    ),
    // texts
    (
        "DTSTART;VALUE=DATE:20261224\nSUMMARY;LANGUAGE=en:Year\\, \"end\"\\; C:\\\\\\nno\n  deploys\n",
        "reason   = \"Year, \\\"end\\\"; C:\\\\ no deploys\"\n",
    ),
];

#[test]
fn events_are_freezes() {
    for (lines, expected) in WRITTEN {
        let text = calendar(&event(&format!("UID:a@example.com\nDTSTAMP:20260101T000000Z\n{lines}")));
        let imported = read(&text, &options(None, false)).map_err(|not| format!("{lines}: {:?}", not.items)).unwrap();
        assert!(imported.text.contains(expected), "{lines}: {}", imported.text);
    }
}

#[test]
fn dates_are_left_out_moved_and_cancelled() {
    let master = event(
        "UID:1\nSUMMARY:weekly\nDTSTART;TZID=Europe/Berlin:20261203T180000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=5\n\
         EXDATE;TZID=Europe/Berlin:20261210T180000\n",
    );
    let moved = event(
        "UID:1\nSUMMARY:moved\nRECURRENCE-ID;TZID=Europe/Berlin:20261217T180000\nDTSTART:20261218T100000Z\nDURATION:PT2H\n",
    );
    let cancelled =
        event("UID:1\nRECURRENCE-ID:20261224T170000Z\nSTATUS:CANCELLED\nDTSTART:20261224T170000Z\nDURATION:PT1H\n");
    let gone = event("UID:2\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20261201\n");
    let text = calendar(&[cancelled, moved, master, gone].concat());
    let imported = read(&text, &options(None, false)).map_err(|not| not.items).unwrap();
    let starts: Vec<&str> = imported.text.lines().filter(|line| line.starts_with("from ")).collect();
    let expected = ["2026-12-03T18:00:00", "2026-12-18T10:00:00", "2026-12-31T18:00:00"];
    assert_eq!(starts, expected.map(|start| format!("from     = {start}")));
}

/// The day that is given bounds what recurs, and hides nothing else.
#[test]
fn a_last_day_is_only_for_what_recurs() {
    let once = event("SUMMARY:once\nDTSTART:20300104T180000Z\nDURATION:PT1H\n");
    let fortnight = event("DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;INTERVAL=2\n");
    let counted = event("DTSTART:20260102T220000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2000\n");
    let imported = read(&calendar(&[once, fortnight, counted].concat()), &options(Some("2027-01-01T00:00:00Z"), false));
    let text = imported.map_err(|not| not.items).unwrap().text;
    assert!(text.contains("# Some events go on: their dates are here until 2027-01-01.\n"), "{text}");
    let count = |start: &str| text.lines().filter(|line| line.starts_with(&format!("from     = {start}"))).count();
    assert_eq!((count("2026-12"), count("2027"), count("2030-01-04T18:00:00")), (31 + 2, 0, 1), "{text}");
    // a rule goes on, and the fold of clocks after the last day counts
    let night = event("DTSTART;TZID=Europe/Berlin:20260102T220000\nDURATION:PT4H\nRRULE:FREQ=DAILY\n");
    let found = refused(&calendar(&night), &options(Some("2027-01-01T00:00:00Z"), false));
    assert!(found[0].1.contains("from 2027-10-31T00:00:00Z the policy is closed"), "{found:?}");
}

/// A zone as Outlook writes it.
const BERLIN: &str = "BEGIN:VTIMEZONE\nTZID:W. Europe Standard Time\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\n\
                      TZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\n\
                      DTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n\
                      RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n";

#[test]
fn a_zone_that_is_defined_otherwise_is_refused() {
    let weekly = event("DTSTART;TZID=W. Europe Standard Time:20260102T180000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n");
    let options = options(None, false);
    let imported = read(&calendar(&[BERLIN, &weekly].concat()), &options).map_err(|not| not.items).unwrap();
    assert!(imported.text.contains("timezone = \"Europe/Berlin\""), "{}", imported.text);
    for (from, to, cause) in [
        (
            "BYDAY=-1SU;BYMONTH=3",
            "BYDAY=1SU;BYMONTH=3",
            "from 2027-03-07T01:00:00Z its VTIMEZONE is +02:00 ahead of UTC, and `Europe/Berlin` is +01:00",
        ),
        ("TZOFFSETTO:+0100", "TZOFFSETTO:+0000", "its VTIMEZONE is +00:00"),
        ("BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY", "a rule of clock changes"),
        ("TZOFFSETTO:+0100", "TZOFFSETTO:+99", "an offset that can't be read"),
    ] {
        let other = BERLIN.replacen(from, to, 1);
        let found = refused(&calendar(&[other.as_str(), &weekly].concat()), &options);
        assert!(found.len() == 1 && found[0].1.contains(cause), "{to}: {found:?}");
        assert!((4..=18).contains(&found[0].0), "{to}: {found:?}");
    }
    // whichever date names the zone
    let other = BERLIN.replacen("TZOFFSETTO:+0100", "TZOFFSETTO:+0000", 1);
    for lines in [
        "DTSTART:20270102T180000Z\nDTEND;TZID=W. Europe Standard Time:20270102T200000\n",
        "DTSTART:20270102T180000Z\nDURATION:PT1H\nRDATE;TZID=W. Europe Standard Time:20270103T200000\n",
        "DTSTART:20270102T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;TZID=W. Europe Standard Time:20270103T190000\n",
    ] {
        let found = refused(&calendar(&[other.as_str(), &event(lines)].concat()), &options);
        assert!(found.len() == 1 && found[0].1.contains("its VTIMEZONE is +00:00"), "{lines}: {found:?}");
    }
    // a winter's event does not care
    let winter = event("DTSTART;TZID=W. Europe Standard Time:20270102T180000\nDURATION:PT1H\n");
    let other = BERLIN.replacen("BYDAY=-1SU;BYMONTH=3", "BYDAY=1SU;BYMONTH=3", 1);
    assert!(read(&calendar(&[other.as_str(), &winter].concat()), &options).is_ok());
}

#[test]
fn an_end_on_the_night_of_a_clock_change_is_pointed_out() {
    let weekend =
        "DTSTART;TZID=Europe/Berlin:20260102T170000\nDTEND;TZID=Europe/Berlin:20260105T070000\nRRULE:FREQ=WEEKLY\n";
    let imported = read(&calendar(&event(weekend)), &options(None, false)).map_err(|not| not.items).unwrap();
    assert!(imported.text.contains("until    = \"Mon 07:00\""));
    assert_eq!(imported.notes.len(), 1);
    assert!(imported.notes[0].cause.contains("2027-03-29"), "{}", imported.notes[0].cause);
    // whole days end with the day, whoever reads them
    for line in [
        "DTSTART;VALUE=DATE:20260103\nDTEND;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY\n",
        "DTSTART;TZID=Europe/Berlin:20260102T170000\nDURATION:P2DT14H\nRRULE:FREQ=WEEKLY\n",
    ] {
        let imported = read(&calendar(&event(line)), &options(None, false)).map_err(|not| not.items).unwrap();
        assert!(imported.notes.is_empty(), "{line}: {:?}", imported.notes);
    }
}

/// Lines of an event, and what cannot be said, with its line.
const UNSAYABLE: &[(&str, &[(usize, &str)])] = &[
    ("UID:1\n", &[(4, "an event without a `DTSTART`")]),
    ("DTSTART:20261224T180000Z\n", &[(4, "takes no time")]),
    ("DTSTART:20261224T180000Z\nDTEND:20261224T180000Z\n", &[(6, "ends before it has begun")]),
    ("DTSTART:20261224T180000Z\nDTEND:20261224T170000Z\n", &[(6, "ends before it has begun")]),
    ("DTSTART:20261224T180000Z\nDTEND;VALUE=DATE:20261225\n", &[(6, "not both days or both times")]),
    ("DTSTART:20261224T180000Z\nDTEND:20261225T180000Z\nDURATION:PT1H\n", &[(7, "both `DTEND` and `DURATION`")]),
    ("DTSTART:20261224T180000Z\nDURATION:-PT1H\n", &[(6, "`-PT1H` is not a length of time")]),
    ("DTSTART;VALUE=DATE:20261224\nDURATION:PT1H\n", &[(6, "hours for whole days")]),
    ("DTSTART:20261324T180000Z\nDURATION:PT1H\n", &[(5, "`20261324T180000Z` is not a date or a time")]),
    ("DTSTART:20261224T180060Z\nDURATION:PT1H\n", &[(5, "is not a date or a time")]),
    ("DTSTART;TZID=Mars/Olympus:20261224T180000\nDURATION:PT1H\n", &[(5, "Mars/Olympus")]),
    ("DTSTART;TZID=EST:20261224T180000\nDURATION:PT1H\n", &[(5, "`EST` is not an IANA name")]),
    (
        "DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;INTERVAL=2\n",
        &[(4, "a policy has no rule for its `RRULE`")],
    ),
    (
        "DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nEXDATE:20261204T180000Z\n",
        &[(4, "it leaves out or moves 2026-12-04")],
    ),
    ("DTSTART:20270101T180000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n", &[(4, "it starts on 2027-01-01")]),
    ("DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO\n", &[(4, "not a date of its `RRULE`")]),
    ("DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY\n", &[(7, "more than once a day")]),
    ("DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=1000000000\n", &[(4, "500 are the most")]),
    ("DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=0\n", &[(7, "`INTERVAL=0` can't be read")]),
    (
        "DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYHOUR=8,18\n",
        &[(7, "`BYHOUR=8,18` is not followed")],
    ),
    (
        "DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYWEEKNO=20\n",
        &[(7, "`BYWEEKNO=20` is not followed")],
    ),
    (
        "DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z\n",
        &[(7, "both `COUNT` and `UNTIL`")],
    ),
    ("DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20270101\n", &[(7, "its `UNTIL` is a day")]),
    ("DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=2FR\n", &[(7, "its `BYDAY` has numbers")]),
    ("DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY\n", &[(8, "a second `RRULE`")]),
    ("DTSTART:20260102T180000Z\nDURATION:PT1H\nEXRULE:FREQ=WEEKLY\n", &[(7, "`EXRULE`")]),
    (
        "DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20260103\n",
        &[(8, "`EXDATE` and `DTSTART`")],
    ),
    (
        "DTSTART:20260102T180000Z\nDURATION:PT1H\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260102T180000Z\n",
        &[(7, "all later dates")],
    ),
    ("DTSTART:20251102T180000Z\nDURATION:PT1H\n", &[(1, "no event of this calendar is still to come")]),
    // the policy refuses from the clock change on, and RFC 5545 starts the event half an hour later
    (
        "DTSTART;TZID=Europe/Berlin:20260102T023000\nDURATION:PT3H\nRRULE:FREQ=DAILY\n",
        &[(1, "the policy is closed and the calendar is open")],
    ),
];

#[test]
fn everything_that_a_policy_cannot_say_is_listed() {
    for (lines, expected) in UNSAYABLE {
        let found = refused(&calendar(&event(lines)), &options(None, false));
        assert_eq!(found.len(), expected.len(), "{lines}: {found:?}");
        for ((line, cause), (expected_line, expected)) in found.iter().zip(*expected) {
            assert!(cause.contains(expected) && line == expected_line, "{lines}: {found:?}");
        }
    }
    // nobody said whose days these are
    let none = IcsOptions { timezone: None, ..options(None, false) };
    let both = [event("DTSTART;VALUE=DATE:20261224\n"), event("DTSTART:20261224T180000\nDURATION:PT1H\n")].concat();
    let found = refused(&calendar(&both), &none);
    assert!(found.len() == 2 && found[0].1.contains("a whole day") && found[1].1.contains("floating"), "{found:?}");
    let twice = event("UID:1\nDTSTART;VALUE=DATE:20261224\n").repeat(2);
    assert_eq!(refused(&calendar(&twice), &options(None, false)), [(8, "two events have the same `UID`".to_owned())]);
    // the calendar's own zone is the one that is proposed
    let own = ["X-WR-TIMEZONE:Asia/Tokyo\n", &event("DTSTART;VALUE=DATE:20261224\n")].concat();
    let not = read(&calendar(&own), &none).unwrap_err();
    assert_eq!(not.items[0].help.as_deref(), Some("name its time zone, such as `--timezone Asia/Tokyo`"));
    let inner = event("DTSTART;VALUE=DATE:20261225\n");
    for (lines, cause) in [
        (format!("BEGIN:VTODO\n{inner}END:VTODO\n"), "an event within something else"),
        (format!("BEGIN:X-OTHER\n{inner}END:X-OTHER\n"), "an event within something else"),
        (event(&format!("DTSTART;VALUE=DATE:20261224\n{inner}")), "an event within something else"),
        (
            format!("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n{inner}"),
            "a component `VCALENDAR`, which is not known",
        ),
    ] {
        let text = calendar(&[lines, event("DTSTART;VALUE=DATE:20261224\n")].concat());
        let found = refused(&text, &options(None, false));
        assert!(found.len() == 1 && found[0].1 == cause, "{cause}: {found:?}");
    }
    let todo = "BEGIN:VTODO\nDUE:20261225T000000Z\nBEGIN:VALARM\nEND:VALARM\nEND:VTODO\n";
    assert!(read(&calendar(&[todo, &inner].concat()), &options(None, false)).is_ok());
    for lines in
        ["CALSCALE:HEBREW\n", "METHOD:CANCEL\n", "BEGIN:VFREEBUSY\nFREEBUSY:20261224T180000Z/PT1H\nEND:VFREEBUSY\n"]
    {
        let text = calendar(&[lines, &event("DTSTART;VALUE=DATE:20261224\n")].concat());
        assert_eq!(refused(&text, &options(None, false)).len(), 1, "{lines}");
    }
}

#[test]
fn a_stricter_rule_is_written_if_asked_for() {
    for lines in [
        "DTSTART:20270101T180000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n",
        "DTSTART:20260102T180000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nEXDATE:20261204T180000Z\n",
        "DTSTART;TZID=Europe/Berlin:20260102T023000\nDURATION:PT3H\nRRULE:FREQ=DAILY\n",
    ] {
        let imported = read(&calendar(&event(lines)), &options(None, true)).map_err(|not| not.items).unwrap();
        assert_eq!(imported.stricter.len(), 1, "{lines}: {:?}", imported.stricter);
        assert!(imported.text.contains("hours    = "), "{}", imported.text);
    }
}

/// Returns what is hostile or damaged: the text, and what is said of it, with its line.
fn damaged() -> Vec<(&'static str, String, usize, &'static str)> {
    let plain = calendar(&event("DTSTART;VALUE=DATE:20261224\n"));
    let nested = format!("BEGIN:VCALENDAR\r\n{}", "BEGIN:VEVENT\r\n".repeat(100_000));
    let bomb = event("DTSTART:20260101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4000000000\n").repeat(20_000);
    let old = event("DTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4000000000\n").repeat(2_000);
    let never = event("DTSTART:20260101T000000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\n");
    let dates = "20270101,".repeat(100_000);
    vec![
        ("empty", String::new(), 1, "`BEGIN:VCALENDAR` does not come first"),
        ("another file", "version = 1\n".to_owned(), 1, "a line without a `:`"),
        ("a card", "BEGIN:VCARD\r\nEND:VCARD\r\n".to_owned(), 1, "`BEGIN:VCALENDAR` does not come first"),
        ("a folded first line", " BEGIN:VCALENDAR\r\n".to_owned(), 1, "`BEGIN:VCALENDAR` does not come first"),
        ("cut off", plain.replace("END:VCALENDAR\r\n", ""), 1, "`BEGIN:VCALENDAR` has no end"),
        ("cut off in an event", plain.replace("END:VEVENT\r\n", ""), 6, "`END:VCALENDAR` ends no VEVENT"),
        ("nested", nested, 9, "nested more than 8 deep"),
        ("after the end", format!("{plain}DTSTART:1\r\n"), 8, "`BEGIN:VCALENDAR` does not come first"),
        ("an escape", plain.replace("PRODID:", "PRODID:\u{1b}[2J"), 3, "the control character U+001B"),
        ("a zero byte", plain.replace("PRODID:", "PRODID:\0"), 3, "the control character U+0000"),
        ("an old line end", plain.replace("\r\n", "\r"), 1, "the control character U+000D"),
        ("no name", plain.replace("PRODID:", ";PRODID:"), 3, "does not start with the name"),
        ("an open quote", plain.replace("DTSTART;VALUE=DATE", "DTSTART;VALUE=\"DATE"), 5, "a line without a `:` after"),
        ("no value", plain.replace(":20261224", ""), 5, "a line without a `:` after"),
        ("a huge number", plain.replace("20261224", &"9".repeat(1_000_000)), 5, "is not a date or a time"),
        ("many bombs", calendar(&bomb), 4, "takes too long to find all of its dates"),
        ("dates since the year 1", calendar(&old), 4, "it takes too long to find all of its dates"),
        ("a date that never comes", calendar(&never), 4, "not a date of its `RRULE`"),
        (
            "many dates",
            calendar(&event(&format!("DTSTART;VALUE=DATE:20261224\nRDATE;VALUE=DATE:{dates}20270102\n"))),
            0,
            "",
        ),
        (
            "a long rule",
            calendar(&event(&format!(
                "DTSTART:20261224T000000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH={}1\n",
                "1,".repeat(9999)
            ))),
            7,
            "can't be read",
        ),
    ]
}

#[test]
fn damaged_and_hostile_files_are_errors_with_a_line() {
    for (name, text, line, cause) in damaged() {
        assert!(text.len() < 4 << 20, "{name}");
        let options = options(None, false);
        if cause.is_empty() {
            assert!(read(&text, &options).is_ok(), "{name}");
            continue;
        }
        let not = read(&text, &options).unwrap_err();
        let found = not.items.iter().filter(|item| item.cause.contains(cause)).count();
        assert_eq!(found, 1, "{name}: {:?}", not.items.first());
        if line != 4 {
            assert_eq!(not.sources.line(not.items[0].place.unwrap()), line, "{name}");
        }
        let is_short = not.items.iter().all(|item| item.cause.len() < 300 && item.help.is_some());
        assert!(is_short && not.items.len() <= 101, "{name}: {:?}", not.items.first());
    }
}

#[test]
fn a_byte_order_mark_blank_lines_and_bare_line_feeds_do_no_harm() {
    let plain = calendar(&event("DTSTART;VALUE=DATE:20261224\n"));
    let expected = read(&plain, &options(None, false)).map_err(|not| not.items).unwrap().text;
    for text in
        [format!("\u{feff}{plain}"), plain.replace("\r\n", "\n"), format!("{plain}\r\n\r\n"), plain.to_lowercase()]
    {
        assert_eq!(read(&text, &options(None, false)).map_err(|not| not.items).unwrap().text, expected);
    }
    assert!(closed(&expected, now() + YEAR).as_slice().len() == 1);
}
