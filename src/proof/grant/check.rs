//! What a grant is worth, at an instant, under a policy, for a change: pure.

use std::collections::HashSet;

use crate::decision::Granted;
use crate::decision::standing::policy_change_level;
use crate::policy::roster::{Roster, distinct_persons};
use crate::policy::{Approvers, Level, Lift, Policy, Signers};
use crate::proof::grant::fault::{Condition, GrantFault, names};
use crate::proof::grant::{Grant, LONGEST_FOR_INCIDENT, NAMESPACE};
use crate::reach::Reach;
use crate::time::window::Rule;

/// The change at hand, with which nothing in a grant may differ.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The repository.
    pub repository: Option<&'a str>,
    /// The full names of the new commit and its tree, where one change was looked at.
    pub commit: Option<(&'a str, &'a str)>,
    /// What it reaches.
    pub reach: &'a Reach,
    /// The authors of its commits, by their addresses, or why they can't be told.
    pub authors: Result<&'a [String], &'a str>,
    /// Whoever pushes it, by all names that are known.
    pub pushers: &'a [String],
    /// The incident that the caller names.
    pub incident: Option<&'a str>,
}

/// Where and when a grant is to count.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The instant, in seconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// The trusted policy, with its roster.
    pub policy: &'a Policy,
    /// The change; `None` to look only at the grant itself.
    pub change: Option<Change<'a>>,
    /// The ids of the grants that were used; `None` where there is no record.
    pub spent: Option<&'a HashSet<&'a str>>,
}

impl Grant {
    /// What the grant lifts.
    ///
    /// For each level of the findings that it names, one `[[lifts]]` entry must be met: by signatures of distinct persons that
    /// the roster lists, none of them the requester (unless the entry lets them), a pusher or an author of the change. Nothing
    /// in the grant may differ from the change at hand: it may name more environments and regions than are reached, never fewer.
    ///
    /// # Errors
    ///
    /// Every condition that it does not meet.
    pub fn check(&self, now: &Circumstances<'_>) -> Result<Granted, Vec<GrantFault>> {
        let mut faults = Vec::new();
        let terms = &self.terms;
        if now.at < terms.not_before {
            faults.push(GrantFault::NotYet(terms.not_before.saturating_sub(now.at)));
        }
        if now.at >= terms.expires {
            faults.push(GrantFault::Expired(now.at.saturating_sub(terms.expires)));
        }
        differs(Condition::Policy, &terms.policy, &now.policy.sources.digest(), &mut faults);
        if let Some(change) = &now.change {
            self.check_change(change, now.policy, &mut faults);
        }
        if terms.change.is_some() {
            match (now.spent, now.change) {
                (None, Some(_)) => faults.push(GrantFault::NoRecord),
                (Some(spent), _) if spent.contains(terms.id.as_str()) => faults.push(GrantFault::Spent),
                (Some(_), _) | (None, None) => {}
            }
        }
        let mut levels = Vec::new();
        for id in &terms.lifts {
            match levels_of(id, now.policy, &self.environments(now.policy)) {
                Some(found) => levels.extend(found.into_iter().filter(|level| level.refuses())),
                None => faults.push(GrantFault::UnknownFinding(id.clone())),
            }
        }
        levels.sort_unstable();
        levels.dedup();
        self.check_signatures(now, &levels, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Granted {
            by: granted_by(&terms.id),
            ids: Some(terms.lifts.clone()),
            levels,
            environments: Some(self.environments(now.policy)),
            regions: Some(terms.regions.clone()),
            until: terms.expires,
        })
    }

