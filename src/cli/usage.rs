//! What is said of a command line that can't be read, and which command or option may be meant.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use crate::cli::args::Cli;
use crate::cli::edge::Edge;
use crate::cli::output::{self, Output};
use crate::cli::status::Status;
use crate::cli::{run, undecided};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_line;
use crate::report::rows::{REFUSED, glued};
use crate::shell::{GLUE, command as command_line};
use crate::time::names::nearest as most_alike;
use crate::time::zone::RELEASE;

/// Options that are called otherwise now, and how.
pub(super) const RENAMED_OPTIONS: [(&str, &str); 4] = [
    ("--advise", "--dry-run"),
    ("--only", "--declared-only"),
    ("--also", "--extra-freezes"),
    ("--lifted", "--overridden"),
];

/// Returns how an option is called now that the command line `words` gives by its old name, if its command has it.
pub(super) fn renamed(error: &clap::Error, words: impl IntoIterator<Item = OsString>) -> Option<&'static str> {
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let (_, new) = RENAMED_OPTIONS.iter().find(|(old, _)| old == given)?;
    has_option(&asked(words), new).then_some(*new)
}

/// The command that the command line `words` asks for.
fn asked(words: impl IntoIterator<Item = OsString>) -> Command {
    let mut command = Cli::command();
    command.build();
    // of what help is asked for is what counts
    for word in words.into_iter().filter(|word| word != "help") {
        if let Some(below) = command.find_subcommand(word) {
            command = below.clone();
        }
    }
    command
}

fn has_option(command: &Command, option: &str) -> bool {
    command.get_arguments().any(|one| one.get_long().is_some() && one.get_long() == option.strip_prefix("--"))
}

/// The names in full of the commands that have an option.
fn commands_with(option: &str, command: &Command, path: &str) -> Vec<String> {
    let own = has_option(command, option).then(|| path.to_owned());
    let below = command.get_subcommands().filter(|one| !one.is_hide_set()).flat_map(|one| {
        let path = if path.is_empty() { one.get_name().to_owned() } else { format!("{path} {}", one.get_name()) };
        commands_with(option, one, &path)
    });
    own.into_iter().chain(below).collect()
}

/// The candidate that `given` is a slip of: of one letter, or of a quarter of its letters.
fn slip_of(given: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let most = (given.len() / 4).max(1);
    let near = candidates.map(|one| (strsim::osa_distance(given, &one), one));
    let near = near.filter(|(distance, _)| *distance <= most);
    let unlike = |one: &str| -strsim::jaro_winkler(given, one);
    let nearest = near.min_by(|(near, one), (far, other)| near.cmp(far).then(unlike(one).total_cmp(&unlike(other))));
    nearest.map(|(_, one)| one)
}

/// The most commands that are named for an option that they have.
const MOST_COMMANDS: usize = 3;

/// Shows how the command is used as its help does: clap shows what the given words leave.
fn usage_as_in_help(error: &mut clap::Error, words: impl IntoIterator<Item = OsString>) {
    if error.get(ContextKind::Usage).is_some() || error.kind() == ErrorKind::UnknownArgument {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(asked(words).render_usage()));
    }
}

/// The command line with what stands before its command behind it; `None` if the option `given` does not stand there.
fn in_order(words: &[OsString], given: &str) -> Option<String> {
    let words: Option<Vec<&str>> = words.iter().map(|word| word.to_str()).collect();
    let words = words?;
    let mut command = Cli::command();
    // the commands below are made only when it is built
    command.build();
    let (mut names, mut early) = (Vec::new(), Vec::new());
    let mut last = 0;
    for (index, word) in words.iter().enumerate().take_while(|(_, word)| **word != "--") {
        if let Some(below) = command.find_subcommand(word) {
            command = below.clone();
            names.push(*word);
            last = index + 1;
        }
    }
    for word in words.iter().take(last) {
        if !names.contains(word) {
            early.push(*word);
        }
    }
    early.iter().find(|word| word.split('=').next() == Some(given))?;
    let rest = words.get(last..)?;
    let (own, behind) = rest.split_at(rest.iter().position(|word| *word == "--").unwrap_or(rest.len()));
    let all = ["freezegate"].into_iter().chain(names).chain(own.iter().copied()).chain(early);
    Some(command_line(all.chain(behind.iter().copied())))
}

