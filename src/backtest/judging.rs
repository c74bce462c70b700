//! Judges a history as it comes: a batch at a time, on several threads.

use std::thread;

use crate::backtest::PastChange;
use crate::backtest::replay::Replay;
use crate::backtest::tally::BacktestTally;
use crate::decision::HORIZON;
use crate::decision::schedule::around;
use crate::time::instant::Instant;

/// The number of changes that are judged at a time.
const BATCH: usize = 1 << 16;

/// The most changes that can't be judged and are kept with their reasons. All are counted.
pub const MOST_UNJUDGED: usize = 100;

/// A change that can't be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnjudgedChange {
    /// The place where it stands in its history, such as `line 3`.
    pub place: String,
    /// The reason, for people.
    pub cause: String,
}

/// The outcome of a history.
#[derive(Debug, Default)]
pub struct JudgedHistory {
    /// The hypothetical outcome of its changes.
    pub tally: BacktestTally,
    /// The number of changes that can't be judged.
    pub unjudged: u64,
    /// The first of them.
    pub first_unjudged: Vec<UnjudgedChange>,
    /// The number of changes that lie outside of the time that was asked for.
    pub left_out: u64,
}

/// Judges changes one after the other.
#[derive(Debug)]
pub struct BacktestJudge<'r, 'p> {
    replay: &'r Replay<'p>,
    threads: usize,
    since: Option<Instant>,
    until: Option<Instant>,
    waiting: Vec<PastChange>,
    judged: JudgedHistory,
}

impl<'r, 'p> BacktestJudge<'r, 'p> {
    /// Begins to judge changes from `since` on and before `until`, in seconds since 1970-01-01T00:00:00Z, on so many threads.
    #[must_use]
    pub fn new(replay: &'r Replay<'p>, threads: usize, (since, until): (Option<Instant>, Option<Instant>)) -> Self {
        let judged = JudgedHistory { tally: BacktestTally::new(replay.policy()), ..JudgedHistory::default() };
        Self { replay, threads: threads.max(1), since, until, waiting: Vec::new(), judged }
    }

    /// Returns whether `at` lies in the time that was asked for.
    #[must_use]
    pub fn is_in_time(&self, at: Instant) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }

    /// Leaves a change out that is not in the time that was asked for.
    pub const fn leave_out(&mut self) {
        self.judged.left_out = self.judged.left_out.saturating_add(1);
    }

    /// Judges a change, now or with those that come after it; `place` is where it stands in its history.
    pub fn add(&mut self, change: PastChange, place: impl FnOnce() -> String) {
        if !self.is_in_time(change.at) {
            self.leave_out();
            return;
        }
        // with room for what is laid out around it
        if around(change.at, HORIZON.saturating_mul(4)).is_err() {
            self.unjudged(place(), "its time is too near to the first or last date there is".to_owned());
            return;
        }
        self.waiting.push(change);
        if self.waiting.len() >= BATCH {
            self.judge();
        }
    }

    /// Counts a change that can't be judged.
    pub fn unjudged(&mut self, place: String, cause: String) {
        self.judged.unjudged = self.judged.unjudged.saturating_add(1);
        if self.judged.first_unjudged.len() < MOST_UNJUDGED {
            self.judged.first_unjudged.push(UnjudgedChange { place, cause });
        }
    }

    /// Returns how many changes were judged.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.judged.tally.all.changes
    }

    /// Judges what waits.
    fn judge(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let replay = self.replay;
        let share = waiting.len().div_ceil(self.threads).max(1);
        let judge_some = move |some: &[PastChange]| {
            let mut tally = BacktestTally::new(replay.policy());
            let mut lost: Vec<UnjudgedChange> = Vec::new();
            for change in some {
                match replay.judge(change) {
                    Ok(verdict) => tally.add(change, &verdict),
                    Err(error) => lost.push(UnjudgedChange {
                        place: change.name.clone().unwrap_or_else(|| format!("second {}", change.at.as_second())),
                        cause: error.to_string(),
                    }),
                }
            }
            (tally, lost)
        };
        let all: Vec<Option<(BacktestTally, Vec<UnjudgedChange>)>> = thread::scope(|scope| {
            let workers: Vec<_> = waiting.chunks(share).map(|some| scope.spawn(move || judge_some(some))).collect();
            workers.into_iter().map(|worker| worker.join().ok()).collect()
        });
        for (part, some) in all.into_iter().zip(waiting.chunks(share)) {
            match part {
                Some((tally, lost)) => {
                    self.judged.tally.join(tally);
                    for one in lost {
                        self.unjudged(one.place, one.cause);
                    }
                }
                None => {
                    for change in some {
                        let place = change.name.clone().unwrap_or_else(|| format!("second {}", change.at.as_second()));
                        self.unjudged(place, "the thread that judged it ended early".to_owned());
                    }
                }
            }
        }
    }

    /// Judges the rest. What became of all of it.
    #[must_use]
    pub fn finish(mut self) -> JudgedHistory {
        self.judge();
        self.judged
    }
}
