//! CircleCI: <https://circleci.com/docs/reference/variables/>.
//!
//! No variable says what started the pipeline, where the branch stood before, or whether a job is run again. (`pipeline.git.base_revision`,
//! a value of the configuration and no variable, is the commit of the branch's pipeline before: whether that was allowed is not known.)
//! A branch that has an open pull request has `CIRCLE_PULL_REQUEST` in every build; only builds of a fork's request are marked as such.

use super::variables::{Variables, branch, tag};
use super::{Attempt, CiError, NoBase, Pipeline, PipelineBase, PipelineEvent, PipelineHead, Provider};

pub(super) fn read(variables: &Variables<'_>) -> Result<Pipeline, CiError> {
    let fork = variables.get("CIRCLE_PR_NUMBER");
    let (kind, reference) = match (variables.get("CIRCLE_TAG"), &fork, variables.get("CIRCLE_BRANCH")) {
        (Some(name), ..) => (PipelineEvent::Tag, Some(tag(&name))),
        // The branch is `pull/7` then.
        (None, Some(number), _) => (PipelineEvent::PullRequest, Some(format!("refs/pull/{number}/head"))),
        (None, None, name) => (PipelineEvent::NotTold, name.map(|name| branch(&name))),
    };
    let repository = match (variables.get("CIRCLE_PROJECT_USERNAME"), variables.get("CIRCLE_PROJECT_REPONAME")) {
        (Some(owner), Some(name)) => Some(format!("{owner}/{name}")),
        _ => None,
    };
    Ok(Pipeline {
        provider: Provider::CircleCi,
        kind,
        attempt: Attempt::NotTold,
        head: PipelineHead::Commit(variables.commit("CIRCLE_SHA1")?),
        base: PipelineBase::None(NoBase::NotTold),
        reference,
        proposed: None,
        target: None,
        default_branch: None,
        environment: None,
        actor: variables.get("CIRCLE_USERNAME"),
        started_by: None,
        repository,
        run: variables.get("CIRCLE_WORKFLOW_JOB_ID"),
        url: variables.get("CIRCLE_BUILD_URL"),
    })
}