    /// Who of the roster signed it with a key that counts at `at`, each once.
    #[must_use]
    pub fn signed_by<'r>(&self, roster: &'r Roster, at: i64) -> Vec<&'r str> {
        self.signers(roster, at, &mut Vec::new())
    }

    /// The environments by their own names.
    fn environments(&self, policy: &Policy) -> Vec<String> {
        let named = self.terms.environments.iter();
        named.map(|name| policy.environment(name).map_or_else(|| name.clone(), |known| known.name.clone())).collect()
    }

    fn check_change(&self, change: &Change<'_>, policy: &Policy, faults: &mut Vec<GrantFault>) {
        let terms = &self.terms;
        match change.repository {
            None => faults.push(GrantFault::Unknown(Condition::Repository)),
            Some(here) => differs(Condition::Repository, &terms.repository, here, faults),
        }
        let environments = self.environments(policy);
        let mut others: Vec<String> = Vec::new();
        let mut regions: Vec<String> = Vec::new();
        for reached in &change.reach.reached {
            let name = &reached.environment.name;
            if !environments.contains(name) && !others.contains(name) {
                others.push(name.clone());
            }
            if let Some(region) = &reached.region
                && !terms.regions.contains(&region.name)
                && !regions.contains(&region.name)
            {
                regions.push(region.name.clone());
            }
        }
        for (condition, signed, others) in
            [(Condition::Environment, &terms.environments, others), (Condition::Region, &terms.regions, regions)]
        {
            if !others.is_empty() {
                let signed = if signed.is_empty() { "none".to_owned() } else { names(signed) };
                faults.push(GrantFault::Differs { condition, signed, here: names(&others) });
            }
        }
        match (&terms.change, change.commit) {
            (None, _) => {}
            (Some(_), None) => faults.push(GrantFault::Unknown(Condition::Commit)),
            (Some(bound), Some((commit, tree))) => {
                differs(Condition::Commit, &bound.commit, commit, faults);
                if bound.commit == commit {
                    differs(Condition::Tree, &bound.tree, tree, faults);
                }
            }
        }
        if let (Some(signed), Some(here)) = (&terms.incident, change.incident) {
            differs(Condition::Incident, signed, here, faults);
        }
        if let Err(cause) = change.authors {
            faults.push(GrantFault::UnknownAuthors(cause.to_owned()));
        }
    }

    fn check_signatures(&self, now: &Circumstances<'_>, levels: &[Level], faults: &mut Vec<GrantFault>) {
        if levels.is_empty() {
            return;
        }
        let Some((approvers, roster)) = now.policy.approvers.as_ref().and_then(|one| Some((one, one.roster.as_ref()?)))
        else {
            faults.push(GrantFault::NoRoster);
            return;
        };
        let mut doubts = Vec::new();
        let mut signed = self.signers(roster, now.at, &mut doubts);
        if self.signatures.is_empty() {
            doubts.push(GrantFault::Unsigned);
        }
        if let Some(change) = &now.change {
            signed.retain(|person| {
                let is = |names: &[String]| names.iter().any(|name| same_person(name, person));
                let part = match change.authors {
                    _ if is(change.pushers) => "the one who pushes the change",
                    Ok(authors) if is(authors) => "an author of the change",
                    Ok(_) | Err(_) => return true,
                };
                doubts.push(GrantFault::Party { person: (*person).to_owned(), part });
                false
            });
        }
        let mut unmet = Vec::new();
        for level in levels {
            let mut lifts = now.policy.lifts.iter().filter(|lift| lift.level == *level).peekable();
            if lifts.peek().is_none() {
                unmet.push(GrantFault::NoLift(*level));
                continue;
            }
            let problems: Vec<Vec<GrantFault>> =
                lifts.map(|lift| self.problems(lift, approvers, &signed, now)).collect();
            if problems.iter().all(|problems| !problems.is_empty()) {
                unmet.extend(problems.into_iter().flatten());
            }
        }
        // what is doubtful about a signature matters only where one is missing
        if !unmet.is_empty() {
            doubts.append(&mut unmet);
            for doubt in doubts {
                if !faults.contains(&doubt) {
                    faults.push(doubt);
                }
            }
        }
    }

    /// Who signed, each once; and what is wrong with the other signatures.
    fn signers<'r>(&self, roster: &'r Roster, at: i64, doubts: &mut Vec<GrantFault>) -> Vec<&'r str> {
        let mut keys: Vec<(&'r str, usize)> = Vec::new();
        for (number, signature) in (1..).zip(&self.signatures) {
            let Some(signer) = roster.signers().iter().find(|signer| signature.is_of(&signer.key)) else {
                doubts.push(GrantFault::Stranger {
                    number,
                    fingerprint: signature.fingerprint(),
                    roster: roster.path().to_owned(),
                });
                continue;
            };
            let person = signer.principal.as_str();
            if let Err(fault) = signature.verify(&signer.key, NAMESPACE, self.signed.as_bytes()) {
                doubts.push(GrantFault::Signature { number, person: Some(person.to_owned()), fault });
                continue;
            }
            if let Err(fault) = signer.permits(NAMESPACE, at) {
                doubts.push(GrantFault::Key { person: person.to_owned(), fault });
                continue;
            }
            match keys.iter().find(|(known, _)| same_person(known, person)) {
                Some((_, line)) => {
                    doubts.push(GrantFault::Again { person: person.to_owned(), other_key: *line != signer.line });
                }
                None => keys.push((person, signer.line)),
            }
        }
        keys.into_iter().map(|(person, _)| person).collect()
    }

    /// What is missing for this lift.
    fn problems(
        &self,
        lift: &Lift,
        approvers: &Approvers,
        signed: &[&str],
        now: &Circumstances<'_>,
    ) -> Vec<GrantFault> {
        let terms = &self.terms;
        let mut problems = Vec::new();
        let incident = terms.incident.as_deref().or_else(|| now.change.as_ref().and_then(|change| change.incident));
        if lift.incident && incident.is_none() {
            problems.push(GrantFault::NoIncident(lift.level));
        }
        if let Some(longest) = lift.max_duration
            && terms.lasts() > longest
        {
            problems.push(GrantFault::TooLong(lift.level, terms.lasts().saturating_sub(longest)));
        }
        let is_requester = |person: &&&str| same_person(person, &terms.requester);
        let counted: Vec<&str> =
            signed.iter().filter(|person| lift.requester || !is_requester(person)).copied().collect();
        let choices: Vec<Vec<&str>> = lift
            .signed
            .iter()
            .map(|signers| counted.iter().filter(|person| belongs(person, signers, approvers)).copied().collect())
            .collect();
        if distinct_persons(&choices).is_none() {
            if let Some(person) = signed.iter().find(is_requester).filter(|_| !lift.requester) {
                problems.push(GrantFault::Party { person: (*person).to_owned(), part: "the one who asks for it" });
            }
            problems.push(GrantFault::Missing {
                level: lift.level,
                wanted: lift.signed.iter().map(|signers| named(signers).to_owned()).collect(),
                signed: counted.into_iter().map(str::to_owned).collect(),
            });
        }
        problems
    }
}

