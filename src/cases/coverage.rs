//! What of a policy no case touches.

use std::sync::Arc;

use crate::cases::judge::Touched;
use crate::diagnostic::Place;
use crate::policy::{FindingCode, FindingId, FreezeScope, Hazard, Policy, Region, Target};

/// A part of a policy that no case touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untouched {
    /// The place where it stands.
    pub place: Place,
    /// A description, and how a case would touch it, for people.
    pub what: String,
}

/// The windows by which no case is refused or warned (of core hours, those that close an environment), the targets by which no case reaches anything, the environments that no case reaches,
/// and the hazards of freezes that no case shows, in the order of the policy.
#[must_use]
pub fn untouched(policy: &Policy, touched: &Touched) -> Vec<Untouched> {
    let mut all = Vec::new();
    for environment in &policy.environments {
        let name = &environment.name;
        if !touched.environments.contains(name) {
            all.push(Untouched { place: environment.place, what: format!("no case reaches the environment `{name}`") });
        }
        if !environment.change_windows.is_empty()
            && !touched.windows.contains(&FindingId::named(FindingCode::OutsideChangeWindow, name))
        {
            let what = format!("no case comes outside the change windows of `{name}`");
            all.push(Untouched { place: environment.change_windows_place, what });
        }
    }
    let is_closed_by = |region: &Arc<Region>| {
        policy.environments.iter().any(|environment| {
            environment.during_core_hours.is_some() && environment.regions.iter().any(|one| Arc::ptr_eq(one, region))
        })
    };
    for region in policy.regions.iter().filter(|region| is_closed_by(region)) {
        if let Some(hours) = &region.core_hours
            && !touched.windows.contains(&FindingId::of_core_hours(&region.name))
        {
            let what = format!("no case meets the core hours of `{}`", region.name);
            all.push(Untouched { place: hours.place, what });
        }
    }
    for freeze in &policy.freezes {
        if !touched.windows.contains(&FindingId::of_freeze(&freeze.name)) {
            all.push(Untouched { place: freeze.place, what: format!("no case meets the freeze `{}`", freeze.name) });
        }
    }
    for target in policy.targets.iter().filter(|target| !touched.targets.contains(&target.place)) {
        all.push(Untouched { place: target.place, what: format!("no case matches the {}", called(target)) });
    }
    let is_of_a_freeze = |hazard: &Arc<Hazard>| {
        policy.freezes.iter().any(|freeze| match &freeze.hazards {
            FreezeScope::All => false,
            FreezeScope::Only(some) => some.iter().any(|one| Arc::ptr_eq(one, hazard)),
        })
    };
    for hazard in policy.hazards.iter().filter(|hazard| is_of_a_freeze(hazard)) {
        if !touched.hazards.contains(&hazard.name) {
            let what = format!("no case shows the hazard `{}`", hazard.name);
            all.push(Untouched { place: hazard.place, what });
        }
    }
    all.sort_by_key(|one| one.place);
    all
}

/// The most patterns of a target that are named.
const MOST_PATTERNS: usize = 3;

/// A target by its patterns, such as ``target `deploy/{environment}/**` ``.
fn called(target: &Target) -> String {
    let facts = target.facts.iter().flat_map(|(_, patterns)| patterns);
    let of_files = if target.paths.is_empty() { &target.refs } else { &target.paths };
    let all: Vec<_> = target.command.iter().chain(facts).chain(of_files).collect();
    let named: Vec<String> = all.iter().take(MOST_PATTERNS).map(|pattern| format!("`{}`", pattern.as_str())).collect();
    let more = all.len().saturating_sub(named.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if named.is_empty() {
        "target of the default branch".to_owned()
    } else {
        format!("target {}{more}", named.join(", "))
    }
}
