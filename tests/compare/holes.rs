//! Edits that opened something unseen, each as two or three policies of which one follows another.

use freezegate::policy::Policy;
use freezegate::policy::compare::{ComparisonOptions, compare};

use crate::files::Memory;

const HEAD: &str = "version = 1\n[environments.prod]\n";
const FREEZE: &str = "[[freezes]]\nname = \"week end\"\nhours = [\"Sat,Sun 00:00-24:00\"]\ntimezone = \"UTC\"\n";
/// 2027-01-01T00:00:00Z
const AT: i64 = 1_798_761_600;

fn opens(old: &Policy, new: &Policy) -> bool {
    !compare(old, new, &ComparisonOptions::at(AT)).openings.is_empty()
}

fn policy(text: &str) -> Policy {
    Memory::one(text.to_owned()).load().unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

/// A freeze that itself stays as it is closes less once a target shows a kind.
#[test]
fn a_kind_that_a_target_shows_only_now_opens_what_freezes_of_kinds_close() {
    let target = |kind: &str| format!("[[targets]]\npaths = [\"prod/**\"]\nenvironment = \"prod\"\n{kind}");
    for freeze in ["kinds = [\"deploy\"]\n", "exempt = [\"config\"]\n"] {
        let with = |targets: &str| policy(&format!("{HEAD}{targets}{FREEZE}{freeze}"));
        let (plain, config) = (with(&target("")), with(&target("kind = \"config\"\n")));
        assert!(opens(&plain, &config), "{freeze}");
        assert!(!opens(&plain, &plain) && !opens(&config, &plain), "{freeze}");
        let more = target("kind = \"config\"\n").replace("prod/**", "other/**");
        assert!(opens(&with(""), &with(&more)), "what is only said of a change, a new target shows: {freeze}");
    }
}

/// Two edits, of which neither would open anything by itself, must not open what the two together do.
#[test]
fn a_name_that_is_taken_away_counts_as_opened() {
    let targets = "[environments.test]\n[[targets]]\npaths = [\"{environment}/**\"]\n";
    let freeze = format!("{FREEZE}environments = [\"prod\"]\n");
    let closed = policy(&format!("{HEAD}aliases = [\"live\"]\n{targets}{freeze}"));
    let without = policy(&format!("version = 1\n{targets}"));
    let again = policy(&format!("{HEAD}{targets}"));
    assert!(opens(&closed, &without) && opens(&closed, &again));
    let no_alias = policy(&format!("{HEAD}{targets}{freeze}"));
    assert!(opens(&closed, &no_alias));
    // a name that stays an alias keeps its meaning, and what nothing closes may go
    let renamed = policy(&format!(
        "version = 1\n[environments.production]\naliases = [\"prod\", \"live\"]\n{targets}{}",
        freeze.replace("[\"prod\"]", "[\"production\"]")
    ));
    assert!(!opens(&closed, &renamed) && !opens(&again, &without));
}
