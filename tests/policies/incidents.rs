//! What happened elsewhere, and what a gate should have said: `tests/data/incidents.json`, row by row.
//!
//! Each row's zones are one region with core hours from Monday to Friday, 09:00 to 17:00, as the file reckons.

use std::collections::BTreeSet;
use std::fmt::Write;

use freezegate::policy::{Kind, Policy};
use freezegate::time::zone::Zone;
use serde_json::Value;

use crate::policies::change::{Change, refusals, second};
use crate::policies::files::{Memory, report};

fn rows() -> Vec<Value> {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../data/incidents.json")).unwrap();
    assert_eq!(rows.len(), 32);
    rows
}

fn text<'r>(row: &'r Value, key: &str) -> &'r str {
    row[key].as_str().unwrap_or_else(|| panic!("{key} of {row}"))
}

fn flag(row: &Value, key: &str) -> bool {
    row[key].as_bool().unwrap_or_else(|| panic!("{key} of {row}"))
}

fn zones(row: &Value) -> Vec<&str> {
    row["regions"].as_array().unwrap().iter().map(|zone| zone.as_str().unwrap()).collect()
}

/// A policy of one region with `zones`, in which the path `deploy/ENVIRONMENT/…` shows where a change goes, and
/// `fixes/ENVIRONMENT/…` that it is a security fix.
fn policy(zones: &[&str], said: &str, reached: &str, exempt: Kind) -> Policy {
    let mut policy = format!(
        "version = 1\n[regions.customers]\ntimezones = {zones:?}\ncore_hours = [\"Mon-Fri 09:00-17:00\"]\n\
         [[targets]]\npaths = [\"deploy/{{environment}}/**\"]\n\
         [[targets]]\npaths = [\"fixes/{{environment}}/**\"]\nkind = \"security\"\n"
    );
    writeln!(policy, "[environments.{reached}]\nexempt = [\"{}\"]", exempt.as_str()).unwrap();
    if said != reached {
        // only what a change reaches decides here
        writeln!(policy, "[environments.{said}]\nduring_core_hours = \"off\"").unwrap();
    }
    Memory::one(policy).load().unwrap_or_else(|faults| panic!("{}", report(&faults)))
}

#[test]
fn core_hours_are_closed_where_the_file_says() {
    for row in rows() {
        let (id, at, environment) = (text(&row, "id"), text(&row, "at_utc"), text(&row, "actual_env"));
        let mut any = false;
        for zone in zones(&row) {
            let closed = row["in_core_hours"][zone].as_bool().unwrap();
            any |= closed;
            let policy = policy(&[zone], environment, environment, Kind::Rollback);
            assert_eq!(Change::to(environment).under(&policy).is_allowed(at), !closed, "{id}, {zone}");
            let clock = Zone::named(zone).unwrap().local(second(at)).unwrap();
            let told = clock.strftime("%a %Y-%m-%d %H:%M %Z").to_string();
            assert_eq!(told, row["local_times"][zone].as_str().unwrap(), "{id}, {zone}");
        }
        assert_eq!(any, flag(&row, "any_core"), "{id}");
        let together = policy(&zones(&row), environment, environment, Kind::Rollback);
        let decision = Change::to(environment).under(&together).decide(at);
        let expected: &[_] = if any { &[("core-hours", "core-hours/customers")] } else { &[] };
        assert_eq!(refusals(&decision), expected, "{id}");
    }
}

/// Rows whose verdict a gate could not have given, and why.
const BEYOND_A_GATE: [(&str, &str); 5] = [
    ("salesforce-2023-09-20", "a security policy, changed outside of the deployment pipeline"),
    ("heroku-2025-06-10", "an update that the operating system fetched unasked"),
    ("travisci-2018-03-13", "tests at a terminal, with the production database in an environment variable"),
    ("gitlab-2017-01-31", "a command typed on the wrong host"),
    ("google-2019-06-02", "an automation that descheduled more than it was to"),
];

