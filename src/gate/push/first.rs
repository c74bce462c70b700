//! The first policy of a repository that receives pushes.

use crate::change::git::{Head, RefName, Refs, Repository};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::case::{Case, JudgedCase, Render};
use crate::gate::edit::{self, EditSearch};
use crate::gate::fault::fault;
use crate::gate::in_force::{self, InForce};
use crate::gate::keep::Recording;
use crate::gate::lifts::Lifting;
use crate::gate::named_policy::organisation_is_an_administrators;
use crate::gate::push::update::Update;
use crate::gate::request::{PolicyPlace, ReceiveRequest};
use crate::gate::rule::judge_or_undo;
use crate::gate::source::{self, CommitPolicy, PolicySource, no_policy};
use crate::gate::world::World;
use crate::reach::Shown;
use crate::report::{AnswerMode, Breadth, Compared, Examined, FirstPolicy, REMOTE_TIP};

/// Finds the policy for a push that arrives: an administrator's file, else that of the default branch before the push.
pub(crate) fn of_server(
    args: &PolicyPlace,
    world: &dyn World,
    repository: &Repository,
    head: &Head,
) -> Result<InForce, Faults> {
    if let Some(relative) = args.files.iter().find(|path| path.is_relative()) {
        let cause = format!("`--policy {}` is relative, and the hook runs in many places", relative.display());
        return Err(Faults::one(
            Diagnostic::error(Code::NoPolicy, cause).help("give the absolute path of the administrator's file"),
        ));
    }
    organisation_is_an_administrators(args, world, Some(repository))?;
    if !args.files.is_empty() {
        let source = Box::new(source::of_administrator(args, world)?);
        return Ok(InForce::Policy { source, warning: None });
    }
    match (head.revision, &head.branch) {
        (Some(revision), Some(branch)) => in_force::of_branch(args, world, repository, revision, branch),
        (None, _) | (_, None) => Ok(InForce::Never { newest: None }),
    }
}

/// Judges a push to a repository whose default branch never had a policy: only the push that brings one to it passes.
pub(crate) fn receive(
    (args, render): (&ReceiveRequest, Render<'_>),
    world: &dyn World,
    (repository, refs): (&Repository, &Refs<'_>),
    (head, newest): (&Head, Option<Faults>),
    updates: &[Update],
) -> Result<JudgedCase, Faults> {
    let Some(branch) = &head.branch else {
        return Err(no_policy(
            "`HEAD` of this repository is detached, so nothing says which branch brings the policy",
            "an administrator sets it: `git symbolic-ref HEAD refs/heads/main`",
        ));
    };
    let brings = |update: &Update| -> Result<bool, Faults> {
        Ok(refs.moved_with(&update.name).map_err(fault)?.contains(branch) || update.name == *branch)
    };
    let called = in_force::named(branch);
    let mut own = None;
    let mut others = Vec::new();
    for update in updates {
        if brings(update)? { own = Some(update) } else { others.push(update) }
    }
    let Some(update) = own else {
        let cause = format!("there is no policy yet on the default branch, {called}, so nothing can be judged");
        let help =
            format!("push a `freezegate.toml` to {called} first (`freezegate init` drafts one): that push is allowed");
        return Err(match newest {
            None => no_policy(cause, &help),
            Some(newest) => unreadable(newest, &called),
        });
    };
    let new = repository.revision_at(update.new).map_err(fault)?;
    let found = match new {
        Some(new) => source::look_up(&args.policy, world, repository, new, branch)?.found,
        None => CommitPolicy::Absent,
    };
    let source = match found {
        CommitPolicy::Loads(source) => source,
        CommitPolicy::Wrong(faults) => return Err(faults),
        CommitPolicy::Absent => {
            let cause = format!("there is no policy yet on {called}, and this push brings none");
            return Err(no_policy(
                cause,
                "add a `freezegate.toml` to it (`freezegate init` drafts one): then it is allowed",
            ));
        }
    };
    if let Some(other) = others.first() {
        let cause = format!("the push that brings the first policy to {called} moves `{}` too", other.name);
        let help = format!("push {called} alone first; what comes after it is judged by its policy");
        return Err(no_policy(cause, &help));
    }
    let is_recorded = args.record.location.is_some();
    let search = EditSearch { args: &args.policy, world, repository, at: world.clock(), is_recorded };
    search.leaves_a_way(None, &source, Some(branch))?;
    judge((args, render), world, repository, (&source, update, branch))
}

/// Allows the push that brings the first policy, and records it if there is a record.
fn judge(
    (args, render): (&ReceiveRequest, Render<'_>),
    world: &dyn World,
    repository: &Repository,
    (source, update, branch): (&PolicySource, &Update, &RefName),
) -> Result<JudgedCase, Faults> {
    let recording = Recording::of_server(&args.record, repository, world)?;
    let compared = Compared {
        reference: Some(branch.clone()),
        old: repository.revision_at(update.old).map_err(fault)?,
        everything: false,
        new: source.revision,
        environments: Some(Vec::new()),
        breadth: Breadth::default(),
        is_by_others: false,
    };
    let examined = Examined {
        reference: Some(update.name.to_string()),
        base: REMOTE_TIP.to_owned(),
        compared: vec![compared],
        ..Examined::default()
    };
    let lifting = Lifting::default();
    let case = Case {
        repeated: source::repeated(&args.policy),
        first_policy: Some(FirstPolicy::Brought),
        evidence: Some((Shown::default(), examined)),
        warnings: vec![edit::first(source)],
        recording: recording.as_ref(),
        ..Case::new(AnswerMode::PreReceive, source, &lifting, render)
    };
    judge_or_undo(case, world, &|_, _| Ok(None))
}

/// Returns the error for a branch that never had a policy that can be read.
fn unreadable(newest: Faults, called: &str) -> Faults {
    let cause = format!("the policy on {called} can't be read, and there was none before");
    let help = format!("fix what is named below on {called}: that push passes");
    let first = Diagnostic::error(Code::NoPolicy, cause).help(help);
    Faults { sources: newest.sources, diagnostics: [first].into_iter().chain(newest.diagnostics).collect() }
}
