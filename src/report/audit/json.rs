//! A report over records for machines: `freezegate/report/v1`.

use serde::Serialize;

use crate::audit::{AuditCounts, AuditedDecision, RepositoryReport, RepositoryState, WindowCounts, WindowKey};
use crate::diagnostic::{Diagnostic, Sources};
use crate::policy::OrganisationVersion;
use crate::proof::record::{RecordedFinding, RecordedStanding};
use crate::report::audit::{AuditView, stop_of};
use crate::report::json_parts::{ErrorItem, JsonError, error_item, line, utc};
use crate::time::zone::TimeError;

/// The name of the contract.
pub const SCHEMA: &str = "freezegate/report/v1";

/// The JSON Schema of the contract, as `freezegate schema report` prints it.
pub const REPORT_SCHEMA: &str = include_str!("../report.schema.json");

#[derive(Debug, Serialize)]
struct AuditDocument {
    schema: &'static str,
    result: &'static str,
    at: Option<String>,
    from: Option<String>,
    until: Option<String>,
    records: Vec<String>,
    totals: Option<CountsItem>,
    left_out: u64,
    repositories: Vec<RepositoryItem>,
    windows: Vec<AuditWindowItem>,
    decisions: Vec<DecisionItem>,
    errors: Vec<ErrorItem>,
}

#[derive(Debug, Serialize)]
struct CountsItem {
    decisions: u64,
    refused: u64,
    overridden: u64,
    would_be_refused: u64,
    rollbacks: u64,
    advice: u64,
}

#[derive(Debug, Serialize)]
struct RepositoryItem {
    repository: Option<String>,
    states: Vec<RepositoryStateItem>,
    last: Option<String>,
    policy: Option<String>,
    organisation: Option<OrganisationVersion>,
    tzdb: Option<String>,
    #[serde(flatten)]
    counts: CountsItem,
}

#[derive(Debug, Serialize)]
struct RepositoryStateItem {
    state: &'static str,
    replaced_by: Option<String>,
    replaced_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct AuditWindowItem {
    repository: Option<String>,
    id: String,
    code: String,
    stop: bool,
    refused: u64,
    would_be_refused: u64,
    overridden: u64,
    first: String,
    last: String,
}

#[derive(Debug, Serialize)]
struct DecisionItem {
    at: String,
    repository: Option<String>,
    outcome: &'static str,
    rollback: bool,
    reached: Vec<PlaceItem>,
    findings: Vec<AuditFindingItem>,
    reasons: Vec<String>,
    incident: Option<String>,
    actor: Option<String>,
    requesters: Vec<String>,
    signers: Vec<String>,
    standing: &'static str,
    mode: &'static str,
    policy: String,
    policy_commit: Option<String>,
    record: usize,
    entry: u64,
    hash: String,
}

#[derive(Debug, Serialize)]
struct PlaceItem {
    environment: String,
    region: Option<String>,
    service: Option<String>,
}

#[derive(Debug, Serialize)]
struct AuditFindingItem {
    id: String,
    code: String,
    level: &'static str,
    policy_level: Option<&'static str>,
    environment: Option<String>,
    region: Option<String>,
    lifted_by: Option<String>,
}

/// Writes the report as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] if an instant can't be shown, or the document can't be encoded.
pub fn json(view: &AuditView<'_>) -> Result<String, JsonError> {
    let audited = view.audited;
    line(&AuditDocument {
        schema: SCHEMA,
        result: "answered",
        at: Some(utc(view.now)?),
        from: audited.span.from.map(utc).transpose()?,
        until: audited.span.until.map(utc).transpose()?,
        records: view.records.to_vec(),
        totals: Some(counts_item(&audited.counts)),
        left_out: audited.left_out,
        repositories: audited.repositories.iter().map(repository_item).collect::<Result<_, _>>()?,
        windows: audited.windows.iter().map(window_item).collect::<Result<_, _>>()?,
        decisions: audited.listed.iter().map(decision_item).collect::<Result<_, _>>()?,
        errors: Vec::new(),
    })
}

/// That there is no report, and why; as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn undecided(diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    line(&AuditDocument {
        schema: SCHEMA,
        result: "undecided",
        at: None,
        from: None,
        until: None,
        records: Vec::new(),
        totals: None,
        left_out: 0,
        repositories: Vec::new(),
        windows: Vec::new(),
        decisions: Vec::new(),
        errors: diagnostics.iter().map(|diagnostic| error_item(diagnostic, sources)).collect(),
    })
}

