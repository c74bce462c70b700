//! An organisation's policy, which comes from beside a repository: what of the repository's contradicts it, and whether it is an old copy.

use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::compare::{ComparisonOptions, compare};
use crate::policy::load::{OrganisationFiles, PolicyTexts};
use crate::policy::organisation::{DefinitionsOf, NotItsSuccessor, PassedOver};
use crate::policy::{Organisation, OrganisationVersion, Policy};
use crate::time::instant::Instant;

/// The most definitions that a contradiction names.
const MOST_CONTRADICTING: usize = 16;

/// By how much an edit may raise the serial: whoever wrote the largest number there is would leave none for the next edit.
const MOST_RAISED: u64 = 1_000;

/// The highest number with which an edit may begin: a date and a time to the second has room.
const HIGHEST_FIRST: u64 = 1_000_000_000_000_000;

/// The most definitions without effect that an answer names.
const MOST_NAMED: usize = 5;

/// Returns why a repository's policy can't stand beside the organisation's that it follows: it defines what that defines, and would close
/// more. `bare` is that policy without freezes that are added now, and `at` the instant from which on they are compared, in seconds since
/// 1970-01-01T00:00:00Z.
pub(crate) fn conflict(policy: &Policy, bare: &PolicyTexts<'_>, at: Instant) -> Option<Faults> {
    let organisation = policy.organisation.as_ref()?;
    let twice: Vec<&PassedOver> = organisation.passed_over.iter().filter(|one| !one.is_never_counted()).collect();
    let organisation_files = bare.organisation.filter(|_| !twice.is_empty())?;
    let of = |definitions: DefinitionsOf| {
        let organisation = Some(OrganisationFiles { definitions, ..organisation_files });
        PolicyTexts { organisation, ..*bare }.load()
    };
    // without what is added now: that would hide what differs
    let (theirs, ours) = match (of(DefinitionsOf::Repository), of(DefinitionsOf::Organisation)) {
        (Ok(theirs), Ok(ours)) => (theirs, ours),
        // what is wrong in a definition that does not count may close
        (Err(faults), _) | (_, Err(faults)) => return Some(faults),
    };
    let comparison = compare(&theirs, &ours, &ComparisonOptions::at(at));
    let first = comparison.openings.first()?;
    let more = first.text.clone();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for one in twice.iter().take(MOST_CONTRADICTING) {
        let by = one.by.unwrap_or(organisation.place);
        let cause = format!("{} is the organisation's, and this repository's definition would close more", one.what);
        diagnostics.push(
            Diagnostic::error(Code::DuplicateName, cause)
                .at(one.place)
                .related(by, "the organisation's, which counts")
                .help(if one.has_rollout {
                    "remove it if the organisation's is enough, or have the organisation's policy say it; its `rollout` has no effect here: ask for it there"
                } else {
                    "remove it if the organisation's is enough; else give it another name, or have the organisation's policy say it"
                }),
        );
    }
    if let Some(first) = diagnostics.first_mut() {
        first.label = Some(format!("the organisation's does not close as much, or lets others override it: {more}"));
    }
    Some(Faults { sources: policy.sources.clone(), diagnostics })
}

/// Returns what an answer says about definitions that do not count.
pub(crate) fn warnings(policy: &Policy) -> Vec<String> {
    let Some(organisation) = &policy.organisation else {
        return Vec::new();
    };
    let cite = |one: &PassedOver| policy.sources.cite(one.place);
    let said = |one: &PassedOver| match one.by {
        Some(by) if one.has_rollout => format!(
            "{}: `rollout` of {} has no effect: the organisation's policy defines it ({})",
            cite(one),
            one.what,
            policy.sources.cite(by)
        ),
        Some(by) => format!(
            "{}: {} is the organisation's ({}), and this definition does not count",
            cite(one),
            one.what,
            policy.sources.cite(by)
        ),
        None => format!(
            "{}: {} does not count: the organisation's policy says who may override, and what a rollback is",
            cite(one),
            one.what
        ),
    };
    let mut all: Vec<String> = organisation.passed_over.iter().take(MOST_NAMED).map(said).collect();
    let left = organisation.passed_over.len().saturating_sub(MOST_NAMED);
    if left > 0 {
        all.push(format!("{left} more definitions do not count, because the organisation's policy has them"));
    }
    all
}

