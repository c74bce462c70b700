//! Hazards: which changes of plans show one, which freezes they meet, and what an edit of them opens.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use freezegate::change::TerraformPlan;
use freezegate::decision::{Decision, Verdict};
use freezegate::policy::compare::{ComparisonOptions, PolicyPart, compare};
use freezegate::policy::{Level, Policy};
use freezegate::time::instant::Instant;

use crate::plans::plan;
use crate::policies::change::{Change, refusals};
use crate::policies::files::{Memory, policy};

fn written(text: &str) -> Policy {
    Memory::one(format!("version = 1\n[environments.production]\n{text}")).load().unwrap()
}

/// A plan of changes, each with its type, action, and attributes that differ.
fn made_of(changes: &[(&str, &str, &[&str])]) -> TerraformPlan {
    let change = |(number, (kind, action, attributes)): (usize, &(&str, &str, &[&str]))| {
        let values = |value: u8| attributes.iter().map(move |name| (*name, value)).collect();
        let (before, after): (std::collections::BTreeMap<&str, u8>, _) = (values(1), values(2));
        let after: std::collections::BTreeMap<&str, u8> = after;
        let actions: Vec<&str> = if *action == "replace" { vec!["delete", "create"] } else { vec![action] };
        serde_json::json!({ "address": format!("{kind}.n{number}"), "type": kind,
            "change": { "actions": actions, "before": before, "after": after } })
    };
    let changes: Vec<serde_json::Value> = changes.iter().enumerate().map(change).collect();
    let text = serde_json::json!({ "format_version": "1.2", "resource_changes": changes }).to_string();
    TerraformPlan::read(text.as_bytes()).unwrap()
}

const LOSS: &str = "[hazards.loss]\nresources = [\"*_db_*\", \"aws_kms_key\"]\nactions = [\"delete\", \"replace\"]\n\
                    reason = \"data is gone\"\n[[freezes]]\nname = \"loss\"\nhours = [\"daily 00:00-12:00\"]\n\
                    timezone = \"UTC\"\nhazards = [\"loss\"]\n";
const MORNING: &str = "2026-03-04T09:00:00Z";
const EVENING: &str = "2026-03-04T19:00:00Z";

fn decided(policy: &Policy, plan: TerraformPlan, at: &str) -> Decision {
    Change::to("production").planned(plan).under(policy).decide(at)
}

#[test]
fn a_freeze_that_names_a_hazard_stops_what_shows_it_and_nothing_else() {
    let policy = written(LOSS);
    for (kind, action, attributes, is_refused) in [
        ("aws_db_instance", "delete", &["id"][..], true),
        ("aws_db_instance", "replace", &["id"], true),
        ("aws_db_instance", "update", &["id"], false),
        ("aws_db_instance", "create", &["id"], false),
        ("aws_kms_key", "delete", &["id"], true),
        ("aws_kms_key_policy", "delete", &["id"], false),
        ("aws_db_instance", "forget", &["id"], false),
    ] {
        let plan = || made_of(&[("null_resource", "create", &["id"]), (kind, action, attributes)]);
        let refused = decided(&policy, plan(), MORNING).verdict == Verdict::Refused;
        assert_eq!(refused, is_refused, "{kind} {action}");
        assert_eq!(decided(&policy, plan(), EVENING).verdict, Verdict::Allowed, "{kind} {action}");
    }
    let without = Change::to("production").under(&policy);
    assert!(without.is_allowed(MORNING), "a change without a plan shows no hazard");
}

#[test]
fn attributes_must_differ_if_the_hazard_names_some() {
    let policy = written(
        "[hazards.h]\nresources = [\"t\"]\nattributes = [\"a\", \"b_*\"]\n[[freezes]]\nname = \"f\"\n\
         hours = [\"daily 00:00-12:00\"]\ntimezone = \"UTC\"\nhazards = [\"h\"]\n",
    );
    for (attributes, is_refused) in
        [(&["a"][..], true), (&["b_1"], true), (&["c"], false), (&["aa", "b"], false), (&[], true)]
    {
        let refused = decided(&policy, made_of(&[("t", "update", attributes)]), MORNING).verdict == Verdict::Refused;
        assert_eq!(refused, is_refused, "{attributes:?}");
    }
}

