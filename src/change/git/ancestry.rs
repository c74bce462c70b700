//! Common ancestors.

use std::collections::{BinaryHeap, HashMap};

use super::{CommitId, EvidenceError, Repository};

use crate::time::instant::Instant;

/// From which side a commit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct ReachedFrom {
    one: bool,
    two: bool,
    /// It is an ancestor of a common ancestor: common too, and not the best.
    stale: bool,
}

impl ReachedFrom {
    fn with(self, other: Self) -> Self {
        Self { one: self.one || other.one, two: self.two || other.two, stale: self.stale || other.stale }
    }

    fn by_both(self) -> bool {
        self.one && self.two
    }
}

impl Repository {
    /// The best common ancestor of two commits, as `git merge-base` finds it, but by the parents that commits name: without
    /// grafts and replacements, and where a shallow clone ends, with an error rather than an older answer.
    ///
    /// Commit dates decide the order in which commits are looked at, never the result.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NoMergeBase`], [`EvidenceError::SeveralMergeBases`] after criss-cross merges,
    /// [`EvidenceError::MissingObject`] and [`EvidenceError::UnreadableObject`] for commits on the way.
    pub fn merge_base(&self, one: CommitId, two: CommitId) -> Result<CommitId, EvidenceError> {
        if one == two {
            // Known to exist is not known to be readable.
            self.links(&self.odb()?, one)?;
            return Ok(one);
        }
        let mut search = AncestrySearch { repository: self, odb: self.odb()?, commits: HashMap::new() };
        let mut bases = search.paint(one, &[two])?;
        if bases.len() > 1 {
            bases = search.best(&bases)?;
        }
        bases.sort_unstable();
        match bases.as_slice() {
            [base] => Ok(*base),
            [] => Err(EvidenceError::NoMergeBase { one, two }),
            [_, _, ..] => Err(EvidenceError::SeveralMergeBases { one, two, bases }),
        }
    }
}

struct AncestrySearch<'repository> {
    repository: &'repository Repository,
    odb: git2::Odb<'repository>,
    commits: HashMap<CommitId, KnownCommit>,
}

struct KnownCommit {
    parents: Vec<CommitId>,
    seconds: Instant,
    reached: ReachedFrom,
    /// The number of times that it stands in the queue.
    queued: usize,
}

impl AncestrySearch<'_> {
    /// The common ancestors of `one` and any of `twos` that are no ancestors of one another, as far as was looked; those that
    /// are may be among them (`paint_down_to_common` in git's `commit-reach.c`).
    fn paint(&mut self, one: CommitId, twos: &[CommitId]) -> Result<Vec<CommitId>, EvidenceError> {
        for known in self.commits.values_mut() {
            known.reached = ReachedFrom::default();
            known.queued = 0;
        }
        let mut queue = Queue::default();
        self.reach(one, ReachedFrom { one: true, ..ReachedFrom::default() }, &mut queue)?;
        for two in twos {
            self.reach(*two, ReachedFrom { two: true, ..ReachedFrom::default() }, &mut queue)?;
        }
        let mut bases = Vec::new();
        while queue.fresh > 0
            && let Some((_, commit)) = queue.heap.pop()
        {
            let Some(known) = self.commits.get_mut(&commit) else {
                continue;
            };
            known.queued -= 1;
            if !known.reached.stale {
                queue.fresh -= 1;
            }
            let mut pass_on = known.reached;
            if known.reached.by_both() {
                if !known.reached.stale && !bases.contains(&commit) {
                    bases.push(commit);
                }
                pass_on.stale = true;
            }
            for parent in known.parents.clone() {
                self.reach(parent, pass_on, &mut queue)?;
            }
        }
        bases.retain(|base| self.reached(*base).is_some_and(|reached| !reached.stale));
        Ok(bases)
    }

    /// Marks a commit, and looks at it again if that is news.
    fn reach(&mut self, commit: CommitId, from: ReachedFrom, queue: &mut Queue) -> Result<(), EvidenceError> {
        let known = match self.commits.entry(commit) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let links = self.repository.links(&self.odb, commit)?;
                entry.insert(KnownCommit {
                    parents: links.parents,
                    seconds: links.seconds,
                    reached: ReachedFrom::default(),
                    queued: 0,
                })
            }
        };
        let reached = known.reached.with(from);
        if reached == known.reached {
            return Ok(());
        }
        if reached.stale && !known.reached.stale {
            queue.fresh -= known.queued;
        }
        known.reached = reached;
        known.queued += 1;
        if !reached.stale {
            queue.fresh += 1;
        }
        queue.heap.push((known.seconds, commit));
        Ok(())
    }

    fn reached(&self, commit: CommitId) -> Option<ReachedFrom> {
        self.commits.get(&commit).map(|known| known.reached)
    }

    /// Those that are no ancestors of another.
    fn best(&mut self, bases: &[CommitId]) -> Result<Vec<CommitId>, EvidenceError> {
        let mut best = Vec::new();
        for base in bases {
            let others: Vec<CommitId> = bases.iter().copied().filter(|other| other != base).collect();
            self.paint(*base, &others)?;
            if !self.reached(*base).is_some_and(|reached| reached.two) {
                best.push(*base);
            }
        }
        Ok(best)
    }
}

/// Commits to look at, those with the latest dates first.
#[derive(Default)]
struct Queue {
    heap: BinaryHeap<(Instant, CommitId)>,
    /// The number of them that are not stale: without any, nothing better can be found.
    fresh: usize,
}
