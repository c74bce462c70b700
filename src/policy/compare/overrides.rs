//! Whether who may override what is hard may override what is soft as well.

use crate::policy::{Level, Lift, Policy, Signers};

/// Whether each way to lift what is hard in `new` would have lifted what was soft in `old`: else a soft window that becomes a hard one
/// opens for those who can lift the one and not the other.
///
/// If nobody may lift what is hard, an edit that opens it waits for an opening, and needs no signature. So that stands for what is soft only
/// if nobody could lift that either.
pub(super) fn hard_lifts_soft<'p>(old: &'p Policy, new: &'p Policy) -> bool {
    let of = |policy: &'p Policy, level: Level| policy.lifts.iter().filter(move |lift| lift.is_of_level(level));
    if of(new, Level::Hard).next().is_none() {
        return of(old, Level::Soft).next().is_none();
    }
    of(new, Level::Hard).all(|hard| of(old, Level::Soft).any(|soft| is_met_by(soft, hard)))
}

/// Whether whatever meets `stricter` meets `milder`.
fn is_met_by(milder: &Lift, stricter: &Lift) -> bool {
    let mut left: Vec<&Signers> = stricter.signed.iter().collect();
    let groups = milder.signed.iter().filter(|one| matches!(one, Signers::Group(_)));
    let has_groups = groups.into_iter().all(|group| match left.iter().position(|one| *one == group) {
        Some(place) => {
            left.swap_remove(place);
            true
        }
        None => false,
    });
    has_groups
        && milder.signed.len() <= stricter.signed.len()
        && (stricter.incident || !milder.incident)
        && (milder.requester || !stricter.requester)
        && (milder.author || !stricter.author)
        && milder.max_duration.is_none_or(|most| stricter.max_duration.is_some_and(|other| other <= most))
}
