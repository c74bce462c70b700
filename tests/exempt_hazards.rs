//! `exempt_hazards` of an environment: what it takes back, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use freezegate::change::TerraformPlan;
use freezegate::decision::{Decision, Verdict};
use freezegate::policy::Policy;
use freezegate::policy::compare::{ComparisonOptions, PolicyDifference, PolicyPart, compare};
use freezegate::policy::load::{Fragment, OrganisationFiles, PolicyTexts, load};
use freezegate::policy::organisation::DefinitionsOf;
use freezegate::time::instant::Instant;

use crate::policies::change::{Change, refusals};
use crate::policies::files::Memory;

/// Two hazards that freezes name, one together with the other and one alone, and core hours.
const HEAD: &str = r#"version = 1
[regions.r]
timezones = ["UTC"]
core_hours = ["daily 20:00-22:00"]
[hazards.stopped]
resources = ["Deployment"]
settle = "2h"
level = "soft"
[hazards.loss]
resources = ["Volume", "Deployment-*"]
[[freezes]]
name = "stops"
hours = ["daily 00:00-06:00"]
timezone = "UTC"
hazards = ["stopped"]
[[freezes]]
name = "both"
hours = ["daily 03:00-06:00"]
timezone = "UTC"
hazards = ["stopped", "loss"]
[[freezes]]
name = "all"
hours = ["daily 05:00-06:00"]
timezone = "UTC"
[environments.production]
[environments.staging]
"#;

fn written(staging: &str) -> Policy {
    Memory::one(format!("{HEAD}{staging}")).load().unwrap()
}

fn plan(types: &[&str]) -> TerraformPlan {
    let change = |(number, kind): (usize, &&str)| {
        serde_json::json!({ "address": format!("{kind}.n{number}"), "type": kind,
            "change": { "actions": ["update"], "before": { "a": 1 }, "after": { "a": 2 } } })
    };
    let changes: Vec<serde_json::Value> = types.iter().enumerate().map(change).collect();
    let text = serde_json::json!({ "format_version": "1.2", "resource_changes": changes }).to_string();
    TerraformPlan::read(text.as_bytes()).unwrap()
}

fn decided(policy: &Policy, environment: &str, types: &[&str], hour: &str) -> Decision {
    Change::to(environment).planned(plan(types)).under(policy).decide(&*format!("2026-03-04T{hour}:00Z"))
}

fn ids(decision: &Decision) -> Vec<&str> {
    refusals(decision).into_iter().map(|(_, id)| id).collect()
}

/// What is refused with the exemption is what is refused of a change without the hazard: by its freezes, by its `settle`, in core hours.
#[test]
fn a_change_with_an_exempt_hazard_is_judged_as_one_without() {
    let (plain, exempt) = (written(""), written("exempt_hazards = [\"stopped\"]\n"));
    let without = ["ConfigMap"];
    for (types, hour, refused) in [
        (&["Deployment"][..], "01:00", &["freeze/stops"][..]),
        // with two hours of settling
        (&["Deployment"], "04:00", &["freeze/all", "freeze/both", "freeze/stops"]),
        (&["Deployment"], "05:30", &["freeze/all", "freeze/both", "freeze/stops"]),
        // two hours of settling before core hours, and before the freezes of the next day
        (&["Deployment"], "18:30", &["core-hours/r"]),
        (&["Deployment"], "21:00", &["core-hours/r"]),
        (&["Deployment"], "22:30", &["freeze/stops"]),
        (&["Deployment"], "12:00", &[]),
        (&["Volume"], "01:00", &[]),
        (&["Volume"], "04:00", &["freeze/both"]),
        (&["Volume"], "18:30", &[]),
        (&["Volume", "Deployment"], "04:00", &["freeze/all", "freeze/both", "freeze/stops"]),
    ] {
        let mut found = decided(&plain, "staging", types, hour);
        found.findings.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(ids(&found), refused, "{types:?} {hour}");
        assert_eq!(ids(&decided(&exempt, "production", types, hour)), ids(&decided(&plain, "production", types, hour)));
        let others: Vec<&str> = types.iter().copied().filter(|one| *one != "Deployment").collect();
        let others = if others.is_empty() { &without[..] } else { &others };
        let (found, expected) = (decided(&exempt, "staging", types, hour), decided(&plain, "staging", others, hour));
        assert_eq!(ids(&found), ids(&expected), "{types:?} {hour}");
        let told = |one: &Decision| (one.verdict, one.next_open, one.valid_until);
        assert_eq!(told(&found), told(&expected), "{types:?} {hour}");
        let levels =
            |one: &Decision| one.findings.iter().filter(|one| one.refuses()).map(|one| one.level).collect::<Vec<_>>();
        assert_eq!(levels(&found), levels(&expected), "{types:?} {hour}");
    }
}

