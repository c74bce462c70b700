//! `report`: what records hold, and which repositories lag behind.

use std::ops::ControlFlow;
use std::path::Path;

use crate::audit::{Audit, AuditSpan, AuditTooLarge, Audited, ExpectedRepositories};
use crate::cli::args::{ReportArgs, ReportFormat, ReportTable};
use crate::cli::edge::Edge;
use crate::cli::output::{Output, unwritten};
use crate::cli::record::{LONGEST_AGO, span_of};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{for_terminal, system_words};
use crate::gate::judgement::no_instant;
use crate::gate::record_branch::open;
use crate::gate::repository;
use crate::gate::world::World;
use crate::policy::duration::seconds_up_to;
use crate::proof::record::{Digest, FaultKind, Inspection, Record, RecordError};
use crate::report::audit::{AuditView, csv, json, text};
use crate::time::seconds::Seconds;

/// The most bytes of a file of repositories.
const MOST_LIST_BYTES: u64 = 1 << 20;

/// `freezegate report`: 0 reported, 1 a repository lags behind, 2 no report.
pub(super) fn report(args: &ReportArgs, edge: &Edge, output: &mut Output) -> Status {
    let answer = answer(args, edge);
    output.answer_or_why(answer, (args.format == ReportFormat::Json, json::undecided), args.file.as_deref(), edge)
}

fn answer(args: &ReportArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let asker = edge.asker(args.timezone.as_deref()).map_err(Faults::one)?;
    let (from, until) = span_of(("--from", &args.from), ("--until", &args.until), edge.now).map_err(Faults::one)?;
    let stale = args.stale.as_deref().map(stale).transpose().map_err(Faults::one)?;
    let mut expected = args.expected.clone();
    if let Some(path) = &args.repositories {
        expected.extend(listed(path, edge)?);
    }
    let (mut audit, mut records) = (Audit::new(AuditSpan { from, until, lists_all: args.all }), Vec::new());
    let mut begun: Vec<(Digest, String)> = Vec::new();
    for location in &args.records {
        let record = open(location, || repository::here(edge))?;
        let first = add(&record, records.len(), &mut audit)?;
        if let Some((_, known)) = first.and_then(|first| begun.iter().find(|(hash, _)| *hash == first)) {
            return Err(Faults::one(repeated(&record.to_string(), known)));
        }
        begun.extend(first.map(|first| (first, record.to_string())));
        records.push(record.to_string());
    }
    let at = until.unwrap_or(edge.now).min(edge.now);
    let audited = audit.finish(&ExpectedRepositories { repositories: &expected, at, stale }).map_err(too_large)?;
    let view = AuditView { audited: &audited, records: &records, now: edge.now, asker: asker.as_ref() };
    Ok((written(args, &view, edge)?, status(&audited)))
}

fn written(args: &ReportArgs, view: &AuditView<'_>, edge: &Edge) -> Result<String, Faults> {
    match (args.format, args.table) {
        (ReportFormat::Text, _) => text::text(view, edge.width()).map_err(no_instant),
        (ReportFormat::Json, _) => json::json(view).map_err(unwritten),
        (ReportFormat::Csv, ReportTable::Decisions) => csv::decisions(view).map_err(no_instant),
        (ReportFormat::Csv, ReportTable::Windows) => csv::windows(view).map_err(no_instant),
        (ReportFormat::Csv, ReportTable::Repositories) => csv::repositories(view).map_err(no_instant),
    }
}

fn status(audited: &Audited) -> Status {
    if audited.is_behind() { Status::Refused } else { Status::Allowed }
}

/// Takes in all of a record, and returns the hash of its first entry. A record that is not whole is an error.
fn add(record: &Record, place: usize, audit: &mut Audit) -> Result<Option<Digest>, Faults> {
    let mut first = None;
    let inspected = record.inspect(&mut |inspected| {
        // behind the first fault nothing counts, and the rest is read for what else is wrong
        if !inspected.is_sound {
            return ControlFlow::Continue(());
        }
        first.get_or_insert(inspected.entry.hash);
        match audit.add(place, inspected.entry, inspected.line.len()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    })?;
    let Inspection { entries, mut faults, .. } = match inspected {
        ControlFlow::Continue(inspection) => inspection,
        ControlFlow::Break(error) => return Err(too_large(error)),
    };
    // a torn last line was never reported to anybody
    faults.retain(|fault| fault.kind != FaultKind::Torn);
    if faults.is_empty() { Ok(first) } else { Err(RecordError::of_faults(record.to_string(), entries, faults).into()) }
}

fn too_large(error: AuditTooLarge) -> Faults {
    let cause = format!("a report can't hold {error}");
    let help = match error {
        AuditTooLarge::Decisions => "give a shorter time with `--from` and `--until`, or leave `--all` out",
        AuditTooLarge::Windows => "give a shorter time with `--from` and `--until`",
        AuditTooLarge::Repositories => "make a separate report for each record",
    };
    Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help))
}

fn repeated(record: &str, known: &str) -> Diagnostic {
    let cause = if record == known {
        format!("the record `{record}` is given twice")
    } else {
        format!("the records `{known}` and `{record}` begin with the same entry: one is a copy")
    };
    Diagnostic::error(Code::InvalidUsage, for_terminal(&cause))
        .help("give each record once, so that nothing counts twice")
}

fn stale(written: &str) -> Result<Seconds, Diagnostic> {
    seconds_up_to(written, LONGEST_AGO).map_err(|cause| {
        let cause = format!("`--stale {written}` is not a duration: {cause}");
        Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help("write `7d`, or `36h`")
    })
}

/// The names in a file of repositories: one a line, without blank lines and lines that begin with `#`.
fn listed(path: &Path, edge: &Edge) -> Result<Vec<String>, Faults> {
    let name = for_terminal(&path.display().to_string()).into_owned();
    let fault = |cause: String, help: &str| Faults::one(Diagnostic::error(Code::UnreadableFile, cause).help(help));
    let bytes = edge.read(path, MOST_LIST_BYTES + 1).map_err(|error| {
        fault(format!("`{name}` can't be read: {}", system_words(&error)), "name a file that you may read")
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST_LIST_BYTES {
        return Err(fault(format!("`{name}` is larger than 1 MiB"), "list only repositories, one per line"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| fault(format!("`{name}` is not text in UTF-8"), "list the repositories, one per line"))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let names: Vec<String> = lines.map(str::to_owned).collect();
    if names.is_empty() {
        return Err(fault(format!("`{name}` names no repository"), "list one per line, or omit `--repositories`"));
    }
    Ok(names)
}
