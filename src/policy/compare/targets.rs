//! Which targets of one policy another one keeps, and what else shows it where a change goes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::fact::FactKey;
use crate::pattern::{Capture, Inclusion, Pattern, included, included_exactly, told_command};
use crate::policy::compare::goals::{Goal, NamedPlace, Whereto, Which};
use crate::policy::compare::names::{NamePairs, NameText};
use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Environment, KindSet, Policy, Target, TargetEnvironment};

/// The most steps that the comparison of one pattern takes. Patterns as people write them need some hundreds.
const MOST_PATTERN_STEPS: usize = 200_000;

/// How many steps of other work one of them counts as: each makes sets of states, and takes several times as long.
const WEIGHT: usize = 4;

/// One way to match a target: one of its refs with one of its paths.
#[derive(Debug, Clone, Copy)]
pub(super) struct TargetLine<'p> {
    pub(super) target: &'p Target,
    /// `None` for the default branch.
    pub(super) reference: Option<&'p Pattern>,
    /// The pattern of paths, or of a command; `None` if the ref alone shows it, or what a command acts on.
    pub(super) path: Option<&'p Pattern>,
}

/// The replacement of a line in another policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Successor {
    /// Targets of these kinds match all that it matches, and show the same, each set of kinds by itself.
    Kept(Vec<KindSet>),
    /// No targets do; a path or ref that only the line matches.
    Gone(Option<Vec<u8>>),
    /// It could not be found out.
    Undecided,
}

/// The lines of a policy.
pub(super) fn lines(policy: &Policy) -> impl Iterator<Item = TargetLine<'_>> {
    policy.targets.iter().flat_map(lines_of)
}

/// The lines of a target.
pub(super) fn lines_of(target: &Target) -> impl Iterator<Item = TargetLine<'_>> {
    let refs = target.refs.iter().map(Some).chain(target.refs.is_empty().then_some(None));
    refs.flat_map(move |reference| {
        let is_alone = target.patterns().next().is_none();
        let paths = target.patterns().map(Some).chain(is_alone.then_some(None));
        paths.map(move |path| TargetLine { target, reference, path })
    })
}

