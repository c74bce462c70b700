//! What the command shows that `run` is to start.

use crate::change::{CommandLine, Readings};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::bytes_for_terminal;
use crate::gate::fault::too_much;
use crate::policy::Policy;
use crate::reach::{Matcher, Shown};
use crate::report::Examined;

/// What a change and a command show together, and whether a target of commands knows the command.
pub(crate) struct WithCommand {
    pub(crate) evidence: Option<(Shown, Examined)>,
    pub(crate) is_known: bool,
}

/// Adds what the command shows to what the change shows.
pub(crate) fn show(
    command: Option<&CommandLine>,
    matcher: &Matcher<'_>,
    evidence: Option<(Shown, Examined)>,
) -> Result<WithCommand, Faults> {
    let Some(command) = command else {
        return Ok(WithCommand { evidence, is_known: false });
    };
    let Readings { readings, name, not_understood, .. } = command.readings();
    let name = bytes_for_terminal(&name).into_owned();
    let is_asked = matcher.policy().targets.iter().any(|target| target.command.is_some());
    if let Some((program, option)) = not_understood.filter(|_| is_asked) {
        return Err(Faults::one(no_command(&program, &option)));
    }
    let mut shown = Shown::default();
    let what = format!("the command {name}");
    matcher.command(readings.iter().map(Vec::as_slice), &what, &mut shown).map_err(|error| too_much(&error))?;
    if shown.hits.is_empty() && shown.unknown.is_empty() {
        return Ok(WithCommand { evidence, is_known: false });
    }
    let evidence = match evidence {
        Some((mut of_change, examined)) => {
            of_change.join(shown);
            (of_change, Examined { command: Some(name), ..examined })
        }
        None => (shown, Examined { base: "command".to_owned(), command: Some(name), ..Examined::default() }),
    };
    Ok(WithCommand { evidence: Some(evidence), is_known: true })
}

/// That a target asks for what a program starts, which can't be told.
fn no_command(program: &[u8], option: &[u8]) -> Diagnostic {
    let [program, option] = [program, option].map(|text| bytes_for_terminal(text).into_owned());
    Diagnostic::error(
        Code::NoEvidence,
        format!("`{option}` of `{program}` is not known here, nor is the command that it starts"),
    )
    .help(format!("put `freezegate run` inside: `{program} … freezegate run … -- COMMAND`"))
}

/// That nothing says where a command goes.
pub(crate) fn goes_nowhere(command: &CommandLine, policy: &Policy) -> Diagnostic {
    let name = bytes_for_terminal(command.name()).into_owned();
    let first = policy.environments.first().map_or("production", |environment| environment.name.as_str());
    if let Some(program) = command.readings().hidden_by {
        let program = bytes_for_terminal(&program).into_owned();
        let cause = format!("nothing says where `{program}` goes: it starts commands of its own");
        return Diagnostic::error(Code::InvalidUsage, cause)
            .help(format!("put `freezegate run` inside, before the command itself, or name an environment: `freezegate run {first} -- …`"));
    }
    Diagnostic::error(
        Code::InvalidUsage,
        format!("nothing says where `{name}` goes: no `[[targets]]` entry has its `command`"),
    )
    .help(format!("name an environment, such as `freezegate run {first} -- …`, or add a target"))
}
