//! The record for people and for machines: what was decided, and why findings were overridden.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::decision::{EXEMPT, FindingCode};
use crate::escape::{for_terminal, json};
use crate::hex::short_id;
use crate::proof::record::{
    Decided, Digest, Fault, Inspected, Inspection, MOST_FAULTS, MOST_REFUSALS_AN_HOUR, RecordEntry, RecordedFinding,
    RecordedOutcome, Unlisted,
};
use crate::report::clock::everywhere;
use crate::report::json_parts::JsonError;
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING};
use crate::shell::shell_word;
use crate::time::instant::Instant;
use crate::time::zone::TimeError;

/// The name of the form in which a record's soundness is reported.
pub const VERIFICATION: &str = "freezegate/record-verification/v1";

/// The most reasons of overrides that are counted one by one, and the most bytes of their texts.
const MOST_REASONS: usize = 1000;
const MAX_REASON_BYTES: usize = 1 << 20;

/// Counts decisions, and why findings of them were overridden, as they come.
#[derive(Debug, Default)]
pub struct DecisionTally {
    /// Their number, counted or not.
    seen: u64,
    all: u64,
    allowed: u64,
    refused: u64,
    /// The number of allowed decisions of which findings were lifted.
    lifted: u64,
    /// The number of decisions that were lifted for each reason.
    reasons: HashMap<String, u64>,
    reason_bytes: usize,
    /// The number of times that there was a reason that is not counted by itself.
    others: u64,
    /// The number of refused pushes that are not recorded.
    left_out: u64,
}

impl DecisionTally {
    /// Counts a decision, and each reason of it once.
    pub fn add(&mut self, decided: &Decided) {
        self.all = self.all.saturating_add(1);
        match decided.decision {
            RecordedOutcome::Allowed => self.allowed = self.allowed.saturating_add(1),
            RecordedOutcome::Refused => self.refused = self.refused.saturating_add(1),
        }
        if decided.is_overridden() {
            self.lifted = self.lifted.saturating_add(1);
        }
        for reason in decided.override_reasons() {
            let bytes = self.reason_bytes.saturating_add(reason.len());
            if let Some(count) = self.reasons.get_mut(reason) {
                *count = count.saturating_add(1);
            } else if self.reasons.len() < MOST_REASONS && bytes <= MAX_REASON_BYTES {
                self.reasons.insert(reason.to_owned(), 1);
                self.reason_bytes = bytes;
            } else {
                self.others = self.others.saturating_add(1);
            }
        }
    }

    /// Sees an entry, whether that is shown itself or not.
    pub const fn see(&mut self) {
        self.seen = self.seen.saturating_add(1);
    }

    /// Counts the refused pushes that are not recorded, as the entry after them says, whether that is shown itself or not.
    pub const fn add_left_out(&mut self, entry: &RecordEntry) {
        self.left_out = self.left_out.saturating_add(entry.left_out);
    }

    /// Returns the counts for people, the most frequent reason first, wrapped to `width` columns, with terminal styles in it.
    #[must_use]
    pub fn text(&self, width: usize) -> String {
        let Self { seen, all, allowed, refused, lifted, .. } = self;
        let mut rows = Rows::default();
        let all = match (*all, *seen) {
            (all, seen) if all < seen => format!("{all} of {seen} decisions"),
            (1, _) => "1 decision".to_owned(),
            (all, _) => format!("{all} decisions"),
        };
        if self.all == 0 && *seen > 0 {
            let noun = if *seen == 1 { "decision matches" } else { "decisions match" };
            rows.heading(QUIET, "", &format!("0 of {seen} {noun}"));
            return rows.into_text(width);
        }
        let lifted = if *lifted > 0 { format!(" ({lifted} of them overridden)") } else { String::new() };
        rows.heading(QUIET, "", &format!("{all}: {allowed} allowed{lifted}, {refused} refused"));
        if self.left_out > 0 {
            let told = format!("{}; their authors and environments are not known", unrecorded(self.left_out));
            rows.row("left out", &told, None);
        }
        let mut reasons: Vec<(&String, &u64)> = self.reasons.iter().collect();
        reasons.sort_by_key(|(reason, count)| (Reverse(**count), *reason));
        for (reason, count) in reasons {
            rows.row("overridden", &format!("{count} × {}", for_terminal(reason)), None);
        }
        if self.others > 0 {
            rows.row("overridden", &format!("{} × for other reasons, which are not listed", self.others), None);
        }
        rows.into_text(width)
    }
}

