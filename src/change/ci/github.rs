//! GitHub Actions.
//!
//! The variables are those of <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>; what `GITHUB_SHA` and `GITHUB_REF` mean for
//! each event stands in <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows>, the event's file in
//! <https://docs.github.com/en/webhooks/webhook-events-and-payloads>.
//!
//! No variable names the environment of a job; only deployments carry one.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::variables::{Id, Variables, agree, branch};
use super::{BaseSource, CiError, NoBase, Pipeline, PipelineBase, PipelineEvent, PipelineHead, Provider};
use crate::diagnostic::parser;

#[derive(Deserialize)]
struct PushEvent {
    before: String,
    after: String,
    #[serde(rename = "ref")]
    reference: String,
    #[serde(default)]
    deleted: bool,
}

#[derive(Deserialize)]
struct PullRequestEvent {
    pull_request: PullRequest,
}

#[derive(Deserialize)]
struct PullRequest {
    base: PullRequestSide,
    head: PullRequestSide,
}

#[derive(Deserialize)]
struct PullRequestSide {
    sha: String,
    #[serde(rename = "ref")]
    branch: String,
}

#[derive(Deserialize)]
struct MergeGroupEvent {
    merge_group: MergeGroup,
}

#[derive(Deserialize)]
struct MergeGroup {
    head_sha: String,
    base_sha: String,
    base_ref: String,
}

#[derive(Deserialize)]
struct DeploymentEvent {
    deployment: Deployment,
}

#[derive(Deserialize)]
struct Deployment {
    sha: String,
    environment: String,
}

/// The common part of events about a repository; those of a timetable are about none.
#[derive(Deserialize)]
struct AnyEvent {
    repository: Option<RepositoryOfEvent>,
}

#[derive(Deserialize)]
struct RepositoryOfEvent {
    default_branch: Option<String>,
}

/// The content of an event.
struct EventContent {
    kind: PipelineEvent,
    head: PipelineHead,
    base: PipelineBase,
    proposed: Option<String>,
    target: Option<String>,
    environment: Option<String>,
}

pub(super) fn read(variables: &Variables<'_>, event: Option<&str>) -> Result<Pipeline, CiError> {
    let name = variables.required("GITHUB_EVENT_NAME")?;
    let event_name = name.clone();
    let sha = variables.commit("GITHUB_SHA")?;
    let mut reference = variables.get("GITHUB_REF");
    if let Some(value) = reference.as_ref().filter(|reference| !reference.starts_with("refs/")) {
        return Err(CiError::NotARef { name: "GITHUB_REF", value: value.clone() });
    }
    let is_tag = reference.as_ref().is_some_and(|reference| reference.starts_with("refs/tags/"));
    let without_base = |kind, why| EventContent {
        kind,
        head: PipelineHead::Commit(sha.clone()),
        base: PipelineBase::None(why),
        proposed: None,
        target: None,
        environment: None,
    };
    // `GITHUB_SHA` is the default branch's last commit for these, whatever they are about, and so whatever the job goes on to check out.
    let elsewhere = |kind, why| EventContent { head: PipelineHead::CheckedOut, ..without_base(kind, why) };
    let told = match name.as_str() {
        "push" => {
            let push: PushEvent = parse(&name, event)?;
            match push_told(&push, &sha, is_tag)? {
                Some(told) => {
                    agree(("GITHUB_REF", reference.as_deref().unwrap_or("")), ("ref of the event", &push.reference))?;
                    reference = Some(push.reference);
                    told
                }
                // `GITHUB_REF`, `GITHUB_SHA` and what is checked out are those of the default branch then, and that is what the job deploys.
                None => elsewhere(PipelineEvent::Deletion, NoBase::NotTold),
            }
        }
        "pull_request" | "pull_request_review" | "pull_request_review_comment" => {
            pull_request(parse(&name, event)?, Some(sha.clone()))?
        }
        // `GITHUB_SHA` is a commit of the target branch here: taken as the head, the change would be empty.
        "pull_request_target" => pull_request(parse(&name, event)?, None)?,
        "merge_group" => merge_group(parse(&name, event)?, &sha)?,
        "deployment" | "deployment_status" => deployment(parse(&name, event)?, &sha)?,
        "create" => without_base(if is_tag { PipelineEvent::Tag } else { PipelineEvent::Push }, NoBase::NewRef),
        "release" => without_base(PipelineEvent::Tag, NoBase::NotTold),
        "schedule" => without_base(PipelineEvent::Schedule, NoBase::Schedule),
        "workflow_dispatch" => without_base(PipelineEvent::Manual, NoBase::Manual),
        "repository_dispatch" | "workflow_run" => elsewhere(PipelineEvent::Triggered, NoBase::Triggered),
        _ => elsewhere(PipelineEvent::Other(name), NoBase::NotTold),
    };
    let default_branch = match event {
        Some(_) => parse::<AnyEvent>(&event_name, event)?.repository.and_then(|repository| repository.default_branch),
        None => None,
    };
    let attempt = variables.attempt("GITHUB_RUN_ATTEMPT", "1");
    let repository = variables.get("GITHUB_REPOSITORY");
    let run = variables.get("GITHUB_RUN_ID");
    let url = match (variables.get("GITHUB_SERVER_URL"), &repository, &run) {
        (Some(server), Some(repository), Some(run)) => Some(format!("{server}/{repository}/actions/runs/{run}")),
        _ => None,
    };
    Ok(Pipeline {
        provider: Provider::GitHub,
        kind: told.kind,
        attempt,
        head: told.head,
        // A re-run has the event of the first attempt: https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
        base: told.base.at(attempt),
        reference,
        proposed: told.proposed,
        target: told.target,
        default_branch: default_branch.map(|name| branch(&name)),
        environment: told.environment,
        actor: variables.get("GITHUB_ACTOR"),
        started_by: variables.get("GITHUB_TRIGGERING_ACTOR"),
        repository,
        run,
        url,
    })
}

