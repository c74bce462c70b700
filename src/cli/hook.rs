//! The git hooks: `hook pre-push` where changes leave, `hook pre-receive` where they arrive.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use crate::change::DeclaredNames;
use crate::change::git::{GitEnvironment, ObjectId, Range, RefName, Repository, Revision};
use crate::cli::Status;
use crate::cli::args::{Format, PrePushArgs, PreReceiveArgs};
use crate::cli::edge::Edge;
use crate::cli::evidence::{is_branch, look, no_evidence, range_text};
use crate::cli::judge::{Case, Mode, judge};
use crate::cli::output::Output;
use crate::cli::policy;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::Policy;
use crate::reach::{Matcher, RefSide, Shown};
use crate::report::{Examined, Trust};

/// The most bytes of ref updates that are read: a hundred thousand refs.
const MAX_INPUT: u64 = 32 << 20;

/// What git says of one ref (githooks(5)).
struct Update {
    /// The ref as the receiving side knows it.
    name: RefName,
    old: ObjectId,
    new: ObjectId,
}

/// `freezegate hook pre-push`: judges every ref of the push before it leaves. Advice, as `--no-verify` skips it.
pub(super) fn pre_push(args: &PrePushArgs, edge: &Edge, output: &mut Output) -> Status {
    tell(judge_push(args, edge), Mode::PrePush, edge, output)
}

/// `freezegate hook pre-receive`: judges every ref of the push before any is moved.
pub(super) fn pre_receive(args: &PreReceiveArgs, edge: &Edge, output: &mut Output) -> Status {
    tell(judge_receipt(args, edge), Mode::PreReceive, edge, output)
}

/// Says the answer on standard error, where git and the servers show it to the one who pushes.
fn tell(judged: Result<Option<(String, Status)>, Faults>, mode: Mode, edge: &Edge, output: &mut Output) -> Status {
    // https://docs.gitlab.com/administration/server_hooks/: only lines with this mark reach the one who pushes
    let mark = match mode {
        Mode::PreReceive if edge.variable("GL_ID").is_some() || edge.variable("GL_REPOSITORY").is_some() => {
            "GL-HOOK-ERR: "
        }
        Mode::Check | Mode::Next | Mode::PrePush | Mode::PreReceive => "",
    };
    match judged {
        Ok(None) => Status::Allowed,
        Ok(Some((text, status))) => {
            if status != Status::Allowed {
                output.marked(mark, &text);
            }
            status
        }
        Err(faults) => {
            let text = crate::cli::output::rendered(&faults.diagnostics, &faults.sources, edge.width());
            output.marked(mark, &text);
            Status::Undecided
        }
    }
}

fn open_repository(edge: &Edge) -> Result<Repository, Faults> {
    let environment = GitEnvironment::from_variables(|name: &str| -> Option<OsString> { edge.variable(name) });
    Repository::open_in(&environment, Path::new(".")).map_err(|error| Faults::one(no_evidence(&error)))
}

fn judge_push(args: &PrePushArgs, edge: &Edge) -> Result<Option<(String, Status)>, Faults> {
    let lines = read_input("pre-push")?;
    if lines.is_empty() {
        return Ok(None);
    }
    let repository = open_repository(edge)?;
    let updates = lines.lines().map(push_line).collect::<Result<Vec<Update>, Faults>>()?;
    let remote = args.remote.as_deref().unwrap_or("origin");
    // a push to an address instead of a remote has no tracking refs
    let default =
        if remote.contains([':', '/', '\\']) { None } else { repository.default_branch(remote).map_err(evidence)? };
    let fetched = match &default {
        Some(branch) => repository.revision_of(branch).map_err(evidence)?,
        None => None,
    };
    let source = policy::trusted_or_work_tree(&args.policy, edge, &repository, fetched, default.as_ref())?;
    let is_default = |name: &RefName| default.as_ref().map(|default| is_branch_of(remote, default, name));
    let evidence = gather(&repository, &source.policy, source.files, &updates, is_default)?;
    let case = case(Mode::PrePush, &source.policy, &source.from, Trust::Advice, edge, evidence)?;
    let (mut text, status) = judge(case, edge)?;
    if status == Status::Refused {
        text.push_str("  advice only: `git push --no-verify` skips this hook, and leaves the decision to whoever is responsible\n");
    }
    Ok(Some((text, status)))
}

fn judge_receipt(args: &PreReceiveArgs, edge: &Edge) -> Result<Option<(String, Status)>, Faults> {
    let lines = read_input("pre-receive")?;
    if lines.is_empty() {
        return Ok(None);
    }
    let repository = open_repository(edge)?;
    let updates = lines.lines().map(receive_line).collect::<Result<Vec<Update>, Faults>>()?;
    let head = repository.head().map_err(evidence)?;
    let source = policy::of_server(&args.policy, edge, &repository, head.revision, head.branch.as_ref())?;
    let is_default = |name: &RefName| Some(head.branch.as_ref() == Some(name));
    let evidence = gather(&repository, &source.policy, source.files, &updates, is_default)?;
    let case = case(Mode::PreReceive, &source.policy, &source.from, Trust::Enforcement, edge, evidence)?;
    judge(case, edge).map(Some)
}

