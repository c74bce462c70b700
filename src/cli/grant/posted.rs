//! `grant ask`, `grant list`, and `grant sign` of a grant in a ref: those that travel.

use crate::cli::args::{GrantAskArgs, GrantListArgs, GrantSignArgs, PolicyArgs};
use crate::cli::edge::Edge;
use crate::cli::grant::advice::{
    NO_STOPS, advice_of_organisation, fault, is_not_over, lacks_stops, must_count, policy_again, stops_too,
    take_unread_stops, time,
};
use crate::cli::grant::named::{of_text, posted_ref, shared, unreached};
use crate::cli::grant::new::{self, NewGrant};
use crate::cli::grant::steps::StepLabels;
use crate::cli::hook::judges_pushes;
use crate::cli::output::Output;
use crate::cli::signing::{show_before_signing, sign_text};
use crate::diagnostic::{Code, Faults};
use crate::escape::for_terminal;
use crate::gate::record_branch::open;
use crate::gate::world::World;
use crate::gate::{repository, source};
use crate::policy::Policy;
use crate::proof::grant::{Circumstances, Grant, GrantFault, Spending};
use crate::proof::posted;
use crate::proof::record::{Folded, RecordError};
use crate::proof::shared_text::{Addition, SharedTextError};
use crate::report::clock::{everywhere, until};
use crate::report::grant::{GrantState, USED, signature_rows, unless_signer};
use crate::report::rows::{ALLOWED, QUIET, Rows, WARNING, glued};
use crate::shell::shell_word;
use crate::time::instant::Instant;

/// Writes a grant and puts it into its ref of the remote.
pub(super) fn ask(args: &GrantAskArgs, edge: &Edge) -> Result<(NewGrant, String), Faults> {
    let grant = new::new(&args.new, edge)?;
    let terms = Grant::read("new grant", grant.text.as_bytes())?.terms;
    let name = posted::ref_of(&terms.id).ok_or_else(|| {
        fault(Code::Internal, "the grant has no id that a ref can have", "report this to freezegate's developers")
    })?;
    let text = if grant.text.ends_with('\n') { grant.text.clone() } else { format!("{}\n", grant.text) };
    shared(&name, &args.to, edge)?.append(&mut |before: &str| {
        // the same was asked for already
        if before.starts_with(grant.text.as_str()) {
            return Ok(None);
        }
        if before.is_empty() {
            let subject = format!("ask for {} by {}", terms.id, terms.requester);
            return Ok::<_, Faults>(Some(Addition { instead: None, text: text.clone(), subject, at: edge.now }));
        }
        Err(fault(
            Code::BadGrant,
            format!("`{name}` holds another grant"),
            "find out who changed it, and request a new grant",
        ))
    })?;
    let mut rows = Rows::default();
    for warning in grant.warnings() {
        rows.heading(WARNING, "warning: ", warning);
    }
    let of = remote_again(&args.to);
    let again = policy_again(&args.new.policy);
    let what = terms.environments.join(", ");
    rows.heading(
        ALLOWED,
        "asked: ",
        &for_terminal(&format!("grant {} for {what}, in {name} of {}", terms.id, args.to)),
    );
    rows.heading(WARNING, "note: ", grant.note());
    let mut steps = StepLabels::default();
    if grant.needs_signatures() {
        let sign = glued(&format!("freezegate grant sign {}{of} --key KEY{again}", terms.id));
        rows.row(&steps.next("sign"), &format!("each signer, in a clone: `{sign}`"), None);
    }
    rows.row(&steps.next("see it"), &format!("`{}`", glued(&format!("freezegate grant list{of}{again}"))), None);
    let go = if grant.needs_signatures() || terms.is_for_one_use() {
        again_with_grant(edge)
    } else {
        brought(&terms.id, &of)
    };
    rows.row(&steps.next("go"), &go, None);
    Ok((grant, rows.into_text(edge.width())))
}

