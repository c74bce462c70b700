//! How many pushes of each person were refused lately.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::{Decided, MOST_REFUSALS_AN_HOUR, RecordedMode, RecordedOutcome};

/// In seconds.
const HOUR: i64 = 3600;

/// The most persons whose refused pushes are counted one by one.
const MOST_PERSONS: usize = 1_000;

/// The refused pushes of one hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refusals {
    /// The number of the hour since 1970-01-01T00:00:00Z.
    hour: i64,
    /// The number of recorded ones, by person; empty stands for those whose names are not known, or not kept.
    by_person: BTreeMap<String, u64>,
}

impl Refusals {
    pub(super) fn add(&mut self, decided: &Decided) {
        if !is_refused_push(decided) {
            return;
        }
        let hour = decided.at.as_second().div_euclid(HOUR);
        if hour > self.hour {
            *self = Self { hour, by_person: BTreeMap::new() };
        }
        let known = decided.actor.as_deref().unwrap_or_default();
        let is_kept = self.by_person.contains_key(known) || self.by_person.len() < MOST_PERSONS;
        let count = self.by_person.entry(if is_kept { known } else { "" }.to_owned()).or_default();
        *count = count.saturating_add(1);
    }

    /// Returns whether so many refused pushes of the same person are recorded in the same hour that another is not.
    pub(super) fn are_enough(&self, decided: &Decided) -> bool {
        let by = |person: &str| self.by_person.get(person).copied().unwrap_or(0);
        let person = decided.actor.as_deref().unwrap_or_default();
        let is_kept = self.by_person.contains_key(person) || self.by_person.len() < MOST_PERSONS;
        is_refused_push(decided)
            && decided.at.as_second().div_euclid(HOUR) <= self.hour
            && by(if is_kept { person } else { "" }) >= MOST_REFUSALS_AN_HOUR
    }
}

fn is_refused_push(decided: &Decided) -> bool {
    (decided.mode, decided.decision) == (RecordedMode::PreReceive, RecordedOutcome::Refused)
}
