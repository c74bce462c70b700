//! `record show` and `record verify`: what was decided, and whether it still says so.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::thread::sleep;
use std::time::Duration;

use jiff::civil::Date;

use crate::cli::args::{RecordFormat, ShowArgs, ShowFormat, VerifyArgs};
use crate::cli::edge::Edge;
use crate::cli::output::{Output, Stream, unwritten};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::record_branch::open;
use crate::gate::repository;
use crate::policy::duration::seconds_up_to;
use crate::proof::record::{
    Decided, Digest, Fault, FaultKind, Inspected, Inspection, Record, RecordError, RecordedOutcome, Snapshot,
};
use crate::report::record::{DecisionTally, EntryCensus, Verification, entry_line, entry_text};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// Runs `freezegate record show`: 0 if the record was read or the output closed; 2 if there is none or it is broken.
pub(super) fn show(args: &ShowArgs, edge: &Edge, output: &mut Output) -> Status {
    let shown = list(args, edge, output);
    output.conclude(shown, edge)
}

/// `freezegate record verify`: 0 whole, 1 not whole, 2 it can't be read.
pub(super) fn verify(args: &VerifyArgs, edge: &Edge, output: &mut Output) -> Status {
    output.tell(examine(args, edge), edge)
}

/// The entries that are shown.
struct WantedEntries<'a> {
    args: &'a ShowArgs,
    /// From this instant on.
    since: Option<Instant>,
    /// Before this instant.
    until: Option<Instant>,
}

impl<'a> WantedEntries<'a> {
    fn new(args: &'a ShowArgs, edge: &Edge) -> Result<Self, Diagnostic> {
        let instant = |option, written: &Option<String>| -> Result<Option<Instant>, Diagnostic> {
            written.as_deref().map(|written| instant_of(option, written, edge.now)).transpose()
        };
        let (since, until) = (instant("--since", &args.since)?, instant("--until", &args.until)?);
        if let (Some(from), Some(to), Some(since), Some(until)) = (since, until, &args.since, &args.until)
            && from >= to
        {
            let cause =
                format!("`--until {until}` is not later than `--since {since}`, so no decision is between them");
            let help = "give `--until` a later time than `--since`";
            return Err(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help(help));
        }
        Ok(Self { args, since, until })
    }

    /// Returns whether refused pushes that are not recorded can be among what is asked for. Nothing is known of them but that they came
    /// between two entries.
    fn has_left_out(&self, decided: &Decided) -> bool {
        let Self { args, .. } = self;
        !args.allowed && !args.overridden && args.incident.is_none() && self.is_in_time(decided)
    }

    fn is_in_time(&self, decided: &Decided) -> bool {
        self.since.is_none_or(|since| decided.at >= since) && self.until.is_none_or(|until| decided.at < until)
    }

    fn has(&self, decided: &Decided) -> bool {
        let Self { args, .. } = self;
        let is_of = |name: &String| decided.environments().any(|environment| environment == name);
        (!args.refused || decided.decision == RecordedOutcome::Refused)
            && (!args.allowed || decided.decision == RecordedOutcome::Allowed)
            && (!args.overridden || decided.is_overridden())
            && (args.environments.is_empty() || args.environments.iter().any(is_of))
            && args.incident.as_ref().is_none_or(|incident| decided.incident.as_ref() == Some(incident))
            && args.person.as_ref().is_none_or(|person| decided.persons().any(|name| name == person))
            && self.is_in_time(decided)
    }
}

/// Entries on their way out. One is held back until the next shows that it follows it as it is.
struct ShownEntries<'o> {
    stream: Stream<'o>,
    tally: DecisionTally,
    /// The place where the entry stands that is held back, and its text.
    held: Option<(String, String)>,
    format: ShowFormat,
    width: usize,
    /// The last entry that was read in full; `None` before the first.
    last: Option<(u64, Digest)>,
}

