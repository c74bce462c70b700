//! The policy that was in force when the log of a ref says that it moved.

use std::cell::OnceCell;

use crate::change::git::ReflogEntry;
use crate::diagnostic::Faults;
use crate::gate::comparison::Move;
use crate::gate::fault::fault;
use crate::gate::policies_then::ToldByLog;
use crate::gate::push::Push;
use crate::gate::world::World;

/// How long git keeps what a branch was forced away from in its log, in seconds, unless it is told otherwise (git-gc(1),
/// `gc.reflogExpireUnreachable`).
const KEPT_AT_LEAST: i64 = 30 * 24 * 3600;

impl Push<'_> {
    /// Finds what the branch held whose policy was in force when a ref moved: the default branch before.
    ///
    /// A log tells seconds. Of moves in the same one, those of the default branch count as later. Where the log may lack what the branch was
    /// forced away from, it is not known.
    pub(crate) fn policy_then(
        &self,
        (world, default_log): (&dyn World, &OnceCell<Vec<ReflogEntry>>),
        one: &Move<'_>,
        moved: &ReflogEntry,
    ) -> Result<ToldByLog, Faults> {
        if self.source.revision.is_none() {
            return Ok(ToldByLog::Nothing);
        }
        let is_default = one.name.as_ref().is_some_and(|name| self.is_policy_branch(name));
        let held = if is_default {
            if moved.old.is_zero() { moved.new } else { moved.old }
        } else {
            let Some(default) = self.default else {
                return Ok(ToldByLog::NoPolicy);
            };
            // without a log, or with an empty one, it has not moved since logs are kept
            let log = match default_log.get() {
                Some(log) => log,
                None => {
                    let log = self.repository.reflog(default).map_err(fault)?.unwrap_or_else(Vec::new);
                    default_log.get_or_init(|| log)
                }
            };
            let before = log.iter().position(|entry| entry.who.seconds < moved.who.seconds);
            let is_old = world.clock().saturating_sub(moved.who.seconds) >= KEPT_AT_LEAST;
            match (before, log.last()) {
                (Some(place), _) => {
                    let next = place.checked_sub(1).and_then(|next| log.get(next));
                    match log.get(place) {
                        Some(entry) if next.is_none_or(|next| next.old == entry.new) => entry.new,
                        Some(_) | None => return Ok(ToldByLog::NoPolicy),
                    }
                }
                (None, Some(_)) if is_old => return Ok(ToldByLog::NoPolicy),
                (None, Some(oldest)) => oldest.old,
                (None, None) => match self.repository.revision_of(default).map_err(fault)? {
                    Some(tip) => tip.commit.object(),
                    None => return Ok(ToldByLog::NoPolicy),
                },
            }
        };
        if held.is_zero() {
            return Ok(ToldByLog::NoPolicy);
        }
        let held = self.repository.revision_at(held).map_err(fault)?;
        Ok(held.map_or(ToldByLog::NoPolicy, ToldByLog::InForceAt))
    }
}
