//! Targets that an edit takes apart: what one matched, several match now.
//!
//! A rollback goes back on all paths of the targets that it reaches, and the refs of one target share one history. So a target that becomes
//! two lets a change pass as a rollback that goes back on the paths of one of them alone, or to what the other's ref replaced.

use crate::policy::compare::goals::Which;
use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::compare::targets::{Pairs, TargetLine, Unchanged, lines_of, same_head};
use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Environment, Kind, KindSet, Level, Policy, Scope, Target, TargetEnvironment};

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
            found.push(PolicyDifference {
                kinds: KindSet::ROLLBACK,
                is_rollback: true,
                environment: match &target.environment {
                    TargetEnvironment::Named(environment) => Some(environment.name.clone()),
                    TargetEnvironment::Captured | TargetEnvironment::Every => None,
                },
                old_place: Some(target.place),
                ..PolicyDifference::new(PolicyPart::Rollback, level, text)
            });
        }
    }
    Ok(found)
}

/// Whether one target of `new` matches all that `target` matches, for the same goal.
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
    let meets = |scope: &Scope<Environment>| match scope {
        Scope::All => true,
        Scope::Only(environments) => environments.iter().any(|environment| is_meant(environment)),
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
