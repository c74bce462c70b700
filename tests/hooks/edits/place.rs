//! A policy that lies at another place, or in front of the one in force.

use std::fs;

use crate::hooks::arena::Arena;
use crate::hooks::edits::{
    Done, Folder, HOURS_FILE, Never, OPENED, POLICIES, POLICY_FILE, Passes, ROOT, ROSTER_FILE, RULES, WhileOpen,
    Written, hold,
};

#[test]
fn another_place_of_the_policy_counts_by_what_it_says() {
    hold(
        ROOT,
        &[
            ("moved as it is", Done(moved), Passes("closes nothing")),
            ("moved and weaker", Done(moved_and_weaker), WhileOpen(OPENED)),
            ("a second one that is not read", Written("policies/freezegate.toml", "version = 1\n"), Passes("")),
        ],
    );
}

#[test]
fn a_policy_in_front_of_the_one_in_force_is_an_edit_of_it() {
    let off = "version = 1\n[environments.production]\nduring_core_hours = \"off\"\n[environments.staging]\nduring_core_hours = \"off\"\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n";
    let plain = "version = 1\n[environments.production]\n[environments.staging]\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n";
    hold(
        POLICIES,
        &[
            ("moved as it is", Done(moved), Passes("closes nothing")),
            // nobody signs any more either, at any hour
            (
                "one without core hours in front",
                Written(POLICY_FILE, off),
                Never("the edit of `freezegate.toml` changes who may override"),
            ),
            (
                "one without regions in front",
                Written(POLICY_FILE, plain),
                Never("the edit of `freezegate.toml` changes who may override"),
            ),
            ("a wrong one in front", Written(POLICY_FILE, "version = 2\n"), Never(POLICY_FILE)),
        ],
    );
}

/// Moves the whole policy to the other place.
fn moved(arena: &Arena, folder: Folder) {
    let to = if folder == ROOT { POLICIES } else { ROOT };
    fs::create_dir_all(arena.clone.join(to)).unwrap();
    for file in [POLICY_FILE, HOURS_FILE, ROSTER_FILE] {
        arena.git(["mv", &format!("{folder}{file}"), &format!("{to}{file}")]);
    }
}

fn moved_and_weaker(arena: &Arena, folder: Folder) {
    moved(arena, folder);
    arena.write("policies/freezegate.toml", RULES.replace("Mon-Fri 08:00-18:00", "Sun 03:00-03:01"));
}
