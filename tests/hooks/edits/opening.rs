//! What an edit opens decides whether it passes.

use crate::hooks::arena::{Arena, ROUTES};
use crate::hooks::edits::{
    Added, Case, Done, Folder, HOURS, HOURS_FILE, KEY, Never, OPENED, OTHER_KEY, POLICIES, POLICY_FILE, Passes, ROOT,
    ROSTER_FILE, RULES, Replaced, SOFT_LIFT, SPRING, WhileOpen, hold,
};

const OPENS: &[Case] = &[
    (
        "no core hours",
        Replaced(POLICY_FILE, "Mon-Fri 08:00-18:00", "Sun 03:00-03:01"),
        WhileOpen("core hours of `us`; hard"),
    ),
    ("a zone less", Replaced(POLICY_FILE, "\"America/New_York\", ", ""), WhileOpen(OPENED)),
    (
        "warn",
        Replaced(POLICY_FILE, "duration = \"10m\"", "duration = \"10m\"\nduring_core_hours = \"warn\""),
        WhileOpen(OPENED),
    ),
    ("a shorter settle", Replaced(POLICY_FILE, "settle   = \"30m\"", "settle   = \"20m\""), WhileOpen(OPENED)),
    ("a shorter duration", Replaced(POLICY_FILE, "duration = \"10m\"", "duration = \"5m\""), WhileOpen(OPENED)),
    ("a later end of the calendars", Done(later_calendars), WhileOpen(OPENED)),
    ("another holiday", Replaced(HOURS_FILE, "[2025-12-25]", "[2025-12-24, 2025-12-25]"), WhileOpen(OPENED)),
    (
        "an exemption",
        Replaced(POLICY_FILE, "duration = \"10m\"", "duration = \"10m\"\nexempt = [\"rollback\", \"flag\"]"),
        WhileOpen(OPENED),
    ),
    (
        "an exemption of a freeze",
        Replaced(
            POLICY_FILE,
            "until    = 2025-07-25T00:00:00\n",
            "until    = 2025-07-25T00:00:00\nexempt   = [\"rollback\", \"security\"]\n",
        ),
        WhileOpen(OPENED),
    ),
    (
        "a freeze that ends earlier",
        Replaced(POLICY_FILE, "until    = 2025-07-25T00:00:00", "until    = 2025-07-24T23:59:00"),
        WhileOpen(OPENED),
    ),
    (
        "a freeze that only warns",
        Replaced(
            POLICY_FILE,
            "until    = 2025-07-25T00:00:00\n",
            "until    = 2025-07-25T00:00:00\nlevel    = \"warn\"\n",
        ),
        WhileOpen(OPENED),
    ),
    (
        "a narrower path",
        Replaced(POLICY_FILE, "deploy/{environment}/{region}/**", "deploy/{environment}/{region}/*.yaml"),
        WhileOpen(OPENED),
    ),
    ("a path less", Replaced(POLICY_FILE, ", \"charts/{environment}/**\"", ""), WhileOpen(OPENED)),
    ("a ref less", Replaced(POLICY_FILE, ", \"refs/heads/release/*\"", ""), WhileOpen(OPENED)),
    ("narrower tags", Replaced(POLICY_FILE, "refs/tags/v*", "refs/tags/v1.*"), WhileOpen(OPENED)),
    ("an exception", Replaced(POLICY_FILE, "refs  = [", "except = [\"**/*.md\"]\nrefs  = ["), WhileOpen(OPENED)),
];

#[test]
fn what_opens_waits_until_production_is_open() {
    hold(ROOT, OPENS);
}

fn later_calendars(arena: &Arena, folder: Folder) {
    let text = HOURS.replace("valid_until = 2025-12-", "valid_until = 2026-12-");
    arena.write(format!("{folder}{HOURS_FILE}"), text);
}

const OPENS_IN_FOLDER: &[Case] = &[
    (
        "a lift more, of a level that nobody may override",
        Added(POLICY_FILE, "\n[[lifts]]\nlevel  = \"hard\"\nsigned = [\"any\"]\n"),
        WhileOpen("while production/us is closed (core hours, hard)"),
    ),
    (
        "a narrower target",
        Replaced(POLICY_FILE, "flags/**", "flags/*"),
        WhileOpen("the edit of `policies/freezegate.toml` opens something while"),
    ),
    (
        "an exception of a target",
        Replaced(POLICY_FILE, "[\"flags/**\"]", "[\"flags/**\"]\nexcept = [\"flags/a\"]"),
        WhileOpen("the edit of `policies/freezegate.toml` opens something while"),
    ),
    (
        "a shorter time to settle",
        Replaced(POLICY_FILE, "\"30m\"", "\"29m\""),
        WhileOpen("the edit of `policies/freezegate.toml` opens something while"),
    ),
    (
        "a calendar that runs out later",
        Replaced(HOURS_FILE, "valid_until = 2025-12-28", "valid_until = 2025-12-31"),
        WhileOpen(OPENED),
    ),
    (
        "one more exemption",
        Replaced(POLICY_FILE, "duration = \"10m\"", "duration = \"10m\"\nexempt = [\"rollback\", \"flag\"]"),
        WhileOpen("the edit of `policies/freezegate.toml` opens something while"),
    ),
    (
        "with a change of production",
        Done(weaker_with_a_change),
        WhileOpen("reached by deploy/production/us/routes.yaml"),
    ),
];

