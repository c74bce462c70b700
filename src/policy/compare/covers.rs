//! What of a new policy may close that which an old one closed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::policy::compare::kinds::KindState;
use crate::policy::compare::layers::LayersId;
use crate::policy::compare::shapes::ShapeId;
use crate::policy::compare::sides::{HazardFreeze, SpotWindow};
use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Hazard, Level};
use crate::time::seconds::Seconds;

/// Everything that is compared with a cover for changes of one duration.
#[derive(Debug, Clone, Copy)]
pub(super) struct CoverComparison {
    /// In seconds.
    pub(super) duration: Seconds,
    /// The hazard that the change shows and that asks for more open time, as a place in the old policy.
    pub(super) shown: Option<usize>,
    pub(super) lost: LayersId,
    /// What the cover closes at a level that is as strict as the one that is lost.
    pub(super) strict: LayersId,
    /// What it closes at any level that refuses.
    pub(super) any: LayersId,
}

/// What is looked at of each cover, by its number, for a state of a change, in place of what, and for a duration in seconds.
pub(super) type Covered = RefCell<HashMap<(usize, KindState, InPlaceOf, Seconds), LayersId>>;

/// A set that is to be covered: windows of a level, or of any; whether calendars that have run out; the freeze whose hazards the change shows; the
/// hazard that it shows and that asks for more open time, as a place in the old policy.
pub(super) type InPlaceOf = (Option<Level>, bool, Option<HazardFreeze>, Option<usize>);

/// Spots of the new policy that may together close what was closed.
pub(super) struct Cover<'w> {
    /// Told apart by it from the other covers of a goal.
    pub(super) number: usize,
    /// The hazard that the change shows and that asks for more open time, as a place in the old policy.
    pub(super) shown: Option<usize>,
    pub(super) spots: Vec<CoverSpot<'w>>,
}

/// A spot of the new policy that may close what was closed.
pub(super) struct CoverSpot<'w> {
    /// The least duration of a change and the time to settle, in seconds.
    pub(super) runway: (Seconds, Seconds),
    pub(super) windows: &'w [SpotWindow],
}

/// Returns whether a freeze of the hazards `own` closes whatever shows one of `others`. Which changes of which plans there are is not known here, so
/// hazards are compared by their texts.
///
/// # Errors
///
/// [`Halt::TooMuch`] if the work is used up.
pub(super) fn covers_hazards(own: &[&Arc<Hazard>], others: &[&Arc<Hazard>], work: &Work) -> Result<bool, Halt> {
    let texts = |hazards: &[&Arc<Hazard>]| hazards.iter().map(|one| one.resources.len() + one.attributes.len()).sum();
    let (of_own, of_others): (usize, usize) = (texts(own), texts(others));
    work.spend(of_own.saturating_mul(of_others).saturating_add(1))?;
    Ok(others.iter().all(|other| own.iter().any(|hazard| hazard.covers(other))))
}

/// Returns how long before a window it is too late to start a change of `duration` seconds, in seconds.
pub(super) fn early((least, settle): (Seconds, Seconds), duration: Seconds) -> Seconds {
    // to start exactly one runway before the window is in time: the runway is half-open too
    duration.max(least).saturating_add(settle).saturating_sub(Seconds::new(1)).max(Seconds::ZERO)
}

/// The durations of a change for which the answer may differ: runways grow alike beyond the longest least duration.
pub(super) fn durations(own: (Seconds, Seconds), cover: &[CoverSpot<'_>]) -> Vec<Seconds> {
    // all spots of a cover have the same runway
    let Some(runway) = cover.first().map(|one| one.runway).filter(|runway| *runway != own) else {
        return vec![Seconds::ZERO];
    };
    let longest = runway.0.max(own.0);
    let mut durations = vec![Seconds::ZERO, longest, longest.saturating_add(Seconds::new(1))];
    durations.dedup();
    durations
}

pub(super) fn numbers(mut numbers: Vec<ShapeId>) -> Vec<ShapeId> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
