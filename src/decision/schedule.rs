//! All windows that can meet a change, laid out around an instant.

use std::sync::Arc;

use crate::decision::closure::{Closure, closures};
use crate::decision::finding::Met;
use crate::decision::granted::{Reprieve, reprieve};
use crate::decision::{Decision, Finding, FindingCode, HORIZON, TimelessFinding, Verdict};
use crate::diagnostic::Place;
use crate::policy::{FindingId, Level, Rollout};
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::zone::{TimeError, Zone};

pub use crate::decision::question::DecisionQuestion;

/// The windows around an instant that a change can meet, ready to be asked for any instant within.
#[derive(Debug)]
pub struct Schedule<'p> {
    range: Interval,
    closures: Vec<Closure<'p>>,
    standing: Vec<(&'p TimelessFinding, Option<Reprieve>)>,
    /// The times when the change may not start.
    refused: Intervals,
    /// The times when a window is met that does not refuse.
    told: Intervals,
    longest_runway: Seconds,
}

impl<'p> Schedule<'p> {
    /// Lays out every window that can meet the change between `range.from` and `range.until`.
    ///
    /// # Errors
    ///
    /// [`TimeError`] when the range comes too near to the first or last date there is.
    pub fn compile(
        question: &DecisionQuestion<'p>,
        standing: &'p [TimelessFinding],
        range: Interval,
    ) -> Result<Self, TimeError> {
        let (closures, longest_runway) = closures(question, range)?;
        let standing: Vec<(&TimelessFinding, Option<Reprieve>)> = standing
            .iter()
            .map(|one| {
                let (environment, region) = (one.environment.as_deref(), one.region.as_deref());
                (one, reprieve(question.granted, &one.id(), one.level, environment, region))
            })
            .collect();
        // what is lifted stands again when that ends
        let again = standing.iter().filter(|(one, _)| one.level.refuses()).filter_map(|(_, lifted)| lifted.as_ref());
        let again = again.filter(|lifted| lifted.until < range.until);
        let again = again.map(|lifted| Interval { from: lifted.until, until: range.until });
        let refused = closures.iter().flat_map(|closure| refused_starts(closure, closure.runway)).chain(again);
        let refused = Intervals::union(refused.collect());
        let telling = closures.iter().filter(|closure| closure.may_let_pass());
        let told = telling.flat_map(|closure| closure.closed.as_slice()).copied().collect();
        Ok(Self { range, refused, told: Intervals::union(told), closures, standing, longest_runway })
    }

    /// Decides at `at`, laying out only as much of the future as the answer needs.
    ///
    /// # Errors
    ///
    /// As [`Schedule::compile`].
    pub fn decide_at(
        question: &DecisionQuestion<'p>,
        standing: &'p [TimelessFinding],
        at: Instant,
    ) -> Result<Decision, TimeError> {
        // from before a long weekend to after it
        const NEAR: Seconds = Seconds::days(5);
        let near = Self::compile(question, standing, around(at, NEAR)?)?;
        let decision = near.decide(at);
        if near.is_conclusive(&decision) {
            return Ok(decision);
        }
        let runway = near.longest_runway;
        Ok(Self::compile(question, standing, around(at, HORIZON.saturating_add(runway))?)?.decide(at))
    }

    /// The verdict at `at`, without its reasons.
    #[must_use]
    pub fn verdict(&self, at: Instant) -> Verdict {
        if self.stands_refused() || self.refused.containing(at).is_some() { Verdict::Refused } else { Verdict::Allowed }
    }

    /// Returns when the change may not start, within the range laid out.
    #[must_use]
    pub const fn refused(&self) -> &Intervals {
        &self.refused
    }

