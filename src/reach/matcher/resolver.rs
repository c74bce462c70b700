//! What a target took, as environments, regions and services.

use std::collections::HashSet;
use std::sync::Arc;

use crate::escape::bytes_for_terminal;
use crate::pattern::{CapturedText, Captures, told_command};
use crate::policy::{Environment, Policy, Region, Service, Target, TargetEnvironment};
use crate::reach::matcher::known_names::{CapturableNames, KnownNames};
use crate::reach::shown::Hit;
use crate::reach::{Because, Misdirected, NameKind, Reached, Shown, UndefinedName, holds};

/// Turns what a target took into environments, regions and services.
pub(super) struct Resolver<'p> {
    pub(super) names: &'p CapturableNames,
    pub(super) policy: &'p Policy,
    pub(super) target: &'p Target,
    pub(super) what: String,
}

type TakenTexts = [(Vec<u8>, Vec<u8>)];

impl Resolver<'_> {
    pub(super) fn note(&self, environment: &TakenTexts, region: &TakenTexts, service: &TakenTexts, shown: &mut Shown) {
        let environments: Vec<Arc<Environment>> = match &self.target.environment {
            TargetEnvironment::Named(environment) => vec![Arc::clone(environment)],
            TargetEnvironment::Every => self.policy.environments.clone(),
            TargetEnvironment::Captured => self.captured_environments(environment, shown),
        };
        let regions: Vec<Arc<Region>> = match &self.target.region {
            Some(region) => vec![Arc::clone(region)],
            None => self.captured_regions(region, shown),
        };
        let services: Vec<Arc<Service>> = match &self.target.service {
            Some(service) => vec![Arc::clone(service)],
            None => self.captured_services(service, shown),
        };
        let named_region = self.target.region.is_some() || !region.is_empty();
        for environment in &environments {
            let services: Vec<Option<&Arc<Service>>> =
                if services.is_empty() { vec![None] } else { services.iter().map(Some).collect() };
            for service in services {
                self.reach(environment, &regions, named_region, service, shown);
            }
        }
    }

    /// Notes all that any path could show, given what the ref shows.
    pub(super) fn note_any(&self, of_ref: &Captures<'_>, shown: &mut Shown) {
        let taken = |one: &Option<CapturedText<'_>>| -> Vec<(Vec<u8>, Vec<u8>)> {
            one.iter().map(|one| (one.raw.to_vec(), one.folded.to_vec())).collect()
        };
        let every = || self.policy.environments.clone();
        let environments = match (&self.target.environment, taken(&of_ref.environment)) {
            (TargetEnvironment::Named(environment), _) => vec![Arc::clone(environment)],
            (TargetEnvironment::Captured, taken) if !taken.is_empty() => self.captured_environments(&taken, shown),
            (TargetEnvironment::Every | TargetEnvironment::Captured, _) => every(),
        };
        let taken = taken(&of_ref.region);
        let regions = match &self.target.region {
            Some(region) => vec![Arc::clone(region)],
            None => self.captured_regions(&taken, shown),
        };
        let (hits, unknown) = (shown.hits.len(), shown.unknown.len());
        for environment in &environments {
            self.reach(environment, &regions, false, self.target.service.as_ref(), shown);
        }
        // what no path could mean is not what one did mean
        shown.unknown.truncate(unknown);
        for hit in shown.hits.iter_mut().skip(hits) {
            hit.every = true;
            hit.reached.because = Because::Possible { what: self.what.clone(), policy: self.target.place };
        }
    }

    pub(super) fn reach(
        &self,
        environment: &Arc<Environment>,
        regions: &[Arc<Region>],
        named_region: bool,
        service: Option<&Arc<Service>>,
        shown: &mut Shown,
    ) {
        let every = matches!(self.target.environment, TargetEnvironment::Every);
        let speaker = shown.speaker;
        let hit = |region: Option<&Arc<Region>>| Hit {
            reached: Reached {
                environment: Arc::clone(environment),
                region: region.cloned(),
                service: service.cloned(),
                kinds: self.target.kinds,
                because: Because::Shown { what: self.what.clone(), policy: self.target.place },
            },
            every,
            named_region,
            speaker,
        };
        if self.policy.regions.is_empty() {
            shown.hits.push(hit(None));
            return;
        }
        // a region that no table has is told already; then all that the environment serves are closed to be safe
        let wanted: &[Arc<Region>] = if regions.is_empty() { &environment.regions } else { regions };
        let before = shown.hits.len();
        for region in wanted {
            let served = holds(&environment.regions, region);
            let reaches = service.is_none_or(|service| service.regions.is_empty() || holds(&service.regions, region));
            if served && reaches {
                shown.hits.push(hit(Some(region)));
            } else if named_region && !every {
                let message = match service.filter(|_| served) {
                    Some(service) => {
                        format!("the service `{}` doesn't reach the region `{}`", service.name, region.name)
                    }
                    None => {
                        format!("the environment `{}` doesn't serve the region `{}`", environment.name, region.name)
                    }
                };
                self.unknown((Some(environment), Some(region)), message, None, shown);
            }
        }
        if shown.hits.len() == before && !named_region && !every {
            let service = service.map_or("", |service| service.name.as_str());
            let message = format!("the service `{service}` reaches no region of `{}`", environment.name);
            self.unknown((Some(environment), None), message, None, shown);
        }
    }

    pub(super) fn captured_environments(&self, taken: &TakenTexts, shown: &mut Shown) -> Vec<Arc<Environment>> {
        let known = (self.policy.environments.as_slice(), &self.names.environments);
        self.captured(NameKind::Environment, taken, known, environment_names, shown)
    }

    pub(super) fn captured_regions(&self, taken: &TakenTexts, shown: &mut Shown) -> Vec<Arc<Region>> {
        let known = (self.policy.regions.as_slice(), &self.names.regions);
        self.captured(NameKind::Region, taken, known, |region| vec![&region.name], shown)
    }

    pub(super) fn captured_services(&self, taken: &TakenTexts, shown: &mut Shown) -> Vec<Arc<Service>> {
        let known = (self.policy.services.as_slice(), &self.names.services);
        self.captured(NameKind::Service, taken, known, |service| vec![&service.name], shown)
    }

    /// Returns what was captured, by its exact name; else by every name that looks like it.
    fn captured<T>(
        &self,
        kind: NameKind,
        taken: &TakenTexts,
        (known, index): (&[Arc<T>], &KnownNames),
        names: impl Fn(&T) -> Vec<&String>,
        shown: &mut Shown,
    ) -> Vec<Arc<T>> {
        let mut found: Vec<Arc<T>> = Vec::new();
        let mut is_found: HashSet<usize> = HashSet::new();
        for (raw, folded) in taken {
            let places = index.places(raw, folded, known.iter().map(|item| names(item)));
            if places.is_empty() {
                let written = bytes_for_terminal(&told_command(raw)).into_owned();
                let message = format!("there is no {} `{written}`", kind.noun());
                self.unknown((None, None), message, Some(UndefinedName { kind, written }), shown);
            }
            let new = places.iter().filter(|place| is_found.insert(**place));
            found.extend(new.filter_map(|place| known.get(*place)).map(Arc::clone));
        }
        found
    }

    pub(super) fn unknown(
        &self,
        (environment, region): (Option<&Arc<Environment>>, Option<&Arc<Region>>),
        message: String,
        undefined: Option<UndefinedName>,
        shown: &mut Shown,
    ) {
        shown.unknown.push(Misdirected {
            environment: environment.cloned(),
            region: region.cloned(),
            what: Some(self.what.clone()),
            message,
            place: self.target.place,
            said_by_part: Vec::new(),
            earlier_commit: None,
            undefined,
        });
    }
}

fn environment_names(environment: &Environment) -> Vec<&String> {
    environment.aliases.iter().chain([&environment.name]).collect()
}
