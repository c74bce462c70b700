//! What is compared: all that can be said of where a change goes, and all that targets show.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Place;
use crate::policy::compare::closed_time::{ClosedTime, Lost};
use crate::policy::compare::goals::{Goal, NamedPlace, Reaching, Whereto, Which};
use crate::policy::compare::kinds::{KindState, states};
use crate::policy::compare::names::NameText;
use crate::policy::compare::report::{self, PolicyDifference, PolicyPart};
use crate::policy::compare::sides::PlaceInLists;
use crate::policy::compare::targets::{Pairs, Successor, TargetLine, Unchanged, lines, same_head};
use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Kind, KindSet, Level, Target, TargetEnvironment};

/// Pairs of states of a change, before and after.
type StatePairs = Vec<(KindState, KindState)>;

/// The freezes that name a service, as places in the list, and the regions that it is narrowed to.
type Treatment<'p> = (Vec<usize>, Vec<&'p str>);

/// Two policies with all that their comparison needs.
pub(super) struct Comparing<'a, 'p> {
    pub(super) closed_time: &'a ClosedTime<'a, 'p>,
    pub(super) pairs: &'a Pairs<'p>,
    /// The kinds that are distinguished.
    pub(super) kinds: Vec<Kind>,
}

impl<'p> Comparing<'_, 'p> {
    /// Returns what a goal reaches in the old and in the new policy.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn reaching(&self, goal: &Goal) -> Result<(Reaching, Reaching), Halt> {
        let work = self.closed_time.work;
        Ok((
            goal.reaching(self.closed_time.old, Which::Old, work)?,
            goal.reaching(self.closed_time.new, Which::New, work)?,
        ))
    }

    /// Compares all changes of which it is only said where they go.
    pub(super) fn declared(&self, found: &mut Vec<PolicyDifference>) -> Result<(), Halt> {
        let states = states(None, &self.kinds).into_iter().map(|state| (state, state)).collect();
        let states = self.closed_time.treated_apart(states)?;
        let regions = parts(self.pairs.regions.said());
        let services = parts(self.services_treated_apart()?);
        let mut lost = Vec::new();
        for environment in self.pairs.environments.said() {
            for region in &regions {
                for service in &services {
                    self.closed_time.work.spend(4)?;
                    let goal = Goal {
                        environment: Whereto::Named(environment.clone()),
                        region: region.clone(),
                        service: service.clone(),
                    };
                    let (old, new) = self.reaching(&goal)?;
                    self.closed_time.compare(&old, &new, &states, &mut lost)?;
                    self.narrowed_service(&goal, &old, &new, &states, &mut lost)?;
                }
            }
        }
        found.extend(report::closed_time(lost, self.closed_time, PolicyPart::ClosedTime)?);
        Ok(())
    }

    /// Compares a change that is said to go to several regions, of which its service does not reach one any more: what is
    /// left is all that it is compared with.
    fn narrowed_service(
        &self,
        goal: &Goal,
        old: &Reaching,
        new: &Reaching,
        states: &StatePairs,
        lost: &mut Vec<Lost>,
    ) -> Result<(), Halt> {
        let (NamedPlace::Named(region), NamedPlace::Named(service)) = (&goal.region, &goal.service) else {
            return Ok(());
        };
        let side = self.closed_time.new;
        let (Whereto::Named(environment), Some(region), Some(service)) =
            (&goal.environment, region.new.first(), service.new.first())
        else {
            return Ok(());
        };
        let Some(environment) = environment.new.first() else {
            return Ok(());
        };
        let served = side.served.get(*environment).map_or(&[][..], Vec::as_slice);
        if !new.is_unknown || !side.is_served(*environment, *region) || side.is_reached(Some(*service), *region) {
            return Ok(());
        }
        self.closed_time.work.spend(served.len().saturating_add(old.spots.len()))?;
        // of several regions those that the service does not reach were left out before, too
        let old = &Reaching { besides: Vec::new(), ..old.clone() };
        for other in served.iter().filter(|other| side.is_reached(Some(*service), **other)) {
            let spot = PlaceInLists { environment: *environment, region: Some(*other), service: Some(*service) };
            self.closed_time.compare(old, &Reaching { spots: vec![spot], ..Reaching::default() }, states, lost)?;
        }
        Ok(())
    }

    /// The services that can be said, the first of each that both policies treat alike.
    fn services_treated_apart(&self) -> Result<Vec<NameText>, Halt> {
        let work = self.closed_time.work;
        let treated = |which: Which, indexes: &[usize]| -> Result<Vec<Treatment<'_>>, Halt> {
            let side = match which {
                Which::Old => self.closed_time.old,
                Which::New => self.closed_time.new,
            };
            let mut treated = Vec::new();
            for index in indexes {
                let regions = side.policy.services.get(*index).map_or(&[][..], |service| service.regions.as_slice());
                work.spend(side.policy.freezes.len().saturating_add(regions.len()))?;
                let naming = (0..side.policy.freezes.len()).filter(|freeze| side.names_service(*freeze, *index));
                treated.push((naming.collect(), regions.iter().map(|region| region.name.as_str()).collect()));
            }
            Ok(treated)
        };
        let mut seen = BTreeSet::new();
        let mut apart = Vec::new();
        for service in self.pairs.services.said() {
            if seen.insert((treated(Which::Old, &service.old)?, treated(Which::New, &service.new)?)) {
                apart.push(service);
            }
        }
        Ok(apart)
    }

    /// Compares all that targets of the old policy show.
    pub(super) fn targets(&self, found: &mut Vec<PolicyDifference>) -> Result<(), Halt> {
        let (old, new) = (self.closed_time.old.policy, self.closed_time.new.policy);
        let work = self.closed_time.work;
        let unchanged = Unchanged::of(new, Which::New, self.pairs, work)?;
        let (mut compared, mut lost) = (BTreeSet::new(), BTreeSet::new());
        for line in lines(old) {
            let head = |candidate: &Target| same_head(line.target, candidate, self.pairs);
            // what stands there unchanged needs no comparison of patterns
            let successor = match unchanged.kinds(line.target, Which::Old, self.pairs, work)? {
                Some(kinds) => Successor::Kept(kinds),
                None => line.successor(new, head, work)?,
            };
            match successor {
                Successor::Kept(kinds) => {
                    let key: (String, Vec<Kind>, Vec<Vec<Kind>>) = (
                        line.head(),
                        line.target.kinds.iter().collect(),
                        kinds.iter().map(|kinds| kinds.iter().collect()).collect(),
                    );
                    if compared.insert(key) {
                        self.kept_target(&line, &kinds, found)?;
                    }
                }
                // a pattern is lost once, however many refs it was to be looked for on
                Successor::Gone(_) | Successor::Undecided if !lost.insert(lost_pattern(&line)) => {}
                Successor::Gone(example) => found.extend(self.lost_target(&line, example, None)?),
                Successor::Undecided => {
                    let doubt = "its patterns take more work to compare than the limit allows".to_owned();
                    found.extend(self.lost_target(&line, None, Some(doubt))?);
                }
            }
        }
        Ok(())
    }

    /// Compares what a target showed with what those that are there instead show, by their kinds.
    fn kept_target(
        &self,
        line: &TargetLine<'p>,
        kinds: &[KindSet],
        found: &mut Vec<PolicyDifference>,
    ) -> Result<(), Halt> {
        let own = states(Some(line.target.kinds), &self.kinds);
        let shown_by = |kinds: &KindSet| -> Result<StatePairs, Halt> {
            let pairs = own.iter().map(|state| (*state, state.shown_by(Some(*kinds)))).collect();
            self.closed_time.treated_apart(pairs)
        };
        let by_kinds = kinds.iter().map(shown_by).collect::<Result<Vec<StatePairs>, Halt>>()?;
        let mut lost = Vec::new();
        for goal in line.goals(self.pairs) {
            let (old, new) = self.reaching(&goal)?;
            let mut least = None;
            // any of them alone is enough
            for pairs in &by_kinds {
                let mut of_one = Vec::new();
                self.closed_time.compare(&old, &new, pairs, &mut of_one)?;
                if of_one.is_empty() {
                    least = None;
                    break;
                }
                least.get_or_insert(of_one);
            }
            lost.extend(least.into_iter().flatten());
            self.closed_time.work.spend(old.spots.len().saturating_add(new.spots.len()))?;
            found.extend(self.lost_mismatch(line, &old, &new));
        }
        for item in report::closed_time(lost, self.closed_time, PolicyPart::ClosedTime)? {
            if !report::is_said(&item, found, self.closed_time.work)? {
                found.push(item);
            }
        }
        Ok(())
    }

    /// A region that a target showed and does not any more: a change that says all others was compared with it at any hour.
    fn lost_mismatch(&self, line: &TargetLine<'p>, old: &Reaching, new: &Reaching) -> Vec<PolicyDifference> {
        let (old_side, new_side) = (self.closed_time.old, self.closed_time.new);
        let is_every = matches!(line.target.environment, TargetEnvironment::Every);
        if is_every || new.is_unknown || new.spots.is_empty() || new_side.policy.regions.is_empty() {
            return Vec::new();
        }
        let shown: BTreeSet<Option<&str>> = new.spots.iter().map(|spot| new_side.names(*spot)[1]).collect();
        let gone = old.spots.iter().filter(|spot| spot.region.is_some() && !shown.contains(&old_side.names(**spot)[1]));
        gone.map(|spot| {
            let [environment, region, _] = old_side.names(*spot).map(|name| name.map(str::to_owned));
            let text = "a change of the target that does not say this region is no longer a mismatch";
            PolicyDifference {
                environment,
                region,
                old_place: Some(line.target.place),
                ..PolicyDifference::new(PolicyPart::Mismatch, Level::Hard, text)
            }
        })
        .collect()
    }

    /// The difference that a target makes which nothing replaces.
    ///
    /// What it shows is compared with what a change says, at any hour; `environment = "*"` only closes by windows.
    fn lost_target(
        &self,
        line: &TargetLine<'p>,
        example: Option<Vec<u8>>,
        doubt: Option<String>,
    ) -> Result<Option<PolicyDifference>, Halt> {
        let environment = match &line.target.environment {
            TargetEnvironment::Named(environment) => Some(environment.name.clone()),
            TargetEnvironment::Captured | TargetEnvironment::Every => None,
        };
        let level = match &line.target.environment {
            TargetEnvironment::Named(_) | TargetEnvironment::Captured => Some(Level::Hard),
            TargetEnvironment::Every => self.strictest_level(line)?,
        };
        let text = format!("no target matches all that `{}` matched, for the same goal", lost_pattern(line).1);
        Ok(level.map(|level| PolicyDifference {
            environment,
            region: line.target.region.as_ref().map(|region| region.name.clone()),
            service: line.target.service.as_ref().map(|service| service.name.clone()),
            kinds: line.target.kinds,
            old_place: Some(line.target.place),
            example,
            doubt,
            ..PolicyDifference::new(PolicyPart::Target, level, text)
        }))
    }

    /// The strictest level of a window that stops what the line shows, whatever else is said of it; `None` if none does.
    fn strictest_level(&self, line: &TargetLine<'p>) -> Result<Option<Level>, Halt> {
        let side = self.closed_time.old;
        // the more kinds are said, the more stops
        let said = self.kinds.iter().copied().collect();
        let state = KindState { said, ..KindState::PLAIN.shown_by(Some(line.target.kinds)) };
        let mut strictest = None;
        for goal in line.goals(self.pairs) {
            for spot in goal.reaching(side, Which::Old, self.closed_time.work)?.spots {
                let windows = side.windows(spot, false, self.closed_time.work)?;
                let stopping = windows.iter().filter(|one| state.is_stopped_by(one.kinds, one.exempt));
                strictest = strictest.max(stopping.map(|one| one.level).max());
            }
        }
        Ok(strictest)
    }

    /// Compares changes of which it was only said where they go, and of which a target shows it now: kinds and services
    /// that are shown keep windows away which those that are only said meet.
    ///
    /// The target is new, or what it captures was a name that nothing had: then it was refused at any hour, and what was said is
    /// all that is known of it.
    pub(super) fn added_targets(&self, found: &mut Vec<PolicyDifference>) -> Result<(), Halt> {
        let (old, new) = (self.closed_time.old.policy, self.closed_time.new.policy);
        let said_environments = self.pairs.environments.said();
        let work = self.closed_time.work;
        let unchanged = Unchanged::of(old, Which::Old, self.pairs, work)?;
        let mut compared = BTreeSet::new();
        for line in lines(new) {
            // what shows neither kinds nor a service shows no more than what is said
            if line.target.kinds.is_empty() && !line.shows_service() {
                continue;
            }
            let standing = unchanged.kinds(line.target, Which::New, self.pairs, work)?;
            let head = |candidate: &Target| same_head(candidate, line.target, self.pairs);
            let shown_kinds = match standing {
                Some(kinds) => kinds.first().copied(),
                None => match line.successor(old, head, work)? {
                    Successor::Kept(kinds) => kinds.first().copied(),
                    Successor::Gone(_) | Successor::Undecided => None,
                },
            };
            let is_new = shown_kinds != Some(line.target.kinds);
            let kinds = |kinds: Option<KindSet>| kinds.map(|kinds| kinds.iter().collect::<Vec<_>>());
            if !compared.insert((line.head(), kinds(shown_kinds), kinds(Some(line.target.kinds)))) {
                continue;
            }
            // what was shown with other kinds is compared by those, where the regions are not said
            let pairs = states(shown_kinds.filter(|_| is_new), &self.kinds).into_iter();
            let pairs = pairs.map(|state| (state, state.shown_by(Some(line.target.kinds)))).collect();
            let pairs = self.closed_time.treated_apart(pairs)?;
            let mut lost = Vec::new();
            for goal in line.goals(self.pairs) {
                self.closed_time.work.spend(1)?;
                if line.target.kinds.is_empty() && goal.service == NamedPlace::Unnamed {
                    continue;
                }
                let (shown_before, after) = self.reaching(&goal)?;
                if after.is_unknown || !(is_new || shown_before.is_unknown) {
                    continue;
                }
                work.spend(said_environments.len())?;
                let said = said_environments.iter().filter(|said| match &goal.environment {
                    Whereto::Named(text) => said.new.iter().any(|one| text.new.contains(one)),
                    Whereto::Every => true,
                });
                for environment in said.cloned().map(Whereto::Named) {
                    for service in [NamedPlace::Unnamed, goal.service.clone()] {
                        let said = Goal { environment: environment.clone(), region: goal.region.clone(), service };
                        let (before, _) = self.reaching(&said)?;
                        self.closed_time.compare(&before, &after, &pairs, &mut lost)?;
                        if said.region == NamedPlace::Unnamed {
                            continue;
                        }
                        // the kinds that one region shows count in all that are said
                        let (before, _) = self.reaching(&Goal { region: NamedPlace::Unnamed, ..said.clone() })?;
                        let shown = Goal { region: NamedPlace::Unnamed, service: goal.service.clone(), ..said };
                        let (_, after) = self.reaching(&shown)?;
                        self.closed_time.compare(&before, &after, &pairs, &mut lost)?;
                    }
                }
            }
            for item in report::closed_time(lost, self.closed_time, PolicyPart::Target)? {
                if !report::is_said(&item, found, self.closed_time.work)? {
                    found.push(PolicyDifference {
                        text: format!("{}, by what a new target shows", item.text),
                        kinds: item.kinds.union(line.target.kinds),
                        new_place: Some(line.target.place),
                        ..item
                    });
                }
            }
        }
        Ok(())
    }

    /// Reports names of two environments, or of two regions, that stand for one now: to say the one and reach the other was a
    /// mismatch.
    pub(super) fn merged_names(&self, found: &mut Vec<PolicyDifference>) -> Result<(), Halt> {
        let old = self.closed_time.old.policy;
        if old.targets.iter().all(|target| matches!(target.environment, TargetEnvironment::Every)) {
            return Ok(());
        }
        let (new, work) = (self.closed_time.new.policy, self.closed_time.work);
        for index in merged(&self.pairs.environments.said(), &self.pairs.environments.captured(work)?, work)? {
            let Some(environment) = new.environments.get(index) else {
                continue;
            };
            let text = "a name that stood for another environment stands for this one";
            found.push(PolicyDifference {
                environment: Some(environment.name.clone()),
                new_place: Some(environment.place),
                ..PolicyDifference::new(PolicyPart::Mismatch, Level::Hard, text)
            });
        }
        for index in merged(&self.pairs.regions.said(), &self.pairs.regions.captured(work)?, work)? {
            let Some(region) = new.regions.get(index) else {
                continue;
            };
            let text = "a name that stood for another region stands for this one";
            found.push(PolicyDifference {
                region: Some(region.name.clone()),
                new_place: Some(region.place),
                ..PolicyDifference::new(PolicyPart::Mismatch, Level::Hard, text)
            });
        }
        Ok(())
    }
}

