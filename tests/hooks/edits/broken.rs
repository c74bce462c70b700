//! A push leaves a policy that loads, whatever the hour.

use std::os::unix::fs::symlink;

use crate::hooks::arena::Arena;
use crate::hooks::edits::{
    Added, Done, Folder, HOURS_FILE, Never, POLICIES, POLICY_FILE, ROOT, ROSTER_FILE, RULES, Removed, Replaced,
    Written, hold,
};

#[test]
fn a_change_leaves_a_policy_that_loads() {
    hold(
        ROOT,
        &[
            ("deleted", Removed(POLICY_FILE), Never("is gone from the new state of")),
            ("a wrong key", Replaced(POLICY_FILE, "core_hours = [", "core_hour = ["), Never("core_hour")),
            ("no TOML", Written(POLICY_FILE, "version = \n"), Never("the change leaves a policy that can't be read")),
            ("a key of another program", Added(POLICY_FILE, "\n[weather]\nrain = true\n"), Never("weather")),
            (
                "a newer program",
                Replaced(POLICY_FILE, "version = 1\n", "version = 1\nrequires = \"99.0\"\n"),
                Never("99.0"),
            ),
            ("a missing include", Removed(HOURS_FILE), Never(HOURS_FILE)),
            ("a wrong include", Written(HOURS_FILE, "version = 1\nx = 1\n"), Never(HOURS_FILE)),
            ("a missing roster", Removed(ROSTER_FILE), Never(ROSTER_FILE)),
            ("a link", Done(behind_a_link), Never("is a symbolic link")),
            ("another case of the name", Written("Freezegate.toml", RULES), Never("only in case")),
            ("another case in the folder", Written("Policies/freezegate.toml", RULES), Never("only in case")),
        ],
    );
}

#[test]
fn a_change_leaves_a_policy_that_loads_in_its_folder() {
    hold(
        POLICIES,
        &[
            (
                "deleted",
                Removed(POLICY_FILE),
                Never("the policy `policies/freezegate.toml` is gone from the new state of `main`"),
            ),
            (
                "a wrong key",
                Replaced(POLICY_FILE, "core_hours = [", "core_hour = ["),
                Never(":policies/freezegate.toml:6:1"),
            ),
            (
                "a key that this program does not know",
                Replaced(POLICY_FILE, "settle ", "settling "),
                Never("error[unknown-key]"),
            ),
            (
                "a newer program, with keys that this one does not know",
                Replaced(POLICY_FILE, "version = 1", "version = 1\nrequires = \"99.0\"\nnews = 1"),
                Never("the policy needs freezegate 99.0 or newer"),
            ),
            ("a missing include", Removed(HOURS_FILE), Never("`policies/hours.toml` is not in the commit")),
            ("a missing roster", Removed(ROSTER_FILE), Never("error[bad-roster]")),
            ("a link", Done(behind_a_link), Never("`policies/freezegate.toml` is a symbolic link, not a regular file")),
            ("a folder that is a link", Done(folder_behind_a_link), Never("symbolic link")),
            (
                "another case of the name",
                Written("Policies/Freezegate.toml", "version = 1\n"),
                Never("`Policies/Freezegate.toml` differs from `policies/freezegate.toml` only in case"),
            ),
            (
                "an environment that targets name is gone",
                Replaced(POLICY_FILE, "[environments.production]", "[environments.live]"),
                Never("error"),
            ),
        ],
    );
}

fn behind_a_link(arena: &Arena, folder: Folder) {
    arena.git(["mv", &format!("{folder}{POLICY_FILE}"), &format!("{folder}real.toml")]);
    symlink("real.toml", arena.clone.join(format!("{folder}{POLICY_FILE}"))).unwrap();
}

fn folder_behind_a_link(arena: &Arena, _: Folder) {
    arena.git(["mv", "policies", "real"]);
    symlink("real", arena.clone.join("policies")).unwrap();
}
