//! What takes a refused change back, and what goes back further, told only where it is known to pass.
//!
//! A command is printed as one that passes only if the change that it makes was judged as any other: with the messages of its
//! commits, on every path, and with what it does to the policy.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use crate::change::ci::Pipeline;
use crate::change::git::{ChangeKind, ObjectId, PathContent, PathContents, Range, Repository, Revision};
use crate::decision::{Decision, Verdict};
use crate::diagnostic::Faults;
use crate::escape::for_terminal;
use crate::gate::comparison::Move;
use crate::gate::declared::judge_job_too;
use crate::gate::fault::too_much;
use crate::gate::history::{Back, Past, rolled_back};
use crate::gate::look::{look, show};
use crate::gate::messages::Messages;
use crate::gate::routes;
use crate::hex::short_id;
use crate::policy::duration::in_full;
use crate::proof::record::Folded;
use crate::proof::rollback::{Missing, Rollback};
use crate::reach::{self, Declared, DeclaredNames, Shown};
use crate::report::clock::everywhere;
use crate::report::{AnswerMode, WayBack};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

mod command;
mod pieces;

use crate::gate::judgement::{no_instant, verdict};
use crate::gate::way_back::pieces::{Former, MOST_NAMED, ReturnedPath};
use command::{restore, revert};

/// The source of what a clone knows of former states.
const OF_CLONE: &str = "from this clone's reflog; the server may know other states";

/// No way back is looked for over more paths than this, those of all former states together.
const MOST_PATHS: usize = 10_000;

/// A change is compared with this many states of the branch before it, to see whether it goes back.
const MOST_STATES: usize = 100;

/// The question besides the change itself.
pub(crate) struct WayBackQuestion<'a> {
    pub(crate) declared: &'a Declared,
    /// The CI job that asks, and what is declared.
    pub(crate) job: Option<(&'a Pipeline, &'a DeclaredNames)>,
    pub(crate) only: bool,
    pub(crate) folded: Option<&'a Folded>,
    pub(crate) at: Instant,
    /// The time that the change takes, in seconds, if that is said.
    pub(crate) duration: Option<Seconds>,
}

/// The command that brings a branch back to what it was, and that this passes; none if it does not, if the change is not one of a
/// branch alone, or if no plain revert gives just the old tree: several commits with a merge among them, commits that change nothing or are
/// not in this clone, or nothing at all.
pub(crate) fn undo(past: &Past<'_>, asked: &WayBackQuestion<'_>) -> Result<Option<String>, Faults> {
    let [one] = past.moves.as_slice() else {
        return Ok(None);
    };
    let is_branch = one.name.as_ref().is_none_or(|name| name.as_bytes().starts_with(b"refs/heads/"));
    let (Some(old), Some(new), true, true) = (one.old, one.new, is_branch, past.is_checked_out) else {
        return Ok(None);
    };
    let Some(command) = revert(past.context.repository, old, new) else {
        return Ok(None);
    };
    // to take back what takes back would bring back what was wrong
    if goes_back(past.context.repository, old, new) {
        return Ok(None);
    }
    let Ok(made) = past.context.repository.made_up_commit(new.commit, old.tree) else {
        return Ok(None);
    };
    Ok(match outcome(past, one, made, asked)? {
        WayBackOutcome::Passes => {
            let what = if command.is_of_several { "reverts all of these commits" } else { "drops only this change" };
            Some(format!("`{}` {what}; allowed now", command.text))
        }
        WayBackOutcome::PassesAsRollback | WayBackOutcome::DoesNotPass => None,
    })
}

/// Returns whether `new` has the tree of a state of the branch before `old`.
fn goes_back(repository: &Repository, old: Revision, new: Revision) -> bool {
    // history that is cut off decides nothing: then the command is offered
    let past = repository.first_parents(old.commit);
    past.is_ok_and(|past| past.states.iter().skip(1).take(MOST_STATES).any(|state| state.revision.tree == new.tree))
}

/// The outcome of a change that a command makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WayBackOutcome {
    /// It is allowed, whether it is a rollback or not.
    Passes,
    /// It is allowed as a rollback.
    PassesAsRollback,
    /// It is refused, or there is no decision about it.
    DoesNotPass,
}

