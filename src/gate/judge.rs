//! The decision on a change at an instant, and whether it counts as a rollback.

use std::cell::OnceCell;

use crate::decision::openings::{longest_change, openings};
use crate::decision::schedule::DecisionQuestion;
use crate::decision::standing::standing;
use crate::decision::{Finding, Granted, Schedule, TimelessFinding, Verdict};
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::gate::case::{Case, Keeping};
use crate::gate::history::{self, Past};
use crate::gate::judgement::{DecisionMoment, Outlook, no_instant};
use crate::gate::plan::{self, GivenPlan};
use crate::gate::unfinished::NotGranted;
use crate::policy::FindingId;
use crate::proof::record::Folded;
use crate::proof::rollback::{Missing, Rollback};
use crate::reach::{self, Declared, Reach, Shown};
use crate::report::AnswerMode;
use crate::time::instant::Instant;

/// The number of openings that `next` prints.
const OPENINGS: usize = 5;

/// A change whose evidence is gathered, to be decided about at any instant.
pub(crate) struct Deciding<'d> {
    case: &'d Case<'d>,
    declared: &'d Declared,
    /// The environments that the command line, the job or a message names.
    stated: Vec<String>,
    /// The places that the change reaches.
    pub(crate) reach: Reach,
    /// The places that it reaches, marked as a rollback.
    as_rollback: OnceCell<Reach>,
    /// The same, where its plan is what goes back.
    as_plan_back: OnceCell<Reach>,
}

impl<'d> Deciding<'d> {
    /// Finds what the change reaches by its evidence and its edits of the policy.
    pub(crate) fn new(case: &'d Case<'d>, declared: &'d Declared, shown: Option<Shown>) -> Self {
        let said = shown.iter().flat_map(|shown| &shown.said).flat_map(|said| &said.environments);
        let stated = declared.environments.iter().chain(said).map(|environment| environment.name.clone()).collect();
        let mut reach = reach::reach(case.policy, declared, shown, case.only);
        reach.reached.retain(|reached| !case.settled.contains(&reached.environment.name));
        if let Some(given) = case.plan {
            reach::add_plan(case.policy, given.plan, &mut reach);
        }
        if let Some(manifests) = case.manifests {
            reach::add_manifests(case.policy, &manifests.changes, &mut reach);
        }
        for edit in case.edits {
            reach::add_edit(case.policy, &edit.comparison, &edit.file(), &mut reach);
        }
        reach.is_policy_alone = case.is_edit_alone;
        Self { case, declared, stated, reach, as_rollback: OnceCell::new(), as_plan_back: OnceCell::new() }
    }

    /// Returns what the change reaches as `outlook` has it: marked as a rollback if it is shown to be one.
    pub(crate) fn reach_of(&self, outlook: &Outlook) -> &Reach {
        if outlook.plan_back.is_some() {
            return self.marked_by_plan();
        }
        match &outlook.rollback {
            Some(Rollback::Shown(_)) => self.marked(),
            Some(Rollback::NotShown(_)) | None => &self.reach,
        }
    }

    /// Decides.
    ///
    /// # Errors
    ///
    /// What can't be decided, and a decision that another one was to rest on and that is different now.
    pub(crate) fn decide(&self, moment: DecisionMoment<'_>) -> Result<Outlook, Faults> {
        if self.case.deadline.is_some_and(|deadline| moment.at >= deadline) {
            return Err(closed_meanwhile());
        }
        let folded = moment.folded;
        let mut outlook = self.outlook(moment)?;
        if let (Some(opens), Verdict::Refused) = (self.case.opens, outlook.decision.verdict) {
            outlook.decision.next_open = opens;
            outlook.decision.valid_until = opens;
        }
        if let (Some(deadline), Verdict::Allowed) = (self.case.deadline, outlook.decision.verdict) {
            outlook.decision.valid_until = outlook.decision.valid_until.into_iter().chain([deadline]).min();
        }
        if outlook.decision.verdict == Verdict::Allowed {
            let more = self.case.lifting.overridden_elsewhere(folded).ok_or_else(closed_meanwhile)?;
            let own: Vec<_> = outlook.decision.findings.iter().map(finding_key).collect();
            outlook.decision.findings.extend(more.iter().filter(|one| !own.contains(&finding_key(one))).cloned());
        }
        if let (Some(if_refused), Verdict::Refused) = (self.case.if_refused, outlook.decision.verdict)
            && !self.case.policy.lifts.is_empty()
        {
            if_refused.set(true);
            return Err(closed_meanwhile());
        }
        self.case.check_policy.map_or(Ok(()), |check| check())?;
        match (self.case.keeping, outlook.decision.verdict) {
            (Keeping::Refusal, Verdict::Allowed) => Err(closed_meanwhile()),
            (Keeping::Refusal | Keeping::Decision | Keeping::Nothing, Verdict::Allowed | Verdict::Refused) => {
                Ok(outlook)
            }
        }
    }

