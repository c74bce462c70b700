//! What an environment may have held before the first state that a record knows.

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::change::git::{CommitId, EvidenceError, ObjectId};
use crate::gate::comparison::Move;
use crate::gate::fault::plain;
use crate::gate::history::context::PastContext;
use crate::gate::history::differences::content;
use crate::gate::history::others::sharing;
use crate::proof::record::{Folded, RecordedMode, RecordedState, ref_text};
use crate::proof::rollback::{Content, Obstacle};

/// As many paths that differ cost as much as looking for one path in one commit.
const COST: usize = 20;

/// What was there before the record began: what each ref held before its first state, and what those hold still that have none.
#[derive(Default)]
pub(crate) struct BeforeRecord {
    /// The commits that the first states of refs were compared with.
    bases: HashSet<String>,
    /// The refs of which states are known.
    told: HashSet<String>,
    /// The commits of all states. A tag of one may be newer: to tag what is there already leaves no state.
    commits_told: HashSet<String>,
    /// False for a job: the refs of a checkout are not those of the server.
    is_server: bool,
    commits: OnceCell<Vec<CommitId>>,
}

impl BeforeRecord {
    /// Of an environment, by a record with these states of it, the oldest first.
    pub(crate) fn of(folded: &Folded, one: &Move<'_>, environment: &str, states: &[RecordedState<'_>]) -> Self {
        let mut known: HashSet<Option<&str>> = HashSet::new();
        let first = states.iter().filter(|state| known.insert(state.reference));
        let bases = first.filter_map(|state| state.base_commit.map(str::to_owned)).collect();
        let told = folded.refs_that_brought(environment, RecordedMode::PreReceive).map(str::to_owned).collect();
        let commits_told = states.iter().filter_map(|state| state.commit.map(str::to_owned)).collect();
        Self { bases, told, commits_told, is_server: one.log.is_some(), commits: OnceCell::new() }
    }

    /// Returns what a path holds there, in each commit.
    ///
    /// # Errors
    ///
    /// What can't be read, or that it is too much.
    pub(super) fn held(
        &self,
        path: &[u8],
        one: &Move<'_>,
        environment: &str,
        context: &PastContext<'_>,
    ) -> Result<Vec<Content>, Obstacle> {
        let commits = match self.commits.get() {
            Some(commits) => commits,
            None => {
                let found = self.find(one, environment, context)?;
                self.commits.get_or_init(|| found)
            }
        };
        context.memo.spend(commits.len().saturating_mul(COST))?;
        let at = |commit: &CommitId| context.repository.leaf_at(*commit, path).map_err(plain);
        commits
            .iter()
            .map(|commit| at(commit).map(|leaf| content(leaf.map(|(kind, _)| kind), leaf.map(|(_, id)| id))))
            .collect()
    }

    fn find(&self, one: &Move<'_>, environment: &str, context: &PastContext<'_>) -> Result<Vec<CommitId>, Obstacle> {
        let mut commits: HashSet<CommitId> = HashSet::new();
        let mut found = Vec::new();
        for base in &self.bases {
            let id = ObjectId::from_hex(base).map_err(plain)?;
            // what the server collected since is nowhere
            if context.repository.has(id) {
                found.extend(context.repository.revision_at(id).map_err(plain)?.map(|base| base.commit));
            }
        }
        if self.is_server {
            for name in sharing(one, environment, context)? {
                if self.told.contains(&ref_text(&name)) {
                    continue;
                }
                let is_tag = name.as_bytes().starts_with(b"refs/tags/");
                let revision = match context.repository.revision_of(&name) {
                    Ok(revision) => revision,
                    // a tag of a file, and a ref that leads nowhere, brought nothing
                    Err(EvidenceError::NotACommit { .. } | EvidenceError::DanglingRef { .. }) => None,
                    Err(error) => return Err(plain(error)),
                };
                let is_told = |commit: CommitId| is_tag && self.commits_told.contains(&commit.to_string());
                found.extend(revision.map(|revision| revision.commit).filter(|commit| !is_told(*commit)));
            }
        }
        found.retain(|commit| commits.insert(*commit));
        Ok(found)
    }
}
