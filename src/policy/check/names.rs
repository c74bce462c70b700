//! Names and what they stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Code, Collector, Diagnostic, Place, listed};
use crate::policy::read::At;
use crate::time::names::nearest;

/// The definitions of one noun, by name. A faulty definition keeps its name known, so that it is not reported twice.
pub(super) struct Names<T> {
    noun: &'static str,
    entries: Vec<(String, Place, Option<Arc<T>>)>,
    // policies are small: to compare a few names is quicker than to hash one
    index: BTreeMap<String, usize>,
}

impl<T> Names<T> {
    pub(super) fn new(noun: &'static str) -> Self {
        Self { noun, entries: Vec::new(), index: BTreeMap::new() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns whether `name` is defined, rightly or not.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.index.contains_key(name)
    }

    /// Makes `name` stand for `item`, which is `None` where it is faulty.
    pub(super) fn define(&mut self, name: At<&str>, item: Option<Arc<T>>, found: &Collector) {
        if let Some(first) = self.add(name, item, found) {
            found.push(
                Diagnostic::error(Code::DuplicateName, format!("the {} `{}` is defined twice", self.noun, name.value))
                    .at(name.place)
                    .related(first, "first here")
                    .help("every name is defined once, in one file"),
            );
        }
    }

    /// Makes `name` another name of `item`.
    pub(super) fn define_alias(&mut self, name: At<&str>, item: Option<Arc<T>>, found: &Collector) {
        if let Some(first) = self.add(name, item, found) {
            found.push(
                Diagnostic::error(
                    Code::DuplicateName,
                    format!("the alias `{}` is the name of {} already", name.value, with_article(self.noun)),
                )
                .at(name.place)
                .related(first, "first here")
                .help("names must be unique: choose another, or remove it"),
            );
        }
    }

    /// Adds a name, or gives the place where it is defined already.
    fn add(&mut self, name: At<&str>, item: Option<Arc<T>>, found: &Collector) -> Option<Place> {
        check_name(name, self.noun, found);
        let known = self.index.get(name.value).and_then(|index| self.entries.get(*index)).map(|(_, place, _)| *place);
        if known.is_none() {
            self.index.insert(name.value.to_owned(), self.entries.len());
            self.entries.push((name.value.to_owned(), name.place, item));
        }
        known
    }

    /// Returns what `name` stands for; an unknown one is reported with the nearest known.
    pub(super) fn resolve(&self, name: At<&str>, found: &Collector) -> Option<Arc<T>> {
        match self.index.get(name.value).and_then(|index| self.entries.get(*index)) {
            Some((_, _, item)) => item.clone(),
            None => {
                let error = Diagnostic::error(Code::UnknownName, format!("there is no {} `{}`", self.noun, name.value))
                    .at(name.place);
                found.push(error.help(self.hint(name.value, found)));
                None
            }
        }
    }

    fn hint(&self, written: &str, found: &Collector) -> String {
        if found.has_enough() {
            return format!("the policy defines {} {}s", self.entries.len(), self.noun);
        }
        let known = || self.entries.iter().map(|(name, _, _)| name.as_str());
        match nearest(written, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.entries.is_empty() => {
                let is_plain = !written.is_empty()
                    && written.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
                let name = if is_plain { written } else { "NAME" };
                format!("the policy has no {0}s: add `[{0}s.{name}]`", self.noun)
            }
            None if self.entries.len() == 1 => format!("the only {} is {}", self.noun, listed(known())),
            None => format!("the {}s are {}", self.noun, listed(known().take(12))),
        }
    }

    /// Returns what `names` stand for, each once.
    pub(super) fn resolve_all(&self, names: &[At<&str>], found: &Collector) -> Resolved<T> {
        let mut seen = BTreeSet::new();
        let mut resolved = Resolved { items: Vec::with_capacity(names.len()), is_complete: true };
        for name in names {
            match self.resolve(*name, found) {
                Some(item) if names.len() == 1 || seen.insert(Arc::as_ptr(&item)) => resolved.items.push(item),
                Some(_) => {}
                None => resolved.is_complete = false,
            }
        }
        resolved
    }

    /// Everything that is defined and right.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<T>> {
        self.entries.iter().filter_map(|(_, _, item)| item.as_ref())
    }

    /// Returns whether [`Names::all`] leaves nothing out.
    pub(super) fn all_are_right(&self) -> bool {
        !self.is_empty() && self.entries.iter().all(|(_, _, item)| item.is_some())
    }

    /// Each thing once, with the place of its definition, sorted by name: the order of definitions means nothing.
    pub(super) fn into_defined(self) -> (Vec<Arc<T>>, Vec<Place>) {
        let mut seen = BTreeSet::new();
        let mut entries: Vec<(String, Place, Arc<T>)> = Vec::new();
        for (name, place, item) in self.entries {
            if let Some(item) = item
                && seen.insert(Arc::as_ptr(&item))
            {
                entries.push((name, place, item));
            }
        }
        entries.sort_by(|(a, _, _), (b, _, _)| a.cmp(b));
        entries.into_iter().map(|(_, place, item)| (item, place)).unzip()
    }
}

/// The meaning of a list of names.
pub(super) struct Resolved<T> {
    /// The things that are known and right, each once.
    pub(super) items: Vec<Arc<T>>,
    /// True if that is all of them: where it is not, what seems empty may only be misspelled.
    pub(super) is_complete: bool,
}

impl<T> Resolved<T> {
    /// The things, if none is missing.
    pub(super) fn complete(&self) -> Option<&[Arc<T>]> {
        self.is_complete.then_some(self.items.as_slice())
    }
}

/// Returns whether `item` itself, not one like it, is in `list`.
pub(super) fn holds<T>(list: &[Arc<T>], item: &Arc<T>) -> bool {
    list.iter().any(|one| Arc::ptr_eq(one, item))
}

/// Returns whether a name can be distinguished in ids, messages and command lines, and stands in JSON as it is.
pub(super) fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !name.is_empty() && name.chars().all(plain) && !name.starts_with(['-', '.'])
}

/// Reports a name that could not be distinguished in ids, messages and command lines.
pub(super) fn check_name(name: At<&str>, noun: &str, found: &Collector) {
    let cause = if name.value.is_empty() {
        format!("{} can't have an empty name", with_article(noun))
    } else if !is_plain(name.value) {
        format!("`{}` can't be the name of {}", name.value, with_article(noun))
    } else {
        return;
    };
    // names with blanks are usual elsewhere
    let joined = name.value.split_whitespace().collect::<Vec<_>>().join("-");
    let help = if is_plain(&joined) {
        format!("write `{joined}`: a name has no spaces")
    } else {
        "use ASCII letters, digits, `.`, `_` and `-`; begin with a letter, a digit or `_`".to_owned()
    };
    found.push(Diagnostic::error(Code::BadName, cause).at(name.place).help(help));
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}
