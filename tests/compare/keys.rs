//! Every key of the policy language has a comparison, and one that has none counts as opened.

use freezegate::policy::compare::{COMPARED_KEYS, ComparedKey, ComparisonOptions, PolicyPart, compare};
use freezegate::policy::keys;
use freezegate::time::instant::Instant;

use crate::policies::files::Memory;

#[test]
fn every_key_has_a_comparison() {
    let all = keys();
    let known = all.iter().flat_map(|(table, names)| names.iter().map(move |name| (*table, *name)));
    let listed: Vec<(&str, &str)> = COMPARED_KEYS.iter().map(|(table, name, _)| (*table, *name)).collect();
    let missing: Vec<_> = known.clone().filter(|key| !listed.contains(key)).collect();
    assert!(missing.is_empty(), "say in COMPARED_KEYS how these are compared, and compare them: {missing:?}");
    let stale: Vec<_> = listed.iter().filter(|key| !known.clone().any(|one| one == **key)).collect();
    assert!(stale.is_empty(), "the policy language has no such keys: {stale:?}");
}

#[test]
fn a_key_without_a_comparison_counts_as_opened() {
    let text = |settle: &str| format!("version = 1\n[environments.e]\nsettle = \"{settle}\"\n");
    let load = |settle: &str| Memory::one(text(settle)).load().unwrap();
    let without: Vec<ComparedKey> = COMPARED_KEYS.iter().filter(|(_, name, _)| *name != "settle").copied().collect();
    let options = ComparisonOptions { compared_keys: &without, ..ComparisonOptions::at(Instant::from_second(0)) };
    let opened = compare(&load("1m"), &load("2m"), &options).openings;
    assert!(opened.iter().any(|one| one.part == PolicyPart::Uncompared && one.text.contains("settle")), "{opened:?}");
    assert!(compare(&load("1m"), &load("1m"), &options).openings.is_empty());
    assert!(compare(&load("1m"), &load("2m"), &ComparisonOptions::at(Instant::from_second(0))).openings.is_empty());
}

#[test]
fn the_least_version_of_the_program_opens_nothing() {
    let load = |requires: &str| {
        let text = format!("version = 1\n{requires}[environments.e]\nsettle = \"1m\"\n");
        Memory::one(text).load().unwrap()
    };
    let texts = ["", "requires = \"0.0\"\n", "requires = \"0.1\"\n", "requires = \"0.1.0\"\n"];
    for old in texts {
        for new in texts {
            let opened = compare(&load(old), &load(new), &ComparisonOptions::at(Instant::from_second(0))).openings;
            assert!(opened.is_empty(), "{old:?} to {new:?}: {opened:?}");
        }
    }
}
