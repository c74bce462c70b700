//! What a pipeline is, whoever runs it.

use std::fmt;

use super::provider::Provider;

/// The pipeline that we run in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// The provider that runs it.
    pub provider: Provider,
    /// The event that started it.
    pub kind: PipelineEvent,
    /// The attempt: the first one, or a repetition.
    pub attempt: Attempt,
    /// The commit that it runs for: the new side of the range.
    pub head: PipelineHead,
    /// The old side of the range, as the provider reports it.
    pub base: PipelineBase,
    /// The full name of the ref that is built (`refs/heads/main`, `refs/pull/7/merge`), if known.
    pub reference: Option<String>,
    /// The last commit of the pull request itself, in small letters, if known: the head may be its merge into the target.
    pub proposed: Option<String>,
    /// The full name of the branch that a pull request or a merge queue is about to change.
    pub target: Option<String>,
    /// The full name of the repository's default branch, if known.
    pub default_branch: Option<String>,
    /// The environment that the job is for, if the provider has such a thing and the job names one. Environments named by a workflow of GitHub are not told.
    pub environment: Option<String>,
    /// The person who caused the pipeline.
    pub actor: Option<String>,
    /// The person who started this very job or attempt: by hand, or once more.
    pub started_by: Option<String>,
    /// The repository, as the provider names it: `owner/name`.
    pub repository: Option<String>,
    /// The provider's id of the run.
    pub run: Option<String>,
    /// The place where people find it.
    pub url: Option<String>,
}

/// The event that started a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipelineEvent {
    /// Commits were pushed to a branch.
    Push,
    /// A tag was pushed, or its pipeline was started.
    Tag,
    /// A ref was deleted.
    Deletion,
    /// A pull request or merge request.
    PullRequest,
    /// A merge queue or merge train.
    MergeQueue,
    /// A deployment was asked for through the provider's interface for deployments.
    Deployment,
    /// A timetable.
    Schedule,
    /// A person, by hand.
    Manual,
    /// Another pipeline, or a program through the provider's interface.
    Triggered,
    /// The provider does not report it.
    NotTold,
    /// Something else, in the provider's word.
    Other(String),
}

impl Pipeline {
    /// Returns what a job that names the environment it deploys to is about, if that is something else than the provider says.
    ///
    /// Buildkite says of every build of a branch with an open pull request that it is the request's, and anybody may open one:
    /// <https://buildkite.com/docs/pipelines/configure/environment-variables>. Such a job deploys the branch that is built.
    #[must_use]
    pub fn deploying(&self) -> Option<Self> {
        let is_of_open_request = self.provider == Provider::Buildkite && self.kind == PipelineEvent::PullRequest;
        is_of_open_request.then(|| Self {
            kind: PipelineEvent::Push,
            base: PipelineBase::None(NoBase::NotTold),
            target: None,
            proposed: None,
            ..self.clone()
        })
    }

    /// Returns whether nothing is done by its answer yet: a pull request is judged again when it is merged, and a merge queue whose answer is only
    /// reported (`dry_run`). What a merge queue allows is merged, and nothing need judge it again.
    #[must_use]
    pub fn is_advisory(&self, dry_run: bool) -> bool {
        self.kind == PipelineEvent::PullRequest || (self.kind == PipelineEvent::MergeQueue && dry_run)
    }

    /// Returns whether it judges what is only to be merged: a pull request or a merge queue. Nothing goes anywhere by it yet.
    #[must_use]
    pub const fn is_proposal(&self) -> bool {
        match self.kind {
            PipelineEvent::PullRequest | PipelineEvent::MergeQueue => true,
            PipelineEvent::Push
            | PipelineEvent::Tag
            | PipelineEvent::Deletion
            | PipelineEvent::Deployment
            | PipelineEvent::Schedule
            | PipelineEvent::Manual
            | PipelineEvent::Triggered
            | PipelineEvent::NotTold
            | PipelineEvent::Other(_) => false,
        }
    }
}

/// The attempt: the first one, or a repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The first time.
    First,
    /// A re-run: what was told to the first attempt may be out of date.
    Again,
    /// The provider does not report it.
    NotTold,
}

/// The new side of the range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipelineHead {
    /// A commit id, in small letters.
    Commit(String),
    /// Whatever is checked out: the provider names no commit, or checks out another one than it names.
    CheckedOut,
}

