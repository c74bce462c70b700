//! The policy of a CI job: from where the change could not touch it.

use std::fmt::Display;
use std::path::Path;

use crate::change::git::{Repository, Revision};
use crate::cli::args::CheckArgs;
use crate::cli::edge::Edge;
use crate::cli::evidence::fault;
use crate::cli::policy::{self, Source};
use crate::cli::recorded::Known;
use crate::cli::subject::{Ends, Subject, not_fetched};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::Policy;
use crate::proof::record::Chain;
use crate::report::escape::for_terminal;

/// A policy that the change could not touch.
pub(super) struct Trusted {
    pub(super) source: Source,
    /// Whether it is read from whatever ref is changed.
    pub(super) on_every_ref: bool,
    /// Files of it that the change has in another form, where it is read from another branch: later changes of this ref would be judged by that.
    pub(super) altered: Vec<String>,
    /// Why it is less trusted than it should be.
    pub(super) warning: Option<String>,
}

impl Trusted {
    /// That of the work tree, of which nobody asks that it be trusted.
    pub(super) fn of_work_tree(policy: Policy, files: Vec<Vec<u8>>) -> Self {
        Self::new(Source { policy, from: "work tree".to_owned(), files })
    }

    fn new(source: Source) -> Self {
        Self { source, on_every_ref: false, altered: Vec::new(), warning: None }
    }
}

/// What to do where the commit to trust has no policy.
const BEGIN: &str = "on the very first push that is as it should be: the next one finds the policy on its base. Until then use `--advise`, or name a policy that you trust: `--policy-from COMMIT`, or `--policy /absolute/path.toml`";

/// What to do where no commit is there to trust.
const NAME: &str = "say what was let through last: `--range OLD..NEW`; or name a policy that you trust: `--policy-from COMMIT`, or `--policy /absolute/path.toml`";

/// The policy for a job: an administrator's file, else of the commit that the command line names, else of the default branch.
///
/// Of the default branch it is the newest state that the record allowed. Without a record it is, for a change of that branch,
/// the commit before the change, else the tip as last fetched; both may have been refused, and a warning says so. A range that the
/// command line gives names a commit too.
///
/// With `--advise`, where none of them has one, of the work tree: that is how a policy comes in.
pub(super) fn policy(
    args: &CheckArgs,
    edge: &Edge,
    repository: Option<&Repository>,
    subject: Option<&Subject>,
    record: Option<(&Chain, &mut Known)>,
) -> Result<Trusted, Faults> {
    if edge.variable("FREEZEGATE_POLICY").is_some() {
        return Err(Faults::one(
            Diagnostic::error(
                Code::NoPolicy,
                "`FREEZEGATE_POLICY` is set, and who starts a job may set variables: it chooses nothing here",
            )
            .help("name the file on the command line: `--policy /absolute/path.toml`, and unset the variable"),
        ));
    }
    if args.policy.files.iter().any(|path| path.is_absolute()) {
        return administrators(args, edge, repository);
    }
    let Some(repository) = repository else {
        return Err(none("nothing says which commit to trust", NAME));
    };
    if let Some(name) = &args.policy_from {
        let revision = repository.revision(name).map_err(fault)?;
        let place = format!("`{name}`");
        return match policy::in_commit(&args.policy, edge, repository, revision, &place)? {
            Some(source) => Ok(Trusted::new(source)),
            None => Err(none(format!("there is no policy in the commit {} ({name})", revision.commit), BEGIN)),
        };
    }
    match of_history(args, edge, repository, subject, record) {
        Err(faults) if args.advise && faults.diagnostics.iter().all(is_absence) => {
            let source = policy::of_work_tree(&args.policy, edge, repository)?;
            let why: Vec<&str> = faults.diagnostics.iter().map(|fault| fault.cause.as_str()).collect();
            let warning = Some(format!("advice by the policy that the change itself brings: {}", why.join("; ")));
            Ok(Trusted { warning, ..Trusted::new(source) })
        }
        found => found,
    }
}

/// Whether the fault is that there is no policy, rather than a wrong one.
fn is_absence(fault: &Diagnostic) -> bool {
    fault.code == Code::NoPolicy || fault.code == Code::NoEvidence
}

