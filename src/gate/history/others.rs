//! The other refs that bring an environment to its states.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::change::git::{EvidenceError, RefName, Repository};
use crate::diagnostic::Place;
use crate::gate::comparison::Move;
use crate::gate::declared::defined;
use crate::gate::history::context::PastContext;
use crate::gate::history::known::PathsInQuestion;
use crate::proof::record::{Chain, Folded, RecordedMode, RecordedState, narrowings_overlap, ref_text};
use crate::proof::rollback::Obstacle;
use crate::reach::RefSide;
use crate::reach::shown::ShownError;

/// Returns another ref of the repository that may have brought an environment to other states than the log of `one` shows.
///
/// # Errors
///
/// What can't be read, or that there are more refs than are looked at.
pub(crate) fn beside_log(
    one: &Move<'_>,
    environment: &str,
    context: &PastContext<'_>,
) -> Result<Option<String>, Obstacle> {
    let sharing = sharing(one, environment, context)?;
    Ok(sharing.iter().find(|name| Some(*name) != one.name.as_ref()).map(ref_text))
}

/// Returns the refs of the repository that reach an environment as `one` does: of a tag each that a target maps there, of a branch each that a
/// target of both maps there, and each tag that one does.
///
/// # Errors
///
/// What can't be read, or that there are more refs than are looked at.
pub(super) fn sharing(one: &Move<'_>, environment: &str, context: &PastContext<'_>) -> Result<Vec<RefName>, Obstacle> {
    let error = |error: EvidenceError| Obstacle::Unreadable(error.to_string());
    let is_of_server = one.log.as_ref().is_some_and(|log| Some(log) == one.name.as_ref());
    let names = context.memo.names(is_of_server, || names(context.repository, is_of_server)).map_err(error)?;
    context.memo.spend(names.len())?;
    let own = context.matcher.of_ref(one.side()).map_err(unmatched)?;
    let mut sharing = Vec::new();
    for name in names.iter() {
        let side = if Some(name) == one.name.as_ref() { one.side() } else { side_beside(one, name) };
        let other = context.matcher.of_ref(side).map_err(unmatched)?;
        let is_tag = one.is_tag() || name.as_bytes().starts_with(b"refs/tags/");
        let shared = if is_tag { other.shared_with(&other, environment) } else { own.shared_with(&other, environment) };
        if !shared.is_empty() {
            sharing.push(name.clone());
        }
    }
    Ok(sharing)
}

/// What is known of a ref other than the one that is moved.
fn side_beside<'n>(one: &Move<'_>, name: &'n RefName) -> RefSide<'n> {
    let default_branch = if one.default_branch == Some(true) { Some(false) } else { None };
    RefSide::Named { name: name.as_bytes(), default_branch }
}

fn unmatched(error: ShownError) -> Obstacle {
    Obstacle::Unreadable(error.to_string())
}

/// The names that branches and tags have on the server, as far as the repository knows.
fn names(repository: &Repository, is_of_server: bool) -> Result<Vec<RefName>, EvidenceError> {
    let mut names = repository.refs_below("refs/tags/")?;
    if is_of_server {
        names.extend(repository.refs_below("refs/heads/")?);
        return Ok(names);
    }
    for name in repository.refs_below(TRACKED)? {
        match name.as_bytes().strip_prefix(TRACKED.as_bytes()) {
            Some(b"HEAD") | None => {}
            Some(branch) => names.push(RefName::new([b"refs/heads/".as_slice(), branch].concat())?),
        }
    }
    Ok(names)
}

/// Where a clone keeps what it fetched.
const TRACKED: &str = "refs/remotes/origin/";

