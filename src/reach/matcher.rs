//! From refs and paths to what they show: all targets of a policy, matched in one pass over the paths.

mod affected;
mod command;
mod facts;
mod known_names;
mod link;
mod many;
mod only_folder;
mod resolver;
mod rules;

pub use command::CommandError;
pub use facts::{ResourceChanges, UnmatchedChanges};

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::escape::bytes_for_terminal;
use crate::fact::FactKey;
use crate::pattern::{CapturedText, Captures, Match, PatternSet};
use crate::policy::{Policy, Target, TargetEnvironment};
use crate::reach::matcher::known_names::CapturableNames;
use crate::reach::matcher::many::{Many, facts_of_policy};
use crate::reach::matcher::resolver::Resolver;
use crate::reach::shown::{Hit, HitKey, Numbers, ShownError};
use crate::reach::{Because, Shown};

/// The ref that is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefSide<'r> {
    /// None is given: the refs of every target match.
    Unknown,
    /// This one, by its full name.
    Named {
        /// The full name, such as `refs/heads/main`.
        name: &'r [u8],
        /// True if it is the default branch; `None` if that is not known, which counts as if it were.
        default_branch: Option<bool>,
    },
}

/// The targets of a policy, ready to be asked.
#[derive(Debug)]
pub struct TargetMatcher<'p> {
    policy: &'p Policy,
    refs: Many,
    paths: Many,
    commands: Many,
    /// By the key that they ask for, the patterns of what a command acts on.
    facts: Vec<(FactKey, Many)>,
    except: Vec<PatternSet>,
    /// The place of each environment in the policy, by its name.
    environment_numbers: HashMap<&'p str, usize>,
    names: CapturableNames,
    /// True if any pattern of paths can match a folder and not what lies in it.
    stops_at_folders: bool,
}

impl<'p> TargetMatcher<'p> {
    /// The targets of `policy`.
    #[must_use]
    pub fn new(policy: &'p Policy) -> Self {
        Self {
            policy,
            refs: Many::new(policy, |target| &target.refs),
            paths: Many::new(policy, |target| &target.paths),
            commands: Many::new(policy, |target| target.command.as_slice()),
            facts: facts_of_policy(policy),
            except: policy.targets.iter().map(|target| PatternSet::new(&target.except)).collect(),
            stops_at_folders: policy.targets.iter().flat_map(|target| &target.paths).any(|one| !one.matches_below()),
            names: CapturableNames::default(),
            environment_numbers: policy
                .environments
                .iter()
                .zip(0..)
                .map(|(one, number)| (one.name.as_str(), number))
                .collect(),
        }
    }

