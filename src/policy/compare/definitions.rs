//! What an edit of an organisation's own policy may open in repositories that follow it.
//!
//! Repositories build on its definitions: they have windows, environments, services and targets of their own in its regions, around the dates of its
//! calendars, for its hazards. What closes there is not known here. So each definition that does not stay as it is counts as opened; what is only
//! added does not. A repository that has a definition of an added name, which would close more, gets no decision.

use std::collections::{BTreeMap, HashMap};

use toml::{Table, Value};

use crate::diagnostic::Sources;
use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::{Level, Policy};

/// The tables of definitions with names: each with what one is called, and its keys that only people read.
const NAMED: [(&str, &str, &[&str]); 5] = [
    ("calendars", "calendar", &[]),
    ("environments", "environment", &["owner"]),
    ("hazards", "hazard", &["reason", "source"]),
    ("regions", "region", &[]),
    ("services", "service", &[]),
];

/// Returns what an edit of an organisation's own policy takes away or changes, all of it hard: what repositories close by it may be. None if it
/// is not such a policy before.
pub(super) fn that_changed(old: &Policy, new: &Policy) -> Vec<PolicyDifference> {
    if old.organisation.as_ref().is_none_or(|organisation| organisation.is_followed) {
        return Vec::new();
    }
    let mut changed = Vec::new();
    let (Some(before), Some(after)) = (Definitions::of(&old.sources), Definitions::of(&new.sources)) else {
        // both loaded as policies
        return vec![difference("what its files say can't be compared")];
    };
    if let (Some(from), Some(to)) = (entry(&old.sources), entry(&new.sources))
        && from != to
    {
        changed
            .push(difference(&format!("the policy moves from `{from}` to `{to}`, and repositories may read it there")));
    }
    for ((noun, name), definition) in &before.named {
        match after.named.get(&(*noun, name.clone())) {
            Some(now) if now == definition || (*noun == FREEZE && ends_later(definition, now)) => {}
            Some(_) => changed.push(difference(&format!(
                "the {noun} `{name}` is changed, and repositories may build on what it was"
            ))),
            None => changed.push(difference(&format!(
                "the {noun} `{name}` is removed, and repositories may have a definition of that name"
            ))),
        }
    }
    if !are_kept(&before.targets, &after.targets) {
        changed.push(difference("a target is changed or removed, and repositories may build on what it was"));
    }
    changed
}

const FREEZE: &str = "freeze";

fn difference(text: &str) -> PolicyDifference {
    PolicyDifference::new(PolicyPart::Name, Level::Hard, text)
}

/// The path of a policy's first file.
fn entry(sources: &Sources) -> Option<&str> {
    sources.files().iter().find(|file| file.is_own()).map(|file| file.path.as_str())
}

/// Everything that a policy defines, in whichever file, without what only people read.
#[derive(Default)]
struct Definitions {
    /// By what it is called, and its name.
    named: BTreeMap<(&'static str, String), Table>,
    /// How often each stands there.
    targets: HashMap<String, usize>,
}

impl Definitions {
    /// Reads what the files of the policy itself define; `None` if one can't be read.
    fn of(sources: &Sources) -> Option<Self> {
        let mut all = Self::default();
        for file in sources.files().iter().filter(|file| file.is_own()) {
            let Ok(mut table) = file.text.parse::<Table>() else { return None };
            for (key, noun, for_people) in NAMED {
                for (name, definition) in table_of(table.remove(key))? {
                    all.add((noun, name), table_of(Some(definition))?, for_people);
                }
            }
            for freeze in list_of(table.remove("freezes"))? {
                let freeze = table_of(Some(freeze))?;
                let name = freeze.get("name").and_then(Value::as_str).unwrap_or("").to_owned();
                all.add((FREEZE, name), freeze, &["reason"]);
            }
            for (target, count) in counted(table.remove("targets"))? {
                let known = all.targets.entry(target).or_default();
                *known = known.saturating_add(count);
            }
        }
        Some(all)
    }

    fn add(&mut self, name: (&'static str, String), mut definition: Table, for_people: &[&str]) {
        for key in for_people {
            definition.remove(*key);
        }
        self.named.insert(name, definition);
    }
}

fn table_of(value: Option<Value>) -> Option<Table> {
    let Some(value) = value else { return Some(Table::new()) };
    let Value::Table(table) = value else { return None };
    Some(table)
}

/// The entries of a list, each as often as it stands there; none of a key that is not there. `None` if it is not a list.
pub(super) fn counted(list: Option<Value>) -> Option<HashMap<String, usize>> {
    let mut counted = HashMap::new();
    for entry in list_of(list)? {
        let count: &mut usize = counted.entry(entry.to_string()).or_default();
        *count = count.saturating_add(1);
    }
    Some(counted)
}

/// Returns whether `after` has each entry at least as often.
pub(super) fn are_kept(before: &HashMap<String, usize>, after: &HashMap<String, usize>) -> bool {
    before.iter().all(|(entry, count)| after.get(entry).is_some_and(|now| now >= count))
}

fn list_of(value: Option<Value>) -> Option<Vec<Value>> {
    let Some(value) = value else { return Some(Vec::new()) };
    let Value::Array(list) = value else { return None };
    Some(list)
}

/// Returns whether a freeze between two dates differs in a later end alone, written in the same way.
fn ends_later(before: &Table, now: &Table) -> bool {
    const UNTIL: &str = "until";
    let (Some(Value::Datetime(end)), Some(Value::Datetime(later))) = (before.get(UNTIL), now.get(UNTIL)) else {
        return false;
    };
    let is_dated = matches!(before.get("from"), Some(Value::Datetime(_)));
    let is_alike = end.offset == later.offset && end.date.is_some() && end.time.is_some() == later.time.is_some();
    let others = |freeze: &Table| freeze.iter().filter(|(key, _)| *key != UNTIL).count();
    let is_same = before.iter().filter(|(key, _)| *key != UNTIL).all(|(key, value)| now.get(key) == Some(value));
    is_dated && is_alike && is_same && others(before) == others(now) && (end.date, end.time) < (later.date, later.time)
}
