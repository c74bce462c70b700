//! When each environment is open in each region that it serves, as the decision has it.

use std::sync::Arc;

use crate::decision::schedule::{DecisionQuestion, around};
use crate::decision::{HORIZON, Schedule};
use crate::diagnostic::Place;
use crate::lint::options::LintOptions;
use crate::lint::units::WEEK;
use crate::policy::{Environment, FindingId, Policy, Region};
use crate::reach;
use crate::reach::Declared;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// The times when a change of no kind may start in one environment and region.
#[derive(Debug)]
pub(super) struct Openness<'p> {
    pub(super) environment: &'p Arc<Environment>,
    /// `None` only where the policy has no regions.
    pub(super) region: Option<&'p Arc<Region>>,
    /// Within 400 days.
    pub(super) open: Intervals,
    /// The windows that close it, in the coming weeks, or where it never opens within 400 days.
    pub(super) closing: Vec<(Place, FindingId)>,
}

impl Openness<'_> {
    /// For how long it is open within `range`, in seconds.
    pub(super) fn seconds_in(&self, range: Interval) -> Seconds {
        self.open.intersection(&Intervals::union(vec![range])).seconds()
    }
}

/// The weeks that are looked at, all together.
pub(super) fn coming(options: &LintOptions<'_>) -> Interval {
    Interval { from: options.at, until: options.at.saturating_add(WEEK.saturating_mul(i64::from(options.weeks))) }
}

/// Each environment with each of its regions, in the order of the policy.
///
/// # Errors
///
/// [`TimeError`] when the instant comes too near to the first or last date there is.
pub(super) fn of<'p>(policy: &'p Policy, options: &LintOptions<'_>) -> Result<Vec<Openness<'p>>, TimeError> {
    let mut all = Vec::new();
    for environment in &policy.environments {
        if policy.regions.is_empty() {
            all.push(one(policy, environment, None, options)?);
        }
        for region in &environment.regions {
            all.push(one(policy, environment, Some(region), options)?);
        }
    }
    Ok(all)
}

fn one<'p>(
    policy: &'p Policy,
    environment: &'p Arc<Environment>,
    region: Option<&'p Arc<Region>>,
    options: &LintOptions<'_>,
) -> Result<Openness<'p>, TimeError> {
    let declared = Declared {
        environments: vec![Arc::clone(environment)],
        regions: region.into_iter().cloned().collect(),
        ..Declared::default()
    };
    let reach = reach::declared(policy, &declared);
    let question = DecisionQuestion { policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
    let horizon = Interval { from: options.at, until: options.at.saturating_add(HORIZON) };
    // a window just behind the horizon still reaches back by the runway
    let runway = environment.duration.saturating_add(environment.settle);
    let ahead = Interval { from: options.at, ..around(options.at, HORIZON.saturating_add(runway))? };
    let schedule = Schedule::compile(&question, &[], ahead)?;
    // a policy is sound if it is so after its roll-outs
    let open = schedule.refused_once_rolled_out().complement(horizon);
    let within = if open.as_slice().is_empty() { horizon } else { coming(options) };
    let closing = schedule.closing(within).map(|(place, id)| (place, id.clone())).collect();
    Ok(Openness { environment, region, open, closing })
}
