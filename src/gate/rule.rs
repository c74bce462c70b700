//! From a change and a policy to an answer: what `check`, `next` and the hooks share, so that they can't differ.

use std::cell::RefCell;

use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::escape::for_terminal;
use crate::gate::case::{Case, JudgedCase, Keeping, TakeBack};
use crate::gate::command::{goes_nowhere, only_reads};
use crate::gate::judge::Deciding;
use crate::gate::judgement::{DecisionKeeping, DecisionMoment, Outlook};
use crate::gate::keep::{DecisionSubject, Steps};
use crate::gate::latest::latest;
use crate::gate::ruling::RulingContext;
use crate::gate::world::World;
use crate::gate::{manifests, organisation, plan};
use crate::policy::Policy;
use crate::proof::record::{Folded, ref_text};
use crate::reach::{Declared, DeclaredNames, Shown};
use crate::report::{AnswerMode, Examined, FirstPolicy, Trust};
use crate::shell::{command, shell_word};
use crate::time::instant::Instant;

/// The answer in the format that was asked for, and the status that it means; where it is a refusal, with what takes the change
/// back, if `take_back` knows that.
///
/// The clock is read once the evidence is there, and the answer holds still when it is given back.
pub(crate) fn judge_or_undo(
    mut case: Case<'_>,
    world: &dyn World,
    take_back: TakeBack<'_>,
) -> Result<JudgedCase, Faults> {
    let faults = |diagnostics| Faults { sources: Sources::default(), diagnostics };
    // an edit that leaves no conflict ends it; one that leaves one is refused where it is found. Nothing else goes along: by which of the two
    // definitions it would have to be judged is what is not known
    if let (Some(conflict), false) = (case.conflict, case.is_edit_alone) {
        return Err(conflict.clone());
    }
    case.warnings.extend(organisation::warnings(case.policy));
    let declared = Declared::resolve(&case.names, case.policy).map_err(faults)?;
    let (shown, examined) =
        case.evidence.take().map_or((None, None), |(shown, examined)| (Some(shown), Some(examined)));
    // a policy without targets can be edited, or nobody could add any
    let is_edit = !case.edits.is_empty();
    // what only reads is started, whatever the policy has
    let is_harmless = case.command.is_some_and(only_reads) && examined.as_ref().is_some_and(Examined::is_command_alone);
    if declared.is_empty() && !is_edit && !is_harmless && (shown.is_none() || has_no_rules(case.policy)) {
        return Err(Faults::one(match case.command {
            Some(command) => goes_nowhere(command, case.policy),
            None => nothing_to_judge(&case, &declared),
        }));
    }
    let doubts = shown.as_ref().map_or_else(Vec::new, |shown| shown.doubts.clone());
    let names = with_said(&case.names, shown.as_ref());
    let deciding = Deciding::new(&case, &declared, shown);
    let reach = &deciding.reach;
    if reach.reached.is_empty() && reach.unknown.is_empty() && reach.left_out.is_empty() {
        if let Some(command) = case.command.filter(|command| !only_reads(command)) {
            return Err(Faults::one(goes_nowhere(command, case.policy)));
        }
        if case.plan.is_some_and(|given| !given.plan.is_empty()) && !is_edit {
            return Err(Faults::one(plan::goes_nowhere(case.policy)));
        }
        if case.manifests.is_some_and(|manifests| !manifests.changes.is_empty()) && !is_edit {
            return Err(Faults::one(manifests::goes_nowhere(case.policy)));
        }
    }
    if case.trust == Trust::Enforcement {
        let lacking = deciding.reach.only_said().into_iter().filter(|environment| environment.requires_evidence);
        let alone = edit_alone(&case, examined.as_ref());
        let lacking = lacking.map(|one| no_evidence_of(&one.name, examined.as_ref(), alone.as_deref()));
        let lacking: Vec<Diagnostic> = lacking.collect();
        if !lacking.is_empty() {
            return Err(faults(lacking));
        }
    }
    let setting = RulingContext {
        case: &case,
        world,
        declared: &declared,
        names: &names,
        examined: examined.as_ref(),
        doubts: &doubts,
        take_back,
        ways: &RefCell::new(None),
    };
    let answer =
        |outlook: &Outlook, kept: DecisionKeeping<'_>| setting.answer(deciding.reach_of(outlook), outlook, kept);
    let Some(recording) = case.recording else {
        let moment = |at: Instant| DecisionMoment { at, clock: None, folded: None };
        let judge = |at: Instant| {
            let outlook = deciding.decide(moment(at))?;
            let judged = answer(&outlook, DecisionKeeping::default())?;
            Ok((judged, outlook.decision))
        };
        return match case.hypothetical {
            Some(at) => judge(at).map(|(judged, _)| judged),
            None => latest(&|| world.clock(), judge),
        };
    };
    let subject = DecisionSubject {
        mode: case.mode,
        hypothetical: case.hypothetical,
        dry_run: case.dry_run,
        is_kept: case.keeping != Keeping::Nothing,
        trust: case.trust,
        policy: case.policy,
        policy_revision: case.policy_revision,
        leaves_organisation: case.leaves_organisation,
        is_administrators: case.is_administrators,
        declared: &declared,
        examined: examined.as_ref(),
        pipeline: case.pipeline,
        reach: &deciding.reach,
        lifting: case.lifting,
        known: case.known,
        reaches_policy: is_edit || case.first_policy == Some(FirstPolicy::Brought),
        is_narrowed: case.only || case.is_ranged,
        command: case.command,
        plan: case.plan,
    };
    let steps = Steps {
        decide: &|moment: DecisionMoment<'_>| deciding.decide(moment),
        read_ahead: &|outlook: &Outlook, folded: &Folded| setting.ways(outlook, Some(folded)).map(drop),
        answer: &answer,
    };
    recording.keep(&subject, &|| world.clock(), &steps)
}

