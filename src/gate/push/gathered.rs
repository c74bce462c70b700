//! What the refs of a push show, together and each by itself.

use crate::change::git::{CommitId, EvidenceError, ObjectId, Range, RefName, keep_objects};
use crate::diagnostic::Faults;
use crate::gate::comparison::Move;
use crate::gate::fault::fault;
use crate::gate::gather::{places, range_text};
use crate::gate::look::{RangeEnd, look, look_at_lacking};
use crate::gate::messages::Messages;
use crate::gate::push::update::{self, Update};
use crate::gate::push::{Push, tags};
use crate::gate::routes;
use crate::reach::{Shown, TargetMatcher};
use crate::report::{Breadth, Compared, Examined, REMOTE_TIP};

/// The most refs of one push that are checked for a rollback.
const MOST_MOVED: usize = 100;

impl Push<'_> {
    /// The updates that are judged: all but tags that bring nothing new.
    pub(crate) fn unsettled(&self) -> impl Iterator<Item = &Update> {
        self.updates.iter().filter(|update| !self.settled.contains(&update.name))
    }

    /// Returns what all refs of the push show together.
    pub(crate) fn gather(&self, matcher: &TargetMatcher<'_>) -> Result<(Shown, Examined), Faults> {
        let mut shown = Shown::default();
        let mut examined = Examined { base: REMOTE_TIP.to_owned(), ..Examined::default() };
        let mut messages = Messages::new(self.repository, self.known_commits()?);
        // one comparison reads hardly any object twice
        keep_objects(self.updates.len() > 1);
        for update in self.unsettled() {
            let mut range = None;
            for name in self.names(update)? {
                let ends = (|| self.old(update), || self.repository.revision_at(update.new));
                let messages = Some(&mut messages);
                range = range.or(look(self.repository, matcher, self.side(&name), ends, messages, &mut shown)?);
                self.look_at_lacking(matcher, update, &name, &mut shown)?;
                self.guard_routes(matcher, update, &name, &mut shown)?;
            }
            if let [only] = self.updates {
                // an edit of the policy is compared as a whole, whether a target asks for paths or not
                if range.is_none() && self.is_edit(only)? {
                    let new = self.repository.revision_at(only.new).map_err(fault)?;
                    range = Some(Range { old: self.old(only)?, new });
                }
                examined.range = range.map(range_text);
                examined.tree = range.and_then(|range| range.new).map(|revision| revision.tree.to_string());
                examined.reference = Some(only.name.to_string());
            }
        }
        keep_objects(true);
        if self.updates.len() > 1 {
            examined.reference = Some(format!("{} refs", self.updates.len()));
        }
        tags::tell(&self.settled, &mut examined);
        examined.paths = shown.paths;
        examined.said = places(&shown);
        Ok((shown, examined))
    }

    /// Shows whose requests another backend would answer after an update of a ref.
    fn guard_routes(
        &self,
        matcher: &TargetMatcher<'_>,
        update: &Update,
        name: &RefName,
        shown: &mut Shown,
    ) -> Result<(), Faults> {
        if matcher.policy().routes.is_none() {
            return Ok(());
        }
        let new = match self.repository.revision_at(update.new) {
            // a tag of a file has no routes
            Err(EvidenceError::NotACommit { .. }) => None,
            new => new.map_err(fault)?,
        };
        let default = self.beside_created(update)?;
        let range = Range { old: self.old(update)?, new };
        routes::show(self.repository, matcher, self.side(name), (range, default), shown)
    }

    /// What the default branch holds, if an update creates a ref.
    fn beside_created(&self, update: &Update) -> Result<RangeEnd, Faults> {
        match self.default.filter(|_| update.old.is_zero()) {
            Some(default) => self.repository.revision_of(default).map_err(fault),
            None => Ok(None),
        }
    }

    /// Shows what an update that creates a ref leaves out of what the default branch has.
    pub(crate) fn look_at_lacking(
        &self,
        matcher: &TargetMatcher<'_>,
        update: &Update,
        name: &RefName,
        shown: &mut Shown,
    ) -> Result<(), Faults> {
        let Some(default) = self.beside_created(update)? else {
            return Ok(());
        };
        match self.followed(update.new)?.flatten() {
            Some(new) => look_at_lacking(self.repository, matcher, self.side(name), (default, new), shown),
            None => Ok(()),
        }
    }

    /// The state that the one ref of a push is moved to; `None` of several.
    pub(crate) fn only_head(&self) -> Result<RangeEnd, Faults> {
        match (self.updates, self.source.policy.routes.is_some()) {
            ([only], true) => Ok(self.state(only.new)?.flatten()),
            (_, _) => Ok(None),
        }
    }

    /// Commits that the receiving side has: where its refs stand; in a clone, those that follow the remote's. Empty unless a ref
    /// is created.
    pub(crate) fn known_commits(&self) -> Result<Vec<CommitId>, Faults> {
        if !self.updates.iter().any(|update| update.old.is_zero()) {
            return Ok(Vec::new());
        }
        let prefix = self.remote.map(|remote| format!("refs/remotes/{remote}/"));
        let mut known = Vec::new();
        for name in self.repository.refs().map_err(fault)?.into_iter().map(|one| one.name) {
            if prefix.as_ref().is_some_and(|prefix| !name.as_bytes().starts_with(prefix.as_bytes())) {
                continue;
            }
            match self.repository.revision_of(&name) {
                Ok(Some(revision)) => known.push(revision.commit),
                // a ref to a file, one that leads nowhere, and one that can't be followed has no commits: then more counts as new
                Ok(None)
                | Err(
                    EvidenceError::NotACommit { .. }
                    | EvidenceError::DanglingRef { .. }
                    | EvidenceError::MissingObject { .. }
                    | EvidenceError::UnreadableObject { .. },
                ) => {}
                Err(error) => return Err(fault(error)),
            }
        }
        Ok(known)
    }

    /// Returns what each ref of the push shows by itself, of those that are judged.
    pub(crate) fn compare(&self, matcher: &TargetMatcher<'_>) -> Result<Vec<Compared>, Faults> {
        let mut compared = Vec::new();
        for update in self.unsettled() {
            let (Some(old), Some(new)) = (self.state(update.old)?, self.state(update.new)?) else {
                continue;
            };
            for name in self.names(update)? {
                let mut shown = Shown::default();
                look(self.repository, matcher, self.side(&name), (|| Ok(old), || Ok(new)), None, &mut shown)?;
                self.look_at_lacking(matcher, update, &name, &mut shown)?;
                self.guard_routes(matcher, update, &name, &mut shown)?;
                let environments: Vec<String> = shown.environment_names().into_iter().map(str::to_owned).collect();
                let is_edit = !self.edits.is_empty() && self.is_policy_branch(&name);
                if is_edit || !environments.is_empty() {
                    let environments = Some(environments);
                    let breadth = Breadth::of(&shown, matcher.policy(), Some(&name));
                    let reference = Some(name);
                    compared.push(Compared {
                        reference,
                        old,
                        new,
                        everything: false,
                        environments,
                        breadth,
                        is_by_others: false,
                    });
                }
            }
        }
        Ok(compared)
    }

    /// Returns the refs that move, each with the reflog that lists its former states: on a server its own, in a clone that of
    /// its remote-tracking ref; none if one can't be followed, by which nobody could go back.
    pub(crate) fn moves(&self) -> Result<Vec<Move<'_>>, Faults> {
        let mut moves = Vec::new();
        // nobody goes back on so many at once, and each costs a look
        if self.updates.len() > MOST_MOVED {
            return Ok(moves);
        }
        for update in self.unsettled() {
            for name in self.names(update)? {
                let log = match (self.refs, self.remote) {
                    // git keeps none for what leads to a ref
                    (Some(refs), _) => refs.along(&name).map_err(fault)?.pop(),
                    (None, Some(remote)) => update::tracking(remote, &name),
                    (None, None) => None,
                };
                let (Some(old), Some(new)) = (self.followed(update.old)?, self.followed(update.new)?) else {
                    return Ok(Vec::new());
                };
                let default_branch = self.is_default_branch(&name);
                moves.push(Move { name: Some(name), default_branch, old, new, environments: None, log });
            }
        }
        Ok(moves)
    }

    /// Returns what an object of an update holds, as far as it is the state of anything; `None` for a tag that can't be followed. Such a tag, once
    /// pushed beside others, has to be one that can be deleted.
    fn followed(&self, id: ObjectId) -> Result<Option<RangeEnd>, Faults> {
        match self.end_of(id) {
            Err(EvidenceError::UnreadableObject { .. }) => Ok(None),
            found => Ok(Some(found.map_err(fault)?.flatten())),
        }
    }

    /// Returns what an object of an update holds, nothing included; `None` for what is not the state of anything, as a tag of a file, and
    /// for an object that is missing because no target needs it.
    pub(crate) fn state(&self, id: ObjectId) -> Result<Option<RangeEnd>, Faults> {
        self.end_of(id).map_err(fault)
    }

    fn end_of(&self, id: ObjectId) -> Result<Option<RangeEnd>, EvidenceError> {
        match self.repository.revision_at(id) {
            Ok(revision) => Ok(Some(revision)),
            Err(EvidenceError::NotACommit { .. } | EvidenceError::MissingObject { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
