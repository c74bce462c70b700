//! What takes a refused change back, and what goes back further, told only where it is known to pass.

use crate::change::Declared;
use crate::change::git::{CommitId, EvidenceError, ObjectId, Repository, Revision};
use crate::cli::evidence::{look, too_much};
use crate::cli::judge;
use crate::cli::past::{Move, Past, rolled_back};
use crate::decision::Verdict;
use crate::diagnostic::Faults;
use crate::policy::duration::hours;
use crate::proof::record::Folded;
use crate::proof::rollback::{Missing, Return, Rollback};
use crate::reach::{self, Matcher, RefSide, Shown};
use crate::report::WayBack;
use crate::report::escape::for_terminal;

/// Nobody reverts more commits than this without looking.
const MOST: usize = 100;

/// What is asked besides the change itself.
pub(super) struct Asked<'a> {
    pub(super) declared: &'a Declared,
    pub(super) only: bool,
    pub(super) folded: Option<&'a Folded>,
    pub(super) at: i64,
}

/// The command that brings a branch back to `old`, and that this passes at `at`; none if it does not, or if no plain revert
/// gives just the old tree: merges stand between the two, commits that change nothing or are not in this clone, or nothing at all.
pub(super) fn undo(
    repository: &Repository,
    matcher: &Matcher<'_>,
    side: RefSide<'_>,
    (old, new): (Revision, Revision),
    asked: &Asked<'_>,
) -> Result<Option<String>, Faults> {
    let Some(command) = revert(repository, old, new) else {
        return Ok(None);
    };
    // the tree is the old one: no path differs, and what is left is what the ref alone shows
    let mut shown = Shown::default();
    let of_ref = matcher.of_ref(side).map_err(|error| too_much(&error))?;
    of_ref.alone(&mut shown).map_err(|error| too_much(&error))?;
    let reach = reach::reach(matcher.policy(), asked.declared, Some(shown), asked.only);
    Ok(match judge::verdict(matcher.policy(), asked.declared, &reach, asked.at)? {
        Verdict::Allowed => Some(format!("`{command}` returns to {}: passes now", short(old.commit))),
        Verdict::Refused => None,
    })
}

/// What is to be said of going back: that it is what the change does, what is missing for that, or which state would pass.
pub(super) fn way_back(
    past: &Past<'_>,
    rollback: &Rollback,
    asked: &Asked<'_>,
    on_server: bool,
) -> Result<Option<WayBack>, Faults> {
    let missing = match rollback {
        Rollback::Shown(_) => return Ok(Some(told(rollback))),
        Rollback::NotShown(missing) => missing,
    };
    let mut message = if asked.declared.rollback { vec![told(rollback).message] } else { Vec::new() };
    let mut to = None;
    if let Missing::Differs { from, .. } = missing
        && let Some(further) = passes(past, from, asked)?
    {
        message.push(further);
        to = Some(from.commit.clone());
    }
    if *missing == Missing::NoHistory && on_server {
        message.push(
            "none can be shown: keep a record, or `git config core.logAllRefUpdates always` on the server".to_owned(),
        );
    }
    Ok((!message.is_empty()).then(|| WayBack { shown: false, to, message: message.join("; ") }))
}

/// Whether the change is a rollback, or what is missing.
pub(super) fn told(rollback: &Rollback) -> WayBack {
    match rollback {
        Rollback::Shown(state) => {
            let short = state.commit.get(..7).unwrap_or(&state.commit);
            let message = format!("shown: it goes back to {short}, the state before");
            WayBack { shown: true, to: Some(state.commit.clone()), message }
        }
        Rollback::NotShown(missing) => {
            let message = format!("not shown: {}", for_terminal(&missing.to_string()));
            WayBack { shown: false, to: None, message }
        }
    }
}

/// That a change which goes back to `state`, and does nothing else, would pass; none if it would not.
fn passes(past: &Past<'_>, state: &Return, asked: &Asked<'_>) -> Result<Option<String>, Faults> {
    let [one] = past.moves.as_slice() else {
        return Ok(None);
    };
    let found = ObjectId::from_hex(&state.commit).and_then(|id| past.repository.revision_at(id));
    // what is no longer there was compared a moment ago: then nothing is told
    let (Some(old), Ok(Some(to))) = (one.old, found) else {
        return Ok(None);
    };
    let stated: Vec<String> = asked.declared.environments.iter().map(|one| one.name.clone()).collect();
    let back = Past::new(past.repository, past.matcher, vec![Move { new: Some(to), ..one.clone() }]);
    let mut shown = Shown::default();
    look(past.repository, past.matcher, one.side(), (|| Ok(Some(old)), || Ok(Some(to))), None, &mut shown)?;
    // it is another commit that goes back, with a message of its own
    shown.said.clear();
    shown.hits.iter_mut().for_each(|hit| hit.speaker = None);
    let policy = past.matcher.policy();
    let reach = reach::reach(policy, asked.declared, Some(shown), asked.only);
    match back.judge(&reach, &stated, asked.folded, asked.at)? {
        Rollback::Shown(_) => {}
        Rollback::NotShown(_) => return Ok(None),
    }
    Ok(match judge::verdict(policy, asked.declared, &rolled_back(&reach), asked.at)? {
        Verdict::Allowed => {
            let left = hours(state.until.saturating_sub(asked.at));
            let how = one.new.and_then(|new| revert(past.repository, to, new));
            let how = how.map_or_else(|| "a change that goes".to_owned(), |command| format!("`{command}` goes"));
            Some(format!(
                "{how} back to {}, the state before: passes now; counts as a rollback for {left} h",
                short(to.commit)
            ))
        }
        Verdict::Refused => None,
    })
}

/// The command that gives the tree of `old` on top of `new`, if a plain revert does.
fn revert(repository: &Repository, old: Revision, new: Revision) -> Option<String> {
    match steps(repository, old.commit, new) {
        Ok(None | Some(0)) => None,
        Ok(Some(1)) => Some(format!("git revert {}", short(new.commit))),
        Ok(Some(_)) => Some(format!("git revert --no-edit {}..{}", short(old.commit), short(new.commit))),
        // history that is cut off gives no command, and no doubt about the decision either
        Err(_) => None,
    }
}

fn short(commit: CommitId) -> String {
    commit.to_string().chars().take(7).collect()
}

/// How many commits with one parent each lead from `new` back to `old`, each with a tree of its own.
fn steps(repository: &Repository, old: CommitId, new: Revision) -> Result<Option<usize>, EvidenceError> {
    let mut at = new;
    for step in 0..=MOST {
        if at.commit == old {
            return Ok(Some(step));
        }
        let commit = repository.commit(at.commit)?;
        let [parent] = commit.parents.as_slice() else {
            return Ok(None);
        };
        let parent = Revision { commit: *parent, tree: repository.commit(*parent)?.tree };
        if parent.tree == at.tree {
            return Ok(None);
        }
        at = parent;
    }
    Ok(None)
}
