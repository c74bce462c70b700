//! `lint`: what in a policy is wrong, never open, never matched, or about to expire.

use std::ops::ControlFlow;
use std::path::PathBuf;

use crate::change::git::EvidenceError;
use crate::cli::args::{LintArgs, LintFormat};
use crate::cli::edge::{Edge, system_release};
use crate::cli::explain::renamed_code;
use crate::cli::output::{Output, UndecidedJson, unwritten};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::fault::no_evidence;
use crate::gate::world::World;
use crate::gate::{repository, source};
use crate::lint::coverage::TargetCoverage;
use crate::lint::{self, CODES, LintOptions};
use crate::policy::Policy;
use crate::policy::compare::{ComparisonOptions, compare};
use crate::report;
use crate::report::lint::against::ComparedPolicy;
use crate::report::lint::{Linted, json, sarif, text};
use crate::time::names::nearest;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

mod against;

/// An hour, in seconds.
const HOUR: f64 = 3600.0;
/// A week, in hours.
const WEEK_HOURS: f64 = 168.0;

/// `freezegate lint`: 0 nothing found, 1 something found, 2 the policy is wrong or there is no answer.
pub(super) fn lint(args: &LintArgs, edge: &Edge, output: &mut Output) -> Status {
    let (is_for_machines, undecided): (bool, UndecidedJson) = match args.format {
        LintFormat::Text => (false, json::undecided),
        LintFormat::Json => (true, json::undecided),
        LintFormat::Sarif => (true, sarif::sarif),
    };
    output.answer_or_why(review(args, edge), (is_for_machines, undecided), args.file.as_deref(), edge)
}

/// The answer as text and as a status.
fn review(args: &LintArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let policy = source::read(&args.policy.place(), edge)?;
    let at = edge.asked_instant(args.at.as_deref(), args.timezone.as_deref()).map_err(Faults::one)?;
    let least_open = least_open(&args.min_open_hours).map_err(Faults::one)?;
    let allowed = allowed(&args.allowed, &policy)?;
    let asker = edge.asker(args.timezone.as_deref()).map_err(Faults::one)?;
    let system = system_release();
    let (coverage, tracked) = if args.coverage {
        let coverage = coverage(&policy, edge)?;
        let counts = coverage.counts();
        (coverage.into_warnings(), Some(counts))
    } else {
        (folders(&policy, args, edge), None)
    };
    let options = LintOptions {
        at,
        weeks: args.weeks,
        least_open,
        system_zone_rules: system.as_deref(),
        allowed: &allowed,
        coverage: &coverage,
    };
    let time = |error: TimeError| {
        let help = "ask about an instant in the years 1 to 9000";
        Faults::one(Diagnostic::error(Code::InvalidTimestamp, error.to_string()).help(help))
    };
    let review = lint::lint(&policy, &options).map_err(time)?;
    let linted =
        Linted { at, review: &review, sources: &policy.sources, asker: asker.as_ref(), tracked: tracked.as_ref() };
    let base = args.against.as_deref().map(|name| against::base(name, args, edge)).transpose()?;
    let comparison = base.as_ref().map(|base| compare(&base.policy, &policy, &ComparisonOptions::at(at)));
    let compared = base.as_ref().zip(comparison.as_ref()).map(|(base, comparison)| ComparedPolicy {
        comparison,
        base: &base.from,
        old_sources: &base.policy.sources,
        sources: &policy.sources,
        at,
        asker: asker.as_ref(),
    });
    let text = match args.format {
        LintFormat::Json => json::json_against(&linted, compared.as_ref()).map_err(unwritten)?,
        LintFormat::Sarif => sarif::sarif(&review.warnings, &policy.sources).map_err(unwritten)?,
        LintFormat::Text => {
            let mut told = text::text(&linted, edge.width()).map_err(time)?;
            if let Some(compared) = &compared {
                told.push_str(&report::lint::against::text(compared, edge.width()).map_err(time)?);
            }
            told
        }
    };
    let opens = comparison.as_ref().is_some_and(|comparison| !comparison.openings.is_empty());
    let is_denied = args.deny_opening && opens;
    let status = if review.warnings.is_empty() && !is_denied { Status::Allowed } else { Status::Refused };
    Ok((text, status))
}

