//! A report over records: for people, for spreadsheets, and for machines as `freezegate/report/v1`.

use crate::audit::{AuditCounts, Audited, AuditedDecision, WindowKey};
use crate::policy::FindingId;
use crate::proof::record::{Decided, RecordedFinding};
use crate::time::instant::Instant;
use crate::time::zone::Zone;

pub mod csv;
pub mod json;
pub mod text;

/// A report, with what is said of it.
#[derive(Debug, Clone, Copy)]
pub struct AuditView<'v> {
    /// The contents of the records.
    pub audited: &'v Audited,
    /// The place where the records are kept, in the order of the command line.
    pub records: &'v [String],
    /// The instant of the report, in seconds since 1970-01-01T00:00:00Z.
    pub now: Instant,
    /// The zone in which the one who asks reads the clock.
    pub asker: Option<&'v Zone>,
}

impl AuditView<'_> {
    /// Returns where the record of a decision is kept.
    fn record(&self, decision: &AuditedDecision) -> &str {
        self.records.get(decision.record).map_or("", String::as_str)
    }
}

/// The text that stands for the repository of decisions that name none.
const NOT_NAMED: &str = "(not named)";

/// The name of the stop that a window is, if it is one.
fn stop_of(key: &WindowKey) -> Option<String> {
    FindingId::read(&key.id)?.stop().map(str::to_owned)
}

/// The findings of a decision that say how it came out: what refuses, what would, and what is overridden; all if nothing does.
fn telling(decided: &Decided) -> Vec<&RecordedFinding> {
    let listed = decided.findings.iter().filter(|finding| finding.unlisted().is_none());
    let tells = |finding: &&RecordedFinding| finding.level.refuses() || finding.is_held_back();
    let telling: Vec<&RecordedFinding> = listed.clone().filter(tells).collect();
    if telling.is_empty() { listed.collect() } else { telling }
}

/// `core-hours/us (hard)`, with what a roll-out holds back, and what lifts it.
fn finding_text(finding: &RecordedFinding) -> String {
    let level = finding.level.as_str();
    let held_back = finding.policy_level.map_or_else(String::new, |own| format!(", later {}", own.as_str()));
    let lifted = finding.lifted_by.as_ref().map_or_else(String::new, |by| format!(", {by}"));
    format!("{} ({level}{held_back}{lifted})", finding.id)
}

/// `12 decisions: 2 refused, 1 overridden`, what is none left out.
fn counts_text(counts: &AuditCounts) -> String {
    let AuditCounts { decisions, refused, overridden, would_be_refused, rollbacks, advice } = *counts;
    let noun = if decisions == 1 { "decision" } else { "decisions" };
    let parts = [
        (refused, "refused"),
        (overridden, "overridden"),
        (would_be_refused, "would be refused"),
        (rollbacks, if rollbacks == 1 { "rollback" } else { "rollbacks" }),
        (advice, "advice"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() { format!("{decisions} {noun}") } else { format!("{decisions} {noun}: {}", parts.join(", ")) }
}
