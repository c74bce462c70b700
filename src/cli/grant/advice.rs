//! What is said where a grant or its policy is not what it should be.

use crate::cli::args::PolicyArgs;
use crate::cli::edge::Edge;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::source;
use crate::policy::FindingId;
use crate::policy::duration::spoken;
use crate::policy::person::same_person;
use crate::proof::grant::{Condition, Grant, GrantFault, Terms};
use crate::report::rows::{Rows, WARNING};
use crate::shell::command as shell_command;
use crate::time::instant::Instant;
use crate::time::zone::TimeError;

/// The help if a policy lacks what its organisation's may have.
const NAME_ORGANISATION: &str =
    "if the repository follows an organisation's policy, name it: `--organisation-policy FILE`";

/// The help, with that the policy of an organisation may be missing, unless one is named.
pub(super) fn or_organisation(help: &str, args: &PolicyArgs) -> String {
    match args.organisation {
        None => format!("{help}; {NAME_ORGANISATION}"),
        Some(_) => help.to_owned(),
    }
}

/// That the policy of an organisation may be missing, where a grant does not count because the policy at hand is another; `None` if one is
/// named.
pub(super) fn advice_of_organisation(faults: &[GrantFault], args: &PolicyArgs) -> Option<&'static str> {
    let is_of_policy = |fault: &GrantFault| {
        matches!(
            fault,
            GrantFault::Differs { condition: Condition::Policy, .. }
                | GrantFault::UnknownName { .. }
                | GrantFault::UnknownFinding(_)
        )
    };
    (args.organisation.is_none() && faults.iter().any(is_of_policy)).then_some(NAME_ORGANISATION)
}

/// Returns whether the grant overrides a stop, and no place of stops is named, so that nobody can tell what the stop is.
pub(super) fn lacks_stops(grant: &Grant, args: &PolicyArgs, edge: &Edge) -> bool {
    grant.terms.lifts.iter().any(|id| is_of_stop(id)) && args.place().stops.all(edge).is_empty()
}

/// Returns whether a finding of this id is about a stop, whether that is known or not.
fn is_of_stop(id: &str) -> bool {
    FindingId::read(id).is_some_and(|id| id.stop().is_some())
}

/// Takes away what a grant does not meet only because no stops were read.
pub(super) fn take_unread_stops(faults: &mut Vec<GrantFault>) {
    faults.retain(|fault| {
        let is_of_stop = matches!(fault, GrantFault::UnknownFinding(id) if is_of_stop(id));
        !is_of_stop && !matches!(fault, GrantFault::Differs { condition: Condition::Policy, .. })
    });
}

/// The reason why a grant for a stop can't be judged, with the option that changes that.
pub(super) const NO_STOPS: &str = "the stop, as no stops were read; add `--stops origin`";

/// The option that reads stops, after a blank, if the grant overrides one and none is given.
pub(super) fn stops_too(grant: &Grant, args: &PolicyArgs, edge: &Edge) -> &'static str {
    if lacks_stops(grant, args, edge) { " --stops origin" } else { "" }
}

/// Options that name the policy again, each word quoted, after a blank; empty if there are none.
pub(super) fn policy_again(args: &PolicyArgs) -> String {
    let words = source::repeated(&args.place());
    if words.is_empty() { String::new() } else { format!(" {}", shell_command(words.iter().map(String::as_str))) }
}

pub(super) fn fault(code: Code, cause: impl Into<String>, help: impl Into<String>) -> Faults {
    Faults::one(Diagnostic::error(code, cause).help(help))
}

pub(super) fn time(error: TimeError) -> Faults {
    fault(Code::InvalidTimestamp, error.to_string(), "check the times in the grant")
}

/// Refuses to sign a grant that is over: no gate would accept it.
pub(super) fn is_not_over(grant: &Grant, now: Instant) -> Result<(), Faults> {
    let Terms { id, expires, .. } = &grant.terms;
    if now < *expires {
        return Ok(());
    }
    let cause = format!("grant `{id}` expired {} ago", spoken(now.since(*expires)));
    let help = "request a new one: ask again what is refused, and use the command that it prints";
    Err(fault(Code::BadGrant, for_terminal(&cause), help))
}

/// Refuses a signature that no gate would count: the requester's, if no entry of the policy lets the requester sign. Returns warnings, in lines of
/// their own, if the roster at hand does not know the key, or does not let it sign. The gate judges by its own policy and roster, so what
/// those at hand do not say is left to it; so is who wrote and who pushes the change.
pub(super) fn must_count(signed: &Grant, args: &PolicyArgs, edge: &Edge) -> Result<String, Faults> {
    let Ok(policy) = source::read(&args.place(), edge) else {
        return Ok(String::new());
    };
    let Some(roster) = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref()) else {
        return Ok(String::new());
    };
    let mut rows = Rows::default();
    for fault in signed.uncounted_signatures(roster, edge.now) {
        let why = if let GrantFault::Stranger { fingerprint, roster, .. } = &fault {
            format!("this signature does not count: your key {fingerprint} is not in the roster `{roster}`")
        } else {
            format!("this signature does not count: {fault}")
        };
        rows.heading(WARNING, "warning: ", &for_terminal(&why));
    }
    let warnings = rows.into_text(edge.width());
    let requester = &signed.terms.requester;
    let mut signers = signed.signed_by(roster, edge.now).into_iter();
    let Some(signer) = signers.find(|signer| same_person(signer, requester)) else {
        return Ok(warnings);
    };
    if policy.lifts.iter().any(|lift| !lift.signed.is_empty() && lift.requester) {
        return Ok(warnings);
    }
    let cause = format!("your signature would not be valid: you (`{signer}`) requested the grant");
    let help = "ask someone else to sign: no `[[lifts]]` entry of this policy lets the requester sign";
    Err(fault(Code::BadGrant, for_terminal(&cause), help))
}
