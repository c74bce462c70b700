//! Which levels a finding may have, and so which overrides it needs.

use crate::decision::FindingCode;
use crate::policy::{FindingId, Freeze, Level, LiftNeed, Policy, Rollout, RouteGuard, rollout};
use crate::reach::Reach;
use crate::time::instant::Instant;
use crate::time::window::Rule;

/// The levels that a finding of this id may have under the policy in `environments`, if a change reaches that; `None` if it can't
/// have one. With `at` (seconds since 1970) those of a change that starts then, else those of all stages of a roll-out.
pub(super) fn levels_of(
    id: &FindingId,
    policy: &Policy,
    environments: &[String],
    reach: Option<&Reach>,
    at: Option<Instant>,
) -> Option<Vec<Level>> {
    let meant = || policy.environments.iter().filter(|environment| environments.contains(&environment.name));
    // of a freeze that closes none of the environments, the level that the policy gives it
    let of_freeze = |freeze: &Freeze| {
        let closed = meant().filter(|environment| freeze.environments.contains(environment));
        let mut levels: Vec<Level> = closed
            .flat_map(|environment| staged(policy.rollout_of(environment, Some(freeze)), freeze.level, at))
            .collect();
        levels.sort_unstable();
        levels.dedup();
        if levels.is_empty() { vec![freeze.level] } else { levels }
    };
    let of_routes =
        |level: fn(&RouteGuard) -> Option<Level>| policy.routes.as_ref().map(|one| level(one).into_iter().collect());
    match (id.code(), id.name()) {
        (FindingCode::TargetMismatch | FindingCode::UnknownTarget | FindingCode::ClockBehind, None) => {
            Some(vec![Level::Hard])
        }
        (FindingCode::PolicyChange, None) => Some(policy_change_levels(None, policy, reach)),
        (FindingCode::PolicyChange, Some(environment)) => {
            policy.environment(environment).map(|one| policy_change_levels(Some(&one.name), policy, reach))
        }
        (FindingCode::StaleCalendar, None) => {
            let around = policy.freezes.iter().filter(|freeze| matches!(freeze.rule, Rule::Around { .. }));
            Some(around.flat_map(of_freeze).collect())
        }
        (FindingCode::CoreHours, Some(region)) => {
            policy.region(region)?;
            let levels = meant().filter_map(|environment| Some((environment, environment.during_core_hours?)));
            Some(levels.flat_map(|(one, level)| staged(policy.rollout_of(one, None), level, at)).collect())
        }
        (FindingCode::OutsideChangeWindow, Some(environment)) => {
            let environment = policy.environment(environment)?;
            Some(staged(policy.rollout_of(environment, None), Level::Hard, at).collect())
        }
        (FindingCode::Freeze, Some(name)) => policy.freezes.iter().find(|freeze| freeze.name == name).map(of_freeze),
        (FindingCode::RouteHijack, Some(_)) => of_routes(|routes| routes.hijack),
        (FindingCode::RouteOverlap, Some(_)) => of_routes(|routes| routes.overlap),
        (FindingCode::RouteTakeover, Some(_)) => of_routes(|routes| routes.takeover),
        (FindingCode::RouteDead, Some(_)) => of_routes(|routes| routes.dead),
        // such findings have the id of a window
        (FindingCode::WindowTooShort, _) => None,
        (
            FindingCode::TargetMismatch
            | FindingCode::UnknownTarget
            | FindingCode::ClockBehind
            | FindingCode::StaleCalendar,
            Some(_),
        )
        | (
            FindingCode::CoreHours
            | FindingCode::OutsideChangeWindow
            | FindingCode::Freeze
            | FindingCode::RouteHijack
            | FindingCode::RouteOverlap
            | FindingCode::RouteTakeover
            | FindingCode::RouteDead,
            None,
        ) => None,
    }
}

/// The levels that a window of the level `own` has at `at`, or at any time.
fn staged(rollout: Option<&Rollout>, own: Level, at: Option<Instant>) -> impl Iterator<Item = Level> + use<> {
    let stages = rollout::levels(rollout, own).into_iter();
    stages.filter(move |stage| at.is_none_or(|at| stage.starts.contains(at))).map(|stage| stage.level)
}

/// Returns what it takes to lift the finding of this id, whose levels may be `levels`; of a change that is not known, as if hazards were why a freeze
/// gives it.
pub(super) fn needs_of<'a>(
    id: &'a FindingId,
    levels: Vec<Level>,
    policy: &'a Policy,
    reach: Option<&Reach>,
) -> impl Iterator<Item = LiftNeed> + use<'a> {
    let is_of_hazards = reach.is_none_or(Reach::is_of_hazards);
    let levels = levels.into_iter().filter(|level| level.refuses());
    levels.map(move |level| LiftNeed::of(id, level, policy, is_of_hazards))
}

