//! Entries of `[[lifts]]` that name hazards: what they lift, and what edits of them and of freezes open.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use freezegate::change::TerraformPlan;
use freezegate::decision::schedule::DecisionQuestion;
use freezegate::decision::{Schedule, Verdict};
use freezegate::policy::compare::{ComparisonOptions, PolicyPart, compare};
use freezegate::policy::{Level, Policy};
use freezegate::proof::grant::incident_alone;
use freezegate::reach::edit_of;
use freezegate::time::instant::Instant;

use crate::policies::change::{Change, second};
use crate::policies::files::Memory;

const MORNING: &str = "2026-03-04T09:00:00Z";
const HAZARDS: &str =
    "[hazards.t]\nresources = [\"t\"]\n[hazards.u]\nresources = [\"u\"]\n[hazards.both]\nresources = [\"t\", \"u\"]\n";

/// A freeze of every morning, of hazards if it names some.
fn freeze(name: &str, level: &str, hazards: &[&str]) -> String {
    let named = if hazards.is_empty() { String::new() } else { format!("hazards = {hazards:?}\n") };
    format!(
        "[[freezes]]\nname = \"{name}\"\nhours = [\"daily 00:00-12:00\"]\ntimezone = \"UTC\"\nlevel = \"{level}\"\n{named}"
    )
}

/// An entry that asks for an incident, of hazards if it names some.
fn lift(level: &str, hazards: &[&str]) -> String {
    let named = if hazards.is_empty() { String::new() } else { format!("hazards = {hazards:?}\n") };
    format!("[[lifts]]\nlevel = \"{level}\"\n{named}signed = []\nincident = true\n")
}

fn written(parts: &[String]) -> Policy {
    Memory::one(format!("version = 1\n[environments.production]\n{HAZARDS}{}", parts.concat())).load().unwrap()
}

fn plan(kinds: &[&str]) -> TerraformPlan {
    let changes: Vec<serde_json::Value> = kinds
        .iter()
        .map(|kind| {
            serde_json::json!({ "address": format!("{kind}.n"), "type": kind,
                "change": { "actions": ["update"], "before": { "a": 1 }, "after": { "a": 2 } } })
        })
        .collect();
    let text = serde_json::json!({ "format_version": "1.2", "resource_changes": changes }).to_string();
    TerraformPlan::read(text.as_bytes()).unwrap()
}

/// The findings that refuse a plan of these types, with an incident.
fn refusing(policy: &Policy, kinds: &[&str]) -> Vec<String> {
    let asked = Change::to("production").planned(plan(kinds)).under(policy);
    let granted = incident_alone(policy, "INC-7", true, second(MORNING), asked.reach.is_of_hazards()).unwrap();
    let question = DecisionQuestion { granted: &granted, ..asked.question() };
    let decision = Schedule::decide_at(&question, &asked.standing, second(MORNING)).unwrap();
    let refusing = decision.findings.into_iter().filter(|finding| finding.refuses());
    refusing.map(|finding| finding.id.to_string()).collect()
}

#[test]
fn it_lifts_what_freezes_give_that_name_its_hazards_alone() {
    let of = |freezes: &[String], hazards: &[&str]| written(&[freezes.concat(), lift("hard", hazards)]);
    let named = |names: &[&str]| [freeze("f", "hard", names)];
    for (freezes, hazards, kinds, expected) in [
        (named(&["t"]), &["t"][..], &["t"][..], &[][..]),
        (named(&["t"]), &["t", "u"], &["t"], &[]),
        (named(&["t", "u"]), &["u", "t"], &["t", "u"], &[]),
        // the freeze names another hazard too, be it shown or not
        (named(&["t", "u"]), &["t"], &["t"], &["freeze/f"]),
        (named(&["u"]), &["t"], &["u"], &["freeze/f"]),
        // a hazard that covers more is another hazard
        (named(&["t"]), &["both"], &["t"], &["freeze/f"]),
        // a freeze of everything, and one of another level
        (named(&[]), &["t"], &["t"], &["freeze/f"]),
        ([freeze("f", "soft", &["t"])], &["t"], &["t"], &["freeze/f"]),
    ] {
        assert_eq!(refusing(&of(&freezes, hazards), kinds), expected, "{freezes:?} {hazards:?} {kinds:?}");
    }
    let mixed = of(&[freeze("f", "hard", &["t"]), freeze("g", "hard", &["u"]), freeze("h", "hard", &[])], &["t"]);
    assert_eq!(refusing(&mixed, &["t", "u"]), ["freeze/g", "freeze/h"]);
}

