//! Edits one after the other, and the paths of history by which a weaker policy could come.

use crate::hooks::arena::{Arena, CLOSED, OPEN, Push, words};
use crate::hooks::edits::{POLICIES, POLICY_FILE, Replaced, arena_with_rules, make};

/// Replaces a text of the policy, and commits it.
fn edit(arena: &Arena, old: &'static str, new: &'static str) {
    make(Replaced(POLICY_FILE, old, new), arena, POLICIES);
    arena.commit("an edit");
}

fn pushed(arena: &Arena, refs: &str) -> Push {
    arena.push(&["--no-verify", "origin", refs])
}

/// What nobody may override passes while what it opens is open; what somebody may override does not.
#[test]
fn in_open_hours_passes_what_nobody_may_override() {
    let arena = arena_with_rules(POLICIES);
    arena.clock(OPEN);
    let passes = |old, new| {
        edit(&arena, old, new);
        let push = pushed(&arena, "main");
        assert!(push.passed, "{}", push.seen);
    };
    passes("08:00-18:00", "08:00-17:00");
    let region = "[regions.asia]\ntimezones = [\"Asia/Tokyo\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\n[environments.production]";
    passes("[environments.production]", region);
    passes("until    = 2025-07-25T00:00:00\n", "until    = 2025-07-25T00:00:00\nlevel    = \"soft\"\n");
    edit(&arena, "level    = \"soft\"", "level    = \"warn\"");
    let push = pushed(&arena, "main");
    assert!(!push.passed && words(&push.seen).contains("opens `production` (policy-change, soft)"), "{}", push.seen);
}

/// Whatever path leads back to a weaker policy: it is compared with the one in force.
#[test]
fn no_history_brings_a_weaker_policy() {
    let arena = arena_with_rules(POLICIES);
    arena.clock(CLOSED);
    arena.git(["checkout", "--quiet", "-b", "weaker"]);
    edit(&arena, "Mon-Fri 08:00-18:00", "Mon 08:00-08:01");
    assert!(pushed(&arena, "weaker").passed);
    let refused = |refs: &str| {
        let push = pushed(&arena, refs);
        assert!(!push.passed && words(&push.seen).contains("core hours of `us`"), "{refs}: {}", push.seen);
    };
    refused("weaker:main");
    // a merge whose first parent is not the branch
    arena.git(["merge", "--quiet", "--strategy=ours", "--no-ff", "-m", "merge", "main"]);
    arena.git(["commit", "--quiet", "--allow-empty", "-m", "on top"]);
    refused("weaker:main");
    // and by force, to a state that was in force before
    arena.git(["checkout", "--quiet", "main"]);
    edit(&arena, "Mon-Fri 08:00-18:00", "daily 07:00-19:00");
    assert!(pushed(&arena, "main").passed);
    refused("+main~1:main");
    // a stale branch is judged by the policy of the default one
    arena.git(["branch", "stale", "main~1"]);
    arena.clock("2025-07-09 14:30:00");
    arena.git(["checkout", "--quiet", "stale"]);
    edit(&arena, "\"refs/heads/main\", \"refs/heads/release/*\"", "\"refs/heads/*\"");
    assert!(pushed(&arena, "stale").passed, "no target of main names it");
}
