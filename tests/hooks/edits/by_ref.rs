//! Which edits of the policy count, by the ref that they come to and by what comes with them.

use crate::hooks::arena::{Arena, CLOSED, OPEN, POLICY, Push, ROUTES, words};
use crate::hooks::edits::KEY;
use crate::support::policy_edits;

/// The policy with less core hours, which are over at [`CLOSED`].
fn weaker() -> String {
    policy_edits::weaker(POLICY)
}

/// The policy with a freeze of the Sunday that is open without it.
fn frozen() -> String {
    policy_edits::frozen(POLICY)
}

fn push(arena: &Arena, clock: &str, refs: &str) -> Push {
    arena.clock(clock);
    arena.push(&["--no-verify", "origin", refs])
}

#[track_caller]
fn refused(push: &Push, shown: &str) {
    assert!(!push.passed, "allowed:\n{}", push.seen);
    assert!(words(&push.seen).contains(shown), "`{shown}` is not shown:\n{}", push.seen);
}

#[track_caller]
fn passed(push: &Push, shown: &str) {
    assert!(push.passed, "refused:\n{}", push.seen);
    assert!(words(&push.seen).contains(shown), "`{shown}` is not shown:\n{}", push.seen);
}

#[test]
fn an_edit_and_a_change_of_production_in_one_push_are_both_judged() {
    let arena = Arena::deployed();
    arena.write("freezegate.toml", format!("{POLICY}# a remark\n"));
    arena.commit_file(ROUTES, "both");
    let both = push(&arena, CLOSED, "main");
    refused(&both, "policy edit: opens nothing");
    refused(&both, ROUTES);
    passed(&push(&arena, OPEN, "main"), "");
    // where windows alone refuse, one row says what the edit does
    arena.write("freezegate.toml", frozen());
    arena.commit_file(ROUTES, "freeze and change");
    let closing = push(&arena, CLOSED, "main");
    refused(&closing, "policy edit: opens nothing, closes ");
    refused(&closing, ": see `freezegate lint --against ");
    assert!(!closing.seen.contains("edit closes"), "{}", closing.seen);
    arena.git(["reset", "--quiet", "--hard", "HEAD~"]);
    // the freeze that the push itself ends holds for it
    arena.write("freezegate.toml", frozen());
    arena.commit("freeze");
    passed(&push(&arena, OPEN, "main"), "policy edit: closes ");
    arena.write("freezegate.toml", POLICY);
    arena.commit_file(ROUTES, "end the freeze and change");
    let both = push(&arena, OPEN, "main");
    refused(&both, "is frozen: stop");
    refused(&both, "the edit of `freezegate.toml` opens something while");
}

#[test]
fn a_forced_push_to_an_older_state_opens_what_came_since() {
    let arena = Arena::deployed();
    arena.write("freezegate.toml", weaker());
    arena.commit("weaker");
    passed(&push(&arena, OPEN, "main"), "policy edit: opens");
    arena.write("freezegate.toml", POLICY);
    arena.commit("as before");
    passed(&push(&arena, CLOSED, "main"), "policy edit: closes ");
    refused(&push(&arena, CLOSED, "+main~1:main"), "policy edit: opens");
    passed(&push(&arena, OPEN, "+main~1:main"), "policy edit: opens");
}

#[test]
fn a_merge_is_compared_with_the_branch_that_it_comes_to_whichever_parent_is_first() {
    let arena = Arena::deployed();
    arena.git(["checkout", "--quiet", "-b", "side"]);
    arena.write("freezegate.toml", weaker());
    arena.commit("weaker");
    arena.git(["checkout", "--quiet", "main"]);
    arena.commit_file("docs/more", "more");
    passed(&push(&arena, CLOSED, "main"), "");
    // the side first, and its policy
    arena.git(["checkout", "--quiet", "side"]);
    arena.git(["merge", "--quiet", "--no-ff", "--message=merge", "main"]);
    refused(&push(&arena, CLOSED, "side:main"), "policy edit: opens");
    // the side first, but the policy of the branch
    arena.git(["checkout", "--quiet", "main", "--", "freezegate.toml"]);
    arena.commit("keep the policy");
    let kept = push(&arena, CLOSED, "side:main");
    passed(&kept, "");
    assert!(!kept.seen.contains("policy edit"), "{}", kept.seen);
}

