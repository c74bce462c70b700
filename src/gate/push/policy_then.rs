//! The policy that was in force when the log of a ref says that it moved.

use std::cell::OnceCell;

use crate::change::git::ReflogEntry;
use crate::diagnostic::Faults;
use crate::gate::comparison::Move;
use crate::gate::fault::fault;
use crate::gate::policies_then::ToldByLog;
use crate::gate::push::Push;
use crate::gate::world::World;
use crate::time::seconds::Seconds;

/// How long git keeps what a branch was forced away from in its log, in seconds, unless configured otherwise (git-gc(1),
/// `gc.reflogExpireUnreachable`).
const KEPT_AT_LEAST: Seconds = Seconds::days(30);

/// The contents of the log of the default branch.
pub(super) struct DefaultLog {
    /// The latest first.
    entries: Vec<ReflogEntry>,
    /// For how long nothing is taken out of it, in seconds.
    whole_for: Seconds,
}

impl Push<'_> {
    /// Finds what the branch held whose policy was in force when a ref moved: the default branch before.
    ///
    /// A log shows seconds. Of moves in the same one, those of the default branch count as later. Where the log may lack what the branch was
    /// forced away from, it is not known.
    pub(super) fn policy_then(
        &self,
        (world, default_log): (&dyn World, &OnceCell<DefaultLog>),
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
            let log = match default_log.get() {
                Some(log) => log,
                None => {
                    // without a log, or with an empty one, it has not moved since logs are kept
                    let entries = self.repository.reflog(default).map_err(fault)?.unwrap_or_else(Vec::new);
                    let whole_for = self.log_is_whole_for()?;
                    default_log.get_or_init(|| DefaultLog { entries, whole_for })
                }
            };
            // what a branch was forced away from is gone from an old log, whether that shows or not
            if world.clock().since(moved.who.seconds) >= log.whole_for {
                return Ok(ToldByLog::NoPolicy);
            }
            let before = log.entries.iter().find(|entry| entry.who.seconds < moved.who.seconds).map(|entry| entry.new);
            match before.or_else(|| log.entries.last().map(|oldest| oldest.old)) {
                Some(held) => held,
                None => match self.repository.revision_of(default).map_err(fault)? {
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

    /// For how long nothing is taken out of a log, in seconds.
    fn log_is_whole_for(&self) -> Result<Seconds, Faults> {
        let mut least = KEPT_AT_LEAST;
        for setting in ["gc.reflogExpire", "gc.reflogExpireUnreachable"] {
            match self.repository.setting(setting).map_err(fault)?.as_deref() {
                None | Some("never" | "false") => {}
                // how long that is, git alone knows
                Some(_) => least = Seconds::ZERO,
            }
        }
        Ok(least)
    }
}
