//! What a policy maps where, part by part.
//!
//! A state that was let through was judged for what the policy mapped then. A policy that maps more, by another target or to another
//! region, asks about something that nobody judged; one that maps the same in other words does not.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::diagnostic::Place;
use crate::pattern::{Capture, Pattern};
use crate::policy::{Environment, Policy, Region, Service, Target, TargetEnvironment};

/// How many bytes of its SHA-256 digest stand for a part, so that nobody finds two that are named alike.
const PART_BYTES: usize = 16;

/// What a policy maps where: for each environment whom it serves, each target, and whom the services serve. Each part is a digest of 32 hexadecimal digits, equal
/// for what maps alike.
///
/// Windows, freezes, overrides and kinds that are exempt are none of it: they say when something may go, not where.
#[derive(Debug)]
pub struct PolicyMapping {
    environments: HashMap<String, String>,
    targets: HashMap<Place, String>,
    /// All services that are narrowed to regions.
    services: String,
}

impl PolicyMapping {
    pub(super) fn of(policy: &Policy) -> Self {
        let environments = policy.environments.iter().map(|one| (one.name.clone(), part(&of_environment(one))));
        let services = part(&of_narrowed(&policy.services));
        let aliases = part(&of_aliases(&policy.environments));
        let of_target = |target: &Target| part(&of_target(target, (&aliases, &services)));
        let targets = policy.targets.iter().map(|target| (target.place, of_target(target)));
        Self { environments: environments.collect(), targets: targets.collect(), services }
    }

    /// All parts, in no order; equal ones may stand twice.
    pub fn parts(&self) -> impl Iterator<Item = String> {
        self.environments.values().chain(self.targets.values()).chain([&self.services]).cloned()
    }

    /// The part that says whom an environment serves; none if the policy has no environment of that name.
    pub fn of_environment(&self, name: &str) -> impl Iterator<Item = String> {
        self.environments.get(name).cloned().into_iter()
    }

    /// The part that says whom the services serve that are narrowed to regions.
    pub fn of_services(&self) -> impl Iterator<Item = String> {
        [self.services.clone()].into_iter()
    }

    /// The parts of the targets at `places`.
    pub fn of_targets(&self, places: &HashSet<Place>) -> impl Iterator<Item = String> {
        places.iter().filter_map(|place| self.targets.get(place)).cloned()
    }
}

fn part(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(PART_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn names(regions: &[Arc<Region>]) -> Vec<&str> {
    let mut names: Vec<&str> = regions.iter().map(|region| region.name.as_str()).collect();
    names.sort_unstable();
    names
}

/// An environment, and whom it serves.
fn of_environment(environment: &Environment) -> String {
    format!("environment {:?} in {:?}", environment.name, names(&environment.regions))
}

/// The services that are narrowed to regions.
fn of_narrowed(services: &[Arc<Service>]) -> String {
    let narrowed = services.iter().filter(|one| !one.regions.is_empty());
    let mut all: Vec<String> = narrowed.map(|one| of_service(one)).collect();
    all.sort_unstable();
    format!("services {}", all.join(", "))
}

fn of_service(service: &Service) -> String {
    format!("{:?} in {:?}", service.name, names(&service.regions))
}

/// The aliases, each with what it stands for.
fn of_aliases(environments: &[Arc<Environment>]) -> String {
    let of_one = |one: &Arc<Environment>| one.aliases.iter().map(|alias| format!("{alias:?} {:?}", one.name)).collect();
    let mut all: Vec<String> = environments.iter().flat_map::<Vec<String>, _>(of_one).collect();
    all.sort_unstable();
    all.join(", ")
}

/// A target, with the digests of aliases if it captures names of environments, and of the services that are narrowed if it captures theirs.
fn of_target(target: &Target, (aliases, services): (&str, &str)) -> String {
    let texts = |patterns: &[Pattern]| -> Vec<String> {
        let mut texts: Vec<String> = patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect();
        texts.sort_unstable();
        texts
    };
    let environment = match &target.environment {
        TargetEnvironment::Named(environment) => format!("{:?}", environment.name),
        TargetEnvironment::Captured => format!("captured, {aliases}"),
        TargetEnvironment::Every => "every".to_owned(),
    };
    let mut patterns = target.refs.iter().chain(&target.paths);
    let service = match &target.service {
        Some(service) => of_service(service),
        None if patterns.any(|pattern| pattern.captures().any(|capture| capture == Capture::Service)) => {
            format!("captured, {services}")
        }
        None => "any".to_owned(),
    };
    let region = target.region.as_ref().map(|region| &region.name);
    let kinds: Vec<&str> = target.kinds.iter().map(|kind| kind.as_str()).collect();
    let (refs, paths, except) = (texts(&target.refs), texts(&target.paths), texts(&target.except));
    format!("target {refs:?} {paths:?} {except:?} to {environment} {region:?} {service} {kinds:?}")
}