    /// The policy whose targets they are.
    #[must_use]
    pub const fn policy(&self) -> &'p Policy {
        self.policy
    }

    /// The targets whose refs match `side`, to be shown what changed. A target without refs means the default branch.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where what the ref shows can't be determined.
    pub fn of_ref<'m, 'r>(&'m self, side: RefSide<'r>) -> Result<OfRef<'m, 'p, 'r>, ShownError> {
        let mut active: Vec<Vec<Captures<'r>>> = vec![Vec::new(); self.policy.targets.len()];
        match side {
            RefSide::Unknown => {
                for (_, captures) in
                    self.policy.targets.iter().zip(&mut active).filter(|(target, _)| !target.is_of_commands())
                {
                    captures.push(Captures::default());
                }
            }
            RefSide::Named { name, default_branch } => {
                for (target, found) in self.refs.matches(name)? {
                    if let Some(captures) = active.get_mut(target) {
                        captures.push(found.captures);
                    }
                }
                for (target, captures) in self.policy.targets.iter().zip(&mut active) {
                    if target.refs.is_empty() && !target.is_of_commands() && default_branch != Some(false) {
                        captures.push(Captures::default());
                    }
                }
            }
        }
        Ok(OfRef { matcher: self, side, active })
    }

    /// Notes that `target` is reached, with what its patterns took from the path and from the ref. Returns the numbers of the
    /// environments that it reaches.
    fn note(
        &self,
        index: usize,
        path: &Captures<'_>,
        of_ref: &Captures<'_>,
        what: impl Fn() -> String,
        shown: &mut Shown,
    ) -> Result<Numbers, ShownError> {
        let taken =
            [&path.environment, &path.region, &path.service, &of_ref.environment, &of_ref.region, &of_ref.service];
        let key = (index, shown.speaker, taken.into_iter().flat_map(text_taken).collect());
        self.note_all(index, &[path, of_ref], key, what, shown)
    }

    /// The same with what all these took together, which `key` distinguishes from the rest: each environment with each region and service.
    fn note_all(
        &self,
        index: usize,
        captures: &[&Captures<'_>],
        key: HitKey,
        what: impl Fn() -> String,
        shown: &mut Shown,
    ) -> Result<Numbers, ShownError> {
        let Some(target) = self.policy.targets.get(index) else {
            return Ok(Arc::new([]));
        };
        if let Some(reached) = shown.reached_by(&key) {
            return Ok(reached);
        }
        let before = shown.hits.len();
        let taken = |one: &Option<CapturedText<'_>>| one.as_ref().map(|one| (one.raw.to_vec(), one.folded.to_vec()));
        let environments: Vec<_> = captures.iter().filter_map(|one| taken(&one.environment)).collect();
        let regions: Vec<_> = captures.iter().filter_map(|one| taken(&one.region)).collect();
        let services: Vec<_> = captures.iter().filter_map(|one| taken(&one.service)).collect();
        let resolver = Resolver { names: &self.names, policy: self.policy, target, what: what() };
        resolver.note(&environments, &regions, &services, shown);
        let hits = shown.hits.iter().skip(before);
        let number = |hit: &Hit| self.environment_numbers.get(hit.reached.environment.name.as_str()).copied();
        let mut numbers: Vec<usize> = hits.filter_map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let numbers: Numbers = numbers.into();
        shown.remember(key, before, Arc::clone(&numbers))?;
        Ok(numbers)
    }
}

/// Returns what a pattern took, as it stands in the path and as it was understood: one alone says less.
fn text_taken(captured: &Option<CapturedText<'_>>) -> [Vec<u8>; 2] {
    captured.as_ref().map_or_else(Default::default, |one| [one.raw.to_vec(), one.folded.to_vec()])
}

/// The targets that a ref leaves in question, to be shown its changed paths.
#[derive(Debug)]
pub struct OfRef<'m, 'p, 'r> {
    matcher: &'m TargetMatcher<'p>,
    side: RefSide<'r>,
    active: Vec<Vec<Captures<'r>>>,
}

