//! A policy that the command line names: an administrator's file, or that of a commit.

use crate::change::git::Repository;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::fault::of_option;
use crate::gate::request::{CheckRequest, OrganisationChoice, PolicyPlace};
use crate::gate::source::{self, PolicySource, no_policy};
use crate::gate::world::World;
use std::path::Path;
use std::sync::Arc;

/// A policy that the change could not touch.
pub(crate) struct Trusted {
    pub(crate) source: Arc<PolicySource>,
    /// The reason why its commit may be one that was refused.
    pub(crate) warnings: Vec<String>,
    /// True if the change brings it, as the first policy that the default branch ever had.
    pub(crate) is_first: bool,
}

impl Trusted {
    /// A policy without doubts about its commit.
    pub(crate) fn new(source: PolicySource) -> Self {
        Self { source: Arc::new(source), warnings: Vec::new(), is_first: false }
    }
}

/// The help if the commit to trust has no policy.
pub(crate) const BEGIN: &str = "push a policy to the default branch: if no commit before it ever had one, it passes, and judges what comes after it. Else name a policy that you trust: `--policy-from COMMIT`, or `--policy /absolute/path.toml`; `--dry-run` refuses nothing";

/// The help if the commit to trust is not known.
pub(crate) const NAME: &str = "give the change: `--range OLD..NEW`, with the last allowed commit as OLD; or name a policy that you trust: `--policy-from COMMIT`, or `--policy /absolute/path.toml`";

/// Files that the command line names by their absolute paths, outside of what the change brought.
pub(crate) fn administrators(
    args: &CheckRequest,
    world: &dyn World,
    repository: Option<&Repository>,
) -> Result<Trusted, Faults> {
    let wrong = |path: &Path, why: &str| {
        Faults::one(
            Diagnostic::error(Code::NoPolicy, format!("`--policy {}` {why}", path.display()))
                .help("give the absolute path of a file that no change can write"),
        )
    };
    if args.policy_from.is_some() {
        return Err(Faults::one(
            Diagnostic::error(Code::InvalidUsage, "`--policy-from` and an absolute `--policy`")
                .help("give only one: a file of a commit, or a file of this machine"),
        ));
    }
    // `core.worktree` and `core.bare` of the checkout may name another folder, or none
    let found = world.work_tree().map_err(Faults::one)?;
    let roots: Vec<&Path> = repository.and_then(Repository::work_tree).into_iter().chain(found.as_deref()).collect();
    for path in &args.policy.files {
        if path.is_relative() {
            return Err(wrong(path, "is relative, and others are absolute"));
        }
        if roots.iter().any(|root| is_within(path, root)) {
            return Err(wrong(path, "is in the work tree, which the change controls"));
        }
    }
    Ok(Trusted::new(source::of_administrator(&args.policy, world)?))
}

/// Checks that no change can bring the file, where the answer is enforced.
///
/// # Errors
///
/// A relative path, or one in the work tree.
pub(crate) fn organisation_is_an_administrators(
    args: &PolicyPlace,
    world: &dyn World,
    repository: Option<&Repository>,
) -> Result<(), Faults> {
    let OrganisationChoice::File(path) = &args.organisation else {
        return Ok(());
    };
    let wrong = |why: &str| {
        let cause = format!("`--organisation-policy {}` {why}", path.display());
        let help = "give the absolute path of a file that no change can write, such as a checkout beside this one";
        Err(Faults::one(Diagnostic::error(Code::NoPolicy, cause).help(help)))
    };
    if path.is_relative() {
        return wrong("is relative");
    }
    let found = world.work_tree().map_err(Faults::one)?;
    let roots: Vec<&Path> = repository.and_then(Repository::work_tree).into_iter().chain(found.as_deref()).collect();
    if roots.iter().any(|root| is_within(path, root)) {
        return wrong("is in the work tree, which the change controls");
    }
    Ok(())
}

/// Returns whether `path` lies below `root`, links followed. A link that can't be followed will not be read either.
pub(crate) fn is_within(path: &Path, root: &Path) -> bool {
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        (Err(_), _) | (_, Err(_)) => path.starts_with(root),
    }
}

/// The policy that the command line names, if it names one.
///
/// # Errors
///
/// One that is not to be trusted, or is not available.
pub(crate) fn named(
    args: &CheckRequest,
    world: &dyn World,
    repository: Option<&Repository>,
) -> Result<Option<Trusted>, Faults> {
    if source::is_outside(&args.policy) {
        return administrators(args, world, repository).map(Some);
    }
    let (Some(name), Some(repository)) = (&args.policy_from, repository) else {
        return Ok(None);
    };
    let revision = repository.revision(name).map_err(|error| of_option("--policy-from", name, error))?;
    match source::in_commit(&args.policy, world, repository, revision, &format!("`{name}`"))? {
        Some(source) => Ok(Some(Trusted::new(source))),
        None => Err(no_policy(format!("there is no policy in the commit {} ({name})", revision.commit), BEGIN)),
    }
}
