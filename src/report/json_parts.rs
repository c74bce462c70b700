//! The parts that documents for machines have in common.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity, Sources};
use crate::escape;
use crate::time::instant::Instant;
use crate::time::zone::TimeError;

#[derive(Debug, Serialize)]
pub(super) struct ErrorItem {
    code: &'static str,
    severity: &'static str,
    message: String,
    place: Option<String>,
    help: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct FileItem {
    path: String,
    sha256: String,
}

pub(super) fn line(document: &impl Serialize) -> Result<String, JsonError> {
    let text = serde_json::to_string(document).map_err(JsonError::Encoding)?;
    Ok(format!("{}\n", escape::json(&text)))
}

/// The reason why a document could not be made.
#[derive(Debug)]
pub enum JsonError {
    /// An instant can't be shown.
    Time(TimeError),
    /// The document can't be encoded.
    Encoding(serde_json::Error),
}

impl From<TimeError> for JsonError {
    fn from(error: TimeError) -> Self {
        Self::Time(error)
    }
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Time(error) => error.fmt(f),
            Self::Encoding(error) => write!(f, "the answer can't be written as JSON: {error}"),
        }
    }
}

impl std::error::Error for JsonError {}

/// `second` as RFC 3339 in UTC.
///
/// # Errors
///
/// [`JsonError::Time`] beyond the range of dates.
pub fn instant(second: Instant) -> Result<String, JsonError> {
    utc(second).map_err(JsonError::Time)
}

pub(super) fn utc(second: Instant) -> Result<String, TimeError> {
    Ok(second.timestamp()?.to_string())
}

pub(super) fn files(sources: &Sources) -> Vec<FileItem> {
    sources
        .files()
        .iter()
        .map(|file| FileItem { path: file.path.clone(), sha256: file.sha256_hex().to_owned() })
        .collect()
}

pub(super) fn error_item(diagnostic: &Diagnostic, sources: &Sources) -> ErrorItem {
    ErrorItem {
        code: diagnostic.code.as_str(),
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: diagnostic.cause.clone(),
        place: diagnostic.place.map(|place| sources.cite(place)),
        help: diagnostic.help.clone(),
    }
}
