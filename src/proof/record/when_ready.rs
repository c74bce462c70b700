//! What is done right before an entry is written.

use super::{Folded, RecordEntry};

/// What is done right before an entry is written, with what was decided on, and the entry, if there is to be one. If it fails,
/// nothing is written.
pub type WhenReady<'r, E> = dyn FnMut(&Folded, Option<&RecordEntry>) -> Result<(), E> + 'r;