    /// Sees that guarded routes could be compared, or that the change is a rollback to a state of which they are the same.
    fn check_routes(&self, folded: Option<&Folded>, at: Instant) -> Result<(), Faults> {
        if self.reach.unread_routes.is_empty() {
            return Ok(());
        }
        if let (Some(past), Some(since)) = (self.case.past, self.case.routes_since)
            && let Rollback::Shown(back) = past.judge(&self.reach, &self.stated, folded, at)?.0
            && since(&back.commit)?.is_none()
        {
            return Ok(());
        }
        Err(Faults { sources: Sources::default(), diagnostics: self.reach.unread_routes.clone() })
    }

    fn outlook(&self, DecisionMoment { at, clock, folded }: DecisionMoment<'_>) -> Result<Outlook, Faults> {
        self.check_routes(folded, at)?;
        let is_declared = self.declared.rollback;
        let (granted, NotGranted { notes, unfinished }) =
            self.case.lifting.granted(self.case.policy, &self.reach, at, folded);
        let plain = Outlook { notes, unfinished, ..self.decide_as(&self.reach, at, clock.clone(), &granted)? };
        if let Some(plan) = self.case.plan {
            return self.by_plan(plan, plain, (at, clock, folded), &granted);
        }
        let Some(past) = self.case.past else {
            let missing = Rollback::NotShown(Missing::NoEvidence);
            return Ok(Outlook { rollback: is_declared.then_some(missing), ..plain });
        };
        if plain.decision.verdict == Verdict::Allowed && !is_declared {
            return Ok(plain);
        }
        let as_rollback = self.decide_as(self.marked(), at, clock.clone(), &granted)?;
        // if it made no difference, nobody looks whether it is one
        if as_rollback.decision.verdict == Verdict::Refused && !is_declared {
            return Ok(plain);
        }
        self.by_past(past, (plain, as_rollback), (at, clock, folded), &granted)
    }

    /// Returns the second of two outlooks if the change is shown to be a rollback, else the first.
    fn by_past(
        &self,
        past: &Past<'_>,
        (plain, mut as_rollback): (Outlook, Outlook),
        (at, clock, folded): (Instant, Option<TimelessFinding>, Option<&Folded>),
        granted: &[Granted],
    ) -> Result<Outlook, Faults> {
        let (rollback, backs) = past.judge(&self.reach, &self.stated, folded, at)?;
        let rollback = self.with_routes(rollback)?;
        let outlook = match &rollback {
            Rollback::Shown(back) => {
                // from then on it is a change like any other
                if as_rollback.decision.verdict == Verdict::Allowed
                    && as_rollback.decision.valid_until.is_none_or(|until| until >= back.until)
                {
                    let then = self.decide_as(&self.reach, back.until, clock, granted)?.decision;
                    as_rollback.decision.valid_until = match then.verdict {
                        Verdict::Refused => Some(back.until),
                        Verdict::Allowed => then.valid_until,
                    };
                }
                Outlook { notes: plain.notes, unfinished: plain.unfinished, ..as_rollback }
            }
            Rollback::NotShown(_) => plain,
        };
        Ok(Outlook { rollback: Some(rollback), backs, ..outlook })
    }

