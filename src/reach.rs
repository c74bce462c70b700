//! From a change to what it reaches, and why: pure, and complete or nothing.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use crate::change::Declared;
use crate::diagnostic::{Diagnostic, Place};
use crate::policy::Environment;
use crate::policy::KindSet;
use crate::policy::Policy;
use crate::policy::Region;
use crate::policy::Service;

pub mod covered;
mod edit;
pub mod hazard;
pub mod matcher;
pub mod routes;
mod said;
pub mod shown;
pub mod whereabouts;

pub use edit::PolicyOpening;
pub use edit::add_edit;
pub use edit::edit_of;
pub use hazard::ShownHazard;
pub use hazard::{add_manifests, add_plan};
pub use matcher::Matcher;
pub use matcher::RefSide;
pub use matcher::{ResourceChanges, UnmatchedChanges};
use shown::Hit;
pub use shown::Shown;

/// One environment in one region that a change reaches.
#[derive(Debug, Clone)]
pub struct Reached {
    /// The environment.
    pub environment: Arc<Environment>,
    /// The region; `None` only where the policy has no regions.
    pub region: Option<Arc<Region>>,
    /// The service, if the change shows one; `None` may be any.
    pub service: Option<Arc<Service>>,
    /// Kinds that are shown, not just said; of what is declared, those of the paths that targets map to the environment.
    pub kinds: KindSet,
    /// The way in which that is known.
    pub because: Because,
}

/// The way in which it is known that a change reaches something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// Somebody said so.
    Declared,
    /// The CI job that asks is for it.
    Job {
        /// The provider, for people.
        what: String,
        /// The environment's table in the policy.
        policy: Place,
    },
    /// Nothing excludes it: which ref is changed is not known, or not what was there before, so that any path may have changed.
    Possible {
        /// That, for people.
        what: String,
        /// The target.
        policy: Place,
    },
    /// The change edits the policy, and what that opens nobody may override: it is a change of no kind to what it opens.
    PolicyEdit {
        /// The path of the policy.
        what: String,
        /// The line of the policy in force that is weakened, else that of the environment.
        policy: Place,
    },
    /// A path or ref of the change shows it, by the target at this place of the policy.
    Shown {
        /// The path or ref.
        what: String,
        /// The target.
        policy: Place,
    },
}

/// A contradiction about where a change goes.
#[derive(Debug, Clone)]
pub struct Misdirected {
    /// The environment, if one is known.
    pub environment: Option<Arc<Environment>>,
    /// The region, if one is known.
    pub region: Option<Arc<Region>>,
    /// The path or ref that shows it.
    pub what: Option<String>,
    /// The problem, for people.
    pub message: String,
    /// The line of the policy that says so.
    pub place: Place,
    /// Of a mismatch, the environments that this part of the change, such as a commit by its trailer, says of itself; empty where the
    /// declaration of the whole change is missed.
    pub said_by_part: Vec<Arc<Environment>>,
    /// The captured name that the policy does not define.
    pub undefined: Option<UndefinedName>,
}

/// A captured name that the policy does not define.
#[derive(Debug, Clone)]
pub struct UndefinedName {
    /// The kind that it would name.
    pub kind: NameKind,
    /// The name, as it was captured: text that others chose.
    pub written: String,
}

/// The kind of thing that a name in a path or ref can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// An environment.
    Environment,
    /// A region.
    Region,
    /// A service.
    Service,
}

impl NameKind {
    /// The word for one of them, such as `environment`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Region => "region",
            Self::Service => "service",
        }
    }

    /// The names that `policy` has for them, without aliases.
    #[must_use]
    pub fn names(self, policy: &Policy) -> Vec<&str> {
        match self {
            Self::Environment => policy.environments.iter().map(|one| one.name.as_str()).collect(),
            Self::Region => policy.regions.iter().map(|one| one.name.as_str()).collect(),
            Self::Service => policy.services.iter().map(|one| one.name.as_str()).collect(),
        }
    }
}

