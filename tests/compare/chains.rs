//! Several edits, one after the other: if each opens nothing, all together open nothing.

use freezegate::policy::Policy;
use freezegate::policy::compare::{ComparisonOptions, compare};
use freezegate::time::instant::Instant;

use crate::compare::decided::Tried;
use crate::compare::edits::{Chance, Steps};
use crate::compare::sound::{CAPTURED_PATHS, CAPTURED_REFS, PATHS, REFS, tried_of};
use crate::policies::files::Memory;

/// The number of edits, at most.
const MOST_EDITS: usize = 3;

/// How often an edit that opens nothing is looked for.
const TRIES: usize = 6;

fn load(text: &str) -> Option<Policy> {
    Memory::one(text).load().ok()
}

/// What was tried.
#[derive(Debug, Default)]
struct Tally {
    chains: usize,
    edits: usize,
    changes: usize,
}

fn try_chain(seed: u64, tally: &mut Tally) {
    let mut chance = Chance::new(seed);
    let at = 1_767_225_600 + i64::try_from(chance.below(500 * 24 * 60)).unwrap() * 60;
    let mut steps = Steps::begin(&mut chance);
    let mut texts = vec![steps.text()];
    let Some(first) = load(&texts[0]) else {
        return;
    };
    let mut last = load(&texts[0]).unwrap();
    while texts.len() <= MOST_EDITS {
        let next = (0..TRIES).find_map(|_| {
            let mut edited = steps.clone();
            edited.edit(&mut chance);
            let policy = load(&edited.text())?;
            let is_harmless =
                compare(&last, &policy, &ComparisonOptions::at(Instant::from_second(at))).opens().is_none();
            (is_harmless && edited.text() != steps.text()).then_some((edited, policy))
        });
        let Some((edited, policy)) = next else {
            break;
        };
        steps = edited;
        last = policy;
        texts.push(steps.text());
    }
    if texts.len() < 3 {
        return;
    }
    tally.chains += 1;
    tally.edits += texts.len() - 1;
    for turn in 0..16 {
        let change = if turn % 2 == 0 {
            tried_of(CAPTURED_PATHS, &CAPTURED_REFS, &mut chance)
        } else {
            tried_of(PATHS, &REFS, &mut chance)
        };
        let change = Tried { overridden: Default::default(), ..change };
        tally.changes += 1;
        if let Some(opened) = change.opened(&first, &last, Instant::from_second(at)) {
            let first = opened.as_slice().first();
            assert!(
                first.is_none(),
                "seed {seed} at {at}: {change:?}\nopened at {first:?}\n{}",
                texts.join("\n----- \n")
            );
        }
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a run by hand says how many, and is told what came"
)]
fn no_chain_of_edits_opens_what_none_of_them_opens() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
    };
    let (first, chains) = (number("FREEZEGATE_FIRST_PAIR").unwrap_or(0), number("FREEZEGATE_PAIRS").unwrap_or(3_000));
    let mut tally = Tally::default();
    (first..first + chains).for_each(|seed| try_chain(seed, &mut tally));
    eprintln!("{first} to {}: {tally:?}", first + chains);
    assert!(tally.chains * 4 > usize::try_from(chains).unwrap(), "{tally:?}");
}
