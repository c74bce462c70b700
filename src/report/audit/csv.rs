//! A report over records as a table of CSV (RFC 4180), for spreadsheets.
//!
//! What others wrote is made harmless: control and bidi characters are written as escapes, and a cell that a spreadsheet would
//! take for a formula gets an apostrophe before it.

use csv_core::{Terminator, WriteResult, Writer, WriterBuilder};

use crate::audit::{AuditedDecision, EnforcedPolicy, RepositoryReport, RepositoryState, WindowCounts, WindowKey};
use crate::escape::for_terminal;
use crate::report::audit::{AuditView, finding_text, telling};
use crate::report::json_parts::utc;
use crate::report::record::places;
use crate::time::zone::TimeError;

/// One row for each decision that is listed, in the order of time.
///
/// # Errors
///
/// [`TimeError`] for an instant beyond the range of dates.
pub fn decisions(view: &AuditView<'_>) -> Result<String, TimeError> {
    let mut table = Table::begin(&[
        "time",
        "repository",
        "outcome",
        "rollback",
        "environments",
        "findings",
        "reasons",
        "incident",
        "actor",
        "requesters",
        "signers",
        "standing",
        "mode",
        "policy",
        "policy_commit",
        "record",
        "entry",
        "hash",
    ]);
    for decision in &view.audited.listed {
        table.row(&decision_cells(view, decision)?);
    }
    Ok(table.text)
}

fn decision_cells(view: &AuditView<'_>, decision: &AuditedDecision) -> Result<Vec<String>, TimeError> {
    let decided = &decision.decided;
    let findings: Vec<String> = telling(decided).into_iter().map(finding_text).collect();
    let standing = match decided.standing {
        crate::proof::record::RecordedStanding::Advice => "advice",
        crate::proof::record::RecordedStanding::Enforcement => "enforcement",
    };
    Ok(vec![
        utc(decided.at)?,
        decided.repository.clone().unwrap_or_default(),
        decision.outcome.as_str().to_owned(),
        (if decision.is_rollback() { "yes" } else { "no" }).to_owned(),
        places(decided),
        findings.join("; "),
        decided.reasons.join("; "),
        decided.incident.clone().unwrap_or_default(),
        decided.actor.clone().unwrap_or_default(),
        decided.requesters.join("; "),
        decided.signers.join("; "),
        standing.to_owned(),
        decided.mode.as_str().to_owned(),
        decided.policy.to_string(),
        decided.policy_commit.clone().unwrap_or_default(),
        view.record(decision).to_owned(),
        decision.sequence.to_string(),
        decision.hash.to_string(),
    ])
}

/// One row for each window, and each other finding, in each repository.
///
/// # Errors
///
/// As [`decisions`].
pub fn windows(view: &AuditView<'_>) -> Result<String, TimeError> {
    let columns = ["repository", "id", "code", "refused", "would_be_refused", "overridden", "first", "last"];
    let mut table = Table::begin(&columns);
    for (key, counts) in &view.audited.windows {
        let WindowKey { repository, id, code } = key;
        let WindowCounts { refused, would_be_refused, overridden, first, last } = *counts;
        table.row(&[
            repository.clone().unwrap_or_default(),
            id.clone(),
            code.clone(),
            refused.to_string(),
            would_be_refused.to_string(),
            overridden.to_string(),
            utc(first)?,
            utc(last)?,
        ]);
    }
    Ok(table.text)
}

/// One row for each repository.
///
/// # Errors
///
/// As [`decisions`].
pub fn repositories(view: &AuditView<'_>) -> Result<String, TimeError> {
    let mut table = Table::begin(&[
        "repository",
        "state",
        "last",
        "decisions",
        "refused",
        "overridden",
        "would_be_refused",
        "rollbacks",
        "advice",
        "policy",
        "organisation",
        "serial",
        "tzdb",
    ]);
    for RepositoryReport { name, counts, last, policy, states } in &view.audited.repositories {
        let states: Vec<&str> = states.iter().map(RepositoryState::as_str).collect();
        let version = policy.as_ref().and_then(|policy| policy.organisation.as_ref());
        let of_policy = |cell: fn(&EnforcedPolicy) -> String| policy.as_ref().map(cell).unwrap_or_default();
        let number = |count: u64| count.to_string();
        table.row(&[
            name.clone().unwrap_or_default(),
            if states.is_empty() { "ok".to_owned() } else { states.join("; ") },
            last.map(utc).transpose()?.unwrap_or_default(),
            number(counts.decisions),
            number(counts.refused),
            number(counts.overridden),
            number(counts.would_be_refused),
            number(counts.rollbacks),
            number(counts.advice),
            of_policy(|policy| policy.digest.to_string()),
            version.map(|version| version.name.clone()).unwrap_or_default(),
            version.map(|version| version.serial.to_string()).unwrap_or_default(),
            of_policy(|policy| policy.tzdb.clone()),
        ]);
    }
    Ok(table.text)
}

/// The characters that a spreadsheet may take for the beginning of a formula, wide forms included.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A cell that no program takes for anything but text.
fn harmless(cell: &str) -> String {
    let cell = for_terminal(cell);
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.into_owned() }
}

/// Rows of CSV.
struct Table {
    text: String,
    writer: Writer,
}

impl Table {
    fn begin(columns: &[&str]) -> Self {
        let writer = WriterBuilder::new().terminator(Terminator::CRLF).build();
        let mut table = Self { text: String::new(), writer };
        let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        table.row(&columns);
        table
    }

    fn row(&mut self, cells: &[String]) {
        let mut bytes = Vec::new();
        let writer = &mut self.writer;
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                put(&mut bytes, |room| writer.delimiter(room));
            }
            let cell = harmless(cell);
            let mut rest = cell.as_bytes();
            put(&mut bytes, |room| {
                let (result, read, written) = writer.field(rest, room);
                rest = rest.get(read..).unwrap_or_default();
                (result, written)
            });
        }
        put(&mut bytes, |room| writer.terminator(room));
        // quotes are put between characters, and so it is UTF-8 still
        self.text.push_str(&String::from_utf8_lossy(&bytes));
    }
}

/// Appends what `write` writes into the room that it gets, until it has written all.
fn put(bytes: &mut Vec<u8>, mut write: impl FnMut(&mut [u8]) -> (WriteResult, usize)) {
    let mut room = [0_u8; 1024];
    loop {
        let (result, written) = write(&mut room);
        bytes.extend_from_slice(room.get(..written).unwrap_or_default());
        match result {
            WriteResult::InputEmpty => return,
            WriteResult::OutputFull => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, harmless};

    #[test]
    fn no_cell_is_a_formula_or_ends_its_row() {
        for (cell, told) in
            [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-2", "'-2"), ("＝1", "'＝1"), ("a=1", "a=1"), ("", "")]
        {
            assert_eq!(harmless(cell), told);
        }
        let mut table = Table::begin(&["a", "b"]);
        table.row(&["one, \"two\"".to_owned(), "three\nfour\u{1b}".to_owned()]);
        let long = "é,".repeat(2_000);
        table.row(&[long.clone(), String::new()]);
        let lines: Vec<&str> = table.text.split("\r\n").collect();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert_eq!(lines.first(), Some(&"a,b"));
        assert!(lines.get(1).is_some_and(|line| line.starts_with("\"one, \"\"two\"\"\",") && !line.contains('\u{1b}')));
        assert_eq!(lines.get(2), Some(&format!("\"{long}\",").as_str()));
    }
}