impl<'p> TargetLine<'p> {
    /// Returns what the targets of `other` have instead of it. `other` is `new` unless the comparison is turned about.
    ///
    /// # Errors
    ///
    /// [`Halt`] if the work is used up.
    pub(super) fn successor(
        &self,
        other: &Policy,
        same_head: impl Fn(&Target) -> bool,
        work: &Work,
    ) -> Result<Successor, Halt> {
        let mut by_kinds: Vec<(KindSet, Vec<&Target>)> = Vec::new();
        let mut is_sure = true;
        for candidate in &other.targets {
            work.spend(1)?;
            if !self.is_like(candidate) || !same_head(candidate) {
                continue;
            }
            match self.is_let_in(candidate, work)? {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    is_sure = false;
                    continue;
                }
            }
            match by_kinds.iter_mut().find(|(kinds, _)| *kinds == candidate.kinds) {
                Some((_, list)) => list.push(candidate),
                None => by_kinds.push((candidate.kinds, vec![candidate])),
            }
        }
        let mut kept = Vec::new();
        let mut example = None;
        for (kinds, targets) in by_kinds {
            let Some(path) = self.path else {
                kept.push(kinds);
                continue;
            };
            let mut wide: Vec<&Pattern> = Vec::new();
            for target in targets {
                work.spend(target.paths.len())?;
                wide.extend(target.patterns());
            }
            match inclusion(path, &wide, work)? {
                Inclusion::Included => kept.push(kinds),
                Inclusion::Excluded(word) => example = Some(word),
                Inclusion::Undecided => is_sure = false,
            }
        }
        if !kept.is_empty() {
            // the same kinds first, then the fewest: no kind meets every freeze
            kept.sort_by_key(|kinds| (*kinds != self.target.kinds, kinds.iter().count()));
            return Ok(Successor::Kept(kept));
        }
        if !is_sure {
            return Ok(Successor::Undecided);
        }
        let example = match (example, self.path.or(self.reference)) {
            (Some(word), _) => Some(word),
            (None, Some(pattern)) => match inclusion(pattern, &[], work)? {
                Inclusion::Excluded(word) => Some(word),
                Inclusion::Included | Inclusion::Undecided => None,
            },
            (None, None) => None,
        };
        let is_command = self.target.command.is_some();
        Ok(Successor::Gone(example.map(|word| if is_command { told_command(&word) } else { word })))
    }

    /// Returns whether a target matches by the same sort of patterns.
    fn is_like(&self, candidate: &Target) -> bool {
        candidate.paths.is_empty() == self.target.paths.is_empty()
            && candidate.command.is_some() == self.target.command.is_some()
            && candidate.is_of_commands() == self.target.is_of_commands()
    }

    /// Returns whether one target, of the same goal, surely matches all that the line matches.
    ///
    /// # Errors
    ///
    /// [`Halt`] if the work is used up.
    pub(super) fn is_kept_by(&self, candidate: &Target, work: &Work) -> Result<bool, Halt> {
        work.spend(1)?;
        if !self.is_like(candidate) || self.is_let_in(candidate, work)? != Some(true) {
            return Ok(false);
        }
        let Some(path) = self.path else {
            return Ok(true);
        };
        let wide: Vec<&Pattern> = candidate.patterns().collect();
        Ok(inclusion(path, &wide, work)? == Inclusion::Included)
    }

    /// Returns whether a target matches the refs of the line; `None` if that could not be found out.
    ///
    /// # Errors
    ///
    /// [`Halt`] if the work is used up.
    pub(super) fn has_ref_of(&self, candidate: &Target, work: &Work) -> Result<Option<bool>, Halt> {
        let Some(reference) = self.reference else {
            // which branch the default one is, no pattern knows
            return Ok(Some(candidate.refs.is_empty() || candidate.refs.iter().any(|one| one.as_str() == "refs/**")));
        };
        let wide: Vec<&Pattern> = candidate.refs.iter().collect();
        Ok(match inclusion(reference, &wide, work)? {
            Inclusion::Included => Some(true),
            Inclusion::Excluded(_) => Some(false),
            Inclusion::Undecided => None,
        })
    }

    /// Returns whether a target matches the refs of the line and makes no exception that the line does not make; `None` if that
    /// could not be found out.
    fn is_let_in(&self, candidate: &Target, work: &Work) -> Result<Option<bool>, Halt> {
        let mut is_sure = match self.has_ref_of(candidate, work)? {
            Some(false) => return Ok(Some(false)),
            Some(true) => true,
            None => false,
        };
        let own: Vec<&Pattern> = self.target.except.iter().collect();
        for except in &candidate.except {
            work.spend(own.len())?;
            let mut steps = 0;
            let inclusion = included_exactly(except, &own, MOST_PATTERN_STEPS, &mut steps);
            work.spend(steps.saturating_mul(WEIGHT).saturating_add(1))?;
            match inclusion {
                Inclusion::Included => {}
                Inclusion::Excluded(_) => return Ok(Some(false)),
                Inclusion::Undecided => is_sure = false,
            }
        }
        match self.facts_are_within(candidate, work)? {
            Some(true) => Ok(is_sure.then_some(true)),
            other => Ok(other),
        }
    }

    /// Returns whether a target asks for nothing about what a command acts on that the line does not ask for, and captures the same by that.
    fn facts_are_within(&self, candidate: &Target, work: &Work) -> Result<Option<bool>, Halt> {
        let patterns_of = |target: &'p Target, key: FactKey| -> &'p [Pattern] {
            target.facts.iter().find(|(known, _)| *known == key).map_or(&[], |(_, patterns)| patterns)
        };
        let mut is_sure = true;
        for (key, wide) in &candidate.facts {
            let narrow = patterns_of(self.target, *key);
            if narrow.is_empty() {
                return Ok(Some(false));
            }
            let wide: Vec<&Pattern> = wide.iter().collect();
            for pattern in narrow {
                match inclusion(pattern, &wide, work)? {
                    Inclusion::Included => {}
                    Inclusion::Excluded(_) => return Ok(Some(false)),
                    Inclusion::Undecided => is_sure = false,
                }
            }
        }
        let is_asked = |key: FactKey| candidate.facts.iter().any(|(known, _)| *known == key);
        let mut dropped =
            self.target.facts.iter().filter(|(key, _)| !is_asked(*key)).flat_map(|(_, patterns)| patterns);
        if dropped.any(|pattern| pattern.captures().next().is_some()) {
            return Ok(Some(false));
        }
        Ok(is_sure.then_some(true))
    }

    /// Returns what its patterns capture.
    fn captures(&self) -> impl Iterator<Item = Capture> + use<'p> {
        let patterns = self.reference.into_iter().chain(self.path).chain(self.target.fact_patterns());
        patterns.flat_map(Pattern::captures)
    }

    /// A pattern of it, for people.
    pub(super) fn text(&self) -> &'p str {
        let pattern = self.path.or(self.reference).or_else(|| self.target.fact_patterns().next());
        pattern.map_or("", Pattern::as_str)
    }

    /// Returns where a change goes that the line shows, as text: one goal for each that the names of two policies distinguish.
    pub(super) fn goals(&self, pairs: &Pairs<'_>) -> impl Iterator<Item = Goal> {
        let environments: Vec<Whereto> = match &self.target.environment {
            TargetEnvironment::Named(environment) => vec![Whereto::Named(pairs.environments.named(&environment.name))],
            TargetEnvironment::Captured => pairs.captured_environments.iter().cloned().map(Whereto::Named).collect(),
            TargetEnvironment::Every => vec![Whereto::Every],
        };
        let region = self.target.region.as_ref().map(|one| one.name.as_str());
        let regions = self.parts(region, Capture::Region, &pairs.regions, &pairs.captured_regions);
        let service = self.target.service.as_ref().map(|one| one.name.as_str());
        let services = self.parts(service, Capture::Service, &pairs.services, &pairs.captured_services);
        // one at a time: there may be many
        environments.into_iter().flat_map(move |environment| {
            let (regions, services) = (regions.clone(), services.clone());
            regions.into_iter().flat_map(move |region| {
                let environment = environment.clone();
                let goal = move |service| Goal { environment: environment.clone(), region: region.clone(), service };
                services.clone().into_iter().map(goal)
            })
        })
    }

    /// Returns whether it shows a service.
    pub(super) fn shows_service(&self) -> bool {
        self.target.service.is_some() || self.captures().any(|one| one == Capture::Service)
    }

    fn parts(
        &self,
        named: Option<&str>,
        capture: Capture,
        pairs: &NamePairs<'_>,
        captured: &[NameText],
    ) -> Vec<NamedPlace> {
        if let Some(name) = named {
            return vec![NamedPlace::Named(pairs.named(name))];
        }
        if self.captures().any(|one| one == capture) {
            return captured.iter().cloned().map(NamedPlace::Named).collect();
        }
        vec![NamedPlace::Unnamed]
    }

    /// By which the goals of a line are distinguished from those of others.
    pub(super) fn head(&self) -> String {
        let environment = match &self.target.environment {
            TargetEnvironment::Named(environment) => environment.name.as_str(),
            TargetEnvironment::Captured => "{",
            TargetEnvironment::Every => "*",
        };
        let captures: BTreeSet<Capture> = self.captures().collect();
        let name = |name: Option<&String>| name.cloned();
        let region = name(self.target.region.as_ref().map(|one| &one.name));
        let service = name(self.target.service.as_ref().map(|one| &one.name));
        format!("{environment} {region:?} {service:?} {captures:?}")
    }
}

