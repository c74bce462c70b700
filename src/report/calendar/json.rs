//! The calendar for machines: `freezegate/calendar/v1`.

use serde::Serialize;

use crate::calendar::{EnvironmentTimetable, Lane, LaneWindow, Stretch};
use crate::diagnostic::{Diagnostic, Sources};
use crate::policy::Kind;
use crate::report::calendar::{CalendarView, ends, is_same_window, window_rows, within};
use crate::report::json_parts::{ErrorItem, FileItem, JsonError, error_item, files, line, utc};
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::zone::{RELEASE, TimeError};

/// The name of the contract.
pub const SCHEMA: &str = "freezegate/calendar/v1";

/// The JSON Schema of the contract, as `freezegate schema calendar` prints it.
pub const CALENDAR_SCHEMA: &str = include_str!("../calendar.schema.json");

#[derive(Debug, Serialize)]
struct CalendarDocument {
    schema: &'static str,
    result: &'static str,
    made: Option<String>,
    period: Option<&'static str>,
    from: Option<String>,
    until: Option<String>,
    timezone: Option<&'static str>,
    asked: Option<CalendarFilterItem>,
    environments: Vec<EnvironmentItem>,
    errors: Vec<ErrorItem>,
    policy: Vec<FileItem>,
    tzdb: &'static str,
}

#[derive(Debug, Serialize)]
struct CalendarFilterItem {
    regions: Vec<String>,
    services: Vec<String>,
    kinds: Vec<String>,
}

#[derive(Debug, Serialize)]
struct EnvironmentItem {
    environment: String,
    duration_seconds: Seconds,
    settle_seconds: Seconds,
    open_everywhere: Vec<CalendarSpanItem>,
    lanes: Vec<LaneItem>,
    windows: Vec<CalendarWindowItem>,
}

#[derive(Debug, Serialize)]
struct LaneItem {
    regions: Vec<String>,
    open_seconds: Seconds,
    spans: Vec<CalendarStateItem>,
}

#[derive(Debug, Serialize)]
struct CalendarStateItem {
    from: String,
    until: String,
    state: &'static str,
    windows: Vec<usize>,
}

#[derive(Debug, Serialize)]
struct CalendarWindowItem {
    code: &'static str,
    id: String,
    level: &'static str,
    regions: Vec<String>,
    kinds: Option<Vec<&'static str>>,
    services: Option<Vec<String>>,
    window: String,
    timezone: &'static str,
    reason: Option<String>,
    policy: String,
    closed: Vec<CalendarSpanItem>,
}

#[derive(Debug, Serialize)]
struct CalendarSpanItem {
    from: Option<String>,
    until: Option<String>,
}

/// As one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] if an instant can't be shown, or the document can't be encoded.
pub fn json(view: &CalendarView<'_>) -> Result<String, JsonError> {
    let span = view.timetable.span;
    let environments = view.timetable.environments.iter().map(|one| environment_item(view, one));
    line(&CalendarDocument {
        schema: SCHEMA,
        result: "answered",
        made: Some(utc(view.now)?),
        period: Some(view.period.as_str()),
        from: Some(utc(span.from)?),
        until: Some(utc(span.until)?),
        timezone: Some(view.zone.name()),
        asked: Some(CalendarFilterItem {
            regions: view.asked.regions.clone(),
            services: view.asked.services.clone(),
            kinds: view.asked.kinds.clone(),
        }),
        environments: environments.collect::<Result<_, TimeError>>()?,
        errors: Vec::new(),
        policy: files(view.sources),
        tzdb: RELEASE.name,
    })
}

/// That there is no calendar, and why; as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn undecided(diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    line(&CalendarDocument {
        schema: SCHEMA,
        result: "undecided",
        made: None,
        period: None,
        from: None,
        until: None,
        timezone: None,
        asked: None,
        environments: Vec::new(),
        errors: diagnostics.iter().map(|diagnostic| error_item(diagnostic, sources)).collect(),
        policy: files(sources),
        tzdb: RELEASE.name,
    })
}

fn environment_item(view: &CalendarView<'_>, one: &EnvironmentTimetable) -> Result<EnvironmentItem, TimeError> {
    let rows = window_rows(one);
    let exact = |open: &Interval| Ok(CalendarSpanItem { from: Some(utc(open.from)?), until: Some(utc(open.until)?) });
    let windows = rows.iter().map(|(lanes, window)| window_item(view, lanes, window));
    Ok(EnvironmentItem {
        environment: one.environment.name.clone(),
        duration_seconds: one.environment.duration,
        settle_seconds: one.environment.settle,
        open_everywhere: one.open_everywhere.as_slice().iter().map(exact).collect::<Result<_, TimeError>>()?,
        lanes: one.lanes.iter().map(|lane| lane_item(lane, &rows)).collect::<Result<_, TimeError>>()?,
        windows: windows.collect::<Result<_, TimeError>>()?,
    })
}

fn lane_item(lane: &Lane, rows: &[(Vec<&Lane>, &LaneWindow)]) -> Result<LaneItem, TimeError> {
    // by the place in the list of the environment
    let number = |place: &usize| {
        let window = lane.windows.get(*place)?;
        rows.iter().position(|(_, one)| is_same_window(one, window))
    };
    let item = |stretch: &Stretch| {
        Ok(CalendarStateItem {
            from: utc(stretch.span.from)?,
            until: utc(stretch.span.until)?,
            state: stretch.state.as_str(),
            windows: stretch.windows.iter().filter_map(number).collect(),
        })
    };
    Ok(LaneItem {
        regions: lane.regions.iter().map(|region| region.name.clone()).collect(),
        open_seconds: lane.open().seconds(),
        spans: lane.stretches.iter().map(item).collect::<Result<_, TimeError>>()?,
    })
}

fn window_item(view: &CalendarView<'_>, lanes: &[&Lane], window: &LaneWindow) -> Result<CalendarWindowItem, TimeError> {
    let regions = lanes.iter().flat_map(|lane| &lane.regions).map(|region| region.name.clone()).collect();
    let closed = within(window, view.timetable.span).map(|span| {
        let (from, until) = ends(view, span);
        Ok(CalendarSpanItem { from: from.map(utc).transpose()?, until: until.map(utc).transpose()? })
    });
    Ok(CalendarWindowItem {
        code: window.code.as_str(),
        id: window.id.to_string(),
        level: window.level.as_str(),
        regions,
        kinds: window.kinds.map(|kinds| kinds.iter().map(Kind::as_str).collect()),
        services: (!window.services.is_empty()).then(|| window.services.clone()),
        window: window.text.clone(),
        timezone: window.zones.first().map_or("UTC", |zone| zone.name()),
        reason: window.reason.clone(),
        policy: view.sources.cite(window.place),
        closed: closed.collect::<Result<_, TimeError>>()?,
    })
}
