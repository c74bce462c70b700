//! Who wrote what a push or a range brings.

use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use super::{CommitId, EvidenceError, Repository};

/// From which sides a commit was reached, and what was done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CommitMarks {
    new: bool,
    old: bool,
    /// True if it waits to be looked at.
    queued: bool,
}

impl Repository {
    /// Lists the authors of all commits that `new` holds and `old` doesn't, by their addresses, and the co-authors that their
    /// trailers name (`Co-authored-by`, as GitHub and GitLab read it), as they stand there; sorted, each once.
    ///
    /// Whoever makes a commit chooses its author, so that this can only ever exclude somebody. Where clocks were wrong it may name the
    /// authors of some older commits too. An author without an address is known by the name. The committer is not among them: a
    /// forge that rebases names whoever pressed the button.
    ///
    /// # Errors
    ///
    /// Those of [`commit`](Self::commit), for commits on the way: where a shallow clone ends, an error.
    /// [`EvidenceError::TooMuchHistory`] and [`EvidenceError::TooManyAuthors`] beyond the bounds of [`Limits`](super::Limits).
    pub fn authors(&self, old: Option<CommitId>, new: CommitId) -> Result<Vec<String>, EvidenceError> {
        self.authors_of(&[(old, new)])
    }

    /// Lists the authors of several ranges, as [`authors`](Self::authors) does of one. The bounds hold for all of them together.
    ///
    /// # Errors
    ///
    /// Those of [`authors`](Self::authors).
    pub fn authors_of(&self, ranges: &[(Option<CommitId>, CommitId)]) -> Result<Vec<String>, EvidenceError> {
        let limit = self.limits().authors;
        let mut authors = BTreeSet::new();
        let mut left = self.limits().history;
        let mut known = HashSet::new();
        for (old, new) in ranges.iter().filter(|range| known.insert(**range)) {
            for id in self.brought(*old, *new, &mut left)? {
                let commit = self.commit(id)?;
                let address = String::from_utf8_lossy(&commit.author.email).into_owned();
                let name = || String::from_utf8_lossy(&commit.author.name).into_owned();
                authors.insert(if address.is_empty() { name() } else { address });
                for trailer in commit.trailers()? {
                    if trailer.key.eq_ignore_ascii_case(b"co-authored-by") {
                        authors.insert(String::from_utf8_lossy(&trailer.value).into_owned());
                    }
                }
                if authors.len() > limit {
                    return Err(EvidenceError::TooManyAuthors { limit });
                }
            }
        }
        Ok(authors.into_iter().filter(|author| !author.is_empty()).collect())
    }

    /// The commits that `new` holds and `old` doesn't, in no order. Each commit that is looked at uses up one of `left`.
    fn brought(&self, old: Option<CommitId>, new: CommitId, left: &mut usize) -> Result<Vec<CommitId>, EvidenceError> {
        if old == Some(new) {
            return Ok(Vec::new());
        }
        let odb = self.odb()?;
        let mut look = || -> Result<(), EvidenceError> {
            *left = left.checked_sub(1).ok_or(EvidenceError::TooMuchHistory { limit: self.limits().history })?;
            Ok(())
        };
        let mut reached: HashMap<CommitId, CommitMarks> = HashMap::new();
        let mut heap = BinaryHeap::new();
        // how many in the heap were reached from the new side alone: without any, nothing more can be found
        let mut fresh = 1_usize;
        let ends = [Some((new, false)), old.map(|old| (old, true))];
        for (commit, is_old) in ends.into_iter().flatten() {
            look()?;
            reached.insert(commit, CommitMarks { new: !is_old, old: is_old, queued: true });
            heap.push((self.links(&odb, commit)?.seconds, commit));
        }
        while fresh > 0
            && let Some((_, commit)) = heap.pop()
        {
            let Some(known) = reached.get_mut(&commit) else {
                continue;
            };
            known.queued = false;
            let from = *known;
            if !from.old {
                fresh -= 1;
            }
            for parent in self.links(&odb, commit)?.parents {
                match reached.get_mut(&parent) {
                    None => {
                        look()?;
                        reached.insert(parent, CommitMarks { queued: true, ..from });
                        heap.push((self.links(&odb, parent)?.seconds, parent));
                        fresh += usize::from(!from.old);
                    }
                    Some(known) if from.old && !known.old => {
                        known.old = true;
                        // it may wait as a fresh one, or be done with: then it is looked at again, as an old one
                        if known.queued {
                            fresh -= 1;
                        } else {
                            known.queued = true;
                            heap.push((self.links(&odb, parent)?.seconds, parent));
                        }
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(reached.into_iter().filter(|(_, reached)| reached.new && !reached.old).map(|(commit, _)| commit).collect())
    }
}