fn inclusion(narrow: &Pattern, wide: &[&Pattern], work: &Work) -> Result<Inclusion, Halt> {
    // to read the patterns takes steps too
    work.spend(wide.iter().map(|one| one.as_str().len()).fold(narrow.as_str().len(), usize::saturating_add))?;
    let mut steps = 0;
    let inclusion = included(narrow, wide, MOST_PATTERN_STEPS, &mut steps);
    work.spend(steps.saturating_mul(WEIGHT).saturating_add(1))?;
    Ok(inclusion)
}

/// Returns whether a target of `new` names the same environment, region and service as one of `old`, by what texts stand for.
pub(super) fn same_head(old: &Target, new: &Target, pairs: &Pairs<'_>) -> bool {
    let environment = match (&old.environment, &new.environment) {
        (TargetEnvironment::Named(old), TargetEnvironment::Named(new)) => {
            pairs.stands_for.get(old.name.as_str()).is_some_and(|one| *one == Arc::as_ptr(new))
        }
        (TargetEnvironment::Captured, TargetEnvironment::Captured)
        | (TargetEnvironment::Every, TargetEnvironment::Every) => true,
        (TargetEnvironment::Named(_) | TargetEnvironment::Captured | TargetEnvironment::Every, _) => false,
    };
    let region = old.region.as_ref().map(|one| &one.name) == new.region.as_ref().map(|one| &one.name);
    let service = old.service.as_ref().map(|one| &one.name) == new.service.as_ref().map(|one| &one.name);
    environment && region && service
}

/// By what a target is the same as another, its kinds aside: where it goes, as the new policy has it, and its patterns, in any order.
#[derive(Debug, PartialEq, Eq, Hash)]
struct TargetMeaning<'p> {
    environment: Destination,
    region: Option<&'p str>,
    service: Option<&'p str>,
    /// The refs, the paths, the exceptions and the command.
    patterns: [Vec<&'p str>; 4],
    /// Everything that the command acts on.
    facts: Vec<(FactKey, Vec<&'p str>)>,
}

/// The environment of a target.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Destination {
    Named(*const Environment),
    Captured,
    Every,
}

