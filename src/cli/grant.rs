//! `grant new|sign|show|verify|push-option`: writing, signing and reading grants.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;

use crate::cli::Status;
use crate::cli::args::{
    CheckArgs, Format, GrantCommand, GrantFileArgs, GrantNewArgs, GrantSignArgs, GrantVerifyArgs, LiftArgs, OutputArgs,
    PolicyArgs, RecordArgs,
};
use crate::cli::check::decide;
use crate::cli::edge::Edge;
use crate::cli::judge::Mode;
use crate::cli::lifting::{PUSH_OPTION, name_of, read_file};
use crate::cli::output::Output;
use crate::cli::recording::open;
use crate::cli::{evidence, policy, repository};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::duration;
use crate::proof::grant::{Bound, Circumstances, Grant, NAMESPACE, Terms};
use crate::proof::record::Chain;
use crate::proof::signature::HEADER;
use crate::report::grant::{Worth, grant as in_words};
use crate::time::zone::TimeError;

/// The most bytes of a decision that are read: 16 MiB.
const MAX_DECISION: u64 = 16 << 20;

/// `freezegate grant`: 0 done, or the grant counts; 1 it does not; 2 no answer.
pub(super) fn grant(command: &GrantCommand, edge: &Edge, output: &mut Output) -> Status {
    let done = match command {
        GrantCommand::New(args) => new(args, edge).map(|text| {
            output.answer_to(args.file.as_deref(), &text);
            Status::Allowed
        }),
        GrantCommand::Sign(args) => sign(args).map(|()| Status::Allowed),
        GrantCommand::Show(args) => show(args, edge).map(|text| {
            output.answer(&text);
            Status::Allowed
        }),
        GrantCommand::Verify(args) => verify(args, edge).map(|(text, status)| {
            output.answer(&text);
            status
        }),
        GrantCommand::PushOption(args) => push_option(args).map(|text| {
            output.answer(&text);
            Status::Allowed
        }),
    };
    output.conclude(done, edge)
}

fn fault(code: Code, cause: impl Into<String>, help: impl Into<String>) -> Faults {
    Faults::one(Diagnostic::error(code, cause).help(help))
}

/// What of a decision a grant is made from.
#[derive(Debug, Deserialize)]
struct Decided {
    schema: String,
    decision: String,
    #[serde(default)]
    reached: Vec<ReachedItem>,
    #[serde(default)]
    findings: Vec<FindingItem>,
    change: Option<ChangeItem>,
    policy: Option<PolicyItem>,
}

