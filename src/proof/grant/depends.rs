//! What a grant depends on in the policy, as one digest: with any change of it the grant does not count any more, and with no
//! other.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::decision::FindingCode;
use crate::diagnostic::SourceLayer;
use crate::hex::hex;
use crate::policy::hazard::NameGlob;
use crate::policy::{
    Environment, FindingId, Freeze, FreezeScope, FreezeZone, Hazard, Kind, KindSet, Level, Lift, LiftNeed,
    LiftedFindings, Policy, Region, RouteGuard, Signers, Target, TargetEnvironment,
};
use crate::proof::grant::Terms;
use crate::proof::grant::levels::{levels_of, needs_of};
use crate::time::calendar::Calendar;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::window::Rule;
use crate::time::zone::Zone;

/// Digests what a grant of these terms depends on in `policy`, as SHA-256 in lower-case hexadecimal:
///
/// - of each finding that it lifts, the window with its zones, calendars, level and whom it closes for; of a mismatch and an
///   unknown target, the targets; of routes, `[routes]`;
/// - of each of its environments, the level of core hours, what is exempt, how long a change takes, `settle` and the stages of `rollout`;
/// - the `[[lifts]]` of the levels that these findings may have, the members of the groups that they name, and the lines of the
///   roster whose signatures would count for them.
///
/// Not what else the policy holds, nor comments, places, reasons and order.
///
/// Each of these is an item: a list of texts, each written as its length in bytes, `:` and the text. The digest is over
/// `freezegate-policy-parts-v1`, a line end, and the items, sorted, each once, each written like a text again.
#[must_use]
pub fn policy_digest(policy: &Policy, terms: &Terms) -> String {
    let mut items: Vec<Dependency> = Vec::new();
    let environments: Vec<&Arc<Environment>> =
        terms.environments.iter().filter_map(|name| policy.environment(name)).collect();
    let names: Vec<String> = environments.iter().map(|environment| environment.name.clone()).collect();
    items.extend(environments.iter().map(|environment| of_environment(environment)));
    let mut needs: Vec<LiftNeed> = Vec::new();
    for id in &terms.lifts {
        let known = FindingId::read(id);
        let found = known.as_ref().and_then(|id| levels_of(id, policy, &names, None, None)).unwrap_or_default();
        items.push(Dependency::new("finding").text(id).list(found.iter().map(|level| level.as_str().to_owned())));
        if let Some(known) = &known {
            needs.extend(needs_of(known, found, policy, None));
            of_finding(known, policy, terms, &mut items);
        }
    }
    let lifts: Vec<&Lift> = policy.lifts.iter().filter(|lift| needs.iter().any(|need| lift.is_for(need))).collect();
    items.extend(lifts.iter().map(|lift| of_lift(lift)));
    of_signers(policy, &lifts, &mut items);
    let mut items: Vec<String> = items.into_iter().map(|item| item.0).collect();
    items.sort_unstable();
    items.dedup();
    let mut digest = Sha256::new();
    digest.update("freezegate-policy-parts-v1\n");
    for item in items {
        digest.update(format!("{}:{item}", item.len()));
    }
    hex(&digest.finalize())
}

/// One thing that a grant depends on.
struct Dependency(String);

impl Dependency {
    fn new(sort: &str) -> Self {
        Self(String::new()).text(sort)
    }

    fn text(mut self, text: &str) -> Self {
        self.0.push_str(&format!("{}:{text}", text.len()));
        self
    }

    fn number(self, number: i64) -> Self {
        self.text(&number.to_string())
    }

    fn flag(self, flag: bool) -> Self {
        self.text(if flag { "yes" } else { "no" })
    }

    /// A list whose order means nothing. Two that are equal count as two.
    fn list(self, texts: impl IntoIterator<Item = String>) -> Self {
        let mut texts: Vec<String> = texts.into_iter().collect();
        texts.sort_unstable();
        let whole = texts.iter().fold(Self(String::new()), |list, text| list.text(text));
        self.text(&whole.0)
    }
}

fn of_environment(environment: &Environment) -> Dependency {
    let item = Dependency::new("environment")
        .text(&environment.name)
        .text(environment.during_core_hours.map_or("off", Level::as_str))
        .list(kinds(environment.exempt))
        .number(environment.duration.get())
        .number(environment.settle.get());
    // a policy in which no hazard is exempt is the same as before any could be
    let item = match environment.exempt_hazards.as_slice() {
        [] => item,
        exempt => item.text("exempt hazards").list(exempt.iter().map(|hazard| hazard.name.clone())),
    };
    // a policy without a roll-out is the same as before there were any
    match &environment.rollout {
        None => item,
        Some(rollout) => {
            let stages = rollout.stages().iter();
            item.text("rollout")
                .list(stages.map(|stage| format!("{} {}", stage.from.as_second(), stage.level.as_str())))
        }
    }
}