/// What a finding that the grant of this id lifts names it by.
#[must_use]
pub fn granted_by(id: &str) -> String {
    format!("grant {id}")
}

/// What an incident lifts without any grant: findings of the levels that a `[[lifts]]` entry asks for nothing else for.
///
/// For as long from `at` on, in seconds since 1970, as a grant for an incident may last.
///
/// # Errors
///
/// [`GrantFault::NotAlone`] where there is no such entry, [`GrantFault::Unrecorded`] where it could not be recorded.
pub fn incident_alone(policy: &Policy, incident: &str, recorded: bool, at: i64) -> Result<Granted, GrantFault> {
    let levels: Vec<Level> =
        policy.lifts.iter().filter(|lift| lift.signed.is_empty() && lift.incident).map(|lift| lift.level).collect();
    if levels.is_empty() {
        let is_for_incidents = policy.lifts.iter().any(|lift| lift.incident);
        return Err(if is_for_incidents { GrantFault::NotAlone } else { GrantFault::NotForIncidents });
    }
    if !recorded {
        return Err(GrantFault::Unrecorded);
    }
    let by = format!("incident {incident}");
    Ok(Granted {
        by,
        ids: None,
        levels,
        environments: None,
        regions: None,
        until: at.saturating_add(LONGEST_FOR_INCIDENT),
    })
}

fn differs(condition: Condition, signed: &str, here: &str, faults: &mut Vec<GrantFault>) {
    if signed != here {
        faults.push(GrantFault::Differs { condition, signed: signed.to_owned(), here: here.to_owned() });
    }
}

/// Addresses differ in case and mean one person: that only ever closes.
fn same_person(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn named(signers: &Signers) -> &str {
    match signers {
        Signers::Any => "any",
        Signers::Group(name) => name,
    }
}

fn belongs(person: &str, signers: &Signers, approvers: &Approvers) -> bool {
    match signers {
        Signers::Any => true,
        Signers::Group(name) => approvers
            .groups
            .iter()
            .filter(|group| group.name == *name)
            .any(|group| group.members.iter().any(|member| member == person)),
    }
}

/// The levels that a finding of this id may have under the policy in `environments`; `None` if it can't have one.
fn levels_of(id: &str, policy: &Policy, environments: &[String]) -> Option<Vec<Level>> {
    match id {
        "target-mismatch" | "unknown-target" | "clock" => return Some(vec![Level::Hard]),
        "policy-change" => return Some(vec![policy_change_level(policy)]),
        "stale-calendar" => {
            let around = policy.freezes.iter().filter(|freeze| matches!(freeze.rule, Rule::Around { .. }));
            return Some(around.map(|freeze| freeze.level).collect());
        }
        _ => {}
    }
    match id.split_once('/')? {
        ("core-hours", region) => {
            policy.region(region)?;
            let meant = policy.environments.iter().filter(|environment| environments.contains(&environment.name));
            Some(meant.filter_map(|environment| environment.during_core_hours).collect())
        }
        ("change-window", environment) => policy.environment(environment).map(|_| vec![Level::Hard]),
        ("freeze", name) => policy.freezes.iter().find(|freeze| freeze.name == name).map(|freeze| vec![freeze.level]),
        _ => None,
    }
}