    /// All windows that can meet the change, in the order of what it reaches.
    pub fn windows(&self) -> impl Iterator<Item = ScheduleWindow<'_>> {
        self.closures.iter().filter(|closure| !closure.zones.is_empty()).map(|closure| ScheduleWindow {
            code: closure.code,
            id: &closure.id,
            level: closure.level,
            rollout: closure.stages.rollout(),
            refuses: closure.level.refuses() && closure.lifted_by.is_none(),
            place: closure.place,
            text: &closure.text,
            reason: closure.reason,
            zones: closure.zones.iter().map(|(zone, _)| Arc::clone(zone)).collect(),
            closed: &closure.closed,
        })
    }

    /// Returns when the change could not start, as far as that was known then: before a window of which `is_sudden` says that nobody knew of it
    /// until it began, nothing was too late. `is_sudden` gets the place of the window in the policy.
    #[must_use]
    pub fn refused_as_known(&self, is_sudden: impl Fn(Place) -> bool) -> Intervals {
        let spans = self.closures.iter().flat_map(|closure| {
            let runway = if is_sudden(closure.place) { Seconds::ZERO } else { closure.runway };
            refused_starts(closure, runway)
        });
        Intervals::union(spans.collect())
    }

    /// Returns whether a window begins at `at` of which `is_sudden` says that nobody knew of it before.
    #[must_use]
    pub fn begins_suddenly(&self, at: Instant, is_sudden: impl Fn(Place) -> bool) -> bool {
        let mut sudden = self.closures.iter().filter(|closure| is_sudden(closure.place));
        sudden.any(|closure| closure.closed.as_slice().iter().any(|span| span.from == at))
    }

    /// Returns when the change may not start, within the range laid out, if every window had the level that the policy gives it: as
    /// after the last stage of each roll-out. What somebody lifted does not count.
    #[must_use]
    pub fn refused_once_rolled_out(&self) -> Intervals {
        Intervals::union(self.own_refusals().flat_map(|(_, spans)| spans).collect())
    }

    /// The windows that would refuse the change at some instant of `within`, if every window had the level that the policy gives
    /// it: the line of the policy, and the id for grants.
    pub fn closing(&self, within: Interval) -> impl Iterator<Item = (Place, &FindingId)> {
        let met = move |spans: &[Interval]| spans.iter().any(|span| !span.clipped(within).is_empty());
        let closing = self.own_refusals().filter(move |(_, spans)| met(spans));
        closing.map(|(closure, _)| (closure.place, &closure.id))
    }

    /// The windows that refuse at the level that the policy gives them, and when they do.
    fn own_refusals(&self) -> impl Iterator<Item = (&Closure<'p>, Vec<Interval>)> {
        let refusing = self.closures.iter().filter(|closure| closure.level.refuses() && closure.lifted_by.is_none());
        refusing.map(|closure| (closure, early(closure, closure.runway).collect()))
    }

    /// Returns whether it is refused at any hour.
    #[must_use]
    pub fn stands_refused(&self) -> bool {
        self.standing.iter().any(|(standing, lifted)| standing.level.refuses() && lifted.is_none())
    }

    /// The decision at `at`, which must lie in the range laid out.
    #[must_use]
    pub fn decide(&self, at: Instant) -> Decision {
        let refusing = self.refused.containing(at);
        let mut findings: Vec<Finding> =
            self.standing.iter().map(|(standing, lifted)| standing_finding(standing, lifted.as_ref(), at)).collect();
        // two looks say that no window is met, as at most instants
        if refusing.is_some() || self.told.containing(at).is_some() {
            findings.reserve_exact(1);
            findings.extend(self.closures.iter().filter_map(|closure| self.finding(closure, at)));
        }
        findings.sort_by_key(|finding| (!finding.refuses(), std::cmp::Reverse(finding.level), finding.code));
        let opens = || refusing.map_or(Some(at), |refused| self.known(at, refused.until));
        let opens_once_fixed = if self.stands_refused() { opens() } else { None };
        let (verdict, next_open, valid_until) = match (self.stands_refused(), refusing) {
            (true, _) => (Verdict::Refused, None, None),
            (false, Some(refused)) => {
                let open = self.known(at, refused.until);
                (Verdict::Refused, open, open)
            }
            (false, None) => {
                let closes = self.refused.next_after(at).and_then(|refused| self.known(at, refused.from));
                (Verdict::Allowed, Some(at), closes)
            }
        };
        Decision { at, verdict, findings, next_open, opens_once_fixed, valid_until }
    }

    /// `instant`, if what holds there is laid out and it is within the horizon of `at`.
    fn known(&self, at: Instant, instant: Instant) -> Option<Instant> {
        let laid_out = self.range.until.saturating_sub(self.longest_runway);
        (instant < laid_out && instant <= at.saturating_add(HORIZON)).then_some(instant)
    }

    /// Returns whether a wider range could not change the answer: neither the verdict and its end, nor a finding.
    fn is_conclusive(&self, decision: &Decision) -> bool {
        let settled = decision.valid_until.is_some() || decision.opens_once_fixed.is_some();
        // a window is met that begins before the change and its settling end, so it has to be laid out up to there
        let is_seen = decision.at.saturating_add(self.longest_runway) <= self.range.until;
        settled
            && is_seen
            && decision
                .findings
                .iter()
                .filter_map(|finding| finding.window.as_ref())
                .all(|met| met.from.is_some() && met.until.is_some())
    }

    fn finding(&self, closure: &Closure<'_>, at: Instant) -> Option<Finding> {
        let now = closure.closed.containing(at);
        let next = || {
            closure
                .closed
                .next_after(at)
                .filter(|next| closure.refuses_at(at) && next.from < at.saturating_add(closure.runway))
        };
        let (code, span) = match (now, next) {
            (Some(span), _) => (closure.code, span),
            (None, next) => (FindingCode::WindowTooShort, next()?),
        };
        let (zone, last_zone) = closure.zones_at(if now.is_some() { at } else { span.from })?;
        let environment = &closure.environment.name;
        Some(Finding {
            code,
            id: closure.id.clone(),
            level: closure.stages.level_at(at),
            environment: Some(environment.clone()),
            region: closure.region.as_ref().map(|region| region.name.clone()),
            what: None,
            message: closure.message(code),
            window: Some(Met {
                text: closure.text.clone(),
                zone,
                last_zone,
                from: (span.from > self.range.from).then_some(span.from),
                until: (span.until < self.range.until).then_some(span.until),
            }),
            place: Some(closure.place),
            reason: closure.reason.map(str::to_owned),
            hazards: closure.hazards.iter().map(|one| (*one).clone()).collect(),
            lifted_by: closure.lifted_at(at).map(str::to_owned),
            held_back: closure.stages.held_back_at(at),
            proof: None,
        })
    }
}

