//! What rendered manifests show beside the change.

use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::fault::too_much;
use crate::gate::plan::{all_go_somewhere, joined};
use crate::gate::request::CheckRequest;
use crate::gate::routes;
use crate::policy::Policy;
use crate::reach::matcher::CommandError;
use crate::reach::{ResourceChanges, Shown, TargetMatcher};
use crate::report::{Examined, ManifestSummary};

/// Adds what manifests show to what was compared: where the objects are that change, and whose requests another backend would answer. `names` are the
/// environments that are said.
///
/// # Errors
///
/// Targets that ask for what manifests do not show, and guarded routes, if nothing says which ones there were before.
pub(crate) fn show(
    (request, names): (&CheckRequest, &[String]),
    matcher: &TargetMatcher<'_>,
    evidence: Option<(Shown, Examined)>,
) -> Result<Option<(Shown, Examined)>, Faults> {
    let Some(manifests) = request.manifests.as_deref() else {
        return Ok(evidence);
    };
    let summary = ManifestSummary {
        objects: manifests.objects,
        changed: manifests.before.as_ref().map(|_| manifests.changes.len()),
    };
    let mut of_manifests = Shown::default();
    let unmatched = matcher
        .resources(ResourceChanges::Rendered, &manifests.changes, &[], &mut of_manifests)
        .map_err(|error| undetermined_manifests(&error))?;
    all_go_somewhere(("manifests", &of_manifests, &unmatched), request, evidence.as_ref(), matcher.policy())?;
    let is_shown = |shown: &Shown, name: &str| shown.hits.iter().any(|hit| hit.reached.environment.name == name);
    let is_of_evidence = |name: &str| evidence.as_ref().is_some_and(|(shown, _)| is_shown(shown, name));
    let said: Vec<&str> =
        names.iter().filter_map(|name| Some(matcher.policy().environment(name)?.name.as_str())).collect();
    let shown_here: Vec<String> = of_manifests.environment_names().into_iter().map(str::to_owned).collect();
    let is_known =
        |name: &str| said.contains(&name) || shown_here.iter().any(|one| one == name) || is_of_evidence(name);
    routes::show_rendered(matcher.policy(), manifests, is_known, &mut of_manifests)?;
    let (shown, examined) = joined(evidence, of_manifests, "manifests");
    Ok(Some((shown, Examined { manifests: Some(summary), ..examined })))
}

/// The error where manifests do not show what a target asks for.
fn undetermined_manifests(error: &CommandError) -> Faults {
    match error {
        CommandError::NoFact { .. } | CommandError::NotUnderstood { .. } => {
            let help =
                "render it with its namespace: `metadata.namespace` in the chart, `namespace` of a kustomization";
            Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string()).help(help))
        }
        CommandError::TooMuch(error) => too_much(error),
    }
}

/// That nothing says where manifests are applied.
pub(crate) fn goes_nowhere(policy: &Policy) -> Diagnostic {
    let first = policy.example_environment();
    Diagnostic::error(Code::InvalidUsage, "nothing says where the manifests are applied: no target matches them")
        .help(format!("name the environment: `freezegate check {first} --manifests PATH`, or add a target"))
}
