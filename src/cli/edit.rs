//! Edits of the policy: what a change would put in its place, and what that opens.

use std::fmt::Display;

use crate::change::git::{Range, Repository, Revision};
use crate::cli::args::PolicyArgs;
use crate::cli::edge::Edge;
use crate::cli::evidence::fault;
use crate::cli::in_force::is_same;
use crate::cli::policy::{self, CommitPolicy, Source, USUAL, short};
use crate::diagnostic::{Code, Diagnostic, Faults, SourceFile, Sources};
use crate::policy::compare::{ComparisonOptions, PolicyComparison, compare};
use crate::report::escape::{bytes_for_terminal, for_terminal};

/// An edit of the policy.
pub(super) struct PolicyEdit {
    /// What it opens and closes, compared with the policy in force.
    pub(super) comparison: PolicyComparison,
    /// The edited policy.
    pub(super) new: Source,
    /// The instant from which on they are compared, in seconds since 1970-01-01T00:00:00Z.
    pub(super) at: i64,
}

impl PolicyEdit {
    /// The path of the edited policy in the repository.
    pub(super) fn file(&self) -> String {
        self.new.paths().first().map_or_else(|| "the policy".to_owned(), |path| (*path).to_owned())
    }
}

/// How edits are looked for.
pub(super) struct EditSearch<'a> {
    pub(super) args: &'a PolicyArgs,
    pub(super) edge: &'a Edge,
    pub(super) repository: &'a Repository,
    /// The instant from which on policies are compared.
    pub(super) at: i64,
}

impl EditSearch<'_> {
    /// The edit by which a branch gets the policy of `new`; `None` if it keeps the one in force, or if that does not come from
    /// the repository. `branch` is how people know the branch.
    ///
    /// # Errors
    ///
    /// The new state has no policy that loads, with what is wrong named `COMMIT:PATH`, or the branch is deleted.
    pub(super) fn find(
        &self,
        in_force: &Source,
        new: Option<Revision>,
        branch: &dyn Display,
    ) -> Result<Option<PolicyEdit>, Faults> {
        let Some(old) = in_force.revision else {
            return Ok(None);
        };
        let Some(new) = new else {
            let cause = format!("the change deletes {branch}, and the policy in force is on it");
            return Err(refused(cause, "leave it: what changes is judged by the policy on it"));
        };
        self.without_other_case(in_force, old, new)?;
        let paths: Vec<String> = in_force.paths().into_iter().chain(USUAL).map(str::to_owned).collect();
        if old.commit == new.commit || is_same(self.repository, old.commit, new.commit, &paths)? {
            return Ok(None);
        }
        let place = format!("the new state of {branch}");
        match policy::look_up(self.args, self.edge, self.repository, new, &place)?.found {
            CommitPolicy::Loads(source) => {
                let comparison = compare(&in_force.policy, &source.policy, &ComparisonOptions::at(self.at));
                Ok(Some(PolicyEdit { comparison, new: *source, at: self.at }))
            }
            CommitPolicy::Absent => {
                let file = paths.first().map_or("freezegate.toml", String::as_str);
                let cause = format!("the policy `{file}` is gone from {place} ({})", short(new));
                Err(refused(cause, "keep it: without a policy nothing could be judged, and so nothing pushed"))
            }
            CommitPolicy::Wrong(faults) => Err(named_by_commit(faults, new)),
        }
    }

    /// The policy that a range edits, for a question by hand: that of its old end. `None` if it edits none.
    ///
    /// # Errors
    ///
    /// As [`EditSearch::find`].
    pub(super) fn of_range(&self, range: Range) -> Result<Option<(Source, PolicyEdit)>, Faults> {
        let (Some(old), Some(new)) = (range.old, range.new) else {
            return Ok(None);
        };
        let place = "the range's first end";
        let CommitPolicy::Loads(source) = policy::look_up(self.args, self.edge, self.repository, old, &place)?.found
        else {
            return Ok(None);
        };
        Ok(self.find(&source, Some(new), &"the range")?.map(|edit| (*source, edit)))
    }

    /// Refuses names that differ from one of the policy's in case alone: on a file system that ignores case, either would be
    /// read. What is there already is left alone.
    fn without_other_case(&self, in_force: &Source, old: Revision, new: Revision) -> Result<(), Faults> {
        for path in in_force.paths().into_iter().chain(USUAL) {
            let alike = |revision: Revision| self.repository.paths_alike(revision.commit, path).map_err(fault);
            let found = alike(new)?;
            if found.is_empty() {
                continue;
            }
            let before = alike(old)?;
            if let Some(other) = found.iter().find(|other| !before.contains(other)) {
                let other = bytes_for_terminal(other);
                let cause = format!(
                    "`{other}` differs from `{path}` in case alone, so that some checkouts read it as the policy"
                );
                return Err(refused(cause, "rename it or leave it out"));
            }
        }
        Ok(())
    }
}

fn refused(cause: String, help: &str) -> Faults {
    Faults::one(Diagnostic::error(Code::NoPolicy, cause).help(help))
}

/// The same, with the files named `COMMIT:PATH`.
fn named_by_commit(faults: Faults, revision: Revision) -> Faults {
    let mut sources = Sources::default();
    for file in faults.sources.files() {
        let path = if file.is_fragment { file.path.clone() } else { format!("{}:{}", short(revision), file.path) };
        sources.add(SourceFile { path, ..file.clone() });
    }
    let cause = format!("the change leaves a policy that can't be read, in {}", short(revision));
    let first = Diagnostic::error(Code::NoPolicy, cause)
        .help("fix what is named below, and push again: until then the policy in force stays");
    Faults { sources, diagnostics: [first].into_iter().chain(faults.diagnostics).collect() }
}

/// That a change brings the first policy, for people.
pub(super) fn first(source: &Source) -> String {
    let paths = source.paths();
    let file = paths.first().copied().unwrap_or("the policy");
    format!(
        "this is the first policy (`{}`), so nothing judges the change that brings it; it judges every change after it",
        for_terminal(file)
    )
}
