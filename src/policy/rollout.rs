//! Roll-out by stages: from which instants on the windows of an environment count at which level.

use crate::diagnostic::Place;
use crate::policy::Level;
use crate::time::instant::Instant;
use crate::time::intervals::Interval;

/// A stage of a roll-out.
#[derive(Debug, Clone, Copy)]
pub struct RolloutStage {
    /// The first instant of the stage, in seconds since 1970-01-01T00:00:00Z.
    pub from: Instant,
    /// The strictest level that a window has in it.
    pub level: Level,
    /// The place where the stage is written.
    pub place: Place,
}

/// The stages in which an environment comes to the levels that the policy gives its windows.
///
/// Each stage is later and stricter than the one before, and the last is `hard`: from then on every window has its own level.
/// Before the first stage no window is stricter than `warn`.
#[derive(Debug, Clone)]
pub struct Rollout {
    stages: Vec<RolloutStage>,
    /// The place where the list is written.
    pub place: Place,
}

/// For which starts of a change a window has which level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RolloutLevel {
    /// The instants at which the change starts.
    pub starts: Interval,
    /// The level of the window for such a change.
    pub level: Level,
}

impl Rollout {
    /// The roll-out of these stages, which the caller has checked: each is later and stricter than the one before, the last hard.
    pub(super) const fn new(stages: Vec<RolloutStage>, place: Place) -> Self {
        Self { stages, place }
    }

    /// The stages, in order.
    #[must_use]
    pub fn stages(&self) -> &[RolloutStage] {
        &self.stages
    }

    /// The strictest level that a window has for a change that starts at `at`, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn strictest_at(&self, at: Instant) -> Level {
        let begun = self.stages.iter().rev().find(|stage| stage.from <= at);
        begun.map_or(Level::Warn, |stage| stage.level)
    }

    /// The next stage after `at`, in seconds since 1970-01-01T00:00:00Z; `None` once the last has begun.
    #[must_use]
    pub fn next_after(&self, at: Instant) -> Option<&RolloutStage> {
        self.stages.iter().find(|stage| stage.from > at)
    }

    /// The stage after which each window has its own level.
    #[must_use]
    pub fn last(&self) -> Option<&RolloutStage> {
        self.stages.last()
    }

    /// The levels of a window to which the policy gives the level `own`, in the order of time, without gaps.
    #[must_use]
    pub fn levels(&self, own: Level) -> Vec<RolloutLevel> {
        let mut levels = vec![RolloutLevel { starts: Interval::FOREVER, level: own.min(Level::Warn) }];
        for stage in &self.stages {
            let level = own.min(stage.level);
            if let Some(last) = levels.last_mut().filter(|last| last.level != level) {
                last.starts.until = stage.from;
                levels.push(RolloutLevel { starts: Interval { from: stage.from, ..Interval::FOREVER }, level });
            }
        }
        levels
    }
}

/// The levels of a window for an environment with this roll-out, if it has one.
pub(crate) fn levels(rollout: Option<&Rollout>, own: Level) -> Vec<RolloutLevel> {
    rollout.map_or_else(|| vec![RolloutLevel { starts: Interval::FOREVER, level: own }], |rollout| rollout.levels(own))
}

#[cfg(test)]
mod tests {
    use super::{Rollout, RolloutStage};
    use crate::diagnostic::{Place, SourceFile, Sources};
    use crate::policy::Level;
    use crate::time::instant::Instant;

    #[test]
    fn a_window_is_as_strict_as_its_stage_and_never_stricter_than_itself() {
        let file = Sources::default().add(SourceFile::new(String::new(), String::new()));
        let place = Place::new(file, &(0..0));
        let stage = |from, level| RolloutStage { from: Instant::from_second(from), level, place };
        let rollout = Rollout::new(vec![stage(10, Level::Soft), stage(20, Level::Hard)], place);
        for own in Level::ALL {
            let levels = rollout.levels(own);
            for at in [i64::MIN, 9, 10, 19, 20, i64::MAX - 1] {
                let stage = if at < 10 {
                    Level::Warn
                } else if at < 20 {
                    Level::Soft
                } else {
                    Level::Hard
                };
                assert_eq!(rollout.strictest_at(Instant::from_second(at)), stage, "{at}");
                let here: Vec<Level> = levels
                    .iter()
                    .filter(|one| one.starts.contains(Instant::from_second(at)))
                    .map(|one| one.level)
                    .collect();
                assert_eq!(here, [own.min(stage)], "{own:?} at {at}");
            }
        }
        assert_eq!(rollout.levels(Level::Warn).len(), 1);
        assert_eq!(rollout.levels(Level::Soft).len(), 2);
    }
}
