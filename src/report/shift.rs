//! What the next shift has to know of the decisions before it: overrides and refusals.

use std::collections::VecDeque;

use serde::Serialize;

use crate::escape::for_terminal;
use crate::proof::record::{Decided, RecordEntry, RecordedOutcome};
use crate::report::clock::here_or_utc;
use crate::report::json_parts::utc;
use crate::report::record::places;
use crate::report::rows::{QUIET, Rows};
use crate::time::instant::Instant;
use crate::time::zone::{TimeError, Zone};

/// The most overrides, and the most refusals, that are kept, the newest. All are counted.
const MOST: usize = 100;
/// The most of each that are printed for people.
const TOLD: usize = 10;

/// The overrides and refusals of a time.
#[derive(Debug)]
pub struct ShiftLog {
    since: Instant,
    decisions: u64,
    overrides: NewestDecisions,
    refusals: NewestDecisions,
    /// The number of refused pushes that are not recorded.
    left_out: u64,
}

#[derive(Debug, Default)]
struct NewestDecisions {
    count: u64,
    newest: VecDeque<Decided>,
}

impl NewestDecisions {
    fn add(&mut self, decided: &Decided) {
        self.count = self.count.saturating_add(1);
        self.newest.push_back(decided.clone());
        if self.newest.len() > MOST {
            self.newest.pop_front();
        }
    }
}

impl ShiftLog {
    /// Begins with the decisions from `since` on, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn new(since: Instant) -> Self {
        Self {
            since,
            decisions: 0,
            overrides: NewestDecisions::default(),
            refusals: NewestDecisions::default(),
            left_out: 0,
        }
    }

    /// Takes the next entry of a record in, if it is of an environment of `environments` and of the time.
    pub fn add(&mut self, entry: &RecordEntry, is_asked: impl Fn(&str) -> bool) {
        let decided = &entry.decided;
        if decided.at < self.since {
            return;
        }
        self.left_out = self.left_out.saturating_add(entry.left_out);
        // one that reaches nothing is of no environment that could be named
        let mut environments = decided.environments().peekable();
        if environments.peek().is_some() && !environments.any(is_asked) {
            return;
        }
        self.decisions = self.decisions.saturating_add(1);
        match decided.decision {
            RecordedOutcome::Refused => self.refusals.add(decided),
            RecordedOutcome::Allowed if decided.is_overridden() => self.overrides.add(decided),
            RecordedOutcome::Allowed => {}
        }
    }

    /// For people: who, what, why; `asker` is the zone in which the one who asks reads the clock.
    ///
    /// # Errors
    ///
    /// [`TimeError`] if an instant can't be shown.
    pub(super) fn tell(&self, rows: &mut Rows, asker: Option<&Zone>, now: Instant) -> Result<(), TimeError> {
        let since = here_or_utc(asker, self.since, now)?;
        let counted = format!(
            "{}, {}, {}",
            several(self.decisions, "decision"),
            several(self.overrides.count, "override"),
            several(self.refusals.count, "refusal")
        );
        rows.heading(QUIET, "since ", &format!("{since}: {counted}"));
        for (label, kept) in [("override", &self.overrides), ("refused", &self.refusals)] {
            let told = kept.newest.len().min(TOLD);
            let more = kept.count.saturating_sub(u64::try_from(told).unwrap_or(u64::MAX));
            if more > 0 {
                rows.row(label, &format!("{more} earlier, not listed here: see `freezegate record show`"), None);
            }
            for decided in kept.newest.iter().skip(kept.newest.len() - told) {
                let text = format!("{}: {}", here_or_utc(asker, decided.at, now)?, for_terminal(&what(decided)));
                rows.row(label, &text, None);
            }
        }
        if self.left_out > 0 {
            rows.row(
                "left out",
                &format!("{} that the record counts and does not list", several(self.left_out, "refusal")),
                None,
            );
        }
        Ok(())
    }

    /// For machines.
    pub(super) fn item(&self) -> Result<ShiftItem, TimeError> {
        let items =
            |kept: &NewestDecisions| kept.newest.iter().map(decided_item).collect::<Result<Vec<_>, TimeError>>();
        Ok(ShiftItem {
            since: utc(self.since)?,
            decisions: self.decisions,
            override_count: self.overrides.count,
            overrides: items(&self.overrides)?,
            refusal_count: self.refusals.count,
            refusals: items(&self.refusals)?,
            not_recorded: self.left_out,
        })
    }
}

fn several(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Returns what refused, or would have.
fn findings(decided: &Decided) -> Vec<String> {
    let is_meant = |lifted: bool| match decided.decision {
        RecordedOutcome::Refused => !lifted,
        RecordedOutcome::Allowed => lifted,
    };
    let mut ids: Vec<String> = decided
        .findings
        .iter()
        .filter(|finding| finding.level.refuses() && is_meant(finding.lifted_by.is_some()))
        .map(|finding| finding.id.clone())
        .collect();
    ids.dedup();
    ids
}

/// `production/us, core-hours/us; by ada; reason: fix login; signed by ben, cleo; incident INC-7`.
fn what(decided: &Decided) -> String {
    let mut parts = vec![[vec![places(decided)], findings(decided)].concat().join(", ")];
    parts.extend(decided.actor.as_ref().map(|actor| format!("by {actor}")));
    let incident = decided.incident.as_ref().map(|incident| format!("incident {incident}"));
    let reason = decided.override_reasons().first().map(|reason| (*reason).to_owned());
    parts.extend(reason.filter(|reason| Some(reason) != incident.as_ref()).map(|reason| format!("reason: {reason}")));
    if !decided.requesters.is_empty() {
        parts.push(format!("requested by {}", decided.requesters.join(", ")));
    }
    if !decided.signers.is_empty() {
        parts.push(format!("signed by {}", decided.signers.join(", ")));
    }
    parts.extend(incident);
    parts.join("; ")
}

/// The overrides and refusals of a time, for machines.
#[derive(Debug, Serialize)]
pub(super) struct ShiftItem {
    since: String,
    decisions: u64,
    override_count: u64,
    overrides: Vec<DecidedItem>,
    refusal_count: u64,
    refusals: Vec<DecidedItem>,
    not_recorded: u64,
}

#[derive(Debug, Serialize)]
struct DecidedItem {
    at: String,
    reached: String,
    findings: Vec<String>,
    actor: Option<String>,
    reasons: Vec<String>,
    requesters: Vec<String>,
    signers: Vec<String>,
    incident: Option<String>,
}

fn decided_item(decided: &Decided) -> Result<DecidedItem, TimeError> {
    Ok(DecidedItem {
        at: utc(decided.at)?,
        reached: places(decided),
        findings: findings(decided),
        actor: decided.actor.clone(),
        reasons: decided.override_reasons().into_iter().map(str::to_owned).collect(),
        requesters: decided.requesters.clone(),
        signers: decided.signers.clone(),
        incident: decided.incident.clone(),
    })
}
