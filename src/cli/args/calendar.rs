//! What `freezegate calendar` can be asked.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::calendar::days::Period;
use crate::cli::args::PolicyArgs;

// Of what the calendar is, and how it looks.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("period").args(["week", "month", "year"])))]
pub(crate) struct CalendarArgs {
    /// Environments, by name or alias (default: all)
    #[arg(value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,
    /// A region to show (repeatable; default: all)
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,
    /// Show what is closed to this service (repeatable; default: to any service)
    #[arg(long = "service", value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Show what is closed to this kind of change (repeatable; default: to any kind)
    #[arg(long = "kind", value_name = "KIND")]
    pub(crate) kinds: Vec<String>,
    /// The first day, such as `2026-12-01` (default: today)
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub(crate) from: Option<String>,
    /// Show seven days (default, except with `--format ics`)
    #[arg(long)]
    pub(crate) week: bool,
    /// Show a month
    #[arg(long)]
    pub(crate) month: bool,
    /// Show a year (default with `--format ics`)
    #[arg(long)]
    pub(crate) year: bool,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// For people, for calendar programs or for machines
    #[arg(long, value_enum, default_value_t = CalendarFormat::Text)]
    pub(crate) format: CalendarFormat,
    /// Write the calendar to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Time zone of the calendar, such as `Europe/Berlin` (default: the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

impl CalendarArgs {
    /// Returns how long it is.
    pub(crate) const fn period(&self) -> Period {
        match (self.month, self.year, self.week) {
            (true, _, _) => Period::Month,
            (false, true, _) => Period::Year,
            (false, false, false) if matches!(self.format, CalendarFormat::Ics) => Period::Year,
            (false, false, _) => Period::Week,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CalendarFormat {
    /// For people at a terminal
    Text,
    /// One self-contained page for a browser, without scripts
    Html,
    /// For calendar programs: iCalendar (RFC 5545)
    Ics,
    /// One line of JSON, `freezegate/calendar/v1`
    Json,
}