    /// Returns that a change is not a rollback if guarded files differ from the state that it returns to, and the change would
    /// otherwise let another environment answer requests.
    fn with_routes(&self, rollback: Rollback) -> Result<Rollback, Faults> {
        let are_moved = self.reach.moves_routes || !self.reach.route_conflicts.is_empty();
        let (Rollback::Shown(back), true, Some(since)) = (&rollback, are_moved, self.case.routes_since) else {
            return Ok(rollback);
        };
        Ok(match since(&back.commit)? {
            Some(at) => Rollback::NotShown(Missing::Differs { from: back.clone(), at }),
            None => rollback,
        })
    }

    /// Returns the outlook if the change's plan takes an allowed plan back, else the first.
    fn by_plan(
        &self,
        plan: GivenPlan<'_>,
        plain: Outlook,
        (at, clock, folded): (Instant, Option<TimelessFinding>, Option<&Folded>),
        granted: &[Granted],
    ) -> Result<Outlook, Faults> {
        let is_declared = self.declared.rollback;
        if plain.decision.verdict == Verdict::Allowed && !is_declared {
            return Ok(plain);
        }
        let Some(back) = plan::taken_back(plan, &self.reach, folded, at) else {
            let missing = Rollback::NotShown(Missing::NoPlan);
            return Ok(Outlook { rollback: is_declared.then_some(missing), ..plain });
        };
        let mut outlook = self.decide_as(self.marked_by_plan(), at, clock, granted)?;
        // from then on it is a change like any other
        outlook.decision.valid_until = match outlook.decision.verdict {
            Verdict::Allowed => outlook.decision.valid_until.into_iter().chain([back.until]).min(),
            Verdict::Refused => outlook.decision.valid_until,
        };
        Ok(Outlook { notes: plain.notes, unfinished: plain.unfinished, plan_back: Some(back), ..outlook })
    }

    fn decide_as(
        &self,
        reach: &Reach,
        at: Instant,
        clock: Option<TimelessFinding>,
        granted: &[Granted],
    ) -> Result<Outlook, Faults> {
        let &Case { policy, duration, mode, .. } = self.case;
        let question = DecisionQuestion { policy, reach, declared: self.declared, duration, granted };
        let mut standing = standing(reach);
        standing.extend(clock);
        let decision = Schedule::decide_at(&question, &standing, at).map_err(no_instant)?;
        let openings = match mode {
            AnswerMode::Next => Some(openings(&question, &standing, at, OPENINGS).map_err(no_instant)?),
            AnswerMode::Check | AnswerMode::Run | AnswerMode::PrePush | AnswerMode::PreReceive => None,
        };
        let never_opens = decision.next_open.is_none()
            && openings.as_ref().map_or(decision.verdict == Verdict::Refused, Vec::is_empty);
        let longest = match duration {
            Some(_) if never_opens => longest_change(&question, &standing, at).map_err(no_instant)?,
            Some(_) | None => None,
        };
        Ok(Outlook {
            decision,
            openings,
            longest,
            notes: Vec::new(),
            unfinished: Vec::new(),
            rollback: None,
            backs: Vec::new(),
            plan_back: None,
        })
    }

    fn marked_by_plan(&self) -> &Reach {
        self.as_plan_back.get_or_init(|| plan::rolled_back(&self.reach))
    }

    fn marked(&self) -> &Reach {
        self.as_rollback.get_or_init(|| {
            // routes that were allowed a moment ago may be so again
            history::rolled_back(self.case.policy, &self.reach, self.case.routes_since.is_some())
        })
    }
}

/// By what findings of several policies are one.
fn finding_key(finding: &Finding) -> (FindingId, Option<String>, Option<String>) {
    (finding.id.clone(), finding.environment.clone(), finding.region.clone())
}

fn closed_meanwhile() -> Faults {
    let cause = "the answer of one policy changed while the other was asked";
    Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("run the check again"))
}
