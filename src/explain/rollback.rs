//! What a change needs to be a rollback.

use crate::explain::explanation::Explanation;

pub(super) const ROLLBACK: Explanation = Explanation {
    summary: "a verified return to the previous state",
    meaning: "The change restores the state allowed just before the current one, on the paths of all targets that it \
              reaches. That state was replaced at most `[rollback] within` ago (default 72 h), and was never rolled \
              back from. The policy is unchanged. Windows that exempt rollbacks allow it.",
    remedy: "The row `rollback` of a refusal names the one state that would be allowed. Earlier states come from \
             `--record`, and on a server also from reflogs.",
    example: None,
};
