//! What a push that arrives says, compared with what the repository holds.

use crate::change::git::{Head, RefName, Refs, Repository};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::fault::fault;
use crate::gate::push::update::Update;
use crate::shell::shell_word;

/// The error for a pre-receive hook that is given no ref.
pub(crate) fn nothing() -> Faults {
    let cause = "`hook pre-receive` was given no refs: another hook read them first";
    Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(
        "whatever runs several hooks has to give each its own copy of standard input: \
         `input=$(cat); printf '%s\\n' \"$input\" | freezegate hook pre-receive`",
    ))
}

/// Refuses a push that says of a ref what is not true of it here.
///
/// git hands over the old id that the *client* sent, and of a deletion it does not compare it with the ref
/// (`update` in git's `builtin/receive-pack.c`). So the end that the change is compared with is read from the repository.
pub(crate) fn hold_against(updates: &[Update], refs: &Refs<'_>) -> Result<(), Faults> {
    for update in updates {
        let now = refs.object(&update.name).map_err(fault)?;
        let said = Some(update.old).filter(|old| !old.is_zero());
        let name = &update.name;
        let (cause, help) = match (now, said) {
            (None, None) if update.new.is_zero() => {
                (format!("the push deletes `{name}`, which does not exist here"), "leave it out of the push")
            }
            (now, said) if now == said => continue,
            (Some(now), Some(said)) => (format!("`{name}` is at {now}, not at {said} as the push says"), AGAIN),
            (Some(now), None) => (format!("`{name}` is at {now}, and the push says that it does not exist"), AGAIN),
            (None, said) => {
                let said = said.map_or_else(String::new, |said| format!(", and the push says that it is at {said}"));
                (format!("`{name}` does not exist here{said}"), AGAIN)
            }
        };
        return Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(help)));
    }
    Ok(())
}

/// Refuses a push to a linked work tree: whoever pushes chose the path, and `HEAD` there names another default branch.
pub(crate) fn is_to_the_repository(repository: &Repository) -> Result<(), Faults> {
    if !repository.is_linked_work_tree() {
        return Ok(());
    }
    let cause = "this push goes to a linked work tree, with a `HEAD` of its own";
    let path = repository.common_dir().display().to_string();
    let help = format!("push to the repository itself: {}", for_terminal(&path));
    Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(help)))
}

const AGAIN: &str = "somebody else may have pushed meanwhile: `git fetch`, and push again";

/// Returns the names of the default branch: every branch on the way from `HEAD`. `None` if that is not known: then any branch
/// counts as it.
///
/// A repository without branches has no default branch yet. Where there are branches and `HEAD` leads to none of them, nobody
/// knows whose policy is in force.
pub(crate) fn default_branch(
    head: &Head,
    refs: &Refs<'_>,
    repository: &Repository,
    policy_is_in_repository: bool,
) -> Result<Option<Vec<RefName>>, Faults> {
    let is_branch = |name: &RefName| name.as_bytes().starts_with(b"refs/heads/");
    let branch = head.branch.as_ref();
    if let Some(branch) = branch.filter(|branch| head.revision.is_some() && is_branch(branch)) {
        return refs.along(branch).map(Some).map_err(fault);
    }
    if !policy_is_in_repository {
        return Ok(None);
    }
    let all = repository.refs().map_err(fault)?;
    let mut branches = all.iter().map(|one| &one.name).filter(|name| is_branch(name));
    let Some(first) = branches.clone().next() else {
        return Ok(None);
    };
    let usual = |name: &&RefName| [&b"refs/heads/main"[..], b"refs/heads/master"].contains(&name.as_bytes());
    let likely = branches.find(usual).unwrap_or(first);
    let cause = match branch {
        None => "`HEAD` of this repository is detached, so nothing says which branch is the default one".to_owned(),
        Some(branch) if is_branch(branch) => {
            format!(
                "`HEAD` of this repository leads to `{branch}`, which does not exist, though there are other branches"
            )
        }
        Some(other) => format!("`HEAD` of this repository leads to `{other}`, which is not a branch"),
    };
    Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(format!(
        "the policy is read from the default branch; an administrator sets it: `git symbolic-ref HEAD {}`",
        shell_word(&likely.to_string())
    ))))
}
