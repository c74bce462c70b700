//! What takes a refused push back, told only where it is known to pass.

use crate::change::git::{CommitId, EvidenceError, Repository, Revision};
use crate::cli::evidence::{fault, too_much};
use crate::cli::judge;
use crate::decision::Verdict;
use crate::diagnostic::Faults;
use crate::reach::{Matcher, RefSide, Shown};

/// Nobody reverts more commits than this without looking.
const MOST: usize = 100;

/// The command that brings a branch back to `old`, and that this passes at `at`; none if it does not, or if no plain revert
/// gives just the old tree: merges stand between the two, commits that change nothing, or nothing at all.
pub(super) fn undo(
    repository: &Repository,
    matcher: &Matcher<'_>,
    side: RefSide<'_>,
    (old, new): (Revision, Revision),
    at: i64,
) -> Result<Option<String>, Faults> {
    let steps = steps(repository, old.commit, new).map_err(fault)?;
    let short = |commit: CommitId| commit.to_string().chars().take(7).collect::<String>();
    let range = match steps {
        None | Some(0) => return Ok(None),
        Some(1) => short(new.commit),
        Some(_) => format!("--no-edit {}..{}", short(old.commit), short(new.commit)),
    };
    // the tree is the old one: no path differs, and what is left is what the ref alone shows
    let mut shown = Shown::default();
    let of_ref = matcher.of_ref(side).map_err(|error| too_much(&error))?;
    of_ref.alone(&mut shown).map_err(|error| too_much(&error))?;
    Ok(match judge::verdict(matcher.policy(), shown, at)? {
        Verdict::Allowed => Some(format!("`git revert {range}` returns to {}: passes now", short(old.commit))),
        Verdict::Refused => None,
    })
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