/// The states of an environment that follow each other, whichever ref brought it there.
///
/// Of a tag it is all of them. Of a branch it is its own and those by other refs that replace what it brings there: those that a target
/// of both maps to the environment, those of tags that bring a whole tree there, and, for a job, those of jobs that deploy the whole tree
/// there. What a hook judged says where a ref is, and what a job judged says what is deployed: neither replaces the other.
pub(crate) struct Others {
    reference: Option<String>,
    narrowed: Option<String>,
    /// Everything that the policy defines, as words of `narrowed`; empty if nothing is narrowed: then none is compared.
    defined: BTreeSet<String>,
    mode: RecordedMode,
    is_tag: bool,
    /// The targets that map both to the environment, by the other ref.
    shared: HashMap<String, HashSet<Place>>,
}

impl Others {
    pub(crate) fn of(
        folded: &Folded,
        one: &Move<'_>,
        environment: &str,
        context: &PastContext<'_>,
    ) -> Result<Self, Obstacle> {
        let mut others = Self {
            reference: one.name.as_ref().map(ref_text),
            narrowed: context.narrowed.clone(),
            defined: context.narrowed.as_ref().map_or_else(BTreeSet::new, |_| defined(context.matcher.policy())),
            mode: if one.log.is_some() { RecordedMode::PreReceive } else { RecordedMode::Check },
            is_tag: one.is_tag(),
            shared: HashMap::new(),
        };
        if others.is_tag {
            return Ok(others);
        }
        let own = context.matcher.of_ref(one.side()).map_err(unmatched)?;
        for name in folded.refs_of(environment).flatten() {
            if others.reference.as_deref() == Some(name) || others.shared.contains_key(name) {
                continue;
            }
            // a name with escapes stands for no ref, and may be any
            let side = RefName::new(name);
            let side = side.as_ref().map_or(RefSide::Unknown, |name| side_beside(one, name));
            let other = context.matcher.of_ref(side).map_err(unmatched)?;
            others.shared.insert(name.to_owned(), own.shared_with(&other, environment));
        }
        Ok(others)
    }

    /// Returns whether a state is one of decisions that were narrowed as this one is.
    pub(crate) fn is_narrowed_alike(&self, state: &RecordedState<'_>) -> bool {
        state.narrowed == self.narrowed.as_deref()
    }

    /// The decisions that the one about the ref comes after.
    pub(crate) fn own(&self) -> Chain<'_> {
        Chain {
            reference: self.reference.as_deref(),
            narrowed: self.narrowed.as_deref(),
            mode: self.mode,
            proposed: false,
        }
    }

    /// Returns whether a state is one by the ref that is moved, of decisions that were narrowed alike and asked for in the same way.
    pub(crate) fn is_own(&self, state: &RecordedState<'_>) -> bool {
        let Chain { reference, narrowed, mode, proposed } = self.own();
        (state.reference, state.narrowed, state.mode, state.is_proposed) == (reference, narrowed, mode, proposed)
    }

    /// Returns whether a state is among those that follow each other.
    pub(crate) fn counts(&self, state: &RecordedState<'_>) -> bool {
        if self.is_own(state) {
            return true;
        }
        if state.mode != self.mode {
            return false;
        }
        let is_shared = || match state.reference {
            Some(reference) => self.shared.get(reference).is_some_and(|shared| !shared.is_empty()),
            None => true,
        };
        let is_tag = || state.reference.is_some_and(|name| name.starts_with("refs/tags/"));
        let is_deployed = || state.is_tree_wide && (state.mode == RecordedMode::Check || is_tag());
        // that a ref was deleted brought nothing
        let replaces = || state.commit.is_some() && (self.is_tag || is_deployed() || is_shared());
        let is_defined = |word: &str| self.defined.contains(word);
        narrowings_overlap(self.narrowed.as_deref(), state.narrowed, &is_defined) && replaces()
    }

    /// Returns whether a state by another ref was judged on all that is in question: by targets that map both refs.
    pub(crate) fn shares(&self, state: &RecordedState<'_>, scope: &PathsInQuestion) -> bool {
        match (scope.targets(), state.reference) {
            (None, _) | (Some(_), None) => false,
            (Some(places), Some(reference)) => {
                self.is_narrowed_alike(state)
                    && self.shared.get(reference).is_some_and(|shared| places.is_subset(shared))
            }
        }
    }
}
