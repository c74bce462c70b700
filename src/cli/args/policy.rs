//! Options that name the policy, which many commands share.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::gate::request::{OrganisationChoice, PolicyPlace};
use crate::gate::stop_places::StopPlaces;

// Where the policy is.
#[derive(Debug, Clone, Args)]
pub(crate) struct PolicyArgs {
    /// A policy file (repeatable; default: `FREEZEGATE_POLICY`, `freezegate.toml` or `policies/freezegate.toml`)
    #[arg(long = "policy", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// A file of freezes to add, as `freezegate stop` prints it (repeatable)
    #[arg(long = "extra-freezes", value_name = "FILE")]
    pub(crate) extra_freezes: Vec<PathBuf>,
    /// The organisation's policy, which this repository's policy extends: a file outside the repository; `none` if this repository no longer follows one
    #[arg(long = "organisation-policy", value_name = "FILE")]
    pub(crate) organisation: Option<PathBuf>,
    /// Where stops are published: a remote (`origin`) or its address, `refs/freezegate/stops`, or a file (repeatable;
    /// `FREEZEGATE_STOPS` adds one)
    #[arg(long = "stops", value_name = "REMOTE|FILE|REF")]
    pub(crate) stops: Vec<OsString>,
}

/// Returns what `--organisation-policy` says.
pub(crate) fn organisation(written: Option<&PathBuf>) -> OrganisationChoice {
    match written {
        None => OrganisationChoice::Unsaid,
        Some(path) if path.as_os_str() == "none" => OrganisationChoice::None,
        Some(path) => OrganisationChoice::File(path.clone()),
    }
}

impl PolicyArgs {
    /// Returns what it says, for the gate.
    pub(crate) fn place(&self) -> PolicyPlace {
        PolicyPlace {
            files: self.files.clone(),
            extra_freezes: self.extra_freezes.clone(),
            organisation: organisation(self.organisation.as_ref()),
            stops: StopPlaces::new(self.stops.clone()),
        }
    }
}
