//! What stands where a target looks, and is no file: what changes behind it shows no path of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::change::git::LinkTarget;
use crate::escape::bytes_for_terminal;
use crate::pattern::{Captures, Match, Pattern};
use crate::policy::{Environment, TargetEnvironment};
use crate::reach::matcher::{OfRef, text_taken};
use crate::reach::shown::{Hit, Shown, ShownError};
use crate::reach::{Because, Misdirected, Reached};

/// A file that nobody has, and only patterns match that match any.
const ANY_FILE: &[u8] = b"\x01";

/// A target, by its number, and what it takes from a path.
type TakenBy = (usize, Vec<Vec<u8>>);

impl OfRef<'_, '_, '_> {
    /// Notes that a symbolic link is put at a path.
    ///
    /// From then on, what changes where it leads changes what a target looks at, and nothing shows it. So that is
    /// `unknown-target` at any hour, unless it leads to where the same targets take the same from its path, or to where every
    /// environment is reached. A link in the place of a folder above what a target looks at always is.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where what is reached can't be determined.
    pub fn link(&self, path: &[u8], leads_to: &LinkTarget, shown: &mut Shown) -> Result<(), ShownError> {
        // what it makes appear here is new here, wherever else it was looked at
        self.note_left_out(path, shown)?;
        // what such a file says through a link is read by some versions of git, and changes elsewhere
        let above = self.above(path).first().map_or_else(|| self.ruled(path), |target| Ok(Some(*target)))?;
        let Some(target) = above.map_or_else(|| self.hidden_by(path, leads_to), |target| Ok(Some(target)))? else {
            return Ok(());
        };
        // one of a target is as good as all of them
        if !shown.is_new((target, None, vec![b"link".to_vec()]))? {
            return Ok(());
        }
        let link = bytes_for_terminal(path);
        let to = match leads_to {
            LinkTarget::Outside => "out of the repository".to_owned(),
            LinkTarget::File(to) | LinkTarget::Folder(to) | LinkTarget::Other(to) => {
                format!("to `{}`", bytes_for_terminal(to))
            }
        };
        let message = format!("`{link}` becomes a symbolic link {to}, and changes there would not be seen");
        if let Some(target) = self.matcher.policy.targets.get(target) {
            shown.unknown.push(Misdirected {
                environment: None,
                region: None,
                what: Some(link.into_owned()),
                message,
                place: target.place,
                said_by_part: Vec::new(),
                earlier_commit: None,
                undefined: None,
            });
        }
        Ok(())
    }

    /// Notes that what stands in the place of a folder, a submodule or a link that was there, changes or goes: all that a
    /// target looks at below it may be reached.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where what is reached can't be determined.
    pub fn in_place_of_folder(&self, path: &[u8], shown: &mut Shown) -> Result<(), ShownError> {
        for index in self.above(path) {
            if shown.is_new((index, shown.speaker, vec![b"folder".to_vec()]))? {
                self.reach_below(index, path, shown);
            }
        }
        self.note_left_out(path, shown)
    }

    /// Notes what targets that leave out `path` as a file look at below it.
    fn note_left_out(&self, path: &[u8], shown: &mut Shown) -> Result<(), ShownError> {
        let any_file = below(path);
        for (index, found) in self.left_out_as_file(path, &any_file)? {
            for of_ref in self.active.get(index).into_iter().flatten() {
                let what = || bytes_for_terminal(path).into_owned();
                self.matcher.note(index, &found.captures, of_ref, what, shown)?;
            }
        }
        Ok(())
    }

    /// The targets that leave out `path` as long as it is a file, and look at `any_file` below it.
    fn left_out_as_file<'t>(&self, path: &[u8], any_file: &'t [u8]) -> Result<Vec<(usize, Match<'t>)>, ShownError> {
        let mut found = self.matches(any_file)?;
        found.retain(|(target, _)| self.is_excepted(*target, path));
        Ok(found)
    }

    /// Notes that all is reached that a target looks at.
    fn reach_below(&self, index: usize, path: &[u8], shown: &mut Shown) {
        let (Some(target), policy) = (self.matcher.policy.targets.get(index), self.matcher.policy) else {
            return;
        };
        let environments: &[Arc<Environment>] = match &target.environment {
            TargetEnvironment::Named(environment) => std::slice::from_ref(environment),
            TargetEnvironment::Every | TargetEnvironment::Captured => &policy.environments,
        };
        let every = !matches!(target.environment, TargetEnvironment::Named(_));
        for environment in environments {
            let regions = target.region.as_ref().map_or(environment.regions.as_slice(), std::slice::from_ref);
            let regions: Vec<_> =
                if policy.regions.is_empty() { vec![None] } else { regions.iter().cloned().map(Some).collect() };
            shown.hits.extend(regions.into_iter().map(|region| Hit {
                reached: Reached {
                    environment: Arc::clone(environment),
                    region,
                    service: None,
                    kinds: target.kinds,
                    because: Because::Shown { what: bytes_for_terminal(path).into_owned(), policy: target.place },
                },
                every,
                named_region: target.region.is_some(),
                speaker: shown.speaker,
            }));
        }
    }

    /// The targets, of those in question, that look at paths below this one.
    fn above(&self, path: &[u8]) -> BTreeSet<usize> {
        let owners = &self.matcher.paths.owners;
        let patterns = self.matcher.paths.set.above(path);
        let targets = patterns.into_iter().filter_map(|pattern| owners.get(pattern)).copied();
        targets.filter(|target| self.is_active(*target)).collect()
    }

    /// A target that looks at the path of a link, and would not see a change where it leads.
    fn hidden_by(&self, path: &[u8], leads_to: &LinkTarget) -> Result<Option<usize>, ShownError> {
        let any_file = below(path);
        let left_out = self.left_out_as_file(path, &any_file)?;
        if !left_out.is_empty() {
            // it may lead to a folder, if not now then later, and what lies in that is not left out
            let seen = match leads_to {
                LinkTarget::Outside => Vec::new(),
                LinkTarget::File(to) | LinkTarget::Folder(to) | LinkTarget::Other(to) => self.taken_by(&below(to))?,
            };
            if let Some((target, _)) = left_out.iter().find(|one| !self.is_seen_as(one, &seen)) {
                return Ok(Some(*target));
            }
        }
        let matches = self.matches(path)?;
        if matches.is_empty() {
            return Ok(None);
        }
        let probes: Vec<Vec<u8>> = match leads_to {
            LinkTarget::Outside => Vec::new(),
            LinkTarget::File(to) => vec![to.clone()],
            LinkTarget::Folder(to) => vec![below(to)],
            LinkTarget::Other(to) => vec![to.clone(), below(to)],
        };
        let mut seen = Vec::with_capacity(probes.len());
        for probe in &probes {
            seen.push(self.taken_by(probe)?);
        }
        let hidden =
            matches.iter().find(|one| seen.is_empty() || !seen.iter().all(|matches| self.is_seen_as(one, matches)));
        Ok(hidden.map(|(target, _)| *target))
    }

    /// The targets that look at a path, each with what it takes from it.
    fn taken_by(&self, path: &[u8]) -> Result<Vec<TakenBy>, ShownError> {
        let matches = self.matches(path)?.into_iter();
        Ok(matches.map(|(target, found)| (target, owned(&found.captures))).collect())
    }

    /// Whether one of `seen` takes the same from another place, or reaches everything there.
    fn is_seen_as(&self, (target, found): &(usize, Match<'_>), seen: &[TakenBy]) -> bool {
        seen.iter().any(|(other, captures)| {
            (other == target && *captures == owned(&found.captures)) || self.reaches_all(*other)
        })
    }

    /// Returns whether whatever a target sees reaches every environment in all its regions.
    fn reaches_all(&self, target: usize) -> bool {
        self.matcher.policy.targets.get(target).is_some_and(|target| {
            let mut captures = target.paths.iter().chain(&target.refs).flat_map(Pattern::captures);
            matches!(target.environment, TargetEnvironment::Every)
                && target.region.is_none()
                && target.service.is_none()
                && captures.next().is_none()
        })
    }
}

/// A file in a folder of which nothing is known.
fn below(folder: &[u8]) -> Vec<u8> {
    if folder.is_empty() { ANY_FILE.to_vec() } else { [folder, ANY_FILE].join(&b'/') }
}

fn owned(captures: &Captures<'_>) -> Vec<Vec<u8>> {
    [&captures.environment, &captures.region, &captures.service].into_iter().flat_map(text_taken).collect()
}
