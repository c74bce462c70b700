//! `completions`: what completes commands in a shell.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::complete::Nameable;
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};

/// What the script for bash ends with.
const BASH: &str = include_str!("completions/names.bash");

/// What comes before the last statement of the script for zsh, which calls or registers the function.
const ZSH: &str = include_str!("completions/names.zsh");

/// How the last statement of clap's script for zsh begins.
const ZSH_END: &str = "if [ \"$funcstack[1]\" = \"_freezegate\" ]; then\n";

/// What the script for fish ends with, but for the options.
const FISH: &str = include_str!("completions/names.fish");

/// The line for an option whose values are names.
const FISH_OPTION: &str = "complete -c freezegate -n \"test (count (__fish_freezegate_names)) -gt 0\" -l OPTION -r -f -a \"(__fish_freezegate_names)\"\n";

/// `freezegate completions`: 0.
pub(super) fn completions(args: &CompletionsArgs, edge: &Edge, output: &mut Output) -> Status {
    let written = script(args.shell).map(|script| output.bytes(script.as_bytes()));
    output.conclude(written.map(|()| Status::Allowed).map_err(Faults::one), edge)
}

/// The script of clap, with the names that only the program knows.
fn script(shell: Shell) -> Result<String, Diagnostic> {
    let broken = || {
        Diagnostic::error(Code::Internal, format!("the completions for {shell} can't be put together"))
            .help("report this to freezegate's developers")
    };
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut offered(), "freezegate", &mut bytes);
    let script = String::from_utf8(bytes).map_err(|_| broken())?;
    match shell {
        Shell::Bash => Ok(script + BASH),
        Shell::Zsh => match script.rsplit_once(ZSH_END) {
            Some((functions, end)) => Ok(format!("{functions}{ZSH}{ZSH_END}{end}")),
            None => Err(broken()),
        },
        Shell::Fish => Ok(script + FISH + &fish_options()),
        // no function that could be put before theirs
        Shell::Elvish | Shell::PowerShell | _ => Ok(script),
    }
}

/// The commands that people type.
fn offered() -> Command {
    let all = Cli::command();
    let typed = all.get_subcommands().filter(|command| command.get_name() != "complete").cloned();
    Command::new("freezegate")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .args(all.get_arguments().cloned())
        .subcommands(typed)
}

/// Options whose values are names: for the value of an option, fish reads only what is registered for it.
fn fish_options() -> String {
    let mut all = Cli::command();
    all.build();
    let mut named = BTreeSet::new();
    let mut open = vec![&all];
    while let Some(command) = open.pop() {
        open.extend(command.get_subcommands());
        named.extend(command.get_opts().filter(|arg| Nameable::of(arg).is_some()).filter_map(clap::Arg::get_long));
    }
    let line = |option| FISH_OPTION.replace("OPTION", option);
    named.into_iter().map(line).collect()
}
