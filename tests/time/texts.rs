//! Texts that are hours and moments, and texts that are not: what is underlined and said of each.

use freezegate::time::hours::Hours;
use freezegate::time::moment::{DayOfMonth, Moment, Offset, Recurrence, Recurring, is_reserved};
use freezegate::time::syntax::{SyntaxError, clock_text, day_name};
use jiff::civil::Weekday;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::time::almanac::{MONTHS, WEEKDAYS};

/// The text without the brackets that mark what is to be underlined, and the marked bytes.
fn marked(text: &str) -> (String, std::ops::Range<usize>) {
    let start = text.find('[').unwrap();
    let end = text.find(']').unwrap() - 1;
    (text.replace(['[', ']'], ""), start..end)
}

fn check<T: std::str::FromStr<Err = SyntaxError> + std::fmt::Debug>(text: &str, cause: &str, help: &str) {
    let (text, range) = marked(text);
    let error = match text.parse::<T>() {
        Ok(read) => panic!("`{text}` is read as {read:?}"),
        Err(error) => error,
    };
    assert_eq!((error.cause.as_str(), &error.range), (cause, &range), "`{text}`");
    assert!(error.help.contains(help), "`{text}`: {}", error.help);
    for message in [&error.cause, &error.help] {
        assert!(!message.ends_with('.') && !message.is_empty(), "`{message}`");
    }
}

/// Marked text, cause, and a part of the help.
const WRONG_HOURS: [(&str, &str, &str); 46] = [
    ("[]", "the days and hours are missing", "Mon-Fri 08:00-18:00"),
    ("[  ]", "the days and hours are missing", "Mon-Fri 08:00-18:00"),
    ("[Mon]", "`Mon` has no hours", "Mon-Fri 08:00-18:00"),
    (" [08:00-18:00] ", "`08:00-18:00` has no days", "Mon-Fri 08:00-18:00"),
    ("Mon [08:00]", "`08:00` has no end", "Mon-Fri 08:00-18:00"),
    ("Mon 08:00-18:00 [UTC]", "`UTC` follows the hours", "`timezone`"),
    ("Mon 08:00-18:00 [Europe/Berlin now ]", "`Europe/Berlin now` follows the hours", "`timezone`"),
    ("[Monday] 08:00-18:00", "`Monday` is not a day", "write `Mon`"),
    ("[mon] 08:00-18:00", "`mon` is not a day", "write `Mon`"),
    ("[MON]-Fri 08:00-18:00", "`MON` is not a day", "write `Mon`"),
    ("Mon-[Friday] 08:00-18:00", "`Friday` is not a day", "write `Fri`"),
    ("Mon-[Fir] 08:00-18:00", "`Fir` is not a day", "the days are Mon, Tue"),
    ("Mon-[] 08:00-18:00", "a day is missing", "the days are Mon, Tue"),
    ("[]-Fri 08:00-18:00", "a day is missing", "the days are Mon, Tue"),
    ("Mon,[] 08:00-18:00", "a day is missing", "the days are Mon, Tue"),
    ("Mon,[],Tue 08:00-18:00", "a day is missing", "the days are Mon, Tue"),
    ("[],Mon 08:00-18:00", "a day is missing", "the days are Mon, Tue"),
    ("Mon,[wed],Fri 08:00-18:00", "`wed` is not a day", "write `Wed`"),
    ("Mon-[Wed-Fri] 08:00-18:00", "`Wed-Fri` is not a day", "the days are Mon"),
    ("Mon[–]Fri 08:00-18:00", "`–` is not a hyphen", "write `Mon-Fri`"),
    ("Mon 08:00[—]18:00", "`—` is not a hyphen", "write `08:00-18:00`"),
    ("[Ⅿon] 08:00-18:00", "`Ⅿon` is not a day", "the days are Mon, Tue"),
    ("[Daily] 08:00-18:00", "`Daily` is not a day", "`daily` for all"),
    ("Mon,[daily] 08:00-18:00", "`daily` is not a day", "`daily` for all"),
    ("[weekdays] 08:00-18:00", "`weekdays` is not a day", "the days are Mon, Tue"),
    ("[1]-5 08:00-18:00", "`1` is not a day", "the days are Mon, Tue"),
    ("[Mon-Mon] 08:00-18:00", "`Mon-Mon` is a range of one day", "`daily` for the whole week"),
    ("Tue,[Mon-Mon] 08:00-18:00", "`Mon-Mon` is a range of one day", "write the day alone"),
    ("Mon,[Mon] 08:00-18:00", "`Mon,Mon` names a day twice", "name each day once"),
    ("Mon-Wed,[Tue] 08:00-18:00", "`Mon-Wed,Tue` names a day twice", "name each day once"),
    ("Fri-Mon,[Sun-Tue] 08:00-18:00", "`Fri-Mon,Sun-Tue` names a day twice", "name each day once"),
    ("Mon [8:00]-18:00", "`8:00` is not a time of day", "write `08:00`"),
    ("Mon 08:00-[18]", "`18` is not a time of day", "write `18:00`"),
    ("Mon 08:00-[25]", "`25` is not a time of day", "`HH:MM`"),
    ("Mon 08:00-[]", "a time is missing", "`HH:MM`"),
    ("Mon []-18:00", "a time is missing", "`HH:MM`"),
    ("Mon 08:00-[6pm]", "`6pm` is not a time of day", "`HH:MM`"),
    ("Mon [08:00:00]-18:00", "`08:00:00` is not a time of day", "`HH:MM`"),
    ("Mon 08:00-[18:00-20:00]", "`18:00-20:00` is not a time of day", "`HH:MM`"),
    ("Mon 08:00-[+8:00]", "`+8:00` is not a time of day", "`HH:MM`"),
    ("Mon 08:00-[١٨:00]", "`١٨:00` is not a time of day", "`HH:MM`"),
    ("Mon 08:00-[18:60]", "`18:60` is not a time of day", "`00:00` to `24:00`"),
    ("Mon [25:00]-26:00", "`25:00` is not a time of day", "`00:00` to `24:00`"),
    ("Mon 08:00-[24:01]", "`24:01` is not a time of day", "`00:00` to `24:00`"),
    ("Mon [24:00-06:00]", "a window can't start at `24:00`", "start the next day at `00:00`"),
    ("Mon [08:00-08:00]", "`08:00-08:00` starts and ends at the same time", "`00:00-24:00` for a whole day"),
];

