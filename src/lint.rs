//! Lint: what in a policy is wrong, never open, never matched, or about to expire.
//!
//! Pure, as the decision is: a checked policy and an instant go in, warnings and a table of open hours come out. When an
//! environment is open is asked of [`crate::decision::Schedule`], so that lint and check can't disagree. One file here for
//! each thing that is looked for.

use crate::diagnostic::Code;
use crate::diagnostic::Collector;
use crate::diagnostic::Diagnostic;
use crate::policy::Policy;
use crate::time::zone::TimeError;

pub mod allowed;
mod calendars;
mod countries;
pub mod coverage;
mod freezes;
mod holidays;
mod lifts;
pub mod open_hours;
mod openness;
mod opens;
pub mod options;
mod rollouts;
mod units;
mod unused;
mod window_spans;
mod windows;
pub mod zone_rules;
mod zones;

pub use open_hours::OpenHours;
pub use options::LintOptions;
pub use options::MOST_WEEKS;

/// Every code that [`lint`] may report.
pub const CODES: [Code; 15] = [
    Code::NeverOpen,
    Code::RarelyOpen,
    Code::NeverOccurs,
    Code::PastFreeze,
    Code::PastRollout,
    Code::LongFreeze,
    Code::CalendarExpires,
    Code::IdleHoliday,
    Code::DeprecatedZone,
    Code::MixedCountryHolidays,
    Code::UnmatchedTarget,
    Code::UncoveredPath,
    Code::Unused,
    Code::NotLiftable,
    Code::OldZoneRules,
];

/// The findings of lint.
#[derive(Debug, Clone)]
pub struct Review {
    /// Everything that is doubtful, in the order of the files.
    pub warnings: Vec<Diagnostic>,
    /// The number of warnings more that [`LintOptions::allowed`] leaves out.
    pub allowed: usize,
    /// The times when each environment is open.
    pub open_hours: OpenHours,
}

/// Looks at all of `policy`, from the instant of `options` on.
///
/// Openness is that of a change of no kind, which no exemption allows, declared for one environment and region at a
/// time, with every window at the level that the policy gives it: as after the last stage of a roll-out.
///
/// # Errors
///
/// [`TimeError`] when the instant comes too near to the first or last date there is.
pub fn lint(policy: &Policy, options: &LintOptions<'_>) -> Result<Review, TimeError> {
    let found = Collector::default();
    let openness = openness::of(policy, options)?;
    opens::check(&openness, options, &found)?;
    windows::check(policy, &openness, options.at, &found)?;
    freezes::check(policy, options.at, &found)?;
    calendars::check(policy, options.at, &found)?;
    holidays::check(policy, options.at, &found)?;
    zones::check(policy, &found);
    countries::check(policy, &found);
    unused::check(policy, &found);
    lifts::check(policy, &found);
    lifts::check_hazards(policy, &found);
    rollouts::check(policy, options.at, &found)?;
    zone_rules::doubts(options.at, options.system_zone_rules).into_iter().for_each(|doubt| found.push(doubt));
    options.coverage.iter().cloned().for_each(|warning| found.push(warning));
    let open_hours = open_hours::of(policy, &openness, options)?;
    let (allowed, warnings): (Vec<Diagnostic>, Vec<Diagnostic>) =
        found.into_sorted().into_iter().partition(|warning| options.allowed.contains(&warning.code));
    Ok(Review { warnings, allowed: allowed.len(), open_hours })
}
