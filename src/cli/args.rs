//! What can be asked on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::gate::request::{CheckRequest, PolicyPlace, PushRequest, ReceiveRequest, RecordPlace};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::lint::MOST_WEEKS;

mod calendar;
mod cases;
mod lift;

pub(crate) use calendar::CalendarArgs;
pub(crate) use calendar::CalendarFormat;
pub(crate) use cases::TestArgs;
pub(crate) use cases::TestFormat;
pub(crate) use lift::GrantCommand;
pub(crate) use lift::GrantFileArgs;
pub(crate) use lift::GrantNewArgs;
pub(crate) use lift::GrantSignArgs;
pub(crate) use lift::GrantVerifyArgs;
pub(crate) use lift::LiftArgs;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "freezegate",
    version,
    about = "May this change reach that target now?",
    after_help = "exit status: 0 allowed, 1 refused, 2 no decision",
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

// the arguments of a subcommand are put together only where it is called: together they are a third of the start
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Print the help of a command
    #[command(hide = true, after_help = "examples:\n  freezegate help check\n  freezegate help hook install")]
    Help {
        /// The command
        #[arg(value_name = "COMMAND")]
        words: Vec<String>,
    },
    /// Check whether a change is allowed now
    #[command(
        after_help = "examples:\n  freezegate check production\n  freezegate check production --kind maintenance --for 45m\n  freezegate check --range HEAD~1..HEAD --ref refs/heads/main\n  freezegate check production --at 2026-12-24T09:00:00-05:00\n  freezegate check production --plan plan.json"
    )]
    Check(CheckArgs),
    /// Show when a change is allowed next
    #[command(
        after_help = "examples:\n  freezegate next production\n  freezegate next production --region eu --for 2h"
    )]
    Next(CheckArgs),
    /// Wait until a change is allowed
    ///
    /// Prints why it has to wait, and until when: a countdown on a terminal, elsewhere a line an hour, on standard error. Asks again every
    /// 15 minutes, and at the end as `check` does: only that answer is recorded, and goes to standard output. Gives up at once if waiting
    /// does not help, or not within `--timeout`.
    #[command(
        after_help = "exit status: 0 allowed, 1 refused, 2 no decision\n\nexamples:\n  freezegate wait production --timeout 12h && ./deploy.sh\n  freezegate wait production --region eu --for 30m --spread 10m\n  freezegate wait production --kind maintenance --record origin:refs/heads/freezegate-record"
    )]
    Wait(WaitArgs),
    /// Show which environments a path or a ref reaches, and by which line of the policy
    #[command(
        after_help = "exit status: 0 each reaches an environment, 1 one reaches none, 2 no answer\n\nexamples:\n  freezegate where deploy/production/eu/app.yaml\n  freezegate where services --ref refs/heads/main\n  freezegate where refs/tags/v1.2.0 --format json"
    )]
    Where(WhereArgs),
    /// Show which environments are open now, until when, and why others are not
    #[command(
        after_help = "exit status: 0 answered, 2 no answer\n\nexamples:\n  freezegate status\n  freezegate status production --timezone America/New_York\n  freezegate status --at 17:50\n  freezegate status --at 2026-12-24T09:00:00-05:00 --format json"
    )]
    Status(OverviewArgs),
    /// Show a week, month or year of what is open and closed
    ///
    /// A change may start where it says open: it and its settling end before the next window. Prints a map of letters for each environment
    /// and region, the windows with their lines of the policy, and when all regions are open at once.
    #[command(
        after_help = "exit status: 0 answered, 2 no answer\n\nexamples:\n  freezegate calendar\n  freezegate calendar production --month --from 2026-12-01\n  freezegate calendar --kind infrastructure --timezone UTC\n  freezegate calendar --year --format html --output calendar.html\n  freezegate calendar production --format ics --output freezes.ics"
    )]
    Calendar(CalendarArgs),
    /// Show which requests go to another backend after an edit of routes
    ///
    /// Reads the Ingress, HTTPRoute and VirtualService manifests of two trees, and compares which backend answers each request. Each line
    /// shows a request as proof. If part of a manifest is not understood, it is listed, and the exit status is 2.
    #[command(
        after_help = "exit status: 0 no backend loses a request (with --request: one answers it), 1 one does (with --request: several may, or nobody does), 2 no answer\n\nexamples:\n  freezegate routes\n  freezegate routes --before origin/main:deploy --after HEAD:deploy\n  freezegate routes --before rendered/old --after rendered/new --format json\n  freezegate routes --after rendered --request 'GET https://login.example.com/sso'\n  freezegate routes --request 'GET https://login.example.com/sso' --header 'x-region: us'"
    )]
    Routes(RoutesArgs),
    /// Start a command if it is allowed now
    ///
    /// Judges, records the decision if `--record` says where, and becomes the command: its process id, signals, terminal, standard input
    /// and exit status. Otherwise it starts nothing, says why on standard error, and exits 125. Standard output is the command's alone.
    #[command(
        after_help = "exit status: the command's own; 125 not started: refused, or no decision (`--format json` tells which); 126 the program can't be executed, 127 it isn't found\n\nexamples:\n  freezegate run production --service agent-workspace --kind maintenance -- ./reboot.sh\n  freezegate run production --region eu --for 30m -- ansible-playbook patch.yml\n  freezegate run production --plan plan.json -- terraform apply tfplan\n  freezegate run production --dry-run -- ./reboot.sh"
    )]
    Run(RunArgs),
    /// Override a refusal: write, sign, show and verify grants
    #[command(
        after_help = "examples:\n  freezegate grant new --range main~1..main --reason \"fix login\" --output INC-7.grant\n  freezegate grant sign INC-7.grant --key ~/.ssh/id_ed25519\n  freezegate grant verify INC-7.grant\n  freezegate check --range main~1..main --grant INC-7.grant"
    )]
    Grant {
        #[command(subcommand)]
        grant: GrantCommand,
    },
    /// Read the record of decisions
    #[command(
        after_help = "examples:\n  freezegate record show record.jsonl --since 12h\n  freezegate record verify record.jsonl"
    )]
    Record {
        #[command(subcommand)]
        record: RecordCommand,
    },
    /// Install and run the git hooks
    #[command(after_help = "examples:\n  freezegate hook install\n  freezegate hook status")]
    Hook {
        #[command(subcommand)]
        hook: HookCommand,
    },
    /// Check a policy for what is wrong, never opens, never matches or expires soon
    #[command(
        after_help = "exit status: 0 nothing found, 1 something found (with --deny-opening, also if the edit opens anything), 2 the policy is wrong or there is no answer\n\nexamples:\n  freezegate lint\n  freezegate lint --against origin/main\n  freezegate lint --against origin/main --deny-opening\n  freezegate lint --policy new.toml --against old.toml"
    )]
    Lint(LintArgs),
    /// Check a policy against its test cases
    #[command(
        after_help = "exit status: 0 all as expected, 1 something is not (with --coverage, also if something is untouched), 2 no answer\n\nexamples:\n  freezegate test\n  freezegate test --coverage\n  freezegate test freezegate.test.toml --policy new.toml\n  freezegate test --format junit --output policy-tests.xml"
    )]
    Test(TestArgs),
    /// Explain a finding or an error, and what to do about it
    #[command(after_help = "examples:\n  freezegate explain\n  freezegate explain core-hours")]
    Explain(ExplainArgs),
    /// Close now: print a freeze for `--extra-freezes`
    #[command(
        after_help = "examples:\n  freezegate stop --for 2h --incident INC-7 --output stop.toml\n  freezegate stop production --region eu --for 30m --reason \"login down\""
    )]
    Stop(StopArgs),
    /// Write a first policy from what this repository shows
    #[command(after_help = "examples:\n  freezegate init\n  freezegate init --timezone America/New_York")]
    Init(InitArgs),
    /// Print the JSON Schema of policies, decisions, record entries or calendars
    #[command(
        after_help = "examples:\n  freezegate schema --output freezegate.schema.json\n  freezegate schema decision\n  freezegate schema record\n  freezegate schema calendar"
    )]
    Schema(SchemaArgs),
    /// Print a script that completes commands in a shell
    #[command(
        after_help = "examples:\n  freezegate completions bash > ~/.local/share/bash-completion/completions/freezegate"
    )]
    Completions(CompletionsArgs),
    /// Print the manual pages
    #[command(after_help = "examples:\n  freezegate man | man -l -\n  freezegate man --output ~/.local/share/man/man1")]
    Man(ManArgs),
}

