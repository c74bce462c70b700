//! Stopped in the middle.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::process::Output;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{Folded, Record, RecordError, RecordFile, RecordRef, RecordedOutcome};
use serde_json::Value;

use crate::record::decisions::{MORNING, decided};
use crate::record::dice::Dice;
use crate::record::workshop::{Ended, Workshop};
use crate::support::entries::entries;

/// The hash that a run told, if it told anything before it was killed.
fn acknowledged(output: &Output) -> Option<String> {
    let line = output.stdout.strip_suffix(b"\n")?;
    let answer: Value = serde_json::from_slice(line).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let hash = answer["record"]["hash"].as_str().unwrap_or_else(|| panic!("nothing recorded: {output:?}"));
    Some(hash.to_owned())
}

/// Tells a thread to end, at the end of a test that fails too: a scope waits for its threads.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
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
                assert_eq!(output.status.code(), Some(0), "{output:?}");
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

/// Fills a record with so many entries.
fn fill(record: &Record, entries: u64) {
    let mut found = None;
    for _ in 0..entries {
        let mut decide = |_: &Folded| Ok::<_, RecordError>(decided(MORNING, RecordedOutcome::Allowed));
        record.append_when_ready(&mut found, &mut decide, &mut |_, _| Ok(())).unwrap();
    }
}

/// The file beside the record is taken away again and again, so that most of the entries are checkpoints, and writers are killed
/// while they write it.
#[test]
fn five_hundred_killed_writers_lose_nothing_that_was_acknowledged() {
    let workshop = Workshop::new();
    let record = Record::File(RecordFile::new(workshop.join("record.jsonl")));
    fill(&record, 256);
    let is_over = AtomicBool::new(false);
    let toll = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                match fs::remove_file(workshop.join("record.jsonl.state")) {
                    Ok(()) => {}
                    Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
                }
                thread::sleep(Duration::from_millis(5));
            }
        });
        let _over = Over(&is_over);
        let mut toll = Toll::default();
        // again if nobody was killed between writing and telling; one run of each round is neither killed nor counted
        for round in 1..=20_usize {
            let one = kill(&workshop, "record.jsonl", 500, 21, u64::try_from(0x5eed + 3 * round).unwrap());
            toll.killed += one.killed;
            toll.told.extend(one.told);
            if entries(&record).len() > 256 + toll.told.len() + round {
                return toll;
            }
        }
        panic!("nobody was killed between writing and telling: {} killed, {} told", toll.killed, toll.told.len());
    });
    assert!(toll.killed >= 500);
    let checkpoints = entries(&record).iter().filter(|entry| entry.folded.is_some()).count();
    assert!(checkpoints > 20, "{checkpoints}");
    let kept = hashes(&record);
    let lost: Vec<&String> = toll.told.difference(&kept).collect();
    assert!(lost.is_empty(), "{lost:?}");
    eprintln!("{} killed, {} acknowledged, {} kept", toll.killed, toll.told.len(), kept.len());
    assert!(toll.told.len() > 20, "only {} were acknowledged", toll.told.len());
    let next = workshop.run(&["check", "staging", "--record", "record.jsonl"]);
    assert_eq!(next.status, Some(0), "{next:?}");
    let verified = workshop.run(&["record", "verify", "record.jsonl"]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
}

/// A file beside the record that is taken away and put back at every moment of a decision is there or is not: never an error.
#[test]
fn a_file_beside_a_record_may_be_taken_away_at_any_moment() {
    let workshop = Workshop::new();
    let path = workshop.join("record.jsonl");
    let record = Record::File(RecordFile::new(path.clone()));
    fill(&record, 300);
    let (beside, aside) = (workshop.join("record.jsonl.state"), workshop.join("aside"));
    assert!(beside.exists());
    let all = record.read().unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let _over = Over(&is_over);
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                fs::rename(&beside, &aside).unwrap();
                fs::rename(&aside, &beside).unwrap();
            }
        });
        for _ in 0..300 {
            let read = record.read().unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(read.sequence(), all.sequence());
        }
    });
}

/// Each writer is killed at the entry that is a checkpoint, and at whatever moment: who comes next finds a record that is whole, and
/// what a checkpoint says is what all entries say.
#[test]
fn a_writer_that_is_killed_while_it_makes_a_checkpoint_leaves_a_record_that_is_whole() {
    let workshop = Workshop::with_repository();
    let path = workshop.join("record.jsonl");
    let repository = Repository::open_at(&workshop.path()).unwrap();
    let name = RefName::new("refs/freezegate/record").unwrap();
    let file = Record::File(RecordFile::new(path.clone()));
    let reference = Record::Ref(RecordRef::new(&repository, None, &name).unwrap());
    for (record, location, kills) in [(file, "record.jsonl", 60), (reference, "refs/freezegate/record", 25)] {
        fill(&record, 256);
        let before = if path.exists() { fs::read(&path).unwrap() } else { Vec::new() };
        let tip = workshop.program("git", &workshop.path()).args(["rev-parse", "--verify", "-q", location]).output();
        let tip = String::from_utf8(tip.unwrap().stdout).unwrap().trim().to_owned();
        let arguments = ["check", "staging", "--record", location, "--format", "json"];
        let run = || workshop.freezegate(&arguments).spawn().unwrap();
        let begin_anew = || {
            if tip.is_empty() {
                fs::write(&path, &before).unwrap();
                drop(fs::remove_file(workshop.join("record.jsonl.state")));
            } else {
                workshop.git(&["update-ref", location, &tip]);
            }
        };
        let begin = Instant::now();
        assert!(Ended::of(run().wait_with_output().unwrap()).status == Some(0));
        let mut longest = u64::try_from(begin.elapsed().as_micros()).unwrap();
        let mut dice = Dice::new(0xc0de);
        let (mut killed, mut kept) = (0, 0);
        while killed < kills {
            begin_anew();
            let mut job = run();
            thread::sleep(Duration::from_micros(longest / 4 + dice.up_to(longest)));
            job.kill().unwrap();
            let output = job.wait_with_output().unwrap();
            if output.status.signal() != Some(9) {
                longest -= longest / 8;
                continue;
            }
            killed += 1;
            longest += longest / 32;
            let mut all = entries(&record);
            assert!((256..=257).contains(&all.len()), "{location}: {}", all.len());
            if let Some(hash) = acknowledged(&output) {
                assert_eq!(all.last().unwrap().hash.to_string(), hash);
            }
            kept += usize::from(all.len() == 257);
            let next = workshop.run(&arguments);
            assert_eq!(next.status, Some(0), "{location}: {next:?}");
            all = entries(&record);
            assert_eq!(all.last().unwrap().hash.to_string(), next.hash());
            assert!(all.iter().any(|entry| entry.folded.is_some()), "{location}");
            // with the checkpoint, and with all entries
            let told = record.read().unwrap();
            let mut folded = Folded::default();
            all.iter().for_each(|entry| folded.add(entry));
            assert_eq!(*told, folded, "{location}");
        }
        eprintln!("{location}: {killed} killed, {kept} of them behind their entry");
        assert!(kept < killed, "{location}: all were killed too late");
    }
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
