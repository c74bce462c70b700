//! What a CI provider reports of the pipeline that we run in: environment, base, head, ref, and who started it.
//!
//! [`pipeline()`] is a function of the environment's variables (and on GitHub of the event's file), both read by the caller. Each provider is one file, with the
//! pages of its vendor that the reading rests on.
//!
//! Nothing here is guessed. Where a provider names no base, the result says why ([`NoBase`]), and a base that was told to an earlier attempt
//! is marked ([`Base::Stale`]). What contradicts itself, or is not a commit id where one must be, is an error.
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
mod github;
mod gitlab;
mod jenkins;
mod pipeline;
mod variables;

use std::fmt;

pub use pipeline::{Attempt, Base, BaseSource, Head, Kind, NoBase, Pipeline, Staleness};
use variables::Variables;

/// A CI provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// GitHub Actions, and what speaks its language (Gitea, Forgejo).
    GitHub,
    /// GitLab CI/CD.
    GitLab,
    /// Azure Pipelines.
    Azure,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Buildkite.
    Buildkite,
    /// CircleCI.
    CircleCi,
    /// Jenkins.
    Jenkins,
}

/// The known facts about a provider.
struct Row {
    provider: Provider,
    /// For people.
    name: &'static str,
    /// For machines.
    key: &'static str,
    /// The variable that names the folder that the provider checks out into.
    workspace: &'static str,
    /// The test for the provider's marks in a job.
    marked: fn(&Variables<'_>) -> bool,
    read: fn(&Variables<'_>, Option<&str>) -> Result<Pipeline, CiError>,
}

/// The one table of providers.
const PROVIDERS: [Row; 7] = [
    Row {
        provider: Provider::GitHub,
        name: "GitHub Actions",
        key: "github",
        workspace: "GITHUB_WORKSPACE",
        marked: |variables| variables.mark("GITHUB_ACTIONS"),
        read: github::read,
    },
    Row {
        provider: Provider::GitLab,
        name: "GitLab CI",
        key: "gitlab",
        workspace: "CI_PROJECT_DIR",
        // who starts a pipeline may replace the first, and can take neither away
        marked: |variables| {
            variables.mark("GITLAB_CI") || (variables.is_set("GITLAB_CI") && variables.is_set("CI_JOB_ID"))
        },
        read: |variables, _| gitlab::read(variables),
    },
    Row {
        provider: Provider::Azure,
        name: "Azure Pipelines",
        key: "azure",
        workspace: "PIPELINE_WORKSPACE",
        marked: |variables| variables.mark("TF_BUILD"),
        read: |variables, _| azure::read(variables),
    },
    Row {
        provider: Provider::Bitbucket,
        name: "Bitbucket Pipelines",
        key: "bitbucket",
        workspace: "BITBUCKET_CLONE_DIR",
        // who starts a pipeline may replace it, and can't take it away
        marked: |variables| variables.is_set("BITBUCKET_BUILD_NUMBER"),
        read: |variables, _| bitbucket::read(variables),
    },
    Row {
        provider: Provider::Buildkite,
        name: "Buildkite",
        key: "buildkite",
        workspace: "BUILDKITE_BUILD_CHECKOUT_PATH",
        marked: |variables| variables.mark("BUILDKITE"),
        read: |variables, _| buildkite::read(variables),
    },
    Row {
        provider: Provider::CircleCi,
        name: "CircleCI",
        key: "circleci",
        workspace: "CIRCLE_WORKING_DIRECTORY",
        marked: |variables| variables.mark("CIRCLECI"),
        read: |variables, _| circleci::read(variables),
    },
    Row {
        provider: Provider::Jenkins,
        name: "Jenkins",
        key: "jenkins",
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

impl Provider {
    /// The name for machines, such as `github`.
    #[must_use]
    pub fn key(self) -> &'static str {
        PROVIDERS.iter().find(|row| row.provider == self).map_or("", |row| row.key)
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        PROVIDERS.iter().filter(|row| row.provider == *self).try_for_each(|row| f.write_str(row.name))
    }
}

/// The reason why a pipeline cannot be determined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CiError {
    /// The environment has the marks of several providers.
    Several(Vec<Provider>),
    /// A variable that the provider always sets is not there.
    Missing(&'static str),
    /// A variable is set to nothing, which the provider never does.
    Emptied(&'static str),
    /// A value that should be a commit id is none.
    NotAnId {
        /// The variable or field.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// A value that should be the full name of a ref is none.
    NotARef {
        /// The variable or field.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// GitHub's event file is needed and was not given.
    NoEvent {
        /// The event.
        event: String,
    },
    /// GitHub's event file is not what its event says it is.
    Event {
        /// The event.
        event: String,
        /// The message of the reader of JSON.
        cause: String,
    },
    /// Two places that should say the same do not.
    Contradiction {
        /// One place and what it says.
        one: (&'static str, String),
        /// The other place and what it says.
        other: (&'static str, String),
    },
}

impl fmt::Display for CiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Several(providers) => {
                let names: Vec<String> = providers.iter().map(Provider::to_string).collect();
                write!(f, "the environment says that this is {} at once", names.join(" and "))
            }
            Self::Missing(name) => {
                write!(f, "`{name}` is not set, but the provider always sets it")
            }
            Self::Emptied(name) => {
                write!(f, "`{name}` is set to nothing, which the provider never does")
            }
            Self::NotAnId { name, value } => {
                write!(f, "`{name}` is `{value}`, which is not a commit id")
            }
            Self::NotARef { name, value } => {
                write!(f, "`{name}` is `{value}`, which is not a full name of a ref")
            }
            Self::NoEvent { event } => {
                write!(f, "the file that `GITHUB_EVENT_PATH` names is needed for the event `{event}`")
            }
            Self::Event { event, cause } => {
                write!(f, "the file that `GITHUB_EVENT_PATH` names is not a `{event}` event: {cause}")
            }
            Self::Contradiction { one, other } => {
                write!(f, "`{}` is `{}`, but `{}` is `{}`", one.0, one.1, other.0, other.1)
            }
        }
    }
}

impl std::error::Error for CiError {}

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
/// use freezegate::change::ci::{Base, Kind, NoBase, pipeline};
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
/// assert_eq!(pipeline.kind, Kind::Schedule);
/// assert_eq!(pipeline.base, Base::None(NoBase::Schedule));
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

fn row(variables: &Variables<'_>) -> Result<Option<&'static Row>, CiError> {
    let mut rows = PROVIDERS.iter().filter(|row| (row.marked)(variables));
    let first = rows.next();
    let others: Vec<Provider> = rows.map(|row| row.provider).collect();
    match first {
        Some(first) if !others.is_empty() => Err(CiError::Several([vec![first.provider], others].concat())),
        first => Ok(first),
    }
}
