//! Edits of the policy, pushed to a server: what opens nothing passes at any hour, what opens something waits as a change would.

use std::os::unix::fs::symlink;

use crate::arena::{Arena, CLOSED, OPEN, Push, ROUTES, words};

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

[[freezes]]
name     = "launch"
from     = 2025-07-20T00:00:00
until    = 2025-07-25T00:00:00
timezone = "UTC"

[[freezes]]
name     = "spring"
from     = 2025-05-01T00:00:00
until    = 2025-05-08T00:00:00
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
"##;

/// The keys of nobody.
const OTHER_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILUqzr8qxrdRRokFJxl91zw2Cga5NxjbU4KnFh5whwQI";
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDKlvAk0hg3LIfCIdEjL/a8ppLfMp/zLKVQ2PAD6cUvV";

const SPRING: &str = "[[freezes]]\nname     = \"spring\"\nfrom     = 2025-05-01T00:00:00\nuntil    = 2025-05-08T00:00:00\ntimezone = \"UTC\"\n";

const SOFT_LIFT: &str = "[[lifts]]\nlevel  = \"soft\"\nsigned = [\"any\"]\n";

/// What is done to the files of the policy.
enum Edit {
    /// In `freezegate.toml`, one text takes the place of another.
    Replaced(&'static str, &'static str),
    /// At the end of a file.
    Added(&'static str, &'static str),
    Removed(&'static str),
    Written(&'static str, &'static str),
    /// Something else, in the clone.
    Done(fn(&Arena)),
}

/// What the server says.
#[derive(Clone, Copy)]
enum Answer {
    /// It passes, closed or not.
    Passes,
    /// It is judged as a change of every region: refused while production is closed, and passes while it is open.
    WhileOpen,
    /// It is refused at any hour, and this is shown.
    Never(&'static str),
}

use Answer::{Never, Passes, WhileOpen};
use Edit::{Added, Done, Removed, Replaced, Written};

/// A server whose policy is RULES at the root, or in a folder.
fn arena_with_rules(folder: &str) -> Arena {
    let arena = Arena::without_policy();
    arena.write(format!("{folder}freezegate.toml"), RULES);
    arena.write(format!("{folder}hours.toml"), HOURS);
    arena.write(format!("{folder}approvers.allowed_signers"), format!("ana@example.com {KEY}\n"));
    arena.commit_file(ROUTES, "begin");
    arena.passes(&["--no-verify", "origin", "main"]);
    arena.install(&arena.server, "pre-receive", "");
    arena
}

fn make(edit: &Edit, arena: &Arena) {
    let read = |path: &str| std::fs::read_to_string(arena.clone.join(path)).unwrap();
    match edit {
        Replaced(old, new) => {
            let text = read("freezegate.toml");
            assert_eq!(text.matches(old).count(), 1, "{old}");
            arena.write("freezegate.toml", text.replace(old, new));
        }
        Added(path, text) => arena.write(path, read(path) + text),
        Removed(path) => std::fs::remove_file(arena.clone.join(path)).unwrap(),
        Written(path, text) => arena.write(path, text),
        Done(act) => act(arena),
    }
}

/// Puts both sides back to where they were.
fn back(arena: &Arena, begin: &str) {
    arena.git_in(&arena.server, ["update-ref", "refs/heads/main", begin]);
    arena.git(["fetch", "--quiet", "--force", "origin", "+refs/heads/main:refs/remotes/origin/main"]);
    arena.git(["reset", "--quiet", "--hard", begin]);
    arena.git(["clean", "--quiet", "-fdx"]);
}

fn at(arena: &Arena, clock: &str) -> Push {
    arena.clock(clock);
    arena.push(&["--no-verify", "origin", "+HEAD:refs/heads/main"])
}

fn hold(arena: &Arena, cases: &[(&str, Edit, Answer)]) {
    let begin = arena.git(["rev-parse", "HEAD"]);
    let mut wrong = Vec::new();
    for (name, edit, answer) in cases {
        make(edit, arena);
        arena.commit("an edit");
        let mut hours = Vec::new();
        for clock in [CLOSED, OPEN] {
            let push = at(arena, clock);
            let said = words(&push.seen);
            let holds = match answer {
                Passes => push.passed && said.contains("policy edit: opens nothing"),
                WhileOpen if clock == OPEN => push.passed && said.contains("policy edit: opens"),
                WhileOpen => !push.passed && said.contains("policy edit: opens") && said.contains("is closed"),
                Never(shown) => !push.passed && said.contains(shown),
            };
            if !holds {
                hours.push(format!("{name}, at {clock}, passed: {}\n{}", push.passed, push.seen));
            }
            arena.git_in(&arena.server, ["update-ref", "refs/heads/main", &begin]);
        }
        wrong.append(&mut hours);
        back(arena, &begin);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_change_leaves_a_policy_that_loads() {
    let gone = "is gone from the new state of";
    hold(
        &arena_with_rules(""),
        &[
            ("deleted", Removed("freezegate.toml"), Never(gone)),
            ("a wrong key", Replaced("core_hours = [", "core_hour = ["), Never("core_hour")),
            (
                "no TOML",
                Written("freezegate.toml", "version = \n"),
                Never("the change leaves a policy that can't be read"),
            ),
            ("a key of another program", Added("freezegate.toml", "\n[weather]\nrain = true\n"), Never("weather")),
            ("a newer program", Replaced("version = 1\n", "version = 1\nrequires = \"99.0\"\n"), Never("99.0")),
            ("a missing include", Removed("hours.toml"), Never("hours.toml")),
            ("a wrong include", Written("hours.toml", "version = 1\nx = 1\n"), Never("hours.toml")),
            ("a missing roster", Removed("approvers.allowed_signers"), Never("approvers.allowed_signers")),
            ("a link", Done(link), Never("is a symbolic link")),
            ("another case of the name", Written("Freezegate.toml", RULES), Never("in case alone")),
            ("another case in the folder", Written("Policies/freezegate.toml", RULES), Never("in case alone")),
        ],
    );
}

fn link(arena: &Arena) {
    arena.git(["mv", "freezegate.toml", "real.toml"]);
    symlink("real.toml", arena.clone.join("freezegate.toml")).unwrap();
}

/// Moves the whole policy into a folder.
fn moved(arena: &Arena) {
    std::fs::create_dir(arena.clone.join("policies")).unwrap();
    for file in ["freezegate.toml", "hours.toml", "approvers.allowed_signers"] {
        arena.git(["mv", file, "policies/"]);
    }
}

fn moved_and_weaker(arena: &Arena) {
    moved(arena);
    arena.write("policies/freezegate.toml", RULES.replace("Mon-Fri 08:00-18:00", "Sun 03:00-03:01"));
}

fn without_hours(arena: &Arena) {
    arena.write("freezegate.toml", RULES.replace("Mon-Fri 08:00-18:00", "Sun 03:00-03:01"));
}

#[test]
fn another_place_of_the_policy_counts_by_what_it_says() {
    hold(
        &arena_with_rules(""),
        &[
            ("moved as it is", Done(moved), Passes),
            ("moved and weaker", Done(moved_and_weaker), WhileOpen),
            ("a second one that is not read", Written("policies/freezegate.toml", "version = 1\n"), Passes),
        ],
    );
    let shadow = "version = 1\n[environments.production]\nduring_core_hours = \"off\"\n[environments.staging]\nduring_core_hours = \"off\"\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n";
    hold(
        &arena_with_rules("policies/"),
        &[
            // nobody signs any more either, at any hour
            ("another in front", Written("freezegate.toml", shadow), Never("the edit of `freezegate.toml` opens")),
            ("a wrong one in front", Written("freezegate.toml", "version = 2\n"), Never("freezegate.toml")),
        ],
    );
}

#[test]
fn what_opens_waits_until_production_is_open() {
    hold(
        &arena_with_rules(""),
        &[
            ("no core hours", Done(without_hours), WhileOpen),
            ("a zone less", Replaced("\"America/New_York\", ", ""), WhileOpen),
            ("warn", Replaced("duration = \"10m\"", "duration = \"10m\"\nduring_core_hours = \"warn\""), WhileOpen),
            ("a shorter settle", Replaced("settle   = \"30m\"", "settle   = \"20m\""), WhileOpen),
            ("a shorter duration", Replaced("duration = \"10m\"", "duration = \"5m\""), WhileOpen),
            ("a later end of a calendar", Done(later_calendar), WhileOpen),
            ("another holiday", Done(another_holiday), WhileOpen),
            (
                "an exemption",
                Replaced("duration = \"10m\"", "duration = \"10m\"\nexempt = [\"rollback\", \"flag\"]"),
                WhileOpen,
            ),
            (
                "an exemption of a freeze",
                Replaced(
                    "until    = 2025-07-25T00:00:00\n",
                    "until    = 2025-07-25T00:00:00\nexempt   = [\"rollback\", \"security\"]\n",
                ),
                WhileOpen,
            ),
            (
                "a freeze that ends earlier",
                Replaced("until    = 2025-07-25T00:00:00", "until    = 2025-07-24T23:59:00"),
                WhileOpen,
            ),
            (
                "a freeze that only warns",
                Replaced("until    = 2025-07-25T00:00:00\n", "until    = 2025-07-25T00:00:00\nlevel    = \"warn\"\n"),
                WhileOpen,
            ),
            (
                "a narrower path",
                Replaced("deploy/{environment}/{region}/**", "deploy/{environment}/{region}/*.yaml"),
                WhileOpen,
            ),
            ("a path less", Replaced(", \"charts/{environment}/**\"", ""), WhileOpen),
            ("a ref less", Replaced(", \"refs/heads/release/*\"", ""), WhileOpen),
            ("narrower tags", Replaced("refs/tags/v*", "refs/tags/v1.*"), WhileOpen),
            ("an exception", Replaced("refs  = [", "except = [\"**/*.md\"]\nrefs  = ["), WhileOpen),
        ],
    );
}

fn later_calendar(arena: &Arena) {
    arena.write("hours.toml", HOURS.replace("valid_until = 2025-12-31", "valid_until = 2026-12-31"));
}

fn another_holiday(arena: &Arena) {
    arena.write("hours.toml", HOURS.replace("[2025-12-25]", "[2025-12-24, 2025-12-25]"));
}

#[test]
fn what_opens_nothing_passes_at_any_hour() {
    hold(
        &arena_with_rules(""),
        &[
            ("a remark", Added("freezegate.toml", "# a remark\n"), Passes),
            ("a freeze that is over ends", Replaced(SPRING, ""), Passes),
            (
                "a new freeze",
                Added(
                    "freezegate.toml",
                    "\n[[freezes]]\nname = \"stop\"\nfrom = 2025-08-01T00:00:00\nuntil = 2025-08-02T00:00:00\ntimezone = \"UTC\"\n",
                ),
                Passes,
            ),
            ("a longer settle", Replaced("settle   = \"30m\"", "settle   = \"45m\""), Passes),
            ("wider tags", Replaced("refs/tags/v*", "refs/tags/*"), Passes),
            (
                "paths in another order",
                Replaced(
                    "\"deploy/{environment}/{region}/**\", \"charts/{environment}/**\"",
                    "\"charts/{environment}/**\", \"deploy/{environment}/{region}/**\"",
                ),
                Passes,
            ),
            (
                "refs in another order",
                Replaced(
                    "\"refs/heads/main\", \"refs/heads/release/*\"",
                    "\"refs/heads/release/*\", \"refs/heads/main\"",
                ),
                Passes,
            ),
            (
                "a target more",
                Added("freezegate.toml", "\n[[targets]]\npaths = [\"infra/**\"]\nenvironment = \"production\"\n"),
                Passes,
            ),
        ],
    );
}

#[test]
fn who_may_override_is_settled_by_an_override() {
    let soft = "in every environment (soft, at any hour)";
    hold(
        &arena_with_rules(""),
        &[
            ("a signer more", Done(a_signer_more), Never(soft)),
            ("a lift less", Replaced(SOFT_LIFT, ""), Never(soft)),
            // what opens besides, and nobody can override, does not help
            ("a lift less, and a path less", Done(no_lift_no_charts), Never(soft)),
            ("harder", Replaced("signed = [\"any\"]", "signed = [\"any\"]\nincident = true"), Never(soft)),
        ],
    );
}

fn a_signer_more(arena: &Arena) {
    arena.write("approvers.allowed_signers", format!("ana@example.com {KEY}\neve@example.com {OTHER_KEY}\n"));
}

fn no_lift_no_charts(arena: &Arena) {
    arena.write("freezegate.toml", RULES.replace(SOFT_LIFT, "").replace(", \"charts/{environment}/**\"", ""));
}
