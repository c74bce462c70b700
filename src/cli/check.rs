//! `check` and `next`: may it go now, and when?

use crate::cli::args::CheckArgs;
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::cli::{ci, manifests, plan, render};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::case::{JudgedCase, Render};
use crate::gate::check;
use crate::gate::request::CheckRequest;
use crate::report::{Answer, AnswerMode};

/// `freezegate check`: 0 allowed, 1 refused, 2 no decision.
pub(super) fn check(args: &CheckArgs, edge: &Edge, output: &mut Output) -> Status {
    answer(AnswerMode::Check, args, edge, output)
}

/// `freezegate next`: 0 answered, also where the answer is "never".
pub(super) fn next(args: &CheckArgs, edge: &Edge, output: &mut Output) -> Status {
    let status = answer(AnswerMode::Next, args, edge, output);
    if status == Status::Refused { Status::Allowed } else { status }
}

fn answer(mode: AnswerMode, args: &CheckArgs, edge: &Edge, output: &mut Output) -> Status {
    match decide(mode, args, edge) {
        Ok(judged) => {
            output.deliver(&judged.answer, &args.output, edge);
            Status::of(&judged)
        }
        Err(faults) => {
            let faults = naming_fetch(args, faults);
            output.undecided(mode.as_str(), &faults, &args.output, edge);
            Status::Undecided
        }
    }
}

/// Names `--fetch` before the commands by which people fetch what is missing.
pub(super) fn naming_fetch(args: &CheckArgs, mut faults: Faults) -> Faults {
    if args.fetch {
        return faults;
    }
    let is_evidence = |fault: &&mut Diagnostic| matches!(fault.code, Code::NoEvidence | Code::UnreadableFile);
    for fault in faults.diagnostics.iter_mut().filter(is_evidence) {
        if let Some(help) = fault.help.take() {
            let fetches = ["`git fetch ", "`git cat-file -e "].iter().any(|command| help.contains(command));
            fault.help = Some(if fetches { format!("add `--fetch`, or {help}") } else { help });
        }
    }
    faults
}

/// Returns what the gate says, in the format of `args`.
fn decide(mode: AnswerMode, args: &CheckArgs, edge: &Edge) -> Result<JudgedCase, Faults> {
    decide_about(mode, args.request(), args, edge)
}

/// Returns what the gate says of `request`, in the format of `args`.
pub(super) fn decide_about(
    mode: AnswerMode,
    request: CheckRequest,
    args: &CheckArgs,
    edge: &Edge,
) -> Result<JudgedCase, Faults> {
    // whoever waits is told of a refusal, whatever the format of the answer
    let is_for_people = request.is_ahead || args.output.is_for_people();
    let render =
        |answer: &Answer<'_>, is_kept: bool| render::answer(answer, is_kept, (Some(&args.output), is_for_people), edge);
    decide_and(mode, request, args, (edge, &render))
}

/// What the gate says of `request`, told by `render`.
pub(super) fn decide_and(
    mode: AnswerMode,
    request: CheckRequest,
    args: &CheckArgs,
    (edge, render): (&Edge, Render<'_>),
) -> Result<JudgedCase, Faults> {
    let pipeline = if args.no_ci { None } else { ci::pipeline(edge)? };
    let at = edge.dated(request.at.as_deref(), args.output.timezone.as_deref()).map_err(Faults::one)?;
    let plan = match (&request.plan, &args.plan) {
        (None, Some(path)) => Some(plan::read(path, edge)?),
        (known, _) => known.clone(),
    };
    let saved_plan = match (&request.saved_plan, &args.plan_file) {
        (None, Some(path)) => Some(plan::read_saved(path, edge)?),
        (known, _) => known.clone(),
    };
    let manifests = match (&request.manifests, &args.manifests) {
        (None, Some(path)) => Some(manifests::read(path, args.manifests_before.as_deref(), edge)?),
        (known, _) => known.clone(),
    };
    let request = CheckRequest { at, plan, saved_plan, manifests, ..request };
    check::decide(mode, (&request, pipeline.as_ref()), edge, render)
}
