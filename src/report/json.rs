//! A decision for machines: `freezegate/decision/v1`, a contract with types of its own.
//!
//! Instants are RFC 3339 in UTC, durations whole seconds, places `file:line`. What is not known or does not apply is
//! `null`; no key is ever left out.

use serde::Serialize;

use crate::change::ci::{Attempt, Pipeline};
use crate::decision::Finding;
use crate::decision::finding::HeldBack;
use crate::diagnostic::{Diagnostic, Sources};
use crate::policy::{Kind, KindSet, Organisation, OrganisationVersion, StandingStop};
use crate::proof::record::Digest;
use crate::reach::{Because, Reached, ShownHazard};
use crate::report::json_parts::{ErrorItem, FileItem, JsonError, error_item, files, line, utc};
use crate::report::lint::json::{AgainstItem, against_item};
use crate::report::stop::{AnswerReader, place_for, resume_command};
use crate::report::text::typed_only;
use crate::report::{Answer, PlanSummary, Trust};
use crate::time::seconds::Seconds;
use crate::time::zone::{RELEASE, TimeError};

/// The name of this contract.
pub const SCHEMA: &str = "freezegate/decision/v1";

/// The JSON Schema of the contract, as `freezegate schema decision` prints it.
pub const DECISION_SCHEMA: &str = include_str!("decision.schema.json");

#[derive(Debug, Serialize)]
struct DecisionDocument {
    schema: &'static str,
    decision: &'static str,
    mode: &'static str,
    standing: &'static str,
    hypothetical: bool,
    dry_run: bool,
    at: Option<String>,
    valid_until: Option<String>,
    next_open: Option<String>,
    change: Option<ChangeItem>,
    ci: Option<Ci>,
    declared: Option<DeclaredItem>,
    typed_only: Option<TypedOnly>,
    reached: Vec<ReachedItem>,
    not_judged: Vec<ReachedItem>,
    findings: Vec<DecisionFindingItem>,
    policy_edits: Vec<AgainstItem>,
    rollback: Option<RollbackItem>,
    openings: Option<Vec<OpeningItem>>,
    warnings: Vec<String>,
    record: Option<RecordItem>,
    errors: Vec<ErrorItem>,
    policy: Option<PolicyItem>,
    tzdb: &'static str,
}

#[derive(Debug, Serialize)]
struct ChangeItem {
    range: Option<String>,
    tree: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    base: Option<String>,
    kinds: Vec<&'static str>,
    duration_seconds: Seconds,
    plan: Option<PlanItem>,
    manifests: Option<ManifestsItem>,
}

#[derive(Debug, Serialize)]
struct ManifestsItem {
    objects: usize,
    changed: Option<usize>,
}

#[derive(Debug, Serialize)]
struct PlanItem {
    changes: usize,
    moved: usize,
    imported: usize,
    deferred: usize,
    drifted: usize,
    partial: bool,
    made_by: Option<String>,
}

#[derive(Debug, Serialize)]
struct HazardItem {
    name: String,
    changes: Vec<HazardousChangeItem>,
    more: usize,
    reason: Option<String>,
    source: Option<String>,
    policy: String,
}

