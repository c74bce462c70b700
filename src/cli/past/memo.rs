//! Caches what git says about former states.
//!
//! A decision is made before the record is locked and again under the lock, because another job may have appended meanwhile.
//! Trees and history are read the first time, so that nobody waits for them.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use crate::change::git::{EvidenceError, Revision};
use crate::diagnostic::Faults;
use crate::proof::rollback::{Obstacle, State, Trace};
use crate::reach::Shown;

/// What was found so far; that of the same moves in the same repository.
#[derive(Default)]
pub(in crate::cli) struct Memo {
    shown: OnceCell<Vec<Shown>>,
    traces: RefCell<Vec<(TraceKey, Traced)>>,
    ancestors: RefCell<HashMap<(String, String), bool>>,
}

/// What the comparison of a change with former states depends on.
#[derive(PartialEq, Eq)]
pub(super) struct TraceKey {
    pub(super) environment: String,
    pub(super) old: Option<Revision>,
    pub(super) new: Revision,
    pub(super) by_any_ref: bool,
    pub(super) states: Vec<State>,
}

/// What came of the comparison.
#[derive(Clone)]
pub(super) enum Traced {
    /// The newest state that is known is what the change replaces.
    Replaces(Trace),
    /// It is not.
    Gap,
    /// That can't be found out.
    Obstacle(Obstacle),
}

impl Memo {
    /// What each move shows, in the order of the moves.
    pub(super) fn shown(&self, look: impl FnOnce() -> Result<Vec<Shown>, Faults>) -> Result<&[Shown], Faults> {
        if let Some(shown) = self.shown.get() {
            return Ok(shown);
        }
        let shown = look()?;
        Ok(self.shown.get_or_init(|| shown))
    }

    pub(super) fn traced(&self, key: TraceKey, trace: impl FnOnce(&[State]) -> Traced) -> Traced {
        let known = self.traces.borrow().iter().find(|(one, _)| *one == key).map(|(_, traced)| traced.clone());
        known.unwrap_or_else(|| {
            let traced = trace(&key.states);
            self.traces.borrow_mut().push((key, traced.clone()));
            traced
        })
    }

    /// Whether one commit is an ancestor of another, by their names.
    pub(in crate::cli) fn is_ancestor(
        &self,
        (commit, tip): (&str, &str),
        find: impl FnOnce() -> Result<bool, EvidenceError>,
    ) -> Result<bool, EvidenceError> {
        let key = (commit.to_owned(), tip.to_owned());
        let known = self.ancestors.borrow().get(&key).copied();
        match known {
            Some(known) => Ok(known),
            None => {
                let found = find()?;
                self.ancestors.borrow_mut().insert(key, found);
                Ok(found)
            }
        }
    }
}
