//! The subcommands and options of kubectl.

use std::sync::OnceLock;

use crate::change::command::cobra::Grammar;

/// The subcommands and options of kubectl 1.32.4 and 1.37.1, as their `--help` lists them.
static GRAMMAR: OnceLock<Grammar> = OnceLock::new();

pub(super) fn grammar() -> &'static Grammar {
    GRAMMAR.get_or_init(|| Grammar::of(include_str!("flags.tsv")))
}
