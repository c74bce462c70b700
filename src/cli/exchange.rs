//! `export` and `import`: windows for other programs, and theirs as a policy.

use std::sync::Arc;

use crate::change::{Declared, DeclaredNames};
use crate::cli::args::{ExportArgs, ExportFormat};
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults, Severity, Sources};
use crate::exchange::argocd::{self, SelectedPlace, Selector};
use crate::exchange::{Exported, ExportedPlace, gitlab};
use crate::gate::judgement::no_instant;
use crate::gate::source;
use crate::policy::{Environment, Policy};

/// `freezegate export`: 0 written, 2 not exact, or no answer.
pub(super) fn export(args: &ExportArgs, edge: &Edge, output: &mut Output) -> Status {
    let done = exported(args, edge).map(|(exported, sources)| {
        let warnings: Vec<Diagnostic> = exported
            .stricter
            .into_iter()
            .map(|item| Diagnostic { severity: Severity::Warning, help: None, ..item })
            .collect();
        if !warnings.is_empty() {
            output.diagnostics(&warnings, &sources, edge);
        }
        output.answer_to(args.file.as_deref(), &exported.text);
        Status::Allowed
    });
    output.conclude(done, edge)
}

fn exported(args: &ExportArgs, edge: &Edge) -> Result<(Exported, Sources), Faults> {
    let usage = |cause: String, help: &str| Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help));
    let (selector, patterns) = selector(args);
    if args.format == ExportFormat::Gitlab && !patterns.is_empty() {
        let cause = format!("`--{}` is for Argo CD only", selector.as_str());
        return Err(usage(cause, "leave it out: a freeze period is for the whole project"));
    }
    let policy = source::read(&args.policy.place(), edge)?;
    let places = places(args, &policy)?;
    let written = match args.format {
        ExportFormat::Gitlab => {
            let [place] = places.as_slice() else {
                let cause = format!("{} environments, and a freeze period is for the whole project", places.len());
                return Err(usage(cause, "name one environment"));
            };
            gitlab::export(&policy, place, args.stricter, edge.now)
        }
        ExportFormat::Argocd => {
            let has = |capture: &str| patterns.iter().any(|pattern| pattern.contains(capture));
            if places.len() > 1 && !has("{environment}") {
                let cause = format!("{} environments, and nothing says which applications are whose", places.len());
                let help = "name one environment, or give `--applications '{environment}-*'`";
                return Err(usage(cause, help));
            }
            let mut selected = Vec::new();
            for place in places {
                let own = |region: &str| {
                    let named = |pattern: &String| {
                        pattern.replace("{environment}", &place.environment.name).replace("{region}", region)
                    };
                    let patterns: Vec<String> = patterns.iter().map(named).collect();
                    if patterns.is_empty() { vec!["*".to_owned()] } else { patterns }
                };
                if !has("{region}") {
                    let patterns = own("");
                    selected.push(SelectedPlace { place, patterns });
                    continue;
                }
                if place.regions.is_empty() {
                    return Err(usage(
                        "`{region}` has no meaning: the policy has no regions".to_owned(),
                        "leave it out",
                    ));
                }
                for region in &place.regions {
                    let of_region = ExportedPlace {
                        environment: Arc::clone(&place.environment),
                        regions: vec![Arc::clone(region)],
                    };
                    selected.push(SelectedPlace { place: of_region, patterns: own(&region.name) });
                }
            }
            argocd::export(&policy, &selected, selector, args.stricter, edge.now)
        }
    };
    match written.map_err(no_instant)? {
        Ok(exported) => Ok((exported, policy.sources)),
        Err(diagnostics) => Err(Faults { sources: policy.sources, diagnostics }),
    }
}

/// By what applications are chosen, and the patterns that are given.
fn selector(args: &ExportArgs) -> (Selector, &[String]) {
    if !args.namespaces.is_empty() {
        (Selector::Namespaces, &args.namespaces)
    } else if !args.clusters.is_empty() {
        (Selector::Clusters, &args.clusters)
    } else {
        (Selector::Applications, &args.applications)
    }
}

/// The environments that are asked for, with those of their regions that are.
fn places(args: &ExportArgs, policy: &Policy) -> Result<Vec<ExportedPlace>, Faults> {
    let names = DeclaredNames {
        environments: args.environments.clone(),
        regions: args.regions.clone(),
        ..DeclaredNames::default()
    };
    let declared =
        Declared::resolve(&names, policy).map_err(|diagnostics| Faults { sources: Sources::default(), diagnostics })?;
    let is_all = declared.environments.is_empty();
    let asked: &[Arc<Environment>] = if is_all { &policy.environments } else { &declared.environments };
    let mut found = Vec::new();
    for environment in asked {
        let served = environment.regions.iter();
        let regions: Vec<_> = if declared.regions.is_empty() {
            served.cloned().collect()
        } else {
            let is_asked = |name: &str| declared.regions.iter().any(|one| one.name == name);
            served.filter(|region| is_asked(&region.name)).cloned().collect()
        };
        if declared.regions.is_empty() || !regions.is_empty() {
            found.push(ExportedPlace { environment: Arc::clone(environment), regions });
        } else if !is_all {
            let cause = format!("`{}` serves none of the regions that you name", environment.name);
            let help = "leave out `--region`, or name others";
            return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
        }
    }
    if found.is_empty() {
        let cause = "no environment serves the regions that you name";
        let help = "leave out `--region`, or name others";
        return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
    }
    Ok(found)
}