/// Returns whether a policy could not refuse any change that is not declared.
fn has_no_rules(policy: &Policy) -> bool {
    // an organisation's own policy is for other repositories
    let is_for_others = policy.organisation.as_ref().is_some_and(|organisation| !organisation.is_followed);
    policy.targets.is_empty() && policy.routes.is_none() && !is_for_others
}

/// Returns what was declared, with the environments that messages of commits name.
fn with_said(declared: &DeclaredNames, shown: Option<&Shown>) -> DeclaredNames {
    let mut names = declared.clone();
    for environment in shown.iter().flat_map(|shown| &shown.said).flat_map(|said| &said.environments) {
        if !names.environments.contains(&environment.name) {
            names.environments.push(environment.name.clone());
        }
    }
    names
}

/// Returns the command that judges only the edit of the policy in a change; `None` if there is no edit.
///
/// If the targets of an environment select other branches only, no job for that environment sees the edit.
fn edit_alone(case: &Case<'_>, examined: Option<&Examined>) -> Option<String> {
    let compared = examined?.compared.first().filter(|_| !case.edits.is_empty())?;
    let (old, new) = (case.policy_revision?.commit.to_string(), compared.new?.commit.to_string());
    let (range, reference) = (format!("{old}..{new}"), ref_text(compared.reference.as_ref()?));
    let words = ["freezegate", "check", "--range", &range, "--ref", &reference];
    Some(command(words.into_iter().chain(case.repeated.iter().map(String::as_str))))
}

/// That the policy wants to see how a change reaches an environment, and nothing but its name says.
fn no_evidence_of(environment: &str, examined: Option<&Examined>, edit_alone: Option<&str>) -> Diagnostic {
    let name = for_terminal(environment);
    let cause = |why: &str| format!("`{name}` has `evidence = \"required\"`, and {why}");
    let (cause, help) = match examined {
        None => (cause("no files were compared"), "say what changed: `--range OLD..NEW`".to_owned()),
        Some(examined) if examined.compared.iter().any(|one| one.everything) => (
            cause("the previous state is not known, so no files were compared"),
            "say what changed: `--range OLD..NEW`".to_owned(),
        ),
        Some(_) if let Some(edit) = edit_alone => (
            cause("no target maps a changed file to it"),
            format!("to have the edit of the policy judged by itself, run `{edit}` in this job, with the same record"),
        ),
        Some(_) => (
            cause("no target maps a changed file to it"),
            format!(
                "map its files with a `[[targets]]` entry, `environment = \"{name}\"`, or skip this step for a change without any: the next one is compared with what was allowed last, and so judges this too"
            ),
        ),
    };
    Diagnostic::error(Code::NoEvidence, cause).help(help)
}

fn nothing_to_judge(case: &Case<'_>, declared: &Declared) -> Diagnostic {
    let policy = case.policy;
    let is_narrowed = !declared.regions.is_empty() || !declared.services.is_empty();
    let cause = if is_narrowed && !policy.targets.is_empty() {
        "a region or a service alone does not say where the change goes"
    } else if policy.targets.is_empty() {
        "no environment is named, and the policy has no targets that show one"
    } else {
        "nothing to check: neither an environment nor commits are named"
    };
    let first = policy.example_environment();
    let (verb, started) = match case.mode {
        AnswerMode::Next => ("next", ""),
        AnswerMode::Run => ("run", " -- …"),
        AnswerMode::Check | AnswerMode::PrePush | AnswerMode::PreReceive => ("check", ""),
    };
    let words = [verb, first].into_iter().chain(case.repeated.iter().map(String::as_str));
    let words: Vec<_> = words.map(shell_word).collect();
    let commits = if policy.targets.is_empty() { "" } else { "; or name commits: `--range OLD..NEW`" };
    let help = format!("name an environment: `freezegate {}{started}`{commits}", words.join(" "));
    Diagnostic::error(Code::InvalidUsage, cause).help(help)
}
