//! `grant verify`: what a grant is worth, by the rules and on the evidence that `check` has.

use std::path::Path;

use crate::change::git::{EvidenceError, Range, RefName, Repository};
use crate::cli::args::GrantVerifyArgs;
use crate::cli::edge::Edge;
use crate::cli::grant::advice::{NO_STOPS, advice_of_organisation, lacks_stops, take_unread_stops, time};
use crate::cli::grant::named::named;
use crate::cli::status::Status;
use crate::diagnostic::{Faults, Sources};
use crate::gate::command;
use crate::gate::edit::EditSearch;
use crate::gate::fault::no_evidence;
use crate::gate::lifts::{Lifting, Moved};
use crate::gate::look::{is_branch, look};
use crate::gate::messages::Messages;
use crate::gate::record_branch::open;
use crate::gate::repository;
use crate::gate::repository_name::is_clone;
use crate::gate::source::{self, PolicySource};
use crate::gate::world::World;
use crate::policy::Policy;
use crate::proof::grant::{BoundCommand, Circumstances, Condition, Grant, GrantFault, Spending};
use crate::proof::record::Folded;
use crate::reach::{Declared, DeclaredNames, Reach, RefSide, Shown, TargetMatcher, add_edit, reach};
use crate::report::grant::{GrantMoment, USED, Worth, grant as in_words, unless_signer};
use crate::time::instant::Instant;

/// The grant in words, with what it is worth: 0 it counts, 1 it does not, 2 that could not be determined.
pub(super) fn verify(args: &GrantVerifyArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let grant = named(&args.file, &args.remote, edge)?;
    let policy = source::read(&args.policy.place(), edge)?;
    let at = edge.asked_instant(args.at.as_deref(), None).map_err(Faults::one)?;
    let asker = edge.asker(None).map_err(Faults::one)?;
    let folded =
        args.record.location.as_deref().map(|location| open(location, || repository::here(edge))).transpose()?;
    let folded = folded.map(|record| record.read()).transpose()?;
    let spent = folded.as_deref().map(Folded::spent);
    let GrantFacts { lifting, reach, unchecked, in_force } = change_of(&grant, args, &policy, (edge, at))?;
    let policy = in_force.as_ref().map_or(&policy, |source| &source.policy);
    let checked = grant.check(&Circumstances {
        at,
        policy,
        change: unchecked.is_none().then(|| lifting.change(&reach)),
        spent: spent.map_or(Spending::NotUsed, Spending::Recorded),
    });
    let mut faults = match checked {
        Ok(_) => Vec::new(),
        Err(faults) => faults,
    };
    let other_name = if args.repository.is_none() && is_in_clone()? { take_other_name(&mut faults) } else { None };
    let unchecked = unchecked.or_else(|| {
        let (signed, here) = other_name?;
        Some(format!(
            "the repository: the grant is for `{signed}`, this clone knows it as `{here}`, and a gate compares its own name; give that: `--repository NAME`"
        ))
    });
    let lacks_stops = lacks_stops(&grant, &args.policy, edge);
    if lacks_stops {
        take_unread_stops(&mut faults);
    }
    let unchecked = unchecked.or_else(|| lacks_stops.then(|| NO_STOPS.to_owned()));
    let is_granted = faults.is_empty();
    let roster = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref());
    let signed = roster.map_or_else(Vec::new, |roster| grant.signed_by(roster, at));
    let mut unless = Vec::new();
    let is_author_unknown = !grant.terms.is_for_one_use() && args.range.is_none();
    if !signed.is_empty() && grant.bars_signers_from_pushing(policy, at) {
        unless.extend(unless_signer(is_author_unknown, args.pushers.is_empty()));
    }
    if grant.terms.is_for_one_use() && spent.is_none() {
        unless.push(USED);
    }
    let worth = Worth {
        signed: &signed,
        faults: &faults,
        unchecked: unchecked.as_deref(),
        unless: &unless,
        advice: advice_of_organisation(&faults, &args.policy),
    };
    let text = in_words(&grant, GrantMoment::Judged(&worth), asker.as_ref(), edge.width()).map_err(time)?;
    let status = match (is_granted, &unchecked) {
        (false, _) => Status::Refused,
        (true, Some(_)) => Status::Undecided,
        (true, None) => Status::Allowed,
    };
    Ok((text, status))
}

/// Returns whether this is a clone, in which no gate judges by the name that the clone has for the repository.
fn is_in_clone() -> Result<bool, Faults> {
    match Repository::discover(Path::new(".")) {
        Ok(repository) => is_clone(&repository).map_err(|error| Faults::one(no_evidence(&error))),
        Err(EvidenceError::NoRepository { .. }) => Ok(false),
        Err(error) => Err(Faults::one(no_evidence(&error))),
    }
}

/// Takes away that the grant is for a repository of another name, and returns both names: the one that was signed, and the one here.
fn take_other_name(faults: &mut Vec<GrantFault>) -> Option<(String, String)> {
    let is_of_name = |fault: &GrantFault| matches!(fault, GrantFault::Differs { condition: Condition::Repository, .. });
    let at = faults.iter().position(is_of_name)?;
    if let GrantFault::Differs { signed, here, .. } = faults.remove(at) { Some((signed, here)) } else { None }
}

/// The facts that a grant is compared with.
struct GrantFacts {
    lifting: Lifting,
    reach: Reach,
    /// Everything that could not be looked at.
    unchecked: Option<String>,
    /// The policy that judges the change, where the change edits the policy.
    in_force: Option<PolicySource>,
}

