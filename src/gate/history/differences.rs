//! What differs between states, walked once for all environments of a change.
//!
//! A change can reach thousands of environments, and their former states are mostly the same commits. For each pair of commits the
//! trees are walked once, and each environment is given the paths that reach it.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::rc::Rc;

use crate::change::git::{ChangeKind, CommitId, EntryKind, ObjectId, PathContents, Range, Repository, Revision};
use crate::diagnostic::{Faults, Place};
use crate::gate::look::show;
use crate::gate::recorded_state::revision;
use crate::proof::rollback::Content;
use crate::reach::matcher::OfRef;
use crate::reach::{Because, Shown};

/// The most paths, and the most places that they reach, of which is kept what differs. What is more is walked each time.
const MOST_KEPT: usize = 300_000;

/// The ref, as its side names it, and the two commits that are compared.
pub(crate) type PairKey = (Option<Vec<u8>>, Option<CommitId>, Option<CommitId>);

/// The part that was walked so far.
#[derive(Default)]
pub(crate) struct Differences {
    pairs: RefCell<HashMap<PairKey, Option<Rc<Walked>>>>,
    revisions: RefCell<HashMap<(String, String), Revision>>,
    kept: RefCell<usize>,
}

/// The difference of two commits.
pub(crate) struct Walked {
    /// In the order of the walk.
    pub(crate) paths: Vec<DifferingPath>,
    by_path: HashMap<Vec<u8>, usize>,
    /// The place where in `paths` those stand that reach an environment, each with the target that shows it.
    of: HashMap<String, Vec<(usize, Place)>>,
    /// The place where in `paths` those stand by which a target shows every environment of the policy, or that may reach any.
    of_every: Vec<(usize, Option<Place>)>,
}

/// A path on which two commits differ.
pub(crate) struct DifferingPath {
    pub(crate) path: Vec<u8>,
    pub(crate) one: Content,
    pub(crate) other: Content,
}

impl Walked {
    /// The paths by which targets at `places` show an environment, in the order of the walk.
    pub(crate) fn asked(&self, environment: &str, places: &HashSet<Place>) -> Vec<&DifferingPath> {
        let own = self.of.get(environment).map_or([].as_slice(), Vec::as_slice);
        let own = own.iter().filter(|(_, place)| places.contains(place)).map(|(index, _)| *index);
        let every = self.of_every.iter().filter(|(_, place)| place.is_none_or(|place| places.contains(&place)));
        let mut indices: Vec<usize> = own.chain(every.map(|(index, _)| *index)).collect();
        indices.sort_unstable();
        indices.dedup();
        indices.into_iter().filter_map(|index| self.paths.get(index)).collect()
    }

    /// The one path of this name, if it differs.
    pub(crate) fn at(&self, path: &[u8]) -> Option<&DifferingPath> {
        self.by_path.get(path).and_then(|index| self.paths.get(*index))
    }

    /// Adds a path and what it shows, seen from both sides; returns how much is kept of that. The policy has so many environments.
    fn add(&mut self, path: &[u8], (one, other): (Content, Content), sides: &[Shown; 2], environments: usize) -> usize {
        let index = self.paths.len();
        self.paths.push(DifferingPath { path: path.to_vec(), one, other });
        self.by_path.insert(path.to_vec(), index);
        let before = self.of_every.len();
        let mut own = 0_usize;
        // a name that no table has may be any
        if sides.iter().any(|shown| !shown.unknown.is_empty()) {
            self.of_every.push((index, None));
        }
        let mut by_target: HashMap<Place, HashSet<&str>> = HashMap::new();
        for hit in sides.iter().flat_map(|shown| &shown.hits) {
            if let Because::Shown { policy: place, .. } = hit.reached.because {
                by_target.entry(place).or_default().insert(&hit.reached.environment.name);
            }
        }
        for (place, names) in by_target {
            if names.len() == environments {
                self.of_every.push((index, Some(place)));
                continue;
            }
            own = own.saturating_add(names.len());
            for name in names {
                match self.of.get_mut(name) {
                    Some(known) => known.push((index, place)),
                    None => {
                        self.of.insert(name.to_owned(), vec![(index, place)]);
                    }
                }
            }
        }
        own.saturating_add(self.of_every.len().saturating_sub(before)).saturating_add(1)
    }
}

