//! A stop that holds, as people and machines are told of it, and how it ends.

use crate::escape::for_terminal;
use crate::policy::{Lift, Policy, Signers, StandingStop, StopPlace};
use crate::proof::stops::resuming_lifts;
use crate::report::rows::glued;
use crate::report::{Answer, AnswerMode, SERVER_FILE};
use crate::shell::shell_word;

/// The digits of an id that people are shown.
const SHOWN_DIGITS: usize = 12;

/// The remote that people know a server by.
const REMOTE: &str = "origin";

/// The reader of an answer, which decides by what name they know a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerReader {
    /// Somebody where the place is named.
    Here,
    /// Somebody who knows the machine by its remote only: who pushes to a server, or reads the log of a job.
    Elsewhere,
}

impl AnswerReader {
    /// The reader of this answer.
    pub(super) fn of(answer: &Answer<'_>) -> Self {
        if answer.mode == AnswerMode::PreReceive || answer.pipeline.is_some() { Self::Elsewhere } else { Self::Here }
    }
}

/// Returns the place as the option `--stops` of whoever reads the answer, not quoted.
#[must_use]
pub fn place_for(stop: &StandingStop, reader: AnswerReader) -> String {
    match (&stop.place, reader) {
        (place, AnswerReader::Here) => place.written().to_owned(),
        (StopPlace::Remote(written), AnswerReader::Elsewhere) => written.clone(),
        (StopPlace::OwnRef(name), AnswerReader::Elsewhere) if name == "refs/freezegate/stops" => REMOTE.to_owned(),
        (StopPlace::OwnRef(name), AnswerReader::Elsewhere) => format!("{REMOTE}:{name}"),
        (StopPlace::File(_), AnswerReader::Elsewhere) => SERVER_FILE.to_owned(),
    }
}

/// Returns the command by which one person signs that a stop is over.
#[must_use]
pub fn resume_command(id: &str, place: &str) -> String {
    let id = id.get(..SHOWN_DIGITS).unwrap_or(id);
    format!("freezegate resume {id} --stops {} --key KEY --reason \"…\"", shell_word(place))
}

/// Returns how a stop ends before its time, in one line: the command, and whose signatures it needs.
#[must_use]
pub fn resume_way(policy: &Policy, stop: &StandingStop, reader: AnswerReader) -> String {
    let ways: Vec<String> = resuming_lifts(policy).map(signatures).collect();
    if ways.is_empty() {
        return "not before it ends: no `[[lifts]]` entry of level hard asks for signatures".to_owned();
    }
    let command = glued(&resume_command(&stop.id, &place_for(stop, reader)));
    let needs = if stop.signed.is_empty() {
        format!(" needs {}", ways.join(", or "))
    } else {
        format!("; signed by {}; still missing: {}", stop.signed.join(", "), stop.missing.join("; or "))
    };
    format!("`{command}`{}", for_terminal(&needs))
}

/// Returns whose signatures an entry asks for, such as `2 signatures: oncall, leads`.
fn signatures(lift: &Lift) -> String {
    let names = lift.signed.iter().map(|signers| match signers {
        Signers::Any => "any",
        Signers::Group(name) => name.as_str(),
    });
    let names = names.collect::<Vec<_>>().join(", ");
    if lift.signed.len() == 1 {
        format!("1 signature: {names}")
    } else {
        format!("{} signatures: {names}", lift.signed.len())
    }
}
