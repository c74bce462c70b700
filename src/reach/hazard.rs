//! Which hazards of the policy a plan shows.

use std::sync::Arc;

use crate::change::plan::{PlannedChange, TerraformPlan};
use crate::escape::bytes_for_terminal;
use crate::policy::{Hazard, Kind, KindSet, Policy};
use crate::reach::shown_hazard::{HazardousChange, ShownHazard};
use crate::reach::{Because, Reach};

/// The most changes that are kept of one hazard; the rest is counted.
const MOST_KEPT: usize = 10;

/// Adds to `reach` what a plan shows: the hazards, and that where only words say where it goes, it is a change of infrastructure.
pub fn add_plan(policy: &Policy, plan: &TerraformPlan, reach: &mut Reach) {
    reach.hazards = policy.hazards.iter().filter_map(|hazard| shown(hazard, &plan.changes)).collect();
    for reached in &mut reach.reached {
        let is_said = match reached.because {
            Because::Declared | Because::Job { .. } => true,
            Because::Possible { .. } | Because::PolicyEdit { .. } | Because::Routes { .. } | Because::Shown { .. } => {
                false
            }
        };
        if is_said && reached.kinds.is_empty() {
            reached.kinds = KindSet::NONE.with(Kind::Infrastructure);
        }
    }
}

/// Adds to `reach` the hazards that changes of manifests show.
pub fn add_manifests(policy: &Policy, changes: &[PlannedChange], reach: &mut Reach) {
    reach.hazards = policy.hazards.iter().filter_map(|hazard| shown(hazard, changes)).collect();
}

/// The hazard with the changes that show it, if any do.
fn shown(hazard: &Arc<Hazard>, changes: &[PlannedChange]) -> Option<ShownHazard> {
    let mut found = ShownHazard { hazard: Arc::clone(hazard), changes: Vec::new(), more: 0 };
    for change in changes.iter().filter(|change| shows(hazard, change)) {
        if found.changes.len() >= MOST_KEPT {
            found.more = found.more.saturating_add(1);
            continue;
        }
        let is_named = |name: &str| hazard.attributes.iter().any(|glob| glob.matches(name));
        let attributes = change.attributes.iter().map(|attribute| &*attribute.name).filter(|name| is_named(name));
        found.changes.push(HazardousChange {
            address: bytes_for_terminal(change.address.as_bytes()).into_owned(),
            action: change.action,
            attributes: attributes.map(|name| bytes_for_terminal(name.as_bytes()).into_owned()).collect(),
        });
    }
    (!found.changes.is_empty()).then_some(found)
}

/// Returns whether a change shows a hazard. One that does not say which attributes differ, shows those of every name.
fn shows(hazard: &Hazard, change: &PlannedChange) -> bool {
    let has_attribute = hazard.attributes.is_empty()
        || change.is_unclear
        || change.attributes.iter().any(|one| hazard.attributes.iter().any(|glob| glob.matches(&one.name)));
    hazard.actions.contains(&change.action)
        && has_attribute
        && hazard.resources.iter().any(|glob| glob.matches(&change.resource_type))
}
