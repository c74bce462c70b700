//! Whether who may override what is hard may override what is soft as well.

use std::collections::BTreeSet;

use crate::policy::compare::work::{Halt, Work};
use crate::policy::{Freeze, Level, Lift, MOST_SIGNATURES, Policy, Signers};

/// Returns whether each way to lift what is hard in `new` would have lifted what was soft in `old`: else a soft window that becomes a hard one
/// opens for those who can lift the one and not the other.
///
/// If nobody may lift what is hard, an edit that opens it waits for an opening, and needs no signature. So that stands for what is soft only
/// if nobody could lift that either.
pub(super) fn hard_lifts_soft<'p>(old: &'p Policy, new: &'p Policy) -> bool {
    let of = |policy: &'p Policy, level: Level| policy.lifts.iter().filter(move |lift| lift.is_of_level(level));
    if of(new, Level::Hard).next().is_none() {
        return of(old, Level::Soft).next().is_none();
    }
    of(new, Level::Hard).all(|hard| of(old, Level::Soft).any(|soft| is_met_by((old, soft), (new, hard))))
}

/// Returns whether each entry that both policies have and that is for the hazards of `kept`, a freeze of `new`, would have lifted what `lost`, one of
/// `old`, gave: else the one opens for those who could not override the other. An entry that only one has counts as opened in any case.
///
/// # Errors
///
/// [`Halt::TooMuch`] if the work is used up.
pub(super) fn hazards_lift_no_more(
    (old, lost): (&Policy, &Freeze),
    (new, kept): (&Policy, &Freeze),
    work: &Work,
) -> Result<bool, Halt> {
    work.spend(old.lifts.len().saturating_mul(new.lifts.len()).saturating_mul(MOST_SIGNATURES))?;
    let is_milder = |lift: &&Lift| lift.is_of_level(lost.level) || lift.is_for_hazards_of(lost);
    let meets = |milder: &Lift, stricter: &Lift| is_met_by((old, milder), (new, stricter));
    let is_old = |lift: &&Lift| old.lifts.iter().any(|one| one.covers == lift.covers && meets(one, lift));
    let would_do = |lift: &Lift| old.lifts.iter().filter(is_milder).any(|milder| meets(milder, lift));
    Ok(new.lifts.iter().filter(|lift| lift.is_for_hazards_of(kept)).filter(is_old).all(would_do))
}

/// Returns whether whatever meets `stricter`, a lift of `new`, meets `milder`, one of `old`.
fn is_met_by((old, milder): (&Policy, &Lift), (new, stricter): (&Policy, &Lift)) -> bool {
    let mut left: Vec<Option<BTreeSet<&str>>> = stricter.signed.iter().map(|one| persons(new, one)).collect();
    let groups = milder.signed.iter().filter_map(|one| persons(old, one));
    let has_groups = groups.into_iter().all(|group| {
        let place = left.iter().position(|one| one.as_ref() == Some(&group));
        place.map(|place| left.swap_remove(place)).is_some()
    });
    has_groups
        && milder.signed.len() <= stricter.signed.len()
        && (stricter.incident || !milder.incident)
        && (milder.requester || !stricter.requester)
        && (milder.author || !stricter.author)
        && milder.max_duration.is_none_or(|most| stricter.max_duration.is_some_and(|other| other <= most))
}

/// The persons who may give a signature, whatever their group is called; `None` for the whole roster.
fn persons<'p>(policy: &'p Policy, signers: &Signers) -> Option<BTreeSet<&'p str>> {
    let Signers::Group(name) = signers else {
        return None;
    };
    let groups = policy.approvers.as_ref().map_or(&[][..], |approvers| approvers.groups.as_slice());
    let members = groups.iter().filter(|group| group.name == *name).flat_map(|group| &group.members);
    Some(members.map(String::as_str).collect())
}