fn parse<T: DeserializeOwned>(name: &str, event: Option<&str>) -> Result<T, CiError> {
    let text = event.ok_or_else(|| CiError::NoEvent { event: name.to_owned() })?;
    serde_json::from_str(text).map_err(|error| CiError::Event { event: name.to_owned(), cause: parser::json(&error) })
}

/// Returns what the event of a push says; `None` if it deletes the ref.
fn push_told(push: &PushEvent, sha: &str, is_tag: bool) -> Result<Option<EventContent>, CiError> {
    let base = match Id::parse("before of the event", push.before.clone())? {
        Id::Zero(_) => PipelineBase::None(NoBase::NewRef),
        Id::Commit(id) => PipelineBase::Commit { id, source: BaseSource::BeforePush, given_by: "before of the event" },
    };
    let deleted = matches!(Id::parse("after of the event", push.after.clone())?, Id::Zero(_));
    if push.deleted || deleted {
        return Ok(None);
    }
    // For an annotated tag, `after` is the tag object.
    if !is_tag {
        agree(("GITHUB_SHA", sha), ("after of the event", &push.after))?;
    }
    let kind = if is_tag { PipelineEvent::Tag } else { PipelineEvent::Push };
    Ok(Some(EventContent {
        kind,
        head: PipelineHead::Commit(sha.to_owned()),
        base,
        proposed: None,
        target: None,
        environment: None,
    }))
}

/// `merge` is the commit that merges the pull request into its base, where the event has one.
fn pull_request(event: PullRequestEvent, merge: Option<String>) -> Result<EventContent, CiError> {
    const BASE: &str = "pull_request.base.sha of the event";
    const HEAD: &str = "pull_request.head.sha of the event";
    let PullRequest { base, head } = event.pull_request;
    let own = Id::parse(HEAD, head.sha)?.commit(HEAD)?;
    Ok(EventContent {
        kind: PipelineEvent::PullRequest,
        head: PipelineHead::Commit(merge.unwrap_or_else(|| own.clone())),
        base: PipelineBase::Commit {
            id: Id::parse(BASE, base.sha)?.commit(BASE)?,
            source: BaseSource::PullRequest,
            given_by: BASE,
        },
        proposed: Some(own),
        target: Some(branch(&base.branch)),
        environment: None,
    })
}

fn merge_group(event: MergeGroupEvent, sha: &str) -> Result<EventContent, CiError> {
    const BASE: &str = "merge_group.base_sha of the event";
    let MergeGroup { head_sha, base_sha, base_ref } = event.merge_group;
    agree(("GITHUB_SHA", sha), ("merge_group.head_sha of the event", &head_sha))?;
    if !base_ref.starts_with("refs/heads/") {
        return Err(CiError::NotARef { name: "merge_group.base_ref of the event", value: base_ref });
    }
    Ok(EventContent {
        kind: PipelineEvent::MergeQueue,
        head: PipelineHead::Commit(sha.to_owned()),
        base: PipelineBase::Commit {
            id: Id::parse(BASE, base_sha)?.commit(BASE)?,
            source: BaseSource::MergeQueue,
            given_by: BASE,
        },
        proposed: None,
        target: Some(base_ref),
        environment: None,
    })
}

fn deployment(event: DeploymentEvent, sha: &str) -> Result<EventContent, CiError> {
    let Deployment { sha: deployed, environment } = event.deployment;
    agree(("GITHUB_SHA", sha), ("deployment.sha of the event", &deployed))?;
    Ok(EventContent {
        kind: PipelineEvent::Deployment,
        head: PipelineHead::Commit(sha.to_owned()),
        base: PipelineBase::None(NoBase::NotTold),
        proposed: None,
        target: None,
        environment: Some(environment).filter(|environment| !environment.is_empty()),
    })
}
