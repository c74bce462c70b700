//! What `freezegate hook` can be asked.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::{PolicyArgs, RecordArgs};
use crate::gate::request::{PushRequest, ReceiveRequest};

#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Install a hook
    #[command(
        after_help = "examples:\n  freezegate hook install\n  freezegate hook install --record /var/lib/freezegate/shop.jsonl"
    )]
    Install(InstallArgs),
    /// Remove the hook that `hook install` wrote
    #[command(
        after_help = "exit status: 0 removed, 1 something remains (it is listed)\n\nexamples:\n  freezegate hook uninstall\n  freezegate hook uninstall pre-receive"
    )]
    Uninstall(StatusArgs),
    /// Show whether git runs the hook
    #[command(
        after_help = "exit status: 0 git runs it, 1 it does not\n\nexamples:\n  freezegate hook status\n  freezegate hook status pre-receive"
    )]
    Status(StatusArgs),
    /// Judge what a coding assistant is about to run
    ///
    /// Reads a tool call from standard input, in the form that assistants pass to hooks: JSON with `tool_input.command` or `command`, and `cwd`.
    /// Judges `git push`, kubectl, helm, terraform, tofu, aws, and commands that targets match; anything else may run.
    #[command(
        after_help = "exit status: 0 it may run, 2 it may not, or there is no decision\n\nexamples:\n  echo '{\"tool_input\": {\"command\": \"kubectl get pods\"}}' | freezegate hook agent"
    )]
    Agent(AgentArgs),
    /// Judge a push before it leaves (git runs this)
    #[command(
        after_help = "examples:\n  freezegate hook install pre-push\n  git push --dry-run   # runs the hook, and pushes nothing"
    )]
    PrePush(PrePushArgs),
    /// Judge a push on the server that receives it (git runs this)
    #[command(
        after_help = "examples:\n  freezegate hook install pre-receive --record /var/lib/freezegate/shop.jsonl\n  freezegate hook pre-receive --verbose   # in a hook of your own, with git's standard input"
    )]
    PreReceive(PreReceiveArgs),
}

/// The hooks of git that this program can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HookName {
    /// In a clone: before a push leaves, as advice
    PrePush,
    /// On a server: before a push is accepted
    PreReceive,
}

impl HookName {
    /// As git calls it (githooks(5)).
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    /// Which hook (default: `pre-receive` in a bare repository, else `pre-push`)
    #[arg(value_enum)]
    pub(crate) hook: Option<HookName>,
    /// The policy file that the hook uses (default: that of the default branch)
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// A file of freezes that the hook adds to the policy, as `freezegate stop` prints it
    #[arg(long, value_name = "FILE")]
    pub(crate) extra_freezes: Option<PathBuf>,
    /// The organisation's policy, which this repository's policy extends
    #[arg(long, value_name = "FILE")]
    pub(crate) organisation_policy: Option<PathBuf>,
    /// Where the hook reads stops: `refs/freezegate/stops` on a server, else a remote, its address, or a file
    #[arg(long, value_name = "REMOTE|FILE|REF")]
    pub(crate) stops: Option<OsString>,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Which hook (default: `pre-receive` in a bare repository, else `pre-push`)
    #[arg(value_enum)]
    pub(crate) hook: Option<HookName>,
}

#[derive(Debug, Args)]
pub(crate) struct AgentArgs {
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

// What git hands to a pre-push hook, besides standard input (githooks(5)).
#[derive(Debug, Args)]
#[command(mut_arg("location", |record| record.help("Read former states and used grants from this record: a file or a ref, as for `check`; it is not written")))]
pub(crate) struct PrePushArgs {
    /// Print what was judged, even if everything is allowed (or: `git config freezegate.verbose true`)
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// The remote, by name or address
    pub(crate) remote: Option<String>,
    /// Its address
    pub(crate) url: Option<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PreReceiveArgs {
    /// Print what was judged, even if everything is allowed (or: `git config freezegate.verbose true`)
    #[arg(short, long)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
}

impl PrePushArgs {
    /// Returns what it asks, for the gate.
    pub(crate) fn request(&self) -> PushRequest {
        PushRequest { remote: self.remote.clone(), record: self.record.place(), policy: self.policy.place() }
    }
}

impl PreReceiveArgs {
    /// Returns what it asks, for the gate.
    pub(crate) fn request(&self) -> ReceiveRequest {
        ReceiveRequest { record: self.record.place(), policy: self.policy.place() }
    }
}