/// Judges the change of `one` to `made` instead, as it would be when it comes.
fn outcome(
    past: &Past<'_>,
    one: &Move<'_>,
    made: Revision,
    asked: &WayBackQuestion<'_>,
) -> Result<WayBackOutcome, Faults> {
    let policy = past.context.matcher.policy();
    let mut shown = Shown::default();
    let mut messages = Messages::new(past.context.repository, []);
    let ends = (|| Ok(one.old), || Ok(Some(made)));
    look(past.context.repository, past.context.matcher, one.side(), ends, Some(&mut messages), &mut shown)?;
    let range = Range { old: one.old, new: Some(made) };
    routes::show(past.context.repository, past.context.matcher, one.side(), (range, None), &mut shown)?;
    if !shown.unread_routes.is_empty() {
        return Ok(WayBackOutcome::DoesNotPass);
    }
    if let Some((pipeline, names)) = asked.job {
        judge_job_too(pipeline, policy, names, &mut shown);
    }
    let said = shown.said.iter().flat_map(|said| &said.environments);
    let stated: Vec<String> =
        asked.declared.environments.iter().chain(said).map(|environment| environment.name.clone()).collect();
    let mut reach = reach::reach(policy, asked.declared, Some(shown), asked.only);
    let edits = match (past.edits)(one, made) {
        Ok(Some(edits)) => edits,
        // without a readable policy there is no decision, so the command is not offered
        Ok(None) | Err(_) => return Ok(WayBackOutcome::DoesNotPass),
    };
    for edit in &edits {
        reach::add_edit(policy, &edit.comparison, &edit.file(), &mut reach);
    }
    if reach.only_said().iter().any(|environment| environment.requires_evidence) {
        return Ok(WayBackOutcome::DoesNotPass);
    }
    if verdict(policy, asked.declared, &reach, (asked.at, asked.duration))? == Verdict::Allowed {
        return Ok(WayBackOutcome::Passes);
    }
    let back = past.of(vec![Move { new: Some(made), ..one.clone() }]);
    let Rollback::Shown(state) = back.judge(&reach, &stated, asked.folded, asked.at)?.0 else {
        return Ok(WayBackOutcome::DoesNotPass);
    };
    let with_routes = routes::since(past.context.repository, policy, (&state.commit, made))?.is_none();
    if (reach.moves_routes || !reach.route_conflicts.is_empty()) && !with_routes {
        return Ok(WayBackOutcome::DoesNotPass);
    }
    let marked = rolled_back(policy, &reach, with_routes);
    Ok(match verdict(policy, asked.declared, &marked, (asked.at, asked.duration))? {
        Verdict::Allowed => WayBackOutcome::PassesAsRollback,
        Verdict::Refused => WayBackOutcome::DoesNotPass,
    })
}

/// Returns what is to be said of going back: that it is what the change does, what is missing for that, or which state would pass.
pub(crate) fn way_back(
    past: &Past<'_>,
    (rollback, backs): (&Rollback, &[Back]),
    decision: &Decision,
    asked: &WayBackQuestion<'_>,
    mode: AnswerMode,
) -> Result<Option<WayBack>, Faults> {
    let missing = match rollback {
        Rollback::Shown(_) => {
            let mut way = shown(past, rollback, backs);
            if mode == AnswerMode::PrePush {
                way.message.push_str(&format!("; {OF_CLONE}"));
            }
            return Ok(Some(way));
        }
        Rollback::NotShown(missing) => missing,
    };
    let mut message = if asked.declared.rollback { vec![way_back_of(rollback).message] } else { Vec::new() };
    let is_unreadable = matches!(missing, Missing::Unreadable(_));
    if (missing.is_of_a_return() || is_unreadable) && !asked.declared.rollback {
        message.push(format!("none: {missing}"));
    }
    let mut to = None;
    if let Some((further, state)) = passes(past, backs, decision, asked)? {
        message.push(further);
        to = Some(state);
    }
    if mode == AnswerMode::PrePush && to.is_some() {
        message.push(OF_CLONE.to_owned());
    }
    if mode == AnswerMode::PreReceive
        && let Some(lack) = no_memory(missing, past, asked)?
    {
        message.push(lack);
    }
    Ok((!message.is_empty()).then(|| WayBack { shown: false, to, message: message.join("; ") }))
}