/// Shows a grant in a ref, signs it, and adds the signature there; `None` if it is in a file.
pub(super) fn sign(args: &GrantSignArgs, edge: &Edge, output: &mut Output) -> Result<Option<String>, Faults> {
    let Some((id, name)) = posted_ref(&args.file) else {
        return Ok(None);
    };
    let place = shared(&name, &args.remote, edge)?;
    let grant = of_text(&id, &args.remote, &place.read().map_err(|error| unreached(&error))?)?;
    is_not_over(&grant, edge.now)?;
    show_before_signing(&grant, edge, output)?;
    let end = if grant.signed().ends_with('\n') { "" } else { "\n" };
    let signed = format!("{}{end}", grant.signed());
    let signature = sign_text(&signed, &args.key)?;
    let made = Grant::read("the new signature", format!("{signed}{signature}").as_bytes())?;
    let warnings = must_count(&made, &args.policy, edge)?;
    let mut is_new = true;
    let mut whole = grant.clone();
    place.append(&mut |before: &str| {
        let now = of_text(&id, &args.remote, before)?;
        if now.signed() != grant.signed() {
            let cause = format!("the grant `{id}` was changed while it was signed");
            return Err(fault(Code::BadGrant, cause, "check it with `freezegate grant show`, and request a new grant"));
        }
        is_new = !made.fingerprints().any(|key| now.fingerprints().any(|known| known == key));
        if !is_new {
            return Ok(None);
        }
        let gap = if before.ends_with('\n') { "" } else { "\n" };
        // nothing is added that could not be read
        whole = Grant::read(&id, format!("{before}{gap}{signature}").as_bytes())?;
        let subject = format!("sign {id}");
        Ok(Some(Addition { instead: None, text: signature.clone(), subject, at: edge.now }))
    })?;
    let again = [policy_again(&args.policy).as_str(), stops_too(&grant, &args.policy, edge)].concat();
    let list = format!("freezegate grant list{}{again}", remote_again(&args.remote));
    let told = if is_new {
        let mut rows = Rows::default();
        match with_enough(&args.policy, &whole, edge) {
            Some(policy) => enough_rows(&mut rows, &whole, &policy, edge),
            None => {
                let text = format!("{id}; see whether it is valid: `{}`", glued(&for_terminal(&list)));
                rows.heading(ALLOWED, "signed: ", &text);
            }
        }
        rows.into_text(edge.width())
    } else {
        format!("`{id}` has a signature of this key already: nothing was changed\n")
    };
    Ok(Some(warnings + &told))
}

/// Adds that a grant has the signatures that it needs, and who can use it: seldom those who sign it.
fn enough_rows(rows: &mut Rows, grant: &Grant, policy: &Policy, edge: &Edge) {
    let terms = &grant.terms;
    rows.heading(ALLOWED, "signed: ", &for_terminal(&format!("{}; it has the required signatures", terms.id)));
    let text = format!(
        "{}, who asked, runs the job again with `--fetch`; or pushes again: `{}` if the clone has the hook",
        for_terminal(&terms.requester),
        glued("git push --no-verify")
    );
    rows.row("next", &text, None);
    if grant.bars_signers_from_pushing(policy, edge.now) {
        rows.row("but", "a signer may not push the change", None);
    }
}

/// Returns how a grant in a ref is used. The hook of a clone does not read those of the remote, so it would refuse once more.
fn again_with_grant(edge: &Edge) -> String {
    let push = if judges_pushes(edge) {
        format!(
            "push again: `{}` (the hook of this clone does not read requested grants; the server does)",
            glued("git push --no-verify")
        )
    } else {
        "push again".to_owned()
    };
    format!("run the job again, with `--fetch`; or {push}")
}

/// Returns how a grant for any change that nobody signed counts: for whoever brings it.
fn brought(id: &str, of: &str) -> String {
    let push = glued(&format!("git push -o \"$(freezegate grant push-option {id}{of})\""));
    let incident = glued("--incident");
    format!("an unsigned grant for any change must be passed explicitly: `{push}`; in a job, `{incident}`")
}

/// The option that names the remote again, after a blank; empty if it is the usual one.
fn remote_again(remote: &str) -> String {
    if remote == "origin" { String::new() } else { format!(" --remote {}", shell_word(remote)) }
}

/// Returns the policy at hand if the grant needs no further signature by it. Where it can't be read, whoever signs is told to look.
fn with_enough(args: &PolicyArgs, grant: &Grant, edge: &Edge) -> Option<Policy> {
    match source::read(&args.place(), edge) {
        Ok(policy) => worth(grant, &policy, Spending::NotUsed, edge.now).is_empty().then_some(policy),
        Err(_) => None,
    }
}

