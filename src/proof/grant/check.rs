//! What a grant is worth, at an instant, under a policy, for a change: pure.

use std::collections::BTreeSet;

use crate::change::CommandLine;
use crate::decision::{Granted, Share};
use crate::hex::short_id;
use crate::policy::{FindingId, Level, Lift, LiftNeed, Policy};
use crate::proof::grant::fault::{Condition, GrantFault, names};
use crate::proof::grant::levels::{levels_of, needs_of};
use crate::proof::grant::told;
use crate::proof::grant::{BoundChange, Grant, LONGEST_FOR_INCIDENT, policy_digest};
use crate::reach::Reach;
use crate::time::instant::Instant;

/// The change at hand, with which nothing in a grant may differ.
#[derive(Debug, Clone, Copy)]
pub struct ChangeAtHand<'a> {
    /// The repository.
    pub repository: Option<&'a str>,
    /// Everything that is changed, ref by ref; empty if nothing was looked at.
    pub parts: &'a [ChangedRef],
    /// The command that is started, if one is.
    pub command: Option<&'a CommandLine>,
    /// True if a plan of infrastructure is applied.
    pub has_plan: bool,
    /// The places that it reaches.
    pub reach: &'a Reach,
    /// The authors of its commits, by their addresses, or why they can't be determined.
    pub authors: Result<&'a [String], &'a str>,
    /// Whoever pushes it, by all names that are known.
    pub pushers: &'a [String],
    /// The incident that the caller names.
    pub incident: Option<&'a str>,
}

/// One ref that is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRef {
    /// The full name of the ref, if it is known.
    pub reference: Option<String>,
    /// The [`DifferenceDigest`](crate::change::git::DifferenceDigest) in lower-case hexadecimal, or why it is not available.
    pub difference: Result<String, String>,
    /// The environments that it concerns; `None` for all.
    pub environments: Option<Vec<String>>,
}

/// The place where it is noted that a grant for one change was used.
#[derive(Debug, Clone, Copy)]
pub enum Spending<'a> {
    /// In a record that has the ids of those that were.
    Recorded(&'a BTreeSet<String>),
    /// Nowhere, so that such a grant can't count.
    Unrecorded,
    /// Nowhere, and nothing is used by the answer.
    NotUsed,
}

/// The circumstances in which a grant is to count.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The instant, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// The trusted policy, with its roster.
    pub policy: &'a Policy,
    /// The change; `None` to look only at the grant itself.
    pub change: Option<ChangeAtHand<'a>>,
    /// The record of uses.
    pub spent: Spending<'a>,
}

impl Grant {
    /// Returns what the grant lifts.
    ///
    /// For each level of the findings that it names, one `[[lifts]]` entry must be met: by signatures of distinct persons that
    /// the roster lists, none of them the requester or an author of the change (unless the entry lets them) or a pusher. Nothing
    /// in the grant may differ from the change at hand: it may name more environments and regions than are reached, never fewer.
    /// If several refs are changed, it lifts for the one that it names.
    ///
    /// # Errors
    ///
    /// Every condition that it does not meet; of a grant that was used up that alone, as nothing fixes it.
    pub fn check(&self, now: &Circumstances<'_>) -> Result<Granted, Vec<GrantFault>> {
        let mut faults = Vec::new();
        let terms = &self.terms;
        if now.at < terms.not_before {
            faults.push(GrantFault::NotYet(terms.not_before.since(now.at)));
        }
        if now.at >= terms.expires {
            faults.push(GrantFault::Expired(now.at.since(terms.expires)));
        }
        differs(Condition::Policy, &terms.policy, &policy_digest(now.policy, terms), &mut faults);
        self.check_names(now.policy, &mut faults);
        let share = match &now.change {
            Some(change) => self.check_change(change, now.policy, &mut faults),
            None => None,
        };
        if terms.is_for_one_use() {
            match now.spent {
                Spending::Unrecorded => faults.push(GrantFault::NoRecord),
                Spending::Recorded(spent) if spent.contains(terms.id.as_str()) => return Err(vec![GrantFault::Spent]),
                Spending::Recorded(_) | Spending::NotUsed => {}
            }
        }
        let mut needs: Vec<LiftNeed> = Vec::new();
        let mut lifted = Vec::new();
        for id in &terms.lifts {
            let reach = now.change.as_ref().map(|change| change.reach);
            let known = FindingId::read(id).and_then(|id| {
                let levels = levels_of(&id, now.policy, &self.environments(now.policy), reach, Some(now.at))?;
                Some((id, levels))
            });
            match known {
                Some((known, found)) => {
                    let before = needs.len();
                    needs.extend(needs_of(&known, found, now.policy, reach));
                    lifted.push(known);
                    if needs.len() == before {
                        faults.push(GrantFault::LiftsNothing(id.clone()));
                    }
                }
                None => faults.push(GrantFault::UnknownFinding(id.clone())),
            }
        }
        needs.sort_unstable();
        needs.dedup();
        self.check_signatures(now, &needs, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Granted {
            by: granted_by(&terms.id),
            ids: Some(lifted),
            levels: needs.iter().map(|need| need.level).collect(),
            environments: Some(self.environments(now.policy)),
            regions: Some(terms.regions.clone()),
            until: terms.expires,
            share,
        })
    }

