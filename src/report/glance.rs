//! All environments at a glance: for people, and for machines as `freezegate/status/v1`.

use std::sync::Arc;

use serde::Serialize;

use crate::decision::glance::{AllRegions, Glance};
use crate::decision::{Decision, Finding, FindingCode, Verdict};
use crate::diagnostic::{Diagnostic, Sources};
use crate::escape::for_terminal;
use crate::policy::{FindingId, Policy, Rollout, RolloutStage};
use crate::report::clock::{everywhere, here_or_utc, last_start, local, until, wall};
use crate::report::json::{StopItem, stop_item};
use crate::report::json_parts::{ErrorItem, FileItem, JsonError, error_item, files, line, utc};
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING, glued};
use crate::report::shift::{ShiftItem, ShiftLog};
use crate::report::stop::{AnswerReader, resume_way};
use crate::report::stopped_kinds::{STOPS_ONLY, stopped};
use crate::report::window_text::{UNTIL_UPDATED, further, others_follow, reason};
use crate::report::{decision, environment_in};
use crate::shell::shell_word;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::{RELEASE, TimeError, Zone};

/// The name of the contract for machines.
pub const SCHEMA: &str = "freezegate/status/v1";

/// The JSON Schema of the contract, as `freezegate schema status` prints it.
pub const STATUS_SCHEMA: &str = include_str!("status.schema.json");

/// The state at an instant.
#[derive(Debug, Clone, Copy)]
pub struct AtAGlance<'g> {
    /// The instant, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// True if somebody asked about another time than now.
    pub hypothetical: bool,
    /// The states, environment by environment.
    pub glances: &'g [Glance],
    /// The states of all regions together, of environments of whose regions not the same holds.
    pub all_regions: &'g [AllRegions],
    /// The policy.
    pub policy: &'g Policy,
    /// The zone in which the one who asks reads the clock.
    pub asker: Option<&'g Zone>,
    /// The overrides and refusals before, if a record was asked.
    pub shift: Option<&'g ShiftLog>,
}

/// For people: what is open and until when, and what is closed, until when and why.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown in a zone.
pub fn text(all: &AtAGlance<'_>, width: usize) -> Result<String, TimeError> {
    let mut rows = Rows::default();
    let now = all.at;
    if all.hypothetical {
        let at = everywhere(&[], None, now, Instant::EPOCH)?;
        rows.heading(QUIET, "hypothetical: ", &format!("as if it were {at}"));
    }
    let mut shown: Vec<&FindingId> = Vec::new();
    let mut glances = all.glances.iter().peekable();
    while let Some(one) = glances.next() {
        let zones: Vec<&Zone> =
            one.regions.iter().filter_map(|region| region.zones.first()).map(AsRef::as_ref).collect();
        let clock = |second: Instant| -> Result<String, TimeError> {
            let zone = zones.get(..1).unwrap_or_default();
            Ok(format!("{}, {}", everywhere(zone, all.asker, second, now)?, until(second, now)))
        };
        let findings = &one.decision.findings;
        let zone = zones.first().copied();
        let utc = Zone::named("UTC").ok_or(TimeError::UnreadableRules("UTC"))?;
        let began = |since: Instant| since_when(one, since, zone.or(all.asker).unwrap_or(&utc), now);
        let since = one.since.map(began).transpose()?.unwrap_or_default();
        let place = format!("{}{since}", for_terminal(&places(one)));
        state(&mut rows, &one.decision, (&place, one.runway), clock)?;
        if let Some((rollout, next)) = stage_of(one, now) {
            let begins = here_or_utc(all.asker.or(zone), next.from, now)?;
            let (level, next) = (rollout.strictest_at(now).as_str(), next.level.as_str());
            let cite = all.policy.sources.cite(rollout.place);
            rows.row("roll-out", &format!("at most {level} until {begins}, then {next}"), Some(&cite));
        }
        for finding in findings {
            let label = match finding.refuses() {
                true if finding.code == FindingCode::WindowTooShort => "because",
                true => "closed by",
                false => "warning",
            };
            let cite = finding.place.map(|place| all.policy.sources.cite(place));
            let Some(stop) = all.policy.stops.of_finding(&finding.id) else {
                rows.row(label, &for_terminal(&reason(finding)), cite.as_deref());
                if let Some(kinds) = stopped(all.policy, finding).filter(|_| finding.refuses()) {
                    let check = glued(&format!("freezegate check {} --kind KIND", shell_word(&one.environment.name)));
                    rows.row(STOPS_ONLY, &format!("{kinds}; for another kind, run `{check}`"), None);
                }
                continue;
            };
            let end = finding.window.as_ref().and_then(|met| met.until);
            let end = end.map(|end| here_or_utc(all.asker.or(zone), end, now)).transpose()?;
            let end = end.map_or_else(String::new, |end| format!(" until {end}"));
            rows.row(
                label,
                &format!("{}{end}, {}", for_terminal(&stop.freeze), finding.level.as_str()),
                cite.as_deref(),
            );
            // why, and how it ends, is the same wherever it closes
            if shown.contains(&&finding.id) {
                continue;
            }
            shown.push(&finding.id);
            rows.row("because", &for_terminal(finding.reason.as_deref().unwrap_or_default()), None);
            rows.row("resume", &resume_way(all.policy, stop, AnswerReader::Here), None);
        }
        let is_last = glances.peek().is_none_or(|next| !Arc::ptr_eq(&next.environment, &one.environment));
        let together = all.all_regions.iter().find(|all| Arc::ptr_eq(&all.environment, &one.environment));
        if let Some(together) = together.filter(|_| is_last) {
            together_rows(&mut rows, together, all)?;
        }
    }
    for doubt in &all.policy.stops.doubts {
        rows.heading(WARNING, "warning: ", doubt);
    }
    if let Some(shift) = all.shift {
        shift.tell(&mut rows, all.asker, now)?;
    }
    Ok(rows.into_text(width))
}

