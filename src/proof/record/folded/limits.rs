//! How much is known.

use crate::time::seconds::Seconds;

/// The most refs of one environment that are known: of branches, and of all other refs.
///
/// Up to twice as many are kept before the ones that were decided about least recently are forgotten, so that each is looked
/// at a constant number of times.
pub const MOST_REFS: usize = 500;

/// The most states of one environment and ref that are known.
pub const MOST_FORMER_STATES: usize = 10_000;

/// The most states of a branch that are known to be refused since one was allowed.
pub const MOST_REFUSED: usize = 1_000;

/// How long states that were replaced are kept where an entry does not say, in seconds: as long as `[rollback] within` is if it
/// is left out.
pub(super) const WITHIN: Seconds = Seconds::hours(72);
