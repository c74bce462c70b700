//! Finding the repository of the working directory, and what is known of its commits.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::change::ci::{self, CiError};
use crate::change::git::{CommitId, EvidenceError, GitEnvironment, Repository};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{for_terminal, system_words};
use crate::gate::fault::fault;
use crate::gate::world::World;
use crate::proof::fetch::{FetchLimits, Remote};

/// Returns whether `commit` is `tip` or an ancestor of it; `false` if history is missing that would show it.
pub(crate) fn is_ancestor(repository: &Repository, commit: CommitId, tip: CommitId) -> Result<bool, EvidenceError> {
    match repository.merge_base(tip, commit) {
        Ok(base) => Ok(base == commit),
        Err(
            EvidenceError::NoMergeBase { .. }
            | EvidenceError::SeveralMergeBases { .. }
            | EvidenceError::MissingObject { .. },
        ) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Finds the repository of the working directory, for what a person asks.
///
/// The nearest `.git` decides. `GIT_DIR` may name the bare repository that the working directory lies in, which git sets
/// in a hook; it never leads to another repository than one that the working directory lies in.
pub(crate) fn here(world: &dyn World) -> Result<Repository, Faults> {
    let found = Repository::discover(Path::new("."));
    let Some(named) = named(world)? else {
        return found.map_err(fault);
    };
    match found {
        Err(EvidenceError::NoRepository { .. }) => Ok(named),
        Err(error) => Err(fault(error)),
        Ok(found) if is_same(found.git_dir(), named.git_dir())? => Ok(found),
        Ok(_) if named.work_tree().is_none() && is_inside(Path::new("."), named.git_dir())? => Ok(named),
        Ok(found) => Err(Faults::one(names_another(&named, &found))),
    }
}

/// The same; `None` if the working directory lies in none, and no variable names one.
pub(crate) fn here_if_any(world: &dyn World) -> Result<Option<Repository>, Faults> {
    match (Repository::discover(Path::new(".")), named(world)?) {
        (Err(EvidenceError::NoRepository { .. }), None) => Ok(None),
        (Ok(_) | Err(_), Some(_) | None) => here(world).map(Some),
    }
}

/// Finds the repository of a job, which must be one that the change itself did not bring.
///
/// # Errors
///
/// No repository, or one that a commit can bring along: a submodule, what a symbolic link leads to outside of the folder
/// that the provider checks out into, or what `GIT_DIR` names.
pub(crate) fn of_job(world: &dyn World) -> Result<Repository, Faults> {
    let found = Repository::discover(Path::new(".")).map_err(fault)?;
    if let Some(named) = named(world)?
        && !is_same(found.git_dir(), named.git_dir())?
    {
        return Err(Faults::one(names_another(&named, &found)));
    }
    let root = Repository::root_above(Path::new(".")).map_err(fault)?;
    let root = root.map_or_else(|| whole(found.git_dir()), Ok)?;
    in_workspace(&root, world)?;
    let mut inner = root.clone();
    while let Some(outer) = inner.parent().map(Repository::root_above).transpose().map_err(fault)?.flatten() {
        let around = Repository::open_at(&outer).map_err(fault)?;
        if !is_same(around.common_dir(), found.common_dir())? {
            let path = root.strip_prefix(&outer).unwrap_or(&root);
            if is_inside(found.git_dir(), around.common_dir())?
                || around.is_submodule_of_head(path.as_os_str().as_encoded_bytes()).map_err(fault)?
            {
                return Err(Faults::one(submodule(&root, &outer)));
            }
        }
        inner = outer;
    }
    Ok(found)
}

/// Finds the repository of a job or of a person.
pub(crate) fn of(world: &dyn World, is_job: bool) -> Result<Repository, Faults> {
    if is_job { of_job(world) } else { here(world) }
}

/// The same repository, with what it lacks fetched from its remote.
pub(crate) fn fetching(repository: Repository) -> Result<Repository, Faults> {
    let remote = Remote::of(&repository, FetchLimits::default()).map_err(fault)?;
    repository.supplied_by(Box::new(remote)).map_err(fault)
}

/// The repository that git's variables name.
fn named(world: &dyn World) -> Result<Option<Repository>, Faults> {
    let environment = GitEnvironment::from_variables(|name| world.variable(name));
    // what a quarantine holds is for the hook alone
    let environment = GitEnvironment { git_dir: environment.git_dir, ..GitEnvironment::default() };
    match environment.git_dir {
        None => Ok(None),
        Some(_) => Repository::open_in(&environment, Path::new(".")).map(Some).map_err(fault),
    }
}

/// Checks that `root` lies in the folder that the provider checks out into: a symbolic link that the change brings can lead
/// the working directory anywhere on a machine that several jobs share.
fn in_workspace(root: &Path, world: &dyn World) -> Result<(), Faults> {
    let not_text = RefCell::new(None);
    let read = |name: &str| match world.variable(name)?.into_string() {
        Ok(value) => Some(value),
        Err(_) => {
            not_text.borrow_mut().get_or_insert_with(|| name.to_owned());
            None
        }
    };
    let found = ci::workspace(&read);
    if let Some(name) = not_text.into_inner() {
        let cause = format!("the variable `{name}` is not UTF-8");
        let help = format!("fix it where the job sets it, or `unset {name}`");
        return Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(help)));
    }
    let (variable, folder) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(()),
        // reported where the job is read; with `--no-ci` no variable of a provider counts
        Err(CiError::Several(_)) => return Ok(()),
        Err(error) => return Err(Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string()))),
    };
    let whole = match Path::new(&folder).canonicalize() {
        Ok(whole) => whole,
        // a folder that is not there holds no checkout, so the variable says nothing
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let cause = format!("the folder `{folder}` (from `{variable}`) can't be read: {}", system_words(&error));
            let help = format!("make sure that the job may enter it; if it checks out elsewhere: `unset {variable}`");
            return Err(Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(help)));
        }
    };
    if root.starts_with(&whole) || whole.starts_with(root) {
        return Ok(());
    }
    let cause =
        format!("the working directory is in `{}`, outside of `{variable}` (`{}`)", root.display(), whole.display());
    Err(Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(format!(
        "run the check in the checkout of the change; if the job checks out elsewhere on purpose: `unset {variable}`"
    ))))
}

