//! The text of a rule, as the policy wrote it.

use crate::time::hours::Hours;
use crate::time::window::Rule;

/// The `hours` of a rule as the policy wrote them, joined; empty for rules of another sort.
pub(crate) fn rule_text(rule: &Rule) -> String {
    match rule {
        Rule::Hours { hours, .. } => hours.iter().map(Hours::text).collect::<Vec<_>>().join(", "),
        Rule::Once { .. } | Rule::Recurring { .. } | Rule::Around { .. } => String::new(),
    }
}
