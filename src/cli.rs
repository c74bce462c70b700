//! The command line: the only place where the clock, the environment, standard input and files are read.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

pub(crate) mod args;
mod backtest;
mod calendar;
mod cases;
mod check;
pub(crate) mod ci;
mod completions;
pub(crate) mod edge;
mod exchange;
mod explain;
mod grant;
mod hook;
mod init;
mod lint;
mod man;
pub(crate) mod output;
mod overview;
mod plan;
mod record;
mod render;
mod routes;
mod run;
mod schema;
pub(crate) mod spots;
mod status;
mod stop;
mod survey;
#[cfg(test)]
mod texts;
mod wait;
mod whereabouts;

use args::{Cli, Command, HookCommand, RecordCommand};
use edge::Edge;
use output::Output;

use crate::change::git::{ObjectId, RefName};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_line;
use crate::report::rows::REFUSED;
use crate::time::names::nearest as most_alike;
use crate::time::zone::RELEASE;

/// Which hook's standard input is read.
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

/// Runs the program: reads the world once, hands it to a subcommand, and tells how it went.
///
/// 0: allowed, or done. 1: refused. 2: no decision, whatever the reason, a full disk or closed pipe included (but for `record show`:
/// its reader may have enough).
#[must_use]
pub fn main() -> ExitCode {
    let mut output = Output::new();
    let status = match Cli::try_parse() {
        Ok(cli) => run(cli, &mut output),
        Err(error) => usage(error, &mut output),
    };
    match output.finish() {
        Ok(()) => status.into(),
        Err(_) => undecided().into(),
    }
}

/// How a question ends to which there is no answer.
fn undecided() -> Status {
    if run::is_asked_for(std::env::args_os()) { Status::NotStarted } else { Status::Undecided }
}

fn run(cli: Cli, output: &mut Output) -> Status {
    let edge = Edge::read();
    output.set_width(edge.width());
    match cli.command {
        Command::Help { words } => match help(&words) {
            Ok(()) => Status::Allowed,
            Err(error) => usage(error, output),
        },
        Command::Check(args) => check::check(&args, &edge, output),
        Command::Next(args) => check::next(&args, &edge, output),
        Command::Wait(args) => wait::wait(&args, &edge, output),
        Command::Where(args) => whereabouts::whereabouts(&args, &edge, output),
        Command::Status(args) => overview::status(&args, &edge, output),
        Command::Calendar(args) => calendar::calendar(&args, &edge, output),
        Command::Export(args) => exchange::export(&args, &edge, output),
        Command::Backtest(args) => backtest::backtest(&args, &edge, output),
        Command::Import(args) => exchange::import(&args, &edge, output),
        Command::Routes(args) => routes::routes(&args, &edge, output),
        Command::Run(args) => run::run(&args, &edge, output),
        Command::Grant { grant: command } => grant::grant(&command, &edge, output),
        Command::Record { record: RecordCommand::Show(args) } => record::show(&args, &edge, output),
        Command::Record { record: RecordCommand::Verify(args) } => record::verify(&args, &edge, output),
        Command::Hook { hook: HookCommand::Install(args) } => hook::install(&args, &edge, output),
        Command::Hook { hook: HookCommand::Uninstall(args) } => hook::uninstall(&args, &edge, output),
        Command::Hook { hook: HookCommand::Status(args) } => hook::status(&args, &edge, output),
        Command::Hook { hook: HookCommand::PrePush(args) } => hook::pre_push(&args, &edge, output),
        Command::Hook { hook: HookCommand::PreReceive(args) } => hook::pre_receive(&args, &edge, output),
        Command::Lint(args) => lint::lint(&args, &edge, output),
        Command::Test(args) => cases::test(&args, &edge, output),
        Command::Explain(args) => explain::explain(&args, &edge, output),
        Command::Stop(args) => stop::stop(&args, &edge, output),
        Command::Init(args) => init::init(&args, &edge, output),
        Command::Schema(args) => schema::schema(&args, output),
        Command::Completions(args) => completions::completions(&args, output),
        Command::Man(args) => man::man(&args, &edge, output),
    }
}