// What is started, and as what it is judged.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) check: CheckArgs,
    /// The command and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

// What is waited for, and how long.
#[derive(Debug, Args)]
#[command(mut_arg("at", |at| at.hide(true)))]
pub(crate) struct WaitArgs {
    #[command(flatten)]
    pub(crate) check: CheckArgs,
    /// Wait no longer than this, such as `12h`; exit 1 at once if it opens later (left out: wait for however long it takes)
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) timeout: Option<String>,
    /// After it opens, wait a random time up to this, such as `10m`, so that jobs that wait together start apart
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) spread: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Install a hook
    #[command(
        after_help = "examples:\n  freezegate hook install\n  freezegate hook install --record /var/lib/freezegate/shop.jsonl"
    )]
    Install(InstallArgs),
    /// Remove the hook that `hook install` wrote
    #[command(
        after_help = "exit status: 0 it is gone, 1 something remains, which is named\n\nexamples:\n  freezegate hook uninstall\n  freezegate hook uninstall pre-receive"
    )]
    Uninstall(StatusArgs),
    /// Show whether git runs the hook
    #[command(
        after_help = "exit status: 0 git runs it, 1 it does not\n\nexamples:\n  freezegate hook status\n  freezegate hook status pre-receive"
    )]
    Status(StatusArgs),
    /// Judge a push before it leaves (git runs this)
    #[command(
        after_help = "examples:\n  freezegate hook install pre-push\n  echo \"refs/heads/main $(git rev-parse main) refs/heads/main $(git rev-parse origin/main)\" | freezegate hook pre-push --verbose origin"
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
    /// Which hook (left out: `pre-receive` in a bare repository, else `pre-push`)
    #[arg(value_enum)]
    pub(crate) hook: Option<HookName>,
    /// The policy file that the hook uses (left out: that of the default branch)
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Which hook (left out: `pre-receive` in a bare repository, else `pre-push`)
    #[arg(value_enum)]
    pub(crate) hook: Option<HookName>,
}

