//! What `freezegate test` can be asked.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::PolicyArgs;

// Which cases, by which policy.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Case files (default: each `*.test.toml` in the folder of the policy)
    #[arg(value_name = "FILE")]
    pub(crate) cases: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// List the environments, windows, targets and hazards that no case covers; exit 1 if there are any
    #[arg(long)]
    pub(crate) coverage: bool,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    pub(crate) format: TestFormat,
    /// Write the output to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people
    Text,
    /// One line of JSON, `freezegate/test/v1`
    Json,
    /// JUnit XML
    Junit,
}
