//! The git hooks: `hook pre-push` where changes leave, `hook pre-receive` where they arrive.

use crate::change::git::{ObjectId, RefName};
use crate::cli::args::{PrePushArgs, PreReceiveArgs};
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::cli::{HookInput, render};
use crate::diagnostic::{Code, Faults};
use crate::gate::case::JudgedCase;
use crate::gate::push::update::{self, Update};
use crate::gate::push::{judge_push, judge_receipt};
use crate::gate::world::World;
use crate::report::{Answer, AnswerMode, Rendered};

mod agent;
mod dispatcher;
mod git_program;
mod grants;
mod hook_file;
mod install;
mod other_tools;
mod shim;
mod status;
mod status_rows;
mod uninstall;

pub(super) use agent::agent;
pub(super) use install::install;
pub(super) use status::judges_pushes;
pub(super) use status::status;
pub(super) use uninstall::uninstall;

/// The refs that git hands to a hook, as [`crate::cli::ref_updates`] returns them.
pub(super) fn ref_updates(hook: HookInput, input: &[u8]) -> Result<Vec<(RefName, ObjectId, ObjectId)>, Faults> {
    update::is_whole(input)?;
    let updates = match hook {
        HookInput::PrePush => update::of_push(input)?,
        HookInput::PreReceive => update::of_receipt(input)?,
    };
    Ok(updates.into_iter().map(|Update { name, old, new }| (name, old, new)).collect())
}

/// `freezegate hook pre-push`: judges every ref of the push before it leaves. Advice, as `--no-verify` skips it.
pub(super) fn pre_push(args: &PrePushArgs, edge: &Edge, output: &mut Output) -> Status {
    print_answer(judge_push(&args.request(), edge, &as_text(edge)), (AnswerMode::PrePush, args.verbose), edge, output)
}

/// `freezegate hook pre-receive`: judges every ref of the push before any is moved.
pub(super) fn pre_receive(args: &PreReceiveArgs, edge: &Edge, output: &mut Output) -> Status {
    print_answer(
        judge_receipt(&args.request(), edge, &as_text(edge)),
        (AnswerMode::PreReceive, args.verbose),
        edge,
        output,
    )
}

/// Returns how a hook writes its answer: as text alone.
fn as_text(edge: &Edge) -> impl Fn(&Answer<'_>, bool) -> Result<Rendered, Faults> {
    move |answer, is_kept| render::answer(answer, is_kept, (None, true), edge)
}

/// Prints the answer on standard error, where git and the servers show it to the one who pushes. Silent when nothing is found, unless
/// the answer is wanted anyway.
fn print_answer(
    judged: Result<Option<JudgedCase>, Faults>,
    (mode, is_verbose): (AnswerMode, bool),
    edge: &Edge,
    output: &mut Output,
) -> Status {
    // https://docs.gitlab.com/administration/server_hooks/: only lines with this mark reach the one who pushes
    let mark = match mode {
        AnswerMode::PreReceive if edge.variable("GL_ID").is_some() || edge.variable("GL_REPOSITORY").is_some() => {
            "GL-HOOK-ERR: "
        }
        AnswerMode::Check | AnswerMode::Next | AnswerMode::Run | AnswerMode::PrePush | AnswerMode::PreReceive => "",
    };
    match judged {
        Ok(None) => Status::Allowed,
        Ok(Some(judged)) => {
            if judged.is_refused || judged.is_printed || is_verbose {
                let brief = judged.answer.brief.as_ref().filter(|_| !is_verbose);
                output.marked(mark, brief.unwrap_or(&judged.answer.people));
            }
            Status::of(&judged)
        }
        Err(faults) => {
            let faults = if mode == AnswerMode::PrePush { naming_install(faults) } else { faults };
            let text = crate::cli::output::rendered(&faults.diagnostics, &faults.sources, render::width(mode, edge));
            output.marked(mark, &text);
            Status::Undecided
        }
    }
}

/// Names the command that gives a hook of a clone its policy, where the help names an option: nobody gives options to `git push`.
fn naming_install(mut faults: Faults) -> Faults {
    for diagnostic in faults.diagnostics.iter_mut().filter(|one| one.code == Code::NoPolicy) {
        diagnostic.help = diagnostic
            .help
            .as_deref()
            .map(|help| help.replace("`--policy FILE`", "`freezegate hook install --policy FILE`"));
    }
    faults
}