/// As an exempt rollback, so that nobody wonders why the freeze does not refuse.
#[test]
fn the_freeze_that_would_have_refused_is_named() {
    let exempt = written("exempt_hazards = [\"stopped\", \"loss\"]\n");
    for (types, by) in [
        (&["Deployment"][..], "exempt: hazard stopped in staging"),
        (&["Deployment", "Volume"], "exempt: hazards loss, stopped in staging"),
    ] {
        let found = decided(&exempt, "staging", types, "04:00");
        let both = found.findings.iter().find(|one| one.id.freeze() == Some("both")).unwrap();
        assert_eq!((both.lifted_by.as_deref(), found.verdict), (Some(by), Verdict::Allowed), "{types:?}");
    }
    let partly = written("exempt_hazards = [\"stopped\"]\n");
    let found = decided(&partly, "staging", &["Deployment", "Volume"], "04:00");
    let both = found.findings.iter().find(|one| one.id.freeze() == Some("both")).unwrap();
    let names: Vec<&str> = both.hazards.iter().map(|one| one.hazard.name.as_str()).collect();
    assert_eq!((both.lifted_by.as_deref(), names), (None, vec!["loss"]));
    assert!(!both.message.contains("Deployment"), "{}", both.message);
}

/// A change that reaches both is judged in each as it is there.
#[test]
fn an_exemption_counts_in_its_environment_alone() {
    let exempt = written("exempt_hazards = [\"stopped\"]\n");
    let change = Change::to("staging").and_to("production").planned(plan(&["Deployment"]));
    let decision = change.under(&exempt).decide("2026-03-04T01:00:00Z");
    let refusing: Vec<Option<&str>> =
        decision.findings.iter().filter(|one| one.refuses()).map(|one| one.environment.as_deref()).collect();
    assert_eq!(refusing, [Some("production")]);
}

/// Whoever adds a freeze to stop changes now may not know what the policy exempts.
#[test]
fn an_exemption_holds_back_no_freeze_of_a_fragment() {
    let files = Memory::one(format!("{HEAD}exempt_hazards = [\"stopped\"]\n"));
    let text =
        "[[freezes]]\nname = \"now\"\nhours = [\"daily 12:00-13:00\"]\ntimezone = \"UTC\"\nhazards = [\"stopped\"]\n";
    let fragment = Fragment { name: "stop.toml".to_owned(), bytes: text.as_bytes().to_vec() };
    let policy = load(&files, &["freezegate.toml".to_owned()], &[fragment]).unwrap();
    assert_eq!(ids(&decided(&policy, "staging", &["Deployment"], "12:30")), ["freeze/now"]);
    assert_eq!(ids(&decided(&policy, "staging", &["Volume"], "12:30")), [""; 0]);
}

