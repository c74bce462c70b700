//! What lifts findings, and the commands about grants.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::gate::request::LiftRequest;
use clap::{Args, Subcommand};

use super::{PolicyArgs, RecordArgs};

// What lifts findings.
#[derive(Debug, Args)]
pub(crate) struct LiftArgs {
    /// A signed grant (repeatable; `FREEZEGATE_GRANT` adds one: its path or its text)
    #[arg(long = "grant", value_name = "FILE")]
    pub(crate) grants: Vec<PathBuf>,
    /// The incident that the change is for, such as `INC-7`
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// Name of the repository in grants (default: `git config freezegate.repository`, else the address of `origin`)
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GrantCommand {
    /// Write a grant for a change or a command that is refused, or for an incident
    #[command(
        after_help = "examples:\n  freezegate grant new --range main~1..main --reason \"fix login\" --output INC-7.grant\n  freezegate grant new production --reason \"disks are full\" --output reboot.grant -- ./reboot.sh pod-13\n  freezegate grant new production --any-change --incident INC-7 --reason \"login down\"\n  freezegate check production --format json > refusal.json\n  freezegate grant new --from refusal.json --incident INC-7 --any-change --reason \"login down\""
    )]
    New(Box<GrantNewArgs>),
    /// Request a grant: write it and push it to where approvers find it
    ///
    /// Takes the options of `grant new`. Pushes the grant to `refs/freezegate/grants/ID` of the remote, for `freezegate grant sign ID`.
    #[command(
        after_help = "examples:\n  freezegate grant ask --range main~1..main --ref refs/heads/main --incident INC-7 --reason \"login down\"\n  freezegate check production --format json > refusal.json\n  freezegate grant ask --from refusal.json --incident INC-7 --any-change --reason \"login down\""
    )]
    Ask(Box<GrantAskArgs>),
    /// Sign a grant with an SSH key (`ssh-keygen` signs)
    #[command(
        after_help = "examples:\n  freezegate grant sign INC-7.grant --key ~/.ssh/id_ed25519\n  freezegate grant sign 28d7f0c41a9be356 --key ~/.ssh/id_ed25519"
    )]
    Sign(GrantSignArgs),
    /// List requested grants and the signatures they still need
    #[command(
        after_help = "exit status: 0 listed, 2 no answer\n\nexamples:\n  freezegate grant list\n  freezegate grant list --record origin:refs/heads/freezegate-record"
    )]
    List(GrantListArgs),
    /// Show what a grant permits
    #[command(after_help = "examples:\n  freezegate grant show INC-7.grant\n  freezegate grant show 28d7f0c41a9be356")]
    Show(GrantFileArgs),
    /// Check whether a grant is valid for its change
    #[command(
        after_help = "exit status: 0 valid, 1 not valid, 2 the change can't be read\n\nexamples:\n  freezegate grant verify INC-7.grant\n  freezegate grant verify INC-7.grant --range main~1..main --ref refs/heads/main --pusher ada"
    )]
    Verify(GrantVerifyArgs),
    /// Print a grant as a value for `git push -o`
    #[command(after_help = "examples:\n  git push -o \"$(freezegate grant push-option INC-7.grant)\"")]
    PushOption(GrantFileArgs),
}

