//! Counts what would have become of changes, and what that would have cost.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::backtest::{PastChange, PastRefusal, PastVerdict};
use crate::policy::{Kind, Policy};
use crate::time::instant::{Instant, UtcDay};
use crate::time::seconds::Seconds;

/// The most changes with the longest waits that are kept.
pub const MOST_LISTED: usize = 100;

/// Changes that have something in common, and what would have become of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Toll {
    /// Their number. Of a window: those that it refuses.
    pub changes: u64,
    /// The number of changes that would have been refused.
    pub refused: u64,
    /// The number of those that would not have been allowed within 400 days, or never.
    pub never: u64,
    /// The time that the others would have waited, all together, in seconds.
    pub waited: Seconds,
    /// The longest wait of one of them, in seconds.
    pub longest: Seconds,
}

impl Toll {
    /// Counts a change that would have been allowed, or waited (`Some`): for so many seconds, or for good.
    fn add(&mut self, wait: Option<Option<Seconds>>) {
        self.changes = self.changes.saturating_add(1);
        match wait {
            None => {}
            Some(wait) => {
                self.refused = self.refused.saturating_add(1);
                match wait {
                    None => self.never = self.never.saturating_add(1),
                    Some(seconds) => {
                        self.waited = self.waited.saturating_add(seconds);
                        self.longest = self.longest.max(seconds);
                    }
                }
            }
        }
    }

    fn join(&mut self, other: &Self) {
        self.changes = self.changes.saturating_add(other.changes);
        self.refused = self.refused.saturating_add(other.refused);
        self.never = self.never.saturating_add(other.never);
        self.waited = self.waited.saturating_add(other.waited);
        self.longest = self.longest.max(other.longest);
    }
}

/// Changes that would have been allowed at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thaw {
    /// The instant, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// The number of changes would that have waited for it.
    pub changes: u64,
}

/// A change that would have been refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldChange {
    /// The time that it would have waited, in seconds; `Seconds::MAX` if it would not have been allowed within 400 days, or never.
    pub wait: Seconds,
    /// The time when it went, in seconds since 1970-01-01T00:00:00Z, the earliest first.
    pub at: Reverse<Instant>,
    /// Its name in its history.
    pub name: Option<String>,
    /// The windows that would have refused it, by number.
    pub windows: Vec<usize>,
}

/// The hypothetical outcome of changes.
#[derive(Debug, Clone, Default)]
pub struct BacktestTally {
    /// All changes.
    pub all: Toll,
    /// The number of them that reach no environment.
    pub reach_nothing: u64,
    /// By window, by its number. A change that several windows refuse counts for each.
    pub windows: Vec<Toll>,
    /// By environment, by its number in the policy.
    pub environments: Vec<Toll>,
    /// By region, by its number in the policy. Refused counts what a window closes there.
    pub regions: Vec<Toll>,
    /// By kind, in the order of [`Kind::ALL`].
    pub kinds: Vec<Toll>,
    /// Those of no known kind.
    pub no_kind: Toll,
    /// By day in UTC.
    pub days: BTreeMap<UtcDay, Toll>,
    /// The times when changes went that would have waited for an opening, in seconds since 1970-01-01T00:00:00Z.
    arrivals: Vec<Instant>,
    /// The number of changes that would have waited for an instant.
    thaws: BTreeMap<Instant, u64>,
    /// Those that would have waited longest; the shortest wait on top.
    longest: BinaryHeap<Reverse<HeldChange>>,
    /// The earliest and the latest change.
    pub ends: Option<(Instant, Instant)>,
}

/// The toll of a number in a list that grows to hold it.
fn of(list: &mut Vec<Toll>, number: usize) -> Option<&mut Toll> {
    if list.len() <= number {
        list.resize(number.saturating_add(1), Toll::default());
    }
    list.get_mut(number)
}

fn join_lists(list: &mut Vec<Toll>, other: &[Toll]) {
    for (number, toll) in other.iter().enumerate() {
        if let Some(one) = of(list, number) {
            one.join(toll);
        }
    }
}