/// The targets compared with the files of the commit that is checked out.
///
/// # Errors
///
/// No repository, no commit yet, or files that cannot be looked at.
pub(super) fn coverage<'p>(policy: &'p Policy, edge: &Edge) -> Result<TargetCoverage<'p>, Faults> {
    let repository = repository::here(edge)?;
    let fault = |error: &EvidenceError| Faults::one(no_evidence(error));
    let head = repository.head().map_err(|error| fault(&error))?;
    let Some(revision) = head.revision else {
        return Err(Faults::one(
            Diagnostic::error(Code::NoEvidence, "the repository has no commits yet, so there are no files to compare")
                .help("commit first, or leave `--coverage` out"),
        ));
    };
    let mut coverage = TargetCoverage::new(policy);
    for path in own_files(policy) {
        let inside = against::in_repository(&repository, &path, edge);
        coverage.own(inside.into_os_string().into_encoded_bytes());
    }
    let mut failed = None;
    let walked = repository.paths(revision.tree, &mut |path, _| match coverage.path(path) {
        Ok(()) => ControlFlow::Continue(()),
        Err(ways) => {
            failed = Some(format!("`{}`: {ways}", path.escape_ascii()));
            ControlFlow::Break(())
        }
    });
    if let Some(cause) = failed {
        return Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("fix the path")));
    }
    walked.map_err(|error| fault(&error))?;
    Ok(coverage)
}

/// The files of a policy, with its cases and its roster.
fn own_files(policy: &Policy) -> Vec<PathBuf> {
    let files = policy.sources.files().iter().filter(|file| file.is_own()).map(|file| PathBuf::from(&file.path));
    let with_cases = files.flat_map(|path| [path.with_extension("test.toml"), path]);
    let roster = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref());
    with_cases.chain(roster.map(|roster| PathBuf::from(roster.path()))).collect()
}

/// Patterns that match a folder and no file of the commit that is checked out, where the policy is the repository's own.
fn folders(policy: &Policy, args: &LintArgs, edge: &Edge) -> Vec<Diagnostic> {
    if !args.policy.files.is_empty() || edge.variable("FREEZEGATE_POLICY").is_some() {
        return Vec::new();
    }
    match coverage(policy, edge) {
        Ok(coverage) => coverage.into_unmatched(policy),
        // nobody asked to look at files, and there may be none: `--coverage` says why they can't be looked at
        Err(_) => Vec::new(),
    }
}

/// Hours such as `10` or `7.5`, as seconds.
fn least_open(written: &str) -> Result<Seconds, Diagnostic> {
    let plain = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match written.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "at most the seconds of a week")]
        Ok(hours) if plain && hours <= WEEK_HOURS => Ok(Seconds::new((hours * HOUR).round() as i64)),
        Ok(_) | Err(_) => Err(Diagnostic::error(
            Code::InvalidUsage,
            format!("`--min-open-hours {written}` is not a number of hours in a week"),
        )
        .help("write a number from 0 to 168, such as `7.5`")),
    }
}

/// The codes that options and comments of the policy name.
fn allowed(names: &[String], policy: &Policy) -> Result<Vec<Code>, Faults> {
    let of_options = names.iter().map(|name| code(name, "--allow").map_err(Faults::one));
    let of_comments = lint::allowed::named(&policy.sources).into_iter().map(|(name, place)| {
        code(name, "# lint: allow")
            .map_err(|fault| Faults { diagnostics: vec![fault.at(place)], sources: policy.sources.clone() })
    });
    of_options.chain(of_comments).collect()
}

/// The code of this name, which follows `before`.
fn code(name: &str, before: &str) -> Result<Code, Diagnostic> {
    CODES.into_iter().find(|code| code.as_str() == name).ok_or_else(|| {
        let known = CODES.map(Code::as_str);
        let help = match (renamed_code(name), nearest(name, known)) {
            (Some(new), _) if known.contains(&new) => format!("it is called `{new}` now: `{before} {new}`"),
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (_, None) => format!("write one of {}", known.join(", ")),
        };
        Diagnostic::error(Code::UnknownName, format!("lint has no warning `{name}`")).help(help)
    })
}