/// Returns an entry for people, wrapped to `width` columns, with terminal styles in it.
///
/// # Errors
///
/// [`TimeError`] for an instant beyond the range of dates.
pub fn entry_text(entry: &RecordEntry, width: usize) -> Result<String, TimeError> {
    let mut rows = Rows::default();
    entry_rows(&mut rows, entry)?;
    Ok(rows.into_text(width))
}

/// Returns an entry as one line of JSON, as it is kept and with the member `place` before all others; with a line end.
///
/// What a terminal or the log of a CI job would obey is escaped, see [`json`].
#[must_use]
pub fn entry_line(inspected: &Inspected<'_>) -> String {
    // JSON allows tabs and carriage returns between its tokens alone
    let kept = inspected.line.replace(['\t', '\r'], " ");
    let members = kept.trim_start().strip_prefix('{').unwrap_or(&kept);
    format!("{{\"place\":\"{}\",{}\n", inspected.place, json(members))
}

fn entry_rows(rows: &mut Rows, entry: &RecordEntry) -> Result<(), TimeError> {
    let decided = &entry.decided;
    let (style, word) = match decided.decision {
        RecordedOutcome::Refused => (REFUSED, "refused"),
        RecordedOutcome::Allowed if decided.is_overridden() => (WARNING, "allowed (overridden)"),
        RecordedOutcome::Allowed if decided.is_lifted() => (ALLOWED, "allowed (exempt)"),
        RecordedOutcome::Allowed => (ALLOWED, "allowed"),
    };
    let first = format!("{} {word}: ", entry.sequence);
    rows.heading(style, &first, &format!("{}, {}", places(decided), utc(decided.at)?));
    // several paths of one push may be kept apart
    let mut shown = HashSet::new();
    for change in decided.changes.iter().filter(|change| change.unlisted().is_none()) {
        let short = |id: &Option<String>| id.as_deref().map_or("nothing", short_id).to_owned();
        let reference =
            change.reference.as_deref().map_or_else(String::new, |name| format!(" on {}", for_terminal(name)));
        let range = format!("{}..{}{reference}", short(&change.base_commit), short(&change.commit));
        if !shown.contains(&range) {
            rows.row("change", &for_terminal(&range), None);
            shown.insert(range);
        }
    }
    if let Some(command) = &decided.command {
        let digest: String = command.sha256.to_string().chars().take(12).collect();
        rows.row("command", &format!("{} (arguments: {digest})", for_terminal(&command.program)), None);
    }
    if let Some(plan) = &decided.plan {
        let changes = if plan.changes == 1 { "1 change".to_owned() } else { format!("{} changes", plan.changes) };
        rows.row("plan", &changes, None);
    }
    for finding in decided.findings.iter().filter(|finding| finding.unlisted().is_none()) {
        let lifted = match finding.lifted_by.as_deref() {
            Some(by) if by.starts_with(EXEMPT) => format!(", {by}"),
            Some(by) => format!(", overridden by {by}"),
            None => String::new(),
        };
        let edit = if is_of_edit(decided, finding) { ", for an edit of the policy" } else { "" };
        rows.row("met", &for_terminal(&format!("{} ({}){edit}{lifted}", finding.id, finding.level.as_str())), None);
    }
    let Unlisted { changes, findings, reached } = decided.unlisted();
    for (count, what) in [(changes, "changes"), (findings, "findings"), (reached, "reached places")] {
        if count > 0 {
            rows.row("more", &format!("{count} {what} are not listed"), None);
        }
    }
    if entry.left_out > 0 {
        rows.row("left out", &format!("{} between the entry before and this one", unrecorded(entry.left_out)), None);
    }
    for reason in &decided.reasons {
        rows.row("reason", &for_terminal(reason), None);
    }
    if let Some(incident) = &decided.incident {
        rows.row("incident", &for_terminal(incident), None);
    }
    let several = |word: &str, names: &[String]| (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")));
    let persons: Vec<String> = [
        several("by", decided.actor.as_slice()),
        several("requested by", &decided.requesters),
        several("signed by", &decided.signers),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !persons.is_empty() {
        rows.row("people", &for_terminal(&persons.join(", ")), None);
    }
    rows.row("hash", &entry.hash.to_string(), None);
    Ok(())
}

/// Returns how many refused pushes are not recorded, as their senders were over the limit.
fn unrecorded(count: u64) -> String {
    let pushes = if count == 1 { "1 refused push is".to_owned() } else { format!("{count} refused pushes are") };
    format!("{pushes} not recorded, more than {MOST_REFUSALS_AN_HOUR} of one person in one hour")
}

/// Returns whether a finding is one of an edit of the policy: a window that closes an environment which the change itself does not reach.
fn is_of_edit(decided: &Decided, finding: &RecordedFinding) -> bool {
    const WINDOWS: [FindingCode; 6] = [
        FindingCode::CoreHours,
        FindingCode::Freeze,
        FindingCode::OutsideChangeWindow,
        FindingCode::WindowTooShort,
        FindingCode::StaleCalendar,
        FindingCode::PolicyChange,
    ];
    let is_reached = |name: &String| decided.reached.iter().any(|reached| reached.environment == *name);
    decided.unlisted().reached == 0
        && WINDOWS.iter().any(|code| code.as_str() == finding.code)
        && finding.environment.as_ref().is_some_and(|name| !is_reached(name))
}

/// Returns what a decision is about: `production/us, staging`.
pub(super) fn places(decided: &Decided) -> String {
    let mut known = HashSet::new();
    let listed = decided.reached.iter().filter(|reached| reached.unlisted().is_none());
    let new = listed.filter(|reached| known.insert((&reached.environment, &reached.region)));
    let places: Vec<String> = new
        .map(|reached| {
            let region = reached.region.as_ref().map_or_else(String::new, |region| format!("/{region}"));
            for_terminal(&format!("{}{region}", reached.environment)).into_owned()
        })
        .collect();
    if !places.is_empty() {
        places.join(", ")
    } else if decided.findings.iter().any(|finding| is_of_edit(decided, finding)) {
        "an edit of the policy".to_owned()
    } else {
        "no environment".to_owned()
    }
}

/// `Wed 7 Jan 2026 13:00 UTC`.
fn utc(second: Instant) -> Result<String, TimeError> {
    everywhere(&[], None, second, Instant::EPOCH)
}

/// The facts about entries that `record verify` reports, gathered as they come.
#[derive(Debug, Default)]
pub struct EntryCensus {
    /// The number of them that list a part, and count the rest.
    partial: u64,
    /// The number of refused pushes that are not recorded.
    left_out: u64,
    /// The number, the hash and the instant of the newest.
    newest: Option<(u64, Digest, Instant)>,
    /// The hash that is looked for, and the number and the instant of the entry that has it.
    expected: Option<(Digest, Option<(u64, Instant)>)>,
}

impl EntryCensus {
    /// Looks for the entry with this hash.
    #[must_use]
    pub fn expecting(expected: Option<Digest>) -> Self {
        Self { expected: expected.map(|hash| (hash, None)), ..Self::default() }
    }

    /// Returns the hash that was looked for, if no entry has it.
    #[must_use]
    pub const fn missing(&self) -> Option<Digest> {
        match self.expected {
            Some((hash, None)) => Some(hash),
            Some((_, Some(_))) | None => None,
        }
    }

    /// Takes the next entry in.
    pub fn add(&mut self, entry: &RecordEntry) {
        self.left_out = self.left_out.saturating_add(entry.left_out);
        if let Some((hash, found)) = &mut self.expected
            && *hash == entry.hash
        {
            *found = Some((entry.sequence, entry.decided.at));
        }
        self.newest = Some((entry.sequence, entry.hash, entry.decided.at));
        if !entry.decided.unlisted().is_empty() {
            self.partial = self.partial.saturating_add(1);
        }
    }
}

/// The result of verifying a record.
#[derive(Debug, Serialize)]
pub struct Verification {
    schema: &'static str,
    record: String,
    intact: bool,
    entries: u64,
    /// The number of them that list a part, and count the rest.
    partial: u64,
    /// The number of refused pushes that are not recorded.
    left_out: u64,
    newest: Option<EntryItem>,
    /// The entry that has the hash that was asked for.
    expected: Option<EntryItem>,
    faults: Vec<FaultItem>,
    more_faults: bool,
}

#[derive(Debug, Serialize)]
struct EntryItem {
    sequence: u64,
    hash: String,
    at: String,
}

#[derive(Debug, Serialize)]
struct FaultItem {
    fault: &'static str,
    place: String,
    message: String,
}

impl Verification {
    /// Puts together what is reported of a record; `record` is where it is kept.
    ///
    /// # Errors
    ///
    /// [`TimeError`] for an instant beyond the range of dates.
    pub fn new(record: String, census: &EntryCensus, inspection: &Inspection) -> Result<Self, TimeError> {
        let named = |(sequence, hash, at): (u64, Digest, Instant)| -> Result<EntryItem, TimeError> {
            let at = at.timestamp()?;
            Ok(EntryItem { sequence, hash: hash.to_string(), at: at.to_string() })
        };
        let expected = census.expected.and_then(|(hash, found)| found.map(|(sequence, at)| (sequence, hash, at)));
        let item = |fault: &Fault| FaultItem {
            fault: fault.kind.as_str(),
            place: fault.place.clone(),
            message: fault.kind.cause(),
        };
        Ok(Self {
            schema: VERIFICATION,
            record,
            intact: inspection.faults.is_empty(),
            entries: inspection.entries,
            partial: census.partial,
            left_out: census.left_out,
            newest: census.newest.map(named).transpose()?,
            expected: expected.map(named).transpose()?,
            faults: inspection.faults.iter().map(item).collect(),
            more_faults: inspection.more_faults,
        })
    }

    /// Returns whether nothing is wrong.
    #[must_use]
    pub const fn is_intact(&self) -> bool {
        self.intact
    }

    /// As one line of JSON, with a line end.
    ///
    /// # Errors
    ///
    /// [`JsonError`] when it can't be encoded.
    pub fn json(&self) -> Result<String, JsonError> {
        let mut text = serde_json::to_string(self).map_err(JsonError::Encoding)?;
        text.push('\n');
        Ok(text)
    }

    /// For people, wrapped to `width` columns, with terminal styles in it.
    #[must_use]
    pub fn text(&self, width: usize) -> String {
        let mut rows = Rows::default();
        let record = for_terminal(&self.record);
        let entries = if self.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", self.entries) };
        if self.intact {
            rows.heading(ALLOWED, "intact: ", &format!("{record}, {entries}"));
        } else {
            rows.heading(REFUSED, "not intact: ", &format!("{record}, {entries} read"));
        }
        for fault in &self.faults {
            rows.row("fault", &for_terminal(&format!("{}: {}", fault.place, fault.message)), None);
        }
        if self.more_faults {
            rows.row("more", &format!("there are more faults: only {MOST_FAULTS} are listed"), None);
        }
        if self.partial > 0 {
            let entries = match self.partial {
                1 => "1 entry lists a part and counts".to_owned(),
                count => format!("{count} entries list a part and count"),
            };
            let command = format!("freezegate record show {}", shell_word(&self.record));
            let told = format!("{entries} the rest: `{}`", for_terminal(&command));
            rows.row("partial", &told, None);
        }
        if self.left_out > 0 {
            rows.row("left out", &unrecorded(self.left_out), None);
        }
        for (label, entry) in [("newest", &self.newest), ("expected", &self.expected)] {
            if let Some(EntryItem { sequence, hash, at }) = entry.as_ref().filter(|_| self.intact) {
                rows.row(label, &format!("entry {sequence}, {at}"), None);
                rows.row("hash", hash, None);
            }
        }
        rows.into_text(width)
    }
}