/// A window that can meet the change.
#[derive(Debug)]
pub struct ScheduleWindow<'s> {
    /// The sort of finding.
    pub code: FindingCode,
    /// By what a grant names it.
    pub id: &'s FindingId,
    /// The level that the policy gives it.
    pub level: Level,
    /// By which stages it comes to that level, if not at once.
    pub rollout: Option<&'s Rollout>,
    /// True if a change that meets it at that level is refused: it does more than warn, and the change is not exempt.
    pub refuses: bool,
    /// The line of the policy.
    pub place: Place,
    /// As the policy wrote it.
    pub text: &'s str,
    /// The reason why the policy has it, in its own words.
    pub reason: Option<&'s str>,
    /// The zones that it is read in, at least one.
    pub zones: Vec<Arc<Zone>>,
    /// The times when it is closed, within the range laid out.
    pub closed: &'s Intervals,
}

/// `reach` seconds on either side of `at`.
///
/// # Errors
///
/// [`TimeError::OutOfRange`] when that leaves the range of dates, with room for the longest window.
pub fn around(at: Instant, reach: Seconds) -> Result<Interval, TimeError> {
    const ROOM: Seconds = Seconds::days(800);
    let range = Interval { from: at.saturating_sub(reach), until: at.saturating_add(reach) };
    let within = |second: Instant| second.timestamp().is_ok();
    if within(range.from.saturating_sub(ROOM)) && within(range.until.saturating_add(ROOM)) {
        Ok(range)
    } else {
        Err(TimeError::OutOfRange)
    }
}

/// For each closed span of `closure`, when it is less than `runway` before it, or too early to start after.
fn early<'c>(closure: &'c Closure<'_>, runway: Seconds) -> impl Iterator<Item = Interval> + 'c {
    // to start exactly one runway before the window is in time: the runway is half-open too
    let early = runway.saturating_sub(Seconds::new(1)).max(Seconds::ZERO);
    let spans = closure.closed.as_slice().iter();
    spans.map(move |span| Interval { from: span.from.saturating_sub(early), until: span.until })
}

/// As [`early`], for each stage at which `closure` refuses, unless somebody lifts it.
fn refused_starts<'c>(closure: &'c Closure<'_>, runway: Seconds) -> impl Iterator<Item = Interval> + 'c {
    let stages = closure.stages.refusing().filter(|_| closure.lifted_by.is_none());
    stages.flat_map(move |stage| {
        early(closure, runway).filter_map(move |span| {
            let span = match &stage.reprieve {
                Some(lifted) if lifted.until >= span.until => return None,
                Some(lifted) => Interval { from: span.from.max(lifted.until), ..span },
                None => span,
            };
            Some(span.clipped(stage.starts)).filter(|span| !span.is_empty())
        })
    })
}

fn standing_finding(standing: &TimelessFinding, lifted: Option<&Reprieve>, at: Instant) -> Finding {
    Finding {
        code: standing.code,
        id: standing.id(),
        level: standing.level,
        environment: standing.environment.clone(),
        region: standing.region.clone(),
        what: standing.what.clone(),
        window: None,
        place: standing.place,
        hazards: Vec::new(),
        reason: None,
        held_back: None,
        lifted_by: lifted.filter(|lifted| at < lifted.until).map(|lifted| lifted.by.clone()),
        message: standing.message.clone(),
        proof: standing.route.as_ref().map(|(_, proof)| proof.clone()),
    }
}
