//! Plans of Terraform: what they would change, and what is no plan.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use freezegate::change::TerraformPlan;
use freezegate::change::plan::{PlanError, PlannedAction, PlannedChange};

/// The text of a plan that Terraform made.
pub(crate) fn text_of(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/plans").join(name);
    fs::read_to_string(path).unwrap()
}

pub(crate) fn plan(name: &str) -> TerraformPlan {
    TerraformPlan::read(text_of(name).as_bytes()).unwrap()
}

fn read(text: &str) -> Result<TerraformPlan, PlanError> {
    TerraformPlan::read(text.as_bytes())
}

/// A plan of one change of `t.x`.
fn one(change: &str) -> String {
    format!(
        r#"{{"format_version":"1.2","planned_values":{{}},"resource_changes":[{{"address":"t.x","type":"t","change":{change}}}]}}"#
    )
}

fn changed(change: &str) -> PlannedChange {
    read(&one(change)).unwrap().changes.remove(0)
}

fn names(change: &PlannedChange) -> Vec<&str> {
    change.attributes.iter().map(|attribute| &*attribute.name).collect()
}

#[test]
fn what_terraform_wrote_is_read() {
    let told = |name: &str| -> Vec<String> {
        let plan = plan(name);
        let of = |change: &PlannedChange| {
            format!("{} {} {}", change.action.as_str(), change.address, names(change).join(","))
        };
        plan.changes.iter().map(of).collect()
    };
    let table = "update aws_dynamodb_table.conversations billing_mode,global_secondary_index";
    assert_eq!(told("dixa-change.json"), [table]);
    assert_eq!(told("dixa-back.json"), [table]);
    assert_eq!(told("builtin-noop.json"), [""; 0]);
    assert_eq!(told("builtin-refresh.json"), [""; 0]);
    let destroyed = told("builtin-destroy.json");
    assert!(destroyed.len() >= 3 && destroyed.iter().all(|one| one.starts_with("delete ")), "{destroyed:?}");
    let forgotten = told("builtin-forget.json");
    assert!(forgotten.iter().filter(|one| one.starts_with("forget ")).count() >= 2, "{forgotten:?}");
    let replaced = told("multi-region-replace.json");
    assert!(replaced.iter().any(|one| one.starts_with("replace module.eu.aws_db_instance.this ")), "{replaced:?}");
    assert!(plan("builtin-target.json").is_partial);
    assert!(plan("builtin-moved.json").moved > 0);
    assert!(plan("builtin-refresh.json").is_empty());
}

