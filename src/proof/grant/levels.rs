//! Which levels a finding may have, and so which overrides it needs.

use crate::policy::{Freeze, Level, LiftNeed, Policy, Rollout, rollout};
use crate::reach::Reach;
use crate::time::instant::Instant;
use crate::time::window::Rule;

/// The levels that a finding of this id may have under the policy in `environments`, if a change reaches that; `None` if it can't
/// have one. With `at` (seconds since 1970) those of a change that starts then, else those of all stages of a roll-out.
pub(super) fn levels_of(
    id: &str,
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
    match id {
        "target-mismatch" | "unknown-target" | "clock-behind" => return Some(vec![Level::Hard]),
        "policy-change" => return Some(policy_change_levels(None, policy, reach)),
        "stale-calendar" => {
            let around = policy.freezes.iter().filter(|freeze| matches!(freeze.rule, Rule::Around { .. }));
            return Some(around.flat_map(of_freeze).collect());
        }
        _ => {}
    }
    match id.split_once('/')? {
        ("core-hours", region) => {
            policy.region(region)?;
            let levels = meant().filter_map(|environment| Some((environment, environment.during_core_hours?)));
            Some(levels.flat_map(|(one, level)| staged(policy.rollout_of(one, None), level, at)).collect())
        }
        ("policy-change", environment) => {
            policy.environment(environment).map(|one| policy_change_levels(Some(&one.name), policy, reach))
        }
        ("change-window", environment) => {
            let environment = policy.environment(environment)?;
            Some(staged(policy.rollout_of(environment, None), Level::Hard, at).collect())
        }
        ("route-hijack", _) => policy.routes.as_ref().map(|routes| routes.hijack.into_iter().collect()),
        ("route-overlap", _) => policy.routes.as_ref().map(|routes| routes.overlap.into_iter().collect()),
        ("route-takeover", _) => policy.routes.as_ref().map(|routes| routes.takeover.into_iter().collect()),
        ("route-dead", _) => policy.routes.as_ref().map(|routes| routes.dead.into_iter().collect()),
        ("freeze", name) => policy.freezes.iter().find(|freeze| freeze.name == name).map(of_freeze),
        _ => None,
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
    id: &'a str,
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
    use crate::policy::Level;
    use crate::policy::load::{PolicyFiles, ReadFault, load};
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
            levels_of(id, &policy, &names, None, at.map(Instant::from_second))
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
}
