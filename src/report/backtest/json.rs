//! A backtest for machines: `freezegate/backtest/v1`.

use serde::Serialize;

use crate::backtest::PastWindow;
use crate::backtest::incidents::{IncidentOutcome, JudgedIncident};
use crate::backtest::tally::{HeldChange, Thaw, Toll};
use crate::diagnostic::{Diagnostic, Sources};
use crate::policy::Kind;
use crate::report::backtest::{BacktestView, incident_text};
use crate::report::json_parts::{ErrorItem, FileItem, JsonError, error_item, files, line, utc};
use crate::time::instant::UtcDay;
use crate::time::seconds::Seconds;
use crate::time::zone::{RELEASE, TimeError};

/// The name of the contract.
pub const SCHEMA: &str = "freezegate/backtest/v1";

/// The JSON Schema of the contract, as `freezegate schema backtest` prints it.
pub const BACKTEST_SCHEMA: &str = include_str!("../backtest.schema.json");

/// The number of openings that are listed, those with the largest batches.
const MOST_THAWS: usize = 1000;

#[derive(Debug, Serialize)]
struct BacktestDocument {
    schema: &'static str,
    result: &'static str,
    made: Option<String>,
    history: Option<HistoryItem>,
    totals: Option<TotalsItem>,
    windows: Vec<BacktestWindowItem>,
    environments: Vec<NamedItem>,
    regions: Vec<NamedItem>,
    kinds: Vec<NamedItem>,
    days: Vec<DayItem>,
    thaws: Vec<ThawItem>,
    longest_waits: Vec<HeldItem>,
    incidents: Option<Vec<IncidentItem>>,
    not_judged: Option<NotJudgedItem>,
    notes: Vec<String>,
    errors: Vec<ErrorItem>,
    policy: Vec<FileItem>,
    tzdb: &'static str,
}

#[derive(Debug, Serialize)]
struct HistoryItem {
    sort: &'static str,
    name: String,
    dates_are_claims: bool,
    since: Option<String>,
    until: Option<String>,
    first: Option<String>,
    last: Option<String>,
    left_out: u64,
}

#[derive(Debug, Serialize)]
struct TollItem {
    changes: u64,
    refused: u64,
    never_open: u64,
    waited_seconds: Seconds,
    longest_wait_seconds: Option<Seconds>,
}

#[derive(Debug, Serialize)]
struct TotalsItem {
    #[serde(flatten)]
    toll: TollItem,
    reach_nothing: u64,
    openings: usize,
    most_held: Option<ThawItem>,
    largest_batch: Option<ThawItem>,
}

#[derive(Debug, Serialize)]
struct ThawItem {
    at: String,
    changes: u64,
}

#[derive(Debug, Serialize)]
struct BacktestWindowItem {
    code: &'static str,
    id: String,
    level: &'static str,
    window: Option<String>,
    reason: Option<String>,
    policy: Option<String>,
    refused: u64,
    never_open: u64,
    waited_seconds: Seconds,
    longest_wait_seconds: Option<Seconds>,
}

#[derive(Debug, Serialize)]
struct NamedItem {
    name: Option<String>,
    #[serde(flatten)]
    toll: TollItem,
}

#[derive(Debug, Serialize)]
struct DayItem {
    day: String,
    changes: u64,
    refused: u64,
}

#[derive(Debug, Serialize)]
struct HeldItem {
    name: Option<String>,
    at: String,
    wait_seconds: Option<Seconds>,
    windows: Vec<String>,
}

#[derive(Debug, Serialize)]
struct IncidentItem {
    id: String,
    at: Option<String>,
    outcome: &'static str,
    no_clock: bool,
    windows: Vec<String>,
    wait_seconds: Option<Seconds>,
    message: String,
}

#[derive(Debug, Serialize)]
struct NotJudgedItem {
    changes: u64,
    first: Vec<UnjudgedItem>,
}

#[derive(Debug, Serialize)]
struct UnjudgedItem {
    place: String,
    cause: String,
}

