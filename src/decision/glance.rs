//! All environments at a glance: what is open, and what is closed, at an instant.

use std::sync::Arc;

use crate::decision::schedule::{DecisionQuestion, around};
use crate::decision::standing::standing;
use crate::decision::{Decision, Finding, HORIZON, Schedule};
use crate::diagnostic::{Place, SourceLayer};
use crate::policy::{Environment, Policy, Region};
use crate::reach;
use crate::reach::Declared;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// Regions of an environment of which the same holds at an instant, for the same reasons and for as long.
#[derive(Debug, Clone)]
pub struct Glance {
    /// The environment.
    pub environment: Arc<Environment>,
    /// The regions; none where the policy has none.
    pub regions: Vec<Arc<Region>>,
    /// The decision on a change of the environment in the first of the regions.
    pub decision: Decision,
    /// Since when all of the regions are open, or closed, in seconds since 1970-01-01T00:00:00Z; `None` if for over 400 days.
    pub since: Option<Instant>,
    /// The time that a change and its settling take, in seconds: so long before a window began, none might start any more. Zero before a stop,
    /// of which nobody knew until it began.
    pub runway: Seconds,
}

/// What holds for a change that goes to all regions of an environment at once, such as one of a folder that they share.
#[derive(Debug, Clone)]
pub struct AllRegions {
    /// The environment.
    pub environment: Arc<Environment>,
    /// The decision on such a change.
    pub decision: Decision,
}

/// Returns what holds at `at`, in seconds since 1970-01-01T00:00:00Z, for all regions together, of each environment of whose regions not the same
/// holds.
///
/// # Errors
///
/// As [`glance`].
pub fn all_regions(policy: &Policy, glances: &[Glance], at: Instant) -> Result<Vec<AllRegions>, TimeError> {
    let mut all: Vec<AllRegions> = Vec::new();
    for own in glances.chunk_by(|one, other| Arc::ptr_eq(&one.environment, &other.environment)) {
        let [first, _, ..] = own else {
            continue;
        };
        let declared = Declared { environments: vec![Arc::clone(&first.environment)], ..Declared::default() };
        let reach = reach::declared(policy, &declared);
        let question = DecisionQuestion { policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
        let decision = Schedule::decide_at(&question, &standing(&reach), at)?;
        all.push(AllRegions { environment: Arc::clone(&first.environment), decision });
    }
    Ok(all)
}

/// Returns what holds at `at`, in seconds since 1970-01-01T00:00:00Z, for a change of each of `environments` in each of its regions: one that is of
/// no service and of no kind, and takes as long as the environment says.
///
/// # Errors
///
/// [`TimeError`] when `at` comes too near to the first or last date there is.
pub fn glance(policy: &Policy, environments: &[Arc<Environment>], at: Instant) -> Result<Vec<Glance>, TimeError> {
    let mut all: Vec<Glance> = Vec::new();
    for environment in environments {
        let begin = all.len();
        let regions: Vec<Option<&Arc<Region>>> =
            if environment.regions.is_empty() { vec![None] } else { environment.regions.iter().map(Some).collect() };
        for region in regions {
            let declared = Declared {
                environments: vec![Arc::clone(environment)],
                regions: region.cloned().into_iter().collect(),
                ..Declared::default()
            };
            let reach = reach::declared(policy, &declared);
            let question =
                DecisionQuestion { policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
            let decision = Schedule::decide_at(&question, &standing(&reach), at)?;
            let (since, is_sudden) = since(&question, at)?.unzip();
            let runway = if is_sudden == Some(true) { Seconds::ZERO } else { question.runway(environment) };
            let own = all.get_mut(begin..).unwrap_or_default();
            match own.iter_mut().find(|one| is_alike(&one.decision, &decision)) {
                Some(known) => {
                    known.regions.extend(region.cloned());
                    if since > known.since {
                        (known.since, known.runway) = (since, runway);
                    }
                }
                None => all.push(Glance {
                    environment: Arc::clone(environment),
                    regions: region.cloned().into_iter().collect(),
                    decision,
                    since,
                    runway,
                }),
            }
        }
    }
    Ok(all)
}

/// Since when a change may start, or may not, and whether a window began then of which nobody knew before; `None` if for over 400 days.
fn since(question: &DecisionQuestion<'_>, at: Instant) -> Result<Option<(Instant, bool)>, TimeError> {
    // from before a long freeze
    const NEAR: Seconds = Seconds::days(35);
    // a stop is published or added when it begins
    let is_sudden =
        |place: Place| question.policy.sources.file(place.file).is_some_and(|file| file.layer == SourceLayer::Fragment);
    for behind in [NEAR, HORIZON] {
        let range = around(at, behind)?;
        let schedule = Schedule::compile(question, &[], range)?;
        let known = schedule.refused_as_known(is_sudden);
        // before a freeze that was added, and is still to begin, it is too late all the same
        let refused = if known.containing(at).is_some() { &known } else { schedule.refused() };
        let began = match refused.containing(at) {
            Some(closed) => Some(closed.from),
            None => refused.as_slice().iter().rev().map(|closed| closed.until).find(|until| *until <= at),
        };
        if let Some(began) = began.filter(|began| *began > range.from) {
            return Ok(Some((began, schedule.begins_suddenly(began, is_sudden))));
        }
    }
    Ok(None)
}

/// Returns whether both have the same text but for the region.
fn is_alike(one: &Decision, other: &Decision) -> bool {
    let reason = |finding: &Finding| {
        let window = finding.window.as_ref().map(|met| met.text.clone());
        (finding.code, finding.level, finding.place, window, finding.lifted_by.clone())
    };
    (one.verdict, one.next_open, one.valid_until) == (other.verdict, other.next_open, other.valid_until)
        && one.findings.iter().map(reason).eq(other.findings.iter().map(reason))
}
