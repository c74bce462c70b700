//! Shown sound: no change becomes allowed that was refused if nothing opens, and what is named to open really does.
//!
//! `FREEZEGATE_PAIRS` says how many pairs of policies are tried instead of 10,000, and `FREEZEGATE_FIRST_PAIR` the number of
//! the first instead of 0, so that a million can be tried by hand, on several processors:
//!
//! ```text
//! FREEZEGATE_PAIRS=1000000 CARGO_PROFILE_TEST_OPT_LEVEL=2 cargo test --test library no_change_becomes -- --nocapture
//! ```

use freezegate::policy::compare::{ComparisonOptions, PolicyDifference, PolicyPart, compare};
use freezegate::policy::{Kind, Level, Policy};
use freezegate::reach::{Because, DeclaredNames};
use freezegate::time::instant::Instant;
use freezegate::time::intervals::Intervals;
use freezegate::time::seconds::Seconds;

use crate::compare::decided::Tried;
use crate::compare::edits::{Chance, capturing_pair, pair};
use crate::compare::exempt::hazardous_pair;
use crate::compare::lifting::{self, LiftsDraft};
use crate::compare::rollouts::staged_pair;
use crate::policies::files::Memory;

const ENVIRONMENTS: [&str; 8] = ["e0", "e1", "e2", "alias0", "alias1", "e9", "e8", "E1"];
const REGIONS: [&str; 4] = ["r0", "r1", "r2", "r3"];
const SERVICES: [&str; 3] = ["s0", "s1", "s2"];
const KINDS: [&str; 4] = ["deploy", "config", "migration", "security"];
pub(crate) const PATHS: &[&str] = &[
    "deploy/e0/r0/a",
    "deploy/e1/r1/a",
    "deploy/alias0/r2/a",
    "deploy/E1/R0/a",
    "deploy/e0/a",
    "deploy/e9/a",
    "deploy/x-e1/r0/a",
    "x/e0/r1/a",
    "x/e1/a",
    "Deploy/e1/r0/a",
    "service/s0/a",
    "service/s1/a",
    "service/S0/a/b",
    "shared/a",
    "shared/a/b",
    "Shared/a",
    "place/a",
    "Place/a",
    "place/b",
    "place/a/b",
    "more/a",
    "place",
    "x/place/a",
    "[x]/a",
    "README",
];
pub(crate) const REFS: [Option<&str>; 4] =
    [None, Some("refs/heads/main"), Some("refs/heads/other"), Some("refs/tags/v1")];

/// A few items of a list, each by the same chance.
fn some<T: Clone>(items: &[T], most: usize, chance: &mut Chance) -> Vec<T> {
    (0..chance.below(most + 1)).map(|_| chance.pick(items)).collect()
}

fn owned(items: Vec<&str>) -> Vec<String> {
    items.into_iter().map(str::to_owned).collect()
}

/// Paths and refs that show services and regions, known or not.
pub(crate) const CAPTURED_PATHS: &[&str] = &[
    "service/s0/a",
    "service/S1/a/b",
    "service/nobody/a",
    "zone/r0/a",
    "zone/R1/a",
    "zone/nowhere/a",
    "zone/r0/s0/a",
    "zone/r1/nobody/a",
    "zone/nowhere/nobody/a",
    "of-s0-in-r0/a",
    "of-nobody-in-nowhere/a",
    "deploy/e0/r0/a",
    "shared/a",
    "place/a",
];
pub(crate) const CAPTURED_REFS: [Option<&str>; 6] = [
    None,
    Some("refs/heads/main"),
    Some("refs/heads/s0"),
    Some("refs/heads/r0"),
    Some("refs/heads/nobody"),
    Some("refs/tags/v1"),
];