#[test]
fn what_opens_in_a_folder_waits_until_production_is_open() {
    hold(POLICIES, OPENS_IN_FOLDER);
}

fn weaker_with_a_change(arena: &Arena, folder: Folder) {
    arena.write(format!("{folder}{POLICY_FILE}"), RULES.replace("Mon-Fri 08:00-18:00", "Mon 08:00-08:01"));
    arena.write(ROUTES, "evil\n");
}

const OPENS_NOTHING: &[Case] = &[
    ("a remark", Added(POLICY_FILE, "# a remark\n"), Passes("closes nothing")),
    ("a freeze that is over ends", Replaced(HOURS_FILE, SPRING, ""), Passes("")),
    (
        "a new freeze",
        Added(
            POLICY_FILE,
            "\n[[freezes]]\nname = \"stop\"\nfrom = 2025-08-01T00:00:00\nuntil = 2025-08-02T00:00:00\ntimezone = \"UTC\"\n",
        ),
        Passes(""),
    ),
    ("a longer settle", Replaced(POLICY_FILE, "settle   = \"30m\"", "settle   = \"45m\""), Passes("")),
    ("wider tags", Replaced(POLICY_FILE, "refs/tags/v*", "refs/tags/*"), Passes("")),
    (
        "paths in another order",
        Replaced(
            POLICY_FILE,
            "\"deploy/{environment}/{region}/**\", \"charts/{environment}/**\"",
            "\"charts/{environment}/**\", \"deploy/{environment}/{region}/**\"",
        ),
        Passes(""),
    ),
    (
        "refs in another order",
        Replaced(
            POLICY_FILE,
            "\"refs/heads/main\", \"refs/heads/release/*\"",
            "\"refs/heads/release/*\", \"refs/heads/main\"",
        ),
        Passes(""),
    ),
    (
        "a target more",
        Added(POLICY_FILE, "\n[[targets]]\npaths = [\"infra/**\"]\nenvironment = \"production\"\n"),
        Passes(""),
    ),
];

#[test]
fn what_opens_nothing_passes_at_any_hour() {
    hold(ROOT, OPENS_NOTHING);
}

#[test]
fn what_opens_nothing_in_a_folder_passes_at_any_hour() {
    hold(
        POLICIES,
        &[
            (
                "a kind that a target shows only now",
                Replaced(POLICY_FILE, "\"flags/**\"]", "\"flags/**\"]\nkind = \"flag\""),
                Passes(""),
            ),
            ("targets in another order, and a remark", Done(targets_in_another_order), Passes("closes nothing")),
            ("a longer time to settle", Replaced(POLICY_FILE, "\"30m\"", "\"31m\""), Passes("closes 6 things")),
            ("without a freeze that is over", Replaced(HOURS_FILE, SPRING, "# a remark\n"), Passes("")),
        ],
    );
}

fn targets_in_another_order(arena: &Arena, folder: Folder) {
    let one = "[[targets]]\nrefs        = [\"refs/tags/v*\"]\nenvironment = \"production\"\n\n";
    let text = RULES.replace(one, "# a remark\n").replace("[approvers]", &format!("{one}[approvers]"));
    assert!(text.contains(one) && text.contains("# a remark"));
    arena.write(format!("{folder}{POLICY_FILE}"), text);
}

/// What the edits of who may override show.
const SOFT: &str = "changes who may override (policy-change, soft)";

#[test]
fn who_may_override_is_settled_by_an_override() {
    hold(
        ROOT,
        &[
            ("a signer more", Done(a_signer_more), Never(SOFT)),
            ("a lift less", Replaced(POLICY_FILE, SOFT_LIFT, ""), Never(SOFT)),
            // what opens besides, and nobody can override, does not help
            ("a lift less, and a path less", Done(no_lift_no_charts), Never(SOFT)),
            ("harder", Replaced(POLICY_FILE, "signed = [\"any\"]", "signed = [\"any\"]\nincident = true"), Never(SOFT)),
        ],
    );
    hold(
        POLICIES,
        &[
            ("one more signer", Done(a_signer_more), Never(SOFT)),
            ("another signer instead", Done(another_signer), Never(SOFT)),
            ("a lift less", Replaced(POLICY_FILE, SOFT_LIFT, ""), Never(SOFT)),
        ],
    );
}

fn a_signer_more(arena: &Arena, folder: Folder) {
    let roster = format!("ana@example.com {KEY}\neve@example.com {OTHER_KEY}\n");
    arena.write(format!("{folder}{ROSTER_FILE}"), roster);
}

fn another_signer(arena: &Arena, folder: Folder) {
    arena.write(format!("{folder}{ROSTER_FILE}"), format!("eve@example.com {OTHER_KEY}\n"));
}

fn no_lift_no_charts(arena: &Arena, folder: Folder) {
    let text = RULES.replace(SOFT_LIFT, "").replace(", \"charts/{environment}/**\"", "");
    arena.write(format!("{folder}{POLICY_FILE}"), text);
}
