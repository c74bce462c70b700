//! Commits of a branch and tags, each judged by what it changed, as a push of it would be.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::backtest::judging::BacktestJudge;
use crate::backtest::replay::{MOST_PROFILES, Replay};
use crate::backtest::{PastChange, Profile};
use crate::change::git::{EvidenceError, PastState, RefName, RefTarget, Repository, Revision, keep_objects};
use crate::cli::backtest::progress::Progress;
use crate::cli::edge::Edge;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::base::is_default;
use crate::gate::fault::fault;
use crate::gate::look::look;
use crate::gate::messages::Messages;
use crate::gate::repository;
use crate::pattern::{Pattern, PatternSet, PatternSubject};
use crate::reach::{Declared, RefSide, Shown, TargetMatcher, reach};
use crate::report::backtest::{BacktestHistory, HistorySort};

/// After how many commits a thread says that they are done.
const SHARE: usize = 512;

/// The most bytes of commits and trees that all threads keep for another look.
const KEPT: usize = 64 << 20;

/// A commit and the state before it.
#[derive(Clone, Copy)]
struct CommitStep {
    state: PastState,
    before: Option<Revision>,
}

/// A change that was looked at: itself, or why it can't be judged.
type JudgeableChange = Result<PastChange, String>;

/// Judges the commits of a branch.
pub(super) fn replay_branch(
    named: Option<&str>,
    (replay, threads): (&Replay<'_>, usize),
    judging: &mut BacktestJudge<'_, '_>,
    (edge, progress): (&Edge, &mut Progress<'_>),
) -> Result<BacktestHistory, Faults> {
    let repository = repository::here(edge)?;
    let default = repository.default_branch("origin").map_err(fault)?;
    let (name, tip) = branch(named, &repository, default.as_ref())?;
    let past = repository.first_parents(tip.commit).map_err(fault)?;
    let mut steps = Vec::with_capacity(past.states.len());
    for (place, state) in past.states.iter().enumerate() {
        let before = past.states.get(place.saturating_add(1)).map(|before| before.revision);
        if !judging.is_in_time(state.seconds) {
            judging.leave_out();
        } else if before.is_none() && past.is_cut_off {
            let cause = "this clone is shallow, so what it changed is not known; `git fetch --unshallow`";
            judging.unjudged(state.revision.commit.short(), cause.to_owned());
        } else {
            steps.push(CommitStep { state: *state, before });
        }
    }
    // oldest first, as they went
    steps.reverse();
    // each thread keeps what it needs
    keep_objects(false);
    let on_default = is_default(&name, default.as_ref());
    let side = RefSide::Named { name: name.as_bytes(), default_branch: on_default };
    for (step, looked) in steps.iter().zip(look_at_all(&steps, (replay, threads), side, (edge, progress))?) {
        match looked {
            Ok(change) => judging.add(change, || step.state.revision.commit.short()),
            Err(cause) => judging.unjudged(step.state.revision.commit.short(), cause),
        }
    }
    let mut notes = not_judged(replay);
    let targets = &replay.policy().targets;
    if on_default == Some(false) && targets.iter().any(|target| target.refs.is_empty()) {
        notes.push("targets without `refs` apply only to the default branch".to_owned());
    }
    Ok(BacktestHistory { sort: HistorySort::Commits, name: name.to_string(), notes })
}

/// Looks at commits, the oldest first, on several threads: each looks at a stretch of history.
fn look_at_all(
    steps: &[CommitStep],
    (replay, threads): (&Replay<'_>, usize),
    side: RefSide<'_>,
    (edge, progress): (&Edge, &mut Progress<'_>),
) -> Result<Vec<JudgeableChange>, Faults> {
    let share = steps.len().div_ceil(threads.max(1)).max(1);
    let kept = KEPT / threads.max(1);
    let total = u64::try_from(steps.len()).unwrap_or(u64::MAX);
    let (sender, receiver) = channel();
    let parts: Vec<Result<Vec<JudgeableChange>, Faults>> = thread::scope(|scope| {
        let workers: Vec<_> = steps
            .chunks(share)
            .map(|some| {
                let sender = sender.clone();
                scope.spawn(move || look_at_some(some, (replay, kept), side, (edge, &sender)))
            })
            .collect();
        drop(sender);
        let mut done: u64 = 0;
        progress.show(done, Some(total));
        // until the last worker has ended
        for more in receiver {
            done = done.saturating_add(more);
            progress.show(done, Some(total));
        }
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(lost()))).collect()
    });
    let mut all = Vec::with_capacity(steps.len());
    for part in parts {
        all.extend(part?);
    }
    Ok(all)
}

/// Looks at a stretch of history, and sends how many commits were looked at, now and then.
fn look_at_some(
    steps: &[CommitStep],
    (replay, kept): (&Replay<'_>, usize),
    side: RefSide<'_>,
    (edge, sender): (&Edge, &Sender<u64>),
) -> Result<Vec<JudgeableChange>, Faults> {
    // neighbours share most of their trees
    let repository = repository::here(edge)?.keeping(kept);
    let matcher = TargetMatcher::new(replay.policy());
    // of a first state, only its own message counts
    let first = steps.first().map(|step| step.before.unwrap_or(step.state.revision).commit);
    let mut messages = Messages::new(&repository, first);
    let mut all = Vec::with_capacity(steps.len());
    for some in steps.chunks(SHARE) {
        for step in some {
            messages.begin_push();
            let ends = (step.before, Some(step.state.revision));
            let profile = look_at((&repository, &mut messages), &matcher, side, ends, replay);
            let name = Some(step.state.revision.commit.short());
            all.push(profile.map(|profile| PastChange { at: step.state.seconds, duration: None, profile, name }));
        }
        // whoever shows them may have stopped, which is not a reason to stop too
        sender.send(u64::try_from(some.len()).unwrap_or(0)).unwrap_or_default();
    }
    Ok(all)
}

fn lost() -> Faults {
    let cause = "a thread that looked at commits ended early";
    Faults::one(Diagnostic::error(Code::Internal, cause).help("report this to freezegate's developers"))
}

/// Returns what lies between two states of a ref, as a gate sees it.
fn look_at(
    (repository, messages): (&Repository, &mut Messages<'_>),
    matcher: &TargetMatcher<'_>,
    side: RefSide<'_>,
    (old, new): (Option<Revision>, Option<Revision>),
    replay: &Replay<'_>,
) -> Result<Arc<Profile>, String> {
    let told = |faults: Faults| faults.diagnostics.into_iter().next().map_or_else(String::new, |first| first.cause);
    let mut shown = Shown::default();
    let ends = (|| Ok(old), || Ok(new));
    look(repository, matcher, side, ends, Some(messages), &mut shown).map_err(told)?;
    let said = Declared::default();
    let reach = reach(replay.policy(), &said, Some(shown), false);
    replay
        .profile(&said, reach)
        .map_err(|_| format!("it is one of more than {MOST_PROFILES} different combinations of what changes reach"))
}

/// Judges the tags whose names match a pattern.
pub(super) fn replay_tags(
    pattern: &str,
    replay: &Replay<'_>,
    judging: &mut BacktestJudge<'_, '_>,
    edge: &Edge,
) -> Result<BacktestHistory, Faults> {
    let whole = if pattern.starts_with("refs/tags/") { pattern.to_owned() } else { format!("refs/tags/{pattern}") };
    let parsed = Pattern::parse(&whole, PatternSubject::Ref).map_err(|errors| {
        let cause = errors.first().map_or_else(String::new, |first| format!(": {}", first.cause));
        let cause = for_terminal(&format!("`--tags {pattern}` is not a pattern{cause}")).into_owned();
        Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help("write a pattern as in `refs` of a target: `v*`"))
    })?;
    let set = PatternSet::new([&parsed]);
    let repository = repository::here(edge)?;
    let matcher = TargetMatcher::new(replay.policy());
    let mut tags = Vec::new();
    for one in repository.refs().map_err(fault)?.into_iter().filter(|one| set.any_exactly(one.name.as_bytes())) {
        let RefTarget::Object(id) = one.target else {
            continue;
        };
        tags.push((repository.tagged_at(id).map_err(fault)?, one.name, id));
    }
    tags.sort();
    for (at, name, id) in tags {
        let text = name.to_string();
        let text = text.strip_prefix("refs/tags/").unwrap_or(&text).to_owned();
        let Some(at) = at else {
            judging.unjudged(text, "it is not a tag of a commit".to_owned());
            continue;
        };
        if !judging.is_in_time(at) {
            judging.leave_out();
            continue;
        }
        let new = match repository.revision_at(id) {
            Ok(new) => new,
            Err(EvidenceError::NotACommit { .. }) => None,
            Err(error) => return Err(fault(error)),
        };
        let side = RefSide::Named { name: name.as_bytes(), default_branch: Some(false) };
        // what a created ref holds is all new, as it is to a gate
        let mut messages = Messages::new(&repository, new.map(|revision| revision.commit));
        match look_at((&repository, &mut messages), &matcher, side, (None, new), replay) {
            Ok(profile) => {
                let name = Some(text.clone());
                judging.add(PastChange { at, duration: None, profile, name }, || text);
            }
            Err(cause) => judging.unjudged(text, cause),
        }
    }
    Ok(BacktestHistory { sort: HistorySort::Tags, name: whole, notes: not_judged(replay) })
}

/// Returns what a gate would have asked besides, and a history can't answer.
fn not_judged(replay: &Replay<'_>) -> Vec<String> {
    let policy = replay.policy();
    let mut notes = vec!["reverts count as changes: no record shows which were rollbacks".to_owned()];
    if policy.targets.is_empty() {
        notes.push("the policy has no `[[targets]]`, so no commit or tag reaches an environment".to_owned());
    }
    if policy.routes.is_some() || !policy.hazards.is_empty() {
        notes.push("routes and hazards are not judged".to_owned());
    }
    notes
}

/// The branch that is asked for, and where it is now.
fn branch(
    named: Option<&str>,
    repository: &Repository,
    default: Option<&RefName>,
) -> Result<(RefName, Revision), Faults> {
    let full = |name: &[u8]| RefName::new([b"refs/heads/", name].concat()).map_err(fault);
    let unknown = |cause: String| {
        Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help("name a branch: `--branch main`"))
    };
    let (name, tracking) = match named {
        Some(given) => {
            let short = given.strip_prefix("refs/heads/").unwrap_or(given);
            (full(short.as_bytes())?, RefName::new(format!("refs/remotes/origin/{short}")).map_err(fault)?)
        }
        None => match (default, repository.head().map_err(fault)?.branch) {
            (Some(default), _) => {
                let short = default.as_bytes().strip_prefix(b"refs/remotes/origin/").unwrap_or(default.as_bytes());
                (full(short)?, default.clone())
            }
            (None, Some(head)) => (head.clone(), head),
            (None, None) => {
                return Err(unknown("no branch is checked out, so the branch to judge is not known".to_owned()));
            }
        },
    };
    for candidate in [&name, &tracking] {
        if let Some(tip) = repository.revision_of(candidate).map_err(fault)? {
            return Ok((name.clone(), tip));
        }
    }
    let text = name.to_string();
    Err(unknown(format!("there is no branch `{}` here", text.strip_prefix("refs/heads/").unwrap_or(&text))))
}