impl ShownEntries<'_> {
    /// Takes in what was read. Breaks off with an error, or with none if nobody reads on.
    fn take(&mut self, inspected: &Inspected<'_>, wanted: &WantedEntries<'_>) -> ControlFlow<Option<TimeError>> {
        // behind the first fault nothing is shown, and the rest is read for what else is wrong
        if !inspected.is_sound {
            return ControlFlow::Continue(());
        }
        self.release().map_break(|()| None)?;
        self.last = Some((inspected.entry.sequence, inspected.entry.hash));
        if wanted.args.after.is_some_and(|after| inspected.entry.sequence <= after) {
            return ControlFlow::Continue(());
        }
        if wanted.has_left_out(&inspected.entry.decided) {
            self.tally.add_left_out(inspected.entry);
        }
        self.tally.see();
        if wanted.has(&inspected.entry.decided) {
            self.tally.add(&inspected.entry.decided);
            let text = match self.format {
                ShowFormat::Text => match entry_text(inspected.entry, self.width) {
                    Ok(text) => text,
                    Err(error) => return ControlFlow::Break(Some(error)),
                },
                ShowFormat::Json => entry_line(inspected),
            };
            self.held = Some((inspected.place.to_string(), text));
        }
        ControlFlow::Continue(())
    }

    /// Writes the entry that is held back.
    fn release(&mut self) -> ControlFlow<()> {
        self.held.take().map_or(ControlFlow::Continue(()), |(_, text)| self.stream.write(&text))
    }

    /// Ends what is shown of a record in which this is wrong. A closed pipe changes nothing any more.
    fn end(mut self, faults: &[Fault]) {
        let is_accused = |(place, _): &(String, String)| faults.first().is_some_and(|fault| fault.place == *place);
        let mut rest = self.held.take().filter(|held| !is_accused(held)).map_or_else(String::new, |(_, text)| text);
        if faults.is_empty() && self.format == ShowFormat::Text {
            rest.push_str(&self.tally.text(self.width));
        }
        self.stream.end(&rest);
    }
}

fn list(args: &ShowArgs, edge: &Edge, output: &mut Output) -> Result<Status, Faults> {
    let wanted = WantedEntries::new(args, edge).map_err(Faults::one)?;
    let record = open(&args.location, || repository::here(edge))?;
    let mut snapshot = None;
    if args.follow && record.look(&mut snapshot)?.last().is_none() {
        let record = for_terminal(&record.to_string()).into_owned();
        output.complaint(&format!("waiting: there is no entry in the record `{record}` yet\n"));
    }
    let (stream, tally) = (output.stream(), DecisionTally::default());
    let mut shown = ShownEntries { stream, tally, held: None, format: args.format, width: edge.width(), last: None };
    if args.follow {
        return follow((&record, snapshot), &mut shown, &wanted);
    }
    match record.inspect(&mut |inspected| shown.take(inspected, &wanted)) {
        Ok(ControlFlow::Continue(Inspection { entries, faults, .. })) => {
            let faults = without_torn_line(faults);
            shown.end(&faults);
            if faults.is_empty() {
                Ok(Status::Allowed)
            } else {
                Err(unread(RecordError::of_faults(record.to_string(), entries, faults)))
            }
        }
        Ok(ControlFlow::Break(None)) => Ok(Status::Allowed),
        Ok(ControlFlow::Break(Some(error))) => {
            shown.stream.end("");
            Err(time(error))
        }
        Err(error) => {
            shown.stream.end("");
            Err(unread(error))
        }
    }
}

/// Returns why a record can't be read, for commands that never begin one.
fn unread(error: RecordError) -> Faults {
    if !matches!(error, RecordError::NotARecord { .. }) {
        return error.into();
    }
    let cause = error.to_string();
    let help = "name the file or ref that `check --record` writes to";
    Faults::one(Diagnostic::error(Code::NoRecord, for_terminal(&cause)).help(help))
}

/// Returns what is wrong with a record that was read. A torn last line was never reported to anybody, so nothing is missing.
fn without_torn_line(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.retain(|fault| fault.kind != FaultKind::Torn);
    faults
}

/// Shows entries as they are appended, until standard output is closed or the record is not whole.
///
/// The newest entry is looked for often, which takes little; the record is read again only once there is one, from its beginning, as that
/// proves it. What was shown before has to be in it.
fn follow(
    (record, mut snapshot): (&Record, Option<Snapshot>),
    shown: &mut ShownEntries<'_>,
    wanted: &WantedEntries<'_>,
) -> Result<Status, Faults> {
    let pause = Duration::from_secs(if record.is_shared() { 30 } else { 1 });
    loop {
        let newest = record.look(&mut snapshot)?.last();
        if newest != shown.last.map(|(_, hash)| hash) {
            let before = shown.last;
            let mut is_there = before.is_none();
            let inspected = record.inspect(&mut |inspected| {
                let this = (inspected.entry.sequence, inspected.entry.hash);
                if before.is_some_and(|(sequence, _)| this.0 <= sequence) {
                    is_there |= before == Some(this);
                    return ControlFlow::Continue(());
                }
                if is_there { shown.take(inspected, wanted) } else { ControlFlow::Continue(()) }
            })?;
            let Inspection { entries, faults, .. } = match inspected {
                ControlFlow::Continue(inspection) => inspection,
                ControlFlow::Break(None) => return Ok(Status::Allowed),
                ControlFlow::Break(Some(error)) => return Err(time(error)),
            };
            let faults = without_torn_line(faults);
            if !faults.is_empty() {
                return Err(unread(RecordError::of_faults(record.to_string(), entries, faults)));
            }
            if let Some(before) = before.filter(|_| !is_there) {
                return Err(replaced(record, before));
            }
            if shown.release().is_break() || !shown.stream.flush() {
                return Ok(Status::Allowed);
            }
        }
        sleep(pause);
    }
}

