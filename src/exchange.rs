//! Windows of other programs: a policy's as sync windows of Argo CD or freeze periods of GitLab, and theirs as a policy.
//!
//! Exact, or refused with all that cannot be said. What is written closes the same minutes for a change of which no kind and no service is
//! known, as those programs know none: both sides are laid out and compared over [`model::YEARS`] years, clock changes included.

use std::sync::Arc;

use crate::decision::Schedule;
use crate::decision::schedule::DecisionQuestion;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::policy::{Environment, Policy, Region};
use crate::reach;
use crate::reach::{Declared, DeclaredNames};
use crate::time::intervals::{Interval, Intervals};
use crate::time::zone::TimeError;

pub mod argocd;
pub mod cron;
pub mod freeze_periods;
pub mod gitlab;
pub mod ics;
pub mod import;
pub mod model;
pub mod sync_windows;
mod wall;
mod wall_days;

/// An environment, in some of its regions.
#[derive(Debug, Clone)]
pub struct ExportedPlace {
    /// The environment.
    pub environment: Arc<Environment>,
    /// Those regions; none if the policy has none.
    pub regions: Vec<Arc<Region>>,
}

/// Windows for another program.
#[derive(Debug)]
pub struct Exported {
    /// The text that that program reads.
    pub text: String,
    /// Everything that it stops and the policy does not.
    pub stricter: Vec<Diagnostic>,
    /// Further notes.
    pub notes: Vec<Diagnostic>,
}

/// Returns when the policy refuses a change of no known kind and service to start.
///
/// # Errors
///
/// [`TimeError`] near the first or last date that there is.
pub fn refused(
    policy: &Policy,
    environment: &Environment,
    regions: &[Arc<Region>],
    range: Interval,
) -> Result<Intervals, TimeError> {
    let names = DeclaredNames {
        environments: vec![environment.name.clone()],
        regions: regions.iter().map(|region| region.name.clone()).collect(),
        ..DeclaredNames::default()
    };
    // names of the policy itself
    let Ok(declared) = Declared::resolve(&names, policy) else {
        return Ok(Intervals::union(Vec::new()));
    };
    let reach = reach::declared(policy, &declared);
    let question = DecisionQuestion { policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
    // what follows the range closes the time before it too, where a change would run into it
    let room = environment.duration.saturating_add(environment.settle);
    let wide = Interval { until: range.until.saturating_add(room), ..range };
    let schedule = Schedule::compile(&question, &[], wide)?;
    Ok(Intervals::union(schedule.refused().as_slice().iter().map(|span| span.clipped(range)).collect()))
}

/// The item that says where both sides first differ.
fn differs(span: Interval, closed_by_policy: bool, there: &str, place: Place) -> Diagnostic {
    let at = span.from.timestamp().map_or_else(|_| "some time".to_owned(), |at| at.to_string());
    let (policy, other) = if closed_by_policy { ("closed", "open") } else { ("open", "closed") };
    let cause = format!("from {at} the policy is {policy} and {there} is {other}");
    let help = "clocks change then, and both read them differently: move the window to other hours";
    Diagnostic::error(Code::Inexact, cause).at(place).help(help)
}