/// Options by which people name an environment in other tools.
const ENVIRONMENT_NAMES: [&str; 3] = ["--env", "--environment", "--environments"];

/// Says of an unknown option which commands have it; of one that none has, which one is spelled nearly so.
fn meant_option(error: &mut clap::Error, words: impl IntoIterator<Item = OsString>) {
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(given))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return;
    };
    let given = given.clone();
    let words: Vec<OsString> = words.into_iter().collect();
    let command = asked(words.clone());
    error.remove(ContextKind::SuggestedArg);
    if let Some(line) = in_order(&words, &given).filter(|_| has_option(&command, &given)) {
        let tip = format!("options go after the command: `{line}`");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        return;
    }
    let takes_environments = command.get_positionals().any(|one| one.get_id() == "environments");
    let names = || ENVIRONMENT_NAMES.iter().map(|name| (*name).to_owned());
    let own = || command.get_arguments().filter_map(|one| Some(format!("--{}", one.get_long()?)));
    if takes_environments && slip_of(&given, names()).is_some() && slip_of(&given, own()).is_none() {
        let tip = format!("name environments without an option: 'freezegate {} production'", command.get_name());
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        return;
    }
    let mut all = Cli::command();
    all.build();
    let known = OTHER_OPTIONS.iter().find(|(other, own, _)| *other == given && has_option(&command, own));
    let tip = match known {
        Some((_, _, written)) => Some(format!("write '{written}'")),
        None if given == "-v" => {
            Some("answers are always complete; for the version, write 'freezegate --version'".to_owned())
        }
        None if given == "-f" && has_option(&command, "--policy") => {
            Some("for a policy, write '--policy FILE'; an override needs a grant: 'freezegate help grant'".to_owned())
        }
        None if OVERRIDES.contains(&given.as_str()) && has_option(&command, "--grant") => {
            Some("an override needs a grant: 'freezegate help grant'".to_owned())
        }
        None => None,
    };
    if let Some(tip) = tip {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        return;
    }
    let others = commands_with(&given, &all, "");
    if others.is_empty() {
        let own = command.get_arguments().filter_map(|one| Some(format!("--{}", one.get_long()?)));
        if let Some(near) = slip_of(&given, own) {
            error.insert(ContextKind::SuggestedArg, ContextValue::String(near));
        }
    } else if others.len() <= MOST_COMMANDS {
        let named: Vec<String> = others.iter().map(|one| format!("'{one}'")).collect();
        let tip = format!("'{given}' is an option of {}", named.join(", "));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}

/// The names in other tools of commands or options of this one.
const OTHER_NAMES: [(&str, &str); 23] = [
    ("freeze", "stop"),
    ("close", "stop"),
    ("lock", "stop"),
    ("pause", "stop"),
    ("thaw", "resume"),
    ("unfreeze", "resume"),
    ("unlock", "resume"),
    ("unpause", "resume"),
    ("open", "next"),
    ("when", "next"),
    ("deploy", "check"),
    ("is-open", "check"),
    ("list", "status"),
    ("ls", "status"),
    ("approve", "grant sign"),
    ("bypass", "grant ask"),
    ("override", "grant ask"),
    ("request", "grant ask"),
    ("rollback", "explain rollback"),
    ("revert", "explain rollback"),
    ("audit", "report"),
    ("validate", "lint"),
    ("version", "--version"),
];

/// Options that people know from other tools, the option of this one that does it, and how it is written.
const OTHER_OPTIONS: [(&str, &str, &str); 8] = [
    ("--json", "--format", "--format json"),
    ("--branch", "--ref", "--ref refs/heads/main"),
    ("--tag", "--ref", "--ref refs/tags/v1.2.3"),
    ("--commit", "--range", "--range OLD..NEW"),
    ("--config", "--policy", "--policy FILE"),
    ("-c", "--policy", "--policy FILE"),
    ("-p", "--policy", "--policy FILE"),
    ("--time", "--at", "--at 18:00"),
];

