//! An edit of the policy as a change to the environments that it opens.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::compare::{PolicyComparison, PolicyPart};
use crate::policy::{Environment, KindSet, Level, Policy};
use crate::reach::{Because, PolicyOpening, Reach, Reached};

/// Adds to `reach` what an edit of the policy opens, as `comparison` of the policy in force with the edited one at the path
/// `file` has it.
///
/// For each environment, two levels count: the strictest of what opens there and somebody may override, as `policy`, the one in
/// force, has it, or which does not refuse; and the strictest of the rest. The first is a [`PolicyOpening`], at any hour. By the
/// second, the edit is a change of no kind to the environment, in all its regions and of any service: [`Because::PolicyEdit`].
/// Neither hides the other. An opening that concerns no environment in particular concerns all of them.
pub fn add_edit(policy: &Policy, comparison: &PolicyComparison, file: &str, reach: &mut Reach) {
    reach.loosens_policy |= !comparison.openings.is_empty();
    let passes_or_lifts = |level: Level| !level.refuses() || policy.can_lift_policy_change(level);
    let mut opened: Vec<EnvironmentOpenings> = Vec::new();
    for difference in &comparison.openings {
        let environment = difference.environment.as_deref().and_then(|name| policy.environment(name));
        let place = difference.old_place;
        let known = opened.iter_mut().find(|one| {
            passes_or_lifts(one.level) == passes_or_lifts(difference.level)
                && is_same(one.environment.as_ref(), environment)
        });
        match known {
            Some(known) => {
                known.are_lifts &= difference.part == PolicyPart::Lift;
                if difference.level > known.level {
                    (known.level, known.place) = (difference.level, place);
                }
            }
            None => {
                let environment = environment.cloned();
                let are_lifts = difference.part == PolicyPart::Lift;
                opened.push(EnvironmentOpenings { environment, are_lifts, level: difference.level, place });
            }
        }
    }
    for EnvironmentOpenings { environment, are_lifts, level, place } in opened {
        if passes_or_lifts(level) {
            let what = match &environment {
                Some(one) => format!("opens `{}`", one.name),
                None if are_lifts => "changes who may override".to_owned(),
                None => "opens every environment".to_owned(),
            };
            let message = format!("the edit of `{file}` {what}");
            reach.policy_openings.push(PolicyOpening { environment, level, file: file.to_owned(), place, message });
            continue;
        }
        for one in
            policy.environments.iter().filter(|one| environment.as_ref().is_none_or(|only| Arc::ptr_eq(only, one)))
        {
            reach_environment(one, file, place, reach);
        }
    }
}

/// Returns what an edit of the policy reaches that opens an environment: all its regions, by no kind. `file` is the path of the policy.
#[must_use]
pub fn edit_of(environment: &Arc<Environment>, file: &str) -> Reach {
    let mut reach = Reach::default();
    reach_environment(environment, file, None, &mut reach);
    reach
}

/// The openings in an environment.
struct EnvironmentOpenings {
    environment: Option<Arc<Environment>>,
    /// True if all of them are about who may override.
    are_lifts: bool,
    level: Level,
    place: Option<Place>,
}

fn is_same(one: Option<&Arc<Environment>>, other: Option<&Arc<Environment>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn reach_environment(environment: &Arc<Environment>, file: &str, place: Option<Place>, reach: &mut Reach) {
    let item = |region| Reached {
        environment: Arc::clone(environment),
        region,
        service: None,
        kinds: KindSet::NONE,
        because: Because::PolicyEdit { what: file.to_owned(), policy: place.unwrap_or(environment.place) },
    };
    let is_there = |known: &Reached| {
        matches!(known.because, Because::PolicyEdit { .. }) && Arc::ptr_eq(&known.environment, environment)
    };
    if reach.reached.iter().any(is_there) {
        return;
    }
    if environment.regions.is_empty() {
        reach.reached.push(item(None));
    }
    reach.reached.extend(environment.regions.iter().map(|region| item(Some(Arc::clone(region)))));
}
