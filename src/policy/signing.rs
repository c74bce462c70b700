//! Who may give the signatures that a lift asks for.

use std::collections::{HashMap, HashSet};

use crate::policy::person::grouped;
use crate::policy::roster::{Roster, distinct_persons};
use crate::policy::{Approvers, Signers};

/// Those who may sign for each of `signed`, as far as `counts` lets their names count.
fn choices<'a>(
    signed: &[Signers],
    (approvers, roster): (&'a Approvers, &'a Roster),
    counts: &dyn Fn(&str) -> bool,
) -> Vec<Vec<&'a str>> {
    let of = |signers: &Signers| -> Vec<&'a str> {
        match signers {
            Signers::Any => roster.principals().filter(|name| counts(name)).collect(),
            Signers::Group(name) => {
                let groups = approvers.groups.iter().filter(|group| group.name == *name);
                let members = groups.flat_map(|group| group.members.iter().map(String::as_str));
                members.filter(|name| counts(name)).collect()
            }
        }
    };
    signed.iter().map(of).collect()
}

/// Returns whether each of `signed` can be given by another person, of those whose names `counts` lets count (a matching, grown by
/// augmenting paths). Without a roster nothing is known, and the answer is yes.
pub(crate) fn can_be_met(signed: &[Signers], approvers: &Approvers, counts: &dyn Fn(&str) -> bool) -> bool {
    let Some(roster) = &approvers.roster else {
        return true;
    };
    let choices = choices(signed, (approvers, roster), counts);
    // persons and not addresses count; one signature is anybody's
    if signed.len() < 2 {
        return choices.iter().all(|choice| !choice.is_empty());
    }
    let everyone = all_of(&choices);
    let groups = grouped(&everyone);
    let first: HashMap<&str, &str> = everyone
        .iter()
        .zip(&groups)
        .map(|(person, group)| (*person, everyone.get(*group).copied().unwrap_or(person)))
        .collect();
    let persons: Vec<Vec<&str>> = choices
        .iter()
        .map(|choice| choice.iter().map(|person| first.get(person).copied().unwrap_or(person)).collect())
        .collect();
    distinct_persons(&persons).is_some()
}

/// Two addresses among those who may sign that count as one person.
pub(crate) fn one_person_twice<'a>(signed: &[Signers], approvers: &'a Approvers) -> Option<(&'a str, &'a str)> {
    let everyone = all_of(&choices(signed, (approvers, approvers.roster.as_ref()?), &|_| true));
    let groups = grouped(&everyone);
    let (person, group) = everyone.iter().enumerate().zip(&groups).find(|((index, _), group)| index != *group)?;
    Some((everyone.get(*group)?, person.1))
}

/// Everyone who is named, each once, in the order in which they first are.
fn all_of<'a>(choices: &[Vec<&'a str>]) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    choices.iter().flatten().copied().filter(|person| seen.insert(*person)).collect()
}
