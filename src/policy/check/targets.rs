//! Targets: how a change shows what it reaches.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::fact::FactKey;
use crate::pattern::{Capture, Pattern, PatternSubject, regular_expression};
use crate::policy::check::context::Context;
use crate::policy::check::freezes::DefinedNames;
use crate::policy::check::names::holds;
use crate::policy::check::values::kinds;
use crate::policy::kind::{Kind, KindSet};
use crate::policy::read::{At, Section};
use crate::policy::{Region, Service, Target, TargetEnvironment};

mod facts;

pub(super) const KEYS: [&str; 24] = [
    "refs",
    "paths",
    "except",
    "command",
    "contexts",
    "servers",
    "namespaces",
    "workspaces",
    "states",
    "profiles",
    "regions",
    "accounts",
    "resources",
    "addresses",
    "modules",
    "providers",
    "objects",
    "labels",
    "annotations",
    "images",
    "environment",
    "region",
    "service",
    "kind",
];

/// The targets that can be read, and whether that is all of them.
pub(super) fn targets(
    context: &Context<'_>,
    roots: &[Section<'_, '_>],
    known: &DefinedNames<'_>,
) -> (Vec<Target>, bool) {
    let mut targets = Vec::new();
    let mut are_all_read = true;
    for section in roots.iter().flat_map(|root| root.sections("targets", "a target", &KEYS)) {
        match target(context, &section, known) {
            Some(target) => targets.push(target),
            None => are_all_read = false,
        }
    }
    (targets, are_all_read)
}

fn target(context: &Context<'_>, section: &Section<'_, '_>, known: &DefinedNames<'_>) -> Option<Target> {
    let (refs, refs_are_right) = patterns(context, section, "refs", PatternSubject::Ref);
    let (paths, paths_are_right) = patterns(context, section, "paths", PatternSubject::Path);
    let (except, _) = patterns(context, section, "except", PatternSubject::Path);
    let (command, command_is_right) = command(context, section);
    let (facts, facts_are_right) = facts::facts(context, section);
    facts::impossible(section, &facts, command.as_ref().map(|(pattern, _)| pattern));
    let has_facts = FactKey::ALL.iter().any(|key| section.get(key.as_str()).is_some());
    if !has_facts && ["refs", "paths", "command"].iter().all(|key| section.get(key).is_none()) {
        section.missing("paths", "say by which `paths`, `refs` or `command` a change shows that it goes there");
    }
    if section.get("except").is_some() && section.get("paths").is_none() {
        section.error(
            Code::Contradiction,
            section.place_of("except"),
            "`except` needs `paths`",
            "add the `paths` that it makes exceptions from",
        );
    }
    for (pattern, place) in except.iter().filter(|(pattern, _)| pattern.captures().next().is_some()) {
        section.error(
            Code::BadPattern,
            *place,
            format!("`except` can't capture names: `{}`", pattern.as_str()),
            "write `*` instead of the capture",
        );
    }
    let patterns: Vec<&(Pattern, Place)> = paths.iter().chain(&command).collect();
    let captured = |capture: Capture| {
        let lists = [refs.iter().collect(), patterns.clone()].into_iter().chain(facts.iter().map(facts::of_key));
        CapturingAlternatives::of(lists, capture)
    };
    let are_right = refs_are_right && paths_are_right && command_is_right && facts_are_right;
    let environment = environment(section, &captured(Capture::Environment), are_right, known);
    let region =
        named(section, "region", &captured(Capture::Region), |name| known.regions.resolve(name, context.found));
    let service =
        named(section, "service", &captured(Capture::Service), |name| known.services.resolve(name, context.found));
    let kinds = target_kinds(section);
    check_region(section, environment.as_ref(), region.as_ref(), service.as_ref());
    let plain =
        |list: Vec<(Pattern, Place)>| -> Vec<Pattern> { list.into_iter().map(|(pattern, _)| pattern).collect() };
    Some(Target {
        place: section.place,
        refs: plain(refs),
        paths: plain(paths),
        except: plain(except),
        command: command.map(|(pattern, _)| pattern),
        facts: facts.into_iter().map(|(key, list)| (key, plain(list))).collect(),
        environment: environment?,
        region,
        service,
        kinds,
    })
}

/// The patterns of a list that can be read, and whether that is all of them.
pub(super) fn patterns(
    context: &Context<'_>,
    section: &Section<'_, '_>,
    key: &str,
    subject: PatternSubject,
) -> (Vec<(Pattern, Place)>, bool) {
    let Some(list) = section.filled_strings(key) else {
        return (Vec::new(), section.get(key).is_none());
    };
    let mut patterns = Vec::with_capacity(list.items.len());
    let mut are_right = true;
    for text in list.items {
        let parsed = Pattern::parse(text.value, subject);
        // what can be read as a glob may still be no glob, and would match nothing
        let parsed = match regular_expression(text.value, subject, key == "except") {
            Some(error) => Err(vec![error]),
            None => parsed,
        };
        match parsed {
            Ok(pattern) => patterns.push((pattern, text.place)),
            Err(errors) => {
                are_right = false;
                for error in errors {
                    let place = context.inside(text, &error.range);
                    context.found.push(Diagnostic::error(Code::BadPattern, error.cause).at(place).help(error.help));
                }
            }
        }
    }
    (patterns, are_right)
}

