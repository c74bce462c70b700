//! What was allowed before, and whether a change goes back to it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::change::git::{Range, Repository, Revision};
use crate::diagnostic::{Faults, Place};
use crate::gate::comparison::Move;
use crate::gate::edit::PolicyEdit;
use crate::gate::history::before::BeforeRecord;
use crate::gate::history::context::PastContext;
use crate::gate::history::known::{KnownFormerState, PathsInQuestion, ReachedParts};
pub(crate) use crate::gate::history::memo::Memo;
use crate::gate::history::memo::{MOST_OF_DECISION, MOST_OF_OFFER, TraceKey, Traced};
use crate::gate::history::of_move::OfMove;
use crate::gate::history::others::beside_log;
use crate::gate::history::states::{FormerStates, JudgedScope, of_log, of_record};
use crate::gate::history::trees::Trees;
use crate::gate::landed::SeenState;
use crate::gate::look::look;
use crate::gate::policies_then::PoliciesThen;
use crate::gate::routes;
use crate::policy::{Kind, Policy, Target, TargetEnvironment};
use crate::proof::record::{Chain, Folded, ref_text};
use crate::proof::rollback::{FormerState, MOST_STATES, Missing, Rollback, Trace};
use crate::reach::{Because, Reach, Shown, TargetMatcher};
use crate::time::instant::Instant;

mod before;
mod context;
mod differences;
mod judged_for;
pub(crate) mod known;
mod memo;
mod of_move;
mod others;
mod states;
mod trees;

/// A change with what is known of the states before it.
pub(crate) struct Past<'a> {
    pub(crate) context: PastContext<'a>,
    pub(crate) moves: Vec<Move<'a>>,
    /// Finds the edits of the policy that moving a ref to another commit makes; `None` if they are unknown.
    pub(crate) edits: FindEdits<'a>,
    /// True if the pushed commit is checked out, as far as is known: printed commands start from it.
    pub(crate) is_checked_out: bool,
}

/// Of how many environments each is compared by itself. More share what differs between states.
const FEW: usize = 8;

