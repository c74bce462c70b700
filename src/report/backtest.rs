//! A backtest: for people as text and as a page, and for machines as `freezegate/backtest/v1`.

use crate::backtest::PastWindow;
use crate::backtest::incidents::{IncidentOutcome, JudgedIncident};
use crate::backtest::judging::JudgedHistory;
use crate::backtest::tally::Toll;
use crate::decision::FindingCode;
use crate::policy::duration::spoken;
use crate::policy::{Kind, Policy};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::Zone;

pub mod html;
pub mod json;
pub mod text;

/// Everything that was judged.
#[derive(Debug, Clone)]
pub struct BacktestHistory {
    /// The sort of history.
    pub sort: HistorySort,
    /// Its name: a ref, a pattern, a record, a file.
    pub name: String,
    /// Notes about it, for people.
    pub notes: Vec<String>,
}

/// Sorts of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistorySort {
    /// The commits of a branch.
    Commits,
    /// Tags.
    Tags,
    /// Decisions of a record.
    Record,
    /// A table of changes.
    Table,
}

impl HistorySort {
    /// The word for it in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commits => "commits",
            Self::Tags => "tags",
            Self::Record => "record",
            Self::Table => "table",
        }
    }

    /// Returns whether its dates are only what the authors of changes claim.
    #[must_use]
    pub const fn dates_are_claims(self) -> bool {
        match self {
            Self::Commits | Self::Tags | Self::Table => true,
            Self::Record => false,
        }
    }
}

/// Everything that is printed, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct BacktestView<'b> {
    /// Everything that was judged.
    pub history: &'b BacktestHistory,
    /// Its outcome.
    pub judged: &'b JudgedHistory,
    /// Outages of the past, and what would have become of them, if they were asked for.
    pub incidents: Option<&'b [JudgedIncident]>,
    /// Everything that refused something, by its number.
    pub windows: &'b [PastWindow],
    /// By which policy.
    pub policy: &'b Policy,
    /// The time that was asked for: from and until, in seconds since 1970-01-01T00:00:00Z.
    pub span: (Option<Instant>, Option<Instant>),
    /// The time zone in which times are shown.
    pub zone: &'b Zone,
    /// The instant at which it is made, in seconds since 1970-01-01T00:00:00Z.
    pub now: Instant,
}

impl BacktestView<'_> {
    /// Returns what refuses changes, the one that refuses most first.
    fn window_tolls(&self) -> Vec<(&PastWindow, &Toll)> {
        let mut tolls: Vec<_> =
            self.windows.iter().zip(&self.judged.tally.windows).filter(|(_, toll)| toll.refused > 0).collect();
        tolls.sort_by(|(one, toll), (other, other_toll)| {
            (other_toll.refused, other_toll.waited, &one.id).cmp(&(toll.refused, toll.waited, &other.id))
        });
        tolls
    }

    /// Environments that changes reach, in the order of the policy.
    fn environment_tolls(&self) -> Vec<(&str, &Toll)> {
        let names = self.policy.environments.iter().map(|environment| environment.name.as_str());
        names.zip(&self.judged.tally.environments).filter(|(_, toll)| toll.changes > 0).collect()
    }

    /// Regions that changes reach, in the order of the policy.
    fn region_tolls(&self) -> Vec<(&str, &Toll)> {
        let names = self.policy.regions.iter().map(|region| region.name.as_str());
        names.zip(&self.judged.tally.regions).filter(|(_, toll)| toll.changes > 0).collect()
    }

    /// Kinds of changes, in the order of the documentation; `None` for changes of no known kind.
    fn kind_tolls(&self) -> Vec<(Option<Kind>, &Toll)> {
        let tally = &self.judged.tally;
        let kinds = Kind::ALL.into_iter().map(Some).zip(&tally.kinds);
        kinds.chain([(None, &tally.no_kind)]).filter(|(_, toll)| toll.changes > 0).collect()
    }

    /// Returns how many changes reach an environment.
    const fn reaching(&self) -> u64 {
        self.judged.tally.all.changes.saturating_sub(self.judged.tally.reach_nothing)
    }

    /// Returns what is to know of the answer, for people.
    fn notes(&self) -> Vec<String> {
        let tally = &self.judged.tally;
        let mut notes = Vec::new();
        if let Some((first, last)) = tally.ends {
            // 1 Jan 1970 of any time zone
            let (begin, end) = (Instant::EPOCH - Seconds::days(1), Instant::EPOCH + Seconds::days(2));
            if first > begin && first < end {
                let days = tally.days.iter().filter(|(day, _)| (begin..end).contains(&day.start()));
                let count = days.fold(0_u64, |sum, (_, toll)| sum.saturating_add(toll.changes));
                notes.push(format!("{count} of those that reach an environment have the date 1 Jan 1970, which usually means a missing date"));
            }
            if last > self.now {
                notes.push("some have a date in the future".to_owned());
            }
        }
        if self.judged.left_out > 0 {
            notes.push(format!(
                "{} changes before or after the time that you asked for are left out",
                self.judged.left_out
            ));
        }
        notes.extend(self.history.notes.iter().cloned());
        notes
    }
}

/// `core hours eu, for 5 h 11 min`: what would have become of an incident, for people.
fn incident_text(view: &BacktestView<'_>, judged: &JudgedIncident) -> String {
    match &judged.outcome {
        IncidentOutcome::Stopped { windows, wait } => {
            let windows: Vec<String> =
                windows.iter().filter_map(|number| view.windows.get(*number)).map(title).collect();
            let wait = wait.map_or_else(|| "more than 400 days".to_owned(), spoken);
            format!("stopped for {wait}: {}", windows.join(", "))
        }
        IncidentOutcome::Mismatched => {
            let declared = judged.incident.declared.as_deref().unwrap_or_default();
            format!("stopped at any hour: it said {declared} and reached {}", judged.incident.environment)
        }
        IncidentOutcome::Open => "not stopped: everything was open".to_owned(),
        IncidentOutcome::RolledBack => "allowed, as a rollback should be".to_owned(),
        IncidentOutcome::Unseen => "not stopped: it passed no gate".to_owned(),
        IncidentOutcome::Unjudged { cause } => format!("not judged: {cause}"),
    }
}

/// Returns how many incidents would have been stopped, of how many that can be judged and are not rollbacks, and by what; and how many others no
/// clock would have stopped: `2 of 3 stopped: 1 by a window, 1 as a mismatch; no clock would stop 1`.
fn incident_counts(all: &[JudgedIncident]) -> String {
    let count = |is_one: &dyn Fn(&IncidentOutcome) -> bool| all.iter().filter(|one| is_one(&one.outcome)).count();
    let by_window = count(&|outcome| matches!(outcome, IncidentOutcome::Stopped { .. }));
    let mismatched = count(&|outcome| *outcome == IncidentOutcome::Mismatched);
    let beyond = count(&IncidentOutcome::is_beyond_clocks).saturating_sub(mismatched);
    let (stopped, counted) = (by_window.saturating_add(mismatched), by_window.saturating_add(mismatched + beyond));
    let by =
        if mismatched == 0 { String::new() } else { format!(": {by_window} by a window, {mismatched} as a mismatch") };
    format!("{stopped} of {counted} stopped{by}; no window would stop {beyond}")
}

/// `freeze year end`, `core hours us`: what refuses, for people.
fn title(window: &PastWindow) -> String {
    match window.code.window_name().zip(window.id.name()) {
        Some((sort, name)) if window.code == FindingCode::OutsideChangeWindow => format!("{sort} of {name}"),
        Some((sort, name)) => format!("{sort} {name}"),
        None => window.id.to_string(),
    }
}
