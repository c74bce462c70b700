//! When `wait` asks again, and when it gives up. The caller asks, sleeps and prints.

use crate::decision::Verdict;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The longest sleep of `wait` before it asks again, in seconds: meanwhile somebody may have added or removed a freeze.
const ASKED_AGAIN: Seconds = Seconds::minutes(15);

/// The time between two lines if nobody sees a countdown, in seconds.
const LINE_DUE: Seconds = Seconds::hours(1);

/// The gate's answer about a change, as far as waiting depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ahead {
    pub(super) verdict: Verdict,
    /// The first instant at which it would be allowed, in seconds since the Unix epoch.
    pub(super) next_open: Option<Instant>,
    /// The next instant at which the verdict would differ, in seconds since the Unix epoch.
    pub(super) valid_until: Option<Instant>,
}

/// The next step. Instants are seconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextStep {
    /// Nothing is left to wait for: the next answer is the last one.
    Answer,
    /// It does not open in time. The instant is that of the next opening, if there is one.
    GiveUp(Option<Instant>),
    /// Sleep until `wake`, then ask again: it opens at `open`.
    Closed { wake: Instant, open: Instant, news: News },
    /// It is open. Sleep until `start`, then ask again, so that those who wait do not start together.
    Spread { start: Instant },
}

/// News for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// It is refused, and was not before, or opens at another time.
    Refusal,
    /// Nothing, but nothing was printed for an hour.
    LineDue,
    /// Nothing.
    Nothing,
}

/// The plan for waiting, from its options and from what was found so far.
#[derive(Debug)]
pub(super) struct WaitingPlan {
    /// The last instant that is waited for, in seconds since the Unix epoch; `None` for any.
    deadline: Option<Instant>,
    /// The most seconds by which the start is put off.
    spread: Seconds,
    /// True if it was closed, and the start was not put off since.
    has_waited: bool,
    /// The opening that was printed last, and when.
    printed: Option<(Instant, Instant)>,
}

impl WaitingPlan {
    /// A plan that begins at `now` and lasts `timeout` seconds.
    pub(super) fn new(now: Instant, timeout: Option<Seconds>, spread: Seconds) -> Self {
        let deadline = timeout.map(|timeout| now.saturating_add(timeout));
        Self { deadline, spread, has_waited: false, printed: None }
    }

    /// Returns what comes next after the gate said `ahead` at `now`. `random_pause` returns a pause that is shorter than the one that it
    /// is given.
    pub(super) fn step<E>(
        &mut self,
        ahead: Ahead,
        now: Instant,
        random_pause: impl FnOnce(Seconds) -> Result<Seconds, E>,
    ) -> Result<NextStep, E> {
        match ahead.verdict {
            Verdict::Allowed => self.when_open(ahead.valid_until, now, random_pause),
            Verdict::Refused => Ok(self.when_closed(ahead.next_open, now)),
        }
    }

    fn when_open<E>(
        &mut self,
        valid_until: Option<Instant>,
        now: Instant,
        random_pause: impl FnOnce(Seconds) -> Result<Seconds, E>,
    ) -> Result<NextStep, E> {
        if !std::mem::take(&mut self.has_waited) {
            return Ok(NextStep::Answer);
        }
        // not past the end of the opening, or some would never start
        let last =
            [valid_until.map(|end| end.saturating_sub(Seconds::new(1))), self.deadline].into_iter().flatten().min();
        let room = last.map_or(self.spread, |last| self.spread.min(last.since(now)));
        if room <= Seconds::ZERO {
            return Ok(NextStep::Answer);
        }
        let start = now + random_pause(room + Seconds::new(1))?;
        Ok(if start > now { NextStep::Spread { start } } else { NextStep::Answer })
    }