/// The grants of a remote: whose signatures they wait for.
pub(super) fn list(args: &GrantListArgs, edge: &Edge) -> Result<String, Faults> {
    let policy = source::read(&args.policy.place(), edge)?;
    let repository = repository::here(edge)?;
    let posted = posted::of_remote(&repository, &args.remote).map_err(|error| unlisted(&args.remote, &error))?;
    let record = args.record.location.as_deref();
    let folded = record.map(|location| open(location, || repository::here(edge))).transpose()?;
    let folded = folded.map(|record| record.read()).transpose()?;
    let spending = folded.as_deref().map_or(Spending::NotUsed, |folded: &Folded| Spending::Recorded(folded.spent()));
    let mut all: Vec<(GrantState, Grant, Vec<GrantFault>)> = Vec::new();
    for grant in posted.grants {
        let mut faults = worth(&grant, &policy, spending, edge.now);
        let is_of_unread_stop = lacks_stops(&grant, &args.policy, edge);
        if is_of_unread_stop {
            take_unread_stops(&mut faults);
        }
        let state =
            if is_of_unread_stop && faults.is_empty() { GrantState::Undecided } else { GrantState::of(&faults) };
        all.push((state, grant, faults));
    }
    all.sort_by(|(one, first, _), (other, second, _)| {
        (one, first.terms.expires, &first.terms.id).cmp(&(other, second.terms.expires, &second.terms.id))
    });
    let mut rows = Rows::default();
    for doubt in &posted.doubts {
        rows.heading(WARNING, "warning: ", doubt);
    }
    if all.is_empty() {
        rows.heading(QUIET, "none: ", &format!("there are no requested grants in `{}`", for_terminal(&args.remote)));
    }
    for (stand, grant, faults) in &all {
        row(&mut rows, (*stand, grant, faults), &policy, (args, edge))?;
    }
    Ok(rows.into_text(edge.width()))
}

/// That the grants of a remote can't be listed.
fn unlisted(remote: &str, error: &RecordError) -> Faults {
    unreached(&SharedTextError::Carrier { place: remote.to_owned(), error: error.clone() })
}

fn worth(grant: &Grant, policy: &Policy, spent: Spending<'_>, at: Instant) -> Vec<GrantFault> {
    grant.check(&Circumstances { at, policy, change: None, spent }).err().unwrap_or_default()
}

fn row(
    rows: &mut Rows,
    (stand, grant, faults): (GrantState, &Grant, &[GrantFault]),
    policy: &Policy,
    (args, edge): (&GrantListArgs, &Edge),
) -> Result<(), Faults> {
    let terms = &grant.terms;
    let is_use_unknown = stand == GrantState::Valid && terms.is_for_one_use() && args.record.location.is_none();
    let unless = if is_use_unknown { " unless used" } else { "" };
    rows.heading(
        stand.style(),
        &format!("{}{unless}: ", stand.as_str()),
        &for_terminal(&format!("{} for {}", terms.id, terms.environments.join(", "))),
    );
    let reason = terms.incident.as_ref().map_or_else(String::new, |incident| format!(" ({incident})"));
    rows.row("because", &for_terminal(&format!("{}{reason}, asked by {}", terms.reason, terms.requester)), None);
    if matches!(stand, GrantState::Used | GrantState::Expired) {
        return Ok(());
    }
    let asker = edge.asker(None).map_err(Faults::one)?;
    let end = everywhere(&[], asker.as_ref(), terms.expires, edge.now).map_err(time)?;
    rows.row("until", &format!("{end}, {}", until(terms.expires, edge.now)), None);
    let roster = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref());
    let signed = roster.map_or_else(Vec::new, |roster| grant.signed_by(roster, edge.now));
    signature_rows(rows, (stand, &signed), faults);
    if let Some(advice) = advice_of_organisation(faults, &args.policy) {
        rows.row("note", advice, None);
    }
    if stand == GrantState::Undecided {
        rows.row("but", &format!("not checked here: {NO_STOPS}"), None);
    }
    let is_of_signer = stand == GrantState::Valid && !signed.is_empty();
    let is_barred = is_of_signer && grant.bars_signers_from_pushing(policy, edge.now);
    let by_signer = if is_barred { unless_signer(!terms.is_for_one_use(), true) } else { None };
    let unless: Vec<&str> = by_signer.into_iter().chain(is_use_unknown.then_some(USED)).collect();
    if !unless.is_empty() {
        rows.row("unless", &unless.join(", or "), None);
    }
    if stand == GrantState::Valid && grant.fingerprints().next().is_none() && !terms.is_for_one_use() {
        rows.row("if", &brought(&terms.id, &remote_again(&args.remote)), None);
    }
    if stand == GrantState::Waiting {
        let (of, again) = (remote_again(&args.remote), policy_again(&args.policy));
        let sign = glued(&format!("freezegate grant sign {}{of} --key KEY{again}", terms.id));
        rows.row("sign", &format!("`{sign}`"), None);
    }
    Ok(())
}
