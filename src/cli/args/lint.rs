//! What `freezegate lint` can be asked.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::PolicyArgs;
use crate::lint::MOST_WEEKS;

// What a policy is compared with.
#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// Check the policy as if it were this time: `17:50` today, `Fri 17:50`, or `2026-11-26T09:00:00-05:00`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// Warn about environments that are open for fewer hours a week than this, such as `7.5`
    #[arg(long, value_name = "HOURS", default_value = "10", allow_hyphen_values = true)]
    pub(crate) min_open_hours: String,
    /// Number of coming weeks in which to count open hours
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=i64::from(MOST_WEEKS)))]
    pub(crate) weeks: u8,
    /// Report files of the checked-out commit that no target matches
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Compare with the policy of a commit, such as `origin/main`, or a file: report what the edit opens and closes
    #[arg(long, value_name = "REV|FILE")]
    pub(crate) against: Option<OsString>,
    /// Also exit 1 if the edit opens anything
    #[arg(long, requires = "against")]
    pub(crate) deny_opening: bool,
    /// Do not warn about this code, such as `not-liftable`, because it is intended (repeatable)
    #[arg(long = "allow", value_name = "CODE")]
    pub(crate) allowed: Vec<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub(crate) format: LintFormat,
    /// Write the output to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Your time zone, for displayed times, such as `Europe/Berlin` (default: the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people
    Text,
    /// One line of JSON, `freezegate/lint/v1`
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}