#[test]
fn wrong_hours_are_underlined_where_they_are_wrong() {
    for (text, cause, help) in WRONG_HOURS {
        check::<Hours>(text, cause, help);
    }
}

/// Marked text, cause, and a part of the help.
const WRONG_MOMENTS: [(&str, &str, &str); 66] = [
    ("[]", "the moment is empty", "`Sat 01:00`"),
    ("[ \t]", "the moment is empty", "`Sat 01:00`"),
    ("[09:00]", "a time without a day", "`Sat 01:00`"),
    ("[Sat]", "`Sat` is not a time of day", "write `Sat 00:00`"),
    ("Sat [1:00]", "`1:00` is not a time of day", "write `01:00`"),
    ("Sat [01:60]", "`01:60` is not a time of day", "`HH:MM`"),
    ("Sat [24:01]", "`24:01` is not a time of day", "`00:00` to `24:00`"),
    ("Sat 01:00 [UTC]", "`UTC` follows the time", "`timezone`"),
    ("Dec 20 [23]", "`23` is not a time of day", "write `23:00`"),
    ("Dec [+20d]", "`+20d` has no time", "`+20d 09:00`"),
    ("[-1d 09:00]", "a relative moment is before its `from`", "`+1d 09:00`"),
    ("[sat] 01:00", "`sat` is not a day", "write `Sat`"),
    ("[Saturday] 01:00", "`Saturday` is not a day", "write `Sat`"),
    ("[December] 01:00", "`December` is not a day", "`Dec 20 23:00`"),
    ("[SAT] 01:00", "`SAT` is not a day", "write `Sat`"),
    ("[Sat] +1d 01:00", "a weekday with a shift of days", "name the weekday"),
    ("[Sat] -1d 01:00", "a weekday with a shift of days", "name the weekday"),
    ("[Dec] 01:00", "`Dec` is not a day", "`Dec 20 23:00`"),
    ("[last] 01:00", "`last` is not a day", "`Sat 01:00`"),
    ("[day] 01:00", "`day` is not a day", "`Sat 01:00`"),
    ("[daily] 01:00", "`daily` is not a day", "`Sat 01:00`"),
    ("[region] 01:00", "`region` is not a day", "`Sat 01:00`"),
    ("[1st] +1d 01:00", "`1st` is not a day", "`Sat 01:00`"),
    ("[15] 01:00", "`15` is not a day", "`Sat 01:00`"),
    ("[2026-12-20] 01:00", "`2026-12-20` is not a day", "`Sat 01:00`"),
    ("day [0] 00:00", "`0` is not a day of a month", "`Sat 01:00`"),
    ("day [-1] 00:00", "`-1` is not a shift of days", "`+1d`"),
    ("day [1st] 00:00", "`1st` is not a day of a month", "`Sat 01:00`"),
    ("day [+1] 00:00", "`+1` is not a shift of days", "`+1d`"),
    ("day [29] 00:00", "not every month has this day", "write `last day 00:00`"),
    ("day [30] 00:00", "not every month has this day", "write `last day 00:00`"),
    ("day [31] 00:00", "not every month has this day", "write `last day 00:00`"),
    ("day [32] 00:00", "no month has a day 32", "1 to 28"),
    ("day [128] 00:00", "`128` is not a day of a month", "`Sat 01:00`"),
    ("[5th] Fri 00:00", "not every month has a fifth weekday", "write `last Fri 00:00`"),
    ("[5th] Fri of Dec 00:00", "not every month has a fifth weekday", "write `last Fri of Dec 00:00`"),
    ("[6th Fri] 00:00", "`6th Fri` is not a day", "`Sat 01:00`"),
    ("[first Fri] 00:00", "`first Fri` is not a day", "`Sat 01:00`"),
    ("[Last Fri] 00:00", "`Last Fri` is not a day", "`Sat 01:00`"),
    ("1st [tue] 00:00", "`tue` is not a day", "write `Tue`"),
    ("last [Friday] 00:00", "`Friday` is not a day", "write `Fri`"),
    ("2nd [Foo] 00:00", "`Foo` is not a day", "`Sat 01:00`"),
    ("1st [day] 00:00", "`day` is not a day", "`Sat 01:00`"),
    ("[dec] 20 00:00", "`dec` is not a month", "write `Dec`"),
    ("[December] 20 00:00", "`December` is not a month", "write `Dec`"),
    ("[20 Dec] 00:00", "`20 Dec` is not a day", "write `Dec 20`"),
    ("Dec [0] 00:00", "`0` is not a day of a month", "`Sat 01:00`"),
    ("Dec [20th] 00:00", "`20th` is not a day of a month", "`Sat 01:00`"),
    ("Dec [32] 00:00", "`Dec` has no day 32", "its last day is `Dec 31`"),
    ("Nov [31] 00:00", "`Nov` has no day 31", "its last day is `Nov 30`"),
    ("Feb [29] 00:00", "not every year has this day", "write `last day of Feb 00:00`"),
    ("Feb [30] 00:00", "`Feb` has no day 30", "write `last day of Feb 00:00`"),
    ("Feb [last] 00:00", "`last` is not a day of a month", "`Sat 01:00`"),
    ("4th Thu of [nov] 00:00", "`nov` is not a month", "write `Nov`"),
    ("4th Thu of [November] 00:00", "`November` is not a month", "write `Nov`"),
    ("4th Thu of [Foo] 00:00", "`Foo` is not a month", "the months are Jan, Feb"),
    ("[day 3 of Dec] 00:00", "a day of a month in the wrong form", "write `Dec 3 00:00`"),
    ("[4th Thu in Nov] 00:00", "`4th Thu in Nov` is not a day", "`Sat 01:00`"),
    ("[4th Thu of Nov 2026] 00:00", "`4th Thu of Nov 2026` is not a day", "`Sat 01:00`"),
    ("[Dec 20 2026] 00:00", "`Dec 20 2026` is not a day", "`Sat 01:00`"),
    ("Dec 20 [+d] 00:00", "`+d` is not a shift of days", "`+1d`"),
    ("Dec 20 [+1w] 00:00", "`+1w` is not a shift of days", "`+1d`"),
    ("Dec 20 [++1d] 00:00", "`++1d` is not a shift of days", "`+1d`"),
    ("release [-367d] 00:00", "`-367d` is more than a year away", "`+366d`"),
    ("release [+99999999999d] 00:00", "`+99999999999d` is not a shift of days", "`+366d`"),
    ("[+1d] +2d 09:00", "`+1d` is not a day", "`Sat 01:00`"),
];

