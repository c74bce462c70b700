//! What a policy maps where, part by part.
//!
//! A state that was let through was judged for what the policy mapped then. A policy that maps more, by another pattern or to another
//! region, asks about something that nobody judged; one that maps the same in other words does not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::diagnostic::Place;
use crate::pattern::{Capture, Pattern, fold};
use crate::policy::{Environment, Policy, Region, Target, TargetEnvironment};

/// How many bytes of its SHA-256 digest stand for a part, so that nobody finds two that are named alike.
const PART_BYTES: usize = 16;

/// What a policy maps where. Each part is a digest of 32 hexadecimal digits, equal for what maps alike.
///
/// The parts are: each environment with whom it serves, each name of one, each path pattern of each target with where that leads, each
/// target without paths, and each service with whom it serves. Hours, freezes, overrides and exemptions are none of it: they say when
/// something may go, not where.
#[derive(Debug)]
pub struct PolicyMapping {
    environments: HashMap<String, MappedEnvironment>,
    /// By the numbers of the patterns, see [`Shown::matched`](crate::reach::Shown::matched).
    patterns: Vec<String>,
    targets: HashMap<Place, MappedTarget>,
    services: HashMap<String, [String; 2]>,
    /// All services with whom they serve.
    all_services: String,
}

#[derive(Debug)]
struct MappedEnvironment {
    /// Whom it serves.
    part: String,
    /// For its name and each alias, see [`of_name`].
    names: Vec<[String; 2]>,
}

#[derive(Debug)]
struct MappedTarget {
    /// As a whole, without its paths.
    part: String,
    /// The numbers of its patterns.
    patterns: Range<usize>,
    captures_environment: bool,
    captures_service: bool,
}

/// Parts of which a policy needs one to have mapped alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOfParts {
    /// One of these.
    pub any: Vec<String>,
    /// Or not this one: then it could not be anything else either.
    pub or_not: Option<String>,
}

impl OneOfParts {
    fn this(part: &str) -> Self {
        Self { any: vec![part.to_owned()], or_not: None }
    }
}

impl PolicyMapping {
    pub(super) fn of(policy: &Policy) -> Self {
        let mut names: FoldedNames<'_> = BTreeMap::new();
        for environment in &policy.environments {
            for name in [&environment.name].into_iter().chain(&environment.aliases) {
                names.entry(folded(name)).or_default().insert((name, format!("{:?}", environment.name)));
            }
        }
        let of_environment = |one: &Environment| (one.name.clone(), MappedEnvironment::of(one, &names));
        let environments = policy.environments.iter().map(|one| of_environment(one));
        let mut serving: FoldedNames<'_> = BTreeMap::new();
        for service in &policy.services {
            let whom = format!("{:?}", served(&service.regions));
            serving.entry(folded(&service.name)).or_default().insert((&service.name, whom));
        }
        let services = policy.services.iter().map(|one| (one.name.clone(), of_name("service", &one.name, &serving)));
        let patterns = policy.targets.iter().flat_map(|target| {
            let leads_to = leads_to(target);
            target.paths.iter().map(move |pattern| part("pattern", &(pattern.as_str(), &leads_to)))
        });
        let mut first = 0_usize;
        let targets = policy.targets.iter().map(|target| {
            let mapped = MappedTarget::of(target, first);
            first = mapped.patterns.end;
            (target.place, mapped)
        });
        Self {
            environments: environments.collect(),
            patterns: patterns.collect(),
            targets: targets.collect(),
            services: services.collect(),
            all_services: part("services", &serving),
        }
    }

    /// All parts, in no order; equal ones may stand twice.
    pub fn parts(&self) -> impl Iterator<Item = String> {
        let environments =
            self.environments.values().flat_map(|one| [&one.part].into_iter().chain(one.names.iter().flatten()));
        let targets = self.targets.values().filter(|target| target.patterns.is_empty()).map(|target| &target.part);
        let services = self.services.values().flatten().chain([&self.all_services]);
        environments.chain(&self.patterns).chain(targets).chain(services).cloned()
    }

    /// What a state needs to be one of an environment.
    pub fn of_environment(&self, name: &str) -> impl Iterator<Item = OneOfParts> {
        self.environments.get(name).map(|one| OneOfParts::this(&one.part)).into_iter()
    }