// What a new grant is for.
#[derive(Debug, Args)]
pub(crate) struct GrantNewArgs {
    /// Environments that the change goes to, by name or alias
    #[arg(value_name = "ENVIRONMENT", conflicts_with = "from")]
    pub(crate) environments: Vec<String>,
    /// The refusal, as `freezegate check --format json` prints it; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// A region that the change goes to (repeatable; default: all that the environment serves)
    #[arg(long = "region", value_name = "REGION", conflicts_with = "from")]
    pub(crate) regions: Vec<String>,
    /// A service that the change belongs to (repeatable)
    #[arg(long = "service", value_name = "SERVICE", conflicts_with = "from")]
    pub(crate) services: Vec<String>,
    /// The kind of change (repeatable)
    #[arg(long = "kind", value_name = "KIND", conflicts_with = "from")]
    pub(crate) kinds: Vec<String>,
    /// How long the change takes, such as `45m`
    #[arg(long = "for", value_name = "DURATION", allow_hyphen_values = true, conflicts_with = "from")]
    pub(crate) duration: Option<String>,
    /// Permit the difference between two commits
    #[arg(long, value_name = "OLD..NEW", conflicts_with = "from")]
    pub(crate) range: Option<String>,
    /// Full name of the ref to be updated (default: the default branch of `origin`, else the checked-out branch)
    #[arg(long = "ref", value_name = "NAME", requires = "range")]
    pub(crate) reference: Option<String>,
    /// Read the policy from this commit, as a refusal shows it
    #[arg(long, value_name = "COMMIT", conflicts_with = "from")]
    pub(crate) policy_from: Option<String>,
    /// Not possible: a grant is not bound to a plan
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) plan: Option<PathBuf>,
    /// Why the change can't wait
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The incident, such as `INC-7`
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// Permit any change for the incident, for an hour at most
    #[arg(long, requires = "incident")]
    pub(crate) any_change: bool,
    /// The requester, as named in the roster (default: `git config user.email`)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) requester: Option<String>,
    /// Name of the repository in grants (default: `git config freezegate.repository`, else the address of `origin`)
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,
    /// How long the grant is valid
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    pub(crate) lasts: String,
    /// When the grant becomes valid (default: now)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// Write the grant to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// Permit this command, given after `--`; write the grant in the folder where it will start
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = ["from", "any_change"])]
    pub(crate) command: Vec<OsString>,
}

// What a grant is for that is asked for, and where it is put.
#[derive(Debug, Args)]
#[command(mut_arg("file", |file| file.help("Write the grant to this file too")))]
pub(crate) struct GrantAskArgs {
    #[command(flatten)]
    pub(crate) new: GrantNewArgs,
    /// The remote to push the grant to, by name or address
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    pub(crate) to: String,
}

// Which grants are listed.
#[derive(Debug, Args)]
#[command(mut_arg("location", |record| record.help("The record that shows which grants were used: a file or a ref, as for `check`")))]
pub(crate) struct GrantListArgs {
    /// The remote that holds the grants, by name or address
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    pub(crate) remote: String,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GrantSignArgs {
    /// The grant to sign: a file, or the id of a requested grant
    #[arg(value_name = "FILE|ID")]
    pub(crate) file: PathBuf,
    /// For a grant named by its id: the remote to fetch it from and push it to
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    pub(crate) remote: String,
    /// Key file, as for `ssh-keygen -f`: a private key, or a public key whose private key is in an agent or on a token
    #[arg(long, value_name = "KEY")]
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GrantFileArgs {
    /// The grant: a file, or the id of a requested grant
    #[arg(value_name = "FILE|ID")]
    pub(crate) file: PathBuf,
    /// For a grant named by its id: the remote to fetch it from
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    pub(crate) remote: String,
}

#[derive(Debug, Args)]
#[command(mut_arg("location", |record| record.help("The record that shows whether the grant was used: a file or a ref, as for `check`")))]
pub(crate) struct GrantVerifyArgs {
    /// The grant: a file, or the id of a requested grant
    #[arg(value_name = "FILE|ID")]
    pub(crate) file: PathBuf,
    /// For a grant named by its id: the remote to fetch it from
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    pub(crate) remote: String,
    /// The change to check the grant against (default: the change that it names)
    #[arg(long, value_name = "OLD..NEW")]
    pub(crate) range: Option<String>,
    /// Full name of the ref to be updated (default: the ref that the grant names)
    #[arg(long = "ref", value_name = "NAME", requires = "range")]
    pub(crate) reference: Option<String>,
    /// The incident that the change is for
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// Who will push the change, by their name on the server (repeatable)
    #[arg(long = "pusher", value_name = "NAME")]
    pub(crate) pushers: Vec<String>,
    /// Name of the repository in grants (default: `git config freezegate.repository`, else the address of `origin`)
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,
    /// Judge as if it were this time: `17:50` today, `Fri 17:50`, or `2026-11-26T09:00:00-05:00`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

impl LiftArgs {
    /// Returns what it says, for the gate.
    pub(crate) fn request(&self) -> LiftRequest {
        LiftRequest {
            grants: self.grants.clone(),
            incident: self.incident.clone(),
            repository: self.repository.clone(),
        }
    }
}

impl GrantVerifyArgs {
    /// Returns what it says of the change, for the gate.
    pub(crate) fn lift_request(&self) -> LiftRequest {
        LiftRequest { grants: Vec::new(), incident: self.incident.clone(), repository: self.repository.clone() }
    }
}