/// Returns what a server remembers too little of to show a former state; none if it does.
fn no_memory(missing: &Missing, past: &Past<'_>, asked: &WayBackQuestion<'_>) -> Result<Option<String>, Faults> {
    if matches!(missing, Missing::AnotherRef { .. }) {
        return Ok(Some(format!("none: {missing}")));
    }
    let Some(folded) = asked.folded else {
        // a log begins with the first push that git accepts after it is switched on
        let text = if logs_pushes(past.context.repository) {
            "none yet: the server's log of this ref begins with the next allowed push"
        } else {
            "none: this server keeps neither a record nor a reflog; an administrator sets `git config core.logAllRefUpdates always`"
        };
        return Ok((*missing == Missing::NoHistory).then(|| text.to_owned()));
    };
    if !matches!(missing, Missing::NoHistory | Missing::NoFormerState) {
        return Ok(None);
    }
    Ok(Some(match folded.begins() {
        Some(first) => {
            let at = everywhere(&[], None, first, Instant::EPOCH).map_err(no_instant)?;
            format!("none yet: the record has no allowed state before this one; it begins at {at}")
        }
        None => "none yet: the record is new, and has no allowed state before this one".to_owned(),
    }))
}

/// Returns whether git keeps the former states of refs in a bare repository (git-config(1), `core.logAllRefUpdates`).
fn logs_pushes(repository: &Repository) -> bool {
    const KEY: &str = "core.logAllRefUpdates";
    let is_always = |value: Option<String>| value.is_some_and(|value| value.eq_ignore_ascii_case("always"));
    repository.is_on(KEY).unwrap_or(false) || repository.setting(KEY).map(is_always).unwrap_or(false)
}

/// Returns whether the change is a rollback, or what is missing.
pub(crate) fn way_back_of(rollback: &Rollback) -> WayBack {
    match rollback {
        Rollback::Shown(state) => WayBack {
            shown: true,
            to: Some(state.commit.clone()),
            message: format!("verified: it returns to {}, the state before", short_id(&state.commit)),
        },
        Rollback::NotShown(missing) => {
            let message = format!("not verified: {}", for_terminal(&missing.to_string()));
            WayBack { shown: false, to: None, message }
        }
    }
}

/// The state that a rollback goes back to: the commit that has its very tree, else one for each environment.
fn shown(past: &Past<'_>, rollback: &Rollback, backs: &[Back]) -> WayBack {
    let states: Vec<(&str, &str)> = backs
        .iter()
        .filter_map(|back| match &back.rollback {
            Rollback::Shown(state) => Some((back.environment.as_str(), state.commit.as_str())),
            Rollback::NotShown(_) => None,
        })
        .collect();
    let tree = match past.moves.as_slice() {
        [one] => one.new.map(|new| new.tree),
        _ => None,
    };
    let has_tree = |commit: &str| matches!(revision(past, commit), Some(found) if Some(found.tree) == tree);
    if let Some((_, commit)) = states.iter().find(|(_, commit)| has_tree(commit)) {
        let message = format!("verified: it returns to {}, the state before", short_id(commit));
        return WayBack { shown: true, to: Some((*commit).to_owned()), message };
    }
    if past.moves.len() != 1 || states.is_empty() {
        return way_back_of(rollback);
    }
    let mut each: Vec<String> = states
        .iter()
        .take(MOST_NAMED)
        .map(|(environment, commit)| format!("`{}` back to {}", for_terminal(environment), short_id(commit)))
        .collect();
    if states.len() > MOST_NAMED {
        each.push(format!("and {} more", states.len().saturating_sub(MOST_NAMED)));
    }
    let states_before = if each.len() == 1 { "the state before" } else { "the states before" };
    let message = format!("verified: it takes {}, {states_before}", each.join(", "));
    WayBack { shown: true, ..WayBack { message, ..way_back_of(rollback) } }
}

/// A commit that was compared a moment ago; none if it is no longer there.
fn revision(past: &Past<'_>, commit: &str) -> Option<Revision> {
    // only the printed hint depends on it
    let Ok(found) = ObjectId::from_hex(commit).and_then(|id| past.context.repository.revision_at(id)) else {
        return None;
    };
    found
}

