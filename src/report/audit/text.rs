//! A report over records for people.

use crate::audit::{AuditOutcome, AuditedDecision, RepositoryReport, RepositoryState, WindowCounts, WindowKey};
use crate::escape::for_terminal;
use crate::policy::duration::elapsed;
use crate::report::audit::{AuditView, NOT_NAMED, counts_text, finding_text, stop_of, telling};
use crate::report::clock::here_or_utc;
use crate::report::record::places;
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING};
use crate::time::instant::Instant;
use crate::time::zone::TimeError;

/// The number of decisions of each outcome that are shown, the newest.
const TOLD_DECISIONS: usize = 20;
/// The number of windows of a repository that are shown, those that refused the most.
const TOLD_WINDOWS: usize = 10;

/// Writes the report, `width` columns wide, with terminal styles in it.
///
/// # Errors
///
/// [`TimeError`] for an instant beyond the range of dates.
pub fn text(view: &AuditView<'_>, width: usize) -> Result<String, TimeError> {
    let mut rows = Rows::default();
    let audited = view.audited;
    let clock = |second: Instant| here_or_utc(view.asker, second, view.now);
    let from = audited.span.from.map(clock).transpose()?.map(|from| format!(" from {from}")).unwrap_or_default();
    let until = audited.span.until.map(clock).transpose()?.map(|until| format!(" until {until}")).unwrap_or_default();
    rows.heading(QUIET, "report", &format!("{from}{until}: {}", counts_text(&audited.counts)));
    for record in view.records {
        rows.row("record", &for_terminal(record), None);
    }
    if audited.left_out > 0 {
        let pushes = if audited.left_out == 1 { "refused push is" } else { "refused pushes are" };
        rows.row("left out", &format!("{} {pushes} not recorded", audited.left_out), None);
    }
    for repository in &audited.repositories {
        tell_repository(&mut rows, view, repository)?;
    }
    let stops = audited.windows.iter().filter_map(|(key, counts)| Some((stop_of(key)?, key, counts)));
    for (name, key, counts) in stops {
        let met = format!(
            "{}, met from {} to {}",
            repository_name(&key.repository),
            clock(counts.first)?,
            clock(counts.last)?
        );
        rows.heading(WARNING, "stop: ", &format!("{}, {met}: {}", for_terminal(&name), window_text(counts)));
    }
    for (outcome, label) in [
        (AuditOutcome::Overridden, "overridden: "),
        (AuditOutcome::Refused, "refused: "),
        (AuditOutcome::WouldBeRefused, "would be refused: "),
    ] {
        let meant = audited.listed.iter().filter(|one| one.outcome == outcome).collect();
        tell_decisions(&mut rows, view, label, meant)?;
    }
    let rollbacks = audited.listed.iter().filter(|one| one.is_rollback() && one.outcome == AuditOutcome::Allowed);
    tell_decisions(&mut rows, view, "rollback: ", rollbacks.collect())?;
    Ok(rows.into_text(width))
}

fn repository_name(name: &Option<String>) -> String {
    name.as_deref().map_or_else(|| NOT_NAMED.to_owned(), |name| for_terminal(name).into_owned())
}

fn tell_repository(rows: &mut Rows, view: &AuditView<'_>, one: &RepositoryReport) -> Result<(), TimeError> {
    let (style, label) = if one.states.is_empty() { (ALLOWED, "repository ") } else { (REFUSED, "behind: ") };
    rows.heading(style, label, &format!("{}, {}", repository_name(&one.name), counts_text(&one.counts)));
    let clock = |second: Instant| here_or_utc(view.asker, second, view.now);
    for state in &one.states {
        let told = match state {
            RepositoryState::NoGate => "no decision in these records: it runs no gate, or another record".to_owned(),
            RepositoryState::AdviceOnly => "no decision is enforced: all are advice".to_owned(),
            RepositoryState::Stale { age } => format!("no decision for {}", elapsed(*age)),
            RepositoryState::OldPolicy { by, since } => {
                format!("by a policy that {} replaced on {}", for_terminal(by), clock(*since)?)
            }
        };
        rows.row(state.as_str(), &told, None);
    }
    if let Some(last) = one.last {
        rows.row("last", &clock(last)?, None);
    }
    if let Some(policy) = &one.policy {
        let short: String = policy.digest.to_string().chars().take(12).collect();
        let of = policy.organisation.as_ref();
        let of = of.map_or_else(String::new, |version| format!(", organisation {} {}", version.name, version.serial));
        rows.row("policy", &for_terminal(&format!("{short}{of}, tzdb {}", policy.tzdb)), None);
    }
    let mut windows: Vec<&(WindowKey, WindowCounts)> =
        view.audited.windows.iter().filter(|(key, _)| key.repository == one.name).collect();
    windows.sort_by_key(|(_, counts)| std::cmp::Reverse((counts.refused, counts.would_be_refused, counts.overridden)));
    for (key, counts) in windows.iter().take(TOLD_WINDOWS) {
        let too_short = if key.code == "window-too-short" { ", too little time before it" } else { "" };
        let id = for_terminal(&key.id);
        rows.row("window", &format!("{id}{too_short}: {}", window_text(counts)), None);
    }
    let more = windows.len().saturating_sub(TOLD_WINDOWS);
    if more > 0 {
        rows.row("more", &format!("{more} other windows: `--format csv --table windows`"), None);
    }
    Ok(())
}

fn window_text(counts: &WindowCounts) -> String {
    let parts =
        [(counts.refused, "refused"), (counts.would_be_refused, "would be refused"), (counts.overridden, "overridden")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    parts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

fn tell_decisions(
    rows: &mut Rows,
    view: &AuditView<'_>,
    label: &str,
    decisions: Vec<&AuditedDecision>,
) -> Result<(), TimeError> {
    let hidden = decisions.len().saturating_sub(TOLD_DECISIONS);
    if hidden > 0 {
        rows.heading(QUIET, label, &format!("{hidden} earlier, not listed here: `--format csv` has all"));
    }
    for decision in decisions.into_iter().skip(hidden) {
        let decided = &decision.decided;
        let repository = repository_name(&decided.repository);
        let when = here_or_utc(view.asker, decided.at, view.now)?;
        rows.heading(WARNING, label, &format!("{repository}, {}, {when}", places(decided)));
        for finding in telling(decided) {
            rows.row("met", &for_terminal(&finding_text(finding)), None);
        }
        for reason in &decided.reasons {
            rows.row("reason", &for_terminal(reason), None);
        }
        if let Some(incident) = &decided.incident {
            rows.row("incident", &for_terminal(incident), None);
        }
        let people = [
            ("by", decided.actor.as_slice()),
            ("requested by", decided.requesters.as_slice()),
            ("signed by", decided.signers.as_slice()),
        ];
        let people: Vec<String> = people
            .iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(word, names)| format!("{word} {}", names.join(", ")))
            .collect();
        if !people.is_empty() {
            rows.row("people", &for_terminal(&people.join(", ")), None);
        }
        let entry = format!("{} of {}", decision.sequence, view.record(decision));
        rows.row("entry", &for_terminal(&entry), None);
    }
    Ok(())
}
