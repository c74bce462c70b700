//! What is asked, as the command line and the CI job say it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use crate::change::ci::Pipeline;
use crate::change::plan::SavedPlan;
use crate::change::{CommandLine, TerraformPlan};
use crate::gate::stop_places::StopPlaces;
use crate::guard::RenderedManifests;

/// The place where the policy is.
#[derive(Debug, Clone, Default)]
pub(crate) struct PolicyPlace {
    /// Its files; none: the usual ones.
    pub(crate) files: Vec<PathBuf>,
    /// Files of freezes that are added to it.
    pub(crate) extra_freezes: Vec<PathBuf>,
    /// The policy of an organisation that it follows.
    pub(crate) organisation: OrganisationChoice,
    /// The place where stops are read from.
    pub(crate) stops: StopPlaces,
}

impl PolicyPlace {
    /// The same, with no stops read from anywhere.
    pub(crate) fn without_stops(self) -> Self {
        Self { stops: StopPlaces::nowhere(), ..self }
    }
}

/// The organisation's policy that a repository follows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum OrganisationChoice {
    /// Nothing is said about it.
    #[default]
    Unsaid,
    /// None, whatever decisions before followed.
    None,
    /// The one that begins with this file.
    File(PathBuf),
}

/// The place where decisions are kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordPlace {
    pub(crate) location: Option<OsString>,
}

/// The grants and the incident that are given to lift findings.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiftRequest {
    pub(crate) grants: Vec<PathBuf>,
    pub(crate) incident: Option<String>,
    pub(crate) repository: Option<String>,
}

/// A question about a change, by hand or in a CI job.
#[derive(Debug, Clone, Default)]
pub(crate) struct CheckRequest {
    pub(crate) environments: Vec<String>,
    pub(crate) regions: Vec<String>,
    pub(crate) services: Vec<String>,
    pub(crate) kinds: Vec<String>,
    /// The two commits to compare, `OLD..NEW`.
    pub(crate) range: Option<String>,
    /// The ref that is changed.
    pub(crate) reference: Option<String>,
    /// True if only what is declared is judged.
    pub(crate) only: bool,
    /// The time that the change takes, such as `45m`.
    pub(crate) duration: Option<String>,
    /// The instant that is asked about, as RFC 3339 writes it.
    pub(crate) at: Option<String>,
    pub(crate) dry_run: bool,
    pub(crate) enforce: bool,
    /// The commit whose policy is trusted.
    pub(crate) policy_from: Option<String>,
    pub(crate) fetch: bool,
    /// The zone of the one who asks.
    pub(crate) timezone: Option<String>,
    pub(crate) record: RecordPlace,
    pub(crate) lift: LiftRequest,
    pub(crate) policy: PolicyPlace,
    /// The command that is started if it is allowed.
    pub(crate) command: Option<CommandLine>,
    /// The plan of infrastructure that is to be applied.
    pub(crate) plan: Option<Arc<TerraformPlan>>,
    /// The same plan in binary form.
    pub(crate) saved_plan: Option<Arc<SavedPlan>>,
    /// The rendered manifests that are to be applied.
    pub(crate) manifests: Option<Arc<RenderedManifests>>,
    /// True if the answer only says when to ask again, so that nothing is recorded.
    pub(crate) is_ahead: bool,
}

impl CheckRequest {
    /// Returns whether it is asked for a job: a CI job that was recognised, or what the command line says is one.
    pub(crate) const fn is_of_job(&self, pipeline: Option<&Pipeline>) -> bool {
        pipeline.is_some() || self.enforce
    }

    /// Returns whether the job of a pipeline judges what goes nowhere yet. One that names an environment deploys there, and what a merge queue is
    /// allowed is merged, so that nothing but advice is left of it.
    pub(crate) fn is_only_proposed(&self, pipeline: Option<&Pipeline>) -> bool {
        let names_none = |pipeline: &Pipeline| self.environments.is_empty() && pipeline.environment.is_none();
        pipeline.is_some_and(|pipeline| pipeline.is_advisory(self.dry_run) && names_none(pipeline))
    }

    /// Returns whether a refusal counts.
    pub(crate) const fn is_enforced(&self, pipeline: Option<&Pipeline>) -> bool {
        self.is_of_job(pipeline) && !self.dry_run
    }
}

/// A push that leaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct PushRequest {
    /// The remote, as git or the command line names it.
    pub(crate) remote: Option<String>,
    pub(crate) record: RecordPlace,
    pub(crate) policy: PolicyPlace,
}

/// A push that arrives.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReceiveRequest {
    pub(crate) record: RecordPlace,
    pub(crate) policy: PolicyPlace,
}