/// The policy of the default branch, or of the base where that is the same or nothing better is known.
fn of_history(
    args: &CheckArgs,
    edge: &Edge,
    repository: &Repository,
    subject: Option<&Subject>,
    record: Option<(&Chain, &mut Known)>,
) -> Result<Trusted, Faults> {
    let read =
        |revision: Revision, place: &dyn Display| policy::in_commit(&args.policy, edge, repository, revision, place);
    let Some(subject) = subject else {
        return Err(none("nothing says what was there before, and so which commit to trust", NAME));
    };
    let has_record = record.is_some();
    // what an environment was brought to last by way of this branch, or what the command line names, is older or the same
    let (is_told, is_request) = (subject.is_told, subject.onto.is_some());
    let old = match subject.ends() {
        Ends::Known(range) => range.old,
        Ends::Unknown { .. } => None,
    };
    let own = old.filter(|_| !is_request && (is_told || subject.is_explicit || subject.on_default != Some(false)));
    let on_own = |source| Trusted { on_every_ref: true, ..Trusted::new(source) };
    let is_named = is_told && subject.on_default != Some(false) || subject.is_explicit;
    if let (Some(base), true) = (own, is_named) {
        return match read(base, &"the base")? {
            Some(source) => Ok(on_own(source)),
            None => Err(none_on_base(base, subject)),
        };
    }
    if let (Some((chain, known)), Some(default)) = (record, &subject.default)
        && let Some(allowed) = known.last_allowed(chain, default, repository)?
    {
        let place = format!("{default}, as the record last allowed it,");
        return match read(allowed, &place)? {
            Some(source) => Ok(beside(subject, old, source, allowed, repository)),
            None => {
                let cause = format!(
                    "there is no policy in {}, the last state of {default} that the record allowed",
                    allowed.commit
                );
                Err(none(cause, BEGIN))
            }
        };
    }
    let doubt = |trusted: Trusted, revision: Revision, what: &str| {
        let short: String = revision.commit.to_string().chars().take(7).collect();
        let fix = if has_record { "the record knows no allowed state of the default branch yet" } else { KEEP };
        let warning =
            format!("the policy is that of {short}, {what}, and that may be a commit that was refused: {fix}");
        Trusted { warning: (!args.advise).then_some(warning), ..trusted }
    };
    if let Some(base) = own {
        return match read(base, &"the base")? {
            Some(source) => Ok(doubt(on_own(source), base, "the commit before this change")),
            None => Err(none_on_base(base, subject)),
        };
    }
    if let (Some(onto), None | Some(true)) = (subject.onto, subject.on_default) {
        return match read(onto, &"the target branch")? {
            Some(source) => Ok(doubt(on_own(source), onto, "the newest known commit of the target branch")),
            None => Err(none_on_base(onto, subject)),
        };
    }
    let Some(default) = subject.default.as_ref().filter(|_| subject.on_default == Some(false)) else {
        let on = subject.reference.as_ref().map_or_else(String::new, |name| format!(" of `{name}`"));
        let cause = format!(
            "nothing says what was let through before this change{on} ({}), and so which policy to trust",
            subject.base
        );
        return Err(none(cause, if matches!(subject.ends(), Ends::Known(_)) { BEGIN } else { NAME }));
    };
    let Some(tip) = repository.revision_of(default).map_err(fault)? else {
        let not_fetched = not_fetched(default, "the branch that the policy is read from");
        let help = not_fetched.help.clone().unwrap_or_default();
        return Err(Faults::one(
            not_fetched.help(format!("{help}; or name a policy that you trust: `--policy-from COMMIT`")),
        ));
    };
    match read(tip, default)? {
        Some(source) => {
            let found = beside(subject, old, source, tip, repository);
            Ok(doubt(found, tip, &format!("the tip of {default} as last fetched")))
        }
        None => Err(none(format!("there is no policy on the default branch ({default} at {})", tip.commit), BEGIN)),
    }
}

/// What to do where nothing says which commits were allowed.
const KEEP: &str = "keep decisions with `--record`, or name a commit that you trust with `--policy-from COMMIT`";

/// A policy of the default branch for a change of this branch or of another one.
///
/// What another ref changes of the policy's files shows in its own range, or, where it is new, against `tip`.
fn beside(subject: &Subject, old: Option<Revision>, source: Source, tip: Revision, repository: &Repository) -> Trusted {
    let altered = match (old, subject.ends().head()) {
        (None, Some(head)) => altered(repository, &source, tip, head),
        (Some(_), _) | (None, None) => Vec::new(),
    };
    Trusted { on_every_ref: old.is_some(), altered, ..Trusted::new(source) }
}

fn none_on_base(base: Revision, subject: &Subject) -> Faults {
    none(format!("there is no policy on the base commit {} ({})", base.commit, subject.base), BEGIN)
}

/// The files of a policy of `tip` that `head` has in another form; one that can't be read is another.
fn altered(repository: &Repository, source: &Source, tip: Revision, head: Revision) -> Vec<String> {
    let paths = source.files.iter().map(|path| String::from_utf8_lossy(path).into_owned());
    let same = |path: &String| match (repository.file_at(tip.commit, path), repository.file_at(head.commit, path)) {
        (Ok(one), Ok(other)) => one == other,
        (Err(_), _) | (_, Err(_)) => false,
    };
    paths.filter(|path| !same(path)).map(|path| for_terminal(&path).into_owned()).collect()
}

/// Files that the command line names by their absolute paths, outside of what the change brought.
fn administrators(args: &CheckArgs, edge: &Edge, repository: Option<&Repository>) -> Result<Trusted, Faults> {
    let wrong = |path: &Path, why: &str| {
        Faults::one(
            Diagnostic::error(Code::NoPolicy, format!("`--policy {}` {why}", path.display()))
                .help("give the absolute path of a file that no change comes by"),
        )
    };
    if args.policy_from.is_some() {
        return Err(Faults::one(
            Diagnostic::error(Code::BadQuestion, "`--policy-from` and an absolute `--policy`")
                .help("say one: a file of a commit, or a file of this machine"),
        ));
    }
    // `core.worktree` and `core.bare` of the checkout may name another folder, or none
    let found = edge.work_tree().map_err(Faults::one)?;
    let roots: Vec<&Path> = repository.and_then(Repository::work_tree).into_iter().chain(found.as_deref()).collect();
    for path in &args.policy.files {
        if path.is_relative() {
            return Err(wrong(path, "is relative, and others are absolute"));
        }
        if roots.iter().any(|root| is_within(path, root)) {
            return Err(wrong(path, "lies in the work tree, where the change put it"));
        }
    }
    let policy = policy::read(&args.policy, edge)?;
    let source = Source { policy, from: "the administrator's file".to_owned(), files: Vec::new() };
    Ok(Trusted::new(source))
}

/// Whether `path` lies below `root`, links followed. What can't be followed will not be read either.
pub(super) fn is_within(path: &Path, root: &Path) -> bool {
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        (Err(_), _) | (_, Err(_)) => path.starts_with(root),
    }
}

fn none(cause: impl Into<String>, help: &str) -> Faults {
    Faults::one(Diagnostic::error(Code::NoPolicy, cause).help(help))
}
