//! The trees of former states, compared with each other and with the new one.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::rc::Rc;

use crate::change::git::{ChangeKind, ObjectId, Range, RefName, Revision};
use crate::diagnostic::Faults;
use crate::escape::bytes_for_terminal;
use crate::gate::fault::{plain, unreadable};
use crate::gate::history::before::BeforeRecord;
use crate::gate::history::context::PastContext;
use crate::gate::history::differences::{DifferingPath, Walked, content, is_link};
use crate::gate::history::known::{KnownFormerState, PathsInQuestion, ReachedParts};
use crate::gate::history::of_move::OfMove;
use crate::gate::landed::{RecordedPoint, SeenState};
use crate::gate::look::show;
use crate::proof::rollback::{Compare, ComparedState, Content, Difference, Obstacle, Paths, VisitDifference};
use crate::reach::shown::ShownError;
use crate::reach::{Because, RefSide, Shown};
use crate::time::instant::Instant;

/// The trees of the states, compared on the paths in question.
pub(crate) struct Trees<'t> {
    pub(crate) context: &'t PastContext<'t>,
    pub(crate) of_move: &'t OfMove<'t>,
    pub(crate) environment: &'t str,
    /// The places that the change reaches of it.
    pub(crate) reached: &'t ReachedParts<'t>,
    pub(crate) scope: &'t PathsInQuestion,
    pub(crate) history: Rc<[KnownFormerState]>,
    pub(crate) new: Revision,
    /// Before when states were replaced that can't be gone back to any more, in seconds since 1970-01-01T00:00:00Z.
    pub(crate) since: Instant,
    /// True if what differs is kept for other environments.
    pub(crate) is_shared: bool,
    /// The number of paths that were looked at so far.
    pub(crate) looked_at: u64,
    /// Where to look for what was there before.
    pub(crate) before: Rc<BeforeRecord>,
}

/// Looks at a path that differs; breaks off the walk if it has seen enough.
type VisitChange<'v> = &'v mut dyn FnMut(&[u8], ChangeKind) -> Result<ControlFlow<()>, Faults>;

/// The selection of the paths that differ.
#[derive(Clone, Copy)]
enum WantedPaths<'w> {
    /// Those in question.
    Asked,
    /// All.
    All,
    /// These at least, sorted.
    These(&'w [Vec<u8>]),
}

/// How many paths that differ are looked at for one environment and one ref. A few small trees can stand for a million paths.
const MOST_LOOKED_AT: u64 = 4_000_000;

const fn too_many() -> Obstacle {
    Obstacle::TooMuch { what: "paths that differ between former states", limit: MOST_LOOKED_AT }
}

