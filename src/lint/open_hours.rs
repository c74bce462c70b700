//! The table of open hours: how long each environment is open each week, and whether anybody is at work then.

use std::sync::Arc;

use crate::lint::openness::{Openness, coming};
use crate::lint::options::LintOptions;
use crate::lint::units::WEEK;
use crate::lint::window_spans::core_hours;
use crate::policy::{Policy, Region};
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// The time that each environment is open in the coming weeks.
#[derive(Debug, Clone)]
pub struct OpenHours {
    /// The weeks: seven times 24 hours each, one after the other.
    pub weeks: Vec<Interval>,
    /// For each environment and region.
    pub rows: Vec<OpenHoursRow>,
    /// For each environment of several regions: when all of them are open at once, as a change of what they share needs it.
    pub together: Vec<OpenHoursRow>,
    /// True if any region has core hours.
    pub has_core_hours: bool,
}

/// Of more regions with core hours than these, the open hours in each are not told: what is told grows with the regions, not with their square.
const MOST_TOLD_AT_WORK: usize = 20;

/// The open hours of one environment in one region.
#[derive(Debug, Clone)]
pub struct OpenHoursRow {
    /// The environment.
    pub environment: String,
    /// The region; `None` only where the policy has no regions.
    pub region: Option<String>,
    /// The open time of each week, in seconds.
    pub open: Vec<Seconds>,
    /// The part of all the open time in the core hours of a region, in seconds: for each region that has any; none if those are more than 20.
    pub in_core_hours: Vec<(String, Seconds)>,
    /// The part of it in the core hours of at least one region, in seconds: while somebody is at work to watch.
    pub watched: Seconds,
}

impl OpenHoursRow {
    /// The open time of all weeks together, in seconds.
    #[must_use]
    pub fn total(&self) -> Seconds {
        self.open.iter().copied().sum()
    }
}

/// The table for `openness`.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn of(
    policy: &Policy,
    openness: &[Openness<'_>],
    options: &LintOptions<'_>,
) -> Result<OpenHours, TimeError> {
    let range = coming(options);
    let weeks: Vec<Interval> = (0..i64::from(options.weeks))
        .map(|week| range.from.saturating_add(WEEK.saturating_mul(week)))
        .map(|from| Interval { from, until: from.saturating_add(WEEK) })
        .collect();
    let at_work = policy
        .regions
        .iter()
        .filter(|region| region.core_hours.is_some())
        .map(|region| Ok((region, core_hours(region, range)?)))
        .collect::<Result<Vec<(&Arc<Region>, Intervals)>, TimeError>>()?;
    let anybody = Intervals::union(at_work.iter().flat_map(|(_, hours)| hours.as_slice()).copied().collect());
    let told = if at_work.len() > MOST_TOLD_AT_WORK { &[] } else { at_work.as_slice() };
    let row = |environment: &str, region: Option<&Arc<Region>>, open: &Intervals| {
        let within = open.intersection(&Intervals::union(vec![range]));
        OpenHoursRow {
            environment: environment.to_owned(),
            region: region.map(|region| region.name.clone()),
            open: weeks.iter().map(|week| open.intersection(&Intervals::union(vec![*week])).seconds()).collect(),
            in_core_hours: told
                .iter()
                .map(|(region, hours)| (region.name.clone(), within.intersection(hours).seconds()))
                .collect(),
            watched: within.intersection(&anybody).seconds(),
        }
    };
    let rows = openness.iter().map(|one| row(&one.environment.name, one.region, &one.open)).collect();
    let of_environments = openness.chunk_by(|one, next| one.environment.name == next.environment.name);
    let together = of_environments
        .filter_map(|of_one| {
            let (first, rest) = of_one.split_first().filter(|(_, rest)| !rest.is_empty())?;
            let open = rest.iter().fold(first.open.clone(), |open, one| open.intersection(&one.open));
            // where the regions are always open together, their own rows say it
            let differs = of_one.iter().any(|one| one.open.as_slice() != open.as_slice());
            differs.then(|| row(&first.environment.name, None, &open))
        })
        .collect();
    Ok(OpenHours { weeks, rows, together, has_core_hours: !at_work.is_empty() })
}
