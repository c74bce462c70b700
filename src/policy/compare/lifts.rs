//! Who may override what: lifts, the persons behind their groups, and those persons' keys.
//!
//! Every difference counts as opened at the level of the lift. One that makes it harder prepares the next edit just as well:
//! whoever takes the keys of all others away decides alone from then on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::diagnostic::Place;
use crate::policy::compare::work::{Halt, Work};
use crate::policy::duration::in_full;
use crate::policy::roster::{Roster, Signer};
use crate::policy::{Level, Lift, LiftedFindings, Policy, Signers};
use crate::time::seconds::Seconds;

/// A lift or a signer that only one of two policies has, or has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LiftDifference {
    pub(super) level: Level,
    pub(super) text: String,
    pub(super) old_place: Option<Place>,
    pub(super) new_place: Option<Place>,
}

/// The number of a set of persons: equal numbers mean the same persons, in either policy.
type PersonsId = usize;

/// All that decides whether a lift is met, whatever its groups are called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct LiftTerms {
    covers: LiftedFindings,
    /// For each signature the persons who may give it; `None` is the whole roster.
    signed: Vec<Option<PersonsId>>,
    incident: bool,
    requester: bool,
    author: bool,
    max_duration: Option<Seconds>,
}

/// The sets of persons that the groups of two policies are.
#[derive(Debug, Default)]
struct Persons<'p> {
    numbers: BTreeMap<BTreeSet<&'p str>, PersonsId>,
}

impl<'p> Persons<'p> {
    /// The numbers of the groups of a policy, by their names.
    fn groups(&mut self, policy: &'p Policy, work: &Work) -> Result<HashMap<&'p str, PersonsId>, Halt> {
        let mut groups = HashMap::new();
        let approvers = policy.approvers.as_ref();
        for group in approvers.map_or(&[][..], |approvers| approvers.groups.as_slice()) {
            // sorted, and compared with other sets
            work.spend(group.members.len().saturating_mul(8).saturating_add(1))?;
            let members: BTreeSet<&str> = group.members.iter().map(String::as_str).collect();
            let next = self.numbers.len();
            groups.insert(group.name.as_str(), *self.numbers.entry(members).or_insert(next));
        }
        Ok(groups)
    }

    /// The persons of each number.
    fn by_number(&self) -> HashMap<PersonsId, &BTreeSet<&'p str>> {
        self.numbers.iter().map(|(persons, number)| (*number, persons)).collect()
    }
}

/// The lifts of a policy, each way to lift once.
fn lifts(policy: &Policy, groups: &HashMap<&str, PersonsId>, work: &Work) -> Result<BTreeMap<LiftTerms, Place>, Halt> {
    let mut lifts = BTreeMap::new();
    for lift in &policy.lifts {
        work.spend(lift.signed.len().saturating_mul(4).saturating_add(4))?;
        lifts.insert(terms(lift, groups), lift.place);
    }
    Ok(lifts)
}