impl Trees<'_> {
    fn revision(&self, side: ComparedState) -> Result<Option<Revision>, Obstacle> {
        let index = match side {
            ComparedState::New => return Ok(Some(self.new)),
            ComparedState::Former(index) => index,
        };
        let unknown = || Obstacle::Unreadable("an unknown former state".to_owned());
        let known = self.history.get(index).ok_or_else(unknown)?;
        let Some(commit) = &known.state.commit else {
            return Ok(None);
        };
        match &known.tree {
            Some(tree) => {
                self.context.differences.revision(commit, tree, self.context.repository).map(Some).map_err(unreadable)
            }
            None => ObjectId::from_hex(commit).and_then(|id| self.context.repository.revision_at(id)).map_err(plain),
        }
    }

    /// Returns whether what is known last is what the change replaces. Of a tag there may be nothing that it replaces.
    pub(crate) fn replaces(&mut self, old: Option<Revision>, by_any_ref: bool) -> Result<bool, Obstacle> {
        let Some(last) = self.history.len().checked_sub(1) else {
            return Ok(true);
        };
        if by_any_ref {
            return Ok(true);
        }
        match (self.revision(ComparedState::Former(last))?, old) {
            (Some(last), Some(old)) => {
                let mut differs = false;
                self.between(Some(last), Some(old), WantedPaths::Asked, &mut |_| {
                    differs = true;
                    ControlFlow::Break(())
                })?;
                Ok(!differs)
            }
            (None, None) => Ok(true),
            (Some(_), None) | (None, Some(_)) => Ok(false),
        }
    }

    /// See [`Holds`](crate::gate::landed::Holds).
    pub(crate) fn holds(&mut self, seen: SeenState<'_>) -> Result<Option<bool>, Obstacle> {
        let revision = |point: RecordedPoint<'_>| -> Result<Option<Revision>, Obstacle> {
            let read = |(commit, tree)| self.context.differences.revision(commit, tree, self.context.repository);
            point.map(read).transpose().map_err(unreadable)
        };
        let (base, state, now) = (revision(seen.base)?, revision(seen.state)?, revision(seen.seen)?);
        let brought = self.brought(seen.reference, Range { old: base, new: state })?;
        if brought.is_empty() {
            return Ok(None);
        }
        if self.is_equal_at(&brought, state, now)? {
            return Ok(Some(true));
        }
        Ok(self.is_equal_at(&brought, base, now)?.then_some(false))
    }

    /// The paths that differ and reach the environment by a ref.
    fn brought(&mut self, reference: &str, range: Range) -> Result<HashSet<Vec<u8>>, Obstacle> {
        let error = |error: ShownError| Obstacle::Unreadable(error.to_string());
        let name = RefName::new(reference);
        let own = self.of_move.one;
        let is_own = own.name.as_ref().is_some_and(|own| name.as_ref().is_ok_and(|name| own == name));
        let default_branch = if own.default_branch == Some(true) { Some(false) } else { None };
        let side = match &name {
            _ if is_own => own.side(),
            Ok(name) => RefSide::Named { name: name.as_bytes(), default_branch },
            Err(_) => RefSide::Unknown,
        };
        let of_ref = self.context.matcher.of_ref(side).map_err(error)?;
        let (repository, environment) = (self.context.repository, self.environment);
        let back = Range { old: range.new, new: range.old };
        let scope = self.scope;
        let mut brought = HashSet::new();
        self.each_change(range, &mut |path, change| {
            if scope.is_routes(path) {
                brought.insert(path.to_vec());
                return Ok(ControlFlow::Continue(()));
            }
            for (range, change) in [(range, change), (back, change.reversed())] {
                let mut shown = Shown::default();
                show(repository, &of_ref, range, path, change, &mut shown)?;
                let mut hits = shown.hits.iter().map(|hit| &hit.reached);
                if !shown.unknown.is_empty() || hits.any(|one| one.environment.name == environment) {
                    brought.insert(path.to_vec());
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(brought)
    }

    /// Returns whether two states are equal at some paths.
    fn is_equal_at(
        &mut self,
        paths: &HashSet<Vec<u8>>,
        one: Option<Revision>,
        other: Option<Revision>,
    ) -> Result<bool, Obstacle> {
        let mut is_equal = true;
        self.each_change(Range { old: one, new: other }, &mut |path, _| {
            is_equal = !paths.contains(path);
            Ok(if is_equal { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(is_equal)
    }

    /// Shows each path that differs to `visit`, until it breaks off; within the limits of work.
    fn each_change(&mut self, range: Range, visit: VisitChange<'_>) -> Result<(), Obstacle> {
        let memo = &self.context.memo;
        let looked_at = &mut self.looked_at;
        let mut failed = None;
        let walked = self.context.repository.changed_paths(range.old_tree(), range.new_tree(), &mut |path, change| {
            *looked_at += 1;
            let spent = if *looked_at > MOST_LOOKED_AT { Err(too_many()) } else { memo.spend(1) };
            match spent.and_then(|()| visit(path, change).map_err(unreadable)) {
                Ok(next) => next,
                Err(obstacle) => {
                    failed = Some(obstacle);
                    ControlFlow::Break(())
                }
            }
        });
        match failed {
            Some(obstacle) => Err(obstacle),
            None => walked.map_err(plain),
        }
    }

    /// The name of the ref, if it is known.
    fn side_name(&self) -> Option<Vec<u8>> {
        match self.of_move.one.side() {
            RefSide::Unknown => None,
            RefSide::Named { name, .. } => Some(name.to_vec()),
        }
    }

    /// Shows what differs, of which all is known already.
    fn of_walked(
        &self,
        walked: &Walked,
        paths: WantedPaths<'_>,
        visit: &mut VisitDifference<'_>,
    ) -> Result<(), Obstacle> {
        let memo = &self.context.memo;
        memo.spend(1)?;
        let mut show = |walk: &DifferingPath| -> Result<ControlFlow<()>, Obstacle> {
            memo.spend(1)?;
            Ok(visit(Difference { path: &walk.path, one: walk.one, other: walk.other }))
        };
        let (asked, these): (Vec<&DifferingPath>, Vec<&DifferingPath>);
        let found: &mut dyn Iterator<Item = &DifferingPath> = match (paths, self.scope) {
            (WantedPaths::Asked, PathsInQuestion::Targets(places)) => {
                asked = walked.asked(self.environment, places);
                &mut asked.into_iter()
            }
            (WantedPaths::Asked, PathsInQuestion::WithRoutes(places, paths)) => {
                let by_targets = walked.asked(self.environment, places).into_iter();
                let by_routes = paths.iter().filter_map(|path| walked.at(path));
                asked = by_targets.filter(|walk| !paths.contains(&walk.path)).chain(by_routes).collect();
                &mut asked.into_iter()
            }
            (WantedPaths::These(these_paths), _) if these_paths.len() < walked.paths.len() => {
                memo.spend(these_paths.len())?;
                these = these_paths.iter().filter_map(|path| walked.at(path)).collect();
                &mut these.into_iter()
            }
            (WantedPaths::All | WantedPaths::These(_), _) | (WantedPaths::Asked, PathsInQuestion::Whole) => {
                &mut walked.paths.iter()
            }
        };
        for walk in found {
            if show(walk)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn between(
        &mut self,
        one: Option<Revision>,
        other: Option<Revision>,
        paths: WantedPaths<'_>,
        visit: &mut VisitDifference<'_>,
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
        let of_ref = self.context.matcher.of_ref(self.of_move.one.side()).map_err(error)?;
        let repository = self.context.repository;
        if self.is_shared
            && let Some(walked) = self.context.differences.of(
                (self.side_name(), range),
                (&of_ref, self.context.matcher.policy().environments.len()),
                repository,
            )
        {
            return self.of_walked(&walked, paths, visit);
        }
        let mut failed = None;
        let memo = &self.context.memo;
        let (scope, environment, looked_at) = (self.scope, self.environment, &mut self.looked_at);
        // what a link leads to is known of the side that has it alone
        let is_asked = |path: &[u8], change: ChangeKind| -> Result<bool, Faults> {
            let places = match (paths, scope.targets()) {
                (WantedPaths::All | WantedPaths::These(_), _) | (WantedPaths::Asked, None) => return Ok(true),
                (WantedPaths::Asked, Some(places)) => places,
            };
            if scope.is_routes(path) {
                return Ok(true);
            }
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
                failed = Some(too_many());
                return ControlFlow::Break(());
            }
            if let Err(obstacle) = memo.spend(1) {
                failed = Some(obstacle);
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

impl Compare for Trees<'_> {
    fn differences(
        &mut self,
        one: ComparedState,
        other: ComparedState,
        paths: Paths,
        visit: &mut VisitDifference<'_>,
    ) -> Result<(), Obstacle> {
        let wanted = match paths {
            Paths::Asked => WantedPaths::Asked,
            Paths::All => WantedPaths::All,
        };
        self.between(self.revision(one)?, self.revision(other)?, wanted, visit)
    }

    fn differences_on(
        &mut self,
        one: ComparedState,
        other: ComparedState,
        paths: &[Vec<u8>],
        visit: &mut VisitDifference<'_>,
    ) -> Result<(), Obstacle> {
        self.between(self.revision(one)?, self.revision(other)?, WantedPaths::These(paths), visit)
    }

    fn was_judged_for_all(&mut self, former: usize) -> Result<bool, Obstacle> {
        self.is_judged_for_all(former)
    }

    fn is_lost(&self, former: usize) -> bool {
        let Some(known) = self.history.get(former) else {
            return false;
        };
        let Some(commit) =
            known.state.commit.as_ref().filter(|_| known.state.until.is_some_and(|until| until < self.since))
        else {
            return false;
        };
        ObjectId::from_hex(commit).is_ok_and(|id| !self.context.repository.has(id))
    }

    fn held_before(&mut self, path: &[u8]) -> Result<Vec<Content>, Obstacle> {
        self.before.held(path, self.of_move.one, self.environment, self.context)
    }

    fn may_be_a_link(&self, content: Content) -> bool {
        is_link(content)
    }

    fn name(&self, path: &[u8]) -> String {
        if path.is_empty() { "all of it".to_owned() } else { bytes_for_terminal(path).into_owned() }
    }
}
