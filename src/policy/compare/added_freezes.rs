//! Edits that only add freezes: they open nothing, however large the policy is, and are seen without any search.

use std::collections::HashMap;

use toml::{Table, Value};

use crate::policy::Policy;
use crate::policy::compare::definitions::{are_kept, counted};
use crate::policy::compare::lifts::has_same_roster;

/// The key under which freezes stand.
const FREEZES: &str = "freezes";

/// Returns whether `new` is `old` with some more freezes, or with none: the same files, in which all else has the same values and every freeze
/// of `old` stands too. Comments, the order of keys and the place of freezes in a file do not count.
///
/// Windows only add up, so that another freeze opens nothing. It takes time in proportion to the texts. What can't be distinguished in
/// this way is no such edit.
pub(super) fn are_all(old: &Policy, new: &Policy) -> bool {
    let (before, after) = (old.sources.files(), new.sources.files());
    before.len() == after.len()
        && has_same_roster(old, new)
        && before.iter().zip(after).all(|(old, new)| {
            old.path == new.path && old.layer == new.layer && keeps(&old.text, &new.text) == Some(true)
        })
}

/// Returns whether the text `new` holds all that `old` does and, besides, freezes alone; `None` if one can't be read.
fn keeps(old: &str, new: &str) -> Option<bool> {
    if old == new {
        return Some(true);
    }
    let read = |text: &str| -> Option<(Table, HashMap<String, usize>)> {
        // both loaded as policies; what can't be read is compared in full
        let Ok(mut table) = text.parse::<Table>() else { return None };
        // distinguishes versions of an organisation's policy
        if let Some(Value::Table(organisation)) = table.get_mut("organisation") {
            organisation.remove("serial");
        }
        let freezes = counted(table.remove(FREEZES))?;
        Some((table, freezes))
    };
    let ((old, kept), (new, standing)) = (read(old)?, read(new)?);
    Some(old == new && are_kept(&kept, &standing))
}