/// The levels of what an edit of the policy opens in an environment, or in every one; of an edit that is not known, all that
/// somebody may override.
fn policy_change_levels(environment: Option<&str>, policy: &Policy, reach: Option<&Reach>) -> Vec<Level> {
    let Some(reach) = reach else {
        return [Level::Soft, Level::Hard].into_iter().filter(|level| policy.can_lift_policy_change(*level)).collect();
    };
    let openings = reach.policy_openings.iter();
    let meant = openings.filter(|one| one.environment.as_ref().map(|one| one.name.as_str()) == environment);
    meant.map(|one| one.level).collect()
}

#[cfg(test)]
mod tests {
    use super::levels_of;
    use crate::decision::FindingCode;
    use crate::policy::load::{PolicyFiles, ReadFault, load};
    use crate::policy::{FindingId, Level};
    use crate::time::instant::Instant;

    struct One(&'static str);

    impl PolicyFiles for One {
        fn read(&self, _: &str) -> Result<Vec<u8>, ReadFault> {
            Ok(self.0.as_bytes().to_vec())
        }
    }

    const POLICY: &str = r#"version = 1
[regions.eu]
timezones = ["UTC"]
core_hours = ["daily 08:00-18:00"]
[environments.production]
change_windows = [{ hours = "daily 00:00-20:00", timezone = "UTC" }]
rollout = [{ from = 1970-01-01T00:00:10Z, level = "soft" }, { from = 1970-01-01T00:00:20Z, level = "hard" }]
[environments.staging]
[[freezes]]
name = "f"
from = "Dec 20 00:00"
until = "Jan 5 00:00"
timezone = "UTC"
"#;

    /// In a soft stage a soft override is needed, and enough; a digest holds all stages, as it holds in each.
    #[test]
    fn a_finding_has_the_level_of_the_stage() -> Result<(), String> {
        let files = One(POLICY);
        let policy =
            load(&files, &["freezegate.toml".to_owned()], &[]).map_err(|faults| format!("{:?}", faults.diagnostics))?;
        let of = |id: &str, names: &[&str], at: Option<i64>| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            levels_of(&FindingId::read(id)?, &policy, &names, None, at.map(Instant::from_second))
        };
        for id in ["core-hours/eu", "change-window/production", "freeze/f"] {
            for (at, level) in [(9, Level::Warn), (10, Level::Soft), (20, Level::Hard)] {
                assert_eq!(of(id, &["production"], Some(at)), Some(vec![level]), "{id} at {at}");
            }
            assert_eq!(of(id, &["production"], None), Some(vec![Level::Warn, Level::Soft, Level::Hard]), "{id}");
        }
        assert_eq!(of("core-hours/eu", &["staging"], Some(9)), Some(vec![Level::Hard]));
        assert_eq!(of("freeze/f", &["production", "staging"], Some(9)), Some(vec![Level::Warn, Level::Hard]));
        assert_eq!(of("freeze/f", &["staging"], None), Some(vec![Level::Hard]));
        assert_eq!(of("target-mismatch", &["production"], Some(9)), Some(vec![Level::Hard]));
        Ok(())
    }

    #[test]
    fn what_no_finding_has_as_its_id_has_no_level() -> Result<(), String> {
        let policy = load(&One(POLICY), &["freezegate.toml".to_owned()], &[])
            .map_err(|faults| format!("{:?}", faults.diagnostics))?;
        let names = ["production".to_owned()];
        for code in FindingCode::ALL {
            let word = code.as_str();
            for (id, is_known) in [
                (word.to_owned(), !WITH_A_NAME.contains(&code) && code != FindingCode::WindowTooShort),
                (format!("{word}/"), false),
                (format!("{word}/unknown"), false),
                (format!("x{word}"), false),
            ] {
                let levels = FindingId::read(&id).and_then(|id| levels_of(&id, &policy, &names, None, None));
                assert_eq!(levels.is_some(), is_known, "{id}");
            }
        }
        Ok(())
    }

    /// The codes whose ids name what closes.
    const WITH_A_NAME: [FindingCode; 7] = [
        FindingCode::RouteHijack,
        FindingCode::RouteOverlap,
        FindingCode::RouteTakeover,
        FindingCode::RouteDead,
        FindingCode::Freeze,
        FindingCode::CoreHours,
        FindingCode::OutsideChangeWindow,
    ];
}
