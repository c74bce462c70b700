//! Edits of the policy: what a change would put in its place, and what that opens.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::change::git::{Range, RefName, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{bytes_for_terminal, for_terminal};
use crate::gate::fault::fault;
use crate::gate::in_force::{is_same_policy, named};
use crate::gate::organisation;
use crate::gate::request::PolicyPlace;
use crate::gate::source::{self, CommitPolicy, Conflict, PolicySource, USUAL, no_policy};
use crate::gate::world::World;
use crate::policy::Level;
use crate::policy::compare::{ComparisonOptions, PolicyComparison, PolicyDifference, PolicyPart, compare};
use crate::report::FIRST_POLICY;
use crate::time::instant::Instant;

/// An edit of the policy.
pub(crate) struct PolicyEdit {
    /// The openings and closings, compared with the policy in force.
    pub(crate) comparison: PolicyComparison,
    /// The edited policy.
    pub(crate) new: PolicySource,
    /// The instant from which on they are compared, in seconds since 1970-01-01T00:00:00Z.
    pub(crate) at: Instant,
    /// The commit of the policy in force.
    old: Revision,
}

impl PolicyEdit {
    /// Returns whether a change from one commit to another is this edit and touches no file that is not the policy's, before and after it.
    pub(crate) fn is_all_of(
        &self,
        range: Range,
        in_force: &PolicySource,
        repository: &Repository,
    ) -> Result<bool, Faults> {
        let is_the_edit = range.old.is_some_and(|old| old.tree == self.old.tree)
            && range.new.map(|new| new.commit) == self.new.revision.map(|new| new.commit);
        if !is_the_edit {
            return Ok(false);
        }
        // a file that only begins or ceases to be the policy's may be what is deployed
        let before: HashSet<&str> = in_force.paths().into_iter().collect();
        let both = self.new.paths().into_iter().filter(|path| before.contains(path));
        let own: HashSet<&[u8]> = both.map(str::as_bytes).collect();
        let mut is_alone = true;
        let visited = repository.changed_paths(range.old_tree(), range.new_tree(), &mut |path, _| {
            is_alone = own.contains(path);
            if is_alone { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        visited.map_err(fault)?;
        Ok(is_alone)
    }

    /// The path of the edited policy in the repository.
    pub(crate) fn file(&self) -> String {
        self.new.paths().first().map_or_else(|| "the policy".to_owned(), |path| (*path).to_owned())
    }
}

/// The way in which edits are looked for.
pub(crate) struct EditSearch<'a> {
    pub(crate) args: &'a PolicyPlace,
    pub(crate) world: &'a dyn World,
    pub(crate) repository: &'a Repository,
    /// The instant from which on policies are compared.
    pub(crate) at: Instant,
    /// True if overrides count where the edit is judged: those for one change, and an incident alone, only where they are recorded.
    pub(crate) is_recorded: bool,
}

impl EditSearch<'_> {
    /// Returns the edit by which a branch gets the policy of `new`; `None` if it keeps the one in force, or if that does not come
    /// from the repository. `reference` is the branch, if it is known.
    ///
    /// # Errors
    ///
    /// The new state has no policy that loads, with what is wrong named `COMMIT:PATH`, or the branch is deleted.
    pub(crate) fn find(
        &self,
        in_force: &PolicySource,
        new: Option<Revision>,
        reference: Option<&RefName>,
    ) -> Result<Option<PolicyEdit>, Faults> {
        let branch = reference.map_or_else(|| "the branch".to_owned(), named);
        let Some(old) = in_force.revision else {
            return Ok(None);
        };
        let Some(new) = new else {
            let cause = format!("the change deletes {branch}, and the policy in force is on it");
            return Err(no_policy(cause, "keep the branch: changes are judged by its policy"));
        };
        self.without_other_case(in_force, old, new)?;
        if is_same_policy(self.repository, in_force, old, new)? {
            return Ok(None);
        }
        let place = format!("the new state of {branch}");
        match source::look_up(self.args, self.world, self.repository, new, &place)?.found {
            CommitPolicy::Loads(source) => {
                if let Some(conflict) = &source.conflict {
                    return Err(conflict.faults.clone());
                }
                if let Some(fault) = organisation::is_raised(&in_force.policy, &source.policy) {
                    let sources = source.policy.sources.of_revision(&new.commit.short());
                    return Err(Faults { sources, diagnostics: vec![fault] });
                }
                self.leaves_a_way(Some(in_force), &source, reference)?;
                let options = ComparisonOptions::at(self.at);
                let mut comparison = compare(&in_force.policy, &source.policy, &options);
                match &in_force.conflict {
                    None => {}
                    Some(Conflict { ours: Some(ours), .. }) => {
                        comparison.openings.extend(compare(ours, &source.policy, &options).openings);
                    }
                    Some(Conflict { ours: None, .. }) => {
                        let what = "what the repository defines and the organisation too";
                        comparison.openings.push(PolicyDifference::new(PolicyPart::Uncompared, Level::Hard, what));
                    }
                }
                Ok(Some(PolicyEdit { comparison, new: *source, at: self.at, old }))
            }
            CommitPolicy::Absent => {
                let file = in_force.paths().first().copied().unwrap_or("freezegate.toml");
                let cause = format!("the policy `{file}` is gone from {place} ({})", new.commit.short());
                Err(no_policy(cause, "restore it, such as by `git revert`: a push without a policy is refused"))
            }
            CommitPolicy::Wrong(faults) => Err(named_by_commit(faults, new)),
        }
    }

    /// Returns the policy of the old end of a range, and the edit of it that the range makes; `None` if it makes none. For questions
    /// by hand.
    ///
    /// # Errors
    ///
    /// As [`EditSearch::find`].
    pub(crate) fn of_range(&self, range: Range) -> Result<Option<(PolicySource, PolicyEdit)>, Faults> {
        let (Some(old), Some(new)) = (range.old, range.new) else {
            return Ok(None);
        };
        let place = "base of the range";
        let CommitPolicy::Loads(source) = source::look_up(self.args, self.world, self.repository, old, &place)?.found
        else {
            return Ok(None);
        };
        Ok(self.find(&source, Some(new), None)?.map(|edit| (*source, edit)))
    }

    /// Returns whether a move to `made` instead of `proposed` leaves the policy there, if the one in force is that of a work tree: the first one,
    /// which no commit before has. A draft that is not committed yet stays as it is.
    ///
    /// # Errors
    ///
    /// Objects that this repository lacks.
    pub(crate) fn leaves_a_policy(
        &self,
        in_force: &PolicySource,
        (proposed, made): (Option<Revision>, Revision),
    ) -> Result<bool, Faults> {
        if in_force.revision.is_some() || !self.args.files.is_empty() {
            return Ok(true);
        }
        let has_policy = |revision: Revision| -> Result<bool, Faults> {
            let found = source::look_up(self.args, self.world, self.repository, revision, &"the new state")?.found;
            Ok(matches!(found, CommitPolicy::Loads(_)))
        };
        Ok(has_policy(made)? || !proposed.map(has_policy).transpose()?.unwrap_or(false))
    }

    /// Refuses names that differ from one of the policy's in case alone: on a file system that ignores case, either would be
    /// read. What is there already is left alone.
    fn without_other_case(&self, in_force: &PolicySource, old: Revision, new: Revision) -> Result<(), Faults> {
        for path in in_force.paths().into_iter().chain(USUAL) {
            let alike = |revision: Revision| self.repository.paths_alike(revision.commit, path).map_err(fault);
            let found = alike(new)?;
            if found.is_empty() {
                continue;
            }
            let before = alike(old)?;
            if let Some(other) = found.iter().find(|other| !before.contains(other)) {
                let other = bytes_for_terminal(other);
                let cause = format!("`{other}` differs from `{path}` only in case");
                return Err(no_policy(cause, "rename it or leave it out: some checkouts would read it as the policy"));
            }
        }
        Ok(())
    }
}

/// Returns the faults of an edited policy, with its files named `COMMIT:PATH`.
fn named_by_commit(faults: Faults, revision: Revision) -> Faults {
    let sources = faults.sources.of_revision(&revision.commit.short());
    let cause = format!("the change leaves a policy that can't be read, in {}", revision.commit.short());
    let first = Diagnostic::error(Code::NoPolicy, cause)
        .help("fix what is named below, and push again: until then the policy in force stays");
    Faults { sources, diagnostics: [first].into_iter().chain(faults.diagnostics).collect() }
}

/// Returns the warning that a change brings the first policy.
pub(crate) fn first(source: &PolicySource) -> String {
    let paths = source.paths();
    let file = paths.first().copied().unwrap_or("the policy");
    format!("{FIRST_POLICY} (`{}`): the change that adds it is not judged; every later one is", for_terminal(file))
}