/// The pattern of commands, and whether it can be read.
fn command(context: &Context<'_>, section: &Section<'_, '_>) -> (Option<(Pattern, Place)>, bool) {
    if let Some(line) = section.get("command").filter(|value| value.get_ref().is_str()) {
        section.error(
            Code::WrongType,
            section.at(&line.span()),
            "`command` of a target must be a list of strings, not a string",
            "write one item for each argument, such as `[\"reboot-fleet\", \"--now\"]`",
        );
        return (None, false);
    }
    let Some(list) = section.repeatable_strings("command") else {
        return (None, section.get("command").is_none());
    };
    section.report_empty("command", &list, "name the program, or remove the key");
    for key in ["refs", "paths"] {
        if section.get(key).is_some() {
            section.error(
                Code::Contradiction,
                section.place_of(key),
                format!("`command` can't stand beside `{key}`"),
                "make two targets: a command changes no ref",
            );
        }
    }
    if list.is_empty {
        return (None, false);
    }
    let words: Vec<&str> = list.items.iter().map(|word| word.value).collect();
    match Pattern::of_command(&words) {
        Ok(pattern) => (Some((pattern, list.place)), true),
        Err(errors) => {
            for (number, error) in errors {
                let place = list.items.get(number).map_or(list.place, |word| context.inside(*word, &error.range));
                context.found.push(Diagnostic::error(Code::BadPattern, error.cause).at(place).help(error.help));
            }
            (None, false)
        }
    }
}

/// The alternatives of a target that capture something.
struct CapturingAlternatives {
    /// True if every way to match captures it, through one of the lists, each of which must match.
    always: bool,
    /// A pattern that captures it.
    by: Option<Place>,
}

impl CapturingAlternatives {
    /// By lists, one pattern of each of which must match.
    fn of<'p>(lists: impl Iterator<Item = Vec<&'p (Pattern, Place)>>, capture: Capture) -> Self {
        let has = |pattern: &Pattern| pattern.captures().any(|one| one == capture);
        let mut captured = Self { always: false, by: None };
        for list in lists {
            captured.always |= !list.is_empty() && list.iter().all(|(pattern, _)| has(pattern));
            let by = list.iter().find(|(pattern, _)| has(pattern)).map(|(_, place)| *place);
            captured.by = captured.by.or(by);
        }
        captured
    }
}

/// The environment; where not all patterns can be read, it may be what one of them was to capture.
fn environment(
    section: &Section<'_, '_>,
    captured: &CapturingAlternatives,
    patterns_are_right: bool,
    known: &DefinedNames<'_>,
) -> Option<TargetEnvironment> {
    match (section.string("environment"), captured.by) {
        (Some(name), Some(by)) => {
            both(section, "environment", name.place, by);
            None
        }
        (Some(name), None) if name.value == "*" => Some(TargetEnvironment::Every),
        (Some(name), None) => known.environments.resolve(name, section.found).map(TargetEnvironment::Named),
        (None, Some(_)) if captured.always => Some(TargetEnvironment::Captured),
        (None, Some(by)) => {
            section.error(
                Code::Contradiction,
                by,
                "only some of the patterns capture `{environment}`",
                "capture it in each of the paths, or make two targets",
            );
            None
        }
        (None, None) => {
            if section.get("environment").is_none() && patterns_are_right {
                section
                    .missing("environment", "name it, capture it as `{environment}`, or write `environment = \"*\"`");
            }
            None
        }
    }
}

fn named<T>(
    section: &Section<'_, '_>,
    key: &'static str,
    captured: &CapturingAlternatives,
    resolve: impl Fn(At<&str>) -> Option<Arc<T>>,
) -> Option<Arc<T>> {
    match (section.string(key), captured.by) {
        (Some(name), Some(by)) => {
            both(section, key, name.place, by);
            None
        }
        (Some(name), None) => resolve(name),
        (None, _) => None,
    }
}

fn both(section: &Section<'_, '_>, key: &str, named: Place, by: Place) {
    section.found.push(
        Diagnostic::error(Code::Contradiction, format!("the target names its {key} and captures it too"))
            .at(named)
            .related(by, "captured here")
            .help("name it or capture it, or write two targets"),
    );
}

fn target_kinds(section: &Section<'_, '_>) -> KindSet {
    let Some(list) = section.string_or_strings("kind") else {
        return KindSet::NONE;
    };
    section.report_empty("kind", &list, "name a kind, or remove the key");
    let kinds = kinds(section, &list.items);
    if kinds.contains(Kind::Rollback) {
        section.error(
            Code::BadValue,
            list.place,
            "paths and refs can't show that a change is a rollback",
            "remove `rollback`: only a change back to an allowed state is one",
        );
    }
    kinds
}

fn check_region(
    section: &Section<'_, '_>,
    environment: Option<&TargetEnvironment>,
    region: Option<&Arc<Region>>,
    service: Option<&Arc<Service>>,
) {
    let nothing = |key: &str, cause: String| {
        section.error(Code::EmptySet, section.place_of(key), cause, "change one of the two");
    };
    if let (Some(TargetEnvironment::Named(environment)), Some(region)) = (environment, region)
        && !holds(&environment.regions, region)
    {
        nothing("region", format!("the environment `{}` doesn't serve the region `{}`", environment.name, region.name));
    }
    let Some(service) = service.filter(|service| !service.regions.is_empty()) else {
        return;
    };
    if let Some(region) = region
        && !holds(&service.regions, region)
    {
        nothing("service", format!("the service `{}` doesn't reach the region `{}`", service.name, region.name));
    }
    if let Some(TargetEnvironment::Named(environment)) = environment
        && !service.regions.iter().any(|region| holds(&environment.regions, region))
    {
        let names = |regions: &[Arc<Region>]| {
            regions.iter().map(|one| format!("`{}`", one.name)).collect::<Vec<_>>().join(", ")
        };
        let (own, others) = (names(&service.regions), names(&environment.regions));
        nothing(
            "service",
            format!("the service `{}` serves only {own}; `{}` serves {others}", service.name, environment.name),
        );
    }
}
