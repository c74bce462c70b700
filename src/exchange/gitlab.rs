//! Freeze periods of GitLab: JSON as its API takes and gives them.
//!
//! As `app/models/ci/freeze_period.rb` has them: two cron lines without years, read in one time zone. A period is from each start to the next
//! end, and is for the whole project.

use serde::Serialize;

use crate::diagnostic::{Code, Diagnostic};
use crate::exchange::cron::Cron;
use crate::exchange::model::{difference, freeze_period, horizon};
use crate::exchange::wall::{WallWindow, WallYears, gaps, inexact, wall_windows};
use crate::exchange::{Exported, ExportedPlace, differs, refused};
use crate::policy::Policy;
use crate::time::instant::Instant;
use crate::time::intervals::Intervals;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// A freeze period, as `POST /projects/:id/freeze_periods` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FreezePeriod {
    /// The time when it begins: a cron line.
    pub freeze_start: String,
    /// The time when it ends: a cron line.
    pub freeze_end: String,
    /// The place where both are read.
    pub cron_timezone: String,
}

/// Writes the freeze periods for `place`.
///
/// # Errors
///
/// All that cannot be said, what would only be stricter among it unless `is_stricter_fine`.
pub fn export(
    policy: &Policy,
    place: &ExportedPlace,
    is_stricter_fine: bool,
    now: Instant,
) -> Result<Result<Exported, Vec<Diagnostic>>, TimeError> {
    let environment = &place.environment;
    let mut walls = wall_windows(policy, environment, &place.regions, now, WallYears::Never);
    let runway = environment.duration.saturating_add(environment.settle);
    if runway.get() % 60 != 0 {
        let cause = "`duration` and `settle` are not whole minutes, as the times of a cron line are";
        walls.unsayable.push(inexact(cause, environment.place, "round them up to minutes"));
    }
    if let Some(open_place) = walls.open_place {
        match gaps(&walls.open, open_place, &format!("change-window/{}", environment.name)) {
            Some(gaps) => walls.closed.extend(gaps),
            None => {
                let cause = "the change windows are of several time zones, and a freeze period is of one";
                walls.unsayable.push(inexact(cause, open_place, "write them in one time zone"));
            }
        }
    }
    let range = horizon(now);
    let (mut periods, mut closed) = (Vec::new(), Vec::new());
    for window in &walls.closed {
        let Some((start, end)) = lines(window, runway) else {
            let cause = format!("`{}` starts or ends on a day that a cron line can't name", window.id);
            let item = inexact(cause, window.place, "write both without a shift of days");
            if !walls.unsayable.contains(&item) {
                walls.unsayable.push(item);
            }
            continue;
        };
        let period = FreezePeriod {
            freeze_start: start.to_string(),
            freeze_end: end.to_string(),
            cron_timezone: window.zone.name().to_owned(),
        };
        if !periods.contains(&period) {
            periods.push(period);
            closed.extend(freeze_period(&start, &end, &window.zone, range)?);
        }
    }
    if walls.unsayable.is_empty() {
        let native = refused(policy, environment, &place.regions, range)?;
        if let Some((span, by_policy)) = difference(&native, &Intervals::union(closed)) {
            walls.unsayable.push(differs(span, by_policy, "GitLab", environment.place));
        }
    }
    if !walls.unsayable.is_empty() || !is_stricter_fine && !walls.stricter.is_empty() {
        walls.unsayable.extend(walls.stricter.into_iter().filter(|_| !is_stricter_fine));
        return Ok(Err(walls.unsayable));
    }
    let lines: Result<Vec<String>, _> = periods.iter().map(serde_json::to_string).collect();
    Ok(match lines {
        Ok(lines) if lines.is_empty() => {
            Ok(Exported { text: "[]\n".to_owned(), stricter: walls.stricter, notes: Vec::new() })
        }
        Ok(lines) => Ok(Exported {
            text: format!("[\n  {}\n]\n", lines.join(",\n  ")),
            stricter: walls.stricter,
            notes: Vec::new(),
        }),
        Err(error) => Err(vec![Diagnostic::error(Code::Internal, error.to_string())]),
    })
}

/// The cron lines of a window that nobody may start a change in, or `runway` before.
fn lines(window: &WallWindow, runway: Seconds) -> Option<(Cron, Cron)> {
    let early = window.earlier(runway)?;
    let end_days = window.end_days?;
    Some((Cron::at(early.days, early.start), Cron::at(end_days, window.end)))
}
