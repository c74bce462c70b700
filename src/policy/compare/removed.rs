//! Names of environments that an edit takes away, or that are no longer what an environment is called.
//!
//! The record keeps states by what an environment is called. Under another name they are lost to it, or those of another count for it.
//!
//! What goes to a name that nobody knows is refused at any hour, so that to take it away opens nothing yet. But a later edit
//! that gives the name to something else would be compared with a policy that doesn't know it, and would open nothing either.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::routes::RouteGuard;
use crate::policy::{Environment, FreezeScope, Level, Policy};

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
                FreezeScope::All => frozen.all = frozen.all.max(Some(freeze.level)),
                FreezeScope::Only(environments) => {
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
