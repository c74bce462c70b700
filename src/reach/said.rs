//! What is said of where a change goes, beside what its paths show.

use std::collections::HashSet;
use std::sync::Arc;

use crate::policy::{Environment, KindSet, Policy, Service};
use crate::reach::{Because, Declared, Reach, Reached, Shown, declared};

/// Everything that is reached, for telling whether it is known already.
type ReachedIdentity = (usize, Option<usize>, Option<usize>, KindSet);

/// Each kind and service that paths of an environment show.
type ShownKinds = Vec<(KindSet, Option<Arc<Service>>)>;

/// Adds to `reach` what the parts of a change say of themselves, each with its place in [`Shown::said`], and what is said of all
/// of it.
///
/// A declared environment may be where any path goes that no target maps to it, and nothing shows its kind. As
/// long as there is such a path, the environment is judged as declared, for every kind and service. Once targets map every path
/// to it, they show all kinds and services that there are; then it is judged for those, in each region that is declared.
pub(super) fn add<'s>(
    policy: &Policy,
    said: impl Iterator<Item = (&'s Declared, Option<usize>)>,
    shown: &Shown,
    reach: &mut Reach,
) {
    let shown_reached = reach.reached.iter().filter(|reached| is_shown(reached));
    let mut known: HashSet<ReachedIdentity> = shown_reached.map(identity).collect();
    let shown_of = |environment: &Arc<Environment>| {
        let mut told: ShownKinds = Vec::new();
        let mut seen = HashSet::new();
        for reached in reach.reached.iter().chain(&reach.left_out) {
            if Arc::ptr_eq(&reached.environment, environment)
                && is_shown(reached)
                && seen.insert((reached.kinds, address(reached.service.as_ref())))
            {
                told.push((reached.kinds, reached.service.clone()));
            }
        }
        told
    };
    let mut added = Vec::new();
    for (said, part) in said {
        let said_so = declared(policy, said);
        reach.unknown.extend(said_so.unknown);
        let mut of_environment: Option<(Arc<Environment>, ShownKinds)> = None;
        for item in said_so.reached {
            let told = match &of_environment {
                Some((environment, told)) if Arc::ptr_eq(environment, &item.environment) => told,
                Some(_) | None => {
                    let number = policy.environments.iter().position(|one| Arc::ptr_eq(one, &item.environment));
                    let is_mapped = number.is_some_and(|number| shown.is_mapped(part, number));
                    let mut told = if is_mapped { shown_of(&item.environment) } else { Vec::new() };
                    if told.is_empty() {
                        told.push((KindSet::NONE, None));
                    }
                    &of_environment.insert((Arc::clone(&item.environment), told)).1
                }
            };
            for (kinds, service) in told {
                let service = item.service.as_ref().or(service.as_ref()).cloned();
                let item = Reached { kinds: *kinds, service, ..item.clone() };
                // what is said and shown is told once, with what shows it
                if known.insert(identity(&item)) {
                    added.push(item);
                }
            }
        }
    }
    reach.reached.extend(added);
}

/// Reports whether something that was compared shows it.
fn is_shown(reached: &Reached) -> bool {
    match reached.because {
        Because::Shown { .. } => true,
        Because::Declared
        | Because::Job { .. }
        | Because::Possible { .. }
        | Because::PolicyEdit { .. }
        | Because::Routes { .. } => false,
    }
}

fn identity(reached: &Reached) -> ReachedIdentity {
    let region = address(reached.region.as_ref());
    (Arc::as_ptr(&reached.environment).addr(), region, address(reached.service.as_ref()), reached.kinds)
}

fn address<T>(item: Option<&Arc<T>>) -> Option<usize> {
    item.map(|item| Arc::as_ptr(item).addr())
}
