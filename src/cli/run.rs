//! `run`: starts a command if it is allowed now.

use std::ffi::OsString;

use crate::cli::args::{Format, RunArgs};
use crate::cli::check;
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::bytes_for_terminal;
use crate::gate::request::CheckRequest;
use crate::report::AnswerMode;

pub(super) mod program;

use program::{FoundProgram, StartError};

/// Returns whether a command line, that of this program, asks for it: then there is no answer where nothing was started.
pub(super) fn is_asked_for(mut arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.nth(1).is_some_and(|word| word == "run")
}

/// `freezegate run`: becomes the command; 125 if it was not started, 126 and 127 if it can't be.
pub(super) fn run(args: &RunArgs, edge: &Edge, output: &mut Output) -> Status {
    output.leave_standard_output();
    let program = match FoundProgram::find(&args.command, edge) {
        Ok(program) => program,
        Err(error) => return cannot_start(&error, output),
    };
    let status = judged(args, &program, edge, output);
    if status != Status::Allowed || args.check.dry_run {
        return status;
    }
    if output.has_failed() {
        return not_started(args, &program, output);
    }
    match program.start() {
        Ok(status) => status,
        Err(error) => cannot_start(&error, output),
    }
}

/// Judges the command, and says what is to be said of it on standard error.
fn judged(args: &RunArgs, program: &FoundProgram<'_>, edge: &Edge, output: &mut Output) -> Status {
    let asked = &args.check;
    let request = CheckRequest { command: Some(program.line(edge)), ..asked.request() };
    let told = match is_about_now(args) {
        Ok(()) => check::decide_about(AnswerMode::Run, request, asked, edge),
        Err(fault) => Err(Faults::one(fault)),
    };
    match told {
        Ok(judged) => {
            let is_for_machines = asked.output.format != Format::Text || asked.output.file.is_some();
            let is_told = judged.is_printed || asked.dry_run || edge.errors_go_to_terminal();
            if judged.is_refused || is_for_machines || is_told {
                output.deliver(&judged.answer, &asked.output, edge);
            }
            if judged.is_refused { not_started(args, program, output) } else { Status::Allowed }
        }
        Err(faults) => {
            output.undecided(AnswerMode::Run.as_str(), &check::naming_fetch(asked, faults), &asked.output, edge);
            not_started(args, program, output)
        }
    }
}

/// Sees that nothing is started by an answer about another time.
fn is_about_now(args: &RunArgs) -> Result<(), Diagnostic> {
    if args.check.at.is_none() || args.check.dry_run {
        return Ok(());
    }
    Err(Diagnostic::error(
        Code::InvalidUsage,
        "`--at` can't be used with `run`: a command that starts now is judged now",
    )
    .help("leave it out, or add `--dry-run`, which starts nothing"))
}

fn not_started(args: &RunArgs, program: &FoundProgram<'_>, output: &mut Output) -> Status {
    if args.check.output.format == Format::Text {
        let name = bytes_for_terminal(program.name().as_encoded_bytes());
        output.complaint(&format!("not started: {name}\n"));
    }
    Status::NotStarted
}

fn cannot_start(error: &StartError, output: &mut Output) -> Status {
    output.complaint(&format!("freezegate: {error}\n"));
    match error {
        // env(1) ends so for both
        StartError::NotFound { .. } | StartError::NoInterpreter { .. } => Status::NotFound,
        StartError::NotExecutable { .. } => Status::NotExecutable,
    }
}
