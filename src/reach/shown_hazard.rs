//! A hazard of the policy that a plan or manifests show.

use std::sync::Arc;

use crate::change::plan::PlannedAction;
use crate::policy::Hazard;

/// A hazard that a plan shows.
#[derive(Debug, Clone)]
pub struct ShownHazard {
    /// The hazard.
    pub hazard: Arc<Hazard>,
    /// The first changes that show it; empty if it is only said to be shown.
    pub changes: Vec<HazardousChange>,
    /// The number of further changes that show it.
    pub more: usize,
}

/// A change of a plan that shows a hazard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HazardousChange {
    /// The address of the resource, escaped.
    pub address: String,
    /// The action on it.
    pub action: PlannedAction,
    /// Those of its attributes that the hazard names and that differ, escaped; none if it names none.
    pub attributes: Vec<String>,
}

impl HazardousChange {
    /// Returns what is done, for people, such as `aws_dynamodb_table.a: update of billing_mode`.
    #[must_use]
    pub fn text(&self) -> String {
        let action = self.action.as_str();
        match self.attributes.as_slice() {
            [] => format!("{}: {action}", self.address),
            [..] => format!("{}: {action} of {}", self.address, self.attributes.join(", ")),
        }
    }
}

impl ShownHazard {
    /// Returns what is done, for people: of the first changes, as many as fit into a line.
    #[must_use]
    pub fn text(&self) -> String {
        const NAMED: usize = 3;
        if self.changes.is_empty() {
            return format!("the hazard `{}`", self.hazard.name);
        }
        let named: Vec<String> = self.changes.iter().take(NAMED).map(HazardousChange::text).collect();
        let more = self.changes.len().saturating_sub(NAMED).saturating_add(self.more);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", named.join("; "))
    }
}
