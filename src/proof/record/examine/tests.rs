//! The faults of chains, against a search that holds all of them in memory.

use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::ControlFlow;

use proptest::prelude::proptest;

use super::{Inspected, Inspection, MOST_FAULTS, ReadableChain, TakeItem, inspect};
use crate::policy::KindSet;
use crate::proof::record::line::{ParsedEntry, parse, seal};
use crate::proof::record::{Decided, Digest, Fault, FaultKind, RecordedMode, RecordedOutcome, RecordedStanding};
use crate::time::instant::Instant;

/// Items with their places.
type Items = Vec<(String, Result<ParsedEntry, FaultKind>)>;

impl ReadableChain for Items {
    type Error = Infallible;

    fn each(&mut self, take: &mut TakeItem<'_>) -> Result<ControlFlow<()>, Infallible> {
        for (place, item) in self {
            if take(place, &[], item.as_ref()).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn decided(reason: &str) -> Decided {
    Decided {
        at: Instant::EPOCH,
        mode: RecordedMode::Check,
        standing: RecordedStanding::Enforcement,
        decision: RecordedOutcome::Refused,
        repository: None,
        reached: Vec::new(),
        changes: Vec::new(),
        kinds: KindSet::NONE,
        findings: Vec::new(),
        reasons: vec![reason.to_owned()],
        incident: None,
        actor: None,
        requesters: Vec::new(),
        signers: Vec::new(),
        spent: Vec::new(),
        policy: Digest::of(b"a policy"),
        administrators_policy: false,
        organisation: None,
        tzdb: "2026f".to_owned(),
        rollback_within: None,
        command: None,
        plan: None,
        policy_commit: None,
    }
}

/// A line of its own, and its hash.
fn line(sequence: u64, previous: Option<Digest>, reason: &str) -> (String, Digest) {
    let sealed = seal(sequence, previous, decided(reason), (0, None)).unwrap();
    (sealed.line, sealed.entry.hash)
}

/// A chain of four, and all that somebody may put in the place of an entry of it.
fn alphabet() -> Vec<String> {
    let (first, one) = line(1, None, "a");
    let (second, two) = line(2, Some(one), "b");
    let (third, three) = line(3, Some(two), "c");
    let (fourth, _) = line(4, Some(three), "d");
    // another second, which the third does not follow, and one that follows it
    let (other, other_two) = line(2, Some(one), "e");
    let (other_third, _) = line(3, Some(other_two), "f");
    // what says something else than when it was written, under the old hash and under a new one
    let edited = second.replace("\"b\"", "\"x\"");
    let (edited_anew, _) = line(3, Some(two), "x");
    let (misnumbered, _) = line(7, Some(two), "c");
    // what follows an entry that is nowhere
    let (stranger, _) = line(3, Some(Digest::of(b"nowhere")), "g");
    let (far, _) = line(9, Some(Digest::of(b"nowhere")), "h");
    let (other_first, _) = line(1, None, "i");
    vec![
        first,
        second,
        third,
        fourth,
        other,
        other_third,
        edited,
        edited_anew,
        misnumbered,
        stranger,
        far,
        other_first,
        "no entry".to_owned(),
    ]
}

fn items(lines: &[&String]) -> Items {
    (1..).zip(lines).map(|(number, line)| (format!("line {number}"), parse(line.as_bytes()))).collect()
}

/// Returns what the rules of [`FaultKind`] say, by maps of all hashes.
fn expected(items: &Items) -> Vec<Fault> {
    let (mut stated, mut follows) = (HashMap::new(), HashMap::new());
    for (index, (_, item)) in items.iter().enumerate() {
        if let Ok(ParsedEntry { entry, .. }) = item {
            stated.entry(entry.hash).or_insert(index);
            follows.entry(entry.previous).or_insert(index);
        }
    }
    let place = |index: usize| items[index].0.clone();
    let mut found: Vec<(usize, u8, FaultKind)> = Vec::new();
    for (index, (_, item)) in items.iter().enumerate() {
        let entry = match item {
            Err(kind) => {
                found.push((index, 0, kind.clone()));
                continue;
            }
            Ok(ParsedEntry { entry, genuine }) => {
                if !genuine {
                    found.push((index, 1, FaultKind::Edited { sequence: entry.sequence }));
                }
                entry
            }
        };
        let before = match index.checked_sub(1).map(|before| &items[before].1) {
            None => None,
            Some(Ok(before)) => Some(&before.entry),
            // nothing is known of what it should follow
            Some(Err(_)) => continue,
        };
        let sequence = entry.sequence;
        let expected = before.map_or(1, |before| before.sequence + 1);
        let follows_it = entry.previous == before.map(|before| before.hash);
        if stated[&entry.hash] < index {
            found.push((index, 2, FaultKind::Repeated { sequence, first: place(stated[&entry.hash]) }));
        } else if follows_it && sequence != expected {
            found.push((index, 2, FaultKind::Misnumbered { sequence, expected }));
        } else if follows_it {
        } else if follows[&entry.previous] < index {
            found.push((index, 2, FaultKind::Forked { sequence, other: place(follows[&entry.previous]) }));
        } else if entry.previous.is_none_or(|previous| stated.contains_key(&previous)) {
            found.push((index, 2, FaultKind::Reordered { sequence }));
        } else if let Some(before) = before.filter(|_| sequence <= expected) {
            found.push((index - 1, 2, FaultKind::Edited { sequence: before.sequence }));
        } else {
            found.push((index, 2, FaultKind::Dropped { from: expected, until: (sequence - 1).max(expected) }));
        }
    }
    found.sort_by_key(|(index, order, _)| (*index, *order));
    found.into_iter().map(|(index, _, kind)| Fault { place: place(index), kind }).collect()
}

/// Inspects a chain; returns also where the entries stand that were handed out, and whether each was sound.
fn inspected(mut items: Items) -> (Inspection, Vec<(String, bool)>) {
    let mut seen = Vec::new();
    let visit = &mut |inspected: &Inspected<'_>| {
        seen.push((inspected.place.to_string(), inspected.is_sound));
        ControlFlow::<Infallible>::Continue(())
    };
    let Ok(ControlFlow::Continue(inspection)) = inspect(&mut items, visit);
    (inspection, seen)
}

#[track_caller]
fn agree(lines: &[&String]) {
    let (inspection, seen) = inspected(items(lines));
    let chain = items(lines);
    let wanted = expected(&chain);
    let told = || chain.iter().map(|(_, item)| item.as_ref().map(|parsed| parsed.entry.sequence)).collect::<Vec<_>>();
    assert_eq!(inspection.faults, wanted, "{:?}", told());
    assert!(!inspection.more_faults);
    let readable: Vec<&String> = chain.iter().filter(|(_, item)| item.is_ok()).map(|(place, _)| place).collect();
    assert_eq!(inspection.entries, u64::try_from(readable.len()).unwrap());
    assert_eq!(seen.iter().map(|(place, _)| place).collect::<Vec<_>>(), readable);
    // what was sound when it was handed out has no fault, but for the last of it
    let sound: Vec<&String> = seen.iter().take_while(|(_, sound)| *sound).map(|(place, _)| place).collect();
    assert!(seen.iter().skip(sound.len()).all(|(_, sound)| !sound), "{:?}", told());
    let is_accused = |place: &&&String| wanted.iter().any(|fault| fault.place == ***place);
    assert_eq!(sound.iter().rev().skip(1).find(is_accused), None, "{:?}", told());
    assert_eq!(sound.len() == lines.len(), wanted.is_empty(), "{:?}", told());
}

#[test]
fn every_chain_of_up_to_three_items_has_the_faults_that_a_search_finds() {
    let alphabet = alphabet();
    let mut chains: Vec<Vec<&String>> = vec![Vec::new()];
    for _ in 0..3 {
        let longer: Vec<Vec<&String>> = chains
            .iter()
            .flat_map(|chain| alphabet.iter().map(move |line| chain.iter().copied().chain([line]).collect()))
            .collect();
        chains.extend(longer);
        chains.sort();
        chains.dedup();
    }
    for chain in &chains {
        agree(chain);
    }
    // all that can stand behind, before and between the first three
    let good: Vec<&String> = alphabet.iter().take(4).collect();
    for line in &alphabet {
        for at in 0..=good.len() {
            let mut chain = good.clone();
            chain.insert(at, line);
            agree(&chain);
        }
    }
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Long chains of which parts are cut out, swapped, repeated and replaced.
    #[test]
    fn a_longer_chain_has_the_faults_that_a_search_finds(
        order in proptest::collection::vec(0_usize..13, 5..40)
    ) {
        let alphabet = alphabet();
        agree(&order.iter().map(|at| &alphabet[*at]).collect::<Vec<_>>());
    }
}

#[test]
fn no_more_faults_are_listed_than_the_limit_and_that_there_are_more_is_said() {
    let good = alphabet();
    let (first, bad) = (&good[0], &good[12]);
    for (count, listed, more) in [
        (MOST_FAULTS - 1, MOST_FAULTS - 1, false),
        (MOST_FAULTS, MOST_FAULTS, false),
        (MOST_FAULTS + 1, MOST_FAULTS, true),
        (3 * MOST_FAULTS, MOST_FAULTS, true),
    ] {
        let unreadable: Vec<&String> = vec![bad; count];
        let repeated: Vec<&String> = vec![first; count + 1];
        for lines in [unreadable, repeated] {
            let (inspection, _) = inspected(items(&lines));
            assert_eq!((inspection.faults.len(), inspection.more_faults), (listed, more), "{count}");
            let wanted = expected(&items(&lines));
            assert_eq!(inspection.faults, wanted[..listed], "{count}");
        }
    }
}

#[test]
fn reading_ends_where_the_visitor_breaks_off() {
    let lines = alphabet();
    let mut chain = items(&lines.iter().take(4).collect::<Vec<_>>());
    let mut seen = 0;
    let Ok(ended) = inspect(&mut chain, &mut |inspected| {
        seen += 1;
        if seen == 2 { ControlFlow::Break(inspected.entry.sequence) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((ended, seen), (ControlFlow::Break(2), 2));
}