#[test]
fn wrong_moments_are_underlined_where_they_are_wrong() {
    for (text, cause, help) in WRONG_MOMENTS {
        check::<Moment>(text, cause, help);
    }
}

/// Text, the weekdays on which windows start, and start and end in minutes.
const RIGHT_HOURS: [(&str, &str, u16, u16); 14] = [
    ("Mon-Fri 08:00-18:00", "Mon Tue Wed Thu Fri", 480, 1080),
    ("  Mon-Fri \t 08:00-18:00 ", "Mon Tue Wed Thu Fri", 480, 1080),
    ("Mon 00:00-24:00", "Mon", 0, 1440),
    ("Mon 00:00-00:01", "Mon", 0, 1),
    ("Mon 23:59-24:00", "Mon", 1439, 1440),
    ("Sun 23:59-00:00", "Sun", 1439, 0),
    ("Mon,Wed 22:00-06:00", "Mon Wed", 1320, 360),
    ("Wed,Mon 22:00-21:59", "Mon Wed", 1320, 1319),
    ("daily 12:00-13:00", "Mon Tue Wed Thu Fri Sat Sun", 720, 780),
    ("Mon-Sun 12:00-13:00", "Mon Tue Wed Thu Fri Sat Sun", 720, 780),
    ("Thu-Wed 12:00-13:00", "Mon Tue Wed Thu Fri Sat Sun", 720, 780),
    ("Fri-Mon 12:00-13:00", "Mon Fri Sat Sun", 720, 780),
    ("Sun-Mon,Wed-Thu 12:00-13:00", "Mon Wed Thu Sun", 720, 780),
    ("Sat,Sun 00:00-24:00", "Sat Sun", 0, 1440),
];

