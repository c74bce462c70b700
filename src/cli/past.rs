//! What was let through before, and whether a change goes back to it.

use std::ops::ControlFlow;

use crate::change::git::{
    ChangeKind, EntryKind, EvidenceError, ObjectId, Range, RefName, ReflogEntry, Repository, Revision,
};
use crate::cli::edit::PolicyEdit;
use crate::cli::evidence::{look, show};
use crate::cli::landed::{Evidence, Landed};
use crate::cli::recorded;
use crate::diagnostic::{Faults, Place};
use crate::policy::Kind;
use crate::proof::record::{self, Chain, ref_text};
use crate::proof::rollback::{
    self, Compare, Content, Difference, Missing, Obstacle, Paths, Rollback, Side, State, Visit,
};
use crate::reach::shown::ShownError;
use crate::reach::{Because, Matcher, Reach, RefSide, Shown};
use crate::report::escape::bytes_for_terminal;

/// A ref that is moved, or what a job brings environments to.
#[derive(Clone)]
pub(super) struct Move<'a> {
    /// The ref, if it is known.
    pub(super) name: Option<RefName>,
    /// Whether it is the default branch; `None` if that is not known.
    pub(super) default_branch: Option<bool>,
    /// What is.
    pub(super) old: Option<Revision>,
    /// What shall be.
    pub(super) new: Option<Revision>,
    /// The environments that it is judged for; `None`: for all.
    pub(super) environments: Option<&'a [String]>,
    /// The ref whose log tells where it stood before, if any does.
    pub(super) log: Option<RefName>,
}

/// A change with what is known of the states before it.
pub(super) struct Past<'a> {
    pub(super) repository: &'a Repository,
    pub(super) matcher: &'a Matcher<'a>,
    pub(super) moves: Vec<Move<'a>>,
    /// The edits of the policy that a move to another commit makes, as this change is judged; `None` if that can't be told.
    pub(super) edits: FindEdits<'a>,
    /// Whether what is pushed is what is checked out, as far as is known: commands are made on that.
    pub(super) is_checked_out: bool,
}

/// Finds the edits of the policy by which a branch comes to a commit.
pub(super) type FindEdits<'a> = &'a dyn Fn(&Move<'_>, Revision) -> Result<Option<Vec<PolicyEdit>>, Faults>;

/// Whether the change is a rollback of one environment.
pub(super) struct Back {
    pub(super) environment: String,
    /// Whether all of the tree is in question.
    pub(super) whole: bool,
    pub(super) rollback: Rollback,
}

/// The paths in question.
enum Scope {
    /// All.
    Whole,
    /// Those by which these targets are reached.
    Targets(Vec<Place>),
}

impl Move<'_> {
    pub(super) fn side(&self) -> RefSide<'_> {
        match &self.name {
            None => RefSide::Unknown,
            Some(name) => RefSide::Named { name: name.as_bytes(), default_branch: self.default_branch },
        }
    }

    fn is_tag(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.as_bytes().starts_with(b"refs/tags/"))
    }
}

