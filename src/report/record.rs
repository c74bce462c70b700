//! The record for people and for machines: what was decided, and why findings were lifted.

use jiff::Timestamp;
use serde::Serialize;

use crate::proof::record::{Chain, Decided, Entry, Fault, Outcome, Unlisted};
use crate::report::escape::for_terminal;
use crate::report::json::JsonError;
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING};
use crate::shell::shell_word;
use crate::time::zone::TimeError;

/// The name of the form in which entries are listed.
pub const LIST: &str = "freezegate/record-list/v1";

/// The name of the form in which a record's soundness is told.
pub const VERIFICATION: &str = "freezegate/record-verification/v1";

/// Entries that were asked for, with what they come to.
#[derive(Debug, Serialize)]
pub struct Listing<'c> {
    schema: &'static str,
    entries: Vec<&'c Entry>,
    counts: Counts,
    lifts: Vec<Lifts<'c>>,
}

#[derive(Debug, Default, Serialize)]
struct Counts {
    all: usize,
    allowed: usize,
    refused: usize,
    lifted: usize,
}

/// How often findings were lifted for one reason.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Lifts<'c> {
    reason: &'c str,
    count: usize,
}

impl<'c> Listing<'c> {
    /// Counts `entries`, and why findings of them were lifted: the most frequent reason first, each decision once a reason.
    #[must_use]
    pub fn new(entries: Vec<&'c Entry>) -> Self {
        let mut counts = Counts::default();
        let mut lifts: Vec<Lifts<'c>> = Vec::new();
        for entry in &entries {
            counts.all += 1;
            match entry.decided.decision {
                Outcome::Allowed => counts.allowed += 1,
                Outcome::Refused => counts.refused += 1,
            }
            counts.lifted += usize::from(entry.decided.is_lifted());
            for reason in entry.decided.lift_reasons() {
                match lifts.iter_mut().find(|lift| lift.reason == reason) {
                    Some(lift) => lift.count += 1,
                    None => lifts.push(Lifts { reason, count: 1 }),
                }
            }
        }
        lifts.sort_by_key(|lift| (std::cmp::Reverse(lift.count), lift.reason));
        Self { schema: LIST, entries, counts, lifts }
    }

    /// As one line of JSON, with a line end. Entries are as they are in the record.
    ///
    /// # Errors
    ///
    /// [`JsonError`] when it can't be encoded.
    pub fn json(&self) -> Result<String, JsonError> {
        line(self)
    }

    /// For people, wrapped to `width` columns, with terminal styles in it.
    ///
    /// # Errors
    ///
    /// [`TimeError`] for an instant beyond the range of dates.
    pub fn text(&self, width: usize) -> Result<String, TimeError> {
        let mut rows = Rows::default();
        for entry in &self.entries {
            told(&mut rows, entry)?;
        }
        let Counts { all, allowed, refused, lifted } = self.counts;
        let all = if all == 1 { "1 decision".to_owned() } else { format!("{all} decisions") };
        rows.heading(QUIET, "", &format!("{all}: {allowed} allowed, {refused} refused, {lifted} lifted"));
        for lift in &self.lifts {
            rows.row("lifted", &format!("{} × {}", lift.count, for_terminal(lift.reason)), None);
        }
        Ok(rows.into_text(width))
    }
}

