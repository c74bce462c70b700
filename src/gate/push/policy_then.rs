//! The policy that was in force when the log of a ref says that it moved.

use crate::change::git::ReflogEntry;
use crate::cli::edge::Edge;
use crate::diagnostic::Faults;
use crate::gate::comparison::Move;
use crate::gate::fault::fault;
use crate::gate::in_force;
use crate::gate::in_force::InForce;
use crate::gate::policies_then::ToldByLog;
use crate::gate::push::Push;

impl Push<'_> {
    /// Finds the policy that was in force when a ref moved: that of the default branch before.
    ///
    /// A log tells seconds. Of moves in the same one, those of the default branch count as later.
    pub(crate) fn policy_then(&self, edge: &Edge, one: &Move<'_>, moved: &ReflogEntry) -> Result<ToldByLog, Faults> {
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
            let log = self.repository.reflog(default).map_err(fault)?.unwrap_or_else(Vec::new);
            let before = log.iter().find(|entry| entry.who.seconds < moved.who.seconds).map(|entry| entry.new);
            match before.or_else(|| log.last().map(|oldest| oldest.old)) {
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
        let Some(tip) = self.repository.revision_at(held).map_err(fault)? else {
            return Ok(ToldByLog::NoPolicy);
        };
        Ok(match in_force::of_branch(self.policy, edge, self.repository, tip, &"the default branch")? {
            InForce::Policy { source, .. } => ToldByLog::Policy(source),
            InForce::Never { .. } => ToldByLog::NoPolicy,
        })
    }
}
