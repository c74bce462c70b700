//! Outages of the past: which of them a policy would have stopped, and which no clock would have.

use serde::Deserialize;

use crate::backtest::replay::Replay;
use crate::backtest::{PastChange, PastVerdict};
use crate::diagnostic::parser;
use crate::policy::Kind;
use crate::reach::{Declared, DeclaredNames};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The most incidents of a file.
pub const MOST_INCIDENTS: usize = 10_000;

/// An outage that a change caused, or ended.
#[derive(Debug, Clone, Deserialize)]
pub struct Incident {
    /// Its name.
    pub id: String,
    /// The time of the change, in RFC 3339.
    #[serde(alias = "at_utc")]
    pub at: String,
    /// The environment that it reached.
    #[serde(alias = "actual_env")]
    pub environment: String,
    /// The environment that it was meant for, if that is another.
    #[serde(default, alias = "declared_env")]
    pub declared: Option<String>,
    /// The regions of the policy, or time zones of theirs, that it reached; none: everyone.
    #[serde(default)]
    pub regions: Vec<String>,
    /// The kind of change. One that is not known meets every window.
    #[serde(default)]
    pub gate_kind: Option<String>,
    /// The same, if `gate_kind` is missing.
    #[serde(default)]
    pub kind: Option<String>,
    /// True if it went back to a state from before.
    #[serde(default)]
    pub rollback: bool,
    /// True if it came by where a gate can stand.
    #[serde(default = "seen", rename = "observable_by_gate")]
    pub is_observable: bool,
}

const fn seen() -> bool {
    true
}

/// The hypothetical outcome of an incident's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncidentOutcome {
    /// A window refuses it.
    Stopped {
        /// The windows, by number.
        windows: Vec<usize>,
        /// The time that it would have waited, in seconds; `None` if not within 400 days.
        wait: Option<Seconds>,
    },
    /// Everything was open, and it is refused at any hour, as it said one environment and reached another.
    Mismatched,
    /// Everything was open: no window refuses it.
    Open,
    /// It went back to a state from before, and is allowed.
    RolledBack,
    /// No gate stands where it came by.
    Unseen,
    /// The policy does not know what it is about.
    Unjudged {
        /// The unknown thing, for people.
        cause: String,
    },
}

impl IncidentOutcome {
    /// The word for it in answers.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Stopped { .. } => "stopped",
            Self::Mismatched => "mismatch",
            Self::Open => "open",
            Self::RolledBack => "rollback",
            Self::Unseen => "unseen",
            Self::Unjudged { .. } => "not-judged",
        }
    }

    /// Returns whether no clock would have stopped it: everything was open, or no gate sees it.
    #[must_use]
    pub const fn is_beyond_clocks(&self) -> bool {
        match self {
            Self::Mismatched | Self::Open | Self::Unseen => true,
            Self::Stopped { .. } | Self::RolledBack | Self::Unjudged { .. } => false,
        }
    }
}

/// An incident, and what would have become of it.
#[derive(Debug, Clone)]
pub struct JudgedIncident {
    /// The incident.
    pub incident: Incident,
    /// The time when its change went, in seconds since 1970-01-01T00:00:00Z; `None` if that can't be read.
    pub at: Option<Instant>,
    /// Its hypothetical outcome.
    pub outcome: IncidentOutcome,
}

/// Reads incidents: an array of JSON objects, whose other members are left alone.
///
/// # Errors
///
/// What is wrong, for people.
pub fn read(bytes: &[u8]) -> Result<Vec<Incident>, String> {
    let all: Vec<Incident> = serde_json::from_slice(bytes).map_err(|error| parser::json(&error))?;
    if all.len() > MOST_INCIDENTS {
        return Err(format!("it holds more than {MOST_INCIDENTS} incidents"));
    }
    Ok(all)
}

/// Returns what would have become of `incidents`, in their order.
#[must_use]
pub fn judge(replay: &Replay<'_>, incidents: Vec<Incident>) -> Vec<JudgedIncident> {
    let judged = incidents.into_iter().map(|incident| {
        let at = incident.at.parse::<jiff::Timestamp>().ok().map(Instant::from);
        let outcome = outcome(replay, &incident, at).unwrap_or_else(|cause| IncidentOutcome::Unjudged { cause });
        JudgedIncident { incident, at, outcome }
    });
    judged.collect()
}

fn outcome(replay: &Replay<'_>, incident: &Incident, at: Option<Instant>) -> Result<IncidentOutcome, String> {
    let policy = replay.policy();
    let at = at.ok_or_else(|| format!("`{}` is not an instant such as `2025-07-09T21:45:00Z`", incident.at))?;
    if !incident.is_observable {
        return Ok(IncidentOutcome::Unseen);
    }
    let environment = policy
        .environment(&incident.environment)
        .ok_or_else(|| format!("the policy has no environment `{}`", incident.environment))?;
    let named = |name: &String| -> Vec<String> {
        let is_meant = |zone: &str| zone == name;
        let regions = policy.regions.iter();
        let regions =
            regions.filter(|region| region.name == *name || region.zones.iter().any(|zone| is_meant(zone.name())));
        regions.map(|region| region.name.clone()).collect()
    };
    let mut regions: Vec<String> = incident.regions.iter().flat_map(named).collect();
    regions.sort_unstable();
    regions.dedup();
    if regions.is_empty() && !incident.regions.is_empty() && !policy.regions.is_empty() {
        return Err(format!("no region of the policy has `{}`", incident.regions.join("`, `")));
    }
    let kind = incident.gate_kind.as_ref().or(incident.kind.as_ref()).and_then(|name| Kind::named(name));
    let names = DeclaredNames {
        environments: vec![environment.name.clone()],
        regions,
        services: Vec::new(),
        kinds: kind.map(|kind| kind.as_str().to_owned()).into_iter().collect(),
    };
    let mut said = Declared::resolve(&names, policy).map_err(|unknown| {
        unknown.into_iter().next().map_or_else(|| "its names are not known".to_owned(), |first| first.cause)
    })?;
    said.rollback |= incident.rollback;
    let profile = replay.said(&said).map_err(|_| "there are too many different incidents".to_owned())?;
    let change = PastChange { at, duration: None, profile, name: None };
    let is_mismatch = incident.declared.as_ref().is_some_and(|declared| {
        policy.environment(declared).map_or(*declared != incident.environment, |one| one.name != environment.name)
    });
    Ok(match replay.judge(&change).map_err(|error| error.to_string())? {
        PastVerdict::Refused(refusal) => {
            IncidentOutcome::Stopped { windows: refusal.windows, wait: refusal.next_open.map(|open| open.since(at)) }
        }
        PastVerdict::Allowed | PastVerdict::ReachesNothing if is_mismatch => IncidentOutcome::Mismatched,
        PastVerdict::Allowed | PastVerdict::ReachesNothing if said.rollback => IncidentOutcome::RolledBack,
        PastVerdict::Allowed | PastVerdict::ReachesNothing => IncidentOutcome::Open,
    })
}
