//! Targets that an edit takes apart, and refs that it brings together.
//!
//! A rollback goes back on all paths of the targets that it reaches, and the refs of one target share one history. So a target that becomes
//! two lets a change pass as a rollback that goes back on the paths of one of them alone, or to what the other's ref replaced. Two targets
//! that become one let a ref go back to what only the other one deployed.

use crate::pattern::Pattern;
use crate::policy::compare::goals::Which;
use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::compare::targets::{Pairs, TargetLine, Unchanged, lines_of, same_head};
use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Environment, FreezeScope, Kind, KindSet, Level, Policy, Target, TargetEnvironment};

/// The targets of `old` all of whose lines `new` keeps, but no one target of it, at the strictest level that does not stop rollbacks there.
/// Those of `known`, by which a line is lost, are left out.
///
/// # Errors
///
/// [`Halt`] if the work is used up.
pub(super) fn targets(
    (old, new): (&Policy, &Policy),
    known: &[PolicyDifference],
    work: &Work,
) -> Result<Vec<PolicyDifference>, Halt> {
    let pairs = Pairs::new(old, new, work)?;
    let unchanged = Unchanged::of(new, Which::New, &pairs, work)?;
    let is_lost =
        |target: &Target| known.iter().any(|one| one.part == PolicyPart::Target && one.old_place == Some(target.place));
    let mut found = Vec::new();
    // no command is a rollback
    for target in old.targets.iter().filter(|target| !target.is_of_commands()) {
        if unchanged.kinds(target, Which::Old, &pairs, work)?.is_some() || is_lost(target) {
            continue;
        }
        let Some(level) = strictest_exempting(new, &target.environment) else {
            continue;
        };
        if !is_kept_together(target, new, &pairs, work)? {
            let parts: Vec<&str> = target.refs.iter().chain(target.patterns()).map(|one| one.as_str()).collect();
            let text = format!(
                "no one target matches all that `{}` matched: a rollback may go back in a part of it",
                parts.join("`, `")
            );
            let difference = PolicyDifference::new(PolicyPart::Rollback, level, text);
            found.push(of_rollbacks(target, PolicyDifference { old_place: Some(target.place), ..difference }));
        }
    }
    Ok(found)
}

/// The targets of `new` that bring refs together: they keep lines of several targets of `old`, and no one of those matched the refs of all.
/// Each is at the strictest level that does not stop rollbacks there.
///
/// # Errors
///
/// [`Halt`] if the work is used up.
pub(super) fn refs((old, new): (&Policy, &Policy), work: &Work) -> Result<Vec<PolicyDifference>, Halt> {
    let pairs = Pairs::new(old, new, work)?;
    let unchanged = Unchanged::of(old, Which::Old, &pairs, work)?;
    let mut found = Vec::new();
    for target in new.targets.iter().filter(|target| !target.is_of_commands()) {
        if unchanged.kinds(target, Which::New, &pairs, work)?.is_some() {
            continue;
        }
        let Some(level) = strictest_exempting(new, &target.environment) else {
            continue;
        };
        let alike: Vec<&Target> = old.targets.iter().filter(|other| same_head(other, target, &pairs)).collect();
        let mut kept = Vec::new();
        for line in alike.iter().flat_map(|other| lines_of(other)) {
            if line.is_kept_by(target, work)? {
                kept.push(line);
            }
        }
        if !are_together(&kept, &alike, work)? {
            let list: Vec<&str> = target.refs.iter().map(Pattern::as_str).collect();
            let list =
                if list.is_empty() { "the default branch".to_owned() } else { format!("`{}`", list.join("`, `")) };
            let text = format!(
                "{list}, in one target now, share one history: a rollback may go back to what another ref deployed"
            );
            let difference = PolicyDifference::new(PolicyPart::Rollback, level, text);
            found.push(of_rollbacks(target, PolicyDifference { new_place: Some(target.place), ..difference }));
        }
    }
    Ok(found)
}

/// Returns whether one of `targets` matches the refs of all `lines`.
fn are_together(lines: &[TargetLine<'_>], targets: &[&Target], work: &Work) -> Result<bool, Halt> {
    let Some(first) = lines.first() else {
        return Ok(true);
    };
    if lines.iter().all(|line| std::ptr::eq(line.target, first.target)) {
        return Ok(true);
    }
    for target in targets {
        let mut has_all = true;
        for line in lines {
            if line.has_ref_of(target, work)? != Some(true) {
                has_all = false;
                break;
            }
        }
        if has_all {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A difference for rollbacks of what a target leads to.
fn of_rollbacks(target: &Target, difference: PolicyDifference) -> PolicyDifference {
    let environment = match &target.environment {
        TargetEnvironment::Named(environment) => Some(environment.name.clone()),
        TargetEnvironment::Captured | TargetEnvironment::Every => None,
    };
    PolicyDifference { kinds: KindSet::ROLLBACK, is_rollback: true, environment, ..difference }
}

/// Returns whether one target of `new` matches all that `target` matches, for the same goal.
fn is_kept_together(target: &Target, new: &Policy, pairs: &Pairs<'_>, work: &Work) -> Result<bool, Halt> {
    let lines: Vec<TargetLine<'_>> = lines_of(target).collect();
    for candidate in new.targets.iter().filter(|candidate| same_head(target, candidate, pairs)) {
        let mut keeps_all = true;
        for line in &lines {
            if !line.is_kept_by(candidate, work)? {
                keeps_all = false;
                break;
            }
        }
        if keeps_all {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The strictest level of a window that closes where a target leads and does not stop rollbacks; `None` if none does.
pub(super) fn strictest_exempting(policy: &Policy, leads_to: &TargetEnvironment) -> Option<Level> {
    let is_meant = |environment: &Environment| match leads_to {
        TargetEnvironment::Named(named) => named.name == environment.name,
        TargetEnvironment::Captured | TargetEnvironment::Every => true,
    };
    let meets = |scope: &FreezeScope<Environment>| match scope {
        FreezeScope::All => true,
        FreezeScope::Only(environments) => environments.iter().any(|environment| is_meant(environment)),
    };
    let freezes = policy.freezes.iter().filter(|one| one.exempt.contains(Kind::Rollback) && meets(&one.environments));
    let environments =
        policy.environments.iter().filter(|one| one.exempt.contains(Kind::Rollback) && is_meant(one)).flat_map(|one| {
            let windows = (!one.change_windows.is_empty()).then_some(Level::Hard);
            let core_hours = one.regions.iter().any(|region| region.core_hours.is_some());
            windows.into_iter().chain(one.during_core_hours.filter(|_| core_hours))
        });
    freezes.map(|one| one.level).chain(environments).filter(|level| level.refuses()).max()
}
