//! How a window counts at the stages of a roll-out.

use crate::decision::finding::HeldBack;
use crate::decision::granted::Reprieve;
use crate::policy::{Level, Rollout, RolloutLevel, rollout};
use crate::time::instant::Instant;
use crate::time::intervals::Interval;

/// The way in which a window counts for a change that starts at some time.
#[derive(Debug)]
pub(in crate::decision) struct ClosureStage {
    pub(in crate::decision) starts: Interval,
    pub(in crate::decision) level: Level,
    /// The cause that lifts it at this level, for a time.
    pub(in crate::decision) reprieve: Option<Reprieve>,
}

/// The way in which a window counts for which starts of the change, in the order of time, without gaps.
#[derive(Debug)]
pub(in crate::decision) struct ClosureStages<'p> {
    all: Vec<ClosureStage>,
    /// The level that the policy gives the window.
    own: Level,
    /// By which stages it comes to its level, if not at once.
    rollout: Option<&'p Rollout>,
}

impl<'p> ClosureStages<'p> {
    /// The stages of a window of the level `own`; `reprieve` says what lifts it at a level.
    pub(super) fn new(rollout: Option<&'p Rollout>, own: Level, reprieve: impl Fn(Level) -> Option<Reprieve>) -> Self {
        let stage = |RolloutLevel { starts, level }| ClosureStage { starts, level, reprieve: reprieve(level) };
        Self { all: rollout::levels(rollout, own).into_iter().map(stage).collect(), own, rollout }
    }

    /// The roll-out, if there is one.
    pub(in crate::decision) const fn rollout(&self) -> Option<&'p Rollout> {
        self.rollout
    }

    /// Those at which it refuses, if nobody lifts it.
    pub(in crate::decision) fn refusing(&self) -> impl Iterator<Item = &ClosureStage> {
        self.all.iter().filter(|stage| stage.level.refuses())
    }

    /// Returns whether a change may meet it at some stage and is not refused.
    pub(super) fn may_let_pass(&self) -> bool {
        self.all.iter().any(|stage| !stage.level.refuses() || stage.reprieve.is_some())
    }

    fn at(&self, at: Instant) -> Option<&ClosureStage> {
        self.all.iter().find(|stage| stage.starts.contains(at))
    }

    /// Its level for a change that starts at `at`.
    pub(in crate::decision) fn level_at(&self, at: Instant) -> Level {
        self.at(at).map_or(self.own, |stage| stage.level)
    }

    /// Returns what lifts it at `at`, if anything does.
    pub(super) fn reprieve_at(&self, at: Instant) -> Option<&Reprieve> {
        self.at(at)?.reprieve.as_ref().filter(|lifted| at < lifted.until)
    }

    /// The level that it is held back from at `at`, and the stage that follows.
    pub(in crate::decision) fn held_back_at(&self, at: Instant) -> Option<HeldBack> {
        let next = self.all.iter().find(|stage| stage.starts.from > at)?;
        (self.level_at(at) < self.own).then_some(HeldBack {
            own: self.own,
            next: next.level,
            from: next.starts.from,
            place: self.rollout?.place,
        })
    }
}
