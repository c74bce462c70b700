//! Stopped in the middle.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Record, RecordFile, RecordRef};
use serde_json::Value;

use crate::dice::Dice;
use crate::entries::entries;
use crate::workshop::Workshop;

/// The hash that a run told, if it told anything before it was killed.
fn acknowledged(output: &Output) -> Option<String> {
    let line = output.stdout.strip_suffix(b"\n")?;
    let answer: Value = serde_json::from_slice(line).unwrap();
    Some(answer["record"]["hash"].as_str().unwrap().to_owned())
}

/// What came of runs that were killed.
#[derive(Default)]
struct Toll {
    killed: usize,
    told: BTreeSet<String>,
}

/// Runs the program again and again, and kills it at random moments, until `wanted` runs were killed and `least` told something
/// before: on a busy machine that takes more runs.
fn kill(workshop: &Workshop, location: &str, wanted: usize, least: usize, seed: u64) -> Toll {
    let arguments = ["check", "staging", "--record", location, "--format", "json"];
    let run = || workshop.freezegate(&arguments).spawn().unwrap();
    let begin = Instant::now();
    run().wait_with_output().unwrap();
    let alone = u64::try_from(begin.elapsed().as_micros()).unwrap();
    let (count, told) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let toll = |seed: u64| {
        let mut dice = Dice::new(seed);
        let mut toll = Toll::default();
        // follows the time that a run takes on this machine now, so that of five about one is over before it is killed
        let mut longest = alone;
        while count.load(Ordering::Relaxed) < wanted || told.load(Ordering::Relaxed) < least {
            let mut job = run();
            thread::sleep(Duration::from_micros(dice.up_to(longest)));
            job.kill().unwrap();
            let output = job.wait_with_output().unwrap();
            if output.status.signal() == Some(9) {
                toll.killed += 1;
                count.fetch_add(1, Ordering::Relaxed);
                longest += longest / 32;
            } else {
                longest -= longest / 8;
            }
            let hash = acknowledged(&output);
            told.fetch_add(usize::from(hash.is_some()), Ordering::Relaxed);
            toll.told.extend(hash);
        }
        toll
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..3).map(|worker| scope.spawn(move || toll(seed + worker))).collect();
        let mut all = Toll::default();
        for worker in workers {
            let one = worker.join().unwrap();
            all.killed += one.killed;
            all.told.extend(one.told);
        }
        all
    })
}

fn hashes(record: &Record) -> BTreeSet<String> {
    entries(record).iter().map(|entry| entry.hash.to_string()).collect()
}

#[test]
fn five_hundred_killed_writers_lose_nothing_that_was_acknowledged() {
    let workshop = Workshop::new();
    let toll = kill(&workshop, "record.jsonl", 500, 21, 0x5eed);
    assert!(toll.killed >= 500);
    let record = Record::File(RecordFile::new(workshop.join("record.jsonl")));
    let kept = hashes(&record);
    let lost: Vec<&String> = toll.told.difference(&kept).collect();
    assert!(lost.is_empty(), "{lost:?}");
    eprintln!("{} killed, {} acknowledged, {} kept", toll.killed, toll.told.len(), kept.len());
    // kills were neither all too early nor all too late; one run was neither killed nor counted
    assert!(toll.told.len() > 20, "only {} were acknowledged", toll.told.len());
    assert!(kept.len() > toll.told.len() + 1, "nobody was killed between writing and telling");
    let next = workshop.run(&["check", "staging", "--record", "record.jsonl"]);
    assert_eq!(next.status, Some(0), "{next:?}");
    let verified = workshop.run(&["record", "verify", "record.jsonl"]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
}

#[test]
fn killed_writers_of_a_ref_lose_nothing_that_was_acknowledged() {
    let workshop = Workshop::with_repository();
    let toll = kill(&workshop, "refs/freezegate/record", 40, 1, 0xabcd);
    let repository = Repository::open_at(&workshop.path()).unwrap();
    let name = RefName::new("refs/freezegate/record").unwrap();
    let record = Record::Ref(RecordRef::new(&repository, None, &name).unwrap());
    let kept = hashes(&record);
    let lost: Vec<&String> = toll.told.difference(&kept).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(!toll.told.is_empty());
}
