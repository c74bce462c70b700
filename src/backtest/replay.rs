//! Judges changes of the past by a policy.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::backtest::lane::{LaidOutLane, LaneKey, PastLane};
use crate::backtest::{PastChange, PastRefusal, PastVerdict, PastWindow, Profile};
use crate::decision::HORIZON;
use crate::decision::schedule::around;
use crate::decision::standing::standing;
use crate::policy::{FindingId, KindSet, Policy, duration};
use crate::reach::{Declared, Reach, declared as declared_reach};
use crate::time::instant::Instant;
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// The time that the spans are for which windows are laid out at once, in seconds.
const BLOCK: Seconds = Seconds::days(365);

/// The number of instants that are kept of what is laid out before all of it is laid out anew: some 200 MB.
const MOST_KEPT: usize = 12_000_000;

/// The most different combinations of what changes reach. Each takes memory for as long as changes are judged.
pub const MOST_PROFILES: usize = 100_000;

/// A policy, ready to judge changes of the past from several threads at once.
#[derive(Debug)]
pub struct Replay<'p> {
    policy: &'p Policy,
    known: Mutex<NumberedItems>,
    lanes: RwLock<Vec<Arc<PastLane>>>,
    laid_out: RwLock<LaidOutLanes>,
}

/// Numbered items.
#[derive(Debug, Default)]
struct NumberedItems {
    profiles: HashMap<ProfileKey, Arc<Profile>>,
    lanes: HashMap<LaneKey, usize>,
    windows: Vec<PastWindow>,
    window_numbers: HashMap<FindingId, Vec<usize>>,
}

/// The lanes, what refuses at any hour, and the kinds.
type ProfileKey = (Vec<usize>, Vec<usize>, KindSet);

/// By lane and span, when it is closed.
#[derive(Debug, Default)]
struct LaidOutLanes {
    blocks: HashMap<(usize, i64), Arc<LaidOutLane>>,
    size: usize,
}

impl NumberedItems {
    fn window(&mut self, window: PastWindow) -> usize {
        let alike = self.window_numbers.entry(window.id.clone()).or_default();
        let is_same = |number: &&usize| {
            self.windows.get(**number).is_some_and(|one| one.code == window.code && one.place == window.place)
        };
        if let Some(number) = alike.iter().find(is_same) {
            return *number;
        }
        let number = self.windows.len();
        alike.push(number);
        self.windows.push(window);
        number
    }
}

impl<'p> Replay<'p> {
    /// Begins to judge by `policy`.
    #[must_use]
    pub fn new(policy: &'p Policy) -> Self {
        Self { policy, known: Mutex::default(), lanes: RwLock::default(), laid_out: RwLock::default() }
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &'p Policy {
        self.policy
    }

