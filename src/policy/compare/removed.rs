//! Names of environments that an edit takes away, or that are no longer what an environment is called.
//!
//! The record keeps states by what an environment is called. Under another name they are lost to it, or those of another count for it.
//!
//! What goes to a name that nobody knows is refused at any hour, so that to take it away opens nothing yet. But a later edit
//! that gives the name to something else would be compared with a policy that doesn't know it, and would open nothing either.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::routes::RouteGuard;
use crate::policy::{Environment, Level, Policy, Scope};
use crate::time::calendar::Calendar;

/// The names and aliases of environments that only `old` knows, and the names that are aliases in `new`, each at the strictest level that
/// closes the environment there.
///
/// It takes as many steps as both policies have names, each way.
pub(super) fn names(old: &Policy, new: &Policy) -> Vec<PolicyDifference> {
    let known: HashSet<&str> =
        new.environments.iter().flat_map(|one| one.aliases.iter().chain([&one.name])).map(String::as_str).collect();
    let called: HashSet<&str> = new.environments.iter().map(|one| one.name.as_str()).collect();
    let frozen = Frozen::of(old);
    let mut found = Vec::new();
    for environment in &old.environments {
        if known.contains(environment.name.as_str())
            && !called.contains(environment.name.as_str())
            && let Some(level) = frozen.strictest(environment)
        {
            let name = &environment.name;
            let text = format!("`{name}` is renamed: the record knows only the old name");
            found.push(PolicyDifference {
                environment: Some(name.clone()),
                old_place: Some(environment.place),
                ..PolicyDifference::new(PolicyPart::Name, level, text)
            });
        }
        let names = [&environment.name].into_iter().chain(&environment.aliases);
        for name in names.filter(|name| !known.contains(name.as_str())) {
            let Some(level) = frozen.strictest(environment) else {
                continue;
            };
            let text =
                format!("the name `{name}` is removed, so a later edit could give it to something that is not closed");
            found.push(PolicyDifference {
                // `[routes]` guards all environments from each other
                environment: frozen.routes.is_none().then(|| environment.name.clone()),
                old_place: Some(environment.place),
                ..PolicyDifference::new(PolicyPart::Name, level, text)
            });
        }
    }
    found
}

/// What an organisation's own policy defined and leaves to repositories from then on: environments, services, regions and hazards. So is a
/// calendar that differs at all. All count as hard, as what repositories close by them may be.
///
/// A repository may have a definition of that name, which did not count so far and opens what the organisation's closed. Its own windows may be
/// around the dates of a calendar, or not on them.
pub(super) fn left_to_repositories(old: &Policy, new: &Policy) -> Vec<PolicyDifference> {
    let Some(before) = old.organisation.as_ref().filter(|organisation| !organisation.is_followed) else {
        return Vec::new();
    };
    let is_left = |one: &Environment| new.organisation.as_ref().is_some_and(|organisation| organisation.leaves(one));
    let left: HashSet<&str> = new.environments.iter().filter(|one| is_left(one)).map(|one| one.name.as_str()).collect();
    let environments = old.environments.iter().filter(|one| !before.leaves(one) && left.contains(one.name.as_str()));
    let environments = environments.map(|one| {
        let text = format!("`{}` is left to repositories, which may define it as they like", one.name);
        let difference = PolicyDifference::new(PolicyPart::Name, Level::Hard, text);
        PolicyDifference { environment: Some(one.name.clone()), old_place: Some(one.place), ..difference }
    });
    let services = gone("service", &old.services, &new.services, |one| (&one.name, one.place));
    let regions = gone("region", &old.regions, &new.regions, |one| (&one.name, one.place));
    let hazards = gone("hazard", &old.hazards, &new.hazards, |one| (&one.name, one.place));
    let kept: HashMap<&str, &Calendar> = new.calendars.iter().map(|one| (one.name.as_str(), &**one)).collect();
    let calendars = old.calendars.iter().zip(&old.calendar_places);
    let calendars = calendars.filter(|(one, _)| kept.get(one.name.as_str()).copied() != Some(&***one));
    let calendars = calendars.map(|(one, place)| {
        let what = "differs or is removed, and repositories may close or open their dates by it";
        (format!("the calendar `{}` {what}", one.name), *place)
    });
    let named = services.into_iter().chain(regions).chain(hazards).chain(calendars);
    let named = named.map(|(text, place)| PolicyDifference {
        old_place: Some(place),
        ..PolicyDifference::new(PolicyPart::Name, Level::Hard, text)
    });
    environments.chain(named).collect()
}

/// What is said of each definition of `old` whose name `new` does not have, with its place.
fn gone<T>(noun: &str, old: &[Arc<T>], new: &[Arc<T>], named: impl Fn(&T) -> (&String, Place)) -> Vec<(String, Place)> {
    let kept: HashSet<&str> = new.iter().map(|one| named(one).0.as_str()).collect();
    let lost = old.iter().map(|one| named(one)).filter(|(name, _)| !kept.contains(name.as_str()));
    let said = |name: &str| format!("the {noun} `{name}` is removed, and repositories may define it as they like");
    lost.map(|(name, place)| (said(name), place)).collect()
}

/// The strictest level of the freezes of a policy, those of all environments and those of single ones.
struct Frozen {
    all: Option<Level>,
    /// The requests that one environment's routes may not take from another's.
    routes: Option<Level>,
    single: HashMap<*const Environment, Level>,
}

impl Frozen {
    fn of(policy: &Policy) -> Self {
        let routes = policy.routes.as_ref().and_then(RouteGuard::strictest).filter(|level| level.refuses());
        let mut frozen = Self { all: None, routes, single: HashMap::new() };
        for freeze in policy.freezes.iter().filter(|freeze| freeze.level.refuses()) {
            match &freeze.environments {
                Scope::All => frozen.all = frozen.all.max(Some(freeze.level)),
                Scope::Only(environments) => {
                    for environment in environments {
                        let known = frozen.single.entry(Arc::as_ptr(environment)).or_insert(freeze.level);
                        *known = freeze.level.max(*known);
                    }
                }
            }
        }
        frozen
    }

    /// The strictest level at which something may close an environment; `None` if nothing does.
    fn strictest(&self, environment: &Arc<Environment>) -> Option<Level> {
        let core_hours = environment
            .during_core_hours
            .filter(|level| level.refuses() && environment.regions.iter().any(|region| region.core_hours.is_some()));
        let change_windows = (!environment.change_windows.is_empty()).then_some(Level::Hard);
        let single = self.single.get(&Arc::as_ptr(environment)).copied();
        [self.all, single, self.routes, core_hours, change_windows].into_iter().flatten().max()
    }
}
