//! What the policies that decided mapped where.

use std::collections::HashMap;

use super::super::{Entry, Mapping};
use super::{Folded, KnownMapping, MOST_MAPPINGS};

/// The mappings that are known, by number.
pub(super) type Mappings<'f> = HashMap<u64, &'f Mapping>;

impl Folded {
    /// Notes what the policy of an entry mapped where; returns its number, 0 if the entry does not say.
    pub(super) fn learn_mapping(&mut self, entry: &Entry) -> u64 {
        let decided = &entry.decided;
        let Some(mapping) = &decided.mapping else {
            return 0;
        };
        let Some(about) = self.repositories.get_mut(decided.repository.as_deref().unwrap_or_default()) else {
            return 0;
        };
        let place = about.mappings.iter().position(|known| known.mapping.digest() == mapping.digest());
        let mut known = match place {
            Some(place) => about.mappings.remove(place),
            None => KnownMapping { number: entry.sequence, mapping: mapping.clone() },
        };
        if !known.mapping.has_parts() {
            known.mapping = mapping.clone();
        }
        let number = known.number;
        about.mappings.push(known);
        let too_many = about.mappings.len().saturating_sub(MOST_MAPPINGS);
        about.mappings.drain(..too_many);
        number
    }

    /// Whether an entry about a repository need not list the parts of what its policy maps where.
    #[must_use]
    pub fn lists_mapping(&self, repository: Option<&str>, mapping: &Mapping) -> bool {
        let about = self.repositories.get(repository.unwrap_or_default());
        let is_same = |known: &KnownMapping| known.mapping == *mapping;
        about.is_some_and(|about| about.mappings.iter().any(is_same))
    }

    /// All that are known, whichever repository they are of: their numbers are those of entries.
    pub(super) fn mappings(&self) -> Mappings<'_> {
        let all = self.repositories.values().flat_map(|about| &about.mappings);
        all.map(|known| (known.number, &known.mapping)).collect()
    }
}
