//! What a plan of Terraform shows beside the change.

use std::collections::HashSet;
use std::sync::Arc;

use crate::change::TerraformPlan;
use crate::diagnostic::{Code, Diagnostic};
use crate::escape::for_terminal;
use crate::policy::{Kind, KindSet, Policy};
use crate::proof::record::{Folded, PlanReturn, PlanValue, Reached as RecordedPlace};
use crate::reach::{Because, Reach, Reached, Shown};
use crate::report::{Examined, PlanSummary};

/// Adds that a plan was looked at to what was compared.
pub(crate) fn examined(plan: Option<&TerraformPlan>, evidence: Option<(Shown, Examined)>) -> Option<(Shown, Examined)> {
    let Some(plan) = plan else {
        return evidence;
    };
    let summary = PlanSummary {
        changes: plan.changes.len(),
        moved: plan.moved,
        imported: plan.imported,
        deferred: plan.deferred,
        drifted: plan.drifted,
        is_partial: plan.is_partial,
        made_by: plan.made_by.as_deref().map(|version| for_terminal(version).into_owned()),
    };
    let (shown, examined) =
        evidence.unwrap_or_else(|| (Shown::default(), Examined { base: "plan".to_owned(), ..Examined::default() }));
    Some((shown, Examined { plan: Some(summary), ..examined }))
}

/// What a plan leaves out of what is judged, for people.
pub(crate) fn warnings(plan: Option<&TerraformPlan>) -> Vec<String> {
    let Some(plan) = plan else {
        return Vec::new();
    };
    let mut warnings = Vec::new();
    if plan.is_partial {
        warnings.push(
            "the plan is partial (`complete: false`, as with `-target`): only its part of the changes was judged"
                .to_owned(),
        );
    }
    if plan.drifted > 0 {
        let resources = if plan.drifted == 1 { "1 resource differs" } else { "resources differ" };
        let count = if plan.drifted == 1 { String::new() } else { format!("{} ", plan.drifted) };
        warnings.push(format!("{count}{resources} from the state already (drift), which was not judged"));
    }
    warnings
}

/// That nothing says where a plan is applied.
pub(crate) fn goes_nowhere(policy: &Policy) -> Diagnostic {
    let first = policy.environments.first().map_or("production", |environment| environment.name.as_str());
    Diagnostic::error(Code::InvalidUsage, "nothing says where the plan is applied: a plan does not say so itself")
        .help(format!("name the environment: `freezegate check {first} --plan FILE`"))
}

/// Whether a change brings something there: an edit of the policy brings nothing to the environments that it opens.
pub(crate) const fn is_brought(reached: &Reached) -> bool {
    !matches!(reached.because, Because::PolicyEdit { .. })
}

/// The places to which a change brings something, each once, as the record has them.
pub(crate) fn places(reach: &Reach) -> Vec<RecordedPlace> {
    let mut known = HashSet::new();
    let is_new = |one: &&Reached| {
        let (region, service) = (one.region.as_ref().map(Arc::as_ptr), one.service.as_ref().map(Arc::as_ptr));
        known.insert((Arc::as_ptr(&one.environment), region, service))
    };
    let brought = reach.reached.iter().filter(|one| is_brought(one)).filter(is_new);
    let place = |one: &Reached| RecordedPlace {
        environment: one.environment.name.clone(),
        region: one.region.as_ref().map(|region| region.name.clone()),
        service: one.service.as_ref().map(|service| service.name.clone()),
    };
    brought.map(place).collect()
}

/// The allowed plan that `plan` takes back, if it does that in place and nothing else.
pub(crate) fn taken_back(plan: &TerraformPlan, reach: &Reach, folded: Option<&Folded>, at: i64) -> Option<PlanReturn> {
    if reach.loosens_policy {
        return None;
    }
    folded?.plan_taken_back(&PlanValue::of_all(plan)?, &places(reach), at)
}

/// What is reached, where it is the plan's doing, marked as a rollback: what only words or targets of infrastructure alone show. Commits
/// may bring more to other targets.
pub(crate) fn rolled_back(reach: &Reach) -> Reach {
    let mut marked = reach.clone();
    for reached in &mut marked.reached {
        let is_of_plan = match reached.because {
            Because::Declared | Because::Job { .. } | Because::Shown { .. } => {
                reached.kinds == KindSet::NONE.with(Kind::Infrastructure)
            }
            Because::Possible { .. } | Because::PolicyEdit { .. } => false,
        };
        if is_of_plan {
            reached.kinds = reached.kinds.with(Kind::Rollback);
        }
    }
    marked
}
