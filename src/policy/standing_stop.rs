//! Stops that a reader added to the policy, with what people are told of each.

use crate::policy::FindingId;
use crate::time::instant::Instant;

/// A stop that holds: somebody published it, it is not over, and too few people signed that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingStop {
    /// The name of its freeze.
    pub freeze: String,
    /// Its id, 64 hexadecimal digits.
    pub id: String,
    /// The incident.
    pub incident: Option<String>,
    /// The reason, as whoever stopped wrote it.
    pub reason: Option<String>,
    /// The person who stopped.
    pub by: String,
    /// The time when it began, in seconds since 1970-01-01T00:00:00Z.
    pub from: Instant,
    /// The first instant at which it is over, in seconds since 1970-01-01T00:00:00Z.
    pub until: Instant,
    /// The place where it was published, as the reader names the place.
    pub place: StopPlace,
    /// The people of the roster who signed that it is over, in the order of the signatures.
    pub signed: Vec<String>,
    /// The signatures that each `[[lifts]]` entry by which it ends still lacks, in words, in the order of the policy; not escaped.
    pub missing: Vec<String>,
}

/// The place where stops are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopPlace {
    /// A file.
    File(String),
    /// A ref of the repository at hand.
    OwnRef(String),
    /// A ref of a remote, as it is written on the command line.
    Remote(String),
}

impl StopPlace {
    /// The place as it is written on the command line.
    #[must_use]
    pub fn written(&self) -> &str {
        match self {
            Self::File(written) | Self::OwnRef(written) | Self::Remote(written) => written,
        }
    }
}

/// The stops of all places that were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StandingStops {
    /// Those that hold, in the order in which they were published.
    pub stops: Vec<StandingStop>,
    /// Everything that is doubtful, for people: entries that count for nothing, and stops that somebody took away.
    pub doubts: Vec<String>,
}

impl StandingStops {
    /// Returns the stop whose freeze a finding of this id is about, such as `freeze/stop 8f2c01aa93bd INC-7`.
    #[must_use]
    pub fn of_finding(&self, id: &FindingId) -> Option<&StandingStop> {
        let name = id.freeze()?;
        self.stops.iter().find(|stop| stop.freeze == name)
    }
}