fn submodule(inner: &Path, outer: &Path) -> Diagnostic {
    let cause = format!("the working directory is in `{}`, a submodule of `{}`", inner.display(), outer.display());
    Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(for_terminal(&format!(
        "run the check in the repository itself, `cd '{}'`: the change chooses what a submodule holds",
        outer.display()
    )))
}

fn names_another(named: &Repository, found: &Repository) -> Diagnostic {
    let cause = format!(
        "`GIT_DIR` names `{}`, but the working directory is in `{}`",
        named.git_dir().display(),
        found.git_dir().display()
    );
    Diagnostic::error(Code::NoEvidence, for_terminal(&cause))
        .help("run the command in the repository that is meant, and remove `GIT_DIR`: `unset GIT_DIR`")
}

fn is_same(one: &Path, other: &Path) -> Result<bool, Faults> {
    Ok(whole(one)? == whole(other)?)
}

fn is_inside(path: &Path, folder: &Path) -> Result<bool, Faults> {
    Ok(whole(path)?.starts_with(whole(folder)?))
}

fn whole(path: &Path) -> Result<PathBuf, Faults> {
    path.canonicalize().map_err(|error| {
        let cause = format!("the path of `{}` can't be read: {error}", path.display());
        Faults::one(
            Diagnostic::error(Code::NoEvidence, for_terminal(&cause))
                .help("make sure that you may enter the folders on the way to it"),
        )
    })
}
