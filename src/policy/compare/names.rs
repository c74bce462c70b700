//! What a text stands for in each of two policies: names and aliases exactly, else all that look alike.
//!
//! A change names its goal by text: in a path, or on the command line. So two policies are compared with each other text by
//! text, never definition by definition: an alias that moves to another environment moves the changes that use it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::pattern::fold;
use crate::policy::Policy;
use crate::policy::compare::work::{Halt, Work};

/// A text, with what it stands for in the old and in the new policy, as places in their lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NameText {
    /// The text; of look-alikes, the name that they look like.
    pub(super) text: String,
    /// In the old policy; empty if it is unknown there.
    pub(super) old: Vec<usize>,
    /// In the new policy.
    pub(super) new: Vec<usize>,
}

/// The names of one noun in one policy.
#[derive(Debug, Default)]
struct NamesOfNoun<'p> {
    exact: BTreeMap<&'p str, usize>,
    alike: BTreeMap<Cow<'p, [u8]>, Vec<usize>>,
}

impl<'p> NamesOfNoun<'p> {
    fn of(names: impl Iterator<Item = (&'p str, usize)>, work: &Work) -> Result<Self, Halt> {
        let mut known = Self::default();
        for (name, index) in names {
            // the names are gone through a few times, and folded
            work.spend(name.len().saturating_add(8))?;
            known.exact.insert(name, index);
            known.alike.entry(fold(name.as_bytes())).or_default().push(index);
        }
        for list in known.alike.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
        Ok(known)
    }

    fn exactly(&self, text: &str) -> Vec<usize> {
        self.exact.get(text).copied().into_iter().collect()
    }

    fn alike(&self, folded: &[u8]) -> Vec<usize> {
        self.alike.get(folded).cloned().unwrap_or_else(Vec::new)
    }

    fn captured(&self, text: &str) -> Vec<usize> {
        let exact = self.exactly(text);
        if exact.is_empty() { self.alike(&fold(text.as_bytes())) } else { exact }
    }
}

/// The names of one noun in two policies.
#[derive(Debug)]
pub(super) struct NamePairs<'p> {
    old: NamesOfNoun<'p>,
    new: NamesOfNoun<'p>,
}

impl<'p> NamePairs<'p> {
    fn new(
        old: impl Iterator<Item = (&'p str, usize)>,
        new: impl Iterator<Item = (&'p str, usize)>,
        work: &Work,
    ) -> Result<Self, Halt> {
        Ok(Self { old: NamesOfNoun::of(old, work)?, new: NamesOfNoun::of(new, work)? })
    }

    /// The names of environments, with their aliases.
    pub(super) fn environments(old: &'p Policy, new: &'p Policy, work: &Work) -> Result<Self, Halt> {
        fn names(policy: &Policy) -> impl Iterator<Item = (&str, usize)> {
            policy.environments.iter().enumerate().flat_map(|(index, environment)| {
                environment.aliases.iter().chain([&environment.name]).map(move |name| (name.as_str(), index))
            })
        }
        Self::new(names(old), names(new), work)
    }

    /// The names of regions.
    pub(super) fn regions(old: &'p Policy, new: &'p Policy, work: &Work) -> Result<Self, Halt> {
        fn names(policy: &Policy) -> impl Iterator<Item = (&str, usize)> {
            policy.regions.iter().enumerate().map(|(index, region)| (region.name.as_str(), index))
        }
        Self::new(names(old), names(new), work)
    }

    /// The names of services.
    pub(super) fn services(old: &'p Policy, new: &'p Policy, work: &Work) -> Result<Self, Halt> {
        fn names(policy: &Policy) -> impl Iterator<Item = (&str, usize)> {
            policy.services.iter().enumerate().map(|(index, service)| (service.name.as_str(), index))
        }
        Self::new(names(old), names(new), work)
    }

    fn texts(&self) -> BTreeSet<&'p str> {
        self.old.exact.keys().chain(self.new.exact.keys()).copied().collect()
    }

    /// The texts that can be said: those that the new policy knows exactly. Others give no decision.
    pub(super) fn said(&self) -> Vec<NameText> {
        let known = self.texts().into_iter().filter(|text| self.new.exact.contains_key(text));
        once_each(known.map(|text| NameText {
            text: text.to_owned(),
            old: self.old.exactly(text),
            new: self.new.exactly(text),
        }))
    }

    /// The texts that a path can show: every name, and for each name a text that only looks like it.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn captured(&self, work: &Work) -> Result<Vec<NameText>, Halt> {
        let names = self.texts();
        for text in &names {
            let folded = fold(text.as_bytes());
            let alike = [&self.old, &self.new].map(|known| known.alike.get(&folded).map_or(0, Vec::len));
            work.spend(alike.iter().sum())?;
        }
        let exact = names.iter().map(|text| NameText {
            text: (*text).to_owned(),
            old: self.old.captured(text),
            new: self.new.captured(text),
        });
        let alike = names.iter().map(|text| {
            let folded = fold(text.as_bytes());
            NameText { text: (*text).to_owned(), old: self.old.alike(&folded), new: self.new.alike(&folded) }
        });
        Ok(once_each(exact.chain(alike)))
    }

    /// The texts that a path can show of what a target captures: those of [`NamePairs::captured`], and one that neither policy
    /// knows.
    ///
    /// A change that shows it is judged by windows too, and nothing else of it is compared. Where a policy has no table
    /// of the noun at all, every text is such a one.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn captured_or_unknown(&self, work: &Work) -> Result<Vec<NameText>, Halt> {
        let unknown = NameText { text: "another name".to_owned(), old: Vec::new(), new: Vec::new() };
        Ok(self.captured(work)?.into_iter().chain([unknown]).collect())
    }

    /// Returns what a name, as a target of either policy writes it, stands for.
    pub(super) fn named(&self, name: &str) -> NameText {
        NameText { text: name.to_owned(), old: self.old.exactly(name), new: self.new.exactly(name) }
    }
}

/// The first text of each that stand for the same.
fn once_each(texts: impl Iterator<Item = NameText>) -> Vec<NameText> {
    let mut seen = BTreeSet::new();
    texts.filter(|text| seen.insert((text.old.clone(), text.new.clone()))).collect()
}