/// What already differs from the state is past: it is counted, and changes nothing. What is not managed is no drift.
#[test]
fn drift_is_counted_and_changes_nothing() {
    let of = |address: &str, actions: &str| {
        format!(
            r#"{{"address":"{address}","mode":"managed","type":"t","change":{{"actions":["{actions}"],"before":{{"a":1}},"after":{{"a":2}}}}}}"#
        )
    };
    for (drift, count) in
        [(vec![], 0), (vec![of("t.a", "update")], 1), (vec![of("t.a", "update"), of("t.b", "delete")], 2)]
    {
        let text =
            format!(r#"{{"format_version":"1.2","resource_drift":[{}],"resource_changes":[]}}"#, drift.join(","));
        let plan = read(&text).unwrap();
        assert_eq!((plan.drifted, plan.changes.len()), (count, 0), "{drift:?}");
    }
}

#[test]
fn the_way_back_has_the_digests_turned_round() {
    let (change, back) = (plan("dixa-change.json"), plan("dixa-back.json"));
    for (one, other) in change.changes[0].attributes.iter().zip(&back.changes[0].attributes) {
        assert_eq!(one.name, other.name);
        let ([before, after], [later, again]) = (&**one.values.as_ref().unwrap(), &**other.values.as_ref().unwrap());
        assert_eq!((before, after), (again, later));
        assert_ne!(before, after);
    }
}

#[test]
fn each_action_is_known_and_no_other() {
    for (actions, action) in [
        (r#"["create"]"#, PlannedAction::Create),
        (r#"["update"]"#, PlannedAction::Update),
        (r#"["delete"]"#, PlannedAction::Delete),
        (r#"["forget"]"#, PlannedAction::Forget),
        (r#"["delete","create"]"#, PlannedAction::Replace),
        (r#"["create","delete"]"#, PlannedAction::Replace),
        (r#"["create","forget"]"#, PlannedAction::Create),
    ] {
        let change = changed(&format!(r#"{{"actions":{actions},"before":{{"a":1}},"after":{{"a":2}}}}"#));
        assert_eq!(change.action, action, "{actions}");
    }
    for actions in [r#"["no-op"]"#, r#"["read"]"#] {
        let plan = read(&one(&format!(r#"{{"actions":{actions},"before":{{}},"after":{{}}}}"#))).unwrap();
        assert!(plan.is_empty(), "{actions}");
    }
    for actions in ["[]", r#"["reboot"]"#, r#"["update","delete"]"#] {
        let error = read(&one(&format!(r#"{{"actions":{actions}}}"#))).unwrap_err();
        assert!(matches!(error, PlanError::UnknownAction { .. }), "{actions}: {error:?}");
    }
}

#[test]
fn actions_that_are_invoked_and_deferred_changes_count() {
    let text = r#"{"format_version":"1.2","planned_values":{},
      "action_invocations":[{"address":"action.aws_ec2_reboot.api","type":"aws_ec2_reboot","name":"api"}],
      "deferred_changes":[{"reason":"instance_count_unknown","resource_change":{"address":"t.x[*]","type":"t",
        "change":{"actions":["create"],"after":{"a":1}}}}]}"#;
    let plan = read(text).unwrap();
    let told: Vec<_> = plan.changes.iter().map(|one| (one.action, one.address.as_str())).collect();
    let expected = [(PlannedAction::Invoke, "action.aws_ec2_reboot.api"), (PlannedAction::Create, "t.x[*]")];
    assert_eq!(told, expected);
    assert_eq!(plan.deferred, 1);
}

#[test]
fn what_is_not_known_after_the_change_differs() {
    let change = changed(
        r#"{"actions":["update"],"before":{"id":"i","a":1,"b":{"c":1},"d":1},"after":{"id":"i","d":1},
           "after_unknown":{"a":true,"b":{"c":true},"d":false}}"#,
    );
    assert_eq!(names(&change), ["a", "b"]);
    assert!(change.attributes.iter().all(|attribute| attribute.values.is_none() && attribute.replaced.len() == 1));
}

#[test]
fn sensitive_values_have_no_digest_and_stand_in_no_message() {
    let change = changed(
        r#"{"actions":["update"],"before":{"id":"i","a":"s3cret","b":[{"c":"x"}],"d":1},"after":{"id":"i","a":"t0ken","b":[{"c":"y"}],"d":2},
           "before_sensitive":{"b":[{"c":true}]},"after_sensitive":{"a":true}}"#,
    );
    let hashed = change.attributes.iter().map(|attribute| (&*attribute.name, attribute.values.is_some()));
    assert_eq!(hashed.collect::<Vec<_>>(), [("a", false), ("b", false), ("d", true)]);
    let all =
        changed(r#"{"actions":["update"],"before":{"id":"i","a":1},"after":{"id":"i","a":2},"after_sensitive":true}"#);
    assert!(all.attributes[0].values.is_none());
    for text in [
        r#"{"format_version":"1.2","errored":"s3cret"}"#,
        &one(r#"{"actions":["update"],"before":{"s3cret":1,"s3cret":2}}"#),
        &one(r#"{"actions":"s3cret"}"#),
        r#"{"format_version":"1.2","planned_values":"s3cret"#,
    ] {
        let error = read(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

/// The digest of the value 1 of the attribute `a` of one resource, which a plan makes 2.
fn before(rest: &str) -> Option<[u8; 32]> {
    let change = changed(&format!(r#"{{"after":{{"a":2}},{rest}}}"#));
    change.attributes.into_iter().find(|attribute| &*attribute.name == "a").unwrap().values.map(|values| {
        let [before, _] = *values;
        before
    })
}

#[test]
fn a_resource_is_told_from_others_at_its_address() {
    let resource = |identity: &str| before(&format!(r#""actions":["update"],"before":{{"a":1,{identity}}}"#)).unwrap();
    let all = [
        resource(r#""id":"shop""#),
        resource(r#""id":"cart""#),
        resource(r#""arn":"shop""#),
        resource(r#""id":"shop","arn":"arn:aws:kms:eu-west-1:111122223333:key/1""#),
        resource(r#""id":"shop","arn":"arn:aws:kms:eu-west-1:444455556666:key/1""#),
        resource(r#""self_link":"shop""#),
        before(r#""actions":["update"],"before":{"a":1},"before_identity":{"account":"1"}"#).unwrap(),
        before(r#""actions":["update"],"before":{"a":1},"before_identity":{"account":"2"}"#).unwrap(),
    ];
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    // other attributes make no difference
    assert_eq!(resource(r#""id":"shop","size":5"#), all[0]);
    for nothing in [
        r#""actions":["update"],"before":{"a":1}"#,
        r#""actions":["update"],"before":{"a":1,"id":null}"#,
        r#""actions":["update"],"before":{"a":1,"id":"shop"},"before_sensitive":{"id":true}"#,
        r#""actions":["update"],"before":{"a":1,"id":123456789012345678901234567890}"#,
        r#""actions":["delete"],"before":{"a":1,"id":"shop"}"#,
        r#""actions":["delete","create"],"before":{"a":1,"id":"shop"}"#,
    ] {
        assert_eq!(before(nothing), None, "{nothing}");
    }
}

/// Returns what a change does away with, and what it brings of the attribute `a`.
fn known_again(change: &str, previous_address: &str) -> [BTreeSet<[u8; 32]>; 2] {
    let text = one(change).replace("\"address\":", &format!("{previous_address}\"address\":"));
    let mut changes = read(&text).unwrap().changes;
    let attributes = changes.pop().unwrap().attributes;
    let attribute = attributes.into_iter().find(|attribute| &*attribute.name == "a").unwrap();
    [attribute.replaced.into_iter().collect(), attribute.brought.into_iter().collect()]
}

#[test]
fn a_value_is_known_again_whatever_becomes_of_the_resource() {
    let forth = r#"{"actions":["update"],"before":{"id":"i","a":1},"after":{"id":"i","a":2}}"#;
    let back = r#"{"actions":["update"],"before":{"id":"j","a":2},"after":{"id":"j","a":1}}"#;
    let [replaced, _] = known_again(forth, "");
    let [_, brought] = known_again(back, "");
    assert!(!replaced.is_disjoint(&brought), "another identity");
    let others = back.replace(":1}", ":3}");
    assert!(replaced.is_disjoint(&known_again(&others, "")[1]), "another value");
    let new = forth.replace("update", "delete\",\"create");
    assert_eq!(known_again(&new, ""), [replaced.clone(), BTreeSet::new()], "a replacement");
    for hidden in ["before", "after"] {
        let sensitive = forth.replace("\"before\":", &format!("\"{hidden}_sensitive\":{{\"a\":true}},\"before\":"));
        let [replaced, none] = known_again(&sensitive, "");
        assert!(none.is_empty() && !replaced.is_disjoint(&brought), "what was sensitive {hidden}");
    }
    // at the address that `one` gives, and at the former one
    let moved = known_again(&back.replace("\"id\":\"j\"", "\"id\":\"i\""), "\"previous_address\":\"t.before\",");
    assert_eq!((moved[0].len(), moved[1].len()), (2, 4));
    assert!(moved[1].is_superset(&brought));
}

#[test]
fn what_a_replacement_leaves_alone_is_forgotten() {
    for actions in [r#"["create","forget"]"#, r#"["forget","create"]"#] {
        let change = format!(r#"{{"actions":{actions},"before":{{"id":"1"}},"after":{{"id":"2"}}}}"#);
        let plan = read(&one(&change)).unwrap();
        let told: Vec<PlannedAction> = plan.changes.iter().map(|one| one.action).collect();
        assert_eq!(told, [PlannedAction::Create, PlannedAction::Forget]);
    }
}

#[test]
fn numbers_are_compared_only_as_far_as_they_are_exact() {
    let same = changed(r#"{"actions":["update"],"before":{"a":1.0,"b":1},"after":{"a":1,"b":2}}"#);
    assert_eq!(names(&same), ["b"]);
    let large = "123456789012345678901234567890";
    let unsure =
        changed(&format!(r#"{{"actions":["update"],"before":{{"id":1,"a":{large}}},"after":{{"id":1,"a":{large}}}}}"#));
    assert_eq!((names(&unsure), unsure.attributes[0].values.is_none()), (vec!["a"], true));
}

#[test]
fn an_update_that_shows_no_difference_may_be_any() {
    assert!(changed(r#"{"actions":["update"],"before":{"a":1},"after":{"a":1}}"#).is_unclear);
    assert!(!changed(r#"{"actions":["update"],"before":{"a":1},"after":{"a":2}}"#).is_unclear);
}

#[test]
fn what_is_no_whole_plan_of_a_known_format_is_an_error() {
    let whole = text_of("dixa-change.json");
    let nested = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = one(&format!(r#"{{"actions":["update"],"before":{{"a":{nested}}}}}"#));
    let told = |text: &str| read(text).unwrap_err().to_string();
    for (text, expected) in [
        ("", "it is not a plan: the file is empty"),
        ("{}", "it is not a plan: it lacks `format_version`"),
        ("[]", "line 1, column 1 is not as"),
        ("null", "is not as"),
        ("P\u{4b}\u{3}\u{4}", "in binary form"),
        (r#"{"format_version":"1.0","values":{}}"#, "it is a state"),
        (r#"{"format_version":"1.2"}"#, "it lacks `planned_values`"),
        (r#"{"format_version":"2.0","planned_values":{}}"#, "`2.0` is not known"),
        (r#"{"format_version":"0.1","planned_values":{}}"#, "`0.1` is not known"),
        (r#"{"format_version":"1","planned_values":{}}"#, "`1` is not known"),
        (r#"{"format_version":"1.2","planned_values":{},"errored":true}"#, "planning failed"),
        (r#"{"format_version":"1.2","format_version":"1.2","planned_values":{}}"#, "a key occurs twice"),
        (r#"{"format_version":"1.2","resource_changes":[],"resource_changes":[]}"#, "a key occurs twice"),
        (&one(r#"{"actions":["update"],"actions":["no-op"]}"#), "a key occurs twice"),
        (&one(r#"{"actions":["update"],"before":{"a":{"b":1,"b":2}}}"#), "a key occurs twice"),
        (r#"{"format_version":"1.2","planned_values":{}} {}"#, "is not JSON"),
        (whole.get(..whole.len() / 2).unwrap(), "it ends in the middle, in line"),
        (&deep, "nests values too deeply"),
    ] {
        let error = told(text);
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let utf16: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(TerraformPlan::read(utf16.as_slice()).unwrap_err(), PlanError::Utf16);
    // depth where nothing is read is no harm
    let ignored = format!(r#"{{"format_version":"1.2","planned_values":{nested}}}"#);
    assert!(read(&ignored).unwrap().is_empty());
}

#[test]
fn a_plan_cut_off_anywhere_is_no_plan() {
    let whole = text_of("dixa-change.json");
    let whole = whole.trim_end();
    for end in (0..whole.len()).filter(|end| end % 17 == 0 || end + 3 > whole.len()) {
        assert!(TerraformPlan::read(&whole.as_bytes()[..end]).is_err(), "{end}");
    }
}

#[test]
fn many_changes_are_read_one_by_one() {
    let mut text = String::from(r#"{"format_version":"1.2","planned_values":{},"resource_changes":["#);
    for number in 0..5_000 {
        let comma = if number == 0 { "" } else { "," };
        let before = format!(r#"{{"a":{number},"b":"{}"}}"#, "x".repeat(500));
        write!(
            text,
            r#"{comma}{{"address":"t.x[{number}]","type":"t","change":{{"actions":["update"],"before":{before},"after":{{"a":-1}}}}}}"#
        )
        .unwrap();
    }
    text.push_str("]}");
    assert_eq!(read(&text).unwrap().changes.len(), 5_000);
}
