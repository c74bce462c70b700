//! The former states that a record or the log of a ref knows.

use crate::change::git::{ObjectId, ReflogEntry};
use crate::gate::comparison::Move;
use crate::gate::history::before::BeforeRecord;
use crate::gate::history::context::PastContext;
use crate::gate::history::known::{JudgedThen, KnownFormerState, PathsInQuestion};
use crate::gate::history::others::Others;
use crate::gate::landed::{Evidence, Holds, Landed};
use crate::proof::record::{Folded, RecordedMode, RecordedState};
use crate::proof::rollback::{FormerState, Obstacle};
use crate::time::instant::Instant;

/// The way in which a change is judged for one environment.
pub(crate) struct JudgedScope<'j> {
    /// The paths in question.
    pub(crate) scope: &'j PathsInQuestion,
    /// By what, see [`Breadth`](crate::report::Breadth).
    pub(crate) by: Option<&'j str>,
}

/// The former states of one environment that a record knows.
pub(crate) struct FormerStates {
    /// The oldest first.
    pub(crate) known: Vec<KnownFormerState>,
    /// True if they are those of more refs than the one that is moved, so that the last need not be what that had.
    pub(crate) by_any_ref: bool,
    /// What was there before.
    pub(crate) before: BeforeRecord,
}

/// The states of the record: of a branch its own and those of all refs that reach the environment by a target of both; of a tag,
/// which is a ref of its own each time, those by whatever ref. What the first was compared with was there before, whoever let it
/// through; what a server's ref held when the next came is known too.
///
/// By more than one ref, a server's states are those that landed. Where that is not known, a state can't be gone back to, nor past.
pub(crate) fn of_record(
    folded: &Folded,
    one: &Move<'_>,
    environment: &str,
    judged: &JudgedScope<'_>,
    (context, holds): (&PastContext<'_>, Holds<'_>),
) -> Result<FormerStates, Obstacle> {
    let others = Others::of(folded, one, environment, context)?;
    let counts = |state: &RecordedState<'_>| others.counts(state);
    let by_any_ref = one.is_tag() || folded.is_brought_by_others(environment, others.own(), &counts);
    let states = if by_any_ref {
        folded.states_by_any_ref(environment, &counts)
    } else {
        folded.states(environment, others.own())
    };
    let before = BeforeRecord::of(folded, one, environment, &states);
    // a server knows what its refs hold, a clone does not
    let mut landed: Vec<Landed> = Vec::with_capacity(states.len());
    if by_any_ref && one.log.is_some() {
        let mut evidence = Evidence::new(context.repository);
        // the newest first, as no more than some can be found out
        for state in states.iter().rev() {
            landed.push(evidence.of(state, holds)?);
        }
    }
    let mut own_tree: Option<Option<String>> = None;
    let mut known: Vec<KnownFormerState> = Vec::new();
    // where what comes after the own states belongs
    let mut after_own = 0_usize;
    for state in states {
        if others.is_own(&state) {
            own_tree = Some(state.tree.map(str::to_owned));
        }
        let landed = landed.pop().unwrap_or(Landed::Yes);
        let is_new = known.last().is_none_or(|last| last.tree.as_deref() != state.base_tree);
        let is_seen = !known.is_empty() && !by_any_ref && state.mode == RecordedMode::PreReceive;
        if is_new && (is_seen || (known.is_empty() && state.base_commit.is_some())) {
            let (commit, until) = (state.base_commit.map(str::to_owned), Some(state.from));
            let base = FormerState { commit, until, allowed: false, rollback: false, seen: is_seen };
            let tree = state.base_tree.map(str::to_owned);
            known.push(KnownFormerState { state: base, tree, judged: JudgedThen::ForLess });
        }
        let (allowed, judged) = match landed {
            Landed::Yes => (true, judged.then(&state, one.is_tag(), &others)),
            Landed::Unknown => (false, JudgedThen::ForLess),
            Landed::No => continue,
        };
        if let Some(before) = known.last_mut().filter(|_| by_any_ref) {
            before.state.until = Some(state.from);
        }
        let (commit, until) = (state.commit.map(str::to_owned), state.until.filter(|_| !by_any_ref));
        let allowed_state = FormerState { commit, until, allowed, rollback: state.is_rollback, seen: false };
        known.push(KnownFormerState { state: allowed_state, tree: state.tree.map(str::to_owned), judged });
        if others.is_own(&state) {
            after_own = known.len();
        }
    }
    // the ref itself shows its current state; an allowed state that never landed is not it. What moved the ref since brought nothing, so that
    // what others brought meanwhile is still there
    if let (Some(old), Some(_), false) = (one.old, &one.log, one.is_tag())
        && own_tree.is_some_and(|tree| tree != Some(old.tree.to_string()))
    {
        let place = if by_any_ref { after_own.min(known.len()) } else { known.len() };
        let before = place.checked_sub(1).and_then(|before| known.get(before));
        let until = before.and_then(|before| before.state.until).filter(|_| by_any_ref);
        let commit = Some(old.commit.to_string());
        let state = FormerState { commit, until, allowed: false, rollback: false, seen: !by_any_ref };
        known.insert(place, KnownFormerState { state, tree: Some(old.tree.to_string()), judged: JudgedThen::ForLess });
    }
    Ok(FormerStates { known, by_any_ref, before })
}

impl JudgedScope<'_> {
    /// Returns how a state was judged that was allowed. One that was allowed for some regions, services, kinds or paths is no former state of others.
    fn then(&self, state: &RecordedState<'_>, is_tag: bool, others: &Others) -> JudgedThen {
        // its job may have deployed it, or not
        if state.is_proposed {
            return JudgedThen::ForLess;
        }
        let is_alike = self.by.is_some() && state.scope == self.by && others.is_narrowed_alike(state);
        let is_plain_or_alike = state.is_plain || is_alike;
        let (is_for_all, whole) = match self.scope {
            _ if is_tag => (is_plain_or_alike, true),
            _ if !others.is_own(state) => (is_plain_or_alike || others.shares(state, self.scope), is_plain_or_alike),
            PathsInQuestion::Whole => (state.is_tree_wide, state.is_plain),
            // each decision about a branch judges all of its paths that are mapped
            PathsInQuestion::Targets(_) | PathsInQuestion::WithRoutes(_, _) => (true, state.is_plain),
        };
        if !is_for_all {
            return JudgedThen::ForLess;
        }
        let by = state.judged_by;
        let policy = (by.digest.to_owned(), by.commit.map(str::to_owned));
        JudgedThen::Recorded { policy, whole }
    }
}

/// Returns the states that a reflog lists, oldest first. If an entry does not begin where the one before it ended, its old
/// value is a state too.
pub(crate) fn of_log(entries: &[ReflogEntry]) -> Vec<KnownFormerState> {
    let known = |id: ObjectId, until: Option<Instant>, entry: &ReflogEntry| {
        let commit = (!id.is_zero()).then(|| id.to_string());
        let state = FormerState { commit, until, allowed: true, rollback: false, seen: false };
        KnownFormerState { state, tree: None, judged: JudgedThen::Logged(entry.clone()) }
    };
    let mut all: Vec<KnownFormerState> = Vec::new();
    for entry in entries.iter().rev() {
        let before = known(entry.old, Some(entry.who.seconds), entry);
        match all.last_mut() {
            Some(last) => {
                last.state.until = Some(entry.who.seconds);
                if last.state.commit != before.state.commit {
                    all.push(before);
                }
            }
            None => all.push(before),
        }
        all.push(known(entry.new, None, entry));
    }
    all
}
