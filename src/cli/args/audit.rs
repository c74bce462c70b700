//! What `freezegate report` can be asked.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

// Which records, of which time.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Repositories that should run a gate, as grants name them, such as `example.com/shop`
    #[arg(value_name = "REPOSITORY")]
    pub(crate) expected: Vec<String>,
    /// A record: a file or a ref, as for `check` (repeatable)
    #[arg(long = "record", value_name = "FILE|REF", required = true)]
    pub(crate) records: Vec<OsString>,
    /// A file that lists the repositories that should run a gate, one per line
    #[arg(long = "repositories", value_name = "FILE")]
    pub(crate) repositories: Option<PathBuf>,
    /// Only decisions from this time on: `2027-01-01`, `2026-11-26T09:00:00Z`, or `90d` ago
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Only decisions before this time: `2027-04-01`, `2026-11-26T12:00:00Z`, or `12h` ago
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Report repositories without a decision for this long, such as `7d`, up to now or `--until`
    #[arg(long, value_name = "DURATION")]
    pub(crate) stale: Option<String>,
    /// Also list decisions without findings
    #[arg(long)]
    pub(crate) all: bool,
    /// For people, for a spreadsheet, or for machines
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// The table of `--format csv`
    #[arg(long, value_enum, default_value_t = ReportTable::Decisions)]
    pub(crate) table: ReportTable,
    /// Write the output to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Time zone for displayed times, such as `Europe/Berlin` (default: the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// A table with a header line
    Csv,
    /// One line of JSON, `freezegate/report/v1`
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportTable {
    /// One row per decision
    Decisions,
    /// One row per window and repository
    Windows,
    /// One row per repository
    Repositories,
}