impl GrantFacts {
    fn only(lifting: Lifting, unchecked: Option<String>) -> Self {
        Self { lifting, reach: Reach::default(), unchecked, in_force: None }
    }

    /// The same, with what the command reaches that the grant is for.
    fn with_command(self, grant: &Grant, policy: &Policy) -> Result<Self, Faults> {
        let Some(command) = &grant.terms.command else {
            return Ok(self);
        };
        let mut shown = Shown::default();
        show_command(command, &TargetMatcher::new(policy), &mut shown)?;
        Ok(Self { reach: reach(policy, &nothing_declared(policy)?, Some(shown), false), ..self })
    }
}

/// Adds what targets of commands know of the command of a grant.
fn show_command(command: &BoundCommand, matcher: &TargetMatcher<'_>, shown: &mut Shown) -> Result<(), Faults> {
    if let Some((of_command, _)) = command::show(Some(&command.line()), matcher, None)?.evidence {
        shown.join(of_command);
    }
    Ok(())
}

fn nothing_declared(policy: &Policy) -> Result<Declared, Faults> {
    let declared = Declared::resolve(&DeclaredNames::default(), policy);
    declared.map_err(|diagnostics| Faults { sources: Sources::default(), diagnostics })
}

/// The change that the grant is for, or that the command line names.
fn change_of(
    grant: &Grant,
    args: &GrantVerifyArgs,
    policy: &Policy,
    (edge, at): (&Edge, Instant),
) -> Result<GrantFacts, Faults> {
    let lifting = Lifting::of_verify(grant.clone(), args.lift_request(), args.pushers.clone())?;
    let fault = |error: &EvidenceError| Faults::one(no_evidence(error));
    let repository = match Repository::discover(Path::new(".")) {
        Ok(repository) => repository,
        Err(error @ EvidenceError::NoRepository { .. }) => {
            let lack = format!("the change and the repository: {error}");
            let is_told = grant.terms.change.is_none() && args.range.is_none() && args.repository.is_some();
            return GrantFacts::only(lifting, (!is_told).then_some(lack)).with_command(grant, policy);
        }
        Err(error) => return Err(fault(&error)),
    };
    let bound = grant.terms.change.as_ref();
    let Some(written) = args.range.as_ref().or_else(|| bound.map(|bound| &bound.range)) else {
        return GrantFacts::only(lifting.at(&repository, &[])?, None).with_command(grant, policy);
    };
    let range = match repository.range(written) {
        Ok(range) => range,
        Err(error @ (EvidenceError::UnknownRevision { .. } | EvidenceError::MissingObject { .. }))
            if args.range.is_none() =>
        {
            let lack =
                format!("the change {written}: {error}; fetch it, or name the same change by `--range OLD..NEW`");
            return Ok(GrantFacts::only(lifting.at(&repository, &[])?, Some(lack)));
        }
        Err(error) => return Err(fault(&error)),
    };
    let reference = args.reference.as_ref().or_else(|| bound.map(|bound| &bound.reference));
    let reference = reference.map(RefName::new).transpose().map_err(|error| fault(&error))?;
    let default = repository.default_branch("origin").map_err(|error| fault(&error))?;
    let since = match &default {
        Some(default) => repository.revision_of(default).map_err(|error| fault(&error))?,
        None => None,
    };
    let messages = Messages::new(&repository, since.map(|revision| revision.commit));
    let refs = (reference.as_ref(), default.as_ref());
    let is_policy_branch = is_policy_branch(refs) != Some(false) && args.policy.files.is_empty();
    // where the grant is to be used is not known here
    let search = EditSearch { args: &args.policy.place(), world: edge, repository: &repository, at, is_recorded: true };
    let edit = if is_policy_branch { search.of_range(range)? } else { None };
    let (in_force, edit) = edit.unzip();
    let policy = in_force.as_ref().map_or(policy, |source| &source.policy);
    let command = grant.terms.command.as_ref();
    let mut reach = shown_reach(&repository, policy, (range, command), refs, messages)?;
    if let Some(edit) = &edit {
        add_edit(policy, &edit.comparison, &edit.file(), &mut reach);
    }
    let moved = [Moved { reference, range, since, environments: None }];
    let lifting = lifting.at(&repository, &moved)?.of_parts(&repository, &moved);
    Ok(GrantFacts { lifting, reach, unchecked: None, in_force })
}

/// Returns what the difference shows that it reaches.
fn shown_reach(
    repository: &Repository,
    policy: &Policy,
    (range, command): (Range, Option<&BoundCommand>),
    (reference, default): (Option<&RefName>, Option<&RefName>),
    mut messages: Messages<'_>,
) -> Result<Reach, Faults> {
    let matcher = TargetMatcher::new(policy);
    let side = match reference {
        Some(name) => RefSide::Named { name: name.as_bytes(), default_branch: is_policy_branch((reference, default)) },
        None => RefSide::Unknown,
    };
    let mut shown = Shown::default();
    look(repository, &matcher, side, (|| Ok(range.old), || Ok(range.new)), Some(&mut messages), &mut shown)?;
    if let Some(command) = command {
        show_command(command, &matcher, &mut shown)?;
    }
    Ok(reach(policy, &nothing_declared(policy)?, Some(shown), false))
}

/// Returns whether the change is one of the default branch, from which the policy is read; `None` if that is not known.
pub(super) fn is_policy_branch((reference, default): (Option<&RefName>, Option<&RefName>)) -> Option<bool> {
    let name = reference?;
    match name.as_bytes().starts_with(b"refs/heads/") {
        true => default.map(|default| is_branch(default, name)),
        false => Some(false),
    }
}