impl Past<'_> {
    /// Whether the change is a rollback in all that it reaches. What can't be read is no proof.
    ///
    /// Of the environments that are `stated`, on the command line, by the job or in a trailer, the whole tree has to go back: the
    /// whole commit is deployed there.
    pub(super) fn judge(
        &self,
        reach: &Reach,
        stated: &[String],
        chain: Option<&Chain>,
        at: i64,
    ) -> Result<(Rollback, Vec<Back>), Faults> {
        if reach.edits_policy {
            return Ok((Rollback::NotShown(Missing::Policy), Vec::new()));
        }
        let mut shown = Vec::new();
        for one in &self.moves {
            let mut of_one = Shown::default();
            look(self.repository, self.matcher, one.side(), (|| Ok(one.old), || Ok(one.new)), None, &mut of_one)?;
            shown.push((one, of_one));
        }
        let mut names: Vec<&str> = Vec::new();
        for reached in &reach.reached {
            if !names.contains(&reached.environment.name.as_str()) {
                names.push(&reached.environment.name);
            }
        }
        let mut judged = Vec::new();
        let mut backs = Vec::new();
        for name in names {
            let meant = |one: &Move<'_>| one.environments.is_none_or(|names| names.iter().any(|known| known == name));
            let moves = || shown.iter().filter(|(one, _)| meant(one));
            let reaching = moves().filter_map(|(one, shown)| Some((*one, self.scope(name, shown)?)));
            let is_stated = stated.iter().any(|stated| stated == name);
            let mut parts: Vec<(&Move<'_>, Scope)> = if is_stated { Vec::new() } else { reaching.collect() };
            if parts.is_empty() {
                parts = moves().map(|(one, _)| (*one, Scope::Whole)).collect();
            }
            if parts.is_empty() {
                judged.push(Rollback::NotShown(Missing::NoEvidence));
            }
            let whole = parts.iter().any(|(_, scope)| matches!(scope, Scope::Whole));
            let first = judged.len();
            for (one, scope) in parts {
                judged.push(self.judge_move(one, name, &scope, chain, at));
            }
            let rollback = together(judged.get(first..).unwrap_or_default().to_vec());
            backs.push(Back { environment: name.to_owned(), whole, rollback });
        }
        Ok((together(judged), backs))
    }

    /// The paths of the targets by which an environment is reached; `None` if it is by none.
    fn scope(&self, environment: &str, shown: &Shown) -> Option<Scope> {
        let mut places = Vec::new();
        for hit in shown.hits.iter().filter(|hit| hit.reached.environment.name == environment) {
            let Because::Shown { policy: place, .. } = &hit.reached.because else {
                return Some(Scope::Whole);
            };
            let target = self.matcher.policy().targets.iter().find(|target| target.place == *place);
            if target.is_none_or(|target| target.paths.is_empty()) {
                return Some(Scope::Whole);
            }
            places.push(*place);
        }
        (!places.is_empty()).then_some(Scope::Targets(places))
    }

    /// By the record; where that knows no former state, by the log of the ref.
    fn judge_move(&self, one: &Move<'_>, environment: &str, scope: &Scope, chain: Option<&Chain>, at: i64) -> Rollback {
        let Some(new) = one.new else {
            return Rollback::NotShown(Missing::Nothing);
        };
        let within = self.matcher.policy().rollback_within;
        let by = |history: Vec<Known>, by_any_ref: bool| {
            let mut trees = Trees { past: self, side: one.side(), environment, scope, history, new, looked_at: 0 };
            match trees.replaces(one.old, by_any_ref) {
                Ok(true) => {
                    let states: Vec<State> = trees.history.iter().map(|known| known.state.clone()).collect();
                    rollback::judge(&states, &mut trees, at, within)
                }
                Ok(false) => Rollback::NotShown(Missing::Gap),
                Err(obstacle) => Rollback::NotShown(obstacle.into()),
            }
        };
        let by_record = chain.map(|chain| match of_record(chain, one, environment, self.repository) {
            Ok(history) => by(history, one.is_tag()),
            Err(error) => Rollback::NotShown(plain(error).into()),
        });
        let silent = |judged: &Rollback| match judged {
            Rollback::NotShown(Missing::NoHistory | Missing::Gap | Missing::NoFormerState) => true,
            Rollback::Shown(_) | Rollback::NotShown(_) => false,
        };
        let by_log = || -> Option<Rollback> {
            let log = one.log.as_ref()?;
            Some(match self.repository.reflog(log) {
                Ok(None) => Rollback::NotShown(Missing::NoHistory),
                Ok(Some(entries)) => by(of_log(&entries), false),
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
            Some(judged) if !silent(&judged) => judged,
            Some(judged) => match by_log() {
                Some(Rollback::NotShown(Missing::NoHistory)) | None => judged,
                Some(by_log) => by_log,
            },
            None => by_log().unwrap_or(Rollback::NotShown(Missing::NoHistory)),
        }
    }
}

/// Whether all parts are returns; if not, what is missing.
fn together(judged: Vec<Rollback>) -> Rollback {
    let mut all = judged.into_iter();
    let Some(first) = all.next() else {
        return Rollback::NotShown(Missing::NoEvidence);
    };
    for other in all {
        match (&first, other) {
            (Rollback::Shown(_), Rollback::Shown(_)) | (Rollback::NotShown(_), Rollback::NotShown(_)) => {}
            (Rollback::Shown(_), Rollback::NotShown(_)) | (Rollback::NotShown(_), Rollback::Shown(_)) => {
                return Rollback::NotShown(Missing::Mixed);
            }
        }
    }
    first
}

/// The same reach, of a change that is shown to be a rollback.
pub(super) fn rolled_back(reach: &Reach) -> Reach {
    let mut marked = reach.clone();
    for reached in marked.reached.iter_mut().filter(|one| !matches!(one.because, Because::PolicyEdit { .. })) {
        reached.kinds = reached.kinds.with(Kind::Rollback);
    }
    marked
}

/// A former state, and its tree where that was written down too.
struct Known {
    state: State,
    tree: Option<String>,
}

/// The states of the record: of a branch its own, of a tag, which is a ref of its own each time, those by whatever ref. What the
/// first was compared with was there before, whoever let it through; what a server's ref held when the next came is known too.
///
/// By whatever ref, a server's states are those that landed. Where that is not known, a state can't be gone back to, nor past.
fn of_record(
    chain: &Chain,
    one: &Move<'_>,
    environment: &str,
    repository: &Repository,
) -> Result<Vec<Known>, EvidenceError> {
    // a server knows what its refs hold, a clone does not
    let mut evidence = (one.is_tag() && one.log.is_some()).then(|| Evidence::new(chain, repository));
    let states = if one.is_tag() {
        chain.states_by_any_ref(environment)
    } else {
        chain.states(environment, one.name.as_ref().map(ref_text).as_deref())
    };
    let mut known: Vec<Known> = Vec::new();
    for state in states {
        let landed = match &mut evidence {
            Some(evidence) => evidence.of(&state)?,
            None => Landed::Yes,
        };
        let change = state.change;
        let is_new = known.last().is_none_or(|last| last.tree != change.base_tree);
        let is_seen = !known.is_empty() && !one.is_tag() && state.entry.decided.mode == record::Mode::PreReceive;
        if is_new && (is_seen || (known.is_empty() && change.base_commit.is_some())) {
            let (commit, until) = (change.base_commit.clone(), Some(state.from()));
            let base = State { commit, until, allowed: false, rollback: false, seen: is_seen };
            known.push(Known { state: base, tree: change.base_tree.clone() });
        }
        let is_known = match landed {
            Landed::Yes => true,
            Landed::Unknown => false,
            Landed::No => continue,
        };
        if let Some(before) = known.last_mut().filter(|_| one.is_tag()) {
            before.state.until = Some(state.from());
        }
        let (commit, until) = (change.commit.clone(), state.until.filter(|_| !one.is_tag()));
        let allowed = State { commit, until, allowed: is_known, rollback: state.is_rollback(), seen: false };
        known.push(Known { state: allowed, tree: change.tree.clone() });
    }
    // a ref tells what it holds, and then an allowed state that never landed is not the current one
    if let (Some(old), Some(_), false) = (one.old, &one.log, one.is_tag())
        && known.last().is_some_and(|last| last.tree.as_ref() != Some(&old.tree.to_string()))
    {
        let commit = Some(old.commit.to_string());
        let state = State { commit, until: None, allowed: false, rollback: false, seen: true };
        known.push(Known { state, tree: Some(old.tree.to_string()) });
    }
    Ok(known)
}

/// The states that a log tells of, the oldest first. Where its lines don't join, what the later one says was there before is a
/// state too.
fn of_log(entries: &[ReflogEntry]) -> Vec<Known> {
    let known = |id: ObjectId, until: Option<i64>| {
        let commit = (!id.is_zero()).then(|| id.to_string());
        Known { state: State { commit, until, allowed: true, rollback: false, seen: false }, tree: None }
    };
    let mut all: Vec<Known> = Vec::new();
    for entry in entries.iter().rev() {
        let before = known(entry.old, Some(entry.who.seconds));
        match all.last_mut() {
            Some(last) => {
                last.state.until = Some(entry.who.seconds);
                if last.state.commit != before.state.commit {
                    all.push(before);
                }
            }
            None => all.push(before),
        }
        all.push(known(entry.new, None));
    }
    all
}

/// The trees of the states, compared on the paths in question.
struct Trees<'t> {
    past: &'t Past<'t>,
    side: RefSide<'t>,
    environment: &'t str,
    scope: &'t Scope,
    history: Vec<Known>,
    new: Revision,
    /// How many paths were looked at so far.
    looked_at: u64,
}

/// How many paths that differ are looked at for one environment and one ref. A few small trees can stand for a million paths.
const MOST_LOOKED_AT: u64 = 4_000_000;

impl Trees<'_> {
    fn revision(&self, side: Side) -> Result<Option<Revision>, Obstacle> {
        let index = match side {
            Side::New => return Ok(Some(self.new)),
            Side::Former(index) => index,
        };
        let unreadable = |cause: &str| Obstacle::Unreadable(cause.to_owned());
        let known = self.history.get(index).ok_or_else(|| unreadable("a state that is none"))?;
        let Some(commit) = &known.state.commit else {
            return Ok(None);
        };
        let text = |faults: Faults| {
            let first = faults.diagnostics.first();
            Obstacle::Unreadable(first.map_or_else(String::new, |one| match &one.help {
                Some(help) => format!("{} ({help})", one.cause),
                None => one.cause.clone(),
            }))
        };
        match &known.tree {
            Some(tree) => recorded::revision(commit, tree, self.past.repository).map(Some).map_err(text),
            None => ObjectId::from_hex(commit).and_then(|id| self.past.repository.revision_at(id)).map_err(plain),
        }
    }

    /// Whether what is known last is what the change replaces. Of a tag there may be nothing that it replaces.
    fn replaces(&mut self, old: Option<Revision>, by_any_ref: bool) -> Result<bool, Obstacle> {
        let Some(last) = self.history.len().checked_sub(1) else {
            return Ok(true);
        };
        if by_any_ref {
            return Ok(true);
        }
        match (self.revision(Side::Former(last))?, old) {
            (Some(last), Some(old)) => {
                let mut differs = false;
                self.between(Some(last), Some(old), Paths::Asked, &mut |_| {
                    differs = true;
                    ControlFlow::Break(())
                })?;
                Ok(!differs)
            }
            (None, None) => Ok(true),
            (Some(_), None) | (None, Some(_)) => Ok(false),
        }
    }

    fn between(
        &mut self,
        one: Option<Revision>,
        other: Option<Revision>,
        paths: Paths,
        visit: &mut Visit<'_>,
    ) -> Result<(), Obstacle> {
        let (range, back) = (Range { old: one, new: other }, Range { old: other, new: one });
        if one.is_some() != other.is_some() {
            // there is something and there is nothing, whatever paths there are
            let there = |revision: Option<Revision>| revision.map(|_| [0; 24]);
            let all = Difference { path: b"", one: there(one), other: there(other) };
            if visit(all).is_break() {
                return Ok(());
            }
        }
        let error = |error: ShownError| Obstacle::Unreadable(error.to_string());
        let of_ref = self.past.matcher.of_ref(self.side).map_err(error)?;
        let mut failed = None;
        let repository = self.past.repository;
        let (scope, environment, looked_at) = (self.scope, self.environment, &mut self.looked_at);
        // what a link leads to is known of the side that has it alone
        let is_asked = |path: &[u8], change: ChangeKind| -> Result<bool, Faults> {
            let places = match (paths, scope) {
                (Paths::All, _) | (Paths::Asked, Scope::Whole) => return Ok(true),
                (Paths::Asked, Scope::Targets(places)) => places,
            };
            for (range, change) in [(range, change), (back, change.reversed())] {
                let mut shown = Shown::default();
                show(repository, &of_ref, range, path, change, &mut shown)?;
                let by =
                    |because: &Because| matches!(because, Because::Shown { policy, .. } if places.contains(policy));
                let mut hits = shown.hits.iter().map(|hit| &hit.reached);
                // a name that no table has may be any
                if !shown.unknown.is_empty() || hits.any(|one| one.environment.name == environment && by(&one.because))
                {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let walked = repository.changed_contents(range.old_tree(), range.new_tree(), &mut |path, change, contents| {
            *looked_at += 1;
            if *looked_at > MOST_LOOKED_AT {
                failed =
                    Some(Obstacle::TooMuch { what: "paths that differ between former states", limit: MOST_LOOKED_AT });
                return ControlFlow::Break(());
            }
            match is_asked(path, change) {
                Ok(true) => {
                    let (old, new) = change.kinds();
                    visit(Difference { path, one: content(old, contents.old), other: content(new, contents.new) })
                }
                Ok(false) => ControlFlow::Continue(()),
                Err(faults) => {
                    let cause = faults.diagnostics.first().map_or_else(String::new, |one| one.cause.clone());
                    failed = Some(Obstacle::Unreadable(cause));
                    ControlFlow::Break(())
                }
            }
        });
        match failed {
            Some(obstacle) => Err(obstacle),
            None => walked.map_err(plain),
        }
    }
}

/// The name of a content: what it is, and of which object.
fn content(kind: Option<EntryKind>, id: Option<ObjectId>) -> Content {
    let (kind, id) = (kind?, id?);
    let mut name = [0; 24];
    let kind = match kind {
        EntryKind::File => 1,
        EntryKind::Executable => 2,
        EntryKind::Link => 3,
        EntryKind::Submodule => 4,
    };
    for (to, from) in name.iter_mut().zip([kind].iter().chain(id.as_bytes())) {
        *to = *from;
    }
    Some(name)
}

fn plain(error: EvidenceError) -> Obstacle {
    Obstacle::Unreadable(format!("{error} ({})", error.help()))
}

impl Compare for Trees<'_> {
    fn differences(&mut self, one: Side, other: Side, paths: Paths, visit: &mut Visit<'_>) -> Result<(), Obstacle> {
        self.between(self.revision(one)?, self.revision(other)?, paths, visit)
    }

    fn name(&self, path: &[u8]) -> String {
        if path.is_empty() { "all of it".to_owned() } else { bytes_for_terminal(path).into_owned() }
    }
}
