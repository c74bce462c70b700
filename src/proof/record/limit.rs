//! How large an entry may be, and what the entry of a refused push leaves out.
//!
//! A refused push stays in the record for ever, and its sender chose how many refs and paths it has. So its entry lists a part
//! of what was compared and met, and a last item in each list counts the rest. That item has the form of the others and names
//! no environment: every program that reads `freezegate/record/v1` reads it, and it says nothing about any state. What a refused
//! push leaves out was never in the repository, so no state and no base rests on it.
//!
//! An allowed decision settles something, and a job's decision says what the next is compared with. Of both all changes are
//! listed, or nothing is written. What is reached and met settles nothing, so of these lists the last items are counted where
//! there are very many: a policy decides how many places one change reaches, and the edit that takes them back must fit too.
//! [`MAX_NAME_BYTES`](crate::policy::MAX_NAME_BYTES) limits the rest of an entry.

use serde::Serialize;

use super::{Decided, RecordedChange, RecordedFinding, RecordedMode, RecordedOutcome, RecordedPlace};

/// The most bytes of one entry, as written.
pub const MAX_ENTRY_BYTES: usize = 1 << 20;

/// After how many entries one is a checkpoint again.
pub(super) const ENTRIES_BETWEEN_CHECKPOINTS: u64 = 256;

/// After how many bytes of entries one is a checkpoint again, however few they are.
pub(super) const BYTES_BETWEEN_CHECKPOINTS: u64 = 4 << 20;

/// The most changes, findings and reached places that the entry of a refused push lists, of each.
pub const MOST_LISTED: usize = 100;

/// The most bytes of JSON of these changes, of these findings, and of these places.
pub const MAX_LISTED_BYTES: usize = 64 << 10;

/// The most bytes of JSON of the findings that any other entry lists, and of the reached places.
pub const MAX_COMPLETE_BYTES: usize = 128 << 10;

/// The code of the finding that counts those that are not listed.
const NOT_LISTED: &str = "not-listed";

/// The text with which the text of an item begins that counts what is not listed.
const PREFIX: &str = "not listed: ";

/// The most refused pushes of one person that are recorded in one hour. What comes after is counted in the next entry.
///
/// A refused push is in no repository, so nothing is compared with it. A refusal in a job is recorded in any case: what it was
/// compared with can be the base of the next change, and its sender pays for a whole job.
pub const MOST_REFUSALS_AN_HOUR: u64 = 100;

/// The numbers of what an entry leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unlisted {
    /// The number of changes.
    pub changes: usize,
    /// The number of findings.
    pub findings: usize,
    /// The number of reached places.
    pub reached: usize,
}

impl Unlisted {
    /// Returns whether everything is listed.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.changes == 0 && self.findings == 0 && self.reached == 0
    }
}

impl RecordedChange {
    /// Returns how many changes this item stands for, if it is the one that counts those that are not listed.
    #[must_use]
    pub fn unlisted(&self) -> Option<usize> {
        let is_bare = self.reference.is_none() && self.environments.is_empty() && self.commit.is_none();
        counted(&self.base).filter(|_| is_bare)
    }

    fn of_unlisted(count: usize) -> Self {
        Self {
            reference: None,
            environments: Vec::new(),
            whole: Vec::new(),
            tree_wide: Vec::new(),
            narrowed: None,
            scope: None,
            proposed: false,
            deployed: false,
            holds_policy: false,
            keeps_policy: false,
            settles_refused: false,
            asked_too: Vec::new(),
            base: format!("{PREFIX}{count}"),
            everything: false,
            by_others: false,
            commit: None,
            tree: None,
            base_commit: None,
            base_tree: None,
        }
    }
}

impl RecordedFinding {
    /// Returns how many findings this item stands for, if it is the one that counts those that are not listed.
    #[must_use]
    pub fn unlisted(&self) -> Option<usize> {
        counted(&self.id).filter(|_| self.code == NOT_LISTED)
    }
}

impl RecordedPlace {
    /// Returns how many places this item stands for, if it is the one that counts those that are not listed.
    #[must_use]
    pub fn unlisted(&self) -> Option<usize> {
        // no environment has such a name
        counted(&self.environment)
    }
}

impl Decided {
    /// Returns how much of what was compared, met and reached is not listed.
    #[must_use]
    pub fn unlisted(&self) -> Unlisted {
        Unlisted {
            changes: self.changes.last().and_then(RecordedChange::unlisted).unwrap_or(0),
            findings: self.findings.last().and_then(RecordedFinding::unlisted).unwrap_or(0),
            reached: self.reached.last().and_then(RecordedPlace::unlisted).unwrap_or(0),
        }
    }

    /// Leaves out what the entry does not list: of a refused push the changes in the order of the push; of the findings first
    /// those that refuse stay, and then those that were lifted.
    pub(super) fn limited(mut self) -> Self {
        let room = match (self.decision, self.mode) {
            (RecordedOutcome::Refused, RecordedMode::PreReceive) => {
                Room { items: MOST_LISTED, bytes: MAX_LISTED_BYTES }
            }
            (RecordedOutcome::Allowed, RecordedMode::Check | RecordedMode::Run | RecordedMode::PreReceive)
            | (RecordedOutcome::Refused, RecordedMode::Check | RecordedMode::Run) => {
                Room { items: usize::MAX, bytes: MAX_COMPLETE_BYTES }
            }
        };
        if room.items < usize::MAX {
            let listed = room.of(&self.changes);
            if listed < self.changes.len() {
                let rest = self.changes.split_off(listed);
                self.changes.push(RecordedChange::of_unlisted(rest.len()));
            }
        }
        if room.of(&self.findings) < self.findings.len() {
            self.findings.sort_by_key(|finding| (!finding.level.refuses(), finding.lifted_by.is_some()));
            let rest = self.findings.split_off(room.of(&self.findings));
            // the worst of them, so that nothing looks milder than it was
            if let Some(level) = rest.iter().map(|finding| finding.level).max() {
                self.findings.push(RecordedFinding {
                    id: format!("{PREFIX}{}", rest.len()),
                    code: NOT_LISTED.to_owned(),
                    level,
                    policy_level: None,
                    environment: None,
                    region: None,
                    lifted_by: None,
                });
            }
        }
        let listed = room.of(&self.reached);
        if listed < self.reached.len() {
            let rest = self.reached.split_off(listed);
            self.reached.push(RecordedPlace {
                environment: format!("{PREFIX}{}", rest.len()),
                region: None,
                service: None,
            });
        }
        self
    }
}

/// The room for the items of one list.
#[derive(Clone, Copy)]
struct Room {
    /// The most items.
    items: usize,
    /// The most bytes of JSON.
    bytes: usize,
}

impl Room {
    /// Returns how many of `items`, from the first, are within the limits.
    fn of<T: Serialize>(self, items: &[T]) -> usize {
        let mut bytes = 0_usize;
        let fits = |item: &&T| {
            // what can't be written as JSON makes the entry fail as a whole
            let length = serde_json::to_string(item).map_or(0, |text| text.len());
            bytes = bytes.saturating_add(length);
            bytes <= self.bytes
        };
        items.iter().take(self.items).take_while(fits).count()
    }
}

/// The number in the text of an item that counts others.
fn counted(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(PREFIX)?;
    match digits.parse() {
        Ok(count) if !digits.starts_with('+') => Some(count),
        Ok(_) | Err(_) => None,
    }
}
