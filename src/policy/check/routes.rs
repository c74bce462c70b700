//! Guarded routes.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Place, listed};
use crate::pattern::{Capture, Pattern, PatternSubject};
use crate::policy::check::context::Context;
use crate::policy::check::targets::patterns;
use crate::policy::check::values::only_one;
use crate::policy::kind::Level;
use crate::policy::read::Section;
use crate::policy::routes::{OwnerPattern, RouteGuard};

pub(super) const KEYS: [&str; 9] =
    ["refs", "paths", "except", "owners", "together", "hijack", "overlap", "takeover", "dead"];

pub(super) fn routes(context: &Context<'_>, roots: &[Section<'_, '_>]) -> Option<RouteGuard> {
    let section = only_one(roots, "routes", "the routes table", &KEYS, context.found)?;
    let (refs, _) = patterns(context, &section, "refs", PatternSubject::Ref);
    let (paths, paths_are_right) = patterns(context, &section, "paths", PatternSubject::Path);
    let (except, _) = patterns(context, &section, "except", PatternSubject::Path);
    if section.get("paths").is_none() {
        section.missing("paths", "list the paths of the manifests, such as `paths = [\"deploy/{environment}/**\"]`");
    }
    for (key, list) in [("refs", &refs), ("except", &except)] {
        for (pattern, place) in list.iter().filter(|(pattern, _)| pattern.captures().next().is_some()) {
            section.error(
                Code::BadPattern,
                *place,
                format!("`{key}` of `[routes]` can't capture names: `{pattern}`"),
                "write `*` instead of the capture",
            );
        }
    }
    let owners = owners(&section);
    if section.get("owners").is_none() && paths_are_right {
        for (pattern, place) in paths.iter().filter(|(pattern, _)| !captures(pattern, Capture::Environment)) {
            section.error(
                Code::MissingKey,
                *place,
                format!("`{pattern}` does not say which environment owns its backends"),
                "capture `{environment}`, or name the namespaces: `owners = [\"{environment}-*\"]`",
            );
        }
    }
    let together = together(&section, &paths, paths_are_right);
    let default = |key: &str, level: Level| level_or_off(&section, key, level);
    let guard = RouteGuard {
        place: section.place,
        hijack: default("hijack", Level::Hard),
        overlap: default("overlap", Level::Soft),
        takeover: default("takeover", Level::Warn),
        dead: default("dead", Level::Warn),
        refs: plain(refs),
        paths: plain(paths),
        except: plain(except),
        owners,
        together,
    };
    if guard.strictest().is_none() && guard.levels().iter().all(|(key, _)| section.string(key).is_some()) {
        section.error(
            Code::Contradiction,
            section.place,
            "`[routes]` reports nothing: all of its levels are `off`",
            "set `hijack` to a level, or remove `[routes]`",
        );
    }
    Some(guard)
}

fn plain(list: Vec<(Pattern, Place)>) -> Vec<Pattern> {
    list.into_iter().map(|(pattern, _)| pattern).collect()
}

fn captures(pattern: &Pattern, capture: Capture) -> bool {
    pattern.captures().any(|one| one == capture)
}

fn owners(section: &Section<'_, '_>) -> Vec<OwnerPattern> {
    let mut owners = Vec::new();
    for text in section.filled_strings("owners").into_iter().flat_map(|list| list.items) {
        match OwnerPattern::parse(text.value) {
            Ok(pattern) => owners.push(pattern),
            Err(cause) => section.error(
                Code::BadPattern,
                text.place,
                format!("`owners`: {cause}"),
                "write `{environment}`, fixed text and `*`, such as `{environment}-*`",
            ),
        }
    }
    owners
}

fn together(section: &Section<'_, '_>, paths: &[(Pattern, Place)], paths_are_right: bool) -> BTreeSet<Capture> {
    let Some(list) = section.strings("together") else {
        return BTreeSet::from([Capture::Environment, Capture::Service]);
    };
    let mut together = BTreeSet::new();
    for name in list.items {
        match Capture::ALL.into_iter().find(|capture| capture.name() == name.value) {
            Some(capture) => {
                let is_captured = paths.iter().any(|(pattern, _)| captures(pattern, capture));
                if !is_captured && paths_are_right {
                    section.error(
                        Code::EmptySet,
                        name.place,
                        format!("no path of `[routes]` captures `{capture}`"),
                        "remove it, or capture it in `paths`",
                    );
                }
                together.insert(capture);
            }
            None => section.error(
                Code::BadValue,
                name.place,
                format!("`together` can't have `{}`", name.value),
                format!("write some of {}", listed(Capture::ALL.map(Capture::name))),
            ),
        }
    }
    together
}

/// The level of a key that may be `off`.
fn level_or_off(section: &Section<'_, '_>, key: &str, default: Level) -> Option<Level> {
    let Some(text) = section.string(key) else {
        return Some(default);
    };
    let level = Level::named(text.value);
    if level.is_none() && text.value != "off" {
        section.error(
            Code::BadValue,
            text.place,
            format!("`{key}` can't be `{}`", text.value),
            "write `hard`, `soft`, `warn` or `off`",
        );
    }
    level
}