    /// Returns what refused something, by its number.
    #[must_use]
    pub fn windows(&self) -> Vec<PastWindow> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).windows.clone()
    }

    /// The profile of changes of which nothing is known but what is said of them. One that is said to be a rollback counts as a verified
    /// one: history holds no proof of it.
    ///
    /// ```
    /// # use freezegate::policy::load::{PolicyFiles, ReadFault, load};
    /// # struct OneFile;
    /// # impl PolicyFiles for OneFile {
    /// #     fn read(&self, _: &str) -> Result<Vec<u8>, ReadFault> {
    /// #         Ok(b"version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n[environments.production]\n".to_vec())
    /// #     }
    /// # }
    /// # let policy = load(&OneFile, &["freezegate.toml".to_owned()], &[]).unwrap();
    /// use freezegate::backtest::replay::Replay;
    /// use freezegate::backtest::{PastChange, PastVerdict};
    /// use freezegate::reach::{Declared, DeclaredNames};
    /// use freezegate::time::seconds::Seconds;
    ///
    /// let names = DeclaredNames { environments: vec!["production".to_owned()], ..DeclaredNames::default() };
    /// let replay = Replay::new(&policy);
    /// let profile = replay.said(&Declared::resolve(&names, &policy).unwrap()).unwrap();
    ///
    /// // Tuesday 1 July 2025, 12:49 in Berlin
    /// let at = "2025-07-01T10:49:00Z".parse::<jiff::Timestamp>()?.into();
    /// let change = PastChange { at, duration: None, profile, name: None };
    /// let PastVerdict::Refused(refusal) = replay.judge(&change)? else { panic!() };
    /// assert_eq!(refusal.next_open, Some(at + Seconds::hours(5) + Seconds::minutes(11)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooManyProfiles`].
    pub fn said(&self, said: &Declared) -> Result<Arc<Profile>, TooManyProfiles> {
        let mut reach = declared_reach(self.policy, said);
        if said.rollback {
            for reached in &mut reach.reached {
                reached.kinds = reached.kinds.union(KindSet::ROLLBACK);
            }
        }
        self.profile(said, reach)
    }

    /// The profile of changes that reach `reach` and of which `said` is said.
    ///
    /// # Errors
    ///
    /// [`TooManyProfiles`].
    pub fn profile(&self, said: &Declared, reach: Reach) -> Result<Arc<Profile>, TooManyProfiles> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kinds = said.kinds;
        let mut standing_windows: Vec<usize> = standing(&reach)
            .into_iter()
            .filter(|one| one.level.refuses())
            .map(|one| {
                known.window(PastWindow {
                    code: one.code,
                    id: one.id(),
                    level: one.level,
                    place: None,
                    text: String::new(),
                    reason: None,
                })
            })
            .collect();
        standing_windows.sort_unstable();
        standing_windows.dedup();
        let mut lanes = Vec::new();
        for reached in reach.reached {
            kinds = kinds.union(reached.kinds);
            let key = PastLane::key(&reached, said);
            let number = match known.lanes.get(&key) {
                Some(number) => *number,
                None => {
                    let mut all = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
                    all.push(Arc::new(PastLane::new(reached, said)));
                    let number = all.len() - 1;
                    known.lanes.insert(key, number);
                    number
                }
            };
            lanes.push(number);
        }
        lanes.sort_unstable();
        lanes.dedup();
        let key = (lanes, standing_windows, kinds);
        if let Some(profile) = known.profiles.get(&key) {
            return Ok(Arc::clone(profile));
        }
        if known.profiles.len() >= MOST_PROFILES {
            return Err(TooManyProfiles);
        }
        let (lanes, standing, kinds) = key.clone();
        let places = self.places(&lanes);
        let profile = Arc::new(Profile { lanes, places, standing, kinds });
        known.profiles.insert(key, Arc::clone(&profile));
        Ok(profile)
    }

    /// The numbers in the policy of the environments and regions of lanes.
    fn places(&self, lanes: &[usize]) -> Vec<(usize, Option<usize>)> {
        let all = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let environment = |lane: &PastLane| {
            let found = self.policy.environments.iter().position(|one| Arc::ptr_eq(one, &lane.environment));
            found.unwrap_or(usize::MAX)
        };
        let region = |lane: &PastLane| {
            let region = lane.region()?;
            self.policy.regions.iter().position(|one| Arc::ptr_eq(one, region))
        };
        let lanes = lanes.iter().filter_map(|lane| all.get(*lane));
        lanes.map(|lane| (environment(lane), region(lane))).collect()
    }

    /// Returns what would have become of a change.
    ///
    /// # Errors
    ///
    /// [`TimeError`] when its instant comes too near to the first or last date there is.
    pub fn judge(&self, change: &PastChange) -> Result<PastVerdict, TimeError> {
        let profile = &change.profile;
        around(change.at, HORIZON)?;
        if profile.lanes.is_empty() && profile.standing.is_empty() {
            return Ok(PastVerdict::ReachesNothing);
        }
        let mut lanes = Vec::with_capacity(profile.lanes.len());
        for number in &profile.lanes {
            lanes.push(self.lane(*number, change)?);
        }
        let is_closed = |(lane, runway): &(Arc<LaidOutLane>, Seconds)| lane.refused_until(change.at, *runway).is_some();
        let closed: Vec<bool> = lanes.iter().map(is_closed).collect();
        let stands = !profile.standing.is_empty();
        if !stands && !closed.contains(&true) {
            return Ok(PastVerdict::Allowed);
        }
        let mut windows = profile.standing.clone();
        for (lane, runway) in &lanes {
            lane.add_met(change.at, *runway, &mut windows);
        }
        windows.sort_unstable();
        windows.dedup();
        let next_open = if stands { None } else { next_open(&lanes, change.at) };
        Ok(PastVerdict::Refused(PastRefusal { windows, closed, next_open }))
    }

    /// A lane around a change, and how long it must stay open for it.
    fn lane(&self, number: usize, change: &PastChange) -> Result<(Arc<LaidOutLane>, Seconds), TimeError> {
        let block = change.at.as_second().div_euclid(BLOCK.get());
        let lane = {
            let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
            lanes.get(number).map(Arc::clone).ok_or(TimeError::OutOfRange)?
        };
        let runway = lane.runway(change.duration);
        let kept = self.laid_out.read().unwrap_or_else(PoisonError::into_inner).blocks.get(&(number, block)).cloned();
        if let Some(laid_out) = kept {
            return Ok((laid_out, runway));
        }
        let from = Instant::from_second(block.saturating_mul(BLOCK.get()));
        // as far as the latest change of the span looks ahead, if it takes as long as any may
        let longest = lane.runway(Some(duration::LONGEST));
        let ahead = BLOCK.saturating_add(HORIZON).saturating_add(longest);
        let range = Interval { from, until: around(from, ahead)?.until };
        let mut number_window = |window| self.known.lock().unwrap_or_else(PoisonError::into_inner).window(window);
        let laid_out = Arc::new(lane.lay_out(self.policy, range, &mut number_window)?);
        let mut all = self.laid_out.write().unwrap_or_else(PoisonError::into_inner);
        if all.size > MOST_KEPT {
            *all = LaidOutLanes::default();
        }
        all.size = all.size.saturating_add(laid_out.size());
        all.blocks.insert((number, block), Arc::clone(&laid_out));
        Ok((laid_out, runway))
    }
}

/// The first instant from `at` on at which all lanes are open for as long as each needs; `None` if there is none within [`HORIZON`].
fn next_open(lanes: &[(Arc<LaidOutLane>, Seconds)], at: Instant) -> Option<Instant> {
    let end = at.saturating_add(HORIZON);
    let mut open = at;
    loop {
        let refused = lanes.iter().filter_map(|(lane, runway)| lane.refused_until(open, *runway)).max();
        match refused {
            None => return (open < end).then_some(open),
            Some(until) if until >= end => return None,
            Some(until) => open = until,
        }
    }
}

/// There are more than [`MOST_PROFILES`] different combinations of what changes reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyProfiles;