    /// What a state needs to be one of what a target reaches of an environment, for a service if it is known. `matched` are the sets of
    /// its patterns that paths of the change matched.
    pub fn of_target(
        &self,
        place: Place,
        matched: Option<&HashSet<Vec<usize>>>,
        (environment, service): (&str, Option<&str>),
    ) -> Vec<OneOfParts> {
        let Some(target) = self.targets.get(&place) else {
            return Vec::new();
        };
        let mut needed = Vec::new();
        let parts = |set: &[usize]| set.iter().filter_map(|number| self.patterns.get(*number)).cloned().collect();
        match matched {
            _ if target.patterns.is_empty() => needed.push(OneOfParts::this(&target.part)),
            Some(matched) => needed.extend(matched.iter().map(|set| OneOfParts { any: parts(set), or_not: None })),
            // it may be any of them
            None => {
                needed.extend(target.patterns.clone().map(|number| OneOfParts { any: parts(&[number]), or_not: None }))
            }
        }
        if target.captures_environment {
            let names = self.environments.get(environment).into_iter().flat_map(|one| &one.names);
            needed.extend(names.map(|[part, name]| OneOfParts { any: vec![part.clone()], or_not: Some(name.clone()) }));
        }
        if target.captures_service {
            needed.push(match service.and_then(|service| self.services.get(service)) {
                Some([part, name]) => OneOfParts { any: vec![part.clone()], or_not: Some(name.clone()) },
                // a name that no table has may be any service
                None => OneOfParts::this(&self.all_services),
            });
        }
        needed
    }

    /// What a state needs where services are declared: that all serve whom they served.
    pub fn of_services(&self) -> impl Iterator<Item = OneOfParts> {
        [OneOfParts::this(&self.all_services)].into_iter()
    }
}

impl MappedEnvironment {
    fn of(environment: &Environment, names: &FoldedNames<'_>) -> Self {
        let name = &environment.name;
        let all = [name].into_iter().chain(&environment.aliases);
        Self {
            part: part("environment", &(name, served(&environment.regions))),
            names: all.map(|name| of_name("name", name, names)).collect(),
        }
    }
}

impl MappedTarget {
    /// Of a target whose first pattern has this number.
    fn of(target: &Target, first: usize) -> Self {
        let mut patterns = target.refs.iter().chain(&target.paths);
        let captures = |capture: Capture| move |pattern: &Pattern| pattern.captures().any(|one| one == capture);
        Self {
            part: part("target", &leads_to(target)),
            patterns: first..first.saturating_add(target.paths.len()),
            captures_environment: matches!(target.environment, TargetEnvironment::Captured),
            captures_service: target.service.is_none() && patterns.any(captures(Capture::Service)),
        }
    }
}

/// What names stand for, by their folded spelling: a path may name by it whatever is spelled so.
type FoldedNames<'p> = BTreeMap<Vec<u8>, BTreeSet<(&'p String, String)>>;

fn folded(name: &str) -> Vec<u8> {
    fold(name.as_bytes()).into_owned()
}

/// The part that says what the names of one spelling stand for, and the one that says that there is such a name.
fn of_name(kind: &str, name: &str, names: &FoldedNames<'_>) -> [String; 2] {
    let spelling = folded(name);
    [part(kind, &(&spelling, names.get(&spelling))), part(kind, &spelling)]
}

fn part(kind: &str, what: &impl Debug) -> String {
    let digest = Sha256::digest(format!("{kind} {what:?}").as_bytes());
    digest.iter().take(PART_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Whom regions serve. One that serves people in other zones is another, whatever it is called.
fn served(regions: &[Arc<Region>]) -> Vec<(&str, Vec<&str>)> {
    let mut served: Vec<(&str, Vec<&str>)> = regions
        .iter()
        .map(|region| {
            let mut zones: Vec<&str> = region.zones.iter().map(|zone| zone.name()).collect();
            zones.sort_unstable();
            (region.name.as_str(), zones)
        })
        .collect();
    served.sort_unstable();
    served
}

/// Where a target leads, its paths aside.
fn leads_to(target: &Target) -> String {
    let texts = |patterns: &[Pattern]| -> Vec<String> {
        let mut texts: Vec<String> = patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect();
        texts.sort_unstable();
        texts
    };
    let environment = match &target.environment {
        TargetEnvironment::Named(environment) => Some(environment.name.as_str()),
        TargetEnvironment::Captured => None,
        TargetEnvironment::Every => Some("*"),
    };
    let service = target.service.as_ref().map(|service| (&service.name, served(&service.regions)));
    let region = target.region.as_ref().map(|region| &region.name);
    let kinds: Vec<&str> = target.kinds.iter().map(|kind| kind.as_str()).collect();
    format!("{:?} {:?} {environment:?} {region:?} {service:?} {kinds:?}", texts(&target.refs), texts(&target.except))
}
