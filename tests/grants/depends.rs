//! What a grant depends on in the policy: which edits void it, and which do not.

use freezegate::proof::grant::{Terms, policy_digest};

use crate::grants::bench::{POLICY, line, roster, terms, try_policy_of};

/// The policy, with what a grant may depend on: a holiday, a change window, a freeze in a region's own zones.
fn policy() -> String {
    let with = POLICY
        .replace(
            "core_hours = [\"Mon-Fri 08:00-18:00\"]\n\n[regions.eu]",
            "core_hours = [\"Mon-Fri 08:00-18:00\"]\nholidays = [\"us-federal\"]\n\n[regions.eu]",
        )
        .replace(
            "settle   = \"30m\"",
            "settle   = \"30m\"\nchange_windows = [{ hours = \"Mon-Thu 06:00-22:00\", timezone = \"Europe/Berlin\" }]",
        );
    with + r#"
[hazards.capacity]
resources = ["aws_dynamodb_table"]

[calendars.us-federal]
dates = [2025-07-04, 2025-11-27]
valid_until = 2025-12-31

[[freezes]]
name = "nights"
hours = ["daily 22:00-06:00"]
timezone = "region"
environments = ["production"]

[[freezes]]
name = "release"
from = "us-federal -1d 00:00"
until = "us-federal +1d 00:00"
timezone = "UTC"
level = "soft"
"#
}

struct Edit {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    /// The ids of findings whose grants it voids; all others stay good.
    voids: &'static [&'static str],
}

const CORE: &str = "core-hours/us";
const WINDOW: &str = "change-window/production";
const NIGHTS: &str = "freeze/nights";
const RELEASE: &str = "freeze/release";
const LAUNCH: &str = "freeze/launch";
const MISMATCH: &str = "target-mismatch";
const STALE: &str = "stale-calendar";
const ALL: &[&str] = &[CORE, WINDOW, NIGHTS, RELEASE, LAUNCH, MISMATCH, STALE];
const HARD: &[&str] = &[CORE, WINDOW, NIGHTS, MISMATCH];
const SOFT: &[&str] = &[RELEASE, LAUNCH, STALE];

const EDITS: &[Edit] = &[
    Edit { name: "a comment", from: "[regions.us]", to: "# people in America\n[regions.us]", voids: &[] },
    Edit { name: "a blank line", from: "[regions.eu]", to: "\n[regions.eu]", voids: &[] },
    Edit { name: "a contact", from: "version = 1", to: "version = 1\nhelp = { contact = \"#help\" }", voids: &[] },
    Edit { name: "an alias", from: "[\"prod\"]", to: "[\"prod\", \"live\"]", voids: &[] },
    Edit { name: "an unrelated environment", from: "\"off\"", to: "\"off\"\n[environments.test]", voids: &[] },
    Edit { name: "another environment's level", from: "\"off\"", to: "\"warn\"", voids: &[] },
    Edit {
        name: "an unrelated freeze",
        from: "[approvers]",
        to: "[[freezes]]\nname = \"lunch\"\nhours = [\"daily 12:00-13:00\"]\ntimezone = \"UTC\"\n\n[approvers]",
        voids: &[],
    },
    Edit { name: "an unrelated region's zone", from: "Europe/Berlin\"]", to: "Europe/Paris\"]", voids: &[] },
    Edit { name: "a reason", from: "level = \"soft\"\n", to: "level = \"soft\"\nreason = \"x\"\n", voids: &[] },
    Edit {
        name: "the order of zones",
        from: "\"America/New_York\", \"America/Los_Angeles\"",
        to: "\"America/Los_Angeles\", \"America/New_York\"",
        voids: &[],
    },
    Edit {
        name: "the order of groups and members",
        from: "oncall = [\"a@example.com\", \"b@example.com\"], leads = [\"c@example.com\"]",
        to: "leads = [\"c@example.com\"], oncall = [\"b@example.com\", \"a@example.com\"]",
        voids: &[],
    },
    Edit {
        name: "a group that no lift names",
        from: "leads = [\"c@example.com\"] }",
        to: "leads = [\"c@example.com\"], cooks = [\"a@example.com\"] }",
        voids: &[],
    },
    Edit {
        name: "the hours",
        from: "[\"Mon-Fri 08:00-18:00\"]\nhol",
        to: "[\"Mon-Fri 08:00-19:00\"]\nhol",
        voids: &[CORE],
    },
    Edit { name: "a zone", from: "America/Los_Angeles", to: "America/Denver", voids: &[CORE, NIGHTS] },
    Edit { name: "a zone less", from: ", \"America/Los_Angeles\"", to: "", voids: &[CORE, NIGHTS] },
    Edit { name: "a holiday", from: "2025-11-27", to: "2025-11-28", voids: &[CORE, RELEASE, STALE] },
    Edit { name: "how far a calendar goes", from: "2025-12-31", to: "2026-12-31", voids: &[CORE, RELEASE, STALE] },
    Edit { name: "a duration", from: "duration = \"10m\"", to: "duration = \"20m\"", voids: ALL },
    Edit { name: "settle", from: "settle   = \"30m\"", to: "settle   = \"5m\"", voids: ALL },
    Edit { name: "exempt kinds", from: "duration = \"10m\"", to: "duration = \"10m\"\nexempt = []", voids: ALL },
    Edit {
        name: "exempt hazards",
        from: "duration = \"10m\"",
        to: "duration = \"10m\"\nexempt_hazards = [\"capacity\"]",
        voids: ALL,
    },
    Edit {
        name: "the level of core hours",
        from: "duration = \"10m\"",
        to: "duration = \"10m\"\nduring_core_hours = \"soft\"",
        voids: ALL,
    },
    Edit { name: "a change window", from: "06:00-22:00", to: "06:00-21:00", voids: &[WINDOW] },
    Edit { name: "a freeze's hours", from: "22:00-06:00", to: "22:00-05:00", voids: &[NIGHTS] },
    Edit { name: "whom a freeze closes", from: "environments = [\"production\"]\n", to: "", voids: &[NIGHTS] },
    Edit { name: "a freeze's end", from: "us-federal +1d", to: "us-federal +2d", voids: &[RELEASE, STALE] },
    Edit { name: "a moment", from: "2025-07-11T00:00:00", to: "2025-07-12T00:00:00", voids: &[LAUNCH] },
    Edit { name: "a level", from: "level        = \"soft\"", to: "level        = \"hard\"", voids: &[LAUNCH] },
    Edit { name: "a target", from: "deploy/{environment}", to: "ship/{environment}", voids: &[MISMATCH] },
    Edit {
        name: "a signature more",
        from: "[\"oncall\", \"leads\"]",
        to: "[\"oncall\", \"leads\", \"any\"]",
        voids: HARD,
    },
    Edit { name: "no incident", from: "incident     = true", to: "incident     = false", voids: HARD },
    Edit { name: "how long a grant lasts", from: "\"2h\"", to: "\"3h\"", voids: HARD },
    Edit { name: "who asks may sign no more", from: "requester = true", to: "requester = false", voids: SOFT },
    Edit {
        name: "authors may sign",
        from: "incident     = true",
        to: "incident     = true\nauthor = true",
        voids: HARD,
    },
    Edit {
        name: "a member less",
        from: "[\"a@example.com\", \"b@example.com\"]",
        to: "[\"a@example.com\"]",
        voids: HARD,
    },
    Edit {
        name: "another way to lift",
        from: "[[lifts]]\nlevel     = \"soft\"",
        to: "[[lifts]]\nlevel = \"soft\"\nsigned = [\"leads\"]\n\n[[lifts]]\nlevel     = \"soft\"",
        voids: SOFT,
    },
];

