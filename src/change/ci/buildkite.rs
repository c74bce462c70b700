//! Buildkite: <https://buildkite.com/docs/pipelines/configure/environment-variables>.
//!
//! A push does not say where the branch stood before. A branch that has an open pull request has the pull request's variables in every build,
//! whatever started it, and whoever opens the request chooses its base. So builds of the default branch are never taken for a pull request:
//! one from `main` into a branch that equals it would make every change of `main` look empty.

use super::variables::{Variables, branch, tag};
use super::{Attempt, BaseSource, CiError, NoBase, Pipeline, PipelineBase, PipelineEvent, PipelineHead, Provider};

pub(super) fn read(variables: &Variables<'_>) -> Result<Pipeline, CiError> {
    let attempt = attempt(variables);
    let built = variables.required("BUILDKITE_BRANCH")?;
    let tagged = variables.get("BUILDKITE_TAG");
    let (kind, base, target) = event_and_base(variables, &built, tagged.is_some())?;
    // "Can also be a symbolic name like `HEAD`."
    let head = match variables.required("BUILDKITE_COMMIT")? {
        name if name == "HEAD" => PipelineHead::CheckedOut,
        _ => PipelineHead::Commit(variables.commit("BUILDKITE_COMMIT")?),
    };
    let reference = match tagged {
        Some(name) => Some(tag(&name)),
        // `user:branch` of a fork: no ref of this repository.
        None => Some(built).filter(|name| !name.contains(':')).map(|name| branch(&name)),
    };
    Ok(Pipeline {
        provider: Provider::Buildkite,
        kind,
        attempt,
        head,
        base: base.at(attempt),
        reference,
        proposed: None,
        target,
        default_branch: variables.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH").map(|name| branch(&name)),
        environment: variables.get("BUILDKITE_GITHUB_DEPLOYMENT_ENVIRONMENT"),
        // For webhooks, who the commit says wrote it.
        actor: variables.get("BUILDKITE_BUILD_CREATOR"),
        started_by: variables.get("BUILDKITE_UNBLOCKER"),
        repository: variables.get("BUILDKITE_REPO"),
        run: variables.get("BUILDKITE_JOB_ID"),
        url: variables.get("BUILDKITE_BUILD_URL"),
    })
}

fn event_and_base(
    variables: &Variables<'_>,
    built: &str,
    tagged: bool,
) -> Result<(PipelineEvent, PipelineBase, Option<String>), CiError> {
    if let Some(target) = variables.get("BUILDKITE_MERGE_QUEUE_BASE_BRANCH") {
        let given_by = "BUILDKITE_MERGE_QUEUE_BASE_COMMIT";
        let base = PipelineBase::Commit { id: variables.commit(given_by)?, source: BaseSource::MergeQueue, given_by };
        return Ok((PipelineEvent::MergeQueue, base, Some(branch(&target))));
    }
    if variables.get("BUILDKITE_GITHUB_DEPLOYMENT_ID").is_some() {
        return Ok((PipelineEvent::Deployment, PipelineBase::None(NoBase::NotTold), None));
    }
    let is_default = variables.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH").is_none_or(|name| name == built);
    let is_request = variables.get("BUILDKITE_PULL_REQUEST").is_some_and(|number| number != "false");
    let source = variables.required("BUILDKITE_SOURCE")?;
    if is_request && !is_default && !tagged && source != "schedule" {
        let given_by = "BUILDKITE_PULL_REQUEST_BASE_BRANCH";
        let name = branch(&variables.required(given_by)?);
        return Ok((
            PipelineEvent::PullRequest,
            PipelineBase::TargetBranch { name: name.clone(), given_by },
            Some(name),
        ));
    }
    let (kind, none) = match source.as_str() {
        "webhook" if tagged => (PipelineEvent::Tag, NoBase::NotTold),
        "webhook" => (PipelineEvent::Push, NoBase::NotTold),
        "ui" => (PipelineEvent::Manual, NoBase::Manual),
        "schedule" => (PipelineEvent::Schedule, NoBase::Schedule),
        "api" | "trigger_job" => (PipelineEvent::Triggered, NoBase::Triggered),
        _ => (PipelineEvent::Other(source), NoBase::NotTold),
    };
    Ok((kind, PipelineBase::None(none), None))
}

/// A job is retried, or a whole build is built anew.
fn attempt(variables: &Variables<'_>) -> Attempt {
    match variables.get("BUILDKITE_REBUILT_FROM_BUILD_ID") {
        Some(_) => Attempt::Again,
        None => variables.attempt("BUILDKITE_RETRY_COUNT", "0"),
    }
}
