//! What `freezegate check`, `next`, `run` and `wait` can be asked.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::{LiftArgs, OutputArgs, PolicyArgs, RecordArgs};
use crate::gate::request::CheckRequest;

// What is started, and as what it is judged.
#[derive(Debug, Args)]
#[command(mut_arg("dry_run", |dry_run| dry_run.help("Dry run: report what would be refused, start nothing, and exit 0")))]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) check: CheckArgs,
    /// The command and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    /// Print the `ExecCredential` of the command, for `exec` in a kubeconfig
    ///
    /// Judges the environment, and the server if the kubeconfig says `provideClusterInfo: true`. If allowed, starts the provider and prints its
    /// credential, which expires no later than the decision.
    #[command(
        after_help = "examples:\n  freezegate credential kube production -- gke-gcloud-auth-plugin\n  freezegate credential kube production --policy /etc/freezegate/freezegate.toml -- aws eks get-token --cluster-name shop --output json"
    )]
    Kube(RunArgs),
    /// Print the credential of the command, for `credential_process` in a profile
    ///
    /// Judges the environment. If allowed, starts the provider and prints its credential, which expires no later than the decision.
    #[command(
        after_help = "examples:\n  freezegate credential aws production -- aws configure export-credentials --profile deploy"
    )]
    Aws(RunArgs),
}

// What is asked of a change that is not made yet. It is always answered, and never recorded.
#[derive(Debug, Args)]
#[command(
    mut_arg("dry_run", |dry_run| dry_run.help("Changes nothing: `next` refuses nothing")),
    mut_arg("location", |record| record.help("Read this record, a file or a ref as for `check`: what is deployed, and which grants were used"))
)]
pub(crate) struct NextArgs {
    #[command(flatten)]
    pub(crate) check: CheckArgs,
}

// What is waited for, and how long.
#[derive(Debug, Args)]
#[command(mut_arg("at", |at| at.hide(true)))]
pub(crate) struct WaitArgs {
    #[command(flatten)]
    pub(crate) check: CheckArgs,
    /// Wait no longer than this, such as `12h`; exit 1 at once if it opens later (default: no limit)
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) timeout: Option<String>,
    /// After it opens, wait a random time up to this, such as `10m`, so that waiting jobs do not all start at once
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) spread: Option<String>,
}

// What a change is said to be, and against what it is judged.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Environments that the change goes to, by name or alias
    #[arg(value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// A region that the change goes to (repeatable; default: all that the environment serves)
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,
    /// A service that the change belongs to (repeatable)
    #[arg(long = "service", value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// The kind of change (repeatable): deploy, config, infrastructure, migration, maintenance, flag, security
    #[arg(long = "kind", value_name = "KIND")]
    pub(crate) kinds: Vec<String>,
    /// Judge the difference between two commits
    #[arg(long, value_name = "OLD..NEW")]
    pub(crate) range: Option<String>,
    /// Full name of the ref to be updated, such as `refs/heads/main`
    #[arg(long = "ref", value_name = "NAME")]
    pub(crate) reference: Option<String>,
    /// Also judge a Terraform or OpenTofu plan: the output of `terraform show -json TFPLAN`, in a file or on standard input (`-`)
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// The same plan in binary form (`terraform plan -out TFPLAN`). Required if a target matches its state; compared with `--plan`
    #[arg(long = "plan-file", value_name = "TFPLAN", requires = "plan")]
    pub(crate) plan_file: Option<PathBuf>,
    /// Also judge rendered Kubernetes manifests: a folder, a file or standard input (`-`)
    #[arg(long, value_name = "PATH", conflicts_with = "plan")]
    pub(crate) manifests: Option<PathBuf>,
    /// The manifests that `--manifests` replaces: a folder, a file or standard input (`-`)
    #[arg(long = "manifests-before", value_name = "PATH", requires = "manifests")]
    pub(crate) manifests_before: Option<PathBuf>,
    /// Judge only what you declare; another job judges the rest of the change
    #[arg(long = "declared-only")]
    pub(crate) only: bool,
    /// How long the change takes, such as `45m`; never shorter than the environment's `duration`
    #[arg(long = "for", value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) duration: Option<String>,
    /// Judge as if it were this time: `17:50` today, `Fri 17:50`, or `2026-11-26T09:00:00-05:00`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// Dry run: report what would be refused, and exit 0
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Enforce: read the policy from the commit before the change (implied by a recognised CI provider)
    #[arg(long)]
    pub(crate) enforce: bool,
    /// Ignore the CI provider's environment variables; the answer is advice unless `--enforce` is given
    #[arg(long)]
    pub(crate) no_ci: bool,
    /// Read the policy from this commit
    #[arg(long, value_name = "COMMIT")]
    pub(crate) policy_from: Option<String>,
    /// Fetch missing commits, trees and files from the remote; fetches history only if a merge base is needed. Reads branches as they are on the remote now. Does
    /// not change the clone
    #[arg(long)]
    pub(crate) fetch: bool,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    #[command(flatten)]
    pub(crate) lift: LiftArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl CheckArgs {
    /// Returns what it asks, for the gate.
    pub(crate) fn request(&self) -> CheckRequest {
        CheckRequest {
            environments: self.environments.clone(),
            regions: self.regions.clone(),
            services: self.services.clone(),
            kinds: self.kinds.clone(),
            range: self.range.clone(),
            reference: self.reference.clone(),
            only: self.only,
            duration: self.duration.clone(),
            at: self.at.clone(),
            dry_run: self.dry_run,
            enforce: self.enforce,
            policy_from: self.policy_from.clone(),
            fetch: self.fetch,
            timezone: self.output.timezone.clone(),
            record: self.record.place(),
            lift: self.lift.request(),
            policy: self.policy.place(),
            command: None,
            plan: None,
            saved_plan: None,
            manifests: None,
            is_ahead: false,
        }
    }
}
