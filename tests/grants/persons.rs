//! Who may sign: a person is one person by whatever address, and an entry may let an author.

use freezegate::policy::Policy;
use freezegate::proof::grant::Terms;
use freezegate::time::seconds::Seconds;

use crate::grants::bench::{Hand, POLICY, bound_to, line, roster, signed, terms, try_policy_of};

/// A roster of whole principals, each with a key.
fn roster_of(lines: &[(&str, &str)]) -> String {
    lines.iter().map(|(principal, key)| line("x", "", key).replacen("x@example.com", principal, 1)).collect()
}

fn any_two(roster: &str) -> Policy {
    let (head, _) = POLICY.split_once("[approvers]").unwrap();
    let lifts = "[approvers]\nallowed_signers = \"approvers.allowed_signers\"\n\n[[lifts]]\nlevel = \"hard\"\n";
    try_policy_of(&format!("{head}{lifts}signed = [\"any\", \"any\"]\n"), roster).unwrap()
}

#[test]
fn two_addresses_of_one_person_sign_once() {
    let roster = roster_of(&[("ada@example.com", "a"), ("Ada+phone@example.com", "b"), ("ben@example.com", "c")]);
    let policy = any_two(&roster);
    let text = signed(&terms(&policy), &["a", "b"]);
    let said = Hand::new(&policy).refusal(&text);
    let once = "`ada@example.com` and `Ada+phone@example.com` are one person, whose signatures count once";
    assert!(said.contains(once) && said.contains("hard findings need 2 signatures"), "{said}");
    assert!(Hand::new(&policy).check(&signed(&terms(&policy), &["a", "b", "c"])).is_ok());
    // whoever is excluded by one address is by the other
    let mut hand = Hand::new(&policy);
    hand.pushers = vec!["55+ada@users.noreply.github.com".to_owned()];
    let said = hand.refusal(&signed(&terms(&policy), &["b", "c"]));
    assert!(said.contains("`Ada+phone@example.com` is the pusher of the change"), "{said}");
}

#[test]
fn a_policy_that_asks_for_more_persons_than_it_has_addresses_of_is_refused() {
    let (head, _) = POLICY.split_once("[approvers]").unwrap();
    let text = format!(
        "{head}[approvers]\nallowed_signers = \"approvers.allowed_signers\"\n\n[[lifts]]\nlevel = \"hard\"\nsigned = [\"any\", \"any\"]\n"
    );
    let two = roster_of(&[("ada@example.com", "a"), ("ada+phone@example.com", "b")]);
    let said = try_policy_of(&text, &two).unwrap_err();
    assert_eq!(said, "there are not enough people for one signature each");
}

#[test]
fn whoever_takes_part_is_known_by_any_name() {
    let policy = any_two(&roster());
    for name in [
        "A@example.com",
        "a+x@example.com",
        "A Person <a@example.com>",
        "a@example.com (oncall)",
        "a",
        "1234+a@users.noreply.github.com",
        "1234-a@users.noreply.gitlab.com",
        "a@noreply.example.org",
        "ａ@example.com",
    ] {
        let text = |terms: &Terms| signed(terms, &["a", "c"]);
        let mut pushed = Hand::new(&policy);
        pushed.pushers = vec![name.to_owned()];
        let said = pushed.refusal(&text(&terms(&policy)));
        assert!(said.contains("is the pusher of the change"), "{name}: {said}");
        let mut written = Hand::new(&policy);
        written.authors = Ok(vec![name.to_owned()]);
        let said = written.refusal(&text(&terms(&policy)));
        assert!(said.contains("is an author of the change"), "{name}: {said}");
        let asked = Terms { requester: name.to_owned(), ..terms(&policy) };
        let said = Hand::new(&policy).refusal(&text(&asked));
        assert!(said.contains("is the requester"), "{name}: {said}");
    }
}

#[test]
fn an_author_may_sign_where_the_lift_says_so_for_an_incident_and_an_hour() {
    let text = POLICY.replace("incident     = true", "incident     = true\nauthor = true");
    let policy = try_policy_of(&text, &roster()).unwrap();
    let mut hand = Hand::new(&policy);
    hand.authors = Ok(vec!["a@example.com".to_owned()]);
    hand.pushers = vec!["a".to_owned()];
    let right = signed(&terms(&policy), &["a", "c"]);
    assert!(hand.check(&right).is_ok(), "who wrote it may sign, and push it");
    // nobody needs to know who wrote it, if the author may sign
    hand.authors = Err("the clone is shallow");
    hand.pushers.clear();
    assert!(hand.check(&right).is_ok());
    hand.pushers = vec!["c".to_owned()];
    let said = hand.refusal(&right);
    assert!(said.contains("`c@example.com` is the pusher of the change (`c`), and may not sign"), "{said}");
    hand.pushers.clear();
    let mut long = terms(&policy);
    long.expires += Seconds::new(60);
    let said = hand.refusal(&signed(&long, &["a", "c"]));
    assert!(said.contains("it lasts 1 min longer than a grant for hard findings may"), "{said}");
    let quiet = Terms { incident: None, ..terms(&policy) };
    let said = hand.refusal(&signed(&quiet, &["a", "c"]));
    assert!(said.contains("hard findings are overridden for an incident only"), "{said}");
    let asked = bound_to(&policy, Terms { requester: "a@example.com".to_owned(), ..terms(&policy) });
    let said = hand.refusal(&signed(&asked, &["a", "c"]));
    assert!(said.contains("`a@example.com` is the requester"), "{said}");
}

#[test]
fn authors_that_are_not_known_void_a_grant() {
    let policy = any_two(&roster());
    let mut hand = Hand::new(&policy);
    hand.authors = Err("more than 100000 commits would have to be read to find who wrote the change");
    let said = hand.refusal(&signed(&terms(&policy), &["a", "c"]));
    assert!(said.contains("the authors of the change are unknown: more than 100000 commits"), "{said}");
}