    fn when_closed(&mut self, next_open: Option<Instant>, now: Instant) -> NextStep {
        let in_time = |open: &Instant| self.deadline.is_none_or(|deadline| *open <= deadline);
        let Some(open) = next_open.filter(in_time) else {
            return NextStep::GiveUp(next_open);
        };
        self.has_waited = true;
        let news = match self.printed {
            Some((told, at)) if told == open && now.since(at) < LINE_DUE => News::Nothing,
            Some((told, _)) if told == open => News::LineDue,
            Some(_) | None => News::Refusal,
        };
        if news != News::Nothing {
            self.printed = Some((open, now));
        }
        let wake = open.min(now.saturating_add(ASKED_AGAIN)).max(now.saturating_add(Seconds::new(1)));
        NextStep::Closed { wake, open, news }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::convert::Infallible;

    use super::{Ahead, News, NextStep, WaitingPlan};
    use crate::decision::Verdict;
    use crate::time::instant::Instant;
    use crate::time::seconds::Seconds;

    const HOUR: i64 = 3600;

    /// Returns what the gate says at second `now` of an environment that is closed in these spans.
    fn ahead(closed: &[(i64, i64)], now: i64) -> Ahead {
        let instant = |second: &i64| Some(Instant::from_second(*second));
        let within = closed.iter().find(|(from, until)| (*from..*until).contains(&now));
        match within {
            Some((_, until)) => {
                Ahead { verdict: Verdict::Refused, next_open: instant(until), valid_until: instant(until) }
            }
            None => {
                let next = closed.iter().map(|(from, _)| from).filter(|from| **from > now).min();
                Ahead { verdict: Verdict::Allowed, next_open: None, valid_until: next.and_then(instant) }
            }
        }
    }

    /// Waits from second 0 on: the second and the last step, and the seconds of lines with what was new then. `closed` gives the spans at a
    /// second, `random_pause` the pauses.
    fn waited(
        mut plan: WaitingPlan,
        closed: impl Fn(i64) -> Vec<(i64, i64)>,
        mut random_pause: impl FnMut(Seconds) -> Seconds,
    ) -> (i64, NextStep, Vec<(i64, News)>) {
        let (mut now, mut lines) = (0, Vec::new());
        for _ in 0..10_000 {
            let ahead = ahead(&closed(now), now);
            let at = Instant::from_second(now);
            let Ok(step) = plan.step(ahead, at, |below| Ok::<_, Infallible>(random_pause(below)));
            match step {
                NextStep::Answer | NextStep::GiveUp(_) => return (now, step, lines),
                NextStep::Closed { wake, open, news } => {
                    let (wake, open) = (wake.as_second(), open.as_second());
                    assert!(wake > now && wake <= open && wake - now <= 15 * 60);
                    if news != News::Nothing {
                        lines.push((now, news));
                    }
                    now = wake;
                }
                NextStep::Spread { start } => {
                    let start = start.as_second();
                    assert!(start > now);
                    now = start;
                }
            }
        }
        panic!("it waits at {now} still");
    }

    fn no_pause(_: Seconds) -> Seconds {
        panic!("nothing is spread")
    }

    #[test]
    fn it_ends_when_it_opens_with_a_line_an_hour() {
        let (now, step, lines) =
            waited(WaitingPlan::new(Instant::EPOCH, None, Seconds::ZERO), |_| vec![(-5, 2 * HOUR + 90)], no_pause);
        assert_eq!((now, step), (2 * HOUR + 90, NextStep::Answer));
        assert_eq!(lines, [(0, News::Refusal), (HOUR, News::LineDue), (2 * HOUR, News::LineDue)]);
    }

    #[test]
    fn what_is_open_at_once_is_neither_waited_for_nor_spread() {
        let (now, step, lines) = waited(
            WaitingPlan::new(Instant::EPOCH, Some(Seconds::new(5)), Seconds::new(HOUR)),
            |_| vec![(10, 20)],
            no_pause,
        );
        assert_eq!((now, step, lines), (0, NextStep::Answer, Vec::new()));
    }

    #[test]
    fn what_opens_too_late_or_never_is_given_up_at_once() {
        for (timeout, expected) in [(99, NextStep::GiveUp(Some(Instant::from_second(100)))), (100, NextStep::Answer)] {
            let (now, step, _) = waited(
                WaitingPlan::new(Instant::EPOCH, Some(Seconds::new(timeout)), Seconds::ZERO),
                |_| vec![(-5, 100)],
                no_pause,
            );
            assert_eq!((now, step), (if timeout == 99 { 0 } else { 100 }, expected));
        }
        let never = Ahead { verdict: Verdict::Refused, next_open: None, valid_until: None };
        let step = WaitingPlan::new(Instant::EPOCH, None, Seconds::ZERO)
            .step(never, Instant::EPOCH, |_| Err("nothing is spread"));
        assert_eq!(step, Ok(NextStep::GiveUp(None)));
    }

    #[test]
    fn a_freeze_that_is_added_meanwhile_is_waited_for_and_printed() {
        let closed =
            |now: i64| if now < HOUR { vec![(-5, 2 * HOUR)] } else { vec![(-5, 2 * HOUR), (2 * HOUR, 3 * HOUR)] };
        // the fake gate names the end of the span that it is in, so the longer wait is seen when the first one ends
        let (now, step, lines) = waited(WaitingPlan::new(Instant::EPOCH, None, Seconds::ZERO), closed, no_pause);
        assert_eq!((now, step), (3 * HOUR, NextStep::Answer));
        assert_eq!(lines, [(0, News::Refusal), (HOUR, News::LineDue), (2 * HOUR, News::Refusal)]);
        let (now, step, _) =
            waited(WaitingPlan::new(Instant::EPOCH, Some(Seconds::new(2 * HOUR + 1)), Seconds::ZERO), closed, no_pause);
        assert_eq!((now, step), (2 * HOUR, NextStep::GiveUp(Some(Instant::from_second(3 * HOUR)))));
    }

    #[test]
    fn a_freeze_that_is_taken_away_meanwhile_is_not_waited_for() {
        let closed = |now: i64| if now < 20 * 60 { vec![(-5, 8 * HOUR)] } else { Vec::new() };
        let (now, step, _) = waited(WaitingPlan::new(Instant::EPOCH, None, Seconds::ZERO), closed, no_pause);
        assert_eq!((now, step), (30 * 60, NextStep::Answer));
    }

    #[test]
    fn a_hundred_start_apart_within_the_spread() {
        let closed = vec![(-5, 600)];
        let starts: BTreeSet<i64> = (0..100)
            .map(|job: i64| {
                // each job draws another number
                let random_pause = move |below: Seconds| Seconds::new((job * 7919) % below.get());
                let (now, step, _) = waited(
                    WaitingPlan::new(Instant::EPOCH, None, Seconds::new(HOUR)),
                    |_| closed.clone(),
                    random_pause,
                );
                assert_eq!(step, NextStep::Answer);
                assert!((600..=600 + HOUR).contains(&now), "{now}");
                now
            })
            .collect();
        assert_eq!(starts.len(), 100);
    }

    #[test]
    fn nobody_is_put_off_past_the_end_of_the_opening_or_of_the_timeout() {
        // open from 600 on, until 700
        let closed = vec![(-5, 600), (700, 9000)];
        for (timeout, last) in [(None, 699), (Some(650), 650)] {
            let latest = |below: Seconds| below - Seconds::new(1);
            let (now, step, _) = waited(
                WaitingPlan::new(Instant::EPOCH, timeout.map(Seconds::new), Seconds::new(HOUR)),
                |_| closed.clone(),
                latest,
            );
            assert_eq!((now, step), (last, NextStep::Answer));
        }
    }

    #[test]
    fn what_closes_while_the_start_is_put_off_is_waited_for_again() {
        let closed = |now: i64| if now <= 600 { vec![(-5, 600)] } else { vec![(-5, 600), (601, 900)] };
        let (now, step, lines) =
            waited(WaitingPlan::new(Instant::EPOCH, None, Seconds::new(100)), closed, |_| Seconds::new(50));
        assert_eq!((now, step), (950, NextStep::Answer));
        assert_eq!(lines, [(0, News::Refusal), (650, News::Refusal)]);
    }
}