#[test]
fn it_lifts_no_edit_of_the_policy() {
    let policy = written(&[freeze("f", "hard", &["t"]), lift("hard", &["t"])]);
    let edit = edit_of(&policy.environments[0], "freezegate.toml");
    assert!(!edit.is_of_hazards());
    // nor a plan that comes with one
    let mut asked = Change::to("production").planned(plan(&["t"])).under(&policy);
    assert!(asked.reach.is_of_hazards());
    asked.reach.reached.extend(edit.reached);
    assert!(!asked.reach.is_of_hazards());
    let alone = incident_alone(&policy, "INC-7", true, second(MORNING), asked.reach.is_of_hazards()).unwrap();
    assert_eq!(alone, []);
    let question = DecisionQuestion { granted: &alone, ..asked.question() };
    assert_eq!(Schedule::decide_at(&question, &asked.standing, second(MORNING)).unwrap().verdict, Verdict::Refused);
    assert!(!policy.can_lift_policy_change(Level::Hard));
}

#[test]
fn any_difference_of_an_entry_opens_at_its_level() {
    let freezes = || freeze("f", "soft", &["t"]);
    let of = |lifts: &[String]| written(&[freezes(), lifts.concat()]);
    for (old, new, opened) in [
        (vec![], vec![lift("soft", &["t"])], Some(Level::Soft)),
        (vec![lift("soft", &["t"])], vec![], Some(Level::Soft)),
        (vec![lift("soft", &["t"])], vec![lift("soft", &["t", "u"])], Some(Level::Soft)),
        (vec![lift("soft", &["t", "u"])], vec![lift("soft", &["u", "t"])], None),
        (vec![lift("soft", &["t"])], vec![lift("hard", &["t"])], Some(Level::Hard)),
        (vec![lift("soft", &[])], vec![lift("soft", &["t"])], Some(Level::Soft)),
    ] {
        let comparison = compare(&of(&old), &of(&new), &ComparisonOptions::at(Instant::from_second(0)));
        assert_eq!(comparison.opens(), opened, "{old:?} {new:?}");
        assert!(comparison.openings.iter().all(|one| one.part == PolicyPart::Lift), "{old:?} {new:?}");
    }
}

/// With the same entry, a freeze must not become one that it is for.
#[test]
fn a_freeze_that_an_entry_is_for_only_now_opens() {
    let of = |freezes: &[String], also: &[String]| written(&[freezes.concat(), lift("hard", &["both"]), also.concat()]);
    let named = |names: &[&str]| freeze("f", "hard", names);
    let all = [lift("hard", &[])];
    for (old, new, also, opens) in [
        // `both` covers `t`, and may be overridden
        (vec![named(&["t"])], vec![named(&["both"])], &[][..], true),
        (vec![named(&["t", "u"])], vec![named(&["both"])], &[], true),
        // what was overridden alike before opens nothing
        (vec![named(&["t"])], vec![named(&["both"])], &all, false),
        (vec![named(&["both"])], vec![named(&["both"])], &[], false),
        (vec![named(&["both"])], vec![named(&["both", "t"])], &[], false),
        // another freeze closes it still
        (vec![named(&["t"])], vec![named(&["t"]), freeze("g", "hard", &["both"])], &[], false),
        (vec![named(&["t"])], vec![named(&[]), freeze("g", "hard", &["both"])], &[], false),
        (vec![freeze("f", "soft", &["t"])], vec![named(&["both"])], &[], true),
    ] {
        let comparison = compare(&of(&old, also), &of(&new, also), &ComparisonOptions::at(Instant::from_second(0)));
        assert_eq!(comparison.opens().is_some(), opens, "{old:?} {new:?}");
    }
}

#[test]
fn hazards_that_swap_their_meaning_open_what_the_entry_is_for_now() {
    let text = |t: &str, u: &str, freezes: [&str; 2]| {
        let hazards = format!("[hazards.x]\nresources = [\"{t}\"]\n[hazards.y]\nresources = [\"{u}\"]\n");
        let [one, other] = freezes;
        written(&[hazards, freeze("f", "hard", &[one]), freeze("g", "hard", &[other]), lift("hard", &["x"])])
    };
    let old = text("t1", "u1", ["x", "y"]);
    assert!(
        compare(&old, &text("t1", "u1", ["y", "x"]), &ComparisonOptions::at(Instant::from_second(0)))
            .openings
            .is_empty()
    );
    assert_eq!(
        compare(&old, &text("u1", "t1", ["y", "x"]), &ComparisonOptions::at(Instant::from_second(0))).opens(),
        Some(Level::Hard)
    );
}
