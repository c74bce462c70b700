//! Environments and services.

use std::sync::Arc;

use toml::de::DeTable;

use crate::diagnostic::{Code, Collector};
use crate::policy::check::context::Context;
use crate::policy::check::names::{Names, Resolved, holds, is_plain};
use crate::policy::check::rollout::rollout;
use crate::policy::check::size::Size;
use crate::policy::check::values::kinds;
use crate::policy::check::zones::REGION;
use crate::policy::kind::{KindSet, Level};
use crate::policy::read::{At, Section};
use crate::policy::{ChangeWindow, Environment, Hazard, Region, Service};
use crate::time::seconds::Seconds;
use crate::time::window::Rule;

pub(super) const ENVIRONMENT_KEYS: [&str; 11] = [
    "aliases",
    "owner",
    "regions",
    "during_core_hours",
    "exempt",
    "exempt_hazards",
    "duration",
    "settle",
    "change_windows",
    "evidence",
    "rollout",
];
pub(super) const CHANGE_WINDOW_KEYS: [&str; 2] = ["hours", "timezone"];
pub(super) const SERVICE_KEYS: [&str; 1] = ["regions"];

pub(super) fn environments(
    context: &Context<'_>,
    roots: &[Section<'_, '_>],
    (regions, hazards): (&Names<Region>, &Names<Hazard>),
    (left_to_repositories, empty): (&[At<&str>], &DeTable<'_>),
) -> Names<Environment> {
    let mut names = Names::new("environment");
    let mut aliases = Vec::new();
    let mut size = Size::default();
    for (name, section) in roots.iter().flat_map(|root| root.named("environments", "an environment", &ENVIRONMENT_KEYS))
    {
        let (environment, other_names) = environment(context, name, &section, (regions, hazards), &mut size);
        let environment = environment.map(Arc::new);
        names.define(name, environment.clone(), context.found);
        aliases.extend(other_names.into_iter().map(|alias| (alias, environment.clone())));
    }
    // an organisation's freezes may name environments that this repository has not; one that it has is as it says
    for name in left_to_repositories {
        if names.knows(name.value) {
            continue;
        }
        let section = Section::unchecked(empty, name.place, "an environment", context.found);
        let (environment, _) = environment(context, *name, &section, (regions, hazards), &mut size);
        names.define(*name, environment.map(Arc::new), context.found);
    }
    // after all names, so that an alias that is also a name is reported as the one too many
    for (alias, environment) in aliases {
        names.define_alias(alias, environment, context.found);
    }
    names
}

fn environment<'d>(
    context: &Context<'_>,
    name: At<&str>,
    section: &Section<'d, '_>,
    (regions, hazards): (&Names<Region>, &Names<Hazard>),
    size: &mut Size,
) -> (Option<Environment>, Vec<At<&'d str>>) {
    let aliases = section.strings("aliases").map_or_else(Vec::new, |list| list.items);
    // another name is a fault by itself
    let mut is_small =
        |regions: usize| !is_plain(name.value) || size.add(name.value, regions, name.place, context.found);
    let serves = match section.filled_strings("regions") {
        Some(list) => {
            let resolved = regions.resolve_all(&list.items, context.found);
            let is_complete = is_small(resolved.items.len()) && resolved.is_complete;
            Resolved { is_complete, ..resolved }
        }
        None if is_small(regions.all().count()) => {
            Resolved { items: regions.all().cloned().collect(), is_complete: true }
        }
        None => Resolved { items: Vec::new(), is_complete: false },
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
                    format!("`during_core_hours` can't be `{}`", text.value),
                    "write `hard`, `soft`, `warn` or `off`",
                );
                None
            }
        },
    };
    let exempt_hazards =
        section.filled_strings("exempt_hazards").map(|list| hazards.resolve_all(&list.items, context.found).items);
    let change_windows = change_windows(context, section);
    let environment = Environment {
        name: name.value.to_owned(),
        place: section.place,
        aliases: aliases.iter().map(|alias| alias.value.to_owned()).collect(),
        owner: section.text("owner").map(|text| text.value.to_owned()),
        regions: serves.items,
        during_core_hours,
        exempt: section.strings("exempt").map_or(KindSet::ROLLBACK, |list| kinds(section, &list.items)),
        exempt_hazards: exempt_hazards.unwrap_or_default(),
        exempt_hazards_place: section.place_of("exempt_hazards"),
        duration: section.duration("duration").unwrap_or(Seconds::ZERO),
        settle: section.duration("settle").unwrap_or(Seconds::ZERO),
        change_windows,
        change_windows_place: section.place_of("change_windows"),
        requires_evidence: section.string("evidence").is_some_and(|text| {
            let is_required = text.value == "required";
            if !is_required {
                section.error(
                    Code::BadValue,
                    text.place,
                    format!("`evidence` can't be `{}`", text.value),
                    "write `required`, or remove it: then a typed name is enough",
                );
            }
            is_required
        }),
        rollout: rollout(context, section),
    };
    (serves.is_complete.then_some(environment), aliases)
}

