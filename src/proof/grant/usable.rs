//! Whether anybody can meet a lift, by the keys that the roster lists.

use std::collections::HashSet;

use crate::policy::signing::can_be_met;
use crate::policy::{Lift, Policy};
use crate::proof::grant::NAMESPACE;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The most changes of the roster's validity that are looked at. Beyond them nobody is taken to be able to sign.
const MOST_BORDERS: usize = 64;

/// Returns until when, from `at` on and without a break, enough persons of the roster hold keys that may sign for the lift: the
/// first second at which they do not, since 1970-01-01T00:00:00Z. `Instant::MAX` if there is none, `None` if they do not at `at`.
///
/// A lift that asks for no signature can be met at any time. Who may sign a certain change is another question: its authors and
/// whoever asks for it mostly may not.
#[must_use]
pub fn lift_lasts(policy: &Policy, lift: &Lift, at: Instant) -> Option<Instant> {
    if lift.signed.is_empty() {
        return Some(Instant::MAX);
    }
    let approvers = policy.approvers.as_ref()?;
    let roster = approvers.roster.as_ref()?;
    let can_be_met_by = |counting: &HashSet<&str>| can_be_met(&lift.signed, approvers, &|name| counting.contains(name));
    let may_ever = || roster.signers().iter().filter(|one| one.permits(NAMESPACE, at).is_ok());
    let lasting = may_ever().filter(|one| one.valid_before.is_none()).map(|one| one.principal.as_str()).collect();
    if can_be_met_by(&lasting) {
        return Some(Instant::MAX);
    }
    let ends =
        roster.signers().iter().filter_map(|one| one.valid_before.map(|last| last.saturating_add(Seconds::new(1))));
    let mut borders: Vec<Instant> = ends.filter(|end| *end > at).collect();
    borders.sort_unstable();
    borders.dedup();
    let mut holds_until = None;
    for (index, second) in std::iter::once(at).chain(borders.iter().copied()).enumerate() {
        let signers = roster.signers().iter().filter(|one| one.permits(NAMESPACE, second).is_ok());
        let counting = signers.map(|one| one.principal.as_str()).collect();
        if index > MOST_BORDERS || !can_be_met_by(&counting) {
            return holds_until;
        }
        holds_until = Some(borders.get(index).copied().unwrap_or(Instant::MAX));
    }
    holds_until
}
