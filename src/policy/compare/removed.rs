//! Names of environments that an edit takes away.
//!
//! What goes to a name that nobody knows is refused at any hour, so that to take it away opens nothing yet. But a later edit
//! that gives the name to something else would be compared with a policy that doesn't know it, and would open nothing either.

use std::sync::Arc;

use crate::policy::compare::report::{PolicyDifference, PolicyPart};
use crate::policy::{Environment, Level, Policy};

/// The names and aliases of environments that only `old` knows, each at the strictest level that closes the environment there.
pub(super) fn names(old: &Policy, new: &Policy) -> Vec<PolicyDifference> {
    let mut found = Vec::new();
    for environment in &old.environments {
        let Some(level) = strictest(old, environment) else {
            continue;
        };
        let names = [&environment.name].into_iter().chain(&environment.aliases);
        for name in names.filter(|name| new.environment(name).is_none()) {
            let text = format!("the name `{name}` is gone, so that a later edit could give it to what is not closed");
            found.push(PolicyDifference {
                environment: Some(environment.name.clone()),
                old_place: Some(environment.place),
                ..PolicyDifference::new(PolicyPart::Name, level, text)
            });
        }
    }
    found
}

/// The strictest level at which something may close an environment; `None` if nothing does.
fn strictest(policy: &Policy, environment: &Arc<Environment>) -> Option<Level> {
    let core_hours =
        environment.during_core_hours.filter(|_| environment.regions.iter().any(|region| region.core_hours.is_some()));
    let change_windows = (!environment.change_windows.is_empty()).then_some(Level::Hard);
    let freezes = policy.freezes.iter().filter(|freeze| freeze.environments.contains(environment));
    freezes.map(|freeze| freeze.level).chain(core_hours).chain(change_windows).filter(|level| level.refuses()).max()
}