/// Returns whether a place is open, but not for long enough.
fn is_too_late(decision: &Decision) -> bool {
    decision.findings.iter().filter(|one| one.refuses()).all(|one| one.code == FindingCode::WindowTooShort)
}

/// Adds whether a place is open or closed, and until when, `clock` showing an instant.
fn state(
    rows: &mut Rows,
    decision: &Decision,
    (place, runway): (&str, Seconds),
    clock: impl Fn(Instant) -> Result<String, TimeError>,
) -> Result<(), TimeError> {
    const NEVER: &str = "not within 400 days";
    let (style, word) = match decision.verdict {
        Verdict::Allowed => (ALLOWED, "open: "),
        Verdict::Refused if is_too_late(decision) => (REFUSED, "too late: "),
        Verdict::Refused => (REFUSED, "closed: "),
    };
    rows.heading(style, word, place);
    let (label, end) = match decision.verdict {
        Verdict::Refused => ("opens", decision.next_open),
        Verdict::Allowed => match decision.valid_until.and_then(last_start) {
            Some(last) => ("last start", Some(last)),
            None => ("closes", decision.valid_until),
        },
    };
    let further = match decision.next_open.filter(|_| decision.verdict == Verdict::Refused) {
        Some(open) if others_follow(decision.findings.iter(), open) => further(runway),
        Some(_) | None => "",
    };
    let is_stale = |one: &Finding| one.refuses() && one.code == FindingCode::StaleCalendar;
    let never = if decision.findings.iter().any(is_stale) { UNTIL_UPDATED } else { NEVER };
    let end = end.map(clock).transpose()?.unwrap_or_else(|| never.to_owned());
    rows.row(label, &format!("{end}{further}"), None);
    Ok(())
}

/// Adds what holds for all regions of an environment at once. Its end is on the clock of the region that ends then.
fn together_rows(rows: &mut Rows, together: &AllRegions, all: &AtAGlance<'_>) -> Result<(), TimeError> {
    let AllRegions { environment, decision } = together;
    let end = |decision: &Decision| match decision.verdict {
        Verdict::Allowed => decision.valid_until,
        Verdict::Refused => decision.next_open,
    };
    let of_region = all.glances.iter().filter(|one| Arc::ptr_eq(&one.environment, environment));
    let same = of_region.filter(|one| one.decision.verdict == decision.verdict && end(&one.decision) == end(decision));
    let zone = same.flat_map(|one| &one.regions).find_map(|region| region.zones.first());
    let clock = |second: Instant| -> Result<String, TimeError> {
        let zones: Vec<&Zone> = zone.map(AsRef::as_ref).into_iter().collect();
        Ok(format!("{}, {}", everywhere(&zones, all.asker, second, all.at)?, until(second, all.at)))
    };
    let place = format!("{}, to a change of all regions at once", for_terminal(&environment.name));
    state(rows, decision, (&place, environment.duration.saturating_add(environment.settle)), clock)
}

/// Since when it is so, `second` being the answer's own instant: a window since it began, and since when no change could end before it.
fn since_when(one: &Glance, second: Instant, zone: &Zone, now: Instant) -> Result<String, TimeError> {
    let is_refused = one.decision.verdict == Verdict::Refused && one.runway > Seconds::ZERO;
    // to start exactly one runway before the window is in time
    let Some(last) = last_start(second).filter(|_| is_refused) else {
        return Ok(format!(", since {}", local(zone, second, now)?));
    };
    let window = last.saturating_add(one.runway);
    if window > now {
        return Ok(format!(", no start since {}", local(zone, last, now)?));
    }
    let (from, before) = (wall(zone, window, now)?, wall(zone, last, now)?);
    // one day is named once
    let before = match (from.rsplit_once(' '), before.rsplit_once(' ')) {
        (Some((day, _)), Some((same, time))) if day == same => time.to_owned(),
        (Some(_) | None, Some(_) | None) => before,
    };
    Ok(format!(", since {}; no start since {before}", local(zone, window, now)?))
}

