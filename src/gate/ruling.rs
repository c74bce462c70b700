//! From a decision to an answer, ready to be printed: all that can fail is done before the decision is kept.

use std::cell::RefCell;

use crate::change::git::CommitId;
use crate::decision::calendar_end::calendars_that_end;
use crate::decision::schedule::DecisionQuestion;
use crate::decision::{Decision, EXEMPT, Finding, FindingCode, Verdict};
use crate::diagnostic::Faults;
use crate::gate::case::{Case, JudgedCase, TakeBack};
use crate::gate::edit::PolicyEdit;
use crate::gate::judgement::{DecisionKeeping, Outlook};
use crate::gate::way_back::{self, WayBackQuestion};
use crate::gate::world::World;
use crate::proof::record::{Digest, Folded, MOST_REFUSALS_AN_HOUR};
use crate::proof::rollback::{Missing, Rollback};
use crate::reach::{Declared, DeclaredNames, Reach};
use crate::report::lint::against::ComparedPolicy;
use crate::report::ways::can_be_granted;
use crate::report::{Answer, Examined, WayBack};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The parts of an answer besides the decision.
pub(crate) struct RulingContext<'a> {
    pub(crate) case: &'a Case<'a>,
    pub(crate) world: &'a dyn World,
    pub(crate) declared: &'a Declared,
    /// The declared names, as given.
    pub(crate) names: &'a DeclaredNames,
    pub(crate) examined: Option<&'a Examined>,
    /// Everything that is doubtful about the evidence.
    pub(crate) doubts: &'a [String],
    pub(crate) take_back: TakeBack<'a>,
    /// Everything that was found last.
    pub(crate) ways: &'a RefCell<Option<(WaysKey, Ways)>>,
}

/// The commands that roll back, and that revert a change.
#[derive(Clone)]
pub(crate) struct Ways {
    back: Option<WayBack>,
    undo: Option<String>,
}

/// The inputs that they depend on.
#[derive(PartialEq, Eq)]
pub(crate) struct WaysKey {
    /// The last entry of the record, if the former states in it matter.
    last: Option<Digest>,
    verdict: Verdict,
    valid_until: Option<Instant>,
    rollback: Option<Rollback>,
}

