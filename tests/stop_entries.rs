//! Stops as they are published: what is read back, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

use freezegate::policy::StopPlace;
use freezegate::proof::stops::holding;
use freezegate::stop::Stop;
use freezegate::stop::entry::{MAX_TEXT, MOST_HOLDING, PublishedStop, ResumeDraft, StopEntry, read_all};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use sha2::{Digest, Sha256};

/// 2025-07-09T21:45:00Z.
const FROM: Instant = Instant::from_second(1_752_097_500);
const HOUR: Seconds = Seconds::hours(1);

fn stop() -> Stop {
    Stop {
        environments: vec!["production".to_owned()],
        regions: Vec::new(),
        services: Vec::new(),
        from: FROM,
        until: FROM + Seconds::hours(2),
        incident: Some("INC-7".to_owned()),
        reason: Some("login down".to_owned()),
    }
}

fn published(stop: Stop) -> PublishedStop {
    PublishedStop::new(stop, "ada@example.com".to_owned()).unwrap()
}

/// A line as this program ends it, whatever stands in it.
fn sealed(body: &str) -> String {
    let digest: String = Sha256::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{},\"id\":\"{digest}\"}}", body.strip_suffix('}').unwrap())
}

#[test]
fn entries_are_read_back_as_they_were_written() {
    let stop = published(stop());
    let draft = ResumeDraft {
        stop: stop.id.clone(),
        reason: "login is back".to_owned(),
        by: "ben@example.com".to_owned(),
        at: FROM + HOUR,
    };
    let signed = draft.signed().unwrap();
    let resume = draft.with_signature(Some("a\nb\n".to_owned())).unwrap();
    assert_eq!(resume.signed().unwrap(), signed);
    let text = format!("{}\n\n{}\n{}", stop.line(), resume.line(), stop.line());
    // the same line twice is one entry
    assert_eq!(read_all(&text), Ok(vec![StopEntry::Stop(stop), StopEntry::Resume(resume)]));
}

#[test]
fn two_stops_have_two_ids() {
    let one = published(stop());
    for other in [
        Stop { until: FROM + HOUR, ..stop() },
        Stop { environments: Vec::new(), ..stop() },
        Stop { incident: None, ..stop() },
    ] {
        assert_ne!(published(other).id, one.id);
    }
    assert_eq!(published(stop()).id, one.id);
}