#[test]
fn the_refusal_names_address_attribute_and_what_happens() {
    let policy = policy("policies", "dixa.toml");
    let decision = decided(&policy, plan("dixa-change.json"), "2025-07-01T10:49:00Z");
    let found = decision.findings.iter().find(|one| one.id.to_string() == "freeze/capacity of tables, by day").unwrap();
    for part in
        ["aws_dynamodb_table.conversations: update of billing_mode, global_secondary_index", "restructured for minutes"]
    {
        assert!(found.message.contains(part), "{}", found.message);
    }
    assert_eq!(found.hazards[0].hazard.name, "capacity");
    let ids: Vec<&str> = refusals(&decision).into_iter().map(|(_, id)| id).collect();
    assert_eq!(
        ids,
        ["freeze/capacity of tables, by day", "freeze/tables and their ground, by day", "core-hours/europe"]
    );
    assert_eq!(decided(&policy, plan("dixa-change.json"), "2025-07-02T02:00:00Z").verdict, Verdict::Allowed);
}

#[test]
fn what_an_address_holds_is_escaped() {
    let text = r#"{"format_version":"1.2","resource_changes":[{"address":"aws_kms_key.k[\"\u001b[2J\"]","type":"aws_kms_key",
        "change":{"actions":["delete"],"before":{"id":1},"after":null}}]}"#;
    let decision = decided(&written(LOSS), TerraformPlan::read(text.as_bytes()).unwrap(), MORNING);
    assert!(!decision.findings[0].message.contains('\u{1b}'), "{}", decision.findings[0].message);
}

#[test]
fn the_settle_of_a_hazard_counts_if_it_is_longer() {
    let text = |settle: &str| format!("{LOSS}[hazards.slow]\nresources = [\"t\"]\nsettle = \"{settle}\"\n");
    let core = "[regions.r]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 20:00-22:00\"]\n";
    let at = |settle: &str, kind: &str| {
        let policy = written(&format!("settle = \"30m\"\n{core}{}", text(settle)));
        decided(&policy, made_of(&[(kind, "update", &["a"])]), EVENING).verdict
    };
    assert_eq!(at("2h", "t"), Verdict::Refused);
    assert_eq!(at("1h", "t"), Verdict::Allowed);
    assert_eq!(at("10m", "t"), Verdict::Allowed);
    assert_eq!(at("2h", "u"), Verdict::Allowed);
}

#[test]
fn a_freeze_has_the_strictest_level_of_its_hazards_unless_it_says() {
    let of = |first: &str, second: &str, own: &str| {
        let text = format!(
            "[hazards.a]\nresources = [\"t\"]\nlevel = \"{first}\"\n[hazards.b]\nresources = [\"u\"]\nlevel = \"{second}\"\n\
             [[freezes]]\nname = \"f\"\nhours = [\"daily 00:00-12:00\"]\ntimezone = \"UTC\"\nhazards = [\"a\", \"b\"]\n{own}"
        );
        written(&text).freezes[0].level
    };
    assert_eq!(of("warn", "soft", ""), Level::Soft);
    assert_eq!(of("warn", "warn", ""), Level::Warn);
    assert_eq!(of("hard", "soft", "level = \"warn\""), Level::Warn);
}

#[test]
fn always_is_at_every_hour() {
    let policy = Memory::default()
        .with("freezegate.toml", "version = 1\n[environments.production]\n[hazards.loss]\nresources = [\"t\"]\n[[freezes]]\nname = \"f\"\nalways = true\nhazards = [\"loss\"]\n[[lifts]]\nlevel = \"hard\"\nsigned = []\nincident = true\n")
        .load()
        .unwrap();
    for at in [MORNING, EVENING, "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"] {
        let decision = decided(&policy, made_of(&[("t", "update", &["a"])]), at);
        assert_eq!((decision.verdict, decision.next_open), (Verdict::Refused, None), "{at}");
        assert_eq!(decided(&policy, made_of(&[("u", "update", &["a"])]), at).verdict, Verdict::Allowed);
    }
    assert_eq!(policy.freezes[0].text(&policy.sources), "always");
}

