//! Rows that `hook install`, `hook status` and `hook uninstall` print.

use crate::report::rows::Rows;

/// The text about what a hook on a server lacks without a record.
pub(super) const NO_RECORD: &str =
    "none, so single-use grants are not valid, and rollbacks need a reflog; to keep one, install with `--record FILE`";

/// A labelled row, wrapped to `width` columns.
pub(super) fn row(label: &str, text: &str, width: usize) -> String {
    let mut rows = Rows::default();
    rows.row(label, text, None);
    rows.into_text(width)
}
