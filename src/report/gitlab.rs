//! GitLab's code quality report: a finding shows in the merge request, at the path that the change touches.
//!
//! The form is that of <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::collections::HashMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::escape;
use crate::hex::hex;
use crate::policy::Level;
use crate::report::json_parts::JsonError;
use crate::report::note::{FileSpot, Grade, Note};

#[derive(Debug, Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: GitlabLocation,
}

#[derive(Debug, Serialize)]
struct GitlabLocation {
    path: String,
    lines: LocationLines,
}

#[derive(Debug, Serialize)]
struct LocationLines {
    begin: usize,
}

/// The notes as one JSON list, with a line end; an empty list where there are none.
///
/// # Errors
///
/// [`JsonError`] when the list can't be encoded.
pub fn report(notes: &[Note<'_>]) -> Result<String, JsonError> {
    let mut issues: Vec<Issue> = Vec::with_capacity(notes.len());
    let mut alike: HashMap<String, usize> = HashMap::new();
    for note in notes {
        let mut issue = issue(note);
        // of those that share a fingerprint GitLab shows the first alone
        let before = alike.entry(issue.fingerprint.clone()).or_default();
        if *before > 0 {
            issue.fingerprint.push_str(&format!("-{before}"));
        }
        *before = before.saturating_add(1);
        issues.push(issue);
    }
    let text = serde_json::to_string(&issues).map_err(JsonError::Encoding)?;
    Ok(format!("{}\n", escape::json(&text)))
}

fn issue(note: &Note<'_>) -> Issue {
    // a place must be named: where none is known, the file in which a policy usually is
    let spot =
        note.spot.clone().unwrap_or_else(|| FileSpot { path: "freezegate.toml".to_owned(), line: 1, text: None });
    let parts: Vec<&str> =
        std::iter::once(note.title.as_str()).chain(note.details.iter().map(String::as_str)).collect();
    Issue {
        description: parts.join("; "),
        check_name: note.code,
        fingerprint: fingerprint(&[note.code, &note.id, &note.subject, &spot.path]),
        severity: severity(note),
        location: GitlabLocation { path: spot.path, lines: LocationLines { begin: spot.line } },
    }
}

const fn severity(note: &Note<'_>) -> &'static str {
    match (note.grade, note.level) {
        (Grade::Undecided, _) => "blocker",
        (Grade::Refused, Some(Level::Soft)) => "critical",
        (Grade::Refused, _) => "blocker",
        (Grade::Advised, _) => "major",
        (Grade::Warned, _) => "minor",
        (Grade::Lifted | Grade::Told, _) => "info",
    }
}

/// Returns what stays the same from run to run, so that GitLab can see what is new: neither clock nor wording.
fn fingerprint(parts: &[&str]) -> String {
    hex(&Sha256::digest(parts.join("\0").as_bytes()))
}
