//! What is given for an incident, a reason or an id and says nothing: it lifts nothing, whichever way it comes.

use std::fs;

use freezegate::decision::Granted;
use freezegate::proof::grant::{Grant, Terms, Untold, incident, incident_alone, reason};
use freezegate::time::instant::Instant;

use crate::grants::bench::{bound_to, policy, roster, terms, try_policy_of};
use crate::grants::program::{expect, with};
use crate::grants::spent::Desk;

/// Texts that say nothing, wherever they are given.
const NOTHING: &[(&str, Untold)] = &[
    ("", Untold::Empty),
    (" ", Untold::Empty),
    ("\t\n", Untold::Empty),
    ("\u{a0}\u{3000}", Untold::Empty),
    ("-", Untold::Empty),
    ("--", Untold::Empty),
    (".", Untold::Empty),
    ("...", Untold::Empty),
    ("…", Untold::Empty),
    (" … ", Untold::Empty),
    ("?", Untold::Empty),
    ("_", Untold::Empty),
    ("\"\"", Untold::Empty),
    ("\u{200b}", Untold::Empty),
    ("\u{3164}", Untold::Empty),
    ("$INCIDENT", Untold::Unset),
    ("${INCIDENT}", Untold::Unset),
    ("${{ inputs.incident }}", Untold::Unset),
    ("$(INCIDENT)", Untold::Unset),
    ("$[variables.incident]", Untold::Unset),
    ("{{ incident }}", Untold::Unset),
    ("$env:INCIDENT", Untold::Unset),
    ("%INCIDENT%", Untold::Unset),
    ("null", Untold::Unset),
    ("undefined", Untold::Unset),
    (" None ", Untold::Unset),
    ("n/a", Untold::Unset),
];

/// Texts that say something.
const SOMETHING: &[&str] = &[
    "INC-7",
    "7",
    "#7",
    "https://example.com/incidents/7",
    "logins fail",
    "障害-7",
    "nullable column",
    "$5 off",
    "up 100%",
];

#[test]
fn each_text_says_something_or_why_it_does_not() {
    for (text, untold) in NOTHING {
        assert_eq!(reason(text), Err(*untold), "{text:?}");
        assert_eq!(incident(text), Err(*untold), "{text:?}");
    }
    for text in SOMETHING {
        assert_eq!((reason(text), incident(text)), (Ok(()), Ok(())), "{text:?}");
    }
    // the place that a printed command leaves open
    for text in ["INC-…", "INC-...", "…7"] {
        assert_eq!(incident(text), Err(Untold::Placeholder), "{text:?}");
    }
    assert_eq!(reason("rolled back … twice"), Ok(()));
}

/// The same for every text of ASCII punctuation and blanks of up to three characters.
#[test]
fn no_text_without_a_letter_or_a_digit_says_anything() {
    let all: Vec<char> = (0..128u8).map(char::from).filter(|one| !one.is_ascii_alphanumeric()).collect();
    for one in &all {
        for two in &all {
            let text = format!("{one}{two}{one}");
            assert_eq!(incident(&text), Err(Untold::Empty), "{text:?}");
        }
    }
}

#[test]
fn a_grant_whose_reason_incident_or_id_says_nothing_is_not_read() {
    let policy = policy(&roster());
    let read = |terms: Terms| Grant::read("grant", terms.to_text().unwrap().as_bytes()).map(|_| ());
    let whole = terms(&policy);
    assert!(read(whole.clone()).is_ok());
    for (text, _) in NOTHING {
        let reason = bound_to(&policy, Terms { reason: (*text).to_owned(), ..whole.clone() });
        assert!(read(reason).is_err(), "{text:?}");
        let incident = bound_to(&policy, Terms { incident: Some((*text).to_owned()), ..whole.clone() });
        assert!(read(incident.clone()).is_err(), "{text:?}");
        assert!(read(Terms { change: None, ..incident }).is_err(), "{text:?}");
    }
    for repository in ["", " ", "/", "${REPOSITORY}"] {
        let unnamed = bound_to(&policy, Terms { repository: repository.to_owned(), ..whole.clone() });
        assert!(read(unnamed).is_err(), "{repository:?}");
    }
    for id in ["", "-", "--------", "………………", "        "] {
        assert!(read(Terms { id: id.to_owned(), ..whole.clone() }).is_err(), "{id:?}");
    }
}

#[test]
fn an_incident_that_says_nothing_lifts_nothing_alone() {
    let alone = "version = 1\n[environments.production]\nduring_core_hours = \"off\"\n[[lifts]]\nlevel = \"hard\"\nsigned = []\nincident = true\n";
    let policy = try_policy_of(alone, "").unwrap();
    let lifts = |text: &str| {
        let granted = incident_alone(&policy, text, true, Instant::from_second(0), false);
        granted.map(|all| all.into_iter().map(|Granted { by, .. }| by).collect::<Vec<_>>())
    };
    assert_eq!(lifts("INC-7").unwrap(), ["incident INC-7"]);
    for (text, _) in NOTHING {
        assert!(lifts(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_job_whose_variable_is_unset_lifts_nothing() {
    let desk = Desk::new();
    crate::grants::spent::incident_suffices(&desk.root);
    for text in ["", " ", "-", "…", "...", "$INCIDENT", "INC-…"] {
        let named = format!("--incident={text}");
        let cause = format!("`--incident` is `{}`", text.trim());
        let cause = if text == " " { "`--incident` is ` `" } else { cause.as_str() };
        expect(&desk.root, &desk.check(&[&named]), 2, cause);
        expect(&desk.root, &desk.check(&[&named]), 2, "`--incident INC-7`");
        expect(&desk.root, &["grant", "verify", "../grant.toml", &named], 2, cause);
        let new = ["grant", "new", "--range", &desk.range, "--reason", "logins fail", &named];
        expect(&desk.root, &new, 2, cause);
        // what closes is allowed by any words, but not by none
        if text.trim().is_empty() {
            expect(&desk.root, &["stop", "production", "--for", "2h", &named], 2, "`--incident`");
        }
        let reason = format!("--reason={text}");
        if text != "INC-…" {
            expect(&desk.root, &["grant", "new", "--range", &desk.range, &reason], 2, "`--reason` is");
        }
    }
    assert!(!fs::exists(desk.root.join("../record.jsonl")).unwrap());
    expect(&desk.root, &desk.check(&with(&["--incident", "INC-7"], &[])), 0, "(incident INC-7)");
}