    /// Returns whether some `[[lifts]]` entry that may override what it names asks for signatures of people who did not write the change: then a
    /// signer may not push it either. Nobody pushes a command.
    #[must_use]
    pub fn bars_signers_from_pushing(&self, policy: &Policy, at: Instant) -> bool {
        let terms = &self.terms;
        let environments = self.environments(policy);
        let needs = terms.lifts.iter().filter_map(|id| {
            let id = FindingId::read(id)?;
            let levels = levels_of(&id, policy, &environments, None, Some(at))?;
            Some(needs_of(&id, levels, policy, None).collect::<Vec<LiftNeed>>())
        });
        let is_of_command = terms.command.is_some() && terms.change.is_none();
        let bars = |lift: &Lift| !lift.signed.is_empty() && !lift.author;
        !is_of_command && needs.flatten().any(|need| policy.lifts.iter().any(|lift| lift.is_for(&need) && bars(lift)))
    }

    /// The environments by their own names.
    fn environments(&self, policy: &Policy) -> Vec<String> {
        let named = self.terms.environments.iter();
        named.map(|name| policy.environment(name).map_or_else(|| name.clone(), |known| known.name.clone())).collect()
    }

    fn check_names(&self, policy: &Policy, faults: &mut Vec<GrantFault>) {
        let mut unknown = |noun, name: &String| faults.push(GrantFault::UnknownName { noun, name: name.clone() });
        let environments = self.terms.environments.iter();
        environments.filter(|name| policy.environment(name).is_none()).for_each(|name| unknown("environment", name));
        let regions = self.terms.regions.iter();
        regions.filter(|name| policy.region(name).is_none()).for_each(|name| unknown("region", name));
    }