fn change_windows(context: &Context<'_>, section: &Section<'_, '_>) -> Vec<ChangeWindow> {
    let Some(windows) = section.list("change_windows", "a change window", &CHANGE_WINDOW_KEYS) else {
        return Vec::new();
    };
    if windows.is_empty {
        section.error(
            Code::EmptySet,
            windows.place,
            "`change_windows` is an empty list, so the environment would never open",
            "write `[{ hours = \"Mon-Thu 06:00-22:00\", timezone = \"Europe/Berlin\" }]`, or remove it",
        );
    }
    windows.items.iter().filter_map(|window| change_window(context, &window.value)).collect()
}

fn change_window(context: &Context<'_>, section: &Section<'_, '_>) -> Option<ChangeWindow> {
    for (key, help) in
        [("hours", "write `hours = \"Mon-Thu 06:00-22:00\"`"), ("timezone", "name the time zone of the hours")]
    {
        if section.get(key).is_none() {
            section.missing(key, help);
        }
    }
    let hours = section.string_or_strings("hours").map(|list| {
        section.report_empty("hours", &list, "write `hours = \"Mon-Thu 06:00-22:00\"`");
        (context.hours(&list.items), list.place)
    });
    let zone = section.string("timezone").and_then(|name| {
        if name.value == REGION {
            section.error(
                Code::BadValue,
                name.place,
                "a change window is read in one zone, not in each region's",
                "name the zone, such as `Europe/Berlin`",
            );
            return None;
        }
        context.zone_of_hours(name)
    });
    let (hours, place) = hours?;
    let zone_place = section.place_of("timezone");
    Some(ChangeWindow { rule: Rule::Hours { hours, holidays: Vec::new() }, zone: zone?, zone_place, place })
}

pub(super) fn services(
    roots: &[Section<'_, '_>],
    regions: &Names<Region>,
    environments: &Names<Environment>,
    found: &Collector,
) -> Names<Service> {
    let mut names = Names::new("service");
    for (name, section) in roots.iter().flat_map(|root| root.named("services", "a service", &SERVICE_KEYS)) {
        let narrowed = section.filled_strings("regions").map(|list| regions.resolve_all(&list.items, found));
        let service = match narrowed.as_ref().map(Resolved::complete) {
            None => Some(Vec::new()),
            Some(Some(narrowed)) => {
                check_served(&section, narrowed, environments);
                Some(narrowed.to_vec())
            }
            Some(None) => None,
        };
        let service = service.map(|regions| Service { name: name.value.to_owned(), place: section.place, regions });
        names.define(name, service.map(Arc::new), found);
    }
    names
}

/// Reports regions of a service of which no environment serves any.
fn check_served(section: &Section<'_, '_>, narrowed: &[Arc<Region>], environments: &Names<Environment>) {
    let serves = |environment: &Arc<Environment>| narrowed.iter().any(|region| holds(&environment.regions, region));
    if !narrowed.is_empty() && environments.all_are_right() && !environments.all().any(serves) {
        section.error(
            Code::EmptySet,
            section.place_of("regions"),
            "no environment serves any of these regions, so no change could reach the service",
            "name regions that an environment serves",
        );
    }
}
