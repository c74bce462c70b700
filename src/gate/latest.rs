//! The latest instant that a decision can have.
//!
//! What a gate does takes time: it walks trees, waits for its turn, puts an answer into words. A window may begin meanwhile, and
//! then an allowance of a moment ago is none any more.

use crate::decision::{Decision, Verdict};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::time::instant::Instant;

/// The most times that a decision is made anew because a window began while it was made.
pub(crate) const ATTEMPTS: usize = 3;

/// Returns whether a decision still lets nobody through at `now` who would be refused then. A refusal does at any time.
pub(crate) fn holds(decision: &Decision, now: Instant) -> bool {
    match decision.verdict {
        Verdict::Refused => true,
        Verdict::Allowed => decision.valid_until.is_none_or(|until| now < until),
    }
}

/// That decisions were over before they could be given, every time.
pub(crate) fn overtaken() -> Faults {
    let cause = format!("a window began while the answer was prepared, {ATTEMPTS} times in a row");
    Faults::one(Diagnostic::error(Code::InvalidTimestamp, cause).help("check why this machine is slow, and try again"))
}

/// Judges at the instant that `clock` shows, and again where the decision no longer holds when all is done.
pub(crate) fn latest<T>(
    clock: &dyn Fn() -> Instant,
    judge: impl Fn(Instant) -> Result<(T, Decision), Faults>,
) -> Result<T, Faults> {
    for _ in 0..ATTEMPTS {
        let (judged, decision) = judge(clock())?;
        if holds(&decision, clock()) {
            return Ok(judged);
        }
    }
    Err(overtaken())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{ATTEMPTS, latest};
    use crate::decision::{Decision, Verdict};
    use crate::diagnostic::Faults;
    use crate::time::instant::Instant;
    use crate::time::seconds::Seconds;

    /// Closed from `from` on and before `until`.
    fn decided(at: Instant, from: Instant, until: Instant) -> Decision {
        let (verdict, valid_until) = match at {
            _ if at < from => (Verdict::Allowed, Some(from)),
            _ if at < until => (Verdict::Refused, Some(until)),
            _ => (Verdict::Allowed, None),
        };
        Decision { at, verdict, findings: Vec::new(), next_open: None, opens_once_fixed: None, valid_until }
    }

    /// The instant and the verdict that are answered, if judging begins at `begin` and takes `lasts` seconds, with a window from
    /// 100 to 200.
    fn answered(begin: Instant, lasts: Seconds) -> Result<(Instant, Verdict), Faults> {
        let now = Cell::new(begin);
        latest(&|| now.get(), |at| {
            now.set(at + lasts);
            let decision = decided(at, Instant::from_second(100), Instant::from_second(200));
            Ok(((at, decision.verdict), decision))
        })
    }

    #[test]
    fn whoever_ends_inside_a_window_is_refused_wherever_it_began() {
        for begin in 0..300 {
            for lasts in 0..300 {
                let (at, verdict) = answered(Instant::from_second(begin), Seconds::new(lasts)).unwrap();
                let at = at.as_second();
                let end = at + lasts;
                assert!(at >= begin);
                let is_closed = |instant: i64| (100..200).contains(&instant);
                if verdict == Verdict::Allowed {
                    assert!(!is_closed(at) && !is_closed(end), "begun {begin}, lasting {lasts}: allowed at {at}");
                } else {
                    assert!(is_closed(at), "begun {begin}, lasting {lasts}: refused at {at}");
                }
            }
        }
    }

    #[test]
    fn an_allowance_that_is_over_before_it_is_given_is_never_given() {
        let now = Cell::new(Instant::EPOCH);
        let times = Cell::new(0);
        let faults = latest(&|| now.get(), |at| {
            now.set(at + Seconds::new(1));
            times.set(times.get() + 1);
            Ok(((), decided(at, at + Seconds::new(1), at + Seconds::new(2))))
        });
        let cause = faults.unwrap_err().diagnostics.first().map(|one| one.cause.clone());
        assert_eq!(cause.as_deref(), Some("a window began while the answer was prepared, 3 times in a row"));
        assert_eq!(times.get(), ATTEMPTS);
    }
}
