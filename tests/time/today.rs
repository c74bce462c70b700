//! Times of day without a date, against the zones of another library.

use chrono::{Datelike, Days, LocalResult, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use freezegate::time::instant::Instant;
use freezegate::time::today::{TodayError, day_time, next_at};
use freezegate::time::zone::Zone;

/// Days on which clocks go forward and back, and days on which they don't, each at several instants.
#[test]
fn every_minute_of_a_day_is_read_as_another_library_reads_it() {
    let (mut twice, mut never) = (0, 0);
    for name in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"] {
        let (zone, other): (Zone, Tz) = (Zone::named(name).unwrap(), name.parse().unwrap());
        for day in ["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2026-07-01"] {
            for hour in ["00:30", "11:59", "23:30"] {
                let now = Utc.from_utc_datetime(&format!("{day}T{hour}:00").parse().unwrap());
                let today = now.with_timezone(&other).date_naive();
                for minute in 0..24 * 60 {
                    let written = format!("{}:{:02}", minute / 60, minute % 60);
                    let time = NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
                    let found = next_at(day_time(&written).unwrap(), Instant::from_second(now.timestamp()), &zone);
                    match (other.from_local_datetime(&today.and_time(time)), found) {
                        (LocalResult::Single(expected), Ok(found)) => {
                            assert_eq!(found.parse::<chrono::DateTime<Utc>>().unwrap(), expected, "{name} {written}");
                        }
                        (LocalResult::Ambiguous(first, last), Err(TodayError::Twice { instants, .. })) => {
                            let read = instants.map(|one| one.parse::<chrono::DateTime<Utc>>().unwrap());
                            assert_eq!(read, [first.to_utc(), last.to_utc()], "{name} {written}");
                            twice += 1;
                        }
                        (LocalResult::None, Err(TodayError::Never { .. })) => never += 1,
                        (expected, found) => panic!("{name} {today} {written}: {expected:?}, {found:?}"),
                    }
                }
            }
        }
    }
    assert!(twice > 100 && never > 100, "{twice}, {never}");
}

/// Each weekday at each half hour, asked at several instants around changes of the clocks: the first that is not over.
#[test]
fn a_weekday_is_the_next_one_that_is_not_over() {
    let mut read = 0;
    for name in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"] {
        let (zone, other): (Zone, Tz) = (Zone::named(name).unwrap(), name.parse().unwrap());
        for asked in ["2026-03-27T23:30:00", "2026-10-25T00:30:00", "2026-10-24T12:00:00", "2026-12-31T11:59:59"] {
            let now = Utc.from_utc_datetime(&asked.parse().unwrap());
            let today = now.with_timezone(&other).date_naive();
            for half_hour in 0..48 {
                let time = NaiveTime::from_hms_opt(half_hour / 2, half_hour % 2 * 30, 0).unwrap();
                for day in 0..7 {
                    let date = today + Days::new(day);
                    let LocalResult::Single(first) = other.from_local_datetime(&date.and_time(time)) else { continue };
                    let later = other.from_local_datetime(&(date + Days::new(7)).and_time(time));
                    let expected = if first >= now { Some(first) } else { later.single() };
                    let Some(expected) = expected else { continue };
                    for written in [date.weekday().to_string(), date.weekday().to_string().to_lowercase()] {
                        let written = format!("{written} {}", time.format("%H:%M"));
                        let found =
                            next_at(day_time(&written).unwrap(), Instant::from_second(now.timestamp()), &zone).unwrap();
                        assert_eq!(found.parse::<chrono::DateTime<Utc>>().unwrap(), expected, "{name} {now} {written}");
                        read += 1;
                    }
                }
            }
        }
    }
    assert!(read > 10_000, "{read}");
}
