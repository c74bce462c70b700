//! For a step of GitHub Actions: annotations in the log, and outputs for the steps that follow.
//!
//! The forms are those of <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>; whether a decision was made is shown by the exit
//! status alone.

use serde::Serialize;

use crate::escape::{self, github_message, github_property};
use crate::policy::FindingId;
use crate::report::json_parts::{JsonError, instant};
use crate::report::note::{Grade, Note};
use crate::report::{Answer, decision};
use crate::time::instant::Instant;

/// GitHub shows as many annotations of a step, and leaves out the rest without a word.
pub const MOST: usize = 10;

/// One annotation a line, each for a note; of more than [`MOST`] the last says how many there are besides.
#[must_use]
pub fn annotations(notes: &[Note<'_>]) -> String {
    let told = if notes.len() > MOST { MOST - 1 } else { notes.len() };
    let (told, rest) = notes.split_at(told);
    let mut text: String = told.iter().map(annotation).collect();
    if let Some(gravest) = rest.iter().map(|note| note.grade).min() {
        let message = format!("and {} more: see the log or the summary of this step", rest.len());
        text.push_str(&format!("::{} title=freezegate::{}\n", command(gravest), github_message(&message)));
    }
    text
}

fn annotation(note: &Note<'_>) -> String {
    let mut properties = String::new();
    if let Some(spot) = &note.spot {
        properties = format!("file={},line={},", github_property(&spot.path), spot.line);
    }
    let message = std::iter::once(&note.title).chain(&note.details).map(String::as_str).collect::<Vec<_>>().join("\n");
    format!(
        "::{} {properties}title={}::{}\n",
        command(note.grade),
        github_property(&format!("freezegate: {}", note.id)),
        github_message(&message)
    )
}

const fn command(grade: Grade) -> &'static str {
    match grade {
        Grade::Undecided | Grade::Refused => "error",
        Grade::Advised | Grade::Warned => "warning",
        Grade::Lifted | Grade::Told => "notice",
    }
}

/// The outputs of a step, by name.
pub type Outputs = [(&'static str, String); 4];

/// Returns what the steps that follow can read: `decision`, `next-open` and `valid-until` (RFC 3339 in UTC, or empty), and `findings`, a JSON list of
/// their ids, each once.
///
/// # Errors
///
/// [`JsonError`] if an instant can't be shown.
pub fn outputs(answer: &Answer<'_>) -> Result<Outputs, JsonError> {
    let told = |second: Option<Instant>| second.map(instant).transpose().map(Option::unwrap_or_default);
    let mut ids: Vec<&FindingId> = Vec::new();
    for found in &answer.decision.findings {
        if !ids.contains(&&found.id) {
            ids.push(&found.id);
        }
    }
    let ids: Vec<String> = ids.into_iter().map(FindingId::to_string).collect();
    Ok([
        ("decision", decision(answer.decision.verdict).to_owned()),
        ("next-open", told(answer.decision.next_open)?),
        ("valid-until", told(answer.decision.valid_until)?),
        ("findings", list(&ids)?),
    ])
}

/// The outputs where there is no decision.
#[must_use]
pub fn undecided() -> Outputs {
    [
        ("decision", "undecided".to_owned()),
        ("next-open", String::new()),
        ("valid-until", String::new()),
        ("findings", "[]".to_owned()),
    ]
}

fn list(ids: &impl Serialize) -> Result<String, JsonError> {
    let text = serde_json::to_string(ids).map_err(JsonError::Encoding)?;
    Ok(escape::json(&text).into_owned())
}
