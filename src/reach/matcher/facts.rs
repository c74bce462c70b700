//! What the things that a command, a plan or manifests act on show of where they go.

use crate::change::command::{CommandEffect, CommandFacts, FactValue};
use crate::change::plan::PlannedChange;
use crate::escape::bytes_for_terminal;
use crate::fact::{FactKey, FactSource};
use crate::pattern::{Captures, name_text};
use crate::policy::{Kind, KindSet, Target};
use crate::reach::matcher::many::Many;
use crate::reach::matcher::{CommandError, TargetMatcher, text_taken};
use crate::reach::shown::Shown;

/// A value, and what the pattern of one target took from it.
type TakenValue<'t> = (usize, FactKey, Captures<'t>);

/// The document that changes of resources are part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceChanges {
    /// A plan of Terraform or OpenTofu.
    Planned,
    /// Rendered manifests of Kubernetes.
    Rendered,
}

impl ResourceChanges {
    /// The command that would make them, for people.
    const fn tool(self) -> &'static str {
        match self {
            Self::Planned => "terraform apply",
            Self::Rendered => "kubectl apply",
        }
    }

    const fn source(self) -> FactSource {
        match self {
            Self::Planned => FactSource::Plan,
            Self::Rendered => FactSource::Manifests,
        }
    }

    /// Returns what one change shows.
    fn facts(self, change: &PlannedChange, common: &[(FactKey, FactValue)]) -> CommandFacts {
        let mut facts = CommandFacts::new(self.tool(), CommandEffect::Writes);
        let mut add = |key, text: Option<&str>| {
            facts.add(key, FactValue::AnyOf(text.iter().map(|text| text.as_bytes().to_vec()).collect()));
        };
        add(FactKey::Resources, Some(&*change.resource_type));
        if self == Self::Planned {
            add(FactKey::Addresses, Some(&*change.address));
            add(FactKey::Modules, change.module.as_deref());
            add(FactKey::Providers, change.provider.as_deref());
        }
        for (key, value) in change.facts.iter().chain(common) {
            facts.add(*key, value.clone());
        }
        facts
    }
}

/// Changes that no target matches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnmatchedChanges {
    /// Their number.
    pub count: usize,
    /// The address of the first, for people.
    pub first: String,
}

