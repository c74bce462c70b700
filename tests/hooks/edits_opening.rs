//! Edits of the policy in pushes to a server: what each opens decides whether it passes.

use std::fs;
use std::os::unix::fs::symlink;

use crate::arena::{Arena, CLOSED, OPEN, Push, ROUTES, words};

/// In `policies/`, with an include and a roster.
const OWN: &str = r#"version = 1
include = ["freezes.toml"]

[regions.us]
timezones  = ["America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]

[calendars.holidays]
dates       = [2025-12-25, 2026-12-25]
valid_until = 2026-12-31

[environments.production]
duration = "10m"
settle   = "30m"

[environments.staging]
during_core_hours = "off"

[[targets]]
paths = ["deploy/{environment}/{region}/**"]

[[targets]]
paths       = ["flags/**"]
environment = "production"

[approvers]
allowed_signers = "approvers.allowed_signers"
"#;
const SOFT: &str = "\n[[lifts]]\nlevel  = \"soft\"\nsigned = [\"any\"]\n";
const FREEZES: &str = r#"version = 1

[[freezes]]
name     = "spring"
from     = 2025-03-01T00:00:00
until    = 2025-03-08T00:00:00
timezone = "UTC"

[[freezes]]
name     = "holidays"
from     = "holidays -1d 00:00"
until    = "holidays +1d 00:00"
timezone = "UTC"
level    = "soft"
"#;
const FILE: &str = "policies/freezegate.toml";
const FREEZES_FILE: &str = "policies/freezes.toml";
const ROSTER: &str = "policies/approvers.allowed_signers";
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDKlvAk0hg3LIfCIdEjL/a8ppLfMp/zLKVQ2PAD6cUvV";
const OTHER_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGiU0rjUZm824OyryeGIUqtzNhUaePwj9aF8APCT7bhm";

/// A repository with the policy, its hook in place, and the clock in core hours.
fn arena() -> Arena {
    let arena = Arena::without_policy();
    arena.write(FILE, format!("{OWN}{SOFT}"));
    arena.write(FREEZES_FILE, FREEZES);
    arena.write(ROSTER, format!("ana@example.com {KEY}\n"));
    arena.commit_file(ROUTES, "begin");
    arena.passes(&["--no-verify", "origin", "main"]);
    arena.install(&arena.server, "pre-receive", "");
    arena.clock(CLOSED);
    arena
}

/// The policy with a word exchanged.
fn exchange(arena: &Arena, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(arena.clone.join(path)).unwrap();
    assert!(text.contains(from), "{from}");
    arena.write(path, text.replacen(from, to, 1));
}

fn pushed(arena: &Arena, refs: &str) -> Push {
    arena.push(&["--no-verify", "origin", refs])
}

#[derive(Debug, Clone, Copy)]
enum Ends {
    Passes(&'static str),
    Refused(&'static str),
}
use Ends::{Passes, Refused};

struct Case {
    name: &'static str,
    edit: fn(&Arena),
    ends: Ends,
}

const CASES: &[Case] = &[
    Case {
        name: "deleted",
        edit: |arena| fs::remove_file(arena.clone.join(FILE)).unwrap(),
        ends: Refused("the policy `policies/freezegate.toml` is gone from the new state of `main`"),
    },
    Case {
        name: "broken",
        edit: |arena| exchange(arena, FILE, "core_hours", "core_hour"),
        ends: Refused(":policies/freezegate.toml:6:1"),
    },
    Case {
        name: "with a key that this program does not know",
        edit: |arena| exchange(arena, FILE, "settle ", "settling "),
        ends: Refused("error[unknown-key]"),
    },
    Case {
        name: "for a newer program",
        edit: |arena| exchange(arena, FILE, "version = 1", "version = 1\nrequires = \"99.0\"\nnews = 1"),
        ends: Refused("the policy needs freezegate 99.0 or newer"),
    },
    Case {
        name: "moved as it is",
        edit: |arena| {
            arena.git(["mv", FILE, "freezegate.toml"]);
            arena.git(["mv", FREEZES_FILE, "freezes.toml"]);
            arena.git(["mv", ROSTER, "approvers.allowed_signers"]);
        },
        ends: Passes("policy edit: opens nothing, closes nothing"),
    },
    Case {
        name: "shadowed",
        edit: |arena| {
            arena.write(
                "freezegate.toml",
                "version = 1\n[environments.production]\n[environments.staging]\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n",
            );
        },
        ends: Refused("the edit of `freezegate.toml` opens"),
    },
    Case {
        name: "behind a link",
        edit: |arena| {
            arena.git(["mv", FILE, "policies/real.toml"]);
            symlink("real.toml", arena.clone.join(FILE)).unwrap();
        },
        ends: Refused("`policies/freezegate.toml` is a symbolic link, not a regular file"),
    },
    Case {
        name: "in a folder behind a link",
        edit: |arena| {
            arena.git(["mv", "policies", "real"]);
            symlink("real", arena.clone.join("policies")).unwrap();
        },
        ends: Refused("symbolic link"),
    },
    Case {
        name: "beside another case of its name",
        edit: |arena| arena.write("Policies/Freezegate.toml", "version = 1\n"),
        ends: Refused("`Policies/Freezegate.toml` differs from `policies/freezegate.toml` in case alone"),
    },
    Case {
        name: "without its include",
        edit: |arena| fs::remove_file(arena.clone.join(FREEZES_FILE)).unwrap(),
        ends: Refused("`policies/freezes.toml` is not in the commit"),
    },
    Case {
        name: "without its roster",
        edit: |arena| fs::remove_file(arena.clone.join(ROSTER)).unwrap(),
        ends: Refused("error[bad-roster]"),
    },
    Case {
        name: "one more signer",
        edit: |arena| arena.write(ROSTER, format!("ana@example.com {KEY}\neve@example.com {OTHER_KEY}\n")),
        ends: Refused("in every environment (soft, at any hour)"),
    },
    Case {
        name: "one signer less",
        edit: |arena| arena.write(ROSTER, format!("eve@example.com {OTHER_KEY}\n")),
        ends: Refused("in every environment (soft, at any hour)"),
    },
    Case {
        name: "a lift less",
        edit: |arena| exchange(arena, FILE, SOFT, ""),
        ends: Refused("in every environment (soft, at any hour)"),
    },
    Case {
        name: "a lift more, of a level that nobody may override",
        edit: |arena| {
            exchange(arena, FILE, SOFT, &SOFT.replace("soft", "hard").replacen('\n', &format!("{SOFT}\n"), 1))
        },
        ends: Refused("refused: production/us is closed (core hours, hard)"),
    },
    Case {
        name: "a narrower target",
        edit: |arena| exchange(arena, FILE, "flags/**", "flags/*"),
        ends: Refused("opened by the edit of policies/freezegate.toml"),
    },
    Case {
        name: "an exception of a target",
        edit: |arena| exchange(arena, FILE, "[\"flags/**\"]", "[\"flags/**\"]\nexcept = [\"flags/a\"]"),
        ends: Refused("opened by the edit of policies/freezegate.toml"),
    },
    Case {
        name: "a kind that a target shows only now",
        edit: |arena| exchange(arena, FILE, "\"flags/**\"]", "\"flags/**\"]\nkind = \"flag\""),
        ends: Passes("policy edit: opens nothing"),
    },
    Case {
        name: "targets in another order, and a remark",
        edit: |arena| {
            let one = "[[targets]]\npaths = [\"deploy/{environment}/{region}/**\"]\n\n";
            exchange(arena, FILE, one, "# a remark\n");
            exchange(arena, FILE, "[approvers]", &format!("{one}[approvers]"));
        },
        ends: Passes("policy edit: opens nothing, closes nothing"),
    },
    Case {
        name: "a shorter time to settle",
        edit: |arena| exchange(arena, FILE, "\"30m\"", "\"29m\""),
        ends: Refused("opened by the edit of policies/freezegate.toml"),
    },
    Case {
        name: "a longer time to settle",
        edit: |arena| exchange(arena, FILE, "\"30m\"", "\"31m\""),
        ends: Passes("policy edit: opens nothing, closes 4 things"),
    },
    Case {
        name: "a calendar that runs out later",
        edit: |arena| exchange(arena, FILE, "valid_until = 2026-12-31", "valid_until = 2027-12-31"),
        ends: Refused("the edit of `policies/freezegate.toml` opens"),
    },
    Case {
        name: "one more exemption",
        edit: |arena| {
            exchange(arena, FILE, "duration = \"10m\"", "duration = \"10m\"\nexempt = [\"rollback\", \"flag\"]")
        },
        ends: Refused("opened by the edit of policies/freezegate.toml"),
    },
    Case {
        name: "a target that takes the policy for an environment",
        edit: |arena| {
            exchange(
                arena,
                FILE,
                "[approvers]",
                "[[targets]]\npaths = [\"policies/{environment}.toml\"]\n\n[approvers]",
            )
        },
        ends: Refused("the edit refuses every later edit of the policy at any hour"),
    },
    Case {
        name: "a target that takes the branch for an environment",
        edit: |arena| {
            exchange(arena, FILE, "[approvers]", "[[targets]]\nrefs = [\"refs/heads/{environment}\"]\n\n[approvers]")
        },
        ends: Refused("the edit refuses every later edit of the policy at any hour"),
    },
    Case {
        name: "core hours at all hours",
        edit: |arena| exchange(arena, FILE, "Mon-Fri 08:00-18:00", "daily 00:00-24:00"),
        ends: Refused("the edit closes `production` for the coming 400 days"),
    },
    Case {
        name: "a freeze for decades",
        edit: |arena| exchange(arena, FREEZES_FILE, "until    = 2025-03-08", "until    = 2099-03-08"),
        ends: Refused("the edit closes `production` for the coming 400 days"),
    },
    Case {
        name: "change windows in core hours alone",
        edit: |arena| {
            let windows = "[environments.production]\nchange_windows = [{ hours = \"Wed 10:00-11:00\", timezone = \"America/Los_Angeles\" }]";
            exchange(arena, FILE, "[environments.production]", windows);
        },
        ends: Refused("the edit closes `production` for the coming 400 days"),
    },
    Case {
        name: "without a freeze that is over",
        edit: |arena| {
            let (head, rest) = FREEZES.split_once("[[freezes]]").unwrap();
            let (_, rest) = rest.split_once("[[freezes]]").unwrap();
            arena.write(FREEZES_FILE, format!("{head}[[freezes]]{rest}"));
        },
        ends: Passes("policy edit: opens nothing"),
    },
    Case {
        name: "an environment less",
        edit: |arena| exchange(arena, FILE, "[environments.production]", "[environments.live]"),
        ends: Refused("error"),
    },
    Case {
        name: "with a change of production",
        edit: |arena| {
            exchange(arena, FILE, "Mon-Fri 08:00-18:00", "Mon 08:00-08:01");
            arena.write(ROUTES, "evil\n");
        },
        ends: Refused("reached by deploy/production/us/routes.yaml"),
    },
];

#[test]
fn what_an_edit_opens_decides_whether_it_passes() {
    for Case { name, edit, ends } in CASES {
        let arena = arena();
        edit(&arena);
        arena.commit(name);
        // on another branch it has no say, and nobody looks at it
        let draft = pushed(&arena, "main:feature");
        assert!(draft.passed, "{name}: {}", draft.seen);
        let before = arena.refs();
        let push = pushed(&arena, "main");
        let seen = words(&push.seen.replace("remote:", " "));
        let (passes, shows) = match ends {
            Passes(shows) => (true, shows),
            Refused(shows) => (false, shows),
        };
        assert_eq!(push.passed, passes, "{name}:\n{}", push.seen);
        assert!(seen.contains(&words(shows)), "{name}: `{shows}` is not shown:\n{}", push.seen);
        if !passes {
            assert_eq!(arena.refs(), before, "{name}");
        }
    }
}

/// What nobody may override passes while what it opens is open; what somebody may override does not.
#[test]
fn in_open_hours_passes_what_nobody_may_override() {
    let arena = arena();
    arena.clock(OPEN);
    exchange(&arena, FILE, "08:00-18:00", "08:00-17:00");
    arena.commit("open an hour");
    assert!(pushed(&arena, "main").passed);
    let region = "[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\n[calendars";
    exchange(&arena, FILE, "[calendars", region);
    arena.commit("one more region");
    assert!(pushed(&arena, "main").passed);
    exchange(&arena, FREEZES_FILE, "level    = \"soft\"", "level    = \"warn\"");
    arena.commit("report only");
    let push = pushed(&arena, "main");
    assert!(!push.passed && words(&push.seen).contains("in `production` (soft, at any hour)"), "{}", push.seen);
}

/// Whatever path leads back to a weaker policy: it is compared with the one in force.
#[test]
fn no_history_brings_a_weaker_policy() {
    let arena = arena();
    arena.git(["checkout", "--quiet", "-b", "weaker"]);
    exchange(&arena, FILE, "Mon-Fri 08:00-18:00", "Mon 08:00-08:01");
    arena.commit("weaker");
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
    exchange(&arena, FILE, "Mon-Fri 08:00-18:00", "daily 07:00-19:00");
    arena.commit("stricter");
    assert!(pushed(&arena, "main").passed);
    refused("+main~1:main");
    // a stale branch is judged by the policy of the default one
    arena.git(["branch", "release/1", "main~1"]);
    arena.clock("2025-07-09 14:30:00");
    arena.git(["checkout", "--quiet", "release/1"]);
    exchange(&arena, FILE, "paths = [\"deploy", "refs = [\"refs/heads/*\"]\npaths = [\"deploy");
    arena.commit("stale");
    assert!(pushed(&arena, "release/1").passed, "no target of main names it");
}
