//! What can be asked on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod audit;
mod backtest;
mod calendar;
mod cases;
mod check;
mod exchange;
mod hook;
mod lift;
mod lint;
mod output;
mod policy;
mod record;
mod routes;
mod whereabouts;

pub(crate) use audit::ReportArgs;
pub(crate) use audit::ReportFormat;
pub(crate) use audit::ReportTable;
pub(crate) use backtest::BacktestArgs;
pub(crate) use backtest::BacktestFormat;
pub(crate) use calendar::CalendarArgs;
pub(crate) use calendar::CalendarFormat;
pub(crate) use cases::TestArgs;
pub(crate) use cases::TestFormat;
pub(crate) use check::CheckArgs;
pub(crate) use check::CredentialCommand;
pub(crate) use check::NextArgs;
pub(crate) use check::RunArgs;
pub(crate) use check::WaitArgs;
pub(crate) use exchange::ExportArgs;
pub(crate) use exchange::ExportFormat;
pub(crate) use exchange::ImportArgs;
pub(crate) use exchange::ImportFormat;
pub(crate) use hook::AgentArgs;
pub(crate) use hook::HookCommand;
pub(crate) use hook::HookName;
pub(crate) use hook::InstallArgs;
pub(crate) use hook::PrePushArgs;
pub(crate) use hook::PreReceiveArgs;
pub(crate) use hook::StatusArgs;
pub(crate) use lift::GrantAskArgs;
pub(crate) use lift::GrantCommand;
pub(crate) use lift::GrantFileArgs;
pub(crate) use lift::GrantListArgs;
pub(crate) use lift::GrantNewArgs;
pub(crate) use lift::GrantSignArgs;
pub(crate) use lift::GrantVerifyArgs;
pub(crate) use lift::LiftArgs;
pub(crate) use lint::LintArgs;
pub(crate) use lint::LintFormat;
pub(crate) use output::Format;
pub(crate) use output::OutputArgs;
pub(crate) use policy::PolicyArgs;
pub(crate) use policy::organisation;
pub(crate) use record::RecordArgs;
pub(crate) use record::RecordCommand;
pub(crate) use record::RecordFormat;
pub(crate) use record::ShowArgs;
pub(crate) use record::ShowFormat;
pub(crate) use record::VerifyArgs;
pub(crate) use routes::RoutesArgs;
pub(crate) use routes::RoutesFormat;
pub(crate) use whereabouts::WhereArgs;
pub(crate) use whereabouts::WhereFormat;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "freezegate",
    version,
    about = "Check whether a change may reach an environment now",
    after_help = "every command also takes --color auto|always|never\n\nexit status: 0 allowed, 1 refused, 2 no decision\n\nexamples:\n  freezegate init\n  freezegate check production\n  freezegate next production --for 45m\n  freezegate run production -- ./deploy.sh\n  freezegate explain core-hours",
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    /// When to use colors; `auto` follows `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE`
    #[arg(long, global = true, hide = true, value_enum, value_name = "WHEN", default_value_t = ColorWhen::Auto)]
    pub(crate) color: ColorWhen,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When answers have colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless the environment says otherwise
    Auto,
    /// Also in files and pipes
    Always,
    /// Nowhere
    Never,
}

