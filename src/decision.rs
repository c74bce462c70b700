//! The decision: pure. What a change reaches and an instant go in, a verdict with every reason comes out.
//!
//! [`schedule::Schedule`] lays out all windows that can meet the change around an instant; [`Schedule::decide`] looks the
//! instant up in it. The first needs the time zone database and so may fail, the second never does.

pub mod calendar_end;
mod closure;
pub mod finding;
pub mod glance;
mod granted;
pub mod long_closure;
pub mod openings;
pub mod question;
pub mod schedule;
pub mod standing;

pub use crate::policy::{FindingCode, FindingId};
pub use finding::Finding;
pub use granted::Granted;
pub use granted::Share;
pub use schedule::Schedule;
pub use standing::TimelessFinding;

use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The time that the decision looks ahead, in seconds: 400 days.
pub const HORIZON: Seconds = Seconds::days(400);

/// The beginning of [`Finding::lifted_by`] if the kinds of the change, or the hazards that it shows, are exempt.
pub const EXEMPT: &str = "exempt: ";

/// The verdict on the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// It may not.
    Refused,
}

/// The verdict with its reasons and how long it holds.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The instant that was asked about, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// The verdict on the change.
    pub verdict: Verdict,
    /// Everything found, the gravest first: also what is lifted, and what only warns.
    pub findings: Vec<Finding>,
    /// The first instant from `at` on at which the verdict is [`Verdict::Allowed`], all else equal; `None` if there is
    /// none within [`HORIZON`].
    pub next_open: Option<Instant>,
    /// Of a change that is refused at any hour: the first instant from `at` on at which no window refuses it. `None` of others, and if there is
    /// none within [`HORIZON`].
    pub opens_once_fixed: Option<Instant>,
    /// The next instant at which the verdict differs; `None` if there is none within [`HORIZON`].
    pub valid_until: Option<Instant>,
}