/// Everything that a change reaches.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Each pair of environment and region, with its service.
    pub reached: Vec<Reached>,
    /// Services and regions that exclude each other, names that no table has, and links to where no target looks:
    /// `unknown-target`.
    pub unknown: Vec<Misdirected>,
    /// Everything that is reached and not said, although something is said: `target-mismatch`.
    pub mismatched: Vec<Misdirected>,
    /// Everything that is reached and, with `--declared-only`, left to another job to judge.
    pub left_out: Vec<Reached>,
    /// Everything that an edit of the policy opens that somebody may override: `policy-change`.
    pub policy_openings: Vec<PolicyOpening>,
    /// The requests that another backend would answer: `route-hijack` and its like.
    pub route_conflicts: Vec<routes::RouteConflict>,
    /// The reason why routes that `[routes]` guards can't be compared, if they can't: only a rollback is decided about without.
    pub unread_routes: Vec<Diagnostic>,
    /// The hazards that a plan shows.
    pub hazards: Vec<ShownHazard>,
    /// True if the change edits the policy, whatever that opens.
    pub loosens_policy: bool,
    /// True if the change is an edit of the policy and touches no other file: then a calendar that has run out does not close, or nobody could
    /// give it its next dates where a target maps the policy's own files.
    pub is_policy_alone: bool,
}

impl Reach {
    /// Returns whether hazards of the change are why freezes that name some meet it: it shows some, and edits no policy in a way that would meet
    /// them too.
    #[must_use]
    pub fn is_of_hazards(&self) -> bool {
        let is_edit = |reached: &Reached| matches!(reached.because, Because::PolicyEdit { .. });
        !self.hazards.is_empty() && !self.reached.iter().any(is_edit)
    }

    /// Returns how long `environment` must stay open after the change, in seconds: as it says, or a hazard of the change if that is more.
    #[must_use]
    pub fn settle_in(&self, policy: &Policy, environment: &Environment) -> i64 {
        let of_hazards = self.hazards.iter().map(|shown| policy.settle_of(environment, &shown.hazard)).max();
        environment.settle.max(of_hazards.unwrap_or(0))
    }

    /// The environments that are judged because somebody said so, and for no other reason: nothing that was compared shows
    /// them. In the order in which they were said, each once.
    #[must_use]
    pub fn only_said(&self) -> Vec<&Arc<Environment>> {
        let mut said: Vec<&Arc<Environment>> = Vec::new();
        let mut shown = HashSet::new();
        for reached in &self.reached {
            let environment = &reached.environment;
            match reached.because {
                Because::Declared | Because::Job { .. } if !holds_ref(&said, environment) => said.push(environment),
                Because::Shown { .. } => {
                    shown.insert(Arc::as_ptr(environment).addr());
                }
                Because::Declared | Because::Job { .. } | Because::Possible { .. } | Because::PolicyEdit { .. } => {}
            }
        }
        said.retain(|environment| !shown.contains(&Arc::as_ptr(environment).addr()));
        said
    }
}

fn same<T>(one: &Arc<T>, other: Option<&Arc<T>>) -> bool {
    other.is_some_and(|other| Arc::ptr_eq(one, other))
}

fn holds_ref<T>(list: &[&Arc<T>], item: &Arc<T>) -> bool {
    list.iter().any(|one| Arc::ptr_eq(one, item))
}

