//! Whether one policy judged all that another reaches.
//!
//! A state that was allowed was judged for what the policy mapped then. A policy that leads its paths elsewhere, or to more people,
//! asks about something that nobody judged. Hours, freezes, kinds, services, overrides and exemptions do not matter: they say when
//! something may go, and not where.

use std::collections::{HashMap, HashSet};

use crate::pattern::Pattern;
use crate::policy::{Policy, Region, TargetEnvironment};
use crate::reach::matcher::OfRef;
use crate::reach::shown::{Hit, Shown, ShownError};

/// The policy that judged a state, compared with the one that judges now.
///
/// A region is another one if it is called otherwise, or if a time zone came to it: then it serves people whom nobody thought of.
#[derive(Debug)]
pub struct PolicyCoverage<'p> {
    then: &'p Policy,
    now: &'p Policy,
    /// The regions of now that serve nobody but whom the one of their name served.
    regions: HashSet<&'p str>,
}

impl<'p> PolicyCoverage<'p> {
    /// What `then` judged, for a change that `now` judges.
    ///
    /// ```
    /// use freezegate::policy::load::{PolicyFiles, ReadFault, load};
    /// use freezegate::reach::covered::PolicyCoverage;
    ///
    /// struct Production(&'static str);
    /// impl PolicyFiles for Production {
    ///     fn read(&self, _path: &str) -> Result<Vec<u8>, ReadFault> {
    ///         let regions = "[regions.eu]\ntimezones = [\"Europe/Berlin\"]\n[regions.us]\ntimezones = [\"America/New_York\"]\n";
    ///         Ok(format!("version = 1\n{regions}[environments.production]\nregions = [{}]\n", self.0).into_bytes())
    ///     }
    /// }
    ///
    /// let policy = |regions| load(&Production(regions), &["freezegate.toml".to_owned()], &[]);
    /// let (eu, both) = (policy("\"eu\"")?, policy("\"eu\", \"us\"")?);
    /// assert!(PolicyCoverage::new(&both, &eu).environment("production"));
    /// assert!(!PolicyCoverage::new(&eu, &both).environment("production"));
    /// # Ok::<(), freezegate::diagnostic::Faults>(())
    /// ```
    #[must_use]
    pub fn new(then: &'p Policy, now: &'p Policy) -> Self {
        let before: HashMap<&str, &Region> = then.regions.iter().map(|one| (one.name.as_str(), one.as_ref())).collect();
        let serves_no_more = |region: &Region| {
            before.get(region.name.as_str()).is_some_and(|before| {
                let zones: HashSet<&str> = before.zones.iter().map(|zone| zone.name()).collect();
                region.zones.iter().all(|zone| zones.contains(zone.name()))
            })
        };
        let regions = now.regions.iter().filter(|region| serves_no_more(region));
        Self { then, now, regions: regions.map(|region| region.name.as_str()).collect() }
    }

    /// Returns whether a state that was allowed as a whole, for everything of the environment of this name, was so for all that it serves now.
    #[must_use]
    pub fn environment(&self, name: &str) -> bool {
        let now = self.now.environments.iter().find(|one| one.name == name);
        now.is_some_and(|now| self.regions(name, now.regions.iter().map(|region| region.name.as_str())))
    }

    /// The same for these regions of it, none where the policy has none.
    pub fn regions<'r>(&self, environment: &str, mut regions: impl Iterator<Item = &'r str>) -> bool {
        let Some(then) = self.then.environments.iter().find(|one| one.name == environment) else {
            return false;
        };
        let served: HashSet<&str> = then.regions.iter().map(|region| region.name.as_str()).collect();
        self.now.regions.is_empty() == self.then.regions.is_empty()
            && regions.all(|name| served.contains(name) && self.regions.contains(name))
    }

    /// Returns whether the service of this name served all that it serves now.
    #[must_use]
    pub fn service(&self, name: &str) -> bool {
        let served = |policy: &'p Policy| -> Option<HashSet<&'p str>> {
            let service = policy.services.iter().find(|one| one.name == name)?;
            // one that names no regions serves all
            let regions = if service.regions.is_empty() { &policy.regions } else { &service.regions };
            Some(regions.iter().map(|region| region.name.as_str()).collect())
        };
        match (served(self.then), served(self.now)) {
            (Some(then), Some(now)) => now.iter().all(|name| then.contains(name) && self.regions.contains(name)),
            (Some(_) | None, None) | (None, Some(_)) => false,
        }
    }

    /// The environments that are reached now where they were not.
    fn more<'h>(
        &self,
        now: impl Iterator<Item = &'h Hit>,
        then: impl Iterator<Item = &'h Hit>,
    ) -> impl Iterator<Item = &'h str> {
        fn place(hit: &Hit) -> (&str, Option<&str>) {
            (hit.reached.environment.name.as_str(), hit.reached.region.as_ref().map(|region| region.name.as_str()))
        }
        let judged: HashSet<(&str, Option<&str>)> = then.map(place).collect();
        let is_judged = move |(environment, region): (&str, Option<&str>)| {
            judged.contains(&(environment, region)) && region.is_none_or(|region| self.regions.contains(region))
        };
        now.map(place).filter(move |reached| !is_judged(*reached)).map(|(environment, _)| environment)
    }
}

