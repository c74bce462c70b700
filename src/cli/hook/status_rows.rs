//! Rows that `hook install`, `hook status` and `hook uninstall` print.

/// The text about what a hook on a server lacks without a record.
pub(super) const NO_RECORD: &str =
    "none: single-use grants do not count, and rollbacks need a reflog: `freezegate hook install --record FILE`";

pub(super) fn row(label: &str, text: &str) -> String {
    format!("  {label:<12}{text}\n")
}