    /// Holds it against the change, and returns which parts of several it is for.
    fn check_change(&self, change: &ChangeAtHand<'_>, policy: &Policy, faults: &mut Vec<GrantFault>) -> Option<Share> {
        let terms = &self.terms;
        match change.repository {
            None => faults.push(GrantFault::Unknown(Condition::Repository)),
            Some(here) => differs(Condition::Repository, &terms.repository, here, faults),
        }
        self.check_command(change, faults);
        let parts = terms.change.as_ref().map(|bound| matching(bound, change.parts, faults));
        let meant = |environment: &String| {
            let part = |index: &usize| change.parts.get(*index).and_then(|part| part.environments.as_ref());
            let scopes: Option<Vec<&Vec<String>>> = parts.iter().flatten().map(part).collect();
            match scopes {
                Some(scopes) if !scopes.is_empty() => scopes.iter().any(|scope| scope.contains(environment)),
                Some(_) | None => true,
            }
        };
        let environments = self.environments(policy);
        let mut others: Vec<String> = Vec::new();
        let mut regions: Vec<String> = Vec::new();
        for reached in change.reach.reached.iter().filter(|reached| meant(&reached.environment.name)) {
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
        if let (Some(signed), Some(here)) = (&terms.incident, change.incident) {
            differs(Condition::Incident, signed, here, faults);
        }
        let parts = parts.filter(|_| change.parts.len() > 1)?;
        Some(Share { parts, scopes: change.parts.iter().map(|part| part.environments.clone()).collect() })
    }
}

impl Grant {
    /// Holds it against the command that is started. What a grant for one change or one command does not name, it does not cover.
    fn check_command(&self, change: &ChangeAtHand<'_>, faults: &mut Vec<GrantFault>) {
        let terms = &self.terms;
        match (&terms.command, change.command) {
            (Some(_), None) => faults.push(GrantFault::Unknown(Condition::Command)),
            (Some(bound), Some(here)) => bound.compare(here, faults),
            (None, Some(_)) if terms.change.is_some() => faults.push(GrantFault::NoCommand),
            (None, Some(_) | None) => {}
        }
        if terms.is_for_one_use() && change.has_plan {
            faults.push(GrantFault::NoPlan);
        }
        if terms.command.is_some() && terms.change.is_none() && !change.parts.is_empty() {
            faults.push(GrantFault::NoDifference);
        }
    }
}

/// The parts of the change that are those of the grant; none, and why, if there are none.
fn matching(bound: &BoundChange, parts: &[ChangedRef], faults: &mut Vec<GrantFault>) -> Vec<usize> {
    let is_of_ref = |part: &&ChangedRef| part.reference.as_deref() == Some(bound.reference.as_str());
    let is_same = |part: &ChangedRef| part.difference.as_ref() == Ok(&bound.difference);
    let same: Vec<usize> =
        parts.iter().enumerate().filter(|(_, part)| is_of_ref(part) && is_same(part)).map(|(index, _)| index).collect();
    if !same.is_empty() {
        return same;
    }
    match (parts, parts.iter().find(is_of_ref)) {
        ([], _) => faults.push(GrantFault::Unknown(Condition::Difference)),
        (_, Some(part)) => match &part.difference {
            Ok(here) => differs(Condition::Difference, &bound.difference, short_id(here), faults),
            Err(cause) => faults.push(GrantFault::UnknownDifference(cause.clone())),
        },
        (_, None) => {
            let mut known: Vec<String> = parts.iter().filter_map(|part| part.reference.clone()).collect();
            known.sort_unstable();
            known.dedup();
            match known.as_slice() {
                [] => faults.push(GrantFault::Unknown(Condition::Ref)),
                [one] => differs(Condition::Ref, &bound.reference, one, faults),
                [one, .., last] => {
                    let here = format!("{one}` to `{last}");
                    differs(Condition::Ref, &bound.reference, &here, faults);
                }
            }
        }
    }
    same
}

/// Returns what a finding that the grant of this id lifts names it by.
#[must_use]
pub fn granted_by(id: &str) -> String {
    format!("grant {id}")
}

/// Returns what an incident lifts without any grant: findings for which a `[[lifts]]` entry asks for nothing else.
///
/// For as long from `at` on, in seconds since 1970, as a grant for an incident may last. `is_of_hazards`: whether hazards of the change may be
/// why a freeze meets it, see [`LiftNeed::of`].
///
/// # Errors
///
/// [`GrantFault::Untold`] if `incident` names none, [`GrantFault::NotAlone`] where there is no such entry,
/// [`GrantFault::Unrecorded`] where it could not be recorded.
pub fn incident_alone(
    policy: &Policy,
    incident: &str,
    recorded: bool,
    at: Instant,
    is_of_hazards: bool,
) -> Result<Vec<Granted>, GrantFault> {
    told::incident(incident).map_err(GrantFault::Untold)?;
    let alone: Vec<&Lift> = policy.lifts.iter().filter(|lift| lift.signed.is_empty() && lift.incident).collect();
    if alone.is_empty() {
        let is_for_incidents = policy.lifts.iter().any(|lift| lift.incident);
        return Err(if is_for_incidents { GrantFault::NotAlone } else { GrantFault::NotForIncidents });
    }
    if !recorded {
        return Err(GrantFault::Unrecorded);
    }
    let granted = |ids: Option<Vec<FindingId>>, levels: Vec<Level>| Granted {
        by: format!("incident {incident}"),
        ids,
        levels,
        environments: None,
        regions: None,
        until: at.saturating_add(LONGEST_FOR_INCIDENT),
        share: None,
    };
    let levels: Vec<Level> =
        REFUSING.into_iter().filter(|level| alone.iter().any(|lift| lift.is_of_level(*level))).collect();
    let of_hazards = policy.freezes.iter().filter(|freeze| alone.iter().any(|lift| lift.is_for_hazards_of(freeze)));
    let of_hazards = of_hazards.filter(|_| is_of_hazards);
    let mut all: Vec<Granted> =
        of_hazards.map(|freeze| granted(Some(vec![FindingId::of_freeze(&freeze.name)]), vec![freeze.level])).collect();
    if !levels.is_empty() {
        all.push(granted(None, levels));
    }
    Ok(all)
}

/// The levels of what refuses.
const REFUSING: [Level; 2] = [Level::Soft, Level::Hard];

fn differs(condition: Condition, signed: &str, here: &str, faults: &mut Vec<GrantFault>) {
    if signed != here {
        faults.push(GrantFault::Differs { condition, signed: signed.to_owned(), here: here.to_owned() });
    }
}