/// Returns where a policy leads what, as a text that equal policies share: they need not be compared with one another path by path.
///
/// What says when something may go, and not where, is no part of it.
#[must_use]
pub fn leads(policy: &Policy) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |what: &dyn std::fmt::Debug| lines.push(format!("{what:?}"));
    for region in &policy.regions {
        add(&(&region.name, region.zones.iter().map(|zone| zone.name()).collect::<Vec<_>>()));
    }
    let names = |regions: &[std::sync::Arc<Region>]| -> Vec<String> {
        regions.iter().map(|region| region.name.clone()).collect()
    };
    for environment in &policy.environments {
        add(&(&environment.name, &environment.aliases, names(&environment.regions)));
    }
    for service in &policy.services {
        add(&(&service.name, names(&service.regions)));
    }
    let texts = |patterns: &[Pattern]| -> Vec<String> { patterns.iter().map(|one| one.as_str().to_owned()).collect() };
    for target in &policy.targets {
        let environment = match &target.environment {
            TargetEnvironment::Named(environment) => Some(environment.name.as_str()),
            TargetEnvironment::Captured => None,
            TargetEnvironment::Every => Some("*"),
        };
        let region = target.region.as_ref().map(|region| &region.name);
        let service = target.service.as_ref().map(|service| &service.name);
        // what it shows of a command is no part of what it shows of paths
        if !target.is_of_commands() {
            add(&(texts(&target.refs), texts(&target.paths), texts(&target.except), environment, region, service));
        }
    }
    lines.join("\n")
}

/// What differs of one ref, path by path, shown to both policies: what a path reaches now, that very path must have reached then.
#[derive(Debug)]
pub struct CoveredPaths<'c, 'p, 'm, 'r> {
    coverage: &'c PolicyCoverage<'p>,
    then: (OfRef<'m, 'p, 'r>, Shown),
    now: (OfRef<'m, 'p, 'r>, Shown),
    /// Everything that the ref alone showed then, whatever its paths are.
    always: Vec<usize>,
    /// The pieces that were seen, by what they show then and now.
    seen: HashSet<(Vec<usize>, Vec<usize>)>,
    more: HashSet<String>,
}

impl<'c, 'p, 'm, 'r> CoveredPaths<'c, 'p, 'm, 'r> {
    /// What the ref alone shows, for the targets of both policies that it leaves in question.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where that can't be determined.
    pub fn new(
        coverage: &'c PolicyCoverage<'p>,
        then: OfRef<'m, 'p, 'r>,
        now: OfRef<'m, 'p, 'r>,
    ) -> Result<Self, ShownError> {
        let mut paths = Self {
            coverage,
            then: (then, Shown::default()),
            now: (now, Shown::default()),
            always: Vec::new(),
            seen: HashSet::new(),
            more: HashSet::new(),
        };
        paths.add(|of_ref, shown| of_ref.alone(shown).map(drop))?;
        paths.always = paths.then.1.piece();
        Ok(paths)
    }

    /// Returns whether any target asks for paths now.
    #[must_use]
    pub fn wants_paths(&self) -> bool {
        self.now.0.wants_paths()
    }

    /// Shows a path that differs, or a link, to both policies, by `show`; returns how many places were looked at for that.
    ///
    /// # Errors
    ///
    /// What `show` gives.
    pub fn add<E>(
        &mut self,
        mut show: impl FnMut(&OfRef<'m, 'p, 'r>, &mut Shown) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut shown_by = |(of_ref, shown): &mut (OfRef<'m, 'p, 'r>, Shown)| -> Result<Vec<usize>, E> {
            shown.begin_piece();
            show(of_ref, shown)?;
            Ok(shown.piece())
        };
        let key = (shown_by(&mut self.then)?, shown_by(&mut self.now)?);
        if self.seen.contains(&key) {
            return Ok(0);
        }
        let (then, now) = &key;
        let (then_shown, now_shown) = (&self.then.1, &self.now.1);
        let judged = || then.iter().chain(&self.always).flat_map(|number| then_shown.hits_of(*number));
        let reached = || now.iter().flat_map(|number| now_shown.hits_of(*number));
        let more: HashSet<&str> = self.coverage.more(reached(), judged()).collect();
        let places = judged().count().saturating_add(reached().count());
        self.more.extend(more.into_iter().map(str::to_owned));
        self.seen.insert(key);
        Ok(places)
    }

    /// The names of the environments that some path reaches now where it did not then.
    #[must_use]
    pub fn reach_more(self) -> HashSet<String> {
        self.more
    }
}
