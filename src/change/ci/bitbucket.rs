//! Bitbucket Pipelines: <https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/>.
//!
//! Nothing distinguishes a push from a pipeline that was started by hand or by a schedule, and nothing says where a branch stood before.
//! `BITBUCKET_PR_DESTINATION_COMMIT` is an abbreviated id, so a pull request's base is its destination branch.

use super::variables::{Variables, branch, tag};
use super::{CiError, NoBase, Pipeline, PipelineBase, PipelineEvent, PipelineHead, Provider};

pub(super) fn read(variables: &Variables<'_>) -> Result<Pipeline, CiError> {
    variables.not_emptied("BITBUCKET_DEPLOYMENT_ENVIRONMENT")?;
    let commit = variables.commit("BITBUCKET_COMMIT")?;
    let source = variables.get("BITBUCKET_BRANCH").map(|name| branch(&name));
    let mut target = None;
    let mut own = None;
    let (kind, head, base, reference) = if variables.get("BITBUCKET_PR_ID").is_some() {
        let given_by = "BITBUCKET_PR_DESTINATION_BRANCH";
        let name = branch(&variables.required(given_by)?);
        target = Some(name.clone());
        own = Some(commit);
        // What is checked out is the destination merged into this commit:
        // https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/
        (PipelineEvent::PullRequest, PipelineHead::CheckedOut, PipelineBase::TargetBranch { name, given_by }, source)
    } else {
        let none = PipelineBase::None(NoBase::NotTold);
        match variables.get("BITBUCKET_TAG") {
            Some(name) => (PipelineEvent::Tag, PipelineHead::Commit(commit), none, Some(tag(&name))),
            None => (PipelineEvent::NotTold, PipelineHead::Commit(commit), none, source),
        }
    };
    let repository = variables.get("BITBUCKET_REPO_FULL_NAME");
    let run = variables.get("BITBUCKET_BUILD_NUMBER");
    let url = match (&repository, &run) {
        (Some(repository), Some(run)) => Some(format!("https://bitbucket.org/{repository}/pipelines/results/{run}")),
        _ => None,
    };
    Ok(Pipeline {
        provider: Provider::Bitbucket,
        kind,
        attempt: variables.attempt("BITBUCKET_STEP_RUN_NUMBER", "1"),
        head,
        base,
        reference,
        proposed: own,
        target,
        default_branch: None,
        environment: variables.get("BITBUCKET_DEPLOYMENT_ENVIRONMENT"),
        actor: None,
        started_by: variables.get("BITBUCKET_STEP_TRIGGERER_UUID"),
        repository,
        run,
        url,
    })
}
