//! What lifts findings, and the commands about grants.

use std::path::PathBuf;

use crate::gate::request::LiftRequest;
use clap::{Args, Subcommand};

use super::{PolicyArgs, RecordArgs};

// What lifts findings.
#[derive(Debug, Args)]
pub(crate) struct LiftArgs {
    /// A signed grant (repeatable; besides, `FREEZEGATE_GRANT`: a path or the text)
    #[arg(long = "grant", value_name = "FILE")]
    pub(crate) grants: Vec<PathBuf>,
    /// The incident that it is for, such as `INC-7`
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// The repository as grants name it (left out: as `git config freezegate.repository` or the address of `origin` says)
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GrantCommand {
    /// Write a grant for a change that is refused, or for an incident
    New(Box<GrantNewArgs>),
    /// Sign a grant with an SSH key (`ssh-keygen` signs)
    Sign(GrantSignArgs),
    /// Show what a grant permits
    Show(GrantFileArgs),
    /// Check whether a grant counts for its change (exit status: 0 yes, 1 no, 2 the change can't be read)
    Verify(GrantVerifyArgs),
    /// Print a grant as an option of `git push -o`
    PushOption(GrantFileArgs),
}

// What a new grant is for.
#[derive(Debug, Args)]
pub(crate) struct GrantNewArgs {
    /// Environments that it goes to, by name or alias
    #[arg(value_name = "ENVIRONMENT", required_unless_present_any = ["from", "range"], conflicts_with = "from")]
    pub(crate) environments: Vec<String>,
    /// The refusal, as `freezegate check --format json` prints it; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// A region that it goes to (repeatable; left out: all that the environment serves)
    #[arg(long = "region", value_name = "REGION", conflicts_with = "from")]
    pub(crate) regions: Vec<String>,
    /// A service that it is of (repeatable)
    #[arg(long = "service", value_name = "SERVICE", conflicts_with = "from")]
    pub(crate) services: Vec<String>,
    /// What sort of change it is (repeatable)
    #[arg(long = "kind", value_name = "KIND", conflicts_with = "from")]
    pub(crate) kinds: Vec<String>,
    /// How long the change takes, such as `45m`
    #[arg(long = "for", value_name = "DURATION", allow_hyphen_values = true, conflicts_with = "from")]
    pub(crate) duration: Option<String>,
    /// For what differs between two commits
    #[arg(long, value_name = "OLD..NEW", conflicts_with = "from")]
    pub(crate) range: Option<String>,
    /// The full name of the ref that is changed (left out: the default branch of `origin`, else the branch that is checked out)
    #[arg(long = "ref", value_name = "NAME", requires = "range")]
    pub(crate) reference: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The incident, such as `INC-7`
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// For any change, for the incident's sake, and an hour at most
    #[arg(long, requires = "incident")]
    pub(crate) any_change: bool,
    /// Who asks, as the roster names people (left out: `git config user.email`)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) requester: Option<String>,
    /// The repository as grants name it (left out: as `git config freezegate.repository` or the address of `origin` says)
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,
    /// For how long it counts
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    pub(crate) lasts: String,
    /// From when on it counts (left out: now)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// Write it to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GrantSignArgs {
    /// The grant, to which the signature is added
    pub(crate) file: PathBuf,
    /// The key as `ssh-keygen -f` takes it: a private key, or a public one whose private key an agent or a token holds
    #[arg(long, value_name = "KEY")]
    pub(crate) key: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct GrantFileArgs {
    /// The grant
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct GrantVerifyArgs {
    /// The grant
    pub(crate) file: PathBuf,
    /// The change to hold it against (left out: the one that it names)
    #[arg(long, value_name = "OLD..NEW")]
    pub(crate) range: Option<String>,
    /// The full name of the ref that is changed (left out: the one that it names)
    #[arg(long = "ref", value_name = "NAME", requires = "range")]
    pub(crate) reference: Option<String>,
    /// The incident that the caller names
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// Who will push the change, as the server names people (repeatable)
    #[arg(long = "pusher", value_name = "NAME")]
    pub(crate) pushers: Vec<String>,
    /// The repository as grants name it (left out: as `git config freezegate.repository` or the address of `origin` says)
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,
    /// As if it were this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

impl LiftArgs {
    /// What it says, for the gate.
    pub(crate) fn request(&self) -> LiftRequest {
        LiftRequest {
            grants: self.grants.clone(),
            incident: self.incident.clone(),
            repository: self.repository.clone(),
        }
    }
}

impl GrantVerifyArgs {
    /// What it says of the change, for the gate.
    pub(crate) fn lift_request(&self) -> LiftRequest {
        LiftRequest { grants: Vec::new(), incident: self.incident.clone(), repository: self.repository.clone() }
    }
}
