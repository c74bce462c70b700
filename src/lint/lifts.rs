//! Levels that nothing can lift: then not even an outage opens a window of that level.

use crate::diagnostic::{Code, Collector, Diagnostic, Place};
use crate::policy::{Level, Policy};

/// Looks at each level that refuses.
pub(super) fn check(policy: &Policy, found: &Collector) {
    for level in Level::ALL.into_iter().filter(|level| level.refuses()) {
        if policy.lifts.iter().any(|lift| lift.is_of_level(level)) {
            continue;
        }
        let name = level.as_str();
        let warning = Diagnostic::warning(Code::NotLiftable, format!("nobody can override {name} findings"));
        let mut help = format!(
            "add a `[[lifts]]` entry with `level = \"{name}\"`: without it, only a rollback passes during an outage"
        );
        if !policy.can_lift_policy_change(level) {
            help.push_str(", and anyone who can push in open hours can edit the policy");
        }
        match (first_window(policy, level), level) {
            (Some((place, label)), _) => found.push(warning.at(place).label(label).help(help)),
            // a mismatch of what is said and what is reached is always hard
            (None, Level::Hard) if !policy.targets.is_empty() => found.push(warning.help(help)),
            (None, Level::Hard | Level::Soft | Level::Warn) => {}
        }
    }
}

/// The first window of `level` in the order of files and lines, and what it is.
fn first_window(policy: &Policy, level: Level) -> Option<(Place, String)> {
    let mut windows: Vec<(Place, String)> = Vec::new();
    for environment in &policy.environments {
        if environment.during_core_hours == Some(level)
            && environment.regions.iter().any(|region| region.core_hours.is_some())
        {
            windows.push((environment.place, format!("core hours of `{}`", environment.name)));
        }
        if level == Level::Hard && !environment.change_windows.is_empty() {
            windows.push((environment.change_windows_place, format!("change windows of `{}`", environment.name)));
        }
    }
    for freeze in policy.freezes.iter().filter(|freeze| freeze.level == level) {
        windows.push((freeze.rule_place, format!("the freeze `{}`", freeze.name)));
    }
    windows.into_iter().min_by_key(|(place, _)| (place.file, place.start))
}
