//! `credential`: the gate as the plugin by which kubectl or the AWS command line gets its credentials.

use std::io::Read;
use std::process::{Command, Stdio};

use crate::change::CommandLine;
use crate::change::command::{CREDENTIAL, CommandEffect, CommandFacts, server_facts, unknown_server_facts};
use crate::cli::args::{CredentialCommand, RunArgs};
use crate::cli::check;
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::run::program::FoundProgram;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::bytes_for_terminal;
use crate::gate::case::JudgedCase;
use crate::gate::request::CheckRequest;
use crate::gate::world::World;
use crate::report::AnswerMode;
use crate::time::instant::Instant;

mod issued;

use issued::{CredentialKind, Issued};

/// The most bytes that a provider may write.
const MOST_BYTES: u64 = 1 << 20;

/// `freezegate credential`: prints what the provider prints, if a change may go now; 1 refused, 2 no decision or no credential.
pub(super) fn credential(command: &CredentialCommand, edge: &Edge, output: &mut Output) -> Status {
    let (kind, args) = match command {
        CredentialCommand::Kube(args) => (CredentialKind::Kube, args),
        CredentialCommand::Aws(args) => (CredentialKind::Aws, args),
    };
    output.leave_standard_output();
    let judged = match judged(kind, args, edge) {
        Ok(judged) => judged,
        Err(faults) => {
            let faults = check::naming_fetch(&args.check, faults);
            output.undecided(AnswerMode::Run.as_str(), &faults, &args.check.output, edge);
            return Status::Undecided;
        }
    };
    if judged.is_refused || judged.is_printed {
        output.deliver(&judged.answer, &args.check.output, edge);
    }
    if judged.is_refused {
        return Status::Refused;
    }
    if output.has_failed() {
        return Status::Undecided;
    }
    match issue(kind, args, judged.valid_until, edge) {
        Ok(text) => {
            output.bytes(text.as_bytes());
            Status::Allowed
        }
        Err(fault) => {
            output.undecided(AnswerMode::Run.as_str(), &Faults::one(fault), &args.check.output, edge);
            Status::Undecided
        }
    }
}

/// Returns what the gate says of a change to what the credential is for.
fn judged(kind: CredentialKind, args: &RunArgs, edge: &Edge) -> Result<JudgedCase, Faults> {
    if args.check.at.is_some() || args.check.dry_run {
        let cause = "`credential` takes neither `--at` nor `--dry-run`: it decides for now";
        return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help("leave them out")));
    }
    if args.check.environments.is_empty() {
        let cause = "`credential` needs an environment";
        let help = "name it, such as `freezegate credential kube production -- PROVIDER`";
        return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
    }
    let program =
        FoundProgram::find(&args.command, edge).map_err(|error| Faults::one(no_credential(error.to_string())))?;
    let line = program.line(edge);
    // the provider changes nothing; what it gives the key to is what is judged
    let facts = match kind {
        CredentialKind::Kube => server(edge).map_err(Faults::one)?,
        CredentialKind::Aws => CommandFacts::new(CREDENTIAL, CommandEffect::Reads),
    };
    let command = CommandLine { facts: Some(facts), ..line };
    let request = CheckRequest { command: Some(command), ..args.check.request() };
    check::decide_about(AnswerMode::Run, request, &args.check, edge)
}

/// The server that kubectl asks for: not known unless its kubeconfig says `provideClusterInfo`.
fn server(edge: &Edge) -> Result<CommandFacts, Diagnostic> {
    let Some(text) = edge.variable("KUBERNETES_EXEC_INFO") else {
        return Ok(unknown_server_facts());
    };
    let read: serde_json::Value = serde_json::from_slice(text.as_encoded_bytes()).map_err(|error| {
        Diagnostic::error(Code::NoEvidence, format!("`KUBERNETES_EXEC_INFO` is not JSON: {error}"))
            .help("start this command from kubectl, through its kubeconfig")
    })?;
    let server = read.pointer("/spec/cluster/server").and_then(serde_json::Value::as_str);
    Ok(match server.filter(|server| !server.is_empty()) {
        Some(server) => server_facts("kubectl", server.as_bytes()),
        None => unknown_server_facts(),
    })
}

/// Returns what the provider prints, its expiry cut.
fn issue(kind: CredentialKind, args: &RunArgs, until: Option<Instant>, edge: &Edge) -> Result<String, Diagnostic> {
    let program = FoundProgram::find(&args.command, edge).map_err(|error| no_credential(error.to_string()))?;
    let name = bytes_for_terminal(program.name().as_encoded_bytes()).into_owned();
    let mut child = Command::new(program.path())
        .args(args.command.iter().skip(1))
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| no_credential(format!("`{name}` can't be started: {error}")))?;
    let mut written = Vec::new();
    let read = match child.stdout.take() {
        Some(stdout) => stdout.take(MOST_BYTES + 1).read_to_end(&mut written).map(drop),
        None => Ok(()),
    };
    let ended = child.wait().map_err(|error| no_credential(format!("`{name}`: {error}")))?;
    read.map_err(|error| no_credential(format!("what `{name}` writes can't be read: {error}")))?;
    if !ended.success() {
        return Err(no_credential(format!("`{name}` ended with {ended}")));
    }
    Issued::read(kind, &written)
        .and_then(|issued| issued.until(until))
        .map_err(|cause| no_credential(format!("`{name}` {cause}")))
}

fn no_credential(cause: String) -> Diagnostic {
    Diagnostic::error(Code::NoEvidence, cause).help("check whether the provider works without freezegate")
}
