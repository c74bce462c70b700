//! GitLab CI/CD: <https://docs.gitlab.com/ci/variables/predefined_variables/>, and for `CI_PIPELINE_SOURCE`
//! <https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable>.
//!
//! `CI_COMMIT_BEFORE_SHA` is all zeros in merge request pipelines, in a ref's first pipeline, and when a pipeline is started by hand or (which the
//! page does not say: <https://gitlab.com/gitlab-org/gitlab/-/issues/493695>) by a schedule. A job that is retried is not marked as such. `CI_MERGE_REQUEST_DIFF_BASE_SHA` keeps its value when
//! a request is given another target (<https://gitlab.com/gitlab-org/gitlab/-/issues/442031>).

use super::variables::{Id, Variables, branch, tag};
use super::{
    Attempt, BaseSource, CiError, NoBase, Pipeline, PipelineBase, PipelineEvent, PipelineHead, Provider, Staleness,
};

pub(super) fn read(variables: &Variables<'_>) -> Result<Pipeline, CiError> {
    for name in ["CI_ENVIRONMENT_NAME", "CI_DEFAULT_BRANCH", "CI_COMMIT_BRANCH", "CI_COMMIT_TAG"] {
        variables.not_emptied(name)?;
    }
    let request = request(variables)?;
    let kind = match &request {
        Some(request) => request.kind.clone(),
        None => kind(variables)?,
    };
    let by_hand = variables.is("CI_JOB_MANUAL", "true");
    let mut base = match &request {
        Some(request) => request.base.clone(),
        None => before(variables, &kind)?,
    };
    if by_hand {
        base = base.stale(Staleness::StartedByHand);
    }
    let reference = match (
        variables.get("CI_MERGE_REQUEST_REF_PATH"),
        variables.get("CI_COMMIT_TAG"),
        variables.get("CI_COMMIT_BRANCH"),
    ) {
        (Some(path), ..) if path.starts_with("refs/") => Some(path),
        (Some(value), ..) => {
            return Err(CiError::NotARef { name: "CI_MERGE_REQUEST_REF_PATH", value });
        }
        (None, Some(name), _) => Some(tag(&name)),
        (None, None, name) => name.map(|name| branch(&name)),
    };
    let merged = "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA";
    let own = match &request {
        Some(_) => variables.id(merged)?.map(|id| id.commit(merged)).transpose()?,
        None => None,
    };
    // "The user who started the pipeline, unless the job is a manual job": then who started that.
    let user = variables.get("GITLAB_USER_LOGIN");
    Ok(Pipeline {
        provider: Provider::GitLab,
        kind,
        attempt: Attempt::NotTold,
        head: PipelineHead::Commit(variables.commit("CI_COMMIT_SHA")?),
        base,
        reference,
        proposed: own,
        target: request.map(|request| branch(&request.target)),
        default_branch: variables.get("CI_DEFAULT_BRANCH").map(|name| branch(&name)),
        environment: variables.get("CI_ENVIRONMENT_NAME"),
        actor: if by_hand { None } else { user.clone() },
        started_by: user,
        repository: variables.get("CI_PROJECT_PATH"),
        run: variables.get("CI_JOB_ID"),
        url: variables.get("CI_JOB_URL"),
    })
}

/// A merge request, or a pull request of a mirrored repository.
struct Request {
    kind: PipelineEvent,
    base: PipelineBase,
    target: String,
}

/// Told by its variables, not by the source of the pipeline: child pipelines of one have another source.
fn request(variables: &Variables<'_>) -> Result<Option<Request>, CiError> {
    let external = "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME";
    if let Some(target) = variables.get(external) {
        let base = commit(variables, "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA", BaseSource::PullRequest)?;
        let base = base.unwrap_or_else(|| PipelineBase::TargetBranch { name: branch(&target), given_by: external });
        return Ok(Some(Request { kind: PipelineEvent::PullRequest, base, target }));
    }
    let internal = "CI_MERGE_REQUEST_TARGET_BRANCH_NAME";
    let Some(target) = variables.get(internal) else {
        return Ok(None);
    };
    // "Not available in merge request pipelines or tag pipelines"
    for of_push in ["CI_COMMIT_BRANCH", "CI_COMMIT_TAG"] {
        if let Some(value) = variables.get(of_push) {
            return Err(CiError::Contradiction { one: (internal, target), other: (of_push, value) });
        }
    }
    let train = variables.is("CI_MERGE_REQUEST_EVENT_TYPE", "merge_train");
    let (kind, source) = if train {
        (PipelineEvent::MergeQueue, BaseSource::MergeQueue)
    } else {
        (PipelineEvent::PullRequest, BaseSource::PullRequest)
    };
    // The first is set where the commit that is built merges the branch into its target, the second always. A train builds upon the requests
    // before it, so the second would be no base for it.
    let mut base = commit(variables, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA", source)?;
    if base.is_none() && !train {
        base = commit(variables, "CI_MERGE_REQUEST_DIFF_BASE_SHA", BaseSource::MergeBase)?;
    }
    let base = base.unwrap_or_else(|| PipelineBase::TargetBranch { name: branch(&target), given_by: internal });
    Ok(Some(Request { kind, base, target }))
}

fn commit(
    variables: &Variables<'_>,
    given_by: &'static str,
    source: BaseSource,
) -> Result<Option<PipelineBase>, CiError> {
    Ok(match variables.id(given_by)? {
        Some(Id::Commit(id)) => Some(PipelineBase::Commit { id, source, given_by }),
        Some(Id::Zero(_)) | None => None,
    })
}

fn kind(variables: &Variables<'_>) -> Result<PipelineEvent, CiError> {
    let source = variables.required("CI_PIPELINE_SOURCE")?;
    Ok(match source.as_str() {
        "push" | "webide" if variables.get("CI_COMMIT_TAG").is_some() => PipelineEvent::Tag,
        "push" | "webide" => PipelineEvent::Push,
        "schedule" => PipelineEvent::Schedule,
        "web" | "chat" => PipelineEvent::Manual,
        "api" | "trigger" | "pipeline" | "parent_pipeline" => PipelineEvent::Triggered,
        _ => PipelineEvent::Other(source),
    })
}

fn before(variables: &Variables<'_>, kind: &PipelineEvent) -> Result<PipelineBase, CiError> {
    let name = "CI_COMMIT_BEFORE_SHA";
    if let Some(base) = commit(variables, name, BaseSource::BeforePush)? {
        return Ok(base);
    }
    variables.required(name)?;
    Ok(PipelineBase::None(match kind {
        PipelineEvent::Push | PipelineEvent::Tag => NoBase::NewRef,
        PipelineEvent::Schedule => NoBase::Schedule,
        PipelineEvent::Manual => NoBase::Manual,
        PipelineEvent::Triggered => NoBase::Triggered,
        PipelineEvent::Deletion
        | PipelineEvent::PullRequest
        | PipelineEvent::MergeQueue
        | PipelineEvent::Deployment
        | PipelineEvent::NotTold
        | PipelineEvent::Other(_) => NoBase::NotTold,
    }))
}