/// A change by chance, of some of these paths and one of these refs.
pub(crate) fn tried_of(paths: &[&str], refs: &[Option<&'static str>], chance: &mut Chance) -> Tried {
    let with_paths = chance.below(3) > 0;
    let said = chance.below(5) > 0 || !with_paths;
    let mut kinds = some(&KINDS, 2, chance);
    if chance.below(10) == 0 {
        kinds.push("rollback");
    }
    Tried {
        said: DeclaredNames {
            environments: owned(if said { some(&ENVIRONMENTS, 2, chance) } else { Vec::new() }),
            regions: owned(if said && chance.below(2) == 0 { some(&REGIONS, 2, chance) } else { Vec::new() }),
            services: owned(if said && chance.below(3) == 0 { some(&SERVICES, 2, chance) } else { Vec::new() }),
            kinds: owned(kinds),
        },
        paths: with_paths.then(|| some(paths, 3, chance).into_iter().map(|path| path.as_bytes().to_vec()).collect()),
        reference: chance.pick(refs),
        duration: (chance.below(2) == 0).then(|| Seconds::new(i64::try_from(chance.below(20_000)).unwrap())),
        is_rollback: chance.below(6) == 0,
        overridden: if chance.below(4) == 0 { [vec![Level::Soft], vec![Level::Soft]] } else { Default::default() },
        is_enforced: chance.below(2) == 0,
        planned: Vec::new(),
    }
}

fn tried(chance: &mut Chance) -> Tried {
    tried_of(PATHS, &REFS, chance)
}

fn load(text: &str, lifts: Option<&LiftsDraft>) -> Option<Policy> {
    match lifts {
        None => Memory::one(text).load().ok(),
        Some(lifts) => Memory::one(format!("{text}{}", lifts.text())).with("roster", lifts.roster()).load().ok(),
    }
}

/// Lifts for both of two policies, of one pair in eight.
fn lifts(chance: &mut Chance) -> Option<[LiftsDraft; 2]> {
    if chance.below(8) > 0 {
        return None;
    }
    let before = lifting::lifts(chance);
    let mut after = before.clone();
    for _ in 0..chance.below(3) {
        after.edit(chance);
    }
    Some([before, after])
}

/// Seeds of pairs that were found to open something unseen, beyond those that are tried anyway.
const FOUND: [u64; 4] = [11_059, 61_646, 574_552, 787_795];

/// What was tried.
#[derive(Debug, Default)]
struct Tally {
    pairs: usize,
    open_nothing: usize,
    changes: usize,
    opened: usize,
    witnesses: usize,
    overridden: usize,
    hazardous: usize,
}

/// What is done to both of two policies before they are compared.
type Change = fn([String; 2], &mut Chance) -> [String; 2];

/// Tries pairs with the seeds of `seeds`.
fn try_pairs(seeds: std::ops::Range<u64>, change: Change, tally: &mut Tally) {
    for seed in seeds {
        let mut chance = Chance::new(seed);
        let [before, after] = pair(&mut chance);
        let [before, after] = change([before, after], &mut chance);
        let lifts = lifts(&mut chance);
        let [lifts_before, lifts_after] = [0, 1].map(|side| lifts.as_ref().map(|both| &both[side]));
        let (Some(old), Some(new)) = (load(&before, lifts_before), load(&after, lifts_after)) else {
            continue;
        };
        tally.pairs += 1;
        let at = 1_767_225_600 + i64::try_from(chance.below(500 * 24 * 60)).unwrap() * 60;
        let comparison = compare(&old, &new, &ComparisonOptions::at(Instant::from_second(at)));
        let opens = comparison.opens();
        tally.open_nothing += usize::from(opens.is_none());
        let show = || {
            format!(
                "seed {seed} at {at}\n--- old\n{before}\n--- new\n{after}\n--- lifts {lifts:#?}\n--- openings\n{:#?}",
                comparison.openings.iter().map(brief).collect::<Vec<_>>()
            )
        };
        let tries = if opens == Some(Level::Hard) { 1 } else { 8 };
        for _ in 0..tries {
            let mut change = tried(&mut chance);
            tally.changes += 1;
            if before.contains("[hazards.") {
                change.planned = some(&["t0", "t1"], 2, &mut chance);
                tally.hazardous += usize::from(!change.planned.is_empty());
            }
            if let Some(both) = &lifts {
                let signing = lifting::signing(&mut chance);
                change.overridden = [0, 1].map(|side| signing.levels(&both[side]).unwrap());
                tally.overridden += usize::from(!change.overridden[0].is_empty());
            }
            let Some(opened) = change.opened(&old, &new, Instant::from_second(at)) else {
                continue;
            };
            if let Some(first) = opened.as_slice().first() {
                tally.opened += 1;
                // what somebody overrides already did not refuse it
                let is_soft_overridden = change.overridden[0].contains(&Level::Soft);
                let expected = if is_soft_overridden { Some(Level::Hard) } else { opens };
                assert!(
                    opens.is_some() && opens == expected,
                    "{change:?}\nopened at {first:?}, but the comparison says {opens:?}\n{}",
                    show()
                );
            }
        }
        // a witness takes long to find; among later pairs are openings that only a rarer change than those tried here shows
        if seed < 1_000 && seed % 8 == 0 {
            for one in &comparison.openings {
                if let Some(found) = witness(one, &old, &new, Instant::from_second(at)) {
                    tally.witnesses += usize::from(found);
                    assert!(found, "no change shows that this opens: {:#?}\n{}", brief(one), show());
                }
            }
        }
    }
}

fn brief(one: &PolicyDifference) -> String {
    let spans: Vec<_> = one.spans.as_slice().iter().take(3).collect();
    let example = one.example.as_deref().map(String::from_utf8_lossy);
    format!(
        "{:?} {} | {:?}/{:?}/{:?} {:?} rollback {} {:?} -> {:?} for {} s, {} s a week {spans:?} {example:?} {:?}",
        one.part,
        one.text,
        one.environment,
        one.region,
        one.service,
        one.kinds,
        one.is_rollback,
        one.level,
        one.remains,
        one.duration.get(),
        one.week_seconds.get(),
        one.doubt
    )
}

/// All sets of the kinds of a difference that can be said.
fn said_kinds(one: &PolicyDifference) -> Vec<Vec<String>> {
    let kinds: Vec<Kind> = one.kinds.iter().filter(|kind| *kind != Kind::Rollback).collect();
    let sets = (0..1_usize << kinds.len()).map(|bits| {
        let chosen = kinds.iter().enumerate().filter(|(index, _)| bits & (1 << index) != 0);
        chosen.map(|(_, kind)| kind.as_str().to_owned()).collect::<Vec<String>>()
    });
    let sets: Vec<Vec<String>> = sets.collect();
    if !one.is_rollback {
        return sets;
    }
    let with = sets.iter().map(|set| set.iter().cloned().chain(["rollback".to_owned()]).collect());
    sets.iter().cloned().chain(with.collect::<Vec<_>>()).collect()
}

/// Returns whether some change shows that a difference really opens; `None` if no change could.
fn witness(one: &PolicyDifference, old: &Policy, new: &Policy, at: Instant) -> Option<bool> {
    let lists = |names: &[&str], named: Option<&String>| -> Vec<Vec<String>> {
        let mut lists = vec![Vec::new()];
        lists.extend(names.iter().map(|name| vec![(*name).to_owned()]));
        if let Some(name) = named.filter(|name| !names.contains(&name.as_str())) {
            lists.push(vec![name.clone()]);
        }
        lists
    };
    match one.part {
        PolicyPart::Name
        | PolicyPart::Hazard
        | PolicyPart::Lift
        | PolicyPart::Rollback
        | PolicyPart::Evidence
        | PolicyPart::Routes
        | PolicyPart::Uncompared => None,
        PolicyPart::Target if one.spans.as_slice().is_empty() => {
            let path = one.example.clone()?;
            let refs = [None, Some("refs/heads/main"), Some("refs/tags/v1"), Some("refs/heads/other")];
            let is_lost = |reference: Option<&'static str>| {
                // of a target without paths the example is a ref, and whatever it brings shows it
                let is_the_ref = reference.is_some_and(|name| name.as_bytes() == path);
                let paths = if is_the_ref { Vec::new() } else { vec![path.clone()] };
                let change = Tried { paths: Some(paths), reference, ..Tried::default() };
                let hits = |policy: &Policy| {
                    let reach = change.reach(policy).unwrap().1;
                    let of = |place| policy.targets.iter().find(|target| target.place == place).map(|one| one.kinds);
                    let shown = reach.reached.iter().map(|reached| match &reached.because {
                        Because::Shown { policy: place, .. }
                        | Because::Job { policy: place, .. }
                        | Because::Possible { policy: place, .. } => format!(
                            "{} {:?} {:?} {:?}",
                            reached.environment.name,
                            reached.region.as_ref().map(|one| &one.name),
                            reached.service.as_ref().map(|one| &one.name),
                            of(*place)
                        ),
                        Because::Declared | Because::PolicyEdit { .. } | Because::Routes { .. } => String::new(),
                    });
                    let unknown = reach.unknown.iter().map(|one| one.message.clone());
                    shown.chain(unknown).collect::<std::collections::BTreeSet<String>>()
                };
                let (before, after) = (hits(old), hits(new));
                !before.is_subset(&after)
            };
            // what a pattern in another case matches, it matches folded: that is not told apart from what it does not match
            let is_folded =
                old.sources.files().iter().chain(new.sources.files()).any(|file| file.text.contains("Shared"));
            (!is_folded).then(|| refs.into_iter().any(is_lost))
        }
        PolicyPart::Mismatch => {
            let paths = PATHS.iter().map(|path| path.as_bytes().to_vec());
            for path in paths {
                for environments in lists(&ENVIRONMENTS, None) {
                    for regions in lists(&REGIONS, None).into_iter().chain(pairs_of(&REGIONS)) {
                        let said = DeclaredNames { environments: environments.clone(), regions, ..Default::default() };
                        let change = Tried { said, paths: Some(vec![path.clone()]), ..Tried::default() };
                        let standing = |policy: &Policy| {
                            change.reach(policy).map(|(_, reach)| (reach.mismatched.len(), reach.unknown.len()))
                        };
                        if let (Some((before, _)), Some((0, 0))) = (standing(old), standing(new))
                            && before > 0
                        {
                            return Some(true);
                        }
                    }
                }
            }
            // the paths at hand may show no goal that all these targets share
            None
        }
        PolicyPart::ClosedTime | PolicyPart::Target => {
            let spans = &*one.spans;
            let beyond = spans
                .as_slice()
                .first()
                .is_some_and(|span| span.from >= at + freezegate::policy::compare::COMPARED_AHEAD);
            if beyond || one.doubt.is_some() {
                return None;
            }
            let overridden: [Vec<Level>; 2] = match one.remains {
                Some(level) => [vec![level], vec![level]],
                None => Default::default(),
            };
            let meets = |opened: &Intervals| !opened.intersection(spans).as_slice().is_empty();
            let mut paths: Vec<Option<Vec<u8>>> = vec![None];
            paths.extend(PATHS.iter().map(|path| Some(path.as_bytes().to_vec())));
            let environments: Vec<Vec<String>> = lists(&ENVIRONMENTS, one.environment.as_ref());
            let tried = paths.into_iter().flat_map(|path| {
                let refs: &[Option<&str>] = if path.is_none() { &[None] } else { &[None, Some("refs/heads/main")] };
                refs.iter().map(move |reference| (path.clone(), *reference))
            });
            for (path, reference) in tried {
                for kinds in said_kinds(one) {
                    for environments in &environments {
                        if path.is_none() && environments.is_empty() {
                            continue;
                        }
                        let regions = lists(&REGIONS, one.region.as_ref());
                        let regions = if path.is_none() {
                            regions.into_iter().chain(pairs_of(&REGIONS)).collect()
                        } else {
                            vec![Vec::new()]
                        };
                        for regions in regions {
                            for services in lists(&SERVICES, one.service.as_ref()) {
                                let change = Tried {
                                    said: DeclaredNames {
                                        environments: environments.clone(),
                                        regions: regions.clone(),
                                        services,
                                        kinds: kinds.clone(),
                                    },
                                    paths: path.clone().map(|path| vec![path]),
                                    reference,
                                    duration: Some(one.duration),
                                    is_rollback: one.is_rollback,
                                    overridden: overridden.clone(),
                                    is_enforced: false,
                                    planned: Vec::new(),
                                };
                                match change.opened(old, new, at) {
                                    Some(opened) if meets(&opened) => return Some(true),
                                    Some(_) => {}
                                    // what the old policy does not know it refuses
                                    None => {
                                        if let crate::compare::decided::Refused::Then(after) =
                                            change.refused(new, at, true, &overridden[1])
                                            && meets(&after.complement(spans_around(spans)))
                                        {
                                            return Some(true);
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            Some(false)
        }
    }
}

fn spans_around(spans: &Intervals) -> freezegate::time::intervals::Interval {
    let from = spans.as_slice().first().map_or(0, |span| span.from.as_second());
    let until = spans.as_slice().last().map_or(0, |span| span.until.as_second());
    freezegate::time::intervals::Interval { from: Instant::from_second(from), until: Instant::from_second(until) }
}

fn pairs_of(names: &[&str]) -> Vec<Vec<String>> {
    let mut pairs = Vec::new();
    for (index, one) in names.iter().enumerate() {
        pairs.extend(names.iter().skip(index + 1).map(|other| vec![(*one).to_owned(), (*other).to_owned()]));
    }
    pairs
}

#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a run by hand says how many pairs, and is told what came"
)]
fn no_change_becomes_allowed_if_nothing_opens() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
    };
    let (first, pairs) = (number("FREEZEGATE_FIRST_PAIR").unwrap_or(0), number("FREEZEGATE_PAIRS").unwrap_or(10_000));
    let mut tally = Tally::default();
    for seed in FOUND {
        try_pairs(seed..seed + 1, |both, _| both, &mut Tally::default());
    }
    try_pairs(first..first + pairs, |both, _| both, &mut tally);
    if pairs != 10_000 || first > 0 {
        eprintln!("{first} to {}: {tally:?}", first + pairs);
        return;
    }
    assert!(tally.open_nothing > 200 && tally.opened > 20 && tally.witnesses > 200, "{tally:?}");
}

#[test]
fn no_change_becomes_allowed_by_a_roll_out_if_nothing_opens() {
    let mut tally = Tally::default();
    try_pairs(0..1_000, staged_pair, &mut tally);
    assert!(tally.open_nothing > 30 && tally.opened > 5 && tally.witnesses > 100, "{tally:?}");
}

#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a run by hand says how many pairs, and is told what came"
)]
fn no_change_becomes_allowed_by_what_hazards_are_exempt_if_nothing_opens() {
    let mut tally = Tally::default();
    let pairs = std::env::var("FREEZEGATE_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(600);
    try_pairs(0..pairs, hazardous_pair, &mut tally);
    eprintln!("{tally:?}");
    assert!(tally.open_nothing > 100 && tally.opened > 5 && tally.hazardous > 500, "{tally:?}");
}

#[test]
fn no_name_that_a_policy_does_not_know_hides_a_target() {
    let mut tally = Tally::default();
    for seed in 0..3_000 {
        let mut chance = Chance::new(seed);
        let [before, after] = capturing_pair(&mut chance);
        let (Some(old), Some(new)) = (load(&before, None), load(&after, None)) else {
            continue;
        };
        tally.pairs += 1;
        let at = 1_767_225_600 + i64::try_from(chance.below(500 * 24 * 60)).unwrap() * 60;
        let comparison = compare(&old, &new, &ComparisonOptions::at(Instant::from_second(at)));
        let opens = comparison.opens();
        tally.open_nothing += usize::from(opens.is_none());
        if opens == Some(Level::Hard) {
            continue;
        }
        for _ in 0..12 {
            let change =
                Tried { overridden: Default::default(), ..tried_of(CAPTURED_PATHS, &CAPTURED_REFS, &mut chance) };
            tally.changes += 1;
            let opened = change.opened(&old, &new, Instant::from_second(at));
            let Some(first) = opened.as_ref().and_then(|opened| opened.as_slice().first()) else {
                continue;
            };
            tally.opened += 1;
            assert!(
                opens.is_some(),
                "seed {seed}: {change:?}\nopened at {first:?}, but the comparison says nothing opens\n--- old\n{before}\n--- new\n{after}"
            );
        }
    }
    assert!(tally.pairs > 1_000 && tally.open_nothing > 200 && tally.changes > 3_000, "{tally:?}");
}
