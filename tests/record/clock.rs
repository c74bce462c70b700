//! A clock that is behind the newest decision.

use freezegate::proof::record::RecordedOutcome;
use freezegate::time::instant::Instant;
use jiff::Timestamp;

use crate::record::decisions::{append, decided, read_all};
use crate::record::workshop::Workshop;
use crate::support::clock::FAKETIME;

#[expect(clippy::disallowed_methods, reason = "the program under test reads the same clock")]
fn now() -> i64 {
    Timestamp::now().as_second()
}

#[test]
fn a_clock_behind_the_newest_decision_refuses_at_any_hour() {
    let workshop = Workshop::new();
    let path = workshop.join("record.jsonl");
    append(&path, decided(Instant::from_second(now() + 7200), RecordedOutcome::Refused));
    // the newest decision need not be the last
    append(&path, decided(Instant::from_second(now() - 60), RecordedOutcome::Refused));
    let check = ["check", "staging", "--record", "record.jsonl", "--format", "json"];
    let ended = workshop.run(&check);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let answer = ended.json();
    assert_eq!(answer["decision"], "refused");
    assert!(answer["next_open"].is_null());
    let finding = &answer["findings"][0];
    assert_eq!((finding["code"].as_str(), finding["level"].as_str()), (Some("clock-behind"), Some("hard")));
    let message = finding["message"].as_str().unwrap();
    assert!(message.starts_with("this machine's clock is 2 h behind the newest entry of the record"), "{message}");
    let entries = read_all(&path);
    assert_eq!(entries.len(), 3, "this refusal is kept as every other");
    assert_eq!(entries[2].decided.findings[0].id, "clock-behind");

    let shown = workshop.run(&["check", "staging", "--record", "record.jsonl", "--dry-run"]);
    assert_eq!(shown.status, Some(0), "{shown:?}");
    assert!(shown.printed.contains("would be refused: this machine's clock is "), "{shown:?}");
    let next = workshop.run(&["next", "staging", "--record", "record.jsonl"]);
    assert!(next.printed.contains("never: `staging` does not open"), "{next:?}");
    // about another time the system's clock says nothing
    let other = workshop.run(&["check", "staging", "--record", "record.jsonl", "--at", "2026-01-07T10:00:00Z"]);
    assert_eq!(other.status, Some(0), "{other:?}");
}

#[test]
fn a_clock_that_was_set_back_is_found() {
    let workshop = Workshop::new();
    let at = |instant: &str| {
        let mut command = workshop.program(FAKETIME, &workshop.path());
        command.args(["-f", instant, env!("CARGO_BIN_EXE_freezegate")]);
        command.args(["check", "staging", "--record", "record.jsonl"]).status().unwrap().code()
    };
    assert_eq!(at("2026-01-07 10:00:00"), Some(0));
    assert_eq!(at("2026-01-07 10:00:00"), Some(0), "the same second is not behind");
    assert_eq!(at("2026-01-07 09:59:59"), Some(1));
    assert_eq!(at("2026-01-07 10:00:01"), Some(0));
}
