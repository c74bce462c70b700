//! The command line: the only place where the clock, the environment, standard input and files are read.

use std::process::ExitCode;

use clap::Parser;

mod args;
mod check;
mod edge;
mod evidence;
mod explain;
mod hook;
mod judge;
mod lint;
mod output;
mod policy;

use args::{Cli, Command, HookCommand};
use edge::Edge;
use output::Output;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Allowed, or done, or nothing found.
    Allowed,
    /// Refused, or something found.
    Refused,
    /// No decision.
    Undecided,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Allowed => Self::SUCCESS,
            Status::Refused => Self::from(1),
            Status::Undecided => Self::from(2),
        }
    }
}

/// Runs the program: reads the world once, hands it to a subcommand, and tells how it went.
///
/// 0: allowed, or done. 1: refused. 2: no decision, whatever the reason, a full disk or closed pipe included.
#[must_use]
pub fn main() -> ExitCode {
    let mut output = Output::new();
    let status = match Cli::try_parse() {
        Ok(cli) => run(cli, &mut output),
        Err(error) => usage(&error, &mut output),
    };
    match output.finish() {
        Ok(()) => status.into(),
        Err(_) => Status::Undecided.into(),
    }
}

fn run(cli: Cli, output: &mut Output) -> Status {
    let edge = Edge::read();
    match cli.command {
        Command::Check(args) => check::check(&args, &edge, output),
        Command::Next(args) => check::next(&args, &edge, output),
        Command::Hook { hook: HookCommand::Install(args) } => hook::install(&args, &edge, output),
        Command::Hook { hook: HookCommand::Status(args) } => hook::status(&args, &edge, output),
        Command::Hook { hook: HookCommand::PrePush(args) } => hook::pre_push(&args, &edge, output),
        Command::Hook { hook: HookCommand::PreReceive(args) } => hook::pre_receive(&args, &edge, output),
        Command::Lint(args) => lint::lint(&args, &edge, output),
        Command::Explain(args) => explain::explain(&args, &edge, output),
    }
}

/// A command line that can't be read, or a wish for help.
fn usage(error: &clap::Error, output: &mut Output) -> Status {
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        output.complaint(&text);
        if output::asks_for_json(std::env::args_os()) {
            let diagnostic = crate::diagnostic::Diagnostic::error(
                crate::diagnostic::Code::BadQuestion,
                error
                    .render()
                    .to_string()
                    .lines()
                    .next()
                    .unwrap_or("the command line can't be read")
                    .trim_start_matches("error: "),
            );
            output.undecided_json("usage", &[diagnostic], &crate::diagnostic::Sources::default());
        }
        Status::Undecided
    } else {
        output.answer(&text);
        Status::Allowed
    }
}
