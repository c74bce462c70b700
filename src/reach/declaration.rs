//! What is said of a change: environments, regions, services and kinds, by name and then resolved.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::policy::{Environment, Kind, KindSet, Policy, Region, Service};
use crate::time::names::nearest;

/// The names by which somebody declares where a change goes, as given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeclaredNames {
    /// Environments, by name or alias.
    pub environments: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// Services.
    pub services: Vec<String>,
    /// Kinds.
    pub kinds: Vec<String>,
}

/// The declaration of a change, with all names resolved.
///
/// It can close, never open: it narrows only where nothing else shows what the change reaches.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// Environments, each once.
    pub environments: Vec<Arc<Environment>>,
    /// The aliases by which environments were given, each with the name that it stands for.
    pub aliases: Vec<(String, String)>,
    /// Regions, each once.
    pub regions: Vec<Arc<Region>>,
    /// Services, each once.
    pub services: Vec<Arc<Service>>,
    /// Kinds, [`Kind::Rollback`] excepted: only a verified rollback is one.
    pub kinds: KindSet,
    /// True if it is said to be a rollback.
    pub rollback: bool,
}

impl Declared {
    /// Resolves names.
    ///
    /// # Errors
    ///
    /// Every name that the policy does not know, with the nearest that it does.
    pub fn resolve(names: &DeclaredNames, policy: &Policy) -> Result<Self, Vec<Diagnostic>> {
        let mut unknown = Vec::new();
        let environments = resolve_all(
            &names.environments,
            "environment",
            |name| policy.environment(name),
            || {
                policy
                    .environments
                    .iter()
                    .flat_map(|one| one.aliases.iter().chain([&one.name]))
                    .map(String::as_str)
                    .collect()
            },
            &mut unknown,
        );
        let regions = resolve_all(
            &names.regions,
            "region",
            |name| policy.region(name),
            || policy.regions.iter().map(|region| region.name.as_str()).collect(),
            &mut unknown,
        );
        let services = resolve_all(
            &names.services,
            "service",
            |name| policy.service(name),
            || policy.services.iter().map(|service| service.name.as_str()).collect(),
            &mut unknown,
        );
        let mut kinds = KindSet::NONE;
        for name in &names.kinds {
            match Kind::named(name) {
                Some(kind) => kinds = kinds.with(kind),
                None => unknown.push(unknown_name("kind", name, &Kind::ALL.map(Kind::as_str))),
            }
        }
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let rollback = kinds.contains(Kind::Rollback);
        let given = names.environments.iter().filter_map(|given| Some((given, policy.environment(given)?)));
        let aliases = given.filter(|(given, one)| **given != one.name);
        let aliases = aliases.map(|(given, one)| (given.clone(), one.name.clone())).collect();
        Ok(Self { environments, aliases, regions, services, kinds: kinds.without(Kind::Rollback), rollback })
    }

    /// Returns whether nothing is said of where the change goes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.environments.is_empty()
    }
}

fn resolve_all<'p, T>(
    names: &[String],
    noun: &str,
    find: impl Fn(&str) -> Option<&'p Arc<T>>,
    known: impl Fn() -> Vec<&'p str>,
    unknown: &mut Vec<Diagnostic>,
) -> Vec<Arc<T>>
where
    T: 'p,
{
    let mut found: Vec<Arc<T>> = Vec::with_capacity(names.len());
    for name in names {
        match find(name) {
            Some(item) if found.iter().any(|one| Arc::ptr_eq(one, item)) => {}
            Some(item) => found.push(Arc::clone(item)),
            None => unknown.push(unknown_name(noun, name, &known())),
        }
    }
    found
}

/// Returns what somebody means who writes a range, a path, or a region behind an environment, in the place of a name; `None` if it is none of these.
fn other_meaning(noun: &str, name: &str, known: &[&str]) -> Option<String> {
    if noun != "environment" {
        return None;
    }
    if name.contains("..") {
        return Some(format!("for a range of commits, write `--range {name}`"));
    }
    let (environment, region) = name.split_once('/')?;
    if known.contains(&environment) && !region.is_empty() && !region.contains('/') {
        return Some(format!("for one region of it, write `{environment} --region {region}`"));
    }
    Some(format!("for what a path reaches: `freezegate where {name}`"))
}

fn unknown_name(noun: &str, name: &str, known: &[&str]) -> Diagnostic {
    let parts: Vec<&str> = name.split([',', ';', ' ']).filter(|part| !part.is_empty()).collect();
    if parts.len() > 1 && parts.iter().all(|part| known.contains(part)) {
        let help = if noun == "environment" {
            format!("write each as a word of its own: `{}`", parts.join(" "))
        } else {
            let options: Vec<String> = parts.iter().map(|part| format!("--{noun} {part}")).collect();
            format!("write each as an option of its own: `{}`", options.join(" "))
        };
        let cause = format!("`{name}` is {} names, not one {noun}", parts.len());
        return Diagnostic::error(Code::UnknownName, cause).help(help);
    }
    if let Some(help) = other_meaning(noun, name, known) {
        return Diagnostic::error(Code::UnknownName, format!("there is no {noun} `{name}`")).help(help);
    }
    let help = match (nearest(name, known.iter().copied()), known) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => format!("the policy has no {noun}s: leave it out"),
        (None, [only]) => format!("the only {noun} is `{only}`"),
        (None, _) => format!(
            "the {noun}s are {}",
            known.iter().take(12).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
    };
    Diagnostic::error(Code::UnknownName, format!("there is no {noun} `{name}`")).help(help)
}
