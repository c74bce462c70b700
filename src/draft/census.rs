//! Which environments there are: spellings of one thing become one environment, unless they were seen side by side.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::drafted::DraftedEnvironment;
use crate::draft::name::{self, NameMeaning};

/// The spellings that were found, and which of them can't be one thing.
#[derive(Debug, Default)]
pub(super) struct SpellingCensus {
    spellings: BTreeMap<String, NameMeaning>,
    /// Families of which one folder, or all branches, or all workflows together, have two spellings.
    split: BTreeSet<&'static str>,
}

impl SpellingCensus {
    /// Adds the spellings of one scope, in which two spellings are two things.
    pub(super) fn add<'s>(&mut self, scope: impl IntoIterator<Item = &'s str>) {
        let mut here: BTreeMap<&'static str, &str> = BTreeMap::new();
        for spelling in scope {
            let meaning = name::meaning(spelling).unwrap_or(NameMeaning::UNKNOWN);
            if let Some(family) = meaning.family
                && here.insert(family, spelling).is_some_and(|other| other != spelling)
            {
                self.split.insert(family);
            }
            self.spellings.insert(spelling.to_owned(), meaning);
        }
    }

    /// Returns whether `meaning` is known of another spelling already.
    pub(super) fn knows(&self, meaning: NameMeaning) -> bool {
        meaning.family.is_some() && self.spellings.values().any(|known| known.family == meaning.family)
    }

    /// The environments: production first, then what else is protected, at least one of them; then the rest.
    pub(super) fn into_environments(self) -> Vec<DraftedEnvironment> {
        let mut found: BTreeMap<String, (NameMeaning, BTreeSet<String>)> = BTreeMap::new();
        for (spelling, meaning) in self.spellings {
            let name = match meaning.family {
                Some(family) if !self.split.contains(family) => family,
                Some(_) | None => spelling.as_str(),
            };
            let (_, aliases) = found.entry(name.to_owned()).or_insert_with(|| (meaning, BTreeSet::new()));
            if name != spelling {
                aliases.insert(spelling);
            }
        }
        if !found.values().any(|(meaning, _)| meaning.guarded) {
            // a policy that protects nothing would be no gate
            found.insert(name::PRODUCTION.to_owned(), (NameMeaning::PRODUCTION, BTreeSet::new()));
        }
        let mut sorted: Vec<_> = found.into_iter().collect();
        sorted.sort_by_key(|(_, (meaning, _))| (!meaning.guarded, meaning.family != Some(name::PRODUCTION)));
        sorted
            .into_iter()
            .map(|(name, (meaning, aliases))| DraftedEnvironment {
                name,
                aliases: aliases.into_iter().collect(),
                guarded: meaning.guarded,
            })
            .collect()
    }
}
