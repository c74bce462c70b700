//! An entry as the bytes that are kept: one line of JSON, without its line end.

use std::hash::{BuildHasher, Hasher, RandomState};

use serde::Serialize;

use super::entry::is_zero;
use super::{Decided, Digest, FaultKind, RecordEntry, RecordError, Schema};
use crate::diagnostic::parser;

/// An entry as it is hashed: all of it but the hash.
#[derive(Serialize)]
struct Body<'d> {
    schema: Schema,
    sequence: u64,
    previous: Option<Digest>,
    run: &'d str,
    decided: &'d Decided,
    #[serde(skip_serializing_if = "is_zero")]
    left_out: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    folded: Option<Digest>,
}

/// The place where the hash begins in a line, behind which come its 64 digits and [`TAIL`].
const HEAD: &str = ",\"hash\":\"";
const TAIL: &str = "\"}";
const DIGITS: usize = 64;

/// The text with which each line of this program begins.
const BEGIN: &str = r#"{"schema":"freezegate/record/v1","sequence":"#;

/// An entry together with the line that is kept of it.
pub(super) struct Sealed {
    pub(super) entry: RecordEntry,
    pub(super) line: String,
}

/// A number that no other run has: each `RandomState` has keys of its own, which come from the system's source of chance.
pub(super) fn random_number() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Returns what stands in the line of an entry that holds the digest of the folded state, and can't stand in any other: within text,
/// quotes have a backslash before them.
pub(super) fn checkpoint_mark(folded: &Digest) -> String {
    format!(",\"folded\":\"{folded}\"{HEAD}")
}

/// Returns how the line of an entry of this hash ends, line end included.
pub(super) fn line_end(hash: &Digest) -> String {
    format!("{HEAD}{hash}{TAIL}\n")
}

/// Writes an entry and its hash.
pub(super) fn seal(
    sequence: u64,
    previous: Option<Digest>,
    decided: Decided,
    (left_out, folded): (u64, Option<Digest>),
) -> Result<Sealed, RecordError> {
    let run = format!("{:016x}", random_number());
    let body = Body { schema: Schema::V1, sequence, previous, run: &run, decided: &decided, left_out, folded };
    let mut line = serde_json::to_string(&body).map_err(|error| RecordError::Encoding(error.to_string()))?;
    let hash = Digest::of(line.as_bytes());
    line.pop();
    line.push_str(&format!("{HEAD}{hash}{TAIL}"));
    Ok(Sealed {
        entry: RecordEntry { schema: Schema::V1, sequence, previous, run, decided, left_out, folded, hash },
        line,
    })
}

/// An entry that was read, and whether its hash is that of what it says.
pub(super) struct ParsedEntry {
    pub(super) entry: RecordEntry,
    pub(super) genuine: bool,
}

/// Reads an entry.
pub(super) fn parse(line: &[u8]) -> Result<ParsedEntry, FaultKind> {
    let unreadable = |cause: &str| FaultKind::Unreadable { cause: cause.to_owned() };
    let text = str::from_utf8(line).map_err(|_| unreadable("it is not text"))?;
    let entry: RecordEntry = serde_json::from_str(text).map_err(|error| unreadable(&parser::json_of_line(&error)))?;
    let genuine = hashed_part(text).is_some_and(|body| Digest::of(body.as_bytes()) == entry.hash);
    Ok(ParsedEntry { entry, genuine })
}

/// Returns whether bytes without a line end at the end of a file can be what is left of the line of an entry whose writer was stopped: the
/// beginning of one, or zeros, which a file system leaves where a block was not written.
///
/// All else was written by another program, and is not written over.
pub(super) fn is_torn(text: &[u8]) -> bool {
    let written = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    let mut begin = text.iter().take(written).zip(BEGIN.as_bytes());
    text.starts_with(&[0]) || begin.all(|(one, other)| one == other)
}

/// The part of a line that its hash is of; `None` if the hash does not stand at the end.
fn hashed_part(line: &str) -> Option<String> {
    let rest = line.strip_suffix(TAIL)?;
    let (rest, digits) = rest.split_at_checked(rest.len().checked_sub(DIGITS)?)?;
    Digest::from_hex(digits)?;
    Some(format!("{}}}", rest.strip_suffix(HEAD)?))
}
