//! Freezes, of policies and of fragments.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::policy::check::{Context, Names, kinds, level};
use crate::policy::kind::{KindSet, Level};
use crate::policy::read::{At, Section};
use crate::policy::{Environment, Freeze, FreezeZone, Region, Scope, Service};
use crate::time::calendar::Calendar;

const KEYS: [&str; 12] = [
    "name",
    "from",
    "until",
    "hours",
    "timezone",
    "level",
    "environments",
    "regions",
    "services",
    "kinds",
    "exempt",
    "reason",
];

/// The names that freezes and targets may refer to.
pub(super) struct Known<'n> {
    pub(super) calendars: &'n Names<Calendar>,
    pub(super) regions: &'n Names<Region>,
    pub(super) environments: &'n Names<Environment>,
    pub(super) services: &'n Names<Service>,
}

pub(super) fn freezes<'s, 'd: 's, 't: 'd>(
    context: &Context<'_>,
    roots: impl Iterator<Item = &'s Section<'d, 't>>,
    known: &Known<'_>,
) -> Vec<Freeze> {
    let mut names: HashMap<&str, Place> = HashMap::new();
    let mut freezes = Vec::new();
    for section in roots.flat_map(|root| root.list("freezes", "a freeze", &KEYS)) {
        let name = freeze_name(&section);
        if let Some(name) = name
            && let Some(first) = names.insert(name.value, name.place)
        {
            context.found.push(
                Diagnostic::error(Code::DuplicateName, format!("the freeze `{}` is defined twice", name.value))
                    .at(name.place)
                    .related(first, "first here")
                    .help("give each freeze its own name: grants and messages tell them apart by it"),
            );
        }
        freezes.extend(freeze(context, &section, name, known));
    }
    // the order of definitions means nothing
    freezes.sort_by(|a, b| a.name.cmp(&b.name));
    freezes
}

fn freeze_name<'d>(section: &Section<'d, '_>) -> Option<At<&'d str>> {
    if section.get("name").is_none() {
        section.missing("name", "give it a name that says why: `name = \"year end\"`");
    }
    let name = section.text("name")?;
    let odd = name.value.trim() != name.value
        || name.value.chars().any(|c| c.is_control() || (c.is_whitespace() && c != ' '));
    if odd {
        section.error(
            Code::BadName,
            name.place,
            "a name with blanks at its ends, or with control characters",
            "write it plainly",
        );
    }
    Some(name)
}

fn freeze(
    context: &Context<'_>,
    section: &Section<'_, '_>,
    name: Option<At<&str>>,
    known: &Known<'_>,
) -> Option<Freeze> {
    let rule = context.freeze_rule(section, known.calendars);
    let zone = freeze_zone(context, section, known.regions);
    let level = match section.get("level") {
        None => Some(Level::Hard),
        Some(_) => level(section, "level", &Level::ALL),
    };
    let environments = scope(section, "environments", known.environments);
    let regions = scope(section, "regions", known.regions);
    let services = scope(section, "services", known.services);
    let kind_list = section.filled_strings("kinds").map(|list| kinds(section, &list.value));
    let exempt = section.strings("exempt").map_or(KindSet::ROLLBACK, |list| kinds(section, &list.value));
    if let Some(kinds) = kind_list
        && !kinds.is_empty()
        && section.get("exempt").is_some()
        && kinds.is_subset_of(exempt)
    {
        section.error(
            Code::EmptySet,
            section.place_of("exempt"),
            "every kind that the freeze stops is also exempt from it",
            "take a kind out of `exempt`, or the freeze out of the policy",
        );
    }
    check_reach(section, &environments, &regions, &services);
    let reason = section.text("reason").map(|text| text.value.to_owned());
    let (rule, rule_place, text) = rule?;
    Some(Freeze {
        name: name?.value.to_owned(),
        place: section.place,
        rule,
        rule_place,
        text,
        zone: zone?,
        zone_place: section.place_of("timezone"),
        level: level?,
        environments,
        regions,
        services,
        kinds: kind_list,
        exempt,
        reason,
    })
}

fn freeze_zone(context: &Context<'_>, section: &Section<'_, '_>, regions: &Names<Region>) -> Option<FreezeZone> {
    if section.get("timezone").is_none() {
        section.missing("timezone", "name a zone, or write `timezone = \"region\"` for each region's own");
    }
    let name = section.string("timezone")?;
    if name.value != "region" {
        return context.zone(name).map(FreezeZone::Zone);
    }
    if regions.is_empty() {
        section.error(Code::EmptySet, name.place, "the policy has no regions, so no zone is meant", "name the zone");
        return None;
    }
    Some(FreezeZone::Region)
}

fn scope<T>(section: &Section<'_, '_>, key: &str, names: &Names<T>) -> Scope<T> {
    match section.filled_strings(key) {
        None => Scope::All,
        Some(list) => Scope::Only(names.resolve_all(&list.value, section.found)),
    }
}

/// Reports environments, regions and services that a freeze names together although no change can reach them together.
fn check_reach(
    section: &Section<'_, '_>,
    environments: &Scope<Environment>,
    regions: &Scope<Region>,
    services: &Scope<Service>,
) {
    let Scope::Only(regions) = regions else {
        return;
    };
    let reports = |key: &str, cause: &str| {
        section.error(
            Code::EmptySet,
            section.place_of(key),
            cause,
            "name what goes together, or take one of the two out",
        );
    };
    if let Scope::Only(environments) = environments
        && !environments.is_empty()
        && !regions.is_empty()
        && !environments.iter().any(|environment| {
            environment.regions.iter().any(|served| regions.iter().any(|region| Arc::ptr_eq(region, served)))
        })
    {
        reports("regions", "none of these regions is served by these environments, so the freeze closes nothing");
    }
    if let Scope::Only(services) = services
        && !services.is_empty()
        && !regions.is_empty()
        && services.iter().all(|service| {
            !service.regions.is_empty()
                && !service.regions.iter().any(|own| regions.iter().any(|region| Arc::ptr_eq(region, own)))
        })
    {
        reports("services", "none of these services reaches these regions, so the freeze closes nothing");
    }
}
