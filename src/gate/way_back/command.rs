//! The commands that take a change back.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::change::git::{CommitId, EvidenceError, Repository, Revision, TreeId};
use crate::escape::for_terminal;
use crate::gate::history::Past;
use crate::gate::way_back::pieces::{Former, MOST_NAMED, ReturnedPath};
use crate::shell::shell_word;

/// Nobody reverts more commits than this without looking.
const MOST: usize = 100;

/// The command that makes `tree` of what is checked out, path by path; none if it would be too long, or no line of shell.
pub(crate) fn restore(
    past: &Past<'_>,
    (old, new): (Revision, Revision),
    tree: TreeId,
    back: &BTreeMap<Vec<u8>, ReturnedPath>,
    formers: &[Former<'_>],
) -> Option<String> {
    let mut sources: Vec<(CommitId, Vec<String>)> = Vec::new();
    let mut count = 0;
    let mut is_plain = true;
    let walked = past.context.repository.changed_paths(Some(new.tree), Some(tree), &mut |path, _| {
        count += 1;
        let former = back.get(path).and_then(|piece| formers.get(piece.former));
        let source = former.map_or(old.commit, |former| former.revision.commit);
        match std::str::from_utf8(path) {
            Ok(text) if count <= MOST_NAMED && for_terminal(text) == text => {
                let word = shell_word(&pathspec(text)).into_owned();
                match sources.iter_mut().find(|(commit, _)| *commit == source) {
                    Some((_, paths)) => paths.push(word),
                    None => sources.push((source, vec![word])),
                }
                ControlFlow::Continue(())
            }
            Ok(_) | Err(_) => {
                is_plain = false;
                ControlFlow::Break(())
            }
        }
    });
    if walked.is_err() || !is_plain || sources.is_empty() {
        return None;
    }
    let restores = sources
        .iter()
        .map(|(commit, paths)| format!("git restore --source={} -SW -- {}", commit.short(), paths.join(" ")));
    let restores: Vec<String> = restores.collect();
    // what else is staged is left out, as it was not judged
    let paths: Vec<&str> = sources.iter().flat_map(|(_, paths)| paths).map(String::as_str).collect();
    Some(format!("{} && git commit -m \"Roll back\" -- {}", restores.join(" && "), paths.join(" ")))
}

/// A path from the root of the work tree, in which nothing is a wildcard (gitglossary(7), "pathspec").
fn pathspec(path: &str) -> String {
    if path.contains(['*', '?', '[', '\\']) { format!(":(top,literal){path}") } else { format!(":/{path}") }
}

/// A command that reverts commits.
pub(crate) struct RevertCommand {
    pub(crate) text: String,
    /// True if it reverts more than one commit, each by itself.
    pub(crate) is_of_several: bool,
}

/// The command that gives the tree of `old` on top of `new`, if a plain revert does.
pub(crate) fn revert(repository: &Repository, old: Revision, new: Revision) -> Option<RevertCommand> {
    let (text, is_of_several) = match steps(repository, old.commit, new) {
        Ok(None) if is_merge_into(repository, old, new).unwrap_or(false) => {
            (format!("git revert -m 1 --no-edit {}", new.commit.short()), false)
        }
        Ok(None | Some(0)) => return None,
        Ok(Some(1)) => (format!("git revert --no-edit {}", new.commit.short()), false),
        Ok(Some(_)) => (format!("git revert --no-edit {}..{}", old.commit.short(), new.commit.short()), true),
        // history that is cut off gives no command, and no doubt about the decision either
        Err(_) => return None,
    };
    Some(RevertCommand { text, is_of_several })
}

/// Returns whether `new` is one merge into `old`, which changes something: then reverting what it brought to its first parent gives the tree of that.
fn is_merge_into(repository: &Repository, old: Revision, new: Revision) -> Result<bool, EvidenceError> {
    let parents = repository.commit(new.commit)?.parents;
    Ok(parents.len() > 1 && parents.first() == Some(&old.commit) && new.tree != old.tree)
}

/// Returns how many commits with one parent each lead from `new` back to `old`, each with a tree of its own.
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