// What git hands to a pre-push hook, besides standard input (githooks(5)).
#[derive(Debug, Args)]
pub(crate) struct PrePushArgs {
    /// Print what was judged, also if all of it is allowed (or: `git config freezegate.verbose true`)
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
    /// Print what was judged, also if all of it is allowed (or: `git config freezegate.verbose true`)
    #[arg(short, long)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
}

// What a change is said to be, and against what it is judged.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Environments that the change goes to, by name or alias
    #[arg(value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// A region that the change goes to (repeatable; left out: all that the environment serves)
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,
    /// A service that the change belongs to (repeatable)
    #[arg(long = "service", value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// What sort of change it is (repeatable): deploy, config, infrastructure, migration, maintenance, flag, security
    #[arg(long = "kind", value_name = "KIND")]
    pub(crate) kinds: Vec<String>,
    /// Judge what differs between two commits
    #[arg(long, value_name = "OLD..NEW")]
    pub(crate) range: Option<String>,
    /// The full name of the ref that is changed, such as `refs/heads/main`
    #[arg(long = "ref", value_name = "NAME")]
    pub(crate) reference: Option<String>,
    /// Judge a plan of Terraform or OpenTofu too: what `terraform show -json TFPLAN` prints, in a file or on standard input (`-`)
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// Judge only what you declare; another job judges the rest of the change
    #[arg(long = "declared-only")]
    pub(crate) only: bool,
    /// How long the change takes, such as `45m`; never shorter than the environment's `duration`
    #[arg(long = "for", value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) duration: Option<String>,
    /// Judge as if it were this time: `17:50` today, or `2026-11-26T09:00:00-05:00`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// Dry run: report what would be refused, and exit 0; `run` starts nothing then
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Enforce: read the policy from the commit before the change, which it can't touch (a known CI provider implies this)
    #[arg(long)]
    pub(crate) enforce: bool,
    /// Ignore the CI provider's environment variables; the answer is advice unless `--enforce` is given
    #[arg(long)]
    pub(crate) no_ci: bool,
    /// Read the policy from this commit
    #[arg(long, value_name = "COMMIT")]
    pub(crate) policy_from: Option<String>,
    /// Fetch what is missing from the remote: single commits, trees and files, and history only to find a merge base.
    /// Branches are those of the remote now. The clone does not change
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

