//! Grants: who asks, signs and pushes, and what a grant covers.

use crate::attacks::transcript::{Transcript, cases_end_with};

/// One person by several names is one person: nobody signs for what they wrote, ask for or push.
#[test]
fn nobody_approves_their_own_change() {
    let said = Transcript::of("20-self-approval.sh", &[]);
    let tries: Vec<&str> = said.text().lines().filter(|line| line.starts_with("author=")).collect();
    assert_eq!(tries.len(), 8, "{}", said.text());
    for line in tries {
        assert!(line.ends_with("-> push exit 1"), "{line}\n{}", said.text());
    }
    said.never_says(&["overridden:"]);
    for name in ["ada+dev@example.com", "ada@example.com (oncall)", "`ada@example.com` is"] {
        assert!(said.text().contains(name), "`{name}`: {}", said.text());
    }
}

/// A text that nobody signed, with or without names that the policy has, does not count.
#[test]
fn verify_tells_a_text_without_signatures_from_one_that_counts() {
    let said = Transcript::of("32-verify-unsigned.sh", &[]);
    for (part, state) in [("g: ", "waiting: "), ("g2: ", "not valid: "), ("g3: ", "not valid: ")] {
        said.says(part, &[state, "[exit 1]"]);
    }
    said.never_says(&["\nvalid: ", "[exit 0]", "[exit 2]"]);
}

/// A grant is for one ref, and for one use.
#[test]
fn a_grant_is_used_once_and_on_its_own_ref() {
    let said = Transcript::of("38-grant-race.sh", &[]);
    let rounds: Vec<&str> = said.text().lines().filter(|line| line.contains(" of 4 passed")).collect();
    assert_eq!(rounds.len(), 8, "{}", said.text());
    for round in rounds {
        assert!(round.contains(": 1 of 4 passed, spent 1"), "{round}");
    }
}

/// Of all the altered signatures, rosters and times only the untouched ones count.
#[test]
fn only_a_grant_as_it_was_signed_counts() {
    let said = Transcript::of("43-signatures.sh", &[]);
    let exits: Vec<&str> = said.text().lines().filter(|line| line.contains(" exit ")).collect();
    let control = |line: &str| line.starts_with("control, ");
    let counted: Vec<&&str> = exits.iter().filter(|line| line.contains(" exit 0 ")).collect();
    assert!(exits.len() > 30, "{}", said.text());
    assert_eq!(counted.len(), 2, "{counted:?}\n{}", said.text());
    assert!(counted.iter().all(|line| control(line)), "{counted:?}");
    said.says("38: signer added in the same push", &["is waiting"]);
    said.never_says(&["[git push exit 0]"]);
}

/// What the policy of a refused commit closes is overridden once by a grant for one use, and told.
#[test]
fn what_the_policy_of_a_refused_commit_closes_is_overridden_once() {
    let said = Transcript::of("170-override-of-a-refused-policy.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("begin", &["0"]),
        ("a freeze that is refused", &["1", "1", "1"]),
        ("the printed command", &["0"]),
        ("the job", &["0"]),
        ("once more", &["0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
    said.says("the printed command", &["--policy-from B"]);
    said.says("the job", &["overridden: production is frozen: launch (freeze, hard) (grant ", "sam@example.com"]);
    said.says("once more", &["it is single use, and was used"]);
}
