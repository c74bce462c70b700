//! A report over records: what was refused and what would have been, who overrode it, and which repositories lag behind.
//!
//! Entries go in one by one, so that a record of any length is read in bounded memory: what is counted has limits, and what would
//! exceed them is refused with [`AuditTooLarge`], so that no report leaves anything out in silence.

use std::collections::BTreeMap;

use crate::policy::Kind;
use crate::proof::record::{Decided, Digest, RecordEntry, RecordedFinding, RecordedOutcome};
use crate::time::instant::Instant;

mod counts;
mod repositories;

pub use counts::{
    AuditCounts, AuditOutcome, AuditTooLarge, MOST_AUDITED_WINDOWS, MOST_DECISION_BYTES, MOST_DECISIONS,
    MOST_REPOSITORIES,
};
pub use repositories::{EnforcedPolicy, ExpectedRepositories, RepositoryReport, RepositoryState};

use repositories::Repositories;

/// The subject of a report.
#[derive(Debug, Clone, Copy)]
pub struct AuditSpan {
    /// The first instant of the decisions, in seconds since 1970-01-01T00:00:00Z; `None`: from the first on.
    pub from: Option<Instant>,
    /// The first instant after them; `None`: up to the last.
    pub until: Option<Instant>,
    /// True if decisions are listed that nothing stood against.
    pub lists_all: bool,
}

/// A decision that a report lists.
#[derive(Debug, Clone)]
pub struct AuditedDecision {
    /// The place of the record in the order of the command line.
    pub record: usize,
    /// The number of the entry in it.
    pub sequence: u64,
    /// Its hash.
    pub hash: Digest,
    /// The way in which it came out.
    pub outcome: AuditOutcome,
    /// The decision, without what was compared.
    pub decided: Decided,
}

impl AuditedDecision {
    /// Returns whether the change was a verified rollback.
    #[must_use]
    pub const fn is_rollback(&self) -> bool {
        self.decided.kinds.contains(Kind::Rollback)
    }
}

/// A window, or another finding, in a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowKey {
    /// The repository; `None` where no entry names one.
    pub repository: Option<String>,
    /// By what a grant names the finding, such as `core-hours/us`.
    pub id: String,
    /// Its code, such as `window-too-short`.
    pub code: String,
}

/// The decisions that met a window: their number, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowCounts {
    /// Those that it refused.
    pub refused: u64,
    /// Those that it would have refused, had a roll-out not held it back.
    pub would_be_refused: u64,
    /// Those in which somebody overrode it.
    pub overridden: u64,
    /// The first decision that is counted here, in seconds since 1970-01-01T00:00:00Z.
    pub first: Instant,
    /// The last one.
    pub last: Instant,
}

/// Takes the entries of records in.
#[derive(Debug)]
pub struct Audit {
    span: AuditSpan,
    counts: AuditCounts,
    left_out: u64,
    listed: Vec<AuditedDecision>,
    listed_bytes: usize,
    windows: BTreeMap<WindowKey, WindowCounts>,
    repositories: Repositories,
}

/// The contents of records.
#[derive(Debug)]
pub struct Audited {
    /// The question.
    pub span: AuditSpan,
    /// All decisions of the time.
    pub counts: AuditCounts,
    /// The number of refused pushes that are not recorded.
    pub left_out: u64,
    /// Those decisions that something stood against, and rollbacks; all, if asked. In the order of time.
    pub listed: Vec<AuditedDecision>,
    /// Everything that was met, by repository and id.
    pub windows: Vec<(WindowKey, WindowCounts)>,
    /// The repositories, by name; those that are expected and not there too.
    pub repositories: Vec<RepositoryReport>,
}

impl Audit {
    /// Begins a report.
    #[must_use]
    pub fn new(span: AuditSpan) -> Self {
        Self {
            span,
            counts: AuditCounts::default(),
            left_out: 0,
            listed: Vec::new(),
            listed_bytes: 0,
            windows: BTreeMap::new(),
            repositories: Repositories::default(),
        }
    }

    /// Takes in an entry of the record at this place in the order of the command line; `bytes` is how long it is.
    ///
    /// # Errors
    ///
    /// [`AuditTooLarge`] if it does not fit into a report any more.
    pub fn add(&mut self, record: usize, entry: &RecordEntry, bytes: usize) -> Result<(), AuditTooLarge> {
        let decided = &entry.decided;
        if self.span.until.is_some_and(|until| decided.at >= until) {
            return Ok(());
        }
        let is_of_span = self.span.from.is_none_or(|from| decided.at >= from);
        let outcome = AuditOutcome::of(decided);
        self.repositories.add(decided, is_of_span.then_some(outcome))?;
        if !is_of_span {
            return Ok(());
        }
        self.left_out = self.left_out.saturating_add(entry.left_out);
        self.counts.add(outcome, decided);
        for finding in &decided.findings {
            self.add_finding(decided, finding)?;
        }
        let is_plain = outcome == AuditOutcome::Allowed && !decided.kinds.contains(Kind::Rollback);
        if is_plain && !self.span.lists_all {
            return Ok(());
        }
        self.listed_bytes = self.listed_bytes.saturating_add(bytes);
        if self.listed.len() >= MOST_DECISIONS || self.listed_bytes > MOST_DECISION_BYTES {
            return Err(AuditTooLarge::Decisions);
        }
        let decided = Decided { changes: Vec::new(), ..decided.clone() };
        self.listed.push(AuditedDecision { record, sequence: entry.sequence, hash: entry.hash, outcome, decided });
        Ok(())
    }

    fn add_finding(&mut self, decided: &Decided, finding: &RecordedFinding) -> Result<(), AuditTooLarge> {
        let is_refusing =
            decided.decision == RecordedOutcome::Refused && finding.level.refuses() && finding.lifted_by.is_none();
        let (held_back, overridden) = (finding.is_held_back(), finding.is_overridden());
        if !is_refusing && !held_back && !overridden {
            return Ok(());
        }
        let key =
            WindowKey { repository: decided.repository.clone(), id: finding.id.clone(), code: finding.code.clone() };
        let is_full = self.windows.len() >= MOST_AUDITED_WINDOWS;
        if is_full && !self.windows.contains_key(&key) {
            return Err(AuditTooLarge::Windows);
        }
        let at = decided.at;
        let new = WindowCounts { refused: 0, would_be_refused: 0, overridden: 0, first: at, last: at };
        let counts = self.windows.entry(key).or_insert(new);
        (counts.first, counts.last) = (counts.first.min(at), counts.last.max(at));
        let add = |count: &mut u64, is_one: bool| *count = count.saturating_add(u64::from(is_one));
        add(&mut counts.refused, is_refusing);
        add(&mut counts.would_be_refused, held_back);
        add(&mut counts.overridden, overridden);
        Ok(())
    }

    /// Ends the report: which repositories were expected, and which lag behind at an instant.
    ///
    /// # Errors
    ///
    /// [`AuditTooLarge`] if more are expected than fit into a report.
    pub fn finish(self, expected: &ExpectedRepositories<'_>) -> Result<Audited, AuditTooLarge> {
        let mut listed = self.listed;
        listed.sort_by_key(|one| (one.decided.at, one.record, one.sequence));
        Ok(Audited {
            span: self.span,
            counts: self.counts,
            left_out: self.left_out,
            listed,
            windows: self.windows.into_iter().collect(),
            repositories: self.repositories.finish(expected)?,
        })
    }
}

impl Audited {
    /// Returns whether a repository lags behind, or has no gate at all.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.repositories.iter().any(|one| !one.states.is_empty())
    }
}
