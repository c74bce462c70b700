//! Edits after which no edit could pass any more: nobody may override hard.

use crate::edits::{Added, HOURS_FILE, Never, POLICIES, POLICY_FILE, Replaced, hold};

#[test]
fn what_would_lock_everybody_out_is_refused_at_any_hour() {
    let refuses_edits = "the edit refuses every later edit of the policy at any hour";
    let closes = "the edit closes `production` for the coming 400 days";
    hold(
        POLICIES,
        &[
            (
                "a target that takes the policy for an environment",
                Added(POLICY_FILE, "\n[[targets]]\npaths = [\"policies/{environment}.toml\"]\n"),
                Never(refuses_edits),
            ),
            (
                "a target that takes the policy for a region",
                Added(
                    POLICY_FILE,
                    "\n[[targets]]\npaths = [\"policies/{region}.toml\"]\nenvironment = \"production\"\n",
                ),
                Never(refuses_edits),
            ),
            (
                "a target that takes the branch for an environment",
                Added(POLICY_FILE, "\n[[targets]]\nrefs = [\"refs/heads/{environment}\"]\n"),
                Never(refuses_edits),
            ),
            (
                "core hours at all hours",
                Replaced(
                    POLICY_FILE,
                    "[\"Mon-Fri 08:00-18:00\"]\nholidays   = [\"company\"]",
                    "[\"daily 00:00-24:00\"]",
                ),
                Never(closes),
            ),
            (
                "a freeze for decades",
                Replaced(HOURS_FILE, "until    = 2025-05-08", "until    = 2099-05-08"),
                Never(closes),
            ),
            (
                "change windows in core hours alone",
                Replaced(
                    POLICY_FILE,
                    "[environments.production]",
                    "[environments.production]\nchange_windows = [{ hours = \"Wed 10:00-11:00\", timezone = \"America/Los_Angeles\" }]",
                ),
                Never(closes),
            ),
        ],
    );
}