/// That a change which goes back to the state before in what was refused, and does nothing else, would pass, and to which commit; none
/// if it would not.
fn passes(
    past: &Past<'_>,
    backs: &[Back],
    decision: &Decision,
    asked: &WayBackQuestion<'_>,
) -> Result<Option<(String, String)>, Faults> {
    let [one] = past.moves.as_slice() else {
        return Ok(None);
    };
    let (Some(old), Some(new)) = (one.old, one.new) else {
        return Ok(None);
    };
    let mut formers: Vec<Former<'_>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let refused: HashSet<Option<&str>> =
        decision.findings.iter().filter(|one| one.refuses()).map(|one| one.environment.as_deref()).collect();
    let is_refused = |back: &&Back| refused.contains(&None) || refused.contains(&Some(back.environment.as_str()));
    for back in backs.iter().filter(is_refused) {
        let state = match &back.rollback {
            Rollback::Shown(state) | Rollback::NotShown(Missing::Differs { from: state, .. }) => state,
            Rollback::NotShown(_) => return Ok(None),
        };
        match places.get(state.commit.as_str()).and_then(|place| formers.get_mut(*place)) {
            Some(former) => {
                former.environments.push(back);
                former.state.until = former.state.until.min(state.until);
            }
            None => {
                let Some(revision) = revision(past, &state.commit) else {
                    return Ok(None);
                };
                places.insert(&state.commit, formers.len());
                formers.push(Former { environments: vec![back], state: state.clone(), revision });
            }
        }
    }
    let Some(first) = formers.first() else {
        return Ok(None);
    };
    let Some(pieces) = pieces(past, one, old, &formers)? else {
        return Ok(None);
    };
    let until = formers.iter().map(|former| former.state.until).min().unwrap_or(asked.at);
    let left = until.since(asked.at);
    // rounded down, so that nobody starts when it no longer counts
    let left = in_full(left.rounded_down(Seconds::minutes(1)));
    let judged = |tree| -> Result<bool, Faults> {
        // what leaves everything as it is goes back to nothing
        if tree == old.tree {
            return Ok(false);
        }
        match past.context.repository.made_up_commit(new.commit, tree) {
            Ok(made) => Ok(outcome(past, one, made, asked)? != WayBackOutcome::DoesNotPass),
            // what can't be made up can't be judged
            Err(_) => Ok(false),
        }
    };
    // what is refused is not there yet: whoever goes back also takes away what was let in before
    let live = old.commit.to_string();
    let live = short_id(&live);
    let line = |how: &str, to: &str| {
        format!("{how} back to {to}; allowed now; counts as a rollback for {left}; undoes {live} too")
    };
    let to = first.state.commit.clone();
    let whole = match formers.as_slice() {
        [former] => revert(past.context.repository, former.revision, new)
            .map(|command| line(&format!("`{}` goes", command.text), &format!("{}, the state before", short_id(&to)))),
        _ => None,
    };
    // nothing but what was refused goes back
    if let Some(line) = &whole
        && pieces.others.is_empty()
        && judged(first.revision.tree)?
    {
        return Ok(Some((line.clone(), to)));
    }
    let changes: Vec<PathContent> = pieces.back.iter().map(|(path, piece)| (path.clone(), piece.content)).collect();
    if let Ok(tree) = past.context.repository.made_up_tree(old.tree, &changes)
        && judged(tree)?
    {
        let states =
            formers.iter().flat_map(|former| former.environments.iter().map(|back| (back, &former.state.commit)));
        let count = formers.iter().map(|former| former.environments.len()).sum::<usize>();
        let mut names: Vec<String> = states
            .take(MOST_NAMED)
            .map(|(back, commit)| format!("{} in `{}`", short_id(commit), for_terminal(&back.environment)))
            .collect();
        if count > MOST_NAMED {
            names.push(format!("{} more", count.saturating_sub(MOST_NAMED)));
        }
        let states = if names.len() == 1 { "the state before" } else { "the states before" };
        let command = restore(past, (old, new), tree, &pieces.back, &formers).filter(|_| past.is_checked_out);
        let how = command.map_or_else(|| "a change that goes".to_owned(), |command| format!("`{command}` goes"));
        return Ok(Some((line(&how, &format!("{}, {states}", names.join(" and "))), to)));
    }
    if let Some(line) = whole
        && judged(first.revision.tree)?
    {
        return Ok(Some((format!("{line}; it also reverts {}", pieces.told_others()), to)));
    }
    Ok(None)
}

