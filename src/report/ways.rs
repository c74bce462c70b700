//! The ways in which a refusal may be lifted, for people.

use crate::policy::{Level, Lift, Signers};
use crate::report::Answer;
use crate::report::escape::for_terminal;
use crate::report::rows::glued;

/// One way: what it is for, and what it takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// `outage` where an incident is asked for, else `lift`.
    pub(super) label: &'static str,
    /// The command to begin with, and whose signatures it needs.
    pub(super) text: String,
}

/// The ways in which findings of `level` may be lifted, in the order of the policy; one that says so if there is none.
pub(super) fn ways(answer: &Answer<'_>, level: Level) -> Vec<Way> {
    let lifts = answer.policy.lifts.iter().filter(|lift| lift.level == level);
    let mut ways: Vec<Way> = lifts.map(|lift| way(answer, lift)).collect();
    if ways.is_empty() {
        ways.push(Way { label: "lift", text: format!("nobody can lift {} findings", level.as_str()) });
    }
    ways
}

fn way(answer: &Answer<'_>, lift: &Lift) -> Way {
    let label = if lift.incident { "outage" } else { "lift" };
    if lift.signed.is_empty() {
        return Way {
            label, text: format!("`{}`: the incident alone, which is recorded", glued("--incident INC-…"))
        };
    }
    let names = lift.signed.iter().map(|signers| match signers {
        Signers::Any => "any",
        Signers::Group(name) => name.as_str(),
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let signatures = match lift.signed.len() {
        1 => "1 signature".to_owned(),
        count => format!("{count} signatures"),
    };
    let command = glued(&for_terminal(&command(answer, lift.incident)));
    Way { label, text: format!("`{command}` needs {signatures}: {}", for_terminal(&names)) }
}

/// The command that writes the grant: for the commits that were looked at, else for the environments that were named.
fn command(answer: &Answer<'_>, incident: bool) -> String {
    let about = match answer.evidence.map(|evidence| evidence.range.as_deref().and_then(short)) {
        Some(Some(range)) => {
            let reference = answer.evidence.and_then(|evidence| evidence.reference.as_deref());
            format!(
                " --range {range}{}",
                reference.map_or_else(String::new, |name| format!(" --ref {}", argument(name)))
            )
        }
        // a ref that is created or deleted, or several: the refusal says it all
        Some(None) => " --from refusal.json".to_owned(),
        None => {
            let names = answer.declared.environments.iter().map(|name| format!(" {name}"));
            names.chain(answer.declared.regions.iter().map(|region| format!(" --region {region}"))).collect()
        }
    };
    // without a commit to be for, a grant is for an incident
    let incident = if incident || answer.evidence.is_none() { " --incident INC-…" } else { "" };
    format!("freezegate grant new{about}{incident}")
}

/// A text as one argument for a shell (POSIX, "Quoting").
fn argument(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-');
    if text.bytes().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// `OLD..NEW` with seven digits of each; none unless both are commits.
fn short(range: &str) -> Option<String> {
    let (old, new) = range.split_once("..")?;
    let is_commit = |id: &str| !id.bytes().all(|byte| byte == b'0');
    (is_commit(old) && is_commit(new))
        .then(|| format!("{}..{}", old.get(..7).unwrap_or(old), new.get(..7).unwrap_or(new)))
}
