//! Findings and faults, one note each: for the formats that are lists.

use crate::decision::Finding;
use crate::diagnostic::{Diagnostic, Place, Sources};
use crate::policy::Level;
use crate::policy::compare::{PolicyComparison, PolicyDifference};
use crate::report::Answer;
use crate::report::lint::against::{ComparedPolicy, edit_rows, summary};
use crate::report::rows::{PrintedItem, Rows};
use crate::report::text::findings::{edited, finding, shown_by};
use crate::report::text::typed_only;
use crate::shell::GLUE;
use crate::time::zone::TimeError;

/// The meaning of a note for the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// No decision can be made.
    Undecided,
    /// The change is refused for it.
    Refused,
    /// The change would be refused for it, but this is a dry run.
    Advised,
    /// The change is allowed, with a warning.
    Warned,
    /// It is overridden.
    Lifted,
    /// It explains the answer.
    Told,
}

/// One finding, or one reason why there is no decision.
///
/// The texts are for people, on one line each, and may hold what others wrote: each format makes them harmless in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// Its meaning.
    pub grade: Grade,
    /// The level of the finding.
    pub level: Option<Level>,
    /// Its code, such as `core-hours`.
    pub code: &'static str,
    /// Its id, which differs from those of others with this code, such as `core-hours/us`.
    pub id: String,
    /// The closed place, such as `production/us`.
    pub subject: String,
    /// The problem, such as `refused: production/us is closed (core hours, hard)`.
    pub title: String,
    /// More about it, `label: text`.
    pub details: Vec<String>,
    /// A changed path, or a line of the policy.
    pub spot: Option<FileSpot<'a>>,
}

/// A place in a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSpot<'a> {
    /// The path.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The text that the line was counted in; `None` for a changed path, of which no line is known.
    pub text: Option<&'a str>,
}

/// One note for each finding, and one where environments are judged because somebody typed their names.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown in a zone.
pub fn of_answer<'a>(answer: &'a Answer<'_>) -> Result<Vec<Note<'a>>, TimeError> {
    let findings = answer.decision.findings.iter();
    let mut notes = findings.map(|found| note(answer, found)).collect::<Result<Vec<Note<'_>>, TimeError>>()?;
    let first = answer.reach.only_said().first().map(|environment| environment.place);
    notes.extend(typed_only(answer).map(|title| Note {
        grade: Grade::Told,
        level: None,
        code: "typed-only",
        id: "typed-only".to_owned(),
        subject: "the change".to_owned(),
        title,
        details: Vec::new(),
        spot: first.and_then(|place| spot(&answer.policy.sources, place)),
    }));
    Ok(notes)
}

/// Returns one note for an edit of the policy: what it opens and closes.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown in a zone.
pub fn of_edit<'a>(edit: &ComparedPolicy<'a>) -> Result<Note<'a>, TimeError> {
    let mut rows = Rows::default();
    edit_rows(edit, &summary(edit), &mut rows)?;
    let (mut title, mut details) = (String::new(), Vec::new());
    for entry in rows.into_entries() {
        add(entry, &mut title, &mut details);
    }
    let PolicyComparison { openings, closings } = edit.comparison;
    let place = openings.iter().chain(closings).find_map(|one| one.new_place);
    Ok(Note {
        grade: Grade::Told,
        level: None,
        code: "policy-edit",
        id: "policy-edit".to_owned(),
        subject: "the policy".to_owned(),
        title,
        details,
        spot: spot_in_edit(edit, place),
    })
}

fn add(entry: PrintedItem, title: &mut String, details: &mut Vec<String>) {
    match entry {
        PrintedItem::Heading { first, rest, cite, .. } => {
            *title = plain(&format!("{first}{rest}"));
            details.extend(cite.map(|cite| format!("window: {cite}")));
        }
        PrintedItem::Row { label, text, cite } => {
            let cite = cite.map_or_else(String::new, |cite| format!(" ({cite})"));
            details.push(plain(&format!("{label}: {text}{cite}")));
        }
        PrintedItem::Gap => {}
    }
}

