//! Jenkins: <https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables>, for multibranch jobs
//! <https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables>, and of the git plugin
//! <https://plugins.jenkins.io/git/#plugin-content-environment-variables>.
//!
//! Nothing says what started the build, or whether it is a replay. `GIT_PREVIOUS_COMMIT` is the last commit that was *built*, refused or not, and so no
//! base; `GIT_PREVIOUS_SUCCESSFUL_COMMIT` is one that the gate, had it run in that job, had allowed.

use super::variables::{Id, Variables, branch, tag};
use super::{Attempt, BaseSource, CiError, NoBase, Pipeline, PipelineBase, PipelineEvent, PipelineHead, Provider};

pub(super) fn read(variables: &Variables<'_>) -> Result<Pipeline, CiError> {
    let mut target = None;
    let (kind, base, reference) = if variables.get("CHANGE_ID").is_some() {
        let given_by = "CHANGE_TARGET";
        let name = branch(&variables.required(given_by)?);
        target = Some(name.clone());
        // The ref of a change depends on the forge; `BRANCH_NAME` is `PR-7` or the like.
        (PipelineEvent::PullRequest, PipelineBase::TargetBranch { name, given_by }, None)
    } else if let Some(name) = variables.get("TAG_NAME") {
        (PipelineEvent::Tag, last_success(variables)?, Some(tag(&name)))
    } else {
        (PipelineEvent::NotTold, last_success(variables)?, built_branch(variables))
    };
    Ok(Pipeline {
        provider: Provider::Jenkins,
        kind,
        attempt: Attempt::NotTold,
        // Set once the job has checked out; scripted pipelines hand it to the script only.
        head: match variables.get("GIT_COMMIT") {
            Some(_) => PipelineHead::Commit(variables.commit("GIT_COMMIT")?),
            None => PipelineHead::CheckedOut,
        },
        base,
        reference,
        proposed: None,
        target,
        default_branch: None,
        environment: None,
        actor: variables.get("CHANGE_AUTHOR"),
        // Of the plugin build-user-vars, where it is installed.
        started_by: variables.get("BUILD_USER_ID"),
        repository: variables.get("GIT_URL"),
        run: variables.get("BUILD_TAG"),
        url: variables.get("BUILD_URL"),
    })
}

fn last_success(variables: &Variables<'_>) -> Result<PipelineBase, CiError> {
    let given_by = "GIT_PREVIOUS_SUCCESSFUL_COMMIT";
    // Groovy writes a missing value so.
    if variables.is(given_by, "null") {
        return Ok(PipelineBase::None(NoBase::FirstBuild));
    }
    Ok(match variables.id(given_by)? {
        Some(Id::Commit(id)) => PipelineBase::Commit { id, source: BaseSource::LastSuccess, given_by },
        Some(Id::Zero(_)) | None => PipelineBase::None(NoBase::FirstBuild),
    })
}

/// `BRANCH_NAME` in multibranch jobs; in others `GIT_LOCAL_BRANCH` if the job names one, or `GIT_BRANCH` with the remote in front.
fn built_branch(variables: &Variables<'_>) -> Option<String> {
    let remote = || variables.get("GIT_BRANCH").and_then(|name| name.strip_prefix("origin/").map(str::to_owned));
    variables.get("BRANCH_NAME").or_else(|| variables.get("GIT_LOCAL_BRANCH")).or_else(remote).map(|name| branch(&name))
}
