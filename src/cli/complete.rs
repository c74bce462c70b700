//! `complete`: the names that can stand at the cursor, for the scripts that `completions` prints.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, CommandFactory};

use crate::cli::args::{Cli, CompleteArgs, organisation};
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::explain::Topic;
use crate::gate::request::PolicyPlace;
use crate::gate::{repository, source};
use crate::lint;
use crate::policy::{Kind, Policy};
use crate::time::zone::Zone;

/// `freezegate complete -- WORDS… CURRENT`: prints the names that can stand in the place of `CURRENT`, one a line. Always 0, and silent on errors:
/// completion must not disturb.
pub(super) fn complete(args: &CompleteArgs, edge: &Edge, output: &mut Output) -> Status {
    let words: Vec<String> = args.words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some((current, before)) = words.split_last() {
        let names = candidates(before, current, edge).unwrap_or_default();
        output.bytes(names.iter().map(|name| format!("{name}\n")).collect::<String>().as_bytes());
    }
    Status::Allowed
}

/// What names stand for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nameable {
    Environment,
    Region,
    Service,
    Kind,
    Code,
    LintCode,
    Reference,
    TimeZone,
}

impl Nameable {
    /// What the value of an option or argument names; `None` if its values have no list.
    pub(super) fn of(arg: &Arg) -> Option<Self> {
        let value = arg.get_value_names().and_then(<[_]>::first).map(clap::builder::Str::as_str)?;
        match (value, arg.get_long()) {
            ("ENVIRONMENT", _) => Some(Self::Environment),
            ("REGION", _) => Some(Self::Region),
            ("SERVICE", _) => Some(Self::Service),
            ("KIND", _) => Some(Self::Kind),
            ("CODE", None) => Some(Self::Code),
            ("CODE", Some(_)) => Some(Self::LintCode),
            ("NAME", Some("ref")) => Some(Self::Reference),
            ("ZONE", _) => Some(Self::TimeZone),
            _ => None,
        }
    }
}

/// The value that is asked for.
struct ValueToComplete {
    what: Nameable,
    /// What comes before the value in the same word: `--kind=`.
    head: String,
    /// What of the value is typed.
    typed: String,
    policy: PolicyPlace,
}

fn candidates(before: &[String], current: &str, edge: &Edge) -> Option<Vec<String>> {
    let mut all = Cli::command();
    all.build();
    let asked = asked(&all, before, current)?;
    let names = match asked.what {
        Nameable::Kind => {
            let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Rollback);
            vec![kinds.map(|kind| kind.as_str().to_owned()).collect()]
        }
        Nameable::Code => vec![Topic::all().map(|topic| topic.as_str().to_owned()).collect()],
        Nameable::LintCode => vec![lint::CODES.iter().map(|code| code.as_str().to_owned()).collect()],
        Nameable::TimeZone => vec![Zone::names().map(str::to_owned).collect()],
        Nameable::Reference => vec![references(edge)?],
        Nameable::Environment => environments(&policy(&asked, edge)?),
        Nameable::Region => vec![policy(&asked, edge)?.regions.iter().map(|region| region.name.clone()).collect()],
        Nameable::Service => vec![policy(&asked, edge)?.services.iter().map(|service| service.name.clone()).collect()],
    };
    let fits = |name: &String| name.starts_with(&asked.typed) && is_plain(name);
    let fitting = names.into_iter().map(|group| group.into_iter().filter(fits).collect::<Vec<_>>());
    let first = fitting.into_iter().find(|group| !group.is_empty())?;
    Some(first.iter().map(|name| format!("{}{name}", asked.head)).collect())
}

/// Environments by name, and by alias for who types what is no name.
fn environments(policy: &Policy) -> Vec<Vec<String>> {
    let names = policy.environments.iter().map(|environment| environment.name.clone()).collect();
    let aliases = policy.environments.iter().flat_map(|environment| environment.aliases.iter().cloned()).collect();
    vec![names, aliases]
}

/// Whether no shell reads anything but a word in it. Names of a policy are; those of refs may not be.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/+@".contains(&byte))
}

/// The policy as it is on disk.
fn policy(asked: &ValueToComplete, edge: &Edge) -> Option<Policy> {
    source::read(&asked.policy, edge).ok()
}

fn references(edge: &Edge) -> Option<Vec<String>> {
    let repository = repository::here_if_any(edge).ok()??;
    let of = |folder: &str| repository.refs_below(folder).ok();
    let all = ["refs/heads/", "refs/tags/"].into_iter().filter_map(of).flatten();
    Some(all.map(|name| name.to_string()).collect())
}

/// Reads the words before the cursor as the program would.
fn asked(all: &Command, before: &[String], current: &str) -> Option<ValueToComplete> {
    let mut command = all;
    let mut positionals = 0;
    let mut awaiting: Option<&Arg> = None;
    // stops may have to be fetched, and have no names of their own
    let mut policy = PolicyPlace::default().without_stops();
    for word in before {
        if let Some(option) = awaiting {
            // bash splits `--kind=deploy` into three words
            if word != "=" {
                note(option, word, &mut policy);
                awaiting = None;
            }
        } else if word == "--" {
            return None;
        } else if let Some(option) = word.strip_prefix("--") {
            let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
            if let Some(option) = long(command, name) {
                match value {
                    Some(value) => note(option, value, &mut policy),
                    None => awaiting = Some(option),
                }
            }
        } else if let Some(inner) = command.find_subcommand(word) {
            command = inner;
        } else if !word.starts_with('-') || word == "-" {
            positionals += 1;
        }
    }
    let (arg, head, typed) = match (awaiting, current.split_once('=')) {
        (Some(option), _) => (option, String::new(), current),
        (None, Some((name, value))) if name.starts_with("--") => {
            (long(command, name.trim_start_matches('-'))?, format!("{name}="), value)
        }
        (None, _) if current.starts_with('-') => return None,
        (None, _) => (positional(command, positionals)?, String::new(), current),
    };
    Some(ValueToComplete { what: Nameable::of(arg)?, head, typed: typed.to_owned(), policy })
}

/// The option of this name that takes a value.
fn long<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    command.get_opts().find(|arg| arg.get_long() == Some(name))
}

/// The argument at this place, from 0.
fn positional(command: &Command, place: usize) -> Option<&Arg> {
    let last = command.get_positionals().filter(|arg| !arg.is_last_set()).enumerate().last()?;
    let repeats = matches!(last.1.get_action(), ArgAction::Append);
    command.get_positionals().nth(if repeats { place.min(last.0) } else { place }).filter(|arg| !arg.is_last_set())
}

/// Keeps what says which policy is read.
fn note(option: &Arg, value: &str, policy: &mut PolicyPlace) {
    match option.get_long() {
        Some("policy") => policy.files.push(PathBuf::from(value)),
        Some("organisation-policy") => policy.organisation = organisation(Some(&PathBuf::from(value))),
        Some(_) | None => {}
    }
}
