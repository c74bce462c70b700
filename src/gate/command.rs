//! What the command shows that `run` is to start.

use crate::change::CommandLine;
use crate::change::command::{CREDENTIAL, CommandEffect, CommandFacts, FactValue};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::bytes_for_terminal;
use crate::fact::FactKey;
use crate::gate::fault::too_much;
use crate::policy::Policy;
use crate::reach::matcher::CommandError;
use crate::reach::{Shown, TargetMatcher};
use crate::report::Examined;

/// The places that a change and a command show together, and whether a target of commands knows the command.
pub(crate) struct WithCommand {
    pub(crate) evidence: Option<(Shown, Examined)>,
    pub(crate) is_known: bool,
}

/// Adds what the command shows to what the change shows.
pub(crate) fn show(
    command: Option<&CommandLine>,
    matcher: &TargetMatcher<'_>,
    evidence: Option<(Shown, Examined)>,
) -> Result<WithCommand, Faults> {
    let Some(command) = command else {
        return Ok(WithCommand { evidence, is_known: false });
    };
    let mut shown = Shown::default();
    let is_known = matcher.command_line(command, &mut shown).map_err(|error| undetermined_command(&error))?;
    // what only reads may be started, and that is an answer where nothing else is asked
    if !is_known && (evidence.is_some() || !only_reads(command)) {
        return Ok(WithCommand { evidence, is_known });
    }
    let name = bytes_for_terminal(&command.readings().name).into_owned();
    let evidence = match evidence {
        Some((mut of_change, examined)) => {
            of_change.join(shown);
            (of_change, Examined { command: Some(name), ..examined })
        }
        None => (shown, Examined { base: "command".to_owned(), command: Some(name), ..Examined::default() }),
    };
    Ok(WithCommand { evidence: Some(evidence), is_known })
}

/// Returns whether a command changes nothing where it goes, as far as its tool is known.
pub(crate) fn only_reads(command: &CommandLine) -> bool {
    command.facts.as_ref().is_some_and(|facts| facts.effect == CommandEffect::Reads)
}

/// That it can't be determined what a command shows.
pub(crate) fn undetermined_command(error: &CommandError) -> Faults {
    match error {
        CommandError::NotUnderstood { program, .. } => {
            let program = bytes_for_terminal(program).into_owned();
            let help = format!("put `freezegate run` inside: `{program} … freezegate run … -- COMMAND`");
            Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string()).help(help))
        }
        CommandError::NoFact { tool, key, .. } => {
            let help = match key {
                FactKey::Servers if *tool == CREDENTIAL => "set `provideClusterInfo: true` in the kubeconfig",
                FactKey::Contexts => "name it: `--context NAME` (`--kube-context` for helm)",
                FactKey::Servers => {
                    "name a kubeconfig that can be read, and its context: `--kubeconfig FILE --context NAME`"
                }
                FactKey::Namespaces => "name it: `--namespace NAME`",
                FactKey::Workspaces => "name it: `TF_WORKSPACE=NAME`",
                FactKey::States => "run `init` in this folder, so that its backend is known",
                FactKey::Profiles | FactKey::Accounts => "name it: `--profile NAME`",
                FactKey::Regions => "name it: `--region NAME`",
                FactKey::Resources
                | FactKey::Addresses
                | FactKey::Modules
                | FactKey::Providers
                | FactKey::Objects
                | FactKey::Labels
                | FactKey::Annotations
                | FactKey::Images => "ask for another key in the target: no command shows it",
            };
            Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string()).help(help))
        }
        CommandError::TooMuch(error) => too_much(error),
    }
}

/// Returns what a command acts on, for people: "context `prod`, namespace `shop`".
fn acts_on(facts: &CommandFacts) -> String {
    let named = facts.values().iter().filter_map(|(key, value)| match value {
        FactValue::AnyOf(values) if !values.is_empty() => {
            let values: Vec<String> = values.iter().map(|one| format!("`{}`", bytes_for_terminal(one))).collect();
            Some(format!("{} {}", key.noun(), values.join(" or ")))
        }
        FactValue::AnyOf(_) | FactValue::NotUnderstood(_) => None,
    });
    named.collect::<Vec<_>>().join(", ")
}

/// That nothing says where a command goes.
pub(crate) fn goes_nowhere(command: &CommandLine, policy: &Policy) -> Diagnostic {
    let name = bytes_for_terminal(command.name()).into_owned();
    let first = policy.example_environment();
    if let Some(program) = command.readings().hidden_by {
        let program = bytes_for_terminal(&program).into_owned();
        let cause = format!("nothing says where `{program}` goes: it starts commands of its own");
        return Diagnostic::error(Code::InvalidUsage, cause)
            .help(format!("put `freezegate run` inside, before the command itself, or name an environment: `freezegate run {first} -- …`"));
    }
    let acts_on = command.facts.as_ref().map(acts_on).filter(|acts_on| !acts_on.is_empty());
    let cause = match acts_on {
        Some(acts_on) => format!("nothing says where `{name}` goes: no `[[targets]]` entry matches {acts_on}"),
        None => format!("nothing says where `{name}` goes: no `[[targets]]` entry has its `command`"),
    };
    Diagnostic::error(Code::InvalidUsage, cause)
        .help(format!("name an environment, such as `freezegate run {first} -- …`, or add a target"))
}
