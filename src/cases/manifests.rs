//! The rendered manifests that cases name.

use std::collections::HashSet;
use std::sync::Arc;

use crate::cases::{CaseFile, CaseManifests, PolicyCase};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::guard::{GuardedFile, GuardedRoutes, ManifestError, RenderedManifests};
use crate::policy::Policy;
use crate::reach::routes::AffectedRoute;
use crate::reach::{Reach, ResourceChanges, Shown, TargetMatcher, add_manifests};

impl CaseFile {
    /// Reads the manifests of all cases; `read` is given the path of a file or a folder, relative to the folder of the file of
    /// cases, and returns the files, or why not.
    ///
    /// # Errors
    ///
    /// All that can't be read, at the place of the case that names it.
    pub fn read_manifests(
        &mut self,
        read: &mut dyn FnMut(&str) -> Result<Vec<GuardedFile>, String>,
    ) -> Result<(), Box<Faults>> {
        let mut diagnostics = Vec::new();
        for named in self.cases.iter_mut().filter_map(|case| case.manifests.as_mut()) {
            match files(named, read) {
                Ok(manifests) => named.read = Some(Arc::new(manifests)),
                Err(cause) => diagnostics.push(
                    Diagnostic::error(Code::NoEvidence, cause)
                        .at(named.place)
                        .help("write the path of rendered manifests from the folder of this file"),
                ),
            }
        }
        if diagnostics.is_empty() {
            return Ok(());
        }
        Err(Box::new(Faults { sources: std::mem::take(&mut self.sources), diagnostics }))
    }
}

fn files(
    named: &CaseManifests,
    read: &mut dyn FnMut(&str) -> Result<Vec<GuardedFile>, String>,
) -> Result<RenderedManifests, String> {
    let mut of = |path: &str| read(path).map_err(|why| format!("the manifests `{path}`: {why}"));
    let after = of(&named.path)?;
    let before = named.before.as_deref().map(of).transpose()?;
    let of_manifest = |error: ManifestError| format!("manifest {}: {}", error.place, error.why);
    let manifests = RenderedManifests::read(after, before).map_err(of_manifest)?;
    if manifests.objects == 0 {
        return Err(format!("the manifests `{}` hold no objects", named.path));
    }
    Ok(manifests)
}

/// Adds where the objects of the manifests of the case are, and whose requests other backends would answer after them.
pub(super) fn with_routes(
    matcher: &TargetMatcher<'_>,
    case: &PolicyCase,
    shown: Option<Shown>,
) -> Result<Option<Shown>, Vec<Diagnostic>> {
    let Some((named, manifests)) = of_case(case)? else {
        return Ok(shown);
    };
    let mut shown = shown.unwrap_or_default();
    let policy = matcher.policy();
    let at_case = |cause: String, help: &str| Diagnostic::error(Code::NoEvidence, cause).at(named.place).help(help);
    let mut of_objects = Shown::default();
    matcher
        .resources(ResourceChanges::Rendered, &manifests.changes, &[], &mut of_objects)
        .map_err(|error| vec![at_case(error.to_string(), "render the manifests with their namespaces")])?;
    shown.join(of_objects);
    if let Some(guarded) = GuardedRoutes::of_rendered(policy) {
        let Some(judged) = guarded.judge_rendered(manifests) else {
            let cause = "the earlier routes are not known, and `[routes]` guards them".to_owned();
            return Err(vec![at_case(cause, "add `manifests_before`")]);
        };
        let judged = judged.map_err(|faults| {
            faults.iter().map(|fault| at_case(fault.cause(), fault.help())).collect::<Vec<Diagnostic>>()
        })?;
        shown.route_conflicts.extend(judged.conflicts);
        let mut known: HashSet<String> = shown.environment_names().into_iter().map(str::to_owned).collect();
        let said = case.names.environments.iter().filter_map(|name| policy.environment(name));
        known.extend(said.map(|environment| environment.name.clone()));
        let mut affected: Vec<AffectedRoute> = judged.affected.into_iter().collect();
        affected.iter_mut().for_each(|one| one.elsewhere.retain(|name| !known.contains(name)));
        if let Some(guard) = &policy.routes {
            shown.add_owners(policy, &affected.into_iter().collect(), guard.place);
        }
    }
    Ok(Some(shown))
}

/// Adds the hazards that the manifests of the case show.
pub(super) fn with_hazards(policy: &Policy, case: &PolicyCase, reach: &mut Reach) -> Result<(), Vec<Diagnostic>> {
    let Some((named, manifests)) = of_case(case)? else {
        return Ok(());
    };
    if !manifests.changes.is_empty() && reach.reached.is_empty() && reach.unknown.is_empty() {
        let cause = "nothing says where the manifests are applied: no target matches them";
        let help = "add the `environment` to the case, or a target to the policy";
        return Err(vec![Diagnostic::error(Code::NoEvidence, cause).at(named.place).help(help)]);
    }
    add_manifests(policy, &manifests.changes, reach);
    Ok(())
}

fn of_case(case: &PolicyCase) -> Result<Option<(&CaseManifests, &RenderedManifests)>, Vec<Diagnostic>> {
    let Some(named) = &case.manifests else {
        return Ok(None);
    };
    let Some(manifests) = &named.read else {
        let cause = format!("the manifests `{}` were not read", named.path);
        let help = "report this to freezegate's developers";
        return Err(vec![Diagnostic::error(Code::NoEvidence, cause).at(named.place).help(help)]);
    };
    Ok(Some((named, manifests)))
}
