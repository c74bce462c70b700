//! What a plan of Terraform shows beside the change.

use std::collections::HashSet;
use std::sync::Arc;

use crate::change::TerraformPlan;
use crate::change::command::{AppliedPlan, FactValue};
use crate::change::plan::SavedPlan;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::fact::FactKey;
use crate::gate::fault::too_much;
use crate::gate::request::CheckRequest;
use crate::policy::{Kind, KindSet, Policy};
use crate::proof::record::{Digest, Folded, PlanReturn, PlanValue, RecordedPlace, state_digest};
use crate::reach::matcher::CommandError;
use crate::reach::{Because, Reach, Reached, ResourceChanges, Shown, TargetMatcher, UnmatchedChanges};
use crate::report::{Examined, PlanSummary};
use crate::time::instant::Instant;

/// A plan that is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GivenPlan<'a> {
    pub(crate) plan: &'a TerraformPlan,
    /// The same in binary form, if that is given or applied.
    saved: Option<&'a SavedPlan>,
}

impl<'a> GivenPlan<'a> {
    /// The plan of a request, if it has one.
    pub(crate) fn of(request: &'a CheckRequest) -> Option<Self> {
        let facts = request.command.as_ref().and_then(|command| command.facts.as_ref());
        let applied = match facts.and_then(|facts| facts.applied.as_ref()) {
            Some(AppliedPlan::Saved(saved)) => Some(saved.as_ref()),
            Some(AppliedPlan::OfItsOwn | AppliedPlan::Unreadable(_)) | None => None,
        };
        Some(Self { plan: request.plan.as_deref()?, saved: applied.or(request.saved_plan.as_deref()) })
    }

    /// The digest of where its state is kept, if that is known.
    pub(crate) fn state(self) -> Option<Digest> {
        self.saved.and_then(state_digest)
    }
}

/// Adds what a plan shows to what was compared, and that it was looked at.
///
/// # Errors
///
/// A plan that is not the one that is applied, and targets that ask for what it does not show.
pub(crate) fn show(
    request: &CheckRequest,
    matcher: &TargetMatcher<'_>,
    evidence: Option<(Shown, Examined)>,
) -> Result<Option<(Shown, Examined)>, Faults> {
    let facts = request.command.as_ref().and_then(|command| command.facts.as_ref());
    if let Some(cause) = facts.and_then(|facts| facts.contradiction.as_ref()) {
        let help =
            "select its workspace and its backend (`terraform workspace select`, `terraform init`), or plan again here";
        return Err(not_of_it(cause.clone(), help));
    }
    let Some(plan) = request.plan.as_deref() else {
        return Ok(evidence);
    };
    let applied = match facts.and_then(|facts| facts.applied.as_ref()) {
        Some(AppliedPlan::Saved(saved)) => Some(saved.as_ref()),
        Some(AppliedPlan::OfItsOwn) => {
            let cause = "the command makes a plan of its own and applies that, not the one of `--plan`".to_owned();
            return Err(not_of_it(cause, "name the saved plan: `terraform apply TFPLAN`"));
        }
        Some(AppliedPlan::Unreadable(why)) => {
            let cause = format!("the command applies a plan that can't be compared with `--plan`: {why}");
            return Err(not_of_it(cause, "name the file that `terraform plan -out TFPLAN` wrote"));
        }
        None => None,
    };
    for saved in request.saved_plan.iter().map(Arc::as_ref).chain(applied) {
        if let Some(mismatch) = saved.mismatch(plan) {
            let cause = format!("`--plan` is not the JSON of the saved plan: {mismatch}");
            return Err(not_of_it(cause, "make it again: `terraform show -json TFPLAN > plan.json`"));
        }
    }
    let common = match applied.or(request.saved_plan.as_deref()) {
        Some(saved) => saved.facts(),
        None => [FactKey::Workspaces, FactKey::States]
            .map(|key| (key, FactValue::NotUnderstood(format!("the JSON of a plan does not name its {}", key.noun())))),
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
    let mut of_plan = Shown::default();
    let unmatched = matcher
        .resources(ResourceChanges::Planned, &plan.changes, &common, &mut of_plan)
        .map_err(|error| undetermined_plan(&error))?;
    all_go_somewhere(("plan", &of_plan, &unmatched), request, evidence.as_ref(), matcher.policy())?;
    let (shown, examined) = joined(evidence, of_plan, "plan");
    Ok(Some((shown, Examined { plan: Some(summary), ..examined })))
}

/// Returns what was compared, with what a plan or manifests show; `base` says what it is if nothing else was compared.
pub(crate) fn joined(evidence: Option<(Shown, Examined)>, more: Shown, base: &str) -> (Shown, Examined) {
    match evidence {
        Some((mut shown, examined)) => {
            shown.join(more);
            (shown, examined)
        }
        None => (more, Examined { base: base.to_owned(), ..Examined::default() }),
    }
}

/// That a plan is not the one that is applied.
fn not_of_it(cause: String, help: &str) -> Faults {
    Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(help))
}

