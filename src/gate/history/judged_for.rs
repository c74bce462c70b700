//! Whether a former state was judged for all that a change reaches.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::change::git::Range;
use crate::gate::fault::{plain, unreadable};
use crate::gate::history::known::{JudgedThen, PathsInQuestion};
use crate::gate::history::trees::Trees;
use crate::gate::look::show;
use crate::gate::policies_then::PolicyThen;
use crate::gate::source::PolicySource;
use crate::proof::record::JudgedBy;
use crate::proof::rollback::Obstacle;
use crate::reach::TargetMatcher;
use crate::reach::covered::{CoveredPaths, PolicyCoverage};

/// For how many places that a path reaches one path more is counted.
const PLACES_OF_PATH: usize = 16;

impl Trees<'_> {
    /// See [`Compare::was_judged_for_all`](crate::proof::rollback::Compare::was_judged_for_all).
    pub(crate) fn is_judged_for_all(&self, former: usize) -> Result<bool, Obstacle> {
        let Some(known) = self.history.get(former) else {
            return Ok(false);
        };
        let policies = self.context.policies;
        let (then, is_by_targets) = match &known.judged {
            JudgedThen::ForLess => return Ok(false),
            JudgedThen::Recorded { policy: (digest, commit), whole } => {
                (policies.of_record(JudgedBy { digest, commit: commit.as_deref() }), !whole)
            }
            JudgedThen::Logged(entry) => {
                // a log shows no more than paths were judged by
                let is_by_paths = self.of_move.shown.get(self.environment) != Some(&None);
                if matches!(self.scope, PathsInQuestion::Whole) && is_by_paths {
                    return Ok(false);
                }
                (policies.of_log(self.of_move.one, entry), true)
            }
        };
        match then.map_err(unreadable)? {
            PolicyThen::Same => Ok(true),
            PolicyThen::Nothing => Ok(false),
            PolicyThen::Other(then) => self.is_covered_by(&then, is_by_targets),
        }
    }

    /// Returns whether a policy judged all that is reached, whole environments or what targets name of them.
    fn is_covered_by(&self, then: &PolicySource, is_by_targets: bool) -> Result<bool, Obstacle> {
        if matches!(self.scope, PathsInQuestion::WithRoutes(_, _)) && then.policy.routes.is_none() {
            return Ok(false);
        }
        let coverage = PolicyCoverage::new(&then.policy, self.context.matcher.policy());
        let is_whole = matches!(self.scope, PathsInQuestion::Whole) || !is_by_targets;
        if is_whole && !coverage.regions(self.environment, self.reached.regions.iter().copied()) {
            return Ok(false);
        }
        if !is_by_targets {
            return Ok(true);
        }
        // what was declared narrowed the regions then, too
        let is_narrowed = self.context.narrowed.is_some();
        if is_narrowed && !self.reached.services.iter().all(|service| coverage.service(service)) {
            return Ok(false);
        }
        let one = self.of_move.one;
        let commits = [one.old, one.new].map(|revision| revision.map(|revision| revision.commit));
        let key = (one.name.clone(), commits, then.policy.sources.digest());
        Ok(!self.context.memo.more(key, || self.more_by_paths(&coverage, then))?.contains(self.environment))
    }

    /// The environments of which the change reaches more than it would have by the policy of then.
    fn more_by_paths(&self, coverage: &PolicyCoverage<'_>, then: &PolicySource) -> Result<HashSet<String>, Obstacle> {
        let (context, one) = (self.context, self.of_move.one);
        let too_much = |error: crate::reach::shown::ShownError| Obstacle::Unreadable(error.to_string());
        let matcher = TargetMatcher::new(&then.policy);
        let of_ref = [&matcher, context.matcher].map(|matcher| matcher.of_ref(one.side()).map_err(too_much));
        let [of_then, of_now] = of_ref;
        let mut paths = CoveredPaths::new(coverage, of_then?, of_now?).map_err(too_much)?;
        if !paths.wants_paths() {
            return Ok(paths.reach_more());
        }
        let range = Range { old: one.old, new: one.new };
        let back = Range { old: one.new, new: one.old };
        let mut failed = None;
        let walked = context.repository.changed_paths(range.old_tree(), range.new_tree(), &mut |path, change| {
            // what a link leads to is known of the side that has it alone
            for (range, change) in [(range, change), (back, change.reversed())] {
                let places = paths
                    .add(|of_ref, shown| show(context.repository, of_ref, range, path, change, shown))
                    .map_err(unreadable);
                let spent = places.and_then(|places| context.memo.spend(1 + places / PLACES_OF_PATH));
                if let Err(obstacle) = spent {
                    failed = Some(obstacle);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
        match failed {
            Some(obstacle) => Err(obstacle),
            None => walked.map_err(plain).map(|()| paths.reach_more()),
        }
    }
}
