//! Azure Pipelines: <https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables>, and for classic releases
//! <https://learn.microsoft.com/en-us/azure/devops/pipelines/release/variables>.
//!
//! A push does not say where the branch stood before.

use super::variables::{Variables, agree, branch};
use super::{Attempt, CiError, NoBase, Pipeline, PipelineBase, PipelineEvent, PipelineHead, Provider};

pub(super) fn read(variables: &Variables<'_>) -> Result<Pipeline, CiError> {
    let reference = variables.required("BUILD_SOURCEBRANCH")?;
    // TFVC has paths (`$/project/main`) and shelvesets here.
    if !reference.starts_with("refs/") {
        return Err(CiError::NotARef { name: "BUILD_SOURCEBRANCH", value: reference });
    }
    let reason = variables.required("BUILD_REASON")?;
    let mut target = None;
    let (kind, base) = match reason.as_str() {
        "PullRequest" => {
            let given_by = "SYSTEM_PULLREQUEST_TARGETBRANCH";
            let name = variables.required(given_by)?;
            // `refs/heads/main` in Azure Repos, `main` in GitHub.
            let name = if name.starts_with("refs/heads/") { name } else { branch(&name) };
            target = Some(name.clone());
            (PipelineEvent::PullRequest, PipelineBase::TargetBranch { name, given_by })
        }
        "IndividualCI" | "BatchedCI" if reference.starts_with("refs/tags/") => {
            (PipelineEvent::Tag, PipelineBase::None(NoBase::NotTold))
        }
        "IndividualCI" | "BatchedCI" => (PipelineEvent::Push, PipelineBase::None(NoBase::NotTold)),
        "Schedule" => (PipelineEvent::Schedule, PipelineBase::None(NoBase::Schedule)),
        "Manual" => (PipelineEvent::Manual, PipelineBase::None(NoBase::Manual)),
        "ResourceTrigger" | "BuildCompletion" => (PipelineEvent::Triggered, PipelineBase::None(NoBase::Triggered)),
        _ => (PipelineEvent::Other(reason), PipelineBase::None(NoBase::NotTold)),
    };
    let source = "SYSTEM_PULLREQUEST_SOURCECOMMITID";
    let proposed = match &target {
        Some(_) => variables.id(source)?.map(|id| id.commit(source)).transpose()?,
        None => None,
    };
    let run = variables.get("BUILD_BUILDID");
    let url = match (variables.get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"), variables.get("SYSTEM_TEAMPROJECT"), &run) {
        (Some(collection), Some(project), Some(run)) => Some(format!(
            "{}/{}/_build/results?buildId={run}",
            collection.trim_end_matches('/'),
            project.replace(' ', "%20")
        )),
        _ => None,
    };
    Ok(Pipeline {
        provider: Provider::Azure,
        kind,
        attempt: attempt(variables),
        head: PipelineHead::Commit(variables.commit("BUILD_SOURCEVERSION")?),
        base,
        reference: Some(reference),
        proposed,
        target,
        default_branch: None,
        environment: environment(variables)?,
        actor: variables.get("BUILD_REQUESTEDFOR"),
        started_by: variables.get("BUILD_QUEUEDBY"),
        repository: variables.get("BUILD_REPOSITORY_NAME"),
        run,
        url,
    })
}

/// A stage that is run again has jobs at their first attempt.
fn attempt(variables: &Variables<'_>) -> Attempt {
    match (variables.attempt("SYSTEM_STAGEATTEMPT", "1"), variables.attempt("SYSTEM_JOBATTEMPT", "1")) {
        (Attempt::Again, _) | (_, Attempt::Again) => Attempt::Again,
        (Attempt::First, _) | (_, Attempt::First) => Attempt::First,
        (Attempt::NotTold, Attempt::NotTold) => Attempt::NotTold,
    }
}

/// Deployment jobs and classic releases name it, each in its own variable.
fn environment(variables: &Variables<'_>) -> Result<Option<String>, CiError> {
    let (job, release) = (variables.get("ENVIRONMENT_NAME"), variables.get("RELEASE_ENVIRONMENTNAME"));
    if let (Some(job), Some(release)) = (&job, &release) {
        agree(("ENVIRONMENT_NAME", job), ("RELEASE_ENVIRONMENTNAME", release))?;
    }
    Ok(job.or(release))
}