impl<'a> RulingContext<'a> {
    /// The answer about what is reached; where the decision is to be recorded, whoever is told of it can be written to.
    pub(crate) fn answer(
        &self,
        reach: &Reach,
        outlook: &Outlook,
        kept: DecisionKeeping<'_>,
    ) -> Result<JudgedCase, Faults> {
        let Self { case, world, declared, names, examined, .. } = *self;
        let decision = &outlook.decision;
        let ways = self.ways(outlook, kept.folded)?;
        let (way_back, undo) = (ways.back, ways.undo);
        let mut warnings = world.warnings(decision.at);
        // what is allowed needs no grant, so nobody has to know why one is not valid
        let notes = if decision.verdict == Verdict::Allowed { &[] } else { outlook.notes.as_slice() };
        for more in [case.warnings.as_slice(), self.doubts, notes] {
            warnings.extend_from_slice(more);
        }
        warnings.extend_from_slice(&case.policy.stops.doubts);
        warnings.extend(calendars_that_end(case.policy, reach, decision.at));
        if kept.entry.is_some_and(|entry| entry.sequence == 1) {
            warnings.push("the record is new: it begins with this decision".to_owned());
        }
        if kept.is_left_out {
            warnings.push(format!(
                "not recorded: {MOST_REFUSALS_AN_HOUR} refused pushes of this person are, in this hour; this one is counted in the next entry"
            ));
        }
        let question = DecisionQuestion { policy: case.policy, reach, declared, duration: case.duration, granted: &[] };
        let longest = reach.reached.iter().map(|reached| question.duration_in(&reached.environment)).max();
        let compared = |edit: &'a PolicyEdit| ComparedPolicy {
            comparison: &edit.comparison,
            base: case.policy_from,
            old_sources: &case.policy.sources,
            sources: &edit.new.policy.sources,
            at: edit.at,
            asker: case.asker.as_ref(),
        };
        let edits: Vec<ComparedPolicy<'_>> = case.edits.iter().map(compared).collect();
        let authors = self.authors(decision.verdict);
        let answer = Answer {
            edits: &edits,
            first_policy: case.first_policy,
            mode: case.mode,
            trust: case.trust,
            hypothetical: case.hypothetical.is_some(),
            dry_run: case.dry_run,
            policy: case.policy,
            policy_from: case.policy_from,
            declared: names,
            repeated: &case.repeated,
            incident: case.lifting.incident(),
            kinds: declared.kinds,
            duration: longest.or(case.duration).unwrap_or(Seconds::ZERO),
            evidence: examined,
            command: case.command,
            authors: &authors,
            pushers: case.lifting.pushers(),
            pipeline: case.pipeline,
            reach,
            decision,
            undo: undo.as_deref(),
            way_back: way_back.as_ref(),
            openings: outlook.openings.as_deref(),
            longest: outlook.longest,
            asker: case.asker.as_ref(),
            warnings: &warnings,
            unfinished: &outlook.unfinished,
            recorded: kept.entry,
        };
        let can_be_granted = can_be_granted(&answer);
        let answer = (case.render)(&answer, kept.entry.is_some())?;
        let is_refused = match decision.verdict {
            Verdict::Refused => !case.dry_run,
            Verdict::Allowed => false,
        };
        let is_printed = !decision.findings.is_empty()
            || !case.warnings.is_empty()
            || case.edits.iter().any(|edit| !edit.comparison.is_empty());
        let &Decision { verdict, next_open, valid_until, .. } = decision;
        let is_overridden = |finding: &&Finding| {
            let by = finding.lifted_by.as_ref().filter(|_| finding.level.refuses());
            by.is_some_and(|by| !by.starts_with(EXEMPT))
        };
        let overridden = decision.findings.iter().filter(is_overridden).cloned().collect();
        Ok(JudgedCase { answer, is_refused, is_printed, verdict, next_open, valid_until, overridden, can_be_granted })
    }

    /// Returns who wrote a change that is refused, as far as the commits at hand say: they are not proposed as signers if they may not sign. What
    /// is not known here, the gate finds out when somebody signed.
    fn authors(&self, verdict: Verdict) -> Vec<String> {
        let (Verdict::Refused, Some(past)) = (verdict, self.case.past) else {
            return Vec::new();
        };
        let ends = past.moves.iter().filter_map(|one| Some((Some(one.old?.commit), one.new?.commit)));
        let ends: Vec<(Option<CommitId>, CommitId)> = ends.collect();
        // only proposals rest on it: where history is missing, nobody is left out of them
        past.context.repository.authors_of(&ends).unwrap_or_default()
    }

    /// Returns what goes back, and what takes the change back. What was found for the same decision is not looked for again.
    pub(crate) fn ways(&self, outlook: &Outlook, folded: Option<&Folded>) -> Result<Ways, Faults> {
        let Outlook { decision, rollback, .. } = outlook;
        // then it is looked whether another change would be a rollback
        let is_compared = matches!(rollback, Some(Rollback::NotShown(Missing::Differs { .. })));
        let key = WaysKey {
            last: folded.filter(|_| is_compared).and_then(Folded::last),
            verdict: decision.verdict,
            valid_until: decision.valid_until,
            rollback: rollback.clone(),
        };
        let known = self.ways.borrow().as_ref().filter(|(one, _)| *one == key).map(|(_, ways)| ways.clone());
        if let Some(known) = known {
            return Ok(known);
        }
        // while the clock is wrong, nothing passes
        let ways = if decision.findings.iter().any(|one| one.code == FindingCode::ClockBehind) {
            Ways { back: rollback.as_ref().map(way_back::way_back_of), undo: None }
        } else {
            let undo = match decision.verdict {
                Verdict::Refused => (self.take_back)(self.declared, decision.at)?,
                Verdict::Allowed => None,
            };
            Ways { back: self.way_back(outlook, folded)?, undo }
        };
        self.ways.replace(Some((key, ways.clone())));
        Ok(ways)
    }

    fn way_back(&self, outlook: &Outlook, folded: Option<&Folded>) -> Result<Option<WayBack>, Faults> {
        let Self { case, declared, .. } = *self;
        if let Some(back) = outlook.plan_back {
            let message = format!("verified: it takes back what the plan of entry {} changed", back.sequence);
            return Ok(Some(WayBack { shown: true, to: None, message }));
        }
        match (&outlook.rollback, case.past) {
            (Some(rollback), Some(past)) => {
                let job = case.pipeline.map(|pipeline| (pipeline, &case.names));
                let at = outlook.decision.at;
                let asked = WayBackQuestion { declared, job, only: case.only, folded, at, duration: case.duration };
                let backs = (rollback, outlook.backs.as_slice());
                way_back::way_back(past, backs, &outlook.decision, &asked, case.mode)
            }
            (Some(rollback), None) => Ok(Some(way_back::way_back_of(rollback))),
            (None, Some(_) | None) => Ok(None),
        }
    }
}
