//! What a change needs to be a rollback.

use crate::explain::Explanation;

pub(super) const ROLLBACK: Explanation = Explanation {
    summary: "a return to the state before, shown and not just said",
    meaning: "On the paths of all targets reached, the new tree is that of the state let through just before the current one; where the \
              environment is declared (on the command line, by the job or in a trailer), the whole tree is. That state was \
              replaced at most `[rollback] within` ago (72 h if left out) and never rolled back from. The policy stays as it is. \
              Then it passes where `exempt` holds `rollback`.",
    remedy: "The row `rollback` of a refusal names the one state that would pass. Former states come from `--record`, on a server \
             also from reflogs.",
    example: None,
};
