//! Plans in binary form: what is read of them, and how they differ from the JSON of a plan.

#![expect(clippy::unwrap_used, reason = "a test that can't read its plan should fail")]

use freezegate::change::TerraformPlan;
use freezegate::change::plan::{SavedPlan, SavedPlanError};

use crate::plans::plan;

const CHANGE: &[u8] = include_bytes!("data/plans/dixa-change.tfplan");
const BACK: &[u8] = include_bytes!("data/plans/dixa-back.tfplan");
const PROD: &[u8] = include_bytes!("data/plans/prod.tfplan");

/// The JSON of a plan, rewritten.
fn rewritten(name: &str, edits: &[(&str, &str)]) -> TerraformPlan {
    let path = format!("{}/tests/data/plans/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut text = std::fs::read_to_string(path).unwrap();
    for (old, new) in edits {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    TerraformPlan::read(text.as_bytes()).unwrap()
}

#[test]
fn the_json_of_another_plan_is_told() {
    let told = |saved: &[u8], plan: &TerraformPlan| {
        SavedPlan::read(saved).unwrap().mismatch(plan).map(|mismatch| mismatch.to_string())
    };
    assert_eq!(told(CHANGE, &plan("dixa-change.json")), None);
    assert_eq!(told(BACK, &plan("dixa-back.json")), None);
    let times = told(BACK, &plan("dixa-change.json")).unwrap();
    assert!(
        times.starts_with("the JSON is of a plan of 2026-11-27T23:06:54Z, the saved plan of 2026-11-27T"),
        "{times}"
    );
    assert!(told(PROD, &plan("dixa-change.json")).is_some());
    let table = "aws_dynamodb_table.conversations";
    for (edits, expected) in [
        (&[("\"timestamp\"", "\"when\"")][..], "the JSON is of a plan of an unknown time"),
        (
            &[("\"address\":\"aws_dynamodb_table.conversations\"", "\"address\":\"aws_dynamodb_table.other\"")],
            "the saved plan has a change that the JSON lacks: update of aws_dynamodb_table.conversations",
        ),
        (&[("[\"update\"]", "[\"no-op\"]")], "the saved plan has a change that the JSON lacks: update of"),
        (&[("[\"update\"]", "[\"delete\",\"create\"]")], "the saved plan has a change that the JSON lacks: update of"),
        (
            &[(
                "\"resource_changes\":[",
                "\"resource_changes\":[{\"address\":\"a.b\",\"type\":\"a\",\"change\":{\"actions\":[\"create\"]}},",
            )],
            "the JSON has a change that the saved plan lacks: create of a.b",
        ),
    ] {
        let found = told(CHANGE, &rewritten("dixa-change.json", edits)).unwrap();
        assert!(found.starts_with(expected), "{table}: {found}");
    }
}

/// The bytes of a number in a message.
fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

fn field(number: usize, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len()), bytes.to_vec()].concat()
}

fn number(field: usize, value: usize) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// An archive of one entry, which is packed by `method`.
fn archive(name: &str, method: u8, data: &[u8], size: usize) -> Vec<u8> {
    let four = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let two = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
    let rest = [&[0; 4][..], &four(0), &four(data.len()), &four(size), &two(name.len()), &two(0)].concat();
    let local = [b"PK\x03\x04\x14\0\0\0", &[method, 0][..], &rest, name.as_bytes(), data].concat();
    let central =
        [b"PK\x01\x02\x14\0\x14\0\0\0", &[method, 0][..], &rest, &[0; 10], &four(0), name.as_bytes()].concat();
    let end = [b"PK\x05\x06\0\0\0\0", &two(1)[..], &two(1), &four(central.len()), &four(local.len()), &two(0)].concat();
    [local, central, end].concat()
}

fn message(fields: &[Vec<u8>]) -> Vec<u8> {
    let backend = [field(1, b"s3"), field(3, b"prod")].concat();
    [number(1, 3), field(13, &backend), fields.concat()].concat()
}

fn change(address: &str, action: usize) -> Vec<u8> {
    [field(13, address.as_bytes()), field(9, &number(1, action))].concat()
}