/// An organisation's freezes and its hazards' `settle` count whatever a repository exempts; its own exemptions count everywhere.
#[test]
fn a_repository_exempts_from_nothing_that_an_organisation_says() {
    let organisation = |production: &str| {
        format!(
            "version = 1\n[organisation]\nname = \"example\"\nserial = 1\nenvironments = [\"staging\"]\n\
             [regions.r]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 20:00-22:00\"]\n\
             [hazards.stopped]\nresources = [\"Deployment\"]\nsettle = \"2h\"\n[environments.production]\n{production}\
             [[freezes]]\nname = \"stops\"\nhours = [\"daily 00:00-06:00\"]\ntimezone = \"UTC\"\nhazards = [\"stopped\"]\n"
        )
    };
    let repository = "version = 1\n[environments.staging]\nexempt_hazards = [\"stopped\", \"own\"]\n\
        [hazards.own]\nresources = [\"Volume\"]\nsettle = \"2h\"\n\
        [[freezes]]\nname = \"own\"\nhours = [\"daily 09:00-10:00\"]\ntimezone = \"UTC\"\nhazards = [\"own\", \"stopped\"]\n";
    let followed = |production: &str| {
        let (theirs, own) = (Memory::default().with("org.toml", organisation(production)), Memory::one(repository));
        let definitions = DefinitionsOf::Organisation;
        let organisation = Some(OrganisationFiles { files: &theirs, entry: "org.toml", definitions });
        PolicyTexts { files: &own, entries: &["freezegate.toml".to_owned()], fragments: &[], organisation }
            .load()
            .unwrap()
    };
    let policy = followed("");
    for (environment, kind, hour, refused) in [
        ("staging", "Deployment", "01:00", &["freeze/stops"][..]),
        ("staging", "Deployment", "18:30", &["core-hours/r"]),
        ("staging", "Deployment", "09:30", &[]),
        ("staging", "Volume", "09:30", &[]),
        ("staging", "Volume", "18:30", &[]),
        ("production", "Volume", "09:30", &["freeze/own"]),
    ] {
        assert_eq!(ids(&decided(&policy, environment, &[kind], hour)), refused, "{environment} {kind} {hour}");
    }
    let policy = followed("exempt_hazards = [\"stopped\"]\n");
    for hour in ["01:00", "18:30", "09:30"] {
        assert_eq!(ids(&decided(&policy, "production", &["Deployment"], hour)), [""; 0], "{hour}");
    }
}

fn openings(old: &str, new: &str) -> Vec<PolicyDifference> {
    let load = |text: &str| Memory::one(text).load().unwrap();
    compare(&load(old), &load(new), &ComparisonOptions::at(Instant::from_second(1_772_600_000))).openings
}

#[test]
fn an_edit_that_exempts_a_hazard_opens_and_one_that_takes_it_back_does_not() {
    let with = |staging: &str| format!("{HEAD}{staging}");
    let (none, stopped, both) =
        (with(""), with("exempt_hazards = [\"stopped\"]\n"), with("exempt_hazards = [\"loss\", \"stopped\"]\n"));
    for (old, new, texts) in [
        (&none, &none, &[][..]),
        (&stopped, &none, &[]),
        (&both, &stopped, &[]),
        (&both, &with("exempt_hazards = [\"stopped\", \"loss\"]\n"), &[]),
        (&stopped, &stopped.replace("[environments.production]", "[environments.production]\nowner = \"a\""), &[]),
        (&stopped, &stopped.replace("daily 20:00", "daily 19:00"), &[]),
        (
            &none,
            &stopped,
            &[
                "freeze `both`, which names hazards",
                "freeze `stops`, which names hazards",
                "`settle` of the hazard `stopped`, before core hours of `r`",
            ],
        ),
        (&stopped, &both, &["freeze `both`, which names hazards"]),
        // a wider hazard that is not exempt closes in its place
        (&none, &stopped.replace("\"Volume\"", "\"Volume\", \"Deployment\""), &["freeze `stops`, which names hazards"]),
    ] {
        let found = openings(old, new);
        for text in texts {
            assert!(found.iter().any(|one| one.text == *text), "no {text}: {found:#?}");
        }
        assert_eq!(found.is_empty(), texts.is_empty(), "{found:#?}");
        let is_of_staging =
            |one: &PolicyDifference| one.part == PolicyPart::Hazard && one.environment.as_deref() == Some("staging");
        assert!(found.iter().all(is_of_staging), "{found:#?}");
    }
    // where no time to settle is lost too
    let [none, stopped] = [&none, &stopped].map(|text| text.replace("settle = \"2h\"\n", ""));
    let found = openings(&none, &stopped);
    let texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["freeze `both`, which names hazards", "freeze `stops`, which names hazards"]);
    // what is exempt closed nothing
    let hazard = "[hazards.h]\nresources = [\"t\"]\n";
    let alone = |exempt: &str, freeze: &str| format!("version = 1\n[environments.staging]\n{exempt}{hazard}{freeze}");
    let exempt = "exempt_hazards = [\"h\"]\n";
    let freeze = "[[freezes]]\nname = \"f\"\nhours = [\"daily 00:00-06:00\"]\ntimezone = \"UTC\"\nhazards = [\"h\"]\n";
    assert!(openings(&alone(exempt, freeze), &alone("", "")).is_empty());
    assert!(!openings(&alone("", freeze), &alone("", "")).is_empty());
}
