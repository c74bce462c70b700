//! Environments and services.

use std::sync::Arc;

use crate::diagnostic::{Code, Collector};
use crate::policy::check::{Context, Names, kinds};
use crate::policy::kind::{KindSet, Level};
use crate::policy::read::{At, Section};
use crate::policy::{ChangeWindow, Environment, Region, Service};
use crate::time::window::Rule;

const ENVIRONMENT_KEYS: [&str; 7] =
    ["aliases", "regions", "during_core_hours", "exempt", "duration", "settle", "change_windows"];
const CHANGE_WINDOW_KEYS: [&str; 2] = ["hours", "timezone"];
const SERVICE_KEYS: [&str; 1] = ["regions"];

pub(super) fn environments(
    context: &Context<'_>,
    roots: &[Section<'_, '_>],
    regions: &Names<Region>,
) -> Names<Environment> {
    let mut names = Names::new("environment");
    let mut aliases = Vec::new();
    for (name, section) in roots.iter().flat_map(|root| root.named("environments", "an environment", &ENVIRONMENT_KEYS))
    {
        let (environment, other_names) = environment(context, name.value, &section, regions);
        let environment = Arc::new(environment);
        names.define(name, Some(Arc::clone(&environment)), context.found);
        aliases.extend(other_names.into_iter().map(|alias| (alias, Arc::clone(&environment))));
    }
    // after all names, so that an alias that is also a name is reported as the one too many
    for (alias, environment) in aliases {
        names.define(alias, Some(environment), context.found);
    }
    names
}

fn environment<'d>(
    context: &Context<'_>,
    name: &str,
    section: &Section<'d, '_>,
    regions: &Names<Region>,
) -> (Environment, Vec<At<&'d str>>) {
    let aliases = section.strings("aliases").map_or_else(Vec::new, |list| list.value);
    let serves = match section.filled_strings("regions") {
        Some(list) => regions.resolve_all(&list.value, context.found),
        None => regions.all().cloned().collect(),
    };
    let during_core_hours = match section.string("during_core_hours") {
        None => Some(Level::Hard),
        Some(text) if text.value == "off" => None,
        Some(text) => match Level::named(text.value) {
            Some(level) => Some(level),
            None => {
                section.error(
                    Code::BadValue,
                    text.place,
                    format!("`{}` is nothing that core hours can do", text.value),
                    "write `hard`, `soft`, `warn` or `off`",
                );
                None
            }
        },
    };
    let change_windows = change_windows(context, section);
    let environment = Environment {
        name: name.to_owned(),
        place: section.place,
        aliases: aliases.iter().map(|alias| alias.value.to_owned()).collect(),
        regions: serves,
        during_core_hours,
        exempt: section.strings("exempt").map_or(KindSet::ROLLBACK, |list| kinds(section, &list.value)),
        duration: section.duration("duration").unwrap_or(0),
        settle: section.duration("settle").unwrap_or(0),
        change_windows,
        change_windows_place: section.place_of("change_windows"),
    };
    (environment, aliases)
}

fn change_windows(context: &Context<'_>, section: &Section<'_, '_>) -> Vec<ChangeWindow> {
    let windows = section.list("change_windows", "a change window", &CHANGE_WINDOW_KEYS);
    if windows.is_empty() && section.get("change_windows").is_some_and(|value| value.get_ref().is_array()) {
        section.error(
            Code::EmptySet,
            section.place_of("change_windows"),
            "`change_windows` is an empty list, so the environment would never open",
            "write `[{ hours = \"Mon-Thu 06:00-22:00\", timezone = \"Europe/Berlin\" }]`, or take it out",
        );
    }
    windows.iter().filter_map(|window| change_window(context, window)).collect()
}

fn change_window(context: &Context<'_>, section: &Section<'_, '_>) -> Option<ChangeWindow> {
    for (key, help) in
        [("hours", "write `hours = \"Mon-Thu 06:00-22:00\"`"), ("timezone", "say in which zone the hours are read")]
    {
        if section.get(key).is_none() {
            section.missing(key, help);
        }
    }
    let hours = section.string_or_strings("hours").map(|list| {
        if list.value.is_empty() {
            section.error(
                Code::EmptySet,
                list.place,
                "`hours` is an empty list",
                "write `hours = \"Mon-Thu 06:00-22:00\"`",
            );
        }
        (context.hours(&list.value), list.place)
    });
    let zone = section.string("timezone").and_then(|name| {
        if name.value == "region" {
            section.error(
                Code::BadValue,
                name.place,
                "a change window is read in one zone, not in each region's",
                "name the zone",
            );
            return None;
        }
        context.zone(name)
    });
    let (hours, place) = hours?;
    let zone_place = section.place_of("timezone");
    Some(ChangeWindow { rule: Rule::Hours { hours, holidays: Vec::new() }, zone: zone?, zone_place, place })
}

pub(super) fn services(roots: &[Section<'_, '_>], regions: &Names<Region>, found: &Collector) -> Names<Service> {
    let mut names = Names::new("service");
    for (name, section) in roots.iter().flat_map(|root| root.named("services", "a service", &SERVICE_KEYS)) {
        let regions =
            section.filled_strings("regions").map_or_else(Vec::new, |list| regions.resolve_all(&list.value, found));
        names.define(
            name,
            Some(Arc::new(Service { name: name.value.to_owned(), place: section.place, regions })),
            found,
        );
    }
    names
}
