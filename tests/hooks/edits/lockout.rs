//! Edits after which no edit could pass any more: nobody may override hard.

use std::fs;

use crate::hooks::arena::{Arena, CLOSED, OPEN, ROUTES, words};
use crate::hooks::edits::{
    Added, Done, Folder, HOURS_FILE, KEY, Never, POLICIES, POLICY_FILE, Passes, ROOT, ROSTER_FILE, RULES, Replaced,
    arena_with_rules, hold, push_at,
};

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
            (
                "a freeze for decades that begins next week",
                Added(POLICY_FILE, NEXT_WEEK),
                Never("the edit closes `production` for 400 days from Tue 15 Jul 2025 05:20 UTC on"),
            ),
            (
                "a target that takes the policy to what a calendar closes when it runs out",
                Added(POLICY_FILE, "\n[[targets]]\npaths = [\"policies/**\"]\nenvironment = \"production\"\n"),
                Passes("opens nothing"),
            ),
            (
                "a roster whose key may not sign grants",
                Done(for_git),
                Never("too few keys of `policies/approvers.allowed_signers` may sign now"),
            ),
            (
                "a roster whose key counts no longer",
                Done(over),
                Never("too few keys of `policies/approvers.allowed_signers` may sign now"),
            ),
            (
                "a roster whose key counts for some days",
                Done(for_weeks),
                Never("may sign from Fri 1 Aug 2025 00:00 UTC on"),
            ),
        ],
    );
}

