//! Many at once.

use std::collections::BTreeSet;
use std::process::Child;

use crate::record::decisions::read_all;
use crate::record::workshop::{Ended, Workshop};

use freezegate::time::instant::Instant;

#[test]
fn two_hundred_concurrent_writers_lose_nothing() {
    let workshop = Workshop::new();
    let jobs: Vec<(i32, Child)> = (0..200)
        .map(|number| {
            let (environment, status) = if number % 3 == 0 { ("production", 1) } else { ("staging", 0) };
            let arguments = ["check", environment, "--record", "record.jsonl", "--format", "json"];
            (status, workshop.freezegate(&arguments).spawn().unwrap())
        })
        .collect();
    let mut told = BTreeSet::new();
    for (status, job) in jobs {
        let ended = Ended::of(job.wait_with_output().unwrap());
        assert_eq!(ended.status, Some(status), "{ended:?}");
        assert!(told.insert(ended.hash()), "one entry for two decisions: {ended:?}");
    }
    let entries = read_all(&workshop.join("record.jsonl"));
    let kept: BTreeSet<String> = entries.iter().map(|entry| entry.hash.to_string()).collect();
    assert_eq!(kept, told);
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.sequence).collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<u64>>());
    let instants: Vec<Instant> = entries.iter().map(|entry| entry.decided.at).collect();
    assert!(instants.is_sorted(), "who waits for a turn decides by the clock as it is then");
    let verified = workshop.run(&["record", "verify", "record.jsonl"]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
}

#[test]
fn what_is_only_advice_or_about_another_time_is_not_kept() {
    let workshop = Workshop::new();
    let kept = workshop.run(&["check", "staging", "--record", "record.jsonl"]);
    assert_eq!(kept.status, Some(0));
    for arguments in [
        &["check", "production", "--dry-run", "--record", "record.jsonl"][..],
        &["check", "staging", "--at", "2030-01-01T00:00:00Z", "--record", "record.jsonl"],
        &["next", "staging", "--record", "record.jsonl"],
    ] {
        let ended = workshop.run(arguments);
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert!(!ended.printed.contains("recorded"), "{ended:?}");
    }
    assert_eq!(read_all(&workshop.join("record.jsonl")).len(), 1);
}

#[test]
fn an_answer_names_its_entry_and_the_first_says_that_the_record_is_new() {
    let workshop = Workshop::new();
    let first = workshop.run(&["check", "staging", "--record", "record.jsonl"]);
    assert!(first.printed.starts_with("warning: the record is new: it begins with this decision\n"), "{first:?}");
    let second = workshop.run(&["check", "staging", "--record", "record.jsonl"]);
    let entry = read_all(&workshop.join("record.jsonl"))[1].clone();
    assert!(second.printed.ends_with(&format!("  recorded    entry 2, {}\n", entry.hash)), "{second:?}");
    assert!(!second.printed.contains("warning"), "{second:?}");
}
