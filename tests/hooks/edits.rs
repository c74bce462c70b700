//! Edits of the policy, pushed to a server: what opens nothing passes at any hour, what opens something waits as a change would.

use std::fs;

use crate::hooks::arena::{Arena, CLOSED, OPEN, Push, ROUTES, words};

mod broken;
mod by_ref;
mod history;
mod lockout;
mod opening;
mod place;

/// `freezegate.toml` of the policy.
const RULES: &str = r##"version = 1
include = ["hours.toml"]

[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]
holidays   = ["company"]

[environments.production]
duration = "10m"
settle   = "30m"

[environments.staging]
during_core_hours = "off"

[[targets]]
refs  = ["refs/heads/main", "refs/heads/release/*"]
paths = ["deploy/{environment}/{region}/**", "charts/{environment}/**"]

[[targets]]
refs        = ["refs/tags/v*"]
environment = "production"

[[targets]]
paths       = ["flags/**"]
environment = "production"

[[freezes]]
name     = "launch"
from     = 2025-07-20T00:00:00
until    = 2025-07-25T00:00:00
timezone = "UTC"

[[freezes]]
name     = "before a release"
from     = "releases -2d 00:00"
until    = "releases 00:00"
timezone = "UTC"

[approvers]
allowed_signers = "approvers.allowed_signers"

[[lifts]]
level  = "soft"
signed = ["any"]
"##;

/// `hours.toml`, which it includes.
const HOURS: &str = r##"version = 1

[regions.eu]
timezones  = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]

[calendars.company]
dates       = [2025-12-25]
valid_until = 2025-12-31

[calendars.releases]
dates       = [2025-11-01]
valid_until = 2025-12-31

[calendars.holidays]
dates       = [2025-08-15]
valid_until = 2025-12-28

[[freezes]]
name     = "holidays"
from     = "holidays -1d 00:00"
until    = "holidays +1d 00:00"
timezone = "UTC"

[[freezes]]
name     = "spring"
from     = 2025-05-01T00:00:00
until    = 2025-05-08T00:00:00
timezone = "UTC"
"##;

/// The freeze of [`HOURS`] that is over.
const SPRING: &str = "[[freezes]]\nname     = \"spring\"\nfrom     = 2025-05-01T00:00:00\nuntil    = 2025-05-08T00:00:00\ntimezone = \"UTC\"\n";

/// The lift of [`RULES`].
const SOFT_LIFT: &str = "[[lifts]]\nlevel  = \"soft\"\nsigned = [\"any\"]\n";

/// The key of the only signer.
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDKlvAk0hg3LIfCIdEjL/a8ppLfMp/zLKVQ2PAD6cUvV";

/// A key of another person.
const OTHER_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILUqzr8qxrdRRokFJxl91zw2Cga5NxjbU4KnFh5whwQI";

/// What a refusal shows of an edit that opens what is closed.
const OPENED: &str = "opens something while";

const POLICY_FILE: &str = "freezegate.toml";
const HOURS_FILE: &str = "hours.toml";
const ROSTER_FILE: &str = "approvers.allowed_signers";

/// The folder of the policy, as the beginning of a path.
type Folder = &'static str;

/// The root of the repository.
const ROOT: Folder = "";

/// The other folder in which a policy is looked for.
const POLICIES: Folder = "policies/";