/// The roll-out of an environment and its next stage, if that has not begun at `now`.
fn stage_of(one: &Glance, now: Instant) -> Option<(&Rollout, &RolloutStage)> {
    let rollout = one.environment.rollout.as_ref()?;
    Some((rollout, rollout.next_after(now)?))
}

fn places(one: &Glance) -> String {
    let regions: Vec<&str> = one.regions.iter().map(|region| region.name.as_str()).collect();
    environment_in(&one.environment, &regions)
}

#[derive(Debug, Serialize)]
struct GlanceDocument {
    schema: &'static str,
    result: &'static str,
    at: Option<String>,
    hypothetical: bool,
    environments: Vec<GlanceItem>,
    all_regions: Vec<AllRegionsItem>,
    record: Option<ShiftItem>,
    warnings: Vec<String>,
    errors: Vec<ErrorItem>,
    policy: Vec<FileItem>,
    tzdb: &'static str,
}

#[derive(Debug, Serialize)]
struct GlanceItem {
    environment: String,
    regions: Vec<String>,
    decision: &'static str,
    since: Option<String>,
    valid_until: Option<String>,
    next_open: Option<String>,
    findings: Vec<ReasonItem>,
    rollout: Option<StageItem>,
}

#[derive(Debug, Serialize)]
struct AllRegionsItem {
    environment: String,
    decision: &'static str,
    valid_until: Option<String>,
    next_open: Option<String>,
}

#[derive(Debug, Serialize)]
struct StageItem {
    level: &'static str,
    next_level: &'static str,
    next_from: String,
    policy: String,
}

#[derive(Debug, Serialize)]
struct ReasonItem {
    code: &'static str,
    level: &'static str,
    window: Option<String>,
    until: Option<String>,
    policy: Option<String>,
    reason: Option<String>,
    message: String,
    stop: Option<StopItem>,
}

/// The same as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] if an instant can't be shown, or the document can't be encoded.
pub fn json(all: &AtAGlance<'_>) -> Result<String, JsonError> {
    line(&GlanceDocument {
        schema: SCHEMA,
        result: "answered",
        at: Some(utc(all.at)?),
        hypothetical: all.hypothetical,
        environments: all.glances.iter().map(|one| glance_item(one, all.at, all.policy)).collect::<Result<_, _>>()?,
        all_regions: all.all_regions.iter().map(all_regions_item).collect::<Result<_, _>>()?,
        record: all.shift.map(ShiftLog::item).transpose()?,
        warnings: all.policy.stops.doubts.clone(),
        errors: Vec::new(),
        policy: files(&all.policy.sources),
        tzdb: RELEASE.name,
    })
}

/// That there is no answer, and why; as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn undecided(diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    line(&GlanceDocument {
        schema: SCHEMA,
        result: "undecided",
        at: None,
        hypothetical: false,
        environments: Vec::new(),
        all_regions: Vec::new(),
        record: None,
        warnings: Vec::new(),
        errors: diagnostics.iter().map(|diagnostic| error_item(diagnostic, sources)).collect(),
        policy: files(sources),
        tzdb: RELEASE.name,
    })
}

fn stage_item(rollout: &Rollout, next: &RolloutStage, now: Instant, sources: &Sources) -> Result<StageItem, TimeError> {
    Ok(StageItem {
        level: rollout.strictest_at(now).as_str(),
        next_level: next.level.as_str(),
        next_from: utc(next.from)?,
        policy: sources.cite(rollout.place),
    })
}

fn all_regions_item(one: &AllRegions) -> Result<AllRegionsItem, TimeError> {
    Ok(AllRegionsItem {
        environment: one.environment.name.clone(),
        decision: decision(one.decision.verdict),
        valid_until: one.decision.valid_until.map(utc).transpose()?,
        next_open: one.decision.next_open.map(utc).transpose()?,
    })
}

fn glance_item(one: &Glance, now: Instant, policy: &Policy) -> Result<GlanceItem, TimeError> {
    let findings = one.decision.findings.iter().map(|finding| {
        Ok(ReasonItem {
            code: finding.code.as_str(),
            level: finding.level.as_str(),
            window: finding.window.as_ref().map(|met| met.text.clone()),
            until: finding.window.as_ref().and_then(|met| met.until).map(utc).transpose()?,
            policy: finding.place.map(|place| policy.sources.cite(place)),
            reason: finding.reason.clone(),
            message: finding.message.clone(),
            stop: policy.stops.of_finding(&finding.id).map(|stop| stop_item(stop, AnswerReader::Here)).transpose()?,
        })
    });
    Ok(GlanceItem {
        environment: one.environment.name.clone(),
        regions: one.regions.iter().map(|region| region.name.clone()).collect(),
        decision: decision(one.decision.verdict),
        since: one.since.map(utc).transpose()?,
        valid_until: one.decision.valid_until.map(utc).transpose()?,
        next_open: one.decision.next_open.map(utc).transpose()?,
        findings: findings.collect::<Result<_, TimeError>>()?,
        rollout: stage_of(one, now)
            .map(|(rollout, next)| stage_item(rollout, next, now, &policy.sources))
            .transpose()?,
    })
}
