//! `status`: which environments are open now, until when, and why not.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::cli::args::{OverviewArgs, OverviewFormat};
use crate::cli::edge::Edge;
use crate::cli::output::{Output, unwritten};
use crate::cli::record::instant_of;
use crate::cli::status::Status;
use crate::decision::glance::{all_regions, glance};
use crate::diagnostic::{Faults, Sources};
use crate::gate::judgement::no_instant;
use crate::gate::record_branch::open;
use crate::gate::world::World;
use crate::gate::{repository, source};
use crate::policy::{Environment, Policy};
use crate::proof::record::{FaultKind, Inspection, RecordError};
use crate::reach::{Declared, DeclaredNames};
use crate::report::glance::{self as report, AtAGlance};
use crate::report::shift::ShiftLog;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// `freezegate status`: 0 answered, 2 no answer.
pub(super) fn status(args: &OverviewArgs, edge: &Edge, output: &mut Output) -> Status {
    let answer = overview(args, edge).map(|text| (text, Status::Allowed));
    let is_json = args.format == OverviewFormat::Json;
    output.answer_or_why(answer, (is_json, report::undecided), args.file.as_deref(), edge)
}

fn overview(args: &OverviewArgs, edge: &Edge) -> Result<String, Faults> {
    let policy = source::read(&args.policy.place(), edge)?;
    let at = edge.asked_instant(args.at.as_deref(), args.timezone.as_deref()).map_err(Faults::one)?;
    let asker = edge.asker(args.timezone.as_deref()).map_err(Faults::one)?;
    let environments = environments(&policy, &args.environments)?;
    let glances = glance(&policy, &environments, at).map_err(no_instant)?;
    let all_regions = all_regions(&policy, &glances, at).map_err(no_instant)?;
    let shift = shift(args, &environments, at, edge)?;
    let all = AtAGlance {
        at,
        hypothetical: args.at.is_some(),
        glances: &glances,
        all_regions: &all_regions,
        policy: &policy,
        asker: asker.as_ref(),
        shift: shift.as_ref(),
    };
    match args.format {
        OverviewFormat::Text => report::text(&all, edge.width()).map_err(no_instant),
        OverviewFormat::Json => report::json(&all).map_err(unwritten),
    }
}

/// The overrides and refusals of the record that is named, of these environments, up to `at`, in seconds since 1970-01-01T00:00:00Z.
fn shift(
    args: &OverviewArgs,
    environments: &[Arc<Environment>],
    at: Instant,
    edge: &Edge,
) -> Result<Option<ShiftLog>, Faults> {
    const DAY: Seconds = Seconds::days(1);
    let Some(location) = &args.record else {
        return Ok(None);
    };
    let since = match &args.since {
        Some(written) => instant_of("--since", written, at).map_err(Faults::one)?,
        None => at.saturating_sub(DAY),
    };
    let mut shift = ShiftLog::new(since);
    let record = open(location, || repository::here(edge))?;
    let ControlFlow::Continue(Inspection { entries, mut faults, .. }) = record.inspect(&mut |inspected| {
        if inspected.is_sound && inspected.entry.decided.at <= at {
            shift.add(inspected.entry, |name| environments.iter().any(|environment| environment.name == name));
        }
        ControlFlow::<Infallible>::Continue(())
    })?;
    faults.retain(|fault| fault.kind != FaultKind::Torn);
    if faults.is_empty() {
        Ok(Some(shift))
    } else {
        Err(RecordError::of_faults(record.to_string(), entries, faults).into())
    }
}

/// Those that are named, in the order of the policy; all where none is.
///
/// # Errors
///
/// Names that the policy does not have.
fn environments(policy: &Policy, names: &[String]) -> Result<Vec<Arc<Environment>>, Faults> {
    let names = DeclaredNames { environments: names.to_vec(), ..DeclaredNames::default() };
    let named = Declared::resolve(&names, policy)
        .map_err(|diagnostics| Faults { sources: Sources::default(), diagnostics })?
        .environments;
    let is_wanted = |one: &&Arc<Environment>| named.is_empty() || named.iter().any(|known| Arc::ptr_eq(known, one));
    Ok(policy.environments.iter().filter(is_wanted).cloned().collect())
}
