//! What `freezegate record` can be asked.

use std::ffi::OsString;

use clap::{Args, Subcommand, ValueEnum};

use crate::gate::request::RecordPlace;

// Where decisions are kept.
#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    /// Record each decision before printing it: in a file, or `refs/freezegate/record`, or, to share it through a remote, a
    /// branch that holds nothing else: `origin:refs/heads/freezegate-record`
    #[arg(long = "record", value_name = "FILE|REF")]
    pub(crate) location: Option<OsString>,
}

impl RecordArgs {
    /// Returns what it says, for the gate.
    pub(crate) fn place(&self) -> RecordPlace {
        RecordPlace { location: self.location.clone() }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordCommand {
    /// List decisions, and count what overrode findings
    #[command(
        after_help = "exit status: 0 the whole record was read, or the output was closed; 2 the record is missing or broken (entries before the first fault are listed)\n\nexamples:\n  freezegate record show record.jsonl --since 12h\n  freezegate record show record.jsonl --environment production --refused --since 7d --until 1d\n  freezegate record show origin:refs/heads/freezegate-record --overridden\n  freezegate record show record.jsonl --format json --since 2026-11-26T00:00:00Z"
    )]
    Show(ShowArgs),
    /// Check that no entry was edited, reordered, dropped or cut off
    #[command(
        after_help = "exit status: 0 intact, 1 changed or cut off, 2 the record can't be read\n\nexamples:\n  freezegate record verify record.jsonl\n  freezegate record verify origin:refs/heads/freezegate-record --format json"
    )]
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The record: a file or a ref, as for `--record`
    #[arg(value_name = "FILE|REF")]
    pub(crate) location: OsString,
    /// Only allowed changes
    #[arg(long, conflicts_with = "refused")]
    pub(crate) allowed: bool,
    /// Only refused changes
    #[arg(long, conflicts_with = "overridden")]
    pub(crate) refused: bool,
    /// Only changes allowed by an override
    #[arg(long)]
    pub(crate) overridden: bool,
    /// Only changes that reach this environment, by its name in the policy (repeatable: any of them)
    #[arg(long = "environment", value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// Only changes for this incident
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,
    /// Only changes that this person pushed, requested or signed
    #[arg(long, value_name = "NAME")]
    pub(crate) person: Option<String>,
    /// Only from this time on: `2026-11-26T09:00:00Z`, or `7d` ago
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only before this time: `2026-11-26T12:00:00Z`, or `12h` ago
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only entries after entry NUMBER
    #[arg(long, value_name = "NUMBER")]
    pub(crate) after: Option<u64>,
    /// Keep printing new entries; polls a file every second, a remote ref every 30 s
    #[arg(long, conflicts_with = "until")]
    pub(crate) follow: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub(crate) format: ShowFormat,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The record: a file or a ref, as for `--record`
    #[arg(value_name = "FILE|REF")]
    pub(crate) location: OsString,
    /// Hash of an entry that must be present, from an earlier answer: detects a truncated record
    #[arg(long, value_name = "HASH")]
    pub(crate) expect: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t = RecordFormat::Text)]
    pub(crate) format: RecordFormat,
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
