//! What cannot be said is refused, with all of it in one list.

use super::{load, to_argo, to_gitlab};

/// Lines of a policy, with a part of each item that Argo CD and GitLab lack.
const UNSAYABLE: &[(&str, &[&str], &[&str])] = &[
    // the clock shows 01:00 to 02:00 twice
    (
        "[regions.us]\ntimezones = [\"America/New_York\"]\ncore_hours = [\"Sun 00:30-01:30\"]\n[environments.production]\nexempt = []",
        &["2027-11-07T05:30:00Z the policy is closed and Argo CD is open"],
        &["2027-11-07T05:30:00Z the policy is closed and GitLab is open"],
    ),
    // the clock skips 02:30, and GitLab waits for the next one
    (
        "[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Sun 00:30-02:30\"]\n[environments.production]\nexempt = []",
        &["2027-10-31T"],
        &["2027-03-28T01:00:00Z the policy is open and GitLab is closed"],
    ),
    // between the start and the end lies a change of the clock, and `settle` is no part of it
    (
        "[environments.production]\nexempt = []\nsettle = \"6h\"\n\
         [[freezes]]\nname = \"sunday\"\nhours = [\"Sun 05:00-12:00\"]\ntimezone = \"Europe/Berlin\"\nexempt = []",
        &["2027-03-27T21:00:01Z the policy is closed"],
        &["2027-03-27T21:00:01Z the policy is closed"],
    ),
    (
        "[regions.us]\ntimezones = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\nholidays = [\"free\"]\n\
         [calendars.free]\ndates = [2026-12-25]\n[environments.production]\nexempt = []\nduration = \"90s\"\n\
         [[freezes]]\nname = \"launch\"\nfrom = 2027-03-01T00:00:00\nuntil = 2027-03-02T00:00:00\ntimezone = \"UTC\"\nexempt = []\n\
         [[freezes]]\nname = \"over\"\nfrom = 2025-03-01T00:00:00\nuntil = 2025-03-02T00:00:00\ntimezone = \"UTC\"\nexempt = []\n\
         [[freezes]]\nname = \"around\"\nfrom = \"free -1d 00:00\"\nuntil = \"free +1d 00:00\"\ntimezone = \"UTC\"\nexempt = []\n\
         [[freezes]]\nname = \"shifted\"\nfrom = \"3rd Thu +1d 09:00\"\nuntil = \"3rd Thu +2d 09:00\"\ntimezone = \"UTC\"\nexempt = []",
        &[
            "holidays (`free`)",
            "`freeze/launch` comes once",
            "dates of `free`",
            "`freeze/shifted` starts on a day",
            "whole minutes",
        ],
        &[
            "holidays (`free`)",
            "`freeze/launch` comes once",
            "dates of `free`",
            "`freeze/shifted` starts on a day",
            "whole minutes",
        ],
    ),
    (
        "[environments.production]\nexempt = []\n\
         [[freezes]]\nname = \"nth\"\nfrom = \"2nd Tue 06:00\"\nuntil = \"2nd Tue 07:00\"\ntimezone = \"UTC\"\nexempt = []\n\
         [[freezes]]\nname = \"last\"\nfrom = \"last day 06:00\"\nuntil = \"+0d 07:00\"\ntimezone = \"UTC\"\nexempt = []\n\
         [[freezes]]\nname = \"over february\"\nfrom = \"Feb 20 00:00\"\nuntil = \"Mar 2 00:00\"\ntimezone = \"UTC\"\nexempt = []",
        &[
            "`freeze/nth` starts on a weekday",
            "`freeze/last` starts on the last day",
            "`freeze/over february` is not always as long",
        ],
        &[],
    ),
    (
        "[environments.production]\nexempt = []\nchange_windows = [{ hours = [\"Mon 06:00-12:00\"], timezone = \"UTC\" }, \
         { hours = [\"Tue 06:00-12:00\"], timezone = \"Europe/Berlin\" }]",
        &[],
        &["several time zones"],
    ),
    (
        "[environments.production]\nexempt = []\nsettle = \"6h\"\nchange_windows = [{ hours = [\"Mon 06:00-12:00\"], timezone = \"UTC\" }]",
        &["it never opens"],
        &[],
    ),
    (
        "[hazards.tables]\nresources = [\"aws_dynamodb_table\"]\n[environments.production]\nexempt = []\n\
         [[freezes]]\nname = \"tables\"\nfrom = \"Fri 17:00\"\nuntil = \"Mon 07:00\"\ntimezone = \"UTC\"\nhazards = [\"tables\"]\nexempt = []",
        &["`tables` is for some changes only"],
        &["`tables` is for some changes only"],
    ),
];

#[test]
fn everything_that_cannot_be_said_is_listed() {
    for (text, argo, gitlab) in UNSAYABLE {
        let policy = load(text);
        // what is not exact is never written, whatever is fine
        for stricter in [false, true] {
            for (written, expected) in
                [(to_argo(&policy, &[], stricter), argo), (to_gitlab(&policy, &[], stricter), gitlab)]
            {
                let items = written.err().unwrap_or_default();
                assert_eq!(items.len(), expected.len(), "{text}: {items:?}");
                for expected in *expected {
                    assert!(items.iter().any(|item| item.contains(expected)), "{expected}: {items:?}");
                }
            }
        }
    }
}

/// What is accepted is not listed as what stands in the way.
#[test]
fn what_is_accepted_is_not_listed_again() {
    let policy = load(
        "[environments.production]\n\
         [[freezes]]\nname = \"once\"\nfrom = 2027-03-01T00:00:00\nuntil = 2027-03-02T00:00:00\ntimezone = \"UTC\"",
    );
    for written in [to_argo, to_gitlab] {
        assert_eq!(written(&policy, &[], false).unwrap_err().len(), 2);
        assert_eq!(written(&policy, &[], true).unwrap_err().len(), 1);
    }
}

/// What only freezegate knows is refused, or written so that more is stopped, and listed.
#[test]
fn what_would_be_stricter_has_to_be_asked_for() {
    let policy = load(
        "[services.shop]\n[environments.production]\n\
         [[freezes]]\nname = \"one\"\nfrom = \"Fri 17:00\"\nuntil = \"Mon 07:00\"\ntimezone = \"UTC\"\nkinds = [\"migration\"]\nservices = [\"shop\"]\n\
         [[lifts]]\nlevel = \"hard\"\nsigned = []\nincident = true",
    );
    let expected = [
        "changes of kind `rollback` are exempt",
        "kinds of change only (`migration`)",
        "services only (`shop`)",
        "[[lifts]]",
    ];
    for written in [to_argo, to_gitlab] {
        let items = written(&policy, &[], false).unwrap_err();
        assert_eq!(items.len(), expected.len(), "{items:?}");
        let exported = written(&policy, &[], true).unwrap();
        assert!(exported.text.contains("17 * * 5"), "{}", exported.text);
        let told: Vec<&str> = exported.stricter.iter().map(|item| item.cause.as_str()).collect();
        for (item, expected) in items.iter().zip(expected) {
            assert!(item.contains(expected) && told.contains(&item.as_str()), "{item}: {expected}");
        }
    }
}
