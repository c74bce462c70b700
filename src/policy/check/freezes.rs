//! Freezes, of policies and of fragments.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::policy::check::context::Context;
use crate::policy::check::names::{Names, Resolved, holds};
use crate::policy::check::values::{kinds, level};
use crate::policy::check::zones::REGION;
use crate::policy::kind::{KindSet, Level};
use crate::policy::read::{At, Section};
use crate::policy::{Environment, Freeze, FreezeScope, FreezeZone, Hazard, Region, Service};
use crate::time::calendar::Calendar;
use crate::time::hours::Hours;
use crate::time::window::Rule;
use crate::time::zone_help::is_anywhere_on_earth;

pub(super) const KEYS: [&str; 14] = [
    "name",
    "from",
    "until",
    "hours",
    "always",
    "timezone",
    "level",
    "environments",
    "regions",
    "services",
    "kinds",
    "hazards",
    "exempt",
    "reason",
];

/// The names that freezes and targets may refer to.
pub(super) struct DefinedNames<'n> {
    pub(super) calendars: &'n Names<Calendar>,
    pub(super) regions: &'n Names<Region>,
    pub(super) environments: &'n Names<Environment>,
    pub(super) services: &'n Names<Service>,
    pub(super) hazards: &'n Names<Hazard>,
}

pub(super) fn freezes<'s, 'd: 's, 't: 'd>(
    context: &Context<'_>,
    roots: impl Iterator<Item = &'s Section<'d, 't>>,
    known: &DefinedNames<'_>,
) -> Vec<Freeze> {
    let sections = roots.flat_map(|root| root.sections("freezes", "a freeze", &KEYS));
    let mut named: Vec<_> = sections.map(|section| (freeze_name(&section), section)).collect();
    // the order of definitions means nothing; what is read is smaller to sort than what it becomes
    named.sort_by(|(a, _), (b, _)| a.map(|name| name.value).cmp(&b.map(|name| name.value)));
    for pair in named.windows(2) {
        if let [(Some(first), _), (Some(second), _)] = pair
            && first.value == second.value
        {
            context.found.push(
                Diagnostic::error(Code::DuplicateName, format!("the freeze `{}` is defined twice", second.value))
                    .at(second.place)
                    .related(first.place, "first here")
                    .help("give each freeze its own name: grants and messages name it by that"),
            );
        }
    }
    let mut freezes = Vec::with_capacity(named.len());
    freezes.extend(named.iter().filter_map(|(name, section)| freeze(context, section, *name, known)));
    freezes
}

fn freeze_name<'d>(section: &Section<'d, '_>) -> Option<At<&'d str>> {
    const HELP: &str = "give it a name that says why: `name = \"year end\"`";
    let Some(name) = section.string("name") else {
        if section.get("name").is_none() {
            section.missing("name", HELP);
        }
        return None;
    };
    // as good as every name is plain
    let is_plain = name.value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if is_plain && !name.value.starts_with(' ') && !name.value.ends_with(' ') && !name.value.is_empty() {
        return Some(name);
    }
    let cause = if name.value.trim().is_empty() {
        "a freeze can't have an empty name"
    } else if name.value.trim() != name.value {
        "the name starts or ends with a space"
    } else if name.value.chars().any(|c| c.is_control() || (c.is_whitespace() && c != ' ')) {
        "the name has invisible characters"
    } else {
        return Some(name);
    };
    section.error(Code::BadName, name.place, cause, HELP);
    Some(name)
}

fn freeze(
    context: &Context<'_>,
    section: &Section<'_, '_>,
    name: Option<At<&str>>,
    known: &DefinedNames<'_>,
) -> Option<Freeze> {
    let always = always(section);
    let rule = match always {
        Some(place) => every_hour(place),
        None => context.freeze_rule(section, known.calendars),
    };
    let zone = freeze_zone(context, section, known.regions, always);
    let hazards = section.filled_strings("hazards").map(|list| known.hazards.resolve_all(&list.items, context.found));
    let level = match section.get("level") {
        None => {
            // unless it says, it is as strict as the strictest hazard that it names
            let strictest = hazards.iter().flat_map(|named| &named.items).map(|hazard| hazard.level).max();
            Some(strictest.unwrap_or(Level::Hard))
        }
        Some(_) => level(section, "level", &Level::ALL),
    };
    let list = |key: &str| section.filled_strings(key);
    let environments = list("environments").map(|list| known.environments.resolve_all(&list.items, context.found));
    let regions = list("regions").map(|list| known.regions.resolve_all(&list.items, context.found));
    let services = list("services").map(|list| known.services.resolve_all(&list.items, context.found));
    let kind_list = list("kinds").map(|list| kinds(section, &list.items));
    let exempt = section.strings("exempt").map_or(KindSet::ROLLBACK, |list| kinds(section, &list.items));
    if let Some(kinds) = kind_list
        && !kinds.is_empty()
        && kinds.is_subset_of(exempt)
    {
        let (place, help) = if section.get("exempt").is_some() {
            (section.place_of("exempt"), "remove a kind from `exempt`, or the freeze from the policy")
        } else {
            (section.place_of("kinds"), "add `exempt = []`: without it, rollbacks are exempt")
        };
        section.error(Code::EmptySet, place, "every kind that the freeze stops is also exempt from it", help);
    }
    check_reach(section, environments.as_ref(), regions.as_ref(), services.as_ref());
    let reason = section.text("reason").map(|text| text.value.to_owned());
    let (rule, [rule_place, until_place]) = rule?;
    let (zone, zone_place) = zone?;
    Some(Freeze {
        name: name?.value.to_owned(),
        place: section.place,
        rule,
        is_always: always.is_some(),
        is_of_holidays: false,
        rule_place,
        until_place,
        zone,
        zone_place,
        level: level?,
        environments: scope(environments),
        regions: scope(regions),
        services: scope(services),
        kinds: kind_list,
        hazards: scope(hazards),
        exempt,
        reason,
    })
}

