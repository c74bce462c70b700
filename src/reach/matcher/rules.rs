//! Files that say how others are checked out: `.gitattributes`, `.gitmodules` and `.lfsconfig`.

use std::sync::Arc;

use crate::change::git::DotName;
use crate::escape::bytes_for_terminal;
use crate::pattern::{CapturedText, Captures, Match};
use crate::policy::{Environment, Region, Service, TargetEnvironment};
use crate::reach::matcher::resolver::Resolver;
use crate::reach::matcher::{OfRef, text_taken};
use crate::reach::shown::{Shown, ShownError};

impl OfRef<'_, '_, '_> {
    /// Notes that a changed path is such a file, and with it all that targets look at below its folder, narrowed by what the
    /// folder fixes: `deploy/production/.gitattributes` reaches production alone.
    ///
    /// It is judged, and never a mismatch: it is not shown, only not excluded.
    pub(super) fn rules(&self, path: &[u8], shown: &mut Shown) -> Result<(), ShownError> {
        let Some(below) = self.below_rules(path)? else {
            return Ok(());
        };
        // what the path itself shows is noted already
        let own: Vec<(usize, Captures<'_>)> =
            self.matches(path)?.into_iter().map(|(target, found)| (target, found.captures)).collect();
        for (index, found) in below {
            let Some(target) = self.matcher.policy.targets.get(index) else {
                continue;
            };
            if own.contains(&(index, found.captures.clone())) {
                continue;
            }
            for of_ref in self.active.get(index).into_iter().flatten() {
                let sides = [&found.captures, of_ref];
                let taken = sides.iter().flat_map(|side| [&side.environment, &side.region, &side.service]);
                let key = std::iter::once(b"rules".to_vec()).chain(taken.flat_map(text_taken)).collect();
                if shown.is_new((index, shown.speaker, key))? {
                    let what = bytes_for_terminal(path).into_owned();
                    let resolver = Resolver { names: &self.matcher.names, policy: self.matcher.policy, target, what };
                    resolver.note_below(&found.captures, of_ref, shown);
                }
            }
        }
        Ok(())
    }

    /// A target that looks below the folder of such a file.
    pub(super) fn ruled(&self, path: &[u8]) -> Result<Option<usize>, ShownError> {
        Ok(self.below_rules(path)?.and_then(|below| below.first().map(|(target, _)| *target)))
    }

    /// Returns what the targets in question look at below the folder of such a file; `None` if the path is none, or all targets leave
    /// it out.
    fn below_rules<'t>(&self, path: &'t [u8]) -> Result<Option<Vec<(usize, Match<'t>)>>, ShownError> {
        let (folder, name) = match path.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => (path.get(..slash).unwrap_or(path), path.get(slash + 1..).unwrap_or(path)),
            None => (&[][..], path),
        };
        match DotName::of(name) {
            Some(DotName::Attributes | DotName::Modules) => {}
            // Git LFS reads the one at the root
            Some(DotName::LfsConfig) if folder.is_empty() => {}
            Some(DotName::LfsConfig | DotName::Git) | None => return Ok(None),
        }
        let too_many = |ways| ShownError::TooManyWays { path: path.to_vec(), ways };
        let found = self.matcher.paths.set.below(folder).map_err(too_many)?;
        let excepted = |target: usize| self.matcher.except.get(target).is_some_and(|except| except.any_exactly(path));
        let owned = found.into_iter().filter_map(|one| Some((*self.matcher.paths.owners.get(one.pattern)?, one)));
        Ok(Some(owned.filter(|(target, _)| self.is_active(*target) && !excepted(*target)).collect()))
    }
}

impl Resolver<'_> {
    /// Notes all that paths below a folder could show, given what the folder and the ref show.
    fn note_below(&self, folder: &Captures<'_>, of_ref: &Captures<'_>, shown: &mut Shown) {
        let (hits, unknown) = (shown.hits.len(), shown.unknown.len());
        let taken = |one: &Option<CapturedText<'_>>, other: &Option<CapturedText<'_>>| -> Vec<(Vec<u8>, Vec<u8>)> {
            [one, other].into_iter().flatten().map(|one| (one.raw.to_vec(), one.folded.to_vec())).collect()
        };
        let environment = taken(&folder.environment, &of_ref.environment);
        let region = taken(&folder.region, &of_ref.region);
        let service = taken(&folder.service, &of_ref.service);
        let environments: Vec<Arc<Environment>> = match &self.target.environment {
            TargetEnvironment::Named(environment) => vec![Arc::clone(environment)],
            TargetEnvironment::Captured if !environment.is_empty() => self.captured_environments(&environment, shown),
            TargetEnvironment::Every | TargetEnvironment::Captured => self.policy.environments.clone(),
        };
        let regions: Vec<Arc<Region>> = match &self.target.region {
            Some(region) => vec![Arc::clone(region)],
            None => self.captured_regions(&region, shown),
        };
        let services: Vec<Arc<Service>> = match &self.target.service {
            Some(service) => vec![Arc::clone(service)],
            None => self.captured_services(&service, shown),
        };
        let services: Vec<Option<&Arc<Service>>> =
            if services.is_empty() { vec![None] } else { services.iter().map(Some).collect() };
        let named_region = self.target.region.is_some() || !region.is_empty();
        for environment in &environments {
            for service in &services {
                self.reach(environment, &regions, named_region, *service, shown);
            }
        }
        // what no path could mean is not what one did mean
        shown.unknown.truncate(unknown);
        shown.hits.iter_mut().skip(hits).for_each(|hit| hit.every = true);
    }
}
