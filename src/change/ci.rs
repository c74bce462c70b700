//! What a CI provider reports of the pipeline that we run in: environment, base, head, ref, and who started it.
//!
//! [`pipeline()`] is a function of the environment's variables (and on GitHub of the event's file), both read by the caller. Each provider is one file, with the
//! pages of its vendor that the reading rests on.
//!
//! Nothing here is guessed. Where a provider names no base, the result says why ([`NoBase`]), and a base that was told to an earlier attempt
//! is marked ([`PipelineBase::Stale`]). What contradicts itself, or is not a commit id where one must be, is an error.
//!
//! # How far it can be trusted
//!
//! - A pull request's base is chosen by whoever opens it. [`Pipeline::target`] says which branch that is; a base is only worth something
//!   if that branch is.
//! - GitLab, Bitbucket and Jenkins let whoever may start a pipeline by hand override these variables.
//! - [`Pipeline::actor`] is the provider's word, and on Buildkite that of the commit.

mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod error;
mod github;
mod gitlab;
mod jenkins;
mod pipeline;
mod provider;
mod variables;

pub use error::CiError;
pub use pipeline::{Attempt, BaseSource, NoBase, Pipeline, PipelineBase, PipelineEvent, PipelineHead, Staleness};
pub use provider::Provider;
use variables::Variables;

/// The known facts about a provider.
struct ProviderRow {
    provider: Provider,
    /// The variable that names the folder that the provider checks out into.
    workspace: &'static str,
    /// The test for the provider's marks in a job.
    marked: fn(&Variables<'_>) -> bool,
    read: fn(&Variables<'_>, Option<&str>) -> Result<Pipeline, CiError>,
}

/// The one table of providers.
const PROVIDERS: [ProviderRow; 7] = [
    ProviderRow {
        provider: Provider::GitHub,
        workspace: "GITHUB_WORKSPACE",
        marked: |variables| variables.mark("GITHUB_ACTIONS"),
        read: github::read,
    },
    ProviderRow {
        provider: Provider::GitLab,
        workspace: "CI_PROJECT_DIR",
        // who starts a pipeline may replace the first, and can take neither away
        marked: |variables| {
            variables.mark("GITLAB_CI") || (variables.is_set("GITLAB_CI") && variables.is_set("CI_JOB_ID"))
        },
        read: |variables, _| gitlab::read(variables),
    },
    ProviderRow {
        provider: Provider::Azure,
        workspace: "PIPELINE_WORKSPACE",
        marked: |variables| variables.mark("TF_BUILD"),
        read: |variables, _| azure::read(variables),
    },
    ProviderRow {
        provider: Provider::Bitbucket,
        workspace: "BITBUCKET_CLONE_DIR",
        // who starts a pipeline may replace it, and can't take it away
        marked: |variables| variables.is_set("BITBUCKET_BUILD_NUMBER"),
        read: |variables, _| bitbucket::read(variables),
    },
    ProviderRow {
        provider: Provider::Buildkite,
        workspace: "BUILDKITE_BUILD_CHECKOUT_PATH",
        marked: |variables| variables.mark("BUILDKITE"),
        read: |variables, _| buildkite::read(variables),
    },
    ProviderRow {
        provider: Provider::CircleCi,
        workspace: "CIRCLE_WORKING_DIRECTORY",
        marked: |variables| variables.mark("CIRCLECI"),
        read: |variables, _| circleci::read(variables),
    },
    ProviderRow {
        provider: Provider::Jenkins,
        workspace: "WORKSPACE",
        // The first is only there if an administrator has told Jenkins its own address. Parameters of a build may replace both.
        marked: |variables| {
            variables.is_set("JENKINS_URL")
                || variables.get("BUILD_TAG").is_some_and(|tag| tag.starts_with("jenkins-"))
                || (variables.is_set("BUILD_TAG") && variables.is_set("EXECUTOR_NUMBER"))
        },
        read: |variables, _| jenkins::read(variables),
    },
];

/// Returns the provider whose job this is; `None` outside CI.
///
/// # Errors
///
/// [`CiError::Several`]: then it cannot be determined which one to believe.
pub fn provider(read: &dyn Fn(&str) -> Option<String>) -> Result<Option<Provider>, CiError> {
    Ok(row(&Variables(read))?.map(|row| row.provider))
}

/// The file whose text [`pipeline()`] wants as its event: on GitHub what `GITHUB_EVENT_PATH` names, elsewhere none.
///
/// # Errors
///
/// [`CiError::Several`].
pub fn event_path(read: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>, CiError> {
    Ok(match provider(read)? {
        Some(Provider::GitHub) => Variables(read).get("GITHUB_EVENT_PATH"),
        Some(
            Provider::GitLab
            | Provider::Azure
            | Provider::Bitbucket
            | Provider::Buildkite
            | Provider::CircleCi
            | Provider::Jenkins,
        )
        | None => None,
    })
}

/// Returns the variable that names the folder into which the provider checks out, and that folder; `None` outside of a
/// provider's job, or if the variable is not set.
///
/// # Errors
///
/// [`CiError::Several`].
pub fn workspace(read: &dyn Fn(&str) -> Option<String>) -> Result<Option<(&'static str, String)>, CiError> {
    let variables = Variables(read);
    Ok(row(&variables)?.and_then(|row| Some((row.workspace, variables.get(row.workspace)?))))
}

/// The pipeline that we run in; `None` outside of a provider's job. `read` gives the value of a variable of the environment; an empty value counts as
/// none.
///
/// ```
/// use freezegate::change::ci::{NoBase, PipelineBase, PipelineEvent, pipeline};
///
/// let environment = |name: &str| {
///     let value = match name {
///         "GITLAB_CI" => "true",
///         "CI_PIPELINE_SOURCE" => "schedule",
///         "CI_COMMIT_SHA" => "8c1d0e2f8c1d0e2f8c1d0e2f8c1d0e2f8c1d0e2f",
///         "CI_COMMIT_BEFORE_SHA" => "0000000000000000000000000000000000000000",
///         "CI_COMMIT_BRANCH" => "main",
///         "CI_ENVIRONMENT_NAME" => "production",
///         _ => return None,
///     };
///     Some(value.to_owned())
/// };
/// let pipeline = pipeline(&environment, None).unwrap().unwrap();
/// assert_eq!(pipeline.kind, PipelineEvent::Schedule);
/// assert_eq!(pipeline.base, PipelineBase::None(NoBase::Schedule));
/// assert_eq!(pipeline.environment.as_deref(), Some("production"));
/// ```
///
/// # Errors
///
/// [`CiError`]: then there is no evidence.
pub fn pipeline(read: &dyn Fn(&str) -> Option<String>, event: Option<&str>) -> Result<Option<Pipeline>, CiError> {
    let variables = Variables(read);
    row(&variables)?.map(|row| (row.read)(&variables, event)).transpose()
}

fn row(variables: &Variables<'_>) -> Result<Option<&'static ProviderRow>, CiError> {
    let mut rows = PROVIDERS.iter().filter(|row| (row.marked)(variables));
    let first = rows.next();
    let others: Vec<Provider> = rows.map(|row| row.provider).collect();
    match first {
        Some(first) if !others.is_empty() => Err(CiError::Several([vec![first.provider], others].concat())),
        first => Ok(first),
    }
}
