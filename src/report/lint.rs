//! What lint found, for people and for machines.

use crate::diagnostic::Sources;
use crate::lint::Review;
use crate::lint::coverage::FileCounts;
use crate::time::instant::Instant;
use crate::time::zone::Zone;

pub mod against;
pub mod json;
pub mod sarif;
pub mod text;
pub mod tracked;

/// The findings of lint, with all that it rests on.
#[derive(Debug)]
pub struct Linted<'a> {
    /// The instant from which on the policy was looked at, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// Everything that was found.
    pub review: &'a Review,
    /// The files of the policy.
    pub sources: &'a Sources,
    /// The zone of the one who asks, where it is known.
    pub asker: Option<&'a Zone>,
    /// The number of tracked files that reach an environment, if it was asked for.
    pub tracked: Option<&'a FileCounts>,
}
