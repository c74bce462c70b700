//! Decisions of a record, judged again by the current policy.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::backtest::judging::BacktestJudge;
use crate::backtest::replay::{MOST_PROFILES, Replay};
use crate::backtest::{PastChange, Profile};
use crate::cli::edge::Edge;
use crate::diagnostic::Faults;
use crate::gate::record_branch::open;
use crate::gate::repository;
use crate::policy::{Kind, KindSet, Policy};
use crate::proof::record::{Decided, FaultKind, Inspection, RecordError, RecordedOutcome, RecordedPlace};
use crate::reach::{Because, Declared, Reach, Reached};
use crate::report::backtest::{BacktestHistory, HistorySort};

/// Judges the decisions of a record.
pub(super) fn replay_record(
    location: &OsStr,
    replay: &Replay<'_>,
    judging: &mut BacktestJudge<'_, '_>,
    edge: &Edge,
) -> Result<BacktestHistory, Faults> {
    let record = open(location, || repository::here(edge))?;
    let (mut refused, mut rollbacks, mut left_out): (u64, u64, u64) = (0, 0, 0);
    let inspected = record.inspect(&mut |inspected| {
        if inspected.is_sound {
            let decided = &inspected.entry.decided;
            let place = inspected.place.to_string();
            left_out = left_out.saturating_add(inspected.entry.left_out);
            if judging.is_in_time(decided.at) {
                refused = refused.saturating_add(u64::from(decided.decision == RecordedOutcome::Refused));
                rollbacks = rollbacks.saturating_add(u64::from(decided.kinds.contains(Kind::Rollback)));
                match profile(replay, decided) {
                    Ok(profile) => {
                        let name = Some(format!("entry {}", inspected.entry.sequence));
                        judging.add(PastChange { at: decided.at, duration: None, profile, name }, || place);
                    }
                    Err(cause) => judging.unjudged(place, cause),
                }
            } else {
                judging.leave_out();
            }
        }
        ControlFlow::<Infallible>::Continue(())
    })?;
    let ControlFlow::Continue(Inspection { entries, mut faults, .. }) = inspected;
    faults.retain(|fault| fault.kind != FaultKind::Torn);
    if !faults.is_empty() {
        return Err(RecordError::of_faults(record.to_string(), entries, faults).into());
    }
    let mut notes = vec![format!("{refused} of the decisions refused then, by the policies of their time")];
    if rollbacks > 0 {
        notes.push(format!("{rollbacks} were verified rollbacks then, and count as such"));
    }
    if left_out > 0 {
        notes.push(format!("{left_out} refused pushes were not recorded then, and are not judged"));
    }
    Ok(BacktestHistory { sort: HistorySort::Record, name: record.to_string(), notes })
}

/// Returns what a decision was about, in the names of the current policy.
fn profile(replay: &Replay<'_>, decided: &Decided) -> Result<Arc<Profile>, String> {
    if decided.reached.iter().any(|reached| reached.unlisted().is_some()) {
        return Err("the entry lists only a part of what it reached".to_owned());
    }
    let rollback = decided.kinds.contains(Kind::Rollback);
    let shown = if rollback { KindSet::ROLLBACK } else { KindSet::NONE };
    let reached = decided.reached.iter().map(|place| reached(replay.policy(), place, shown));
    let reach = Reach { reached: reached.collect::<Result<_, _>>()?, ..Reach::default() };
    let said = Declared { kinds: decided.kinds.without(Kind::Rollback), rollback, ..Declared::default() };
    replay
        .profile(&said, reach)
        .map_err(|_| format!("it is one of more than {MOST_PROFILES} different combinations of names"))
}

fn reached(policy: &Policy, place: &RecordedPlace, kinds: KindSet) -> Result<Reached, String> {
    let unknown = |noun: &str, name: &str| format!("the policy has no {noun} `{name}` any more");
    let environment =
        policy.environment(&place.environment).ok_or_else(|| unknown("environment", &place.environment))?;
    let region = match &place.region {
        Some(name) => Some(policy.region(name).ok_or_else(|| unknown("region", name))?),
        None if policy.regions.is_empty() => None,
        None => return Err(format!("it names no region of `{}`, and the policy has some now", place.environment)),
    };
    let service = match &place.service {
        Some(name) => Some(policy.service(name).ok_or_else(|| unknown("service", name))?),
        None => None,
    };
    Ok(Reached {
        environment: Arc::clone(environment),
        region: region.cloned(),
        service: service.cloned(),
        kinds,
        because: Because::Declared,
    })
}
