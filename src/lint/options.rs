//! What a policy is compared with.

use crate::diagnostic::{Code, Diagnostic};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The most weeks that can be looked at: as many as lie within [`crate::decision::HORIZON`].
pub const MOST_WEEKS: u8 = 57;

/// The facts that a policy is compared with.
#[derive(Debug, Clone, Copy)]
pub struct LintOptions<'o> {
    /// The instant from which on it is looked at, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// For how many weeks open hours are counted, up to [`MOST_WEEKS`].
    pub weeks: u8,
    /// The time that an environment should be open each week at the least, in seconds.
    pub least_open: Seconds,
    /// The release of the time zone database of the system, such as `2026f`, where it is known.
    pub system_zone_rules: Option<&'o str>,
    /// Everything that is not worth a warning here: a policy that is meant to be so.
    pub allowed: &'o [Code],
    /// What [`crate::lint::coverage::TargetCoverage`] found, where it was asked for.
    pub coverage: &'o [Diagnostic],
}
