//! Which policy of a branch is in force: that of its newest state that has one that can be read.

use std::fmt::Display;

use crate::change::git::{Absence, CommitId, EvidenceError, RefName, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::fault::fault;
use crate::gate::request::{OrganisationChoice, PolicyPlace};
use crate::gate::source::{self, CommitPolicy, PolicySource, USUAL};
use crate::gate::world::World;

/// The most commits that are searched for a policy that can be read.
const MOST_COMMITS: usize = 100_000;

/// The policy of a branch.
pub(crate) enum InForce {
    /// This one.
    Policy {
        source: Box<PolicySource>,
        /// The reason why it is not that of the newest commit, if it is not.
        warning: Option<String>,
    },
    /// No state of the branch ever had a policy that can be read.
    Never {
        /// A problem with the policy of the newest commit, if it has one.
        newest: Option<Faults>,
    },
}

/// Finds the policy in force on a branch whose newest commit is `tip`: that of the newest first-parent state, from `tip` on
/// backwards, that has one that can be read.
///
/// # Errors
///
/// Objects that this repository lacks, and a policy that needs a newer program: an older policy is never used instead.
pub(crate) fn of_branch(
    args: &PolicyPlace,
    world: &dyn World,
    repository: &Repository,
    tip: Revision,
    branch: &dyn Display,
) -> Result<InForce, Faults> {
    let look_up = |revision| source::look_up(args, world, repository, revision, branch);
    // beside an organisation's policy, an edit of that decides what can be read, and must not bring an older state of this one back
    let never_older = matches!(args.organisation, OrganisationChoice::File(_));
    of_branch_by((&look_up, never_older), repository, tip, branch)
}

/// The same without the freezes that are added now, see [`look_up_then`](source::look_up_then).
///
/// # Errors
///
/// As [`of_branch`].
pub(crate) fn of_branch_alone(
    args: &PolicyPlace,
    world: &dyn World,
    repository: &Repository,
    tip: Revision,
    branch: &dyn Display,
) -> Result<InForce, Faults> {
    of_branch_by(
        (&|revision| source::look_up_then(args, world, repository, revision, branch), false),
        repository,
        tip,
        branch,
    )
}

fn of_branch_by(
    (look_up, never_older): (&dyn Fn(Revision) -> Result<source::CommitPolicyLookup, Faults>, bool),
    repository: &Repository,
    tip: Revision,
    branch: &dyn Display,
) -> Result<InForce, Faults> {
    let found = look_up(tip)?;
    let (lack, mut asked, mut newest) = match found.found {
        CommitPolicy::Loads(source) => return Ok(InForce::Policy { source, warning: None }),
        CommitPolicy::Absent => ("is gone".to_owned(), found.asked, None),
        CommitPolicy::Wrong(faults) if faults.is_too_old() || never_older => return Err(faults),
        CommitPolicy::Wrong(faults) => (format!("can't be read: {}", first_cause(&faults)), found.asked, Some(faults)),
    };
    let mut newer = tip.commit;
    for _ in 0..MOST_COMMITS {
        let Some(older) = first_parent(repository, newer)? else {
            return Ok(InForce::Never { newest: newest.take() });
        };
        if is_same(repository, newer, older, &asked)? {
            newer = older;
            continue;
        }
        newer = older;
        let Some(revision) = repository.revision_at(older.object()).map_err(fault)? else {
            continue;
        };
        let found = look_up(revision)?;
        match found.found {
            CommitPolicy::Loads(source) => {
                let warning = format!(
                    "the policy on {branch} at {} {lack}; in force is that of {}, the newest state before it that can be read; push a policy that can be read",
                    tip.commit.short(),
                    revision.commit.short(),
                );
                return Ok(InForce::Policy { source, warning: Some(warning) });
            }
            CommitPolicy::Wrong(faults) if faults.is_too_old() => return Err(faults),
            CommitPolicy::Absent | CommitPolicy::Wrong(_) => asked = found.asked,
        }
    }
    let cause = format!("none of the newest {MOST_COMMITS} states of {branch} has a readable policy");
    Err(Faults::one(
        Diagnostic::error(Code::NoPolicy, cause)
            .help("an administrator must name one outside the repository: `--policy /absolute/path.toml`"),
    ))
}

/// The newest of all commits that lead to `tip` and have a policy that can be read, by whichever parent: whoever merges chooses which comes
/// first.
///
/// # Errors
///
/// As [`of_branch`], and more than [`MOST_MERGED`] commits.
pub(crate) fn newest_of_all(
    args: &PolicyPlace,
    world: &dyn World,
    repository: &Repository,
    tip: Revision,
) -> Result<Option<Revision>, Faults> {
    let found = repository.new_commits([]).and_then(|mut walk| walk.of(tip.commit, MOST_MERGED)).map_err(fault)?;
    if let Some(cut_off) = found.cut_off.first() {
        return Err(shallow_from(*cut_off));
    }
    let mut without: Option<(CommitId, Vec<String>)> = None;
    for commit in found.commits {
        if let Some((other, asked)) = &without
            && is_same(repository, *other, commit, asked)?
        {
            continue;
        }
        let Some(revision) = repository.revision_at(commit.object()).map_err(fault)? else {
            continue;
        };
        let found = source::look_up(args, world, repository, revision, &"an earlier commit")?;
        match found.found {
            CommitPolicy::Loads(_) => return Ok(Some(revision)),
            CommitPolicy::Wrong(faults) if faults.is_too_old() => return Err(faults),
            CommitPolicy::Absent | CommitPolicy::Wrong(_) => without = Some((commit, found.asked)),
        }
    }
    Ok(None)
}

/// The most commits among which a policy is looked for where none of a branch's states had one.
const MOST_MERGED: usize = 200_000;

/// Returns whether the commit `other` has the same policy as `own`, whose policy is `source`: the same at all paths that decide it.
pub(crate) fn is_same_policy(
    repository: &Repository,
    source: &PolicySource,
    own: Revision,
    other: Revision,
) -> Result<bool, Faults> {
    let paths: Vec<String> = source.paths().into_iter().chain(USUAL).map(str::to_owned).collect();
    Ok(own.commit == other.commit || is_same(repository, own.commit, other.commit, &paths)?)
}

/// Returns whether two commits have the same at each of `paths`.
fn is_same(repository: &Repository, one: CommitId, other: CommitId, paths: &[String]) -> Result<bool, Faults> {
    for path in paths {
        if !repository.is_same_at(one, other, path).map_err(fault)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn first_parent(repository: &Repository, commit: CommitId) -> Result<Option<CommitId>, Faults> {
    let parent = repository.commit(commit).map_err(fault)?.parents.first().copied();
    let Some(parent) = parent else {
        return Ok(None);
    };
    match repository.commit(parent) {
        Ok(_) => Ok(Some(parent)),
        Err(EvidenceError::MissingObject { absence: Absence::Shallow, .. }) => Err(shallow_from(commit)),
        Err(error) => Err(fault(error)),
    }
}

fn shallow_from(commit: CommitId) -> Faults {
    let cause = format!("the clone is shallow and begins at {commit}: an older policy is not known");
    Faults::one(
        Diagnostic::error(Code::NoPolicy, cause).help(
            "fetch all of history: `git fetch --unshallow`, or name a policy that you trust: `--policy-from COMMIT`",
        ),
    )
}

/// Returns the first fault in one sentence, with its line.
fn first_cause(faults: &Faults) -> String {
    let Some(first) = faults.diagnostics.first() else {
        return "it is wrong".to_owned();
    };
    let place = first.place.map(|place| format!("{}: ", faults.sources.cite(place)));
    for_terminal(&format!("{}{}", place.unwrap_or_default(), first.cause)).into_owned()
}

/// Returns the name of a branch for people, in backticks.
pub(crate) fn named(branch: &RefName) -> String {
    let name = branch.to_string();
    format!("`{}`", name.strip_prefix("refs/heads/").unwrap_or(&name))
}
