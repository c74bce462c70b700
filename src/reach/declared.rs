//! What a change reaches by what is said of it alone.

use std::sync::Arc;

use crate::policy::{Environment, KindSet, Policy, Region, Service};
use crate::reach::{Because, Declared, Misdirected, Reach, Reached};

/// Returns what a change reaches of which nothing is known but what is said of it.
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
                environment: Some(Arc::clone(environment)),
                region: Some(Arc::clone(region)),
                what: None,
                message: format!("the environment `{}` doesn't serve the region `{}`", environment.name, region.name),
                place: environment.place,
                said_by_part: Vec::new(),
                earlier_commit: None,
                undefined: None,
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
            environment: Some(Arc::clone(environment)),
            region: None,
            what: None,
            message: format!("the service `{}` reaches no region of {}", service.name, names.join(", ")),
            place: service.place,
            said_by_part: Vec::new(),
            earlier_commit: None,
            undefined: None,
        });
    }
}

pub(crate) fn holds<T>(list: &[Arc<T>], item: &Arc<T>) -> bool {
    list.iter().any(|one| Arc::ptr_eq(one, item))
}
