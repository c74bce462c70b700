//! What an edit of `[routes]` opens.

use freezegate::policy::Level;
use freezegate::policy::compare::{ComparisonOptions, PolicyPart, compare};
use freezegate::time::instant::Instant;

use crate::policies::files::Memory;

const FULL: &str = "[routes]\npaths = [\"a/**\", \"b/**\"]\nexcept = [\"a/x\"]\nowners = [\"{environment}-*\"]\n";

const CAPTURED: &str = "[routes]\npaths = [\"a/{environment}/**\"]\n";

/// The texts and levels of what an edit opens.
fn opened(old: &str, new: &str) -> Vec<(String, Level)> {
    let load = |routes: &str| Memory::one(format!("version = 1\n[environments.production]\n{routes}")).load().unwrap();
    let found = compare(&load(old), &load(new), &ComparisonOptions::at(Instant::from_second(0))).openings;
    assert!(found.iter().all(|one| one.part == PolicyPart::Routes), "{found:?}");
    found.into_iter().map(|one| (one.text, one.level)).collect()
}

#[test]
fn what_guards_less_opens() {
    let table: &[(&str, &str, &str, Level)] = &[
        (FULL, "", "`[routes]`, which guards who answers requests", Level::Hard),
        (FULL, &FULL.replace("\"b/**\"", "\"c/**\""), "what `[routes] paths` said", Level::Hard),
        // the same path may then be read in another way, and is not compared
        (
            CAPTURED,
            &CAPTURED.replace("/**\"", "/**\", \"a/*/{environment}/**\""),
            "what `[routes] paths` said",
            Level::Hard,
        ),
        // further routes may answer before those of a change, and hide what it takes
        (FULL, &FULL.replace("\"b/**\"", "\"b/**\", \"c/**\""), "what `[routes] paths` said", Level::Hard),
        (FULL, &FULL.replace("except = [\"a/x\"]\n", ""), "what `[routes] except` said", Level::Hard),
        (&format!("{FULL}together = []\n"), FULL, "what `[routes] together` said", Level::Hard),
        (FULL, &FULL.replace("\"a/x\"", "\"a/x\", \"a/y\""), "what `[routes] except` said", Level::Hard),
        (FULL, &FULL.replace("-*\"]", "-*\", \"{environment}\"]"), "what `[routes] owners` said", Level::Hard),
        (FULL, &format!("{FULL}together = []\n"), "what `[routes] together` said", Level::Hard),
        (FULL, &format!("{FULL}refs = [\"refs/heads/x\"]\n"), "what `[routes] refs` said", Level::Hard),
        (&format!("{FULL}refs = [\"refs/heads/x\"]\n"), FULL, "what `[routes] refs` said", Level::Hard),
        (FULL, &format!("{FULL}hijack = \"soft\"\n"), "`[routes] hijack` is `soft` instead of `hard`", Level::Hard),
        (FULL, &format!("{FULL}overlap = \"off\"\n"), "`[routes] overlap` is `off` instead of `soft`", Level::Soft),
        (FULL, &format!("{FULL}dead = \"off\"\n"), "`[routes] dead` is `off` instead of `warn`", Level::Warn),
    ];
    for (old, new, text, level) in table {
        assert_eq!(opened(old, new), [((*text).to_owned(), *level)], "{new}");
    }
}

#[test]
fn a_name_that_an_owner_may_have_opens() {
    let load = |alias: &str| {
        let text = format!("version = 1\n[environments.production]\n[environments.test]\n{alias}{FULL}");
        Memory::one(text).load().unwrap()
    };
    let opened = |old: &str, new: &str| {
        let found = compare(&load(old), &load(new), &ComparisonOptions::at(Instant::from_second(0))).openings;
        found.into_iter().map(|one| one.text).collect::<Vec<_>>()
    };
    let with = "aliases = [\"production-shop\"]\n";
    assert!(opened("", with).contains(&"what `[routes] owners` said".to_owned()), "{:?}", opened("", with));
    assert!(!opened(with, with).contains(&"what `[routes] owners` said".to_owned()));
}

#[test]
fn what_guards_more_opens_nothing() {
    for (old, new) in
        [(String::new(), FULL.to_owned()), (FULL.to_owned(), format!("{FULL}takeover = \"hard\"\ndead = \"soft\"\n"))]
    {
        assert_eq!(opened(&old, &new), [], "{new}");
    }
}
