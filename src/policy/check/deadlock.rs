//! Freezes that nothing could ever end: not the time, and no edit of the policy.

use crate::diagnostic::{Code, Collector, Diagnostic, FileId};
use crate::policy::{Freeze, Lift};
use crate::time::intervals::{Interval, Intervals};
use crate::time::window::{Rule, closed};
use crate::time::zone::Zone;

/// Two years from Monday 2001-01-01 on, in seconds since 1970: what is closed for all of it is closed at any time.
const TWO_YEARS: Interval = Interval { from: 978_307_200, until: 978_307_200 + 730 * 24 * 3600 };

/// Reports each freeze without an end whose level nobody may override. An edit that ends it would be a change to what it closes,
/// and so be refused for ever. Freezes of `fragments` end when the fragment is taken away.
pub(super) fn check(freezes: &[Freeze], lifts: &[Lift], fragments: &[FileId], found: &Collector) {
    let Some(utc) = Zone::named("UTC") else {
        return;
    };
    for freeze in freezes.iter().filter(|freeze| freeze.level.refuses() && !fragments.contains(&freeze.place.file)) {
        if lifts.iter().any(|lift| lift.is_for_policy_change(freeze.level)) || !is_endless(&freeze.rule, &utc) {
            continue;
        }
        let level = freeze.level.as_str();
        let cause = format!(
            "the freeze `{}` never ends, and nobody may override what is {level}: no edit of the policy could end it",
            freeze.name
        );
        let help = format!("give it an end, or add a `[[lifts]]` entry with `level = \"{level}\"`");
        found.push(Diagnostic::error(Code::Contradiction, cause).at(freeze.rule_place).help(help));
    }
}

/// Whether a rule closes all time.
fn is_endless(rule: &Rule, zone: &Zone) -> bool {
    match rule {
        Rule::Hours { holidays, .. } if !holidays.is_empty() => false,
        Rule::Hours { .. } | Rule::Recurring { .. } => {
            let spans = rule.civil(zone, TWO_YEARS).and_then(|pairs| closed(zone, &pairs));
            spans.is_ok_and(|spans| {
                let spans = spans.into_iter().map(|span| span.clipped(TWO_YEARS)).collect();
                Intervals::union(spans).complement(TWO_YEARS).as_slice().is_empty()
            })
        }
        Rule::Once { .. } | Rule::Around { .. } => false,
    }
}