/// A list of holidays that close has ended, nobody may override, and a target takes every file to production, as that of a draft does.
#[test]
fn a_list_that_has_ended_is_renewed_where_the_policys_own_files_reach_what_it_closes() {
    let policy = "version = 1
include = [\"holidays.toml\"]

[regions.eu]
timezones   = [\"Europe/Berlin\"]
holidays    = [\"company\"]
on_holidays = \"closed\"

[environments.production]

[[targets]]
paths       = [\"**\"]
environment = \"production\"
";
    let list = |end: &str| format!("version = 1\n[calendars.company]\ndates = [2025-01-01]\nvalid_until = {end}\n");
    let arena = Arena::without_policy();
    arena.write("freezegate.toml", policy);
    arena.write("holidays.toml", list("2025-06-30"));
    arena.commit("begin");
    arena.git(["push", "--quiet", "--no-verify", "origin", "main"]);
    arena.git(["remote", "set-head", "origin", "main"]);
    for record in ["", "--record ../record.jsonl"] {
        let record = record.replace("..", arena.root().to_str().unwrap());
        arena.install(&arena.server, "pre-receive", &record);
        let begin = arena.git(["rev-parse", "HEAD"]);
        arena.write("holidays.toml", list("2025-12-31"));
        arena.write("app", "one");
        arena.commit("the next list, and something else");
        for side in [&["--no-verify", "origin", "main"][..], &["origin", "main"]] {
            let push = arena.push(side);
            assert!(!push.passed && words(&push.seen).contains("has ended"), "{}", push.seen);
        }
        // what only begins to be the policy's, or ceases to be, is deployed all the same
        arena.git(["reset", "--quiet", "--hard", &begin]);
        arena.write("freezegate.toml", policy.replace("\"holidays.toml\"", "\"holidays.toml\", \"deployed.toml\""));
        arena.write("deployed.toml", "version = 1\n# what runs in production\n");
        arena.commit("an include that is deployed");
        for side in [&["--no-verify", "origin", "main"][..], &["origin", "main"]] {
            let push = arena.push(side);
            assert!(!push.passed && words(&push.seen).contains("has ended"), "{}", push.seen);
        }
        arena.git(["reset", "--quiet", "--hard", &begin]);
        arena.write("holidays.toml", list("2025-12-31"));
        arena.commit("the next list");
        arena.passes(&["origin", "main"]);
        arena.write("app", record);
        arena.commit("what waited for it");
        arena.passes(&["origin", "main"]);
        // and once more, as an administrator may leave it
        arena.write("holidays.toml", list("2025-06-30"));
        arena.commit("ended again");
        fs::remove_file(arena.server.join("hooks/pre-receive")).unwrap();
        arena.git(["push", "--quiet", "--no-verify", "origin", "main"]);
    }
}

/// Gives the only key of the roster other options, and asks for it where something hard is overridden.
fn with_options(arena: &Arena, folder: Folder, options: &str) {
    let rules = RULES.replace("level  = \"soft\"", "level  = \"hard\"");
    arena.write(format!("{folder}{POLICY_FILE}"), rules);
    arena.write(format!("{folder}{ROSTER_FILE}"), format!("ana@example.com {options}{KEY}\n"));
}

fn for_git(arena: &Arena, folder: Folder) {
    with_options(arena, folder, "namespaces=\"git\" ");
}

fn over(arena: &Arena, folder: Folder) {
    with_options(arena, folder, "valid-before=\"20250101Z\" ");
}

fn for_weeks(arena: &Arena, folder: Folder) {
    with_options(arena, folder, "valid-before=\"20250801Z\" ");
}

/// A freeze that ends in 2099.
const NEXT_WEEK: &str =
    "\n[[freezes]]\nname = \"long\"\ntimezone = \"UTC\"\nfrom = 2025-07-15T12:00:00\nuntil = 2099-01-01T00:00:00\n";

const BY_TURNS: &str = "version = 1
[environments.production]
[environments.staging]
";

const TURNS: &str = "[[freezes]]
name = \"a\"
timezone = \"UTC\"
from = \"Mon 00:00\"
until = \"Thu 00:00\"
environments = [\"production\"]
[[freezes]]
name = \"b\"
timezone = \"UTC\"
from = \"Thu 00:00\"
until = \"Mon 00:00\"
environments = [\"staging\"]
";

#[test]
fn what_takes_the_policy_is_open_together_whichever_edit_comes_first() {
    let files = "[[targets]]\npaths = [\"*.toml\"]\nenvironment = \"*\"\n";
    let branch = "[[targets]]\nrefs = [\"refs/heads/main\"]\nenvironment = \"*\"\n";
    let one = "[[targets]]\npaths = [\"*.toml\"]\nenvironment = \"production\"\n";
    let orders: [(&str, &[&str]); 6] = [
        ("hours, then files", &[TURNS, files]),
        ("files, then hours", &[files, TURNS]),
        ("hours, then the branch", &[TURNS, branch]),
        ("the branch, then hours", &[branch, TURNS]),
        ("one target, then hours", &[one, TURNS]),
        // taking back the freeze `b` opens staging, and the policy's own file reaches production
        ("hours, then one target", &[TURNS, one]),
    ];
    for (name, edits) in orders {
        let arena = Arena::without_policy();
        let mut text = BY_TURNS.to_owned();
        arena.write(POLICY_FILE, &text);
        arena.commit_file(ROUTES, "begin");
        arena.passes(&["--no-verify", "origin", "main"]);
        arena.install(&arena.server, "pre-receive", "");
        for (number, edit) in edits.iter().enumerate() {
            text += edit;
            arena.write(POLICY_FILE, &text);
            arena.commit("an edit");
            let push = push_at(&arena, OPEN, "main");
            let is_last = number + 1 == edits.len();
            let said = words(&push.seen);
            assert_eq!(push.passed, !is_last, "{name}, edit {number}: {}", push.seen);
            assert!(!is_last || said.contains("for 400 days from now on"), "{name}: {}", push.seen);
        }
    }
}

const NO_RECORD: &str = "It permits any change for the incident. Only for this change: this server keeps no record; its administrator adds one: `freezegate hook install pre-receive --record FILE`";

/// Only overrides that count here are proposed.
#[test]
fn a_gate_without_a_record_says_that_overrides_need_one() {
    for (options, shown, hidden) in
        [("", NO_RECORD, "none here"), ("--record RECORD", "freezegate grant ask", NO_RECORD)]
    {
        let arena = arena_with_rules(ROOT);
        let record = arena.server.join("decisions.jsonl");
        let rules = RULES.replace("level  = \"soft\"", "level  = \"hard\"");
        arena.git_in(&arena.server, ["config", "core.hooksPath", "/dev/null"]);
        arena.write(POLICY_FILE, rules);
        arena.commit_file(ROUTES, "with a lift");
        arena.passes(&["--no-verify", "origin", "main"]);
        arena.git_in(&arena.server, ["config", "--unset", "core.hooksPath"]);
        arena.install(&arena.server, "pre-receive", &options.replace("RECORD", record.to_str().unwrap()));
        arena.commit_file(ROUTES, "closed");
        let push = push_at(&arena, CLOSED, "main");
        let said = words(&push.seen);
        assert!(!push.passed && said.contains(shown) && !said.contains(hidden), "{}", push.seen);
    }
}

/// That anybody's keys may be added in open time is meant so; who administers the server gets out of it.
#[test]
fn a_roster_of_somebody_else_is_taken_back_past_the_hook() {
    for record in [false, true] {
        let arena = Arena::without_policy();
        let policy = format!("{BY_TURNS}[[targets]]\npaths = [\"deploy/**\"]\nenvironment = \"production\"\n");
        arena.write(POLICY_FILE, &policy);
        let before = arena.commit_file(ROUTES, "begin");
        arena.passes(&["--no-verify", "origin", "main"]);
        let options =
            if record { format!("--record {}", arena.server.join("decisions").display()) } else { String::new() };
        arena.install(&arena.server, "pre-receive", &options);
        let lifts = "[approvers]\nallowed_signers = \"approvers.allowed_signers\"\n[[lifts]]\nfinding = \"policy-change\"\nsigned = [\"any\"]\n";
        arena.write(POLICY_FILE, format!("{policy}{lifts}"));
        arena.write(ROSTER_FILE, format!("nobody@example.com {KEY}\n"));
        arena.commit("keys of nobody");
        let push = push_at(&arena, OPEN, "main");
        assert!(push.passed && words(&push.seen).contains("policy edit: opens"), "{}", push.seen);
        arena.git(["reset", "--quiet", "--hard", &before]);
        arena.commit_file("docs/readme", "without them");
        let push = push_at(&arena, OPEN, "main");
        assert!(!push.passed, "{}", push.seen);
        arena.git_in(&arena.server, ["update-ref", "refs/heads/main", &before]);
        let push = push_at(&arena, OPEN, "main");
        assert!(push.passed, "{}", push.seen);
    }
}
