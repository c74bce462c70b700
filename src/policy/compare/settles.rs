//! How long must stay open after a change that shows a hazard, environment by environment.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::policy::compare::sides::PlaceInLists;
use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Hazard, Policy};
use crate::time::seconds::Seconds;

/// The time that each environment of two policies must stay open after a change that shows a hazard of the old one.
pub(super) struct HazardSettles<'p> {
    old: &'p Policy,
    new: &'p Policy,
    /// For each hazard of the old policy, those of the new one that cover it.
    covering: Vec<Vec<&'p Arc<Hazard>>>,
}

impl<'p> HazardSettles<'p> {
    /// Finds out which hazards of `new` cover which ones of `old`.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn new(old: &'p Policy, new: &'p Policy, work: &Work) -> Result<Self, Halt> {
        let texts = |hazard: &Hazard| hazard.resources.len().saturating_add(hazard.attributes.len());
        let mut covering = Vec::with_capacity(old.hazards.len());
        for hazard in &old.hazards {
            for one in &new.hazards {
                work.spend(texts(hazard).saturating_mul(texts(one)))?;
            }
            covering.push(new.hazards.iter().filter(|one| one.covers(hazard)).collect());
        }
        Ok(Self { old, new, covering })
    }

    /// The time to settle in an environment of the old policy after a change that shows this hazard of it, in seconds.
    pub(super) fn in_old(&self, environment: usize, shown: Option<usize>) -> Seconds {
        let Some(environment) = self.old.environments.get(environment) else {
            return Seconds::ZERO;
        };
        let hazard = shown.and_then(|shown| self.old.hazards.get(shown));
        environment.settle.max(hazard.map_or(Seconds::ZERO, |hazard| self.old.settle_of(environment, hazard)))
    }

    /// The same in an environment of the new policy, at least: the change shows the hazards that cover it, and may show more.
    pub(super) fn in_new(&self, environment: usize, shown: Option<usize>) -> Seconds {
        let Some(environment) = self.new.environments.get(environment) else {
            return Seconds::ZERO;
        };
        let covering = shown.and_then(|shown| self.covering.get(shown)).into_iter().flatten();
        covering.map(|hazard| self.new.settle_of(environment, hazard)).fold(environment.settle, Seconds::max)
    }

    /// Returns whether a change must leave as much time to settle in an environment of the new policy as in one of the old, whatever it shows.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn are_kept(&self, old: usize, new: usize, work: &Work) -> Result<bool, Halt> {
        work.spend(self.effort([old, new]))?;
        Ok(self.shown().all(|shown| self.in_new(new, shown) >= self.in_old(old, shown)))
    }

    /// The hazards of the old policy after which a change of an environment must leave more time than others, one of those that are alike
    /// in all of `spots` of the new policy; and none, for a change without hazards.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn apart(
        &self,
        environment: usize,
        spots: &[PlaceInLists],
        work: &Work,
    ) -> Result<Vec<Option<usize>>, Halt> {
        let places: BTreeSet<usize> = spots.iter().map(|spot| spot.environment).collect();
        work.spend(spots.len().saturating_add(self.effort(places.iter().copied().chain([environment]))))?;
        let own = self.in_old(environment, None);
        let mut seen = BTreeSet::new();
        let is_apart = |shown: &Option<usize>| {
            let settle = self.in_old(environment, *shown);
            let is_longer = shown.is_none() || settle > own;
            is_longer && seen.insert((settle, places.iter().map(|new| self.in_new(*new, *shown)).collect::<Vec<_>>()))
        };
        Ok(self.shown().filter(is_apart).collect())
    }

    /// Returns what a change may show: nothing, or one hazard of the old policy.
    fn shown(&self) -> impl Iterator<Item = Option<usize>> + use<> {
        std::iter::once(None).chain((0..self.covering.len()).map(Some))
    }

    /// Returns how much work it is to look at all hazards in these environments.
    fn effort(&self, environments: impl IntoIterator<Item = usize>) -> usize {
        let exempt =
            |policy: &Policy, place: usize| policy.environments.get(place).map_or(0, |one| one.exempt_hazards.len());
        let covering = self.covering.iter().map(Vec::len).sum::<usize>().saturating_add(self.covering.len());
        let of_one = |place: usize| exempt(self.old, place).saturating_add(exempt(self.new, place)).saturating_add(1);
        environments.into_iter().map(|place| of_one(place).saturating_mul(covering)).sum()
    }
}