// What a policy is compared with.
#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// Check the policy as if it were this time: `17:50` today, or `2026-11-26T09:00:00-05:00`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// Warn of an environment that is open for fewer hours a week than this, such as `7.5`
    #[arg(long, value_name = "HOURS", default_value = "10", allow_hyphen_values = true)]
    pub(crate) min_open_hours: String,
    /// How many coming weeks to count open hours in
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=i64::from(MOST_WEEKS)))]
    pub(crate) weeks: u8,
    /// Report files of the checked-out commit that no target matches
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Compare with the policy of a commit, such as `origin/main`, or in a file: report what the edit opens and closes
    #[arg(long, value_name = "REV|FILE")]
    pub(crate) against: Option<OsString>,
    /// Exit 1 also if the edit opens anything, not only if something is found
    #[arg(long, requires = "against")]
    pub(crate) deny_opening: bool,
    /// A code not to warn about, such as `not-liftable`, because it is intended (repeatable)
    #[arg(long = "allow", value_name = "CODE")]
    pub(crate) allowed: Vec<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub(crate) format: LintFormat,
    /// Write the answer to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The time zone in which you read the clock, such as `Europe/Berlin` (left out: the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

// What is to be explained.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The code of a finding or an error, such as `core-hours` (left out: the list of all)
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

// Of what the targets are asked.
#[derive(Debug, Args)]
pub(crate) struct WhereArgs {
    /// A path, of a file or of a folder with all its tracked files, or the full name of a ref
    #[arg(value_name = "PATH|REF", required = true)]
    pub(crate) asked: Vec<OsString>,
    /// The ref that the paths are changed on, by its full name (left out: any)
    #[arg(long = "ref", value_name = "NAME")]
    pub(crate) reference: Option<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = WhereFormat::Text)]
    pub(crate) format: WhereFormat,
    /// Write the answer to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhereFormat {
    /// For people
    Text,
    /// One line of JSON, `freezegate/where/v1`
    Json,
}

// Whose routes are compared, or who answers what.
#[derive(Debug, Args)]
pub(crate) struct RoutesArgs {
    /// The manifests before: a folder, a file, a revision, or `REV:PATH` (left out: `HEAD`; with `--request`: none)
    #[arg(long, value_name = "TREE")]
    pub(crate) before: Option<String>,
    /// The manifests after (left out: the work tree)
    #[arg(long, value_name = "TREE")]
    pub(crate) after: Option<String>,
    /// Ask who answers this request, such as `GET https://login.example.com/sso`
    #[arg(long, value_name = "REQUEST")]
    pub(crate) request: Option<String>,
    /// A header of the request, such as `x-region: us` (repeatable)
    #[arg(long = "header", value_name = "NAME: VALUE", requires = "request")]
    pub(crate) headers: Vec<String>,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = RoutesFormat::Text)]
    pub(crate) format: RoutesFormat,
    /// Write the answer to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoutesFormat {
    /// For people
    Text,
    /// One line of JSON, `freezegate/routes/v1`
    Json,
}

// Of what the state is asked.
#[derive(Debug, Args)]
pub(crate) struct OverviewArgs {
    /// Environments, by name or alias (left out: all)
    #[arg(value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// Answer as if it were this time: `17:50` today, or `2026-11-26T09:00:00-05:00`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = OverviewFormat::Text)]
    pub(crate) format: OverviewFormat,
    /// Write the answer to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The zone in which you read the clock, such as `Europe/Berlin` (left out: the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OverviewFormat {
    /// For people
    Text,
    /// One line of JSON, `freezegate/status/v1`
    Json,
}

// Where decisions are kept.
#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    /// Record each decision before printing it: in a file, or `refs/freezegate/record`, or `origin:refs/freezegate/record`
    /// to share it through a remote. Forges protect only branches and tags, so a dedicated branch works too:
    /// `origin:refs/heads/freezegate-record`. The pre-push hook only reads it
    #[arg(long = "record", value_name = "FILE|REF")]
    pub(crate) location: Option<OsString>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordCommand {
    /// List decisions, and count what overrode findings
    #[command(
        after_help = "exit status: 0 the whole record was read, or the output was closed; 2 no record, or a broken one (entries before the first fault are listed)\n\nexamples:\n  freezegate record show record.jsonl --since 12h\n  freezegate record show record.jsonl --environment production --refused --since 7d --until 1d\n  freezegate record show origin:refs/freezegate/record --overridden\n  freezegate record show record.jsonl --format json --since 2026-11-26T00:00:00Z"
    )]
    Show(ShowArgs),
    /// Check that no entry was edited, reordered, dropped or cut off
    #[command(
        after_help = "exit status: 0 nothing is wrong, 1 something is wrong, 2 the record cannot be read\n\nexamples:\n  freezegate record verify record.jsonl\n  freezegate record verify origin:refs/freezegate/record --format json"
    )]
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The record, as `--record` has it
    #[arg(value_name = "FILE|REF")]
    pub(crate) location: OsString,
    /// Only what was allowed
    #[arg(long, conflicts_with = "refused")]
    pub(crate) allowed: bool,
    /// Only what was refused
    #[arg(long, conflicts_with = "overridden")]
    pub(crate) refused: bool,
    /// Only what was allowed by an override
    #[arg(long)]
    pub(crate) overridden: bool,
    /// Only what reaches this environment, by its name in the policy (repeatable: any of them)
    #[arg(long = "environment", value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// Only what named this incident
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// Only what this person pushed, asked for or signed
    #[arg(long, value_name = "NAME")]
    pub(crate) person: Option<String>,
    /// Only from this time on: `2026-11-26T09:00:00Z`, or `7d` ago
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only before this time: `2026-11-26T12:00:00Z`, or `12h` ago
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub(crate) format: ShowFormat,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The record, as `--record` has it
    #[arg(value_name = "FILE|REF")]
    pub(crate) location: OsString,
    /// The hash of an entry that must be in it, from an earlier answer: detects a record cut off at its end
    #[arg(long, value_name = "HASH")]
    pub(crate) expect: Option<String>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = RecordFormat::Text)]
    pub(crate) format: RecordFormat,
}

