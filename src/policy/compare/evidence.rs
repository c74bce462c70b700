//! Environments of which words alone are no evidence (`evidence = "required"`): which words are enough now, and which targets
//! show such an environment only now.

use std::collections::{BTreeSet, HashSet};

use crate::policy::compare::goals::Which;
use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::compare::shown::Comparing;
use crate::policy::compare::sides::PlaceInLists;
use crate::policy::compare::targets::{Successor, Unchanged, lines, same_head};
use crate::policy::compare::work::Halt;
use crate::policy::{Environment, Level, Policy, Target};

impl Comparing<'_, '_> {
    /// Compares changes that say an environment which required evidence in the old policy.
    ///
    /// A change says a text, so an alias that moves to an environment without the key opens as much as the key that goes.
    /// Where the key stays, a target that is new is evidence that there was not. What only the new policy knows of a path
    /// does not count, as everywhere here.
    pub(super) fn evidence(&self, found: &mut Vec<PolicyDifference>) -> Result<(), Halt> {
        let (old, new) = (self.closed_time.old.policy, self.closed_time.new.policy);
        let mut still_required = BTreeSet::new();
        let mut told = BTreeSet::new();
        for text in self.pairs.environments.said() {
            let (Some(before), Some(after)) = (text.old.first(), text.new.first()) else {
                continue;
            };
            let Some(environment) = required(old, *before) else {
                continue;
            };
            if required(new, *after).is_some() {
                still_required.insert((*before, *after));
            } else if told.insert((*before, *after)) {
                found.push(PolicyDifference {
                    new_place: new.environments.get(*after).map(|one| one.place),
                    ..lost(environment, format!("`evidence = \"required\"` of what is called `{}`", text.text))
                });
            }
        }
        if still_required.is_empty() {
            return Ok(());
        }
        let work = self.closed_time.work;
        let unchanged = Unchanged::of(old, Which::Old, self.pairs, work)?;
        let mut compared = BTreeSet::new();
        for line in lines(new) {
            let head = |candidate: &Target| same_head(candidate, line.target, self.pairs);
            let is_unchanged = unchanged.kinds(line.target, Which::New, self.pairs, work)?.is_some();
            let is_kept = is_unchanged || matches!(line.successor(old, head, work)?, Successor::Kept(_));
            if !compared.insert((line.head(), is_kept)) {
                continue;
            }
            let mut shown = BTreeSet::new();
            for goal in line.goals(self.pairs) {
                self.closed_time.work.spend(still_required.len().saturating_add(4))?;
                let (before, after) = self.reaching(&goal)?;
                if is_kept && before.is_unknown {
                    continue;
                }
                let reached =
                    |spots: &[PlaceInLists]| spots.iter().map(|one| one.environment).collect::<HashSet<usize>>();
                let (before, after) = (reached(&before.spots), reached(&after.spots));
                let now = still_required.iter().copied();
                shown.extend(now.filter(|(from, to)| after.contains(to) && !(is_kept && before.contains(from))));
            }
            let pattern = line.text();
            for environment in shown.iter().filter_map(|(before, _)| required(old, *before)) {
                found.push(PolicyDifference {
                    new_place: Some(line.target.place),
                    ..lost(environment, format!("`evidence = \"required\"`, by what the target `{pattern}` shows"))
                });
            }
        }
        Ok(())
    }
}

fn required(policy: &Policy, index: usize) -> Option<&Environment> {
    policy.environments.get(index).map(|one| &**one).filter(|one| one.requires_evidence)
}

fn lost(environment: &Environment, text: String) -> PolicyDifference {
    PolicyDifference {
        environment: Some(environment.name.clone()),
        old_place: Some(environment.place),
        ..PolicyDifference::new(PolicyPart::Evidence, Level::Hard, text)
    }
}