fn digest(policy: &str, roster: &str, id: &str) -> String {
    let policy = try_policy_of(policy, roster).unwrap();
    let terms = Terms { lifts: vec![id.to_owned()], ..terms(&policy) };
    policy_digest(&policy, &terms)
}

#[test]
fn each_edit_of_the_policy_voids_what_depends_on_it_and_nothing_else() {
    let before = policy();
    for Edit { name, from, to, voids } in EDITS {
        assert!(before.contains(from), "{name}: no `{from}`");
        let after = before.replacen(from, to, 1);
        for id in ALL {
            let is_void = digest(&before, &roster(), id) != digest(&after, &roster(), id);
            assert_eq!(is_void, voids.contains(id), "{name}: {id}");
        }
    }
}

#[test]
fn the_roster_counts_as_far_as_it_could_sign() {
    let [a, b, c] = ["a", "b", "c"].map(|person| line(person, "namespaces=\"freezegate-grant\"", person));
    let before = [a.as_str(), &b, &c].concat();
    assert_eq!(before, roster());
    for (name, after, voids) in [
        ("a comment", format!("# who may sign\n{before}"), &[][..]),
        ("another order", [c.as_str(), &b, &a].concat(), &[]),
        // only `any` would let this person sign
        ("a stranger to all groups", before.clone() + &line("d", "", "d"), SOFT),
        ("another key", [line("a", "namespaces=\"freezegate-grant\"", "a-other"), b.clone(), c.clone()].concat(), ALL),
        ("one more key", before.clone() + &line("a", "", "a-other"), ALL),
        ("another purpose", [line("a", "namespaces=\"*\"", "a"), b.clone(), c.clone()].concat(), ALL),
        ("a time", [line("a", "valid-before=\"20300101Z\"", "a"), b, c].concat(), ALL),
    ] {
        for id in ALL {
            let is_void = digest(&policy(), &before, id) != digest(&policy(), &after, id);
            assert_eq!(is_void, voids.contains(id), "{name}: {id}");
        }
    }
}

#[test]
fn the_order_of_tables_means_nothing() {
    let text = policy();
    let (head, tables) = text.split_once("[regions.us]").unwrap();
    let tables = format!("[regions.us]{tables}");
    let mut parts: Vec<&str> = tables.split("\n\n").collect();
    parts.reverse();
    let turned = format!("{head}\n{}\n", parts.join("\n\n"));
    for id in ALL {
        assert_eq!(digest(&text, &roster(), id), digest(&turned, &roster(), id), "{id}");
    }
}