impl TargetMatcher<'_> {
    /// Notes what the changes of a plan or of manifests show, one by one, and returns which of them no target matches. `common` is what all of
    /// them act on. If no target asks for any of that, nothing is noted, and none is unmatched.
    ///
    /// # Errors
    ///
    /// [`CommandError`] where a target asks for what can't be determined.
    pub fn resources(
        &self,
        part_of: ResourceChanges,
        changes: &[PlannedChange],
        common: &[(FactKey, FactValue)],
        shown: &mut Shown,
    ) -> Result<UnmatchedChanges, CommandError> {
        let mut unmatched = UnmatchedChanges::default();
        let is_asked = |(key, _): &(FactKey, Many)| key.sources().contains(&part_of.source());
        if !self.facts.iter().any(is_asked) {
            return Ok(unmatched);
        }
        for change in changes {
            let before = shown.hits.len();
            let what = bytes_for_terminal(change.address.as_bytes());
            if !self.facts(&part_of.facts(change, common), &[], &what, shown)? {
                if unmatched.count == 0 {
                    unmatched.first = what.into_owned();
                }
                unmatched.count = unmatched.count.saturating_add(1);
            }
            // a plan is a change of infrastructure, unless the target says more
            let new = shown.hits.iter_mut().skip(before).map(|hit| &mut hit.reached);
            if part_of == ResourceChanges::Planned {
                new.filter(|reached| reached.kinds.is_empty())
                    .for_each(|reached| reached.kinds = KindSet::NONE.with(Kind::Infrastructure));
            }
        }
        Ok(unmatched)
    }

    /// Notes what the things that a command acts on show, and returns whether a target matches. `of_command` says what the patterns of the
    /// command itself took, each with the number of its target.
    pub(super) fn facts(
        &self,
        facts: &CommandFacts,
        of_command: &[(usize, Captures<'_>)],
        what: &str,
        shown: &mut Shown,
    ) -> Result<bool, CommandError> {
        let texts: Vec<(FactKey, Vec<u8>)> = facts.values().iter().flat_map(texts).collect();
        let mut taken: Vec<TakenValue<'_>> = Vec::new();
        for (key, text) in &texts {
            let Some((_, patterns)) = self.facts.iter().find(|(known, _)| known == key) else {
                continue;
            };
            let matches = patterns.matches(text).map_err(CommandError::TooMuch)?;
            taken.extend(matches.into_iter().map(|(target, found)| (target, *key, found.captures)));
        }
        shown.begin_piece();
        let mut mapped = Vec::new();
        let mut is_matched = false;
        for (index, target) in self.policy.targets.iter().enumerate().filter(|(_, target)| !target.facts.is_empty()) {
            let by_command = || of_command.iter().filter(|(owner, _)| *owner == index).map(|(_, captures)| captures);
            if target.command.is_some() && by_command().next().is_none() {
                continue;
            }
            let of_target: Vec<&TakenValue<'_>> = taken.iter().filter(|(owner, ..)| *owner == index).collect();
            match asked(target, facts, &of_target) {
                FactAnswer::Shown => {
                    is_matched = true;
                    let captures: Vec<&Captures<'_>> =
                        of_target.iter().map(|(_, _, captures)| captures).chain(by_command()).collect();
                    let texts = captures.iter().flat_map(|one| [&one.environment, &one.region, &one.service]);
                    let key = (index, shown.speaker, texts.flat_map(text_taken).collect());
                    let reached = self.note_all(index, &captures, key, || acting(what, target, facts), shown);
                    mapped.extend_from_slice(&reached.map_err(CommandError::TooMuch)?);
                }
                FactAnswer::NotShown => {}
                FactAnswer::NotUnderstood(key, why) => {
                    return Err(CommandError::NoFact { tool: facts.tool, key, why: why.to_owned() });
                }
            }
        }
        shown.count(mapped);
        Ok(is_matched)
    }
}

/// As many values of one thing are told.
const TOLD: usize = 3;

/// A command, with what the target asks of it, for people: "the command kubectl (context prod, namespace shop)".
fn acting(what: &str, target: &Target, facts: &CommandFacts) -> String {
    let told = target.facts.iter().filter_map(|(key, _)| match facts.get(*key)? {
        FactValue::AnyOf(values) => {
            let names: Vec<_> = values.iter().take(TOLD).map(|one| bytes_for_terminal(one)).collect();
            let more = if values.len() > TOLD { " or others" } else { "" };
            Some(format!("{} {}{more}", key.noun(), names.join(" or ")))
        }
        FactValue::NotUnderstood(_) => None,
    });
    format!("{what} ({})", told.collect::<Vec<_>>().join(", "))
}

/// The answer to whether a command acts on what a target asks for.
enum FactAnswer<'f> {
    Shown,
    NotShown,
    /// That depends on what is not understood, and why it is not.
    NotUnderstood(FactKey, &'f str),
}

/// By what the patterns of the target took.
fn asked<'f>(target: &Target, facts: &'f CommandFacts, taken: &[&TakenValue<'_>]) -> FactAnswer<'f> {
    let mut not_understood = None;
    for (key, _) in &target.facts {
        match facts.get(*key) {
            None => return FactAnswer::NotShown,
            Some(FactValue::NotUnderstood(why)) => not_understood = not_understood.or(Some((*key, why.as_str()))),
            Some(FactValue::AnyOf(_)) if taken.iter().any(|(_, known, _)| known == key) => {}
            Some(FactValue::AnyOf(_)) => return FactAnswer::NotShown,
        }
    }
    not_understood.map_or(FactAnswer::Shown, |(key, why)| FactAnswer::NotUnderstood(key, why))
}

/// The values of a fact, as patterns are compared with them.
fn texts((key, value): &(FactKey, FactValue)) -> Vec<(FactKey, Vec<u8>)> {
    match value {
        FactValue::AnyOf(values) => values.iter().map(|value| (*key, name_text(value))).collect(),
        FactValue::NotUnderstood(_) => Vec::new(),
    }
}
