//! Grants for the change at hand that lack one thing.

use crate::proof::grant::{Grant, GrantFault, in_words};
use crate::report::{GrantLack, UnfinishedGrant};

/// Why what was brought along lifts nothing, and what is still to be done.
#[derive(Debug, Default)]
pub(crate) struct NotGranted {
    /// For people, escaped.
    pub(crate) notes: Vec<String>,
    /// The grants that lack one thing.
    pub(crate) unfinished: Vec<UnfinishedGrant>,
}

/// Returns the grant if somebody can still finish it: it lacks signatures, or a record, and nothing else. `signed_as` is what `grant sign`
/// takes for it.
pub(crate) fn of_grant(grant: &Grant, faults: &[GrantFault], signed_as: Option<String>) -> Option<UnfinishedGrant> {
    let missing = faults.iter().filter_map(|fault| {
        if let GrantFault::Missing { missing, .. } = fault { Some(in_words(missing)) } else { None }
    });
    let missing: Vec<String> = missing.collect();
    let is_of_signing = |fault: &GrantFault| fault.is_of_signatures() || *fault == GrantFault::NoRecord;
    let lack = match (missing.as_slice(), faults) {
        ([], [GrantFault::NoRecord]) => GrantLack::Record,
        // several entries of the policy may ask for different signatures
        ([one], faults) if faults.iter().all(is_of_signing) => {
            GrantLack::Signatures { missing: one.clone(), signed_as }
        }
        (_, _) => return None,
    };
    Some(UnfinishedGrant { id: grant.terms.id.clone(), lifts: grant.terms.lifts.clone(), lack })
}
