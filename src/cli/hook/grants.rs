//! What a server lacks for grants that come with a push.

use crate::cli::hook::git_program::GitProgram;
use crate::diagnostic::Faults;
use crate::report::rows::Rows;

/// Returns a row for each setting that grants need and the server lacks, also if the policy has no override by signatures yet: its
/// administrator is rarely there when it gets one.
///
/// # Errors
///
/// A configuration that git can't read.
pub(super) fn rows(git: &GitProgram, width: usize) -> Result<String, Faults> {
    let mut rows = Rows::default();
    if !git.is_named()? {
        let set = "`git config freezegate.repository example.com/team/shop`";
        rows.row(
            "to do",
            &format!("before the first decision, give the repository the name by which clones push to it: {set}"),
            None,
        );
    }
    if !git.takes_push_options()? {
        let set = "`git config receive.advertisePushOptions true`";
        rows.row("grants", &format!("pushes can't carry grants yet: allow push options with {set}"), None);
    }
    Ok(rows.into_text(width))
}
