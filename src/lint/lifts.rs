//! Levels that nothing can lift: then not even an outage opens a window of that level. And entries that lift nothing.

use crate::diagnostic::{Code, Collector, Diagnostic, Place};
use crate::policy::{Freeze, FreezeScope, Level, Lift, LiftedFindings, Policy};

/// Looks at each level that refuses.
pub(super) fn check(policy: &Policy, found: &Collector) {
    for level in Level::ALL.into_iter().filter(|level| level.refuses()) {
        if policy.lifts.iter().any(|lift| lift.is_of_level(level)) {
            continue;
        }
        let name = level.as_str();
        let (but, alone) = if policy.lifts.iter().any(|lift| hazards_of(lift).is_some_and(|(own, _)| own == level)) {
            (" but those of hazards", " and without `hazards`")
        } else {
            ("", "")
        };
        let warning = Diagnostic::warning(Code::NotLiftable, format!("nobody can override {name} findings{but}"));
        let whose = if policy.followed().is_some() { " to the organisation's policy" } else { "" };
        let mut help = format!(
            "add a `[[lifts]]` entry with `level = \"{name}\"`{alone}{whose}: without it, only a rollback passes during an outage"
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

/// Looks at each entry for hazards that no freeze names alone.
pub(super) fn check_hazards(policy: &Policy, found: &Collector) {
    for lift in &policy.lifts {
        let Some((level, hazards)) = hazards_of(lift) else {
            continue;
        };
        if policy.freezes.iter().any(|freeze| lift.is_for_hazards_of(freeze)) {
            continue;
        }
        // the first that it was likely meant for, and what else that names
        let meant =
            policy.freezes.iter().filter(|freeze| freeze.level == level).find_map(|freeze| match &freeze.hazards {
                FreezeScope::Only(own) => {
                    let (named, others): (Vec<&str>, Vec<&str>) = own
                        .iter()
                        .map(|one| one.name.as_str())
                        .partition(|one| hazards.iter().any(|known| known == one));
                    named.first().and(others.first().map(|other| (freeze, *other)))
                }
                FreezeScope::All => None,
            });
        let help = match meant {
            Some((freeze, other)) => format!(
                "the freeze `{}` names `{other}` too: add that to `hazards`, or give it a freeze of its own",
                freeze.name
            ),
            None => format!("name these hazards in a freeze of level {}, or remove the entry", level.as_str()),
        };
        found.push(
            Diagnostic::warning(Code::Unused, "this `[[lifts]]` entry is not used")
                .at(lift.place)
                .label(format!("no {} freeze names hazards and only these", level.as_str()))
                .help(help),
        );
    }
}

/// The level and the hazards of an entry that names some.
const fn hazards_of(lift: &Lift) -> Option<(Level, &Vec<String>)> {
    match &lift.covers {
        LiftedFindings::Hazards(level, hazards) => Some((*level, hazards)),
        LiftedFindings::Level(_) | LiftedFindings::PolicyChange => None,
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
    // those that an entry for hazards is for come last
    let is_lifted = |freeze: &Freeze| policy.lifts.iter().any(|lift| lift.is_for_hazards_of(freeze));
    let (lifted, others): (Vec<&Freeze>, Vec<&Freeze>) =
        policy.freezes.iter().filter(|freeze| freeze.level == level).partition(|freeze| is_lifted(freeze));
    let of_freeze = |freeze: &Freeze| (freeze.rule_place, format!("the freeze `{}`", freeze.name));
    windows.extend(others.into_iter().map(of_freeze));
    let first = |windows: Vec<(Place, String)>| windows.into_iter().min_by_key(|(place, _)| (place.file, place.start));
    first(windows).or_else(|| first(lifted.into_iter().map(of_freeze).collect()))
}
