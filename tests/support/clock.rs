//! Programs at a clock that the test sets.

/// faketime(1), which starts also where a killed one left its memory: `-f CLOCK PROGRAM [ARGUMENT…]`.
pub(crate) const FAKETIME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/bin/faketime");
