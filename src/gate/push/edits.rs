//! The edits of the policy that a push makes.

use crate::change::git::{Range, RefName, Revision};
use crate::diagnostic::Faults;
use crate::gate::edit::{EditSearch, PolicyEdit};
use crate::gate::fault::fault;
use crate::gate::push::Push;
use crate::gate::push::update::Update;
use crate::gate::world::World;

impl Push<'_> {
    /// The edits of the policy that the push makes.
    pub(crate) fn find_edits(&self, world: &dyn World) -> Result<Vec<PolicyEdit>, Faults> {
        let mut edits = Vec::new();
        for update in self.updates {
            if let Some(name) = self.names(update)?.iter().find(|name| self.is_policy_branch(name)) {
                let new = self.repository.revision_at(update.new).map_err(fault)?;
                edits.extend(self.find_edit(world, name, new)?);
            }
        }
        Ok(edits)
    }

    /// The edit of the policy by which its branch comes to `new`.
    pub(crate) fn find_edit(
        &self,
        world: &dyn World,
        name: &RefName,
        new: Option<Revision>,
    ) -> Result<Vec<PolicyEdit>, Faults> {
        Ok(self.search(world).find(self.source, new, Some(name))?.into_iter().collect())
    }

    /// The edit of the policy that a command would make by which its branch comes to `made`; `None` if no policy was left.
    pub(crate) fn edit_of_command(
        &self,
        world: &dyn World,
        name: &RefName,
        (proposed, made): (Option<Revision>, Revision),
    ) -> Result<Option<Vec<PolicyEdit>>, Faults> {
        if !self.search(world).leaves_a_policy(self.source, (proposed, made))? {
            return Ok(None);
        }
        self.find_edit(world, name, Some(made)).map(Some)
    }

    fn search<'s>(&'s self, world: &'s dyn World) -> EditSearch<'s> {
        let (repository, is_recorded) = (self.repository, self.keeps_record);
        EditSearch { args: self.policy, world, repository, at: world.clock(), is_recorded }
    }

    /// Returns whether a clone has checked out what it pushes; of a server's clones nothing is known.
    pub(crate) fn is_checked_out(&self) -> Result<bool, Faults> {
        let [update] = self.updates else {
            return Ok(self.remote.is_none());
        };
        let checked_out =
            || self.repository.head().map_err(fault).map(|head| head.revision.map(|one| one.commit.object()));
        Ok(self.remote.is_none() || checked_out()? == Some(update.new))
    }

    /// Returns whether the push is an edit of the policy and nothing else.
    pub(crate) fn is_edit_alone(&self) -> Result<bool, Faults> {
        let ([update], [edit]) = (self.updates, self.edits.as_slice()) else {
            return Ok(false);
        };
        let new = self.repository.revision_at(update.new).map_err(fault)?;
        let old = self.old(update)?;
        edit.is_all_of(Range { old, new }, self.source, self.repository)
    }

    /// Returns whether an update edits the policy.
    pub(crate) fn is_edit(&self, update: &Update) -> Result<bool, Faults> {
        Ok(!self.edits.is_empty() && self.names(update)?.iter().any(|name| self.is_policy_branch(name)))
    }

    /// Returns whether the policy is read from a branch: from the default one, and from any where that is not known.
    pub(crate) fn is_policy_branch(&self, name: &RefName) -> bool {
        name.as_bytes().starts_with(b"refs/heads/") && self.is_default_branch(name) != Some(false)
    }
}