impl ColorWhen {
    /// Makes it so for all that is printed from here on.
    pub(crate) fn apply(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
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
        after_help = "exit status: 0 allowed, or refused with --dry-run; 1 refused, 2 no decision\n\nexamples:\n  freezegate check production\n  freezegate check production --kind maintenance --for 45m\n  freezegate check --range HEAD~1..HEAD --ref refs/heads/main\n  freezegate check production --at 2026-12-24T09:00:00-05:00\n  freezegate check production --plan plan.json\n  freezegate check production --manifests-before old.yaml --manifests new.yaml"
    )]
    Check(CheckArgs),
    /// Show when a change is allowed next
    #[command(
        after_help = "exit status: 0 answered, also if it never opens; 2 no answer\n\nexamples:\n  freezegate next production\n  freezegate next production --region eu --for 2h"
    )]
    Next(NextArgs),
    /// Wait until a change is allowed
    ///
    /// Prints to standard error what it waits for, and until when: a countdown on a terminal, elsewhere one line per hour. Checks again every 15
    /// minutes. At the end, decides as `check` does: only that decision is recorded and printed to standard output. Gives up at once if waiting
    /// can't help, or if it opens only after `--timeout`.
    #[command(
        after_help = "exit status: 0 allowed, 1 refused, 2 no decision\n\nexamples:\n  freezegate wait production --timeout 12h && ./deploy.sh\n  freezegate wait production --region eu --for 30m --spread 10m\n  freezegate wait production --kind maintenance --record origin:refs/heads/freezegate-record"
    )]
    Wait(WaitArgs),
    /// Show which environments a path or ref reaches, and the policy line that maps it
    #[command(
        after_help = "exit status: 0 each reaches an environment, 1 at least one reaches none, 2 no answer\n\nexamples:\n  freezegate where deploy/production/eu/app.yaml\n  freezegate where services --ref refs/heads/main\n  freezegate where refs/tags/v1.2.0 --format json"
    )]
    Where(WhereArgs),
    /// Show which environments are open now, until when, and why others are not
    #[command(
        after_help = "exit status: 0 answered, 2 no answer\n\nexamples:\n  freezegate status\n  freezegate status production --timezone America/New_York\n  freezegate status --at 17:50\n  freezegate status --record origin:refs/heads/freezegate-record --since 12h\n  freezegate status --at 2026-12-24T09:00:00-05:00 --format json"
    )]
    Status(OverviewArgs),
    /// Show a week, month or year of what is open and closed
    ///
    /// A time is open if a change started then would end and settle before the environment closes. Prints a map of letters for each environment and
    /// region, the windows with their policy lines, and the times when all regions are open.
    #[command(
        after_help = "exit status: 0 answered, 2 no answer\n\nexamples:\n  freezegate calendar\n  freezegate calendar production --month --from 2026-12-01\n  freezegate calendar --kind infrastructure --timezone UTC\n  freezegate calendar --year --format html --output calendar.html\n  freezegate calendar production --format ics --output freezes.ics"
    )]
    Calendar(CalendarArgs),
    /// Write the windows of a policy for Argo CD or GitLab, or as calendar events
    ///
    /// Writes windows that close exactly the same minutes, compared over 28 years, or lists what the other program can't express. The windows are
    /// those for a change of unknown kind and service. Events are for programs; for people, use `calendar --format ics`.
    #[command(
        after_help = "exit status: 0 written, 2 the windows would not be exact, or no answer\n\nexamples:\n  freezegate export argocd production --stricter\n  freezegate export argocd --applications '{environment}-*' --stricter\n  freezegate export gitlab production --region eu --stricter --output freeze-periods.json\n  freezegate export ics production --until 2027-12-31 --output production.ics"
    )]
    Export(ExportArgs),
    /// Show what a policy would have refused in the past, and what that would have cost
    ///
    /// Judges past changes by the current policy: commits of a branch, tags, a record, or a table. Prints how many would have been refused, by
    /// window, region and kind; how long they would have waited; and how many would have gone out together afterwards. Dates of commits and tags are
    /// their authors' claims.
    #[command(
        after_help = "exit status: 0 all changes judged, 1 some can't be judged, 2 no answer\n\nexamples:\n  freezegate backtest\n  freezegate backtest --branch main --since 2026-01-01\n  freezegate backtest --tags 'v*' --policy proposed.toml\n  freezegate backtest --record origin:refs/heads/freezegate-record --since 90d\n  git log --format=%cI,production,%h | sed 1itime,environment,id | freezegate backtest --changes -"
    )]
    Backtest(BacktestArgs),
    /// Write a policy from Argo CD or GitLab windows, or from calendar events
    ///
    /// Writes a policy of one environment that closes exactly the same minutes, compared over 28 years, or lists what a policy can't express. Each
    /// calendar event becomes a freeze, whether it is marked busy or free.
    #[command(
        after_help = "exit status: 0 written, 2 the policy would not be exact, or no answer\n\nexamples:\n  kubectl get appproject shop --output yaml | freezegate import argocd -\n  freezegate import argocd appproject.yaml --application shop-prod --output windows.toml\n  freezegate import gitlab freeze-periods.json --environment live\n  freezegate import ics holidays.ics --timezone Europe/Berlin --output holidays.toml\n  freezegate import ics freezes.ics --until 2027-12-31"
    )]
    Import(ImportArgs),
    /// Show which requests an edit of routes sends to another backend
    ///
    /// Reads the Ingress, HTTPRoute and VirtualService manifests of two trees, and compares which backend answers each request. Each line
    /// shows a request as proof. If it does not understand part of a manifest, it lists that part and exits 2.
    #[command(
        after_help = "exit status: 0 no backend loses a request, 1 a backend loses one, 2 no answer; with --request: 0 one backend answers it, 1 none or several\n\nexamples:\n  freezegate routes\n  freezegate routes --before origin/main:deploy --after HEAD:deploy\n  freezegate routes --before rendered/old --after rendered/new --format json\n  freezegate routes --after rendered --request 'GET https://login.example.com/sso'\n  freezegate routes --request 'GET https://login.example.com/sso' --header 'x-region: us'"
    )]
    Routes(RoutesArgs),
    /// Start a command if it is allowed now
    ///
    /// Records the decision if `--record` is given. If allowed, replaces itself with the command, which keeps the process id, signals, terminal and
    /// standard input, and sets the exit status. Otherwise starts nothing, prints the reason to standard error, and exits 125. Only the command
    /// writes to standard output.
    #[command(
        after_help = "exit status: the command's own; 125 not started: refused, or no decision (`--format json` says which); 126 the command can't be executed, 127 it is not found\n\nexamples:\n  freezegate run production --service agent-workspace --kind maintenance -- ./reboot.sh\n  freezegate run production --region eu --for 30m -- ansible-playbook patch.yml\n  freezegate run production --plan plan.json -- terraform apply tfplan\n  freezegate run production --dry-run -- ./reboot.sh"
    )]
    Run(RunArgs),
    /// Give kubectl or aws credentials if a change is allowed now
    #[command(
        after_help = "exit status: 0 printed, 1 refused, 2 no decision or no credential\n\nexamples:\n  freezegate credential kube production -- gke-gcloud-auth-plugin\n  freezegate credential aws production -- aws configure export-credentials --profile deploy"
    )]
    Credential {
        #[command(subcommand)]
        credential: CredentialCommand,
    },
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
    /// Report refusals, overrides and outdated repositories from records
    ///
    /// Reads each record in full; prints no report if one does not verify. Counts what was refused, and what a roll-out would refuse later, by
    /// repository and window; lists overrides, refusals and rollbacks.
    #[command(
        after_help = "exit status: 0 reported, 1 a repository runs no gate, uses an old policy, or had no decision within `--stale`, 2 no report\n\nexamples:\n  freezegate report --record record.jsonl --from 30d\n  freezegate report --record origin:refs/heads/freezegate-record --stale 7d --repositories repositories.txt\n  freezegate report --record a.jsonl --record b.jsonl example.com/shop example.com/blog\n  freezegate report --record record.jsonl --from 2027-01-01 --until 2027-04-01 --format csv --output quarter.csv"
    )]
    Report(ReportArgs),
    /// Install and run the git hooks
    #[command(after_help = "examples:\n  freezegate hook install\n  freezegate hook status")]
    Hook {
        #[command(subcommand)]
        hook: HookCommand,
    },
    /// Check a policy for mistakes, environments that never open, and what expires soon
    #[command(
        after_help = "exit status: 0 nothing found, 1 something found (with --deny-opening, also if the edit opens anything), 2 the policy is invalid, or no answer\n\nexamples:\n  freezegate lint\n  freezegate lint --against origin/main\n  freezegate lint --against origin/main --deny-opening\n  freezegate lint --policy new.toml --against old.toml"
    )]
    Lint(LintArgs),
    /// Check a policy against its test cases
    #[command(
        after_help = "exit status: 0 all as expected, 1 a case fails (with --coverage, also if something is not covered), 2 no answer\n\nexamples:\n  freezegate test\n  freezegate test --coverage\n  freezegate test freezegate.test.toml --policy new.toml\n  freezegate test --format junit --output policy-tests.xml"
    )]
    Test(TestArgs),
    /// Explain a finding or an error, and what to do about it
    #[command(after_help = "examples:\n  freezegate explain\n  freezegate explain core-hours")]
    Explain(ExplainArgs),
    /// Close now: publish a stop for all gates, or print a freeze to add
    #[command(
        after_help = "examples:\n  freezegate stop production --for 2h --incident INC-7 --reason \"login down\" --stops origin\n  freezegate stop --for 2h --incident INC-7 --output stop.toml\n  freezegate stop production --region eu --for 30m --reason \"login down\""
    )]
    Stop(StopArgs),
    /// Sign the end of a stop
    ///
    /// Adds your signature where the stop is published. Each gate counts the signatures by the policy in force there. Without `--key`, shows the stop
    /// and the missing signatures.
    #[command(
        after_help = "exit status: 0 the stop is over, 1 it is still in force, 2 no answer\n\nexamples:\n  freezegate resume 8f2c01aa93bd --stops origin\n  freezegate resume 8f2c01aa93bd --stops origin --key ~/.ssh/id_ed25519 --reason \"login is back\""
    )]
    Resume(ResumeArgs),
    /// Draft a policy for this repository
    #[command(
        after_help = "examples:\n  freezegate init\n  freezegate init --timezone America/New_York --timezone Europe/London"
    )]
    Init(InitArgs),
    /// Print the JSON Schema of policies, cases, decisions, record entries and answers
    #[command(
        after_help = "examples:\n  freezegate schema --output freezegate.schema.json\n  freezegate schema decision\n  freezegate schema record\n  freezegate schema calendar\n  freezegate schema cases --output freezegate.test.schema.json"
    )]
    Schema(SchemaArgs),
    /// Print a script that completes commands in a shell
    #[command(
        after_help = "examples:\n  freezegate completions bash > ~/.local/share/bash-completion/completions/freezegate"
    )]
    Completions(CompletionsArgs),
    /// Print the names that can stand in a command, for completion
    #[command(hide = true, after_help = "examples:\n  freezegate complete -- check prod")]
    Complete(CompleteArgs),
    /// Print the manual pages
    #[command(after_help = "examples:\n  freezegate man | man -l -\n  freezegate man --output ~/.local/share/man/man1")]
    Man(ManArgs),
}