/// The help of a command comes as what clap says of `COMMAND --help`.
fn help(words: &[String]) -> Result<(), clap::Error> {
    let asked = ["freezegate"].into_iter().chain(words.iter().map(String::as_str)).chain(["--help"]);
    Cli::try_parse_from(asked).map(drop)
}

/// Options that are called otherwise now, and how.
const RENAMED_OPTIONS: [(&str, &str); 4] = [
    ("--advise", "--dry-run"),
    ("--only", "--declared-only"),
    ("--also", "--extra-freezes"),
    ("--lifted", "--overridden"),
];

/// How an option is called now that the command line `words` gives by its old name, if its command has it.
fn renamed(error: &clap::Error, words: impl IntoIterator<Item = OsString>) -> Option<&'static str> {
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let (_, new) = RENAMED_OPTIONS.iter().find(|(old, _)| old == given)?;
    let mut command = Cli::command();
    command.build();
    for word in words {
        if let Some(below) = command.find_subcommand(word) {
            command = below.clone();
        }
    }
    let has = command.get_arguments().any(|one| one.get_long() == new.strip_prefix("--"));
    has.then_some(*new)
}

/// A hook of git that this program does not install: it does not see which branch a change goes to.
const PRE_COMMIT: &str = "pre-commit";

/// A command in full that people call by its last word alone, such as `hook install`, if there is one of that name.
fn named_below(given: &str) -> Option<String> {
    let mut all = Cli::command();
    all.build();
    if all.find_subcommand(given).is_some() {
        return None;
    }
    let mut found = all.get_subcommands().filter_map(|command| {
        let below = command.find_subcommand(given)?;
        Some(format!("{} {}", command.get_name(), below.get_name()))
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Leaves one hint, the nearest: clap lists all commands that look alike, the nearest last, and how to pass an option as a value.
fn nearest(error: &mut clap::Error) {
    error.remove(ContextKind::Suggested);
    if let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidSubcommand)
        && let Some(below) = named_below(given)
    {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![below]));
        return;
    }
    if let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
        && argument == "[HOOK]"
        && let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidValue)
        && most_alike(given, ["pre-push", "pre-receive", PRE_COMMIT]) == Some(PRE_COMMIT)
    {
        // the hook of a clone that sees which branch a change goes to
        error.insert(ContextKind::SuggestedValue, ContextValue::String("pre-push".to_owned()));
    }
    if let Some(ContextValue::Strings(names)) = error.get(ContextKind::SuggestedSubcommand)
        && let Some(nearest) = names.last().cloned()
    {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![nearest]));
    }
}

/// A command line that can't be read, or a wish for help.
fn usage(mut error: clap::Error, output: &mut Output) -> Status {
    if let Some(new) = renamed(&error, std::env::args_os().skip(1)) {
        error.insert(ContextKind::SuggestedArg, ContextValue::String(new.to_owned()));
    }
    nearest(&mut error);
    let error = &error;
    if error.kind() == ErrorKind::DisplayVersion {
        let commit = env!("BUILT_FROM");
        output.answer(&format!("freezegate {} ({commit}, tzdb {})\n", env!("CARGO_PKG_VERSION"), RELEASE.name));
        return Status::Allowed;
    }
    if !error.use_stderr() {
        output.answer(&error.render().ansi().to_string());
        return Status::Allowed;
    }
    if run::is_asked_for(std::env::args_os()) {
        output.leave_standard_output();
    }
    // it repeats what somebody wrote, which may have come from a branch name
    let text = error.render().to_string();
    let lines: Vec<_> = text.lines().map(for_line).collect();
    let plain = lines.join("\n");
    let styled = plain.strip_prefix("error:").map(|rest| format!("{REFUSED}error:{REFUSED:#}{rest}\n"));
    output.complaint(&styled.unwrap_or_else(|| format!("{plain}\n")));
    if let Some(format) = output::format_asked_for(std::env::args_os()) {
        let cause = text.lines().next().unwrap_or("the command line can't be read").trim_start_matches("error: ");
        let faults = Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help("see `freezegate --help`"));
        output.undecided_in(format, "usage", &faults, None, &Edge::read());
    }
    undecided()
}