/// The window of a finding. What an id stands for is decided in [`levels_of`].
fn of_finding(id: &FindingId, policy: &Policy, terms: &Terms, items: &mut Vec<Dependency>) {
    match (id.code(), id.name()) {
        // what an edit opens depends on all that closes besides
        (FindingCode::PolicyChange, _) => {
            let own = policy.sources.files().iter().filter(|file| file.layer != SourceLayer::Fragment);
            items.push(Dependency::new("policy").list(own.map(|file| file.text.clone())));
        }
        (FindingCode::TargetMismatch | FindingCode::UnknownTarget, None) => {
            items.extend(policy.targets.iter().map(of_target));
        }
        (FindingCode::StaleCalendar, None) => {
            let around = policy.freezes.iter().filter(|freeze| matches!(freeze.rule, Rule::Around { .. }));
            items.extend(around.map(|freeze| of_freeze(freeze, policy, terms)));
        }
        (FindingCode::CoreHours, Some(name)) => {
            items.extend(policy.region(name).map(|region| of_region(region)));
        }
        (FindingCode::OutsideChangeWindow, Some(name)) => {
            for window in policy.environment(name).iter().flat_map(|environment| &environment.change_windows) {
                items.push(
                    rule(Dependency::new("change-window").text(name), &window.rule, None).text(zone(&window.zone)),
                );
            }
        }
        (FindingCode::Freeze, Some(name)) => {
            let named = policy.freezes.iter().filter(|freeze| freeze.name == name);
            items.extend(named.map(|freeze| of_freeze(freeze, policy, terms)));
        }
        (
            FindingCode::RouteHijack | FindingCode::RouteOverlap | FindingCode::RouteTakeover | FindingCode::RouteDead,
            Some(_),
        ) => items.extend(policy.routes.as_ref().map(of_routes)),
        // the clock is not of the policy
        (FindingCode::ClockBehind, _) => {}
        // what no finding has as its id
        (FindingCode::TargetMismatch | FindingCode::UnknownTarget | FindingCode::StaleCalendar, Some(_))
        | (
            FindingCode::CoreHours
            | FindingCode::OutsideChangeWindow
            | FindingCode::Freeze
            | FindingCode::RouteHijack
            | FindingCode::RouteOverlap
            | FindingCode::RouteTakeover
            | FindingCode::RouteDead,
            None,
        )
        | (FindingCode::WindowTooShort, _) => {}
    }
}

fn of_routes(guard: &RouteGuard) -> Dependency {
    let patterns = |patterns: &[crate::pattern::Pattern]| -> Vec<String> {
        patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect()
    };
    Dependency::new("routes")
        .list(patterns(&guard.refs))
        .list(patterns(&guard.paths))
        .list(patterns(&guard.except))
        .list(guard.owners.iter().map(|owner| owner.as_str().to_owned()))
        .list(guard.together.iter().map(|capture| capture.name().to_owned()))
        .list(guard.levels().map(|(key, level)| format!("{key} {}", level.map_or("off", Level::as_str))))
}

fn of_region(region: &Region) -> Dependency {
    let item = Dependency::new("region").text(&region.name).list(region.zones.iter().map(|one| zone(one).to_owned()));
    match &region.core_hours {
        Some(core_hours) => rule(item.flag(true), &core_hours.rule, None),
        None => item.flag(false),
    }
}

fn of_freeze(freeze: &Freeze, policy: &Policy, terms: &Terms) -> Dependency {
    let item = rule(Dependency::new("freeze").text(&freeze.name), &freeze.rule, Some(&freeze.text(&policy.sources)));
    let item = match &freeze.zone {
        FreezeZone::Zone(one) => item.text("zone").text(zone(one)),
        FreezeZone::Region => {
            // in each region's own zones: those of the regions that the grant is for
            let meant = policy.regions.iter().filter(|region| {
                freeze.regions.contains(region) && (terms.regions.is_empty() || terms.regions.contains(&region.name))
            });
            let zones = |region: &Arc<Region>| {
                Dependency::new(&region.name).list(region.zones.iter().map(|one| zone(one).to_owned())).0
            };
            item.text("region").list(meant.map(zones))
        }
    };
    let item = item.text(freeze.level.as_str());
    let item = scope(item, &freeze.environments, |environment| &environment.name);
    let item = scope(item, &freeze.regions, |region| &region.name);
    let item = scope(item, &freeze.services, |service| &service.name);
    let item = match freeze.kinds {
        Some(some) => item.flag(true).list(kinds(some)),
        None => item.flag(false),
    };
    // a policy without hazards is the same as before there were any
    let item = match &freeze.hazards {
        FreezeScope::All => item,
        FreezeScope::Only(hazards) => item.text("hazards").list(hazards.iter().map(|hazard| of_hazard(hazard).0)),
    };
    item.list(kinds(freeze.exempt))
}