fn evidence(error: crate::change::git::EvidenceError) -> Faults {
    Faults::one(no_evidence(&error))
}

fn is_branch_of(remote: &str, default: &RefName, name: &RefName) -> bool {
    if remote == "origin" {
        return is_branch(default, name);
    }
    let prefix = format!("refs/remotes/{remote}/");
    let branch = default.as_bytes().strip_prefix(prefix.as_bytes());
    branch.is_some() && branch == name.as_bytes().strip_prefix(b"refs/heads/")
}

fn case<'a>(
    mode: Mode,
    policy: &'a Policy,
    policy_from: &'a str,
    trust: Trust,
    edge: &Edge,
    evidence: (Shown, Examined),
) -> Result<Case<'a>, Faults> {
    Ok(Case {
        mode,
        policy,
        policy_from,
        trust,
        at: edge.now,
        hypothetical: false,
        advise: false,
        only: false,
        names: DeclaredNames::default(),
        duration: None,
        evidence: Some(evidence),
        pipeline: None,
        warnings: Vec::new(),
        asker: edge.asker(None).map_err(Faults::one)?,
        format: Format::Text,
    })
}

/// What all refs of a push show together.
fn gather(
    repository: &Repository,
    policy: &Policy,
    policy_files: Vec<Vec<u8>>,
    updates: &[Update],
    is_default: impl Fn(&RefName) -> Option<bool>,
) -> Result<(Shown, Examined), Faults> {
    let matcher = Matcher::new(policy, policy_files);
    let mut shown = Shown::default();
    let mut examined = Examined { base: "the remote ref".to_owned(), ..Examined::default() };
    for update in updates {
        let side = RefSide::Named { name: update.name.as_bytes(), default_branch: is_default(&update.name) };
        // ends are looked for only where a target asks for paths: what is not judged may be missing here
        let range = || Ok(Range { old: end(repository, update.old)?, new: end(repository, update.new)? });
        let range = look(repository, &matcher, side, range, &mut shown)?;
        if let [only] = updates {
            examined.range = range.map(range_text);
            examined.tree = range.and_then(|range| range.new).map(|revision| revision.tree.to_string());
            examined.reference = Some(only.name.to_string());
        }
    }
    if updates.len() > 1 {
        examined.reference = Some(format!("{} refs", updates.len()));
    }
    examined.paths = shown.paths;
    Ok((shown, examined))
}

/// A commit; none for zeros. A ref that holds no commit holds nothing that could be compared.
fn end(repository: &Repository, id: ObjectId) -> Result<Option<Revision>, Faults> {
    repository.revision_at(id).map_err(evidence)
}

/// What git hands over on standard input.
fn read_input(hook: &str) -> Result<String, Faults> {
    use std::io::IsTerminal;
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Faults::one(
            Diagnostic::error(Code::BadQuestion, format!("`hook {hook}` is run by git, which hands it the refs"))
                .help("install it with `freezegate hook install`; to ask by hand, run `freezegate check`"),
        ));
    }
    let mut bytes = Vec::new();
    let malformed = |cause: String| {
        Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("see githooks(5) for what git hands to hooks"))
    };
    stdin
        .lock()
        .take(MAX_INPUT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| malformed(format!("standard input can't be read: {error}")))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_INPUT {
        return Err(malformed("the push has more refs than can be judged".to_owned()));
    }
    if bytes.last().is_some_and(|last| *last != b'\n') {
        return Err(malformed("the last line that git handed over is cut off".to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| malformed("a ref name that git handed over is not UTF-8".to_owned()))
}

/// `<local ref> <local id> <remote ref> <remote id>`: the remote side decides.
fn push_line(line: &str) -> Result<Update, Faults> {
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        // a local ref may hold blanks of revision syntax, the other fields never do
        [.., new, name, old] if line.split(' ').count() >= 4 => update(line, old, new, name),
        _ => Err(malformed(line)),
    }
}

/// `<old id> <new id> <ref>`.
fn receive_line(line: &str) -> Result<Update, Faults> {
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        [old, new, name] => update(line, old, new, name),
        _ => Err(malformed(line)),
    }
}

fn update(line: &str, old: &str, new: &str, name: &str) -> Result<Update, Faults> {
    let id = |text: &str| ObjectId::from_hex(text).map_err(|_| malformed(line));
    let name = RefName::new(name).map_err(|_| malformed(line))?;
    Ok(Update { name, old: id(old)?, new: id(new)? })
}

fn malformed(line: &str) -> Faults {
    let line = crate::report::escape::for_terminal(line).into_owned();
    Faults::one(
        Diagnostic::error(Code::NoEvidence, format!("git handed over a line that is none of a push: `{line}`"))
            .help("see githooks(5) for what git hands to hooks"),
    )
}