/// As one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] if an instant can't be shown, or the document can't be encoded.
pub fn json(view: &BacktestView<'_>) -> Result<String, JsonError> {
    let judged = view.judged;
    let tally = &judged.tally;
    let named = |(name, toll): (&str, &Toll)| NamedItem { name: Some(name.to_owned()), toll: toll_item(toll) };
    let mut thaws: Vec<Thaw> = tally.thaws().collect();
    thaws.sort_by_key(|thaw| (std::cmp::Reverse(thaw.changes), thaw.at));
    thaws.truncate(MOST_THAWS);
    thaws.sort_by_key(|thaw| thaw.at);
    let day = |(day, toll): (&UtcDay, &Toll)| -> Result<DayItem, TimeError> {
        Ok(DayItem { day: day.date()?.to_string(), changes: toll.changes, refused: toll.refused })
    };
    let (since, until) = view.span;
    line(&BacktestDocument {
        schema: SCHEMA,
        result: "answered",
        made: Some(utc(view.now)?),
        history: Some(HistoryItem {
            sort: view.history.sort.as_str(),
            name: view.history.name.clone(),
            dates_are_claims: view.history.sort.dates_are_claims(),
            since: since.map(utc).transpose()?,
            until: until.map(utc).transpose()?,
            first: tally.ends.map(|(first, _)| utc(first)).transpose()?,
            last: tally.ends.map(|(_, last)| utc(last)).transpose()?,
            left_out: judged.left_out,
        }),
        totals: Some(TotalsItem {
            toll: toll_item(&tally.all),
            reach_nothing: tally.reach_nothing,
            openings: tally.thaws().len(),
            most_held: tally.most_at_once().map(thaw_item).transpose()?,
            largest_batch: tally.largest_batch().map(thaw_item).transpose()?,
        }),
        windows: view.window_tolls().into_iter().map(|(window, toll)| window_item(view, window, toll)).collect(),
        environments: view.environment_tolls().into_iter().map(named).collect(),
        regions: view.region_tolls().into_iter().map(named).collect(),
        kinds: view
            .kind_tolls()
            .into_iter()
            .map(|(kind, toll)| NamedItem {
                name: kind.map(|kind| Kind::as_str(kind).to_owned()),
                toll: toll_item(toll),
            })
            .collect(),
        days: tally.days.iter().map(day).collect::<Result<_, TimeError>>()?,
        thaws: thaws.into_iter().map(thaw_item).collect::<Result<_, TimeError>>()?,
        longest_waits: tally
            .longest_waits()
            .into_iter()
            .map(|held| held_item(view, held))
            .collect::<Result<_, TimeError>>()?,
        incidents: view
            .incidents
            .map(|all| all.iter().map(|one| incident_item(view, one)).collect::<Result<_, TimeError>>())
            .transpose()?,
        not_judged: Some(NotJudgedItem {
            changes: judged.unjudged,
            first: judged
                .first_unjudged
                .iter()
                .map(|one| UnjudgedItem { place: one.place.clone(), cause: one.cause.clone() })
                .collect(),
        }),
        notes: view.notes(),
        errors: Vec::new(),
        policy: files(&view.policy.sources),
        tzdb: RELEASE.name,
    })
}

/// That there is no backtest, and why; as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn undecided(diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    line(&BacktestDocument {
        schema: SCHEMA,
        result: "undecided",
        made: None,
        history: None,
        totals: None,
        windows: Vec::new(),
        environments: Vec::new(),
        regions: Vec::new(),
        kinds: Vec::new(),
        days: Vec::new(),
        thaws: Vec::new(),
        longest_waits: Vec::new(),
        incidents: None,
        not_judged: None,
        notes: Vec::new(),
        errors: diagnostics.iter().map(|diagnostic| error_item(diagnostic, sources)).collect(),
        policy: files(sources),
        tzdb: RELEASE.name,
    })
}

fn incident_item(view: &BacktestView<'_>, judged: &JudgedIncident) -> Result<IncidentItem, TimeError> {
    let (windows, wait_seconds) = match &judged.outcome {
        IncidentOutcome::Stopped { windows, wait } => (windows.as_slice(), *wait),
        IncidentOutcome::Mismatched
        | IncidentOutcome::Open
        | IncidentOutcome::RolledBack
        | IncidentOutcome::Unseen
        | IncidentOutcome::Unjudged { .. } => (&[][..], None),
    };
    let ids = windows.iter().filter_map(|number| view.windows.get(*number)).map(|window| window.id.to_string());
    Ok(IncidentItem {
        id: judged.incident.id.clone(),
        at: judged.at.map(utc).transpose()?,
        outcome: judged.outcome.as_str(),
        no_clock: judged.outcome.is_beyond_clocks(),
        windows: ids.collect(),
        wait_seconds,
        message: incident_text(view, judged),
    })
}

fn longest(toll: &Toll) -> Option<Seconds> {
    (toll.refused > toll.never).then_some(toll.longest)
}

fn toll_item(toll: &Toll) -> TollItem {
    TollItem {
        changes: toll.changes,
        refused: toll.refused,
        never_open: toll.never,
        waited_seconds: toll.waited,
        longest_wait_seconds: longest(toll),
    }
}

fn thaw_item(thaw: Thaw) -> Result<ThawItem, TimeError> {
    Ok(ThawItem { at: utc(thaw.at)?, changes: thaw.changes })
}

fn window_item(view: &BacktestView<'_>, window: &PastWindow, toll: &Toll) -> BacktestWindowItem {
    BacktestWindowItem {
        code: window.code.as_str(),
        id: window.id.to_string(),
        level: window.level.as_str(),
        window: (!window.text.is_empty()).then(|| window.text.clone()),
        reason: window.reason.clone(),
        policy: window.place.map(|place| view.policy.sources.cite(place)),
        refused: toll.refused,
        never_open: toll.never,
        waited_seconds: toll.waited,
        longest_wait_seconds: longest(toll),
    }
}

fn held_item(view: &BacktestView<'_>, held: &HeldChange) -> Result<HeldItem, TimeError> {
    Ok(HeldItem {
        name: held.name.clone(),
        at: utc(held.at.0)?,
        wait_seconds: (held.wait != Seconds::MAX).then_some(held.wait),
        windows: held
            .windows
            .iter()
            .filter_map(|number| view.windows.get(*number))
            .map(|window| window.id.to_string())
            .collect(),
    })
}