/// Finds the edits of the policy by which a branch comes to a commit.
pub(crate) type FindEdits<'a> = &'a dyn Fn(&Move<'_>, Revision) -> Result<Option<Vec<PolicyEdit>>, Faults>;

/// The verdict on a rollback of one environment.
pub(crate) struct Back {
    pub(crate) environment: String,
    /// True if all of the tree is in question.
    pub(crate) whole: bool,
    pub(crate) rollback: Rollback,
}

impl<'a> Past<'a> {
    /// A change; nothing is looked at yet.
    pub(crate) fn new(
        (repository, matcher): (&'a Repository, &'a TargetMatcher<'a>),
        moves: Vec<Move<'a>>,
        (edits, policies): (FindEdits<'a>, &'a PoliciesThen<'a>),
        is_checked_out: bool,
    ) -> Self {
        let (memo, differences) = (Memo::new(MOST_OF_DECISION), Rc::default());
        let context = PastContext { repository, matcher, policies, narrowed: None, memo, differences };
        Self { context, moves, edits, is_checked_out }
    }

    /// Another change in the same place, that a command would make which could be printed.
    pub(crate) fn of(&self, moves: Vec<Move<'a>>) -> Self {
        let known = &self.context;
        let (memo, differences) = (Memo::new(MOST_OF_OFFER), Rc::clone(&known.differences));
        let context = PastContext { narrowed: known.narrowed.clone(), memo, differences, ..*known };
        Self { context, moves, ..*self }
    }

    /// The same, judged by a decision that is narrowed.
    pub(crate) fn narrowed(self, narrowed: Option<String>) -> Self {
        Self { context: PastContext { narrowed, ..self.context }, ..self }
    }

    /// Returns whether the change is a rollback in all that it reaches. What can't be read is no proof.
    ///
    /// Of the environments that are `stated`, on the command line, by the job or in a trailer, the whole tree has to go back: the
    /// whole commit is deployed there.
    pub(crate) fn judge(
        &self,
        reach: &Reach,
        stated: &[String],
        folded: Option<&Folded>,
        at: Instant,
    ) -> Result<(Rollback, Vec<Back>), Faults> {
        if reach.loosens_policy {
            return Ok((Rollback::NotShown(Missing::Policy), Vec::new()));
        }
        let all_shown = self.context.memo.shown(|| {
            let of_one = |one: &Move<'_>| {
                let mut shown = Shown::default();
                look(
                    self.context.repository,
                    self.context.matcher,
                    one.side(),
                    (|| Ok(one.old), || Ok(one.new)),
                    None,
                    &mut shown,
                )?;
                Ok(shown)
            };
            self.moves.iter().map(of_one).collect()
        })?;
        let mut known = HashSet::new();
        let names = reach.reached.iter().map(|reached| reached.environment.name.as_str());
        let names: Vec<&str> = names.filter(|name| known.insert(*name)).collect();
        let is_shared = names.len() > FEW;
        let stated: HashSet<&str> = stated.iter().map(String::as_str).collect();
        let of_moves: Vec<OfMove<'_>> = self
            .moves
            .iter()
            .zip(all_shown)
            .map(|(one, shown)| OfMove::new(one, shown, self.context.matcher.policy()))
            .collect();
        let mut reached_parts: HashMap<&str, ReachedParts<'_>> = HashMap::new();
        for reached in &reach.reached {
            let parts = reached_parts.entry(reached.environment.name.as_str()).or_default();
            parts.regions.extend(reached.region.as_ref().map(|region| region.name.as_str()));
            parts.services.extend(reached.service.as_ref().map(|service| service.name.as_str()));
        }
        let mut judged = Vec::new();
        let mut backs = Vec::new();
        for name in names {
            let moves = || of_moves.iter().filter(|of_move| of_move.is_for(name));
            let guarded = if reach.is_by_routes(name) { self.guarded()? } else { &[] };
            let scope = |(at, of_move): (usize, &OfMove<'_>)| match (guarded.get(at), of_move.scope(name)) {
                (Some(paths), Some(PathsInQuestion::Targets(places) | PathsInQuestion::WithRoutes(places, _)))
                    if !paths.is_empty() =>
                {
                    Some(PathsInQuestion::WithRoutes(places, Rc::clone(paths)))
                }
                (Some(paths), None) if !paths.is_empty() => {
                    Some(PathsInQuestion::WithRoutes(self.targets_of(name), Rc::clone(paths)))
                }
                (Some(_) | None, scope) => scope,
            };
            let numbered = of_moves.iter().enumerate().filter(|(_, of_move)| of_move.is_for(name));
            let reaching = numbered.filter_map(|one| Some((one.1, scope(one)?)));
            let mut parts: Vec<(&OfMove<'_>, PathsInQuestion)> =
                if stated.contains(name) { Vec::new() } else { reaching.collect() };
            if parts.is_empty() {
                parts = moves().map(|of_move| (of_move, PathsInQuestion::Whole)).collect();
            }
            if parts.is_empty() {
                judged.push(Rollback::NotShown(Missing::NoEvidence));
            }
            let whole = parts.iter().any(|(_, scope)| matches!(scope, PathsInQuestion::Whole));
            let reached = reached_parts.remove(name).unwrap_or_default();
            let judge = |(of_move, scope)| self.judge_move(of_move, (name, &reached, &scope, is_shared), folded, at);
            let judged_here: Vec<Rollback> = parts.into_iter().map(judge).collect();
            judged.extend_from_slice(&judged_here);
            backs.push(Back { environment: name.to_owned(), whole, rollback: together(judged_here) });
        }
        Ok((together(judged), backs))
    }

    /// The guarded paths that each move changes.
    fn guarded(&self) -> Result<&[Rc<BTreeSet<Vec<u8>>>], Faults> {
        let context = &self.context;
        let of_one = |one: &Move<'_>| {
            let range = Range { old: one.old, new: one.new };
            let paths = routes::changed_paths(context.repository, context.matcher.policy(), one.side(), range)?;
            Ok(Rc::new(paths))
        };
        context.memo.guarded(|| self.moves.iter().map(of_one).collect())
    }

    /// The targets with paths that may show an environment.
    fn targets_of(&self, environment: &str) -> HashSet<Place> {
        let is_of_it = |target: &&Target| match &target.environment {
            TargetEnvironment::Named(named) => named.name == environment,
            TargetEnvironment::Every | TargetEnvironment::Captured => true,
        };
        let targets = self.context.matcher.policy().targets.iter().filter(is_of_it);
        targets.filter(|target| !target.paths.is_empty()).map(|target| target.place).collect()
    }

    /// Returns what narrows this decision, if the record shows states of the ref by decisions alone that nothing narrowed.
    fn known_plainly_alone(&self, one: &Move<'_>, environment: &str, folded: &Folded) -> Option<&str> {
        let narrowed = self.context.narrowed.as_deref()?;
        let reference = one.name.as_ref().map(ref_text);
        let are_known = |narrowed| folded.has_states(environment, Chain::of_job(reference.as_deref(), narrowed));
        (!one.is_tag() && !are_known(Some(narrowed)) && are_known(None)).then_some(narrowed)
    }

    /// By the record; where that knows no former state, by the log of the ref.
    fn judge_move(
        &self,
        of_move: &OfMove<'_>,
        (environment, reached, scope, is_shared): (&str, &ReachedParts<'_>, &PathsInQuestion, bool),
        folded: Option<&Folded>,
        at: Instant,
    ) -> Rollback {
        let one = of_move.one;
        let Some(new) = one.new else {
            return Rollback::NotShown(Missing::Nothing);
        };
        let within = self.context.matcher.policy().rollback_within;
        let trees = |history: &Rc<[KnownFormerState]>, before: &Rc<BeforeRecord>| Trees {
            context: &self.context,
            of_move,
            environment,
            reached,
            scope,
            history: Rc::clone(history),
            new,
            since: at.saturating_sub(within),
            is_shared,
            looked_at: 0,
            before: Rc::clone(before),
        };
        let by = |history: Vec<KnownFormerState>, by_any_ref: bool, before: BeforeRecord| {
            let before = Rc::new(before);
            let history = history.into();
            let owned = |names: &HashSet<&str>| names.iter().map(|name| (*name).to_owned()).collect();
            let key = TraceKey {
                environment: environment.to_owned(),
                reference: one.name.clone(),
                scope: scope.clone(),
                reached: [owned(&reached.regions), owned(&reached.services)],
                old: one.old,
                new,
                by_any_ref,
                history,
            };
            let traced = self.context.memo.traced(key, |history| {
                let states: Vec<FormerState> = history.iter().map(|known| known.state.clone()).collect();
                let mut trees = trees(history, &before);
                match trees.replaces(one.old, by_any_ref) {
                    Ok(true) => Traced::Replaces(Trace::of(&states, &mut trees)),
                    Ok(false) => Traced::Gap,
                    Err(obstacle) => Traced::Obstacle(obstacle),
                }
            });
            match traced {
                Traced::Replaces(trace) => trace.at(at, within),
                Traced::Gap => Rollback::NotShown(Missing::Gap),
                Traced::Obstacle(obstacle) => Rollback::NotShown(obstacle.into()),
            }
        };
        // the log of a ref shows nothing of what others brought
        let mut is_of_several = false;
        let by_record = folded.map(|folded| {
            let judged = JudgedScope { scope, by: of_move.judged_by.as_deref() };
            let mut trees = trees(&Rc::default(), &Rc::default());
            let mut holds = |seen: SeenState<'_>| trees.holds(seen);
            match of_record(folded, one, environment, &judged, (&self.context, &mut holds)) {
                // a state that was rolled back from may be among what was forgotten
                Ok(_) if folded.complete_since(environment).is_some_and(|since| since > at.saturating_sub(within)) => {
                    let limit = u64::try_from(MOST_STATES).unwrap_or(u64::MAX);
                    Rollback::NotShown(Missing::TooMuch { what: "former states", limit })
                }
                Ok(FormerStates { mut known, by_any_ref, before }) => {
                    // of many refs there may be more than are compared
                    let is_old = |known: &KnownFormerState| {
                        known.state.until.is_some_and(|until| until < at.saturating_sub(within))
                    };
                    let excess = known.len().saturating_sub(MOST_STATES);
                    known.drain(..known.iter().take(excess).take_while(|known| is_old(known)).count());
                    is_of_several = by_any_ref && !known.is_empty();
                    match self.known_plainly_alone(one, environment, folded) {
                        Some(narrowed) => Rollback::NotShown(Missing::Narrowed { by: narrowed.to_owned() }),
                        None => by(known, by_any_ref, before),
                    }
                }
                Err(obstacle) => Rollback::NotShown(obstacle.into()),
            }
        });
        let silent = |judged: &Rollback| match judged {
            Rollback::NotShown(
                Missing::NoHistory | Missing::Narrowed { .. } | Missing::Gap | Missing::NoFormerState,
            ) => true,
            // of the environment, the record does not tell what other environments did to guarded files
            Rollback::NotShown(Missing::JudgedForLess { .. }) => matches!(scope, PathsInQuestion::WithRoutes(_, _)),
            Rollback::Shown(_) | Rollback::NotShown(_) => false,
        };
        let by_log = || -> Option<Rollback> {
            let log = one.log.as_ref()?;
            Some(match self.context.memo.log(log, || self.context.repository.reflog(log)).as_deref() {
                Ok(None) => Rollback::NotShown(Missing::NoHistory),
                Ok(Some(entries)) => match beside_log(one, environment, &self.context) {
                    Ok(Some(name)) => Rollback::NotShown(Missing::AnotherRef { name }),
                    Ok(None) => match self.context.memo.spend(entries.len()) {
                        Ok(()) => by(of_log(entries), false, BeforeRecord::default()),
                        Err(obstacle) => Rollback::NotShown(obstacle.into()),
                    },
                    Err(obstacle) => Rollback::NotShown(obstacle.into()),
                },
                Err(error) => Rollback::NotShown(Missing::Unreadable(error.to_string())),
            })
        };
        match by_record {
            // the record may be younger than what it would have to tell
            Some(shown @ Rollback::Shown(_)) => match by_log() {
                Some(contradicted @ Rollback::NotShown(Missing::RolledBackFrom { .. } | Missing::Unreadable(_))) => {
                    contradicted
                }
                Some(Rollback::Shown(_) | Rollback::NotShown(_)) | None => shown,
            },
            Some(judged) if is_of_several || !silent(&judged) => judged,
            Some(judged) => match by_log() {
                // a record that is kept already is no advice
                Some(Rollback::NotShown(Missing::NoHistory | Missing::AnotherRef { .. })) | None => judged,
                Some(by_log) => by_log,
            },
            None => by_log().unwrap_or(Rollback::NotShown(Missing::NoHistory)),
        }
    }
}

/// Returns whether all parts are returns; if not, what is missing.
fn together(judged: Vec<Rollback>) -> Rollback {
    let shown = judged.iter().filter(|one| matches!(one, Rollback::Shown(_))).count();
    let mixed = shown > 0 && shown < judged.len();
    let mut missing = judged.iter().filter_map(|one| match one {
        Rollback::NotShown(missing) => Some(missing),
        Rollback::Shown(_) => None,
    });
    // each part goes back, and what is missing of one says more than that
    if mixed
        && missing.clone().all(Missing::is_of_a_return)
        && let Some(first) = missing.next()
    {
        return Rollback::NotShown(first.clone());
    }
    if mixed {
        return Rollback::NotShown(Missing::Mixed);
    }
    judged.into_iter().next().unwrap_or(Rollback::NotShown(Missing::NoEvidence))
}

/// The same reach, of a change that is shown to be a rollback; `with_routes` if all guarded files are those of the former state too: then the requests
/// that other backends would answer go back, as far as the environments let rollbacks pass.
pub(crate) fn rolled_back(policy: &Policy, reach: &Reach, with_routes: bool) -> Reach {
    let mut marked = reach.clone();
    for reached in &mut marked.reached {
        let goes_back = match reached.because {
            Because::PolicyEdit { .. } => false,
            Because::Declared
            | Because::Job { .. }
            | Because::Possible { .. }
            | Because::Routes { .. }
            | Because::Shown { .. } => true,
        };
        if goes_back {
            reached.kinds = reached.kinds.with(Kind::Rollback);
        }
    }
    if with_routes {
        let lets_pass = |name: &String| policy.environment(name).is_some_and(|one| one.exempt.contains(Kind::Rollback));
        marked.route_conflicts.retain(|one| !one.environments.iter().all(lets_pass));
    }
    marked
}
