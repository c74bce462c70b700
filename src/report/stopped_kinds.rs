//! Freezes of some kinds only, which close because nothing shows the kind of the change.

use crate::decision::Finding;
use crate::policy::{Kind, KindSet, Policy};
use crate::reach::Because;
use crate::report::Answer;

/// The label of the row that says so.
pub(super) const STOPS_ONLY: &str = "stops only";

/// Returns what `finding` stops, and how the kind of the change becomes known, with the line of the target that may say it; `None` if it stops
/// every kind, or if something shows that the change is of a kind that it stops.
pub(super) fn if_kind_is_unknown(answer: &Answer<'_>, finding: &Finding) -> Option<(String, Option<String>)> {
    let kinds = kinds_of(answer.policy, finding)?;
    let mut is_by_name_alone = true;
    let mut target = None;
    for reached in answer.reach.reached.iter().filter(|reached| finding.is_about(reached)) {
        let is_known = !reached.kinds.without(Kind::Rollback).is_empty();
        match reached.because {
            Because::PolicyEdit { .. } => return None,
            Because::Shown { .. }
            | Because::Job { .. }
            | Because::Possible { .. }
            | Because::Routes { .. }
            | Because::Declared
                if is_known =>
            {
                return None;
            }
            Because::Declared => {}
            Because::Shown { policy, .. } | Because::Possible { policy, .. } => {
                is_by_name_alone = false;
                target = target.or(Some(policy));
            }
            Because::Job { .. } | Because::Routes { .. } => is_by_name_alone = false,
        }
    }
    if answer.kinds.meets(kinds) {
        return None;
    }
    let names = listed(kinds);
    let text = match (is_by_name_alone, target) {
        // a rollback counts only if it is verified
        (true, _) if answer.declared.kinds.iter().any(|kind| kind == Kind::Rollback.as_str()) => {
            format!("{names}; a rollback that is only declared may be any kind")
        }
        (true, _) => format!("{names}; if this is another kind, add `--kind KIND`"),
        (false, Some(_)) => format!("{names}; if these files are another kind, add `kind` to their target"),
        (false, None) => format!("{names}; if this is another kind, map the files by a target with `kind`"),
    };
    Some((text, target.map(|place| answer.policy.sources.cite(place))))
}

/// Returns the names of the kinds that the freeze of `finding` stops; `None` if that is every kind.
pub(super) fn stopped(policy: &Policy, finding: &Finding) -> Option<String> {
    kinds_of(policy, finding).map(listed)
}

fn kinds_of(policy: &Policy, finding: &Finding) -> Option<KindSet> {
    let name = finding.id.freeze()?;
    policy.freezes.iter().find(|freeze| freeze.name == name)?.kinds
}

fn listed(kinds: KindSet) -> String {
    kinds.iter().map(Kind::as_str).collect::<Vec<_>>().join(", ")
}