/// Returns what a change reaches: what is declared and what is shown together.
///
/// What is shown is never narrowed by what is said. Where something is said, everything that a target *names or captures*
/// and that was not said is a mismatch, which stands at any hour; `environment = "*"` is judged and never mismatched, and a
/// target that names no region is judged for all of its environment's. What a
/// part of the change says of itself is compared with that part, and none makes up for another that says something else. With
/// `only`, for a job that applies just its own share, what was not said is left to others instead, and listed.
#[must_use]
pub fn reach(policy: &Policy, said: &Declared, shown: Option<Shown>, only: bool) -> Reach {
    let Some(mut shown) = shown else {
        return declared(policy, said);
    };
    let unknown = std::mem::take(&mut shown.unknown);
    let route_conflicts = std::mem::take(&mut shown.route_conflicts);
    let unread_routes = std::mem::take(&mut shown.unread_routes);
    let mut reach = Reach { unknown, route_conflicts, unread_routes, ..Reach::default() };
    let of_parts: Vec<Declared> = shown
        .said
        .iter()
        .map(|part| Declared {
            environments: part.environments.clone(),
            aliases: part.aliases.clone(),
            ..Declared::default()
        })
        .collect();
    let mut told = HashMap::new();
    for hit in std::mem::take(&mut shown.hits) {
        let mismatch = undeclared(said, &hit);
        if only && mismatch.is_some() {
            reach.left_out.push(hit.reached);
            continue;
        }
        let part = hit.speaker.and_then(|part| of_parts.get(part));
        let of_part = part.and_then(|part| undeclared(part, &hit));
        let by_part = part.map_or(&[][..], |part| &part.environments);
        let (what, place) = match &hit.reached.because {
            Because::Shown { what, policy }
            | Because::Job { what, policy }
            | Because::Possible { what, policy }
            | Because::PolicyEdit { what, policy } => (Some(what), *policy),
            Because::Declared => (None, hit.reached.environment.place),
        };
        let messages = [mismatch.map(|message| (message, &[][..])), of_part.map(|message| (message, by_part))];
        for (message, said_by_part) in messages.into_iter().flatten().filter(|_| !hit.every) {
            let region = hit.named_region.then(|| hit.reached.region.clone()).flatten();
            match told.get(&message).and_then(|known: &usize| reach.mismatched.get_mut(*known)) {
                // told once, of a region only where that is the one of all that shows it
                Some(known) => known.region = known.region.take().filter(|one| same(one, region.as_ref())),
                None => {
                    told.insert(message.clone(), reach.mismatched.len());
                    reach.mismatched.push(Misdirected {
                        environment: Some(Arc::clone(&hit.reached.environment)),
                        region,
                        what: what.cloned(),
                        message,
                        place,
                        said_by_part: said_by_part.to_vec(),
                        undefined: None,
                    });
                }
            }
        }
        reach.reached.push(hit.reached);
    }
    let parts = of_parts.iter().zip(0..).map(|(said, part)| (said, Some(part)));
    said::add(policy, parts.chain([(said, None)]), &shown, &mut reach);
    reach
}

/// Returns what is wrong, for people, if something is said of where the change goes and `hit` is not among it. Regions count where
/// some are said, and where the target names or captures one.
fn undeclared(said: &Declared, hit: &Hit) -> Option<String> {
    let reached = &hit.reached;
    let quoted = |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if !said.environments.is_empty() && !holds(&said.environments, &reached.environment) {
        let alias = |name: &str| said.aliases.iter().find(|(_, one)| one == name).map(|(alias, _)| alias.as_str());
        let named = said.environments.iter().map(|one| match alias(&one.name) {
            Some(alias) => format!("`{alias}` (`{}`)", one.name),
            None => format!("`{}`", one.name),
        });
        let names = named.collect::<Vec<_>>().join(", ");
        return Some(format!("you said {names}, this reaches `{}`", reached.environment.name));
    }
    let region = reached.region.as_ref().filter(|_| hit.named_region && !said.regions.is_empty())?;
    if holds(&said.regions, region) {
        return None;
    }
    let names = quoted(said.regions.iter().map(|region| region.name.as_str()).collect());
    Some(format!("you said {names}, this reaches `{}` in `{}`", reached.environment.name, region.name))
}

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
            undefined: None,
        });
    }
}

pub(crate) fn holds<T>(list: &[Arc<T>], item: &Arc<T>) -> bool {
    list.iter().any(|one| Arc::ptr_eq(one, item))
}