impl BacktestTally {
    /// An empty one by `policy`.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self {
            environments: vec![Toll::default(); policy.environments.len()],
            regions: vec![Toll::default(); policy.regions.len()],
            kinds: vec![Toll::default(); Kind::ALL.len()],
            ..Self::default()
        }
    }

    /// Counts a change and what would have become of it.
    pub fn add(&mut self, change: &PastChange, verdict: &PastVerdict) {
        let (first, last) = self.ends.unwrap_or((change.at, change.at));
        self.ends = Some((first.min(change.at), last.max(change.at)));
        let refusal = match verdict {
            PastVerdict::ReachesNothing => {
                self.reach_nothing = self.reach_nothing.saturating_add(1);
                self.all.add(None);
                return;
            }
            PastVerdict::Allowed => None,
            PastVerdict::Refused(refusal) => Some(refusal),
        };
        let wait = refusal.map(|refusal| refusal.next_open.map(|open| open.since(change.at)));
        self.all.add(wait);
        self.days.entry(change.at.day()).or_default().add(wait);
        self.add_places(change, refusal, wait);
        let kinds = change.profile.kinds;
        let own = Kind::ALL.iter().zip(&mut self.kinds).filter(|(kind, _)| kinds.contains(**kind));
        for (_, toll) in own {
            toll.add(wait);
        }
        if kinds.is_empty() {
            self.no_kind.add(wait);
        }
        let Some((refusal, wait)) = refusal.zip(wait) else {
            return;
        };
        for number in &refusal.windows {
            if let Some(toll) = of(&mut self.windows, *number) {
                toll.add(Some(wait));
            }
        }
        if let Some(open) = refusal.next_open {
            self.arrivals.push(change.at);
            let waiting = self.thaws.entry(open).or_default();
            *waiting = waiting.saturating_add(1);
        }
        self.list(change, refusal, wait.unwrap_or(Seconds::MAX));
    }

    /// Counts a change for its environments and regions, each once.
    fn add_places(&mut self, change: &PastChange, refusal: Option<&PastRefusal>, wait: Option<Option<Seconds>>) {
        let places = &change.profile.places;
        let stands = !change.profile.standing.is_empty();
        let is_closed =
            |place: usize| refusal.is_some_and(|refusal| stands || refusal.closed.get(place).copied().unwrap_or(false));
        for (place, (environment, region)) in places.iter().enumerate() {
            // each environment and each region counts where it comes first
            let here = |other: usize| places.get(other);
            if (0..place).all(|other| here(other).is_none_or(|(one, _)| one != environment)) {
                let any = (place..places.len())
                    .any(|other| here(other).is_some_and(|(one, _)| one == environment) && is_closed(other));
                if let Some(toll) = of(&mut self.environments, *environment) {
                    toll.add(wait.filter(|_| any));
                }
            }
            let Some(region) = region else {
                continue;
            };
            if (0..place).all(|other| here(other).is_none_or(|(_, one)| *one != Some(*region))) {
                let any = (place..places.len())
                    .any(|other| here(other).is_some_and(|(_, one)| *one == Some(*region)) && is_closed(other));
                if let Some(toll) = of(&mut self.regions, *region) {
                    toll.add(wait.filter(|_| any));
                }
            }
        }
    }

    /// Keeps a refused change, if it is one of those that would have waited longest.
    fn list(&mut self, change: &PastChange, refusal: &PastRefusal, wait: Seconds) {
        let shortest = self.longest.peek().map(|Reverse(held)| (held.wait, held.at));
        let is_full = self.longest.len() >= MOST_LISTED;
        if is_full && shortest.is_some_and(|shortest| (wait, Reverse(change.at)) <= shortest) {
            return;
        }
        if is_full {
            self.longest.pop();
        }
        let (name, windows) = (change.name.clone(), refusal.windows.clone());
        self.longest.push(Reverse(HeldChange { wait, at: Reverse(change.at), name, windows }));
    }

    /// Adds what another one counted.
    pub fn join(&mut self, other: Self) {
        self.all.join(&other.all);
        self.reach_nothing = self.reach_nothing.saturating_add(other.reach_nothing);
        join_lists(&mut self.windows, &other.windows);
        join_lists(&mut self.environments, &other.environments);
        join_lists(&mut self.regions, &other.regions);
        join_lists(&mut self.kinds, &other.kinds);
        self.no_kind.join(&other.no_kind);
        for (day, toll) in &other.days {
            self.days.entry(*day).or_default().join(toll);
        }
        self.arrivals.extend(other.arrivals);
        for (at, waiting) in other.thaws {
            let all = self.thaws.entry(at).or_default();
            *all = all.saturating_add(waiting);
        }
        self.longest.extend(other.longest);
        while self.longest.len() > MOST_LISTED {
            self.longest.pop();
        }
        self.ends = match (self.ends, other.ends) {
            (Some((first, last)), Some((other_first, other_last))) => {
                Some((first.min(other_first), last.max(other_last)))
            }
            (one, None) => one,
            (None, one) => one,
        };
    }

    /// The most changes that would have waited at the same time, and the instant at which the first of them would have been allowed;
    /// `None` if none would have waited.
    #[must_use]
    pub fn most_at_once(&self) -> Option<Thaw> {
        let mut arrivals = self.arrivals.clone();
        arrivals.sort_unstable();
        let mut gone: u64 = 0;
        let mut most: Option<Thaw> = None;
        // they only become fewer at a thaw, so that they are the most just before one
        for (at, waiting) in &self.thaws {
            let arrived = u64::try_from(arrivals.partition_point(|arrival| arrival < at)).unwrap_or(u64::MAX);
            let changes = arrived.saturating_sub(gone);
            if most.is_none_or(|most| changes > most.changes) {
                most = Some(Thaw { at: *at, changes });
            }
            gone = gone.saturating_add(*waiting);
        }
        most
    }

    /// The instants for which changes would have waited, in order.
    pub fn thaws(&self) -> impl ExactSizeIterator<Item = Thaw> {
        self.thaws.iter().map(|(at, changes)| Thaw { at: *at, changes: *changes })
    }

    /// The largest batch of changes that would have waited for the same instant, the earliest of several.
    #[must_use]
    pub fn largest_batch(&self) -> Option<Thaw> {
        self.thaws().max_by_key(|thaw| (thaw.changes, Reverse(thaw.at)))
    }

    /// The changes that would have waited longest, the longest first.
    #[must_use]
    pub fn longest_waits(&self) -> Vec<&HeldChange> {
        let mut all: Vec<&HeldChange> = self.longest.iter().map(|Reverse(held)| held).collect();
        all.sort_unstable_by(|one, other| other.cmp(one));
        all
    }
}
