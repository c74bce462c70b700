//! What `freezegate backtest` can be asked.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::PolicyArgs;

// Which history, of which time.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("history").args(["branch", "tags", "record", "changes"])))]
pub(crate) struct BacktestArgs {
    /// Judge the commits of this branch, first parents only (default: the default branch)
    #[arg(long, value_name = "NAME")]
    pub(crate) branch: Option<String>,
    /// Judge the tags that match this pattern, such as `v*`
    #[arg(long, value_name = "PATTERN")]
    pub(crate) tags: Option<String>,
    /// Judge the changes in this record again: a file or a ref, as for `check`
    #[arg(long, value_name = "FILE|REF")]
    pub(crate) record: Option<OsString>,
    /// Judge the changes in this CSV or JSON table; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) changes: Option<PathBuf>,
    /// Only from this time on: `2026-01-01`, `2026-11-26T09:00:00Z`, or `90d` ago
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only before this time: `2026-07-01`, `2026-11-26T12:00:00Z`, or `12h` ago
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Also report which outages in this JSON file would have been prevented
    #[arg(long, value_name = "FILE")]
    pub(crate) incidents: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = BacktestFormat::Text)]
    pub(crate) format: BacktestFormat,
    /// Write the output to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Time zone for displayed times, such as `Europe/Berlin` (default: the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BacktestFormat {
    /// For people
    Text,
    /// One HTML page with plots, without scripts
    Html,
    /// One line of JSON, `freezegate/backtest/v1`
    Json,
}
