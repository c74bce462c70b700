//! Where a question reads stops, and what it found there.

use std::ffi::OsString;
use std::sync::{Arc, OnceLock};

use crate::proof::stops::HoldingStop;
use crate::time::instant::Instant;

/// The places that a question reads stops from, and what was read, once for all of the question.
#[derive(Debug, Clone, Default)]
pub(crate) struct StopPlaces {
    /// As the command line names them.
    pub(in crate::gate) written: Vec<OsString>,
    /// True if stops are read from nowhere, whatever the variable says.
    pub(in crate::gate) is_nowhere: bool,
    pub(in crate::gate) found: Arc<OnceLock<Arc<FoundStops>>>,
}

/// The stops of all places.
#[derive(Debug, Default)]
pub(crate) struct FoundStops {
    pub(in crate::gate) holding: Vec<HoldingStop>,
    /// Everything that is doubtful about the places, for people.
    pub(in crate::gate) doubts: Vec<String>,
    /// The time when they were read, in seconds since 1970-01-01T00:00:00Z.
    pub(in crate::gate) at: Instant,
}

impl StopPlaces {
    /// The places that the command line names.
    pub(crate) fn new(written: Vec<OsString>) -> Self {
        Self { written, ..Self::default() }
    }

    /// No place, whatever the variable says.
    pub(crate) fn nowhere() -> Self {
        Self { is_nowhere: true, ..Self::default() }
    }

    /// As the command line names them.
    pub(crate) fn written(&self) -> &[OsString] {
        &self.written
    }
}