/// Returns where a freeze says `always = true`, if it does; reported if it says when it is besides, or names neither hazards nor kinds.
fn always(section: &Section<'_, '_>) -> Option<Place> {
    let place = section.get("always").map(|value| section.at(&value.span()))?;
    if section.boolean("always")? {
        if let Some(key) = ["hours", "from", "until"].into_iter().find(|key| section.get(key).is_some()) {
            let cause = format!("a freeze has either `always` or `{key}`, not both");
            section.error(Code::Contradiction, place, cause, "keep one: `always` is at every hour");
        }
        if section.get("hazards").is_none() && section.get("kinds").is_none() {
            let help = "name `hazards` or `kinds`, or say when it is with `from` and `until`, or with `hours`";
            section.error(Code::Contradiction, place, "an `always` freeze of every change would never open", help);
        }
        return Some(place);
    }
    section.error(Code::BadValue, place, "`always` can't be `false`", "leave it out");
    None
}

/// The rule of a freeze that is at every hour, and where it is written.
fn every_hour(place: Place) -> Option<(Rule, [Place; 2])> {
    let Ok(hours) = "daily 00:00-24:00".parse::<Hours>() else {
        return None;
    };
    Some((Rule::Hours { hours: vec![hours], holidays: Vec::new() }, [place; 2]))
}

/// The zone in which a freeze is read, and where it says so.
fn freeze_zone(
    context: &Context<'_>,
    section: &Section<'_, '_>,
    regions: &Names<Region>,
    always: Option<Place>,
) -> Option<(FreezeZone, Place)> {
    let Some(name) = section.string("timezone") else {
        if let (Some(place), None) = (always, section.get("timezone")) {
            return context.zone(At { value: "UTC", place }).map(|zone| (FreezeZone::Zone(zone), place));
        }
        if section.get("timezone").is_none() {
            section.missing("timezone", "name a zone, or write `timezone = \"region\"` for each region's own");
        }
        return None;
    };
    if name.value != REGION {
        if section.get("hours").is_some() && is_anywhere_on_earth(name.value) {
            return context.zone_of_hours(name).map(|zone| (FreezeZone::Zone(zone), name.place));
        }
        return context.zone_or_region(name).map(|zone| (FreezeZone::Zone(zone), name.place));
    }
    if regions.is_empty() {
        section.error(
            Code::EmptySet,
            name.place,
            "`region` needs regions, and the policy has none",
            "name the zone, such as `UTC`",
        );
        return None;
    }
    Some((FreezeZone::Region, name.place))
}

fn scope<T>(named: Option<Resolved<T>>) -> FreezeScope<T> {
    named.map_or(FreezeScope::All, |named| FreezeScope::Only(named.items))
}

/// Reports environments, regions and services that a freeze names together although no change can reach them together.
fn check_reach(
    section: &Section<'_, '_>,
    environments: Option<&Resolved<Environment>>,
    regions: Option<&Resolved<Region>>,
    services: Option<&Resolved<Service>>,
) {
    let Some(regions) = regions.and_then(Resolved::complete).filter(|regions| !regions.is_empty()) else {
        return;
    };
    let meets = |own: &[Arc<Region>]| own.iter().any(|region| holds(regions, region));
    let report = |key: &str, cause: &str| {
        let help = "name ones that belong together, or remove one of the two";
        section.error(Code::EmptySet, section.place_of(key), cause, help);
    };
    if let Some(environments) = environments.and_then(Resolved::complete)
        && !environments.is_empty()
        && !environments.iter().any(|environment| meets(&environment.regions))
    {
        report("regions", "these environments serve none of these regions, so the freeze closes nothing");
    }
    if let Some(services) = services.and_then(Resolved::complete)
        && !services.is_empty()
        && !services.iter().any(|service| service.regions.is_empty() || meets(&service.regions))
    {
        report("services", "none of these services reaches these regions, so the freeze closes nothing");
    }
}