/// That an entry which was shown is not in the record any more.
fn replaced(record: &Record, (sequence, hash): (u64, Digest)) -> Faults {
    let shown = format!("entry {sequence} ({hash})");
    let cause = format!("{shown} of the record `{record}` was shown, and is not in it any more");
    Faults::one(
        Diagnostic::error(Code::BrokenRecord, for_terminal(&cause))
            .help("check it with `freezegate record verify`; to show the current record, start this command again"),
    )
}

fn examine(args: &VerifyArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let expected = match &args.expect {
        None => None,
        Some(written) => Some(Digest::from_hex(&written.to_ascii_lowercase()).ok_or_else(|| {
            let cause = format!("`--expect {written}` is not the hash of an entry");
            Faults::one(
                Diagnostic::error(Code::InvalidUsage, for_terminal(&cause))
                    .help("give all 64 digits, as `record verify` or `--format json` printed them"),
            )
        })?),
    };
    let record = open(&args.location, || repository::here(edge))?;
    let mut census = EntryCensus::expecting(expected);
    let ControlFlow::Continue(mut inspection) = record.inspect(&mut |inspected| {
        census.add(inspected.entry);
        ControlFlow::<Infallible>::Continue(())
    })?;
    if let error @ RecordError::NotARecord { .. } =
        RecordError::of_faults(record.to_string(), inspection.entries, inspection.faults.clone())
    {
        return Err(unread(error));
    }
    if let Some(expected) = census.missing() {
        let kind = FaultKind::Cut { expected: expected.to_string() };
        inspection.faults.push(Fault { place: "the record".to_owned(), kind });
    }
    let verification = Verification::new(record.to_string(), &census, &inspection).map_err(time)?;
    let text = match args.format {
        RecordFormat::Text => verification.text(edge.width()),
        RecordFormat::Json => verification.json().map_err(unwritten)?,
    };
    Ok((text, if verification.is_intact() { Status::Allowed } else { Status::Refused }))
}

/// The longest that an instant can be said to be ago, in seconds: 100 years of 365 days.
pub(super) const LONGEST_AGO: Seconds = Seconds::days(100 * 365);

/// An instant, or how long before `now`, in seconds since 1970-01-01T00:00:00Z.
pub(super) fn instant_of(option: &str, written: &str, now: Instant) -> Result<Instant, Diagnostic> {
    if let Ok(instant) = written.parse::<jiff::Timestamp>() {
        return Ok(Instant::from(instant));
    }
    seconds_up_to(written, LONGEST_AGO).map(|ago| now.saturating_sub(ago)).map_err(|cause| {
        let cause = format!("`{option} {written}` is neither a time nor a duration: {cause}");
        Diagnostic::error(Code::InvalidTimestamp, for_terminal(&cause)).help("write `2026-11-26T09:00:00Z`, or `7d`")
    })
}

/// The time between two options: each a date, which begins at midnight UTC, an instant, or how long before `now`; in seconds since
/// 1970-01-01T00:00:00Z.
pub(super) fn span_of(
    (first, from): (&str, &Option<String>),
    (last, until): (&str, &Option<String>),
    now: Instant,
) -> Result<(Option<Instant>, Option<Instant>), Diagnostic> {
    let instant = |option: &str, written: &Option<String>| -> Result<Option<Instant>, Diagnostic> {
        let Some(written) = written else {
            return Ok(None);
        };
        let is_date = written.len() == 10 && written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match written.parse::<Date>() {
            Ok(date) if is_date => {
                let midnight = format!("{date}T00:00:00Z").parse::<jiff::Timestamp>();
                midnight.map(|midnight| Some(Instant::from(midnight))).map_err(|_| {
                    let cause = format!("`{option} {written}` is beyond the range of dates");
                    Diagnostic::error(Code::InvalidTimestamp, cause).help("give a date of the years 1 to 9000")
                })
            }
            Ok(_) | Err(_) => instant_of(option, written, now).map(Some),
        }
    };
    let span = (instant(first, from)?, instant(last, until)?);
    if let (Some(from), Some(until)) = span
        && from >= until
    {
        let cause = format!("`{last}` is not later than `{first}`, so nothing is between them");
        return Err(
            Diagnostic::error(Code::InvalidUsage, cause).help(format!("give `{last}` a later time than `{first}`"))
        );
    }
    Ok(span)
}

fn time(error: TimeError) -> Faults {
    Faults::one(
        Diagnostic::error(Code::InvalidTimestamp, error.to_string())
            .help("an entry is of an instant beyond the range of dates"),
    )
}