const fn counts_item(counts: &AuditCounts) -> CountsItem {
    let AuditCounts { decisions, refused, overridden, would_be_refused, rollbacks, advice } = *counts;
    CountsItem { decisions, refused, overridden, would_be_refused, rollbacks, advice }
}

fn repository_item(one: &RepositoryReport) -> Result<RepositoryItem, TimeError> {
    let state = |state: &RepositoryState| {
        let (replaced_by, replaced_at) = match state {
            RepositoryState::OldPolicy { by, since } => (Some(by.clone()), Some(utc(*since)?)),
            RepositoryState::NoGate | RepositoryState::AdviceOnly | RepositoryState::Stale { .. } => (None, None),
        };
        Ok(RepositoryStateItem { state: state.as_str(), replaced_by, replaced_at })
    };
    Ok(RepositoryItem {
        repository: one.name.clone(),
        states: one.states.iter().map(state).collect::<Result<_, TimeError>>()?,
        last: one.last.map(utc).transpose()?,
        policy: one.policy.as_ref().map(|policy| policy.digest.to_string()),
        organisation: one.policy.as_ref().and_then(|policy| policy.organisation.clone()),
        tzdb: one.policy.as_ref().map(|policy| policy.tzdb.clone()),
        counts: counts_item(&one.counts),
    })
}

fn window_item((key, counts): &(WindowKey, WindowCounts)) -> Result<AuditWindowItem, TimeError> {
    Ok(AuditWindowItem {
        repository: key.repository.clone(),
        id: key.id.clone(),
        code: key.code.clone(),
        stop: stop_of(key).is_some(),
        refused: counts.refused,
        would_be_refused: counts.would_be_refused,
        overridden: counts.overridden,
        first: utc(counts.first)?,
        last: utc(counts.last)?,
    })
}

fn decision_item(one: &AuditedDecision) -> Result<DecisionItem, TimeError> {
    let decided = &one.decided;
    let finding = |finding: &RecordedFinding| AuditFindingItem {
        id: finding.id.clone(),
        code: finding.code.clone(),
        level: finding.level.as_str(),
        policy_level: finding.policy_level.map(crate::policy::Level::as_str),
        environment: finding.environment.clone(),
        region: finding.region.clone(),
        lifted_by: finding.lifted_by.clone(),
    };
    let reached = decided.reached.iter().map(|place| PlaceItem {
        environment: place.environment.clone(),
        region: place.region.clone(),
        service: place.service.clone(),
    });
    Ok(DecisionItem {
        at: utc(decided.at)?,
        repository: decided.repository.clone(),
        outcome: one.outcome.as_str(),
        rollback: one.is_rollback(),
        reached: reached.collect(),
        findings: decided.findings.iter().map(finding).collect(),
        reasons: decided.reasons.clone(),
        incident: decided.incident.clone(),
        actor: decided.actor.clone(),
        requesters: decided.requesters.clone(),
        signers: decided.signers.clone(),
        standing: match decided.standing {
            RecordedStanding::Advice => "advice",
            RecordedStanding::Enforcement => "enforcement",
        },
        mode: decided.mode.as_str(),
        policy: decided.policy.to_string(),
        policy_commit: decided.policy_commit.clone(),
        record: one.record,
        entry: one.sequence,
        hash: one.hash.to_string(),
    })
}
