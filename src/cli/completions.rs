//! `completions`: what completes commands in a shell.

use clap::CommandFactory;

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::output::Output;
use crate::cli::status::Status;

/// `freezegate completions`: 0.
pub(super) fn completions(args: &CompletionsArgs, output: &mut Output) -> Status {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "freezegate", &mut script);
    output.bytes(&script);
    Status::Allowed
}
