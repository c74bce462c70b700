//! One environment in one region for changes of the same kinds: when it is closed, and by what.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::backtest::PastWindow;
use crate::decision::Schedule;
use crate::decision::schedule::DecisionQuestion;
use crate::policy::{Environment, KindSet, Policy, Region};
use crate::reach::{Because, Declared, Reach, Reached};
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// The key of a lane: how it is reached and which windows are exempt depend on nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct LaneKey {
    environment: usize,
    region: Option<usize>,
    service: Option<usize>,
    kinds: KindSet,
    is_declared: bool,
    declared_kinds: KindSet,
    is_said_rollback: bool,
}

/// One environment in one region, as changes of the same kinds reach it.
#[derive(Debug)]
pub(super) struct PastLane {
    reach: Reach,
    declared: Declared,
    pub(super) environment: Arc<Environment>,
}

impl PastLane {
    /// Returns what distinguishes how `reached` is reached by a change of which `declared` is said.
    pub(super) fn key(reached: &Reached, declared: &Declared) -> LaneKey {
        LaneKey {
            environment: Arc::as_ptr(&reached.environment).addr(),
            region: reached.region.as_ref().map(|region| Arc::as_ptr(region).addr()),
            service: reached.service.as_ref().map(|service| Arc::as_ptr(service).addr()),
            kinds: reached.kinds,
            is_declared: reached.because == Because::Declared,
            declared_kinds: declared.kinds,
            is_said_rollback: declared.rollback,
        }
    }

    pub(super) fn new(reached: Reached, declared: &Declared) -> Self {
        let environment = Arc::clone(&reached.environment);
        let declared = Declared { kinds: declared.kinds, rollback: declared.rollback, ..Declared::default() };
        Self { reach: Reach { reached: vec![reached], ..Reach::default() }, declared, environment }
    }

    /// The region; `None` where the policy has none.
    pub(super) fn region(&self) -> Option<&Arc<Region>> {
        self.reach.reached.first()?.region.as_ref()
    }

    /// Returns how long must stay open from the start of a change on, in seconds.
    pub(super) fn runway(&self, duration: Option<Seconds>) -> Seconds {
        let duration = duration.unwrap_or(Seconds::ZERO).max(self.environment.duration);
        duration.saturating_add(self.environment.settle)
    }

    /// Lays out every window that refuses within `range`; `number` numbers windows.
    pub(super) fn lay_out(
        &self,
        policy: &Policy,
        range: Interval,
        number: &mut dyn FnMut(PastWindow) -> usize,
    ) -> Result<LaidOutLane, TimeError> {
        let question =
            DecisionQuestion { policy, reach: &self.reach, declared: &self.declared, duration: None, granted: &[] };
        let schedule = Schedule::compile(&question, &[], range)?;
        let mut events: Vec<(Instant, bool, usize)> = Vec::new();
        let mut pieces = Vec::new();
        for window in schedule.windows().filter(|window| window.refuses) {
            let window_number = number(PastWindow {
                code: window.code,
                id: window.id.clone(),
                level: window.level,
                place: Some(window.place),
                text: window.text.to_owned(),
                reason: window.reason.map(str::to_owned),
            });
            for closed in window.closed.as_slice() {
                events.extend([(closed.from, true, window_number), (closed.until, false, window_number)]);
                pieces.push(*closed);
            }
        }
        events.sort_unstable();
        Ok(LaidOutLane::new(Intervals::union(pieces), &events))
    }
}

/// The times when a lane is closed within a span, and by which windows.
#[derive(Debug)]
pub(super) struct LaidOutLane {
    closed: Intervals,
    /// From which instant on which of `sets` is met.
    cuts: Vec<(Instant, usize)>,
    /// The numbers of the windows, sorted.
    sets: Vec<Vec<usize>>,
}

impl LaidOutLane {
    fn new(closed: Intervals, events: &[(Instant, bool, usize)]) -> Self {
        let mut lane = Self { closed, cuts: Vec::new(), sets: Vec::new() };
        let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
        let mut met = BTreeSet::new();
        for at_once in events.chunk_by(|one, other| one.0 == other.0) {
            for (_, begins, window) in at_once {
                if *begins {
                    met.insert(*window);
                } else {
                    met.remove(window);
                }
            }
            let set: Vec<usize> = met.iter().copied().collect();
            let place = *known.entry(set).or_insert_with_key(|set| {
                lane.sets.push(set.clone());
                lane.sets.len() - 1
            });
            lane.cuts.extend(at_once.first().map(|(instant, _, _)| (*instant, place)));
        }
        lane
    }

    /// Returns how much memory it takes, about, in instants.
    pub(super) fn size(&self) -> usize {
        self.cuts.len().saturating_add(self.sets.iter().map(Vec::len).sum())
    }

    /// Until when a change can't start that would start at `at` and needs `runway` seconds; `None` if it can.
    pub(super) fn refused_until(&self, at: Instant, runway: Seconds) -> Option<Instant> {
        let runs_into = || self.closed.next_after(at).filter(|next| next.from < at.saturating_add(runway));
        self.closed.containing(at).or_else(runs_into).map(|closed| closed.until)
    }

    /// Adds the numbers of the windows that are met at `at`, or within `runway` seconds after it, to `found`.
    pub(super) fn add_met(&self, at: Instant, runway: Seconds, found: &mut Vec<usize>) {
        let end = at.saturating_add(runway.max(Seconds::new(1)));
        let first = self.cuts.partition_point(|(instant, _)| *instant <= at).saturating_sub(1);
        // where nothing is met at the instant, the first cut lies behind it
        let met = self.cuts.iter().skip(first).take_while(|(instant, _)| *instant < end);
        for (_, set) in met {
            found.extend(self.sets.get(*set).into_iter().flatten());
        }
    }
}