#[test]
fn hours_mean_the_days_and_minutes_that_they_say() {
    for (text, days, start, end) in RIGHT_HOURS {
        let hours: Hours = text.parse().unwrap();
        let week = [
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
            Weekday::Saturday,
            Weekday::Sunday,
        ];
        let found: Vec<&str> = week.into_iter().filter(|day| hours.days().contains(*day)).map(day_name).collect();
        assert_eq!(found.join(" "), days, "`{text}`");
        assert_eq!((hours.start(), hours.end()), (start, end), "`{text}`");
        assert_eq!(hours.crosses_midnight(), end <= start, "`{text}`");
        assert_eq!(hours.text(), text.trim());
    }
}

#[test]
fn every_pair_of_clock_readings_is_read_or_refused_by_the_rule() {
    // every minute as a start against ends beside it and at the ends of the day, and as an end
    for minute in 0..=24 * 60 {
        for other in [0, 1, 719, 720, 1439, 1440, (minute + 1) % 1441, minute] {
            for (start, end) in [(minute, other), (other, minute)] {
                let text = format!("Tue {}-{}", clock_text(start), clock_text(end));
                match text.parse::<Hours>() {
                    Ok(hours) => assert_eq!((hours.start(), hours.end()), (start, end), "`{text}`"),
                    Err(error) => assert!(start == 24 * 60 || start == end, "`{text}`: {error:?}"),
                }
                assert!(start != 24 * 60 && start != end || text.parse::<Hours>().is_err(), "`{text}`");
            }
        }
    }
}

#[test]
fn every_two_characters_of_hours_and_minutes_are_a_clock_reading_or_refused() {
    for hours in 0..100 {
        for minutes in 0..100 {
            let text = format!("Sat {hours:02}:{minutes:02}");
            let clock = hours < 24 && minutes < 60 || (hours, minutes) == (24, 0);
            match text.parse::<Moment>() {
                Ok(moment) => {
                    let recurrence = Recurrence::Weekly(Weekday::Saturday);
                    let offset = Offset { days: 0, minute: hours * 60 + minutes };
                    assert!(clock, "`{text}`");
                    assert_eq!(moment, Moment::Recurring(Recurring { recurrence, offset }), "`{text}`");
                }
                Err(_) => assert!(!clock, "`{text}`"),
            }
        }
    }
}

