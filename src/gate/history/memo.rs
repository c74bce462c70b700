//! Caches what git says about former states.
//!
//! A decision is made before the record is locked and again under the lock, because another job may have appended meanwhile.
//! Trees and history are read the first time, so that nobody waits for them.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::change::git::{CommitId, EvidenceError, RefName, ReflogEntry, Revision};
use crate::diagnostic::Faults;
use crate::gate::history::known::{KnownFormerState, PathsInQuestion};
use crate::proof::rollback::{Obstacle, Trace};
use crate::reach::Shown;

/// The number of paths that are looked at for one decision, all environments and refs together, each time that they are.
pub(crate) const MOST_OF_DECISION: u64 = 8_000_000;

/// The number of paths that are looked at to find out whether a command that could be printed would pass.
pub(crate) const MOST_OF_OFFER: u64 = 400_000;

/// Everything that was found so far; that of the same moves in the same repository.
pub(crate) struct Memo {
    shown: OnceCell<Vec<Shown>>,
    guarded: OnceCell<Vec<Rc<BTreeSet<Vec<u8>>>>>,
    traces: RefCell<HashMap<String, Vec<(TraceKey, Traced)>>>,
    names: RefCell<HashMap<bool, Rc<[RefName]>>>,
    logs: RefCell<HashMap<RefName, Rc<Option<Vec<ReflogEntry>>>>>,
    more: RefCell<HashMap<MoreKey, Rc<HashSet<String>>>>,
    /// The number of paths that may still be looked at.
    left: Cell<u64>,
    /// The number of possible ones.
    most: u64,
}

/// The inputs of the comparison of a change with former states.
#[derive(PartialEq, Eq)]
pub(crate) struct TraceKey {
    pub(crate) environment: String,
    /// The ref, which targets are asked about.
    pub(crate) reference: Option<RefName>,
    pub(crate) scope: PathsInQuestion,
    /// Everything that is reached of the environment.
    pub(crate) reached: [BTreeSet<String>; 2],
    pub(crate) old: Option<Revision>,
    pub(crate) new: Revision,
    pub(crate) by_any_ref: bool,
    pub(crate) history: Rc<[KnownFormerState]>,
}

/// A ref, what it holds and what it shall hold, and the digest of the policy by which a former state was judged.
pub(crate) type MoreKey = (Option<RefName>, [Option<CommitId>; 2], String);

/// The result of the comparison.
#[derive(Clone)]
pub(crate) enum Traced {
    /// The newest state that is known is what the change replaces.
    Replaces(Trace),
    /// It is not.
    Gap,
    /// That can't be found out.
    Obstacle(Obstacle),
}

impl Memo {
    /// Nothing is known, and so many paths may be looked at.
    pub(crate) fn new(most: u64) -> Self {
        Self {
            shown: OnceCell::new(),
            guarded: OnceCell::new(),
            traces: RefCell::default(),
            names: RefCell::default(),
            logs: RefCell::default(),
            more: RefCell::default(),
            left: Cell::new(most),
            most,
        }
    }

    /// Counts paths that are looked at.
    pub(crate) fn spend(&self, paths: usize) -> Result<(), Obstacle> {
        let left = self.left.get().checked_sub(u64::try_from(paths).unwrap_or(u64::MAX));
        self.left.set(left.unwrap_or(0));
        match left {
            Some(_) => Ok(()),
            None => Err(Obstacle::TooMuch {
                what: "paths of all environments that differ between states",
                limit: self.most,
            }),
        }
    }

    /// The names of the refs of a server, or of what a clone fetched, read once.
    pub(crate) fn names(
        &self,
        is_of_server: bool,
        read: impl FnOnce() -> Result<Vec<RefName>, EvidenceError>,
    ) -> Result<Rc<[RefName]>, EvidenceError> {
        if let Some(known) = self.names.borrow().get(&is_of_server) {
            return Ok(Rc::clone(known));
        }
        let names: Rc<[RefName]> = read()?.into();
        self.names.borrow_mut().insert(is_of_server, Rc::clone(&names));
        Ok(names)
    }

    /// The log of a ref, read once.
    pub(crate) fn log(
        &self,
        name: &RefName,
        read: impl FnOnce() -> Result<Option<Vec<ReflogEntry>>, EvidenceError>,
    ) -> Result<Rc<Option<Vec<ReflogEntry>>>, EvidenceError> {
        if let Some(known) = self.logs.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let log = Rc::new(read()?);
        self.logs.borrow_mut().insert(name.clone(), Rc::clone(&log));
        Ok(log)
    }

    /// The environments that paths reach more of than by the policy by which a former state was judged, found out once.
    pub(crate) fn more(
        &self,
        key: MoreKey,
        find: impl FnOnce() -> Result<HashSet<String>, Obstacle>,
    ) -> Result<Rc<HashSet<String>>, Obstacle> {
        if let Some(known) = self.more.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let more = Rc::new(find()?);
        self.more.borrow_mut().insert(key, Rc::clone(&more));
        Ok(more)
    }

    /// The guarded paths that each move changes, looked up once.
    pub(crate) fn guarded(
        &self,
        look: impl FnOnce() -> Result<Vec<Rc<BTreeSet<Vec<u8>>>>, Faults>,
    ) -> Result<&[Rc<BTreeSet<Vec<u8>>>], Faults> {
        if let Some(guarded) = self.guarded.get() {
            return Ok(guarded);
        }
        let guarded = look()?;
        Ok(self.guarded.get_or_init(|| guarded))
    }

    /// Returns what each move shows, in the order of the moves.
    pub(crate) fn shown(&self, look: impl FnOnce() -> Result<Vec<Shown>, Faults>) -> Result<&[Shown], Faults> {
        if let Some(shown) = self.shown.get() {
            return Ok(shown);
        }
        let shown = look()?;
        Ok(self.shown.get_or_init(|| shown))
    }

    pub(crate) fn traced(&self, key: TraceKey, trace: impl FnOnce(&Rc<[KnownFormerState]>) -> Traced) -> Traced {
        let known = self
            .traces
            .borrow()
            .get(&key.environment)
            .and_then(|traces| traces.iter().find(|(one, _)| *one == key).map(|(_, traced)| traced.clone()));
        known.unwrap_or_else(|| {
            let traced = trace(&key.history);
            self.traces.borrow_mut().entry(key.environment.clone()).or_default().push((key, traced.clone()));
            traced
        })
    }
}