/// The things of the new policy of which one name can be said and another be shown that stood for different things before.
fn merged(said: &[NameText], shown: &[NameText], work: &Work) -> Result<BTreeSet<usize>, Halt> {
    let mut stood_for: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for text in said {
        for new in &text.new {
            stood_for.entry(*new).or_default().extend(&text.old);
        }
    }
    let is_said_as_another = |new: &usize, old: &usize| {
        stood_for.get(new).is_some_and(|known| known.iter().take(2).any(|other| other != old))
    };
    let mut merged = BTreeSet::new();
    for text in shown {
        for old in &text.old {
            work.spend(text.new.len().saturating_add(1).saturating_mul(2))?;
            if !text.new.is_empty() && text.new.iter().all(|new| is_said_as_another(new, old)) {
                merged.extend(text.new.first());
            }
        }
    }
    Ok(merged)
}

/// The pattern by which a lost line is reported, with where its target begins.
fn lost_pattern<'p>(line: &TargetLine<'p>) -> (Place, &'p str) {
    (line.target.place, line.text())
}

/// A part that is not named, and each text.
fn parts(texts: Vec<NameText>) -> Vec<NamedPlace> {
    std::iter::once(NamedPlace::Unnamed).chain(texts.into_iter().map(NamedPlace::Named)).collect()
}
