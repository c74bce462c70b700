//! Who may override what: lifts, the persons behind their groups, and those persons' keys.
//!
//! Every difference counts as opened at the level of the lift. One that makes it harder prepares the next edit just as well:
//! whoever takes the keys of all others away decides alone from then on.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Place;
use crate::policy::roster::{Roster, Signer};
use crate::policy::{Level, Lift, LiftedFindings, Policy, Signers};

/// A lift or a signer that only one of two policies has, or has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LiftDifference {
    pub(super) level: Level,
    pub(super) text: String,
    pub(super) old_place: Option<Place>,
    pub(super) new_place: Option<Place>,
}

/// All that decides whether a lift is met, whatever its groups are called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct LiftTerms<'p> {
    covers: LiftedFindings,
    /// For each signature the persons who may give it; `None` is the whole roster.
    signed: Vec<Option<BTreeSet<&'p str>>>,
    incident: bool,
    requester: bool,
    author: bool,
    max_duration: Option<i64>,
}

fn terms<'p>(lift: &Lift, policy: &'p Policy) -> LiftTerms<'p> {
    let groups = policy.approvers.as_ref().map_or(&[][..], |approvers| approvers.groups.as_slice());
    let persons = |signers: &Signers| match signers {
        Signers::Any => None,
        Signers::Group(name) => {
            let members = groups.iter().filter(|group| group.name == *name).flat_map(|group| &group.members);
            Some(members.map(String::as_str).collect())
        }
    };
    let mut signed: Vec<Option<BTreeSet<&str>>> = lift.signed.iter().map(persons).collect();
    signed.sort_unstable();
    LiftTerms {
        covers: lift.covers,
        signed,
        incident: lift.incident,
        requester: lift.requester,
        author: lift.author,
        max_duration: lift.max_duration,
    }
}

fn roster(policy: &Policy) -> Option<&Roster> {
    policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref())
}

/// The lifts of a policy, each way to lift once.
fn lifts(policy: &Policy) -> BTreeMap<LiftTerms<'_>, Place> {
    policy.lifts.iter().map(|lift| (terms(lift, policy), lift.place)).collect()
}

/// Every difference in who may override what.
pub(super) fn compare(old: &Policy, new: &Policy) -> Vec<LiftDifference> {
    let (before, after) = (lifts(old), lifts(new));
    let mut found = Vec::new();
    for (terms, place) in before.iter().filter(|(terms, _)| !after.contains_key(terms)) {
        found.push(LiftDifference {
            level: level(terms.covers),
            text: format!("the lift for {} that asks for {} is gone or changed", called(terms.covers), asks(terms)),
            old_place: Some(*place),
            new_place: None,
        });
    }
    for (terms, place) in after.iter().filter(|(terms, _)| !before.contains_key(terms)) {
        found.push(LiftDifference {
            level: level(terms.covers),
            text: format!("a lift for {} asks for {} only now", called(terms.covers), asks(terms)),
            old_place: None,
            new_place: Some(*place),
        });
    }
    compare_keys(old, new, &before, &after, &mut found);
    found
}

/// The strictest level that a lift can open.
const fn level(covers: LiftedFindings) -> Level {
    match covers {
        LiftedFindings::Level(level) => level,
        LiftedFindings::PolicyChange => Level::Hard,
    }
}

const fn called(covers: LiftedFindings) -> &'static str {
    match covers {
        LiftedFindings::Level(level) => level.as_str(),
        LiftedFindings::PolicyChange => "edits of the policy",
    }
}

/// What a lift asks for, for people.
fn asks(terms: &LiftTerms<'_>) -> String {
    let mut parts: Vec<String> = terms
        .signed
        .iter()
        .map(|persons| match persons {
            None => "a signature of anyone".to_owned(),
            Some(persons) => {
                format!("a signature of {}", persons.iter().copied().collect::<Vec<_>>().join(" or "))
            }
        })
        .collect();
    if terms.incident {
        parts.push("an incident".to_owned());
    }
    if terms.author {
        parts.push("possibly the author of the change".to_owned());
    }
    parts.join(" and ")
}

/// Keys of persons who may sign for some lift.
fn compare_keys(
    old: &Policy,
    new: &Policy,
    before: &BTreeMap<LiftTerms<'_>, Place>,
    after: &BTreeMap<LiftTerms<'_>, Place>,
    found: &mut Vec<LiftDifference>,
) {
    let (of_old, of_new) = (keys(roster(old)), keys(roster(new)));
    let mut changed: BTreeSet<&str> = BTreeSet::new();
    for (one, other) in [(&of_old, &of_new), (&of_new, &of_old)] {
        changed.extend(one.iter().filter(|(key, _)| !other.contains_key(*key)).map(|(_, person)| *person));
    }
    let place = |policy: &Policy| policy.approvers.as_ref().map(|approvers| approvers.place);
    // a lift for edits of the policy leads to all that is hard
    for of_level in [Level::Hard, Level::Soft] {
        let lifts = || before.keys().chain(after.keys()).filter(|terms| level(terms.covers) == of_level);
        let may_sign = |person: &&&str| {
            let mut signatures = lifts().flat_map(|terms| &terms.signed);
            signatures.any(|persons| persons.as_ref().is_none_or(|persons| persons.contains(**person)))
        };
        let persons: Vec<&str> = changed.iter().filter(may_sign).copied().collect();
        if !persons.is_empty() {
            found.push(LiftDifference {
                level: of_level,
                text: format!("the keys of {} in the roster", persons.join(", ")),
                old_place: place(old),
                new_place: place(new),
            });
        }
    }
}

/// All that decides whether a signature counts, with the person whose it is.
fn keys(roster: Option<&Roster>) -> BTreeMap<String, &str> {
    let key = |signer: &Signer| {
        let blob = signer.key.key_data().fingerprint(ssh_key::HashAlg::Sha256);
        let Signer { principal, key: _, line: _, namespaces, valid_after, valid_before } = signer;
        format!("{principal} {blob} {namespaces:?} {valid_after:?} {valid_before:?}")
    };
    roster.map_or(&[][..], Roster::signers).iter().map(|signer| (key(signer), signer.principal.as_str())).collect()
}