/// The paths that differ between what is there and the states before.
#[derive(Default)]
struct Pieces {
    /// Those of what was refused.
    back: BTreeMap<Vec<u8>, ReturnedPath>,
    /// The others, by the environments that they reach.
    others: BTreeMap<Vec<u8>, BTreeSet<String>>,
}

impl Pieces {
    /// Returns what else goes back, for people.
    fn told_others(&self) -> String {
        let all: BTreeSet<&String> = self.others.values().flatten().collect();
        let mut names: Vec<String> =
            all.iter().take(MOST_NAMED).map(|name| format!("`{}`", for_terminal(name))).collect();
        if all.len() > MOST_NAMED {
            names.push(format!("and {} more", all.len().saturating_sub(MOST_NAMED)));
        }
        let count = self.others.len();
        let paths = if count == 1 { "1 other path".to_owned() } else { format!("{count} other paths") };
        if names.is_empty() { paths } else { format!("{paths}, of {}", names.join(", ")) }
    }
}

/// The paths that differ between `old` and the states before; none if there are too many, or if two states disagree about one.
fn pieces(past: &Past<'_>, one: &Move<'_>, old: Revision, formers: &[Former<'_>]) -> Result<Option<Pieces>, Faults> {
    let mut pieces = Pieces::default();
    let looked_at = Cell::new(0_usize);
    let count = |more: usize| looked_at.set(looked_at.get().saturating_add(more));
    for (place, former) in formers.iter().enumerate() {
        let range = Range { old: Some(old), new: Some(former.revision) };
        let back = Range { old: range.new, new: range.old };
        let of_ref = past.context.matcher.of_ref(one.side()).map_err(|error| too_much(&error))?;
        let mut is_clear = true;
        let mut failed = None;
        let is_whole = former.environments.iter().any(|back| back.whole);
        let meant: HashSet<&str> = former.environments.iter().map(|back| back.environment.as_str()).collect();
        let mut visit = |path: &[u8], change: ChangeKind, contents: PathContents| -> Result<(), Faults> {
            let mut reached: BTreeSet<String> = BTreeSet::new();
            let mut is_unknown = false;
            // what a link leads to is known of the side that has it alone
            for (range, change) in [(range, change), (back, change.reversed())] {
                let mut shown = Shown::default();
                show(past.context.repository, &of_ref, range, path, change, &mut shown)?;
                is_unknown |= !shown.unknown.is_empty();
                // a path of every environment costs more than one of a few
                count(shown.hits.len() / 64);
                reached.extend(shown.environment_names().into_iter().map(str::to_owned));
            }
            if is_whole || is_unknown || reached.iter().any(|name| meant.contains(name.as_str())) {
                let content = change.kinds().1.zip(contents.new);
                let known = pieces.back.insert(path.to_vec(), ReturnedPath { former: place, content });
                is_clear &= known.is_none_or(|known| known.content == content);
            } else {
                pieces.others.insert(path.to_vec(), reached);
            }
            Ok(())
        };
        let walked = past.context.repository.changed_contents(
            range.old_tree(),
            range.new_tree(),
            &mut |path, change, contents| {
                count(1);
                match visit(path, change, contents) {
                    Ok(()) if looked_at.get() <= MOST_PATHS => ControlFlow::Continue(()),
                    Ok(()) => ControlFlow::Break(()),
                    Err(faults) => {
                        failed = Some(faults);
                        ControlFlow::Break(())
                    }
                }
            },
        );
        // what can't be looked at is no way back, and no doubt about the decision
        if walked.is_err() || failed.is_some() || looked_at.get() > MOST_PATHS || !is_clear {
            return Ok(None);
        }
    }
    pieces.others.retain(|path, _| !pieces.back.contains_key(path));
    Ok(Some(pieces))
}