impl Differences {
    /// The state of a commit whose tree is recorded.
    pub(crate) fn revision(&self, commit: &str, tree: &str, repository: &Repository) -> Result<Revision, Faults> {
        let key = (commit.to_owned(), tree.to_owned());
        if let Some(known) = self.revisions.borrow().get(&key) {
            return Ok(*known);
        }
        let revision = revision(commit, tree, repository)?;
        self.revisions.borrow_mut().insert(key, revision);
        Ok(revision)
    }

    /// Returns how two states differ, for a policy of so many environments; `None` if that is too much to be kept, or can't be read.
    pub(crate) fn of(
        &self,
        (reference, range): (Option<Vec<u8>>, Range),
        of_ref: (&OfRef<'_, '_, '_>, usize),
        repository: &Repository,
    ) -> Option<Rc<Walked>> {
        let commit = |revision: Option<Revision>| revision.map(|revision| revision.commit);
        let key = (reference, commit(range.old), commit(range.new));
        if let Some(known) = self.pairs.borrow().get(&key) {
            return known.clone();
        }
        let walked = self.walk(range, of_ref, repository).map(Rc::new);
        self.pairs.borrow_mut().insert(key, walked.clone());
        walked
    }

    fn walk(
        &self,
        range: Range,
        (of_ref, environments): (&OfRef<'_, '_, '_>, usize),
        repository: &Repository,
    ) -> Option<Walked> {
        let back = Range { old: range.new, new: range.old };
        let mut walked =
            Walked { paths: Vec::new(), by_path: HashMap::new(), of: HashMap::new(), of_every: Vec::new() };
        let mut kept = self.kept.borrow_mut();
        let mut add = |path: &[u8], change: ChangeKind, contents: PathContents| -> Result<bool, Faults> {
            let mut sides = [Shown::default(), Shown::default()];
            // what a link leads to is known of the side that has it alone
            for (shown, (range, change)) in sides.iter_mut().zip([(range, change), (back, change.reversed())]) {
                show(repository, of_ref, range, path, change, shown)?;
                *kept = kept.saturating_add(shown.hits.len() / 16);
            }
            let (old, new) = change.kinds();
            let contents = (content(old, contents.old), content(new, contents.new));
            *kept = kept.saturating_add(walked.add(path, contents, &sides, environments));
            Ok(*kept <= MOST_KEPT)
        };
        let mut is_whole = true;
        let result = repository.changed_contents(range.old_tree(), range.new_tree(), &mut |path, change, contents| {
            is_whole = add(path, change, contents).unwrap_or(false);
            if is_whole { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        (result.is_ok() && is_whole).then_some(walked)
    }
}

/// The text that begins the name of the content of a symbolic link.
const LINK: u8 = 3;

/// Returns whether the name of a content is that of a symbolic link.
pub(crate) fn is_link(content: Content) -> bool {
    content.is_some_and(|name| name.first() == Some(&LINK))
}

/// The name of a content: what it is, and of which object.
pub(crate) fn content(kind: Option<EntryKind>, id: Option<ObjectId>) -> Content {
    let (kind, id) = (kind?, id?);
    let mut name = [0; 24];
    let kind = match kind {
        EntryKind::File => 1,
        EntryKind::Executable => 2,
        EntryKind::Link => LINK,
        EntryKind::Submodule => 4,
    };
    for (to, from) in name.iter_mut().zip([kind].iter().chain(id.as_bytes())) {
        *to = *from;
    }
    Some(name)
}