/// Rows whose verdict rests on what else is known of the change, and what that is.
const WITH_PROOF: [(&str, &str); 6] = [
    ("talkdesk-2025-07-09-rollback", "a return to the state before"),
    ("dixa-2025-07-01-rollback", "a return to the state before"),
    ("pagerduty-2022-01-25-rollback", "a return to the state before"),
    ("cloudflare-2019-07-02-kill", "a return to the state before"),
    ("stripe-2019-07-10-rollback", "a return to the state before"),
    ("cloudflare-2025-12-05", "a security fix, shown by its path, under a policy that exempts them"),
];

#[test]
fn the_tables_name_the_rows_that_stand_apart() {
    let ids = |is_apart: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        rows().iter().filter(|row| is_apart(row)).map(|row| text(row, "id").to_owned()).collect()
    };
    let named = |table: &[(&str, &str)]| -> BTreeSet<String> { table.iter().map(|(id, _)| (*id).to_owned()).collect() };
    assert_eq!(ids(&|row| !flag(row, "observable_by_gate")), named(&BEYOND_A_GATE));
    assert_eq!(ids(&|row| flag(row, "rollback") || !row["override_reason"].is_null()), named(&WITH_PROOF));
}

/// The change as it was said to be and as its path shows it.
fn change(row: &Value) -> Change {
    let (said, reached) = (text(row, "declared_env"), text(row, "actual_env"));
    let change = Change { paths: Change::of(&[&format!("deploy/{reached}/it")]).paths, ..Change::to(said) };
    match Kind::named(text(row, "gate_kind")) {
        Some(kind) => change.kind(kind.as_str()),
        None => change,
    }
}

#[test]
fn each_verdict_is_as_given() {
    let mut judged = 0;
    for row in rows() {
        let (id, verdict) = (text(&row, "id"), text(&row, "verdict_expected"));
        if BEYOND_A_GATE.iter().any(|(beyond, _)| *beyond == id) {
            continue;
        }
        judged += 1;
        let (said, reached) = (text(&row, "declared_env"), text(&row, "actual_env"));
        let plain = policy(&zones(&row), said, reached, Kind::Rollback);
        let core: &[_] = if flag(&row, "any_core") { &[("core-hours", "core-hours/customers")] } else { &[] };
        let instants = [Some(text(&row, "at_utc")), row.get("alt_at_utc").map(|at| at.as_str().unwrap())];
        for at in instants.into_iter().flatten() {
            let decision = change(&row).under(&plain).decide(at);
            match verdict {
                "deny" => {
                    assert!(!core.is_empty(), "{id}");
                    assert_eq!(refusals(&decision), core, "{id}");
                }
                "allow" if row["override_reason"].is_null() => assert_eq!(refusals(&decision), [], "{id}"),
                "allow" => {
                    let exempting = policy(&zones(&row), said, reached, Kind::Security);
                    let fix = Change { paths: Change::of(&["fixes/production/it"]).paths, ..change(&row) };
                    assert_eq!(refusals(&fix.under(&exempting).decide(at)), [], "{id}");
                    assert_eq!(refusals(&fix.under(&plain).decide(at)), core, "{id}: where they are not exempt");
                    let said = change(&row).kind("security");
                    assert_eq!(refusals(&said.under(&exempting).decide(at)), core, "{id}: said only");
                }
                "deny-mismatch" => {
                    let refused = refusals(&decision);
                    assert_eq!(refused[0], ("target-mismatch", "target-mismatch"), "{id}");
                    assert_eq!(&refused[1..], core, "{id}");
                    assert_eq!(decision.next_open, None, "{id}: no hour fixes a mismatch");
                }
                "allow-rollback" => {
                    assert_eq!(refusals(&decision), core, "{id}: said only");
                    let shown = change(&row).returning().under(&plain).decide(at);
                    assert_eq!(refusals(&shown), [], "{id}");
                }
                other => panic!("{id}: {other}"),
            }
        }
    }
    assert_eq!(judged, 27);
}
