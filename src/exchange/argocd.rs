//! Sync windows of Argo CD: `spec.syncWindows` of an AppProject.
//!
//! As `pkg/apis/application/v1alpha1/types.go` has them: a cron line without years and how long the wall clock goes on from there. An
//! application is denied while a `deny` window is active, or while there are `allow` windows and none is.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Place};
use crate::escape::{for_line, json};
use crate::exchange::cron::{Cron, CronDays};
use crate::exchange::model::{SyncWindowRule, denied, difference, horizon};
use crate::exchange::wall::{WallWindow, WallWindows, WallYears, inexact, wall_windows};
use crate::exchange::{Exported, ExportedPlace, differs, refused};
use crate::policy::Policy;
use crate::time::instant::Instant;
use crate::time::moment::DayOfMonth;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// By what an AppProject chooses the applications of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selector {
    /// By the name of the application.
    Applications,
    /// By the namespace that it is deployed to.
    Namespaces,
    /// By the cluster that it is deployed to.
    Clusters,
}

impl Selector {
    /// The key of a window.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applications => "applications",
            Self::Namespaces => "namespaces",
            Self::Clusters => "clusters",
        }
    }
}

/// Windows, and what they are for.
#[derive(Debug, Clone)]
pub struct SelectedPlace {
    /// The place that the windows close.
    pub place: ExportedPlace,
    /// The patterns that choose their applications.
    pub patterns: Vec<String>,
}

/// A window to write.
struct WrittenSyncWindow {
    rule: SyncWindowRule,
    ids: Vec<String>,
    place: Place,
}

/// Writes the sync windows for `places`.
///
/// # Errors
///
/// All that cannot be said, what would only be stricter among it unless `is_stricter_fine`.
pub fn export(
    policy: &Policy,
    places: &[SelectedPlace],
    selector: Selector,
    is_stricter_fine: bool,
    now: Instant,
) -> Result<Result<Exported, Vec<Diagnostic>>, TimeError> {
    let mut text = String::from("# for an AppProject of Argo CD, by `freezegate export argocd`\nspec:\n  syncWindows:");
    let (mut unsayable, mut stricter): (Vec<Diagnostic>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    let mut is_empty = true;
    for selected in places {
        let place = &selected.place;
        let mut walls = wall_windows(policy, &place.environment, &place.regions, now, WallYears::Never);
        let written = windows(&mut walls, place);
        if walls.unsayable.is_empty() {
            let range = horizon(now);
            let rules: Vec<SyncWindowRule> = written.iter().map(|window| window.rule.clone()).collect();
            let native = refused(policy, &place.environment, &place.regions, range)?;
            if let Some((span, by_policy)) = difference(&native, &denied(&rules, range)?) {
                walls.unsayable.push(differs(span, by_policy, "Argo CD", place.environment.place));
            }
        }
        for window in &written {
            is_empty = false;
            write(&mut text, window, selector, &selected.patterns, policy);
        }
        // regions of one environment share most of it
        unsayable.extend(walls.unsayable.into_iter().filter(|item| !unsayable.contains(item)).collect::<Vec<_>>());
        stricter.extend(walls.stricter.into_iter().filter(|item| !stricter.contains(item)).collect::<Vec<_>>());
    }
    if is_empty {
        text.push_str(" []");
    }
    text.push('\n');
    if !unsayable.is_empty() || !is_stricter_fine && !stricter.is_empty() {
        unsayable.extend(stricter.into_iter().filter(|_| !is_stricter_fine));
        return Ok(Err(unsayable));
    }
    Ok(Ok(Exported { text, stricter, notes: Vec::new() }))
}

/// The windows to write; what can't be is added to what can't be said.
fn windows(walls: &mut WallWindows, place: &ExportedPlace) -> Vec<WrittenSyncWindow> {
    let environment = &place.environment;
    let runway = environment.duration.saturating_add(environment.settle);
    if runway.get() % 60 != 0 {
        let cause = "`duration` and `settle` are not whole minutes, as the times of a cron line are";
        walls.unsayable.push(inexact(cause, environment.place, "round them up to minutes"));
    }
    let runway = runway.rounded_down(Seconds::minutes(1));
    let mut found: Vec<WrittenSyncWindow> = Vec::new();
    for window in &walls.closed {
        match deny(window, runway) {
            Ok(rule) => add(&mut found, rule, window),
            Err(cause) => {
                let help = "write it with a day of the month or weekdays, and an end that is always as far away";
                let item = inexact(format!("`{}` {cause}", window.id), window.place, help);
                if !walls.unsayable.contains(&item) {
                    walls.unsayable.push(item);
                }
            }
        }
    }
    for window in &walls.open {
        let length = window.length.unwrap_or(Seconds::ZERO) - runway;
        if length > Seconds::ZERO {
            let schedule = Cron::at(window.days, window.start);
            let zone = Arc::clone(&window.zone);
            add(&mut found, SyncWindowRule { schedule, length, zone, allows: true }, window);
        }
    }
    if let Some(open_place) = walls.open_place
        && !found.iter().any(|window| window.rule.allows)
    {
        let cause = "no change window is as long as `duration` and `settle`, so that it never opens";
        walls.unsayable.push(inexact(cause, open_place, "make a change window longer"));
    }
    found
}

fn deny(window: &WallWindow, runway: Seconds) -> Result<SyncWindowRule, &'static str> {
    let early = window.earlier(runway).ok_or("starts, less the time that a change takes, on a day without a name")?;
    let length = early.length.ok_or("is not always as long, and a sync window is")?;
    match early.days {
        CronDays::Weekdays(_) | CronDays::Monthly(DayOfMonth::Day(_)) | CronDays::Yearly(_, DayOfMonth::Day(_)) => {}
        CronDays::Monthly(DayOfMonth::LastDay) | CronDays::Yearly(_, DayOfMonth::LastDay) => {
            return Err("starts on the last day of a month, which Argo CD's cron lines can't name");
        }
        CronDays::Monthly(DayOfMonth::Nth(..) | DayOfMonth::Last(_))
        | CronDays::Yearly(_, DayOfMonth::Nth(..) | DayOfMonth::Last(_)) => {
            return Err("starts on a weekday by its place in the month, which Argo CD's cron lines can't name");
        }
    }
    Ok(SyncWindowRule {
        schedule: Cron::at(early.days, early.start),
        length,
        zone: Arc::clone(&early.zone),
        allows: false,
    })
}

