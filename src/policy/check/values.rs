//! Values and tables that several sorts of tables have.

use crate::diagnostic::{Code, Collector, Diagnostic, listed};
use crate::policy::kind::{Kind, KindSet, Level};
use crate::policy::read::{At, Section};
use crate::time::names::nearest;

/// The section `key` of the one file that has it; a second one is an error that shows both places.
pub(super) fn only_one<'d, 't>(
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

/// The level that `text` names.
pub(super) fn level(section: &Section<'_, '_>, key: &str, possible: &[Level]) -> Option<Level> {
    let text = section.string(key)?;
    let level = Level::named(text.value).filter(|level| possible.contains(level));
    if level.is_none() {
        let names = listed(possible.iter().rev().map(|level| level.as_str()));
        section.error(
            Code::BadValue,
            text.place,
            format!("`{key}` can't be `{}`", text.value),
            format!("write one of {names}"),
        );
    }
    level
}

/// The kinds of a list.
pub(super) fn kinds(section: &Section<'_, '_>, list: &[At<&str>]) -> KindSet {
    list.iter()
        .filter_map(|name| {
            let kind = Kind::named(name.value);
            if kind.is_none() {
                let help = nearest(name.value, Kind::ALL.into_iter().map(Kind::as_str)).map_or_else(
                    || format!("the kinds are {}", listed(Kind::ALL.map(Kind::as_str))),
                    |near| format!("did you mean `{near}`?"),
                );
                section.error(Code::UnknownName, name.place, format!("there is no kind `{}`", name.value), help);
            }
            kind
        })
        .collect()
}