impl OfRef<'_, '_, '_> {
    /// Returns whether the ref leaves any target in question.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.active.iter().any(|captures| !captures.is_empty())
    }

    /// Returns whether any target asks for paths.
    #[must_use]
    pub fn wants_paths(&self) -> bool {
        let targets = &self.matcher.policy.targets;
        targets.iter().zip(&self.active).any(|(target, captures)| !target.paths.is_empty() && !captures.is_empty())
    }

    /// Returns whether the ref is any target's.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.active.iter().any(|captures| !captures.is_empty())
    }

    /// Notes what the ref alone shows: targets without paths are reached by it.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where that can't be determined.
    pub fn alone(&self, shown: &mut Shown) -> Result<(), ShownError> {
        let what = match self.side {
            RefSide::Unknown => "no ref given: it may be any (say which with `--ref`)".to_owned(),
            RefSide::Named { name, .. } => bytes_for_terminal(name).into_owned(),
        };
        let mut whole = Vec::new();
        let before = shown.hits.len();
        shown.begin_piece();
        for (index, (target, captures)) in self.matcher.policy.targets.iter().zip(&self.active).enumerate() {
            for captures in captures.iter().filter(|_| target.paths.is_empty()) {
                let reached = self.matcher.note(index, &Captures::default(), captures, || what.clone(), shown)?;
                whole.extend_from_slice(&reached);
            }
        }
        if self.side == RefSide::Unknown {
            // that it may be a target's says nothing of it
            whole.clear();
            for hit in shown.hits.iter_mut().skip(before) {
                if let Because::Shown { what, policy } = &hit.reached.because {
                    hit.reached.because = Because::Possible { what: what.clone(), policy: *policy };
                }
            }
        }
        shown.begin(whole);
        if !self.wants_paths() {
            shown.count(Vec::new());
        }
        Ok(())
    }

    /// Notes what a changed path shows. A path that only looks like one of a target's counts as reached, and never as
    /// excepted.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where that can't be determined.
    pub fn path(&self, path: &[u8], shown: &mut Shown) -> Result<(), ShownError> {
        shown.paths = shown.paths.saturating_add(1);
        shown.begin_piece();
        let matches = self.matches(path)?;
        if matches.is_empty() {
            self.only_folder(path, shown);
        }
        let mut mapped = Vec::new();
        for (index, found) in matches {
            for of_ref in self.active.get(index).into_iter().flatten() {
                let what = || bytes_for_terminal(path).into_owned();
                mapped.extend_from_slice(&self.matcher.note(index, &found.captures, of_ref, what, shown)?);
            }
        }
        shown.count(mapped);
        self.rules(path, shown)
    }

    /// The matches of a path, each with the number of its target, that the ref leaves in question and no exception takes out.
    fn matches<'t>(&self, path: &'t [u8]) -> Result<Vec<(usize, Match<'t>)>, ShownError> {
        let mut found = self.matcher.paths.matches(path)?;
        found.retain(|(target, _)| self.is_active(*target) && !self.is_excepted(*target, path));
        Ok(found)
    }

    /// The targets that match a path, as far as the ref leaves them in question, and leave it out by `except`.
    ///
    /// # Errors
    ///
    /// [`ShownError`] where that can't be determined.
    pub fn left_out(&self, path: &[u8]) -> Result<Vec<Place>, ShownError> {
        let found = self.matcher.paths.matches(path)?.into_iter().map(|(target, _)| target);
        let targets = found.filter(|target| self.is_active(*target) && self.is_excepted(*target, path));
        Ok(targets.filter_map(|target| Some(self.matcher.policy.targets.get(target)?.place)).collect())
    }

    fn is_excepted(&self, target: usize, path: &[u8]) -> bool {
        self.matcher.except.get(target).is_some_and(|except| except.any_exactly(path))
    }

    /// The targets by which this ref and another one both reach an environment, at the same regions and services as far as refs
    /// show them: what one of them brings there, the other replaces.
    #[must_use]
    pub fn shared_with(&self, other: &OfRef<'_, '_, '_>, environment: &str) -> HashSet<Place> {
        let is_of_it = |target: &Target| match &target.environment {
            TargetEnvironment::Named(named) => named.name == environment,
            TargetEnvironment::Every | TargetEnvironment::Captured => true,
        };
        let same = |one: &Option<CapturedText<'_>>, other: &Option<CapturedText<'_>>| match (one, other) {
            (Some(one), Some(other)) => one.folded == other.folded,
            (None, _) | (_, None) => true,
        };
        let is_same = |one: &Captures<'_>, other: &Captures<'_>| {
            same(&one.environment, &other.environment)
                && same(&one.region, &other.region)
                && same(&one.service, &other.service)
        };
        let pairs = self.active.iter().zip(&other.active);
        let shared = self.matcher.policy.targets.iter().zip(pairs).filter(|(target, (own, others))| {
            is_of_it(target) && own.iter().any(|own| others.iter().any(|other| is_same(own, other)))
        });
        shared.map(|(target, _)| target.place).collect()
    }

    fn is_active(&self, target: usize) -> bool {
        self.active.get(target).is_some_and(|captures| !captures.is_empty())
    }
}

impl OfRef<'_, '_, '_> {
    /// Notes everything that changed paths could show, for a change of which nothing says what was there before. `what` stands in for the path.
    ///
    /// It is judged, and never a mismatch: it is not shown, only not excluded. Nor does it say of what kind a change is that is
    /// said to go somewhere.
    pub fn any_path(&self, what: &str, shown: &mut Shown) {
        let policy = self.matcher.policy;
        if self.wants_paths() {
            shown.count(Vec::new());
        }
        for (target, refs) in policy.targets.iter().zip(&self.active).filter(|(target, _)| !target.paths.is_empty()) {
            let resolver = Resolver { names: &self.matcher.names, policy, target, what: what.to_owned() };
            for of_ref in refs {
                resolver.note_any(of_ref, shown);
            }
        }
    }
}