#[test]
fn moments_are_of_the_sort_that_they_say() {
    let moment =
        |recurrence, days, minute| Moment::Recurring(Recurring { recurrence, offset: Offset { days, minute } });
    let around = |name: &str, days, minute| Moment::Around(name.to_owned(), Offset { days, minute });
    let table = [
        ("Sat 01:00", moment(Recurrence::Weekly(Weekday::Saturday), 0, 60)),
        (" Sat\t01:00 ", moment(Recurrence::Weekly(Weekday::Saturday), 0, 60)),
        ("day 1 00:00", moment(Recurrence::Monthly(DayOfMonth::Day(1)), 0, 0)),
        ("day 01 00:00", moment(Recurrence::Monthly(DayOfMonth::Day(1)), 0, 0)),
        ("last day 18:00", moment(Recurrence::Monthly(DayOfMonth::LastDay), 0, 1080)),
        ("1st Tue 02:00", moment(Recurrence::Monthly(DayOfMonth::Nth(1, Weekday::Tuesday)), 0, 120)),
        ("last Fri 18:00", moment(Recurrence::Monthly(DayOfMonth::Last(Weekday::Friday)), 0, 1080)),
        ("3rd Thu +1d 09:00", moment(Recurrence::Monthly(DayOfMonth::Nth(3, Weekday::Thursday)), 1, 540)),
        ("Dec 20 23:00", moment(Recurrence::Yearly(12, DayOfMonth::Day(20)), 0, 1380)),
        ("Feb 28 24:00", moment(Recurrence::Yearly(2, DayOfMonth::Day(28)), 0, 1440)),
        ("last day of Feb 18:00", moment(Recurrence::Yearly(2, DayOfMonth::LastDay), 0, 1080)),
        ("4th Thu of Nov 22:00", moment(Recurrence::Yearly(11, DayOfMonth::Nth(4, Weekday::Thursday)), 0, 1320)),
        ("4th Thu of Nov -1d 22:00", moment(Recurrence::Yearly(11, DayOfMonth::Nth(4, Weekday::Thursday)), -1, 1320)),
        ("release -14d 00:00", around("release", -14, 0)),
        ("release +7d 00:00", around("release", 7, 0)),
        ("us-federal 00:00", around("us-federal", 0, 0)),
        ("release +366d 24:00", around("release", 366, 1440)),
        ("+1d 09:00", Moment::Relative(Offset { days: 1, minute: 540 })),
        ("+0d 24:00", Moment::Relative(Offset { days: 0, minute: 1440 })),
        ("-0d 24:00", Moment::Relative(Offset { days: 0, minute: 1440 })),
    ];
    for (text, expected) in table {
        assert_eq!(text.parse::<Moment>().as_ref(), Ok(&expected), "`{text}`");
    }
}

#[test]
fn no_word_of_the_grammar_is_a_calendar_in_any_case() {
    let words = ["day", "daily", "last", "of", "region", "1st", "2nd", "3rd", "4th", "5th", "Monday", "December"];
    for word in words.into_iter().chain(WEEKDAYS).chain(MONTHS) {
        for spelled in [word.to_owned(), word.to_lowercase(), word.to_uppercase()] {
            assert!(is_reserved(&spelled), "`{spelled}`");
            let moment = format!("{spelled} +1d 00:00");
            assert!(moment.parse::<Moment>().is_err(), "`{moment}`");
        }
    }
    for word in ["release", "us-federal", "days", "Mondays", "lastday", ""] {
        assert!(!is_reserved(word), "`{word}`");
    }
}

/// Whatever is written: an answer, and underlined bytes that are whole characters of the text.
#[test]
fn any_text_is_read_or_underlined_within_itself() {
    let word =
        "(Mon|Fri|mon|day|last|5th|1st|of|Feb|Dec|[0-9]{1,3}|[+-][0-9]{0,4}d?|[0-9]{1,2}:[0-9]{1,2}|24:00|[-,é]|\\PC)";
    for pattern in [format!("({word}[ \t,-]{{0,2}}){{0,7}}"), "\\PC*".to_owned()] {
        let config = Config { cases: 10_000, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let texts = proptest::string::string_regex(&pattern).unwrap();
        runner
            .run(&texts, |text| {
                let faults = [text.parse::<Hours>().err(), text.parse::<Moment>().err()];
                for error in faults.into_iter().flatten() {
                    proptest::prop_assert!(text.get(error.range.clone()).is_some(), "`{text}`: {error:?}");
                }
                Ok(())
            })
            .unwrap();
    }
}