#[test]
fn a_merge_of_a_weaker_side_waits_as_the_edit_alone() {
    let arena = Arena::deployed();
    arena.git(["checkout", "--quiet", "-b", "side"]);
    arena.write("freezegate.toml", weaker());
    arena.commit("weaker");
    arena.git(["checkout", "--quiet", "main"]);
    arena.git(["merge", "--quiet", "--no-ff", "--message=merge", "side"]);
    refused(&push(&arena, CLOSED, "main"), "policy edit: opens");
    passed(&push(&arena, OPEN, "main"), "policy edit: opens");
}

#[test]
fn a_feature_branch_has_no_say() {
    let arena = Arena::deployed();
    arena.git(["checkout", "--quiet", "-b", "feature"]);
    for text in [weaker(), "version = \n".to_owned()] {
        arena.write("freezegate.toml", text);
        arena.commit("another policy");
        let told = push(&arena, CLOSED, "feature");
        passed(&told, "");
        assert!(!told.seen.contains("policy edit"), "{}", told.seen);
    }
    arena.git(["checkout", "--quiet", "main"]);
    arena.commit_file(ROUTES, "change");
    refused(&push(&arena, CLOSED, "main"), ROUTES);
}

#[test]
fn a_stale_release_branch_does_not_miss_a_freeze_of_the_default_branch() {
    let arena = Arena::deployed();
    passed(&push(&arena, OPEN, "main:release/1"), "");
    arena.write("freezegate.toml", frozen());
    arena.commit("freeze");
    passed(&push(&arena, OPEN, "main"), "policy edit: closes ");
    arena.git(["checkout", "--quiet", "-b", "stale", "main~1"]);
    arena.commit_file(ROUTES, "change");
    refused(&push(&arena, OPEN, "stale:release/1"), "is frozen: stop");
    // nor by a policy of its own
    arena.write("freezegate.toml", weaker());
    arena.commit("weaker");
    let told = push(&arena, OPEN, "stale:release/1");
    refused(&told, "is frozen: stop");
    assert!(!told.seen.contains("policy edit"), "{}", told.seen);
}

/// A region that no policy names refuses all that reaches it, and to name it is possible all the same.
#[test]
fn a_region_is_added_while_the_others_are_open() {
    let arena = Arena::deployed();
    arena.write("freezegate.toml", POLICY.replace(
        "[environments.production]",
        "[regions.asia]\ntimezones  = [\"Asia/Tokyo\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\n[environments.production]",
    ));
    arena.commit("asia");
    refused(&push(&arena, CLOSED, "main"), "policy edit: opens");
    passed(&push(&arena, OPEN, "main"), "policy edit: opens");
    arena.commit_file("deploy/production/asia/routes.yaml", "change");
    passed(&push(&arena, OPEN, "main"), "");
}

#[test]
fn the_first_policy_passes_and_the_next_one_is_compared() {
    let arena = Arena::without_policy();
    arena.install(&arena.server, "pre-receive", "");
    arena.write("freezegate.toml", "version = \n");
    arena.commit("wrong");
    refused(&push(&arena, CLOSED, "main"), "freezegate.toml");
    arena.write("freezegate.toml", POLICY);
    arena.commit("right");
    passed(&push(&arena, CLOSED, "main"), "this push adds the first policy");
    arena.write("freezegate.toml", weaker());
    arena.commit("weaker");
    refused(&push(&arena, CLOSED, "main"), "policy edit: opens");
}

/// Without the lift, what opens would only wait for an open hour: so it is not taken away without it.
#[test]
fn a_lift_is_not_taken_away_to_open_something_then() {
    let roster = "\n[approvers]\nallowed_signers = \"approvers.allowed_signers\"\n";
    let lift = "\n[[lifts]]\nlevel  = \"hard\"\nsigned = [\"any\"]\n";
    let arena = Arena::without_policy();
    arena.write("approvers.allowed_signers", format!("ana@example.com {KEY}\n"));
    arena.write("freezegate.toml", format!("{POLICY}{roster}{lift}"));
    arena.commit("begin");
    arena.passes(&["--no-verify", "origin", "main"]);
    arena.install(&arena.server, "pre-receive", "");
    for text in [
        // by itself
        POLICY.to_owned(),
        format!("{POLICY}{roster}{}", lift.replace("hard", "soft")),
        // and with what it would keep from opening
        weaker(),
        format!("{}{roster}{lift}", weaker()),
    ] {
        arena.write("freezegate.toml", text);
        arena.commit("an edit");
        for clock in [CLOSED, OPEN] {
            refused(&push(&arena, clock, "+HEAD:main"), "hard)");
        }
        arena.git(["reset", "--quiet", "--hard", "origin/main"]);
    }
}
