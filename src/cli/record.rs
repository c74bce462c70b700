//! `record show` and `record verify`: what was decided, and whether it still says so.

use std::ffi::OsStr;

use crate::cli::Status;
use crate::cli::args::{RecordFormat, ShowArgs, VerifyArgs};
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::recording::open;
use crate::cli::repository;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::duration;
use crate::proof::record::{Digest, Entry, Fault, FaultKind, Inspection, Outcome, RecordError};
use crate::report::escape::for_terminal;
use crate::report::json::JsonError;
use crate::report::record::{Listing, Verification};
use crate::time::zone::TimeError;

/// `freezegate record show`: 0 shown, 2 there is none, or it is not whole.
pub(super) fn show(args: &ShowArgs, edge: &Edge, output: &mut Output) -> Status {
    output.tell(list(args, edge).map(|text| (text, Status::Allowed)), edge)
}

/// `freezegate record verify`: 0 whole, 1 not whole, 2 it can't be read.
pub(super) fn verify(args: &VerifyArgs, edge: &Edge, output: &mut Output) -> Status {
    output.tell(examine(args, edge), edge)
}

fn list(args: &ShowArgs, edge: &Edge) -> Result<String, Faults> {
    let since = args.since.as_deref().map(|written| since(written, edge)).transpose().map_err(Faults::one)?;
    let (record, Inspection { chain, mut faults }) = inspect(&args.location, edge)?;
    // nobody was told of what is cut off, so that nothing is missing
    faults.retain(|fault| fault.kind != FaultKind::Torn);
    if !faults.is_empty() {
        return Err(RecordError::Broken { record, faults }.into());
    }
    let wanted = |entry: &&Entry| {
        let decided = &entry.decided;
        (!args.refused || decided.decision == Outcome::Refused)
            && (!args.lifted || decided.is_lifted())
            && args.incident.as_ref().is_none_or(|incident| decided.incident.as_ref() == Some(incident))
            && args.person.as_ref().is_none_or(|person| decided.persons().any(|name| name == person))
            && since.is_none_or(|since| decided.at >= since)
    };
    let listing = Listing::new(chain.entries().iter().filter(wanted).collect());
    match args.format {
        RecordFormat::Text => listing.text(edge.width()).map_err(time),
        RecordFormat::Json => listing.json().map_err(json),
    }
}

fn examine(args: &VerifyArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let expected = match &args.expect {
        None => None,
        Some(written) => Some(Digest::from_hex(&written.to_ascii_lowercase()).ok_or_else(|| {
            let cause = format!("`--expect {written}` is no hash of an entry");
            Faults::one(
                Diagnostic::error(Code::BadQuestion, for_terminal(&cause))
                    .help("give all 64 digits, as `record verify` or `--format json` told them"),
            )
        })?),
    };
    let (record, Inspection { chain, mut faults }) = inspect(&args.location, edge)?;
    if let Some(expected) = expected.filter(|hash| chain.entry(hash).is_none()) {
        let kind = FaultKind::Cut { expected: expected.to_string() };
        faults.push(Fault { place: "the record".to_owned(), kind });
    }
    let verification = Verification::new(record, &chain, &faults).map_err(time)?;
    let text = match args.format {
        RecordFormat::Text => verification.text(edge.width()),
        RecordFormat::Json => verification.json().map_err(json)?,
    };
    Ok((text, if verification.is_intact() { Status::Allowed } else { Status::Refused }))
}

/// A record by its name, and what is in it.
fn inspect(location: &OsStr, edge: &Edge) -> Result<(String, Inspection), Faults> {
    let record = open(location, || repository::here(edge))?;
    Ok((record.to_string(), record.inspect()?))
}

/// An instant, or how long ago.
fn since(written: &str, edge: &Edge) -> Result<i64, Diagnostic> {
    if let Ok(instant) = written.parse::<jiff::Timestamp>() {
        return Ok(instant.as_second());
    }
    duration::seconds(written).map(|ago| edge.now.saturating_sub(ago)).map_err(|_| {
        Diagnostic::error(
            Code::BadInstant,
            for_terminal(&format!("`--since {written}` is neither an instant nor how long ago")),
        )
        .help("write `2026-11-26T09:00:00Z`, or `7d`")
    })
}

fn time(error: TimeError) -> Faults {
    Faults::one(
        Diagnostic::error(Code::BadInstant, error.to_string())
            .help("an entry is of an instant beyond the range of dates"),
    )
}

fn json(error: JsonError) -> Faults {
    Faults::one(Diagnostic::error(Code::Internal, error.to_string()).help("report this to freezegate's developers"))
}