/// By `planfile.proto` of Terraform 1.14 and OpenTofu of August 2026.
#[test]
fn changes_are_those_of_the_json() {
    let fields = [
        field(3, &change("t.none", 0)),
        field(3, &change("data.t.read", 2)),
        field(3, &change("module.m[\"data\"].data.t.gone", 5)),
        field(3, &change("t.deleted", 5)),
        field(3, &change("t.replaced", 7)),
        field(3, &change("t.kept", 9)),
        field(3, &change("t.forgotten", 10)),
        field(27, &field(2, &change("t.later", 1))),
        field(30, &field(1, b"action.x.reboot")),
        field(31, &field(2, &field(1, b"action.x.later"))),
        field(18, &change("t.drifted", 3)),
    ];
    let text = r#"{"format_version":"1.2","resource_changes":[
        {"address":"t.none","type":"t","change":{"actions":["no-op"]}},
        {"address":"t.deleted","type":"t","change":{"actions":["delete"]}},
        {"address":"t.replaced","type":"t","change":{"actions":["create","delete"]}},
        {"address":"t.kept","type":"t","change":{"actions":["create","forget"]}},
        {"address":"t.forgotten","type":"t","change":{"actions":["forget","create"]}}],
        "deferred_changes":[{"resource_change":{"address":"t.later","type":"t","change":{"actions":["create"]}}}],
        "action_invocations":[{"address":"action.x.reboot","type":"x"}],
        "deferred_action_invocations":[{"action_invocation":{"address":"action.x.later","type":"x"}}]}"#;
    let message = message(&fields);
    let saved = SavedPlan::read(&archive("tfplan", 0, &message, message.len())).unwrap();
    assert_eq!(saved.mismatch(&TerraformPlan::read(text.as_bytes()).unwrap()), None);
    let (_, state) = &saved.facts()[1];
    let why = "the backend `s3` has no `bucket` in its data folder".to_owned();
    assert_eq!(*state, freezegate::change::command::FactValue::NotUnderstood(why));
}

#[test]
fn what_is_no_whole_plan_in_binary_form_is_an_error() {
    let of = |message: &[u8]| SavedPlan::read(&archive("tfplan", 0, message, message.len())).unwrap_err();
    let read = |bytes: &[u8]| SavedPlan::read(bytes).unwrap_err();
    assert_eq!(read(b""), SavedPlanError::Damaged);
    assert_eq!(read(b" {\"format_version\":\"1.2\"}"), SavedPlanError::Json);
    assert_eq!(read(b"{\"remote_plan_format\":1,\"run_id\":\"run-1\"}"), SavedPlanError::Remote);
    assert_eq!(read(&archive("tfstate", 0, b"", 0)), SavedPlanError::Damaged);
    // kinds of packing that no plan has, a wrong length, and a place behind the end
    assert_eq!(read(&archive("tfplan", 12, &message(&[]), 1)), SavedPlanError::Damaged);
    assert_eq!(read(&archive("tfplan", 8, &[3, 0], 1)), SavedPlanError::Damaged);
    assert_eq!(of(&[]), SavedPlanError::UnknownFormat(0));
    assert_eq!(of(&number(1, 4)), SavedPlanError::UnknownFormat(4));
    assert_eq!(of(&[message(&[]), number(20, 1)].concat()), SavedPlanError::Errored);
    assert_eq!(of(&number(1, 3)), SavedPlanError::Damaged);
    assert_eq!(of(&message(&[field(3, &change("t.x", 11))])), SavedPlanError::UnknownAction("t.x".to_owned()));
    assert_eq!(of(&message(&[field(3, b"\xff")])), SavedPlanError::Damaged);
    assert_eq!(of(&message(&[field(21, b"\xff")])), SavedPlanError::Damaged);
    assert_eq!(of(&message(&[vec![0x0b]])), SavedPlanError::Damaged);
    let many = number(2, 1).repeat((1 << 20) + 1);
    assert_eq!(of(&message(&[many])), SavedPlanError::Damaged);
}

/// What is unpacked is bounded, whatever the archive says of its size.
#[test]
fn a_bomb_is_not_unpacked() {
    let packed = miniz_oxide::deflate::compress_to_vec(&vec![0; 300 << 20], 1);
    assert_eq!(SavedPlan::read(&archive("tfplan", 8, &packed, 300 << 20)), Err(SavedPlanError::Damaged));
}

/// What is cut off or changed is read or refused, and nothing else happens.
#[test]
fn a_damaged_plan_is_no_fault_of_the_program() {
    for length in 0..PROD.len() {
        assert!(SavedPlan::read(PROD.get(..length).unwrap()).is_err(), "{length}");
    }
    for place in 0..CHANGE.len() {
        let mut plan = CHANGE.to_vec();
        *plan.get_mut(place).unwrap() ^= 0xff;
        drop(SavedPlan::read(&plan));
    }
}