#[test]
fn a_plan_is_infrastructure() {
    let policy = written(
        "[[freezes]]\nname = \"ground\"\nhours = [\"daily 00:00-12:00\"]\ntimezone = \"UTC\"\nkinds = [\"infrastructure\"]\n\
         [[freezes]]\nname = \"services\"\nhours = [\"daily 00:00-12:00\"]\ntimezone = \"UTC\"\nkinds = [\"deploy\"]\n",
    );
    let decision = decided(&policy, made_of(&[("t", "update", &["a"])]), MORNING);
    assert_eq!(refusals(&decision), [("freeze", "freeze/ground")]);
}

#[test]
fn the_shipped_hazards_load_beside_a_policy() {
    let text = "version = 1\ninclude = [\"hazards.toml\"]\n[environments.production]\n[[freezes]]\nname = \"f\"\n\
                hours = [\"daily 00:00-12:00\"]\ntimezone = \"UTC\"\nhazards = [\"dynamodb-capacity\"]\n";
    let shipped = include_bytes!("../policies/hazards.toml");
    let policy = Memory::one(text).with("hazards.toml", shipped.as_slice()).load().unwrap();
    for hazard in &policy.hazards {
        assert!(hazard.reason.is_some() && hazard.source.as_ref().unwrap().starts_with("https://"), "{}", hazard.name);
    }
    assert_eq!(decided(&policy, plan("dixa-change.json"), MORNING).verdict, Verdict::Refused);
}