/// Returns one note for each warning of an answer, for the formats that print nothing else.
#[must_use]
pub fn of_warnings(answer: &Answer<'_>) -> Vec<Note<'static>> {
    let note = |(number, warning): (usize, &String)| Note {
        grade: Grade::Warned,
        level: None,
        code: "warning",
        id: format!("warning/{number}"),
        subject: "the answer".to_owned(),
        title: format!("warning: {warning}"),
        details: Vec::new(),
        spot: None,
    };
    (1..).zip(answer.warnings).map(note).collect()
}

/// One note for each reason why there is no decision.
#[must_use]
pub fn of_faults<'a>(diagnostics: &[Diagnostic], sources: &'a Sources) -> Vec<Note<'a>> {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let note = |diagnostic: &Diagnostic| Note {
        grade: Grade::Undecided,
        level: None,
        code: diagnostic.code.as_str(),
        id: diagnostic.code.as_str().to_owned(),
        subject: "the question".to_owned(),
        title: format!("no decision: {}", one_line(&diagnostic.cause)),
        details: diagnostic.help.iter().map(|help| format!("help: {}", one_line(help))).collect(),
        spot: diagnostic.place.and_then(|place| spot(sources, place)),
    };
    diagnostics.iter().map(note).collect()
}

fn note<'a>(answer: &'a Answer<'_>, found: &'a Finding) -> Result<Note<'a>, TimeError> {
    let mut title = String::new();
    let mut details: Vec<String> = Vec::new();
    for entry in finding(answer, found)? {
        add(entry, &mut title, &mut details);
    }
    let environment = found.environment.as_deref().unwrap_or("the change");
    Ok(Note {
        grade: match (&found.lifted_by, found.level.refuses(), answer.dry_run) {
            (Some(_), _, _) => Grade::Lifted,
            (None, true, false) => Grade::Refused,
            (None, true, true) => Grade::Advised,
            (None, false, _) => Grade::Warned,
        },
        level: Some(found.level),
        code: found.code.as_str(),
        id: found.id.to_string(),
        subject: found
            .region
            .as_ref()
            .map_or_else(|| environment.to_owned(), |region| format!("{environment}/{region}")),
        title,
        details,
        spot: spot_of(answer, found),
    })
}

fn plain(text: &str) -> String {
    text.replace(GLUE, " ")
}

/// Returns the place of a finding: a path that shows it, else the line of the policy; of an edit of the policy, the line of the
/// edited file that opens what the finding is about.
fn spot_of<'a>(answer: &'a Answer<'_>, found: &'a Finding) -> Option<FileSpot<'a>> {
    if let Some(file) = edited(answer, found) {
        let edit = answer.edits.iter().find(|edit| edit.sources.files().first().is_some_and(|one| one.path == file))?;
        let is_about = |one: &&PolicyDifference| {
            one.level == found.level
                && one.environment.as_ref().is_none_or(|name| found.environment.as_ref() == Some(name))
        };
        let of_region = |one: &&PolicyDifference| one.region.is_none() || one.region == found.region;
        let opened = || edit.comparison.openings.iter().filter(is_about);
        let place = opened().filter(of_region).chain(opened()).find_map(|one| one.new_place);
        return spot_in_edit(edit, place);
    }
    if let (Some(path), Some(proof)) = (&found.what, &found.proof) {
        let line = usize::try_from(proof.line).map_or(1, |line| line.max(1));
        return Some(FileSpot { path: path.clone(), line, text: None });
    }
    let shown = shown_by(answer, found).filter(|(_, target)| target.is_none_or(|place| is_of_paths(answer, place)));
    match (shown, found.place) {
        (Some((path, _)), _) => Some(FileSpot { path: path.to_owned(), line: 1, text: None }),
        (None, Some(place)) => spot(&answer.policy.sources, place),
        (None, None) => None,
    }
}

/// Returns whether the target that stands at `place` is reached by paths, not by a ref alone.
fn is_of_paths(answer: &Answer<'_>, place: Place) -> bool {
    answer.policy.targets.iter().any(|target| target.place == place && !target.paths.is_empty())
}

/// Returns a place of the edited policy, or the first line of its first file.
fn spot_in_edit<'a>(edit: &ComparedPolicy<'a>, place: Option<Place>) -> Option<FileSpot<'a>> {
    let first = edit.sources.files().first();
    let first = first.map(|file| FileSpot { path: file.path.clone(), line: 1, text: Some(&file.text) });
    place.and_then(|place| spot(edit.sources, place)).or(first)
}

fn spot(sources: &Sources, place: Place) -> Option<FileSpot<'_>> {
    let file = sources.file(place.file)?;
    Some(FileSpot { path: file.path.clone(), line: sources.line(place), text: Some(&file.text) })
}