// Where the policy is.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    /// A policy file (repeatable; left out: `FREEZEGATE_POLICY`, `freezegate.toml` or `policies/freezegate.toml`)
    #[arg(long = "policy", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// A file of freezes to add, as `freezegate stop` prints it (repeatable)
    #[arg(long = "extra-freezes", value_name = "FILE")]
    pub(crate) extra_freezes: Vec<PathBuf>,
}

// How the answer is given.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write the answer to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The time zone in which you read the clock, such as `Europe/Berlin` (left out: the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One line of JSON, `freezegate/decision/v1`
    Json,
    /// For a step of GitHub Actions: annotations, the step's summary and its outputs
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// JUnit's XML
    Junit,
    /// For a comment or a page
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people
    Text,
    /// One line of JSON, `freezegate/lint/v1`
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// For people
    Text,
    /// JSON lines: each entry as recorded, with its place; `freezegate schema record` prints their schema
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RecordFormat {
    /// For people
    Text,
    /// One line of JSON
    Json,
}

// What is closed, for how long, and why.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("why").args(["incident", "reason"]).required(true).multiple(true)))]
pub(crate) struct StopArgs {
    /// Environments to close, by name or alias (left out: all)
    #[arg(value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// A region to close (repeatable; left out: all)
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,
    /// A service to close (repeatable; left out: all)
    #[arg(long = "service", value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// How long from now, such as `2h`: a minute to 31 days
    #[arg(long = "for", value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) duration: String,
    /// The incident, such as `INC-7`
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// Why, for those who are refused
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Write it to this file, which must not exist yet, instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

// Where the draft goes.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Write the policy to this file (left out: `freezegate.toml` at the root of the repository)
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Replace the policy that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// The zone in which customers are at work, such as `Europe/Berlin` (left out: the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

// Which schema, and where it goes.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// What to describe
    #[arg(value_enum, value_name = "WHAT", default_value_t = SchemaOf::Policy)]
    pub(crate) of: SchemaOf,
    /// Write it to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A policy file
    Policy,
    /// A decision, as `--format json` of `check` and `next` prints it
    Decision,
    /// An entry of a record, as recorded and as `record show --format json` prints it
    Record,
    /// A calendar, as `calendar --format json` prints it
    Calendar,
}

// For which shell.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

// Where the manual goes.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for each command to this folder, instead of the main page to standard output
    #[arg(long = "output", value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}

impl PolicyArgs {
    /// What it says, for the gate.
    pub(crate) fn place(&self) -> PolicyPlace {
        PolicyPlace { files: self.files.clone(), extra_freezes: self.extra_freezes.clone() }
    }
}

impl RecordArgs {
    /// What it says, for the gate.
    pub(crate) fn place(&self) -> RecordPlace {
        RecordPlace { location: self.location.clone() }
    }
}

impl CheckArgs {
    /// What it asks, for the gate.
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
            is_ahead: false,
        }
    }
}

impl PrePushArgs {
    /// What it asks, for the gate.
    pub(crate) fn request(&self) -> PushRequest {
        PushRequest { remote: self.remote.clone(), record: self.record.place(), policy: self.policy.place() }
    }
}

impl PreReceiveArgs {
    /// What it asks, for the gate.
    pub(crate) fn request(&self) -> ReceiveRequest {
        ReceiveRequest { record: self.record.place(), policy: self.policy.place() }
    }
}
