//! What rows of a table say, resolved once for all rows that say the same.

use std::collections::HashMap;
use std::sync::Arc;

use crate::backtest::replay::{MOST_PROFILES, Replay};
use crate::backtest::rows::{BadRow, ChangeRow, NamesText};
use crate::backtest::{PastChange, Profile};
use crate::reach::Declared;

/// The most bytes of the texts that are remembered: what says something else each time is resolved each time.
const MOST_BYTES: usize = 64 << 20;

/// The texts of rows, each once.
pub(super) struct SaidProfiles<'r, 'p> {
    replay: &'r Replay<'p>,
    known: HashMap<NamesText, Result<(Arc<Profile>, bool), String>>,
    bytes: usize,
    /// The number of rows that say that they are rollbacks.
    pub(super) rollbacks: u64,
}

impl<'r, 'p> SaidProfiles<'r, 'p> {
    pub(super) fn new(replay: &'r Replay<'p>) -> Self {
        Self { replay, known: HashMap::new(), bytes: 0, rollbacks: 0 }
    }

    /// The change of a row, or why it can't be judged.
    pub(super) fn change(&mut self, row: Result<ChangeRow, BadRow>) -> Result<PastChange, String> {
        let ChangeRow { at, duration, id, key } = row.map_err(|bad| bad.cause)?;
        let found = match self.known.get(&key) {
            Some(found) => found.clone(),
            None => {
                let found = self.resolve(&key);
                let bytes = key.bytes();
                if self.bytes.saturating_add(bytes) <= MOST_BYTES {
                    self.bytes = self.bytes.saturating_add(bytes);
                    self.known.insert(key, found.clone());
                }
                found
            }
        };
        let (profile, is_rollback) = found?;
        self.rollbacks = self.rollbacks.saturating_add(u64::from(is_rollback));
        Ok(PastChange { at, duration, profile, name: id })
    }

    fn resolve(&self, key: &NamesText) -> Result<(Arc<Profile>, bool), String> {
        let declared = Declared::resolve(&key.names(), self.replay.policy()).map_err(|unknown| {
            let first = unknown.into_iter().next();
            first.map_or_else(String::new, |one| match one.help {
                Some(help) => format!("{}; {help}", one.cause),
                None => one.cause,
            })
        })?;
        let profile = self
            .replay
            .said(&declared)
            .map_err(|_| format!("it is one of more than {MOST_PROFILES} different combinations of names"))?;
        Ok((profile, declared.rollback))
    }
}