/// The old side of the range, as the provider reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipelineBase {
    /// A commit. It may be absent from the clone.
    Commit {
        /// Its id, in small letters; for a tag that moved, possibly that of a tag object.
        id: String,
        /// Its kind.
        source: BaseSource,
        /// The variable or field that names it.
        given_by: &'static str,
    },
    /// A commit that was the base when the pipeline was created, and need not be now: another change may have been allowed since.
    Stale {
        /// As in [`PipelineBase::Commit`].
        id: String,
        /// As in [`PipelineBase::Commit`].
        source: BaseSource,
        /// As in [`PipelineBase::Commit`].
        given_by: &'static str,
        /// The reason why it is stale.
        because: Staleness,
    },
    /// The tip of the branch that the pull request targets; the full name of that branch.
    TargetBranch {
        /// `refs/heads/main`
        name: String,
        /// The variable that names it.
        given_by: &'static str,
    },
    /// None.
    None(NoBase),
}

/// The kind of a base commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseSource {
    /// The place where the ref stood before the push.
    BeforePush,
    /// The commit of the target branch that the pull request is compared with.
    PullRequest,
    /// The merge base of the pull request and its target, as the provider computed it, and perhaps for another target.
    MergeBase,
    /// The commit that the merge queue builds upon.
    MergeQueue,
    /// The commit of the job's last build that succeeded.
    LastSuccess,
}

/// The reason why a base is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staleness {
    /// The job runs once more, with what was told to the first attempt.
    Rerun,
    /// The job waited for a person to start it.
    StartedByHand,
}

/// The reason why there is no base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoBase {
    /// The ref is new, or this is its first pipeline (the id before is all zeros): everything in it counts as changed.
    NewRef,
    /// No build has succeeded yet.
    FirstBuild,
    /// Started by hand.
    Manual,
    /// Started by a timetable.
    Schedule,
    /// Started by another pipeline or program.
    Triggered,
    /// The provider reports none for this sort of pipeline.
    NotTold,
}

/// Who runs it, why, on whose behalf and for which environment: `GitLab CI: push by `jdoe` for the environment `production``.
impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.provider, self.kind)?;
        if self.attempt == Attempt::Again {
            f.write_str(", run again")?;
        }
        if let Some(name) = self.actor.as_ref().or(self.started_by.as_ref()) {
            write!(f, " by `{name}`")?;
        }
        if let Some(name) = &self.environment {
            write!(f, " for the environment `{name}`")?;
        }
        match (&self.actor, &self.started_by) {
            (Some(actor), Some(starter)) if actor != starter => write!(f, ", started by `{starter}`"),
            (Some(_), Some(_) | None) | (None, _) => Ok(()),
        }
    }
}

impl fmt::Display for PipelineEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Push => "push",
            Self::Tag => "tag",
            Self::Deletion => "deletion",
            Self::PullRequest => "pull request",
            Self::MergeQueue => "merge queue",
            Self::Deployment => "deployment",
            Self::Schedule => "schedule",
            Self::Manual => "started by hand",
            Self::Triggered => "triggered",
            Self::NotTold => "pipeline",
            Self::Other(name) => name,
        })
    }
}

impl fmt::Display for BaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforePush => "where the ref stood before the push",
            Self::PullRequest => "the base of the pull request",
            Self::MergeBase => "the merge base of the pull request",
            Self::MergeQueue => "the base of the merge queue",
            Self::LastSuccess => "the last build that succeeded",
        })
    }
}

impl fmt::Display for Staleness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rerun => "the job is run again, and another change may have been allowed since its first attempt",
            Self::StartedByHand => {
                "the job was started by hand, and another change may have been allowed since its pipeline began"
            }
        })
    }
}

impl fmt::Display for NoBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NewRef => "the ref is new, or has its first pipeline",
            Self::FirstBuild => "no build has succeeded yet",
            Self::Manual => "the pipeline was started by hand",
            Self::Schedule => "the pipeline was started by a timetable",
            Self::Triggered => "the pipeline was started by another one or by a program",
            Self::NotTold => "the provider names no earlier commit for this sort of pipeline",
        })
    }
}

impl PipelineBase {
    /// The same base for a job that does not run when its pipeline began.
    pub(super) fn stale(self, because: Staleness) -> Self {
        match self {
            Self::Commit { id, source, given_by } => Self::Stale { id, source, given_by, because },
            other @ (Self::Stale { .. } | Self::TargetBranch { .. } | Self::None(_)) => other,
        }
    }

    /// The same base, given which attempt this is.
    pub(super) fn at(self, attempt: Attempt) -> Self {
        match attempt {
            Attempt::Again => self.stale(Staleness::Rerun),
            Attempt::First | Attempt::NotTold => self,
        }
    }
}