#[test]
fn what_cannot_be_a_stop_is_neither_written_nor_read() {
    let line = published(stop()).line().to_owned();
    let body = format!("{}}}", line.split(",\"id\":").next().unwrap());
    assert_eq!(sealed(&body), line);
    for (from, to, cause) in [
        ("production", "staging", "line 1 was changed: its id is not "),
        ("{", "[", "line 1 was changed: its id is not "),
        ("\"}", "\"} ", "line 1 does not end with an id"),
    ] {
        let fault = read_all(&line.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(fault.starts_with(cause), "{fault}");
    }
    for (from, to, cause) in [
        ("stop/v1", "stop/v2", "is of the schema `freezegate/stop/v2`, not `freezegate/stop/v1`"),
        ("\"stop\"", "\"start\"", "is neither a stop nor a resume, but `start`"),
        ("\"regions\":[],", "", "it has no `regions`"),
        ("\"regions\":[]", "\"regions\":[],\"lifts\":[]", "it has the unknown key `lifts`"),
        ("\"regions\":[]", "\"regions\":[],\"regions\":[]", "it has `regions` twice"),
        ("\"regions\":[]", "\"regions\":[\"\"]", "has nothing in `regions`"),
        ("login down", r"a\nb", "has line ends or invisible characters in `reason`"),
        ("login down", "a\u{202e}b", "has line ends or invisible characters in `reason`"),
        ("21:45:00Z", "21:45:00+00:00", "has no instant such as `2026-11-28T12:00:00Z` in `from`"),
        ("2025-07-09T23", "2025-07-09T20", "is for -3600 s, and stops are for a second to 31 days"),
        ("2025-07-09T23", "2025-09-09T23", "and stops are for a second to 31 days"),
        ("\"INC-7\",\"reason\":\"login down\"", "null,\"reason\":null", "has neither an incident nor a reason"),
    ] {
        assert!(body.contains(from), "{from}");
        let fault = read_all(&sealed(&body.replacen(from, to, 1))).unwrap_err();
        assert!(fault.line == Some(1) && fault.cause.contains(cause), "{fault} is not: {cause}");
    }
    for wrong in [
        Stop { until: FROM, ..stop() },
        Stop { until: FROM + Seconds::days(32), ..stop() },
        Stop { incident: None, reason: None, ..stop() },
        Stop { reason: Some("a\nb".to_owned()), ..stop() },
        Stop { reason: Some("x".repeat(1001)), ..stop() },
        Stop { regions: vec!["us".to_owned(); 101], ..stop() },
    ] {
        assert!(PublishedStop::new(wrong, "ada@example.com".to_owned()).is_err());
    }
    assert!(PublishedStop::new(stop(), " ".to_owned()).is_err());
    assert!(read_all(&"\n".repeat(MAX_TEXT)).is_ok() && read_all(&"\n".repeat(MAX_TEXT + 1)).is_err());
}

#[test]
fn a_stop_holds_at_once_although_a_clock_is_ahead() {
    let stop = published(stop());
    let from = |now: Instant| {
        let text = stop.fragment(stop.freeze_name(), now).unwrap();
        text.lines().find_map(|line| line.strip_prefix("from = ").map(str::to_owned)).unwrap()
    };
    assert_eq!(from(FROM), "2025-07-09T21:45:00Z");
    assert_eq!(from(FROM + HOUR), "2025-07-09T21:45:00Z");
    assert_eq!(from(FROM - HOUR), "2025-07-09T20:45:00Z");
    // one for later is none: whoever fills the place with them keeps nobody from a decision
    assert!(stop.holds(FROM - HOUR) && !stop.holds(FROM - HOUR - Seconds::new(1)));
    assert!(stop.holds(stop.stop.until - Seconds::new(1)) && !stop.holds(stop.stop.until));
}

#[test]
fn what_holds_is_known_from_the_place_and_from_earlier_looks() {
    let place = StopPlace::Remote("origin".to_owned());
    let (one, other) = (published(stop()), published(Stop { until: FROM + HOUR, ..stop() }));
    let entries = [one.clone(), other.clone()].map(StopEntry::Stop);
    let found = |entries: &[StopEntry], remembered: &[StopEntry], now: Instant| {
        let holding = holding(&place, entries, remembered, now).unwrap();
        holding.iter().map(|one| (one.stop.id.short().to_owned(), one.is_gone)).collect::<Vec<_>>()
    };
    let (first, second) = (one.id.short().to_owned(), other.id.short().to_owned());
    assert_eq!(found(&entries, &[], FROM), [(first.clone(), false), (second.clone(), false)]);
    assert_eq!(found(&entries, &[], FROM + HOUR), [(first.clone(), false)]);
    assert_eq!(found(&entries, &[], FROM + Seconds::hours(2)), []);
    assert_eq!(found(&entries[1..], &entries[..1], FROM), [(first.clone(), true), (second, false)]);
    assert_eq!(found(&[], &entries, FROM + HOUR), [(first, true)]);
    let many = |count: i64| -> Vec<StopEntry> {
        (0..count)
            .map(|more| StopEntry::Stop(published(Stop { until: FROM + HOUR + Seconds::new(more), ..stop() })))
            .collect()
    };
    let most = i64::try_from(MOST_HOLDING).unwrap();
    assert!(holding(&place, &many(most), &[], FROM).is_ok());
    assert_eq!(holding(&place, &many(most + 1), &[], FROM), Err(MOST_HOLDING + 1));
}
