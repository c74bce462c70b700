//! What it takes to override each finding of a refusal.

use crate::cli::args::PolicyArgs;
use crate::cli::grant::advice::{fault as grant_fault, or_organisation, policy_again};
use crate::cli::grant::refused::RefusedFinding;
use crate::diagnostic::{Code, Faults};
use crate::escape::for_terminal;
use crate::policy::duration::in_full;
use crate::policy::person::same_person;
use crate::policy::signing;
use crate::policy::{FindingId, Level, Lift, LiftNeed, Policy, Signers};
use crate::proof::grant::LONGEST_FOR_INCIDENT;
use crate::shell::shell_word;
use crate::time::seconds::Seconds;

/// An override that somebody asks for.
pub(super) struct AskedOverride<'a> {
    /// The policy that refuses.
    pub(super) policy: &'a Policy,
    /// Where it was read.
    pub(super) place: &'a PolicyArgs,
    /// Who asks.
    pub(super) requester: &'a str,
    /// True if it names an incident.
    pub(super) has_incident: bool,
    /// For how long, in seconds.
    pub(super) lasts: Seconds,
}

/// What an override of findings names, and what it takes.
#[derive(Default)]
pub(super) struct OverrideNeeds {
    /// The ids of the findings.
    pub(super) lifts: Vec<String>,
    /// True if no entry of the policy lets it count as it is.
    pub(super) needs_signatures: bool,
    /// Who is missing to sign it.
    pub(super) warnings: Vec<String>,
}

impl AskedOverride<'_> {
    /// Returns what it takes to override the findings that refuse, and adds the environments that only they name.
    ///
    /// # Errors
    ///
    /// A finding that nobody may override, or not for that long, or only for an incident.
    pub(super) fn needs(
        &self,
        findings: Vec<RefusedFinding>,
        environments: &mut Vec<String>,
    ) -> Result<OverrideNeeds, Faults> {
        let mut needs = OverrideNeeds::default();
        for finding in findings.into_iter().filter(|one| one.level != "warn" && one.lifted_by.is_none()) {
            let lifts = lifts_of(self.policy, &finding);
            if lifts.is_empty() {
                return Err(self.nobody_may(&finding, environments));
            }
            let counts_bare = |lift: &&Lift| {
                lift.signed.is_empty() && (self.has_incident || !lift.incident) && self.lasts <= longest(lift)
            };
            needs.needs_signatures |= !lifts.iter().any(counts_bare);
            must_be_able_to_count(&finding, &lifts, self.has_incident, self.lasts)?;
            if let Some(group) = lacks_without(self.policy, &lifts, self.requester) {
                let text = format!(
                    "nobody is left who may sign for {group}: you (`{}`) request the grant; ask someone else to request it",
                    self.requester
                );
                push_new(&mut needs.warnings, for_terminal(&text).into_owned());
            }
            // an edit of the policy reaches what it opens in no other way
            finding.environment.into_iter().for_each(|name| push_new(environments, name));
            push_new(&mut needs.lifts, finding.id);
        }
        Ok(needs)
    }

    /// That nobody may override a finding.
    fn nobody_may(&self, finding: &RefusedFinding, environments: &[String]) -> Faults {
        let closed = finding.environment.as_ref().or(environments.first());
        let next = closed.map_or_else(String::new, |name| {
            let next = format!("freezegate next {}{}", shell_word(name), policy_again(self.place));
            format!(", or wait until it opens: `{next}`")
        });
        grant_fault(
            Code::BadGrant,
            format!("this policy lets nobody override {} findings, such as `{}`", finding.level, finding.id),
            or_organisation(&format!("remove what is closed from the change{next}"), self.place),
        )
    }
}

/// Adds what is not there yet.
pub(super) fn push_new(items: &mut Vec<String>, item: String) {
    if !items.contains(&item) {
        items.push(item);
    }
}

/// The entries of the policy by which a finding could be overridden.
fn lifts_of<'p>(policy: &'p Policy, finding: &RefusedFinding) -> Vec<&'p Lift> {
    let level = Level::named(&finding.level);
    let known = FindingId::read(&finding.id).zip(level);
    let need = known.map(|(id, level)| LiftNeed::of(&id, level, policy, finding.is_for_hazards()));
    policy.lifts.iter().filter(|lift| need.as_ref().is_some_and(|need| lift.is_for(need))).collect()
}

/// Returns a group, in words, of which nobody but the requester may sign, if that keeps each of the entries from being met; `None` if one can be.
fn lacks_without(policy: &Policy, lifts: &[&Lift], requester: &str) -> Option<String> {
    let approvers = policy.approvers.as_ref()?;
    let others = |name: &str| !same_person(name, requester);
    let can_be_met = |lift: &&Lift| lift.requester || signing::can_be_met(&lift.signed, approvers, &others);
    if lifts.iter().any(can_be_met) {
        return None;
    }
    let is_alone = |signers: &&Signers| !signing::can_be_met(&[(*signers).clone()], approvers, &others);
    let first = lifts.first()?;
    Some(match first.signed.iter().find(is_alone) {
        Some(Signers::Group(name)) => format!("`{name}`"),
        Some(Signers::Any) | None => "all of its signatures".to_owned(),
    })
}

/// Refuses a grant that none of the entries lets override a finding, whoever signs it: nobody should sign it first.
fn must_be_able_to_count(
    finding: &RefusedFinding,
    lifts: &[&Lift],
    has_incident: bool,
    lasts: Seconds,
) -> Result<(), Faults> {
    let findings = format!("{} findings, such as `{}`", finding.level, finding.id);
    let longest = lifts.iter().filter(|lift| has_incident || !lift.incident).map(|lift| longest(lift)).max();
    match longest {
        None => Err(grant_fault(
            Code::BadGrant,
            format!("this policy overrides {findings}, only for an incident"),
            "add `--incident ID`, such as `--incident INC-7`",
        )),
        Some(longest) if lasts > longest => Err(grant_fault(
            Code::BadGrant,
            format!(
                "a grant for {findings}, may last {} here, and this one lasts {}",
                in_full(longest),
                in_full(lasts)
            ),
            match longest.get() {
                seconds if seconds % 60 == 0 => format!("give `--lasts {}m`", seconds / 60),
                seconds => format!("give `--lasts {seconds}s`"),
            },
        )),
        Some(_) => Ok(()),
    }
}

/// Returns how long a grant for a `[[lifts]]` entry may last at most, in seconds.
fn longest(lift: &Lift) -> Seconds {
    let of_author = if lift.author { LONGEST_FOR_INCIDENT } else { Seconds::MAX };
    lift.max_duration.unwrap_or(Seconds::MAX).min(of_author)
}