/// What is done to the files of the policy. Paths are those in its folder.
#[derive(Clone, Copy)]
enum Edit {
    /// One text, which is there once, takes the place of another.
    Replaced(&'static str, &'static str, &'static str),
    /// A text is added at the end of a file.
    Added(&'static str, &'static str),
    Removed(&'static str),
    /// A file of the repository gets this content; the path begins at its root.
    Written(&'static str, &'static str),
    /// Something else, in the clone whose policy is in a folder.
    Done(fn(&Arena, Folder)),
}

/// The way in which the server answers.
#[derive(Clone, Copy)]
enum Answer {
    /// It passes, closed or not, opens nothing, and this is shown.
    Passes(&'static str),
    /// It is judged as a change of every region: refused while production is closed, with this shown, and passes while it is open.
    WhileOpen(&'static str),
    /// It is refused at any hour, and this is shown.
    Never(&'static str),
}

use Answer::{Never, Passes, WhileOpen};
use Edit::{Added, Done, Removed, Replaced, Written};

/// An edit by its name, what is done, and the answer.
type Case = (&'static str, Edit, Answer);

/// A server whose policy is [`RULES`] in a folder, with its hook in place.
fn arena_with_rules(folder: Folder) -> Arena {
    let arena = Arena::without_policy();
    arena.write(format!("{folder}{POLICY_FILE}"), RULES);
    arena.write(format!("{folder}{HOURS_FILE}"), HOURS);
    arena.write(format!("{folder}{ROSTER_FILE}"), format!("ana@example.com {KEY}\n"));
    arena.commit_file(ROUTES, "begin");
    arena.passes(&["--no-verify", "origin", "main"]);
    arena.install(&arena.server, "pre-receive", "");
    // what closes is a line without its parts otherwise
    arena.git_in(&arena.server, ["config", "freezegate.verbose", "true"]);
    arena
}

fn make(edit: Edit, arena: &Arena, folder: Folder) {
    let own = |path: &str| format!("{folder}{path}");
    let read = |path: &str| fs::read_to_string(arena.clone.join(own(path))).unwrap();
    match edit {
        Replaced(path, old, new) => {
            let text = read(path);
            assert_eq!(text.matches(old).count(), 1, "{old}");
            arena.write(own(path), text.replace(old, new));
        }
        Added(path, text) => arena.write(own(path), read(path) + text),
        Removed(path) => fs::remove_file(arena.clone.join(own(path))).unwrap(),
        Written(path, text) => arena.write(path, text),
        Done(act) => act(arena, folder),
    }
}

/// Pushes what is checked out to a branch, past the clone's own hook.
fn push_at(arena: &Arena, clock: &str, branch: &str) -> Push {
    arena.clock(clock);
    arena.push(&["--no-verify", "origin", &format!("+HEAD:refs/heads/{branch}")])
}

/// Returns whether a push at `clock` ended as `answer` says.
fn is_answered(answer: Answer, clock: &str, push: &Push) -> bool {
    let said = words(&push.seen);
    match answer {
        Passes(shown) => push.passed && said.contains("policy edit: opens nothing") && said.contains(shown),
        WhileOpen(_) if clock == OPEN => push.passed && said.contains("policy edit: opens"),
        WhileOpen(shown) => {
            !push.passed && ["policy edit: opens", "is closed", shown].iter().all(|one| said.contains(one))
        }
        Never(shown) => !push.passed && said.contains(shown),
    }
}

/// Pushes each edit to the default branch, in core hours and on a Sunday; before that to another branch, where it has no say.
fn hold(folder: Folder, cases: &[Case]) {
    let arena = arena_with_rules(folder);
    let begin = arena.git(["rev-parse", "HEAD"]);
    let before = arena.refs();
    let mut wrong = Vec::new();
    for (name, edit, answer) in cases {
        make(*edit, &arena, folder);
        arena.commit("an edit");
        let draft = push_at(&arena, CLOSED, "feature");
        if !draft.passed {
            wrong.push(format!("{name}, to another branch:\n{}", draft.seen));
        }
        arena.git_in(&arena.server, ["update-ref", "-d", "refs/heads/feature"]);
        for clock in [CLOSED, OPEN] {
            let push = push_at(&arena, clock, "main");
            if !is_answered(*answer, clock, &push) {
                wrong.push(format!("{name}, at {clock}, passed: {}\n{}", push.passed, push.seen));
            }
            if !push.passed && arena.refs() != before {
                wrong.push(format!("{name}, at {clock}: a ref is moved, though the push is refused"));
            }
            arena.git_in(&arena.server, ["update-ref", "refs/heads/main", &begin]);
        }
        arena.git(["fetch", "--quiet", "--force", "--prune", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
        arena.git(["reset", "--quiet", "--hard", &begin]);
        arena.git(["clean", "--quiet", "-fdx"]);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