fn told(rows: &mut Rows, entry: &Entry) -> Result<(), TimeError> {
    let decided = &entry.decided;
    let (style, word) = match decided.decision {
        Outcome::Refused => (REFUSED, "refused"),
        Outcome::Allowed if decided.is_lifted() => (WARNING, "allowed (lifted)"),
        Outcome::Allowed => (ALLOWED, "allowed"),
    };
    let first = format!("{} {word}: ", entry.sequence);
    rows.heading(style, &first, &format!("{}, {}", places(decided), utc(decided.at)?));
    for change in decided.changes.iter().filter(|change| change.unlisted().is_none()) {
        let short = |id: &Option<String>| id.as_deref().unwrap_or("nothing").chars().take(7).collect::<String>();
        let reference =
            change.reference.as_deref().map_or_else(String::new, |name| format!(" on {}", for_terminal(name)));
        let range = format!("{}..{}{reference}", short(&change.base_commit), short(&change.commit));
        rows.row("change", &for_terminal(&range), None);
    }
    for finding in decided.findings.iter().filter(|finding| finding.unlisted().is_none()) {
        let lifted = finding.lifted_by.as_deref().map_or_else(String::new, |by| format!(", lifted by {by}"));
        rows.row("met", &for_terminal(&format!("{} ({}){lifted}", finding.id, finding.level.as_str())), None);
    }
    let Unlisted { changes, findings } = decided.unlisted();
    for (count, what) in [(changes, "changes"), (findings, "findings")] {
        if count > 0 {
            rows.row("more", &format!("{count} {what} of this refused push are not listed"), None);
        }
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
        several("asked for by", &decided.requesters),
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

/// What a decision is about: `production/us, staging`.
fn places(decided: &Decided) -> String {
    let mut places: Vec<String> = Vec::new();
    for reached in &decided.reached {
        let region = reached.region.as_ref().map_or_else(String::new, |region| format!("/{region}"));
        let place = for_terminal(&format!("{}{region}", reached.environment)).into_owned();
        if !places.contains(&place) {
            places.push(place);
        }
    }
    if places.is_empty() { "no environment".to_owned() } else { places.join(", ") }
}

fn utc(second: i64) -> Result<String, TimeError> {
    let instant = Timestamp::from_second(second).map_err(|_| TimeError::OutOfRange)?;
    Ok(instant.strftime("%a %Y-%m-%d %H:%M:%S UTC").to_string())
}

/// Whether a record is whole.
#[derive(Debug, Serialize)]
pub struct Verification {
    schema: &'static str,
    record: String,
    intact: bool,
    entries: usize,
    /// How many of them list a part of what was refused.
    partial: usize,
    newest: Option<Newest>,
    faults: Vec<FaultItem>,
}

#[derive(Debug, Serialize)]
struct Newest {
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
    /// What is told of `chain` and its `faults`; `record` is where it is kept.
    ///
    /// # Errors
    ///
    /// [`TimeError`] for an instant beyond the range of dates.
    pub fn new(record: String, chain: &Chain, faults: &[Fault]) -> Result<Self, TimeError> {
        let newest = chain.entries().last().map(|entry| {
            let at = Timestamp::from_second(entry.decided.at).map_err(|_| TimeError::OutOfRange)?;
            Ok(Newest { sequence: entry.sequence, hash: entry.hash.to_string(), at: at.to_string() })
        });
        let item = |fault: &Fault| FaultItem {
            fault: fault.kind.as_str(),
            place: fault.place.clone(),
            message: fault.kind.to_string(),
        };
        Ok(Self {
            schema: VERIFICATION,
            record,
            intact: faults.is_empty(),
            entries: chain.entries().len(),
            partial: chain.entries().iter().filter(|entry| !entry.decided.unlisted().is_empty()).count(),
            newest: newest.transpose()?,
            faults: faults.iter().map(item).collect(),
        })
    }

    /// Whether nothing is wrong.
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
        line(self)
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
            rows.row(fault.fault, &for_terminal(&format!("{}: {}", fault.place, fault.message)), None);
        }
        if self.partial > 0 {
            let of = if self.partial == 1 { "1 entry".to_owned() } else { format!("{} entries", self.partial) };
            let command = format!("freezegate record show {} --refused", shell_word(&self.record));
            let told = format!("{of} of refused pushes list a part and count the rest: `{}`", for_terminal(&command));
            rows.row("partial", &told, None);
        }
        if let Some(newest) = self.newest.as_ref().filter(|_| self.intact) {
            rows.row("newest", &format!("entry {}, {}", newest.sequence, newest.at), None);
            rows.row("expect", &newest.hash, None);
        }
        rows.into_text(width)
    }
}

fn line(document: &impl Serialize) -> Result<String, JsonError> {
    let mut text = serde_json::to_string(document).map_err(JsonError::Encoding)?;
    text.push('\n');
    Ok(text)
}