/// Sees that the organisation's policy is at least as new as the one by which the last decision was made. `leaves` says whether the caller
/// said that none is followed.
///
/// # Errors
///
/// An older one, that of another organisation, and none at all.
pub(crate) fn is_not_older(policy: &Policy, leaves: bool, before: Option<&OrganisationVersion>) -> Result<(), Faults> {
    let Some(before) = before else {
        return Ok(());
    };
    let wrong = |cause: String, help: String| Err(Faults::one(Diagnostic::error(Code::NoPolicy, cause).help(help)));
    let (name, serial) = (&before.name, before.serial);
    let Some(now) = policy.followed() else {
        if leaves {
            return Ok(());
        }
        return wrong(
            format!("the last decision followed the policy of the organisation `{name}` (serial {serial}), and this one follows none"),
            "name it: `--organisation-policy FILE`; if this repository no longer follows one: `--organisation-policy none`".to_owned(),
        );
    };
    match now.follows(before) {
        Ok(()) => Ok(()),
        Err(NotItsSuccessor::Older) => wrong(
            format!(
                "this copy of the policy of the organisation `{name}` has serial {}, and the last decision was made by serial {serial}",
                now.serial
            ),
            "update the copy that `--organisation-policy` names".to_owned(),
        ),
        Err(NotItsSuccessor::OtherName) => wrong(
            format!(
                "this is the policy of the organisation `{}`, and the last decision followed that of `{name}`",
                now.name
            ),
            format!("name that one; if it was renamed, write `formerly = [\"{name}\"]` in its `[organisation]`"),
        ),
    }
}

/// Sees that an edit of an organisation's own policy raises its serial and keeps its name, so that each repository that follows it goes
/// along. Returns what is wrong, with its place in the new policy.
pub(crate) fn is_raised(in_force: &Policy, new: &Policy) -> Option<Diagnostic> {
    let is_own = |organisation: &&Organisation| !organisation.is_followed;
    let Some(old) = in_force.organisation.as_ref().filter(is_own) else {
        let first = new.organisation.as_ref().filter(is_own).filter(|first| first.serial > HIGHEST_FIRST)?;
        let cause = format!("`serial` begins with {}, and {HIGHEST_FIRST} is the most", first.serial);
        let help = "write `serial = 1`: no number comes after the last one";
        return Some(Diagnostic::error(Code::NoPolicy, cause).at(first.serial_place).help(help));
    };
    let Some(organisation) = &new.organisation else {
        let cause =
            "the policy has no `[organisation]` any more, and repositories that follow it would have no decision";
        return Some(Diagnostic::error(Code::NoPolicy, cause).help(
            "keep it, with a higher `serial`; if no repository follows it, take it out in a job with `--policy-from COMMIT`, or on the server as an administrator",
        ));
    };
    let next = old.serial.saturating_add(1);
    match organisation.follows(&old.version()) {
        Err(NotItsSuccessor::OtherName) => {
            let cause = format!("the organisation was called `{}`", old.name);
            let help = format!("keep the name, or say that it is the same: `formerly = [\"{}\"]`", old.name);
            Some(Diagnostic::error(Code::NoPolicy, cause).at(organisation.place).help(help))
        }
        Ok(()) if organisation.serial > old.serial.saturating_add(MOST_RAISED) => {
            let cause = format!(
                "`serial` goes from {} to {}, and at most {MOST_RAISED} up at once",
                old.serial, organisation.serial
            );
            let help = format!("write `serial = {next}`: no number comes after the last one");
            Some(Diagnostic::error(Code::NoPolicy, cause).at(organisation.serial_place).help(help))
        }
        Ok(()) if organisation.serial > old.serial => None,
        Ok(()) | Err(NotItsSuccessor::Older) => {
            let cause = format!(
                "the policy differs from that of serial {}, and its `serial` is {}",
                old.serial, organisation.serial
            );
            let help = format!("write `serial = {next}`, so that old copies can be detected");
            Some(Diagnostic::error(Code::NoPolicy, cause).at(organisation.serial_place).help(help))
        }
    }
}
