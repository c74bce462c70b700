//! What `freezegate where` can be asked.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::PolicyArgs;

// Of what the targets are asked.
#[derive(Debug, Args)]
pub(crate) struct WhereArgs {
    /// A file, a folder (with all its tracked files), or the full name of a ref
    #[arg(value_name = "PATH|REF", required = true)]
    pub(crate) asked: Vec<OsString>,
    /// Full name of the ref on which the paths change (default: any)
    #[arg(long = "ref", value_name = "NAME")]
    pub(crate) reference: Option<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = WhereFormat::Text)]
    pub(crate) format: WhereFormat,
    /// Write the output to this file instead of standard output
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
