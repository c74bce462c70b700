//! Deciding again when another change was allowed meanwhile.

use crate::diagnostic::Faults;
use crate::gate::baseline::ATTEMPTS;

/// Calls `decide`, which returns its answer and whether that is overtaken: another change was allowed since it looked at the record. After
/// [`ATTEMPTS`] the answer stands as it is.
pub(crate) fn until_not_overtaken<T>(mut decide: impl FnMut() -> (Result<T, Faults>, bool)) -> Result<T, Faults> {
    for _ in 1..ATTEMPTS {
        let (answer, is_overtaken) = decide();
        if !is_overtaken {
            return answer;
        }
    }
    decide().0
}
