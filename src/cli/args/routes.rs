//! What `freezegate routes` can be asked.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

// Whose routes are compared, or who answers what.
#[derive(Debug, Args)]
pub(crate) struct RoutesArgs {
    /// The manifests before: a folder, a file, a revision, or `REV:PATH` (default: `HEAD`; with `--request`: none)
    #[arg(long, value_name = "TREE")]
    pub(crate) before: Option<String>,
    /// The manifests after (default: the work tree)
    #[arg(long, value_name = "TREE")]
    pub(crate) after: Option<String>,
    /// Show which backend answers this request, such as `GET https://login.example.com/sso`
    #[arg(long, value_name = "REQUEST")]
    pub(crate) request: Option<String>,
    /// A header of the request, such as `x-region: us` (repeatable)
    #[arg(long = "header", value_name = "NAME: VALUE", requires = "request")]
    pub(crate) headers: Vec<String>,
    /// For people or for machines
    #[arg(long, value_enum, default_value_t = RoutesFormat::Text)]
    pub(crate) format: RoutesFormat,
    /// Write the output to this file instead of standard output
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
