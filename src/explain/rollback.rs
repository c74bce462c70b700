//! What a change needs to be a rollback.

use crate::explain::Explanation;

pub(super) const ROLLBACK: Explanation = Explanation {
    summary: "a verified return to the previous state",
    meaning: "On the paths of all targets reached (in the whole tree if the environment is declared), the new tree is that of the \
              state allowed just before the current one, at most `[rollback] within` ago (72 h if left out) and never rolled back \
              from. The policy stays as it is. Then `exempt` applies.",
    remedy: "The row `rollback` of a refusal names the one state that would pass. Former states come from `--record`, on a server \
             also from reflogs.",
    example: None,
};
