//! What nothing could ever end, not the time and no edit of the policy: endless freezes, and evidence that no target could give.

use crate::diagnostic::{Code, Collector, Diagnostic, FileId};
use crate::policy::{Environment, Freeze, Lift, Target, TargetEnvironment};
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::window::{FURTHER_NOTICE, Rule, WindowEnd, closed};
use crate::time::zone::Zone;

/// Two years from Monday 2001-01-01 on, in seconds since 1970: what is closed for all of it is closed at any time.
const TWO_YEARS: Interval =
    Interval { from: Instant::from_second(978_307_200), until: Instant::from_second(978_307_200 + 730 * 24 * 3600) };

/// Reports each freeze without an end whose level nobody may override. An edit that ends it would be a change to what it closes,
/// and so be refused for ever. Freezes of `fragments` end when the fragment is taken away.
pub(super) fn check(freezes: &[Freeze], lifts: &[Lift], fragments: &[FileId], found: &Collector) {
    let utc = Zone::named("UTC");
    for freeze in freezes.iter().filter(|freeze| freeze.level.refuses() && !fragments.contains(&freeze.place.file)) {
        if lifts.iter().any(|lift| lift.is_for_policy_change(freeze.level)) {
            continue;
        }
        let what = match end(&freeze.rule, utc.as_ref()) {
            FreezeEnd::Ends => continue,
            FreezeEnd::Endless => "never ends",
            FreezeEnd::Unknown => "has no known end",
        };
        let level = freeze.level.as_str();
        // one for hazards is for no edit of the policy
        let (whom, missing) = if lifts.iter().any(|lift| lift.is_for_hazards_of(freeze)) {
            ("an edit that ends it".to_owned(), "finding = \"policy-change\"".to_owned())
        } else {
            (format!("what is {level}"), format!("level = \"{level}\""))
        };
        let cause = format!("the freeze `{}` {what}, and nobody may override {whom}", freeze.name);
        let help =
            format!("give it an end, or add a `[[lifts]]` entry with `{missing}`: no edit of the policy could end it");
        found.push(Diagnostic::error(Code::Contradiction, cause).at(freeze.rule_place).help(help));
    }
}

/// Reports each environment that requires evidence which no target could give: each decision about it would be an error, the one about
/// an edit that adds a target too.
pub(super) fn check_evidence<'e>(
    environments: impl Iterator<Item = &'e Environment>,
    targets: &[Target],
    found: &Collector,
) {
    let is_mapped = |environment: &Environment| {
        targets.iter().any(|target| match &target.environment {
            TargetEnvironment::Named(named) => named.name == environment.name,
            TargetEnvironment::Captured | TargetEnvironment::Every => true,
        })
    };
    for environment in environments.filter(|one| one.requires_evidence && !is_mapped(one)) {
        let name = &environment.name;
        let cause = format!("`{name}` has `evidence = \"required\"`, and no target maps a file to it");
        let help = format!("add a `[[targets]]` entry with `environment = \"{name}\"`, or leave `evidence` out");
        found.push(Diagnostic::error(Code::Contradiction, cause).at(environment.place).help(help));
    }
}

/// The end of a freeze, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FreezeEnd {
    /// Some time is open.
    Ends,
    /// It closes all time.
    Endless,
    /// It can't be laid out, so that it may be endless: counts as such.
    Unknown,
}

/// Returns whether a rule, read in `zone`, leaves some time open.
fn end(rule: &Rule, zone: Option<&Zone>) -> FreezeEnd {
    match rule {
        Rule::Hours { holidays, .. } if !holidays.is_empty() => FreezeEnd::Ends,
        Rule::Hours { .. } | Rule::Recurring { .. } => {
            let Some(zone) = zone else {
                return FreezeEnd::Unknown;
            };
            match rule.civil(zone, TWO_YEARS).and_then(|pairs| closed(zone, &pairs)) {
                Ok(spans) => {
                    let spans = spans.into_iter().map(|span| span.clipped(TWO_YEARS)).collect();
                    let open = Intervals::union(spans).complement(TWO_YEARS);
                    if open.as_slice().is_empty() { FreezeEnd::Endless } else { FreezeEnd::Ends }
                }
                Err(_) => FreezeEnd::Unknown,
            }
        }
        Rule::Once { until: WindowEnd::At(FURTHER_NOTICE), .. } => FreezeEnd::Endless,
        Rule::Once { .. } | Rule::Around { .. } => FreezeEnd::Ends,
    }
}

#[cfg(test)]
mod tests {
    use super::{FreezeEnd, end};
    use crate::time::moment::{MAX_OFFSET_DAYS, Offset, Recurrence, Recurring};
    use crate::time::window::{Rule, WindowEnd};
    use crate::time::zone::Zone;

    fn from_monday(days: i32) -> Rule {
        let from = Recurring {
            recurrence: Recurrence::Weekly(jiff::civil::Weekday::Monday),
            offset: Offset { days: 0, minute: 0 },
        };
        Rule::Recurring { from, until: WindowEnd::After(Offset { days, minute: 0 }) }
    }

    #[test]
    fn a_freeze_whose_time_cannot_be_laid_out_does_not_count_as_one_that_ends() {
        let utc = Zone::named("UTC");
        let of = |days: i32| end(&from_monday(days), utc.as_ref());
        assert_eq!(of(6), FreezeEnd::Ends);
        assert_eq!(of(7), FreezeEnd::Endless);
        assert_eq!(of(MAX_OFFSET_DAYS), FreezeEnd::Endless, "the longest that a policy can write is laid out");
        assert_eq!(of(4_000_000), FreezeEnd::Unknown);
        assert_eq!(end(&from_monday(6), None), FreezeEnd::Unknown);
    }
}