#[derive(Debug, Deserialize)]
struct ReachedItem {
    environment: String,
    region: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FindingItem {
    id: String,
    level: String,
    lifted_by: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ChangeItem {
    range: Option<String>,
    tree: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PolicyItem {
    digest: Option<String>,
}

fn new(args: &GrantNewArgs, edge: &Edge) -> Result<String, Faults> {
    let text = match &args.from {
        Some(path) => read_decision(path)?,
        // what it takes to go now is what refuses it now
        None => decide(Mode::Check, &question(args), edge)?.answer.machine.ok_or_else(|| {
            fault(Code::Internal, "the refusal was not told as JSON", "report this to freezegate's developers")
        })?,
    };
    let decided: Decided = serde_json::from_str(&text).map_err(|error| {
        fault(
            Code::BadGrant,
            format!("the decision can't be read: {error}"),
            "give what `freezegate check --format json` prints",
        )
    })?;
    if decided.schema != "freezegate/decision/v1" || decided.decision != "refused" {
        return Err(fault(
            Code::BadGrant,
            format!("the decision is `{}`, not a refusal, so there is nothing to lift", decided.decision),
            "a grant is for a change that is refused",
        ));
    }
    let not_before = edge.instant(args.at.as_deref()).map_err(Faults::one)?;
    let lasts = duration::seconds(&args.lasts)
        .map_err(|cause| fault(Code::BadDuration, format!("`--lasts`: {cause}"), "write `30m` or `1h`"))?;
    let mut environments = Vec::new();
    let mut regions = Vec::new();
    for reached in decided.reached {
        push_new(&mut environments, reached.environment);
        if let Some(region) = reached.region {
            push_new(&mut regions, region);
        }
    }
    let mut lifts = Vec::new();
    for finding in decided.findings {
        if finding.level != "warn" && finding.lifted_by.is_none() {
            push_new(&mut lifts, finding.id);
        }
    }
    let digest = decided.policy.and_then(|policy| policy.digest).ok_or_else(|| {
        fault(
            Code::BadGrant,
            "the decision does not tell the policy's digest",
            "make it anew with this version of freezegate",
        )
    })?;
    let terms = Terms {
        id: String::new(),
        repository: match &args.repository {
            Some(name) => name.clone(),
            None => repository_name(edge)?,
        },
        environments,
        regions,
        lifts,
        reason: args.reason.clone(),
        incident: args.incident.clone(),
        requester: match &args.requester {
            Some(requester) => requester.clone(),
            None => address_of_asker()?,
        },
        not_before,
        expires: not_before.saturating_add(lasts),
        policy: digest,
        change: if args.any_change { None } else { decided.change.and_then(bound) },
    }
    .identified();
    let text = terms.to_text();
    // what is written is held against the rules for what is read
    Grant::read("new grant", text.as_bytes())?;
    Ok(text)
}

fn push_new(items: &mut Vec<String>, item: String) {
    if !items.contains(&item) {
        items.push(item);
    }
}

/// The commit and tree of a change; none where none were looked at, or a ref is deleted.
fn bound(change: ChangeItem) -> Option<Bound> {
    let range = change.range?;
    let commit = range.rsplit("..").next()?.to_owned();
    let deleted = commit.bytes().all(|byte| byte == b'0');
    change.tree.filter(|_| !deleted).map(|tree| Bound { commit, tree })
}

fn read_decision(path: &Path) -> Result<String, Faults> {
    use std::io::Read;
    let unreadable = |error: std::io::Error| {
        fault(
            Code::UnreadableFile,
            format!("the decision `{}` can't be read: {error}", path.display()),
            "give a file, or `-` for standard input",
        )
    };
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_DECISION).read_to_string(&mut text).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(MAX_DECISION).read_to_string(&mut text).map_err(unreadable)?;
    }
    Ok(text)
}

/// The question whose refusal is to be lifted.
fn question(args: &GrantNewArgs) -> CheckArgs {
    CheckArgs {
        environments: args.environments.clone(),
        regions: args.regions.clone(),
        services: Vec::new(),
        kinds: Vec::new(),
        range: args.range.clone(),
        reference: args.reference.clone(),
        only: false,
        duration: None,
        at: args.at.clone(),
        // a question, not an answer to be enforced, wherever it is put
        advise: true,
        enforce: false,
        no_ci: true,
        policy_from: None,
        record: RecordArgs { location: None },
        lift: LiftArgs { grants: Vec::new(), incident: None, repository: None },
        policy: PolicyArgs { files: args.policy.files.clone(), also: args.policy.also.clone() },
        output: OutputArgs { format: Format::Json, file: None, timezone: None },
    }
}

fn repository_name(edge: &Edge) -> Result<String, Faults> {
    let repository = repository::here(edge)?;
    let name = name_of(&repository).map_err(|error| Faults::one(evidence::no_evidence(&error)))?;
    name.ok_or_else(|| {
        fault(
            Code::BadGrant,
            "what this repository is called can't be told",
            "give `--repository NAME`, or set it with `git config freezegate.repository NAME`",
        )
    })
}

/// Who asks, as git knows them.
fn address_of_asker() -> Result<String, Faults> {
    let unknown = || {
        fault(
            Code::BadGrant,
            "who asks for the grant can't be told",
            "give `--requester a@example.com`, as in the roster",
        )
    };
    let output =
        Command::new("git").args(["config", "user.email"]).stdin(Stdio::null()).output().map_err(|_| unknown())?;
    let address = String::from_utf8(output.stdout).map_err(|_| unknown())?.trim().to_owned();
    if output.status.success() && !address.is_empty() { Ok(address) } else { Err(unknown()) }
}

/// Lets ssh-keygen(1) sign exactly the bytes that are signed, and puts the signature below.
fn sign(args: &GrantSignArgs) -> Result<(), Faults> {
    let grant = read_file(&args.file)?;
    // a signature begins on a line of its own, and the line end before it is signed
    let end = if grant.signed().ends_with('\n') { "" } else { "\n" };
    let signed = format!("{}{end}", grant.signed());
    let failed = |cause: String| {
        fault(
            Code::BadGrant,
            cause,
            "see that ssh-keygen of OpenSSH 8.2 or newer is installed, and that the key can be used",
        )
    };
    let mut keygen = Command::new("ssh-keygen")
        .args(["-Y", "sign", "-n", NAMESPACE, "-f"])
        .arg(&args.key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| failed(format!("ssh-keygen can't be run: {error}")))?;
    if let Some(mut stdin) = keygen.stdin.take() {
        stdin.write_all(signed.as_bytes()).map_err(|error| failed(format!("ssh-keygen does not listen: {error}")))?;
    }
    let output =
        keygen.wait_with_output().map_err(|error| failed(format!("ssh-keygen can't be waited for: {error}")))?;
    let signature = String::from_utf8(output.stdout).map_err(|_| failed("ssh-keygen wrote no text".to_owned()))?;
    if !output.status.success() || !signature.starts_with(HEADER) {
        return Err(failed("ssh-keygen made no signature".to_owned()));
    }
    let unwritable = |error: std::io::Error| {
        fault(
            Code::Unwritable,
            format!("`{}` can't be written: {error}", args.file.display()),
            "see that you may write it",
        )
    };
    let before = std::fs::read_to_string(&args.file).map_err(unwritable)?;
    let gap = if before.ends_with('\n') { "" } else { "\n" };
    let whole = format!("{before}{gap}{signature}");
    // nothing is written that could not be read
    Grant::read(&args.file.display().to_string(), whole.as_bytes())?;
    let mut file = std::fs::OpenOptions::new().append(true).open(&args.file).map_err(unwritable)?;
    file.write_all(format!("{gap}{signature}").as_bytes()).and_then(|()| file.sync_all()).map_err(unwritable)
}

fn time(error: TimeError) -> Faults {
    fault(Code::BadInstant, error.to_string(), "see the instants in the grant")
}

fn show(args: &GrantFileArgs, edge: &Edge) -> Result<String, Faults> {
    let grant = read_file(&args.file)?;
    let asker = edge.asker(None).map_err(Faults::one)?;
    in_words(&grant, None, asker.as_ref(), edge.width()).map_err(time)
}

fn verify(args: &GrantVerifyArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let grant = read_file(&args.file)?;
    let policy = policy::read(&args.policy, edge)?;
    let at = edge.instant(args.at.as_deref()).map_err(Faults::one)?;
    let asker = edge.asker(None).map_err(Faults::one)?;
    let chain =
        args.record.location.as_deref().map(|location| open(location, || repository::here(edge))).transpose()?;
    let chain = chain.map(|record| record.read()).transpose()?;
    let spent = chain.as_ref().map(Chain::spent);
    let checked = grant.check(&Circumstances { at, policy: &policy, change: None, spent: spent.as_ref() });
    let faults = checked.err().unwrap_or_else(Vec::new);
    let roster = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref());
    let signed = roster.map_or_else(Vec::new, |roster| grant.signed_by(roster, at));
    let worth = Worth { signed: &signed, faults: &faults };
    let text = in_words(&grant, Some(&worth), asker.as_ref(), edge.width()).map_err(time)?;
    Ok((text, if faults.is_empty() { Status::Allowed } else { Status::Refused }))
}

/// What `git push -o` takes: push options hold no line ends, so that the grant is written as base64url (RFC 4648, section 5).
fn push_option(args: &GrantFileArgs) -> Result<String, Faults> {
    // read first: what is no grant should fail here, not on the server
    let grant = read_file(&args.file)?;
    let option = format!("{PUSH_OPTION}={}\n", Base64UrlUnpadded::encode_string(grant.text().as_bytes()));
    // one line of git's protocol holds 65516 bytes (gitprotocol-common(5)), its line end among them
    if option.len() > 65_516 {
        return Err(fault(Code::BadGrant, "the grant is too large for a push option", "shorten its reason"));
    }
    Ok(option)
}
