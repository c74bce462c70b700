//! What is said where a grant or its policy is not what it should be.

use crate::cli::args::PolicyArgs;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::source;
use crate::proof::grant::{Condition, GrantFault};
use crate::shell::command as shell_command;
use crate::time::zone::TimeError;

/// The help if a policy lacks what its organisation's may have.
const NAME_ORGANISATION: &str =
    "if the repository follows an organisation's policy, name it: `--organisation-policy FILE`";

/// The help, with that the policy of an organisation may be missing, unless one is named.
pub(super) fn or_organisation(help: &str, args: &PolicyArgs) -> String {
    match args.organisation {
        None => format!("{help}; {NAME_ORGANISATION}"),
        Some(_) => help.to_owned(),
    }
}

/// That the policy of an organisation may be missing, where a grant does not count because the policy at hand is another; `None` if one is
/// named.
pub(super) fn advice_of_organisation(faults: &[GrantFault], args: &PolicyArgs) -> Option<&'static str> {
    let is_of_policy = |fault: &GrantFault| {
        matches!(
            fault,
            GrantFault::Differs { condition: Condition::Policy, .. }
                | GrantFault::UnknownName { .. }
                | GrantFault::UnknownFinding(_)
        )
    };
    (args.organisation.is_none() && faults.iter().any(is_of_policy)).then_some(NAME_ORGANISATION)
}

/// Options that name the policy again, each word quoted, after a blank; empty if there are none.
pub(super) fn policy_again(args: &PolicyArgs) -> String {
    let words = source::repeated(&args.place());
    if words.is_empty() { String::new() } else { format!(" {}", shell_command(words.iter().map(String::as_str))) }
}

pub(super) fn fault(code: Code, cause: impl Into<String>, help: impl Into<String>) -> Faults {
    Faults::one(Diagnostic::error(code, cause).help(help))
}

pub(super) fn time(error: TimeError) -> Faults {
    fault(Code::InvalidTimestamp, error.to_string(), "check the times in the grant")
}