/// The error where a plan does not show what a target asks for.
pub(crate) fn undetermined_plan(error: &CommandError) -> Faults {
    match error {
        CommandError::NoFact { key, .. } => {
            let help = match key {
                FactKey::Workspaces | FactKey::States => "give the plan in binary form too: `--plan-file TFPLAN`",
                FactKey::Regions => "write the region as a text in the configuration of its provider",
                FactKey::Accounts => {
                    "write the account in the configuration of its provider, such as `allowed_account_ids` of AWS"
                }
                FactKey::Contexts
                | FactKey::Servers
                | FactKey::Namespaces
                | FactKey::Profiles
                | FactKey::Resources
                | FactKey::Addresses
                | FactKey::Modules
                | FactKey::Providers
                | FactKey::Objects
                | FactKey::Labels
                | FactKey::Annotations
                | FactKey::Images => "ask for another key in the target",
            };
            Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string()).help(help))
        }
        CommandError::NotUnderstood { .. } => Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string())),
        CommandError::TooMuch(error) => too_much(error),
    }
}

/// Resources of Terraform that say who answers requests (load balancers of AWS, Google and Azure, and Kubernetes), by the
/// names of their providers.
const ROUTING: [&str; 11] = [
    "aws_alb_listener",
    "aws_alb_listener_rule",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "azurerm_application_gateway",
    "google_compute_region_url_map",
    "google_compute_url_map",
    "kubectl_manifest",
    "kubernetes_ingress",
    "kubernetes_ingress_v1",
    "kubernetes_manifest",
];

/// Returns what a plan leaves out of what is judged, for people.
pub(crate) fn warnings(plan: Option<&TerraformPlan>, policy: &Policy) -> Vec<String> {
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
    let mut routing = plan.changes.iter().filter(|change| ROUTING.contains(&&*change.resource_type));
    if let (Some(_), Some(first)) = (&policy.routes, routing.next()) {
        let more = match routing.count() {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        warnings.push(format!(
            "`{}`{more} may route requests: `[routes]` does not read plans, so who answers was not compared",
            for_terminal(&first.address)
        ));
    }
    warnings
}

/// Sees that targets match each change of a plan or of manifests, of which `shown` is what they show, if nothing but those says where they go.
pub(crate) fn all_go_somewhere(
    (what, shown, unmatched): (&str, &Shown, &UnmatchedChanges),
    request: &CheckRequest,
    evidence: Option<&(Shown, Examined)>,
    policy: &Policy,
) -> Result<(), Faults> {
    let is_said = !request.environments.is_empty() || evidence.is_some_and(|(shown, _)| !shown.hits.is_empty());
    let UnmatchedChanges { count, first } = unmatched;
    // where none is matched, that is told of the whole change
    if is_said || shown.hits.is_empty() || *count == 0 {
        return Ok(());
    }
    let more = if *count == 1 { String::new() } else { format!(" and {} more", count - 1) };
    let cause = format!("no target says where `{first}`{more} of the {what} goes");
    Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(format!(
        "name the environment of all of it, such as `freezegate check {} …`, or add a target",
        policy.example_environment()
    ))))
}

/// That nothing says where a plan is applied.
pub(crate) fn goes_nowhere(policy: &Policy) -> Diagnostic {
    let first = policy.example_environment();
    Diagnostic::error(Code::InvalidUsage, "nothing says where the plan is applied: no target matches it")
        .help(format!("name the environment: `freezegate check {first} --plan FILE`, or add a target"))
}

/// Returns whether a change brings something there: an edit of the policy brings nothing to the environments that it opens.
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
pub(crate) fn taken_back(
    given: GivenPlan<'_>,
    reach: &Reach,
    folded: Option<&Folded>,
    at: Instant,
) -> Option<PlanReturn> {
    if reach.loosens_policy {
        return None;
    }
    folded?.plan_taken_back(&PlanValue::of_all(given.plan)?, given.state(), &places(reach), at)
}

/// Returns what is reached, where it is the plan's doing, marked as a rollback: what only words or targets of infrastructure alone show. Commits
/// may bring more to other targets.
pub(crate) fn rolled_back(reach: &Reach) -> Reach {
    let mut marked = reach.clone();
    for reached in &mut marked.reached {
        let is_of_plan = match reached.because {
            Because::Declared | Because::Job { .. } | Because::Shown { .. } => {
                reached.kinds == KindSet::NONE.with(Kind::Infrastructure)
            }
            Because::Possible { .. } | Because::PolicyEdit { .. } | Because::Routes { .. } => false,
        };
        if is_of_plan {
            reached.kinds = reached.kinds.with(Kind::Rollback);
        }
    }
    marked
}