/// Adds a window, or its name to one that is the same.
fn add(found: &mut Vec<WrittenSyncWindow>, rule: SyncWindowRule, window: &WallWindow) {
    let is_same = |known: &SyncWindowRule| {
        (known.allows, known.length, known.zone.name()) == (rule.allows, rule.length, rule.zone.name())
            && known.schedule == rule.schedule
    };
    match found.iter_mut().find(|known| is_same(&known.rule)) {
        Some(known) if known.ids.contains(&window.id) => {}
        Some(known) => known.ids.push(window.id.clone()),
        None => found.push(WrittenSyncWindow { rule, ids: vec![window.id.clone()], place: window.place }),
    }
}

fn write(text: &mut String, window: &WrittenSyncWindow, selector: Selector, patterns: &[String], policy: &Policy) {
    let rule = &window.rule;
    let ids = window.ids.join(", ");
    let patterns: Vec<String> = patterns.iter().map(|pattern| format!("\"{}\"", json(pattern))).collect();
    let kind = if rule.allows { "allow" } else { "deny" };
    // writing to a string cannot fail
    let _written = write!(
        text,
        "\n    # {}, {}\n    - kind: {kind}\n      schedule: \"{}\"\n      duration: {}\n      timeZone: {}\n      {}: [{}]\n      \
         manualSync: false",
        for_line(&ids.replace(['\n', '\r'], " ")),
        for_line(&policy.sources.cite(window.place)),
        rule.schedule,
        go_duration(rule.length),
        rule.zone.name(),
        selector.as_str(),
        patterns.join(", "),
    );
}

/// A length in whole minutes as Go's `time.ParseDuration` reads it.
fn go_duration(length: Seconds) -> String {
    match (length.get() / 3600, length.get() / 60 % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}
