//! The command line: the only place where the clock, the environment, standard input and files are read.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub(crate) mod args;
mod audit;
mod backtest;
mod calendar;
mod cases;
mod check;
pub(crate) mod ci;
mod complete;
mod completions;
mod credential;
pub(crate) mod edge;
mod exchange;
mod explain;
mod grant;
mod hook;
mod init;
mod lint;
mod man;
mod manifests;
pub(crate) mod output;
mod overview;
mod plan;
mod record;
mod render;
mod resume;
mod routes;
mod run;
mod schema;
mod signing;
pub(crate) mod spots;
mod status;
mod stop;
mod survey;
#[cfg(test)]
mod texts;
mod usage;
mod wait;
mod whereabouts;

use args::{Cli, Command, HookCommand, RecordCommand};
use edge::Edge;
use output::Output;
use usage::usage;

use crate::change::git::{ObjectId, RefName};
use crate::cli::status::Status;
use crate::diagnostic::Faults;

/// The hook whose standard input is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookInput {
    /// `<local ref> <local id> <remote ref> <remote id>`.
    PrePush,
    /// `<old id> <new id> <ref>`.
    PreReceive,
}

/// Reads what git hands to a hook (githooks(5)): the ref, what it points to and what it shall point to, line by line.
///
/// # Errors
///
/// A line that is not one of a push, or that is cut off.
pub fn ref_updates(hook: HookInput, input: &[u8]) -> Result<Vec<(RefName, ObjectId, ObjectId)>, Faults> {
    hook::ref_updates(hook, input)
}

/// Runs the program: reads the world once, hands it to a subcommand, and reports how it went.
///
/// 0: allowed, or done. 1: refused. 2: no decision, whatever the reason, a full disk or closed pipe included (but for `record show`:
/// its reader may have enough).
#[must_use]
pub fn main() -> ExitCode {
    let mut output = Output::new();
    let status = match Cli::try_parse_from(arguments()) {
        Ok(cli) => run(cli, &mut output),
        Err(error) => usage(error, arguments(), &mut output),
    };
    match output.finish() {
        Ok(()) => status.into(),
        Err(_) => undecided().into(),
    }
}

/// The arguments without `--output -`: standard output is where answers go without the option. `init` writes a file without it.
fn arguments() -> Vec<OsString> {
    let all: Vec<OsString> = std::env::args_os().collect();
    let end = all.iter().position(|argument| argument == "--").unwrap_or(all.len());
    let (own, rest) = all.split_at_checked(end).unwrap_or((&all, &[]));
    if own.get(1).is_some_and(|verb| verb == "init") {
        return all;
    }
    let mut kept: Vec<OsString> = Vec::with_capacity(all.len());
    let mut own = own.iter().peekable();
    while let Some(argument) = own.next() {
        let names_output = argument == "--output" && own.next_if(|value| *value == "-").is_some();
        if !names_output && argument != "--output=-" {
            kept.push(argument.clone());
        }
    }
    kept.extend(rest.iter().cloned());
    kept
}

/// Returns how a question ends to which there is no answer.
fn undecided() -> Status {
    if run::is_asked_for(std::env::args_os()) { Status::NotStarted } else { Status::Undecided }
}

fn run(cli: Cli, output: &mut Output) -> Status {
    cli.color.apply();
    let edge = Edge::read();
    output.set_width(edge.width());
    match cli.command {
        Command::Help { words } => {
            let asked = of_help(&words);
            match Cli::try_parse_from(&asked) {
                Ok(_) => Status::Allowed,
                Err(error) => usage(error, asked, output),
            }
        }
        Command::Check(args) => check::check(&args, &edge, output),
        Command::Next(args) => check::next(&args.check, &edge, output),
        Command::Wait(args) => wait::wait(&args, &edge, output),
        Command::Where(args) => whereabouts::whereabouts(&args, &edge, output),
        Command::Status(args) => overview::status(&args, &edge, output),
        Command::Calendar(args) => calendar::calendar(&args, &edge, output),
        Command::Export(args) => exchange::export(&args, &edge, output),
        Command::Backtest(args) => backtest::backtest(&args, &edge, output),
        Command::Report(args) => audit::report(&args, &edge, output),
        Command::Import(args) => exchange::import(&args, &edge, output),
        Command::Routes(args) => routes::routes(&args, &edge, output),
        Command::Run(args) => run::run(&args, &edge, output),
        Command::Credential { credential: command } => credential::credential(&command, &edge, output),
        Command::Grant { grant: command } => grant::grant(&command, &edge, output),
        Command::Record { record: RecordCommand::Show(args) } => record::show(&args, &edge, output),
        Command::Record { record: RecordCommand::Verify(args) } => record::verify(&args, &edge, output),
        Command::Hook { hook: HookCommand::Install(args) } => hook::install(&args, &edge, output),
        Command::Hook { hook: HookCommand::Uninstall(args) } => hook::uninstall(&args, &edge, output),
        Command::Hook { hook: HookCommand::Status(args) } => hook::status(&args, &edge, output),
        Command::Hook { hook: HookCommand::Agent(args) } => hook::agent(&args, &edge, output),
        Command::Hook { hook: HookCommand::PrePush(args) } => hook::pre_push(&args, &edge, output),
        Command::Hook { hook: HookCommand::PreReceive(args) } => hook::pre_receive(&args, &edge, output),
        Command::Lint(args) => lint::lint(&args, &edge, output),
        Command::Test(args) => cases::test(&args, &edge, output),
        Command::Explain(args) => explain::explain(&args, &edge, output),
        Command::Stop(args) => stop::stop(&args, &edge, output),
        Command::Resume(args) => resume::resume(&args, &edge, output),
        Command::Init(args) => init::init(&args, &edge, output),
        Command::Schema(args) => schema::schema(&args, output),
        Command::Complete(args) => complete::complete(&args, &edge, output),
        Command::Completions(args) => completions::completions(&args, &edge, output),
        Command::Man(args) => man::man(&args, &edge, output),
    }
}

/// The help of a command comes as what clap says of `COMMAND --help`.
fn of_help(words: &[String]) -> Vec<OsString> {
    let asked = ["freezegate"].into_iter().chain(words.iter().map(String::as_str)).chain(["--help"]);
    asked.map(OsString::from).collect()
}
