//! What rendered manifests show beside the change.

use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::routes;
use crate::guard::RenderedManifests;
use crate::policy::Policy;
use crate::reach::Shown;
use crate::report::{Examined, ManifestSummary};

/// Adds what manifests show to what was compared: whose requests another backend would answer.
///
/// # Errors
///
/// Guarded routes, if nothing says which ones there were before.
pub(crate) fn show(
    manifests: Option<&RenderedManifests>,
    policy: &Policy,
    evidence: Option<(Shown, Examined)>,
) -> Result<Option<(Shown, Examined)>, Faults> {
    let Some(manifests) = manifests else {
        return Ok(evidence);
    };
    let summary = ManifestSummary {
        objects: manifests.objects,
        changed: manifests.before.as_ref().map(|_| manifests.changes.len()),
    };
    let (mut shown, examined) = evidence
        .unwrap_or_else(|| (Shown::default(), Examined { base: "manifests".to_owned(), ..Examined::default() }));
    routes::show_rendered(policy, manifests, &mut shown)?;
    Ok(Some((shown, Examined { manifests: Some(summary), ..examined })))
}

/// That nothing says where manifests are applied.
pub(crate) fn goes_nowhere(policy: &Policy) -> Diagnostic {
    let first = policy.environments.first().map_or("production", |environment| environment.name.as_str());
    Diagnostic::error(Code::InvalidUsage, "nothing says where the manifests are applied: they do not say so themselves")
        .help(format!("name the environment: `freezegate check {first} --manifests PATH`"))
}