fn of_hazard(hazard: &Hazard) -> Dependency {
    let globs = |globs: &[NameGlob]| -> Vec<String> { globs.iter().map(|glob| glob.as_str().to_owned()).collect() };
    Dependency::new(&hazard.name)
        .list(globs(&hazard.resources))
        .list(globs(&hazard.attributes))
        .list(hazard.actions.iter().map(|action| action.as_str().to_owned()))
        .number(hazard.settle.get())
}

/// A rule as the policy wrote it, and the calendars that it depends on.
fn rule(item: Dependency, rule: &Rule, written: Option<&str>) -> Dependency {
    match rule {
        Rule::Hours { hours, holidays } => item
            .list(hours.iter().map(|one| one.text().to_owned()))
            .list(holidays.iter().map(|calendar| of_calendar(calendar).0)),
        Rule::Around { calendar, .. } => item.text(written.unwrap_or_default()).text(&of_calendar(calendar).0),
        Rule::Once { .. } | Rule::Recurring { .. } => item.text(written.unwrap_or_default()),
    }
}

fn of_calendar(calendar: &Calendar) -> Dependency {
    Dependency::new(&calendar.name)
        .list(calendar.dates.iter().map(ToString::to_string))
        .text(&calendar.valid_until.to_string())
}

fn of_target(target: &Target) -> Dependency {
    let patterns = |patterns: &[crate::pattern::Pattern]| -> Vec<String> {
        patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect()
    };
    let item = Dependency::new("target")
        .list(patterns(&target.refs))
        .list(patterns(&target.paths))
        .list(patterns(&target.except));
    let item = match &target.environment {
        TargetEnvironment::Named(environment) => item.text("named").text(&environment.name),
        TargetEnvironment::Captured => item.text("captured"),
        TargetEnvironment::Every => item.text("every"),
    };
    // a policy without commands is the same as before there were any
    let item = match &target.command {
        Some(command) => item.text("command").text(command.as_str()),
        None => item,
    };
    let item = target.facts.iter().fold(item, |item, (key, list)| item.text(key.as_str()).list(patterns(list)));
    item.list(target.region.iter().map(|region| region.name.clone()))
        .list(target.service.iter().map(|service| service.name.clone()))
        .list(kinds(target.kinds))
}

fn of_lift(lift: &Lift) -> Dependency {
    let signed = lift.signed.iter().map(|signers| match signers {
        Signers::Any => Dependency::new("any").0,
        Signers::Group(name) => Dependency::new("group").text(name).0,
    });
    let item = match &lift.covers {
        LiftedFindings::Level(level) => Dependency::new("lift").text(level.as_str()),
        LiftedFindings::PolicyChange => Dependency::new("lift").text("policy-change"),
        LiftedFindings::Hazards(level, hazards) => {
            Dependency::new("lift of hazards").text(level.as_str()).list(hazards.iter().cloned())
        }
    };
    item.list(signed)
        .flag(lift.incident)
        .flag(lift.requester)
        .flag(lift.author)
        .number(lift.max_duration.unwrap_or(Seconds::MAX).get())
}

/// The groups that `lifts` name, and the lines of the roster whose signatures would count for them.
fn of_signers(policy: &Policy, lifts: &[&Lift], items: &mut Vec<Dependency>) {
    let Some(approvers) = &policy.approvers else {
        return;
    };
    let wanted: Vec<&Signers> = lifts.iter().flat_map(|lift| &lift.signed).collect();
    let groups = approvers
        .groups
        .iter()
        .filter(|group| wanted.iter().any(|signers| matches!(signers, Signers::Group(name) if *name == group.name)));
    let groups: Vec<_> = groups.collect();
    items.extend(
        groups.iter().map(|group| Dependency::new("group").text(&group.name).list(group.members.iter().cloned())),
    );
    let anyone = wanted.iter().any(|signers| matches!(signers, Signers::Any));
    for signer in approvers.roster.iter().flat_map(|roster| roster.signers()) {
        if anyone || groups.iter().any(|group| group.members.contains(&signer.principal)) {
            let time = |second: Option<Instant>| second.map(|second| second.as_second().to_string());
            items.push(
                Dependency::new("signer")
                    .text(&signer.principal)
                    .text(&signer.key.fingerprint(ssh_key::HashAlg::Sha256).to_string())
                    .flag(signer.namespaces.is_some())
                    .list(signer.namespaces.iter().flatten().cloned())
                    .list(time(signer.valid_after))
                    .list(time(signer.valid_before)),
            );
        }
    }
}

fn kinds(kinds: KindSet) -> Vec<String> {
    Kind::ALL.into_iter().filter(|kind| kinds.contains(*kind)).map(|kind| kind.as_str().to_owned()).collect()
}

fn scope<T>(item: Dependency, scope: &FreezeScope<T>, name: impl Fn(&T) -> &String) -> Dependency {
    match scope {
        FreezeScope::All => item.flag(false),
        FreezeScope::Only(some) => item.flag(true).list(some.iter().map(|one| name(one).clone())),
    }
}

fn zone(zone: &Zone) -> &str {
    zone.name()
}