#[derive(Debug, Serialize)]
struct HazardousChangeItem {
    address: String,
    action: &'static str,
    attributes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Ci {
    provider: &'static str,
    kind: String,
    again: bool,
    environment: Option<String>,
    actor: Option<String>,
    started_by: Option<String>,
    repository: Option<String>,
    run: Option<String>,
    url: Option<String>,
}

#[derive(Debug, Serialize)]
struct DeclaredItem {
    environments: Vec<String>,
    regions: Vec<String>,
    services: Vec<String>,
}

/// An environment that is judged because somebody typed it, and shown by nothing that was compared.
#[derive(Debug, Serialize)]
struct TypedOnly {
    environments: Vec<String>,
    message: String,
}

#[derive(Debug, Serialize)]
struct ReachedItem {
    environment: String,
    region: Option<String>,
    service: Option<String>,
    kinds: Vec<&'static str>,
    because: String,
    policy: Option<String>,
}

#[derive(Debug, Serialize)]
struct DecisionFindingItem {
    code: &'static str,
    id: String,
    level: &'static str,
    environment: Option<String>,
    region: Option<String>,
    because: Option<String>,
    window: Option<String>,
    timezone: Option<&'static str>,
    local_time: Option<String>,
    from: Option<String>,
    until: Option<String>,
    policy: Option<String>,
    reason: Option<String>,
    hazards: Vec<HazardItem>,
    lifted_by: Option<String>,
    message: String,
    routes: Option<RoutesItem>,
    stop: Option<StopItem>,
    rollout: Option<RolloutItem>,
}

/// The levels that a roll-out holds back.
#[derive(Debug, Serialize)]
struct RolloutItem {
    level: &'static str,
    next_level: &'static str,
    next_from: String,
    policy: String,
}

/// A request, and who answers it.
#[derive(Debug, Serialize)]
struct RoutesItem {
    request: Option<String>,
    before: String,
    after: String,
    line: u64,
}

/// A stop for machines.
#[derive(Debug, Serialize)]
pub(super) struct StopItem {
    id: String,
    incident: Option<String>,
    reason: Option<String>,
    by: String,
    from: String,
    until: String,
    place: String,
    signed: Vec<String>,
    resume: String,
}

#[derive(Debug, Serialize)]
struct RollbackItem {
    shown: bool,
    to: Option<String>,
    message: String,
}

#[derive(Debug, Serialize)]
struct RecordItem {
    sequence: u64,
    hash: Digest,
}

#[derive(Debug, Serialize)]
struct OpeningItem {
    from: String,
    until: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct PolicyItem {
    pub(super) files: Vec<FileItem>,
    pub(super) digest: Option<String>,
    pub(super) from: String,
    /// The organisation's policy that it follows.
    pub(super) organisation: Option<OrganisationVersion>,
}

/// The answer as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] if an instant can't be shown, or the document can't be encoded.
pub fn answer(answer: &Answer<'_>) -> Result<String, JsonError> {
    let decision = answer.decision;
    let document = DecisionDocument {
        schema: SCHEMA,
        decision: crate::report::decision(decision.verdict),
        mode: answer.mode.as_str(),
        standing: match answer.trust {
            Trust::Advice => "advice",
            Trust::Enforcement => "enforcement",
        },
        hypothetical: answer.hypothetical,
        dry_run: answer.dry_run,
        at: Some(utc(decision.at)?),
        valid_until: decision.valid_until.map(utc).transpose()?,
        next_open: decision.next_open.map(utc).transpose()?,
        change: Some(ChangeItem {
            range: answer.evidence.and_then(|evidence| evidence.range.clone()),
            tree: answer.evidence.and_then(|evidence| evidence.tree.clone()),
            reference: answer.evidence.and_then(|evidence| evidence.reference.clone()),
            base: answer.evidence.map(|evidence| evidence.base.clone()),
            kinds: kinds(answer.kinds),
            duration_seconds: answer.duration,
            plan: answer.evidence.and_then(|evidence| evidence.plan.as_ref()).map(plan_item),
            manifests: answer
                .evidence
                .and_then(|evidence| evidence.manifests)
                .map(|one| ManifestsItem { objects: one.objects, changed: one.changed }),
        }),
        ci: answer.pipeline.map(ci),
        declared: Some(DeclaredItem {
            environments: answer.declared.environments.clone(),
            regions: answer.declared.regions.clone(),
            services: answer.declared.services.clone(),
        }),
        typed_only: typed_only(answer).map(|message| TypedOnly {
            environments: answer.reach.only_said().into_iter().map(|one| one.name.clone()).collect(),
            message,
        }),
        reached: answer.reach.reached.iter().map(|reached| reached_item(answer, reached)).collect(),
        not_judged: answer.reach.left_out.iter().map(|reached| reached_item(answer, reached)).collect(),
        findings: decision.findings.iter().map(|finding| finding_item(answer, finding)).collect::<Result<_, _>>()?,
        policy_edits: answer.edits.iter().map(against_item).collect::<Result<_, _>>()?,
        rollback: answer.way_back.map(|back| RollbackItem {
            shown: back.shown,
            to: back.to.clone(),
            message: back.message.clone(),
        }),
        openings: match answer.openings {
            None => None,
            Some(openings) => Some(
                openings
                    .iter()
                    .map(|opening| {
                        Ok(OpeningItem { from: utc(opening.from)?, until: opening.until.map(utc).transpose()? })
                    })
                    .collect::<Result<_, TimeError>>()?,
            ),
        },
        warnings: answer.warnings.to_vec(),
        record: answer.recorded.map(|entry| RecordItem { sequence: entry.sequence, hash: entry.hash }),
        errors: Vec::new(),
        policy: Some(PolicyItem {
            files: files(&answer.policy.sources),
            digest: Some(answer.policy.sources.digest()),
            from: answer.policy_from.to_owned(),
            organisation: answer.policy.followed().map(Organisation::version),
        }),
        tzdb: RELEASE.name,
    };
    line(&document)
}

/// No decision, and why, as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn undecided(mode: &'static str, diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    let document = DecisionDocument {
        schema: SCHEMA,
        decision: "undecided",
        mode,
        standing: "advice",
        hypothetical: false,
        dry_run: false,
        at: None,
        valid_until: None,
        next_open: None,
        change: None,
        ci: None,
        declared: None,
        typed_only: None,
        reached: Vec::new(),
        not_judged: Vec::new(),
        findings: Vec::new(),
        policy_edits: Vec::new(),
        rollback: None,
        openings: None,
        warnings: Vec::new(),
        record: None,
        errors: diagnostics.iter().map(|diagnostic| error_item(diagnostic, sources)).collect(),
        policy: (!sources.files().is_empty()).then(|| PolicyItem {
            files: files(sources),
            digest: None,
            from: "work tree".to_owned(),
            organisation: None,
        }),
        tzdb: RELEASE.name,
    };
    line(&document)
}

