//! Who wrote what a push or a range brings.

use std::collections::{BinaryHeap, HashMap};

use super::{CommitId, EvidenceError, Repository};

/// From which sides a commit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reached {
    new: bool,
    old: bool,
}

impl Repository {
    /// The addresses of the authors of all commits that `new` holds and `old` doesn't, co-authors (`Co-authored-by`, as GitHub
    /// and GitLab read it) among them; sorted, each once.
    ///
    /// Whoever makes a commit chooses its author, so that this can only ever exclude somebody. Where clocks were wrong it may name the
    /// authors of some older commits too.
    ///
    /// # Errors
    ///
    /// Those of [`commit`](Self::commit), for commits on the way: where a shallow clone ends, an error.
    pub fn authors(&self, old: Option<CommitId>, new: CommitId) -> Result<Vec<String>, EvidenceError> {
        let odb = self.odb()?;
        let mut reached: HashMap<CommitId, Reached> = HashMap::new();
        let mut heap = BinaryHeap::new();
        // how many in the heap were reached from the new side alone: without any, nothing more can be found
        let mut fresh = 1_usize;
        reached.insert(new, Reached { new: true, old: false });
        heap.push((self.links(&odb, new)?.seconds, new));
        if let Some(old) = old {
            if old == new {
                return Ok(Vec::new());
            }
            reached.insert(old, Reached { new: false, old: true });
            heap.push((self.links(&odb, old)?.seconds, old));
        }
        while fresh > 0
            && let Some((_, commit)) = heap.pop()
        {
            let Some(from) = reached.get(&commit).copied() else {
                continue;
            };
            if !from.old {
                fresh -= 1;
            }
            for parent in self.links(&odb, commit)?.parents {
                match reached.get_mut(&parent) {
                    None => {
                        reached.insert(parent, from);
                        heap.push((self.links(&odb, parent)?.seconds, parent));
                        fresh += usize::from(!from.old);
                    }
                    Some(known) if from.old && !known.old => {
                        // it may stand in the heap as fresh, or be done with: look at it again as an old one
                        let waiting = heap.iter().any(|(_, queued)| *queued == parent);
                        fresh -= usize::from(waiting);
                        known.old = true;
                        if !waiting {
                            heap.push((self.links(&odb, parent)?.seconds, parent));
                        }
                    }
                    Some(_) => {}
                }
            }
        }
        let mut authors = Vec::new();
        for (commit, _) in reached.into_iter().filter(|(_, reached)| reached.new && !reached.old) {
            let commit = self.commit(commit)?;
            authors.push(String::from_utf8_lossy(&commit.author.email).into_owned());
            for trailer in commit.trailers()? {
                if trailer.key.eq_ignore_ascii_case(b"co-authored-by") {
                    let value = String::from_utf8_lossy(&trailer.value).into_owned();
                    let address = value.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
                    authors.push(address.map_or_else(|| value.clone(), |(address, _)| address.trim().to_owned()));
                }
            }
        }
        authors.sort_unstable();
        authors.dedup();
        Ok(authors)
    }
}