// What is to be explained.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The code of a finding or an error, such as `core-hours` (default: the list of all)
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

// Of what the state is asked.
#[derive(Debug, Args)]
pub(crate) struct OverviewArgs {
    /// Environments, by name or alias (default: all)
    #[arg(value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// Answer as if it were this time: `17:50` today, `Fri 17:50`, or `2026-11-26T09:00:00-05:00`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// Show the overrides and refusals in this record: a file or a ref, as for `check`
    #[arg(long, value_name = "FILE|REF")]
    pub(crate) record: Option<OsString>,
    /// Show them from this time on: `2026-11-26T09:00:00Z`, or `12h` ago (default: a day ago)
    #[arg(long, value_name = "TIME", requires = "record")]
    pub(crate) since: Option<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = OverviewFormat::Text)]
    pub(crate) format: OverviewFormat,
    /// Write the output to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Your time zone, for displayed times and `--at`, such as `Europe/Berlin` (default: the system's)
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

// What is closed, for how long, and why.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("why").args(["incident", "reason"]).required(true).multiple(true)))]
#[command(mut_arg("stops", |stops| stops.help("Publish it there: a remote (`origin`) or its address, `refs/freezegate/stops`, or a file (repeatable; `FREEZEGATE_STOPS` adds one)")))]
pub(crate) struct StopArgs {
    /// Environments to close, by name or alias (default: all)
    #[arg(value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// A region to close (repeatable; default: all)
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,
    /// A service to close (repeatable; default: all)
    #[arg(long = "service", value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// How long from now, such as `2h`: a minute to 31 days
    #[arg(long = "for", value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) duration: String,
    /// The incident, such as `INC-7`
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// The reason, shown in refusals
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Who declares the stop (default: `git config user.email`, else the name of the account)
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// Write it to this file, which must not exist yet, instead of standard output
    #[arg(long = "output", value_name = "FILE", conflicts_with = "stops")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

// Which stop is over, and who says so.
#[derive(Debug, Args)]
#[command(mut_arg("stops", |stops| stops.help("Where the stop was published: as for `stop`")))]
pub(crate) struct ResumeArgs {
    /// The id of the stop, or its first digits
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Your key file, as for `ssh-keygen -f`: a private key, or a public key whose private key is in an agent or on a token
    #[arg(long, value_name = "KEY", requires = "reason")]
    pub(crate) key: Option<PathBuf>,
    /// Why the stop is over
    #[arg(long, value_name = "TEXT", requires = "key")]
    pub(crate) reason: Option<String>,
    /// Who you are (default: `git config user.email`, else the name of the account)
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

// Where the draft goes.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Write the policy to this file (default: `freezegate.toml` at the root of the repository)
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
    /// Write the built-in hazards instead of a policy, to `--output` or to `hazards.toml` beside the policy
    #[arg(long, conflicts_with = "timezones")]
    pub(crate) hazards: bool,
    /// A time zone of your customers, such as `Europe/Berlin` (repeatable; default: asks on a terminal, else the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezones: Vec<String>,
}

// Which schema, and where it goes.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Which schema to print
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
    /// A record entry, as stored and as `record show --format json` prints it
    Record,
    /// A calendar, as `calendar --format json` prints it
    Calendar,
    /// A backtest, as `backtest --format json` prints it
    Backtest,
    /// The status of all environments, as `status --format json` prints it
    Status,
    /// A report, as `report --format json` prints it
    Report,
    /// A file of test cases, `*.test.toml`
    Cases,
}

// For which shell.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

// What is typed so far.
#[derive(Debug, Args)]
pub(crate) struct CompleteArgs {
    /// The words after `freezegate`, after `--`, up to the one at the cursor
    #[arg(last = true, value_name = "WORD")]
    pub(crate) words: Vec<OsString>,
}

// Where the manual goes.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for each command to this folder, instead of the main page to standard output
    #[arg(long = "output", value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}
