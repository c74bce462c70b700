//! What lint found, for machines: `freezegate/lint/v1`, a contract with types of its own.
//!
//! Instants are RFC 3339 in UTC, times open are whole seconds, places `file:line`. What is not known or does not apply is
//! `null`; no key is ever left out.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Sources};
use crate::lint::coverage::{FileCounts, FolderCount};
use crate::lint::open_hours::OpenHoursRow;
use crate::policy::Level;
use crate::policy::compare::PolicyDifference;
use crate::report::json_parts::{ErrorItem, FileItem, JsonError, error_item, files, line, utc};
use crate::report::lint::Linted;
use crate::report::lint::against::{ComparedPolicy, EditWay, kind_names};
use crate::time::seconds::Seconds;
use crate::time::zone::{RELEASE, TimeError};

/// The name of this contract.
pub const SCHEMA: &str = "freezegate/lint/v1";

#[derive(Debug, Serialize)]
struct LintDocument {
    schema: &'static str,
    result: &'static str,
    at: Option<String>,
    warnings: Vec<WarningItem>,
    allowed: usize,
    open_hours: Vec<RowItem>,
    open_at_once: Vec<RowItem>,
    tracked: Option<TrackedItem>,
    against: Option<AgainstItem>,
    errors: Vec<ErrorItem>,
    policy: Vec<FileItem>,
    tzdb: &'static str,
}

/// The way in which the policy differs from an older one.
#[derive(Debug, Serialize)]
pub(in crate::report) struct AgainstItem {
    base: String,
    opens: Vec<DifferenceItem>,
    closes: Vec<DifferenceItem>,
    policy: Vec<FileItem>,
}

/// Something that one policy refuses and the other does not.
#[derive(Debug, Serialize)]
struct DifferenceItem {
    part: &'static str,
    message: String,
    environment: Option<String>,
    region: Option<String>,
    service: Option<String>,
    kinds: Vec<&'static str>,
    rollback: bool,
    level: &'static str,
    remains: Option<&'static str>,
    spans: Vec<LintSpanItem>,
    week_seconds: Seconds,
    duration_seconds: Seconds,
    timezone: Option<&'static str>,
    old_place: Option<String>,
    new_place: Option<String>,
    example: Option<String>,
    not_compared: Option<String>,
}

#[derive(Debug, Serialize)]
struct LintSpanItem {
    from: String,
    until: String,
}

#[derive(Debug, Serialize)]
struct WarningItem {
    code: &'static str,
    message: String,
    place: Option<String>,
    label: Option<String>,
    related: Vec<RelatedItem>,
    help: Option<String>,
}

#[derive(Debug, Serialize)]
struct RelatedItem {
    place: String,
    label: String,
}

#[derive(Debug, Serialize)]
struct RowItem {
    environment: String,
    region: Option<String>,
    open_seconds: Seconds,
    watched_seconds: Seconds,
    in_core_hours: Vec<RegionItem>,
    weeks: Vec<WeekItem>,
}

/// The number of tracked files that reach an environment.
#[derive(Debug, Serialize)]
struct TrackedItem {
    files: usize,
    unreached: usize,
    excepted: usize,
    folders: Vec<FolderItem>,
}

#[derive(Debug, Serialize)]
struct FolderItem {
    path: String,
    files: usize,
    unreached: usize,
}

#[derive(Debug, Serialize)]
struct RegionItem {
    region: String,
    seconds: Seconds,
}

#[derive(Debug, Serialize)]
struct WeekItem {
    from: String,
    until: String,
    open_seconds: Seconds,
}

/// Returns what was found as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] if an instant can't be shown, or the document can't be encoded.
pub fn json(linted: &Linted<'_>) -> Result<String, JsonError> {
    json_against(linted, None)
}

/// The same, with how the policy differs from an older one.
///
/// # Errors
///
/// As [`json`].
pub fn json_against(linted: &Linted<'_>, against: Option<&ComparedPolicy<'_>>) -> Result<String, JsonError> {
    let review = linted.review;
    line(&LintDocument {
        schema: SCHEMA,
        result: if review.warnings.is_empty() { "clean" } else { "warnings" },
        at: Some(utc(linted.at)?),
        warnings: review.warnings.iter().map(|warning| warning_item(warning, linted.sources)).collect(),
        allowed: review.allowed,
        open_hours: review.open_hours.rows.iter().map(|row| row_item(linted, row)).collect::<Result<_, _>>()?,
        open_at_once: review.open_hours.together.iter().map(|row| row_item(linted, row)).collect::<Result<_, _>>()?,
        tracked: linted.tracked.map(tracked_item),
        against: against.map(against_item).transpose()?,
        errors: Vec::new(),
        policy: files(linted.sources),
        tzdb: RELEASE.name,
    })
}