/// A type, an action and an attribute.
type OneChange = (&'static str, &'static str, &'static str);

/// Each shipped hazard has a change that shows it, and one of the same resource that does not.
#[test]
fn each_shipped_hazard_is_shown_by_what_it_is_about() {
    let text = "version = 1\ninclude = [\"hazards.toml\"]\n[environments.production]\n";
    let shipped = include_bytes!("../policies/hazards.toml");
    let policy = Memory::one(text).with("hazards.toml", shipped.as_slice()).load().unwrap();
    let rows: [(&str, OneChange, OneChange); 18] = [
        (
            "dynamodb-capacity",
            ("aws_dynamodb_table", "update", "billing_mode"),
            ("aws_dynamodb_table", "update", "tags"),
        ),
        ("rds-restart", ("aws_db_instance", "update", "instance_class"), ("aws_db_instance", "update", "tags")),
        (
            "elasticache-version",
            ("aws_elasticache_cluster", "update", "engine_version"),
            ("aws_elasticache_cluster", "update", "tags"),
        ),
        ("kms-key-loss", ("aws_kms_key", "delete", "arn"), ("aws_kms_key", "update", "arn")),
        (
            "dynamodb-table-loss",
            ("aws_dynamodb_table", "replace", "hash_key"),
            ("aws_dynamodb_table", "update", "tags"),
        ),
        ("rds-loss", ("aws_db_instance", "delete", "id"), ("aws_db_instance", "create", "id")),
        ("ebs-volume-loss", ("aws_ebs_volume", "replace", "size"), ("aws_ebs_volume", "update", "size")),
        ("kafka-partitions", ("kafka_topic", "update", "partitions"), ("kafka_topic", "update", "config")),
        (
            "eks-node-group-update",
            ("aws_eks_node_group", "update", "version"),
            ("aws_eks_node_group", "update", "labels"),
        ),
        (
            "autoscaling-refresh",
            ("aws_autoscaling_group", "update", "launch_template"),
            ("aws_autoscaling_group", "update", "desired_capacity"),
        ),
        ("security-group-replace", ("aws_security_group", "replace", "name"), ("aws_security_group", "update", "tags")),
        ("load-balancer-loss", ("aws_lb", "delete", "name"), ("aws_lb", "update", "idle_timeout")),
        (
            "cloud-sql-restart",
            ("google_sql_database_instance", "update", "settings"),
            ("google_sql_database_instance", "update", "labels"),
        ),
        ("kubernetes-stopped", ("Deployment", "update", "replicas-0"), ("Deployment", "update", "replicas")),
        (
            "kubernetes-volume-loss",
            ("PersistentVolumeClaim", "delete", "resources"),
            ("PersistentVolumeClaim", "update", "resources"),
        ),
        ("kubernetes-statefulset-loss", ("StatefulSet", "delete", "template"), ("StatefulSet", "update", "template")),
        ("kubernetes-namespace-loss", ("Namespace", "delete", "labels"), ("Namespace", "update", "labels")),
        ("kubernetes-service-selector", ("Service", "update", "selector"), ("Service", "update", "ports")),
    ];
    let shown = |(kind, action, attribute): OneChange| -> Vec<String> {
        let found = Change::to("production").planned(made_of(&[(kind, action, &[attribute])])).under(&policy);
        found.reach.hazards.iter().map(|one| one.hazard.name.clone()).collect()
    };
    for (name, harmful, harmless) in rows {
        assert!(shown(harmful).iter().any(|one| one == name), "{name}: {harmful:?}");
        assert!(!shown(harmless).iter().any(|one| one == name), "{name}: {harmless:?}");
    }
    let known: Vec<&str> = rows.iter().map(|(name, ..)| *name).collect();
    let untested: Vec<&str> =
        policy.hazards.iter().map(|one| one.name.as_str()).filter(|one| !known.contains(one)).collect();
    assert_eq!(untested, [""; 0]);
}

#[test]
fn an_edit_that_lets_a_hazard_through_opens() {
    let rest = "name = \"loss\"\nhours = [\"daily 00:00-12:00\"]\ntimezone = \"UTC\"\nhazards = [\"loss\"]\n";
    let hazard = |inner: &str| format!("[hazards.loss]\n{inner}\n[[freezes]]\n{rest}");
    let old = hazard("resources = [\"a\", \"b\"]\nactions = [\"delete\", \"replace\"]\nsettle = \"1h\"");
    let opened = |old: &str, new: &str| {
        let openings = compare(&written(old), &written(new), &ComparisonOptions::at(Instant::from_second(0))).openings;
        openings.iter().any(|one| one.part == PolicyPart::Hazard)
    };
    for (new, opens) in [
        (old.clone(), false),
        (
            hazard(
                "resources = [\"a\", \"b\", \"c\"]\nactions = [\"delete\", \"replace\", \"update\"]\nsettle = \"2h\"",
            ),
            false,
        ),
        (hazard("resources = [\"a\"]\nactions = [\"delete\", \"replace\"]\nsettle = \"1h\""), true),
        (hazard("resources = [\"a\", \"b\"]\nactions = [\"delete\"]\nsettle = \"1h\""), true),
        (
            hazard(
                "resources = [\"a\", \"b\"]\nattributes = [\"x\"]\nactions = [\"delete\", \"replace\"]\nsettle = \"1h\"",
            ),
            true,
        ),
        (hazard("resources = [\"a\", \"b\"]\nactions = [\"delete\", \"replace\"]\nsettle = \"30m\""), true),
        (
            hazard("resources = [\"a\", \"b\"]\nactions = [\"delete\", \"replace\"]\nsettle = \"1h\"\nreason = \"x\""),
            false,
        ),
        (
            hazard(
                "resources = [\"a\", \"b\"]\nactions = [\"delete\", \"replace\"]\nsettle = \"1h\"\nlevel = \"soft\"",
            ),
            true,
        ),
        (old.replace("00:00-12:00", "00:00-11:00"), true),
        (old.replace("hazards = [\"loss\"]", ""), false),
        (old.replace("loss", "renamed"), false),
        (String::new(), true),
    ] {
        assert_eq!(opened(&old, &new), opens, "{new}");
    }
    // a freeze of everything that becomes one of a hazard opens time
    let all = old.replace("hazards = [\"loss\"]", "");
    assert!(
        !compare(&written(&all), &written(&old), &ComparisonOptions::at(Instant::from_second(0))).openings.is_empty()
    );
}
