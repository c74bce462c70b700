//! Programs at a clock that the test sets.

/// What takes `-f CLOCK PROGRAM [ARGUMENT…]` and becomes that program, at that clock.
pub(crate) const FAKETIME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/bin/faketime");