/// That the policy is wrong, or that there is no answer, and why; as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn undecided(diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    line(&LintDocument {
        schema: SCHEMA,
        result: "undecided",
        at: None,
        warnings: Vec::new(),
        allowed: 0,
        open_hours: Vec::new(),
        open_at_once: Vec::new(),
        tracked: None,
        against: None,
        errors: diagnostics.iter().map(|diagnostic| error_item(diagnostic, sources)).collect(),
        policy: files(sources),
        tzdb: RELEASE.name,
    })
}

fn tracked_item(counts: &FileCounts) -> TrackedItem {
    let folder = |one: &FolderCount| FolderItem { path: one.path.clone(), files: one.files, unreached: one.unreached };
    TrackedItem {
        files: counts.files,
        unreached: counts.unreached,
        excepted: counts.excepted,
        folders: counts.folders.iter().map(folder).collect(),
    }
}

pub(in crate::report) fn against_item(against: &ComparedPolicy<'_>) -> Result<AgainstItem, TimeError> {
    let list = |list: &[PolicyDifference], way: EditWay| {
        list.iter().map(|one| difference_item(against, one, way)).collect::<Result<Vec<_>, TimeError>>()
    };
    Ok(AgainstItem {
        base: against.base.to_owned(),
        opens: list(&against.comparison.openings, EditWay::Opens)?,
        closes: list(&against.comparison.closings, EditWay::Closes)?,
        policy: files(against.old_sources),
    })
}

fn difference_item(
    against: &ComparedPolicy<'_>,
    one: &PolicyDifference,
    way: EditWay,
) -> Result<DifferenceItem, TimeError> {
    let spans = one.spans.as_slice().iter();
    Ok(DifferenceItem {
        part: one.part.as_str(),
        message: against.sentence(one, way)?,
        environment: one.environment.clone(),
        region: one.region.clone(),
        service: one.service.clone(),
        kinds: kind_names(one.kinds),
        rollback: one.is_rollback,
        level: one.level.as_str(),
        remains: one.remains.map(Level::as_str),
        spans: spans
            .map(|span| Ok(LintSpanItem { from: utc(span.from)?, until: utc(span.until)? }))
            .collect::<Result<_, TimeError>>()?,
        week_seconds: one.week_seconds,
        duration_seconds: one.duration,
        timezone: one.zone.as_ref().map(|zone| zone.name()),
        old_place: one.old_place.map(|place| against.old_sources.cite(place)),
        new_place: one.new_place.map(|place| against.sources.cite(place)),
        example: one.example.as_deref().map(|path| path.escape_ascii().to_string()),
        not_compared: one.doubt.clone(),
    })
}

fn warning_item(warning: &Diagnostic, sources: &Sources) -> WarningItem {
    WarningItem {
        code: warning.code.as_str(),
        message: warning.cause.clone(),
        place: warning.place.map(|place| sources.cite(place)),
        label: warning.label.clone(),
        related: warning
            .related
            .iter()
            .map(|(place, label)| RelatedItem { place: sources.cite(*place), label: label.clone() })
            .collect(),
        help: warning.help.clone(),
    }
}

fn row_item(linted: &Linted<'_>, row: &OpenHoursRow) -> Result<RowItem, TimeError> {
    let weeks = linted.review.open_hours.weeks.iter().zip(&row.open);
    Ok(RowItem {
        environment: row.environment.clone(),
        region: row.region.clone(),
        open_seconds: row.total(),
        watched_seconds: row.watched,
        in_core_hours: row
            .in_core_hours
            .iter()
            .map(|(region, seconds)| RegionItem { region: region.clone(), seconds: *seconds })
            .collect(),
        weeks: weeks
            .map(|(week, open)| Ok(WeekItem { from: utc(week.from)?, until: utc(week.until)?, open_seconds: *open }))
            .collect::<Result<_, TimeError>>()?,
    })
}
