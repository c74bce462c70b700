//! What `freezegate export` and `freezegate import` can be asked.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::PolicyArgs;

// What is written, for whom, and for which applications.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("selector").args(["applications", "namespaces", "clusters"])))]
pub(crate) struct ExportArgs {
    /// The target program
    #[arg(value_enum, value_name = "FORMAT")]
    pub(crate) format: ExportFormat,
    /// Environments, by name or alias (default: all; for GitLab and events, one)
    #[arg(value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// A region to export (repeatable; default: all)
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,
    /// For Argo CD: the applications, such as `{environment}-{region}-*` (repeatable; default: `*`)
    #[arg(long, value_name = "PATTERN")]
    pub(crate) applications: Vec<String>,
    /// For Argo CD: choose applications by namespace (repeatable)
    #[arg(long, value_name = "PATTERN")]
    pub(crate) namespaces: Vec<String>,
    /// For Argo CD: choose applications by cluster (repeatable)
    #[arg(long, value_name = "PATTERN")]
    pub(crate) clusters: Vec<String>,
    /// For events: list dates up to this day for windows that no rule can express (default: a year from now)
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Allow windows that close more than the policy does, and list them
    #[arg(long)]
    pub(crate) stricter: bool,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// Write to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Sync windows for an `AppProject` (YAML)
    Argocd,
    /// Freeze periods for the API (JSON)
    Gitlab,
    /// Calendar events (iCalendar, RFC 5545)
    Ics,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// Sync windows from an `AppProject` (YAML)
    Argocd,
    /// Freeze periods from the API (JSON)
    Gitlab,
    /// Calendar events (iCalendar, RFC 5545)
    Ics,
}

// What is read, and what becomes of it.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The source program
    #[arg(value_enum, value_name = "FORMAT")]
    pub(crate) format: ImportFormat,
    /// The file; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Name of the environment in the policy
    #[arg(long, value_name = "NAME", default_value = "production")]
    pub(crate) environment: String,
    /// For Argo CD: read only the windows for this application
    #[arg(long, value_name = "NAME")]
    pub(crate) application: Option<String>,
    /// For Argo CD: the application's destination namespace
    #[arg(long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// For Argo CD: the application's destination cluster
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster: Option<String>,
    /// For events: the time zone of all-day and floating events, such as `Europe/Berlin`
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// For events that no policy rule can express: list their dates before this day
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Allow freezes that close more than the windows do, and list them
    #[arg(long)]
    pub(crate) stricter: bool,
    /// Write to this file, which must not exist yet, instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}
