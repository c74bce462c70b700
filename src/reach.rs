//! From a change to what it reaches, and why: pure, and complete or nothing.

use std::sync::Arc;

use crate::change::Declared;
use crate::diagnostic::Place;
use crate::policy::{Environment, KindSet, Policy, Region, Service};

/// One environment in one region that a change reaches.
#[derive(Debug, Clone)]
pub struct Reached {
    /// The environment.
    pub environment: Arc<Environment>,
    /// The region; `None` only where the policy has no regions.
    pub region: Option<Arc<Region>>,
    /// The service, if the change shows one; `None` may be any.
    pub service: Option<Arc<Service>>,
    /// Kinds that are shown, not just said.
    pub kinds: KindSet,
    /// How that is known.
    pub because: Because,
}

/// How it is known that a change reaches something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// Somebody said so.
    Declared,
    /// A path or ref of the change shows it, by the target at this place of the policy.
    Shown {
        /// The path or ref.
        what: String,
        /// The target.
        policy: Place,
    },
}

/// What contradicts itself in where a change goes.
#[derive(Debug, Clone)]
pub struct Misdirected {
    /// The environment.
    pub environment: Arc<Environment>,
    /// The region.
    pub region: Option<Arc<Region>>,
    /// What is wrong, for people.
    pub message: String,
    /// The line of the policy that says so.
    pub place: Place,
}

/// Everything that a change reaches.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Each pair of environment and region, with its service.
    pub reached: Vec<Reached>,
    /// Services and regions that exclude each other, and names that no table has: `unknown-target`.
    pub unknown: Vec<Misdirected>,
}

/// What a change reaches of which nothing is known but what is said of it.
///
/// Each declared environment is reached in its regions, narrowed to the declared regions and to those of the declared
/// services. A region that the environment doesn't serve, or that no declared service reaches, is an `unknown-target`.
#[must_use]
pub fn declared(policy: &Policy, declared: &Declared) -> Reach {
    let mut reach = Reach::default();
    let services: Vec<Option<&Arc<Service>>> =
        if declared.services.is_empty() { vec![None] } else { declared.services.iter().map(Some).collect() };
    for environment in &declared.environments {
        for region in declared.regions.iter().filter(|region| !holds(&environment.regions, region)) {
            reach.unknown.push(Misdirected {
                environment: Arc::clone(environment),
                region: Some(Arc::clone(region)),
                message: format!("the environment `{}` doesn't serve the region `{}`", environment.name, region.name),
                place: environment.place,
            });
        }
        for service in &services {
            reach_service(&mut reach, policy, environment, *service, &declared.regions);
        }
    }
    reach
}

fn reach_service(
    reach: &mut Reach,
    policy: &Policy,
    environment: &Arc<Environment>,
    service: Option<&Arc<Service>>,
    narrowed: &[Arc<Region>],
) {
    let item = |region: Option<&Arc<Region>>| Reached {
        environment: Arc::clone(environment),
        region: region.cloned(),
        service: service.cloned(),
        kinds: KindSet::NONE,
        because: Because::Declared,
    };
    if policy.regions.is_empty() {
        reach.reached.push(item(None));
        return;
    }
    let before = reach.reached.len();
    for region in environment.regions.iter().filter(|region| narrowed.is_empty() || holds(narrowed, region)) {
        match service {
            Some(service) if !service.regions.is_empty() && !holds(&service.regions, region) => {}
            Some(_) | None => reach.reached.push(item(Some(region))),
        }
    }
    if let Some(service) = service
        && reach.reached.len() == before
    {
        let regions = if narrowed.is_empty() { &environment.regions } else { narrowed };
        let names: Vec<String> = regions.iter().map(|region| format!("`{}`", region.name)).collect();
        reach.unknown.push(Misdirected {
            environment: Arc::clone(environment),
            region: None,
            message: format!("the service `{}` reaches no region of {}", service.name, names.join(", ")),
            place: service.place,
        });
    }
}

fn holds<T>(list: &[Arc<T>], item: &Arc<T>) -> bool {
    list.iter().any(|one| Arc::ptr_eq(one, item))
}
