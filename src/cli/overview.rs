//! `status`: which environments are open now, until when, and why not.

use std::sync::Arc;

use crate::cli::args::{OverviewArgs, OverviewFormat};
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::decision::glance::glance;
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::gate::judgement::no_instant;
use crate::gate::source;
use crate::gate::world::World;
use crate::policy::{Environment, Policy};
use crate::report::glance::{self as told, AtAGlance};
use crate::report::json::JsonError;
use crate::time::names::nearest;

/// `freezegate status`: 0 answered, 2 no answer.
pub(super) fn status(args: &OverviewArgs, edge: &Edge, output: &mut Output) -> Status {
    match overview(args, edge) {
        Ok(text) => {
            output.answer_to(args.file.as_deref(), &text);
            Status::Allowed
        }
        Err(faults) => {
            output.diagnostics(&faults.diagnostics, &faults.sources, edge);
            match args.format {
                OverviewFormat::Text => {}
                OverviewFormat::Json => match told::undecided(&faults.diagnostics, &faults.sources) {
                    Ok(text) => output.answer_to(args.file.as_deref(), &text),
                    Err(error) => output.diagnostics(&internal(&error).diagnostics, &Sources::default(), edge),
                },
            }
            Status::Undecided
        }
    }
}

fn overview(args: &OverviewArgs, edge: &Edge) -> Result<String, Faults> {
    let policy = source::read(&args.policy.place(), edge)?;
    let at = edge.dated(args.at.as_deref(), args.timezone.as_deref()).map_err(Faults::one)?;
    let at = edge.instant(at.as_deref()).map_err(Faults::one)?;
    let asker = edge.asker(args.timezone.as_deref()).map_err(Faults::one)?;
    let environments = environments(&policy, &args.environments)?;
    let glances = glance(&policy, &environments, at).map_err(no_instant)?;
    let all = AtAGlance {
        at,
        hypothetical: args.at.is_some(),
        glances: &glances,
        sources: &policy.sources,
        asker: asker.as_ref(),
    };
    match args.format {
        OverviewFormat::Text => told::text(&all, edge.width()).map_err(no_instant),
        OverviewFormat::Json => told::json(&all).map_err(|error| internal(&error)),
    }
}

/// Those that are named, in the order of the policy; all where none is.
///
/// # Errors
///
/// Names that the policy does not have.
fn environments(policy: &Policy, names: &[String]) -> Result<Vec<Arc<Environment>>, Faults> {
    let unknown = names.iter().filter(|name| policy.environment(name).is_none()).map(|name| {
        let all = policy.environments.iter().map(|one| one.name.as_str());
        let help = match nearest(name, all.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the policy has {}", all.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        };
        Diagnostic::error(Code::UnknownName, format!("there is no environment `{name}`")).help(help)
    });
    let unknown: Vec<Diagnostic> = unknown.collect();
    if !unknown.is_empty() {
        return Err(Faults { sources: Sources::default(), diagnostics: unknown });
    }
    let named: Vec<&Arc<Environment>> = names.iter().filter_map(|name| policy.environment(name)).collect();
    let is_wanted = |one: &&Arc<Environment>| names.is_empty() || named.iter().any(|known| Arc::ptr_eq(known, one));
    Ok(policy.environments.iter().filter(is_wanted).cloned().collect())
}

fn internal(error: &JsonError) -> Faults {
    Faults::one(Diagnostic::error(Code::Internal, error.to_string()).help("report this to freezegate's developers"))
}