fn ci(pipeline: &Pipeline) -> Ci {
    Ci {
        provider: pipeline.provider.key(),
        kind: pipeline.kind.to_string(),
        again: pipeline.attempt == Attempt::Again,
        environment: pipeline.environment.clone(),
        actor: pipeline.actor.clone(),
        started_by: pipeline.started_by.clone(),
        repository: pipeline.repository.clone(),
        run: pipeline.run.clone(),
        url: pipeline.url.clone(),
    }
}

fn kinds(kinds: KindSet) -> Vec<&'static str> {
    kinds.iter().map(Kind::as_str).collect()
}

fn reached_item(answer: &Answer<'_>, reached: &Reached) -> ReachedItem {
    let (because, policy) = match &reached.because {
        Because::Declared => ("declared".to_owned(), None),
        Because::Shown { what, policy }
        | Because::Job { what, policy }
        | Because::Possible { what, policy }
        | Because::PolicyEdit { what, policy }
        | Because::Routes { what, policy } => (what.clone(), Some(answer.policy.sources.cite(*policy))),
    };
    ReachedItem {
        environment: reached.environment.name.clone(),
        region: reached.region.as_ref().map(|region| region.name.clone()),
        service: reached.service.as_ref().map(|service| service.name.clone()),
        kinds: kinds(reached.kinds),
        because,
        policy,
    }
}

fn plan_item(plan: &PlanSummary) -> PlanItem {
    PlanItem {
        changes: plan.changes,
        moved: plan.moved,
        imported: plan.imported,
        deferred: plan.deferred,
        drifted: plan.drifted,
        partial: plan.is_partial,
        made_by: plan.made_by.clone(),
    }
}

fn hazard_item(answer: &Answer<'_>, shown: &ShownHazard) -> HazardItem {
    HazardItem {
        name: shown.hazard.name.clone(),
        changes: shown
            .changes
            .iter()
            .map(|change| HazardousChangeItem {
                address: change.address.clone(),
                action: change.action.as_str(),
                attributes: change.attributes.clone(),
            })
            .collect(),
        more: shown.more,
        reason: shown.hazard.reason.clone(),
        source: shown.hazard.source.clone(),
        policy: answer.policy.sources.cite(shown.hazard.place),
    }
}

fn finding_item(answer: &Answer<'_>, finding: &Finding) -> Result<DecisionFindingItem, TimeError> {
    let met = finding.window.as_ref();
    let local = met.map(|met| met.zone.local(answer.decision.at)).transpose()?;
    Ok(DecisionFindingItem {
        code: finding.code.as_str(),
        id: finding.id.to_string(),
        level: finding.level.as_str(),
        environment: finding.environment.clone(),
        region: finding.region.clone(),
        because: finding.what.clone(),
        window: met.map(|met| met.text.clone()),
        timezone: met.map(|met| met.zone.name()),
        local_time: local.map(|clock| clock.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()),
        from: met.and_then(|met| met.from).map(utc).transpose()?,
        until: met.and_then(|met| met.until).map(utc).transpose()?,
        policy: finding.place.map(|place| answer.policy.sources.cite(place)),
        reason: finding.reason.clone(),
        hazards: finding.hazards.iter().map(|shown| hazard_item(answer, shown)).collect(),
        lifted_by: finding.lifted_by.clone(),
        message: finding.message.clone(),
        routes: finding.proof.as_ref().map(|proof| RoutesItem {
            request: proof.request.clone(),
            before: proof.before.clone(),
            after: proof.after.clone(),
            line: proof.line,
        }),
        stop: answer
            .policy
            .stops
            .of_finding(&finding.id)
            .map(|stop| stop_item(stop, AnswerReader::of(answer)))
            .transpose()?,
        rollout: finding.held_back.map(|held_back| rollout_item(answer, held_back)).transpose()?,
    })
}

/// A stop for machines.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub(super) fn stop_item(stop: &StandingStop, reader: AnswerReader) -> Result<StopItem, TimeError> {
    Ok(StopItem {
        id: stop.id.clone(),
        incident: stop.incident.clone(),
        reason: stop.reason.clone(),
        by: stop.by.clone(),
        from: utc(stop.from)?,
        until: utc(stop.until)?,
        place: stop.place.written().to_owned(),
        signed: stop.signed.clone(),
        resume: resume_command(&stop.id, &place_for(stop, reader)),
    })
}

fn rollout_item(answer: &Answer<'_>, held_back: HeldBack) -> Result<RolloutItem, TimeError> {
    Ok(RolloutItem {
        level: held_back.own.as_str(),
        next_level: held_back.next.as_str(),
        next_from: utc(held_back.from)?,
        policy: answer.policy.sources.cite(held_back.place),
    })
}