fn terms(lift: &Lift, groups: &HashMap<&str, PersonsId>) -> LiftTerms {
    let persons = |signers: &Signers| match signers {
        Signers::Any => None,
        // a group that there is not has no persons; such a policy does not load
        Signers::Group(name) => Some(groups.get(name.as_str()).copied().unwrap_or(PersonsId::MAX)),
    };
    let mut signed: Vec<Option<PersonsId>> = lift.signed.iter().map(persons).collect();
    signed.sort_unstable();
    LiftTerms {
        covers: lift.covers.clone(),
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

/// Every difference in who may override what.
///
/// # Errors
///
/// [`Halt::TooMuch`] if the work is used up.
pub(super) fn compare(old: &Policy, new: &Policy, work: &Work) -> Result<Vec<LiftDifference>, Halt> {
    let mut numbered = Persons::default();
    let groups = (numbered.groups(old, work)?, numbered.groups(new, work)?);
    let (before, after) = (lifts(old, &groups.0, work)?, lifts(new, &groups.1, work)?);
    let persons = numbered.by_number();
    let mut found = Vec::new();
    for (terms, place) in before.iter().filter(|(terms, _)| !after.contains_key(terms)) {
        let (called, asks) = (called(&terms.covers), asks(terms, &persons));
        found.push(LiftDifference {
            level: level(&terms.covers),
            text: format!("{called} can no longer be overridden {asks} (removing an override counts too)"),
            old_place: Some(*place),
            new_place: None,
        });
    }
    for (terms, place) in after.iter().filter(|(terms, _)| !before.contains_key(terms)) {
        let (called, asks) = (called(&terms.covers), asks(terms, &persons));
        found.push(LiftDifference {
            level: level(&terms.covers),
            text: format!("{called} can now be overridden {asks}"),
            old_place: None,
            new_place: Some(*place),
        });
    }
    let lifts: Vec<&LiftTerms> = before.keys().chain(after.keys()).collect();
    compare_keys((old, new), &lifts, &persons, work, &mut found)?;
    Ok(found)
}

/// The strictest level that a lift can open.
const fn level(covers: &LiftedFindings) -> Level {
    match covers {
        LiftedFindings::Level(level) | LiftedFindings::Hazards(level, _) => *level,
        LiftedFindings::PolicyChange => Level::Hard,
    }
}

fn called(covers: &LiftedFindings) -> String {
    let of_level = |level: &Level| match level {
        Level::Hard => "hard findings",
        Level::Soft => "soft findings",
        Level::Warn => "warnings",
    };
    match covers {
        LiftedFindings::Level(level) => of_level(level).to_owned(),
        LiftedFindings::PolicyChange => "edits of the policy".to_owned(),
        LiftedFindings::Hazards(level, hazards) => {
            let names: BTreeSet<&str> = hazards.iter().map(String::as_str).collect();
            format!("{} of the hazards {}", of_level(level), shown(&names, ", "))
        }
    }
}

/// The number of names of a list that are shown.
const SHOWN: usize = 4;

/// Some names of a list, and how many others it has.
fn shown(names: &BTreeSet<&str>, between: &str) -> String {
    let mut parts: Vec<String> = names.iter().take(SHOWN).map(|name| (*name).to_owned()).collect();
    match names.len().saturating_sub(parts.len()) {
        0 => {}
        1 => parts.push("1 other".to_owned()),
        more => parts.push(format!("{more} others")),
    }
    parts.join(between)
}

/// Returns what a lift asks for, for people.
fn asks(terms: &LiftTerms, known: &HashMap<PersonsId, &BTreeSet<&str>>) -> String {
    let persons = terms.signed.iter().take(SHOWN).map(|persons| match persons {
        None => "anyone".to_owned(),
        Some(number) => known.get(number).map_or_else(String::new, |names| shown(names, " or ")),
    });
    let mut persons: Vec<String> = persons.collect();
    let more = terms.signed.len().saturating_sub(persons.len());
    if more > 0 {
        persons.push(format!("{more} more"));
    }
    let signed = match persons.as_slice() {
        [] => "without a signature".to_owned(),
        [one] => format!("with a signature of {one}"),
        [..] => format!("with signatures of {}", persons.join(" and ")),
    };
    let incident = if terms.incident { "for an incident, " } else { "" };
    let also = match (terms.author, terms.requester) {
        (true, true) => ", the author and the requester may sign",
        (true, false) => ", the author may sign",
        (false, true) => ", the requester may sign",
        (false, false) => "",
    };
    let longest = terms.max_duration.map_or_else(String::new, |most| format!(", for {} at most", in_full(most)));
    format!("{incident}{signed}{also}{longest}")
}

/// Keys of persons who may sign for some of `lifts`, those of both policies.
fn compare_keys(
    (old, new): (&Policy, &Policy),
    lifts: &[&LiftTerms],
    persons: &HashMap<PersonsId, &BTreeSet<&str>>,
    work: &Work,
    found: &mut Vec<LiftDifference>,
) -> Result<(), Halt> {
    let (of_old, of_new) = (keys(roster(old), work)?, keys(roster(new), work)?);
    let mut changed: BTreeSet<&str> = BTreeSet::new();
    for (one, other) in [(&of_old, &of_new), (&of_new, &of_old)] {
        changed.extend(one.iter().filter(|(key, _)| !other.contains_key(*key)).map(|(_, person)| *person));
    }
    if changed.is_empty() {
        return Ok(());
    }
    let place = |policy: &Policy| policy.approvers.as_ref().map(|approvers| approvers.place);
    // a lift for edits of the policy leads to all that is hard
    for of_level in [Level::Hard, Level::Soft] {
        let signatures = lifts.iter().filter(|terms| level(&terms.covers) == of_level).flat_map(|terms| &terms.signed);
        let signatures: BTreeSet<&Option<PersonsId>> = signatures.collect();
        let mut may_sign: BTreeSet<&str> = BTreeSet::new();
        for signers in signatures {
            match signers.and_then(|number| persons.get(&number)) {
                None => may_sign.extend(&changed),
                Some(members) => {
                    work.spend(members.len().saturating_mul(2))?;
                    may_sign.extend(members.intersection(&changed));
                }
            }
        }
        if !may_sign.is_empty() {
            found.push(LiftDifference {
                level: of_level,
                text: format!("the keys of {} in the roster", shown(&may_sign, ", ")),
                old_place: place(old),
                new_place: place(new),
            });
        }
    }
    Ok(())
}

/// All that decides whether a signature counts, with the person whose it is.
fn keys<'p>(roster: Option<&'p Roster>, work: &Work) -> Result<BTreeMap<String, &'p str>, Halt> {
    let key = |signer: &Signer| {
        let blob = signer.key.key_data().fingerprint(ssh_key::HashAlg::Sha256);
        let Signer { principal, key: _, line: _, namespaces, valid_after, valid_before } = signer;
        format!("{principal} {blob} {namespaces:?} {valid_after:?} {valid_before:?}")
    };
    let signers = roster.map_or(&[][..], Roster::signers);
    // hashed, written out and sorted
    work.spend(signers.len().saturating_mul(32))?;
    Ok(signers.iter().map(|signer| (key(signer), signer.principal.as_str())).collect())
}

/// Returns whether two policies have the same keys, of persons who may sign or not.
pub(super) fn has_same_roster(old: &Policy, new: &Policy) -> bool {
    fn written(signer: &Signer) -> impl PartialEq + use<'_> {
        let Signer { principal, key, line: _, namespaces, valid_after, valid_before } = signer;
        (principal, key.key_data(), namespaces, valid_after, valid_before)
    }
    let signers = |policy| roster(policy).map(Roster::signers);
    match (signers(old), signers(new)) {
        (None, None) => true,
        (Some(old), Some(new)) => old.iter().map(written).eq(new.iter().map(written)),
        (Some(_), None) | (None, Some(_)) => false,
    }
}
