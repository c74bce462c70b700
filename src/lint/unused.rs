//! Definitions that nothing refers to: often a name that was meant elsewhere and is missing there.

use std::sync::Arc;

use crate::diagnostic::{Code, Collector, Diagnostic, Place, SourceLayer};
use crate::lint::calendars::{keeps, lies_around};
use crate::pattern::Capture;
use crate::policy::{Environment, FreezeScope, Hazard, Policy, Service, Signers, Target};
use crate::reach::holds;
use crate::time::seconds::Seconds;

/// Looks at regions, calendars, services, groups and exempt hazards.
pub(super) fn check(policy: &Policy, found: &Collector) {
    let is_followed =
        |place: Place| policy.sources.file(place.file).is_some_and(|file| file.layer == SourceLayer::Organisation);
    let report = |noun: &str, name: &str, place: Place, label: &str, help: &str| {
        // what an organisation defines is for other repositories too
        if is_followed(place) {
            return;
        }
        found.push(
            Diagnostic::warning(Code::Unused, format!("the {noun} `{name}` is not used"))
                .at(place)
                .label(label)
                .help(help),
        );
    };
    for one in policy.followed().into_iter().flat_map(|organisation| &organisation.passed_over) {
        let warning = Diagnostic::warning(Code::Unused, format!("{} does not count here", one.what)).at(one.place);
        found.push(match one.by {
            Some(by) => {
                warning.related(by, "the organisation's, which counts").help("remove it, or give it another name")
            }
            None => warning
                .label("only the organisation's policy says who may override, and what a rollback is")
                .help("remove it; ask for it in the organisation's policy if it is needed"),
        });
    }
    for region in &policy.regions {
        if !policy.environments.iter().any(|environment| holds(&environment.regions, region)) {
            let help = "add it to the `regions` of an environment, or remove it";
            report("region", &region.name, region.place, "no environment serves it", help);
        }
    }
    for (calendar, place) in policy.calendars.iter().zip(&policy.calendar_places) {
        let kept = policy.regions.iter().any(|region| keeps(region, calendar));
        if !kept && !policy.freezes.iter().any(|freeze| lies_around(freeze, calendar)) {
            let help = "name it in the `holidays` of a region or in a freeze, or remove it";
            report("calendar", &calendar.name, *place, "no `holidays` and no freeze use it", help);
        }
    }
    for service in policy.services.iter().filter(|service| !is_used(policy, service)) {
        let help = "name or capture it in a target, name it in a freeze, or remove it";
        report("service", &service.name, service.place, "no target and no freeze names it", help);
    }
    for environment in &policy.environments {
        for hazard in environment.exempt_hazards.iter().filter(|hazard| !is_exempt(policy, environment, hazard)) {
            if is_followed(environment.exempt_hazards_place) {
                continue;
            }
            let mut freezes = policy.freezes.iter().filter(|freeze| freeze.environments.contains(environment));
            let is_held = hazard.settle > Seconds::ZERO || freezes.any(|freeze| is_named(&freeze.hazards, hazard));
            let (label, help) = if is_held {
                (
                    "the organisation's freezes and `settle` count all the same",
                    "remove it: only the organisation's policy can exempt from these",
                )
            } else {
                ("no freeze of the environment names it, and it has no `settle`", "name it in a freeze, or remove it")
            };
            let cause = format!("the exemption of the hazard `{}` in `{}` is not used", hazard.name, environment.name);
            let warning = Diagnostic::warning(Code::Unused, cause).at(environment.exempt_hazards_place);
            found.push(warning.label(label).help(help));
        }
    }
    for group in policy.approvers.iter().flat_map(|approvers| &approvers.groups) {
        let named = |signers: &Signers| match signers {
            Signers::Group(name) => *name == group.name,
            Signers::Any => false,
        };
        if !policy.lifts.iter().any(|lift| lift.signed.iter().any(named)) {
            let help = "name it in the `signed` of a `[[lifts]]` entry, or remove it";
            report("group", &group.name, group.place, "no `[[lifts]]` entry asks for its signature", help);
        }
    }
}

/// Returns whether that a hazard is exempt in an environment takes back anything: a freeze or its `settle`.
fn is_exempt(policy: &Policy, environment: &Arc<Environment>, hazard: &Arc<Hazard>) -> bool {
    let mut freezes = policy.freezes.iter().filter(|freeze| freeze.environments.contains(environment));
    policy.settle_of(environment, hazard) < hazard.settle
        || freezes.any(|freeze| is_named(&freeze.hazards, hazard) && policy.exempts(environment, hazard, freeze))
}

fn is_named(hazards: &FreezeScope<Hazard>, hazard: &Arc<Hazard>) -> bool {
    match hazards {
        FreezeScope::All => false,
        FreezeScope::Only(named) => holds(named, hazard),
    }
}

/// Returns whether the service changes anything: shown by a target, frozen, or with regions that narrow what it reaches.
fn is_used(policy: &Policy, service: &Arc<Service>) -> bool {
    let frozen = policy.freezes.iter().any(|freeze| match &freeze.services {
        FreezeScope::Only(services) => holds(services, service),
        FreezeScope::All => false,
    });
    frozen || !service.regions.is_empty() || policy.targets.iter().any(|target| shows(target, service))
}

fn shows(target: &Target, service: &Arc<Service>) -> bool {
    let captures = || {
        target.refs.iter().chain(target.patterns()).chain(target.fact_patterns()).flat_map(|pattern| pattern.captures())
    };
    match &target.service {
        Some(named) => Arc::ptr_eq(named, service),
        None => captures().any(|capture| capture == Capture::Service),
    }
}
