//! Roll-outs that are over, and stages that nobody may override.

use crate::diagnostic::{Code, Collector, Diagnostic};
use crate::policy::{Environment, Level, Policy};
use crate::time::instant::Instant;
use crate::time::zone::TimeError;

/// Looks at the roll-out of each environment, at `at` (seconds since 1970-01-01T00:00:00Z).
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn check(policy: &Policy, at: Instant, found: &Collector) -> Result<(), TimeError> {
    for environment in &policy.environments {
        let Some(rollout) = &environment.rollout else {
            continue;
        };
        if let Some(last) = rollout.last().filter(|last| last.from <= at) {
            let since = last.from.timestamp()?;
            let since = since.strftime("%Y-%m-%d %H:%M UTC");
            let cause = format!("the roll-out of `{}` has been over since {since}", environment.name);
            let warning = Diagnostic::warning(Code::PastRollout, cause).at(rollout.place);
            found.push(warning.help("remove `rollout`: since then, each window has had its own level"));
            continue;
        }
        let soft = rollout.stages().iter().find(|stage| stage.level == Level::Soft);
        let (hard, lifts) =
            (has_hard_windows(policy, environment), |level| policy.lifts.iter().any(|lift| lift.is_of_level(level)));
        if let Some(stage) = soft.filter(|_| hard && lifts(Level::Hard) && !lifts(Level::Soft)) {
            let cause = format!("nobody can override the windows of `{}` in this stage", environment.name);
            let warning = Diagnostic::warning(Code::NotLiftable, cause).at(stage.place);
            found.push(warning.help(
                "hard windows are soft in it, and `[[lifts]]` has `hard` alone: add an entry with `level = \"soft\"`, or leave the stage out",
            ));
        }
    }
    Ok(())
}

fn has_hard_windows(policy: &Policy, environment: &std::sync::Arc<Environment>) -> bool {
    let core_hours = environment.during_core_hours == Some(Level::Hard)
        && environment.regions.iter().any(|region| region.core_hours.is_some());
    core_hours
        || !environment.change_windows.is_empty()
        || policy.freezes_of(environment).any(|freeze| freeze.level == Level::Hard)
}