/// Options that open a gate without a trace in other tools.
const OVERRIDES: [&str; 8] = ["-f", "--force", "-y", "--yes", "--override", "--skip", "--bypass", "--no-verify"];

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
fn nearest(error: &mut clap::Error, words: impl IntoIterator<Item = OsString>) {
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
    let words: Vec<OsString> = words.into_iter().collect();
    let is_first = |given: &String| words.first().is_some_and(|word| word == given.as_str());
    if let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidSubcommand)
        && let Some((_, meant)) = OTHER_NAMES.iter().find(|(name, _)| name == given).filter(|_| is_first(given))
    {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![(*meant).to_owned()]));
        return;
    }
    if let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidSubcommand) {
        let below = asked(words);
        let near = slip_of(given, below.get_subcommands().map(|one| one.get_name().to_owned()));
        error.remove(ContextKind::SuggestedSubcommand);
        if let Some(near) = near {
            error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![near]));
        }
    }
}

/// Says of a command that is missing behind the environments of `run` where it goes: without `--`, its words are read as environments.
fn missing_command(error: &mut clap::Error, words: impl IntoIterator<Item = OsString>) {
    let is_missing = error.kind() == ErrorKind::MissingRequiredArgument;
    let mut words = words.into_iter();
    let example = match words.next() {
        Some(word) if word == "run" => "freezegate run production -- ./deploy.sh",
        Some(word) if word == "credential" => {
            "freezegate credential kube production -- aws eks get-token --cluster-name shop"
        }
        Some(_) | None => return,
    };
    if is_missing && words.all(|word| word != "--") {
        let tip = format!("put '--' before the command: '{example}'");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}

/// The same command, of whose examples no line is wrapped: a line of a shell that is cut in two runs as two. Their blanks are [`GLUE`].
fn with_whole_examples(command: Command) -> Command {
    let examples = command.get_after_help().map(|text| {
        let text = text.to_string();
        let Some((before, examples)) = text.split_once("examples:\n") else {
            return text;
        };
        let whole = |line: &str| match line.strip_prefix("  ") {
            Some(example) => format!("  {}", glued(example)),
            None => line.to_owned(),
        };
        format!("{before}examples:\n{}", examples.lines().map(whole).collect::<Vec<_>>().join("\n"))
    });
    let command = match examples {
        Some(text) => command.after_help(text),
        None => command,
    };
    command.mut_subcommands(with_whole_examples)
}

/// A command line, `words`, that can't be read, or a wish for help.
pub(super) fn usage(mut error: clap::Error, words: Vec<OsString>, output: &mut Output) -> Status {
    nearest(&mut error, std::env::args_os().skip(1));
    meant_option(&mut error, std::env::args_os().skip(1));
    missing_command(&mut error, std::env::args_os().skip(1));
    usage_as_in_help(&mut error, std::env::args_os().skip(1));
    if let Some(new) = renamed(&error, std::env::args_os().skip(1)) {
        error.insert(ContextKind::SuggestedArg, ContextValue::String(new.to_owned()));
    }
    let error = &error;
    if error.kind() == ErrorKind::DisplayVersion {
        let commit = env!("BUILT_FROM");
        output.answer(&format!("freezegate {} ({commit}, tzdb {})\n", env!("CARGO_PKG_VERSION"), RELEASE.name));
        return Status::Allowed;
    }
    if !error.use_stderr() {
        // the commands below are made only when it is built
        let mut all = Cli::command();
        all.build();
        let asked = with_whole_examples(all).try_get_matches_from(words).err();
        let help = asked.as_ref().unwrap_or(error).render().ansi().to_string();
        output.answer(&help.replace(GLUE, " "));
        return Status::Allowed;
    }
    if run::is_asked_for(std::env::args_os()) {
        output.leave_standard_output();
    }
    // it repeats what somebody wrote, which may have come from a branch name
    // clap has the other word for it
    let text = error.render().to_string().replace(concat!("can", "not be used "), "can't be used ");
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