/// The targets that stand in another policy unchanged, wherever they stand there.
#[derive(Debug)]
pub(super) struct Unchanged<'p> {
    kinds: HashMap<TargetMeaning<'p>, Vec<KindSet>>,
}

impl<'p> Unchanged<'p> {
    /// Those of the policy `side` of `pairs`, to be looked for by targets of the other one.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn of(policy: &'p Policy, side: Which, pairs: &Pairs<'p>, work: &Work) -> Result<Self, Halt> {
        let mut kinds: HashMap<TargetMeaning<'p>, Vec<KindSet>> = HashMap::new();
        for target in &policy.targets {
            if let Some(meaning) = pairs.meaning(target, side, work)? {
                let known = kinds.entry(meaning).or_default();
                if !known.contains(&target.kinds) {
                    known.push(target.kinds);
                }
            }
        }
        Ok(Self { kinds })
    }

    /// The kinds by which a target of the other policy, which is the side `side`, stands in this one, its own first; `None` if it does
    /// not.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn kinds(
        &self,
        target: &'p Target,
        side: Which,
        pairs: &Pairs<'p>,
        work: &Work,
    ) -> Result<Option<Vec<KindSet>>, Halt> {
        let Some(meaning) = pairs.meaning(target, side, work)? else {
            return Ok(None);
        };
        let known = self.kinds.get(&meaning);
        Ok(known.map(|known| {
            let mut kinds = known.clone();
            kinds.sort_by_key(|one| (*one != target.kinds, one.iter().count()));
            kinds
        }))
    }
}

/// The names of two policies, and the texts that they distinguish.
pub(super) struct Pairs<'p> {
    pub(super) environments: NamePairs<'p>,
    pub(super) regions: NamePairs<'p>,
    pub(super) services: NamePairs<'p>,
    /// Everything that the names of environments of the old policy stand for in the new one, as far as they do.
    stands_for: HashMap<&'p str, *const Environment>,
    captured_environments: Vec<NameText>,
    captured_regions: Vec<NameText>,
    captured_services: Vec<NameText>,
}

impl<'p> Pairs<'p> {
    /// Pairs all names.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn new(old: &'p Policy, new: &'p Policy, work: &Work) -> Result<Self, Halt> {
        let environments = NamePairs::environments(old, new, work)?;
        let regions = NamePairs::regions(old, new, work)?;
        let services = NamePairs::services(old, new, work)?;
        let stands_for = old.environments.iter().filter_map(|one| {
            let known = environments.named(&one.name).new;
            let known = known.first().and_then(|index| new.environments.get(*index))?;
            Some((one.name.as_str(), Arc::as_ptr(known)))
        });
        Ok(Self {
            stands_for: stands_for.collect(),
            captured_environments: environments.captured(work)?,
            captured_regions: regions.captured_or_unknown(work)?,
            captured_services: services.captured_or_unknown(work)?,
            environments,
            regions,
            services,
        })
    }

    /// Returns what a target of the side `side` means; `None` if it goes to an environment that the new policy does not have.
    fn meaning(&self, target: &'p Target, side: Which, work: &Work) -> Result<Option<TargetMeaning<'p>>, Halt> {
        let environment = match (&target.environment, side) {
            (TargetEnvironment::Named(environment), Which::Old) => {
                match self.stands_for.get(environment.name.as_str()) {
                    Some(known) => Destination::Named(*known),
                    None => return Ok(None),
                }
            }
            (TargetEnvironment::Named(environment), Which::New) => Destination::Named(Arc::as_ptr(environment)),
            (TargetEnvironment::Captured, Which::Old | Which::New) => Destination::Captured,
            (TargetEnvironment::Every, Which::Old | Which::New) => Destination::Every,
        };
        let command = target.command.as_slice();
        let mut patterns = [target.refs.as_slice(), &target.paths, &target.except, command]
            .map(|list| list.iter().map(Pattern::as_str).collect::<Vec<&str>>());
        let texts = |list: &'p [Pattern]| list.iter().map(Pattern::as_str).collect::<Vec<&str>>();
        let mut facts: Vec<(FactKey, Vec<&str>)> =
            target.facts.iter().map(|(key, patterns)| (*key, texts(patterns))).collect();
        facts.sort_unstable();
        for list in patterns.iter_mut().chain(facts.iter_mut().map(|(_, list)| list)) {
            work.spend(list.iter().map(|text| text.len()).fold(list.len(), usize::saturating_add))?;
            list.sort_unstable();
            list.dedup();
        }
        let region = target.region.as_ref().map(|one| one.name.as_str());
        let service = target.service.as_ref().map(|one| one.name.as_str());
        Ok(Some(TargetMeaning { environment, region, service, patterns, facts }))
    }
}
